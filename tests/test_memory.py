"""Memory: what is kept for the backward pass against autograd, the peak of inference against a plain executor."""

from __future__ import annotations

import warnings
from functools import cache
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import specgen
from memories import brute_force

from resdsl import program
from resdsl.analyze.memory import KEEPS_INPUT, KEEPS_OUTPUT, VIEWS, Training
from resdsl.analyze.peak import peak
from resdsl.analyze.straight import Straight
from resdsl.diagnostics import Source
from resdsl.elaborate import is_template
from resdsl.network import Network, load
from resdsl.ops import OPS

if TYPE_CHECKING:
    import torch

DATA = Path(__file__).resolve().parent / "data"
EXAMPLES = str(DATA / "examples.resnet")


# -- training --------------------------------------------------------------------------------------------------


def kept_by_autograd(net: Network, batch: int, dtype: str = "float32") -> int:
    """The bytes of the distinct storages that autograd saves in a forward of the generated module, weights left out."""
    torch = pytest.importorskip("torch")
    from resdsl.module import generated

    warnings.filterwarnings("ignore", message="Using padding='same'")
    torch.manual_seed(0)
    module = generated(net)().train().to(getattr(torch, dtype))
    own = {t.untyped_storage().data_ptr() for t in (*module.parameters(), *module.buffers())}
    sizes: dict[int, int] = {}
    held = []  # a storage that goes would leave its address to another

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            sizes[storage.data_ptr()] = storage.nbytes()
            held.append(tensor)
        return tensor

    x = torch.randn(batch, *net.program.input, dtype=getattr(torch, dtype))
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        module(x)
    return sum(sizes.values())


def kept(net: Network, batch: int, dtype: str = "float32") -> int:
    return Training(Straight(net.program)).total.bytes(batch, dtype)


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        ("resnet18", 224),
        ("resnet50", 64),
        ("resnetv2_50", 64),
        (f"{EXAMPLES}:densenet121", 64),
        (f"{EXAMPLES}:nf_resnet50", 64),
        (f"{EXAMPLES}:convnext_tiny", 64),
        (f"{EXAMPLES}:unet_resnet34", 64),
        (f"{EXAMPLES}:skresnet50", 64),
        (f"{EXAMPLES}:shufflenet_v2", 64),
        ("im_resnet110_exclusive", 32),
    ],
)
def test_kept_for_backward_is_what_autograd_saves(spec: str, size: int) -> None:
    net = load(spec, input=(3, size, size))
    assert kept_by_autograd(net, 2) == kept(net, 2)


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
@pytest.mark.parametrize("batch", [1, 3])
def test_kept_bytes_follow_batch_and_dtype(batch: int, dtype: str) -> None:
    net = load("cifar_resnet20")
    assert kept_by_autograd(net, batch, dtype) == kept(net, batch, dtype)


