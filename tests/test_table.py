"""`resdsl table`: the paper's Table 1, the other styles, and every format with text that would be markup."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from resdsl import cli
from resdsl.analyze.conventions import CONVENTIONS, whole
from resdsl.emit.tables import command
from resdsl.emit.tables.data import as_csv, as_json
from resdsl.emit.tables.grid import Blocks, Column, Grid, size, written
from resdsl.emit.tables.html import html as as_html
from resdsl.emit.tables.latex import latex
from resdsl.emit.tables.models import many
from resdsl.emit.tables.paper import power
from resdsl.emit.tables.text import markdown, text
from resdsl.network import load

EXAMPLES = str(Path(__file__).resolve().parent / "data" / "examples.resnet")
FIVE = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]
FORMATS = ("text", "markdown", "latex", "html", "csv", "json")
ONE_MODEL = ("stages", "blocks", "layers", "memory", "identity")


def table(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main(["table", *arguments]) == 0
    return capsys.readouterr().out


def data(*arguments: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(table(*arguments, "--format", "json", capsys=capsys))["tables"]
    return found


# -- the paper ---------------------------------------------------------------------------------------------------

POOL = {"lines": ["3x3 max pool, stride 2"], "count": 1}


def two(width: int, count: int) -> dict[str, object]:
    return {"lines": [f"3x3, {width}"] * 2, "count": count}


def three(width: int, count: int) -> dict[str, object]:
    return {"lines": [f"1x1, {width}", f"3x3, {width}", f"1x1, {4 * width}"], "count": count}


# He et al. 2015, Table 1, but for the softmax, which is part of the loss.
TABLE_1 = [
    ("conv1", "112 x 112", [[{"lines": ["7x7, 64, stride 2"], "count": 1}]] * 5),
    ("conv2_x", "56 x 56", [[POOL, two(64, 2)], [POOL, two(64, 3)], *[[POOL, three(64, 3)]] * 3]),
    ("conv3_x", "28 x 28", [[two(128, 2)], [two(128, 4)], [three(128, 4)], [three(128, 4)], [three(128, 8)]]),
    ("conv4_x", "14 x 14", [[two(256, 2)], [two(256, 6)], [three(256, 6)], [three(256, 23)], [three(256, 36)]]),
    ("conv5_x", "7 x 7", [[two(512, 2)], [two(512, 3)], *[[three(512, 3)]] * 3]),
    ("", "1 x 1", [[{"lines": ["average pool"], "count": 1}, {"lines": ["1000-d fc"], "count": 1}]] * 5),
]


def test_the_paper_style_is_table_1(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = data(*FIVE, "--style", "paper", "--names", "paper", capsys=capsys)
    rows = [(row["stage"], row["output"], [row[name] for name in FIVE]) for row in found["rows"]]
    assert rows == TABLE_1
    assert [n["layers"] for n in found["networks"]] == [18, 34, 50, 101, 152]
    assert [n["params"] for n in found["networks"]] == [11689512, 21797672, 25557032, 44549160, 60192808]
    assert [row["stage"] for row in found["totals"]] == ["layers", "params", "MACs"]


def test_the_nets_as_published_have_its_flops(capsys: pytest.CaptureFixture[str]) -> None:
    """1.8, 3.6, 3.8, 7.6 and 11.3; the fourth column's 3.858 is cut off in the paper."""
    nets = ["resnet18_a", "resnet34_a", "resnet50_v1", "resnet101_v1", "resnet152_v1"]
    (found,) = data(*nets, "--style", "paper", capsys=capsys)
    flops = found["totals"][-1]
    assert [flops[name] for name in nets] == [f"{n} x 10^9" for n in ("1.8", "3.6", "3.9", "7.6", "11.3")]


