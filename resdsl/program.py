"""A spec with all that it imports: parsed, names of each file gathered, and what the text alone shows to be wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from resdsl import files, parser, syntax
from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, ResdslError, Source, Span, SpecError, error, quoted
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
    warnings: tuple[Diagnostic, ...] = ()

    def base(self, model: Defined) -> Defined:
        """The model that a variant varies. Raises SpecError."""
        return base_of(model)


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
    """Parse a source, the files it imports and the prelude. Raises SpecError with every error found in the text."""
    loader = _Loader(files.prelude() if prelude is None else prelude)
    scope, file = loader.load(source)
    models = {d.name: scope.names[d.name] for d in file.definitions if isinstance(d, syntax.Model | syntax.Variant)}
    problems = [d for f in loader.files.values() for d in static_errors(f)]
    for model in models.values():
        problems += _circle(model)
    if problems:
        raise SpecError(*problems)
    return Spec(file, scope, models, tuple(unused_blocks(file)))


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
            Label(_head(definition), "here"),
            Label(_head(first), "and here first"),
            fixes=[Fix("rename one of them")],
        )


@lru_cache(maxsize=4)
def prelude_of(sources: tuple[Source, ...]) -> Prelude:
    """The prelude that sources make, the same for every spec."""
    return Prelude(sources)


# -- what the text alone shows -------------------------------------------------------------------------------------


def static_errors(file: syntax.File) -> Iterator[Diagnostic]:
    """Errors of each definition that need no shapes: lost lines, names given twice, values never used."""
    for definition in file.definitions:
        seen: dict[str, syntax.Param] = {}
        for param in getattr(definition, "params", ()):
            if param.name in seen:
                yield _twice("parameter", param.name, param.span, seen[param.name].span)
            seen[param.name] = param
        for node in syntax.walk(definition):
            if isinstance(node, syntax.Body):
                yield from _body_errors(node, definition)
            if isinstance(node, syntax.Call | syntax.Variant):
                yield from _argument_errors(node)


def _body_errors(body: syntax.Body, definition: syntax.Definition) -> Iterator[Diagnostic]:
    outermost = body is definition.body
    names: dict[str, Span] = {}
    flow = (syntax.Let, syntax.Default, syntax.Expect, syntax.Order, syntax.Section)
    for i, line in enumerate(body.lines):
        if isinstance(line, syntax.Let):
            yield from _named(line.name, _name_span(line), names)
            if not any(_mentions(later, line.name) for later in body.lines[i + 1 :]):
                yield Diagnostic(
                    "E0208",
                    f"`{line.name}` is never used",
                    (Label(_name_span(line), "named here, and read by no later line"),),
                    (Fix("remove the line", (Edit(line.span, ""),)),),
                )
        elif isinstance(line, syntax.Section):
            yield from _named(line.name, _name_span(line), names)
        if isinstance(line, syntax.Expect | syntax.Section) and not (
            outermost and isinstance(definition, syntax.Model | syntax.Variant)
        ):
            what = "`expect`" if isinstance(line, syntax.Expect) else f"the section `{line.name}`"
            yield Diagnostic("E0106", f"{what} stands in a model, not in a block", (Label(line.span),))
        if not isinstance(line, flow):
            if i < len(body.lines) - 1 and not isinstance(syntax.opening(line), syntax.Labelled):
                following = body.lines[i + 1].span
                yield Diagnostic(
                    "E0103",
                    "this line's value would be lost: only the last line may be a flow without a label",
                    (
                        Label(line.span, "a flow"),
                        Label(
                            Span(following.source, following.start, following.start + 1), "and another line after it"
                        ),
                    ),
                    (
                        Fix(
                            "continue the flow with `->`",
                            (Edit(Span(following.source, following.start, following.start), "-> "),),
                        ),
                        Fix("or give it a label, or name it with `let`"),
                    ),
                )
            if isinstance(definition, syntax.Function) and i < len(body.lines) - 1:
                continue
        for labelled in _labels(line):
            yield from _named(
                labelled.label,
                Span(labelled.span.source, labelled.span.start, labelled.span.start + len(labelled.label)),
                names,
            )
    if isinstance(definition, syntax.Function) and outermost and (not body.lines or isinstance(body.lines[-1], flow)):
        yield Diagnostic("E0106", f"the function `{definition.name}` ends without a value", (Label(body.span),))


def _labels(line: syntax.Syntax) -> Iterator[syntax.Labelled]:
    """The labels of a line, those in nested bodies left out: they are a scope of their own."""
    stack = [line]
    while stack:
        node = stack.pop()
        if isinstance(node, syntax.Labelled):
            yield node
        if not isinstance(node, syntax.Body | syntax.Arg):
            stack.extend(reversed(list(syntax.children(node))))


def _named(name: str, span: Span, names: dict[str, Span]) -> Iterator[Diagnostic]:
    if name in names:
        yield _twice("name", name, span, names[name])
    names[name] = span


def _argument_errors(call: syntax.Call | syntax.Variant) -> Iterator[Diagnostic]:
    named: dict[str, Span] = {}
    for arg in call.args:
        if arg.name is None and named:
            yield Diagnostic(
                "E0205",
                "an argument without a name follows one with a name",
                (Label(arg.span, "name this one too"), Label(next(iter(named.values())), "named")),
            )
        if arg.name is not None:
            if arg.name in named:
                yield _twice("argument", arg.name, arg.span, named[arg.name])
            named[arg.name] = arg.span


def _twice(what: str, name: str, second: Span, first: Span) -> Diagnostic:
    return Diagnostic(
        "E0207",
        f"the {what} `{name}` is given twice",
        (Label(second, "here"), Label(first, "and here first")),
        (Fix("remove or rename one of them"),),
    )


def _mentions(node: syntax.Syntax, name: str) -> bool:
    return any(
        (isinstance(n, syntax.Ref | syntax.Call) and n.name == name)
        or (isinstance(n, syntax.Order) and name in n.names)
        or (isinstance(n, syntax.Labelled) and f"{{{name}}}" in n.label)
        for n in syntax.walk(node)
    )


def unused_blocks(file: syntax.File) -> Iterator[Diagnostic]:
    """Blocks and functions of a file of models that no text of the file mentions."""
    models = [d for d in file.definitions if isinstance(d, syntax.Model | syntax.Variant)]
    if not models:
        return
    uses: dict[str, set[str]] = {}
    for definition in file.definitions:
        uses[definition.name] = {n.name for n in syntax.walk(definition) if isinstance(n, syntax.Ref | syntax.Call)}
    reached, stack = set[str](), [d.name for d in models]
    while stack:
        name = stack.pop()
        if name not in reached:
            reached.add(name)
            stack += [n for n in uses.get(name, ()) if n in uses]
    for definition in file.definitions:
        if definition.name not in reached:
            kind = "function" if isinstance(definition, syntax.Function) else "block"
            yield Diagnostic(
                "W0201",
                f"the {kind} `{definition.name}` is never used",
                (Label(_head(definition), "no model of this file reaches it"),),
                severity="warning",
            )


def _circle(model: Defined) -> Iterator[Diagnostic]:
    """Variants that are variants of each other."""
    seen = [model]
    while isinstance(seen[-1].definition, syntax.Variant):
        try:
            base = base_of(seen[-1])
        except SpecError as problem:
            if len(seen) == 1:
                yield from problem.diagnostics
            return
        if base in seen:
            names = [d.name for d in seen[seen.index(base) :]]
            chain = (
                f"{quoted(names)} are variants of each other"
                if len(names) > 1
                else f"`{names[0]}` is a variant of itself"
            )
            if base is model:
                yield Diagnostic(
                    "E0209",
                    chain,
                    tuple(
                        Label(d.definition.base.span)
                        for d in seen[seen.index(base) :]
                        if isinstance(d.definition, syntax.Variant)
                    ),
                )
            return
        seen.append(base)


def _head(definition: syntax.Definition) -> Span:
    """The name in a definition's head."""
    at = definition.span.source.text.index(definition.name, definition.span.start + len(type(definition).__name__) - 2)
    return Span(definition.span.source, at, at + len(definition.name))


def _name_span(line: syntax.Let | syntax.Section) -> Span:
    at = line.span.source.text.index(line.name, line.span.start + (3 if isinstance(line, syntax.Let) else 0))
    return Span(line.span.source, at, at + len(line.name))
