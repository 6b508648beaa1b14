"""The command `resdsl fmt`: which files, what each would become, and how the two differ."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from resdsl import files, layout
from resdsl.diagnostics import printable, usage


@dataclass(frozen=True)
class Formatted:
    """A file, or the standard input, as it is and as it should be."""

    name: str
    path: Path | None
    before: bytes
    after: bytes

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def write(self) -> None:
        """Put it right: the file in its place, the standard input on the standard output."""
        if self.path is not None:
            files.rewrite(self.path, self.before, self.after)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(self.after)

    def diff(self) -> bytes:
        """The difference as `diff -u` and `patch` have it, without times."""
        import difflib

        before, after = (text.decode().splitlines(keepends=True) for text in (self.before, self.after))
        name = printable(self.name)
        lines = difflib.unified_diff(before, after, name, name)
        return "".join(_ended(lines)).encode()


def _ended(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def specs(names: Sequence[str]) -> list[Path | None]:
    """The files that a command names, each once; None is the standard input. Raises UsageError."""
    if "-" in names:
        if len(names) > 1:
            raise usage("`-` stands alone: what comes in goes out")
        return [None]
    found: dict[Path | None, None] = {}
    for name in names:
        path = Path(name)
        if not path.is_dir():
            found[path] = None
            continue
        inside = files.specs_in(path)
        if not inside:
            raise usage(f"there is no `.resnet` file in `{printable(name)}`")
        found.update(dict.fromkeys(inside))
    return list(found)


def read(path: Path | None, line_length: int) -> Formatted:
    """What a file would become. Raises SpecError where it is not of the language, and as `files` does."""
    source = files.read_spec("-") if path is None else files.read_file(path)
    after = layout.formatted(source, line_length).encode()
    if path is None:
        return Formatted("<stdin>", None, source.text.encode(), after)
    before = files.contents(path)
    if before.decode("utf-8-sig", "replace") != source.text:
        raise files.cannot("read", printable(str(path)), OSError(None, "it was changed meanwhile"))
    return Formatted(str(path), path, before, after)