def test_the_paper_style_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    shown = table("resnet18", "resnet50", "--style", "paper", "--names", "paper", capsys=capsys)
    assert shown.splitlines()[2:12] == [
        "layer name  output size  18-layer                50-layer",
        "----------  -----------  ----------------------  ----------------------",
        "conv1       112 x 112    7x7, 64, stride 2       7x7, 64, stride 2",
        "",
        "conv2_x     56 x 56      3x3 max pool, stride 2  3x3 max pool, stride 2",
        "",
        "                         [ 3x3, 64 ] x 2         [ 1x1, 64  ]",
        "                         [ 3x3, 64 ]             [ 3x3, 64  ] x 3",
        "                                                 [ 1x1, 256 ]",
        "",
    ]
    assert "The first unit of conv3_x to conv5_x strides." in shown


GATES = """\
resdsl 1
block eca_like { id * (globalpool -> reshape([1, in]) -> conv(1, 5) -> reshape([in, 1, 1]) -> sigmoid) }
block wide { conv(in, 3) * (conv(in, 1) -> sigmoid) }
block told { let s = globalpool -> conv(8, 1)
  let g = s -> relu -> conv(in, 1) -> sigmoid
  id * g }
block beside(width) { let x = conv(width, 1)
  let g = x -> conv(width, 3) -> sigmoid
  g * (conv(width, 5) -> conv(width, 5)) + x }
block unit(width, gate = id) { (conv(width, 3) -> norm -> act -> gate) + id }
model net(of) { input 8 x 16 x 16
  body { of } }
model pooled = net(unit(8, squeeze_excite(2)))
model narrow = net(unit(8, eca_like))
model places = net(unit(8, wide))
model named  = net(unit(8, told))
model flow   = net(beside(8))
model pretty = net(unit(8)) { default norm = groupnorm(4)
  default act = silu }
"""


def test_gates_have_a_line_by_their_structure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gates.resnet").write_text(GATES)
    (found,) = data(str(tmp_path / "gates.resnet"), "--style", "paper", capsys=capsys)
    (row,) = found["rows"]
    lines = {name: row[name][0]["lines"] for name in ("pooled", "narrow", "places", "named", "flow", "pretty")}
    assert lines == {
        "pooled": ["3x3, 8", "fc, [2, 8]"],
        "narrow": ["3x3, 8", "gate: 5 conv1d, 1"],
        "places": ["3x3, 8", "3x3, 8", "gate: 1x1 conv, 8"],
        "named": ["3x3, 8", "fc, [8, 8]"],
        "flow": ["5x5, 8", "5x5, 8", "gate: 3x3 conv, 8"],
        "pretty": ["3x3, 8"],
    }
    assert "\npretty: GroupNorm, SiLU.\n" in table(str(tmp_path / "gates.resnet"), "--style", "paper", capsys=capsys)


def test_squeeze_and_excitation_is_told_as_its_paper_does(capsys: pytest.CaptureFixture[str]) -> None:
    """Hu et al. 2018, Table 1, SE-ResNet-50."""
    (found,) = data("seresnet50", "--style", "paper", capsys=capsys)
    gates = [row["seresnet50"][-1]["lines"][-1] for row in found["rows"][1:5]]
    assert gates == ["fc, [16, 256]", "fc, [32, 512]", "fc, [64, 1024]", "fc, [128, 2048]"]


