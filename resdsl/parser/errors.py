"""What is said of a text that is not of the language: where, why, and what was probably meant."""

from __future__ import annotations

import re
import unicodedata

from lark import UnexpectedToken

from resdsl.diagnostics import Edit, Fix, Label, Source, Span, SpecError, error, nearest, printable
from resdsl.parser import table
from resdsl.parser.words import EDITION, KEYWORDS

CLOSES = {"(": ")", "[": "]", "{": "}"}
_IN_WORDS = {
    "NAME": "a name", "CALL": "a call", "NUMBER": "a number", "SHAPE": "a shape such as `3 x 224 x 224`",
    "STRING": "a text in quotes", "LABEL": "a label", "COMPARE": "a comparison", "PLUS": "`+`", "MINUS": "`-`",
    "STAR": "`*`", "SLASH": "`/`", "AT": "`[`", "$END": "the end of the file", "COMMENT": "a comment",
}  # fmt: skip
_OPENS_TERM = {"NAME", "CALL", "NUMBER", "STRING", "LABEL", "LPAR", "LSQB", "IF", "REPEAT", "TRUE", "FALSE", "IN"}


def check_characters(source: Source) -> None:
    """Control, bidi and zero-width characters hide what a spec says: they are refused everywhere, comments included."""
    seen = printable(source.text.replace("\r\n", "\n\n"))
    at = seen.find("\ufffd")
    while at >= 0:
        if source.text[at] != "\ufffd":
            name = f"U+{ord(source.text[at]):04X}"
            place = Span(source, at, at + 1)
            raise error(
                "E0001",
                f"the character {name} is not allowed: it would not be seen",
                Label(place, name),
                fixes=[Fix("remove it", (Edit(place, ""),), "safe")],
            )
        at = seen.find("\ufffd", at + 1)


def stray(source: Source, at: int) -> SpecError:
    """The text at an offset begins no token."""
    found = source.text[at]
    place = Span(source, at, at + 1)
    if found == '"':
        end = source.text.find("\n", at)
        rest = Span(source, at, end if end >= 0 else len(source.text))
        if "\\" in rest.text and rest.text.count('"') > 1:
            return error("E0003", "a text in quotes holds no backslash", Label(rest))
        return error("E0003", "this text has no closing quote on its line", Label(rest))
    if number := re.compile(r"[0-9][0-9A-Za-z_.]{0,40}").match(source.text, at):
        return error(
            "E0004",
            f"`{number[0]}` is not a number",
            Label(Span(source, at, number.end())),
            fixes=[
                Fix("write whole numbers as 64 or 1_000, others as 0.5 or 1e-5; `k`, `M`, `G` stand in `expect` only")
            ],
        )
    if found == "_":
        return error("E0002", "a name begins with a letter, not with `_`", Label(place), fixes=[_remove(place)])
    meant = {
        "“": '"', "”": '"', "→": "->", "−": "-", "–": "-", "=": "=", "&": "and", "|": "or", "!": "not", ";": "",
        "\u00a0": " ", "@": "",
    }.get(found)  # fmt: skip
    shown = f"`{found}`"
    if not found.isascii():
        shown += f" (U+{ord(found):04X} {unicodedata.name(found, 'without a name')})"
    if found == "×":
        fixes = [Fix("write `x` in a shape, `*` between numbers or flows")]
    elif meant is None:
        near = unicodedata.normalize("NFKC", found)
        fixes = [Fix(f"write `{near}`", (Edit(place, near),))] if near.isascii() and near.isalnum() else []
        if not fixes and not found.isascii():
            fixes = [Fix("names and operators are ASCII; other characters stand in comments")]
    else:
        fixes = [Fix(f"write `{meant}`" if meant.strip() else "remove it", (Edit(place, meant),))]
    return error("E0002", f"the character {shown} has no meaning here", Label(place), fixes=fixes)


def _remove(place: Span) -> Fix:
    return Fix("remove it", (Edit(place, ""),))


# -- syntax errors -----------------------------------------------------------------------------------------------


