"""The overview of a model: a row a stage, repeats folded into stacked cards, every shortcut an arc over its block.

The reading order is that of text: cards run from left to right, and one line leads from the end of a row to the
beginning of the next. A dot is where a shortcut leaves, a circle where it comes back: + adds, C concatenates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from resdsl.analyze.handed import Handed
from resdsl.analyze.outline import Outline, Row, Shortcut
from resdsl.emit.picture.captions import (
    SHORTCUT_NAMES,
    Caption,
    amount,
    captions,
    describe,
    placed,
    shape_lines,
    shape_text,
    summary,
)
from resdsl.emit.picture.legend import CIRCLE, DOT, STROKES, circle, legend
from resdsl.emit.picture.lettering import fit, measure
from resdsl.emit.picture.scene import Arc, Bar, Box, Item, Point, Scene, Text, Theme, clean, moved

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
SKIP = 9.0  # between lines that hand values to later rows
BAR, BAR_HEIGHT, BAR_GAP = 64.0, 9.0, 14.0
TITLE, HEADING, NAME, LABEL = 16.0, 10.0, 10.5, 9.0  # font sizes
NAME_LINE, LABEL_LINE = 13.0, 11.5
COLUMNS = 2


def overview(outlines: Sequence[Outline], theme: Theme) -> Scene:
    """The overview figure: rows with params and MACs beside them, and below what the arcs mean.

    Several models stand side by side, one column of cards each, on one scale; models of as many rows have them at one
    height.
    """
    columns = COLUMNS if len(outlines) == 1 else 1
    rows = [row for outline in outlines for row in outline.rows]
    most = max((row.params for row in rows), default=0), max((row.macs for row in rows), default=0)
    drawn = [_model(outline, theme, columns, most) for outline in outlines]
    if len({len(outline.rows) for outline in outlines}) == 1 and len(outlines) > 1:
        ends = [max(ends) for ends in zip(*(drawing.ends for drawing in drawn), strict=True)]
        begins = [max(begins) for begins in zip(*(drawing.begins for drawing in drawn), strict=True)]
        lengths = [end - begin for begin, end in zip(begins, ends, strict=True)]
        head = max(drawing.head for drawing in drawn)
        drawn = [_model(outline, theme, columns, most, lengths, head) for outline in outlines]
    items: list[Item] = []
    x = 0.0
    for index, drawing in enumerate(drawn):
        part = (*drawing.arcs, *drawing.boxes, *drawing.bars_and_texts)
        items += [moved(item, x, f"model{index}_" if len(drawn) > 1 else "") for item in part]
        x += drawing.width
    bottom = max(drawing.ends[-1] for drawing in drawn) + STACK
    kinds = [cell.shortcut for drawing in drawn for row in drawing.cells for cell in row]
    hands = any(outline.handed for outline in outlines)
    samples, y = legend(kinds, x=MARGIN, right=x - MARGIN, y=bottom + 22, theme=theme, handed=hands)
    items = [item for kind in (Arc, Box, (Bar, Text)) for item in (*items, *samples) if isinstance(item, kind)]
    title = ", ".join(clean(outline.title) for outline in outlines)
    desc = " ".join(describe(outline, drawing.cells) for outline, drawing in zip(outlines, drawn, strict=True))
    height = float(ceil((y if samples else bottom) + MARGIN))
    return Scene(x, height, title, desc, theme.page, tuple(items))


def _model(
    outline: Outline,
    theme: Theme,
    columns: int,
    most: tuple[int, int],
    lengths: Sequence[float] = (),
    head: float = 0.0,
) -> _Drawing:
    """One model in at most so many columns of cards; ``most`` are the params and MACs that fill a bar.

    ``lengths`` and ``head`` say how tall its rows and its heading are at least: heading first.
    """
    room = CARD - 2 * PAD
    rows = [captions(row.name, row.cards, room=room, name_size=NAME, label_size=LABEL) for row in outline.rows]
    cells = [cell for row in rows for cell in row]
    columns = max((min(len(row), columns) for row in rows), default=1)
    lanes = _lanes(outline.handed)
    cards = MARGIN + SIZES + LEAD + columns * (FORK + CARD + MERGE + GAP) + TURN
    bars = cards + (8 + SKIP * (max(lanes.values()) + 1) if lanes else 0)
    loop = LOOP if any(cell.shortcut != "none" or cell.count > 1 for cell in cells) else AIR
    drawing = _Drawing(theme, columns, bars=bars, width=bars + 2 * BAR + BAR_GAP + MARGIN, loop=loop, cells=rows)
    drawing.lanes = {value: cards + 4 + SKIP * lane for value, lane in lanes.items()}
    y = _heading(drawing, outline, head)
    drawing.begins, drawing.ends = [y], [y]
    for index, (row, row_cells) in enumerate(zip(outline.rows, rows, strict=True)):
        top = y + (drawing.between if index else AIR + loop)
        y = _row(drawing, index, row, row_cells, top, most, lengths[index + 1] if lengths else 0.0)
        drawing.begins.append(top)
        drawing.ends.append(y)
    return drawing


def _lanes(values: Sequence[Handed]) -> dict[Handed, int]:
    """The lane right of the cards in which a value is handed down: two that pass the same row have different ones."""
    lanes: dict[Handed, int] = {}
    for value in sorted(values, key=lambda value: (value.target - value.source, value.source, value.block)):
        taken = {lane for other, lane in lanes.items() if other.source <= value.target and value.source <= other.target}
        lanes[value] = next(lane for lane in range(len(values)) if lane not in taken)
    return lanes


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
    cells: Sequence[Sequence[Caption]]
    lanes: dict[Handed, float] = field(default_factory=dict)  # the x of each value that is handed on
    head: float = 0.0  # y of the last line of the heading
    begins: list[float] = field(default_factory=list)  # y where each row begins; the heading is the first
    ends: list[float] = field(default_factory=list)
    taps: dict[int, tuple[str, Point]] = field(default_factory=dict)  # where the value of a row is taken
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
        around = abs(self.port.start[1] - point[1]) > 2 * DOT
        way = (*self.port.around, (self.channel, point[1])) if around else ()
        points = (self.port.start, *way, point)
        self.arcs.append(Arc(self.port.key, key, points, self.theme.line, arrow=arrow))


def _heading(drawing: _Drawing, outline: Outline, least: float) -> float:
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
    drawing.head = max(y, least)
    y = drawing.head + 28
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


def _row(
    drawing: _Drawing,
    index: int,
    row: Row,
    cells: Sequence[Caption],
    y: float,
    most: tuple[int, int],
    length: float,
) -> float:
    """One row from ``y`` down, at least ``length`` long; returns its bottom."""
    values = {value: placed(cells, value.block) for value in drawing.lanes if value.target == index}
    if any(value.instead for value in values):
        drawing.port = None
    lines = [cells[start : start + drawing.columns] for start in range(0, len(cells), drawing.columns)]
    heights = [max(_card_height(cell) for cell in line) for line in lines]
    entering = [
        [value for value, place in values.items() if place // drawing.columns == number] for number in range(len(lines))
    ]
    rooms = [SKIP * len(entries) for entries in entering]
    block = sum(heights) + drawing.between * max(len(lines) - 1, 0) + sum(rooms)
    height = max(block, _sizes(drawing, row, None), BAR_HEIGHT + LABEL_LINE, length)
    middle = y + height / 2
    _sizes(drawing, row, middle)
    _bars(drawing, row, middle, most)
    top = middle - block / 2
    for number, (line, line_height) in enumerate(zip(lines, heights, strict=True)):
        top += rooms[number]
        _line(drawing, f"row{index}_{number * drawing.columns}", line, top, line_height)
        for place, value in enumerate(entering[number]):
            card = f"row{index}_{number * drawing.columns}_{values[value] % drawing.columns}"
            _hand(drawing, value, card, values[value] % drawing.columns, place, top)
        top += line_height + drawing.between
    if cells and any(value.source == index for value in drawing.lanes):
        _tap(drawing, index)
    return y + height


def _tap(drawing: _Drawing, index: int) -> None:
    """A dot right of the last card of a row, from where its value is handed on."""
    assert drawing.port is not None
    key, (x, y) = drawing.port.key, drawing.port.start
    tap = _dot(drawing, f"row{index}_tap", x + TURN, y)
    drawing.arcs.append(Arc(key, tap, ((x, y), (x + TURN - DOT, y)), drawing.theme.line, arrow=False))
    drawing.taps[index] = tap, (x + TURN, y)
    _, lane = drawing.port.around[1]
    drawing.port = _Port(tap, (x + TURN, y + DOT), ((x + TURN, lane), (drawing.channel, lane)))


def _hand(drawing: _Drawing, value: Handed, card: str, column: int, place: int, top: float) -> None:
    """The line that hands a value down its lane and into the top of a card."""
    tap, (x, y) = drawing.taps[value.source]
    into = drawing.left + LEAD + FORK + column * (FORK + CARD + MERGE + GAP) + 26 + 12 * place
    height = top - drawing.loop - SKIP * (place + 1) + 3
    lane = drawing.lanes[value]
    points = ((x + DOT, y), (lane, y), (lane, height), (into, height), (into, top))
    tip = f"{clean(value.name)} is read here too"
    drawing.arcs.append(Arc(tap, card, points, drawing.theme.muted, 1.2, tip=tip))


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
    drawing.arcs.append(Arc(fork, merge, points, card.stroke, 1.5, STROKES[cell.shortcut], tip=tip))
    return circle + CIRCLE, merge


def _dot(drawing: _Drawing, key: str, x: float, y: float) -> str:
    colour = drawing.theme.line
    drawing.boxes.append(Box(key, x - DOT, y - DOT, 2 * DOT, 2 * DOT, colour, colour, radius=DOT))
    return key


def _circle(drawing: _Drawing, key: str, shortcut: Shortcut, x: float, y: float, stroke: str) -> str:
    drawing.boxes.append(circle(key, "C" if shortcut == "concatenation" else "+", x, y, stroke, drawing.theme))
    return key
