"""The block view: every op of a block, + in a circle, the shortcut beside its residual branch; blocks side by side.

Boxes are coloured by what an op is: a layer that depth counts, other learned weights, an activation, anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resdsl.analyze.flow import Node, main_path
from resdsl.analyze.outline import Shortcut, changes
from resdsl.emit.picture.captions import SHORTCUT_NAMES, shape_text, signs
from resdsl.emit.picture.diagram import Cell, Diagram, Look, Measures
from resdsl.emit.picture.grid import Strand, arrange
from resdsl.emit.picture.legend import STROKES, legend, reach
from resdsl.emit.picture.lettering import break_name, measure
from resdsl.emit.picture.placing import Placed
from resdsl.emit.picture.scene import Anchor, Arc, Box, Item, Scene, Text, Theme, clean
from resdsl.ops import Type, is_list, shapes
from resdsl.ops.pointwise import Activation

MARGIN = 16.0
BETWEEN = 24.0  # figures side by side
BELOW = 26.0  # figures under one another
# A line of figures: scaled to the width of text on A4, its letters are still 6 points high.
WIDEST = 720.0
TITLE, HEADING = 11.0, 9.0
MEASURES = Measures(gap=13.0)
SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷", "++": "C"}


@dataclass(frozen=True)
class Figure:
    """One flow to be drawn: its title, what stands below the title, its nodes."""

    title: str
    notes: tuple[str, ...]
    nodes: tuple[Node, ...]


def blocks(title: str, figures: Sequence[Figure], theme: Theme, *, horizontal: bool = False) -> Scene:
    """Figures in lines as long as a page is wide."""
    drawn = [_Drawn(f"figure{index}", figure, theme, horizontal) for index, figure in enumerate(figures)]
    lines: list[list[_Drawn]] = []
    for one in drawn:
        used = sum(other.width + BETWEEN for other in lines[-1]) if lines else 0.0
        if lines and not horizontal and used + one.width <= WIDEST - 2 * MARGIN:
            lines[-1].append(one)
        else:
            lines.append([one])
    items: list[Item] = []
    y = MARGIN
    for line in lines:
        head = max(one.head for one in line)
        x = MARGIN
        for one in line:
            items += one.items(x, y, head)
            x += one.width + BETWEEN
        y += head + max(one.height for one in line) + BELOW
    width = max(sum(one.width + BETWEEN for one in line) - BETWEEN for line in lines) + 2 * MARGIN
    y += 6 - BELOW
    kinds = {kind for one in drawn for kind in one.kinds}
    samples, bottom = legend(sorted(kinds), x=MARGIN, right=width - MARGIN, y=y + 18, theme=theme)
    width = max(width, reach(samples) + MARGIN)
    items = _ordered([*items, *samples])
    desc = " ".join(one.spoken() for one in drawn)
    return Scene(width, (bottom + 8 if samples else y) + MARGIN, clean(title), clean(desc), theme.page, tuple(items))


def _ordered(items: Sequence[Item]) -> list[Item]:
    """Lines below boxes, boxes below texts."""
    return sorted(items, key=lambda item: (not isinstance(item, Arc), not isinstance(item, Box)))


class _Drawn:
    """One figure, measured."""

    def __init__(self, key: str, figure: Figure, theme: Theme, horizontal: bool) -> None:
        self.figure, self.theme, self.horizontal = figure, theme, horizontal
        nodes = figure.nodes
        reads, carriers = [node.inputs for node in nodes], [node.carriers for node in nodes]
        self.grid = arrange(reads, carriers, main_path(nodes), both_sides=not horizontal)
        self.looks = {strand: look(strand, nodes, theme) for strand in self.grid.strands}
        self.kinds = [kind for strand in self.grid.strands if (kind := shortcut(strand, nodes)) is not None]
        cells = [cell(node, theme) for node in nodes]
        self.diagram = Diagram(
            key, self.grid, cells, self.looks.__getitem__, theme, MEASURES, horizontal=horizontal
        )  # fmt: skip
        self.tops = self.diagram.tops()
        self.length = self.tops[-1] + self.diagram.lengths[-1]
        across = self.diagram.left + self.diagram.right
        room = 2 * max(self.diagram.left, 45.0) if not horizontal else WIDEST
        self.title = [(line, TITLE, True) for line in break_name(clean(figure.title), room, size=TITLE, bold=True)]
        for note in figure.notes:
            self.title += [(line, HEADING, False) for line in break_name(clean(note), room, size=HEADING, bold=False)]
        self.heading = max(measure(text, size=size, bold=bold) for text, size, bold in self.title)
        self.head = sum(size + 3 for _, size, _ in self.title) + 8
        if horizontal:
            self.width, self.height = max(self.length, self.heading), across
        else:
            half = self.heading / 2
            self.left = max(self.diagram.left, half)
            self.width = self.left + max(self.diagram.right, half)
            self.height = self.length

    def items(self, x: float, y: float, head: float) -> list[Item]:
        """The figure with its upper left corner at a place, below a heading of a height."""
        theme = self.theme
        origin = (x, y + head + self.diagram.right) if self.horizontal else (x + self.left, y + head)
        middle = x if self.horizontal else x + self.left
        anchor: Anchor = "start" if self.horizontal else "middle"
        texts: list[Item] = []
        for text, size, bold in self.title:
            colour = theme.ink if bold else theme.muted
            texts.append(Text(middle, y + size / 2, text, size, colour, bold=bold, anchor=anchor))
            y += size + 3
        return [*Placed(self.diagram, self.tops, origin).items(), *texts]

    def spoken(self) -> str:
        """The figure in words: its main path, then what runs beside it."""
        nodes = self.figure.nodes
        parts = []
        for strand in self.grid.strands:
            words = [nodes[number].label for number in strand.inside]
            kind = shortcut(strand, nodes)
            if strand is self.grid.strands[0]:
                parts.append(", ".join(words))
            elif kind is not None or words:
                name = SHORTCUT_NAMES[kind] if kind is not None else "beside it"
                parts.append(name + (f": {', '.join(words)}" if words else ""))
        return f"{', '.join((self.figure.title, *self.figure.notes))}: {'; '.join(parts)}."


def cell(node: Node, theme: Theme) -> Cell:
    """How a node of a flow looks."""
    if node.kind in ("input", "output"):
        text = places(node.output)
        return Cell("bare", f"{node.label}: {text}" if node.label not in ("x", "input", "output") else text,
                    theme.page, theme.page, tip=node.label)  # fmt: skip
    tip = f"{signs(node.label)}, output {' and '.join(shape_text(shape) for shape in shapes(node.output))}"
    summed = node.op is not None and node.op.takes_list and len(node.inputs) > 1
    if node.kind == "join" or summed:
        return Cell("circle", "+" if summed else SIGNS[node.label], theme.page, theme.ink, tip, node.name)
    fill, stroke = theme.plain, theme.plain_stroke
    if node.op is not None and not isinstance(node.op, Activation) and not node.op.weighted:
        fill = theme.page
    elif node.op is not None:
        stage = 0 if node.op.layer else 3 if isinstance(node.op, Activation) else 2
        fill, stroke = theme.fill(stage), theme.stroke(stage)
    return Cell("box", signs(clean(node.label)), fill, stroke, tip, clean(node.name))


def places(type_: Type) -> str:
    """A type as a short text: "256 × 56 × 56"; of a list, its items."""
    return ", ".join(shape_text(shape) for shape in shapes(type_))


def shortcut(strand: Strand, nodes: Sequence[Node]) -> Shortcut | None:
    """What kind of shortcut a side strand is; None for the main path, a gate, and a branch of several layers."""
    if strand.column == 0 or strand.start is None or strand.end is None:
        return None
    end, inside = nodes[strand.end], [nodes[number] for number in strand.inside]
    layers = sum(node.layer for node in inside)
    if is_list(nodes[strand.start].output):
        return None  # one of several pieces, not x itself
    if end.kind != "join" or end.label not in ("+", "++") or layers > (end.label == "+"):
        return None
    if end.label == "++":
        return "concatenation"
    if layers:
        return "projection"
    changed = any(changes(node.op) for node in inside)
    before = nodes[strand.start]
    while before.op is not None and not before.layer and len(before.carriers) == 1:  # what is made before it forks
        inside.append(before)
        before = nodes[before.carriers[0]]
    padded = any(node.op is not None and node.op.name == "zeropad" for node in inside)
    return "padding" if padded else "modified" if changed else "identity"


def look(strand: Strand, nodes: Sequence[Node], theme: Theme) -> Look:
    """How a strand is drawn: solid where x passes unchanged, dashed or dotted where it does not."""
    kind = shortcut(strand, nodes)
    if kind is None:
        return Look(theme.line)
    colour = theme.strokes[1] if kind in ("projection", "modified", "padding") else theme.strokes[3]
    return Look(colour, 1.5, STROKES[kind], SHORTCUT_NAMES[kind])
