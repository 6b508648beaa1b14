"""The overview of a model: a row a stage, repeats folded into stacked cards, every shortcut an arc over its block.

The reading order is that of text: cards run from left to right, and one line leads from the end of a row to the
beginning of the next. A dot is where a shortcut leaves, a circle where it comes back: + adds, C concatenates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from resdsl.analyze.outline import Outline, Row, Shortcut
from resdsl.emit.picture.captions import (
    SHORTCUT_NAMES,
    Caption,
    amount,
    captions,
    describe,
    shape_lines,
    shape_text,
    summary,
)
from resdsl.emit.picture.lettering import fit, measure
from resdsl.emit.picture.scene import Arc, Bar, Box, Point, Scene, Stroke, Text, Theme, clean

# Sizes in points. Two columns of cards make a figure 718 wide: scaled to the 482 points between the margins of an
# A4 page, its smallest letters are still 6 points high.
MARGIN = 16.0
SIZES = 86.0  # the column of output sizes
CHANNEL = 6.0  # from that column to the line that comes down from the row above
LEAD = 22.0  # from that column to the first dot
FORK = 16.0  # from the dot to the card
CARD = 160.0
PAD = 6.0  # between a card's edge and its text
MERGE = 17.0  # from the card to the middle of the circle
GAP = 20.0  # from the middle of the circle to the next dot
TURN = 10.0  # from the end of a row to where its line turns
STACK = 4.0
LANE = 11.0  # from the bottom of a card to the line that leads to the next row
AIR = 7.0  # from that line to the arcs of the next row
LOOP = 17.0  # from the top of an arc to its card; the xN stands in between
DOT, CIRCLE = 1.7, 6.0  # radii
BAR, BAR_HEIGHT, BAR_GAP = 64.0, 9.0, 14.0
TITLE, HEADING, NAME, LABEL = 16.0, 10.0, 10.5, 9.0  # font sizes
NAME_LINE, LABEL_LINE = 13.0, 11.5
COLUMNS = 2

_STROKES: dict[Shortcut, Stroke] = {
    "none": "solid",
    "identity": "solid",
    "projection": "dashed",
    "padding": "dotted",
    "concatenation": "solid",
}


def overview(outline: Outline, theme: Theme) -> Scene:
    """The overview figure: the outline's rows with params and MACs beside them, and below what its arcs mean."""
    room = CARD - 2 * PAD
    rows = [captions(row.name, row.cards, room=room, name_size=NAME, label_size=LABEL) for row in outline.rows]
    cells = [cell for row in rows for cell in row]
    columns = max((min(len(row), COLUMNS) for row in rows), default=1)
    bars = MARGIN + SIZES + LEAD + columns * (FORK + CARD + MERGE + GAP) + TURN
    loop = LOOP if any(cell.shortcut != "none" or cell.count > 1 for cell in cells) else AIR
    drawing = _Drawing(theme, columns, bars=bars, width=bars + 2 * BAR + BAR_GAP + MARGIN, loop=loop)
    y = _heading(drawing, outline)
    most = (max((row.params for row in outline.rows), default=0), max((row.macs for row in outline.rows), default=0))
    for index, (row, row_cells) in enumerate(zip(outline.rows, rows, strict=True)):
        top = y + (drawing.between if index else AIR + loop)
        y = _row(drawing, index, row, row_cells, top, most)
    y = _legend(drawing, [kind for kind in _STROKES if any(cell.shortcut == kind for cell in cells)], y + STACK)
    items = (*drawing.arcs, *drawing.boxes, *drawing.bars_and_texts)
    size = (drawing.width, float(ceil(y + MARGIN)))
    return Scene(*size, clean(outline.title), describe(outline, rows), theme.page, items)


@dataclass(frozen=True)
class _Port:
    """Where the flow goes on: from ``start`` on a box, to another row by way of ``around``."""

    key: str
    start: Point
    around: tuple[Point, ...]


@dataclass
class _Drawing:
    """The scene while it grows."""

    theme: Theme
    columns: int
    bars: float
    width: float
    loop: float
    arcs: list[Arc] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    bars_and_texts: list[Bar | Text] = field(default_factory=list)
    port: _Port | None = None

    left = MARGIN + SIZES
    channel = MARGIN + SIZES + CHANNEL

    @property
    def between(self) -> float:
        """From the bottom of a line of cards to the top of the next."""
        return LANE + AIR + self.loop

    def text(self, x: float, y: float, text: str, size: float, colour: str) -> None:
        self.bars_and_texts.append(Text(x, y, text, size, colour, anchor="start"))

    def flow(self, key: str, point: Point, *, arrow: bool) -> None:
        """The flow line from the last port to a box of the same line, or around to one of the next."""
        if self.port is None:
            return
        around = self.port.start[1] != point[1]
        way = (*self.port.around, (self.channel, point[1])) if around else ()
        points = (self.port.start, *way, point)
        self.arcs.append(Arc(self.port.key, key, points, self.theme.line, arrow=arrow))


