"""What differs between two strands, as changes that can be compared: the same change in two blocks is one finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from resdsl.analyze.aligned import aligned
from resdsl.analyze.strand import SUMS, Part, Role, Strand
from resdsl.ops import Op, Value

Kind = Literal[
    "input", "section", "blocks", "layers", "shortcut", "gate", "argument", "shifted", "replaced", "added", "removed",
    "moved", "factor", "wiring", "names",
]  # fmt: skip
Given: TypeAlias = str | int | float | bool | tuple["Given", ...] | None


@dataclass(frozen=True)
class Ref:
    """A part of a block. `which` of those with its label: "" for each of them, else "first", "second" ... "last"."""

    label: str
    which: str = ""
    role: Role = ""
    near: Ref | None = None  # the layer or join that it stands behind
    layer: bool = False
    several: bool = field(default=False, compare=False)  # there is more than one, in some block


@dataclass(frozen=True)
class Change:
    """A difference between two blocks.

    argument   `what` of the refs was `before`, is `after`      shifted  `what`, here `before`, from one ref to another
    replaced   an op by another                                 moved    the parts `before` from one ref to another
    added      the parts `after`, at the refs                   removed  the parts `before`, at the refs
    factor     a constant, behind or before a ref, was `before`, is `after`
    layers, shortcut, gate: the labels of all their parts, before and after. At a ref is `what`: "after" or "before" it.
    """

    kind: Kind
    refs: tuple[Ref, ...] = ()
    what: str = ""
    before: Given = None
    after: Given = None


@dataclass(frozen=True)
class _Found:
    """A change of one part, before equal ones are taken together."""

    change: Change
    part: int  # its place on the strand
    role: Role


def price(a: Part, b: Part) -> float | None:
    """What it costs to make one part of another; two parts of different families never stand for one another."""
    if a == b:
        return 0
    if a.family != b.family:
        return None
    if a.inside and b.inside:
        return 0.3 + 0.6 * aligned(a.inside, b.inside, price)[0] / (len(a.inside) + len(b.inside))
    if a.name != b.name or a.op is None or b.op is None or a.label != b.label:
        return 0.9
    return 0.3 + 0.5 * len(list(_arguments(a.op, b.op))) / len(a.op.fields)


def distance(a: Strand, b: Strand) -> float:
    """How far two strands are from one another."""
    cost, _ = aligned(a.parts, b.parts, price)
    if a.shortcut is None or b.shortcut is None:
        return cost + (a.shortcut is not b.shortcut)
    return cost + aligned(a.shortcut, b.shortcut, price)[0]


def changes(a: Strand, b: Strand) -> list[Change]:
    """All that differs between two strands."""
    if a == b:
        return []
    found: list[Change] = []
    single: list[_Found] = []
    relaid = a.layers != b.layers
    if relaid:
        found.append(Change("layers", before=a.layers, after=b.layers))
    one, other = (_without_sum(s) if a.shortcut is None or b.shortcut is None else s.parts for s in (a, b))
    compared = _Compared(one, other, "", relaid)
    found += compared.whole
    single += compared.single
    if a.shortcut != b.shortcut:
        if a.shortcut is not None and b.shortcut is not None and _alike(a.shortcut, b.shortcut):
            beside = _Compared(a.shortcut, b.shortcut, "shortcut", False)
            found += beside.whole
            single += beside.single
        else:
            found.append(Change("shortcut", before=described(a.shortcut), after=described(b.shortcut)))
    return [*_behind_each(found, a, b), *_together(single, a)]


def described(parts: Sequence[Part] | None) -> Given:
    """The labels of parts, with their strides."""
    return None if parts is None else tuple(_strided(part) for part in parts)


def _strided(part: Part) -> str:
    stride = getattr(part.op, "stride", None)
    most = max(stride) if isinstance(stride, tuple) else stride or 1
    return f"{part.label} /{most}" if most > 1 else part.label


def spelled(op: Op) -> str:
    """An op as the language writes it, what it needs and what is no default: `groupnorm(32)`, `relu`."""
    words = []
    for i, (name, declared) in enumerate(op.declared.items()):
        value = getattr(op, name)
        if i == 0 and declared.kind in ("size", "sizes", "count", "parts"):
            words.append(str(value))
        elif value != declared.default:
            words.append(f"{name} = {value}")
    return f"{op.name}({', '.join(words)})" if words else op.name


def told(part: Part) -> str:
    """A part as the language writes it; a join or a factor by its label."""
    return spelled(part.op) if part.op is not None else part.label


def _without_sum(strand: Strand) -> tuple[Part, ...]:
    """The parts less the sum that a shortcut ends in, which the shortcut tells of."""
    sums = [i for i, part in enumerate(strand.parts) if part.family == "join" and part.name in SUMS]
    return strand.parts if strand.shortcut is None or not sums else _less(strand.parts, sums[-1])


def _less(parts: tuple[Part, ...], place: int) -> tuple[Part, ...]:
    return parts[:place] + parts[place + 1 :]


def _alike(a: Sequence[Part], b: Sequence[Part]) -> bool:
    """Whether two sequences differ in arguments, or in ops that stand for one another, but not in their layers."""
    if len(a) != len(b) or any(price(x, y) is None for x, y in zip(a, b, strict=True)):
        return False
    return [part.label for part in a if part.layer] == [part.label for part in b if part.layer]


def _arguments(a: Op, b: Op) -> Iterator[tuple[str, Given, Given]]:
    """The arguments that differ. Of a named flow its name is one; its shape is what the parts before make of it."""
    for name in a.fields:
        was, now = (given.name if isinstance(given := getattr(op, name), Value) else given for op in (a, b))
        if was != now or type(was) is not type(now):
            yield name, was, now


class _Compared:
    """Two sequences of parts, compared."""

    def __init__(self, a: Sequence[Part], b: Sequence[Part], role: Role, relaid: bool) -> None:
        self.a, self.b, self.role = a, b, role
        self.whole: list[Change] = []
        self.single: list[_Found] = []
        gone: list[int] = []
        new: list[int] = []
        _, pairs = aligned(a, b, price)
        for i, j in pairs:
            if j is None:
                assert i is not None
                gone.append(i)
            elif i is None:
                new.append(j)
            elif a[i] != b[j]:
                self.pair(i, j, relaid)
        self.shift()
        if relaid:  # what comes and goes with the layers is told with them
            gone = [i for i in gone if a[i].family not in ("layer", "norm", "activation")]
            new = [j for j in new if b[j].family not in ("layer", "norm", "activation")]
        self.move(gone, new)
        for run in _runs(gone):
            self.whole.append(self.placed("removed", a, run))
        for run in _runs(new):
            self.whole.append(self.placed("added", b, run))

    def pair(self, i: int, j: int, relaid: bool) -> None:
        a, b = self.a[i], self.b[j]
        if a.family == "gate":
            if _alike(a.inside, b.inside):
                inside = _Compared(a.inside, b.inside, "gate", False)
                self.whole += inside.whole
                self.single += inside.single
            else:
                self.whole.append(Change("gate", before=described(a.inside), after=described(b.inside)))
        elif a.family == "factor":
            ref, what = _anchor(self.a, i, self.role)
            self.whole.append(Change("factor", (ref,), what, a.label, b.label))
        elif a.op is None or b.op is None or a.name != b.name:
            if not (relaid and a.layer):
                change = Change("replaced", (self.ref(i),), "", told(a), told(b))
                self.single.append(_Found(change, i, self.role))
        elif not (relaid and a.layer):
            for name, was, now in _arguments(a.op, b.op):
                self.single.append(_Found(Change("argument", (self.ref(i),), name, was, now), i, self.role))

    def shift(self) -> None:
        """An argument that one part loses and another gains has moved."""
        for lost in list(self.single):
            change, op = lost.change, self.a[lost.part].op if lost.role == self.role else None
            if change.kind != "argument" or op is None or change.after != op.declared[change.what].default:
                continue
            for gained in self.single:
                other = gained.change
                swapped = (other.before, other.after) == (change.after, change.before)
                if other.kind == "argument" and other.what == change.what and swapped and gained.role == self.role:
                    refs = (*change.refs, *other.refs)
                    self.whole.append(Change("shifted", refs, change.what, change.before))
                    self.single = [found for found in self.single if found not in (lost, gained)]
                    break

    def move(self, gone: list[int], new: list[int]) -> None:
        """A part that goes here and comes there has moved; what moves together is told together."""
        moved: list[Change] = []
        for i in list(gone):
            j = next((j for j in new if self.b[j] == self.a[i]), None)
            if j is None or self.a[i].family == "join":
                continue
            gone.remove(i)
            new.remove(j)
            (source, away), (target, to) = _anchor(self.a, i, self.role), _anchor(self.b, j, self.role)
            now = Change("moved", (source, target), f"{away} {to}", (self.a[i].label,))
            if moved and replace(moved[-1], before=now.before) == now:
                moved[-1] = replace(now, before=(*_listed(moved[-1].before), self.a[i].label))
            else:
                moved.append(now)
        self.whole += moved

    def placed(self, kind: Literal["added", "removed"], parts: Sequence[Part], run: list[int]) -> Change:
        ref, what = _anchor(parts, run[0], self.role)
        labels = tuple(_spoken(parts[i]) for i in run)
        if len(run) == 1 and parts[run[0]].family == "factor":
            return Change("factor", (ref,), what, *((None, labels[0]) if kind == "added" else (labels[0], None)))
        if kind == "added":
            return Change(kind, (ref,), what, after=labels)
        return Change(kind, (ref,), what, before=labels)

    def ref(self, i: int) -> Ref:
        part = self.a[i]
        if part.layer:
            return _counted(self.a, i, self.role)
        return Ref(part.label, "", self.role, _anchor(self.a, i, self.role)[0])


def _listed(value: Given) -> tuple[Given, ...]:
    return value if isinstance(value, tuple) else (value,)


def _spoken(part: Part) -> Given:
    return ("gate", *(inner.label for inner in part.inside)) if part.family == "gate" else part.label


def _runs(places: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _ordinal(place: int) -> str:
    if place < len(_ORDINALS):
        return _ORDINALS[place]
    number = place + 1
    return f"{number}{'th' if number // 10 % 10 == 1 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _counted(parts: Sequence[Part], i: int, role: Role) -> Ref:
    """A layer or join, told from the others of its label."""
    peers = [k for k, part in enumerate(parts) if part.label == parts[i].label]
    place = peers.index(i)
    which = ""
    if len(peers) > 1:
        which = "last" if place == len(peers) - 1 else _ordinal(place)
    return Ref(parts[i].label, which, role, layer=parts[i].layer)


def _anchor(parts: Sequence[Part], i: int, role: Role) -> tuple[Ref, str]:
    """The layer or join that a part stands behind; else the one that it stands before."""
    for k in range(i - 1, -1, -1):
        if parts[k].layer or parts[k].family == "join":
            return _counted(parts, k, role), "after"
    for k in range(i + 1, len(parts)):
        if parts[k].layer or parts[k].family == "join":
            return _counted(parts, k, role), "before"
    return Ref("", "", role), ""


def _together(found: list[_Found], strand: Strand) -> list[Change]:
    """Equal changes of all parts with a label are one change of that label, whatever place they have.

    Layers keep apart what stands on the shortcut or in a gate.
    """
    groups: dict[tuple[object, ...], list[_Found]] = {}
    for one in found:
        change, ref = one.change, one.change.refs[0]
        kept = (change.kind, change.what, change.before, change.after, ref.label, ref.role if ref.layer else None)
        groups.setdefault((*kept, type(change.before), type(change.after)), []).append(one)
    changes: list[Change] = []
    for group in groups.values():
        change, ref = group[0].change, group[0].change.refs[0]
        whole = Ref(ref.label, "", ref.role if ref.layer else "", None, ref.layer, len(group) > 1)
        if len(group) == len(meant(whole, strand)):
            changes.append(replace(change, refs=(whole,)))
        else:
            changes.append(replace(change, refs=tuple(dict.fromkeys(one.change.refs[0] for one in group))))
    return changes


def meant(ref: Ref, strand: Strand) -> list[Part]:
    """The parts of a strand with the label of a ref: of a layer those of its role, of any other op all."""
    beside = strand.shortcut or ()
    roles: dict[Role, list[Part]] = {
        "": list(strand.parts),
        "shortcut": list(beside),
        "gate": [inner for part in (*strand.parts, *beside) for inner in part.inside],
    }
    among = roles[ref.role] if ref.layer else [part for parts in roles.values() for part in parts]
    return [part for part in among if part.label == ref.label]


def _behind_each(found: list[Change], a: Strand, b: Strand) -> list[Change]:
    """What is added, or removed, behind several parts alike is one change."""
    groups: dict[Change, list[Ref]] = {}
    for change in found:
        alone = change.kind in ("added", "removed")
        groups.setdefault(replace(change, refs=()) if alone else change, []).extend(change.refs if alone else ())
    changes = []
    for change, refs in groups.items():
        if refs:
            strand = b if change.kind == "added" else a
            labels = {ref.label: [other for other in refs if other.label == ref.label] for ref in refs}
            merged = [_each(same, sum(part.label == label for part in strand.parts)) for label, same in labels.items()]
            change = replace(change, refs=tuple(ref for same in merged for ref in same))
        changes.append(change)
    return changes


def _each(refs: list[Ref], count: int) -> list[Ref]:
    return [replace(refs[0], which="", several=count > 1)] if len(refs) == count else refs


def everything(strand: Strand) -> Iterator[Part]:
    """All parts of a strand."""
    for part in (*strand.parts, *(strand.shortcut or ())):
        yield part
        yield from part.inside
