"""The prelude is a library like any other: small documented blocks, and the compiler knows none of them by name."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from lark import Lark

from resdsl import files, parser, program, syntax
from resdsl.analyze.report import BlockRow, Report
from resdsl.diagnostics import Source, SpecError
from resdsl.elaborate import elaborate, is_template
from resdsl.ops import OPS, Cost, Type

ROOT = Path(__file__).resolve().parents[1]
DEFINITIONS = {
    definition.name: definition for source in files.prelude() for definition in parser.parse(source).definitions
}
MOST_PARAMETERS = 8

# Words of the compiler that are also names in the prelude, where they stand and what they are there.
OTHER_WORDS = {
    ("parser/table.py", "basic"): "one of Lark's lexers",
    ("analyze/changes.py", "norm"): "a column of costs",
    ("analyze/outline.py", "identity"): "a kind of shortcut: what an operand of a sum is, not what it is called",
    ("emit/difference/words.py", "identity"): "a shortcut without ops, in words",
    ("emit/picture/captions.py", "identity"): "the same kind, in words",
    ("emit/picture/legend.py", "identity"): "the same kind, drawn",
    ("emit/picture/block.py", "identity"): "the same kind, told from a strand of the figure",
    ("emit/picture/layers.py", "identity"): "the same kind, told from a strand of the figure",
    ("cli.py", "identity"): "a style of table",
    ("emit/tables/command.py", "identity"): "a style of table",
    ("emit/tables/paper.py", "stage"): "the heading of a column",
    ("emit/tables/rows.py", "stage"): "a column",
    ("emit/tables/walks.py", "identity"): "a column",
    ("emit/tables/walks.py", "stage"): "a column",
    ("ops/base.py", "norm"): "a column of costs",
    ("ops/pointwise.py", "act"): "the attribute that an op gets in the code",
    ("ops/routing.py", "pad"): "the attribute that an op gets in the code",
    ("ops/weighted.py", "norm"): "the attribute that an op gets in the code",
}

Numbers = tuple[Type, int, Cost, tuple[tuple[object, ...], ...]]


# -- other names -------------------------------------------------------------------------------------------------


@cache
def lexer() -> Lark:
    return Lark(files.shipped("grammars/resdsl.lark"), parser="lalr", lexer="basic")


def renamed(text: str) -> str:
    """A text with other names for the blocks and functions of the prelude; labels and comments stay as they are."""
    words = []
    for token in lexer().lex(text, dont_ignore=True):
        renames = token.type in ("NAME", "CALL") and str(token) in DEFINITIONS
        words.append(f"zz_{token}" if renames else str(token))
    return "".join(words)


@cache
def renamed_prelude() -> tuple[Source, ...]:
    return tuple(Source(source.name, renamed(source.text), shipped=True) for source in files.prelude())


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The specs of the project, written with the other names."""
    root = tmp_path_factory.mktemp("renamed")
    (root / "pyproject.toml").touch()  # imports may not leave the project
    for path in SPECS:
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(renamed(path.read_text(encoding="utf-8")), encoding="utf-8")
    return root


SPECS = [*sorted((ROOT / "specs").rglob("*.resnet")), *sorted((ROOT / "tests" / "data").glob("*.resnet"))]


def block_numbers(row: BlockRow) -> tuple[object, ...]:
    name = row.name if row.name not in DEFINITIONS else f"zz_{row.name}"
    ops = tuple((op.name, op.count, op.output, op.cost) for op in row.ops)
    return name, row.count, row.input, row.output, row.layers, row.cost, ops


def numbers(report: Report) -> list[Numbers]:
    """All that a report says, under the other names."""
    assert report.cost == sum((section.cost for section in report.sections), Cost())
    return [(s.output, s.layers, s.cost, tuple(block_numbers(b) for b in s.blocks)) for s in report.sections]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_other_names_for_the_prelude_change_no_number(path: Path, elsewhere: Path) -> None:
    spec = program.load(files.read_file(path))
    other = program.load(files.read_file(elsewhere / path.relative_to(ROOT)), prelude=renamed_prelude())
    assert list(other.models) == list(spec.models)
    for name, model in spec.models.items():
        if is_template(model):
            continue
        before, after = Report(elaborate(spec, model)), Report(elaborate(other, other.models[name]))
        assert after.facts() == before.facts(), name
        assert numbers(after) == numbers(before), name


def test_renamed_prelude_has_none_of_the_old_names() -> None:
    names = {definition.name for source in renamed_prelude() for definition in parser.parse(source).definitions}
    assert names == {f"zz_{name}" for name in DEFINITIONS}
    user = Source("user", "resdsl 1\nmodel one {\n  input 64 x 8 x 8\n  unit { basic(64) }\n}\n")
    with pytest.raises(SpecError):
        elaborate(spec := program.load(user, prelude=renamed_prelude()), spec.models["one"])


def test_renaming_leaves_labels_and_comments_alone() -> None:
    text = "# basic\nblock basic(width) { stage.0: (norm -> norm: norm(start = 1.0)) -> x }\n"
    assert renamed(text) == text.replace("block basic", "block zz_basic").replace(
        "(norm -> norm: norm(", "(zz_norm -> norm: zz_norm("
    )


# -- its shape ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DEFINITIONS)
def test_prelude_block_is_small_and_documented(name: str) -> None:
    definition = DEFINITIONS[name]
    assert isinstance(definition, syntax.Block | syntax.Function)
    assert len(definition.params) <= MOST_PARAMETERS
    assert " ".join(definition.doc).strip().endswith((".", ")."))


def test_prelude_names_are_no_ops() -> None:
    assert not set(DEFINITIONS) & set(OPS)


# -- the compiler knows no block by name ---------------------------------------------------------------------------


def words(path: Path) -> set[str]:
    """Every string in a Python file, as a whole."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def named_blocks() -> set[tuple[str, str]]:
    """Where the compiler has a string that is a name of the prelude."""
    package = ROOT / "resdsl"
    found = {(path.relative_to(package).as_posix(), word) for path in package.rglob("*.py") for word in words(path)}
    return {(path, word) for path, word in found if word in DEFINITIONS}


def test_compiler_names_no_block_of_the_prelude() -> None:
    assert named_blocks() - set(OTHER_WORDS) == set()


def test_every_other_word_is_still_there() -> None:
    assert set(OTHER_WORDS) - named_blocks() == set()
