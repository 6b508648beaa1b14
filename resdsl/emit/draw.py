"""A picture of a network in the format that a file name asks for."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from resdsl.diagnostics import Diagnostic, FileError, Fix, UsageError, error
from resdsl.limits import DEFAULT

if TYPE_CHECKING:
    from resdsl.emit.picture.scene import Scene
    from resdsl.network import Network

Picture = Literal["svg", "dot", "pdf", "png"]


def scene(net: Network, theme: str = "light") -> Scene:
    """The overview of a network, laid out."""
    from resdsl.analyze.outline import outline
    from resdsl.emit.picture.overview import overview
    from resdsl.emit.picture.scene import DARK, LIGHT

    drawn = overview(outline(net.report, net.name, net.source), DARK if theme == "dark" else LIGHT)
    if len(drawn.items) > 4 * DEFAULT.picture_nodes:
        raise error("E0405", f"a picture of {len(drawn.items):,} parts; {4 * DEFAULT.picture_nodes:,} are the most")
    return drawn


def svg_overview(net: Network, theme: str = "light") -> str:
    """The overview as SVG."""
    from resdsl.emit.picture.svg import svg

    return svg(scene(net, theme))


def picture(net: Network, form: Picture, theme: str = "light") -> bytes:
    """The overview in a format. PDF and PNG need Graphviz: UsageError where it is missing, FileError where it fails."""
    if form == "svg":
        return svg_overview(net, theme).encode()
    from resdsl.emit.picture.dot import dot

    text = dot(scene(net, theme)).encode()
    return text if form == "dot" else _rendered(text, form)


def _rendered(text: bytes, form: Picture) -> bytes:
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
        status, drawn = _run([program, f"-T{form}", *resolution], text)
    except subprocess.TimeoutExpired:
        raise FileError(Diagnostic("E0506", f"`dot` did not finish in {DEFAULT.dot_seconds} seconds")) from None
    except OSError as problem:
        raise FileError(
            Diagnostic("E0506", f"`dot` could not be started: {problem.strerror or 'it is not a program'}")
        ) from None
    if status != 0:
        raise FileError(Diagnostic("E0506", f"`dot` failed with status {status}"))
    if not drawn:
        raise FileError(Diagnostic("E0506", "`dot` printed no picture"))
    return drawn


def _run(command: list[str], text: bytes) -> tuple[int, bytes]:
    """Exit status and output of a program that reads the text. Raises TimeoutExpired, OSError."""
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere, start_new_session=True) as process:
        try:
            drawn, _ = process.communicate(text, timeout=DEFAULT.dot_seconds)
        except BaseException:  # too late, or Ctrl-C; `dot` may be a script, and what it started holds the pipe open
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    return process.returncode, drawn
