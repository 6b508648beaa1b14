"""The identity path: what stands on it, and what the factors along it come to."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from resdsl import graph
from resdsl.analyze.identity import Crossing, multiplied, stretches
from resdsl.analyze.report import line_name
from resdsl.diagnostics import Fix
from resdsl.lint.registry import Finding, network_rule
from resdsl.lint.subject import Subject
from resdsl.lint.sums import Sum, after
from resdsl.lint.words import by_place, times
from resdsl.ops import OPS
from resdsl.ops.pointwise import Activation, Dropout, DropPath
from resdsl.ops.weighted import BatchNorm, FrozenNorm, Gain, GroupNorm, LayerNorm

DEEP = 200  # layers; of this depth He et al. 2016 measured what the activation costs on ImageNet
_VANISHED, _EXPLODED = 0.1, 10.0
_MEASURED = {  # error on CIFAR-10 with ResNet-110, which has 6.61 % with identity shortcuts
    "dropout": "with dropout there ResNet-110 does not learn",
    "normalisation": "with a norm after the addition ResNet-110 errs 8.17 % in place of 6.61 %",
    "product": "with a gate there ResNet-110 errs 6.91 to 12.86 % in place of 6.61 %",
}
_NORMS = (BatchNorm, FrozenNorm, LayerNorm, GroupNorm)


@network_rule(
    "W1003", "something other than the identity on the identity path", "He et al. 2016, section 3.1 and Tables 1 and 2"
)
def no_identity(subject: Subject) -> Iterator[Finding]:
    """A norm, dropout, gate, gain or activation on a shortcut that could be x, or a norm after the addition."""
    flagged: list[tuple[Sum, Crossing, graph.AnyNode, int]] = []
    for found in subject.sums:
        on = [c for c, _ in found.shortcut.trail.crossings] if found.before == found.after else []
        if any(c.kind == "layer" for c in on):
            on = []  # a projection: another rule
        flagged += [(found, c, found.shortcut_node, found.piece.times) for c in on if _breaks(c)]
        for behind in after(subject, found):
            crossings = [c for c, _ in behind.trail.crossings if not _activation(c)]
            flagged += [(found, c, found.node, behind.times) for c in crossings if _breaks(c)]
    for group in by_place(flagged, lambda row: (row[2].at, row[1])):
        found, crossing, node, _ = group[0]
        count = sum(runs for *_, runs in group)
        told = _MEASURED.get(_family(crossing), "")
        yield Finding(
            f"{_article(crossing)} stands on the identity path of {times(count, 'unit')}: "
            f"x_L is no longer x_l and a sum, and neither is the gradient{'; ' * bool(told)}{told}",
            subject.labels(
                node, found.piece.owner, "no clean identity through these units", "on the path", crossing.at
            ),
            (Fix("leave the shortcut and what follows the addition bare, and move the op into the branch"),),
        )


def _breaks(crossing: Crossing) -> bool:
    return crossing.kind == "op" and _family(crossing) != ""


def _activation(crossing: Crossing) -> bool:
    return bool(crossing.op) and issubclass(OPS[crossing.op], Activation)


def _family(crossing: Crossing) -> str:
    """What kind of op; nothing for those that change a shape, which a shortcut may need."""
    if not crossing.op:
        return "product"
    op = OPS[crossing.op]
    if issubclass(op, Dropout | DropPath):
        return "dropout"
    if issubclass(op, _NORMS):
        return "normalisation"
    return "other" if issubclass(op, Activation | Gain) else ""


def _article(crossing: Crossing) -> str:
    return crossing.what if crossing.what.startswith("a ") else f"`{crossing.op}`"


@network_rule(
    "W1004", "factors on the identity path whose product vanishes or explodes", "He et al. 2016, section 3, eq. 8"
)
def factors(subject: Subject) -> Iterator[Finding]:
    """x and its gradient are scaled by the product of all the factors between two units."""
    names = tuple(line_name(line) for line in subject.program.body.lines)
    trails = [s.trail for s in stretches(subject.ways, names) if s.trail is not None]
    crossed: dict[Crossing, int] = {}
    for trail in trails:
        for crossing, count in trail.crossings:
            if crossing.kind == "factor" and abs(crossing.factor) != 1:
                crossed[crossing] = crossed.get(crossing, 0) + count
    product = abs(multiplied(crossed.items()))
    if _VANISHED <= product <= _EXPLODED:
        return
    worst = max(crossed, key=lambda c: crossed[c])
    grows = "explode" if product > 1 else "vanish"
    shown = "more than any float" if product == inf else f"{product:.3g}" if product else "less than any float"
    node, owner = next((line.node, piece.owner) for piece, line in subject.lines() if line.node.at == worst.at)
    total = sum(crossed.values())
    yield Finding(
        f"{times(total, 'factor')} stand{'s' * (total == 1)} on the identity path, "
        f"such as {worst.factor:g} {crossed[worst]:,} times: "
        f"their product is {shown}, by which x and its gradient {grows}",
        subject.labels(node, owner, f"on the path {crossed[worst]:,} times", "this factor"),
        (Fix("leave the shortcut unscaled; scale the branch instead"),),
    )


@network_rule(
    "W1005", "an activation after the addition stands on the identity path", "He et al. 2016, Tables 3 and 5",
    severity="information",
)  # fmt: skip
def after_addition(subject: Subject) -> Iterator[Finding]:
    """Published nets have it; from 200 layers on it is measured to cost accuracy."""
    behind = [each for s in subject.sums for each in after(subject, s)]
    flagged = [(each, c) for each in behind for c, _ in each.trail.crossings if c.kind == "op" and _activation(c)]
    depth = subject.net.layers
    for group in by_place(flagged, lambda row: (row[0].sum.node.at, row[1].op)):
        found, crossing = group[0][0].sum, group[0][1]
        count = sum(each.times for each, _ in group)
        yield Finding(
            f"{crossing.what} follows the addition in {times(count, 'unit')}, so no identity leads through the "
            f"{depth:,} layers; with pre-activation 200 layers err 20.7 % in place of 21.8 % on ImageNet, "
            "and 1001 err 4.92 % in place of 7.61 % on CIFAR-10",
            subject.labels(
                found.node, found.piece.owner, f"{crossing.what} after the addition", "on the path", crossing.at
            ),
            (Fix("use units of pre-activation, such as `preact`, whose activation stands in the branch"),),
            "warning" if depth >= DEEP else None,
        )
