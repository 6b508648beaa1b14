"""Single layers that waste what they are given: biases before a norm, values never read, weights that see padding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod

from resdsl.analyze.straight import Do, Loop
from resdsl.diagnostics import Edit, Fix, Label, Span
from resdsl.graph import Step
from resdsl.lint.registry import Finding, network_rule
from resdsl.lint.subject import Found, Subject, reading
from resdsl.lint.words import by_place, times
from resdsl.ops import shapes, show
from resdsl.ops.base import per_axis
from resdsl.ops.spatial import Pool, Subsample
from resdsl.ops.weighted import BatchNorm, Conv, GroupNorm, LayerNorm, Linear

_BIAS = re.compile(r",\s*bias\s*=\s*(?:true|-?[0-9][0-9_.e-]*)(?=\s*[,)])")


# -- a bias before a norm ------------------------------------------------------------------------------------------


@network_rule(
    "W1009", "a bias right before a batch normalisation, which takes it away", "Ioffe and Szegedy 2015, section 3.2"
)
def biased(subject: Subject) -> Iterator[Finding]:
    """The norm subtracts the mean, the bias in it."""
    for group in by_place(_biased(subject), lambda f: _row(subject.labels(f.step, f.owner)[0].span)):
        found = group[0]
        lost = sum(f.y[0] * f.times for f in group)
        count = sum(f.times for f in group)
        label, *inner = subject.labels(found.step, found.owner, "a norm follows", "this layer")
        ends = [subject.labels(f.step, f.owner)[0].span.end for f in group]
        yield Finding(
            f"the bias of {times(count, 'layer')} is taken away by the batch normalisation that follows: "
            f"{lost:,} parameters in vain",
            (Label(Span(label.span.source, label.span.start, max(ends)), label.text), *inner),
            (_unbiased(subject, group),),
        )


def _row(span: Span) -> tuple[str, int]:
    """The line of a text: what it says is told once."""
    return span.source.name, span.source.position(span.start)[0]


def _biased(subject: Subject) -> Iterator[Found]:
    for piece in subject.pieces:
        for line in piece.code.lines:
            for tensor in line.makes:
                made = subject.last(piece.code, tensor, piece.owner)
                if made is None or not isinstance(op := made[0].op, Conv | Linear) or op.bias is False:
                    continue
                readers = reading(piece.code, tensor)
                if len(readers) != 1 or tensor in piece.code.results or tensor not in readers[0].reads[0]:
                    continue
                norm = subject.first(readers[0], piece.owner)
                if norm is not None and isinstance(norm[0].op, BatchNorm):
                    yield Found(made[0], made[1], piece.times)


def _unbiased(subject: Subject, group: list[Found]) -> Fix:
    """The biases of one line taken out, where they are written in it."""
    linear = isinstance(group[0].step.op, Linear)
    edits = {}
    for found in group:
        span = subject.span(found.step.at)
        match = None if span.source.shipped else _BIAS.search(span.text)
        if match is not None:
            place = Span(span.source, span.start + match.start(), span.start + match.end())
            edits[place] = Edit(place, ", bias = false" if isinstance(found.step.op, Linear) else "")
    if not edits:
        return Fix("leave the bias out before a norm" + " (`bias = false`)" * linear)
    return Fix("leave the bias out" + ": a convolution has none of itself" * (not linear), tuple(edits.values()))


# -- values that are never read -----------------------------------------------------------------------------------


@network_rule(
    "W1010", "a strided 1x1 convolution, and nothing else, reads a map", "He, T. et al. 2019, section 4.1 and Fig. 2"
)
def never_read(subject: Subject) -> Iterator[Finding]:
    """A kernel smaller than its stride skips positions; where all readers do, nobody sees them."""
    rows = []
    for piece in subject.pieces:
        first = piece.code.sources if piece.owner is not None or piece.code is not subject.straight.model else 0
        for tensor in range(first, len(piece.code.shapes)):
            readers = reading(piece.code, tensor)
            if readers and tensor not in piece.code.results and all(_skips(subject, r, tensor) for r in readers):
                reader = _reader(subject, readers[0], piece.owner)
                if reader is not None:
                    rows.append(Found(*reader, piece.times))
    for group in by_place(rows, lambda f: f.step.at):
        found = group[0]
        op, into = found.step.op, found.x
        assert isinstance(op, Conv)
        rank = len(into) - 1
        seen = prod(min(k / s, 1) for k, s in zip(*_sizes(op, rank), strict=True))
        step = prod(per_axis(op.stride, rank, "stride"))
        more = sum((step - 1) * f.step.op.price(f.step.input, f.step.output).macs * f.times for f in group)
        yield Finding(
            f"{op.label(rank)} is all that reads {show(into)}: {100 * (1 - seen):.0f} % of the values are never read, "
            f"in {times(len(group), 'place')}; with the stride in the next 3x3 (v1.5) all are, "
            f"for {more:,} multiply-adds more",
            subject.labels(found.step, found.owner, "", "this convolution strides"),
            (
                Fix("stride in a 3x3, as `bottleneck` does"),
                Fix("a mean before the projection (option D) reads all values at no multiply-add"),
            ),
        )


def _sizes(op: Conv | Pool, rank: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    kernel = per_axis(op.kernel, rank, "kernel")
    return kernel, kernel if op.stride is None else per_axis(op.stride, rank, "stride")


def _skips(subject: Subject, line: Do | Loop, tensor: int) -> bool:
    """Whether a line passes some positions of a tensor by."""
    if line.reads[0] != (tensor,):
        return False
    node = line.node if isinstance(line, Do) else None
    if isinstance(node, Step):
        if isinstance(node.op, Subsample):
            return node.output != node.input
        if not isinstance(node.op, Conv | Pool):
            return False
        return any(k < s for k, s in zip(*_sizes(node.op, len(shapes(node.input)[0]) - 1), strict=True))
    inner = subject.within(line, None)
    if inner is None:
        return False
    readers = reading(inner[0], 0)
    return bool(readers) and 0 not in inner[0].results and all(_skips(subject, each, 0) for each in readers)


def _reader(subject: Subject, line: Do | Loop, owner: int | None) -> tuple[Step, int | None] | None:
    """The convolution that reads what enters a line."""
    if isinstance(line, Do) and isinstance(line.node, Step):
        return (line.node, owner) if isinstance(line.node.op, Conv) else None
    code, inner = subject.within(line, owner) or (None, None)
    found = (_reader(subject, each, inner) for each in reading(code, 0)) if code is not None else iter(())
    return next((each for each in found if each is not None), None)


# -- weights that see padding alone ---------------------------------------------------------------------------------


@network_rule(
    "W1012", "a kernel larger than its map, so that some weights only ever meet padding", "He et al. 2015, Table 1"
)
def oversized(subject: Subject) -> Iterator[Finding]:
    """The table's last map is 7 x 7, its kernels 3 x 3; on smaller images the maps shrink and the kernels stay."""
    rows = []
    for found in subject.steps:
        if isinstance(found.step.op, Conv) and found.step.op.kernel != 1:
            taps = _taps(found)
            if prod(used for used, _ in taps) < prod(all_ for _, all_ in taps):
                rows.append((found, taps))
    for group in by_place(rows, lambda row: subject.labels(row[0].step, row[0].owner)[0].span):
        found, taps = group[0]
        kernel, used = prod(n for _, n in taps), prod(n for n, _ in taps)
        lost = sum(_dead(f, t) * f.times for f, t in group)
        op, count = found.step.op, sum(f.times for f, _ in group)
        yield Finding(
            f"{op.label(len(taps))} on a map of {show(found.x[1:])}: {kernel - used} of the {kernel} weights "
            f"of a filter only ever meet padding; {lost:,} parameters in {times(count, 'layer')} learn nothing",
            subject.labels(found.step, found.owner, f"a map of {show(found.x[1:])}", "this convolution"),
            (Fix("take a larger input, stride less before it, or use a smaller kernel"),),
        )


