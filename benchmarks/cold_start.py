"""Whole processes from a cold start, in pairs: resdsl against what people count with today.

    python benchmarks/cold_start.py [--pairs 7]

Each pair runs A, then B, on the same machine at the same time of day; the ratio is taken pair by pair and its median is
the figure to quote. The rivals count any nn.Module; resdsl counts its own language: a spec, not a module.
Needs torch and torchinfo for the second pair (`pip install '.[bench]'`); it is left out where they are missing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = sys.executable
COUNT = [PYTHON, "-m", "resdsl", "count", "resnet50"]
TORCHINFO = [
    PYTHON, "-c",
    "import torch; torch.set_num_threads(1)\n"
    "from plain_resnet50 import resnet50; from torchinfo import summary\n"
    "print(summary(resnet50(), (1, 3, 224, 224), device='cpu', verbose=0).total_mult_adds)",
]  # fmt: skip
PAIRS = [
    ("resdsl --help / bare interpreter", [PYTHON, "-m", "resdsl", "--help"], [PYTHON, "-c", "pass"], "at most 4"),
    ("resdsl count resnet50 / bare interpreter", COUNT, [PYTHON, "-c", "pass"], ""),
    ("resdsl count resnet50 / torchinfo", COUNT, TORCHINFO, "at most 1/6 = 0.167"),
    (
        "100,000 blocks / resnet50, after parsing",
        [PYTHON, str(HERE / "elaborate.py"), "100000"],
        [PYTHON, str(HERE / "elaborate.py"), "0"],
        "at most 2, by the times that the processes print",
    ),
]


def run(command: list[str]) -> tuple[float, float, str]:
    """Wall seconds, peak MiB and output of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=HERE)
    assert process.stdout is not None
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed with {process.returncode}: {' '.join(command)}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024, output


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=7)
    pairs = parser.parse_args().pairs
    rivals = all(find_spec(name) for name in ("torch", "torchinfo"))
    for name, a, b, aim in PAIRS:
        if b is TORCHINFO and not rivals:
            print(f"{name}: left out, torch or torchinfo is not installed")
            continue
        run(a), run(b)  # once to warm the disk
        rows = [(run(a), run(b)) for _ in range(pairs)]
        by_output = name.startswith("100,000")
        ratios = [float(x[2]) / float(y[2]) if by_output else x[0] / y[0] for x, y in rows]
        walls = [statistics.median(row[i][0] for row in rows) for i in (0, 1)]
        peaks = [max(row[i][1] for row in rows) for i in (0, 1)]
        print(
            f"{name}: ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f} in {pairs} pairs)"
            f"{f', aim {aim}' if aim else ''}; wall {walls[0] * 1e3:.0f} and {walls[1] * 1e3:.0f} ms;"
            f" peak {peaks[0]:.1f} and {peaks[1]:.1f} MiB"
        )


if __name__ == "__main__":
    main()
