"""Expressions: the number that one means, or the flow as a meaning. Nothing is run here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from resdsl import arithmetic, syntax
from resdsl.arithmetic import Impossible
from resdsl.diagnostics import Fix, Label, Span, SpecError, error
from resdsl.elaborate.binding import bind, missing
from resdsl.elaborate.meanings import (
    NONE,
    Applied,
    Argument,
    Closure,
    Defaulted,
    Env,
    Items,
    Layer,
    Meaning,
    describe,
    is_number,
)
from resdsl.elaborate.names import Names
from resdsl.limits import DEFAULT
from resdsl.ops import OPS, spoken
from resdsl.scope import Defined, index_span, name_span


class Numbers(Names):
    """The meaning of expressions."""

    def meaning(self, expr: syntax.Expr, env: Env) -> Meaning:
        """The number that an expression means, or the flow as a meaning: nothing is run."""
        self.tick(expr.span)
        match expr:
            case syntax.Ref():
                found = self.lookup(expr.name, env, expr.span)
                if isinstance(found, Items):
                    self.touch(len(found.items))
                    return found.whole()
                return found
            case syntax.Call():
                return self.called(expr, env)
            case syntax.Number() | syntax.Text() | syntax.Flag():
                return expr.value
            case syntax.Width():
                if env.width is None:
                    raise error(
                        "E0202",
                        "`in` is the width of what enters a block, and this stands outside of blocks",
                        Label(expr.span),
                        fixes=[
                            Fix("write the number; or make a block of the flow, or hand it to the function: `f(in)`")
                        ],
                    )
                return env.width
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
                items = [(expr.item, self.bound(env, expr.name, value, index_span(expr))) for value in over]
                return self.listed(expr, items, env)
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
        self.touch_all(tuple(values))
        with self.worked_out(expr, env):
            return work(values)

    @contextmanager
    def worked_out(self, expr: syntax.Expr, env: Env | None = None) -> Iterator[None]:
        """What arithmetic cannot do is an error at its place, with what the names there mean."""
        try:
            yield
        except Impossible as problem:
            known = env.names if env else {}
            worth = {name: known[name] for name in sorted(expr.reads) if name in known}
            told = [f"`{name}` is {spoken(value)}" for name, value in worth.items() if isinstance(value, int | float)]
            label = Label(expr.span, ", ".join(told[:4]))
            fixes = [Fix(problem.fix)] if problem.fix else []
            raise error(problem.code, problem.message, label, fixes=fixes) from None

    def listed(self, expr: syntax.Expr, items: list[tuple[syntax.Expr, Env]], env: Env) -> Meaning:
        with self.worked_out(expr):
            arithmetic.check_items(len(items))
        values = []
        for item, inner in items:
            values.append(self.meaning(item, inner))
            if not is_number(values[-1]):
                return Closure(expr, env)
        self.touch_all(result := tuple(values))
        return result

    def indexed(self, expr: syntax.Index, env: Env) -> Meaning:
        named = isinstance(expr.item, syntax.Ref) and env.names.get(expr.item.name)
        value: Meaning = named.items if isinstance(named, Items) else self.meaning(expr.item, env)
        if not is_number(value):
            return Closure(expr, env)
        within = named if isinstance(named, Items) else None
        for depth, item in enumerate(expr.indices):
            if not isinstance(value, tuple):
                place = Label(named.span, "made here") if isinstance(named, Items) else None
                what = f"only a list has items, and this is {spoken(value)}"
                fix = Fix("leave the index out, or write a list: `[a, b]`")
                raise error("E0401", what, Label(expr.span), *([place] if place else []), fixes=[fix])
            i = self.whole(item, env, "an index")
            if not -len(value) <= i < len(value):
                labels = [Label(item.span, f"item {i}")]
                if isinstance(named, Items):
                    labels.append(Label(named.span, f"a list of {len(value)}" if value else "an empty list"))
                more = f"give the list {i + 1} item{'s' * (i > 0)}, or use fewer"
                fix = Fix(more if i >= 0 else "the last item is -1, the first is 0")
                raise error("E0406", f"there is no item {i}: the list has {counted(len(value))}", *labels, fixes=[fix])
            if within is not None and isinstance(item, syntax.Number | syntax.Negative):
                within = within.one(i % len(value), item.span, depth < len(expr.indices) - 1)
            elif within is not None:  # which items are read depends on other numbers: all may be
                within.whole()
                within = None
            value = value[i]
        return value

    def whole(self, expr: syntax.Expr, env: Env, what: str) -> int:
        value = self.meaning(expr, env)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        named = isinstance(expr, syntax.Ref) and env.names.get(expr.name)
        if isinstance(named, Items):
            labels = Label(named.span, "a list"), Label(expr.span, "used here")
            fix = f"write one number, or an item of a list: `xs[{len(named.items) - 1}]`"
            raise error("E0401", f"{what} is a whole number, not {describe(value)}", *labels, fixes=[Fix(fix)])
        fix = "write `//`, `floor` or `round`" if isinstance(value, float) else "write a number, or a name of one"
        raise error("E0401", f"{what} is a whole number, not {describe(value)}", Label(expr.span), fixes=[Fix(fix)])

    def flag(self, expr: syntax.Expr, env: Env) -> bool:
        value = self.meaning(expr, env)
        if isinstance(value, bool):
            return value
        if isinstance(value, Closure) and isinstance(expr, syntax.Compare):
            fix = Fix("compare their widths: `in` is that of what enters a block")
            raise error("E0401", "flows cannot be compared, only numbers", Label(expr.span), fixes=[fix])
        fix = Fix("compare it, as in `n != 0`" if is_number(value) else "compare numbers, as in `in == width`")
        raise error("E0401", f"`true` or `false` is needed here, not {describe(value)}", Label(expr.span), fixes=[fix])

    def numbers(self, expr: syntax.Expr, env: Env) -> tuple[Meaning, ...]:
        value = self.meaning(expr, env)
        if isinstance(value, tuple):
            return value
        fix = Fix(f"`range({spoken(value)})` counts from 0" if isinstance(value, int) else "write a list: `[a, b]`")
        raise error("E0401", f"a list of numbers is needed here, not {describe(value)}", Label(expr.span), fixes=[fix])

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
            env = self.bound(env, line.name, self.named_list(value, line.span), name_span(line))
        if not body.lines or isinstance(
            body.lines[-1], syntax.Let | syntax.Default | syntax.Expect | syntax.Order | syntax.Keys | syntax.Section
        ):
            return None
        result = self.meaning(body.lines[-1], env)
        return result if is_number(result) else None

    def named_list(self, meaning: Meaning, span: Span) -> Meaning | Items:
        return Items(meaning, span) if isinstance(meaning, tuple) else meaning

    # -- calls

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
            return self.builtin(expr, layer, env)
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
        what = describe(callee.items if isinstance(callee, Items) else callee)
        fix = "make a block of the inline flow: a block can take arguments"
        if not isinstance(callee, Closure):
            fix = f"hand in a block or an op as `{expr.name}`, or leave out the brackets"
        what = f"`{expr.name}` is called as a block here, and it is {what}"
        raise error("E0204", what, Label(place), fixes=[Fix(fix)])

    def layer(self, args: Iterable[syntax.Arg], env: Env, span: Span) -> Layer:
        return Layer(tuple(Argument(a.name, self.meaning(a.value, env), a.span) for a in args), span)

    def builtin(self, expr: syntax.Call, layer: Layer, env: Env) -> Meaning:
        values = []
        for argument in layer.arguments:
            if argument.name is not None or not is_number(argument.meaning):
                wanted = "no named arguments" if argument.name else f"numbers, not {describe(argument.meaning)}"
                fix = Fix(f"leave out `{argument.name} =`" if argument.name else "give it a number, or a name of one")
                raise error("E0204", f"`{expr.name}` takes {wanted}", Label(argument.span), fixes=[fix])
            values.append(argument.meaning)
        self.touch_all(tuple(values))
        with self.worked_out(expr, env):
            result: Meaning = arithmetic.call(expr.name, values)
            self.touch_all(result)
            return result

    def function(self, expr: syntax.Call, callee: Defined, layer: Layer) -> Meaning:
        """The value of a function: worked out once for equal arguments."""
        definition = callee.definition
        assert isinstance(definition, syntax.Function)
        given = bind(callee, (layer,), expr.name)
        self.unread_arguments(callee, definition, given, None, callee.name)
        env = Env(callee.scope, None)
        named: list[Items] = []
        for param in definition.params:
            if param.name in given:
                meaning = given[param.name].meaning
            elif param.default is not None:
                meaning = self.meaning(param.default, env)
            else:
                raise missing(callee, param.name, expr.span, given.values())
            if not is_number(meaning):
                what = f"a function takes numbers; `{param.name}` is {describe(meaning)}"
                place = given[param.name].span if param.name in given else expr.span
                fix = Fix("give it a number; what takes a flow is a `block`")
                raise error("E0401", what, Label(place), Label(param.span, "declared here"), fixes=[fix])
            value = self.named_list(meaning, given[param.name].span if param.name in given else param.span)
            if isinstance(value, Items):
                named.append(value)
            env = env.let(param.name, value, param.span)
        key = definition, tuple(self.key(env.names[p.name]) for p in definition.params)
        if key not in self.values_of:
            with self.deeper(expr.span, callee):
                try:
                    result = self.body_meaning(definition.body, env)
                    self.all_read(named)
                except SpecError as problem:
                    raise self.through(problem, expr.span, f"in the function `{callee.name}`, called here") from None
            if result is None:
                what = f"the function `{callee.name}` does not give a number"
                labels = Label(definition.body.span, "a flow"), Label(expr.span, "called here")
                raise error("E0401", what, *labels, fixes=[Fix("make it a `block`, or end it in a number")])
            self.values_of[key] = result
        return self.values_of[key]

    def unread_arguments(
        self,
        callee: Defined,
        block: syntax.Block | syntax.Function,
        given: dict[str, Argument],
        width: int | tuple[int, ...] | None,
        word: str,
    ) -> None:
        """An argument that is never read must be what is declared: it would change nothing, silently.

        `word` is what the block is called by; a default may have said so.
        """
        kind = "block" if isinstance(block, syntax.Block) else "function"
        for param in block.params:
            if param.name in given and param.default is not None and param.name not in block.reads:
                declared = self.meaning(param.default, Env(callee.scope, width, {}, {}))
                if self.key(given[param.name].meaning) != self.key(declared):
                    value = describe(given[param.name].meaning)
                    said = [d for d in self.default_lines if d.name == word and callee.name in d.value.reads - {word}]
                    raise error(
                        "E0204",
                        f"`{param.name} = {value}` changes nothing: `{callee.name}` never reads `{param.name}`",
                        Label(given[param.name].span, "given here"),
                        Label(param.span, "declared here, and not used in the body"),
                        *(Label(line.span, f"so `{word}` is `{callee.name}`") for line in said if len(said) == 1),
                        fixes=[Fix(f"leave the argument out, or take a {kind} that reads `{param.name}`")],
                    )

    def all_read(self, named: Iterable[Items]) -> None:
        """A list of which some items are read and others not is too long for its use."""
        stack = [*named][::-1]
        while stack:
            items = stack.pop()
            stack += [] if items.used else items.inner.values()
            unread = sorted(set(range(len(items.items))) - items.read.keys())
            if items.read and unread:
                one, last = len(unread) == 1, items.read[max(items.read)]
                which = f"item {unread[0]} is" if one else f"items {', '.join(map(str, unread[:4]))} are"
                raise error(
                    "E0406",
                    f"{items.name} has {len(items.items)} items, and {which} never read (counted from 0)",
                    Label(items.span, "too long for its use"),
                    *([Label(last, f"item {max(items.read)} is the last that is read")] if last else []),
                    fixes=[Fix("shorten the list, or use the items")],
                )

    @contextmanager
    def deeper(self, span: Span, callee: Defined) -> Iterator[None]:
        """One more call inside a call. The way back is the way of a word that comes after `return`."""
        self.blocks += 1
        try:
            if self.blocks > DEFAULT.nesting:
                name = callee.name
                fixes = [Fix("give the calls an end: an `if` around the call")]
                if name in OPS:
                    fixes = [Fix(f"rename the block: inside it, `{name}` means the block itself and not the op")]
                what = f"`{name}` calls itself without end: {DEFAULT.nesting} calls deep is the most"
                raise error("E0407", what, Label(span), fixes=fixes)
            yield
        finally:
            self.blocks -= 1


def counted(items: int) -> str:
    """The items of a list, as they are counted."""
    return f"items 0 to {items - 1}" if items > 1 else "item 0 alone" if items else "no items"
