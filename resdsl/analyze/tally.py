"""Sums over the ops of a program: a fold over the graph that looks at every distinct block once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from resdsl import graph
from resdsl.graph import AnyNode


class Tally:
    """The sums of what `each` finds on every op and join, for any node of a program."""

    def __init__(self, program: graph.Program, each: Callable[[graph.Step | graph.Join], Counter[str]]) -> None:
        self._each = each
        self._instances: list[Counter[str]] = []
        for instance in program.instances:  # one calls only those before it
            self._instances.append(self.of(instance.body))
        self.total = self.of(program.body)

    def of(self, node: AnyNode) -> Counter[str]:
        """The sums of a node and all inside it."""
        if isinstance(node, graph.Call):
            return self._instances[node.instance]
        sums: Counter[str] = Counter()
        if isinstance(node, graph.Step | graph.Join):
            sums.update(self._each(node))
        if isinstance(node, graph.Repeat):
            for round_ in node.rounds:
                sums.update({what: n * round_.count for what, n in self.of(round_.body).items()})
            return sums
        for child in graph.children(node):
            sums.update(self.of(child))
        return sums
