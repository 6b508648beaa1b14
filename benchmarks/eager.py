"""Is the generated code as fast as the code that people use? ResNets against torchvision's, on the CPU, eager.

    python benchmarks/eager.py [--python PATH]    PATH: a Python that has torch and torchvision

Each measurement is a pair in one process, the two modules in turn; printed is the median of the ratios, ours / theirs.
Memory is the growth of a process that does nothing else, the median of five; malloc gives back at once what is freed
(MALLOC_MMAP_THRESHOLD_), so that the peak is that of living tensors.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

CLASSES = {"resnet18": "Resnet18", "resnet50": "Resnet50"}

TIMES = """
import json, sys, time, torch, torchvision
sys.path.insert(0, sys.argv[1])
name, kind, train = sys.argv[2], sys.argv[3], sys.argv[4] == "train"
torch.manual_seed(0)
ours, theirs = getattr(__import__(name), kind)(), getattr(torchvision.models, name)()
ours.load_state_dict(theirs.state_dict())
x = torch.randn(4, 3, 128, 128)
def once(model):
    start = time.perf_counter()
    if train:
        model(x).sum().backward()
    else:
        with torch.no_grad():
            model(x)
    return time.perf_counter() - start
for model in (ours, theirs):
    model.train(train)
    once(model)
pairs = [(once(ours), once(theirs)) if i % 2 else (once(theirs), once(ours))[::-1] for i in range(15)]
print(json.dumps([a / b for a, b in pairs]))
"""

MEMORY = """
import resource, sys, torch
sys.path.insert(0, sys.argv[1])
name, kind, side, what = sys.argv[2:6]
if side == "ours":
    model = getattr(__import__(name), kind)()
else:
    import torchvision
    model = getattr(torchvision.models, name)()
x = torch.randn(8, 3, 224, 224)
model.train(what == "train")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with torch.set_grad_enabled(what == "train"):
    y = model(x)
if what == "train":
    y.sum().backward()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def run(python: str, code: str, *arguments: str, **environment: str) -> str:
    return subprocess.run(
        [python, "-c", code, *arguments], capture_output=True, text=True, check=True, env=os.environ | environment
    ).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable)
    python = parser.parse_args().python
    with tempfile.TemporaryDirectory() as folder:
        for name, kind in CLASSES.items():
            target = str(Path(folder, f"{name}.py"))
            subprocess.run([sys.executable, "-m", "resdsl", "compile", name, "-o", target], check=True)
            for what in ("eval", "train"):
                ratios = sorted(json.loads(run(python, TIMES, folder, name, kind, what)))
                low, high = ratios[len(ratios) // 4], ratios[-len(ratios) // 4]
                print(f"{name} {what}: {statistics.median(ratios):.3f} of torchvision's time ({low:.3f} to {high:.3f})")
                ours, theirs = (_peak(python, folder, name, kind, side, what) for side in ("ours", "theirs"))
                print(f"{name} {what}: {ours / theirs:.3f} of its peak memory ({ours >> 10} and {theirs >> 10} MiB)")


def _peak(python: str, *arguments: str) -> int:
    return sorted(int(run(python, MEMORY, *arguments, MALLOC_MMAP_THRESHOLD_="65536")) for _ in range(5))[2]


if __name__ == "__main__":
    main()
