"""Random valid specs. The generator knows the shape at every place of the text, so a spec is valid by how it is made.

`spec(seed)` is a file with a model and variants of it; `drawn(seeds)` counts the ops (`op: conv`) and the constructs
(`repeat with index`) that the specs of some seeds hold. What stands in an `if` that is not taken is not counted.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from typing import Literal, TypeAlias

import specblocks

Shape: TypeAlias = tuple[int, ...]
Type: TypeAlias = Shape | list[Shape]
Labels = Literal["open", "none"]

_CONSTRUCTS = """
    arithmetic; function of the language; function; recursive function; if of numbers; let of a number;
    let of a list of numbers; index of a list of numbers; in; in of a list; list for the axes; parameter number;
    parameter flag; parameter list; parameter other number; parameter block; value as an argument;
    partial application; inline flow as an argument; default in the declaration; default of a number;
    default of a block; default of an op; default that keeps the older meaning; ->; + of flows; - of flows;
    * of flows; / of flows; * of a gate; / of a gate; * from a value; ++ of flows; ++ of lists; + number; - number;
    * number; / number; number + flow; number - flow; number * flow; number / flow; none; if; else if;
    if on a width; repeat; repeat with index; repeat in a repeat; repeat that changes the shape; recursion;
    let of a flow; let of a list; use of a value; list of flows; list comprehension; index; sum of a list;
    op over a list; weights shared over a list; label; label path; label with an index; label used by a later line;
    order; keys; section; section used by a later line; block; block called again; block of the prelude;
    several outputs; template; variant; variant with an argument; variant with another line;
    variant with a new default;
    variant with another default; input of 0 axes; input of 1 axes; input of 2 axes; input of 3 axes; groups;
    stride; dilation; ceil; padding number; padding list; padding same
