"""The edits of tokens that make a text readable again: a search over the parse table, one edit before two.

The table says after every word which words may follow. Where one may not, all single edits there and up to two tokens
back are tried; those after which the parser gets on are ranked by their cost, by how far it gets, and by how usual
what they make is in this text and the prelude.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, Literal

from resdsl.parser import table
from resdsl.parser.tokens import Token
from resdsl.parser.usage import Usage
from resdsl.parser.words import KEYWORDS

Stack = tuple[int, ...]
_GONE: Stack = (-1,)  # the stack after the end of the file
_AHEAD = 40  # words after which the parser has got on well enough
_BACK = 30  # words in which a bracket is looked for
_SPLIT = 6  # words in which one is looked for that swallowed its bracket
_LEAST_TWICE = 15  # words that two edits must get on, to be more likely than another text altogether
_LEAST = 3  # words that it must get on after the one that could not stand
_OPENERS = ("BLOCK", "MODEL", "FUNCTION", "IMPORT")
_NAMES = ("NAME", "CALL", "LABEL")
_BRACKETS = ("(", ")", "[", "]")
_MARKS = (("LPAR", "("), ("RPAR", ")"), ("LSQB", "["), ("RSQB", "]"), ("AT", "["))


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of the words: something before word `at`, in its place, inside it, nothing there, no blank before."""

    kind: Literal["insert", "remove", "replace", "split", "join"]
    at: int
    terminal: str = ""
    text: str = ""
    offset: int = 0  # of a word that is split by the text: where


@dataclass(frozen=True, slots=True)
class Habit:
    """What to say of a repair that is known as a whole: what is wrong, what to do, the word to point at."""

    message: str
    advice: str
    at: int
    alone: bool = True  # no other way is worth a word
    by_hand: bool = False  # the edits make it readable, and not what was meant


@dataclass(frozen=True, slots=True)
class Repair:
    """Edits after which the parser gets on: its stack then, and the next word it reads."""

    changes: tuple[Change, ...]
    cost: float
    stack: Stack
    next: int
    habit: Habit | None = None


class Machine:
    """The parse table as a machine that takes one word after another."""

    def __init__(self) -> None:
        lark: Any = table.shipped()
        rows = lark.parser.parser.parser.parse_table
        self.rows, self.start = rows.states, rows.start_states["start"]
        self.end = rows.end_states["start"]
        self.fixed = {t.name: t.pattern.value for t in lark.terminals if t.pattern.type == "str"}
        self.kinds = {text: kind for kind, text in self.fixed.items()}
        self.fixed |= {"AT": "[", "SLASH": "/"}  # of several spellings, or told apart by what they touch
        self.terminals = frozenset(t.name for t in lark.terminals) | {"$END"}
        self.step = lru_cache(maxsize=50_000)(self._step)
        self.follow = lru_cache(maxsize=2_000)(self._follow)

    def _step(self, stack: Stack, terminal: str) -> Stack | None:
        """The stack after a word, or None where it may not follow."""
        states = list(stack)
        while True:
            action = self.rows[states[-1]].get(terminal)
            if action is None:
                return None
            _, arg = action
            if isinstance(arg, int):  # shift to a state; else reduce by a rule
                return (*states, arg)
            if arg.expansion:
                del states[-len(arg.expansion) :]
            states.append(self.rows[states[-1]][arg.origin.name][1])
            if terminal == "$END" and states[-1] == self.end:
                return _GONE

    def after(self, stack: Stack | None, *kinds: str) -> Stack | None:
        """The stack after words of some kinds, or None where one may not follow."""
        for kind in kinds:
            stack = stack and self.step(stack, kind)
        return stack

    def _follow(self, stack: Stack) -> tuple[str, ...]:
        """The words that may follow, sorted."""
        return tuple(sorted(t for t in self.rows[stack[-1]] if t in self.terminals and self.step(stack, t)))


@lru_cache(maxsize=1)
def machine() -> Machine:
    """The machine of the grammar."""
    return Machine()


def terminal(words: Sequence[Token], at: int) -> str:
    """The kind of a word; the end of the file is one."""
    return words[at].type if at < len(words) else "$END"


def repairs(
    words: Sequence[Token], history: Sequence[Stack], at: int, usage: Usage, hints: Iterable[Repair] = ()
) -> list[Repair]:
    """The ways on from word `at`, which cannot stand where it does, best first.

    `history[i]` is the stack before word i; `hints` are repairs found by other means.
    """
    found = [*hints]
    for start in range(max(at - 2, 2), at + 1):
        found += _single(words, history[start], start, at)
        found += _split(words, history[start], start, at, usage)
    for start in range(max(at - _SPLIT, 2), max(at - 2, 2)):
        found += _split(words, history[start], start, at, usage)
    found += [*_brackets(words, history, at), *_joined(words, history, at)]
    ranked = _ranked(words, at, found, usage)
    if not ranked:
        twice = [
            Repair(_joint(*first.changes, *second.changes), first.cost + second.cost, second.stack, second.next)
            for first in found
            for second in _single(words, first.stack, first.next, at)
        ]
        ranked = _ranked(
            words, at, [r for r in twice if reach(words, r) >= min(_LEAST_TWICE, len(words) - r.next)], usage
        )
    return ranked


