"""Draws a grid: boxes of one width in columns, straight lines along each strand, dots where strands leave.

Positions are counted along the flow and across it, from the middle of the main path; a vertical figure runs down the
page with its strands at the right, a horizontal one runs to the right with them above.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from resdsl.emit.picture.grid import Grid, Strand
from resdsl.emit.picture.lettering import fit, measure
from resdsl.emit.picture.scene import ARROW_LENGTH, Arc, Box, Item, Point, Stroke, Text, Theme

CIRCLE = 6.5  # its radius


@dataclass(frozen=True)
class Measures:
    """Sizes in points. From a box to the first fork below it is `stem`, from the last fork to the next box `lead`."""

    size: float = 9.0  # of the letters
    height: float = 17.0  # of a box
    pad: float = 7.0  # between its edge and its text
    least: float = 70.0  # its width
    most: float = 190.0
    gap: float = 10.0  # between boxes
    to_point: float = 10.0  # from a box to a point below it
    stem: float = 4.5
    lead: float = 11.0
    arrow: float = ARROW_LENGTH
    dot: float = 1.7  # the radius of a fork or a point
    step: float = 5.0  # between forks
    lane: float = 13.0  # between strands
    aside: float = 14.0  # between boxes side by side


@dataclass(frozen=True)
class Cell:
    """How a node looks. ``bare`` has no outline, a ``point`` is where lines meet; ``name`` stands beside its line."""

    shape: Literal["box", "circle", "point", "bare"]
    text: str
    fill: str
    stroke: str
    tip: str = ""
    name: str = ""


@dataclass(frozen=True)
class Look:
    """How a strand looks."""

    colour: str
    width: float = 1.0
    stroke: Stroke = "solid"
    tip: str = ""


@dataclass
class Diagram:
    """A grid with its cells, ready to be placed. ``key`` begins the keys of its boxes."""

    key: str
    grid: Grid
    cells: Sequence[Cell]
    look: Callable[[Strand], Look]
    theme: Theme
    measures: Measures = field(default_factory=Measures)
    horizontal: bool = False

    def __post_init__(self) -> None:
        m, grid = self.measures, self.grid
        widths = [
            min(max(measure(cell.text, size=m.size, bold=False) + 2 * m.pad, m.least), m.most)
            for cell in self.cells
            if cell.shape == "box"
        ]
        self.width = max(widths, default=m.least)
        self.forks = grid.forks()
        self.goes_on = {a for strand in grid.strands for a, _ in strand.edges() if a in strand.inside}
        self.by_row: list[list[int]] = [[] for _ in range(grid.height)]
        for node, row in enumerate(grid.rows):
            self.by_row[row].append(node)
        self.lengths = [max(self.along(node) for node in nodes) for nodes in self.by_row]
        self.tracks = self._tracks()
        self.gaps = [self._gap(row) for row in range(grid.height - 1)]
        self.across, self.left, self.right = self._across()

    # -- sizes ----------------------------------------------------------------------------------------------------

    def size(self, node: int) -> tuple[float, float]:
        """Width and height of a node."""
        m, cell = self.measures, self.cells[node]
        match cell.shape:
            case "box":
                return self.width, m.height
            case "bare":
                return max(measure(cell.text, size=m.size, bold=False) + 4, 8), m.size + 3
            case "circle":
                return 2 * CIRCLE, 2 * CIRCLE
            case "point":
                return 2 * m.dot, 2 * m.dot

    def along(self, node: int) -> float:
        return self.size(node)[0 if self.horizontal else 1]

    def _half(self, node: int) -> float:
        """Half of what a node and the name at its line take across the flow."""
        half = self.size(node)[1 if self.horizontal else 0] / 2
        name = self._name_width(node)
        return max(half, self.measures.size + 2 if self.horizontal else name + 6) if name else half

    def _name_width(self, node: int) -> float:
        name = self.cells[node].name
        return measure(name, size=self.measures.size - 0.5, bold=True) if name else 0.0

    def _tracks(self) -> dict[int, int]:
        """On which line between two rows the forks of a node lie: those that would meet lie on different ones."""
        tracks: dict[int, int] = {}
        by_row: dict[int, list[tuple[int, int, int]]] = {}
        for node, strands in enumerate(self.forks):
            if strands:
                reach = [self.grid.columns[node], *(strand.column for strand in strands)]
                by_row.setdefault(self.grid.rows[node], []).append((min(reach), max(reach), node))
        for spans in by_row.values():
            lines: list[int] = []
            for first, last, node in sorted(spans):
                track = next((i for i, end in enumerate(lines) if end < first), len(lines))
                lines[track : track + 1] = [last]
                tracks[node] = track
        return tracks

    def _gap(self, row: int) -> float:
        """From the end of a row to the next."""
        m, here, following = self.measures, self.by_row[row], self.by_row[row + 1]
        names = [self._name_width(node) for node in here if self.cells[node].name]
        room = (max(names) + 6 if self.horizontal else m.size + 2) if names else 0.0
        tracks = [self.tracks[node] for node in here if node in self.tracks]
        if tracks:
            return max(m.gap, room + m.stem + max(tracks) * m.step + m.lead)
        pointed = all(self.cells[node].shape == "point" for node in following)
        return max(m.to_point if pointed else m.gap, room + (4 if room else 0))

    def _across(self) -> tuple[dict[int, float], float, float]:
        """The middle of each column, and how far the figure reaches to both sides."""
        m, grid = self.measures, self.grid
        halves: dict[int, float] = {strand.column: 0.0 for strand in grid.strands}
        for node, column in enumerate(grid.columns):
            halves[column] = max(halves[column], self._half(node))
        across = {0: 0.0}
        edges = []
        for side in (1, -1):
            edge, before = halves[0], halves[0]
            for column in sorted((c for c in halves if c * side > 0), key=abs):
                half = halves[column]
                space = m.lane if half == 0 or before == 0 else m.aside
                across[column] = side * (edge + space + half)
                edge, before = edge + space + 2 * half, half
            edges.append(edge)
        return across, edges[1], edges[0]

    # -- places ---------------------------------------------------------------------------------------------------

    def tops(self, starts: dict[int, float] | None = None) -> list[float]:
        """Where each row begins along the flow; a row in ``starts`` begins there, or later if it has no room."""
        tops, place = [], 0.0
        for row, length in enumerate(self.lengths):
            if starts and row in starts:
                place = max(place, starts[row])
            tops.append(place)
            place += length + (self.gaps[row] if row < len(self.gaps) else 0)
        return tops

    def items(self, tops: Sequence[float], origin: Point) -> list[Item]:
        """Everything drawn, with the middle of the main path's beginning at ``origin``."""
        return _Placed(self, tops, origin).items()


