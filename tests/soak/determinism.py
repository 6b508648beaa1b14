"""The same bytes everywhere: `python tests/soak/determinism.py [SEEDS] [MODEL ...]`, five hash seeds and the whole zoo.

Every output of resdsl is made under each seed, in two locales, three time zones, and two folders, one of which holds a
copy of resdsl. Exit status 1 where a byte differs.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from outputs import differing, runs


def main() -> int:
    seeds, names = int(sys.argv[1]) if len(sys.argv) > 1 else 5, sys.argv[2:]
    first: list[str] = []
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for setting, lines in runs(names, seeds, Path(folder)):
            first = first or lines
            size = sum(int(line.split()[1]) for line in lines)
            digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:24]
            print(f"{digest}  {len(lines):,} outputs, {size:,} bytes: {setting}", flush=True)
            for what in differing(first, lines):
                wrong += 1
                print(f"  differs: {what}")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
