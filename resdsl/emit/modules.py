"""Parts as module expressions: what stands in `__init__`, and in functions that return a module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from resdsl import syntax
from resdsl.emit import layers
from resdsl.emit.file import File, Made
from resdsl.emit.fitting import Scope, Slot, Unfit
from resdsl.emit.layout import Brackets, Doc, Either, call, flat, laid, listed, prefixed
from resdsl.emit.sharing import Node, unified
from resdsl.emit.symbols import Expr, Impossible, name, show, translated, value
from resdsl.ops import is_list, shapes


class Unsupported(Exception):
    """A part that cannot be said in this way; `plain` if without keeping its `if`s it may be."""


@dataclass(eq=False)
class Entry:
    """A part of a module with its own name, or a container of several: what shares the head of a dotted label."""

    name: str | None
    node: Node | None = None
    items: list[Entry] = field(default_factory=list)
    pattern: str = ""
    lines: set[int] = field(default_factory=set)

    def first(self) -> Node:
        return self.node if self.node is not None else self.items[0].first()

    def last(self) -> Node:
        return self.node if self.node is not None else self.items[-1].last()


def split_label(label: str | None) -> tuple[tuple[str, ...], str]:
    """A label's path, and how it numbers the parts of a stage: `s1.b{1}` is (`s1`,) and `b{1}`."""
    if label is None:
        return (), ""
    *path, last = label.split(".")
    if "{0}" in last or "{1}" in last:
        return tuple(path), "" if last == "{0}" else last
    return (*path, last), ""


def nested(raw: Sequence[tuple[tuple[str, ...], str, Node, int]]) -> list[Entry]:
    """Entries; neighbours whose paths share a head are in one container."""
    out: list[tuple[Entry, list[tuple[tuple[str, ...], str, Node, int]]]] = []
    for path, pattern, node, line in raw:
        if len(path) < 2:
            out.append((Entry(path[0] if path else None, node, [], pattern, {line}), []))
            continue
        if not (out and out[-1][1] and out[-1][0].name == path[0]):
            out.append((Entry(path[0]), []))
        out[-1][0].lines.add(line)
        out[-1][1].append((path[1:], pattern, node, line))
    for entry, inside in out:
        if inside:
            entry.items = nested(inside)
    return [entry for entry, _ in out]


def flattened(node: Node) -> list[Node]:
    """The parts of an unlabelled chain, those of the chains in it too."""
    if node.label is None and node.kind in ("chain", "body"):
        return [part for item in node.items for part in flattened(item)]
    return [node]


def sequence_entries(node: Node) -> list[Entry]:
    """The entries of a chain, whatever its own label."""
    inner = node.items if node.kind in ("chain", "body") else (node,)
    parts = [part for item in inner for part in flattened(item)]
    return nested([(*split_label(part.label), part, 0) for part in parts])


