"""The outline of a model: what an overview figure, a table or a one-line summary says about it.

A few frozen records of plain facts. No text layout, no colour and no tensor lives here, so every emitter that needs
"the rows of the model" can share them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from resdsl import graph
from resdsl.analyze import flow
from resdsl.analyze.handed import Handed, handed
from resdsl.analyze.report import BlockRow, OpRow, Report, SectionRow
from resdsl.graph import AnyNode
from resdsl.ops import Op, Type, is_list, shapes

Shape = tuple[int, ...]
"""One value's shape without the batch: ``C``, ``C x L``, ``C x H x W`` or ``C x D x H x W``."""

Shortcut = Literal["none", "identity", "projection", "modified", "padding", "concatenation"]
"""What runs beside a block's residual branch: nothing, ``x``, a convolution of ``x``, ``x`` scaled, gated or otherwise
changed, ``x`` padded with zero channels, or ``x`` put beside the branch's output instead of being added to it."""


def changes(op: Op | None) -> bool:
    """Whether an op, or a join (None), makes other numbers of x. To pick some or to put zeros beside them does not."""
    return op is None or not (op.passes or op.name in ("subsample", "zeropad", "border"))


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
    handed: tuple[Handed, ...] = ()  # ``block`` is a card


_MOST = 400  # nodes of a block that is followed for its main path

# -- from the IR -----------------------------------------------------------------------------------------------


def outline(report: Report, title: str, subtitle: str) -> Outline:
    """The outline of a counted model. A stage is a section that holds units; stem and head are grey."""
    merging = [any(_merges(report, block) for block in section.blocks) for section in report.sections]
    if not any(merging):  # a plain net as VGG: its stages are sequences
        merging = [any(block.name for block in section.blocks) for section in report.sections]
    rows = []
    for i, section in enumerate(report.sections):
        stage = sum(merging[:i]) if merging[i] else None
        rows.append(_row(report, section, stage))
    cost = report.cost
    taken = [
        replace(value, block=_card_of(report, value))
        for value in handed(report.program, report.sections)
        if rows[value.source].cards and rows[value.target].cards
    ]
    size = report.program.input
    return Outline(title, subtitle, report.layers, cost.params, cost.macs, size, tuple(rows), tuple(taken))


def _card_of(report: Report, value: Handed) -> int:
    """Which card of its row reads a value: equal blocks share one."""
    blocks = report.sections[value.target].blocks[: value.block + 1]
    return len(_merged(tuple(_card(report, block, None) for block in blocks))) - 1


def _merges(report: Report, block: BlockRow) -> bool:
    if not isinstance(block.node, graph.Call):
        return False
    instance = report.program.instances[block.node.instance]
    return report.program.definitions[instance.definition].merges


def _row(report: Report, section: SectionRow, stage: int | None) -> Row:
    cards = tuple(_card(report, block, stage) for block in section.blocks)
    return Row(section.name, section.output, section.cost.params, section.cost.macs, _merged(cards))


def _card(report: Report, block: BlockRow, stage: int | None) -> Card:
    call = block.node if isinstance(block.node, graph.Call) else None
    found = None if call is None else _Unit(report.program, call).shortcut()
    if call is None:
        lines = _labels(block.ops, block.count)
    else:
        lines = _layers(report, call, found) or _labels(_main_path(report, block, found and found[1]), block.count)
    return Card(
        name=block.name,
        lines=lines,
        count=block.count,
        in_channels=_channels(block.input),
        out_channels=_channels(block.output),
        stride=_stride(block.input, block.output),
        shortcut="none" if found is None else found[0],
        stage=stage if block.name else None,
    )


