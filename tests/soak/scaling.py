"""Twice the text, how much more time? `python tests/soak/scaling.py [PART OF A NAME ...]`. About ten minutes for all.

Each row makes a text of any size of one kind: a terminal of the grammar many times over where it may stand and where
it may not, one very long word, nesting, lists, lines, definitions, errors of each kind. Printed are the processor time
of a check of n and of 2n, the least of three, and their ratio. A ratio above 2.5 ends the run with exit status 1.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from growth import TABLE

from resdsl import findings, lint
from resdsl.diagnostics import Source, as_text
from resdsl.limits import DEFAULT
from resdsl.parser import words

MOST = 2.5
ENOUGH = 0.15  # seconds that are long enough to compare


def check(text: str) -> None:
    """What `resdsl check` does with a text."""
    as_text(findings.of(Source("scaling.resnet", text), None, lint.check))


def seconds(text: str) -> float:
    """The least of three."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        check(text)
        taken.append(time.process_time() - start)
    return min(taken)


def sizes(make: Callable[[int], str]) -> int:
    """The number for which a check takes long enough, or which makes half of what the limits allow."""
    n = 50
    while True:
        start = time.process_time()
        check(make(n))
        if time.process_time() - start > ENOUGH or n > 100_000 or _near_limit(make(4 * n)):
            return n
        n *= 2


def _near_limit(text: str) -> bool:
    return len(text) >= DEFAULT.file_bytes or words(Source("", text)) >= DEFAULT.words


def main() -> int:
    asked = sys.argv[1:]
    failed = 0
    check(TABLE["relu"](10))
    print(f"{'n':>8} {'ms':>6} {'ms of 2n':>8} {'ratio':>6}")
    for name, make in TABLE.items():
        if asked and not any(part in name for part in asked):
            continue
        n = sizes(make)
        for _ in range(5):  # a busy machine: a ratio counts when it comes back
            once, twice = seconds(make(n)), seconds(make(2 * n))
            ratio = twice / once
            if ratio <= MOST:
                break
        bad = ratio > MOST and twice > 0.05
        failed += bad
        print(f"{n:8,} {1000 * once:6.0f} {1000 * twice:8.0f} {ratio:6.2f}  {'!' if bad else ' '} {name}", flush=True)
    print(f"{len(TABLE)} kinds of text; {failed} of them take more than {MOST} times as long for twice the text")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
