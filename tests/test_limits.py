"""Limits: what asks for far more than it says is refused at once. `tests/soak/limits.py` measures how soon."""

from __future__ import annotations

import sys
import time
import tracemalloc
from pathlib import Path

import growth
import pytest
from hostile import TABLE, Hostile, net

from resdsl import cli, files, findings, lint
from resdsl.diagnostics import SpecError

sys.path.append(str(Path(__file__).parent / "soak"))

import scaling
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


SMALL = [name for name, row in TABLE.items() if not row.said and len(row.text) < 20_000]


@pytest.mark.parametrize("name", SMALL)
def test_what_is_small_after_all_is_written_at_once(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    spec = str(written(TABLE[name], tmp_path))
    for command in (
        ["count", spec], ["compile", spec], ["draw", spec], ["ir", spec], ["table", spec, "--style", "identity"],
    ):  # fmt: skip
        started = time.process_time()
        status = cli.main(command)  # 1: blocks too deep inside one another for a module
        assert status == 0 or (status == 1 and command[0] == "compile"), capfd.readouterr().err
        assert time.process_time() - started < LATE * MILLISECONDS / 1000
        assert len(capfd.readouterr().out) < 200_000


def calls(text: str) -> int:
    """How many functions a check calls: of Python, and of C."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        scaling.check(text)
    finally:
        sys.setprofile(None)
    return count


GROWING = [name for name in growth.TABLE if "terminal" not in name][::3]


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_text_is_twice_the_work(name: str) -> None:
    """As counts: `tests/soak/scaling.py` has all kinds of text, and times."""
    make = growth.TABLE[name]
    scaling.check(make(50))
    assert calls(make(200)) < scaling.MOST * calls(make(100))


def test_work_that_grows_faster_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(text: str) -> None:
        sum(len(str(i)) for i in range(len(text) ** 2 // 100))

    monkeypatch.setattr(scaling, "check", slow)
    assert calls("x" * 400) > scaling.MOST * calls("x" * 200)


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


def test_many_named_values_take_little_memory() -> None:
    """The names that are read later were once kept for each line: a gigabyte for 7,000 lines."""
    lines = [f"let a{i} = id" for i in range(2_000)] + [f"l{i}: a{i}" for i in range(2_000)]
    tracemalloc.start()
    try:
        scaling.check(net(*lines))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEGABYTES * 10**6
