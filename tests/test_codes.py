"""The pages of the codes: each has one, its wrong example gives just that code, and its right one nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from resdsl import cli, codes

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "codes"
CODES = sorted(path.stem for path in FOLDER.glob("*.md") if path.name != "README.md")
FENCE = re.compile(r"^```(\S*)[ ]?([^\n]*)\n(.*?)^```$", re.M | re.S)

# The codes whose examples are commands, and why a spec cannot show them.
SHELL = {
    "E0502": "a file of that size is no example",
    "E0503": "the page itself is UTF-8",
    "E0504": "about what the operating system does",
    "E0506": "about a program that is not installed",
    "E0507": "about a checkpoint",
    "E0602": "about a checkpoint",
}
NEEDS_TORCH = {"E0507", "E0602"}
LINTED = {code for code in CODES if code[0] == "W"} | {"E0210"}  # tests/test_lint.py runs their examples
# The codes that another command than `check` gives.
COMMAND = {"E0601": "compile"}
UNEDITIONED = {"E0102"}  # the one finding whose example has no edition


@dataclass(frozen=True)
class Page:
    """A page, taken apart."""

    code: str

    @cached_property
    def text(self) -> str:
        return (FOLDER / f"{self.code}.md").read_text(encoding="utf-8")

    @cached_property
    def parts(self) -> list[str]:
        """What stands above the first `##`, under `## Wrong` and under `## Right`."""
        return re.split(r"^## (?:Wrong|Right)\n", self.text, flags=re.M)

    @property
    def prose(self) -> list[str]:
        _, _, rest = FENCE.sub("", self.parts[0]).partition("\n")
        return [line for line in rest.splitlines() if line.strip()]

    @property
    def samples(self) -> list[str]:
        """The lines that resdsl is said to print."""
        shown = [text for language, _, text in FENCE.findall(self.parts[0]) if language == "text"]
        return [line.strip() for text in shown for line in text.splitlines() if line.strip(" .")]

    def example(self, side: str) -> dict[str, str]:
        """The files of an example; the one without a name is `net.resnet`."""
        part = self.parts[1 if side == "Wrong" else 2]
        return {name or "net.resnet": text for language, name, text in FENCE.findall(part) if language == "resnet"}

    def commands(self, side: str) -> str:
        return "".join(text for language, _, text in FENCE.findall(self.parts[1 if side == "Wrong" else 2]))


PAGES = [pytest.param(Page(code), id=code) for code in CODES]
SPECS = [pytest.param(Page(code), id=code) for code in CODES if code not in {*SHELL, *LINTED}]


# -- shape ---------------------------------------------------------------------------------------------------------


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    modules = (ROOT / "resdsl").rglob("*.py")
    raised = {code for path in modules for code in re.findall(r'"([EW]\d{4})"', path.read_text(encoding="utf-8"))}
    assert sorted(raised) == CODES == list(codes.summaries())


def test_the_reference_says_of_each_code_what_its_page_says() -> None:
    reference = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([EW]\d{4}) \| (?:a warning: |information: )?(.*) \|$", reference, re.M)
    assert [Page(code).text.partition("\n")[0] for code in CODES] == [f"# {code}: {said}" for code, said in rows]


def test_the_index_is_that_of_the_pages() -> None:
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == codes.index(), "run `make codes`"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_the_shape_of_all_pages(page: Page) -> None:
    outside = FENCE.sub("", page.text)
    assert re.findall(r"^#+ .*$", outside, re.M) == [page.text.partition("\n")[0], "## Wrong", "## Right"]
    assert len(page.prose) <= 15
    kinds = [language for part in page.parts[1:] for language, _, _ in FENCE.findall(part)]
    if page.code in SHELL:
        assert kinds == ["sh", "sh"], SHELL[page.code]
    else:
        assert set(kinds) == {"resnet"}
        for side in ("Wrong", "Right"):
            specs = page.example(side)
            assert "net.resnet" in specs
            for text in specs.values():
                assert text.startswith("resdsl 1\n") or (side == "Wrong" and page.code in UNEDITIONED)


# -- examples ------------------------------------------------------------------------------------------------------


def lay_out(specs: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in specs.items():
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)


@pytest.mark.parametrize("page", SPECS)
def test_the_wrong_example_gives_that_code_alone(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(page.example("Wrong"), tmp_path, monkeypatch)
    assert cli.main([COMMAND.get(page.code, "check"), "net.resnet"]) == 1
    shown = "".join(capsys.readouterr())
    assert set(re.findall(r"^(?:error|warning|information)\[(.*?)\]", shown, re.M)) == {page.code}, shown
    for sample in page.samples:
        assert sample in shown


@pytest.mark.parametrize("page", SPECS)
def test_the_right_example_is_clean(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert page.example("Right") != page.example("Wrong")
    lay_out(page.example("Right"), tmp_path, monkeypatch)
    assert cli.main(["check", "net.resnet"]) == 0, capsys.readouterr().out
    assert re.fullmatch(r"1 spec checked: nothing is wrong(; \d+ remarks? with --info)?\n", capsys.readouterr().out)
    if page.code in COMMAND:
        assert cli.main([COMMAND[page.code], "net.resnet"]) == 0


@pytest.fixture
def commands(tmp_path: Path) -> dict[str, str]:
    """An environment in which a page's commands find what they need, and not Graphviz."""
    bin = tmp_path / "bin"
    bin.mkdir()
    for name, run in (("python", sys.executable), ("resdsl", f"{sys.executable} -m resdsl")):
        (bin / name).write_text(f'#!/bin/sh\nexec {run} "$@"\n')
        (bin / name).chmod(0o755)
    for name in ("mkdir", "iconv"):
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"`{name}` is not installed")
        (bin / name).symlink_to(found)
    return {**os.environ, "PATH": str(bin), "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("code", SHELL)
def test_the_commands_of_a_page_do_what_it_says(code: str, tmp_path: Path, commands: dict[str, str]) -> None:
    if code in NEEDS_TORCH:
        pytest.importorskip("torch")

    def run(side: str) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", "-c", Page(code).commands(side)], cwd=tmp_path, env=commands, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    status, shown = run("Wrong")
    assert status != 0
    assert set(re.findall(r"^error\[(.*?)\]", shown, re.M)) == {code}, shown
    status, shown = run("Right")
    assert status == 0, shown


# -- the command ---------------------------------------------------------------------------------------------------


def test_explain_prints_the_page_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "E0301"]) == 0
    assert capsys.readouterr() == (Page("E0301").text, "")


