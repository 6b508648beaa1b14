"""What the parts of a module are called, from their labels and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count


def split_label(label: str | None) -> tuple[str, str]:
    """A label's path, and how it numbers its parts: `s1.b{1}` is `s1` and `b{1}`."""
    if label is None or not label.endswith(("{0}", "{1}")):
        return label or "", ""
    path, _, last = label.rpartition(".")
    return path, last


def chosen(wanted: Sequence[tuple[str, str]]) -> list[str]:
    """A name for each label ("" where there is none) and word.

    A word is numbered from 1 where several parts have it, or another part has that name; a label that comes again is
    numbered from 2.
    """
    labels = {label for label, _ in wanted if label}
    often = Counter(word for label, word in wanted if not label)
    taken = labels | {label.split(".")[0] for label in labels}
    numbers: dict[tuple[bool, str], Iterator[int]] = {}
    found: list[str] = []
    for label, word in wanted:
        first = (True, label) not in numbers if label else often[word] == 1 and word not in taken
        if label:
            numbers.setdefault((True, label), count(2))
        own = label or word
        if not first:
            numbers.setdefault((False, word), count(1))
            own = next(n for i in numbers[bool(label), own] if (n := f"{own}{i}") not in taken)
        taken.add(own)
        found.append(own)
    return found
