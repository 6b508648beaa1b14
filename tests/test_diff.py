"""`resdsl diff`: the sentences of the notes, one edit after the other, and that nothing is found where nothing is."""

from __future__ import annotations

import json
import random
import re
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
import specgen

from resdsl import cli, program
from resdsl.analyze.aligned import aligned
from resdsl.analyze.changes import Kind
from resdsl.analyze.difference import Difference, difference
from resdsl.analyze.flow import TooLarge, of_program
from resdsl.analyze.keys import keys
from resdsl.analyze.report import Report
from resdsl.analyze.same import same
from resdsl.diagnostics import Source
from resdsl.elaborate import elaborate, is_template
from resdsl.emit.difference.words import sentences
from resdsl.network import Network, load

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = "tests/data/examples.resnet"


def diff(*arguments: str, capsys: pytest.CaptureFixture[str], status: int = 1) -> str:
    assert cli.main(["diff", *arguments]) == status
    return capsys.readouterr().out


@cache
def network(name: str) -> Network:
    return load(str(ROOT / name) if "/" in name else name)


def found(a: Network, b: Network) -> list[str]:
    """The findings as sentences."""
    return sentences(difference(a.report, b.report))


# -- the notes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        (
            "resnet50",
            "resnet101",
            "resnet50 and resnet101 differ in layer3: 6 blocks against 23, that is 17 blocks, 51 layers",
        ),
        (
            "resnet50_v1",
            "resnet50",
            "resnet50_v1 and resnet50 differ: stride moved from the first 1x1 to the 3x3 in layer2 to layer4, "
            "+231,211,008 MACs, no parameter",
        ),
        (
            "resnet50",
            "resnet50_v1",
            "resnet50 and resnet50_v1 differ: stride moved from the 3x3 to the first 1x1 in layer2 to layer4, "
            "-231,211,008 MACs, no parameter",
        ),
    ],
)
def test_the_sentences_of_the_notes(a: str, b: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(a, b, capsys=capsys).splitlines()[0] == sentence


# -- networks that people compare --------------------------------------------------------------------------------

PAIRS = {
    ("resnet18", "resnet34"): [
        "in layer1 and layer4: 2 blocks against 3 each, that is 2 blocks, 4 layers",
        "in layer2: 2 blocks against 4, that is 2 blocks, 4 layers",
        "in layer3: 2 blocks against 6, that is 4 blocks, 8 layers",
    ],
    ("cifar_resnet20", "cifar_resnet56"): [
        "in layer1 to layer3: 3 blocks against 9 each, that is 18 blocks, 36 layers"
    ],
    ("resnet50", "seresnet50"): [
        "gate (global avg-pool, 1x1, ReLU, 1x1, sigmoid) added after the last 1x1 in layer1 to layer4, "
        "+2,514,944 MACs, +2,530,992 parameters"
    ],
    ("resnet50", "resnet50d"): [
        "layers: [7x7] -> [3x3 x3] in stem, +2 layers, +239,640,576 MACs, +19,232 parameters",
        "shortcut: [1x1 /2, BN] -> [2x2 avg-pool /2, 1x1, BN] in layer2 to layer4, no MAC, no parameter",
    ],
    ("resnet50", "resnext50_32x4d"): [
        "width of the first 1x1 and the 3x3: x 2 in layer1 to layer4 (64 -> 128 in layer1)",
        "groups of the 3x3: 1 -> 32 in layer1 to layer4",
    ],
    ("resnet50", "wide_resnet50_2"): [
        "width of the first 1x1 and the 3x3: x 2 in layer1 to layer4 (64 -> 128 in layer1), "
        "+7,308,836,864 MACs, +43,326,208 parameters"
    ],
    ("resnet50", "resnetv2_50"): [
        "section norm added: BN, ReLU",
        "layers: [fc] -> [1x1] in head, no MAC, no parameter",
        "shortcut: [1x1, BN] -> [1x1] in layer1; [1x1 /2, BN] -> [1x1 /2] in layer2 to layer4",
        "BN, ReLU removed after the 7x7 in stem, no MAC, -128 parameters",
        "BN moved from after the last 1x1 to before the first 1x1 in layer1 to layer4",
        "ReLU moved from after the addition to before the first 1x1 in layer1 to layer4",
        "names: layer1 is stages.0.blocks, layer2 is stages.1.blocks, layer3 is stages.2.blocks, "
        "layer4 is stages.3.blocks",
    ],
    ("plain34", "resnet34"): [
        "shortcut: none -> identity in layer1; none -> [1x1 /2, BN] in the first block of layer2 to layer4; "
        "none -> identity in all blocks but the first of layer2 to layer4, +19,267,584 MACs, +173,824 parameters"
    ],
    ("vgg19", "vgg19_bn"): ["BN added after every 3x3 in features, no MAC, +11,008 parameters"],
    ("cifar_resnet20", "cifar_resnet20_b"): [
        "shortcut: [subsample /2, zero-pad] -> [1x1 /2, BN] in layer2 and layer3, +262,144 MACs, +2,752 parameters"
    ],
    ("cifar_resnet20_b", "cifar_resnet20_c"): [
        "shortcut: identity -> [1x1, BN] in layer1 to layer3, +1,835,008 MACs, +11,488 parameters"
    ],
    ("resnet50_c", "resnet50"): [
        "shortcut: [1x1, BN] -> identity in all blocks but the first of layer1; "
        "[1x1, BN] -> identity in layer2 to layer4, -2,466,250,752 MACs, -14,571,520 parameters"
    ],
    ("resnet101d", "resnet50d"): [
        "input 3 x 256 x 256 -> 3 x 224 x 224",
        "in layer3: 23 blocks against 6, that is 17 blocks",
    ],
    (f"{EXAMPLES}:resnet50_gn", "resnet50"): ["groupnorm(32) -> batchnorm everywhere", "silu -> relu everywhere"],
    ("resnet50", f"{EXAMPLES}:resnet50_os8"): [
        "stride of the 3x3 and the 1x1 of the shortcut: 2 -> 1 in layer3 and layer4",
        "dilation of the 3x3: 1 -> 2 in all blocks but the first of layer3; 1 -> 2 in the first block of layer4; "
        "1 -> 4 in all blocks but the first of layer4",
    ],
    ("im_resnet110_original", "im_resnet110_full_preact"): [
        "BN, ReLU removed after the 3x3 in stem, no MAC, -32 parameters",
        "BN moved from after the last 3x3 to before the first 3x3 in layer1 to layer3",
        "ReLU moved from after the addition to before the first 3x3 in layer1 to layer3",
        "BN, ReLU added before the fc in head, no MAC, +128 parameters",
    ],
    (f"{EXAMPLES}:se_resnet50", f"{EXAMPLES}:cbam_resnet50"): [
        "gate: [global avg-pool, 1x1, ReLU, 1x1, sigmoid] -> "
        "[global avg-pool, global max-pool, 1x1, ReLU, 1x1, sum, sigmoid] in layer1 to layer4",
        "gate (channel max, channel mean, concatenation, 7x7, BN, sigmoid) added after the last 1x1 "
        "in layer1 to layer4",
    ],
    ("im_resnet110_original", "im_resnet110_constant"): [
        "shortcut: identity -> [0.5 * x] in layer1 to layer3; "
        "[subsample /2, zero-pad] -> [subsample /2, zero-pad, 0.5 * x] in layer2 and layer3",
        "factor after the last 3x3: none -> 0.5 * x in layer1 to layer3",
    ],
}


@pytest.mark.parametrize(("a", "b"), PAIRS, ids=map("-".join, PAIRS))
def test_what_differs_between_networks_of_the_zoo(a: str, b: str) -> None:
    assert found(network(a), network(b)) == PAIRS[a, b]


# -- one edit ----------------------------------------------------------------------------------------------------

# The words of the prelude mean nothing here: what the blocks are called is not what they are told by.
NET = """resdsl 1
block zig(width, stride = 1) {
  (conv(width / 4, 1) -> batchnorm -> relu
    -> conv(width / 4, 3, stride) -> batchnorm -> relu
    -> conv(width, 1) -> batchnorm)
  + down: (if in == width and stride == 1 { id } else { conv(width, 1, stride) -> batchnorm })
  -> relu
}
model net {
  input 3 x 64 x 64
  stem { conv1: conv(16, 7, stride = 2) -> bn1: batchnorm -> relu -> maxpool(3, stride = 2) }
  one: (zig(32) -> repeat 2 { zig(32) })
  two: (zig(64, 2) -> repeat 3 { zig(64) })
  three: (zig(128, 2) -> repeat 3 { zig(128) })
  head { globalpool -> flatten -> linear(10) }
}
"""

EDITS = {
    "classes": ("linear(10)", "linear(100)", ["width of the fc: 10 -> 100 in head, +11,520 MACs, +11,610 parameters"]),
    "input": ("3 x 64 x 64", "3 x 32 x 32", ["input 3 x 64 x 64 -> 3 x 32 x 32, -4,472,832 MACs, no parameter"]),
    "depth": (
        "repeat 3 { zig(64) }",
        "repeat 5 { zig(64) }",
        ["in two: 4 blocks against 6, that is 2 blocks, 6 layers"],
    ),
    "one block less": (
        "one: (zig(32) -> repeat 2 { zig(32) })",
        "one: (zig(32) -> repeat 1 { zig(32) })",
        ["in one: 3 blocks against 2, that is 1 block, 3 layers"],
    ),
    "activation": ("relu", "silu", ["relu -> silu everywhere, no MAC, no parameter"]),
    "norm": ("batchnorm", "groupnorm(4)", ["batchnorm -> groupnorm(4) everywhere, no MAC, no parameter"]),
    "argument of every norm": (
        "batchnorm",
        "batchnorm(eps = 0.001)",
        ["eps of BN: 1e-05 -> 0.001 everywhere, no MAC, no parameter"],
    ),
    "last norm": (
        "-> conv(width, 1) -> batchnorm)",
        "-> conv(width, 1) -> batchnorm(start = 0.0))",
        ["start of BN after the last 1x1: 1 -> 0 in one to three, no MAC, no parameter"],
    ),
    "kernel": ("conv(16, 7,", "conv(16, 5,", ["layers: [7x7] -> [5x5] in stem, -1,179,648 MACs, -1,152 parameters"]),
    "groups": (
        "3, stride)",
        "3, stride, groups = 2)",
        ["groups of the 3x3: 1 -> 2 in one to three, -811,008 MACs, -23,904 parameters"],
    ),
    "bias": (
        "conv(width / 4, 1)",
        "conv(width / 4, 1, bias = true)",
        ["bias of the first 1x1: false -> true in one to three, no MAC, +216 parameters"],
    ),
    "stride": (
        "conv(width / 4, 1) -> batchnorm -> relu\n    -> conv(width / 4, 3, stride)",
        "conv(width / 4, 1, stride) -> batchnorm -> relu\n    -> conv(width / 4, 3)",
        ["stride moved from the 3x3 to the first 1x1 in two and three, -196,608 MACs, no parameter"],
    ),
    "dropout": (
        "flatten ->",
        "flatten -> dropout(0.2) ->",
        ["dropout added before the fc in head, no MAC, no parameter"],
    ),
    "pool": (
        " -> maxpool(3, stride = 2)",
        "",
        ["3x3 max-pool removed after the 7x7 in stem, +10,665,984 MACs, no parameter"],
    ),
    "gate": (
        "-> conv(width, 1) -> batchnorm)",
        "-> conv(width, 1) -> batchnorm -> (id * (globalpool -> conv(width, 1) -> sigmoid)))",
        [
            "gate (global avg-pool, 1x1, sigmoid) added after the last 1x1 in one to three, "
            "+84,992 MACs, +84,992 parameters"
        ],
    ),
    "shortcut": (
        "else { conv(width, 1, stride) -> batchnorm }",
        "else { subsample(stride) -> zeropad(width) }",
        [
            "shortcut: [1x1, BN] -> [subsample, zero-pad] in one; "
            "[1x1 /2, BN] -> [subsample /2, zero-pad] in two and three, "
            "-393,216 MACs, -11,200 parameters"
        ],
    ),
    "no shortcut": (
        "\n  + down: (if in == width and stride == 1 { id } else { conv(width, 1, stride) -> batchnorm })",
        "",
        [
            "shortcut: [1x1, BN] -> none in one; identity -> none in one to three; "
            "[1x1 /2, BN] -> none in two and three, "
            "-393,216 MACs, -11,200 parameters"
        ],
    ),
    "operator": (
        "+ down: (if in == width and stride == 1 { id } else {",
        "- down: (if in == width and stride == 1 { id } else {",
        ["addition -> subtraction everywhere, no MAC, no parameter"],
    ),
    "branch scaled": (
        "-> conv(width, 1) -> batchnorm)",
        "-> (0.5 * (conv(width, 1) -> batchnorm)))",
        ["factor after the last 1x1: none -> 0.5 * x in one to three, no MAC, no parameter"],
    ),
    "a section more": (
        "  head {",
        "  neck { conv(64, 1) -> relu }\n  head {",
        ["section neck added: 1x1, ReLU"],
    ),
    "a section less": (
        "  three: (zig(128, 2) -> repeat 3 { zig(128) })\n",
        "",
        ["section three removed: 4 blocks of 1x1, 3x3, 1x1"],
    ),
    "a section by another name": (
        "  head {",
        "  top {",
        ["names: head is top"],
    ),
    "order": (
        "batchnorm -> relu\n    -> conv(width, 1) -> batchnorm)",
        "batchnorm -> relu\n    -> batchnorm -> conv(width, 1))",
        ["BN moved from after the last 1x1 to after the 3x3 in one to three, no MAC, -1,296 parameters"],
    ),
}


ZIG = NET[NET.index("block zig") : NET.index("model net")]
EDITS |= {
    "activation of the blocks": (
        ZIG,
        ZIG.replace("relu", "silu"),
        ["relu -> silu in one to three, no MAC, no parameter"],
    ),
    "width, and something behind it": (
        "three: (zig(128, 2) -> repeat 3 { zig(128) })\n  head { globalpool ->",
        "three: (zig(256, 2) -> repeat 3 { zig(256) })\n  head { globalpool -> dropout ->",
        [
            "width of the first 1x1 and the 3x3: 32 -> 64 in three",
            "width of the last 1x1 and the 1x1 of the shortcut: 128 -> 256 in three",
            "dropout added before the fc in head",
        ],
    ),
    "width, and something before it": (
        "bn1: batchnorm -> relu -> maxpool(3, stride = 2) }\n  one: (zig(32) -> repeat 2 { zig(32) })",
        "bn1: batchnorm -> silu -> maxpool(3, stride = 2) }\n  one: (zig(64) -> repeat 2 { zig(64) })",
        [
            "relu -> silu in stem",
            "width of the first 1x1 and the 3x3: 8 -> 16 in one",
            "width of the last 1x1 and the 1x1 of the shortcut: 32 -> 64 in one",
        ],
    ),
    "sections fewer and renamed": (
        NET[NET.index("  one: ") : NET.index("  head")],
        NET[NET.index("  two: ") : NET.index("  head")].replace("two", "second").replace("three", "third"),
        ["section one removed: 3 blocks of 1x1, 3x3, 1x1", "names: two is second, three is third"],
    ),
    "the last section gone, the others renamed": (
        NET[NET.index("  one: ") : NET.index("  head")],
        NET[NET.index("  one: ") : NET.index("  three")].replace("one", "first").replace("two", "second"),
        ["section three removed: 4 blocks of 1x1, 3x3, 1x1", "names: one is first, two is second"],
    ),
}


def net(text: str) -> Network:
    return load("net.resnet", text=text)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_told_in_words(edit: str) -> None:
    old, new, expected = EDITS[edit]
    told = found(net(NET), net(NET.replace(old, new)))
    assert told == expected


def test_what_has_moved_among_the_same_neighbours_has_moved() -> None:
    text = "resdsl 1\nmodel net {{\n  input 3 x 8 x 8\n  part {{ {} }}\n}}\n"
    for before, after, said in (
        ("relu -> conv(3, 3)", "conv(3, 3) -> relu", "3x3 moved in part"),
        ("id + (relu -> conv(3, 3))", "id + (conv(3, 3) -> relu)", "3x3 moved in part"),
    ):
        assert found(net(text.format(before)), net(text.format(after))) == [f"{said}, no MAC, no parameter"]


def test_blocks_that_one_network_has_more_of_are_no_change_of_others() -> None:
    one = net(NET.replace("one: (zig(32) -> repeat 2 { zig(32) })", "one: zig(32)"))
    assert found(one, net(NET)) == ["in one: 1 block against 3, that is 2 blocks, 6 layers"]
    assert found(net(NET), one) == ["in one: 3 blocks against 1, that is 2 blocks, 6 layers"]


# -- the same network --------------------------------------------------------------------------------------------

BRANCH = NET[NET.index("  (conv") : NET.index("\n  + down")].strip()
BESIDE = NET[NET.index("down: (if") : NET.index("\n  -> relu\n}")]
BODY = "{}\n  -> relu"
SAME = {
    "blocks by other names": ("zig", "zag"),
    "a comment": ("resdsl 1\n", "resdsl 1\n# A comment.\n"),
    "rounds written out": ("repeat 2 { zig(32) }", "zig(32) -> zig(32)"),
    "brackets": ("globalpool -> flatten -> linear(10)", "(globalpool -> flatten) -> linear(10)"),
    "a default written down": ("maxpool(3, stride = 2)", "maxpool(3, stride = 2, ceil = false)"),
    "a block of its own": (
        "model net {",
        "block top(classes) { globalpool -> flatten -> linear(classes) }\nmodel net {",
    ),
    "a sum the other way round": (
        BODY.format(f"{BRANCH}\n  + {BESIDE}"),
        BODY.format(f"{BESIDE}\n  + {BRANCH}"),
    ),
    "a value that is named": ("head { globalpool", "let x = id\n  head { x -> globalpool"),
}


@pytest.mark.parametrize("edit", SAME)
def test_another_text_is_the_same_network(edit: str) -> None:
    old, new = SAME[edit]
    made = difference(net(NET).report, net(NET.replace(old, new)).report)
    assert made.same
    assert sentences(made) == []


def flows(*texts: str) -> list[Network]:
    return [net(f"resdsl 1\nblock b {{\n{text}\n}}\nmodel net {{ input 4 x 8 x 8\n part {{ b }} }}") for text in texts]


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        ("conv(4, 3) + id", "id + conv(4, 3)", True),
        ("conv(4, 3) - id", "id - conv(4, 3)", False),
        ("conv(4, 3) ++ id", "id ++ conv(4, 3)", False),
        ("2 * id -> relu", "id * 2 -> relu", True),
        ("1 - id", "id - 1", False),
        ("conv(4, 3) + conv(4, 3)", "let x = conv(4, 3)\n x + x", False),  # two weights, or one twice
        ("[id, id] -> conv(4, 3) -> sum", "[conv(4, 3), conv(4, 3)] -> sum", False),
        ("relu -> repeat 3 { conv(4, 3) }", "relu -> conv(4, 3) -> repeat 2 { conv(4, 3) }", True),
        ("let x = relu\n conv(4, 3) + x", "relu -> (conv(4, 3) + id)", False),
        ("let x = conv(4, 1)\n conv(4, 3) -> relu -> (x + id)", "(conv(4, 3) -> relu) + conv(4, 1)", True),
        ("split(2) -> (id[0] ++ id[1])", "split(2) -> (id[1] ++ id[0])", False),
        ("batchnorm", "batchnorm(momentum = 0.2)", False),
        (
            "let x = conv(4, 3)\n let y = conv(4, 3)\n (x + x) ++ (y + y)",
            "let x = conv(4, 3)\n let y = conv(4, 3)\n (x + y) ++ (x + y)",
            False,
        ),
        (
            "let x = conv(4, 3)\n let y = conv(4, 3)\n (x -> relu) ++ (y -> relu)",
            "let x = conv(4, 3)\n (x -> relu) ++ (x -> relu)",
            False,
        ),
    ],
)
def test_what_is_the_same(a: str, b: str, equal: bool) -> None:
    one, other = flows(a, b)
    for x, y in ((one, other), (other, one)):
        made = difference(x.report, y.report)
        assert made.same is equal
        assert bool(made.findings) is not equal


