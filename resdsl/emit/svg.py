"""Writes a scene as SVG: no Graphviz, no script, no style sheet, no reference to anything outside the file."""

from __future__ import annotations

import hashlib
from typing import assert_never

from resdsl.emit.scene import Arc, Bar, Box, Item, Point, Scene, Stroke, Text, arrow_head, clean, curve, number

_FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
_DASHES: dict[Stroke, str] = {
    "solid": "",
    "dashed": ' stroke-dasharray="4 2.5"',
    "dotted": ' stroke-dasharray="0.1 3" stroke-linecap="round"',
}
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def svg(scene: Scene) -> str:
    """The figure as one SVG document: the same bytes for the same scene, and ids of its own among other figures."""
    width, height = number(scene.width), number(scene.height)
    title, desc = _escape(scene.title), _escape(scene.desc)
    drawing = "\n".join(line for item in scene.items for line in _item(item))
    content = "\n".join((title, desc, width, height, scene.page, drawing))
    name = "figure-" + hashlib.sha256(content.encode()).hexdigest()[:12]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}" font-family="{_FONT}">\n'
        f'<title id="{name}-title">{title}</title>\n'
        f'<desc id="{name}-desc">{desc}</desc>\n'
        f'<rect width="{width}" height="{height}" fill="{scene.page}"/>\n'
        f"{drawing}\n</svg>\n"
    )


def _item(item: Item) -> list[str]:
    match item:
        case Box():
            return _box(item)
        case Arc():
            return _arc(item)
        case Text():
            return [_text(item)]
        case Bar():
            return _bar(item)
        case _:
            assert_never(item)


def _box(box: Box) -> list[str]:
    size = f'width="{number(box.width)}" height="{number(box.height)}" rx="{number(box.radius)}"'
    paint = f'fill="{box.fill}" stroke="{box.stroke}"'
    places = [(box.x, box.y)]
    if box.stack:
        places.insert(0, (box.x + box.stack, box.y + box.stack))
    cards = [f'<rect x="{number(x)}" y="{number(y)}" {size} {paint}/>' for x, y in places]
    return ["<g>", *_tip(box.tip), *cards, *(_text(text) for text in box.texts), "</g>"]


def _arc(arc: Arc) -> list[str]:
    start, steps = curve(arc)
    path = "M" + _point(start)
    path += "".join(("L" if len(step) == 1 else "C") + " ".join(_point(point) for point in step) for step in steps)
    paint = f'stroke="{arc.colour}" stroke-width="{number(arc.width)}"{_DASHES[arc.stroke]}'
    lines = [f'<path d="{path}" fill="none" {paint}/>']
    if arc.arrow:
        head = "L".join(_point(point) for point in arrow_head(arc))
        lines.append(f'<path d="M{head}z" fill="{arc.colour}"/>')
    return ["<g>", *_tip(arc.tip), *lines, "</g>"]


def _text(text: Text) -> str:
    baseline = text.y + 0.36 * text.size  # the capitals of Helvetica are 0.72 em high
    weight = ' font-weight="bold"' if text.bold else ""
    anchor = "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    return (
        f'<text x="{number(text.x)}" y="{number(baseline)}" font-size="{number(text.size)}"{weight}{anchor} '
        f'fill="{text.colour}">{_escape(text.text)}</text>'
    )


def _bar(bar: Bar) -> list[str]:
    place = f'x="{number(bar.x)}" y="{number(bar.y)}" height="{number(bar.height)}"'
    lines = [f'<rect {place} width="{number(bar.width)}" fill="{bar.track}"/>']
    if bar.filled:
        lines.append(f'<rect {place} width="{number(bar.filled)}" fill="{bar.fill}"/>')
    return ["<g>", *_tip(bar.tip), *lines, "</g>"]


def _tip(tip: str) -> list[str]:
    return [f"<title>{_escape(tip)}</title>"] if tip else []


def _point(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _escape(text: str) -> str:
    return clean(text).translate(_ENTITIES)
