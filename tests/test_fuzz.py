"""The front end on texts that hardly are specs: findings, nothing else. `python tests/soak/front.py` tries millions."""

from __future__ import annotations

import front
import pytest

from resdsl import layout, parser
from resdsl.diagnostics import Diagnostic, Label, Source, Span, SpecError

SEED, COUNT, PARTS = 0, 3_000, 4


@pytest.mark.parametrize("part", range(PARTS))
def test_any_text_is_a_spec_or_brings_findings(part: int) -> None:
    for number in range(part, COUNT, PARTS):
        made = front.text(SEED, number)
        assert front.fault(made) is None, (number, made)


def test_all_kinds_of_text_are_tried() -> None:
    drawn = [front.text(SEED, number) for number in range(200)]
    sound = sum(parser.readable(Source("text", made)) for made in drawn)
    assert 20 < sound < 100
    assert len({*drawn}) > 170
    assert sum(made.startswith("resdsl 1\n") for made in drawn) > 50


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ([], "refused without a finding"),
        ([Diagnostic("E0101", "wrong")], "without a place"),
        ([Diagnostic("E0101", "Token('NAME', 'a')", (Label(Span(Source("s", "a"), 0, 1)),))], "is told 'Token'"),
        ([Diagnostic("E0101", "wrong", (Label(Span(Source("s", "a"), 0, 9)),))], "outside it"),
    ],
)
def test_a_bad_finding_is_a_fault(monkeypatch: pytest.MonkeyPatch, found: list[Diagnostic], wrong: str) -> None:
    def refuse(source: Source) -> None:
        raise SpecError(*found)

    monkeypatch.setattr(parser, "parse", refuse)
    assert wrong in (front.fault("a") or "")


def test_two_layouts_and_lost_time_are_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    assert front.fault("resdsl 1\nblock a { id }\n") is None
    monkeypatch.setattr(layout, "formatted", lambda source: source.text + "\n")
    assert front.fault("resdsl 1\n") == "is laid out in two ways"
    monkeypatch.setattr(front, "SECONDS", 0)
    assert (front.fault("resdsl 1\n") or "").startswith("takes")
