"""The flow of a program, or of one block: every op and every meeting of flows, and which of them each reads.

Blocks are opened and repeats unrolled, so this is as large as the network is deep; `limit` says how large it may get.
`id` and named values are no nodes: whoever reads one reads what it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from resdsl import graph
from resdsl.graph import AnyNode
from resdsl.ops import Op, Type, shapes

Kind = Literal["input", "op", "join", "factor", "output"]
"""A `factor` is a join with a number: 0.5 x, 1 - x, x / 2."""

Flow = tuple[int, ...]  # for each tensor of a value, the node that makes it


class TooLarge(Exception):
    """More nodes than the limit."""


@dataclass(frozen=True)
class Node:
    """One op at work or one meeting of flows.

    ``inputs`` are the nodes that it reads, each once; ``carriers`` those of them that carry the flow, not a gate of it.
    ``name`` is what the text calls its value, if another line reads it. ``line`` is the line of the model it stands in.
    """

    kind: Kind
    label: str
    inputs: tuple[int, ...]
    carriers: tuple[int, ...]
    output: Type
    op: Op | None = None
    name: str = ""
    line: int = 0

    @property
    def layer(self) -> bool:
        """Whether depth counts it: a convolution or a linear layer."""
        return self.op is not None and self.op.layer


def of_program(program: graph.Program, limit: int) -> tuple[Node, ...]:
    """The flow of a whole model, the input first and the output last. Raises TooLarge."""
    builder = _Builder(program, limit)
    flow = builder.source("input", program.input)
    env: dict[str, Flow] = {}
    for index, line in enumerate(program.body.lines):
        builder.line = index
        flow = builder.take(line, flow, env)
    return builder.finished(flow, program.output, builder.unread(env, flow))


def of_block(program: graph.Program, number: int, limit: int) -> tuple[Node, ...]:
    """The flow of one block: its input first, then the named values it is given; its output last. Raises TooLarge.

    Of the input and the values those are there that are read.
    """
    instance = program.instances[number]
    builder = _Builder(program, limit)
    flow = builder.source("x", instance.input)
    env = {name: builder.source(name, type_) for name, type_ in instance.values.items()}
    return builder.finished(builder.follow(instance.body, flow, env), instance.output)


@dataclass
class _Builder:
    program: graph.Program
    limit: int
    nodes: list[Node] = field(default_factory=list)
    gates: list[bool] = field(default_factory=list)  # whether a node's value is a factor between 0 and 1
    line: int = 0
    entered: int = 0

    def source(self, label: str, type_: Type) -> Flow:
        return self.add("input", label, (), type_) * len(shapes(type_))

    def add(self, kind: Kind, label: str, reads: Flow, output: Type, op: Op | None = None, gates: Flow = ()) -> Flow:
        if len(self.nodes) >= self.limit:
            raise TooLarge
        inputs = tuple(dict.fromkeys((*reads, *gates)))
        carriers = tuple(dict.fromkeys(reads))
        self.nodes.append(Node(kind, label, inputs, carriers, output, op, line=self.line))
        passes = kind == "factor" or (op is not None and not op.layer)
        self.gates.append((op is not None and op.gate) or (passes and all(self.gates[number] for number in reads)))
        return (len(self.nodes) - 1,)

    def unread(self, env: dict[str, Flow], flow: Flow) -> Flow:
        """The named values that no node reads: a model gives them out beside its output."""
        read = {number for node in self.nodes for number in node.inputs}
        return tuple(number for made in env.values() for number in made if number not in read and number not in flow)

    def finished(self, flow: Flow, output: Type, beside: Flow = ()) -> tuple[Node, ...]:
        """All nodes, less those whose value nobody reads; ``beside`` are values that are given out too."""
        (last,) = self.add("output", "output", flow, output, gates=beside)
        needed = {last}
        for number in range(last, -1, -1):
            if number in needed:
                needed.update(self.nodes[number].inputs)
        kept = [number for number in range(last + 1) if number in needed]
        if len(kept) == len(self.nodes):
            return tuple(self.nodes)
        new = {old: index for index, old in enumerate(kept)}
        return tuple(
            replace(
                node,
                inputs=tuple(new[i] for i in node.inputs),
                carriers=tuple(new[i] for i in node.carriers),
            )
            for node in (self.nodes[old] for old in kept)
        )

    def take(self, line: graph.Line, flow: Flow, env: dict[str, Flow]) -> Flow:
        """The flow after a line of a body."""
        made = self.follow(line.node, flow, env)
        if line.name is not None:
            env[line.name] = made
        return flow if line.kind == "let" else made

    def follow(self, node: AnyNode, x: Flow, env: dict[str, Flow]) -> Flow:
        if node.label is None:
            return self.through(node, x, env)
        env[node.label] = self.through(node, x, dict(env))  # labels inside a labelled group are its own affair
        return env[node.label]

    def through(self, node: AnyNode, x: Flow, env: dict[str, Flow]) -> Flow:
        match node:
            case graph.Step():
                return self.step(node, x, env)
            case graph.Call():
                self.enter()
                given = {inner: env[outer] for inner, outer in node.values.items()}
                return self.follow(self.program.instances[node.instance].body, x, given)
            case graph.Use():
                made = env[node.name]
                for number in set(made):
                    if not self.nodes[number].name and self.nodes[number].kind != "input":
                        self.nodes[number] = replace(self.nodes[number], name=node.name)
                return made
            case graph.Chain():
                for item in node.items:
                    x = self.follow(item, x, env)
                return x
            case graph.Body():
                inner = dict(env)
                for line in node.lines:
                    x = self.take(line, x, inner)
                return x
            case graph.Repeat():
                return self.repeat(node, x, env)
            case graph.Many():
                return tuple(self.follow(item, x, env)[0] for item in node.items)
            case graph.Pick():
                return (self.follow(node.item, x, env)[node.index],)
            case graph.Join():
                return self.join(node, x, env)
            case _:
                assert_never(node)

    def enter(self) -> None:
        """A round or a block, which may add no node."""
        self.entered += 1
        if self.entered > 10 * self.limit:
            raise TooLarge

    def repeat(self, node: graph.Repeat, x: Flow, env: dict[str, Flow]) -> Flow:
        for round_ in node.rounds:
            for _ in range(round_.count):
                self.enter()
                x = self.follow(round_.body, x, dict(env))
        return x

    def step(self, node: graph.Step, x: Flow, env: dict[str, Flow]) -> Flow:
        """One op; on a list, one for each node that made an item, unless the items share its weights."""
        op, outputs = node.op, shapes(node.output)
        if op.name == "id":
            return x
        label = op.label(len(shapes(node.input)[0]) - 1)
        gates = tuple(number for name in op.values for number in env[name])
        if op.weighted or op.takes_list or len(x) != len(outputs):
            return self.add("op", label, x, node.output, op, gates) * len(outputs)
        made: dict[int, int] = {}
        for number, shape in zip(x, outputs, strict=True):
            if number not in made:
                (made[number],) = self.add("op", label, (number,), shape, op, gates)
        return tuple(made[number] for number in x)

    def gate(self, node: graph.Join, sides: list[Flow]) -> int:
        """Which factor of a product is its gate: one that an op such as a sigmoid made; else as depth is counted."""
        made = [all(self.gates[number] for number in side) for side in sides]
        if made[0] != made[1]:
            return 0 if made[0] else 1
        left, right = (_is_named(item) for item in graph.children(node))
        return 0 if left and not right else 1

    def join(self, node: graph.Join, x: Flow, env: dict[str, Flow]) -> Flow:
        sides = [self.follow(item, x, env) for item in graph.children(node)]
        if node.operator == "++" and len(shapes(node.output)) > 1:
            return tuple(number for side in sides for number in side)
        if len(sides) < len(node.items):
            return self.add("factor", _with_number(node), tuple(n for side in sides for n in side), node.output)
        reads, gates = [number for side in sides for number in side], []
        if node.operator in "*/":
            gate = self.gate(node, sides)
            gates, reads = list(sides[gate]), list(sides[1 - gate])
        return self.add("join", node.operator, tuple(reads), node.output, gates=tuple(gates))


def _with_number(node: graph.Join) -> str:
    """A join with a number as a short formula: "0.5 x", "1 - g", "x / 2"."""
    words = [_short(item) for item in node.items]
    if node.operator == "*":
        return " ".join(sorted(words))  # digits stand before letters
    return f" {node.operator} ".join(words)


def _short(item: AnyNode | graph.Constant) -> str:
    """A number in four digits, the name of a value, or x."""
    if isinstance(item, graph.Constant):
        return f"{item.value:.4g}" if isinstance(item.value, float) else str(item.value)
    return item.name if isinstance(item, graph.Use) else "x"


def _is_named(node: AnyNode) -> bool:
    """Whether a factor is a named value: the depth of a product follows the other factor."""
    return isinstance(node, graph.Use) or (isinstance(node, graph.Pick) and _is_named(node.item))


def main_path(nodes: Sequence[Node]) -> tuple[int, ...]:
    """The nodes of the longest way from the input to the output: by layers, then by ops; of two equal, the first."""
    length: list[tuple[int, int]] = []
    before: list[int] = []
    for node in nodes:
        best = max(node.carriers, key=lambda number: length[number], default=-1)
        layers, ops = length[best] if best >= 0 else (0, 0)
        length.append((layers + node.layer, ops + 1))
        before.append(best)
    path = [len(nodes) - 1]
    while before[path[-1]] >= 0:
        path.append(before[path[-1]])
    return tuple(reversed(path))


def layers_before(nodes: Sequence[Node]) -> list[int]:
    """The most layers on any way from the input to each node, its own not counted."""
    before: list[int] = []
    for node in nodes:
        before.append(max((before[source] + nodes[source].layer for source in node.carriers), default=0))
    return before


def carrying(nodes: Sequence[Node]) -> set[int]:
    """The nodes from which the flow reaches the output by other ways than a gate."""
    needed = {len(nodes) - 1, *nodes[-1].inputs}
    for number in range(len(nodes) - 1, -1, -1):
        if number in needed:
            needed.update(nodes[number].carriers)
    return needed


def projections(nodes: Sequence[Node], main: set[int]) -> set[int]:
    """The layers that stand alone on a way beside the main path into a sum: projections."""
    needed = carrying(nodes)
    readers: dict[int, int] = {}
    for number in needed:
        for source in nodes[number].carriers:
            readers[source] = readers.get(source, 0) + 1
    found: set[int] = set()
    for number in needed:
        if nodes[number].kind != "join" or nodes[number].label != "+":
            continue
        for source in nodes[number].carriers:
            layers, way = [], source
            while way not in main and readers[way] == 1 and len(nodes[way].carriers) == 1:
                layers += [way] if nodes[way].layer else []
                way = nodes[way].carriers[0]
            if len(layers) == 1 and (way in main or readers[way] > 1):
                found.update(layers)
    return found
