"""Several faults at once: each told, where it is, with the edits that mend it; and the edits made."""

from __future__ import annotations

import itertools
import random
import sys
from pathlib import Path

import pytest
from mistakes import OTHER_LANGUAGES, TABLE, Mistake
from mutations import KINDS, found, located, mutants, restored

from resdsl import findings, mending
from resdsl.cli import main
from resdsl.diagnostics import Diagnostic, Source
from resdsl.parser.mended import Mended
from resdsl.parser.tokens import tokens

sys.path.insert(0, str(Path(__file__).parent / "soak"))
import fuzz

SLIPS = """resdsl 1
# A net with slips.

blok unit(width, stride = 1) {
  (conv (width, 3, strid = stride) -> norm act -> conv(width, 3 -> norm)
  + shortcut: project(width, stride)
  -> act
}

model net(classes = 10) {
  input 3 x 32 x 32
  stem { conv(16, 3) → norm -> act }
  layer1: stage(unit, 16, 3)
  layer2: stage(unit, 32, 3, stride = 2)
  head { globalpol -> flatten -> linear(classes) }
  expect layrs = 14
"""


def told(text: str) -> list[tuple[str, int]]:
    """The code and line of each finding."""
    ds = findings.of(Source("net.resnet", text))
    return [(d.code, d.place.source.position(d.place.start)[0]) for d in ds if d.place]


def test_faults_of_words_and_of_names_are_told_in_one_run() -> None:
    assert told(SLIPS) == [
        ("E0101", 4),
        ("E0101", 5),
        ("E0103", 5),
        ("E0105", 5),
        ("E0105", 10),
        ("E0002", 12),
        ("E0202", 15),
        ("E0402", 16),
    ]


def test_all_fixes_made_leave_nothing_wrong() -> None:
    mended, made = mending.mended(Source("net.resnet", SLIPS), unsafe=True)
    assert findings.of(mended) == ()
    assert len(made) == 9  # the eight, and the argument that the lost bracket hid
    assert "stem { conv(16, 3) -> norm -> act }" in mended.text
    assert "# A net with slips." in mended.text


def test_safe_fixes_alone_are_made_unless_more_is_asked_for() -> None:
    mended, made = mending.mended(Source("net.resnet", SLIPS))
    assert [fix.message for fix in made] == ["remove the space"]
    assert mended.text == SLIPS.replace("conv (width", "conv(width")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_fixes_never_leave_a_spec_worse(row: object) -> None:
    source = Source("net.resnet", row.spec)  # type: ignore[attr-defined]
    before = findings.of(source)
    mended, made = mending.mended(source, unsafe=True)
    after = findings.of(mended)
    assert bool(made) == (mended.text != source.text)
    if made:  # faults of words hide others: fewer of them come first
        assert weight(after) < weight(before)


def weight(ds: tuple[Diagnostic, ...]) -> tuple[int, int]:
    return sum(d.code < "E0200" for d in ds), len(ds)


@pytest.mark.parametrize("row", OTHER_LANGUAGES, ids=lambda row: row.id)
def test_what_other_languages_write_is_mended_as_a_whole(row: Mistake) -> None:
    mended, made = mending.mended(Source("net.resnet", row.spec), unsafe=True)
    told = [d for d in findings.of(Source("net.resnet", row.spec)) if d.severity == "error"]
    left = [d.code for d in findings.of(mended) if d.severity == "error"]
    assert len(told) == 1 or row.id == "pipe", told
    assert made or not told[0].fixes[0].edits
    assert not made or left in ([], ["E0403"], ["E0501"]) or row.id == "loop", left


WRITTEN = [row for row in TABLE if row.id != "nesting"]


@pytest.mark.parametrize("row", WRITTEN, ids=lambda row: row.id)
def test_edits_lie_apart_and_keep_every_comment(row: Mistake) -> None:
    for spec in (row.spec, row.spec.replace("\n  ", "  # why\n  ")):
        source = Source("net.resnet", spec)
        for fix in (fix for d in findings.of(source) for fix in d.fixes if fix.edits):
            edits = sorted(fix.edits, key=lambda e: e.span.start)
            assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(edits)), fix
            assert all(0 <= e.span.start <= e.span.end <= len(spec) for e in edits)
            taken = "".join(e.span.text for e in edits)
            assert "#" not in taken or fix.message.startswith("remove"), fix


@pytest.mark.parametrize("text", ["model a-", "block a-b-", "model m = n(k 1", "block b { linear 10", " x else"])
def test_a_habit_may_end_the_file(text: str) -> None:
    assert findings.of(Source("net.resnet", f"resdsl 1\n{text}"))


COUNTED = """resdsl 1
model net(classes = 10) {
  input 3 x 32 x 32
  stem { conv(16, 3) -> norm -> act }
  layer1: stage(basic, 16, 2)
  layer2: stage(basic, 32, 2, stride = 2)
  head { globalpool -> flatten -> linear(classes) }
  expect layers = 10, params = 43_226, macs = 18_268_480
}
"""
SLIPPED = [
    ("conv(16, 3)", "conv(16 * 3)", "E0206"),
    ("stage(basic, 16, 2)", "stage(basic, 16 * 2)", "E0206"),
    ("layer2: stage", "layer2: 3 stage", "E0103"),
    ("16, 2)", "16, 2) norm", "E0103"),
    ("globalpool -> flatten", "globalpool + flatten", "E0301"),
    ("stride = 2", "stride == 2", "E0202"),
    ("stride = 2", "stride - 2", "E0202"),
    ("input 3 x", "input 3 input 3 x", "E0101"),
]


