"""Prints the seconds that elaborating and counting take after parsing: of ResNet-50, or of a net of N blocks."""

import sys
import time

from resdsl import files, program
from resdsl.analyze.report import Report
from resdsl.diagnostics import Source
from resdsl.elaborate import elaborate
from resdsl.network import choose

blocks = int(sys.argv[1])
if blocks:
    lines = f"input 3 x 32 x 32\n  stem {{ cifar_stem }}\n  body: repeat {blocks} {{ basic(16) }}"
    text = f"resdsl 1\nmodel deep {{\n  {lines}\n}}\n"
    spec = program.load(Source("deep", text))
    model = choose(spec, "deep")
else:
    spec = program.load(files.read_spec("resnet50"))
    model = choose(spec, "resnet50")
best = 1e9
for _ in range(5):
    start = time.perf_counter()
    report = Report(elaborate(spec, model))
    sections = report.sections
    best = min(best, time.perf_counter() - start)
print(best)
