"""Faults of meaning are told with both sides, both numbers and the user's own lines. More: tests/soak/semantic.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from semantic import KINDS, faults, mutants


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_of_meaning_is_told_with_both_sides(kind: str, tmp_path: Path) -> None:
    for mutant in mutants(kind, 4, seed=2):
        assert faults(mutant, tmp_path) == [], mutant.text
