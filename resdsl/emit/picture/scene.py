"""A scene: boxes, arcs, texts and bars with their places in points, x to the right and y down.

A layout (``overview``) makes a scene, a writer (``svg``, ``dot``) draws it. Whatever both writers must agree on is
settled here: sizes, colours, how a corner is rounded, and which characters may be shown at all.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from resdsl.diagnostics import visible

Point = tuple[float, float]
Stroke = Literal["solid", "dashed", "dotted"]
Anchor = Literal["start", "middle", "end"]

ARROW_LENGTH = 6.0
_ARROW_SLOPE = 0.35  # half of its width by its length, as of Graphviz's arrow "normal"
CORNER = 7.0


@dataclass(frozen=True)
class Text:
    """One line of text; ``y`` is the middle of its capitals, ``anchor`` says which end of the line is at ``x``."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    bold: bool = False
    anchor: Anchor = "middle"


@dataclass(frozen=True)
class Box:
    """A rectangle with rounded corners and the texts inside it; a circle if ``radius`` is half of its width.

    ``key`` names it within its scene. ``stack`` > 0 draws a second card behind it, moved right and down by that much.
    """

    key: str
    x: float
    y: float
    width: float
    height: float
    fill: str
    stroke: str
    radius: float = 4.0
    stack: float = 0.0
    texts: tuple[Text, ...] = ()
    tip: str = ""


@dataclass(frozen=True)
class Arc:
    """A line from the box ``tail`` to the box ``head``: an orthogonal polyline whose corners the writers round."""

    tail: str
    head: str
    points: tuple[Point, ...]
    colour: str
    width: float = 1.0
    stroke: Stroke = "solid"
    arrow: bool = True
    tip: str = ""
    head_length: float = ARROW_LENGTH


@dataclass(frozen=True)
class Bar:
    """A horizontal bar filled from the left; ``part`` is the filled fraction, 0 to 1."""

    x: float
    y: float
    width: float
    height: float
    part: float
    fill: str
    track: str
    tip: str = ""

    @property
    def filled(self) -> float:
        """Width of the filled part in points; what is not zero can be seen."""
        return max(self.width * self.part, 0.8) if self.part > 0 else 0.0


Item = Box | Arc | Text | Bar


def moved(item: Item, right: float, prefix: str) -> Item:
    """An item further right, with a prefix to its keys: as a part of a larger scene."""
    match item:
        case Arc():
            points = tuple((x + right, y) for x, y in item.points)
            return replace(item, tail=prefix + item.tail, head=prefix + item.head, points=points)
        case Box():
            texts = tuple(replace(text, x=text.x + right) for text in item.texts)
            return replace(item, key=prefix + item.key, x=item.x + right, texts=texts)
        case _:
            return replace(item, x=item.x + right)


@dataclass(frozen=True)
class Scene:
    """A figure: its size in points, what it is called, what it shows in words, and its items in drawing order."""

    width: float
    height: float
    title: str
    desc: str
    page: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Theme:
    """Colours. ``fills`` and ``strokes`` go by stage, ``plain`` and ``plain_stroke`` are for stem and head."""

    ink: str
    muted: str
    page: str
    line: str
    plain: str
    plain_stroke: str
    track: str
    fills: tuple[str, ...]
    strokes: tuple[str, ...]

    def fill(self, stage: int | None) -> str:
        """The fill of a stage's cards; the cycle starts again after the last colour."""
        return self.plain if stage is None else self.fills[stage % len(self.fills)]

    def stroke(self, stage: int | None) -> str:
        """The outline of a stage's cards and the colour of its shortcuts."""
        return self.plain_stroke if stage is None else self.strokes[stage % len(self.strokes)]

    def colours(self) -> tuple[str, ...]:
        """Every colour, in an order that all themes share."""
        single = (self.ink, self.muted, self.page, self.line, self.plain, self.plain_stroke, self.track)
        return (*single, *self.fills, *self.strokes)


# Stage colours maximise the smallest colour distance over normal, protan, deutan and tritan vision.
LIGHT = Theme(
    ink="#1F2328",
    muted="#59636E",
    page="#FFFFFF",
    line="#59636E",
    plain="#E8EAED",
    plain_stroke="#6E7781",
    track="#E8EAED",
    fills=("#7DBCFC", "#C1EBE3", "#FFEAA1", "#ED9F93"),
    strokes=("#0B5CAD", "#0F7A66", "#8A6A00", "#A8322A"),
)
DARK = Theme(
    ink="#F0F6FC",
    muted="#9198A1",
    page="#0D1117",
    line="#9198A1",
    plain="#2A313A",
    plain_stroke="#848D97",
    track="#2A313A",
    fills=("#323D58", "#116958", "#5E4908", "#5A191F"),
    strokes=("#8DB4FF", "#4FE0C2", "#F0CC5B", "#FF9C90"),
)

_CHANGING = re.compile("[\u2800\ufe00-\ufe0f]")  # shows nothing, or changes how its neighbour shows


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """The text as a figure may show it: controls, bidi marks and invisible characters become U+FFFD."""
    if text.isascii() and text.isprintable():
        return text
    shown = ["\ufffd" if not character.isprintable() else character for character in _spaces(visible(text))]
    return _CHANGING.sub("\ufffd", "".join(shown))


def _spaces(text: str) -> str:
    """The text with every kind of blank that has a width (no-break, thin, ideographic) as a plain space."""
    return "".join(" " if unicodedata.category(character) == "Zs" else character for character in text)


@lru_cache(maxsize=4096)
def number(value: float) -> str:
    """A coordinate with at most two decimals, always in the same format: "12", "12.5", never "-0" or "1e-7"."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


Step = tuple[Point] | tuple[Point, Point, Point]
"""A piece of a curve after its start: a straight line to a point, or a cubic with two controls and its end."""


def curve(arc: Arc) -> tuple[Point, tuple[Step, ...]]:
    """The arc as start and steps: every corner rounded, and ended short of the tip where an arrow head takes over."""
    points = list(arc.points)
    if arc.arrow:
        points[-1] = _towards(points[-1], points[-2], arc.head_length)
    steps: list[Step] = []
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(CORNER, _distance(before, corner) / 2, _distance(corner, after) / 2)
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        steps.append((start,))
        steps.append((_towards(start, corner, radius * 0.55), _towards(end, corner, radius * 0.55), end))
    steps.append((points[-1],))
    return points[0], tuple(steps)


def arrow_head(arc: Arc) -> tuple[Point, Point, Point]:
    """The corners of an arc's arrow head, the tip first."""
    tip = arc.points[-1]
    base = _towards(tip, arc.points[-2], arc.head_length)
    across = ((tip[1] - base[1]) * _ARROW_SLOPE, (base[0] - tip[0]) * _ARROW_SLOPE)
    return tip, (base[0] + across[0], base[1] + across[1]), (base[0] - across[0], base[1] - across[1])


def _distance(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])  # along an axis, as every segment runs


def _towards(a: Point, b: Point, length: float) -> Point:
    """The point ``length`` away from ``a`` on the way to ``b``."""
    whole = _distance(a, b)
    return a if whole == 0 else (a[0] + (b[0] - a[0]) * length / whole, a[1] + (b[1] - a[1]) * length / whole)
