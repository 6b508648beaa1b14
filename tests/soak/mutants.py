"""Does each rule of safety have a test that bites? `python tests/soak/mutants.py [NAME ...]`.

A patch of tests/mutants/ breaks one rule; its first line says which, its second the tests that must then fail. Each is
applied in a copy of the checkout and those tests are run there. Prints a table; a mutant that no test sees, a patch
that does not apply, and tests that fail without any patch make the exit status 1.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MUTANTS = ROOT / "tests" / "mutants"
SECONDS = 3600
LIBRARIES = ("torch", "numpy", "lark", "pydantic", "hypothesis")


@dataclass(frozen=True)
class Mutant:
    """A patch that breaks a rule, and the tests that say so."""

    name: str
    path: Path
    rule: str
    tests: tuple[str, ...]


def mutants() -> list[Mutant]:
    """All there are, by name."""
    found = []
    for path in sorted(MUTANTS.glob("*.patch")):
        rule, tests, _ = path.read_text(encoding="utf-8").split("\n", 2)
        found.append(Mutant(path.stem, path, rule.removeprefix("# "), tuple(tests.removeprefix("# tests: ").split())))
    return found


def applied(mutant: Mutant, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`git apply` in a folder."""
    return subprocess.run(
        ["git", "apply", *options, str(mutant.path)], cwd=folder, capture_output=True, text=True, check=False
    )


def passed(tests: tuple[str, ...], folder: Path) -> bool:
    """Whether tests pass in a copy of the checkout, all of them; in a child, which finds the libraries loaded."""
    sys.stdout.flush()
    for cache in list(folder.rglob("__pycache__")):  # of another mutant, whose file may have the same second and size
        shutil.rmtree(cache)
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        os.chdir(folder)
        os.environ |= {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        sys.path[0] = str(folder)
        sys.dont_write_bytecode = True
        with (folder / "pytest.log").open("w") as log:
            os.dup2(log.fileno(), 1)
            os._exit(pytest.main(["-q", "-x", "-p", "no:cacheprovider", *tests]))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (0, 1):
        raise SystemExit(f"{' '.join(tests)}: pytest ended with {code}\n{(folder / 'pytest.log').read_text()[-2000:]}")
    return code == 0


def main() -> int:
    chosen = [m for m in mutants() if m.name in sys.argv[1:] or len(sys.argv) == 1]
    bad = 0
    for library in LIBRARIES:
        importlib.import_module(library)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "copy"
        away = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, folder, ignore=away, symlinks=True)
        if not passed(tuple(sorted({test for mutant in chosen for test in mutant.tests})), folder):
            print("the tests fail without any patch")
            return 1
        print("| mutant | rule | seen | seconds |\n|---|---|---|---|")
        for mutant in chosen:
            started = time.monotonic()
            told = applied(mutant, folder)
            verdict = "does not apply" if told.returncode else "SURVIVES" if passed(mutant.tests, folder) else "yes"
            if not told.returncode:
                applied(mutant, folder, "--reverse")
            bad += verdict != "yes"
            print(f"| {mutant.name} | {mutant.rule} | {verdict} | {time.monotonic() - started:.0f} |", flush=True)
    print(f"\n{len(chosen)} mutants, {bad} of them alive")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
