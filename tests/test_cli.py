"""The command line, run as a user runs it: what it prints where, how it ends, and what it says of what is wrong."""

from __future__ import annotations

import csv
import ctypes  # noqa: TID251  # to hide what a child of ours says of itself
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from resdsl import __version__, cli

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ("check", "fmt", "count", "draw", "ir", "zoo", "new", "limits")
SPEC = """\
resdsl 1
# Two models of one plan.
model small(classes = 10) {
  input 3 x 32 x 32
  stem: conv(16, 3) -> relu
  head: globalpool -> flatten -> linear(classes)
}
model smaller = small(classes = 5)
"""
WRONG = "resdsl 1\nmodel wrong {\n  input 3 x 32 x 32\n  conv(16, 3) -> rellu\n}\n"
PLAIN = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "LC_", "LANG"))}
PLAIN["PYTHONPATH"] = str(ROOT)  # this checkout, whichever is installed


@dataclass(frozen=True)
class Run:
    """What a command left behind."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        assert (self.status, self.err) == (0, "")
        return json.loads(self.out)


def resdsl(
    *arguments: str | Path,
    cwd: Path = ROOT,
    stdin: str | bytes = "",
    env: Mapping[str, str] = PLAIN,
    stdout: int = subprocess.PIPE,
    before: Callable[[], None] | None = None,
) -> Run:
    """Run a command. No command may show the inside of the program, or print control characters."""
    done = subprocess.run(
        [sys.executable, "-m", "resdsl", *map(str, arguments)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=env,
        timeout=300,
        check=False,
        preexec_fn=before,
    )
    out, err = (done.stdout or b"").decode(), done.stderr.decode()
    for text in (out, err):
        assert not any(c < " " and c not in "\n\t" for c in text), "a control character"
        for word in ("Traceback", "Exception ignored", "NoneType", "Errno", ".py"):
            assert word not in text, text
    return Run(done.returncode, out, err)


def refused(run: Run, status: int, *words: str) -> None:
    """One message on the standard error, nothing on the standard output."""
    assert run.status == status, run
    assert run.out == ""
    assert run.err.startswith("error") and run.err.count("error[") <= 1, run.err
    for word in words:
        assert word in run.err, run.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "two.resnet").write_text(SPEC)
    (tmp_path / "wrong.resnet").write_text(WRONG)
    return tmp_path


@cache
def zoo() -> list[dict[str, Any]]:
    models: list[dict[str, Any]] = resdsl("zoo", "--json").json()["models"]
    return models


def untouched(folder: Path) -> bool:
    return {p.name for p in folder.iterdir()} == {"two.resnet", "wrong.resnet"}


# -- check -------------------------------------------------------------------------------------------------------


def test_check_is_content_with_a_sound_spec(folder: Path) -> None:
    run = resdsl("check", "two.resnet", "resnet50", "two.resnet:smaller", cwd=folder)
    assert (run.status, run.err) == (0, "")
    assert run.out.startswith("3 specs checked: nothing is wrong; ") and run.out.endswith(" remarks with --info\n")
    told = resdsl("check", "two.resnet", "--format", "json", cwd=folder).json()["diagnostics"]
    assert {d["severity"] for d in told} == {"information"}
    run = resdsl("check", "two.resnet", "--info", cwd=folder)
    assert run.status == 0 and "information[W1017]" in run.out and "0 errors, 0 warnings, 4 remarks\n" in run.out
    run = resdsl("check", "two.resnet", "--select", "W1017", "--ignore", "W1013", cwd=folder)
    assert run.status == 0 and "information[W1017]" in run.out and "W1013" not in run.out
    run = resdsl("check", "two.resnet", "--ignore", "W1919", cwd=folder)
    assert run.status == 2 and "did you mean `W10" in run.err


def test_check_finds_what_is_wrong_in_each_spec(folder: Path) -> None:
    run = resdsl("check", "two.resnet", "wrong.resnet", cwd=folder)
    assert (run.status, run.err) == (1, "")
    assert "wrong.resnet:4:18" in run.out and "did you mean `relu`?" in run.out and "1 error, 0 warnings" in run.out


def test_check_tells_programs_the_place_and_the_edit(folder: Path) -> None:
    run = resdsl("check", "wrong.resnet", "--format=json", cwd=folder)
    assert (run.status, run.err) == (1, "")
    (found,) = json.loads(run.out)["diagnostics"]
    place = {"file": "wrong.resnet", "line": 4, "column": 18, "end_line": 4, "end_column": 23}
    assert list(found) == ["code", "severity", "message", *place, "labels", "fixes"]
    assert found["severity"] == "error" and found.items() >= place.items()
    assert found["labels"][0].items() >= place.items()
    assert found["fixes"][0]["edits"][0].items() >= {**place, "text": "relu"}.items()


def test_check_goes_on_after_a_spec_that_is_missing(folder: Path) -> None:
    run = resdsl("check", "none.resnet", "wrong.resnet", cwd=folder)
    assert run.status == 2
    assert "no file `none.resnet`" in run.out and "rellu" in run.out


def test_check_calls_a_warning_a_finding(folder: Path) -> None:
    (folder / "idle.resnet").write_text(SPEC + "block idle { relu }\n")
    run = resdsl("check", "idle.resnet", cwd=folder)
    assert run.status == 1 and "warning[W0201]" in run.out and "0 errors, 1 warning; " in run.out


# -- count -------------------------------------------------------------------------------------------------------

NUMBERS = ("layers_all", "params", "buffers", "macs", "macs_fixed", "macs_product", "activations")


def counted(row: dict[str, Any]) -> list[int]:
    """All sums of a row; whole numbers all of them."""
    numbers = [row[name] for name in NUMBERS] + list(row["elementwise"].values())
    assert all(type(n) is int and n >= 0 for n in numbers), row
    return numbers


def added(rows: list[dict[str, Any]]) -> list[int]:
    return [sum(column) for column in zip(*map(counted, rows), strict=True)]


def test_count_is_right_about_resnet50() -> None:
    (model,) = resdsl("count", "resnet50", "--json").json()["models"]
    assert {k: model[k] for k in ("model", "input", "output", "layers", "layers_all", "params", "macs")} == {
        "model": "resnet50",
        "input": [3, 224, 224],
        "output": [1000],
        "layers": 50,
        "layers_all": 54,
        "params": 25_557_032,
        "macs": 4_089_184_256,
    }
    assert model["source"].startswith("He et al. 2015")
    assert [s["name"] for s in model["sections"]] == ["stem", "layer1", "layer2", "layer3", "layer4", "head"]
    assert [(b["block"], b["count"]) for b in model["sections"][3]["blocks"]] == [("bottleneck", 1), ("bottleneck", 5)]


SEVERAL = ("resnet18", "resnet152_c_v1", "cifar_resnet1202", "preact_resnet1001", "im_resnet110_exclusive", "vgg16")


@pytest.mark.parametrize("by", ["section", "block", "op"])
def test_totals_are_the_sums_of_their_rows(by: str) -> None:
    for model in resdsl("count", *SEVERAL, "--json").json()["models"]:
        rows = model["sections"]
        if by != "section":
            for section in rows:
                assert counted(section) == added(section["blocks"]), (model["model"], section["name"])
            rows = [block for section in rows for block in section["blocks"]]
        if by == "op":
            for block in rows:
                assert counted(block) == added(block["ops"]), (model["model"], block["block"])
            rows = [op for block in rows for op in block["ops"]]
        else:
            assert model["layers"] == sum(row["layers"] for row in rows)
        assert counted(model) == added(rows), model["model"]


@pytest.mark.parametrize("by", ["section", "block", "op"])
def test_csv_has_the_numbers_of_the_json(by: str) -> None:
    models = resdsl("count", *SEVERAL, "--json").json()["models"]
    run = resdsl("count", *SEVERAL, "--by", by, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(run.out)))
    assert [m["model"] for m in models] == list(dict.fromkeys(row["model"] for row in rows))
    for model in models:
        own = [row for row in rows if row["model"] == model["model"]]
        for name in NUMBERS:
            assert sum(int(row[name]) for row in own) == model[name]
        for name, number in model["elementwise"].items():
            assert sum(int(row[name]) for row in own) == number


@pytest.mark.parametrize("by", ["section", "block", "op"])
def test_markdown_is_one_table_a_model(by: str) -> None:
    run = resdsl("count", "resnet18", "vgg11", "--by", by, "--format", "markdown")
    assert (run.status, run.err) == (0, "")
    tables = [t.splitlines() for t in run.out.split("\n\n") if t.startswith("| ")]
    assert len(tables) == 2
    for table in tables:
        assert len({line.replace("\\|", "").count("|") for line in table}) == 1
        assert "**total**" in table[-1]


def test_tables_of_the_zoo_fit_a_terminal() -> None:
    run = resdsl("count", *(m["name"] for m in zoo()))
    assert (run.status, run.err) == (0, "")
    assert run.out.isascii()
    prose = {model["source"] for model in zoo()}
    tables = [line for line in run.out.splitlines() if line not in prose and not line.endswith(".")]
    assert [line for line in tables if len(line) > 80 and " layers, " not in line] == []


def test_rows_of_a_table_end_without_blanks() -> None:
    for by in ("section", "block", "op"):
        out = resdsl("count", "resnet50", "--by", by).out
        assert out.isascii() and out.endswith(".\n")
        assert all(line == line.rstrip() for line in out.splitlines())


def test_count_takes_another_input_and_other_arguments(folder: Path) -> None:
    (model,) = resdsl("count", "resnet50", "--json", "--input", "3x64x64", "--set", "classes=10").json()["models"]
    assert (model["input"], model["output"]) == ([3, 64, 64], [10])
    assert model["params"] == 25_557_032 - 990 * 2049
    models = resdsl("count", "two.resnet", "--json", "--set", " classes = 7", cwd=folder).json()["models"]
    assert [m["output"] for m in models] == [[7], [7]]


def test_count_without_a_model_counts_all_of_a_file(folder: Path) -> None:
    names = [m["model"] for m in resdsl("count", "two.resnet", "--json", cwd=folder).json()["models"]]
    assert names == ["small", "smaller"]


def test_count_json_is_the_format_json() -> None:
    assert resdsl("count", "resnet18", "--json") == resdsl("count", "resnet18", "--format", "json")


# -- what a SPEC may be ------------------------------------------------------------------------------------------


def test_a_spec_is_a_path_a_model_of_the_zoo_or_the_standard_input(folder: Path) -> None:
    (folder / "suffixless").write_text(SPEC)
    (folder / "sub").mkdir()
    (folder / "sub" / "resnet50.resnet").write_text(SPEC)
    names = {
        "two.resnet:small": ["small"],
        "./two.resnet:smaller": ["smaller"],
        "./suffixless": ["small", "smaller"],
        f"{folder}/two.resnet:small": ["small"],
        "sub/resnet50.resnet:small": ["small"],
        "-": ["small", "smaller"],
        "-:smaller": ["smaller"],
        "resnet50": ["resnet50"],
        "resnet50:resnet18": ["resnet18"],
    }
    for spec, models in names.items():
        found = resdsl("count", spec, "--json", cwd=folder, stdin=SPEC).json()["models"]
        assert [m["model"] for m in found] == models, spec


def test_a_file_does_not_hide_a_model_of_the_zoo(folder: Path) -> None:
    (folder / "resnet50").write_text(SPEC)
    assert "4,089,184,256" in resdsl("count", "resnet50", cwd=folder).out


# -- draw --------------------------------------------------------------------------------------------------------


def test_draw_writes_svg_to_the_standard_output(folder: Path) -> None:
    run = resdsl("draw", "two.resnet:small", cwd=folder)
    assert (run.status, run.err) == (0, "")
    assert "<svg " in run.out[:400] and run.out.endswith("</svg>\n")
    assert untouched(folder)


def test_draw_writes_the_file_that_it_prints(folder: Path) -> None:
    for theme in ("light", "dark"):
        printed = resdsl("draw", "resnet50", "--theme", theme, cwd=folder)
        written = resdsl("draw", "resnet50", "--theme", theme, "-o", f"{theme}.svg", cwd=folder)
        assert (written.status, written.out, written.err) == (0, f"wrote {theme}.svg\n", "")
        assert (folder / f"{theme}.svg").read_text() == printed.out
    assert (folder / "light.svg").read_bytes() != (folder / "dark.svg").read_bytes()


def test_draw_replaces_its_own_pictures_only(folder: Path) -> None:
    for name in ("net.svg", "net.dot", "net.mmd", "NET.SVG"):
        for _ in range(2):
            assert resdsl("draw", "resnet18", "-o", name, cwd=folder).status == 0
    target = folder / "mine.svg"
    target.write_text("<svg>mine</svg>")
    refused(resdsl("draw", "resnet18", "-o", "mine.svg", cwd=folder), 2, "mine.svg", "--force")
    assert target.read_text() == "<svg>mine</svg>"
    assert resdsl("draw", "resnet18", "-o", "mine.svg", "--force", cwd=folder).status == 0
    assert target.read_text().endswith("</svg>\n")


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
@pytest.mark.parametrize(("suffix", "start"), [("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_draw_has_graphviz_make_pdf_and_png(folder: Path, suffix: str, start: bytes) -> None:
    name = f"net.{suffix}"
    assert resdsl("draw", "resnet18", "-o", name, cwd=folder).status == 0
    assert (folder / name).read_bytes().startswith(start)
    refused(resdsl("draw", "resnet18", "-o", name, cwd=folder), 2, "--force")
    assert resdsl("draw", "resnet18", "-o", name, "--force", cwd=folder).status == 0


@pytest.mark.parametrize("name", ["net.jpg", "net", "net.", ".svg.gz", "", "net.svg/"])
def test_draw_knows_five_suffixes(folder: Path, name: str) -> None:
    run = resdsl("draw", "resnet18", "-o", name, cwd=folder)
    if name == "net.svg/":  # the slash means nothing to a path
        assert run.status == 0
    else:
        refused(run, 2, ".svg, .dot, .pdf, .png or .mmd")
        assert untouched(folder)


def test_draw_leaves_what_is_no_plain_file_alone(folder: Path) -> None:
    (folder / "d.svg").mkdir()
    (folder / "elsewhere.svg").write_text("kept")
    (folder / "l.svg").symlink_to("elsewhere.svg")
    (folder / "dangling.svg").symlink_to("new.svg")
    before = sorted(folder.iterdir())
    for force in ((), ("--force",)):
        refused(resdsl("draw", "resnet18", "-o", "d.svg", *force, cwd=folder), 2, "`d.svg` is a directory")
        refused(resdsl("draw", "resnet18", "-o", "l.svg", *force, cwd=folder), 2, "`l.svg` is a link")
        refused(resdsl("draw", "resnet18", "-o", "dangling.svg", *force, cwd=folder), 2, "is a link")
        refused(resdsl("draw", "resnet18", "-o", "no/x.svg", *force, cwd=folder), 3, "no such folder")
        refused(resdsl("draw", "resnet18", "-o", "two.resnet/x.svg", *force, cwd=folder), 3, "no such folder")
        refused(resdsl("draw", "resnet18", "-o", "x" * 300 + ".svg", *force, cwd=folder), 3, "too long")
    assert (folder / "elsewhere.svg").read_text() == "kept"
    assert sorted(folder.iterdir()) == before


def test_an_unwritable_folder_is_said_to_be_one(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o500)
    run = resdsl("draw", "resnet18", "-o", "closed/x.svg", cwd=folder, before=as_anybody)
    refused(run, 3, "closed/x.svg", "permission denied")
    assert list(closed.iterdir()) == []


def as_anybody() -> None:
    """Give up root's power over the modes of files, where there is such a power."""
    if sys.platform == "linux" and os.geteuid() == 0:
        drop_from_bounding_set, override, read_search = 24, 1, 2
        libc = ctypes.CDLL(None)
        libc.prctl(drop_from_bounding_set, override, 0, 0, 0)
        libc.prctl(drop_from_bounding_set, read_search, 0, 0, 0)


