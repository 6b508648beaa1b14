"""Which blocks share their code: those of one definition that differ in numbers and in branches of an `if` alone."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from resdsl.emit.fitting import Column, Scope, Slot
from resdsl.emit.homes import Branch, Home
from resdsl.emit.parts import Block, Part, Tree, rank
from resdsl.emit.symbols import Number
from resdsl.ops import Type, shapes

Definition = tuple[str, str, int]  # source, name, line


class Store:
    """The blocks of several programs, equal ones once. `add` gives the blocks of a program their numbers here."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.definitions: list[Definition] = []
        self.homes: list[Home] = []
        self.programs: list[set[int]] = []  # the blocks of each program
        self._known: dict[Hashable, int] = {}

    def add(self, tree: Tree) -> Block:
        """Take in a program; its model, with the numbers of this store."""
        numbers: dict[int, int] = {}
        for i, kind in enumerate(tree.kinds):
            if kind == "alias":
                continue
            block = tree.block(i)
            _renumber(block.part, numbers)
            source = tree.program.definitions[block.definition]
            definition = tree.program.sources[source.source], source.name, source.line
            key = definition, block.kind, block.input, tuple(block.words.items()), _signature(block.part)
            if key not in self._known:
                self._known[key] = len(self.blocks)
                self.blocks.append(block)
                self.definitions.append(definition)
                self.homes.append(tree.homes[block.definition])
            numbers[i] = self._known[key]
        self.programs.append(set(numbers.values()))
        model = tree.model()
        _renumber(model.part, numbers)
        return model

    def by_program(self, blocks: Sequence[int], numbers: Column) -> Column | None:
        """A number that blocks have, by program; None where it does not follow from the program alone."""
        found: list[set[Number]] = []
        for those in self.programs:
            found.append({n for block, n in zip(blocks, numbers, strict=True) if block in those})
        if any(len(here) > 1 for here in found) or not found[0]:
            return None
        return tuple(next(iter(here or found[0])) for here in found)


def _renumber(part: Part, numbers: dict[int, int]) -> None:
    for p in part.walk():
        if p.kind == "call":
            p.target = numbers[p.target]


def _signature(part: Part) -> Hashable:
    own = part.kind, part.what, part.input, part.output, part.at, tuple(part.numbers.items()), part.label, part.word
    return *own, part.target, part.values, part.rounds, tuple(map(_signature, part.items))


def groups(store: Store, apart: frozenset[Definition] = frozenset()) -> list[list[int]]:
    """The blocks that share their code, refined until no two of a group call blocks of different groups.

    Of a definition in `apart` no two do.
    """
    coarse: dict[Hashable, list[int]] = {}
    for i, block in enumerate(store.blocks):
        alone = i if store.definitions[i] in apart else None
        coarse.setdefault((store.definitions[i], block.kind, alone), []).append(i)
    found = list(coarse.values())
    while True:
        of = {i: g for g, members in enumerate(found) for i in members}
        finer = [part for members in found for part in _split(store, members, of)]
        if len(finer) == len(found):
            return found
        found = finer


def _split(store: Store, members: list[int], of: dict[int, int]) -> list[list[int]]:
    bins: list[tuple[Hashable, dict[Hashable, Hashable], list[int]]] = []
    for i in members:
        facts: dict[Hashable, Hashable] = {}
        block = store.blocks[i]
        key = skeleton(block.part, of, facts, ()), rank(block.input), tuple(block.values)
        for other, known, found in bins:
            if other == key and all(known.get(path, fact) == fact for path, fact in facts.items()):
                known.update(facts)
                found.append(i)
                break
        else:
            bins.append((key, facts, [i]))
    return [found for _, _, found in bins]


def alike(parts: Sequence[Part], of: dict[int, int]) -> bool:
    """Whether parts differ in numbers and in branches of an `if` alone."""
    facts: dict[Hashable, Hashable] = {}
    first = skeleton(parts[0], of, facts, ())
    for part in parts[1:]:
        own: dict[Hashable, Hashable] = {}
        if skeleton(part, of, own, ()) != first or any(facts.setdefault(k, v) != v for k, v in own.items()):
            return False
    return True