SMALL = {
    "an addition keeps nothing": ("conv(4, 3) + conv(4, 3)", 4 * 64),
    "two readers keep one tensor": ("conv(4, 1) -> relu -> (conv(4, 3) + (conv(2, 1) ++ conv(2, 1)))", None),
    "a pool of what needs no gradient keeps nothing": ("maxpool(2) -> relu", 0),
    "a max-pool keeps positions": ("conv(2, 1) -> maxpool(2)", 4 * 64 + 2 * 64 + 2 * 2 * 16),
    "a mean keeps nothing": ("conv(2, 1) -> globalpool", 4 * 64),
    "views are their input": ("conv(4, 1) -> split(2) -> [id[0] -> conv(2, 1), id[1] -> relu] -> sum -> flatten", None),
    "the sum of one is that one": ("conv(4, 1) -> [relu] -> sum -> conv(2, 1)", None),
    "both factors are kept": ("conv(4, 1) * conv(4, 1)", 3 * 4 * 64),
    "a factor that needs no gradient": ("id * conv(4, 1)", 4 * 64),
    "a number is not kept": ("0.5 * conv(4, 1) - 1", 4 * 64),
    "a quotient": ("conv(4, 1) / (1 + (conv(4, 1) -> sigmoid))", None),
    "a number over a flow": ("1 / (1 + (conv(4, 1) -> sigmoid))", None),
    "norms": ("conv(4, 1) -> groupnorm(2) -> layernorm -> batchnorm -> gain", None),
    "rounds": ("repeat 5 { conv(4, 3) -> norm -> act }", None),
    "units": ("repeat 4 { basic(4) }", None),
    "rounds that read a value": ("conv(4, 1) -> repeat 4 { relu + conv(4, 3) -> tanh }", None),
    "a value that two gates read": ("conv(4, 1) -> repeat 3 { id * (globalpool -> conv(4, 1) -> sigmoid) }", None),
    "activations": ("conv(4, 1) -> gelu -> silu -> leaky -> relu6 -> tanh -> softmax(2) -> sigmoid", None),
    "pools": ("conv(4, 1) -> avgpool(2) -> globalmax", None),
    "places": ("conv(4, 1) -> subsample(2) -> zeropad(6) -> shuffle(2) -> upsample(2) -> blur(3) -> relu", None),
    "a vector of every other place is a copy": ("conv(4, 1) -> subsample(2) -> flatten -> linear(3)", 4 * 64 + 4 * 16),
    "but not of one axis": ("conv(4, 1) -> avgpool([8, 1]) -> subsample([1, 2]) -> flatten -> linear(3)", None),
    "every other place in another shape": ("conv(4, 1) -> subsample(2) -> reshape([2, 2, 16]) -> conv(2, 1)", None),
    "a copy in a block": ("conv(4, 1) -> repeat 2 { subsample(2) } -> reshape([4, 4]) -> conv(4, 1) -> relu", None),
    "one place in many": ("conv(4, 1) -> subsample(8) -> flatten -> linear(3)", 2 * 4 * 64),
    "channels": ("conv(4, 1) -> (channelmax ++ channelmean) -> conv(1, 3) -> sigmoid", None),
    "standardised weights": ("conv(4, 3, standardize = true) -> relu -> conv(2, 1, standardize = true)", None),
    "standardised weights without gain": ("conv(4, 3, standardize = 1.5, gain = false) -> relu -> conv(2, 1)", None),
    "a softmax over positions": (
        "conv(4, 1) -> subsample(2) -> globalsoftmax -> reshape([2, 2, 16])",
        4 * 64 + 4 * 16,
    ),
    "a pool weighed by a softmax": ("(conv(1, 1) -> globalsoftmax) * conv(1, 1) -> globalpool", None),
    "dropout": ("conv(4, 1) -> dropout(0.5) -> conv(4, 1) -> droppath(0.3)", None),
}


@pytest.mark.parametrize(("flow", "by_hand"), SMALL.values(), ids=list(SMALL))
def test_kept_for_backward_op_by_op(flow: str, by_hand: int | None) -> None:
    """`by_hand`: numbers, a position as two."""
    net = load("case", text=f"resdsl 1\nmodel case {{ input 4 x 8 x 8\n part {{ {flow} }} }}")
    measured = kept_by_autograd(net, 1)
    assert measured == kept(net, 1)
    if by_hand is not None:
        assert measured == 4 * by_hand


@cache
def random_networks(seed: int) -> list[Network]:
    spec = program.load(Source("random.resnet", specgen.spec(seed)))
    return [Network(spec, model, expects=False) for model in spec.models.values() if not is_template(model)]


@pytest.mark.parametrize("seed", range(20))
def test_kept_for_backward_in_random_specs(seed: int) -> None:
    for net in random_networks(seed):
        if max(map(prod, Straight(net.program).model.shapes)) < 10**6:
            assert kept_by_autograd(net, 2) == kept(net, 2), specgen.spec(seed)


