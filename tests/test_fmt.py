"""The formatter: what it makes of texts, and that it changes nothing but their layout.

RESDSL_LAYOUTS=5000 tries as many layouts.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import layouts
import pytest
import test_architecture
import test_docs
from test_cli import PLAIN, Run
from test_cli import resdsl as run_resdsl

import resdsl as api
from resdsl import cli, files, graph, layout, network, parser, program
from resdsl.diagnostics import FileError, Source, SpecError, UsageError
from resdsl.elaborate import is_template
from resdsl.parser.tokens import tokens

LAYOUTS = int(os.environ.get("RESDSL_LAYOUTS", "300"))
AT_ONCE = 25  # layouts a test
PAGE = layouts.ROOT / "docs" / "fmt.md"


def resdsl(*arguments: str, cwd: Path = layouts.ROOT, stdin: str = "", **env: str) -> Run:
    return run_resdsl(*arguments, cwd=cwd, stdin=stdin, env={**PLAIN, "PYTHONPATH": str(layouts.ROOT), **env})


# -- what it makes of texts --------------------------------------------------------------------------------------

# Lines of a block, before and after. Where both are the same the lines stay as they are.
LINES = {
    "spaces": ("conv( width,3 ,stride=2 )->norm", "conv(width, 3, stride = 2) -> norm"),
    "operators": ("let a=2**(- 1)*w//3%2-x[ 0 ][1]", "let a = 2 ** (-1) * w // 3 % 2 - x[0][1]"),
    "conditions": ("if a==1 and not b{x}else{y}", "if a == 1 and not b { x } else { y }"),
    "labels": ("a  :id\nb.c-{0}:id", "a: id\nb.c-{0}: id"),
    "lists": ("[ a,[ b ] , c ]->sum", "[a, [b], c] -> sum"),
    "comprehensions": ("[id[ i ]for i in range( 3 )]", "[id[i] for i in range(3)]"),
    "a list after in": ("[i for i in [1,2]]", "[i for i in [1, 2]]"),
    "a body of one line": ("repeat 3{a->b}", "repeat 3 { a -> b }"),
    "lines on one line": ("repeat 3{let a=1 f(a)}", "repeat 3 { let a = 1   f(a) }"),
    "a body of several lines": ("repeat 3{a->\nb}", "repeat 3 {\n  a\n  -> b\n}"),
    "an operator at the end of a line": ("a +\nb ->\nc", "a\n+ b\n-> c"),
    "a line begun before an operator": ("(a -> b\n-> c)\n+ d\n-> e", "(a -> b\n  -> c)\n+ d\n-> e"),
    "a bracket in a line": ("x * (a\n-> b)", "x * (a\n     -> b)"),
    "a bracket on lines of its own": ("x: (\na\n-> b\n)", "x: (\n  a\n  -> b\n)"),
    "a bracket with one line in it": ("x: (\na -> b\n)", "x: (a -> b)"),
    "a value of several lines": ("let s = a -> b\n-> c", "let s = a -> b\n        -> c"),
    "arguments that fit": ("f(\na,\nb\n)\n-> g(1,\n2)", "f(a, b)\n-> g(1, 2)"),
    "an argument that has a body": (
        "f(a, if c {\nb\n} else { d })",
        "f(\n  a,\n  if c {\n    b\n  } else {\n    d\n  }\n)",
    ),
    "operators in arguments": ("f(a\n+ b,\n[a\n-> b])", "f(a + b, [a -> b])"),
    "operators in an argument that has a body": (
        "f(a\n+ if c {\nb\n} else { d })",
        "f(\n  a\n  + if c {\n    b\n  } else {\n    d\n  }\n)",
    ),
    "else on a line of its own": ("if a { b }\nelse { c }", "if a { b }\nelse { c }"),
    "else behind an open body": ("if a {\nb }\nelse { c }", "if a {\n  b\n} else {\n  c\n}"),
    "an empty body": ("repeat 2 {\n\n}", "repeat 2 {}"),
    "empty lines": ("\n\nlet a = 1\n\n\n\na\n\n", "let a = 1\n\na"),
    "columns of values": ("let a = 1\nlet bcd = 2", "let a   = 1\nlet bcd = 2"),
    "an empty line between columns": ("let a = 1\n\nlet bcd = 2", "let a = 1\n\nlet bcd = 2"),
    "a comment between columns": ("let a = 1\n# b\nlet bcd = 2", "let a = 1\n# b\nlet bcd = 2"),
    "two kinds of lines": ("let a = 1\ndefault bcd = 2", "let a = 1\ndefault bcd = 2"),
    "columns of arguments": (
        "a: f(u, w, d[0])\nb: f(u, 2 * w, d[1], s = 2)\nc: f(u, 16 * w, d[2], s = 2)",
        "a: f(u, w,      d[0])\nb: f(u, 2 * w,  d[1], s = 2)\nc: f(u, 16 * w, d[2], s = 2)",
    ),
    "labels of two lengths": ("a: f(1, 2)\nbc: f(10, 2)", "a: f(1, 2)\nbc: f(10, 2)"),
    "another block": ("a: f(1, 2)\nb: g(10, 2)", "a: f(1, 2)\nb: g(10, 2)"),
    "calls as arguments": ("a: f(g(1), 2, 1)\nb: f(g(100), 10, 1)", "a: f(g(1), 2, 1)\nb: f(g(100), 10, 1)"),
    "other names of arguments": ("a: f(x = 1, z = 2)\nb: f(yy = 1, z = 2)", "a: f(x = 1, z = 2)\nb: f(yy = 1, z = 2)"),
    "comments behind lines": ("a: id # one\nbcd: id  # two", "a: id    # one\nbcd: id  # two"),
    "a comment above a line": ("# one\n  a", "# one\na"),
    "a comment in a chain": ("a # one\n-> b # two\n# three\n-> c", "a     # one\n-> b  # two\n# three\n-> c"),
    "comments behind operators": ("a -> # one\nb ->\n# two\nc", "a  # one\n-> b\n# two\n-> c"),
    "comments behind arguments": ("f(a, # one\nb # two\n)", "f(\n  a,  # one\n  b   # two\n)"),
    "a comment before a comma": ("f(a # one\n, b)", "f(\n  a,  # one\n  b\n)"),
    "a comment behind a brace": ("repeat 2 { # one\na }", "repeat 2 {  # one\n  a\n}"),
    "a comment at the end of a body": ("repeat 2 {\na\n\n# one\n}", "repeat 2 {\n  a\n\n  # one\n}"),
    "a comment before else": ("if a { b } # one\nelse { c }", "if a { b }  # one\nelse { c }"),
    "a comment in the middle of nowhere": ("let a # one\n= 1", "let a  # one\n  = 1"),
    "a comment like code": ('f("# no") # -> b', 'f("# no")  # -> b'),
    "a line that goes on": ("let a = 3\nx5: id", "let a = 3\nx5: id"),
    "a list of its own": ("a: id\n[a, a]", "a: id\n[a, a]"),
}  # fmt: skip


@pytest.mark.parametrize("before, after", LINES.values(), ids=LINES)
def test_lines(before: str, after: str) -> None:
    expected = f"resdsl 1\nblock b {{\n{textwrap.indent(after, '  ')}\n}}\n"
    assert api.format(f"resdsl 1 block b {{\n{before}\n}}") == expected
    assert api.format(expected) == expected


FILES = {
    "one line of each": ("resdsl 1\nblock a{id}\nblock b{id}", "resdsl 1\nblock a { id }\nblock b { id }\n"),
    "a block on one line": ("resdsl 1 block a{id}block b{id}", "resdsl 1\nblock a { id }\nblock b { id }\n"),
    "empty lines": ("\n\nresdsl 1\n\n\nblock a{id}\n\n\nblock b{id}\n\n",
                    "resdsl 1\n\nblock a { id }\n\nblock b { id }\n"),
    "a line between definitions": ("resdsl 1\nblock a{\nid}\nblock b{id}\nblock c(d){\nid}",
                                   "resdsl 1\nblock a {\n  id\n}\n\nblock b { id }\n\nblock c(d) {\n  id\n}\n"),
    "a line above the comment": ("resdsl 1\nblock a{\nid}\n# doc\nblock b{id}",
                                 "resdsl 1\nblock a {\n  id\n}\n\n# doc\nblock b { id }\n"),
    "variants": ("resdsl 1\nmodel a=b\nmodel cde=b(x=1){default f=g\n}\nmodel f=b",
                 "resdsl 1\nmodel a = b\n\nmodel cde = b(x = 1) {\n  default f = g\n}\n\nmodel f = b\n"),
    "columns of variants": ("resdsl 1\nmodel a=b\nmodel cde=b{input 3x8x8 c:id}",
                            "resdsl 1\nmodel a   = b\nmodel cde = b { input 3 x 8 x 8   c: id }\n"),
    "a comment below a definition": ("resdsl 1\nblock a{\nid}\n# of a\n\nblock b{\nid}",
                                     "resdsl 1\nblock a {\n  id\n}\n# of a\n\nblock b {\n  id\n}\n"),
    "a comment in a head": ("resdsl 1\nmodel # a\nb{input 3 c:id}", "resdsl 1\nmodel  # a\n  b { input 3   c: id }\n"),
    "a comment in the head of an open body": ("resdsl 1\nmodel # a\nb{\ninput 3}",
                                              "resdsl 1\nmodel  # a\n  b {\n  input 3\n}\n"),
    "imports": ('resdsl 1\nimport"a.resnet"\nimport"b.resnet"\nblock a{\nid}',
                'resdsl 1\nimport "a.resnet"\nimport "b.resnet"\n\nblock a {\n  id\n}\n'),
    "line ends and marks": ("\ufeffresdsl 1 # a \r\nblock a{\tid }\r\n# b", "resdsl 1  # a\nblock a { id }\n# b\n"),
    "comments at the head": ("# a\n\n# b\nresdsl 1\n# c\n\nblock a{id}",
                             "# a\n\n# b\nresdsl 1\n# c\n\nblock a { id }\n"),
    "a name before a bracket": ("resdsl 1\nblock a (b){b}", "resdsl 1\nblock a(b) { b }\n"),
    "nothing but the edition": ("resdsl\n1", "resdsl 1\n"),
}  # fmt: skip


@pytest.mark.parametrize("before, after", FILES.values(), ids=FILES)
def test_files(before: str, after: str) -> None:
    assert api.format(before) == after
    assert api.format(after) == after


# Lines that are too long for 40 columns.
LONG = {
    "a chain": (
        "conv(8, 3) -> norm -> act -> conv(8, 3) -> norm -> act -> id",
        "conv(8, 3) -> norm -> act\n-> conv(8, 3) -> norm -> act -> id",
    ),
    "a sum of branches": (
        "(conv(8, 3) -> norm) + (conv(8, 1) -> norm) -> act -> id",
        "(conv(8, 3) -> norm)\n+ (conv(8, 1) -> norm)\n-> act -> id",
    ),
    "a chain that begins with a thought": (
        "x -> conv(8, 3) -> aaaaa -> bbbbb -> ccccc -> ddddd",
        "x -> conv(8, 3) -> aaaaa -> bbbbb\n-> ccccc -> ddddd",
    ),
    "two sums of branches": (
        "a: (conv(8, 3) -> norm) + (conv(8, 1) -> norm) -> act\n(conv(8, 3) -> norm) + (conv(8, 1) -> norm) -> act",
        "a: (conv(8, 3) -> norm)\n+ (conv(8, 1) -> norm)\n-> act\n(conv(8, 3) -> norm)\n+ (conv(8, 1) -> norm)\n-> act",
    ),
    "a sum of names": (
        "let a = aaaaaaaa + bbbbbbb + cccccccc + ddddddd",
        "let a = aaaaaaaa + bbbbbbb + cccccccc\n        + ddddddd",
    ),
    "a product": ("id * (globalpool -> conv(8, 1) -> gates)", "id\n* (globalpool -> conv(8, 1) -> gates)"),
    "a branch": (
        "(conv(8, 3) -> norm -> act -> conv(8, 3) -> norm) + id -> act",
        "(conv(8, 3) -> norm -> act\n  -> conv(8, 3) -> norm)\n+ id\n-> act",
    ),
    "a section": ("stem { conv(8, 3) -> norm -> maxpooling(3) }", "stem {\n  conv(8, 3) -> norm -> maxpooling(3)\n}"),
    "arguments": (
        "attention(aaaaaaaaaa, bbbbbbbbb, ccccccccccc)",
        "attention(\n  aaaaaaaaaa, bbbbbbbbb, ccccccccccc\n)",
    ),
    "many arguments": (
        "attention(aaaaaaaaaa, bbbbbbbbb, ccccccccccc, d)",
        "attention(\n  aaaaaaaaaa,\n  bbbbbbbbb,\n  ccccccccccc,\n  d\n)",
    ),
    "a list of numbers": (
        "let a = [1111, 2222, 3333, 4444, 5555, 6666, 7777]",
        "let a = [\n  1111, 2222, 3333, 4444, 5555, 6666,\n  7777\n]",
    ),
    "a choice": (
        "if aaaaaaaa == 1 { bbbbbbbbbbb } else { ccccccccc }",
        "if aaaaaaaa == 1 { bbbbbbbbbbb }\nelse { ccccccccc }",
    ),
    "a choice of three": (
        "if a == 1 { bbbbbb } else if a == 2 { cccccc } else { ddd }",
        "if a == 1 { bbbbbb }\nelse if a == 2 { cccccc }\nelse { ddd }",
    ),
    "comments that do not fit below each other": (
        "let a = 1 # one one one one one one\nconv(8, 3) -> norm -> act # two",
        "let a = 1  # one one one one one one\nconv(8, 3) -> norm -> act  # two",
    ),
    "columns that do not fit": (
        "let a = bbbbbbbbbbbbbbbbbbbbbbbbbbbb\nlet accccccccc = 2",
        "let a = bbbbbbbbbbbbbbbbbbbbbbbbbbbb\nlet accccccccc = 2",
    ),
    "a comment": (
        "a -> b # and a long remark that goes far too far",
        "a -> b  # and a long remark that goes far too far",
    ),
    "nothing to break": (
        "let a = bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        "let a = bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    ),
}


@pytest.mark.parametrize("before, after", LONG.values(), ids=LONG)
def test_long_lines(before: str, after: str) -> None:
    expected = f"resdsl 1\nmodel b {{\n  input 3\n{textwrap.indent(after, '  ')}\n}}\n"
    assert api.format(f"resdsl 1\nmodel b {{\ninput 3\n{before}\n}}", 40) == expected
    assert api.format(expected, 40) == expected


def test_a_definition_that_is_too_long_opens_its_body_first() -> None:
    before = "resdsl 1\nmodel aaaaaaaaaaa = bbbbbbbbbb(ccc = 1) { expect layers = 18 }\n"
    after = "resdsl 1\nmodel aaaaaaaaaaa = bbbbbbbbbb(\n  ccc = 1\n) {\n  expect layers = 18\n}\n"
    assert api.format(before, 40) == after
    assert api.format(after, 40) == after
    assert api.format(before, 50) == before.replace("{ expect", "{\n  expect").replace(" }", "\n}")


# -- the project is in the style ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", layouts.SPECS, ids=lambda path: path.stem)
def test_the_specs_of_the_project_are_in_the_style(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert api.format(text) == text, "run `make format`"


@pytest.mark.parametrize("snippet", test_docs.SNIPPETS, ids=lambda s: f"{s.page}:{s.line}")
def test_the_snippets_of_the_documentation_are_in_the_style(snippet: test_docs.Snippet) -> None:
    text = snippet.text
    if "fragment-model" in snippet.marks:
        text = f"resdsl 1\nmodel fragment {{\n  input 64 x 56 x 56\n{textwrap.indent(text, '  ')}}}\n"
    assert api.format(text) == text


def test_new_specs_are_in_the_style(tmp_path: Path) -> None:
    for name in sorted(files.zoo())[::9]:
        assert cli.main(["new", str(tmp_path / "mine.resnet"), "--from", name, "--force"]) == 0
        text = (tmp_path / "mine.resnet").read_text()
        assert api.format(text) == text


def test_the_page_shows_what_is_made() -> None:
    pairs = re.findall(r"```text\n(.*?)```\n\nbecomes\n\n```resnet\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(pairs) == 2
    for before, after in pairs:
        assert api.format(before) == after


def test_the_default_length_is_the_one_that_is_told() -> None:
    told = re.findall(r"--line-length N\s+\(default: (\d+)\)", resdsl("fmt", "--help").out)
    assert told == [str(layout.LINE_LENGTH)]
    assert f"`--line-length N` ({layout.LINE_LENGTH} where" in PAGE.read_text(encoding="utf-8")


# -- nothing but the layout changes ------------------------------------------------------------------------------


def said(text: str) -> tuple[list[str], list[str]]:
    """The tokens and the comments of a text, told apart by Python alone: no string of a spec holds a `#`."""
    comments = [line.partition("#")[2].rstrip() for line in text.split("\n") if "#" in line]
    code = "".join(line.partition("#")[0] + "\n" for line in text.split("\n"))
    return re.findall(r"\w+|[^\w\s]", re.sub(r"(?<=\d)[ \t]*x[ \t]*(?=\d)", "x", code)), comments


def ir(text: str) -> object:
    """The IR of all models of a text, without its places and its words: what is quoted of the spec has its layout."""
    spec = program.load(Source("layout.resnet", text))
    whole = [m for m in spec.models.values() if not is_template(m)]
    return [unquoted(json.loads(graph.dump(network.Network(spec, model).program))) for model in whole]


def unquoted(value: object) -> object:
    if isinstance(value, dict):
        return {key: unquoted(inner) for key, inner in value.items() if key not in ("at", "line", "text", "doc")}
    if isinstance(value, list):
        return [unquoted(inner) for inner in value]
    return value if not isinstance(value, str) or re.fullmatch(r"[\w./{}-]*", value) else "..."


@pytest.mark.parametrize("first", range(0, LAYOUTS, AT_ONCE))
def test_any_layout_is_put_right_at_once_and_says_what_it_said(first: int) -> None:
    for seed in range(first, min(first + AT_ONCE, LAYOUTS)):
        spec = layouts.text(seed)
        text = layouts.scrambled(spec, seed)
        length = (120, 40, 88)[seed % 3]
        made = api.format(text, length)
        assert api.format(made, length) == made, f"seed {seed}:\n{text}"
        assert said(made.replace("\r", "")) == said(text.replace("\r", "")), f"seed {seed}:\n{text}"
        if seed % 10 == 0:
            assert ir(made) == ir(text) == ir(spec) != [], f"seed {seed}:\n{text}"


def test_layouts_hold_what_is_hard() -> None:
    texts = [layouts.scrambled(layouts.text(seed), seed) for seed in range(60)]
    assert any("\r\n" in text for text in texts) and any(re.search(r"->\s*#", text) for text in texts)
    assert sum("#" in text for text in texts) > 30 and any(text.count("\n") < 5 for text in texts)


def test_a_text_that_is_wrong_is_refused_with_its_error() -> None:
    with pytest.raises(SpecError) as refused:
        api.format("resdsl 1\nblock a { conv(3 }\n")
    assert refused.value.diagnostics[0].code.startswith("E01")


def change(what: str) -> Callable[[Source, int], str]:
    """A formatter with a fault."""
    made = layout._laid_out

    def faulty(source: Source, limit: int) -> str:
        text = made(source, limit)
        return {
            "words": text.replace("norm", "act", 1),
            "comments": text.replace("# two", "# 2"),
            "order": text.replace("# two", "# 0").replace("# one", "# two").replace("# 0", "# one"),
            "syntax": text.replace("# one\nblock", "# one\n\nblock"),
            "an error": text.replace("}", "", 1),
        }[what]

    return faulty


FAULTY = "resdsl 1\n\n# one\nblock b { norm  -> norm }\n# two\n"


@pytest.mark.parametrize("what", ["words", "comments", "order", "syntax", "an error"])
def test_a_bug_is_noticed_and_nothing_is_written(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(layout, "_laid_out", change(what))
    path = tmp_path / "a.resnet"
    path.write_text(FAULTY)
    assert cli.main(["fmt", str(path)]) == 70
    out, err = capsys.readouterr()
    assert out == "" and "this is a bug in resdsl" in err and ("comments" if what == "order" else what) in err
    assert path.read_text() == FAULTY


def test_brackets_may_be_as_deep_as_the_limit_and_lines_stay_near() -> None:
    deep = "resdsl 1\nblock b { " + "(aaaaaaaa * " * 60 + "(id\n-> id)" + ")" * 60 + " }\n"
    made = api.format(deep)
    assert api.format(made) == made
    assert max(map(len, made.splitlines())) < 150


def test_a_text_that_would_grow_too_large_is_left_alone() -> None:
    deep = "resdsl 1\nblock b { " + "(" * 60 + "id\n" + "-> id\n" * 16_000 + ")" * 60 + " }\n"
    with pytest.raises(SpecError, match="larger than"):
        api.format(deep)


BODIES = {
    "a chain": " -> ".join(["conv(3, 3) -> norm"] * 800),
    "a sum": " + ".join(["aaaa"] * 3000),
    "branches": " + ".join(["(a -> b)"] * 1500),
    "a list": f"[{', '.join(['12345'] * 3000)}]",
    "arguments": f"f({', '.join(['g(1)'] * 2000)})",
    "lines": "let a = [1]   " * 1000,
    "calls": "a: f(1, 2)\n" * 1000,
    "choices": f"if a == 1 {{ b }} {'else if a == 2 { b } ' * 700}else {{ c }}",
    "comments": "# a\n" * 3000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_work_grows_with_the_text(body: str) -> None:
    def calls(times: int) -> int:
        """How many functions are called: a clock would also tell what else the machine does."""
        text = f"resdsl 1\nblock b {{ {body * times if body.endswith(('   ', chr(10))) else repeated(body, times)} }}"
        count = itertools.count()
        sys.setprofile(lambda *_: next(count))
        try:
            layout._laid_out(Source("long", text), 120)
        finally:
            sys.setprofile(None)
        return next(count)

    def repeated(line: str, times: int) -> str:
        joint = " + " if " + " in line else " -> "
        return joint.join([line] * times)

    assert calls(8) < 12 * calls(1)  # 8 times where it is linear, 64 where it is quadratic


# -- comments above declarations ---------------------------------------------------------------------------------


def docs(text: str) -> list[tuple[str, ...]]:
    return [getattr(d, "doc", ()) for d in parser.parse(Source("text", text)).definitions]


def test_a_comment_documents_the_first_declaration_of_the_line_below() -> None:
    assert docs("resdsl 1\n\n# one\nblock a { id } block b { id }\n") == [("one",), ()]


def test_a_comment_behind_code_is_no_head_of_the_file() -> None:
    assert parser.parse(Source("text", "resdsl 1\nblock a { id } # one\n")).doc == ()
    assert parser.parse(Source("text", "resdsl 1 block a {\n# one\n\nid }\n")).doc == ()
    assert parser.parse(Source("text", "resdsl 1\n# one\n\nblock a { id }\n")).doc == ("one",)


# -- the command -------------------------------------------------------------------------------------------------

UGLY, NEAT = "resdsl 1\nblock a{id}\n", "resdsl 1\nblock a { id }\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("ugly.resnet", "in/ugly.resnet", "in/other.txt", ".hidden/ugly.resnet"):
        (tmp_path / name).write_text(UGLY)
    (tmp_path / "neat.resnet").write_text(NEAT)
    (tmp_path / "wrong.resnet").write_text("resdsl 1\nblock a{id\n")
    return tmp_path


def test_files_are_rewritten_and_folders_searched(folder: Path) -> None:
    run = resdsl("fmt", "neat.resnet", "in", "in/ugly.resnet", cwd=folder)
    assert run.out == "reformatted in/ugly.resnet\n1 file reformatted, 1 in the style already\n"
    assert (run.status, run.err) == (0, "")
    assert (folder / "in/ugly.resnet").read_text() == NEAT
    assert {(folder / name).read_text() for name in ("ugly.resnet", "in/other.txt", ".hidden/ugly.resnet")} == {UGLY}


def test_a_file_with_an_error_is_left_alone_and_the_others_are_not(folder: Path) -> None:
    run = resdsl("fmt", ".", cwd=folder)
    assert run.status == 1 and "is never closed" in run.err and "wrong.resnet:2:8" in run.err
    assert run.out.endswith("2 files reformatted, 1 in the style already, 1 with errors\n")
    assert (folder / "wrong.resnet").read_text() == "resdsl 1\nblock a{id\n"
    assert (folder / "ugly.resnet").read_text() == NEAT


def test_check_names_files_and_writes_none(folder: Path) -> None:
    run = resdsl("fmt", "--check", "neat.resnet", "ugly.resnet", cwd=folder)
    assert (run.status, run.err) == (1, "")
    assert run.out == "would reformat ugly.resnet\n1 file would be reformatted, 1 in the style already\n"
    assert (folder / "ugly.resnet").read_text() == UGLY
    assert resdsl("fmt", "--check", "neat.resnet", cwd=folder).status == 0


def test_the_diff_is_a_patch(folder: Path) -> None:
    (folder / "end.resnet").write_text("resdsl 1\n\nblock a{id} # ü")
    run = resdsl("fmt", "--diff", "ugly.resnet", "end.resnet", "neat.resnet", cwd=folder)
    assert (run.status, run.err) == (1, "")
    assert run.out.startswith(
        "--- ugly.resnet\n+++ ugly.resnet\n@@ -1,2 +1,2 @@\n resdsl 1\n-block a{id}\n+block a { id }\n"
    )
    assert (folder / "ugly.resnet").read_text() == UGLY
    subprocess.run(["git", "apply", "-p0"], input=run.out.encode(), cwd=folder, check=True)
    assert (folder / "ugly.resnet").read_text() == NEAT
    assert (folder / "end.resnet").read_text() == "resdsl 1\n\nblock a { id }  # ü\n"
    assert resdsl("fmt", "--diff", "ugly.resnet", cwd=folder).out == ""


def test_the_standard_input_goes_to_the_standard_output() -> None:
    run = resdsl("fmt", "-", stdin=UGLY + "# ü\n", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (run.status, run.out, run.err) == (0, NEAT + "# ü\n", "")
    wrong = resdsl("fmt", "-", stdin="resdsl 1\nblock a{")
    assert (wrong.status, wrong.out) == (1, "") and "<stdin>:2:8" in wrong.err
    check = resdsl("fmt", "--check", "-", stdin=UGLY)
    assert (check.status, check.out.splitlines()[0]) == (1, "would reformat <stdin>")


def test_other_line_ends_and_a_mark_are_a_difference(folder: Path) -> None:
    for data in (NEAT.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + NEAT.encode()):
        (folder / "neat.resnet").write_bytes(data)
        assert resdsl("fmt", "--check", "neat.resnet", cwd=folder).status == 1
        assert resdsl("fmt", "neat.resnet", cwd=folder).status == 0
        assert (folder / "neat.resnet").read_bytes() == NEAT.encode()


def test_the_mode_is_kept_and_a_neat_file_is_not_touched(folder: Path) -> None:
    (folder / "ugly.resnet").chmod(0o640)
    before = (folder / "neat.resnet").stat()
    assert resdsl("fmt", "ugly.resnet", "neat.resnet", cwd=folder).status == 0
    assert stat.S_IMODE((folder / "ugly.resnet").stat().st_mode) == 0o640
    after = (folder / "neat.resnet").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["link.resnet"], 2, "is a link"),
        (["none.resnet"], 2, "there is no file `none.resnet`"),
        (["resnet50"], 2, "there is no file `resnet50`"),
        (["empty"], 2, "there is no `.resnet` file in `empty`"),
        (["-", "neat.resnet"], 2, "stands alone"),
        (["--line-length", "0", "neat.resnet"], 2, "above 0"),
    ],
)
def test_what_cannot_be_formatted_is_refused(folder: Path, arguments: list[str], status: int, words: str) -> None:
    (folder / "link.resnet").symlink_to("ugly.resnet")
    (folder / "empty").mkdir()
    run = resdsl("fmt", *arguments, cwd=folder)
    assert run.status == status and words in run.err
    assert (folder / "ugly.resnet").read_text() == UGLY and (folder / "link.resnet").is_symlink()


def test_a_link_in_a_folder_is_left_alone(folder: Path) -> None:
    (folder / "in/link.resnet").symlink_to("../ugly.resnet")
    assert resdsl("fmt", "in", cwd=folder).out.endswith("1 file reformatted, 0 in the style already\n")
    assert (folder / "ugly.resnet").read_text() == UGLY


def test_a_file_that_changes_meanwhile_is_kept(folder: Path) -> None:
    path = folder / "ugly.resnet"
    with pytest.raises(FileError, match="changed meanwhile"):
        files.rewrite(path, NEAT.encode(), b"x")
    assert path.read_text() == UGLY
    with pytest.raises(UsageError):
        files.rewrite(folder, b"", b"x")
    files.rewrite(path, UGLY.encode(), NEAT.encode())
    assert path.read_text() == NEAT and not list(folder.glob(".resdsl*"))


def test_a_file_that_may_not_be_written_is_not_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # root may write everything
    with pytest.raises(FileError, match="permission denied"):
        files.rewrite(folder / "ugly.resnet", UGLY.encode(), NEAT.encode())
    assert (folder / "ugly.resnet").read_text() == UGLY


def test_a_file_that_changes_while_it_is_read_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "contents", lambda path: NEAT.encode())
    assert cli.main(["fmt", str(folder / "ugly.resnet")]) == 3
    assert (folder / "ugly.resnet").read_text() == UGLY


def test_formatting_loads_little() -> None:
    found = test_architecture.loaded(test_architecture.MAIN, "fmt", "--check", "specs/vgg/vgg.resnet")
    unwanted = test_architecture.HEAVY | {"resdsl.network", "resdsl.elaborate", "resdsl.ops"}
    assert "lark" in found and not found & unwanted


def test_ctrl_c_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ugly.resnet"
    path.write_text(UGLY)
    interrupted = (
        "import os, signal, sys\nfrom resdsl import cli, files\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # where the tests run behind, it may be ignored
        "files.rewrite = lambda *_: os.kill(os.getpid(), signal.SIGINT)\n"  # just before the file is written
        "sys.exit(cli.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", interrupted, "fmt", str(path)]
    done = subprocess.run(command, cwd=layouts.ROOT, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (130, b"interrupted\n")
    assert path.read_text() == UGLY and list(tmp_path.iterdir()) == [path]


def test_the_hooks_are_commands() -> None:
    text = (layouts.ROOT / ".pre-commit-hooks.yaml").read_text()
    assert re.findall(r"^- id: (\S+)", text, re.M) == ["resdsl-fmt", "resdsl-check"]
    for entry in re.findall(r"^  entry: resdsl (\S+)$", text, re.M):
        assert resdsl(entry, "--help").status == 0


def test_the_tokens_of_a_text_are_its_own() -> None:
    """Two readers of tokens agree: the one that the formatter trusts, and the plain one of this file."""
    for path in layouts.SPECS[:5]:
        text = path.read_text(encoding="utf-8")
        words = "".join("".join(str(word).split()) for word in tokens(Source("x", text)).words)
        assert words == "".join(said(text)[0])
