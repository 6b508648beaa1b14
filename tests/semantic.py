"""Faults of meaning, which no grammar sees: wrong widths, strides, groups, names; and how well they are told.

Each mutant is one fault in a sound spec of random numbers, with what must be said of it: both sides of the conflict, as
words of the message or its labels, and the lines of the user's file that must be shown.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from resdsl import files, findings
from resdsl.diagnostics import Diagnostic, as_text
from resdsl.emit.torch import emit
from resdsl.network import load
from resdsl.parser.recovery import Mended


@dataclass(frozen=True)
class Mutant:
    """A spec with one fault: what must be said of it, and which of its lines must be shown."""

    text: str
    code: str
    said: tuple[str, ...]
    lines: tuple[str, ...]
    beside: str = ""  # the text of `other.resnet`, where two files are needed


@dataclass(frozen=True)
class _Plan:
    """A sound spec: two widths, a map size, a number of units."""

    width: int
    wide: int
    size: int
    depth: int

    def text(self, **changed: str) -> str:
        lines = {
            "branch": "conv(width, 3, stride) -> norm -> act -> conv(width, 3) -> norm",
            "shortcut": "project(width, stride)",
            "first": f"unit({self.width})",
            "second": f"unit({self.wide}, stride = 2)",
            "depths": f"[{self.depth}, {self.depth + 1}]",
            "variant": "head { globalpool -> flatten -> linear(10) }",
            "imports": "",
        } | changed
        return f"""resdsl 1
{lines["imports"]}
block unit(width, stride = 1) {{
  let f = {lines["branch"]}
  let s = {lines["shortcut"]}
  (f + s) -> act
}}

model plan(depths) {{
  input 3 x {self.size} x {self.size}
  stem {{ conv({self.width}, 3) }}
  first {{ {lines["first"]} }}
  second {{ {lines["second"]} }}
  third: stage(unit, {2 * self.wide}, depths[0], stride = 2)
  fourth: stage(unit, {2 * self.wide}, depths[1])
  head {{ globalpool -> flatten -> linear(100) }}
}}

