"""Every account of random specs: `python tests/soak/differential.py [COUNT] [FIRST_SEED]`. See agree.py and modules.py.

Of each spec one thing is changed besides, and torch asked whether it runs: see verdicts.py.

A line every hundred seeds says how far it is, and with what seed it goes on where it is stopped. The first spec of each
kind of fault is made small, printed, and kept in a file. Exit status 1 where any two accounts disagree.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import specgen
from agree import ACCOUNTS, Case, Fault, disagreements, dots, networks, smallest
from modules import module
from verdicts import Verdict, judged

from resdsl.diagnostics import SpecError

EVERY = 100  # seeds a line
AT_MOST = 120.0  # seconds to make one spec small


def kept(seed: int, text: str, fault: Fault) -> Path:
    """The file with the small spec of a fault."""
    folder = Path(tempfile.gettempdir()) / "resdsl-differential"
    folder.mkdir(exist_ok=True)
    path = folder / f"seed{seed}.resnet"
    path.write_text(smallest(text, fault, (*ACCOUNTS, module), AT_MOST), encoding="utf-8")
    return path


def graphviz(text: str) -> str:
    """What Graphviz says of many pictures at once; it draws none."""
    return subprocess.run(["nop", "-p"], input=text, text=True, capture_output=True, check=False).stderr


def main() -> int:
    warnings.filterwarnings("ignore")
    count, first = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((1, 20_000), (2, 0)))
    kinds: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    models, started = 0, time.monotonic()
    for seed in range(first, first + count):
        text = specgen.spec(seed)
        try:
            nets = networks(text)
        except SpecError as problem:
            kinds["a spec that is refused"] += 1
            print(f"seed {seed}: {problem}\n{text}", flush=True)
            continue
        found = disagreements(text, (*ACCOUNTS, module))
        models += len(nets)
        try:
            near = judged(seed, [Case(text, nets, net) for net in nets])
        except Exception as problem:
            near = Verdict("", traceback.format_exc(), "", "", fault=f"raises {type(problem).__name__}")
        verdicts[near.policy or ("refused by both" if near.resdsl else "run by both")] += 1
        if near.fault:
            kinds[f"near: {near.fault}"] += 1
            print(f"seed {seed}: {near.what}: {near.fault}\n{near.resdsl}\n{near.torch}\n{near.text}", flush=True)
        for fault in found:
            kinds[fault.kind] += 1
            if kinds[fault.kind] == 1:
                path = kept(seed, text, fault)
                print(f"seed {seed}: {fault}\n{path}:\n{path.read_text(encoding='utf-8')}", flush=True)
        if (seed + 1 - first) % EVERY == 0:
            told = graphviz("\n".join(dots(net) for net in nets))
            if told:
                kinds["graphviz"] += 1
                print(f"seed {seed}: Graphviz says {told[:500]}", flush=True)
            took, done = time.monotonic() - started, seed + 1 - first
            print(
                f"{done:,} specs, {models:,} models, {sum(kinds.values()):,} faults of {len(kinds)} kinds, "
                f"{took:,.0f} s; go on with {count - done} {seed + 1}",
                flush=True,
            )
    for what, number in verdicts.most_common():
        print(f"{number:6,} nearly valid: {what}")
    for kind, number in kinds.most_common():
        print(f"{number:6,} {kind}")
    return int(bool(kinds))


if __name__ == "__main__":
    sys.exit(main())
