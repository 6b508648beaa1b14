"""Random specs: they hold all there is of the language, and what their blocks are called changes no number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache

import agree
import covered
import pytest
import specgen

from resdsl import files, graph
from resdsl.arithmetic import FUNCTIONS
from resdsl.ops import OPS, Op
from resdsl.ops.base import Argument
from resdsl.ops.pointwise import Relu

SEEDS = range(100)
COVERED = 600  # specs that hold all, with those of RARE
RARE = [  # what is drawn once in a thousand
    "resdsl 1\n\nmodel net {\n  input 4 x 6 x 6\n  let w = conv(1, 1) -> sigmoid\n"
    "  [id, relu] -> weightedpool(w) -> dropout(0.5) -> sum\n}\n",
]


def numbers(text: str) -> dict[str, dict[str, int]]:
    nets = agree.networks(text)
    return {net.name: agree.Case(text, nets, net).numbers for net in nets}


@pytest.mark.parametrize("seed", SEEDS)
def test_names_of_blocks_change_no_number(seed: int) -> None:
    text = renamed = specgen.spec(seed)
    for name in re.findall(r"^block (\w+)", text, re.M):
        renamed = re.sub(rf"\b{name}\b", f"another_{name}", renamed)
    assert numbers(renamed) == numbers(text)


def test_a_seed_always_gives_the_same_spec() -> None:
    assert [specgen.spec(seed) for seed in range(20)] == [specgen.spec(seed) for seed in range(20)]


def test_every_construct_is_drawn_often() -> None:
    counts = specgen.drawn(range(300))
    assert {what: counts[what] for what in specgen.CONSTRUCTS if counts[what] < 5} == {}
    assert set(counts) <= {*specgen.CONSTRUCTS, *(f"op: {name}" for name in OPS)}


# What no random spec can hold, and why.
NEVER = {
    "model: MODEL _name LBRACE shape RBRACE": "a model without a flow is an error, and without parameters no template",
}


@cache
def held() -> tuple[set[str], Counter[str]]:
    """All there is of the language, and how often the random specs hold it."""
    traced, found, seen = covered.Traced(), Counter[str](), dict[str, Op]()
    for spec in (*map(specgen.spec, range(COVERED)), *RARE):
        nets = agree.networks(spec)
        case = agree.Case(spec, nets, nets[0])
        for text in (case.text, *agree.written_twice(case)):
            traced.take(text)
        found.update(covered.called(case.text))
        for net in nets:
            found.update(covered.stands(net.program))
            seen |= {repr(node.op): node.op for node in covered.nodes(net.program) if isinstance(node, graph.Step)}
    return {*traced.all, *covered.callable_names(), *covered.standing(seen)}, found + traced.found


def test_random_specs_hold_all_there_is_of_the_language() -> None:
    """Every rule and word of the grammar, function, block and parameter of the prelude, op, argument, rank and node."""
    there, found = held()
    assert sorted(what for what in there - NEVER.keys() if not found[what]) == []
    assert {what: found[what] for what in NEVER if found[what]} == {}


@pytest.mark.parametrize(("change", "missed"), [
    (lambda m: m.setitem(OPS, "new", type("New", (Relu,), {"name": ""})), "op: new"),
    (lambda m: m.setattr(Relu, "declared", {"slope": Argument("real", 0.0, ())}), "op: relu(slope = number)"),
    (lambda m: m.setitem(FUNCTIONS, "cube", (1, 1, abs)), "function: cube of 1"),
])  # fmt: skip
def test_what_is_added_is_missed(
    change: Callable[[pytest.MonkeyPatch], None], missed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, found = held()
    change(monkeypatch)
    assert missed in {*covered.callable_names(), *covered.standing({})}
    assert not found[missed]


def test_a_rule_that_is_added_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    _, found = held()
    grammar = files.shipped("grammars/resdsl.lark").replace('"order" NAME', '"order" NUMBER | "order" NAME')
    monkeypatch.setattr(files, "shipped", lambda _: grammar)
    assert {what for what in covered.Traced().all if not found[what]} - NEVER.keys() == {"line: ORDER NUMBER"}
