"""The views of `resdsl draw` over every model that ships, and what the figures of the papers show."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest
from scenes import arcs, boxes, faults, texts
from test_picture import HOSTILE, NAMESPACE, dot_nodes, hostile, svg_boxes

from resdsl import files, graph, network, program
from resdsl.analyze.flow import Node, TooLarge, main_path, of_block, of_program
from resdsl.analyze.handed import handed
from resdsl.analyze.outline import outline
from resdsl.diagnostics import ResdslError
from resdsl.elaborate import is_template
from resdsl.emit import draw
from resdsl.emit.draw import View, picture, scene
from resdsl.emit.picture.block import Figure, blocks
from resdsl.emit.picture.captions import SHORTCUT_NAMES
from resdsl.emit.picture.dot import dot
from resdsl.emit.picture.mermaid import mermaid
from resdsl.emit.picture.scene import LIGHT, Bar, Box, Scene, Text
from resdsl.emit.picture.svg import svg
from resdsl.limits import DEFAULT
from resdsl.network import Network

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = str(ROOT / "tests" / "data" / "examples.resnet")
SPECS = [*sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "specs").rglob("*.resnet")), EXAMPLES]
A4 = (482.0, 728.0)  # between margins of two centimetres, in points
KINDS: list[tuple[View, bool]] = [
    ("overview", False), ("overview", True), ("layers", False), ("block", False), ("block", True), ("graph", False)
]  # fmt: skip


@cache
def net(name: str) -> Network:
    """A model that ships, or one of the examples."""
    known = program.load(files.read_file(Path(EXAMPLES))).models
    return network.load(f"{EXAMPLES}:{name}" if name in known else name)


@cache
def nets(path: str) -> tuple[Network, ...]:
    """Every model of a file."""
    spec = program.load(files.read_file(ROOT / path))
    whole = [model for model in spec.models.values() if not is_template(model)]
    return tuple(Network(spec, model, expects=False) for model in whole)


def drawn(one: Network) -> Iterator[tuple[str, Scene]]:
    """Every view of a model that is not too large for it."""
    for view, horizontal in KINDS:
        try:
            yield f"{one.name} {view} {horizontal}", scene([one], view=view, horizontal=horizontal)
        except ResdslError as problem:
            assert problem.diagnostics[0].code == "E0405" and view in ("layers", "graph")


@pytest.mark.parametrize("path", SPECS)
def test_no_figure_has_a_fault(path: str) -> None:
    found = [(name, fault) for one in nets(path) for name, figure in drawn(one) for fault in faults(figure)]
    assert found == []


def test_faults_are_found() -> None:
    """The check itself: a figure that is broken in each way."""
    whole = scene([net("resnet18")], view="block")
    assert faults(whole) == []
    first, second = [box for box in whole.items if isinstance(box, Box) and box.texts][:2]
    head = next(item for item in whole.items if isinstance(item, Text))

    def broken(item: object, other: Box | Text) -> set[str]:
        items = tuple(other if one is item else one for one in whole.items)
        return {fault.split(":")[0] for fault in faults(replace(whole, items=items))}

    assert "boxes meet" in broken(first, replace(first, y=second.y))
    assert {"too wide", "ends nowhere"} <= broken(second, replace(second, width=second.width / 4))
    assert "off the page" in broken(head, replace(head, x=-40.0))
    assert "text on something" in broken(head, replace(head, y=second.y + 4))
    assert "line through a box" in broken(first, replace(first, height=first.height + 60))


# -- the numbers -------------------------------------------------------------------------------------------------


def counted(one: Network) -> tuple[Node, ...] | None:
    try:
        return of_program(one.program, DEFAULT.picture_nodes)
    except TooLarge:
        return None


@pytest.mark.parametrize("path", SPECS)
def test_the_layers_view_has_a_box_for_each_layer_of_the_main_path(path: str) -> None:
    for one in nets(path):
        nodes = counted(one)
        if nodes is None:
            continue
        assert sum(nodes[number].layer for number in main_path(nodes)) == one.layers, one.name
        assert sum(node.layer for node in nodes) == one.report.cost.layers_all, one.name
        tips = Counter(box.tip for box in boxes(scene([one], view="layers")).values())
        shown = sum(count for tip, count in tips.items() if re.match(r"(fc|[×\d]+ conv)", tip))
        assert one.layers <= shown <= one.report.cost.layers_all, one.name


@pytest.mark.parametrize("path", SPECS)
def test_the_overview_has_the_numbers_of_the_report(path: str) -> None:
    for one in nets(path):
        for horizontal in (False, True):
            bars = [item.tip for item in scene([one], horizontal=horizontal).items if isinstance(item, Bar)]
            for unit, total in (("params", one.params), ("MACs", one.macs)):
                amounts = [int(tip.split()[-2].replace(",", "")) for tip in bars if tip.endswith(unit)]
                assert sum(amounts) == total, one.name
                assert len(amounts) == len(one.sections)


def ops(program: graph.Program, node: graph.AnyNode) -> int:
    """Ops and meetings of flows in a node, by counting alone; for nodes without lists."""
    own = isinstance(node, graph.Join) or (isinstance(node, graph.Step) and node.op.name != "id")
    if isinstance(node, graph.Call):
        return ops(program, program.instances[node.instance].body)
    if isinstance(node, graph.Repeat):
        return sum(round_.count * ops(program, round_.body) for round_ in node.rounds)
    return own + sum(ops(program, child) for child in graph.children(node))


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "im_resnet110_exclusive", "densenet121", "convnext_tiny"])
def test_the_graph_view_has_every_op(name: str) -> None:
    one = net(name)
    figure = scene([one], view="graph")
    keys = [key for key in boxes(figure) if re.fullmatch(r"figure0_node\d+", key)]
    assert len(keys) == ops(one.program, one.program.body) + 2  # the input and the output


def test_a_repeat_of_nothing_ends() -> None:
    text = "resdsl 1\nmodel m {\n  input 3 x 8 x 8\n  repeat 1000000000000 { id } -> conv(4, 1)\n}\n"
    with pytest.raises(TooLarge):
        of_program(network.load("m.resnet", text=text).program, 100)


# -- the figures of the papers -------------------------------------------------------------------------------------


def labels(figure: Scene, prefix: str) -> list[str]:
    """The texts of the boxes whose keys begin so, downwards."""
    found = [box for key, box in boxes(figure).items() if key.startswith(f"{prefix}_node") and box.texts]
    return [box.texts[0].text for box in sorted(found, key=lambda box: box.y)]


def fig3() -> Scene:
    return scene([net("vgg19"), net("plain34"), net("resnet34")], view="layers")


def test_figure_3_is_that_of_the_paper() -> None:
    figure = fig3()
    stages = [label for width, blocks in ((64, 3), (128, 4), (256, 6), (512, 3))
              for label in [f"3×3 conv, {width}, /2" if width > 64 else "3×3 conv, 64"]
              + [f"3×3 conv, {width}"] * (2 * blocks - 1)]  # fmt: skip
    plan = ["input 3 × 224 × 224", "7×7 conv, 64, /2", "3×3 max-pool, /2", *stages, "global avg-pool", "fc, 1000"]
    assert labels(figure, "model1") == plan
    assert labels(figure, "model2") == plan
    vgg = [[f"3×3 conv, {width}"] * depth + ["2×2 max-pool, /2"] for width, depth in
           ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))]  # fmt: skip
    assert labels(figure, "model0") == [
        "input 3 × 224 × 224", *(label for stage in vgg for label in stage), "fc, 4096", "fc, 4096", "fc, 1000"
    ]  # fmt: skip
    skips = [(arc.stroke, arc.tip) for arc in arcs(figure) if "shortcut" in arc.tip]
    assert Counter(skips) == {("solid", "identity shortcut"): 13, ("dashed", "projection shortcut"): 3}


def test_a_unit_has_one_colour_though_its_first_layer_still_sees_the_larger_map() -> None:
    found = boxes(scene([net("resnet50")], view="layers")).values()
    fills = [box.fill for box in sorted(found, key=lambda box: box.y) if box.texts and " conv, " in box.texts[0].text]
    assert [(fill, len(list(run))) for fill, run in groupby(fills[1:])] == [
        (fill, 3 * blocks) for fill, blocks in zip(LIGHT.fills, (3, 4, 6, 3), strict=True)
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("im_resnet110_original", {"identity", "padding"}),
        ("im_resnet110_constant", {"modified", "padding"}),
        ("im_resnet110_exclusive", {"modified", "padding"}),
        ("im_resnet110_shortcut_only", {"modified", "padding"}),
        ("im_resnet110_conv1x1", {"projection"}),
        ("im_resnet110_dropout", {"modified", "padding"}),
    ],
)
def test_a_shortcut_that_changes_x_is_called_the_identity_in_no_view(name: str, expected: set[str]) -> None:
    cards = {card.shortcut for row in outline(net(name).report, name, "").rows for card in row.cards}
    assert cards - {"none"} == expected
    for view in ("layers", "block"):
        shown = {arc.tip for arc in arcs(scene([net(name)], view=view)) if "shortcut" in arc.tip}
        assert shown == {SHORTCUT_NAMES[kind] for kind in expected}


def test_figure_3_fits_one_page_in_letters_of_six_points() -> None:
    figure = fig3()
    scale = min(A4[0] / figure.width, A4[1] / figure.height)
    assert min(text.size for text in texts(figure)) * scale >= 6


def test_models_are_aligned_by_the_size_of_their_maps() -> None:
    figure = fig3()
    sizes = [text for text in figure.items if isinstance(text, Text) and re.fullmatch(r"\d+ × \d+", text.text)]
    assert [text.text for text in sizes] == [f"{n} × {n}" for n in (224, 112, 56, 28, 14, 7, 1)]
    by_band: dict[str, list[float]] = {}
    for box in boxes(figure).values():
        size = re.search(r"output \d+ × (\d+ × \d+)$|output \d+$", box.tip)
        if size:
            by_band.setdefault(size.group(1) or "1 × 1", []).append(box.y)
    edges = [text.y for text in sizes] + [figure.height]
    for text, below in zip(sizes, edges[1:], strict=True):
        assert all(text.y - 20 < y < below - 20 for y in by_band[text.text]), text.text


SHORTCUTS = "original constant exclusive shortcut_only conv1x1 dropout"
ORDERS = "original bn_after_add relu_before_add relu_only_preact full_preact"


def of(figure: str, names: str) -> Scene:
    return scene([net(f"im_resnet110_{name}") for name in names.split()], view="block")


def test_figure_2_has_the_six_shortcuts() -> None:
    figure = of("2", SHORTCUTS)
    conv, end = "3×3 conv, 16", ["BN", "+", "ReLU"]
    wanted = [
        [conv, "BN", "ReLU", conv, *end],
        [conv, "BN", "ReLU", conv, "0.5 x", "0.5 x", *end],
        [conv, "BN", "ReLU", conv, "1×1 conv, 16", "sigmoid", "1 - g", "×", "×", *end],
        [conv, "BN", "ReLU", conv, "1×1 conv, 16", "sigmoid", "1 - g", "×", *end],
        [conv, "BN", "ReLU", conv, "1×1 conv, 16", *end],
        [conv, "BN", "ReLU", conv, "dropout", *end],
    ]
    shape = ["16 × 32 × 32"] * 2
    assert [sorted(labels(figure, f"figure{index}")) for index in range(6)] == [sorted(w + shape) for w in wanted]
    looks = [{(arc.stroke, arc.tip) for arc in arcs(figure) if arc.tip and arc.head.startswith(f"figure{index}_")}
             for index in range(6)]  # fmt: skip
    solid, dashed = {("solid", "identity shortcut")}, {("dashed", "projection shortcut")}
    changed = {("dashed", "modified shortcut")}
    assert looks == [solid, changed, changed, changed, dashed, changed]
    assert "g" in [text.text for text in figure.items if isinstance(text, Text)]


def test_figure_4_has_the_five_orders_in_one_line() -> None:
    figure = of("4", ORDERS)
    c, b, r = "3×3 conv, 16", "BN", "ReLU"
    wanted = [[c, b, r, c, b, "+", r], [c, b, r, c, "+", b, r], [c, b, r, c, b, r, "+"], [r, c, b, r, c, b, "+"],
              [b, r, c, b, r, c, "+"]]  # fmt: skip
    assert [labels(figure, f"figure{index}")[1:-1] for index in range(5)] == wanted
    inputs = {box.y for key, box in boxes(figure).items() if key.endswith("_node0")}
    assert len(inputs) == 1


@pytest.mark.parametrize("names", [SHORTCUTS, ORDERS])
def test_figures_of_blocks_fit_a_page_in_letters_of_six_points(names: str) -> None:
    figure = of("", names)
    assert min(text.size for text in texts(figure)) * min(A4[0] / figure.width, A4[1] / figure.height) >= 6


def test_gates_joins_and_named_values_are_shown() -> None:
    figure = scene([net("se_resnet50")], view="block", block="layer1")
    assert {"×", "+", "sigmoid", "global avg-pool"} <= set(labels(figure, "figure0"))
    preact = scene([net("preact_resnet164")], view="block", block="preact_v1")
    assert "h" in [text.text for text in preact.items if isinstance(text, Text)]
    dense = scene([net("densenet121")], view="block", block="dense")
    assert "C" in labels(dense, "figure0")
    padded = scene([net("cifar_resnet20")], view="block")
    assert "dotted" in {arc.stroke for arc in arcs(padded)}
    gated = scene([net("im_resnet110_exclusive")], view="block")  # padded before the gate takes it
    assert "zero-padded shortcut" in {arc.tip for arc in arcs(gated) if arc.tail.startswith("figure1")}
    up = scene([net("unet_resnet34")], view="block", block="up")
    assert "skip: 256 × 14 × 14" in labels(up, "figure0")


# -- the overview --------------------------------------------------------------------------------------------------


def test_values_handed_between_sections_are_drawn() -> None:
    one = net("unet_resnet34")
    for horizontal in (False, True):
        figure = scene([one], horizontal=horizontal)
        links = {(arc.tail, arc.head) for arc in arcs(figure) if arc.tip.endswith("is read here too")}
        heads = (
            ["row5_0", "row5_1", "row5_2", "row5_3"] if horizontal else ["row5_0_0", "row5_0_1", "row5_2_0", "row5_2_1"]
        )
        assert links == set(zip((f"row{n}_tap" for n in (3, 2, 1, 0)), heads, strict=True))
    assert "value handed to a later row" in {text.text for text in texts(figure)}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("fpn_resnet50", [("layer1", 1, 5), ("layer2", 2, 5), ("layer3", 3, 5)]),  # layer4 is the row before
        ("retina_head", [("levels", 0, 2)]),
        ("resnet50", []),
    ],
)
def test_handed_values_are_those_of_the_text(name: str, values: list[tuple[str, int, int]]) -> None:
    found = handed(net(name).program, net(name).sections)
    assert [(value.name, value.source, value.target) for value in found] == values


def test_a_row_that_reads_another_than_the_last_has_no_line_from_the_last() -> None:
    figure = scene([net("retina_head")])
    assert {arc.tail for arc in arcs(figure) if arc.head.startswith("row2")} == {"row0_tap"}


def test_models_side_by_side_have_equal_rows_at_one_height_and_one_scale() -> None:
    figure = scene([net("resnet18"), net("resnet50")])
    rows = {key: box.y for key, box in boxes(figure).items() if re.fullmatch(r"model\d_row\d_0_0", key)}
    ends = {key: box.y + box.height for key, box in boxes(figure).items() if re.fullmatch(r"model\d_row5_0_0", key)}
    assert abs(ends["model0_row5_0_0"] - ends["model1_row5_0_0"]) < 1e-6 and len(rows) == 12
    full = [item for item in figure.items if isinstance(item, Bar) and item.part == 1.0]
    assert len(full) == 2  # the largest params and MACs of both together
    assert faults(figure) == []


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("resnet50", ["1×1 conv, 64 · 3×3 conv, 64", "1×1 conv, 256"]),
        ("seresnet50", ["1×1 conv, 64 · 3×3 conv, 64", "1×1 conv, 256 · gate"]),
        ("repvgg_a1", ["3×3 conv, 64, /2"]),  # the 1x1 beside it is what the dashes mean
        ("res2net50_26w_4s", ["1×1 conv, 104 · 3×3 conv, 26 ×3", "1×1 conv, 256"]),
        ("vgg19", ["3×3 conv, 256 ×4"]),
    ],
)
def test_a_card_lists_the_layers_that_carry_its_flow(name: str, lines: list[str]) -> None:
    cards = [[text.text for text in box.texts if not text.bold] for box in boxes(scene([net(name)])).values()]
    assert lines in cards


# -- the writers ---------------------------------------------------------------------------------------------------

FIGURES = {
    "layers": lambda: fig3(),
    "shortcuts": lambda: of("2", SHORTCUTS),
    "wide block": lambda: scene([net("res2net50_26w_4s")], view="block", horizontal=True),
    "graph": lambda: scene([net("unet_resnet34")], view="graph"),
    "side by side": lambda: scene([net("resnet50"), net("seresnet50")]),
    "wide": lambda: scene([net("unet_resnet34")], horizontal=True),
    "hostile": lambda: blocks(HOSTILE, [Figure(HOSTILE, (HOSTILE,), named())], LIGHT),
}


def named() -> tuple[Node, ...]:
    """A flow with values of hostile names."""
    nodes = of_block(net("resnet50").program, 0, 100)
    return tuple(replace(node, name=HOSTILE if node.kind == "op" else "") for node in nodes)


@pytest.mark.parametrize("name", FIGURES)
def test_both_writers_draw_the_same(name: str) -> None:
    figure = FIGURES[name]()
    shown = sorted(element.text or "" for element in ElementTree.fromstring(svg(figure)).iter(f"{NAMESPACE}text"))
    nodes, written = dot_nodes(figure)
    assert written == shown
    for box in svg_boxes(figure):
        nodes.remove(next(node for node in nodes if node == pytest.approx(box, abs=0.02)))
    assert nodes == []
    assert all(character.isprintable() for character in svg(figure).replace("\n", ""))


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
@pytest.mark.parametrize("name", FIGURES)
def test_graphviz_draws_the_figure_at_its_size(name: str) -> None:
    figure = FIGURES[name]()
    made = subprocess.run(["dot", "-Tsvg"], input=dot(figure).encode(), capture_output=True, timeout=60, check=True)
    assert made.stderr == b""
    root = ElementTree.fromstring(made.stdout)
    shown = sorted((element.text or "").replace("\u00a0", " ") for element in root.iter(f"{NAMESPACE}text"))
    assert shown == sorted(text.text for text in texts(figure) if text.text)
    size = float(root.attrib["width"][:-2]), float(root.attrib["height"][:-2])
    assert size == pytest.approx((figure.width, figure.height), abs=1)
    edges = [element for element in root.iter(f"{NAMESPACE}g") if element.attrib.get("class") == "edge"]
    assert len(edges) == len(arcs(figure))


def test_the_auto_theme_turns_every_colour_dark() -> None:
    light = picture([net("resnet50")], "svg").decode()
    auto = picture([net("resnet50")], "svg", theme="auto").decode()
    (name,) = re.findall(r'<svg [^>]* id="([^"]*)"', auto.replace("<svg ", "<svg  "))
    style = re.findall(r"<style>@media \(prefers-color-scheme: dark\) \{ (.*) \}</style>\n", auto)[0]
    rules = dict(re.findall(rf'#{name} \[(\w+="#\w+")\]\{{\w+:(#\w+)\}}', style))
    used = set(re.findall(r'(?:fill|stroke)="#\w+"', light))
    assert used <= set(rules)
    assert auto.replace(f"<style>@media (prefers-color-scheme: dark) {{ {style} }}</style>\n", "").replace(
        f'id="{name}" ', "", 1
    ) == light  # fmt: skip
    dark = picture([net("resnet50")], "svg", theme="dark").decode()
    turned = re.sub(r'(fill|stroke)="#\w+"', lambda m: f'{m[1]}="{rules[m[0]]}"', light)
    ids = re.compile(r"figure-\w+")
    assert ids.sub("", turned) == ids.sub("", dark)


LINE = re.compile(
    r"""flowchart\ TB | \ *%%.* | \ *end | \ *subgraph\ row\d+\ \["[^"]*"\] | \ *style\ row\d+\ fill:none,stroke:\#\w+
    | \ *\w+\(\["[^"]*"\]\) | \ *\w+\["[^"]*"\](:::stage\d)? | \ *\w+\(\("[^"]*"\)\)
    | \ *\w+\ (-->|-\.->|==>)(\|"[^"]*"\|)?\ \w+ | \ *\w+\ --\ "[^"]*"\ -->\ \w+
    | \ *classDef\ stage\d\ fill:\#\w+,stroke:\#\w+,color:\#\w+""",
    re.X,
)


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "unet_resnet34", "fully_connected_resnet", "vgg19"])
def test_mermaid_is_made_of_known_lines_and_every_name_is_defined(name: str) -> None:
    text = picture([net(name)], "mmd").decode()
    head, title, rule, *lines = text.splitlines()
    assert (head, rule) == ("---", "---") and re.fullmatch(r'title: "[^"]*"', title)
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    defined = set(re.findall(r"^ *(?:subgraph )?(\w+) ?[\[(]", "\n".join(lines), re.M))
    linked = set(re.findall(r"(?:--> |->|==>)(?:\|[^|]*\| ?)? ?(\w+)$", "\n".join(lines), re.M))
    assert linked <= defined and len(linked) > 3


