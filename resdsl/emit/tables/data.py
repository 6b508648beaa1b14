"""Tables for programs: CSV and JSON. Numbers are as they are, bytes in bytes, shares as parts of 1."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from math import isfinite

from resdsl.diagnostics import printable
from resdsl.emit.tables.grid import Cell, Grid, written


def as_csv(grids: Sequence[Grid]) -> str:
    """All tables in one, where their columns are the same; a first column says whose the row is."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    before: list[str] = []
    for grid in grids:
        owner = [] if grid.key("model") is not None or "model" not in grid.facts else ["model"]
        heading = [*owner, *(column.key for column in grid.columns)]
        if heading != before:
            writer.writerow(heading)
            before = heading
        for row in (*grid.rows, *grid.totals):
            cells = [_plain(cell) for cell in row]
            writer.writerow([*([_guarded(str(grid.facts["model"]))] if owner else []), *cells])
    return out.getvalue()


def _plain(cell: Cell) -> str | int | float:
    if isinstance(cell, int | float):
        return cell
    return _guarded(written(cell, ""))


def _guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    text = printable(text)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def as_json(grids: Sequence[Grid]) -> str:
    """Each table with its facts, its rows by the keys of the columns."""
    return json.dumps({"tables": [_table(grid) for grid in grids]}, indent=2) + "\n"


def _table(grid: Grid) -> dict[str, object]:
    keys = [column.key for column in grid.columns]
    rows = [dict(zip(keys, map(_value, row), strict=True)) for row in grid.rows]
    totals = [dict(zip(keys, map(_value, row), strict=True)) for row in grid.totals]
    facts = {key: _finite(value) for key, value in grid.facts.items()}
    return {**facts, "rows": rows, **({"totals": totals} if totals else {})}


def _finite(value: object) -> object:
    """JSON has no word for the infinite."""
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _value(cell: Cell) -> object:
    if isinstance(cell, tuple):
        return [{"lines": list(blocks.lines), "count": blocks.count} for blocks in cell]
    return cell
