"""Variants: a model with each line of its variants in place."""

from __future__ import annotations

from dataclasses import dataclass

from resdsl import syntax
from resdsl.diagnostics import Edit, Fix, Label, error, nearest, quoted
from resdsl.limits import DEFAULT
from resdsl.scope import Defined, Scope, base_of


@dataclass(frozen=True, eq=False)
class Flat:
    """A model with the lines of its variants in place. `chain` goes from the model itself to its base."""

    base: Defined
    chain: tuple[Defined, ...]
    input: syntax.Input
    lines: tuple[tuple[syntax.Line, Scope], ...]
    expects: tuple[syntax.Expect, ...]


def flatten(model: Defined, depth: int = 1) -> Flat:
    """Each line of a variant replaces its base's of the same kind and label; what is new and no flow comes first."""
    definition = model.definition
    own = [(line, model.scope) for line in definition.body.lines if not isinstance(line, syntax.Expect)]
    expects = tuple(line for line in definition.body.lines if isinstance(line, syntax.Expect))
    if isinstance(definition, syntax.Model):
        return Flat(model, (model,), definition.input, tuple(own), expects)
    assert isinstance(definition, syntax.Variant)
    if depth > DEFAULT.nesting:
        what = f"`{model.name}` is a variant of a variant, more than {DEFAULT.nesting} deep"
        raise error("E0407", what, Label(definition.base.span), fixes=[Fix("vary a model nearer to the base")])
    parent = flatten(base_of(model), depth + 1)
    lines = list(parent.lines)
    places = {_kind(line): i for i, (line, _) in enumerate(lines)}
    new = []
    for line, scope in own:
        kind = _kind(line)
        if kind in places:
            lines[places[kind]] = (line, scope)
        elif kind[0] in ("let", "default", "keys"):
            new.append((line, scope))
        else:
            labels = [name for what, name in places if what == "part" and name]
            said = f"no line `{kind[1]}` to replace" if kind[1] else "no line without a label to replace"
            near = nearest(kind[1], labels)
            likely = [Fix(f"did you mean `{near}`?")] if near else []
            remove = Fix("remove it", (Edit(line.span, ""),))
            raise error(
                "E0203",
                f"`{definition.base.name}` has {said}, and a variant adds none; its lines are {quoted(labels)}",
                Label(line.span),
                Label(definition.base.span, "varied here"),
                fixes=[*likely, Fix("for one line more, write the model out")] if kind[1] else [remove],
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
        case syntax.Keys():
            return "keys", ""
        case syntax.Section():
            return "part", line.name
        case _:
            first = syntax.opening(line)
            return "part", first.label if isinstance(first, syntax.Labelled) else ""


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
