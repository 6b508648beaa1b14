"""The generated file as it grows: its definitions, its helpers, and the names that are taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from resdsl.emit import helpers
from resdsl.emit.fitting import Column
from resdsl.emit.words import usable


@dataclass(frozen=True)
class Parameter:
    name: str
    column: Column  # its value in each block that shares the code
    default: str | None = None


@dataclass(eq=False)
class Made:
    """A class or function of the file."""

    name: str
    kind: str
    parameters: list[Parameter]
    worlds: dict[int, int]  # the place of each block in the columns
    written: tuple[str, ...]  # the parameters in the order of the spec
    values: list[str] = field(default_factory=list)  # what `forward` takes beside its input
    lines: list[str] = field(default_factory=list)
    late: list[tuple[str, Column]] = field(default_factory=list)  # norms whose start is a matter of the whole network
    named: bool = False  # a sequence whose parts have names


@dataclass(eq=False)
class File:
    """What is written so far."""

    made: list[Made] = field(default_factory=list)
    by_block: dict[int, Made] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    helpers: dict[tuple[str, int], str] = field(default_factory=dict)
    order: list[list[str]] = field(default_factory=list)

    def made_of(self, block: int) -> Made:
        return self.by_block[block]

    def is_identity(self, block: int) -> bool:
        """Whether a block, and all that share its code, changes nothing."""
        return False

    def by_program(self, blocks: Sequence[int], numbers: Column) -> Column | None:
        """A number that blocks have, by program; None where it does not follow from the program alone."""
        return None

    def helper(self, wanted: str, rank: int) -> str:
        """The name of a helper, which is put into the file."""
        ranked = wanted in helpers.RANKED
        key = wanted, rank if ranked else 0
        if key not in self.helpers:
            name = f"{wanted}{rank}d" if ranked and wanted in ("StandardizedConv", "DropPath", "Blur") else wanted
            if any(other == wanted for other, _ in self.helpers) and not name.endswith("d"):
                name = f"{wanted}{rank}d"
            name = self.unique(name)
            self.helpers[key] = name
            self.order.append(helpers.text(wanted, name, rank))
        return self.helpers[key]

    def unique(self, wished: str) -> str:
        """A name for a class or function that nothing else has."""
        chosen, i = wished, 2
        while chosen in self.taken or not usable(chosen):
            chosen, i = f"{wished}{i}", i + 1
        self.taken.add(chosen)
        return chosen
