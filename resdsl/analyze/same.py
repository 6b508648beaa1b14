"""Whether two programs are the same network: the same ops, read the same way; names, blocks, brackets are nothing."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

from resdsl import graph
from resdsl.analyze.straight import Code, Do, Loop, Straight, Tensors
from resdsl.ops import Value

MOST = 100_000  # lines that are written out; the loops and blocks of a larger network are compared as they stand

Sign = bytes


def same(one: Straight, other: Straight) -> bool:
    """Whether two networks compute the same from the same weights; their state_dicts may have other keys."""
    a, b = one.program, other.program
    return (a.input, a.output) == (b.input, b.output) and _signs(one) == _signs(other)


def _signs(straight: Straight) -> tuple[tuple[Sign, ...], Counter[Sign]]:
    """What each output is made of, and every line: a value that is made twice counts twice."""
    sizes: list[int] = []
    for code in straight.instances:
        sizes.append(_size(code, sizes))
    whole = _size(straight.model, sizes) <= MOST
    signer = _Signer(straight, whole)
    env = [_sign("input", i) for i in range(straight.model.sources)]
    outputs = signer.run(straight.model, env)
    return outputs, signer.lines


def _size(code: Code, sizes: list[int]) -> int:
    total = 0
    for line in code.lines:
        if isinstance(line, Loop):
            total += line.count * _size(line.code, sizes)
        else:
            total += sizes[line.node.instance] if isinstance(line.node, graph.Call) else 1
    return total


class _Signer:
    def __init__(self, straight: Straight, whole: bool) -> None:
        self.straight = straight
        self.whole = whole
        self.lines: Counter[Sign] = Counter()
        self.codes: dict[int, Sign] = {}

    def run(self, code: Code, sources: list[Sign]) -> tuple[Sign, ...]:
        """The signs of what some code gives, from those of what it reads."""
        signs = dict(enumerate(sources))
        for line in code.lines:
            made = self.loop(line, signs) if isinstance(line, Loop) else self.line(line, signs)
            signs.update(zip(line.makes, made, strict=True))
        return tuple(signs[i] for i in code.results)

    def loop(self, loop: Loop, signs: dict[int, Sign]) -> list[Sign]:
        flow, values = ([signs[i] for i in group] for group in loop.reads)
        if not self.whole:
            return self.counted(("loop", loop.count, self.code(loop.code), *flow, *values), loop.makes)
        for _ in range(loop.count):
            flow = list(self.run(loop.code, [*flow, *values]))
        return flow

    def line(self, do: Do, signs: dict[int, Sign]) -> list[Sign]:
        read = [signs[i] for group in do.reads for i in group]
        node = do.node
        if isinstance(node, graph.Call):
            code = self.straight.instances[node.instance]
            if self.whole:
                return list(self.run(code, read))
            return self.counted(("call", self.code(code), *read), do.makes)
        distinct = len({i for group in do.reads for i in group})
        if isinstance(node, graph.Step):
            values = (getattr(node.op, name) for name in node.op.fields)
            given = [None if isinstance(value, Value) else value for value in values]
            return self.counted((node.op.name, repr(given), distinct, *read), do.makes)
        constants = [item.value if isinstance(item, graph.Constant) else None for item in node.items]
        if node.operator in "+*":
            read, constants = sorted(read), sorted(constants, key=str)
        return self.counted((node.operator, repr(constants), distinct, *read), do.makes)

    def code(self, code: Code) -> Sign:
        """What a block is, whatever it reads."""
        if id(code) not in self.codes:
            inner = _Signer(self.straight, False)
            inner.codes = self.codes
            outputs = inner.run(
                code, [_sign("source", i, shape) for i, shape in enumerate(code.shapes[: code.sources])]
            )
            self.codes[id(code)] = _sign(*outputs, *sorted(inner.lines.items()))
        return self.codes[id(code)]

    def counted(self, parts: tuple[object, ...], makes: Tensors) -> list[Sign]:
        sign = _sign(*parts)
        self.lines[sign] += 1
        return [_sign(sign, i) for i in range(len(makes))]


def _sign(*parts: object) -> Sign:
    return sha256(repr(parts).encode()).digest()
