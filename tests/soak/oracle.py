"""Is each network of the zoo the published one? `python tests/soak/oracle.py COMPARE PYTHON [ROW ...]`.

COMPARE is a script that loads the random weights of a reference of timm or torchvision into a generated module and
compares outputs, buffers and gradients at some sizes; PYTHON is an interpreter that has torch, timm and torchvision.
For every row of specs/reference.csv that names such a reference the network is compiled and compared, first with the
published names of its parameters ("published", or "renamed" where `load_published` reads them) and then, where they
differ, by order and shape ("own"). What came out is written into specs/oracle.csv, a line a row. A row that was equal,
and whose module has not changed since, is not run again. One that differs, as where the reference has another layout,
is told, and makes the exit status 1. What gives several outputs is compared by segmentation.py.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from resdsl.analyze.keys import keys
from resdsl.analyze.renames import Renames
from resdsl.emit.torch import emit
from resdsl.emit.zoo import reference
from resdsl.network import load

RESULT = Path(__file__).resolve().parents[2] / "specs" / "oracle.csv"
COLUMNS = ("row", "model", "reference", "versions", "sizes", "keys", "eval", "train", "buffers", "gradients", "module")
SIZES = ("64 97", "96 128", "224", "256")  # the first that a reference accepts
LEAST = -12  # differences are rounded up to a power of ten, of at least this
APART = re.compile(r"_at[0-9]+|_deploy|tv_(fcn|deeplabv3)_")  # other inputs, merged weights; segmentation.py

# COMPARE switches off the dropout that it knows; some references call the function, and torchvision has its own name
# for stochastic depth. A bias that a norm or a softmax takes away has a gradient of rounding alone: two never agree.
LAUNCH = """
import runpy, sys
from pathlib import Path
import torch
from torch.nn import functional
models, double, backward = [], torch.nn.Module.double, torch.Tensor.backward
def exact(model):
    models.append(model)
    return double(model)
def without_rounding(loss):
    backward(loss)
    for model in models:
        found = [p.grad for p in model.parameters() if p.grad is not None]
        least = 1e-12 * max((float(g.abs().max()) for g in found), default=0.0)
        for gradient in found:
            if gradient.abs().max() < least:
                gradient.zero_()
torch.nn.Module.double, torch.Tensor.backward = exact, without_rounding
functional.dropout = lambda x, *_, **__: x
sys.argv = sys.argv[1:]
sys.path[0] = str(Path(sys.argv[0]).parent)
import reference
build = reference.build
def still(name):
    model = build(name)
    for module in model.modules():
        if type(module).__name__ == "StochasticDepth":
            module.p = 0.0
    return model
reference.build = still
runpy.run_path(sys.argv[0], run_name="__main__")
"""

# The module under the names of its publication, for COMPARE to load: through `load_published`.
RENAMED = """

class Renamed(Published):
    NAMES = {names!r}

    def state_dict(self):
        return {{self.NAMES[key]: value for key, value in super().state_dict().items()}}

    def load_state_dict(self, state, strict=True):
        own = all(key in self.NAMES for key in state)
        return super().load_state_dict(state, strict) if own else self.load_published(state)
"""


def references() -> Iterator[tuple[str, str, str]]:
    """Row, model and reference of each row that has one."""
    for row in reference():
        origin, _, name = row["row"].partition("_")
        library = {"timm": "timm", "tv": "torchvision"}.get(origin)
        if library and not APART.search(row["row"]):
            yield row["row"], row["model"], f"{library}:{name}"


def main(compare: str, python: str, *only: str) -> int:
    versions = subprocess.run(
        [python, "-c", "from importlib.metadata import version; "
         "print(' '.join(f'{n} {version(n)}' for n in ('torch', 'timm', 'torchvision')))"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    known = {}
    if RESULT.exists():
        with RESULT.open(encoding="utf-8", newline="") as file:
            known = {line["row"]: line for line in csv.DictReader(file)}
    rows = [r for r in references() if not only or r[0] in only]
    failed = 0
    for number, (row, model, theirs) in enumerate(rows, 1):
        line = proved(row, model, theirs, versions, known.get(row), compare, python)
        differs = line["keys"] == "differ"
        print(f"{number}/{len(rows)} {row}: {'differs' if differs else line['keys'] + ' names'}", flush=True)
        failed += differs
        known[row] = line
        write(known)
    return int(failed > 0)


def proved(
    row: str, model: str, theirs: str, versions: str, before: dict[str, str] | None, compare: str, python: str
) -> dict[str, str]:
    """The line of a row; its `keys` are "differ" where the module is not the reference."""
    network = load(model)
    text = emit(network, "Published")
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    if before and before["keys"] != "differ" and (before["module"], before["versions"]) == (digest, versions):
        return before
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "generated.py")
        names = {key.name: Renames(network.program).there(key.name) for key in keys(network.program)}
        path.write_text(text + RENAMED.format(names=names), encoding="utf-8")
        name, own = ("Renamed", "renamed") if network.program.published else ("Published", "published")
        shapes = [("--shape", "16x56x56")] if "nn.Conv3d" in text else [("--size", *s.split()) for s in SIZES]
        tried = ((rename, shape) for shape in shapes for rename in ((), ("--rename",)))
        line = {"row": row, "model": model, "reference": theirs, "versions": versions, "module": digest}
        for rename, shape in tried:
            command = [python, "-c", LAUNCH, compare, f"{path}:{name}", theirs, *shape, *rename]
            run = subprocess.run(command, capture_output=True, text=True)
            last = run.stdout.strip().rpartition("\n")[2]
            answer = json.loads(last) if last.startswith("{") else {}
            if run.returncode == 0:
                found = answer["relative_difference"]
                differences = {what: power(found[what]) for what in ("eval", "train", "buffers", "gradients")}
                return {**line, "sizes": " ".join(shape[1:]), "keys": "own" if rename else own, **differences}
            if rename and answer.get("loads", True) is not True:
                break  # the shapes are not those of the reference: no size helps
    return {**line, "keys": "differ"}


def power(difference: float) -> str:
    """A relative difference, rounded up to a power of ten."""
    return f"1e{max(LEAST, math.ceil(math.log10(difference))) if difference else LEAST:03d}"


def write(known: dict[str, dict[str, str]]) -> None:
    """All lines, in the order of specs/reference.csv."""
    order = [row for row, _, _ in references()]
    with RESULT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(known[row] for row in order if row in known)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
