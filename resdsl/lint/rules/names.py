"""Names that nothing reads, defaults that reach too much, and models that state no numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl import files, syntax
from resdsl.diagnostics import Edit, Fix, Label, Span, quoted
from resdsl.elaborate import Reader
from resdsl.lint.registry import Finding, file_rule, network_rule
from resdsl.lint.subject import Subject
from resdsl.lint.words import times
from resdsl.scope import Spec


@file_rule("W0203", "a parameter that nothing reads")
def unread_parameters(spec: Spec, subjects: Sequence[Subject]) -> Iterator[Finding]:
    """A block that stands in for others takes what they take: its parameters are not its own to choose."""
    file = spec.file
    variants = [d for d in file.definitions if isinstance(d, syntax.Variant)]
    handed = _handed(file)
    for definition in file.definitions:
        if isinstance(definition, syntax.Variant):
            continue
        if definition.name in handed and not isinstance(definition, syntax.Function):
            continue
        lines: list[syntax.Syntax] = [definition.body, *definition.params]
        lines += [v.body for v in variants] if isinstance(definition, syntax.Model) else []
        read = syntax.names_in(*lines)
        for param in definition.params:
            if param.name not in read:
                yield Finding(
                    f"no line of `{definition.name}` reads its parameter `{param.name}`",
                    (
                        Label(
                            Span(param.span.source, param.span.start, param.span.start + len(param.name)), "never read"
                        ),
                    ),
                    (Fix("use it, or take it out here and in the calls"),),
                )


def _handed(file: syntax.File) -> set[str]:
    """Blocks that are given to others as an argument, a default or the default of a parameter, not just run."""
    found: set[str] = set()
    for definition in file.definitions:
        for node in definition.pieces:
            if isinstance(node, syntax.Arg | syntax.Default | syntax.Let):
                found |= syntax.names_in(node.value)
            elif isinstance(node, syntax.Param) and node.default is not None:
                found |= syntax.names_in(node.default)
    models = any(isinstance(d, syntax.Model | syntax.Variant) for d in file.definitions)
    return found if models else {d.name for d in file.definitions}  # a library is for others to use


@file_rule("W0204", "an import of which nothing is used")
def unused_imports(spec: Spec, subjects: Sequence[Subject]) -> Iterator[Finding]:
    """A file does not hand on what it imports, so an import that it does not use is of no use to others."""
    file = spec.file
    used = syntax.names_in(*file.definitions)
    for line in file.imports:
        path = str(files.imported(file.source, line.path, line.span))
        theirs = {d.name for each in spec.files if each.source.path == path for d in each.definitions}
        if not used & theirs:
            text = file.source.text
            end = text.find("\n", line.span.end) + 1 or len(text)
            alone = not text[line.span.end : end].strip()
            yield Finding(
                f"nothing of `{line.path}` is used here; it defines {quoted(sorted(theirs)[:3]) or 'nothing'}"
                + f" and {len(theirs) - 3} more" * (len(theirs) > 3),
                (Label(line.span, "no line below reads a name of it"),),
                (
                    Fix(
                        "remove the line",
                        (Edit(Span(file.source, line.span.start, end if alone else line.span.end), ""),),
                        "safe",
                    ),
                ),
            )


@network_rule("W1016", "a default that gives its number to different blocks", "docs/language.md, `default`")
def wide_default(subject: Subject) -> Iterator[Finding]:
    """A number is meant for one block; every other that leaves a parameter of the name out takes it as well."""
    own = subject.net.model.definition
    for line, readers in subject.net.aside.defaults.items():
        taken = {
            reader.block.name: reader for reader in readers if reader.block is not None and reader.param is not None
        }
        if len(taken) < 2 or line not in subject.net.aside.numbers or own.span.source is not line.span.source:
            continue
        places = [_declared(reader) for reader in taken.values()]
        yield Finding(
            f"`{line.name}` is a parameter of {times(len(taken), 'block')} that this default reaches, "
            f"with other values of their own: {', '.join(places[:4])}"
            + f" and {len(places) - 4} more"
            * (len(places) > 4),
            (Label(Span(line.span.source, line.span.start, line.span.end), "reaches them all"),),
            (
                Fix(
                    f"give `{line.name}` as an argument to the block that is meant: "
                    f"`{next(iter(taken))}({line.name} = ...)`"
                ),
            ),
        )


def _declared(reader: Reader) -> str:
    assert reader.block is not None and reader.param is not None
    declared = reader.param.default
    return f"`{reader.block.name}({reader.param.name}{' = ' + declared.span.text if declared else ''})`"


@network_rule("W1017", "a model without `expect`", "docs/language.md, `expect`", severity="information")
def no_expectation(subject: Subject) -> Iterator[Finding]:
    """Numbers that are stated are checked at every run."""
    net, definition = subject.net, subject.net.model.definition
    if any(isinstance(line, syntax.Expect) for line in definition.body.lines):
        return
    facts = f"expect layers = {net.layers}, params = {net.params:_}, macs = {net.macs:_}"
    yield Finding(
        f"`{net.name}` states no numbers; it has {net.layers:,} layer{'s' * (net.layers != 1)}, "
        f"{net.params:,} parameters and {net.macs:,} multiply-adds",
        (subject.model_label(),),
        (Fix(f"write `{facts}`", (_written(definition, facts),)),),
    )


def _written(definition: syntax.Definition, facts: str) -> Edit:
    """The line at the end of a body; a variant without one gets it."""
    span = definition.span
    if not span.text.rstrip().endswith("}"):
        return Edit(Span(span.source, span.end, span.end), f" {{\n  {facts}\n}}")
    end = span.start + len(span.text.rstrip()) - 1
    last = definition.body.lines[-1].span.end if definition.body.lines else end
    broken = "\n" in span.source.text[last:end]
    return Edit(Span(span.source, end, end), f"  {facts}\n" if broken else f"  {facts} ")