def _heading(drawing: _Drawing, outline: Outline) -> float:
    """Title, totals, source, the heads of the columns and the input; returns where the first row's air begins."""
    theme, right = drawing.theme, drawing.width - MARGIN
    room = 0.95 * (right - MARGIN)  # fonts hinted for a screen are up to 6 % wider than they measure
    totals = fit(summary(outline), room, size=HEADING, bold=False)
    size = min(TITLE, max(TITLE * room / max(measure(clean(outline.title), size=TITLE, bold=True), 1), NAME))
    title = fit(clean(outline.title), room, size=size, bold=True)
    used = measure(title, size=size, bold=True) + measure(totals, size=HEADING, bold=False)
    y = MARGIN + TITLE / 2
    drawing.bars_and_texts.append(Text(MARGIN, y, title, size, theme.ink, bold=True, anchor="start"))
    if used + MARGIN <= room:
        drawing.bars_and_texts.append(Text(right, y, totals, HEADING, theme.muted, anchor="end"))
    else:
        y += 18
        drawing.text(MARGIN, y, totals, HEADING, theme.muted)
    if outline.subtitle:
        y += 16
        subtitle = fit(clean(outline.subtitle), room, size=HEADING, bold=False)
        drawing.text(MARGIN, y, subtitle, HEADING, theme.muted)
    y += 28
    drawing.text(MARGIN, y, "output size", LABEL, theme.muted)
    drawing.text(drawing.bars, y, "params", LABEL, theme.muted)
    drawing.text(drawing.bars + BAR + BAR_GAP, y, "MACs", LABEL, theme.muted)
    return _input(drawing, outline, y)


def _input(drawing: _Drawing, outline: Outline, y: float) -> float:
    """The box that the flow starts from; returns its bottom."""
    label = fit(f"input {shape_text(outline.input)}", CARD - 2 * PAD, size=LABEL, bold=False)
    width, height = measure(label, size=LABEL, bold=False) + 2 * PAD + 4, LABEL + 8
    x = drawing.left + LEAD + FORK
    text = Text(x + width / 2, y, label, LABEL, drawing.theme.ink)
    box = Box("input", x, y - height / 2, width, height, drawing.theme.page, drawing.theme.plain_stroke, texts=(text,))
    drawing.boxes.append(box)
    drawing.port = _Port("input", (x, y), ((drawing.channel, y),))
    return y + height / 2


def _row(drawing: _Drawing, index: int, row: Row, cells: Sequence[Caption], y: float, most: tuple[int, int]) -> float:
    """One row from ``y`` down; returns its bottom. ``most`` are the params and MACs that fill a bar."""
    lines = [cells[start : start + drawing.columns] for start in range(0, len(cells), drawing.columns)]
    heights = [max(_card_height(cell) for cell in line) for line in lines]
    block = sum(heights) + drawing.between * max(len(lines) - 1, 0)
    height = max(block, _sizes(drawing, row, None), BAR_HEIGHT + LABEL_LINE)
    middle = y + height / 2
    _sizes(drawing, row, middle)
    _bars(drawing, row, middle, most)
    top = middle - block / 2
    for number, (line, line_height) in enumerate(zip(lines, heights, strict=True)):
        _line(drawing, f"row{index}_{number * drawing.columns}", line, top, line_height)
        top += line_height + drawing.between
    return y + height


def _sizes(drawing: _Drawing, row: Row, middle: float | None) -> float:
    """The row's name and output sizes around the height ``middle``, if one is given; returns how tall they are."""
    lines = shape_lines(row, room=SIZES - CHANNEL, name_size=NAME, label_size=LABEL)
    height = sum(NAME_LINE if bold else LABEL_LINE for _, bold in lines)
    if middle is not None:
        y = middle - height / 2
        for text, bold in lines:
            step, size = (NAME_LINE, NAME) if bold else (LABEL_LINE, LABEL)
            colour = drawing.theme.ink if bold else drawing.theme.muted
            drawing.bars_and_texts.append(Text(MARGIN, y + step / 2, text, size, colour, bold=bold, anchor="start"))
            y += step
    return height


def _bars(drawing: _Drawing, row: Row, middle: float, most: tuple[int, int]) -> None:
    """Params and MACs as bars over their numbers; equal lengths are equal amounts within one column."""
    theme = drawing.theme
    columns = ((row.params, most[0], theme.strokes[0], "params"), (row.macs, most[1], theme.strokes[3], "MACs"))
    y = middle - (BAR_HEIGHT + LABEL_LINE) / 2
    for index, (value, whole, colour, unit) in enumerate(columns):
        x = drawing.bars + index * (BAR + BAR_GAP)
        part = value / whole if whole else 0.0
        tip = f"{clean(row.name)}: {value:,} {unit}"
        drawing.bars_and_texts.append(Bar(x, y, BAR, BAR_HEIGHT, part, colour, theme.track, tip))
        drawing.text(x, y + BAR_HEIGHT + LABEL_LINE / 2 + 1, amount(value, giga=unit == "MACs"), LABEL, theme.ink)


def _card_height(cell: Caption) -> float:
    return len(cell.title) * NAME_LINE + len(cell.body) * LABEL_LINE + 2 * PAD