def test_a_network_too_large_to_write_out_is_the_same_as_itself() -> None:
    texts = [f"repeat 1_000_000_000_000 {{ conv(4, {k}) -> relu }}" for k in (3, 3, 5)] + [
        "repeat 1_000_000_000_001 { conv(4, 3) -> relu }"
    ]
    first, *others = flows(*texts)
    assert [same(first.report.straight, other.report.straight) for other in others] == [True, False, False]


# -- random specs ------------------------------------------------------------------------------------------------

SEEDS = range(60)


@cache
def random_reports(seed: int) -> list[Report]:
    loaded = program.load(Source("random.resnet", specgen.spec(seed)))
    return [Report(elaborate(loaded, model)) for model in loaded.models.values() if not is_template(model)]


def the_flow(report: Report) -> object:
    """Another reading of the graph: every op and what it reads, in order."""
    nodes = of_program(report.program, 3000)
    return [(node.kind, node.op or node.label, node.inputs, node.output) for node in nodes]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_networks_equal_themselves_and_no_other(seed: int) -> None:
    for one in random_reports(seed):
        made = difference(one, random_reports(seed)[0])
        again = Report(one.program)
        assert difference(one, again).same and not difference(one, again).findings
        for other in random_reports(seed + 1 if seed + 1 in SEEDS else 0):
            made = difference(one, other)
            try:
                equal = the_flow(one) == the_flow(other)
            except TooLarge:
                continue
            assert made.same or not equal
            check(made)


