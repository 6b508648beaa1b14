"""All accounts of random specs agree: see agree.py and modules.py. RESDSL_SPECS=5000 tries as many."""

from __future__ import annotations

import os
import shutil
import subprocess
import warnings
from pathlib import Path

import pytest
import specgen
from test_torch import EXAMPLES, EXHAUSTIVE, ZOO, network

from resdsl import layout
from resdsl.diagnostics import SpecError
from resdsl.network import Network, load
from resdsl.ops import Cost
from resdsl.ops.pointwise import Tanh

torch = pytest.importorskip("torch")
from agree import (
    ACCOUNTS,
    Fault,
    disagreements,
    dots,
    formatted,
    imported,
    networks,
    pictures,
    smallest,
)
from modules import differences, module

warnings.filterwarnings("ignore", message="Using padding='same'")

DATA = Path(__file__).resolve().parent / "data" / "differential"
SPECS = int(os.environ.get("RESDSL_SPECS", "500"))
AT_ONCE = 10  # specs a test
DEAR = (pictures, formatted, imported)  # each for a third of the specs; the long run asks all
CHEAP = tuple(account for account in ACCOUNTS if account not in DEAR)
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
        found = disagreements(specgen.spec(seed), (*CHEAP, DEAR[seed % len(DEAR)], module))
        assert found == [], reported(seed, found, tmp_path_factory.mktemp("failed"))


def reported(seed: int, found: list[Fault], folder: Path) -> str:
    """What is wrong, and a small spec with the first fault; also in a file."""
    path = folder / f"seed{seed}.resnet"
    path.write_text(smallest(specgen.spec(seed), found[0], (*ACCOUNTS, module)), encoding="utf-8")
    return "\n".join([f"seed {seed}", *map(str, found), f"small, in {path}:", path.read_text(encoding="utf-8")])


@pytest.mark.parametrize("path", sorted(DATA.glob("*.resnet")), ids=lambda path: path.stem)
def test_what_was_wrong_once_is_right(path: Path) -> None:
    assert disagreements(path.read_text(encoding="utf-8"), (*ACCOUNTS, module)) == []


@pytest.mark.skipif(shutil.which("nop") is None, reason="needs Graphviz")
def test_graphviz_reads_every_figure_of_random_specs() -> None:
    figures = "\n".join(dots(net) for seed in range(40) for net in networks(specgen.spec(seed)))
    read = subprocess.run(["nop", "-p"], input=figures, text=True, capture_output=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")
    broken = subprocess.run(["nop", "-p"], input=figures + "digraph {", text=True, capture_output=True, check=False)
    assert broken.stderr


def test_what_disagrees_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks themselves: each account wrong once, and a spec of one line that shows it."""
    text = "resdsl 1\n\nmodel net {\n  input 4 x 8 x 8\n  a: conv(4, 3)\n  b: (relu -> conv(3, 3) -> tanh)\n}\n"
    assert disagreements(text, (*ACCOUNTS, module)) == []

    def found() -> set[str]:
        return {fault.account for fault in disagreements(text, (*ACCOUNTS, module))}

    with monkeypatch.context() as m:
        m.setattr(Tanh, "cost", lambda op, x, y: Cost(params=1))
        assert {"counts", "module"} <= found()
        small = smallest(text, disagreements(text)[0])
        assert "tanh" in small and "conv" not in small and "relu" not in small
    with monkeypatch.context() as m:
        m.setattr(layout, "format", lambda text: text.replace("conv(3, 3)", "conv(2, 3)"))
        assert found() == {"formatted"}
    with monkeypatch.context() as m:
        m.setattr("agree.peak", lambda straight: 7)
        assert "memory" in found()
    with monkeypatch.context() as m:
        m.setattr("agree.svg", lambda figure: "<svg>")
        assert found() == {"pictures"}
    with monkeypatch.context() as m:
        m.setattr("agree.graph.read", lambda text: None)
        assert found() == {"ir"}
    with monkeypatch.context() as m:
        m.setattr("agree.table.counts", lambda nets, by, form: "params,macs\n1,1\n")
        assert found() == {"tables"}


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
    "a label that opens a line of the model is its own part, not the line": (
        "model m { input 4 x 8 x 8  n: conv(4, 3) -> gelu  n + id }\n"
    ),
    "brackets that hold nothing, behind a name that stands for a flow": (
        "model m { input 4 x 8 x 8  default relu = (relu -> gain)  x { conv(4, 1) -> relu() } }\n"
    ),
    "two factors of one block, both worked out": (
        "block f(w) { (w / 3) * conv(in, 1) + (w / 7) * conv(in, 3) }\nmodel m { input 4 x 8 x 8  x: f(2)  y: f(5) }\n"
    ),
}


@pytest.mark.parametrize("what", HARD)
def test_a_module_computes_what_a_naive_interpreter_computes(what: str) -> None:
    text = "resdsl 1\n" + HARD[what]
    assert differences(load("hard.resnet", text=text)) == []
