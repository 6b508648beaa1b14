"""Slips that made another sentence of the language: the single edits that may have been meant near a place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.diagnostics import Fix, Source, Span
from resdsl.parser import errors
from resdsl.parser.repair import Stack, machine, slips
from resdsl.parser.tokens import tokens
from resdsl.parser.usage import Usage

_TRIED = 12
_FAR = 30  # words of a place that are looked at


def ways(source: Source, places: Sequence[Span]) -> Iterator[Fix]:
    """Edits of one word at places of a text that can be read, the likeliest first."""
    words, m = tokens(source).words, machine()
    near: set[int] = set()
    for place in places:
        touched = [
            i for i, w in enumerate(words) if (w.end_pos or 0) >= place.start and (w.start_pos or 0) <= place.end
        ]
        if touched:
            near |= {*range(max(2, touched[0] - 1), min(len(words), touched[-1] + 2, touched[0] + _FAR))}
    history: list[Stack] = [(m.start,)]
    for word in words[: max(near, default=0) + 1]:
        after = m.step(history[-1], word.type)
        assert after
        history.append(after)
    usage = Usage(source)
    found = slips(words, history, sorted(near), usage)[:_TRIED]
    for way in found:
        fix = errors.mended_by(source, words, way, usage)
        if fix.edits:
            yield fix
