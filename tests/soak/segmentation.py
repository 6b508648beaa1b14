"""Are FCN and DeepLabv3 those of torchvision? `python tests/soak/segmentation.py COMPARE PYTHON`.

COMPARE and PYTHON are as for oracle.py. Random weights of the reference, with its second output, are
loaded by `load_published`; both outputs are compared in float64, in eval mode, at a size with even and odd maps.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from resdsl.emit.torch import emit
from resdsl.network import load

MODELS = ("fcn_resnet50", "fcn_resnet101", "deeplabv3_resnet50", "deeplabv3_resnet101")
CODE = """
import sys, torch
sys.path[:1] = sys.argv[2:4]
import reference  # beside COMPARE: it makes torchvision ready
from torchvision.models import segmentation
from generated import Published
torch.manual_seed(0)
theirs = getattr(segmentation, sys.argv[1])(weights=None, weights_backbone=None, aux_loss=True).double().eval()
for name, value in theirs.state_dict().items():
    if name.endswith(("running_mean", "running_var")):
        value.uniform_(0.5, 1.5)
ours = Published().double().eval()
ours.load_published(theirs.state_dict())
x = torch.randn(1, 3, 72, 136, dtype=torch.float64)
with torch.no_grad():
    wanted, got = theirs(x), ours(x)
for a, b in zip((wanted["out"], wanted["aux"]), got, strict=True):
    assert a.shape == b.shape and torch.allclose(a, b, rtol=1e-9, atol=1e-12), (a - b).abs().max()
"""


def main(compare: str, python: str) -> int:
    failed = 0
    for model in MODELS:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "generated.py").write_text(emit(load(model), "Published"), encoding="utf-8")
            run = subprocess.run(
                [python, "-c", CODE, model, folder, str(Path(compare).parent)], capture_output=True, text=True
            )
        failed += run.returncode != 0
        print(f"{model}: {'equal' if run.returncode == 0 else run.stderr.strip().rpartition(chr(10))[2]}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
