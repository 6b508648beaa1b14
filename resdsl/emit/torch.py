"""PyTorch: a network as a module of its own, which imports torch alone.

homes, parts      the graph with the text behind it, as parts: what is called, what is spelled out
sharing, fitting  which blocks share a class, and the expressions in its parameters that give each its numbers
layers, entries, modules, attributes, forward, definitions
                  ops, names, functions, classes; layout breaks lines as `ruff format` does
constructor       the parameters of the whole network
loading           published weights that have other names
safety            what the finished text may hold
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from resdsl import files, graph
from resdsl._version import __version__
from resdsl.analyze.renames import Renames
from resdsl.analyze.report import line_name
from resdsl.diagnostics import Diagnostic, Fix, Label, SpecError, printable, usage
from resdsl.emit import loading, names, safety
from resdsl.emit.constructor import Probe, probes, value, worlds
from resdsl.emit.definitions import Definitions, init_lines, wanted
from resdsl.emit.docstrings import docstring, escaped
from resdsl.emit.entries import Entry, flattened, nested, split_label
from resdsl.emit.fitting import Scope, Slot, Unfit
from resdsl.emit.forward import Forward
from resdsl.emit.layout import WIDTH, Brackets, laid
from resdsl.emit.parts import Block, Tree, Unsupported
from resdsl.emit.sharing import Definition, Node, Store, alike, unified
from resdsl.emit.statements import Value
from resdsl.emit.symbols import Expr, Number
from resdsl.emit.words import usable
from resdsl.network import Network
from resdsl.ops import shapes
from resdsl.scope import head

_HE = """\
        for module in self.modules():
            if isinstance(module, {}):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")"""


def emit(network: Network, class_name: str | None = None) -> str:
    """The network as Python source. Raises SpecError E0601 for what cannot be said in it."""
    if class_name is not None and (not usable(class_name) or class_name.startswith("_")):
        raise usage(f"`{printable(class_name)}` is no name for a class", "write it as `--class MyNet`")
    plain: set[str] = set()
    apart: frozenset[Definition] = frozenset()
    while True:
        try:
            return _emitted(network, class_name, plain, apart)
        except Unsupported as problem:
            # An `if` that no expression can say: each branch is then a class of its own, first where it stands alone.
            every = {d.name for d in network.program.definitions}
            if plain == every:
                raise _unsupported(network, str(problem), problem.definition) from None
            name = problem.definition or network.program.definitions[0].name
            plain = every if name in plain else plain | {name}
        except RecursionError:
            raise _unsupported(network, "its blocks and lists are nested too deep") from None
        except Unfit as problem:
            # A number that blocks of one definition share no expression for: each of them is then a class of its own.
            if problem.definition is None or problem.definition in apart:
                block = problem.definition[1] if problem.definition else ""
                raise _unsupported(network, f"its number `{problem}` follows from no parameter", block) from None
            apart |= {problem.definition}


def _unsupported(network: Network, why: str, block: str = "") -> SpecError:
    what = f"`{network.name}` cannot be written as a PyTorch module: {why}"
    found = network.model.scope.find(block)
    inside = (Label(head(found.definition), "in this block"),) if found is not None else ()
    fix = Fix("say that part in another way: make a block of it, with a parameter for each number that differs")
    return SpecError(Diagnostic("E0601", what, (Label(head(network.model.definition)), *inside), (fix,)))


def _emitted(network: Network, class_name: str | None, plain: set[str], apart: frozenset[Definition]) -> str:
    """The text, with as many of the model's own numbers as parameters as can be said.

    All are tried at once, then in halves: most models can say all, or all but one or two.
    """
    text = _written(network, class_name, plain, apart, [])
    chosen: list[Probe] = []
    waiting = [list(probes(network))]
    while waiting:
        some = waiting.pop()
        if not some:
            continue
        try:
            text = _written(network, class_name, plain, apart, [*chosen, *some])
            chosen += some
        except (Unfit, Unsupported):
            half = len(some) // 2
            waiting += [some[half:], some[:half]] if half else []
    return text