def stub(folder: Path, script: str) -> dict[str, str]:
    """An environment whose `dot` is a script."""
    tools = folder / "tools"
    tools.mkdir()
    (tools / "dot").write_text(f"#!/bin/sh\n{script}\n")
    (tools / "dot").chmod(0o755)
    return {**PLAIN, "PATH": f"{tools}:/usr/bin:/bin"}


def test_pictures_that_need_graphviz_say_so_where_it_is_missing(folder: Path) -> None:
    env = {**PLAIN, "PATH": str(folder)}
    refused(resdsl("draw", "resnet18", "-o", "x.pdf", cwd=folder, env=env), 2, "Graphviz", "write a .svg")
    for name in ("x.svg", "x.dot"):
        assert resdsl("draw", "resnet18", "-o", name, cwd=folder, env=env).status == 0
    assert not (folder / "x.pdf").exists()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo half; exit 3", "status 3"),
        ("kill -SEGV $$", "status -11"),
        ("cat >/dev/null", "printed no PNG"),
        ("echo nothing of the kind", "printed no PNG"),
        ("head -c 1000 /dev/urandom", "printed no PNG"),
        ("yes", "printed more than 100,000,000 bytes"),
        ("yes >&2", "printed more than 100,000,000 bytes"),
        ("exec 0<&-; exit 1", "status 1"),
    ],
)
def test_a_dot_that_fails_is_an_error_and_leaves_no_file(folder: Path, script: str, said: str) -> None:
    refused(resdsl("draw", "resnet18", "-o", "x.png", cwd=folder, env=stub(folder, script)), 3, "`dot`", said)
    assert not list(folder.glob("*.png"))


