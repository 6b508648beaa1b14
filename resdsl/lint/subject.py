"""A network as the rules see it: pieces of its code, how often each runs, and the user's line that led to a place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from resdsl import graph, syntax
from resdsl.analyze.identity import Trail, cleanest
from resdsl.analyze.straight import Code, Do, Loop
from resdsl.analyze.ways import Ways
from resdsl.diagnostics import Label, Span
from resdsl.elaborate import flatten
from resdsl.graph import Step
from resdsl.network import Network
from resdsl.ops import Op, Shape, is_list, shapes
from resdsl.record import Record
from resdsl.scope import head

if TYPE_CHECKING:
    from resdsl.lint.sums import Sum


class Piece(Record):
    """A piece of code: the block it stands in (None: the model itself), and how often it runs."""

    owner: int | None
    code: Code
    times: int


class Found(Record):
    """An op, the block in whose text it stands, and how often it runs there."""

    step: Step
    owner: int | None
    times: int

    @property
    def x(self) -> Shape:
        """What enters, without the batch axis; of a list the first item."""
        return shapes(self.step.input)[0]

    @property
    def y(self) -> Shape:
        return shapes(self.step.output)[0]

    @property
    def lone(self) -> bool:
        """Whether it works on one tensor and not on a list."""
        return not is_list(self.step.input)


class Subject:
    """A network, with what several rules need of it, each worked out once and only if a rule asks."""

    def __init__(self, net: Network) -> None:
        self.net = net
        self.program = net.program
        self.straight = net.report.straight
        self.endings: dict[tuple[int, int], Op | int | None] = {}  # of blocks and repeats: see rules/branch.py

    @cached_property
    def ways(self) -> Ways[Trail]:
        """The cleanest ways."""
        return cleanest(self.straight)

    @cached_property
    def sums(self) -> tuple[Sum, ...]:
        """The sums in which one side has more layers than another."""
        from resdsl.lint.sums import sums

        return tuple(sums(self))

    @cached_property
    def units(self) -> frozenset[int]:
        """The blocks with such a sum inside them, or inside what they call."""
        found = {s.piece.owner for s in self.sums if s.piece.owner is not None}
        for number, instance in enumerate(self.program.instances):  # one calls only those before it
            if any(isinstance(n, graph.Call) and n.instance in found for n in graph.inside(instance.body)):
                found.add(number)
        return frozenset(found)

    @cached_property
    def calls(self) -> dict[int, list[tuple[Piece, int, Do]]]:
        """Where each block is called: the piece, and the line in it."""
        found: dict[int, list[tuple[Piece, int, Do]]] = {}
        for piece in self.pieces:
            for at, line in enumerate(piece.code.lines):
                if isinstance(line, Do) and isinstance(line.node, graph.Call):
                    found.setdefault(line.node.instance, []).append((piece, at, line))
        return found

    # -- pieces ------------------------------------------------------------------------------------------------

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """All pieces that run: the model, its blocks in the order of their first call, the bodies of their repeats."""
        runs = [0] * len(self.straight.instances)
        found: list[Piece] = []

        def enter(code: Code, owner: int | None, times: int) -> None:
            found.append(Piece(owner, code, times))
            for line in code.lines:
                if isinstance(line, Loop):
                    enter(line.code, owner, times * line.count)
                elif isinstance(line.node, graph.Call):
                    runs[line.node.instance] += times

        enter(self.straight.model, None, 1)
        for number in reversed(range(len(runs))):  # a block is called only by those after it
            if runs[number]:
                enter(self.straight.instances[number], number, runs[number])
        turn = {owner: i for i, owner in enumerate([None, *self.callers])}
        return tuple(sorted(found, key=lambda piece: turn[piece.owner]))

    def lines(self) -> Iterator[tuple[Piece, Do]]:
        """Every op, call and join, and its piece."""
        for piece in self.pieces:
            yield from ((piece, line) for line in piece.code.lines if isinstance(line, Do))

    @cached_property
    def steps(self) -> tuple[Found, ...]:
        """Every op."""
        lines = ((line.node, piece) for piece, line in self.lines())
        return tuple(Found(node, piece.owner, piece.times) for node, piece in lines if isinstance(node, Step))

    def within(self, line: Do | Loop, owner: int | None) -> tuple[Code, int | None] | None:
        """The code of a call or a repeat, and the block in whose text it stands; None of an op or a join."""
        if isinstance(line, Loop):
            return line.code, owner
        if isinstance(line.node, graph.Call):
            return self.straight.instances[line.node.instance], line.node.instance
        return None

    def inside(self, line: Do | Loop) -> Iterator[Step]:
        """Every op of a line; of equal rounds and blocks one."""
        inner = self.within(line, None)
        if inner is not None:
            for each in inner[0].lines:
                yield from self.inside(each)
        elif isinstance(line, Do) and isinstance(line.node, Step):
            yield line.node

    def last(self, code: Code, tensor: int, owner: int | None) -> tuple[Step, int | None] | None:
        """The op that makes a tensor, be it inside a block that is called; None where no single op does."""
        line = code.makers.get(tensor)
        if line is None:
            return None
        inner = self.within(line, owner)
        if inner is not None:
            return self.last(inner[0], inner[0].results[line.makes.index(tensor)], inner[1])
        return (line.node, owner) if isinstance(line, Do) and isinstance(line.node, Step) else None

    def first(self, line: Do | Loop, owner: int | None) -> tuple[Step, int | None] | None:
        """The op that alone reads the flow that enters a line."""
        inner = self.within(line, owner)
        if inner is None:
            return (line.node, owner) if isinstance(line, Do) and isinstance(line.node, Step) else None
        readers = reading(inner[0], 0)
        return self.first(readers[0], inner[1]) if len(readers) == 1 and 0 not in inner[0].results else None

    # -- places ------------------------------------------------------------------------------------------------

    @cached_property
    def callers(self) -> dict[int, tuple[int | None, graph.Call]]:
        """For each block the first call of it, in the order in which the network runs, and the block of that call."""
        found: dict[int, tuple[int | None, graph.Call]] = {}

        def enter(code: Code, owner: int | None) -> None:
            for line in code.lines:
                if isinstance(line, Loop):
                    enter(line.code, owner)
                elif isinstance(line.node, graph.Call) and line.node.instance not in found:
                    found[line.node.instance] = owner, line.node
                    enter(self.straight.instances[line.node.instance], line.node.instance)

        enter(self.straight.model, None)
        return found

    def span(self, at: graph.Place) -> Span:
        return Span(self.net.aside.sources[at[0]], at[1], at[2])

    def name_of(self, instance: int) -> str:
        """What a block is called where it is defined."""
        return self.program.definitions[self.program.instances[instance].definition].name

    def labels(
        self, node: graph.AnyNode, owner: int | None, text: str = "", inner: str = "here", at: graph.Place | None = None
    ) -> tuple[Label, ...]:
        """The user's own place for a fault in a node, and the fault's (`at`, or the node's) where that is another."""
        spans, names = [self.span(node.at)], [self.name_of(node.instance)] if isinstance(node, graph.Call) else []
        while owner is not None:
            names.append(self.name_of(owner))
            owner, call = self.callers[owner]
            spans.append(self.span(call.at))
        place = self._own(spans, names)
        fault = self.span(at or node.at)
        if place.source is fault.source and place.start == fault.start:
            return (Label(place, text),)
        return Label(place, text), Label(fault, inner)

    def _own(self, spans: list[Span], names: list[str]) -> Span:
        """The innermost of some places that is the user's; of a model's lines the word that names the faulty block.

        A line that a variant has from its base is not its own: there it is the word in the variant, or its name.
        """
        models = [defined.definition for defined in flatten(self.net.model).chain]
        own, inner = models[0], names[:-1] or names
        for span in spans:
            holder = next((m for m in models if _within(span, m.span)), None)
            if holder is None and not span.source.shipped:
                return span  # in a block of the user's
            if holder is not None:
                if span is spans[0]:
                    return span
                if holder is own:
                    return _word(names, own, span, own.span) or span
                of_base = _word(inner, holder, span) if span.source is own.span.source else None
                return _word(names, own, own.span) or of_base or head(own)
        return head(own)

    def model_label(self, text: str = "") -> Label:
        """The name of the model, for what is to be said of the whole."""
        return Label(head(self.net.model.definition), text)


def reading(code: Code, tensor: int) -> tuple[Do | Loop, ...]:
    """The lines that read a tensor."""
    return code.readers.get(tensor, ())


def _within(span: Span, outer: Span) -> bool:
    return span.source is outer.source and outer.start <= span.start and span.end <= outer.end


def _word(names: list[str], definition: syntax.Definition, *parts: Span) -> Span | None:
    """Where the first of the names that a definition reads stands, in the first of its parts that has it."""
    words = [node for node in syntax.walk(definition) if isinstance(node, syntax.Ref | syntax.Call)]
    for name in names:
        for part in parts:
            for node in words:
                if node.name == name and _within(node.span, part):
                    return Span(node.span.source, node.span.start, node.span.start + len(name))
    return None
