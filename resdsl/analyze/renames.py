"""The names of published weights where a network has others: the `keys` lines of a spec.

A pattern is parts joined by dots; `*` before or after them stands for all that is there. A name goes by the first
pattern that fits it, and keeps its name where none does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resdsl import graph

Where = Literal["whole", "start", "end", "inside"]


@dataclass(frozen=True)
class Rename:
    """A pattern of published names and that of the names here, without their stars: texts at the same place."""

    published: str
    own: str
    where: Where

    @classmethod
    def of(cls, rename: graph.Rename) -> Rename:
        """`"backbone.*" = "*"` is `backbone.` at the start for nothing there."""
        named = rename.own if rename.published == "*" else rename.published
        before, after = named.startswith("*."), named.endswith(".*")
        where: Where = "inside" if before and after else "end" if before else "start" if after else "whole"
        return cls(_plain(rename.published), _plain(rename.own), where)

    def here(self, name: str) -> str | None:
        """What a published name is here; None where the pattern does not fit it."""
        return self._replaced(name, self.published, self.own)

    def there(self, name: str) -> str | None:
        """What a name here is published as; None where the pattern does not fit it."""
        return self._replaced(name, self.own, self.published)

    def _replaced(self, name: str, old: str, new: str) -> str | None:
        match self.where:
            case "whole":
                return new if name == old else None
            case "start":
                return new + name.removeprefix(old) if name.startswith(old) else None
            case "end":
                return name.removesuffix(old) + new if name.endswith(old) else None
            case "inside":
                return name.replace(old, new) if old in name else None


def _plain(pattern: str) -> str:
    """A pattern without its stars."""
    return "" if pattern == "*" else pattern.removeprefix("*").removesuffix("*")


class Renames:
    """The `keys` lines of a network."""

    def __init__(self, program: graph.Program) -> None:
        self.all = tuple(Rename.of(rename) for rename in program.published)

    def first(self, name: str) -> int | None:
        """Which pattern renames a name here."""
        return next((i for i, rename in enumerate(self.all) if rename.there(name) is not None), None)

    def here(self, name: str) -> str:
        """What a published name is here."""
        return next((new for r in self.all if (new := r.here(name)) is not None), name)

    def there(self, name: str) -> str:
        """What a name here is published as."""
        return next((new for r in self.all if (new := r.there(name)) is not None), name)
