"""The accounts that resdsl gives of one network, each held to another: what disagrees is a fault.

`disagreements(text)` asks every account of every model of a spec. The naive counter, the interpreter and the
executor of memory share no rule with resdsl; where two accounts are both resdsl's, they come from different rooms.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import traceback
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
import naive
import specgen
from memories import brute_force
from scenes import boxes, faults
from shrink import shrunk

from resdsl import files, graph, layout, program
from resdsl.analyze.flow import Node, main_path, of_program
from resdsl.analyze.memory import Training
from resdsl.analyze.peak import peak
from resdsl.diagnostics import ResdslError, Source
from resdsl.elaborate import is_template
from resdsl.emit import table
from resdsl.emit.draw import View, scene
from resdsl.emit.picture.dot import dot
from resdsl.emit.picture.scene import Bar, Scene
from resdsl.emit.picture.svg import svg
from resdsl.emit.tables import command
from resdsl.emit.tables.counting import Counting
from resdsl.limits import DEFAULT
from resdsl.network import Network
from resdsl.ops import COLUMNS, is_list, shapes

SCHEMA = Path(__file__).resolve().parents[1] / "docs" / "ir.schema.json"
KINDS: list[tuple[View, bool]] = [
    ("overview", False), ("overview", True), ("layers", False), ("block", False), ("block", True), ("graph", False)
]  # fmt: skip


def networks(text: str) -> list[Network]:
    """The models of a spec; templates left out."""
    spec = program.load(Source("random.resnet", text))
    return [Network(spec, model) for model in spec.models.values() if not is_template(model)]


class Case:
    """A network, and the spec it is of."""

    def __init__(self, text: str, nets: list[Network], net: Network) -> None:
        self.text, self.nets, self.net, self.program = text, nets, net, net.program

    @cached_property
    def data(self) -> Any:
        return json.loads(graph.dump(self.program))

    @cached_property
    def numbers(self) -> dict[str, int]:
        report = self.net.report
        return {**{column: getattr(report.cost, column) for column in COLUMNS}, "layers": report.layers}


Found = Iterator[str]


def unequal(what: str, is_: object, wanted: object) -> Found:
    """One fault, where two accounts differ."""
    if is_ != wanted:
        yield f"{what}: {str(is_)[:300]} against {str(wanted)[:300]}"


def counts(case: Case) -> Found:
    """All numbers of the report, and the shapes of the outputs, by the naive counter."""
    graph.fits(case.program)
    sums, outputs = naive.count(case.data)
    yield from unequal("numbers", case.numbers, {what: sums[what] for what in case.numbers})
    yield from unequal("outputs", list(shapes(case.program.output)), outputs)


@cache
def schema() -> Any:
    return jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8")))


def ir(case: Case) -> Found:
    """The JSON is of the published schema, and says the same program when it is read."""
    yield from (f"schema: {problem.message}"[:300] for problem in schema().iter_errors(case.data))
    again = graph.read(json.dumps(case.data))
    yield from unequal("read again", again == case.program, True)
    yield from unequal("written again", json.loads(graph.dump(again)), case.data)


def tables(case: Case) -> Found:
    """The rows of every table add up to the numbers of the report."""
    net = case.net
    for by in ("section", "block", "op"):
        rows = list(csv.DictReader(io.StringIO(table.counts([net], by, "csv"))))
        for column in COLUMNS:
            yield from unequal(f"count by {by}, {column}", sum(int(r[column]) for r in rows), case.numbers[column])
    for style in ("stages", "blocks", "layers"):
        (grid,) = command.tables([net], command.Order(style))
        (total,) = grid.totals
        for key in ("params", "macs", "elementwise", "activations", "memory"):
            at = grid.key(key)
            assert at is not None, key
            yield from unequal(f"{style}, {key}", sum(int(row[at] or 0) for row in grid.rows), total[at])  # type: ignore[call-overload]
            if key in case.numbers:
                yield from unequal(f"{style}, total of {key}", total[at], case.numbers[key])
    for style in ("paper", "compare"):
        for form in ("text", "json"):
            command.written(command.tables([net], command.Order(style)), form)


def memory(case: Case) -> Found:
    """The peak of inference by a plain executor; and the table of memory, its parts and their sum."""
    straight = case.net.report.straight
    yield from unequal("peak", peak(straight), brute_force(case.program))
    (grid,) = command.tables([case.net], command.Order("memory", Counting(batch=2)))
    kept = [int(str(row[2])) for row in grid.rows if row[2] is not None]
    parts = kept[: len(case.net.sections) + 1]
    yield from unequal("kept for backward, all", kept[len(parts)], sum(parts))
    yield from unequal("kept for backward", kept[len(parts)], Training(straight).total.bytes(2))
    yield from unequal("parameters", kept[len(parts) + 1], 4 * case.numbers["params"])
    yield from unequal("peak in the table", kept[-1], 2 * 4 * peak(straight))


def figures(net: Network) -> Iterator[tuple[str, Scene]]:
    """Every view of a network that is not too large for it."""
    for view, horizontal in KINDS:
        try:
            yield f"{view}{' across' * horizontal}", scene([net], view=view, horizontal=horizontal)
        except ResdslError as problem:
            assert problem.diagnostics[0].code == "E0405" and view in ("layers", "graph", "block"), problem


def _parts(node: Node) -> bool:
    """Whether a picture goes a way of its own here: it sees what is a gate, and draws what shares weights once."""
    shares = node.op is not None and node.op.weighted and is_list(node.output)
    return shares or (node.kind == "join" and node.label in "*/")


def pictures(case: Case) -> Found:
    """No box meets another, the SVG is XML, and the numbers are those of the report."""
    net = case.net
    for name, figure in figures(net):
        yield from (f"{name}: {fault}" for fault in faults(figure))
        drawn = ElementTree.fromstring(svg(figure))
        shown = {key for key, box in boxes(figure).items() if any(text.text for text in box.texts)}
        yield from unequal(f"{name}: texts", len(list(drawn.iter("{http://www.w3.org/2000/svg}text"))) > 0, bool(shown))
        if name.startswith("overview"):
            tips = [item.tip for item in figure.items if isinstance(item, Bar)]
            for unit, total in (("params", net.params), ("MACs", net.macs)):
                amounts = [int(tip.split()[-2].replace(",", "")) for tip in tips if tip.endswith(unit)]
                yield from unequal(f"{name}: {unit}", (sum(amounts), len(amounts)), (total, len(net.sections)))
        if name == "layers":
            nodes = of_program(net.program, DEFAULT.picture_nodes)
            on_path = sum(nodes[number].layer for number in main_path(nodes))
            if not any(_parts(node) for node in nodes):
                yield from unequal("layers on the path that is drawn", on_path, net.layers)
            shown_layers = sum(re.match(r"fc|[×\d]+ conv", box.tip) is not None for box in boxes(figure).values())
            yield from unequal("layers that are drawn", on_path <= shown_layers <= net.report.cost.layers_all, True)
        if name == "graph":
            nodes = of_program(net.program, DEFAULT.picture_nodes)
            drawn_layers = sum(node.layer for node in nodes)  # those whose value nobody reads are left out
            yield from unequal("layers of the graph", net.layers <= drawn_layers <= net.report.cost.layers_all, True)


def dots(net: Network) -> str:
    """Every view in Graphviz's language; `nop -p` reads many such texts at once."""
    return "\n".join(dot(figure) for _, figure in figures(net))


