"""Edits of words as edits of the text, spaced as a person would."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from resdsl.diagnostics import Edit, Source, Span
from resdsl.parser.words import KEYWORDS

if TYPE_CHECKING:
    from resdsl.parser.repair import Change
    from resdsl.parser.tokens import Token
    from resdsl.parser.usage import Usage

_CALLED = {"model": "net", "block": "unit", "function": "rule"}  # by somebody who gives it no name
_ATTACHED = {"RPAR", "RSQB", "COMMA", "COLON", "AT"}  # written right behind what is before them


def written(source: Source, words: Sequence[Token], changes: Sequence[Change], usage: Usage) -> list[Edit]:
    """The edits of the text that a repair is."""
    runs: list[list[Change]] = []
    for change in changes:
        last = runs[-1][-1] if runs else None
        close = last and last.kind in ("replace", "remove") and change.kind == "remove" and change.at == last.at + 1
        if close and not source.text[words[change.at - 1].end_pos or 0 : words[change.at].start_pos or 0].strip(" \t"):
            runs[-1].append(change)
        else:
            runs.append([change])
    made: list[Edit] = []
    for run in runs:
        edit = _edit(source, words, run[0], usage, run[-1].at)
        taken = made[-1].span.end if made else 0  # a blank that both would take
        made.append(Edit(replace(edit.span, start=max(edit.span.start, min(taken, edit.span.end))), edit.text))
    return made


def _edit(source: Source, words: Sequence[Token], change: Change, usage: Usage, last: int) -> Edit:
    """The edit of a change; of one that is followed by removals on its line, up to the last word that goes."""
    at, text = change.at, source.text
    before = (words[at - 1].end_pos or 0) if at else 0
    start = (words[at].start_pos or 0) if at < len(words) else len(text.rstrip())
    start = max(start, before)
    end = (words[last].end_pos or 0) if at < len(words) else start
    if change.kind == "remove":
        called = (
            words[at - 1].type in ("NAME", "LABEL")
            and words[at - 1] not in KEYWORDS
            and [*words[last + 1 : last + 2]] == ["("]
        )
        bracket = (words[last + 1].start_pos or 0) if called else 0
        if called and not (text[before:start] + text[end:bracket]).strip(" \t"):  # a call touches its bracket
            return Edit(Span(source, before, bracket), "")
        return _removal(source, before, start, end)
    if change.kind == "join":
        return Edit(Span(source, before, start), "")
    if change.kind == "split":
        inside = Span(source, start + change.offset, start + change.offset)
        return Edit(inside, change.text)
    word = change.text or guess(words, change, usage)
    if change.kind == "replace":
        return _in_place(source, start, end, word)
    if change.terminal == "RBRACE":
        return _closing(source, words, at, before)
    if change.terminal in _ATTACHED or (change.terminal == "LPAR" and words[at - 1].type in ("NAME", "CALL", "LABEL")):
        following = text[before : before + 1]
        space = " " if change.terminal in ("COMMA", "COLON") and not following.isspace() else ""
        if change.terminal == "LPAR":  # a call's bracket touches its name and what follows
            end = start if text[before:start].isspace() else before
            return Edit(Span(source, before, end), word)
        return Edit(Span(source, before, before), word + space)
    if "\n" in text[before:start] and change.terminal in ("LBRACE", "EQUAL"):
        return _spaced(source, before, before, word)
    return _spaced(source, start, start, word)


def guess(words: Sequence[Token], change: Change, usage: Usage) -> str:
    """A word for a place where one of a kind is missing: the one that stands there most often."""
    next_at = change.at + (change.kind == "replace")
    before = [str(w) for w in words[max(0, change.at - 2) : change.at]]
    if before and before[-1] in _CALLED:
        quoted = words[change.at].strip('"') if change.kind == "replace" else ""
        plain = quoted.isascii() and quoted.isidentifier() and quoted not in KEYWORDS
        usual = _CALLED[before[-1]]
        names = [quoted if plain else usual, *(f"{usual}{n}" for n in range(2, 10))]
        return next((name for name in names if name not in words), usual)
    after = [str(w) for w in words[next_at : next_at + 2]]
    return usage.guess(before, "NAME" if change.terminal in ("CALL", "LABEL") else change.terminal, after)


def _removal(source: Source, before: int, start: int, end: int) -> Edit:
    """A word taken out with the space before it, or after it where it begins the line."""
    text = source.text
    blank = re.compile(r"[ \t]+").match(text, end)
    after = blank.end() if blank else end
    glue = text[start - 1 : start] + text[after : after + 1]
    if (
        start > before
        and "\n" not in text[before:start]
        and text[end : end + 1] in (" ", "\t", "\n", "\r", "", ")", "]", ",", ":")
    ):
        return Edit(Span(source, before, end), "")
    if start == before or not blank:
        joins = len(glue) == 2 and all(c.isalnum() or c in "_." for c in glue)
        return Edit(Span(source, start, end), " " if joins and not blank else "")
    return Edit(Span(source, start, after), "")


def _in_place(source: Source, start: int, end: int, word: str) -> Edit:
    """A word in the place of another, spaced as that one was, but for names that would touch."""
    left, right = source.text[start - 1 : start], source.text[end : end + 1]
    before = " " if left.isalnum() and word[:1].isalnum() else ""
    after = " " if right.isalnum() and word[-1:].isalnum() else ""
    return Edit(Span(source, start, end), before + word + after)


def _spaced(source: Source, start: int, end: int, word: str) -> Edit:
    """A word put in, with spaces where its neighbours would touch it."""
    text = source.text
    left, right = text[start - 1 : start], text[end : end + 1]
    opens = word in ("(", "[")
    before = "" if not left or left.isspace() or left in "([" else " "
    after = "" if not right or right.isspace() or right in "),]:" or opens else " "
    if word in (")", "]", ",", ":"):
        before = ""
    if word[:1].isalnum() and right == "(":
        after = ""
    return Edit(Span(source, start, end), before + word + after)


def _closing(source: Source, words: Sequence[Token], at: int, before: int) -> Edit:
    """A closing brace: on the line of its own that its opening line asks for, or behind the last word."""
    depth = 0
    for word in reversed(words[:at]):
        depth += (word.type == "RBRACE") - (word.type == "LBRACE")
        if depth < 0:
            line = source.position(word.start_pos or 0)[0]
            if line != source.position(max(before - 1, 0))[0]:
                row = source.line(line)
                indent = row[: len(row) - len(row.lstrip())]
                return Edit(Span(source, before, before), f"\n{indent}}}")
            break
    return Edit(Span(source, before, before), " }")
