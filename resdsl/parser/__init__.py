"""Text -> syntax; the only room that knows lark. Every way a text can be unreadable becomes a Diagnostic.

table        the parser of the grammar          builder    the parser's tree to syntax
words        words that cannot be names         tokens     words, comments and what is neither
characters   those that hide, or begin none     mended     a text with edits made

Loaded only for a text that is not of the language:

recovery     one fault after another            errors     what is said of each
repair       the edits that mend it             edits      how they are written
habits       what other languages write         braces     indentation and lost braces
usage        what stands beside what            slips      edits of a text that can be read
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from lark import Tree, UnexpectedInput

from resdsl import syntax
from resdsl.diagnostics import Fix, Label, Source, Span, SpecError, error
from resdsl.limits import DEFAULT
from resdsl.parser import characters, table
from resdsl.parser.builder import METHODS, Builder

_CLOSING = frozenset(characters.CLOSES.values())
_WORDS = re.compile(r'"[^"\n]*"|#[^\n]*|\w+|[^\w\s]')  # texts, comments, words and signs, roughly


def parse(source: Source) -> syntax.File:
    """The file that a source says. Raises Unreadable for text that is not of the language, with all that is wrong."""
    hidden = characters.hidden(source)
    if hidden:
        raise SpecError(hidden)
    builder = Builder(source, _scan(source))
    try:
        tree = table.shipped().parse(source.text)
    except UnexpectedInput:
        from resdsl.parser.recovery import recover

        raise Unreadable(*recover(source)[0]) from None
    built: dict[int, Any] = {}
    for node in tree.iter_subtrees():  # children before parents, without recursion
        make = getattr(builder, METHODS.get(node.data, node.data))
        built[id(node)] = make(node.meta, [built[id(c)] if isinstance(c, Tree) else c for c in node.children])
    if builder.wrong:
        raise SpecError(*sorted(builder.wrong, key=lambda d: d.labels[0].span.start))
    file: syntax.File = built[id(tree)]
    return file


class Unreadable(SpecError):
    """A text whose words are not in the order of the language."""


def readable(source: Source) -> bool:
    """Whether a text is of the language, as far as its grammar goes."""
    try:
        table.shipped().parse(source.text)
    except UnexpectedInput:
        return False
    return True


def _scan(source: Source) -> dict[int, tuple[int, str]]:
    """The comments of a text by line. Refuses too many words, and brackets nested too deep, before more is done."""
    comments: dict[int, tuple[int, str]] = {}
    depth = 0
    for number, match in enumerate(_WORDS.finditer(source.text)):
        mark = match[0][0]
        if number >= DEFAULT.words:
            raise too_many_words(Label(Span(source, match.start(), match.end()), "one too many"))
        if len(match[0]) > characters.LONGEST and mark not in '"#' and not mark.isdigit():
            place = Label(Span(source, match.start(), match.end()))
            raise error("E0201", f"the name `{match[0][:80]}` is longer than {DEFAULT.name_length} characters", place)
        if mark == "#":
            comments[source.position(match.start())[0]] = match.start(), match[0][1:].strip()
        elif mark in characters.CLOSES:
            depth += 1
            if depth > DEFAULT.nesting:
                raise error(
                    "E0104",
                    f"more than {DEFAULT.nesting} brackets inside one another",
                    Label(Span(source, match.start(), match.end()), "one too many"),
                    fixes=[Fix("name the inner parts: make blocks of them")],
                )
        elif mark in _CLOSING:
            depth -= 1
    return comments


def words(source: Source) -> int:
    """How many words and signs a text has, comments being one each; none is looked at past the limit."""
    return sum(1 for _ in islice(_WORDS.finditer(source.text), DEFAULT.words))


def too_many_words(*labels: Label) -> SpecError:
    """The refusal of a spec that is longer than anybody writes."""
    fix = Fix("`repeat` and `stage` say in a line what a program unrolled")
    return error("E0502", f"more than {DEFAULT.words:,} words and signs", *labels, fixes=[fix])


def comments(source: Source) -> list[Span]:
    """The comments of a text, each from its `#` to its last sign."""
    from resdsl.parser.tokens import tokens

    found = tokens(source).comments
    return [Span(source, comment.start_pos or 0, comment.end_pos or 0) for comment in found]
