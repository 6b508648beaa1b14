"""Geometry of a scene, on rectangles (left, top, right, bottom): what the tests of the pictures ask of every figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from resdsl.emit.picture.lettering import measure
from resdsl.emit.picture.scene import Arc, Bar, Box, Point, Scene, Text

Rectangle = tuple[float, float, float, float]


def boxes(scene: Scene) -> dict[str, Box]:
    found = [item for item in scene.items if isinstance(item, Box)]
    assert len({box.key for box in found}) == len(found)
    return {box.key: box for box in found}


def arcs(scene: Scene) -> list[Arc]:
    return [item for item in scene.items if isinstance(item, Arc)]


def texts(scene: Scene) -> list[Text]:
    """Every text, inside a box or not."""
    return [
        text
        for item in scene.items
        for text in (item.texts if isinstance(item, Box) else [item])
        if isinstance(text, Text)
    ]


def outer(box: Box) -> Rectangle:
    """A box with the card stacked behind it."""
    return box.x, box.y, box.x + box.width + box.stack, box.y + box.height + box.stack


def bounds(text: Text) -> Rectangle:
    width = measure(text.text, size=text.size, bold=text.bold)
    left = text.x - {"start": 0, "middle": width / 2, "end": width}[text.anchor]
    return left, text.y - 0.4 * text.size, left + width, text.y + 0.55 * text.size


def meet(a: Rectangle, b: Rectangle) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def inside(a: Rectangle, b: Rectangle) -> bool:
    return b[0] <= a[0] and b[1] <= a[1] and a[2] <= b[2] and a[3] <= b[3]


def segments(arc: Arc) -> Iterator[Rectangle]:
    for (x0, y0), (x1, y1) in pairwise(arc.points):
        assert abs(x0 - x1) < 1e-6 or abs(y0 - y1) < 1e-6, (arc.tail, arc.head, arc.points)
        half = arc.width / 2
        yield min(x0, x1) - half, min(y0, y1) - half, max(x0, x1) + half, max(y0, y1) + half


def on_edge(point: Point, box: Box) -> bool:
    """On the outline of a box, or of the card stacked behind it where that one shows."""
    x, y = point
    left, top, right, bottom = outer(box)
    across = left <= x <= right and (abs(y - top) < 1e-6 or abs(y - bottom) < 1e-6)
    return across or (top <= y <= bottom and (abs(x - left) < 1e-6 or abs(x - right) < 1e-6))


def meeting(some: Iterable[tuple[Rectangle, str]], others: Iterable[tuple[Rectangle, str]]) -> list[tuple[str, str]]:
    """The pairs of rectangles of two kinds that meet, by their names; found by a sweep down the page."""
    events = sorted(
        [(rectangle[1], 0, rectangle, name) for rectangle, name in some]
        + [(rectangle[1], 1, rectangle, name) for rectangle, name in others],
        key=lambda event: event[0],
    )
    open_: tuple[list[tuple[Rectangle, str]], list[tuple[Rectangle, str]]] = ([], [])
    found = []
    for top, kind, rectangle, name in events:
        for group in open_:
            group[:] = [entry for entry in group if entry[0][3] > top]
        found += [(name, other) for entry, other in open_[1 - kind] if meet(rectangle, entry)]
        open_[kind].append((rectangle, name))
    return found


def faults(scene: Scene) -> list[str]:
    """Everything that a figure must not have: what meets, sticks out, overruns, ends nowhere."""
    by_key = boxes(scene)
    page = (0.0, 0.0, scene.width, scene.height)
    found = []
    outers = [(outer(box), box.key) for box in by_key.values()]
    seen: set[tuple[str, str]] = set()
    for a, b in meeting(outers, outers):
        if a != b and (b, a) not in seen:
            seen.add((a, b))
            found.append(f"boxes meet: {a} {b}")
    found += [f"off the page: {key}" for rectangle, key in outers if not inside(rectangle, page)]
    found += [f"off the page: {text.text}" for text in texts(scene) if not inside(bounds(text), page)]
    for box in by_key.values():
        frame = (box.x, box.y, box.x + box.width, box.y + box.height)
        found += [f"too wide: {text.text}" for text in box.texts if not inside(bounds(text), frame)]
    lines = []
    for arc in arcs(scene):
        for end, key in ((arc.points[0], arc.tail), (arc.points[-1], arc.head)):
            if not on_edge(end, by_key[key]):
                found.append(f"ends nowhere: {arc.tail} -> {arc.head} at {end}")
        for segment in segments(arc):
            lines.append((segment, f"{arc.tail} -> {arc.head}"))
            if not inside(segment, page):
                found.append(f"off the page: {arc.tail} -> {arc.head}")
    cores = [((a + 1, b + 1, c - 1, d - 1), key) for (a, b, c, d), key in outers]
    found += [f"line through a box: {a}, {b}" for a, b in meeting(lines, cores)]
    free = [(bounds(item), item.text) for item in scene.items if isinstance(item, Text)]
    bars = [((i.x, i.y, i.x + i.width, i.y + i.height), "bar") for i in scene.items if isinstance(i, Bar)]
    found += [f"text on something: {a}, {b}" for a, b in meeting(free, [*outers, *bars, *lines])]
    numbered = [(rectangle, f"{name} {index}") for index, (rectangle, name) in enumerate(free)]
    found += [f"texts meet: {a}, {b}" for a, b in meeting(numbered, numbered) if a != b]
    return found
