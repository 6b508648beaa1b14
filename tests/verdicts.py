"""What resdsl and torch say of nearly valid specs; and the policies by which resdsl refuses what torch would run.

A policy is a code with a pattern of its message, and why it is so. Anything else on which the two differ is a fault.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass

import nearby
import torchside
from agree import Case, networks
from modules import module

from resdsl import graph
from resdsl.diagnostics import SpecError


@dataclass(frozen=True)
class Policy:
    """What resdsl refuses though torch runs it."""

    name: str
    code: str
    says: str  # a pattern of the message
    why: str


POLICIES = (
    Policy("sums of one shape", "E0301", r"not|differ|one shape|meet|same", "a broadcast is a mistake, not a shortcut"),
    Policy("weights of a pool", "E0301", r"`weights` is", "one weight for each position, not one that is broadcast"),
    Policy("linear on a map", "E0304", r"`linear` takes a vector", "torch works along the last axis: columns"),
    Policy("maps", "E0304", r"works on maps", "an op over positions of a vector does nothing, or mixes the batch"),
    Policy("axes", "E0304", r"one to three axes", "torch has no such layer; what it has are functions of any rank"),
    Policy("a number for each axis", "E0304", r"lists \d+ numbers", "a list of one is one axis, not all"),
    Policy("one module on a list", "E0304", r"works on all items of a list", "items of other ranks are other layers"),
    Policy("items in vain", "E0406", r"in vain", "work that nothing reads is a mistake"),
    Policy("softmax of one", "E0305", r"are not 1 groups", "it is 1 everywhere"),
    Policy("weights as they are", "E0204", r"changes nothing: the weights", "what is said of standardised weights"),
    Policy("cropping", "E0305", r"cannot be padded to", "torch takes less than no padding for a cut"),
    Policy("shared over widths", "E0307", r"shares its weights|one number of", "a weight of one would be broadcast"),
    Policy("sizes", "E0401", r"at least 1|whole number", "no empty tensors, no fractions, nothing beyond the limits"),
    Policy("rates", "E0401", r"a rate", "a rate of 1 drops everything"),
    Policy("a bare gain", "E0401", r"`bare` gain", "a bare gain is one parameter"),
    Policy("axes of the input", "E0306", r"up to three axes", "as the axes of ops"),
    Policy("limits", "E0306", r"is too long", "an axis has a limit"),
)
UNWRITTEN = ("in a labelled group",)  # of what runs, by the message


@dataclass(frozen=True)
class Verdict:
    """What both say of a changed program: nothing where they run it."""

    what: str
    text: str
    resdsl: str  # code and message
    torch: str  # error and message
    policy: str = ""
    fault: str = ""


def judged(seed: int, valid: list[Case]) -> Verdict:
    """One change of one of the models of a spec, and what both say of it."""
    rng = random.Random(seed)
    data = json.loads(graph.dump(rng.choice(valid).program))
    nearby.without_unread(data)
    return verdict(nearby.changed(data, rng))


def verdict(changed: nearby.Changed) -> Verdict:
    """What both say of a program."""
    text = nearby.text(changed.program)
    told, failed, shapes = "", "", None
    try:
        (net,) = networks(text)
    except SpecError as problem:
        told = f"{problem.diagnostics[0].code} {problem.diagnostics[0].message}"
    try:
        large = any(int(n) > 2000 for n in re.findall(r"\d+", text))
        shapes = torchside.run(changed.program, "meta" if large else "cpu")
    except Exception as problem:
        failed = f"{type(problem).__name__}: {problem}"[:300]
    policy = fault = ""
    if told and not failed:
        policy = next((p.name for p in POLICIES if told.startswith(p.code) and re.search(p.says, told)), "")
        fault = "" if policy else "resdsl refuses what torch runs"
    elif failed and not told:
        fault = "torch refuses what resdsl takes"
    elif not told:
        ours = [tuple(shape) for shape in torchside.listed(json.loads(graph.dump(net.program))["output"])]
        fault = "" if ours == shapes else f"the output is {ours}, and torch gives {shapes}"
        try:
            fault = fault or "; ".join(module(Case(text, [net], net)))[:300]
        except SpecError as problem:  # what `compile` cannot write, says language.md
            if (first := problem.diagnostics[0]).code != "E0601":
                raise
            policy = next((what for what in UNWRITTEN if what in first.message), "")
            fault = "" if policy else first.message
    return Verdict(changed.what, text, told, failed, policy, fault)
