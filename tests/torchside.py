"""What torch says of a graph: its modules are made from the arguments and the tensors that come in, and run.

It reads the data of a program, and shares no rule with resdsl: no shape that stands there is looked at. `run` raises
whatever torch or Python raises.
"""

from __future__ import annotations

from functools import reduce
from operator import add, mul, sub, truediv
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Node: TypeAlias = dict[str, Any]
Flow: TypeAlias = Tensor | list[Tensor]
Names: TypeAlias = dict[str, Flow]
BATCH = 3


def run(program: Node, device: str) -> list[tuple[int, ...]]:
    """The shapes of the outputs, without the batch."""
    with torch.no_grad(), torch.device(device):
        y = _Run(program).node(program["body"], torch.zeros(BATCH, *program["input"]), {})
    tensors = y if isinstance(y, list) else [y]
    assert all(len(t) == BATCH for t in tensors), "the examples of a batch are mixed"
    return [tuple(t.shape[1:]) for t in tensors]


class _Run:
    def __init__(self, program: Node) -> None:
        self.instances = program["instances"]

    def node(self, node: Node, x: Flow, names: Names) -> Flow:
        inside = dict(names) if node["label"] else names
        y: Flow = getattr(self, node["kind"])(node, x, inside)
        if node["label"]:
            names[node["label"]] = y
        return y

    def chain(self, node: Node, x: Flow, names: Names) -> Flow:
        return reduce(lambda x, item: self.node(item, x, names), node["items"], x)

    def body(self, node: Node, x: Flow, names: Names) -> Flow:
        inside = dict(names)
        for line in node["lines"]:
            y = self.node(line["node"], x, inside)
            if line["name"]:
                inside[line["name"]] = y
            x = x if line["kind"] == "let" else y
        return x

    def repeat(self, node: Node, x: Flow, names: Names) -> Flow:
        bodies = [some["body"] for some in node["rounds"] for _ in range(some["count"])]
        return reduce(lambda x, body: self.node(body, x, dict(names)), bodies, x)

    def call(self, node: Node, x: Flow, names: Names) -> Flow:
        values = {inner: names[outer] for inner, outer in node["values"].items()}
        return self.node(self.instances[node["instance"]]["body"], x, values)

    def use(self, node: Node, x: Flow, names: Names) -> Flow:
        return names[node["name"]]

    def many(self, node: Node, x: Flow, names: Names) -> Flow:
        return [_tensor(self.node(item, x, names)) for item in node["items"]]

    def pick(self, node: Node, x: Flow, names: Names) -> Flow:
        items = self.node(node["item"], x, names)
        if not isinstance(items, list):
            raise TypeError("a tensor is no list")
        return items[node["index"]]

    def join(self, node: Node, x: Flow, names: Names) -> Flow:
        sides = [i["value"] if i["kind"] == "constant" else self.node(i, x, names) for i in node["items"]]
        if node["operator"] == "++":
            if all(isinstance(side, list) for side in sides):
                return [tensor for side in sides for tensor in side]
            return torch.cat([_tensor(side) for side in sides], 1)
        work = {"+": add, "-": sub, "*": mul, "/": truediv}[node["operator"]]
        for side in sides:
            if isinstance(side, list):
                raise TypeError("a list is no tensor")
        return _tensor(reduce(work, sides))

    def op(self, node: Node, x: Flow, names: Names) -> Flow:
        """An op. On a list one module works on each item."""
        name, a = node["op"]["name"], node["op"]["arguments"]
        if name == "sum":
            if not isinstance(x, list):
                raise TypeError("a tensor is no list")
            return reduce(add, x)
        if name == "split":
            whole, parts = _tensor(x), a["parts"]
            widths = parts if isinstance(parts, list) else [whole.shape[1] // parts] * parts
            return list(whole.split(widths, 1))
        values = {n: _tensor(names[v["value"]]) for n, v in a.items() if isinstance(v, dict)}
        first = x[0] if isinstance(x, list) else x
        made = _made(name, {n: _tuple(v) for n, v in a.items()} | values, first)
        return [made(item) for item in x] if isinstance(x, list) else made(x)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _tensor(x: Any) -> Tensor:
    if not isinstance(x, Tensor):
        raise TypeError("a list is no tensor")
    return x


def _of(kind: str, x: Tensor) -> Any:
    """`Conv2d` of `Conv`, for a map of two axes. Torch has it for one to three."""
    return getattr(nn, f"{kind}{x.ndim - 2}d")


def _halved(kernel: Any, dilation: Any = 1) -> Any:
    """The padding that keeps the size of a map, per axis."""
    if isinstance(kernel, int) and isinstance(dilation, int):
        return dilation * (kernel - 1) // 2
    axes = len(kernel if isinstance(kernel, tuple) else dilation)
    kernels = kernel if isinstance(kernel, tuple) else (kernel,) * axes
    dilations = dilation if isinstance(dilation, tuple) else (dilation,) * axes
    return tuple(d * (k - 1) // 2 for k, d in zip(kernels, dilations, strict=True))


def _each(value: Any, axes: int) -> tuple[int, ...]:
    if isinstance(value, tuple) and len(value) != axes:
        raise ValueError("not a number for each axis")
    return value if isinstance(value, tuple) else (value,) * axes


ACTIVATIONS = {
    "relu": nn.ReLU, "relu6": nn.ReLU6, "silu": nn.SiLU, "mish": nn.Mish, "hardswish": nn.Hardswish,
    "hardsigmoid": nn.Hardsigmoid, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "id": nn.Identity,
}  # fmt: skip


def _made(name: str, a: dict[str, Any], x: Tensor) -> Any:
    """The module of an op for tensors such as x, in eval mode where that matters."""
    width, axes = x.shape[1], x.ndim - 2
    if name in ACTIVATIONS:
        return ACTIVATIONS[name]()
    match name:
        case "conv":
            padding = _halved(a["kernel"], a["dilation"]) if a["padding"] is None else a["padding"]
            biased = a["bias"] is not False
            return _of("Conv", x)(
                width, a["width"], a["kernel"], a["stride"], padding, a["dilation"], a["groups"], biased
            )
        case "linear":
            layer = nn.Linear(width, a["width"], a["bias"] is not False)
            return (lambda x: layer(x.movedim(1, -1)).movedim(-1, 1)) if a["positions"] else layer
        case "batchnorm":
            kind = nn.BatchNorm1d if axes == 0 else _of("BatchNorm", x)
            return kind(width, a["eps"], a["momentum"]).eval()
        case "frozennorm":
            fixed = torch.nn.functional.batch_norm
            return lambda x: fixed(x, torch.zeros(width), torch.ones(width), eps=a["eps"])
        case "layernorm":
            norm = nn.LayerNorm(width, a["eps"])
            return lambda x: norm(x.movedim(1, -1)).movedim(-1, 1)
        case "groupnorm":
            return nn.GroupNorm(a["groups"], width, a["eps"])
        case "gain":
            kept = torch.zeros(width if a["channels"] else 1, *[1] * axes)
            return lambda x: x * kept + (kept if a["bias"] else 0)
        case "prelu":
            return nn.PReLU(width if a["channels"] else 1, a["start"])
        case "gelu":
            return nn.GELU("tanh" if a["tanh"] else "none")
        case "leaky":
            return nn.LeakyReLU(a["slope"])
        case "dropout":
            return nn.Dropout(a["rate"]).eval()
        case "droppath":
            drop = nn.Dropout(a["rate"])
            return lambda x: x * drop(x.new_ones(x.shape[0], *[1] * (x.ndim - 1)))
        case "softmax":
            return lambda x: x.unflatten(1, (a["over"], -1)).softmax(1).flatten(1, 2)
        case "globalsoftmax":
            return lambda x: x.flatten(2).softmax(2).view(x.shape)
        case "maxpool" | "avgpool":
            padding = _halved(a["kernel"]) if a["padding"] is None else a["padding"]
            if name == "maxpool":
                return _of("MaxPool", x)(a["kernel"], a["stride"], padding, ceil_mode=a["ceil"])
            return _of("AvgPool", x)(a["kernel"], a["stride"], padding, a["ceil"], a["count_padding"])
    return _over_positions(name, a, x)


def _over_positions(name: str, a: dict[str, Any], x: Tensor) -> Any:
    axes = x.ndim - 2
    every = tuple(range(2, x.ndim))
    match name:
        case "adaptivepool":
            return _of("AdaptiveAvgPool", x)(a["size"])
        case "globalpool":
            return _of("AdaptiveAvgPool", x)(1)
        case "globalmax":
            return _of("AdaptiveMaxPool", x)(1)
        case "globalnorm":
            kind = _of("LPPool", x)
            return lambda x: kind(2, tuple(x.shape[2:]) if axes > 1 else x.shape[2])(x)
        case "weightedpool":
            return lambda x: (x * a["weights"]).sum(every, keepdim=True)
        case "channelmean":
            return lambda x: x.mean(1, keepdim=True)
        case "channelmax":
            return lambda x: x.amax(1, keepdim=True)
        case "border":
            before = _each(a["before"], axes)
            after = before if a["after"] is None else _each(a["after"], axes)
            return _of("ZeroPad", x)(tuple(n for pair in zip(before[::-1], after[::-1], strict=True) for n in pair))
        case "subsample":
            return lambda x: x[:, :, *(slice(None, None, s) for s in _each(a["stride"], axes))]
        case "blur":
            return lambda x: _blur(a["kernel"], a["stride"], x)
        case "upsample":
            return nn.Upsample(scale_factor=a["factor"], mode=a["mode"])
        case "resize":
            return lambda x: F.interpolate(x, tuple(a["like"].shape[2:]), mode=a["mode"])
        case "flatten":
            return nn.Flatten()
        case "reshape":
            return lambda x: x.reshape(x.shape[0], *(a["sizes"] if isinstance(a["sizes"], tuple) else (a["sizes"],)))
        case "zeropad":
            return lambda x: F.pad(x, [0, 0] * axes + [0, a["width"] - x.shape[1]])
        case "shuffle":
            return nn.ChannelShuffle(a["groups"])
    raise AssertionError(f"no torch for the op {name}")


def _blur(kernel: int, stride: int, x: Tensor) -> Tensor:
    axes, side = x.ndim - 2, (kernel - 1) // 2
    weight = torch.ones(x.shape[1], 1, *[kernel] * axes)
    convolve = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[axes]
    return convolve(F.pad(x, [side] * 2 * axes, "reflect"), weight, stride=stride, groups=x.shape[1])


def listed(output: list[object]) -> list[list[int]]:
    """The shapes of a type as data: one for a tensor."""
    return output if output and isinstance(output[0], list) else [output]  # type: ignore[list-item,return-value]
