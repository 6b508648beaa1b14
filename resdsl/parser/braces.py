"""Where a closing brace was lost, told by indentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resdsl.diagnostics import Source
    from resdsl.parser.tokens import Token


def lost_braces(source: Source, words: Sequence[Token]) -> list[int]:
    """The words before which a `}` is missing, where more braces are opened than closed.

    A line that is indented no deeper than the line of an open brace, and does not begin with `}`, is outside of it.
    """
    missing = sum((t.type == "LBRACE") - (t.type == "RBRACE") for t in words)
    if missing <= 0:
        return []
    found: list[int] = []
    opened: list[int] = []  # indentation of the lines of open braces
    row = indent = 0
    for i, word in enumerate(words):
        line, column = source.position(word.start_pos or 0)
        if line != row:
            row, indent = line, column
            while opened and indent <= opened[-1] and word.type != "RBRACE":
                opened.pop()
                found.append(i)
        if word.type == "LBRACE":
            opened.append(indent)
        elif word.type == "RBRACE" and opened:
            opened.pop()
    found += [len(words)] * len(opened)
    return found[:missing]
