"""The keys of two state_dicts side by side, by section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass

from resdsl import graph
from resdsl.analyze.difference import Difference
from resdsl.analyze.keys import Key, keys, layers
from resdsl.analyze.report import Report
from resdsl.analyze.tally import Tally
from resdsl.diagnostics import printable
from resdsl.ops import shapes, show

MOST = 20_000  # layers; the keys of a larger network are not written out
_MOST_SHOWN = 12  # lines


@dataclass(frozen=True)
class Keys:
    """The keys of one section, or of all: those of one network alone, and those of both with another shape."""

    only_a: tuple[Key, ...] = ()
    only_b: tuple[Key, ...] = ()
    reshaped: tuple[tuple[Key, Key], ...] = ()


@dataclass(frozen=True)
class Compared:
    """All keys. `sections` as those of the difference."""

    both: int  # keys that both have, with one shape
    counts: tuple[int, int]
    sections: tuple[Keys, ...]

    @property
    def same(self) -> bool:
        """Whether a checkpoint of one is a checkpoint of the other."""
        return (self.both, self.both) == self.counts


def compared(found: Difference) -> Compared | None:
    """The keys of both networks; None where there are too many."""
    a, b = _placed(found.a), _placed(found.b)
    if a is None or b is None:
        return None
    rows_a = [i for i, pair in enumerate(found.sections) if pair.a is not None]
    rows_b = [i for i, pair in enumerate(found.sections) if pair.b is not None]
    mine, theirs = {key.name for key, _ in a}, {key.name: key for key, _ in b}
    only: tuple[list[list[Key]], list[list[Key]]] = ([[] for _ in found.sections], [[] for _ in found.sections])
    reshaped: list[list[tuple[Key, Key]]] = [[] for _ in found.sections]
    for key, section in a:
        other = theirs.get(key.name)
        if other is None:
            only[0][rows_a[section]].append(key)
        elif other.shape != key.shape:
            reshaped[rows_a[section]].append((key, other))
    for key, section in b:
        if key.name not in mine:
            only[1][rows_b[section]].append(key)
    sections = tuple(Keys(tuple(a_), tuple(b_), tuple(s)) for a_, b_, s in zip(*only, reshaped, strict=True))
    both = len(a) - sum(len(part.only_a) + len(part.reshaped) for part in sections)
    return Compared(both, (len(a), len(b)), sections)


def _placed(report: Report) -> list[tuple[Key, int]] | None:
    """Each key and the line of the model that it belongs to."""
    if report.cost.layers_all > MOST:
        return None
    tally = Tally(report.program, _weighted)
    owners: dict[str, int] = {}
    try:
        paths = iter(path for path, _ in layers(report.program))
        for i, line in enumerate(report.program.body.lines):
            owners |= {next(paths): i for _ in range(tally.of(line.node)["layers"])}
        return [(key, owners[_path(key.name, owners)]) for key in keys(report.program)]
    except ValueError:
        return None


def _path(key: str, layers: Container[str]) -> str:
    """The layer of a key; a bare parameter is one itself."""
    return key if key in layers else key.rpartition(".")[0]


def _weighted(node: graph.Step | graph.Join) -> Counter[str]:
    holds = isinstance(node, graph.Step) and bool(node.op.tensors(shapes(node.input)[0]))
    return Counter(layers=int(holds))


# -- as text -----------------------------------------------------------------------------------------------------


def text(found: Difference, keys_: Compared | None, names: tuple[str, str]) -> list[str]:
    """What a checkpoint of one is for the other, a line a section."""
    if keys_ is None:
        return ["state_dict: too many keys to be written out"]
    if keys_.same:
        return [f"state_dict: the same {_counted(keys_.both)}"]
    lines = [
        line
        for pair, part in zip(found.sections, keys_.sections, strict=True)
        for line in _section(printable(pair.name), part, names)
    ]
    if len(lines) > _MOST_SHOWN:
        lines = [*lines[:_MOST_SHOWN], f"and {len(lines) - _MOST_SHOWN} more; --format json has them all"]
    return [f"state_dict: {_counted(keys_.both)} in both", *(f"  {line}" for line in lines)]


def _section(name: str, part: Keys, names: tuple[str, str]) -> list[str]:
    lines = [
        f"{name}: {len(alone):,} only in {whose}: {_ends([key.name for key in alone])}"
        for alone, whose in ((part.only_a, names[0]), (part.only_b, names[1]))
        if alone
    ]
    if part.reshaped:
        (one, other), *rest = part.reshaped
        more = f" and {len(rest):,} more" if rest else ""
        lines.append(f"{name}: another shape: {one.name} {show(one.shape)} -> {show(other.shape)}{more}")
    return lines


def _ends(keys_: list[str]) -> str:
    return keys_[0] if len(keys_) == 1 else f"{keys_[0]}{' ... ' if len(keys_) > 2 else ', '}{keys_[-1]}"


def _counted(number: int) -> str:
    return f"{number:,} key{'s' * (number != 1)}"