def test_mermaid_keeps_names_out_of_its_syntax() -> None:
    lines = mermaid(hostile()).splitlines()
    assert re.fullmatch(r'title: "(?:[^"\\]|\\.)*"', lines[1])
    assert [line for line in lines[3:] if not LINE.fullmatch(line)] == []
    inner = re.findall(r'"([^"]*)"', "\n".join(lines[3:]))
    plain = [re.sub(r"<br/>|</?b>|#\d+;", "", text) for text in inner]
    assert not [text for text in plain if re.search(r"[<>#&`\\*_\[\]|{}]", text)]


# -- what is asked for ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "name", "options", "said"),
    [
        ("layers", "cifar_resnet1202", {}, ("the layers view", "cifar_resnet1202", "2,000 ops", "`picture_nodes`")),
        ("graph", "im_resnet1001_original", {}, ("the graph view", "`picture_nodes`")),
        ("block", "resnet50", {"block": "bottle"}, ("no block or section `bottle`", "`bottleneck`")),
        ("overview", "resnet50", {"block": "bottleneck"}, ("`--block` is for the block view",)),
        ("layers", "resnet50", {"horizontal": True}, ("the layers view is vertical",)),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    view: View, name: str, options: dict[str, object], said: tuple[str, ...]
) -> None:
    with pytest.raises(ResdslError) as refused:
        scene([net(name)], view=view, **options)  # type: ignore[arg-type]
    message = str(refused.value)
    assert [part for part in said if part not in message] == []