def _line(drawing: _Drawing, key: str, cells: Sequence[Caption], top: float, height: float) -> None:
    """Cards side by side, all ``height`` tall, with their arcs, and the flow line through them."""
    middle = top + height / 2
    for index, cell in enumerate(cells):
        x = drawing.left + LEAD + FORK + index * (FORK + CARD + MERGE + GAP)
        card = _card(drawing, f"{key}_{index}", cell, x, top, height)
        if cell.shortcut == "none":
            drawing.flow(card.key, (x, middle), arrow=True)
            end, end_key = x + CARD + card.stack, card.key
        else:
            end, end_key = _shortcut(drawing, card, cell, middle)
        turn, lane = end + TURN, top + height + LANE
        around = ((turn, middle), (turn, lane), (drawing.channel, lane))
        drawing.port = _Port(end_key, (end, middle), around)


def _card(drawing: _Drawing, key: str, cell: Caption, x: float, top: float, height: float) -> Box:
    """The card of one caption, a second one behind it if there are several, and its xN above."""
    theme, texts = drawing.theme, []
    y = top + (height - _card_height(cell)) / 2 + PAD
    for title in cell.title:
        texts.append(Text(x + CARD / 2, y + NAME_LINE / 2, title, NAME, theme.ink, bold=True))
        y += NAME_LINE
    for label in cell.body:
        texts.append(Text(x + CARD / 2, y + LABEL_LINE / 2, label, LABEL, theme.ink))
        y += LABEL_LINE
    paint = (theme.fill(cell.stage), theme.stroke(cell.stage))
    stack = STACK if cell.count > 1 else 0.0
    box = Box(key, x, top, CARD, height, *paint, stack=stack, texts=tuple(texts), tip=cell.tip)
    drawing.boxes.append(box)
    if cell.count > 1 and not cell.folded:
        times = Text(x + CARD - 1, top - LOOP / 2 + 1, f"×{cell.count}", NAME, theme.ink, bold=True, anchor="end")
        drawing.bars_and_texts.append(times)
    return box


def _shortcut(drawing: _Drawing, card: Box, cell: Caption, middle: float) -> tuple[float, str]:
    """Dot, arc and circle around a card; returns the right end of the circle and its key."""
    fork = _dot(drawing, f"{card.key}_fork", card.x - FORK, middle)
    circle = card.x + CARD + MERGE
    merge = _circle(drawing, f"{card.key}_merge", cell.shortcut, circle, middle, card.stroke)
    drawing.flow(fork, (card.x - FORK - DOT, middle), arrow=False)
    line = drawing.theme.line
    drawing.arcs.append(Arc(fork, card.key, ((card.x - FORK + DOT, middle), (card.x, middle)), line))
    out = ((card.x + CARD + card.stack, middle), (circle - CIRCLE, middle))
    drawing.arcs.append(Arc(card.key, merge, out, line, arrow=False))
    top = card.y - LOOP
    points = (
        (card.x - FORK, middle - DOT),
        (card.x - FORK, top),
        (circle, top),
        (circle, middle - CIRCLE),
    )
    tip = SHORTCUT_NAMES[cell.shortcut]
    drawing.arcs.append(Arc(fork, merge, points, card.stroke, 1.5, _STROKES[cell.shortcut], tip=tip))
    return circle + CIRCLE, merge


def _dot(drawing: _Drawing, key: str, x: float, y: float) -> str:
    colour = drawing.theme.line
    drawing.boxes.append(Box(key, x - DOT, y - DOT, 2 * DOT, 2 * DOT, colour, colour, radius=DOT))
    return key


def _circle(drawing: _Drawing, key: str, shortcut: Shortcut, x: float, y: float, stroke: str) -> str:
    sign = "C" if shortcut == "concatenation" else "+"
    size = LABEL if sign == "C" else NAME
    text = Text(x, y, sign, size, drawing.theme.ink, bold=True)
    side = 2 * CIRCLE
    box = Box(key, x - CIRCLE, y - CIRCLE, side, side, drawing.theme.page, stroke, radius=CIRCLE, texts=(text,))
    drawing.boxes.append(box)
    return key


def _legend(drawing: _Drawing, kinds: Sequence[Shortcut], y: float) -> float:
    """What the strokes of the arcs mean, as far as they occur; returns the bottom."""
    theme, sample = drawing.theme, 34.0
    x, shown = MARGIN, [kind for kind in kinds if kind != "none"]
    y += 22 if shown else 0
    for kind in shown:
        label = SHORTCUT_NAMES[kind]
        width = sample + CIRCLE + 5 + measure(label, size=LABEL, bold=False)
        if x + width > drawing.width - MARGIN:
            x, y = MARGIN, y + 18
        fork = _dot(drawing, f"legend_{kind}_fork", x + DOT, y)
        merge = _circle(drawing, f"legend_{kind}_merge", kind, x + sample, y, theme.muted)
        points = ((x + 2 * DOT, y), (x + sample - CIRCLE, y))
        drawing.arcs.append(Arc(fork, merge, points, theme.muted, 1.5, _STROKES[kind]))
        drawing.text(x + sample + CIRCLE + 5, y, label, LABEL, theme.muted)
        x += width + 22
    return y
