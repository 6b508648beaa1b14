"""What "FLOPs" means: the conventions of the tools in use, each a sum over the ops with factors of its own.

A convention was measured: its tool was run, in the version given, on the modules of torchvision and on single layers,
and the factors explain each number to the last digit. What has no factor counts nothing; no tool counts the residual
addition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from resdsl import graph
from resdsl.analyze.backward import unneeded
from resdsl.analyze.straight import Straight
from resdsl.analyze.tally import Tally
from resdsl.ops import shapes
from resdsl.ops.pointwise import Activation
from resdsl.ops.spatial import AdaptivePool, AvgPool, GlobalMax, GlobalPool, MaxPool, Resize, Upsample
from resdsl.ops.weighted import BatchNorm, Conv, GroupNorm, LayerNorm, Linear

MACS = "multiply-accumulates"
FIXED = "multiply-accumulates of fixed filters"
CONV_BIAS = "outputs of biased convolutions"
LINEAR_BIAS = "outputs of biased linear layers"
BN, GN, LN = "elements of batch norm", "elements of group norm", "elements of layer norm"
NORM_PARAMS = "parameters of norms"
MAX_IN, AVG_IN, AVG_OUT = "inputs of max-pools", "inputs of avg-pools", "outputs of avg-pools"
GLOBAL_IN, GLOBAL_OUT = "inputs of global avg-pools", "outputs of global avg-pools"
NEAREST, BILINEAR = "outputs of nearest upsampling", "outputs of bilinear upsampling"
UNNEEDED = "multiply-accumulates whose input needs no gradient"


def elements(activation: str) -> str:
    """What the elements of an activation are called."""
    return f"elements of {activation}"


@dataclass(frozen=True)
class Convention:
    """A way of counting: factors for what `amounts` finds."""

    name: str
    tool: str  # and the version that it was measured with
    counts: str  # what a number of it is
    factors: dict[str, int]

    def of(self, amounts: Counter[str]) -> int:
        """The number, for the amounts of a part or a model."""
        return sum(factor * amounts[what] for what, factor in self.factors.items())


_DEEPSPEED = {
    MACS: 2, FIXED: 2, CONV_BIAS: 1, BN: 2, GN: 5, LN: 5, MAX_IN: 1, AVG_IN: 1, GLOBAL_IN: 1, NEAREST: 1, BILINEAR: 1,
    elements("relu"): 1, elements("gelu"): 1, elements("silu"): 1, elements("leaky"): 1,
}  # fmt: skip
_PTFLOPS_MODULE = {
    MACS: 1, FIXED: 1, CONV_BIAS: 1, LINEAR_BIAS: 1, BN: 2, GN: 2, LN: 1, MAX_IN: 2, AVG_IN: 2, GLOBAL_IN: 2,
    NEAREST: 2, BILINEAR: 2,
    elements("relu"): 2, elements("gelu"): 2, elements("relu6"): 1, elements("silu"): 1, elements("leaky"): 1,
}  # fmt: skip

CONVENTIONS = {
    c.name: c
    for c in (
        Convention("macs", "torchvision 0.29.2 `_ops`", "MACs", {MACS: 1}),
        Convention(
            "ptflops",
            "ptflops 0.7.5, aten backend",
            "MACs",
            {MACS: 1, FIXED: 1, CONV_BIAS: 1, LINEAR_BIAS: 1},
        ),
        Convention(
            "torchinfo",
            "torchinfo 1.8.0 mult-adds",
            "MACs",
            {MACS: 1, CONV_BIAS: 1, LINEAR_BIAS: 1, NORM_PARAMS: 1},
        ),
        Convention(
            "torchprofile",
            "torchprofile 0.1.0",
            "MACs",
            {
                MACS: 1, FIXED: 1, BN: 1, GN: 1, LN: 1, AVG_OUT: 1, GLOBAL_OUT: 1, BILINEAR: 4, elements("leaky"): 1,
            },
        ),
        Convention(
            "fvcore",
            "fvcore 0.1.5.post20221221",
            "FLOPs",
            {MACS: 1, FIXED: 1, BN: 2, GN: 5, LN: 5, GLOBAL_IN: 1, NEAREST: 1, BILINEAR: 4},
        ),
        Convention(
            "thop",
            "thop 0.1.1.post2209072238",
            "MACs",
            {MACS: 1, BN: 4, LN: 4, AVG_OUT: 1, GLOBAL_IN: 1, GLOBAL_OUT: 1, NEAREST: 1, BILINEAR: 11},
        ),
        Convention("ptflops-module", "ptflops 0.7.5, pytorch backend", "MACs", _PTFLOPS_MODULE),
        Convention("torch", "torch 2.13.0 FlopCounterMode, forward", "FLOPs", {MACS: 2, FIXED: 2}),
        Convention("deepspeed", "deepspeed 0.19.8 flops", "FLOPs", _DEEPSPEED),
        Convention(
            "train", "torch 2.13.0 FlopCounterMode, forward and backward", "FLOPs", {MACS: 6, FIXED: 4, UNNEEDED: -2}
        ),
    )
}  # fmt: skip


def amounts(node: graph.Step | graph.Join) -> Counter[str]:
    """What a convention may count of an op."""
    found: Counter[str] = Counter()
    if isinstance(node, graph.Join):
        return found
    op = node.op
    inputs, outputs = (sum(map(prod, shapes(type_))) for type_ in (node.input, node.output))
    price = op.price(node.input, node.output)
    found[MACS], found[FIXED] = price.macs, price.macs_fixed
    match op:
        case Conv() | Linear() if op.bias is not False:
            on_map = len(shapes(node.input)[0]) > 1  # where a linear layer runs as a 1x1 convolution
            found[CONV_BIAS if on_map else LINEAR_BIAS] = outputs
        case BatchNorm() | GroupNorm() | LayerNorm():
            found[BN if isinstance(op, BatchNorm) else GN if isinstance(op, GroupNorm) else LN] = outputs
            found[NORM_PARAMS] = price.params
        case Activation():
            found[elements(op.name)] = outputs
        case MaxPool() | GlobalMax():
            found[MAX_IN] = inputs
        case AvgPool():
            found[AVG_IN], found[AVG_OUT] = inputs, outputs
        case GlobalPool() | AdaptivePool():
            found[GLOBAL_IN], found[GLOBAL_OUT] = inputs, outputs
        case Upsample() | Resize():
            found[BILINEAR if op.mode == "bilinear" else NEAREST] = outputs
        case _:
            pass
    return +found


def whole(straight: Straight) -> Counter[str]:
    """What a convention may count of a model; only there is known what the backward pass leaves out."""
    return Tally(straight.program, amounts).total + Counter({UNNEEDED: unneeded(straight)})


@dataclass(frozen=True)
class Change:
    """A step from one convention to another: so many more of each, or fewer."""

    what: str
    factor: int
    amount: int

    @property
    def value(self) -> int:
        return self.factor * self.amount


def walk(amounts: Counter[str], start: Convention, end: Convention) -> Iterator[Change]:
    """The steps from a number of one convention to that of another; they add up exactly."""
    for what in sorted({*start.factors, *end.factors}, key=_ORDER.index):
        factor = end.factors.get(what, 0) - start.factors.get(what, 0)
        if factor and amounts[what]:
            yield Change(what, factor, amounts[what])


_ORDER = list(dict.fromkeys(what for convention in CONVENTIONS.values() for what in convention.factors))