def test_explain_takes_several_codes_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "e0301", "W0201", "E0301"]) == 0
    assert capsys.readouterr() == (f"{Page('E0301').text}\n{Page('W0201').text}", "")


def test_explain_shows_no_character_that_a_terminal_would_obey(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\u200b" in Page("E0001").text
    assert cli.main(["explain", "E0001"]) == 0
    assert capsys.readouterr().out == Page("E0001").text.replace("\u200b", "\ufffd")


@pytest.mark.parametrize(("variables", "painted"), [({}, False), ({"FORCE_COLOR": "1"}, True)], ids=["plain", "color"])
def test_headings_are_bold_where_colors_are_wanted(
    variables: dict[str, str], painted: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["explain", "E0301", "E0502"]) == 0
    shown = capsys.readouterr().out
    assert len(re.findall(r"^\x1b\[1m##? .*\x1b\[0m$", shown, re.M)) == (6 if painted else 0)
    assert "\x1b" not in re.sub(r"\x1b\[[01]m", "", shown)
    text = f"{Page('E0301').text}\n{Page('E0502').text}"
    assert re.sub(r"\x1b\[[01]m", "", shown) == text


def test_a_comment_in_an_example_is_no_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    page = "# E0000: a\n\n```resnet\n# a comment\n```\n"
    assert cli._lit(page) == "\x1b[1m# E0000: a\x1b[0m\n\n```resnet\n# a comment\n```"


def test_without_a_code_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:5] for line in lines] == CODES
    assert f"{CODES[0]}  {Page(CODES[0]).text.partition(': ')[2].partition(chr(10))[0]}" == lines[0]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("E0310", ("`E0310`", "did you mean `E03")),
        ("0301", ("`0301`", "did you mean `E0301`?")),
        ("shapes", ("`shapes`", "lists the codes")),
        ("README", ("`README`", "lists the codes")),
        ("../E0301", ("lists the codes",)),
        ("\x1b[31m", ("lists the codes",)),
    ],
)
def test_an_unknown_code_is_refused(code: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "E0301", code]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "\x1b" not in err
    assert all(word in err for word in words), err


# -- where one is sent to a page -----------------------------------------------------------------------------------


def test_the_last_line_of_a_check_names_the_pages_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out({f"{code}.resnet": Page(code).example("Wrong")["net.resnet"] for code in CODES if code not in SHELL},
            tmp_path, monkeypatch)  # fmt: skip
    cli.main(["check", "E0301.resnet", "E0305.resnet", "E0301.resnet"])
    shown = capsys.readouterr().out
    assert shown.endswith("\n3 errors, 0 warnings\nfor more: resdsl explain E0301 E0305\n")
    assert shown.count("resdsl explain") == 1
    cli.main(["check", "E0301.resnet", "E0305.resnet", "E0303.resnet", "E0401.resnet"])
    assert capsys.readouterr().out.endswith("for more: resdsl explain E0301 E0305 E0303\n"), "three are enough"


def test_any_command_that_refuses_a_spec_names_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(Page("E0301").example("Wrong"), tmp_path, monkeypatch)
    for arguments in (["count", "net.resnet"], ["draw", "net.resnet"], ["diff", "net.resnet", "resnet18"]):
        assert cli.main(arguments) in (1, 2)
        assert capsys.readouterr().err.endswith("\n\nfor more: resdsl explain E0301\n")


@pytest.mark.parametrize("arguments", [["count", "resnet5"], ["check", "resnet5"], ["explain", "E9"]], ids=" ".join)
def test_a_slip_in_a_command_sends_nobody_to_a_page(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    assert "for more" not in "".join(capsys.readouterr())
