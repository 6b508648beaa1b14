"""The patches of tests/mutants, each of which breaks a rule of safety: they apply, and name tests that there are.

`python tests/soak/mutants.py` runs those tests against each.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "soak"))

from mutants import Mutant, applied, mutants

EVERY = mutants()


def test_there_is_a_mutant_for_every_rule() -> None:
    rules = {found for mutant in EVERY for found in re.findall(r"\bR\d\b", mutant.rule)}
    assert rules == {"R1", "R3", "R4", "R5", "R6", "R7", "R8"}  # R2: there are no templates
    assert len(EVERY) >= 20


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("mutant", EVERY, ids=lambda mutant: mutant.name)
def test_a_mutant_applies_and_names_its_tests(mutant: Mutant) -> None:
    told = applied(mutant, ROOT, "--check")
    assert told.returncode == 0, told.stderr
    for test in mutant.tests:
        path, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8") or not name
