"""What readers of other languages write, as repairs that are known as a whole.

Each habit looks whether it can be what is wrong at a word that cannot stand where it does, and says of its repair what
is wrong and what to write instead. How likely it is beside other repairs, `repair` finds out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from resdsl.diagnostics import nearest
from resdsl.parser.characters import CLOSES
from resdsl.parser.repair import Change, Habit, Repair, Stack, machine
from resdsl.parser.tokens import Token
from resdsl.parser.words import KEYWORDS

_BACK = 30  # words in which an opening bracket is looked for
_FAR = 60  # words in which it is closed
_SURE, _LIKELY = -2.0, 0.8


def habits(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """The repairs of habits that can be what is wrong at word `at`; `history[i]` is the stack before word i."""
    if 2 <= at < len(words):
        for habit in _HABITS:
            yield from habit(words, history, at)


def _turn(word: Token) -> int:
    """How many brackets more are open after a word: one, none, or one less."""
    return (word in CLOSES) - (word in CLOSES.values())


def _back(words: Sequence[Token], at: int) -> Iterator[int]:
    """The words of a line from one of them back to the first."""
    for i in range(at, max(at - _BACK, 1), -1):
        if words[i].line != words[at].line:
            break
        yield i


def _colon(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`let: x = 1`: a word of the language, read as a label."""
    for i in _back(words, at):
        if words[i].type == "LABEL" and words[i] in KEYWORDS:
            said = Habit(f"`{words[i]}` takes no `:`", "remove the `:`", i + 1)
            after = machine().after(history[i], machine().kinds[words[i]])
            yield from _repair((Change("remove", i + 1),), after, i + 2, said, _SURE)