def test_a_dot_that_cannot_be_started_is_an_error(folder: Path) -> None:
    env = stub(folder, "")
    (folder / "tools" / "dot").write_bytes(b"\x00 no program")
    refused(resdsl("draw", "resnet18", "-o", "x.png", cwd=folder, env=env), 3, "`dot` could not be started")


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
@pytest.mark.parametrize("name", ["x.png", "x.pdf"])
def test_a_dot_without_fonts_is_an_error(folder: Path, name: str) -> None:
    fonts = folder / "fonts"
    fonts.mkdir()
    (fonts / "fonts.conf").write_text(f"<fontconfig><dir>{fonts}</dir><cachedir>{fonts}</cachedir></fontconfig>")
    env = {**PLAIN, "FONTCONFIG_FILE": str(fonts / "fonts.conf")}
    refused(resdsl("draw", "resnet18", "-o", name, cwd=folder, env=env), 3, "no font", "fonts-liberation", ".svg")
    assert not (folder / name).exists()


def test_svg_dot_and_tables_need_nothing_else_and_the_rest_says_what_to_install(folder: Path) -> None:
    """Without Graphviz, PyTorch, LaTeX and fonts."""
    env = {**PLAIN, "PATH": str(folder), "FONTCONFIG_FILE": "/dev/null"}
    bare = "import os, sys\nos.chdir(sys.argv[1])\nsys.modules['torch'] = None\nfrom resdsl import cli\n"

    def run(*arguments: str) -> Run:
        return python(bare + "sys.exit(cli.main(sys.argv[2:]))", folder, *arguments, env=env)

    for view in ("overview", "layers", "block", "graph"):
        for suffix in ("svg", "dot"):
            assert run("draw", "resnet18", "--view", view, "-o", f"{view}.{suffix}").status == 0
    assert run("draw", "resnet18", "-o", "x.mmd").status == 0
    for form in ("text", "markdown", "latex", "html", "csv", "json"):
        assert run("table", "resnet18", "--style", "paper", "--format", form).status == 0
    assert run("compile", "resnet18", "-o", "x.py").status == 0
    for suffix in ("pdf", "png"):
        refused(run("draw", "resnet18", "-o", f"x.{suffix}"), 2, "Graphviz", "write a .svg")
    refused(run("verify", "resnet18"), 2, "PyTorch is not installed", "pip install 'resdsl[torch]'")


