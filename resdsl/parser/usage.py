"""How usual words are beside each other, in a text and in the prelude: what tells a likely edit from a possible one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from math import log
from typing import TYPE_CHECKING

from resdsl import files
from resdsl.parser.tokens import Token, tokens
from resdsl.parser.words import KEYWORDS

if TYPE_CHECKING:
    from resdsl.diagnostics import Source
    from resdsl.parser.repair import Change

_Word = tuple[str, str]  # kind and text
_EDGE: _Word = ("$END", "")
_NAMES = ("NAME", "CALL", "LABEL")  # one word, told apart by what follows


def _word(token: Token) -> _Word:
    return token.type, str(token)


class Usage:
    """Counts of three words in a row: by kind, and by text."""

    def __init__(self, source: Source) -> None:
        kinds, texts, words = _prelude()
        own_kinds, own_texts = _counted(source)
        self.kinds, self.texts = kinds.copy(), texts.copy()
        self.kinds.update(own_kinds)
        self.texts.update(own_texts)
        own = _names(own_texts)
        self.words = words | own
        self.foreign = _lets() - own  # names of values in the prelude, which mean nothing here

    def gain(self, words: Sequence[Token], changes: Sequence[Change]) -> float:
        """How much more usual the words around the changes are after them, in units of a price."""
        first, last = changes[0].at, changes[-1].at
        start, end = max(0, first - 2), min(len(words), last + 3)
        before = [_word(words[i]) for i in range(start, end)]
        after: list[_Word] = []
        for i in range(start, end + 1):
            gone = False
            for change in changes:
                if change.at == i:
                    gone |= change.kind not in ("insert", "join")
                    if change.kind == "split":
                        left, right = words[i][: change.offset], words[i][change.offset :]
                        rest = ("NUMBER" if right.isdigit() else "NAME", right)
                        after += [("NAME", left), (change.terminal, change.text), rest]
                    elif change.kind not in ("remove", "join"):
                        after.append((change.terminal, change.text))
            if not gone and i < end:
                after.append(_word(words[i]))
        return 0.12 * (self._usual(after) - self._usual(before))

    def _usual(self, row: list[_Word]) -> float:
        """The logarithm of how usual a row of words is, a word on average as rare as it can be counting nothing."""
        row = _as_read([_EDGE, *row, _EDGE])
        triples = list(zip(row, row[1:], row[2:], strict=False))
        return (
            sum(
                log(0.3 + self.kinds[a[0], b[0], c[0]]) + 0.5 * log(0.5 + self.texts[a[1], b[1], c[1]])
                for a, b, c in triples
            )
            / max(1, len(triples))
            * 3
        )

    def guess(self, before: Sequence[str], kind: str, after: Sequence[str]) -> str:
        """The word of a kind that is most usual between others, up to two on each side."""
        left, right = ["", *before][-1], [*after, ""][0]
        seen: dict[str, list[int]] = {}  # behind the two before it, between two, before the two after it
        for (a, b, c), count in self.texts.items():
            for place, (word, fits) in enumerate(
                ((c, [a, b] == list(before)), (b, a == left and c == right), (a, [b, c] == list(after)))
            ):
                if fits and _kind(word) == kind and word not in self.foreign:
                    seen.setdefault(word, [0, 0, 0])[place] += count
        if not seen:
            for (a, word, c), count in self.texts.items():
                if _kind(word) == kind and (a == left or c == right) and word not in self.foreign:
                    seen.setdefault(word, [0, 0, 0])[1] += count

        def usual(word: str) -> float:
            behind, between, ahead = (log(0.3 + count) for count in seen[word])
            return behind + 1.5 * between + ahead

        return min(seen, key=lambda word: (-usual(word), word), default="")


def _kind(text: str) -> str:
    """Whether a text is a name, a number, a text in quotes or a comparison; anything else is none of them."""
    if text in KEYWORDS:
        return ""
    if text in ("==", "!=", "<=", ">=", "<", ">"):
        return "COMPARE"
    return "NUMBER" if text[:1].isdigit() else "NAME" if text[:1].isalpha() else "STRING" if text[:1] == '"' else ""


def _as_read(row: list[_Word]) -> list[_Word]:
    """A name before `(` is a call and before `:` a label, as the parser reads them."""
    return [
        (("CALL" if b[1] == "(" else "LABEL" if b[1] == ":" else "NAME") if a[0] in _NAMES else a[0], a[1])
        for a, b in zip(row, [*row[1:], _EDGE], strict=True)
    ]


def _counted(source: Source) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
    row = [_EDGE, *map(_word, tokens(source).words), _EDGE]
    triples = list(zip(row, row[1:], row[2:], strict=False))
    return (
        Counter((a[0], b[0], c[0]) for a, b, c in triples),
        Counter((a[1], b[1], c[1]) for a, b, c in triples),
    )


def _names(texts: Counter[tuple[str, ...]]) -> set[str]:
    return {text for _, text, _ in texts if text[:1].isalpha()}


@cache
def _lets() -> frozenset[str]:
    """What the prelude names with `let`."""
    return frozenset(name for source in files.prelude() for name in re.findall(r"\blet\s+(\w+)", source.text))


@cache
def _prelude() -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]], set[str]]:
    kinds: Counter[tuple[str, ...]] = Counter()
    texts: Counter[tuple[str, ...]] = Counter()
    for source in files.prelude():
        counted = _counted(source)
        kinds += counted[0]
        texts += counted[1]
    return kinds, texts, _names(texts)