@dataclass
class _Placed:
    """A diagram at its place."""

    diagram: Diagram
    tops: Sequence[float]
    origin: Point

    def items(self) -> list[Item]:
        nodes = range(len(self.diagram.cells))
        dots = [self._dot(node) for node in nodes if self.has_dot(node)]
        boxes = [self._box(node) for node in nodes]
        names = [self._name(node) for node in nodes if self.diagram.cells[node].name]
        return [*self._arcs(), *dots, *boxes, *names]

    def point(self, along: float, across: float) -> Point:
        """A place on the page."""
        x, y = self.origin
        return (x + along, y - across) if self.diagram.horizontal else (x + across, y + along)

    def key(self, node: int, what: str = "node") -> str:
        return f"{self.diagram.key}_{what}{node}"

    def centre(self, node: int) -> tuple[float, float]:
        """Its place along and across the flow."""
        row = self.diagram.grid.rows[node]
        middle = self.tops[row] + self.diagram.lengths[row] / 2
        return middle, self.diagram.across[self.diagram.grid.columns[node]]

    def half(self, node: int) -> float:
        """Half of its length along the flow."""
        return self.diagram.along(node) / 2

    def side(self, node: int) -> float:
        """Half of its width across the flow."""
        return self.diagram.size(node)[1 if self.diagram.horizontal else 0] / 2

    def has_dot(self, node: int) -> bool:
        """Whether a dot shows that several lines leave a node."""
        forks = len(self.diagram.forks[node])
        return forks > 1 or (forks == 1 and node in self.diagram.goes_on)

    def fork(self, node: int) -> float:
        """Where along the flow the side strands of a node leave."""
        m, row = self.diagram.measures, self.diagram.grid.rows[node]
        most = max(self.diagram.tracks[n] for n in self.diagram.by_row[row] if n in self.diagram.tracks)
        return self.tops[row + 1] - m.lead - (most - self.diagram.tracks[node]) * m.step

    # -- boxes ----------------------------------------------------------------------------------------------------

    def _box(self, node: int) -> Box:
        d, cell = self.diagram, self.diagram.cells[node]
        width, height = d.size(node)
        x, y = self.point(*self.centre(node))
        size = d.measures.size + (2 if cell.shape == "circle" and cell.text != "C" else 0)
        label = fit(cell.text, width - 6 if cell.shape == "box" else width, size=size, bold=cell.shape == "circle")
        texts = (Text(x, y, label, size, d.theme.ink, bold=cell.shape == "circle"),) if cell.text else ()
        radius = {"box": 4.0, "bare": 2.0}.get(cell.shape, width / 2)
        return Box(
            self.key(node), x - width / 2, y - height / 2, width, height, cell.fill, cell.stroke,
            radius=radius, texts=texts, tip=cell.tip,
        )  # fmt: skip

    def _dot(self, node: int) -> Box:
        x, y = self.point(self.fork(node), self.centre(node)[1])
        colour, dot = self.diagram.theme.line, self.diagram.measures.dot
        return Box(self.key(node, "fork"), x - dot, y - dot, 2 * dot, 2 * dot, colour, colour, radius=dot)

    def _name(self, node: int) -> Text:
        d, cell = self.diagram, self.diagram.cells[node]
        along, across = self.centre(node)
        end, size = along + self.half(node), d.measures.size - 0.5
        if d.horizontal:
            x, y = self.point(end + 3, across)
            return Text(x, y + size * 0.8, cell.name, size, d.theme.muted, bold=True, anchor="start")
        x, y = self.point(end + size / 2 + 1.5, across)
        return Text(x - 4, y, cell.name, size, d.theme.muted, bold=True, anchor="end")

    # -- lines ----------------------------------------------------------------------------------------------------

    def _arcs(self) -> list[Arc]:
        found = []
        for strand in self.diagram.grid.strands:
            look = self.diagram.look(strand)
            for tail, head in strand.edges():
                found.append(self._arc(strand, tail, head, look))
        stems = [self._stem(node) for node in range(len(self.diagram.cells)) if self.has_dot(node)]
        return found + stems

    def _stem(self, node: int) -> Arc:
        """The line from a node to the dot where several lines leave."""
        along, across = self.centre(node)
        points = (
            self.point(along + self.half(node), across),
            self.point(self.fork(node) - self.diagram.measures.dot, across),
        )
        colour = self.diagram.theme.line
        strand = next((s for s in self.diagram.grid.strands if node in s.inside), None)
        width = 1.0 if strand is None else self.diagram.look(strand).width
        return Arc(self.key(node), self.key(node, "fork"), points, colour, width, arrow=False)

    def _arc(self, strand: Strand, tail: int, head: int, look: Look) -> Arc:
        """One line of a strand: out of its fork, along its column, and into the side of the node it comes back to."""
        d, dot = self.diagram, self.diagram.measures.dot
        column = d.across[strand.column]
        along, across = self.centre(tail)
        straight = tail in strand.inside
        dotted = self.has_dot(tail)
        key = self.key(tail, "fork") if dotted else self.key(tail)
        if straight:
            start = self.fork(tail) + dot if dotted else along + self.half(tail)
            way = [(start, across)]
        else:
            place = self.fork(tail)
            sign = 1 if column > across else -1
            way = [(place, across + sign * dot)] if dotted else [(along + self.half(tail), across), (place, across)]
            way.append((place, column))
        to_along, to_across = self.centre(head)
        if head in strand.inside:
            way.append((to_along - self.half(head), to_across))
        else:
            sign = 1 if column > to_across else -1
            way += [(to_along, column), (to_along, to_across + sign * self.side(head))]
        points = tuple(self.point(*place) for place in way)
        arrow = d.cells[head].shape != "point" or head not in strand.inside
        return Arc(key, self.key(head), points, look.colour, look.width, look.stroke, arrow, look.tip, d.measures.arrow)
