"""Which rules are asked for: by flags, and by `[tool.resdsl.lint]` in the nearest pyproject.toml above a spec."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from resdsl import files
from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, Source, Span, UsageError, nearest, usage
from resdsl.lint.registry import ELSEWHERE, RULES, known
from resdsl.record import Record

WORDS = ("default", "all")  # stand for several codes in `select`
_KEYS = ("select", "ignore", "per-file-ignores")


class Settings(Record):
    """`select` replaces what is on by default, and may hold `default` and `all`; `ignore` takes away from it."""

    select: tuple[str, ...] = ("default",)
    ignore: tuple[str, ...] = ()
    per_file: tuple[tuple[str, tuple[str, ...]], ...] = ()  # a pattern of paths, and what is ignored there
    folder: Path | None = None  # that the patterns begin at

    def asked(self, path: str | None) -> frozenset[str]:
        """The codes that are looked for in a file."""
        chosen: set[str] = set()
        for word in self.select:
            chosen |= {"default": _on(), "all": frozenset(known())}.get(word, frozenset({word}))
        away = set(self.ignore)
        for pattern, codes in self.per_file:
            if path is not None and self.folder is not None and _matches(pattern, Path(path), self.folder):
                away.update(codes)
        return frozenset(chosen - away)

    @property
    def named(self) -> frozenset[str]:
        """Codes that were chosen one by one: they are shown even where they only inform."""
        return frozenset(self.select) - set(WORDS)


def _on() -> frozenset[str]:
    return frozenset([*ELSEWHERE, *(rule.code for rule in RULES.values() if rule.on)])


def _matches(pattern: str, path: Path, folder: Path) -> bool:
    """Whether a path is meant: by its way from the folder, or for a pattern without `/` by its name."""
    try:
        shown = path.resolve().relative_to(folder).as_posix()
    except (OSError, ValueError):
        return False
    return fnmatchcase(shown if "/" in pattern else path.name, pattern)


def from_flags(select: str | None, ignore: str | None) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """What `--select` and `--ignore` say. Raises UsageError for a code that is not known."""
    chosen = None if select is None else tuple(_flag("--select", select, WORDS))
    return chosen, () if ignore is None else tuple(_flag("--ignore", ignore, ()))


def _flag(flag: str, given: str, words: Sequence[str]) -> Iterable[str]:
    for code in filter(None, re.split(r"[,\s]+", given)):
        if code not in (*words, *known()):
            near = nearest(code.upper(), known()) or nearest(code, words)
            fixes = [f"did you mean `{near}`?"] if near else []
            raise usage(f"`{flag}` knows no code `{code[:40]}`", *fixes, "docs/lint.md lists the codes")
        yield code


def settings(source: Source, select: tuple[str, ...] | None = None, ignore: tuple[str, ...] = ()) -> Settings:
    """The settings for a spec: flags, then the nearest pyproject.toml. Raises UsageError for one that is wrong."""
    found = files.project_settings(source)
    read = Settings() if found is None else _read(found)
    return Settings(select or read.select, (*read.ignore, *ignore), read.per_file, read.folder)


def _read(project: Source) -> Settings:
    import tomllib

    if "resdsl" not in project.text:
        return Settings()
    try:
        whole = tomllib.loads(project.text)
    except tomllib.TOMLDecodeError as problem:
        raise UsageError(Diagnostic("E0501", f"`{project.name}` is no TOML: {str(problem)[:200]}")) from None
    tool = whole.get("tool", {})
    table = (
        tool.get("resdsl", {}).get("lint", {})
        if isinstance(tool, dict) and isinstance(tool.get("resdsl", {}), dict)
        else {}
    )
    if not isinstance(table, dict):
        raise _wrong(project, "lint", "`tool.resdsl.lint` is a table", "write `[tool.resdsl.lint]`")
    for key in table:
        if key not in _KEYS:
            near = nearest(key, _KEYS)
            raise _wrong(project, key, f"`[tool.resdsl.lint]` has no `{key}`", f"did you mean `{near}`?" if near else
                         "it has `select`, `ignore` and `per-file-ignores`")  # fmt: skip
    per_file = table.get("per-file-ignores", {})
    if not isinstance(per_file, dict):
        raise _wrong(
            project, "per-file-ignores", "`per-file-ignores` is a table of patterns", 'write `"old/*" = ["W1006"]`'
        )
    assert project.path is not None
    return Settings(
        _list(project, "select", table["select"], WORDS) if "select" in table else ("default",),
        _list(project, "ignore", table.get("ignore", []), ()),
        tuple((pattern, _list(project, pattern, codes, ())) for pattern, codes in per_file.items()),
        Path(project.path).resolve().parent,
    )


def _list(project: Source, key: str, value: object, words: Sequence[str]) -> tuple[str, ...]:
    """A list of codes."""
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
        raise _wrong(project, key, f"`{key}` is a list of codes", f'write `{key} = ["W1006"]`')
    for code in value:
        if code not in (*words, *known()):
            near = nearest(code.upper(), known()) or nearest(code, words)
            fix = f"did you mean `{near}`?" if near else "docs/lint.md lists the codes"
            raise _wrong(project, code, f"there is no code `{code}` (in `{key}`)", fix, near)
    return tuple(value)


def _wrong(project: Source, word: str, message: str, fix: str, instead: str | None = None) -> UsageError:
    """An error at the first place below the table's head where the word stands."""
    table = re.search(r"^\s*\[\s*tool\s*\.\s*resdsl", project.text, re.M)
    at = project.text.find(word, table.end() if table else 0)
    if at < 0:
        return UsageError(Diagnostic("E0501", f"{message}: `{project.name}`", fixes=(Fix(fix),)))
    span = Span(project, at, at + len(word))
    edits = (Edit(span, instead),) if instead else ()
    return UsageError(Diagnostic("E0501", message, (Label(span),), (Fix(fix, edits),)))