def _written(
    network: Network, class_name: str | None, plain: set[str], apart: frozenset[Definition], chosen: list[Probe]
) -> str:
    """The text, with a parameter for each probe. Raises Unfit where a number does not follow from them."""
    store = Store()
    programs = worlds(network, chosen)
    models: list[Block] = []
    tree = None
    definitions: dict[Definition, graph.Definition] = {}
    for program in programs:
        tree = Tree(network.model, program, plain)
        models.append(store.add(tree))
        definitions |= {(program.sources[d.source], d.name, d.line): d for d in program.definitions}
    assert tree is not None
    file = Definitions(store, definitions, apart)
    name = class_name or names.class_name(network.name)
    file.taken |= {name, *models[0].arguments}
    columns = {probe.name: tuple(value(probe.name, program) for program in programs) for probe in chosen}
    defaults = {name: column[0] for name, column in columns.items()}
    scope = Scope(len(models), columns, tree.homes[0], closed=True, of=file.of, fixed=models[0].arguments)
    if not alike([m.part for m in models], file.of):
        raise Unfit("the structure")
    node = unified([m.part for m in models], scope)
    body = _Model(network, file, scope, node).lines(name, defaults)
    text = _file(network, file, body)
    safety.check(text)
    return text


class _Model:
    """The class of the whole network."""

    def __init__(self, network: Network, file: Definitions, scope: Scope, node: Node) -> None:
        self.network, self.scope, self.node = network, scope, node
        self.writer = Forward(file, scope, wanted(node), model=True)

    def lines(self, name: str, defaults: dict[str, Number]) -> list[str]:
        entries = self._collect()
        body, features, result = self._forward(entries)
        late = self._late()
        signature = ["self", *(f"{p}: {type(v).__name__} = {v!r}" for p, v in defaults.items() if p in self.scope.used)]
        lines = [f"class {name}(nn.Module):", *self._docstring(), ""]
        lines += laid("def __init__", Brackets("(", tuple(signature)), " -> None:", 4)
        lines += ["        super().__init__()", *init_lines(self.writer), *self._start(), *late]
        returned = ", ".join(f'"{key}": {value}' for key, value in features)
        one = f"        return {{{returned}}}"
        shown = (
            [one]
            if len(one) <= WIDTH
            else ["        return {", *(f'            "{key}": {value},' for key, value in features), "        }"]
        )
        lines += [
            "",
            "    def forward_features(self, x: Tensor) -> dict[str, Tensor]:",
            '        """The output of each part, by its name."""',
            *body,
            *shown,
        ]
        loads = loading.lines(Renames(self.network.program))
        if len(result) == 1:
            return [
                *lines,
                "",
                "    def forward(self, x: Tensor) -> Tensor:",
                f'        return self.forward_features(x)["{result[0]}"]',
                *loads,
            ]
        kinds = ", ".join(["Tensor"] * len(result))
        return [
            *lines,
            "",
            f"    def forward(self, x: Tensor) -> tuple[{kinds}]:",
            "        features = self.forward_features(x)",
            *laid("return ", Brackets("(", tuple(f'features["{key}"]' for key in result)), "", 8),
            *loads,
        ]

    def _docstring(self) -> list[str]:
        program = self.network.program
        shape = " x ".join(["N", *map(str, program.input)])
        out = program.output
        several = ", ".join("N x " + " x ".join(map(str, s)) for s in shapes(out))
        doc = [line for line in program.doc if line]
        return docstring([*doc, *([""] if doc else []), f"Input {shape}, output {several}."], 4)

    def _start(self) -> list[str]:
        """He initialisation of the convolutions that there are."""
        program = self.network.program
        steps = [program.body, *(i.body for i in program.instances)]
        ranks = sorted({len(shapes(s.input)[0]) - 1 for b in steps for s in _steps(b) if s.op.name == "conv"})
        kinds = " | ".join(f"nn.Conv{r}d" for r in ranks)
        return _HE.format(kinds).split("\n") if ranks else []

    def _late(self) -> list[str]:
        """What norms start from where a parameter of the network says it, as `zero_init` does."""
        found: dict[Expr, list[str]] = {}
        for made in self.writer.file.made:
            for norm, column in made.late:
                lines = found.setdefault(Slot(column, self.scope, "start").expr(), [])
                lines += [
                    f"            if isinstance(module, {made.name}):",
                    f"                nn.init.{{}}module.{norm}.weight{{}}",
                ]
        text: list[str] = []
        for expr, inside in found.items():
            body = ["        for module in self.modules():", *inside]
            if expr.head == "if" and [str(item) for item in expr.items[1:]] == ["0.0", "1.0"]:
                text += [f"        if {expr.items[0]}:", *(f"    {line}".format("zeros_(", ")") for line in body)]
            else:
                text += [line.format("constant_(", f", {expr})") for line in body]
        return text

    # -- attributes

    def _collect(self) -> list[list[tuple[Entry, str | None]]]:
        """The model's lines, each as the parts that it runs."""
        writer = self.writer
        raw = []
        root = self.node
        for number, item in enumerate(root.items):
            for part in flattened(item):
                raw.append((*split_label(part.label), part, number))
        entries = nested(raw)
        flow = writer.entering(root, None, self.scope)
        starts: dict[int, object] = {}
        before = flow
        for entry in entries:
            line = min(entry.lines)
            kind, _ = root.part.what[line]  # type: ignore[index]
            if line not in starts:
                starts[line] = before = flow
            flow = writer.collect(entry, flow)
            last = max(entry.lines)
            is_end = all(min(e.lines) > last for e in entries[entries.index(entry) + 1 :])
            if is_end:
                kind, name = root.part.what[last]  # type: ignore[index]
                if name is not None:
                    writer.flows[name] = flow
                if kind == "let":
                    flow = before
        writer.name_attributes()
        return [[step for e in entries for step in _steps_of(e, n)] for n in range(len(root.items))]

    # -- forward

    def _forward(
        self, entries: list[list[tuple[Entry, str | None]]]
    ) -> tuple[list[str], list[tuple[str, str]], list[str]]:
        writer, program = self.writer, self.network.program
        x = writer.body.argument("x")
        features: list[tuple[str, Value]] = []
        keys: list[str] = []
        for number, ((kind, name), steps) in enumerate(zip(self.node.part.what, entries, strict=True)):  # type: ignore[call-overload]
            key = line_name(program.body.lines[number])
            variable = _variable(name or key)
            value = writer.held(variable, writer.steps(steps, x, variable), self.node.items[number])
            if name is not None:  # a label is a value too: that of its own part, not of the line that it opens
                writer.values[name] = value
            if kind != "let":
                x = value
                items = value if isinstance(value, list) else [value]
                shown = [(f"{key}.{i}" if isinstance(value, list) else key, v) for i, v in enumerate(items)]
                features += [(key, v) for key, v in shown if isinstance(v, Value)]
                keys = [key for key, _ in shown]
        lines, texts = writer.body.lines([v.text for _, v in features])
        return lines, [(key, text) for (key, _), text in zip(features, texts, strict=True)], keys