def _shape(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`input 3, 224, 224`, `input (3, 224, 224)`, `input 3 * 224 * 224`, `input: [3, 224, 224]`."""
    colon = words[at] == "input" and _types(words, at + 1, at + 2) == ["COLON"]
    first = at + 1 if colon else at - (words[at] in (",", "*"))
    before = machine().after(history[at], "INPUT") if colon else history[first] if words[first - 1] == "input" else None
    end, depth, sizes = first + colon, 0, []
    while end < len(words) and words[end].line == words[at].line:
        if words[end].type in ("NUMBER", "SHAPE"):
            sizes.append(words[end])
        elif words[end] not in ("(", ")", "[", "]", ",", "*"):
            break
        depth += _turn(words[end])
        end += 1
    whole = depth == 0 and words[end - 1] != ","
    if sizes and whole and end > first + colon + 1:  # what stands alone is a shape
        shape = " x ".join(sizes)
        said = Habit("the sizes of a shape are joined by `x`", f"write `{shape}`", first + colon)
        rest = (Change("remove", i) for i in range(first + 1, end))
        changes = Change("replace", first, "SHAPE", f" {shape}" if colon else shape), *rest
        yield from _repair(changes, machine().after(before, "SHAPE"), end, said, _SURE)


def _brackets(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """Brackets of another kind, at both ends: `conv{64, 3}`, `(1, 3)` for a list, braces around a part of a flow."""
    for i in _back(words, at):
        close = _closing(words, i)
        if close is None:
            continue
        called = machine().after(history[i - 1], "CALL") if words[i - 1].type == "NAME" and close > i + 1 else None
        for kind, ends, before, what in (
            ("LPAR", "()", called, "the arguments of a call stand"),
            ("LPAR", "()", history[i], "a part of a flow stands"),
            ("LSQB", "[]", history[i], "a list stands"),
            ("AT", "[]", history[i], "an index stands"),
        ):
            end = machine().kinds[ends[1]]
            changes = Change("replace", i, kind, ends[0]), Change("replace", close, end, ends[1])
            said = Habit(
                f"{what} in `{ends[0]} {ends[1]}`, not in `{words[i]} {words[close]}`",
                f"write `{ends[0]} {ends[1]}` in their place",
                i,
                alone=before is called,  # else a name may be lost before them
            )
            if words[i] != ends[0]:
                yield from _repair(
                    changes, machine().after(before, kind, *_types(words, i + 1, close), end), close + 1, said
                )


def _closing(words: Sequence[Token], at: int) -> int | None:
    """Where the bracket that opens at a word is closed, not far from it."""
    depth = 0
    for i in range(at, min(at + _FAR, len(words))):
        depth += _turn(words[i])
        if depth <= 0:
            return i if CLOSES.get(words[at]) == words[i] else None
    return None


def _misspelt(word: str) -> bool:
    """Whether a word is nearly one of the language."""
    return len(word) > 3 and nearest(word, KEYWORDS) is not None


def _types(words: Sequence[Token], start: int, end: int) -> list[str]:
    return [word.type for word in words[start:end]]


def _call(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`linear 10`."""
    at -= words[at] == ","  # `conv 64, 3`: the number alone would be a line
    called, end = words[at - 1].type == "NAME" and not _misspelt(words[at - 1]), at
    while called and _types(words, end, end + 1) == ["NUMBER"]:
        end += 2 if _types(words, end + 1, end + 3) == ["COMMA", "NUMBER"] else 1
    if end > at:
        what = " ".join(words[at:end]).replace(" ,", ",")
        said = Habit("the arguments of a call stand in `( )`", f"write `{words[at - 1]}({what})`", at, alone=False)
        changes = Change("insert", at, "LPAR", "("), Change("insert", end, "RPAR", ")")
        after = machine().after(history[at - 1], "CALL", "LPAR", *_types(words, at, end), "RPAR")
        yield from _repair(changes, after, end, said)


def _commas(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`{ conv(64, 3), norm, act }`; or one at the end of a line."""
    if words[at] == "," and _begins(words, at + 1):
        said = Habit("a line ends without `,`", "remove the `,`", at)
        yield Repair((Change("remove", at),), _SURE, history[at], at + 1, said)
        return
    beside = (_types(words, i, i + 2) for i in _back(words, at - 2))
    if any({*pair} <= {"NAME", "NUMBER"} for pair in beside):
        return  # something else is lost
    said = Habit("the parts of a flow are joined by `->`, not by `,`", "write `->` in place of `,`", at)
    yield from _each(words, history, at, "COMMA", "->", said)


def _begins(words: Sequence[Token], at: int) -> bool:
    """Whether a word begins a line that has a name or a keyword, or the text ends there."""
    if at >= len(words) or words[at].line == words[at - 1].line:
        return at >= len(words)
    return words[at].type == "LABEL" or words[at] in KEYWORDS or [*words[at + 1 : at + 2]] == ["{"]


def _defaults(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`model net(classes: 10)`."""
    if words[at].type == "LABEL" and words[at - 1] in ("(", ",") and machine().step(history[at], "NAME"):
        said = Habit("the default of a parameter follows a `=`, not a `:`", "write `=` in place of `:`", at + 1)
        yield from _each(words, history, at, "COLON", "=", said)


def _each(
    words: Sequence[Token], history: Sequence[Stack], at: int, kind: str, text: str, said: Habit
) -> Iterator[Repair]:
    """A mark in the place of each one of a kind, from a word to the end of the bracket that it is in."""
    other = machine().kinds[text]
    changes: list[Change] = []
    types: list[str] = []
    depth = 0
    for i in range(at, min(at + _FAR, len(words))):
        depth += _turn(words[i])
        if depth < 0:
            break
        here = depth == 0 and words[i].type == kind
        changes += [Change("replace", i, other, text)] if here else []
        named = depth == 0 and kind == "COLON" and words[i].type == "LABEL"
        types.append(other if here else "NAME" if named else words[i].type)
    if changes and changes[0].at <= at + 1:
        yield from _repair(tuple(changes), machine().after(history[at], *types), at + len(types), said)


def _arrow(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`norm => relu`, `-->`, `>>`, `- >`, wherever the line has them."""
    kind = machine().kinds["->"]
    for first in (at - 1, at):
        changes: list[Change] = []
        i, stack = first, history[first]
        while i < len(words) and words[i].line == words[at].line:
            pair = _is_arrow(words, i)
            after = machine().after(stack, kind if pair else words[i].type)
            if after is None:
                break
            changes += [Change("replace", i, kind, "->"), Change("remove", i + 1)] if pair else []
            i, stack = i + 1 + pair, after
        if _is_arrow(words, first) and changes:
            yield Repair(tuple(changes), _SURE, stack, i, Habit("an arrow is written `->`", "write `->`", first))


def _is_arrow(words: Sequence[Token], at: int) -> bool:
    return "".join(words[at : at + 2]) in ("=>", "-->", ">>", "->") and words[at] != "->"


def _otherwise(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`elif`."""
    if words[at] in ("elif", "elsif", "elseif"):
        said = Habit(f"`{words[at]}` is written `else if`", "write `else if`", at)
        after = machine().after(history[at], "ELSE", "IF")
        yield from _repair((Change("replace", at, "ELSE", "else if"),), after, at + 1, said)


def _let(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`const x = 3`."""
    if words[at] == "=" and at > 3 and _types(words, at - 2, at) == ["NAME", "NAME"] and not _misspelt(words[at - 2]):
        said = Habit("a value is named with `let`", f"write `let` in place of `{words[at - 2]}`", at - 2)
        after = machine().after(history[at - 2], "LET", "NAME")
        yield from _repair((Change("replace", at - 2, "LET", "let"),), after, at, said)


def _rounds(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`for i in range(3) { ... }`."""
    if [*map(str, words[at : at + 5 : 2])] != ["for", "in", "("] or words[at + 3] != "range":
        return
    close = _closing(words, at + 4)
    if close is None:
        return
    index = words[at + 1]
    gone = (Change("remove", i) for i in range(at + 1, at + 4))
    changes = Change("replace", at, "REPEAT", "repeat"), *gone, Change("insert", close + 1, "AS", f"as {index}")
    said = Habit("rounds are written `repeat n as i { ... }`", f"write `repeat ... as {index}`", at)
    after = machine().after(history[at], "REPEAT", *_types(words, at + 4, close + 1), "AS", "NAME")
    yield from _repair(changes, after, close + 1, said)


def _loop(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`for w in widths { ... }`."""
    if words[at] != "for" or _types(words, at + 1, at + 3) != ["NAME", "IN"]:
        return
    end = next((i for i in range(at + 3, min(at + _FAR, len(words))) if words[i] == "{"), at)
    changes = Change("replace", at, "REPEAT", "repeat"), Change("insert", end, "AS", f"as {words[at + 1]}")
    said = Habit(
        "rounds are written `repeat n as i { ... }`",
        "count them, and take the items of a list by their number: `repeat len(xs) as i { ... xs[i] ... }`",
        at,
        by_hand=True,
    )
    after = machine().after(history[at], "REPEAT", *_types(words, at + 3, end), "AS", "NAME")
    yield from _repair((changes[0], Change("remove", at + 1), Change("remove", at + 2), changes[1]), after, end, said)


def _choice(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`let k = 3 if stride == 1 else 5`."""
    test = next((i for i in _back(words, at) if words[i] == "if"), None)
    line = [i for i in range(at, min(at + _FAR, len(words))) if words[i].line == words[at].line]
    other = next((i for i in line if words[i] == "else"), None)
    if test is None or other is None:
        return
    first, depth = test, 0
    while (
        first > 2
        and words[first - 1].line == words[at].line
        and (depth or words[first - 1] not in ("=", "(", ",", "[", "->", ":"))
    ):
        first -= 1
        depth -= _turn(words[first])
    end, depth = other + 1, 0
    while end in line and not (depth == 0 and (words[end] == "," or words[end] in CLOSES.values())):
        depth += _turn(words[end])
        end += 1
    parts = [_types(words, a, b) for a, b in ((test + 1, other), (first, test), (other + 1, end))]
    if not all(parts):
        return
    changes = (
        Change("insert", first, "IF", f"if {_text(words[test + 1 : other])} {{"),
        Change("replace", test, "RBRACE", "}"),
        *(Change("remove", i) for i in range(test + 1, other)),
        Change("insert", other + 1, "LBRACE", "{"),
        Change("insert", end, "RPAR", " }"),  # right behind what is before it
    )
    types = ["IF", *parts[0], "LBRACE", *parts[1], "RBRACE", "ELSE", "LBRACE", *parts[2], "RBRACE"]
    said = Habit("a choice is written `if c { a } else { b }`", "write the condition first", test)
    yield from _repair(changes, machine().after(history[first], *types), end, said, _SURE)


def _text(words: Sequence[Token]) -> str:
    """Words as they stand, with a blank where they do not touch."""
    gaps = [" " * (a.end_pos != b.start_pos) for a, b in pairwise(words)]
    return "".join(word + gap for word, gap in zip(words, [*gaps, ""], strict=True))


def _typed(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`block unit(width: int, stride: int = 1)`."""
    types: list[str] = []
    changes: list[Change] = []
    i, depth = at, 0
    while i < min(at + _FAR, len(words)):
        depth += _turn(words[i])
        if depth < 0:
            break
        typed = depth == 0 and words[i].type == "LABEL" and words[i + 2 : i + 3] and words[i + 2] in _ANNOTATIONS
        changes += [Change("remove", i + 1), Change("remove", i + 2)] if typed else []
        types.append("NAME" if typed else words[i].type)
        i += 3 if typed else 1
    if changes and changes[0].at == at + 1:
        said = Habit("parameters have no types", "leave the types out", at + 2)
        yield from _repair(tuple(changes), machine().after(history[at], *types), i, said, _SURE)


_ANNOTATIONS = frozenset(
    "int float str bool string number boolean list tuple dict Tensor Module object any Any".split()
)


def _steps(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`body:` with its steps below it, each behind a dash."""
    starts = [i for i in range(at, min(at + _FAR, len(words))) if words[i].line != words[i - 1].line]
    steps = [*takewhile(lambda i: words[i] == "-", starts)]
    if at not in steps or words[at - 1] != ":":
        return
    end = next((i for i in starts if i > steps[-1]), min(at + _FAR, len(words)))
    arrow = machine().kinds["->"]
    types = ["LPAR" if i == at else arrow if i in steps else words[i].type for i in range(at, end)]
    joined = (Change("replace", i, arrow, "->") for i in steps[1:])
    changes = Change("replace", at, "LPAR", "("), *joined, Change("insert", end, "RPAR", ")")
    said = Habit("the steps of a flow are joined by `->`", "write `(... -> ...)`", at)
    yield from _repair(changes, machine().after(history[at], *types, "RPAR"), end, said, _SURE)


def _again(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`out += id`."""
    if words[at] == "=" and words[at - 1] in ("+", "-", "*") and words[at - 1].end_pos == words[at].start_pos:
        said = Habit("a name keeps its value: a sum is written `a + b`", "remove the `=`", at)
        yield Repair((Change("remove", at),), _SURE, history[at], at + 1, said)


def _share(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`dropout(50%)`."""
    if words[at] in (")", ",") and words[at - 1] == "%" and words[at - 2].isdigit():
        text = f"{int(words[at - 2]) / 100:g}" if len(words[at - 2]) < 4 else "1.0"
        changes = Change("replace", at - 2, "NUMBER", text), Change("remove", at - 1)
        said = Habit("a share is a number, not a percentage", f"write `{text}`", at - 2)
        yield from _repair(changes, machine().after(history[at - 2], "NUMBER"), at, said, _SURE)


def _sizes(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`conv(64, 3x3)`."""
    sizes = [size.strip() for size in words[at].split("x")] if words[at].type == "SHAPE" else []
    if len(set(sizes)) == 1:
        said = Habit("one number is the size along each axis", f"write `{sizes[0]}`", at)
        change = Change("replace", at, "NUMBER", sizes[0])
        yield from _repair((change,), machine().after(history[at], "NUMBER"), at + 1, said)
    elif sizes:
        text = f"[{', '.join(sizes)}]"
        said = Habit("sizes of several axes are a list", f"write `{text}`", at)
        after = machine().after(history[at], "LSQB", "NUMBER", *["COMMA", "NUMBER"] * (len(sizes) - 1), "RSQB")
        yield from _repair((Change("replace", at, "LSQB", text),), after, at + 1, said)


def _thousands(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`params = 25,557,032`."""
    first = end = at - (2 if words[at].type == "NUMBER" else 1)
    while end + 2 < len(words) and words[end + 1] == "," and len(words[end + 2]) == 3 and words[end + 2].isdigit():
        end += 2
    number = "".join(words[first : end + 1]).replace(",", "_")
    if end > first and words[end].end_pos == (words[first].start_pos or 0) + len(number) and words[first].isdigit():
        said = Habit("the thousands of a number are set apart by `_`", f"write `{number}`", first)
        rest = (Change("remove", i) for i in range(first + 1, end + 1))
        changes = Change("replace", first, "NUMBER", number), *rest
        yield from _repair(changes, machine().after(history[first], "NUMBER"), end + 1, said)


def _body(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`function half(n) = n / 2`."""
    end = next((i for i in range(at, min(at + _FAR, len(words))) if words[i].line != words[at].line), len(words))
    if words[at] == "=" and words[[*_back(words, at)][-1]] in ("block", "function"):
        changes = Change("replace", at, "LBRACE", "{"), Change("insert", end, "RBRACE", "}")
        said = Habit("a body stands in `{ }`", "write `{ ... }` in place of `= ...`", at)
        yield from _repair(
            changes, machine().after(history[at], "LBRACE", *_types(words, at + 1, end), "RBRACE"), end, said
        )


def _file(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`import resnet`."""
    if words[at - 1] == "import" and words[at].type == "NAME":
        text = f'"{words[at]}.resnet"'
        said = Habit("a file is imported by its path, in quotes", f"write `{text}`", at)
        yield from _repair(
            (Change("replace", at, "STRING", text),), machine().after(history[at], "STRING"), at + 1, said
        )


def _comment(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`/* ... */`, or a line behind `--`."""
    if "".join(words[at : at + 2]) == "--" and words[at].line != words[at - 1].line:
        said = Habit("a comment begins with `#`", "write `#`", at)
        below = next((i for i in range(at, len(words)) if words[i].line != words[at].line), len(words))
        yield Repair((Change("replace", at, "", "#"), Change("remove", at + 1)), _SURE, history[at], below, said)
    far = range(at + 1, min(at + _FAR, len(words) - 1))
    end = next((i for i in far if "".join(words[i : i + 2]) == "*/"), None)
    if end and "".join(words[at : at + 2]) == "/*":
        said = Habit("a comment begins with `#` and ends with its line", "remove it, or write `#`", at)
        yield from _repair(tuple(Change("remove", i) for i in range(at, end + 2)), history[at], end + 2, said)


def _dashes(words: Sequence[Token], history: Sequence[Stack], at: int) -> Iterator[Repair]:
    """`model my-net { ... }`."""
    first, end = at - 1, at
    named = words[first - 1] in ("model", "block", "function")
    while (
        named and [word == "-" or word.isalnum() for word in words[end : end + 2]] == [True, True] and words[end] == "-"
    ):
        end += 2
    if end > at and words[first].type == "NAME":
        name = "_".join(words[first:end:2])
        said = Habit("a name is made of letters, digits and `_`", f"write `{name}`", first)
        rest = (Change("remove", i) for i in range(first + 1, end))
        yield from _repair(
            (Change("replace", first, "NAME", name), *rest), machine().after(history[first], "NAME"), end, said
        )


def _repair(
    changes: tuple[Change, ...], stack: Stack | None, end: int, said: Habit, cost: float = _LIKELY
) -> Iterator[Repair]:
    """The repair of a habit, if what it makes can be read."""
    if stack:
        yield Repair(changes, cost, stack, end, said)


_HABITS = (
    _colon, _shape, _brackets, _call, _commas, _defaults, _arrow, _otherwise, _let, _rounds, _sizes, _thousands, _body,
    _file, _comment, _dashes, _loop, _choice, _typed, _steps, _again, _share,
)  # fmt: skip
