"""The layers on the main path of a block, in order: what a table of a paper prints of it."""

from __future__ import annotations

from dataclasses import dataclass

from resdsl import graph
from resdsl.analyze.depth import carriers
from resdsl.analyze.straight import Straight
from resdsl.analyze.ways import Measure, Ways

MOST = 64  # layers that are listed; of a longer path the first ones


@dataclass(frozen=True)
class _Path:
    length: int = 0
    layers: tuple[graph.Step, ...] = ()


class _Longest(Measure[_Path]):
    here = _Path()

    def then(self, before: _Path, after: _Path) -> _Path:
        return _Path(before.length + after.length, (before.layers + after.layers)[:MOST])

    def either(self, one: _Path, other: _Path) -> _Path:
        return other if other.length > one.length else one

    def step(self, node: graph.Step, group: int, item: int) -> _Path | None:
        return None if group else _Path(1, (node,)) if node.op.layer else self.here

    def join(self, node: graph.Join, side: int) -> _Path | None:
        return self.here if side in carriers(node) else None


class MainLayers:
    """The weighted layers on the main path of each instance."""

    def __init__(self, straight: Straight) -> None:
        self._ways = Ways(straight, _Longest())

    def of(self, instance: int) -> tuple[graph.Step, ...]:
        """From the input of an instance to the deepest of its outputs."""
        entering = self._ways.straight.instances[instance].entering
        tables = self._ways.instance(instance)
        paths = [path for table in tables for source, path in table.items() if source < entering]
        return max(paths, key=lambda path: path.length, default=_Path()).layers