def test_nets_with_the_same_stages_are_put_together_by_stage(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = data("resnet18", "resnet50", "--input", "224,192", "--style", "paper", capsys=capsys)
    assert [(row["stage"], row["output"]) for row in found["rows"]] == [
        ("stem", "112 x 112 / 96 x 96"), ("layer1", "56 x 56 / 48 x 48"), ("layer2", "28 x 28 / 24 x 24"),
        ("layer3", "14 x 14 / 12 x 12"), ("layer4", "7 x 7 / 6 x 6"), ("head", "1 x 1"),
    ]  # fmt: skip
    assert found["rows"][4]["resnet18 at 192 x 192"] == [two(512, 2)]
    assert found["rows"][4]["resnet50 at 224 x 224"] == [three(512, 3)]
    shown = table("resnet18", "--input", "224,192", "--style", "paper", capsys=capsys)
    assert shown.count("layer2") == 2 and "The first unit of layer2 to layer4 strides." in shown


def test_two_nets_of_one_name_have_a_column_each(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = data("resnet18", "resnet18", "--style", "paper", capsys=capsys)
    assert list(found["rows"][0])[2:] == ["resnet18 at 224 x 224 (1)", "resnet18 at 224 x 224 (2)"]


def test_nets_with_other_sizes_are_put_together_by_size(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = data("resnet18", "vgg16", "cifar_resnet20", "--style", "paper", capsys=capsys)
    sizes = [row["output"] for row in found["rows"]]
    assert [int(size.split()[0]) for size in sizes] == [224, 112, 56, 32, 28, 16, 14, 8, 7, 1]
    assert found["rows"][0]["resnet18"] == []
    assert found["rows"][0]["vgg16"] == [{"lines": ["3x3, 64"], "count": 2}]


# -- the other styles --------------------------------------------------------------------------------------------


def test_rows_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    for style in ("stages", "blocks", "layers"):
        for convention in ("macs", "fvcore", "deepspeed"):
            (found,) = data("resnet50", "--style", style, "--convention", convention, capsys=capsys)
            key = CONVENTIONS[convention].counts.lower()
            (total,) = found["totals"]
            for column in ("params", key, "elementwise", "activations", "memory"):
                assert sum(row[column] for row in found["rows"]) == total[column], (style, convention, column)
            assert (found["convention"], found["tool"]) == (convention, CONVENTIONS[convention].tool)


def test_stages_have_their_fields(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = data("resnet50", capsys=capsys)
    rows = [(row["stage"], row["field"], row["narrowest"], row["step"]) for row in found["rows"]]
    assert rows[4:] == [("layer4", "427", "11", "32"), ("head", "all", "all", "")]


def test_layers_have_their_kernels(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = data("resnext50_32x4d", "--style", "layers", capsys=capsys)
    rows = [(row["kernel"], row["stride"], row["groups"]) for row in found["rows"] if row["kernel"]]
    assert rows[:4] == [("7", "2", "1"), ("3", "2", ""), ("1", "1", "1"), ("3", "1", "32")]


def test_sorted_rows_name_their_stage(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = data("resnet18", "--style", "layers", "--sort", "params", "--top", "5", capsys=capsys)
    assert [row["params"] for row in found["rows"]] == sorted((r["params"] for r in found["rows"]), reverse=True)
    assert all(row["stage"] and row["block"] for row in found["rows"])


def test_networks_are_sorted_and_cut(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = data(*FIVE, "--style", "compare", "--sort", "params", "--top", "2", capsys=capsys)
    assert [row["model"] for row in found["rows"]] == ["resnet152", "resnet101"]
    (found,) = data(*FIVE, "vgg19", "--style", "paths", "--sort", "mean", "--top", "3", capsys=capsys)
    assert [row["model"] for row in found["rows"]] == ["resnet152", "resnet101", "resnet50"]
    assert "2 of 5 rows." in table(*FIVE, "--style", "compare", "--top", "2", capsys=capsys)


@pytest.mark.parametrize(("spec", "given", "meant"), [
    ("resnet18", "64", [3, 64, 64]),
    ("resnet18", "3x64x96", [3, 64, 96]),
    ("resnet18", "1x64x64", [1, 64, 64]),
    ("fully_connected_resnet", "224", [224]),
])  # fmt: skip
def test_every_command_means_the_same_input(
    spec: str, given: str, meant: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = data(spec, "--input", given, capsys=capsys)
    assert found["input"] == meant
    assert cli.main(["count", spec, "--input", given, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["models"][0]["input"] == meant
    picture = tmp_path / "net.svg"
    assert cli.main(["draw", spec, "--input", given, "-o", str(picture)]) == 0
    assert " × ".join(map(str, meant)) in picture.read_text(encoding="utf-8")


def test_inputs_and_batches(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = data("resnet18", "--style", "compare", "--input", "224,256,3x224x320", capsys=capsys)
    assert [row["input"] for row in found["rows"]] == ["3 x 224 x 224", "3 x 256 x 256", "3 x 224 x 320"]
    one, eight = (data("resnet18", "--batch", n, capsys=capsys)[0]["totals"][0] for n in ("1", "8"))
    assert eight["memory"] == 8 * one["memory"]
    assert eight["macs"] == one["macs"]
    (half,) = data("resnet18", "--dtype", "float16", capsys=capsys)
    assert 2 * half["totals"][0]["memory"] == one["memory"]


def test_explain_ends_at_the_other_number(capsys: pytest.CaptureFixture[str]) -> None:
    shown = table("resnet50", "--explain", "macs", "fvcore", capsys=capsys)
    assert [line.split()[-1] for line in shown.splitlines() if re.match(r"(macs|\+|fvcore) ?\S* ?.*\d$", line)] == [
        "4,089,184,256", "4,111,412,224", "4,111,512,576", "4,111,512,576",
    ]  # fmt: skip


def test_paths_are_powers_of_two(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = data("cifar_resnet110", "vgg19", "--style", "paths", capsys=capsys)
    assert [row["paths"] for row in found["rows"]] == ["2^54", "1"]
    assert sum(map(int, found["lengths"]["cifar_resnet110"].values())) == 2**54


def test_identity_says_what_the_factors_do(capsys: pytest.CaptureFixture[str]) -> None:
    shown = table("im_resnet110_constant_shortcut", "--style", "identity", capsys=capsys)
    assert "multiply to 5.55e-17" in shown
    assert "vanishes" in shown
    assert re.search(r"layer1  broken +18  ReLU +prelude/units.resnet:\d+", shown)
    (found,) = data("im_resnet110_full_preact", "--style", "identity", capsys=capsys)
    assert found["rows"][1] == {"stage": "layer1", "identity": "clean", "times": None, "crosses": "", "where": ""}


def test_memory_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = data("resnet18", "--style", "memory", "--batch", "2", capsys=capsys)
    sizes = {row["what"]: row["bytes"] for row in found["rows"]}
    parts = [sizes[name] for name in ("input", "stem", "layer1", "layer2", "layer3", "layer4", "head")]
    assert sum(parts) == sizes["all"] == 44_398_080
    assert sizes["parameters"] == sizes["momentum"] == sizes["adam"] // 2 == 4 * 11_689_512


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("style", [*ONE_MODEL, "compare", "paper", "paths"])
@pytest.mark.parametrize("spec", [f"{EXAMPLES}:unet_resnet34", "fully_connected_resnet", f"{EXAMPLES}:retina_head"])
def test_every_style_in_every_format(spec: str, style: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = table(spec, "--style", style, "--format", form, capsys=capsys)
    assert shown.endswith("\n")
    assert "None" not in shown
    if form == "json":
        json.loads(shown, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_a_trillion_units_are_tabled_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "deep.resnet"
    body = "a { conv(4, 3) }\n b { repeat 1_000_000_000_000 { basic(4) + 2 * id } }\n c { classifier(10) }"
    spec.write_text(f"resdsl 1\nmodel deep {{ input 3 x 16 x 16\n {body} }}\n")
    for style in (*ONE_MODEL, "compare", "paper", "paths"):
        counting = ["--convention", "train"] if style in command.OPTIONS["convention"] else []
        assert table(str(spec), "--style", style, *counting, capsys=capsys)
    assert '"factor": "inf"' in table(str(spec), "--style", "identity", "--format", "json", capsys=capsys)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resnet18", "--sort", "weight"), "no column `weight`"),
        (("resnet18", "--style", "paper", "--sort", "params"), "`paper` has no use for `--sort`"),
        (("resnet18", "--style", "paper", "--top", "3"), "`paper` has no use for `--top`"),
        (("resnet18", "--style", "paper", "--batch", "3"), "`paper` has no use for `--batch`"),
        (("resnet18", "--style", "memory", "--convention", "thop"), "`memory` has no use for `--convention`"),
        (("resnet18", "--style", "paths", "--convention", "macs"), "`paths` has no use for `--convention`"),
        (("resnet18", "--style", "paths", "--sort", "paths"), "the columns with numbers: layers"),
        (("resnet18", "--style", "identity", "--convention", "macs"), "`identity` has no use for `--convention`"),
        (("resnet18", "--names", "own"), "`stages` has no use for `--names`"),
        (("resnet18", "--explain", "macs", "fvcore", "--style", "stages"), "leave out `--style`"),
        (("resnet18", "--explain", "macs", "fvcore", "--top", "1"), "leave out `--top`"),
        (("resnet18", "--top", "0"), "above 0"),
        (("resnet18", "--convention", "flops"), "invalid choice"),
        (("resnet18", "--explain", "macs"), "expected 2"),
        (("resnet18", "--input", "224,x"), "not a shape"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["table", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_the_command_knows_the_styles_and_conventions() -> None:
    assert tuple(CONVENTIONS) == cli._CONVENTIONS
    assert command.Style.__args__ == cli._STYLES  # type: ignore[attr-defined]
    for word in (*cli._CONVENTIONS, *cli._STYLES):
        assert word in cli._TABLES


# -- formats -----------------------------------------------------------------------------------------------------

WILD = "<b>&amp; \\input{x} $x$ 50% a_b #1 ~ ^ | `c` *d* [e](f) \"g\" 'h' \x1b[31m\u202e"
NASTY = Grid(
    WILD,
    (Column("name", WILD, number=False), Column("n", "n", "count"), Column("b", "b", number=False)),
    [(WILD, 1234, (Blocks((WILD, "3x3"), 2),)), ("=1+1", -5, ()), ("@x", 0, (Blocks(("-2",), 1, False),))],
    [("total", 7, "")],
    WILD,
    (WILD,),
    {"model": "=m"},
)


def test_html_shows_text_as_it_is() -> None:
    tags: list[str] = []
    shown: list[str] = []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.append(tag)

        def handle_data(self, text_: str) -> None:
            shown.append(text_)

    Reader().feed(as_html(NASTY))
    assert set(tags) <= {"style", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "br", "p", "span"}
    assert "<b>&amp; \\input{x} $x$ 50% a_b #1 ~ ^ | `c` *d* [e](f) \"g\" 'h'" in "".join(shown)
    assert "\x1b" not in "".join(shown)


def test_latex_has_no_command_of_a_spec() -> None:
    shown = latex(NASTY)
    assert r"\input" not in shown
    known = {
        "usepackage", "begin", "end", "centering", "caption", "toprule", "midrule", "bottomrule", "addlinespace",
        "textbackslash", "textasciitilde", "textasciicircum", "textless", "textgreater", "textbar", "char",
        "textasciigrave", "textquotesingle", "times", "left", "right", "mbox", "multicolumn", "texttt", "small",
        "footnotesize", "setlength", "tabcolsep", "par", "smallskip", "parbox", "linewidth",
    }  # fmt: skip
    assert set(re.findall(r"\\([A-Za-z]+)", shown)) <= known
    body = re.sub(r"\\.", "", "\n".join(shown.splitlines()[1:]))
    assert body.count("{") == body.count("}")
    assert "%" not in body and "#" not in body and "~" not in body


def test_markdown_has_one_cell_a_column() -> None:
    lines = [line for line in markdown(NASTY).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {4}
    assert "<b>" not in markdown(NASTY)


def test_no_cell_is_a_formula() -> None:
    for row in csv.reader(io.StringIO(as_csv([NASTY]))):
        for cell in row:
            assert cell[:1] not in ("=", "@", "+", "\t") and (cell[:1] != "-" or cell[1:].isdigit())


def test_tables_of_the_same_columns_have_one_heading_in_csv() -> None:
    other = replace(NASTY, columns=NASTY.columns[:-1], rows=[row[:-1] for row in NASTY.rows], totals=[])
    for grids, headings in (([NASTY], 1), ([NASTY, NASTY], 1), ([NASTY, other], 2)):
        heads = {tuple(column.key for column in grid.columns) for grid in grids}
        shown = [row[-len(head) :] for row in csv.reader(io.StringIO(as_csv(grids))) for head in heads]
        assert sum(tuple(row) in heads for row in shown) == headings


def test_a_table_without_notes_has_no_paragraph_in_latex() -> None:
    assert r"\parbox" in latex(NASTY)
    assert r"\parbox" not in latex(replace(NASTY, notes=()))


def test_text_has_no_escape_of_a_terminal() -> None:
    assert "\x1b" not in text(NASTY) + markdown(NASTY) + latex(NASTY) + as_csv([NASTY])
    assert json.loads(as_json([NASTY]))["tables"][0]["rows"][0]["name"] == WILD


def test_latex_stacks_a_deep_stem_and_has_its_facts_below(capsys: pytest.CaptureFixture[str]) -> None:
    shown = table("resnet50", "resnet50d", "--style", "paper", "--format", "latex", capsys=capsys)
    stem = r"3$\times$3, 32, stride 2 \\ 3$\times$3, 32 \\ 3$\times$3, 64"
    assert rf"& 7$\times$7, 64, stride 2 & \begin{{tabular}}{{@{{}}c@{{}}}}{stem}\end{{tabular}} \\" in shown
    assert r"\multicolumn{2}{c}{average pool, 1000-d fc}" in shown
    caption, below = shown.split(r"\begin{tabular}", 1)
    assert (
        "\\caption{Architectures, for an input of 3 $\\times$ 224 $\\times$ 224.}\n\\label{tab:architectures}"
        in caption
    )
    assert r"torchvision 0.29.2 \texttt{\_ops}" in below.split(r"\end{tabular}")[-1]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
@pytest.mark.parametrize("nets", ["resnet18 resnet34 resnet50", "resnet50 seresnet50 resnet50d"])
def test_three_nets_fit_a_page(nets: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compiled(table(*nets.split(), "--style", "paper", "--format", "latex", capsys=capsys), tmp_path)
    assert "Overfull" not in (tmp_path / "page.log").read_text(errors="replace")


def compiled(made: str, folder: Path) -> None:
    page = "\\documentclass{article}\n\\usepackage{booktabs,textcomp}\n\\begin{document}\n" + made + "\\end{document}\n"
    (folder / "page.tex").write_text(page)
    command_ = ["pdflatex", "-interaction=batchmode", "-halt-on-error", "page.tex"]
    subprocess.run(command_, cwd=folder, check=True, stdout=subprocess.DEVNULL)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
@pytest.mark.parametrize("grid", ["nasty", "paper", "layers"])
def test_latex_compiles(grid: str, tmp_path: Path) -> None:
    nets = [load(name) for name in FIVE]
    orders = {"paper": command.Order("paper"), "layers": command.Order("layers")}
    made = latex(NASTY) if grid == "nasty" else command.written(command.tables(nets, orders[grid])[:1], "latex")
    compiled(made, tmp_path)


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (44_398_080, "42.3 MiB"), (2**50, "1,024.0 TiB")],
)
def test_bytes(number: int, shown: str) -> None:
    assert size(number) == shown


def test_numbers() -> None:
    assert [written(1234, "count"), written(0.163, "share"), written(None, ""), written(1.5, "")] == [
        "1,234",
        "16.3 %",
        "",
        "1.5",
    ]
    assert [power(n) for n in (999, 269_722, 25_557_032, 1_814_073_344)] == [
        "999",
        "269.7 x 10^3",
        "25.6 x 10^6",
        "1.8 x 10^9",
    ]
    assert [many(n) for n in (1, 65_536, 2**54, 3**40)] == ["1", "65,536", "2^54", "1.215e19"]


# -- the documentation -------------------------------------------------------------------------------------------

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "analysis.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```sh\nresdsl ([^\n]*)\n```\n\n```text\n(.*?)^```$", PAGE, re.M | re.S)


@pytest.mark.parametrize(("arguments", "shown"), SNIPPETS, ids=[arguments for arguments, _ in SNIPPETS])
def test_the_page_shows_what_its_commands_print(arguments: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments.split()) == 0
    assert capsys.readouterr().out == shown


def test_every_command_of_the_page_is_run() -> None:
    assert len(SNIPPETS) == PAGE.count("```sh") >= 7


def test_the_page_has_the_number_of_every_convention() -> None:
    found = dict(re.findall(r"^\| `([\w-]+)` \| .* \| ([\d,]+) \|$", PAGE, re.M))
    amounts = whole(load("resnet50").report.straight)
    assert found == {name: f"{rule.of(amounts):,}" for name, rule in CONVENTIONS.items()}