def _steps_of(entry: Entry, line: int) -> list[tuple[Entry, str | None]]:
    """What a line runs of an entry: all of it, or its part of a container that several lines share."""
    if line not in entry.lines:
        return []
    if len(entry.lines) == 1:
        return [(entry, None)]
    return [step for item in entry.items for step in _steps_of(item, line)]


def _steps(node: graph.AnyNode) -> Iterator[graph.Step]:
    if isinstance(node, graph.Step):
        yield node
    for child in graph.children(node):
        yield from _steps(child)


def _variable(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name).strip("_")


def _file(network: Network, file: Definitions, body: list[str]) -> str:
    program = network.program
    size = " x ".join(map(str, program.input))
    head = (
        f"{network.name}: {network.layers} layer{'s' * (network.layers != 1)}, {network.params:,} parameters, "
        f"{_macs(network.macs)} MACs at {size}."
    )
    source = [f"Source: {network.source}.", ""] if network.source else []
    code = "\n\n\n".join("\n".join(lines) for lines in [*file.order, body])
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    imports = []
    if "OrderedDict" in used:
        imports += ["from collections import OrderedDict", ""]
    if "torch" in used:
        imports.append("import torch")
    imports.append("from torch import Tensor, nn")
    if "F" in used:
        imports.append("from torch.nn import functional as F")
    first = f"# generated by resdsl {__version__} ({{}}); change the spec, not this file"
    doc = [f'"""{head}', *([""] + [escaped(line) for line in source[:1]] if source else []), '"""']
    if not source:
        doc = [f'"""{head}"""']
    return files.sealed(first, "\n".join([*doc, "", *imports, "", "", code]) + "\n")


def _macs(macs: int) -> str:
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if macs >= size:
            return f"{macs / size:.2f} {unit}"
    return str(macs)
