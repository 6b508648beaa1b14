"""Every resource limit, in one place. A spec cannot raise them; `resdsl limits` shows them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one run may use. A spec that needs more is refused before the work is done."""

    file_bytes: int = 1_000_000  # of a spec with all the files that it imports
    words: int = 50_000  # and signs of them
    nesting: int = 64  # brackets inside brackets; a block inside itself; a file importing a file
    flows: int = 100  # inside one another, as brackets, operators and arguments put them
    digits: int = 18  # of a number as written; a computed whole number has no more either
    name_length: int = 64
    dimension: int = 2**20  # channels, or positions along one axis
    distinct_blocks: int = 3_000  # block x arguments x input shape; repeats are counts and cost nothing
    steps: int = 30_000  # of evaluation: expressions and operations looked at
    items: int = 10_000  # of one list
    imports: int = 256  # files reached from one spec
    import_lines: int = 2_000  # in all these files
    trail: int = 8  # calls shown under an error
    picture_nodes: int = 2_000
    dot_seconds: int = 20
    dot_bytes: int = 100_000_000  # of a PDF or PNG, as Graphviz prints it


DEFAULT = Limits()


@dataclass
class Steps:
    """How many steps of evaluation are left: to one elaboration, or to several that share them."""

    left: int = DEFAULT.steps
