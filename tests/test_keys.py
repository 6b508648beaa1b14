"""The keys of the state_dict, worked out from the graph by the rules of docs/language.md, are those of the module."""

from __future__ import annotations

import csv
import json
from itertools import islice
from pathlib import Path

import pytest

from resdsl.analyze.keys import keys, layers
from resdsl.analyze.naming import chosen
from resdsl.analyze.renames import Renames
from resdsl.network import Network, load
from resdsl.ops import OPS, Op

ROOT = Path(__file__).resolve().parents[1]
LAYOUTS = sorted((ROOT / "tests" / "data" / "keys").glob("*.json"))  # what torchvision and timm keep, by name

PAIR = "block pair(width) { conv(width, 3) -> norm }\n"
NAMED = "block named(width) { c: conv(width, 1) -> norm }\n"
UNIT = "block unit(width, stride = 1) { (conv(width, 3, stride) -> norm) + id }\n"
TOWER = "block tower(width, n = 2) { repeat n { conv(width, 3) -> norm } }\n"
MAYBE = "block maybe(width) { if in == width { id } else { conv(width, 1) -> norm } }\n"

# A spec, and the path of each layer as it is registered. The input of the model is 4 x 8 x 8.
CASES = {
    "ops of a class are numbered where there are several": (
        "", "a { conv(8, 3) -> norm -> relu -> conv(8, 3) }", "conv1 bn conv2",
    ),
    "another op of the same name counts too": ("", "a { layernorm -> groupnorm(2) }", "norm1 norm2"),
    "what has no weights is not counted": (UNIT, "a { conv(4, 3) -> relu -> dropout -> blur -> relu }", "conv"),
    "a label is a name, and numbers the others": ("", "a { conv: norm -> conv(4, 1) }", "conv conv1"),
    "a label names the next term only": ("", "a: conv(4, 1) -> norm", "a bn"),
    "a label that comes again is numbered": ("", "a { repeat 3 { (x: conv(4, 1)) + id } }", "x x2 x3"),
    "a number that a label has is left out": ("", "conv2: conv(4, 1)   a { conv(4, 1) -> conv(4, 1) -> id }",
                                              "conv2 conv1 conv3"),
    "a block is called by the word that calls it": (UNIT, "a { unit(4) -> unit(4) }",
                                                    "unit1.conv unit1.bn unit2.conv unit2.bn"),
    "a block that is passed is called by its parameter": (
        UNIT + "block twice(f) { f(4) -> (f(4) + id) }", "a: twice(unit)", "a.f1.conv a.f1.bn a.f2.conv a.f2.bn",
    ),
    "an alias gives way": ("block same { norm }", "a { same -> same }", "bn1 bn2"),
    "a sequence without a label makes no level": (PAIR, "a { pair(4) -> pair(4) }", "conv1 bn1 conv2 bn2"),
    "a sequence with a label does": (PAIR, "a: pair(4)", "a.0 a.1"),
    "parts of a sequence are numbered by place, id among them": ("", "a: (id -> relu -> conv(4, 1))", "a.2"),
    "a sequence in a sequence is spread out": (PAIR, "a: (conv(4, 1) -> pair(4) -> conv(4, 1))", "a.0 a.1 a.2 a.3"),
    "but not where its parts have labels": (NAMED + "block two { relu -> named(4) }", "a: two", "a.1.c a.1.bn"),
    "nor beside a label": (PAIR + "block two { x: conv(4, 1) -> pair(4) }", "a: two", "a.x a.pair.0 a.pair.1"),
    "a label in a sequence gives all of them names": (
        PAIR, "a: (x: conv(4, 1) -> pair(4) -> relu -> conv(4, 1))", "a.x a.conv1 a.bn a.conv2",
    ),
    "brackets make no level": ("", "a { (conv(4, 1) -> (norm -> conv(4, 1))) }", "conv1 bn conv2"),
    "a labelled sum is a level": ("", "a: (conv(4, 1) + x: norm)   b: (x: norm + conv(4, 1))", "a.conv a.x b.x b.conv"),
    "a label in a label": ("", "a: (b: (conv(4, 1) + id) -> c: (norm -> relu))", "a.b.conv a.c.0"),
    "a repeat in a class is a sequence": ("", "a { repeat 2 { conv(4, 1) -> norm } }",
                                          "blocks.0 blocks.1 blocks.2 blocks.3"),
    "a repeat of a block is called by its word": (UNIT, "a { repeat 2 { unit(4) } }",
                                                  "unit.0.conv unit.0.bn unit.1.conv unit.1.bn"),
    "a repeat with a label": ("", "a: repeat 2 { conv(4, 1) -> norm }", "a.0 a.1 a.2 a.3"),
    "a repeat in a sequence is spread out": ("", "a: (conv(4, 1) -> repeat 2 { conv(4, 1) -> relu })", "a.0 a.1 a.3"),
    "rounds whose setup is a loop share nothing": (
        "", "a: conv(4, 1) -> b: repeat 2 { repeat 2 { conv(4, 3, 2) } -> upsample(4) }", "a b.0 b.1 b.3 b.4",
    ),
    "a repeat whose round is no sequence": ("", "a { repeat 2 { conv(4, 1) + id } }", "conv1 conv2"),
    "a repeat whose round is no sequence, with a label": ("", "a: repeat 2 { conv(4, 1) + id }", "a.conv1 a.conv2"),
    "labels with an index in a repeat": ("", "a: repeat 2 as i { x{i}: conv(4, 1) -> norm }", "a.x0 a.bn1 a.x1 a.bn2"),
    "a repeat without rounds has no name": (
        "", "let y = repeat 0 { norm }   a { repeat 1 { conv(4, 1) } + y }", "blocks.0",
    ),
    "labels with an index under one path": (
        "", "a { repeat 2 as i { p.x{i}: conv(4, 1) } }   b: repeat 2 as i { q.x{i}: norm }",
        "blocks.p.x0 blocks.p.x1 b.q.x0 b.q.x1",
    ),
    "a number with a name changes no key": (
        "block two { let n = 2   repeat n { norm -> x: id } }", "a: two", "a.bn1 a.bn2",
    ),
    "labels without one": ("", "a: repeat 2 { x: conv(4, 1) -> norm }", "a.x a.bn1 a.x2 a.bn2"),
    "a repeat with labels in a sequence is one part": (
        "", "a: (conv(4, 1) -> repeat 2 { x: conv(4, 1) })", "a.0 a.1.x a.1.x2",
    ),
    "a sequence that repeats is a module of a class": (TOWER, "a { tower(4) }", "tower.0 tower.1 tower.2 tower.3"),
    "and spread out in a sequence": (TOWER, "a: (relu -> tower(4, 1))", "a.1 a.2"),
    "items of a list are parts": ("", "a { [conv(4, 1), norm, conv(4, 1)] -> sum }", "conv1 bn conv2"),
    "labels with an index in a list": ("", "a { [x.{i}: conv(4, 1) for i in range(2)] -> sum }", "x.0 x.1"),
    "a block whose body is one if is one module": (MAYBE, "a { maybe(8) -> maybe(8) -> maybe(4) }",
                                                   "maybe1.0 maybe1.1 maybe3.0 maybe3.1"),
    "an if is the branch that is taken": (
        "block u(w) { (if in == w { conv(w, 3) } else { conv(w, 1) -> norm }) + conv(w, 1) }", "a: u(4)   b: u(8)",
        "a.conv1 a.conv2 b.conv1 b.bn b.conv2",
    ),
    "a block that calls itself is written out": (
        "block deep(n) { if n == 0 { norm } else { (conv(4, 1) + x{n}: conv(4, 1)) -> deep(n - 1) } }",
        "a: (id + deep(2))", "a.conv1 a.x2 a.conv2 a.x1 a.bn",
    ),
    "a path is a level for each of its parts": (
        "", "a.b.c: conv(4, 1) -> a.b.d: norm -> a.e: conv(4, 1)", "a.b.c a.b.d a.e",
    ),
    "parts of a path stand together": (
        "", "a.x: conv(4, 1) -> b: norm -> a.y: norm -> c: (a.z: conv(4, 1) -> relu)",
        "a.x a.y b c.a.z",
    ),
    "in a sequence a path that is taken up again is numbered": (
        "", "a: (p.x: conv(4, 1) -> p.z: norm -> conv(4, 1) -> p.y: conv(4, 1))", "a.p.x a.p.z a.conv a.p2.y",
    ),
    "what has no weights stands between, too": (
        "", "a: (p.x: conv(4, 1) -> relu -> p.y: conv(4, 1))   b: repeat 2 as i { p.x{i}: conv(4, 1) -> id }",
        "a.p.x a.p2.y b.p.x0 b.p2.x1",
    ),
    "a pattern numbers the parts of a stage": (
        UNIT, "s.b{1}: stage(unit, 4, 2)   t.u-{0}: stage(unit, 4, 1)",
        "s.b1.conv s.b1.bn s.b2.conv s.b2.bn t.u-0.conv t.u-0.bn",
    ),
    "a pattern on what has no parts to number is its path": (UNIT, "s.b{1}: unit(4)   t.{0}: conv(4, 1)",
                                                             "s.conv s.bn t"),
    "order registers first": ("block u { order x, y   norm -> (conv(4, 1) + y: norm + x: conv(4, 1)) }", "a: u",
                              "a.x a.y a.bn a.conv"),
    "a bare gain is a parameter of its block, and comes first": (
        "block u { (conv(4, 1) -> g: gain(bare = true) -> norm) + gain(flat = true) }", "a: u", "a a.conv a.bn a.gain",
    ),
    "order does not move it": (
        "block u { order b   conv(4, 1) -> gain(bare = true) -> b: norm }", "a: u", "a a.b a.conv",
    ),
    "a section is in no key": ("", "stem { conv(4, 1) -> bn1: norm }", "conv bn1"),
}  # fmt: skip


