"""Measures a grid with its cells: how long its rows are, how wide its columns, what lies between them.

Positions are counted along the flow and across it, from the middle of the main path; a vertical figure runs down the
page with its strands at the right, a horizontal one runs to the right with them above.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from resdsl.emit.picture.grid import Grid, Strand
from resdsl.emit.picture.lettering import measure
from resdsl.emit.picture.scene import ARROW_LENGTH, Stroke, Theme

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
        self.strand_of = {node: strand for strand in grid.strands for node in strand.inside}
        self.goes_on = {a for strand in grid.strands for a, _ in strand.edges() if a in strand.inside}
        self.by_row: list[list[int]] = [[] for _ in range(grid.height)]
        for node, row in enumerate(grid.rows):
            self.by_row[row].append(node)
        self.lengths = [max(self.along(node) for node in nodes) for nodes in self.by_row]
        self.tracks = self._tracks()
        self.gaps = [self._gap(row) for row in range(grid.height - 1)]
        self.across, self.left, self.right = self._across()

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

    def tops(self, starts: dict[int, float] | None = None) -> list[float]:
        """Where each row begins along the flow; a row in ``starts`` begins there, or later if it has no room."""
        tops, place = [], 0.0
        for row, length in enumerate(self.lengths):
            if starts and row in starts:
                place = max(place, starts[row])
            tops.append(place)
            place += length + (self.gaps[row] if row < len(self.gaps) else 0)
        return tops
