"""How long does a check take? Of one model from a cold start, and of a thousand lines where resdsl runs already.

    python benchmarks/check.py

Milliseconds, the middle of seven; beside the cold start that of the bare interpreter. The long ones are processor time.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from resdsl import findings, lint
from resdsl.diagnostics import Source, as_text

MODEL = """
model m{number} {{
  input 3 x 224 x 224
  stem {{ conv({width}, 7, stride = 2) -> norm -> relu -> maxpool(3, stride = 2) }}
  layer1 {{ repeat {number} {{ bottleneck({width}) }} }}
  layer2 {{ bottleneck({width} * 2, stride = 2) -> repeat 3 {{ bottleneck({width} * 2) }} }}
  layer3 {{ bottleneck({width} * 4, stride = 2) -> repeat 5 {{ bottleneck({width} * 4) }} }}
  head {{ globalpool -> flatten -> linear(1000) }}
}}
"""

# A network written out, a line a unit.
ALONE = """resdsl 1
model net {{
  input 3 x 224 x 224
  stem {{ conv(64, 7, stride = 2) -> norm -> act -> maxpool(3, stride = 2) }}
{lines}
  head {{ globalpool -> flatten -> linear(1000) }}
}}
"""

# A network as people write one: units of its own with comments, and a model that states its numbers.
UNITS = """
# Squeeze and excitation of net{number}: what weighs each channel, from the mean of its map.
block gate{number}(ratio = {ratio}) {{
  let inner = in // ratio
  id
  * (
    globalpool
    -> fc1: conv(inner, 1, bias = true)
    -> relu
    -> fc2: conv(in, 1, bias = true)
    -> sigmoid
  )
}}

# The unit of net{number}: y = act(F(x) + shortcut(x)), F three convolutions and a gate.
block unit{number}(width, stride = 1, groups = 1, shortcut = project) {{
  let inner = width // 4
  (
    conv1: conv(inner, 1) -> bn1: norm -> act
    -> conv2: conv(inner, 3, stride, groups = groups) -> bn2: norm -> act
    -> conv3: conv(width, 1) -> bn3: norm
    -> se: gate{number}
  )
  + downsample: shortcut(width, stride)
  -> act
}}

"""
NETWORK = """
# Source: nowhere; net{number} is a network for a measurement.
model net{number}(classes = 1000) {{
  input 3 x 224 x 224
  default act = {act}
  let groups = {groups}
  stem {{
    conv1: conv(64, 7, stride = 2)
    -> bn1: norm
    -> act
    -> maxpool(3, stride = 2)
  }}
  layer1: stage(unit{number}(groups = groups), 256, 3)
  layer2: stage(unit{number}(groups = groups), 512, {depth}, stride = 2)
  layer3: stage(unit{number}(groups = groups), 1024, 6, stride = 2)
  layer4: stage(unit{number}(groups = groups), 2048, 3, stride = 2)
  head {{
    globalpool
    -> flatten
    -> dropout(0.2)
    -> linear(classes)
  }}
}}
"""


def milliseconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    taken = []
    for _ in range(7):
        start = clock()
        work()
        taken.append(1000 * (clock() - start))
    return median(taken)


def text(models: int) -> str:
    """A spec of different models, of nine lines each."""
    return "resdsl 1\n" + "".join(MODEL.format(number=n + 2, width=64 + 8 * (n % 4)) for n in range(models))


def own(units: int, models: int) -> str:
    """A spec of units and gates of 25 lines a pair, and of different models of such units, also of 25 lines each."""
    made = [UNITS.format(number=n, ratio=4 << n % 3) for n in range(units)]
    nets = (
        NETWORK.format(number=n, groups=1 << n % 5, depth=4 + n, act=("relu", "silu", "gelu")[n % 3])
        for n in range(models)
    )
    return "resdsl 1\n" + "".join([*made, *nets])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "one.resnet")
        spec.write_text(text(1))
        bare = milliseconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
        command = [sys.executable, "-m", "resdsl", "check", str(spec)]
        cold = milliseconds(lambda: subprocess.run(command, check=True, capture_output=True))
    print(f"one model, cold: {cold:.0f} ms; the bare interpreter {bare:.0f} ms")
    alone = ALONE.format(lines="\n".join(f"  layer1.{n}: basic(64)" for n in range(990)))
    long = text(111)
    for name, of in (
        ("one model, written out", alone),
        ("36 units and 3 models of them", own(36, 3)),
        ("20 models with units of their own", own(20, 20)),
        ("111 models", long),
        ("111 models with an error each", long.replace("linear(", "liner(")),
    ):
        warm = milliseconds(
            lambda of=of: as_text(findings.of(Source("long.resnet", of), check=lint.check)), time.process_time
        )
        print(f"{of.count(chr(10)):,} lines of {name}, warm: {warm:.0f} ms")


if __name__ == "__main__":
    main()
