"""How well faults are told: `python tests/soak/mutations.py [COUNT] [SEED]` prints the figures of docs/diagnostics.md.

COUNT faults of each kind, one a file of the zoo; then files with two to five faults of any kind.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutations import KINDS, Mutant, found, located, mutants, restored


def single(kind: str, count: int, seed: int) -> str:
    """A row of the table: what becomes of one fault."""
    told = valid = near = alone = exact = of_kind = 0
    for mutant in mutants(kind, count, seed):
        ds = found(mutant.source)
        if not ds:
            valid += 1
            continue
        told += 1
        near += located(mutant, ds[0], mutant.places[0])
        alone += len(ds) == 1
        exact += restored(mutant, ds, of_kind=False)
        of_kind += restored(mutant, ds, of_kind=True)
    shares = " | ".join(f"{100 * n / told:.1f} %" for n in (near, alone, exact, of_kind))
    return f"| {kind} | {told:,} | {valid:,} | {shares} |"


def several(faults: int, count: int, seed: int) -> str:
    """A row of the table: what becomes of several faults."""

    def near(mutant: Mutant, place: tuple[int, int]) -> bool:
        return any(located(mutant, d, place, both=True) for d in found(mutant.source))

    all_mutants = list(mutants("any", count, seed, faults))
    hit = sum(near(m, place) for m in all_mutants for place in m.places)
    spurious = sum(
        not any(located(m, d, place, both=True) for place in m.places) for m in all_mutants for d in found(m.source)
    )
    return f"| {faults} | {count:,} | {100 * hit / (faults * count):.1f} % | {spurious / count:.2f} |"


def main() -> None:
    count, seed = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((1, 1_500), (2, 1)))
    started = time.monotonic()
    print("| kind | told | still valid | located | one error | restored | restored, up to a free word |")
    print("|---|---|---|---|---|---|---|")
    for kind in KINDS:
        print(single(kind, count, seed), flush=True)
    print("\n| faults | files | recall | spurious a file |\n|---|---|---|---|")
    for faults in (2, 3, 4, 5):
        print(several(faults, max(1, count // 8), seed), flush=True)
    print(f"\n{time.monotonic() - started:,.0f} seconds")


if __name__ == "__main__":
    main()
