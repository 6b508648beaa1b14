"""The generated module and the graph, on random specs: counts, shapes, keys, and the forward of a second interpreter.

RESDSL_SPECS=5000 tries as many.
"""

from __future__ import annotations

import os
import warnings
from math import prod

import pytest
import specgen
from test_torch import EXAMPLES, EXHAUSTIVE, ZOO, network

from resdsl import program
from resdsl.diagnostics import Source, SpecError
from resdsl.elaborate import is_template
from resdsl.module import generated
from resdsl.network import Network, load
from resdsl.verify import _counts, _keys, _run

torch = pytest.importorskip("torch")
import interpreter

warnings.filterwarnings("ignore", message="Using padding='same'")

SPECS = int(os.environ.get("RESDSL_SPECS", "300"))
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


def networks(seed: int) -> list[Network]:
    spec = program.load(Source("random.resnet", specgen.spec(seed)))
    return [Network(spec, model) for model in spec.models.values() if not is_template(model)]


def state(model: torch.nn.Module, seed: int = 0) -> dict[str, torch.Tensor]:
    """Random weights and running statistics; the variances are positive."""
    source = torch.Generator().manual_seed(seed)
    found = {}
    for name, value in model.state_dict().items():
        if not value.is_floating_point():
            found[name] = value
            continue
        drawn = torch.randn(value.shape, generator=source, dtype=torch.float64)
        fan_in = max(prod(value.shape[1:]), 1)
        found[name] = drawn.abs() + 0.5 if name.endswith("running_var") else drawn / fan_in**0.5
    return found


def differences(net: Network) -> list[str]:
    """Where the generated module is not what the graph says."""
    model = generated(net)().double().eval()
    with torch.device("meta"):
        empty = type(model)()
    found = [*_counts(net, empty), *_keys(net, empty), *_run(net, empty)]
    if found:
        return found
    weights = state(model)
    model.load_state_dict(weights)
    x = torch.randn(2, *net.program.input, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    with torch.no_grad():
        got, wanted = model(x), interpreter.run(net.program, weights, x)
    for number, (ours, theirs) in enumerate(zip(got if isinstance(got, tuple) else (got,), wanted, strict=True)):
        # torch does not say whether relu(-0.0) is 0.0 or -0.0, nor so the sign of a number over it
        ours, theirs = (y.where(~y.isinf(), y.abs()) for y in (ours, theirs))
        size = float(theirs[theirs.isfinite()].abs().max()) if theirs.isfinite().any() else 0.0
        if not torch.allclose(ours, theirs, rtol=1e-9, atol=max(1e-9 * size, 1e-12), equal_nan=True):
            return [f"output {number}: off by {float((ours - theirs).abs().max())} where the largest is {size}"]
    return []


@pytest.mark.parametrize("first", range(0, SPECS, AT_ONCE))
def test_random_spec_is_written_as_it_is_counted_and_runs_as_it_is_interpreted(first: int) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for seed in range(first, min(first + AT_ONCE, SPECS)):
            for net in networks(seed):
                try:
                    found = differences(net)
                except Exception as problem:
                    problem.add_note(f"seed {seed}, model {net.name}:\n{specgen.spec(seed)}")
                    raise
                assert found == [], f"seed {seed}, model {net.name}:\n{specgen.spec(seed)}"
    finally:
        torch.set_num_threads(threads)


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
