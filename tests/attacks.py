"""Where a hostile text can be put, and what resdsl makes of it: every place of a spec, every flag, every output."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from resdsl import cli, findings, layout, lint, network
from resdsl.diagnostics import Diagnostic, ResdslError, Source, as_json, as_short, as_text, for_more
from resdsl.analyze.difference import difference
from resdsl.emit.difference import command as differences
from resdsl.emit.difference import keys
from resdsl.emit.draw import picture
from resdsl.emit.table import counts
from resdsl.emit.tables import command
from resdsl.emit.tables.counting import Counting
from resdsl.emit.torch import emit
from resdsl.graph import dump
from resdsl.network import Network

SPEC = """resdsl <edition>
# <head>

# <block comment>
block <block>(<parameter>, kernel = <default>) {
  # <inner comment>
  (<label>: conv(<parameter>, kernel) -> norm) + id  # <comment behind>
}

# <model comment>
# Source: <source>
model <model>(<setting> = 10) {
  input <shape>
  default act = <meaning>
  # resdsl: ignore[<code>] <reason>
  let <value> = conv(8, 3) -> act
  <section> { <value> -> <block>(8, kernel = <argument>) }
  <part>: repeat 2 as <index> { conv_{<index>}: conv(8, 3) -> <block>(8) -> <word> }
  head { globalpool -> flatten -> linear(<setting>) }
  expect <fact> = <number>
}
"""
HARMLESS = {
    "edition": "1", "head": "Of the whole file.", "block comment": "y = F(x) + x", "block": "unit", "parameter": "width",
    "default": "3", "inner comment": "Two of them.", "label": "first", "comment behind": "said beside it",
    "model comment": "A small network.", "source": "He et al. 2015, Table 1", "model": "net", "setting": "classes",
    "shape": "3 x 8 x 8", "meaning": "relu", "code": "W1003", "reason": "as published", "value": "before",
    "section": "body", "argument": "1", "part": "last", "index": "i", "word": "gelu", "fact": "layers", "number": "7",
}  # fmt: skip
COMMENTS = ("head", "block comment", "inner comment", "comment behind", "model comment", "source", "reason")
NAMES = ("block", "parameter", "label", "model", "setting", "value", "section", "part", "index")
SLOTS = tuple(HARMLESS)


def spec(**texts: str) -> str:
    """The spec with other texts in some of its slots; a blank in the name of one is written `_`."""
    return re.sub("<([a-z ]+)>", lambda slot: texts.get(slot[1].replace(" ", "_"), HARMLESS[slot[1]]), SPEC)


# -- what is made of a spec ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """An output: its kind, which says how it is judged, and its text."""

    kind: str
    text: str


VIEWS = (
    {}, {"theme": "auto"}, {"theme": "dark", "view": "block"}, {"view": "graph", "horizontal": True},
    {"view": "layers", "theme": "auto"}, {"horizontal": True},
)  # fmt: skip
FORMATS = ("text", "markdown", "latex", "html", "csv", "json")
STYLES = ("stages", "blocks", "layers", "compare", "paper", "memory", "paths", "identity")


def outputs(net: Network, other: Network, *, thin: int | None = None) -> Iterator[Made]:
    """All that can be made of a network; with `thin` the code and a part of the pictures and tables."""

    def chosen(rows: Sequence[object]) -> list[int]:
        return [i for i in range(len(rows)) if thin is None or i == thin % len(rows)]

    yield Made("python", emit(net))
    for i in chosen(VIEWS):
        yield Made("svg", picture([net], "svg", **VIEWS[i]).decode())  # type: ignore[arg-type]
        yield Made("dot", picture([net], "dot", **VIEWS[i]).decode())  # type: ignore[arg-type]
    yield Made("mermaid", picture([net], "mmd").decode())
    pairs = list(product(STYLES, FORMATS))
    for i in sorted({j for k in range(4) for j in chosen(pairs[k::4])}) if thin is not None else range(len(pairs)):
        style, form = pairs[i]
        grids = command.tables([net], command.Order(style, Counting(), None, "own", None, None))  # type: ignore[arg-type]
        yield Made(form, command.written(grids, form))  # type: ignore[arg-type]
    rows = list(product(("section", "block", "op"), ("text", "markdown", "csv", "json")))
    for i in chosen(rows):
        yield Made(rows[i][1], counts([net], *rows[i]))  # type: ignore[arg-type]
    yield Made("json", dump(net.program, indent=2))
    difference_ = difference(net.report, other.report)
    pair = differences.Compared(("a", "b"), (net, other), difference_, keys.compared(difference_))
    compared = differences.Comparison((pair,), ("a", "b"))
    yield Made("text", differences.text(compared))
    yield Made("json", differences.as_json(compared))


def told(diagnostics: Sequence[Diagnostic]) -> Iterator[Made]:
    """Findings in every form."""
    import json

    yield Made("text", as_text(diagnostics) + "\n" + for_more(diagnostics))
    yield Made("text", "\n".join(as_short(diagnostics)))
    yield Made("json", json.dumps({"diagnostics": as_json(diagnostics)}))


def found(source: Source) -> tuple[Diagnostic, ...]:
    """What `check --info` finds."""
    return findings.of(source, None, lambda spec, only: lint.check(spec, only, lint.Settings(select=("all",))))


def attempt(text: str, name: str = "net.resnet") -> tuple[Network | None, list[Made]]:
    """What comes of a text: its network, or none; and what is said of it. Only a ResdslError may end it."""
    said = list(told(found(Source(name, text))))
    try:
        said.append(Made("spec", layout.format(text)))
    except ResdslError as problem:
        said += told(problem.diagnostics)
    try:
        net = network.load(name, text=text)
    except ResdslError as problem:
        return None, [*said, *told(problem.diagnostics), Made("text", str(problem))]
    return net, said


# -- the command line ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """What a command did."""

    status: int
    out: str
    err: str


def run(*arguments: str, stdin: str = "") -> Run:
    """The command in this process, with streams of its own."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape") for _ in range(3)]
    streams[0].buffer.write(stdin.encode("utf-8", "surrogatepass"))
    streams[0].seek(0)
    kept = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = streams
    try:
        status = cli.main(arguments)
    finally:
        sys.stdin, sys.stdout, sys.stderr = kept
    texts = []
    for stream in streams[1:]:
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
    return Run(status, *texts)


