"""How long does a check take? Of one model from a cold start, and of a thousand lines where resdsl runs already.

    python benchmarks/check.py

Milliseconds, the middle of seven; beside the cold start that of the bare interpreter.
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


def milliseconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(7):
        start = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - start))
    return median(taken)


def text(models: int) -> str:
    """A spec of different models, of nine lines each."""
    return "resdsl 1\n" + "".join(MODEL.format(number=n + 2, width=64 + 8 * (n % 4)) for n in range(models))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "one.resnet")
        spec.write_text(text(1))
        bare = milliseconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
        command = [sys.executable, "-m", "resdsl", "check", str(spec)]
        cold = milliseconds(lambda: subprocess.run(command, check=True, capture_output=True))
    print(f"one model, cold: {cold:.0f} ms; the bare interpreter {bare:.0f} ms")
    long = text(111)
    for name, of in (("right", long), ("with 111 errors", long.replace("linear(", "liner("))):
        warm = milliseconds(lambda of=of: as_text(findings.of(Source("long.resnet", of), check=lint.check)))
        print(f"{of.count(chr(10)):,} lines of 111 models, {name}, warm: {warm:.0f} ms")


if __name__ == "__main__":
    main()