def unexpected(source: Source, problem: UnexpectedToken) -> SpecError:
    token = problem.token
    stopped = problem.interactive_parser
    accepts: set[str] = stopped.accepts() if stopped else set(problem.expected)  # type: ignore[no-untyped-call]
    if token.type == "$END":
        return _unfinished(source, accepts)
    place = Span(source, token.start_pos or 0, token.end_pos or 0)
    word = str(token)
    before = source.text[: place.start]
    if not before.strip() or "RESDSL" in accepts:
        return error(
            "E0102",
            "a file begins with its edition",
            Label(place, "found this instead"),
            fixes=[Fix(f"make `resdsl {EDITION}` the first line", (Edit(Span(source, 0, 0), f"resdsl {EDITION}\n"),))],
        )
    return (
        _bracket(source, place, word)
        or _misspelt(source, place, token.type, before, accepts)
        or _lost_arrow(place, token.type, before, accepts)
        or _operator(place, word, before)
        or _taken(place, word, accepts)
        or error("E0101", f"`{printable(word[:40])}` is not expected here", _wanted(place, accepts))
    )


def _wanted(place: Span, accepts: set[str]) -> Label:
    return Label(place, f"expected {_expected(accepts)}")


def _bracket(source: Source, place: Span, word: str) -> SpecError | None:
    """A bracket that closes nothing, or the wrong one; or one that should touch the name before it."""
    opened = _open_brackets(source.text[: place.start])
    if word in CLOSES.values():
        if not opened:
            return error("E0101", f"this `{word}` closes nothing", Label(place), fixes=[_remove(place)])
        at = opened[-1]
        close = CLOSES[source.text[at]]
        if close != word:
            return error(
                "E0105",
                f"`{source.text[at]}` is not closed before this `{word}`",
                Label(Span(source, at, at + 1), "opened here"),
                Label(place, f"expected `{close}` before this"),
                fixes=[Fix(f"write `{close}` before it", (Edit(Span(source, place.start, place.start), close),))],
            )
    at_line_start = not source.text[source.text.rfind("\n", 0, place.start) + 1 : place.start].strip()
    if (
        opened
        and at_line_start
        and source.text[opened[-1]] != "{"
        and place.source.position(opened[-1])[0] < place.source.position(place.start)[0]
    ):
        at = opened[-1]
        close = CLOSES[source.text[at]]
        before = len(source.text[: place.start].rstrip())
        return error(
            "E0105",
            f"`{source.text[at]}` is not closed before this line",
            Label(Span(source, at, at + 1), "opened here"),
            Label(place, "unexpected here"),
            fixes=[Fix(f"close it with `{close}`", (Edit(Span(source, before, before), close),))],
        )
    gap = re.compile(r"[A-Za-z0-9_)\]]([ \t]+)$").search(source.text[: place.start])
    if word in ("(", "[") and gap:
        what = "a call" if word == "(" else "an index"
        name = "name" if word == "(" else "list"
        space = Span(source, gap.start(1), gap.end(1))
        fix = Fix("remove the space", (Edit(space, ""),), "safe")
        return error("E0101", f"the `{word}` of {what} touches its {name}", Label(place), fixes=[fix])
    return None


def _misspelt(source: Source, place: Span, kind: str, before: str, accepts: set[str]) -> SpecError | None:
    """A keyword written wrong: where it stands, or one or two words before, where it was read as a name."""
    words = [k for k in KEYWORDS if k.upper() in accepts]
    word = place.text
    if kind in ("NAME", "CALL") and (meant := nearest(word, words)):
        fix = Fix(f"did you mean `{meant}`?", (Edit(place, meant),))
        return error("E0101", f"`{word}` is not expected here", _wanted(place, accepts), fixes=[fix])
    opener = re.compile(r"\b([A-Za-z]+)[ \t]+[A-Za-z0-9_]+[ \t]*$").search(before)
    if word in ("=", "{") and opener and opener[1] not in KEYWORDS:
        meant = nearest(opener[1], ["let", "default", "expect"] if word == "=" else ["repeat", "if", "block", "model"])
        if meant:
            at = Span(source, opener.start(1), opener.end(1))
            fix = Fix(f"did you mean `{meant}`?", (Edit(at, meant),))
            return error("E0101", f"`{opener[1]}` is not a word of the language", Label(at), fixes=[fix])
    return None


