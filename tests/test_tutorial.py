"""The tutorial and the cookbook as their reader follows them: each file is written, each command and program run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

DOCS = Path(__file__).resolve().parents[1] / "docs"
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.M | re.S)


def test_the_tutorial_runs_from_the_first_line_to_the_last(tmp_path: Path) -> None:
    printed, commands = followed(DOCS / "tutorial.md", tmp_path)
    assert commands >= 7
    assert printed.startswith("step  0: loss 1.")
    assert (tmp_path / "toy.svg").read_text().startswith("<svg") and (tmp_path / "toy.pt").exists()


def test_the_cookbook_has_ten_recipes_and_each_works(tmp_path: Path) -> None:
    page = DOCS / "cookbook.md"
    _, commands = followed(page, tmp_path)
    assert commands == 10 and re.findall(r"^## (\d+)\.", page.read_text(encoding="utf-8"), re.M)[-1] == "10"
    for spec in sorted(tmp_path.glob("*.resnet")):
        assert ran(f"resdsl check {spec.name}", tmp_path).startswith("1 spec checked: nothing is wrong")
        assert spec.name == "base.resnet" or ran(f"resdsl fmt --check {spec.name}", tmp_path).startswith("0 files")


def followed(page: Path, tmp_path: Path) -> tuple[str, int]:
    """A page from its first line to its last: what its programs print, and how many commands it has."""
    text = page.read_text(encoding="utf-8")
    printed, commands = "", 0
    for found in FENCE.finditer(text):
        kind, block = found[1], found[2]
        if kind == "resnet":
            named = re.findall(r"`(\w+\.resnet)`", text[: found.start()])
            (tmp_path / named[-1]).write_text(block)
        elif kind == "console":
            command, _, shown = block.partition("\n")
            assert ran(command.removeprefix("$ "), tmp_path) == shown, command
            commands += 1
        elif kind == "python":
            name = re.findall(r"`(\w+\.py)` and run it", text[: found.start()])[-1]
            (tmp_path / name).write_text(block)
            printed += ran(f"python {name}", tmp_path)
        else:
            assert kind == "text" and printed.endswith(block)
    return printed, commands


def ran(command: str, folder: Path) -> str:
    """What a command prints. `resdsl` and `python` are the ones of this environment."""
    line = command.replace("resdsl ", f"{sys.executable} -m resdsl ", 1) if command.startswith("resdsl") else command
    line = line.replace("python ", f"{sys.executable} ") if not command.startswith("resdsl") else line
    line = line.replace("| python", f"| {sys.executable}")
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=folder, timeout=300)
    assert not done.stderr, done.stderr
    return done.stdout
