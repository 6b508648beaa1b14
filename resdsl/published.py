"""Do the `keys` lines of a model fit the names of its parts? Each pattern has to, and each name has to come back."""

from __future__ import annotations

from itertools import islice

from resdsl import graph, syntax
from resdsl.analyze.keys import keys
from resdsl.analyze.renames import Renames
from resdsl.diagnostics import Diagnostic, Fix, Label, SpecError, nearest
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
