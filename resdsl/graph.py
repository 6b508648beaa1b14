"""The validated IR: a Program is the definitions in use and the instance tree. Frozen; numbers and shapes everywhere.

A block that occurs with the same arguments, defaults and input is one Instance; a Call points to it. So the IR grows
with the distinct blocks, not with the depth. Inside an instance stands a tree of nodes:

    Step    an op                          Join    + - * / ++ of several nodes, or of a node and a Constant
    Call    a block                        Repeat  rounds, each with a count
    Chain   one after another              Many    a list of flows;  Pick  one of its items
    Use     a named value                  Body    lines; a `let` line names a value and the flow goes on from before it

The classes are plain frozen dataclasses, quick to make; pydantic validates them where they enter and leave: see `read`.
A node with a `label` names its value for the later lines of its body. `at` is (source, start, end): its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

from resdsl.ops import Op, Type, is_list, shapes

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Place = tuple[int, int, int]


class _Closed:
    """How pydantic reads these classes from JSON: nothing unknown, nothing converted."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, kw_only=True)
class Constant(_Closed):
    """A number that scales, shifts or divides a flow."""

    kind: Literal["constant"] = "constant"
    value: int | float


@dataclass(frozen=True, kw_only=True)
class Step(_Closed):
    """An op at work."""

    kind: Literal["op"] = "op"
    op: Op
    input: Type
    output: Type
    label: str | None = None
    at: Place


@dataclass(frozen=True, kw_only=True)
class Call(_Closed):
    """A block at work. `word` is what the text calls it; `values` gives the instance the named values it reads."""

    kind: Literal["call"] = "call"
    word: str
    instance: int
    values: dict[str, str] = field(default_factory=dict)
    input: Type
    output: Type
    label: str | None = None
    at: Place


@dataclass(frozen=True, kw_only=True)
class Use(_Closed):
    """A value named before: by a `let`, by a label, or handed in as an argument."""

    kind: Literal["use"] = "use"
    name: str
    input: Type
    output: Type
    label: str | None = None
    at: Place


@dataclass(frozen=True, kw_only=True)
class Chain(_Closed):
    kind: Literal["chain"] = "chain"
    items: tuple[AnyNode, ...]
    input: Type
    output: Type
    label: str | None = None
    at: Place


@dataclass(frozen=True, kw_only=True)
class Join(_Closed):
    """All items read the same input. `+` and `++` take two or more, `-`, `*` and `/` two."""

    kind: Literal["join"] = "join"
    operator: Literal["+", "-", "*", "/", "++"]
    items: tuple[AnyNode | Constant, ...]
    input: Type
    output: Type
    label: str | None = None
    at: Place


@dataclass(frozen=True, kw_only=True)
class Round(_Closed):
    """`count` equal rounds of a repeat, one after another, each with its own weights."""

    count: int
    first: int  # the index of the first of them
    body: AnyNode


@dataclass(frozen=True, kw_only=True)
class Repeat(_Closed):
    kind: Literal["repeat"] = "repeat"
    index: str | None
    rounds: tuple[Round, ...]
    input: Type
    output: Type
    label: str | None = None
    at: Place


@dataclass(frozen=True, kw_only=True)
class Many(_Closed):
    """A list of flows, all reading the same input."""

    kind: Literal["many"] = "many"
    items: tuple[AnyNode, ...]
    input: Type
    output: Type
    label: str | None = None
    at: Place


@dataclass(frozen=True, kw_only=True)
class Pick(_Closed):
    """One item of a list of flows, counted from 0."""

    kind: Literal["pick"] = "pick"
    item: AnyNode
    index: int
    input: Type
    output: Type
    label: str | None = None
    at: Place


@dataclass(frozen=True, kw_only=True)
class Line(_Closed):
    """A line of a body. `let`: the value gets a name, and the flow goes on from before. `section`: a row in tables."""

    kind: Literal["flow", "let", "section"]
    name: str | None = None
    node: AnyNode


@dataclass(frozen=True, kw_only=True)
class Body(_Closed):
    kind: Literal["body"] = "body"
    lines: tuple[Line, ...]
    input: Type
    output: Type
    label: str | None = None
    at: Place


AnyNode = Step | Call | Use | Chain | Join | Repeat | Many | Pick | Body


@dataclass(frozen=True, kw_only=True)
class Parameter(_Closed):
    name: str
    default: str | None  # as written; None where an argument is needed


@dataclass(frozen=True, kw_only=True)
class Definition(_Closed):
    """A block or model in use, as written: its expressions are symbolic, its `if`s are kept."""

    kind: Literal["block", "model", "variant"]
    name: str
    source: int
    line: int
    doc: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    chooses: bool  # its body is one `if`
    merges: bool  # joins several flows: a unit with a formula, where others are mere sequences
    order: tuple[str, ...]  # what is registered first, for keys only
    text: str


