"""The tutorial as its reader follows it: each file is written, each command and program run, in a folder of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

PAGE = Path(__file__).resolve().parents[1] / "docs" / "tutorial.md"
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.M | re.S)


def test_the_tutorial_runs_from_the_first_line_to_the_last(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
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
    assert commands >= 7
    assert printed.startswith("step  0: loss 1.")
    assert (tmp_path / "toy.svg").read_text().startswith("<svg") and (tmp_path / "toy.pt").exists()


def ran(command: str, folder: Path) -> str:
    """What a command prints. `resdsl` and `python` are the ones of this environment."""
    line = command.replace("resdsl ", f"{sys.executable} -m resdsl ", 1) if command.startswith("resdsl") else command
    line = line.replace("python ", f"{sys.executable} ") if not command.startswith("resdsl") else line
    line = line.replace("| python", f"| {sys.executable}")
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=folder, timeout=300)
    assert not done.stderr, done.stderr
    return done.stdout
