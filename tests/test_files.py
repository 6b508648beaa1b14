"""Files: a write is whole or did not happen, and an import reads nothing outside the project."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from resdsl import cli, files, program
from resdsl.diagnostics import FileError, ResdslError, Source, UsageError, as_json, as_text
from resdsl.limits import DEFAULT
from resdsl.scope import Spec

OLD = files.MARK + b" old " * 1000
NEW = files.MARK + b" new " * 2000


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "net.svg"
    path.write_bytes(OLD)
    return path


def alone(path: Path) -> bool:
    """Whether nothing was left beside a file."""
    return list(path.parent.iterdir()) == [path]


# -- writing ---------------------------------------------------------------------------------------------------


def test_a_write_replaces_the_whole_file(target: Path) -> None:
    files.write(target, NEW)
    assert target.read_bytes() == NEW and alone(target)
    files.write(target, files.MARK)
    assert target.read_bytes() == files.MARK and alone(target)


WRITER = """
import sys
from pathlib import Path
from resdsl import files
target = Path(sys.argv[1])
versions = [files.MARK + bytes([65 + i]) * 300_000 for i in range(26)]
print("ready", flush=True)
while True:
    for version in versions:
        files.write(target, version)
"""


def test_a_writer_killed_at_any_moment_leaves_one_whole_version(tmp_path: Path) -> None:
    target = tmp_path / "net.svg"
    chance = random.Random(0)
    left = False
    for _ in range(60):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            time.sleep(chance.random() / 50)
            process.send_signal(signal.SIGKILL)
        if target.exists():
            data = target.read_bytes().removeprefix(files.MARK)
            assert len(data) == 300_000 and len(set(data)) == 1
        litter = [path for path in tmp_path.iterdir() if path != target]
        assert all(path.name.startswith(".resdsl.") and path.name.endswith(".tmp") for path in litter)
        left = left or bool(litter)
    assert target.exists()
    assert left, "no kill fell into a write: the test shows nothing"
    files.write(target, files.MARK)
    assert alone(target)


def test_what_a_dead_writer_left_is_swept_by_age_where_there_are_no_locks(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", fails(errno.ENOLCK))
    old, fresh = target.parent / ".resdsl.12345678.tmp", target.parent / ".resdsl.abcdefgh.tmp"
    old.touch()
    os.utime(old, (time.time() - 5000,) * 2)
    fresh.touch()
    files.write(target, NEW)
    assert set(target.parent.iterdir()) == {target, fresh}


def test_a_file_that_is_swept_before_it_is_locked_is_made_again(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, made = tempfile.mkstemp, []

    def swept(**options: Any) -> tuple[int, str]:
        handle, name = make(**options)
        if not made:
            os.unlink(name)
        made.append(name)
        return handle, name

    monkeypatch.setattr(tempfile, "mkstemp", swept)
    files.write(target, NEW)
    assert len(made) == 2 and target.read_bytes() == NEW and alone(target)


def test_only_what_a_dead_writer_left_is_swept(target: Path) -> None:
    folder = target.parent
    fresh, stranger, similar = folder / ".resdsl.abcdefgh.tmp", folder / "notes.tmp", folder / ".resdsl.mine.tmp"
    for path in (stranger, similar, folder / ".resdsl.12345678.tmp"):
        path.write_bytes(b"")
    (folder / ".resdsl.link0000.tmp").symlink_to(target)
    os.mkfifo(folder / ".resdsl.pipe0000.tmp")
    with fresh.open("wb") as at_work:
        fcntl.flock(at_work, fcntl.LOCK_EX)
        files.write(target, NEW)
        assert set(folder.iterdir()) >= {target, fresh, stranger, similar}
        files.write(target, NEW)
    assert (folder / ".resdsl.link0000.tmp").is_symlink()
    assert not (folder / ".resdsl.12345678.tmp").exists()
    assert target.read_bytes() == NEW


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o440])
def test_the_mode_of_a_file_is_kept(target: Path, mode: int) -> None:
    target.chmod(mode)
    files.write(target, NEW)
    assert stat.S_IMODE(target.stat().st_mode) == mode
    assert target.read_bytes() == NEW


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_mode_that_the_user_wants(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        files.write(tmp_path / "x.svg", NEW)
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x.svg").stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("force", [False, True])
def test_no_link_is_written_through(tmp_path: Path, force: bool) -> None:
    (tmp_path / "kept").write_bytes(OLD)
    for name, to in (("link", "kept"), ("dangling", "made"), ("loop", "loop"), ("out", "/dev/null")):
        (tmp_path / name).symlink_to(to)
        with pytest.raises(UsageError, match="is a link"):
            files.write(tmp_path / name, NEW, force=force)
        assert (tmp_path / name).is_symlink()
    assert (tmp_path / "kept").read_bytes() == OLD and not (tmp_path / "made").exists()


def test_a_link_that_appears_while_writing_is_replaced_not_followed(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = target.parent / "secret"
    secret.write_bytes(b"kept")
    replace = os.replace

    def swap(source: str, to: Path) -> None:
        target.unlink()
        target.symlink_to(secret)
        replace(source, to)

    monkeypatch.setattr(os, "replace", swap)
    files.write(target, NEW)
    assert secret.read_bytes() == b"kept"
    assert target.read_bytes() == NEW and not target.is_symlink()


def test_what_others_wrote_is_kept(tmp_path: Path) -> None:
    for name, data in (("empty", b""), ("text", b"mine"), ("late", b"x" * 5000 + files.MARK)):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(UsageError, match="was not generated by resdsl"):
            files.write(path, NEW)
        assert path.read_bytes() == data
        files.write(path, NEW, force=True)
        assert path.read_bytes() == NEW


def fails(number: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("name", ["fsync", "replace", "fchmod", "fdopen"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS])
def test_a_fault_leaves_the_old_file_and_no_litter(
    target: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, name, fails(number))
        with pytest.raises(FileError, match=r"cannot write `.*net\.svg`: \w+"):
            files.write(target, NEW)
    assert target.read_bytes() == OLD and alone(target)


class Faulty:
    """The calls that write a file, of which one fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fault: BaseException | None, number: int) -> None:
        self.fault, self.number, self.calls = fault, number, list[str]()
        monkeypatch.setattr(os, "fdopen", self.opened)
        for owner, name in ((os, "fsync"), (os, "fchmod"), (os, "replace"), (tempfile, "mkstemp")):
            monkeypatch.setattr(owner, name, self.wrapped(name, getattr(owner, name)))

    def count(self, name: str) -> None:
        self.calls.append(name)
        if self.fault is not None and len(self.calls) == self.number:
            raise self.fault

    def wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            self.count(name)
            return call(*args, **options)

        return counted

    def opened(self, handle: int, mode: str) -> io.BufferedWriter:
        self.count("open")
        faulty = self

        class Raw(io.FileIO):
            def write(self, data: Any) -> int:
                faulty.count("write")
                return super().write(data)

            def close(self) -> None:
                last = not self.closed
                super().close()
                if last:
                    faulty.count("close")

        return io.BufferedWriter(Raw(handle, mode))


