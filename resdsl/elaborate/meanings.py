"""What an expression can mean, and what names mean at a place of the text.

An expression means a number (flag, text, list) or a flow. A flow is not run where it is read but where it is used, so a
meaning is one of: a number; an Applied op or block with the arguments so far; a Closure, a flow written as an argument;
a Value, a flow that ran and was named; a Defaulted, what a `default` line says; NONE, the branch that is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from resdsl import syntax
from resdsl.diagnostics import Span
from resdsl.ops import Op, Value, spoken
from resdsl.scope import Defined, Scope


class _None:
    """`none`: neutral in + * ++, an error after ->."""

    def __repr__(self) -> str:
        return "none"


NONE = _None()
LET_THROUGH = "write `id` for the value itself"  # what is said where `none` cannot stand


@dataclass(frozen=True, eq=False)
class Argument:
    """A meaning given to a parameter, and where."""

    name: str | None
    meaning: Meaning
    span: Span


@dataclass(frozen=True, eq=False)
class Layer:
    """The arguments of one call or partial application. Those of a `default` line give way to later ones."""

    arguments: tuple[Argument, ...]
    span: Span
    gives_way: bool = False


@dataclass(frozen=True, eq=False)
class Applied:
    """An op or block with some of its arguments."""

    callee: type[Op] | Defined | Defaulted
    layers: tuple[Layer, ...]


@dataclass(frozen=True, eq=False)
class Closure:
    """A flow that is an argument: read where it is written, run where it is used."""

    expr: syntax.Expr
    env: Env


@dataclass(frozen=True, eq=False)
class Defaulted:
    """What a `default` line gives a name; inside its meaning the name keeps the older one, `before`."""

    name: str
    meaning: Meaning
    before: Defaulted | None
    line: syntax.Default
    depth: int  # of the instances around the line


Number = int | float | bool | str
Meaning = Number | tuple["Meaning", ...] | Applied | Closure | Value | Defaulted | _None


class Items:
    """A list that has a name, and which of its items were read: a list too long for its use is an error."""

    def __init__(self, items: tuple[Meaning, ...], span: Span, name: str = "the list") -> None:
        self.items, self.span, self.name = items, span, name
        self.read: dict[int, Span | None] = {}  # where, if one by one
        self.inner: dict[int, Items] = {}  # lists in it of which items are read
        self.used = False  # as a whole, lists in it too

    def whole(self) -> tuple[Meaning, ...]:
        self.read |= dict.fromkeys(range(len(self.items)))
        self.used = True
        return self.items

    def one(self, i: int, place: Span, more: bool) -> Items | None:
        """Read an item: `more` says that items of it are asked for, which are then those of a list."""
        self.read[i] = place
        item = self.items[i]
        if not isinstance(item, tuple):
            return None
        inner = self.inner.setdefault(i, Items(item, self.span, f"item {i} of {self.name}"))
        if not more:
            inner.whole()
        return inner


@dataclass(frozen=True)
class Env:
    """What names mean at one place of the text."""

    scope: Scope
    width: int | tuple[int, ...] | None  # of what enters the block: `in`
    names: dict[str, Meaning | Items] = field(default_factory=dict)
    defaults: dict[str, Defaulted] = field(default_factory=dict)
    labels: frozenset[str] = frozenset()  # the names that are labels or sections of lines above
    places: dict[str, Span] = field(default_factory=dict)  # where each name was given its meaning

    def let(self, name: str, meaning: Meaning | Items, place: Span, *, label: bool = False) -> Env:
        names, places = {**self.names, name: meaning}, {**self.places, name: place}
        labels = self.labels | {name} if label else self.labels
        return Env(self.scope, self.width, names, self.defaults, labels, places)

    def default(self, defaulted: Defaulted | None, name: str) -> Env:
        rest = {n: d for n, d in self.defaults.items() if n != name}
        return replace(self, defaults=rest if defaulted is None else {**rest, name: defaulted})


def is_number(meaning: Meaning) -> bool:
    """Whether a meaning is a number, flag, text or list, and no flow."""
    return isinstance(meaning, int | float | str | tuple)


def describe(meaning: Meaning) -> str:
    match meaning:
        case Applied(callee, _):
            return f"the {'op' if isinstance(callee, type) else 'block'} `{callee.name}`"
        case Closure() | Defaulted():
            return "a flow"
        case Value():
            return f"the flow `{meaning.name}`"
        case _None():
            return "`none`"
        case _:
            return spoken(meaning)


def printed(meaning: Meaning | Items, look: Callable[[], None]) -> str:
    """An argument as a person would write it; `look` is called for each piece of it."""
    look()
    match meaning:
        case Items():
            return printed(meaning.items, look)
        case Closure():
            return " ".join(meaning.expr.span.text.split())
        case Value():
            return meaning.name
        case Defaulted():
            return printed(meaning.meaning, look)
        case Applied(callee, layers):
            name = callee.name
            given = ", ".join(
                (f"{a.name} = " if a.name else "") + printed(a.meaning, look)
                for layer in layers
                for a in layer.arguments
            )
            return f"{name}({given})" if given else name
        case _None():
            return "none"
        case _:
            return spoken(meaning)
