"""Puts the nodes of a flow on a grid: the main path is one straight column, what runs beside it has columns of its own.

Every edge belongs to a strand: a chain of nodes that leaves a placed node and comes back at another, or an edge alone.
A strand owns its column from the row where it leaves to the row where it comes back, and a node that reads several
others has its row for itself. So no line can run through a box, and no two strands lie on one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Strand:
    """A way from `start` through the nodes `inside` to `end`, in one column; left of the main path it is negative.

    The main path is the strand in column 0. `start` or `end` is None where a strand begins or ends by itself.
    """

    start: int | None
    inside: tuple[int, ...]
    end: int | None
    column: int = 0

    def edges(self) -> tuple[tuple[int, int], ...]:
        """The pairs of nodes it links, in order."""
        way = [node for node in (self.start, *self.inside, self.end) if node is not None]
        return tuple(pairwise(way))


@dataclass(frozen=True)
class Grid:
    """Where each node stands; `strands` has the main path first."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    strands: tuple[Strand, ...]
    height: int  # number of rows

    def forks(self) -> list[list[Strand]]:
        """The side strands that leave each node."""
        found: list[list[Strand]] = [[] for _ in self.rows]
        for strand in self.strands[1:]:
            if strand.start is not None:
                found[strand.start].append(strand)
        return found


def arrange(
    reads: Sequence[Sequence[int]],
    carriers: Sequence[Sequence[int]],
    main: Sequence[int],
    *,
    both_sides: bool = True,
) -> Grid:
    """The grid of a flow: ``reads[n]`` are the nodes that node n reads, all before it; ``carriers[n]`` those of them
    that carry the flow and are no gates; ``main`` is the main path."""
    strands = [Strand(None, tuple(main), None), *_strands(reads, carriers, main)]
    rows = _rows(reads, _levels(reads, strands))
    strands = _columns(strands, rows, both_sides)
    columns = [0] * len(reads)
    for strand in strands:
        for node in strand.inside:
            columns[node] = strand.column
    return Grid(tuple(rows), tuple(columns), tuple(strands), max(rows) + 1)


def _strands(reads: Sequence[Sequence[int]], carriers: Sequence[Sequence[int]], main: Sequence[int]) -> list[Strand]:
    """Every edge outside the main path: from each placed node back along the longest way to one that is placed."""
    length: list[int] = []
    for sources in carriers:
        length.append(1 + max((length[source] for source in sources), default=0))
    placed = set(main)
    used = set(pairwise(main))
    found = []
    waiting = list(reversed(main))
    while waiting:
        end = waiting.pop()
        for source in sorted(reads[end], key=lambda node: node not in carriers[end]):
            if (source, end) in used:
                continue
            inside: list[int] = []
            node: int | None = source
            while node is not None and node not in placed:
                inside.append(node)
                node = max(carriers[node], key=lambda before: length[before], default=None)
            inside.reverse()
            strand = Strand(node, tuple(inside), end)
            placed.update(inside)
            used.update(strand.edges())
            found.append(strand)
            waiting += reversed(inside)
    return found


def _levels(reads: Sequence[Sequence[int]], strands: Sequence[Strand]) -> list[int]:
    """How deep each node stands: below all it reads; a chain with room to spare stands in its middle."""
    levels: list[int] = []
    for sources in reads:
        levels.append(1 + max((levels[source] for source in sources), default=-1))
    shared = {node for strand in strands[1:] for node in (strand.start, strand.end)}
    for strand in strands[1:]:
        if not strand.inside or strand.end is None or any(node in shared for node in strand.inside):
            continue
        spare = levels[strand.end] - 1 - levels[strand.inside[-1]]
        if len(reads[strand.inside[0]]) == 0:  # a value from outside stands right before its reader
            shift = spare
        elif all(len(reads[node]) == 1 for node in strand.inside):
            shift = spare // 2
        else:
            continue
        for node in strand.inside:
            levels[node] += shift
    return levels


def _rows(reads: Sequence[Sequence[int]], levels: Sequence[int]) -> list[int]:
    """Levels as rows, where whoever reads several nodes has a row for itself."""
    by_level: dict[int, list[int]] = {}
    for node, level in enumerate(levels):
        by_level.setdefault(level, []).append(node)
    rows, row = [0] * len(levels), 0
    for level in sorted(by_level):
        alone = [node for node in by_level[level] if len(reads[node]) > 1]
        together = [node for node in by_level[level] if len(reads[node]) <= 1]
        for group in ([together] if together else []) + [[node] for node in alone]:
            for node in group:
                rows[node] = row
            row += 1
    return rows


def _columns(strands: Sequence[Strand], rows: Sequence[int], both_sides: bool) -> list[Strand]:
    """Strands with columns: short ones near the main path; a node that several come back to is met from both sides."""
    placed: dict[int, Strand] = {0: strands[0]}
    taken: dict[int, list[tuple[int, int]]] = {}
    met: dict[int, int] = {}
    main = set(strands[0].inside)
    order = sorted(range(1, len(strands)), key=lambda index: (_length(strands[index], rows), index))
    for index in order:
        strand = strands[index]
        first, last = span = _span(strand, rows)
        side = 1
        if strand.end is not None:
            met[strand.end] = met.get(strand.end, 0) + 1
            if both_sides and strand.end in main and strand.start in main and met[strand.end] % 2 == 0:
                side = -1
        column = side
        while any(first < other_last and other_first < last for other_first, other_last in taken.get(column, ())):
            column += side
        taken.setdefault(column, []).append(span)
        placed[index] = Strand(strand.start, strand.inside, strand.end, column)
    return [placed[index] for index in range(len(strands))]


def _span(strand: Strand, rows: Sequence[int]) -> tuple[int, int]:
    """From where to where a strand owns its column, in half rows: it leaves below a row, it comes back within one."""
    first = 2 * rows[strand.start] + 1 if strand.start is not None else 2 * rows[strand.inside[0]] - 1
    last = 2 * rows[strand.end] + 1 if strand.end is not None else 2 * rows[strand.inside[-1]] + 1
    return first, last


def _length(strand: Strand, rows: Sequence[int]) -> int:
    first, last = _span(strand, rows)
    return last - first


def merged(sequences: Iterable[Sequence[str]]) -> list[str]:
    """One sequence that holds each of the others in its order, as short as pairs allow: it aligns several nets."""
    whole: list[str] = []
    for sequence in sequences:
        whole = _pair(whole, list(sequence))
    return whole


def matched(sequence: Sequence[str], whole: Sequence[str]) -> list[int]:
    """Where each item of a sequence stands in one that holds it in its order."""
    found: list[int] = []
    for item in sequence:
        found.append(whole.index(item, found[-1] + 1 if found else 0))
    return found


def _pair(a: list[str], b: list[str]) -> list[str]:
    """The shortest sequence that holds both, by their longest common subsequence."""
    common = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            same = a[i] == b[j]
            common[i][j] = common[i + 1][j + 1] + 1 if same else max(common[i + 1][j], common[i][j + 1])
    whole, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            whole.append(a[i])
            i, j = i + 1, j + 1
        elif common[i + 1][j] >= common[i][j + 1]:
            whole.append(a[i])
            i += 1
        else:
            whole.append(b[j])
            j += 1
    return [*whole, *a[i:], *b[j:]]
