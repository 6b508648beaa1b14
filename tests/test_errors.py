"""Every mistake has its error: the code, the words, the place, the other side, and the way out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from mistakes import INSIDE, KINDS, NET, TABLE, Mistake, block, model, part

from resdsl import files, findings, network, program, unknown
from resdsl.diagnostics import Diagnostic, ResdslError, Source, Span, as_json, as_text

NAME = "net.resnet"


@cache
def found(text: str) -> tuple[Diagnostic, ...]:
    """All that is wrong with a text."""
    return findings.of(Source(NAME, text))


def rows(test: str, only: list[Mistake] = TABLE) -> list[object]:
    """The table for one of the tests, with its known failures marked."""
    kinds = {id(row): kind for kind, rows_ in KINDS.items() for row in rows_}
    return [
        pytest.param(
            row,
            id=f"{kinds[id(row)]}: {row.id}",
            marks=[pytest.mark.xfail(strict=True, reason=row.bug)] if row.bug and row.fails == test else [],
        )
        for row in only
    ]


# -- what is said ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("finding"))
def test_a_mistake_is_found_where_it_is(row: Mistake) -> None:
    diagnostics = found(row.spec)
    assert {d.code for d in diagnostics} == {row.code}, [d.message for d in diagnostics]
    first = diagnostics[0]
    if row.fails != "words":
        for words in row.says:
            assert words in first.message
    assert first.labels[0].span.text == row.covers
    assert len(first.labels) + len(first.trail) >= row.labels
    assert first.severity == ("warning" if row.code.startswith("W") else "error")


@pytest.mark.parametrize(
    "row", rows("fix", [row for row in TABLE if row.fix and not (row.bug and row.fails == "finding")])
)
def test_a_way_out_is_offered(row: Mistake) -> None:
    fixes = [fix.message for d in found(row.spec) for fix in d.fixes]
    assert any(row.fix in fix for fix in fixes), fixes


@pytest.mark.parametrize("row", rows("fix"))
def test_no_finding_is_without_a_way_out(row: Mistake) -> None:
    assert [d.message for d in found(row.spec) if not d.fixes] == []


# Words that are none of the user's business.
INTERNAL = re.compile(
    r"Token|Lark|pydantic|Traceback|NoneType|object at 0x|<class|\bNone\b|\bTrue\b|\bFalse\b|callee=|__ANON"
)


@pytest.mark.parametrize("row", rows("words"))
def test_no_message_shows_the_inside_of_the_program(row: Mistake) -> None:
    for d in found(row.spec):
        said = [d.message, *(label.text for label in (*d.labels, *d.trail)), *(fix.message for fix in d.fixes)]
        assert not INTERNAL.search("\n".join(said))
        assert d.message == d.message.strip() and d.message
        if row.fails == "words":
            assert all(words in d.message for words in row.says)


@pytest.mark.parametrize("row", rows("rendering"))
def test_the_text_shows_the_line_and_a_caret(row: Mistake) -> None:
    for d in found(row.spec):
        text = as_text([d])
        assert text.splitlines()[0] == f"{d.severity}[{d.code}]: {d.message}"
        assert f"--> {d.labels[0].span.where()}" in text
        assert "^" in text
        assert "\x1b" not in text
        assert all(f"fix: {fix.message}" in text for fix in d.fixes)


@pytest.mark.parametrize("row", rows("rendering"))
def test_the_data_can_be_sent_and_its_places_are_in_the_text(row: Mistake) -> None:
    diagnostics = found(row.spec)
    for d, data in zip(diagnostics, json.loads(json.dumps(as_json(diagnostics))), strict=True):
        assert (data["code"], data["message"], data["severity"]) == (d.code, d.message, d.severity)
        assert data["file"] == NAME
        for span in _spans(d):
            assert 0 <= span.start <= span.end <= len(span.source.text)
        for place in (data, *data["labels"]):
            assert 1 <= place["line"] <= place["end_line"]
            assert (place["line"], place["column"]) <= (place["end_line"], place["end_column"])
        lines = row.spec.split("\n")
        assert data["line"] <= len(lines)
        assert data["column"] <= len(lines[data["line"] - 1]) + 1


def _spans(d: Diagnostic) -> Iterator[Span]:
    yield from (label.span for label in (*d.labels, *d.trail))
    yield from (edit.span for fix in d.fixes for edit in fix.edits)


@pytest.mark.parametrize("row", rows("rendering", [row for row in TABLE if row.fix and not row.bug]))
def test_a_fix_that_can_be_applied_leaves_another_text(row: Mistake) -> None:
    """An edit is in the user's own text; applied, it does not bring back the same error at the same place."""
    for d in found(row.spec):
        for fix in d.fixes:
            text = row.spec
            for edit in sorted(fix.edits, key=lambda e: -e.span.start):
                assert not edit.span.source.shipped
                assert edit.span.source.text == row.spec
                text = text[: edit.span.start] + edit.text + text[edit.span.end :]
            if fix.edits:
                assert text != row.spec
                again = [e for e in found(text) if (e.code, e.message) == (d.code, d.message) and _same_place(e, d)]
                assert not again, fix.message


