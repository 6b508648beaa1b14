"""A network as an ensemble: how many ways lead through it, and how long they are (Veit et al. 2016, section 3).

Each side of a sum or of a concatenation is a way of its own, so n residual units in a row have 2^n; a gate is none. The
length is counted in convolutions and linear layers. All numbers are exact: the lengths of a part are a polynomial, with
a term c z^n for c ways of n layers; parts in a row multiply theirs, sides of a sum add them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from resdsl import graph
from resdsl.analyze.depth import Depths, carriers
from resdsl.analyze.straight import Straight
from resdsl.analyze.ways import Measure, Ways

Lengths: TypeAlias = dict[int, int]  # length -> how many ways are so long

LONGEST = 3_000  # layers; the numbers of a deeper net are too large to be of use


class _Lengths(Measure[Lengths]):
    """Polynomials."""

    def __init__(self) -> None:
        self.here = {0: 1}

    def then(self, before: Lengths, after: Lengths) -> Lengths:
        product: Lengths = defaultdict(int)
        for m, a in before.items():
            for n, b in after.items():
                product[m + n] += a * b
        return dict(product)

    def either(self, one: Lengths, other: Lengths) -> Lengths:
        both = defaultdict(int, one)
        for n, count in other.items():
            both[n] += count
        return dict(both)

    def step(self, node: graph.Step, group: int, item: int) -> Lengths | None:
        return {int(node.op.layer): 1} if group == 0 else None

    def join(self, node: graph.Join, side: int) -> Lengths | None:
        return self.here if side in carriers(node) else None


@dataclass(frozen=True)
class Ensemble:
    """The ways from the input to the outputs of a model, by their length."""

    lengths: tuple[tuple[int, int], ...]  # length and number, from the shortest

    @property
    def count(self) -> int:
        return sum(count for _, count in self.lengths)

    @property
    def shortest(self) -> int:
        return self.lengths[0][0]

    @property
    def longest(self) -> int:
        return self.lengths[-1][0]

    @property
    def mean(self) -> Fraction:
        return Fraction(sum(length * count for length, count in self.lengths), self.count)

    @property
    def variance(self) -> Fraction:
        return Fraction(sum(length**2 * count for length, count in self.lengths), self.count) - self.mean**2

    def central(self, share: Fraction) -> tuple[int, int]:
        """The lengths between which that share of the ways lies, as many left out above as below at most."""
        beyond = (1 - share) / 2 * self.count
        return _reach(self.lengths, beyond), _reach(self.lengths[::-1], beyond)


def _reach(lengths: tuple[tuple[int, int], ...], beyond: Fraction) -> int:
    """The first length that may not be left out."""
    passed = 0
    for length, count in lengths:
        passed += count
        if passed > beyond:
            return length
    return lengths[-1][0]


def ensemble(straight: Straight) -> Ensemble | None:
    """The ways through a model; None where it is deeper than LONGEST."""
    if Depths(straight).total > LONGEST:
        return None
    measure = _Lengths()
    total: Lengths = {}
    for sources in Ways(straight, measure).outputs:
        total = measure.either(total, sources.get(0, {}))
    return Ensemble(tuple(sorted(total.items())))
