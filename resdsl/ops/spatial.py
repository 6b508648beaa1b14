"""Ops over positions: pools, resampling, blur."""

from __future__ import annotations

from math import prod

from resdsl.ops.base import NOTHING, Cost, Op, Refused, Shape, Value, argument, per_axis, positions, show, slide
from resdsl.ops.weighted import strided, times

_NEAREST = 'write `mode = "nearest"`'


class Pool(Op):
    """A window slides; `stride` left out is the kernel; `padding` left out is (kernel - 1) // 2 a side."""

    kernel: int | tuple[int, ...] = argument("sizes")
    stride: int | tuple[int, ...] | None = argument("sizes", None)
    padding: int | tuple[int, ...] | None = argument("padding", None)
    ceil: bool = argument("flag", False)

    def shape(self, x: Shape) -> Shape:
        rank = len(positions(x, self.name))
        kernel = per_axis(self.kernel, rank, "kernel")
        stride = kernel if self.stride is None else per_axis(self.stride, rank, "stride")
        if self.padding is None:
            padding = tuple((k - 1) // 2 for k in kernel)
        elif isinstance(self.padding, str):
            fix = "leave the padding out: half of the kernel"
            raise Refused("E0404", f'`{self.name}` has no padding = "same"', "padding", fix)
        else:
            padding = per_axis(self.padding, rank, "padding")
        for k, p in zip(kernel, padding, strict=True):
            if p > k // 2:
                raise Refused(
                    "E0404", f"a padding of {p} is more than half the kernel of {k}", "padding", f"{k // 2} is the most"
                )
        return (x[0], *slide(x[1:], kernel, stride, (1,) * rank, padding, self.ceil))

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(pool=prod(x))

    def label(self, rank: int = 2) -> str:
        kind = {"maxpool": "max-pool", "avgpool": "avg-pool"}[self.name]
        return f"{times(self.kernel, rank)} {kind}{strided(self.kernel if self.stride is None else self.stride)}"


class MaxPool(Pool):
    """The largest value of each window."""

    name = "maxpool"
    stem = "pool"


class AvgPool(Pool):
    """The mean of each window; with `count_padding` the zeros of the padding count in the mean."""

    name = "avgpool"
    stem = "pool"
    count_padding: bool = argument("flag", False)

    def shape(self, x: Shape) -> Shape:
        y = super().shape(x)
        kernel = per_axis(self.kernel, len(x) - 1, "kernel")
        if len(x) == 4 and any(k > n for k, n in zip(kernel, x[1:], strict=True)):
            what = f"over three axes the window must fit into {show(x)} without padding"
            raise Refused("E0303", what, "kernel", "take a smaller kernel")
        return y


class AdaptivePool(Op):
    """The mean over `size` windows along each axis, whatever the input's size.

    Window i of n positions runs from floor(i n / size) up to ceil((i + 1) n / size), so windows overlap where n is no
    multiple of `size`, and repeat positions where it is smaller.
    """

    name = "adaptivepool"
    stem = "pool"
    size: int | tuple[int, ...] = argument("sizes")

    def shape(self, x: Shape) -> Shape:
        return (x[0], *per_axis(self.size, len(positions(x, self.name)), "size"))

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(pool=prod(x))

    def label(self, rank: int = 2) -> str:
        return f"avg-pool to {times(self.size, rank)}"


class OverPositions(Op):
    """One number of each channel, made of all its positions: C x H x W to C x 1 x 1."""

    stem = "pool"

    def shape(self, x: Shape) -> Shape:
        return (x[0], *(1 for _ in positions(x, self.name)))

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(pool=prod(x))


class GlobalPool(OverPositions):
    """The mean over all positions: C x H x W to C x 1 x 1."""

    name = "globalpool"

    def label(self, rank: int = 2) -> str:
        return "global avg-pool"


class GlobalMax(GlobalPool):
    """The largest value over all positions."""

    name = "globalmax"

    def label(self, rank: int = 2) -> str:
        return "global max-pool"


class GlobalNorm(OverPositions):
    """The root of the sum of squares over all positions: C x H x W to C x 1 x 1."""

    name = "globalnorm"

    def label(self, rank: int = 2) -> str:
        return "global norm"


class WeightedPool(Op):
    """The sum over all positions of x times `weights`, a map of one channel: C x H x W to C x 1 x 1."""

    name = "weightedpool"
    stem = "pool"
    weights: Value = argument("value")

    def shape(self, x: Shape) -> Shape:
        wanted = (1, *positions(x, self.name))
        if self.weights.type != wanted:
            raise Refused(
                "E0301",
                f"`weights` is {show(self.weights.type)}; for {show(x)} it must be {show(wanted)}",
                "weights",
                "make them of the same map: `let w = conv(1, 1)` before it",
            )
        return (x[0], *(1 for _ in x[1:]))

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(macs_product=prod(x))


class ChannelMean(Op):
    """The mean over the channels, at each position: C x H x W to 1 x H x W."""

    name = "channelmean"
    anywhere = True
    stem = "pool"

    def shape(self, x: Shape) -> Shape:
        return (1, *positions(x, self.name))

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(pool=prod(x))

    def label(self, rank: int = 2) -> str:
        return "channel mean"


class ChannelMax(ChannelMean):
    """The largest value over the channels, at each position."""

    name = "channelmax"

    def label(self, rank: int = 2) -> str:
        return "channel max"


class Border(Op):
    """Zeros before the first position of each axis, and after the last; as many as before, if not said otherwise."""

    name = "border"
    stem = "border"
    before: int | tuple[int, ...] = argument("padding")
    after: int | tuple[int, ...] | None = argument("padding", None)

    def sides(self, rank: int) -> tuple[tuple[int, int], ...]:
        """The zeros before and after each axis."""
        for name, given in (("before", self.before), ("after", self.after)):
            if isinstance(given, str):
                raise Refused("E0401", f'`{self.name}` has no {name} = "same"', name, "write a number")
        before = per_axis(self.before, rank, "before")
        after = before if self.after is None else per_axis(self.after, rank, "after")
        return tuple(zip(before, after, strict=True))

    def shape(self, x: Shape) -> Shape:
        sides = self.sides(len(positions(x, self.name)))
        return (x[0], *(n + before + after for n, (before, after) in zip(x[1:], sides, strict=True)))

    def cost(self, x: Shape, y: Shape) -> Cost:
        return NOTHING

    def label(self, rank: int = 2) -> str:
        before, after = (times(n, rank) for n in (self.before, self.before if self.after is None else self.after))
        return f"border {before}" if before == after else f"border {before}, {after}"


class Subsample(Op):
    """Every stride-th position along each axis, the first one kept."""

    name = "subsample"
    stem = "subsample"
    stride: int | tuple[int, ...] = argument("sizes")

    def shape(self, x: Shape) -> Shape:
        stride = per_axis(self.stride, len(positions(x, self.name)), "stride")
        return (x[0], *((n - 1) // s + 1 for n, s in zip(x[1:], stride, strict=True)))

    def cost(self, x: Shape, y: Shape) -> Cost:
        return NOTHING

    def label(self, rank: int = 2) -> str:
        return f"subsample{strided(self.stride)}"


class Blur(Op):
    """A fixed binomial filter, channel by channel, borders reflected (Zhang 2019)."""

    name = "blur"
    of_channels = True
    stem = "blur"
    kernel: int = argument("size", 3)
    stride: int = argument("size", 1)

    def shape(self, x: Shape) -> Shape:
        axes = positions(x, self.name)
        rank, side = len(axes), (self.kernel - 1) // 2
        for n in axes:
            if side >= n:
                what = f"a border of {side} cannot be reflected from {n} position{'s' * (n > 1)}"
                raise Refused("E0303", what, "kernel", "take a smaller kernel, or stride less before it")
        return (x[0], *slide(axes, (self.kernel,) * rank, (self.stride,) * rank, (1,) * rank, (side,) * rank))

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(macs_fixed=self.kernel ** (len(x) - 1) * prod(y))

    def label(self, rank: int = 2) -> str:
        return f"{times(self.kernel, rank)} blur{strided(self.stride)}"


class Upsample(Op):
    """`factor` times as many positions along each axis."""

    name = "upsample"
    stem = "up"
    factor: int = argument("size", 2)
    mode: str = argument("choice", "nearest", ("nearest", "bilinear"))

    def shape(self, x: Shape) -> Shape:
        if self.mode == "bilinear" and len(positions(x, self.name)) != 2:
            raise Refused("E0304", f'mode = "bilinear" needs two axes, and gets {show(x)}', "mode", _NEAREST)
        return (x[0], *(n * self.factor for n in positions(x, self.name)))

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(resample=prod(y))

    def label(self, rank: int = 2) -> str:
        return f"upsample x{self.factor}"


class Resize(Op):
    """As many positions as another value has."""

    name = "resize"
    stem = "resize"
    like: Value = argument("value")
    mode: str = argument("choice", "bilinear", ("nearest", "bilinear"))

    def shape(self, x: Shape) -> Shape:
        axes = len(positions(x, self.name))
        if len(self.like.type) != len(x):
            what = f"{show(x)} cannot take the positions of {show(self.like.type)}"
            raise Refused("E0301", what, "like", "name a value with as many axes")
        if self.mode == "bilinear" and axes != 2:
            raise Refused("E0304", f'mode = "bilinear" needs two axes, and gets {show(x)}', "mode", _NEAREST)
        return (x[0], *self.like.type[1:])

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(resample=prod(y))
