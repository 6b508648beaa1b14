"""Lint: each rule on nets that have the fault and on nets that only look like it; numbers from elsewhere."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pytest
from lint_rows import TABLE, F, model, part

from resdsl import files, lint, network, program
from resdsl.diagnostics import Diagnostic, Edit, ResdslError, Source, UsageError
from resdsl.lint import RULES, Settings
from resdsl.lint.registry import known
from resdsl.lint.settings import from_flags, settings

ROOT = Path(__file__).resolve().parents[1]
ZOO = sorted((ROOT / "specs").rglob("*.resnet"))
with (ROOT / "specs" / "reference.csv").open(encoding="utf-8") as lines:
    REFERENCE = {
        row["model"]: row for row in csv.DictReader(lines) if row["macs"].isdigit() and row["params"].isdigit()
    }


def found(text: str, *select: str) -> tuple[Diagnostic, ...]:
    spec = program.load(Source("net.resnet", text))
    return lint.check(spec, settings=Settings(select=select or ("default",)))


@cache
def of_zoo(name: str) -> tuple[Diagnostic, ...]:
    """What is found in one model of the zoo, its comments aside."""
    source = files.read_spec(name)
    bare = re.sub(r"# resdsl:.*", "#", source.text)
    spec = program.load(Source(source.name, bare, path=source.path))
    return lint.check(spec, spec.models[name])


def published(name: str, column: str) -> int:
    return int(REFERENCE[name][column])


# -- the rules -------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports of a text without a file begin there."""
    monkeypatch.chdir(ROOT)


WRONG = [pytest.param(c, *row, id=f"{c}-{i}") for c, rows in TABLE.items() for i, row in enumerate(rows.wrong)]
RIGHT = [pytest.param(c, text, id=f"{c}-{i}") for c, rows in TABLE.items() for i, text in enumerate(rows.right)]


def test_every_rule_has_its_row() -> None:
    assert set(TABLE) == set(RULES)
    assert all(len(row.wrong) >= 2 and len(row.right) >= 2 for row in TABLE.values())


@pytest.mark.parametrize(("code", "text", "words"), WRONG)
def test_a_fault_is_found(code: str, text: str, words: str) -> None:
    told = found(text, code)
    assert [d.code for d in told] == [code], [d.message for d in told]
    assert words in told[0].message
    assert told[0].place is not None and told[0].place.source.name == "net.resnet"
    assert told[0].fixes


