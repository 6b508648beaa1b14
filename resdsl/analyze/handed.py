"""Values that a line of a model takes from an earlier one, past those between: skips of a U-Net, a pyramid's taps."""

from __future__ import annotations

from dataclasses import dataclass

from resdsl import graph
from resdsl.analyze.report import SectionRow


@dataclass(frozen=True)
class Handed:
    """The value ``name``, made in the row ``source``, is read in the row ``target``, by its block ``block``.

    ``instead`` says that the row reads it instead of what the row before made.
    """

    name: str
    source: int
    target: int
    block: int
    instead: bool = False


def handed(program: graph.Program, sections: tuple[SectionRow, ...]) -> tuple[Handed, ...]:
    """Every value that is read in another row than the one after its own, once for each block that reads it."""
    found: dict[tuple[str, int, int], Handed] = {}
    made: dict[str, int] = {}
    for target, line in enumerate(program.body.lines):
        calls = [row.node for row in sections[target].blocks]
        named = {made.get(name) for node in graph.inside(line.node) for name in graph.values_read(node)}
        instead = not graph.reads_flow(line.node) and target - 1 not in named
        block = 0
        for node in graph.inside(line.node):
            block = next((i for i, call in enumerate(calls) if call is node), block)
            for name in graph.values_read(node):
                source = made.get(name)
                if source is not None and source < target - 1:
                    found.setdefault((name, target, block), Handed(name, source, target, block, instead))
        made |= {node.label: target for node in graph.inside(line.node) if node.label is not None}
        if line.name is not None:
            made[line.name] = target
    return tuple(found.values())