WRITES = {
    "compile": ("net.py", ("compile", "resnet18", "-o", "net.py", "--force")),
    "draw": ("net.svg", ("draw", "resnet18", "-o", "net.svg", "--force")),
    "fmt": ("net.resnet", ("fmt", "net.resnet")),
    "fix": ("net.resnet", ("check", "--unsafe-fixes", "--fix", "net.resnet")),
    "new": ("net.resnet", ("new", "net.resnet", "--force")),
}
FAULTS = {"full": OSError(errno.ENOSPC, "full"), "broken": OSError(errno.EIO, "broken"), "Ctrl-C": KeyboardInterrupt()}
EDITED = b"resdsl 1\nmodel net{input 3 x 8 x 8\n  conv(4,3) -> relux\n}\n"


@pytest.mark.parametrize("command", WRITES)
def test_a_fault_at_any_call_of_any_command_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    name, arguments = WRITES[command]
    path = tmp_path / name
    old = EDITED if name.endswith(".resnet") else b"mine"
    monkeypatch.chdir(tmp_path)

    def run(fault: BaseException | None, number: int) -> tuple[int, list[str]]:
        path.write_bytes(old)
        with monkeypatch.context() as patch:
            faulty = Faulty(patch, fault, number)
            return cli.main(arguments), faulty.calls

    status, calls = run(None, 0)
    assert status in (0, 1) and path.read_bytes() != old
    assert set(calls) == {"mkstemp", "open", "write", "fsync", "fchmod", "close", "replace"}
    for kind, fault in FAULTS.items():
        for number, call in enumerate(calls, 1):
            capsys.readouterr()
            status, _ = run(fault, number)
            assert status == (130 if kind == "Ctrl-C" else 3), (kind, call)
            assert path.read_bytes() == old and alone(path), (kind, call)
            out, err = capsys.readouterr()
            assert "Traceback" not in err and (
                err == "interrupted\n" if kind == "Ctrl-C" else "cannot write" in err + out
            )