class Modules:
    """Writes module expressions for one definition. `setup` are the statements that they need before them."""

    def __init__(self, file: File, scope: Scope) -> None:
        self.file = file
        self.scope = scope
        self.setup: list[str] = []
        self.locals: set[str] = set()
        self.indent = 4  # of the statements in `setup`

    # -- channels

    def entering(self, node: Node, flow: Slot | None, scope: Scope) -> Slot | None:
        """The channels of what enters a node."""
        column = node.channels(node.inputs)
        if column is None:
            return None
        if flow is not None and flow.scope is scope and flow.values == column:
            return flow
        own = name("in_channels") if flow is None and scope.parent is None and "in_channels" in scope.names else None
        return Slot(column, scope, "in_channels", near=(flow,) if flow is not None else (), made=own)

    def leaving(self, node: Node, flow: Slot | None, near: tuple[Slot, ...] = ()) -> Slot | None:
        """The channels of what leaves a node."""
        column = node.channels(node.outputs)
        if column is None:
            return None
        if flow is not None and flow.values == column and flow.scope is node.scope:
            return flow
        if "width" in node.slots:
            return node.slots["width"]
        return Slot(column, node.scope, "width", near=(*near, *((flow,) if flow is not None else ())))

    # -- one part

    def form(self, node: Node, flow: Slot | None) -> layers.Form:
        if flow is not None:
            for slot in node.slots.values():
                if not slot.near:
                    slot.near = (flow,)
        return layers.Form(node, flow, self.file.helper)

    def module(self, entry: Entry, flow: Slot | None) -> tuple[Doc, Slot | None]:
        """A part as one module, and the channels after it."""
        node = entry.node
        if node is None:
            return self.sequential(entry.items, flow)
        doc, flow = self._module(node, flow)
        if entry.pattern:
            doc = self.numbered(entry.pattern, doc)
        return doc, flow

    def numbered(self, pattern: str, doc: Doc) -> Doc:
        base = "1" if "{1}" in pattern else "0"
        before, _, after = pattern.partition(f"{{{base}}}")
        if after:
            raise Unsupported(f"the label `{pattern}` does not end in its number")
        helper = self.file.helper("numbered", 0)
        return call(helper, ascii_literal(before), doc, *([base] if base != "0" else []))

    def _module(self, node: Node, flow: Slot | None) -> tuple[Doc, Slot | None]:
        flow = self.entering(node, flow, node.scope)
        match node.kind:
            case "op":
                assert node.part.op is not None
                if node.part.op.name in ("resize", "weightedpool", "split", "sum"):
                    raise Unsupported(f"`{node.part.op.name}` inside a labelled sequence")
                return layers.module(self.form(node, flow)), self.leaving(node, flow)
            case "call":
                if self.file.is_identity(node.part.target):
                    return "nn.Identity()", flow
                return self.call(node, flow)
            case "chain" | "body":
                return self.sequential(sequence_entries(node), flow)
            case "repeat":
                docs, after = self.repeat(node, flow)
                return call("nn.Sequential", *docs), after
            case "branch":
                return self.chosen(node, flow)
        raise Unsupported(f"a `{node.kind}` inside a sequence of modules")

    def call(self, node: Node, flow: Slot | None) -> tuple[Doc, Slot | None]:
        """A class or function with its arguments."""
        made = self.made(node)
        docs, near = self.arguments(node, made, flow)
        return call(made.name, *docs), self.leaving(node, flow, near)

    def made(self, node: Node) -> Made:
        found = {self.file.made_of(part.target).name for part in node.worlds}
        if len(found) > 1:
            raise Unfit(node.part.word)
        return self.file.made_of(node.part.target)

    def arguments(self, node: Node, made: Made, flow: Slot | None) -> tuple[list[Doc], tuple[Slot, ...]]:
        docs: list[Doc] = []
        slots = []
        by_name = False
        for parameter in made.parameters:
            column = tuple(parameter.column[made.worlds[part.target]] for part in node.worlds)
            hint = None
            if node.scope.home is not None:
                hint = node.scope.home.argument(node.part.at, parameter.name, made.written)
            slot = Slot(column, node.scope, parameter.name, hint, (flow,) if flow is not None else ())
            if parameter.name != "in_channels":
                slots.append(slot)
            text = slot.text()
            if text == parameter.default:
                by_name = True
                continue
            plain = parameter.name in ("in_channels", "width") or not text.lstrip("-")[0].isdigit()
            plain = plain or " * " in text
            if by_name or not plain:
                by_name = True
                docs.append(f"{parameter.name}={text}")
            else:
                docs.append(text)
        return docs, tuple(slots)

    # -- several parts

    def sequential(self, entries: Sequence[Entry], flow: Slot | None) -> tuple[Doc, Slot | None]:
        """`nn.Sequential(...)` of entries: by place, or if any has a label, all by name."""
        named = any(entry.name is not None for entry in entries)
        docs: list[tuple[str, Doc]] = []
        names = entry_names(entries) if named else [""] * len(entries)
        for entry, own in zip(entries, names, strict=True):
            if named or entry.node is None:
                doc, flow = self.module(entry, flow)
                docs.append((own, doc))
            else:
                several, flow = self.splat(entry.node, flow)
                docs += [("", doc) for doc in several]
        return assembled(docs), flow

    def splat(self, node: Node, flow: Slot | None) -> tuple[list[Doc], Slot | None]:
        """An unlabelled part of a sequence: a sequence that it calls, or a repeat, is spread out in it."""
        if node.kind == "repeat":
            return self.repeat(node, self.entering(node, flow, node.scope))
        doc, after = self._module(node, flow)
        if node.kind == "call" and self.made(node).kind == "sequence":
            return [prefixed("*", doc)], after
        return [doc], after

    # -- repeats

    def repeat(self, node: Node, flow: Slot | None) -> tuple[list[Doc], Slot | None]:
        """The rounds: a generator, a loop where rounds differ, or each by itself where no loop can say them."""
        after = self.leaving(node, flow)
        if not node.items:
            return [], after
        body = node.items[0]
        assert node.count is not None
        if not body.scope.names:
            docs, inner = self._round(body, flow)
            after = self.leaving(node, flow, (inner,) if inner is not None else ())
            return self._generated(docs, node.count), after
        kept = list(self.setup)
        try:
            return self._loop(node, body, flow)
        except Unfit:
            self.setup = kept
            return self._unrolled(node, flow)

    def _round(self, body: Node, flow: Slot | None) -> tuple[list[Doc], Slot | None]:
        docs: list[Doc] = []
        inner = self.entering(body, flow, body.scope)
        for entry in sequence_entries(body) if body.label is None else [Entry(None, body)]:
            if entry.name is not None:
                doc, inner = self.module(entry, inner)
                docs.append(doc)
            else:
                assert entry.node is not None
                several, inner = self.splat(entry.node, inner)
                docs += several
        return docs, inner

    def _generated(self, docs: list[Doc], count: Slot) -> list[Doc]:
        times = count.text()
        if times == "1":
            return docs
        if len(docs) == 1 and not flat(docs[0]).startswith("*"):
            return [f"*({flat(docs[0])} for _ in range({times}))"]
        over = flat(docs[0])[1:] if len(docs) == 1 else f"({', '.join(map(flat, docs))})"
        return [f"*(layer for _ in range({times}) for layer in {over})"]

    def local(self, wished: str) -> str:
        """A name for a variable that is not taken here."""
        taken = self.locals | self.scope.visible().keys()
        chosen, i = wished, 2
        while chosen in taken:
            chosen, i = f"{wished}{i}", i + 1
        self.locals.add(chosen)
        return chosen

    def _loop(self, node: Node, body: Node, flow: Slot | None) -> tuple[list[Doc], Slot | None]:
        """A loop whose variables are the index, and the channels where they change."""
        outer, self.setup = self.setup, []
        self.indent += 4
        try:
            docs, inner = self._round(body, flow)
            inside = self.setup
        finally:
            self.setup = outer
            self.indent -= 4
        scope = body.scope
        update = ""
        if "channels" in scope.used:
            assert inner is not None
            leaving = Slot(body.channels(body.outputs) or (), scope, "channels", near=(inner,))
            update = leaving.text()
            entering = self.entering(node, flow, node.scope)
            assert entering is not None
            self.setup.append(f"channels = {entering.text()}")
        assert node.count is not None
        layers_ = self.local("layers")
        index = str(node.part.what) if node.part.what in scope.used else "_"
        self.setup.append(f"{layers_}: list[nn.Module] = []")
        self.setup.append(f"for {index} in range({node.count.text()}):")
        lines = list(inside)
        if len(docs) == 1 and not flat(docs[0]).startswith("*"):
            lines += self._laid("", call(f"{layers_}.append", docs[0]))
        elif len(docs) == 1:
            lines.append(f"{layers_} += {flat(docs[0])[1:]}")
        else:
            lines += self._laid(f"{layers_} += ", listed(docs))
        if update and update != "channels":
            plus = update.startswith("channels + ")
            lines.append(f"channels += {update[11:]}" if plus else f"channels = {update}")
        self.setup += [f"    {line}" for line in lines]
        return [f"*{layers_}"], self.leaving(
            node, flow, (inner,) if inner is not None and inner.scope is node.scope else ()
        )

    def _laid(self, before: str, doc: Doc) -> list[str]:
        """A statement inside a loop, as long as it may be there; without its margin."""
        margin = self.indent + 4
        return [line[margin:] for line in laid(before, doc, "", margin)]

    def _unrolled(self, node: Node, flow: Slot | None) -> tuple[list[Doc], Slot | None]:
        docs: list[Doc] = []
        for body, count in rounds(node):
            several, flow = self._round(body, flow)
            docs += self._generated(several, Slot((count,) * node.scope.size, node.scope))
        return docs, flow

    # -- choices

    def chosen(self, node: Node, flow: Slot | None) -> tuple[Doc, Slot | None]:
        """One of several modules, by the condition that the spec writes."""
        docs = {body: self._module(inner, flow)[0] for body, inner in node.branches.items()}
        return self.either(node, docs), self.leaving(node, flow)

    def either(self, node: Node, docs: dict[int, Doc]) -> Doc:
        conditions = self.conditions(node)
        doc = docs[max(docs)]
        for body in sorted(docs)[-2::-1]:
            doc = Either(docs[body], conditions[body], doc)
        return doc

    def conditions(self, node: Node) -> dict[int, str]:
        """The condition of each branch but the last, true where the branch is taken and false where a later one is."""
        home = node.scope.home
        assert home is not None
        choice = home.choices[node.part.what.choice]  # type: ignore[attr-defined]
        names = node.scope.visible()
        found: dict[int, str] = {}
        bodies = sorted(node.branches)
        taken = {}
        for body in bodies:
            for w in node.branches[body].scope.up:
                taken[w] = body
        for body in bodies[:-1]:
            later = {w: b == body for w, b in taken.items() if b >= body}
            expr = self._condition(choice.conditions[body], names, later)
            node.scope.use(expr.names())
            found[body] = show(expr)
        return found

    def _condition(
        self, written: syntax.Expr, names: dict[str, tuple[int | float, ...]], wanted: dict[int, bool]
    ) -> Expr:
        lets = self.scope.home.lets if self.scope.home is not None else {}
        for whole in (True, False):

            def known(text: str, depth: int = 0, whole: bool = whole) -> Expr | None:
                if text in names:
                    column = names[text]
                    from resdsl.emit.symbols import number

                    return number(column[0]) if len(set(column)) == 1 else name(text)
                if text in lets and depth < 4:
                    return translated(lets[text], lambda t: known(t, depth + 1), whole)
                return None

            try:
                expr = translated(written, known, whole)
                needed = expr.names()
                worth = {w: bool(value(expr, {n: names[n][w] for n in needed})) for w in wanted}
            except Impossible:
                continue
            if worth == wanted:
                return expr
        raise Unsupported("the condition of an `if` cannot be said in the generated code")


