"""Tables as LaTeX, with the rules of booktabs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resdsl.diagnostics import printable
from resdsl.emit.tables.grid import Blocks, Cell, Column, Grid, parted, spanned, written

_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\char34{}", "`": r"\textasciigrave{}", "'": r"\textquotesingle{}",
    "\ufffd": "?",
}  # fmt: skip


def latex(grid: Grid) -> str:
    """A `table` for a paper; it needs the packages booktabs and textcomp."""
    align = "".join(_align(grid, i) for i in range(len(grid.columns)))
    head = " & ".join(escaped(column.heading) for column in grid.columns)
    tall = any(isinstance(cell, tuple) for row in grid.rows for cell in row)
    gap = r" \\ \addlinespace" if tall else r" \\"
    rows = [_row(grid.columns, part) for row in grid.rows for part in parted(row)]
    body = [
        r"\toprule",
        head + r" \\",
        r"\midrule",
        *(row + gap for row in rows[:-1]),
        *(r + r" \\" for r in rows[-1:]),
    ]
    if grid.totals:
        body += [r"\midrule", *(_row(grid.columns, row) + r" \\" for row in grid.totals)]
    caption = " ".join(_sentence(part) for part in (grid.title, grid.subtitle) if part)
    label = [rf"\label{{tab:{grid.label}}}"] if grid.label else []
    lines = [
        r"% needs \usepackage{booktabs,textcomp}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_prose(caption)}}}",
        *label,
        r"\small",
        r"\setlength{\tabcolsep}{3pt}",
        rf"\begin{{tabular}}{{@{{}}{align}@{{}}}}",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        *_notes(grid.notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _align(grid: Grid, i: int) -> str:
    """Blocks stand in the middle, numbers to the right."""
    return "r" if grid.columns[i].number else "c" if any(isinstance(row[i], tuple) for row in grid.rows) else "l"


def _notes(notes: Sequence[str]) -> list[str]:
    """A paragraph under the table."""
    if not notes:
        return []
    text = " ".join(_prose(_sentence(note)) for note in notes)
    return [r"\par\smallskip", rf"\parbox{{\linewidth}}{{\footnotesize {text}}}"]


def _sentence(part: str) -> str:
    return part if part.endswith(".") else part + "."


def _row(columns: tuple[Column, ...], row: Sequence[Cell]) -> str:
    place, cells = 0, []
    for cell, wide in spanned(row):
        text = _cell(cell, columns[place])
        cells.append(rf"\multicolumn{{{wide}}}{{c}}{{{text}}}" if wide > 1 else text)
        place += wide
    return " & ".join(cells)


def _cell(cell: Cell, column: Column) -> str:
    if not isinstance(cell, tuple):
        return _prose(written(cell, column.unit))
    parts = [_matrix(blocks) for blocks in cell]
    if not any("," in line or blocks.brackets for blocks in cell for line in blocks.lines):
        return ", ".join(parts)
    gap = r" \\[1ex] " if any(blocks.brackets for blocks in cell) else r" \\ "
    return parts[0] if len(parts) == 1 else rf"\begin{{tabular}}{{@{{}}c@{{}}}}{gap.join(parts)}\end{{tabular}}"


def _matrix(blocks: Blocks) -> str:
    times = rf"$\,\times\,{blocks.count}$"
    lines = [_crosses(escaped(line)) for line in blocks.lines]
    if not blocks.brackets:
        return r" \\ ".join(lines) + (times if blocks.count > 1 else "")
    inside = r" \\ ".join(rf"\mbox{{{line}}}" for line in lines)
    return rf"$\left[\begin{{array}}{{@{{\,}}c@{{\,}}}}{inside}\end{{array}}\right]\,\times\,{blocks.count}$"


def _prose(text: str) -> str:
    """Text with its signs, and what stands between backticks as code."""
    return re.sub(r"\\textasciigrave\{\}(.+?)\\textasciigrave\{\}", r"\\texttt{\1}", _crosses(escaped(text)))


def _crosses(text: str) -> str:
    """`3x3` with a multiplication sign, and `64 x 56 x 56`."""
    text = re.sub(r"(?<= 10)\\textasciicircum\{\}(\d+)", r"$^{\1}$", text)
    return re.sub(r"(?<=\d)( ?)x(?=\1\d)", r"\1$\\times$", text)


def escaped(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return "".join(_SIGNS.get(sign, sign) for sign in printable(text))