def _lost_arrow(place: Span, kind: str, before: str, accepts: set[str]) -> SpecError | None:
    """A term that follows another one on the same line."""
    ends_term = re.compile(r"(?:([A-Za-z]\w*)|[0-9)\]}])[ \t\n\r]*$").search(before)
    if kind not in _OPENS_TERM or not ends_term or ends_term[1] in KEYWORDS - {"in", "true", "false"}:
        return None
    if not accepts & {"RBRACE", "RPAR", "RSQB"} or "COMMA" in accepts:
        return None
    word = place.text
    fix = Fix(f"write `-> {word}` to continue the flow", (Edit(Span(place.source, place.start, place.start), "-> "),))
    return error("E0103", f"`{word}` follows without `->`", Label(place, "unexpected here"), fixes=[fix])


def _operator(place: Span, word: str, before: str) -> SpecError | None:
    """An operator where only an item can stand."""
    if word == "-" and re.search(r"[-+*/%=<>]\s*$", before):
        fix = Fix("put the negative number in brackets, as in `2 ** (-1)`")
        return error("E0101", "a minus after an operator", Label(place), fixes=[fix])
    line = before[before.rfind("\n") + 1 :]
    if word == "=":
        fixes = [Fix("write `name: flow` to label a flow, `let name = value` to name a value")]
        return error("E0101", "`=` is not expected here: a label takes `:`", Label(place), fixes=fixes)
    if word == "//" and not line.strip():
        return error("E0101", "a comment begins with `#`", Label(place), fixes=[Fix("write `#`", (Edit(place, "#"),))])
    if word in ("+", "-", "*", "/", "++") and "->" in line:
        return error(
            "E0101",
            f"after `->` stands one item; here a `{word}` follows it",
            Label(place),
            fixes=[Fix(f"bracket what you mean: `a -> (b {word} c)`, or `(a -> b) {word} c`")],
        )
    return None


def _taken(place: Span, word: str, accepts: set[str]) -> SpecError | None:
    """A word of the language where a name is due."""
    if word not in KEYWORDS or "NAME" not in accepts:
        return None
    message = f"`{word}` is a word of the language and cannot be a name"
    return error("E0201", message, Label(place), fixes=[Fix(f"call it `{word}_`", (Edit(place, f"{word}_"),))])


def _open_brackets(text: str) -> list[int]:
    """Where the brackets are that a text leaves open, the outermost first."""
    opened: list[int] = []
    for match in re.finditer(r'#[^\n]*|"[^"\n]*"|[][(){}]', text):
        if match[0] in CLOSES:
            opened.append(match.start())
        elif match[0] in CLOSES.values() and opened:
            opened.pop()
    return opened


def _unfinished(source: Source, accepts: set[str]) -> SpecError:
    """The file ends inside something: name the bracket that is open."""
    end = len(source.text.rstrip())
    place = Label(Span(source, max(0, end - 1), end), "the file ends here")
    open_brackets = _open_brackets(source.text)
    if open_brackets:
        at = open_brackets[-1]
        close = CLOSES[source.text[at]]
        fix = Fix(f"close it with `{close}`", (Edit(Span(source, end, end), f"\n{close}" if close == "}" else close),))
        return error(
            "E0105",
            f"`{source.text[at]}` is never closed",
            Label(Span(source, at, at + 1), "opened here"),
            place,
            fixes=[fix],
        )
    if "RESDSL" in accepts:
        return error(
            "E0102",
            "the file is empty",
            place,
            fixes=[Fix(f"begin with `resdsl {EDITION}`; `resdsl new FILE` writes a spec to start from")],
        )
    return error("E0101", f"the file ends too early: expected {_expected(accepts)}", place)


def _expected(accepts: set[str]) -> str:
    """What could stand here, in words; at most four."""
    literal = {t.name: f"`{t.pattern.value}`" for t in table.shipped().terminals if t.pattern.type == "str"}
    names = {_IN_WORDS.get(name) or literal.get(name) or name.lower() for name in accepts}
    if len(names) > 4:
        marks = ["`->`", "`,`", "`)`", "`]`", "`}`", "`{`", "`=`", "a name"]
        names = (
            {"a block or an operation"}
            if {"a name", "a call", "`(`"} <= names and "`->`" not in names
            else {n for n in marks if n in names} or set(sorted(names)[:4])
        )
    words = sorted(names)[:4]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
