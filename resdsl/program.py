"""A spec with all that it imports: parsed, and the names that each file sees."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from resdsl import files, parser, syntax
from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, ResdslError, Source, Span, SpecError, error
from resdsl.limits import DEFAULT


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


def base_of(model: Defined) -> Defined:
    """The model that a variant varies."""
    assert isinstance(model.definition, syntax.Variant)
    base = model.definition.base
    found = model.scope.find(base.name)
    if found is None or not isinstance(found.definition, syntax.Model | syntax.Variant):
        names = [n for n, d in model.scope.names.items() if isinstance(d.definition, syntax.Model | syntax.Variant)]
        what = "is a block, not a model" if found else "is not a model that is known here"
        raise error("E0202", f"`{base.name}` {what}", Label(base.span), fixes=did_you_mean(base.name, names, base.span))
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


def load(source: Source, prelude: tuple[Source, ...] | None = None) -> Spec:
    """Parse a source and the files it imports. Raises SpecError where a text is not of the language."""
    loader = _Loader(files.prelude() if prelude is None else prelude)
    scope, file = loader.load(source)
    models = {d.name: scope.names[d.name] for d in file.definitions if isinstance(d, syntax.Model | syntax.Variant)}
    return Spec(file, scope, models, tuple(loader.files.values()))


class _Loader:
    """Files by their real path, each parsed once."""

    def __init__(self, prelude: tuple[Source, ...]) -> None:
        self.prelude = prelude_of(prelude)
        self.files: dict[str, syntax.File] = {}
        self.depth: list[str] = []

    def load(self, source: Source) -> tuple[Scope, syntax.File]:
        key = str(Path(source.path).resolve()) if source.path else source.name
        file = self.files.get(key)
        if file is None:
            if len(self.files) >= DEFAULT.imports:
                raise error("E0502", f"more than {DEFAULT.imports} files are imported")
            file = self.files[key] = parser.parse(source)
        scope = Scope(file.source, self.prelude)
        own: dict[str, syntax.Definition] = {}
        self.depth.append(key)
        for line in file.imports:
            self.take(line, file, scope, own)
        self.depth.pop()
        for definition in file.definitions:
            declare(definition, own)
            scope.names[definition.name] = Defined(definition, scope)
        return scope, file

    def take(self, line: syntax.Import, file: syntax.File, scope: Scope, own: dict[str, syntax.Definition]) -> None:
        """Bring in the definitions of an imported file; not those that it imported itself."""
        path = files.imported(file.source, line.path, line.span)
        if str(path) in self.depth:
            raise error(
                "E0505",
                f"`{line.path}` imports itself, by way of {len(self.depth)} files",
                Label(line.span),
                fixes=[Fix("move what both files need into a third one")],
            )
        if len(self.depth) > DEFAULT.nesting:
            raise error("E0502", f"imports are more than {DEFAULT.nesting} files deep", Label(line.span))
        try:
            theirs, imported = self.load(self.sources(path, line.path, file.source))
        except ResdslError as problem:
            trail = Label(line.span, "imported here")
            raise SpecError(*(_with_trail(d, trail) for d in problem.diagnostics)) from None
        for definition in imported.definitions:
            declare(definition, own)
            scope.names[definition.name] = theirs.names[definition.name]

    def sources(self, path: Path, written: str, importer: Source) -> Source:
        known = self.files.get(str(path))
        if known is not None:
            return known.source
        shown = str(Path(importer.name).parent / written) if importer.path else written
        read = files.read_file(path)
        return Source(shown, read.text, importer.shipped, str(path))


def _with_trail(diagnostic: Diagnostic, label: Label) -> Diagnostic:
    return Diagnostic(
        diagnostic.code,
        diagnostic.message,
        diagnostic.labels,
        diagnostic.fixes,
        diagnostic.severity,
        (*diagnostic.trail, label),
    )


def declare(definition: syntax.Definition, own: dict[str, syntax.Definition]) -> None:
    """A name has one definition in a file and its imports."""
    first = own.setdefault(definition.name, definition)
    if first is not definition:
        raise error(
            "E0207",
            f"`{definition.name}` is defined twice",
            Label(head(definition), "here"),
            Label(head(first), "and here first"),
            fixes=[Fix("rename one of them")],
        )


@lru_cache(maxsize=4)
def prelude_of(sources: tuple[Source, ...]) -> Prelude:
    """The prelude that sources make, the same for every spec."""
    return Prelude(sources)


def head(definition: syntax.Definition) -> Span:
    """The name in a definition's head."""
    at = definition.span.source.text.index(definition.name, definition.span.start + len(type(definition).__name__) - 2)
    return Span(definition.span.source, at, at + len(definition.name))
