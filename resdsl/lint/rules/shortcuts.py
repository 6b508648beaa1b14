"""Shortcuts that cost parameters where the identity would do."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.diagnostics import Fix
from resdsl.lint.registry import Finding, network_rule
from resdsl.lint.subject import Subject
from resdsl.lint.sums import Sum, price
from resdsl.lint.words import by_place, kernel_size, times
from resdsl.ops.weighted import Linear


@network_rule("W1007", "projections where the identity would fit (option C)", "He et al. 2015, section 4.1 and Table 3")
def option_c(subject: Subject) -> Iterator[Finding]:
    """Option B projects only where the shape changes."""
    for group in by_place([s for s in subject.sums if _projects(subject, s)], lambda s: s.node.at):
        spent = [price(subject, s.only(s.shortcut)) * s.piece.times for s in group]
        params, macs = sum(cost.params for cost in spent), sum(cost.macs for cost in spent)
        count, first = sum(s.piece.times for s in group), group[0]
        net = subject.net
        yield Finding(
            f"{times(count, 'shortcut')} project{'s' * (count == 1)} x though its shape stays: {params:,} "
            f"parameters and {macs:,} multiply-adds more than with the identity there, as option B has it, "
            f"where the net has {net.params - params:,} and {net.macs - macs:,}",
            subject.labels(first.shortcut_node, first.piece.owner, "a projection in every unit", "this shortcut"),
            (Fix("project only where the shape changes: `shortcut = project`"),),
        )


def _projects(subject: Subject, s: Sum) -> bool:
    """Whether one side is a lone 1x1 convolution or linear layer, perhaps with a norm, on a shape that stays."""
    if len(s.sides) != 2 or s.before != s.after or s.branch.layers < 2 or s.shortcut.trail.times("layer") != 1:
        return False
    layers = [step.op for line in s.only(s.shortcut) for step in subject.inside(line) if step.op.layer]
    return len(layers) == 1 and (isinstance(layers[0], Linear) or kernel_size(layers[0]) == 1)
