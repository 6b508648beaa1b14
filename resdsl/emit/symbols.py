"""Numbers of the generated code as expressions in names: worked out, translated from the spec, and printed.

They are Python's: `//` and `/` as Python has them. An expression is only printed where it gives, for every block that
shares the code, the number that the block has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

from resdsl import syntax

Number = int | float
Values = Mapping[str, Number]
_FUNCTIONS: dict[str, Callable[..., Number]] = {"min": min, "max": max, "round": round, "abs": abs}
_RANK = {"or": 1, "and": 2, "not": 3, "<": 4, "+": 5, "-": 5, "*": 6, "//": 6, "/": 6, "%": 6, "**": 8}


class Impossible(Exception):
    """The expression has no Python counterpart, or no value."""


@dataclass(frozen=True)
class Expr:
    """`head` is an operator, a function or "if"; a leaf is a number or a name."""

    head: str
    items: tuple[Expr, ...] = ()
    number: Number = 0

    def names(self) -> set[str]:
        if self.head == "name":
            return {self.items[0].head}
        return {name for item in self.items for name in item.names()}

    def __str__(self) -> str:
        return show(self)


def number(value: Number) -> Expr:
    return Expr("number", (), value)


def name(text: str) -> Expr:
    return Expr("name", (Expr(text),))


def infix(operator: str, left: Expr, right: Expr) -> Expr:
    """The expression, without what changes nothing."""
    if left.head == right.head == "number" and not (operator == "**" and isinstance(left.number, float)):
        try:
            return number(_work(operator, [left.number, right.number]))
        except Impossible:
            return Expr(operator, (left, right))
    if operator in ("*", "//") and right == number(1):
        return left
    if operator == "*" and left == number(1):
        return right
    if operator in ("+", "-") and right == number(0):
        return left
    if operator == "+" and left == number(0):
        return right
    if operator == "+" and right.head == "+":  # no brackets on the right; numbers are compared afterwards
        return infix("+", infix("+", left, right.items[0]), right.items[1])
    if operator == left.head == "+":  # terms that are alike go together, where the first of them is
        first, last = left.items
        if _alike(last, right):
            return infix("+", first, infix("+", last, right))
        if any(_alike(term, right) for term in _terms(first)):
            return infix("+", infix("+", first, right), last)
    (times, term), (factor, rest) = _factored(left), _factored(right if operator in ("+", "*") else left)
    if operator == "+" and _alike(left, right):
        return infix("*", number(times + factor), term)
    if operator == "*" and _whole(left) and factor != 1:
        return infix("*", number(left.number * factor), rest)
    if operator == left.head == "//" and _positive(left.items[1]) and _positive(right):
        return infix("//", left.items[0], number(left.items[1].number * right.number))
    if operator == "//" and _positive(right) and factor != 1 and factor % right.number == 0:
        return infix("*", number(factor // right.number), rest)
    return Expr(operator, (left, right))


def _whole(expr: Expr) -> bool:
    return expr.head == "number" and type(expr.number) is int


def _positive(expr: Expr) -> bool:
    return _whole(expr) and expr.number > 0


def _terms(expr: Expr) -> list[Expr]:
    return [*_terms(expr.items[0]), expr.items[1]] if expr.head == "+" else [expr]


def _alike(a: Expr, b: Expr) -> bool:
    """Whether two terms are multiples of one."""
    term = _factored(a)[1]
    return term == _factored(b)[1] and term.head != "number"


def _factored(expr: Expr) -> tuple[int, Expr]:
    """k and e of k * e, k a whole number."""
    if expr.head == "*" and _whole(expr.items[0]):
        return int(expr.items[0].number), expr.items[1]
    return 1, expr


def value(expr: Expr, values: Values) -> Number:
    """What an expression is worth. Raises Impossible."""
    match expr.head:
        case "number":
            return expr.number
        case "name":
            return values[expr.items[0].head]
        case "if":
            return value(expr.items[1 if value(expr.items[0], values) else 2], values)
        case "and":
            return all(value(item, values) for item in expr.items)
        case "or":
            return any(value(item, values) for item in expr.items)
        case _:
            return _work(expr.head, [value(item, values) for item in expr.items])


def _work(head: str, v: list[Number]) -> Number:
    try:
        match head:
            case "not":
                return not v[0]
            case "+" | "-" if len(v) == 2:
                return v[0] + v[1] if head == "+" else v[0] - v[1]
            case "-":
                return -v[0]
            case "*":
                return v[0] * v[1]
            case "//":
                return v[0] // v[1]
            case "/":
                return v[0] / v[1]
            case "%":
                return v[0] % v[1]
            case "**":
                if abs(v[1]) > 64:
                    raise Impossible
                result: Number = v[0] ** v[1]
                if isinstance(result, complex):
                    raise Impossible
                return result
            case "==" | "!=":
                return (v[0] == v[1]) == (head == "==")
            case "<" | "<=":
                return v[0] < v[1] if head == "<" else v[0] <= v[1]
            case ">" | ">=":
                return v[0] > v[1] if head == ">" else v[0] >= v[1]
            case _:
                return _FUNCTIONS[head](*v)
    except (ArithmeticError, KeyError, TypeError, ValueError):
        raise Impossible from None


def literal(value: Number) -> str:
    """A number as Python writes it; only finite ones."""
    if isinstance(value, float) and not isfinite(value):
        raise Impossible
    return repr(value)


def show(expr: Expr, rank: int = 0) -> str:
    """Python's text, with as few brackets as it allows."""
    match expr.head:
        case "number":
            text = literal(expr.number)
            return f"({text})" if text.startswith("-") and rank > 5 else text
        case "name":
            return expr.items[0].head
        case "if":
            text = f"{show(expr.items[1], 1)} if {show(expr.items[0], 1)} else {show(expr.items[2], 0)}"
            return f"({text})" if rank else text
        case head if head in _FUNCTIONS:
            return f"{head}({', '.join(show(item) for item in expr.items)})"
        case "not":
            return f"not {show(expr.items[0], 3)}"
        case "-" if len(expr.items) == 1:
            return f"-{show(expr.items[0], 7)}"
        case head:
            own = _RANK.get(head, 4)
            if head == "**":
                left, right = show(expr.items[0], 9), show(expr.items[1], 8)
                simple = all(item.head in ("name", "number") for item in expr.items)
                text = f"{left}**{right}" if simple else f"{left} ** {right}"
            else:
                shown = [show(item, own + (i > 0 and own > 2)) for i, item in enumerate(expr.items)]
                text = f" {head} ".join(shown)
            return f"({text})" if own < rank else text


