"""Every number of docs/notes.md, computed: with resdsl where a note speaks of a network, else by hand.

A row of the document is `| N1 | what the note says | computed | verdict | why |`, and what stands in bold is a value.
The values of `computed` and `why` must be what the function of the row's id gives, in that order; the values of the
note must agree with them as the verdict says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from itertools import accumulate
from math import prod
from pathlib import Path

import pytest

import resdsl
from resdsl.analyze.report import BlockRow, OpRow, SectionRow
from resdsl.network import Network
from resdsl.ops import Type, show

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "notes.md"
VERDICTS = ("right", "rounded", "slip", "no number", "slip, no number")

Value = int | str | Fraction | Decimal | Type
IMAGENET = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")


# -- the document ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A claim of a note: its text, what is computed, the verdict and why."""

    id: str
    says: str
    computed: str
    verdict: str
    why: str


def read() -> list[Row]:
    lines = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if re.match(r"\| N\d", line)]
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]


def values(cell: str) -> list[str]:
    """What stands in bold."""
    return re.findall(r"\*\*(.+?)\*\*", cell)


ROWS = {row.id: row for row in read()}


# -- networks ----------------------------------------------------------------------------------------------------


@cache
def net(name: str, **settings: object) -> Network:
    """A network of the zoo."""
    return resdsl.load(name, **settings)  # type: ignore[arg-type]


@cache
def one(flow: str, shape: str) -> Network:
    """A network of one flow."""
    return resdsl.load("snippet", text=f"resdsl 1\nmodel snippet {{\n  input {shape}\n  part {{ {flow} }}\n}}\n")


def blocks(of: Network) -> list[BlockRow]:
    return [block for section in of.sections for block in section.blocks]


def ops(of: Network, name: str) -> list[OpRow]:
    """The ops of one kind, in order; equal blocks are one row."""
    return [op for block in blocks(of) for op in block.ops if op.name == name]


def number(of: Network, name: str) -> int:
    """How many ops of one kind there are."""
    return sum(op.count for op in ops(of, name))


def convs(of: Network) -> list[OpRow]:
    return ops(of, "conv")


def stages(of: Network) -> tuple[SectionRow, ...]:
    """conv2_x to conv5_x."""
    return of.sections[1:-1]


def depths(of: Network) -> list[int]:
    """Units in each stage."""
    return [sum(block.count for block in stage.blocks) for stage in stages(of)]


def units(of: Network) -> list[BlockRow]:
    return [block for stage in stages(of) for block in stage.blocks]


def unit_layers(of: Network) -> int:
    """Layers in each unit of a net."""
    (layers,) = {block.layers // block.count for block in units(of)}
    return layers


def projections(of: Network) -> int:
    """Units that have one convolution more than layers."""
    return sum(sum(op.count for op in b.ops if op.name == "conv") - b.layers for b in units(of))


def gigas(of: Network) -> str:
    return f"{of.macs / 1e9:.3f}"


def code(flow: str, shape: str) -> str:
    """The error that a flow is refused with."""
    with pytest.raises(resdsl.SpecError) as refused:
        one(flow, shape)
    return refused.value.diagnostics[0].code


# -- signals, exactly --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dual:
    """A number and its derivative: enough of automatic differentiation for polynomials."""

    value: Fraction
    slope: Fraction = Fraction(0)

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other: Dual) -> Dual:
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)


def dual(n: int) -> Dual:
    return Dual(Fraction(n))


@dataclass(frozen=True)
class Chain:
    """Residual units x' = scale x + F(x) with F_i(x) = c_i x^2, from unit `start` on, which x enters; E = x_L^2 / 2."""

    start: int
    x: int
    scale: int = 1
    factors: tuple[int, ...] = (1, -1, 1, 1)

    def signals(self) -> list[Dual]:
        """x_start to x_L, each with its derivative by x_start."""
        steps = [Dual(Fraction(self.x), Fraction(1)), *map(dual, self.factors[self.start :])]
        return list(accumulate(steps, lambda x, c: dual(self.scale) * x + c * x * x))

    def residuals(self, weighed: bool = False) -> list[Dual]:
        """F(x_i) of each unit; `weighed` times the scales that it still passes."""
        found = [dual(c) * x * x for c, x in zip(self.factors[self.start :], self.signals(), strict=False)]
        if not weighed:
            return found
        return [dual(self.scale ** (len(found) - 1 - i)) * f for i, f in enumerate(found)]

    def end(self) -> Fraction:
        return self.signals()[-1].value

    def gradient(self) -> Fraction:
        """dE / dx_start."""
        return self.end() * self.signals()[-1].slope