def net(blocks: str, model: str, size: str = "4 x 8 x 8") -> Network:
    return load("net.resnet", "net", text=f"resdsl 1\n{blocks}\nmodel net {{ input {size}   {model} }}\n")


def paths(made: Network) -> list[str]:
    return list(dict.fromkeys(key.name.rpartition(".")[0] for key in keys(made.program)))


@pytest.mark.parametrize("case", CASES)
def test_paths(case: str) -> None:
    blocks, model, wanted = CASES[case]
    assert " ".join(paths(net(blocks, model))) == wanted


@pytest.mark.parametrize("case", CASES)
def test_module_has_the_same_keys(case: str) -> None:
    pytest.importorskip("torch")
    from resdsl.verify import verify

    blocks, model, _ = CASES[case]
    assert verify(net(blocks, model), train=False) == []


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda path: path.stem)
def test_published_networks_have_the_published_keys_in_their_order(layout: Path) -> None:
    """What tests/test_torch.py compares with each module of the zoo is compared with what others publish."""
    published = json.loads(layout.read_text(encoding="utf-8"))
    program = load(published_as(layout.stem)).program
    there = Renames(program).there
    assert [(there(key.name), list(key.shape)) for key in keys(program)] == list(published.items())


def published_as(layout: str) -> str:
    """The model of the zoo that is a network of timm or torchvision."""
    with (ROOT / "specs" / "reference.csv").open(encoding="utf-8", newline="") as file:
        models = {row["row"]: row["model"] for row in csv.DictReader(file)}
    return models[layout.replace("torchvision_", "tv_")]