model net = plan({lines["depths"]}) {{
  {lines["variant"]}
}}
"""


def _wrong_width(plan: _Plan, rng: random.Random) -> Mutant:
    other = plan.width + rng.choice([-1, 1, 8])
    text = plan.text(branch=f"conv(width, 3, stride) -> norm -> act -> conv({other}, 3) -> norm")
    one, two = f"{other} x {plan.size} x {plan.size}", f"{plan.width} x {plan.size} x {plan.size}"
    return Mutant(text, "E0301", (one, two), ("(f + s) -> act", f"first {{ unit({plan.width}) }}"))


def _missing_projection(plan: _Plan, rng: random.Random) -> Mutant:
    half = plan.size // 2
    said = (f"{plan.wide} x {half} x {half}", f"{plan.width} x {plan.size} x {plan.size}")
    return Mutant(plan.text(shortcut="id"), "E0301", said, ("(f + s) -> act", f"unit({plan.wide}, stride = 2)"))


def _wrong_groups(plan: _Plan, rng: random.Random) -> Mutant:
    groups = next(g for g in rng.sample([3, 5, 7, 9, 11], 5) if plan.width % g)
    second = f"conv({plan.width}, 3, groups = {groups})"
    text = plan.text(first=f"unit({plan.width}) -> {second}")
    return Mutant(text, "E0305", (f"{groups} groups", f"{plan.width} channels"), (second,))


def _misspelt_argument(plan: _Plan, rng: random.Random) -> Mutant:
    word = rng.choice(["strid", "strides", "stirde", "wdith", "widht"])
    right = "stride" if word.startswith("st") else "width"
    text = plan.text(first=f"unit({plan.width}, {word} = 1)")
    return Mutant(
        text, "E0203", (f"no parameter `{word}`", f"`{right}`"), (f"{word} = 1", "block unit(width, stride = 1)")
    )


def _wrong_stride(plan: _Plan, rng: random.Random) -> Mutant:
    text = plan.text(shortcut="project(width, 1)")
    half = plan.size // 2
    said = (f"{plan.wide} x {half} x {half}", f"{plan.wide} x {plan.size} x {plan.size}")
    return Mutant(text, "E0301", said, ("(f + s) -> act", f"unit({plan.wide}, stride = 2)"))


def _cyclic_import(plan: _Plan, rng: random.Random) -> Mutant:
    text = plan.text(imports='import "other.resnet"')
    beside = 'resdsl 1\nimport "net.resnet"\nblock other { id }\n'
    return Mutant(text, "E0505", ("net.resnet", "imports itself"), ('import "other.resnet"',), beside)


def _short_list(plan: _Plan, rng: random.Random) -> Mutant:
    text = plan.text(depths=f"[{plan.depth}]")
    return Mutant(text, "E0406", ("no item 1", "a list of 1"), ("depths[1]", f"model net = plan([{plan.depth}])"))


def _unknown_label(plan: _Plan, rng: random.Random) -> Mutant:
    word = rng.choice(["heads", "hed", "tail", "stage2", "fifth"])
    text = plan.text(variant=f"{word} {{ globalpool -> flatten -> linear(10) }}")
    return Mutant(text, "E0203", (f"no line `{word}`", "`head`"), (f"{word} {{", "model net = plan("))


def _unmet_expect(plan: _Plan, rng: random.Random) -> Mutant:
    text = plan.text(variant="expect layers = 7")
    layers = load("net.resnet", "net", text=plan.text(variant="")).layers
    return Mutant(text, "E0403", ("7", str(layers)), ("expect layers = 7",))


KINDS: dict[str, Callable[[_Plan, random.Random], Mutant]] = {
    "wrong width": _wrong_width,
    "missing projection": _missing_projection,
    "wrong groups": _wrong_groups,
    "misspelt argument": _misspelt_argument,
    "wrong stride": _wrong_stride,
    "cyclic import": _cyclic_import,
    "list too short": _short_list,
    "unknown label": _unknown_label,
    "unmet expect": _unmet_expect,
}


def mutants(kind: str, count: int, seed: int) -> Iterator[Mutant]:
    """Mutants of a kind, each of a plan of its own."""
    rng = random.Random(f"{kind} {seed}")
    for _ in range(count):
        width = rng.choice([8, 16, 24, 32, 64])
        plan = _Plan(width, width * rng.choice([2, 3, 4]), rng.choice([16, 24, 32, 56]), rng.randint(1, 6))
        yield KINDS[kind](plan, rng)


def faults(mutant: Mutant, folder: Path) -> list[str]:
    """What is wrong with what is said of a mutant."""
    path = folder / "net.resnet"
    path.write_text(mutant.text)
    if mutant.beside:
        (folder / "other.resnet").write_text(mutant.beside)
    found = [d for d in findings.of(files.read_file(path)) if d.severity == "error"]
    if [d.code for d in found] != [mutant.code]:
        return [f"{mutant.code} is due, told are {[d.code for d in found]}"]
    d = found[0]
    shown = as_text([d])
    told = " ".join([d.message, *(label.text for label in d.labels), *(fix.message for fix in d.fixes)])
    wrong = [f"nothing says {word!r}" for word in mutant.said if word not in told]
    wrong += [f"the line with {line!r} is not shown" for line in mutant.lines if line not in shown]
    wrong += [] if d.fixes else ["no fix"]
    return wrong + _broken_fixes(d)


def _broken_fixes(d: Diagnostic) -> list[str]:
    """The safe fixes after which the spec is not sound."""
    wrong = []
    for fix in d.fixes:
        if fix.applicability == "safe" and fix.edits:
            mended = Mended(fix.edits[0].span.source, fix.edits).source
            if findings.of(mended):
                wrong.append(f"after {fix.message!r} it is not sound")
            else:
                emit(load("net.resnet", "net", text=mended.text))
    return wrong