def rounds(node: Node) -> list[tuple[Node, int]]:
    """The rounds of a repeat one by one, with how often each is run."""
    parts = node.worlds
    if len({p.rounds for p in parts}) > 1:
        raise Unfit("rounds")
    first = parts[0]
    return [(unified([p.items[i] for p in parts], node.scope), count) for i, (_, count) in enumerate(first.rounds)]


def entry_names(entries: Sequence[Entry], taken: Sequence[str] = ()) -> list[str]:
    """The name of each entry: its label; else its op's stem or the word that calls it, numbered where needed."""
    stems = [entry.name or stem(entry.first()) for entry in entries]
    counts: dict[str, int] = {}
    for entry, word in zip(entries, stems, strict=True):
        if entry.name is None:
            counts[word] = counts.get(word, 0) + 1
    fixed = {entry.name for entry in entries if entry.name is not None} | set(taken)
    seen: dict[str, int] = {}
    names = []
    for entry, word in zip(entries, stems, strict=True):
        if entry.name is not None:
            names.append(word)
            continue
        own = word
        if counts[word] > 1 or word in fixed:
            while True:
                seen[word] = seen.get(word, 0) + 1
                own = f"{word}{seen[word]}"
                if own not in fixed:
                    break
        names.append(own)
    return names


def stem(node: Node) -> str:
    """The name of a part without a label."""
    match node.kind:
        case "op":
            assert node.part.op is not None
            return node.part.op.stem
        case "call":
            return node.part.word
        case "repeat" if node.items:
            inner = flattened(node.items[0])
            return stem(inner[0]) if len(inner) == 1 and inner[0].kind == "call" else "blocks"
        case "branch":
            words = {stem(flattened(b)[0]) for b in node.branches.values() if _weighty(b)}
            return (
                words.pop()
                if len(words) == 1 and all(len(flattened(b)) == 1 for b in node.branches.values())
                else "branch"
            )
        case _:
            return "branch"


