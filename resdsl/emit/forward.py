"""`forward` of a class as statements.

A statement starts at each weight, pool or submodule; norms and activations wrap it. Flows that meet are joined in the
formula of the spec. A list of flows is a list of values here: straight-line code, no list but between blocks.
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.emit import layers
from resdsl.emit.attributes import Attributes
from resdsl.emit.entries import Entry, is_bare, shape_text
from resdsl.emit.file import File
from resdsl.emit.fitting import Scope, Slot
from resdsl.emit.layout import flat
from resdsl.emit.parts import Unsupported
from resdsl.emit.sharing import Node
from resdsl.emit.statements import Statements, Val, Value
from resdsl.ops import is_list, shapes

_RANK = {"+": 5, "-": 5, "*": 6, "/": 6}


class Forward(Attributes):
    """One class."""

    def __init__(self, file: File, scope: Scope, wanted: set[str], model: bool = False) -> None:
        super().__init__(file, scope)
        self.model = model
        self.wanted = wanted  # the names that later parts read
        self.body = Statements()
        self.values: dict[str, Val] = {}

    def assign(self, wished: str, value: Value, node: Node | None = None) -> Value:
        """A variable with the value; in a model with its shape beside it."""
        shown = self.model and node is not None and not is_list(node.part.output)
        return self.body.assign(wished, value, f"  # {shape_text(node)}" if shown and node is not None else "")

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
            x = self._ready(entry, x, variable, last)
            if access is not None:
                self.access[id(entry)] = access
            x = self.entry(entry, x, variable)
            last = entry.last()
        return x

    def _ready(self, entry: Entry, x: Val, variable: str, last: Node | None) -> Val:
        """The value as an entry takes it: a variable, but a short formula may stand in the brackets of one call."""
        node = entry.first() if len(entry.items) < 2 else None
        if node is not None and node.op_name and (node.op_name == "sum" or node.op_name not in layers.HEAVY):
            return x
        once = node is None or node.kind in ("op", "call")
        return x if once and isinstance(x, Value) and "(" not in x.text else self._settled(x, variable, last)

    def _settled(self, x: Val, variable: str, node: Node | None = None) -> Val:
        """The value as a variable, each item of a list as one."""
        if isinstance(x, list):
            return [self._settled(item, "") for item in x]
        return x if x.atom else self.assign(variable, x, node)

    def _lines(self, node: Node, x: Val, variable: str) -> Val:
        for (kind, name), item in zip(node.part.what, node.items, strict=True):  # type: ignore[call-overload]
            if kind == "let":
                x = self._settled(x, variable)
                self.values[name] = self.held(name, self.chain(item, x, name), item)
            else:
                x = self.chain(item, x, variable)
        return x

    def held(self, name: str, value: Val, node: Node) -> Val:
        """The value under a name, for later lines."""
        if isinstance(value, list):
            return [self.held(f"{name}{i}", item, node) for i, item in enumerate(value)]
        if value.atom:
            self.body.wish(value, name)
            return value
        return self.assign(name, value, node)

    def entry(self, entry: Entry, x: Val, variable: str) -> Val:
        node = entry.node
        access = self.access.get(id(entry)) or (self.access.get(id(node)) if node is not None else None)
        if node is not None and node.kind == "branch":
            return self._branch(node, x)
        if access:
            found = self.called(access, entry, x, variable)
        elif node is None:
            found = self.steps([(item, None) for item in entry.items], x, variable)
        else:
            found = self._run(node, x, variable)
        if entry.name is not None and entry.name in self.wanted:
            found = self.values[entry.name] = self.held(entry.name, found, entry.last())
        return found

    def called(self, access: str, entry: Entry, x: Val, variable: str) -> Val:
        """A submodule at work. A block takes a list as it is; an op works on each item."""
        node = entry.node
        if node is not None and is_bare(node):
            return self._scaled(layers.factor(self.form(node, None), access), x)
        beside = ""
        output = entry.last().part.output
        if node is not None and node.kind == "call":
            taken = [self._settled(self.values[outer], "") for _, outer in node.part.values]
            beside = "".join(f", {self.body.text(value)}" for value in taken)
        if isinstance(x, list) and (node is None or node.kind != "call"):
            return [Value(f"{access}({self.body.text(item)})") for item in x]
        text = f"{access}({self.body.text(x)}{beside})"
        return self.body.several(variable if self.model else "", text, len(output)) if is_list(output) else Value(text)

    def _scaled(self, factor: str, x: Val) -> Val:
        """The product with a parameter of this class."""
        if isinstance(x, list):
            return [self._scaled(factor, item) for item in x]
        return Value(f"{x.within(_RANK['*'])} * {factor}", _RANK["*"], x.typed)

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
                    x = self.chain(body, self._settled(x, variable), variable)
                return x
        raise Unsupported(f"a `{node.kind}` here")

    def _op(self, node: Node, x: Val, variable: str, at: int | None = None) -> Val:
        """An op without a module; `at` says which item of a list it works on."""
        assert node.part.op is not None
        name = node.part.op.name
        if name == "split":
            return self._split(node, x)
        if name == "sum":
            assert isinstance(x, list)
            return self._summed(x, variable)
        if isinstance(x, list):
            return [self._op(node, item, variable, i) for i, item in enumerate(x)]
        if name == "id":
            return x
        node.slots = {key: slot.literal() for key, slot in node.slots.items()}
        flow = self.entering(node, None, node.scope)
        if flow is None and name == "zeropad" and at is not None:
            flow = Slot(tuple(shapes(of)[at][0] for of in node.inputs), node.scope, "in_channels")
            if not flow.constant:
                raise Unsupported("a `zeropad` of widths that differ from call to call; take the items one by one")
        form = self.form(node, flow.literal() if name == "zeropad" and flow is not None else None)
        form.named = lambda wanted: self.body.text(self._settled(self.values[wanted], ""))
        text = flat(layers.function(form, x.within(9) if name in layers.POSTFIX else x.text))
        # What a formula makes nothing else holds. A longer one would leave no room in its line for the argument.
        if name == "relu" and x.rank < 9 and len(x.text) < 80:
            text = f"F.relu({x.text}, inplace=True)"
        return Value(text, typed=text.startswith(("F.", "torch.")) or x.typed)

    def _split(self, node: Node, x: Val) -> Val:
        assert isinstance(x, Value) and node.part.op is not None
        parts = node.part.op.__dict__["parts"]
        if isinstance(parts, int):
            return list(self.body.unpack(f"{x.within(9)}.chunk({parts}, dim=1)", parts, x.typed))
        slots = [node.slots[f"parts.{i}"] for i in range(len(parts))]
        widths = ", ".join(self.access.get(id(slot)) or slot.literal().text() for slot in slots)
        return list(self.body.unpack(f"{x.within(9)}.split([{widths}], dim=1)", len(parts), x.typed))

    def _many(self, node: Node, x: Val) -> Val:
        return [self._operand(item, x) for item in node.items]

    def _operand(self, item: Node, x: Val) -> Val:
        """A term of a formula: a variable where it takes more than a call."""
        before = len(self.body)
        value = self.chain(item, x, "")
        if isinstance(value, list) or value.atom or value.simple or value.pieces:
            return value
        depth = deepest = 0
        for c in value.text:
            depth += (c in "([") - (c in ")]")
            deepest = max(deepest, depth)
        return self.assign("", value) if deepest > 1 or len(self.body) > before else value

    def _join(self, node: Node, x: Val, variable: str) -> Val:
        operator = str(node.part.what)
        x = self._settled(x, variable)
        before = len(self.body)
        operands: list[Val] = []
        late: list[Node] = []
        for item in node.items:
            if item.kind == "constant":
                text = self.access.get(id(item)) or repr(item.slots["value"].values[0])
                operands.append(Value(text, rank=9, typed=True))
            elif self._optional(item):
                late.append(item)
            else:
                operands.append(self._operand(item, x))
        if operator == "++":
            if late:
                raise Unsupported("a term of `++` that may be absent")
            return self._concatenated(operands)
        values = [o for o in operands if isinstance(o, Value)]
        found = self._combined(operator, values, variable)
        for item in late:
            found = self._maybe(item, found, x, operator, variable, before)
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
        pieces = [piece for o in operands if isinstance(o, Value) for piece in (o.pieces or [o.text])]
        return Value(f"torch.cat([{', '.join(pieces)}], dim=1)", typed=True, pieces=tuple(pieces))

    def _summed(self, x: list[Val], variable: str) -> Value:
        return self._combined("+", [v for v in x if isinstance(v, Value)], variable)

    # -- branches

    def _optional(self, item: Node) -> bool:
        """Whether a term may be absent."""
        entries = self.chains.get(id(item), [])
        node = entries[0].node if len(entries) == 1 else None
        return node is not None and node.kind == "branch" and None in self.branches[id(node)][0].values()

    def _maybe(self, item: Node, found: Value, x: Val, operator: str, variable: str, before: int) -> Value:
        """The value and a term that may be absent. A variable made for this formula may change; others may not."""
        node = self.chains[id(item)][0].node
        assert node is not None and isinstance(x, Value)
        access = self.access[id(node)]
        source = next(s for s in self.branches[id(node)][0].values() if s is not None)
        read = self.body.text(self.values[source]) if source else x.text
        if not self.body.made_since(found, before) or found in self.values.values():
            found = self.assign(variable, found)
        self.body.update(found, f"{access} is not None", f"{found.text} {operator} {access}({read})")
        return found

    def _branch(self, node: Node, x: Val) -> Val:
        sources, docs = self.branches[id(node)]
        access = self.access[id(node)]
        assert isinstance(x, Value)
        reads = {b: self.body.text(self.values[s]) if s else x.text for b, s in sources.items() if s is not None}
        if len(set(sources.values())) == 1:
            return Value(f"{access}({next(iter(reads.values()))})")
        idle = next(b for b, doc in docs.items() if doc == "None")
        other = next(b for b in docs if b != idle)
        return Value(f"({reads[idle]} if {access} is None else {access}({reads[other]}))", simple=True)
