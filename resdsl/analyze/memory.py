"""What training keeps for the backward pass.

Autograd keeps, as PyTorch writes its gradients: the input of a convolution and of a linear layer; of a batch norm its
input and two vectors; the output of a ReLU; of a max-pool its input and where each maximum was; both factors of a
product; of an addition nothing. What two ops keep is there once. Weights are not counted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple, TypeAlias, assert_never

from resdsl import graph
from resdsl.analyze.backward import needs
from resdsl.analyze.straight import Code, Do, Loop, Straight
from resdsl.ops import Op, Shape, shapes
from resdsl.ops.base import per_axis

SIZES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}  # bytes of a number
INDEX = 8  # bytes of a position that a max-pool keeps
OPTIMIZERS = {"sgd": 0, "momentum": 1, "adam": 2}  # numbers an optimizer keeps of each parameter

# Which of its tensors an op keeps; what is not here keeps none.
KEEPS_INPUT = {
    "conv", "linear", "batchnorm", "groupnorm", "layernorm", "gain", "gelu", "silu", "mish", "hardswish", "hardsigmoid",
    "leaky", "prelu", "relu6", "maxpool", "avgpool", "adaptivepool", "globalmax", "globalnorm", "channelmax", "blur",
}  # fmt: skip
KEEPS_OUTPUT = {"relu", "sigmoid", "tanh", "softmax", "globalsoftmax", "globalnorm", "channelmax"}
VIEWS = {"flatten", "reshape", "split", "subsample"}  # what they give is their input, looked at in another way
RESHAPES = {"flatten", "reshape"}  # unless it has gaps that the other shape cannot have: then it is copied


def keeps_input(op: Op, y: Shape) -> bool:
    """Whether an op keeps its input. An adaptive pool to one position does not: torch takes the mean."""
    return op.name in KEEPS_INPUT and not (op.name == "adaptivepool" and set(y[1:]) == {1})


def is_view(node: graph.Step) -> bool:
    """Whether what an op gives is the memory of its input; the sum of one tensor is that tensor."""
    return node.op.name in VIEWS or (node.op.name == "sum" and len(shapes(node.input)) == 1)


@dataclass(frozen=True)
class Kept:
    """What is kept: numbers and positions for each example, and numbers for the whole batch."""

    numbers: int = 0
    indices: int = 0
    vectors: int = 0

    def __add__(self, other: Kept) -> Kept:
        return Kept(self.numbers + other.numbers, self.indices + other.indices, self.vectors + other.vectors)

    def __sub__(self, other: Kept) -> Kept:
        return self + other * -1

    def __mul__(self, count: int) -> Kept:
        return Kept(self.numbers * count, self.indices * count, self.vectors * count)

    def bytes(self, batch: int = 1, dtype: str = "float32") -> int:
        """Bytes for a batch."""
        size = SIZES[dtype]
        return batch * (self.numbers * size + self.indices * INDEX) + self.vectors * size


NOTHING = Kept()


def beside(op: Op, x: Shape, y: Shape) -> Kept:
    """What an op keeps beside its input and output."""
    match op.name:
        case "conv" if getattr(op, "standardize"):
            filters = op.cost(x, y).macs // prod(y[1:])
            gained = getattr(op, "gained")  # the steps from the weights to the standardised ones
            return Kept(vectors=(2 + gained) * filters + (1 + gained) * y[0])
        case "batchnorm":
            return Kept(vectors=2 * x[0])  # mean and deviation of the batch
        case "frozennorm":
            return Kept(vectors=x[0])  # the factors
        case "groupnorm":
            return Kept(numbers=2 * getattr(op, "groups"))
        case "layernorm":
            return Kept(numbers=2 * prod(x[1:]))
        case "blur":
            border = 2 * ((getattr(op, "kernel") - 1) // 2)
            return Kept(numbers=x[0] * prod(n + border for n in x[1:]))  # the input with its border
        case "maxpool" | "globalmax":
            return Kept(indices=prod(y))
        case "dropout":
            return Kept(numbers=prod(x)) if getattr(op, "rate") else NOTHING
        case "droppath":
            return Kept(numbers=1)
        case _:
            return NOTHING


@dataclass
class _Storage:
    """Where a tensor lies; several tensors may be views of one."""

    size: int
    kept: bool = False


@dataclass(frozen=True)
class _Result:
    """A tensor that a part gives: one of its sources (`source`), or the `made`-th storage it leaves open."""

    needs: bool
    steps: Shape | None
    source: int | None
    made: int = 0
    size: int = 0
    kept: bool = False


@dataclass(frozen=True)
class _Part:
    """What a part keeps for good, which of its sources it keeps, and what it gives."""

    kept: Kept
    sources: tuple[bool, ...]
    results: tuple[_Result, ...]


class _Tensor(NamedTuple):
    """A storage, whether a gradient is needed, and the steps in it along each axis where they leave gaps."""

    storage: _Storage
    needs: bool
    steps: Shape | None = None


Given: TypeAlias = tuple[tuple[bool, Shape | None], ...]  # what is known of tensors but where they lie


class Training:
    """What is kept for one step of training, in all and by the lines of the model that make it.

    `lines`: of each line of the model what is kept of the tensors it makes; `input` is what is kept of the input.
    """

    def __init__(self, straight: Straight) -> None:
        self._straight = straight
        self._known: dict[tuple[int, Given], _Part] = {}
        tensors = [_Tensor(_Storage(prod(straight.program.input)), False)]
        room = _Room(tensors[0].storage)
        done, rooms = 0, []
        for end, _ in straight.ends:
            rooms.append(_Room())
            for line in straight.model.lines[done:end]:
                tensors.extend(self._line(line, tensors, rooms[-1]))
            done = end
        self.input = room.close()
        self.lines = tuple(r.close() for r in rooms)
        self.total = sum(self.lines, self.input)

    def _code(self, code: Code, entering: Given) -> _Part:
        tensors = [_Tensor(_Storage(prod(code.shapes[i])), *known) for i, known in enumerate(entering)]
        sources = [tensor.storage for tensor in tensors]
        room = _Room()
        for line in code.lines:
            tensors.extend(self._line(line, tensors, room))
        given = [tensors[i] for i in code.results]
        results = []
        made: list[_Storage] = []
        for storage, flag, steps in given:
            at = next((i for i, source in enumerate(sources) if source is storage), None)
            if at is None and not any(storage is other for other in made):
                made.append(storage)
            number = next((i for i, other in enumerate(made) if other is storage), 0)
            results.append(_Result(flag, steps, at, number, storage.size, storage.kept))
        return _Part(room.close(but=made), tuple(storage.kept for storage in sources), tuple(results))

    def _line(self, line: Do | Loop, tensors: list[_Tensor], room: _Room) -> list[_Tensor]:
        given = [[tensors[i] for i in group] for group in line.reads]
        if isinstance(line, Loop):
            return self._rounds(line, given[0], given[1], room)
        node = line.node
        flat = [tensor for group in given for tensor in group]
        match node:
            case graph.Call():
                key = node.instance, _known(flat)
                if key not in self._known:
                    self._known[key] = self._code(self._straight.instances[node.instance], key[1])
                return _entered(self._known[key], flat, room)
            case graph.Join():
                return [_joined(node, given, room)]
            case graph.Step():
                return _stepped(node, given, room)
            case _:
                assert_never(node)

    def _rounds(self, loop: Loop, flow: list[_Tensor], values: list[_Tensor], room: _Room) -> list[_Tensor]:
        """Rounds are alike as soon as what enters is alike; then the rest is a multiplication."""
        seen: dict[object, tuple[int, Kept]] = {}
        done, outer = 0, room
        room = _Room()
        total = NOTHING
        while done < loop.count:
            key = _look(flow, values, room)
            if key in seen:
                before, then = seen[key]
                times = (loop.count - done) // (done - before)
                total, done, seen = total + (total - then) * times, done + times * (done - before), {}
                if done == loop.count:
                    break
            seen[key] = done, total
            part = self._code(loop.code, _known([*flow, *values]))
            flow = _entered(part, [*flow, *values], room)
            total += room.close(but=[tensor.storage for tensor in flow])
            done += 1
        outer.take(total, room)
        return flow


class _Room:
    """The storages that a part made, and what is kept beside them."""

    def __init__(self, *storages: _Storage) -> None:
        self.storages = list(storages)
        self.kept = NOTHING

    def new(self, size: int, kept: bool = False) -> _Storage:
        self.storages.append(_Storage(size, kept))
        return self.storages[-1]

    def take(self, kept: Kept, other: _Room) -> None:
        self.kept += kept
        self.storages += other.storages

    def close(self, but: list[_Storage] | None = None) -> Kept:
        """What is kept here for good; some storages may still be kept by those who read them later."""
        open_ = [s for s in self.storages if any(s is other for other in but or [])]
        closed = (s.size for s in self.storages if s.kept and not any(s is other for other in open_))
        total = self.kept + Kept(numbers=sum(closed))
        self.storages, self.kept = open_, NOTHING
        return total


def _known(tensors: list[_Tensor]) -> Given:
    return tuple((tensor.needs, tensor.steps) for tensor in tensors)


def _look(flow: list[_Tensor], values: list[_Tensor], room: _Room) -> object:
    """All that a round depends on: which tensors share a storage, which are of this room, kept, or need a gradient."""
    tensors = [*values, *flow]
    storages = [tensor.storage for tensor in tensors]
    first = [next(j for j, other in enumerate(storages) if other is storage) for storage in storages]
    ours = [any(storage is other for other in room.storages) for storage in storages]
    return tuple((at, own, s.kept, *rest) for at, own, (s, *rest) in zip(first, ours, tensors, strict=True))


def _entered(part: _Part, given: list[_Tensor], room: _Room) -> list[_Tensor]:
    """A part at work on given tensors."""
    room.kept += part.kept
    for tensor, kept in zip(given, part.sources, strict=True):
        tensor.storage.kept = tensor.storage.kept or kept
    made: dict[int, _Storage] = {}
    out = []
    for result in part.results:
        if result.source is not None:
            out.append(_Tensor(given[result.source].storage, result.needs, result.steps))
            continue
        if result.made not in made:
            made[result.made] = room.new(result.size, result.kept)
        out.append(_Tensor(made[result.made], result.needs, result.steps))
    return out


def _joined(node: graph.Join, given: list[list[_Tensor]], room: _Room) -> _Tensor:
    sides = [side[0] for side in given]
    needed = any(side.needs for side in sides)
    made = room.new(prod(shapes(node.output)[0]))
    if node.operator in "*/" and needed:
        if len(sides) == 1:
            divisor = node.operator == "/" and isinstance(node.items[0], graph.Constant)
            if divisor:
                room.kept += Kept(numbers=made.size)  # the reciprocal
            return _Tensor(made, needed)
        (left, left_needs, _), (right, right_needs, _) = sides
        left.kept = left.kept or right_needs
        right.kept = right.kept or left_needs or (node.operator == "/" and right_needs)
    return _Tensor(made, needed)


def _stepped(node: graph.Step, given: list[list[_Tensor]], room: _Room) -> list[_Tensor]:
    op, flow = node.op, given[0]
    ins, outs = shapes(node.input), shapes(node.output)
    flags = needs(node, tuple(tensor.needs for group in given for tensor in group))
    if is_view(node):
        sources = flow if len(flow) == len(outs) else flow[:1] * len(outs)
        seen = zip(sources, flags, ins if len(ins) == len(outs) else ins * len(outs), outs, strict=True)
        return [_viewed(op, tensor, flag, x, y, room) for tensor, flag, x, y in seen]
    out = [room.new(prod(shape)) for shape in outs]
    if op.name == "weightedpool" and flags[0]:
        (pooled, needed, _), (weights, also_needed, _) = flow[0], given[1][0]
        pooled.kept, weights.kept = pooled.kept or also_needed, weights.kept or needed
    elif not op.takes_list:
        for (storage, *_), made, flag, x, y in zip(flow, out, flags, ins, outs, strict=True):
            storage.kept = storage.kept or (flag and keeps_input(op, y))
            made.kept = flag and op.name in KEEPS_OUTPUT
            room.kept += beside(op, x, y) if flag else NOTHING
    return [_Tensor(storage, flag) for storage, flag in zip(out, flags, strict=True)]


def _viewed(op: Op, tensor: _Tensor, needs: bool, x: Shape, y: Shape, room: _Room) -> _Tensor:
    """What an op gives that looks at its input in another way."""
    steps = tensor.steps
    if op.name == "subsample":
        each = per_axis(getattr(op, "stride"), len(x) - 1, "stride")
        first, *rest = steps or dense(x)
        return _Tensor(tensor.storage, needs, (first, *(a * b for a, b in zip(rest, each, strict=True))))
    if op.name in RESHAPES and steps is not None:
        steps = reshaped(x, steps, y)
        if steps is None:
            return _Tensor(room.new(prod(y)), needs)
    return _Tensor(tensor.storage, needs, steps)


def dense(shape: Shape) -> Shape:
    """The steps along each axis of a tensor without gaps."""
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))


def reshaped(shape: Shape, steps: Shape, to: Shape) -> Shape | None:
    """The steps of the same elements in another shape; None where torch has to copy them.

    Axes that follow each other without a gap are one run; an axis of the other shape has to lie in one run.
    """
    axes = [(n, step) for n, step in zip(shape, steps, strict=True) if n > 1]
    runs: list[tuple[int, int]] = []  # elements, and the step between them
    for n, step in axes:
        if runs and runs[-1][1] == n * step:
            runs[-1] = runs[-1][0] * n, step
        else:
            runs.append((n, step))
    found: list[int] = []
    left, step = runs.pop() if runs else (1, 1)
    for n in reversed(to):
        if n > 1 and left == 1:
            left, step = runs.pop()
        if left % n:
            return None
        found.append(step)
        left, step = left // n, step * n
    return tuple(reversed(found))
