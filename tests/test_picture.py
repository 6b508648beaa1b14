"""The overview figure: its geometry, its texts, and that both writers draw the same scene and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html import unescape
from itertools import combinations, pairwise

import pytest
from scenes import arcs, bounds, boxes, inside, meet, on_edge, outer, segments, texts

from resdsl.analyze.outline import Card, Outline, Row, Shortcut
from resdsl.emit.picture.captions import amount
from resdsl.emit.picture.dot import dot
from resdsl.emit.picture.lettering import break_name, fit, measure, wrap
from resdsl.emit.picture.overview import overview
from resdsl.emit.picture.scene import DARK, LIGHT, Bar, Scene, Text, clean
from resdsl.emit.picture.svg import svg

STEM = Row(
    "stem",
    (64, 56, 56),
    9_536,
    118_013_952,
    (Card("", ("7x7 conv, 64, /2", "BN", "ReLU", "max-pool /2"), 1, 3, 64, 4, "none", None),),
)


def head(width: int) -> Row:
    params = (width + 1) * 1000
    return Row("head", (1000,), params, width * 1000, (plain("avg-pool", "fc, 1000"),))


def plain(*lines: str, stage: int | None = None) -> Card:
    return Card("", lines, 1, 0, 0, 1, "none", stage)


def bottleneck(stage: int, count: int, width: int, inner: int, stride: int, shortcut: Shortcut) -> Card:
    out = 4 * inner
    strided = f"3x3, {inner}, /{stride}" if stride > 1 else f"3x3, {inner}"
    lines = (f"1x1, {inner}", strided, f"1x1, {out}")
    return Card("bottleneck", lines, count, width, out, stride, shortcut, stage)


def basic(stage: int, count: int, width: int, out: int, shortcut: Shortcut) -> Card:
    return Card("basic", (f"3x3, {out}", f"3x3, {out}"), count, width, out, 1 + (out > width), shortcut, stage)


def resnet50() -> Outline:
    """torchvision's ResNet-50; the MACs of the middle stages are rounded as they are printed."""
    costs = ((215_808, 680_000_000), (1_219_584, 1_040_000_000), (7_098_368, 1_470_000_000), (14_964_736, 810_000_000))
    rows = []
    for stage, (blocks, (params, macs)) in enumerate(zip((3, 4, 6, 3), costs, strict=True)):
        inner, size = 64 << stage, 56 >> stage
        first = bottleneck(stage, 1, 64 if stage == 0 else 2 * inner, inner, 1 + (stage > 0), "projection")
        rest = bottleneck(stage, blocks - 1, 4 * inner, inner, 1, "identity")
        rows.append(Row(f"layer{stage + 1}", (4 * inner, size, size), params, macs, (first, rest)))
    return Outline(
        "ResNet-50", "He et al. 2015", 50, 25_557_032, 4_089_184_256, (3, 224, 224), (STEM, *rows, head(2048))
    )


