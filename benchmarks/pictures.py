"""How long does a picture take? Every model of the zoo in every view, as SVG, once the program has started.

    python benchmarks/pictures.py

Printed are the slowest of each view, in milliseconds of processor time, the better of two.
"""

from __future__ import annotations

import gc
import time
from contextlib import suppress

from resdsl import files, program
from resdsl.diagnostics import ResdslError
from resdsl.elaborate import is_template
from resdsl.emit.draw import VIEWS, View, picture
from resdsl.network import Network, load

DEEP = """resdsl 1
model deep { input 3 x 32 x 32  conv1: conv(16, 3)  body { repeat 5000 { basic(16) } }  head { globalpool } }
"""


def drawn(net: Network, view: View) -> float:
    """Milliseconds for a picture: the better of two, after one to warm up."""
    times = []
    for _ in range(3):
        start = time.process_time()
        picture([net], "svg", view=view)
        times.append(1000 * (time.process_time() - start))
    return min(times[1:])


def main() -> None:
    specs = {path: program.load(files.read_file(path)) for path in set(files.zoo().values())}
    nets = [Network(s, model) for s in specs.values() for model in s.models.values() if not is_template(model)]
    gc.freeze()  # a user's process does not hold the whole zoo, which the collector would walk again and again
    for view in VIEWS:
        times = []
        for net in nets:
            with suppress(ResdslError):  # too large for the view
                times.append((drawn(net, view), net.name))
        listed = ", ".join(f"{name} {taken:.0f} ms" for taken, name in sorted(times, reverse=True)[:3])
        print(f"{view}: {len(times)} pictures, the slowest {listed}")
    deep = load("deep.resnet", text=DEEP)
    print(f"overview of {deep.layers:,} layers: {drawn(deep, 'overview'):.0f} ms")


if __name__ == "__main__":
    main()
