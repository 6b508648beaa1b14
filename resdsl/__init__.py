"""resdsl: a language and compiler for residual networks.

    import resdsl
    net = resdsl.load("resnet50")          # or a file, "nets/mine.resnet"
    net.params, net.macs, net.layers, net.sections
    net.draw()                             # SVG; a notebook shows it by itself
    resdsl.format(text)                    # a spec in the one style

Nothing is imported before it is used; PyTorch never is, unless a model is to be run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl._version import __version__

if TYPE_CHECKING:
    from resdsl.diagnostics import Diagnostic, FileError, ResdslError, SpecError, UsageError
    from resdsl.layout import format
    from resdsl.network import Network, load

__all__ = [
    "Diagnostic",
    "FileError",
    "Network",
    "ResdslError",
    "SpecError",
    "UsageError",
    "__version__",
    "format",
    "load",
]

_HOMES = {"Network": "resdsl.network", "format": "resdsl.layout", "load": "resdsl.network"}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'resdsl' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "resdsl.diagnostics")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
