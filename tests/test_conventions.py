"""Conventions of counting: the numbers that the tools themselves print, to the last digit.

tests/data/conventions.csv was made by running each tool on modules of torch 2.13.0 (CPU): torchvision 0.29.2's
resnet18, 34, 50, 101, 152, vgg11_bn and densenet121 at 3 x 224 x 224, and BIASED below, at batch 1. Versions: fvcore
0.1.5.post20221221, thop 0.1.1.post2209072238, ptflops 0.7.5 (aten and pytorch backends), torchinfo 1.8.0, torchprofile
0.1.0, deepspeed 0.19.8 (flops; its MACs are `macs`), FlopCounterMode of torch (`torch`, and `train` with backward).
"""

from __future__ import annotations

import csv
from functools import cache
from itertools import pairwise, permutations
from pathlib import Path

import pytest

from resdsl import graph
from resdsl.analyze.conventions import CONVENTIONS, amounts, walk, whole
from resdsl.network import Network, load
from resdsl.ops import OPS

DATA = Path(__file__).resolve().parent / "data"

# conv 5x5 /2, biased - BN - ReLU - maxpool 3x3 /2 - conv 3x3 in 4 groups, biased - ReLU - conv 3x3 - BN - ReLU - head.
BIASED = """resdsl 1
model biased {
  input 3 x 64 x 64
  stem { conv(16, 5, stride = 2, bias = true) -> norm -> act -> maxpool(3, stride = 2) }
  body { conv(32, 3, groups = 4, bias = true) -> act -> conv(32, 3) -> norm -> act }
  head { globalpool -> flatten -> linear(20) -> act -> linear(10, bias = false) }
}
"""
GROUPED = 294_912  # multiply-accumulates of its convolution in groups

# What a tool counts otherwise in a net, and why.
OTHERWISE = {
    ("thop", "densenet121"): -(50_176 + 1_024),  # the global pool is a call of a function; thop sees modules only
    ("ptflops-module", "densenet121"): -2 * 50_176,  # the last ReLU and the pool are calls: counted once, not twice
    # torch 2.13.0 counts the gradient of the weights as if there were no groups
    ("train", "biased"): 2 * 3 * GROUPED,
}


@cache
def network(name: str) -> Network:
    if name == "biased":
        return load("biased", text=BIASED)
    return load(f"{DATA / 'examples.resnet'}:densenet121" if name == "densenet121" else name)


def measured() -> list[tuple[str, str, int]]:
    with (DATA / "conventions.csv").open(newline="") as file:
        return [(row["convention"], row["network"], int(row["number"])) for row in csv.DictReader(file)]


@pytest.mark.parametrize(("convention", "name", "number"), measured())
def test_numbers_are_those_of_the_tool(convention: str, name: str, number: int) -> None:
    found = CONVENTIONS[convention].of(whole(network(name).report.straight))
    assert found + OTHERWISE.get((convention, name), 0) == number


def test_every_convention_was_measured_on_eight_networks() -> None:
    pairs = {(convention, name) for convention, name, _ in measured()}
    assert len(pairs) == len(measured()) == 8 * len(CONVENTIONS)
    assert {convention for convention, _ in pairs} == set(CONVENTIONS)


@pytest.mark.parametrize("name", ["resnet50", "biased", "densenet121"])
def test_a_walk_from_any_convention_to_any_other_adds_up(name: str) -> None:
    found = whole(network(name).report.straight)
    for one, other in permutations(CONVENTIONS.values(), 2):
        steps = list(walk(found, one, other))
        assert one.of(found) + sum(step.value for step in steps) == other.of(found)
        assert all(step.value for step in steps)


@pytest.mark.parametrize("convention", sorted(CONVENTIONS.keys() - {"train"}))
def test_rows_add_up_to_the_whole(convention: str) -> None:
    rule = CONVENTIONS[convention]
    net = network("densenet121")
    ops = (op for section in net.sections for block in section.blocks for op in block.ops)
    assert sum(rule.of(amounts(op.node)) * op.count for op in ops) == rule.of(whole(net.report.straight))


