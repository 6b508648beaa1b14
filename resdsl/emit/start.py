"""A spec to start from: a model of the zoo with all that it is made of outside the prelude, in one file."""

from __future__ import annotations

from resdsl import files, lint, program, syntax
from resdsl.diagnostics import ResdslError, Source, printable
from resdsl.elaborate import flatten
from resdsl.network import check, choose, split
from resdsl.parser.words import EDITION
from resdsl.scope import Defined


def starting_spec(name: str, origin: str) -> str:
    """The text of a spec that defines what the model `origin` of the zoo is, to be changed. Raises UsageError."""
    file, named = split(origin)
    model = choose(program.load(files.read_spec(file)), named, file)
    parts = [_with_comment(d) for d in _needed(model) if d.definition is not model.definition]
    name = " ".join(printable(name).split())  # a file name may hold the end of a line; the comment may not
    place = " of the zoo" if file in files.zoo() else ""
    head = [
        f"resdsl {EDITION}",
        f"# {name}: made from {model.name}{place}. Change what you like; these commands show what it does.",
        f"#   resdsl check {name}.resnet      what is wrong, and how to mend it",
        f"#   resdsl count {name}.resnet      layers, parameters, multiply-adds",
        f"#   resdsl draw {name}.resnet -o {name}.svg",
        f"# The blocks that are not defined here ({_used(model)} ...) are those of the prelude.",
    ]
    text = "\n".join(head) + "\n\n" + "\n\n".join([*parts, _with_comment(model)]) + "\n"
    return _ignoring(text + _variants(text, model.name), "\n".join(head), model.name)


def _ignoring(text: str, head: str, origin: str) -> str:
    """The text, less comments that ignore nothing here, and below its head what lint warns of in the published net."""
    found = lint.check(program.load(Source("new", text)))
    idle = [edit for d in found if d.code == "W0205" for fix in d.fixes for edit in fix.edits]
    for edit in sorted(idle, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    codes = sorted({d.code for d in found if d.severity == "warning" and d.code != "W0205"})
    if not codes:
        return text
    return text.replace(head, f"{head}\n\n# resdsl: ignore-file[{', '.join(codes)}] as published in {origin}", 1)


_IDEAS = (
    "{{ default norm = groupnorm(32) }}",
    "{{ default norm = groupnorm(8) }}",
    "{{ default act = silu }}",
    "{{ default gate = squeeze_excite }}",
    "(classes = 10)",
)


def _variants(text: str, origin: str) -> str:
    """A variant of a text's model to begin with, and more in a comment: those of the ideas that suit the model."""
    ideas = [f"{origin}{' ' * (idea[0] == '{')}{idea.format()}" for idea in _IDEAS]
    sound = [idea for idea in ideas if _is_sound(f"{text}model my_{origin} = {idea}\n")]
    if not sound:
        return ""
    others = "".join(f"# model another = {idea}\n" for idea in sound[1:])
    return (
        "\n# A variant states only its difference. An `expect` line is checked at every run: add one when the\n"
        f"# numbers are right.{' Other ideas:' * (len(sound) > 1)}\n{others}model my_{origin} = {sound[0]}\n"
    )


def _is_sound(text: str) -> bool:
    try:
        spec = program.load(Source("new", text))
        return not check(spec, list(spec.models.values())[-1])
    except ResdslError:
        return False


def _needed(model: Defined) -> list[Defined]:
    """The definitions outside the prelude that a model is made of, in an order to read: the plan before its uses."""
    found: list[Defined] = []

    def visit(defined: Defined) -> None:
        if defined in found or defined.scope.source.shipped:
            return
        found.append(defined)
        for node in syntax.walk(defined.definition):
            if isinstance(node, syntax.Ref | syntax.Call):
                other = defined.scope.find(node.name)
                if other is not None:
                    visit(other)

    for defined in reversed(flatten(model).chain):
        visit(defined)
    return sorted(found, key=lambda d: not isinstance(d.definition, syntax.Block | syntax.Function))


def _used(model: Defined) -> str:
    """Some prelude blocks that a model names."""
    names: list[str] = []
    for defined in _needed(model):
        for node in syntax.walk(defined.definition):
            if isinstance(node, syntax.Ref | syntax.Call):
                other = defined.scope.find(node.name)
                if other is not None and other.scope.source.shipped and node.name not in names:
                    names.append(node.name)
    return ", ".join(names[:4])


def _with_comment(defined: Defined) -> str:
    """A definition as written, with the comment above it, its `Source:` lines kept and `expect` lines too."""
    definition = defined.definition
    comment = "".join(f"# {line}".rstrip() + "\n" for line in definition.doc)
    return comment + definition.span.text