def test_the_biases_of_a_line_are_taken_out_together() -> None:
    line = "conv(8, 3, bias = true) -> norm -> linear(8, bias = true, positions = true) -> norm"
    (d,) = found(part(line, input="8 x 4 x 4"), "W1009")
    text = d.labels[0].span.source.text
    for edit in sorted(d.fixes[0].edits, key=lambda e: -e.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert "conv(8, 3) -> norm -> linear(8, bias = false, positions = true) -> norm" in text
    assert d.labels[0].span.text == "conv(8, 3, bias = true) -> norm -> linear(8, bias = true, positions = true)"


def test_blocks_that_double_are_looked_at_once_each() -> None:
    """2^40 dropouts behind the ReLU, and 2^40 units before the norm."""
    doubled = "".join(f"block {b}{i + 1} {{ {b}{i} -> {b}{i} }}\n" for b in "du" for i in range(40))
    blocks = f"block d0 {{ dropout(0.1) }}\nblock u0 {{ {F} + id }}\n{doubled}"
    told = found(
        model("  a: ((conv3(16) -> conv3(16) -> d40) + id)\n  b: (u40 -> norm -> u40)", blocks), "W1011", "W1003"
    )
    assert [d.code for d in told] == ["W1003", "W1011"]
    assert "`batchnorm` stands on the identity path of one unit" in told[0].message


def test_places_of_one_line_are_no_other_models() -> None:
    items = "[basic_full_preact(16 * (3 + i), stride = 2) -> conv(8, 1) for i in range(4)] -> sum"
    (d,) = found(model(f"  a: basic_full_preact(16)\n  b {{ {items} }}", input="16 x 64 x 64"), "W1002")
    assert d.labels[0].text.endswith("; so do 2 other places of this line")


@pytest.mark.parametrize(("code", "text"), RIGHT)
def test_what_only_looks_like_a_fault_is_not(code: str, text: str) -> None:
    assert [d.message for d in found(text, code)] == []


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_says_where_it_comes_from(rule: lint.Rule) -> None:
    assert rule.summary and rule.summary[0] != " " and not rule.summary.endswith(".")
    assert (rule.of_network is None) != (rule.of_file is None)
    if rule.code.startswith("W1"):
        assert rule.source
        text, _ = TABLE[rule.code].wrong[0]
        assert found(text, rule.code)[0].message.endswith(f"({rule.source})")


# -- numbers, held to what others say ----------------------------------------------------------------------------


def told(name: str, code: str) -> str:
    (diagnostic,) = (d for d in of_zoo(name) if d.code == code)
    return diagnostic.message


@pytest.mark.parametrize("depth", (18, 34, 50, 101, 152))
def test_option_c_costs_what_the_tables_say(depth: int) -> None:
    c, b = (f"resnet{depth}_c", f"resnet{depth}")
    params, macs = (published(c, column) - published(b, column) for column in ("params", "macs"))
    message = told(c, "W1007")
    assert f"{params:,} parameters and {macs:,} multiply-adds more" in message
    assert f"{published(b, 'params'):,} and {published(b, 'macs'):,}" in message


@pytest.mark.parametrize("depth", (50, 101, 152))
def test_the_stride_in_the_3x3_costs_what_the_tables_say(depth: int) -> None:
    more = published(f"resnet{depth}", "macs") - published(f"resnet{depth}_v1", "macs")
    assert f"for {more:,} multiply-adds more" in told(f"resnet{depth}_v1", "W1010")


def test_bottlenecks_save_what_a_net_of_them_has_less() -> None:
    """The same net with its units exchanged, the norms taken away."""
    text = (
        "resdsl 1\nmodel net(unit) {{ input 128 x 16 x 16\n"
        "  a: stage(unit, 128, 12)\n  b: stage(unit, 256, 12, stride = 2) }}\n"
    )
    nets = [
        network.load("net", "it", text=text.format() + f"model it = net({unit}) {{ default norm = id }}")
        for unit in ("basic(shortcut = pad)", "bottleneck(shortcut = pad)")
    ]
    message = "".join(d.message for d in found(text.format() + "model it = net(basic)", "W1008"))
    assert f"have {nets[0].params:,} weights and take {nets[0].macs:,}" in message
    assert f"would have {nets[1].params:,} and take {nets[1].macs:,}" in message


def test_the_biases_of_vgg_are_counted() -> None:
    assert (
        "the bias of 16 layers is taken away by the batch normalisation that follows: "
        f"{2 * 64 + 2 * 128 + 4 * 256 + 8 * 512:,} parameters" in (told("vgg19_bn", "W1009"))
    )


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "dilation"),
    [(1, 3, 1, 1), (2, 3, 1, 1), (2, 3, 2, 1), (3, 7, 1, 1), (2, 7, 2, 1), (5, 3, 1, 6), (4, 5, 3, 2), (1, 1, 1, 1)],
)
def test_weights_that_learn_nothing_have_no_gradient(size: int, kernel: int, stride: int, dilation: int) -> None:
    torch = pytest.importorskip("torch")
    weight = torch.ones(4, 3, kernel, kernel, requires_grad=True)
    padding = dilation * (kernel - 1) // 2
    torch.nn.functional.conv2d(torch.ones(1, 3, size, size), weight, None, stride, padding, dilation).sum().backward()
    idle = int((weight.grad == 0).sum())
    message = "".join(
        d.message
        for d in found(
            part(f"conv(4, {kernel}, {stride}, dilation = {dilation})", input=f"3 x {size} x {size}"), "W1012"
        )
    )
    assert (f"; {idle:,} parameters" in message) if idle else not message


def test_the_product_of_resnet_110_is_that_of_the_notes() -> None:
    assert "their product is 5.55e-17" in told("im_resnet110_constant_shortcut", "W1004")  # N20 has 5.6e-17


