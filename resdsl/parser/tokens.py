"""Text -> tokens: what the parser reads, what it passes by (comments), and what begins no token at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lark import Token, UnexpectedCharacters

from resdsl.diagnostics import Source, Span
from resdsl.parser import table

__all__ = ["Token", "Tokens", "tokens"]

_COMMENT = re.compile(r"#[^\r\n]*")
_STRAY = re.compile(r'"[^\n]*|\'[^\'\n]*\'|&&|\|\||[0-9][0-9A-Za-z_.]*|\.[A-Za-z0-9_.{}-]+|.', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text in tokens: those that the parser reads, the comments between them, the pieces that begin no token."""

    words: tuple[Token, ...]
    comments: tuple[Token, ...]
    strays: tuple[Span, ...]

    def all(self) -> list[Token]:
        """Words and comments in the order of the text."""
        return sorted((*self.words, *self.comments), key=lambda token: token.start_pos or 0)


@lru_cache(maxsize=4)
def tokens(source: Source) -> Tokens:
    """The tokens of a source, past anything that begins none."""
    text = source.text
    thread = table.shipped().parse_interactive(text).lexer_thread
    assert thread.state
    words: list[Token] = []
    strays: list[Span] = []
    while True:
        try:
            for word in thread.lex(None):  # type: ignore[no-untyped-call]
                words.append(word)
            break
        except UnexpectedCharacters as problem:
            at = problem.pos_in_stream or 0
            piece = _STRAY.match(text, at)
            assert piece
            strays.append(Span(source, at, piece.end()))
            thread.state.line_ctr.feed(piece[0])
    gaps = zip([0, *(t.end_pos or 0 for t in words)], [*(t.start_pos or 0 for t in words), len(text)], strict=True)
    comments = [
        Token("COMMENT", match[0].rstrip(), start_pos=match.start(), end_pos=match.start() + len(match[0].rstrip()))
        for start, end in gaps
        for match in _COMMENT.finditer(text, start, end)
    ]
    return Tokens(tuple(words), tuple(comments), tuple(strays))
