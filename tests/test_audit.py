"""What resdsl asks of the system, watched from its first import on: no network, no program but `dot`, no made code.

`tests/audit.py` listens; what it must hear is planted first.
"""

from __future__ import annotations

import json
import shutil
import socket  # noqa: TID251  # the fault that the hook must see
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hostile import TABLE
from test_limits import written

ROOT = Path(__file__).resolve().parents[1]
SPEC = "resdsl 1\nmodel net {\n  input 3 x 8 x 8\n  conv(4, 3) -> relu\n}\n"


def watched(folder: Path, *jobs: list[str] | str) -> tuple[list[str], list[Any]]:
    """What was heard of some jobs, and how they ended."""
    done = subprocess.run(
        [sys.executable, "-P", "-B", str(ROOT / "tests" / "audit.py"), str(folder)],
        input=json.dumps(jobs), capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    return told["found"], told["statuses"]


PLANTED = {
    "socket": "import socket; socket.socket()",
    "name of a host": "import socket; socket.getaddrinfo('localhost', 80)",
    "program": "import subprocess; subprocess.run(['true'])",
    "shell": "import os; os.system('true')",
    "fork": "import os; os.fork() or os._exit(0)",
    "exec": "exec('x = 1')",
    "eval": "eval('1')",
    "compile": "compile('x = 1', '<made>', 'exec')",
    "pickle": "import pickle; pickle.loads(pickle.dumps(set))",
    "marshal": "import marshal; marshal.loads(marshal.dumps(1))",
    "library": "import ctypes; ctypes.CDLL(None)",
    "file outside": "open('/etc/hostname')",
    "file outside, bytes": "import os; os.close(os.open(b'/etc/hostname', os.O_RDONLY))",
    "file outside by a way back": "open('../' * 20 + 'etc/hostname')",
    "file outside by a link": "import os; os.symlink('/etc/hostname', 'link'); open('link')",
    "folder outside": "import os; os.listdir('/etc')",
    "write in the project": "open('{root}/new', 'w')",
    "write by number": "import os; os.open('{root}/README.md', os.O_WRONLY)",
    "rename": "import os; os.rename('{root}/none', '{root}/other')",
    "removal": "import os; os.remove('{root}/none')",
    "module of the folder": "import sys; sys.path.insert(0, ''); import planted",
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_may_not_be_is_heard(tmp_path: Path, name: str) -> None:
    (tmp_path / "planted.py").write_text("x = 1\n")
    heard, _ = watched(tmp_path, PLANTED[name].replace("{root}", str(ROOT)))
    assert heard


def test_what_may_be_is_not_heard(tmp_path: Path) -> None:
    quiet = "import ast, dataclasses, wave; ast.parse('x'); open('{root}/README.md'); open('new', 'w').close()"
    assert watched(tmp_path, quiet.replace("{root}", str(ROOT)))[0] == []


COMMANDS = [
    ["check", "resnet50", "regnety_400mf", "wrong.resnet", "missing.resnet"], ["check", "--info", "-", "net.resnet"],
    ["check", "--fix", "--unsafe-fixes", "wrong.resnet"], ["explain", "E0301"], ["count", "densenet121"],
    ["count", "net.resnet", "--by", "op", "--format", "json"], ["table", "resnet18", "resnet50", "--style", "paper"],
    *(["table", "resnet18", "--style", style] for style in ("stages", "layers", "memory", "paths", "identity")),
    ["table", "resnet18", "--format", "latex"], ["table", "resnet18", "--format", "html"], ["ir", "resnet50"],
    ["diff", "resnet50_v1", "resnet50"], ["draw", "resnet18"], ["draw", "net.resnet", "-o", "net.svg"],
    ["draw", "resnet18", "--view", "graph", "-o", "net.dot"], ["draw", "resnet18", "-o", "net.mmd"],
    ["draw", "resnet18", "-o", "net.pdf"], ["compile", "resnet50", "-o", "net.py"], ["compile", "resnet50"],
    ["compile", "net.resnet", "-o", "net.py", "--check"], ["fmt", "wrong.resnet", "net.resnet"],
    ["fmt", "--check", "."],
    ["new", "mine.resnet", "--from", "resnet50"], ["limits"], ["--help"], ["--version"], ["ir", "--schema"], ["bad"],
]  # fmt: skip


def test_no_command_does_what_it_may_not(tmp_path: Path) -> None:
    (tmp_path / "net.resnet").write_text(SPEC)
    (tmp_path / "wrong.resnet").write_text(SPEC.replace("relu", "rellu"))
    (tmp_path / "lark.py").write_text("raise SystemExit('a module of the current folder was loaded')\n")
    heard, statuses = watched(tmp_path, *COMMANDS)
    assert heard == []
    assert len(statuses) == len(COMMANDS) and set(statuses) <= {0, 1, 2, 3}
    if shutil.which("dot"):
        assert (tmp_path / "net.pdf").exists()


def test_no_spec_makes_a_command_do_what_it_may_not(tmp_path: Path) -> None:
    names = [name for name, row in TABLE.items() if len(row.text) < 20_000 and len(row.files) < 100]
    jobs = []
    for i, name in enumerate(names):
        (tmp_path / str(i)).mkdir()
        jobs.append([("check", "count", "compile", "draw")[i % 4], str(written(TABLE[name], tmp_path / str(i)))])
    heard, statuses = watched(tmp_path, *jobs)
    assert heard == [] and set(statuses) <= {0, 1}


REFUSED = ("../secret.resnet", "../rootevil/secret.resnet", "{outside}", "link.resnet", "linked/secret.resnet",
           "second.resnet", "loop.resnet", "sub/../../secret.resnet")  # fmt: skip


def test_no_refused_import_is_opened(tmp_path: Path) -> None:
    root, secret = tmp_path / "root", tmp_path / "secret.resnet"
    for folder in (root, tmp_path / "rootevil", root / "sub"):
        folder.mkdir()
    for path in (secret, tmp_path / "rootevil" / "secret.resnet"):
        path.write_text("resdsl 1\nhunter2\n")
    (root / "pyproject.toml").touch()
    for link, to in {"link.resnet": "../secret.resnet", "linked": "..", "second.resnet": "link.resnet",
                     "loop.resnet": "loop.resnet"}.items():  # fmt: skip
        (root / link).symlink_to(to)
    jobs = []
    for i, path in enumerate(REFUSED):
        (root / f"{i}.resnet").write_text(f'resdsl 1\nimport "{path.replace("{outside}", str(secret))}"\n')
        jobs += [[command, f"{i}.resnet"] for command in ("check", "count")]
    heard, statuses = watched(root, *jobs)
    assert heard == [] and set(statuses) == {1}
    heard, _ = watched(root, "open('../secret.resnet')")
    assert heard


def test_the_session_has_no_network() -> None:
    with pytest.raises(RuntimeError, match="network"), socket.socket() as made:
        made.connect(("127.0.0.1", 9))