# -- the zoo ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ZOO, ids=lambda path: str(path.relative_to(ROOT / "specs")))
def test_the_zoo_has_no_warning_that_is_not_explained(path: Path) -> None:
    told = lint.check(program.load(files.read_file(path)))
    assert [d.message for d in told if d.severity != "information"] == []


BREAKING = {
    "torchvision": ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "wide_resnet50_2",
                    "regnet_x_400mf", "regnet_y_400mf"],
    "timm": ["resnet50d", "seresnet50", "res2net50_26w_4s", "regnety_016", "repvgg_b0", "resnet200d"],
}  # fmt: skip
CLEAN = ["resnetv2_50", "resnetv2_200", "nf_resnet50", "preact_resnet1001", "im_resnet110_full_preact", "densenet121"]


@pytest.mark.parametrize("name", [name for names in BREAKING.values() for name in names])
def test_definitions_of_torchvision_and_timm_that_break_the_identity_are_found(name: str) -> None:
    assert "ReLU follows the addition" in told(name, "W1005")


def test_the_norm_on_the_identity_of_repvgg_is_found() -> None:
    assert "`batchnorm` stands on the identity path" in told("repvgg_b0", "W1003")


@pytest.mark.parametrize("name", CLEAN)
def test_definitions_with_a_clean_identity_are_not(name: str) -> None:
    assert not {d.code for d in of_zoo(name)} & {"W1003", "W1004", "W1005"}


@pytest.mark.parametrize(
    ("name", "codes"),
    {
        "im_resnet110_dropout": {"W1003"}, "im_resnet110_shortcut_only": {"W1003"}, "im_resnet110_exclusive": {"W1003"},
        "im_resnet110_conv1x1": {"W1007"}, "im_resnet110_constant": {"W1004"}, "im_resnet110_bn_after_add": {"W1003"},
        "im_resnet110_relu_before_add": {"W1011"}, "cifar_plain56": {"W1006"}, "cifar_plain20": set(),
        "resnet18_at32": {"W1012"}, "resnet200": {"W1005"}, "resnet152": set(), "cv_preresnet200": {"W1010"},
    }.items(),
)  # fmt: skip
def test_what_the_papers_found_bad_is_warned_of(name: str, codes: set[str]) -> None:
    assert {d.code for d in of_zoo(name) if d.severity == "warning"} == codes


# -- places and fixes -----------------------------------------------------------------------------------------------


def place(text: str, code: str) -> str:
    (diagnostic,) = found(text, code)
    assert diagnostic.place
    return diagnostic.place.text


@pytest.mark.parametrize(
    ("body", "code", "word"),
    [
        ("  default shortcut = project_all\n  a: stage(basic, 16, 3)", "W1007", "project_all"),
        ("  a: stage(basic_relu_before_add, 16, 3)", "W1011", "basic_relu_before_add"),
        ("  a: conv3(16)\n  b: bottleneck_v1(64, 2)", "W1010", "bottleneck_v1"),
        ("  a: stage(basic(shortcut = dropout_shortcut), 16, 3)", "W1003", "dropout_shortcut"),
    ],
)
def test_a_fault_in_the_prelude_is_shown_at_the_word_that_brought_it_in(body: str, code: str, word: str) -> None:
    assert place(model(body), code) == word


def test_a_variant_does_not_repeat_its_base() -> None:
    text = part("repeat 3 { (conv(16, 3) -> norm) + id }") + "model other = net { input 16 x 64 x 64 }\n"
    (diagnostic,) = found(text, "W1001")
    assert "another model" in diagnostic.labels[0].text
    spec = program.load(Source("net.resnet", text))
    assert len(lint.check(spec, spec.models["other"], Settings(("W1001",)))) == 1