@pytest.mark.parametrize("script", ["sleep 100", "sleep 100 & wait", "sleep 100 & exit 0", "exec sleep 100",
                                    "trap '' TERM INT HUP; sleep 100"])  # fmt: skip
def test_a_dot_that_hangs_is_ended_with_all_it_started(folder: Path, script: str) -> None:
    patient = "import sys\nfrom resdsl import cli, limits\nobject.__setattr__(limits.DEFAULT, 'dot_seconds', 1)\n"
    started = time.monotonic()
    pid = folder / "pid"
    env = stub(folder, script.replace("sleep 100", f"sh -c 'echo $$ > {pid}; exec sleep 100'"))
    run = python(patient + "sys.exit(cli.main(sys.argv[1:]))", "draw", "resnet18", "-o", folder / "x.png", env=env)
    refused(run, 3, "did not finish in 1 seconds")
    assert time.monotonic() - started < 10
    assert ended(int(pid.read_text()))
    assert not list(folder.glob("*.png"))


def ended(pid: int) -> bool:
    """Whether a process that was killed is gone, or waits for nobody to ask how it ended."""
    stat = Path(f"/proc/{pid}/stat")
    for _ in range(50):
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False


def python(code: str, *arguments: str | Path, env: Mapping[str, str] = PLAIN) -> Run:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True, text=True, env=env, timeout=1000, check=False,
    )  # fmt: skip
    return Run(done.returncode, done.stdout, done.stderr)


