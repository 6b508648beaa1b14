"""Which expression gives a number of the code, in each of the blocks that share it.

A slot is a number of the code with its value in each world: in each block that shares a class, in each round of a loop.
Equal everywhere, it is a literal. Else it is an expression in the names that the code has there (parameters, loop
variables), right in every world; else a parameter of its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isclose

from resdsl import syntax
from resdsl.emit.homes import Home
from resdsl.emit.symbols import Expr, Impossible, Number, infix, name, number, translated, value
from resdsl.emit.words import usable

Column = tuple[Number, ...]


class Unfit(Exception):
    """There is no expression for a number here."""

    definition: tuple[str, str, int] | None = None  # the blocks that share the code it is in, if several do


@dataclass(eq=False)
class Scope:
    """The worlds of a piece of code and its names, each with its value in each world."""

    size: int
    names: dict[str, Column]
    home: Home | None = None
    parent: Scope | None = None
    up: tuple[int, ...] = ()  # the world of the parent that each world is in
    closed: bool = False  # no parameters may be added
    of: dict[int, int] = field(default_factory=dict)  # the group of each block
    fixed: dict[str, Number] = field(default_factory=dict)  # numbers of the spec that have no name in the code
    kept: frozenset[str] = frozenset()  # names that are said even where their numbers are the same everywhere
    used: set[str] = field(default_factory=set)
    added: dict[str, Column] = field(default_factory=dict)

    def inner(self, up: Sequence[int], names: dict[str, Column] | None = None) -> Scope:
        return Scope(len(up), names or {}, self.home, self, tuple(up), self.closed, self.of)

    def visible(self) -> dict[str, Column]:
        """Every name that can be used here; a loop's own names first."""
        if self.parent is None:
            return {**self.names, **self.added}
        outer = {n: tuple(v[w] for w in self.up) for n, v in self.parent.visible().items() if n not in self.names}
        return {**self.names, **outer}

    def stays(self, text: str) -> bool:
        """Whether a name is said here: it is to be kept, or its numbers differ here or anywhere in the whole block."""
        top, _ = self.top()
        columns = (self.visible().get(text, ()), top.visible().get(text, ()))
        return text in top.kept or any(len(set(column)) > 1 for column in columns)

    def use(self, names: set[str]) -> None:
        self.used |= names & (self.names.keys() | self.added.keys())
        if self.parent is not None:
            self.parent.use(names - self.names.keys())

    def top(self) -> tuple[Scope, tuple[int, ...]]:
        """The scope of the whole block, and the world of it that each world here is in."""
        if self.parent is None:
            return self, tuple(range(self.size))
        top, up = self.parent.top()
        return top, tuple(up[w] for w in self.up)


