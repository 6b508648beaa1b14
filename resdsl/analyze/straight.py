"""A program as straight-line code: what runs, in order, on numbered tensors.

Names, brackets, lists and picks are gone: each line says which tensors it reads and makes. Blocks stay calls and equal
rounds stay loops, so the code is as small as the graph. `+ - * /` and `++` of tensors are lines; joined lists are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias, assert_never

from resdsl import graph
from resdsl.graph import AnyNode
from resdsl.ops import Shape, Type, shapes

Tensors: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Do:
    """An op, a join or a call. Its first tensors are the flow it works on (of a join, its first side).

    The others are: of an op, the named values among its arguments; of a call, the values it hands in; of a join, the
    other sides.
    """

    node: graph.Step | graph.Join | graph.Call
    reads: tuple[Tensors, ...]
    makes: Tensors


@dataclass(frozen=True)
class Loop:
    """`count` equal rounds. A round reads what the one before made, and named values that stay the same."""

    count: int
    code: Code
    reads: tuple[Tensors, Tensors]
    makes: Tensors


@dataclass(frozen=True)
class Code:
    """Lines on numbered tensors: first the flow that enters, then the named values, then what each line makes."""

    entering: int  # tensors of the flow
    sources: int  # those and the tensors of named values
    lines: tuple[Do | Loop, ...]
    results: Tensors
    shapes: tuple[Shape, ...]  # of every tensor

    @cached_property
    def readers(self) -> dict[int, tuple[Do | Loop, ...]]:
        """For each tensor that is read, the lines that do."""
        found: dict[int, list[Do | Loop]] = {}
        for line in self.lines:
            for tensor in dict.fromkeys(i for group in line.reads for i in group):
                found.setdefault(tensor, []).append(line)
        return {tensor: tuple(lines) for tensor, lines in found.items()}

    @cached_property
    def makers(self) -> dict[int, Do | Loop]:
        """For each tensor that a line makes, the line."""
        return {tensor: line for line in self.lines for tensor in line.makes}


class Straight:
    """The code of every instance and of the model. `ends` tells where the lines of the model end.

    For each line of the model: how many lines of code it ends after, and the tensors that it gives.
    """

    def __init__(self, program: graph.Program) -> None:
        self.program = program
        self.instances = tuple(_written(program, instance) for instance in program.instances)
        writer = _Writer(program, program.input, {})
        env: dict[str, Tensors] = {}
        flow = writer.flow
        ends = []
        for line in program.body.lines:
            made = writer.line(line, flow, env)
            flow = flow if line.kind == "let" else made
            ends.append((len(writer.lines), made))
        self.ends = tuple(ends)
        self.model = writer.code(flow)


def _written(program: graph.Program, instance: graph.Instance) -> Code:
    writer = _Writer(program, instance.input, instance.values)
    return writer.code(writer.follow(instance.body, writer.flow, dict(writer.values)))


class _Writer:
    def __init__(self, program: graph.Program, input_: Type, values: Mapping[str, Type]) -> None:
        self.program = program
        self.lines: list[Do | Loop] = []
        self.shapes: list[Shape] = []
        self.flow = self.new(input_)
        self.values = {name: self.new(type_) for name, type_ in values.items()}
        self.sources = len(self.shapes)

    def new(self, type_: Type) -> Tensors:
        """Fresh tensors of a type."""
        made = shapes(type_)
        self.shapes.extend(made)
        return tuple(range(len(self.shapes) - len(made), len(self.shapes)))

    def code(self, results: Tensors) -> Code:
        return Code(len(self.flow), self.sources, tuple(self.lines), results, tuple(self.shapes))

    def do(self, node: graph.Step | graph.Join | graph.Call, *reads: Tensors) -> Tensors:
        made = self.new(node.output)
        self.lines.append(Do(node, reads, made))
        return made

    def line(self, line: graph.Line, x: Tensors, env: dict[str, Tensors]) -> Tensors:
        made = self.follow(line.node, x, env)
        if line.name is not None:
            env[line.name] = made
        return made

    def follow(self, node: AnyNode, x: Tensors, env: dict[str, Tensors]) -> Tensors:
        """Write a node; a label names what it gives. Labels inside a labelled part stay in it."""
        if node.label is None:
            return self.through(node, x, env)
        env[node.label] = self.through(node, x, dict(env))
        return env[node.label]

    def through(self, node: AnyNode, x: Tensors, env: dict[str, Tensors]) -> Tensors:
        match node:
            case graph.Step():
                if node.op.name == "id":
                    return x
                return self.do(node, x, *(env[name] for name in node.op.values))
            case graph.Call():
                handed = (node.values[name] for name in self.program.instances[node.instance].values)
                return self.do(node, x, *(env[outer] for outer in handed))
            case graph.Use():
                return env[node.name]
            case graph.Chain():
                for item in node.items:
                    x = self.follow(item, x, env)
                return x
            case graph.Body():
                inner = dict(env)
                for line in node.lines:
                    made = self.line(line, x, inner)
                    x = x if line.kind == "let" else made
                return x
            case graph.Repeat():
                for round_ in node.rounds:
                    x = self.rounds(round_, x, env)
                return x
            case graph.Many():
                return tuple(self.follow(item, x, env)[0] for item in node.items)
            case graph.Pick():
                return (self.follow(node.item, x, env)[node.index],)
            case graph.Join():
                sides = [self.follow(item, x, env) for item in graph.children(node)]
                if node.operator == "++" and len(shapes(node.output)) > 1:
                    return tuple(tensor for side in sides for tensor in side)
                return self.do(node, *sides)
            case _:
                assert_never(node)

    def rounds(self, round_: graph.Round, x: Tensors, env: dict[str, Tensors]) -> Tensors:
        if round_.count == 1:
            return self.follow(round_.body, x, dict(env))
        known = sorted({tensor for tensors in env.values() for tensor in tensors})
        inner = _Writer(self.program, round_.body.input, {str(tensor): (self.shapes[tensor],) for tensor in known})
        names = {name: tuple(inner.values[str(t)][0] for t in tensors) for name, tensors in env.items()}
        code, read = _thinned(inner.code(inner.follow(round_.body, inner.flow, names)))
        made = self.new(round_.body.output)
        self.lines.append(Loop(round_.count, code, (x, tuple(known[i] for i in read)), made))
        return made


def _thinned(code: Code) -> tuple[Code, list[int]]:
    """The code without the named values that it does not read, and the places of those that it does."""
    read = {i for line in code.lines for group in line.reads for i in group} | set(code.results)
    stays = [i for i in range(len(code.shapes)) if not code.entering <= i < code.sources or i in read]
    if len(stays) == len(code.shapes):
        return code, list(range(code.sources - code.entering))
    number = {old: new for new, old in enumerate(stays)}

    def moved(tensors: Tensors) -> Tensors:
        return tuple(number[i] for i in tensors)

    def renumbered(line: Do | Loop) -> Do | Loop:
        if isinstance(line, Loop):
            flow, values = map(moved, line.reads)
            return replace(line, reads=(flow, values), makes=moved(line.makes))
        return replace(line, reads=tuple(map(moved, line.reads)), makes=moved(line.makes))

    values = [i for i in stays if code.entering <= i < code.sources]
    shapes_ = tuple(code.shapes[i] for i in stays)
    thin = Code(
        code.entering, code.entering + len(values), tuple(map(renumbered, code.lines)), moved(code.results), shapes_
    )
    return thin, [i - code.entering for i in values]
