"""What each part costs: a fold over the graph that looks at every distinct block once."""

from __future__ import annotations

from math import prod
from typing import assert_never

from resdsl import graph
from resdsl.graph import AnyNode
from resdsl.ops import NOTHING, Cost, shapes, total


class Costs:
    """The cost of any node of a program, for one input."""

    def __init__(self, program: graph.Program) -> None:
        self._instances: list[Cost] = []
        for instance in program.instances:  # one calls only those before it
            self._instances.append(self.of(instance.body))
        self.total = self.of(program.body)

    def instance(self, number: int) -> Cost:
        """The cost of an instance."""
        return self._instances[number]

    def of_line(self, node: graph.Step | graph.Join | graph.Call) -> Cost:
        """The cost of an op, a block or a join without what its sides cost: a line of straight-line code."""
        return join(node) if isinstance(node, graph.Join) else self.of(node)

    def of(self, node: AnyNode) -> Cost:
        """The cost of a node and all inside it."""
        match node:
            case graph.Step():
                return node.op.price(node.input, node.output)
            case graph.Call():
                return self._instances[node.instance]
            case graph.Use():
                return NOTHING
            case graph.Repeat():
                return total(self.of(round_.body) * round_.count for round_ in node.rounds)
            case graph.Join():
                return total([join(node), *(self.of(child) for child in graph.children(node))])
            case graph.Chain() | graph.Many() | graph.Pick() | graph.Body():
                return total(self.of(child) for child in graph.children(node))
            case _:
                assert_never(node)


def join(node: graph.Join) -> Cost:
    """The element-wise work of a sum or product itself; concatenation moves and does not compute."""
    if node.operator == "++":
        return NOTHING
    work = (len(node.items) - 1) * prod(shapes(node.output)[0])
    return Cost(addition=work) if node.operator in "+-" else Cost(product=work)
