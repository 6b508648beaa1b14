"""Texts for the front end, which reads, mends and lays out what anybody may write; and what is wrong with the outcome.

Text `number` of a seed is of one of six kinds: signs, signs behind the edition, words of the language, a text drawn
from its grammar, a definition of the project's own, and either of the last two with a few faults.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

from resdsl import layout, parser
from resdsl.diagnostics import Diagnostic, ResdslError, Source, as_text
from resdsl.parser import table
from resdsl.parser.recovery import Mended
from resdsl.parser.repair import machine
from resdsl.parser.tokens import tokens

ROOT = Path(__file__).resolve().parents[1]
FOREIGN = re.compile(r"Token|Lark|pydantic|Traceback|NoneType|object at 0x|<class|__ANON|\b(?!ASCII)[A-Z]{4,}\b")
SECONDS = 1.0  # for one text
WORDS = {
    "NAME": ("a", "in2", "relu", "x"),
    "CALL": ("conv", "b", "repeat1"),
    "LABEL": ("a", "layer{1}", "f.a-b.{0}"),
    "NUMBER": ("0", "7", "1_000", "0.5", "1e-3", "2k", "999999999999999999"),
    "STRING": ('""', '"same"', '"#"'),
    "SHAPE": ("3 x 8", "1x1x1"),
    "COMPARE": ("==", "<", ">="),
    "PLUS": ("+",),
    "MINUS": ("-",),
    "STAR": ("*",),
    "SLASH": ("/", "//", "%"),
    "AT": ("[",),
}
GAPS = (" ",) * 12 + ("\n",) * 4 + ("\n\n", "\t", "\r\n", " # c\n", "#\n\n")
MARKS = ("COMMA", "LBRACE", "RBRACE", "RPAR", "RSQB")
SIGNS = (
    '""#\n\r\t (){}[]:;,.->=+*/%_\\@$\'`~^|&!?<>0123456789eExXkMGabinf'
    "\u00e9\u00a0\u00d7\u200b\u202e\ufeff\U0001f600\x00\x1b"
)


def text(seed: int, number: int) -> str:
    """Text `number` of a seed."""
    draw = random.Random(f"{seed} {number}")
    return KINDS[number % len(KINDS)](draw)


def fault(source: str) -> str | None:
    """What is wrong with what becomes of a text, if anything. Raises whatever the front end raises but findings."""
    given = Source("front.resnet", source)
    started = time.perf_counter()
    wrong = _judged(given)
    if time.perf_counter() - started > SECONDS and (took := least(lambda: _judged(given))) > SECONDS:
        return f"takes {took:.1f} seconds"
    return wrong


def least(run: Callable[[], object], tries: int = 3) -> float:
    """The time of the processor that something takes, on a machine that may be busy with others."""
    taken = []
    for _ in range(tries):
        started = time.process_time()
        run()
        taken.append(time.process_time() - started)
    return min(taken)


def foreign(said: str, source: str) -> str | None:
    """A word in what is said of a text that is none of the user's business."""
    head = "\n".join(line for line in said.splitlines() if line[:1].isalpha() or line.startswith("  fix"))
    found = FOREIGN.finditer(re.sub(r"`[^`\n]*`|U\+[0-9A-F]{4}[^)]*", "", head))
    return next((word[0] for word in found if word[0] not in source), None)


def _judged(given: Source) -> str | None:
    try:
        parser.parse(given)
    except ResdslError as problem:
        return _of_findings(given, problem.diagnostics)
    made = layout.formatted(given)
    return None if layout.formatted(Source("front.resnet", made)) == made else "is laid out in two ways"


def _of_findings(given: Source, found: tuple[Diagnostic, ...]) -> str | None:
    if not found:
        return "is refused without a finding"
    for d in found:
        edits = [edit for fix in d.fixes for edit in fix.edits]
        spans = [*(label.span for label in d.labels), *(edit.span for edit in edits)]
        if not spans:
            return f"is refused without a place: {d.message}"
        if not all(0 <= s.start <= s.end <= len(given.text) for s in spans):
            return f"is refused at a place outside it: {d.message}"
        for fix in d.fixes:
            tokens(Mended(given, fix.edits).source)
    word = foreign(as_text(found), given.text)
    return word and f"is told {word!r}"


