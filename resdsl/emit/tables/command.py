"""`resdsl table`: networks, a style and a format to a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from resdsl.diagnostics import usage
from resdsl.emit.tables import models, paper, rows, walks
from resdsl.emit.tables.counting import Counting
from resdsl.emit.tables.data import as_csv, as_json
from resdsl.emit.tables.grid import Grid, largest
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


_ROWS = ("stages", "blocks", "layers", "compare")
_MEMORY = (*_ROWS, "memory")
OPTIONS: dict[str, tuple[str, ...]] = {
    "style": (),
    "explain": (),
    "convention": (*_ROWS, "paper"),
    "names": ("paper",),
    "sort": (*_ROWS, "paths"),
    "top": (*_ROWS, "paths"),
    "batch": _MEMORY,
    "dtype": _MEMORY,
}
"""Which styles an option changes; any other refuses it."""


def check(given: Mapping[str, object]) -> None:
    """Whether the style uses all options that are given. Raises UsageError."""
    explains = "explain" in given
    style = str(given.get("style", "stages"))
    for name in given:
        if explains and name != "explain":
            raise usage(f"`--explain` is a table of its own, without `--{name}`", f"leave out `--{name}`")
        if name not in ("style", "explain") and style not in OPTIONS[name]:
            known = ", ".join(OPTIONS[name])
            raise usage(f"the style `{style}` has no use for `--{name}`", f"styles that have: {known}")


def tables(nets: Sequence[Network], order: Order) -> list[Grid]:
    """The tables of an order."""
    if order.explain is not None:
        return [walks.explain(net, *order.explain) for net in nets]
    match order.style:
        case "stages" | "blocks" | "layers":
            return [rows.table(net, order.style, order.counting, order.sort, order.top) for net in nets]
        case "compare":
            return [largest(models.compare(nets, order.counting), order.sort, order.top)]
        case "paper":
            return [paper.paper(nets, order.counting, order.names)]
        case "memory":
            return models.memory(nets, order.counting)
        case "paths":
            return [largest(models.paths(nets), order.sort, order.top)]
        case "identity":
            return [walks.identity(net) for net in nets]


def written(grids: Sequence[Grid], form: str) -> str:
    """The tables in a format."""
    if form == "json":
        return as_json(grids)
    return as_csv(grids) if form == "csv" else "\n".join(map(FORMATS[form], grids))