def edited(text: str, edits: tuple[Edit, ...]) -> str:
    for edit in sorted(edits, key=lambda e: -e.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("W1009", part("conv(24, 3, bias = true) -> norm")),
        ("W1009", part("conv(24, 3, stride = 2, bias = -6.0, groups = 2) -> norm")),
        ("W1017", part("conv(8, 3)")),
        ("W1017", "resdsl 1\nmodel a { input 3 x 8 x 8  part { conv(8, 3) }  expect layers = 1 }\nmodel b = a\n"),
        ("W1017", "resdsl 1\nmodel a { input 3 x 8 x 8 part { conv(8, 3) } }\n"),
        (
            "W0204",
            'resdsl 1\nimport "specs/regnet/widths.resnet"  # why\nmodel a { input 3 x 8 x 8  part { conv(8, 3) } }\n',
        ),
        ("W0204", 'resdsl 1\nimport "specs/regnet/widths.resnet"\nmodel a { input 3 x 8 x 8  part { conv(8, 3) } }\n'),
        ("W0205", part("conv(8, 3)  # resdsl: ignore[W1009] none\n")),
        ("W0205", model("  # resdsl: ignore[W1009] none\n  a: conv(8, 3)")),
    ],
)
def test_a_fix_mends_what_it_is_for_and_nothing_else_breaks(code: str, text: str) -> None:
    select = (code, "W1009") if code == "W0205" else (code,)
    (diagnostic,) = found(text, *select)
    mended = edited(text, diagnostic.fixes[0].edits)
    assert mended != text
    assert found(mended, *select) == ()


# -- comments --------------------------------------------------------------------------------------------------------

BIASED = "  a: (conv(8, 3, bias = true) -> norm)"


@pytest.mark.parametrize(
    "body",
    [
        f"{BIASED}  # resdsl: ignore[W1009] a checkpoint has it",
        f"  # resdsl: ignore[W1009] a checkpoint has it\n{BIASED}",
        f"  # resdsl: ignore[W1009, W1001] a checkpoint has it\n  # and more is said\n{BIASED}",
        f"  #resdsl:ignore[ W1009 ]a checkpoint has it\n{BIASED}",
    ],
)
def test_a_comment_ignores_a_finding_of_its_line(body: str) -> None:
    assert found(model(body), "W1009") == ()


def test_a_comment_reaches_no_other_line() -> None:
    text = model(f"  # resdsl: ignore[W1009] a checkpoint has it\n\n{BIASED}")
    assert [d.code for d in found(text, "W1009", "W0205")] == ["W0205", "W1009"]
    again = model(f"{BIASED}  # resdsl: ignore[W1009] a checkpoint\n{BIASED.replace('a:', 'b:')}")
    assert [d.code for d in found(again, "W1009")] == ["W1009"]


def test_the_head_ignores_for_the_whole_file() -> None:
    text = "resdsl 1\n# A net.\n# resdsl: ignore-file[W1009] a checkpoint has it\n" + model(BIASED).removeprefix(
        "resdsl 1\n"
    )
    assert found(text, "W1009") == ()
    assert program.load(Source("net.resnet", text)).file.doc == ("A net.",)


@pytest.mark.parametrize(
    ("comment", "words", "fix"),
    [
        ("ignore[W1909] why", "`W1909`: there is no such code", "did you mean `W1019`?"),
        ("ignore[w1009] why", "`w1009`: there is no such code", "did you mean `W1009`?"),
        ("ignore[E0301] why", "`E0301`: an error cannot be ignored", ""),
        ("ignore[W1009]", "a comment that ignores a code says why", "write the reason"),
        ("ignore W1009 why", "cannot be read so", "# resdsl: ignore[W1003] why"),
        ("noqa", "cannot be read so", "# resdsl: ignore[W1003] why"),
        ("ignore-file[W1009] why", "`ignore-file` stands at the head", ""),
    ],
)
def test_a_comment_that_cannot_be_read_is_an_error(comment: str, words: str, fix: str) -> None:
    told = [d for d in found(model(f"  # resdsl: {comment}\n  a: conv(8, 3)"), "W1009") if d.severity == "error"]
    assert [d.code for d in told] == ["E0210"]
    assert words in told[0].message and fix in told[0].fixes[0].message
    assert told[0].place and told[0].place.source.position(told[0].place.start)[0] == 5


