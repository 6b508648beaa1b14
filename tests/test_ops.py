"""Every op against torch: shapes, parameters, buffers and MACs, what both refuse, and what the generated code computes.

A net is never run, only its single ops, on the CPU.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from math import comb, prod
from typing import Any

import pytest

from resdsl.diagnostics import SpecError
from resdsl.limits import DEFAULT
from resdsl.network import load
from resdsl.ops import OPS, Op, Refused, Shape, Value, show, spoken
from resdsl.verify import generated

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional
flop_counter = pytest.importorskip("torch.utils.flop_counter")

BATCH = 2
Arguments = dict[str, Any]

# Each op: some arguments, and inputs for them. A Value stands for another tensor that the op reads.
VECTOR, SERIES, IMAGE, VIDEO = (6,), (6, 11), (6, 9, 8), (6, 4, 5, 7)
EVERYWHERE: list[tuple[Arguments, Shape]] = [({}, VECTOR), ({}, SERIES), ({}, IMAGE), ({}, VIDEO)]
ROWS: dict[str, list[tuple[Arguments, Shape]]] = {
    "conv": [
        ({"width": 8, "kernel": 3}, SERIES),
        ({"width": 8, "kernel": 3}, IMAGE),
        ({"width": 8, "kernel": 3}, VIDEO),
        ({"width": 4, "kernel": 7, "stride": 2, "bias": True}, IMAGE),
        ({"width": 4, "kernel": 3, "stride": 2, "bias": 0}, IMAGE),
        ({"width": 4, "kernel": 3, "bias": -2.5}, IMAGE),
        ({"width": 9, "kernel": 3, "groups": 3, "dilation": 2}, IMAGE),
        ({"width": 12, "kernel": (3, 1), "stride": (1, 2), "groups": 6}, IMAGE),
        ({"width": 3, "kernel": (1, 3, 3), "stride": (1, 2, 2), "dilation": (1, 1, 2)}, VIDEO),
        ({"width": 5, "kernel": 4, "padding": "same"}, SERIES),
        ({"width": 5, "kernel": 4, "padding": "same", "dilation": 3}, IMAGE),
        ({"width": 5, "kernel": 2}, IMAGE),
        ({"width": 5, "kernel": 4, "dilation": 3}, SERIES),
        ({"width": 5, "kernel": 4, "padding": 0, "stride": 3}, IMAGE),
        ({"width": 5, "kernel": 1, "padding": (2, 0), "stride": 3}, IMAGE),
        ({"width": 6, "kernel": 3, "standardize": True, "bias": True, "groups": 2}, IMAGE),
        ({"width": 6, "kernel": 3, "standardize": 1.7}, VIDEO),
        ({"width": 6, "kernel": 3, "standardize": True, "gain": False, "eps": 1e-8}, SERIES),
        ({"width": 6, "kernel": (3, 1), "standardize": 0.5, "gain": False, "bias": 1, "groups": 3}, IMAGE),
        ({"width": 4, "kernel": 1, "standardize": 2, "eps": 1e-2}, IMAGE),
        ({"width": 1, "kernel": 1}, (1, 1)),
    ],
    "linear": [
        ({"width": 7}, VECTOR),
        ({"width": 1, "bias": False}, VECTOR),
        ({"width": 3, "bias": 0}, (1,)),
        ({"width": 3, "bias": 1}, VECTOR),
        *(({"width": 7, "positions": True, "bias": bias}, x) for bias in (True, False) for _, x in EVERYWHERE),
    ],
    "batchnorm": [*EVERYWHERE, ({"eps": 1e-3, "momentum": 0.01, "start": 0.0}, IMAGE)],
    "frozennorm": [*EVERYWHERE, ({"eps": 1e-3, "start": 0.0}, IMAGE)],
    "layernorm": [*EVERYWHERE, ({"eps": 1e-5, "start": 0.0}, IMAGE)],
    "groupnorm": [({"groups": g}, shape) for g in (1, 2, 3) for shape in (VECTOR, SERIES, IMAGE, VIDEO)]
    + [({}, (64, 3, 3)), ({"groups": 6, "eps": 1e-3, "start": 0.0}, IMAGE)],
    "gain": [
        ({"channels": channels, "flat": flat, "bias": bias, "start": 1e-6}, shape)
        for channels in (True, False)
        for flat in (True, False)
        for bias in (True, False)
        for _, shape in EVERYWHERE
    ]
    + [({"start": 2}, IMAGE), ({"start": 0, "flat": True}, IMAGE), ({"start": 3, "bare": True}, IMAGE)]
    + [({"bare": True, "flat": flat}, shape) for flat in (True, False) for _, shape in EVERYWHERE],
    **dict.fromkeys(["relu", "relu6", "silu", "mish", "hardswish", "hardsigmoid", "sigmoid", "tanh"], EVERYWHERE),
    "gelu": [*EVERYWHERE, ({"tanh": True}, IMAGE)],
    "prelu": [*EVERYWHERE, *(({"channels": False, "start": 0.1}, shape) for _, shape in EVERYWHERE)],
    **dict.fromkeys(["dropout", "droppath", "id", "flatten"], EVERYWHERE),
    "leaky": [*EVERYWHERE, ({"slope": 0.2}, IMAGE)],
    "softmax": [({"over": over}, shape) for over in (2, 3, 6) for shape in (VECTOR, SERIES, IMAGE, VIDEO)],
    "maxpool": [
        ({"kernel": 3}, SERIES),
        ({"kernel": 3, "stride": 2}, IMAGE),
        ({"kernel": 2}, VIDEO),
        ({"kernel": 2, "padding": 1, "stride": 1}, IMAGE),
        ({"kernel": (3, 2), "stride": (2, 1), "padding": (0, 1)}, IMAGE),
        ({"kernel": 2, "stride": 3, "ceil": True}, IMAGE),
        ({"kernel": 3, "stride": 3, "ceil": True, "padding": 1}, SERIES),
        ({"kernel": 3, "stride": 2, "ceil": True, "padding": 0}, (1, 2, 2)),
        ({"kernel": 1, "stride": 4, "ceil": True}, VIDEO),
    ],
    "adaptivepool": [
        ({"size": 3}, SERIES),
        ({"size": 7}, IMAGE),
        ({"size": 12}, IMAGE),
        ({"size": (1, 8)}, IMAGE),
        ({"size": (2, 5, 9)}, VIDEO),
        ({"size": 2}, (1, 1, 1)),
    ],
    "globalpool": [({}, SERIES), ({}, IMAGE), ({}, VIDEO), ({}, (1, 1, 1))],
    "channelmean": [({}, SERIES), ({}, IMAGE), ({}, VIDEO), ({}, (1, 1, 1))],
    "weightedpool": [({"weights": Value("w", (1, *shape[1:]))}, shape) for shape in (SERIES, IMAGE, VIDEO)],
    "border": [
        ({"before": 1}, SERIES),
        ({"before": 0, "after": 1}, IMAGE),
        ({"before": (2, 0), "after": (0, 3)}, IMAGE),
        ({"before": (0, 1, 2), "after": 1}, VIDEO),
        ({"before": 0}, IMAGE),
    ],
    "subsample": [
        ({"stride": 2}, SERIES),
        ({"stride": 3}, IMAGE),
        ({"stride": (1, 2, 9)}, VIDEO),
        ({"stride": 1}, IMAGE),
    ],
    "blur": [
        ({}, SERIES),
        ({"stride": 2}, IMAGE),
        ({"kernel": 5, "stride": 2}, IMAGE),
        ({"kernel": 2}, IMAGE),
        ({"kernel": 4}, SERIES),
        ({"kernel": 1, "stride": 3}, VIDEO),
        ({"kernel": 7}, VIDEO),
    ],
    "upsample": [({}, SERIES), ({"factor": 3}, IMAGE), ({"factor": 1}, VIDEO), ({"mode": "bilinear"}, IMAGE)],
    "resize": [
        ({"like": Value("v", (3, 5, 17))}, IMAGE),
        ({"like": Value("v", (3, 5, 17)), "mode": "nearest"}, IMAGE),
        ({"like": Value("v", (1, 4)), "mode": "nearest"}, SERIES),
        ({"like": Value("v", (1, 4, 5, 9)), "mode": "nearest"}, VIDEO),
    ],
    "reshape": [
        ({"sizes": (2, 3)}, VECTOR),
        ({"sizes": (6, 72)}, IMAGE),
        ({"sizes": (1, 432)}, IMAGE),
        ({"sizes": 66}, SERIES),
    ],
    "zeropad": [({"width": width}, shape) for width in (6, 9) for _, shape in EVERYWHERE],
    "shuffle": [({"groups": groups}, shape) for groups in (1, 2, 3, 6) for shape in (SERIES, IMAGE, VIDEO)],
    "split": [
        ({"parts": 2}, IMAGE),
        ({"parts": (1, 5)}, VECTOR),
        ({"parts": (1, 2, 3)}, VIDEO),
        ({"parts": 1}, SERIES),
        ({"parts": 6}, VECTOR),
    ],
    "sum": [({}, IMAGE), ({}, VECTOR)],
}
ROWS["avgpool"] = [
    *ROWS["maxpool"],
    ({"kernel": 3, "stride": 2, "count_padding": True}, IMAGE),
    ({"kernel": 3, "stride": 2, "ceil": True, "count_padding": True}, SERIES),
]
ROWS["globalmax"], ROWS["channelmax"] = ROWS["globalpool"], ROWS["channelmean"]
ROWS["globalnorm"] = ROWS["globalsoftmax"] = ROWS["globalpool"]

REFUSED: list[tuple[str, Arguments, Shape]] = [
    ("conv", {"width": 4, "kernel": 7, "padding": 0}, (4, 6, 9)),
    ("conv", {"width": 4, "kernel": 3, "padding": 0, "dilation": 3}, (4, 6)),
    ("conv", {"width": 4, "kernel": (1, 1, 5), "padding": (0, 0, 1)}, (4, 2, 2, 2)),
    ("conv", {"width": 4, "kernel": 3, "groups": 3}, (6, 5, 5)),
    ("conv", {"width": 6, "kernel": 3, "groups": 3}, (4, 5, 5)),
    ("conv", {"width": 4, "kernel": 3, "padding": "same", "stride": 2}, (4, 5, 5)),
    ("conv", {"width": 4, "kernel": (3, 3, 3)}, (4, 5, 5)),
    ("conv", {"width": 4, "kernel": 3, "padding": "valid_"}, (4, 5, 5)),
    ("conv", {"width": 4, "kernel": 0}, (4, 5, 5)),
    ("conv", {"width": 4, "kernel": 3, "stride": 0}, (4, 5, 5)),
    ("conv", {"width": 4, "kernel": 3, "padding": -1}, (4, 2, 2)),
    ("conv", {"width": -4, "kernel": 3}, (4, 5, 5)),
    ("conv", {"width": 4, "kernel": 2.5}, (4, 5, 5)),
    ("conv", {"width": 4, "kernel": ()}, (4, 5, 5)),
    ("maxpool", {"kernel": 2, "padding": 2}, (4, 5, 5)),
    ("maxpool", {"kernel": 3, "padding": 2}, (4, 5)),
    ("maxpool", {"kernel": 5, "padding": 0}, (4, 4, 4)),
    ("maxpool", {"kernel": 2, "stride": 0}, (4, 4, 4)),
    ("maxpool", {"kernel": 4, "stride": 2, "ceil": True, "padding": 0}, (4, 1, 1)),
    ("maxpool", {"kernel": 2}, (4, 1, 8)),
    ("avgpool", {"kernel": 1, "padding": 1}, (4, 5, 5)),
    ("avgpool", {"kernel": (3, 1), "padding": (1, 1)}, (4, 5, 5)),
    ("avgpool", {"kernel": 6, "padding": 0}, (4, 5, 5)),
    ("avgpool", {"kernel": 2, "padding": "same"}, (4, 5, 5)),
    ("adaptivepool", {"size": (2, 2)}, (4, 5)),
    ("adaptivepool", {"size": 0}, (4, 5)),
    ("groupnorm", {"groups": 4}, (6, 5, 5)),
    ("groupnorm", {}, (16, 5, 5)),
    ("blur", {"kernel": 5}, (4, 2, 9)),
    ("blur", {"kernel": 3}, (4, 1)),
    ("blur", {"kernel": 2}, (4, 1, 1)),
    ("upsample", {"mode": "bilinear"}, (4, 5)),
    ("upsample", {"mode": "bilinear"}, (4, 5, 5, 5)),
    ("upsample", {"mode": "cubic"}, (4, 5, 5, 5)),
    ("resize", {"like": Value("v", (1, 7))}, (4, 5)),
    ("resize", {"like": Value("v", (1, 7)), "mode": "nearest"}, (4, 5, 5)),
    ("resize", {"like": Value("v", (7,)), "mode": "nearest"}, (4,)),
    ("reshape", {"sizes": (2, 3)}, (4, 5)),
    ("zeropad", {"width": 3}, (4, 5)),
    ("border", {"before": "same"}, (4, 5)),
    ("shuffle", {"groups": 3}, (4, 5)),
    ("softmax", {"over": 3}, (4, 5)),
    ("split", {"parts": (1, 2)}, (4, 5)),
    ("split", {"parts": (3, 2)}, (4, 5)),
    ("dropout", {"rate": -0.1}, (4, 5)),
    ("dropout", {"rate": 1.5}, (4, 5)),
    ("linear", {"width": 0.5}, (4,)),
    ("weightedpool", {"weights": Value("w", (1, 4))}, (4, 5)),
]

# What resdsl refuses though torch takes it: it would be a mistake, or the language says it in another way.
POLICIES: list[tuple[str, Arguments, Shape, str]] = [
    ("linear", {"width": 3}, (4, 5), "E0304"),  # torch: over the last axis
    ("gain", {"bare": True, "bias": True}, (4, 5), "E0401"),  # one name, two parameters
    ("conv", {"width": 3, "kernel": 1, "padding": 0}, (4,), "E0304"),  # torch: one image without a batch
    ("conv", {"width": 3, "kernel": 1, "stride": (2,)}, (4, 5, 5), "E0304"),  # torch: a list of one is for all axes
    ("conv", {"width": DEFAULT.dimension + 1, "kernel": 1}, (1, 1), "E0401"),
    ("upsample", {"factor": 2}, (1, DEFAULT.dimension), "E0306"),
    ("border", {"before": (1, 1)}, (4, 5), "E0304"),  # torch: the channels too
    ("border", {"before": -1}, (4, 5), "E0401"),  # torch: cuts the border off
    ("border", {"before": 1}, (4,), "E0304"),  # torch: a vector is positions of one channel
    ("softmax", {"over": 1}, (4, 5), "E0305"),  # 1 everywhere
    ("split", {"parts": 3}, (4, 5), "E0305"),  # torch: a shorter last part
    ("weightedpool", {"weights": Value("w", (4, 5))}, (4, 5), "E0301"),
    ("globalpool", {}, (4,), "E0304"),
    ("globalsoftmax", {}, (4,), "E0304"),
    ("adaptivepool", {"size": 2}, (4,), "E0304"),  # torch: a vector is positions of one channel
    ("adaptivepool", {"size": DEFAULT.dimension + 1}, (4, 5), "E0401"),
    ("conv", {"width": 4, "kernel": 1, "standardize": "true"}, (4, 5), "E0401"),
    ("conv", {"width": 4, "kernel": 1, "gain": False}, (4, 5), "E0204"),  # no weights are standardised
    ("conv", {"width": 4, "kernel": 1, "standardize": False, "eps": 1e-8}, (4, 5), "E0204"),
    ("dropout", {"rate": 1.0}, (4,), "E0401"),  # zero everywhere
    ("conv", {"width": True, "kernel": 1}, (4, 5), "E0401"),
    ("conv", {"width": 4, "kernel": 1, "padding": -1}, (4, 5), "E0401"),  # torch: cuts the border off
]


# What an argument means that is left out.
_POOL = {"stride": None, "padding": None, "ceil": False}
LEFT_OUT: dict[str, Arguments] = {
    "conv": {
        "stride": 1,
        "groups": 1,
        "dilation": 1,
        "bias": False,
        "padding": None,
        "standardize": False,
        "gain": True,
        "eps": 1e-5,
    },
    "linear": {"bias": True, "positions": False},
    "gelu": {"tanh": False},
    "prelu": {"channels": True, "start": 0.25},
    "batchnorm": {"eps": 1e-5, "momentum": 0.1},
    "frozennorm": {"eps": 1e-5},
    "layernorm": {"eps": 1e-6},
    "groupnorm": {"groups": 32, "eps": 1e-5},
    "gain": {"channels": True, "bias": False, "flat": False, "bare": False},
    "leaky": {"slope": 0.01},
    "dropout": {"rate": 0.5},
    "droppath": {"rate": 0.0},
    "maxpool": _POOL,
    "avgpool": _POOL | {"count_padding": False},
    "blur": {"kernel": 3, "stride": 1},
    "border": {"after": None},
    "upsample": {"factor": 2, "mode": "nearest"},
    "resize": {"mode": "bilinear"},
}


# -- the ops in torch ------------------------------------------------------------------------------------------------


class Does(nn.Module):
    """An op without weights."""

    def __init__(self, work: Callable[..., Any]) -> None:
        super().__init__()
        self.work = work

    def forward(self, *inputs: Any) -> Any:
        return self.work(*inputs)


class StandardizedConv(nn.Module):
    """A convolution by weights that are standardized (Qiao et al. 2019), or scaled besides (Brock et al. 2021)."""

    def __init__(self, conv: Any, factor: float, gain: bool, eps: float) -> None:
        super().__init__()
        self.conv, self.factor, self.eps = conv, factor, eps
        self.gain = Gain(conv.weight.shape[0], 1) if gain else None

    def forward(self, x: Any) -> Any:
        flat = self.conv.weight.flatten(1)
        weight = F.batch_norm(flat[None].transpose(1, 2).flatten(0, 1), None, None, training=True, eps=self.eps).t()
        scaled = self.factor * (weight if self.gain is None else self.gain(weight) / flat.shape[1] ** 0.5)
        return self.conv._conv_forward(x, scaled.reshape(self.conv.weight.shape), self.conv.bias)


class Fixed(nn.Module):
    """Batch normalisation whose four tensors are buffers, as torchvision's FrozenBatchNorm2d has them."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        for name in ("weight", "bias", "running_mean", "running_var"):
            self.register_buffer(name, torch.ones(width))
        self.eps = eps

    def forward(self, x: Any) -> Any:
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps)

    def forward(self, x: Any) -> Any:
        return self.norm(x.movedim(1, -1)).movedim(-1, 1)


