"""A block as a strand: its ops and joins in the order of the text, its shortcut and its gates set apart.

Blocks that it calls are opened, rounds are written out, `id` is nothing. Widths of inputs are left out: what a part is
given stands, what follows from the parts before it does not. So blocks that are equal but for their input are equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from resdsl import graph
from resdsl.analyze.depth import carriers
from resdsl.analyze.report import BlockRow, OpRow
from resdsl.graph import AnyNode
from resdsl.ops import ELEMENTWISE, Op, Type, shapes

MOST = 300  # parts of a strand; a block with more is told by its rows

Role: TypeAlias = Literal["", "shortcut", "gate"]

SUMS = ("+", "-", "++")  # what a shortcut can end in

_JOINS = {"+": "addition", "-": "subtraction", "*": "product", "/": "division", "++": "concatenation"}


@dataclass(frozen=True)
class Part:
    """An op, a join, or a gate with what is inside it. Parts of one family can stand for one another."""

    name: str
    label: str  # `3x3`, `BN`, `addition`
    family: str
    op: Op | None = None
    inside: tuple[Part, ...] = ()

    @property
    def layer(self) -> bool:
        """Whether depth counts it."""
        return self.op is not None and self.op.layer


@dataclass(frozen=True)
class Strand:
    """A block, or a run of ops: what carries the flow, and the lightest side of its first sum (None: no sum)."""

    parts: tuple[Part, ...]
    shortcut: tuple[Part, ...] | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        """The labels of the layers on it."""
        return tuple(part.label for part in self.parts if part.layer)


class TooLong(Exception):
    """More parts than a strand has."""


def strand(program: graph.Program, row: BlockRow) -> Strand:
    """The strand of a block row."""
    if row.node is not None:
        reader = _Reader(program)
        try:
            return Strand(tuple(reader.read(row.node, top=True)), reader.shortcut)
        except TooLong:
            pass
    return Strand(tuple(_rows(row.ops)))


def _rows(ops: Iterable[OpRow]) -> Iterable[Part]:
    for row in ops:
        if isinstance(row.node, graph.Step):
            yield _step(row.node)
        else:
            yield _join(row.node)


class _Reader:
    def __init__(self, program: graph.Program) -> None:
        self.program = program
        self.shortcut: tuple[Part, ...] | None = None

    def read(self, node: AnyNode, top: bool = False) -> list[Part]:
        """The parts of a node in order; `top` outside any sum."""
        match node:
            case graph.Step():
                return [_step(node)] if node.op.name != "id" else []
            case graph.Call():
                return self.read(self.program.instances[node.instance].body, top)
            case graph.Repeat():
                rounds = [(round_.count, self.read(round_.body)) for round_ in node.rounds]
                if sum(count * len(parts) for count, parts in rounds) > MOST:
                    raise TooLong
                return [part for count, parts in rounds for part in parts * count]
            case graph.Join():
                return self.join(node, top)
            case _:
                return _bounded(part for child in graph.children(node) for part in self.read(child, top))

    def join(self, node: graph.Join, top: bool) -> list[Part]:
        children = graph.children(node)
        sides = [self.read(child) for child in children]
        beside: list[Part] = []
        if top and node.operator in SUMS and len(sides) > 1 and self.shortcut is None:
            light = min(range(len(sides)), key=lambda i: (sum(part.layer for part in sides[i]), len(sides[i])))
            self.shortcut = tuple(sides.pop(light))
        elif node.operator in "*/" and len(sides) > 1:
            carrying = carriers(node)
            beside = [part for i, side in enumerate(sides) if i not in carrying for part in side]
            sides = [side for i, side in enumerate(sides) if i in carrying]
        last = Part("gate", "gate", "gate", None, tuple(beside)) if beside else _join(node)
        return _bounded([*(part for side in sides for part in side), last])


def _bounded(parts: Iterable[Part]) -> list[Part]:
    found = []
    for part in parts:
        found.append(part)
        if len(found) > MOST:
            raise TooLong
    return found


def _step(node: graph.Step) -> Part:
    label = node.op.label(_rank(node.input)).split(",")[0].removesuffix(" conv")
    if node.op.layer:
        return Part(node.op.name, label, "layer", node.op)
    cost = node.op.price(node.input, node.output)
    family = next((kind for kind in ELEMENTWISE if getattr(cost, kind)), node.op.name)
    return Part(node.op.name, label, family, node.op)


def _join(node: graph.Join) -> Part:
    constants = [item.value for item in node.items if isinstance(item, graph.Constant)]
    if not constants:
        return Part(node.operator, _JOINS[node.operator], "join")
    first = isinstance(node.items[0], graph.Constant)
    label = f"{constants[0]:g} {node.operator} x" if first else f"x {node.operator} {constants[0]:g}"
    return Part(label, label, "factor")


def _rank(x: Type) -> int:
    return len(shapes(x)[0]) - 1
