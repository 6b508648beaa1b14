"""The program as written: one frozen class a construct, each with its span. Nothing is resolved here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from resdsl.diagnostics import Source, Span


@dataclass(frozen=True, slots=True, eq=False)
class Syntax:
    """A piece of text; two pieces are never equal, however alike they read."""

    span: Span


# -- flows and numbers share one grammar -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Number(Syntax):
    value: int | float


@dataclass(frozen=True, slots=True, eq=False)
class Text(Syntax):
    value: str


@dataclass(frozen=True, slots=True, eq=False)
class Flag(Syntax):
    value: bool


@dataclass(frozen=True, slots=True, eq=False)
class Width(Syntax):
    """`in`, the width of what enters the block."""


@dataclass(frozen=True, slots=True, eq=False)
class Ref(Syntax):
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Arg(Syntax):
    name: str | None
    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Call(Syntax):
    name: str
    args: tuple[Arg, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Chain(Syntax):
    """`a -> b -> c`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Infix(Syntax):
    """`a + b - c` or `a * b // c`: worked from the left; operators[i] stands before items[i + 1]."""

    items: tuple[Expr, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Power(Syntax):
    """`a ** b ** c`: worked from the right."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Negative(Syntax):
    item: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Compare(Syntax):
    left: Expr
    operator: str
    right: Expr


@dataclass(frozen=True, slots=True, eq=False)
class AnyOf(Syntax):
    """`a or b`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AllOf(Syntax):
    """`a and b`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Negation(Syntax):
    """`not a`."""

    item: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Concat(Syntax):
    """`a ++ b ++ c`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Labelled(Syntax):
    """`label: item`; the label covers the next term only."""

    label: str
    item: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Index(Syntax):
    """`item[i][j]`."""

    item: Expr
    indices: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class List(Syntax):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Each(Syntax):
    """`[item for name in over]`."""

    item: Expr
    name: str
    over: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Repeat(Syntax):
    """`repeat times as index { body }`."""

    times: Expr
    index: str | None
    body: Body


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Syntax):
    """`if conditions[0] { bodies[0] } else if ... else { bodies[-1] }`."""

    conditions: tuple[Expr, ...]
    bodies: tuple[Body, ...]


# -- lines -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Let(Syntax):
    name: str
    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Default(Syntax):
    name: str
    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Fact(Syntax):
    """`layers = 18`, `macs = 1.81G`: digits as written."""

    name: str
    digits: str


@dataclass(frozen=True, slots=True, eq=False)
class Expect(Syntax):
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Order(Syntax):
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Section(Syntax):
    """`name { flow }`."""

    name: str
    flow: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Body(Syntax):
    lines: tuple[Line, ...]


Expr = (
    Number | Text | Flag | Width | Ref | Call | Chain | Infix | Power | Negative | Compare | AnyOf | AllOf | Negation
    | Concat | Labelled | Index | List | Each | Repeat | Choice
)  # fmt: skip
Line = Let | Default | Expect | Order | Section | Expr


# -- definitions -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Param(Syntax):
    name: str
    default: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Block(Syntax):
    name: str
    params: tuple[Param, ...]
    body: Body
    doc: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Function(Syntax):
    name: str
    params: tuple[Param, ...]
    body: Body
    doc: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Input(Syntax):
    """`input 3 x 224 x 224`: channels, then positions along each axis."""

    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Model(Syntax):
    name: str
    params: tuple[Param, ...]
    input: Input
    body: Body
    doc: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Variant(Syntax):
    """`model name = base(args) { lines }`: only the differences from its base."""

    name: str
    base: Ref
    args: tuple[Arg, ...]
    input: Input | None
    body: Body
    doc: tuple[str, ...]


Definition = Block | Function | Model | Variant


@dataclass(frozen=True, slots=True, eq=False)
class Import(Syntax):
    path: str


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """A whole file; `doc` is the comment at its head."""

    source: Source
    doc: tuple[str, ...]
    imports: tuple[Import, ...]
    definitions: tuple[Definition, ...]


# -- walking ---------------------------------------------------------------------------------------------------


def children(node: Syntax) -> Iterator[Syntax]:
    """The pieces directly inside a piece, in the order of the text."""
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, Syntax):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Syntax))


def walk(node: Syntax) -> Iterator[Syntax]:
    """A piece and all inside it, in the order of the text, without recursion."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))


def opening(line: Line) -> Expr | Line:
    """What a line opens with: its leftmost term."""
    while isinstance(line, Chain | Infix | Concat | Power | AnyOf | AllOf):
        line = line.items[0]
    if isinstance(line, Compare):
        return opening(line.left)
    return line
