"""What an overview says: the outline's facts as short texts that fit their card or column.

Numbers keep two decimals of the largest unit they reach a tenth of: 215,808 is "0.22 M", as papers print it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from resdsl.analyze.outline import Card, Outline, Row, Shape, Shortcut
from resdsl.emit.picture.lettering import ELLIPSIS, break_name, fit, measure, wrap
from resdsl.emit.picture.scene import clean

_MOST_CARDS = 6  # of one row; of more, the first two, how many follow and the last are shown
_MOST_LABEL_LINES = 3
_MOST_OUTPUTS = 4
_UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"))
_HUGE = 10**16

SHORTCUT_NAMES: dict[Shortcut, str] = {
    "none": "no shortcut",
    "identity": "identity shortcut",
    "projection": "projection shortcut",
    "modified": "modified shortcut",
    "padding": "zero-padded shortcut",
    "concatenation": "concatenation",
}


@dataclass(frozen=True)
class Caption:
    """What stands on one card: bold title lines, label lines, and how the card is drawn."""

    title: tuple[str, ...]
    body: tuple[str, ...]
    count: int
    shortcut: Shortcut
    stage: int | None
    tip: str
    folded: bool = False


def amount(value: int, *, giga: bool = True) -> str:
    """A number of MACs, or without `giga` of parameters, as a reader compares it: "64", "9.5 k", "0.22 M", "0.12 G"."""
    if value >= _HUGE:
        return f"{Decimal(value):.2e}"
    for unit, letter in _UNITS:
        if value * 10 >= unit and (giga or value >= unit or unit <= 10**6):
            return f"{value / unit:.2f} {letter}"
    return f"{value / 1000:.1f} k" if value >= 1000 else str(value)


def summary(outline: Outline) -> str:
    """The totals in one line: "50 layers · 25.56 M params · 4.09 GMACs"."""
    macs = amount(outline.macs)
    layers = "1 layer" if outline.layers == 1 else f"{outline.layers} layers"
    return f"{layers} · {amount(outline.params, giga=False)} params · {macs}{'' if macs[-1].isalpha() else ' '}MACs"


def shape_text(shape: Shape) -> str:
    """A whole shape: "3 × 224 × 224"."""
    return " × ".join(str(size) for size in shape) if shape else "scalar"


def shape_lines(row: Row, *, room: float, name_size: float, label_size: float) -> tuple[tuple[str, bool], ...]:
    """The row's name, the sizes of its outputs (bold) and, of a single output, its channels: lines and boldness."""
    lines: list[tuple[str, bool]] = []
    if row.name:
        lines.extend((line, False) for line in break_name(clean(row.name), room, size=label_size, bold=False))
    outputs = row.outputs
    shown = outputs if len(outputs) <= _MOST_OUTPUTS else outputs[: _MOST_OUTPUTS - 1]
    for shape in shown:
        lines.extend((line, True) for line in _map_size(shape, room, size=name_size))
    if len(shown) < len(outputs):
        lines.append((f"{ELLIPSIS} {len(outputs) - len(shown)} more", False))
    if len(outputs) == 1 and len(outputs[0]) > 1:
        lines.append(
            (fit(f"{outputs[0][0]} channel{'s' * (outputs[0][0] != 1)}", room, size=label_size, bold=False), False)
        )
    return tuple(lines)


def _map_size(shape: Shape, room: float, *, size: float) -> tuple[str, ...]:
    """The size of a map without its channels, "56 × 56"; the length of a vector, "1000"."""
    sizes = shape[1:] if len(shape) > 1 else shape
    parts = [f"× {length}" if index else str(length) for index, length in enumerate(sizes)] or ["scalar"]
    return wrap(parts, room, joint=" ", size=size, bold=True, most=len(parts))


def captions(
    row: str, cards: Sequence[Card], *, room: float, name_size: float, label_size: float
) -> tuple[Caption, ...]:
    """The captions of a row's cards; the middle of a long row becomes one card that says how many it stands for."""
    if len(cards) <= _MOST_CARDS:
        return tuple(_caption(row, card, room, name_size, label_size) for card in cards)
    shown = [_caption(row, card, room, name_size, label_size) for card in (*cards[:2], cards[-1])]
    return (*shown[:2], _fold(row, cards[2:-1], room, label_size), shown[2])


def placed(cells: Sequence[Caption], card: int) -> int:
    """Which caption of a row stands for one of its cards."""
    fold = next((index for index, cell in enumerate(cells) if cell.folded), len(cells) - 1)
    return min(card, fold)


