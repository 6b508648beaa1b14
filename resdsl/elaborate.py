"""Syntax -> graph: every name gets its meaning, every flow its shape. Errors carry the calls that led to them.

An expression means a number (flag, text, list) or a flow. A flow is not run where it is read but where it is used, so a
meaning is one of: a number; an Applied op or block with the arguments so far; a Closure, a flow written as an argument;
a Value, a flow that ran and was named; a Defaulted, what a `default` line says; NONE, the branch that is not there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, field, replace

from resdsl import arithmetic, graph, syntax
from resdsl.arithmetic import Impossible
from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, Source, Span, SpecError, error, nearest, quoted
from resdsl.graph import AnyNode
from resdsl.limits import DEFAULT
from resdsl.ops import OPS, Op, Refused, Type, Value, is_list, shapes, show, spoken
from resdsl.program import Defined, Scope, Spec, base_of, did_you_mean

# -- meanings ------------------------------------------------------------------------------------------------------


class _None:
    """`none`: neutral in + * ++, an error after ->."""

    def __repr__(self) -> str:
        return "none"


NONE = _None()


@dataclass(frozen=True, eq=False)
class Argument:
    """A meaning given to a parameter, and where."""

    name: str | None
    meaning: Meaning
    span: Span


@dataclass(frozen=True, eq=False)
class Layer:
    """The arguments of one call or partial application. Those of a `default` line give way to later ones."""

    arguments: tuple[Argument, ...]
    span: Span
    gives_way: bool = False


@dataclass(frozen=True, eq=False)
class Applied:
    """An op or block with some of its arguments."""

    callee: type[Op] | Defined | Defaulted
    layers: tuple[Layer, ...]


@dataclass(frozen=True, eq=False)
class Closure:
    """A flow that is an argument: read where it is written, run where it is used."""

    expr: syntax.Expr
    env: Env


@dataclass(frozen=True, eq=False)
class Defaulted:
    """What a `default` line gives a name; inside its meaning the name keeps the older one, `before`."""

    name: str
    meaning: Meaning
    before: Defaulted | None
    line: syntax.Default
    depth: int  # of the instances around the line


Number = int | float | bool | str
Meaning = Number | tuple["Meaning", ...] | Applied | Closure | Value | Defaulted | _None


class Items:
    """A list that has a name, and which of its items were read: a list too long for its use is an error."""

    def __init__(self, items: tuple[Meaning, ...], span: Span) -> None:
        self.items, self.span = items, span
        self.read: set[int] = set()

    def whole(self) -> tuple[Meaning, ...]:
        self.read.update(range(len(self.items)))
        return self.items


@dataclass(frozen=True)
class Env:
    """What names mean at one place of the text."""

    scope: Scope
    width: int | tuple[int, ...] | None  # of what enters the block: `in`
    names: dict[str, Meaning | Items] = field(default_factory=dict)
    defaults: dict[str, Defaulted] = field(default_factory=dict)
    labels: frozenset[str] = frozenset()  # the names that are labels or sections of lines above

    def let(self, name: str, meaning: Meaning | Items) -> Env:
        return replace(self, names={**self.names, name: meaning})

    def default(self, defaulted: Defaulted | None, name: str) -> Env:
        rest = {n: d for n, d in self.defaults.items() if n != name}
        return replace(self, defaults=rest if defaulted is None else {**rest, name: defaulted})


@dataclass(eq=False)
class _Frame:
    """An instance being elaborated: the defaults it reads from outside, as they are."""

    reads: dict[str, object] = field(default_factory=dict)


def is_number(meaning: Meaning) -> bool:
    """Whether a meaning is a number, flag, text or list, and no flow."""
    return isinstance(meaning, int | float | str | tuple)


# -- elaboration -----------------------------------------------------------------------------------------------------


def elaborate(
    spec: Spec, model: Defined, *, input: tuple[int, ...] | None = None, settings: tuple[syntax.Arg, ...] = ()
) -> graph.Program:
    """The model of a spec, at its own input and arguments or at others. Raises SpecError."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 60_000))
    try:
        program = _Elaborator().model(model, input, settings)
    finally:
        sys.setrecursionlimit(limit)
    return program


