"""Expressions of the generated code, broken into lines as `ruff format` breaks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 120


@dataclass(frozen=True)
class Brackets:
    """`head(items)`: a call, a tuple, a list; `tail` is what follows the closing bracket."""

    head: str
    items: tuple[Doc, ...]
    tail: str = ")"
    prefix: str = ""  # before the head: `name=` of a keyword argument, `*` of a starred one


@dataclass(frozen=True)
class Either:
    """`yes if test else no`."""

    yes: Doc
    test: str
    no: Doc
    prefix: str = ""


Doc = str | Brackets | Either


def call(head: str, *items: Doc, prefix: str = "") -> Brackets:
    return Brackets(f"{head}(", items, ")", prefix)


def prefixed(prefix: str, doc: Doc) -> Doc:
    """The expression after a prefix, such as the `name=` of a keyword argument."""
    match doc:
        case str():
            return prefix + doc
        case Brackets():
            return Brackets(doc.head, doc.items, doc.tail, prefix + doc.prefix)
        case Either():
            return Either(doc.yes, doc.test, doc.no, prefix + doc.prefix)


def flat(doc: Doc) -> str:
    """All on one line."""
    match doc:
        case str():
            return doc
        case Brackets():
            return doc.prefix + doc.head + ", ".join(map(flat, doc.items)) + doc.tail
        case Either():
            text = f"{flat(doc.yes)} if {doc.test} else {flat(doc.no)}"
            return f"{doc.prefix}({text})" if doc.prefix == "*" else doc.prefix + text


def laid(before: str, doc: Doc, after: str = "", indent: int = 0) -> list[str]:
    """A statement `before doc after` in lines of at most 120 characters."""
    margin = " " * indent
    line = f"{margin}{before}{flat(doc)}{after}"
    if len(line) <= WIDTH or isinstance(doc, str) or (isinstance(doc, Brackets) and not doc.items):
        return [line]
    if isinstance(doc, Either):
        return _chosen(before, doc, after, indent)
    inside = " " * (indent + 4)
    first = margin + before + doc.prefix + doc.head
    last = margin + doc.tail + after
    body = inside + ", ".join(map(flat, doc.items))
    if len(body) <= WIDTH:
        return [first, body, last]
    if len(doc.items) == 1 and not _starred(doc.items[0]):
        return [first, *laid("", doc.items[0], "", indent + 4), last]
    return [first, *(line for item in doc.items for line in laid("", item, ",", indent + 4)), last]


def _starred(doc: Doc) -> bool:
    return flat(doc).startswith("*")


def _chosen(before: str, doc: Either, after: str, indent: int) -> list[str]:
    """In brackets: each branch on a line."""
    margin, inside = " " * indent, " " * (indent + 4)
    one = f"{inside}{flat(Either(doc.yes, doc.test, doc.no))}"
    first, last = f"{margin}{before}{doc.prefix}(", f"{margin}){after}"
    if len(one) <= WIDTH:
        return [first, one, last]
    middle = [
        *laid("", doc.yes, "", indent + 4),
        f"{inside}if {doc.test}",
        *laid("else ", doc.no, "", indent + 4),
    ]
    return [first, *middle, last]


def repeated(doc: Doc) -> Doc:
    """A list of modules that are all alike, as a generator."""
    match doc:
        case Brackets("nn.ModuleList(", (Brackets("[", items),)) if len(items) > 1 and len(set(items)) == 1:
            one = f"{flat(items[0])} for _ in range({len(items)})"
            return Brackets(doc.head, (one,), doc.tail, doc.prefix) if len(one) < WIDTH - 12 else doc
    return doc


def listed(items: Sequence[Doc], head: str = "[", tail: str = "]") -> Brackets:
    return Brackets(head, tuple(items), tail)