def test_ten_thousand_layers_have_an_overview() -> None:
    text = "resdsl 1\nmodel deep {\n  input 16 x 8 x 8\n  body { repeat 5000 { basic(16) } }\n}\n"
    deep = network.load("deep.resnet", text=text)
    figure = scene([deep])
    assert deep.layers == 10_000
    assert "×5000" in {text.text for text in texts(figure)} and faults(figure) == []
    with pytest.raises(ResdslError, match="picture_nodes"):
        scene([deep], view="layers")


def test_one_model_shows_a_block_of_each_kind_and_several_the_usual_one_of_each() -> None:
    alone = scene([net("resnet50")], view="block")
    heads = [text.text for text in alone.items if isinstance(text, Text) and text.bold]
    assert heads == ["bottleneck", "bottleneck"]
    assert "layer1 to layer4, ×12" in {text.text for text in texts(alone)}
    several = scene([net("resnet18"), net("resnet50")], view="block")
    assert {"resnet18", "basic", "resnet50", "bottleneck"} <= {text.text for text in texts(several)}
    whole = scene([net("worked_unit")], view="block")  # it has no block
    assert "+" in labels(whole, "figure0")


def test_every_view_is_an_option() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "resdsl", "draw", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert all(f"\n{view}  " in done.stdout for view in draw.VIEWS)
    assert all(f".{form}" in done.stdout for form in draw.FORMS)
    assert all(theme in done.stdout for theme in draw.THEMES)


