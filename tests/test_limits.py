"""Limits: what asks for far more than it says is refused at once. `tests/soak/limits.py` measures how soon."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from hostile import TABLE, Hostile, net

from resdsl import files, findings, lint
from resdsl.diagnostics import SpecError

sys.path.append(str(Path(__file__).parent / "soak"))

from limits import MEGABYTES, MILLISECONDS, cost, written

LATE = 15  # how much longer a busy machine may take than a quiet one


@pytest.mark.parametrize("name", TABLE)
def test_what_asks_for_too_much_is_refused_at_once(tmp_path: Path, name: str) -> None:
    row = TABLE[name]
    spec = written(row, tmp_path)
    started = time.process_time()
    try:
        found = findings.of(files.read_file(spec), None, lint.check)
    except SpecError as problem:
        found = problem.diagnostics
    assert time.process_time() - started < LATE * MILLISECONDS / 1000
    errors = [d for d in found if d.severity == "error"]
    if row.said:
        assert any(row.said in f"{d.code} {d.message}" for d in errors), errors
        assert all(d.place or "imports" in d.message or "larger" in d.message for d in errors)
    else:
        assert not errors


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
@pytest.mark.parametrize(
    "name", ["10^6 brackets that only close", "10^6 lines", "2^60 by lists of lists", "lists of 10^8 items kept"]
)
def test_a_refusal_takes_little_memory(tmp_path: Path, name: str) -> None:
    (tmp_path / "base").mkdir()
    base = cost(written(Hostile(net("relu")), tmp_path / "base"))
    one = cost(written(TABLE[name], tmp_path))
    assert not one.wrong(TABLE[name]), one
    assert one.megabytes - base.megabytes < MEGABYTES