class Gain(nn.Module):
    """A learned factor."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.ones(shape))

    def forward(self, x: Any) -> Any:
        return x * self.factor


class Shift(nn.Module):
    """A learned addend."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.addend = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Any) -> Any:
        return x + self.addend


class AtPositions(nn.Module):
    """A linear layer on the channels, wherever else."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Any) -> Any:
        return self.layer(x.movedim(1, -1)).movedim(-1, 1)


def in_torch(name: str, arguments: Arguments, x: Shape) -> Any:
    """The module that an op stands for, made of nothing but its arguments and the input shape."""
    axes = len(x) - 1
    a = LEFT_OUT.get(name, {}) | arguments

    def each(value: Any) -> tuple[Any, ...]:
        return value if isinstance(value, tuple) else (value,) * axes

    match name:
        case "conv":
            kernel, dilation, padding = each(a["kernel"]), each(a["dilation"]), a["padding"]
            if padding is None:
                padding = tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
            conv = (nn.Conv1d, nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes](
                x[0], a["width"], kernel, a["stride"], padding, dilation, a["groups"], bias=a["bias"] is not False
            )
            standardized = float(a["standardize"]), a["gain"], a["eps"]
            return conv if a["standardize"] is False else StandardizedConv(conv, *standardized)
        case "linear":
            layer = nn.Linear(x[0] if axes == 0 or a["positions"] else x[-1], a["width"], bias=a["bias"] is not False)
            return AtPositions(layer) if a["positions"] else layer
        case "batchnorm":
            return (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[axes](x[0], a["eps"], a["momentum"])
        case "frozennorm":
            return Fixed(x[0], a["eps"])
        case "layernorm":
            return ChannelNorm(x[0], a["eps"])
        case "groupnorm":
            return nn.GroupNorm(a["groups"], x[0], a["eps"])
        case "gain":
            factor = Gain(*(x[0] if a["channels"] else 1, *(1 for _ in range(axes))))
            return nn.Sequential(factor, Shift(*factor.factor.shape)) if a["bias"] else factor
        case "relu" | "relu6" | "silu" | "mish" | "hardswish" | "hardsigmoid" | "sigmoid" | "tanh":
            return Does(getattr(torch, name, None) or getattr(F, name))
        case "gelu":
            return nn.GELU("tanh" if a["tanh"] else "none")
        case "prelu":
            return nn.PReLU(x[0] if a["channels"] else 1, a["start"])
        case "leaky":
            return nn.LeakyReLU(a["slope"])
        case "softmax":
            return Does(lambda t: t.reshape(BATCH, a["over"], x[0] // a["over"], *x[1:]).softmax(1).reshape(t.shape))
        case "globalsoftmax":
            return Does(lambda t: t.log_softmax(2).exp() if axes == 1 else t.flatten(2).softmax(2).view(t.shape))
        case "dropout" | "droppath":
            return nn.Dropout(a["rate"])
        case "id":
            return nn.Identity()
        case "maxpool" | "avgpool":
            padding = tuple((k - 1) // 2 for k in each(a["kernel"])) if a["padding"] is None else a["padding"]
            kinds = {
                "maxpool": (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d),
                "avgpool": (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d),
            }
            mean = {"count_include_pad": a["count_padding"]} if name == "avgpool" else {}
            return kinds[name][max(axes, 1) - 1](a["kernel"], a["stride"], padding, ceil_mode=a["ceil"], **mean)
        case "adaptivepool":
            kind = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)[max(axes, 1) - 1]
            return kind(a["size"])
        case "globalpool" | "globalmax":
            places = tuple(range(2, 2 + axes))
            return Does(
                lambda t: t.mean(places, keepdim=True) if name == "globalpool" else t.amax(places, keepdim=True)
            )
        case "globalnorm":
            return Does(lambda t: t.flatten(2).norm(dim=2).reshape(*t.shape[:2], *(1 for _ in range(axes))))
        case "channelmean" | "channelmax":
            return Does(lambda t: t.mean(1, keepdim=True) if name == "channelmean" else t.amax(1, keepdim=True))
        case "weightedpool":
            return Does(
                lambda t, w: torch.bmm(t.flatten(2), w.flatten(2).transpose(1, 2)).reshape(
                    BATCH, x[0], *(1 for _ in range(axes))
                )
            )
        case "border":
            sides = zip(each(a["before"]), each(a["before"] if a["after"] is None else a["after"]), strict=True)
            pad = [n for pair in reversed(list(sides)) for n in pair]
            return Does(lambda t: F.pad(t, pad))
        case "subsample":
            return Does(lambda t: t[(..., *(slice(None, None, s) for s in each(a["stride"])))])
        case "blur":
            return Does(lambda t: blurred(t, a["kernel"], a["stride"], axes))
        case "upsample":
            return nn.Upsample(scale_factor=a["factor"], mode=a["mode"])
        case "resize":
            return Does(lambda t, v: F.interpolate(t, v.shape[2:], mode=a["mode"]))
        case "flatten":
            return nn.Flatten()
        case "reshape":
            return Does(
                lambda t: t.reshape(t.shape[0], *(a["sizes"] if isinstance(a["sizes"], tuple) else (a["sizes"],)))
            )
        case "zeropad":
            return Does(lambda t: torch.cat([t, t.new_zeros(BATCH, a["width"] - x[0], *x[1:])], 1))
        case "shuffle":
            return Does(
                lambda t: t.reshape(BATCH, a["groups"], x[0] // a["groups"], *x[1:]).transpose(1, 2).reshape(t.shape)
            )
        case "split":
            return Does(lambda t: t.split(a["parts"] if isinstance(a["parts"], tuple) else x[0] // a["parts"], 1))
        case "sum":
            return Does(lambda *ts: torch.stack(ts).sum(0))
    raise AssertionError(f"`{name}` has no counterpart here")


def blurred(t: Any, kernel: int, stride: int, axes: int) -> Any:
    """A depthwise convolution by binomial coefficients, borders reflected."""
    padded = F.pad(t, ((kernel - 1) // 2,) * 2 * axes, mode="reflect")
    row = t.new_tensor([comb(kernel - 1, i) / 2 ** (kernel - 1) for i in range(kernel)])
    weight = row
    for _ in range(axes - 1):
        weight = weight[..., None] * row
    weight = weight.expand(t.shape[1], 1, *(kernel for _ in range(axes)))
    return (F.conv1d, F.conv2d, F.conv3d)[axes - 1](padded, weight, stride=stride, groups=t.shape[1])


def inputs(name: str, arguments: Arguments, x: Shape, device: str) -> list[Any]:
    others = [value.type for value in arguments.values() if isinstance(value, Value)]
    return [torch.zeros(BATCH, *shape, device=device) for shape in ([x] * 3 if name == "sum" else [x, *others])]


def ran(name: str, arguments: Arguments, x: Shape, device: str) -> tuple[Any, list[Shape], int]:
    """The module, the shapes it gives without the batch, and the MACs that torch counts for one input."""
    module = in_torch(name, arguments, x).to(device).eval()
    with flop_counter.FlopCounterMode(display=False) as counter:
        out = module(*inputs(name, arguments, x, device))
    tensors = out if isinstance(out, list | tuple) else [out]
    return module, [tuple(t.shape[1:]) for t in tensors], counter.get_total_flops() // 2 // BATCH


def torch_takes(name: str, arguments: Arguments, x: Shape) -> bool:
    """Whether torch makes and runs an op. An output of no elements is no output."""
    try:
        _, shapes, _ = ran(name, arguments, x, "cpu")
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, ZeroDivisionError, AssertionError):
        return False
    return all(prod(shape) for shape in shapes)


def made(name: str, arguments: Arguments) -> Op:
    return OPS[name].make(arguments)


CASES = [pytest.param(name, a, x, id=f"{name}-{i}") for name, rows in ROWS.items() for i, (a, x) in enumerate(rows)]


def test_every_op_has_rows() -> None:
    assert set(ROWS) == set(OPS)
    for name, rows in ROWS.items():
        given = {argument for arguments, _ in rows for argument in arguments}
        unseen = set(made(name, rows[0][0]).data()["arguments"]) - given - {"rate"}
        assert not unseen, f"no row of `{name}` gives {unseen}"


@pytest.mark.parametrize(("name", "arguments", "x"), CASES)
def test_op_gives_the_shapes_of_torch(name: str, arguments: Arguments, x: Shape) -> None:
    entry: Any = (x, x, x) if name == "sum" else x
    y = made(name, arguments).apply(entry)
    _, shapes, _ = ran(name, arguments, x, "cpu")
    assert (list(y) if name == "split" else [y]) == shapes


@pytest.mark.parametrize(("name", "arguments", "x"), CASES)
def test_op_costs_what_torch_holds_and_counts(name: str, arguments: Arguments, x: Shape) -> None:
    op = made(name, arguments)
    entry: Any = (x, x, x) if name == "sum" else x
    cost = op.price(entry, op.apply(entry))
    module, _, macs = ran(name, arguments, x, "meta")
    assert cost.params == sum(p.numel() for p in module.parameters())
    assert cost.buffers == sum(b.numel() for b in module.buffers())
    assert cost.macs + cost.macs_fixed + cost.macs_product == macs
    assert (cost.macs > 0) == op.layer == (cost.layers_all == 1)


# The value that a row's Value stands for, made of the input.
NAMED = {"weightedpool": "channelmean", "resize": "adaptivepool({})"}


def spelled(name: str, arguments: Arguments, x: Shape, form: str) -> str:
    """A net of one op, written into `form`."""
    op = f"{name}({', '.join(f'{k} = {v.name if isinstance(v, Value) else spoken(v)}' for k, v in arguments.items())})"
    flow = f"[id, tanh, sigmoid] -> {name}" if name == "sum" else op
    lets = [
        f"let {v.name} = {NAMED[name].format(spoken(v.type[1:]))}" for v in arguments.values() if isinstance(v, Value)
    ]
    return f"resdsl 1\nmodel net {{\n  input {show(x)}\n  {' '.join(lets)}\n  {form.format(flow)}\n}}\n"


@pytest.mark.parametrize("form", ["part {{ {} }}", "part: ({} -> id)"], ids=["in forward", "in a Sequential"])
@pytest.mark.parametrize(("name", "arguments", "x"), CASES)
def test_generated_code_computes_what_the_op_means(name: str, arguments: Arguments, x: Shape, form: str) -> None:
    torch.manual_seed(0)
    net = load("net.resnet", text=spelled(name, arguments, x, form))
    if arguments.get("bare") and "part:" in form:  # a parameter stands in a class alone
        with pytest.raises(SpecError, match="E0601"):
            generated(net)
        return
    ours = generated(net)().double().eval()
    meant = in_torch(name, arguments, x).double().eval()
    given = [p for p in ours.state_dict().values() if p.is_floating_point()]
    wanted = [p for p in meant.state_dict().values() if p.is_floating_point()]
    assert sum(p.numel() for p in given) == sum(p.numel() for p in wanted)
    for p, q in zip(given, wanted, strict=True):
        values = torch.rand(p.shape, dtype=p.dtype) + 0.5
        p.copy_(values)
        q.copy_(values.reshape(q.shape))
    t = torch.randn(BATCH, *x, dtype=torch.float64)
    others = {"sum": [t.tanh(), t.sigmoid()], "weightedpool": [t.mean(1, keepdim=True)]}
    like = [torch.empty(BATCH, *v.type) for v in arguments.values() if isinstance(v, Value)]
    with torch.no_grad():
        result = meant(t, *others.get(name, like))
        torch.testing.assert_close(ours(t), result[0] if isinstance(result, tuple) and len(result) == 1 else result)


@pytest.mark.parametrize(("name", "arguments", "x"), REFUSED)
def test_what_torch_refuses_is_refused(name: str, arguments: Arguments, x: Shape) -> None:
    assert not torch_takes(name, arguments, x)
    with pytest.raises(Refused):
        made(name, arguments).apply(x)


@pytest.mark.parametrize(("name", "arguments", "x", "code"), POLICIES)
def test_policy_refuses_more_than_torch(name: str, arguments: Arguments, x: Shape, code: str) -> None:
    with pytest.raises(Refused) as refused:
        made(name, arguments).apply(x)
    assert refused.value.code == code


def random_conv(r: random.Random) -> tuple[Arguments, Shape]:
    axes = r.randint(1, 3)

    def sizes(most: int, least: int = 1) -> Any:
        return r.randint(least, most) if r.random() < 0.6 else tuple(r.randint(least, most) for _ in range(axes))

    arguments: Arguments = {"width": r.randint(1, 6), "kernel": sizes(5)}
    some = {
        "stride": sizes(3),
        "groups": r.choice([1, 1, 2, 3]),
        "dilation": sizes(3),
        "padding": r.choice([None, "same", sizes(3, 0)]),
        "bias": r.choice([True, False, 0.5]),
    }
    arguments |= {name: value for name, value in some.items() if value is not None and r.random() < 0.5}
    return arguments, (r.randint(1, 6), *(r.randint(1, 7) for _ in range(axes)))


def random_pool(r: random.Random) -> tuple[Arguments, Shape]:
    arguments, x = random_conv(r)
    arguments = {
        name: value for name, value in arguments.items() if name in ("kernel", "stride", "padding") and value != "same"
    }
    return arguments | ({"ceil": True} if r.random() < 0.5 else {}), x


@pytest.mark.parametrize("name", ["conv", "maxpool", "avgpool"])
def test_random_windows_are_taken_or_refused_as_by_torch(name: str) -> None:
    r = random.Random(f"windows of {name}")
    taken = 0
    for _ in range(600):
        arguments, x = random_conv(r) if name == "conv" else random_pool(r)
        try:
            y = made(name, arguments).apply(x)
        except Refused:
            assert not torch_takes(name, arguments, x), (arguments, x)
            continue
        assert torch_takes(name, arguments, x), (arguments, x)
        module, shapes, macs = ran(name, arguments, x, "meta")
        assert [y] == shapes, (arguments, x)
        cost = made(name, arguments).price(x, y)
        assert (cost.params, cost.macs) == (sum(p.numel() for p in module.parameters()), macs), (arguments, x)
        taken += 1
    assert 150 < taken < 550


def test_weights_are_shared_over_a_list() -> None:
    op = made("conv", {"width": 4, "kernel": 3, "bias": True})
    small, large = (2, 5, 5), (2, 9, 7)
    both = op.price((small, large), op.apply((small, large)))
    one, other = (op.price(x, op.apply(x)) for x in (small, large))
    assert (both.params, both.layers_all) == (one.params, 1)
    assert (both.macs, both.activations) == (one.macs + other.macs, one.activations + other.activations)
    with pytest.raises(Refused):
        op.apply(((2, 5, 5), (3, 5, 5)))


def test_sum_adds_equal_shapes_only() -> None:
    for entry in ((4, 5), ((4, 5), (4, 6))):
        with pytest.raises(Refused):
            made("sum", {}).apply(entry)
