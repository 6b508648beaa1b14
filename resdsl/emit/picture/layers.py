"""The layers view: a box for each layer of the main path and each pool, models side by side, aligned by map size.

It is Fig. 3 of He et al. 2015. Beside the main path, a layer has a box too, but for the projection on a shortcut: it is
what the dashes of the shortcut mean. Norms, activations and gates are left to the block view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from resdsl.analyze.flow import Node, carrying, main_path, projections
from resdsl.analyze.outline import Outline, Shortcut, changes
from resdsl.emit.picture.captions import SHORTCUT_NAMES, amount, shape_text, signs
from resdsl.emit.picture.diagram import Cell, Diagram, Look, Measures
from resdsl.emit.picture.grid import Grid, Strand, arrange, matched, merged
from resdsl.emit.picture.legend import STROKES, legend, reach
from resdsl.emit.picture.lettering import measure
from resdsl.emit.picture.placing import Placed
from resdsl.emit.picture.scene import Arc, Box, Item, Scene, Text, Theme, clean
from resdsl.ops import shapes

MARGIN = 14.0
SIZES = 66.0  # the column of output sizes, at least
BETWEEN = 30.0  # models
BAND = 16.0  # between the maps of one size and the next
SHORTEST = 22.0  # a band: there is room for its name
TITLE, SIZE_NAME, LABEL = 11.0, 10.5, 9.0
MEASURES = Measures(
    size=9.5, height=13.0, pad=6.0, gap=7.0, to_point=3.0, stem=2.4, lead=6.0, step=3.0, arrow=4.2, dot=0.9, lane=11.0
)


@dataclass(frozen=True)
class Model:
    """What is drawn of one model."""

    outline: Outline
    nodes: tuple[Node, ...]


def layers(models: Sequence[Model], theme: Theme) -> Scene:
    """The models side by side."""
    chains = [_Chain(model) for model in models]
    bands = merged([chain.bands for chain in chains])
    coloured = _coloured(chains, bands)
    drawn = [_diagram(f"model{index}", chain, coloured, theme) for index, chain in enumerate(chains)]
    starts, length = _aligned(chains, drawn, bands)
    items: list[Item] = []
    top = MARGIN + TITLE + LABEL + 16
    x = left = MARGIN + max([SIZES, *(measure(band, size=SIZE_NAME, bold=True) + 10 for band in bands)])
    for chain, diagram in zip(chains, drawn, strict=True):
        notes = _notes(chain.model.outline)
        half = max(measure(text, size=size, bold=bold) / 2 for text, size, bold in notes)
        middle = x + max(diagram.left, half)
        begins = (starts[band] for band in matched(chain.bands, bands))
        items += Placed(diagram, diagram.tops(dict(zip(chain.first_rows, begins, strict=True))), (middle, top)).items()
        y = MARGIN + TITLE / 2
        for text, size, bold in notes:
            items.append(Text(middle, y, text, size, theme.ink if bold else theme.muted, bold=bold))
            y += TITLE + 2
        x = middle + max(diagram.right, half) + BETWEEN
    width = x - BETWEEN + MARGIN + 6
    kinds = sorted({kind for chain in chains for kind in chain.kinds.values() if kind is not None})
    samples, bottom = legend(kinds, x=left, right=width - MARGIN, y=top + length + 20, theme=theme)
    width = max(width, reach(samples) + MARGIN)
    for index, (band, start) in enumerate(zip(bands, starts, strict=True)):
        if index:
            items += _rule(f"rule{index}", MARGIN, width - MARGIN, top + start - BAND / 2 - 1.7, theme)
        items.append(Text(MARGIN, top + start + 4, "output size", LABEL, theme.muted, anchor="start"))
        items.append(Text(MARGIN, top + start + 16, band, SIZE_NAME, theme.ink, bold=True, anchor="start"))
    items = sorted([*items, *samples], key=_order)
    height = (bottom + 8 if samples else top + length) + MARGIN
    title = ", ".join(clean(model.outline.title) for model in models)
    desc = " ".join(chain.spoken() for chain in chains)
    return Scene(width, height, title, clean(desc), theme.page, tuple(items))


def _rule(key: str, left: float, right: float, y: float, theme: Theme) -> list[Item]:
    """A thin line across the page, between two points that nobody sees."""
    ends = [Box(f"{key}_{x:.0f}", x - 0.5, y - 0.5, 1, 1, theme.page, theme.page, radius=0.5) for x in (left, right)]
    return [Arc(ends[0].key, ends[1].key, ((left + 0.5, y), (right - 0.5, y)), theme.track, 0.8, arrow=False), *ends]


def _order(item: Item) -> int:
    """Rules below lines, lines below boxes, boxes below texts."""
    if isinstance(item, Arc):
        return 0 if item.tail.startswith("rule") else 1
    return 2 if isinstance(item, Box) else 3


def _notes(outline: Outline) -> list[tuple[str, float, bool]]:
    """What stands over a model: text, size, boldness."""
    layers = "1 layer" if outline.layers == 1 else f"{outline.layers} layers"
    below = f"{layers}, {amount(outline.params, giga=False)} params, {amount(outline.macs)} MACs"
    return [(clean(outline.title), TITLE, True), (below, LABEL, False)]


# -- what is shown of a model ------------------------------------------------------------------------------------


class _Chain:
    """A flow less what the view does not show: nodes that it shows, each with what it reads of them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        nodes = model.nodes
        path = main_path(nodes)
        main = set(path)
        needed = carrying(nodes)
        hidden = projections(nodes, main)
        self.nodes: list[Node] = []
        self.reads: list[tuple[int, ...]] = []
        self.passed: dict[tuple[int, int], set[str]] = {}  # what an edge leaves out: a projection, a padding
        shown: dict[int, tuple[int, frozenset[str]]] = {}
        for number, node in enumerate(nodes):
            if number not in needed:
                continue
            before = [shown[source] for source in (node.inputs if node.kind == "output" else node.carriers)]
            sources = tuple(dict.fromkeys(source for source, _ in before))
            boxed = (node.layer and number not in hidden) or (number in main and _resizes(node, nodes))
            if node.kind == "input" or len(sources) > 1 or boxed:
                self.nodes.append(node)
                self.reads.append(sources)
                shown[number] = len(self.nodes) - 1, frozenset()
                for source, passed in before:
                    self.passed.setdefault((source, len(self.nodes) - 1), set()).update(passed)
            else:
                what = _left_out(node) - ({"modified"} if number in main else set())  # it may stand before the fork
                shown[number] = before[0][0], frozenset(what).union(*(passed for _, passed in before))
        self.main = tuple(dict.fromkeys(shown[number][0] for number in path if number in shown))
        self.grid: Grid = arrange(self.reads, self.reads, self.main)
        self.kinds = {strand: self._kind(strand) for strand in self.grid.strands}
        sized = [(self.grid.rows[node], _size(self.nodes[node], nodes[0])) for node in self.main]
        self.bands: list[str] = []
        self.first_rows: list[int] = []
        self.last_rows: list[int] = []
        for size, group in groupby(sized, key=lambda pair: pair[1]):
            rows = [row for row, _ in group]
            self.bands.append(size)
            self.first_rows.append(rows[0])
            self.last_rows.append(rows[-1])
        for index, first in enumerate(self.first_rows[1:]):
            self.last_rows[index] = first - 1
        self.last_rows[-1] = self.grid.height - 1

    def band(self, row: int) -> int:
        """Which of its bands a row is in."""
        return sum(first <= row for first in self.first_rows) - 1

    def sizes(self) -> list[str]:
        """The map size that each node is coloured by: its own, but within a unit that of the sum which ends it."""
        rows = self.grid.rows
        own = [self.bands[self.band(row)] for row in rows]
        standing: list[list[int]] = [[] for _ in range(self.grid.height)]
        for node, row in enumerate(rows):
            standing[row].append(node)
        ends = [(s.start, s.end) for s in self.grid.strands if s.start is not None and s.end is not None]
        sizes = list(own)
        for start, end in sorted(ends, key=lambda way: rows[way[0]] - rows[way[1]]):  # a unit within another comes last
            for node in (node for row in standing[rows[start] + 1 : rows[end]] for node in row):
                if self.nodes[node].line == self.nodes[end].line:
                    sizes[node] = own[end]
        return sizes

    def _kind(self, strand: Strand) -> Shortcut | None:
        if strand.column == 0 or strand.start is None or strand.end is None:
            return None
        passed = {what for edge in strand.edges() for what in self.passed.get(edge, ())}
        layers = [node for node in strand.inside if self.nodes[node].layer]
        if layers:
            return None
        if self.nodes[strand.end].label == "++":
            return "concatenation"
        kinds: tuple[Shortcut, ...] = ("projection", "padding", "modified")
        return next((kind for kind in kinds if kind in passed), "identity")

    def stages(self) -> set[int]:
        """The lines of the model that are stages."""
        rows = self.model.outline.rows
        return {index for index, row in enumerate(rows) if any(card.stage is not None for card in row.cards)}

    def spoken(self) -> str:
        """The model in words."""
        words = [signs(self.nodes[node].label) for node in self.main if self.nodes[node].kind == "op"]
        runs = [(word, len(list(group))) for word, group in groupby(words)]
        listed = ", ".join(f"{word} ×{count}" if count > 1 else word for word, count in runs)
        kinds = [kind for kind in self.kinds.values() if kind is not None]
        beside = ", ".join(f"{kinds.count(kind)} {SHORTCUT_NAMES[kind]}" for kind in dict.fromkeys(kinds))
        return f"{self.model.outline.title}: {listed}{'; ' + beside if beside else ''}."


