"""How a module starts: its constructor, and what its weights are before training.

The expected spreads are those of the ResNets of torchvision and timm: `kaiming_normal_(mode="fan_out")`, where the
fan-out of a grouped convolution is that of all its groups; linear layers and biases as torch makes them.
"""

from __future__ import annotations

import inspect
import math
import warnings
from pathlib import Path

import pytest

from resdsl import load
from resdsl.module import generated
from resdsl.network import Network

torch = pytest.importorskip("torch")

ROOT = Path(__file__).resolve().parents[1]


def of(text: str, **settings: object) -> Network:
    return load("net.resnet", text=f"resdsl 1\n{text}\n", **settings)


def module(net: Network, **arguments: object) -> torch.nn.Module:
    torch.manual_seed(0)
    return generated(net)(**arguments)


# -- the constructor -------------------------------------------------------------------------------------------------


def signature(net: Network) -> dict[str, object]:
    return {p.name: p.default for p in inspect.signature(generated(net)).parameters.values()}


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2", "resnet50_v1"])
def test_the_constructor_of_a_resnet(name: str) -> None:
    found = signature(load(name))
    assert list(found.items()) == [("classes", 1000), ("in_channels", 3), ("zero_init", False)]
    assert isinstance(found["zero_init"], bool)


RAMP = """# Units are dropped more often towards the end.
model net(n = 4, classes = 10, drop = 0.2, out = 0.0, wide = false) {
  input 3 x 16 x 16
  let width = if wide { 16 } else { 8 }
  stem { conv(width, 3) -> norm -> act }
  units: repeat n as i {
    default gate = droppath(drop * i / (n - 1))
    basic(width)
  }
  head { globalpool -> flatten -> dropout(out) -> linear(if wide { 2 * classes } else { classes }) }
}"""


def rates(model: torch.nn.Module) -> list[float]:
    return [m.p for m in model.modules() if isinstance(m, torch.nn.Dropout)]


def test_rates_and_flags_are_arguments() -> None:
    net = of(RAMP)
    defaults = {"n": 4, "classes": 10, "in_channels": 3, "drop": 0.2, "out": 0.0, "wide": False}
    assert signature(net) == defaults
    assert [type(v) for v in signature(net).values()] == [int, int, int, float, float, bool]
    assert rates(module(net)) == pytest.approx([0.0, 0.2 / 3, 0.4 / 3, 0.2, 0.0])
    assert rates(module(net, n=3, drop=0.5, out=0.7)) == pytest.approx([0.0, 0.25, 0.5, 0.7])


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(("n", "classes", "drop"), [(4, 10, 0.2), (7, 13, 0.9), (2, 1, 0.0)])
def test_arguments_together_give_the_network_of_those_settings(n: int, classes: int, drop: float, wide: bool) -> None:
    """Also where a flag chooses between numbers that follow from other arguments."""
    given = {"n": n, "classes": classes, "drop": drop, "wide": wide}
    ours, other = module(of(RAMP), **given), module(of(RAMP, **given))
    assert {k: v.shape for k, v in ours.state_dict().items()} == {k: v.shape for k, v in other.state_dict().items()}
    assert rates(ours) == rates(other)


@pytest.mark.parametrize("given", [{}, {"classes": 7}, {"own": True}, {"own": True, "classes": 7}])
def test_a_number_may_matter_with_a_flag_alone(given: dict[str, object]) -> None:
    text = "model net(classes = 10, own = false) { input 8   head { linear(if own { classes } else { 10 }) } }"
    assert module(of(text), **given).get_parameter("fc.bias").numel() == (7 if len(given) == 2 else 10)


def test_arguments_that_only_together_change_a_number_are_seen_through() -> None:
    """Each alone leaves the first layer at 10. No expression of Python says `pick`, so the flag is no argument."""
    net = of(
        "function pick(own, n) { if own { n } else { 10 } }\n"
        "model net(classes = 10, own = false) { input 8\n"
        " head { linear(pick(own, classes)) -> dropout(if own { 0.1 } else { 0.5 }) -> linear(classes) } }"
    )
    assert list(signature(net)) == ["classes", "in_channels"]


def test_what_follows_from_no_expression_is_no_argument() -> None:
    """A block that is there or not, and a function that Python does not have."""
    net = of(
        "model net(k = 3, gated = false, rate = 0.5) { input 8 x 16 x 16\n"
        " a: (conv(8, k) -> dropout(floor(10 * rate) / 20))\n"
        " b: basic(8, gate = if gated { squeeze_excite(2) } else { id }) }"
    )
    assert list(signature(net)) == ["k", "in_channels"]


def test_a_variant_has_the_arguments_of_its_base_at_its_own_values() -> None:
    assert signature(load("resnet18_cifar"))["classes"] == 10
    text = (ROOT / "specs/resnet/resnet.resnet").read_text() + "\nmodel mine = resnet18(zero_init = true) { }\n"
    net = load("mine.resnet", "mine", text=text)
    assert signature(net)["zero_init"] is True
    assert not module(net).get_parameter("layer1.0.bn2.weight").any()
    assert module(net, zero_init=False).get_parameter("layer1.0.bn2.weight").all()


def test_tools_take_a_module_with_rates_and_flags() -> None:
    x = torch.randn(2, 3, 16, 16)
    model = module(of(RAMP), drop=0.5, wide=True).eval()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for taken in (
            torch.jit.script(model),
            torch.fx.symbolic_trace(model),
            torch.export.export(model, (x,)).module(),
        ):
            torch.testing.assert_close(taken(x), model(x), rtol=1e-4, atol=1e-5)


