"""Neighbouring lines that are alike are a table: their columns line up. So do the comments behind lines."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.layout.lines import Line
from resdsl.layout.structure import Structure


def align(lines: list[Line], structure: Structure, limit: int) -> None:
    """Line up the `=` of neighbouring `let`, `default` and variants, and the arguments of neighbouring calls."""
    for run in _runs(lines, structure):
        pads = _equals(run, structure) if _names(run[0], structure) else _arguments(run, structure)
        if all(_width(line, structure) + sum(pad.values()) <= limit for line, pad in zip(run, pads, strict=True)):
            for line, pad in zip(run, pads, strict=True):
                line.pads = pad


def _width(line: Line, structure: Structure) -> int:
    return line.indent + structure.width(line.first, line.end)


def _runs(lines: list[Line], structure: Structure) -> Iterator[list[Line]]:
    run: list[Line] = []
    last: object = None
    for line in lines:
        key = _alike(line, structure) if line.whole else None
        if key is None or line.blank or key != last:
            if len(run) > 1:
                yield run
            run = []
        if key is not None:
            run.append(line)
        last = key
    if len(run) > 1:
        yield run


def _names(line: Line, structure: Structure) -> bool:
    """Whether a line gives a value to a name."""
    words, i = structure.words, line.first
    return words[i].kind in ("LET", "DEFAULT", "MODEL") and words[i + 2].text == "="


def _alike(line: Line, structure: Structure) -> object:
    """What a line has in common with those that it can line up with, if anything."""
    words, i = structure.words, line.first
    if _names(line, structure):
        return words[i].kind, line.indent
    call = i + 2 if words[i].kind == "LABEL" else i
    if words[call].kind == "CALL" and structure.close[call + 1] == line.end - 1:
        return words[call].text, line.indent, structure.width(i, call + 1)
    return None


def _equals(run: list[Line], structure: Structure) -> list[dict[int, int]]:
    widths = [len(structure.words[line.first + 1].text) for line in run]
    most = max(widths)
    return [{line.first + 2: most - width} for line, width in zip(run, widths, strict=True)]


def _arguments(run: list[Line], structure: Structure) -> list[dict[int, int]]:
    """Pads behind the commas, column by column: of names and numbers, as far as the lines have the same columns."""
    cells = [_cells(line, structure) for line in run]
    pads: list[dict[int, int]] = [{} for _ in run]
    for column in range(max(map(len, cells)) - 1):
        inner = [
            (pad, row[column], row[column + 1][0])
            for pad, row in zip(pads, cells, strict=True)
            if len(row) > column + 1
        ]
        widths = [structure.width(first, end) for _, (first, end), _ in inner]
        if len({_column(cell, structure) for _, cell, _ in inner}) > 1:
            break
        if (
            any(structure.words[i].text in ("(", "{") for _, cell, _ in inner for i in range(*cell))
            and len(set(widths)) > 1
        ):
            break
        most = max(widths)
        for (pad, _, behind), width in zip(inner, widths, strict=True):
            pad[behind] = most - width
    return pads


def _cells(line: Line, structure: Structure) -> list[tuple[int, int]]:
    """The arguments of the call that a line is: first word and the one behind each."""
    close = line.end - 1
    call = line.first + 2 if structure.words[line.first].kind == "LABEL" else line.first
    begins = [call + 2, *structure.commas.get(call + 1, ())]
    return list(zip(begins, [*(begin - 1 for begin in begins[1:]), close], strict=True))


def _column(cell: tuple[int, int], structure: Structure) -> str:
    """The name of a named argument; a column holds one kind."""
    first, end = cell
    return structure.words[first].text if end > first + 1 and structure.words[first + 1].text == "=" else ""


def comment_column(lines: list[Line], structure: Structure, limit: int) -> dict[int, int]:
    """Spaces before the comments behind lines, by the line's index: in neighbouring lines they line up."""
    found: dict[int, int] = {}
    run: list[int] = []
    for i, line in enumerate([*lines, Line(0)]):
        behind = line.end > line.first and line.comment
        if (not behind or line.blank) and run:
            found |= _behind(run, lines, structure, limit)
            run = []
        if behind:
            run.append(i)
    return found


def _behind(run: list[int], lines: list[Line], structure: Structure, limit: int) -> dict[int, int]:
    widths = {i: _width(lines[i], structure) + sum(lines[i].pads.values()) for i in run}
    most = max(widths.values())
    if any(widths[i] + len(lines[i].comment) + 2 <= limit < most + len(lines[i].comment) + 2 for i in run):
        return dict.fromkeys(run, 2)
    return {i: most - width + 2 for i, width in widths.items()}
