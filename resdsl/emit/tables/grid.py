"""A table as data: columns, rows, notes. Styles make it, formats write it; neither knows the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from resdsl.diagnostics import usage

Unit = Literal["", "count", "bytes", "share"]
"""What a number of a column is: itself, one written `25,557,032`, one written `9.6 MiB`, or a part of 1 in percent."""


@dataclass(frozen=True)
class Column:
    """A column: its key for programs, its heading for readers."""

    key: str
    heading: str
    unit: Unit = ""
    number: bool = True  # reads from the right
    most: int = 34  # characters of a cell in a terminal, where it is text


@dataclass(frozen=True)
class Blocks:
    """A stage as the papers draw it: `lines` in brackets, `count` times; without brackets where it is one op."""

    lines: tuple[str, ...]
    count: int = 1
    brackets: bool = True


Cell: TypeAlias = str | int | float | tuple[Blocks, ...] | None


@dataclass(frozen=True)
class Grid:
    """A table. `facts` are about all of it, for programs; `totals` stand under a rule."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    totals: Sequence[tuple[Cell, ...]] = ()
    subtitle: str = ""
    notes: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    label: str = ""  # what a text refers to it by, where a command makes one such table

    def key(self, name: str) -> int | None:
        """The place of a column."""
        return next((i for i, column in enumerate(self.columns) if column.key == name), None)


def largest(grid: Grid, sort: str | None, top: int | None) -> Grid:
    """The first rows of a table; sorted by a column of numbers, the largest first, if one is named."""
    rows = list(grid.rows)
    if sort is not None:
        values = {column.key: [row[i] for row in rows] for i, column in enumerate(grid.columns)}
        known = {key: found for key, found in values.items() if all(isinstance(v, int | float | None) for v in found)}
        if sort not in known:
            raise usage(f"there is no column `{sort}` to sort by", f"the columns with numbers: {', '.join(known)}")
        place = list(values).index(sort)
        rows.sort(key=lambda row: -(row[place] or 0))  # type: ignore[operator]
    rows = rows[:top]
    few = (f"{len(rows)} of {len(grid.rows)} rows.",) if len(rows) < len(grid.rows) else ()
    return replace(grid, rows=rows, notes=(*few, *grid.notes))


def parted(row: tuple[Cell, ...]) -> Iterator[tuple[Cell, ...]]:
    """A row; what all its stages begin with outside of brackets has a line of its own."""
    cells = [cell for cell in row if isinstance(cell, tuple)]
    same = 0
    while cells and all(_plain(cell[same : same + 1]) and cell[same] == cells[0][same] for cell in cells):
        same += 1
    if 0 < same < max(map(len, cells), default=0) and len(cells) > 1:
        yield tuple(cell[:same] if isinstance(cell, tuple) else cell for cell in row)
        row = tuple(cell[same:] if isinstance(cell, tuple) else "" for cell in row)
    yield row


def _plain(cell: tuple[Blocks, ...]) -> bool:
    return cell != () and not any(blocks.brackets for blocks in cell)


def spanned(row: Sequence[Cell]) -> Iterator[tuple[Cell, int]]:
    """The cells of a row; stages without brackets that are the same side by side are one, so many columns wide."""
    place = 0
    while place < len(row):
        cell, wide = row[place], 1
        if isinstance(cell, tuple) and _plain(cell):
            while row[place + wide : place + wide + 1] == (cell,):
                wide += 1
        yield cell, wide
        place += wide


def written(cell: Cell, unit: Unit) -> str:
    """A cell as plain text, of one line."""
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return ", ".join(map(bracketed, cell))
    if isinstance(cell, str):
        return cell
    match unit:
        case "count":
            return f"{cell:,}"
        case "bytes":
            return size(int(cell))
        case "share":
            return f"{100 * cell:.1f} %"
        case _:
            return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def bracketed(blocks: Blocks) -> str:
    """`[3x3, 64; 3x3, 64] x 2`."""
    inside = "; ".join(blocks.lines)
    if not blocks.brackets:
        return inside + (f" x {blocks.count}" if blocks.count > 1 else "")
    return f"[{inside}] x {blocks.count}"


def size(number: int) -> str:
    """Bytes: `9.6 MiB`."""
    amount = float(number)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if amount < 1024 or unit == "TiB":
            return f"{number} B" if unit == "B" else f"{amount:,.1f} {unit}"
        amount /= 1024
    raise AssertionError
