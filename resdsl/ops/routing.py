"""Ops that move channels and lists about, and compute nothing or little."""

from __future__ import annotations

from math import prod

from resdsl.ops.base import (
    NOTHING,
    Cost,
    Op,
    Refused,
    Shape,
    Type,
    argument,
    dividing,
    is_list,
    positions,
    shapes,
    show,
    spoken,
)


class Flatten(Op):
    """C x H x W to a vector."""

    name = "flatten"
    anywhere = True
    passes = True
    stem = "flatten"

    def shape(self, x: Shape) -> Shape:
        return (prod(x),)

    def cost(self, x: Shape, y: Shape) -> Cost:
        return NOTHING


class Reshape(Op):
    """The same elements in another shape, `sizes` without the batch."""

    name = "reshape"
    anywhere = True
    stem = "reshape"
    sizes: tuple[int, ...] = argument("sizes")

    def shape(self, x: Shape) -> Shape:
        sizes = self.sizes if isinstance(self.sizes, tuple) else (self.sizes,)
        if prod(sizes) != prod(x):
            what = f"{show(x)} has {prod(x):,} elements, {spoken(sizes)} has {prod(sizes):,}"
            raise Refused("E0304", what, "sizes", f"list sizes whose product is {prod(x):,}")
        return sizes

    def cost(self, x: Shape, y: Shape) -> Cost:
        return NOTHING


class ZeroPad(Op):
    """Appends channels of zeros up to `width`."""

    name = "zeropad"
    stem = "pad"
    width: int = argument("size")

    def shape(self, x: Shape) -> Shape:
        if self.width < x[0]:
            raise Refused(
                "E0305",
                f"{x[0]} channels cannot be padded to {self.width}: that is fewer",
                "width",
                f"pad to {x[0]} or more; a 1x1 convolution makes fewer of them",
            )
        return (self.width, *x[1:])

    def cost(self, x: Shape, y: Shape) -> Cost:
        return NOTHING

    def label(self, rank: int = 2) -> str:
        return f"zero-pad, {self.width}"


class Shuffle(Op):
    """The channels, written as `groups` rows, read by columns (ShuffleNet)."""

    name = "shuffle"
    anywhere = True
    passes = True
    stem = "shuffle"
    groups: int = argument("count")

    def shape(self, x: Shape) -> Shape:
        positions(x, self.name)
        if x[0] % self.groups:
            raise Refused(
                "E0305", f"{self.groups} groups do not divide {x[0]} channels", "groups", dividing(x[0], self.groups)
            )
        return x

    def cost(self, x: Shape, y: Shape) -> Cost:
        return NOTHING


class Split(Op):
    """A list of flows: `parts` of equal width, or of the widths listed."""

    name = "split"
    passes = True
    stem = "split"
    parts: int | tuple[int, ...] = argument("parts")

    def apply(self, x: Type) -> Type:
        if is_list(x):
            raise Refused("E0302", f"`split` takes one flow, and gets a list of {len(x)}", fix="index the list first")
        channels, *rest = shapes(x)[0]
        if isinstance(self.parts, tuple):
            if sum(self.parts) != channels:
                raise Refused(
                    "E0305",
                    f"{spoken(self.parts)} sums to {sum(self.parts)}, the input has {channels} channels",
                    "parts",
                    "say the last width as what is left, as in `split([n, in - n])` in a block",
                )
            widths = self.parts
        else:
            if channels % self.parts:
                raise Refused(
                    "E0305",
                    f"{channels} channels cannot be split into {self.parts} equal parts",
                    "parts",
                    dividing(channels, self.parts),
                )
            widths = (channels // self.parts,) * self.parts
        return tuple((width, *rest) for width in widths)

    def price(self, x: Type, y: Type) -> Cost:
        return NOTHING

    def cost(self, x: Shape, y: Shape) -> Cost:
        return NOTHING


class Sum(Op):
    """The sum of a list of flows of one shape."""

    name = "sum"
    stem = "sum"
    takes_list = True

    def apply(self, x: Type) -> Type:
        if not is_list(x):
            what = f"`sum` adds the items of a list, and gets one flow of {show(x)}"
            raise Refused("E0302", what, fix="put a list before it, as in `[a, b] -> sum`, or write `a + b`")
        different = sorted(set(shapes(x)))
        if len(different) > 1:
            what = f"`sum` adds items of one shape, and gets {show(x)}"
            raise Refused("E0301", what, fix="bring the items to one width and size before it")
        return different[0]

    def price(self, x: Type, y: Type) -> Cost:
        return Cost(addition=(len(x) - 1) * prod(shapes(y)[0]))

    def cost(self, x: Shape, y: Shape) -> Cost:
        return NOTHING
