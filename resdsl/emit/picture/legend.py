"""What the strokes of shortcuts mean: one table for every view, and the line below a figure that says so."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.analyze.outline import Shortcut
from resdsl.emit.picture.captions import SHORTCUT_NAMES
from resdsl.emit.picture.lettering import measure
from resdsl.emit.picture.scene import Arc, Box, Item, Stroke, Text, Theme

STROKES: dict[Shortcut, Stroke] = {
    "none": "solid",
    "identity": "solid",
    "projection": "dashed",
    "modified": "dashed",
    "padding": "dotted",
    "concatenation": "solid",
}
DOT, CIRCLE = 1.7, 6.0  # radii
_SAMPLE, _SIZE, _LINE = 34.0, 9.0, 18.0


def legend(
    kinds: Sequence[Shortcut], *, x: float, right: float, y: float, theme: Theme, handed: bool = False
) -> tuple[list[Item], float]:
    """The samples of the kinds that occur, from ``x`` to ``right`` in lines from ``y`` down; and the last line's y."""
    items: list[Item] = []
    shown: dict[tuple[Stroke, str], list[Shortcut]] = {}  # kinds that look alike share a sample
    for kind, stroke in STROKES.items():
        if kind in kinds and kind != "none":
            shown.setdefault((stroke, "C" if kind == "concatenation" else "+"), []).append(kind)
    left = x
    for (stroke, sign), alike in shown.items():
        kind = alike[0]
        label = " or ".join(SHORTCUT_NAMES[k] for k in alike).replace(" shortcut or", " or")
        width = _SAMPLE + CIRCLE + 5 + measure(label, size=_SIZE, bold=False)
        if x > left and x + width > right:
            x, y = left, y + _LINE
        fork, merge = f"legend_{kind}_fork", f"legend_{kind}_merge"
        items.append(Box(fork, x, y - DOT, 2 * DOT, 2 * DOT, theme.line, theme.line, radius=DOT))
        items.append(circle(merge, sign, x + _SAMPLE, y, theme.muted, theme))
        points = ((x + 2 * DOT, y), (x + _SAMPLE - CIRCLE, y))
        items.append(Arc(fork, merge, points, theme.muted, 1.5, stroke))
        items.append(Text(x + _SAMPLE + CIRCLE + 5, y, label, _SIZE, theme.muted, anchor="start"))
        x += width + 22
    if handed:
        label = "value handed to a later row"
        if x > left and x + _SAMPLE + CIRCLE + 5 + measure(label, size=_SIZE, bold=False) > right:
            x, y = left, y + _LINE
        ends = ("legend_handed_from", "legend_handed_to")
        for key, place in zip(ends, (x, x + _SAMPLE + CIRCLE - 2 * DOT), strict=True):
            items.append(Box(key, place, y - DOT, 2 * DOT, 2 * DOT, theme.line, theme.line, radius=DOT))
        points = ((x + 2 * DOT, y), (x + _SAMPLE + CIRCLE - 2 * DOT, y))
        items.append(Arc(*ends, points, theme.muted, 1.2))
        items.append(Text(x + _SAMPLE + CIRCLE + 5, y, label, _SIZE, theme.muted, anchor="start"))
    return items, y


def reach(samples: Sequence[Item]) -> float:
    """How far to the right the texts of a legend reach; 0 where it has none."""
    texts = [item for item in samples if isinstance(item, Text)]
    return max((text.x + measure(text.text, size=text.size, bold=False) for text in texts), default=0.0)


def circle(key: str, sign: str, x: float, y: float, stroke: str, theme: Theme) -> Box:
    """A circle where flows meet, with what it does to them."""
    text = Text(x, y, sign, 9.0 if sign == "C" else 10.5, theme.ink, bold=True)
    side = 2 * CIRCLE
    return Box(key, x - CIRCLE, y - CIRCLE, side, side, theme.page, stroke, radius=CIRCLE, texts=(text,))