def check(made: Difference) -> None:
    """What holds for any two networks."""
    back = difference(made.b, made.a)
    assert made.same is back.same
    assert bool(made.findings) is not made.same
    assert all(sentences(made))
    assert [pair.a for pair in made.sections if pair.a] == list(made.a.sections)
    assert [pair.b for pair in made.sections if pair.b] == list(made.b.sections)
    more = [sum(pair.numbers[k] for pair in made.sections) for k in (1, 2)]
    assert more == [made.b.cost.params - made.a.cost.params, made.b.cost.macs - made.a.cost.macs]
    for finding in made.findings:
        assert all(0 <= section < len(made.sections) for case in finding.cases for section in case.sections)


# -- sequences side by side --------------------------------------------------------------------------------------


def least(a: str, b: str) -> float:
    """The cost of the cheapest way, by trying all of them."""
    if not a or not b:
        return len(a) + len(b)
    ways = [least(a[1:], b) + 1, least(a, b[1:]) + 1]
    paid = paid_for(a[0], b[0])
    return min(ways if paid is None else [*ways, least(a[1:], b[1:]) + paid])


def paid_for(x: str, y: str) -> float | None:
    return 0 if x == y else 0.5 if x.lower() == y.lower() else None


@pytest.mark.parametrize("seed", range(60))
def test_sequences_meet_at_the_least_cost(seed: int) -> None:
    draw = random.Random(seed)
    a, b = ("".join(draw.choice("aAbc") for _ in range(draw.randrange(7))) for _ in range(2))
    cost, pairs = aligned(a, b, paid_for)
    assert cost == least(a, b)
    assert [i for i, _ in pairs if i is not None] == list(range(len(a)))
    assert [j for _, j in pairs if j is not None] == list(range(len(b)))
    paid = [1 if i is None or j is None else paid_for(a[i], b[j]) for i, j in pairs]
    assert sum(p for p in paid if p is not None) == cost and None not in paid