@dataclass(eq=False)
class Slot:
    """A number of the code. `near` are slots that it probably follows from, `made` the expression that defines it."""

    values: Column
    scope: Scope
    what: str = "value"
    hint: syntax.Expr | None = None
    near: tuple[Slot, ...] = ()
    made: Expr | None = None
    fitted: Expr | None = None
    kept: bool = False  # said as in the spec even where it is the same everywhere: how often something is repeated

    def literal(self) -> Slot:
        """The same number, said as one: `forward` knows no parameters."""
        assert self.constant
        return Slot(self.values, self.scope, self.what, fitted=number(self.values[0]))

    @property
    def constant(self) -> bool:
        first = self.values[0]
        return all(v == first and type(v) is type(first) for v in self.values)

    def text(self) -> str:
        return str(self.expr())

    def expr(self) -> Expr:
        if self.fitted is None:
            self.fitted = self._fit()
            self.scope.use(self.fitted.names())
        return self.fitted

    # -- fitting

    def _fit(self) -> Expr:
        names = self.scope.visible()
        wanted = self.mentioned()
        if self.constant:
            for expr in self._said(names):
                if expr.names() and self._holds(expr, names):
                    return expr
            return number(self.values[0])
        for expr in self._candidates(names, wanted):
            if self._holds(expr, names):
                return expr
        return self._parameter()

    def _said(self, names: dict[str, Column]) -> Iterator[Expr]:
        """What a number that is the same everywhere is written as, in the spec or where the channels come from."""
        if self.made is not None:
            yield self.made
        yield from self._translations(names)
        if self.hint is None and self.what in ("in_channels", "width"):
            yield from (slot.expr() for slot in self.near if self._near(slot))

    def _candidates(self, names: dict[str, Column], wanted: list[str]) -> Iterator[Expr]:
        if self.made is not None:
            yield self.made
        others = [n for n in names if n not in wanted]
        params = [n for n in others if n != "in_channels"]
        yield from (name(n) for n in wanted)
        near = [s.expr() for s in self.near if s.values[0] is not None and self._near(s)]
        yield from near
        said = list(self._translations(names))
        yield from (expr for expr in said if _short(expr))
        for n in wanted:
            yield from self._simple(name(n), names[n])
        yield from said
        if self.what == "channels" and "channels" in names:  # a loop that adds what a parameter says
            steps = [n for n in params if self.scope.stays(n) and n != "channels"]
            yield from (infix("+", name("channels"), name(n)) for n in steps)
        yield from (name(n) for n in params)
        for expr in near:
            column = self._column(expr, names)
            if column is not None:
                yield from self._simple(expr, column)
        for n in (*params, "in_channels"):
            if n in names and n not in wanted:
                yield name(n)
                yield from self._simple(name(n), names[n])
        for written in self.scope.home.said() if self.scope.home is not None else ():
            yield from self._translations(names, written)
        yield from (either for n in names if (either := self._by_flag(n, names[n])) is not None)

    def _by_flag(self, flag: str, column: Column) -> Expr | None:
        """One number where a flag holds, another where it does not."""
        pairs = dict(zip(column, self.values, strict=True))
        if not all(isinstance(v, bool) for v in column) or pairs.keys() != {True, False}:
            return None
        return Expr("if", (name(flag), number(pairs[True]), number(pairs[False])))

    def _near(self, slot: Slot) -> bool:
        """Whether a slot can be said here: it is of this scope, or its expression is constant."""
        try:
            slot.expr()
        except Unfit:
            return False
        return True

    def _simple(self, expr: Expr, column: Column) -> Iterator[Expr]:
        """k e, e // k, e + k, e - k."""
        v, p = self.values[0], column[0]
        if not isinstance(v, int) or not isinstance(p, int) or isinstance(v, bool) or p == 0 or len(set(column)) < 2:
            return
        if v % p == 0 and v > p:
            yield infix("*", number(v // p), expr)
        if 0 < v < p:
            low, high = p // (v + 1) + 1, p // v
            fits = [k for k in (high, low) if all(c // k == w for c, w in zip(column, self.values, strict=True))]
            even = [k for k in fits if all(c % k == 0 for c in column)]
            yield from (infix("//", expr, number(k)) for k in (*even, *fits))
        if v > p:
            yield infix("+", expr, number(v - p))
        if v < p:
            yield infix("-", expr, number(p - v))

    def _translations(self, names: dict[str, Column], said: syntax.Expr | None = None) -> Iterator[Expr]:
        """What the spec says, in the names that are known here."""
        said = said or self.hint
        if said is None or self.scope.home is None:
            return
        lets = self.scope.home.lets
        fixed = self.scope.top()[0].fixed
        for whole in (True, False):

            def known(text: str, depth: int = 0, whole: bool = whole) -> Expr | None:
                if text in names:
                    return name(text) if self.kept or self.scope.stays(text) else number(names[text][0])
                if text in lets and depth < 4:
                    return translated(lets[text], lambda t: known(t, depth + 1), whole)
                return number(fixed[text]) if text in fixed else None

            with contextlib.suppress(Impossible):
                yield translated(said, known, whole)

    def _holds(self, expr: Expr, names: dict[str, Column]) -> bool:
        column = self._column(expr, names)
        return column is not None and all(map(_same, column, self.values))

    def _column(self, expr: Expr, names: dict[str, Column]) -> Column | None:
        needed = expr.names()
        if not needed <= names.keys():
            return None
        try:
            return tuple(value(expr, {n: names[n][w] for n in needed}) for w in range(self.scope.size))
        except Impossible:
            return None

    def mentioned(self) -> list[str]:
        """The names that the hint mentions, those of its `let`s too."""
        names = self.scope.visible()
        if self.hint is None:
            return []
        found: list[str] = []
        stack: list[syntax.Syntax] = [self.hint]
        seen: set[str] = set()
        while stack:
            for node in syntax.walk(stack.pop()):
                text = (
                    "in_channels"
                    if isinstance(node, syntax.Width)
                    else node.name
                    if isinstance(node, syntax.Ref)
                    else ""
                )
                if text in names and text not in found:
                    found.append(text)
                elif self.scope.home is not None and text in self.scope.home.lets and text not in seen:
                    seen.add(text)
                    stack.append(self.scope.home.lets[text])
        return found

    def _parameter(self) -> Expr:
        """A parameter of the block, for this number alone."""
        top, up = self.scope.top()
        column: list[Number] = [self.values[0]] * top.size
        given: dict[int, Number] = {}
        for world, v in zip(up, self.values, strict=True):
            if given.setdefault(world, v) != v:
                raise Unfit(self.what)
            column[world] = v
        if top.closed:
            raise Unfit(self.what)
        wished = self.hint.name if isinstance(self.hint, syntax.Ref) else self.what
        wished = "width" if wished == "in_channels" else wished
        wished = wished if usable(wished) else f"{wished}_"
        taken = top.visible()
        chosen, i = wished, 2
        while chosen in taken and taken[chosen] != tuple(column):
            chosen, i = f"{wished}_{i}", i + 1
        top.added[chosen] = tuple(column)
        return name(chosen)


def translations(scope: Scope, said: syntax.Expr) -> Iterator[Expr]:
    """What an expression of the spec may be in the names of a scope; its worth is not looked at."""
    yield from Slot((0,) * scope.size, scope)._translations(scope.visible(), said)


def _same(a: Number, b: Number) -> bool:
    """Whether two numbers are the same; a root may differ in its last digit."""
    return type(a) is type(b) and (a == b or (isinstance(a, float) and isclose(a, b, rel_tol=1e-14)))


def _short(expr: Expr) -> bool:
    """Whether an expression has one operator at most."""
    return all(item.head in ("name", "number") for item in expr.items) if expr.head != "name" else True
