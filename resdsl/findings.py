"""Everything that is wrong with a text, told at once: its words, its names, its models."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, islice

from resdsl import network, parser, program, syntax
from resdsl.diagnostics import Diagnostic, Fix, ResdslError, Source, Span
from resdsl.limits import Steps
from resdsl.parser.mended import Mended
from resdsl.scope import Defined, Spec
from resdsl.unknown import once

_TRIED_FINDINGS = 3  # for each of which slips are looked for
_OF_ONE_SLIP = 10  # findings at the most
_TRIED_MODELS = 3  # of a mended text, to see whether it fits
_TRIED_STEPS = 60_000  # for all the ways to mend a text
_DEFINES = re.compile(r"\b(block|model|function)\s+\Z")
Check = Callable[[Spec, Defined | None], tuple[Diagnostic, ...]]


def of(source: Source, model: str | None = None, check: Check = network.check) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a text, or with one model of it, and its warnings, in the order of the text.

    Where words are wrong, the text is read on as it was probably meant. A model is built only where nothing that it
    reaches is in doubt, so that one fault is told once. `check` is what is asked of a spec whose text is in
    order. Nothing is raised but for a model that is not there.
    """
    try:
        spec = program.read(source)
    except parser.Unreadable:
        return _of_mended(source)
    except ResdslError as problem:
        return problem.diagnostics
    only = network.choose(spec, model, source.name) if model else None
    wrong = program.all_errors(spec)
    told, doubtful = tuple(once(wrong)), _doubtful(spec, wrong)
    if not told:
        return _proved(source, _ordered(source, check(spec, only)))
    sound = [m for m in ([only] if only else spec.models.values()) if not _reach(m) & doubtful]
    return _proved(source, _ordered(source, (*told, *_of_models(spec, sound))))


