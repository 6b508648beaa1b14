"""The weights of a checkpoint, taken into a module by name.

A checkpoint is read and never run: files of safetensors hold tensors alone, those of torch are loaded with
`weights_only`. Every tensor of the module must be in the file and every one of the file in the module, in equal shapes;
what may differ is named by `skip`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from resdsl import files
from resdsl.analyze.renames import Renames
from resdsl.diagnostics import Diagnostic, Fix, ResdslError, UsageError, nearest, printable, quoted, usage
from resdsl.network import Network

if TYPE_CHECKING:
    import torch

    Source = str | PathLike[str] | Mapping[str, object]  # a file, or its content
    Build = Callable[[Network], torch.nn.Module]

WRAPPERS = ("state_dict", "model_state_dict", "model")  # the entry of a checkpoint that holds the weights
PREFIXES = ("module.", "_orig_mod.")  # what DataParallel and torch.compile put before each name
COUNTER = "num_batches_tracked"  # of batch normalisation; files from before 2018 have none, nor has a frozen norm
MEAN = "running_mean"  # what a norm keeps beside its counter, a frozen one too
KEY = re.compile(r"[\w.:/ -]{1,300}", re.ASCII)
SHOWN = 3  # names of a kind in a message


def load(network: Network, source: Source, skip: tuple[str, ...], build: Build) -> torch.nn.Module:
    """A network's module with the weights of a checkpoint. What lies under a name of `skip` stays as it starts."""
    model = build(network)
    wanted = model.state_dict()
    shown = "the state_dict" if isinstance(source, Mapping) else printable(str(source))
    tensors = _tensors(source, shown) if isinstance(source, Mapping) else read(Path(source))
    given = _renamed(_without_prefix(tensors, wanted), wanted, Renames(network.program))
    for name in skip:
        if not any(_under(key, name) for key in (*wanted, *given)):
            near = nearest(name, {part for key in wanted for part in (key, key.split(".")[0])})
            raise usage(
                f"`skip` names `{printable(name)}`, and neither the module nor the checkpoint has such a part",
                *([f"did you mean `{near}`?"] if near else []),
            )
    wanted = {key: value for key, value in wanted.items() if not any(_under(key, name) for name in skip)}
    given = {key: value for key, value in given.items() if not any(_under(key, name) for name in skip)}
    for key in [key for key in wanted if key in given]:
        if wanted[key].is_floating_point() != given[key].is_floating_point():
            kinds = f"`{given[key].dtype}`, and the module takes `{wanted[key].dtype}`"
            raise _no_weights(shown, f"`{key}` is of {kinds}")
    problems = _Difference(network, shown, wanted, given, build).findings()
    if problems:
        raise UsageError(*problems)
    model.load_state_dict(given, strict=False)
    return model


def _under(key: str, name: str) -> bool:
    return key == name or key.startswith(f"{name}.")


# -- reading -------------------------------------------------------------------------------------------------------


