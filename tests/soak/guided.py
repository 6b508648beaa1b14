"""Texts that coverage leads to: `python tests/soak/guided.py [RUNS] [CORPUS]`, with atheris (`pip install atheris`).

The same front end and the same judgement as in `front.py`; here libFuzzer changes the bytes, and keeps in the folder
CORPUS each text that reaches a branch of resdsl or lark that none before it did. A text that brings anything but a
finding is printed and ends the run with an exit status that is not 0.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import atheris

with atheris.instrument_imports(include=["lark", "resdsl"]):
    from front import WORDS, fault, text

    from resdsl.parser import errors, recovery  # noqa: F401  # loaded late by the parser, and to be instrumented too
    from resdsl.parser.repair import machine

LONGEST, SEEDS = 200, 300


def one(data: bytes) -> None:
    made = data.decode("utf-8", "replace")
    if wrong := fault(made):
        raise AssertionError(f"a text {wrong}\n{made!r}")


def main() -> None:
    runs = sys.argv[1] if len(sys.argv) > 1 else "200000"
    corpus = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp(prefix="resdsl-corpus-"))
    corpus.mkdir(exist_ok=True)
    for number in range(SEEDS):
        (corpus / f"seed{number}").write_text(text(0, number)[:LONGEST], encoding="utf-8", errors="replace")
    words = sorted({*machine().fixed.values(), *(word for kind in WORDS.values() for word in kind)})
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    dictionary = corpus.with_name(corpus.name + ".dict")
    dictionary.write_text("".join(f'"{word}"\n' for word in quoted), encoding="utf-8")
    flags = [f"-runs={runs}", f"-max_len={LONGEST}", "-seed=1", f"-dict={dictionary}", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