# -- ir ----------------------------------------------------------------------------------------------------------


KEYWORDS = {
    "$defs", "$ref", "additionalProperties", "anyOf", "const", "default", "description", "enum", "items", "maxItems",
    "minItems", "prefixItems", "properties", "required", "title", "type",
}  # fmt: skip


def violations(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> Iterator[str]:
    """Where a value breaks a JSON schema, of the words that ours is written in."""
    assert set(schema) <= KEYWORDS, schema.keys()
    if "$ref" in schema:
        yield from violations(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, at)
    if "anyOf" in schema and all(any(violations(value, one, root, at)) for one in schema["anyOf"]):
        yield f"{at}: none of anyOf"
    kinds: dict[str, type | tuple[type, ...]] = {
        "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
        "null": type(None),
    }  # fmt: skip
    if "type" in schema:
        fits = isinstance(value, kinds[schema["type"]]) and isinstance(value, bool) == (schema["type"] == "boolean")
        if not fits:
            yield f"{at}: no {schema['type']}"
            return
    if value != schema.get("const", value) or value not in schema.get("enum", [value]):
        yield f"{at}: {value!r}"
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{at}: {len(value)} items"
        given = schema.get("prefixItems", [schema.get("items", {})] * len(value))
        for i, (item, its) in enumerate(zip(value, given, strict=False)):
            yield from violations(item, its, root, f"{at}[{i}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        yield from (f"{at}: lacks {name}" for name in schema.get("required", ()) if name not in value)
        rest = schema.get("additionalProperties", {})
        for name, item in value.items():
            its = known.get(name, rest)
            if its is False:
                yield f"{at}: has {name}"
            elif isinstance(its, dict):
                yield from violations(item, its, root, f"{at}.{name}")


def test_the_ir_keeps_to_its_schema() -> None:
    schema = resdsl("ir", "--schema").json()
    assert schema == json.loads((ROOT / "docs" / "ir.schema.json").read_text())
    for name in ("resnet50", "im_resnet110_exclusive", "resnet34_a", "fully_connected_resnet", "preact_resnet164"):
        ir = resdsl("ir", name).json()
        assert list(violations(ir, schema, schema)) == []
        assert ir["model"] == name


def test_the_schema_refuses_what_is_no_ir() -> None:
    schema = resdsl("ir", "--schema").json()
    ir = resdsl("ir", "resnet18").json()
    for broken in ({**ir, "more": 1}, {**ir, "version": "resdsl-ir/0"}, {**ir, "input": [3, "224", 224]}, {}):
        assert list(violations(broken, schema, schema)) != []


def test_the_ir_of_a_model_among_several_needs_its_name(folder: Path) -> None:
    assert resdsl("ir", "two.resnet:smaller", cwd=folder).json()["model"] == "smaller"
    refused(resdsl("ir", "two.resnet", cwd=folder), 2, "two.resnet:small`", "small, smaller")
    refused(resdsl("ir"), 2, "needs a SPEC")


# -- zoo, new, limits, help --------------------------------------------------------------------------------------


def test_the_zoo_lists_every_model_with_its_numbers() -> None:
    assert len(zoo()) >= 100
    for model in zoo():
        assert list(model) == ["name", "family", "file", "source", "params", "macs", "layers", "reference"]
        assert f"model {model['name']}" in Path(model["file"]).read_text()
        assert Path(model["file"]).parent.name == model["family"]
        assert all(type(model[fact]) is int and model[fact] > 0 for fact in ("params", "macs", "layers"))
        assert model["source"] and model["reference"] and all(isinstance(row, str) for row in model["reference"])
    text = resdsl("zoo")
    assert (text.status, text.err) == (0, "")
    assert text.out.isascii() and max(map(len, text.out.splitlines())) <= 100
    assert all(f"  {model['name']} " in text.out for model in zoo())


def test_new_writes_a_spec_that_is_sound_for_every_model_of_the_zoo(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom resdsl import cli\n"
        "for name in sys.argv[2:]:\n  assert cli.main(['new', f'{sys.argv[1]}/{name}.resnet', '--from', name]) == 0\n"
    )
    names = [model["name"] for model in zoo()]
    run = python(code, tmp_path, *names)
    assert (run.status, run.err) == (0, "")
    files = [str(tmp_path / f"{name}.resnet") for name in names]
    checked = resdsl("check", *files)
    assert checked.out.startswith(f"{len(names)} specs checked: nothing is wrong")
    counted = resdsl("count", *(f"{file}:{name}" for file, name in zip(files, names, strict=True)), "--json").json()
    for model, row in zip(counted["models"], zoo(), strict=True):
        assert [model[fact] for fact in ("model", "params", "macs", "layers")] == [
            row[fact] for fact in ("name", "params", "macs", "layers")
        ]


def test_new_overwrites_nothing(folder: Path) -> None:
    refused(resdsl("new", "two.resnet", cwd=folder), 2, "exists", "--force")
    assert (folder / "two.resnet").read_text() == SPEC
    assert resdsl("new", "two.resnet", "--force", cwd=folder).status == 0
    assert "model resnet18" in (folder / "two.resnet").read_text()
    refused(resdsl("new", "three", cwd=folder), 2, "three.resnet")
    refused(resdsl("new", "four.resnet", "--from", "resnet51", cwd=folder), 2, "did you mean")
    refused(resdsl("new", "no/five.resnet", cwd=folder), 3, "no such folder")
    assert untouched(folder)


def test_new_starts_from_a_model_of_a_file_too(folder: Path) -> None:
    assert resdsl("new", "mine.resnet", "--from", "two.resnet:smaller", cwd=folder).status == 0
    models = resdsl("count", "mine.resnet", "--json", "--input=32x8x8", cwd=folder).json()["models"]
    assert [m["model"] for m in models] == ["small", "smaller", "my_smaller"]


@pytest.mark.parametrize("name", ["a\nmodel b.resnet", "\x1b[31m.resnet", "\u202e.resnet", "é.resnet", "a b.resnet"])
def test_no_file_name_gets_into_the_text_of_a_new_spec_or_the_terminal(tmp_path: Path, name: str) -> None:
    run = resdsl("new", name, cwd=tmp_path)
    assert (run.status, run.err) == (0, "")
    assert "\u202e" not in run.out
    assert resdsl("check", name, cwd=tmp_path).status == 0
    head = (tmp_path / name).read_text().split("\n\n")[0].splitlines()
    assert len(head) == 6 and all(line.startswith("#") for line in head[1:])


def test_limits_are_shown_by_name() -> None:
    run = resdsl("limits")
    assert (run.status, run.err) == (0, "")
    assert "file_bytes          1,000,000\n" in run.out


def test_version_is_the_packages() -> None:
    run = resdsl("--version")
    assert (run.status, run.out, run.err) == (0, f"resdsl {__version__}\n", "")


def test_help_names_every_command_and_every_command_has_help() -> None:
    run = resdsl("--help")
    assert (run.status, run.err) == (0, "")
    assert all(f"\n    {command} " in run.out for command in COMMANDS)
    for command in COMMANDS:
        help_of = resdsl(command, "--help")
        assert (help_of.status, help_of.err) == (0, "")
        assert help_of.out.startswith(f"usage: resdsl {command} ")


# -- what goes wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "COMMAND"),
        (("cuont", "resnet50"), "cuont"),
        (("count",), "SPEC"),
        (("count", "resnet50", "--nonsense"), "--nonsense"),
        (("count", "resnet50", "\x1b[31m--x"), "zoo"),
        (("count", "resnet50", "--x\x1b[31m"), "--x"),
        (("count", "resnet50", "--by", "layer"), "layer"),
        (("count", "resnet50", "--format", "xml"), "xml"),
        (("check", "resnet50", "--format", "csv"), "csv"),
        (("draw", "resnet50", "--theme", "pink"), "pink"),
        (("count", "resnet50", "--input", "0"), None),
        (("count", "resnet50", "--input", "3x"), "3x224x224"),
        (("count", "resnet50", "--input", "-1x2x3"), "--input"),
        (("count", "resnet50", "--input", "³x2x3"), "3x224x224"),
        (("count", "resnet50", "--input", "3x0x9"), None),
        (("count", "resnet50", "--input", "3x" + "9" * 5000), "3x224x224"),
        (("count", "resnet50", "--input", "x".join(["1"] * 5000)), None),
        (("count", "resnet50", "--set", "classes"), "classes=10"),
        (("count", "resnet50", "--set", "=3"), "classes=10"),
        (("count", "resnet50", "--set", "1a=3"), "classes=10"),
        (("count", "resnet50", "--set", "a=1\nmodel b = c"), "classes=10"),
        (("count", "resnet50", "--set", "classes=)"), None),
        (("count", "resnet50", "--set", "classes=" + "9" * 5000), None),
        (("count", "resnet50", "--set", "classes=" + "(" * 5000), None),
        (("count", "resnet50", "--set", "klasses=3"), None),
        (("count", "resnet50:resnet51"), "resnet50"),
        (("count", "rsnet50"), "did you mean `resnet50`?"),
        (("count", "resnet50:"), "did you mean `resnet50`?"),
        (("count", ""), "zoo"),
        (("count", "x" * 100_000), "zoo"),
        (("count", "./" + "x" * 100_000), None),
        (("count", "nothing/at/all.resnet"), "no file `nothing/at/all.resnet`"),
    ],
)  # fmt: skip
def test_a_command_that_cannot_be_meant_is_refused(arguments: tuple[str, ...], said: str | None) -> None:
    run = resdsl(*arguments)
    refused(run, run.status, *([said] if said else []))
    assert run.status == 2 if said else run.status in (1, 2, 3)


