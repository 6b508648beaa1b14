"""The validated IR: a Program is the definitions in use and the instance tree. Frozen; numbers and shapes everywhere.

A block that occurs with the same arguments, defaults and input is one Instance; a Call points to it. So the IR grows
with the distinct blocks, not with the depth. Inside an instance stands a tree of nodes:

    Step    an op                          Join    + - * / ++ of several nodes, or of a node and a Constant
    Call    a block                        Repeat  rounds, each with a count
    Chain   one after another              Many    a list of flows;  Pick  one of its items
    Use     a named value                  Body    lines; a `let` line names a value and the flow goes on from before it

A node with a `label` names its value for the later lines of its body. `at` is (source, start, end): its text.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema

from resdsl.ops import OPS, Op, Refused, Type, Value, is_list, shapes

Place = tuple[int, int, int]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


def _op_out(op: Op) -> dict[str, Any]:
    arguments = {name: getattr(op, name) for name in op.arguments()}
    return {
        "name": op.name,
        "arguments": {
            n: {"value": v.name, "type": v.type} if isinstance(v, Value) else v for n, v in arguments.items()
        },
    }


def _op_in(data: Any) -> Op:
    if isinstance(data, Op):
        return data
    try:
        arguments = {
            name: Value(v["value"], _type(v["type"])) if isinstance(v, dict) else tuple(v) if isinstance(v, list) else v
            for name, v in data["arguments"].items()
        }
        kind = OPS[data["name"]]
        return kind.make({n: v for n, v in arguments.items() if v != kind.arguments()[n][1]})
    except (Refused, KeyError, TypeError) as problem:
        raise ValueError(f"not an op: {problem}") from None


def _type(data: Any) -> Type:
    return tuple(tuple(i) if isinstance(i, list | tuple) else i for i in data)


_OP_SCHEMA = {
    "type": "object",
    "properties": {"name": {"enum": sorted(OPS)}, "arguments": {"type": "object"}},
    "required": ["name", "arguments"],
}
AnyOp = Annotated[Op, PlainValidator(_op_in), PlainSerializer(_op_out), WithJsonSchema(_OP_SCHEMA)]


class Constant(_Frozen):
    """A number that scales, shifts or divides a flow."""

    kind: Literal["constant"] = "constant"
    value: int | float


class Step(_Frozen):
    """An op at work."""

    kind: Literal["op"] = "op"
    op: AnyOp
    input: Type
    output: Type
    label: str | None = None
    at: Place


class Call(_Frozen):
    """A block at work. `word` is what the text calls it; `values` gives the instance the named values it reads."""

    kind: Literal["call"] = "call"
    word: str
    instance: int
    values: dict[str, str] = {}
    input: Type
    output: Type
    label: str | None = None
    at: Place


class Use(_Frozen):
    """A value named before: by a `let`, by a label, or handed in as an argument."""

    kind: Literal["use"] = "use"
    name: str
    input: Type
    output: Type
    label: str | None = None
    at: Place


class Chain(_Frozen):
    kind: Literal["chain"] = "chain"
    items: tuple[Node, ...]
    input: Type
    output: Type
    label: str | None = None
    at: Place


class Join(_Frozen):
    """All items read the same input. `+` and `++` take two or more, `-`, `*` and `/` two."""

    kind: Literal["join"] = "join"
    operator: Literal["+", "-", "*", "/", "++"]
    items: tuple[Node | Constant, ...] = Field(min_length=2)
    input: Type
    output: Type
    label: str | None = None
    at: Place


class Round(_Frozen):
    """`count` equal rounds of a repeat, one after another, each with its own weights."""

    count: int = Field(ge=1)
    first: int = Field(ge=0)  # the index of the first of them
    body: Node


class Repeat(_Frozen):
    kind: Literal["repeat"] = "repeat"
    index: str | None
    rounds: tuple[Round, ...]
    input: Type
    output: Type
    label: str | None = None
    at: Place


class Many(_Frozen):
    """A list of flows, all reading the same input."""

    kind: Literal["many"] = "many"
    items: tuple[Node, ...] = Field(min_length=1)
    input: Type
    output: Type
    label: str | None = None
    at: Place


class Pick(_Frozen):
    """One item of a list of flows, counted from 0."""

    kind: Literal["pick"] = "pick"
    item: Node
    index: int = Field(ge=0)
    input: Type
    output: Type
    label: str | None = None
    at: Place


class Line(_Frozen):
    """A line of a body. `let`: the value gets a name, and the flow goes on from before. `section`: a row in tables."""

    kind: Literal["flow", "let", "section"]
    name: str | None = None
    node: Node


class Body(_Frozen):
    kind: Literal["body"] = "body"
    lines: tuple[Line, ...]
    input: Type
    output: Type
    label: str | None = None
    at: Place


Node = Annotated[Step | Call | Use | Chain | Join | Repeat | Many | Pick | Body, Field(discriminator="kind")]
AnyNode = Step | Call | Use | Chain | Join | Repeat | Many | Pick | Body


class Parameter(_Frozen):
    name: str
    default: str | None  # as written; None where an argument is needed


class Definition(_Frozen):
    """A block or model in use, as written: its expressions are symbolic, its `if`s are kept."""

    kind: Literal["block", "model", "variant"]
    name: str
    source: int
    line: int
    doc: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    merges: bool  # joins several flows: a unit with a formula, where others are mere sequences
    order: tuple[str, ...]  # what is registered first, for keys only
    text: str


class Instance(_Frozen):
    """A block with its arguments, at one input. `values` are the named values read from outside, with their types."""

    definition: int
    arguments: dict[str, str]
    input: Type
    output: Type
    values: dict[str, Type]
    body: Node


class Program(_Frozen):
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


for _kind in (Chain, Join, Round, Repeat, Many, Pick, Line, Body, Instance, Program):
    _kind.model_rebuild()


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


def fits(program: Program) -> None:
    """Check what every pass relies on. Raises ValueError: shapes that do not meet are a bug in the compiler."""
    for number, instance in enumerate(program.instances):
        _fits(instance.body, program, number)
    _fits(program.body, program, len(program.instances))


def _fits(node: AnyNode, program: Program, number: int) -> None:
    flow = node.input
    match node:
        case Step():
            assert node.output == node.op.apply(node.input), node
        case Call():
            instance = program.instances[node.instance]
            assert node.instance < number and (instance.input, instance.output) == (node.input, node.output), node
            assert set(node.values) == set(instance.values), node
        case Chain():
            for item in node.items:
                assert item.input == flow, item
                flow = item.output
            assert flow == node.output
        case Body():
            for line in node.lines:
                assert line.node.input == flow, line
                flow = flow if line.kind == "let" else line.node.output
            assert flow == node.output
        case Repeat():
            for round_ in node.rounds:
                assert round_.body.input == flow and (round_.count == 1 or round_.body.output == flow), round_
                flow = round_.body.output
            assert flow == node.output
        case Pick():
            assert is_list(node.item.output) and shapes(node.item.output)[node.index] == node.output
        case Join() | Many():
            assert all(item.input == node.input for item in children(node))
        case _:
            pass
    for child in children(node):
        _fits(child, program, number)
