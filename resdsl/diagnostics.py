"""What resdsl says when a spec is wrong: where, what, both sides of a conflict, and the fix.

ResdslError             the one root of everything that is the user's to mend; it carries its diagnostics
  SpecError             a spec was rejected (exit status 1)
  UsageError            a command or call cannot be meant as written, or its SPEC is missing (2)
  FileError             the operating system refused to read or write (3)

Codes: E00xx characters, E01xx syntax, E02xx names and arguments, E03xx shapes, E04xx values, E05xx imports and files;
W02xx warnings about names, W10xx lint from theory (resdsl/lint). A code never changes its meaning.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from itertools import accumulate
from typing import Literal

Severity = Literal["error", "warning", "information"]
Applicability = Literal["safe", "suggestion"]

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information")
_EXPLAINED = 3  # codes named at the end of a run
# Control, bidi and zero-width characters, and those that Unicode lets a font leave out.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|[\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The text with every character that would not be seen replaced by U+FFFD; its lines and tabs stay."""
    return _UNSEEN.sub("\ufffd", text)


def printable(text: str) -> str:
    """One line that is fit for a terminal and a log: what would not be seen becomes U+FFFD, ends of lines too.

    Nor does it begin with `::`, which the runner of a workflow takes for a command.
    """
    line = visible(text).replace("\n", "\ufffd").replace("\t", " ")
    return line.replace("::", "\ufffd:", 1) if line.lstrip().startswith("::") else line


def width(text: str) -> int:
    """Terminal cells that the text takes: wide East Asian characters take two, combining marks none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@dataclass(frozen=True, eq=False)
class Source:
    """One text of the language: a file as read, the standard input, or a part of the prelude."""

    name: str
    text: str
    shipped: bool = False  # part of the prelude: an error is shown at the user's line that led here
    path: str | None = None  # the file it was read from; None for other text

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line starts."""
        lengths = [len(line) + 1 for line in self.text.split("\n")]
        return list(accumulate(lengths[:-1], initial=0))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1; the column counts characters."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        start = self.starts[number - 1]
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters start to end (exclusive) of a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def where(self) -> str:
        """`file:line:column`."""
        line, column = self.source.position(self.start)
        return f"{printable(self.source.name)}:{line}:{column}"


@dataclass(frozen=True, slots=True)
class Label:
    """A place and what is to be said of it."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the span by the text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A way out, in words, and as edits where it can be done by hand of a program."""

    message: str
    edits: tuple[Edit, ...] = ()
    applicability: Applicability = "suggestion"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `labels[0]` is its place, the others its other sides; `trail` are the calls, innermost first."""

    code: str
    message: str
    labels: tuple[Label, ...] = ()
    fixes: tuple[Fix, ...] = ()
    severity: Severity = "error"
    trail: tuple[Label, ...] = field(default=())

    def noted(self, *notes: str) -> Diagnostic:
        """The same finding with more said at its place."""
        first, *rest = self.labels
        text = "; ".join(text for text in (first.text, *notes) if text)
        return replace(self, labels=(Label(first.span, text), *rest))

    def moved(self, to: Callable[[Span], Span]) -> Diagnostic:
        """The same finding with every place replaced by another."""

        def labels(row: tuple[Label, ...]) -> tuple[Label, ...]:
            return tuple(Label(to(label.span), label.text) for label in row)

        fixes = tuple(
            Fix(fix.message, tuple(Edit(to(edit.span), edit.text) for edit in fix.edits), fix.applicability)
            for fix in self.fixes
        )
        return Diagnostic(self.code, self.message, labels(self.labels), fixes, self.severity, labels(self.trail))

    @property
    def place(self) -> Span | None:
        """The place an editor should jump to: in the user's own text where the trail leads there."""
        spans = [label.span for label in (*self.labels[:1], *self.trail)]
        return next((span for span in spans if not span.source.shipped), spans[0] if spans else None)


class ResdslError(Exception):
    """Root of all errors that are the user's to mend. `diagnostics` says them one by one."""

    exit_status = 1

    def __init__(self, *diagnostics: Diagnostic) -> None:
        self.diagnostics = diagnostics
        super().__init__("\n" + as_text(diagnostics))


class SpecError(ResdslError):
    """A spec was rejected."""


class UsageError(ResdslError):
    """The command or the call cannot be meant as written."""

    exit_status = 2


class FileError(ResdslError):
    """The operating system refused to read or write."""

    exit_status = 3


def error(code: str, message: str, *labels: Label, fixes: Sequence[Fix] = ()) -> SpecError:
    """A SpecError of one diagnostic, to be raised."""
    return SpecError(Diagnostic(code, message, labels, tuple(fixes)))


def usage(message: str, *fixes: str) -> UsageError:
    """A UsageError: what cannot be done, and what can."""
    return UsageError(Diagnostic("E0501", message, fixes=tuple(Fix(f) for f in fixes)))


