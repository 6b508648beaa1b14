"""What He et al. 2016 say of signals and gradients, by autograd on generated modules.

Their units have nothing after the addition: x' = h(x) + F(x). Where every F starts at zero the statements are exact.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from resdsl import load

torch = pytest.importorskip("torch")

ROOT = Path(__file__).resolve().parents[1]

# -- chains of units without a ReLU after the addition: eqs. 4 to 11 --------------------------------------------------

CHAIN = """resdsl 1
# x' = factor x + F(x).
block unit(width, factor, start) {
  (norm -> act -> conv(width, 3) -> norm -> act -> conv(width, 3) -> gain(start)) + factor * id
}
model chain(n = 54, factor = 1.0, start = 0.0, width = 4) {
  input 4 x 6 x 6
  units: repeat n { unit(width, factor, start) }
}
"""
N = 54  # the units of ResNet-110


def chain(**settings: float) -> torch.nn.Module:
    torch.manual_seed(0)
    return load("chain.resnet", text=CHAIN).module(**settings).double()


def gradient(model: torch.nn.Module) -> torch.Tensor:
    """dE/dx_0 where E is the sum of x_L, so that dE/dx_L is 1 everywhere."""
    x = torch.randn(2, 4, 6, 6, dtype=torch.float64, requires_grad=True)
    (found,) = torch.autograd.grad(model(x).sum(), x)
    return found


@pytest.mark.parametrize("factor", [1.0, 0.5, 2.0])
def test_at_zero_branches_the_gradient_is_the_product_of_the_factors(factor: float) -> None:
    """Eq. 11 with F = 0. Powers of two lose no digit, so it is exact; through identities it is 1 at any depth."""
    found = gradient(chain(factor=factor))
    assert torch.equal(found, torch.full_like(found, factor**N))


@pytest.mark.parametrize(("factor", "product"), [(1.1, 171.9), (0.9, 0.0034)])
def test_other_factors_make_it_explode_or_vanish(factor: float, product: float) -> None:
    """Row N24 of docs/notes.md."""
    found = gradient(chain(factor=factor))
    assert torch.allclose(found, torch.full_like(found, factor**N), rtol=1e-12, atol=0)
    assert factor**N == pytest.approx(product, rel=0.01)


def test_the_constructor_counts_the_units() -> None:
    for n in (1, 9, 20):
        assert float(gradient(chain(n=n, factor=0.5)).max()) == 0.5**n


def branches(model: torch.nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """x_L, and what each branch F adds."""
    outputs: list[torch.Tensor] = []
    hooks = [u.gain.register_forward_hook(lambda *a: outputs.append(a[2])) for u in model.units]  # type: ignore[attr-defined]
    y = model(x)
    for hook in hooks:
        hook.remove()
    return y, outputs


@pytest.mark.parametrize("factor", [1.0, 0.8])
def test_signal_and_gradient_are_sums_over_the_branches(factor: float) -> None:
    """Eqs. 7 and 8, and with a factor eqs. 10 and 11, each F taken times the factors of all later units."""
    model = chain(n=8, factor=factor, start=0.5)
    x = torch.randn(2, 4, 6, 6, dtype=torch.float64, requires_grad=True)
    y, outputs = branches(model, x)
    assert len(outputs) == 8
    added = sum(f * factor ** (7 - i) for i, f in enumerate(outputs))
    assert isinstance(added, torch.Tensor)
    assert torch.allclose(y, factor**8 * x + added, rtol=1e-12, atol=1e-12)
    v = torch.randn_like(y)  # dE/dx_L
    (whole,) = torch.autograd.grad(y, x, v, retain_graph=True)
    (through,) = torch.autograd.grad(added, x, v)
    assert torch.allclose(whole, factor**8 * v + through, rtol=1e-10, atol=1e-12)
    assert float(through.abs().max()) > 0.1  # the branches matter


def test_without_shortcuts_no_part_of_the_gradient_arrives_as_it_is() -> None:
    """The factor 0: what is left of eq. 11 passes every weight layer, and at zero branches it is nothing."""
    assert not gradient(chain(n=8, factor=0.0)).any()
    assert gradient(chain(n=8, factor=0.0, start=1.0)).any()


# -- whole nets, as they start -----------------------------------------------------------------------------------------

NETS = """
model zero = cifar_resnet56 { default last_norm = norm(start = 0.0) }
model scaled_shortcuts = zero { default shortcut = scaled_shortcut(factor = 0.5) }
model scaled_branches = zero { default gate = scale(0.5) }
model scaled_both = scaled_shortcuts { default gate = scale(0.5) }
model plain = zero { default shortcut = none }
model gated = zero(unit = exclusive_gating(bias = -6.0)) { }
model half_gated = zero(unit = exclusive_gating(bias = 0.0)) { }
"""


def run(name: str, train: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What leaves the stem, what enters the head, and the gradient of the second's sum by the first."""
    torch.manual_seed(0)
    text = (ROOT / "specs/cifar/resnet.resnet").read_text() + NETS
    model = load("nets.resnet", name, text=text).module().train(train)
    for key, p in model.named_parameters():
        if key.endswith("gate.weight"):  # a gate is then the same everywhere: its bias
            torch.nn.init.zeros_(p)
    kept: list[torch.Tensor] = []
    model.bn1.register_forward_hook(lambda *a: kept.append(a[2]))  # type: ignore[union-attr]
    features = model.forward_features(torch.randn(2, 3, 32, 32))  # type: ignore[operator]
    (found,) = torch.autograd.grad(features["layer3"].sum(), kept[0])
    return features["stem"], features["layer3"], found