def skeleton(part: Part, of: dict[int, int], facts: dict[Hashable, Hashable], path: tuple[Hashable, ...]) -> Hashable:
    """A part less its numbers. What stands in a branch or a repeat goes to `facts`: it need only agree where it is."""
    ranks = rank(part.input), rank(part.output)
    match part.kind:
        case "branch":
            assert isinstance(part.what, Branch)
            here = (*path, part.what.choice, part.what.body)
            facts[here] = skeleton(part.items[0], of, facts, here)
            return "branch", part.what.choice
        case "repeat":
            rounds = [skeleton(item, of, facts, (*path, "round")) for item in part.items]
            if len(set(rounds)) > 1:
                return "rounds", part.label, tuple(rounds), len(set(part.rounds))
            if rounds:
                facts[(*path, "round")] = rounds[0]
            return "repeat", part.label, part.what, ranks
    words = part.word if part.label is None else ""
    own = part.kind, part.what, part.label, words, ranks, tuple(part.numbers), part.values
    target = of[part.target] if part.kind == "call" else -1
    return *own, target, tuple(skeleton(item, of, facts, (*path, i)) for i, item in enumerate(part.items))


# -- joined parts ------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Node:
    """A part as several blocks share it: each number is a slot."""

    part: Part  # one of them
    scope: Scope
    worlds: tuple[Part, ...]
    items: tuple[Node, ...] = ()
    slots: dict[str, Slot] = field(default_factory=dict)
    branches: dict[int, Node] = field(default_factory=dict)
    count: Slot | None = None  # of the rounds of a repeat
    label: str | None = None

    @property
    def kind(self) -> str:
        return self.part.kind

    @property
    def op_name(self) -> str:
        """What op it is, if it is one."""
        return self.part.op.name if self.part.op is not None and self.kind == "op" else ""

    def channels(self, types: Iterable[Type]) -> Column | None:
        """The channels of a type in each world; None where the items of a list differ in them."""
        return channels(types)

    @property
    def outputs(self) -> list[Type]:
        return [p.output for p in self.worlds]

    @property
    def inputs(self) -> list[Type]:
        return [p.input for p in self.worlds]


def channels(types: Iterable[Type]) -> Column | None:
    """The channels of each type; None where the items of a list differ in them."""
    columns = [{shape[0] for shape in shapes(t)} for t in types]
    return tuple(column.pop() for column in columns) if all(len(column) == 1 for column in columns) else None


def unified(parts: Sequence[Part], scope: Scope) -> Node:
    """One node for the same part of several blocks."""
    first = parts[0]
    node = Node(first, scope, tuple(parts), label=first.label)
    if first.kind == "branch":
        bodies: dict[int, list[int]] = {}
        for w, part in enumerate(parts):
            assert isinstance(part.what, Branch)
            bodies.setdefault(part.what.body, []).append(w)
        if len(bodies) == 1:
            return unified([p.items[0] for p in parts], scope)
        for body, worlds in sorted(bodies.items()):
            node.branches[body] = unified([parts[w].items[0] for w in worlds], scope.inner(worlds))
        return node
    if first.kind == "repeat":
        return _rounds(node, parts, scope)
    node.items = tuple(unified([p.items[i] for p in parts], scope) for i in range(len(first.items)))
    node.slots = {n: _slot(node, n, scope) for n in first.numbers}
    return node


def _slot(node: Node, text: str, scope: Scope) -> Slot:
    first = node.part
    plain, _, axis = text.partition(".")
    hint = None
    if scope.home is not None and first.op is not None:
        hint = scope.home.argument(first.at, plain, tuple(first.op.declared))
        if axis:
            from resdsl import syntax

            hint = hint.items[int(axis)] if isinstance(hint, syntax.List) and int(axis) < len(hint.items) else None
    elif scope.home is not None and first.kind == "constant":
        hint = scope.home.terms.get(first.at)
    return Slot(tuple(p.numbers[text] for p in node.worlds), scope, plain, hint)


def _rounds(node: Node, parts: Sequence[Part], scope: Scope) -> Node:
    """A repeat: its rounds as worlds of their own."""
    from resdsl import syntax

    first = node.part
    written = scope.home.by_place.get(first.at) if scope.home is not None else None
    hint = written.times if isinstance(written, syntax.Repeat) else None
    totals = tuple(sum(count for _, count in p.rounds) for p in parts)
    node.count = Slot(totals, scope, "depth", hint, kept=True)
    worlds: list[int] = []
    rounds: list[Part] = []
    index: list[int] = []
    for w, part in enumerate(parts):
        for (start, count), item in zip(part.rounds, part.items, strict=True):
            for i in range(start, start + count) if part.what is not None else (start,):
                worlds.append(w)
                rounds.append(item)
                index.append(i)
    if not rounds:
        return node
    one = all(len(p.items) <= 1 for p in parts)
    if one and first.what is None:
        node.items = (unified(rounds, scope.inner(worlds)),)
        return node
    names: dict[str, Column] = {}
    if first.what is not None:
        names[str(first.what)] = tuple(index)
    entering = node.channels([r.input for r in rounds])
    if entering is not None:
        names["channels"] = entering
    node.items = (unified(rounds, scope.inner(worlds, names)),)
    return node
