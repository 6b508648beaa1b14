"""Texts that are hardly specs: `python tests/soak/fuzz.py [COUNT] [SEED] [FIRST]`. Whatever comes in, only findings
come out.

Bytes, and the words of the language in any order, alone and inside the files of the zoo. A traceback, a word that is
none of the user's business, or a text that takes more than a second ends the run with exit status 1.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from front import SECONDS, foreign, least
from mutations import zoo

from resdsl import findings
from resdsl.diagnostics import Source, as_text
from resdsl.parser.tokens import tokens

FOREIGN = frozenset(
    "=> --> >> += == // /* */ -- ? ; 'a' && || ! ^ 50% 1,000 "
    "elif for while const return self. nn. .5 (1, 3x3 width: - | @".split()
)  # what other languages write


def texts(count: int, seed: int) -> Iterator[str]:
    """Texts of four kinds in turn, of the words of the language and of others."""
    rng = random.Random(seed)
    files = [s for s in zoo() if "import" not in s.text]
    words = sorted({str(t) for s in files for t in tokens(s).words} | FOREIGN)
    for i in range(count):
        spec = rng.choice(files).text
        match i % 4:
            case 0:
                raw = bytes(rng.randrange(256) for _ in range(rng.randrange(200)))
                yield "resdsl 1\n" + raw.decode("utf-8", "replace")
            case 1:
                yield "resdsl 1\n" + " ".join(rng.choice(words) for _ in range(rng.randrange(80)))
            case 2:
                start, end = sorted(rng.randrange(len(spec)) for _ in range(2))
                yield spec[:start] + spec[end:]
            case _:
                at = rng.randrange(len(spec))
                yield spec[:at] + " ".join(rng.choice(words) for _ in range(rng.randrange(1, 12))) + spec[at:]


def fault(text: str) -> str | None:
    """What is wrong with what is said of a text, if anything."""
    started = time.process_time()
    said = as_text(findings.of(Source("fuzz.resnet", text)))
    took = time.process_time() - started
    if took > SECONDS and (took := least(lambda: findings.of(Source("fuzz.resnet", text)))) > SECONDS:
        return f"took {took:.1f} seconds"
    return f"says {found!r}" if (found := foreign(said, text)) else None


def main() -> int:
    given = [int(word) for word in sys.argv[1:]]
    count, seed, first = (*given, *(100_000, 1, 0)[len(given) :])
    for number, text in enumerate(texts(count, seed)):
        if number < first:
            continue
        try:
            wrong = fault(text)
        except Exception as problem:
            wrong = f"{type(problem).__name__}: {problem}"
        if wrong:
            print(f"text {number} of seed {seed}: {wrong}\n{text!r}")
            return 1
    print(f"texts {first:,} to {count:,} of seed {seed}: nothing but findings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
