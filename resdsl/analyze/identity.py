"""Is there a clean identity through a part? What stands on the cleanest way, where, and the factors along it.

The cleanest way is the one with the fewest layers, then with the fewest other ops. It is clean where it meets sums and
concatenations only: then x_L = x_l + the sum of all F, and a gradient reaches x_l unchanged. Factors on it multiply:
x_l and its gradient are scaled by their product, which n factors of 0.9 make vanish and n of 1.1 make explode (He et
al. 2016, section 3). All is told by the structure, nothing by the name of a block.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from math import inf
from operator import add
from typing import Literal, NamedTuple, TypeAlias

from resdsl import graph
from resdsl.analyze.straight import Straight, Tensors
from resdsl.analyze.ways import Measure, Ways
from resdsl.ops import shapes


class Crossing(NamedTuple):
    """Something on the way that is not the identity: an op, or a constant factor."""

    at: graph.Place
    what: str
    kind: Literal["factor", "layer", "op"]
    factor: float = 1.0
    op: str = ""  # the op's word; none for a join


Crossings: TypeAlias = tuple[tuple[Crossing, int], ...]  # each, and how often
KINDS = ("layer", "op", "factor")


@dataclass(frozen=True, eq=False)
class Trail:
    """A way: what it crosses and how often, in the order of the text.

    It is what it crosses last and the way up to there, so that the ways to n ops in a row take n pieces, not n^2.
    """

    last: Crossings = ()
    before: Trail | None = None
    weight: tuple[int, ...] = field(init=False)  # how often it crosses something of each kind; less is cleaner
    first: Crossing | None = field(init=False)

    def __post_init__(self) -> None:
        so_far = self.before.weight if self.before else (0, 0, 0)
        own = (sum(count for crossing, count in self.last if crossing.kind == kind) for kind in KINDS)
        object.__setattr__(self, "weight", tuple(map(add, so_far, own)))
        object.__setattr__(self, "first", self.before.first if self.before else self.last[0][0] if self.last else None)

    @cached_property
    def crossings(self) -> Crossings:
        """All of them."""
        pieces, trail = [self.last], self
        while trail.before:
            trail = trail.before
            pieces.append(trail.last)
        return tuple(chain.from_iterable(reversed(pieces)))

    @property
    def clean(self) -> bool:
        """Whether x goes through unchanged."""
        return self.first is None

    def times(self, kind: str) -> int:
        """How often it crosses something of a kind."""
        return self.weight[KINDS.index(kind)]

    def product(self) -> float:
        """The product of the factors; 0 or infinite where no float holds it."""
        return multiplied(self.crossings)


def multiplied(crossings: Iterable[tuple[Crossing, int]]) -> float:
    """The product of the factors of crossings; 0 or infinite where no float holds it."""
    total = 1.0
    for crossing, count in crossings:
        try:
            total *= crossing.factor**count
        except OverflowError:
            total *= inf if crossing.factor > 0 or count % 2 == 0 else -inf
    return total


class _Cleanest(Measure[Trail]):
    """A block that joins no flows is a part of the block that calls it: what it crosses stands there."""

    here = Trail()

    def __init__(self, program: graph.Program) -> None:
        self.joining: list[bool] = []
        for instance in program.instances:  # one calls only those before it
            inside = graph.inside(instance.body)
            joins = (
                isinstance(n, graph.Join)
                or (isinstance(n, graph.Step) and n.op.takes_list)
                or (isinstance(n, graph.Call) and self.joining[n.instance])
                for n in inside
            )
            self.joining.append(any(joins))

    def then(self, before: Trail, after: Trail) -> Trail:
        if before.first is None or after.first is None:
            return after if before.first is None else before
        if before.last[-1][0] < after.first:
            return Trail(after.crossings, before)
        return _counted((*before.crossings, *after.crossings))

    def either(self, one: Trail, other: Trail) -> Trail:
        if one.weight != other.weight:
            return min(one, other, key=lambda trail: trail.weight)
        return min(one, other, key=lambda trail: trail.crossings)

    def step(self, node: graph.Step, group: int, item: int) -> Trail | None:
        if group:
            return None
        if node.op.passes or node.op.takes_list:  # the sum of a list is a sum
            return self.here
        what = node.op.label(len(shapes(node.input)[0]) - 1)
        kind: Literal["layer", "op"] = "layer" if node.op.layer else "op"
        return Trail(((Crossing(node.at, what, kind, op=node.op.name), 1),))

    def call(self, node: graph.Call, inside: Trail) -> Trail:
        if self.joining[node.instance]:
            return inside
        return _counted((crossing._replace(at=node.at), count) for crossing, count in inside.crossings)

    def join(self, node: graph.Join, side: int) -> Trail | None:
        factor = _factor(node, side)
        if factor == 1:
            return self.here
        if factor is not None:
            return Trail(((Crossing(node.at, f"the factor {factor:g}", "factor", factor), 1),))
        what = "a product of two flows" if node.operator == "*" else "a division by a flow"
        return Trail(((Crossing(node.at, what, "op"), 1),))


def _counted(crossings: Iterable[tuple[Crossing, int]]) -> Trail:
    """A way that crosses all this, each thing as often as it is named."""
    counts: dict[Crossing, int] = {}
    for crossing, count in crossings:
        counts[crossing] = counts.get(crossing, 0) + count
    return Trail(tuple(sorted(counts.items())))


def _factor(node: graph.Join, side: int) -> float | None:
    """The constant that a flow is multiplied by where it enters a join; None where that is no constant."""
    if node.operator in ("+", "++"):
        return 1.0
    constants = [item.value for item in node.items if isinstance(item, graph.Constant)]
    first = isinstance(node.items[0], graph.Constant)
    match node.operator:
        case "-":
            return -1.0 if side or first else 1.0
        case "*":
            return float(constants[0]) if constants else None
        case _:
            return 1 / constants[0] if constants and not first and constants[0] else None


def cleanest(straight: Straight) -> Ways[Trail]:
    """The cleanest ways through a program and its parts."""
    return Ways(straight, _Cleanest(straight.program))


@dataclass(frozen=True)
class Stretch:
    """A line of the model, and the cleanest way from what enters it to what it gives; None where none leads."""

    name: str
    trail: Trail | None


def stretches(ways: Ways[Trail], names: tuple[str, ...]) -> tuple[Stretch, ...]:
    """The cleanest way through each line of a model."""
    straight = ways.straight
    found = []
    start = 0
    flow: Tensors = (0,)
    for name, line, (end, made) in zip(names, straight.program.body.lines, straight.ends, strict=True):
        table = ways.stretch(start, end)
        trails = [trail for tensor in made for source, trail in table[tensor].items() if source in flow]
        best = min(trails, key=lambda t: t.weight) if trails else None
        found.append(Stretch(name, best))
        start, flow = end, flow if line.kind == "let" else made
    return tuple(found)
