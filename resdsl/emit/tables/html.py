"""Tables as HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from resdsl.diagnostics import printable
from resdsl.emit.tables.grid import Blocks, Cell, Column, Grid, parted, spanned, written

_STYLE = """\
<style>
.resdsl { border-collapse: collapse; border-block: 2px solid; font: 0.9rem/1.4 system-ui, sans-serif }
.resdsl caption { text-align: left; padding-block: 0.5em }
.resdsl th, .resdsl td { padding: 0.15em 0.7em; text-align: left; vertical-align: middle; white-space: nowrap }
.resdsl .n { text-align: right; font-variant-numeric: tabular-nums }
.resdsl .w { text-align: center }
.resdsl thead, .resdsl tfoot { border-block: 1px solid }
.resdsl .b { display: inline-block; padding-inline: 0.4em; border-inline: 1px solid; vertical-align: middle }
</style>
"""


def html(grid: Grid) -> str:
    """A `table` with its style, to be put into a page."""

    def row(cells: Sequence[Cell], tag: str = "td") -> str:
        place, parts = 0, []
        for cell, wide in spanned(cells):
            parts.append(_cell(cell, grid.columns[place], tag, wide))
            place += wide
        return f"<tr>{''.join(parts)}</tr>"

    caption = "<br>".join(_safe(line) for line in (grid.title, grid.subtitle) if line)
    head = row([column.heading for column in grid.columns], "th")
    lines = [
        f"<caption>{caption}</caption>",
        f"<thead>{head}</thead>",
        "<tbody>",
        *(row(part) for cells in grid.rows for part in parted(cells)),
        "</tbody>",
    ]
    if grid.totals:
        lines += ["<tfoot>", *map(row, grid.totals), "</tfoot>"]
    notes = f"<p>{' '.join(map(_safe, grid.notes))}</p>\n" if grid.notes else ""
    return _STYLE + '<table class="resdsl">\n' + "\n".join(lines) + f"\n</table>\n{notes}"


def _cell(cell: Cell, column: Column, tag: str, wide: int) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    number = ' class="n"' if column.number else f' class="w" colspan="{wide}"' if wide > 1 else ""
    inside = "<br>".join(map(_blocks, cell)) if isinstance(cell, tuple) else _safe(written(cell, column.unit))
    return f"<{tag}{scope}{number}>{inside}</{tag}>"


def _blocks(blocks: Blocks) -> str:
    times = f" × {blocks.count}"
    inside = "<br>".join(map(_safe, blocks.lines))
    if not blocks.brackets:
        return inside + (times if blocks.count > 1 else "")
    return f'<span class="b">{inside}</span>{times}'


def _safe(text: str) -> str:
    text = escape(re.sub(r"(?<=\d)( ?)x(?=\1\d)", r"\1×", printable(text)))
    return re.sub(r"(?<= 10)\^(\d+)", r"<sup>\1</sup>", text)
