"""The table of a paper: a row a size of the maps, a column a network, a cell the blocks between brackets.

The form is that of He et al. 2015, Table 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import prod
from typing import Literal, TypeAlias

from resdsl import graph
from resdsl.analyze.longest import Gate, MainLayers, pooled
from resdsl.analyze.report import BlockRow
from resdsl.emit.tables.counting import Counting, Numbers
from resdsl.emit.tables.grid import Blocks, Cell, Column, Grid
from resdsl.network import Network
from resdsl.ops import Op, Type, shapes, show
from resdsl.ops.pointwise import Activation
from resdsl.ops.spatial import AdaptivePool, AvgPool, GlobalMax, GlobalPool, MaxPool
from resdsl.ops.weighted import Conv, Linear, times

Names = Literal["own", "paper"]
Size: TypeAlias = tuple[int, ...]  # the positions of a map; () where there is one


@dataclass(frozen=True)
class _Stage:
    """What a network does at one size of its maps."""

    size: Size
    name: str
    cell: tuple[Blocks, ...]
    units: bool = False
    strides: bool = False  # its first unit makes the maps smaller


def paper(networks: Sequence[Network], counting: Counting, names: Names) -> Grid:
    """The table of networks, rows put together by the size of their maps."""
    columns = [_stages(network) for network in networks]
    keyed = _aligned(columns) or [_keyed(column) for column in columns]
    rows: list[tuple[Cell, ...]] = []
    strided = []
    for i, (key, name) in enumerate(zip(keys := _order(keyed), _names(keys, keyed, names), strict=True)):
        stages = [column.get(key) for column in keyed]
        size = " / ".join(dict.fromkeys(show(stage.size or (1, 1)) for stage in stages if stage))
        rows.append((name, size, *(stage.cell if stage else () for stage in stages)))
        if i and all(stage is None or stage.strides for stage in stages):
            strided.append((i, name))
    keys_ = _distinct(networks)
    heads = [f"{n.layers:,}-layer" if names == "paper" else key for n, key in zip(networks, keys_, strict=True)]
    heading = (
        Column("stage", "layer name" if names == "paper" else "stage", number=False),
        Column("output", "output size", number=False),
        *(Column(key, head, number=False) for key, head in zip(keys_, heads, strict=True)),
    )
    numbers = [Numbers(network, counting) for network in networks]
    totals: list[tuple[Cell, ...]] = [
        ("layers", "", *(f"{network.layers:,}" for network in networks)),
        ("params", "", *(power(network.params) for network in networks)),
        (counting.rule.counts, "", *(power(each.total) for each in numbers)),
    ]
    facts: dict[str, object] = {
        "style": "paper",
        "networks": [
            {
                "model": n.name,
                "input": list(n.program.input),
                "layers": n.layers,
                "params": n.params,
                "number": each.total,
            }
            for n, each in zip(networks, numbers, strict=True)
        ],
        **counting.facts,
    }
    counted = counting.note({what for each in numbers for what in each.amounts})
    sizes = " and ".join(dict.fromkeys(show(network.program.input) for network in networks))
    sources = " ".join(dict.fromkeys(f"{network.source}." for network in networks if network.source))
    notes = tuple(text for text in (_striding(strided), _kinds(networks), sources, counted) if text)
    title = f"Architectures, for an input of {sizes}"
    return Grid(title, heading, rows, totals, notes=notes, facts=facts, label="architectures")


def power(number: int) -> str:
    """`1.8 x 10^9`; as a paper, in millions and billions."""
    for exponent in (12, 9, 6, 3):
        if number >= 10**exponent:
            return f"{number / 10**exponent:.1f} x 10^{exponent}"
    return str(number)


def _striding(rows: list[tuple[int, str]]) -> str:
    """`The first unit of layer2 to layer4 strides.`"""
    names = list(dict.fromkeys(name for _, name in rows))
    if len(names) > 2 and rows[-1][0] - rows[0][0] == len(rows) - 1:
        names = [f"{names[0]} to {names[-1]}"]
    return (
        f"The first unit of {' and '.join(filter(None, (', '.join(names[:-1]), *names[-1:])))} strides."
        if names
        else ""
    )


def _kinds(networks: Sequence[Network]) -> str:
    """The norms and activations that are neither batch norm nor ReLU, which go without saying."""
    found: dict[str, list[str]] = {}
    for network in networks:
        every = [op for section in network.sections for block in section.blocks for op in block.ops]
        norms = [type(op.node.op).__name__ for op in every if isinstance(op.node, graph.Step) and op.cost.norm]
        acts = [op.label for op in every if isinstance(op.node, graph.Step) and _activates(op.node.op)]
        words = [word for word in dict.fromkeys(norms + acts) if word not in ("BatchNorm", "ReLU")]
        if words and network.name not in found.setdefault(", ".join(words), []):
            found[", ".join(words)].append(network.name)
    return " ".join(f"{', '.join(names)}: {words}." for words, names in found.items() if names)


def _activates(op: Op) -> bool:
    return isinstance(op, Activation) and not op.gate


# -- rows ------------------------------------------------------------------------------------------------------


def _keyed(stages: list[_Stage]) -> dict[tuple[Size, int], _Stage]:
    """Stages by their size, and by which of that size they are."""
    found: dict[tuple[Size, int], _Stage] = {}
    for stage in stages:
        found[stage.size, sum(size == stage.size for size, _ in found)] = stage
    return found


def _aligned(columns: list[list[_Stage]]) -> list[dict[tuple[Size, int], _Stage]] | None:
    """Networks with the same stages at different sizes, stage by stage; the keys are those of the first."""
    names = [[stage.name for stage in column] for column in columns]
    if any(other != names[0] for other in names) or len({tuple(s.size for s in column) for column in columns}) == 1:
        return None
    return [dict(zip(_keyed(columns[0]), column, strict=True)) for column in columns]


def _distinct(networks: Sequence[Network]) -> list[str]:
    """A name for each column: the network's, with its input or a number where one name occurs twice."""
    names = [network.name for network in networks]
    for marks in (
        [f" at {show(n.program.input[1:] or n.program.input)}" for n in networks],
        map(" ({})".format, count(1)),
    ):
        names = [name + mark if names.count(name) > 1 else name for name, mark in zip(names, marks, strict=False)]
    return names


