"""The program as written: one frozen record a construct, each with its span. Nothing is resolved here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from resdsl.diagnostics import Source, Span
from resdsl.record import Record


class Syntax(Record):
    """A piece of text; two pieces are never equal, however alike they read."""

    span: Span

    @cached_property
    def pieces(self) -> tuple[Syntax, ...]:
        """What `walk` gives, kept: of a definition, which many look through."""
        return tuple(walk(self))

    @cached_property
    def reads(self) -> frozenset[str]:
        """Every name that the piece reads: of values and blocks, in labels and `order` lines."""
        names: set[str] = set()
        for node in walk(self):
            if isinstance(node, Ref | Call):
                names.add(node.name)
            elif isinstance(node, Order):
                names.update(node.names)
            elif isinstance(node, Labelled) and "{" in node.label:
                names.add(node.label[node.label.index("{") + 1 : node.label.index("}")])
        return frozenset(names)


# -- flows and numbers share one grammar -----------------------------------------------------------------------


class Number(Syntax):
    value: int | float


class Text(Syntax):
    value: str


class Flag(Syntax):
    value: bool


class Width(Syntax):
    """`in`, the width of what enters the block."""


class Ref(Syntax):
    name: str


class Arg(Syntax):
    name: str | None
    value: Expr


class Call(Syntax):
    name: str
    args: tuple[Arg, ...]


class Chain(Syntax):
    """`a -> b -> c`."""

    items: tuple[Expr, ...]


class Infix(Syntax):
    """`a + b - c` or `a * b // c`: worked from the left; operators[i] stands before items[i + 1]."""

    items: tuple[Expr, ...]
    operators: tuple[str, ...]


class Power(Syntax):
    """`a ** b ** c`: worked from the right."""

    items: tuple[Expr, ...]


class Negative(Syntax):
    item: Expr


class Compare(Syntax):
    left: Expr
    operator: str
    right: Expr


class AnyOf(Syntax):
    """`a or b`."""

    items: tuple[Expr, ...]


class AllOf(Syntax):
    """`a and b`."""

    items: tuple[Expr, ...]


class Negation(Syntax):
    """`not a`."""

    item: Expr


class Concat(Syntax):
    """`a ++ b ++ c`."""

    items: tuple[Expr, ...]


class Labelled(Syntax):
    """`label: item`; the label covers the next term only."""

    label: str
    item: Expr


class Index(Syntax):
    """`item[i][j]`."""

    item: Expr
    indices: tuple[Expr, ...]


class List(Syntax):
    items: tuple[Expr, ...]


class Each(Syntax):
    """`[item for name in over]`."""

    item: Expr
    name: str
    over: Expr


class Repeat(Syntax):
    """`repeat times as index { body }`."""

    times: Expr
    index: str | None
    body: Body


class Choice(Syntax):
    """`if conditions[0] { bodies[0] } else if ... else { bodies[-1] }`."""

    conditions: tuple[Expr, ...]
    bodies: tuple[Body, ...]


# -- lines -----------------------------------------------------------------------------------------------------


class Let(Syntax):
    name: str
    value: Expr


class Default(Syntax):
    name: str
    value: Expr


class Fact(Syntax):
    """`layers = 18`, `macs = 1.81G`: digits as written."""

    name: str
    digits: str


class Expect(Syntax):
    facts: tuple[Fact, ...]


class Order(Syntax):
    names: tuple[str, ...]


class Rename(Syntax):
    """`"*.se_module.*" = "*.se.*"`: what is published under one pattern of names has the other here."""

    published: Text
    own: Text


class Keys(Syntax):
    renames: tuple[Rename, ...]


class Section(Syntax):
    """`name { flow }`."""

    name: str
    flow: Expr


class Body(Syntax):
    lines: tuple[Line, ...]


Expr = (
    Number | Text | Flag | Width | Ref | Call | Chain | Infix | Power | Negative | Compare | AnyOf | AllOf | Negation
    | Concat | Labelled | Index | List | Each | Repeat | Choice
)  # fmt: skip
Line = Let | Default | Expect | Order | Keys | Section | Expr


# -- definitions -----------------------------------------------------------------------------------------------


class Param(Syntax):
    name: str
    default: Expr | None


class Block(Syntax):
    name: str
    params: tuple[Param, ...]
    body: Body
    doc: tuple[str, ...]


class Function(Syntax):
    name: str
    params: tuple[Param, ...]
    body: Body
    doc: tuple[str, ...]


class Input(Syntax):
    """`input 3 x 224 x 224`: channels, then positions along each axis."""

    shape: tuple[int, ...]


class Model(Syntax):
    name: str
    params: tuple[Param, ...]
    input: Input
    body: Body
    doc: tuple[str, ...]


class Variant(Syntax):
    """`model name = base(args) { lines }`: only the differences from its base."""

    name: str
    base: Ref
    args: tuple[Arg, ...]
    input: Input | None
    body: Body
    doc: tuple[str, ...]


Definition = Block | Function | Model | Variant


class Import(Syntax):
    path: str


class File(Record):
    """A whole file; `doc` is the comment at its head."""

    source: Source
    doc: tuple[str, ...]
    imports: tuple[Import, ...]
    definitions: tuple[Definition, ...]


# -- walking ---------------------------------------------------------------------------------------------------


def children(node: Syntax) -> list[Syntax]:
    """The pieces directly inside a piece, in the order of the text."""
    found: list[Syntax] = []
    for name in node.fields:
        value = getattr(node, name)
        if isinstance(value, Syntax):
            found.append(value)
        elif isinstance(value, tuple):
            found += [item for item in value if isinstance(item, Syntax)]
    return found


def walk(node: Syntax) -> Iterator[Syntax]:
    """A piece and all inside it, in the order of the text, without recursion."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def names_in(*nodes: Syntax) -> frozenset[str]:
    """Every name that pieces of text read."""
    return frozenset[str]().union(*(node.reads for node in nodes))


def opening(line: Line) -> Expr | Line:
    """What a line opens with: its leftmost term."""
    while isinstance(line, Chain | Infix | Concat | Power | AnyOf | AllOf):
        line = line.items[0]
    if isinstance(line, Compare):
        return opening(line.left)
    return line
