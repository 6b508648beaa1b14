"""How well faults of meaning are told: `python tests/soak/semantic.py [COUNT] [SEED]`, COUNT of each kind.

Of each mutant one error must be told, with both sides, both numbers, the user's own lines and a fix. Exit status 1
where one is not.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from semantic import KINDS, faults, mutants


def main() -> int:
    count, seed = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((1, 25), (2, 1)))
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            judged = [(mutant, faults(mutant, Path(folder))) for mutant in mutants(kind, count, seed)]
            bad = [(mutant, wrong) for mutant, wrong in judged if wrong]
            failed += len(bad)
            print(f"{kind}: {count - len(bad)} of {count} told as they should be")
            for mutant, wrong in bad[:1]:
                print(f"  {'; '.join(wrong)}\n{mutant.text}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