def _caption(row: str, card: Card, room: float, name_size: float, label_size: float) -> Caption:
    lines = [signs(clean(line)) for line in card.lines]
    if card.name:
        title = _title(clean(card.name), _change(card), room, name_size)
    else:
        first, lines = (lines[0], lines[1:]) if lines else ("no operation", [])
        title = (fit(first, room, size=name_size, bold=True),)
    body = wrap(lines, room, joint=" · ", size=label_size, bold=False, most=_MOST_LABEL_LINES)
    return Caption(title, body, card.count, card.shortcut, card.stage, _tip(row, card))


def _title(name: str, change: str, room: float, size: float) -> tuple[str, ...]:
    """Name and change of width on one line if they fit, else each on its own."""
    whole = f"{name} {change}".rstrip()
    if measure(whole, size=size, bold=True) <= room:
        return (whole,)
    lines = break_name(name, room, size=size, bold=True)
    return (*lines, fit(change, room, size=size, bold=True)) if change else lines


def _change(card: Card) -> str:
    """What a block does to the shape: "64 → 256, /2", or "256" where the width stays."""
    widths = [card.in_channels, card.out_channels]
    if widths[0] == widths[1] or not all(widths):
        widths = [width for width in widths if width][:1]
    channels = " → ".join(str(width) for width in widths)
    stride = f"/{card.stride}" if card.stride > 1 else ""
    return ", ".join(part for part in (channels, stride) if part)


def _fold(row: str, cards: Sequence[Card], room: float, label_size: float) -> Caption:
    """One card for many: how many blocks, their name if they share one, and how the width changes over all."""
    names = {card.name for card in cards}
    shortcuts = {card.shortcut for card in cards}
    name = clean(cards[0].name) if len(names) == 1 else ""
    widths = (cards[0].in_channels, cards[-1].out_channels)
    change = f"{widths[0]} → {widths[1]}" if all(widths) else ""
    count = sum(card.count for card in cards)
    mixed = ", ".join(sorted(SHORTCUT_NAMES[kind] for kind in shortcuts)) if len(shortcuts) > 1 else ""
    labels = [label for label in (f"{name} {change}".strip(), mixed) if label]
    return Caption(
        title=(f"{ELLIPSIS} {count} more",),
        body=tuple(fit(label, room, size=label_size, bold=False) for label in labels),
        count=count,
        shortcut=cards[0].shortcut if len(shortcuts) == 1 else "none",
        stage=cards[0].stage,
        tip=_sentence(clean(row), f"{count} more", *labels),
        folded=True,
    )


def _tip(row: str, card: Card) -> str:
    """Everything about a card, at full length."""
    name = f"{card.count} × {card.name}" if card.count > 1 else card.name
    head = _sentence(clean(row), f"{clean(name)} {_change(card)}".strip() if card.name else "")
    shortcut = [] if card.shortcut == "none" else [SHORTCUT_NAMES[card.shortcut]]
    return _sentence(head, " · ".join([signs(clean(line)) for line in card.lines] + shortcut))


def _sentence(*parts: str) -> str:
    return ": ".join(part for part in parts if part)


def signs(label: str) -> str:
    """A label with "7x7" as "7×7", and "x2" as "×2"."""
    return re.sub(r"(?<=\d)x(?=\d)|\bx(?=\d+$)", "×", label)


def describe(outline: Outline, rows: Sequence[Sequence[Caption]]) -> str:
    """The figure in words, for who cannot see it."""
    sentences = [f"{summary(outline)}, input {shape_text(outline.input)}."]
    for row, cells in zip(outline.rows, rows, strict=True):
        cards = ", ".join(_spoken(cell) for cell in cells)
        output = " and ".join(shape_text(shape) for shape in row.outputs)
        cost = f"output {output}, {amount(row.params, giga=False)} params, {amount(row.macs)} MACs"
        sentences.append(f"{clean(row.name) or 'A row'}: {'; '.join(part for part in (cards, cost) if part)}.")
    return clean(" ".join(sentences))


def _spoken(cell: Caption) -> str:
    times = f" ×{cell.count}" if cell.count > 1 and not cell.folded else ""
    shortcut = "" if cell.shortcut == "none" else f" ({SHORTCUT_NAMES[cell.shortcut]})"
    return " ".join(cell.title) + times + shortcut