def _same_place(a: Diagnostic, b: Diagnostic) -> bool:
    return a.labels[0].span.start == b.labels[0].span.start


# -- the trail ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("trail", INSIDE))
def test_a_fault_inside_the_prelude_leads_to_the_users_own_line(row: Mistake) -> None:
    (d,) = found(row.spec)
    assert d.place is not None
    assert d.place.source.text == row.spec
    assert d.trail[-1].span.source.text == row.spec
    assert "called here" in d.trail[-1].text
    assert as_json([d])[0]["file"] == NAME


def test_the_trail_reads_innermost_first() -> None:
    (d,) = found("resdsl 1\n" + model("layer1: stage(bottleneck, 10, 2)"))
    assert [label.text.split("`")[1] for label in d.trail] == ["bottleneck", "stage"]
    assert d.trail[-1].span.text == "stage(bottleneck, 10, 2)"


@pytest.mark.parametrize(
    ("flow", "texts"),
    [
        ("(conv(8, 3) -> norm) + id", ["this is 8 x 8 x 8", "and this is 3 x 8 x 8", "8 channels come from here"]),
        (
            "(conv(8, 3, 2) -> act) + conv(8, 1)",
            ["this is 8 x 4 x 4", "and this is 8 x 8 x 8", "4 positions come from"],
        ),
        ("id * (conv(5, 3) -> sigmoid)", ["this is 3 x 8 x 8", "and this is 5 x 8 x 8", "5 channels come from here"]),
        ("(maxpool(2) -> act) ++ id", ["this is 3 x 4 x 4", "and this is 3 x 8 x 8", "4 positions come from here"]),
    ],
)
def test_shapes_that_do_not_meet_are_shown_with_their_origin(flow: str, texts: list[str]) -> None:
    (d,) = found("resdsl 1\n" + part(flow))
    assert d.code == "E0301"
    said = [label.text for label in d.labels]
    assert all(any(text in other for other in said) for text in texts), said


def test_a_long_trail_is_cut_and_keeps_both_ends() -> None:
    (d,) = found("resdsl 1\n" + block("conv(3, 3) -> unit"))
    assert len(d.trail) <= 8
    assert d.trail[-1].span.text == "unit"
    assert d.trail[-1].span.start > d.trail[0].span.start


def test_a_name_misspelt_where_it_is_declared_is_one_error_for_all_models() -> None:
    models = "".join(f"model m{n} {{\n  input 3 x 8 x 8\n  part: unit({n})\n}}\n" for n in (1, 2, 3))
    (only,) = found(f"resdsl 1\nblock unti(width) {{ conv(width, 3) }}\n{models}")
    assert only.message == "`unit` is not known, and `unti` is never read"
    lines = [label.span.source.position(label.span.start)[0] for label in only.labels]
    assert lines == [2, 5, 9]
    assert only.labels[-1].text == "and in 2 more places, here first"


def test_a_name_that_another_model_declares_hides_no_error_of_that_model() -> None:
    other = model("let z = 8\n  a: conv(z, 3) + id").replace("net", "other")
    told = found(f"resdsl 1\n{model('a: conv(z, 3)')}{other}")
    assert [d.code for d in told] == ["E0202", "E0301"]


def test_several_mistakes_of_the_text_are_told_at_once() -> None:
    text = "resdsl 1\n" + model("let a = 1\n  let b = 2\n  c: relu\n  c: act")
    assert sorted(d.code for d in found(text)) == ["E0207", "E0208", "E0208"]


