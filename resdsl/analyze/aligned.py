"""Two sequences side by side: the cheapest way to make one of the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Pairs: TypeAlias = list[tuple[int | None, int | None]]
"""Places of what stands side by side; None where one side has nothing."""

MOST = 90_000  # products of lengths; longer sequences are laid side by side from both ends


def aligned(a: Sequence[T], b: Sequence[T], price: Callable[[T, T], float | None]) -> tuple[float, Pairs]:
    """What it costs and the pairs: 1 for an item without a partner, `price` for two (None: they never meet).

    What both begin and end with meets; of ways that cost the same, the one with the items without a partner first.
    """
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    inner_a, inner_b = a[head : len(a) - tail], b[head : len(b) - tail]
    cost, inner = _table(inner_a, inner_b, price) if len(inner_a) * len(inner_b) <= MOST else _apart(inner_a, inner_b)
    pairs: Pairs = [(i, i) for i in range(head)]
    pairs += [(None if i is None else i + head, None if j is None else j + head) for i, j in inner]
    pairs += [(len(a) - tail + i, len(b) - tail + i) for i in range(tail)]
    return cost, pairs


def _apart(a: Sequence[T], b: Sequence[T]) -> tuple[float, Pairs]:
    return float(len(a) + len(b)), [*((i, None) for i in range(len(a))), *((None, j) for j in range(len(b)))]


def _table(a: Sequence[T], b: Sequence[T], price: Callable[[T, T], float | None]) -> tuple[float, Pairs]:
    best = [[float(i + j) for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    meets: dict[tuple[int, int], float] = {}
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            costs = [best[i][j + 1] + 1, best[i + 1][j] + 1]
            paid = price(x, y)
            if paid is not None:
                meets[i, j] = paid
                costs.append(best[i][j] + paid)
            best[i + 1][j + 1] = min(costs)
    pairs: Pairs = []
    i, j = len(a), len(b)
    while i or j:
        here = best[i][j]
        if i and j and (i - 1, j - 1) in meets and here == best[i - 1][j - 1] + meets[i - 1, j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and here == best[i - 1][j] + 1:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return best[-1][-1], pairs[::-1]