def test_a_set_is_one_setting() -> None:
    refused(resdsl("count", "resnet50", "--set", "classes=1) model z = it(y=2"), 2)


def test_a_missing_file_is_told_with_its_neighbour(folder: Path) -> None:
    refused(resdsl("count", "tow.resnet", cwd=folder), 2, "no file `tow.resnet`", "did you mean `two.resnet`?")
    refused(resdsl("count", "./two", cwd=folder), 2, "did you mean `two.resnet`?")
    refused(resdsl("count", "two.resnet:smal", cwd=folder), 2, "did you mean `small`?")
    refused(resdsl("draw", "two.resnet", cwd=folder), 2, "several models")


@dataclass(frozen=True)
class Bad:
    """A file that is no spec, how a command ends on it, and what it says."""

    data: bytes
    said: str
    status: int = 1


BAD = {
    "empty": Bad(b"", "empty"),
    "blank": Bad(b" \n\n", ""),
    "binary": Bad(b"\x7fELF\x02\x01\x01" + bytes(100) + b"\xff\xfe", "UTF-8"),
    "utf16": Bad(SPEC.encode("utf-16"), "UTF-8"),
    "nul": Bad(SPEC.replace("16", "1\x006").encode(), "U+0000"),
    "ten megabytes": Bad(b"# " + b"x" * 10_000_000, "larger than 1,000,000 bytes"),
    "brackets": Bad(b"resdsl 1\nmodel m {\n  input 3 x 8 x 8\n  " + b"(" * 100_000 + b"\n}\n", "64"),
    "closed brackets": Bad(b"resdsl 1\nblock m { " + b"(" * 100_000 + b"id" + b")" * 100_000 + b" }\n", "64"),
    "lists": Bad(b"resdsl 1\nblock m { " + b"[" * 100_000 + b" }\n", "64"),
    "braces": Bad(b"resdsl 1\nblock m " + b"{" * 100_000, "64"),
    "digits": Bad(SPEC.replace("16", "9" * 5000).encode(), "18"),
    "exponent": Bad(SPEC.replace("16", "1e" + "9" * 5000).encode(), ""),
    "fraction": Bad(SPEC.replace("16", "0." + "1" * 5000).encode(), ""),
    "edition": Bad(b"resdsl 9999999999999999999999999\n", "edition"),
    "string": Bad(b'resdsl 1\nimport "' + b"x" * 900_000, ""),
    "escapes": Bad(b"resdsl 1\n\x1b]0;title\x07", ""),
    "one line": Bad(b"resdsl 1 " + b"model " * 150_000, ""),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_spec_is_refused_in_a_second(tmp_path: Path, name: str) -> None:
    bad = BAD[name]
    (tmp_path / "bad.resnet").write_bytes(bad.data)
    started = time.monotonic()
    run = resdsl("count", "bad.resnet", cwd=tmp_path)
    assert time.monotonic() - started < 5  # on a busy machine
    refused(run, bad.status, bad.said)
    assert len(run.err) < 2000
    assert resdsl("count", "-", stdin=bad.data).err == run.err.replace("bad.resnet", "<stdin>")


def test_what_cannot_be_read_is_said_to_be_so(folder: Path) -> None:
    refused(resdsl("count", "./", cwd=folder), 2, "is a directory", "two.resnet")
    refused(resdsl("count", "two.resnet/x.resnet", cwd=folder), 3, "no such folder")
    (folder / "loop.resnet").symlink_to("loop.resnet")
    refused(resdsl("count", "loop.resnet", cwd=folder), 3, "circle")
    (folder / "wrong.resnet").chmod(0)
    refused(resdsl("count", "wrong.resnet", cwd=folder, before=as_anybody), 3, "wrong.resnet", "permission denied")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux")
def test_a_device_that_fails_is_said_to_fail(folder: Path) -> None:
    (folder / "mem.resnet").symlink_to("/proc/self/mem")
    refused(resdsl("count", "mem.resnet", cwd=folder), 3, "cannot read `mem.resnet`")


# -- where the output goes ---------------------------------------------------------------------------------------

PRINTING = [("--help",), ("--version",), ("count", "resnet50"), ("check", "resnet50"), ("draw", "resnet50"),
            ("ir", "resnet50"), ("limits",)]  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_full_disk_is_an_error(arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        refused(resdsl(*arguments, stdout=full.fileno()), 3, "cannot write `the standard output`: the disk is full")


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_closed_pipe_ends_it_quietly(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    run = resdsl(*arguments, stdout=writing)
    os.close(writing)
    assert (run.status, run.err) == (141, "")


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_a_stream_that_is_closed_is_done_without(folder: Path, closed: int) -> None:
    def close() -> None:
        os.close(closed)

    run = resdsl("draw", "two.resnet:small", "-o", "x.svg", cwd=folder, before=close)
    assert run == Run(0, "" if closed == 1 else "wrote x.svg\n", "")
    assert (folder / "x.svg").read_text().endswith("</svg>\n")
    assert resdsl("count", "resnet50", before=close).status == 0
    run = resdsl("count", "nothing", before=close)
    assert run.status == 2 and run.out == ""


@pytest.mark.parametrize(
    "env",
    [
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii:strict"},
        {"PYTHONUNBUFFERED": "1"},
    ],
    ids=lambda env: " ".join(env),
)
def test_a_terminal_of_ascii_is_enough(folder: Path, env: dict[str, str]) -> None:
    (folder / "é.resnet").write_text(SPEC.replace("relu", "rélu"), encoding="utf-8")
    (folder / "ü.resnet").write_text(SPEC.replace("# Two", "# Zwei ü"), encoding="utf-8")
    env = {**PLAIN, **env}
    run = resdsl("check", "é.resnet", cwd=folder, env=env)
    assert run.status == 1 and run.err == "" and "lu" in run.out
    refused(resdsl("count", "é.resnet", cwd=folder, env=env), 1)
    for form in ("text", "markdown", "csv", "json"):
        run = resdsl("count", "ü.resnet", "--format", form, cwd=folder, env=env)
        assert (run.status, run.err) == (0, "")
    assert resdsl("draw", "ü.resnet:small", cwd=folder, env=env) == resdsl("draw", "ü.resnet:small", cwd=folder)
    assert resdsl("zoo", env=env).out == resdsl("zoo").out


def test_a_name_that_is_no_text_can_be_read(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.resnet")
    (tmp_path / name).write_text(SPEC)
    assert resdsl("count", name, "--json", cwd=tmp_path).json()["models"][0]["model"] == "small"
    (tmp_path / name).write_text(WRONG)
    refused(resdsl("count", name, cwd=tmp_path), 1, "rellu")
    assert resdsl("check", name, "--format", "json", cwd=tmp_path).status == 1


def test_no_home_no_path_and_no_folder_are_needed(tmp_path: Path) -> None:
    bare = {"PYTHONNOUSERSITE": "1"}
    assert resdsl("count", "resnet50", env=bare).status == 0
    gone = tmp_path / "gone"
    gone.mkdir()
    code = "import os, sys\nos.rmdir(os.getcwd())\nfrom resdsl import cli\nsys.exit(cli.main(sys.argv[1:]))"

    def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        gone.mkdir(exist_ok=True)
        return subprocess.run([sys.executable, "-c", code, *arguments], input=stdin, cwd=gone, env=PLAIN,
                              capture_output=True, text=True, timeout=60, check=False)  # fmt: skip

    assert run("count", "resnet50").returncode == 0
    assert run("count", "x.resnet").returncode == 2
    assert run("draw", "resnet50", "-o", "x.svg").returncode == 3
    imports = run("count", "-", stdin='resdsl 1\nimport "x.resnet"\n')
    assert imports.returncode == 1 and "the current folder is gone" in imports.stderr


@pytest.mark.parametrize(("variable", "colored"), [("FORCE_COLOR", True), ("NO_COLOR", False)])
def test_color_is_for_those_who_ask(folder: Path, variable: str, colored: bool) -> None:
    done = subprocess.run([sys.executable, "-m", "resdsl", "count", "wrong.resnet"], cwd=folder,
                          env={**PLAIN, variable: "1"}, capture_output=True, check=False)  # fmt: skip
    assert (b"\x1b[" in done.stderr) == colored


# -- ends that nobody planned ------------------------------------------------------------------------------------


@contextmanager
def started(*arguments: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A command that listens to Ctrl-C even where the tests themselves run in the background, and ends with them."""
    process = subprocess.Popen(
        [sys.executable, "-m", "resdsl", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_ctrl_c_ends_it_with_130(folder: Path) -> None:
    reading, writing = os.pipe()  # a spec on the standard input that never ends
    with started("count", "-", stdin=reading, cwd=folder, env=PLAIN) as process:
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    os.close(reading)
    os.close(writing)
    assert (process.returncode, out, err) == (130, b"", b"interrupted\n")


def test_ctrl_c_while_it_works_ends_it_with_130(tmp_path: Path) -> None:
    (tmp_path / "long.resnet").write_text(long_spec())
    for wait in (2.0, 2.3, 2.6):
        with started("count", *["./long.resnet"] * 200, cwd=tmp_path, env=PLAIN) as process:
            time.sleep(wait)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=10)
        # Where Ctrl-C falls into an `exec` of Python's own, Python ends itself by the signal: a shell sees 130 too.
        assert process.returncode in (130, -signal.SIGINT)
        assert (out, err) == (b"", b"interrupted\n")


def long_spec() -> str:
    """A spec that takes a while: a hundred and fifty units, all of different widths."""
    units = "\n  -> ".join(f"basic({width})" for width in range(64, 214))
    return f"resdsl 1\nmodel long {{\n  input 3 x 32 x 32\n  {units}\n}}\n"


def test_ctrl_c_while_dot_works_ends_dot_too(folder: Path) -> None:
    env = stub(folder, 'echo $$ > "$0.pid"; sleep 100')
    with started("draw", "resnet18", "-o", "x.png", cwd=folder, env=env) as process:
        pid = folder / "tools" / "dot.pid"
        for _ in range(100):
            if pid.exists() and pid.read_text().strip():
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (130, b"", b"interrupted\n")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    assert not (folder / "x.png").exists()


def test_a_bug_is_owned_up_to() -> None:
    code = (
        "import sys\nfrom resdsl import cli, network\n"
        "def broken(*_, **__):\n  raise KeyError('\\x1b[31m inside')\n"
        "network.split = broken\nsys.exit(cli.main(['count', 'resnet50']))"
    )
    run = python(code)
    assert (run.status, run.out) == (70, "")
    assert "a bug in resdsl, not in your spec. Please report it" in run.err
    assert "KeyError" in run.err and __version__ in run.err and "\x1b" not in run.err and "Traceback" not in run.err


def test_code_that_was_edited_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "net.py"
    order = ["compile", "worked_unit", "-o", str(target)]
    assert cli.main(order) == 0
    assert capsys.readouterr() == (f"wrote {target}\n", "")
    made = target.read_bytes()
    assert cli.main(order) == 0 and target.read_bytes() == made
    target.write_bytes(made + b"# mine\n")
    assert cli.main(order) == 2
    assert "was changed after resdsl wrote it" in capsys.readouterr().err
    assert target.read_bytes() == made + b"# mine\n"
    assert cli.main([*order, "--force"]) == 0 and target.read_bytes() == made


@pytest.mark.parametrize("name", ["a b", "class", "nn", "int", "\u00e9", "__init__", "self", "A): pass"])
def test_a_class_has_a_name_of_its_own(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compile", "worked_unit", "--class", name]) == 2
    assert "is no name for a class" in capsys.readouterr().err
