"""Statements of `forward`, and the names of their variables.

While a body is written each value has a variable of its own; in a text a variable is a mark. When all is there, the
variables get names: the one wished for where no living variable has it, else a spare one. So a name is used again
only where nothing reads the old value any more.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from resdsl.emit.layout import Doc, call, laid
from resdsl.emit.words import RESERVED, usable

SPARE = ("y", "z", "u", "v", "w")
ROOM = 112  # of a statement, less its margin
_MARK = re.compile("\0([0-9]+)\0")


@dataclass(frozen=True)
class Value:
    """An expression. `typed`: mypy knows it for a Tensor."""

    text: str
    rank: int = 9
    typed: bool = False
    simple: bool = False  # may stand in a formula as it is
    pieces: tuple[str, ...] = ()  # what it concatenates

    @property
    def atom(self) -> bool:
        """Whether it is a variable, or an item of a list."""
        return re.fullmatch(r"\0[0-9]+\0(\[[0-9]+\])?", self.text) is not None

    def within(self, rank: int) -> str:
        return f"({self.text})" if self.rank < rank else self.text


Val = Value | list["Val"]


@dataclass
class _Variable:
    wished: str  # the name it is to have; "" a spare one, `x#` the first free of x0, x1 ...
    typed: bool
    many: bool = False  # it holds a list


@dataclass
class _Row:
    """`targets = text`; with a condition, only where that holds: then it reads its target, too."""

    targets: tuple[int, ...]
    text: str
    comment: str = ""
    condition: str = ""
    unpacked: bool = False

    def reads(self) -> Iterator[int]:
        yield from marked(self.text)
        if self.condition:
            yield from self.targets


def marked(text: str) -> list[int]:
    """The variables in a text."""
    return [int(number) for number in _MARK.findall(text)]


class Statements:
    """The body of one `forward`."""

    def __init__(self) -> None:
        self._variables: list[_Variable] = []
        self._rows: list[_Row] = []
        self._lengths: dict[str, int] = {}  # of the variables that hold lists

    def __len__(self) -> int:
        return len(self._rows)

    # -- writing

    def argument(self, name: str, many: int = 0) -> Val:
        """What `forward` takes: a tensor, or a list of `many`."""
        return self._value(_Variable(name, True, many > 0), many)

    def assign(self, wished: str, value: Value, comment: str = "") -> Value:
        """A variable that holds a value."""
        found = self._value(_Variable(wished, value.typed))
        assert isinstance(found, Value)
        self._rows.append(_Row((len(self._variables) - 1,), value.text, comment))
        return found

    def several(self, wished: str, text: str, many: int) -> Val:
        """The items of a list that a block returns."""
        found = self._value(_Variable(wished, False, True), many)
        self._rows.append(_Row((len(self._variables) - 1,), text))
        return found

    def unpack(self, text: str, count: int, typed: bool) -> list[Value]:
        """A variable for each part of a tensor."""
        first = len(self._variables)
        self._variables += [_Variable("x#", typed) for _ in range(count)]
        self._rows.append(_Row(tuple(range(first, first + count)), text, unpacked=True))
        return [Value(f"\0{v}\0", typed=typed) for v in range(first, first + count)]

    def update(self, value: Value, condition: str, text: str) -> None:
        """A variable gets another value where a condition holds."""
        self._rows.append(_Row(tuple(marked(value.text)), text, condition=condition))

    def wish(self, value: Value, name: str) -> bool:
        """Call a variable so, if it has no name of its own yet."""
        found = marked(value.text)
        if not value.atom or value.text.endswith("]") or self._variables[found[0]].wished not in ("", "x#", *SPARE):
            return False
        self._variables[found[0]].wished = name
        return True

    def made_since(self, value: Value, row: int) -> bool:
        """Whether a value is a variable that was first assigned in this row or later."""
        return any(f"\0{v}\0" == value.text for r in self._rows[row:] for v in r.targets)

    def text(self, value: Val) -> str:
        """A value as an argument: a list of all items of a list is that list."""
        if isinstance(value, Value):
            return value.text
        texts = [self.text(item) for item in value]
        whole = texts[0].removesuffix("[0]")
        if self._lengths.get(whole) == len(texts) and texts == [f"{whole}[{i}]" for i in range(len(texts))]:
            return whole
        return f"[{', '.join(texts)}]"

    def _value(self, variable: _Variable, many: int = 0) -> Val:
        self._variables.append(variable)
        mark = f"\0{len(self._variables) - 1}\0"
        if not variable.many:
            return Value(mark, typed=variable.typed)
        self._lengths[mark] = many
        return [Value(f"{mark}[{i}]", typed=variable.typed) for i in range(many)]

    # -- names

    def lines(self, results: Sequence[str], returned: Val | None = None) -> tuple[list[str], list[str]]:
        """The statements, and the results in their names. `returned` is what must be known for a Tensor."""
        names = self._names(results)
        told = {names[v] for v in self._untold(returned)} - {names[v] for v in self._arguments()}
        lines = []
        for row in self._rows:
            targets = ", ".join(names[t] for t in row.targets)
            targets = f"({targets},)" if row.unpacked and len(row.targets) == 1 else targets
            if len(row.targets) == 1 and targets in told and not row.condition:
                told.discard(targets)
                targets += ": list[Tensor]" if self._variables[row.targets[0]].many else ": Tensor"
            lines += _laid(targets, _renamed(row, names), row.comment, names)
        return lines, [_named(text, names) for text in results]

    def tell(self, value: Value, wished: str) -> Value:
        """The value in a form that mypy can be told the type of: a formula of variables alone, none of them parts."""
        unpacked = {t for row in self._rows if row.unpacked for t in row.targets}
        told = _outside(value.text)
        parts = "\0[" in told or "self." in told or any(v in unpacked for v in marked(told))
        return value if value.typed or (value.text[0] == "\0" and not parts) else self.assign(wished, value)

    def _untold(self, returned: Val | None) -> list[int]:
        """The variables whose type mypy has to be told."""
        if returned is None:
            return []
        if isinstance(returned, Value):
            return [] if returned.typed else marked(_outside(returned.text))
        whole = self.text(returned)
        return marked(whole) if whole in self._lengths else []

    def _arguments(self) -> list[int]:
        assigned = {t for row in self._rows for t in row.targets}
        return [v for v in range(len(self._variables)) if v not in assigned]

    def _names(self, results: Sequence[str]) -> list[str]:
        last = [-1] * len(self._variables)
        for i, row in enumerate(self._rows):
            for v in row.reads():
                last[v] = i
        for text in results:
            for v in marked(text):
                last[v] = len(self._rows)
        names = [""] * len(self._variables)
        held: dict[str, int] = {}  # name -> the row where its value is read for the last time
        many: dict[str, bool] = {}
        rows: list[tuple[int, tuple[int, ...]]] = [(i, row.targets) for i, row in enumerate(self._rows)]
        rows.insert(0, (-1, tuple(self._arguments())))
        for i, targets in rows:
            chosen: set[str] = set()
            for t in targets:
                if names[t]:
                    continue
                variable = self._variables[t]
                for name in _wishes(variable):
                    fits = many.get(name, variable.many) == variable.many
                    if fits and held.get(name, -1) <= i and name not in chosen:
                        break
                names[t] = name
                chosen.add(name)
                held[name] = last[t]
                many[name] = variable.many
        return names


def _wishes(variable: _Variable) -> Iterator[str]:
    """Names for a variable, the best first."""
    wished = variable.wished
    if wished.endswith("#"):
        yield from (f"{wished[:-1]}{i}" for i in itertools.count())
    several = "s" if variable.many else ""
    if wished and wished not in SPARE:
        own = wished if wished == "x" or (usable(wished) and wished not in RESERVED) else f"{wished}_"
        yield own
        yield from (f"{own}{i}" for i in itertools.count(2))
    yield from (f"{name}{several}" for name in SPARE)
    yield from (f"{name}{several}{i}" for i in itertools.count(1) for name in SPARE)


def _outside(formula: str) -> str:
    """A formula less what stands in brackets: that is told by what it belongs to."""
    while formula != (shorter := re.sub(r"\([^()]*\)", "", formula)):
        formula = shorter
    return formula


def _named(text: str, names: Sequence[str]) -> str:
    return _MARK.sub(lambda found: names[int(found[1])], text)


def _renamed(row: _Row, names: Sequence[str]) -> tuple[str, str]:
    return _named(row.text, names), _named(row.condition, names)


def _laid(targets: str, texts: tuple[str, str], comment: str, names: Sequence[str]) -> list[str]:
    """A statement in lines of the body, at most 120 characters long."""
    text, condition = texts
    if condition:
        return [f"        if {condition}:", f"            {targets} = {text}"]
    above = []
    if comment and len(f"{targets} = {text}{comment}") > ROOM:
        above, comment = [f"        {comment.strip()}"], ""
    doc: Doc = text
    if text.startswith("torch.cat([") and text.endswith("], dim=1)"):
        doc = call("torch.cat", f"[{text[11:-9]}]", "dim=1")
    return [*above, *laid(f"{targets} = ", doc, comment, 8)]