def translated(expr: syntax.Expr, names: Callable[[str], Expr | None], whole: bool = True) -> Expr:
    """An expression of the spec; `whole` reads its `/` as `//`, where it divides evenly. Raises Impossible."""

    def again(e: syntax.Expr) -> Expr:
        return translated(e, names, whole)

    match expr:
        case syntax.Number():
            return number(expr.value)
        case syntax.Width():
            return _named("in_channels", names)
        case syntax.Ref():
            return _named(expr.name, names)
        case syntax.Infix():
            result = again(expr.items[0])
            for operator, item in zip(expr.operators, expr.items[1:], strict=True):
                result = infix("//" if operator == "/" and whole else operator, result, again(item))
            return result
        case syntax.Power(items=(base, exponent)):
            return infix("**", again(base), again(exponent))
        case syntax.Negative():
            return Expr("-", (again(expr.item),))
        case syntax.Compare():
            return _settled(Expr(expr.operator, (again(expr.left), again(expr.right))))
        case syntax.AnyOf() | syntax.AllOf():
            return _settled(
                Expr("or" if isinstance(expr, syntax.AnyOf) else "and", tuple(again(item) for item in expr.items))
            )
        case syntax.Negation():
            return _settled(Expr("not", (again(expr.item),)))
        case syntax.Choice(conditions=(condition,), bodies=(syntax.Body(lines=(a,)), syntax.Body(lines=(b,)))):
            return Expr("if", (again(condition), _expression(a, again), _expression(b, again)))
        case syntax.Call(name="floor", args=(argument,)) if whole:
            return again(argument.value)
        case syntax.Call(name="sqrt", args=(argument,)):
            return infix("**", again(argument.value), number(0.5))
        case syntax.Call() if expr.name in _FUNCTIONS:
            return Expr(expr.name, tuple(again(argument.value) for argument in expr.args))
        case _:
            raise Impossible


def _settled(expr: Expr) -> Expr:
    """A condition, without the parts that are the same whatever happens."""
    if all(item.head == "number" for item in expr.items):
        return number(value(expr, {}))
    if expr.head not in ("and", "or"):
        return expr
    idle, decisive = (True, False) if expr.head == "and" else (False, True)
    fixed = [bool(item.number) for item in expr.items if item.head == "number"]
    if decisive in fixed:
        return number(decisive)
    kept = tuple(item for item in expr.items if item.head != "number" or bool(item.number) != idle)
    return kept[0] if len(kept) == 1 else Expr(expr.head, kept)


def _expression(line: syntax.Line, again: Callable[[syntax.Expr], Expr]) -> Expr:
    if isinstance(line, syntax.Let | syntax.Default | syntax.Expect | syntax.Order | syntax.Keys | syntax.Section):
        raise Impossible
    return again(line)


def _named(text: str, names: Callable[[str], Expr | None]) -> Expr:
    found = names(text)
    if found is None:
        raise Impossible
    return found
