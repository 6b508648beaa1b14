"""The list of the networks that ship, each with its numbers and the published rows that it equals."""

from __future__ import annotations

import csv
import json
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal

from resdsl import files, program
from resdsl.elaborate import is_template
from resdsl.emit.table import four_digits
from resdsl.network import Network, holds


def listing(form: Literal["text", "json"]) -> str:
    """All models of the zoo, in the order of their files."""
    models = entries()
    if form == "json":
        return json.dumps({"models": models}, indent=2) + "\n"
    lines = []
    width = max(len(m["name"]) for m in models)
    for family, group in groupby(models, key=lambda m: m["family"]):
        lines.append(f"\n{family}")
        lines += [
            f"  {m['name']:{width}}  {m['layers']:>6,} layers  {four_digits(m['params']):>9} params"
            f"  {four_digits(m['macs']):>9} MACs"
            for m in group
        ]
    lines.append(
        f"\n{len(models)} networks. `resdsl count NAME` has the table, `resdsl new FILE --from NAME` a copy to change."
    )
    return "\n".join(lines).lstrip("\n") + "\n"


def entries() -> list[dict[str, Any]]:
    """Name, family, file, source, params, macs, layers and reference rows of each model."""
    rows = []
    root = files.shipped_path("specs")
    for path in sorted(set(files.zoo().values())):
        spec = program.load(files.read_file(path))
        for model in spec.models.values():
            if is_template(model):
                continue
            net = Network(spec, model)
            rows.append(
                {
                    "name": net.name,
                    "family": path.relative_to(root).parts[0],
                    "file": str(path),
                    "source": net.source,
                    "params": net.params,
                    "macs": net.macs,
                    "layers": net.layers,
                    "reference": [row["row"] for row in reference() if row["model"] == net.name and equals(net, row)],
                }
            )
    return rows


@lru_cache(maxsize=1)
def reference() -> tuple[dict[str, str], ...]:
    """The published numbers that the zoo is held to, a row each."""
    return tuple(csv.DictReader(files.shipped("specs/reference.csv").splitlines()))


def equals(net: Network, row: dict[str, str]) -> bool:
    """Whether a network has the numbers of a published row, at the row's input, to the digits that are published."""
    shape = tuple(map(int, row["input"].split("x")))
    at = net if net.program.input == shape else Network(net.spec, net.model, input=shape)
    return all(not row[fact] or holds(row[fact], counted) for fact, counted in at.report.facts().items())
