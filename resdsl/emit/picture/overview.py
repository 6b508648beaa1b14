"""The overview of a model: a row a stage, repeats folded into stacked cards, every shortcut an arc over its block.

The reading order is that of text: cards run from left to right, and one line leads from the end of a row to the
beginning of the next. A dot is where a shortcut leaves, a circle where it comes back: + adds, C concatenates.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from resdsl.analyze.outline import Outline, Row
from resdsl.emit.picture.captions import (
    Caption,
    amount,
    captions,
    describe,
    placed,
    shape_lines,
    shape_text,
    summary,
)
from resdsl.emit.picture.cards import (
    AIR,
    CARD,
    CHANNEL,
    FORK,
    GAP,
    LABEL,
    LABEL_LINE,
    LEAD,
    LOOP,
    MARGIN,
    MERGE,
    NAME,
    NAME_LINE,
    PAD,
    SIZES,
    SKIP,
    STACK,
    TURN,
    Drawing,
    Port,
    card_height,
    card_line,
    hand,
    lanes_of,
    tap,
)
from resdsl.emit.picture.legend import legend
from resdsl.emit.picture.lettering import fit, measure
from resdsl.emit.picture.scene import Arc, Bar, Box, Item, Scene, Text, Theme, clean, moved

BAR, BAR_HEIGHT, BAR_GAP = 64.0, 9.0, 14.0
TITLE, HEADING = 16.0, 10.0  # font sizes
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
) -> Drawing:
    """One model in at most so many columns of cards; ``most`` are the params and MACs that fill a bar.

    ``lengths`` and ``head`` say how tall its rows and its heading are at least: heading first.
    """
    room = CARD - 2 * PAD
    rows = [captions(row.name, row.cards, room=room, name_size=NAME, label_size=LABEL) for row in outline.rows]
    cells = [cell for row in rows for cell in row]
    columns = max([1, *(min(len(row), columns) for row in rows)])
    lanes = lanes_of(outline.handed)
    cards = MARGIN + SIZES + LEAD + columns * (FORK + CARD + MERGE + GAP) + TURN
    bars = cards + (8 + SKIP * (max(lanes.values()) + 1) if lanes else 0)
    loop = LOOP if any(cell.shortcut != "none" or cell.count > 1 for cell in cells) else AIR
    drawing = Drawing(theme, columns, bars=bars, width=bars + 2 * BAR + BAR_GAP + MARGIN, loop=loop, cells=rows)
    drawing.lanes = {value: cards + 4 + SKIP * lane for value, lane in lanes.items()}
    y = _heading(drawing, outline, head)
    drawing.begins, drawing.ends = [y], [y]
    for index, (row, row_cells) in enumerate(zip(outline.rows, rows, strict=True)):
        top = y + (drawing.between if index else AIR + loop)
        y = _row(drawing, index, row, row_cells, top, most, lengths[index + 1] if lengths else 0.0)
        drawing.begins.append(top)
        drawing.ends.append(y)
    return drawing


def _heading(drawing: Drawing, outline: Outline, least: float) -> float:
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


def _input(drawing: Drawing, outline: Outline, y: float) -> float:
    """The box that the flow starts from; returns its bottom."""
    label = fit(f"input {shape_text(outline.input)}", CARD - 2 * PAD, size=LABEL, bold=False)
    width, height = measure(label, size=LABEL, bold=False) + 2 * PAD + 4, LABEL + 8
    x = drawing.left + LEAD + FORK
    text = Text(x + width / 2, y, label, LABEL, drawing.theme.ink)
    box = Box("input", x, y - height / 2, width, height, drawing.theme.page, drawing.theme.plain_stroke, texts=(text,))
    drawing.boxes.append(box)
    drawing.port = Port("input", (x, y), ((drawing.channel, y),))
    return y + height / 2


def _row(
    drawing: Drawing,
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
    heights = [max(card_height(cell) for cell in line) for line in lines]
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
        card_line(drawing, f"row{index}_{number * drawing.columns}", line, top, line_height)
        for place, value in enumerate(entering[number]):
            card = f"row{index}_{number * drawing.columns}_{values[value] % drawing.columns}"
            hand(drawing, value, card, values[value] % drawing.columns, place, top)
        top += line_height + drawing.between
    if cells and any(value.source == index for value in drawing.lanes):
        tap(drawing, index)
    return y + height


def _sizes(drawing: Drawing, row: Row, middle: float | None) -> float:
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


def _bars(drawing: Drawing, row: Row, middle: float, most: tuple[int, int]) -> None:
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