def test_expect_knows_what_a_report_counts() -> None:
    spec = program.load(Source(NAME, "resdsl 1\n" + part("conv(8, 3)")))
    assert set(unknown.FACTS) == set(network.Network(spec, spec.models["net"]).report.facts())


def test_several_models_are_checked_each() -> None:
    text = "resdsl 1\nmodel a { input 3  p: linear }\nmodel b { input 3  p: relu(1) }\n"
    assert [d.code for d in found(text)] == ["E0206", "E0204"]


def test_a_fault_that_models_share_is_told_once() -> None:
    unit = "block unit(width) { conv(width, 3) + id }\n"
    nets = (
        "model net(width) { input 3 x 8 x 8  a: unit(width) }\nmodel b = net(4)\nmodel c = net(8)\nmodel d = net(16)\n"
    )
    (d,) = found(f"resdsl 1\n{unit}{nets}")
    assert d.message == "cannot add 4 x 8 x 8 and 3 x 8 x 8"
    assert "in 2 other models" in d.labels[0].text


def test_names_and_numbers_that_cannot_be_are_told_at_once() -> None:
    text = "block lambda { conv(3k, 1) }\nmodel net { input 3 x 8 x 8  train: relu  a__b { leaky(1e999) } }\n"
    assert [d.labels[0].span.text for d in found(f"resdsl 1\n{text}")] == ["lambda", "3k", "train", "a__b", "1e999"]
    many = "".join(f"block a__{i} {{ relu }}\n" for i in range(1_000))
    assert len(found(f"resdsl 1\n{many}")) == 20


def test_defaults_and_lets_that_nothing_reads_are_told_at_once() -> None:
    base = "model a { input 3 x 8 x 8  p { relu } }\n"
    assert len(found("resdsl 1\n" + model("default nrom = relu\n  default gaet = relu\n  p: basic(3)"))) == 2
    assert len(found(f"resdsl 1\n{base}model b = a {{ let v = 1  let w = 2 }}\n")) == 2


# -- what is no mistake ------------------------------------------------------------------------------------------