DRAWN = [("bc7", "bc3bc3"), ("bc3bc3", "bc7"), ("xbc7x", "xbc3bc3bc3x"), ("7bc", "3bc3bc3bc"), ("x7bcx", "x3bc3bcx")]


@pytest.mark.parametrize(("a", "b"), DRAWN)
def test_what_differs_is_drawn_together(a: str, b: str) -> None:
    """One convolution for three is told as that, not as a change here and parts added there."""
    _, pairs = aligned(a, b, lambda x, y: 0 if x == y else 0.9 if x in "37" and y in "37" else None)
    differ = [n for n, (i, j) in enumerate(pairs) if i is None or j is None or a[i] != b[j]]
    assert differ == list(range(differ[0], differ[-1] + 1))


# -- the command -------------------------------------------------------------------------------------------------


def written(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.resnet").write_text(text, encoding="utf-8")
    return [str(folder / f"{name}.resnet") for name in texts]


def test_exit_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new, wrong = written(tmp_path, old=NET, new=NET.replace("linear(10)", "linear(11)"), wrong="resdsl 1\nmodel {")
    diff(old, old, capsys=capsys, status=0)
    diff(old, new, capsys=capsys, status=1)
    diff(old, wrong, capsys=capsys, status=2)
    diff(wrong, old, capsys=capsys, status=2)
    diff(old, "no_such_net", capsys=capsys, status=2)
    diff(old, str(tmp_path / "no_such_file.resnet"), capsys=capsys, status=2)
    diff(old, capsys=capsys, status=2)


def test_models_of_one_name_are_told_by_their_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = written(tmp_path, old=NET, new=NET.replace("linear(10)", "linear(11)"))
    assert diff(old, new, capsys=capsys).startswith(f"{old} and {new} differ: width of the fc: 10 -> 11 in head, ")


def test_two_files_are_compared_by_the_names_of_their_models(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = "model {} = net {{ head {{ globalpool -> flatten -> linear({}) }} }}\n"
    old, new = written(
        tmp_path,
        old=NET + more.format("small", 5) + more.format("gone", 7),
        new=NET + more.format("fresh", 7) + more.format("small", 6),
    )
    out = diff(old, new, capsys=capsys)
    firsts = [line for line in out.splitlines() if re.match(r"only in|.* (differ|are)\b", line)]
    assert firsts == [
        f"{old}:small and {new}:small differ: width of the fc: 5 -> 6 in head, +128 MACs, +129 parameters",
        f"{old}:net and {new}:net are the same network: 35 layers, 105,082 params, 5,965,056 MACs at 3 x 64 x 64",
        f"only in {old}: gone",
        f"only in {new}: fresh",
    ]
    data = json.loads(diff(old, new, "--format", "json", capsys=capsys))
    assert (data["same"], data["only_a"], data["only_b"]) == (False, ["gone"], ["fresh"])
    assert [pair["a"]["model"] for pair in data["differences"]] == ["net", "small"]
    assert diff(f"{old}:small", new, capsys=capsys).startswith(f"{old}:small and {new}:small differ: width of the fc")
    diff(f"{old}:net", new, capsys=capsys, status=0)  # one was picked: what else there is does not count


def test_files_without_a_common_name_need_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two = NET + "model other = net {}\n"
    a, b = written(tmp_path, a=two, b=re.sub(r"\bnet\b", "ten", two).replace("other", "another"))
    assert cli.main(["diff", a, b]) == 2
    assert "say which" in capsys.readouterr().err
    diff(f"{a}:net", f"{b}:ten", capsys=capsys, status=0)


def test_another_input(capsys: pytest.CaptureFixture[str]) -> None:
    out = diff("resnet50_v1", "resnet50", "--input", "3x448x448", capsys=capsys)
    assert "+924,844,032 MACs, no parameter" in out.splitlines()[0]


def test_nets_with_nothing_in_common_are_told_in_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    a, b = f"{EXAMPLES}:unet_resnet34", f"{EXAMPLES}:hrnet_w18"
    lines = diff(a, b, capsys=capsys).splitlines()
    words = lines[1 : lines.index("")]
    assert len(words) == 26
    assert re.fullmatch(r"  and \d+ more; --format json has them all", words[-1])
    data = json.loads(diff(a, b, "--format", "json", capsys=capsys))
    assert len(data["differences"][0]["findings"]) == 25 + int(words[-1].split()[1])
    assert max(map(len, lines)) < 400


TINY = "resdsl 1\nmodel tiny { input 4 x 8 x 8\n body { conv(4, 3) }\n head { globalpool -> flatten -> linear(2) } }\n"
JSON = {
    "same": False,
    "differences": [
        {
            "a": {
                "model": "tiny",
                "input": [4, 8, 8],
                "output": [2],
                "layers": 2,
                "params": 154,
                "macs": 9224,
                "keys": 3,
            },
            "b": {
                "model": "tiny",
                "input": [4, 8, 8],
                "output": [2],
                "layers": 2,
                "params": 158,
                "macs": 9224,
                "keys": 4,
            },
            "same_network": False,
            "same_keys": False,
            "findings": [
                {
                    "kind": "argument",
                    "text": "bias of the 3x3: false -> true in body, no MAC, +4 parameters",
                    "what": "bias",
                    "parts": ["the 3x3"],
                    "cases": [{"sections": ["body"], "blocks": [], "before": False, "after": True}],
                    "more": {"layers": 0, "params": 4, "macs": 0},
                }
            ],
            "sections": [
                {
                    "a": {"name": "body", "output": [4, 8, 8], "layers": 1, "params": 144, "macs": 9216},
                    "b": {"name": "body", "output": [4, 8, 8], "layers": 1, "params": 148, "macs": 9216},
                },
                {
                    "a": {"name": "head", "output": [2], "layers": 1, "params": 10, "macs": 8},
                    "b": {"name": "head", "output": [2], "layers": 1, "params": 10, "macs": 8},
                },
            ],
            "keys": {"both": 3, "only_a": [], "only_b": [{"key": "conv.bias", "shape": [4]}], "reshaped": []},
        }
    ],
    "only_a": [],
    "only_b": [],
}


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = written(tmp_path, old=TINY, new=TINY.replace("conv(4, 3)", "conv(4, 3, bias = true)"))
    data = json.loads(diff(old, new, "--format", "json", capsys=capsys))
    assert [data["differences"][0][side].pop("name") for side in "ab"] == [old, new]
    assert data == JSON


# -- keys --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b"), [*PAIRS, ("resnet50", "resnet50"), ("convnext_tiny", "convnext_tiny")], ids="-".join
)
def test_keys_are_those_of_both_networks(a: str, b: str, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(ROOT / name) if "/" in name else name for name in (a, b)]
    assert cli.main(["diff", *paths, "--format", "json"]) in (0, 1)
    (data,) = json.loads(capsys.readouterr().out)["differences"]
    one, other = ({key.name: list(key.shape) for key in keys(network(name).program)} for name in (a, b))
    assert (data["a"]["keys"], data["b"]["keys"]) == (len(one), len(other))
    only = [{key["key"]: key["shape"] for key in data["keys"][side]} for side in ("only_a", "only_b")]
    assert only == [{k: v for k, v in x.items() if k not in y} for x, y in ((one, other), (other, one))]
    reshaped = {key["key"]: (key["a"], key["b"]) for key in data["keys"]["reshaped"]}
    assert reshaped == {k: (one[k], other[k]) for k in one if k in other and one[k] != other[k]}
    assert data["keys"]["both"] == sum(other.get(k) == v for k, v in one.items())
    assert data["same_keys"] is (one == other)


def test_keys_of_a_huge_network_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (huge,) = written(tmp_path, huge=NET.replace("repeat 3 {", "repeat 3_000_000_000 {"))
    assert diff(huge, huge, capsys=capsys, status=0).splitlines()[-1] == "state_dict: too many keys to be written out"


def test_other_labels_are_other_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = written(tmp_path, old=NET, new=NET.replace("two: ", "second: "))
    assert diff(old, new, capsys=capsys).splitlines() == [
        f"{old} and {new} compute the same under other keys: 35 layers, 105,082 params, 5,965,056 MACs at 3 x 64 x 64",
        "  names: two is second",
        "",
        "state_dict: 146 keys in both",
        f"  two: 78 only in {old}: two.0.conv1.weight ... two.3.bn3.num_batches_tracked",
        f"  two: 78 only in {new}: second.0.conv1.weight ... second.3.bn3.num_batches_tracked",
    ]


def test_keys_with_another_shape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = written(tmp_path, old=NET, new=NET.replace("linear(10)", "linear(11)"))
    assert diff(old, new, capsys=capsys).splitlines()[-2:] == [
        "state_dict: 222 keys in both",
        "  head: another shape: fc.weight 10 x 128 -> 11 x 128 and 1 more",
    ]


# -- the documentation -------------------------------------------------------------------------------------------

PAGE = (ROOT / "docs" / "diff.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```sh\nresdsl ([^\n]*)\n```\n\n```(?:text|json)\n(.*?)^```$", PAGE, re.M | re.S)


@pytest.mark.parametrize(("arguments", "shown"), SNIPPETS, ids=[arguments for arguments, _ in SNIPPETS])
def test_the_page_shows_what_its_commands_print(arguments: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(*arguments.split()[1:], capsys=capsys) == shown


def test_every_command_of_the_page_is_run() -> None:
    assert len(SNIPPETS) == PAGE.count("```sh") >= 4


def test_the_page_has_every_kind_of_finding() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE.partition("| kind |")[2], re.M) == list(get_args(Kind))


def test_the_page_has_every_field_of_the_json(capsys: pytest.CaptureFixture[str]) -> None:
    fields = set(re.findall(r'"(\w+)":', diff("resnet18", "resnet34", "--format", "json", capsys=capsys)))
    assert {field for field in fields if f"`{field}`" not in PAGE} == set()


def test_every_kind_of_finding_is_tested() -> None:
    made = [(network(a), network(b)) for a, b in PAIRS]
    made += [(net(NET), net(NET.replace(old, new))) for old, new, _ in EDITS.values()]
    one, other = flows("conv(4, 3) - id", "id - conv(4, 3)")
    kinds = {f.kind for a, b in [*made, (one, other)] for f in difference(a.report, b.report).findings}
    assert kinds == set(get_args(Kind))


def test_a_named_flow_is_told_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    """`resize(whole)` of other widths is the same argument; of another flow it is another one."""
    assert cli.main(["diff", "gcresnet33ts", "gcresnet50t", "--format", "json"]) == 1
    whole = json.loads(capsys.readouterr().out)
    assert not [found for found in whole["differences"][0]["findings"] if "resize" in str(found["parts"])]
