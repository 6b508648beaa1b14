"""The keys of the generated module's state_dict, in their order, with their shapes: worked out from the graph alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from resdsl import graph
from resdsl.analyze.modules import Module, Modules, Part, Run, has_names
from resdsl.ops import Shape, shapes


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the state_dict. The shape of `num_batches_tracked` is ()."""

    name: str
    shape: Shape
    kind: Literal["parameter", "buffer"]


def keys(program: graph.Program) -> Iterator[Key]:
    """All keys, as they are registered. Raises ValueError where there are too many names: see MOST_WRITTEN_OUT."""
    for path, layer in _layers(_ordered(Modules(program).model), ""):
        for tensor in layer.op.tensors(shapes(layer.input)[0]):
            yield Key(f"{path}.{tensor.name}" if tensor.name else path, tensor.shape, tensor.kind)


def layers(program: graph.Program) -> Iterator[tuple[str, graph.Step]]:
    """Each layer with weights and its path, in the order of the text, in which a walk over the graph meets them."""
    yield from _layers(Modules(program).model, "")


def _layers(module: Module, path: str) -> Iterator[tuple[str, graph.Step]]:
    if module.layer is not None:
        if module.layer.op.tensors(shapes(module.layer.input)[0]):
            yield path, module.layer
        return
    places = count(module.base)
    for part in _spread(module.parts):
        place = next(places)
        name = part.name or f"{module.prefix}{place}"
        yield from _layers(part.module, f"{path}.{name}" if path else name)


def _spread(parts: Iterable[Part | Run]) -> Iterator[Part]:
    """The parts, each round of a run written out."""
    for part in parts:
        if isinstance(part, Part):
            yield part
        else:
            for _ in range(part.count):
                yield from _spread(part.parts)


# -- the order of registration -----------------------------------------------------------------------------------------


def _ordered(module: Module, done: dict[int, Module] | None = None) -> Module:
    """The module with all parts in the order in which they are registered; equal ones are looked at once."""
    done = {} if done is None else done
    if id(module) not in done:
        parts = tuple(_with(part, done) for part in module.parts)
        if has_names(module):
            named = [part for part in parts if isinstance(part, Part)]
            rank = {name: i for i, name in enumerate(module.order)}
            named.sort(key=lambda part: (not _is_bare(part), rank.get(part.name.split(".")[0], len(rank))))
            parts = tuple(_gathered(named, 0))
        done[id(module)] = replace(module, parts=parts)
    return done[id(module)]


def _with(part: Part | Run, done: dict[int, Module]) -> Part | Run:
    if isinstance(part, Run):
        return replace(part, parts=tuple(_with(inner, done) for inner in part.parts))
    return replace(part, module=_ordered(part.module, done))


def _is_bare(part: Part) -> bool:
    """Whether a part is a parameter: torch registers those of a module before the modules in it."""
    return part.module.layer is not None and part.module.layer.op.of_block


def _gathered(parts: list[Part], depth: int) -> list[Part]:
    """What shares the head of a path stands together, where the first of them stands."""
    groups: dict[str, list[Part]] = {}
    for part in parts:
        groups.setdefault(".".join(part.name.split(".")[: depth + 1]), []).append(part)
    return [p for group in groups.values() for p in (_gathered(group, depth + 1) if len(group) > 1 else group)]
