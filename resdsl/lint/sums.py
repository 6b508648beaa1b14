"""The residual sums of a network: where the sides of an addition part, and what stands on each of them."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl import graph
from resdsl.analyze.identity import Trail
from resdsl.analyze.straight import Code, Do, Loop
from resdsl.lint.subject import Piece, Subject, reading
from resdsl.ops import Cost, Shape, total
from resdsl.record import Record


class Side(Record):
    """One side of a sum: its tensor, the most layers on any way to it from where the sides part, the cleanest way."""

    tensor: int
    layers: int
    trail: Trail


class Sum(Record):
    """y = F(x) + shortcut(x): x is the last tensor that all ways to the sides pass, F the side with the most layers."""

    piece: Piece
    place: int  # its line in the piece
    node: graph.Join | graph.Step  # `+` or `-`; or the op that adds the items of a list
    x: int
    y: int
    sides: tuple[Side, ...]

    @property
    def shortcut(self) -> Side:
        return min(self.sides, key=lambda side: (side.trail.weight, side.layers))

    @property
    def branch(self) -> Side:
        return max(self.sides, key=lambda side: side.layers)

    @property
    def before(self) -> Shape:
        return self.piece.code.shapes[self.x]

    @property
    def after(self) -> Shape:
        return self.piece.code.shapes[self.y]

    @property
    def shortcut_node(self) -> graph.AnyNode:
        """The last part of the shortcut: a block that is called, or an op; the sum itself where the shortcut is x."""
        lines = (each for each in self.piece.code.lines if self.shortcut.tensor in each.makes)
        line = next(lines, None) if self.shortcut.tensor != self.x else None
        return line.node if isinstance(line, Do) else self.node

    def only(self, side: Side) -> list[Do | Loop]:
        """The lines that one side alone needs."""
        behind = _behind(self.piece.code)
        others = behind[self.x]
        for other in self.sides:
            others |= behind[other.tensor] if other is not side else 0
        needed = behind[side.tensor] & ~others
        return [line for line in self.piece.code.lines if any(needed >> made & 1 for made in line.makes)]


def sums(subject: Subject) -> Iterator[Sum]:
    """The sums of a network in which one side has more layers than another."""
    layers = subject.net.report.depths.ways
    for piece in subject.pieces:
        code, passed = piece.code, None
        for place, line in enumerate(code.lines):
            if not isinstance(line, Do) or isinstance(line.node, graph.Call):
                continue
            ends = _ends(line)
            if len(ends) < 2:
                continue
            passed = passed or _passed(code)
            common = passed[ends[0]]
            for end in ends[1:]:
                common &= passed[end]
            if not common:
                continue
            x = common.bit_length() - 1
            start = next((i + 1 for i, each in enumerate(code.lines) if x in each.makes), 0)
            deep, clean = layers.between(code, start, place), subject.ways.between(code, start, place)
            if all(x in deep[end] and x in clean[end] for end in ends):
                sides = tuple(Side(end, deep[end][x], clean[end][x]) for end in ends)
                if len({side.layers for side in sides}) > 1:
                    yield Sum(piece, place, line.node, x, line.makes[0], sides)


def _ends(line: Do) -> list[int]:
    """The tensors that a line adds; none where it is no addition."""
    if isinstance(line.node, graph.Join):
        return [group[0] for group in line.reads] if line.node.operator in "+-" else []
    return list(line.reads[0]) if isinstance(line.node, graph.Step) and line.node.op.takes_list else []


def _passed(code: Code) -> list[int]:
    """For each tensor itself and those that every way to it passes, as the bits of a number."""
    passed = [1 << i for i in range(code.sources)]
    for line in code.lines:
        read = -1
        for group in line.reads:
            for tensor in group:
                read &= passed[tensor]
        passed += [max(read, 0) | 1 << len(passed) + i for i in range(len(line.makes))]
    return passed


def _behind(code: Code) -> list[int]:
    """For each tensor itself and all that it is made of, as the bits of a number."""
    behind = [1 << i for i in range(code.sources)]
    for line in code.lines:
        read = 0
        for group in line.reads:
            for tensor in group:
                read |= behind[tensor]
        behind += [read | 1 << len(behind) + i for i in range(len(line.makes))]
    return behind


class After(Record):
    """What a sum meets before the next unit parts from it, and how often it does so there."""

    sum: Sum
    trail: Trail
    times: int


def after(subject: Subject, found: Sum) -> list[After]:
    """What the sum meets on its way to where the next unit parts from it, out of its block where that ends before.

    Nothing where a layer follows, as no identity path leads on from there, or where the shape changes.
    """
    piece, place, tensor = found.piece, found.place + 1, found.y
    return [After(found, trail, times) for trail, times in _onward(subject, piece, place, tensor, Trail())]


def _onward(subject: Subject, piece: Piece, place: int, tensor: int, trail: Trail) -> Iterator[tuple[Trail, int]]:
    code = piece.code
    end = len(code.lines)
    if code is subject.straight.model:
        end = next((end for end, _ in subject.straight.ends if end >= place), end)
    for at in range(place, end):
        line = code.lines[at]
        if not any(tensor in group for group in line.reads):
            continue
        if tensor in code.results or _reads(code, tensor) > 1:
            break
        crossed = subject.ways.between(code, at, at + 1)[line.makes[0]].get(tensor)
        if crossed is None or crossed.times("layer"):
            return
        if code.shapes[line.makes[0]] != code.shapes[tensor] or _next_unit(subject, line):
            break
        trail = subject.ways.measure.then(trail, crossed)
        tensor = line.makes[0]
    whole = piece.owner is not None and code is subject.straight.instances[piece.owner]
    if not whole or tensor not in code.results or _reads(code, tensor):
        yield trail, piece.times
        return
    for caller, line_at, line in subject.calls.get(piece.owner or 0, ()):
        yield from _onward(subject, caller, line_at + 1, line.makes[code.results.index(tensor)], trail)


def _reads(code: Code, tensor: int) -> int:
    """How often a tensor is read: a line may read it as its flow and as a named value."""
    return sum(tensor in group for line in reading(code, tensor) for group in line.reads)


def _next_unit(subject: Subject, line: Do | Loop) -> bool:
    """Whether a line joins flows or repeats, or calls a block with a residual sum in it."""
    if isinstance(line, Loop) or len(line.reads) > 1 or len(line.reads[0]) > 1:
        return True
    return isinstance(line.node, graph.Call) and line.node.instance in subject.units


def price(subject: Subject, lines: list[Do | Loop]) -> Cost:
    """What some lines cost."""
    costs = subject.net.report.costs
    return total(_loop(subject, line) if isinstance(line, Loop) else costs.of_line(line.node) for line in lines)


def _loop(subject: Subject, loop: Loop) -> Cost:
    return price(subject, list(loop.code.lines)) * loop.count
