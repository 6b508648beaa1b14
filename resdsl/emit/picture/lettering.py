"""How wide a text is, and how it is made to fit: measuring, ellipsis and wrapping, without any font file.

Widths are those of Helvetica, which Arial and Liberation Sans share by design; browsers, librsvg and Graphviz draw the
figures in one of the three. What the table does not hold counts as wider than any fallback glyph we have seen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# Thousandths of an em of the characters U+0020 to U+007E (Adobe Core 14 metrics, Helvetica and Helvetica-Bold).
_REGULAR = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
_BOLD = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 333 "
    "584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 "
    "333 611 556 778 556 556 500 389 280 389 584"
)
_SIGNS = {"×": 584, "·": 333, "→": 1000, "…": 1000, "–": 556, "—": 1000, "−": 584, "’": 278, "“": 500, "”": 500}
_UNKNOWN = 1250

ELLIPSIS = "…"


def _table(widths: str) -> dict[str, int]:
    ascii_widths = {chr(32 + index): int(width) for index, width in enumerate(widths.split())}
    return ascii_widths | _SIGNS


_WIDTHS = {False: _table(_REGULAR), True: _table(_BOLD)}


def _em(character: str, table: dict[str, int]) -> int:
    """Width of one character in thousandths of an em; an accented Latin letter is as wide as its base letter."""
    if character in table:
        return table[character]
    base = unicodedata.normalize("NFD", character)[0]
    return table.get(base, _UNKNOWN)


@lru_cache(maxsize=4096)
def measure(text: str, *, size: float, bold: bool) -> float:
    """The width of a line of text in points, at a font size in points."""
    table = _WIDTHS[bold]
    return sum(_em(character, table) for character in text) * size / 1000


@lru_cache(maxsize=4096)
def fit(text: str, room: float, *, size: float, bold: bool) -> str:
    """The text, or its longest beginning that fits into ``room`` points together with an ellipsis."""
    if measure(text, size=size, bold=bold) <= room:
        return text
    table = _WIDTHS[bold]
    left = room - measure(ELLIPSIS, size=size, bold=bold)
    kept = 0
    for character in text:
        left -= _em(character, table) * size / 1000
        if left < 0:
            break
        kept += 1
    return text[:kept].rstrip(" ,·") + ELLIPSIS


def break_name(name: str, room: float, *, size: float, bold: bool) -> tuple[str, ...]:
    """A name in one or two lines, broken after an underscore, dot or hyphen if there is one, else anywhere."""
    if measure(name, size=size, bold=bold) <= room:
        return (name,)
    ends = [end for end in range(1, len(name)) if measure(name[:end], size=size, bold=bold) <= room] or [1]
    end = max((end for end in ends if name[end - 1] in "_-. "), default=ends[-1])
    return name[:end].rstrip(), fit(name[end:], room, size=size, bold=bold)


def wrap(parts: Sequence[str], room: float, *, joint: str, size: float, bold: bool, most: int) -> tuple[str, ...]:
    """Parts joined into at most ``most`` lines of ``room`` points, broken between parts only.

    A part wider than a line ends in an ellipsis; parts that find no line any more are counted on the last one
    ("… 3 more").
    """
    lines: list[str] = []
    for index, part in enumerate(parts):
        longer = lines[-1] + joint + part if lines else part
        if lines and measure(longer, size=size, bold=bold) <= room:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(fit(part, room, size=size, bold=bold))
        else:
            lines[-1] = _with_rest(lines[-1], len(parts) - index, room, joint=joint, size=size, bold=bold)
            break
    return tuple(lines)


def _with_rest(line: str, missing: int, room: float, *, joint: str, size: float, bold: bool) -> str:
    """The line ended by "… N more", giving up parts of its own until that fits."""
    parts = line.split(joint)
    while len(parts) > 1 and measure(f"{joint.join(parts)} {ELLIPSIS} {missing} more", size=size, bold=bold) > room:
        parts.pop()
        missing += 1
    shown = f"{joint.join(parts)} {ELLIPSIS} {missing} more"
    if measure(shown, size=size, bold=bold) <= room:
        return shown
    return fit(f"{ELLIPSIS} {missing + 1} more", room, size=size, bold=bold)