def _weighty(node: Node) -> bool:
    return node.kind not in ("absent", "use") and not (node.part.op is not None and node.part.op.name == "id")


def assembled(docs: Sequence[tuple[str, Doc]]) -> Doc:
    """`nn.Sequential` of named or unnamed modules."""
    if all(own in ("", str(i)) for i, (own, _) in enumerate(docs)):
        return call("nn.Sequential", *(doc for _, doc in docs))
    if len({own for own, _ in docs}) < len(docs):
        raise Unsupported("two parts of one sequence have the same name")
    if all(own.isidentifier() for own, _ in docs):
        return call("nn.Sequential", call("OrderedDict", *(prefixed(f"{own}=", doc) for own, doc in docs)))
    pairs = [Brackets("(", (ascii_literal(own), doc)) for own, doc in docs]
    return call("nn.Sequential", call("OrderedDict", listed(pairs)))


def ascii_literal(text: str) -> str:
    """A text of the spec as a Python literal in double quotes."""
    if not all(c.isascii() and (c.isalnum() or c in "_-.") for c in text):
        raise Unsupported("a label with other characters than letters, digits, `_`, `-` and `.`")
    return f'"{text}"'


def is_module_chain(node: Node) -> bool:
    """Whether a part is a sequence of modules: nothing joined, named or listed in it."""
    if any(is_list(t) for t in (node.part.input, node.part.output)):
        return False
    match node.kind:
        case "op":
            assert node.part.op is not None
            return node.part.op.name not in ("resize", "weightedpool")
        case "call":
            return not node.part.values
        case "chain" | "body" | "repeat":
            lets = node.kind == "body" and any(kind == "let" for kind, _ in node.part.what)  # type: ignore[attr-defined]
            return not lets and all(is_module_chain(item) for item in node.items)
        case "branch":
            return all(is_module_chain(b) for b in node.branches.values())
        case _:
            return False


def shape_text(node: Node) -> str:
    """The shape after a node, of the network as written."""
    return " x ".join(map(str, shapes(node.part.output)[0]))
