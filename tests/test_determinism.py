"""The same bytes everywhere: whatever the hash seed, the locale, the time zone, the folder, and where resdsl lies.

`python tests/soak/determinism.py` does this for the whole zoo.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import outputs

MODELS = ["resnet50", "im_resnet110_exclusive"]

EVERYTHING = """
import sys
from pathlib import Path
from resdsl import cli
NAMES = ["resnet50", "im_resnet110_exclusive"]
for by in "section", "block", "op":
    for form in "text", "markdown", "csv", "json":
        cli.main(["count", *NAMES, "--by", by, "--format", form])
for name in NAMES:
    cli.main(["draw", name])
    cli.main(["draw", name, "--theme", "dark"])
    cli.main(["draw", name, "-o", sys.argv[1], "--force"])
    sys.stdout.flush()
    sys.stdout.buffer.write(Path(sys.argv[1]).read_bytes())
    cli.main(["ir", name])
cli.main(["draw", NAMES[1], "resnet18", "--view", "block"])
cli.main(["draw", "resnet18", "--view", "layers"])
cli.main(["draw", "resnet18", "--view", "graph"])
cli.main(["draw", "resnet50", "--horizontal", "--theme", "auto"])
cli.main(["ir", "--schema"])
cli.main(["diff", *NAMES])
cli.main(["diff", *NAMES, "--format", "json"])
cli.main(["table", "resnet50", "--format", "html"])
cli.main(["zoo"])
cli.main(["ir", "mine.resnet"])
cli.main(["compile", "mine.resnet"])
cli.main(["check", "resnet18", "-", "--format", "json"])
"""
MINE = "resdsl 1\n\n# Réseau → one layer.\nmodel mine {\n  input 3 x 8 x 8\n  conv(3, 3)\n}\n"
WRONG = b"resdsl 1\nmodel m {\n  input 3 x 8 x 8\n  conw(3, 3) -> basik(4) -> )\n}\n"


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_commands_print_the_same_over_hash_seeds_locales_and_folders(tmp_path: Path) -> None:
    settings = [{"PYTHONHASHSEED": str(seed), "LC_ALL": "C.UTF-8", "TZ": "UTC"} for seed in range(2)]
    settings += [{"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", **ASCII}]
    printed = set()
    for i, setting in enumerate(settings):
        elsewhere = tmp_path / str(i)
        elsewhere.mkdir()
        (elsewhere / "mine.resnet").write_text(MINE, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", EVERYTHING, "x.dot"], input=WRONG, cwd=elsewhere,
            env={**os.environ, **setting}, capture_output=True, check=True,
        )  # fmt: skip
        assert done.stderr == b""
        assert len(done.stdout) > 100_000
        printed.add(done.stdout)
    assert len(printed) == 1
    assert "Réseau →".encode() in done.stdout and "×".encode() in done.stdout


def test_every_output_is_the_same_over_hash_seeds_locales_zones_and_places(tmp_path: Path) -> None:
    made = [lines for _, lines in outputs.runs(MODELS, 3, tmp_path)]
    assert len(made[0]) > 600
    assert [outputs.differing(made[0], lines) for lines in made[1:]] == [[], []]


def test_a_difference_is_named() -> None:
    lines = ["0a 3 resnet50: ir", "0b 3 resnet50: svg overview"]
    assert outputs.differing(lines, lines) == []
    assert outputs.differing(lines, [lines[0], "0c 3 resnet50: svg overview"]) == ["resnet50: svg overview"]
    assert outputs.differing(lines, lines[:1]) == ["resnet50: svg overview"]
