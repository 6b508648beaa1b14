"""`resdsl diff`: two specs to a text or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from resdsl import files, network, program
from resdsl.analyze.difference import Difference, Finding, difference
from resdsl.analyze.keys import Key
from resdsl.analyze.report import SectionRow
from resdsl.diagnostics import printable, usage
from resdsl.elaborate import is_template
from resdsl.emit.difference import keys
from resdsl.emit.difference.words import sentence, the
from resdsl.emit.tables.grid import Cell, Column, Grid
from resdsl.emit.tables.text import text as table
from resdsl.network import Network
from resdsl.ops import Type, show
from resdsl.scope import Defined, Spec

MOST = 25  # findings that are told as text


Maker: TypeAlias = Callable[[Spec, Defined], Network]  # how a model of a spec becomes a network


@dataclass(frozen=True)
class Compared:
    """Two networks and all that was found. `names` tells them apart."""

    names: tuple[str, str]
    nets: tuple[Network, Network]
    found: Difference
    keys: keys.Compared | None

    @property
    def same(self) -> bool:
        """The same network, under the same keys."""
        return self.found.same and (self.keys is None or self.keys.same)


@dataclass(frozen=True)
class Comparison:
    """The models of two specs, by twos; and those that one alone has."""

    pairs: tuple[Compared, ...]
    specs: tuple[str, str]
    only: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def same(self) -> bool:
        return all(pair.same for pair in self.pairs) and not any(self.only)


def compare(specs: tuple[str, str], made: Maker) -> Comparison:
    """Compare what two SPEC[:MODEL] name: the models of the same name, or the only ones. Raises ResdslError."""
    first = _Named(specs[0])
    sides = first, _Named(specs[1], first)
    names = [list(side.models) for side in sides]
    pairs = [(name, name) for name in names[0] if name in names[1]]
    if len(names[0]) == len(names[1]) == 1:
        pairs = [(names[0][0], names[1][0])]
    if not pairs:
        told = [f"`{printable(side.told(name))}`" for side, (name, *_) in zip(sides, names, strict=True)]
        raise usage("no two models have one name: say which are to be compared", f"write {' and '.join(told)}")
    alone = (tuple(name for name in names[k] if name not in [pair[k] for pair in pairs]) for k in (0, 1))
    only = ((), ()) if sides[0].picked or sides[1].picked else tuple(alone)
    found = (_compared(sides, pair, made) for pair in pairs)
    return Comparison(tuple(found), specs, (only[0], only[1]))


class _Named:
    """The models that a SPEC[:MODEL] names. `picked`: it names one."""

    def __init__(self, spec: str, read: _Named | None = None) -> None:
        self.spec = spec
        self.file, model = network.split(spec)
        again = read is not None and read.file == self.file  # the standard input is there only once
        self.loaded: Spec = read.loaded if read and again else program.load(files.read_spec(self.file))
        whole = {name: found for name, found in self.loaded.models.items() if not is_template(found)}
        self.picked = model is not None or self.file in self.loaded.models
        chosen = network.choose(self.loaded, model, self.file) if self.picked or not whole else None
        self.models: dict[str, Defined] = whole if chosen is None else {chosen.name: chosen}

    def told(self, name: str) -> str:
        """The spec and the model, as one would write it."""
        return self.spec if self.picked or len(self.models) == 1 else f"{self.spec}:{name}"


def _compared(sides: tuple[_Named, _Named], models: tuple[str, str], made: Maker) -> Compared:
    a, b = (made(side.loaded, side.models[name]) for side, name in zip(sides, models, strict=True))
    names = (sides[0].told(models[0]), sides[1].told(models[1])) if a.name == b.name else (a.name, b.name)
    found = difference(a.report, b.report)
    return Compared((names[0], names[1]), (a, b), found, keys.compared(found))


# -- as text -----------------------------------------------------------------------------------------------------


def text(comparison: Comparison) -> str:
    """Words first; then the numbers and the keys of what differs."""
    parts = ["\n".join(map(printable, _told(pair))) + "\n" for pair in comparison.pairs if not pair.same]
    parts += ["".join(f"{printable(line)}\n" for pair in comparison.pairs if pair.same for line in _same(pair))]
    for spec, names in zip(comparison.specs, comparison.only, strict=True):
        if names:
            parts.append(f"only in {printable(spec)}: {', '.join(names)}\n")
    return "\n".join(filter(None, parts))


def _told(pair: Compared) -> Iterator[str]:
    a, b = pair.names
    if pair.found.same:
        yield from _same(pair)
        return
    sentences = [sentence(finding, pair.found.sections) for finding in pair.found.findings]
    if len(sentences) == 1:
        gap = " " if pair.found.findings[0].kind == "blocks" else ": "
        yield f"{a} and {b} differ{gap}{sentences[0]}"
    else:
        yield f"{a} and {b} differ"
        yield from (f"  {line}" for line in sentences[:MOST])
        if len(sentences) > MOST:
            yield f"  and {len(sentences) - MOST} more; --format json has them all"
    yield from table(_grid(pair)).rstrip("\n").split("\n")
    yield ""
    yield from keys.text(pair.found, pair.keys, pair.names)


def _same(pair: Compared) -> Iterator[str]:
    net = pair.nets[0]
    numbers = f"{net.layers:,} layers, {net.params:,} params, {net.macs:,} MACs at {show(net.program.input)}"
    if pair.same:
        yield f"{pair.names[0]} and {pair.names[1]} are the same network: {numbers}"
    else:
        yield f"{pair.names[0]} and {pair.names[1]} compute the same under other keys: {numbers}"
    yield from (f"  {sentence(finding, pair.found.sections)}" for finding in pair.found.findings)
    if not pair.same:
        yield ""
    yield from keys.text(pair.found, pair.keys, pair.names)


def _grid(pair: Compared) -> Grid:
    """The sections that differ: what they give, and how much more the second has. Totals of both."""
    columns = (
        Column("section", "section", number=False),
        Column("output", "output", number=False, most=50),
        Column("layers", "layers"),
        Column("params", "params"),
        Column("macs", "MACs"),
    )
    rows: list[tuple[Cell, ...]] = []
    for section in pair.found.sections:
        outputs = [show(row.output) for row in (section.a, section.b) if row is not None]
        if any(section.numbers) or len(set(outputs)) > 1 or None in (section.a, section.b):
            rows.append((section.name, " -> ".join(dict.fromkeys(outputs)), *map(_more, section.numbers)))
    totals: list[tuple[Cell, ...]] = [
        (name, show(net.program.output), f"{net.layers:,}", f"{net.params:,}", f"{net.macs:,}")
        for name, net in zip(pair.names, pair.nets, strict=True)
    ]
    a, b = pair.nets
    change = (b.layers - a.layers, b.params - a.params, b.macs - a.macs)
    return Grid("", columns, rows, [*totals, ("change", "", *map(_more, change))])


def _more(number: int) -> str:
    return f"{number:+,}" if number else "0"


# -- as JSON -----------------------------------------------------------------------------------------------------


def as_json(comparison: Comparison) -> str:
    """All that was found, in a stable form: see docs/diff.md."""
    whole = {
        "same": comparison.same,
        "differences": [_data(pair) for pair in comparison.pairs],
        "only_a": list(comparison.only[0]),
        "only_b": list(comparison.only[1]),
    }
    return json.dumps(whole, indent=2) + "\n"


def _data(pair: Compared) -> dict[str, Any]:
    found, both = pair.found, pair.keys
    counts = both.counts if both is not None else (None, None)
    return {
        "a": _network(pair.names[0], pair.nets[0], counts[0]),
        "b": _network(pair.names[1], pair.nets[1], counts[1]),
        "same_network": found.same,
        "same_keys": None if both is None else both.same,
        "findings": [_finding(finding, found) for finding in found.findings],
        "sections": [{"a": _section(section.a), "b": _section(section.b)} for section in found.sections],
        "keys": None if both is None else {
            "both": both.both,
            "only_a": [_key(key) for part in both.sections for key in part.only_a],
            "only_b": [_key(key) for part in both.sections for key in part.only_b],
            "reshaped": [
                {"key": a.name, "a": list(a.shape), "b": list(b.shape)} for s in both.sections for a, b in s.reshaped
            ],
        },
    }  # fmt: skip


def _network(name: str, net: Network, count: int | None) -> dict[str, Any]:
    return {
        "name": name,
        "model": net.name,
        "input": list(net.program.input),
        "output": _listed(net.program.output),
        "layers": net.layers,
        "params": net.params,
        "macs": net.macs,
        "keys": count,
    }


def _finding(finding: Finding, found: Difference) -> dict[str, Any]:
    numbers = finding.numbers
    return {
        "kind": finding.kind,
        "text": sentence(finding, found.sections),
        "what": finding.what,
        "parts": [the(ref) for ref in finding.refs],
        "cases": [
            {
                "sections": [found.sections[i].name for i in case.sections],
                "blocks": [list(some) for some in case.blocks],
                "before": case.before,
                "after": case.after,
            }
            for case in finding.cases
        ],
        "more": None if numbers is None else dict(zip(("layers", "params", "macs"), numbers, strict=True)),
    }


def _section(row: SectionRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    numbers = {"layers": row.layers, "params": row.cost.params, "macs": row.cost.macs}
    return {"name": row.name, "output": _listed(row.output), **numbers}


def _key(key: Key) -> dict[str, Any]:
    return {"key": key.name, "shape": list(key.shape)}


def _listed(shape: Type) -> list[Any]:
    return [list(item) if isinstance(item, tuple) else item for item in shape]
