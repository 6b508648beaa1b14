"""Draws a measured grid at its place: boxes in columns, straight lines along each strand, dots where strands leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resdsl.emit.picture.diagram import Diagram, Look
from resdsl.emit.picture.grid import Strand
from resdsl.emit.picture.lettering import fit
from resdsl.emit.picture.scene import Arc, Box, Item, Point, Text


@dataclass
class Placed:
    """A diagram with its rows at ``tops`` and the middle of the main path's beginning at ``origin``."""

    diagram: Diagram
    tops: Sequence[float]
    origin: Point

    def __post_init__(self) -> None:
        nodes = range(len(self.diagram.cells))
        self.centres = [self._centre(node) for node in nodes]  # along and across the flow
        self.dotted = [self._has_dot(node) for node in nodes]  # a dot shows that several lines leave a node

    def items(self) -> list[Item]:
        """Everything drawn."""
        nodes = range(len(self.diagram.cells))
        dots = [self._dot(node) for node in nodes if self.dotted[node]]
        boxes = [self._box(node) for node in nodes]
        names = [self._name(node) for node in nodes if self.diagram.cells[node].name]
        return [*self._arcs(), *dots, *boxes, *names]

    def point(self, along: float, across: float) -> Point:
        """A place on the page."""
        x, y = self.origin
        return (x + along, y - across) if self.diagram.horizontal else (x + across, y + along)

    def key(self, node: int, what: str = "node") -> str:
        return f"{self.diagram.key}_{what}{node}"

    def _centre(self, node: int) -> tuple[float, float]:
        row = self.diagram.grid.rows[node]
        middle = self.tops[row] + self.diagram.lengths[row] / 2
        return middle, self.diagram.across[self.diagram.grid.columns[node]]

    def half(self, node: int) -> float:
        """Half of its length along the flow."""
        return self.diagram.along(node) / 2

    def side(self, node: int) -> float:
        """Half of its width across the flow."""
        return self.diagram.size(node)[1 if self.diagram.horizontal else 0] / 2

    def _has_dot(self, node: int) -> bool:
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
        x, y = self.point(*self.centres[node])
        size = d.measures.size + (2 if cell.shape == "circle" and cell.text != "C" else 0)
        label = fit(cell.text, width - 6 if cell.shape == "box" else width, size=size, bold=cell.shape == "circle")
        texts = (Text(x, y, label, size, d.theme.ink, bold=cell.shape == "circle"),) if cell.text else ()
        radius = {"box": 4.0, "bare": 2.0}.get(cell.shape, width / 2)
        return Box(
            self.key(node), x - width / 2, y - height / 2, width, height, cell.fill, cell.stroke,
            radius=radius, texts=texts, tip=cell.tip,
        )  # fmt: skip

    def _dot(self, node: int) -> Box:
        x, y = self.point(self.fork(node), self.centres[node][1])
        colour, dot = self.diagram.theme.line, self.diagram.measures.dot
        return Box(self.key(node, "fork"), x - dot, y - dot, 2 * dot, 2 * dot, colour, colour, radius=dot)

    def _name(self, node: int) -> Text:
        d, cell = self.diagram, self.diagram.cells[node]
        along, across = self.centres[node]
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
        stems = [self._stem(node) for node in range(len(self.diagram.cells)) if self.dotted[node]]
        return found + stems

    def _stem(self, node: int) -> Arc:
        """The line from a node to the dot where several lines leave."""
        along, across = self.centres[node]
        points = (
            self.point(along + self.half(node), across),
            self.point(self.fork(node) - self.diagram.measures.dot, across),
        )
        colour = self.diagram.theme.line
        width = self.diagram.look(self.diagram.strand_of[node]).width
        return Arc(self.key(node), self.key(node, "fork"), points, colour, width, arrow=False)

    def _arc(self, strand: Strand, tail: int, head: int, look: Look) -> Arc:
        """One line of a strand: out of its fork, along its column, and into the side of the node it comes back to."""
        d, dot = self.diagram, self.diagram.measures.dot
        column = d.across[strand.column]
        along, across = self.centres[tail]
        straight = tail in strand.inside
        dotted = self.dotted[tail]
        key = self.key(tail, "fork") if dotted else self.key(tail)
        if straight:
            start = self.fork(tail) + dot if dotted else along + self.half(tail)
            way = [(start, across)]
        else:
            place = self.fork(tail)
            sign = 1 if column > across else -1
            way = [(place, across + sign * dot)] if dotted else [(along + self.half(tail), across), (place, across)]
            way.append((place, column))
        to_along, to_across = self.centres[head]
        if head in strand.inside:
            way.append((to_along - self.half(head), to_across))
        else:
            sign = 1 if column > to_across else -1
            way += [(to_along, column), (to_along, to_across + sign * self.side(head))]
        points = tuple(self.point(*place) for place in way)
        arrow = d.cells[head].shape != "point" or head not in strand.inside
        return Arc(key, self.key(head), points, look.colour, look.width, look.stroke, arrow, look.tip, d.measures.arrow)
