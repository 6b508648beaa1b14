"""What differs between two networks: findings, the sections they stand in, the numbers of both.

Sections are laid side by side by name, then by what they give; in them the blocks in order; in those the ops (see
`changes`). Equal changes are one finding over all blocks and sections that have it. No name of a block counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from resdsl.analyze.aligned import aligned
from resdsl.analyze.changes import Change, Given, Kind, Ref, changes, described, distance, everything, meant, told
from resdsl.analyze.report import Report, SectionRow
from resdsl.analyze.same import same
from resdsl.analyze.strand import Strand, strand

Ranges = tuple[tuple[int, int | None], ...]  # the first and last of some blocks, counted from 1; None: to the end


@dataclass(frozen=True)
class Case:
    """Where a finding stands, and what was and is there. `blocks`: not in all that it could be in."""

    sections: tuple[int, ...]  # places in `Difference.sections`
    before: Given = None
    after: Given = None
    blocks: Ranges = ()


@dataclass(frozen=True)
class Finding:
    """A change and where it stands. `numbers`: layers, parameters and MACs, where no other finding has a part in them.

    `everywhere`: every part that it could be about is changed.
    """

    kind: Kind
    refs: tuple[Ref, ...]
    what: str
    cases: tuple[Case, ...]
    everywhere: bool = False
    numbers: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Pair:
    """Two sections side by side; None where one network has nothing there."""

    a: SectionRow | None
    b: SectionRow | None

    @property
    def name(self) -> str:
        """What the first network calls it."""
        row = self.a or self.b
        assert row is not None
        return row.name

    @property
    def numbers(self) -> tuple[int, int, int]:
        """How much the second has more: layers, parameters, MACs."""
        a, b = ((0, 0, 0) if r is None else (r.layers, r.cost.params, r.cost.macs) for r in (self.a, self.b))
        return b[0] - a[0], b[1] - a[1], b[2] - a[2]


@dataclass(frozen=True)
class Difference:
    """Two networks compared. `same`: they compute the same, whatever their parts are called."""

    a: Report
    b: Report
    same: bool
    sections: tuple[Pair, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Placed:
    change: Change
    section: int
    blocks: Ranges = ()


def difference(a: Report, b: Report) -> Difference:
    """Compare two networks."""
    equal = same(a.straight, b.straight)
    pairs = _paired(a, b)
    strands = [_strands(a, pair.a) for pair in pairs], [_strands(b, pair.b) for pair in pairs]
    placed = [] if equal else list(_placed(a, b, pairs, strands))
    findings = _merged(_folded(placed))
    findings = [replace(f, everywhere=_everywhere(f, strands[0])) for f in findings]
    if not equal and not findings:
        findings = [Finding("wiring", (), "", (Case(()),))]
    total = _total(a, b)
    findings = _numbered(findings, pairs, total)
    renamed = [i for i, pair in enumerate(pairs) if pair.a and pair.b and pair.a.name != pair.b.name]
    if renamed:
        cases = (Case((i,), _name(pairs[i].a), _name(pairs[i].b)) for i in renamed)
        findings.append(Finding("names", (), "", tuple(cases)))
    return Difference(a, b, equal, tuple(pairs), tuple(findings))


def _name(row: SectionRow | None) -> str:
    return row.name if row else ""


# -- sections ------------------------------------------------------------------------------------------------------


def _paired(a: Report, b: Report) -> list[Pair]:
    names = [[row.name for row in report.sections] for report in (a, b)]
    pairs: list[Pair] = []
    for what, i, i_end, j, j_end in SequenceMatcher(None, names[0], names[1], autojunk=False).get_opcodes():
        rows_a, rows_b = a.sections[i:i_end], b.sections[j:j_end]
        if what == "equal":
            pairs += [Pair(x, y) for x, y in zip(rows_a, rows_b, strict=True)]
            continue
        _, found = aligned(rows_a, rows_b, _unlike)
        pairs += [Pair(None if i is None else rows_a[i], None if j is None else rows_b[j]) for i, j in found]
    return pairs


def _unlike(a: SectionRow, b: SectionRow) -> float | None:
    """Sections of blocks and sections of single ops never meet."""
    if bool(_blocks(a)) != bool(_blocks(b)) or bool(a.layers) != bool(b.layers):
        return None
    return 0.2 + 0.5 * (a.output != b.output) + 0.3 * (a.layers != b.layers)


def _blocks(row: SectionRow) -> int:
    return sum(block.count for block in row.blocks if block.name)


# -- blocks --------------------------------------------------------------------------------------------------------

_MOST = 60  # kinds of blocks of a section that are laid side by side; of more, the first ones


@dataclass(frozen=True)
class _Row:
    """Equal blocks that follow one another, or ops between blocks."""

    strand: Strand
    count: int
    unit: bool


def _strands(report: Report, section: SectionRow | None) -> list[_Row]:
    rows: list[_Row] = []
    for block in section.blocks if section else ():
        made = strand(report.program, block)
        if rows and rows[-1].strand == made and rows[-1].unit == bool(block.name):
            rows[-1] = replace(rows[-1], count=rows[-1].count + block.count)
        else:
            rows.append(_Row(made, block.count, bool(block.name)))
    return rows[:_MOST]


def _placed(a: Report, b: Report, pairs: list[Pair], strands: tuple[list[list[_Row]], ...]) -> Iterator[_Placed]:
    if a.program.input != b.program.input:
        yield _Placed(Change("input", before=a.program.input, after=b.program.input), -1)
    for i, pair in enumerate(pairs):
        if pair.a is None or pair.b is None:
            told = [None if row is None else _told(row, strands[k][i]) for k, row in enumerate((pair.a, pair.b))]
            yield _Placed(Change("section", before=told[0], after=told[1]), i)
            continue
        counts = _blocks(pair.a), _blocks(pair.b)
        if counts[0] != counts[1] and all(counts):
            yield _Placed(Change("blocks", before=counts[0], after=counts[1]), i)
        yield from _in_blocks(strands[0][i], strands[1][i], i)


def _told(row: SectionRow, rows: list[_Row]) -> Given:
    """What a section is, in short: how many blocks of which layers, or its ops."""
    count = _blocks(row)
    if count > 1 or not rows:
        return count, *(rows[0].strand.layers if rows else ())
    return tuple(part for one in rows for part in described(one.strand.parts) or ())  # type: ignore[union-attr]


def _in_blocks(a: list[_Row], b: list[_Row], section: int) -> Iterator[_Placed]:
    """The changes of a section; where only some of the blocks have one that others could have, which."""
    units = [[row for row in rows if row.unit] for rows in (a, b)]
    if all(units):
        yield from _between([row for row in a if not row.unit], [row for row in b if not row.unit], section)
        a, b = units
    together = _fitting(_side_by_side(a, b), a, b)
    found = {(i, j): changes(a[i].strand, b[j].strand) for i, j in together}
    finer = 0 if len(a) >= len(b) else 1
    rows = (a, b)[finer]
    for change in dict.fromkeys(change for each in found.values() for change in each):
        has = {pair for pair, each in found.items() if change in each}
        without = any(_could(change, a[i].strand) for i, j in together if (i, j) not in has)
        blocks = _ranges({pair[finer] for pair in has}, [row.count for row in rows]) if without else ()
        yield _Placed(change, section, blocks)


def _between(a: list[_Row], b: list[_Row], section: int) -> Iterator[_Placed]:
    """The changes of what stands between the blocks of a section."""
    _, pairs = aligned([row.strand for row in a], [row.strand for row in b], lambda x, y: min(distance(x, y), 1.9))
    for i, j in pairs:
        before, after = None if i is None else a[i].strand, None if j is None else b[j].strand
        if before is not None and after is not None:
            yield from (_Placed(change, section) for change in changes(before, after))
        elif before is not None:
            yield _Placed(Change("removed", before=described(before.parts)), section)
        elif after is not None:
            yield _Placed(Change("added", after=described(after.parts)), section)


def _side_by_side(a: list[_Row], b: list[_Row]) -> list[tuple[int, int]]:
    """Each kind of block beside one of the other network or more, in order, at the least distance."""
    if not a or not b:
        return []
    best: dict[tuple[int, int], float] = {}
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            before = [best[p] for p in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if p in best]
            best[i, j] = distance(x.strand, y.strand) + min(before, default=0)
    i, j = len(a) - 1, len(b) - 1
    pairs = [(i, j)]
    while i or j:
        steps = [p for p in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if p in best]
        i, j = min(steps, key=lambda p: best[p])
        pairs.append((i, j))
    return pairs[::-1]


def _fitting(pairs: list[tuple[int, int]], a: list[_Row], b: list[_Row]) -> list[tuple[int, int]]:
    """The pairs less those of blocks that one network has more of: one block stands beside one kind."""
    for side, rows in enumerate((a, b)):
        for i, row in enumerate(rows):
            mine = [pair for pair in pairs if pair[side] == i]
            mine.sort(key=lambda pair: distance(a[pair[0]].strand, b[pair[1]].strand))
            pairs = [pair for pair in pairs if pair not in mine[row.count :]]
    return pairs


def _could(change: Change, strand: Strand) -> bool:
    """Whether a block is, in what a change is about, as those that are changed."""
    parts = list(everything(strand))
    match change.kind:
        case "argument" | "shifted":
            like = [part for ref in change.refs[:1] for part in meant(ref, strand)]
            return any(getattr(part.op, change.what, None) == change.before for part in like)
        case "replaced":
            return any(told(part) == change.before for part in parts)
        case "factor" if change.before is not None:
            return change.before in [part.label for part in parts]
        case "removed" | "moved":
            return isinstance(change.before, tuple) and change.before[0] in [p.label for p in parts]
        case "shortcut":
            return described(strand.shortcut) == change.before
        case "layers":
            return strand.layers == change.before
        case "gate":
            return any(p.family == "gate" and described(p.inside) == change.before for p in parts)
        case _:
            return True


def _ranges(rows: set[int], counts: list[int]) -> Ranges:
    """The numbers of the blocks in some rows; none where that is all."""
    found: list[tuple[int, int | None]] = []
    start = 1
    for row, count in enumerate(counts):
        if row in rows:
            end = None if row == len(counts) - 1 else start + count - 1
            if found and found[-1][1] == start - 1:
                found[-1] = found[-1][0], end
            else:
                found.append((start, end))
        start += count
    return () if found == [(1, None)] else tuple(found)


# -- findings ------------------------------------------------------------------------------------------------------

_OF_PARTS = ("argument", "replaced", "added", "removed")  # their refs are the parts that changed alike
_ORDER = ("input", "section", "blocks", "layers", "shortcut")  # what is told first


def _folded(placed: Iterable[_Placed]) -> list[Finding]:
    """Equal changes over the sections; then those that differ only in before and after."""
    cases: dict[tuple[Change, Ranges], list[int]] = {}
    for one in placed:
        cases.setdefault((one.change, one.blocks), []).append(one.section)
    lines: dict[Change, list[Case]] = {}
    kept: dict[Change, Change] = {}
    for (change, blocks), sections in cases.items():
        alike = change.kind in ("argument", "layers", "shortcut", "gate", "factor")
        key = replace(change, before=None, after=None) if alike else change
        kept.setdefault(key, change)
        case = Case(tuple(s for s in sections if s >= 0), change.before, change.after, blocks)
        lines.setdefault(key, []).append(case)
    return [Finding(key.kind, kept[key].refs, key.what, tuple(found)) for key, found in lines.items()]


def _merged(findings: list[Finding]) -> list[Finding]:
    """What several parts share is told once."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        key: tuple[object, ...] = (finding.kind, finding.what, finding.cases)
        if finding.kind not in _OF_PARTS:
            key = (*key, finding.refs)  # in their order: what has moved comes from one and goes to the other
        groups.setdefault(key, []).append(finding)
    merged = [
        replace(g[0], refs=tuple(dict.fromkeys(ref for f in g for ref in f.refs))) if g[0].kind in _OF_PARTS else g[0]
        for g in groups.values()
    ]
    return sorted(merged, key=lambda f: _ORDER.index(f.kind) if f.kind in _ORDER else len(_ORDER))


