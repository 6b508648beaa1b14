"""A text as words: every token of the language, with the comments and line ends that stand before it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from resdsl.parser.tokens import tokens

if TYPE_CHECKING:
    from resdsl.diagnostics import Source

COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
OPERATORS = frozenset(("->", "or", "and", *COMPARISONS, "++", "+", "-", "*", "/", "//", "%", "**"))


@dataclass(slots=True)
class Comment:
    """A comment: `own` where it has its line for itself, `blank` where an empty line stands above it."""

    text: str
    own: bool
    blank: bool


@dataclass(slots=True)
class Word:
    """A token, and what stands between the token before it and itself. The last word of a text is its end, ``."""

    kind: str  # as the grammar calls it
    text: str
    operator: bool = False  # between two operands; the minus of a value is none
    comments: list[Comment] = field(default_factory=list)
    newline: bool = False  # a line ends somewhere before it
    blank: bool = False  # an empty line stands right above it


def read(source: Source) -> list[Word]:
    """The words of a text that parses. A comment behind an operator or before a comma stands on its other side."""
    found = tokens(source)
    assert not found.strays
    words: list[Word] = []
    end = 0
    comments = iter(found.comments)
    comment = next(comments, None)
    for token in (*found.words, None):
        start = len(source.text) if token is None else token.start_pos or 0
        word = Word("", "") if token is None else _word(token.type, str(token), words)
        while comment is not None and (comment.start_pos or 0) < start:
            lines = source.text.count("\n", end, comment.start_pos)
            word.comments.append(Comment(str(comment), lines > 0 or not words, lines > 1))
            word.newline = True
            end = comment.end_pos or 0
            comment = next(comments, None)
        lines = source.text.count("\n", end, start)
        word.newline |= lines > 0
        word.blank = lines > 1
        words.append(word)
        end = start if token is None else token.end_pos or 0
    _settle(words)
    return words


def _word(kind: str, text: str, before: list[Word]) -> Word:
    if kind == "SHAPE":
        return Word(kind, " x ".join(re.findall(r"[0-9_]+", text)))
    opens_value = not before or before[-1].text in ("(", "[", ",", "=")
    return Word(kind, text, kind != "STRING" and text in OPERATORS and not (text == "-" and opens_value))


def _settle(words: list[Word]) -> None:
    """Lines begin with operators and end in commas: what stands on the other side of one moves over."""
    for word, after in pairwise(words):
        if word.operator:
            for comment in after.comments:
                comment.own = comment.own or word.newline
            word.comments += after.comments
            word.newline |= after.newline
            after.comments, after.newline = [], False
        elif word.text == ",":
            after.comments = word.comments + after.comments
            after.newline |= word.newline
            word.comments, word.newline = [], False
    for word in words:
        for comment in word.comments[1:]:
            comment.own = True
