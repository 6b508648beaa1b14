"""A picture of a network in the format that a file name asks for."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Literal

from resdsl.diagnostics import Diagnostic, FileError, Fix, UsageError, error
from resdsl.limits import DEFAULT

if TYPE_CHECKING:
    from resdsl.emit.scene import Scene
    from resdsl.network import Network

Picture = Literal["svg", "dot", "pdf", "png"]


def scene(net: Network, theme: str = "light") -> Scene:
    """The overview of a network, laid out."""
    from resdsl.analyze.outline import outline
    from resdsl.emit.overview import overview
    from resdsl.emit.scene import DARK, LIGHT

    drawn = overview(outline(net.report, net.name, net.source), DARK if theme == "dark" else LIGHT)
    if len(drawn.items) > 4 * DEFAULT.picture_nodes:
        raise error("E0405", f"a picture of {len(drawn.items):,} parts; {4 * DEFAULT.picture_nodes:,} are the most")
    return drawn


def svg_overview(net: Network, theme: str = "light") -> str:
    """The overview as SVG."""
    from resdsl.emit.svg import svg

    return svg(scene(net, theme))


def picture(net: Network, form: Picture, theme: str = "light") -> bytes:
    """The overview in a format. PDF and PNG need Graphviz: UsageError where it is missing, FileError where it fails."""
    if form == "svg":
        return svg_overview(net, theme).encode()
    from resdsl.emit.dot import dot

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
        done = subprocess.run(
            [program, f"-T{form}", *resolution],
            input=text,
            capture_output=True,
            timeout=DEFAULT.dot_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FileError(Diagnostic("E0506", f"`dot` did not finish in {DEFAULT.dot_seconds} seconds")) from None
    except OSError as problem:
        raise FileError(
            Diagnostic("E0506", f"`dot` could not be started: {problem.strerror or 'it is not a program'}")
        ) from None
    if done.returncode != 0 or not done.stdout:
        raise FileError(Diagnostic("E0506", f"`dot` failed with status {done.returncode}"))
    return done.stdout
