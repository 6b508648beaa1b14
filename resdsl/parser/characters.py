"""Characters: those that nobody would see, and those that begin no word."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, Source, Span, visible
from resdsl.limits import DEFAULT

CLOSES = {"(": ")", "[": "]", "{": "}"}
_MOST_HIDDEN = 1_000
LONGEST = 4 * DEFAULT.name_length  # a word, which may be a part of a label
_PREFIXES = frozenset("nn F torch self layers keras tf np math timm torchvision".split())  # of what Python calls
_NEXT_PART = re.compile(r"[ \t]*(?!(let|default|expect|order|keys|input)\b)\w+(?![\w.{}-]*[ \t]*[:={])")  # of a flow
_NAMES_VALUE = re.compile(r"^[ \t]*(let|default)\b")


def hidden(source: Source) -> Diagnostic | None:
    """Control, bidi and zero-width characters hide what a spec says: they are refused everywhere, comments included."""
    seen = visible(source.text.replace("\r\n", "\n\n").replace("\ufffd", "?"))  # what is left of it is hidden
    runs = islice(re.finditer("\ufffd+", seen), _MOST_HIDDEN)
    places = [Span(source, run.start(), run.end()) for run in runs]
    if not places:
        return None
    first = Span(source, places[0].start, places[0].start + 1)
    name = f"U+{ord(first.text):04X}"
    more = f"{name}, and more of them below" if len(places) > 1 else name
    fix = Fix("remove it" if len(places) == 1 else "remove them", tuple(Edit(place, "") for place in places), "safe")
    return Diagnostic(
        "E0001", f"the character {name} is not allowed: it would not be seen", (Label(first, more),), (fix,)
    )


def stray(place: Span) -> Diagnostic:
    """A piece of text that begins no word."""
    found = place.text[0]
    if found == '"':
        if "\\" in place.text and place.text.count('"') > 1:
            return Diagnostic(
                "E0003", "a text in quotes holds no backslash", (Label(place),), (Fix("paths are written with `/`"),)
            )
        text = re.match(r'"[^"\n)\]},#]*', place.text)
        end = place.start + (len(text[0].rstrip()) if text else 1)
        fix = Fix('close it with `"`', (Edit(Span(place.source, end, end), '"'),))
        return Diagnostic("E0003", "this text has no closing quote on its line", (Label(place),), (fix,))
    if found.isdigit() and found.isascii():
        shape = re.fullmatch(r"[0-9]+([xX][0-9]+)+", place.text)
        count = re.fullmatch(r"([0-9.]+[kMG])(FLOPs|MACs|params|B)", place.text, re.IGNORECASE)
        if shape or count:
            plain = count[1] if count else place.text.lower()
            return Diagnostic(
                "E0004",
                f"`{place.text}` is not a number",
                (Label(place),),
                (Fix(f"write `{plain}`", (Edit(place, plain),)),),
            )
        glued = re.fullmatch(r"([0-9]+)([A-Za-z]\w\w+)", place.text)
        if glued:
            fixes = [Fix(f"did you mean `{part}`?", (Edit(place, part),)) for part in (glued[2], glued[1])]
            what = f"`{place.text}` is not a number, and a name begins with a letter"
            return Diagnostic("E0004", what, (Label(place),), tuple(fixes))
        fix = Fix("write whole numbers as 64 or 1_000, others as 0.5 or 1e-5; `k`, `M`, `G` stand in `expect` only")
        if re.fullmatch("[0-9_]+", place.text):
            plain = re.sub("__+", "_", place.text.strip("_"))
            fix = Fix(f"write `{plain[:60]}`: one `_` between two digits", (Edit(place, plain),))
        return Diagnostic("E0004", f"`{place.text}` is not a number", (Label(place),), (fix,))
    if found == "'" and len(place.text) > 1:
        fix = Fix(f'write `"{place.text[1:-1][:60]}"`', (Edit(place, f'"{place.text[1:-1]}"'),))
        return Diagnostic("E0003", "a text stands in `\"`, not in `'`", (Label(place),), (fix,))
    behind = place.source.text[place.start - 1 : place.start]
    if found == "." and place.text[1:].isdigit() and not (behind.isalnum() or behind in "_}"):
        fix = Fix(f"write `0{place.text}`", (Edit(place, f"0{place.text}"),))
        return Diagnostic("E0004", f"`{place.text}` is not a number: one begins with a digit", (Label(place),), (fix,))
    if found == "." and len(place.text) > 1:
        return Diagnostic("E0101", f"`{place.text}` continues no name", (Label(place),), _path(place))
    if found == "_":
        return Diagnostic("E0002", "a name begins with a letter, not with `_`", (Label(place),), (_remove(place),))
    meant = {
        "“": '"', "”": '"', "→": "->", "−": "-", "–": "-", "&": "and", "|": "->", "||": "or", "!": "not", "&&": "and",
        "^": "**", "\u00a0": " ",
    }.get(place.text)  # fmt: skip
    shown = "'`'" if found == "`" else f"`{place.text}`"
    if not found.isascii():
        shown += f" (U+{ord(found):04X} {unicodedata.name(found, 'without a name')})"
    near = unicodedata.normalize("NFKC", found)
    if found == "?":
        fixes = [_remove(place)]
        choice = _choice(place)
        fixes.insert(0 if choice.edits and _line(place).endswith((" ", ")")) else 1, choice)
    elif found == ";":
        fixes = [Fix("remove it: the end of the line ends a line, `->` continues a flow", (Edit(place, ""),))]
        if _NEXT_PART.match(place.source.text, place.end) and not _NAMES_VALUE.search(_line(place)):
            fixes.insert(0, Fix("write `->` to continue the flow", (Edit(place, " ->"),)))
    elif found == "×":
        fixes = [Fix("write `x` in a shape, `*` between numbers or flows", (Edit(place, "x"),)), _remove(place)]
    elif meant is not None:
        around = place.source.text[place.start - 1 : place.start], place.source.text[place.end : place.end + 1]
        left, right = (" " if meant.isalpha() and (c.isalnum() or c in ")]}") else "" for c in around)
        said = f"write `{meant}`" if meant.strip() else "write a plain space"
        fixes = [Fix(said, (Edit(place, left + meant + right),)), _remove(place)]
    elif near != found and near.isascii() and near.isalnum():
        fixes = [Fix(f"write `{near}`", (Edit(place, near),))]
    elif found.isascii():
        fixes = [_remove(place)]
    else:
        fixes = [
            Fix("remove it: names and operators are ASCII, other characters stand in comments", (Edit(place, ""),))
        ]
    return Diagnostic(
        "E0002",
        f"{'the character ' * (len(place.text) == 1)}{shown} has no meaning here",
        (Label(place),),
        tuple(fixes),
    )


def _path(place: Span) -> tuple[Fix, ...]:
    """What a path can be that no `:` follows: a label that lost it, or with another mark or a word before it."""
    text, start = place.source.text, max(0, place.end - LONGEST)
    name = re.compile(r"[A-Za-z][\w.{}-]*\Z").search(text[start : place.end])
    if name is None or name[0] == place.text[1:]:  # as of a method, behind a bracket
        return Fix(
            f"write `-> {place.text[1:]}` to continue the flow", (Edit(place, f" -> {place.text[1:]}"),)
        ), _remove(place)
    whole = Span(place.source, start + name.start(), place.end)
    between = re.compile(r"[ \t]*([^\s:#]+?)[ \t]*(?=:)").match(text, place.end)
    prefix = name[0].split(".")[0]
    if prefix in _PREFIXES and not between:
        gap = Span(place.source, whole.start, whole.start + len(prefix) + 1)
        return (Fix(f"remove `{prefix}.`: ops and blocks have no prefix", (Edit(gap, ""),)),)
    if prefix in ("in", "id"):
        return (Fix(f"`in` and `id` have no parts: remove `{place.text}`", (Edit(place, ""),)),)
    if re.search(
        r"(\b(model|block|function|let|default)[ \t]+|\w\(|[,=][ \t]*)\Z", text[max(0, whole.start - 80) : whole.start]
    ):
        plain = re.sub(r"\W+", "_", whole.text).strip("_")
        return (Fix(f"a path is a label, and this is a name: write `{plain}`", (Edit(whole, plain),)),)
    fixes = []
    mark = re.compile(r"[ \t]*[^\w\s:#]+").match(text, place.end)
    if between:
        gap = Span(place.source, place.end, between.end())
        fixes.append(Fix(f"a path is a label: remove `{between[1][:40]}` before the `:`", (Edit(gap, ""),)))
    if mark:
        gap = Span(place.source, place.end, mark.end())
        fixes.append(Fix(f"a path is a label: write `:` in place of `{mark[0].strip()}`", (Edit(gap, ":"),)))
    if not between:
        here = Span(place.source, place.end, place.end)
        colon = Fix("a path is a label: write `:` after it", (Edit(here, ":"),))
        fixes.insert(0 if mark is None or mark[0].strip() in CLOSES else 1, colon)
    return *fixes, Fix("or remove it", (Edit(whole, ""),))


def _choice(place: Span) -> Fix:
    """`c ? a : b`, where it stands on one line and holds no choice itself."""
    before, text = _line(place), place.source.text
    value = r"[\w .*/+-]+?"  # brackets are left to the author
    test = re.search(
        rf"(?:(?<![<>=!])=|[(,\[{{:]|->)[ \t]*(?P<c>{value}(?:[ \t]*(?:[=!<>]=|[<>])[ \t]*{value})?)[ \t]*\Z", before
    )
    both = re.compile(rf"[ \t]*({value})[ \t]*:[ \t]*({value})[ \t]*(?=[,)\]}}\n#]|\Z)")
    rest = both.match(text[: place.end + LONGEST], place.end)
    said = "a choice is written `if c { a } else { b }`"
    if test is None or rest is None:
        return Fix(said)
    whole = Span(place.source, place.start - len(before) + test.start("c"), rest.end())
    return Fix(said, (Edit(whole, f"if {test['c']} {{ {rest[1]} }} else {{ {rest[2]} }}"),))


def _line(place: Span) -> str:
    """What stands before a place on its line, as far as it matters."""
    text = place.source.text
    return text[max(text.rfind("\n", 0, place.start) + 1, place.start - LONGEST) : place.start]


def _remove(place: Span) -> Fix:
    return Fix("remove it", (Edit(place, ""),))
