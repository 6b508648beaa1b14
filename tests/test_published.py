"""The generated modules compute what the published networks compute: tests/data/outputs.csv has their outputs.

torchvision and timm are not needed here: each row holds what theirs gave, in float64, in eval mode, for the weights of
`fill` and the input of `image`, which anybody can make again.
"""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import Any

import pytest

from resdsl.network import load
from resdsl.verify import generated

torch = pytest.importorskip("torch")
warnings.filterwarnings("ignore", message="ceil_mode")

DATA = Path(__file__).parent / "data"
with (DATA / "outputs.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def scatter(seed: int, *shape: int) -> Any:
    """Numbers from -1 to 1, exact on every machine: squares modulo a prime."""
    n = torch.arange(torch.Size(shape).numel())
    return ((31 * n * n + 7919 * n + 104729 * seed) % 10007).double().reshape(shape) / 5003 - 1


def fill(state: dict[str, Any]) -> None:
    """Weights by their place and shape: of convolutions such that values keep their size, of norms around 1."""
    for seed, value in enumerate(state.values()):
        if value.is_floating_point():
            spread = (2 / value[0].numel()) ** 0.5 if value.dim() > 1 else 0.5
            middle = 1.0 if value.dim() == 1 or value[0].numel() == 1 else 0.0
            value.copy_(middle + spread * scatter(seed, *value.shape))


def image(size: int) -> Any:
    return scatter(0, 1, 3, size, size)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["model"])
def test_module_computes_what_the_published_network_computes(row: dict[str, str]) -> None:
    model = generated(load(row["model"]))().double().eval()
    fill(model.state_dict())
    with torch.no_grad():
        out = model(image(int(row["size"])))[0]
    wanted = torch.tensor([float(n) for n in row["outputs"].split()], dtype=torch.float64)
    torch.testing.assert_close(out[: len(wanted)], wanted, rtol=1e-6, atol=0)
