"""Depth as the papers count it: convolutions and linear layers on the main path.

`->` adds; `+`, `-` and `++` take the deeper side; a product counts its left side, or its right side where the left is a
number or a named value and the right is not (a gate counts nothing).
"""

from __future__ import annotations

from resdsl import graph
from resdsl.analyze.straight import Straight
from resdsl.analyze.ways import Measure, Ways
from resdsl.graph import AnyNode


class _Layers(Measure[int]):
    """The longest way, in layers."""

    here = 0

    def then(self, before: int, after: int) -> int:
        return before + after

    def either(self, one: int, other: int) -> int:
        return max(one, other)

    def step(self, node: graph.Step, group: int, item: int) -> int | None:
        return int(node.op.layer) if group == 0 else None

    def join(self, node: graph.Join, side: int) -> int | None:
        return 0 if node.operator not in "*/" or side in carriers(node) else None


class Depths:
    """The number of layers on the main path through any node."""

    def __init__(self, straight: Straight) -> None:
        self.ways = Ways(straight, _Layers())
        self.lines: list[int] = []  # layers that each line of the model adds to the main path
        reached = 0
        for line, (_, made) in zip(straight.program.body.lines, straight.ends, strict=True):
            depth = max(self.ways.tensors[i].get(0, 0) for i in made)
            self.lines.append(0 if line.kind == "let" else depth - reached)
            reached = reached if line.kind == "let" else depth
        self.total = max((way.get(0, 0) for way in self.ways.outputs), default=0)

    def instance(self, number: int) -> int:
        """Layers from the input of an instance to its output."""
        entering = self.ways.straight.instances[number].entering
        found = (n for way in self.ways.instance(number) for source, n in way.items() if source < entering)
        return max(found, default=0)


def carriers(join: graph.Join) -> tuple[int, ...]:
    """The sides of a join that carry the flow: all of a sum; of a product the one that is no gate."""
    sides = graph.children(join)
    if join.operator not in "*/" or len(sides) == 1:
        return tuple(range(len(sides)))
    left, right = (_is_named(side) for side in sides)
    return (1,) if left and not right else (0,)


def _is_named(node: AnyNode) -> bool:
    return isinstance(node, graph.Use) or (isinstance(node, graph.Pick) and _is_named(node.item))
