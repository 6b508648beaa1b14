"""What resdsl asks of the system while it works, by Python's audit events: `python -P tests/audit.py FOLDER < JOBS`.

JOBS is a list in JSON: command lines of resdsl as lists of words, or Python as a text. They run in one process, in
FOLDER; printed is a list of what none of them may do:

- a socket; a program other than `dot`; a process forked
- code compiled or run that is not of an installed module (reading it with `ast` is allowed); anything unpickled
- a file opened, listed, made, renamed or removed outside the Python installed, the project (for reading only), FOLDER
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_READ = tuple(
    os.path.realpath(path) for path in {ROOT, sys.prefix, sys.base_prefix, *(p for p in sysconfig.get_paths().values())}
)
_DEVICES = ("/dev/null", "/dev/full")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn")
_CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link", "os.symlink",
            "os.truncate", "os.utime", "tempfile.mkstemp", "tempfile.mkdtemp")  # fmt: skip
_FORBIDDEN = ("socket.", "os.fork", "pickle.", "ctypes.", "os.chdir", "os.putenv", "webbrowser.", "urllib.", "shutil.",
              "ftplib.", "http.", "smtplib.", "mmap.", "code.", "marshal.dump")  # fmt: skip
# Libraries that make methods and read annotations from texts of their own. No text of a spec gets into a class.
_MAKERS = ("/dataclasses.py", "/collections/__init__.py", "/typing.py", "/typing_inspection/typing_objects.py")


class Audit:
    """Listens to the events of the process while it is on."""

    def __init__(self, folder: Path) -> None:
        self.write = (os.path.realpath(folder),)
        self.on = False
        self.found: list[str] = []
        self.planted: types.CodeType | None = None  # code of a job, which may run; what it does is heard
        sys.addaudithook(self.hook)

    def hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on:
            self.on = False  # what is asked here is none of resdsl's
            try:
                if what := self.wrong(event, arguments):
                    self.found.append(f"{event}: {what}")
            finally:
                self.on = True

    def wrong(self, event: str, arguments: tuple[object, ...]) -> str:
        """What an event does that it may not; nothing if it may."""
        if event == "open":
            path, mode, flags = arguments
            writes = any(c in str(mode or "") for c in "wax+") or (mode is None and int(str(flags)) & _WRITING)
            return self.place(path, (() if writes else _READ) + self.write)
        if event in ("os.listdir", "os.scandir", "glob.glob"):
            searched = arguments[0] in sys.path and "importlib" in _caller()
            return "" if searched else self.place(arguments[0], _READ + self.write)
        if event in _CHANGES:
            paths = [a for a in arguments if isinstance(a, str | bytes | os.PathLike)]
            return next((wrong for path in paths if (wrong := self.place(path, self.write))), "")
        if event in _PROGRAMS:
            return "" if os.path.basename(str(arguments[0])) == "dot" else str(arguments[0])
        if event == "exec":
            return self.code(arguments[0])
        if event == "compile":
            allowed = self.maker() or _caller().endswith("/ast.py") or self.installed(arguments[1])
            return "" if allowed else f"{arguments[1]} by {_caller()}"
        if event in ("marshal.loads", "marshal.load"):
            return "" if _caller().startswith("<frozen importlib") else _caller()
        return repr(arguments)[:100] if event.startswith(_FORBIDDEN) else ""

    def place(self, path: object, roots: tuple[str, ...]) -> str:
        if isinstance(path, int) or path is None:
            return ""
        real = os.path.realpath(os.fsdecode(path))  # type: ignore[arg-type]
        inside = real in _DEVICES or any(real == root or real.startswith(root + os.sep) for root in roots)
        return "" if inside else real

    def code(self, code: object) -> str:
        if not isinstance(code, types.CodeType) or code is self.planted or self.installed(code.co_filename):
            return ""
        return "" if self.maker() else f"{code.co_filename} by {_caller()}"

    def maker(self) -> bool:
        return _caller().endswith(_MAKERS) and self.installed(_caller())

    def installed(self, name: object) -> bool:
        """Whether code is that of a module in a file, and so no text that was made."""
        return str(name).startswith("<frozen ") or (
            os.path.isfile(str(name)) and not self.place(name, _READ) and bool(self.place(name, self.write))
        )


def _caller() -> str:
    """The file of the code that raised the event."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return frame.f_code.co_filename


def main() -> None:
    folder = Path(sys.argv[1])
    jobs = json.load(sys.stdin)
    sys.path.insert(0, str(ROOT))
    os.chdir(folder)
    sys.stdout, out = open(os.devnull, "w"), sys.stdout  # noqa: SIM115  # closed with the process
    sys.stderr = sys.stdout
    audit = Audit(folder)
    statuses = []
    for job in jobs:
        audit.on = True
        try:
            if isinstance(job, str):
                audit.on = False
                audit.planted = compile(job, "<planted>", "exec")
                audit.on = True
                exec(audit.planted)  # noqa: S102  # the fault that the hook must see
            else:
                from resdsl import cli

                statuses.append(cli.main(job))
        except Exception as problem:
            statuses.append(repr(problem))
        finally:
            audit.on = False
    json.dump({"found": audit.found, "statuses": statuses}, out)


if __name__ == "__main__":
    main()
