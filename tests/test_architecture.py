"""The house: who may import whom, what a command loads, and that what is made from other files is up to date."""

from __future__ import annotations

import ast
import builtins
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import lark
import pytest

from resdsl import files, parser, syntax
from resdsl.diagnostics import Source, Span
from resdsl.parser import table

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "resdsl"

# Who may import whom. A room is a module, or a folder of them; each may import the rooms on its right, and itself.
MAY_IMPORT = {
    "_version": "",
    "record": "",
    "limits": "",
    "diagnostics": "",
    "files": "diagnostics limits",
    "syntax": "diagnostics record",
    "parser": "syntax diagnostics limits files",
    "layout": "parser syntax diagnostics limits files",
    "ops": "diagnostics limits record",
    "graph": "ops diagnostics limits",
    "arithmetic": "ops limits",
    "scope": "parser syntax diagnostics limits",
    "static": "scope syntax diagnostics limits",
    "other_tools": "ops diagnostics",
    "unknown": "other_tools scope syntax ops arithmetic diagnostics",
    "program": "unknown static scope parser syntax diagnostics limits files",
    "elaborate": "unknown scope program syntax ops graph arithmetic diagnostics limits",
    "analyze": "graph ops limits",
    "published": "scope syntax elaborate graph analyze diagnostics limits",
    "network": "published static scope program parser syntax elaborate graph analyze ops diagnostics files limits",
    "codes": "files diagnostics",
    "findings": "network unknown static scope program parser syntax elaborate diagnostics limits",
    "mending": "findings network parser diagnostics",
    "lint": "network scope program parser syntax elaborate graph analyze ops diagnostics files record",
    "emit": "lint network scope program parser syntax elaborate graph analyze ops diagnostics limits files _version",
    "weights": "network analyze diagnostics files",
    "module": "weights emit network diagnostics",
    "verify": "module emit network analyze graph ops limits",
    "cli": "codes layout lint mending findings verify module emit network scope elaborate graph diagnostics limits "
    "files _version",
    "__init__": "layout network diagnostics _version",
    "__main__": "cli",
}
MAY_IMPORT_LATE = {"network": "emit module"}  # inside a function: the API offers what they make of a network

# What is not ours, and the only modules that may import it.
MAY_LOAD = {
    "lark": {"parser", "parser.builder", "parser.table", "parser.tokens"},
    "pydantic": {"graph"},
    "pydantic_core": {"ops.base"},
    "subprocess": {"emit.draw"},
    "torch": {"network", "weights", "module", "verify"},  # `network` for the type checker alone
    "safetensors": {"weights"},
    "numpy": set[str](),
    "jinja2": set[str](),
    "graphviz": set[str](),
    "pickle": set[str](),
    "socket": set[str](),
    "urllib": set[str](),
    "rich": set[str](),
}
OPENS_FILES = {"files"}


def modules() -> dict[str, Path]:
    """Every module by its name inside the package; a folder has the name of its `__init__`."""
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path
    return names


MODULES = modules()


def room(module: str) -> str:
    return module.split(".")[0]


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports(module: str) -> Iterator[tuple[str, bool]]:
    """What a module imports, and whether it does so late: inside a function, or for the type checker alone."""
    late = {
        id(inner)
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import"
            assert node.module is not None
            if node.module == "resdsl":
                yield from ((f"resdsl.{alias.name}", id(node) in late) for alias in node.names)
            else:
                yield node.module, id(node) in late


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_what_its_room_may(module: str) -> None:
    early = {room(module), *MAY_IMPORT[room(module)].split()}
    late = early | set(MAY_IMPORT_LATE.get(room(module), "").split())
    for name, is_late in imports(module):
        if name.startswith("resdsl."):
            assert room(name.removeprefix("resdsl.")) in (late if is_late else early), f"{module} imports {name}"


def test_the_rooms_are_in_order() -> None:
    """Each room of the table imports only rooms above it; so there is no circle."""
    above: set[str] = set()
    for name, allowed in MAY_IMPORT.items():
        assert set(allowed.split()) <= above, name
        above.add(name)
    assert above == {room(module) for module in MODULES}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_loads_only_the_libraries_that_are_its_own(module: str) -> None:
    for name, _ in imports(module):
        top = name.split(".")[0]
        assert top == "resdsl" or top in sys.stdlib_module_names or top in MAY_LOAD, f"{module} imports {name}"
        assert module in MAY_LOAD.get(top, {module}), f"{module} imports {name}"


OPENING = set(
    """open fdopen read_text read_bytes write_text write_bytes mkstemp mkdtemp NamedTemporaryFile TemporaryFile
    TemporaryDirectory SpooledTemporaryFile touch unlink rename mkdir makedirs rmdir symlink_to hardlink_to chmod
    truncate removedirs rmtree copyfile copytree""".split()
)
CHANGING = {
    "remove",
    "rename",
    "renames",
    "replace",
    "link",
    "symlink",
}  # of `os`; texts and lists have such methods too
RUNNING = {"eval", "exec", "compile", "__import__", "breakpoint"}


@pytest.mark.parametrize("module", sorted(MODULES.keys() - OPENS_FILES))
def test_files_are_opened_in_one_module(module: str) -> None:
    from_others = {a.asname or a.name for n in ast.walk(tree(module)) if isinstance(n, ast.ImportFrom) for a in n.names}
    given = from_others | set(dir(builtins))
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Name | ast.Attribute):  # called, or handed to somebody who calls it
            name = node.id if isinstance(node, ast.Name) else node.attr
            if node.id not in given if isinstance(node, ast.Name) else ast.unparse(node.value) == "self":
                continue  # a name of the module's own
            of_os = isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("os", "shutil")
            if (name in OPENING or (of_os and name in CHANGING)) and not of_devnull(module, node):
                pytest.fail(f"{module}:{node.lineno} has {name}")


