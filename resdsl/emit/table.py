"""The FLOPs table: a model's sections, blocks or ops with their numbers, as text, Markdown, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from resdsl.emit.tables.grid import Cell, Column, Grid
from resdsl.emit.tables.text import markdown, text
from resdsl.network import Network
from resdsl.ops import ELEMENTWISE, Cost, Type, show

By = Literal["section", "block", "op"]
Format = Literal["text", "markdown", "csv", "json"]


@dataclass(frozen=True)
class _Row:
    names: tuple[str, ...]  # section, block, op: as many as the table goes into
    output: Type
    layers: int | None
    cost: Cost


def counts(networks: Sequence[Network], by: By, form: Format) -> str:
    """The table of each network. Numbers are exact; the share is that of the MACs."""
    match form:
        case "json":
            return json.dumps({"models": [as_data(n) for n in networks]}, indent=2) + "\n"
        case "csv":
            return _csv(networks, by)
        case "markdown":
            return "\n".join(markdown(_grid(n, by)) for n in networks)
        case "text":
            return "\n".join(text(_grid(n, by)) for n in networks)


def as_data(net: Network) -> dict[str, Any]:
    """The numbers of a network as plain data: the stable form of `resdsl count --json`."""
    report = net.report
    return {
        "model": net.name,
        "source": net.source,
        "input": list(net.program.input),
        "output": _listed(net.program.output),
        "layers": report.layers,
        **_numbers(report.cost),
        "sections": [
            {
                "name": section.name,
                "output": _listed(section.output),
                "layers": section.layers,
                **_numbers(section.cost),
                "blocks": [
                    {
                        "block": block.name or _run_name(block.ops),
                        "count": block.count,
                        "output": _listed(block.output),
                        "layers": block.layers,
                        **_numbers(block.cost),
                        "ops": [
                            {
                                "op": op.name,
                                "label": op.label,
                                "count": op.count,
                                "output": _listed(op.output),
                                **_numbers(op.cost),
                            }
                            for op in block.ops
                        ],
                    }
                    for block in section.blocks
                ],
            }
            for section in report.sections
        ],
    }


def _numbers(cost: Cost) -> dict[str, Any]:
    return {
        "layers_all": cost.layers_all,
        "params": cost.params,
        "buffers": cost.buffers,
        "macs": cost.macs,
        "macs_fixed": cost.macs_fixed,
        "macs_product": cost.macs_product,
        "elementwise": {kind: getattr(cost, kind) for kind in ELEMENTWISE},
        "activations": cost.activations,
    }


def _listed(shape: Type) -> list[Any]:
    return [list(item) if isinstance(item, tuple) else item for item in shape]


def _rows(net: Network, by: By) -> Iterator[_Row]:
    for section in net.report.sections:
        if by == "section":
            yield _Row((section.name,), section.output, section.layers, section.cost)
            continue
        for block in section.blocks:
            name = (block.name or _run_name(block.ops)) + (f" x{block.count:,}" if block.count > 1 else "")
            if by == "block":
                yield _Row((section.name, name), block.output, block.layers, block.cost)
                continue
            for op in block.ops:
                times = f" x{op.count:,}" if op.count > 1 else ""
                yield _Row((section.name, name if block.name else "", op.label + times), op.output, None, op.cost)


def _run_name(ops: Iterable[Any]) -> str:
    return ", ".join(op.name for op in ops)


def _title(net: Network) -> list[str]:
    cost, report = net.report.cost, net.report
    beside = f" ({cost.layers_all:,} with those beside it)" if cost.layers_all != report.layers else ""
    size = show(net.program.input)
    totals = f"{report.layers:,} layers, {four_digits(cost.params)} params, {four_digits(cost.macs)} MACs"
    lines = [f"{net.name}: {totals} at {size}"]
    if net.source:
        lines.append(net.source)
    notes = [f"Layers are convolutions and linear layers on the main path{beside}."]
    notes.append("MACs are multiply-accumulates of convolutions and linear layers; papers call them FLOPs.")
    if cost.macs_fixed or cost.macs_product:
        notes.append(
            f"Not among them: {cost.macs_fixed:,} with fixed filters, {cost.macs_product:,} of two activations."
        )
    return [*lines, *notes]


def four_digits(number: int) -> str:
    """`25.56 M`, `4.089 G`: four digits and a unit."""
    if number >= 10**18:
        return f"{Decimal(number):.3e}"
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            digits = 3 - min(3, len(str(number // size)) - 1)
            return f"{number / size:.{digits}f} {unit}"
    return str(number)


def _grid(net: Network, by: By) -> Grid:
    """Rows and totals, ready to be written."""
    depth = {"section": 1, "block": 2, "op": 3}[by]
    most = {1: (16,), 2: (12, 26), 3: (8, 14, 34)}[depth]
    names = zip(("section", "block", "op"), most, strict=False)
    columns = (
        *(Column(name, name, number=False, most=room) for name, room in names),
        Column("output", "output", number=False, most=24),
        Column("layers", "layers", "count"),
        Column("params", "params", "count"),
        Column("macs", "MACs", "count"),
        Column("share", "share", "share"),
    )
    macs = net.report.cost.macs
    rows: list[tuple[Cell, ...]] = []
    before: tuple[str, ...] = ("",) * depth
    for row in _rows(net, by):
        changed = next((i for i in range(depth - 1) if row.names[i] != before[i]), depth - 1)
        before = row.names
        names_ = ("",) * changed + row.names[changed:]
        rows.append((*names_, show(row.output), row.layers, *_shared(row.cost, macs)))
    total = ("total", *[""] * (depth - 1), "", net.layers, *_shared(net.report.cost, macs))
    title, *notes = _title(net)
    return Grid(title, columns, rows, [total], net.source, tuple(notes[1:] if net.source else notes))


def _shared(cost: Cost, macs: int) -> tuple[Cell, ...]:
    return cost.params, cost.macs, cost.macs / macs if macs else None


def _csv(networks: Sequence[Network], by: By) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    depth = {"section": 1, "block": 2, "op": 3}[by]
    writer.writerow(
        [
            "model",
            *("section", "block", "op")[:depth],
            "output",
            "layers",
            "layers_all",
            "params",
            "buffers",
            "macs",
            "macs_fixed",
            "macs_product",
            *ELEMENTWISE,
            "activations",
        ]
    )
    for net in networks:
        for row in _rows(net, by):
            c = row.cost
            writer.writerow(
                [
                    net.name,
                    *row.names,
                    show(row.output),
                    "" if row.layers is None else row.layers,
                    c.layers_all,
                    c.params,
                    c.buffers,
                    c.macs,
                    c.macs_fixed,
                    c.macs_product,
                    *(getattr(c, kind) for kind in ELEMENTWISE),
                    c.activations,
                ]
            )
    return out.getvalue()
