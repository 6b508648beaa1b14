"""What refusing costs: `python tests/soak/limits.py [PART OF A NAME ...]`. A few minutes for all.

Each spec of `tests/hostile.py` is checked in a process of its own. Printed are the processor time and the memory at its
peak, less those of a spec of one line, the least of three runs. More than 200 ms or 60 MB, or another outcome than the
table says, ends the run with exit status 1. Needs Linux.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from hostile import TABLE, Hostile, net

MILLISECONDS, MEGABYTES = 200, 60
ALONE = """
import os, sys, time
from resdsl import cli
status = cli.main(sys.argv[1:])
sys.stdout.flush()
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(f"\\n{time.process_time()} {peak}", flush=True)
os._exit(status)
"""


@dataclass(frozen=True)
class Cost:
    """What a command took, and said."""

    seconds: float
    megabytes: float
    status: int
    said: str

    def wrong(self, row: Hostile) -> bool:
        """Whether the outcome is another than the table has: an error with those words, or none."""
        if row.said:
            return self.status != 1 or row.said not in self.said
        return self.status not in (0, 1) or "error[" in self.said  # 1: a warning


def written(row: Hostile, folder: Path) -> Path:
    """The spec of a row as a file of a project."""
    (folder / "pyproject.toml").touch()
    for name, text in {"main.resnet": row.text, **row.files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "main.resnet"


def cost(spec: Path, *, runs: int = 1, command: str = "check") -> Cost:
    """What a command costs for a spec: the least of some runs."""
    found = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", ALONE, command, str(spec)],
            cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        *said, figures = done.stdout.splitlines()
        seconds, peak = figures.split()
        found.append(Cost(float(seconds), int(peak) / 1024, done.returncode, "\n".join(said) + done.stderr))
    return min(found, key=lambda one: one.seconds)


def main() -> int:
    asked = sys.argv[1:]
    failed = 0
    worst: dict[str, tuple[float, str]] = {}
    with tempfile.TemporaryDirectory() as top:
        base = cost(_project(top, 0, Hostile(net("relu"))), runs=5)
        print(f"a spec of one line: {1000 * base.seconds:.0f} ms, {base.megabytes:.1f} MB\n")
        for number, (name, row) in enumerate(TABLE.items(), 1):
            if asked and not any(part in name for part in asked):
                continue
            one = cost(_project(top, number, row), runs=3)
            took, more = 1000 * (one.seconds - base.seconds), one.megabytes - base.megabytes
            bad = one.wrong(row) or took > MILLISECONDS or more > MEGABYTES
            failed += bad
            for what, figure in (("ms", took), ("MB", more)):
                worst[what] = max(worst.get(what, (0.0, "")), (figure, name))
            print(f"{'!' if bad else ' '} {took:6.0f} ms {more:6.1f} MB  {name}", flush=True)
            if one.wrong(row):
                print(f"  status {one.status}, not {row.said or 'accepted'!r}: {one.said[:200]!r}")
    print("\nmost: " + ", ".join(f"{figure:.0f} {what} ({name})" for what, (figure, name) in worst.items()))
    return 1 if failed else 0


def _project(top: str, number: int, row: Hostile) -> Path:
    folder = Path(top, str(number))
    folder.mkdir()
    return written(row, folder)


if __name__ == "__main__":
    sys.exit(main())
