"""Classes and functions of the generated file: one for each group of blocks that share their code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from resdsl import graph
from resdsl.emit.docstrings import described, docstring
from resdsl.emit.entries import are_named, has_labels, part_entries, sequence_entries
from resdsl.emit.file import File, Made, Parameter
from resdsl.emit.fitting import Column, Scope, Slot, Unfit
from resdsl.emit.forward import Forward
from resdsl.emit.layout import Brackets, Doc, laid, repeated
from resdsl.emit.locals import named
from resdsl.emit.modules import Modules
from resdsl.emit.names import group_names
from resdsl.emit.parts import Block, Unsupported
from resdsl.emit.sharing import Definition, Node, Store, channels, groups, unified
from resdsl.emit.statements import Value
from resdsl.emit.words import usable
from resdsl.ops import Type, is_list

LOCALS = {"in_channels", "channels", "layers", "layer", "inner", "module"}  # variables of the code


class Definitions(File):
    """The file with the blocks of a store; a definition is written when something first calls it."""

    def __init__(
        self, store: Store, definitions: dict[Definition, graph.Definition], apart: frozenset[Definition]
    ) -> None:
        super().__init__()
        self.store = store
        self.definitions = definitions
        numbers = {name for block in store.blocks for name in block.arguments}
        indices = {str(p.what) for block in store.blocks for p in block.part.walk() if p.kind == "repeat" and p.what}
        beside = {_channels(value) for block in store.blocks for value in block.values}
        self.taken |= numbers | indices | beside | LOCALS  # what a name of these would hide could not be called
        self.groups = groups(store, apart)
        self.of = {i: g for g, members in enumerate(self.groups) for i in members}
        self.names = group_names(store, self.groups, definitions)

    def made_of(self, block: int) -> Made:
        if block not in self.by_block:
            members = self.groups[self.of[block]]
            try:
                made = self.define(self.of[block], members)
            except Unsupported as problem:
                problem.definition = problem.definition or self.store.definitions[block][1]
                raise
            except Unfit as problem:
                if len(members) > 1 and problem.definition is None:
                    problem.definition = self.store.definitions[block]
                raise
            for member in members:
                self.by_block[member] = made
            self.made.append(made)
            self.order.append(made.lines)
        return self.by_block[block]

    def by_program(self, blocks: Sequence[int], numbers: Column) -> Column | None:
        return self.store.by_program(blocks, numbers)

    def is_identity(self, block: int) -> bool:
        parts = [self.store.blocks[i].part for i in self.groups[self.of[block]]]
        inner = [p.items[0] if p.kind == "branch" else p for p in parts]
        return all(p.op is not None and p.op.name == "id" for p in inner)

    def define(self, group: int, members: list[int]) -> Made:
        blocks = [self.store.blocks[i] for i in members]
        definition = self.definitions[self.store.definitions[members[0]]]
        names: dict[str, Column] = {}
        entering = channels(b.input for b in blocks)
        if entering is not None:
            names["in_channels"] = entering
        for parameter in definition.parameters:
            if all(parameter.name in b.arguments for b in blocks) and usable(parameter.name):
                names[parameter.name] = tuple(b.arguments[parameter.name] for b in blocks)
        for value in blocks[0].values:  # a flow that is handed in beside the input
            width, own = channels(b.values[value] for b in blocks), _channels(value)
            if width is not None and own not in names:
                names[own] = width
        passed = {p.name for p in definition.parameters if any(_passed(p, b) for b in blocks)}
        kept = frozenset(names.keys() & {"in_channels", *passed})
        scope = Scope(len(blocks), names, self.store.homes[members[0]], of=self.of, kept=kept)
        node = unified([b.part for b in blocks], scope)
        scope.kept -= {
            name for n in nodes(node) if n.op_name == "split" for s in n.slots.values() for name in s.mentioned()
        }
        kind = blocks[0].kind
        name = self.unique(self.names[group])
        worlds = {member: w for w, member in enumerate(members)}
        made = Made(name, kind, [], worlds, tuple(p.name for p in definition.parameters), list(blocks[0].values))
        if kind == "class":
            body = self.class_body(node, scope, definition, made, blocks[0].values)
        else:
            body = self.function_body(node, scope, made)
        made.parameters = self.parameters(scope, definition, "\n".join(body[0]))
        signature = [_typed(p) for p in made.parameters]
        doc = docstring(described(definition), 4)
        if kind == "class":
            made.lines = [f"class {name}(nn.Module):", *doc, "", *_init(signature, body[0]), *body[1]]
        else:
            returns = "nn.Sequential" if made.kind == "sequence" else "nn.Module"
            head = laid(f"def {name}", Brackets("(", tuple(signature)), f" -> {returns}:")
            made.lines = [*head, *doc, *body[0]]
        return made

    def parameters(self, scope: Scope, definition: graph.Definition, code: str) -> list[Parameter]:
        """What the code uses, those without a default first."""
        declared = {p.name: p.default for p in definition.parameters}
        found = []
        every = {**scope.names, **scope.added}
        for name, column in every.items():
            if re.search(rf"(?<![\w.]){name}\b(?!=[^=])", code) is None:
                continue
            default = declared.get(name)
            plain = default if default is not None and any(repr(v) == default for v in column) else None
            found.append(Parameter(name, column, plain))
        return [p for p in found if p.default is None] + [p for p in found if p.default is not None]

    # -- functions

    def function_body(self, node: Node, scope: Scope, made: Made) -> tuple[list[str], list[str]]:
        """Statements that return a module."""
        writer = Modules(self, scope)
        flow = writer.entering(node, None, scope)
        if node.kind == "branch":
            made.kind = "choice"
            conditions = writer.conditions(node)
            lines: list[str] = []
            bodies = sorted(node.branches)
            for body in bodies:
                doc = self._returned(writer, node.branches[body], flow)
                setup, writer.setup = writer.setup, []
                last = body == bodies[-1]
                if not last:
                    lines.append(f"    if {conditions[body]}:")
                indent = 4 if last else 8
                lines += [" " * indent + line for line in setup]
                lines += laid("return ", doc, "", indent)
            return lines, []
        if made.kind == "choice":
            doc = self._returned(writer, node, flow)
        else:
            made.named = are_named(sequence_entries(node)) or has_labels(node)
            doc = writer.sequential(sequence_entries(node), flow)[0]
        numbers, (doc,) = named([doc], scope)
        return [*(f"    {line}" for line in (*numbers, *writer.setup)), *laid("return ", doc, "", 4)], []

    def _returned(self, writer: Modules, node: Node, flow: Slot | None) -> Doc:
        return (
            writer._module(node, flow)[0]
            if node.kind != "repeat" and node.label is None
            else writer.sequential(part_entries(node), flow)[0]
        )

    # -- classes

    def class_body(
        self, node: Node, scope: Scope, definition: graph.Definition, made: Made, values: Mapping[str, Type]
    ) -> tuple[list[str], list[str]]:
        """The statements of `__init__`, and `forward`."""
        writer = Forward(self, scope, wanted(node))
        writer.blocks = list(made.worlds)
        spoken = wanted(node) | set(values) | lets(node)
        for name in values:
            writer.flows[name] = None
        writer.collect_chain(node, writer.entering(node, None, scope))
        writer.name_attributes(definition.order)
        made.late = [(a.name, a.late) for a in writer.attributes if a.late is not None]
        listed_input = is_list(node.part.input)
        plain = "x" if "x" not in spoken else "inputs"
        argument = "xs" if listed_input else plain
        x = writer.body.argument(argument, _many(node.part.input))
        kinds = {argument: node.part.input, **values}
        writer.values |= {name: writer.body.argument(name, _many(kind)) for name, kind in values.items()}
        joined = any(n.kind in ("join", "many", "use", "pick") for n in nodes(node))
        variable = "y" if joined or listed_input else plain
        result = writer.chain(node, x, variable)
        if isinstance(result, Value):
            result = writer.body.tell(result, variable)
        lines, (returned,) = writer.body.lines([writer.body.text(result)], result)
        arguments = ", ".join(["self", *(f"{n}: {_kind(t)}" for n, t in kinds.items())])
        head = f"    def forward({arguments}) -> {_kind(node.part.output)}:"
        return init_lines(writer), [head, *lines, f"        return {returned}"]


def _channels(value: str) -> str:
    """The parameter that holds the channels of a flow which enters beside the input."""
    return f"{value}_channels"


def _passed(parameter: graph.Parameter, block: Block) -> bool:
    """Whether a block is given another number than the one that its text declares."""
    return parameter.default is None or block.words.get(parameter.name) != parameter.default


def _kind(type_: Type) -> str:
    return "list[Tensor]" if is_list(type_) else "Tensor"


def _many(type_: Type) -> int:
    return len(type_) if is_list(type_) else 0


def init_lines(writer: Forward) -> list[str]:
    lines = [f"        self.{name} = {text}" for name, text in writer.plain.items()]
    numbers, docs = named([a.doc or "" for a in writer.attributes], writer.scope)
    lines += [f"        {line}" for line in numbers]
    for attribute, doc in zip(writer.attributes, docs, strict=True):
        lines += [f"        {line}" for line in attribute.setup]
        lines += laid(f"self.{attribute.name} = ", repeated(doc), "", 8)
    return lines


def _init(signature: list[str], body: list[str]) -> list[str]:
    if not body:
        return []
    head = laid("def __init__", Brackets("(", ("self", *signature)), " -> None:", 4)
    return [*head, "        super().__init__()", *body, ""]


def _typed(parameter: Parameter) -> str:
    kind = "float" if any(isinstance(v, float) for v in parameter.column) else "int"
    return f"{parameter.name}: {kind}" + (f" = {parameter.default}" if parameter.default is not None else "")


def nodes(node: Node) -> list[Node]:
    """A node and all inside it."""
    found = [node]
    for inner in (*node.items, *node.branches.values()):
        found += nodes(inner)
    return found


def wanted(node: Node) -> set[str]:
    """The names that are read."""
    found = set()
    for inner in nodes(node):
        if inner.kind == "use":
            found.add(str(inner.part.what))
        found |= {outer for _, outer in inner.part.values}
        if inner.kind == "op" and inner.part.op is not None and inner.part.op.name in ("resize", "weightedpool"):
            found |= {str(v) for k, v in inner.part.what[1:] if k in ("like", "weights")}  # type: ignore[index]
    return found


def lets(node: Node) -> set[str]:
    return {str(name) for n in nodes(node) if n.kind == "body" for _, name in n.part.what if name}  # type: ignore[attr-defined]
