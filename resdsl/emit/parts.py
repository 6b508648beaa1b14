"""From the graph to the parts that code is made of: a tree for each block that stays one.

A block whose body is one call gives way to what it calls. Inside a class an unlabelled sequence of ops is spelled out,
and so is an unlabelled call of a block that calls itself: recursion becomes straight-line code. Elsewhere a block is
called. A node that stands in a branch of an `if` keeps the branch around it, so that blocks that differ in it alone can
share their code.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from resdsl import graph, syntax
from resdsl.emit.homes import Branch, Home, homes, none_body, place, unlabelled
from resdsl.emit.symbols import Number
from resdsl.graph import AnyNode
from resdsl.ops import Op, Type, Value, is_list, shapes
from resdsl.scope import Defined

MOST_SPELLED, _SHORT = 100, 200  # calls of recursive blocks in one class; parts of a sequence that is spelled out

Place = tuple[str, int, int]
Kind = str  # "alias", "choice", "sequence" or "class": what becomes of a block


class Unsupported(Exception):
    """A part that cannot be said in this way; with the `if`s of its definition not kept it may be."""

    definition = ""  # the block that it is in, if it is in one


@dataclass(eq=False)
class Part:
    """A piece of a block. `what` is all that is not a number, `numbers` are the numbers.

    op      what: its class and flags                  branch  what: a Branch, its item inside
    call    target: the block                          absent  the term that a branch leaves out
    chain   what: which items are `let` or section     repeat  what: has an index; items: a round each
    join    what: the operator                         many, pick, use, constant
    """

    kind: str
    what: Hashable
    input: Type
    output: Type
    at: Place
    items: tuple[Part, ...] = ()
    numbers: dict[str, Number] = field(default_factory=dict)
    label: str | None = None
    word: str = ""
    target: int = -1
    values: tuple[tuple[str, str], ...] = ()
    op: Op | None = None
    rounds: tuple[tuple[int, int], ...] = ()

    def walk(self) -> Iterator[Part]:
        yield self
        for item in self.items:
            yield from item.walk()


@dataclass(eq=False)
class Block:
    """A block with its arguments, as parts."""

    definition: int
    kind: Kind
    part: Part
    arguments: dict[str, Number]
    words: dict[str, str]  # the arguments as written
    input: Type
    output: Type
    values: dict[str, Type]


class Tree:
    """All blocks of one program."""

    def __init__(self, model: Defined, program: graph.Program, plain: set[str]) -> None:
        self.program = program
        self.homes = homes(model, program)
        self.plain = plain  # the blocks whose `if`s are not kept
        self.kinds: list[Kind] = []
        for number in range(len(program.instances)):
            self.kinds.append(self._kind(number))
        self.recursive = self._recursive()
        self._inside, self._lengths = dict[int, bool](), dict[int, int]()
        self._taken_in: dict[int, dict[str, str]] = {}

    # -- what becomes of a block

    def _kind(self, number: int) -> Kind:
        instance = self.program.instances[number]
        definition = self.program.definitions[instance.definition]
        root = self.homes[instance.definition].roots[0]
        assert isinstance(root, syntax.Block)
        alone = len(root.body.lines) == 1
        choice = alone and isinstance(root.body.lines[0], syntax.Choice)
        forward = definition.merges or instance.values or self._needs_forward(instance.body)
        if choice and not forward:
            return "choice"
        if isinstance(instance.body, graph.Step | graph.Call) and instance.body.label is None and not choice:
            return "alias"
        return "class" if forward else "sequence"

    def _needs_forward(self, node: AnyNode) -> bool:
        """Whether a node is more than a sequence of modules."""
        if is_list(node.input) or is_list(node.output):
            return True
        match node:
            case graph.Join() | graph.Many() | graph.Pick() | graph.Use():
                return True
            case graph.Step():
                return node.op.apart
            case graph.Body() if any(line.kind == "let" for line in node.lines):
                return True
            case graph.Call() if self.kinds[node.instance] == "alias":
                return bool(node.values) or self._needs_forward(self.program.instances[node.instance].body)
            case graph.Call():
                return bool(node.values)
            case _:
                return any(self._needs_forward(child) for child in graph.children(node))

    def _recursive(self) -> set[int]:
        """The definitions that come round to themselves."""
        reach: list[set[int]] = []
        found = set()
        for instance in self.program.instances:
            calls = {n.instance for n in _walk(instance.body) if isinstance(n, graph.Call)}
            below = set().union(*(reach[c] | {self.program.instances[c].definition} for c in calls))
            if instance.definition in below:
                found.add(instance.definition)
            reach.append(below)
        return found

    def _light(self, number: int) -> bool:
        """Whether a sequence is short enough to be spelled out: few parts, and no repeat in it."""
        return self._spelled(number) <= _SHORT

    def _spelled(self, number: int) -> int:
        """The parts of a sequence that is spelled out."""
        nodes = [] if number in self._lengths else [*_walk(self.program.instances[number].body)]
        if self.kinds[number] != "sequence" or any(isinstance(n, graph.Repeat) for n in nodes):
            return _SHORT + 1  # it cannot be
        if nodes:
            calls = (n.instance for n in nodes if isinstance(n, graph.Call) and self.kinds[n.instance] == "sequence")
            self._lengths[number] = min(len(nodes) + sum(map(self._spelled, calls)), _SHORT + 1)
        return self._lengths[number]

    # -- parts

    def block(self, number: int) -> Block:
        instance = self.program.instances[number]
        kind = self.kinds[number]
        names = self.taken_in(number)
        part = self._owned(instance.body, instance.definition, kind == "class", names)
        numbers = {name: n for name, text in instance.arguments.items() if (n := _number(text)) is not None}
        return Block(
            instance.definition,
            kind,
            part,
            numbers,
            instance.arguments,
            instance.input,
            instance.output,
            {names[n]: t for n, t in instance.values.items()},
        )

    def taken_in(self, number: int) -> dict[str, str]:
        """What the values that an instance takes from outside are called inside."""
        if number not in self._taken_in:
            instance = self.program.instances[number]
            own = _named(instance.body) if instance.values else set()
            self._taken_in[number] = {name: _identifier(name, instance.values, own) for name in instance.values}
        return self._taken_in[number]

    def model(self) -> Block:
        program = self.program
        numbers = {name: n for name, text in program.arguments.items() if (n := _number(text)) is not None}
        part = self._owned(program.body, 0, True, {})
        return Block(0, "class", part, numbers, program.arguments, program.input, program.output, {})

    def _owned(self, body: AnyNode, definition: int, in_class: bool, names: dict[str, str]) -> Part:
        keeps = definition not in self.recursive and self.program.definitions[definition].name not in self.plain
        home = self.homes[definition] if keeps else None
        return _Maker(self, home, in_class, names, _named(body) | set(names.values())).part(body, frozenset())


@dataclass
class _Maker:
    """Makes the parts of one block."""

    tree: Tree
    home: Home | None
    in_class: bool
    names: dict[str, str]  # what a value is called here, where that is not its name
    taken: set[str]  # the names of values in the whole class
    renaming: bool = False  # of a body that may stand several times in the class
    spelled: list[int] = field(default_factory=list)  # the calls that are spelled out

    def place(self, node: AnyNode) -> Place:
        source, start, end = node.at
        return self.tree.program.sources[source], start, end

    def part(self, node: AnyNode, inside: frozenset[Branch], joined: bool = False) -> Part:
        at = self.place(node)
        if self.home is not None and not joined:
            fork = self.home.maybe.get(at)
            if fork is not None:
                return self._lonely(node, fork, inside)
        entered = self.home.entered(at, inside) if self.home is not None else []
        made = self._made(node, at, inside | set(entered))
        for branch in reversed(entered):
            made = Part("branch", branch, made.input, made.output, at, (made,))
        return made

    def _lonely(self, node: AnyNode, fork: syntax.Infix | syntax.Concat, inside: frozenset[Branch]) -> Part:
        """The one term that is there of several: a join of it and of those that `none` leaves out."""
        at = self.place(node)
        term = next((t for t in map(unlabelled, fork.items) if place(t) == at), None)
        present = {id(term): self.part(node, inside, joined=True)}
        items = self._terms(fork, present, node.input, node.output)
        operators = fork.operators if isinstance(fork, syntax.Infix) else ("++",)
        if items is None or len(set(operators)) > 1 or operators[0] not in ("+", "*", "++"):
            return self.part(node, inside, joined=True)
        return Part("join", operators[0], node.input, node.output, place(fork), items)

    def _terms(
        self, fork: syntax.Infix | syntax.Concat, present: dict[int, Part], input: Type, output: Type
    ) -> tuple[Part, ...] | None:
        """The terms of a join in the order of the text, with those that are absent. None where one is missing."""
        assert self.home is not None
        items = []
        for term in map(unlabelled, fork.items):
            if id(term) in present:
                items.append(present[id(term)])
            elif isinstance(term, syntax.Choice) and (k := none_body(term)) is not None:
                absent = Part("absent", None, input, output, place(term))
                number = next(i for i, c in enumerate(self.home.choices) if c is term)
                items.append(Part("branch", Branch(number, k), input, output, place(term), (absent,)))
            else:
                return None
        return tuple(items)

    def _join(self, node: graph.Join, at: Place, inside: frozenset[Branch]) -> Part:
        fork = self.home.by_place.get(at) if self.home is not None else None
        written = fork.items if isinstance(fork, syntax.Infix) and len(fork.items) == len(node.items) else ()
        items = [
            Part(
                "constant", None, node.input, node.output, place(written[i]) if written else at,
                numbers={"value": item.value},
            )
            if isinstance(item, graph.Constant)
            else self.part(item, inside, joined=True)
            for i, item in enumerate(node.items)
        ]  # fmt: skip
        found = tuple(items)
        if isinstance(fork, syntax.Infix) and any(f is fork for f in (self.home.maybe.values() if self.home else ())):
            present = {}
            for term in map(unlabelled, fork.items):
                for item in items:
                    if _covers(term, item.at):
                        present[id(term)] = item
            if len(present) == len(items):
                found = self._terms(fork, present, node.input, node.output) or found
        return Part("join", node.operator, node.input, node.output, at, found, label=node.label)

    def _made(self, node: AnyNode, at: Place, inside: frozenset[Branch]) -> Part:
        common = {"input": node.input, "output": node.output, "at": at, "label": node.label}
        match node:
            case graph.Step():
                what, numbers = self._op(node.op)
                return Part("op", what, **common, numbers=numbers, op=node.op)  # type: ignore[arg-type]
            case graph.Call():
                return self._call(node, at)
            case graph.Use():
                return Part("use", self.names.get(node.name, node.name), **common)  # type: ignore[arg-type]
            case graph.Chain():
                items = tuple(self.part(item, inside) for item in node.items)
                return Part("chain", ("flow", None) * len(items), **common, items=items)  # type: ignore[arg-type]
            case graph.Body():
                return self._body(node, common, inside)
            case graph.Join():
                return self._join(node, at, inside)
            case graph.Repeat():
                items = tuple(self.part(r.body, inside) for r in node.rounds)
                rounds = tuple((r.first, r.count) for r in node.rounds)
                return Part("repeat", node.index, **common, items=items, rounds=rounds)  # type: ignore[arg-type]
            case graph.Many():
                items = tuple(self.part(item, inside) for item in node.items)
                return Part("many", len(items), **common, items=items)  # type: ignore[arg-type]
            case graph.Pick():
                return Part("pick", node.index, **common, items=(self.part(node.item, inside),))  # type: ignore[arg-type]

    def _body(self, node: graph.Body, common: Mapping[str, object], inside: frozenset[Branch]) -> Part:
        before = dict(self.names)
        items, what = [], []
        for line in node.lines:
            items.append(self.part(line.node, inside))
            if self.renaming and line.name is not None:
                self.names[line.name] = self._fresh(line.name)
            what.append((line.kind, self.names.get(line.name, line.name) if line.name else None))
        self.names = before
        return Part("body", tuple(what), **common, items=tuple(items))  # type: ignore[arg-type]

    def _fresh(self, name: str) -> str:
        """A name for a value of a body that is spelled out."""
        own = next(f"{name}{i}" for i in itertools.count(1) if f"{name}{i}" not in self.taken)
        self.taken.add(own)
        return own

    def _call(self, node: graph.Call, at: Place) -> Part:
        """A call; or what takes its place: what an alias calls, the items of a short sequence inside a class."""
        tree = self.tree
        instance = tree.program.instances[node.instance]
        kind = tree.kinds[node.instance]
        values = {inner: self.names.get(outer, outer) for inner, outer in node.values.items()}
        bare = node.label is None and self.in_class
        recursive = bare and kind == "class" and instance.definition in tree.recursive
        if kind == "alias" or recursive or (bare and kind == "sequence" and tree._light(node.instance)):
            if recursive:
                self.spelled.append(node.instance)
                if len(self.spelled) > MOST_SPELLED:
                    raise Unsupported(f"`{node.word}` calls itself too often to be spelled out; label its calls")
            renaming = self.renaming or recursive
            maker = _Maker(tree, None, self.in_class, values, self.taken, renaming, self.spelled)
            inner = maker.part(instance.body, frozenset())
            if kind == "alias":
                return replace(inner, label=node.label, word=node.word, at=at)
            return inner
        names = tree.taken_in(node.instance)
        passed = tuple((names[inner], values[inner]) for inner in instance.values)  # in the order of `forward`
        return Part(
            "call", None, node.input, node.output, at,
            label=node.label, word=node.word, target=node.instance, values=passed,
        )  # fmt: skip

    def _op(self, op: Op) -> tuple[Hashable, dict[str, Number]]:
        flags: list[Hashable] = [op.name]
        numbers: dict[str, Number] = {}
        for name, value in op.__dict__.items():
            if isinstance(value, Value):
                flags.append((name, self.names.get(value.name, value.name)))
            elif isinstance(value, tuple):
                flags.append((name, len(value)))
                numbers |= {f"{name}.{i}": n for i, n in enumerate(value)}
            elif isinstance(value, bool | str) or value is None:
                flags.append((name, value))
            else:
                flags.append((name, "number"))
                numbers[name] = value
        return tuple(flags), numbers


def _named(body: AnyNode) -> set[str]:
    """The names of values in a body."""
    nodes = list(graph.inside(body))
    lines = {line.name for n in nodes if isinstance(n, graph.Body) for line in n.lines if line.name}
    return lines | {n.label for n in nodes if n.label} | {n.name for n in nodes if isinstance(n, graph.Use)}


def _covers(term: syntax.Expr, at: Place) -> bool:
    source, start, end = place(term)
    return at[0] == source and start <= at[1] and at[2] <= end


def _walk(node: AnyNode) -> Iterator[AnyNode]:
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(graph.children(node)))


def _number(text: str) -> Number | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _identifier(name: str, among: dict[str, Type], own: set[str]) -> str:
    """A name for a value that a block takes from outside: the last part of its path, if nothing else there has that."""
    last = name.split(".")[-1]
    alone = sum(other.split(".")[-1] == last for other in among) == 1 and (last == name or last not in own)
    found = last if alone and last.isidentifier() else name.replace(".", "_")
    while found != name and found in own:
        found += "_"
    return found


def rank(kind: Type) -> Hashable:
    """The number of axes after the channels, of a tensor or of each of a list."""
    return tuple(len(shape) - 1 for shape in shapes(kind)) if is_list(kind) else len(kind) - 1
