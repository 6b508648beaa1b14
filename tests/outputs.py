"""All that resdsl writes, output by output: of models of the zoo, of texts with faults, of itself.

`python tests/outputs.py MODEL ...` prints a digest a line, and what it is the digest of; without MODEL, of everything.
`runs` does so under several hash seeds, locales, time zones and folders, one of them a copy of resdsl elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import edition
import mistakes
from front import fault, text

from resdsl import codes, files, findings, graph, layout, lint, mending, network
from resdsl.diagnostics import Diagnostic, ResdslError, Source, as_json, as_short, as_text
from resdsl.emit import zoo
from resdsl.emit.difference import command as difference
from resdsl.emit.draw import THEMES, VIEWS, picture
from resdsl.emit.table import counts
from resdsl.emit.tables import command as tables
from resdsl.emit.torch import emit
from resdsl.lint.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
FORMATS = (*tables.FORMATS, "csv", "json")
FAULTY = 300  # texts


def of_model(name: str, other: str) -> Iterator[tuple[str, str]]:
    """What is written of a model of the zoo, and of the step to another."""
    net = network.load(name)
    yield "ir", graph.dump(net.program, indent=2)
    yield "py", emit(net)
    for view in VIEWS:
        yield f"svg {view}", _drawn(net, "svg", view)
        yield f"dot {view}", _drawn(net, "dot", view)
    for theme in THEMES:
        yield f"svg {theme}", picture([net], "svg", theme=theme, horizontal=theme == "auto").decode()
    yield "mermaid", picture([net], "mmd").decode()
    for by in ("section", "block", "op"):
        yield f"count {by}", "".join(counts([net], by, form) for form in ("text", "markdown", "csv", "json"))
    for style in get_args(tables.Style):
        try:
            made = tables.tables([net], tables.Order(style))
        except ResdslError as problem:
            yield f"table {style}", as_text(problem.diagnostics)
        else:
            yield from ((f"table {style} {form}", tables.written(made, form)) for form in FORMATS)
    found = difference.compare((name, other), lambda spec, model: network.Network(spec, model))
    yield f"diff {other}", difference.text(found) + difference.as_json(found)
    yield "lint", _told(lint.check(net.spec, net.model, Settings(select=("all",))))


def of_texts() -> Iterator[tuple[str, str]]:
    """What is said of texts with faults, and what their fixes make of them."""
    for row in mistakes.TABLE:
        source = Source(f"{row.id}.resnet", row.spec)
        mended, fixes = mending.mended(source, unsafe=True)
        yield f"mistake {row.id}", _told(findings.of(source)) + mended.text + "".join(fix.message for fix in fixes)
    for number in range(FAULTY):
        assert fault(text(0, number)) is None
        yield f"text {number}", _told(findings.of(Source("text.resnet", text(0, number))))


def of_itself() -> Iterator[tuple[str, str]]:
    """Lists, pages and the zoo in the one style."""
    yield (
        "zoo",
        zoo.listing("text") + zoo.listing("json").replace(str(ROOT), "") + zoo.page(),
    )  # it says where files lie
    yield "codes", codes.index() + "".join(map(codes.page, codes.summaries()))
    yield "schema", json.dumps(graph.schema())
    for path in sorted({*files.zoo().values()}):
        yield f"fmt {path.name}", layout.formatted(files.read_file(path))


def _drawn(
    net: network.Network, form: Literal["svg", "dot"], view: Literal["overview", "layers", "block", "graph"]
) -> str:
    try:
        return picture([net], form, view=view).decode()
    except ResdslError as problem:
        return as_text(problem.diagnostics)


def _told(found: tuple[Diagnostic, ...]) -> str:
    return as_text(found) + "\n".join(as_short(found)) + json.dumps(as_json(found))


def digests(names: list[str]) -> Iterator[str]:
    """A line an output."""

    def line(of: str, what: str, made: str) -> str:
        return f"{hashlib.sha256(made.encode()).hexdigest()[:24]} {len(made.encode())} {of}: {what}"

    yield from (line("texts", *one) for one in of_texts())
    if not names:
        names = [net.name for path in edition.zoo() for net in edition.networks(path)]
        yield from (line("resdsl", *one) for one in of_itself())
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        yield from (line(name, *one) for one in of_model(name, other))


# -- the same everywhere -----------------------------------------------------------------------------------------------

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LOCALES = ({"LC_ALL": "C.UTF-8"}, ASCII)
ZONES = ("UTC", "Asia/Tokyo", "XXX+11:30")


def runs(names: list[str], seeds: int, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """What is printed under each of some hash seeds; locale, time zone and folder take turns."""
    for name in ("resdsl", "grammars", "specs", "docs", "tests"):
        shutil.copytree(ROOT / name, folder / "copy" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for seed in range(seeds):
        home = (ROOT, folder / "copy")[seed % 2]
        setting = {**LOCALES[seed // 2 % 2 ^ seed % 2], "TZ": ZONES[seed % 3], "PYTHONHASHSEED": str(seed)}
        done = subprocess.run(
            [sys.executable, "tests/outputs.py", *names], cwd=home, stdout=subprocess.PIPE, text=True, check=True,
            env={**os.environ, **setting, "PYTHONPATH": str(home)},
        )  # fmt: skip
        yield f"{setting} in folder {seed % 2 + 1}", done.stdout.splitlines()


def differing(one: list[str], other: list[str]) -> list[str]:
    """The outputs that two runs do not agree on."""
    return sorted({" ".join(line.split()[2:]) for line in {*one} ^ {*other}})


if __name__ == "__main__":
    sys.stdout.write("\n".join(digests(sys.argv[1:])) + "\n")
