"""A picture of networks in the view that is asked for, in the format that a file name asks for."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, get_args

from resdsl.diagnostics import Diagnostic, FileError, Fix, ResdslError, UsageError, error, printable, usage
from resdsl.limits import DEFAULT

if TYPE_CHECKING:
    from resdsl.analyze.flow import Node
    from resdsl.analyze.outline import Outline
    from resdsl.emit.picture.block import Figure
    from resdsl.emit.picture.scene import Scene
    from resdsl.network import Network

Form = Literal["svg", "dot", "pdf", "png", "mmd"]
View = Literal["overview", "layers", "block", "graph"]
FORMS: tuple[str, ...] = get_args(Form)
VIEWS: tuple[str, ...] = get_args(View)
THEMES = ("light", "dark", "auto")
_BEGINS = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n"}
_LOOK = 0.05  # seconds between looks at what a `dot` that works has printed


def picture(
    nets: Sequence[Network],
    form: Form,
    *,
    view: View = "overview",
    block: str | None = None,
    theme: str = "light",
    horizontal: bool = False,
) -> bytes:
    """Networks side by side in a view and a format.

    PDF and PNG need Graphviz: UsageError where it is missing, FileError where it fails. ``theme`` "auto" is light, and
    in an SVG dark where the reader's page is dark.
    """
    if theme not in THEMES:
        raise usage(f"there is no theme `{printable(theme[:40])}`", f"the themes: {', '.join(THEMES)}")
    if form == "mmd":
        from resdsl.emit.picture.mermaid import mermaid

        if view != "overview" or len(nets) > 1:
            raise usage("Mermaid has the overview of one model", "end the name in .svg")
        return mermaid(_outline(nets[0])).encode()
    drawn = scene(nets, view=view, block=block, theme=theme, horizontal=horizontal)
    if form == "svg":
        from resdsl.emit.picture.svg import svg

        return svg(drawn, auto=theme == "auto").encode()
    from resdsl.emit.picture.dot import dot

    text = dot(drawn).encode()
    return text if form == "dot" else _rendered(text, form)


def svg_overview(net: Network, theme: str = "light") -> str:
    """The overview as SVG."""
    return picture([net], "svg", theme=theme).decode()


def scene(
    nets: Sequence[Network],
    *,
    view: View = "overview",
    block: str | None = None,
    theme: str = "light",
    horizontal: bool = False,
) -> Scene:
    """A view of networks, laid out. Raises SpecError where it is too large."""
    from resdsl.emit.picture.scene import DARK, LIGHT

    colours = DARK if theme == "dark" else LIGHT
    if block is not None and view != "block":
        raise usage("`--block` is for the block view", "add `--view block`")
    if horizontal and view == "layers":
        raise usage(
            "the layers view is vertical: its models stand side by side", "draw the overview, a block or the graph"
        )
    match view:
        case "overview":
            if horizontal:
                from resdsl.emit.picture.strip import strip as lay_out
            else:
                from resdsl.emit.picture.overview import overview as lay_out
            drawn = lay_out([_outline(net) for net in nets], colours)
        case "layers":
            from resdsl.emit.picture.layers import Model, layers

            drawn = layers([Model(_outline(net), _flow(net, view)) for net in nets], colours)
        case "block" | "graph":
            from resdsl.emit.picture.block import blocks

            figures = [f for net in nets for f in (_units(net, block, len(nets)) if view == "block" else _whole(net))]
            drawn = blocks(", ".join(net.name for net in nets), figures, colours, horizontal=horizontal)
    if len(drawn.items) > 4 * DEFAULT.picture_nodes:
        raise error("E0405", f"a picture of {len(drawn.items):,} parts; {4 * DEFAULT.picture_nodes:,} are the most")
    return drawn


def _outline(net: Network) -> Outline:
    from resdsl.analyze.outline import outline

    return outline(net.report, net.name, net.source)


def _flow(net: Network, view: str) -> tuple[Node, ...]:
    """The flow of a whole network, every op of it."""
    from resdsl.analyze.flow import TooLarge, of_program

    try:
        return of_program(net.program, DEFAULT.picture_nodes)
    except TooLarge:
        raise _too_large(f"the {view} view of {printable(net.name)}") from None


def _too_large(what: str) -> ResdslError:
    fix = Fix("draw the overview, which folds what repeats, or its blocks: `--view block`")
    return error("E0405", f"{what} has more than {DEFAULT.picture_nodes:,} ops, the limit `picture_nodes`", fixes=[fix])


def _whole(net: Network) -> list[Figure]:
    """Every op of a network."""
    from resdsl.emit.picture.block import Figure

    return [Figure(net.name, (), _flow(net, "graph"))]


def _units(net: Network, name: str | None, models: int) -> list[Figure]:
    """One block of each kind; of several models the most frequent kind of each. A model without blocks is one."""
    from resdsl.analyze.flow import TooLarge
    from resdsl.emit.picture.block import Figure
    from resdsl.emit.picture.units import names, units

    try:
        found = units(net.report, name, DEFAULT.picture_nodes)
    except TooLarge:
        raise _too_large(f"a block of {printable(net.name)}") from None
    if not found and name is None:
        return [Figure(net.name, (), _flow(net, "block"))]
    if not found:
        listed = ", ".join(f"`{known}`" for known in names(net.report)[:12])
        raise usage(f"`{printable(net.name)}` has no block or section `{printable(name or '')}`", f"it has {listed}")
    if models == 1:
        return [Figure(unit.name, (unit.place,) if unit.place else (), unit.nodes) for unit in found]
    unit = max(found, key=lambda unit: unit.count)
    return [Figure(net.name, (unit.name,), unit.nodes)]


def _rendered(text: bytes, form: Form) -> bytes:
    """What Graphviz makes of DOT text."""
    program = shutil.which("dot")
    if program is None:
        raise UsageError(
            Diagnostic(
                "E0506",
                f"{form.upper()} needs Graphviz, and `dot` is not installed",
                fixes=(Fix("install Graphviz, or write a .svg: that needs nothing else"),),
            )
        )
    resolution = ["-Gdpi=144"] if form == "png" else []
    try:
        status, drawn, told = _run([program, "-v", f"-T{form}", *resolution], text)
    except subprocess.TimeoutExpired:
        raise FileError(Diagnostic("E0506", f"`dot` did not finish in {DEFAULT.dot_seconds} seconds")) from None
    except OSError as problem:
        raise FileError(
            Diagnostic("E0506", f"`dot` could not be started: {problem.strerror or 'it is not a program'}")
        ) from None
    if status != 0:
        raise FileError(Diagnostic("E0506", f"`dot` failed with status {status}"))
    if len(drawn) > DEFAULT.dot_bytes:
        raise FileError(Diagnostic("E0506", f"`dot` printed more than {DEFAULT.dot_bytes:,} bytes"))
    if not drawn.startswith(_BEGINS[form]):
        raise FileError(Diagnostic("E0506", f"`dot` printed no {form.upper()}"))
    if b"fontname: unable to resolve" in told:
        fix = Fix("install a font such as Liberation Sans (`fonts-liberation`), or write a .svg")
        raise FileError(Diagnostic("E0506", "`dot` finds no font: each letter would be an empty box", fixes=(fix,)))
    return drawn


def _run(command: list[str], text: bytes) -> tuple[int, bytes, bytes]:
    """Exit status, output and messages of a program that reads the text; of output without end, more than is let pass.

    Raises TimeoutExpired, OSError.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603  # `dot` by its full path, without a shell, on text of ours
        command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
    ) as process:
        late = time.monotonic() + DEFAULT.dot_seconds
        given: bytes | None = text
        try:
            while True:
                try:
                    drawn, told = process.communicate(given, timeout=_LOOK)
                    return process.returncode, drawn, told
                except subprocess.TimeoutExpired as still:
                    given = None
                    printed = max(still.output or b"", still.stderr or b"", key=len)
                    if len(printed) > DEFAULT.dot_bytes:
                        return 0, printed, b""
                    if time.monotonic() > late:
                        raise
        finally:  # too much, too late, or Ctrl-C; `dot` may be a script, and what it started holds the pipe open
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
