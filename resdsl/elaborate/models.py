"""Models: parameters, lines, and what must have been read in the end."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from resdsl import graph, syntax
from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, Source, Span, SpecError, error, quoted
from resdsl.elaborate.binding import bind, without
from resdsl.elaborate.flows import Flows
from resdsl.elaborate.meanings import LET_THROUGH, Argument, Env, Items, printed
from resdsl.elaborate.names import Reader
from resdsl.elaborate.variants import Flat, flatten
from resdsl.limits import DEFAULT, Steps
from resdsl.ops import OPS, Type, show
from resdsl.scope import Defined, Spec, did_you_mean, head, name_span
from resdsl.unknown import meant_argument


@dataclass
class Aside:
    """What an elaboration tells beside the program: warnings, the texts its places stand in, what defaults reached."""

    warnings: list[Diagnostic] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    defaults: dict[syntax.Default, tuple[Reader, ...]] = field(default_factory=dict)
    numbers: frozenset[syntax.Default] = frozenset()  # those that give a number, flag, text or list


def elaborate(
    spec: Spec,
    model: Defined,
    *,
    input: tuple[int, ...] | None = None,
    settings: tuple[syntax.Arg, ...] = (),
    aside: Aside | None = None,
    steps: Steps | None = None,
) -> graph.Program:
    """The model of a spec, at its own input and arguments or at others. Raises SpecError; adds to `aside`."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 60_000))
    models = Models(steps)
    try:
        program = models.model(model, input, settings)
    except SpecError as problem:
        raise _of_variant(problem, model.definition) from None
    finally:
        sys.setrecursionlimit(limit)
    if aside is not None:
        aside.warnings += models.warnings
        aside.sources += models.source_list
        aside.defaults |= {line: tuple(readers) for line, readers in models.default_lines.items()}
        aside.numbers |= models.default_numbers
    return program


def _of_variant(problem: SpecError, model: syntax.Definition) -> SpecError:
    """The error, with the variant in whose name the lines of its base were read, where they alone are shown."""

    def inside(span: Span) -> bool:
        own = model.span
        return span.source is own.source and own.start <= span.start < own.end

    if not isinstance(model, syntax.Variant):
        return problem
    end = model.args[-1].span.end if model.args else model.base.span.end
    here = Label(replace(model.base.span, end=end), f"in `{model.name}`, which varies it here")
    return SpecError(
        *(
            d
            if not d.labels or any(inside(label.span) for label in (*d.labels, *d.trail))
            else replace(d, trail=(*d.trail, here))
            for d in problem.diagnostics
        )
    )


