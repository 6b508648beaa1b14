"""Commands that are killed or interrupted at random moments; `tests/soak/kills.py` does it 500 and 200 times."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent / "soak"))

from kills import SPEC, fault, interrupts, kills, versions


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_a_command_that_is_ended_leaves_whole_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    whole = versions()
    rng = random.Random(0)
    assert kills(12, rng, whole)[1] is None
    hit, wrong = interrupts(12, rng, whole)
    assert wrong is None
    assert hit, "no Ctrl-C fell into a command: the test shows nothing"


def test_a_torn_file_and_litter_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    whole = versions()
    for name, (old, _) in whole.items():
        Path(name).write_bytes(old)
    assert fault("net.py", whole, litter=False) is None
    Path("net.py").write_bytes(whole["net.py"][1][:-1])
    assert fault("net.py", whole, litter=False) == "net.py is torn"
    Path("net.resnet").write_bytes(SPEC)
    Path(".resdsl.12345678.tmp").touch()
    assert fault("net.resnet", whole, litter=True) is None
    assert fault("net.resnet", whole, litter=False) == "['.resdsl.12345678.tmp'] was left"