def _order(columns: list[dict[tuple[Size, int], _Stage]]) -> list[tuple[Size, int]]:
    """All keys in the order of the networks; what another has more stands where its size belongs."""
    order: list[tuple[Size, int]] = []
    for column in columns:
        place = 0
        for key in column:
            if key not in order:
                while place < len(order) and prod(order[place][0]) > prod(key[0]):
                    place += 1
                order.insert(place, key)
            place = order.index(key) + 1
    return order


def _names(keys: list[tuple[Size, int]], columns: list[dict[tuple[Size, int], _Stage]], names: Names) -> list[str]:
    """The names of the rows: the paper's (conv1, conv2_x, ...), or the sections' own."""
    if names == "paper":
        return ["" if not size else f"conv{i}_x" if i > 1 else "conv1" for i, (size, _) in enumerate(keys, 1)]
    return [next(column[key].name for column in columns if key in column) for key in keys]


# -- cells -----------------------------------------------------------------------------------------------------


def _stages(network: Network) -> list[_Stage]:
    main = MainLayers(network.report.straight)
    found: list[_Stage] = []
    for section in network.sections:
        for block in section.blocks:
            for part in _parts(network, section.name, block, main):
                last = found[-1] if found else None
                if last and last.size == part.size and not (last.units and part.units and last.name != part.name):
                    found[-1] = _together(last, part)
                else:
                    found.append(part)
    return found


def _together(one: _Stage, other: _Stage) -> _Stage:
    """Two parts at one size; equal blocks that follow one another are counted."""
    cell = one.cell
    for blocks in other.cell:
        if cell and replace(cell[-1], count=blocks.count) == blocks:
            cell = (*cell[:-1], replace(blocks, count=cell[-1].count + blocks.count))
        else:
            cell = (*cell, blocks)
    units = one.units or other.units
    name = other.name if other.units and not one.units else one.name
    return _Stage(one.size, name, cell, units, one.strides or (other.strides and not one.units))


def _parts(network: Network, section: str, block: BlockRow, main: MainLayers) -> Iterator[_Stage]:
    """A unit by the layers on its main path; anything else op by op."""
    program = network.program
    if isinstance(block.node, graph.Call):
        instance = program.instances[block.node.instance]
        if program.definitions[instance.definition].merges:
            lines = tuple(_line(part) for part in main.of(block.node.instance))
            size, before = _size(block.output), _size(block.input)
            cell = (Blocks(lines, block.count),) if lines else ()
            yield _Stage(size, section, cell, bool(lines), size != before)
            return
    for op in block.ops:
        text = _layer(op.node, unit=False) if isinstance(op.node, graph.Step) else ""
        if text:
            yield _Stage(_size(op.output), section, (Blocks((text,), op.count, brackets=False),))


def _size(type_: Type) -> Size:
    shape = shapes(type_)[0]
    return () if pooled(shape) else shape[1:]


def _line(part: graph.Step | Gate) -> str:
    """A layer of a unit; a gate as Hu et al. 2018, Table 1, have it: `fc, [16, 256]`."""
    if isinstance(part, graph.Step):
        return _layer(part, unit=True)
    if all(_connects(step) for step in part.layers):
        return f"fc, [{', '.join(str(shapes(step.output)[0][0]) for step in part.layers)}]"
    return "gate: " + ", then ".join(step.op.label(len(shapes(step.input)[0]) - 1) for step in part.layers)


def _connects(step: graph.Step) -> bool:
    """Whether a layer is fully connected: a linear one, or a 1x1 on one position."""
    kernel = step.op.kernel if isinstance(step.op, Conv) else 1
    return set(kernel if isinstance(kernel, tuple) else (kernel,)) == {1} and pooled(step.input)


def _layer(step: graph.Step, unit: bool) -> str:
    """`3x3, 64`, outside of units with its stride; `3x3 max pool, stride 2`; `1000-d fc`; other ops are left out."""
    op = step.op
    rank = len(shapes(step.input)[0]) - 1
    match op:
        case Conv():
            groups = f", {op.groups} groups" if op.groups > 1 else ""
            return f"{times(op.kernel, rank)}, {op.width}{groups}{'' if unit else _stride(op.stride)}"
        case Linear():
            return f"{op.width}-d fc"
        case MaxPool() | AvgPool():
            kind = "max pool" if isinstance(op, MaxPool) else "average pool"
            stride = op.kernel if op.stride is None else op.stride
            return f"{times(op.kernel, rank)} {kind}{_stride(stride)}"
        case GlobalPool() | AdaptivePool():
            return "max pool" if isinstance(op, GlobalMax) else "average pool"
        case _:
            return ""


def _stride(stride: int | tuple[int, ...]) -> str:
    if isinstance(stride, tuple):
        return f", stride {'x'.join(map(str, stride))}" if max(stride) > 1 else ""
    return f", stride {stride}" if stride > 1 else ""