def of_devnull(module: str, node: ast.expr) -> bool:
    """Whether what is opened is the end that a closed stream gets."""
    calls = [call for call in ast.walk(tree(module)) if isinstance(call, ast.Call) and node in ast.walk(call.func)]
    return any("os.devnull" in ast.unparse(call) for call in calls)


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_run_that_was_read(module: str) -> None:
    for node in ast.walk(tree(module)):
        assert not (isinstance(node, ast.Name) and node.id in RUNNING), f"{module}:{node.lineno}"


PYTHON = [path for folder in ("resdsl", "tests", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_rule_is_set_aside_for_a_reason(path: Path) -> None:
    """`# noqa: S603  # why`; in resdsl the same rules hold for every file but those that pyproject.toml names."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = re.search(r"# noqa\b(.*)", line)
        assert found is None or '"' in found[1] or re.match(r": [A-Z]+[0-9]+  # \S", found[1]), f"{path}:{number}"


# -- what a command loads ----------------------------------------------------------------------------------------

HEAVY = {"torch", "jinja2", "numpy", "graphviz", "rich", "pydantic", "pydantic_core", "asyncio", "importlib.metadata"}
LANGUAGE = {"lark", "resdsl.network", "resdsl.parser", "resdsl.program", "resdsl.elaborate", "resdsl.graph"}
MENDING = {
    f"resdsl.parser.{name}" for name in ("recovery", "repair", "habits", "errors", "edits", "usage", "braces", "slips")
}
STARTING = {"json", "dataclasses", "resdsl.diagnostics", "subprocess", "tempfile", "inspect"}


def loaded(code: str, *arguments: str) -> set[str]:
    """The modules that are there after a piece of Python."""
    report = "\nprint('loaded', *sys.modules, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", f"import sys\n{code}{report}", *arguments], cwd=ROOT,
                         capture_output=True, text=True, check=True)  # fmt: skip
    return set(run.stderr.splitlines()[-1].split()) - loaded_by_python()


@cache
def loaded_by_python() -> set[str]:
    """What the interpreter of this environment loads for itself."""
    run = subprocess.run([sys.executable, "-c", "import sys\nprint(*sys.modules)"],
                         capture_output=True, text=True, check=True)  # fmt: skip
    return set(run.stdout.split())


MAIN = "from resdsl import cli\ncli.main(sys.argv[1:])"


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("count", "--help"), ("bogus",)], ids=" ".join)
def test_help_loads_next_to_nothing(arguments: tuple[str, ...]) -> None:
    unwanted = HEAVY | LANGUAGE | (STARTING - {"resdsl.diagnostics", "dataclasses", "inspect"})
    if arguments != ("bogus",):  # a message is made fit for a terminal
        unwanted |= STARTING
    assert loaded(MAIN, *arguments) & unwanted == set()


@pytest.mark.parametrize(
    "arguments",
    [("count", "resnet50"), ("check", "resnet50"), ("draw", "resnet50"), ("count", "resnet50", "--json"), ("zoo",)],
    ids=" ".join,
)
def test_no_command_that_is_in_daily_use_loads_anything_heavy(arguments: tuple[str, ...]) -> None:
    found = loaded(MAIN, *arguments)
    assert found >= {"lark", "resdsl.network"}
    assert found & HEAVY == set()
    assert found & MENDING == set()


def test_what_mends_a_text_is_loaded_for_one_that_is_wrong(tmp_path: Path) -> None:
    spec = tmp_path / "net.resnet"
    spec.write_text("resdsl 1\nmodel net { input 3 x 8 x 8  a: relu + }\n")
    assert loaded(MAIN, "check", str(spec)) >= MENDING - {"resdsl.parser.slips"}


def test_counting_draws_nothing_and_drawing_tabulates_nothing() -> None:
    assert not loaded(MAIN, "count", "resnet50") & {
        "resdsl.emit.draw",
        "resdsl.emit.picture.svg",
        "resdsl.analyze.outline",
    }
    assert not loaded(MAIN, "draw", "resnet50") & {"resdsl.emit.table", "resdsl.emit.picture.dot", "resdsl.emit.zoo"}


def test_importing_the_package_imports_nothing_else() -> None:
    ours = {name for name in loaded("import resdsl") if name.startswith("resdsl")}
    assert ours == {"resdsl", "resdsl._version"}
    assert loaded("import resdsl") & (HEAVY | LANGUAGE | STARTING) == set()


# -- what is made from other files ----------------------------------------------------------------------------------

TEXTS = sorted([*(ROOT / "specs").rglob("*.resnet"), *(PACKAGE / "prelude").rglob("*.resnet")])


def python(code: str, **env: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **env}, cwd=ROOT, capture_output=True, check=True
    )
    return done.stdout


def canonical(table: str) -> object:
    """A parse table without the numbers that its states, tokens and rules happen to have."""
    whole = json.loads(table)
    memo = whole["memo"]

    def spelled(value: Any) -> Any:
        if isinstance(value, dict):
            return spelled(memo[str(value["@"])]) if "@" in value else {k: spelled(v) for k, v in value.items()}
        return [spelled(v) for v in value] if isinstance(value, list) else value

    lalr = whole["data"]["parser"].pop("parser")
    (start,) = lalr["start_states"].values()
    number, queue, states = {start: 0}, [start], []
    for state in queue:
        actions = lalr["states"][str(state)].items()
        row = []
        for token, (reduce, to) in sorted((lalr["tokens"][token], action) for token, action in actions):
            if not reduce and to not in number:
                number[to] = len(number)
                queue.append(to)
            row.append((token, spelled(to) if reduce else number[to]))
        states.append(row)
    assert len(states) == len(lalr["states"])
    rest = spelled(whole["data"])
    for part, key in (
        (rest["parser"]["lexer_conf"], "terminals"),
        (rest["parser"]["parser_conf"], "rules"),
        (rest, "rules"),
    ):
        part[key] = sorted(json.dumps(item, sort_keys=True) for item in part[key])
    return whole["grammar"], states, number[lalr["end_states"]["start"]], rest


def test_the_shipped_parse_table_is_that_of_the_grammar() -> None:
    shipped = files.shipped("grammars/resdsl.table.json")
    if json.loads(shipped)["lark"] != lark.__version__:
        pytest.skip("the table is of another version of lark")
    assert canonical(table.table()) == canonical(shipped), "run `make grammar`"


def test_the_parse_table_is_made_the_same_every_time() -> None:
    code = "from resdsl.parser import table\nprint(table.table(), end='')"
    made = {python(code, PYTHONHASHSEED=seed) for seed in ("0", "0", "1")}
    assert made == {files.shipped("grammars/resdsl.table.json").encode()}


def test_the_grammar_is_free_of_conflicts() -> None:
    table.compiled(files.shipped("grammars/resdsl.lark"), strict=True)


def written(value: object) -> object:
    """A piece of syntax as tuples: two that are equal have the same words at the same places."""
    if isinstance(value, tuple):
        return tuple(map(written, value))
    if isinstance(value, Span):
        return value.start, value.end
    if isinstance(value, syntax.Syntax | syntax.File):
        return type(value).__name__, *(written(getattr(value, name)) for name in value.fields)
    return value


def test_table_and_grammar_parse_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [Source(path.name, path.read_text(encoding="utf-8")) for path in TEXTS]
    by_table = [written(parser.parse(source)) for source in sources]
    compiled = table.compiled(files.shipped("grammars/resdsl.lark"))
    monkeypatch.setattr(table, "shipped", lambda: compiled)
    by_grammar = [written(parser.parse(source)) for source in sources]
    assert by_table == by_grammar
    assert by_table[0] != by_table[1]


def output(*arguments: str, **env: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "resdsl", *arguments], env={**os.environ, **env}, cwd=ROOT, capture_output=True,
        check=True,
    )  # fmt: skip
    assert done.stderr == b""
    return done.stdout


def test_the_schema_in_the_documentation_is_current() -> None:
    assert output("ir", "--schema") == (ROOT / "docs" / "ir.schema.json").read_bytes(), "run `make schema`"


PICTURES = re.findall(
    r"^resdsl draw (.*) -o (docs/pictures/\S+)$", (ROOT / "docs" / "pictures.md").read_text(encoding="utf-8"), re.M
)


@pytest.mark.parametrize(("arguments", "path"), PICTURES, ids=[path for _, path in PICTURES])
def test_the_pictures_in_the_documentation_are_current(arguments: str, path: str) -> None:
    assert output("draw", *arguments.split()) == (ROOT / path).read_bytes(), "run `make pictures`"


def test_every_picture_in_the_documentation_is_compared() -> None:
    folder = ROOT / "docs" / "pictures"
    assert sorted(path for _, path in PICTURES) == sorted(str(path.relative_to(ROOT)) for path in folder.iterdir())
    page = (ROOT / "docs" / "pictures.md").read_text(encoding="utf-8")
    assert [path for _, path in PICTURES if f'"{path[5:]}"' not in page and f"({path[5:]})" not in page] == []
