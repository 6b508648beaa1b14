"""All places where a text is not of the language: each is told, mended by its likeliest repair, and passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resdsl.diagnostics import Diagnostic, Edit, Source
from resdsl.parser import characters, edits, errors
from resdsl.parser.braces import lost_braces
from resdsl.parser.habits import habits
from resdsl.parser.mended import Mended
from resdsl.parser.repair import Change, Repair, Stack, machine, opens_definition, repairs, terminal
from resdsl.parser.tokens import Token, Tokens, tokens
from resdsl.parser.usage import Usage
from resdsl.parser.words import MOST

_TRIED_FINDINGS, _TRIED_WAYS, _TRIED_WORDS, _SHORT = 3, 16, 2_000, 400

Fits = Callable[["Mended"], bool]


def recover(source: Source, fits: Fits | None = None) -> tuple[list[Diagnostic], list[Edit]]:
    """What is wrong with the characters and words of a text, and the edits that make it readable, as far as found.

    `fits` says of a mended text whether nothing is wrong with it: repairs that lead to such a one are put first.
    """
    scanned = tokens(source)
    if not scanned.strays:
        return _sentences(source, scanned, fits)
    strays = [characters.stray(stray) for stray in scanned.strays[:MOST]]
    if len(scanned.strays) > MOST:
        return strays, []
    found, mending = min((_without(source, strays, way) for way in range(3)), key=lambda outcome: len(outcome[0]))
    found = sorted([*strays, *found], key=lambda d: d.labels[0].span.start)
    return found[:MOST], mending


def _without(source: Source, strays: list[Diagnostic], way: int) -> tuple[list[Diagnostic], list[Edit]]:
    """What else is wrong if strays are mended by their first fix (0), left out (1), or were a space (2)."""
    edits = []
    for stray in strays:
        proposed = [edit for fix in stray.fixes[:1] for edit in fix.edits]
        edits += proposed if proposed and way == 0 else [Edit(stray.labels[0].span, " " * (way == 2))]
    mended = Mended(source, edits)
    found, more = _sentences(mended.source, tokens(mended.source))
    ends = [stray.labels[0].span.end for stray in strays]
    found = [d for d in map(mended.back, found) if not _follows(source, ends, d.labels[0].span.start)]
    return found, [*edits, *map(mended.edit_back, more)]


def _follows(source: Source, ends: list[int], start: int) -> bool:
    """Whether a place comes right after a stray, which then stood for what is missing: one fault, told once."""
    return any(end <= start and not source.text[end:start].strip() for end in ends)


def _sentences(source: Source, scanned: Tokens, fits: Fits | None = None) -> tuple[list[Diagnostic], list[Edit]]:
    """What is wrong with the order of words, and the edits that mend it."""
    words = scanned.words
    if not words or words[0].type != "RESDSL":
        return [errors.no_edition(source, words)], []
    m = machine()
    usage: Usage | None = None
    braces = lost_braces(source, words)
    found: list[Diagnostic] = []
    mending: list[Edit] = []
    history: list[Stack] = [(m.start,)]  # the stack before each word
    top: Stack | None = None  # the stack between two definitions
    at = 0
    while len(found) < MOST:
        stack = history[-1]
        after = m.step(stack, terminal(words, at))
        if after is not None:
            if at >= len(words):
                break
            history.append(after)
            at += 1
            if at == 2:
                top = after
            continue
        usage = usage or Usage(source)
        hint = _by_indentation(words, history, at, braces)
        hints = [*([hint] if hint else []), *habits(words, history, at)]
        ranked = repairs(words, history, at, usage, hints) if at >= 2 else []
        sure = bool(ranked) and ranked[0].habit is not None and ranked[0].cost < 0
        if fits and not sure and len(found) < _TRIED_FINDINGS and len(words) < _TRIED_WORDS:
            ranked = _fitting_first(source, words, ranked, mending, usage, fits)
        found.append(errors.unexpected(source, words, at, m.follow(stack), ranked, usage))
        if ranked:
            best = ranked[0]
            braces = [b for b in braces if b > best.next or (b == best.next and best is not hint)]
            mending += edits.written(source, words, best.changes, usage)
            history, at = _resumed(words, history, best)
        else:  # on to the next definition
            at = next((i for i in range(at + 1, len(words)) if opens_definition(words, i)), len(words))
            if top is None or at >= len(words):
                mending = []
                break
            history = [top] * (at + 1)
    return found, mending


def _fitting_first(
    source: Source, words: Sequence[Token], ways: list[Repair], mending: list[Edit], usage: Usage, fits: Fits
) -> list[Repair]:
    """The repairs with those first that leave nothing wrong."""
    good = []
    for way in ways[:_TRIED_WAYS]:
        made = edits.written(source, words, way.changes, usage)
        if (all(e.text or e.span.text for e in made)) and fits(Mended(source, [*mending, *made])):
            good.append(way)
            if len(good) == (2 if len(words) < _SHORT else 1):
                break
    return [*good, *(way for way in ways if way not in good)]


def _resumed(words: Sequence[Token], history: list[Stack], repair: Repair) -> tuple[list[Stack], int]:
    """The stacks before each word as they are after a repair, and the next word."""
    first = repair.changes[0].at
    kept = history[: min(first, repair.next) + 1]
    while len(kept) <= repair.next:  # words of the repair itself: none starts a repair of its own
        kept.append(repair.stack)
    kept[repair.next] = repair.stack
    return kept, repair.next


def _by_indentation(words: Sequence[Token], history: Sequence[Stack], at: int, braces: list[int]) -> Repair | None:
    """The closing brace that indentation misses before or at a word that cannot stand where it does."""
    for brace in braces:
        if 2 <= brace <= at and (after := machine().step(history[brace], "RBRACE")):
            return Repair((Change("insert", brace, "RBRACE", "}"),), -1.5, after, brace)
    return None
