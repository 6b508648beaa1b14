"""What a class registers in `__init__`, in the order of the text, and how `forward` reaches it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from resdsl.emit import layers
from resdsl.emit.entries import (
    Entry,
    ascii_literal,
    assembled,
    entries_of,
    entry_names,
    flattened,
    has_keys,
    has_lets,
    is_bare,
    is_module_chain,
    sequence_entries,
)
from resdsl.emit.file import File
from resdsl.emit.fitting import Column, Scope, Slot
from resdsl.emit.layout import Brackets, Doc, call, listed, prefixed
from resdsl.emit.modules import Modules, rounds
from resdsl.emit.parts import Unsupported
from resdsl.emit.sharing import Node, unified
from resdsl.emit.symbols import infix

NORMS = {"batchnorm", "layernorm", "groupnorm"}
_OF_DICT = {"clear", "items", "keys", "pop", "update", "values"}  # what a container of modules has of its own


@dataclass(eq=False)
class Attribute:
    """What `__init__` registers: a module, a container of several, or nothing (no `doc`) under a name that is taken."""

    entry: Entry
    doc: Doc | None = None
    setup: list[str] = field(default_factory=list)
    name: str = ""
    optional: bool = False
    inside: list[Attribute] | None = None  # of a container
    late: Column | None = None  # the start of a norm, by program: a matter of the whole network
    chain: bool = False  # a container whose parts follow one another: it runs as one


class Attributes(Modules):
    """The attributes of one class."""

    def __init__(self, file: File, scope: Scope) -> None:
        super().__init__(file, scope)
        self.indent = 8
        self.blocks: list[int] = []  # those that share the class
        self.attributes: list[Attribute] = []
        self.contained = 0  # the containers around what is collected
        self.plain: dict[str, str] = {}  # numbers that `forward` reads: attribute -> expression
        self.access: dict[int, str] = {}  # how `forward` reaches a part
        self.chains: dict[int, list[Entry]] = {}  # a part as an entry
        self.inside: dict[int, list[Entry]] = {}  # the entries of a chain
        self.unrolled: dict[int, list[Node]] = {}
        self.flows: dict[str, Slot | None] = {}
        self.branches: dict[int, tuple[dict[int, str | None], dict[int, Doc]]] = {}  # what each body reads, and is

    def collect_chain(self, node: Node, flow: Slot | None) -> Slot | None:
        """A part and all inside it; the channels after it."""
        if node.kind in ("chain", "body") and node.label is None:
            return self._collect_inside(node, flow)
        entries = self.chains[id(node)] = entries_of([node])
        return self.collect(entries[0], flow)

    def _collect_inside(self, node: Node, flow: Slot | None) -> Slot | None:
        """The parts of a chain, whatever its own label."""
        if has_lets(node):
            return self._collect_lines(node, flow)
        self.inside[id(node)] = sequence_entries(node)
        for entry in self.inside[id(node)]:
            flow = self.collect(entry, flow)
        return flow

    def _collect_lines(self, node: Node, flow: Slot | None) -> Slot | None:
        for (kind, name), item in zip(node.part.what, node.items, strict=True):  # type: ignore[call-overload]
            after = self.collect_chain(item, flow)
            if name is not None:
                self.flows[name] = after
            flow = flow if kind == "let" else after
        return flow

    def collect(self, entry: Entry, flow: Slot | None) -> Slot | None:
        node = entry.node
        if node is None:
            with self._container(entry, all(_is_chain(item) for item in entry.items)):
                for item in entry.items:
                    flow = self.collect(item, flow)
            return flow
        if entry.name is not None and not is_module_chain(node) and node.kind not in ("op", "call", "use", "branch"):
            with self._container(entry):
                after = self._collect(Entry(None, node), node, flow)
            self._label(entry, after)
            return after
        before = len(self.attributes)
        after = self._collect(entry, node, flow)
        if len(self.attributes) == before and (entry.name is not None or node.kind == "call"):
            self.attributes.append(Attribute(entry))
        return after

    @contextmanager
    def _container(self, entry: Entry, chain: bool = False) -> Iterator[None]:
        """What is registered meanwhile stands in a container with the name of an entry."""
        outer, self.attributes = self.attributes, []
        self.contained += 1
        yield
        self.contained -= 1
        inside, self.attributes = self.attributes, outer
        self.attributes.append(Attribute(entry, inside=inside, chain=chain))

    def _collect(self, entry: Entry, node: Node, flow: Slot | None) -> Slot | None:
        flow = self.entering(node, flow, node.scope)
        match node.kind:
            case "op":
                return self._collect_op(entry, node, flow)
            case "call":
                return flow if self.file.is_identity(node.part.target) else self.register(entry, flow)
            case "use":
                return self.leaving(node, self.flows.get(str(node.part.what)))
            case "join" | "many" | "pick":
                return self._collect_items(node, flow)
            case "chain" | "body":
                return self.register(entry, flow) if is_module_chain(node) else self._collect_inside(node, flow)
            case "repeat":
                return self._collect_repeat(entry, node, flow)
            case "branch":
                return self._collect_branch(node, flow)
        return flow

    def _label(self, entry: Entry, flow: Slot | None) -> None:
        if entry.name is not None:
            self.flows[entry.name] = flow

    def _collect_op(self, entry: Entry, node: Node, flow: Slot | None) -> Slot | None:
        assert node.part.op is not None
        name = node.part.op.name
        if name == "split":
            for slot in node.slots.values():
                if not slot.constant:
                    self.access[id(slot)] = self._number(slot, "width")
        numbers = [*node.slots.values(), *([flow] if name == "zeropad" and flow is not None else [])]
        symbolic = any(slot.expr().names() for slot in numbers)
        modal = name in layers.HELD or entry.name is not None or symbolic
        if name == "zeropad" and flow is None:  # items of different widths: as many channels of zeros for each
            if symbolic:
                raise Unsupported("a `zeropad` of different widths to one that differs too; take the items one by one")
            modal = False
        if name not in ("id", "split", "sum", "resize", "weightedpool") and modal:
            return self.register(entry, flow)
        after = self.leaving(node, flow)
        self._label(entry, after)
        return after

    def _number(self, slot: Slot, what: str) -> str:
        """A number that `forward` reads, kept by the module under its own name or under what it is."""
        slot.what = what
        text = slot.text()
        own = text if text.isidentifier() else what
        named = next(n for n in itertools.chain([own], (f"{own}{i}" for i in itertools.count(2)))
                     if self.plain.get(n, text) == text)  # fmt: skip
        self.plain[named] = text
        return f"self.{named}"

    def _collect_items(self, node: Node, flow: Slot | None) -> Slot | None:
        after = []
        for item in node.items:
            if item.kind == "constant":
                slot = item.slots["value"]
                if not slot.constant:
                    self.access[id(item)] = self._number(slot, "factor")
                continue
            after.append(self.collect_chain(item, flow))
        near = tuple(slot for slot in after if slot is not None)
        found = self.leaving(node, None, near)
        if node.part.what == "++" and len(near) == len(node.items) and found is not None and len(near) > 1:
            total = near[0].expr()
            for slot in near[1:]:
                total = infix("+", total, slot.expr())
            found.made = total
        return found

    def _collect_repeat(self, entry: Entry, node: Node, flow: Slot | None) -> Slot | None:
        if is_module_chain(node) and node.items:
            return self.register(entry, flow)
        found: list[Node] = []
        for body, count in rounds(node):
            self.write_out(count, "whose body is not a sequence; make a block of it")
            for _ in range(count):
                copy = unified(body.worlds, node.scope)
                flow = self.collect_chain(copy, flow)
                found.append(copy)
        self.unrolled[id(node)] = found
        return self.leaving(node, flow)

    def _collect_branch(self, node: Node, flow: Slot | None) -> Slot | None:
        """A module by condition; `None` where the branch reads another value than the module, or is absent."""
        docs: dict[int, Doc] = {}
        sources: dict[int, str | None] = {}
        kept, absent = list(self.setup), set()
        for body, inner in node.branches.items():
            parts = flattened(inner)
            if [p.kind for p in parts] == ["absent"]:
                docs[body], sources[body] = "None", None
                absent.add(body)
                continue
            source = str(parts[0].part.what) if parts[0].kind == "use" else ""
            rest = [p for p in (parts[1:] if source else parts) if not _is_id(p)]
            sources[body] = source
            if not all(is_module_chain(p) for p in rest):
                raise Unsupported("an `if` over more than modules")
            start = self.entering(inner, self.flows.get(source) if source else flow, inner.scope)
            entries = entries_of(rest)
            if not rest:
                docs[body] = "nn.Identity()"
            elif len(entries) == 1:
                docs[body] = self.module(entries[0], start)[0]
            else:
                if any(e.name is not None or has_keys(e.first()) for e in entries):
                    raise Unsupported("a branch of several modules without a label")
                docs[body] = self.sequential(entries, start)[0]
        if self.setup != kept:
            raise Unsupported("a loop in a branch")
        read = {s for s in sources.values() if s is not None}
        optional = bool(absent)
        if len(read) > 1:
            idle = [b for b, doc in docs.items() if doc == "nn.Identity()"]
            if absent or len(idle) != 1 or len(docs) != 2:
                raise Unsupported("an `if` whose branches read different values")
            docs[idle[0]] = "None"
            optional = True
        self.attributes.append(Attribute(Entry(None, node), self.either(node, docs), [], optional=optional))
        self.access[id(node)] = ""
        node.slots.clear()
        self.branches[id(node)] = (sources, docs)
        return self.leaving(node, flow)

    def _late(self, entry: Entry) -> Column | None:
        """The start of a norm by program, taken from it where it is a matter of the whole network alone."""
        node = entry.node
        slot = node.slots.get("start") if node is not None and node.op_name in NORMS else None
        if node is None or slot is None or slot.constant or slot.scope is not self.scope or self.contained:
            return None
        found = self.file.by_program(self.blocks, slot.values)
        if found is not None:
            node.slots["start"] = Slot((1.0,) * slot.scope.size, slot.scope, "start")
        return found

    def _parameter(self, node: Node | None, flow: Slot | None) -> tuple[Doc, Slot | None]:
        assert node is not None
        if self.contained:
            raise Unsupported("a bare `gain` in a labelled group; make a block of the group")
        flow = self.entering(node, flow, node.scope)
        return layers.parameter(self.form(node, flow)), self.leaving(node, flow)

    def register(self, entry: Entry, flow: Slot | None) -> Slot | None:
        kept, self.setup = self.setup, []
        late = self._late(entry)
        doc, after = self._parameter(entry.node, flow) if is_bare(entry.node) else self.module(entry, flow)
        setup, self.setup = self.setup, kept
        self.attributes.append(Attribute(entry, doc, setup, late=late))
        if entry.name is not None:
            self.flows[entry.name] = after
        return after

    # -- names

    def name_attributes(self, order: Sequence[str] = ()) -> None:
        """Give each attribute its name, and each container its module."""
        found = self._named(self.attributes, lambda name, i: f"self.{name}")
        first = [a for label in order for a in found if a.name == label]
        self.attributes = [*first, *(a for a in found if a not in first)]

    def _named(self, attributes: list[Attribute], reach: Callable[[str, int], str]) -> list[Attribute]:
        """Attributes with names, those that register nothing left out. `reach`: how `forward` gets at one."""
        merged: dict[str | None, Attribute] = {}
        several = []
        for attribute in attributes:
            label = attribute.entry.name
            if attribute.entry.node is None and label in merged:
                other = merged[label]
                other.inside = [*(other.inside or ()), *(attribute.inside or ())]
                other.chain = False
                continue
            several.append(attribute)
            if attribute.entry.node is None:
                merged[label] = attribute
        names = entry_names([a.entry for a in several], self.scope.size)
        if clash := merged.keys() & {a.entry.name for a in several if a.entry.node is not None}:
            raise Unsupported(f"`{clash.pop()}` is a part and the head of a path")
        there = [(own, a) for own, a in zip(names, several, strict=True) if _registers(a)]
        for i, (own, attribute) in enumerate(there):
            attribute.name = own
            self._settle(attribute, reach(own, i))
        return [a for _, a in there]

    def _settle(self, attribute: Attribute, access: str) -> None:
        """Say how `forward` reaches an attribute, and what a container is."""
        entry = attribute.entry
        if attribute.inside is None:
            self.access[id(entry)] = access
            if entry.node is not None:
                self.access[id(entry.node)] = access
            return
        apart = not attribute.chain or len(entry.lines) > 1
        if attribute.chain:
            inside = self._named(attribute.inside, lambda name, i: f"{access}[{i}]" if apart else "")
            attribute.doc = assembled([(a.name, a.doc) for a in inside if a.doc is not None])
            if not apart:
                self.access[id(entry)] = access
        else:
            numbered = all(a.entry.name == str(i) for i, a in enumerate(filter(_registers, attribute.inside)))
            inside = self._named(
                attribute.inside, lambda name, i: f"{access}[{i}]" if numbered else f'{access}["{name}"]'
            )
            attribute.doc = _container(inside, numbered)
        attribute.setup = [line for a in inside for line in a.setup]


def _registers(attribute: Attribute) -> bool:
    return attribute.doc is not None or any(map(_registers, attribute.inside or ()))


def _container(inside: Sequence[Attribute], numbered: bool) -> Doc:
    """Modules that `forward` calls one by one."""
    if any(a.optional for a in inside):
        raise Unsupported("a part that may be absent, in a labelled group")
    if numbered:
        return call("nn.ModuleList", listed([a.doc for a in inside if a.doc is not None]))
    if taken := {a.name for a in inside} & _OF_DICT:
        raise Unsupported(f"a part called `{taken.pop()}` in a labelled group")
    pairs = [prefixed(f"{ascii_literal(a.name)}: ", a.doc) for a in inside if a.doc is not None]
    return call("nn.ModuleDict", Brackets("{", tuple(pairs), "}"))


def _is_chain(entry: Entry) -> bool:
    return all(map(_is_chain, entry.items)) if entry.node is None else is_module_chain(entry.node)


def _is_id(node: Node) -> bool:
    return node.part.op is not None and node.part.op.name == "id" and node.kind == "op"
