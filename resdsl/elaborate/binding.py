"""Which parameter each argument is for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from resdsl.diagnostics import Edit, Fix, Label, Span, SpecError, error, quoted
from resdsl.elaborate.meanings import Argument, Layer, is_number
from resdsl.ops import Op
from resdsl.scope import Defined, head
from resdsl.unknown import no_parameter

Callee = type[Op] | Defined


def bind(callee: Callee, layers: tuple[Layer, ...], word: str) -> dict[str, Argument]:
    """Which parameter each argument is for. Each is given once; those of a default line give way.

    An argument without a name is for the first parameter that has none. It may skip one that a partial application
    gave only to reach a parameter that must be given: else a stride could land where groups are meant.
    """
    params = parameters(callee)
    bound: dict[str, Argument] = {}
    soft: set[str] = set()
    for layer in layers:
        here: set[str] = set()
        for argument in layer.arguments:
            name = argument.name
            if name is None:
                given = {n: a for n, a in bound.items() if n not in soft} if soft else bound
                name = _next(callee, params, given, here, argument, word)
            elif name not in params:
                raise without(callee, name, argument)
            if name in here or (name in bound and name not in soft):
                raise error(
                    "E0207",
                    f"`{name}` of `{callee.name}` is given twice",
                    Label(argument.span, "given again here"),
                    Label(bound[name].span, "first given here"),
                    fixes=[Fix("remove one of them")],
                )
            bound[name] = argument
            here.add(name)
            soft.discard(name)
        if layer.gives_way:
            soft |= here
    return bound


def _next(
    callee: Callee, params: dict[str, bool], bound: dict[str, Argument], here: set[str], argument: Argument, word: str
) -> str:
    """The parameter that an argument without a name is for."""
    skipped: str | None = None
    for name, needed in params.items():
        if name in here:
            continue
        if name in bound:
            skipped = skipped or name
            continue
        if skipped is not None and not needed:
            raise error(
                "E0205",
                f"this argument would land in `{name}`, because `{skipped}` of `{callee.name}` is already given",
                Label(argument.span, "say which parameter this is for"),
                Label(bound[skipped].span, f"`{skipped}` is given here"),
                fixes=[Fix(f"name the argument, as in `{name} = ...`")],
            )
        return name
    many = f"takes {len(params)} argument{'s' * (len(params) != 1)}: {quoted(params)}"
    takes = many if params else "takes no arguments"
    stands_for = "" if word == callee.name else f"`{word}` is `{callee.name}` here, and "
    raise error(
        "E0204",
        f"{stands_for}`{callee.name}` {takes}",
        Label(argument.span, "one too many"),
        *_declared(callee),
        fixes=_chained(word, argument)
        or [Fix("leave it out" if stands_for == "" else f"give `{word}` a block that takes it")],
    )


def _chained(word: str, argument: Argument) -> list[Fix]:
    """`norm(conv(64, 3))` for `conv(64, 3) -> norm`."""
    span = argument.span
    text, start = span.source.text, span.start - len(word) - 1
    if is_number(argument.meaning) or text[start : span.start] != f"{word}(" or text[span.end : span.end + 1] != ")":
        return []
    before, after = text[max(0, start - 50) : start].rstrip(" "), text[span.end + 1 : span.end + 50].lstrip(" ")
    whole = before[-1:] in ("{", "(", ",", "=", "[", "\n") and after[:1] in ("}", ")", ",", "]", "\n", "#", "")
    flow = f"{span.text} -> {word}"
    edit = Edit(Span(span.source, start, span.end + 1), flow if whole else f"({flow})")
    return [Fix(f"flows are chained: write `... -> {word}`", (edit,))]


def parameters(callee: Callee) -> dict[str, bool]:
    """The parameters of a callee, in order, and whether each must be given."""
    if isinstance(callee, Defined):
        return {p.name: p.default is None for p in getattr(callee.definition, "params", ())}
    return callee.needed


def without(callee: Callee, name: str, argument: Argument) -> SpecError:
    """An argument for a parameter that is not there."""
    defined = callee if isinstance(callee, Defined) else None
    return SpecError(no_parameter(callee.name, list(parameters(callee)), name, argument.span, defined))


def missing(callee: Callee, name: str, span: Span, given: Iterable[Argument] = ()) -> SpecError:
    """A parameter that must be given and is not. An argument may be two, with something else than a `,` between."""
    mark = next((mark for argument in given if argument.name is None and (mark := _mark(argument.span))), None)
    apart = [Fix(f"or write `,` in place of `{mark.text}`", (_comma(mark),))] if mark else []
    return error(
        "E0206",
        f"`{callee.name}` needs `{name}`",
        Label(span, f"no `{name}` is given"),
        *_declared(callee),
        fixes=[Fix(f"add `{name} = ...`"), *apart],
    )


def _mark(span: Span) -> Span | None:
    """The first mark between two terms of a text, outside brackets."""
    depth = 0
    for found in re.finditer(r"[(\[{]|[)\]}]|->|\*\*|//|\+\+|[-+*/%:]", span.text):
        depth += (found[0] in "([{") - (found[0] in ")]}")
        if depth == 0 and found[0] not in ")]}" and found.start():
            return Span(span.source, span.start + found.start(), span.start + found.end())
    return None


def _comma(mark: Span) -> Edit:
    """A comma in the place of a mark, spaced as commas are."""
    text, start, end = mark.source.text, mark.start, mark.end
    start = len(text[:start].rstrip(" "))
    end += len(text[end:]) - len(text[end:].lstrip(" "))
    return Edit(Span(mark.source, start, end), ", ")


def _declared(callee: Callee) -> tuple[Label, ...]:
    """Where a block is declared: the other side of a wrong argument."""
    return (Label(head(callee.definition), "declared here"),) if isinstance(callee, Defined) else ()
