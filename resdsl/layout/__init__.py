"""Text -> the same text in the one style: `resdsl fmt`. Only line ends, blanks and the places of line breaks change.

words       tokens, with the comments and line ends before each
structure   brackets, lines of bodies, operators: where a line may begin
breaks      where lines begin
lines       how far they are indented
columns     what lines up with the line above
same        whether two texts say the same
"""

from __future__ import annotations

from resdsl.diagnostics import Source, error
from resdsl.layout import columns, same
from resdsl.layout.lines import Line, Printer
from resdsl.layout.structure import Structure
from resdsl.layout.words import read
from resdsl.limits import DEFAULT

LINE_LENGTH = 120


def format(text: str, line_length: int = LINE_LENGTH) -> str:
    """A spec in the one style. Its tokens, its comments and what it means stay as they are.

    Raises SpecError where the text is not of the language.
    """
    return formatted(Source("text", text.removeprefix("\ufeff")), line_length)


def formatted(source: Source, line_length: int = LINE_LENGTH) -> str:
    """The text of a source in the one style. Raises SpecError where it cannot be parsed."""
    before = same.meaning(source)
    made = _laid_out(source, line_length)
    if len(made.encode()) > DEFAULT.file_bytes:
        raise error("E0502", f"formatted, it would be larger than {DEFAULT.file_bytes:,} bytes; it is left as it is")
    if made != source.text:
        same.compare(before, Source(source.name, made))
    return made


def _laid_out(source: Source, limit: int) -> str:
    structure = Structure(read(source))
    lines = Printer(structure, limit).lines
    _part(lines, structure)
    columns.align(lines, structure, limit)
    behind = columns.comment_column(lines, structure, limit)
    out: list[str] = []
    for i, line in enumerate(lines):
        if line.blank and out:
            out.append("")
        out.append(_text(line, structure, behind.get(i, 0)))
    return "\n".join(out) + "\n"


def _text(line: Line, structure: Structure, behind: int) -> str:
    parts = [" " * line.indent]
    for i in range(line.first, line.end):
        parts.append(" " * (structure.space[i] * (i > line.first) + line.pads.get(i, 0)))
        parts.append(structure.words[i].text)
    return "".join(parts) + " " * behind + line.comment


def _part(lines: list[Line], structure: Structure) -> None:
    """An empty line between definitions, unless both are of one line."""
    last: Line | None = None  # where the definition above begins
    above = -1  # the last line of it
    for i, line in enumerate(lines):
        if line.end == line.first:
            continue
        if line.indent == 0 and structure.starts[line.first] and structure.owner[line.first] < 0:
            edition = last is None or structure.words[last.first].kind == "RESDSL"
            if (
                last
                and not edition
                and not (last.whole and line.whole)
                and not any(x.blank for x in lines[above + 1 : i + 1])
            ):
                lines[above + 1].blank = True
            last = line
        above = i
