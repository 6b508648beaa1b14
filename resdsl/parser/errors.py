"""What is said of a word that cannot stand where it does: where, why, and what was probably meant."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, Source, Span, printable
from resdsl.parser import edits
from resdsl.parser.characters import CLOSES
from resdsl.parser.repair import Change, Repair, machine
from resdsl.parser.tokens import Token
from resdsl.parser.usage import Usage
from resdsl.parser.words import EDITION, KEYWORDS

_IN_WORDS = {
    "NAME": "a name", "CALL": "a block or op", "NUMBER": "a number", "SHAPE": "a shape as `3 x 224 x 224`",
    "STRING": "a text in quotes", "LABEL": "a label", "COMPARE": "a comparison", "PLUS": "`+`", "MINUS": "`-`",
    "STAR": "`*`", "SLASH": "`/`", "AT": "`[`", "$END": "the end of the file",
}  # fmt: skip
_MOST_FIXES, _LONG = 3, 120
_PART = 5_000  # characters of a text in which outcomes are compared

# -- words ---------------------------------------------------------------------------------------------------------


def no_edition(source: Source, words: Sequence[Token]) -> Diagnostic:
    """A file that does not begin as one does."""
    if not words:
        end = len(source.text.rstrip())
        place = Label(Span(source, max(0, end - 1), end), "the file ends here")
        fix = Fix(f"begin with `resdsl {EDITION}`; `resdsl new FILE` writes a spec to start from")
        return Diagnostic("E0102", "the file is empty", (place,), (fix,))
    first = words[0]
    place = Label(Span(source, first.start_pos or 0, first.end_pos or 0), "found this instead")
    fix = Fix(f"make `resdsl {EDITION}` the first line", (Edit(Span(source, 0, 0), f"resdsl {EDITION}\n"),))
    return Diagnostic("E0102", "a file begins with its edition", (place,), (fix,))


def unexpected(
    source: Source, words: Sequence[Token], at: int, accepts: Sequence[str], ways: Sequence[Repair], usage: Usage
) -> Diagnostic:
    """Word `at` cannot stand where it does. `ways` are the repairs, best first."""
    first = ways[0].changes[0] if ways else None
    if first and at < len(words) and words[at].type == "LABEL" and first.at == at + 1:
        at, accepts = at + 1, ()  # what is wrong with a label that should be a name is its `:`
    place = _place(source, words, at)
    said = (
        (_habit(source, words, ways[0]) if ways else None)
        or _special(source, words, at, first, accepts)
        or (first and _told(source, words, at, first, accepts))
        or Diagnostic("E0101", f"{_shown(words, at)} is not expected here", (_wanted(place, accepts),))
    )
    fixes = list(said.fixes)
    made = {_outcome(fix) for fix in fixes}
    fewest = min((len(way.changes) for way in ways), default=0)
    for way in ways[: 2 * _MOST_FIXES]:
        if (len(way.changes) > (1 if said.fixes else fewest) and not way.habit) or _enough(said):
            continue
        if ways[0].habit and ways[0].habit.alone and fixes:
            break
        fix = mended_by(source, words, way, usage)
        told = _outcome(fix) in made or (not fix.edits and fixes)  # a word that nobody can guess: said only if alone
        if len(fixes) < _MOST_FIXES and not told:
            made.add(_outcome(fix))
            fixes.append(fix)
    return Diagnostic(said.code, said.message, said.labels, tuple(fixes))


def _habit(source: Source, words: Sequence[Token], way: Repair) -> Diagnostic | None:
    """What a repair that is known as a whole has to say."""
    if way.habit is None:
        return None
    return Diagnostic("E0101", way.habit.message, (Label(_place(source, words, way.habit.at)),))


def _enough(said: Diagnostic) -> bool:
    """Whether what is said has the one way out."""
    return said.code in ("E0106", "E0201") or any(fix.applicability == "safe" for fix in said.fixes)


def _outcome(fix: Fix) -> str:
    """What the text becomes, but for blanks: `))` less either bracket is the same. Of a long text, a part."""
    if not fix.edits:
        return fix.message
    text, far = fix.edits[0].span.source.text, fix.edits[0].span.start // _PART * _PART
    pieces, at = [], max(0, far - _PART)
    for edit in sorted(fix.edits, key=lambda e: e.span.start):
        pieces += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    return "".join("".join([*pieces, text[at : far + 2 * _PART]]).split())


def _place(source: Source, words: Sequence[Token], at: int) -> Span:
    if at < len(words):
        return Span(source, words[at].start_pos or 0, words[at].end_pos or 0)
    end = len(source.text.rstrip())
    return Span(source, max(0, end - 1), end)


def _shown(words: Sequence[Token], at: int) -> str:
    return f"`{printable(words[at][:40])}`" if at < len(words) else "the end of the file"


def _told(source: Source, words: Sequence[Token], at: int, change: Change, accepts: Sequence[str]) -> Diagnostic | None:
    """The fault that an edit mends, in words."""
    where = min(change.at, at)
    place, word = _place(source, words, where), _shown(words, where)
    follow = accepts if where == at else ()
    if change.kind == "insert":
        if change.text in CLOSES.values():
            return _unclosed(source, words, change, at)
        if change.text == "->" and where < len(words):
            label = Label(place, "unexpected here")
            return Diagnostic("E0103", f"{word} follows without `->`", (label,))
        missing = _name_of(change.terminal)
        if where != at:
            return Diagnostic("E0101", f"{missing} is missing before {word}", (Label(place, f"{missing} before this"),))
    elif change.kind == "replace" and change.text in KEYWORDS and where < at:
        return Diagnostic("E0101", f"{word} is not a word of the language", (Label(place),))
    elif change.kind == "remove" and words[where] in CLOSES.values() and not _open_brackets(words[:where]):
        return Diagnostic("E0101", f"this {word} closes nothing", (Label(place),))
    return Diagnostic("E0101", f"{word} is not expected here", (_wanted(place, follow),))


def _wanted(place: Span, accepts: Sequence[str]) -> Label:
    return Label(place, f"expected {_expected(accepts)}" if accepts else "")


def _unclosed(source: Source, words: Sequence[Token], change: Change, at: int) -> Diagnostic | None:
    """A bracket that is not closed where it should be."""
    opened = [i for i in _open_brackets(words[: change.at]) if CLOSES[words[i]] == change.text]
    if not opened:
        return None
    mark = words[opened[-1]]
    before = Label(_place(source, words, opened[-1]), "opened here")
    place = _place(source, words, change.at)
    if change.at >= len(words):
        return Diagnostic("E0105", f"`{mark}` is never closed", (before, Label(place, "the file ends here")))
    if source.position(words[change.at].start_pos or 0)[0] > source.position(words[change.at - 1].end_pos or 0)[0]:
        label = Label(place, f"expected `{change.text}` before this line")
        return Diagnostic("E0105", f"`{mark}` is not closed before this line", (before, label))
    label = Label(place, f"expected `{change.text}` before this")
    return Diagnostic("E0105", f"`{mark}` is not closed before this {_shown(words, change.at)}", (before, label))


def _open_brackets(words: Sequence[Token]) -> list[int]:
    """Which words open brackets that are not closed, the outermost first."""
    opened: list[int] = []
    for i, word in enumerate(words):
        if word in CLOSES:
            opened.append(i)
        elif word in CLOSES.values() and opened:
            opened.pop()
    return opened


# -- fixes -----------------------------------------------------------------------------------------------------------


def mended_by(source: Source, words: Sequence[Token], way: Repair, usage: Usage) -> Fix:
    """A repair as a way out."""
    made = edits.written(source, words, way.changes, usage)
    if way.habit:
        advice = way.habit.advice if len(way.habit.advice) < _LONG else f"{way.habit.advice[: _LONG - 5]} ...`"
        return Fix(advice, () if way.habit.by_hand else tuple(made))
    apart = len(made) == len(way.changes)  # else words that go are gone with one edit
    texts = [made[i].text.strip() if apart else change.text for i, change in enumerate(way.changes)]
    said = [_advice(words, change, text) for change, text in zip(way.changes, texts, strict=True)]
    placed = all(text or change.kind == "remove" for change, text in zip(way.changes, texts, strict=True))
    return Fix(" and ".join(said), tuple(made) if placed else ())


def _advice(words: Sequence[Token], change: Change, text: str) -> str:
    word = _shown(words, change.at)
    if change.kind == "remove":
        return f"remove {word}"
    if change.kind == "replace":
        if change.text in KEYWORDS:
            return f"did you mean `{text}`?"
        return f"write `{text}` in place of {word}" if text else f"write {_name_of(change.terminal)} in place of {word}"
    if text == "->":
        return f"write `-> {words[change.at]}` to continue the flow" if change.at < len(words) else "write `->`"
    if change.kind == "join":
        return "remove the space"
    if change.kind == "split":
        cut = words[change.at]
        return f"write `{cut[: change.offset]}{text}{cut[change.offset :]}`"
    if text in CLOSES.values():
        return f"close it with `{text}`" + (f" before {word}" if change.at < len(words) else "")
    if not text:
        return f"write {_name_of(change.terminal)} before {word}"
    return f"write `{text}` before {word}"


def _name_of(kind: str) -> str:
    text = machine().fixed.get(kind)
    return _IN_WORDS.get(kind) or (f"`{text}`" if text else kind.lower())


# -- what readers of other languages write -----------------------------------------------------------------------------


def _special(
    source: Source, words: Sequence[Token], at: int, first: Change | None, accepts: Sequence[str]
) -> Diagnostic | None:
    """Faults of which more can be said than which word is too many."""
    if at >= len(words) or at < 1:
        return None
    word, before = str(words[at]), words[at - 1]
    place = _place(source, words, at)
    gap = Span(source, before.end_pos or 0, place.start)
    if first and first.kind == "join":
        what, name = ("a call", "name") if word == "(" else ("an index", "list")
        fix = Fix("remove the space", (Edit(gap, ""),), "safe")
        return Diagnostic("E0101", f"the `{word}` of {what} touches its {name}", (Label(place),), (fix,))
    if word == "input" and "MODEL" in accepts:
        fix = Fix("put it into a model: `model net { input ... }`")
        return Diagnostic(
            "E0101", "`input` is not expected here: it is the first line of a model", (Label(place),), (fix,)
        )
    if accepts == ("INPUT",):
        fix = Fix("write it, as in `input 3 x 224 x 224`")
        return Diagnostic(
            "E0101", f"`{word}` is not expected here: a model begins with its `input`", (Label(place),), (fix,)
        )
    line = [str(t) for t in words[max(0, at - 40) : at] if t.line == words[at].line]
    if accepts == ("ELSE",):
        fix = Fix("write `else { ... }` after it; `else { id }` lets the value through")
        brace = _place(source, words, at - 1)
        return Diagnostic("E0101", f"`if` needs an `else` after this `{before}`", (Label(brace),), (fix,))
    if words[at].type == "COMPARE" and "COMPARE" in [t.type for t in words[max(0, at - 3) : at]]:
        fix = Fix("compare two at a time: `a < b and b < c`")
        return Diagnostic("E0101", f"a comparison has two sides; here a `{word}` follows one", (Label(place),), (fix,))
    if word == "-" and str(before) in ("{", "}"):
        fix = Fix("write `0 - flow` or `(-1) * flow` to turn its sign")
        return Diagnostic("E0101", "a flow cannot begin with `-`", (Label(place),), (fix,))
    if word == "->" and str(before) == "{":
        fix = Fix("remove it: the first line reads what enters", (_arrow(source, place),))
        return Diagnostic("E0101", "nothing stands before this `->`", (Label(place),), (fix,))
    if word == "-" and str(before) in ("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", ">", "<=", ">="):
        fix = Fix("put the negative number in brackets, as in `2 ** (-1)`")
        return Diagnostic("E0101", "a minus after an operator", (Label(place),), (fix,))
    if word == "//" and not line:
        fix = Fix("write `#`", (Edit(place, "#"),))
        return Diagnostic("E0101", "a comment begins with `#`", (Label(place),), (fix,))
    if word == "=" and before.type == "NAME" and len(line) == 1 and (first is None or first.at >= at):
        start = Span(source, before.start_pos or 0, before.start_pos or 0)
        label = Fix(f"write `{before}:` to label a flow", (Edit(Span(source, gap.start, place.end), ":"),))
        let = Fix(f"write `let {before} = ...` to name a value", (Edit(start, "let "),))
        chain = "->" in [str(t) for t in words[at : at + 40] if t.line == words[at].line]  # a label is of one item
        return Diagnostic(
            "E0101",
            "`=` is not expected here: a label takes `:`",
            (Label(place),),
            (let, label) if chain else (label, let),
        )
    # A name before a brace is a section; `repeat` before it would make a body of it, which has such lines.
    body = first is not None and first.text == "repeat"
    if first and body and words[first.at].type == "NAME" and word in ("let", "default", "keys", "expect"):
        what = f"`{word}` is a line of its own; a section, such as `{words[first.at]}`, holds one flow"
        fix = Fix(f"write it above `{words[first.at]}`")
        return Diagnostic("E0106", what, (Label(place), Label(_place(source, words, first.at), "the section")), (fix,))
    split = first is not None and first.kind == "split"  # `conv3 * in, 1)` lost a bracket
    between = str(before) not in ("->", "+", "-", "*", "/", "++", ",")
    if word in ("+", "-", "*", "/", "++") and "->" in line and between and not split:
        fix = Fix(f"bracket what you mean: `a -> (b {word} c)`, or `(a -> b) {word} c`")
        message = f"after `->` stands one item; here a `{word}` follows it"
        return Diagnostic("E0101", message, (Label(place),), (fix,))
    if word in KEYWORDS and first and first.at == at and first.kind == "replace" and first.terminal == "NAME":
        message = f"`{word}` is a word of the language and cannot be a name"
        return Diagnostic("E0201", message, (Label(place),), (Fix(f"call it `{word}_`", (Edit(place, f"{word}_"),)),))
    return None


def _arrow(source: Source, place: Span) -> Edit:
    """An arrow taken out, with the blank behind it."""
    after = source.text[place.end :]
    return Edit(Span(source, place.start, place.end + len(after) - len(after.lstrip(" "))), "")


def _expected(accepts: Sequence[str]) -> str:
    """What could stand here, in words; at most four."""
    names = {_name_of(kind) for kind in accepts}
    if {"a name", "a block or op", "`(`"} <= names and "`->`" not in names:
        rest = [mark for mark in ("`}`", "`)`", "`]`", "`-`") if mark in names]
        names = {"a block or op", *rest[:1]}
    if len(names) > 4:
        marks = ["`->`", "`,`", "`)`", "`]`", "`}`", "`{`", "`=`", "a name"]
        names = {n for n in marks if n in names} or set(sorted(names)[:4])
    words = sorted(names, key=lambda name: (" or " not in name, name))[:4]
    comma = "," if len(words) > 1 and " or " in words[0] else ""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])}{comma} or {words[-1]}"
