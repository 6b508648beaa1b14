"""What edition 1 makes of the zoo: tests/data/edition1.json. `make edition` adds the models that are new.

Of each model it holds layers, parameters, MACs, and two digests: of its IR (ops with all arguments, shapes, joins,
labels; no places in the text, no comments), and of the keys of its state_dict with their shapes, in their order. An
argument that an op has got since stands at its default wherever an older model uses the op: `ops` names the others.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from resdsl import files, graph, network, program
from resdsl.analyze.keys import keys
from resdsl.elaborate import is_template
from resdsl.ops import NEEDED, OPS

PATH = Path(__file__).resolve().parent / "data" / "edition1.json"
_WRITTEN = {
    "at",
    "doc",
    "sources",
    "definitions",
    "definition",
    "version",
}  # what says where and how a thing is written


def zoo() -> tuple[Path, ...]:
    """The files of the zoo."""
    return tuple(sorted({*files.zoo().values()}))


def networks(path: Path) -> Iterator[network.Network]:
    """The models of a file that are no templates."""
    spec = program.load(files.read_file(path))
    return (network.Network(spec, model) for model in spec.models.values() if not is_template(model))


def arguments() -> dict[str, list[str]]:
    """The arguments of every op."""
    return {name: [*op.fields] for name, op in sorted(OPS.items())}


def fingerprint(net: network.Network, known: dict[str, list[str]]) -> list[Any]:
    """Layers, parameters, MACs, the digest of the IR with the arguments that are known, the digest of the keys."""
    ir = json.dumps(_said(json.loads(graph.dump(net.program)), known), sort_keys=True)
    named = "\n".join(f"{key.name} {key.shape} {key.kind}" for key in keys(net.program))
    return [net.layers, net.params, net.macs, *(hashlib.sha256(text.encode()).hexdigest()[:16] for text in (ir, named))]


def _said(value: Any, known: dict[str, list[str]]) -> Any:
    if isinstance(value, list):
        return [_said(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"name", "arguments"} and value["name"] in known:
        older, default = known[value["name"]], _defaults(value["name"])
        given = value["arguments"].items()
        kept = {name: v for name, v in given if name in older or v != default.get(name, NEEDED)}
        return {"name": value["name"], "arguments": kept}
    return {name: _said(item, known) for name, item in value.items() if name not in _WRITTEN}


def _defaults(op: str) -> dict[str, Any]:
    return {name: declared.default for name, declared in OPS[op].declared.items()}


def golden() -> dict[str, Any]:
    """What the file says."""
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def written(ops: dict[str, list[str]], rows: dict[str, list[Any]]) -> str:
    """A line an op, a line a model: a change of one is a change of one line."""
    lines = {name: [f"  {json.dumps(key)}: {json.dumps(row)}" for key, row in table.items()]
             for name, table in (("ops", ops), ("models", rows))}  # fmt: skip
    return "{" + ",\n".join(f'"{name}": {{\n' + ",\n".join(rows) + "\n}" for name, rows in lines.items()) + "}\n"


def main() -> int:
    old = golden() if PATH.exists() else {"ops": {}, "models": {}}
    ops = {**arguments(), **old["ops"]}
    rows = {net.name: fingerprint(net, ops) for path in zoo() for net in networks(path)}
    changed = [name for name, row in old["models"].items() if rows.get(name) != row]
    if changed:
        print(f"edition 1 makes something else of {', '.join(changed)}: a change needs a new edition")
        return 1
    PATH.write_text(written(ops, rows), encoding="utf-8")
    print(f"{len(rows)} models, {len(rows) - len(old['models'])} of them new")
    return 0


if __name__ == "__main__":
    sys.exit(main())