def _everywhere(finding: Finding, strands: list[list[_Row]]) -> bool:
    """Whether a change of all parts with a label is in every section that has such a part."""
    if finding.kind not in ("argument", "replaced") or any(ref.layer or ref.which or ref.near for ref in finding.refs):
        return False
    changed = {section for case in finding.cases for section in case.sections if not case.blocks}
    labels = {ref.label for ref in finding.refs}
    holders = {
        i for i, rows in enumerate(strands) if any(p.label in labels for row in rows for p in everything(row.strand))
    }
    return len(changed) > 1 and holders <= changed


def _total(a: Report, b: Report) -> tuple[int, int, int]:
    return b.layers - a.layers, b.cost.params - a.cost.params, b.cost.macs - a.cost.macs


def _same_input(pair: Pair) -> bool:
    """Whether what enters two sections is the same: else the numbers differ by what stands before them, too."""
    inputs = [row.blocks[0].input for row in (pair.a, pair.b) if row and row.blocks]
    return len(set(inputs)) < 2


def _numbered(findings: list[Finding], pairs: list[Pair], total: tuple[int, int, int]) -> list[Finding]:
    """Numbers for findings that have their sections for themselves, if all that differs is in such sections."""
    if len(findings) == 1:
        return [replace(findings[0], numbers=total)]
    owners: dict[int, list[Finding]] = {}
    for finding in findings:
        for section in {section for case in finding.cases for section in case.sections}:
            owners.setdefault(section, []).append(finding)
    if any(i not in owners and any(pair.numbers) for i, pair in enumerate(pairs)):
        return findings
    if any(finding.kind == "input" for finding in findings):
        return findings
    numbered = []
    for finding in findings:
        sections = {section for case in finding.cases for section in case.sections}
        alone = all(len(owners[i]) == 1 and _same_input(pairs[i]) for i in sections)
        if sections and alone:
            layers, params, macs = (sum(pairs[i].numbers[k] for i in sections) for k in range(3))
            finding = replace(finding, numbers=(layers, params, macs))
        numbered.append(finding)
    return numbered
