"""Depth: where it hurts without shortcuts, and where it is paid for twice."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from resdsl.diagnostics import Fix
from resdsl.lint.registry import Finding, network_rule
from resdsl.lint.subject import Subject
from resdsl.lint.sums import Sum
from resdsl.lint.words import times
from resdsl.ops.weighted import Conv

PLAIN = 30  # layers; of the plain nets of He et al. 2015, 20 layers are better than 32, and 18 better than 34
BASIC = 32  # layers in units of two; ResNet-34 has that many
NARROW = 64  # channels; below, as in the paper's nets for CIFAR-10, a bottleneck would be too narrow inside


@network_rule("W1006", "a plain net deeper than 30 layers degrades", "He et al. 2015, section 4.1 and Table 2")
def plain(subject: Subject) -> Iterator[Finding]:
    """Every way passes every layer: no shortcut anywhere."""
    depth = subject.net.layers
    shortest = [way[0].times("layer") for way in subject.ways.outputs if 0 in way]
    if depth > PLAIN and shortest and min(shortest) == depth:
        yield Finding(
            f"{depth:,} layers and no shortcut: every way from the input passes all of them; "
            "of the paper's plain nets 34 layers err 28.54 % on ImageNet, 18 layers 27.94 %",
            (subject.model_label(f"{depth:,} layers in a row"),),
            (Fix("add shortcuts around every two or three layers: `F + id`"),),
        )


@network_rule(
    "W1008", "basic units beyond 34 layers, where bottlenecks cost less", "He et al. 2015, section 4.1 and Fig. 5"
)
def deep_basic(subject: Subject) -> Iterator[Finding]:
    """From 50 layers on the paper uses units of 1x1, 3x3 and 1x1."""
    likely = [s for s in subject.sums if s.branch.layers == 2 and s.after[0] > NARROW]
    if sum(2 * s.piece.times for s in likely) <= BASIC:
        return
    from resdsl.analyze.longest import Gate, ways

    paths = ways(subject.straight)
    found: list[Sum] = []
    for s in likely:
        lines = s.piece.code.lines
        start = next((i + 1 for i, each in enumerate(lines) if s.x in each.makes), 0)
        path = paths.between(s.piece.code, start, s.place)[s.branch.tensor][s.x].layers
        ops = [step.op for step in path if not isinstance(step, Gate)]
        if all(isinstance(op, Conv) and _three(op) for op in ops):
            found.append(s)
    layers = sum(2 * s.piece.times for s in found)
    if layers <= BASIC:
        return
    now, then = ([sum(cost(s)[i] * s.piece.times for s in found) for i in (0, 1)] for cost in (_basic, _bottleneck))
    last = max(found, key=lambda s: s.piece.times)
    yield Finding(
        f"{times(layers // 2, 'unit')} of two 3x3 convolutions have {now[0]:,} weights and take {now[1]:,} "
        f"multiply-adds; bottlenecks of the same widths would have {then[0]:,} and take {then[1]:,}",
        subject.labels(last.node, last.piece.owner, f"in {layers} layers of the net", "this sum"),
        (Fix("use `bottleneck`, perhaps with more channels for the same cost"),),
    )


def _three(op: Conv) -> bool:
    return op.groups == 1 and set(op.kernel if isinstance(op.kernel, tuple) else (op.kernel,)) == {3}


def _basic(s: Sum) -> tuple[int, int]:
    """Weights and multiply-adds of two 3x3 convolutions."""
    into, out, rank = s.before[0], s.after[0], len(s.after) - 1
    weights = 3**rank * (into * out + out * out)
    return weights, weights * prod(s.after[1:])


def _bottleneck(s: Sum) -> tuple[int, int]:
    """The same of a 1x1, a 3x3 that strides and a 1x1, the inner width a quarter."""
    into, out, rank = s.before[0], s.after[0], len(s.after) - 1
    inner = out // 4
    first, rest = into * inner, 3**rank * inner * inner + inner * out
    return first + rest, first * prod(s.before[1:]) + rest * prod(s.after[1:])