# -- the start of each kind of layer ----------------------------------------------------------------------------------

CONVS = {
    "1x1": ("256 x 8 x 8", "conv(256, 1)", 256),
    "3x3": ("64 x 8 x 8", "conv(128, 3)", 128 * 9),
    "7x7, stride 2": ("3 x 8 x 8", "conv(64, 7, stride = 2)", 64 * 49),
    "dilated": ("64 x 8 x 8", "conv(128, 3, dilation = 2)", 128 * 9),
    "32 groups": ("256 x 8 x 8", "conv(256, 3, groups = 32)", 256 * 9),
    "depthwise": ("512 x 8 x 8", "conv(512, 3, groups = 512)", 512 * 9),
    "with a bias": ("64 x 8 x 8", "conv(128, 3, bias = true)", 128 * 9),
    "standardised": ("64 x 8 x 8", "conv(128, 3, standardize = true)", 128 * 9),
    "standardised without a gain": ("64 x 8 x 8", "conv(128, 3, standardize = true, gain = false)", 128 * 9),
    "1-D": ("64 x 32", "conv(128, 3)", 128 * 3),
    "3-D": ("16 x 4 x 8 x 8", "conv(64, [1, 3, 3])", 64 * 9),
}


@pytest.mark.parametrize("kind", CONVS)
def test_convolutions_start_by_he_with_fan_out(kind: str) -> None:
    """A normal distribution with variance 2 / fan-out (He et al. 2015b)."""
    shape, op, fan_out = CONVS[kind]
    model = module(of(f"model net {{ input {shape}   a {{ {op} }} }}"))
    weight = model.get_parameter("conv.weight").detach().double()
    assert weight.numel() > 4000
    error = 5 / math.sqrt(weight.numel())  # five standard errors
    assert abs(float(weight.std()) / math.sqrt(2 / fan_out) - 1) < error
    assert abs(float(weight.mean()) / math.sqrt(2 / fan_out)) < error
    assert float((weight / weight.std()).pow(4).mean()) == pytest.approx(3.0, abs=0.5)  # 1.8 if uniform


def test_linear_layers_start_as_torch_makes_them() -> None:
    """Uniform, with bound 1 / sqrt(inputs): neither torchvision nor timm changes it in a ResNet."""
    model = module(load("resnet18"))
    for part in ("fc.weight", "fc.bias"):
        values = model.get_parameter(part).detach()
        assert float(values.abs().max()) == pytest.approx(512**-0.5, rel=0.02)
        assert float(values.abs().max()) <= 512**-0.5
        assert float(values.std()) == pytest.approx((512 * 3) ** -0.5, rel=0.1)


@pytest.mark.parametrize("norm", ["batchnorm", "groupnorm(4)", "layernorm"])
def test_norms_start_as_the_identity(norm: str) -> None:
    model = module(of(f"model net {{ input 3 x 16 x 16   default norm = {norm}\n a: basic(8) }}"))
    found = [m for m in model.modules() if "Norm" in type(m).__name__]
    assert len(found) == 3
    for m in found:
        assert m.get_parameter("weight").eq(1).all() and m.get_parameter("bias").eq(0).all()
        if isinstance(m, torch.nn.BatchNorm2d):
            assert m.get_buffer("running_mean").eq(0).all() and m.get_buffer("running_var").eq(1).all()


def test_biases_of_gates_start_where_the_spec_says() -> None:
    """He et al. 2016, section 3.1: a bias of -6 leaves the shortcut open."""
    for name, part in (("im_resnet110_exclusive", "gate.bias"), ("im_resnet110_shortcut_only", "conv.bias")):
        found = [p for key, p in module(load(name)).named_parameters() if key.endswith(part)]
        assert len(found) == 54
        assert all(p.eq(-6.0).all() for p in found)


def test_gains_start_where_the_spec_says() -> None:
    text = "model net {{ input 8 x 8 x 8   a: gain({})   b: gain(0.5, channels = false)   c: gain }}"
    state = module(of(text.format("1e-6"))).state_dict()
    assert [tuple(state[f"{k}.weight"].shape) for k in "abc"] == [(8, 1, 1), (1, 1, 1), (8, 1, 1)]
    starts = [float(state[f"{k}.weight"].unique()) for k in "abc"]
    assert starts == [pytest.approx(1e-6), 0.5, 1.0]


# -- zero_init ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnext50_32x4d"])
def test_with_zero_init_each_unit_is_its_shortcut(name: str, train: bool) -> None:
    """y = act(shortcut(x)), exactly, whatever the other weights are."""
    model = module(load(name), zero_init=True).train(train)
    units = [u for i in range(1, 5) for u in getattr(model, f"layer{i}")]
    last = "bn2" if name == "resnet18" else "bn3"
    assert sum(not p.any() for key, p in model.named_parameters() if key.endswith("weight")) == len(units)
    for unit in units:
        assert not unit.get_parameter(f"{last}.weight").any()
    for unit in (*units[:2], model.layer2[0]):  # type: ignore[index]
        x = torch.randn(2, unit.conv1.in_channels, 8, 8)
        assert torch.equal(unit(x), torch.relu(unit.downsample(x)))


def test_without_it_no_unit_is() -> None:
    model = module(load("resnet18"))
    assert all(p.any() for key, p in model.named_parameters() if key.endswith("weight"))
    x = torch.randn(2, 64, 8, 8)
    assert not torch.equal(model.layer1[0](x), torch.relu(x))  # type: ignore[index]
