"""The cards of an overview with their shortcuts, and the lines that lead from card to card and from row to row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from resdsl.analyze.handed import Handed
from resdsl.analyze.outline import Shortcut
from resdsl.emit.picture.captions import SHORTCUT_NAMES, Caption
from resdsl.emit.picture.legend import CIRCLE, DOT, STROKES, circle
from resdsl.emit.picture.scene import Arc, Bar, Box, Point, Text, Theme, clean

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
NAME, LABEL = 10.5, 9.0  # font sizes
NAME_LINE, LABEL_LINE = 13.0, 11.5


@dataclass(frozen=True)
class Port:
    """Where the flow goes on: from ``start`` on a box, to another row by way of ``around``."""

    key: str
    start: Point
    around: tuple[Point, ...]


@dataclass
class Drawing:
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
    port: Port | None = None

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


def lanes_of(values: Sequence[Handed]) -> dict[Handed, int]:
    """The lane right of the cards in which a value is handed down: two that pass the same row have different ones."""
    lanes: dict[Handed, int] = {}
    for value in sorted(values, key=lambda value: (value.target - value.source, value.source, value.block)):
        taken = {lane for other, lane in lanes.items() if other.source <= value.target and value.source <= other.target}
        lanes[value] = next(lane for lane in range(len(values)) if lane not in taken)
    return lanes


def card_line(drawing: Drawing, key: str, cells: Sequence[Caption], top: float, height: float) -> None:
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
        drawing.port = Port(end_key, (end, middle), around)


def _card(drawing: Drawing, key: str, cell: Caption, x: float, top: float, height: float) -> Box:
    """The card of one caption, a second one behind it if there are several, and its xN above."""
    theme, texts = drawing.theme, []
    y = top + (height - card_height(cell)) / 2 + PAD
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


def card_height(cell: Caption) -> float:
    return len(cell.title) * NAME_LINE + len(cell.body) * LABEL_LINE + 2 * PAD


def _shortcut(drawing: Drawing, card: Box, cell: Caption, middle: float) -> tuple[float, str]:
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


def tap(drawing: Drawing, index: int) -> None:
    """A dot right of the last card of a row, from where its value is handed on."""
    assert drawing.port is not None
    key, (x, y) = drawing.port.key, drawing.port.start
    dot = _dot(drawing, f"row{index}_tap", x + TURN, y)
    drawing.arcs.append(Arc(key, dot, ((x, y), (x + TURN - DOT, y)), drawing.theme.line, arrow=False))
    drawing.taps[index] = dot, (x + TURN, y)
    _, lane = drawing.port.around[1]
    drawing.port = Port(dot, (x + TURN, y + DOT), ((x + TURN, lane), (drawing.channel, lane)))


def hand(drawing: Drawing, value: Handed, card: str, column: int, place: int, top: float) -> None:
    """The line that hands a value down its lane and into the top of a card."""
    dot, (x, y) = drawing.taps[value.source]
    into = drawing.left + LEAD + FORK + column * (FORK + CARD + MERGE + GAP) + 26 + 12 * place
    height = top - drawing.loop - SKIP * (place + 1) + 3
    lane = drawing.lanes[value]
    points = ((x + DOT, y), (lane, y), (lane, height), (into, height), (into, top))
    tip = f"{clean(value.name)} is read here too"
    drawing.arcs.append(Arc(dot, card, points, drawing.theme.muted, 1.2, tip=tip))


def _dot(drawing: Drawing, key: str, x: float, y: float) -> str:
    colour = drawing.theme.line
    drawing.boxes.append(Box(key, x - DOT, y - DOT, 2 * DOT, 2 * DOT, colour, colour, radius=DOT))
    return key


def _circle(drawing: Drawing, key: str, shortcut: Shortcut, x: float, y: float, stroke: str) -> str:
    drawing.boxes.append(circle(key, "C" if shortcut == "concatenation" else "+", x, y, stroke, drawing.theme))
    return key
