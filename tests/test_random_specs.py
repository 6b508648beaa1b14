"""Random specs: accepted, counted twice alike, stable as JSON, and indifferent to what their blocks are called."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import naive
import pytest
import specgen

from resdsl import graph, program
from resdsl.analyze.report import Report
from resdsl.diagnostics import Source
from resdsl.elaborate import elaborate, is_template
from resdsl.graph import Program
from resdsl.ops import COLUMNS, OPS, shapes

SEEDS = range(300)


@cache
def random_programs(seed: int) -> dict[str, Program]:
    return programs(specgen.spec(seed))


def programs(text: str) -> dict[str, Program]:
    """The models of a spec by name; templates left out."""
    loaded = program.load(Source("random.resnet", text))
    return {name: elaborate(loaded, model) for name, model in loaded.models.items() if not is_template(model)}


def numbers(made: Program) -> dict[str, int]:
    report = Report(made)
    return {**{column: getattr(report.cost, column) for column in COLUMNS}, "layers": report.layers}


@pytest.mark.parametrize("seed", SEEDS)
def test_random_spec_is_accepted_and_counted_as_the_naive_counter_counts(seed: int) -> None:
    for name, made in random_programs(seed).items():
        graph.fits(made)
        sums, outputs = naive.count(json.loads(graph.dump(made)))
        assert {what: sums[what] for what in numbers(made)} == numbers(made), name
        assert outputs == list(shapes(made.output)), name


@pytest.mark.parametrize("seed", SEEDS)
def test_program_survives_json(seed: int) -> None:
    for made in random_programs(seed).values():
        dump = graph.dump(made)
        again = graph.read(dump)
        assert again == made
        assert graph.dump(again) == dump
        assert numbers(again) == numbers(made)


@pytest.mark.parametrize("seed", SEEDS)
def test_names_of_blocks_change_no_number(seed: int) -> None:
    text = renamed = specgen.spec(seed)
    for name in re.findall(r"^block (\w+)", text, re.M):
        renamed = re.sub(rf"\b{name}\b", f"another_{name}", renamed)
    before, after = random_programs(seed), programs(renamed)
    assert {name: numbers(made) for name, made in before.items()} == {
        name: numbers(made) for name, made in after.items()
    }


def test_a_seed_always_gives_the_same_spec() -> None:
    assert [specgen.spec(seed) for seed in range(20)] == [specgen.spec(seed) for seed in range(20)]


def test_every_construct_is_drawn_often() -> None:
    counts = specgen.drawn(SEEDS)
    assert {what: counts[what] for what in specgen.CONSTRUCTS if counts[what] < 5} == {}
    assert set(counts) - set(specgen.CONSTRUCTS) == {f"op: {name}" for name in OPS}


def test_every_op_stands_often_in_the_programs() -> None:
    counts = Counter(
        op for seed in SEEDS for made in random_programs(seed).values() for op in ops(json.loads(graph.dump(made)))
    )
    assert {name: counts[name] for name in OPS if counts[name] < 5} == {}


def ops(part: Any) -> Iterator[str]:
    """The names of all ops in the data of a program."""
    if isinstance(part, dict):
        if part.get("kind") == "op":
            yield part["op"]["name"]
        part = part.values()
    if not isinstance(part, str) and hasattr(part, "__iter__"):
        for inner in part:
            yield from ops(inner)
