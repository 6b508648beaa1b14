"""Text -> syntax; the only room that knows lark. Every way a text can be unreadable becomes a Diagnostic.

words     words that cannot be names          builder   the parser's tree to syntax
table     the parser of the grammar           errors    what is said of an unreadable text
"""

from __future__ import annotations

import re
from typing import Any

from lark import Tree, UnexpectedInput

from resdsl import syntax
from resdsl.diagnostics import Diagnostic, Fix, Label, Source, Span, SpecError, error
from resdsl.limits import DEFAULT
from resdsl.parser import errors, table
from resdsl.parser.builder import METHODS, Builder
from resdsl.parser.recovery import Mended, recover

__all__ = ["Mended", "Unreadable", "parse", "readable", "recover"]


def parse(source: Source) -> syntax.File:
    """The file that a source says. Raises Unreadable for text that is not of the language, with all that is wrong."""
    hidden = errors.hidden(source)
    if hidden:
        raise SpecError(hidden)
    builder = Builder(source, _scan(source))
    try:
        tree = table.shipped().parse(source.text)
    except UnexpectedInput:
        found, mending = recover(source)
        raise Unreadable(found, Mended(source, mending) if mending else None) from None
    built: dict[int, Any] = {}
    for node in tree.iter_subtrees():  # children before parents, without recursion
        make = getattr(builder, METHODS.get(node.data, node.data))
        built[id(node)] = make(node.meta, [built[id(c)] if isinstance(c, Tree) else c for c in node.children])
    file: syntax.File = built[id(tree)]
    return file


class Unreadable(SpecError):
    """A text that is not of the language. `mended` is the text as it was probably meant, for further checks."""

    def __init__(self, found: list[Diagnostic], mended: Mended | None) -> None:
        super().__init__(*found)
        self.mended = mended


def readable(source: Source) -> bool:
    """Whether a text is of the language, as far as its grammar goes."""
    try:
        table.shipped().parse(source.text)
    except UnexpectedInput:
        return False
    return True


def _scan(source: Source) -> dict[int, tuple[int, str]]:
    """The comments of a text by line. Refuses brackets nested too deep, before anything is built of them."""
    comments: dict[int, tuple[int, str]] = {}
    depth = 0
    for match in re.finditer(r'"[^"\n]*"|#[^\n]*|[][(){}]', source.text):
        mark = match[0][0]
        if mark == "#":
            comments[source.position(match.start())[0]] = match.start(), match[0][1:].strip()
        elif mark in errors.CLOSES:
            depth += 1
            if depth > DEFAULT.nesting:
                raise error(
                    "E0104",
                    f"more than {DEFAULT.nesting} brackets inside one another",
                    Label(Span(source, match.start(), match.end()), "one too many"),
                    fixes=[Fix("name the inner parts: make blocks of them")],
                )
        elif mark != '"':
            depth -= 1
    return comments


def comments(source: Source) -> list[Span]:
    """The comments of a text, each from its `#` to its last sign."""
    from resdsl.parser.tokens import tokens

    found = tokens(source).comments
    return [Span(source, comment.start_pos or 0, comment.end_pos or 0) for comment in found]