def without_places(part: Any) -> Any:
    """The data of a program without where its parts stand in the text, and without the text and its blanks."""
    if isinstance(part, dict):
        kept = {k: v for k, v in part.items() if k not in ("at", "line", "text", "source", "sources")}
        written = {"arguments", "default"} & kept.keys() if "name" not in part or part.get("default") else set()
        return {k: "".join(str(v).split()) if k in written else without_places(v) for k, v in kept.items()}
    return [without_places(item) for item in part] if isinstance(part, list) else part


def formatted(case: Case) -> Found:
    """The formatter changes no model of a spec, and nothing twice; asked once a spec, at its first model."""
    if case.net is not case.nets[0]:
        return
    made = layout.format(case.text)
    yield from unequal("formatted again", layout.format(made), made)
    for net, before in zip(networks(made), case.nets, strict=True):
        after = without_places(json.loads(graph.dump(net.program)))
        yield from unequal(f"formatted, {net.name}", after, without_places(json.loads(graph.dump(before.program))))


def rounded(number: int) -> str:
    """A count as papers write it."""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            return f"{(Decimal(number) / size).quantize(Decimal('0.01'), ROUND_HALF_UP)}{unit}"
    return f"{number}"


def written_twice(case: Case) -> tuple[str, str]:
    """The spec as two files; each model expects its own numbers."""
    facts = {}
    for net in case.nets:
        given = net.report.facts()
        exact = [f"{name} = {number}" for name, number in given.items()]
        large = [f"macs = {Decimal(given['macs']) / size:f}{unit}" for unit, size in (("M", 10**6), ("G", 10**9))]
        rough = [f"{name} = {rounded(n)}" for name, n in given.items()]
        facts[net.name] = ", ".join([*exact, *large, *rough]) if net is case.nets[0] else exact[0]
    return specgen.in_two_files(case.text, facts)


