"""The most memory that inference needs for tensors at one time.

An op needs what it reads and what it makes together; a tensor goes as soon as no later line reads it. Ops run in the
order of the text, none in place; a flattened or split tensor is the same memory. Weights are not counted here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import lcm, prod
from typing import TypeAlias

from resdsl import graph
from resdsl.analyze.memory import is_view
from resdsl.analyze.straight import Code, Do, Loop, Straight

Places: TypeAlias = tuple[int, ...]  # of sources: the first source that lies in the same memory
Flags: TypeAlias = tuple[bool, ...]  # of sources
Sizes: TypeAlias = tuple[int, ...]  # of the memories that sources lie in, in numbers


def peak(straight: Straight) -> int:
    """The most numbers at one time for one example, the input included."""
    parts, code, entering = _Parts(straight), straight.model, prod(straight.program.input)
    wanted = (True,) * len(code.results)
    return max(entering, parts.peak(parts.add(code), (0,), (True,), wanted, (entering,)))


@dataclass
class _Line:
    """An op, or a part at work. Of a part, only the sources that it reads are here."""

    part: int | None
    reads: tuple[int, ...]  # memories
    makes: tuple[int, ...]  # memories that are new
    results: tuple[int, ...] = ()  # of a part: where each of its results lies


@dataclass
class _Part:
    """Lines on memories. The first are the sources, whose sizes only a call tells; `made` has those of the others."""

    sources: int
    made: list[int] = field(default_factory=list)
    lines: list[_Line] = field(default_factory=list)
    results: tuple[int, ...] = ()
    used: Flags = ()  # which sources any line reads; what the part only gives back is its caller's


class _Parts:
    """The instances, the rounds of loops, the model."""

    def __init__(self, straight: Straight) -> None:
        self.parts: list[_Part] = []
        self.known: dict[tuple[int, Places, Flags, Flags, Sizes], int] = {}
        self.numbers: list[int] = []  # of the instances
        for code in straight.instances:  # one calls only those before it
            self.numbers.append(self.add(code))

    def add(self, code: Code) -> int:
        """Write a code as lines on memories; its number."""
        part = _Part(code.sources)
        memory = list(range(code.sources))  # of each tensor
        for line in code.lines:
            given = [[memory[i] for i in group] for group in line.reads]
            sizes = [prod(code.shapes[i]) for i in line.makes]
            memory += self._line(part, line, given, sizes)
        part.results = tuple(memory[i] for i in code.results)
        read = {i for line in part.lines for i in line.reads}
        part.used = tuple(i in read for i in range(code.sources))
        self.parts.append(part)
        return len(self.parts) - 1

    def _line(self, part: _Part, line: Do | Loop, given: list[list[int]], sizes: list[int]) -> list[int]:
        """Write a line; the memory of each tensor that it makes."""
        if isinstance(line, Loop):
            number, flow = self.add(line.code), given[0]
            for _ in range(_enough(line.count, len(flow))):
                flow = self._call(part, number, [*flow, *given[1]])
            return flow
        flat = [i for group in given for i in group]
        if isinstance(line.node, graph.Call):
            return self._call(part, self.numbers[line.node.instance], flat)
        if isinstance(line.node, graph.Step) and is_view(line.node):
            return flat if len(flat) == len(sizes) else flat[:1] * len(sizes)
        return self._make(part, None, flat, sizes)

    def _call(self, part: _Part, number: int, given: list[int]) -> list[int]:
        inner = self.parts[number]
        own = list(dict.fromkeys(i for i in inner.results if i >= inner.sources))
        sizes = [inner.made[i - inner.sources] for i in own]  # of all that is kept, where the result is a piece of it
        reads = [i for i, used in zip(given, inner.used, strict=True) if used]
        made = dict(zip(own, self._make(part, number, reads, sizes), strict=True))
        results = [given[i] if i < inner.sources else made[i] for i in inner.results]
        part.lines[-1].results = tuple(results)
        return results

    @staticmethod
    def _make(part: _Part, number: int | None, reads: list[int], sizes: list[int]) -> list[int]:
        first = part.sources + len(part.made)
        made = list(range(first, first + len(sizes)))
        part.made += sizes
        part.lines.append(_Line(number, tuple(reads), tuple(made)))
        return made

    def peak(self, number: int, same: Places, free: Flags, wanted: Flags, sizes: Sizes) -> int:
        """The most at one time in a part, the sources that it uses among it; it may drop those that are free.

        `wanted`: which of its results a later line reads.
        """
        key = number, same, free, wanted, sizes
        if key not in self.known:
            self.known[key] = self._peak(self.parts[number], same, free, wanted, sizes)
        return self.known[key]

    def _peak(self, part: _Part, same: Places, free: Flags, wanted: Flags, given: Sizes) -> int:
        sizes = [*given, *part.made]
        root = [*same, *range(part.sources, len(sizes))]
        stays = {same[i] for i in range(part.sources) if not free[i]}
        stays |= {root[i] for i, later in zip(part.results, wanted, strict=True) if later}
        last = {root[i]: n for n, line in enumerate(part.lines) for i in line.reads}
        here = {same[i] for i in range(part.sources) if part.used[i]}
        now = most = sum(sizes[i] for i in here)
        for n, line in enumerate(part.lines):
            reads = [root[i] for i in line.reads]
            goes = {i for i in reads if last[i] == n and i not in stays}
            if line.part is None:
                most = max(most, now + sum(sizes[i] for i in line.makes))
            else:
                later = tuple(root[i] in stays or last.get(root[i], n) > n for i in line.results)
                inside = self._inside(line.part, reads, goes, later, sizes)
                most = max(most, now - sum(sizes[i] for i in set(reads)) + inside)
            now += sum(sizes[i] for i in line.makes if i in last or i in stays)
            now -= sum(sizes[i] for i in goes)
        return most

    def _inside(self, number: int, reads: list[int], goes: set[int], wanted: Flags, sizes: list[int]) -> int:
        """The peak of a part that reads some memories and may drop some of them."""
        used = self.parts[number].used
        filled = iter(reads)
        places = [next(filled) if use else -1 - i for i, use in enumerate(used)]
        same = tuple(places.index(memory) for memory in places)
        free = tuple(memory in goes for memory in places)
        return self.peak(number, same, free, wanted, tuple(sizes[memory] if memory >= 0 else 0 for memory in places))


def _enough(count: int, tensors: int) -> int:
    """So many rounds show all that more would: a first, a middle and a last, with every order that a list may take."""
    few, period = 2 * tensors + 1, lcm(*range(1, tensors + 1))
    return count if count <= few else few + (count - few) % period