def read(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint by name. UsageError E0507 where it has none, or asks for code to be run."""
    data = files.contents(path)
    shown = printable(str(path))
    return _from_safetensors(data, shown) if _is_safetensors(data) else _from_torch(data, shown)


def _no_weights(shown: str, why: str, *fixes: str) -> UsageError:
    return UsageError(Diagnostic("E0507", f"cannot take weights from `{shown}`: {why}", fixes=tuple(map(Fix, fixes))))


def _is_safetensors(data: bytes) -> bool:
    """It begins with the length of a header in JSON."""
    return data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data) - 8


def _from_safetensors(data: bytes, shown: str) -> dict[str, torch.Tensor]:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load as loads
    except ImportError:
        raise usage(
            f"`{shown}` is a file of safetensors, and that library is not installed", "pip install 'resdsl[torch]'"
        ) from None
    try:
        return _tensors(dict(loads(data)), shown)
    except SafetensorError as problem:
        raise _no_weights(shown, f"the file is damaged ({problem})") from None
    except (KeyError, TypeError, ValueError, RuntimeError):  # a type of number that this torch does not have
        raise _no_weights(shown, "it holds numbers of a type that PyTorch does not take from it") from None


def _from_torch(data: bytes, shown: str) -> dict[str, torch.Tensor]:
    import torch

    if torch.__version__ < "2.6":  # until then a file could get round `weights_only` (CVE-2025-32434)
        raise usage(f"PyTorch {torch.__version__} does not read `{shown}` safely", "pip install 'torch>=2.6'")
    if _inflates(data):
        raise _no_weights(shown, "it is compressed, as no file that torch writes is")
    try:
        content = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as problem:  # noqa: BLE001  # the file decides what goes wrong
        refused = re.search(r"GLOBAL ([\w.]+)", str(problem))
        if refused is None:
            raise _no_weights(shown, "it is no file of torch or safetensors, or it is damaged") from None
        raise _no_weights(
            shown,
            f"it holds `{refused[1]}`, and loading that would run code; nothing of it was run",
            "where you trust it, save its weights alone: `torch.save(model.state_dict(), PATH)`",
        ) from None
    return _tensors(content, shown)


def _inflates(data: bytes) -> bool:
    """Whether a file of torch, a zip archive, gets larger when it is read."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False  # of the time before archives, or damaged
    return any(part.compress_type for part in parts) or sum(part.file_size for part in parts) > len(data)


def _tensors(content: object, shown: str) -> dict[str, torch.Tensor]:
    """The weights, without what a training program wraps around them."""
    import torch

    fix = f"save the weights alone, or as one entry called {quoted(WRAPPERS)}".replace(" and ", " or ")
    if not isinstance(content, Mapping):
        raise _no_weights(shown, f"it holds no tensors by name, but a value of type `{type(content).__name__}`", fix)
    inner = [name for name in WRAPPERS if isinstance(content.get(name), Mapping)]
    if len(inner) > 1:
        raise _no_weights(shown, f"it has several entries of weights, {quoted(inner)}", fix)
    if inner:
        content = content[inner[0]]
        assert isinstance(content, Mapping)
    if not all(isinstance(key, str) and KEY.fullmatch(key) and key.count(".") < 64 for key in content):
        raise _no_weights(shown, "it has names that no part of a module has", fix)
    tensors = {key: value for key, value in content.items() if isinstance(value, torch.Tensor)}
    other = [key for key in content if key not in tensors]
    if other or not tensors:
        named = f": {quoted(other[:SHOWN])}{' and more' * (len(other) > SHOWN)}" if other else ""
        raise _no_weights(shown, f"it holds {'other things than tensors' if other else 'no tensors'}{named}", fix)
    for key, value in tensors.items():
        if value.is_nested or value.layout is not torch.strided or value.is_quantized or value.device.type != "cpu":
            raise _no_weights(
                shown, f"`{key}` is no plain tensor on the CPU", "save it dense: `tensor.dequantize().cpu()`"
            )
    return tensors


def _without_prefix(given: dict[str, torch.Tensor], wanted: Iterable[str]) -> dict[str, torch.Tensor]:
    """The same by the names that the parts have in the module itself."""
    for prefix in (*PREFIXES, *PREFIXES):
        if all(key.startswith(prefix) for key in given) and not any(key.startswith(prefix) for key in wanted):
            given = {key.removeprefix(prefix): value for key, value in given.items()}
    return given


def _renamed(given: dict[str, torch.Tensor], wanted: Iterable[str], renames: Renames) -> dict[str, torch.Tensor]:
    """The same by their names here, where some are published under others; a file may have either, or both."""
    names = {key: key if key in wanted else renames.here(key) for key in given}
    return {key if names[key] in given else names[key]: value for key, value in given.items()}


# -- differences ---------------------------------------------------------------------------------------------------


class _Difference:
    """What of a checkpoint does not fit a module."""

    def __init__(
        self,
        network: Network,
        shown: str,
        wanted: Mapping[str, torch.Tensor],
        given: Mapping[str, torch.Tensor],
        build: Build,
    ) -> None:
        self.network, self.shown, self.wanted, self.given, self.build = network, shown, wanted, given, build
        both = [key for key in wanted if key in given]
        self.missing = [key for key in wanted if key not in given and not key.endswith(COUNTER)]
        counters = {f"{key.removesuffix(MEAN)}{COUNTER}" for key in wanted if key.endswith(MEAN)}
        self.unexpected = [key for key in given if key not in wanted and key not in counters]
        self.other = [key for key in both if wanted[key].shape != given[key].shape]
        self.equal = [key for key in both if key not in self.other]

    def findings(self) -> list[Diagnostic]:
        """One for each kind; the way out stands with the last."""
        name = self.network.name
        texts = []
        if self.other:
            pairs = [f"`{key}` is {_size(self.given[key])}, here {_size(self.wanted[key])}" for key in self.other]
            texts.append(f"`{self.shown}` has other shapes than `{name}`: {_first(pairs)}")
        if self.missing:
            keys = [f"`{key}`" for key in self.missing]
            texts.append(f"`{self.shown}` lacks {len(keys):,} of the tensors of `{name}`: {_first(keys)}")
        if self.unexpected:
            keys = [f"`{printable(key)}`" for key in self.unexpected]
            tensors = "tensor" if len(keys) == 1 else "tensors"
            texts.append(f"`{self.shown}` has {len(keys):,} {tensors} that `{name}` does not have: {_first(keys)}")
        last = len(texts) - 1
        return [Diagnostic("E0602", t, fixes=self._fixes() if i == last else ()) for i, t in enumerate(texts)]

    def _fixes(self) -> tuple[Fix, ...]:
        if not self.equal:
            return (Fix(f"keys come from the labels of the spec; `resdsl compile {self.network.name}` shows them"),)
        found = []
        if self.other and not self.missing and not self.unexpected:
            found += [Fix(f"`{setting}` makes the module as the checkpoint is") for setting in self._settings()]
        places = self._places()
        if len(places) <= SHOWN:
            written = f'"{places[0]}"' if len(places) == 1 else str(tuple(places)).replace("'", '"')
            found.append(Fix(f"`skip={written}` leaves {quoted(places)} as the module starts, to be trained"))
        return tuple(found) or (Fix("is it the checkpoint of this network, and at these settings?"),)

    def _places(self) -> list[str]:
        """The fewest names under which nothing fits and outside of which all does."""
        fits = {part for key in self.equal for part in _heads(key)}
        bad = (*self.other, *self.missing, *self.unexpected)
        return list(dict.fromkeys(next((h for h in _heads(key) if h not in fits), key) for key in bad))

    def _settings(self) -> list[str]:
        """The settings that give the module all the shapes of the checkpoint."""
        sizes = {
            sizes
            for key in self.other
            for sizes in zip(self.wanted[key].shape, self.given[key].shape, strict=False)
            if len(set(sizes)) > 1
        }
        if len(sizes) != 1:
            return []
        ours, theirs = sizes.pop()
        numbers = {**self.network.program.arguments, "in_channels": str(self.network.program.input[0])}
        return [f"{name}={theirs}" for name, now in numbers.items() if now == str(ours) and self._fits({name: theirs})]

    def _fits(self, settings: Mapping[str, object]) -> bool:
        import torch

        try:
            with torch.device("meta"):
                state = self.build(self.network.at(settings)).state_dict()
        except ResdslError:
            return False
        return all(state[key].shape == value.shape for key, value in self.given.items() if key in state)


def _heads(key: str) -> list[str]:
    """`a`, `a.b` and `a.b.c` of `a.b.c`."""
    parts = key.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]


def _first(texts: list[str]) -> str:
    more = len(texts) - SHOWN
    return "; ".join(texts[:SHOWN]) + (f"; and {more:,} more" if more > 0 else "")


def _size(tensor: torch.Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "one number"
