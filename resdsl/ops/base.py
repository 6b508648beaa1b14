"""What an op is: named arguments, a shape rule, a cost rule, a short label; together, on one frozen class.

Shapes are C x H x W without the batch axis: (64, 56, 56); (2048,) is a vector. A list of flows has a tuple of shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from math import isfinite, prod
from operator import attrgetter
from typing import Any, ClassVar, Literal, TypeAlias, dataclass_transform

from resdsl.limits import DEFAULT
from resdsl.record import Record

Shape: TypeAlias = tuple[int, ...]
Type: TypeAlias = tuple[int, ...] | tuple[tuple[int, ...], ...]  # one tensor, or a list of them
Kind = Literal[
    "size", "count", "sizes", "flag", "real", "rate", "bias", "factor", "padding", "choice", "value", "parts"
]

OPS: dict[str, type[Op]] = {}


class Refused(Exception):
    """An op cannot take these arguments or this input; the elaborator adds the places."""

    def __init__(self, code: str, message: str, argument: str | None = None, fix: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.argument, self.fix = code, message, argument, fix


def dividing(channels: int, asked: int) -> str:
    """What to do where a number of groups does not divide some channels: the nearest numbers that do."""
    least = next((n for n in range(min(asked, channels), 0, -1) if channels % n == 0), 1)
    most = next((n for n in range(max(asked, 1), channels + 1) if channels % n == 0), channels)
    near = str(least) if least == most else f"{least} or {most}"
    return f"{near} would do for {channels} channels; or make them a multiple of {asked}"


def is_list(x: Type) -> bool:
    """Whether a type is that of a list of tensors."""
    return bool(x) and isinstance(x[0], tuple)


def shapes(x: Type) -> tuple[Shape, ...]:
    """The shapes of a type: one for a tensor, several for a list."""
    return x if is_list(x) else (x,)  # type: ignore[return-value]


def show(x: Type) -> str:
    """`64 x 56 x 56`, or `[64 x 56 x 56, 128 x 28 x 28]`."""
    if is_list(x):
        return "[" + ", ".join(show(shape) for shape in shapes(x)) + "]"
    return " x ".join(map(str, x))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a part costs for one input. Sums add; a repeat multiplies. All are exact integers.

    params        learned parameters
    buffers       elements of buffers: running mean and variance, and `num_batches_tracked`
    macs          multiply-accumulates of convolutions and linear layers with learned weights
    macs_fixed    multiply-accumulates with fixed filters (blur)
    macs_product  multiply-accumulates of two activations (a weighted pool)
    norm .. product  element-wise work, in elements: of the output; for `pool`, of the input
    activations   elements of convolution outputs, as pycls counts them
    layers_all    convolutions and linear layers, wherever they stand
    """

    params: int = 0
    buffers: int = 0
    macs: int = 0
    macs_fixed: int = 0
    macs_product: int = 0
    norm: int = 0
    activation: int = 0
    pool: int = 0
    resample: int = 0
    addition: int = 0
    product: int = 0
    activations: int = 0
    layers_all: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(a + b for a, b in zip(self.numbers(), other.numbers(), strict=True)))

    def __mul__(self, count: int) -> Cost:
        return Cost(*(count * a for a in self.numbers()))

    def numbers(self) -> tuple[int, ...]:
        return _numbers(self)


COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(Cost))
_numbers: Callable[[Cost], tuple[int, ...]] = attrgetter(*COLUMNS)
ELEMENTWISE = ("norm", "activation", "pool", "resample", "addition", "product")
NOTHING = Cost()


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of costs."""
    return Cost(*map(sum, zip(NOTHING.numbers(), *(c.numbers() for c in costs), strict=True)))


@dataclass(frozen=True, slots=True)
class Value:
    """A named flow given as an argument: what it is called, and its type."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor that an op keeps, by its name in PyTorch."""

    name: str
    shape: Shape
    kind: Literal["parameter", "buffer"] = "parameter"


class Argument:
    """What an argument of an op takes, and its default."""

    def __init__(self, kind: Kind, default: Any, choices: tuple[str, ...]) -> None:
        self.kind, self.default, self.choices = kind, default, choices


