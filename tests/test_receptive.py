"""Receptive fields against gradients: the positions of the input whose gradient is not zero."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from resdsl.analyze.receptive import Receptive, Span
from resdsl.network import Network, load

if TYPE_CHECKING:
    import torch

EXAMPLES = Path(__file__).resolve().parent / "data" / "examples.resnet"


def seen(net: Network, row: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """For each axis: the middle position of a row's output, and the first and last position of the input it sees.

    All weights are positive, so no gradient cancels and no ReLU closes; a max-pool becomes a mean, or it would choose.
    """
    torch = pytest.importorskip("torch")
    import torch.nn.functional as functional

    from resdsl.module import generated

    for rank in (1, 2, 3):
        mean = getattr(functional, f"avg_pool{rank}d")

        def pool(x: torch.Tensor, size: int, stride: int | None = None, padding: int = 0, mean=mean, **_: object):  # type: ignore[no-untyped-def]
            return mean(x, size, stride, padding)

        monkeypatch.setattr(functional, f"max_pool{rank}d", pool)
        monkeypatch.setattr(
            getattr(torch.nn, f"MaxPool{rank}d"), "forward",
            lambda self, x, mean=mean: mean(x, self.kernel_size, self.stride, self.padding),
        )  # fmt: skip
    module = generated(net)().eval().double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1 / parameter[0].numel())
    x = torch.ones(1, *net.program.input, dtype=torch.float64, requires_grad=True)
    output = module.forward_features(x)[row]
    middle = [n // 2 for n in output.shape[2:]]
    output[(0, slice(None), *middle)].sum().backward()
    assert x.grad is not None
    found = []
    for axis, place in enumerate(middle):
        others = tuple(i for i in range(x.grad.dim()) if i != axis + 2)
        touched = x.grad.abs().sum(others).nonzero().flatten().tolist()
        found.append((place, touched[0], touched[-1]))
    return found


def reach(spans: tuple[Span, ...] | None, places: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """What the analysis says of the same positions."""
    assert spans is not None
    return [(p, int(s.jump * p + s.low), int(s.jump * p + s.high)) for s, (p, _, _) in zip(spans, places, strict=True)]


def field_of(net: Network, row: str) -> tuple[Span, ...] | None:
    rows = [section.name for section in net.sections]
    return Receptive(net.report.straight).lines[rows.index(row)].widest


@pytest.mark.parametrize(
    ("spec", "size", "row", "field", "jump"),
    [
        ("resnet18", 256, "layer1", 43, 4),
        ("resnet18", 256, "layer2", 99, 8),
        ("resnet18", 448, "layer3", 211, 16),
        ("resnet18", 704, "layer4", 435, 32),
        ("resnet50", 480, "layer4", 427, 32),
        (f"{EXAMPLES}:densenet121", 160, "dense1", 63, 8),
        (f"{EXAMPLES}:resnet50_os8", 256, "layer2", 91, 8),
        ("cifar_resnet20", 64, "layer2", 37, 2),
    ],
)
def test_networks_see_what_their_gradients_reach(
    spec: str, size: int, row: str, field: int, jump: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other axis is short, and its field ends at the border."""
    net = load(spec, input=(3, size, 32))
    spans = field_of(net, row)
    assert spans is not None
    assert {(span.size, span.jump) for span in spans} == {(field, jump)}
    places = seen(net, row, monkeypatch)
    assert [
        (p, max(low, 0), min(high, n - 1)) for (p, low, high), n in zip(reach(spans, places), (size, 32), strict=True)
    ] == places


