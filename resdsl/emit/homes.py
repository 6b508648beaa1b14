"""Where a block is written: the syntax behind its nodes, found by their places.

It says which branch of which `if` a node stands in, which term of a sum may be `none`, and what expression an argument
was written as. These are hints: what is printed from them is checked against the numbers of the graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from resdsl import graph, syntax
from resdsl.elaborate import flatten
from resdsl.scope import Defined, Scope


@dataclass(frozen=True)
class Branch:
    """A body of an `if`, by the number of the `if` in its home."""

    choice: int
    body: int


@dataclass
class Home:
    """The text of one block, or of one model with its variants."""

    sources: frozenset[str]
    roots: tuple[syntax.Syntax, ...]
    choices: list[syntax.Choice] = field(default_factory=list)
    lets: dict[str, syntax.Expr] = field(default_factory=dict)
    defaults: dict[str, syntax.Expr] = field(default_factory=dict)
    by_place: dict[tuple[str, int, int], syntax.Syntax] = field(default_factory=dict)
    given: list[syntax.Expr] = field(default_factory=list)
    terms: dict[tuple[str, int, int], syntax.Expr] = field(default_factory=dict)
    maybe: dict[tuple[str, int, int], syntax.Infix | syntax.Concat] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for root in self.roots:
            for node in syntax.walk(root):
                self._note(node)

    def _note(self, node: syntax.Syntax) -> None:
        key = place(node)
        if isinstance(node, syntax.Call | syntax.Ref | syntax.Repeat | syntax.Infix):
            self.by_place[key] = node
        if isinstance(node, syntax.Choice):
            self.choices.append(node)
        elif isinstance(node, syntax.Let):
            self.lets[node.name] = node.value
        elif isinstance(node, syntax.Default):
            self.given += [a.value for call in syntax.walk(node) if isinstance(call, syntax.Call) for a in call.args]
        elif isinstance(node, syntax.Param) and node.default is not None:
            self.defaults[node.name] = node.default
        if isinstance(node, syntax.Infix):
            self.terms |= {place(item): item for item in node.items}
        if isinstance(node, syntax.Infix | syntax.Concat):
            terms = [unlabelled(item) for item in node.items]
            if any(isinstance(t, syntax.Choice) and none_body(t) is not None for t in terms):
                self.maybe |= {place(t): node for t in terms}

    def said(self) -> Iterator[syntax.Expr]:
        """The numbers that have a name, and those that a `default` gives to what it calls."""
        yield from self.lets.values()
        yield from self.given

    def entered(self, at: tuple[str, int, int], inside: frozenset[Branch]) -> list[Branch]:
        """The branches that a place stands in and its surroundings do not, the outermost first."""
        found = []
        for number, choice in enumerate(self.choices):
            if not _within(at, choice):
                continue
            for k, body in enumerate(choice.bodies):
                if _within(at, body) and Branch(number, k) not in inside:
                    found.append((choice.span.end - choice.span.start, Branch(number, k)))
        return [branch for _, branch in sorted(found, key=lambda pair: -pair[0])]

    def argument(self, at: tuple[str, int, int], name: str, order: tuple[str, ...]) -> syntax.Expr | None:
        """The expression that a call at a place gives to a parameter of a callee with these parameters."""
        call = self.by_place.get(at)
        if not isinstance(call, syntax.Call):
            return None
        for i, arg in enumerate(call.args):
            if arg.name == name or (arg.name is None and i < len(order) and order[i] == name):
                return arg.value
        return None


def place(node: syntax.Syntax) -> tuple[str, int, int]:
    return node.span.source.name, node.span.start, node.span.end


def _within(at: tuple[str, int, int], node: syntax.Syntax) -> bool:
    source, start, end = place(node)
    return at[0] == source and start <= at[1] and at[2] <= end


def unlabelled(term: syntax.Expr) -> syntax.Expr:
    return unlabelled(term.item) if isinstance(term, syntax.Labelled) else term


def none_body(choice: syntax.Choice) -> int | None:
    """Which branch of an `if` is `none`, if one is."""
    found = [
        k
        for k, body in enumerate(choice.bodies)
        if len(body.lines) == 1 and isinstance(body.lines[0], syntax.Ref) and body.lines[0].name == "none"
    ]
    return found[0] if len(found) == 1 else None


def homes(model: Defined, program: graph.Program) -> list[Home]:
    """The home of each definition of a program."""
    blocks = {
        (d.span.source.name, d.name, d.span.source.position(d.span.start)[0]): d
        for d in _definitions(model.scope, {})
        if isinstance(d, syntax.Block)
    }
    flat = flatten(model)
    found = []
    for definition in program.definitions:
        if definition.kind == "block":
            roots: tuple[syntax.Syntax, ...] = (
                blocks[program.sources[definition.source], definition.name, definition.line],
            )
        else:
            roots = tuple(line for line, _ in flat.lines)
        found.append(Home(frozenset(r.span.source.name for r in roots), roots))
    return found


def _definitions(scope: Scope, seen: dict[int, Scope]) -> Iterator[syntax.Definition]:
    stack = [scope]
    while stack:
        scope = stack.pop()
        if id(scope) in seen:
            continue
        seen[id(scope)] = scope
        for defined in (*scope.names.values(), *scope.prelude.names.values()):
            yield defined.definition
            stack.append(defined.scope)
