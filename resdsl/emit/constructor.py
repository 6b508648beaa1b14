"""The parameters of the module's constructor: the numbers, rates and flags that a model has defaults for.

The network is built again with other values for each. A number of the code that differs between these worlds must
follow from the parameters; where one does not, that parameter is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from resdsl import graph, syntax
from resdsl.diagnostics import SpecError
from resdsl.elaborate import elaborate, flatten
from resdsl.emit.symbols import Number
from resdsl.emit.words import usable
from resdsl.network import Network, arguments

CHANNELS = "in_channels"  # of the input: the one parameter that is no parameter of the model


@dataclass(frozen=True)
class Probe:
    """A parameter, other values for it, and the network at each of them."""

    name: str
    texts: tuple[str, ...]
    programs: tuple[graph.Program, ...]


def probes(network: Network) -> Iterator[Probe]:
    """Each parameter that there may be: whole numbers, the channels of the input, then rates and flags."""
    base = flatten(network.model).base.definition
    assert isinstance(base, syntax.Model)
    open_ = [p.name for p in base.params if p.default is not None and usable(p.name)]
    values = {CHANNELS: str(network.program.input[0])} | {name: network.program.arguments[name] for name in open_}
    whole = [name for name in open_ if values[name].isdigit()]
    for name in dict.fromkeys([*whole, CHANNELS, *open_]):
        found = [(t, p) for t in _others(values[name]) if (p := _again(network, {name: t})) is not None]
        if found:
            texts, programs = zip(*found, strict=True)
            yield Probe(name, texts, programs)


def worlds(network: Network, chosen: Sequence[Probe]) -> list[graph.Program]:
    """The network as it is, with each parameter changed alone, and with all changed at once."""
    together = _again(network, {p.name: p.texts[0] for p in chosen}) if len(chosen) > 1 else None
    every = [network.program, *(program for probe in chosen for program in probe.programs)]
    return every if together is None else [*every, together]


def value(name: str, program: graph.Program) -> Number:
    """What a parameter is worth in a world."""
    if name == CHANNELS and name not in program.arguments:
        return program.input[0]
    found = _number(program.arguments[name])
    assert found is not None
    return found


def _number(text: str) -> Number | None:
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return None


def _others(text: str) -> tuple[str, ...]:
    """Two other values, none of which is special: of a rate between 0 and 1 too."""
    now = _number(text)
    match now:
        case None:
            return ()
        case bool():
            return ("false" if now else "true",)
        case int():
            return str(now + 1), str(2 * now if abs(now) > 1 else now + 2)
        case _:
            return (repr(now / 2), repr(now / 8)) if now else ("0.25", "0.0625")


def _again(network: Network, texts: dict[str, str]) -> graph.Program | None:
    """The network at other values; nothing where there is none. What was set before stays."""
    own = {name: text for name, text in texts.items() if name in network.program.arguments}
    channels, *axes = network.program.input
    if CHANNELS in texts and CHANNELS not in own:
        channels = int(texts[CHANNELS])
    kept = tuple(a for a in network.settings if a.name not in own)
    try:
        settings = (*kept, *arguments(own))
        return elaborate(network.spec, network.model, input=(channels, *axes), settings=settings)
    except SpecError:
        return None