def total(parts: Sequence[Dual]) -> Fraction:
    return sum((part.value for part in parts), Fraction(0))


def slope(parts: Sequence[Dual]) -> Fraction:
    return sum((part.slope for part in parts), Fraction(0))


def entering(start: int, scale: int = 1) -> Chain:
    """The chain that begins with x_0 = 1, looked at from unit `start` on."""
    x = Chain(0, 1, scale).signals()[start].value
    return Chain(start, int(x), scale)


def relu(x: Fraction) -> Fraction:
    return max(x, Fraction(0))


def constant_units(activated: bool, count: int) -> Fraction:
    """Units that add -3/2, 1, 1 to x = 1, each with or without a ReLU after the addition."""
    x = Fraction(1)
    for f in (Fraction(-3, 2), Fraction(1), Fraction(1))[:count]:
        x = relu(x + f) if activated else x + f
    return x


def preactivated(x: Fraction) -> tuple[Fraction, Fraction]:
    """Units x' = x - 2 relu(x) and x' = x + relu(x + 3), run; and x plus the sum of what they added."""
    first = -2 * relu(x)
    second = relu(x + first + 3)
    return (x + first) + second, x + (first + second)


Matrix = tuple[tuple[int, ...], ...]
MATRICES: tuple[Matrix, ...] = (((1, 1), (0, 1)), ((1, 0), (1, 1)), ((2, 0), (0, 1)))


def through(matrices: Sequence[Matrix], x: tuple[int, ...] = (1, 1)) -> tuple[int, ...]:
    """Linear layers, one after another."""
    for matrix in matrices:
        x = tuple(sum(w * a for w, a in zip(line, x, strict=True)) for line in matrix)
    return x


def product(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return tuple(tuple(sum(p * q for p, q in zip(line, column, strict=True)) for column in columns) for line in a)


def vector(numbers: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, numbers))})"


def convolve(rows: list[list[int]], kernel: list[list[int]]) -> list[list[int]]:
    """One channel, zeros around it, and a ReLU."""
    reach, size = len(kernel) // 2, range(len(rows))

    def at(i: int, j: int) -> int:
        return rows[i][j] if i in size and j in size else 0

    window = range(-reach, reach + 1)
    return [
        [max(0, sum(kernel[a + reach][b + reach] * at(i + a, j + b) for a in window for b in window)) for j in size]
        for i in size
    ]