NEEDED = object()  # the default of an argument without one


def argument(kind: Kind, default: Any = NEEDED, choices: tuple[str, ...] = ()) -> Any:
    """Declare an argument of an op."""
    return Argument(kind, default, choices)


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(argument,))
class Op(Record):
    """A primitive. `name` is its word in the language, `stem` its attribute in the code where it has no label."""

    name: ClassVar[str] = ""
    stem: ClassVar[str] = ""
    takes_list: ClassVar[bool] = False  # works on a list of flows as a whole, not on each
    weighted: ClassVar[bool] = False  # has learned weights: on a list, all items share them
    of_channels: ClassVar[bool] = False  # has no weights, but is made for so many channels
    anywhere: ClassVar[bool] = False  # one module does for any number of axes
    gate: ClassVar[bool] = False  # its output weighs another flow: a factor between 0 and 1
    passes: ClassVar[bool] = False  # every number that enters leaves it, unchanged
    layer: ClassVar[bool] = False  # counts as a layer where depth is counted: convolutions and linear layers

    declared: ClassVar[dict[str, Argument]] = {}  # its arguments, in order
    needed: ClassVar[dict[str, bool]] = {}  # and whether each must be given

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.declared = {name: cls.defaults[name] for name in cls.fields}
        cls.needed = {name: declared.default is NEEDED for name, declared in cls.declared.items()}
        if cls.name:
            OPS[cls.name] = cls

    def __eq__(self, other: object) -> bool:
        """Equal arguments of equal types: a bias of 0 is not the same as no bias."""
        if type(self) is not type(other):
            return False
        mine, theirs = self.__dict__.values(), other.__dict__.values()
        return all(_same(a, b) for a, b in zip(mine, theirs, strict=True))

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    # -- to be said by each op ---------------------------------------------------------------------------------

    def shape(self, x: Shape) -> Shape:
        """The output shape for an input shape. Raises Refused."""
        return x

    def cost(self, x: Shape, y: Shape) -> Cost:
        """What it costs to make y of x."""
        raise NotImplementedError(self.name)

    def tensors(self, x: Shape) -> tuple[Tensor, ...]:
        """What it keeps in a state_dict, in its order."""
        return ()

    def label(self, rank: int = 2) -> str:
        """A few characters for tables and pictures; `rank` is the number of axes it works on."""
        return self.name

    @property
    def of_block(self) -> bool:
        """Whether what it learns is a parameter of its block, under the op's own name, and no module."""
        return False

    @property
    def values(self) -> tuple[str, ...]:
        """The names of the values that it reads beside its input."""
        return tuple(value.name for value in self.__dict__.values() if isinstance(value, Value))

    @property
    def apart(self) -> bool:
        """Whether it is no module of a sequence: it reads a named value, or its parameter is one of its block."""
        return self.of_block or bool(self.values)

    # -- the same for all ----------------------------------------------------------------------------------------

    def apply(self, x: Type) -> Type:
        """The output type: of the tensor, or of each tensor of a list."""
        if not is_list(x):
            return _bounded(self.shape(x))  # type: ignore[arg-type]
        if (self.weighted or self.of_channels) and len({shape[0] for shape in shapes(x)}) > 1:
            widths = ", ".join(str(shape[0]) for shape in shapes(x))
            shared = "shares its weights over a list" if self.weighted else "is made for one number of channels"
            raise Refused(
                "E0307",
                f"one `{self.name}` {shared}, but the items have {widths} channels",
                fix="take the items one by one, as in `[x[i] -> ... for i in range(n)]`",
            )
        ranks = sorted({len(shape) - 1 for shape in shapes(x)})
        if len(ranks) > 1 and not self.anywhere:
            raise Refused(
                "E0304",
                f"one `{self.name}` works on all items of a list, but these have {' and '.join(map(str, ranks))} axes",
                fix="take the items one by one, as in `[x[i] -> ... for i in range(n)]`",
            )
        return tuple(_bounded(self.shape(shape)) for shape in shapes(x))

    def price(self, x: Type, y: Type) -> Cost:
        """The cost on a tensor, or on a list whose items share the weights."""
        if not is_list(x):
            return self.cost(x, y)  # type: ignore[arg-type]
        costs = [self.cost(a, b) for a, b in zip(shapes(x), shapes(y), strict=True)]
        one, work = costs[0], total(costs)
        return replace(work, params=one.params, buffers=one.buffers, layers_all=one.layers_all)

    # -- as data ---------------------------------------------------------------------------------------------------

    def data(self) -> dict[str, Any]:
        """The op as plain data: its name, and all its arguments."""
        given = {name: getattr(self, name) for name in self.fields}
        values = {n: {"value": v.name, "type": v.type} if isinstance(v, Value) else v for n, v in given.items()}
        return {"name": self.name, "arguments": values}

    @staticmethod
    def of(data: Any) -> Op:
        """The op that plain data says. Raises ValueError."""
        if isinstance(data, Op):
            return data
        try:
            kind = OPS[data["name"]]
            read = {name: _read(value) for name, value in data["arguments"].items()}
            stated = {n: v for n, v in read.items() if not _same(v, kind.declared[n].default)}
            return kind.make(stated)
        except (Refused, KeyError, TypeError, AttributeError) as problem:
            raise ValueError(f"not an op: {problem}") from None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """How pydantic validates an op; asked for only where the IR leaves or enters as JSON."""
        from pydantic_core import core_schema

        written = core_schema.plain_serializer_function_ser_schema(lambda op: op.data())
        return core_schema.no_info_plain_validator_function(cls.of, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        properties = {"name": {"enum": sorted(OPS)}, "arguments": {"type": "object"}}
        return {"type": "object", "properties": properties, "required": ["name", "arguments"], "title": "Op"}

    @classmethod
    def make(cls, given: dict[str, Any]) -> Op:
        """The op with checked arguments. Raises Refused."""
        values = {}
        for name, declared in cls.declared.items():
            if name in given:
                _check(cls.name, name, declared.kind, declared.choices, given[name])
            elif declared.default is NEEDED:
                raise Refused("E0206", f"`{cls.name}` needs `{name}`", fix=f"add `{name} = ...`")
            values[name] = given.get(name, declared.default)
        return cls(**values)


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _read(value: Any) -> Any:
    """An argument read from data: lists are tuples, a mapping is a named value."""
    if isinstance(value, dict):
        return Value(value["value"], _read(value["type"]))
    return tuple(_read(v) for v in value) if isinstance(value, list | tuple) else value


def _bounded(shape: Shape) -> Shape:
    for n in shape:
        if n > DEFAULT.dimension:
            what = f"an axis of {n:,} is too long; {DEFAULT.dimension:,} is the most"
            raise Refused("E0306", what, fix="make the map smaller before it: stride, or pool")
    return shape


def _check(op: str, name: str, kind: Kind, choices: tuple[str, ...], value: Any) -> None:
    """Whether a value is of the kind that an argument takes."""

    def refuse(wanted: str, fix: str) -> Refused:
        shown = f"{value:,}" if whole and abs(value) >= 10_000 else spoken(value)
        return Refused("E0401", f"`{name}` of `{op}` is {wanted}, not {shown}", name, fix)

    whole = isinstance(value, int) and not isinstance(value, bool)
    number = whole or isinstance(value, float)
    rounded = "write `//`, `floor` or `round`"
    match kind:
        case "size" | "count":
            if not whole:
                raise refuse("a whole number", rounded if isinstance(value, float) else f"write it as in `{name} = 64`")
            if not 1 <= value <= DEFAULT.dimension:
                raise refuse(f"at least 1 and at most {DEFAULT.dimension:,}", "take a number between these")
        case "sizes":
            for item in value if isinstance(value, tuple) else (value,):
                if not isinstance(item, int) or isinstance(item, bool) or not 1 <= item <= DEFAULT.dimension:
                    fix = rounded if isinstance(item, float) else f"write `{name} = 3`, or `{name} = [3, 1]`"
                    raise refuse("a whole number of at least 1, or a list of them, one for each axis", fix)
        case "flag":
            if not isinstance(value, bool):
                raise refuse("`true` or `false`", f"write `{name} = {'false' if value == 0 else 'true'}`")
        case "real":
            if not number or not isfinite(value):
                raise refuse("a number", f"write it as in `{name} = 0.1`")
        case "rate":
            if not number or not 0 <= value < 1:
                raise refuse("a rate: at least 0 and below 1", f"write it as in `{name} = 0.1`")
        case "bias":
            if not isinstance(value, bool) and not number:
                raise refuse("`true`, `false`, or the number that the bias starts from", f"write `{name} = true`")
        case "factor":
            if not isinstance(value, bool) and not number:
                raise refuse("`true`, `false`, or a constant factor", f"write `{name} = true`")
        case "padding":
            items = value if isinstance(value, tuple) else (value,)
            if value != "same" and not all(
                isinstance(i, int) and not isinstance(i, bool) and 0 <= i <= DEFAULT.dimension for i in items
            ):
                fix = "leave it out for half of the kernel; `padding = 0` pads nothing"
                raise refuse('a whole number, a list of them, or "same"', fix)
        case "parts":
            items = value if isinstance(value, tuple) else (value,)
            if not items or not all(isinstance(i, int) and not isinstance(i, bool) and i >= 1 for i in items):
                raise refuse(
                    "a number of equal parts, or the list of their widths", f"write `{op}(2)` or `{op}([1, 3])`"
                )
        case "choice":
            if value not in choices:
                raise refuse(" or ".join(f'"{c}"' for c in choices), "write one of these, in quotes")
        case "value":
            if not isinstance(value, Value) or is_list(value.type):
                raise refuse("a named value: a `let` or a label", "name it above: `let v = ...`")


def spoken(value: object) -> str:
    """A value as the language writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return "[" + ", ".join(spoken(v) for v in value) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Value):
        return f"`{value.name}`"
    return str(value)


def per_axis(value: int | tuple[int, ...], rank: int, name: str) -> tuple[int, ...]:
    """One number for each of `rank` axes."""
    if not isinstance(value, tuple):
        return (value,) * rank
    if len(value) != rank:
        fix = f"list {rank} number{'s' * (rank > 1)}, or write one for all axes"
        axes = f"{rank} axes" if rank > 1 else "1 axis"
        raise Refused("E0304", f"`{name}` lists {len(value)} numbers for an input of {axes}", name, fix)
    return value


def positions(x: Shape, op: str) -> Shape:
    """The axes after the channels. Raises Refused for a vector."""
    if len(x) < 2:
        raise Refused(
            "E0304",
            f"`{op}` works on maps such as 64 x 56 x 56, and gets a vector of {x[0]}",
            fix="for vectors there are `linear` and the activations",
        )
    if len(x) > 4:
        what = f"`{op}` works on one to three axes, and gets {show(x)}"
        raise Refused("E0304", what, fix="`reshape` or `flatten` it before")
    return x[1:]


def slide(x: Shape, kernel: Shape, stride: Shape, dilation: Shape, padding: Shape, ceil: bool = False) -> Shape:
    """How often a window fits along each axis: floor((n + 2p - d(k - 1) - 1) / s) + 1, as torch counts it."""
    out = []
    for n, k, s, d, p in zip(x, kernel, stride, dilation, padding, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        fits = (-(-room // s) if ceil else room // s) + 1
        if ceil and (fits - 1) * s >= n + p:
            fits -= 1  # the last window must start inside the input or its left padding
        if fits < 1:
            reach, places = d * (k - 1) + 1, "1 position" if n == 1 else f"{n} positions"
            raise Refused(
                "E0303",
                f"nothing is left: a kernel of {reach} does not fit into {places} padded by {p} a side",
                "kernel",
                "take a smaller kernel or dilation, stride less before it, or pad more",
            )
        out.append(fits)
    return tuple(out)


def elements(*shape: int) -> int:
    """The number of elements of a shape."""
    return prod(shape)
