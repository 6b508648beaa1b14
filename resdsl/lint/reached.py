"""What each `default` line of a spec reached: `resdsl check --defaults`."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl import network
from resdsl.diagnostics import Span, printable, quoted
from resdsl.elaborate import Reader
from resdsl.record import Record
from resdsl.scope import Defined, Spec


class Reach(Record):
    """A default line of a model, the blocks in whose text its name is free, and those that left the parameter out."""

    model: str
    place: Span
    name: str
    value: str
    in_text_of: tuple[str, ...]
    parameter_of: tuple[str, ...]

    def data(self) -> dict[str, object]:
        """As plain data."""
        line, column = self.place.source.position(self.place.start)
        where = {"file": printable(self.place.source.name), "line": line, "column": column}
        told = {"model": self.model, "name": self.name, "value": self.value, **where}
        return {**told, "free_in": list(self.in_text_of), "parameter_of": list(self.parameter_of)}


def reaches(spec: Spec, only: Defined | None = None) -> list[Reach]:
    """What the defaults of a spec reach, model by model."""
    found = []
    for net in network.checked(spec, only)[1]:
        for line, readers in net.aside.defaults.items():
            value = " ".join(line.value.span.text.split())
            free, params = (_names(readers, parameter=parameter) for parameter in (False, True))
            found.append(Reach(net.name, line.span, line.name, value, free, params))
    return found


def _names(readers: Iterable[Reader], *, parameter: bool) -> tuple[str, ...]:
    """Each block once; the model where no block reads the name."""
    chosen = (reader for reader in readers if (reader.param is not None) == parameter)
    return tuple(dict.fromkeys(reader.block.name if reader.block else "the model" for reader in chosen))


def as_text(found: Iterable[Reach]) -> str:
    """A line a default; models that say the same are told together."""
    told: dict[tuple[str, str, str], list[str]] = {}
    for reach in found:
        what = f"default {reach.name} = {reach.value}"
        how = [f"the name in {quoted(reach.in_text_of)}"] if reach.in_text_of else []
        how += [f"the parameter of {quoted(reach.parameter_of)}"] if reach.parameter_of else []
        key = reach.place.where(), what, "; ".join(how) or "nothing"
        told.setdefault(key, []).append(reach.model)
    lines = []
    for (where, what, reached), models in told.items():
        lines += [f"{where}: {printable(what)}", f"  reaches {reached}", f"  in {_models(models)}"]
    return "".join(f"{line}\n" for line in lines) or "no default is set\n"


def _models(models: list[str]) -> str:
    more = f" and {len(models) - 4} more models" if len(models) > 4 else ""
    return (", ".join(f"`{m}`" for m in models[:4]) + more) if more else quoted(models)