def identity_deviation() -> int:
    """How far a 3x3 convolution with a lone 1 in its middle, and a ReLU, are from the identity on a map >= 0."""
    rows = [[(7 * i + 3 * j) % 5 for j in range(6)] for i in range(6)]
    layer = convolve(rows, [[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    return sum(abs(a - b) for old, new in zip(rows, layer, strict=True) for a, b in zip(old, new, strict=True))


def weight_share(scale: Fraction, depth: int = 54) -> str:
    """Of a gradient through units x' = scale x + x / 10, the part that passes at least one weight layer."""
    return f"{float(1 - (scale / (scale + Fraction(1, 10))) ** depth):.5f}"


def two_layers(x: Fraction, late: bool = False, second: Fraction = Fraction(-2)) -> Fraction:
    """A unit of one neuron a layer, weights 1 and `second`; `late` adds the shortcut after the second ReLU."""
    f = second * relu(x)
    return relu(relu(f) + x) if late else relu(f + x)


def bend(layers: int) -> Fraction:
    """y(1) + y(-1) - y(0) for y = F(x) + x, all weights 1, a ReLU between two layers: 0 where y is linear."""

    def y(x: int) -> Fraction:
        return (relu(Fraction(x)) if layers == 2 else Fraction(x)) + x

    return abs(y(1) + y(-1) - y(0))


# -- what each row computes --------------------------------------------------------------------------------------


def pieces(*found: Value | Sequence[Value]) -> list[Value]:
    """Values in one list; a list among them gives its items."""
    out: list[Value] = []
    for item in found:
        out += item if isinstance(item, list) else [item]  # type: ignore[list-item]
    return out


def same_width(name: str) -> Network:
    """A net of bottlenecks with units of two 3x3 convolutions in their place, of the same outer width."""
    return net(name, unit="basic")


def deeper_plain_net() -> list[Value]:
    """The layers that plain-56 has more than plain-20, and how far each is from the identity if it is set to be it."""
    added = net("cifar_plain56").layers - net("cifar_plain20").layers
    return pieces(added, identity_deviation())


def plain_product() -> list[Value]:
    """Three linear layers on x_0, and the note's product, which begins with the second."""
    return pieces(vector(through(MATRICES)), vector(through(MATRICES[1:])), len(MATRICES), len(MATRICES) - 1)


def gradient() -> list[Value]:
    """Eq. 8 for l = 0 and l = 1: the gradient, and what the note's sum from i = 1 gives."""
    found: list[Value] = []
    for start in (1, 0):
        chain = entering(start)
        skipped = chain.residuals()[1 - start :]  # the terms of i = 1 and later; earlier ones do not depend on x_l
        found += [chain.gradient(), chain.end() * (1 + slope(skipped))]
    return found


def gradient_parts() -> list[Value]:
    """The two summands of eq. 8 for l = 1, and the gradient."""
    chain = entering(1)
    direct, weights = chain.end(), chain.end() * slope(chain.residuals())
    assert direct + weights == chain.gradient()
    return pieces(direct, weights, chain.gradient())


def scaled_signal() -> list[Value]:
    """x_L with factors on the shortcuts, and what eq. 10 gives, whose residuals pass none."""
    chain = entering(1, scale=2)
    carried = chain.scale ** len(chain.residuals()) * chain.x
    assert chain.end() == carried + total(chain.residuals(weighed=True))
    return pieces(chain.end(), carried + total(chain.residuals()))


def scaled_gradient() -> list[Value]:
    """Eq. 11 for l = 2, L = 4: the gradient; the note's right side, its product over i = 1, 2, 3."""
    chain = entering(2, scale=2)
    depth = len(chain.residuals())
    assert chain.gradient() == chain.end() * (chain.scale**depth + slope(chain.residuals(weighed=True)))
    note = chain.scale ** (depth + 1) + slope(chain.residuals())
    return pieces(chain.gradient(), chain.end() * note, chain.scale ** (depth + 1), chain.scale**depth)


def same_maps() -> list[Value]:
    """The most widths and sizes that the convolutions of a stage of ResNet-34 have."""
    rows = [[op for block in stage.blocks for op in block.ops] for stage in stages(net("resnet34"))]
    kinds = [{op.output for op in stage if op.name == "conv"} for stage in rows]
    return pieces(len(kinds), max(map(len, kinds)))


def pools_and_strides() -> list[Value]:
    """Poolings and strided units of ResNet-34, its maps, and what a 3x3 convolution costs inside each stage."""
    of = net("resnet34")
    work = {op.cost.macs // op.count for b in units(of) if b.input == b.output for op in b.ops if op.name == "conv"}
    strided = sum("/2" in block.ops[0].label for block in units(of))
    return pieces(number(of, "maxpool"), strided, [stage.output for stage in stages(of)], *work)


def option(letter: str) -> Network:
    """ResNet-34 with other shortcuts: a pads, c projects everywhere."""
    return net(f"resnet34_{letter}")


def dotted() -> int:
    """The weights of the 1x1 convolution on the first dotted shortcut of ResNet-34."""
    return next(op for op in convs(net("resnet34")) if op.label == "1x1 conv, 128, /2").cost.params


COMPUTED: dict[str, Callable[[], list[Value]]] = {
    # Note 1, section 1
    "N2": lambda: pieces(net("cifar_plain20").layers, net("cifar_plain56").layers),
    "N3": deeper_plain_net,
    # section 2
    "N4": lambda: pieces(sum(relu(Fraction(x)) == x for x in range(-2, 3)), len(range(-2, 3))),
    "N5": lambda: pieces(Decimal("5.1"), Decimal("5.1") - 5),
    "N6": lambda: pieces(Fraction("0.1") / Fraction("5.1"), f"{100 / 51:.2f}"),
    "N7": lambda: pieces(
        100 * (Fraction("0.2") - Fraction("0.1")) / Fraction("0.1"), 51 * Fraction("0.1") / Fraction("0.1")
    ),
    # section 3
    "N9": lambda: pieces(number(net("resnet34"), "+"), number(net("resnet34"), "relu")),
    "N10": lambda: pieces(constant_units(True, 3), constant_units(False, 3)),
    # section 4.1
    "N11": lambda: pieces(constant_units(False, 1), constant_units(True, 1)),
    "N13": lambda: pieces(Chain(1, 2).signals()[2].value, 2 + total(Chain(1, 2).residuals()[:2])),
    "N14": lambda: pieces(entering(1).end(), entering(1).x + total(entering(1).residuals())),
    "N15": lambda: pieces(
        entering(0).end(), 1 + total(entering(0).residuals()[1:]), total(entering(0).residuals()[:1])
    ),
    "N16": plain_product,
    "N17": gradient,
    "N18": gradient_parts,
    "N20": lambda: pieces(1 + Fraction(-1), f"{0.5**54:.1e}", sum(depths(net("cifar_resnet110")))),
    # section 4.2
    "N21": lambda: pieces(number(net("im_resnet110_constant_shortcut"), "*")),
    "N22": scaled_signal,
    "N23": scaled_gradient,
    "N24": lambda: pieces(f"{1.1**54:.1f}", f"{0.9**54:.4f}", sum(depths(net("cifar_resnet110")))),
    "N25": lambda: pieces(weight_share(Fraction(2)), weight_share(Fraction(1)), weight_share(Fraction(1, 2))),
    # section 5
    "N26": lambda: pieces(constant_units(False, 1), constant_units(False, 1) - 1),
    # section 6
    "N27": lambda: pieces(
        blocks(net("fully_connected_resnet"))[1].layers // blocks(net("fully_connected_resnet"))[1].count,
        blocks(net("fully_connected_resnet"))[1].cost.macs // blocks(net("fully_connected_resnet"))[1].count,
    ),
    "N28": lambda: pieces(code("linear(64) + id", "784")),
    "N29": lambda: pieces(one("linear(64, bias = false)", "784").params, net("projected_vector").params),
    "N30": lambda: pieces(net("resnet34").report.cost.addition, number(net("resnet34"), "+")),
    "N31": same_maps,
    "N32": pools_and_strides,
    "N33": lambda: pieces(number(net("resnet34"), "+") - projections(net("resnet34")), projections(net("resnet34"))),
    "N34": lambda: pieces(option("a").params - net("plain34").params, net("plain34").params),
    "N35": lambda: pieces(net("resnet34").params - option("a").params),
    "N37": lambda: pieces(
        projections(option("c")),
        projections(net("resnet34")),
        option("c").params - net("resnet34").params,
        option("c").macs - net("resnet34").macs,
    ),
    "N38": lambda: pieces([unit_layers(net(name)) for name in IMAGENET[1:]]),
    "N39": lambda: pieces(net("narrow_256").program.input[0], [op.output[0] for op in convs(net("narrow_256"))]),
    "N40": lambda: pieces(net("narrow_256").params, [op.cost.params for op in convs(net("narrow_256"))]),
    "N41": lambda: pieces(net("pair_256").params),
    "N42": lambda: pieces(
        f"{net('pair_256').params / net('narrow_256').params:.4f}",
        net("pair_64").params,
        f"{net('pair_64').params / net('narrow_256').params:.2f}",
    ),
    "N43": lambda: pieces(
        net("resnet50").params, same_width("resnet50").params, gigas(net("resnet50")), gigas(same_width("resnet50"))
    ),
    # section 7.1
    "N44": lambda: pieces(
        {op.cost.params // op.count for op in units(net("resnet34"))[0].ops if op.name == "conv"}.pop()
    ),
    "N45": lambda: pieces([op.cost.params for op in convs(net("projected_unit"))[:2]]),
    "N46": lambda: pieces(net("projected_unit").report.cost.addition, net("projected_unit").layers),
    "N47": lambda: pieces(dotted(), convs(net("projected_unit"))[-1].cost.params),
    # section 7.2
    "N48": lambda: pieces(two_layers(Fraction(2), second=Fraction(-1, 2)), relu(Fraction(-1, 2) * relu(Fraction(2)))),
    "N49": lambda: pieces(net("worked_unit").layers),
    "N50": lambda: pieces(two_layers(Fraction(1)), two_layers(Fraction(1), late=True)),
    "N51": lambda: pieces(bend(1), bend(2)),
    # section 7.3
    "N52": lambda: pieces(
        convolve([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[2]])[0],
        net("one_by_one_scale").params,
        net("one_by_one_scale").macs,
    ),
    "N53": lambda: pieces(
        prod(net("one_by_one").program.input[1:]),
        net("one_by_one").program.input[0],
        net("one_by_one", filters=1).params,
        net("one_by_one", filters=1).macs,
    ),
    "N54": lambda: pieces(net("one_by_one").program.input),
    "N55": lambda: pieces(net("one_by_one").program.input[0]),
    "N56": lambda: pieces(net("one_by_one", filters=1).params),
    "N57": lambda: pieces(convs(net("one_by_one"))[0].output),
    "N58": lambda: pieces(prod(net("one_by_one").program.input[1:])),
    "N59": lambda: pieces(
        net("one_by_one_shrink").sections[0].output,
        net("one_by_one_shrink").params // 32,
        net("one_by_one_shrink").params,
        net("one_by_one_shrink").macs,
    ),
    "N60": lambda: pieces(one("maxpool(2, stride = 2)", "192 x 28 x 28").sections[0].output),
    "N61": lambda: pieces(
        net("one_by_one_keep").sections[0].output, one("conv(256, 1)", "192 x 28 x 28").sections[0].output
    ),
    "N62": lambda: pieces(
        sum(
            abs(a - b) for a, b in zip(through(MATRICES[:2]), through([product(MATRICES[1], MATRICES[0])]), strict=True)
        )
    ),
    # section 8
    "N63": lambda: pieces(
        convs(net("resnet50"))[0].output, convs(net("resnet50"))[0].label, ops(net("resnet50"), "maxpool")[0].label
    ),
    "N64": lambda: pieces([stage.output[1] for stage in stages(net("resnet152"))]),
    "N65": lambda: pieces(depths(net("resnet18"))),
    "N66": lambda: pieces(depths(net("resnet34"))),
    "N67": lambda: pieces(depths(net("resnet50"))),
    "N68": lambda: pieces(depths(net("resnet101"))),
    "N69": lambda: pieces(depths(net("resnet152"))),
    "N70": lambda: pieces(
        [stage.output[0] for stage in stages(net("resnet34"))],
        [s.output[0] for s in stages(net("resnet50"))],
        [s.blocks[-1].ops[0].output[0] for s in stages(net("resnet50"))],
    ),
    "N71": lambda: pieces(ops(net("resnet50"), "linear")[0].output[0], ops(net("resnet50"), "globalpool")[0].output),
    "N72": lambda: pieces(gigas(net("resnet18_a")), gigas(net("resnet18"))),
    "N73": lambda: pieces(gigas(net("resnet34_a")), gigas(net("resnet34")), f"{net('resnet34').macs / 1e9:.1f}"),
    "N74": lambda: pieces(
        gigas(net("resnet50_v1")),
        f"{net('resnet50_v1').macs / 1e9:.1f}",
        gigas(net("resnet50_a_v1")),
        gigas(net("resnet50")),
    ),
    "N75": lambda: pieces(gigas(net("resnet101_v1")), gigas(net("resnet101"))),
    "N76": lambda: pieces(gigas(net("resnet152_v1")), gigas(net("resnet152"))),
    "N78": lambda: pieces([net(name).layers for name in IMAGENET]),
    "N79": lambda: pieces(1 + len(stages(net("resnet101")))),
    "N80": lambda: pieces(convs(net("resnet101"))[0].output[0], convs(net("resnet101"))[0].cost.params),
    "N81": lambda: pieces(sum(depths(net("resnet101")))),
    "N82": lambda: pieces(sum(stage.layers for stage in stages(net("resnet101")))),
    "N83": lambda: pieces(net("resnet101").layers),
    "N84": lambda: pieces(
        net("resnet101").layers, projections(net("resnet101")), net("resnet101").report.cost.layers_all
    ),
    "N85": lambda: pieces(
        depths(net("resnet50"))[2],
        depths(net("resnet101"))[2],
        [a == b for a, b in zip(depths(net("resnet50")), depths(net("resnet101")), strict=True)].count(True),
    ),
    "N86": lambda: pieces(
        depths(net("resnet101"))[2] - depths(net("resnet50"))[2], net("resnet101").layers - net("resnet50").layers
    ),
    # sections 9 to 11
    "N89": lambda: pieces(
        [*preactivated(Fraction(2))], net("im_resnet110_full_preact").params, net("im_resnet110_original").params
    ),
    "N91": lambda: pieces(dotted()),
    "N93": lambda: pieces(identity_deviation()),
    "N94": lambda: pieces(
        option("a").params - net("plain34").params,
        option("a").macs - net("plain34").macs,
        option("a").report.cost.addition,
    ),
    # Note 2
    "N96": lambda: pieces(net("resnet152").layers, net("preact_resnet1001").layers, net("cifar_resnet1202").layers),
    "N98": lambda: pieces(constant_units(False, 1) - 1, constant_units(False, 1)),
    "N99": lambda: pieces(unit_layers(net("resnet34")), unit_layers(net("resnet50"))),
    "N101": lambda: pieces(convs(net("resnet18"))[0].output, ops(net("resnet18"), "maxpool")[0].output),
    "N102": lambda: pieces(*sorted({unit_layers(net(name)) for name in IMAGENET})),
    "N103": lambda: pieces([op.label.split()[0] for op in convs(net("resnet50"))[1:4]]),
    "N104": lambda: pieces(
        number(net("resnet50"), "conv"), number(net("resnet50"), "batchnorm"), number(net("resnet50"), "relu")
    ),
    "N105": lambda: pieces(projections(net("resnet18")), projections(net("resnet50"))),
    "N106": lambda: pieces(
        ops(net("resnet50"), "linear")[0].cost.params, one("flatten -> linear(1000)", "2048 x 7 x 7").params
    ),
    "N107": lambda: pieces([net(name).layers for name in IMAGENET]),
    "N108": lambda: pieces([unit_layers(net(name)) for name in IMAGENET]),
    "N109": lambda: pieces([sum(depths(net(name))) for name in IMAGENET]),
    "N110": lambda: pieces(gigas(net("resnet50")), gigas(same_width("resnet50"))),
    "N111": lambda: pieces(number(net("resnet50"), "conv"), number(net("resnet50"), "batchnorm")),
    "N112": lambda: pieces(
        net("resnet50").params, net("resnet101").params, gigas(net("resnet50")), gigas(net("resnet101"))
    ),
    "N114": lambda: pieces(convs(net("worked_unit"))[0].output, net("worked_unit").params, net("worked_unit").macs),
    "N115": lambda: pieces(convs(net("worked_unit"))[1].output),
    "N116": lambda: pieces(two_layers(Fraction(1), late=True), two_layers(Fraction(1))),
    "N117": lambda: pieces(net("worked_unit").report.cost.addition),
    "N118": lambda: pieces(net("worked_unit").sections[0].output),
}


def shown(value: Value) -> str:
    """A value as the document writes it."""
    if isinstance(value, tuple):
        return show(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


# -- the tests ---------------------------------------------------------------------------------------------------


def test_rows_are_numbered_in_order() -> None:
    assert [row.id for row in read()] == [f"N{n}" for n in range(1, len(ROWS) + 1)]


def test_every_row_with_a_number_has_a_computation_and_the_reverse() -> None:
    assert {row.id for row in ROWS.values() if not row.verdict.endswith("no number")} == set(COMPUTED)


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.id)
def test_verdict_is_one_of_five(row: Row) -> None:
    assert row.verdict in VERDICTS
    assert row.says
    assert (row.computed == "none") == row.verdict.endswith("no number")


def test_document_counts_its_verdicts() -> None:
    counts = dict(re.findall(r"^\| ([a-z, ]+) \| (\d+) \|", DOCUMENT.read_text(encoding="utf-8"), re.M))
    verdicts = [row.verdict for row in ROWS.values()]
    assert counts == {verdict: str(verdicts.count(verdict)) for verdict in VERDICTS}


@pytest.mark.parametrize("id_", COMPUTED)
def test_document_has_the_computed_values(id_: str) -> None:
    row = ROWS[id_]
    assert [*values(row.computed), *values(row.why)] == [shown(value) for value in COMPUTED[id_]()]


def agrees(said: str, computed: str) -> bool:
    """Whether a number is the other one, rounded to its digits."""
    if said == computed:
        return True
    digits, counted = (Decimal(text.replace(",", "")) for text in (said, computed))
    return counted.quantize(Decimal(1).scaleb(int(digits.as_tuple().exponent)), ROUND_HALF_UP) == digits


@pytest.mark.parametrize("row", [row for row in ROWS.values() if values(row.says)], ids=lambda row: row.id)
def test_verdict_follows_from_the_numbers(row: Row) -> None:
    said, computed = values(row.says), values(row.computed)
    pairs = list(zip(said, computed[: len(said)], strict=True))
    match row.verdict:
        case "right":
            assert all(a == b for a, b in pairs)
        case "rounded":
            assert all(agrees(a, b) for a, b in pairs)
            assert any(a != b for a, b in pairs)
        case "slip":
            assert not all(agrees(a, b) for a, b in pairs)
        case _:
            pytest.fail("a number that nothing is compared with")


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.id)
def test_no_computed_number_stands_outside_the_values(row: Row) -> None:
    rest = re.sub(r"\*\*.+?\*\*|sections? [\d., and]+", "", f"{row.computed} {row.why}")
    assert not re.search(r"\d[.,]\d|\b\d{5,}\b", rest)
