"""Ops without weights that keep the shape: activations, dropout, the identity."""

from __future__ import annotations

from math import prod

from resdsl.ops.base import NOTHING, Cost, Op, Refused, Shape, Tensor, argument, positions

NAMES = {
    "relu": "ReLU", "relu6": "ReLU6", "gelu": "GELU", "silu": "SiLU", "mish": "Mish", "hardswish": "HardSwish",
    "hardsigmoid": "HardSigmoid", "leaky": "LeakyReLU", "prelu": "PReLU",
}  # fmt: skip


class Activation(Op):
    """A non-linearity, element by element."""

    anywhere = True

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(activation=prod(y))

    def label(self, rank: int = 2) -> str:
        return NAMES.get(self.name, self.name)


class Relu(Activation):
    """max(x, 0)."""

    name = "relu"
    stem = "relu"


class Relu6(Activation):
    """min(max(x, 0), 6)."""

    name = "relu6"
    stem = "relu"


class Gelu(Activation):
    """x times the normal distribution function of x, or with `tanh` a formula near it that has a tanh."""

    name = "gelu"
    stem = "gelu"
    tanh: bool = argument("flag", False)


class Silu(Activation):
    """x times its sigmoid."""

    name = "silu"
    stem = "silu"


class Mish(Activation):
    """x tanh(log(1 + exp(x)))."""

    name = "mish"
    stem = "mish"


class HardSwish(Activation):
    """x min(max(x + 3, 0), 6) / 6: silu in straight pieces."""

    name = "hardswish"
    stem = "act"


class HardSigmoid(Activation):
    """min(max(x + 3, 0), 6) / 6: sigmoid in straight pieces."""

    name = "hardsigmoid"
    stem = "sigmoid"
    gate = True


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    name = "sigmoid"
    stem = "sigmoid"
    gate = True


class Tanh(Activation):
    """The hyperbolic tangent."""

    name = "tanh"
    stem = "tanh"


class Leaky(Activation):
    """x above 0, slope times x below."""

    name = "leaky"
    stem = "act"
    slope: float = argument("real", 0.01)


class PRelu(Activation):
    """x above 0, below a learned slope times x: one a channel, or one for all."""

    name = "prelu"
    stem = "act"
    weighted = True
    start: float = argument("real", 0.25)
    channels: bool = argument("flag", True)

    def cost(self, x: Shape, y: Shape) -> Cost:
        return Cost(params=x[0] if self.channels else 1, activation=prod(y))

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        return (Tensor("weight", x[:1] if self.channels else (1,)),)


class Softmax(Activation):
    """The channels are `over` groups of equal width; the softmax is between the groups, channel by channel."""

    name = "softmax"
    stem = "softmax"
    gate = True
    over: int = argument("count")

    def shape(self, x: Shape) -> Shape:
        if self.over < 2 or x[0] % self.over:
            raise Refused(
                "E0305",
                f"{x[0]} channels are not {self.over} groups of equal width, two at least",
                "over",
                "make the channels a multiple of it",
            )
        return x


class GlobalSoftmax(Activation):
    """The softmax over all positions, channel by channel."""

    name = "globalsoftmax"
    stem = "softmax"
    gate = True

    def shape(self, x: Shape) -> Shape:
        positions(x, self.name)
        return x

    def label(self, rank: int = 2) -> str:
        return "global softmax"


class Dropout(Op):
    """Sets elements to zero at random while training."""

    name = "dropout"
    anywhere = True
    stem = "drop"
    rate: float = argument("rate", 0.5)

    def cost(self, x: Shape, y: Shape) -> Cost:
        return NOTHING


class DropPath(Op):
    """Stochastic depth: drops the whole branch of an example at random while training (Huang 2016)."""

    name = "droppath"
    stem = "drop_path"
    rate: float = argument("rate", 0.0)

    def cost(self, x: Shape, y: Shape) -> Cost:
        return NOTHING

    def label(self, rank: int = 2) -> str:
        return "drop path"


class Identity(Op):
    """The value itself."""

    name = "id"
    anywhere = True
    passes = True
    stem = "id"

    def cost(self, x: Shape, y: Shape) -> Cost:
        return NOTHING
