"""All accounts of random specs agree: see agree.py and modules.py. RESDSL_SPECS=5000 tries as many."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest
import specgen
from test_torch import EXAMPLES, EXHAUSTIVE, ZOO, network

from resdsl.diagnostics import SpecError
from resdsl.network import Network, load

torch = pytest.importorskip("torch")
from agree import ACCOUNTS, Fault, disagreements, smallest  # noqa: E402
from modules import differences, module  # noqa: E402

warnings.filterwarnings("ignore", message="Using padding='same'")

SPECS = int(os.environ.get("RESDSL_SPECS", "500"))
AT_ONCE = 10  # specs a test
SAMPLE = [
    "resnet18", "resnext50_32x4d", "seresnet50", "cifar_resnet20_b", "im_resnet110_exclusive", "resnetv2_50",
    "regnety_002", "fully_connected_resnet", "projected_unit",
]  # fmt: skip
SAMPLE_OF_EXAMPLES = [
    "cbam_resnet50", "eca_resnet50_d", "skresnet50", "resnest50_d", "res2net50_26w_4s", "densenet_bc100", "cspresnet50",
    "nf_resnet50", "mobilenet_v2", "convnext_tiny", "repvgg_b0", "resnet110_stochastic", "shufflenet_v2",
    "unet_resnet34", "fpn_resnet50", "deeplabv3_resnet50", "fractalnet", "resnet1d", "highway_10",
]  # fmt: skip


@pytest.mark.parametrize("first", range(0, SPECS, AT_ONCE))
def test_all_accounts_of_random_specs_agree(first: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    for seed in range(first, min(first + AT_ONCE, SPECS)):
        found = disagreements(specgen.spec(seed), (*ACCOUNTS, module))
        assert found == [], reported(seed, found, tmp_path_factory.mktemp("failed"))


def reported(seed: int, found: list[Fault], folder: Path) -> str:
    """What is wrong, and a small spec with the first fault; also in a file."""
    path = folder / f"seed{seed}.resnet"
    path.write_text(smallest(specgen.spec(seed), found[0], (*ACCOUNTS, module)), encoding="utf-8")
    return "\n".join([f"seed {seed}", *map(str, found), f"small, in {path}:", path.read_text(encoding="utf-8")])


def small(name: str, examples: bool) -> Network:
    """A network at 32 positions an axis where it takes them."""
    net = network(name, examples)
    channels, *axes = net.program.input
    try:
        return Network(net.spec, net.model, input=(channels, *(min(n, 32) for n in axes)))
    except SpecError:
        return net


@pytest.mark.parametrize("name", ZOO if EXHAUSTIVE else SAMPLE)
def test_network_of_the_zoo_runs_as_it_is_interpreted(name: str) -> None:
    assert differences(small(name, False)) == []


@pytest.mark.parametrize("name", EXAMPLES if EXHAUSTIVE else SAMPLE_OF_EXAMPLES)
def test_example_runs_as_it_is_interpreted(name: str) -> None:
    assert differences(small(name, True)) == []


# What hands values to a block, or keeps numbers that `forward` reads: each was wrong once.
HARD = {
    "a value that is handed in has the name of a line of the block": (
        "block tree(width, more = none) {\n  let bottom = id\n  let a = bottom -> conv(width, 3)\n"
        "  a ++ bottom ++ more -> conv(width, 1)\n}\n"
        "block deep(width) {\n  let bottom = conv(width, 3)\n  let one = conv(width, 1)\n"
        "  one -> tree(width, more = bottom ++ one)\n}\n"
        "model m { input 4 x 8 x 8  first: conv(4, 1)  x: deep(4) }\n"
    ),
    "parts of a split that differ from call to call": (
        "block e(w, r) { let o = split([w, r])  (o[1] ++ o[0]) -> conv(in, 1) }\n"
        "model m { input 8 x 8 x 8  x: e(5, 3)  c: conv(9, 1)  y: e(5, 4) }\n"
    ),
    "parts of a split that follow from the input": (
        "block e(w) { let o = split([w, in - w])  o[1] ++ o[0] }\nmodel m { input 8 x 8 x 8  x: e(5)  c: conv(8, 1) }\n"
    ),
    "two factors of one block, both worked out": (
        "block f(w) { (w / 3) * conv(in, 1) + (w / 7) * conv(in, 3) }\nmodel m { input 4 x 8 x 8  x: f(2)  y: f(5) }\n"
    ),
}


@pytest.mark.parametrize("what", HARD)
def test_a_module_computes_what_a_naive_interpreter_computes(what: str) -> None:
    text = "resdsl 1\n" + HARD[what]
    assert differences(load("hard.resnet", text=text)) == []
