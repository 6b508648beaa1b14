"""Ops with learned weights: convolution, linear layer, norms, gain."""

from __future__ import annotations

from math import prod

from resdsl.ops.base import Cost, Op, Refused, Shape, Tensor, argument, dividing, per_axis, positions, slide, spoken


def times(numbers: int | tuple[int, ...], rank: int) -> str:
    """`3x3`, or `1x7x7` for a list."""
    return "x".join(map(str, numbers if isinstance(numbers, tuple) else (numbers,) * max(rank, 1)))


def strided(stride: int | tuple[int, ...]) -> str:
    """`, /2` where it strides."""
    if isinstance(stride, tuple):
        return f", /{'x'.join(map(str, stride))}" if max(stride) > 1 else ""
    return f", /{stride}" if stride > 1 else ""


def scale_and_shift(x: Shape) -> tuple[Tensor, ...]:
    """What a norm learns for each channel."""
    return Tensor("weight", x[:1]), Tensor("bias", x[:1])


class Conv(Op):
    """A convolution; the rank of its input makes it 1-D, 2-D or 3-D.

    `padding` left out pads dilation * (kernel - 1) // 2 a side. `bias` may be the number that the bias starts from.
    `standardize` makes each filter's weights zero-mean, of variance 1 / fan-in, times a learned gain a filter
    (Brock et al. 2021), or without `gain` of variance 1 (Qiao et al. 2019); a number is a constant factor besides, and
    `eps` is added to the variance of the weights.
    """

    name = "conv"
    stem = "conv"
    weighted = True
    layer = True
    width: int = argument("size")
    kernel: int | tuple[int, ...] = argument("sizes")
    stride: int | tuple[int, ...] = argument("sizes", 1)
    groups: int = argument("count", 1)
    dilation: int | tuple[int, ...] = argument("sizes", 1)
    bias: bool | float = argument("bias", False)
    padding: int | tuple[int, ...] | str | None = argument("padding", None)
    standardize: bool | float = argument("factor", False)
    gain: bool = argument("flag", True)
    eps: float = argument("real", 1e-5)

    def shape(self, x: Shape) -> Shape:
        for name in ("gain", "eps"):
            if self.standardize is False and getattr(self, name) != self.declared[name].default:
                raise Refused(
                    "E0204",
                    f"`{name} = {spoken(getattr(self, name))}` changes nothing: the weights are not standardised",
                    name,
                    "leave it out, or add `standardize = true`",
                )
        rank = len(positions(x, self.name))
        kernel, stride = per_axis(self.kernel, rank, "kernel"), per_axis(self.stride, rank, "stride")
        dilation = per_axis(self.dilation, rank, "dilation")
        for what, channels in (("the input's", x[0]), ("the output's", self.width)):
            if channels % self.groups:
                raise Refused(
                    "E0305",
                    f"{self.groups} groups do not divide {what} {channels} channels",
                    "groups",
                    f"make it a multiple of {self.groups} channels, or use a number of groups that divides {channels}",
                )
        if self.padding == "same":
            if max(stride) > 1:
                raise Refused(
                    "E0404",
                    'padding = "same" keeps the size, so it cannot stride',
                    "stride",
                    "leave the padding out: half of the kernel",
                )
            return (self.width, *x[1:])
        if self.padding is None:
            padding = tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
        else:
            padding = per_axis(self.padding, rank, "padding")  # type: ignore[arg-type]
        return (self.width, *slide(x[1:], kernel, stride, dilation, padding))

    @property
    def gained(self) -> bool:
        """Whether its filters have learned gains."""
        return self.standardize is not False and self.gain

    def cost(self, x: Shape, y: Shape) -> Cost:
        weights = x[0] // self.groups * self.width * prod(per_axis(self.kernel, len(x) - 1, "kernel"))
        biased = self.width if self.bias is not False else 0
        gains = self.width if self.gained else 0
        return Cost(params=weights + biased + gains, macs=weights * prod(y[1:]), activations=prod(y), layers_all=1)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        rank = len(x) - 1
        weight = Tensor("weight", (self.width, x[0] // self.groups, *per_axis(self.kernel, rank, "kernel")))
        bias = (Tensor("bias", (self.width,)),) if self.bias is not False else ()
        gain = (Tensor("gain", (self.width, 1, *(1,) * rank)),) if self.gained else ()
        return weight, *bias, *gain

    def label(self, rank: int = 2) -> str:
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        dilated = f", dilation {self.dilation}" if self.dilation != 1 else ""
        return (
            f"{times(self.kernel, rank)} conv{'1d' * (rank == 1)}, {self.width}{strided(self.stride)}{groups}{dilated}"
        )


class Linear(Op):
    """A fully connected layer on a vector, or with `positions` on the channels of each position of a map."""

    name = "linear"
    stem = "fc"
    weighted = True
    layer = True
    width: int = argument("size")
    bias: bool | float = argument("bias", True)
    positions: bool = argument("flag", False)

    def shape(self, x: Shape) -> Shape:
        if len(x) != 1 and not self.positions:
            size = " x ".join(map(str, x))
            raise Refused(
                "E0304",
                f"`linear` takes a vector, and gets {size}",
                fix="put `globalpool -> flatten ->` or `flatten ->` before it",
            )
        return (self.width, *x[1:])

    def cost(self, x: Shape, y: Shape) -> Cost:
        weights = x[0] * self.width
        biased = self.width if self.bias is not False else 0
        return Cost(params=weights + biased, macs=weights * prod(y[1:]), layers_all=1)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        bias = (Tensor("bias", (self.width,)),) if self.bias is not False else ()
        return Tensor("weight", (self.width, x[0])), *bias

    def label(self, rank: int = 2) -> str:
        return f"fc, {self.width}"


class BatchNorm(Op):
    """Batch normalisation with a learned weight and bias a channel; `start` is the weight's initial value."""

    name = "batchnorm"
    stem = "bn"
    weighted = True
    eps: float = argument("real", 1e-5)
    momentum: float = argument("real", 0.1)
    start: float = argument("real", 1.0)

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(params=2 * x[0], buffers=2 * x[0] + 1, norm=prod(y))

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        running = (Tensor(name, x[:1], "buffer") for name in ("running_mean", "running_var"))
        return *scale_and_shift(x), *running, Tensor("num_batches_tracked", (), "buffer")

    def label(self, rank: int = 2) -> str:
        return "BN"


class FrozenNorm(Op):
    """Batch normalisation by constants: weight, bias, mean and variance are buffers, which no training changes."""

    name = "frozennorm"
    stem = "bn"
    weighted = True
    eps: float = argument("real", 1e-5)
    start: float = argument("real", 1.0)

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(buffers=4 * x[0], norm=prod(y))

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return tuple(Tensor(name, x[:1], "buffer") for name in ("weight", "bias", "running_mean", "running_var"))

    def label(self, rank: int = 2) -> str:
        return "frozen BN"


class LayerNorm(Op):
    """Layer normalisation over the channels, at each position."""

    name = "layernorm"
    stem = "norm"
    weighted = True
    eps: float = argument("real", 1e-6)
    start: float = argument("real", 1.0)

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(params=2 * x[0], norm=prod(y))

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return scale_and_shift(x)

    def label(self, rank: int = 2) -> str:
        return "LN"


class GroupNorm(Op):
    """Group normalisation: over the channels of each group and all positions."""

    name = "groupnorm"
    stem = "norm"
    weighted = True
    groups: int = argument("count", 32)
    eps: float = argument("real", 1e-5)
    start: float = argument("real", 1.0)

    def shape(self, x: Shape) -> Shape:
        if x[0] % self.groups:
            raise Refused(
                "E0305", f"{self.groups} groups do not divide {x[0]} channels", "groups", dividing(x[0], self.groups)
            )
        return x

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(params=2 * x[0], norm=prod(y))

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return scale_and_shift(x)

    def label(self, rank: int = 2) -> str:
        return f"GN {self.groups}"


class Gain(Op):
    """A learned factor: one a channel, or one for all; `bias` adds a learned number of as many.

    `flat` and `bare` say how they are kept: `flat` without axes for the positions, `bare` as a parameter of the block
    under the gain's own name, not as the weight of a module.
    """

    name = "gain"
    stem = "gain"
    weighted = True
    start: float = argument("real", 1.0)
    channels: bool = argument("flag", True)
    bias: bool = argument("flag", False)
    flat: bool = argument("flag", False)
    bare: bool = argument("flag", False)

    @property
    def of_block(self) -> bool:
        return self.bare

    def shape(self, x: Shape) -> Shape:
        if self.bare and self.bias:
            raise Refused(
                "E0401", "a `bare` gain is one parameter, and its bias is another", "bias", "leave `bare` out"
            )
        return x

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(params=(x[0] if self.channels else 1) * (1 + self.bias), product=prod(y))

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        if self.flat:
            kept = x[:1] if self.channels else ()
        else:
            kept = (x[0] if self.channels else 1, *(1,) * (len(x) - 1))
        weight = Tensor("" if self.bare else "weight", kept)
        return (weight, Tensor("bias", kept)) if self.bias else (weight,)
