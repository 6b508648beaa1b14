"""A second, naive PyTorch: a program is run node by node on tensors, in eval mode, with the weights of a state_dict.

It shares nothing with the generated code but the graph. Each op is written with as little of torch as will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional as F

from resdsl import graph
from resdsl.analyze.keys import layers
from resdsl.ops import Op, is_list, shapes

Flow: TypeAlias = Tensor | list[Tensor]
Names: TypeAlias = dict[str, Flow]
State: TypeAlias = dict[str, Tensor]


def run(program: graph.Program, state: State, x: Tensor) -> tuple[Tensor, ...]:
    """The outputs of a program at `x`, N x C x ..."""
    out = _Walk(program, state).node(program.body, x, {})
    return tuple(out) if isinstance(out, list) else (out,)


class _Walk:
    def __init__(self, program: graph.Program, state: State) -> None:
        self.instances = program.instances
        self.state = state
        self.paths: Iterator[tuple[str, graph.Step]] = layers(program)

    def node(self, node: graph.AnyNode, x: Flow, names: Names) -> Flow:
        """Send x through a node. What is named in a labelled part stays in it."""
        y = self.inside(node, x, dict(names) if node.label else names)
        assert [t.shape[1:] for t in _several(y)] == list(shapes(node.output)) and isinstance(y, list) == is_list(
            node.output
        )
        if node.label:
            names[node.label] = y
        return y

    def inside(self, node: graph.AnyNode, x: Flow, names: Names) -> Flow:
        match node:
            case graph.Step():
                return self.step(node, x, names)
            case graph.Call():
                instance = self.instances[node.instance]
                return self.node(instance.body, x, {inner: names[outer] for inner, outer in node.values.items()})
            case graph.Use():
                return names[node.name]
            case graph.Chain():
                for item in node.items:
                    x = self.node(item, x, names)
                return x
            case graph.Body():
                inside = dict(names)
                for line in node.lines:
                    y = self.node(line.node, x, inside)
                    if line.name:
                        inside[line.name] = y
                    x = x if line.kind == "let" else y
                return x
            case graph.Repeat():
                for round_ in node.rounds:
                    for _ in range(round_.count):
                        x = self.node(round_.body, x, dict(names))
                return x
            case graph.Many():
                return [_one(self.node(item, x, names)) for item in node.items]
            case graph.Pick():
                return _several(self.node(node.item, x, names))[node.index]
            case graph.Join():
                return self.join(node, x, names)

    def join(self, node: graph.Join, x: Flow, names: Names) -> Flow:
        sides = [i.value if isinstance(i, graph.Constant) else self.node(i, x, names) for i in node.items]
        if node.operator == "++":
            if isinstance(sides[0], list):
                return [tensor for side in sides for tensor in _several(side)]
            return torch.cat([_one(side) for side in sides], 1)
        y = sides[0]
        for side in sides[1:]:
            match node.operator:
                case "+":
                    y = y + side
                case "-":
                    y = y - side
                case "*":
                    y = y * side
                case "/":
                    y = y / side
        return _one(y)

    def step(self, node: graph.Step, x: Flow, names: Names) -> Flow:
        """An op. On a list it works on each item, with the same weights."""
        weights: State = {}
        if node.op.tensors(shapes(node.input)[0]):
            path, other = next(self.paths)
            assert other is node or other.op == node.op
            weights = {t.name: self.state[f"{path}.{t.name}"] for t in node.op.tensors(shapes(node.input)[0])}
        if node.op.name == "sum":
            return torch.stack(_several(x)).sum(0)
        if node.op.name == "split":
            parts = node.op.parts  # type: ignore[attr-defined]
            widths = list(parts) if isinstance(parts, tuple) else [_one(x).shape[1] // parts] * parts
            return list(_one(x).split(widths, 1))
        if isinstance(x, list):
            return [apply(node.op, item, weights, names) for item in x]
        return apply(node.op, x, weights, names)


def _one(x: object) -> Tensor:
    assert isinstance(x, Tensor)
    return x


def _several(x: object) -> list[Tensor]:
    return x if isinstance(x, list) else [_one(x)]


def _each(value: int | tuple[int, ...] | None, axes: int) -> list[int]:
    assert value is not None
    return list(value) if isinstance(value, tuple) else [value] * axes


def _conv(op: Op, x: Tensor, w: State) -> Tensor:
    a, axes = op.__dict__, x.ndim - 2
    kernel, stride, dilation = (_each(a[name], axes) for name in ("kernel", "stride", "dilation"))
    reach = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    sides = [(r // 2, r // 2) for r in reach]
    if a["padding"] == "same":
        sides = [(r // 2, r - r // 2) for r in reach]
    elif a["padding"] is not None:
        sides = [(p, p) for p in _each(a["padding"], axes)]
    weight = w["weight"]
    if a["standardize"] is not False:
        each = weight.flatten(1) - weight.flatten(1).mean(1, keepdim=True)
        each = each / (each.square().mean(1, keepdim=True) + 1e-5).sqrt() / each.shape[1] ** 0.5
        weight = (each * w["gain"].flatten(1) * a["standardize"]).reshape(weight.shape)
    convolve = (torch.conv1d, torch.conv2d, torch.conv3d)[axes - 1]
    return convolve(_pad(x, sides), weight, w.get("bias"), stride, 0, dilation, a["groups"])


def _pad(x: Tensor, sides: list[tuple[int, int]], value: float = 0.0) -> Tensor:
    return F.pad(x, [n for before, after in reversed(sides) for n in (before, after)], value=value)


def _pool(op: Op, x: Tensor) -> Tensor:
    """Windows over x with its padding; those of a mean know how many of their places count."""
    a, axes = op.__dict__, x.ndim - 2
    kernel = _each(a["kernel"], axes)
    stride = kernel if a["stride"] is None else _each(a["stride"], axes)
    padding = [(k - 1) // 2 for k in kernel] if a["padding"] is None else _each(a["padding"], axes)
    sizes = shapes(op.apply(tuple(x.shape[1:])))[0][1:]
    over = [
        (0, max(0, (size - 1) * s + k - n - 2 * p))
        for n, k, s, p, size in zip(x.shape[2:], kernel, stride, padding, sizes, strict=True)
    ]

    def windows(t: Tensor, padded: float, beyond: float) -> Tensor:
        t = _pad(_pad(t, [(p, p) for p in padding], padded), over, beyond)
        for axis, (k, s, size) in enumerate(zip(kernel, stride, sizes, strict=True), 2):
            t = t.unfold(axis, k, s).narrow(axis, 0, size)
        return t.flatten(2 + axes)

    if op.name == "maxpool":
        return windows(x, float("-inf"), float("-inf")).amax(-1)
    counting = windows(torch.ones_like(x), float(a["count_padding"]), 0.0).sum(-1)
    return windows(x, 0.0, 0.0).sum(-1) / counting


def _adaptive(x: Tensor, sizes: list[int]) -> Tensor:
    for axis, size in enumerate(sizes, 2):
        n = x.shape[axis]
        cuts = [(i * n // size, -(-(i + 1) * n // size)) for i in range(size)]
        x = torch.cat([x.narrow(axis, a, b - a).mean(axis, keepdim=True) for a, b in cuts], axis)
    return x


def _blur(op: Op, x: Tensor) -> Tensor:
    kernel, stride = op.__dict__["kernel"], op.__dict__["stride"]
    row = torch.tensor([float(comb(kernel - 1, i)) for i in range(kernel)], dtype=x.dtype) / 2 ** (kernel - 1)
    for axis in range(2, x.ndim):
        side, n = (kernel - 1) // 2, x.shape[axis]
        at = [abs(i) if i < n else 2 * (n - 1) - i for i in range(-side, n + side)]
        x = (x.index_select(axis, torch.tensor(at)).unfold(axis, kernel, stride) * row).sum(-1)
    return x


def apply(op: Op, x: Tensor, w: State, names: Names) -> Tensor:
    """A single op on a single tensor, N x C x ..."""
    a, axes = op.__dict__, x.ndim - 2
    places, ones = tuple(range(2, x.ndim)), [1] * axes

    def column(name: str) -> Tensor:
        return w[name].reshape(-1, *ones)

    def norm(mean: Tensor, variance: Tensor) -> Tensor:
        return (x - mean) / (variance + a["eps"]).sqrt() * column("weight") + column("bias")

    match op.name:
        case "conv":
            return _conv(op, x, w)
        case "linear":
            return x @ w["weight"].T + w.get("bias", torch.zeros(()))
        case "batchnorm":
            return norm(column("running_mean"), column("running_var"))
        case "layernorm":
            return norm(x.mean(1, keepdim=True), x.var(1, correction=0, keepdim=True))
        case "groupnorm":
            each = x.unflatten(1, (a["groups"], -1)).flatten(2)
            mean, variance = each.mean(2, keepdim=True), each.var(2, correction=0, keepdim=True)
            same = [t.expand_as(each).reshape(x.shape) for t in (mean, variance)]
            return norm(same[0], same[1])
        case "gain":
            return x * w["weight"]
        case "relu" | "relu6":
            return x.clamp(0, 6 if op.name == "relu6" else None)
        case "gelu":
            return x * (1 + torch.erf(x / 2**0.5)) / 2
        case "silu" | "sigmoid":
            return (x if op.name == "silu" else 1) / (1 + (-x).exp())
        case "tanh":
            return 1 - 2 / (1 + (2 * x).exp())
        case "leaky":
            return torch.where(x > 0, x, a["slope"] * x)
        case "softmax":
            powers = x.unflatten(1, (a["over"], -1)).exp()
            return (powers / powers.sum(1, keepdim=True)).flatten(1, 2)
        case "dropout" | "droppath" | "id":
            return x
        case "maxpool" | "avgpool":
            return _pool(op, x)
        case "adaptivepool":
            return _adaptive(x, _each(a["size"], axes))
        case "globalpool":
            return x.mean(places, keepdim=True)
        case "globalmax":
            return x.amax(places, keepdim=True)
        case "weightedpool":
            return (x * _one(names[a["weights"].name])).sum(places, keepdim=True)
        case "channelmean":
            return x.mean(1, keepdim=True)
        case "channelmax":
            return x.amax(1, keepdim=True)
        case "subsample":
            return x[:, :, *(slice(None, None, s) for s in _each(a["stride"], axes))]
        case "blur":
            return _blur(op, x)
        case "upsample" | "resize":
            size = (
                _one(names[a["like"].name]).shape[2:] if op.name == "resize" else [n * a["factor"] for n in x.shape[2:]]
            )
            return F.interpolate(x, size=list(size), mode=a["mode"])
        case "flatten":
            return x.flatten(1)
        case "reshape":
            return x.reshape(x.shape[0], *_each(a["sizes"], 1))
        case "zeropad":
            return torch.cat([x, x.new_zeros(x.shape[0], a["width"] - x.shape[1], *x.shape[2:])], 1)
        case "shuffle":
            return x.unflatten(1, (a["groups"], -1)).transpose(1, 2).flatten(1, 2)
    raise AssertionError(f"no rule for the op {op.name}")
