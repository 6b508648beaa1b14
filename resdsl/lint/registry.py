"""What a rule is, and the table of all rules, which fills itself as the modules of `rules` are imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from resdsl.diagnostics import Fix, Label, Severity
from resdsl.lint.subject import Subject
from resdsl.record import Record
from resdsl.scope import Spec


class Finding(Record):
    """What a rule says of a place: `labels[0]` is the user's own, the others show where the fault itself stands."""

    message: str
    labels: tuple[Label, ...]
    fixes: tuple[Fix, ...] = ()
    severity: Severity | None = None  # where it is not that of the rule


OfNetwork: TypeAlias = Callable[[Subject], Iterator[Finding]]
OfFile: TypeAlias = Callable[[Spec, Sequence[Subject]], Iterator[Finding]]


class Rule(Record):
    """A rule: its code and one-line summary, where it comes from, and whether it is on where nobody chooses."""

    code: str
    summary: str
    source: str
    severity: Severity
    on: bool
    of_network: OfNetwork | None = None
    of_file: OfFile | None = None


RULES: dict[str, Rule] = {}

# Warnings that are given where the fault is met, and can be chosen and ignored like any other.
ELSEWHERE = {
    "W0201": "a block that no model of the file uses",
    "W0202": "a value that the next line passes by and no line names",
    "W0205": "a comment that ignores nothing",
}


def network_rule(
    code: str, summary: str, source: str = "", severity: Severity = "warning", on: bool = True
) -> Callable[[OfNetwork], OfNetwork]:
    """Enter a rule that looks at one network."""

    def enter(function: OfNetwork) -> OfNetwork:
        _add(Rule(code, summary, source, severity, on, of_network=function))
        return function

    return enter


def file_rule(
    code: str, summary: str, source: str = "", severity: Severity = "warning", on: bool = True
) -> Callable[[OfFile], OfFile]:
    """Enter a rule that looks at the text of a file, and at the networks that it describes."""

    def enter(function: OfFile) -> OfFile:
        _add(Rule(code, summary, source, severity, on, of_file=function))
        return function

    return enter


def _add(rule: Rule) -> None:
    assert rule.code not in RULES and rule.code not in ELSEWHERE, rule.code
    RULES[rule.code] = rule


def known() -> dict[str, str]:
    """Every code that can be chosen or ignored, and its summary, in the order of the codes."""
    return dict(sorted([*ELSEWHERE.items(), *((rule.code, rule.summary) for rule in RULES.values())]))
