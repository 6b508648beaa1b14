"""Layouts to be put right: the tokens of a spec in their order, with any blanks, line ends and comments between."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import specgen

from resdsl import parser
from resdsl.diagnostics import Source, SpecError
from resdsl.parser.tokens import tokens

ROOT = Path(__file__).resolve().parent.parent
SPECS = sorted(
    path
    for folder in ("specs", "resdsl/prelude", "tests/data")
    for path in (ROOT / folder).rglob("*.resnet")
)  # fmt: skip
_BLANKS = ("", " ", " ", " ", "   ", "\t", "\n", "\n", "\n\n", " \n\n\n  ", "\r\n", "\r\n\r\n\t")


@cache
def _definitions() -> tuple[str, ...]:
    files = (parser.parse(Source(path.name, path.read_text(encoding="utf-8"))) for path in SPECS)
    return tuple(definition.span.text for file in files for definition in file.definitions)


def text(seed: int) -> str:
    """A random spec that can be elaborated; or, where the seed is odd, some definitions of the project's own."""
    if seed % 2 == 0:
        return specgen.spec(seed)
    chosen = random.Random(seed).choices(_definitions(), k=3)
    return "\n".join(["resdsl 1", *chosen, ""])


def scrambled(spec: str, seed: int) -> str:
    """The tokens of a spec in another layout. It has the same tokens, and comments that the spec had not."""
    source = Source("spec", spec)
    words = tokens(source).words
    kinds = [word.type for word in words]
    for attempt in range(20):
        made = Source("layout", _spread(words, random.Random(f"{seed} {attempt}")))
        found = tokens(made)
        if not found.strays and [w.type for w in found.words] == kinds:
            try:  # words that touch may be other words: `3 x5: relu` is no shape, `3 x 5` is one
                parser.parse(made)
            except SpecError:
                continue
            return made.text
    raise AssertionError(f"no layout found for\n{spec}")


def _spread(words: tuple[parser.Word, ...], draw: random.Random) -> str:
    comments, breaks = draw.choice([(0.0, 1.0), (0.05, 0.2), (0.2, 1.0), (0.0, 0.05), (0.02, 0.0), (0.6, 0.5)])
    out: list[str] = []
    for before, word in zip([None, *words], words, strict=False):
        text = str(word)
        if word.type == "SHAPE":
            text = draw.choice(["x", " x ", "\tx  "]).join(part.strip() for part in text.split("x"))
        if before is None:
            gap = draw.choice(["", "", "\n\n", "# first\n", "  # first\n\n# second\n"])
        elif word.type == "AT" or (before.type == "CALL" and text == "("):
            gap = ""
        elif word.type == "COLON":
            gap = draw.choice(["", "", " ", "\t"])
        else:
            gap = _gap(draw, comments, breaks)
            if not gap and _glued(str(before), text):
                gap = " "
        out += gap, text
    out.append(draw.choice(["", "\n", "\n\n\n", "  # last", "\n# last\n", "\r\n\r\n  # a\r\n\r\n# b"]))
    return "".join(out)


def _gap(draw: random.Random, comments: float, breaks: float) -> str:
    gap = ""
    while draw.random() < comments:
        gap += draw.choice(["", " ", "\n", "\n\n"]) + f"#{draw.choice(['', ' ', '# '])}{draw.randrange(100)}"
        gap += draw.choice(["", "  "]) + draw.choice(["\n", "\n", "\r\n", "\n\n"])
    blank = draw.choice(_BLANKS)
    return gap + (blank if draw.random() < breaks or "\n" not in blank else " ")


def _glued(left: str, right: str) -> bool:
    """Whether two tokens may be others without a blank between them."""
    word = left[-1].isalnum() or left[-1] in '_}.-"'
    return (
        (word and (right[0].isalnum() or right[0] in '_{([-."'))
        or (left[-1] in ")]" and right[0] == "[")
        or (left[-1] in "-+*/<>=!" and right[0] in "-+*/<>=")
    )
