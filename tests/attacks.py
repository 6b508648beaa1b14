"""Where a hostile text can be put, and what resdsl makes of it: every place of a spec, every flag, every output."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import inert

from resdsl import cli, findings, layout, lint, network
from resdsl.analyze.difference import difference
from resdsl.diagnostics import Diagnostic, ResdslError, Source, as_json, as_short, as_text, for_more
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
    "edition": "1", "head": "Of the whole file.", "block comment": "y = F(x) + x", "block": "unit", "default": "3",
    "parameter": "width", "inner comment": "Two of them.", "label": "first", "comment behind": "said beside it",
    "model comment": "A small network.", "source": "He et al. 2015, Table 1", "model": "net", "setting": "classes",
    "shape": "3 x 8 x 8", "meaning": "relu", "code": "W1003", "reason": "as published", "value": "before",
    "section": "body", "argument": "1", "part": "last", "index": "i", "word": "gelu", "fact": "layers", "number": "7",
}  # fmt: skip
COMMENTS = ("head", "block comment", "inner comment", "comment behind", "model comment", "source", "reason")
NUMBERS = ("edition", "default", "shape", "meaning", "argument", "word", "fact", "number")  # and flows
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


def on_the_command_line(slot: str, payload: str, folder: Path) -> Iterator[str]:
    """What is wrong with what commands do with a payload as a flag, a name or a file."""
    for arguments in COMMANDS[slot](payload):
        before = set(folder.iterdir())
        done = run(*arguments)
        if done.status not in (0, 1, 2, 3):
            yield f"exit status {done.status}: {done.err}"
        yield from inert.faults("text", done.err)
        yield from inert.faults(_form(arguments) if done.out else "text", done.out)
        for path in set(folder.iterdir()) - before:
            kind = {".svg": "svg", ".dot": "dot", ".mmd": "mermaid", ".py": "python"}.get(path.suffix, "spec")
            if path.suffix not in (".pdf", ".png"):
                yield from inert.faults(kind, path.read_text(encoding="utf-8"))
    for path in folder.iterdir():
        if path.name != "net.resnet":
            path.unlink()


def _form(arguments: Sequence[str]) -> str:
    if "-o" in arguments:
        return "text"  # which file was written
    form = next((word.removeprefix("--format=") for word in arguments if word.startswith("--format=")), "text")
    return {"draw": "svg", "compile": "python"}.get(arguments[0], form if form in inert.JUDGES else "text")


def _write(name: str, text: str) -> str:
    with contextlib.suppress(OSError, ValueError):
        Path(name).write_text(text, encoding="utf-8", errors="surrogatepass")
    return name


def _named(payload: str) -> Iterator[tuple[str, ...]]:
    """Commands on a spec in a file of that name: one that is refused, then one that is not."""
    name = _write(f"{as_file(payload)}.resnet", spec(word="reluu"))
    yield from (("check", name, f"--format={form}") for form in ("text", "short", "json"))
    _write(name, spec())
    yield from (("check", name, "--info", "--defaults"), ("fmt", "--check", name), ("diff", name, "net.resnet"))
    yield from (("table", name, "--style=identity", f"--format={form}") for form in ("text", "html", "latex", "csv"))


def _imports(payload: str) -> Iterator[tuple[str, ...]]:
    _write("main.resnet", f'resdsl 1\nimport "{payload}"\n' + spec().partition("\n")[2])
    yield from (("check", "main.resnet", f"--format={form}") for form in ("text", "short", "json"))


def _configured(payload: str) -> Iterator[tuple[str, ...]]:
    """Commands under settings that hold the payload as it is, as a text, as a key and as a pattern."""
    quoted = json.dumps(payload)
    for line in (payload, f"select = [{quoted}]", f"{quoted} = 1", f"per-file-ignores = {{ {quoted} = [{quoted}] }}"):
        _write("pyproject.toml", f"[tool.resdsl.lint]\n{line}\n")
        yield "check", "net.resnet"
    Path("pyproject.toml").unlink()


COMMANDS: dict[str, Callable[[str], Iterable[tuple[str, ...]]]] = {
    "a command": lambda p: [(p,)],
    "a SPEC": lambda p: [("check", p), ("count", p)],
    "a model": lambda p: [("count", f"net.resnet:{p}")],
    "an option": lambda p: [("check", f"--{p}", "net.resnet")],
    "a code": lambda p: [("explain", p)],
    "--format": lambda p: [("table", "net.resnet", f"--format={p}")],
    "--style": lambda p: [("table", "net.resnet", f"--style={p}")],
    "--sort": lambda p: [("table", "net.resnet", f"--sort={p}")],
    "--input": lambda p: [("count", "net.resnet", f"--input={p}")],
    "--set": lambda p: [("count", "net.resnet", f"--set={p}"), ("count", "net.resnet", f"--set=classes={p}")],
    "--block": lambda p: [("draw", "net.resnet", "--view=block", f"--block={p}")],
    "--class": lambda p: [("compile", "net.resnet", f"--class={p}")],
    "--select": lambda p: [("check", "net.resnet", f"--select={p}")],
    "--line-length": lambda p: [("fmt", "--check", "net.resnet", f"--line-length={p}")],
    "diff": lambda p: [("diff", "net.resnet", p)],
    "--from": lambda p: [("new", "made.resnet", f"--from={p}")],
    "--output": lambda p: [("draw", "net.resnet", "-o", name) for name in (f"{as_file(p)}.svg", f"x.{as_file(p)}")],
    "a module": lambda p: [("compile", "net.resnet", "-o", f"{as_file(p)}.py")],
    "a new file": lambda p: [("new", f"{as_file(p)}.resnet")],
    "the name of a file": _named,
    "an import": _imports,
    "the settings": _configured,
}  # fmt: skip


# -- Python --------------------------------------------------------------------------------------------------------


CALLS: dict[str, Callable[[str], object]] = {
    "load": network.load,
    "load, model": lambda p: network.load("resnet18", p),
    "load, a value": lambda p: network.load("resnet18", classes=p),
    "load, a name": lambda p: network.load("resnet18", **{p: 10}),  # type: ignore[arg-type]
    "load, a text": lambda p: network.load("net.resnet", text=p),
    "load, the name of a text": lambda p: network.load(p, text=spec(word="reluu")),
    "load, input": lambda p: network.load("resnet18", input=p),  # type: ignore[arg-type]
    "code": lambda p: network.load("net.resnet", text=spec()).code(p),
    "draw": lambda p: network.load("net.resnet", text=spec()).draw(theme=p),
    "at": lambda p: network.load("net.resnet", text=spec()).at({p: p}),
    "format": layout.format,
}


def from_python(call: str, payload: str) -> Iterator[str]:
    """What is wrong with what a call from Python does with a payload."""
    try:
        found = CALLS[call](payload)
    except ResdslError as problem:
        yield from inert.faults("text", str(problem))
        for made in told(problem.diagnostics):
            yield from inert.faults(made.kind, made.text)
    else:
        if isinstance(found, str):
            yield from inert.faults({"code": "python", "draw": "svg", "format": "spec"}[call], found)


# -- a spec --------------------------------------------------------------------------------------------------------


@cache
def harmless() -> tuple[Network, Network]:
    """The spec as it is, and one that differs."""
    nets = [network.load("net.resnet", text=text) for text in (spec(), spec(model="other", word="silu"))]
    return nets[0], nets[1]


# Names that give another module: a parameter is called by its place if it is a `width`, else by its name, and hides an
# op of its name; one with a name of Python's stays out of the module; `x` and `y` are what flows on; a path is nested;
# a block is called by its name where it is one of the module's own.
NAMES = {
    "parameter": ("depth", "min", "id", "y"), "setting": ("min",), "value": ("x",), "section": ("x",),
    "part": ("x", "x.y", "x.y.z", "x.0", "weight"), "label": ("x.y", "x.y.z", "x.0"), "block": ("weight", "modules"),
}  # fmt: skip


@cache
def structures() -> frozenset[str]:
    """What the module of the spec looks like under any names."""
    texts = [spec(), *(spec(**{slot: name}) for slot, names in NAMES.items() for name in names)]
    return frozenset(inert.structure(emit(network.load("net.resnet", text=text))) for text in texts)


def in_a_spec(texts: dict[str, str], *, thin: int | None = None) -> Iterator[str]:
    """What is wrong with what becomes of the spec with payloads in some of its slots."""
    net, said = attempt(spec(**{slot.replace(" ", "_"): text for slot, text in texts.items()}))
    for made in said:
        yield from inert.faults(made.kind, made.text)
    if net is None:
        return
    same = not any(slot in NUMBERS or "\n" in text for slot, text in texts.items())
    for made in outputs(net, harmless()[1], thin=thin):
        yield from inert.faults(made.kind, made.text)
        if made.kind == "python" and same and inert.structure(made.text) not in structures():
            yield "another module"
