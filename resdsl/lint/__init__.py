"""Lint from the theory of residual networks: what is no error and yet not what an author should want.

    found = lint.check(spec)            # errors, warnings and information, in the order of the text
    found = lint.check(spec, settings=Settings(select=("all",)))

registry   what a rule is, and the table of them    subject   a network as the rules see it
rules/     the rules, a file a family               sums      the residual sums of a network
comments   `# resdsl: ignore[W1003] why`            settings  flags and pyproject.toml

A rule is a function that yields findings, a page in docs/codes and a row in tests/test_lint.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from resdsl import network
from resdsl.diagnostics import Diagnostic, SpecError
from resdsl.elaborate import is_template
from resdsl.lint import comments, rules
from resdsl.lint.registry import RULES, Finding, Rule
from resdsl.lint.settings import Settings
from resdsl.lint.subject import Subject
from resdsl.lint.words import times
from resdsl.network import Network
from resdsl.scope import Defined, Spec, base_of
from resdsl.syntax import Variant

__all__ = ["RULES", "Finding", "Rule", "Settings", "Subject", "check", "findings", "rules"]


def check(spec: Spec, only: Defined | None = None, settings: Settings = Settings()) -> tuple[Diagnostic, ...]:  # noqa: B008  # frozen
    """All that is to be said of a spec, or of one model of it, less what its comments ignore."""
    found, networks = network.checked(spec, only)
    asked = settings.asked(spec.file.source.path)
    subjects = [Subject(net) for net in networks]
    found = (
        *(d for d in found if d.severity == "error" or d.code in asked),
        *findings(spec, subjects, asked, alone=only is not None),
    )
    kept: list[Diagnostic] = list(found)
    for file in spec.files:
        given, wrong = comments.ignores(file)
        kept, used = comments.applied(kept, given, file.source)
        kept += wrong
        if file is spec.file and only is None and "W0205" in asked and not any(d.severity == "error" for d in found):
            kept += comments.unused(given, used, asked)
    return tuple(sorted(kept, key=lambda d: _order(spec, d)))


def _order(spec: Spec, diagnostic: Diagnostic) -> tuple[int, int, str]:
    """Errors as they came; then by file and place."""
    place = diagnostic.place
    if diagnostic.severity == "error" or place is None:
        return 0, 0, ""
    return 1 + next((i for i, f in enumerate(spec.files) if f.source is place.source), -1), place.start, diagnostic.code


def findings(
    spec: Spec, subjects: Sequence[Subject], asked: frozenset[str], *, alone: bool = False
) -> list[Diagnostic]:
    """What the rules that are asked for find; of one place that several models share, what the first has.

    A variant does not repeat what is found in its base, unless one model is looked at alone.
    """
    chosen = [rule for rule in RULES.values() if rule.code in asked]
    made = {s.net.model.name: list(_of_network(s, chosen)) for s in subjects}
    found: list[tuple[str, Diagnostic]] = []
    for subject in subjects:
        base = set() if alone else _inherited(spec, subject, made, chosen)
        name = subject.net.model.name
        found += [(name, d) for d in made[name] if (_fault(d), d.severity) not in base]
    for rule in chosen:
        if rule.of_file is not None:
            found += (("", _diagnostic(rule, finding)) for finding in rule.of_file(spec, subjects))
    return list(_once(found))


def _of_network(subject: Subject, chosen: Iterable[Rule]) -> Iterator[Diagnostic]:
    for rule in chosen:
        if rule.of_network is not None:
            yield from (_diagnostic(rule, finding) for finding in rule.of_network(subject))


def _diagnostic(rule: Rule, finding: Finding) -> Diagnostic:
    message = f"{finding.message} ({rule.source})" if rule.source else finding.message
    return Diagnostic(rule.code, message, finding.labels, finding.fixes, finding.severity or rule.severity)


def _fault(diagnostic: Diagnostic) -> object:
    """What is wrong, wherever it is told: the code and the innermost place."""
    return diagnostic.code, diagnostic.labels[-1].span


def _inherited(
    spec: Spec, subject: Subject, made: dict[str, list[Diagnostic]], chosen: Iterable[Rule]
) -> set[tuple[object, str]]:
    """The faults inside shipped or foreign text that the base of a variant has too: told there."""
    own = made[subject.net.model.name]
    if not own or not isinstance(subject.net.model.definition, Variant):
        return set()
    base = base_of(subject.net.model)
    if is_template(base):
        return set()
    if base.name not in made:  # of another file, or the one model that was asked for is a variant
        try:
            made[base.name] = list(_of_network(Subject(Network(spec, base, expects=False)), chosen))
        except SpecError:
            return set()
    inner = [d for d in made[base.name] if len(d.labels) > 1]
    return {(_fault(d), d.severity) for d in inner}


def _once(found: Iterable[tuple[str, Diagnostic]]) -> Iterator[Diagnostic]:
    """Findings of one code at one place together: the first, and how many more there are, in which models."""
    groups: dict[object, list[tuple[str, Diagnostic]]] = {}
    for model, d in found:
        groups.setdefault((d.code, d.place, d.severity, _fault(d)), []).append((model, d))
    for (model, first), *more in groups.values():
        if any(d.message != first.message for _, d in more):
            again = sum(other == model for other, _ in more)
            others = len({other for other, _ in more if other != model})
            notes = [f"so {'do' if again > 1 else 'does'} {times(again, 'other place')} of this line"] * bool(again)
            notes += [f"so do {others} other models" if others > 1 else "so does another model"] * bool(others)
            first = first.noted(*notes)
        yield first