FLAGS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "command": lambda p: (p,),
    "SPEC of check": lambda p: ("check", p),
    "SPEC of count": lambda p: ("count", p),
    "model of a SPEC": lambda p: ("count", f"net.resnet:{p}"),
    "an option": lambda p: ("check", f"--{p}", "net.resnet"),
    "the code to explain": lambda p: ("explain", p),
    "--format": lambda p: ("table", "net.resnet", f"--format={p}"),
    "--style": lambda p: ("table", "net.resnet", f"--style={p}"),
    "--sort": lambda p: ("table", "net.resnet", f"--sort={p}"),
    "--input": lambda p: ("count", "net.resnet", f"--input={p}"),
    "--set": lambda p: ("count", "net.resnet", f"--set={p}"),
    "--set, its value": lambda p: ("count", "net.resnet", f"--set=classes={p}"),
    "--block": lambda p: ("draw", "net.resnet", "--view=block", f"--block={p}"),
    "--class": lambda p: ("compile", "net.resnet", f"--class={p}"),
    "--select": lambda p: ("check", "net.resnet", f"--select={p}"),
    "--line-length": lambda p: ("fmt", "--check", "net.resnet", f"--line-length={p}"),
    "diff": lambda p: ("diff", "net.resnet", p),
    "--from": lambda p: ("new", "made.resnet", f"--from={p}", "--force"),
    "the picture": lambda p: ("draw", "net.resnet", "-o", f"{p}.svg"),
    "another picture": lambda p: ("draw", "net.resnet", "-o", f"x.{p}"),
    "the module": lambda p: ("compile", "net.resnet", "-o", f"{p}.py", "--force"),
    "the new file": lambda p: ("new", f"{p}.resnet", "--force"),
}  # fmt: skip
WRITES = {"the picture", "another picture", "the module", "the new file"}


def as_file(payload: str) -> str:
    """A payload as the name of a file in the working folder."""
    return payload.replace("/", "\u2215").replace("..", "__")


@contextmanager
def working_in(folder: Path) -> Iterator[Path]:
    """A folder with the harmless spec, as the working one."""
    before = Path.cwd()
    (folder / "net.resnet").write_text(spec(), encoding="utf-8")
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(before)