class Models(Flows):
    """A whole model."""

    def model(self, model: Defined, input: tuple[int, ...] | None, settings: tuple[syntax.Arg, ...]) -> graph.Program:
        flat = flatten(model)
        shape = input or flat.input.shape
        self.check_input(shape, flat.input)
        env, named, arguments = self.model_env(flat, shape, settings)
        self.varied = flat.chain
        for layer in flat.chain:
            self.definition(layer.definition)
        lines: list[graph.Line] = []
        flow: Type = shape
        own = {id(line) for line in model.definition.body.lines}
        own_lines: list[graph.Line] = []
        for line, scope in flat.lines:
            env, made, ended = self.line(line, flow, replace(env, scope=scope), named)
            if ended:
                what = "`none` is a branch that is not there: it cannot be a line of a model"
                raise error("E0302", what, Label(line.span), fixes=[Fix(LET_THROUGH)])
            if made is not None:
                lines.append(made)
                own_lines += [made] if id(line) in own else []
                flow = flow if made.kind == "let" else made.node.output
        self.all_read(named)
        self.all_picked(lines, own_lines)
        self.nothing_lost(lines)
        self.lets_used(flat, own)
        self.defaults_used(flat, own)
        if not any(line.kind != "let" for line in lines):
            fix = Fix("write its lines below the input, as in `stem { conv(64, 3) }`")
            raise error("E0302", f"the model `{model.name}` has no flow", Label(head(model.definition)), fixes=[fix])
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
            published=tuple(
                graph.Rename(published=r.published.value, own=r.own.value)
                for line, _ in flat.lines
                if isinstance(line, syntax.Keys)
                for r in line.renames
            ),
        )

    def lets_used(self, flat: Flat, own: set[int]) -> None:
        """A `let` of a variant is read by a line of the variant or of its base."""
        lets = [line for line, _ in flat.lines if isinstance(line, syntax.Let) and id(line) in own]
        if not lets or not isinstance(flat.chain[0].definition, syntax.Variant):
            return  # a model's own are seen to by the text alone
        unread = [
            Diagnostic(
                "E0208",
                f"`{line.name}` is never used",
                (Label(name_span(line), "no line of the variant or its base reads it"),),
                (Fix("remove the line", (Edit(line.span, ""),)),),
            )
            for line in lets
            if line.name not in syntax.names_in(*(other for other, _ in flat.lines if other is not line))
        ]
        if unread:
            raise SpecError(*unread)

    def defaults_used(self, flat: Flat, own: set[int]) -> None:
        """Every default is read by something, but for those that a variant has from its base."""
        next_one: dict[int, syntax.Default] = {}  # of a line: the next of its name
        last: dict[str, syntax.Default] = {}
        lines = [line for line, _ in flat.lines if isinstance(line, syntax.Default)]
        for line in lines:
            if line.name in last:
                next_one[id(last[line.name])] = line
            last[line.name] = line
        there = {id(line) for line in lines}
        unread = [
            line for line, read in self.default_lines.items() if not read and (id(line) in own or id(line) not in there)
        ]
        if unread:
            raise SpecError(*(self.unread_default(line, next_one.get(id(line))) for line in unread))

    def unread_default(self, line: syntax.Default, after: syntax.Default | None) -> Diagnostic:
        """Why a default does nothing, and what to do; `after` is the next of its name."""
        name, labels = line.name, []
        near = did_you_mean(name, self.open_names, Span(line.span.source, line.span.start + 8, line.span.end))
        ops = [op for op, made in OPS.items() if name in made.declared and op in self.open_names]
        if after is not None:
            why, labels = "another takes its place before anything reads it", [Label(after.span, "this one")]
        elif name in self.open_names:
            why = f"what reads `{name}` stands above this line, or is given its own"
        elif ops:
            why = "a default does not reach the parameters of ops"
            near = [Fix(f"rebind the op: `default {ops[0]} = {ops[0]}({name} = ...)`")]
        else:
            why = f"no block below has the name or parameter `{name}`"
        fixes = *near, Fix("remove the line", (Edit(line.span, ""),))
        return Diagnostic("E0208", f"nothing reads the default `{name}`", (Label(line.span, why), *labels), fixes)

    @cached_property
    def open_names(self) -> set[str]:
        """What the definitions that were used call, read, and let be given."""
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
                fixes=[Fix(_batch(shape) if len(shape) > 4 else "write channels, then positions: `3 x 224 x 224`")],
            )

    def model_arguments(self, flat: Flat, settings: tuple[syntax.Arg, ...]) -> dict[str, Argument]:
        """What the variants give to the parameters of their base, the last one's word."""
        base = flat.base.definition
        assert isinstance(base, syntax.Model)
        given: dict[str, Argument] = {}
        params = {p.name: p.default is None for p in base.params}
        chain = [(d, d.definition.args) for d in reversed(flat.chain) if isinstance(d.definition, syntax.Variant)]
        chain += [(flat.chain[0], settings)] if settings else []
        for number, (defined, args) in enumerate(chain):
            layer = self.layer(args, Env(defined.scope, None), defined.definition.span)
            for i, argument in enumerate(layer.arguments):
                if argument.name is None and number > 0:
                    raise error(
                        "E0205",
                        "a variant of a variant names its arguments",
                        Label(argument.span),
                        fixes=[
                            meant_argument(args[i], args[i + 1] if i + 1 < len(args) else None, params)
                            or Fix(f"write `name = ...`; `{base.name}` has {quoted(params)}")
                        ],
                    )
                if argument.name is not None and argument.name not in params:
                    raise without(flat.base, argument.name, argument)
            given |= bind(flat.base, (layer,), base.name)
        return given

    def model_env(
        self, flat: Flat, shape: tuple[int, ...], settings: tuple[syntax.Arg, ...]
    ) -> tuple[Env, list[Items], dict[str, str]]:
        """The parameters of the base model: settings, then the arguments of the variants, the last one first."""
        base = flat.base.definition
        assert isinstance(base, syntax.Model)
        given = self.model_arguments(flat, settings)
        env = Env(flat.base.scope, None)
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
            env = env.let(param.name, value, param.span)
        self.unread_model_arguments(flat, given)
        return env, named, {p.name: printed(env.names[p.name], self.look) for p in base.params}

    def unread_model_arguments(self, flat: Flat, given: dict[str, Argument]) -> None:
        """What the user's own variant gives must be read by some line."""
        own, base = flat.chain[0].definition, flat.base.definition
        if not isinstance(own, syntax.Variant):
            return
        assert isinstance(base, syntax.Model)
        read = syntax.names_in(*(line for line, _ in flat.lines))
        for name, argument in given.items():
            if name not in read and any(argument.span is a.span for a in own.args):
                raise error(
                    "E0204",
                    f"`{name}` changes nothing: no line of `{own.name}` reads it",
                    Label(argument.span, "given here"),
                    Label(next(p.span for p in base.params if p.name == name), "declared here"),
                    fixes=[Fix(f"leave the argument out, or read `{name}` in a line")],
                )


def _batch(shape: tuple[int, ...]) -> str:
    return f"leave the batch axis out: `input {show(shape[1:])}`"


def check_template(model: Defined) -> None:
    """What can be said of a model without values for all its parameters. Raises SpecError."""
    Models().model_arguments(flatten(model), ())


def all_diagnostics(problems: Iterable[SpecError]) -> tuple[Diagnostic, ...]:
    """The diagnostics of several models. Of one code at one place, such as a line that all have, the first is told."""
    same: dict[object, list[Diagnostic]] = {}
    for problem in problems:
        for d in problem.diagnostics:
            same.setdefault((d.code, d.place, d.labels[0].span if d.labels else d.message), []).append(d)
    return tuple(_first(group) for group in same.values())


def _first(group: list[Diagnostic]) -> Diagnostic:
    """The first of some findings at one place, and how many there are that say something else."""
    first = group[0]
    others = len({d.message for d in group}) - 1
    if not others:
        return first
    return first.noted(
        f"the same with other numbers in {others} other model{'s' * (others > 1)} or call{'s' * (others > 1)}"
    )
