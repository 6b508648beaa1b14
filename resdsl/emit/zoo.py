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


_NAMES = {
    "published": "same",
    "renamed": "by keys",
    "own": "by order",
}  # how the names of weights were met, the best first


def page() -> str:
    """The page docs/zoo.md: the networks, the rows of published numbers that each equals, and the rows not there."""
    models = entries()
    proofs = {line["row"]: line for line in _table("specs/oracle.csv")}
    rows = [row for m in models for row in m["reference"]]
    lines = [
        "# The zoo",
        "",
        f"{len(models)} networks ship with resdsl. {len(rows)} published rows are met in parameters and MACs, at the "
        "input of the row; a test counts each again. Where timm or torchvision has the network, the generated module "
        "took the weights of theirs and was compared with it, in its outputs, its buffers after a step and its "
        "gradients: *same* means that the parameters have the same names in the same order, *by keys* that "
        "`load_published` reads them under their published names, *by order* that they were matched by order and "
        "shape. `make zoo-oracle` does it, and keeps the differences in `specs/oracle.csv`. This "
        "page is made by `make zoo`.",
    ]
    for family, group in groupby(models, key=lambda m: m["family"]):
        lines += [
            "", f"## {family}", "",
            "| model | layers | parameters | MACs | equals | names | source |", "|---|--:|--:|--:|---|---|---|",
        ]  # fmt: skip
        for m in group:
            names = {proofs[row]["keys"] for row in m["reference"] if row in proofs}
            met = next((said for keys, said in _NAMES.items() if keys in names), "")
            lines.append(
                f"| `{m['name']}` | {m['layers']:,} | {m['params']:,} | {m['macs']:,} | {', '.join(m['reference'])} "
                f"| {met} | {m['source']} |"
            )
    lines += [
        "",
        "## Not here",
        "",
        "Rows that were looked at and left out, and why.",
        "",
        "| row | reason |",
        "|---|---|",
    ]
    lines += [f"| {row['row']} | {row['reason']} |" for row in _table("specs/missing.csv")]
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=1)
def reference() -> tuple[dict[str, str], ...]:
    """The published numbers that the zoo is held to, a row each."""
    return _table("specs/reference.csv")


def _table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a shipped CSV file."""
    return tuple(csv.DictReader(files.shipped(name).splitlines()))


def equals(net: Network, row: dict[str, str]) -> bool:
    """Whether a network has the numbers of a published row, at the row's input, to the digits that are published."""
    shape = tuple(map(int, row["input"].split("x")))
    at = net if net.program.input == shape else Network(net.spec, net.model, input=shape)
    return all(not row[fact] or holds(row[fact], counted) for fact, counted in at.report.facts().items())
