"""Comments of a spec as docstrings: only escaped."""

from __future__ import annotations

import string
from collections.abc import Sequence
from itertools import dropwhile, takewhile

from resdsl.graph import Definition

_PLAIN = frozenset(string.printable) - set('\\"' + string.whitespace) | {" "}


def escaped(text: str) -> str:
    """Text that means itself between three double quotes, in ASCII; no log reads a line of it as a command."""
    line = "".join(c if c in _PLAIN else ascii(c)[1:-1].replace('"', '\\"') for c in text)
    return f"\\x3a{line[1:]}" if line.startswith("::") else line


def docstring(lines: Sequence[str], indent: int) -> list[str]:
    """The lines of a docstring."""
    margin = " " * indent
    shown = [escaped(line.strip()) for line in lines]
    if len(shown) == 1:
        return [f'{margin}"""{shown[0]}"""']
    return [f'{margin}"""{shown[0]}', *(f"{margin}{line}".rstrip() for line in shown[1:]), f'{margin}"""']


def described(definition: Definition) -> Sequence[str]:
    """The first paragraph of a definition's comment: what follows is for who writes a spec, of parameters that
    the code may not have. Without a comment, the definition's text where that is short.
    """
    paragraph = list(takewhile(str.strip, dropwhile(lambda line: not line.strip(), definition.doc)))
    if paragraph:
        return paragraph
    body = " ".join(definition.text.partition("{")[2].rpartition("}")[0].split())
    return (body,) if 0 < len(body) <= 90 and "#" not in body else (f"The block `{definition.name}` of the spec.",)
