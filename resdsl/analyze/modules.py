"""Which parts of a network are modules in PyTorch, and their names: see docs/language.md, Labels.

    class      a block that joins, lists or names flows, and the model: its parts are attributes, each with a name
    sequence   any other block: its parts are numbered by place; if one of them has a label, all have names
    choice     a block whose body is one `if`: the branch that is taken, as one module
    alias      a block whose body is one op or call: it gives way to it

A label makes a module of a part. Without one, chains, sums, lists and their like make none, nor does in a class a call
of a sequence that repeats nothing, or of a block that calls itself. The graph alone decides; each block is looked at
once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from resdsl import graph
from resdsl.analyze.naming import chosen, split_label
from resdsl.graph import AnyNode
from resdsl.limits import DEFAULT
from resdsl.ops import is_list, shapes

MOST_WRITTEN_OUT = 64  # equal rounds of a repeat whose parts have names

Kind = Literal["class", "sequence", "choice", "alias"]


@dataclass(frozen=True, kw_only=True)
class Module:
    """A layer, or a module of parts in the order in which they run."""

    layer: graph.Step | None = None
    parts: tuple[Part | Run, ...] = ()
    prefix: str = ""  # what stands before the number of a part without a name
    base: int = 0  # the first such number
    order: tuple[str, ...] = ()  # the names that are registered first


@dataclass(frozen=True)
class Part:
    """A module under its name, which may be a path; "" where its place is its name."""

    name: str
    module: Module


@dataclass(frozen=True)
class Run:
    """Parts without names that stand `count` times, one round after another."""

    count: int
    parts: tuple[Part | Run, ...]


def has_names(module: Module) -> bool:
    return any(isinstance(part, Part) and part.name for part in module.parts)


def renumbered(module: Module, pattern: str) -> Module:
    """The module with its parts called by a pattern such as `b{1}`."""
    parts = tuple(Part("", part.module) if isinstance(part, Part) else part for part in module.parts)
    before, _, base = pattern.removesuffix("}").rpartition("{")
    return replace(module, parts=parts, prefix=before, base=int(base))


@dataclass(frozen=True)
class Item:
    """A node that is a part: its label, or else the word for it."""

    node: AnyNode
    word: str
    path: str = ""  # its label
    pattern: str = ""  # how its own parts are numbered: `b{1}`


class Modules:
    """The modules of a program; `model` is the whole."""

    def __init__(self, program: graph.Program) -> None:
        self.program = program
        self._kinds: list[Kind] = []
        self._light: list[bool] = []
        for instance in program.instances:  # one calls only those before it
            self._kinds.append(self._kind(instance))
            self._light.append(self._is_light(instance.body))
        self._recursive = _recursive(program)
        self.renamed: list[AnyNode] = []  # what a label numbers though its parts have names
        self._left = DEFAULT.items  # rounds that may still be written out
        self._made: list[Module] = []
        for number in range(len(program.instances)):
            self._made.append(self._instance(number))
        self.model = self._class(program.body)

    # -- what becomes of a block

    def _kind(self, instance: graph.Instance) -> Kind:
        definition = self.program.definitions[instance.definition]
        joins = definition.merges or bool(instance.values) or self._joins(instance.body)
        if definition.chooses and not joins:
            return "choice"
        if isinstance(instance.body, graph.Step | graph.Call) and not (instance.body.label or definition.chooses):
            return "alias"
        return "class" if joins else "sequence"

    def _joins(self, node: AnyNode) -> bool:
        """Whether a node is more than one module after another."""
        if is_list(node.input) or is_list(node.output):
            return True
        match node:
            case graph.Join() | graph.Many() | graph.Pick() | graph.Use():
                return True
            case graph.Step():
                return node.op.apart
            case graph.Call():
                alias = self._kinds[node.instance] == "alias"
                return bool(node.values) or (alias and self._joins(self.program.instances[node.instance].body))
            case graph.Body() if any(line.kind == "let" for line in node.lines):
                return True
            case _:
                return any(self._joins(child) for child in graph.children(node))

    def _is_light(self, body: AnyNode) -> bool:
        """Whether a sequence repeats nothing, nor do those that it calls."""
        for node in graph.inside(body):
            if isinstance(node, graph.Repeat):
                return False
            called = node.instance if isinstance(node, graph.Call) else -1
            if called >= 0 and self._kinds[called] == "sequence" and not self._light[called]:
                return False
        return True

    # -- what stands side by side. `spells`: in a class, where short sequences and recursion are written out

    def _items(self, node: AnyNode, spells: bool) -> Iterator[Item]:
        """The parts of a node: itself if it has a label, else those inside it."""
        if isinstance(node, graph.Call) and self._kinds[node.instance] == "alias":
            inner = self.program.instances[node.instance].body
            if isinstance(inner, graph.Call):
                inner = replace(inner, word=node.word)
            yield from self._items(replace(inner, label=node.label), spells)
            return
        path, pattern = split_label(node.label)
        if node.label is not None:
            yield Item(node, self._word(node, spells), path, pattern)
            return
        match node:
            case graph.Step():
                yield Item(node, node.op.stem)
            case graph.Call():
                if self._gives_way(node, spells):
                    yield from self._items(self.program.instances[node.instance].body, spells)
                else:
                    yield Item(node, node.word)
            case graph.Repeat() if self._is_sequence(node, spells):
                if node.rounds:
                    yield Item(node, self._word(node, spells))
            case graph.Repeat():
                for body in self._written_out(node):
                    yield from self._items(body, spells)
            case _:
                for child in graph.children(node):
                    yield from self._items(child, spells)

    def _gives_way(self, call: graph.Call, spells: bool) -> bool:
        kind, definition = self._kinds[call.instance], self.program.instances[call.instance].definition
        return spells and (
            (kind == "sequence" and self._light[call.instance]) or (kind == "class" and definition in self._recursive)
        )

    def _word(self, node: AnyNode, spells: bool) -> str:
        """What a part without a label is called: by its op, by the word that calls it, or `blocks`."""
        match node:
            case graph.Step():
                return node.op.stem
            case graph.Call():
                return node.word
            case graph.Repeat() if node.rounds:
                inner = list(self._items(node.rounds[0].body, spells))
                return inner[0].word if len(inner) == 1 and isinstance(inner[0].node, graph.Call) else "blocks"
            case _:
                return "blocks"

    def _is_sequence(self, node: AnyNode, spells: bool) -> bool:
        """Whether a node is one module after another: nothing joined, named or listed in it."""
        if is_list(node.input) or is_list(node.output):
            return False
        match node:
            case graph.Step():
                return not node.op.apart
            case graph.Call():
                inner = self.program.instances[node.instance].body
                if self._kinds[node.instance] == "alias" or (node.label is None and self._gives_way(node, spells)):
                    return self._is_sequence(inner, spells)
                return not node.values
            case graph.Chain() | graph.Repeat() | graph.Body():
                lets = isinstance(node, graph.Body) and any(line.kind == "let" for line in node.lines)
                return not lets and all(self._is_sequence(child, spells) for child in graph.children(node))
            case _:
                return False

    # -- modules

    def _instance(self, number: int) -> Module:
        instance = self.program.instances[number]
        body = instance.body
        match self._kinds[number]:
            case "class":
                return self._class(body, self.program.definitions[instance.definition].order)
            case "choice" if body.label is None and isinstance(body, graph.Step | graph.Call):
                return self._one(body)
            case _:
                return self._sequence(body, False)

    def _one(self, node: graph.Step | graph.Call) -> Module:
        """An op, or what a call calls."""
        if isinstance(node, graph.Step):
            return Module(layer=node)
        inner = self.program.instances[node.instance].body
        alias = self._kinds[node.instance] == "alias" and isinstance(inner, graph.Step | graph.Call)
        return self._one(inner) if alias else self._made[node.instance]  # type: ignore[arg-type]

    def _class(self, body: AnyNode, order: tuple[str, ...] = ()) -> Module:
        return replace(self._named(list(self._items(body, True)), True), order=order)

    def _sequence(self, node: AnyNode, spells: bool, pattern: str = "") -> Module:
        """One module after another, whatever the label of the node."""
        node = _alone(node)
        if self._has_labels(node, spells) and not pattern:
            items = self._inside(node, spells)
            return Module(parts=self._nested([(item.path.split("."), item) for item in items], spells))
        before, _, base = pattern.removesuffix("}").rpartition("{")
        return Module(parts=self._numbered(node, spells), prefix=before, base=int(base or 0))

    def _has_labels(self, node: AnyNode, spells: bool) -> bool:
        bodies = [round_.body for round_ in node.rounds] if isinstance(node, graph.Repeat) else []
        return any(
            item.path for inner in bodies or [node] for item in (self._items if bodies else self._inside)(inner, spells)
        )

    def _inside(self, node: AnyNode, spells: bool) -> Iterator[Item]:
        """The parts inside a node, whatever its own label; each round of a repeat."""
        if isinstance(node, graph.Repeat):
            for body in self._written_out(node):
                yield from self._items(body, spells)
        elif isinstance(node, graph.Step | graph.Call):
            yield from self._items(node, spells)
        else:
            yield from self._items(replace(node, label=None), spells)

    def _named(self, items: Sequence[Item], spells: bool) -> Module:
        kept = [item for item in items if item.path or _holds(item.node)]
        names = chosen([(item.path, item.word) for item in kept])
        parts = zip(names, kept, strict=True)
        return Module(parts=tuple(Part(name, self._module(item, spells)) for name, item in parts))

    def _nested(self, items: Sequence[tuple[list[str], Item]], spells: bool) -> tuple[Part, ...]:
        """Named parts of a sequence: neighbours whose paths share a head are in one module.

        What takes no name stands between others all the same.
        """
        groups: list[list[tuple[list[str], Item]]] = []
        for path, item in items:
            if groups and len(path) > 1 and len(groups[-1][0][0]) > 1 and groups[-1][0][0][0] == path[0]:
                groups[-1].append((path, item))
            else:
                groups.append([(path, item)])
        groups = [group for group in groups if group[0][1].path or _holds(group[0][1].node)]
        found = []
        for name, group in zip(chosen([(g[0][0][0], g[0][1].word) for g in groups]), groups, strict=True):
            path, item = group[0]
            inner = Module(parts=self._nested([(p[1:], i) for p, i in group], spells)) if len(path) > 1 else None
            found.append(Part(name, inner or self._module(item, spells)))
        return tuple(found)

    def _numbered(self, node: AnyNode, spells: bool) -> tuple[Part | Run, ...]:
        """The parts of a sequence by place. A repeat or a sequence that it calls is spread out, if it has no names."""
        if isinstance(node, graph.Repeat):
            return tuple(
                Run(round_.count, self._placed(self._items(round_.body, spells), spells)) for round_ in node.rounds
            )
        return self._placed(self._inside(node, spells), spells)

    def _placed(self, items: Iterator[Item], spells: bool) -> tuple[Part | Run, ...]:
        found: list[Part | Run] = []
        for item in items:
            made = self._module(item, spells)
            spread = not item.path and self._spreads(item.node) and not has_names(made)
            found += made.parts if spread else [Part("", made)]
        return tuple(found)

    def _spreads(self, node: AnyNode) -> bool:
        return isinstance(node, graph.Repeat) or (
            isinstance(node, graph.Call) and self._kinds[node.instance] == "sequence"
        )

    def _module(self, item: Item, spells: bool) -> Module:
        node = item.node
        if item.pattern:
            self._check_numbers(item, spells)
        match node:
            case graph.Step():
                return Module(layer=node)
            case graph.Call():
                made = self._made[node.instance]
                return renumbered(made, item.pattern) if item.pattern and self._spreads(node) else made
            case _ if self._is_sequence(node, spells):
                return self._sequence(node, spells, item.pattern)
            case _:
                return self._class(replace(node, label=None))

    def _written_out(self, repeat: graph.Repeat) -> Iterator[AnyNode]:
        """Each round of a repeat whose parts have names of their own. Raises ValueError where there are too many."""
        for round_ in repeat.rounds:
            self._left -= round_.count
            if round_.count > MOST_WRITTEN_OUT or self._left < 0:
                many = f"{round_.count:,}" if round_.count > MOST_WRITTEN_OUT else f"more than {DEFAULT.items:,}"
                raise ValueError(f"{many} rounds of parts with names; make a block of them")
            yield from [round_.body] * round_.count

    def _check_numbers(self, item: Item, spells: bool) -> None:
        """A label such as `b{1}` numbers parts that have no other names."""
        node = item.node
        if isinstance(node, graph.Call):
            lost = self._spreads(node) and has_names(self._made[node.instance])
        else:
            several = not isinstance(node, graph.Step) and self._is_sequence(node, spells)
            lost = several and self._has_labels(_alone(node), spells)
        if lost:
            self.renamed.append(node)


def _alone(node: AnyNode) -> AnyNode:
    """What a body of one line is, whatever numbers it has names for."""
    while isinstance(node, graph.Body) and len(node.lines) == 1 and node.lines[0].node.label is None:
        node = node.lines[0].node
    return node


def _holds(node: AnyNode) -> bool:
    """Whether a part without a label takes a name: a layer with weights does, and all that is no op."""
    return not isinstance(node, graph.Step) or bool(node.op.tensors(shapes(node.input)[0]))


def _recursive(program: graph.Program) -> set[int]:
    """The definitions that call themselves, by themselves or by others."""
    below: list[set[int]] = []  # the definitions that an instance comes to
    found = set()
    for instance in program.instances:
        calls = {node.instance for node in graph.inside(instance.body) if isinstance(node, graph.Call)}
        reached = set().union(*(below[call] | {program.instances[call].definition} for call in calls))
        if instance.definition in reached:
            found.add(instance.definition)
        below.append(reached)
    return found