UNCOUNTED = {
    "dropout", "droppath", "id", "flatten", "reshape", "zeropad", "shuffle", "split", "sum", "gain", "subsample",
    "border", "channelmean", "channelmax", "globalnorm", "weightedpool", "frozennorm",
}  # fmt: skip
UNCOUNTED_ACTIVATIONS = {"sigmoid", "tanh", "softmax", "globalsoftmax", "mish", "hardswish", "hardsigmoid", "prelu"}


def test_an_op_is_counted_by_some_convention_or_listed_here() -> None:
    """Who adds an op decides."""
    counted = {factor for convention in CONVENTIONS.values() for factor in convention.factors}
    samples = {
        "conv": "conv(2, 1)", "linear": "flatten -> linear(3)", "leaky": "leaky", "softmax": "softmax(2)",
        "groupnorm": "groupnorm(2)", "maxpool": "maxpool(2)", "avgpool": "avgpool(2)",
        "adaptivepool": "adaptivepool(2)",
        "resize": "let w = id\nmaxpool(2) -> resize(w)", "blur": "blur(3)",
    }  # fmt: skip
    for name in OPS.keys() - UNCOUNTED:
        text = f"resdsl 1\nblock b {{ {samples.get(name, name)} }}\nmodel case {{ input 4 x 8 x 8\n part {{ b }} }}"
        steps = [
            n for n in graph.inside(load("case", text=text).program.instances[0].body) if isinstance(n, graph.Step)
        ]
        found = set().union(*(amounts(step) for step in steps if step.op.name == name))
        assert found & counted or name in UNCOUNTED_ACTIVATIONS, name


@pytest.mark.parametrize("name", ["cifar_resnet20", "im_resnet110_exclusive", "resnetv2_50", "vgg11", "biased"])
def test_training_costs_what_torch_counts(name: str) -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    from resdsl.module import generated

    net = network(name)
    with torch.device("meta"):
        module = generated(net)()
        x = torch.empty(2, *net.program.input)
    with FlopCounterMode(display=False) as counter:
        module(x).sum().backward()
    found = 2 * CONVENTIONS["train"].of(whole(net.report.straight))
    assert counter.get_total_flops() == found + 2 * OTHERWISE.get(("train", name), 0)


@pytest.mark.parametrize(
    ("flow", "saved"),
    [
        ("conv(8, 3)", 1),
        ("conv(8, 3) + conv(8, 3)", 2),  # both read the input
        ("conv(8, 3) -> conv(8, 3)", 1),
        ("relu -> maxpool(1) -> conv(8, 3)", 1),
        ("norm -> conv(8, 3)", 0),  # the norm has weights
        ("repeat 5 { conv(8, 3) }", 1),
        ("repeat 1_000_000_000_000 { relu } -> conv(8, 3)", 1),
        ("[id, conv(8, 3)] -> conv(8, 3) -> sum", 2),  # one of the two that share weights, and the one before
        ("[id, conv(8, 3)] -> repeat 3 { [id[1], id[0] -> conv(8, 3)] } -> sum", 2),
    ],
)
def test_what_reads_no_learned_value_saves_a_gradient(flow: str, saved: int) -> None:
    net = load("case", text=f"resdsl 1\nmodel case {{ input 8 x 8 x 8\n part {{ {flow} }} }}")
    convention = CONVENTIONS["train"]
    assert convention.of(whole(net.report.straight)) == 6 * net.macs - 2 * saved * 8 * 8 * 9 * 64


def test_conventions_differ() -> None:
    numbers = sorted(c.of(whole(network("resnet50").report.straight)) for c in CONVENTIONS.values())
    assert all(a < b for a, b in pairwise(numbers))
