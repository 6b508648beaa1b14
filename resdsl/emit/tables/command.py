"""`resdsl table`: networks, a style and a format to a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from resdsl import network
from resdsl.diagnostics import usage
from resdsl.emit.tables import models, paper, rows, walks
from resdsl.emit.tables.counting import Counting
from resdsl.emit.tables.data import as_csv, as_json
from resdsl.emit.tables.grid import Grid
from resdsl.emit.tables.html import html
from resdsl.emit.tables.latex import latex
from resdsl.emit.tables.text import markdown, text
from resdsl.network import Network

Style = Literal["stages", "blocks", "layers", "compare", "paper", "memory", "paths", "identity"]
FORMATS: dict[str, Callable[[Grid], str]] = {"text": text, "markdown": markdown, "latex": latex, "html": html}


@dataclass(frozen=True)
class Order:
    """What is asked for."""

    style: Style = "stages"
    counting: Counting = field(default_factory=Counting)
    explain: tuple[str, str] | None = None
    names: paper.Names = "own"
    sort: str | None = None
    top: int | None = None


def networks(specs: Sequence[str], sizes: Sequence[Sequence[int]], settings: dict[str, str]) -> list[Network]:
    """The models of the specs, each at every input asked for; a single number stands for all positions."""
    found = []
    for spec in specs:
        loaded, chosen = network.named(spec)
        given = network.arguments(settings)
        for model in chosen:
            own = Network(loaded, model, settings=given, expects=False)
            wanted = [_input(own, size) for size in sizes]
            found += [Network(loaded, model, input=w, settings=given, expects=False) for w in wanted] or [own]
    return found


def _input(net: Network, size: Sequence[int]) -> tuple[int, ...]:
    channels, *positions = net.program.input
    if len(size) > 1:
        return tuple(size)
    if not positions:
        raise usage(f"`{net.name}` takes a vector", f"give its whole length, as in `--input {channels}`, not a size")
    return (channels, *(size[0] for _ in positions))


def tables(nets: Sequence[Network], order: Order) -> list[Grid]:
    """The tables of an order."""
    if order.explain is not None:
        return [walks.explain(net, *order.explain) for net in nets]
    match order.style:
        case "stages" | "blocks" | "layers":
            return [rows.table(net, order.style, order.counting, order.sort, order.top) for net in nets]
        case "compare":
            return [models.compare(nets, order.counting)]
        case "paper":
            return [paper.paper(nets, order.counting, order.names)]
        case "memory":
            return models.memory(nets, order.counting)
        case "paths":
            return [models.paths(nets)]
        case "identity":
            return [walks.identity(net) for net in nets]


def written(grids: Sequence[Grid], form: str) -> str:
    """The tables in a format."""
    if form == "json":
        return as_json(grids)
    return as_csv(grids) if form == "csv" else "\n".join(map(FORMATS[form], grids))