def quoted(names: Iterable[str]) -> str:
    """`a`, `b` and `c`."""
    items = [f"`{name}`" for name in names]
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def nearest(name: str, among: Iterable[str]) -> str | None:
    """The name that was probably meant, if one is near."""
    letters = set(name.lower())
    room = max(2, len(name) // 3)
    likely = [
        other
        for other in sorted(set(among))
        if abs(len(other) - len(name)) <= room and len(letters & set(other.lower())) * 2 >= len(letters)
    ]
    same = next((other for other in likely if other.lower() == name.lower()), None)
    return same or next(iter(get_close_matches(name, likely[:300], 1, 0.6)), None)


# -- renderers -------------------------------------------------------------------------------------------------


def as_text(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """The diagnostics as a person reads them: message, source lines with carets, trail, fixes."""
    return "\n\n".join(_text(d, color) for d in diagnostics)


def as_short(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """A line a diagnostic: `file:line:column: error[E0301]: message`, as compilers say it."""
    return [
        f"{f'{d.place.where()}: ' if d.place else ''}{d.severity}[{d.code}]: {printable(d.message)}"
        for d in diagnostics
    ]


def for_more(diagnostics: Iterable[Diagnostic]) -> str:
    """The last line of a run: the command that explains what was found in the specs, errors first. Or nothing."""
    found = sorted((d for d in diagnostics if d.labels), key=lambda d: _SEVERITIES.index(d.severity))
    codes = list(dict.fromkeys(d.code for d in found))
    return f"for more: resdsl explain {' '.join(codes[:_EXPLAINED])}" if codes else ""


def as_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """The diagnostics as plain data; lines and columns count from 1, the end column is exclusive."""
    return [
        {
            "code": d.code,
            "severity": d.severity,
            "message": printable(d.message),
            **_place(d.place),
            "labels": [{"message": printable(label.text), **_place(label.span)} for label in (*d.labels, *d.trail)],
            "fixes": [
                {
                    "message": printable(fix.message),
                    "applicability": fix.applicability,
                    "edits": [{"text": edit.text, **_place(edit.span)} for edit in fix.edits],
                }
                for fix in d.fixes
            ],
        }
        for d in diagnostics
    ]


def _place(span: Span | None) -> dict[str, object]:
    if span is None:
        return {"file": None, "line": None, "column": None, "end_line": None, "end_column": None}
    (line, column), (end_line, end_column) = span.source.position(span.start), span.source.position(span.end)
    return {
        "file": printable(span.source.name),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _text(d: Diagnostic, color: bool) -> str:
    def paint(style: str, text: str) -> str:
        return f"\033[{style}m{text}\033[0m" if color and text else text

    hue = {"error": "1;31", "warning": "1;33", "information": "1;36"}[d.severity]
    lines = [paint(hue, f"{d.severity}[{d.code}]") + paint("1", f": {printable(d.message)}")]
    for sources in _by_source((*d.labels, *d.trail)):
        lines += _excerpt(sources, d.labels[0] if d.labels else sources[0], hue, paint)
    lines += [f"  {paint('1;32', 'fix')}: {printable(fix.message)}" for fix in d.fixes]
    return "\n".join(lines)


def _by_source(labels: Sequence[Label]) -> list[list[Label]]:
    """Neighbouring labels of one source together, so that the trail keeps its order."""
    groups: list[list[Label]] = []
    for label in labels:
        if groups and groups[-1][0].span.source is label.span.source:
            groups[-1].append(label)
        else:
            groups.append([label])
    return groups


def _excerpt(labels: list[Label], primary: Label, hue: str, paint: Callable[[str, str], str]) -> list[str]:
    """The lines of one source that the labels point at, each with its carets."""
    source = labels[0].span.source
    at = {id(label): source.position(label.span.start)[0] for label in labels}
    rows = sorted(set(at.values()))
    gutter = len(str(rows[-1]))
    first = next((label for label in labels if label is primary), labels[0])
    out = [f"{' ' * gutter}{paint('1;34', '-->')} {first.span.where()}", " " * gutter + paint("1;34", " |")]
    for before, row in zip([rows[0], *rows], rows, strict=False):
        if row > before + 1:
            out.append(paint("1;34", "..."))
        shown, offset = _window(
            source.line(row), min(lb.span.start for lb in labels if at[id(lb)] == row) - source.starts[row - 1]
        )
        out.append(paint("1;34", f"{row:>{gutter}} |") + f" {_plain(shown)}".rstrip())
        for label in labels:
            if at[id(label)] == row:
                column = label.span.start - source.starts[row - 1] - offset
                under = shown[max(column, 0) : max(column, 0) + max(1, label.span.end - label.span.start)]
                mark = ("^" if label is primary else "-") * max(1, width(_plain(under)))
                pad = " " * width(_plain(shown[: max(column, 0)]))
                style = hue if label is primary else "1;34"
                note = f" {printable(label.text)}" if label.text else ""
                out.append(" " * gutter + paint("1;34", " | ") + pad + paint(style, mark + note))
    return out


def _plain(text: str) -> str:
    return printable(text.replace("\t", "    "))


def _window(line: str, column: int, size: int = 110) -> tuple[str, int]:
    """A line cut to what can be shown around a column, and how many characters were cut before it."""
    if len(line) <= size:
        return line, 0
    start = max(0, min(column - size // 3, len(line) - size))
    head, tail = "..." if start else "", "..." if start + size < len(line) else ""
    return head + line[start + len(head) : start + size - len(tail)] + tail, start
