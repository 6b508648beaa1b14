"""The peak of inference by a plain executor: a tensor is there until it was read last."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod

import unrolled

from resdsl import graph


@dataclass(eq=False)
class Memory:
    """A piece of memory: its size, when it was made, when it was last read."""

    size: int
    made: int
    read: int


class Executor(unrolled.World[Memory]):
    """Runs op after op and notes who reads what when."""

    def __init__(self, size: int) -> None:
        self.time = 0
        self.all = [Memory(size, 0, 0)]

    def op(self, node: unrolled.Node, x: list[Memory], values: list[Memory]) -> list[Memory]:
        shapes = unrolled.each(node["output"])
        name = node["op"]["name"]
        if name in ("flatten", "reshape", "split", "subsample") or (name == "sum" and len(x) == 1):
            return x if len(x) == len(shapes) else x * len(shapes)
        return self.step([*x, *values], [prod(shape) for shape in shapes])

    def join(self, node: unrolled.Node, sides: list[Memory | None]) -> Memory:
        return self.step([side for side in sides if side is not None], [prod(node["output"])])[0]

    def step(self, reads: list[Memory], sizes: list[int]) -> list[Memory]:
        self.time += 1
        for memory in reads:
            memory.read = self.time
        made = [Memory(size, self.time, self.time) for size in sizes]
        self.all += made
        return made

    def peak(self, outputs: list[Memory]) -> int:
        for memory in outputs:
            memory.read = self.time
        changes = sorted((m.made, m.size) for m in self.all) + sorted((m.read + 0.5, -m.size) for m in self.all)
        most = now = 0
        for _, change in sorted(changes):
            now += change
            most = max(most, now)
        return most


def brute_force(made: graph.Program) -> int:
    executor = Executor(prod(made.input))
    return executor.peak(unrolled.Run(json.loads(graph.dump(made)), executor).model(executor.all[0]))
