"""Nearly valid specs: resdsl refuses what torch refuses, and nothing else but for its policies."""

from __future__ import annotations

import json
import os
import warnings
from typing import Any

import pytest
import specgen

pytest.importorskip("torch")
import naive
import nearby
import torchside
from agree import Case, networks
from verdicts import POLICIES, judged, verdict

from resdsl import graph
from resdsl.ops.base import Op

warnings.filterwarnings("ignore")

NEAR = int(os.environ.get("RESDSL_NEAR", "300"))
AT_ONCE = 20


def cases(seed: int) -> list[Case]:
    text = specgen.spec(seed)
    nets = networks(text)
    return [Case(text, nets, net) for net in nets]


@pytest.mark.parametrize("first", range(0, NEAR, AT_ONCE))
def test_nearly_valid_specs_are_refused_where_torch_refuses_them(first: int) -> None:
    for seed in range(first, min(first + AT_ONCE, NEAR)):
        found = judged(seed, cases(seed))
        assert not found.fault, f"seed {seed}: {found}\n{found.text}"


@pytest.mark.parametrize("seed", range(20))
def test_the_data_of_a_valid_program_is_a_spec_that_says_the_same(seed: int) -> None:
    for case in cases(seed):
        nearby.without_unread(case.data)
        (net,) = networks(nearby.text(case.data))
        shapes = [tuple(shape) for shape in torchside.listed(case.data["output"])]
        assert torchside.run(case.data, "cpu") == shapes
        assert (net.macs, net.program.output) == (naive.count(case.data)[0]["macs"], case.program.output)


def with_argument(flow: str, op: str, name: str, value: object, size: str = "4 x 8 x 4") -> Any:
    """The data of a model of one flow; one argument of its last op of a kind, the op or the input is another one."""
    data = json.loads(graph.dump(networks(f"resdsl 1\nmodel net {{ input {size}\n {flow} }}\n")[0].program))
    if op == "input":
        return {**data, "input": value}
    node = [place.node for place in nearby.places(data) if place.node["kind"] == "op"]
    (*_, last) = (one for one in node if one["op"]["name"] == op)
    if name:
        last["op"]["arguments"][name] = value
    else:
        last["op"] = value
    return data


def other(name: str, **arguments: object) -> dict[str, object]:
    return {"name": name, "arguments": arguments}


FIVE = "reshape([2, 2, 8, 2, 2]) -> relu"
BY_POLICY: dict[str, tuple[Any, ...]] = {
    "sums of one shape": ("conv(4, 1) + conv(4, 1)", "conv", "width", 1),
    "weights of a pool": ("let w = conv(1, 1)\n weightedpool(w)", "conv", "width", 4),
    "linear on a map": ("linear(3, positions = true)", "linear", "positions", False),
    "maps": ("flatten -> relu", "relu", "", other("channelmean")),
    "axes": (FIVE, "relu", "", other("channelmean")),
    "a number for each axis": ("maxpool(2, stride = 2)", "maxpool", "stride", [2]),
    "one module on a list": ("[id, flatten] -> relu", "relu", "", other("droppath", rate=0.0)),
    "items in vain": ("(split(2) -> id)[0]", "id", "", other("relu")),
    "softmax of one": ("softmax(2)", "softmax", "over", 1),
    "weights as they are": ("conv(4, 3)", "conv", "gain", False),
    "cropping": ("zeropad(5)", "zeropad", "width", 3),
    "shared over widths": ("[conv(1, 1), conv(1, 1)] -> gain", "conv", "width", 4),
    "sizes": ("upsample(2)", "upsample", "factor", 1.5),
    "rates": ("dropout(0.5)", "dropout", "rate", 1.0),
    "a bare gain": ("gain(bare = true)", "gain", "bias", True),
    "axes of the input": ("relu", "input", "", [4, 8, 4, 2, 2]),
    "limits": ("upsample(2)", "upsample", "factor", 1_000_000),
}


@pytest.mark.parametrize("name", [policy.name for policy in POLICIES])
def test_each_policy_occurs(name: str) -> None:
    found = verdict(nearby.Changed(with_argument(*BY_POLICY[name]), name))
    assert (found.policy, found.torch, found.fault) == (name, "", ""), found


def test_a_rule_that_is_too_strict_or_too_lax_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = nearby.Changed(with_argument("conv(4, 3)", "conv", "groups", 3), "")
    assert verdict(wrong).resdsl.startswith("E0305") and verdict(wrong).torch and not verdict(wrong).fault
    right = nearby.Changed(with_argument("conv(4, 3)", "conv", "groups", 2), "")
    assert not verdict(right).fault
    with monkeypatch.context() as m:
        m.setattr(Op, "apply", lambda op, x: x)
        assert verdict(wrong).fault == "torch refuses what resdsl takes"
    with monkeypatch.context() as m:
        m.setattr("verdicts.torchside.run", lambda program, device: [(1,)])
        assert verdict(wrong).fault == "resdsl refuses what torch runs"
        assert verdict(right).fault.startswith("the output is")
