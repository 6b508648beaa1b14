"""What the tables about one network share: its numbers in a convention, and what is said of them."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod

from resdsl import graph
from resdsl.analyze.conventions import CONVENTIONS, Convention, amounts, whole
from resdsl.analyze.memory import SIZES, is_view
from resdsl.analyze.report import OpRow
from resdsl.emit.tables.grid import Column
from resdsl.network import Network
from resdsl.ops import ELEMENTWISE, Cost, shapes, show


@dataclass(frozen=True)
class Counting:
    """How to count: by which convention, for how many examples, with what kind of number."""

    convention: str = "macs"
    batch: int = 1
    dtype: str = "float32"

    @cached_property
    def rule(self) -> Convention:
        return CONVENTIONS[self.convention]

    @property
    def column(self) -> Column:
        return Column(self.rule.counts.lower(), self.rule.counts, "count")

    def note(self, present: Container[str]) -> str:
        """What the numbers are, of what is present."""
        return f"{self.rule.counts}: convention {self.rule.name} ({self.rule.tool}): {formula(self.rule, present)}."

    @property
    def facts(self) -> dict[str, object]:
        return {"convention": self.rule.name, "tool": self.rule.tool, "batch": self.batch, "dtype": self.dtype}


def formula(rule: Convention, present: Container[str]) -> str:
    """`multiply-accumulates + 2 x elements of batch norm`, as far as there is any."""
    words = ""
    for what, factor in rule.factors.items():
        if what not in present:
            continue
        times = "" if abs(factor) == 1 else f"{abs(factor)} x "
        sign = (" - " if factor < 0 else " + ") if words else ""
        words += f"{sign}{times}{what}"
    return words or "nothing"


class Numbers:
    """The numbers of one network in a convention."""

    def __init__(self, network: Network, counting: Counting) -> None:
        self.network = network
        self.counting = counting
        self.amounts = whole(network.report.straight)
        self.total = counting.rule.of(self.amounts)

    def of(self, ops: Iterable[OpRow]) -> int:
        """Of some ops, by the convention."""
        return sum(self.counting.rule.of(amounts(op.node)) * op.count for op in ops)

    def made(self, ops: Iterable[OpRow]) -> int:
        """The bytes of the tensors that some ops make, for a batch."""
        return SIZES[self.counting.dtype] * self.counting.batch * sum(_made(op.node) * op.count for op in ops)

    @property
    def title(self) -> str:
        return f"{self.network.name} at {show(self.network.program.input)}"

    @property
    def facts(self) -> dict[str, object]:
        """What a program is told of the whole table."""
        return {"model": self.network.name, "input": list(self.network.program.input), **self.counting.facts}


def _made(node: graph.Step | graph.Join) -> int:
    if (isinstance(node, graph.Step) and is_view(node)) or (
        isinstance(node, graph.Join) and node.operator == "++" and len(shapes(node.output)) > 1
    ):
        return 0
    return sum(map(prod, shapes(node.output)))


def elementwise(cost: Cost) -> int:
    """Element-wise work of all kinds."""
    return sum(int(getattr(cost, kind)) for kind in ELEMENTWISE)
