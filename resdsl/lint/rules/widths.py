"""Widths: how they follow the map, the hardware, and the groups."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from resdsl.diagnostics import Fix
from resdsl.lint.registry import Finding, network_rule
from resdsl.lint.subject import Found, Subject
from resdsl.lint.sums import Sum
from resdsl.lint.words import by_place, kernel_size, times
from resdsl.ops import shapes, show
from resdsl.ops.weighted import Conv, Linear

_LANE = 8  # elements of 16 bits that a tensor core takes at once
_FAR = 1.5  # a width this many times off the doubled one; RegNet's widths stay nearer


@network_rule(
    "W1002", "the width does not follow the map: doubled where it halves, else kept", "He et al. 2015, section 3.3"
)
def width_and_map(subject: Subject) -> Iterator[Finding]:
    """Halved maps of twice the width keep the cost of a layer; a stage keeps both."""
    all_sums = subject.sums
    made = {s.after for s in all_sums}
    dilated = any(isinstance(f.step.op, Conv) and f.step.op.dilation not in (1, (1,)) for f in subject.steps)
    flagged = [s for s in all_sums if s.before in made and len(s.before) > 1 and _off(s, dilated)]
    for group in by_place(flagged, lambda s: (s.node.at, s.before, s.after)):
        s = group[0]
        before, after = (_layer(shape) for shape in (s.before, s.after))
        stride, (old, new) = _stride(s), (s.before[0], s.after[0])
        maps = f"the map shrinks from {show(s.before[1:])} to {show(s.after[1:])}"
        what = f"{maps} and the width " + ("stays" if old == new else f"goes from {old} to") + f" {new}"
        if stride == 1:
            what = f"the width goes from {old} to {new} while the map stays {show(s.after[1:])}"
        yield Finding(
            f"{what}: a 3x3 convolution costs {after:,} multiply-adds in this stage, {before:,} in the one before",
            subject.labels(s.node, s.piece.owner, f"{show(s.before)} to {show(s.after)}", "this sum"),
            (Fix(f"make the width {stride * old}" + (", or change it where the map shrinks" if stride == 1 else "")),),
        )


def _stride(s: Sum) -> int:
    return max(max(round(a / b) for a, b in zip(s.before[1:], s.after[1:], strict=True)), 1)


def _off(s: Sum, dilated: bool) -> bool:
    """Whether a unit that changes the shape is far from the rule. A net that dilates keeps its map on purpose."""
    if s.before == s.after or len(s.before) != len(s.after):
        return False
    stride, ratio = _stride(s), s.after[0] / s.before[0]
    if s.before[1:] == s.after[1:]:
        return not dilated
    return stride > 1 and not stride / _FAR <= ratio <= stride * _FAR


def _layer(shape: tuple[int, ...]) -> int:
    """Multiply-adds of a 3x3 convolution (3 along each axis) that keeps a shape."""
    return int(3 ** (len(shape) - 1) * shape[0] ** 2 * prod(shape[1:]))


@network_rule(
    "W1014", "a width that tensor cores cannot fill", "NVIDIA, Deep Learning Performance Guide, section 2.2", on=False
)
def lanes(subject: Subject) -> Iterator[Finding]:
    """Multiples of 8 in and out, in each group; the image's channels and the classes are not the author's to choose."""
    layers = [(found, *_widths(found)) for found in subject.steps if _counts(subject, found)]
    flagged = [row for row in layers if row[1] % _LANE or row[2] % _LANE]
    whole = subject.net.macs
    for group in by_place(flagged, lambda row: row[0].step.at):
        found, into, out = group[0]
        macs = sum(f.step.op.price(f.step.input, f.step.output).macs * f.times for f, _, _ in group)
        each = " in each group" if isinstance(found.step.op, Conv) and found.step.op.groups > 1 else ""
        yield Finding(
            f"{into} channels in, {out} out{each}, and tensor cores take {_LANE} at a time; "
            f"{100 * macs / whole:.1f} % of the multiply-adds run in such layers here",
            subject.labels(found.step, found.owner, f"{into} in, {out} out", "this layer"),
            (Fix(f"make both multiples of {_LANE}: {_up(into)} and {_up(out)}"),),
        )


def _counts(subject: Subject, found: Found) -> bool:
    """A layer on a map, other than the first and the last of the net; one on a single position costs nothing."""
    op = found.step.op
    if not isinstance(op, Conv | Linear) or found.x == subject.program.input:
        return False
    if found.y in shapes(subject.program.output):
        return False
    return prod(found.y[1:]) > 1 and not (isinstance(op, Conv) and op.groups == found.x[0])


def _widths(found: Found) -> tuple[int, int]:
    """Channels in and out of each group of a layer."""
    groups = found.step.op.groups if isinstance(found.step.op, Conv) else 1
    return found.x[0] // groups, found.y[0] // groups


def _up(width: int) -> int:
    return -(-width // _LANE) * _LANE


@network_rule("W1015", "groups of one channel that are not a depthwise convolution", "Xie et al. 2017, section 3")
def narrow_groups(subject: Subject) -> Iterator[Finding]:
    """As many groups as channels is meant as depthwise if both sides have that width and the kernel sees neighbours.

    Not where the same line makes wider groups elsewhere.
    """
    convs = [found for found in subject.steps if isinstance(found.step.op, Conv) and found.step.op.groups > 1]
    for group in by_place(convs, lambda f: f.step.at):
        narrow = [f for f in group if 1 in _widths(f)]
        if not narrow:
            continue
        found = narrow[0]
        into, out = _widths(found)
        op = found.step.op
        assert isinstance(op, Conv)
        wider = next((max(_widths(f)) for f in group if 1 not in _widths(f)), None)
        if into == out == 1 and wider is not None:
            why = f"the same line makes groups of {wider} channels elsewhere: {op.groups} are too many here"
        elif into == out == 1 and kernel_size(op) == 1:
            why = "a 1x1 convolution in as many groups as channels is a factor for each channel and mixes nothing"
        elif into > 1:
            why = f"each output sees {into} of the {found.x[0]} channels and shares none of them with another"
        else:
            continue
        yield Finding(
            f"{op.groups} groups on {show(found.x)} leave {into} channel{'s' * (into > 1)} in and {out} out a group, "
            f"in {times(sum(f.times for f in narrow), 'layer')}: {why}",
            subject.labels(found.step, found.owner, f"{op.groups} groups", "this convolution"),
            (
                Fix(f"take fewer groups than {op.groups}"),
                Fix("for a depthwise convolution, take as many as the channels that enter"),
            ),
        )
