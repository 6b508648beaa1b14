"""A finding as a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from resdsl.analyze.changes import Given, Ref
from resdsl.analyze.difference import Case, Difference, Finding, Pair, Ranges
from resdsl.ops import show

_MOST = 5  # cases or names that are listed


def sentence(finding: Finding, pairs: Sequence[Pair]) -> str:
    """What differs, where, and by how much where that is known."""
    text = _said(finding, pairs)
    if finding.kind in ("blocks", "names", "section"):  # they tell their own numbers
        return text
    return text + (amounts(finding.numbers) if finding.numbers else "")


def amounts(numbers: tuple[int, int, int]) -> str:
    """`, +2 layers, +231,211,008 MACs, no parameter`."""
    layers, params, macs = numbers
    told = [_amount(layers, "layer")] if layers else []
    return ", " + ", ".join([*told, _amount(macs, "MAC"), _amount(params, "parameter")])


def _amount(number: int, what: str) -> str:
    return f"{number:+,} {what}{'s' * (abs(number) != 1)}" if number else f"no {what}"


def _said(finding: Finding, pairs: Sequence[Pair]) -> str:
    match finding.kind:
        case "input":
            case = finding.cases[0]
            return f"input {_shape(case.before)} -> {_shape(case.after)}"
        case "section":
            return _section(finding, pairs)
        case "blocks":
            return _blocks(finding, pairs)
        case "layers" | "shortcut" | "gate":
            change = _change if finding.kind == "layers" else _flows
            return f"{finding.kind}: " + _cased(f"{change(case)}{_at(case, pairs)}" for case in finding.cases)
        case "argument":
            return _argument(finding, pairs)
        case "shifted":
            source, target = finding.refs
            return f"{finding.what} moved from {the(source)} to {the(target)}{_at(finding.cases[0], pairs)}"
        case "replaced":
            where = " everywhere" if finding.everywhere else _at(finding.cases[0], pairs)
            near = [ref for ref in finding.refs if ref.near is not None or ref.role]
            place = f" {_listing([_place(ref) for ref in near])}" if near else ""
            return f"{finding.cases[0].before} -> {finding.cases[0].after}{place}{where}"
        case "added" | "removed":
            case = finding.cases[0]
            parts = case.after if finding.kind == "added" else case.before
            place = f" {finding.what} {_listing([the(ref) for ref in finding.refs])}" if finding.what else ""
            return f"{_parts(parts)} {finding.kind}{place}{_at(case, pairs)}"
        case "moved":
            case = finding.cases[0]
            (source, target), (before, after) = finding.refs, finding.what.split(" ")
            way = (
                f" from {before} {the(source)} to {after} {the(target)}" if (source, before) != (target, after) else ""
            )
            return f"{_parts(case.before)} moved{way}{_at(case, pairs)}"
        case "factor":
            place = f" {finding.what} {the(finding.refs[0])}" if finding.what else ""
            return f"factor{place}: " + _cased(f"{_change(case)}{_at(case, pairs)}" for case in finding.cases)
        case "wiring":
            return "the same ops, connected otherwise"
        case "names":
            shown = [f"{case.before} is {case.after}" for case in finding.cases[:_MOST]]
            more = len(finding.cases) - len(shown)
            return "names: " + ", ".join(shown) + (f" and {more} more" if more else "")


# -- what --------------------------------------------------------------------------------------------------------


def the(ref: Ref) -> str:
    """`the 3x3`, `every 3x3`, `the first 3x3 of the shortcut`."""
    which = f"the {ref.which}" if ref.which else "every" if ref.several else "the"
    role = f" of the {ref.role}" if ref.role else ""
    return f"{which} {ref.label}{role}"


def _place(ref: Ref) -> str:
    """Where a part without a number stands: `after the 3x3`, or `of the shortcut`."""
    if ref.near is None or not ref.near.label:
        return f"of the {ref.role}" if ref.role else ""
    return f"after {the(ref.near)}"


def _argument(finding: Finding, pairs: Sequence[Pair]) -> str:
    if all(ref.layer for ref in finding.refs):
        whose = _listing([the(ref) for ref in finding.refs])
    else:
        whose = _listing([" ".join(filter(None, (ref.label, _place(ref)))) for ref in finding.refs])
    whose = f"{finding.what} of {whose}:"
    where = [case for case in finding.cases if not case.blocks]
    ratios = {_ratio(case) for case in finding.cases}
    ratio = ratios.pop() if len(ratios) == 1 else None
    if len(finding.cases) > 2 and len(where) == len(finding.cases) and ratio is not None:
        sections = tuple(section for case in finding.cases for section in case.sections)
        first = finding.cases[0]
        whole = " everywhere" if finding.everywhere else _at(Case(tuple(sorted(sections))), pairs)
        return f"{whose} {_times(ratio)}{whole} ({_change(first)}{_at(first, pairs)})"
    if finding.everywhere and len(finding.cases) == 1:
        return f"{whose} {_change(finding.cases[0])} everywhere"
    return f"{whose} " + _cased(f"{_change(case)}{_at(case, pairs)}" for case in finding.cases)


def _times(ratio: Fraction) -> str:
    return f"x {ratio}" if ratio >= 1 else f"/ {1 / ratio}" if ratio else "0"


def _ratio(case: Case) -> Fraction | None:
    if type(case.before) is int and type(case.after) is int and case.before:
        return Fraction(case.after, case.before)
    return None


def _blocks(finding: Finding, pairs: Sequence[Pair]) -> str:
    """`in layer3: 6 blocks against 23, that is 17 blocks, 51 layers`."""
    (case,) = finding.cases
    assert isinstance(case.before, int) and isinstance(case.after, int)
    each = " each" if len(case.sections) > 1 else ""
    told = [_counted(abs(case.after - case.before) * len(case.sections), "block")]
    if finding.numbers is not None and finding.numbers[0]:
        told.append(_counted(abs(finding.numbers[0]), "layer"))
    counts = f"{_counted(case.before, 'block')} against {case.after:,}{each}"
    return f"{_at(case, pairs).strip()}: {counts}, that is {', '.join(told)}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _section(finding: Finding, pairs: Sequence[Pair]) -> str:
    case = finding.cases[0]
    told = case.after if case.before is None else case.before
    assert isinstance(told, tuple)
    names = _names(case.sections, pairs)
    if told and isinstance(told[0], int):
        what = f"{_counted(told[0], 'block')}{' each' if len(case.sections) > 1 else ''} of {_run(told[1:])}"
    else:
        what = _run(told)
    head = f"section{'s' * (len(case.sections) > 1)} {names} {'added' if case.before is None else 'removed'}"
    return f"{head}: {what}" if what else head


def _change(case: Case) -> str:
    return f"{_value(case.before)} -> {_value(case.after)}"


def _flows(case: Case) -> str:
    return f"{_flow(case.before)} -> {_flow(case.after)}"


def _flow(value: Given) -> str:
    if value is None:
        return "none"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) and value else "identity"


def _value(value: Given) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    if isinstance(value, tuple):
        return f"[{_run(value)}]"
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)


def _run(labels: Sequence[Given]) -> str:
    """Labels in order; a long run of the same is counted, and of a long list the first are shown."""
    runs: list[list[object]] = []
    for label in labels:
        if runs and runs[-1][0] == label:
            runs[-1].append(label)
        else:
            runs.append([label])
    texts = [text for run in runs for text in ([f"{run[0]} x{len(run)}"] if len(run) > 2 else map(str, run))]
    shown = texts if len(texts) <= 2 * _MOST else [*texts[: 2 * _MOST - 1], f"and {len(texts) - 2 * _MOST + 1} more"]
    return ", ".join(shown)


def _parts(value: Given) -> str:
    """Ops and gates that come or go together."""
    texts = []
    for part in value if isinstance(value, tuple) else (value,):
        if isinstance(part, tuple):
            texts.append(f"{part[0]} ({_run(part[1:])})")
        else:
            texts.append(str(part))
    return _run(texts)


def _shape(value: Given) -> str:
    return show(value) if isinstance(value, tuple) else ""  # type: ignore[arg-type]


# -- where -------------------------------------------------------------------------------------------------------


def _at(case: Case, pairs: Sequence[Pair]) -> str:
    """` in the first block of layer2 to layer4`."""
    if not case.sections:
        return ""
    blocks = f"{_which(case.blocks)} of " if case.blocks else ""
    return f" in {blocks}{_names(case.sections, pairs)}"


def _which(blocks: Ranges) -> str:
    if blocks == ((1, 1),):
        return "the first block"
    if blocks == ((2, None),):
        return "all blocks but the first"
    if len(blocks) == 1 and blocks[0][1] is None:
        return f"block {blocks[0][0]:,} and later ones"
    told = [
        f"{first:,} and later"
        if last is None
        else f"{first:,}"
        if first == last
        else f"{first:,}{' to ' if last > first + 1 else ' and '}{last:,}"
        for first, last in blocks[:_MOST]
    ]
    if len(blocks) > _MOST:
        told.append("others")
    return f"block{'s' * (len(told) > 1 or ' ' in told[0])} {_listing(told)}"


def _names(sections: Sequence[int], pairs: Sequence[Pair]) -> str:
    """`layer2 to layer4`, `stem and layer1`."""
    runs: list[list[int]] = []
    for section in sorted(sections):
        if runs and runs[-1][-1] == section - 1:
            runs[-1].append(section)
        else:
            runs.append([section])
    names = []
    for run in runs:
        names += [f"{pairs[run[0]].name} to {pairs[run[-1]].name}"] if len(run) > 2 else [pairs[i].name for i in run]
    return _listing(names)


def _listing(texts: Sequence[str]) -> str:
    if len(texts) > _MOST:
        texts = [*texts[: _MOST - 1], f"{len(texts) - _MOST + 1} more"]
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def _cased(texts: Iterator[str]) -> str:
    found = list(texts)
    return "; ".join(found[:_MOST]) + (f"; and {len(found) - _MOST} more" if len(found) > _MOST else "")


def sentences(found: Difference) -> list[str]:
    """All findings of a comparison."""
    return [sentence(finding, found.sections) for finding in found.findings]
