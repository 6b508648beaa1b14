"""Writes a scene as DOT with every position pinned, so that ``dot -Tsvg``, ``-Tpdf`` and ``-Tpng`` draw that scene.

Boxes are nodes and arcs are edges between them, so the file is the model's structure as well as its picture. Texts are
nodes of their own: one label has one font, and HTML-like labels are never written.
"""

from __future__ import annotations

from typing import assert_never

from resdsl.emit.lettering import measure
from resdsl.emit.scene import ARROW_LENGTH, Anchor, Arc, Bar, Box, Item, Point, Scene, Text, clean, curve, number

# A list of families goes to fontconfig as it is. "Helvetica" and "Helvetica-Bold" alone are PostScript names that
# Graphviz maps itself, on many Linux machines to a much wider font; the price is that dot's SVG is not bold.
_FONT = "Helvetica,Arial,sans-serif"

_JUSTIFY: dict[Anchor, str] = {"start": "\\l", "middle": "", "end": "\\r"}
_SHIFT: dict[Anchor, float] = {"start": 0.5, "middle": 0.0, "end": -0.5}


def dot(scene: Scene) -> str:
    """The figure as a DOT document that pins it; ``dot -Tsvg|-Tpdf|-Tpng`` draws the same picture as ``svg``."""
    lines = [line for index, item in enumerate(scene.items) for line in _item(item, index, scene)]
    lines.sort(key=lambda line: " -> " in line.partition(" [")[0])  # a node that an edge names first is drawn first
    corner = "shape=point, style=invis, width=0.001, height=0.001"
    return "\n".join(
        (
            "digraph resdsl {",
            f"  graph [layout=nop2, outputorder=edgesfirst, pad=0, bgcolor={quote(scene.page)}];",
            f"  graph [tooltip={_tip(scene.title)}];",
            '  node [shape=box, style="filled,rounded", fixedsize=true, margin=0, label=""];',
            f'  node [fontname="{_FONT}"];',
            f"  edge [arrowsize={number(ARROW_LENGTH / 10)}];",  # of size 1 it is 10 points long
            f'  corner0 [pos="0,0", {corner}];',
            f'  corner1 [pos="{number(scene.width)},{number(scene.height)}", {corner}];',
            *lines,
            "}",
            "",
        )
    )


def quote(text: str, *, justify: str = "") -> str:
    """Any text as a DOT string that shows just that text: the only way a text gets into the file.

    Inside the quotes Graphviz still reads backslash escapes (``\\N`` is the node's name) and HTML entities.
    ``justify`` is "", or the escape that ends a left or right justified line.
    """
    shown = clean(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{shown}{justify}"'


def _tip(text: str) -> str:
    """A tooltip: its backslashes become U+2216, because Graphviz 2.43 expands the escapes of a tooltip twice."""
    return quote(text.replace("\\", "\u2216"))


def _item(item: Item, index: int, page: Scene) -> list[str]:
    """The lines of one item; ``page`` is the scene, from whose bottom DOT counts upwards."""
    match item:
        case Box():
            return _box(item, page)
        case Arc():
            return [_arc(item, page)]
        case Text():
            return [_text(item, f"text{index}", page)]
        case Bar():
            return _bar(item, index, page)
        case _:
            assert_never(item)


def _box(box: Box, page: Scene) -> list[str]:
    shape = "shape=circle, style=filled, " if box.radius * 2 >= box.width else ""
    paint = f"{shape}fillcolor={quote(box.fill)}, color={quote(box.stroke)}"
    tip = f", tooltip={_tip(box.tip)}" if box.tip else ""
    place = _place(box.x, box.y, box.width, box.height, page)
    lines = [f"  {quote(box.key)} [{place}, {paint}{tip}];"]
    if box.stack:
        behind = _place(box.x + box.stack, box.y + box.stack, box.width, box.height, page)
        lines.insert(0, f"  {quote(box.key + '_stack')} [{behind}, {paint}];")
    return lines + [_text(text, f"{box.key}_text{index}", page) for index, text in enumerate(box.texts)]


def _place(x: float, y: float, width: float, height: float, page: Scene) -> str:
    """Centre in points and size in inches of a rectangle given by its upper left corner."""
    centre = _point((x + width / 2, y + height / 2), page)
    return f'pos="{centre}", width={width / 72:.4f}, height={height / 72:.4f}'


def _arc(arc: Arc, page: Scene) -> str:
    """An edge whose ``pos`` is a spline of 3k+1 points; with an arrow head the tip stands before them."""
    start, steps = curve(arc)
    points = [start]
    for step in steps:
        points.extend(step if len(step) == 3 else _straight(points[-1], step[0]))
    tip = f"e,{_point(arc.points[-1], page)} " if arc.arrow else ""
    pos = tip + " ".join(_point(point, page) for point in points)
    options = f"color={quote(arc.colour)}, penwidth={number(arc.width)}, style={arc.stroke}"
    options += "" if arc.arrow else ", dir=none"
    options += f", tooltip={_tip(arc.tip)}" if arc.tip else ""
    return f'  {quote(arc.tail)} -> {quote(arc.head)} [pos="{pos}", {options}];'


def _straight(a: Point, b: Point) -> tuple[Point, Point, Point]:
    """The cubic that is the straight line from ``a`` to ``b``, without ``a``."""
    third = ((b[0] - a[0]) / 3, (b[1] - a[1]) / 3)
    return (a[0] + third[0], a[1] + third[1]), (b[0] - third[0], b[1] - third[1]), b


def _text(text: Text, key: str, page: Scene) -> str:
    to_edge = {"start": page.width - text.x, "middle": page.width, "end": text.x}[text.anchor]
    loose = 1.1 * measure(text.text, size=text.size, bold=text.bold) + 8  # Graphviz warns if its own text is wider
    width = min(loose, to_edge)  # a node over the edge would widen the page
    x = text.x + _SHIFT[text.anchor] * width
    y = text.y + 0.09 * text.size  # Graphviz centres a line with its descenders, a scene its capitals
    place = _place(x - width / 2, y - text.size, width, 2 * text.size, page)
    font = f"fontsize={number(text.size)}, fontcolor={quote(text.colour)}"
    font += f', fontname="{_FONT} Bold"' if text.bold else ""
    label = quote(text.text, justify=_JUSTIFY[text.anchor])
    return f"  {quote(key)} [{place}, shape=plaintext, style=solid, {font}, label={label}];"


def _bar(bar: Bar, index: int, page: Scene) -> list[str]:
    lines = []
    for part, width, fill in (("track", bar.width, bar.track), ("fill", bar.filled, bar.fill)):
        if width:
            place = _place(bar.x, bar.y, width, bar.height, page)
            tip = f", tooltip={_tip(bar.tip)}" if bar.tip else ""
            lines.append(f"  bar{index}_{part} [{place}, style=filled, penwidth=0, fillcolor={quote(fill)}{tip}];")
    return lines


def _point(point: Point, page: Scene) -> str:
    return f"{number(point[0])},{number(page.height - point[1])}"
