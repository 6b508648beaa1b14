"""Depth as the papers count it: convolutions and linear layers on the main path.

`->` adds; `+`, `-` and `++` take the deeper side; a product counts its left side, or its right side where the left is a
number or a named value and the right is not (a gate counts nothing).

The fold follows paths: for each output of a part, the longest path from each of its sources. A source is one of the
part's inputs, or a value that it reads from outside. So a part is looked at once, however often and deep it stands.
"""

from __future__ import annotations

from typing import assert_never

from resdsl import graph
from resdsl.graph import AnyNode
from resdsl.ops import Type, shapes

Source = tuple[str, int]  # the name of a value ("" for the input) and which item of a list
Paths = tuple[dict[Source, int], ...]  # for each tensor, the longest path from each source


class Depths:
    """The number of layers on the main path through any node."""

    def __init__(self, program: graph.Program) -> None:
        self._repeats = 0
        self._instances: list[Paths] = []
        for instance in program.instances:
            values = {name: _fresh(name, type_) for name, type_ in instance.values.items()}
            self._instances.append(self._follow(instance.body, _fresh("", instance.input), values))
        self.lines: list[int] = []  # layers that each line of the model adds to the main path
        flow = _fresh("", program.input)
        env: dict[str, Paths] = {}
        for line in program.body.lines:
            before = longest(flow)
            made = self._line(line, flow, env)
            self.lines.append(0 if line.kind == "let" else longest(made) - before)
            flow = flow if line.kind == "let" else made
        self.total = longest(flow)

    def instance(self, number: int) -> int:
        """Layers from the input of an instance to its output."""
        return max(
            (length for paths in self._instances[number] for (name, _), length in paths.items() if not name), default=0
        )

    def _line(self, line: graph.Line, flow: Paths, env: dict[str, Paths]) -> Paths:
        made = self._follow(line.node, flow, env)
        if line.name is not None:
            env[line.name] = made
        return made

    def _follow(self, node: AnyNode, x: Paths, env: dict[str, Paths]) -> Paths:
        if node.label is None:
            return self._through(node, x, env)
        env[node.label] = self._through(node, x, dict(env))  # labels inside a labelled group are its own affair
        return env[node.label]

    def _through(self, node: AnyNode, x: Paths, env: dict[str, Paths]) -> Paths:
        match node:
            case graph.Step():
                return _step(node, x)
            case graph.Call():
                given = {name: env[outer] for name, outer in node.values.items()}
                return tuple(_substituted(paths, {"": x, **given}) for paths in self._instances[node.instance])
            case graph.Use():
                return env[node.name]
            case graph.Chain():
                for item in node.items:
                    x = self._follow(item, x, env)
                return x
            case graph.Body():
                inner = dict(env)
                for line in node.lines:
                    made = self._line(line, x, inner)
                    x = x if line.kind == "let" else made
                return x
            case graph.Repeat():
                self._repeats += 1
                start = f"round {self._repeats}"  # a name that no value can have
                for round_ in node.rounds:
                    once = self._follow(round_.body, _fresh(start, round_.body.input), dict(env))
                    x = tuple(_substituted(paths, {start: x}) for paths in _power(once, round_.count, start))
                return x
            case graph.Many():
                return tuple(self._follow(item, x, env)[0] for item in node.items)
            case graph.Pick():
                return (self._follow(node.item, x, env)[node.index],)
            case graph.Join():
                sides = [self._follow(item, x, env) for item in graph.children(node)]
                if node.operator in "*/":
                    return _product(node, sides)
                if node.operator == "++" and len(shapes(node.output)) > 1:
                    return tuple(paths for side in sides for paths in side)
                return (_deepest([paths for side in sides for paths in side]),)
            case _:
                assert_never(node)


def longest(paths: Paths) -> int:
    """The length of the longest path."""
    return max((length for path in paths for length in path.values()), default=0)


def _fresh(name: str, type_: Type) -> Paths:
    """Every tensor is its own source, no layer away."""
    return tuple({(name, i): 0} for i in range(len(shapes(type_))))


def _step(node: graph.Step, x: Paths) -> Paths:
    more = 1 if node.op.layer else 0
    outputs = len(shapes(node.output))
    if node.op.takes_list or len(x) != outputs:
        return tuple(_deepest(list(x)) for _ in range(outputs))
    return tuple({source: length + more for source, length in paths.items()} for paths in x) if more else x


def _deepest(paths: list[dict[Source, int]]) -> dict[Source, int]:
    deepest: dict[Source, int] = {}
    for path in paths:
        for source, length in path.items():
            deepest[source] = max(length, deepest.get(source, 0))
    return deepest


def _product(node: graph.Join, sides: list[Paths]) -> Paths:
    """The factor that carries the flow; the other is a gate."""
    if len(sides) == 1:
        return sides[0]
    left, right = (_is_named(item) for item in graph.children(node))
    return sides[1] if left and not right else sides[0]


def _is_named(node: AnyNode) -> bool:
    return isinstance(node, graph.Use) or (isinstance(node, graph.Pick) and _is_named(node.item))


def _substituted(paths: dict[Source, int], given: dict[str, Paths]) -> dict[Source, int]:
    """Paths from the sources of a part, continued back to what those sources are."""
    out: dict[Source, int] = {}
    for (name, i), length in paths.items():
        if name not in given:
            out[name, i] = max(length, out.get((name, i), 0))
            continue
        for source, before in given[name][i].items():
            out[source] = max(length + before, out.get(source, 0))
    return out


def _power(once: Paths, count: int, start: str) -> Paths:
    """The paths through `count` rounds, by repeated squaring."""
    result: Paths | None = None
    while count:
        if count & 1:
            result = once if result is None else tuple(_substituted(paths, {start: result}) for paths in once)
        once = tuple(_substituted(paths, {start: once}) for paths in once)
        count >>= 1
    assert result is not None
    return result
