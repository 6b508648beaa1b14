"""Faults that people make, one token each, in the files of the zoo; and how well they are told.

A fault is judged by what `check` finds. It is located if the first finding, or the edit of its first fix, lies within
one token of it; restored if one of the first three fixes of a finding gives the tokens of the original back. A token
whose text nobody can know (a deleted name or number) counts as restored where a token of its kind is put back.
"""

from __future__ import annotations

import random
import string
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from resdsl import findings
from resdsl.diagnostics import Diagnostic, Source
from resdsl.parser.tokens import Token, tokens
from resdsl.parser.words import KEYWORDS

ROOT = Path(__file__).resolve().parents[1]
OPEN_KINDS = {"NAME", "CALL", "LABEL", "NUMBER", "STRING", "SHAPE"}  # of these the text is the author's
STRAYS = "@$;?~^|&!'`\\_§→×"
KINDS = ("delete", "insert", "duplicate", "punctuation", "keyword", "name", "stray")


@dataclass(frozen=True)
class Mutant:
    """A text with faults: where each is, as offsets into the faulty text, and what stood there."""

    original: Source
    source: Source
    places: tuple[tuple[int, int], ...]


@cache
def zoo() -> tuple[Source, ...]:
    """The files of the zoo."""
    paths = sorted((ROOT / "specs").rglob("*.resnet"))
    return tuple(Source(p.name, p.read_text(encoding="utf-8"), path=str(p)) for p in paths)


def is_word(token: Token) -> bool:
    return token[0].isalpha()


def misspelt(word: str, rng: random.Random) -> str:
    """A word with one slip of the fingers."""
    while True:
        at = rng.randrange(len(word))
        letter = rng.choice(string.ascii_lowercase)
        made = rng.choice(
            [
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
            ]
        )
        if made not in (word, "") and made[0].isalpha():
            return made


def _is_open_name(token: Token) -> bool:
    return token.type in ("NAME", "CALL", "LABEL")


def _pick(words: tuple[Token, ...], rng: random.Random, fits: Callable[[Token], bool]) -> Token:
    return rng.choice([t for t in words if fits(t)])


def fault(kind: str, text: str, words: tuple[Token, ...], rng: random.Random) -> tuple[int, int, str]:
    """One fault of a kind: which characters of a text it replaces, and by what."""
    if kind == "stray":
        token = rng.choice(words)
        at = rng.randint(token.start_pos or 0, token.end_pos or 0)
        return at, at, rng.choice(STRAYS)
    if kind == "keyword":
        token = _pick(words, rng, lambda t: str(t) in KEYWORDS)
        made = misspelt(token, rng)
    elif kind == "name":
        token = _pick(words, rng, _is_open_name)
        made = misspelt(token, rng)
    elif kind == "punctuation":
        marks = sorted({str(t) for t in words if not t[0].isalnum() and t[0] != '"'})
        token = _pick(words, rng, lambda t: str(t) in marks)
        made = rng.choice([mark for mark in marks if mark != token])
    else:
        token = rng.choice(words)
        other = rng.choice(words) if kind == "insert" else token
        made = {"delete": "", "insert": f"{token} {other}", "duplicate": f"{token} {token}"}[kind]
    return token.start_pos or 0, token.end_pos or 0, made


def mutants(kind: str, count: int, seed: int, faults: int = 1) -> Iterator[Mutant]:
    """Files of the zoo with faults of a kind; several lie in different definitions, apart from each other."""
    rng = random.Random(f"{kind} {seed} {faults}")
    while count:
        original = rng.choice(zoo())
        words = tokens(original).words[2:]  # the edition has tests of its own
        edits: list[tuple[int, int, str]] = []
        for _ in range(faults):
            edits.append(fault(kind if kind != "any" else rng.choice(KINDS), original.text, words, rng))
        edits.sort()
        if faults > 1 and not all(_shows(original, edit) for edit in edits):
            continue
        far = all(original.text[a[1] : b[0]].count("\n") >= 2 for a, b in pairwise(edits))
        if not far:
            continue
        text, places, moved = original.text, [], 0
        for start, end, made in edits:
            text = text[: start + moved] + made + text[end + moved :]
            places.append((start + moved, start + moved + len(made)))
            moved += len(made) - (end - start)
        yield Mutant(original, Source(original.name, text, path=original.path), tuple(places))
        count -= 1


def _shows(original: Source, edit: tuple[int, int, str]) -> bool:
    """Whether a fault alone is an error: a misspelt name that nothing else mentions is none."""
    start, end, made = edit
    text = original.text[:start] + made + original.text[end:]
    return bool(found(Source(original.name, text, path=original.path)))


def found(source: Source) -> tuple[Diagnostic, ...]:
    """All errors of a source."""
    return tuple(d for d in findings.of(source) if d.severity == "error")


def _distance(mutant: Mutant, start: int, end: int, place: tuple[int, int]) -> int:
    """Tokens between two places of a text; 0 where they touch."""
    words = [(t.start_pos or 0, t.end_pos or 0) for t in tokens(mutant.source).words]
    starts, ends = [a for a, _ in words], [b for _, b in words]
    (_, b), (c, _) = sorted([(start, end), place])
    return max(0, bisect_left(starts, c) - bisect_right(ends, b))  # whole tokens between


def located(mutant: Mutant, d: Diagnostic, place: tuple[int, int], both: bool = False) -> bool:
    """Whether a finding, or the first edit it proposes, is within one token of a fault; `both`: or its other side."""
    spans = [label.span for label in d.labels[: None if both else 1]]
    spans += [edit.span for fix in d.fixes[:1] for edit in fix.edits[:1]]
    return any(s.source is mutant.source and _distance(mutant, s.start, s.end, place) <= 1 for s in spans)


def applied(d: Diagnostic, source: Source) -> Iterator[str]:
    """The text after each of the first three fixes that have edits."""
    for fix in [f for f in d.fixes if f.edits][:3]:
        text = source.text
        for edit in sorted(fix.edits, key=lambda e: -e.span.start):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        yield text


def _shape(text: str, name: str) -> list[tuple[str, str]]:
    return [(t.type, str(t)) for t in tokens(Source(name, text)).words]


def restored(mutant: Mutant, ds: tuple[Diagnostic, ...], of_kind: bool) -> bool:
    """Whether one of the first three fixes of a finding gives the original back; `of_kind`: up to its words."""
    want = _shape(mutant.original.text, "original")
    for d in ds:
        for text in applied(d, mutant.source):
            got = _shape(text, "fixed")
            if got == want:
                return True
            if of_kind and len(got) == len(want):
                differ = [(g, w) for g, w in zip(got, want, strict=True) if g != w]
                if len(differ) == 1 and differ[0][0][0] == differ[0][1][0] and differ[0][1][0] in OPEN_KINDS:
                    return True
    return False
