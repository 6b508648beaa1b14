"""How findings count: "a unit", "16 units", "4.09 G"; and which of them are told together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from math import prod
from typing import TypeVar

from resdsl.ops import Op
from resdsl.ops.weighted import Conv

T = TypeVar("T")


def times(count: int, thing: str) -> str:
    """`one unit`, `16 units`."""
    return f"one {thing}" if count == 1 else f"{count:,} {thing}s"


def kernel_size(op: Op) -> int:
    """How many positions a convolution sees; 0 for another op."""
    if not isinstance(op, Conv):
        return 0
    return prod(op.kernel) if isinstance(op.kernel, tuple) else op.kernel**2


def by_place(items: Iterable[T], place: Callable[[T], Hashable]) -> list[list[T]]:
    """Items of one place together, in the order of the first of each."""
    groups: dict[Hashable, list[T]] = {}
    for item in items:
        groups.setdefault(place(item), []).append(item)
    return list(groups.values())