def test_a_comment_that_ignores_nothing_is_a_warning_if_its_rule_was_asked() -> None:
    text = model("  # resdsl: ignore[W1014] none\n  a: conv(8, 3)")
    assert [d.code for d in found(text) if d.severity == "warning"] == []
    assert [d.code for d in found(text, "default", "W1014") if d.severity == "warning"] == ["W0205"]


def test_a_comment_for_resdsl_is_no_documentation() -> None:
    text = "resdsl 1\n\n# What it is.\n# resdsl: ignore[W1017] a sketch\nmodel net { input 3 x 8 x 8  a: conv(8, 3) }\n"
    assert program.load(Source("n.resnet", text)).models["net"].definition.doc == ("What it is.",)


def test_a_mark_in_a_text_or_a_name_is_no_comment() -> None:
    assert (
        found(
            'resdsl 1\n# See resdsl: it ignores nothing.\nmodel n { input 8 x 8 x 8  a: upsample(mode = "nearest") }\n',
            "W1009",
        )
        == ()
    )


# -- settings --------------------------------------------------------------------------------------------------------


def project(folder: Path, table: str) -> Source:
    (folder / "pyproject.toml").write_text(f"[project]\nname = 'x'\n{table}", encoding="utf-8")
    (folder / "old").mkdir(exist_ok=True)
    spec = folder / "old" / "net.resnet"
    spec.write_text(model(BIASED), encoding="utf-8")
    return files.read_file(spec)


@pytest.mark.parametrize(
    ("table", "inside", "outside"),
    [
        ("", {"W1009"}, {"W1014"}),
        ("[tool.resdsl.lint]\nselect = ['default', 'W1014']\n", {"W1009", "W1014"}, set()),
        ("[tool.resdsl.lint]\nselect = ['W1014']\n", {"W1014"}, {"W1009", "W0201"}),
        ("[tool.resdsl.lint]\nselect = ['all']\nignore = ['W1009']\n", {"W1014", "W1001"}, {"W1009"}),
        ("[tool.resdsl.lint.per-file-ignores]\n'old/*' = ['W1009']\n", {"W1001"}, {"W1009"}),
        ("[tool.resdsl.lint.per-file-ignores]\n'net.resnet' = ['W1009']\n", {"W1001"}, {"W1009"}),
        ("[tool.resdsl.lint.per-file-ignores]\n'new/*' = ['W1009']\n", {"W1009"}, set()),
    ],
)
def test_the_nearest_pyproject_chooses(tmp_path: Path, table: str, inside: set[str], outside: set[str]) -> None:
    source = project(tmp_path, table)
    asked = settings(source).asked(source.path)
    assert inside <= asked and not outside & asked


def test_flags_stand_before_the_project(tmp_path: Path) -> None:
    source = project(tmp_path, "[tool.resdsl.lint]\nselect = ['W1001']\nignore = ['W1009']\n")
    chosen = settings(source, *from_flags("W1009,W1014 W1005", "W1014"))
    assert chosen.asked(source.path) == {"W1005"}
    assert chosen.named == {"W1005", "W1009", "W1014"}


