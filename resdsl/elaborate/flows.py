"""Flows: what runs on an input, and what comes out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from resdsl import arithmetic, graph, syntax
from resdsl.diagnostics import Edit, Fix, Label, Span, SpecError, error
from resdsl.elaborate.binding import bind
from resdsl.elaborate.blocks import Blocks
from resdsl.elaborate.meanings import (
    LET_THROUGH,
    Applied,
    Argument,
    Closure,
    Defaulted,
    Env,
    Layer,
    Meaning,
    _None,
    describe,
    is_number,
)
from resdsl.elaborate.numbers import counted
from resdsl.graph import AnyNode
from resdsl.limits import DEFAULT
from resdsl.ops import Op, Refused, Type, Value, is_list, shapes, show, spoken
from resdsl.scope import Defined, index_span


class Flows(Blocks):
    """Flows run on their inputs."""

    def flow(self, expr: syntax.Expr, x: Type, env: Env, label: str | None = None) -> AnyNode | None:
        """Run a flow on an input. None is the branch that is not there."""
        self.tick(expr.span)
        if isinstance(expr, syntax.Labelled):
            return self.flow(expr.item, x, env, self.filled(expr, env))
        self.depth += 1
        try:
            self.check_depth(expr)
            return self.made(expr, x, env, label)
        finally:
            self.depth -= 1

    def check_depth(self, expr: syntax.Expr) -> None:
        """Flows inside one another have an end."""
        if self.depth > DEFAULT.flows:
            fix = Fix("make a block of what is inside")
            what = f"flows are more than {DEFAULT.flows} deep inside one another"
            raise error("E0405", what, Label(expr.span), fixes=[fix])

    def made(self, expr: syntax.Expr, x: Type, env: Env, label: str | None) -> AnyNode | None:
        """What a flow without a label gives."""
        match expr:
            case syntax.Ref() | syntax.Call():
                return self.run(self.meaning(expr, env), x, env, expr, label)
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
                items = [(expr.item, self.bound(env, expr.name, value, index_span(expr))) for value in over]
                return self.many(expr, items, x, label)
            case syntax.Index():
                return self.pick(expr, x, env, label)
            case _:
                meaning = self.meaning(expr, env)
                if isinstance(meaning, Closure) and isinstance(expr, syntax.Compare | syntax.Power | syntax.Negative):
                    kind = {syntax.Power: "`**`", syntax.Negative: "a sign"}.get(type(expr), "a comparison")
                    fix = Fix("flows take `+ - * /` and `++`; `(-1) * flow` turns a sign")
                    raise error("E0302", f"{kind} is for numbers, and this is a flow", Label(expr.span), fixes=[fix])
                raise self.not_a_flow(meaning, expr)

    def not_a_flow(self, meaning: Meaning, expr: syntax.Expr) -> SpecError:
        number = isinstance(meaning, int | float) and not isinstance(meaning, bool)
        fix = "a number stands in a flow as a factor or term: `0.5 * id`" if number else "write an op, a block or `id`"
        text, start, end = expr.span.source.text, expr.span.start, expr.span.end
        if number and text[start - 1 : start] == "(" and text[end : end + 1] == ")":
            call = Fix(f"is an op missing before the bracket: `linear({expr.span.text})`?", (_linear(expr.span),))
            what = f"a flow is needed here, and this is {describe(meaning)}"
            return error("E0302", what, Label(expr.span), fixes=[call, Fix(fix)])
        return error(
            "E0302", f"a flow is needed here, and this is {describe(meaning)}", Label(expr.span), fixes=[Fix(fix)]
        )

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
            what = f"`{{{name}}}` in a label is a whole number, not {describe(value)}"
            raise error("E0401", what, Label(at), fixes=[Fix("put the index of a `repeat` or of a list there")])
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
        self.look()
        inner = env.default(defaulted.before, defaulted.name)
        meaning = defaulted.meaning
        if isinstance(meaning, Applied):
            soft = tuple(replace(layer, gives_way=True) for layer in meaning.layers)
            return Applied(meaning.callee, (*soft, *layers)), x, inner
        if isinstance(meaning, Defaulted):
            return (Applied(meaning, layers) if layers else meaning), x, inner
        if given := [layer for layer in layers if layer.arguments]:
            raise error(
                "E0204",
                f"the default `{defaulted.name}` is {describe(meaning)} and takes no arguments",
                Label(given[-1].span),
                Label(defaulted.line.span, "this default"),
                fixes=[Fix(f"make a block that takes them, and write `default {defaulted.name} =` that block")],
            )
        return meaning, x, inner

    def step(self, op: type[Op], layers: tuple[Layer, ...], x: Type, expr: syntax.Expr, label: str | None) -> AnyNode:
        word = expr.name if isinstance(expr, syntax.Ref | syntax.Call) else op.name
        bound = bind(op, layers, word)
        for name, argument in bound.items():
            if not is_number(argument.meaning) and op.declared[name].kind != "value":
                what = f"`{name}` of `{op.name}` takes no flow, and this is {describe(argument.meaning)}"
                value = Fix("write a number, a text or a flag, or a name of one")
                raise error("E0401", what, *_no_value(argument), fixes=[value])
            if not isinstance(argument.meaning, Value) and op.declared[name].kind == "value":
                what = f"`{name}` of `{op.name}` is a named value, a `let` or a label, not {describe(argument.meaning)}"
                named = Fix("give the flow a name in a line above: `let v = ...`")
                raise error("E0401", what, Label(argument.span), fixes=[named])
        try:
            made = op.make({name: a.meaning for name, a in bound.items()})
            output = made.apply(x)
        except Refused as problem:
            place = bound[problem.argument].span if problem.argument in bound else expr.span
            labels = [Label(place)] if place.source is expr.span.source else [Label(place), Label(expr.span)]
            if problem.code.startswith("E03"):
                labels[-1] = Label(labels[-1].span, f"what enters is {show(x)}")
            fix = problem.fix
            if fix and problem.code == "E0401" and place.source.shipped:  # nobody can write it there
                fix = "it follows from your own numbers: change one in the call below"
            raise error(problem.code, problem.message, *labels, fixes=[Fix(fix)] if fix else []) from None
        return graph.Step(op=made, input=x, output=output, label=label, at=self.at(expr.span))

    def nothing(self, item: syntax.Expr, env: Env) -> SpecError:
        """A part of a chain is `none`: what is called so, and the default that says it."""
        first = item.item if isinstance(item, syntax.Labelled) else item
        name = first.name if isinstance(first, syntax.Ref | syntax.Call) else "none"
        what = "`none` is a branch that is not there"
        if name != "none":
            what = f"`{name}` is `none` here, a branch that is not there"
        default = [Label(env.defaults[name].line.span, "so by this default")] if name in env.defaults else []
        where = "it stands beside `+`, `*` or `++`, not in a chain"
        return error("E0302", f"{what}: {where}", Label(item.span), *default, fixes=[Fix(LET_THROUGH)])

    def chain(self, expr: syntax.Chain, x: Type, env: Env, label: str | None) -> AnyNode:
        items = []
        flow = x
        for item in expr.items:
            node = self.flow(item, flow, env)
            if node is None:
                raise self.nothing(item, env)
            items.append(node)
            flow = node.output
        return graph.Chain(items=tuple(items), input=x, output=flow, label=label, at=self.at(expr.span))

    def infix(self, expr: syntax.Infix, x: Type, env: Env, label: str | None) -> AnyNode | None:
        """Joins worked from the left. Equal neighbours of + make one join."""
        new_joins = sum(after != "+" or before != "+" for before, after in pairwise(expr.operators))
        self.depth += new_joins
        try:
            self.check_depth(expr)
            left = self.operand(expr.items[0], x, env)
            for operator, item in zip(expr.operators, expr.items[1:], strict=True):
                right = self.operand(item, x, env)
                left = self.join(expr, operator, left, right, expr.items[0], item, x)
        finally:
            self.depth -= new_joins
        if isinstance(left, graph.Constant):
            raise self.not_a_flow(left.value, expr)
        return self.labelled(left, label)

    def operand(self, item: syntax.Expr, x: Type, env: Env) -> AnyNode | graph.Constant | None:
        meaning = self.meaning(item, env)
        if is_number(meaning):
            if isinstance(meaning, bool | str | tuple):
                raise self.not_a_flow(meaning, item)
            assert isinstance(meaning, int | float)
            return graph.Constant(value=meaning)
        return self.flow(item, x, env)

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
                fixes=[Fix("write the flow as a list, `[flow]`, or add up the list: `(list -> sum)`")],
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
                        fixes=[Fix("bring both to one size: by the stride, by `avgpool`, or by `upsample`")],
                    )
            output = (sum(shapes(node.output)[0][0] for node in nodes), *first[1:])
            if output[0] > DEFAULT.dimension:
                raise error(
                    "E0306",
                    f"an axis of {output[0]:,} is too long; {DEFAULT.dimension:,} is the most",
                    Label(expr.span),
                    fixes=[Fix("make the flows narrower before: `conv(width, 1)`")],
                )
        return graph.Join(operator="++", items=tuple(nodes), input=x, output=output, label=label, at=self.at(expr.span))

    def many(self, expr: syntax.Expr, items: list[tuple[syntax.Expr, Env]], x: Type, label: str | None) -> AnyNode:
        with self.worked_out(expr):
            arithmetic.check_items(len(items))
        nodes = []
        for item, env in items:
            meaning = self.meaning(item, env)
            if is_number(meaning):
                raise error(
                    "E0302",
                    f"a list holds flows or numbers; this one begins with flows, and this is {spoken(meaning)}",
                    Label(item.span),
                    *([Label(items[0][0].span, "a flow")] if item is not items[0][0] else []),
                    fixes=[Fix("make two lists of it")],
                )
            node = self.flow(item, x, env)
            if node is None or is_list(node.output):
                what = "`none`" if node is None else "a list of flows"
                fix = Fix(
                    LET_THROUGH if node is None else "join the lists with `++`, or add the inner one up: `-> sum`"
                )
                raise error("E0302", f"an item of a list is one flow, not {what}", Label(item.span), fixes=[fix])
            nodes.append(node)
        if not nodes:
            fix = Fix("write an item; `id` is the value itself")
            raise error("E0302", "a list of flows has at least one item", Label(expr.span), fixes=[fix])
        output = tuple(shapes(node.output)[0] for node in nodes)
        return graph.Many(items=tuple(nodes), input=x, output=output, label=label, at=self.at(expr.span))

    def pick(self, expr: syntax.Index, x: Type, env: Env, label: str | None) -> AnyNode:
        meaning = self.indexed(expr, env)
        if is_number(meaning):
            raise self.not_a_flow(meaning, expr)
        node = self.flow(expr.item, x, env)
        if len(expr.indices) > 1:
            fix = Fix("no list of flows stands in another: take one item")
            raise error("E0302", "a list of flows has one index", Label(expr.span), fixes=[fix])
        i = self.whole(expr.indices[0], env, "an index")
        if node is None or not is_list(node.output):
            what = "`none`" if node is None else show(node.output)
            fix = Fix("make a list of it before, as with `let parts = split(2)`")
            raise error(
                "E0302", f"only a list of flows has items, and this is {what}", Label(expr.item.span), fixes=[fix]
            )
        if not -len(node.output) <= i < len(node.output):
            raise error(
                "E0406",
                f"there is no item {i}: the list has {counted(len(node.output))}",
                Label(expr.indices[0].span, f"item {i}"),
                Label(expr.item.span, f"a list of {len(node.output)}"),
                fixes=[Fix("the first item is 0, the last is -1")],
            )
        i %= len(node.output)
        vain = self.in_vain(node, i) if len(node.output) > 1 else None
        if vain is not None:
            raise error(
                "E0406",
                f"of {len(node.output)} items only item {i} is taken: what makes the others is in vain",
                Label(self.span(vain.at), "this works for others too"),
                Label(expr.indices[0].span, "one is taken"),
                fixes=[
                    Fix("take the item before, as in `id[0] -> ...`, or write it alone"),
                    Fix("name the list with `let`, and use the others too"),
                ],
            )
        return graph.Pick(
            item=node, index=i, input=x, output=shapes(node.output)[i], label=label, at=self.at(expr.span)
        )

    def in_vain(self, node: AnyNode, taken: int) -> AnyNode | None:
        """What works for items of a list that are not taken. A label may take them; a block is its own affair."""
        match node:
            case _ if any(inner.label is not None for inner in graph.inside(node)):
                return None
            case graph.Chain() | graph.Body():
                inside = graph.children(node)
                last = next((n for n in reversed(inside) if not (isinstance(n, graph.Step) and n.op.passes)), None)
                return None if last is None else self.in_vain(last, taken)
            case graph.Step():
                return node if is_list(node.input) and not (node.op.passes or node.op.takes_list) else None
            case graph.Call() if isinstance(body := self.instances[node.instance].body, graph.Step | graph.Call):
                return node if self.in_vain(body, taken) is not None else None
            case graph.Repeat() if node.rounds:
                return node if self.in_vain(node.rounds[-1].body, taken) is not None else None
            case graph.Many():
                others = (item for i, item in enumerate(node.items) if i != taken)
                return next((item for item in others if self.works(item)), None)
            case graph.Join():
                for child in graph.children(node):
                    items = len(child.output)
                    vain = self.in_vain(child, taken) if 0 <= taken < items else child if self.works(child) else None
                    if vain is not None:
                        return vain
                    taken -= items
        return None

    def works(self, node: AnyNode) -> bool:
        """Whether anything is worked out in a node, and not only passed on."""
        for inner in graph.inside(node):
            if isinstance(inner, graph.Call):
                if inner.instance not in self.working:
                    self.working[inner.instance] = self.works(self.instances[inner.instance].body)
                if self.working[inner.instance]:
                    return True
            elif isinstance(inner, graph.Step) and not inner.op.passes:
                return True
        return False

    def repeat(self, expr: syntax.Repeat, x: Type, env: Env, label: str | None) -> AnyNode:
        """Rounds. Without an index, a round that keeps the shape stands for all that follow."""
        times = self.whole(expr.times, env, "the number of rounds")
        if times < 0:
            fixes = [Fix("`max(0, ...)` has none where the number would be negative")]
            raise error("E0404", f"{times} rounds: a repeat has none or more", Label(expr.times.span), fixes=fixes)
        if expr.index is not None:
            self.bound(env, expr.index, 0, index_span(expr))
        index = expr.index if expr.index in expr.body.reads else None  # what nothing reads changes nothing
        rounds: list[graph.Round] = []
        flow, done = x, 0
        while done < times:
            self.tick(expr.span)
            inner = env if index is None else self.bound(env, index, done, index_span(expr))
            node = self.body(expr.body, flow, inner)
            if node is None:
                what = "`none` is a branch that is not there: it cannot be repeated"
                raise error("E0302", what, Label(expr.body.span), fixes=[Fix(LET_THROUGH)])
            count = times - done if index is None and node.output == flow else 1
            if rounds and rounds[-1].body == node:
                last = rounds.pop()
                rounds.append(graph.Round(count=last.count + count, first=last.first, body=node))
            else:
                rounds.append(graph.Round(count=count, first=done, body=node))
            if len(rounds) > DEFAULT.distinct_blocks:
                fix = Fix("rounds that keep the shape and do not read the index are one, however many")
                what = f"more than {DEFAULT.distinct_blocks:,} rounds that differ"
                raise error("E0405", what, Label(expr.span), fixes=[fix])
            flow, done = node.output, done + count
        return graph.Repeat(index=index, rounds=tuple(rounds), input=x, output=flow, label=label, at=self.at(expr.span))


def _no_value(argument: Argument) -> list[Label]:
    """Where an argument gives no number: the empty branch of an `if`, where there is one."""
    expr = argument.meaning.expr if isinstance(argument.meaning, Closure) else None
    empty = [body for body in expr.bodies if not body.lines] if isinstance(expr, syntax.Choice) else []
    if not empty:
        return [Label(argument.span)]
    return [Label(empty[0].span, "a branch without a value"), Label(argument.span, "of this argument")]


def _linear(number: Span) -> Edit:
    """The name of an op before a number in brackets."""
    return Edit(Span(number.source, number.start - 1, number.start - 1), "linear")