# -- a browser -----------------------------------------------------------------------------------------------------

PAGE = """<!doctype html><meta charset="utf-8"><body><script>
const figures = %s;
const ink = (d, i) => Math.max(Math.abs(d[i] - d[0]), Math.abs(d[i+1] - d[1]), Math.abs(d[i+2] - d[2]));
Promise.all(figures.map(async source => {
  const image = new Image(); image.src = source; await image.decode();
  const canvas = document.createElement("canvas"), w = canvas.width = image.width, h = canvas.height = image.height;
  const pen = canvas.getContext("2d"); pen.drawImage(image, 0, 0);
  const d = pen.getImageData(0, 0, w, h).data;
  let inked = 0, left = w, right = 0, top = h, bottom = 0;
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) if (ink(d, 4 * (y * w + x)) > 24) {
    inked++; left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y);
  }
  return {page: [d[0], d[1], d[2]], inked: inked / (w * h), margins: [left, top, w - 1 - right, h - 1 - bottom], w, h};
})).then(found => { document.body.textContent = "DONE" + JSON.stringify(found) + "DONE"; },
         wrong => { document.body.textContent = "FAILED " + wrong; });
</script></body>"""


def seen(figures: list[str], folder: Path, *options: str) -> list[dict[str, object]]:
    """What a browser draws of SVG figures: the colour of the page, how much of it is inked, the empty margins."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs Chromium")
    sources = [f"data:image/svg+xml;base64,{base64.b64encode(text.encode()).decode()}" for text in figures]
    (folder / "page.html").write_text(PAGE % json.dumps(sources), encoding="utf-8")
    command = [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'user'}"]
    done = subprocess.run(
        [*command, *options, "--virtual-time-budget=20000", "--dump-dom", (folder / "page.html").as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    answer = re.search(r"DONE(.*)DONE", done.stdout)
    assert answer is not None, done.stdout[-300:]
    found: list[dict[str, object]] = json.loads(answer.group(1))
    return found


def test_a_browser_shows_every_kind_whole(tmp_path: Path) -> None:
    figures = [svg(FIGURES[name]()) for name in FIGURES] + [picture([net("resnet50")], "svg").decode()]
    for figure, found in zip(figures, seen(figures, tmp_path), strict=True):
        assert found["page"] == [255, 255, 255]
        assert 0.01 < found["inked"] < 0.6, figure[:300]  # type: ignore[operator]
        assert all(margin >= 8 for margin in found["margins"]), (found, figure[:300])  # type: ignore[attr-defined]


def test_a_browser_that_prefers_dark_shows_the_auto_theme_dark(tmp_path: Path) -> None:
    figure = picture([net("resnet18")], "svg", theme="auto").decode()
    (dark,) = seen([figure], tmp_path, "--blink-settings=preferredColorScheme=0")
    assert dark["page"] == [0x0D, 0x11, 0x17]


def test_values_of_one_name_in_two_blocks_are_two_values() -> None:
    texts = [
        f"block c {{ let {name} = relu  {name} -> scale(0.5) }}\nblock b(width) {{ let h = conv(8, 1)\n"
        " (h -> conv(8, 3) -> conv(8, 3)) + c }"
        for name in ("h", "g")
    ]
    texts.append("block b(width) { let h = preact(width)  h + id }")
    kinds = []
    for text in texts:
        net = network.load("net.resnet", text=f"resdsl 1\n{text}\nmodel net {{ input 8 x 8 x 8  a: b(8) }}")
        kinds.append(outline(net.report, "", "").rows[0].cards[0].shortcut)
    assert kinds == ["modified", "modified", "identity"]
