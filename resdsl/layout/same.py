"""Whether two texts say the same: the same tokens, the same comments in the same order, the same syntax."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from resdsl import parser, syntax
from resdsl.diagnostics import Source, SpecError
from resdsl.parser.tokens import tokens


@dataclass(frozen=True)
class Meaning:
    """What must not change."""

    words: tuple[str, ...]
    comments: tuple[str, ...]
    syntax: tuple[object, ...]


def meaning(source: Source) -> Meaning:
    """Raises SpecError where the text is not of the language."""
    file = parser.parse(source)
    found = tokens(source)
    words = tuple("".join(word.split()) if word.type == "SHAPE" else str(word) for word in found.words)
    shape = [(file.doc, len(file.imports), len(file.definitions))]
    pieces = (piece for top in (*file.imports, *file.definitions) for piece in syntax.walk(top))
    return Meaning(words, tuple(map(str, found.comments)), (*shape, *map(_piece, pieces)))


def _piece(node: syntax.Syntax) -> tuple[object, ...]:
    """A piece of syntax without its place, and without the pieces in it but for their number."""
    values = (getattr(node, name) for name in node.fields if name != "span")
    return type(node).__name__, *(_outline(value) for value in values)


def _outline(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(_outline, value))
    return "..." if isinstance(value, syntax.Syntax) else (type(value).__name__, value)


def compare(before: Meaning, made: Source) -> None:
    """Raises AssertionError, a bug of the formatter, where a text that it made does not say the same."""
    try:
        after = meaning(made)
    except SpecError as problem:
        place = problem.diagnostics[0].place
        near = made.text[max(place.start - 40, 0) : place.end + 40] if place else ""
        raise AssertionError(f"formatting would make an error, near {near}; nothing was written") from problem
    for name in ("words", "comments", "syntax"):
        pairs = zip_longest(getattr(before, name), getattr(after, name))
        found = next((pair for pair in pairs if pair[0] != pair[1]), None)
        if found:
            raise AssertionError(f"formatting would change the {name}, {found[0]} to {found[1]}; nothing was written")
