"""Texts for the front end: `python tests/soak/front.py [COUNT] [SEED] [FIRST]`. It raises nothing but findings.

Each text is read, and mended where it is not of the language, or laid out twice where it is. A text that brings
anything but a finding with a place in it ends the run with exit status 1. A run that was stopped goes on at text FIRST.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from front import fault, text

EVERY = 50_000


def main() -> int:
    given = [int(word) for word in sys.argv[1:]]
    count, seed, first = (*given, *(2_000_000, 1, 0)[len(given) :])
    started = time.perf_counter()
    for number in range(first, count):
        made = text(seed, number)
        try:
            wrong = fault(made)
        except Exception as problem:
            wrong = f"raises {type(problem).__name__}: {problem}"
        if wrong:
            print(f"text {number} of seed {seed} {wrong}\n{made!r}")
            return 1
        if (number + 1) % EVERY == 0:
            print(f"{number + 1:,} texts, {time.perf_counter() - started:,.0f} seconds", flush=True)
    print(f"texts {first:,} to {count:,} of seed {seed}: nothing but findings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
