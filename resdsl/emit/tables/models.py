"""Tables with a row a network: their numbers side by side, their memory, their paths."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from resdsl.analyze.memory import OPTIMIZERS, SIZES, Training
from resdsl.analyze.paths import LONGEST, ensemble
from resdsl.analyze.peak import peak
from resdsl.emit.tables.counting import Counting, Numbers, elementwise
from resdsl.emit.tables.grid import Cell, Column, Grid
from resdsl.network import Network
from resdsl.ops import show

_MODEL = Column("model", "model", number=False)
_INPUT = Column("input", "input", number=False)


def compare(networks: Sequence[Network], counting: Counting) -> Grid:
    """The totals of networks."""
    columns = (
        _MODEL,
        _INPUT,
        Column("layers", "layers", "count"),
        Column("params", "params", "count"),
        counting.column,
        Column("elementwise", "element-wise", "count"),
        Column("activations", "activations", "count"),
        Column("training", "training", "bytes"),
        Column("inference", "inference", "bytes"),
    )
    numbers = [Numbers(network, counting) for network in networks]
    rows = [_compared(each, counting) for each in numbers]
    notes = (counting.note({what for each in numbers for what in each.amounts}), _memory_note(counting))
    return Grid(
        f"{len(rows)} network{'s' * (len(rows) != 1)}",
        columns,
        rows,
        notes=notes,
        facts={"style": "compare", **counting.facts},
        label="networks",
    )


def _compared(numbers: Numbers, counting: Counting) -> tuple[Cell, ...]:
    network = numbers.network
    cost, straight = network.report.cost, network.report.straight
    kept = Training(straight).total.bytes(counting.batch, counting.dtype)
    most = peak(straight) * SIZES[counting.dtype] * counting.batch
    size = show(network.program.input)
    counted = (cost.params, numbers.total, elementwise(cost), cost.activations)
    return (network.name, size, network.layers, *counted, kept, most)


def _memory_note(counting: Counting) -> str:
    of = f"a batch of {counting.batch:,}" if counting.batch > 1 else "one example"
    return (
        f"Training: what autograd keeps for the backward pass; inference: the most tensors at one time; "
        f"{counting.dtype}, {of}, weights not counted."
    )


def memory(networks: Sequence[Network], counting: Counting) -> list[Grid]:
    """What a step of training and a pass of inference need, by what it is for; a table a network."""
    return [_memory(network, counting) for network in networks]


def _memory(network: Network, counting: Counting) -> Grid:
    straight, cost = network.report.straight, network.report.cost
    training, size = Training(straight), SIZES[counting.dtype]
    kept = [("input", training.input)]
    kept += [(s.name, k) for s, k in zip(network.sections, training.lines, strict=True)]
    rows: list[tuple[Cell, ...]] = [
        ("kept for backward", name, k.bytes(counting.batch, counting.dtype)) for name, k in kept
    ]
    rows.append(("", "all", training.total.bytes(counting.batch, counting.dtype)))
    rows += [
        ("weights", "parameters", cost.params * size),
        ("", "gradients", cost.params * size),
        *(("optimizer", name, cost.params * states * size) for name, states in OPTIMIZERS.items()),
        ("inference", "peak of tensors", peak(straight) * size * counting.batch),
    ]
    columns = (
        Column("for", "for", number=False), Column("what", "what", number=False), Column("bytes", "bytes", "count"),
        Column("size", "size", "bytes"),
    )  # fmt: skip
    rows = [(*_first(rows, i), row[1], row[2], row[2]) for i, row in enumerate(rows)]
    of = f"a batch of {counting.batch:,}" if counting.batch > 1 else "one example"
    title = f"{network.name} at {show(network.program.input)}: memory, {counting.dtype}, {of}"
    facts: dict[str, object] = {"model": network.name, "input": list(network.program.input), "style": "memory"}
    facts |= {"batch": counting.batch, "dtype": counting.dtype}
    notes = (
        "Kept for backward: what PyTorch's autograd saves while it runs forward on a CPU, each tensor once.",
        "Inference: no tensor stays longer than it is read. An optimizer keeps 0, 1 or 2 numbers a parameter.",
    )
    return Grid(title, columns, rows, notes=notes, facts=facts)


def _first(rows: list[tuple[Cell, ...]], i: int) -> tuple[Cell]:
    """The first cell, where it differs from the one above."""
    return ("",) if i and rows[i][0] == rows[i - 1][0] else (rows[i][0],)


def paths(networks: Sequence[Network]) -> Grid:
    """How many ways lead through each network, and how long they are."""
    columns = (
        _MODEL,
        Column("layers", "layers", "count"),
        Column("paths", "paths"),
        Column("shortest", "shortest", "count"),
        Column("mean", "mean"),
        Column("deviation", "deviation"),
        Column("middle", "95 % between"),
        Column("longest", "longest", "count"),
    )
    rows: list[tuple[Cell, ...]] = []
    lengths: dict[str, object] = {}
    for network in networks:
        found = ensemble(network.report.straight)
        if found is None:
            rows.append((network.name, network.layers, f"more than {LONGEST:,} layers", *(None,) * 5))
            continue
        low, high = found.central(Fraction(95, 100))
        mean, deviation = float(found.mean), float(found.variance) ** 0.5
        middle = f"{low:,} and {high:,}"
        row = (network.name, network.layers, many(found.count), found.shortest)
        rows.append((*row, round(mean, 2), round(deviation, 2), middle, found.longest))
        lengths[network.name] = {str(length): str(count) for length, count in found.lengths}
    notes = (
        "Each side of a sum or concatenation is a path of its own (Veit et al. 2016); lengths are in layers. "
        "JSON has the number of paths of each length.",
    )
    return Grid("Paths", columns, rows, notes=notes, facts={"style": "paths", "lengths": lengths}, label="paths")


def many(number: int) -> str:
    """`2^54`, `65,536`, or for a large number that is no power of 2 its first digits."""
    if number < 10**7:
        return f"{number:,}"
    power = number.bit_length() - 1
    if number == 1 << power:
        return f"2^{power}"
    digits = str(number) if number < 10**4000 else ""
    return f"{digits[0]}.{digits[1:4]}e{len(digits) - 1}" if digits else f"about 2^{power}"