def test_layers_come_in_the_order_of_the_text_and_keys_as_registered() -> None:
    blocks, model, wanted = CASES["order registers first"]
    made = net(blocks, model)
    assert [path for path, _ in layers(made.program)] == ["a.bn", "a.conv", "a.y", "a.x"]
    assert wanted == "a.x a.y a.bn a.conv"


def test_tensors_are_what_an_op_counts() -> None:
    samples: list[tuple[Op, tuple[int, ...]]] = [
        (OPS["conv"].make({"width": 8, "kernel": (3, 5), "groups": 2, "bias": 0.5, "standardize": 2.0}), (4, 9, 9)),
        (OPS["conv"].make({"width": 8, "kernel": 3, "standardize": True, "gain": False}), (4, 9)),
        (OPS["linear"].make({"width": 8}), (4,)),
        (OPS["gain"].make({"channels": False}), (4, 9, 9)),
        (OPS["gain"].make({"bias": True, "flat": True}), (4, 9, 9)),
        (OPS["linear"].make({"width": 8, "positions": True}), (4, 9, 9)),
        *((OPS[name].make({"groups": 2} if name == "groupnorm" else {}), (4, 9, 9))
          for name in ("batchnorm", "frozennorm", "layernorm", "groupnorm", "gain", "prelu", "relu", "blur")),
    ]  # fmt: skip
    for op, x in samples:
        cost = op.price(x, op.apply(x))
        sizes = {"parameter": 0, "buffer": 0}
        for tensor in op.tensors(x):
            size = 1
            for n in tensor.shape:
                size *= n
            sizes[tensor.kind] += size
        assert sizes == {"parameter": cost.params, "buffer": cost.buffers}, op
    assert {op.name for op, _ in samples} >= {name for name, op in OPS.items() if op.weighted}


def test_keys_of_a_deep_network_come_one_by_one() -> None:
    made = net(UNIT, "a: repeat 1_000_000_000_000 { unit(4) }")
    assert [key.name for key in islice(keys(made.program), 2)] == ["a.0.conv.weight", "a.0.bn.weight"]


def test_too_many_names_are_refused() -> None:
    made = net("", "a: repeat 1_000_000_000_000 { conv(4, 1) + id }")
    with pytest.raises(ValueError, match="make a block"):
        list(keys(made.program))


def test_chosen_names_are_all_different() -> None:
    wanted = [("", "conv"), ("conv1", ""), ("", "conv"), ("a", ""), ("a", ""), ("a2", ""), ("", "a"), ("a", "")]
    names = chosen(wanted)
    assert names == ["conv2", "conv1", "conv3", "a", "a3", "a2", "a1", "a4"]
    assert len(set(names)) == len(names)