@pytest.mark.parametrize(("meant", "written", "code"), SLIPPED)
def test_a_slip_that_an_expectation_proves_is_the_first_fix(meant: str, written: str, code: str) -> None:
    source = Source("net.resnet", COUNTED.replace(meant, written))
    first = findings.of(source)[0]
    assert first.code == code
    assert Mended(source, first.fixes[0].edits).source.text.replace(" ", "") == COUNTED.replace(" ", "")


def test_without_an_expectation_no_slip_is_guessed() -> None:
    text = COUNTED.replace("globalpool -> flatten", "globalpool + flatten")
    with_it, without = (findings.of(Source("net.resnet", t))[0] for t in (text, text.replace("expect", "# expect")))
    assert with_it.fixes[0].message == "write `->` in place of `+`, which meets `expect`"
    assert without.fixes == with_it.fixes[1:]


def test_a_count_that_is_not_met_is_no_slip() -> None:
    found = findings.of(Source("net.resnet", COUNTED.replace("basic, 16, 2", "basic, 16, 3")))
    assert [d.code for d in found] == ["E0403"] * 3
    assert not any(fix.edits for d in found for fix in d.fixes)


# -- the command -------------------------------------------------------------------------------------------------------


def test_check_fix_changes_the_file_and_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "net.resnet"
    spec.write_bytes(b"\xef\xbb\xbf" + SLIPS.replace("\n", "\r\n").encode())
    assert main(["check", "--unsafe-fixes", str(spec)]) == 0
    said = capsys.readouterr()
    assert said.err.count(": fixed: ") == 9
    assert "nothing is wrong" in said.out
    mended = spec.read_bytes()
    assert mended.startswith(b"\xef\xbb\xbfresdsl 1\r\n")
    assert mended.count(b"\n") - mended.count(b"\r\n") <= 1  # the brace that is put in ends the line above it


def test_check_without_fix_changes_nothing(tmp_path: Path) -> None:
    spec = tmp_path / "net.resnet"
    spec.write_text(SLIPS)
    assert main(["check", str(spec)]) == 1
    assert spec.read_text() == SLIPS


@pytest.mark.parametrize("name", ["resnet50", "-"])
def test_what_is_no_file_of_the_user_is_not_fixed(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115  # closed with the test
    assert main(["check", "--fix", name]) == 2
    assert "none of yours" in capsys.readouterr().out


def test_the_short_form_is_a_line_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "net.resnet"
    spec.write_text(SLIPS)
    assert main(["check", "--format", "short", str(spec)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{spec}:4:1: error[E0101]: `blok` is not expected here"
    assert len(lines) == 8


# -- faults by the hundred: tests/soak/mutations.py has the whole figures ----------------------------------------------

LEAST = {"located": 0.85, "alone": 0.9, "restored": 0.8}


@pytest.mark.parametrize("kind", KINDS)
def test_single_faults_are_located_told_once_and_mended(kind: str) -> None:
    judged = [(m, ds) for m in mutants(kind, 40, seed=2) if (ds := found(m.source))]
    share = {
        "located": sum(located(m, ds[0], m.places[0]) for m, ds in judged) / len(judged),
        "alone": sum(len(ds) == 1 for _, ds in judged) / len(judged),
        "restored": sum(restored(m, ds, of_kind=True) for m, ds in judged) / len(judged),
    }
    assert {name: value for name, value in share.items() if value < LEAST[name]} == {}


def test_three_faults_are_told_and_little_else() -> None:
    judged = [(m, found(m.source)) for m in mutants("any", 20, seed=2, faults=3)]
    hit = [any(located(m, d, place, both=True) for d in ds) for m, ds in judged for place in m.places]
    spurious = [not any(located(m, d, place, both=True) for place in m.places) for m, ds in judged for d in ds]
    assert sum(hit) / len(hit) >= 0.9
    assert sum(spurious) / len(judged) <= 0.3


def test_whatever_comes_in_only_findings_come_out() -> None:
    for text in fuzz.texts(300, seed=3):
        said = fuzz.fault(text)
        assert said is None or said.startswith("took"), (said, text)


def test_the_same_faults_are_told_in_the_same_way() -> None:
    def once() -> tuple[Diagnostic, ...]:
        tokens.cache_clear()
        return findings.of(Source("net.resnet", SLIPS))

    words = [[(d.code, d.message, [f.message for f in d.fixes]) for d in once()] for _ in range(2)]
    assert words[0] == words[1]


def test_a_long_spec_with_many_faults_takes_time_in_proportion() -> None:
    rng = random.Random(1)
    unit = "block unit{i}(width) {{ (conv(width, 3) -> norm -> act -> conv(width, 3) -> norm) + id -> act }}\n"
    text = "resdsl 1\n" + "".join(unit.format(i=i).replace("->", rng.choice(["->", "->", ""]), 1) for i in range(400))
    ds = findings.of(Source("net.resnet", text))
    assert len(ds) == 20  # the most that are told of one text
    assert {d.code for d in ds} == {"E0103"}
