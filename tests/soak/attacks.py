"""Every hostile text in every place: `python tests/soak/attacks.py [PART OF]`. It is refused, or does no harm.

All texts of tests/payloads.py, in each slot of a spec, of the command line and of the calls from Python, into every
output. With `2 5` the second fifth of the texts. Prints a table of what was tried; what is not inert ends the run
with exit status 1 and is printed first.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import attacks
from payloads import payloads

from resdsl.diagnostics import ResdslError


def tried(place: str, payload: str, attempt: Callable[[], Iterator[str]]) -> int:
    """How many faults came of one attempt; each is printed."""
    try:
        wrong = list(attempt())
    except ResdslError as refused:  # an output cannot be made of it: told as findings are
        wrong = [
            found for made in attacks.told(refused.diagnostics) for found in attacks.inert.faults(made.kind, made.text)
        ]
    except Exception as bug:
        wrong = [f"{type(bug).__name__}: {bug}"]
    for found in wrong:
        print(f"{place}: {payload[:100]!a}: {found[:300]!a}", flush=True)
    return len(wrong)


def main() -> int:
    part, of = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (1, 1)
    texts = list(payloads())[part - 1 :: of]
    started, bad = time.process_time(), 0
    for slot in attacks.SLOTS:
        for text in texts:
            bad += tried(f"the {slot} of a spec", text, lambda: attacks.in_a_spec({slot: text}))
    print(f"| {len(attacks.SLOTS)} slots of a spec | {len(attacks.SLOTS) * len(texts):,} |", flush=True)
    with tempfile.TemporaryDirectory() as folder, attacks.working_in(Path(folder)) as here:
        for slot in attacks.COMMANDS:
            for text in texts:
                bad += tried(slot, text, lambda: attacks.on_the_command_line(slot, text, here))
    print(
        f"| {len(attacks.COMMANDS)} places of the command line | {len(attacks.COMMANDS) * len(texts):,} |", flush=True
    )
    for call in attacks.CALLS:
        for text in texts:
            bad += tried(call, text, lambda: attacks.from_python(call, text))
    print(f"| {len(attacks.CALLS)} calls from Python | {len(attacks.CALLS) * len(texts):,} |")
    print(f"\n{len(texts):,} texts, {bad:,} faults, {time.process_time() - started:,.0f} seconds")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
