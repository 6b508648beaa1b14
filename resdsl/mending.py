"""Fixes made: a text with the edits of its findings, as far as they leave less wrong than there was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl import findings, network
from resdsl.diagnostics import Diagnostic, Fix, Source
from resdsl.parser.mended import Mended

_ROUNDS = 20


def mended(source: Source, unsafe: bool = False, check: findings.Check = network.check) -> tuple[Source, list[Fix]]:
    """The text with its safe fixes made, or with `unsafe` all that can be, and the fixes.

    A fix that does not leave less wrong is not made: first come faults of words, then other errors, then warnings.
    """
    made: list[Fix] = []
    found = findings.of(source, check=check)
    for _ in range(_ROUNDS):
        for fix in _fixes(source, found, unsafe):
            text = Mended(source, fix.edits).source
            left = findings.of(text, check=check)
            if _better(left, found):
                source, found = text, left
                made.append(fix)
                break
        else:
            break
    return source, made


def _better(after: Sequence[Diagnostic], before: Sequence[Diagnostic]) -> bool:
    def weight(found: Sequence[Diagnostic]) -> tuple[int, int, int]:
        words = sum(d.code[:3] in ("E00", "E01") for d in found)  # what they hide is told when they are gone
        return words, sum(d.severity == "error" for d in found), len(found)

    return weight(after) < weight(before)


def _fixes(source: Source, found: Sequence[Diagnostic], unsafe: bool) -> Iterator[Fix]:
    """The fixes of a text that can be made by a program: the first of each finding, then the others."""
    rows = [[f for f in d.fixes if f.edits and (unsafe or f.applicability == "safe")] for d in found]
    for turn in range(max(map(len, rows), default=0)):
        for row in rows:
            if turn < len(row) and all(edit.span.source is source for edit in row[turn].edits):
                yield row[turn]
