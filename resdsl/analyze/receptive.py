"""The receptive field: which positions of the input one position of a tensor can see.

Along an axis, position p of a tensor sees the input from jump * p + low to jump * p + high. An op of kernel k, dilation
d, stride s and padding q sees s * p - q to s * p - q + d * (k - 1); ops in a row put one into the other; where ways
meet, the field spans what any of them sees. Its size is high - low + 1, the padding of the borders in it. The spread is
the field of the narrowest way: in a residual net the shortcuts see much less than the whole.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple, TypeAlias

from resdsl import graph
from resdsl.analyze.straight import Straight
from resdsl.analyze.ways import Measure, Ways
from resdsl.ops import Shape, shapes
from resdsl.ops.base import per_axis
from resdsl.ops.pointwise import GlobalSoftmax
from resdsl.ops.spatial import Blur, Border, Pool, Resize, Subsample, Upsample
from resdsl.ops.weighted import Conv


class Span(NamedTuple):
    """What a position sees along one axis."""

    jump: Fraction | int
    low: Fraction | int
    high: Fraction | int

    @property
    def size(self) -> int:
        """Positions, in whole numbers."""
        return int(self.high - self.low) + 1

    def then(self, after: Span) -> Span:
        low, high = self.jump * after.low + self.low, self.jump * after.high + self.high
        return Span(self.jump * after.jump, low, high)


ONE = Span(1, 0, 0)
Spans: TypeAlias = tuple[Span, ...] | None  # an axis each; () is that of the tensor itself; None sees everything


class Field(NamedTuple):
    """The field over all ways, and that of the narrowest."""

    widest: Spans
    narrowest: Spans


class _Fields(Measure[Field]):
    here = Field((), ())

    def then(self, before: Field, after: Field) -> Field:
        return Field(_then(before.widest, after.widest), _then(before.narrowest, after.narrowest))

    def either(self, one: Field, other: Field) -> Field:
        return Field(_hull(one.widest, other.widest), min(one.narrowest, other.narrowest, key=_size))

    def step(self, node: graph.Step, group: int, item: int) -> Field | None:
        if group:
            return None if isinstance(node.op, Resize) else Field(None, None)  # `like` gives its size alone
        one_each = len(shapes(node.input)) == len(shapes(node.output)) and not node.op.takes_list
        spans = _crossing(node, shapes(node.input)[item if one_each else 0], shapes(node.output)[item])
        return Field(spans, spans)

    def join(self, node: graph.Join, side: int) -> Field | None:
        return self.here


def _then(before: Spans, after: Spans) -> Spans:
    if before is None or after is None:
        return None
    if not before or not after:
        return before or after
    if len(before) != len(after):
        return None
    return tuple(a.then(b) for a, b in zip(before, after, strict=True))


def _hull(one: Spans, other: Spans) -> Spans:
    if one is None or other is None:
        return None
    if len(one) != len(other):
        one, other = one or (ONE,) * len(other), other or (ONE,) * len(one)
    return tuple(Span(a.jump, min(a.low, b.low), max(a.high, b.high)) for a, b in zip(one, other, strict=True))


def _size(spans: Spans) -> tuple[bool, Fraction | int]:
    area: Fraction | int = 1
    for span in spans or ():
        area *= span.high - span.low + 1
    return spans is None, area


def _crossing(node: graph.Step, x: Shape, y: Shape) -> Spans:
    """What a position of y sees of x."""
    op, rank = node.op, len(x) - 1
    if isinstance(op, Conv | Pool):
        kernel = per_axis(op.kernel, rank, "kernel")
        stride = kernel if op.stride is None else per_axis(op.stride, rank, "stride")
        dilation = per_axis(op.dilation, rank, "dilation") if isinstance(op, Conv) else (1,) * rank
        spans = []
        for k, s, d, given in zip(kernel, stride, dilation, _padding(op.padding, rank), strict=True):
            reach = d * (k - 1)
            before = reach // 2 if given is None else given
            spans.append(Span(s, -before, reach - before))
        return tuple(spans)
    if isinstance(op, Blur):
        side = (op.kernel - 1) // 2
        return (Span(op.stride, -side, op.kernel - 1 - side),) * rank
    if isinstance(op, Border):
        return tuple(Span(1, -before, -before) for before, _ in op.sides(rank))
    if isinstance(op, Subsample):
        return tuple(Span(s, 0, 0) for s in per_axis(op.stride, rank, "stride"))
    if isinstance(op, Upsample | Resize):
        return tuple(_resampled(op.mode, n, m) for n, m in zip(x[1:], y[1:], strict=True))
    if isinstance(op, GlobalSoftmax):
        return None
    if x[1:] == y[1:] or (set(x[1:]) <= {1} and set(y[1:]) <= {1}):
        return ()  # position by position
    return None


def _padding(given: object, rank: int) -> tuple[int | None, ...]:
    """The padding before each axis; None where it is half of the reach."""
    if given is None or given == "same":
        return (None,) * rank
    return per_axis(given, rank, "padding")  # type: ignore[arg-type]


def _resampled(mode: str, n: int, m: int) -> Span:
    """Position p of m sees the nearest of n positions, or for `bilinear` the two around it."""
    jump = Fraction(n, m)
    if mode == "nearest":
        return Span(jump, jump - 1 if m > n else 0, 0)
    return Span(jump, jump / 2 - Fraction(1, 2) - 1 + jump, jump / 2 + Fraction(1, 2))


class Receptive:
    """The receptive field of every line of a model, of the first of its tensors."""

    def __init__(self, straight: Straight) -> None:
        self.ways = Ways(straight, _Fields())
        self.lines = tuple(self.ways.tensors[made[0]].get(0, Field((), ())) for _, made in straight.ends)
