"""Tables as plain text and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from resdsl.diagnostics import printable, width
from resdsl.emit.tables.grid import Blocks, Cell, Column, Grid, parted, written


def text(grid: Grid) -> str:
    """For a terminal: columns in line, the brackets of blocks drawn."""
    rows = [_cells(grid, part) for row in grid.rows for part in parted(row)]
    totals = [_cells(grid, row) for row in grid.totals]
    heading = [[printable(column.heading)] for column in grid.columns]
    every = [heading, *rows, *totals]
    widths = [max(width(line) for row in every for line in row[i]) for i in range(len(grid.columns))]

    def lines(row: list[list[str]]) -> Iterator[str]:
        for parts in zip_longest(*row, fillvalue=""):
            cells = zip(parts, widths, grid.columns, strict=True)
            yield "  ".join(_aligned(part, room, column.number) for part, room, column in cells).rstrip()

    def paragraph(rows_: list[list[list[str]]]) -> Iterator[str]:
        tall = any(len(cell) > 1 for row in rows_ for cell in row)
        for i, row in enumerate(rows_):
            yield from [""] if tall and i else []
            yield from lines(row)

    rule = "  ".join("-" * room for room in widths)
    body = [*lines(heading), rule, *paragraph(rows)]
    if totals:
        body += [rule, *paragraph(totals)]
    head = [printable(line) for line in (grid.title, grid.subtitle) if line]
    notes = ["", *map(printable, grid.notes)] if grid.notes else []
    return "\n".join([*head, "", *body, *notes]) + "\n"


def _aligned(part: str, room: int, right: bool) -> str:
    blanks = " " * (room - width(part))
    return blanks + part if right else part + blanks


def _cells(grid: Grid, row: Sequence[Cell]) -> list[list[str]]:
    return [_lines(cell, column) for cell, column in zip(row, grid.columns, strict=True)]


def _lines(cell: Cell, column: Column) -> list[str]:
    if isinstance(cell, tuple):
        return [line for blocks in cell for line in _drawn(blocks)]
    line = printable(written(cell, column.unit))
    return [line if column.number or len(line) <= column.most else _cut(line, column.most)]


def _cut(line: str, most: int) -> str:
    """A path keeps its end, which tells it from its neighbours; any other text its start."""
    return f"...{line[3 - most :]}" if "." in line and " " not in line else line[: most - 3] + "..."


def _drawn(blocks: Blocks) -> list[str]:
    """Lines between brackets, the count beside the middle one."""
    times = f" x {blocks.count}"
    lines = [printable(line) for line in blocks.lines]
    if not blocks.brackets:
        return [line + (times if blocks.count > 1 else "") for line in lines]
    room = max(map(width, lines))
    middle = (len(lines) - 1) // 2
    drawn = [f"[ {_aligned(line, room, right=False)} ]" for line in lines]
    return [line + (times if i == middle else "") for i, line in enumerate(drawn)]


def markdown(grid: Grid) -> str:
    """For a README: what could be markup is escaped."""

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    def row(cells: Sequence[Cell]) -> list[str]:
        return [_escaped(written(cell, c.unit)) for cell, c in zip(cells, grid.columns, strict=True)]

    rule = ["---:" if column.number else "---" for column in grid.columns]
    body = [line([_escaped(column.heading) for column in grid.columns]), line(rule)]
    body += [line(row(cells)) for cells in grid.rows]
    body += [line([f"**{cell}**" if cell else "" for cell in row(cells)]) for cells in grid.totals]
    head = [f"**{_escaped(grid.title)}**", *([_opening(_escaped(grid.subtitle))] if grid.subtitle else [])]
    notes = ["", _opening(" ".join(map(_escaped, grid.notes)))] if grid.notes else []
    return "\n".join(["  \n".join(head), "", *body, *notes]) + "\n"


def _opening(line: str) -> str:
    """A line that begins no list, quotation, heading or rule."""
    return re.sub(r"^(\s*\d*)([-+>=.)])", r"\1\\\2", line)


def _escaped(cell: str) -> str:
    cell = printable(cell).replace("&", "&amp;").replace("<", "&lt;")
    for sign in "\\`*_[]|~#$":
        cell = cell.replace(sign, "\\" + sign)
    return re.sub(r"(?<= 10)\^(\d+)", r"<sup>\1</sup>", cell)