def _signs(draw: random.Random) -> str:
    if draw.random() < 0.5:
        return "".join(draw.choice(SIGNS) for _ in range(draw.randrange(30)))
    return bytes(draw.randrange(256) for _ in range(draw.randrange(30))).decode("utf-8", "replace")


def _behind(draw: random.Random) -> str:
    return "resdsl 1\n" + _signs(draw)


def _words(draw: random.Random) -> str:
    return "resdsl 1 " + " ".join(draw.choice(_vocabulary()) for _ in range(draw.randrange(10)))


def _defined(draw: random.Random) -> str:
    return "resdsl 1\n" + draw.choice(_definitions())


@cache
def _paths() -> tuple[Path, ...]:
    folders = ("specs", "resdsl/prelude", "tests/data")
    return tuple(path for folder in folders for path in sorted((ROOT / folder).rglob("*.resnet")))


@cache
def _definitions() -> tuple[str, ...]:
    """The shorter definitions of the project's own specs, each once."""
    files = (parser.parse(Source(path.name, path.read_text(encoding="utf-8"))) for path in _paths())
    found = (definition.span.text for file in files for definition in file.definitions)
    return tuple(dict.fromkeys(text for text in found if len(text) < 200))


@cache
def _vocabulary() -> tuple[str, ...]:
    """Every word of those definitions as often as any other; keywords and marks a few times more."""
    words = sorted({str(word) for text in _definitions() for word in tokens(Source("words", text)).words})
    return (*words, *(str(mark) for mark in machine().fixed.values() for _ in range(8)))


@cache
def _rules() -> tuple[dict[str, list[tuple[str, ...]]], dict[str, int]]:
    """What each symbol of the grammar may become, and in how few steps it becomes words."""
    rules: dict[str, list[tuple[str, ...]]] = {}
    for rule in table.shipped().rules:
        rules.setdefault(rule.origin.name, []).append(tuple(symbol.name for symbol in rule.expansion))
    steps = dict.fromkeys(rules, 1_000)
    for _ in rules:
        for name, ways in rules.items():
            steps[name] = min(1 + max((steps.get(part, 0) for part in way), default=0) for way in ways)
    return rules, steps


def _sentence(draw: random.Random) -> str:
    """A text drawn from the grammar: any way on, until enough words are there; then the shortest."""
    rules, steps = _rules()
    open_, words, left = ["start"], list[tuple[str, str]](), draw.randrange(10, 60)
    while open_:
        part = open_.pop()
        if part in rules:
            left -= 1
            ways = rules[part]
            if left < 0:
                shortest = [max((steps.get(inner, 0) for inner in way), default=0) for way in ways]
                ways = [way for way, high in zip(ways, shortest, strict=True) if high == min(shortest)]
            open_ += reversed(draw.choice(ways))
        else:
            words.append((part, "1" if len(words) == 1 else draw.choice(WORDS.get(part) or (machine().fixed[part],))))
    pieces = [words[0][1]]
    for (before, _), (kind, word) in pairwise(words):
        tight, marks = before == "CALL" or kind == "AT", before in MARKS or kind in MARKS
        pieces += [
            "" if tight or (marks and draw.random() < 0.2) else " " if kind == "COLON" else draw.choice(GAPS),
            word,
        ]
    return "".join(pieces)


def _faulty(draw: random.Random) -> str:
    """A text that is of the language, or nearly, with one to three faults."""
    made = draw.choice((_defined, _sentence))(draw)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        start = draw.randrange(len(made) + 1)
        end = min(len(made), start + draw.choice((0, 0, 1, 1, 2, 5, 20)))
        other = draw.randrange(len(made) + 1)
        new = draw.choice(("", draw.choice(SIGNS), draw.choice(_vocabulary()), made[other : other + 8]))
        made = made[:start] + new + made[end:]
    return made


KINDS = (*[_signs, _behind, _words] * 5, *[_sentence] * 3, _defined, _faulty)