def shrunk(stem: torch.Tensor) -> torch.Tensor:
    """Option A twice: every fourth position, and zeros for the new channels."""
    return torch.nn.functional.pad(stem[:, :, ::4, ::4], (0, 0, 0, 0, 0, 64 - 16))


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize(
    ("name", "factor"),
    [("zero", 1.0), ("scaled_branches", 1.0), ("scaled_shortcuts", 0.5**27), ("scaled_both", 0.5**27), ("plain", 0.0)],
)
def test_at_zero_branches_the_stem_reaches_the_head_of_resnet56(name: str, factor: float, train: bool) -> None:
    """27 units of y = act(F(x) + shortcut(x)) with F = 0, whose shortcuts have no parameters: as the stem ends in a
    ReLU every later ReLU changes nothing, and the head reads what the stem wrote, times the factors of the shortcuts.
    """
    stem, entering, found = run(name, train)
    stem, entering = stem.detach(), entering.detach()
    assert float(stem.min()) == 0.0 and float(stem.max()) > 1.0
    assert torch.equal(entering, factor * shrunk(stem))
    reached = torch.zeros_like(found)
    reached[:, :, ::4, ::4] = (stem > 0)[:, :, ::4, ::4]
    assert torch.equal(found, factor * reached)


@pytest.mark.parametrize(
    ("name", "branch", "shortcut"),
    [("original", 1.0, 1.0), ("constant", 0.5, 0.5), ("constant_shortcut", 1.0, 0.5)],
)
def test_constant_scaling_takes_the_branch_the_shortcut_or_both(name: str, branch: float, shortcut: float) -> None:
    """Table 1 of the paper: y = act(a F(x) + b x), and its gradient where the sum is positive."""
    torch.manual_seed(0)
    unit = load(f"im_resnet110_{name}").module().layer1[3].eval()  # type: ignore[index]
    x = torch.randn(2, 16, 8, 8, requires_grad=True)
    kept: list[torch.Tensor] = []
    unit.bn2.register_forward_hook(lambda *a: kept.append(a[2]))
    y = unit(x)
    assert torch.equal(y, torch.relu(branch * kept[0] + shortcut * x))
    v = torch.randn_like(y) * (y > 0)
    (whole,) = torch.autograd.grad(y, x, v, retain_graph=True)
    (through,) = torch.autograd.grad(kept[0], x, v)
    assert torch.allclose(whole, branch * through + shortcut * v, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "bias", "kept"), [("gated", -6.0, 0.935), ("half_gated", 0.0, 2.0**-27)])
def test_a_gate_lets_pass_what_its_bias_says(name: str, bias: float, kept: float) -> None:
    """Exclusive gating: y = act(g F(x) + (1 - g) x). At F = 0 and W = 0 a unit keeps 1 - sigmoid(b) of the signal."""
    stem, entering, _ = run(name, train=False)
    factor = float((1 - torch.sigmoid(torch.tensor(bias, dtype=torch.float64))) ** 27)
    assert factor == pytest.approx(kept, rel=0.001)
    assert torch.allclose(entering, factor * shrunk(stem), rtol=1e-5, atol=0)