def _left_out(node: Node) -> set[Shortcut]:
    """What an edge is that leaves out a node."""
    if node.layer:
        return {"projection"}
    if changes(node.op):
        return {"modified"}
    return {"padding"} if node.op is not None and node.op.name == "zeropad" else set()


def _resizes(node: Node, nodes: Sequence[Node]) -> bool:
    """Whether an op without weights changes the size of a map."""
    if node.op is None or node.layer or not node.carriers:
        return False
    before, after = shapes(nodes[node.carriers[0]].output)[0], shapes(node.output)[0]
    return len(after) > 1 and before[1:] != after[1:] and len(before) == len(after)


def _size(node: Node, start: Node) -> str:
    """The size of a map, "56 × 56"; a vector in a net of maps is one place."""
    axes = shapes(node.output)[0][1:]
    if axes:
        return shape_text(axes)
    rank = len(shapes(start.output)[0]) - 1
    return shape_text((1,) * rank) if rank else "vector"


# -- layout ------------------------------------------------------------------------------------------------------


def _coloured(chains: Sequence[_Chain], bands: Sequence[str]) -> dict[str, int]:
    """The colour of each map size that has one: where residual stages are; where there are none, any stages."""
    sizes: set[str] = set()
    for joined in (True, False):
        for chain in chains:
            if joined and not any(node.kind == "join" for node in chain.nodes):
                continue
            stages = chain.stages()
            sizes |= {
                chain.bands[chain.band(chain.grid.rows[node])]
                for node in chain.main
                if chain.nodes[node].layer and chain.nodes[node].line in stages
            }
        if sizes:
            break
    order = [band for band in dict.fromkeys(bands) if band in sizes]
    return {band: index for index, band in enumerate(order)}


