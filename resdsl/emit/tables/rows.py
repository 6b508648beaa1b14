"""The tables of one network: a row a stage, a block, or a layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from resdsl import graph
from resdsl.analyze.receptive import Field, Receptive, Spans
from resdsl.analyze.report import BlockRow, OpRow, SectionRow
from resdsl.emit.tables.counting import Counting, Numbers, elementwise
from resdsl.emit.tables.grid import Cell, Column, Grid, largest
from resdsl.network import Network
from resdsl.ops import Cost, Type, show, spoken

Style = Literal["stages", "blocks", "layers"]

_WORDS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "++": "concatenate"}


@dataclass(frozen=True)
class _Row:
    names: tuple[str, ...]
    more: tuple[Cell, ...]  # columns of this style alone
    output: Type
    cost: Cost
    ops: tuple[OpRow, ...]


def table(network: Network, style: Style, counting: Counting, sort: str | None = None, top: int | None = None) -> Grid:
    """The rows of a network, sorted by a column, the largest first, if one is named."""
    numbers = Numbers(network, counting)
    names, more, rows = _rows(network, style)
    columns = (
        *(Column(name, name, number=False) for name in names),
        Column("output", "output", number=False),
        *more,
        Column("params", "params", "count"),
        counting.column,
        Column("share", "share", "share"),
        Column("elementwise", "element-wise", "count"),
        Column("activations", "activations", "count"),
        Column("memory", "memory", "bytes"),
    )
    whole = numbers.total
    cells = [_cells(row, numbers, whole) for row in rows]
    shown = _once(cells, len(names)) if sort is None else cells
    total = _cells(_total(network, names, more), numbers, whole)
    notes = [counting.note(numbers.amounts), *_notes(style, counting)]
    if counting.convention == "train":
        notes.append("The rows have 6 x their multiply-accumulates; the total leaves out what the first layer saves.")
    facts = {**numbers.facts, "style": style, "layers": network.layers}
    title = f"{numbers.title}: {network.layers:,} layers"
    return largest(Grid(title, columns, shown, [total], network.source, tuple(notes), facts), sort, top)


def _cells(row: _Row, numbers: Numbers, whole: int) -> tuple[Cell, ...]:
    own = numbers.total if row.names[0] == "total" else numbers.of(row.ops)
    return (
        *row.names,
        show(row.output),
        *row.more,
        row.cost.params,
        own,
        own / whole if whole else None,
        elementwise(row.cost),
        row.cost.activations,
        numbers.made(row.ops),
    )


def _total(network: Network, names: tuple[str, ...], more: tuple[Column, ...]) -> _Row:
    blanks: list[Cell] = [network.layers if column.key == "layers" else None for column in more]
    ops = tuple(op for section in network.sections for block in section.blocks for op in block.ops)
    empty = ("",) * (len(names) - 1)
    return _Row(("total", *empty), tuple(blanks), network.program.output, network.report.cost, ops)


def _once(rows: list[tuple[Cell, ...]], names: int) -> list[tuple[Cell, ...]]:
    """The names but the last only where they change."""
    shown, before = [], ("",) * names
    for row in rows:
        now = tuple(str(cell) for cell in row[:names])
        same = next((i for i in range(names - 1) if now[i] != before[i]), names - 1)
        shown.append((*("",) * same, *row[same:]))
        before = now
    return shown


def _notes(style: Style, counting: Counting) -> Iterator[str]:
    of = f"for a batch of {counting.batch:,}" if counting.batch > 1 else "for one example"
    yield f"Memory: the tensors that a row makes, {counting.dtype}, {of}."
    if style == "stages":
        yield "Field: how far one position sees along an axis of the input, over all paths; least: over the narrowest."
        yield "Step: how far apart in the input two neighbours are."


# -- what the rows are -----------------------------------------------------------------------------------------


def _rows(network: Network, style: Style) -> tuple[tuple[str, ...], tuple[Column, ...], list[_Row]]:
    sections = network.sections
    if style == "stages":
        columns: tuple[Column, ...] = (
            Column("layers", "layers", "count"),
            Column("field", "field"),
            Column("narrowest", "least"),
            Column("step", "step"),
        )
        fields = Receptive(network.report.straight).lines
        return ("stage",), columns, [_stage(s, f) for s, f in zip(sections, fields, strict=True)]
    if style == "blocks":
        columns = (Column("count", "count", "count"), Column("layers", "layers", "count"))
        return ("stage", "block"), columns, [_block(s, b) for s in sections for b in s.blocks]
    columns = tuple(Column(key, key) for key in ("count", "kernel", "stride", "groups"))
    rows = [_layer(s, b, op) for s in sections for b in s.blocks for op in b.ops]
    return ("stage", "block", "layer"), columns, rows


def _stage(section: SectionRow, field: Field) -> _Row:
    ops = tuple(op for block in section.blocks for op in block.ops)
    more = (section.layers, field_size(field.widest), field_size(field.narrowest), field_step(field.widest))
    return _Row((section.name,), more, section.output, section.cost, ops)


def field_size(spans: Spans) -> str:
    """`427`, `11 x 11 x 3` where the axes differ, `all`."""
    return "all" if spans is None else _axes(str(span.size) for span in spans)


def field_step(spans: Spans) -> str:
    """The step between two neighbours."""
    return "" if spans is None else _axes(str(span.jump) for span in spans)


def _axes(texts: Iterable[str]) -> str:
    found = list(texts) or ["1"]
    return found[0] if len(set(found)) == 1 else " x ".join(found)


def _block(section: SectionRow, block: BlockRow) -> _Row:
    name = block.name or ", ".join(_word(op) for op in block.ops)
    return _Row((section.name, name), (block.count, block.layers), block.output, block.cost, block.ops)


def _layer(section: SectionRow, block: BlockRow, op: OpRow) -> _Row:
    node = op.node
    given = [getattr(node.op, name, None) if isinstance(node, graph.Step) else None for name in _ARGUMENTS]
    more: tuple[Cell, ...] = (op.count, *("" if value is None else spoken(value) for value in given))
    label = _WORDS[node.operator] if isinstance(node, graph.Join) else op.label
    block_name = block.name + (f" x{block.count:,}" if block.count > 1 else "") if block.name else ""
    return _Row((section.name, block_name, label), more, op.output, op.cost, (op,))


_ARGUMENTS = ("kernel", "stride", "groups")


def _word(op: OpRow) -> str:
    return _WORDS.get(op.name, op.name)