def _joint(*changes: Change) -> tuple[Change, ...]:
    """Two edits as one where a word goes and another comes in its place."""
    if [c.kind for c in changes] == ["remove", "insert"] and changes[1].at == changes[0].at + 1:
        return (replace(changes[1], kind="replace", at=changes[0].at),)
    return changes


def slips(words: Sequence[Token], history: Sequence[Stack], places: Iterable[int], usage: Usage) -> list[Repair]:
    """Single edits at words of a text that can be read, the likeliest first."""
    found = [way for at in places for way in _single(words, history[at], at, at)]
    sound = [way for way in found if reach(words, way) >= min(_AHEAD, len(words) + 1 - way.next)]
    return sorted(sound, key=lambda way: (way.cost - usage.gain(words, way.changes), _order(way)))


def _joined(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """A bracket that should touch the name before it."""
    m = machine()
    for kind, mark, text in (("CALL", "LPAR", "("), ("NAME", "AT", "[")):
        if at < len(words) and words[at] == text and words[at - 1].type == "NAME" and at > 2:
            named = m.step(history[at - 1], kind)
            if named and (after := m.step(named, mark)):
                yield Repair((Change("join", at, mark, text),), 0.2, after, at + 1)


def _brackets(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """Brackets put in, taken out or of another kind further back: one shows only where its other end is due."""
    m = machine()
    row = words[min(at, len(words) - 1)].line
    for start in range(at - 1, max(at - _BACK, 2), -1):
        if (words[start].line or 0) < (row or 0) - 1:
            break
        stack, cost = history[start], 1.6 + 0.04 * (at - start)
        called = m.step(history[start - 1], "CALL") if words[start - 1].type == "NAME" else None
        if _is_mark(words[start]):
            yield from _other_kind(words, stack, start, called, cost + 0.2)
            if called and terminal(words, start + 1) == "LPAR" and (after := m.step(called, "LPAR")):
                yield Repair((Change("remove", start),), cost, after, start + 2)
        if start > at - 3:
            continue  # tried with all else
        if words[start] in _BRACKETS:
            yield Repair((Change("remove", start),), cost, stack, start + 1)
            if words[start - 1].type == "CALL" and (after := m.step(history[start - 1], "NAME")):
                yield Repair((Change("remove", start),), cost, after, start + 1)
                if comma := m.step(after, "COMMA"):
                    yield Repair((Change("replace", start, "COMMA", ","),), cost, comma, start + 1)
        for kind, mark in _MARKS:
            if after := m.step(stack, kind):
                yield Repair((Change("insert", start, kind, mark),), cost, after, start)


def _other_kind(words: Sequence[Token], stack: Stack, at: int, called: Stack | None, cost: float) -> Iterator[Repair]:
    """A bracket in the place of another mark."""
    m = machine()
    for kind, mark in _MARKS:
        before = called if kind == "LPAR" and called else stack
        if words[at] == mark or not (after := m.step(before, kind)):
            continue
        yield Repair((Change("replace", at, kind, mark),), cost, after, at + 1)


def _split(words: Sequence[Token], stack: Stack, at: int, error: int, usage: Usage) -> Iterator[Repair]:
    """A bracket put inside a word, where both sides of it are words in use: `maxpool2, 3)` lost one."""
    word = words[at] if at < len(words) else None
    if word is None or word.type != "NAME":
        return
    m = machine()
    for offset in range(2, len(word)):
        left, right = word[:offset], word[offset:]
        rest = "NUMBER" if right.isdigit() else "NAME"
        if (right.isdigit() and not left[-1].isdigit()) or right in usage.words:
            for kind, mark, text in (("CALL", "LPAR", "("), ("NAME", "AT", "[")):
                if after := m.after(stack if left in usage.words else None, kind, mark, rest):
                    cost = 0.12 * (error - at) + 0.8
                    yield Repair((Change("split", at, mark, text, offset),), cost, after, at + 1)


def _ranked(words: Sequence[Token], at: int, found: list[Repair], usage: Usage) -> list[Repair]:
    """Those after which the parser gets on, each way once, best first."""
    scored: dict[tuple[Change, ...], tuple[float, Repair]] = {}
    for repair in found:
        ahead = reach(words, repair)
        if repair.next + ahead >= min(at + _LEAST, len(words) + 1):
            short = 1 - ahead / _AHEAD if repair.next + ahead <= len(words) else 0
            score = repair.cost + 3 * short - usage.gain(words, repair.changes)
            if repair.changes not in scored or score < scored[repair.changes][0]:
                scored[repair.changes] = score, repair
    return _in_turn(
        words, [repair for _, repair in sorted(scored.values(), key=lambda pair: (pair[0], _order(pair[1])))]
    )


def _in_turn(words: Sequence[Token], ways: list[Repair]) -> list[Repair]:
    """The best of each kind of edit first, then the second of each: a bracket could be closed in a dozen places."""
    seen: Counter[tuple[object, ...]] = Counter()
    turns = []
    for way in ways:
        first = way.changes[0]
        kind = first.kind, first.terminal, first.kind == "remove" and words[first.at] not in _BRACKETS and first.at
        turns.append(seen[kind])
        seen[kind] += 1
    return [way for _, way in sorted(zip(turns, ways, strict=True), key=lambda pair: pair[0])]


def _order(repair: Repair) -> tuple[object, ...]:
    return tuple((c.at, c.kind, c.terminal, c.text) for c in repair.changes)


def reach(words: Sequence[Token], repair: Repair) -> int:
    """How many words the parser takes after a repair, the end of the file being one; 40 are enough."""
    stack, step = repair.stack, machine().step
    for ahead in range(_AHEAD):
        at = repair.next + ahead
        after = step(stack, terminal(words, at))
        if after is None:
            return ahead
        if at >= len(words):
            return ahead + 1
        stack = after
    return _AHEAD


def _single(words: Sequence[Token], stack: Stack, start: int, error: int) -> Iterator[Repair]:
    """Every edit at a word: before it, in its place, or without it. An edit before the error costs a little more."""
    m = machine()
    back = 0.12 * (error - start)
    opens = opens_definition(words, start)
    for kind in m.follow(stack):
        if kind == "$END":
            continue
        after = m.step(stack, kind)
        assert after
        text = m.fixed.get(kind, "")
        yield Repair((Change("insert", start, kind, text),), back + _price(kind, m), after, start)
        if start < len(words) and (price := _swap(words[start], kind, m)) is not None and not opens:
            yield Repair((Change("replace", start, kind, text),), back + price, after, start + 1)
    if start < len(words) and not opens:
        yield Repair((Change("remove", start),), back + 1.2, stack, start + 1)
        yield from _regrouped(words, stack, start, back, m)


def _regrouped(words: Sequence[Token], stack: Stack, at: int, back: float, m: Machine) -> Iterator[Repair]:
    """A name is a call before `(` and a label before `:`; an edit of what follows makes it something else."""
    word, following = words[at], terminal(words, at + 1)
    if word.type not in _NAMES:
        return
    for kind, mark, text in (("LABEL", "COLON", ":"), ("CALL", "LPAR", "(")):
        named = m.step(stack, kind)
        if word.type == "NAME" and named and terminal(words, at + 2) == mark and (after := m.step(named, mark)):
            yield Repair((Change("remove", at + 1),), back + 1.2, after, at + 3)
        if word.type != kind and named and (after := m.step(named, mark)):
            if word.type == "NAME":
                yield Repair((Change("insert", at + 1, mark, text),), back + _price(mark, m), after, at + 1)
            if following in m.fixed and following not in ("LPAR", "COLON") and m.fixed[following] not in KEYWORDS:
                yield Repair((Change("replace", at + 1, mark, text),), back + 1.3, after, at + 2)
    if word.type in ("CALL", "LABEL") and word.isidentifier():
        for kind in _NAMES:
            named = m.step(stack, kind) if kind != word.type else None
            if named is None:
                continue
            if kind == "NAME":
                yield Repair((Change("remove", at + 1),), back + 1.25, named, at + 2)
            if kind == "CALL" and terminal(words, at + 2) == "LPAR" and (after := m.step(named, "LPAR")):
                yield Repair((Change("remove", at + 1),), back + 1.2, after, at + 3)
            for other in m.follow(named):
                if other in m.fixed and other != following and (price := _swap(words[at + 1], other, m)) is not None:
                    after = m.step(named, other)
                    assert after
                    yield Repair((Change("replace", at + 1, other, m.fixed[other]),), back + price, after, at + 2)


def opens_definition(words: Sequence[Token], at: int) -> bool:
    """Whether a definition opens at a word: its keyword, at the beginning of a line. It is not doubted."""
    return at < len(words) and words[at].type in _OPENERS and words[at].column == 1


def _price(kind: str, m: Machine) -> float:
    """What it costs to put a word in."""
    if kind in m.fixed and m.fixed[kind] not in KEYWORDS:
        return 1.0
    return 1.5 if kind in ("NAME", "NUMBER") else 2.0


def _is_mark(word: Token) -> bool:
    return not (word[0].isalnum() or word[0] == '"')


def _swap(word: Token, kind: str, m: Machine) -> float | None:
    """What it costs to put a word of a kind in the place of another; None where nobody would."""
    text = m.fixed.get(kind, "")
    if kind == word.type:
        return None
    if text in KEYWORDS:
        if word.type not in _NAMES:
            return None
        near = SequenceMatcher(None, word.lower(), text).ratio()
        return 0.4 + (1 - near) if near > 0.6 else None
    mark = bool(text) or kind == "COMPARE"
    if mark and _is_mark(word):
        return 1.2
    if (kind == "NAME" and word.type in ("CALL", "LABEL")) or kind in ("LABEL", "CALL"):
        return None
    if word in ("(", ")", "[", "]", "{", "}"):
        return None  # nobody takes a bracket for a name
    return None if mark else 1.6
