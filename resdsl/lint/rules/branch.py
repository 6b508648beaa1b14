"""What a residual branch must be: of two layers or more, and free to add and to take away."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl import graph
from resdsl.analyze.straight import Code, Do, Loop
from resdsl.diagnostics import Fix
from resdsl.lint.registry import Finding, network_rule
from resdsl.lint.subject import Subject
from resdsl.lint.sums import Sum
from resdsl.lint.words import by_place, times
from resdsl.ops.base import Op, show
from resdsl.ops.pointwise import Activation, Dropout, DropPath, Relu, Relu6
from resdsl.ops.spatial import Pool, Subsample


@network_rule("W1001", "a residual branch of one layer is linear and gains nothing", "He et al. 2015, section 3.2")
def one_layer(subject: Subject) -> Iterator[Finding]:
    """y = W x + x is (W + I) x: what one layer could do without a shortcut."""
    flagged = [s for s in subject.sums if len(s.sides) == 2 and _one_linear(subject, s)]
    for group in by_place(flagged, lambda s: s.node.at):
        first = group[0]
        count = sum(s.piece.times for s in group)
        what = f"the branch of {times(count, 'sum')} has one layer and no activation: W x + x = (W + I) x"
        yield Finding(
            f"{what} on {show(first.before)}, which one layer without the shortcut can do as well",
            subject.labels(first.node, first.piece.owner, "a branch of one layer", "this sum"),
            (Fix("give the branch two layers or more, with an activation between them"),),
        )


def _one_linear(subject: Subject, found: Sum) -> bool:
    """Whether F is one layer and the shortcut passes x as it is."""
    if found.branch.layers != 1 or found.shortcut.layers or not found.shortcut.trail.clean:
        return False
    return not any(_activates(subject, line) for line in found.only(found.branch))


def _activates(subject: Subject, line: Do | Loop) -> bool:
    if isinstance(line, Loop):
        return any(_activates(subject, each) for each in line.code.lines)
    cost = subject.net.report.costs.of_line(line.node)
    return bool(cost.activation or cost.product)


@network_rule(
    "W1011", "a ReLU ends a residual branch, which then can only add", "He et al. 2016, section 4.1 and Fig. 4 c"
)
def relu_before_sum(subject: Subject) -> Iterator[Finding]:
    """F(x) >= 0: the signal can only grow from unit to unit."""
    flagged = [s for s in subject.sums if _ends_in_relu(subject, s)]
    for group in by_place(flagged, lambda s: s.node.at):
        first = group[0]
        count = sum(s.piece.times for s in group)
        label = _name(subject, first)
        yield Finding(
            f"a {label} ends the residual branch of {times(count, 'unit')}: F(x) is never negative, x can only grow; "
            "on CIFAR-10 ResNet-110 errs 7.84 % so, 6.61 % with the activation after the addition",
            subject.labels(first.node, first.piece.owner, f"a branch that ends in {label}", "this sum"),
            (Fix("move the activation behind the addition, or in front of the layers of the branch (pre-activation)"),),
        )


def _ends_in_relu(subject: Subject, found: Sum) -> bool:
    if len(found.sides) != 2 or found.shortcut.layers > 1 or found.shortcut is found.branch:
        return False
    code = found.piece.code
    return _relu(subject, code, found.branch.tensor) is not None and (
        found.shortcut.tensor == found.x or _relu(subject, code, found.shortcut.tensor) is None
    )


def _relu(subject: Subject, code: Code, tensor: int) -> Activation | None:
    """The ReLU behind which nothing on the way to a tensor changes a sign."""
    ending = _ending(subject, code, tensor)
    return ending if isinstance(ending, Relu | Relu6) else None


def _ending(subject: Subject, code: Code, tensor: int) -> Op | int | None:
    """The last op on the way to a tensor that may change a sign; the source of the code where there is none."""
    for line in reversed(code.lines):
        if tensor not in line.makes:
            continue
        place = line.makes.index(tensor)
        inner = subject.within(line, None)
        if inner is not None:
            key = id(inner[0]), place
            if key not in subject.endings:  # a block is looked at once, however often it is called
                subject.endings[key] = _ending(subject, inner[0], inner[0].results[place])
            ending = subject.endings[key]
            if not isinstance(ending, int):
                return ending
            tensor = [each for group in line.reads for each in group][ending]
            continue
        assert isinstance(line, Do)
        node = line.node
        if isinstance(node, graph.Join) and len(line.reads) == 1:
            if node.operator != "*" or any(isinstance(i, graph.Constant) and i.value <= 0 for i in node.items):
                return None
        elif not isinstance(node, graph.Step) or not _keeps_signs(node.op):
            return node.op if isinstance(node, graph.Step) else None
        elif len(line.reads[0]) > 1:
            return None
        tensor = line.reads[0][0]
    return tensor


def _keeps_signs(op: Op) -> bool:
    return op.passes or isinstance(op, Dropout | DropPath | Pool | Subsample)


def _name(subject: Subject, found: Sum) -> str:
    relu = _relu(subject, found.piece.code, found.branch.tensor)
    assert relu is not None
    return relu.label()
