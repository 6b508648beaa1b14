"""Two tables that explain one network: the steps between two conventions, and its identity path."""

from __future__ import annotations

from math import prod

from resdsl import graph
from resdsl.analyze.conventions import CONVENTIONS, walk, whole
from resdsl.analyze.identity import Stretch, cleanest, stretches
from resdsl.diagnostics import Source, printable
from resdsl.emit.tables.counting import formula
from resdsl.emit.tables.grid import Cell, Column, Grid
from resdsl.network import Network
from resdsl.ops import show


def explain(network: Network, start: str, end: str) -> Grid:
    """From the number of one convention to that of another, in steps that add up."""
    amounts = whole(network.report.straight)
    first, last = CONVENTIONS[start], CONVENTIONS[end]
    now = first.of(amounts)
    rows: list[tuple[Cell, ...]] = [(f"{first.name} ({first.tool})", None, None, now)]
    for change in walk(amounts, first, last):
        now += change.value
        rows.append((f"{change.factor:+} x {change.what}", change.amount, change.value, now))
    columns = (
        Column("step", "step", number=False),
        Column("amount", "amount", "count"),
        Column("change", "change", "count"),
        Column("number", "number", "count"),
    )
    totals = [(f"{last.name} ({last.tool})", None, None, last.of(amounts))]
    title = f"{network.name} at {show(network.program.input)}: from {start} to {end}"
    notes = tuple(f"{c.name} counts {formula(c, amounts)}." for c in (first, last))
    facts = {"model": network.name, "input": list(network.program.input), "style": "explain", "from": start, "to": end}
    return Grid(title, columns, rows, totals, notes=notes, facts=facts)


def identity(network: Network) -> Grid:
    """Is there a clean identity through each stage, and what breaks it where not."""
    names = tuple(section.name for section in network.sections)
    found = stretches(cleanest(network.report.straight), names)
    columns = (
        Column("stage", "stage", number=False),
        Column("identity", "identity", number=False),
        Column("times", "times", "count"),
        Column("crosses", "the cleanest way crosses", number=False),
        Column("where", "where", number=False),
    )
    rows = [row for stretch in found for row in _stretch(network, stretch)]
    product = prod(stretch.trail.product() for stretch in found if stretch.trail is not None)
    facts = {"model": network.name, "style": "identity", "factor": product}
    return Grid(f"{network.name}: the identity path", columns, rows, notes=_said(product), facts=facts)


def _said(product: float) -> tuple[str, ...]:
    """What the equations of docs/notes.md say of it; those of He et al. 2016, section 3, under other numbers."""
    clean = "Clean: x_L = x_l + the sum of all F (equation 7), and a gradient reaches x_l unchanged (equation 8)."
    if product == 1:
        return (clean, "No constant factor is on the way.")
    fate = "vanishes: all must pass through weights" if abs(product) < 1 else "explodes"
    return (
        clean,
        f"The factors on the way multiply to {product:.3g}: with it x_0 arrives (equation 10), and with it a gradient "
        f"arrives at x_0 (equation 11), which {fate if abs(product) != 1 else 'changes its sign alone'}.",
    )


def _stretch(network: Network, stretch: Stretch) -> list[tuple[Cell, ...]]:
    trail = stretch.trail
    if trail is None:
        return [(stretch.name, "none", None, "nothing leads through", "")]
    if trail.clean:
        return [(stretch.name, "clean", None, "", "")]
    word = "broken" if trail.times("layer") + trail.times("op") else "scaled"
    rows = [(count, crossing.what, _place(network, crossing.at)) for crossing, count in trail.crossings]
    return [(stretch.name if not i else "", word if not i else "", *row) for i, row in enumerate(rows)]


def _place(network: Network, at: graph.Place) -> str:
    """`prelude/units.resnet:12`."""
    name = network.program.sources[at[0]]
    source = _sources(network).get(name)
    line = f":{source.position(at[1])[0]}" if source is not None else ""
    return printable("/".join(name.replace("\\", "/").split("/")[-2:]) + line)


def _sources(network: Network) -> dict[str, Source]:
    spec = network.spec
    every = [file.source for file in spec.files] + list(spec.scope.prelude.index.values())
    return {source.name: source for source in every}