FINE = {
    "a default's arguments give way to explicit ones": model(
        "default conv = conv(bias = true)\n  p { conv(3, 1, bias = false) }\n  expect params = 9"
    ),
    "an argument wins over a default": model("default shortcut = none\n  p: basic(3, shortcut = pad)\n  q: basic(3)"),
    "a default may use the older meaning of its name": model("default act = act -> dropout(0.1)\n  p { act }"),
    "the declared value of an unread parameter": model(
        "p: unit(3, stride = 1)", "block unit(w, stride = 1) { conv(w, 1) }"
    ),
    "positional arguments skip a required one that was applied": model(
        "p: use(conv(kernel = 3))", "block use(f) { f(8, stride = 2) }"
    ),
    "a list that is used as a whole": model("let x = [3, 4]\n  p { conv(sum(x), 1) }"),
    "a list of lists that is read in part and as a whole": model(
        "let x = [[3, 9], [4, 9]]\n  p { conv(x[0][0], 1) -> conv(sum(x[0]), 1) -> conv(sum(x[1]), 1) }"
    ),
    "a list of lists that is read by a number": model(
        "let x = [[3, 9], [4, 9]]\n  p { repeat 2 as i { conv(x[i][0], 1) } -> conv(x[0][0], 1) }"
    ),
    "an item of what a later line reads too": model(
        "c { (split(3) -> b: conv(3, 3))[0] }\n  d { id + b[1] + b[2] }\n  e { [p: relu, q: act][0] }\n  f { id + q }"
    ),
    "an item of what a block makes": part(
        "(split(3) -> swap)[0] ++ (split(3) -> repeat 0 { relu })[0] ++ ([id, project(3)])[0]",
        "block swap { [id[0] + id[1], id[2]] }",
    ),
    "a label that numbers a block that chooses": model(
        "a.{0}: several(2)\n  b.{0}: several(1)",
        "block one(n) { repeat n { conv(3, 3) } }\nblock several(n) { if n > 1 { one(n) } else { conv(3, 3) } }",
    ),
    "a label that numbers, beside many rounds with names": model(
        "a.{0}: stage(basic, 3, 2)\n  b: (repeat 70 { c: conv(3, 3) -> n: norm })"
    ),
    "an item of what passes": part("(split(3) -> id)[0] ++ ([id, relu] ++ [id])[1] ++ [conv(3, 1)][0]"),
    "a list read from its end": model("let x = [3, 4]\n  p { conv(x[-1] + x[-2], 1) }"),
    "none beside an operator": part("(none + id) * none ++ none"),
    "none where a branch is an argument": model(
        "p: basic(3, shortcut = none)\n  q: unit(none)", "block unit(f) { relu + f }"
    ),
    "a product with a smaller right side": part("id * globalpool / channelmax"),
    "a sum that opens a chain": part("conv(8, 3) + conv(8, 1) -> norm"),
    "the same label in two blocks": model("p: a\n  q: b", "block a { x: relu }\nblock b { x: relu }"),
    "the same label in two branches": model("p: a", "block a { if in == 3 { x: relu } else { x: act } }"),
    "a template": NET,
    "a definition in place of one of the prelude": model("p: basic(3)", "block basic(width) { conv(width, 1) }"),
    "a block that only a default names": model("default act = mine\n  p { act }", "block mine { gelu }"),
    "many equal rounds": part("repeat 1_000_000_000_000 { basic(3) }"),
    "no rounds": part("repeat 0 { basic(7) }"),
    "recursion that ends": model("p: unit(60)", "block unit(n) { if n == 0 { id } else { relu -> unit(n - 1) } }"),
    "carriage returns": part("relu").replace("\n", "\r\n"),
    "shapes without blanks": "model net { input 3x8x8  p: relu }\n",
    "18 digits": part("leaky(123_456_789_012_345_678)"),
    "a rounded expectation": model("p { conv(1, 3) }\n  expect macs = 1.73k, layers = 1"),
    "labels that carry the index": part("[c{i}: conv(3, 1) for i in range(2)] -> sum"),
    "a variant's argument over its base's": "model a(k = 1) { input 3 x 8 x 8  p { conv(k, 1) } }\n"
    "model b = a(2)\nmodel c = b(k = 3) { expect params = 9 }",
    "a variant's input": "model a { input 3 x 8 x 8  p { relu } }\nmodel b = a { input 4 x 9 x 9  expect layers = 0 }",
    "a variant's let in place of its base's": "model a { input 3 x 8 x 8  let k = 1  p { conv(k, 1) } }\n"
    "model b = a { let k = 2  expect params = 6 }",
    "a variant that reads fewer items than its base": "model a { input 4 x 8 x 8  let x = split(2)  "
    "p { x[0] + x[1] } }\nmodel b = a { p { x[0] } }",
    "a value that only an op reads": model("let s = id\n  p: (s -> maxpool(2))\n  q: s -> resize(p)"),
    "the same label in two labelled groups": model("a: (x: relu -> norm)\n  b: (x: relu -> norm)"),
}


@pytest.mark.parametrize(
    "text",
    [pytest.param(text, id=name) for name, text in FINE.items()],
)
def test_what_is_no_mistake_is_let_pass(text: str) -> None:
    assert [f"{d.code}: {d.message}" for d in found(f"resdsl 1\n{text}")] == []


def test_the_default_that_chose_a_block_is_shown() -> None:
    (told,) = found(f"resdsl 1\n{model('default shortcut = identity  p: basic(8, stride = 2)')}")
    assert "`identity` never reads `stride`" in told.message
    assert ("default shortcut = identity", "so `shortcut` is `identity`") in [
        (x.span.text, x.text) for x in told.labels
    ]


@pytest.mark.parametrize("line", ["q: s -> relu", "if true { let t = (s -> relu)  s + t } else { id }", "q { s + s }"])
def test_a_value_that_nothing_reads_is_told(line: str) -> None:
    (told,) = found(f"resdsl 1\n{model(f'let s = id{chr(10)}  p: (s -> maxpool(2)){chr(10)}  {line}')}")
    assert told.code == "W0202" and "`p`" in told.message


# -- files ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Import:
    """A file `net.resnet` that imports another, among files of a project."""

    id: str
    path: str
    code: str
    says: tuple[str, ...]
    fix: str = ""
    others: tuple[tuple[str, str], ...] = (("blocks.resnet", "block unit { relu }"),)


