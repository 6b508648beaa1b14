"""The backward pass: which multiply-accumulates it leaves out.

A convolution or linear layer of M multiply-accumulates costs M forward, M for the gradient of its weights and M for
that of its input; in FLOPs 6 M. The last is left out where the input needs no gradient: where no learned weight lies on
any way to it, as for the first convolution.
"""

from __future__ import annotations

from typing import TypeAlias

from resdsl import graph
from resdsl.analyze.straight import Code, Do, Loop, Straight
from resdsl.ops import shapes

Flags: TypeAlias = tuple[bool, ...]  # of tensors: whether a gradient is needed


def unneeded(straight: Straight) -> int:
    """The multiply-accumulates of a model whose input needs no gradient."""
    return _Walk(straight).code(straight.model, (False,) * straight.model.sources)[0]


class _Walk:
    def __init__(self, straight: Straight) -> None:
        self.straight = straight
        self.known: dict[tuple[int, Flags], tuple[int, Flags]] = {}

    def code(self, code: Code, sources: Flags) -> tuple[int, Flags]:
        """What is left out, and the flags of the results."""
        flags = list(sources)
        left_out = 0
        for line in code.lines:
            given = tuple(flags[i] for group in line.reads for i in group)
            less, made = self.line(line, given)
            left_out += less
            flags.extend(made)
        return left_out, tuple(flags[i] for i in code.results)

    def line(self, line: Do | Loop, given: Flags) -> tuple[int, Flags]:
        if isinstance(line, Loop):
            return self.rounds(line, given)
        node = line.node
        if isinstance(node, graph.Call):
            key = node.instance, given
            if key not in self.known:
                self.known[key] = self.code(self.straight.instances[node.instance], given)
            return self.known[key]
        return (0 if isinstance(node, graph.Join) else _left_out(node, given)), needs(node, given)

    def rounds(self, loop: Loop, given: Flags) -> tuple[int, Flags]:
        """Flags only ever rise, but they may change places in a list: rounds are run until they repeat."""
        flow, kept = given[: loop.code.entering], given[loop.code.entering :]
        seen: dict[Flags, tuple[int, int]] = {}
        left_out = done = 0
        while done < loop.count:
            if flow in seen:
                before, then = seen[flow]
                times = (loop.count - done) // (done - before)
                left_out += times * (left_out - then)
                done += times * (done - before)
                seen = {}
                if done == loop.count:
                    break
            seen[flow] = done, left_out
            less, flow = self.code(loop.code, flow + kept)
            left_out, done = left_out + less, done + 1
        return left_out, flow


def _left_out(node: graph.Step, given: Flags) -> int:
    """What an op saves: the work on each tensor that needs no gradient."""
    if node.op.takes_list or len(given) != len(shapes(node.input)) or all(given):
        return 0
    items = zip(given, shapes(node.input), shapes(node.output), strict=False)
    costs = (node.op.cost(x, y) for needed, x, y in items if not needed)
    return sum(cost.macs + cost.macs_fixed for cost in costs)


def needs(node: graph.Step | graph.Join, given: Flags) -> Flags:
    """Whether what an op makes needs a gradient: if it has weights, or reads what needs one."""
    makes = len(shapes(node.output))
    if isinstance(node, graph.Step) and node.op.weighted:
        return (True,) * makes
    flow = len(shapes(node.input)) if isinstance(node, graph.Step) else 0
    if makes == flow == len(given):
        return given
    return (any(given),) * makes
