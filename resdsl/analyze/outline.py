"""The outline of a model: what an overview figure, a table or a one-line summary says about it.

A few frozen records of plain facts. No text layout, no colour and no tensor lives here, so every emitter that needs
"the rows of the model" can share them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from resdsl import graph
from resdsl.analyze.report import BlockRow, OpRow, Report, SectionRow
from resdsl.graph import AnyNode
from resdsl.ops import Type, is_list, shapes

Shape = tuple[int, ...]
"""One value's shape without the batch: ``C``, ``C x L``, ``C x H x W`` or ``C x D x H x W``."""

Shortcut = Literal["none", "identity", "projection", "padding", "concatenation"]
"""What runs beside a block's residual branch: nothing, ``x``, a convolution of ``x``, ``x`` padded with zero channels,
or ``x`` put beside the branch's output instead of being added to it."""


@dataclass(frozen=True)
class Card:
    """``count`` equal blocks that follow one another, or a run of plain operations.

    ``name`` is the block's name, "" for a run of plain operations. ``lines`` are short labels: of a block its weighted
    layers ("3x3, 64"), of a plain run all its operations ("7x7 conv, 64, /2", "BN"). ``stage`` picks the colour; None
    (grey) is for stem and head. Zero channels mean that the block's input or output is not one value with channels.
    """

    name: str
    lines: tuple[str, ...]
    count: int
    in_channels: int
    out_channels: int
    stride: int
    shortcut: Shortcut
    stage: int | None


@dataclass(frozen=True)
class Row:
    """One section or stage of the model: its output shape (or a list of them), its cost and its cards in order."""

    name: str
    output: Shape | tuple[Shape, ...]
    params: int
    macs: int
    cards: tuple[Card, ...]

    @property
    def outputs(self) -> tuple[Shape, ...]:
        """The output shapes as a list, of length one for the usual single output."""
        several = tuple(part for part in self.output if isinstance(part, tuple))
        return several if several else (tuple(part for part in self.output if isinstance(part, int)),)


@dataclass(frozen=True)
class Outline:
    """A whole model: title, a line about its source, weighted layers, parameters, MACs at ``input``, rows in order."""

    title: str
    subtitle: str
    layers: int
    params: int
    macs: int
    input: Shape
    rows: tuple[Row, ...]


# -- from the IR -----------------------------------------------------------------------------------------------


def outline(report: Report, title: str, subtitle: str) -> Outline:
    """The outline of a counted model. A stage is a section that holds blocks; stem and head hold none."""
    rows = []
    stages = 0
    for section in report.sections:
        stage = stages if any(block.name for block in section.blocks) else None
        stages += stage is not None
        rows.append(_row(report, section, stage))
    cost = report.cost
    return Outline(title, subtitle, report.layers, cost.params, cost.macs, report.program.input, tuple(rows))


def _row(report: Report, section: SectionRow, stage: int | None) -> Row:
    cards = tuple(_card(report, block, stage) for block in section.blocks)
    return Row(section.name, section.output, section.cost.params, section.cost.macs, _merged(cards))


def _card(report: Report, block: BlockRow, stage: int | None) -> Card:
    one = block.node
    ops = block.ops if one is None else _main_path(report, block)
    return Card(
        name=block.name,
        lines=tuple(op.label for op in ops),
        count=block.count,
        in_channels=_channels(block.input),
        out_channels=_channels(block.output),
        stride=_stride(block.input, block.output),
        shortcut="none" if one is None else shortcut(report.program, one),
        stage=stage if block.name else None,
    )


def _main_path(report: Report, block: BlockRow) -> tuple[OpRow, ...]:
    """The weighted layers of a block in its own words, without those of the shortcut where one can be told apart."""
    assert isinstance(block.node, graph.Call)
    body = report.program.instances[block.node.instance].body
    join = _addition(report.program, body)
    beside = _labels(report, join[1]) if join is not None else ()
    layers = [op for op in block.ops if op.cost.layers_all]
    for label in beside:
        at = next((i for i in reversed(range(len(layers))) if layers[i].label == label), None)
        if at is not None:
            del layers[at]
    return tuple(layers)


def _labels(report: Report, node: AnyNode) -> tuple[str, ...]:
    return tuple(op.label for op in report.ops_of(node) if op.cost.layers_all)


def shortcut(program: graph.Program, node: AnyNode) -> Shortcut:
    """What runs beside the residual branch of a block, told by its shape and not by any name."""
    assert isinstance(node, graph.Call)
    found = _addition(program, program.instances[node.instance].body)
    if found is None:
        return "none"
    join, beside = found
    if join.operator == "++":
        return "concatenation"
    steps = [n.op for n in _inside(program, beside) if isinstance(n, graph.Step)]
    if any(op.layer for op in steps):
        return "projection"
    return "padding" if any(op.name == "zeropad" for op in steps) else "identity"


def _addition(program: graph.Program, body: AnyNode) -> tuple[graph.Join, AnyNode] | None:
    """The first sum (or concatenation) on the way through a block, and its side with the fewest layers."""
    stack: list[AnyNode] = [body]
    while stack:
        node = stack.pop(0)
        if isinstance(node, graph.Join) and node.operator in ("+", "++"):
            sides = graph.children(node)
            if len(sides) > 1:
                light = min(sides, key=lambda side: _weight(program, side))
                if node.operator == "+" or _weight(program, light) == 0:
                    return node, light
        if isinstance(node, graph.Chain):
            stack = [*node.items, *stack]
        elif isinstance(node, graph.Body):
            stack = [*(line.node for line in node.lines if line.kind != "let"), *stack]
    return None


def _weight(program: graph.Program, node: AnyNode) -> int:
    steps = [n for n in _inside(program, node) if isinstance(n, graph.Step)]
    layers = sum(n.op.layer for n in steps)
    return layers * 1000 + len(steps) - sum(n.op.name == "id" for n in steps)


def _inside(program: graph.Program, node: AnyNode) -> Iterable[AnyNode]:
    """A node and all inside it, the blocks it calls included, each once."""
    stack, seen = [node], set[int]()
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, graph.Call) and node.instance not in seen:
            seen.add(node.instance)
            stack.append(program.instances[node.instance].body)
        stack.extend(graph.children(node))


def _merged(cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """Neighbours that differ in nothing that the card shows are one card: blocks that differ only in training."""
    merged: list[Card] = []
    for card in cards:
        if (
            merged
            and card.name
            and replace(merged[-1], count=1) == replace(card, count=1)
            and card.in_channels == card.out_channels
        ):
            merged[-1] = replace(card, count=merged[-1].count + card.count)
        else:
            merged.append(card)
    return tuple(merged)


def _channels(x: Type) -> int:
    return 0 if is_list(x) else shapes(x)[0][0]


def _stride(x: Type, y: Type) -> int:
    """By how much a part shrinks its map."""
    if is_list(x) or is_list(y):
        return 1
    before, after = shapes(x)[0], shapes(y)[0]
    if len(before) != len(after) or len(before) < 2 or not after[-1]:
        return 1
    return max(1, round(before[-1] / after[-1]))
