"""A spec that fails, made small: lines, items and blocks go while it still fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from resdsl import layout, parser, syntax
from resdsl.diagnostics import Source

Edit = tuple[int, int, str]  # from, to, what stands there instead
COMPOUND = (
    syntax.Chain, syntax.Infix, syntax.Concat, syntax.Power, syntax.Compare, syntax.AnyOf, syntax.AllOf,
    syntax.Negation, syntax.Choice, syntax.Repeat, syntax.Negative, syntax.Labelled,
)  # fmt: skip


def shrunk(text: str, fails: Callable[[str], bool], seconds: float = 60) -> str:
    """The smallest spec that deleting and replacing parts leads to; each on the way fails. Stops when time is up."""
    until = time.monotonic() + seconds
    tried = {text}
    at, changed = 0, False
    possible = list(edits(text))
    while time.monotonic() < until:
        if at == len(possible):
            if not changed:
                break
            at, changed = 0, False
            continue
        start, end, made = possible[at]
        smaller = text[:start] + made + text[end:]
        if smaller not in tried and _fails(smaller, fails):
            text, changed = smaller, True
            possible = list(edits(text))
            at = min(at, len(possible))
        else:
            at += 1
        tried.add(smaller)
    laid_out = layout.format(text)
    return laid_out if _fails(laid_out, fails) else text


def _fails(text: str, fails: Callable[[str], bool]) -> bool:
    """A text that is no spec any more does not fail."""
    try:
        return fails(text)
    except Exception:
        return False


def edits(text: str) -> Iterator[Edit]:
    """What may be left out or made simpler, the largest first; each makes the text shorter, or a number smaller."""
    file = parser.parse(Source("shrink.resnet", text))
    found: list[Edit] = []
    for definition in file.definitions:
        found.append((definition.span.start, definition.span.end, ""))
        for node in syntax.walk(definition):
            found += _edits(node, text)
    size = len(text)
    shorter = [edit for edit in found if len(edit[2]) < edit[1] - edit[0] or edit[2].isdigit()]
    yield from sorted(shorter, key=lambda edit: (size - (edit[1] - edit[0]) + len(edit[2]), edit))


def _edits(node: syntax.Syntax, text: str) -> Iterator[Edit]:
    start, end = node.span.start, node.span.end
    for name in node.fields:
        value = getattr(node, name)
        if isinstance(value, tuple) and value and all(isinstance(item, syntax.Syntax) for item in value):
            yield from _left_out(value)
    if isinstance(node, syntax.Number) and isinstance(node.value, int) and node.value > 1:
        yield from ((start, end, str(n)) for n in (1, 2, node.value // 2, node.value - 1) if n < node.value)
    if isinstance(node, syntax.Input) and len(node.shape) > 1:
        for i, n in enumerate(node.shape):
            smaller = (*node.shape[:i], max(1, n // 2), *node.shape[i + 1 :])
            yield start, end, f"input {' x '.join(map(str, smaller))}"
        yield start, end, f"input {' x '.join(map(str, node.shape[:-1]))}"
    if isinstance(node, syntax.Expr):
        yield from ((start, end, simple) for simple in ("id", "1", "2", "true", "false"))
        for child in _inner(node):
            inner = text[child.span.start : child.span.end]
            yield start, end, inner
            if isinstance(child, COMPOUND):
                yield start, end, f"({inner})"


def _inner(node: syntax.Syntax) -> Iterator[syntax.Syntax]:
    """The expressions that stand directly in one."""
    for child in syntax.children(node):
        if isinstance(child, syntax.Arg):
            yield child.value
        elif isinstance(child, syntax.Body):
            yield from child.lines[-1:]
        elif isinstance(child, syntax.Expr):
            yield child


def _left_out(items: tuple[syntax.Syntax, ...]) -> Iterator[Edit]:
    """One of several items, with what separates it from its neighbour."""
    for i, item in enumerate(items):
        if i + 1 < len(items):
            yield item.span.start, items[i + 1].span.start, ""
        elif i:
            yield items[i - 1].span.end, item.span.end, ""
        else:
            yield item.span.start, item.span.end, ""
