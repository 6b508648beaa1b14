"""A second, naive PyTorch: a program is run node by node on tensors, in eval mode, with the weights of a state_dict.

It shares nothing with the generated code but the graph: no module, no class, a formula or a function an op.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from math import comb, pi
from operator import add, mul, sub, truediv
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional as F

from resdsl import graph
from resdsl.analyze.keys import layers
from resdsl.ops import Op, shapes

Flow: TypeAlias = Tensor | list[Tensor]
Names: TypeAlias = dict[str, Flow]
State: TypeAlias = dict[str, Tensor]


def run(program: graph.Program, state: State, x: Tensor, nought: float = 0.0) -> list[Tensor]:
    """The outputs of a program at `x`, N x C x ... What is divided by zero is divided by `nought`, 0.0 or -0.0."""
    return _several(_Walk(program, state, nought).node(program.body, x, {}))


class _Walk:
    def __init__(self, program: graph.Program, state: State, nought: float) -> None:
        self.instances = program.instances
        self.state = state
        self.nought = nought
        self.layers = layers(program)

    def node(self, node: graph.AnyNode, x: Flow, names: Names) -> Flow:
        """Send x through a node. What is named in a labelled part stays in it."""
        inside = dict(names) if node.label else names
        match node:
            case graph.Use():
                y = names[node.name]
            case graph.Chain():
                y = reduce(lambda x, item: self.node(item, x, inside), node.items, x)
            case graph.Repeat():
                bodies = [round_.body for round_ in node.rounds for _ in range(round_.count)]
                y = reduce(lambda x, body: self.node(body, x, dict(inside)), bodies, x)
            case graph.Call():
                values = {inner: names[outer] for inner, outer in node.values.items()}
                y = self.node(self.instances[node.instance].body, x, values)
            case graph.Many():
                y = [_one(self.node(item, x, inside)) for item in node.items]
            case graph.Pick():
                y = self.node(node.item, x, inside)[node.index]
            case _:
                y = getattr(self, node.kind)(node, x, inside)
        assert [t.shape[1:] for t in _several(y)] == list(shapes(node.output)), node
        if node.label:
            names[node.label] = y
        return y

    def body(self, node: graph.Body, x: Flow, names: Names) -> Flow:
        inside = dict(names)
        for line in node.lines:
            y = self.node(line.node, x, inside)
            if line.name:
                inside[line.name] = y
            x = x if line.kind == "let" else y
        return x

    def join(self, node: graph.Join, x: Flow, names: Names) -> Flow:
        sides: list[Any] = [i.value if isinstance(i, graph.Constant) else self.node(i, x, names) for i in node.items]
        if node.operator == "++":
            return sum(sides[1:], sides[0]) if isinstance(sides[0], list) else torch.cat(sides, 1)
        if node.operator == "/":
            sides[1:] = [y.where(y != 0, self.nought) if isinstance(y, Tensor) else y for y in sides[1:]]
        return _one(reduce({"+": add, "-": sub, "*": mul, "/": truediv}[node.operator], sides))

    def op(self, node: graph.Step, x: Flow, names: Names) -> Flow:
        """An op. On a list it works on each item, with the same weights."""
        tensors = node.op.tensors(shapes(node.input)[0])
        path = next(self.layers)[0] if tensors else ""
        weights = {tensor.name: self.state[f"{path}.{tensor.name}".rstrip(".")] for tensor in tensors}
        if node.op.name == "sum":
            return torch.stack(_several(x)).sum(0)
        if node.op.name == "split":
            return list(_one(x).split([shape[0] for shape in shapes(node.output)], 1))
        found = [_op(node.op, item, weights, names) for item in _several(x)]
        return found if isinstance(x, list) else found[0]


def _one(x: Flow) -> Tensor:
    assert isinstance(x, Tensor)
    return x


def _several(x: Flow) -> list[Tensor]:
    return x if isinstance(x, list) else [x]


def _each(value: Any, axes: int) -> list[int]:
    return list(value) if isinstance(value, tuple) else [value] * axes


def _conv(a: dict[str, Any], x: Tensor, w: State, axes: int) -> Tensor:
    kernel, stride, dilation = (_each(a[name], axes) for name in ("kernel", "stride", "dilation"))
    reach = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    before = [r // 2 for r in reach] if a["padding"] in (None, "same") else _each(a["padding"], axes)
    after = [r - r // 2 for r in reach] if a["padding"] == "same" else before
    weight = w["weight"]
    if a["standardize"] is not False:
        variance, mean = torch.var_mean(weight.flatten(1), 1, correction=0)
        each = (weight.flatten(1).T - mean) / (variance + a["eps"]).sqrt()
        weight = each.T.reshape(weight.shape) * a["standardize"]
        if a["gain"]:
            weight = weight * w["gain"] / weight[0].numel() ** 0.5
    x = F.pad(x, [n for pair in zip(before[::-1], after[::-1], strict=True) for n in pair])
    return (torch.conv1d, torch.conv2d, torch.conv3d)[axes - 1](
        x, weight, w.get("bias"), stride, 0, dilation, a["groups"]
    )


def _pool(op: Op, x: Tensor, axes: int) -> Tensor:
    """Windows over x with its padding; a mean knows how many places of each count. What hangs over the end does not."""
    a = op.__dict__
    kernel = _each(a["kernel"], axes)
    stride = kernel if a["stride"] is None else _each(a["stride"], axes)
    padding = [(k - 1) // 2 for k in kernel] if a["padding"] is None else _each(a["padding"], axes)
    sizes = shapes(op.apply(tuple(x.shape[1:])))[0][1:]
    beyond = [n for k in kernel[::-1] for n in (0, k)]

    def windows(t: Tensor, padded: float, hung: float) -> Tensor:
        t = F.pad(F.pad(t, [p for p in padding[::-1] for _ in "ab"], value=padded), beyond, value=hung)
        for axis, (k, s, size) in enumerate(zip(kernel, stride, sizes, strict=True), 2):
            t = t.unfold(axis, k, s).narrow(axis, 0, size)
        return t.flatten(2 + axes)

    if op.name == "maxpool":
        return windows(x, float("-inf"), float("-inf")).amax(-1)
    return windows(x, 0, 0).sum(-1) / windows(torch.ones_like(x), float(a["count_padding"]), 0).sum(-1)


def _border(a: dict[str, Any], x: Tensor) -> Tensor:
    """The positions of x among zeros."""
    axes = x.ndim - 2
    before, after = (_each(a[end], axes) for end in ("before", "after" if a["after"] is not None else "before"))
    y = x.new_zeros(*x.shape[:2], *(b + n + e for b, n, e in zip(before, x.shape[2:], after, strict=True)))
    y[:, :, *(slice(b, b + n) for b, n in zip(before, x.shape[2:], strict=True))] = x
    return y


def _blur(kernel: int, stride: int, x: Tensor) -> Tensor:
    row = torch.tensor([comb(kernel - 1, i) for i in range(kernel)], dtype=x.dtype) / 2 ** (kernel - 1)
    for axis in range(2, x.ndim):
        side, n = (kernel - 1) // 2, x.shape[axis]
        at = torch.tensor([abs(i) if i < n else 2 * (n - 1) - i for i in range(-side, n + side)])
        x = (x.index_select(axis, at).unfold(axis, kernel, stride) * row).sum(-1)
    return x


def _gauss(x: Tensor, near: bool) -> Tensor:
    return ((2 / pi) ** 0.5 * (x + 0.044715 * x**3)).tanh() if near else torch.erf(x / 2**0.5)


FORMULAS: dict[str, Callable[[Tensor, dict[str, Any]], Tensor]] = {  # of ops that read x and their arguments alone
    **dict.fromkeys(("id", "dropout", "droppath"), lambda x, a: x),
    "relu": lambda x, a: x.clamp(0),
    "relu6": lambda x, a: x.clamp(0, 6),
    "gelu": lambda x, a: x * (1 + _gauss(x, a["tanh"])) / 2,
    "mish": lambda x, a: x * x.exp().log1p().tanh(),
    "hardswish": lambda x, a: x * (x + 3).clamp(0, 6) / 6,
    "hardsigmoid": lambda x, a: (x + 3).clamp(0, 6) / 6,
    "silu": lambda x, a: x / (1 + (-x).exp()),
    "sigmoid": lambda x, a: 1 / (1 + (-x).exp()),
    "tanh": lambda x, a: x.tanh(),
    "leaky": lambda x, a: torch.where(x > 0, x, a["slope"] * x),
    "softmax": lambda x, a: x.unflatten(1, (a["over"], -1)).softmax(1).flatten(1, 2),
    "globalsoftmax": lambda x, a: (x - x.logsumexp(tuple(range(2, x.ndim)), keepdim=True)).exp(),
    "globalpool": lambda x, a: x.mean(tuple(range(2, x.ndim)), keepdim=True),
    "globalmax": lambda x, a: x.amax(tuple(range(2, x.ndim)), keepdim=True),
    "globalnorm": lambda x, a: (x * x).sum(tuple(range(2, x.ndim)), keepdim=True).sqrt(),
    "channelmean": lambda x, a: x.mean(1, keepdim=True),
    "channelmax": lambda x, a: x.amax(1, keepdim=True),
    "border": lambda x, a: _border(a, x),
    "subsample": lambda x, a: x[:, :, *(slice(None, None, s) for s in _each(a["stride"], x.ndim - 2))],
    "upsample": lambda x, a: F.interpolate(x, size=[n * a["factor"] for n in x.shape[2:]], mode=a["mode"]),
    "flatten": lambda x, a: x.flatten(1),
    "reshape": lambda x, a: x.reshape(x.shape[0], *_each(a["sizes"], 1)),
    "zeropad": lambda x, a: torch.cat([x, x.new_zeros(x.shape[0], a["width"] - x.shape[1], *x.shape[2:])], 1),
    "shuffle": lambda x, a: x.unflatten(1, (a["groups"], -1)).transpose(1, 2).flatten(1, 2),
}


def _op(op: Op, x: Tensor, w: State, names: Names) -> Tensor:
    """A single op on a single tensor, N x C x ..."""
    a, axes = op.__dict__, x.ndim - 2
    column = {name: value.reshape(-1, *[1] * axes) for name, value in w.items()}
    match op.name:
        case "conv":
            return _conv(a, x, w, axes)
        case "linear":
            return (x.movedim(1, -1) @ w["weight"].T + w.get("bias", 0)).movedim(-1, 1)
        case "batchnorm" | "frozennorm" | "layernorm" | "groupnorm":
            each = x.unflatten(1, (a["groups"], -1)).flatten(2) if op.name == "groupnorm" else x.unsqueeze(1)
            variance, mean = torch.var_mean(each, 2, correction=0, keepdim=True)
            if op.name in ("batchnorm", "frozennorm"):
                each, variance, mean = x, column["running_var"], column["running_mean"]
            y = ((each - mean) / (variance + a["eps"]).sqrt()).reshape(x.shape)
            return y * column["weight"] + column["bias"]
        case "gain":
            kept = {name.strip("."): value for name, value in (column if a["channels"] else w).items()}
            return x * kept.get("weight", kept.get("")) + kept.get("bias", 0)
        case "prelu":
            return torch.where(x > 0, x, x * column["weight"])
        case "maxpool" | "avgpool":
            return _pool(op, x, axes)
        case "adaptivepool":
            return (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)[axes - 1](x, a["size"])
        case "weightedpool":
            return (x * _one(names[a["weights"].name])).sum(tuple(range(2, x.ndim)), keepdim=True)
        case "blur":
            return _blur(a["kernel"], a["stride"], x)
        case "resize":
            return F.interpolate(x, size=_one(names[a["like"].name]).shape[2:], mode=a["mode"])
    return FORMULAS[op.name](x, a)