def _diagram(key: str, chain: _Chain, coloured: dict[str, int], theme: Theme) -> Diagram:
    stages, sizes = chain.stages(), chain.sizes()
    cells = [
        _cell(node, coloured.get(size) if node.line in stages else None, theme)
        for node, size in zip(chain.nodes, sizes, strict=True)
    ]

    def look(strand: Strand) -> Look:
        kind = chain.kinds[strand]
        if kind is None or strand.end is None:
            return Look(theme.line)
        return Look(theme.stroke(coloured.get(sizes[strand.end])), 1.3, STROKES[kind], SHORTCUT_NAMES[kind])

    return Diagram(key, chain.grid, cells, look, theme, MEASURES)


def _cell(node: Node, stage: int | None, theme: Theme) -> Cell:
    if node.kind == "input":
        text = f"input {shape_text(shapes(node.output)[0])}"
        return Cell("bare", text, theme.page, theme.page)
    tip = f"{signs(node.label)}, output {' and '.join(shape_text(shape) for shape in shapes(node.output))}"
    if node.layer:
        return Cell("box", signs(clean(node.label)), theme.fill(stage), theme.stroke(stage), tip)
    if node.kind == "op" and len(node.inputs) == 1:
        return Cell("box", signs(clean(node.label)), theme.page, theme.plain_stroke, tip)
    return Cell("point", "", theme.line, theme.line, tip)


def _aligned(chains: Sequence[_Chain], drawn: Sequence[Diagram], bands: Sequence[str]) -> tuple[list[float], float]:
    """Where each band starts, and where the last one ends."""
    longest = [SHORTEST] * len(bands)
    for chain, diagram in zip(chains, drawn, strict=True):
        tops = diagram.tops()
        for band, first, last in zip(matched(chain.bands, bands), chain.first_rows, chain.last_rows, strict=True):
            longest[band] = max(longest[band], tops[last] + diagram.lengths[last] - tops[first])
    starts = [0.0]
    for length in longest:
        starts.append(starts[-1] + length + BAND)
    return starts[:-1], starts[-1] - BAND
