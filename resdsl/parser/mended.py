"""A text with edits made."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from resdsl.diagnostics import Diagnostic, Edit, Source, Span


class Mended:
    """A text with edits made, and the way back from places of it to places of the text as written."""

    def __init__(self, original: Source, changes: Sequence[Edit]) -> None:
        self.original = original
        pieces: list[str] = []
        self.starts: list[int] = [0]  # offsets in the mended text from which ...
        self.shifts: list[int] = [0]  # ... this is to be added to get back
        at = moved = 0
        made: list[str] = []
        for edit in sorted(changes, key=lambda e: (e.span.start, e.span.end)):
            if edit.span.start < at:
                continue  # two edits of one place: the first is made
            pieces += [original.text[at : edit.span.start], edit.text]
            at = edit.span.end
            moved += edit.span.end - edit.span.start - len(edit.text)
            self.starts.append(at - moved)
            self.shifts.append(moved)
            made.append(edit.text)
        places = zip(self.starts[1:], made, strict=True)
        self.source = Source(original.name, "".join([*pieces, original.text[at:]]), original.shipped, original.path)
        self.changed = [Span(self.source, end - len(text), end) for end, text in places]

    def offset(self, at: int) -> int:
        return min(max(0, at + self.shifts[bisect_right(self.starts, at) - 1]), len(self.original.text))

    def span(self, span: Span) -> Span:
        """A place of the mended text in the original; places elsewhere stay."""
        if span.source is not self.source:
            return span
        start = self.offset(span.start)
        return Span(self.original, start, max(start, self.offset(span.end)))

    def edit_back(self, edit: Edit) -> Edit:
        return Edit(self.span(edit.span), edit.text)

    def back(self, d: Diagnostic) -> Diagnostic:
        """A finding about the mended text as one about the original."""
        return d.moved(self.span)
