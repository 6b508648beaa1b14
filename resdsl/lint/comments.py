"""Comments that ignore: `# resdsl: ignore[W1003] reason`, on the line or above it; `ignore-file` at the head."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from resdsl import parser, syntax
from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, Source, Span, nearest
from resdsl.lint.registry import known
from resdsl.record import Record

_MARK = re.compile(r"#\s*resdsl:")
_WHOLE = re.compile(r"#\s*resdsl:\s*(ignore|ignore-file)\s*\[([^]]*)\]\s*(.*)")
_FORM = "# resdsl: ignore[W1003] why"


class Ignore(Record):
    """A code that is ignored, on some lines of a file or (None) on all."""

    code: str
    place: Span  # of the code in the comment
    comment: Span
    lines: range | None

    def covers(self, code: str, line: int) -> bool:
        return code == self.code and (self.lines is None or line in self.lines)


def ignores(file: syntax.File) -> tuple[list[Ignore], list[Diagnostic]]:
    """What the comments of a file ignore, and what is wrong with those that are no such comments."""
    source = file.source
    if "resdsl:" not in source.text:
        return [], []
    found: list[Ignore] = []
    problems: list[Diagnostic] = []
    starts = [node.span.start for node in (*file.imports, *file.definitions)]
    for comment in parser.comments(source):
        if not _MARK.match(comment.text):
            continue
        match = _WHOLE.fullmatch(comment.text)
        if match is None:
            problems.append(
                _wrong("a comment that begins `resdsl:` ignores a code, and this one cannot be read so", comment)
            )
            continue
        whole = match[1] == "ignore-file"
        if not match[3].strip():
            problems.append(
                _wrong(
                    "a comment that ignores a code says why",
                    comment,
                    f"write the reason: `{match[0].rstrip()} because ...`",
                )
            )
        elif whole and comment.start > min(starts, default=comment.start):
            problems.append(
                _wrong("`ignore-file` stands at the head of a file, before all imports and definitions", comment)
            )
        else:
            lines = None if whole else _lines(source, comment)
            for place in _codes(comment, match):
                problems += _unknown(place)
                found.append(Ignore(place.text, place, comment, lines))
    return found, problems


def _codes(comment: Span, match: re.Match[str]) -> Iterator[Span]:
    start = comment.start + match.start(2)
    for code in re.finditer(r"[^,\s]+", match[2]):
        yield Span(comment.source, start + code.start(), start + code.end())


def _lines(source: Source, comment: Span) -> range:
    """Its own line; of a comment by itself, also the line below it and the comments between."""
    row = source.position(comment.start)[0]
    return range(row, _ends(source)[row] + 1) if source.line(row).lstrip().startswith("#") else range(row, row + 1)


@lru_cache(maxsize=2)
def _ends(source: Source) -> list[int]:
    """For each line, as if it were a comment by itself: the line below it and below the comments after it."""
    last = len(source.starts)
    ends = [0] * (last + 1)
    for row in range(last, 0, -1):
        goes_on = row + 1 < last and source.line(row + 1).lstrip().startswith("#")
        ends[row] = ends[row + 1] if goes_on else row + 1
    return ends


def _unknown(place: Span) -> Iterator[Diagnostic]:
    if place.text not in known():
        near = nearest(place.text.upper(), known())
        fix = Fix(f"did you mean `{near}`?", (Edit(place, near),)) if near else Fix("docs/lint.md lists the codes")
        kind = "an error cannot be ignored" if re.fullmatch(r"E\d{4}", place.text) else "there is no such code"
        yield Diagnostic("E0210", f"`{place.text}`: {kind}", (Label(place),), (fix,))


def _wrong(message: str, comment: Span, fix: str = f"write `{_FORM}`, or `ignore-file[...]` at the head") -> Diagnostic:
    return Diagnostic("E0210", message, (Label(comment),), (Fix(fix),))


def applied(found: Iterable[Diagnostic], given: list[Ignore], source: Source) -> tuple[list[Diagnostic], set[Ignore]]:
    """The findings that no comment of a file ignores, and the comments that ignored one."""
    kept: list[Diagnostic] = []
    used: set[Ignore] = set()
    for diagnostic in found:
        place = diagnostic.place
        line = place.source.position(place.start)[0] if place is not None and place.source is source else 0
        hits = [ignore for ignore in given if line and ignore.covers(diagnostic.code, line)]
        used.update(hits)
        if not hits:
            kept.append(diagnostic)
    return kept, used


def unused(given: list[Ignore], used: set[Ignore], asked: frozenset[str]) -> Iterator[Diagnostic]:
    """A warning for each code that was looked for and not found where a comment ignores it."""
    codes = Counter(ignore.comment for ignore in given)
    for ignore in given:
        if ignore in used or ignore.code not in asked:
            continue
        alone = codes[ignore.comment] == 1
        yield Diagnostic(
            "W0205",
            f"`{ignore.code}` is ignored here and not found",
            (Label(ignore.place, "nothing to ignore"),),
            (
                Fix("remove the comment", (_gone(ignore.comment),), "safe")
                if alone
                else Fix(f"take `{ignore.code}` out"),
            ),
            "warning",
        )


def _gone(comment: Span) -> Edit:
    """A comment with the blanks before it; its line too where it has one of its own."""
    text, start, end = comment.source.text, comment.start, comment.end
    while start and text[start - 1] in " \t":
        start -= 1
    if (start == 0 or text[start - 1] == "\n") and end < len(text):
        end = text.find("\n", end) + 1 or len(text)
    return Edit(Span(comment.source, start, end), "")
