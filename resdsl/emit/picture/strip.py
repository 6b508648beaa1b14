"""The overview from left to right, for slides: all cards in one line, their sections named above, their cost below."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from resdsl.analyze.outline import Outline, Row
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
from resdsl.emit.picture.cards import lanes_of
from resdsl.emit.picture.legend import CIRCLE, DOT, STROKES, circle, legend
from resdsl.emit.picture.lettering import fit, measure
from resdsl.emit.picture.scene import Arc, Bar, Box, Item, Scene, Text, Theme, clean

# Sizes in points.
MARGIN = 16.0
CARD, PAD = 98.0, 5.0
FORK, MERGE, GAP = 11.0, 13.0, 13.0  # dot to card, card to circle, circle to the next dot
STACK, LOOP = 4.0, 17.0
TITLE, HEADING, NAME, LABEL = 16.0, 10.0, 10.0, 9.0  # font sizes
NAME_LINE, LABEL_LINE = 12.5, 11.5
BAR, BAR_HEIGHT = 64.0, 7.0
LANE = 9.0  # between values handed on below the cards
BETWEEN = 22.0  # models


def strip(outlines: Sequence[Outline], theme: Theme) -> Scene:
    """The overviews under one another, each one line of cards."""
    rows = [row for outline in outlines for row in outline.rows]
    most = max((row.params for row in rows), default=0), max((row.macs for row in rows), default=0)
    drawn: list[_Strip] = []
    y = MARGIN
    for index, outline in enumerate(outlines):
        drawn.append(_Strip(f"model{index}_" if len(outlines) > 1 else "", outline, theme, y, most))
        y = drawn[-1].bottom + BETWEEN
    width = max(one.right for one in drawn) + MARGIN
    kinds = [cell.shortcut for one in drawn for row in one.cells for cell in row]
    handed = any(outline.handed for outline in outlines)
    samples, last = legend(kinds, x=MARGIN, right=width - MARGIN, y=y, theme=theme, handed=handed)
    found = [item for one in drawn for item in one.items] + samples
    items = [item for kind in (Arc, Box, (Bar, Text)) for item in found if isinstance(item, kind)]
    height = float(ceil((last if samples else y - BETWEEN) + MARGIN))
    title = ", ".join(clean(outline.title) for outline in outlines)
    desc = " ".join(describe(one.outline, one.cells) for one in drawn)
    return Scene(width, height, title, desc, theme.page, tuple(items))


class _Strip:
    """One model from the height ``y`` down."""

    def __init__(self, key: str, outline: Outline, theme: Theme, y: float, most: tuple[int, int]) -> None:
        self.key, self.outline, self.theme, self.most = key, outline, theme, most
        self.items: list[Item] = []
        room = CARD - 2 * PAD
        self.cells = [
            captions(row.name, row.cards, room=room, name_size=NAME, label_size=LABEL) for row in outline.rows
        ]
        heads = [shape_lines(row, room=CARD, name_size=NAME, label_size=LABEL) for row in outline.rows]
        self.right = self._heading(y)
        top = y + TITLE + (LABEL_LINE + 2 if outline.subtitle else 0) + 14
        head = max((sum(NAME_LINE if bold else LABEL_LINE for _, bold in lines) for lines in heads), default=0)
        self.tall = max((_height(cell) for row in self.cells for cell in row), default=LABEL_LINE + 2 * PAD)
        self.top = top + head + LOOP + 8
        self.middle = self.top + self.tall / 2
        lanes = lanes_of(outline.handed)
        below = self.top + self.tall + STACK + LANE * (max(lanes.values(), default=-1) + 1) + 8
        self.end = self._input()
        taps: dict[int, tuple[str, float]] = {}
        self.places: dict[tuple[int, int], float] = {}
        for index, (row, cells, lines) in enumerate(zip(outline.rows, self.cells, heads, strict=True)):
            x = self.end[1] + GAP + FORK
            self._head(x, self.top - LOOP - 8, lines)
            self._bars(x, below, row)
            if any(value.target == index and value.instead for value in outline.handed):
                self.end = "", self.end[1]
            for number, cell in enumerate(cells):
                self._card(f"{key}row{index}_{number}", cell, (index, number))
            if not cells:
                self._dot(f"{key}row{index}_pass", x + CARD)
            if any(value.source == index for value in outline.handed):
                taps[index] = self._tap(index)
        for value, lane in lanes.items():
            self._hand(
                value.target, placed(self.cells[value.target], value.block), taps[value.source], lane, value.name
            )
        self.right = max(self.right, self.end[1], *(self.items_right()))
        self.bottom = below + 2 * (BAR_HEIGHT + LABEL_LINE + 4)

    def items_right(self) -> list[float]:
        """How far the texts and bars that begin under a card reach."""
        ends = [item.x + item.width for item in self.items if isinstance(item, Bar)]
        texts = [item for item in self.items if isinstance(item, Text) and item.anchor == "start"]
        return ends + [text.x + measure(text.text, size=text.size, bold=text.bold) for text in texts]

    def _text(self, x: float, y: float, text: str, size: float, colour: str, *, bold: bool = False) -> None:
        self.items.append(Text(x, y, text, size, colour, bold=bold, anchor="start"))

    def _heading(self, y: float) -> float:
        """Title, totals and source; returns where they end."""
        title = fit(clean(self.outline.title), 500, size=TITLE, bold=True)
        self._text(MARGIN, y + TITLE / 2, title, TITLE, self.theme.ink, bold=True)
        x = MARGIN + measure(title, size=TITLE, bold=True) * 1.06 + 14
        totals = summary(self.outline)
        self._text(x, y + TITLE / 2, totals, HEADING, self.theme.muted)
        right = x + measure(totals, size=HEADING, bold=False)
        if self.outline.subtitle:
            source = fit(clean(self.outline.subtitle), 500, size=HEADING, bold=False)
            self._text(MARGIN, y + TITLE + LABEL_LINE / 2 + 4, source, HEADING, self.theme.muted)
            right = max(right, MARGIN + measure(source, size=HEADING, bold=False))
        return right

    def _input(self) -> tuple[str, float]:
        """The box that the flow starts from: its key and its right end."""
        label = fit(f"input {shape_text(self.outline.input)}", 160, size=LABEL, bold=False)
        width = measure(label, size=LABEL, bold=False) + 2 * PAD + 4
        height = LABEL + 8
        text = Text(MARGIN + width / 2, self.middle, label, LABEL, self.theme.ink)
        self.items.append(
            Box(f"{self.key}input", MARGIN, self.middle - height / 2, width, height, self.theme.page,
                self.theme.plain_stroke, texts=(text,))
        )  # fmt: skip
        return f"{self.key}input", MARGIN + width

    def _head(self, x: float, bottom: float, lines: Sequence[tuple[str, bool]]) -> None:
        """Name, size and channels of a section."""
        y = bottom - sum(NAME_LINE if bold else LABEL_LINE for _, bold in lines)
        for text, bold in lines:
            step, size = (NAME_LINE, NAME) if bold else (LABEL_LINE, LABEL)
            self._text(x, y + step / 2, text, size, self.theme.ink if bold else self.theme.muted, bold=bold)
            y += step

    def _bars(self, x: float, y: float, row: Row) -> None:
        """Params and MACs of a section."""
        columns = ((row.params, self.most[0], 0, "params"), (row.macs, self.most[1], 3, "MACs"))
        for value, whole, colour, unit in columns:
            tip = f"{clean(row.name)}: {value:,} {unit}"
            part = value / whole if whole else 0.0
            self.items.append(Bar(x, y, BAR, BAR_HEIGHT, part, self.theme.strokes[colour], self.theme.track, tip))
            y += BAR_HEIGHT + LABEL_LINE / 2 + 1
            self._text(x, y, f"{amount(value, giga=unit == 'MACs')} {unit}", LABEL, self.theme.ink)
            y += LABEL_LINE / 2 + 3

    def _card(self, key: str, cell: Caption, place: tuple[int, int]) -> None:
        """A card with what runs over it; the flow goes on from its right end."""
        theme, y = self.theme, self.middle
        skips = cell.shortcut != "none"
        x = self.end[1] + GAP + FORK
        self.places[place] = x
        box = self._box(key, cell, x)
        self.items.append(box)
        right = x + CARD + box.stack
        if not skips:
            self._flow(key, x, arrow=True)
            self.end = key, right
            return
        fork, merge = f"{key}_fork", f"{key}_merge"
        self._flow(fork, x - FORK - DOT, arrow=False)
        self.items.append(Box(fork, x - FORK - DOT, y - DOT, 2 * DOT, 2 * DOT, theme.line, theme.line, radius=DOT))
        at = x + CARD + MERGE
        self.items.append(circle(merge, "C" if cell.shortcut == "concatenation" else "+", at, y, box.stroke, theme))
        self.items.append(Arc(fork, key, ((x - FORK + DOT, y), (x, y)), theme.line))
        self.items.append(Arc(key, merge, ((right, y), (at - CIRCLE, y)), theme.line, arrow=False))
        over = self.top - LOOP
        points = ((x - FORK, y - DOT), (x - FORK, over), (at, over), (at, y - CIRCLE))
        tip = SHORTCUT_NAMES[cell.shortcut]
        self.items.append(Arc(fork, merge, points, box.stroke, 1.5, STROKES[cell.shortcut], tip=tip))
        self.end = merge, at + CIRCLE

    def _box(self, key: str, cell: Caption, x: float) -> Box:
        theme, texts = self.theme, []
        y = self.middle - _height(cell) / 2 + PAD
        lines = [(line, NAME, NAME_LINE, True) for line in cell.title]
        lines += [(line, LABEL, LABEL_LINE, False) for line in cell.body]
        for line, size, step, bold in lines:
            texts.append(Text(x + CARD / 2, y + step / 2, line, size, theme.ink, bold=bold))
            y += step
        if cell.count > 1 and not cell.folded:
            times = f"×{cell.count}"
            self.items.append(
                Text(x + CARD - 1, self.top - LOOP / 2 + 1, times, NAME, theme.ink, bold=True, anchor="end")
            )
        stack = STACK if cell.count > 1 else 0.0
        paint = theme.fill(cell.stage), theme.stroke(cell.stage)
        return Box(key, x, self.top, CARD, self.tall, *paint, stack=stack, texts=tuple(texts), tip=cell.tip)

    def _flow(self, key: str, x: float, *, arrow: bool) -> None:
        tail, start = self.end
        if tail:
            self.items.append(Arc(tail, key, ((start, self.middle), (x, self.middle)), self.theme.line, arrow=arrow))

    def _tap(self, index: int) -> tuple[str, float]:
        """A dot after the last card of a section, from where its value is handed on; its key and place."""
        key, x = f"{self.key}row{index}_tap", self.end[1] + 6
        self._dot(key, x)
        return key, x

    def _dot(self, key: str, x: float) -> None:
        """A dot that the flow passes: where a value is handed on, or the end of a section without cards."""
        line = self.theme.line
        self.items.append(Box(key, x - DOT, self.middle - DOT, 2 * DOT, 2 * DOT, line, line, radius=DOT))
        self._flow(key, x - DOT, arrow=False)
        self.end = key, x + DOT

    def _hand(self, row: int, number: int, tap: tuple[str, float], lane: int, name: str) -> None:
        """The line that hands a value on below the cards and into one of them."""
        y = self.top + self.tall + STACK + LANE * (lane + 1)
        into = self.places[row, number] + 24 + 10 * lane % (CARD - 30)
        bottom = self.top + self.tall + (STACK if self.cells[row][number].count > 1 else 0)
        points = ((tap[1], self.middle + DOT), (tap[1], y), (into, y), (into, bottom))
        head = f"{self.key}row{row}_{number}"
        self.items.append(Arc(tap[0], head, points, self.theme.muted, 1.2, tip=f"{clean(name)} is read here too"))


def _height(cell: Caption) -> float:
    return len(cell.title) * NAME_LINE + len(cell.body) * LABEL_LINE + 2 * PAD
