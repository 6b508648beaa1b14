"""`forward` of a class as statements.

A statement starts at each weight, pool or submodule; norms and activations wrap it. Flows that meet are joined in the
formula of the spec. A list of flows is a list of values here: straight-line code, no list but between blocks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from resdsl.emit import layers
from resdsl.emit.attributes import Attributes
from resdsl.emit.entries import Entry, Unsupported, shape_text
from resdsl.emit.file import File
from resdsl.emit.fitting import Scope
from resdsl.emit.layout import Doc, call, flat, laid
from resdsl.emit.sharing import Node
from resdsl.ops import is_list

SPARE = ("y", "z", "u", "v", "w")
_RANK = {"+": 5, "-": 5, "*": 6, "/": 6}


@dataclass(frozen=True)
class Value:
    """An expression in `forward`. `typed`: mypy knows it for a Tensor."""

    text: str
    rank: int = 9
    typed: bool = False
    simple: bool = False  # may stand in a formula as it is

    @property
    def atom(self) -> bool:
        return self.text.replace("[", "").replace("]", "").replace("_", "").isalnum()

    def within(self, rank: int) -> str:
        return f"({self.text})" if self.rank < rank else self.text


Val = Value | list["Val"]


class Forward(Attributes):
    """One class."""

    def __init__(self, file: File, scope: Scope, wanted: set[str], model: bool = False) -> None:
        super().__init__(file, scope)
        self.model = model
        self.wanted = wanted  # the names that later parts read
        self.lines: list[str] = []
        self.values: dict[str, Val] = {}
        self.known: dict[str, bool] = {}  # variable -> typed
        self.declared: set[str] = set()  # what keeps its type when something of unknown type is assigned
        self.live: set[str] = set()
        self.lists: dict[str, int] = {}  # variables that hold lists, and how long they are
        self.argument = "x"

    def assign(self, variable: str, value: Value, node: Node | None = None) -> Value:
        """`variable = value`; the variable."""
        comment = f"  # {shape_text(node)}" if self.model and node is not None and not is_list(node.part.output) else ""
        doc = self._broken(value.text)
        line = f"{variable} = {flat(doc)}{comment}"
        if comment and len(line) > 112:
            self.lines.append(comment.strip())
            line, comment = line.removesuffix(comment), ""
        self.lines += laid(f"{variable} = ", doc, comment, 8) if len(line) > 112 else [f"        {line}"]
        if not self.lines[-1].startswith("        "):
            self.lines[-1] = f"        {self.lines[-1]}"
        typed = self.known[variable] = value.typed or variable in self.declared
        return Value(variable, typed=typed)

    def _broken(self, text: str) -> Doc:
        if text.startswith("torch.cat([") and text.endswith("], dim=1)"):
            return call("torch.cat", f"[{text[11:-9]}]", "dim=1")
        return text

    def spare(self, *avoid: str) -> str:
        """A variable that holds nothing that is still needed."""
        for name in (*SPARE, *(f"{n}{i}" for i in range(1, 400) for n in SPARE)):
            if name not in self.live and name not in avoid and name not in self.values and name != self.argument:
                return name
        raise Unsupported("more than two thousand values at a time")

    def chain(self, node: Node, x: Val, variable: str) -> Val:
        """The value of a part at `x`; the statements it needs go to `lines`."""
        if id(node) in self.chains:
            return self.steps([(e, None) for e in self.chains[id(node)]], x, variable)
        return self._within(node, x, variable)

    def _within(self, node: Node, x: Val, variable: str) -> Val:
        if id(node) not in self.inside:
            return self._lines(node, x, variable)
        return self.steps([(e, None) for e in self.inside[id(node)]], x, variable)

    def steps(self, entries: Sequence[tuple[Entry, str | None]], x: Val, variable: str) -> Val:
        last: Node | None = None
        for entry, access in entries:
            if isinstance(x, Value) and not x.atom and self._heavy(entry):
                x = self.assign(variable, x, last)
            elif isinstance(x, list) and self._heavy(entry):
                x = [self.assign(self._fresh(), v) if isinstance(v, Value) and not v.atom else v for v in x]
            if access is not None:
                self.access[id(entry)] = access
            x = self.entry(entry, x, variable)
            last = entry.last()
        return x

    def _heavy(self, entry: Entry) -> bool:
        node = entry.node
        if node is None or node.kind != "op":
            return True
        assert node.part.op is not None
        return node.part.op.name in layers.HEAVY

    def _lines(self, node: Node, x: Val, variable: str) -> Val:
        for (kind, name), item in zip(node.part.what, node.items, strict=True):  # type: ignore[call-overload]
            after = self.chain(item, x, name if kind == "let" else variable)
            if kind == "let":
                self.values[name] = self.held(name, after, item)
            else:
                x = after
        return x

    def held(self, name: str, value: Val, node: Node) -> Val:
        """The value under a name, for later lines."""
        if isinstance(value, list):
            kept = [isinstance(v, Value) and v.text in self.known and not self.model for v in value]
            self.live |= {v.text for v in value if isinstance(v, Value) and v.text in self.known}
            return [
                item if there else self.held(f"{name}{i}", item, node)
                for i, (item, there) in enumerate(zip(value, kept, strict=True))
            ]
        if value.text == name or (value.atom and value.text in self.values) or value.text.endswith("]"):
            self.live.add(value.text)
            return value
        self.live.add(name)
        return self.assign(name, value, node if not is_list(node.part.output) else None)

    def entry(self, entry: Entry, x: Val, variable: str) -> Val:
        node = entry.node
        access = self.access.get(id(entry)) or (self.access.get(id(node)) if node is not None else None)
        if node is not None and node.kind == "branch":
            return self._branch(node, x)
        if access:
            found = self.called(access, entry, x, variable)
        else:
            assert node is not None
            found = self._run(node, x, variable)
        if (entry.name is not None and entry.name in self.wanted and isinstance(found, Value)) or (
            entry.name is not None and entry.name in self.wanted
        ):
            found = self.values[entry.name] = self.held(entry.name, found, entry.last())
        return found

    def called(self, access: str, entry: Entry, x: Val, variable: str) -> Val:
        """A submodule at work. A block takes a list as it is; an op works on each item."""
        node = entry.node
        beside = ""
        output = entry.last().part.output
        if node is not None and node.kind == "call":
            taken = [self._text(self.values[outer]) for _, outer in node.part.values]
            beside = "".join(f", {text}" for text in taken)
        if isinstance(x, list) and (node is None or node.kind != "call"):
            return [Value(f"{access}({self._text(item)})") for item in x]
        text = f"{access}({self._text(x)}{beside})"
        if is_list(output):
            several = variable if self.model else f"{self.spare(variable)}s"
            while several in self.known:
                several += "s"
            self.assign(several, Value(text))
            self.lists[several] = len(output)
            return [Value(f"{several}[{i}]", typed=False) for i in range(len(output))]
        return Value(text)

    def _text(self, value: Val) -> str:
        if isinstance(value, list):
            texts = [self._text(item) for item in value]
            whole = texts[0].removesuffix("[0]")
            if self.lists.get(whole) == len(texts) and texts == [f"{whole}[{i}]" for i in range(len(texts))]:
                return whole
            return f"[{', '.join(texts)}]"
        return value.text

    def _run(self, node: Node, x: Val, variable: str) -> Val:
        match node.kind:
            case "op":
                return self._op(node, x, variable)
            case "use":
                return self.values[str(node.part.what)]
            case "call":
                return x
            case "chain" | "body":
                return self._within(node, x, variable)
            case "join":
                return self._join(node, x, variable)
            case "many":
                return self._many(node, x)
            case "pick":
                found = self.chain(node.items[0], x, variable)
                assert isinstance(found, list) and isinstance(node.part.what, int)
                return found[node.part.what]
            case "repeat":
                for body in self.unrolled[id(node)]:
                    if isinstance(x, Value) and not x.atom:
                        x = self.assign(variable, x, None)
                    x = self.chain(body, x, variable)
                return x
        raise Unsupported(f"a `{node.kind}` here")

    def _op(self, node: Node, x: Val, variable: str) -> Val:
        assert node.part.op is not None
        name = node.part.op.name
        if name == "split":
            return self._split(node, x)
        if name == "sum":
            assert isinstance(x, list)
            return self._summed(x, variable)
        if isinstance(x, list):
            return [self._op(node, item, variable) for item in x]
        if name == "id":
            return x
        form = self.form(node, None)
        form.flow = self.entering(node, None, node.scope)
        if name in ("resize", "weightedpool"):
            found = layers.function(form, x.text)
            for key, value in self.values.items():
                if isinstance(value, Value) and value.text != key:
                    found = (
                        flat(found)
                        .replace(f"size={key}.", f"size={value.text}.")
                        .replace(f"* {key})", f"* {value.text})")
                    )
        else:
            found = layers.function(form, x.within(9) if name in layers.POSTFIX else x.text)
        text = flat(found)
        return Value(text, typed=text.startswith(("F.", "torch.")) or x.typed)

    def _fresh(self) -> str:
        """A variable for an item of a list."""
        name = self.spare(*self.known)
        self.live.add(name)
        return name

    def _split(self, node: Node, x: Val) -> Val:
        assert isinstance(x, Value) and node.part.op is not None
        parts = node.part.op.__dict__["parts"]
        count = parts if isinstance(parts, int) else len(parts)
        names: list[str] = []
        for _ in range(count):
            names.append(self._part_name(names))
        if isinstance(parts, int):
            text = f"{x.within(9)}.chunk({count}, dim=1)"
        else:
            widths = ", ".join(node.slots[f"parts.{i}"].text() for i in range(count))
            text = f"{x.within(9)}.split([{widths}], dim=1)"
        self.lines.append(f"        {', '.join(names)} = {text}")
        for name in names:
            self.known[name] = x.typed
            self.live.add(name)
        return [Value(name, typed=x.typed) for name in names]

    def _part_name(self, chosen: list[str]) -> str:
        for i in range(10_000):
            for letter in "x":
                name = f"{letter}{i}"
                if name not in self.known and name not in chosen and name not in self.values:
                    return name
        raise Unsupported("too many parts")

    def _many(self, node: Node, x: Val) -> Val:
        values: list[Val] = []
        added = self._hold(x)
        for item in node.items:
            value = self._operand(item, x, added)
            values.append(value)
        self.live -= added
        return values

    def _hold(self, x: Val) -> set[str]:
        """Keep the variables of a value while others are worked out."""
        texts = [v.text for v in x if isinstance(v, Value)] if isinstance(x, list) else [x.text]
        added = {text for text in texts if text not in self.live}
        self.live |= added
        return added

    def _operand(self, item: Node, x: Val, added: set[str]) -> Val:
        mine = self.spare()
        before = len(self.lines)
        value = self.chain(item, x, mine)
        if isinstance(value, list):
            return value
        depth = longest = 0
        for c in value.text:
            depth += (c in "([") - (c in ")]")
            longest = max(longest, depth)
        if not value.atom and not value.simple and (longest > 1 or len(self.lines) > before):
            value = self.assign(mine, value, None)
        read = {word for word in re.findall(r"\w+", value.text) if word in self.known} - self.live
        self.live |= read
        added |= read
        return value

    def _join(self, node: Node, x: Val, variable: str) -> Val:
        operator = str(node.part.what)
        if isinstance(x, Value) and not x.atom:
            x = self.assign(variable, x, None)
        added = self._hold(x)
        operands: list[Val] = []
        late: list[Node] = []
        for item in node.items:
            if item.kind == "constant":
                text = self.access.get(id(item)) or repr(item.slots["value"].values[0])
                operands.append(Value(text, rank=9, typed=True))
            elif self._optional(item):
                late.append(item)
            else:
                operands.append(self._operand(item, x, added))
        self.live -= added
        if operator == "++":
            if late:
                raise Unsupported("a term of `++` that may be absent")
            return self._concatenated(operands)
        values = [o for o in operands if isinstance(o, Value)]
        found = self._combined(operator, values, variable)
        for item in late:
            found = self._maybe(item, found, x, operator, variable)
        return found

    def _combined(self, operator: str, values: Sequence[Value], variable: str) -> Value:
        if len(values) == 1:
            return values[0]
        own = _RANK[operator]
        found = values[0]
        for value in values[1:]:
            left, right = found.within(own), value.within(own + (operator in "-/"))
            typed = found.typed and value.typed
            if len(left) + len(right) > 96:
                saved = self.assign(variable, found, None)
                left, typed = saved.text, saved.typed
            found = Value(f"{left} {operator} {right}", own, typed)
        return found

    def _concatenated(self, operands: Sequence[Val]) -> Val:
        if any(isinstance(o, list) for o in operands):
            return [item for o in operands for item in (o if isinstance(o, list) else [o])]
        return Value(f"torch.cat([{', '.join(self._text(o) for o in operands)}], dim=1)", typed=True)

    def _summed(self, x: list[Val], variable: str) -> Value:
        return self._combined("+", [v for v in x if isinstance(v, Value)], variable)

    # -- branches

    def _optional(self, item: Node) -> bool:
        """Whether a term may be absent."""
        entries = self.chains.get(id(item), [])
        node = entries[0].node if len(entries) == 1 else None
        return node is not None and node.kind == "branch" and None in self.branches[id(node)][0].values()

    def _maybe(self, item: Node, found: Value, x: Val, operator: str, variable: str) -> Value:
        node = self.chains[id(item)][0].node
        assert node is not None and isinstance(x, Value)
        access = self.access[id(node)]
        source = next(s for s in self.branches[id(node)][0].values() if s is not None)
        read = self._text(self.values[source]) if source else x.text
        target = (
            found.text
            if found.atom and found.text != x.text
            else (variable if variable != x.text else self.spare(x.text))
        )
        if found.text != target:
            found = self.assign(target, found, None)
        self.lines.append(f"        if {access} is not None:")
        self.lines.append(f"            {target} = {target} {operator} {access}({read})")
        return found

    def _branch(self, node: Node, x: Val) -> Val:
        sources, docs = self.branches[id(node)]
        access = self.access[id(node)]
        assert isinstance(x, Value)
        reads = {b: self._text(self.values[s]) if s else x.text for b, s in sources.items() if s is not None}
        if len(set(sources.values())) == 1:
            return Value(f"{access}({next(iter(reads.values()))})")
        idle = next(b for b, doc in docs.items() if doc == "None")
        other = next(b for b in docs if b != idle)
        return Value(f"({reads[idle]} if {access} is None else {access}({reads[other]}))", simple=True)
