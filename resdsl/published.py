"""Are the names of the weights those that the text says?

Each pattern of a `keys` line fits some, and each name comes back; a label that numbers parts takes no names away.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from resdsl import graph, syntax
from resdsl.analyze.keys import keys
from resdsl.analyze.modules import Modules
from resdsl.analyze.naming import split_label
from resdsl.analyze.renames import Renames
from resdsl.diagnostics import Diagnostic, Fix, Label, Source, Span, SpecError, nearest
from resdsl.elaborate import flatten, is_template
from resdsl.limits import DEFAULT
from resdsl.scope import Defined


def check(model: Defined, program: graph.Program) -> None:
    """Raises SpecError E0408 for a pattern that fits no name, and for a name that does not come back."""
    flat = flatten(model)
    written = [line for line, _ in flat.lines if isinstance(line, syntax.Keys)]
    if not written:
        return
    lines = [rename for line in written for rename in line.renames]
    renames = Renames(program)
    try:
        names = [key.name for key in islice(keys(program), DEFAULT.steps + 1)]
    except ValueError as problem:
        raise SpecError(Diagnostic("E0405", str(problem), (Label(written[0].span),))) from None
    if len(names) > DEFAULT.steps:
        what = f"`keys` renames at most {DEFAULT.steps:,} weights, and `{model.name}` has more"
        fix = Fix("leave the line to a model of fewer layers")
        raise SpecError(Diagnostic("E0405", what, (Label(written[0].span),), (fix,)))
    owner = next(i for i, defined in enumerate(flat.chain) if written[0] in defined.definition.body.lines)
    problems: list[Diagnostic] = []
    if all(is_template(defined) for defined in flat.chain[1 : owner + 1]):  # an option may take away what is renamed
        used = {renames.first(name) for name in names}
        problems += [_fits_none(line, model, names) for i, line in enumerate(lines) if i not in used]
    problems = problems or _lost(names, renames, lines)
    if problems:
        raise SpecError(*problems)


def check_numbers(program: graph.Program, sources: Sequence[Source]) -> None:
    """Raises SpecError E0207 where a label such as `b{1}` numbers parts that have names: these would be lost."""
    bodies = (program.body, *(instance.body for instance in program.instances))
    if not any(split_label(node.label)[1] for body in bodies for node in graph.inside(body)):
        return
    try:
        renamed = Modules(program).renamed
    except ValueError:
        return  # more parts with names than are written out: whoever writes them says so
    problems = [
        Diagnostic(
            "E0207",
            f"`{node.label}` numbers parts that have names of their own",
            (Label(Span(sources[node.at[0]], *node.at[1:]), "these parts"),),
            (Fix("end the label in a name, or take the labels of the parts away"),),
        )
        for node in renamed
    ]
    if problems:
        raise SpecError(*problems)


def _fits_none(line: syntax.Rename, model: Defined, names: list[str]) -> Diagnostic:
    parts = {part for name in names for part in name.split(".")[:-1]}
    unknown = next((part for part in line.own.value.split(".") if part not in ("*", *parts)), "")
    near = nearest(unknown, parts)
    fixes = [Fix(f"did you mean `{near}`?")] if near else []
    if names:
        fixes.append(Fix(f"the names of `{model.name}` are such as `{names[0]}` and `{names[-1]}`"))
    else:
        fixes.append(Fix("leave the line out: the model has no weights"))
    return Diagnostic(
        "E0408",
        f"`{line.own.value}` fits none of the {len(names):,} names of weights of `{model.name}`, or none first",
        (
            Label(line.own.span, "names here stand on the right"),
            Label(line.published.span, "published ones on the left"),
        ),
        tuple(fixes),
    )


def _lost(names: list[str], renames: Renames, lines: list[syntax.Rename]) -> list[Diagnostic]:
    """The first name that is published as one that is read as another."""
    known = set(names)
    for name in names:
        published = renames.there(name)
        back = renames.here(published)
        if published != name and published in known:
            what = "the name of another weight here"
        elif back != name:
            what = f"and that is read as `{back}`"
        else:
            continue
        rules = list(zip(lines, renames.all, strict=True))
        labels = {line: f"reads `{published}`" for line, r in rules if r.here(published) is not None}
        labels |= {line: f"renames `{name}`" for line, r in rules if r.there(name) is not None}
        return [
            Diagnostic(
                "E0408",
                f"`{name}` would be published as `{published}`, {what}",
                tuple(Label(line.span, said) for line, said in labels.items()),
                (Fix("write patterns that fit only one of the two; of several that fit, the first renames"),),
            )
        ]
    return []
