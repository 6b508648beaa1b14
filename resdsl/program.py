"""A spec with all that it imports: parsed, its names gathered, its text checked."""

from __future__ import annotations

import os
from pathlib import Path

from resdsl import files, parser, static, syntax, unknown
from resdsl.diagnostics import Diagnostic, Fix, Label, ResdslError, Source, SpecError, error
from resdsl.limits import DEFAULT
from resdsl.scope import Defined, Scope, Spec, head, prelude_of


def load(source: Source, prelude: tuple[Source, ...] | None = None) -> Spec:
    """The spec of a source and of the files it imports. Raises SpecError with every error that the text alone shows."""
    spec = read(source, prelude)
    problems = errors(spec)
    if problems:
        raise SpecError(*problems)
    return spec


def read(source: Source, prelude: tuple[Source, ...] | None = None) -> Spec:
    """The spec of a source as it stands. Raises SpecError where it, or a file it imports, cannot be read."""
    loader = _Loader(files.prelude() if prelude is None else prelude)
    scope, file = loader.load(source)
    models = {d.name: scope.names[d.name] for d in file.definitions if isinstance(d, syntax.Model | syntax.Variant)}
    definitions = tuple(d for own in loader.loaded.values() for d in own.names.values() if d.scope is own)
    return Spec(file, scope, models, tuple(loader.files.values()), definitions)


def errors(spec: Spec) -> tuple[Diagnostic, ...]:
    """What the text of a spec alone shows to be wrong; a name that is not known is told once."""
    return tuple(unknown.once(all_errors(spec)))


def all_errors(spec: Spec) -> tuple[Diagnostic, ...]:
    """What the text of a spec alone shows to be wrong, each place by itself."""
    names = tuple(unknown.check(spec))
    told = {label.span for d in names for label in d.labels}
    rest = [d for d in static.check(spec) if not d.labels or d.labels[0].span not in told]
    return (*rest, *names)


class _Loader:
    """Files by their real path, each parsed once."""

    def __init__(self, prelude: tuple[Source, ...]) -> None:
        self.prelude = prelude_of(prelude)
        self.files: dict[str, syntax.File] = {}
        self.loaded: dict[str, Scope] = {}
        self.depth: list[str] = []
        self.targets: dict[tuple[str, str], Path] = {}  # of imports, by the folder of the importer and what is written
        self.characters = self.words = self.lines = 0

    def load(self, source: Source, key: str | None = None) -> tuple[Scope, syntax.File]:
        """A file and the names it sees; its key is its real path."""
        if key is None:
            key = str(Path(source.path).resolve()) if source.path else source.name
        file = self.files.get(key)
        if file is not None and key in self.loaded:
            return self.loaded[key], file
        if file is None:
            self.take_in(source)
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
        self.loaded[key] = scope
        return scope, file

    def take_in(self, source: Source) -> None:
        """Refuse what is too much in all, before it is parsed."""
        if len(self.files) >= DEFAULT.imports:
            fix = Fix("put what belongs together into one file")
            raise error("E0502", f"more than {DEFAULT.imports} files are imported", fixes=[fix])
        self.characters += len(source.text)
        if self.characters > DEFAULT.file_bytes:
            what = f"the spec and what it imports are larger than {DEFAULT.file_bytes:,} bytes"
            raise error("E0502", what, fixes=[Fix("import only files whose definitions are needed")])
        self.words += parser.words(source)
        if self.words > DEFAULT.words and self.files:
            raise parser.too_many_words()

    def take(self, line: syntax.Import, file: syntax.File, scope: Scope, own: dict[str, syntax.Definition]) -> None:
        """Bring in the definitions of an imported file; not those that it imported itself."""
        self.lines += 1
        if self.lines > DEFAULT.import_lines:
            fix = Fix("put what belongs together into one file")
            raise error(
                "E0502", f"more than {DEFAULT.import_lines:,} lines import files", Label(line.span), fixes=[fix]
            )
        folder = os.path.dirname(file.source.path or "")
        path = self.targets.get((folder, line.path)) or files.imported(file.source, line.path, line.span)
        self.targets[folder, line.path] = path
        if str(path) in self.depth:
            raise error(
                "E0505",
                f"`{line.path}` imports itself, by way of {len(self.depth)} files",
                Label(line.span),
                fixes=[Fix("move what both files need into a third one")],
            )
        if len(self.depth) > DEFAULT.nesting:
            fix = Fix("import from fewer files: a definition can stand in the file that uses it")
            raise error("E0502", f"imports are more than {DEFAULT.nesting} files deep", Label(line.span), fixes=[fix])
        try:
            theirs, imported = self.load(self.sources(path, line.path, file.source), str(path))
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
            Label(head(definition), "defined again here"),
            Label(head(first), "first defined here"),
            fixes=[Fix("rename one of them")],
        )
