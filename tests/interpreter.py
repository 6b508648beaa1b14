"""A second, naive PyTorch: a program is run node by node on tensors, in eval mode, with the weights of a state_dict.

It shares nothing with the generated code but the graph. Each op is written with as little of torch as will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
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
        assert [t.shape[1:] for t in _several(y)] == list(shapes(node.output)) and isinstance(y, list) == is_list(node.output)
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


def _slide(x: Tensor, kernel: list[int], stride: list[int], dilation: list[int]) -> Tensor:
    """The windows along each axis: N x C x (windows) x (kernel), laid out by indices."""
    axes = len(kernel)
    for axis, (k, s, d) in enumerate(zip(kernel, stride, dilation, strict=True)):
        size = (x.shape[2 + axis] - d * (k - 1) - 1) // s + 1
        at = torch.arange(size)[:, None] * s + torch.arange(k)[None, :] * d
        x = x.index_select(2 + axis, at.flatten()).unflatten(2 + axis, (size, k)).movedim(3 + axis, -1)
    assert x.ndim == 2 + 2 * axes
    return x


def _pads(sides: list[tuple[int, int]]) -> list[int]:
    return [n for before, after in reversed(sides) for n in (before, after)]


def _conv(op: Op, x: Tensor, w: State, axes: int) -> Tensor:
    a = op.__dict__
    kernel, stride, dilation = (_each(a[name], axes) for name in ("kernel", "stride", "dilation"))
    reach = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    sides = [(r // 2, r // 2) for r in reach]
    if a["padding"] == "same":
        sides = [(r // 2, r - r // 2) for r in reach]
    elif a["padding"] is not None:
        sides = [(p, p) for p in _each(a["padding"], axes)]
    weight = w["weight"].flatten(1)
    if a["standardize"] is not False:
        weight = weight - weight.mean(1, keepdim=True)
        weight = weight / (weight.square().mean(1, keepdim=True) + 1e-5).sqrt() / weight.shape[1] ** 0.5
        weight = weight * w["gain"].flatten(1) * a["standardize"]
    windows = _slide(F.pad(x, _pads(sides)), kernel, stride, dilation)
    windows = windows.flatten(2 + axes).movedim(1, -2).unflatten(-2, (a["groups"], -1)).flatten(-2)  # ... x groups x in
    y = torch.einsum("n...gi,goi->n...go", windows, weight.unflatten(0, (a["groups"], -1))).flatten(-2).movedim(-1, 1)
    return y + _column(w["bias"], axes) if "bias" in w else y


def _column(values: Tensor, axes: int) -> Tensor:
    return values.reshape(-1, *[1] * axes)


def _pool(op: Op, x: Tensor, axes: int) -> Tensor:
    """Windows over x with its padding; those of a mean know which of their places count."""
    a = op.__dict__
    kernel = _each(a["kernel"], axes)
    stride = kernel if a["stride"] is None else _each(a["stride"], axes)
    padding = [(k - 1) // 2 for k in kernel] if a["padding"] is None else _each(a["padding"], axes)
    sides, hang = [], []
    for n, k, s, p, size in zip(x.shape[2:], kernel, stride, padding, op.apply(tuple(x.shape[1:]))[1:], strict=True):
        over = max(0, (size - 1) * s + k - (n + 2 * p))  # type: ignore[operator]
        sides.append((p, p))
        hang.append((0, over))
    ones, biggest = torch.ones_like(x), op.name == "maxpool"

    def windows(t: Tensor, padded: float, hung: float) -> Tensor:
        t = F.pad(F.pad(t, _pads(sides), value=padded), _pads(hang), value=hung)
        return _slide(t, kernel, stride, [1] * axes).flatten(2 + axes)

    if biggest:
        return windows(x, float("-inf"), float("-inf")).amax(-1)
    count = windows(ones, float(a["count_padding"]), 0.0).sum(-1)
    return windows(x, 0.0, 0.0).sum(-1) / count
