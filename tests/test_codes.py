"""Every code has its page: what it means, an example that gives just this code, and one that is mended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from resdsl import codes, findings
from resdsl.cli import main
from resdsl.diagnostics import Source, UsageError

ROOT = Path(__file__).resolve().parents[1]
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/codes").glob("[EW]*.md"))}
# What no spec alone can show: it takes other files, the system, other programs, or a checkpoint.
SHELL = {"E0502", "E0503", "E0504", "E0505", "E0506", "E0507", "E0601", "E0602"}


def examples(code: str) -> list[str]:
    return re.findall(r"```resnet\n(.*?)```", PAGES[code], re.S)


def test_every_code_of_the_program_has_a_page_and_every_page_a_code() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "resdsl").rglob("*.py")]
    assert set(PAGES) == {code for text in texts for code in re.findall(r'"([EW]\d{4})"', text)}


def test_a_page_says_in_its_first_line_what_the_table_of_the_language_says() -> None:
    reference = (ROOT / "docs/language.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([EW]\d{4}) \| (?:a warning: |information: )?(.*) \|$", reference, re.M)
    assert dict(rows) == codes.summaries()


@pytest.mark.parametrize("code", PAGES)
def test_a_page_has_the_shape_of_all_pages(code: str) -> None:
    shape = rf"# {code}: [^\n]+\n\n.+\n\n## Wrong\n\n```(\w+)\n.+```\n\n## Right\n\n```(\w+)\n.+```\n"
    found = re.fullmatch(shape, PAGES[code], re.S)
    assert found
    assert found.groups() == (("sh", "sh") if code in SHELL else ("resnet", "resnet"))


LINTED = {code for code in PAGES if code[0] == "W"} | {"E0210"}  # tests/test_lint.py runs their examples


@pytest.mark.parametrize("code", [code for code in PAGES if code not in SHELL | LINTED])
def test_the_wrong_example_gives_the_code_and_the_right_one_nothing(code: str) -> None:
    wrong, right = examples(code)
    assert {d.code for d in findings.of(Source("wrong.resnet", wrong))} == {code}
    assert findings.of(Source("right.resnet", right)) == ()


def test_the_index_is_current() -> None:
    assert (ROOT / "docs/codes/README.md").read_text(encoding="utf-8") == codes.index()


def test_explain_prints_pages_and_lists_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "e0301", "E0101"]) == 0
    assert capsys.readouterr().out == f"{PAGES['E0301']}\n{PAGES['E0101']}"
    assert main(["explain"]) == 0
    assert [line[:5] for line in capsys.readouterr().out.splitlines()] == list(PAGES)


def test_a_code_that_there_is_not_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="did you mean `E0301`"):
        codes.page("E03O1")
    assert main(["explain", "nonsense"]) == 2
    assert "`resdsl explain` lists the codes" in capsys.readouterr().err
