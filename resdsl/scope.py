"""The names that each file sees: its own, those it imports, the prelude's."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from resdsl import parser, syntax
from resdsl.diagnostics import Edit, Fix, Label, Source, Span, error


@dataclass(frozen=True, eq=False)
class Scope:
    """The names of one file: its own definitions, then those of the files it imports, then the prelude."""

    source: Source
    prelude: Prelude
    names: dict[str, Defined] = field(default_factory=dict)

    def find(self, name: str) -> Defined | None:
        return self.names.get(name) or self.prelude.find(name)

    def known(self) -> set[str]:
        """Every name that can be seen from the file."""
        return {*self.names, *self.prelude.index}


@dataclass(frozen=True, eq=False)
class Defined:
    """A definition and the names that its text sees."""

    definition: syntax.Definition
    scope: Scope

    @property
    def name(self) -> str:
        return self.definition.name


class Prelude:
    """The library that every file sees. Its files see one another; each is parsed when a name of it is first used."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        heads = re.compile(r"^(?:block|function)\s+([A-Za-z]\w*)", re.M)
        self.sources = sources
        self.index = {match[1]: source for source in sources for match in heads.finditer(source.text)}
        self.names: dict[str, Defined] = {}
        self.parsed: set[Source] = set()

    def find(self, name: str) -> Defined | None:
        """The definition of a name, if the prelude has one."""
        source = self.index.get(name)
        if source is not None and source not in self.parsed:
            self.parsed.add(source)
            scope = Scope(source, self)
            self.names |= {d.name: Defined(d, scope) for d in parser.parse(source).definitions}
        return self.names.get(name)


@dataclass(frozen=True, eq=False)
class Spec:
    """One file of the user, ready to be elaborated. `models` are its own, in the order of the text."""

    file: syntax.File
    scope: Scope
    models: dict[str, Defined]
    files: tuple[syntax.File, ...]  # its own and those it imports
    definitions: tuple[Defined, ...]  # of all its files

    def around(self, place: Span) -> syntax.Definition | None:
        """The definition in which a place lies."""
        for file in self.files:
            if file.source is place.source:
                before = bisect_right(file.definitions, place.start, key=lambda d: d.span.start)
                found = file.definitions[before - 1] if before else None
                return found if found is not None and place.start <= found.span.end else None
        return None


def base_of(model: Defined) -> Defined:
    """The model that a variant varies."""
    assert isinstance(model.definition, syntax.Variant)
    base = model.definition.base
    found = model.scope.find(base.name)
    if found is None or not isinstance(found.definition, syntax.Model | syntax.Variant):
        names = [n for n, d in model.scope.names.items() if isinstance(d.definition, syntax.Model | syntax.Variant)]
        what = "is a block, not a model" if found else "is not a model that is known here"
        fixes = did_you_mean(base.name, names, base.span) or [Fix("vary a model of this file or of one it imports")]
        near = [model.scope.names[edit.text] for fix in fixes for edit in fix.edits]
        labels = [Label(base.span), *(Label(head(d.definition), f"`{d.name}` is defined here") for d in near)]
        if near and found is None and stands_alone(labels[1].span, base.name):
            labels.reverse()
            fixes.insert(0, Fix(f"call it `{base.name}`", (Edit(labels[0].span, base.name),)))
        raise error("E0202", f"`{base.name}` {what}", *labels, fixes=fixes)
    return found


def did_you_mean(name: str, among: Iterable[str], span: Span) -> list[Fix]:
    """The name that was probably meant, as a fix."""
    from resdsl.diagnostics import nearest

    near = nearest(name, [n for n in among if n != name])
    return (
        [Fix(f"did you mean `{near}`?", (Edit(Span(span.source, span.start, span.start + len(name)), near),))]
        if near
        else []
    )


def stands_alone(declared: Span, meant: str, others: Iterable[str] = ()) -> bool:
    """Whether a name that is declared stands once in its text, and the one that is meant more often: it is misspelt."""

    def times(name: str, text: str) -> int:
        return len(re.findall(rf"\b{re.escape(name)}\b", text))

    text = declared.source.text
    return times(declared.text, text) == 1 and times(meant, text) + sum(times(meant, other) for other in others) > 1


@lru_cache(maxsize=4)
def prelude_of(sources: tuple[Source, ...]) -> Prelude:
    """The prelude that sources make, the same for every spec."""
    return Prelude(sources)


def head(definition: syntax.Definition) -> Span:
    """The name in a definition's head."""
    at = definition.span.source.text.index(definition.name, definition.span.start + len(type(definition).__name__) - 2)
    return Span(definition.span.source, at, at + len(definition.name))


def index_span(loop: syntax.Repeat | syntax.Each) -> Span:
    """The name that counts the rounds of a repeat, or stands for the items of a list."""
    after, name = (loop.times, loop.index or "") if isinstance(loop, syntax.Repeat) else (loop.item, loop.name)
    found = re.compile(rf"\b{name}\b").search(loop.span.source.text, after.span.end, loop.span.end)
    return Span(loop.span.source, *found.span()) if found else loop.span


def name_span(line: syntax.Let | syntax.Section) -> Span:
    """The name that a line gives."""
    at = line.span.source.text.index(line.name, line.span.start + (3 if isinstance(line, syntax.Let) else 0))
    return Span(line.span.source, at, at + len(line.name))