def _proved(source: Source, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The findings; of each of the first, that fix before the others after which the models meet their `expect`."""
    errors = [d for d in found if d.severity == "error" and d.place and d.place.source is source]
    if "expect" not in source.text or len(errors) > _OF_ONE_SLIP:
        return found
    fits = partial(_fits, steps=Steps(_TRIED_STEPS), stated=True)
    meant = {d: fix for d in errors[:_TRIED_FINDINGS] if d.code != "E0403" and (fix := _meant(d, source, fits))}
    return tuple(
        replace(d, fixes=(meant[d][1], *(f for f in d.fixes if f is not meant[d][0]))) if d in meant else d
        for d in found
    )


def _meant(d: Diagnostic, source: Source, fits: Callable[[Mended], bool]) -> tuple[Fix, Fix] | None:
    """The first fix of a finding that fits, or else a slip at one of its places that does; and as it is told."""
    from resdsl.parser import slips

    own = [fix for fix in d.fixes if fix.edits and all(edit.span.source is source for edit in fix.edits)]
    places = [label.span for label in (*d.labels, *d.trail) if label.span.source is source]
    for fix in chain(own, slips.ways(source, places)):
        if fits(mended := Mended(source, fix.edits)):
            rest = Steps(_TRIED_STEPS)
            if _fits(mended, rest, models=None):
                message = fix.message.removeprefix("or ")
                return fix, replace(fix, message=message if message[-1] == "?" else f"{message}, which meets `expect`")
            if rest.left < 0:
                return fix, fix  # as far as could be tried
    return None


def _of_mended(source: Source) -> tuple[Diagnostic, ...]:
    """What is wrong with words, and with what the rest says where they are mended."""
    from resdsl.parser.recovery import recover  # not for a text that is in order

    wrong, mending = recover(source, partial(_fits, steps=Steps(_TRIED_STEPS)))
    if not mending:
        return _ordered(source, wrong)  # it cannot be read on
    mended = Mended(source, mending)
    try:
        spec = program.read(mended.source)
    except ResdslError:
        return _ordered(source, wrong)
    rows = {row for span in mended.changed for row in _rows(span)}
    lines = [mended.source.line(row) for row in sorted(rows)]
    first = min(
        (d.definition.span.start for d in spec.definitions if d.definition.span.source is mended.source), default=0
    )
    if any(span.start < first or _DEFINES.search(mended.source.text, 0, span.start) for span in mended.changed):
        return _ordered(source, wrong)  # an import or the name of a definition may be lost, and with it other names
    doubtful = _around(spec, mended.changed)
    words = {word for line in lines for word in re.findall(r"\w+", line)}
    named = [d for d in program.all_errors(spec) if not _in_doubt(spec, d, doubtful, words)]
    told, doubtful = tuple(once(named)), doubtful | _doubtful(spec, named)
    sound = [m for m in spec.models.values() if not _reach(m) & doubtful]
    later = [mended.back(d) for d in (*told, *_of_models(spec, sound))]
    return _ordered(source, (*wrong, *later))


def _doubtful(spec: Spec, found: Sequence[Diagnostic]) -> frozenset[syntax.Definition]:
    """The definitions that are not to be judged: those of findings, and those that name what is declared by another."""
    names = (label.span for d in found if d.code == "E0202" for label in d.labels[1:] if not label.text)
    return _around(spec, [*(d.place for d in found), *names])


def _in_doubt(spec: Spec, d: Diagnostic, doubtful: frozenset[syntax.Definition], words: set[str]) -> bool:
    """Whether a finding may come from a mended line: it is about a word of one, or about what such a line may read."""
    place = d.place
    if place is None or not _around(spec, [place]) & doubtful:
        return False
    return d.code not in ("E0202", "E0203", "E0402") or place.text in words


def _of_models(spec: Spec, models: Sequence[Defined]) -> tuple[Diagnostic, ...]:
    """The errors of models."""
    return tuple(d for d in network.built(spec, models)[0] if d.severity == "error")


def _ordered(source: Source, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """In the order of the text; what lies in other files comes first."""

    def place(d: Diagnostic) -> int:
        return d.place.start if d.place and d.place.source is source else -1

    return tuple(sorted(found, key=place))


def _rows(span: Span) -> range:
    return range(span.source.position(span.start)[0], span.source.position(span.end)[0] + 1)


def _around(spec: Spec, places: Iterable[Span | None]) -> frozenset[syntax.Definition]:
    """The definitions in which places lie."""
    return frozenset(found for place in places if place is not None and (found := spec.around(place)) is not None)


def _reach(model: Defined) -> frozenset[syntax.Definition]:
    """The definitions of the spec's files that a model names, and those that they name: none of the prelude."""
    reached: set[syntax.Definition] = set()
    stack = [model]
    while stack:
        defined = stack.pop()
        if defined.definition not in reached:
            reached.add(defined.definition)
            names = syntax.names_in(defined.definition)
            stack += [found for name in sorted(names) if (found := defined.scope.names.get(name))]
    return frozenset(reached)


def _fits(mended: Mended, steps: Steps, stated: bool = False, models: int | None = _TRIED_MODELS) -> bool:
    """Whether nothing is wrong with a mended text and with the first models that what was mended can reach.

    `stated` asks that one of them states its parameters or multiply-adds. `steps` are shared by all the texts that are
    tried, and to read a character is one: where none are left, none fits.
    """
    if steps.left < len(mended.source.text) or not parser.readable(mended.source):
        steps.left -= len(mended.source.text)
        return False
    try:
        spec = program.read(mended.source)
        steps.left -= sum(len(file.source.text) for file in spec.files)
        if steps.left < 0 or program.errors(spec):
            return False
    except ResdslError:
        steps.left -= len(mended.source.text)
        return False
    changed = _around(spec, mended.changed)
    reached = [*islice((m for m in spec.models.values() if _reach(m) & changed), models)]
    facts = {node.name for m in reached for node in m.definition.pieces if isinstance(node, syntax.Fact)}
    if stated and not facts & {"params", "macs"}:
        return False
    return not any(d.severity == "error" for d in network.built(spec, reached, steps)[0])
