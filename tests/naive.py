"""A second, naive count of a program: the tensors walk through the JSON of the IR, round by round, call by call.

It shares no rule with resdsl: windows are slid one by one, connections are counted pair by pair, depths travel with the
tensors. So it is slow, and where it and resdsl agree a number was worked out twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

Node: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Tensor:
    """A tensor on its way: its shape, and the layers behind it."""

    shape: tuple[int, ...]
    depth: int

    @property
    def elements(self) -> int:
        number = 1
        for axis in self.shape:
            number *= axis
        return number


Flow: TypeAlias = Tensor | list[Tensor]
Names: TypeAlias = dict[str, Flow]


def count(program: Node) -> tuple[Counter[str], list[tuple[int, ...]]]:
    """The numbers of a program, `layers` among them, and its output shapes."""
    walk = _Walk(program)
    out = walk.node(program["body"], Tensor(tuple(program["input"]), 0), {})
    tensors = out if isinstance(out, list) else [out]
    walk.sums["layers"] = max(tensor.depth for tensor in tensors)
    return walk.sums, [tensor.shape for tensor in tensors]


class _Walk:
    def __init__(self, program: Node) -> None:
        self.instances = program["instances"]
        self.sums: Counter[str] = Counter()

    def node(self, node: Node, x: Flow, names: Names) -> Flow:
        """Send x through a node. What is named in a labelled part stays in it."""
        y: Flow = getattr(self, node["kind"])(node, x, dict(names) if node["label"] else names)
        assert _shapes(y) == node["output"], (_shapes(y), node["output"])
        if node["label"]:
            names[node["label"]] = y
        return y

    def chain(self, node: Node, x: Flow, names: Names) -> Flow:
        for item in node["items"]:
            x = self.node(item, x, names)
        return x

    def body(self, node: Node, x: Flow, names: Names) -> Flow:
        inside = dict(names)
        for line in node["lines"]:
            y = self.node(line["node"], x, inside)
            if line["name"]:
                inside[line["name"]] = y
            if line["kind"] != "let":
                x = y
        return x

    def repeat(self, node: Node, x: Flow, names: Names) -> Flow:
        done = 0
        for some in node["rounds"]:
            assert some["first"] == done
            for _ in range(some["count"]):
                x = self.node(some["body"], x, dict(names))
                done += 1
        return x

    def call(self, node: Node, x: Flow, names: Names) -> Flow:
        instance = self.instances[node["instance"]]
        values = {inner: names[outer] for inner, outer in node["values"].items()}
        assert {name: _shapes(value) for name, value in values.items()} == instance["values"]
        return self.node(instance["body"], x, values)

    def use(self, node: Node, x: Flow, names: Names) -> Flow:
        return names[node["name"]]

    def many(self, node: Node, x: Flow, names: Names) -> Flow:
        return [_one(self.node(item, x, names)) for item in node["items"]]

    def pick(self, node: Node, x: Flow, names: Names) -> Flow:
        items = self.node(node["item"], x, names)
        assert isinstance(items, list)
        return items[node["index"]]

    def join(self, node: Node, x: Flow, names: Names) -> Flow:
        sides = [None if i["kind"] == "constant" else self.node(i, x, names) for i in node["items"]]
        flows = [side for side in sides if side is not None]
        if node["operator"] == "++":
            if isinstance(flows[0], list):
                return [tensor for side in flows if isinstance(side, list) for tensor in side]
            parts = [_one(side) for side in flows]
            width = sum(part.shape[0] for part in parts)
            return Tensor((width, *parts[0].shape[1:]), max(part.depth for part in parts))
        tensors = [_one(flow) for flow in flows]
        largest = max(tensors, key=lambda tensor: tensor.elements)
        kind = "product" if node["operator"] in ("*", "/") else "addition"
        for _ in pairwise(sides):
            self.sums[kind] += largest.elements
        if kind == "addition":
            return Tensor(largest.shape, max(tensor.depth for tensor in tensors))
        # a product: its right side counts where the left is a number, or a named value while the right is none
        if sides[0] is None or (len(tensors) == 2 and _named(node["items"][0]) and not _named(node["items"][1])):
            return Tensor(largest.shape, tensors[-1].depth)
        return Tensor(largest.shape, tensors[0].depth)

    def op(self, node: Node, x: Flow, names: Names) -> Flow:
        name, arguments = node["op"]["name"], node["op"]["arguments"]
        if name == "sum":
            assert isinstance(x, list)
            self.sums["addition"] += sum(item.elements for item in x[1:])
            return Tensor(x[0].shape, max(item.depth for item in x))
        if name == "split":
            whole, parts = _one(x), arguments["parts"]
            widths = parts if isinstance(parts, list) else [whole.shape[0] // parts] * parts
            assert sum(widths) == whole.shape[0]
            return [Tensor((width, *whole.shape[1:]), whole.depth) for width in widths]
        if not isinstance(x, list):
            return _op(name, arguments, x, names, self.sums)
        each = [(Counter[str](), item) for item in x]
        out: Flow = [_op(name, arguments, item, names, sums) for sums, item in each]
        for sums, _ in each[1:]:  # the same weights once more: their work counts, they do not
            sums.update(params=-sums["params"], buffers=-sums["buffers"], layers_all=-sums["layers_all"])
        for sums, _ in each:
            self.sums.update(sums)
        return out


def _one(x: Flow) -> Tensor:
    assert isinstance(x, Tensor)
    return x


def _shapes(x: Flow) -> list[Any]:
    return [list(item.shape) for item in x] if isinstance(x, list) else list(x.shape)


def _named(node: Node) -> bool:
    return node["kind"] == "use" or (node["kind"] == "pick" and _named(node["item"]))


def _each(value: int | list[int], axes: int) -> list[int]:
    return value if isinstance(value, list) else [value] * axes


def _windows(n: int, k: int, s: int, d: int, p: int, ceil: bool = False) -> int:
    """Slide a window over n positions, p more on each side; with `ceil` one more may hang over the end."""
    start, number, end = -p, 0, -p
    while start + d * (k - 1) < n + p or (ceil and end < n + p and start < n):
        number, end, start = number + 1, start + d * (k - 1) + 1, start + s
    return number


def _pairs(into: int, out: int, groups: int) -> int:
    """The pairs of an input and an output channel of the same group."""
    return sum(i // (into // groups) == o // (out // groups) for i in range(into) for o in range(out))


def _op(name: str, a: Node, x: Tensor, names: Names, sums: Counter[str]) -> Tensor:
    axes = len(x.shape) - 1

    def to(*shape: int, layers: int = 0) -> Tensor:
        return Tensor(shape, x.depth + layers)

    match name:
        case "conv":
            kernel, dilation = _each(a["kernel"], axes), _each(a["dilation"], axes)
            padding = [d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True)]
            if a["padding"] not in (None, "same"):
                padding = _each(a["padding"], axes)
            how = zip(x.shape[1:], kernel, _each(a["stride"], axes), dilation, padding, strict=True)
            sizes = [n if a["padding"] == "same" else _windows(n, k, s, d, p) for n, k, s, d, p in how]
            y = to(a["width"], *sizes, layers=1)
            weights = _pairs(x.shape[0], y.shape[0], a["groups"]) * Tensor(tuple(kernel), 0).elements
            extra = (a["bias"] is not False) + (a["standardize"] is not False and a["gain"])
            sums.update(params=weights + extra * y.shape[0], activations=y.elements, layers_all=1)
            sums["macs"] += weights * Tensor(tuple(sizes), 0).elements
            return y
        case "linear":
            assert axes == 0 or a["positions"]
            weights = _pairs(x.shape[0], a["width"], 1)
            sums.update(params=weights + (a["bias"] is not False) * a["width"], layers_all=1)
            sums["macs"] += weights * Tensor(x.shape[1:], 0).elements
            return to(a["width"], *x.shape[1:], layers=1)
        case "batchnorm" | "layernorm" | "groupnorm":
            sums.update(norm=x.elements, params=x.shape[0] + x.shape[0])
            sums["buffers"] += x.shape[0] + x.shape[0] + 1 if name == "batchnorm" else 0
            return x
        case "frozennorm":
            sums.update(norm=x.elements, buffers=x.shape[0] * 4)
            return x
        case "gain":
            sums.update(product=x.elements, params=x.shape[0] if a["channels"] else 1)
            sums["params"] += 0 if not a["bias"] else x.shape[0] if a["channels"] else 1
            return x
        case "prelu":
            sums.update(activation=x.elements, params=x.shape[0] if a["channels"] else 1)
            return x
        case (
            "relu" | "relu6" | "gelu" | "silu" | "mish" | "hardswish" | "hardsigmoid" | "sigmoid" | "tanh" | "leaky"
            | "softmax" | "globalsoftmax"
        ):  # fmt: skip
            sums["activation"] += x.elements
            return x
        case "maxpool" | "avgpool":
            sums["pool"] += x.elements
            kernel = _each(a["kernel"], axes)
            stride = kernel if a["stride"] is None else _each(a["stride"], axes)
            padding = [(k - 1) // 2 for k in kernel] if a["padding"] is None else _each(a["padding"], axes)
            pooled = zip(x.shape[1:], kernel, stride, padding, strict=True)
            return to(x.shape[0], *(_windows(n, k, s, 1, p, a["ceil"]) for n, k, s, p in pooled))
        case "adaptivepool":
            sums["pool"] += x.elements
            return to(x.shape[0], *_each(a["size"], axes))
        case "globalpool" | "globalmax" | "globalnorm":
            sums["pool"] += x.elements
            return to(x.shape[0], *[1] * axes)
        case "channelmean" | "channelmax":
            sums["pool"] += x.elements
            return to(1, *x.shape[1:])
        case "weightedpool":
            assert _one(names[a["weights"]["value"]]).shape == (1, *x.shape[1:])
            sums["macs_product"] += x.elements
            return to(x.shape[0], *[1] * axes)
        case "blur":
            k, s = a["kernel"], a["stride"]
            y = to(x.shape[0], *(_windows(n, k, s, 1, (k - 1) // 2) for n in x.shape[1:]))
            for _ in range(y.elements):
                sums["macs_fixed"] += k**axes
            return y
        case "upsample" | "resize":
            like = (
                _one(names[a["like"]["value"]]).shape[1:]
                if name == "resize"
                else [n * a["factor"] for n in x.shape[1:]]
            )
            y = to(x.shape[0], *like)
            sums["resample"] += y.elements
            return y
        case "border":
            before, after = (_each(a[end], axes) for end in ("before", "after" if a["after"] is not None else "before"))
            return to(x.shape[0], *(b + n + e for b, n, e in zip(before, x.shape[1:], after, strict=True)))
        case "subsample":
            kept = zip(x.shape[1:], _each(a["stride"], axes), strict=True)
            return to(x.shape[0], *(len(range(0, n, s)) for n, s in kept))
        case "flatten" | "reshape":
            y = to(*([x.elements] if name == "flatten" else _each(a["sizes"], 1)))
            assert y.elements == x.elements
            return y
        case "zeropad":
            return to(a["width"], *x.shape[1:])
        case "shuffle" | "id" | "dropout" | "droppath":
            return x
    raise AssertionError(f"no rule for the op {name}")
