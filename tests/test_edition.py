"""Edition 1 keeps its promise (docs/compatibility.md): the same IR, numbers and keys of every network that ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import edition
import pytest

from resdsl import network
from resdsl.graph import dump

GOLDEN = edition.golden()


@pytest.mark.parametrize("path", edition.zoo(), ids=lambda path: path.stem)
def test_the_edition_makes_the_same_of_the_zoo(path: Path) -> None:
    for net in edition.networks(path):
        assert net.name in GOLDEN["models"], f"{net.name} is new: run `make edition`"
        assert edition.fingerprint(net, GOLDEN["ops"]) == GOLDEN["models"][net.name], f"{net.name} has changed"


def test_no_network_and_no_argument_of_an_op_is_lost() -> None:
    assert GOLDEN["models"].keys() <= {net.name for path in edition.zoo() for net in edition.networks(path)}
    for op, known in GOLDEN["ops"].items():
        assert set(known) <= set(edition.arguments()[op]), op


def test_an_argument_that_is_new_changes_nothing_at_its_default() -> None:
    net = network.load("resnet18")
    row = edition.fingerprint(net, GOLDEN["ops"])
    older = {**GOLDEN["ops"], "conv": [name for name in GOLDEN["ops"]["conv"] if name != "standardize"]}
    assert edition.fingerprint(net, older)[3] != row[3]  # the digest of the older text, in which nothing of it stood
    assert "standardize" not in json.dumps(edition._said(json.loads(dump(net.program)), older))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("conv1: conv(4, 3) -> bn1: norm", 3),  # another padding: no other number, no other key
        ("conv1: conv(4, 3, padding = 2) -> bn1: batchnorm(eps = 1e-3)", 3),
        ("conv1: conv(4, 3, padding = 2) -> bn2: norm", 4),
        ("conv1: conv(4, 3, bias = true, padding = 2) -> bn1: norm", 1),
        ("conv1: conv(4, 5, padding = 2) -> bn1: norm", 2),
    ],
)
def test_a_change_is_seen(text: str, place: int) -> None:
    def of(body: str) -> list[Any]:
        spec = f"resdsl 1\nmodel m {{\n  input 3 x 8 x 8\n  {body}\n}}\n"
        return edition.fingerprint(network.load("m.resnet", text=spec), GOLDEN["ops"])

    was = of("conv1: conv(4, 3, padding = 2) -> bn1: norm")
    assert of("conv1:conv( 4,3,padding=2)->bn1:norm # the same") == was
    assert of(text)[place] != was[place]


def test_a_change_is_not_accepted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = edition.zoo()[0]
    nets = list(edition.networks(path))
    monkeypatch.setattr(edition, "PATH", tmp_path / "golden.json")
    monkeypatch.setattr(edition, "zoo", lambda: (path,))
    assert edition.main() == 0
    first = edition.PATH.read_text()
    assert edition.main() == 0 and edition.PATH.read_text() == first
    assert len(json.loads(first)["models"]) == len(nets)
    edition.PATH.write_text(first.replace(f'"{nets[0].name}": [{nets[0].layers}', f'"{nets[0].name}": [0'))
    changed = edition.PATH.read_text()
    assert edition.main() == 1 and edition.PATH.read_text() == changed != first
