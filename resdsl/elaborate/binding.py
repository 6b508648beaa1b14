"""Which parameter each argument is for."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.diagnostics import Fix, Label, Span, SpecError, error, quoted
from resdsl.elaborate.meanings import Argument, Layer
from resdsl.ops import NEEDED, Op
from resdsl.program import Defined, did_you_mean


def bind(callee: type[Op] | Defined, layers: tuple[Layer, ...], span: Span) -> dict[str, Argument]:
    """Which parameter each argument is for. Each is given once; those of a default line give way."""
    params = parameters(callee)
    bound: dict[str, Argument] = {}
    soft: set[str] = set()
    for layer in layers:
        here: set[str] = set()
        named = {a.name for a in layer.arguments}
        for argument in layer.arguments:
            name = argument.name
            if name is None:
                name = next_free(callee, params, bound, soft, {*here, *named}, argument, layers)
            elif name not in params:
                raise no_parameter(callee.name, name, params, argument)
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


def next_free(callee: type[Op] | Defined, params: dict[str, bool], bound: dict[str, Argument], soft: set[str],
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
        f"takes {len(params)} argument{'s' * (len(params) != 1)}: {quoted(params)}" if params else "takes no arguments"
    )
    raise error("E0204", f"`{callee.name}` {takes}", Label(argument.span, "one too many"))


def parameters(callee: type[Op] | Defined) -> dict[str, bool]:
    """The parameters of a callee, in order, and whether each must be given."""
    if isinstance(callee, Defined):
        return {p.name: p.default is None for p in getattr(callee.definition, "params", ())}
    return {name: declared.default is NEEDED for name, declared in callee.declared.items()}


def no_parameter(callee: str, name: str, params: Iterable[str], argument: Argument) -> SpecError:
    has = f"it has {quoted(params)}" if params else "it takes no arguments"
    return error(
        "E0203",
        f"`{callee}` has no parameter `{name}`; {has}",
        Label(Span(argument.span.source, argument.span.start, argument.span.start + len(name))),
        fixes=did_you_mean(name, params, argument.span),
    )


def missing(callee: str, name: str, span: Span) -> SpecError:
    return error(
        "E0206",
        f"`{callee}` needs `{name}`",
        Label(span, f"no `{name}` is given"),
        fixes=[Fix(f"write `{callee}({name} = ...)`")],
    )
