"""Numbers that a constructor says several times get a variable: the spec's `let`, if one says the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from resdsl.emit.fitting import Scope, translations
from resdsl.emit.layout import Brackets, Doc, Either
from resdsl.emit.words import RESERVED, usable

OFTEN = 5  # so often an expression without a name in the spec may stand
_CHOICE = re.compile(r"[\w.]+ if (\w+) else [\w.]+")
_NUMBER = re.compile(r"[a-z_]\w* (?:[-+*/%() ]|\d|[a-z_]\w*)+", re.IGNORECASE)


def named(docs: Sequence[Doc], scope: Scope) -> tuple[list[str], list[Doc]]:
    """Assignments, and the expressions with their variables."""
    said = [pair for doc in docs for pair in _numbers(doc)]
    counts = Counter(text for _, text in said)
    lets = scope.home.lets if scope.home is not None else {}
    told: dict[str, str] = {}
    for let, written in lets.items():
        if _free(let, scope):
            found = {str(expr) for expr in translations(scope, written)}
            told |= dict.fromkeys(found - told.keys(), let)
    chosen = {text: told[text] for text, count in counts.items() if count > 1 and text in told}
    if len(set(chosen.values())) < len(chosen):
        chosen = {}
    for keyword, text in said:  # what a flag chooses is called as the argument that it is for
        flag, own = _CHOICE.fullmatch(text), keyword.removesuffix("=")
        if flag is None or flag[1] not in scope.visible() or counts[text] == 1 or text in chosen:
            continue
        if _free(own, scope) and own not in chosen.values():
            chosen[text] = own
    often = [t for t, count in counts.items() if count >= OFTEN and t not in chosen and not _CHOICE.fullmatch(t)]
    if len(often) == 1 and _free("inner", scope) and "inner" not in chosen.values():
        chosen[often[0]] = "inner"
    ordered = sorted(chosen, key=lambda text: list(counts).index(text))
    return [f"{chosen[text]} = {text}" for text in ordered], [_with(doc, chosen) for doc in docs]


def _free(name: str, scope: Scope) -> bool:
    return usable(name) and name not in RESERVED and name not in scope.visible()


def _split(text: str) -> tuple[str, str]:
    """The `name=` of an argument, and its value."""
    found = re.match(r"[a-z_]\w*=", text)
    return (found[0], text[found.end() :]) if found else ("", text)


def _numbers(doc: Doc) -> Iterator[tuple[str, str]]:
    """Each expression, and the `name=` before it."""
    match doc:
        case str():
            keyword, text = _split(doc)
            if (_NUMBER.fullmatch(text) and " for " not in text and " if " not in text) or _CHOICE.fullmatch(text):
                yield keyword, text
        case Brackets():
            for item in doc.items:
                yield from _numbers(item)
        case Either():
            yield from _numbers(doc.yes)
            yield from _numbers(doc.no)


def _with(doc: Doc, chosen: Mapping[str, str]) -> Doc:
    match doc:
        case str():
            keyword, text = _split(doc)
            for long, short in chosen.items():
                text = text.replace(f"({long})", short)
            return keyword + chosen.get(text, text)
        case Brackets():
            return replace(doc, items=tuple(_with(item, chosen) for item in doc.items))
        case Either():
            return replace(doc, yes=_with(doc.yes, chosen), no=_with(doc.no, chosen))