@dataclass(frozen=True, kw_only=True)
class Instance(_Closed):
    """A block with its arguments, at one input. `values` are the named values read from outside, with their types."""

    definition: int
    arguments: dict[str, str]
    input: Type
    output: Type
    values: dict[str, Type]
    body: AnyNode


@dataclass(frozen=True, kw_only=True)
class Rename(_Closed):
    """A pattern of names of published weights, and that of their names here: `*.se_module.*` and `*.se.*`."""

    published: str
    own: str


@dataclass(frozen=True, kw_only=True)
class Program(_Closed):
    """A model, ready to be counted, drawn and compiled. An instance calls only instances before it."""

    version: Literal["resdsl-ir/1"] = "resdsl-ir/1"
    model: str
    doc: tuple[str, ...]
    arguments: dict[str, str]
    input: tuple[int, ...]
    output: Type
    body: Body
    instances: tuple[Instance, ...]
    definitions: tuple[Definition, ...]  # the model's own first
    sources: tuple[str, ...]
    published: tuple[Rename, ...] = ()  # where weights have other names; the first that fits


# -- JSON ------------------------------------------------------------------------------------------------------


@cache
def _adapter() -> TypeAdapter[Program]:
    from pydantic import TypeAdapter

    return TypeAdapter(Program)


def dump(program: Program, indent: int | None = None) -> str:
    """The program as JSON, by the published schema."""
    return _adapter().dump_json(program, indent=indent).decode()


def read(text: str | bytes) -> Program:
    """The program that JSON says, validated. Raises ValueError."""
    program = _adapter().validate_json(text)
    fits(program)
    return program


def schema() -> dict[str, object]:
    """The JSON schema of the IR."""
    return _adapter().json_schema()


# -- walking ---------------------------------------------------------------------------------------------------


def children(node: AnyNode) -> tuple[AnyNode, ...]:
    """The nodes directly inside a node; not those of the instance that a call points to."""
    match node:
        case Chain() | Many():
            return node.items
        case Join():
            return tuple(item for item in node.items if not isinstance(item, Constant))
        case Repeat():
            return tuple(round_.body for round_ in node.rounds)
        case Pick():
            return (node.item,)
        case Body():
            return tuple(line.node for line in node.lines)
        case _:
            return ()


def inside(node: AnyNode) -> Iterator[AnyNode]:
    """A node and all inside it; not those of the instances that it calls."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def values_read(node: AnyNode) -> tuple[str, ...]:
    """The named values that a node reads itself."""
    match node:
        case Use():
            return (node.name,)
        case Call():
            return tuple(node.values.values())
        case Step():
            return node.op.values
        case _:
            return ()


def reads_flow(node: AnyNode) -> bool:
    """Whether a node reads what enters it, and not named values alone."""
    match node:
        case Use():
            return False
        case Chain() if node.items:
            return reads_flow(node.items[0])
        case Join() | Many():
            return any(reads_flow(child) for child in children(node))
        case Pick():
            return reads_flow(node.item)
        case Body():
            flows = next((i for i, line in enumerate(node.lines) if line.kind != "let"), len(node.lines))
            return flows == len(node.lines) or any(reads_flow(line.node) for line in node.lines[: flows + 1])
        case _:
            return True


def fits(program: Program) -> None:
    """Check what every pass relies on. Raises ValueError."""
    for number, instance in enumerate(program.instances):
        _fits(instance.body, program, number)
        _same(instance.body.input, instance.input, instance)
        _same(instance.body.output, instance.output, instance)
    _fits(program.body, program, len(program.instances))
    _same(program.body.output, program.output, "the model")


def _same(a: object, b: object, where: object) -> None:
    if a != b:
        raise ValueError(f"{a} and {b} should be the same: {str(where)[:200]}")


def _fits(node: AnyNode, program: Program, number: int) -> None:
    flow = node.input
    match node:
        case Step():
            _same(node.output, node.op.apply(node.input), node)
        case Call():
            _same(node.instance < number, True, "an instance calls only those before it")
            instance = program.instances[node.instance]
            _same((instance.input, instance.output), (node.input, node.output), node)
            _same(set(node.values), set(instance.values), node)
        case Chain():
            for item in node.items:
                _same(item.input, flow, item)
                flow = item.output
            _same(flow, node.output, node)
        case Body():
            for line in node.lines:
                _same(line.node.input, flow, line)
                flow = flow if line.kind == "let" else line.node.output
            _same(flow, node.output, node)
        case Repeat():
            done = 0
            for round_ in node.rounds:
                _same((round_.body.input, round_.first), (flow, done), round_)
                if round_.count != 1:
                    _same(round_.body.output, flow, round_)
                flow, done = round_.body.output, done + round_.count
            _same(flow, node.output, node)
        case Pick():
            _same(is_list(node.item.output) and shapes(node.item.output)[node.index], node.output, node)
        case Join() | Many():
            for item in children(node):
                _same(item.input, node.input, item)
        case _:
            pass
    for child in children(node):
        _fits(child, program, number)