class _Elaborator:
    def __init__(self) -> None:
        self.steps = 0
        self.frames: list[_Frame] = []
        self.instances: list[graph.Instance] = []
        self.memo: dict[object, list[tuple[dict[str, object], int]]] = {}
        self.sources: dict[str, int] = {}
        self.spans: list[str] = []
        self.definitions: dict[syntax.Definition, int] = {}
        self.printed: list[graph.Definition] = []
        self.default_lines: dict[syntax.Default, bool] = {}  # has anything read it?
        self.free: dict[syntax.Expr, frozenset[str]] = {}
        self.blocks = 0  # calls open inside one another
        self.source_list: list[Source] = []

    # -- places ------------------------------------------------------------------------------------------------------

    def at(self, span: Span) -> graph.Place:
        key = span.source.path or span.source.name
        number = self.sources.setdefault(key, len(self.sources))
        if number == len(self.source_list):
            self.source_list.append(span.source)
        return number, span.start, span.end

    def span(self, at: graph.Place) -> Span:
        return Span(self.source_list[at[0]], at[1], at[2])

    def tick(self, span: Span) -> None:
        self.steps += 1
        if self.steps > DEFAULT.steps:
            raise error("E0405", f"this takes more than {DEFAULT.steps:,} steps to work out", Label(span))

    # -- names -------------------------------------------------------------------------------------------------------

    def lookup(self, name: str, env: Env, span: Span) -> Meaning | Items:
        """What a name means: a local; else the nearest default; else a definition; else an op."""
        if name in env.names:
            if name in env.labels and (name in env.defaults or name in OPS or env.scope.find(name) is not None):
                raise error(
                    "E0207",
                    f"`{name}` is the label of a line above and a block or op as well: which is meant here?",
                    Label(span),
                    fixes=[Fix("give the line above another label, or name its value with `let`")],
                )
            return env.names[name]
        defaulted = self.read_default(name, env)
        if defaulted is not None:
            return self.opened(defaulted)
        found = env.scope.find(name)
        if found is not None:
            if isinstance(found.definition, syntax.Model | syntax.Variant):
                raise error("E0202", f"`{name}` is a model; a block is needed here", Label(span))
            return Applied(found, ())
        if name == "none":
            return NONE
        if name in OPS:
            return Applied(OPS[name], ())
        raise self.unknown(name, env, span)

    def opened(self, defaulted: Defaulted) -> Meaning:
        return defaulted.meaning if is_number(defaulted.meaning) or defaulted.meaning is NONE else defaulted

    def unknown(self, name: str, env: Env, span: Span) -> SpecError:
        place = Span(span.source, span.start, span.start + len(name))
        known = {*env.names, *env.defaults, *OPS, *arithmetic.FUNCTIONS, *env.scope.names, "none"}
        if name in arithmetic.FUNCTIONS:
            return error("E0202", f"`{name}` is a function of numbers: give it its arguments", Label(place))
        return error("E0202", f"`{name}` is not known here", Label(place), fixes=did_you_mean(name, known, place))

    def read_default(self, name: str, env: Env) -> Defaulted | None:
        """The default for a name, noted in every instance that it reaches from outside."""
        defaulted = env.defaults.get(name)
        depth = -1
        if defaulted is not None:
            self.default_lines[defaulted.line] = True
            depth = defaulted.depth
        for frame in self.frames[depth + 1 :]:
            if name in frame.reads:
                continue
            frame.reads[name] = None if defaulted is None else self.key(defaulted)
        return defaulted

    def free_names(self, expr: syntax.Expr) -> frozenset[str]:
        if expr not in self.free:
            names = set()
            for node in syntax.walk(expr):
                if isinstance(node, syntax.Ref | syntax.Call):
                    names.add(node.name)
                elif isinstance(node, syntax.Labelled) and "{" in node.label:
                    names.add(node.label[node.label.index("{") + 1 : node.label.index("}")])
            self.free[expr] = frozenset(names)
        return self.free[expr]

    def key(self, meaning: Meaning | Items | None) -> object:
        """What makes two meanings the same for a block that gets them."""
        match meaning:
            case bool() | int() | float() | str():
                return type(meaning), meaning
            case tuple():
                return tuple(self.key(m) for m in meaning)
            case Items():
                return self.key(meaning.items)
            case Applied(callee, layers):
                what = self.key(callee) if isinstance(callee, Defaulted) else callee
                given = tuple(
                    (layer.gives_way, *((a.name, self.key(a.meaning)) for a in layer.arguments)) for layer in layers
                )
                return what, given
            case Closure(expr, env):
                names = sorted(n for n in self.free_names(expr) if n in env.names)
                return expr, env.width, env.scope, tuple((n, self.key(env.names[n])) for n in names)
            case Defaulted():
                return meaning.name, self.key(meaning.meaning), self.key(meaning.before)
            case _:
                return meaning

    # -- numbers -----------------------------------------------------------------------------------------------------

    def meaning(self, expr: syntax.Expr, env: Env) -> Meaning:
        """The number that an expression means, or the flow as a meaning: nothing is run."""
        self.tick(expr.span)
        match expr:
            case syntax.Number() | syntax.Text() | syntax.Flag():
                return expr.value
            case syntax.Width():
                if env.width is None:
                    raise error(
                        "E0202", "`in` is the width of what enters a block; nothing enters here", Label(expr.span)
                    )
                return env.width
            case syntax.Ref():
                found = self.lookup(expr.name, env, expr.span)
                return found.whole() if isinstance(found, Items) else found
            case syntax.Call():
                return self.called(expr, env)
            case syntax.Infix():
                return self.folded(expr, expr.items, env, lambda v: arithmetic.infix(v, expr.operators))
            case syntax.Power():
                return self.folded(expr, expr.items, env, arithmetic.power)
            case syntax.Negative():
                return self.folded(expr, (expr.item,), env, lambda v: arithmetic.negative(v[0]))
            case syntax.Compare():
                both = (expr.left, expr.right)
                return self.folded(expr, both, env, lambda v: arithmetic.compare(v[0], expr.operator, v[1]))
            case syntax.AnyOf():
                return any(self.flag(item, env) for item in expr.items)
            case syntax.AllOf():
                return all(self.flag(item, env) for item in expr.items)
            case syntax.Negation():
                return not self.flag(expr.item, env)
            case syntax.Concat():
                return self.folded(expr, expr.items, env, arithmetic.joined)
            case syntax.Index():
                return self.indexed(expr, env)
            case syntax.List():
                return self.listed(expr, [(item, env) for item in expr.items], env)
            case syntax.Each():
                over = self.numbers(expr.over, env)
                return self.listed(
                    expr, [(expr.item, self.bound(env, expr.name, value, expr.span)) for value in over], env
                )
            case syntax.Choice():
                body = self.chosen(expr, env)
                result = self.body_meaning(body, env)
                return Closure(expr, env) if result is None else result
            case _:
                return Closure(expr, env)

    def folded(
        self, expr: syntax.Expr, items: tuple[syntax.Expr, ...], env: Env, work: Callable[[list[Meaning]], Meaning]
    ) -> Meaning:
        values = [self.meaning(item, env) for item in items]
        if not all(is_number(value) for value in values):
            return Closure(expr, env)
        try:
            return work(values)
        except Impossible as problem:
            raise error(
                problem.code, problem.message, Label(expr.span), fixes=[Fix(problem.fix)] if problem.fix else []
            ) from None

    def listed(self, expr: syntax.Expr, items: list[tuple[syntax.Expr, Env]], env: Env) -> Meaning:
        if len(items) > DEFAULT.items:
            raise error("E0405", f"a list of {len(items):,} items; {DEFAULT.items:,} are the most", Label(expr.span))
        values = []
        for item, inner in items:
            values.append(self.meaning(item, inner))
            if not is_number(values[-1]):
                return Closure(expr, env)
        return tuple(values)

    def indexed(self, expr: syntax.Index, env: Env) -> Meaning:
        named = isinstance(expr.item, syntax.Ref) and env.names.get(expr.item.name)
        value: Meaning = named.items if isinstance(named, Items) else self.meaning(expr.item, env)
        if not is_number(value):
            return Closure(expr, env)
        for depth, item in enumerate(expr.indices):
            if not isinstance(value, tuple):
                raise error("E0401", f"only a list has items, and this is {spoken(value)}", Label(expr.span))
            i = self.whole(item, env, "an index")
            if not -len(value) <= i < len(value):
                labels = [Label(item.span, f"item {i}")]
                if isinstance(named, Items):
                    labels.append(Label(named.span, f"a list of {len(value)}"))
                items = f"items 0 to {len(value) - 1}" if value else "no items"
                raise error("E0406", f"there is no item {i}: the list has {items}", *labels)
            if isinstance(named, Items) and depth == 0:
                named.read.add(i % len(value))
            value = value[i]
        return value

    def whole(self, expr: syntax.Expr, env: Env, what: str) -> int:
        value = self.meaning(expr, env)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        fix = [Fix("write `//`, `floor` or `round`")] if isinstance(value, float) else []
        raise error("E0401", f"{what} is a whole number, not {self.describe(value)}", Label(expr.span), fixes=fix)

    def flag(self, expr: syntax.Expr, env: Env) -> bool:
        value = self.meaning(expr, env)
        if isinstance(value, bool):
            return value
        raise error("E0401", f"`true` or `false` is needed here, not {self.describe(value)}", Label(expr.span))

    def numbers(self, expr: syntax.Expr, env: Env) -> tuple[Meaning, ...]:
        value = self.meaning(expr, env)
        if isinstance(value, tuple):
            return value
        raise error("E0401", f"a list of numbers is needed here, not {self.describe(value)}", Label(expr.span))

    def describe(self, meaning: Meaning) -> str:
        match meaning:
            case Applied(callee, _):
                return f"the {'op' if isinstance(callee, type) else 'block'} `{callee.name}`"
            case Closure() | Defaulted():
                return "a flow"
            case Value():
                return f"the flow `{meaning.name}`"
            case _None():
                return "`none`"
            case _:
                return spoken(meaning)

    def chosen(self, expr: syntax.Choice, env: Env) -> syntax.Body:
        for condition, body in zip(expr.conditions, expr.bodies, strict=False):
            if self.flag(condition, env):
                return body
        return expr.bodies[-1]

    def body_meaning(self, body: syntax.Body, env: Env) -> Meaning | None:
        """The number that a body means: `let`s of numbers and one at the end. None if it is a flow."""
        for line in body.lines[:-1]:
            if not isinstance(line, syntax.Let):
                return None
            value = self.meaning(line.value, env)
            if not is_number(value):
                return None
            env = self.bound(env, line.name, self.named_list(value, line.span), line.span)
        if not body.lines or isinstance(
            body.lines[-1], syntax.Let | syntax.Default | syntax.Expect | syntax.Order | syntax.Section
        ):
            return None
        result = self.meaning(body.lines[-1], env)
        return result if is_number(result) else None

    def named_list(self, meaning: Meaning, span: Span) -> Meaning | Items:
        return Items(meaning, span) if isinstance(meaning, tuple) else meaning

    def bound(self, env: Env, name: str, meaning: Meaning | Items, span: Span) -> Env:
        if name in env.names:
            raise error(
                "E0207", f"`{name}` already has a meaning here", Label(span), fixes=[Fix("choose another name")]
            )
        return env.let(name, meaning)

    # -- calls and arguments -------------------------------------------------------------------------------------------

    def called(self, expr: syntax.Call, env: Env) -> Meaning:
        """A function's number, or an op or block with its arguments."""
        shadowed = expr.name in env.names or expr.name in env.defaults or env.scope.find(expr.name) is not None
        layer = self.layer(expr.args, env, expr.span)
        flows = [a for a in layer.arguments if not is_number(a.meaning)]
        if expr.name in arithmetic.FUNCTIONS and not shadowed:
            if flows and expr.name in OPS:
                raise error(
                    "E0202",
                    f"the op `{expr.name}` stands after `->` and takes no flow in brackets",
                    Label(expr.span),
                    fixes=[Fix(f"write `[...] -> {expr.name}`")],
                )
            return self.builtin(expr, layer)
        callee = self.lookup(expr.name, env, expr.span)
        if (
            isinstance(callee, Applied)
            and isinstance(callee.callee, Defined)
            and isinstance(callee.callee.definition, syntax.Function)
        ):
            return self.function(expr, callee.callee, layer)
        if isinstance(callee, Applied):
            return Applied(callee.callee, (*callee.layers, layer))
        if isinstance(callee, Defaulted):
            return Applied(callee, (layer,))
        if callee is NONE:
            return NONE  # a branch that is not there takes any arguments
        place = Span(expr.span.source, expr.span.start, expr.span.start + len(expr.name))
        what = self.describe(callee.items if isinstance(callee, Items) else callee)
        fixes = (
            [Fix("make a block of the inline flow: a block can take arguments")] if isinstance(callee, Closure) else []
        )
        raise error("E0204", f"`{expr.name}` is {what} and takes no arguments", Label(place), fixes=fixes)

    def layer(self, args: Iterable[syntax.Arg], env: Env, span: Span) -> Layer:
        return Layer(tuple(Argument(a.name, self.meaning(a.value, env), a.span) for a in args), span)

    def builtin(self, expr: syntax.Call, layer: Layer) -> Meaning:
        values = []
        for argument in layer.arguments:
            if argument.name is not None or not is_number(argument.meaning):
                wanted = "no named arguments" if argument.name else f"numbers, not {self.describe(argument.meaning)}"
                raise error("E0204", f"`{expr.name}` takes {wanted}", Label(argument.span))
            values.append(argument.meaning)
        try:
            return arithmetic.call(expr.name, values)
        except Impossible as problem:
            raise error(
                problem.code, problem.message, Label(expr.span), fixes=[Fix(problem.fix)] if problem.fix else []
            ) from None

    def function(self, expr: syntax.Call, callee: Defined, layer: Layer) -> Meaning:
        definition = callee.definition
        assert isinstance(definition, syntax.Function)
        given = self.bind(callee, (layer,), expr.span)
        env = Env(callee.scope, None)
        with self.deeper(expr.span, callee.name):
            for param in definition.params:
                if param.name in given:
                    meaning = given[param.name].meaning
                elif param.default is not None:
                    meaning = self.meaning(param.default, env)
                else:
                    raise self.missing(callee.name, param.name, expr.span)
                if not is_number(meaning):
                    raise error(
                        "E0401",
                        f"a function takes numbers; `{param.name}` is {self.describe(meaning)}",
                        Label(expr.span),
                    )
                env = env.let(param.name, self.named_list(meaning, expr.span))
            try:
                result = self.body_meaning(definition.body, env)
            except SpecError as problem:
                raise self.through(problem, expr.span, f"in the function `{callee.name}`, called here") from None
        if result is None:
            raise error(
                "E0401",
                f"the function `{callee.name}` does not give a number",
                Label(definition.body.span),
                Label(expr.span),
            )
        return result

    @contextmanager
    def deeper(self, span: Span, name: str) -> Iterator[None]:
        """One more call inside a call. The way back is the way of a word that comes after `return`."""
        self.blocks += 1
        try:
            if self.blocks > DEFAULT.nesting:
                raise error(
                    "E0407",
                    f"`{name}` is called {DEFAULT.nesting} calls deep: it calls itself without end",
                    Label(span),
                )
            yield
        finally:
            self.blocks -= 1

    def through(self, problem: SpecError, span: Span, text: str) -> SpecError:
        """The error, with one more call on its trail."""
        added = []
        for d in problem.diagnostics:
            trail = (*d.trail, Label(span, text))
            if len(trail) > DEFAULT.trail:
                trail = (*trail[: DEFAULT.trail // 2], *trail[-(DEFAULT.trail // 2) :])
            added.append(replace(d, trail=trail))
        return SpecError(*added)

    def missing(self, callee: str, name: str, span: Span) -> SpecError:
        return error(
            "E0206",
            f"`{callee}` needs `{name}`",
            Label(span, f"no `{name}` is given"),
            fixes=[Fix(f"write `{callee}({name} = ...)`")],
        )

    def parameters(self, callee: type[Op] | Defined) -> dict[str, bool]:
        """The parameters of a callee, in order, and whether each must be given."""
        if isinstance(callee, Defined):
            return {p.name: p.default is None for p in getattr(callee.definition, "params", ())}
        return {name: default is MISSING for name, (_, default, _) in callee.arguments().items()}

    def bind(self, callee: type[Op] | Defined, layers: tuple[Layer, ...], span: Span) -> dict[str, Argument]:
        """Which parameter each argument is for. Each is given once; those of a default line give way."""
        params = self.parameters(callee)
        bound: dict[str, Argument] = {}
        soft: set[str] = set()
        for layer in layers:
            here: set[str] = set()
            named = {a.name for a in layer.arguments}
            for argument in layer.arguments:
                name = argument.name
                if name is None:
                    name = self.next_free(callee, params, bound, soft, here | named, argument, layers)
                elif name not in params:
                    raise self.no_parameter(callee.name, name, params, argument)
                if name in bound and name not in soft:
                    raise error(
                        "E0207",
                        f"`{name}` of `{callee.name}` is given twice",
                        Label(argument.span, "here"),
                        Label(bound[name].span, "and here first"),
                        fixes=[Fix("remove one of them")],
                    )
                bound[name] = argument
                here.add(name)
                soft.discard(name)
                if layer.gives_way:
                    soft.add(name)
        return bound

    def next_free(
        self, callee: type[Op] | Defined, params: dict[str, bool], bound: dict[str, Argument], soft: set[str],
        taken: set[str | None], argument: Argument, layers: tuple[Layer, ...],
    ) -> str:  # fmt: skip
        """The parameter that an argument without a name is for: the first that has none yet."""
        skipped: str | None = None
        for name, needed in params.items():
            if name in taken:
                continue
            if name in bound and name not in soft:
                if not needed:
                    skipped = skipped or name
                continue
            if skipped is not None:
                raise error(
                    "E0205",
                    f"this argument would land in `{name}`, because `{skipped}` of `{callee.name}` is already given",
                    Label(argument.span, "say which parameter this is for"),
                    Label(bound[skipped].span, f"`{skipped}` is given here"),
                    fixes=[Fix(f"name the argument, as in `{name} = ...`")],
                )
            return name
        takes = (
            f"takes {len(params)} argument{'s' * (len(params) != 1)}: {quoted(params)}"
            if params
            else "takes no arguments"
        )
        raise error("E0204", f"`{callee.name}` {takes}", Label(argument.span, "one too many"))

    def no_parameter(self, callee: str, name: str, params: Iterable[str], argument: Argument) -> SpecError:
        has = f"it has {quoted(params)}" if params else "it takes no arguments"
        return error(
            "E0203",
            f"`{callee}` has no parameter `{name}`; {has}",
            Label(Span(argument.span.source, argument.span.start, argument.span.start + len(name))),
            fixes=did_you_mean(name, params, argument.span),
        )

    # -- flows -----------------------------------------------------------------------------------------------------------

    def flow(self, expr: syntax.Expr, x: Type, env: Env, label: str | None = None) -> AnyNode | None:
        """Run a flow on an input. None is the branch that is not there."""
        self.tick(expr.span)
        match expr:
            case syntax.Labelled():
                return self.flow(expr.item, x, env, self.filled(expr, env))
            case syntax.Chain():
                return self.chain(expr, x, env, label)
            case syntax.Infix():
                return self.infix(expr, x, env, label)
            case syntax.Concat():
                return self.concat(expr, x, env, label)
            case syntax.Repeat():
                return self.repeat(expr, x, env, label)
            case syntax.Choice():
                return self.body(self.chosen(expr, env), x, env, label)
            case syntax.List():
                return self.many(expr, [(item, env) for item in expr.items], x, label)
            case syntax.Each():
                over = self.numbers(expr.over, env)
                items = [(expr.item, self.bound(env, expr.name, value, expr.span)) for value in over]
                return self.many(expr, items, x, label)
            case syntax.Index():
                return self.pick(expr, x, env, label)
            case syntax.Ref() | syntax.Call():
                return self.run(self.meaning(expr, env), x, env, expr, label)
            case _:
                meaning = self.meaning(expr, env)
                if isinstance(meaning, Closure) and isinstance(expr, syntax.Compare | syntax.Power | syntax.Negative):
                    raise error(
                        "E0302",
                        "flows can be added, subtracted, multiplied, divided and concatenated",
                        Label(expr.span),
                    )
                raise self.not_a_flow(meaning, expr)

    def not_a_flow(self, meaning: Meaning, expr: syntax.Expr) -> SpecError:
        return error("E0302", f"a flow is needed here, and this is {self.describe(meaning)}", Label(expr.span))

    def filled(self, expr: syntax.Labelled, env: Env) -> str:
        """The label with the number that `{name}` means."""
        if "{" not in expr.label:
            return expr.label
        start, end = expr.label.index("{"), expr.label.index("}")
        name = expr.label[start + 1 : end]
        if name in ("0", "1"):
            return expr.label
        at = Span(expr.span.source, expr.span.start + start + 1, expr.span.start + end)
        value = self.meaning(syntax.Ref(at, name), env)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise error("E0401", f"`{{{name}}}` in a label is a whole number, not {self.describe(value)}", Label(at))
        return expr.label[:start] + str(value) + expr.label[end + 1 :]

    def run(self, meaning: Meaning, x: Type, env: Env, expr: syntax.Expr, label: str | None) -> AnyNode | None:
        """Run what an expression means on an input."""
        match meaning:
            case _None():
                return None
            case Value():
                return graph.Use(name=meaning.name, input=x, output=meaning.type, label=label, at=self.at(expr.span))
            case Closure():
                return self.flow(meaning.expr, x, replace(meaning.env, defaults=env.defaults), label)
            case Defaulted():
                return self.run(*self.unwrapped(meaning, (), env, x), expr, label)
            case Applied(Defaulted() as callee, layers):
                return self.run(*self.unwrapped(callee, layers, env, x), expr, label)
            case Applied(Defined() as callee, layers):
                return self.call(callee, layers, x, env, expr, label)
            case Applied(callee, layers):
                assert isinstance(callee, type)
                return self.step(callee, layers, x, expr, label)
            case _:
                raise self.not_a_flow(meaning, expr)

    def unwrapped(
        self, defaulted: Defaulted, layers: tuple[Layer, ...], env: Env, x: Type
    ) -> tuple[Meaning, Type, Env]:
        """What a default means, in an env where its name has the older meaning; its arguments give way to `layers`."""
        inner = env.default(defaulted.before, defaulted.name)
        meaning = defaulted.meaning
        if isinstance(meaning, Applied):
            soft = tuple(replace(layer, gives_way=True) for layer in meaning.layers)
            return Applied(meaning.callee, (*soft, *layers)), x, inner
        if isinstance(meaning, Defaulted):
            return (Applied(meaning, layers) if layers else meaning), x, inner
        if layers:
            raise error(
                "E0204",
                f"the default `{defaulted.name}` is {self.describe(meaning)} and takes no arguments",
                Label(layers[-1].span),
                Label(defaulted.line.span, "this default"),
            )
        return meaning, x, inner

    def step(self, op: type[Op], layers: tuple[Layer, ...], x: Type, expr: syntax.Expr, label: str | None) -> AnyNode:
        bound = self.bind(op, layers, expr.span)
        try:
            made = op.make({name: a.meaning for name, a in bound.items()})
            output = made.apply(x)
        except Refused as problem:
            place = bound[problem.argument].span if problem.argument in bound else expr.span
            labels = [Label(place)] if place.source is expr.span.source else [Label(place), Label(expr.span)]
            if problem.code.startswith("E03"):
                labels[-1] = Label(labels[-1].span, f"what enters is {show(x)}")
            raise error(
                problem.code, problem.message, *labels, fixes=[Fix(problem.fix)] if problem.fix else []
            ) from None
        return graph.Step(op=made, input=x, output=output, label=label, at=self.at(expr.span))

    def chain(self, expr: syntax.Chain, x: Type, env: Env, label: str | None) -> AnyNode:
        items = []
        flow = x
        for item in expr.items:
            node = self.flow(item, flow, env)
            if node is None:
                raise error(
                    "E0302",
                    "`none` is a branch that is not there: it stands beside `+`, `*` or `++`, not in a chain",
                    Label(item.span),
                    fixes=[Fix("write `id` for the value itself")],
                )
            items.append(node)
            flow = node.output
        return graph.Chain(items=tuple(items), input=x, output=flow, label=label, at=self.at(expr.span))

    def infix(self, expr: syntax.Infix, x: Type, env: Env, label: str | None) -> AnyNode | None:
        """Joins worked from the left. Equal neighbours of + make one join."""
        left = self.operand(expr.items[0], x, env)
        for operator, item in zip(expr.operators, expr.items[1:], strict=True):
            right = self.operand(item, x, env)
            left = self.join(expr, operator, left, right, expr.items[0], item, x)
        if isinstance(left, graph.Constant):
            raise error("E0302", f"a flow is needed here, and this is {spoken(left.value)}", Label(expr.span))
        return self.labelled(left, label)

    def operand(self, item: syntax.Expr, x: Type, env: Env) -> AnyNode | graph.Constant | None:
        meaning = self.meaning(item, env)
        if is_number(meaning):
            if isinstance(meaning, bool | str | tuple):
                raise self.not_a_flow(meaning, item)
            assert isinstance(meaning, int | float)
            return graph.Constant(value=meaning)
        return self.flow(item, x, env)

    def join(
        self, expr: syntax.Infix, operator: str, left: AnyNode | graph.Constant | None,
        right: AnyNode | graph.Constant | None, first: syntax.Expr, item: syntax.Expr, x: Type,
    ) -> AnyNode | graph.Constant | None:  # fmt: skip
        if operator in ("//", "%"):
            raise error("E0302", f"`{operator}` works on numbers; flows take + - * /", Label(item.span))
        if isinstance(left, graph.Constant) and isinstance(right, graph.Constant):
            value = arithmetic.infix([left.value, right.value], (operator,))
            assert isinstance(value, int | float)
            return graph.Constant(value=value)
        if left is None or right is None:
            if operator in ("-", "/") and left is None and right is not None:
                raise error("E0302", f"`none` cannot stand before `{operator}`", Label(first.span))
            return right if left is None else left
        types = [n.output for n in (left, right) if not isinstance(n, graph.Constant)]
        for n in types:
            if is_list(n):
                raise error(
                    "E0302",
                    f"`{operator}` joins two flows, and one of these is a list of {len(n)}",
                    Label(expr.span),
                    fixes=[Fix("write `-> sum` to add the items of a list, or index it")],
                )
        output = types[0] if len(types) == 1 else self.meet(operator, left, right, first, item)
        same = (
            operator == "+"
            and isinstance(left, graph.Join)
            and left.operator == "+"
            and left.label is None
            and left.at == self.at(expr.span)
        )
        items = (*left.items, right) if same and isinstance(left, graph.Join) else (left, right)
        return graph.Join(operator=operator, items=items, input=x, output=output, at=self.at(expr.span))  # type: ignore[arg-type]

    def meet(
        self,
        operator: str,
        left: AnyNode | graph.Constant,
        right: AnyNode | graph.Constant,
        first: syntax.Expr,
        item: syntax.Expr,
    ) -> Type:
        """The shape of a sum or product of two flows."""
        assert not isinstance(left, graph.Constant) and not isinstance(right, graph.Constant)
        a, b = shapes(left.output)[0], shapes(right.output)[0]
        if a == b:
            return a
        if operator in ("*", "/") and len(a) == len(b) and all(m == n or n == 1 for m, n in zip(a, b, strict=True)):
            return a  # size-1 axes of the right side broadcast
        verb = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}[operator]
        labels = [
            Label(first.span if left.at == self.at(first.span) else self.span(left.at), f"this is {show(a)}"),
            Label(item.span, f"and this is {show(b)}"),
        ]
        labels += self.origins(left, right)
        raise error("E0301", f"cannot {verb} {show(a)} and {show(b)}", *labels, fixes=self.mends(operator, a, b))

    def mends(self, operator: str, a: tuple[int, ...], b: tuple[int, ...]) -> list[Fix]:
        if operator in ("*", "/"):
            if len(a) == len(b) and all(m == n or m == 1 for m, n in zip(a, b, strict=True)):
                return [Fix("write the larger side first: only the right side of `*` spreads over axes of size 1")]
            return [Fix("make the right side as large as the left, or of size 1 along an axis")]
        if len(a) != len(b):
            return [Fix("bring both sides to one rank: `flatten`, or `globalpool`")]
        if a[1:] == b[1:]:
            return [
                Fix(
                    f"give both sides one width: project the shortcut with `conv({a[0]}, 1)`, or `zeropad({max(a[0], b[0])})`"
                )
            ]
        return [Fix("give both sides one stride: the shortcut strides as the branch does")]

    def origins(self, left: AnyNode, right: AnyNode) -> list[Label]:
        """Where the shapes that do not meet came from: the op on each side that made the first differing axis."""
        labels = []
        for node, other in ((left, right), (right, left)):
            a, b = shapes(node.output)[0], shapes(other.output)[0]
            axis = next((i for i, (m, n) in enumerate(zip(a, b, strict=False)) if m != n), 0)
            at = self.origin(node, axis)
            if at is not None and at not in (left.at, right.at):
                what = f"{a[axis]} channels" if axis == 0 else f"{a[axis]} positions"
                labels.append(Label(self.span(at), f"{what} come from here"))
        return labels

    def origin(self, node: AnyNode, axis: int) -> graph.Place | None:
        """The text of the last op that changed an axis on the way through a node."""
        if is_list(node.output):
            return None

        def changed(n: AnyNode) -> bool:
            if is_list(n.input) or is_list(n.output):
                return True
            before, after = shapes(n.input)[0], shapes(n.output)[0]
            return len(before) != len(after) or (axis < len(before) and before[axis] != after[axis])

        match node:
            case graph.Step() | graph.Use():
                return node.at
            case graph.Call():
                return self.origin(self.instances[node.instance].body, axis) or node.at
            case graph.Chain() | graph.Body():
                for item in reversed(graph.children(node)):
                    if changed(item):
                        return self.origin(item, axis)
                return None
            case graph.Join() | graph.Repeat():
                for item in graph.children(node):
                    if changed(item):
                        return self.origin(item, axis)
                return None
            case _:
                return node.at

    def concat(self, expr: syntax.Concat, x: Type, env: Env, label: str | None) -> AnyNode | None:
        found = [(item, node) for item in expr.items if (node := self.flow(item, x, env)) is not None]
        if len(found) < 2:
            return self.labelled(found[0][1], label) if found else None
        nodes = [node for _, node in found]
        lists = [is_list(node.output) for node in nodes]
        if any(lists) != all(lists):
            raise error(
                "E0302",
                "`++` joins flows along the channels, or lists end to end; not one with the other",
                *(Label(i.span, f"this is {show(n.output)}") for i, n in found),
            )
        output: Type
        if all(lists):
            output = tuple(shape for node in nodes for shape in shapes(node.output))
        else:
            first = shapes(nodes[0].output)[0]
            for item, node in found[1:]:
                if shapes(node.output)[0][1:] != first[1:]:
                    labels = [
                        Label(found[0][0].span, f"this is {show(first)}"),
                        Label(item.span, f"and this is {show(node.output)}"),
                    ]
                    raise error(
                        "E0301",
                        f"cannot concatenate {show(first)} and {show(node.output)}: only the channels may differ",
                        *labels,
                        *self.origins(nodes[0], node),
                    )
            output = (sum(shapes(node.output)[0][0] for node in nodes), *first[1:])
            if output[0] > DEFAULT.dimension:
                raise error(
                    "E0306",
                    f"{show(output)}: an axis of {output[0]:,}; {DEFAULT.dimension:,} is the most",
                    Label(expr.span),
                )
        return graph.Join(operator="++", items=tuple(nodes), input=x, output=output, label=label, at=self.at(expr.span))

    def many(self, expr: syntax.Expr, items: list[tuple[syntax.Expr, Env]], x: Type, label: str | None) -> AnyNode:
        if len(items) > DEFAULT.items:
            raise error("E0405", f"a list of {len(items):,} items; {DEFAULT.items:,} are the most", Label(expr.span))
        nodes = []
        for item, env in items:
            meaning = self.meaning(item, env)
            if is_number(meaning):
                raise error(
                    "E0302",
                    f"a list holds flows or numbers; this one begins with flows, and this is {spoken(meaning)}",
                    Label(item.span),
                )
            node = self.flow(item, x, env)
            if node is None or is_list(node.output):
                what = "`none`" if node is None else "a list of flows"
                raise error("E0302", f"an item of a list is one flow, not {what}", Label(item.span))
            nodes.append(node)
        if not nodes:
            raise error("E0302", "a list of flows has at least one item", Label(expr.span))
        output = tuple(shapes(node.output)[0] for node in nodes)
        return graph.Many(items=tuple(nodes), input=x, output=output, label=label, at=self.at(expr.span))

    def pick(self, expr: syntax.Index, x: Type, env: Env, label: str | None) -> AnyNode:
        meaning = self.indexed(expr, env)
        if is_number(meaning):
            raise self.not_a_flow(meaning, expr)
        node = self.flow(expr.item, x, env)
        if len(expr.indices) > 1:
            raise error("E0302", "a list of flows has one index", Label(expr.span))
        i = self.whole(expr.indices[0], env, "an index")
        if node is None or not is_list(node.output):
            what = "`none`" if node is None else show(node.output)
            raise error("E0302", f"only a list of flows has items, and this is {what}", Label(expr.item.span))
        if not -len(node.output) <= i < len(node.output):
            raise error(
                "E0406",
                f"there is no item {i}: the list has items 0 to {len(node.output) - 1}",
                Label(expr.indices[0].span),
            )
        i %= len(node.output)
        return graph.Pick(
            item=node, index=i, input=x, output=shapes(node.output)[i], label=label, at=self.at(expr.span)
        )

    def repeat(self, expr: syntax.Repeat, x: Type, env: Env, label: str | None) -> AnyNode:
        """Rounds. Without an index, a round that keeps the shape stands for all that follow."""
        times = self.whole(expr.times, env, "the number of rounds")
        if times < 0:
            raise error("E0404", f"{times} rounds: a repeat has none or more", Label(expr.times.span))
        rounds: list[graph.Round] = []
        flow, done = x, 0
        while done < times:
            self.tick(expr.span)
            inner = env if expr.index is None else self.bound(env, expr.index, done, expr.span)
            node = self.body(expr.body, flow, inner)
            if node is None:
                raise error(
                    "E0302", "`none` is a branch that is not there: it cannot be repeated", Label(expr.body.span)
                )
            count = times - done if expr.index is None and node.output == flow else 1
            if rounds and rounds[-1].body == node:
                last = rounds.pop()
                rounds.append(graph.Round(count=last.count + count, first=last.first, body=node))
            else:
                rounds.append(graph.Round(count=count, first=done, body=node))
            if len(rounds) > DEFAULT.distinct_blocks:
                raise error("E0405", f"more than {DEFAULT.distinct_blocks:,} rounds that differ", Label(expr.span))
            flow, done = node.output, done + count
        return graph.Repeat(
            index=expr.index, rounds=tuple(rounds), input=x, output=flow, label=label, at=self.at(expr.span)
        )

    def labelled(self, node: AnyNode | None, label: str | None) -> AnyNode | None:
        """The node under a label; a label over a label makes a group."""
        if node is None or label is None:
            return node
        if node.label is not None or isinstance(node, graph.Use):
            return graph.Chain(items=(node,), input=node.input, output=node.output, label=label, at=node.at)
        return node.model_copy(update={"label": label})

    # -- bodies ------------------------------------------------------------------------------------------------------------

    def body(self, body: syntax.Body, x: Type, env: Env, label: str | None = None) -> AnyNode | None:
        """The lines of a body. One flow alone is itself; a body of nothing is the identity."""
        if len(body.lines) == 1 and not isinstance(
            body.lines[0], syntax.Let | syntax.Default | syntax.Order | syntax.Section | syntax.Expect
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
                    raise error(
                        "E0302",
                        "`none` is a branch that is not there: it stands beside `+`, `*` or `++`",
                        Label(line.span),
                    )
                return None
        self.all_read(named)
        return graph.Body(lines=tuple(lines), input=x, output=flow, label=label, at=self.at(body.span))

    def line(self, line: syntax.Line, x: Type, env: Env, named: list[Items]) -> tuple[Env, graph.Line | None, bool]:
        """The env after a line, what it adds to the body, and whether it is `none`."""
        match line:
            case syntax.Let():
                return (*self.let(line, x, env, named), False)
            case syntax.Default():
                return self.default(line, env), None, False
            case syntax.Expect() | syntax.Order():
                return env, None, False
            case syntax.Section():
                node = self.flow(line.flow, x, env)
                if node is None:
                    raise error(
                        "E0302",
                        f"the section `{line.name}` is `none`: a branch that is not there",
                        Label(line.flow.span),
                    )
                env = self.labels(node, env)
                env = self.bound(env, line.name, Value(line.name, node.output), line.span)
                env = replace(env, labels=env.labels | {line.name})
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
            return self.bound(env, line.name, value, line.span), None
        node = self.flow(line.value, x, env)
        if node is None:
            return self.bound(env, line.name, NONE, line.span), None
        env = self.bound(self.labels(node, env), line.name, Value(line.name, node.output), line.span)
        return env, graph.Line(kind="let", name=line.name, node=node)

    def default(self, line: syntax.Default, env: Env) -> Env:
        if line.name in env.names:
            raise error(
                "E0207",
                f"`{line.name}` already has a meaning here; a default is for names that blocks leave open",
                Label(line.span),
            )
        meaning = self.meaning(line.value, env)
        if any(True for _ in self.values(meaning)):
            raise error(
                "E0204",
                "a default cannot hold a value that ran before; hand it to the blocks as an argument",
                Label(line.span),
            )
        self.default_lines.setdefault(line, False)
        before = env.defaults.get(line.name)
        return env.default(Defaulted(line.name, meaning, before, line, len(self.frames) - 1), line.name)

    def labels(self, node: AnyNode, env: Env) -> Env:
        """The labels of a line are names for the later ones."""
        stack = [node]
        while stack:
            n = stack.pop()
            if n.label is not None and n.label.isidentifier():
                if n.label in env.names:
                    raise error(
                        "E0207",
                        f"`{n.label}` already has a meaning here",
                        Label(self.span(n.at)),
                        fixes=[Fix("choose another label")],
                    )
                env = replace(env.let(n.label, Value(n.label, n.output)), labels=env.labels | {n.label})
            if n.label is None and not isinstance(n, graph.Body | graph.Repeat):
                stack.extend(graph.children(n))  # what stands inside a labelled group is its own affair
        return env

    def all_read(self, named: Iterable[Items]) -> None:
        """A list of which some items are read and others not is too long for its use."""
        for items in named:
            unread = sorted(set(range(len(items.items))) - items.read)
            if items.read and unread:
                which = f"item {unread[0]}" if len(unread) == 1 else f"items {', '.join(map(str, unread[:4]))}"
                raise error(
                    "E0406",
                    f"the list has {len(items.items)} items, and {which} (counted from 0) {'is' if len(unread) == 1 else 'are'} never read",
                    Label(items.span, "too long for its use"),
                    fixes=[Fix("shorten the list, or use the items")],
                )

    # -- blocks --------------------------------------------------------------------------------------------------------------

    def call(
        self, callee: Defined, layers: tuple[Layer, ...], x: Type, env: Env, expr: syntax.Expr, label: str | None
    ) -> AnyNode | None:
        """A block on an input: an instance, made once for equal arguments, defaults and input."""
        block = callee.definition
        if not isinstance(block, syntax.Block):
            raise error("E0302", f"`{callee.name}` is a function of numbers; a flow is needed here", Label(expr.span))
        given = self.bind(callee, layers, expr.span)
        self.unread_arguments(callee, block, given, x, env)
        captured: dict[str, str] = {}
        lifted = {p.name: self.lifted(given[p.name].meaning, p.name, captured) for p in block.params if p.name in given}
        width = tuple(shape[0] for shape in shapes(x)) if is_list(x) else shapes(x)[0][0]
        outer = Env(callee.scope, width, {}, env.defaults)
        inner, named = self.enter(callee, block, lifted, given, outer, expr.span)
        key = block, x, tuple(self.key(inner.names[p.name]) for p in block.params)
        number = self.known(key, env)
        if number is None:
            number = self.instance(callee, block, inner, named, x, expr, key)
        if number < 0:
            return None
        instance = self.instances[number]
        word = expr.name if isinstance(expr, syntax.Ref | syntax.Call) else callee.name
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
        for reads, number in self.memo.get(key, ()):
            if all(
                (None if (d := env.defaults.get(name)) is None else self.key(d)) == was for name, was in reads.items()
            ):
                for name in reads:
                    self.read_default(name, env)
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
        with self.deeper(expr.span, callee.name):
            self.frames.append(_Frame())
            try:
                body = self.body(block.body, x, env)
                self.all_read(named)
            except SpecError as problem:
                raise self.through(problem, expr.span, f"in `{callee.name}` on {show(x)}, called here") from None
            finally:
                frame = self.frames.pop()
        number = -1
        if body is not None:
            number = len(self.instances)
            if number >= DEFAULT.distinct_blocks:
                raise error("E0405", f"more than {DEFAULT.distinct_blocks:,} distinct blocks", Label(expr.span))
            meanings = [env.names[p.name] for p in block.params]
            self.instances.append(
                graph.Instance(
                    definition=self.definition(block),
                    arguments={p.name: self.printed_meaning(m) for p, m in zip(block.params, meanings, strict=True)},
                    input=x,
                    output=body.output,
                    values={v.name: v.type for m in meanings for v in self.values(m)},
                    body=body,
                )
            )
        self.memo.setdefault(key, []).append((frame.reads, number))
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
            elif (defaulted := self.read_default(param.name, env)) is not None:
                meaning, place = self.opened(defaulted), defaulted.line.span
            elif param.default is not None:
                meaning, place = self.meaning(param.default, env), param.span
            else:
                raise self.missing(callee.name, param.name, span)
            value = self.named_list(meaning, place)
            if isinstance(value, Items):
                named.append(value)
            env = env.let(param.name, value)
        return env, named

    def unread_arguments(
        self, callee: Defined, block: syntax.Block, given: dict[str, Argument], x: Type, env: Env
    ) -> None:
        """An argument that the block never reads must be what the block declares: else it would change nothing, silently."""
        for param in block.params:
            if param.name in given and param.default is not None and not _reads(block, param.name):
                declared = self.meaning(param.default, Env(callee.scope, shapes(x)[0][0], {}, {}))
                if self.key(given[param.name].meaning) != self.key(declared):
                    value = self.describe(given[param.name].meaning)
                    raise error(
                        "E0204",
                        f"`{param.name} = {value}` changes nothing: `{callee.name}` never reads `{param.name}`",
                        Label(given[param.name].span, "given here"),
                        Label(param.span, "declared here, and not used in the body"),
                        fixes=[Fix("leave the argument out, or choose a block that uses it")],
                    )

    def values(self, meaning: Meaning | Items) -> Iterator[Value]:
        """The named values inside a meaning."""
        match meaning:
            case Value():
                yield meaning
            case Closure(expr, env):
                for name in sorted(self.free_names(expr)):
                    if name in env.names:
                        yield from self.values(env.names[name])
            case Applied(callee, layers):
                if isinstance(callee, Defaulted):
                    yield from self.values(callee)
                for layer in layers:
                    for argument in layer.arguments:
                        yield from self.values(argument.meaning)
            case Defaulted():
                yield from self.values(meaning.meaning)
            case _:
                pass

    def lifted(self, meaning: Meaning, prefix: str, captured: dict[str, str]) -> Meaning:
        """A meaning for the inside of a block: the named values in it get the names that the block knows them by."""
        match meaning:
            case Value():
                captured[prefix] = meaning.name
                return Value(prefix, meaning.type)
            case Closure(expr, env):
                names = {
                    n: self.lifted(m, f"{prefix}.{n}", captured) if not isinstance(m := env.names[n], Items) else m
                    for n in sorted(self.free_names(expr))
                    if n in env.names
                }
                return Closure(expr, replace(env, names={**env.names, **names}))
            case Applied(callee, layers):
                return Applied(
                    callee,
                    tuple(
                        replace(
                            layer,
                            arguments=tuple(
                                replace(a, meaning=self.lifted(a.meaning, f"{prefix}.{a.name or f'{k}.{i}'}", captured))
                                for i, a in enumerate(layer.arguments)
                            ),
                        )
                        for k, layer in enumerate(layers)
                    ),
                )
            case _:
                return meaning

    def printed_meaning(self, meaning: Meaning | Items) -> str:
        """An argument as a person would write it."""
        match meaning:
            case Items():
                return self.printed_meaning(meaning.items)
            case Closure():
                return " ".join(meaning.expr.span.text.split())
            case Value():
                return meaning.name
            case Defaulted():
                return self.printed_meaning(meaning.meaning)
            case Applied(callee, layers):
                name = callee.name
                given = ", ".join(
                    (f"{a.name} = " if a.name else "") + self.printed_meaning(a.meaning)
                    for layer in layers
                    for a in layer.arguments
                )
                return f"{name}({given})" if given else name
            case _None():
                return "none"
            case _:
                return spoken(meaning)

    def definition(self, definition: syntax.Definition) -> int:
        """The number of a definition in the program."""
        if definition not in self.definitions:
            self.definitions[definition] = len(self.printed)
            order = [n for line in definition.body.lines if isinstance(line, syntax.Order) for n in line.names]
            params = getattr(definition, "params", ())
            self.printed.append(
                graph.Definition(
                    kind={syntax.Block: "block", syntax.Model: "model", syntax.Variant: "variant"}[type(definition)],  # type: ignore[arg-type,index]
                    name=definition.name,
                    source=self.at(definition.span)[0],
                    line=definition.span.source.position(definition.span.start)[0],
                    doc=definition.doc,
                    parameters=tuple(
                        graph.Parameter(name=p.name, default=p.default.span.text if p.default else None) for p in params
                    ),
                    order=tuple(order),
                    merges=merges(definition.body),
                    text=definition.span.text,
                )
            )
        return self.definitions[definition]

    # -- models ----------------------------------------------------------------------------------------------------------------

    def model(self, model: Defined, input: tuple[int, ...] | None, settings: tuple[syntax.Arg, ...]) -> graph.Program:
        flat = flatten(model)
        base = flat.base.definition
        shape = input or flat.input.shape
        self.check_input(shape, flat.input)
        env, named, arguments = self.model_env(flat, shape, settings)
        for layer in flat.chain:
            self.definition(layer.definition)
        lines: list[graph.Line] = []
        flow: Type = shape
        own = {id(line) for line, scope in flat.lines if line in model.definition.body.lines}
        for line, scope in flat.lines:
            env, made, ended = self.line(line, flow, replace(env, scope=scope), named)
            if ended:
                raise error(
                    "E0302", "`none` is a branch that is not there: it cannot be a line of a model", Label(line.span)
                )
            if made is not None:
                lines.append(made)
                flow = flow if made.kind == "let" else made.node.output
        self.all_read(named)
        for line, read in self.default_lines.items():
            inherited = any(line is other for other, _ in flat.lines) and id(line) not in own
            if not read and not inherited:
                where = "; every block it reaches is given its own" if base else ""
                raise error(
                    "E0208",
                    f"nothing reads the default `{line.name}`",
                    Label(line.span, f"no block below leaves `{line.name}` open{where}"),
                    fixes=[
                        *did_you_mean(
                            line.name, self.open_names(), Span(line.span.source, line.span.start + 8, line.span.end)
                        ),
                        Fix("remove the line", (Edit(line.span, ""),)),
                    ],
                )
        if not any(line.kind != "let" for line in lines):
            raise error("E0302", f"the model `{model.name}` has no flow", Label(model.definition.span))
        body = graph.Body(lines=tuple(lines), input=shape, output=flow, at=self.at(model.definition.span))
        return graph.Program(
            model=model.name,
            doc=next((d.definition.doc for d in flat.chain if d.definition.doc), ()),
            arguments=arguments,
            input=shape,
            output=flow,
            body=body,
            instances=tuple(self.instances),
            definitions=tuple(self.printed),
            sources=tuple(s.name for s in self.source_list),
        )

    def open_names(self) -> set[str]:
        names = {p.name for d in self.definitions for p in getattr(d, "params", ())}
        return names | {
            n.name for d in self.definitions for n in syntax.walk(d) if isinstance(n, syntax.Ref | syntax.Call)
        }

    def check_input(self, shape: tuple[int, ...], line: syntax.Input) -> None:
        if not 1 <= len(shape) <= 4 or not all(1 <= n <= DEFAULT.dimension for n in shape):
            raise error(
                "E0306",
                f"{show(shape)} is not an input: channels and up to three axes, each from 1 to {DEFAULT.dimension:,}",
                Label(line.span),
            )

    def model_env(
        self, flat: Flat, shape: tuple[int, ...], settings: tuple[syntax.Arg, ...]
    ) -> tuple[Env, list[Items], dict[str, str]]:
        """The parameters of the base model: settings, then the arguments of the variants, the last one first."""
        base = flat.base.definition
        assert isinstance(base, syntax.Model)
        given: dict[str, Argument] = {}
        params = {p.name: p.default is None for p in base.params}
        chain = [(d, d.definition.args) for d in reversed(flat.chain) if isinstance(d.definition, syntax.Variant)]
        chain += [(flat.chain[0], settings)] if settings else []
        for number, (defined, args) in enumerate(chain):
            layer = self.layer(args, Env(defined.scope, None), defined.definition.span)
            for argument in layer.arguments:
                if argument.name is None and number > 0:
                    raise error(
                        "E0205",
                        "a variant of a variant names its arguments",
                        Label(argument.span),
                        fixes=[Fix(f"write `name = ...`; `{base.name}` has {quoted(params)}")],
                    )
                if argument.name is not None and argument.name not in params:
                    raise self.no_parameter(base.name, argument.name, params, argument)
            given |= self.bind(flat.base, (layer,), layer.span)
        env = Env(flat.base.scope, shape[0])
        named = []
        for param in base.params:
            if param.name in given:
                meaning, place = given[param.name].meaning, given[param.name].span
            elif param.default is not None:
                meaning, place = self.meaning(param.default, env), param.span
            else:
                raise error(
                    "E0206",
                    f"`{flat.chain[0].name}` is a template: `{param.name}` has no value",
                    Label(param.span),
                    fixes=[Fix(f"make a variant of it: `model my_net = {base.name}({param.name} = ...)`")],
                )
            value = self.named_list(meaning, place)
            if isinstance(value, Items):
                named.append(value)
            env = env.let(param.name, value)
        self.unread_model_arguments(flat, given)
        return env, named, {p.name: self.printed_meaning(env.names[p.name]) for p in base.params}

    def unread_model_arguments(self, flat: Flat, given: dict[str, Argument]) -> None:
        """What the user's own variant gives must be read by some line."""
        own = flat.chain[0].definition
        if not isinstance(own, syntax.Variant):
            return
        for name, argument in given.items():
            if any(argument.span is a.span for a in own.args) and not any(
                _mentions(line, name) for line, _ in flat.lines
            ):
                raise error(
                    "E0204",
                    f"`{name}` changes nothing: no line of `{own.name}` reads it",
                    Label(argument.span, "given here"),
                )


# -- variants --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Flat:
    """A model with the lines of its variants in place. `chain` goes from the model itself to its base."""

    base: Defined
    chain: tuple[Defined, ...]
    input: syntax.Input
    lines: tuple[tuple[syntax.Line, Scope], ...]
    expects: tuple[syntax.Expect, ...]


def flatten(model: Defined) -> Flat:
    """Each line of a variant replaces its base's line of the same kind and label; new `let`s and `default`s come first."""
    definition = model.definition
    own = [(line, model.scope) for line in definition.body.lines if not isinstance(line, syntax.Expect)]
    expects = tuple(line for line in definition.body.lines if isinstance(line, syntax.Expect))
    if isinstance(definition, syntax.Model):
        return Flat(model, (model,), definition.input, tuple(own), expects)
    assert isinstance(definition, syntax.Variant)
    parent = flatten(base_of(model))
    lines = list(parent.lines)
    places = {_kind(line): i for i, (line, _) in enumerate(lines)}
    new = []
    for line, scope in own:
        kind = _kind(line)
        if kind in places:
            lines[places[kind]] = (line, scope)
        elif kind[0] in ("let", "default"):
            new.append((line, scope))
        else:
            labels = [name for what, name in places if what == "part" and name]
            said = f"no line `{kind[1]}`; its lines are {quoted(labels)}" if kind[1] else "no line like this"
            near = nearest(kind[1], labels)
            raise error(
                "E0203",
                f"`{definition.base.name}` has {said}",
                Label(line.span),
                Label(definition.base.span, "varied here"),
                fixes=[Fix(f"did you mean `{near}`?")] if near else [],
            )
    return Flat(parent.base, (model, *parent.chain), definition.input or parent.input, (*new, *lines), expects)


def _kind(line: syntax.Line) -> tuple[str, str]:
    match line:
        case syntax.Let():
            return "let", line.name
        case syntax.Default():
            return "default", line.name
        case syntax.Order():
            return "order", ""
        case syntax.Section():
            return "part", line.name
        case _:
            first = syntax.opening(line)
            return "part", first.label if isinstance(first, syntax.Labelled) else ""


def _mentions(line: syntax.Syntax, name: str) -> bool:
    return any(isinstance(n, syntax.Ref | syntax.Call) and n.name == name for n in syntax.walk(line)) or any(
        isinstance(n, syntax.Labelled) and f"{{{name}}}" in n.label for n in syntax.walk(line)
    )


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


_READS: dict[tuple[syntax.Block, str], bool] = {}


def _reads(block: syntax.Block, name: str) -> bool:
    """Whether a block's body, or the default of one of its parameters, reads a parameter."""
    if (block, name) not in _READS:
        _READS[block, name] = any(_mentions(part, name) for part in (block.body, *block.params))
    return _READS[block, name]


def is_template(model: Defined) -> bool:
    """Whether a model has a parameter without a value: it is there for variants, and cannot be counted."""
    flat = flatten(model)
    base = flat.base.definition
    assert isinstance(base, syntax.Model)
    given: set[str] = set()
    positional = 0
    for defined in flat.chain:
        if isinstance(defined.definition, syntax.Variant):
            given |= {a.name for a in defined.definition.args if a.name}
            positional += sum(a.name is None for a in defined.definition.args)
    free = [p for p in base.params if p.name not in given]
    return any(p.default is None for p in free[positional:])


def all_diagnostics(problems: Iterable[SpecError]) -> tuple[Diagnostic, ...]:
    """The diagnostics of several errors, each once."""
    seen: dict[object, Diagnostic] = {}
    for problem in problems:
        for d in problem.diagnostics:
            seen.setdefault((d.code, d.message, d.labels[:1] and (d.labels[0].span.where())), d)
    return tuple(seen.values())