OUTSIDE = (("../blocks.resnet", "block unit { relu }"),)
IMPORTS = [
    Import("missing", "block.resnet", "E0501", ("`block.resnet`", "no such file"), "`blocks.resnet`"),
    Import("outside the project", "../blocks.resnet", "E0501", ("out of the project",), "into the project", OUTSIDE),
    Import("absolute", "/etc/blocks.resnet", "E0501", ("relative path",), 'import "blocks.resnet"'),
    Import("address", "https://example.org/blocks.resnet", "E0501", ("relative path",), 'import "blocks.resnet"'),
    Import("home", "~/blocks.resnet", "E0501", ("relative path",)),
    Import("drive", "C:/blocks.resnet", "E0501", ("relative path",)),
    Import("no spec", "blocks.py", "E0501", (".resnet",)),
    Import("no ending", "blocks", "E0501", (".resnet",), 'import "blocks.resnet"'),
    Import("folder", "sub.resnet", "E0501", ("no such file",), "", (("sub.resnet/b.resnet", "block unit { relu }"),)),
    Import("itself", "net.resnet", "E0505", ("imports itself",), "third"),
    Import("circle", "a.resnet", "E0505", ("imports itself",), "third", (("a.resnet", 'import "net.resnet"'),)),
    Import("broken file", "a.resnet", "E0103", ("lost",), "->", (("a.resnet", "block unit { relu\n act }"),)),
    Import("same name", "a.resnet", "E0207", ("`part`", "twice"), "rename", (("a.resnet", "block part { relu }"),)),
    Import(
        "of an import", "a.resnet", "E0202", ("`unit`",), "",
        (("a.resnet", 'import "b.resnet"\nblock other { unit }'), ("b.resnet", "block unit { relu }")),
    ),
]  # fmt: skip


def project(folder: Path, path: str, others: tuple[tuple[str, str], ...]) -> Path:
    """A project with a net that imports `path`, and other files."""
    home = folder / "project"
    home.mkdir()
    (home / "pyproject.toml").touch()
    for name, text in others:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(f"resdsl 1\n{text}\n", encoding="utf-8")
    spec = home / NAME
    body = "block part { unit }\nmodel net { input 3  a: part }"
    spec.write_text(f'resdsl 1\nimport "{path}"\n{body}\n', encoding="utf-8")
    return spec


def found_in(path: Path) -> tuple[Diagnostic, ...]:
    """All that is wrong with a file."""
    try:
        return findings.of(files.read_file(path))
    except ResdslError as problem:
        return problem.diagnostics


@pytest.mark.parametrize("row", IMPORTS, ids=lambda row: row.id)
def test_an_import_that_cannot_be(row: Import, tmp_path: Path) -> None:
    spec = project(tmp_path, row.path, row.others)
    (d,) = found_in(spec)
    assert d.code == row.code, d.message
    assert all(words in d.message for words in row.says), d.message
    assert any(row.fix in fix.message for fix in d.fixes) or not row.fix
    assert d.labels[0].span.source.name.endswith(".resnet")
    assert "^" in as_text([d])
    if row.code == "E0501":
        assert d.labels[0].span.text == f'import "{row.path}"'


def test_an_import_that_is_fine(tmp_path: Path) -> None:
    assert found_in(project(tmp_path, "blocks.resnet", IMPORTS[0].others)) == ()


def test_a_link_may_not_lead_out_of_the_project(tmp_path: Path) -> None:
    spec = project(tmp_path, "link.resnet", OUTSIDE)
    (spec.parent / "link.resnet").symlink_to("../blocks.resnet")
    (d,) = found_in(spec)
    assert d.code == "E0501"
    assert "out of the project" in d.message


def test_without_a_project_an_import_stays_in_the_folder(tmp_path: Path) -> None:
    spec = project(tmp_path, "../blocks.resnet", OUTSIDE)
    (spec.parent / "pyproject.toml").unlink()
    assert [d.code for d in found_in(spec)] == ["E0501"]


def test_a_file_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"resdsl 1\n# caf\xe9\n")
    (d,) = found_in(path)
    assert d.code == "E0503"
    assert "0xe9 on line 2" in d.message


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text("resdsl 1\n" + "# nothing\n" * 100_001, encoding="utf-8")
    (d,) = found_in(path)
    assert d.code == "E0502"
    assert "1,000,000 bytes" in d.message


def test_a_byte_order_mark_is_let_pass(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"\xef\xbb\xbf" + f"resdsl 1\n{part('relu')}".encode())
    assert found_in(path) == ()
