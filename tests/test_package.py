"""The package: the wheel holds all that the language is made of, and works from any folder once it is installed."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from resdsl import __version__

ROOT = Path(__file__).resolve().parents[1]
WHEEL_ARGUMENTS = ["--no-deps", "--disable-pip-version-check", "--quiet"]
if importlib.util.find_spec("hatchling"):
    WHEEL_ARGUMENTS.append("--no-build-isolation")
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}


def pip(*arguments: str | Path, python: Path | str = sys.executable) -> None:
    """Run pip; skip the test where it cannot reach what it needs."""
    done = subprocess.run(
        [str(python), "-m", "pip", *map(str, arguments)], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    offline = ("No matching distribution found for hatchling", "Could not find a version", "Failed to establish a new")
    if done.returncode and any(words in done.stderr for words in offline):
        pytest.skip("offline: hatchling, which builds the wheel, cannot be fetched")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", *WHEEL_ARGUMENTS, "--wheel-dir", folder, ROOT)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment that has what resdsl depends on, and not resdsl."""
    return environment(tmp_path_factory.mktemp("bare"))


def environment(folder: Path) -> Path:
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
    for name in (
        "lark",
        "pydantic",
        "pydantic_core",
        "annotated_types",
        "typing_extensions",
        "typing_inspection",
        "pip",
    ):
        found = importlib.util.find_spec(name)
        assert found is not None and found.origin is not None
        origin = Path(found.origin)
        of = origin.parent if origin.name == "__init__.py" else origin
        (site / of.name).symlink_to(of)
    for info in Path(importlib.util.find_spec("lark").origin).parents[1].glob("*.dist-info"):  # type: ignore[union-attr, arg-type]
        if info.name.split("-")[0].lower() in ("lark", "pydantic", "pydantic_core", "pip"):
            (site / info.name).symlink_to(info)
    return python


def works(python: Path, elsewhere: Path) -> Path:
    """Whether the command runs in another folder. Where its package lies."""

    def run(*arguments: str) -> str:
        command = [str(python.parent / "resdsl"), *arguments]
        done = subprocess.run(command, cwd=elsewhere, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert run("--version") == f"resdsl {__version__}\n"
    assert "25,557,032  4,089,184,256" in run("count", "resnet50")
    models = json.loads(run("zoo", "--json"))["models"]
    assert len(models) >= 100 and all(Path(model["file"]).is_file() for model in models)
    assert run("draw", "resnet50").startswith("<svg ")
    assert json.loads(run("ir", "--schema"))["title"] == "Program"
    assert run("new", "mine.resnet").startswith("wrote mine.resnet")
    assert run("check", "mine.resnet").startswith("1 spec checked: nothing is wrong")
    code = "import resdsl; print(resdsl.__file__)"
    shown = subprocess.run(
        [python, "-c", code], cwd=elsewhere, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    return Path(shown.stdout.strip()).parent


def test_the_wheel_holds_the_language_and_nothing_of_the_workshop(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    folders = {"resdsl": "resdsl", "grammars": "resdsl/grammars", "specs": "resdsl/specs"}
    for folder, inside in folders.items():
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert held[f"{inside}/{path.relative_to(ROOT / folder).as_posix()}"] == path.read_bytes(), path
    about = f"resdsl-{__version__}.dist-info"
    assert held[f"{about}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert b"Requires-Dist: lark" in held[f"{about}/METADATA"]
    assert b"resdsl = resdsl.cli:main" in held[f"{about}/entry_points.txt"]
    assert {name.split("/")[0] for name in held} == {"resdsl", about}
    assert not any(name.endswith((".pyc", ".new", ".tmp")) or "test" in name for name in held)


def test_an_installed_wheel_works_in_any_folder(wheel: Path, bare: Path, tmp_path: Path) -> None:
    pip("install", *WHEEL_ARGUMENTS[:3], "--no-index", wheel, python=bare)
    package = works(bare, tmp_path)
    assert bare.parents[1] in package.parents
    assert (package / "prelude" / "units.resnet").is_file()


def test_an_editable_install_works_in_any_folder(bare: Path, tmp_path: Path) -> None:
    arguments = [argument for argument in WHEEL_ARGUMENTS if argument != "--no-build-isolation"]
    pip("install", *arguments, "--editable", ROOT, python=bare)
    assert works(bare, tmp_path) == ROOT / "resdsl"