def test_a_disk_that_fills_up_leaves_the_old_file(target: Path) -> None:
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom resdsl import cli, files\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "sys.exit(cli.main(['draw', 'resnet50', '-o', sys.argv[1]]))"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}  # it writes files too
    done = subprocess.run(
        [sys.executable, "-c", code, str(target)], env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "cannot write" in done.stderr and "Traceback" not in done.stderr
    assert target.read_bytes() == OLD and alone(target)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("command", WRITES)
@pytest.mark.parametrize("left", [0, 1])
def test_a_disk_that_is_full_leaves_the_old_file(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, left: int
) -> None:
    name, arguments = WRITES[command]
    path = small_disk / name
    old = EDITED if name.endswith(".resnet") else b"mine"
    if command == "fmt":
        old += b"# a comment\n" * 400  # longer than what is left
    path.write_bytes(old)
    with (small_disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))
    filled = (small_disk / "filler").stat().st_size
    os.truncate(small_disk / "filler", filled - 4096 * left)
    monkeypatch.chdir(small_disk)
    status = cli.main(arguments)
    said = "".join(capsys.readouterr())
    if status == 3:
        assert "cannot write" in said and "the disk is full" in said and path.read_bytes() == old
    else:
        assert left and status in (0, 1) and path.read_bytes() != old
    assert sorted(p.name for p in small_disk.iterdir()) == sorted([name, "filler"])