def plain18() -> Outline:
    rows = [Row("layer1", (64, 56, 56), 147_968, 462_422_016, (basic(0, 2, 64, 64, "none"),))]
    for stage in (1, 2, 3):
        out, size = 64 << stage, 56 >> stage
        cards = (basic(stage, 1, out // 2, out, "none"), basic(stage, 1, out, out, "none"))
        rows.append(Row(f"layer{stage + 1}", (out, size, size), 9 * out * out, 10**8, cards))
    return Outline("plain-18", "", 18, 11_000_000, 1_810_000_000, (3, 224, 224), (STEM, *rows, head(512)))


def densenet() -> Outline:
    rows = []
    for stage, (width, layers) in enumerate(((64, 6), (128, 12), (256, 24), (512, 16))):
        widths = [width + 32 * index for index in range(layers + 1)]
        cards = [
            Card("dense_layer", ("1x1, 128", "3x3, 32"), 1, before, after, 1, "concatenation", stage)
            for before, after in pairwise(widths)
        ]
        cards.append(Card("transition", (f"1x1, {widths[-1] // 2}",), 1, widths[-1], widths[-1] // 2, 2, "none", stage))
        size = 28 >> stage
        rows.append(Row(f"dense{stage + 1}", (widths[-1] // 2, size, size), 10**6, 10**9, tuple(cards)))
    return Outline("DenseNet-121", "", 121, 7_978_856, 2_834_161_664, (3, 224, 224), (STEM, *rows, head(1024)))


def one_row() -> Outline:
    cards = (Card("block_" + "n" * 58, ("3x3, 16", "3x3, 16"), 200, 16, 16, 1, "identity", 0),)
    row = Row("stage_" + "m" * 58, (16, 32, 32), 19_421_274, 2_801_930_240, cards)
    return Outline("net_" + "w" * 60, "", 1202, 19_421_274, 2_801_930_240, (16, 32, 32), (row,))


def shapes() -> Outline:
    """Lists of outputs, one, two and three axes, vectors, scalars, huge axes, many cards, no card, no cost."""
    long = Card("video", ("3x3x3 conv, 64, groups 32, dilation 2",) * 7, 1, 64, 64, 1, "padding", 2)
    rows = (
        Row(
            "maps",
            tuple((64, size, size) for size in (56, 28, 14, 7, 4)),
            999,
            99_999_999,
            (basic(1, 3, 8, 8, "none"),),
        ),
        Row(
            "video", (64, 16, 56, 56), 95, 1180, (long, basic(2, 10_000, 64, 64, "concatenation"), plain(), plain("fc"))
        ),
        Row("audio", (64, 16_000), 0, 0, tuple(basic(3, 2, 64, 64 + index, "projection") for index in range(6))),
        Row("long", (64, 7), 1, 10**19, tuple(basic(4, 2, 64, 64 + index, "padding") for index in range(70))),
        Row("huge", (64, 2**20, 2**20, 2**20), 999_999, 99_999, ()),
        Row("", (), 0, 0, (plain("softmax"), plain("softmax", stage=9))),
    )
    return Outline("shapes", "x" * 300, 1, 0, 10**19, (), rows)


HOSTILE = "</text><script>&amp;&lt;\"'\\N<b>\u202e\u200b\x1b[31m\x00\ud800\U000e0041 end\\"


def hostile() -> Outline:
    card = Card(HOSTILE, (HOSTILE, "\\", '"'), 3, 64, 128, 2, "padding", 1)
    row = Row(HOSTILE, (64, 56, 56), 1, 1, (card, plain(HOSTILE, "\\l", "&", "]]>", "-->")))
    return Outline(HOSTILE, HOSTILE, 1, 1, 1, (3, 224, 224), (row, row))


OUTLINES = {make.__name__: make() for make in (resnet50, plain18, densenet, one_row, shapes, hostile)} | {
    "empty": Outline("", "", 0, 0, 0, (1,), ())
}


@pytest.fixture(params=OUTLINES)
def outline(request: pytest.FixtureRequest) -> Outline:
    return OUTLINES[request.param]


@pytest.fixture
def scene(outline: Outline) -> Scene:
    return overview([outline], LIGHT)


# Geometry


def test_no_two_boxes_meet(scene: Scene) -> None:
    for a, b in combinations(boxes(scene).values(), 2):
        assert not meet(outer(a), outer(b)), (a.key, b.key)


def test_everything_is_on_the_page(scene: Scene) -> None:
    page = (0.0, 0.0, scene.width, scene.height)
    assert all(inside(outer(box), page) for box in boxes(scene).values())
    assert all(inside(bounds(text), page) for text in texts(scene))
    assert all(inside(segment, page) for arc in arcs(scene) for segment in segments(arc))


def test_every_text_fits_its_box(scene: Scene) -> None:
    for box in boxes(scene).values():
        for text in box.texts:
            assert inside(bounds(text), (box.x, box.y, box.x + box.width, box.y + box.height)), text.text
        for a, b in combinations(box.texts, 2):
            assert not meet(bounds(a), bounds(b)), (a.text, b.text)


def test_free_texts_meet_nothing(scene: Scene) -> None:
    free = [item for item in scene.items if isinstance(item, Text)]
    bars = [
        (item.x, item.y, item.x + item.width, item.y + item.height) for item in scene.items if isinstance(item, Bar)
    ]
    lines = [segment for arc in arcs(scene) for segment in segments(arc)]
    others = [outer(box) for box in boxes(scene).values()] + bars + lines
    for text in free:
        assert not [other for other in others if meet(bounds(text), other)], text.text
    for a, b in combinations(free, 2):
        assert not meet(bounds(a), bounds(b)), (a.text, b.text)


def test_arcs_end_on_the_edges_of_their_boxes(scene: Scene) -> None:
    by_key = boxes(scene)
    for arc in arcs(scene):
        assert on_edge(arc.points[0], by_key[arc.tail]), (arc.tail, arc.points[0])
        assert on_edge(arc.points[-1], by_key[arc.head]), (arc.head, arc.points[-1])


def test_no_arc_runs_through_a_box(scene: Scene) -> None:
    for arc in arcs(scene):
        for box in boxes(scene).values():
            left, top, right, bottom = outer(box)
            core = (left + 1, top + 1, right - 1, bottom - 1)
            assert not [segment for segment in segments(arc) if meet(segment, core)], (arc.tail, arc.head, box.key)


def test_one_flow_line_links_all_cards(scene: Scene, outline: Outline) -> None:
    linked = {"input"}
    for _ in arcs(scene):
        linked |= {arc.head for arc in arcs(scene) if arc.tail in linked}
    assert linked == {key for key in boxes(scene) if not key.startswith("legend")}


# What is said


def value(shown: str) -> tuple[float, float]:
    """The number that a text like "0.22 M" shows, and half of its last digit."""
    digits, _, unit = shown.partition(" ")
    factor = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}[unit]
    places = len(digits.partition(".")[2])
    return float(digits) * factor, factor * 0.5 * 10**-places


def test_the_numbers_are_those_of_the_outline(scene: Scene, outline: Outline) -> None:
    columns = {text.text: text.x for text in texts(scene) if text.text in ("params", "MACs")}
    for name, costs in (("params", [row.params for row in outline.rows]), ("MACs", [row.macs for row in outline.rows])):
        below = [text for text in texts(scene) if text.x == columns[name] and text.text != name]
        shown = [value(text.text) for text in sorted(below, key=lambda text: text.y)]
        assert len(shown) == len(costs)
        for (number, half), cost in zip(shown, costs, strict=True):
            assert abs(number - cost) <= half * 1.0001 or ("e" in str(amount(cost)) and number == cost)


def test_bars_are_as_long_as_their_numbers(scene: Scene, outline: Outline) -> None:
    bars = [item for item in scene.items if isinstance(item, Bar)]
    for column, costs in enumerate(([row.params for row in outline.rows], [row.macs for row in outline.rows])):
        most = max(costs, default=0)
        assert [bar.part for bar in bars[column::2]] == [cost / most if most else 0 for cost in costs]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (9_536, "9.5 k"),
        (215_808, "0.22 M"),
        (7_098_368, "7.10 M"),
        (118_013_952, "0.12 G"),
        (4_089_184_256, "4.09 G"),
        (10**12, "1.00 T"),
        (10**19, "1.00e+19"),
    ],
)
def test_amounts_read_as_in_papers(number: int, shown: str) -> None:
    assert amount(number) == shown


def test_resnet50_says_what_the_paper_says() -> None:
    scene = overview([resnet50()], LIGHT)
    shown = {text.text for text in texts(scene)}
    assert "50 layers · 25.56 M params · 4.09 GMACs" in shown
    assert {"7×7 conv, 64, /2", "bottleneck 64 → 256", "bottleneck 256 → 512, /2", "bottleneck 2048"} <= shown
    assert {"1×1, 128 · 3×3, 128, /2 · 1×1, 512", "×2", "×3", "×5", "56 × 56", "1000", "2048 channels"} <= shown
    assert {"identity shortcut", "projection shortcut"} <= shown
    assert not {"concatenation", "zero-padded shortcut"} & shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shapes", ["56 × 56", "28 × 28", "14 × 14", "… 2 more", "16 × 56 × 56", "16000", "× 1048576", "scalar"]),
        ("densenet", ["… 4 more", "dense_layer 128 → 256", "… 22 more", "transition 1024 → 512, /2", "C"]),
        ("plain18", ["×2", "basic 64 → 128, /2", "18 layers · 11.00 M params · 1.81 GMACs"]),
    ],
)
def test_shapes_and_folded_rows_are_named(name: str, expected: list[str]) -> None:
    shown = [text.text for text in texts(overview([OUTLINES[name]], LIGHT))]
    assert [text for text in expected if text not in shown] == []


@pytest.mark.parametrize(
    ("shortcut", "stroke", "sign"),
    [
        ("identity", "solid", "+"),
        ("projection", "dashed", "+"),
        ("modified", "dashed", "+"),
        ("padding", "dotted", "+"),
        ("concatenation", "solid", "C"),
    ],
)
def test_a_shortcut_is_drawn_as_its_kind(shortcut: Shortcut, stroke: str, sign: str) -> None:
    row = Row("stage", (64, 8, 8), 1, 1, (basic(0, 1, 64, 64, shortcut),))
    scene = overview([Outline("net", "", 2, 1, 1, (64, 8, 8), (row,))], LIGHT)
    (arc,) = [arc for arc in arcs(scene) if arc.tail == "row0_0_0_fork" and arc.head == "row0_0_0_merge"]
    assert arc.stroke == stroke
    assert arc.colour == LIGHT.strokes[0]
    assert [text.text for text in boxes(scene)[arc.head].texts] == [sign]


def test_a_plain_net_has_neither_arcs_nor_legend() -> None:
    scene = overview([plain18()], LIGHT)
    assert not [key for key in boxes(scene) if key.endswith(("fork", "merge"))]
    assert {arc.stroke for arc in arcs(scene)} == {"solid"}


def test_stage_colours_continue_the_cycle() -> None:
    for stage in range(12):
        assert (LIGHT.fill(stage), DARK.stroke(stage)) == (LIGHT.fills[stage % 4], DARK.strokes[stage % 4])
    assert len({LIGHT.fill(stage) for stage in (None, 0, 1, 2, 3)}) == 5


# Lettering


def test_fitted_texts_fit() -> None:
    for text in ("bottleneck", "mmmmmmmm", "\u4e2d\u6587\u540d\u5b57", "éèê", HOSTILE):
        for room in (20, 40, 60, 200):
            assert measure(fit(text, room, size=9, bold=True), size=9, bold=True) <= room
            lines = wrap([text] * 9, room, joint=" · ", size=9, bold=False, most=2)
            assert len(lines) <= 2 and all(measure(line, size=9, bold=False) <= room for line in lines if room > 40)


def test_wrapping_counts_what_it_leaves_out() -> None:
    labels = [f"3×3, {index}" for index in range(100, 120)]
    lines = wrap(labels, 100, joint=" · ", size=9, bold=False, most=2)
    shown = sum(line.count("3×3") for line in lines)
    assert lines[-1].endswith(f"… {len(labels) - shown} more")


def test_names_break_after_an_underscore() -> None:
    assert break_name("squeeze_and_excitation", 80, size=9, bold=False) == ("squeeze_and_", "excitation")


# The writers

ELEMENTS = {
    "svg": {"role", "aria-labelledby", "width", "height", "viewBox", "font-family"},
    "title": {"id"},
    "desc": {"id"},
    "g": set(),
    "rect": {"x", "y", "width", "height", "rx", "fill", "stroke"},
    "path": {"d", "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap"},
    "text": {"x", "y", "font-size", "font-weight", "text-anchor", "fill"},
}
NAMESPACE = "{http://www.w3.org/2000/svg}"


def test_svg_holds_known_elements_and_attributes_only(scene: Scene) -> None:
    for element in ElementTree.fromstring(svg(scene)).iter():
        assert element.tag.startswith(NAMESPACE)
        assert set(element.attrib) <= ELEMENTS[element.tag.removeprefix(NAMESPACE)], element.attrib


def test_svg_is_described_and_every_card_has_a_tooltip(outline: Outline) -> None:
    root = ElementTree.fromstring(svg(overview([outline], LIGHT)))
    title, desc = root[0], root[1]
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {desc.attrib['id']}"
    assert (title.text or "") == clean(outline.title)
    assert all(clean(row.name) in (desc.text or "") for row in outline.rows)
    tips = [element.text for element in root.findall(f"{NAMESPACE}g/{NAMESPACE}title")]
    for row in outline.rows:
        if len(row.cards) <= 6:
            assert all([tip for tip in tips if tip and clean(card.name) in tip] for card in row.cards)


def test_ids_are_the_figures_own() -> None:
    drawn = [svg(overview([outline], theme)) for outline in OUTLINES.values() for theme in (LIGHT, DARK)]
    ids = [found for text in drawn for found in re.findall(r' id="([^"]*)"', text)]
    assert len(ids) == 2 * len(drawn) == len(set(ids))


def test_nothing_unprintable_is_written(scene: Scene) -> None:
    for written in (svg(scene), dot(scene)):
        assert all(character.isprintable() for character in written.replace("\n", ""))
        assert "\U000e0041" not in written
    if scene.title == clean(HOSTILE):
        assert "\ufffd" in svg(scene)


def svg_boxes(scene: Scene) -> list[tuple[float, ...]]:
    """Centre and size of every rectangle but the page."""
    rectangles = list(ElementTree.fromstring(svg(scene)).iter(f"{NAMESPACE}rect"))[1:]
    found = []
    for rectangle in rectangles:
        x, y, width, height = (float(rectangle.attrib[name]) for name in ("x", "y", "width", "height"))
        found.append((x + width / 2, y + height / 2, width, height))
    return sorted(found)


NODE = re.compile(r'^  "?[\w ]+"? \[pos="([^,]+),([^"]+)", width=([\d.]+), height=([\d.]+), (.*)\];$', re.MULTILINE)
LABEL = re.compile(r'label="((?:[^"\\]|\\.)*)"$')


def dot_nodes(scene: Scene) -> tuple[list[tuple[float, ...]], list[str]]:
    """Centre and size of every node that draws a rectangle, and the text of every one that shows a text."""
    found, labels = [], []
    for x, y, width, height, rest in NODE.findall(dot(scene)):
        label = LABEL.search(rest)
        if label:
            text = re.sub(r"(?<!\\)((?:\\\\)*)\\[lr]$", r"\1", label.group(1))
            labels.append(unescape(re.sub(r"\\(.)", r"\1", text)))
        elif "invis" not in rest:
            found.append((float(x), scene.height - float(y), 72 * float(width), 72 * float(height)))
    return sorted(found), sorted(labels)


def test_both_writers_draw_the_same_boxes_and_texts(scene: Scene) -> None:
    shown = sorted(element.text or "" for element in ElementTree.fromstring(svg(scene)).iter(f"{NAMESPACE}text"))
    drawn, labels = dot_nodes(scene)
    assert labels == shown == sorted(clean(text.text) for text in texts(scene))
    assert len(drawn) == len(svg_boxes(scene))
    for a, b in zip(drawn, svg_boxes(scene), strict=True):
        assert a == pytest.approx(b, abs=0.02)


def test_dot_has_an_edge_an_arc_and_full_splines(scene: Scene) -> None:
    edges = re.findall(r'^  "(\w+)" -> "(\w+)" \[pos="(e,\S+ )?([^"]*)"', dot(scene), re.MULTILINE)
    assert sorted((tail, head) for tail, head, _, _ in edges) == sorted((arc.tail, arc.head) for arc in arcs(scene))
    assert all(len(points.split()) % 3 == 1 for _, _, _, points in edges)


def test_dot_keeps_data_out_of_its_syntax() -> None:
    text = dot(overview([hostile()], LIGHT))
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    assert not re.search(r"script|end|<(?!/?$)|URL|href|\\", bare)
    assert set(re.findall(r'fontname="([^"]*)"', text)) == {
        "Helvetica,Arial,sans-serif",
        "Helvetica,Arial,sans-serif Bold",
    }


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_graphviz_draws_the_texts_of_the_scene(outline: Outline, theme: object) -> None:
    scene = overview([outline], DARK if theme is DARK else LIGHT)
    drawn = subprocess.run(["dot", "-Tsvg"], input=dot(scene).encode(), capture_output=True, timeout=60, check=True)
    assert drawn.stderr == b""
    root = ElementTree.fromstring(drawn.stdout)
    shown = sorted((element.text or "").replace("\u00a0", " ") for element in root.iter(f"{NAMESPACE}text"))
    assert shown == sorted(text.text for text in texts(scene) if text.text)
    assert root.attrib["width"] == f"{scene.width:.0f}pt" and root.attrib["height"] == f"{scene.height:.0f}pt"
    xlink = "{http://www.w3.org/1999/xlink}"
    tips = {element.attrib[f"{xlink}title"] for element in root.iter(f"{NAMESPACE}a")}
    drawn_tips = {clean(item.tip).replace("\\", "\u2216") for item in scene.items if not isinstance(item, Text)}
    assert drawn_tips - {""} <= tips
    assert not [element for element in root.iter() if any(name.endswith("}href") for name in element.attrib)]


def test_the_bytes_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "import test_picture as t\n"
        "for o in t.OUTLINES.values(): s = t.overview([o], t.DARK); print(ascii(t.svg(s) + t.dot(s)))"
    )
    here = os.path.dirname(__file__)
    path = os.pathsep.join([here, os.path.dirname(here)])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path, "LC_ALL": "C"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
