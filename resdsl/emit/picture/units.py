"""Which blocks of a model the block view shows: one of each kind, or those that were asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from resdsl import graph
from resdsl.analyze import flow
from resdsl.analyze.report import Report


@dataclass
class Unit:
    """Blocks of one name and one structure, whatever their widths; ``nodes`` is the flow of the first."""

    name: str
    nodes: tuple[flow.Node, ...]
    count: int = 0
    sections: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Where it stands, and how often: "layer1 to layer4, ×12"."""
        several = f"{self.sections[0]} to {self.sections[-1]}" if len(self.sections) > 1 else "".join(self.sections)
        return f"{several}, ×{self.count}" if self.count > 1 else several


def units(report: Report, name: str | None, limit: int) -> list[Unit]:
    """The units of a model, or its blocks and sections of a name; empty where there are none. Raises TooLarge."""
    program = report.program
    found: dict[object, Unit] = {}
    for section, count, instance in _wanted(report, name):
        nodes = flow.of_block(program, instance, limit)
        definition = program.instances[instance].definition
        unit = found.setdefault((definition, _structure(nodes)), Unit(program.definitions[definition].name, nodes))
        unit.count += count
        if section and section not in unit.sections:
            unit.sections.append(section)
    return list(found.values())


def names(report: Report) -> list[str]:
    """What a block can be asked for by: the blocks of a model, then its sections."""
    program = report.program
    blocks = [program.definitions[instance.definition].name for instance in program.instances]
    return list(dict.fromkeys([*blocks, *(section.name for section in report.sections)]))


def _wanted(report: Report, name: str | None) -> Iterator[tuple[str, int, int]]:
    """Section, count and instance of each block that is wanted, in order."""
    program = report.program
    calls = [
        (section.name, block.count, block.node.instance)
        for section in report.sections
        for block in section.blocks
        if isinstance(block.node, graph.Call)
    ]

    def definition(number: int) -> graph.Definition:
        return program.definitions[program.instances[number].definition]

    if name is None:
        merging = [call for call in calls if definition(call[2]).merges]
        yield from merging or calls
        return
    chosen = [call for call in calls if name in (call[0], definition(call[2]).name)]
    yield from chosen
    if not chosen:  # a block inside a unit: a gate, a branch
        yield from (("", 1, number) for number in range(len(program.instances)) if definition(number).name == name)


def _structure(nodes: tuple[flow.Node, ...]) -> object:
    """What makes two blocks look alike but for their widths."""
    return tuple((node.kind, node.op.name if node.op else node.label, node.inputs) for node in nodes)
