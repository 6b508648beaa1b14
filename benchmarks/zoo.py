"""How long does the whole zoo take? Each published network is read, counted and written as a PyTorch module.

    python benchmarks/zoo.py

Seconds of processor time of one process, imports included.
"""

from __future__ import annotations

import time

from resdsl import files, program
from resdsl.elaborate import is_template
from resdsl.network import Network


def main() -> None:
    specs = [program.load(files.read_file(path)) for path in sorted(set(files.zoo().values()))]
    networks = [Network(spec, model) for spec in specs for model in spec.models.values() if not is_template(model)]
    layers = sum(network.layers for network in networks)
    counted = time.process_time()
    lines = sum(network.code().count("\n") for network in networks)
    written = time.process_time()
    print(f"{len(networks)} networks: {layers:,} layers counted in {counted:.1f} s", end=", ")
    print(f"{lines:,} lines of Python written in {written - counted:.1f}")


if __name__ == "__main__":
    main()
