"""Parts as module expressions: what stands in `__init__`, and in functions that return a module."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl import syntax
from resdsl.emit import layers
from resdsl.emit.entries import (
    Entry,
    are_named,
    ascii_literal,
    assembled,
    entries_of,
    entry_names,
    flattened,
    has_labels,
    part_entries,
    sequence_entries,
)
from resdsl.emit.file import File, Made
from resdsl.emit.fitting import Scope, Slot, Unfit
from resdsl.emit.layout import Doc, Either, call, flat, laid, listed, prefixed
from resdsl.emit.parts import Unsupported, rank
from resdsl.emit.sharing import Node, unified
from resdsl.emit.symbols import Expr, Impossible, infix, name, number, show, translated, value


class Modules:
    """Writes module expressions for one definition. `setup` are the statements that they need before them."""

    def __init__(self, file: File, scope: Scope) -> None:
        self.file = file
        self.scope = scope
        self.setup: list[str] = []
        self.locals: set[str] = set()
        self.indent = 4  # of the statements in `setup`
        self.written_out = 0  # rounds of repeats, one by one

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
        if "width" in node.slots:
            return node.slots["width"]
        if flow is not None and flow.values == column and flow.scope is node.scope:
            return flow
        parts = node.part.op.__dict__.get("parts") if node.part.op is not None else None
        made = infix("//", flow.expr(), number(parts)) if isinstance(parts, int) and flow is not None else None
        return Slot(column, node.scope, "width", near=(*near, *((flow,) if flow is not None else ())), made=made)

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
        if entry.pattern and self._has_parts(node):
            doc = self.numbered(entry.pattern, doc)
        return doc, flow

    def _has_parts(self, node: Node) -> bool:
        """Whether a part is made of parts that are numbered."""
        return node.kind in ("chain", "body", "repeat") or (node.kind == "call" and self.made(node).kind == "sequence")

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
            case "repeat" if has_labels(node):
                return self.sequential(self._labelled_rounds(node), flow)
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
        if len(entries) == 1 and (alone := entries[0].node) is not None and has_labels(alone):
            entries = self._labelled_rounds(alone)
        docs: list[tuple[str, Doc]] = []
        if are_named(entries):
            names = entry_names(entries, entries[0].first().scope.size)
            for entry, own in zip(entries, names, strict=True):
                doc, flow = self.module(entry, flow)
                docs.append((own, doc))
            return assembled(docs), flow
        for entry in entries:
            several, flow = self.splat(entry.first(), flow)
            docs += [("", doc) for doc in several]
        return assembled(docs), flow

    def splat(self, node: Node, flow: Slot | None) -> tuple[list[Doc], Slot | None]:
        """An unlabelled part of a sequence: a sequence that it calls, or a repeat, is spread out in it."""
        if node.kind == "repeat" and not has_labels(node):
            return self.repeat(node, self.entering(node, flow, node.scope))
        if node.kind == "branch":
            return self._spread_branch(node, self.entering(node, flow, node.scope))
        doc, after = self._module(node, flow)
        if node.kind == "call" and self.made(node).kind == "sequence" and not self.made(node).named:
            return [prefixed("*", doc)], after
        return [doc], after

    def _spread_branch(self, node: Node, flow: Slot | None) -> tuple[list[Doc], Slot | None]:
        """One of several modules; a list of them where a branch is not one."""
        docs: dict[int, Doc] = {}
        lists: dict[int, Doc] = {}
        for body, inner in node.branches.items():
            at, several = self.entering(inner, flow, inner.scope), []
            for part in flattened(inner):
                made, at = self.splat(part, at)
                several += made
            lists[body] = listed(several)
            if len(several) == 1 and not flat(several[0]).startswith("*"):
                docs[body] = several[0]
        if len(docs) == len(lists):
            return [self.either(node, docs)], self.leaving(node, flow)
        return [prefixed("*", self.either(node, lists))], self.leaving(node, flow)

    # -- repeats

    def _labelled_rounds(self, node: Node) -> list[Entry]:
        """The parts of all rounds, where they have labels."""
        parts: list[Node] = []
        for body, count in rounds(node):
            self.write_out(count, "with labels; number them, as in `a{i}`")
            for _ in range(count):
                parts += flattened(unified(body.worlds, node.scope))
        return entries_of(parts)

    def write_out(self, count: int, what: str) -> None:
        """Take note of rounds that are written one by one. Raises Unsupported where they are too many."""
        self.written_out += count
        if count > 64 or self.written_out > 1_000:
            many = "64 rounds" if count > 64 else "1,000 rounds in all"
            raise Unsupported(f"a repeat of more than {many} {what}")

    def repeat(self, node: Node, flow: Slot | None) -> tuple[list[Doc], Slot | None]:
        """The rounds: a generator, a loop where rounds differ, or each by itself where no loop can say them."""
        after = self.leaving(node, flow)
        if not node.items:
            return [], after
        body = node.items[0]
        assert node.count is not None
        kept = list(self.setup)
        if len({rank(p.input) for p in body.worlds}) > 1:  # a norm of maps is another module than one of vectors
            return self._unrolled(node, flow)
        if not body.scope.names:
            docs, inner = self._round(body, flow)
            if self.setup == kept or node.count.text() == "1":
                after = self.leaving(node, flow, (inner,) if inner is not None else ())
                return self._generated(docs, node.count), after
            self.setup = list(kept)  # what is made before a round would be shared by all rounds
        try:
            return self._loop(node, body, flow)
        except Unfit:
            self.setup = kept
            return self._unrolled(node, flow)

    def _round(self, body: Node, flow: Slot | None) -> tuple[list[Doc], Slot | None]:
        docs: list[Doc] = []
        inner = self.entering(body, flow, body.scope)
        for entry in part_entries(body):
            several, inner = self.splat(entry.first(), inner)
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
                    return name(text) if self.scope.stays(text) else number(names[text][0])
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
