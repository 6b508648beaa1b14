"""What the last map sees of the image."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

from resdsl.diagnostics import Fix
from resdsl.lint.registry import Finding, network_rule
from resdsl.lint.subject import Subject
from resdsl.ops import is_list

if TYPE_CHECKING:
    from resdsl.analyze.receptive import Span


@network_rule(
    "W1013", "a receptive field smaller than the input before the pooling that ends a classifier",
    "Luo et al. 2016, section 2", severity="information",
)  # fmt: skip
def short_sighted(subject: Subject) -> Iterator[Finding]:
    """The pooling then averages what windows see, each by itself: nothing relates two ends of the image."""
    spans = _last(subject)
    sizes = subject.program.input[1:]
    if not spans or len(spans) != len(sizes) or not any(s.size < n for s, n in zip(spans, sizes, strict=True)):
        return
    seen, whole = (" x ".join(map(str, n)) for n in ([s.size for s in spans], sizes))
    share = prod(min(s.size / n, 1) for s, n in zip(spans, sizes, strict=True))
    yield Finding(
        f"a position of the last map sees {seen} of the {whole} positions of the input, {100 * share:.0f} %; "
        "the pooling after it only takes a mean over such windows",
        (subject.model_label(f"sees {seen} of {whole}"),),
        (Fix("stride earlier, or add layers: each 3x3 adds 2 positions times the stride before it"),),
    )


def _last(subject: Subject) -> tuple[Span, ...] | None:
    """The field of the last map before everything is pooled; nothing where a layer sees all positions at once."""
    program = subject.program
    if len(program.input) < 2 or is_list(program.output) or len(program.output) > 1:
        return None
    flattened = [found for found in subject.steps if found.step.op.name == "flatten"]
    if not flattened or any(prod(found.x[1:]) > 1 for found in flattened):
        return None
    from resdsl.analyze.receptive import Receptive

    code, fields = subject.straight.model, Receptive(subject.straight).ways.tensors
    last: tuple[Span, ...] | None = None
    for tensor in range(code.sources, len(code.shapes)):
        if prod(code.shapes[tensor][1:]) > 1 and 0 in fields[tensor]:
            last = fields[tensor][0].widest
            if last is None:
                return None
    return last
