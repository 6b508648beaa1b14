"""The layers on the main path of a block, and of the gates on it, in order: what a table of a paper prints of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from resdsl import graph
from resdsl.analyze.depth import carriers
from resdsl.analyze.straight import Straight
from resdsl.analyze.ways import Measure, Ways
from resdsl.graph import AnyNode
from resdsl.ops import Type, shapes

MOST = 64  # layers that are listed; of a longer path the first ones


@dataclass(frozen=True)
class Gate:
    """What weighs the main path: the layers on the other side of a product."""

    layers: tuple[graph.Step, ...]


@dataclass(frozen=True)
class Path:
    """The layers of a way, gates among them; `length` counts the layers alone."""

    length: int = 0
    layers: tuple[graph.Step | Gate, ...] = ()


class _Longest(Measure[Path]):
    here = Path()

    def __init__(self, program: graph.Program) -> None:
        self._program = program
        self._gates: dict[int, Gate] = {}
        for instance in program.instances:
            named = _named(instance.body)
            for join in graph.inside(instance.body):
                if isinstance(join, graph.Join) and (gate := Gate(tuple(self._weighing(join, named)))).layers:
                    self._gates[id(join)] = gate

    def then(self, before: Path, after: Path) -> Path:
        return Path(before.length + after.length, (before.layers + after.layers)[:MOST])

    def either(self, one: Path, other: Path) -> Path:
        return other if other.length > one.length else one

    def step(self, node: graph.Step, group: int, item: int) -> Path | None:
        return None if group else Path(1, (node,)) if node.op.layer else self.here

    def join(self, node: graph.Join, side: int) -> Path | None:
        if side not in carriers(node):
            return None
        return Path(0, (self._gates[id(node)],)) if id(node) in self._gates else self.here

    def _weighing(self, join: graph.Join, named: dict[str, AnyNode]) -> Iterator[graph.Step]:
        """The layers of the sides that carry no flow."""
        for i, side in enumerate(graph.children(join)):
            if i not in carriers(join):
                yield from self._layers(named.get(side.name, side) if isinstance(side, graph.Use) else side, named)

    def _layers(self, node: AnyNode, named: dict[str, AnyNode]) -> Iterator[graph.Step]:
        """The layers of a part; of the named values it reads those alone that are pooled: others are the flow."""
        match node:
            case graph.Step():
                yield from [node] if node.op.layer else []
            case graph.Call():
                body = self._program.instances[node.instance].body
                yield from self._layers(body, _named(body))
            case graph.Use():
                if pooled(node.output) and node.name in named:
                    earlier = {name: value for name, value in named.items() if name != node.name}
                    yield from self._layers(named[node.name], earlier)
            case graph.Repeat():
                for round_ in node.rounds:
                    for _ in range(min(round_.count, MOST)):
                        yield from self._layers(round_.body, named)
            case _:
                for child in graph.children(node):
                    yield from self._layers(child, named)


def _named(body: AnyNode) -> dict[str, AnyNode]:
    """The nodes of a block that have a name for others to read."""
    found = {node.label: node for node in graph.inside(body) if node.label is not None}
    lines = [line for node in graph.inside(body) if isinstance(node, graph.Body) for line in node.lines]
    return {**found, **{line.name: line.node for line in lines if line.name is not None}}


def pooled(type_: Type) -> bool:
    """Whether there is one position."""
    return all(set(shape[1:]) <= {1} for shape in shapes(type_))


def ways(straight: Straight) -> Ways[Path]:
    """The longest ways through a program and its parts."""
    return Ways(straight, _Longest(straight.program))


class MainLayers:
    """The layers on the main path of each instance, and the gates where it passes them."""

    def __init__(self, straight: Straight) -> None:
        self.ways = ways(straight)

    def of(self, instance: int) -> tuple[graph.Step | Gate, ...]:
        """From the input of an instance to the deepest of its outputs."""
        entering = self.ways.straight.instances[instance].entering
        tables = self.ways.instance(instance)
        paths = [path for table in tables for source, path in table.items() if source < entering]
        return max(paths, key=lambda path: path.length, default=Path()).layers