def _taps(found: Found) -> list[tuple[int, int]]:
    """Along each axis, how many of the kernel's places ever meet the map, and how many there are."""
    op, rank = found.step.op, len(found.x) - 1
    assert isinstance(op, Conv)
    padding = None if isinstance(op.padding, str | None) else per_axis(op.padding, rank, "padding")
    sizes = (per_axis(value, rank, "kernel") for value in (op.kernel, op.stride, op.dilation))
    taps = []
    for axis, (n, m, k, s, d) in enumerate(zip(found.x[1:], found.y[1:], *sizes, strict=True)):
        reach = d * (k - 1)
        before = padding[axis] if padding is not None else reach // 2
        meets = k if reach < n else sum(any(0 <= p * s - before + i * d < n for p in range(m)) for i in range(k))
        taps.append((meets, k))
    return taps


def _dead(found: Found, taps: list[tuple[int, int]]) -> int:
    """Parameters that learn nothing."""
    op = found.step.op
    assert isinstance(op, Conv)
    places = prod(n for _, n in taps) - prod(n for n, _ in taps)
    return op.width * found.x[0] // op.groups * places


# -- windows that need no padding ------------------------------------------------------------------------------------


@network_rule("W1018", "a pool that pads although its windows stand side by side", "docs/language.md, `maxpool`")
def padded(subject: Subject) -> Iterator[Finding]:
    """Padding left out is half the kernel, for windows that overlap; where they do not, the windows only move out."""
    rows = [f for f in subject.steps if isinstance(f.step.op, Pool) and f.lone and _padded(f.step.op, len(f.x) - 1)]
    for group in by_place(rows, lambda f: subject.labels(f.step, f.owner)[0].span):
        found = group[0]
        op = found.step.op
        assert isinstance(op, Pool)
        kernel, _ = _sizes(op, len(found.x) - 1)
        half = ", ".join(str((k - 1) // 2) for k in dict.fromkeys(kernel))
        yield Finding(
            f"windows of {show(kernel)} do not overlap, and yet the padding is {half} a side, so that those "
            f"at the border hold fewer values: {show(found.x)} becomes {show(found.y)}",
            subject.labels(found.step, found.owner, "padded where nothing says so", "this pool"),
            (Fix("write `padding = 0`"),),
        )


def _padded(op: Pool, rank: int) -> bool:
    kernel, stride = _sizes(op, rank)
    return op.padding is None and any(s >= k > 2 for k, s in zip(kernel, stride, strict=True))


# -- the order of PyTorch --------------------------------------------------------------------------------------------


@network_rule(
    "W1019", "arguments in the order of PyTorch, where they mean something else", "docs/language.md, From PyTorch"
)
def in_torch_order(subject: Subject) -> Iterator[Finding]:
    """No layer is told how many channels enter, so that a number for them moves the others to the wrong place."""
    rows = [(f, edit) for f in subject.steps if f.lone and _odd(f) and (edit := _too_many(subject, f))]
    for group in by_place(rows, lambda row: row[1].span):
        found, edit = group[0]
        yield Finding(
            f"{_odd(found)}: in PyTorch the channels that enter are written too, here they are not",
            subject.labels(found.step, found.owner, "this layer", "this layer"),
            (Fix(f"leave the {found.x[0]} out", (edit,)),),
        )


def _odd(found: Found) -> str:
    """What nobody would write, if an op has it."""
    op, channels = found.step.op, found.x[0]
    if isinstance(op, Conv) and op.width == channels and op.groups == 1 and op.stride != op.kernel:
        kernel = max(per_axis(op.kernel, len(found.x) - 1, "kernel"))
        return f"a kernel of {kernel} from {channels} channels to as many" if kernel > 8 and kernel % 2 == 0 else ""
    if isinstance(op, Linear) and op.width == channels and op.bias not in (True, False) and op.bias >= 2:
        return f"biases that start at {op.bias:g}"
    if isinstance(op, BatchNorm | LayerNorm | GroupNorm):
        if op.eps >= 1:
            return f"an `eps` of {op.eps:g}"
        return f"weights that start at {op.start:g}" if op.start == channels > 1 else ""
    return ""


# Arguments by place, the number of channels too many: of `groupnorm` the second, else the first.
_TOO_MANY = re.compile(
    r"(?:conv|linear)\((?P<first>[^,()=\[]+,\s*)[^,()=\[]+[,)]"
    r"|groupnorm\([^,()=\[]+(?P<second>,[^,()=\[]+)[,)]"
    r"|(?:batchnorm|layernorm|norm)(?P<only>\([^,()=\[]+\))"
)


def _too_many(subject: Subject, found: Found) -> Edit | None:
    """The number of channels taken out of a call that gives its arguments by place."""
    span = subject.labels(found.step, found.owner)[0].span
    match = _TOO_MANY.match(span.source.text, span.start)
    if match is None or match.lastgroup is None:
        return None
    return Edit(Span(span.source, *match.span(match.lastgroup)), "")
