"""A network as a module of PyTorch: the class that is generated for it, made, with the weights of a checkpoint.

Here generated code is run, and only when asked.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import itertools
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING

from resdsl.diagnostics import usage
from resdsl.emit.torch import class_of, emit
from resdsl.network import Network
from resdsl.weights import load

if TYPE_CHECKING:
    import torch

    from resdsl.weights import Source

_numbers = itertools.count(1)


class _Text(importlib.abc.SourceLoader):
    """A module whose source is a text at hand; `inspect` finds it there too."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    def get_filename(self, fullname: str) -> str:
        return f"{self.name}.py"

    def get_data(self, path: str) -> bytes:
        return self.text.encode("ascii")


def need_torch(what: str) -> None:
    """Raise UsageError where PyTorch is not installed."""
    if importlib.util.find_spec("torch") is None:
        raise usage(
            f"`{what}` builds the network in PyTorch, and PyTorch is not installed", "pip install 'resdsl[torch]'"
        )


def generated(network: Network, class_name: str | None = None) -> type[torch.nn.Module]:
    """The class of a network's generated module, in a namespace of its own."""
    name = f"resdsl_generated_{next(_numbers)}_{network.name}"
    loader = _Text(name, emit(network, class_name))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # torch.jit.script looks for the source there
    loader.exec_module(module)
    found: type[torch.nn.Module] = getattr(module, class_name or class_of(network))
    return found


def made(
    network: Network,
    weights: Source | None,
    skip: tuple[str, ...],
    settings: Mapping[str, object],
) -> torch.nn.Module:
    """A network's module at other settings, its weights those of a checkpoint where one is given."""
    need_torch("module")
    if skip and weights is None:
        raise usage("`skip` says which weights of a checkpoint to leave, and there is none", "`weights=PATH` names one")
    chosen = network.at(settings) if settings else network
    return _new(chosen) if weights is None else load(chosen, weights, skip, _new)


def _new(network: Network) -> torch.nn.Module:
    return generated(network)()