FLOWS = [
    "conv(2, 3)",
    "conv(2, 5, stride = 3)",
    "conv(2, 4, stride = 2, padding = 1)",
    "conv(2, 3, dilation = 4)",
    "conv(2, 4, padding = \"same\")",
    "conv(2, 3, padding = 0) -> conv(2, 3, stride = 2) -> conv(2, 3, dilation = 2)",
    "maxpool(3, stride = 2) -> avgpool(2) -> conv(2, 3)",
    "subsample(3) -> conv(2, 3)",
    "border(0, 1) -> conv(2, 3, stride = 2, padding = 0) -> border([2]) -> conv(2, 3)",
    "blur(5, stride = 2) -> conv(2, 3)",
    "conv(1, 3) + id",
    "conv(1, 5) + conv(1, 1, dilation = 3) + (conv(1, 3) -> conv(1, 3))",
    "conv(1, 3, padding = [2]) -> conv(1, 3, padding = [0]) -> (id ++ id)",
    "repeat 5 { basic(1) }",
    "repeat 3 { conv(1, 2, padding = \"same\") }",
    "stage(basic, 2, 3, stride = 2) -> stage(basic, 4, 2, stride = 2)",
    "let x = conv(1, 7)\nconv(1, 3) -> (x + id)",
    "conv(2, 3) -> split(2) -> [id[0] -> conv(1, 5), id[1]] -> sum",
    "id * (conv(1, 3) -> relu)",
    "channelmean -> conv(1, 3)",
]  # fmt: skip


@pytest.mark.parametrize("flow", FLOWS)
def test_flows_see_what_their_gradients_reach(flow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"block b {{\n{flow}\n}}\nmodel case {{ input 1 x 120\n part {{ b }} }}"
    net = load("case", text=f"resdsl 1\n{body}")
    places = seen(net, "part", monkeypatch)
    assert reach(field_of(net, "part"), places) == places


@pytest.mark.parametrize("flow", [
    "globalpool", "id * (globalpool -> conv(1, 1) -> sigmoid)", "flatten -> linear(3)", "globalsoftmax",
])  # fmt: skip
def test_what_mixes_all_positions_sees_all(flow: str) -> None:
    net = load("case", text=f"resdsl 1\nblock b {{ {flow} }}\nmodel case {{ input 1 x 120\n part {{ b }} }}")
    assert field_of(net, "part") is None


@pytest.mark.parametrize(("mode", "factor", "rank"), [("nearest", 2, 1), ("nearest", 3, 1), ("nearest", 2, 2)])
def test_upsampling_sees_no_more_than_the_analysis_says(mode: str, factor: int, rank: int) -> None:
    net = load(
        "case", text=f"resdsl 1\nmodel c {{ input 1 x {' x '.join(['60'] * rank)}\n part {{ upsample({factor}) }} }}"
    )
    spans = field_of(net, "part")
    assert spans is not None
    for position in range(60 * factor):
        span = spans[0]
        assert span.jump * position + span.low <= position // factor <= span.jump * position + span.high
    assert {span.size for span in spans} == {1}


# Published: Araujo et al. 2019, "Computing receptive fields of convolutional neural networks", for the v1 nets and VGG.
@pytest.mark.parametrize(
    ("spec", "row", "field"),
    [("resnet50_v1", "layer4", 483), ("resnet101_v1", "layer4", 1027), ("resnet152_v1", "layer4", 1507)],
)
def test_published_fields(spec: str, row: str, field: int) -> None:
    spans = field_of(load(spec), row)
    assert spans is not None
    assert {span.size for span in spans} == {field}


def test_a_trillion_units() -> None:
    net = load("case", text="resdsl 1\nmodel c { input 4 x 64 x 64\n p { repeat 1_000_000_000_000 { basic(4) } } }")
    field = Receptive(net.report.straight).lines[0]
    assert field.widest is not None
    assert {span.size for span in field.widest} == {1 + 4 * 10**12}
    assert field.narrowest == ()


def test_the_narrowest_way_of_a_residual_net_is_its_shortcuts() -> None:
    fields = Receptive(load("resnet50").report.straight).lines
    assert all({span.size for span in field.narrowest or ()} == {11} for field in fields[:5])
    assert fields[4].widest is not None
    assert fields[4].widest[0].jump == Fraction(32)