def _labels(ops: tuple[OpRow, ...], count: int) -> tuple[str, ...]:
    return tuple(op.label + (f" x{n}" if (n := op.count // count) > 1 else "") for op in ops)


def _layers(report: Report, call: graph.Call, found: tuple[Shortcut, AnyNode] | None) -> tuple[str, ...]:
    """The layers of a block that carry its flow, less a projection on its shortcut, and whether it has a gate.

    Nothing where the block is too large to be followed.
    """
    try:
        nodes = flow.of_block(report.program, call.instance, _MOST)
    except flow.TooLarge:
        return ()
    carrying, beside = flow.carrying(nodes), set()
    if found is not None and found[0] == "projection":
        first = {n for n, layers in enumerate(flow.layers_before(nodes)) if layers == 0}
        beside = flow.projections(nodes, set(flow.main_path(nodes))) & first
    shown = [node.label for n, node in enumerate(nodes) if node.layer and n in carrying and n not in beside]
    gated = any(node.layer and n not in carrying for n, node in enumerate(nodes))
    return (*_runs(shown), *(["gate"] if gated else []))


def _runs(labels: list[str]) -> list[str]:
    """Labels, three and more of the same taken together."""
    runs = [(label, len(list(run))) for label, run in groupby(labels)]
    return [text for label, n in runs for text in ([f"{label} x{n}"] if n > 2 else [label] * n)]


def _main_path(report: Report, block: BlockRow, beside: AnyNode | None) -> tuple[OpRow, ...]:
    """The weighted layers of a block in its own words, without those of its shortcut."""
    layers = [op for op in block.ops if op.cost.layers_all]
    for label in [op.label for op in report.ops_of(beside) if op.cost.layers_all] if beside is not None else []:
        at = next((i for i in reversed(range(len(layers))) if layers[i].label == label), None)
        if at is not None:
            del layers[at]
    return tuple(layers)


@dataclass(frozen=True)
class _Carrier:
    """What carries the flow through a node, gates left out: how many layers and ops, and of what kind."""

    layers: int = 0
    ops: int = 0
    pads: bool = False
    gates: bool = False
    changes: bool = False  # other than by a layer

    def __add__(self, other: _Carrier) -> _Carrier:
        pads, gates = self.pads or other.pads, self.gates or other.gates
        return _Carrier(self.layers + other.layers, self.ops + other.ops, pads, gates, self.changes or other.changes)


Lets = dict[str, _Carrier | None]  # named values


class _Unit:
    """A block, looked at for its shortcut: told by its structure, not by any name."""

    def __init__(self, program: graph.Program, call: graph.Call) -> None:
        self.program = program
        self.body = program.instances[call.instance].body
        self.lets: Lets = {}
        self.known: dict[int, _Carrier | None] = {}  # of the instances that read nothing from outside

    def shortcut(self) -> tuple[Shortcut, AnyNode] | None:
        """What runs beside the residual branch, and the node that does it."""
        found = self.meeting(self.body)
        if found is None:
            return None
        join, beside = found
        carrier = self.carrier(beside, self.lets)
        if carrier is None:
            return None  # it comes from outside the block
        if join.operator == "++":
            return None if carrier.layers else ("concatenation", beside)
        if carrier.layers:
            return "projection", beside
        return ("padding" if carrier.pads else "modified" if carrier.changes else "identity"), beside

    def meeting(self, body: AnyNode) -> tuple[graph.Join, AnyNode] | None:
        """The first sum or concatenation on the way through, and its lightest side."""
        stack: list[AnyNode] = [body]
        while stack:
            node = stack.pop(0)
            match node:
                case graph.Join(operator="+" | "++") if len(graph.children(node)) > 1:
                    return node, min(graph.children(node), key=lambda side: self.weight(side, self.lets))
                case graph.Chain():
                    stack = [*node.items, *stack]
                case graph.Body():
                    self.named(node, self.lets)
                    stack = [*(line.node for line in node.lines if line.kind != "let"), *stack]
                case _:
                    pass
        return None

    def weight(self, side: AnyNode, lets: Lets) -> tuple[int, int]:
        carrier = self.carrier(side, lets)
        return (0, 0) if carrier is None else (carrier.layers, carrier.ops)

    def named(self, body: graph.Body, lets: Lets) -> None:
        """Add the values that a body names."""
        for line in body.lines:
            if line.name and line.kind == "let":
                lets[line.name] = self.carrier(line.node, lets)

    def carrier(self, node: AnyNode, lets: Lets) -> _Carrier | None:
        """What carries the flow through a node; None where the flow does not come from the unit's input."""
        match node:
            case graph.Step():
                op = node.op
                return _Carrier(int(op.layer), int(op.name != "id"), op.name == "zeropad", op.gate, changes(op))
            case graph.Call():
                return self.called(node, lets)
            case graph.Use():
                return lets.get(node.name)
            case graph.Join() if node.operator in "*/" or any(isinstance(n, graph.Constant) for n in node.items):
                sides = [self.carrier(child, lets) for child in graph.children(node)]
                carried = next((s for s in sides if s is None or not s.gates), sides[0])
                return carried and replace(carried, changes=True)
            case graph.Body():
                lets = dict(lets)
                self.named(node, lets)
                inside = [self.carrier(line.node, lets) for line in node.lines if line.kind != "let"]
            case _:
                inside = [self.carrier(child, lets) for child in graph.children(node)]
        found = [part for part in inside if part is not None]
        return None if inside and not found else sum(found, _Carrier())

    def called(self, call: graph.Call, lets: Lets) -> _Carrier | None:
        """What carries the flow through a block: it sees its own values, and those that it is given."""
        body = self.program.instances[call.instance].body
        if call.values:
            return self.carrier(body, {inner: lets.get(outer) for inner, outer in call.values.items()})
        if call.instance not in self.known:
            self.known[call.instance] = self.carrier(body, {})
        return self.known[call.instance]


def _merged(cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """Neighbours that differ in nothing that a card shows are one: blocks that differ only in training."""
    merged: list[Card] = []
    for card in cards:
        same = bool(merged and card.name) and replace(merged[-1], count=card.count) == card
        if same and card.in_channels == card.out_channels:
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
