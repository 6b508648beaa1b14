"""Bodies and blocks: lines in order, and instances made once for equal arguments, defaults and input."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from resdsl import graph, syntax
from resdsl.diagnostics import Diagnostic, Fix, Label, Span, SpecError, error
from resdsl.elaborate.binding import bind, missing
from resdsl.elaborate.joins import Joins
from resdsl.elaborate.meanings import (
    LET_THROUGH,
    NONE,
    Argument,
    Defaulted,
    Env,
    Items,
    Layer,
    Meaning,
    is_number,
    printed,
)
from resdsl.elaborate.names import Frame, Reader
from resdsl.graph import AnyNode
from resdsl.limits import DEFAULT
from resdsl.ops import Type, Value, is_list, shapes, show
from resdsl.scope import Defined, name_span

_CALL = 4  # steps that a call takes beside those of what is in it, and again where it is new


class Blocks(Joins):
    """Bodies, lines and blocks."""

    def flow(self, expr: syntax.Expr, x: Type, env: Env, label: str | None = None) -> AnyNode | None:
        """Run a flow on an input: see Flows."""
        raise NotImplementedError

    # -- bodies

    def body(self, body: syntax.Body, x: Type, env: Env, label: str | None = None) -> AnyNode | None:
        """The lines of a body. One flow alone is itself; a body of nothing is the identity."""
        if len(body.lines) == 1 and not isinstance(
            body.lines[0], syntax.Let | syntax.Default | syntax.Order | syntax.Section | syntax.Expect | syntax.Keys
        ):
            return self.labelled(self.flow(body.lines[0], x, env), label)
        lines: list[graph.Line] = []
        flow: Type = x
        named: list[Items] = []
        for number, line in enumerate(body.lines):
            env, made, ended = self.line(line, flow, env, named)
            if made is not None:
                lines.append(made)
                flow = flow if made.kind == "let" else made.node.output
            if ended:
                if number < len(body.lines) - 1 or lines:
                    what = "`none` is a branch that is not there: it stands beside `+`, `*` or `++`"
                    raise error("E0302", what, Label(line.span), fixes=[Fix(LET_THROUGH)])
                return None
        self.all_read(named)
        self.all_picked(lines, lines)
        self.nothing_lost(lines)
        return graph.Body(lines=tuple(lines), input=x, output=flow, label=label, at=self.at(body.span))

    def line(self, line: syntax.Line, x: Type, env: Env, named: list[Items]) -> tuple[Env, graph.Line | None, bool]:
        """The env after a line, what it adds to the body, and whether it is `none`."""
        match line:
            case syntax.Let():
                return (*self.let(line, x, env, named), False)
            case syntax.Default():
                return self.default(line, env), None, False
            case syntax.Expect() | syntax.Order() | syntax.Keys():
                return env, None, False
            case syntax.Section():
                node = self.flow(line.flow, x, env)
                if node is None:
                    raise error(
                        "E0302",
                        f"the section `{line.name}` is `none`: a branch that is not there",
                        Label(line.flow.span),
                        fixes=[Fix(LET_THROUGH)],
                    )
                env = self.labels(node, env)
                env = self.bound(env, line.name, Value(line.name, node.output), name_span(line), label=True)
                return env, graph.Line(kind="section", name=line.name, node=node), False
            case _:
                node = self.flow(line, x, env)
                if node is None:
                    return env, None, True
                return self.labels(node, env), graph.Line(kind="flow", node=node), False

    def let(self, line: syntax.Let, x: Type, env: Env, named: list[Items]) -> tuple[Env, graph.Line | None]:
        meaning = self.meaning(line.value, env)
        if is_number(meaning):
            value = self.named_list(meaning, line.span)
            if isinstance(value, Items):
                named.append(value)
            return self.bound(env, line.name, value, name_span(line)), None
        node = self.flow(line.value, x, env)
        if node is None:
            return self.bound(env, line.name, NONE, name_span(line)), None
        env = self.bound(self.labels(node, env), line.name, Value(line.name, node.output), name_span(line))
        return env, graph.Line(kind="let", name=line.name, node=node)

    def default(self, line: syntax.Default, env: Env) -> Env:
        if line.name in env.names:
            raise error(
                "E0207",
                f"`{line.name}` already has a meaning here; a default is for names that blocks leave open",
                Label(line.span),
                Label(env.places[line.name], "first given here"),
                fixes=[Fix(f"leave the default out, or rename what is called `{line.name}` here")],
            )
        meaning = self.meaning(line.value, env)
        if self.has_values(meaning):
            value = next(self.values(meaning)).name
            what = f"a default cannot hold a value that ran before, and `{value}` is one"
            ran = [Label(env.places[value], "it ran here")] if value in env.places else []
            fix = Fix(f"hand `{value}` to the blocks as an argument: `{line.name} = {value}`")
            raise error("E0204", what, Label(line.span), *ran, fixes=[fix])
        self.default_lines.setdefault(line, {})
        if is_number(meaning):
            self.default_numbers.add(line)
        before = env.defaults.get(line.name)
        return env.default(Defaulted(line.name, meaning, before, line, len(self.frames) - 1), line.name)

    def labels(self, node: AnyNode, env: Env) -> Env:
        """The labels of a line are names for the later ones."""
        stack = [node]
        while stack:
            n = stack.pop()
            if n.label is not None:  # what stands inside a labelled group is its own affair
                if n.label.isidentifier():
                    span = self.span(n.at)
                    self.new_label(n.label, span, env)
                    env = env.let(n.label, Value(n.label, n.output), span, label=True)
            elif isinstance(n, graph.Chain | graph.Join | graph.Many | graph.Pick):
                stack.extend(graph.children(n))
        return env

    def new_label(self, label: str, span: Span, env: Env) -> None:
        """A label has no other meaning. Raises SpecError."""
        if label not in env.names:
            return
        first = env.places[label]
        if first == span:
            fix = Fix(f"end the label in the index, as in `{label}{{i}}`")
            raise error("E0207", f"each item of the list has the label `{label}`", Label(span), fixes=[fix])
        labels = Label(span, f"labelled `{label}`"), Label(first, "first given here")
        raise error("E0207", f"`{label}` already has a meaning here", *labels, fixes=[Fix("choose another label")])

    def labelled(self, node: AnyNode | None, label: str | None) -> AnyNode | None:
        """The node under a label; a label over a label makes a group."""
        if node is None or label is None:
            return node
        if node.label is not None or isinstance(node, graph.Use):
            return graph.Chain(items=(node,), input=node.input, output=node.output, label=label, at=node.at)
        return replace(node, label=label)

    def nothing_lost(self, lines: list[graph.Line]) -> None:
        """A warning for each value that the next line passes by, beginning with another one, and that nobody names."""
        passed = [
            (i, line, after)
            for i, (line, after) in enumerate(pairwise(lines))
            if line.kind != "let" and after.kind != "let" and not graph.reads_flow(after.node)
        ]
        each = enumerate(lines) if passed else ()
        last: dict[str | None, int] = {
            name: i for i, line in each for node in graph.inside(line.node) for name in graph.values_read(node)
        }
        for i, line, after in passed:
            name = line.name or line.node.label
            if last.get(name, i) <= i:
                what = f"the value of `{name}`" if name else "the value of this line"
                self.warnings.append(
                    Diagnostic(
                        "W0202",
                        f"{what} is worked out and never read: the next line begins with another value",
                        (
                            Label(self.span(line.node.at), "made here"),
                            Label(self.span(after.node.at), "this does not read it"),
                        ),
                        (Fix("read it by its label, or leave the line out"),),
                        "warning",
                    )
                )

    def all_picked(self, lines: list[graph.Line], named: list[graph.Line]) -> None:
        """A named list of flows of which some items are taken and others not: what made those was in vain."""
        lists = [line for line in named if line.kind == "let" and is_list(line.node.output)]
        picked: dict[str | None, set[int]] = {line.name: set() for line in lists}
        whole: set[str | None] = set()
        stack: list[AnyNode] = [line.node for line in lines] if lists else []
        while stack:
            node = stack.pop()
            if isinstance(node, graph.Pick) and isinstance(node.item, graph.Use):
                picked.setdefault(node.item.name, set()).add(node.index)
                continue
            whole.update(graph.values_read(node))
            stack.extend(graph.children(node))
        for line in lists:
            unread = sorted(set(range(len(line.node.output))) - picked[line.name])
            if picked[line.name] and unread and line.name not in whole:
                raise error(
                    "E0406",
                    f"`{line.name}` is a list of {len(line.node.output)} flows, and item {unread[0]} is never used",
                    Label(self.span(line.node.at), f"item {unread[0]} is made in vain"),
                    fixes=[Fix("make fewer, or use them all")],
                )

    # -- blocks

    def call(
        self, callee: Defined, layers: tuple[Layer, ...], x: Type, env: Env, expr: syntax.Expr, label: str | None
    ) -> AnyNode | None:
        """A block on an input: an instance, made once for equal arguments, defaults and input."""
        block = callee.definition
        if not isinstance(block, syntax.Block):
            fixes = [Fix(f"give its number to an op, as in `conv({callee.name}(...), 3)`")]
            raise error(
                "E0302",
                f"`{callee.name}` is a function of numbers; a flow is needed here",
                Label(expr.span),
                fixes=fixes,
            )
        word = expr.name if isinstance(expr, syntax.Ref | syntax.Call) else callee.name
        given = bind(callee, layers, word)
        self.look(_CALL)

        captured: dict[str, str] = {}
        lifted = {p.name: self.lifted(given[p.name].meaning, p.name, captured) for p in block.params if p.name in given}
        width = tuple(shape[0] for shape in shapes(x)) if is_list(x) else shapes(x)[0][0]
        self.unread_arguments(callee, block, given, width, word)
        outer = Env(callee.scope, width, {}, env.defaults)
        inner, named = self.enter(callee, block, lifted, given, outer, expr.span)
        key = block, x, tuple(self.key(inner.names[p.name]) for p in block.params)
        number = self.known(key, env)
        if number is None:
            number = self.instance(callee, block, inner, named, x, expr, key)
        if number < 0:
            return None
        instance = self.instances[number]
        return graph.Call(
            word=word,
            instance=number,
            values=captured,
            input=x,
            output=instance.output,
            label=label,
            at=self.at(expr.span),
        )

    def known(self, key: object, env: Env) -> int | None:
        """The instance made before, if the defaults it read mean the same here."""
        for reads, readers, number in self.memo.get(key, ()):
            if all(
                (None if (d := env.defaults.get(name)) is None else self.key(d)) == was for name, was in reads.items()
            ):
                for name in reads:
                    self.read_default(name, env, *readers.get(name, ()))
                return number
        return None

    def instance(
        self,
        callee: Defined,
        block: syntax.Block,
        env: Env,
        named: list[Items],
        x: Type,
        expr: syntax.Expr,
        key: object,
    ) -> int:
        """Elaborate a block's body; the number of its instance, or -1 where it is `none`."""
        self.look(_CALL)
        outside, self.depth = self.depth, 0
        with self.deeper(expr.span, callee):
            self.frames.append(Frame(block))
            try:
                body = self.body(block.body, x, env)
                self.all_read(named)
            except SpecError as problem:
                raise self.through(problem, expr.span, f"in `{callee.name}` on {show(x)}, called here") from None
            finally:
                frame = self.frames.pop()
                self.depth = outside
        number = -1
        if body is not None:
            number = len(self.instances)
            if number >= DEFAULT.distinct_blocks:
                fix = Fix("blocks of equal arguments and input are one, however often they are called")
                what = f"more than {DEFAULT.distinct_blocks:,} distinct blocks"
                raise error("E0405", what, Label(expr.span), fixes=[fix])
            meanings = [env.names[p.name] for p in block.params]
            self.instances.append(
                graph.Instance(
                    definition=self.definition(block),
                    arguments={p.name: printed(m, self.look) for p, m in zip(block.params, meanings, strict=True)},
                    input=x,
                    output=body.output,
                    values={v.name: v.type for m in meanings for v in self.values(m)},
                    body=body,
                )
            )
        self.memo.setdefault(key, []).append((frame.reads, frame.readers, number))
        return number

    def enter(
        self,
        callee: Defined,
        block: syntax.Block,
        lifted: dict[str, Meaning],
        given: dict[str, Argument],
        env: Env,
        span: Span,
    ) -> tuple[Env, list[Items]]:
        """What the parameters mean: the argument; else the nearest default; else the declaration."""
        named: list[Items] = []
        for param in block.params:
            if param.name in lifted:
                meaning, place = lifted[param.name], given[param.name].span
            elif (defaulted := self.read_default(param.name, env, Reader(block, param))) is not None:
                meaning, place = self.opened(defaulted), defaulted.line.span
            elif param.default is not None:
                try:
                    meaning, place = self.meaning(param.default, env), param.span
                except SpecError as problem:
                    raise self.through(problem, span, f"in `{callee.name}`, called here") from None
            else:
                raise missing(callee, param.name, span, given.values())
            value = self.named_list(meaning, place)
            if isinstance(value, Items):
                named.append(value)
            env = env.let(param.name, value, param.span)
        return env, named

    def definition(self, definition: syntax.Definition) -> int:
        """The number of a definition in the program."""
        if definition not in self.definitions:
            self.definitions[definition] = len(self.printed)
            order = [n for line in definition.body.lines if isinstance(line, syntax.Order) for n in line.names]
            params = getattr(definition, "params", ())
            self.printed.append(
                graph.Definition(
                    kind={syntax.Block: "block", syntax.Model: "model", syntax.Variant: "variant"}[type(definition)],  # type: ignore[arg-type]
                    name=definition.name,
                    source=self.at(definition.span)[0],
                    line=definition.span.source.position(definition.span.start)[0],
                    doc=definition.doc,
                    parameters=tuple(
                        graph.Parameter(name=p.name, default=p.default.span.text if p.default else None) for p in params
                    ),
                    order=tuple(order),
                    chooses=len(definition.body.lines) == 1 and isinstance(definition.body.lines[0], syntax.Choice),
                    merges=merges(definition.body),
                    text=definition.span.text,
                )
            )
        return self.definitions[definition]


def merges(line: syntax.Line | syntax.Body) -> bool:
    """Whether a flow, as written, joins several flows or names one: then it is a unit with a formula of its own."""
    match line:
        case syntax.Body() | syntax.Choice() | syntax.Repeat():
            inner = (
                line.lines
                if isinstance(line, syntax.Body)
                else line.bodies
                if isinstance(line, syntax.Choice)
                else (line.body,)
            )
            return any(merges(part) for part in inner)
        case syntax.Chain():
            return any(merges(item) for item in line.items)
        case syntax.Labelled():
            return merges(line.item)
        case syntax.Section():
            return merges(line.flow)
        case syntax.Let():
            return isinstance(line.value, syntax.Chain | syntax.Concat | syntax.Each) or merges(line.value)
        case _:
            return isinstance(line, syntax.Infix | syntax.Concat | syntax.Each | syntax.List)
