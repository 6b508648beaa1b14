"""The identity path: by hand, and by the gradient of the generated module."""

from __future__ import annotations

from math import inf, isclose

import pytest

from resdsl.analyze.identity import Trail, cleanest, stretches
from resdsl.network import Network, load


def trails(net: Network) -> dict[str, Trail]:
    found = stretches(cleanest(net.report.straight), tuple(section.name for section in net.sections))
    return {stretch.name: stretch.trail for stretch in found if stretch.trail is not None}


def of(flow: str, blocks: str = "") -> Trail:
    text = f"resdsl 1\nblock b {{\n{flow}\n}}\n{blocks}\nmodel case {{ input 4 x 8 x 8\n part {{ b }} }}"
    return trails(load("case", text=text))["part"]


def crossed(trail: Trail) -> list[tuple[str, int]]:
    return sorted((crossing.what, count) for crossing, count in trail.crossings)


@pytest.mark.parametrize(
    "flow",
    [
        "conv(4, 3) + id",
        "id - conv(4, 3)",
        "id ++ conv(4, 3)",
        "repeat 1_000_000_000_000 { conv(4, 3) + id }",
        "split(2) -> [id[0], id[1] -> conv(2, 3)] -> (id[0] ++ id[1])",
        "let x = id\nconv(4, 3) -> relu -> (x + id)",
        "1 * id + conv(4, 3)",
    ],
)
def test_clean(flow: str) -> None:
    assert of(flow).clean


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        ("conv(4, 3) + id -> relu", [("ReLU", 1)]),
        ("conv(4, 3) + id -> batchnorm", [("BN", 1)]),
        ("repeat 7 { conv(4, 3) + id -> relu }", [("ReLU", 7)]),
        ("conv(4, 3) + conv(4, 1)", [("3x3 conv, 4", 1)]),  # of equal ways the first
        ("(conv(4, 3) -> conv(4, 3)) + (conv(4, 1) -> norm)", [("1x1 conv, 4", 1), ("BN", 1)]),
        ("repeat 9 { conv(4, 3) + 0.5 * id }", [("the factor 0.5", 9)]),
        ("conv(4, 3) + id / 4", [("the factor 0.25", 1)]),
        ("conv(4, 3) - id", [("the factor -1", 1)]),
        ("let g = conv(4, 1) -> sigmoid\ng * conv(4, 3) + (1 - g) * id", [("a product of two flows", 1)]),
        ("conv(4, 3) + dropout(0.5)", [("dropout", 1)]),
        ("conv(4, 3) + gain", [("gain", 1)]),
    ],
)
def test_broken(flow: str, expected: list[tuple[str, int]]) -> None:
    assert crossed(of(flow)) == expected


def test_the_zoo() -> None:
    """He et al. 2016, Figs. 2 and 4: what each variant does to the shortcut."""

    def first(name: str) -> list[tuple[str, int]]:
        return crossed(trails(load(name))["layer1"])

    assert first("im_resnet110_full_preact") == []
    assert first("im_resnet110_relu_only_preact") == []
    assert first("im_resnet110_relu_before_add") == []
    assert first("im_resnet110_original") == [("ReLU", 18)]
    assert first("im_resnet110_bn_after_add") == [("BN", 18), ("ReLU", 18)]
    assert first("im_resnet110_constant_shortcut") == [("ReLU", 18), ("the factor 0.5", 18)]
    assert first("im_resnet110_exclusive") == [("ReLU", 18), ("a product of two flows", 18)]
    assert first("resnet50") == [("1x1 conv, 256", 1), ("BN", 1), ("ReLU", 3)]


def test_a_crossing_stands_in_the_unit_that_has_it() -> None:
    net = load("resnet34")
    ((crossing, _),) = trails(net)["layer1"].crossings
    name = net.program.sources[crossing.at[0]]
    source = net.spec.scope.prelude.index["basic"]
    assert name == source.name
    line = source.line(source.position(crossing.at[1])[0])
    assert line.strip().endswith("act")


@pytest.mark.parametrize(
    ("factor", "count", "product"),
    [(0.5, 54, 2.0**-54), (2.0, 10, 1024.0), (1.1, 54, 1.1**54), (2.0, 10**6, inf), (0.5, 10**6, 0.0), (-1.0, 3, -1.0)],
)
def test_the_product_of_the_factors(factor: float, count: int, product: float) -> None:
    trail = of(f"repeat {count} {{ conv(4, 3) + ({factor}) * id }}")
    assert trail.product() == product or isclose(trail.product(), product)


@pytest.mark.parametrize(("factor", "count"), [(0.5, 20), (0.9, 12), (1.1, 12)])
def test_the_gradient_along_the_shortcuts_is_the_product(factor: float, count: int) -> None:
    """With branches that end in zero, dE/dx is the product of the factors (equation 11 with F = 0)."""
    torch = pytest.importorskip("torch")
    from resdsl.module import generated

    unit = f"(conv(4, 3) -> batchnorm(start = 0.0)) + {factor} * id"
    net = load("case", text=f"resdsl 1\nmodel case {{ input 4 x 8 x 8\n part {{ repeat {count} {{ {unit} }} }} }}")
    x = torch.randn(2, 4, 8, 8, dtype=torch.float64, requires_grad=True)
    generated(net)().double().eval()(x).sum().backward()
    assert x.grad is not None
    assert torch.allclose(x.grad, torch.full_like(x, trails(net)["part"].product()))