def test_ctrl_c_leaves_the_old_file_and_no_litter(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            files.write(target, NEW)
    assert target.read_bytes() == OLD and alone(target)


def test_no_name_is_too_long_for_its_temporary_neighbour(tmp_path: Path) -> None:
    for name in ("x" * 251 + ".svg", "層" * 83 + ".svg"):
        files.write(tmp_path / name, NEW)
        assert (tmp_path / name).read_bytes() == NEW
    with pytest.raises(FileError, match="too long"):
        files.write(tmp_path / ("x" * 256), NEW)


@pytest.mark.parametrize("name", ["d", "no/x", "nul\0", "f/x"])
def test_a_target_that_cannot_be_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "f").write_bytes(b"")
    with pytest.raises(ResdslError):
        files.write(tmp_path / name, NEW, force=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d", "f"]


# -- imports -----------------------------------------------------------------------------------------------------

SECRET = "hunter2"  # noqa: S105  # of nobody
UNIT = "resdsl 1\nblock unit(width) { conv(width, 3) -> relu }\n"
USE = "model m {\n  input 3 x 8 x 8\n  unit(4)\n}\n"


def folder(tmp_path: Path, texts: dict[str, str]) -> Path:
    """A project, `root`, and what lies beside it."""
    (tmp_path / "root").mkdir(exist_ok=True)
    (tmp_path / "root" / "pyproject.toml").touch()
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "root"


def load(path: Path) -> Spec:
    return program.load(files.read_file(path))


def refusal(path: Path) -> str:
    """What is said of a spec that is refused, for people and for programs. The secret is in neither."""
    with pytest.raises(ResdslError) as caught:
        load(path)
    assert caught.value.exit_status == 1
    said = as_text(caught.value.diagnostics) + str(as_json(caught.value.diagnostics))
    assert SECRET not in said
    return said


@dataclass(frozen=True)
class Refused:
    """An import that must be refused: as written, and why."""

    written: str
    why: str


REFUSED = {
    "parent": Refused("../secret.resnet", "out of the project"),
    "parent by way of a folder": Refused("sub/../../secret.resnet", "out of the project"),
    "folder of a longer name": Refused("../rootevil/secret.resnet", "out of the project"),
    "absolute": Refused("/etc/secret.resnet", "a relative path"),
    "absolute, twice": Refused("//etc/secret.resnet", "a relative path"),
    "home": Refused("~/secret.resnet", "a relative path"),
    "drive": Refused("C:/secret.resnet", "a relative path"),
    "network": Refused("https://example.org/secret.resnet", "a relative path"),
    "file link": Refused("link.resnet", "out of the project"),
    "folder link": Refused("linked/secret.resnet", "out of the project"),
    "link to a link": Refused("second.resnet", "out of the project"),
    "loop": Refused("loop.resnet", "cannot import"),
    "link to another kind": Refused("env.resnet", "link to a file that does not end"),
    "another kind": Refused(".env", "does not end in `.resnet`"),
    "no suffix": Refused("unit", "does not end in `.resnet`"),
    "folder": Refused("folder.resnet", "no such file"),
    "missing": Refused("uint.resnet", "did you mean `unit.resnet`"),
    "nothing": Refused("", "does not end"),
    "long": Refused("x" * 3000 + ".resnet", "cannot import"),
    "device": Refused("device.resnet", "out of the project"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_import_stays_in_the_project_and_tells_nothing_of_what_it_refuses(tmp_path: Path, name: str) -> None:
    secret = f"resdsl 1\n{SECRET} {SECRET}\n"
    main = f'resdsl 1\nimport "{REFUSED[name].written}"\n{USE}'
    root = folder(tmp_path, {
        "secret.resnet": secret, "rootevil/secret.resnet": secret, "root/.env": secret, "root/unit.resnet": UNIT,
        "root/main.resnet": main, "root/folder.resnet/x": "", "root/sub/x": "",
    })  # fmt: skip
    links = {"link.resnet": "../secret.resnet", "linked": "..", "second.resnet": "link.resnet", "env.resnet": ".env",
             "loop.resnet": "loop.resnet", "device.resnet": "/dev/zero"}  # fmt: skip
    for link, to in links.items():
        (root / link).symlink_to(to)
    assert REFUSED[name].why in refusal(root / "main.resnet")


def test_a_syntax_error_in_a_file_that_may_be_imported_is_shown(tmp_path: Path) -> None:
    root = folder(tmp_path, {"root/main.resnet": 'resdsl 1\nimport "bad.resnet"\n', "root/bad.resnet": "resdsl 1\n)"})
    said = refusal(root / "main.resnet")
    assert "bad.resnet:2:1" in said and "imported here" in said


def test_links_inside_the_project_are_followed(tmp_path: Path) -> None:
    root = folder(
        tmp_path, {"root/lib/unit.resnet": UNIT, "root/nets/main.resnet": f'resdsl 1\nimport "../l.resnet"\n{USE}'}
    )
    (root / "l.resnet").symlink_to("lib/unit.resnet")
    assert list(load(root / "nets" / "main.resnet").models) == ["m"]
    (tmp_path / "elsewhere").symlink_to(root / "nets")  # the project of a spec is where the spec really lies
    assert list(load(tmp_path / "elsewhere" / "main.resnet").models) == ["m"]


def test_a_folder_without_a_project_is_its_own(tmp_path: Path) -> None:
    root = folder(tmp_path, {"unit.resnet": UNIT, "root/main.resnet": f'resdsl 1\nimport "../unit.resnet"\n{USE}'})
    (root / "pyproject.toml").unlink()
    assert "out of the project" in refusal(root / "main.resnet")


def test_the_zoo_does_not_lead_into_the_checkout_around_it() -> None:
    specs = files.shipped_path("specs").resolve()
    assert files.project_root(specs / "resnet") == specs


@pytest.mark.parametrize("size", [1, 2, 5])
def test_files_that_import_each_other_are_refused(tmp_path: Path, size: int) -> None:
    texts = {f"root/f{i}.resnet": f'resdsl 1\nimport "f{(i + 1) % size}.resnet"\n' for i in range(size)}
    assert "imports itself" in refusal(folder(tmp_path, texts) / "f0.resnet")


def test_a_file_imported_on_two_ways_is_one(tmp_path: Path) -> None:
    texts = {
        "root/main.resnet": 'resdsl 1\nimport "a.resnet"\nimport "b.resnet"\n' + USE.replace("unit(4)", "a -> b"),
        "root/a.resnet": 'resdsl 1\nimport "unit.resnet"\nblock a { unit(1) }\n',
        "root/b.resnet": 'resdsl 1\nimport "./sub/../unit.resnet"\nblock b { unit(2) }\n',
        "root/unit.resnet": UNIT,
    }
    root = folder(tmp_path, texts)
    assert load(root / "main.resnet").models
    (root / "main.resnet").write_text('resdsl 1\nimport "unit.resnet"\nimport "./unit.resnet"\n' + USE)
    assert load(root / "main.resnet").models


def test_an_import_brings_in_the_definitions_of_that_file_only(tmp_path: Path) -> None:
    texts = {
        "root/main.resnet": f'resdsl 1\nimport "a.resnet"\n{USE}',
        "root/a.resnet": 'resdsl 1\nimport "unit.resnet"\nblock a { unit(1) }\n',
        "root/unit.resnet": UNIT,
    }
    assert "`unit` is not known here" in refusal(folder(tmp_path, texts) / "main.resnet")


def chain(length: int) -> dict[str, str]:
    texts = {f"root/f{i}.resnet": f'resdsl 1\nimport "f{i + 1}.resnet"\nblock b{i} {{ id }}\n' for i in range(length)}
    return {**texts, f"root/f{length}.resnet": UNIT}


def test_imports_go_so_deep_and_no_deeper(tmp_path: Path) -> None:
    assert load(folder(tmp_path, chain(DEFAULT.nesting)) / "f0.resnet").models == {}
    assert "64 files deep" in refusal(folder(tmp_path, chain(DEFAULT.nesting + 1)) / "f0.resnet")


def test_imports_are_so_many_and_no_more(tmp_path: Path) -> None:
    many = "".join(f'import "f{i}.resnet"\n' for i in range(DEFAULT.imports))
    texts = {f"root/f{i}.resnet": f"resdsl 1\nblock b{i} {{ id }}\n" for i in range(DEFAULT.imports)}
    root = folder(tmp_path, {**texts, "root/main.resnet": f"resdsl 1\n{many}"})
    assert "more than 256 files" in refusal(root / "main.resnet")
    (root / "main.resnet").write_text(f"resdsl 1\n{many}".replace('import "f0.resnet"\n', ""))
    assert load(root / "main.resnet").models == {}


def layers(depth: int) -> dict[str, str]:
    """Each layer has two files, and each of them imports both of the next."""
    names = [(f"a{i}", f"b{i}") for i in range(depth)]
    return {
        f"root/{name}.resnet": "resdsl 1\n"
        + "".join(f'import "{other}.resnet"\n' for other in (names[i + 1] if i + 1 < depth else ()))
        + f"block {name} {{ id }}\n"
        for i, pair in enumerate(names)
        for name in pair
    }


def test_importing_layers_of_files_takes_time_for_each_file_once(tmp_path: Path) -> None:
    root = folder(tmp_path, layers(40))
    done = subprocess.run(
        [sys.executable, "-m", "resdsl", "check", "--ignore", "W0204", "a0.resnet"],
        cwd=root,
        timeout=5,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0


# -- what the operating system refuses -----------------------------------------------------------------------------


def refused(*_: Any, **__: Any) -> Any:
    """Any call of the operating system that is not allowed."""
    raise PermissionError(errno.EACCES, "no", "there")


def test_a_standard_input_that_cannot_be_read_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=SimpleNamespace(read=refused)))
    with pytest.raises(FileError, match="cannot read `<stdin>`"):
        files.read_spec("-")


def test_a_file_called_as_no_model_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "resnet51").write_text("resdsl 1\n")
    with pytest.raises(UsageError) as caught:
        files.read_spec("resnet51")
    assert caught.value.diagnostics[0].fixes[0].message == "for the file of that name write `./resnet51`"


def test_a_folder_that_is_gone_has_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert files.project_settings(Source("<stdin>", "resdsl 1\n")) is None


def test_a_device_is_written_to_as_it_is() -> None:
    files.write(Path(os.devnull), NEW)
    with pytest.raises(FileError, match="the disk is full"):
        files.write(Path("/dev/full"), NEW)
    assert Path(os.devnull).is_char_device()


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(FileError, match="cannot read `there`"):
        files.specs_in(tmp_path)


def test_a_file_that_cannot_be_read_is_not_taken_for_ours(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refused)
        with pytest.raises(UsageError, match="exists and was not generated"):
            files.write(target, NEW)
    assert target.read_bytes() == OLD
