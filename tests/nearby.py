"""Specs that are nearly valid: the data of a valid program with one thing changed, and the text that says it.

A program is written with a block for each of its instances, so `text` is a spec of its own; what nobody reads is left
out. `changed` draws a number, an argument, an op, a wire or the input.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from resdsl.ops import NEEDED, OPS, Op

Node: TypeAlias = dict[str, Any]
NUMBERS = [0, 1, 2, 3, 4, 5, 6, 8, 12, -1]
HUGE = 1_500_000


# -- the text ------------------------------------------------------------------------------------------------------


def text(program: Node) -> str:
    """The spec that says the program."""
    return _Writer(program).text()


class _Writer:
    def __init__(self, program: Node) -> None:
        self.program = program
        self.names: dict[str, str] = {}
        self.fresh = 0

    def text(self) -> str:
        parts = ["resdsl 1"]
        for number in sorted(reached(self.program)):
            instance = self.program["instances"][number]
            params = ", ".join(map(self.name, instance["values"]))
            parts.append(f"block i{number}({params}) {self.braced(instance['body'])}")
        lines = [f"input {' x '.join(map(str, self.program['input']))}", *self.lines(self.program["body"], model=True)]
        parts.append("model net {\n" + "\n".join(lines) + "\n}")
        return "\n\n".join(parts) + "\n"

    def name(self, name: str) -> str:
        """A name as an identifier of its own."""
        return self.names.setdefault(name, f"n{len(self.names)}")

    def braced(self, node: Node) -> str:
        lines = self.lines(node) if node["kind"] == "body" and not node["label"] else [self.flow(node)]
        return "{\n" + "\n".join(lines) + "\n}"

    def lines(self, node: Node, model: bool = False) -> Iterator[str]:
        last = len(node["lines"]) - 1
        for i, line in enumerate(node["lines"]):
            flow = line["node"]
            if line["kind"] == "let":
                yield f"let {self.name(line['name'])} = {self.flow(flow)}"
            elif line["kind"] == "section" and model:
                yield f"{self.name(line['name'])} {{ {self.flow(flow)} }}"
            elif i < last and not opening(flow).get("label"):
                self.fresh += 1
                number = opening(flow)["kind"] == "constant"
                yield f"f{self.fresh}: {self.item(flow) if number else self.flow(flow)}"
            else:
                yield self.flow(flow)

    def flow(self, node: Node) -> str:
        if node["label"]:
            return f"{self.name(node['label'])}: {self.item({**node, 'label': None})}"
        if node["kind"] == "chain" and node["items"]:
            return " -> ".join(self.labelled(item) for item in node["items"])
        if node["kind"] == "join":
            return f" {node['operator']} ".join(self.side(item) for item in node["items"])
        return self.item(node)

    def labelled(self, node: Node) -> str:
        return self.flow(node) if node["label"] else self.item(node)

    def side(self, node: Node) -> str:
        if node["kind"] == "constant":
            return f"({node['value']})" if node["value"] < 0 else f"{node['value']}"
        return self.flow(node) if node["label"] else f"({self.flow(node)})"

    def item(self, node: Node) -> str:
        """As one item of a chain."""
        match node["kind"]:
            case "op":
                return self.op(node["op"])
            case "use":
                return self.name(node["name"])
            case "call":
                given = ", ".join(f"{self.name(inner)} = {self.name(v)}" for inner, v in node["values"].items())
                return f"i{node['instance']}" + (f"({given})" if given else "")
            case "many":
                return f"[{', '.join(map(self.flow, node['items']))}]"
            case "pick":
                return f"({self.flow(node['item'])})[{node['index']}]"
            case "repeat":
                if not node["rounds"]:
                    return "id"
                rounds = [f"repeat {r['count']} {self.braced(r['body'])}" for r in node["rounds"]]
                return rounds[0] if len(rounds) == 1 else f"({' -> '.join(rounds)})"
            case "body":
                return f"repeat 1 {self.braced(node)}"
            case "chain" if not node["items"]:
                return "id"
        return f"({self.flow(node)})"

    def op(self, op: Node) -> str:
        declared = OPS[op["name"]].declared
        given = []
        for name, value in op["arguments"].items():
            default = declared[name].default
            if type(value) is not type(default) or value != default:
                given.append(f"{name} = {self.value(value)}")
        return op["name"] + (f"({', '.join(given)})" if given else "")

    def value(self, value: Any) -> str:
        if isinstance(value, dict):
            return self.name(value["value"])
        if isinstance(value, list):
            return f"[{', '.join(map(self.value, value))}]"
        if isinstance(value, bool):
            return str(value).lower()
        return f'"{value}"' if isinstance(value, str) else str(value)


# -- what is there -----------------------------------------------------------------------------------------------------


def children(node: Node) -> list[tuple[Any, Any]]:
    """Where the nodes directly inside a node are kept: a list or node, and the key in it."""
    match node["kind"]:
        case "chain" | "many" | "join":
            return [(node["items"], i) for i, item in enumerate(node["items"]) if item["kind"] != "constant"]
        case "repeat":
            return [(some, "body") for some in node["rounds"]]
        case "pick":
            return [(node, "item")]
        case "body":
            return [(line, "node") for line in node["lines"]]
    return []


def inside(node: Node) -> Iterator[Node]:
    yield node
    for kept, key in children(node):
        yield from inside(kept[key])


def opening(node: Node) -> Node:
    """What a flow begins with, a label or a number among others."""
    while node["kind"] in ("chain", "join") and not node["label"] and node["items"]:
        node = node["items"][0]
    return node


def reached(program: Node) -> set[int]:
    """The instances that are called."""
    found: set[int] = set()
    waiting = [program["body"]]
    while waiting:
        for node in inside(waiting.pop()):
            if node["kind"] == "call" and node["instance"] not in found:
                found.add(node["instance"])
                waiting.append(program["instances"][node["instance"]]["body"])
    return found


def read(body: Node) -> set[str]:
    """The names that a body reads."""
    found: set[str] = set()
    for node in inside(body):
        if node["kind"] == "use":
            found.add(node["name"])
        elif node["kind"] == "call":
            found.update(node["values"].values())
        elif node["kind"] == "op":
            found.update(v["value"] for v in node["op"]["arguments"].values() if isinstance(v, dict))
    return found


def without_unread(program: Node) -> None:
    """Leave out the values, labels and parameters that nobody reads."""
    changed = True
    while changed:
        changed = False
        bodies = [program["body"], *(instance["body"] for instance in program["instances"])]
        for instance in program["instances"]:
            used = read(instance["body"])
            unread = [name for name in instance["values"] if name not in used]
            for name in unread:
                del instance["values"][name]
                changed = True
        for body in bodies:
            used = read(body)
            for node in inside(body):
                if node["kind"] == "call":
                    wanted = program["instances"][node["instance"]]["values"]
                    node["values"] = {n: v for n, v in node["values"].items() if n in wanted}
                if node["label"] and node["label"] not in used:
                    node["label"] = None
                if node["kind"] == "body":
                    kept = [line for line in node["lines"] if line["kind"] != "let" or line["name"] in used]
                    changed = changed or len(kept) < len(node["lines"])
                    node["lines"] = kept


@dataclass
class Place:
    """A node, where it is kept, and the names that it may read."""

    kept: Any
    key: Any
    names: tuple[str, ...]

    @property
    def node(self) -> Node:
        found: Node = self.kept[self.key]
        return found


def places(program: Node) -> list[Place]:
    """Every node of what runs."""
    found: list[Place] = []

    def walk(kept: Any, key: Any, names: tuple[str, ...]) -> None:
        found.append(Place(kept, key, names))
        node = kept[key]
        if node["kind"] == "body":
            for line in node["lines"]:
                walk(line, "node", names)
                label = line["node"]["label"] or line["name"]
                names = (*names, label) if label and re.fullmatch(r"\w+", label) else names
            return
        for inner, at in children(node):
            walk(inner, at, names)

    for number in sorted(reached(program)):
        instance = program["instances"][number]
        walk(instance, "body", tuple(instance["values"]))
    walk(program, "body", ())
    return found


# -- changes -------------------------------------------------------------------------------------------------------


@dataclass
class Changed:
    """A program with one change, and what it is."""

    program: Node
    what: str
    kind: str = field(default="")


def changed(valid: Node, rng: random.Random) -> Changed:
    """A program with one change."""
    while True:
        program = copy.deepcopy(valid)
        kind, change = rng.choice(list(CHANGES.items()))
        what = change(program, rng)
        if what is not None:
            without_unread(program)
            return Changed(program, what, kind)


def _some(program: Node, rng: random.Random, *kinds: str) -> Place | None:
    found = [place for place in places(program) if place.node["kind"] in kinds]
    return rng.choice(found) if found else None


def _number(program: Node, rng: random.Random) -> str | None:
    """Another number of an op."""
    found = [place for place in places(program) if place.node["kind"] == "op" and _numbers(place.node["op"])]
    if not found:
        return None
    op = rng.choice(found).node["op"]
    name = rng.choice(_numbers(op))
    before = op["arguments"][name]
    op["arguments"][name] = after = _other(before, OPS[op["name"]].declared[name].kind, rng)
    return f"{name} of {op['name']}: {before} to {after}"


def _numbers(op: Node) -> list[str]:
    declared = OPS[op["name"]].declared
    return [n for n in op["arguments"] if declared[n].kind not in ("value", "choice", "flag", "real")]


def _other(value: Any, kind: str, rng: random.Random) -> Any:
    if isinstance(value, list) and value:
        i = rng.randrange(len(value))
        return rng.choice([value[:-1] or [1], [*value, 1], [*value[:i], _other(value[i], kind, rng), *value[i + 1 :]]])
    if kind in ("rate", "factor"):
        return rng.choice([0, 1, 0.5, 1.0, -0.5, 2])
    if kind == "bias":
        return rng.choice([True, False, 0, 2, -1.5])
    number = value if isinstance(value, int) and not isinstance(value, bool) else 1
    near = [number + 1, number - 1, 2 * number, *NUMBERS, 1.5]
    if kind in ("sizes", "padding"):
        near += [[1, 2], [2, 2], [1], [2, 1, 2], [number, number + 1]]
    if kind == "padding":
        near += ["same", None]
    if rng.random() < 0.02:
        return HUGE
    return rng.choice([n for n in near if n != value])


def _argument(program: Node, rng: random.Random) -> str | None:
    """A flag or word of an op, or a list in place of a number."""
    words = ("flag", "choice", "padding", "sizes", "parts")
    found = [
        (place.node["op"], name)
        for place in places(program) if place.node["kind"] == "op"
        for name in place.node["op"]["arguments"] if OPS[place.node["op"]["name"]].declared[name].kind in words
    ]  # fmt: skip
    if not found:
        return None
    op, name = rng.choice(found)
    declared = OPS[op["name"]].declared[name]
    before = op["arguments"][name]
    if declared.kind == "flag":
        after: Any = not before
    elif declared.kind == "choice":
        after = rng.choice(declared.choices)
    else:
        after = rng.choice([[2, 1], [1, 1, 1], [2], 1, 2, [1, 3], [3, 2]])
    op["arguments"][name] = after
    return f"{name} of {op['name']}: {before} to {after}"


def drawn_op(names: tuple[str, ...], rng: random.Random) -> Node | None:
    """An op with arguments at random."""
    op = OPS[rng.choice(list(OPS))]
    arguments: dict[str, Any] = {}
    for name, declared in op.declared.items():
        arguments[name] = declared.default
        if declared.kind == "value":
            if not names:
                return None
            arguments[name] = {"value": rng.choice(names), "type": []}
        elif declared.default is NEEDED or rng.random() < 0.2:
            arguments[name] = _drawn(op, name, rng)
    return _node(op.name, arguments)


def _drawn(op: type[Op], name: str, rng: random.Random) -> Any:
    declared = op.declared[name]
    match declared.kind:
        case "size" | "count":
            return rng.choice([1, 2, 3, 4, 6, 8])
        case "sizes" | "parts":
            return rng.choice([1, 2, 3, [1, 2], [2, 2], [1, 1, 1]])
        case "padding":
            return rng.choice([0, 1, 2, [0, 1]])
        case "flag" | "bias" | "factor":
            return rng.choice([True, False])
        case "choice":
            return rng.choice(declared.choices)
    return 0.25


def _node(name: str, arguments: dict[str, Any]) -> Node:
    return {"kind": "op", "op": {"name": name, "arguments": arguments}, "label": None}


def _op(program: Node, rng: random.Random) -> str | None:
    """Another op in the place of one."""
    place = _some(program, rng, "op")
    made = drawn_op(place.names, rng) if place else None
    if place is None or made is None:
        return None
    before, made["label"] = place.node["op"]["name"], place.node["label"]
    place.kept[place.key] = made
    return f"{before} to {made['op']['name']}"


def _more(program: Node, rng: random.Random) -> str | None:
    """One more op behind some part."""
    place = _some(program, rng, "op", "call", "join", "use", "many", "pick")
    made = drawn_op(place.names, rng) if place else None
    if place is None or made is None:
        return None
    label, place.node["label"] = place.node["label"], None
    place.kept[place.key] = {"kind": "chain", "items": [place.node, made], "label": label}
    return f"{made['op']['name']} behind a {place.node['items'][0]['kind']}"


def _less(program: Node, rng: random.Random) -> str | None:
    """A part that is left out: what enters it leaves it."""
    place = _some(program, rng, "op", "call", "use", "pick")
    if place is None:
        return None
    before = place.node
    place.kept[place.key] = {**_node("id", {}), "label": before["label"]}
    return f"no {before['op']['name'] if before['kind'] == 'op' else before['kind']}"


def _wire(program: Node, rng: random.Random) -> str | None:
    """A named value in the place of a part."""
    found = [place for place in places(program) if place.names and place.node["kind"] != "body"]
    if not found:
        return None
    place = rng.choice(found)
    name = rng.choice(place.names)
    place.kept[place.key] = {"kind": "use", "name": name, "label": place.node["label"]}
    return f"{name} read in another place"


def _operator(program: Node, rng: random.Random) -> str | None:
    """Another operator between flows."""
    place = _some(program, rng, "join")
    if place is None:
        return None
    before = place.node["operator"]
    pairs = "+-*/" if len(place.node["items"]) == 2 else "+"
    numbers = any(item["kind"] == "constant" for item in place.node["items"])
    place.node["operator"] = after = rng.choice([*pairs, *([] if numbers else ["++"])])
    return None if after == before else f"{before} to {after}"


def _sides(program: Node, rng: random.Random) -> str | None:
    """The sides of a join, or the parts of a chain or list, in another order, one less or one twice."""
    place = _some(program, rng, "join", "chain", "many")
    if place is None or len(place.node["items"]) < 2:
        return None
    items, kind = place.node["items"], place.node["kind"]
    i = rng.randrange(len(items) - 1)
    how = rng.choice(["swapped", "swapped", "one less", "one twice"])
    if how == "swapped":
        items[i], items[i + 1] = items[i + 1], items[i]
    elif kind == "join" and (place.node["operator"] in "-*/" or len(items) == 2):
        return None
    elif how == "one less":
        del items[i]
    else:
        twice = copy.deepcopy(items[i])
        for node in inside(twice) if twice["kind"] != "constant" else ():
            node["label"] = None
        items.insert(i, twice)
    return f"{how} in a {kind}"


def _index(program: Node, rng: random.Random) -> str | None:
    place = _some(program, rng, "pick")
    if place is None:
        return None
    before = place.node["index"]
    place.node["index"] = after = rng.choice([n for n in (0, 1, 2, 3) if n != before])
    return f"item {before} to {after}"


def _input(program: Node, rng: random.Random) -> str | None:
    before = list(program["input"])
    after = list(before)
    i = rng.randrange(len(after))
    after[i] = max(1, rng.choice([after[i] + 1, after[i] - 1, after[i] * 2, after[i] // 2, 1, 2, 3]))
    if rng.random() < 0.2:
        after = rng.choice([before[:-1] or before, [*before, 2]])
    program["input"] = after
    return None if after == before else f"input {before} to {after}"


def _rounds(program: Node, rng: random.Random) -> str | None:
    place = _some(program, rng, "repeat")
    if place is None or not place.node["rounds"]:
        return None
    some = rng.choice(place.node["rounds"])
    before, some["count"] = some["count"], rng.choice([0, 1, 2, 3])
    return None if some["count"] == before else f"{before} rounds to {some['count']}"


def _constant(program: Node, rng: random.Random) -> str | None:
    found = [i for place in places(program) if place.node["kind"] == "join" for i in place.node["items"]]
    constants = [item for item in found if item["kind"] == "constant"]
    if not constants:
        return None
    constant = rng.choice(constants)
    before, constant["value"] = constant["value"], rng.choice([0, -1, 2.5, 1000])
    return f"constant {before} to {constant['value']}"


CHANGES = {
    "number": _number, "number again": _number, "argument": _argument, "op": _op, "more": _more, "less": _less,
    "wire": _wire, "operator": _operator, "sides": _sides, "index": _index, "input": _input, "rounds": _rounds,
    "constant": _constant,
}  # fmt: skip
