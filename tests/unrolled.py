"""A program run step by step on the data of its IR, nothing folded: what a second opinion on the analyses needs.

A flow is a list of tensors; what a tensor is, the `World` decides. Like naive.py, and sharing no rule with resdsl.
"""

from __future__ import annotations

from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")
Node: TypeAlias = dict[str, Any]


class World(Generic[T]):
    """What ops and joins do to tensors."""

    def op(self, node: Node, x: list[T], values: list[T]) -> list[T]:
        raise NotImplementedError

    def join(self, node: Node, sides: list[T | None]) -> T:
        """`None` is a constant."""
        raise NotImplementedError


class Run(Generic[T]):
    """A program at work, block by block, round by round."""

    def __init__(self, program: Node, world: World[T]) -> None:
        self.instances, self.world, self.program = program["instances"], world, program

    def model(self, x: T) -> list[T]:
        return self.node(self.program["body"], [x], {})

    def node(self, node: Node, x: list[T], names: dict[str, list[T]]) -> list[T]:
        y = self.inside(node, x, dict(names) if node["label"] else names)
        if node["label"]:
            names[node["label"]] = y
        return y

    def inside(self, node: Node, x: list[T], names: dict[str, list[T]]) -> list[T]:
        match node["kind"]:
            case "chain":
                for item in node["items"]:
                    x = self.node(item, x, names)
            case "body":
                names = dict(names)
                for line in node["lines"]:
                    y = self.node(line["node"], x, names)
                    if line["name"]:
                        names[line["name"]] = y
                    x = x if line["kind"] == "let" else y
            case "repeat":
                for some in node["rounds"]:
                    for _ in range(some["count"]):
                        x = self.node(some["body"], x, dict(names))
            case "call":
                instance = self.instances[node["instance"]]
                return self.node(instance["body"], x, {n: names[outer] for n, outer in node["values"].items()})
            case "use":
                return names[node["name"]]
            case "many":
                return [self.node(item, x, names)[0] for item in node["items"]]
            case "pick":
                return [self.node(node["item"], x, names)[node["index"]]]
            case "join":
                sides = [None if i["kind"] == "constant" else self.node(i, x, names) for i in node["items"]]
                if node["operator"] == "++" and node["output"] and isinstance(node["output"][0], list):
                    return [tensor for side in sides if side for tensor in side]
                return [self.world.join(node, [side[0] if side else None for side in sides])]
            case "op" if node["op"]["name"] != "id":
                arguments = node["op"]["arguments"].values()
                values = [names[a["value"]][0] for a in arguments if isinstance(a, dict)]
                return self.world.op(node, x, values)
        return x


def each(shape: list[Any]) -> list[list[int]]:
    """The shapes of a type as data: one for a tensor."""
    return shape if shape and isinstance(shape[0], list) else [shape]
