"""What a class registers in `__init__`, in the order of the text, and how `forward` reaches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resdsl.emit import layers
from resdsl.emit.entries import (
    Entry,
    entry_names,
    flattened,
    has_lets,
    is_module_chain,
    nested,
    sequence_entries,
    split_label,
)
from resdsl.emit.file import File
from resdsl.emit.fitting import Scope, Slot
from resdsl.emit.layout import Brackets, Doc, call, flat, listed
from resdsl.emit.modules import Modules, rounds
from resdsl.emit.parts import Unsupported
from resdsl.emit.sharing import Node, unified
from resdsl.emit.symbols import infix


@dataclass(eq=False)
class Attribute:
    """What `__init__` registers."""

    entry: Entry
    doc: Doc
    setup: list[str]
    name: str = ""
    optional: bool = False


class Attributes(Modules):
    """The attributes of one class."""

    def __init__(self, file: File, scope: Scope) -> None:
        super().__init__(file, scope)
        self.indent = 8
        self.attributes: list[Attribute] = []
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
        entries = self.chains[id(node)] = nested([(*split_label(node.label), node, 0)])
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
            if not all(is_module_chain(item.first()) for item in entry.items):
                raise Unsupported(f"a dotted label, `{entry.name}...`, for a part that is not a sequence")
            return self.register(entry, flow)
        flow = self.entering(node, flow, node.scope)
        match node.kind:
            case "op":
                return self._collect_op(entry, node, flow)
            case "call":
                return flow if self.file.is_identity(node.part.target) else self.register(entry, flow)
            case "use":
                return self.leaving(node, self.flows.get(str(node.part.what)))
            case "join" | "many" | "pick":
                return self._collect_items(entry, node, flow)
            case "chain" | "body":
                if is_module_chain(node):
                    return self.register(entry, flow)
                after = self._collect_inside(node, flow)
                self._label(entry, after)
                return after
            case "repeat":
                return self._collect_repeat(entry, node, flow)
            case "branch":
                return self._collect_branch(entry, node, flow)
        return flow

    def _label(self, entry: Entry, flow: Slot | None) -> None:
        if entry.name is not None:
            self.flows[entry.name] = flow

    def _collect_op(self, entry: Entry, node: Node, flow: Slot | None) -> Slot | None:
        assert node.part.op is not None
        name = node.part.op.name
        numbers = [*node.slots.values(), *([flow] if name == "zeropad" and flow is not None else [])]
        modal = name in layers.HELD or (
            entry.name is not None and name not in ("split", "sum", "resize", "weightedpool")
        )
        if name != "id" and (modal or not all(slot.constant for slot in numbers)):
            return self.register(entry, flow)
        after = self.leaving(node, flow)
        self._label(entry, after)
        return after

    def _collect_items(self, entry: Entry, node: Node, flow: Slot | None) -> Slot | None:
        after = []
        for item in node.items:
            if item.kind == "constant":
                slot = item.slots["value"]
                if not slot.constant:
                    slot.what = "factor"
                    own = slot.text() if slot.text().isidentifier() else "factor"
                    self.plain[own] = slot.text()
                    self.access[id(item)] = f"self.{own}"
                continue
            after.append(self.collect_chain(item, flow))
        near = tuple(slot for slot in after if slot is not None)
        found = self.leaving(node, None, near)
        if node.part.what == "++" and len(near) == len(node.items) and found is not None and len(near) > 1:
            total = near[0].expr()
            for slot in near[1:]:
                total = infix("+", total, slot.expr())
            found.made = total
        self._label(entry, found)
        return found

    def _collect_repeat(self, entry: Entry, node: Node, flow: Slot | None) -> Slot | None:
        if is_module_chain(node) and node.items:
            return self.register(entry, flow)
        found: list[Node] = []
        for body, count in rounds(node):
            if count > 64:
                raise Unsupported("a repeat of more than 64 rounds whose body is not a sequence; make a block of it")
            for _ in range(count):
                copy = unified(body.worlds, node.scope)
                flow = self.collect_chain(copy, flow)
                found.append(copy)
        self.unrolled[id(node)] = found
        return self.leaving(node, flow)

    def _collect_branch(self, entry: Entry, node: Node, flow: Slot | None) -> Slot | None:
        """A module by condition; `None` where the branch reads another value than the module, or is absent."""
        docs: dict[int, Doc] = {}
        sources: dict[int, str | None] = {}
        kept, absent = list(self.setup), set()
        names = set()
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
            entries = nested([(*split_label(p.label), p, 0) for p in rest])
            if not rest:
                docs[body] = "nn.Identity()"
            elif len(entries) == 1:
                names.add(entries[0].name)
                entry.first().label = None
                docs[body] = self.module(entries[0], start)[0]
            else:
                names.add(None)
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
        if len(names) > 1:
            raise Unsupported("branches with different labels")
        label = names.pop() if names else None
        made = Entry(label if label is not None else entry.name, node)
        self.attributes.append(Attribute(made, self.either(node, docs), [], optional=optional))
        self.access[id(node)] = ""
        node.slots.clear()
        self.branches[id(node)] = (sources, docs)
        return self.leaving(node, flow)

    def register(self, entry: Entry, flow: Slot | None) -> Slot | None:
        kept, self.setup = self.setup, []
        doc, after = self.module(entry, flow)
        setup, self.setup = self.setup, kept
        self.attributes.append(Attribute(entry, doc, setup))
        if entry.name is not None:
            self.flows[entry.name] = after
        return after

    # -- names

    def name_attributes(self, order: Sequence[str] = ()) -> None:
        """Give each attribute its name; what shares the head of a dotted label and is apart goes into a dict."""
        names = entry_names([a.entry for a in self.attributes])
        found: dict[str, list[Attribute]] = {}
        for attribute, own in zip(self.attributes, names, strict=True):
            attribute.name = own
            found.setdefault(own, []).append(attribute)
            self._reach(attribute.entry, f"self.{own}")
        for own, several in found.items():
            if len(several) > 1:
                self._scattered(own, several)
        first = [a for label in order for a in self.attributes if a.name == label]
        self.attributes = [*first, *(a for a in self.attributes if a not in first)]

    def _reach(self, entry: Entry, access: str) -> None:
        self.access[id(entry)] = access
        if entry.node is not None:
            self.access[id(entry.node)] = access
        if len(entry.lines) > 1:
            for i, item in enumerate(entry.items):
                self._reach(item, f"{access}[{i}]")

    def _scattered(self, own: str, several: list[Attribute]) -> None:
        """Parts of one container that do not follow one another."""
        docs: list[tuple[str, Doc]] = []
        for attribute in several:
            entry = attribute.entry
            if entry.node is not None or len(entry.items) != 1 or attribute.setup:
                raise Unsupported(f"two parts are called `{own}`")
            inner = entry.items[0]
            doc = attribute.doc
            assert isinstance(doc, Brackets)
            child = doc.items[0]
            if isinstance(child, Brackets) and child.head == "OrderedDict(":
                child = child.items[0]
                child = child if not isinstance(child, Brackets) or not child.prefix else _bare(child)
            docs.append((str(inner.name), child))
        numbered = [name for name, _ in docs] == [str(i) for i in range(len(docs))]
        for i, attribute in enumerate(several):
            key = str(i) if numbered else f'"{docs[i][0]}"'
            self.access[id(attribute.entry)] = f"self.{own}[{key}]"
        if numbered:
            made: Doc = call("nn.ModuleList", listed([doc for _, doc in docs]))
        else:
            made = call("nn.ModuleDict", Brackets("{", tuple(_pair(name, doc) for name, doc in docs), "}"))
        several[0].doc = made
        self.attributes = [a for a in self.attributes if a not in several[1:]]


def _is_id(node: Node) -> bool:
    return node.part.op is not None and node.part.op.name == "id" and node.kind == "op"


def _bare(doc: Brackets) -> Brackets:
    return Brackets(doc.head, doc.items, doc.tail)


def _pair(name: str, doc: Doc) -> Doc:
    return f'"{name}": {flat(doc)}'
