"""Characters: those that nobody would see, and those that begin no word."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, Source, Span, visible

CLOSES = {"(": ")", "[": "]", "{": "}"}
_MOST_HIDDEN = 1_000


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
        fix = Fix("write whole numbers as 64 or 1_000, others as 0.5 or 1e-5; `k`, `M`, `G` stand in `expect` only")
        if re.fullmatch("[0-9_]+", place.text):
            plain = re.sub("__+", "_", place.text.strip("_"))
            fix = Fix(f"write `{plain[:60]}`: one `_` between two digits", (Edit(place, plain),))
        return Diagnostic("E0004", f"`{place.text}` is not a number", (Label(place),), (fix,))
    if found == "." and len(place.text) > 1:
        mark = re.compile(r" *[^\w\s:()\[{}\]]+").match(place.source.text, place.end)
        behind = Span(place.source, place.end, mark.end() if mark else place.end)
        fix = Fix("a path is a label: write `:` after it", (Edit(behind, ":"),))
        return Diagnostic("E0101", f"`{place.text}` continues no name", (Label(place),), (fix,))
    if found == "_":
        return Diagnostic("E0002", "a name begins with a letter, not with `_`", (Label(place),), (_remove(place),))
    meant = {
        "“": '"', "”": '"', "→": "->", "−": "-", "–": "-", "&": "and", "|": "or", "!": "not", "\u00a0": " ",
    }.get(found)  # fmt: skip
    shown = "'`'" if found == "`" else f"`{found}`"
    if not found.isascii():
        shown += f" (U+{ord(found):04X} {unicodedata.name(found, 'without a name')})"
    near = unicodedata.normalize("NFKC", found)
    if found == ";":
        fixes = [Fix("remove it: the end of the line ends a line, `->` continues a flow", (Edit(place, ""),))]
    elif found == "×":
        fixes = [Fix("write `x` in a shape, `*` between numbers or flows", (Edit(place, "x"),)), _remove(place)]
    elif meant is not None:
        fixes = [
            Fix(f"write `{meant}`" if meant.strip() else "write a plain space", (Edit(place, meant),)),
            _remove(place),
        ]
    elif near != found and near.isascii() and near.isalnum():
        fixes = [Fix(f"write `{near}`", (Edit(place, near),))]
    elif found.isascii():
        fixes = [_remove(place)]
    else:
        fixes = [
            Fix("remove it: names and operators are ASCII, other characters stand in comments", (Edit(place, ""),))
        ]
    return Diagnostic("E0002", f"the character {shown} has no meaning here", (Label(place),), tuple(fixes))


def _remove(place: Span) -> Fix:
    return Fix("remove it", (Edit(place, ""),))