def test_lines_of_a_model_and_its_input_add_up() -> None:
    net = load("resnet50")
    training = Training(net.report.straight)
    assert training.total == sum(training.lines, training.input)
    assert training.input.numbers == 3 * 224 * 224
    assert training.total.indices == 64 * 56 * 56


def test_every_op_that_keeps_something_is_an_op() -> None:
    assert set(OPS) >= KEEPS_INPUT | KEEPS_OUTPUT | VIEWS


def test_a_trillion_units_keep_a_trillion_times_as_much() -> None:
    def of(depth: int) -> int:
        text = f"resdsl 1\nmodel case {{ input 4 x 8 x 8\n part {{ conv(4, 3) -> repeat {depth} {{ basic(4) }} }} }}"
        return kept(load("case", text=text), 1)

    unit = of(11) - of(10)
    assert of(10**12) == of(10) + (10**12 - 10) * unit


# -- inference -------------------------------------------------------------------------------------------------

PEAKS = [
    "resnet18", "resnet50", "resnet152", "resnetv2_50", "vgg19_bn", "cifar_resnet110", "im_resnet110_exclusive",
    *(f"{EXAMPLES}:{name}" for name in (
        "densenet121", "unet_resnet34", "fractalnet", "hrnet_w18", "dla34", "res2net50_26w_4s", "shufflenet_v2",
        "fpn_resnet50", "deeplabv3_resnet50", "skresnet50", "highway_10", "resnest50_d", "nf_resnet50",
    )),
]  # fmt: skip


@pytest.mark.parametrize("spec", PEAKS)
def test_the_peak_is_that_of_a_plain_executor(spec: str) -> None:
    made = load(spec).program
    assert peak(Straight(made)) == brute_force(made)


def test_what_a_block_only_gives_back_is_not_read_there() -> None:
    text = "resdsl 1\nmodel case { input 4 x 8 x 8\n let y = relu\n let z = y -> relu\n tap: identity(4)\n z }"
    made = load("case", text=text).program
    assert peak(Straight(made)) == brute_force(made) == 2 * 256


def test_a_block_that_gives_a_piece_of_what_it_made_keeps_all_of_it() -> None:
    blocks = "block thin { relu -> subsample(4) }"
    text = f"resdsl 1\n{blocks}\nmodel case {{ input 4 x 8 x 8\n a {{ thin ++ subsample(4) -> relu -> conv(64, 1) }} }}"
    made = load("case", text=text).program
    assert peak(Straight(made)) == brute_force(made) == 2 * 256 + 4 * 4 * 2


def test_a_result_that_no_line_reads_goes_at_once() -> None:
    blocks = "block three { relu -> [relu, relu, relu] }"
    text = f"resdsl 1\n{blocks}\nmodel case {{ input 4 x 8 x 8\n a {{ three -> id[2] -> act }} }}"
    made = load("case", text=text).program
    assert peak(Straight(made)) == brute_force(made) == 2 * 256


@pytest.mark.parametrize(
    ("flow", "numbers"),
    [
        ("id", 256),
        ("relu", 2 * 256),
        ("relu -> relu -> relu", 2 * 256),
        ("repeat 1_000_000_000_000 { relu }", 2 * 256),
        ("relu + id", 3 * 256),
        ("flatten -> linear(2)", 258),
        ("let x = id\n repeat 1_000_000_000_000 { x -> relu }", 2 * 256),
        ("let x = id\n relu -> repeat 1_000_000_000_000 { x + relu }", 3 * 256),
        ("globalpool -> flatten", 256 + 4),
        ("conv(8, 1) -> conv(2, 1)", 512 + 256),
    ],
)
def test_the_peak_by_hand(flow: str, numbers: int) -> None:
    net = load("case", text=f"resdsl 1\nblock b {{ {flow} }}\nmodel case {{ input 4 x 8 x 8\n part {{ b }} }}")
    assert peak(Straight(net.program)) == numbers
