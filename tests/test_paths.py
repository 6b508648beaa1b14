"""Paths: counted by polynomials, against paths listed one by one, and against the binomials of Veit et al. 2016."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from math import comb

import pytest
import specgen
import unrolled

from resdsl import graph, program
from resdsl.analyze.paths import LONGEST, ensemble
from resdsl.analyze.straight import Straight
from resdsl.diagnostics import Source
from resdsl.elaborate import is_template
from resdsl.network import Network, load


class Listed(unrolled.World[list[int]]):
    """A tensor is the list of the lengths of all paths that lead to it."""

    def op(self, node: unrolled.Node, x: list[list[int]], values: list[list[int]]) -> list[list[int]]:
        if node["op"]["name"] == "split":
            return [x[0] for _ in unrolled.each(node["output"])]
        if node["op"]["name"] == "sum":
            return [[length for one in x for length in one]]
        more = node["op"]["name"] in ("conv", "linear")
        return [[length + more for length in one] for one in x]

    def join(self, node: unrolled.Node, sides: list[list[int] | None]) -> list[int]:
        flows = [side for side in sides if side is not None]
        if node["operator"] in ("*", "/") and len(flows) == 2:
            named = [_named(item) for item in node["items"]]
            return flows[1] if named == [True, False] else flows[0]
        return [length for flow in flows for length in flow]


def _named(node: unrolled.Node) -> bool:
    return node["kind"] == "use" or (node["kind"] == "pick" and _named(node["item"]))


def listed(made: graph.Program) -> Counter[int]:
    return Counter(n for one in unrolled.Run(json.loads(graph.dump(made)), Listed()).model([0]) for n in one)


def counted(made: graph.Program) -> dict[int, int]:
    found = ensemble(Straight(made))
    assert found is not None
    return dict(found.lengths)


@pytest.mark.parametrize("name", ["resnet18", "plain18", "cifar_resnet20", "vgg11", "fully_connected_resnet"])
def test_networks_have_the_paths_that_can_be_listed(name: str) -> None:
    made = load(name).program
    assert counted(made) == listed(made)


@pytest.mark.parametrize("seed", range(150))
def test_random_specs_have_the_paths_that_can_be_listed(seed: int) -> None:
    spec = program.load(Source("random.resnet", specgen.spec(seed)))
    for model in spec.models.values():
        if not is_template(model):
            made = Network(spec, model, expects=False).program
            if sum(counted(made).values()) < 10**5:
                assert counted(made) == listed(made)


@pytest.mark.parametrize(("name", "units"), [("cifar_resnet110", 54), ("im_resnet110_full_preact", 54)])
def test_two_layer_units_have_binomial_paths(name: str, units: int) -> None:
    """2^n paths; one that goes through k of n units has 2 k layers, and the first and the last."""
    assert counted(load(name).program) == {2 + 2 * k: comb(units, k) for k in range(units + 1)}


def test_projections_are_layers_of_a_path() -> None:
    """ResNet-50: 12 units of 3 layers or none, 4 of 3 or 1."""
    expected: Counter[int] = Counter()
    for k in range(13):
        for j in range(5):
            expected[2 + 3 * k + 3 * j + (4 - j)] += comb(12, k) * comb(4, j)
    found = ensemble(Straight(load("resnet50").program))
    assert found is not None
    assert dict(found.lengths) == expected
    assert (found.count, found.shortest, found.longest) == (2**16, 6, 50)
    assert found.mean == 28
    assert found.variance == Fraction(12 * 9 + 4 * 4, 4)


def test_most_paths_are_between() -> None:
    found = ensemble(Straight(load("cifar_resnet110").program))
    assert found is not None
    low, high = found.central(Fraction(95, 100))
    inside = sum(count for length, count in found.lengths if low <= length <= high)
    assert inside >= Fraction(95, 100) * found.count
    assert inside - dict(found.lengths)[low] - dict(found.lengths)[high] < Fraction(95, 100) * found.count


def test_a_dense_block_doubles_its_paths_with_every_layer() -> None:
    text = "resdsl 1\nblock dense { id ++ conv(2, 3) }\nmodel c { input 4 x 8 x 8\n p { repeat 12 { dense } } }"
    assert counted(load("c", text=text).program) == {k: comb(12, k) for k in range(13)}


def test_a_net_too_deep_to_list_is_told_so() -> None:
    text = f"resdsl 1\nmodel c {{ input 4 x 8 x 8\n p {{ repeat {LONGEST // 2 + 1} {{ basic(4) }} }} }}"
    assert ensemble(Straight(load("c", text=text).program)) is None