"""
CONSTRUCTS = tuple(" ".join(name.split()) for name in _CONSTRUCTS.split(";"))

MOST_CHANNELS, MOST_ELEMENTS = 12, 400


def spec(seed: int) -> str:
    """A valid spec."""
    return _Generator(seed).text


def drawn(seeds: Iterable[int]) -> Counter[str]:
    """How often each op and construct was drawn for the specs of these seeds."""
    return sum((_Generator(seed).counts for seed in seeds), Counter[str]())


@dataclass
class Param:
    """A parameter of a block or model: what it must be, how it is declared, and what a call gives it."""

    name: str
    kind: Literal["number", "flow", "value", "verbatim"]
    number: int = 0
    types: tuple[Type, Type] = ((), ())  # of a flow: from, to; of a value: its type twice
    declared: str | None = None
    given: str | None = None

    @property
    def text(self) -> str:
        return self.name if self.declared is None else f"{self.name} = {self.declared}"


@dataclass
class Scope:
    """A body being written. The bodies of one definition share their parameters."""

    entry: Type  # what flows into the line being written
    width: Type | int | None  # what `in` means
    params: list[Param]
    caller: Scope | None = None
    numbers: dict[str, int] = field(default_factory=dict)
    values: dict[str, Type] = field(default_factory=dict)
    flows: dict[str, tuple[Type, Type]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    labels: Labels = "open"
    named_here: dict[str, Type] = field(default_factory=dict)  # labels of the line being written
    index: str | None = None  # of the repeat or list around
    model: bool = False
    block: bool = False  # the outermost body of a block

    def inner(self, entry: Type) -> Scope:
        """A body inside this one."""
        return Scope(
            entry, self.width, self.params, self.caller, dict(self.numbers), dict(self.values), dict(self.flows),
            index=self.index,
        )  # fmt: skip


@dataclass
class Made:
    """A block of the spec that can be called again on the same input."""

    name: str
    entry: Type
    output: Type
    params: list[Param]


@dataclass
class Text:
    """A flow as text. `level`: 0 a chain, 1 `++`, 2 a sum, 3 a product, 4 an item."""

    text: str
    out: Type
    level: int = 4

    def at(self, level: int) -> str:
        return self.text if self.level >= level else f"({self.text})"


# Blocks and functions that work on many inputs: written into the spec where they are used.
LIBRARY = {
    "cell": "block cell(width, k = 3, s = 1, f = relu) { conv(width, k, s) -> f }",
    "residual": "block residual(unit, n = 1) { repeat n { unit + id } }",
    "scaled": "block scaled(f, s = 0.5) { (f -> gain(s, bare = true)) + id -> gain(s, flat = true, bare = true) }",
    "nothing": "block nothing() {}",
    "ordered": "block ordered(n = 2) {\n  order c, a, b\n  (a: gain -> b: (relu -> gain)) + c: gain(n)\n}",
    "twice": "block twice(f) { f -> f }",
    "attend": "block attend(w = in) { id * (globalpool -> conv(w, 1) -> sigmoid) }",
    "deep": "block deep(n, w = in) {\n  if n == 0 { id } else { (conv(w, 3) -> relu) + deep(n - 1, w) }\n}",
    "tree": "block tree(n, f = relu) {\n  if n == 0 { id } else {\n    let a = tree(n - 1, f)\n    (a -> f) - (tree(n - 1, f) / 2)\n  }\n}",  # noqa: E501  # one text
    "columns": "block columns(n) {\n  if n == 1 { [conv(in, 3)] }\n  else { [conv(in, 1)] ++ (columns(n - 1) -> sum -> columns(n - 1)) }\n}",  # noqa: E501  # one text
    "merge": "block merge(skip) { id + skip }",
    "exchange": "block exchange {\n  let w = in\n  let n = range(len(in))\n  [[id[i] -> conv(w[j], 1) for i in n] -> sum for j in n]\n}",  # noqa: E501  # one text
    "grow": "block grow(n, rate) { repeat n { id ++ conv(rate, 3) } }",
    "plus": "function plus(a, b = 3) { a + b }",
    "least": "function least(a, b) {\n  let c = a - b\n  if c < 0 { a } else if c == 0 { b } else { b }\n}",
    "up_by": "function up_by(n, k) { if k == 0 { n } else { up_by(n + 1, k - 1) } }",
    "pair": "function pair(a) {\n  let b = a + 2\n  [a, b]\n}",
}

# An op that can be a part of a sequence, as it is written.
SEQUENCE = re.compile(
    r"(conv|linear|\w+norm|relu|gelu|leaky|dropout|droppath|maxpool|avgpool|adaptivepool|blur|subsample|zeropad|reshape)"
    r"\([^()\[\]{}]*\)"
)
# What a `default` line may rebind without a change of any shape: the name, its meanings, and a flow that reads it.
REBOUND = {
    "conv": (
        ["conv(bias = true)", "conv(standardize = true)", "conv(bias = 0.5, standardize = false)"],
        "conv({c}, 1)",
    ),
    "linear": (["linear(bias = false)"], "linear({c})"),
    "relu": (["leaky(0.1)", "silu", "(relu -> dropout(0.2))", "gelu"], "relu"),
    "act": (["silu", "act -> id", "leaky(slope = 0.3)", "tanh"], "act"),
    "norm": (["groupnorm(1)", "layernorm", "norm(start = 0.0)", "gain", "frozennorm"], "norm"),
    "batchnorm": (
        ["batchnorm(eps = 1e-3)", "batchnorm(momentum = 0.2)", "batchnorm(start = 0.5)", "batchnorm(eps = 1e-6)"],
        "batchnorm",
    ),
    "sigmoid": (["tanh", "(sigmoid -> leaky(0.9))"], "sigmoid"),
    "maxpool": (["maxpool(ceil = false)"], "maxpool(3, 1)"),
    "globalpool": (["globalmax"], "(id * globalpool)"),
    "dropout": (["dropout(0.1)", "droppath(0.3)"], "dropout"),
}


def in_two_files(text: str, facts: dict[str, str]) -> tuple[str, str]:
    """A spec as two files: its models, with the facts that each expects, which import the rest."""
    parts = re.split(r"\n\n(?=\S)", text.removeprefix("resdsl 1\n\n").rstrip("\n"))
    models = [part for part in parts if re.search(r"^model\b", part, re.M)]
    rest = [part for part in parts if part not in models]
    for i, part in enumerate(models):
        name = re.findall(r"^model (\w+)", part, re.M)[0]
        if name in facts:
            head, brace, rest_ = part.partition("{")
            shape = re.match(r"\s*input [\dx ]+", rest_)
            first = shape[0] if shape else ""
            body = rest_.removeprefix(first) if brace else "}"
            models[i] = f"{head} {{{first}\n  expect {facts[name]}\n{body}"
    lines = 2 if len(rest) > 2 else min(len(rest), 1)  # what is imported twice is there once
    head = "resdsl 1\n" + 'import "rest.resnet"\n' * lines
    return "\n\n".join([head, *models]) + "\n", "\n\n".join(["resdsl 1", *rest]) + "\n"


def mentions(text: str, name: str) -> bool:
    """Whether a text uses a name."""
    return re.search(rf"\b{name}\b", text) is not None


def without_unread(lines: list[str], names: str) -> list[str]:
    """The lines without the `let`s (of names that begin so) that no later line reads."""
    kept: list[str] = []
    for line in reversed(lines):
        let = re.match(rf"let ({names}\d+) =", line)
        if let is None or any(mentions(later, let[1]) for later in kept):
            kept.insert(0, line)
    return kept


def slid(n: int, k: int, s: int = 1, d: int = 1, p: int = 0) -> int:
    """How often a window fits."""
    return (n + 2 * p - d * (k - 1) - 1) // s + 1 if n + 2 * p >= d * (k - 1) + 1 else 0


class _Generator:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.seed = seed
        self.counts: Counter[str] = Counter()
        self.live = True
        self.used = 0
        self.blocks: list[str] = []
        self.library: dict[str, str] = {}
        self.made: list[Made] = []
        self.blocks_open = self.repeats_open = 0
        self.scope = Scope((), None, [])
        models = [*self.models(), *self.bare_model()]
        parts = [*self.library.values(), *self.blocks]
        self.random.shuffle(parts)
        self.text = "resdsl 1\n\n" + "\n\n".join([*parts, *models]) + "\n"

    # -- drawing ---------------------------------------------------------------------------------------------

    def draw(self, *what: str) -> None:
        if self.live:
            self.counts.update(what)

    def comment(self) -> str:
        """Documentation that would be code, if it were not quoted."""
        words = [
            "y = F(x) + x.",
            "Source: He et al. 2015",
            '"""',
            "\\",
            "'{x}'",
            "# type: ignore",
            "{{ x }}",
            "a\\nb",
            "100 %",
        ]
        text = " ".join(self.random.sample(words, self.random.randint(1, 4)))
        return f"# {text}\n" if self.chance(0.3) else ""

    def bare_model(self) -> list[str]:
        """A template without lines, and without a variant."""
        return [f"model bare(p) {{ input {self.random.choice(['3', '3 x 4', '1x2x2'])} }}"] * self.chance(0.1)

    def chance(self, p: float) -> bool:
        return self.random.random() < p

    def name(self, start: str) -> str:
        self.used += 1
        return f"{start}{self.used}"

    def lib(self, name: str) -> str:
        self.library[name] = LIBRARY[name]
        return name

    @contextmanager
    def inside(self, scope: Scope) -> Iterator[Scope]:
        before, self.scope = self.scope, scope
        try:
            yield scope
        finally:
            self.scope = before

    @contextmanager
    def unlabelled(self, index: str | None = None) -> Iterator[None]:
        """What is written here runs several times in one body, or under another label: it has no labels of its own."""
        scope, before = self.scope, (self.scope.labels, self.scope.index)
        scope.labels, scope.index = "none", index or scope.index
        try:
            yield
        finally:
            scope.labels, scope.index = before

    @contextmanager
    def dead(self) -> Iterator[None]:
        before, self.live = self.live, False
        try:
            yield
        finally:
            self.live = before

    # -- numbers ---------------------------------------------------------------------------------------------

    def num(self, n: int, deep: int = 2) -> str:
        """An expression for a whole number."""
        if deep <= 0 or self.chance(0.45):
            return f"{n // 10}_{n % 10}" if n > 9 and self.chance(0.2) else str(n)
        kinds = [self.arithmetic, self.builtin, self.own_function, self.chosen_number, self.by_width, self.named_number]
        if self.scope.caller is not None or self.scope.model:
            kinds.append(self.parameter)
        return self.random.choice(kinds)(n, deep - 1) or str(n)

    def small(self, n: int, deep: int) -> str:
        """As an operand."""
        text = self.num(n, deep)
        return text if re.fullmatch(r"\w+", text) else f"({text})"

    def arithmetic(self, n: int, deep: int) -> str:
        self.draw("arithmetic")
        a = self.random.randint(1, 5)
        forms = [
            lambda: f"{self.small(n - a, deep) if n >= a else f'({n - a})'} + {a}",
            lambda: f"{self.small(n + a, deep)} - {self.small(a, deep)}",
            lambda: f"{self.small(n * a, deep)} / {a}",
            lambda: f"{self.small(n * a + a - 1, deep)} // {a}",
            lambda: f"{self.small(n + 7 * (n + 1), deep)} % {self.small(n + 1, deep)}",
        ]
        forms.append(lambda: f"{n * a * 2} / {a} / 2")
        if n in (1, 2, 4, 8, 16):
            forms.append(lambda: f"2 ** {n.bit_length() - 1}")
            forms.append(lambda: f"2 ** {n.bit_length() - 1} ** 1")
        if n % 2 == 0:
            forms.append(lambda: f"2 * {self.small(n // 2, deep)}")
        text = self.random.choice(forms)()
        return text.replace(f"({n - a})", f"(0 - {a - n})") if n < a else text

    def builtin(self, n: int, deep: int) -> str:
        self.draw("function of the language")
        inner = self.num(n, deep)
        forms = [
            f"min({n + 3}, {inner})", f"floor({n}.6)", f"ceil({n} - 0.5)", f"round({n}.2)", f"abs(-{n})",
            f"len([{', '.join('1' * min(n, 30))}]) + {n - min(n, 30)}", f"sum([{inner}, 2, 0 - 2])",
            f"floor(sqrt({n * n}))", f"max({inner}, 0)",
            f"reversed([1, {inner}])[0]", f"distinct([{n}, {n}])[-1]", f"max([{inner}] ++ [0])",
            f"sum([k - k + 1 for k in range({n})])", f"floor(exp(0)) * {n}", f"round({n} + log(1))",
            f"[[1, {n}], [{inner}]][0][1]", f"len([]) + {inner}", f"min([{inner}, {n + 2}])", f"max(0, {inner}, 1 - 2)",
            f"min({n}, {inner}, {n + 1})", f"len(range({n}, {2 * n}))", f"round(log(8, 2)) * {n} / 3",
            f"dilation_within(limit = 4, at = 4, stride = {inner})" if n else "range(0, 2)[0]",
        ]  # fmt: skip
        if n <= 9:
            forms += [f"count([{', '.join('7' * n + '8')}], 7)", f"floor(log2({2**n}))"]
        return self.random.choice(forms)

    def own_function(self, n: int, deep: int) -> str:
        self.draw("function")
        a = self.random.randint(0, min(3, n))
        forms = [
            f"{self.lib('plus')}({self.num(n - a, deep)}, {a})",
            f"{self.lib('least')}({n + a}, b = {self.num(n, deep)})",
            f"{self.lib('pair')}({n})[0]",
        ]
        if n >= 3:
            forms += [
                f"{self.lib('plus')}({n - 3})",
                f"make_divisible({n}, 1)",
                f"make_divisible({n}, by = 1, least = 2)",
            ]
        if self.chance(0.4):
            self.draw("recursive function")
            return f"{self.lib('up_by')}({n - a}, {a})"
        return self.random.choice(forms)

    def chosen_number(self, n: int, deep: int) -> str:
        self.draw("if of numbers")
        test, other = self.chance(0.5), self.random.randint(1, 9)
        yes, no = (self.num(n, deep), str(other)) if test else (str(other), self.num(n, deep))
        return f"if {self.flag(test)} {{ {yes} }} else {{ {no} }}"

    def by_width(self, n: int, deep: int) -> str | None:
        width = self.scope.width
        if isinstance(width, int):
            self.draw("in")
            if n == width:
                return "in"
            return f"in + {n - width}" if n > width else f"in - {width - n}"
        if isinstance(width, tuple):
            self.draw("in of a list")
            i = self.random.randrange(len(width))
            others = " ".join(f"+ 0 * in[{j}]" for j in range(len(width)) if j != i)
            return f"{n} - {width[i]} + in[{i}] {others}"
        return None

    def named_number(self, n: int, deep: int) -> str | None:
        known = [name for name, value in self.scope.numbers.items() if value == n]
        if known:
            return self.random.choice(known)
        name = self.name("n")
        value = self.num(n, deep)
        self.draw("let of a number")
        self.scope.lines.append(f"let {name} = {value}")
        self.scope.numbers[name] = n
        return name

    def parameter(self, n: int, deep: int) -> str:
        """A parameter that must be n, and how it comes to be: argument, declaration or default line."""
        scope = self.scope
        param = Param(self.name("p"), "number", n)
        other = str(self.random.randint(0, 9))
        way = self.random.choice(["argument", "declaration", "argument for declaration", "default line"])
        if scope.model and way == "argument for declaration":
            way = "declaration"
        if way == "declaration":
            param.declared = str(n)
        elif way == "default line" and scope.caller is not None and self.live:
            self.draw("default of a number")
            param.declared = self.random.choice([other, None])
            scope.caller.lines.append(f"default {param.name} = {n}")
        else:
            if way == "argument for declaration":
                param.declared = other
            if scope.caller is not None:
                with self.inside(scope.caller):
                    param.given = self.num(n, 1)
            else:
                param.given = str(n)
        self.draw("parameter number", *(["default in the declaration"] if param.declared else []))
        scope.params.append(param)
        scope.numbers[param.name] = n
        return param.name

    def verbatim(self, value: str) -> str:
        """A flag, text, fraction or list; in a block maybe a parameter of it."""
        scope = self.scope
        if scope.caller is None or self.chance(0.5):
            return value
        kind = "list" if value[0] == "[" else "flag" if value in ("true", "false") else "other number"
        self.draw(f"parameter {kind}")
        param = Param(self.name("q"), "verbatim", types=((), ()))
        if self.chance(0.5):
            param.given = value
        else:
            param.declared = value
        param.number = 0
        scope.params.append(param)
        return param.name

    def flag(self, value: bool, deep: int = 2) -> str:
        """An expression for a flag."""
        n = self.random.randint(1, 6)
        this = str(value).lower()
        if deep <= 0:
            return this
        if isinstance(self.scope.width, int) and self.chance(0.4):
            self.draw("if on a width")
            width = self.scope.width
            true, false = (
                [f"in == {width}", f"in < {width + n}", f"in % {width} == 0", f"in >= {width}"],
                [f"in != {width}", f"in > {width}"],
            )
            return self.random.choice(true if value else false)
        forms = [
            this,
            f"not {self.flag(not value, 0)}",
            f"{self.num(n, 1)} {'<=' if value else '>'} {n}",
            f"{n} {'==' if value else '!='} {self.small(n, 1)}",
            f"{self.flag(value, deep - 1)} and {self.flag(True, 0)}"
            if value
            else f"{self.flag(value, deep - 1)} and true",
            f"{this} or {self.flag(value, 0)}",
            f"{this} or false or {self.flag(value, 0)}",
        ]
        return self.random.choice(forms)

    def fraction(self) -> str:
        return self.verbatim(self.random.choice(["0.5", "0.25", "0.1", "1e-3", "0.0", "0.01e1"]))

    def sizes(self, values: list[int]) -> str:
        """One number for every axis, as a number where all are equal, or as a list."""
        if len(set(values)) == 1 and self.chance(0.75):
            return self.num(values[0])
        self.draw("list for the axes")
        if len(values) == 2 and values[1] == values[0] + 2 and self.chance(0.5):
            return f"{self.lib('pair')}({values[0]})"
        if self.chance(0.6):
            return self.verbatim(f"[{', '.join(map(str, values))}]")
        if self.chance(0.3):
            name = self.name("n")
            self.draw("let of a list of numbers", "index of a list of numbers")
            numbers = self.random.choice(
                [f"[{', '.join(map(str, values))}]", f"[k + 1 for k in [{', '.join(str(v - 1) for v in values)}]]"]
            )
            self.scope.lines.append(f"let {name} = {numbers}")
            return f"[{', '.join(f'{name}[{i}]' for i in range(len(values)))}]" if self.chance(0.6) else name
        return f"[{', '.join(self.num(v, 1) for v in values)}]"

    def call(self, name: str, *args: tuple[str, str | None]) -> str:
        """A call with some arguments by place, the rest by name; None leaves one out."""
        by_place = self.random.randint(0, len(args))
        given = []
        for i, (param, value) in enumerate(args):
            if value is None:
                by_place = min(by_place, i)
            else:
                given.append(value if i < by_place else f"{param} = {value}")
        return f"{name}({', '.join(given)})" if given or self.chance(0.1) else name

    # -- ops: each gives an item for a tensor of this shape, or None where it does not fit -------------------

    def op_conv(self, x: Shape, width: int | None = None, keep: bool = False) -> Text | None:
        axes = len(x) - 1
        if not axes:
            return None
        r = self.random
        groups = 1
        if self.chance(0.3):
            groups = r.choice([g for g in range(1, x[0] + 1) if x[0] % g == 0])
        if width is None:
            width = groups * r.randint(1, max(1, 8 // groups))
        if width % groups:
            groups = 1
        k = [r.choice([1, 3, 3, 2, 5])] * axes if self.chance(0.7) else [r.randint(1, 4) for _ in range(axes)]
        s = (
            [1] * axes
            if keep or self.chance(0.6)
            else [2] * axes
            if self.chance(0.6)
            else [r.randint(1, 3) for _ in range(axes)]
        )
        d = (
            [1] * axes
            if self.chance(0.75)
            else [2] * axes
            if self.chance(0.6)
            else [r.randint(1, 2) for _ in range(axes)]
        )
        padding: str | None = None
        if keep:
            k = [q if q % 2 else q + 1 for q in k]
        p = [e * (q - 1) // 2 for q, e in zip(k, d, strict=True)]
        kind = r.choice(["none", "none", "number", "list", "same"])
        if kind == "same" and max(s) == 1:
            padding, out = '"same"', list(x[1:])
        else:
            if kind == "number" and not keep:
                p = [r.randint(0, 2)] * axes
                padding = str(p[0])
            elif kind == "list":
                p = p if keep else [r.randint(0, 2) for _ in range(axes)]
                padding = f"[{', '.join(map(str, p))}]"
            out = [slid(*how) for how in zip(x[1:], k, s, d, p, strict=True)]
            if min(out) < 1:
                k, d, padding = [1] * axes, [1] * axes, None
                out = [slid(n, 1, q) for n, q in zip(x[1:], s, strict=True)]
        bias = r.choice([None, None, "true", "false", "0", "1", "-2.5", "0.5"])
        if (width, *out) != x and (width * prod(out) > MOST_ELEMENTS):
            return None
        self.draw(
            "op: conv",
            *(["groups"] if groups > 1 else []),
            *(["stride"] if max(s) > 1 else []),
            *(["dilation"] if max(d) > 1 else []),
        )
        if padding:
            self.draw(f"padding {'same' if 'same' in padding else 'list' if padding[0] == '[' else 'number'}")
        text = self.call(
            "conv",
            ("width", self.num(width)),
            ("kernel", self.sizes(k)),
            ("stride", None if max(s) == 1 and self.chance(0.7) else self.sizes(s)),
            ("groups", None if groups == 1 else self.num(groups)),
            ("dilation", None if max(d) == 1 else self.sizes(d)),
            ("bias", bias if bias is None or bias[0] == "-" else self.verbatim(bias)),
            ("padding", padding and self.verbatim(padding)),
            *(self.standardized() if self.chance(0.25) else ()),
        )
        return Text(text, (width, *out))

    def standardized(self) -> list[tuple[str, str]]:
        """Whether the weights of a convolution are standardised, and how; a gain that is of no use is a default."""
        how = self.random.choice(["true", "false", "0.5"])
        gain = "true" if how == "false" else self.random.choice(["true", "false"])
        eps = "1e-5" if how == "false" else self.random.choice(["1e-5", "1e-3"])
        return [("standardize", self.verbatim(how)), ("gain", self.verbatim(gain)), ("eps", self.verbatim(eps))]

    def op_linear(self, x: Shape) -> Text | None:
        self.draw("op: linear")
        width = self.random.randint(1, 10)
        bias = self.random.choice([None, None, "false", "true", "0.5", "0"])
        at = self.verbatim("true") if len(x) > 1 else None
        text = self.call("linear", ("width", self.num(width)), ("bias", bias), ("positions", at))
        return Text(text, (width, *x[1:]))

    def keeping(self, x: Shape) -> Text:
        """An op that keeps the shape."""
        r = self.random
        groups = r.choice([g for g in range(1, x[0] + 1) if x[0] % g == 0])
        names = [
            "relu",
            "relu6",
            "gelu",
            "silu",
            "mish",
            "hardswish",
            "hardsigmoid",
            "prelu",
            "sigmoid",
            "tanh",
            "id",
            "leaky",
            "dropout",
            "droppath",
            "batchnorm",
            "frozennorm",
            "layernorm",
        ]
        names += ["groupnorm", "gain", "softmax" if groups > 1 else "groupnorm", "shuffle" if len(x) > 1 else "linear"]
        name = r.choice([*names, "globalsoftmax", "conv", "conv"] if len(x) > 1 else names)
        if name == "conv":
            return self.op_conv(x, x[0], keep=True) or Text("id", x)
        self.draw(f"op: {name}")
        args: list[tuple[str, str | None]] = []

        def some(value: str | None = None) -> str | None:
            return (value or self.fraction()) if self.chance(0.4) else None

        match name:
            case "leaky":
                args = [("slope", some())]
            case "dropout" | "droppath":
                args = [("rate", some())]
            case "batchnorm" | "frozennorm":
                args = [("eps", some("1e-3")), ("start", some("0"))]
            case "layernorm":
                args = [("eps", some("1e-5")), ("start", some())]
            case "groupnorm":
                args = [("groups", self.num(groups)), ("start", some())]
            case "gain":
                args = [
                    ("start", some("1e-6")),
                    ("channels", self.verbatim(r.choice(["true", "false"]))),
                    ("bias", some("true")),
                    ("flat", some("true")),
                ]
            case "gelu":
                args = [("tanh", some("true"))]
            case "prelu":
                args = [("start", some("0.1")), ("channels", some("false"))]
            case "softmax":
                args = [("over", self.num(groups))]
            case "shuffle":
                args = [("groups", self.num(groups))]
            case "linear":
                args = [("width", self.num(x[0]))]
            case _:
                pass
        if name == "batchnorm" and args:  # it may be rebound to a norm whose first argument is another
            return Text(
                "batchnorm"
                + "(" * any(v for _, v in args)
                + ", ".join(f"{p} = {v}" for p, v in args if v)
                + ")" * any(v for _, v in args),
                x,
            )
        return Text(self.call(name, *args), x)

    def op_pool(self, x: Shape) -> Text | None:
        axes = len(x) - 1
        r = self.random
        k = [r.randint(1, 4)] * axes if self.chance(0.7) else [r.randint(1, 3) for _ in range(axes)]
        s = (
            k
            if self.chance(0.3)
            else [r.randint(1, 3)] * axes
            if self.chance(0.7)
            else [r.randint(1, 2) for _ in range(axes)]
        )
        p = [(q - 1) // 2 for q in k] if self.chance(0.6) else [r.randint(0, q // 2) for q in k]
        ceil = self.chance(0.3)
        out = []
        for n, q, t, e in zip(x[1:], k, s, p, strict=True):
            m = slid(n, q, t, 1, e)
            if m and ceil and (n + 2 * e - q) % t and m * t < n + e:
                m += 1
            out.append(m)
        if not axes or min(out) < 1:
            return None
        name = r.choice(["maxpool", "avgpool"])
        if axes == 3 and any(q > n for n, q in zip(x[1:], k, strict=True)):
            name = "maxpool"  # torch has no mean over three axes of a window larger than the input
        self.draw(f"op: {name}", *(["ceil"] if ceil else []))
        default = p == [(q - 1) // 2 for q in k]
        text = self.call(
            name,
            ("kernel", self.sizes(k)),
            ("stride", None if s == k else self.sizes(s)),
            ("padding", None if default and self.chance(0.8) else self.sizes(p)),
            ("ceil", "true" if ceil else None),
            *([("count_padding", self.verbatim(r.choice(["true", "false"])))] if name == "avgpool" and max(p) else []),
        )
        return Text(text, (x[0], *out))

    def op_global(self, x: Shape) -> Text | None:
        if len(x) < 2:
            return None
        r, axes = self.random, len(x) - 1
        name = r.choice(["globalpool", "globalmax", "globalnorm", "channelmean", "channelmax", "adaptivepool"])
        self.draw(f"op: {name}")
        if name == "adaptivepool":
            to = [r.randint(1, 3)] * axes if self.chance(0.6) else [r.randint(1, 3) for _ in range(axes)]
            return (
                Text(self.call(name, ("size", self.sizes(to))), (x[0], *to))
                if x[0] * prod(to) <= MOST_ELEMENTS
                else None
            )
        return Text(name, (x[0], *[1] * (len(x) - 1)) if name[0] == "g" else (1, *x[1:]))

    def op_resample(self, x: Shape) -> Text | None:
        axes, r = len(x) - 1, self.random
        if not axes:
            return None
        kind = r.choice(["subsample", "blur", "upsample", "resize", "weightedpool", "border"])
        out: Shape
        if kind == "subsample":
            s = [r.randint(1, 3)] * axes if self.chance(0.6) else [r.randint(1, 2) for _ in range(axes)]
            text, out = (
                self.call(kind, ("stride", self.sizes(s))),
                (x[0], *(-(-n // q) for n, q in zip(x[1:], s, strict=True))),
            )
        elif kind == "border":
            before, after = (
                [r.randint(0, 2)] * axes if self.chance(0.6) else [r.randint(0, 2) for _ in range(axes)]
                for _ in range(2)
            )
            if self.chance(0.5):
                after = before
            out = (x[0], *(b + n + e for b, n, e in zip(before, x[1:], after, strict=True)))
            if prod(out) > MOST_ELEMENTS:
                return None
            text = self.call(
                kind, ("before", self.sizes(before)), ("after", None if after is before else self.sizes(after))
            )
        elif kind == "blur":
            k, q = r.choice([1, 2, 3, 3, 4, 5]), r.randint(1, 2)
            out = (x[0], *(slid(n, k, q, 1, (k - 1) // 2) for n in x[1:]))
            if (k - 1) // 2 >= min(x[1:]) or min(out) < 1:
                return None
            text = self.call(kind, ("kernel", self.num(k)), ("stride", self.num(q)))
        elif kind == "upsample":
            f = r.randint(1, 3)
            out = (x[0], *(n * f for n in x[1:]))
            if prod(out) > MOST_ELEMENTS:
                return None
            mode = r.choice([None, '"nearest"', '"bilinear"']) if axes == 2 else r.choice([None, '"nearest"'])
            text = self.call(kind, ("factor", self.num(f)), ("mode", mode and self.verbatim(mode)))
        elif kind == "resize":
            like = [
                name
                for name, t in self.scope.values.items()
                if isinstance(t, tuple) and len(t) == len(x) and prod(t[1:]) * x[0] <= MOST_ELEMENTS
            ]
            if not like:
                return None
            name = r.choice(like)
            shape = self.scope.values[name]
            assert isinstance(shape, tuple)
            out = (x[0], *shape[1:])
            mode = r.choice([None, '"nearest"', '"bilinear"']) if axes == 2 else '"nearest"'
            text = self.call(kind, ("like", name), ("mode", mode))
        else:
            entry = self.scope.entry
            if not isinstance(entry, tuple) or entry[1:] != x[1:]:
                return None
            name = self.name("v")
            self.scope.lines.append(f"let {name} = conv(1, 1) -> sigmoid")
            self.scope.values[name] = (1, *x[1:])
            self.draw("let of a flow")
            text, out = self.call(kind, ("weights", name)), (x[0], *[1] * axes)
        self.draw(f"op: {kind}")
        return Text(text, out)

    def op_shape(self, x: Shape) -> Text | None:
        r = self.random
        kind = r.choice(["flatten", "reshape", "zeropad"])
        if kind == "flatten":
            self.draw("op: flatten")
            return Text("flatten", (prod(x),))
        if kind == "zeropad":
            width = x[0] + r.randint(0, 4)
            self.draw("op: zeropad")
            return Text(self.call("zeropad", ("width", self.num(width))), (width, *x[1:]))
        number = prod(x)
        if self.chance(0.2):
            self.draw("op: reshape")
            return Text(f"reshape({number})", (number,))
        first = r.choice([g for g in range(1, min(number, 9) + 1) if number % g == 0])
        out: Shape = (first, number // first) if self.chance(0.5) else (first, number // first, 1)
        self.draw("op: reshape")
        return Text(f"reshape([{', '.join(map(str, out))}])", out)

    def op(self, x: Shape) -> Text:
        """An op, or a label, value, parameter or call as an item."""
        makers = [
            self.op_conv,
            self.op_conv,
            self.op_linear,
            self.op_pool,
            self.op_global,
            self.op_resample,
            self.op_resample,
            self.op_shape,
        ]
        if self.chance(0.55):
            made = self.random.choice(makers)(x)
            if made is not None and x[0] <= MOST_CHANNELS:
                return made
        return self.keeping(x)

    # -- from one shape to another ---------------------------------------------------------------------------

    def fit(self, x: Type, to: Type) -> list[str]:
        """Items of a chain that lead from one type to another."""
        if isinstance(to, list):
            return ["[" + ", ".join(self.chain(self.fit(x, shape)).text for shape in to) + "]"]
        if isinstance(x, list):
            if len(set(x)) == 1 and self.chance(0.6):
                self.draw("op: sum", "sum of a list")
                return ["sum", *(self.fit(x[0], to) if x[0] != to else [])]
            i = self.random.randrange(len(x))
            self.draw("index")
            return [f"id[{self.num(i, 1)}]", *(self.fit(x[i], to) if x[i] != to else [])]
        if x == to:
            return [self.keeping(x).text]
        r, axes = self.random, len(to) - 1
        if axes and len(x) == len(to):
            if x[1:] == to[1:] and x[0] < to[0] and self.chance(0.3):
                self.draw("op: zeropad")
                return [f"zeropad({self.num(to[0])})"]
            strides = [next((s for s in range(1, 5) if -(-n // s) == m), 0) for n, m in zip(x[1:], to[1:], strict=True)]
            if all(strides):
                self.draw("op: conv", *(["stride"] if max(strides) > 1 else []))
                k = r.choice([1, 3])
                return [
                    self.call(
                        "conv",
                        ("width", self.num(to[0])),
                        ("kernel", self.num(k)),
                        ("stride", None if max(strides) == 1 else self.sizes(strides)),
                    )
                ]
            like = [n for n, t in self.scope.values.items() if isinstance(t, tuple) and t[1:] == to[1:]]
            if like and self.chance(0.6):
                self.draw("op: resize", "op: conv")
                return [f'resize({r.choice(like)}, "nearest")', f"conv({to[0]}, 1)"]
        self.draw("op: linear")
        start = ["flatten"] if len(x) > 1 else []
        if prod(x) > 60 and len(x) > 1:
            start = ["globalpool", "flatten"]
        last = [f"reshape([{', '.join(map(str, to))}])"] if axes else []
        self.draw(*(f"op: {t.split('(')[0]}" for t in start + last))
        return [*start, f"linear({self.num(prod(to))})", *last]

    def chain(self, items: list[str]) -> Text:
        """Items as a flow. What it gives is for the caller to know."""
        if len(items) > 1:
            self.draw("->")
        return Text(" -> ".join(items), (), 4 if len(items) == 1 else 0)

    def led(self, flow: Text, to: Type | None) -> Text:
        """The flow, led on to a type."""
        if to is None or flow.out == to:
            return flow
        self.draw("->")
        return Text(" -> ".join([flow.at(4) if flow.level else flow.text, *self.fit(flow.out, to)]), to, 0)

    # -- flows -----------------------------------------------------------------------------------------------

    def flow(self, x: Type, size: int, to: Type | None = None) -> Text:
        """A flow from x; to a tensor, or to the type that is asked for."""
        if isinstance(x, list):
            return self.from_list(x, size, to)
        kinds: list[Callable[[Shape, int, Type | None], Text | None]]
        if size <= 0:
            return self.led(self.leaf(x), to)
        kinds = [
            self.chained,
            self.chained,
            self.chained,
            self.summed,
            self.multiplied,
            self.concatenated,
            self.with_number,
            self.with_number,
        ]
        kinds += [
            self.choice,
            self.repeated,
            self.repeated,
            self.block,
            self.block,
            self.library_block,
            self.prelude_block,
            self.through_list,
            self.without,
        ]
        for _ in range(4):
            made = self.random.choice(kinds)(x, size - 1, to)
            if made is not None:
                return self.led(made, to)
        return self.led(self.leaf(x), to)

    def tensor(self, x: Shape, size: int, to: Shape | None = None) -> Text:
        made = self.flow(x, size, to)
        assert isinstance(made.out, tuple)
        return made

    def leaf(self, x: Shape) -> Text:
        scope = self.scope
        if scope.values and self.chance(0.3):
            name = self.random.choice(list(scope.values))
            shape = scope.values[name]
            self.draw("use of a value")
            if isinstance(shape, tuple):
                return Text(name, shape)
            i = self.random.randrange(len(shape))
            self.draw("index")
            return Text(f"{name}[{self.num(i, 1)}]", shape[i])
        flows = [(name, out) for name, (entry, out) in scope.flows.items() if entry == x]
        if flows and self.chance(0.5):
            name, out = self.random.choice(flows)
            return Text(name, out)
        if scope.caller is not None and self.chance(0.25):
            made = self.flow_parameter(x)
            if made is not None:
                return made
        return self.op(x)

    def chained(self, x: Shape, size: int, to: Type | None) -> Text:
        items, flow, level = [], x, 4
        for i in range(self.random.randint(2, 4)):
            part = self.tensor(flow, size - 1 if self.chance(0.5) else 0)
            text = part.text if i == 0 and self.chance(0.5) else part.at(4)
            level = part.level
            if level == 4 and self.chance(0.2):
                text = self.label(text, part.out)
            items.append(text)
            assert isinstance(part.out, tuple)
            flow = part.out
        self.draw("->")
        return Text(" -> ".join(items), flow, 0)

    def label(self, item: str, out: Type) -> str:
        """The item under a label, where a label may stand."""
        scope = self.scope
        if ":" in item.split("(")[0] or item.startswith(("if ", "repeat ")):
            return item
        if scope.index is not None and self.chance(0.7):
            self.draw("label with an index")
            return f"{self.name('part')}.unit{{{scope.index}}}: {item}"
        if scope.labels == "none":
            return item
        name = self.name("w")
        if self.chance(0.5):
            self.draw("label path")
            ending = self.random.choice(["", "-{0}", ".{1}"])
            if ending and SEQUENCE.fullmatch(item) and self.chance(0.5):
                return f"{name}.inner{ending}: ({item} -> id)"
            return f"{name}.inner{ending if ':' not in item else ''}: {item}"
        self.draw("label")
        scope.named_here[name] = out
        return f"{name}: {item}"

    def summed(self, x: Shape, size: int, to: Type | None) -> Text | None:
        """A sum or difference of flows of one shape, numbers among them."""
        if isinstance(to, list):
            return None
        first = self.tensor(x, size, to)
        out = first.out
        terms, operators = [first.at(2)], []
        for _ in range(self.random.randint(1, 3)):
            operators.append(self.random.choice("++-"))
            if self.chance(0.15):
                terms.append(self.random.choice(["0.5", "1", "2e-3"]))
                self.draw("+ number" if operators[-1] == "+" else "- number")
                continue
            self.draw("+ of flows" if operators[-1] == "+" else "- of flows")
            term = self.flow(x, size - 1, out)
            text = term.at(3)
            if term.level == 4 and self.chance(0.15):
                text = self.label(text, out)
            terms.append(text)
        if self.chance(0.1):
            terms.insert(0, "1")
            operators.insert(0, "-")
            terms[1] = f"({terms[1]})"
            self.draw("number - flow")
        text = terms[0] + "".join(f" {o} {t}" for o, t in zip(operators, terms[1:], strict=True))
        return Text(text, out, 2)

    def multiplied(self, x: Shape, size: int, to: Type | None) -> Text | None:
        if isinstance(to, list):
            return None
        values = [name for name, shape in self.scope.values.items() if isinstance(shape, tuple) and to in (None, shape)]
        if values and self.chance(0.4):
            self.draw("* from a value")
            left = Text(self.random.choice(values), ())
            out = self.scope.values[left.text]
        else:
            left = self.tensor(x, size, to)
            out = left.out
        assert isinstance(out, tuple)
        operator = self.random.choice("**/")
        other = out if self.chance(0.4) else tuple(1 if self.chance(0.5) else n for n in out)
        self.draw(f"{operator} of flows" if other == out else f"{operator} of a gate")
        same = [name for name, shape in self.scope.values.items() if shape == other]
        right = Text(self.random.choice(same), other) if same and self.chance(0.3) else self.flow(x, size - 1, other)
        return Text(f"{left.at(3)} {operator} {right.at(4)}", out, 3)

    def with_number(self, x: Shape, size: int, to: Type | None) -> Text | None:
        if isinstance(to, list):
            return None
        inner = self.tensor(x, size, to)
        number = self.random.choice(["2", "0.5", "3", self.small(self.random.randint(1, 4), 1)])
        operator = self.random.choice("*/+-")
        if self.chance(0.5):
            self.draw(f"number {operator} flow")
            return Text(f"{number} {operator} {inner.at(4)}", inner.out, 3 if operator in "*/" else 2)
        self.draw(f"{operator} number")
        return Text(f"{inner.at(4)} {operator} {number}", inner.out, 3 if operator in "*/" else 2)

    def concatenated(self, x: Shape, size: int, to: Type | None) -> Text | None:
        first = self.tensor(x, size)
        assert isinstance(first.out, tuple)
        if first.out[0] > MOST_CHANNELS:
            return first
        width, rest = first.out[0], first.out[1:]
        parts = [first.at(2)]
        for _ in range(self.random.randint(1, 2)):
            more = self.random.randint(1, 4)
            parts.append(self.flow(x, size - 1, (more, *rest)).at(2))
            width += more
        self.draw("++ of flows")
        return Text(" ++ ".join(parts), (width, *rest), 1)

    def without(self, x: Shape, size: int, to: Type | None) -> Text | None:
        """`none` beside a flow."""
        if isinstance(to, list):
            return None
        inner = self.tensor(x, size, to)
        self.draw("none")
        operator, level = self.random.choice([("+", 2), ("*", 3), ("++", 1)])
        nothing = self.random.choice(["none", f"(if {self.flag(True)} {{ none }} else {{ id }})", "none(3)"])
        both = [inner.at(4), nothing]
        self.random.shuffle(both)
        return Text(f" {operator} ".join(both), inner.out, level)

    def choice(self, x: Shape, size: int, to: Type | None) -> Text:
        """`if` with one branch taken; the others are valid text that nobody runs."""
        taken = self.random.randint(0, 2)
        tests = 2 if taken == 1 or self.chance(0.3) else 1
        tests += tests == 2 and self.chance(0.3)
        taken = min(taken, tests)
        self.draw("if", *(["else if"] if tests > 1 else []))
        text, out = "", x
        result: Type = out
        for i in range(tests + 1):
            start = f"if {self.flag(i == taken)} " if i < tests else ""
            if i == taken:
                body, result = self.body_text(x, size, to)
            else:
                with self.dead():
                    body, _ = self.body_text(x, 0, None)
            text += (" else " if i else "") + start + body
        return Text(text, result)

    def repeated(self, x: Shape, size: int, to: Type | None) -> Text:
        rounds = self.random.randint(0 if self.live else 1, 3)
        if len(x) > 1 and self.chance(0.25):
            out = x
            for _ in range(rounds):
                out = (out[0], *(-(-n // 2) for n in out[1:]))
            self.draw("repeat that changes the shape", *(["op: subsample"] if rounds else []))
            halved = self.random.choice(["subsample(2)", f"conv({x[0]}, 3, 2)", "maxpool(3, 2)"])
            return Text(f"repeat {self.small(rounds, 1)} {{ {halved} }}", out)
        index = self.name("i") if self.chance(0.5) else None
        self.draw("repeat with index" if index else "repeat")
        if rounds == 0:
            with self.dead():
                body, _ = self.body_text(x, size, x, index)
        else:
            with self.nested_repeat():
                body, _ = self.body_text(x, size, x, index)
        return Text(f"repeat {self.small(rounds, 1)}{f' as {index}' if index else ''} {body}", x)

    @contextmanager
    def nested_repeat(self) -> Iterator[None]:
        if self.repeats_open:
            self.draw("repeat in a repeat")
        self.repeats_open += 1
        try:
            yield
        finally:
            self.repeats_open -= 1

    # -- lists -----------------------------------------------------------------------------------------------

    def starts_list(self, x: Shape, size: int) -> Text:
        """A list of flows from a tensor."""
        kind = self.random.choice(["split", "written", "written", "each", "columns"])
        if kind == "split":
            self.draw("op: split")
            equal = self.random.choice([g for g in range(1, x[0] + 1) if x[0] % g == 0])
            if x[0] > 2 and self.chance(0.5):
                a = self.random.randint(1, x[0] - 1)
                return Text(f"split({self.verbatim(f'[{a}, {x[0] - a}]')})", [(a, *x[1:]), (x[0] - a, *x[1:])])
            return Text(f"split({self.num(equal)})", [(x[0] // equal, *x[1:])] * equal)
        if kind == "each":
            return self.each(x)
        if kind == "columns" and len(x) > 1 and prod(x) < 200:
            n = self.random.randint(1, 3)
            self.draw("recursion", "++ of lists")
            return Text(f"{self.lib('columns')}({self.num(n, 1)})", [x] * n)
        parts = [self.tensor(x, size - 1) for _ in range(self.random.randint(1, 3))]
        self.draw("list of flows")
        return Text(
            f"[{', '.join(part.text for part in parts)}]", [part.out for part in parts if isinstance(part.out, tuple)]
        )

    def each(self, x: Shape) -> Text:
        n, index = self.random.randint(1, 3), self.name("j")
        self.draw("list comprehension")
        with self.unlabelled(index):
            item = self.random.choice([f"leaky(0.1 * {index})", f"{self.random.randint(1, 3)} * id", "gain"])
            if len(x) > 1 and self.chance(0.6):
                width = self.random.randint(1, 6)
                item = self.random.choice(
                    [f"conv({width}, 2 * {index} + 1)", f"conv({width}, 3, dilation = {index} + 1)"]
                )
                text, out = self.label(item, ()), (width, *x[1:])
            else:
                text, out = self.label(item, ()) if "*" not in item[:4] else item, x
        over = self.random.choice(
            [f"range({self.num(n, 1)})", f"[{', '.join(map(str, range(n)))}]", f"range(0, {2 * n}, 2)"]
        )
        return Text(f"[{text} for {index} in {over}]", [out] * n)

    def goes_on(self, xs: list[Shape]) -> Text | None:
        """A list of flows from a list of flows."""
        r, n = self.random, len(xs)
        same_width = len({(x[0], len(x)) for x in xs}) == 1  # and as many axes
        maps = all(len(x) > 1 for x in xs)
        kinds = ["op", "pick", "append", "each"]
        kinds += ["shared", "shared"] if same_width and maps else []
        kinds += ["norm"] if same_width else []
        kinds += ["exchange"] if maps and len({x[1:] for x in xs}) == 1 else []
        match r.choice(kinds):
            case "op":
                values = {name: t for name, t in self.scope.values.items() if isinstance(t, tuple)}
                made = specblocks.on_lists(r, xs, values, MOST_ELEMENTS, self.seed) if self.chance(0.85) else None
                made = made or (r.choice(["sigmoid", "id", "repeat 2 { tanh }"]), xs)
                self.draw("op over a list")
                return Text(*made)
            case "pick":
                self.draw("index", "list of flows")
                order = [r.randrange(n) for _ in range(r.randint(1, 3))]
                return Text(
                    f"[{', '.join(f'id[{i}]' if self.chance(0.7) else f'id[{i}] -> relu' for i in order)}]",
                    [xs[i] for i in order],
                )
            case "append":
                self.draw("++ of lists", "index")
                i = r.randrange(n)
                more = self.tensor(xs[i], 0)
                assert isinstance(more.out, tuple)
                return Text(f"(id ++ [id[{i}] -> {more.at(4)}])", [*xs, more.out])
            case "each":
                self.draw("list comprehension", "index")
                j = self.name("j")
                if maps and self.chance(0.5):
                    width = r.randint(1, 5)
                    return Text(f"[id[{j}] -> conv({width}, 3) for {j} in range({n})]", [(width, *x[1:]) for x in xs])
                return Text(f"[id[{j}] + (id[{j}] -> leaky(0.1 * {j})) for {j} in range({n})]", xs)
            case "shared":
                self.draw("weights shared over a list", "op: conv")
                width = r.randint(1, 5)
                if self.chance(0.3):
                    return Text(f"{self.lib('cell')}({width})", [(width, *x[1:]) for x in xs])
                return Text(
                    f"conv({self.num(width)}, 3, bias = {self.flag(self.chance(0.5), 1)})",
                    [(width, *x[1:]) for x in xs],
                )
            case "norm":
                self.draw("weights shared over a list")
                return Text(r.choice(["batchnorm", "frozennorm", "layernorm", "gain", "gain(channels = false)"]), xs)
            case _:
                self.draw("in of a list", "list comprehension", "sum of a list", "op: sum")
                return Text(self.lib("exchange"), xs)

    def from_list(self, xs: list[Shape], size: int, to: Type | None) -> Text:
        """A flow from a list, to a tensor or to the type asked for."""
        items: list[str] = []
        while size > 0 and self.chance(0.6):
            more = self.goes_on(xs)
            if more is not None:
                items.append(more.at(4))
                assert isinstance(more.out, list)
                xs = more.out
            size -= 1
        if isinstance(to, list) and xs != to:
            items.append(
                "["
                + ", ".join(
                    " -> ".join([f"id[{i % len(xs)}]", *self.fit(xs[i % len(xs)], t)]) for i, t in enumerate(to)
                )
                + "]"
            )
            return Text(" -> ".join(items), to, 0)
        if isinstance(to, list):
            return Text(" -> ".join([*items, "id"]), to, 0)
        if len(set(xs)) == 1 and self.chance(0.6):
            self.draw("op: sum", "sum of a list")
            items.append("sum")
            out = xs[0]
        elif len(xs) > 1 and xs[0][1:] == xs[1][1:] and self.chance(0.5):
            self.draw("++ of flows", "index")
            items.append("(id[0] ++ id[-1])" if len(xs) == 2 else "(id[0] ++ id[1])")
            out = (xs[0][0] + xs[1][0], *xs[0][1:])
        else:
            i = self.random.randrange(len(xs))
            self.draw("index")
            items.append(f"id[{self.num(i, 1)}]")
            out = xs[i]
        return self.led(Text(" -> ".join(items), out, 0 if len(items) > 1 else 4), to)

    def through_list(self, x: Shape, size: int, to: Type | None) -> Text:
        start = self.starts_list(x, size)
        assert isinstance(start.out, list)
        rest = self.from_list(start.out, size + 1, to)
        self.draw("->")
        return Text(f"{start.at(4)} -> {rest.text if rest.level in (0, 4) else rest.at(4)}", rest.out, 0)

    # -- blocks ----------------------------------------------------------------------------------------------

    def flow_parameter(self, x: Shape) -> Text | None:
        """A parameter of this block that is a flow; its argument is written in the caller's body."""
        scope = self.scope
        assert scope.caller is not None
        r = self.random
        param = Param(self.name("f"), "flow")
        text = param.name
        way = r.choice(["inline", "inline", "name", "partial", "declared", "default line"])
        if way == "partial" and len(x) > 1:
            self.draw("partial application", "parameter block")
            width = r.randint(1, 6)
            param.given = r.choice(
                [
                    "conv(kernel = 3)",
                    "conv(kernel = 1, bias = true)",
                    f"{self.lib('cell')}(k = 5)",
                    f"{self.lib('cell')}(f = silu)",
                ]
            )
            scope.params.append(Param(param.name, "verbatim", given=param.given))
            return Text(f"{param.name}({self.num(width, 1)})", (width, *x[1:]))
        if way in ("inline", "partial"):
            self.draw("inline flow as an argument", "parameter block")
            with self.inside(scope.caller), self.unlabelled():
                made = self.tensor(x, r.randint(0, 1))
            param.given, out = made.text, made.out
        else:
            given = r.choice(["relu", "norm", "gelu", "gain", "id", "leaky(0.3)", "batchnorm(start = 0.5)"])
            out = x
            if way == "name" or (way == "default line" and not self.live):
                param.given = given
            elif way == "declared":
                self.draw("default in the declaration")
                param.declared = (
                    given if len(x) == 1 else r.choice([given, "conv(in, 3) -> relu" if scope.width == x[0] else given])
                )
            else:
                self.draw("default of a block")
                scope.caller.lines.append(f"default {param.name} = {given}")
            self.draw("parameter block")
        param.types = (x, out)
        scope.params.append(param)
        scope.flows[param.name] = (x, out)
        return Text(text, out)

    def value_parameter(self) -> None:
        """A parameter of this block that is a value of its caller."""
        scope = self.scope
        if scope.caller is None or not scope.caller.values:
            return
        name = self.random.choice(list(scope.caller.values))
        shape = scope.caller.values[name]
        self.draw("value as an argument")
        param = Param(self.name("s"), "value", types=(shape, shape), given=name)
        scope.params.append(param)
        scope.values[param.name] = shape

    def block(self, x: Type, size: int, to: Type | None) -> Text | None:
        """A call of a block: a new one, or one that was made for the same input."""
        again = [made for made in self.made if made.entry == x]
        if again and self.chance(0.7):
            text = self.again(self.random.choice(again))
            if text is not None:
                return text
        if self.blocks_open > 2:
            return None
        width = tuple(item[0] for item in x) if isinstance(x, list) else x[0]
        inner = Scope(x, width, [], self.scope, block=True)
        self.blocks_open += 1
        with self.inside(inner):
            if self.chance(0.5):
                self.value_parameter()
            body, out = self.body_text(x, size, to, scope=inner)
        self.blocks_open -= 1
        name = self.name("unit")
        self.drop_unread(inner, body)
        self.random.shuffle(inner.params)
        heads = ", ".join(param.text for param in inner.params)
        self.blocks.append(f"{self.comment()}block {name}{f'({heads})' if heads or self.chance(0.1) else ''} {body}")
        self.made.append(Made(name, x, out, inner.params))
        self.draw("block")
        return Text(self.call(name, *((param.name, param.given) for param in inner.params)), out)

    def drop_unread(self, scope: Scope, body: str) -> None:
        """Leave out the parameters that were written for text that was given up."""
        for param in [p for p in scope.params if not mentions(body, p.name)]:
            scope.params.remove(param)
            if scope.caller is not None:
                scope.caller.lines[:] = [n for n in scope.caller.lines if not n.startswith(f"default {param.name} =")]

    def again(self, made: Made) -> Text | None:
        """Another call of a block, all its arguments written anew."""
        given: list[tuple[str, str | None]] = []
        for param in made.params:
            entry, out = param.types
            if param.kind == "number":
                given.append((param.name, self.num(param.number, 1)))
            elif param.kind == "flow":
                assert isinstance(entry, tuple)
                with self.unlabelled():
                    given.append((param.name, self.flow(entry, 0, out).text))
            elif param.kind == "value":
                same = [name for name, t in self.scope.values.items() if t == entry]
                if not same:
                    return None
                given.append((param.name, self.random.choice(same)))
            else:
                given.append((param.name, param.given))
        self.draw("block called again")
        return Text(self.call(made.name, *given), made.output)

    def library_block(self, x: Shape, size: int, to: Type | None) -> Text | None:
        r = self.random
        kind = r.choice(
            ["cell", "residual", "scaled", "twice", "attend", "deep", "tree", "merge", "grow", "nothing", "ordered"]
        )
        if len(x) == 1 and kind not in ("residual", "scaled", "twice", "tree", "merge", "nothing", "ordered"):
            return None
        n = r.randint(0, 3)
        with self.unlabelled():
            match kind:
                case "cell":
                    k, s, width = r.choice([1, 3, 5]), r.randint(1, 2), r.randint(1, 6)
                    self.draw("block", "op: conv")
                    text = self.call(
                        self.lib(kind),
                        ("width", self.num(width)),
                        ("k", self.num(k)),
                        ("s", self.num(s)),
                        ("f", r.choice([None, "norm", "gelu -> gain"])),
                    )
                    return Text(text, (width, *(-(-m // s) for m in x[1:])))
                case "residual":
                    self.draw("inline flow as an argument", "repeat", "parameter block")
                    n = max(n, 1)  # else nothing would read what `default` lines give the flow
                    return Text(f"{self.lib(kind)}({self.flow(x, min(size, 1), x).text}, n = {self.num(n, 1)})", x)
                case "ordered":
                    self.draw("order", "label", "op: gain")
                    return Text(self.call(self.lib(kind), ("n", r.choice([None, "1", "0.5"]))), x)
                case "nothing":
                    return Text(self.lib(kind) + r.choice(["", "()"]), x)
                case "scaled":
                    self.draw("inline flow as an argument", "+ of flows", "op: gain")
                    inner = self.flow(x, min(size, 1), x).text
                    return Text(self.call(self.lib(kind), ("f", inner), ("s", r.choice([None, "0.1", "1"]))), x)
                case "twice":
                    self.draw("inline flow as an argument", "parameter block")
                    return Text(f"{self.lib(kind)}({self.flow(x, min(size, 1), x).text})", x)
                case "attend":
                    self.draw("* of a gate", "op: globalpool")
                    return Text(r.choice([self.lib(kind), f"{self.lib(kind)}({x[0]})", f"{self.lib(kind)}(w = 1)"]), x)
                case "deep":
                    self.draw("recursion", "if")
                    return Text(
                        self.call(
                            self.lib(kind), ("n", self.num(n, 1)), ("w", None if self.chance(0.5) else str(x[0]))
                        ),
                        x,
                    )
                case "tree":
                    self.draw("recursion", "if", "let of a flow", "/ number")
                    return Text(
                        self.call(self.lib(kind), ("n", self.num(min(n, 2), 1)), ("f", r.choice([None, "gain", "id"]))),
                        x,
                    )
                case "grow":
                    self.draw("repeat that changes the shape", "++ of flows")
                    rate = r.randint(1, 3)
                    return (
                        None
                        if x[0] > 8
                        else Text(f"{self.lib(kind)}({self.num(n, 1)}, {self.num(rate, 1)})", (x[0] + n * rate, *x[1:]))
                    )
                case _:
                    same = [name for name, t in self.scope.values.items() if t == x]
                    skip = r.choice(same) if same and self.chance(0.8) else "none"
                    self.draw("value as an argument" if skip != "none" else "none")
                    return Text(f"{self.lib('merge')}({skip})", x)

    def prelude_block(self, x: Shape, size: int, to: Type | None, turn: bool = False) -> Text | None:
        if len(x) == 1:
            made: specblocks.Made | None = specblocks.on_vectors(self.random, x)
        elif turn:
            made = specblocks.in_turn(self.random, x, self.seed)
        else:
            made = specblocks.on_maps(self.random, x)
        if made is None or (prod(made[1]) > MOST_ELEMENTS and prod(made[1]) > prod(x)):
            return None
        self.draw("block of the prelude", *(["partial application", "repeat"] if made[0].startswith("stage") else []))
        return Text(*made)

    # -- bodies ----------------------------------------------------------------------------------------------

    def body_text(
        self, x: Type, size: int, to: Type | None, index: str | None = None, scope: Scope | None = None
    ) -> tuple[str, Type]:
        """A body with its braces, and what it gives: of a block if its scope is given, else one inside another."""
        scope = scope or self.scope.inner(x)
        scope.index = index or scope.index
        with self.inside(scope):
            out = self.lines(x, size, to)
        if len(scope.lines) == 1 and len(scope.lines[0]) < 70 and "\n" not in scope.lines[0]:
            return f"{{ {scope.lines[0]} }}", out
        return "{\n" + "\n".join("  " + line.replace("\n", "\n  ") for line in scope.lines) + "\n}", out

    def lines(self, x: Type, size: int, to: Type | None) -> Type:
        """Write the lines of a body."""
        scope = self.scope
        start: list[str] = []
        flow = x
        for _ in range(self.random.choice([0, 0, 1, 1, 2])):
            match self.random.choice(["let", "let", "default", "labelled"]):
                case "let":
                    self.let(flow, size)
                case "default" if not start:
                    start = self.rebind(flow)
                case "labelled" if not start:
                    flow = self.labelled_line(flow, size)
                case _:
                    pass
        scope.entry = flow
        last = self.flow(flow, size, to)
        text = " -> ".join([*start, last.at(4)]) if start else last.text
        level = 0 if start else last.level
        return self.finish(Text(text, last.out, level))

    def let(self, x: Type, size: int) -> None:
        scope = self.scope
        scope.entry = x
        if isinstance(x, tuple) and self.chance(0.35):
            made = self.starts_list(x, size)
            self.draw("let of a list")
        else:
            made = self.flow(x, size - 1)
        name = self.name("v")
        scope.lines.append(f"let {name} = {made.text}")
        self.flush()
        scope.values[name] = made.out
        self.draw("let of a flow")

    def flush(self) -> None:
        """The labels of a line are values for the next."""
        line = self.scope.lines[-1]
        self.scope.values.update({name: out for name, out in self.scope.named_here.items() if f"{name}: " in line})
        self.scope.named_here.clear()

    def rebind(self, x: Type) -> list[str]:
        """A `default` line that rebinds a block or op, and the item that reads it."""
        if isinstance(x, list):
            return []
        other = ("linear",) if len(x) > 1 else ("conv", "maxpool", "globalpool")
        name = self.random.choice([k for k in REBOUND if k not in other])
        meaning = self.random.choice(REBOUND[name][0])
        self.draw("default of an op" if name not in ("act", "norm") else "default of a block")
        if name in meaning:
            self.draw("default that keeps the older meaning")
        self.scope.lines.append(f"default {name} = {meaning}")
        return [REBOUND[name][1].format(c=x[0])]

    def labelled_line(self, x: Type, size: int) -> Type:
        scope = self.scope
        scope.entry = x
        name = self.name("w")
        with self.unlabelled():
            made = self.flow(x, size)
        self.draw("label")
        scope.lines.append(
            f"{name}: {made.at(4) if made.level == 4 and ':' not in made.text.split('(')[0] else f'({made.text})'}"
        )
        scope.values[name] = made.out
        return made.out

    def finish(self, last: Text) -> Type:
        """The last line, made to use each `let` that no line has used yet."""
        scope = self.scope
        lets = [(i, m[1]) for i, line in enumerate(scope.lines) if (m := re.match(r"let (v\d+) ", line))]
        for i, name in lets:
            later = [*scope.lines[i + 1 :], last.text]
            picked = isinstance(scope.values[name], list) and any(f"{name}[" in line for line in later)
            if picked or not any(mentions(line, name) for line in later):  # all items of a list are to be used
                last = self.using(last, name, scope.values[name])
        scope.lines[:] = without_unread([*scope.lines, last.text], "n")
        self.flush()
        for name in [n for n in scope.values if n[0] == "w" and any(f"{n}: " in line for line in scope.lines)]:
            if any(re.search(rf"\b{name}\b(?!:)", line) for line in scope.lines):
                self.draw("label used by a later line")
        if scope.block:
            labels = [n for n in scope.values if n[0] == "w" and any(f"{n}: " in line for line in scope.lines)]
            if labels:
                self.draw("order")
                scope.lines.insert(0, f"order {', '.join(labels)}")
        return last.out

    def using(self, flow: Text, name: str, type_: Type) -> Text:
        """The flow, with a named value in it."""
        self.draw("use of a value")
        if isinstance(flow.out, list):
            self.draw("++ of lists")
            other = name if isinstance(type_, list) else f"[{name}]"
            return Text(f"{flow.at(2)} ++ {other}", [*flow.out, *(type_ if isinstance(type_, list) else [type_])], 1)
        if type_ == flow.out and self.chance(0.5):
            operator = self.random.choice("+*")
            self.draw(f"{operator} of flows")
            both = [name, flow.at(4)]
            self.random.shuffle(both)
            return Text(f" {operator} ".join(both), flow.out, 2)
        self.draw("+ of flows", "->")
        return Text(f"{flow.at(2)} + ({' -> '.join([name, *self.fit(type_, flow.out)])})", flow.out, 2)

    # -- models ----------------------------------------------------------------------------------------------

    def models(self) -> list[str]:
        r = self.random
        axes = r.choice([0, 1, 2, 2, 2, 3])
        most = {0: 1, 1: 10, 2: 8, 3: 4}[axes]
        x: Type = (r.randint(1, 8), *(r.randint(max(1, most // 2), most) for _ in range(axes)))
        assert isinstance(x, tuple)
        self.draw(f"input of {axes} axes")
        scope = Scope(x, None, [], None, model=True)
        head = f"  input {self.random.choice([' x ', 'x'] if axes else [' x ']).join(map(str, x))}"
        free: list[str] = []
        replaced: list[tuple[str, str, Type, Type, Scope]] = []
        rebound: list[str] = []
        with self.inside(scope):
            flow: Type = x
            for _ in range(r.randint(2, 6)):
                flow = self.model_line(flow, replaced, free, rebound)
            outputs = r.random()
            scope.entry = flow
            if outputs < 0.3 and isinstance(flow, tuple):
                self.draw("several outputs")
                made = self.starts_list(flow, 1)
                if made.text[0] == "[" and "for" not in made.text and self.chance(0.4):
                    self.draw("label")
                    made = Text(f"{self.name('w')}: {made.text}", made.out)
            else:
                made = self.flow(flow, 1)
            self.finish(made)
        self.drop_unread(scope, "\n".join(scope.lines))
        scope.lines[:0] = self.keys()
        needed = [p for p in scope.params if p.declared is None]
        params = ", ".join(p.text for p in scope.params)
        base = (
            f"model net{f'({params})' if params else ''} {{\n{head}\n"
            + "\n".join("  " + line.replace("\n", "\n  ") for line in scope.lines)
            + "\n}"
        )
        return [base, *self.variants(needed, free, replaced, rebound, scope.lines, x)]

    def keys(self) -> list[str]:
        """A part, and names that it is published under."""
        if self.chance(0.8):
            return []
        name, other, third = self.name("w"), self.name("w"), self.name("w")
        self.draw("keys", "label", "label path", "op: gain")
        forms = [
            f'"published.{name}.*" = "{name}.*"', f'"{name}.other.weight" = "{name}.a.b.weight"',
            '"*.published.*" = "*.a.*"', '"*.published" = "*.weight"', '"published.*" = "*"',
        ]  # fmt: skip
        first = [f'"another.*" = "{other}.*"', f'"more.*" = "{third}.*"'][: self.random.randrange(3)]
        return [
            f"{name}.a.b: gain",
            f"{other}: gain",
            f"{third}: gain",
            f"keys {', '.join([*first, self.random.choice(forms)])}",
        ]

    def model_line(
        self, x: Type, replaced: list[tuple[str, str, Type, Type, Scope]], free: list[str], rebound: list[str]
    ) -> Type:
        scope, r = self.scope, self.random
        scope.entry = x
        kind = r.choice(["section", "section", "label", "let", "default", "free", "unit", "library", "library", "list"])
        before = self.copied(scope)
        if kind == "section":
            name = self.name("part")
            with self.unlabelled():
                made = (
                    self.flow(x, r.randint(2, 4))
                    if isinstance(x, list) or self.chance(0.85)
                    else self.starts_list(x, 1)
                )
            self.draw("section")
            scope.lines.append(f"{name} {{ {made.text} }}")
            if any(re.search(rf"\b{n}\b", made.text) for n in scope.values if n.startswith("part")):
                self.draw("section used by a later line")
            scope.values[name] = made.out
            replaced.append(("section", name, x, made.out, before))
            return made.out
        if kind == "label":
            out = self.labelled_line(x, r.randint(1, 3))
            name = scope.lines[-1].split(":")[0]
            replaced.append(("label", name, x, out, before))
            return out
        if kind == "library" and isinstance(x, tuple):
            block = self.library_block(x, 1, None) if self.chance(0.2) else self.prelude_block(x, 1, None, True)
            if block is not None:
                name = self.name("w")
                self.draw("label")
                scope.lines.append(f"{name}: {block.at(4)}")
                scope.values[name] = block.out
                return block.out
        if kind == "list" and isinstance(x, tuple):
            return self.listed_line(x)
        if kind == "let":
            self.let(x, 3)
        if kind == "default" and isinstance(x, tuple):
            name = self.name("w")
            items = self.rebind(x)
            line = scope.lines[-1]
            rebound.append(line.split()[1])
            if sum(other.split()[:2] == line.split()[:2] for other in scope.lines) > 1:
                rebound.pop()  # two lines of a kind: a variant cannot say which
            scope.lines.append(f"{name}: {items[0]} -> id")
            self.draw("label")
            scope.values[name] = x
        if kind == "free" and isinstance(x, tuple):
            param, name = Param(self.name("p"), "number", declared=str(r.randint(1, 4))), self.name("w")
            scope.params.append(param)
            free.append(param.name)
            self.draw("parameter number", "default in the declaration", "label")
            inside = "linear({p}) -> relu -> linear({c})" if len(x) == 1 else "conv({p}, 3) -> conv({c}, 1)"
            text = r.choice([f"({inside})", "repeat {p} {{ act }}", "repeat {p} as i{p} {{ gain }}"])
            scope.lines.append(f"{name}: {text.format(p=param.name, c=x[0])}")
            scope.values[name] = x
        if kind == "unit" and isinstance(x, tuple) and not any(p.name == "unit" for p in scope.params):
            name = self.name("w")
            scope.params.append(
                Param("unit", "verbatim", declared=r.choice(["relu", "norm", "batchnorm(start = 0.0)"]))
            )
            self.draw("parameter block", "label", "repeat")
            scope.lines.append(f"{name}: repeat {r.randint(1, 3)} {{ unit -> id }}")
            scope.values[name] = x
            free.append("unit")
        return x

    def listed_line(self, x: Shape) -> Type:
        """A section that makes a list, works on each item, and makes one value of them."""
        r, scope, name = self.random, self.scope, self.name("part")
        with self.unlabelled():
            start = self.starts_list(x, 1)
            texts, xs = [start.at(4)], start.out
            assert isinstance(xs, list)
            values = {name: t for name, t in scope.values.items() if isinstance(t, tuple)}
            for _ in range(r.randint(1, 3)):
                made = specblocks.on_lists(r, xs, values, MOST_ELEMENTS, self.seed)
                if made is not None:
                    texts.append(made[0])
                    xs = made[1]
            self.draw("op over a list", "section", "index", "list of flows")
            last = self.from_list(xs, 0, x if self.chance(0.5) else None)
        scope.lines.append(f"{name} {{ {' -> '.join([*texts, last.at(4) if last.level else last.text])} }}")
        scope.values[name] = last.out
        return last.out

    def copied(self, scope: Scope) -> Scope:
        return Scope(scope.entry, scope.width, [], None, {}, dict(scope.values))

    def variants(
        self,
        needed: list[Param],
        free: list[str],
        replaced: list[tuple[str, str, Type, Type, Scope]],
        rebound: list[str],
        written: list[str],
        x: Shape,
    ) -> list[str]:
        """Models that vary the model: other arguments, other lines, other defaults."""
        r = self.random
        made: list[str] = []
        base, missing = "net", {p.name: p.given or "" for p in needed}
        if needed:
            self.draw("template")
        for i in range(r.randint(1 if needed else 0, 2)):
            given = dict(missing)
            for name in free:
                if self.chance(0.5):
                    given[name] = (
                        str(r.randint(0, 3) + (1 if name != "unit" else 0))
                        if name != "unit"
                        else r.choice(["gelu", "gain", "norm -> relu", "leaky(0.2)"])
                    )
                    self.draw("variant with an argument")
            lines: list[str] = []
            start = ""
            if rebound and self.chance(0.5):
                self.draw("variant with another default")
                name = r.choice(rebound)
                lines.append(f"default {name} = {r.choice(REBOUND[name][0])}")
            rest = {
                name: "\n".join(n for n in written if not n.startswith((f"{name} ", f"{name}:")))
                for _, name, *_ in replaced
            }
            can = [line for line in replaced if all(mentions(rest[line[1]], param) for param in given)]
            if can and self.chance(0.7):
                kind, name, entry, out, scope = r.choice(can)
                scope = Scope(x, None, [], values=dict(scope.values), labels="none")  # new `let`s come first: at x
                fresh = [n for n in ("tanh", "silu", "gelu") if isinstance(entry, tuple)]
                if fresh and self.chance(0.4):
                    self.draw("variant with a new default")
                    lines.append(f"default {fresh[0]} = sigmoid")
                    start = f"{fresh[0]} -> "
                with self.inside(scope):
                    body = self.flow(entry, 1, out)
                    inner = start + (body.at(4) if start else body.text)
                    self.draw("variant with another line")
                    line = f"{name} {{ {inner} }}" if kind == "section" else f"{name}: ({inner})"
                    lines += without_unread([*scope.lines, line], "[nv]")
            if self.chance(0.3):
                lines.insert(0, f"input {' x '.join(map(str, x))}")
            args = ", ".join(f"{n} = {v}" for n, v in given.items())
            empty = self.random.choice(["", "", " {}"])
            body_text = (
                " {\n" + "\n".join("  " + line.replace("\n", "\n  ") for line in lines) + "\n}" if lines else empty
            )
            made.append(f"model variant{i} = {base}{f'({args})' if args or self.chance(0.1) else ''}{body_text}")
            self.draw("variant")
            if self.chance(0.5) and not (missing and i == 0 and not given):
                base, missing = f"variant{i}", {}
        return made