def imported(case: Case) -> Found:
    """The same models of two files, and what each expects of itself is met; asked once a spec."""
    if case.net is not case.nets[0]:
        return
    models, rest = written_twice(case)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "models.resnet"
        path.write_text(models, encoding="utf-8")
        (path.parent / "rest.resnet").write_text(rest, encoding="utf-8")
        spec = program.load(files.read_file(path))
        nets = [Network(spec, model) for model in spec.models.values() if not is_template(model)]
    for net, before in zip(nets, case.nets, strict=True):
        after = without_places(json.loads(graph.dump(net.program)))
        yield from unequal(f"of two files, {net.name}", after, without_places(json.loads(graph.dump(before.program))))


Account = Callable[[Case], Found]
ACCOUNTS: tuple[Account, ...] = (counts, ir, tables, memory, pictures, formatted, imported)


@dataclass(frozen=True)
class Fault:
    """What disagrees: whose account of which model it is, and what it says."""

    account: str
    model: str
    says: str

    @property
    def kind(self) -> str:
        """The same for faults that are alike: what it says without its numbers and its second half."""
        return f"{self.account}: {re.sub(r'[^a-zA-Z, :]', '', self.says.split(' against ')[0])[:60]}"

    def __str__(self) -> str:
        return f"{self.account} of {self.model}: {self.says}"


def disagreements(text: str, accounts: Iterable[Account] = ACCOUNTS) -> list[Fault]:
    """What disagrees in a spec. An exception is a fault too: its kind, and where it was raised."""
    found = []
    nets = networks(text)
    for net in nets:
        case = Case(text, nets, net)
        for account in accounts:
            try:
                found += [Fault(account.__name__, net.name, says) for says in account(case)]
            except Exception as problem:
                last = traceback.extract_tb(problem.__traceback__)[-1]
                where = f"{type(problem).__name__} in {Path(last.filename).stem}, {last.name}: "
                found.append(Fault(account.__name__, net.name, where + str(problem)[:300]))
    return found


def smallest(text: str, fault: Fault, accounts: Iterable[Account] = ACCOUNTS, seconds: float = 60) -> str:
    """A small spec that has a fault of the same kind."""
    only = [account for account in accounts if account.__name__ == fault.account]
    return shrunk(text, lambda made: any(found.kind == fault.kind for found in disagreements(made, only)), seconds)
