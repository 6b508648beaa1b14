"""What the ways through a program come to: a fold that looks at every distinct block once, however deep it stands.

Between a source of a part (a tensor that enters, or a named value) and a tensor that it makes there are many ways. A
measure says what crossing an op is, how a way goes on (`then`) and what two ways together are (`either`). A part
becomes a table, from each tensor that it gives to each source; a call and a loop put tables one after another.
"""

from __future__ import annotations

from typing import Generic, TypeAlias, TypeVar

from resdsl import graph
from resdsl.analyze.straight import Code, Do, Loop, Straight

V = TypeVar("V")
Sources: TypeAlias = dict[int, V]  # what the ways from each source come to; a source that no way leaves is not in it
Table: TypeAlias = tuple[dict[int, V], ...]  # for each tensor that a part gives


class Known(dict[int, Sources[V]]):
    """What leads to each tensor from those that were there before; to one of these, nothing but itself."""

    def __init__(self, before: int, here: V) -> None:
        super().__init__()
        self.before, self.here = before, here

    def __missing__(self, tensor: int) -> Sources[V]:
        if tensor >= self.before:
            raise KeyError(tensor)
        return {tensor: self.here}


class Measure(Generic[V]):
    """Of what is asked. `then` and `either` are associative, and `here` is the way that crosses nothing."""

    here: V

    def then(self, before: V, after: V) -> V:
        """One way, then another."""
        raise NotImplementedError

    def either(self, one: V, other: V) -> V:
        """Two ways from the same source to the same tensor."""
        raise NotImplementedError

    def step(self, node: graph.Step, group: int, item: int) -> V | None:
        """What crossing an op is, from an item of its flow (group 0) or a named value; None where no way leads."""
        raise NotImplementedError

    def join(self, node: graph.Join, side: int) -> V | None:
        """What crossing a sum or product from a side is; None where that way does not count."""
        raise NotImplementedError

    def call(self, node: graph.Call, inside: V) -> V:
        """What crossing a block is, for what crossing its body is."""
        return inside


class Ways(Generic[V]):
    """The table of every instance, and what leads from the input to each tensor of the model."""

    def __init__(self, straight: Straight, measure: Measure[V]) -> None:
        self.measure = measure
        self.straight = straight
        self._instances: list[Table[V]] = []
        for code in straight.instances:  # one calls only those before it
            self._instances.append(self._table(code))
        self.tensors = self._tensors(straight.model)

    def instance(self, number: int) -> Table[V]:
        """For each tensor that an instance gives: what leads to it from each of its sources."""
        return self._instances[number]

    @property
    def outputs(self) -> Table[V]:
        """For each output of the model: what leads to it from the input."""
        return tuple(self.tensors[i] for i in self.straight.model.results)

    def between(self, code: Code, first: int, last: int) -> Known[V]:
        """The same in some lines of any piece of the code."""
        return self._tensors(code, first, last)

    def _table(self, code: Code) -> Table[V]:
        tensors = self._tensors(code)
        return tuple(tensors[i] for i in code.results)

    def stretch(self, first: int, last: int) -> Known[V]:
        """For each tensor made in some lines of the model: what leads to it from each that was there before."""
        return self.between(self.straight.model, first, last)

    def _tensors(self, code: Code, first: int = 0, last: int | None = None) -> Known[V]:
        before = code.lines[first].makes[0] if first < len(code.lines) else len(code.shapes)
        known = Known(before, self.measure.here)
        for line in code.lines[first:last]:
            made = self._line(line, [known[i] for group in line.reads for i in group])
            known.update(zip(line.makes, made, strict=True))
        return known

    def _line(self, line: Do | Loop, entering: list[Sources[V]]) -> Table[V]:
        if isinstance(line, Loop):
            return tuple(self._after(entering, table) for table in self._rounds(self._table(line.code), line))
        node = line.node
        if isinstance(node, graph.Call):
            tables = self._instances[node.instance]
            if type(self.measure).call is not Measure.call:  # a block is more than what is inside it
                tables = tuple({s: self.measure.call(node, v) for s, v in table.items()} for table in tables)
            return tuple(self._after(entering, table) for table in tables)
        if isinstance(node, graph.Join):
            sides: Sources[V] = {}
            for i in range(len(line.reads)):
                self._enter(sides, i, self.measure.join(node, i))
            return (self._after(entering, sides),)
        return tuple(self._after(entering, self._step(node, line, item)) for item in range(len(line.makes)))

    def _step(self, node: graph.Step, line: Do, item: int) -> Sources[V]:
        """What leads to an item that an op makes: one item of a list, where it works on each; else all."""
        crossing: Sources[V] = {}
        flow = len(line.reads[0])
        one_each = flow == len(line.makes) and not node.op.takes_list
        for i in [item] if one_each else range(flow):
            self._enter(crossing, i, self.measure.step(node, 0, item))
        place = flow
        for group, tensors in enumerate(line.reads[1:], 1):
            self._enter(crossing, place, self.measure.step(node, group, item))
            place += len(tensors)
        return crossing

    @staticmethod
    def _enter(table: Sources[V], source: int, value: V | None) -> None:
        if value is not None:
            table[source] = value

    def _after(self, entering: list[Sources[V]], table: Sources[V]) -> Sources[V]:
        """What leads to a tensor by way of a part: what leads to each source of the part, then the part."""
        out: Sources[V] = {}
        here, then = self.measure.here, self.measure.then
        for place, inside in table.items():
            for source, before in entering[place].items():
                way = inside if before is here else before if inside is here else then(before, inside)
                out[source] = self.measure.either(out[source], way) if source in out else way
        return out

    def _rounds(self, once: Table[V], loop: Loop) -> Table[V]:
        """The table of all rounds of a loop, by repeated squaring."""
        count, power = loop.count, once
        result: Table[V] | None = None
        while True:
            if count & 1:
                result = power if result is None else self._one_more(result, power, loop.code)
            count >>= 1
            if not count:
                return result if result is not None else power
            power = self._one_more(power, power, loop.code)

    def _one_more(self, before: Table[V], after: Table[V], code: Code) -> Table[V]:
        """Rounds, then rounds; the named values stay."""
        kept = ({i: self.measure.here} for i in range(code.entering, code.sources))
        entering = [*before, *kept]
        return tuple(self._after(entering, table) for table in after)
