"""The numbers of a model in rows: sections, the blocks in them, the ops in those. Totals are the sums of their rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from resdsl import graph
from resdsl.analyze.cost import Costs, join
from resdsl.analyze.depth import Depths
from resdsl.analyze.straight import Straight
from resdsl.graph import AnyNode
from resdsl.ops import Cost, Type, shapes, total


@dataclass(frozen=True)
class OpRow:
    """An op, or the join of several flows, and how often it occurs in its block row, all copies taken together."""

    name: str
    label: str
    count: int
    output: Type
    cost: Cost
    node: graph.Step | graph.Join  # one of them


@dataclass(frozen=True)
class BlockRow:
    """Equal blocks that follow one another (`count` of them), or a run of ops outside any block."""

    name: str
    count: int
    input: Type
    output: Type
    layers: int  # on the main path, all of the count
    cost: Cost  # of all of the count
    ops: tuple[OpRow, ...]
    node: AnyNode | None = None  # one of the blocks


@dataclass(frozen=True)
class SectionRow:
    """A section, or a labelled line, of a model."""

    name: str
    output: Type
    layers: int
    cost: Cost
    blocks: tuple[BlockRow, ...]


class Report:
    """All numbers of one program."""

    def __init__(self, program: graph.Program) -> None:
        self.program = program
        self.straight = Straight(program)
        self.costs = Costs(program)
        self.depths = Depths(self.straight)
        self.cost = self.costs.total
        self.layers = self.depths.total

    @cached_property
    def sections(self) -> tuple[SectionRow, ...]:
        """A row a line of the model."""
        rows = []
        for line, layers in zip(self.program.body.lines, self.depths.lines, strict=True):
            cost = self.costs.of(line.node)
            rows.append(SectionRow(line_name(line), line.node.output, layers, cost, tuple(self._blocks(line.node))))
        return tuple(rows)

    def facts(self) -> dict[str, int]:
        """What an `expect` line can say."""
        return {"layers": self.layers, "params": self.cost.params, "macs": self.cost.macs}

    # -- blocks ----------------------------------------------------------------------------------------------------

    def _blocks(self, node: AnyNode) -> Iterator[BlockRow]:
        """The units of a section in order; what stands between them gathered in runs."""
        run: list[tuple[AnyNode, int]] = []
        unit: tuple[graph.Call, int] | None = None
        for part, count in (*self._parts(node), (None, 0)):
            if isinstance(part, graph.Call):
                yield from self._run(run)
                run = []
                if unit is not None and unit[0].instance == part.instance:
                    unit = unit[0], unit[1] + count
                    continue
            if unit is not None:
                yield self._block(*unit)
            unit = (part, count) if isinstance(part, graph.Call) else None
            if part is None:
                yield from self._run(run)
            elif unit is None:
                run.append((part, count))

    def _parts(self, node: AnyNode) -> list[tuple[AnyNode, int]]:
        """Units, and leaves outside units, each with its count, in order."""
        match node:
            case graph.Call() if self._is_unit(node.instance):
                return [(node, 1)]
            case graph.Call():
                if node.instance not in self._inner:
                    self._inner[node.instance] = self._parts(self.program.instances[node.instance].body)
                return self._inner[node.instance]
            case graph.Step():
                return [(node, 1)]
            case graph.Repeat():
                rounds = [(round_.count, self._parts(round_.body)) for round_ in node.rounds]
                return _compact([(part, count * times) for times, parts in rounds for part, count in parts])
            case _:
                parts = [part for child in graph.children(node) for part in self._parts(child)]
                return _compact([*parts, (node, 1)] if isinstance(node, graph.Join) else parts)

    def _is_unit(self, number: int) -> bool:
        """Whether a block is a row of its own: it has a formula, or is a sequence of ops with no such block inside."""
        instance = self.program.instances[number]
        if self.program.definitions[instance.definition].merges:
            return True
        return not isinstance(instance.body, graph.Step) and not self._holds_unit(number)

    def _holds_unit(self, number: int) -> bool:
        if number not in self._held:
            calls = [n.instance for n in graph.inside(self.program.instances[number].body) if isinstance(n, graph.Call)]
            merging = (self.program.definitions[self.program.instances[i].definition].merges for i in calls)
            self._held[number] = any(merging) or any(self._holds_unit(i) for i in calls)
        return self._held[number]

    @cached_property
    def _inner(self) -> dict[int, list[tuple[AnyNode, int]]]:
        return {}

    @cached_property
    def _inner_ops(self) -> dict[int, list[OpRow]]:
        return {}

    @cached_property
    def _held(self) -> dict[int, bool]:
        return {}

    def _block(self, call: graph.Call, count: int) -> BlockRow:
        instance = self.program.instances[call.instance]
        return BlockRow(
            name=self.program.definitions[instance.definition].name,
            count=count,
            input=call.input,
            output=call.output,
            layers=count * self.depths.instance(call.instance),
            cost=self.costs.instance(call.instance) * count,
            ops=tuple(_times(op, count) for op in self._ops(instance.body)),
            node=call,
        )

    def _run(self, parts: list[tuple[AnyNode, int]]) -> Iterator[BlockRow]:
        """What stands between units, if anything does."""
        ops = tuple(op for part, count in parts for op in self._own(part, count))
        if ops:
            yield self._between(parts, ops)

    def _between(self, parts: list[tuple[AnyNode, int]], ops: tuple[OpRow, ...]) -> BlockRow:
        return BlockRow(
            name="",
            count=1,
            input=parts[0][0].input,
            output=parts[-1][0].output,
            layers=sum(n.op.layer * count for n, count in parts if isinstance(n, graph.Step)),
            cost=total(op.cost for op in ops),
            ops=ops,
        )

    def _ops(self, node: AnyNode) -> list[OpRow]:
        """Every op of a part, in order; equal blocks inside it taken together."""
        match node:
            case graph.Call():
                if node.instance not in self._inner_ops:
                    self._inner_ops[node.instance] = self._ops(self.program.instances[node.instance].body)
                return self._inner_ops[node.instance]
            case graph.Repeat():
                rows = [(round_.count, op) for round_ in node.rounds for op in self._ops(round_.body)]
                return _gathered([_times(op, count) for count, op in rows])
            case _:
                inside = [op for child in graph.children(node) for op in self._ops(child)]
                return _gathered([*inside, *self._own(node, 1)])

    def ops_of(self, node: AnyNode) -> tuple[OpRow, ...]:
        """Every op inside a node, blocks opened."""
        return tuple(self._ops(node))

    def _own(self, node: AnyNode, count: int) -> Iterator[OpRow]:
        if isinstance(node, graph.Step) and node.op.name != "id":
            yield OpRow(
                node.op.name,
                node.op.label(len(shapes(node.input)[0]) - 1),
                count,
                node.output,
                node.op.price(node.input, node.output) * count,
                node,
            )
        elif isinstance(node, graph.Join):
            yield OpRow(node.operator, node.operator, count, node.output, join(node) * count, node)


_MOST = 300  # rows in order; a part with more of them is shown by kinds


def _times(op: OpRow, count: int) -> OpRow:
    return op if count == 1 else replace(op, count=op.count * count, cost=op.cost * count)


def _gathered(rows: list[OpRow]) -> list[OpRow]:
    """The rows; where they are too many to be read, those alike taken together."""
    if len(rows) <= _MOST:
        return rows
    kinds: dict[object, OpRow] = {}
    for row in rows:
        key = row.label, row.node.op if isinstance(row.node, graph.Step) else "", row.node.input, row.output
        known = kinds.get(key)
        kinds[key] = replace(known, count=known.count + row.count, cost=known.cost + row.cost) if known else row
    return list(kinds.values())


def _compact(parts: list[tuple[AnyNode, int]]) -> list[tuple[AnyNode, int]]:
    """The parts; where they are too many, equal ones taken together."""
    if len(parts) <= _MOST:
        return parts
    kinds: dict[object, tuple[AnyNode, int]] = {}
    for node, count in parts:
        key = node.instance if isinstance(node, graph.Call) else id(node)
        kinds[key] = (node, kinds.get(key, (node, 0))[1] + count)
    return list(kinds.values())


def line_name(line: graph.Line) -> str:
    """What a line of a model is called: its section or value, else the label that it opens with."""
    if line.name is not None:
        return line.name
    node = line.node
    while node.label is None and isinstance(node, graph.Chain | graph.Join):
        node = graph.children(node)[0]
    *path, last = (node.label or "output").split(".")
    if "{" in last and path:  # it names the units, not the line
        return ".".join(path)
    return ".".join([*path, last.split("{")[0].rstrip("-")]) or "output"
