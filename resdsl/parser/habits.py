"""What readers of other languages write, as repairs that are known as a whole.

`let: x = 1`, `input 3, 224, 224`, `conv{64, 3}`, `kernel = (1, 3)`, `linear 10`, `{ conv(64, 3), norm }`,
`model net(classes: 10)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.parser.characters import CLOSES
from resdsl.parser.repair import Change, Habit, Repair, Stack, machine
from resdsl.parser.tokens import Token
from resdsl.parser.words import KEYWORDS

_BACK = 30  # words in which an opening bracket is looked for
_FAR = 60  # words in which it is closed
_SURE, _LIKELY = -2.0, 0.8


def habits(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """The repairs of habits that can be what is wrong at word `at`; `history[i]` is the stack before word i."""
    if at < len(words):
        yield from _colon(words, history, at)
        yield from _shape(words, history, at)
        yield from _brackets(words, history, at)
        yield from _call(words, history, at)
        yield from _commas(words, history, at)
        yield from _defaults(words, history, at)


def _back(words: Sequence[Token], at: int) -> Iterator[int]:
    """The words of a line from one of them back to the first."""
    for i in range(at, max(at - _BACK, 1), -1):
        if words[i].line != words[at].line:
            break
        yield i


def _colon(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`let:`: a word of the language, read as a label."""
    m = machine()
    for i in _back(words, at):
        if words[i].type == "LABEL" and words[i] in KEYWORDS and (after := m.step(history[i], m.kinds[words[i]])):
            said = Habit(f"`{words[i]}` takes no `:`", "remove the `:`", i + 1)
            yield Repair((Change("remove", i + 1),), _SURE, after, i + 2, said)


def _shape(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`input 3, 224, 224`, with or without brackets."""
    first = at - 1 if words[at] == "," else at
    if words[first - 1] != "input" or words[first].type not in ("NUMBER", "SHAPE", "LPAR", "LSQB"):
        return
    end, sizes = first, []
    while end < len(words) and (words[end] in ("(", ")", "[", "]", ",") or words[end].type in ("NUMBER", "SHAPE")):
        sizes += [words[end]] if words[end].type in ("NUMBER", "SHAPE") else []
        end += 1
    after = machine().step(history[first], "SHAPE")
    if not sizes or not after:
        return
    shape = " x ".join(sizes)
    said = Habit("the sizes of a shape are joined by `x`", f"write `{shape}`", first)
    rest = (Change("remove", i) for i in range(first + 1, end))
    yield Repair((Change("replace", first, "SHAPE", shape), *rest), _SURE, after, end, said)


def _brackets(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """Brackets of another kind, at both ends: `conv{64, 3}`, `(1, 3)` for a list, braces around a part of a flow."""
    m = machine()
    for i in _back(words, at):
        close = _closing(words, i)
        if close is None:
            continue
        called = m.step(history[i - 1], "CALL") if words[i - 1].type == "NAME" else None
        for kind, ends, before, what in (
            ("LPAR", "()", called, "the arguments of a call stand"),
            ("LPAR", "()", history[i], "a part of a flow stands"),
            ("LSQB", "[]", history[i], "a list stands"),
            ("AT", "[]", history[i], "an index stands"),
        ):
            stack = m.step(before, kind) if before and words[i] != ends[0] else None
            for k in range(i + 1, close):
                stack = stack and m.step(stack, words[k].type)
            stack = stack and m.step(stack, "RPAR" if kind == "LPAR" else "RSQB")
            if stack:
                changes = Change("replace", i, kind, ends[0]), Change("replace", close, _END[kind], ends[1])
                said = Habit(
                    f"{what} in `{ends[0]} {ends[1]}`, not in `{words[i]} {words[close]}`",
                    f"write `{ends[0]} {ends[1]}` in their place",
                    i,
                )
                yield Repair(changes, _LIKELY, stack, close + 1, said)


_END = {"LPAR": "RPAR", "LSQB": "RSQB", "AT": "RSQB"}


def _closing(words: Sequence[Token], at: int) -> int | None:
    """Where the bracket that opens at a word is closed, not far from it."""
    depth = 0
    for i in range(at, min(at + _FAR, len(words))) if words[at] in CLOSES else ():
        depth += (words[i] in CLOSES) - (words[i] in CLOSES.values())
        if depth == 0:
            return i if CLOSES[words[at]] == words[i] else None
    return None


def _call(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`linear 10`: numbers behind a name."""
    m = machine()
    called = m.step(history[at - 1], "CALL") if words[at - 1].type == "NAME" else None
    end, stack = at, called and m.step(called, "LPAR")
    while stack and words[end].type == "NUMBER":
        stack, end = m.step(stack, "NUMBER"), end + 1
        if end + 1 < len(words) and words[end] == "," and words[end + 1].type == "NUMBER":
            stack, end = stack and m.step(stack, "COMMA"), end + 1
    stack = stack and m.step(stack, "RPAR") if end > at else None
    if stack:
        what = " ".join(words[at:end]).replace(" ,", ",")
        said = Habit("the arguments of a call stand in `( )`", f"write `{words[at - 1]}({what})`", at)
        yield Repair((Change("insert", at, "LPAR", "("), Change("insert", end, "RPAR", ")")), _LIKELY, stack, end, said)


def _commas(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """Commas between the parts of a flow."""
    said = Habit("the parts of a flow are joined by `->`, not by `,`", "write `->` in place of `,`", at)
    yield from _each(words, history, at, "COMMA", "->", said)


def _defaults(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """Colons between parameters and their defaults."""
    if words[at].type == "LABEL" and machine().step(history[at], "NAME"):
        said = Habit("the default of a parameter follows a `=`, not a `:`", "write `=` in place of `:`", at + 1)
        yield from _each(words, history, at, "COLON", "=", said)


def _each(
    words: Sequence[Token], history: Sequence[Stack], at: int, kind: str, text: str, said: Habit
) -> Iterator[Repair]:
    """A mark in the place of each one of a kind, from a word to the end of the bracket that it is in."""
    m = machine()
    other = m.kinds[text]
    stack: Stack | None = history[at]
    changes: list[Change] = []
    i, depth = at, 0
    while stack and i < min(at + _FAR, len(words)):
        depth += (words[i] in CLOSES) - (words[i] in CLOSES.values())
        if depth < 0:
            break
        here = words[i].type == kind and depth == 0
        changes += [Change("replace", i, other, text)] if here else []
        named = kind == "COLON" and words[i].type == "LABEL" and depth == 0
        stack = m.step(stack, other if here else "NAME" if named else words[i].type)
        i += 1
    if stack and changes and changes[0].at <= at + 1:
        yield Repair(tuple(changes), _LIKELY, stack, i, said)
