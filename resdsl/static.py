"""What the text alone shows to be wrong: lost lines, names given twice, values never used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from resdsl import syntax
from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, Span, SpecError, quoted
from resdsl.limits import DEFAULT
from resdsl.scope import Defined, Spec, base_of, did_you_mean, head, name_span

_PATTERN = re.compile(r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(\.\*)?", re.ASCII)  # of a `keys` line


def check(spec: Spec) -> tuple[Diagnostic, ...]:
    """The errors of all files of a spec that need no shapes."""
    found = [d for file in spec.files for d in static_errors(file)]
    for model in spec.models.values():
        found += _circle(model)
    return tuple(found)


def static_errors(file: syntax.File) -> Iterator[Diagnostic]:
    """Errors of each definition that need no shapes: lost lines, names given twice, values never used."""
    for definition in file.definitions:
        seen: dict[str, syntax.Param] = {}
        for param in getattr(definition, "params", ()):
            if param.name in seen:
                yield _twice("parameter", param.name, param.span, seen[param.name].span)
            seen[param.name] = param
        for node in definition.pieces:
            if isinstance(node, syntax.Body):
                yield from _body_errors(node, definition)
            if isinstance(node, syntax.Call | syntax.Variant):
                yield from _argument_errors(node)


def _body_errors(body: syntax.Body, definition: syntax.Definition) -> Iterator[Diagnostic]:
    outermost = body is definition.body
    yield from _orders(body, definition)
    yield from _keys(body)
    names: dict[str, Span] = {}
    last = _last_readers(body)
    flow = (syntax.Let, syntax.Default, syntax.Expect, syntax.Order, syntax.Keys, syntax.Section)
    for i, line in enumerate(body.lines):
        if isinstance(line, syntax.Let):
            yield from _named(line.name, name_span(line), names)
            varied = outermost and isinstance(definition, syntax.Variant)  # the lines of its base may read it
            if not varied and last.get(line.name, i) <= i:
                yield Diagnostic(
                    "E0208",
                    f"`{line.name}` is never used",
                    (Label(name_span(line), "named here, and read by no later line"),),
                    (Fix("remove the line", (Edit(line.span, ""),)),),
                )
        elif isinstance(line, syntax.Section):
            yield from _named(line.name, name_span(line), names)
        if isinstance(line, syntax.Expect | syntax.Keys | syntax.Section) and not (
            outermost and isinstance(definition, syntax.Model | syntax.Variant)
        ):
            if isinstance(line, syntax.Section):
                what, instead = f"the section `{line.name}`", f"a part of a block has a label: `{line.name}: (...)`"
            else:
                what, instead = f"`{type(line).__name__.lower()}`", "move it to the model that uses the block"
            yield Diagnostic("E0106", f"{what} stands in a model, not in a block", (Label(line.span),), (Fix(instead),))
        if not isinstance(line, flow):
            if i < len(body.lines) - 1 and not isinstance(syntax.opening(line), syntax.Labelled):
                yield _lost(body.lines, i, isinstance(definition, syntax.Function))
            if isinstance(definition, syntax.Function) and i < len(body.lines) - 1:
                continue
        yield from _labelled(line, names)
    if isinstance(definition, syntax.Function) and outermost and (not body.lines or isinstance(body.lines[-1], flow)):
        yield Diagnostic(
            "E0106",
            f"the function `{definition.name}` ends without a value",
            (Label(body.span),),
            (Fix("its last line is its value: write one, as in `2 * n`"),),
        )


def _lost(lines: tuple[syntax.Syntax, ...], i: int, function: bool) -> Diagnostic:
    """The value of line `i`, which no label keeps, is lost to the next line; it may be a part of the line before."""
    line, following = lines[i].span, lines[i + 1].span
    start = Span(following.source, following.start, following.start)
    only = "a function has one, its last line" if function else "only the last may be a flow without a label"
    after = Label(replace(start, end=start.end + 1), "and another line after it")
    labels = Label(line, "a value" if function else "a flow"), after
    if function:
        fixes = [Fix("name it with `let`")]
    else:
        apart = not i or "\n" in line.source.text[lines[i - 1].span.end : line.start]
        before = start if apart else replace(line, end=line.start)
        fixes = [Fix("continue the flow with `->`", (Edit(before, "-> "),))]
        fixes += [Fix("or give it a label, or name it with `let`"), Fix("or remove it", (Edit(line, ""),))]
    return Diagnostic("E0103", f"this line's value would be lost: {only}", labels, tuple(fixes))


def _last_readers(body: syntax.Body) -> dict[str, int]:
    """The number of the last line that reads each name. Nothing is looked at if nothing is named."""
    if not any(isinstance(line, syntax.Let) for line in body.lines):
        return {}
    return {name: i for i, line in enumerate(body.lines) for name in syntax.names_in(line)}


def _labelled(line: syntax.Syntax, names: dict[str, Span]) -> Iterator[Diagnostic]:
    """The labels of a line, each given once; a labelled group and a nested body are scopes of their own."""
    stack = [line]
    while stack:
        node = stack.pop()
        if isinstance(node, syntax.Labelled):
            start = node.span.start
            yield from _named(node.label, Span(node.span.source, start, start + len(node.label)), names)
            yield from _labelled(node.item, {})
        elif not isinstance(node, syntax.Body | syntax.Arg):
            stack.extend(reversed(syntax.children(node)))


def _orders(body: syntax.Body, definition: syntax.Definition) -> Iterator[Diagnostic]:
    """`order` stands once in a block, and names labels of it."""
    orders = [line for line in body.lines if isinstance(line, syntax.Order)]
    if orders and not (isinstance(definition, syntax.Block) and body is definition.body):
        yield Diagnostic(
            "E0106",
            "`order` stands among the lines of a block",
            (Label(orders[0].span),),
            (Fix("elsewhere the order is that of the text: move the lines themselves"),),
        )
        return
    for again in orders[1:]:
        yield _twice("line", "order", again.span, orders[0].span)
    labels = {n.label.split(".")[0] for n in syntax.walk(body) if isinstance(n, syntax.Labelled)}
    labels |= {line.name for line in body.lines if isinstance(line, syntax.Let)}
    calls = {n.name for n in syntax.walk(body) if isinstance(n, syntax.Ref | syntax.Call)}
    for line in orders:
        for name in line.names:
            if name not in labels | calls:
                yield Diagnostic(
                    "E0202",
                    f"`order` names `{name}`, and no part of the block is called so",
                    (Label(_word(name, line.span)),),
                    tuple(did_you_mean(name, labels, _word(name, line.span)))
                    or (Fix(f"give a part the label `{name}:`, or leave the name out of `order`"),),
                )


def _keys(body: syntax.Body) -> Iterator[Diagnostic]:
    """`keys` stands once, and each line of its table is two patterns of one form."""
    lines = [line for line in body.lines if isinstance(line, syntax.Keys)]
    for again in lines[1:]:
        yield _twice("line", "keys", again.span, lines[0].span)
    for rename in (rename for line in lines for rename in line.renames):
        both = (rename.published, rename.own)
        wrong = [text for text in both if not _PATTERN.fullmatch(text.value)]
        for text in wrong:
            yield Diagnostic(
                "E0408",
                f"`{text.value}` is no pattern of names",
                (Label(text.span),),
                (Fix("write parts joined by dots, and `*.` before or `.*` after them for all that may stand there"),),
            )
        stars = {(text.value.startswith("*."), text.value.endswith(".*")) for text in both if text.value != "*"}
        alike = len(stars) == 1 and (sum(*stars) == 1 or all(text.value != "*" for text in both))
        if not wrong and not alike:
            yield Diagnostic(
                "E0408",
                f"`{rename.published.value}` and `{rename.own.value}` have their `*` in different places",
                (Label(rename.own.span, "names here"), Label(rename.published.span, "published names")),
                (Fix('what a `*` stands for is kept: write it on both sides, as in `"*.a.*" = "*.b.*"`'),),
            )


def _named(name: str, span: Span, names: dict[str, Span]) -> Iterator[Diagnostic]:
    if name in names:
        yield _twice("name", name, span, names[name])
    names[name] = span


def _argument_errors(call: syntax.Call | syntax.Variant) -> Iterator[Diagnostic]:
    named: dict[str, Span] = {}
    for arg in call.args:
        if arg.name is None and named:
            yield Diagnostic(
                "E0205",
                "an argument without a name follows one with a name",
                (Label(arg.span, "name this one too"), Label(next(iter(named.values())), "named")),
                (Fix("write `name = value` here as well, or put this argument first"),),
            )
        if arg.name is not None:
            if arg.name in named:
                yield _twice("argument", arg.name, arg.span, named[arg.name])
            named[arg.name] = arg.span


def _twice(what: str, name: str, second: Span, first: Span) -> Diagnostic:
    return Diagnostic(
        "E0207",
        f"the {what} `{name}` is given twice",
        (Label(second, "given again here"), Label(first, "first given here")),
        (Fix("remove or rename one of them"),),
    )


def unused_blocks(file: syntax.File) -> Iterator[Diagnostic]:
    """Blocks and functions of a file of models that no text of the file mentions."""
    models = [d for d in file.definitions if isinstance(d, syntax.Model | syntax.Variant)]
    if not models:
        return
    uses: dict[str, set[str]] = {}
    for definition in file.definitions:
        uses[definition.name] = {n.name for n in definition.pieces if isinstance(n, syntax.Ref | syntax.Call)}
    reached, stack = set[str](), [d.name for d in models]
    while stack:
        name = stack.pop()
        if name not in reached:
            reached.add(name)
            stack += [n for n in uses.get(name, ()) if n in uses]
    for definition in file.definitions:
        if definition.name not in reached:
            kind = "function" if isinstance(definition, syntax.Function) else "block"
            yield Diagnostic(
                "W0201",
                f"the {kind} `{definition.name}` is never used",
                (Label(head(definition), "no model of this file reaches it"),),
                (Fix("use it in a model, or remove it"),),
                severity="warning",
            )


def _circle(model: Defined) -> Iterator[Diagnostic]:
    """Variants that are variants of each other."""
    seen = [model]
    while isinstance(seen[-1].definition, syntax.Variant) and len(seen) <= DEFAULT.nesting:
        try:
            base = base_of(seen[-1])
        except SpecError as problem:
            if len(seen) == 1:
                yield from problem.diagnostics
            return
        if base in seen:
            names = [d.name for d in seen[seen.index(base) :]][:8]
            chain = (
                f"{quoted(names)} are variants of each other"
                if len(names) > 1
                else f"`{names[0]}` is a variant of itself"
            )
            if model is min(seen[seen.index(base) :], key=lambda d: d.definition.span.start):  # told once
                yield Diagnostic(
                    "E0209",
                    chain,
                    tuple(
                        Label(d.definition.base.span, f"`{d.name}` varies `{d.definition.base.name}`")
                        for d in seen[seen.index(base) :]
                        if isinstance(d.definition, syntax.Variant)
                    ),
                    (Fix("write one model out: its `input` and its lines"),),
                )
            return
        seen.append(base)


def _word(name: str, inside: Span) -> Span:
    """Where a name stands inside a place, after its first word."""
    at = inside.source.text.index(name, inside.source.text.index(" ", inside.start))
    return Span(inside.source, at, at + len(name))