@pytest.mark.parametrize(
    ("table", "words", "at", "fix"),
    [
        ("[tool.resdsl.lint]\nselect = ['W1909']\n", "no code `W1909` (in `select`)", "W1909", "did you mean `W1019`?"),
        ("[tool.resdsl.lint]\nignore = ['defalt']\n", "no code `defalt`", "defalt", "docs/lint.md"),
        ("[tool.resdsl.lint]\nselekt = ['W1009']\n", "has no `selekt`", "selekt", "did you mean `select`?"),
        ("[tool.resdsl.lint]\nselect = 'W1009'\n", "`select` is a list of codes", "select", 'select = ["W1006"]'),
        ("[tool.resdsl.lint.per-file-ignores]\n'a/*' = ['W1']\n", "no code `W1` (in `a/*`)", "W1", "docs/lint.md"),
        ("[tool.resdsl]\nlint = 3\n", "`tool.resdsl.lint` is a table", "lint", "[tool.resdsl.lint]"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_an_error_at_its_place(
    tmp_path: Path, table: str, words: str, at: str, fix: str
) -> None:
    with pytest.raises(UsageError) as caught:
        settings(project(tmp_path, table))
    (diagnostic,) = caught.value.diagnostics
    assert words in diagnostic.message and fix in diagnostic.fixes[0].message
    assert diagnostic.place and diagnostic.place.text == at and diagnostic.place.source.name.endswith("pyproject.toml")


def test_a_project_that_is_no_toml_is_an_error_and_one_of_others_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is no TOML"):
        settings(project(tmp_path, "[tool.resdsl.lint\n"))
    assert settings(project(tmp_path, "[tool.ruff\n")).select == ("default",)


def test_unknown_codes_in_flags_are_errors() -> None:
    for flag, given in (("--select", "W1909"), ("--ignore", "default"), ("--select", "defalt")):
        with pytest.raises(ResdslError, match=f"`{flag}` knows no code `{given}`"):
            from_flags(given if flag == "--select" else None, given if flag == "--ignore" else None)


def test_the_zoo_obeys_no_project() -> None:
    assert files.project_settings(files.read_spec("resnet50")) is None


# -- what defaults reached -----------------------------------------------------------------------------------------


def test_what_a_default_reached_is_listed() -> None:
    from resdsl.lint.reached import as_text, reaches

    text = model(
        "  default norm = groupnorm(4)\n  default shortcut = pad\n"
        "  a: stage(basic, 32, 3, stride = 2)\n  b: conv3(32) -> norm"
    )
    told = reaches(program.load(Source("net.resnet", text)))
    assert [(r.name, r.in_text_of, r.parameter_of) for r in told] == [
        ("norm", ("basic", "last_norm", "conv3", "the model"), ()),
        ("shortcut", (), ("basic",)),
    ]
    assert (
        "net.resnet:5:3: default norm = groupnorm(4)\n"
        "  reaches the name in `basic`, `last_norm`, `conv3` and `the model`" in as_text(told)
    )
    assert as_text([]) == "no default is set\n"


def test_a_block_that_was_made_before_is_reached_all_the_same() -> None:
    """The second model line finds its blocks made; its own default reaches them too."""
    text = model(
        "  a: (repeat 2 as i { default norm = groupnorm(4)  basic(16) })\n"
        "  b: (repeat 3 as i { default norm = groupnorm(4)  basic(16) })"
    )
    from resdsl.lint.reached import reaches

    told = reaches(program.load(Source("net.resnet", text)))
    assert [r.in_text_of for r in told] == [("basic", "last_norm"), ("basic", "last_norm")]


# -- the documentation ------------------------------------------------------------------------------------------------

PAGES = [*sorted((ROOT / "docs" / "codes").glob("W*.md")), ROOT / "docs" / "codes" / "E0210.md"]
SUMMARIES = {
    **known(),
    "E0210": "a comment for resdsl that it cannot read: an unknown code, no reason, or the wrong place",
}


def test_every_code_has_its_page() -> None:
    assert {page.stem for page in PAGES} == set(SUMMARIES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_a_wrong_and_a_right_spec(page: Path) -> None:
    text, code = page.read_text(encoding="utf-8"), page.stem
    assert text.startswith(f"# {code}: {SUMMARIES[code]}\n\n")
    wrong, right = re.fullmatch(
        r".*\n## Wrong\n\n```resnet\n(.*?)```\n\n## Right\n\n```resnet\n(.*?)```\n", text, re.S
    ).groups()  # type: ignore[union-attr]
    select = ("default", code) if code in RULES and not RULES[code].on else ("default",)
    assert {d.code for d in found(wrong, *select)} == {code}
    assert not [d for d in found(right, *select) if d.code == code or d.severity == "error"]


def test_the_table_of_codes_is_that_of_the_rules() -> None:
    text = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(W\d+)\]\(codes/\1\.md\) \| (.*?) \| (.*?) \| ?(.*?) ?\|$", text, re.M)

    def kind(code: str) -> str:
        return "warning" if code not in RULES else RULES[code].severity if RULES[code].on else "off"

    source = {code: rule.source for code, rule in RULES.items()}
    assert rows == [(code, summary, kind(code), source.get(code, "")) for code, summary in known().items()]
