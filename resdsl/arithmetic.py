"""Numbers: whole ones are exact and bounded, others finite; `/` is whole only where it comes out even."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from resdsl.limits import DEFAULT
from resdsl.ops import spoken

_LARGEST = 10**DEFAULT.digits


class Impossible(Exception):
    """There is no such number; the elaborator adds the place."""

    def __init__(self, message: str, fix: str | None = None, code: str = "E0401") -> None:
        super().__init__(message)
        self.message, self.fix, self.code = message, fix, code


def _checked(value: Any) -> Any:
    if isinstance(value, bool | str | tuple):
        return value
    if isinstance(value, int) and abs(value) >= _LARGEST:
        raise _too_long()
    if isinstance(value, complex):
        raise Impossible("a root of a negative number", "`abs(x)` has its size", code="E0404")
    if isinstance(value, float) and not math.isfinite(value):
        raise _infinite()
    return value


def _too_long() -> Impossible:
    fix = "write one of the numbers as a float, such as `1e9`, if it need not be exact"
    return Impossible(f"the result has more than {DEFAULT.digits} digits", fix, "E0404")


def _infinite() -> Impossible:
    return Impossible("the result is larger than any float: 1.8e308 is the largest", "take smaller numbers", "E0404")


def _no_quotient(operator: str) -> Impossible:
    return Impossible(
        "a division by zero", f"see that what stands after `{operator}` is not 0, as with `max(1, ...)`", "E0404"
    )


def _number(value: Any, operator: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        joins = isinstance(value, tuple) and operator == "+"
        fix = "write `++` to join lists" if joins else f"put a number on both sides of `{operator}`"
        raise Impossible(f"`{operator}` works on numbers, not on {spoken(value)}", fix)
    return value


def _divided(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return a // b
    return a / b


_INFIX: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
}


def infix(values: Sequence[Any], operators: Sequence[str]) -> Any:
    """a + b - c, from the left."""
    result = _number(values[0], operators[0])
    for operator, value in zip(operators, values[1:], strict=True):
        value = _number(value, operator)
        if operator in ("/", "//", "%") and value == 0:
            raise _no_quotient(operator)
        try:
            result = _checked(_INFIX[operator](result, value))
        except OverflowError:
            raise _infinite() from None
    return result


def power(values: Sequence[Any]) -> Any:
    """a ** b ** c, from the right."""
    result = _number(values[-1], "**")
    for base in reversed(values[:-1]):
        base = _number(base, "**")
        if base == 0 and result < 0:
            raise Impossible("0 to a negative power: a division by zero", "take another base than 0", "E0404")
        if (
            isinstance(base, int)
            and isinstance(result, int)
            and abs(base) > 1
            and result * math.log10(abs(base)) > DEFAULT.digits
        ):
            raise _too_long()
        try:
            result = _checked(base**result)
        except OverflowError:
            raise _infinite() from None
    return result


def negative(value: Any) -> Any:
    return -_number(value, "-")


def compare(a: Any, operator: str, b: Any) -> bool:
    """Equality of values of one kind, order of numbers."""
    kinds = [bool if isinstance(v, bool) else float if isinstance(v, int | float) else type(v) for v in (a, b)]
    if kinds[0] is not kinds[1]:
        what = f"{spoken(a)} and {spoken(b)} cannot be compared: they are of different kinds"
        raise Impossible(what, "compare a number with a number, a text with a text, a flag with a flag")
    if operator in ("==", "!="):
        return bool((a == b) == (operator == "=="))
    if kinds[0] is not float:
        what = f"`{operator}` orders numbers, not {spoken(a)} and {spoken(b)}"
        raise Impossible(what, "`==` and `!=` compare values of any kind")
    return bool({"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[operator])


def joined(values: Sequence[Any]) -> Any:
    """Lists end to end."""
    for value in values:
        if not isinstance(value, tuple):
            raise Impossible(
                f"`++` joins lists, and this is {spoken(value)}", f"write it as a list: `[{spoken(value)}]`"
            )
    if sum(map(len, values)) > DEFAULT.items:
        raise Impossible(
            f"a list of more than {DEFAULT.items:,} items", "`repeat` runs a body any number of times", "E0405"
        )
    return tuple(item for value in values for item in value)


# -- functions -------------------------------------------------------------------------------------------------


def _numbers(name: str, values: Sequence[Any]) -> list[Any]:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float):
            fix = "take an item of the list, as in `xs[0]`" if isinstance(value, tuple) else "give it a number"
            raise Impossible(f"`{name}` takes numbers, not {spoken(value)}", fix)
    return list(values)


def _each(name: str, values: Sequence[Any]) -> list[Any]:
    """The numbers, or the numbers of the one list."""
    if len(values) == 1 and isinstance(values[0], tuple):
        values = values[0]
    if not values:
        raise Impossible(f"`{name}` of no numbers", f"give it one at least: `{name}(0, ...)`")
    return _numbers(name, values)


def _list(name: str, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        raise Impossible(f"`{name}` takes a list, not {spoken(value)}", f"write it as a list: `[{spoken(value)}]`")
    return value


def _logarithm(x: float, base: float) -> float:
    if x <= 0 or base <= 0 or base == 1:
        what = f"there is no logarithm of {spoken(x)} to the base {spoken(base)}"
        raise Impossible(what, "both must be above 0, and the base not 1", "E0404")
    if base == 2:
        return math.log2(x)
    return math.log(x) / math.log(base)


def _root(x: float) -> float:
    if x < 0:
        raise Impossible(f"there is no square root of {spoken(x)}", "`abs(x)` has its size", "E0404")
    return math.sqrt(x)


def _range(*bounds: Any) -> tuple[int, ...]:
    for bound in bounds:
        if isinstance(bound, bool) or not isinstance(bound, int):
            raise Impossible(f"`range` takes whole numbers, not {spoken(bound)}", "write `floor` or `//`")
    if len(bounds) == 3 and bounds[2] == 0:
        raise Impossible("`range` cannot step by 0", "step by 1 or more, or by -1 or less to count down", "E0404")
    numbers = range(*bounds)
    check_items(len(numbers))
    return tuple(numbers)


def check_items(count: int) -> None:
    """Refuse a list that is longer than the limit."""
    if count > DEFAULT.items:
        what = f"a list of {count:,} items; {DEFAULT.items:,} are the most"
        raise Impossible(what, "`repeat` runs a body any number of times, each with its own weights", "E0405")


def _whole(value: Any) -> Any:
    return value if isinstance(value, int) else int(value)


# name -> (fewest arguments, most, what it computes)
FUNCTIONS: dict[str, tuple[int, int, Callable[..., Any]]] = {
    "floor": (1, 1, lambda x: _whole(math.floor(*_numbers("floor", [x])))),
    "ceil": (1, 1, lambda x: _whole(math.ceil(*_numbers("ceil", [x])))),
    "round": (1, 1, lambda x: _whole(round(*_numbers("round", [x])))),  # half to even
    "abs": (1, 1, lambda x: abs(*_numbers("abs", [x]))),
    "sqrt": (1, 1, lambda x: _root(*_numbers("sqrt", [x]))),
    "log": (1, 2, lambda x, base=math.e: _logarithm(*_numbers("log", [x, base]))),
    "log2": (1, 1, lambda x: _logarithm(_numbers("log2", [x])[0], 2)),
    "exp": (1, 1, lambda x: math.exp(*_numbers("exp", [x]))),
    "min": (1, 64, lambda *v: min(_each("min", v))),
    "max": (1, 64, lambda *v: max(_each("max", v))),
    "sum": (1, 1, lambda v: infix([0, *_list("sum", v)], "+" * len(_list("sum", v))) if v else 0),
    "len": (1, 1, lambda v: len(_list("len", v))),
    "range": (1, 3, _range),
    "distinct": (1, 1, lambda v: tuple(dict.fromkeys(_list("distinct", v)))),
    "count": (2, 2, lambda v, x: _list("count", v).count(x)),
    "reversed": (1, 1, lambda v: tuple(reversed(_list("reversed", v)))),
}


def call(name: str, values: Sequence[Any]) -> Any:
    """The value of a function that is part of the language. Raises Impossible."""
    fewest, most, work = FUNCTIONS[name]
    if not fewest <= len(values) <= most:
        wanted = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        what = f"`{name}` takes {wanted} argument{'s' * (most != 1)}, and gets {len(values)}"
        raise Impossible(what, "leave one out" if len(values) > most else "add what is missing", "E0204")
    try:
        return _checked(work(*values))
    except OverflowError:
        raise _infinite() from None
