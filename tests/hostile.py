"""Specs that ask for far more than they say: each is refused at once, or is small after all.

A row is a project: the text of `main.resnet`, and of what it imports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

TRILLION = "1_000_000_000_000"


@dataclass(frozen=True)
class Hostile:
    """A spec, what is said of it (nothing: it is right), and the files beside it."""

    text: str
    said: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


def net(*lines: str, before: str = "") -> str:
    """A model of some lines, with definitions before it."""
    body = "".join(f"  {line}\n" for line in lines)
    return f"resdsl 1\n{before}\nmodel m {{\n  input 3 x 8 x 8\n{body}}}\n"


def tower(of: Callable[[int], str], levels: int = 60, ground: str = "conv(3, 1)") -> str:
    """Blocks b0 to b60, each made of the one below."""
    return f"block b0 {{ {ground} }}\n" + "".join(f"block b{i} {{ {of(i - 1)} }}\n" for i in range(1, levels + 1))


def lets(of: Callable[[int], str], levels: int = 60, ground: str = "conv(3, 1)") -> list[str]:
    """Lines a0 to a60, each made of the one above."""
    return [f"let a0 = {ground}", *(f"let a{i} = {of(i - 1)}" for i in range(1, levels + 1)), f"a{levels}"]


def chain(length: int) -> dict[str, str]:
    return {f"f{i}.resnet": f'resdsl 1\nimport "f{i + 1}.resnet"\nblock b{i} {{ id }}\n' for i in range(length)}


def layers(depth: int, width: int = 2) -> dict[str, str]:
    """Each layer has some files, and each of them imports all of the next."""
    return {
        f"f{i}_{j}.resnet": "resdsl 1\n"
        + "".join(f'import "f{i + 1}_{k}.resnet"\n' for k in range(width) if i + 1 < depth)
        + f"block b{i}_{j} {{ id }}\n"
        for i in range(depth)
        for j in range(width)
    }


_TWICE = "block twice(f) { f -> f }\n"
_PAIR = "block pair(f, g) { f -> g }\n"
_PASSED = f"{_PAIR}block b0(f) {{ f }}\n" + "".join(f"block b{i}(f) {{ b{i - 1}(pair(f, f)) }}\n" for i in range(1, 61))
_LIST = "function longer(l) { l ++ l }\n"

TABLE: dict[str, Hostile] = {
    # -- repeats
    "10^12 repeats": Hostile(net(f"repeat {TRILLION} {{ conv(3, 3) }}")),
    "10^12 repeats, ten times inside one another": Hostile(
        net(f"repeat {TRILLION} {{ " * 10 + "conv(3, 3)" + " }" * 10)
    ),
    "2^60 blocks that do nothing, beside an item that is taken": Hostile(
        net("[id, b60][0] -> relu", before=tower(lambda i: f"b{i} -> b{i}", ground="id"))
    ),
    "64^8 sums with a label that numbers": Hostile(
        net("x.{0}: stage(basic, 3, 2)", "y: (" + "repeat 64 { " * 8 + "conv(3, 3) + id" + " }" * 8 + ")")
    ),
    "64^8 sums with other names of weights": Hostile(
        net("y: (" + "repeat 64 { " * 8 + "conv(3, 3) + id" + " }" * 8 + ")", 'keys "a.*" = "b.*"'), "with names"
    ),
    "10^12 repeats that all differ": Hostile(net(f"repeat {TRILLION} as i {{ conv(3 + i, 1) }}"), "rounds"),
    "10^12 repeats that read their number in vain": Hostile(
        net(f"repeat {TRILLION} as i {{ if i < 0 {{ relu }} else {{ conv(3, 1) }} }}"), "steps"
    ),
    "10^12 repeats that grow": Hostile(
        net("grow", before=f"block grow {{ repeat {TRILLION} {{ widen }} }}\nblock widen {{ conv(in + 1, 1) }}\n"),
        "steps",
    ),
    "10^12 blocks of a stage": Hostile(net(f"stage(bottleneck, 16, {TRILLION})")),
    "10^18 repeats": Hostile(net("repeat 999_999_999_999_999_999 { relu }")),
    "10^19 repeats": Hostile(net("repeat 9_999_999_999_999_999_999 { relu }"), "18"),
    # -- nesting
    "2^60 by blocks": Hostile(net("b60", before=tower(lambda i: f"b{i} -> b{i}"))),
    "2^60 by sums": Hostile(net("b60", before=tower(lambda i: f"b{i} + b{i}"))),
    "2^60 by concatenation": Hostile(net("b60", before=tower(lambda i: f"b{i} ++ b{i}")), "too long"),
    "2^60 by widths": Hostile(
        net(
            "b60(1)",
            before="".join(
                [
                    f"block b{i}(n) {{ b{i - 1}((2 * n) % 1_000_007) -> b{i - 1}((2 * n + 1) % 1_000_007) }}\n"
                    for i in range(60, 0, -1)
                ]
                + ["block b0(n) { conv(n % 1_000 + 1, 1) }\n"]
            ),
        ),
        "steps",
    ),
    "2^60 by functions": Hostile(
        net(
            "conv(f60(1), 1)",
            before="".join(
                [f"function f{i}(n) {{ f{i - 1}(n) + f{i - 1}(n + 1) }}\n" for i in range(60, 0, -1)]
                + ["function f0(n) { n }\n"]
            ),
        ),
        "4",
    ),
    "2^60 by lists": Hostile(net("conv(" + "longer(" * 60 + "[1]" + ")" * 60 + "[0], 1)", before=_LIST), "10,000"),
    "2^60 by lists of lists": Hostile(
        net(*lets(lambda i: f"[a{i}, a{i}]", ground="[1]")[:-1], "conv(max(a60), 1)"), "steps"
    ),
    "2^60 by named flows": Hostile(net(*lets(lambda i: f"a{i} -> a{i}"))),
    "2^60 by named sums": Hostile(net(*lets(lambda i: f"a{i} + a{i}"))),
    "2^60 by arguments": Hostile(net("twice(" * 60 + "conv(3, 1)" + ")" * 60, before=_TWICE)),
    "2^60 by named arguments": Hostile(net(*lets(lambda i: f"pair(a{i}, a{i})"), before=_PAIR)),
    "2^60 by arguments of arguments": Hostile(
        net(
            "b60(conv(3, 1))",
            before=_PASSED,
        ),
        "64",
    ),
    "2^60 by arguments of values": Hostile(
        net(
            "let v = conv(3, 1)",
            "b60(id + v)",
            before=_PASSED,
        ),
        "steps",
    ),
    "2^60 by parameters of a model": Hostile(
        "resdsl 1\n"
        + _PAIR
        + "model m(a0 = conv(3, 1), "
        + ", ".join(f"a{i} = pair(a{i - 1}, a{i - 1})" for i in range(1, 61))
        + ") {\n  input 3 x 8 x 8\n  a60\n}\n",
        "steps",
    ),
    "2^60 by defaults of pairs": Hostile(net(*(["default act = pair(act, act)"] * 60), "act", before=_PAIR), "steps"),
    "2^60 by default values": Hostile(
        net(
            "b60",
            before="block b0 { conv(3, 1) }\n"
            + "".join(f"block b{i}(f = b{i - 1}) {{ f -> f }}\n" for i in range(1, 61)),
        )
    ),
    "2^60 by default lines": Hostile(
        net(*(f"default norm = {'norm -> norm'}" for _ in range(60)), "conv(3, 1) -> norm"), "deep inside"
    ),
    "2^60 by variants": Hostile(
        "resdsl 1\nmodel m0(n = 1) {\n  input 3 x 8 x 8\n  conv(n, 1)\n}\n"
        + "".join(f"model m{i} = m{i - 1}(n = {i})\n" for i in range(1, 100)),
        "64",
    ),
    "flows inside flows, by products": Hostile(net(" * ".join(["relu"] * 400)), "deep inside"),
    "flows inside flows, by arguments": Hostile(
        net(
            "b20(id)",
            before="block b0(f) { f }\n"
            + "".join(f"block b{i}(f) {{ b{i - 1}({'(id + ' * 20}f{')' * 20}) }}\n" for i in range(1, 21)),
        ),
        "deep inside",
    ),
    # -- recursion
    "a block of itself": Hostile(net("a", before="block a { a }\n"), "itself"),
    "two blocks of each other": Hostile(net("a", before="block a { b }\nblock b { a }\n"), "itself"),
    "a block of itself, twice": Hostile(net("a", before="block a { a + a }\n"), "itself"),
    "a block of itself, wider": Hostile(net("a(1)", before="block a(n) { a(n + 1) + a(n + 2) }\n"), "itself"),
    "a block of itself as an argument": Hostile(net("a(a)", before="block a(f) { f(f) }\n"), "itself"),
    "a function of itself": Hostile(net("conv(f(1), 1)", before="function f(n) { f(n) }\n"), "itself"),
    "a function of itself, twice": Hostile(
        net("conv(f(1), 1)", before="function f(n) { f(n + 1) + f(n + 2) }\n"), "itself"
    ),
    "a function that branches": Hostile(
        net("conv(f(60), 1)", before="function f(n) { if n < 1 { 1 } else { max(f(n - 1), f(n - 1)) } }\n")
    ),
    "a default of itself": Hostile(net("default norm = norm", "conv(3, 1) -> norm")),
    "a default value of itself": Hostile(net("a", before="block a(f = a) { f }\n"), "itself"),
    "a variant of itself": Hostile("resdsl 1\nmodel m = m\n", "itself"),
    # -- brackets
    "10^6 brackets": Hostile(net("(" * 990_000), "64"),
    "half a million brackets, closed": Hostile(net("(" * 490_000 + "id" + ")" * 490_000), "64"),
    "10^6 brackets that only close": Hostile(net(")" * 990_000), "50,000"),
    "10^6 brackets of a list": Hostile(net("conv(" + "[" * 990_000), "64"),
    "10^6 braces": Hostile("resdsl 1\nblock b " + "{" * 990_000, "64"),
    "pairs of brackets": Hostile(net("()" * 490_000), "50,000"),
    "240,000 times not": Hostile(net("if " + "not " * 240_000 + "true { id } else { id }"), "50,000"),
    "900,000 signs": Hostile(net("conv(" + "-" * 900_000 + "1, 1)"), "50,000"),
    "300,000 powers": Hostile(net("conv(1" + "**1" * 300_000 + ", 1)"), "50,000"),
    "300,000 indices": Hostile(net("conv([1]" + "[0]" * 300_000 + ", 1)"), "50,000"),
    "40,000 else": Hostile(net("if false { id }" + " else if false { id }" * 40_000 + " else { id }"), "50,000"),
    "10^6 quotes": Hostile(net('"' * 990_000), "50,000"),
    "10^6 commas": Hostile(net("conv(" + "," * 990_000 + ")"), "50,000"),
    "10^6 dots": Hostile(net("." * 990_000), "50,000"),
    "10^6 arrows": Hostile(net("->" * 490_000), "50,000"),
    "10^6 lines": Hostile(net("\n" * 990_000 + "relu")),
    "10^6 spaces": Hostile(net(" " * 990_000 + "relu")),
    "a comment of 10^6 characters": Hostile(net("# " + "x" * 990_000, "relu")),
    "240,000 comments": Hostile(net(*["#"] * 240_000, "relu"), "50,000"),
    "140,000 statements": Hostile(net(*["relu"] * 140_000), "50,000"),
    # -- imports
    "a chain of imports": Hostile('resdsl 1\nimport "f0.resnet"\n', "deep", chain(200)),
    "diamonds of imports": Hostile(
        'resdsl 1\nimport "f0_0.resnet"\nmodel m {\n  input 3 x 8 x 8\n  b0_0\n}\n', "", layers(60)
    ),
    "wide diamonds of imports": Hostile('resdsl 1\nimport "f0_0.resnet"\n', "2,000 lines", layers(30, 30)),
    "imports in a circle": Hostile(
        'resdsl 1\nimport "f0.resnet"\n', "itself", {**chain(9), "f9.resnet": 'resdsl 1\nimport "f0.resnet"\n'}
    ),
    "40,000 imports": Hostile("resdsl 1\n" + "".join(f'import "f{i}.resnet"\n' for i in range(40_000)), "50,000"),
    "60 imports of a megabyte each": Hostile(
        "resdsl 1\n" + "".join(f'import "f{i}.resnet"\n' for i in range(60)),
        "larger",
        {f"f{i}.resnet": f"resdsl 1\nblock b{i} {{ id }}\n" + "# " + "x" * 990_000 for i in range(60)},
    ),
    "60 imports of 100,000 lines each": Hostile(
        "resdsl 1\n" + "".join(f'import "f{i}.resnet"\n' for i in range(60)),
        "50,000",
        {
            f"f{i}.resnet": "resdsl 1\n" + "".join(f"block b{i}_{k} {{ id }}\n" for k in range(40_000))
            for i in range(60)
        },
    ),
    # -- texts
    "a string of ten megabytes": Hostile('resdsl 1\nimport "' + "x" * 10_000_000 + '"\n', "larger"),
    "a string of a megabyte": Hostile('resdsl 1\nimport "' + "x" * 990_000 + '"\n', "E0501"),
    "a string of a megabyte that never ends": Hostile('resdsl 1\nimport "' + "x" * 990_000, "E0201"),
    "a string of a megabyte of backslashes": Hostile('resdsl 1\nimport "' + "\\" * 990_000 + '"\n', "E0101"),
    "a string of a megabyte for a flow": Hostile(net('"' + "x" * 990_000 + '"'), "E0302"),
    "a string of a megabyte between words": Hostile(net('relu "' + "x" * 990_000 + '" relu'), "E0103"),
    "a string of a megabyte for a number": Hostile(net('conv("' + "x" * 990_000 + '", 1)'), "E0401"),
    "a word of a megabyte": Hostile(net("x" * 990_000), "64"),
    "a label of a megabyte": Hostile(net("x" * 990_000 + ": relu"), "64"),
    "a number of a megabyte": Hostile(net("conv(" + "9" * 990_000 + ", 1)"), "18"),
    "a fraction of a megabyte": Hostile(net("conv(0." + "9" * 990_000 + ", 1)"), "40"),
    "a shape of a megabyte": Hostile("resdsl 1\nmodel m {\n  input 3" + " x 3" * 240_000 + "\n  relu\n}\n", "50,000"),
    "a megabyte of dashes in a label": Hostile(net("a." + "-" * 990_000 + ": relu"), "50,000"),
    "100,000 unknown names": Hostile(net(" -> ".join(f"x{i:05}" for i in range(95_000))), "50,000"),
    "100,000 unknown calls": Hostile(net(*(f"x{i:05}()" for i in range(80_000))), "50,000"),
    "100,000 unknown arguments": Hostile(
        net("conv(3, 1, " + ", ".join(f"x{i:05}=1" for i in range(90_000)) + ")"), "50,000"
    ),
    "100,000 parameters": Hostile(
        net("b", before="block b(" + ", ".join(f"x{i:05}" for i in range(95_000)) + ") { id }\n"), "50,000"
    ),
    "100,000 definitions": Hostile(
        "resdsl 1\n" + "".join(f"block b{i:05} {{ id }}\n" for i in range(45_000)), "50,000"
    ),
    "100,000 words": Hostile("resdsl 1 " + "model " * 160_000, "50,000"),
    "100,000 foreign characters": Hostile(net("\u20ac " * 240_000), "50,000"),
    # -- shapes
    "an input of 2^31": Hostile("resdsl 1\nmodel m {\n  input 2147483648 x 8 x 8\n  relu\n}\n", "1,048,576"),
    "positions of 2^31": Hostile("resdsl 1\nmodel m {\n  input 3 x 2147483648 x 8\n  relu\n}\n", "1,048,576"),
    "a width of 2^31": Hostile(net("conv(2147483648, 1)"), "1,048,576"),
    "a computed width of 2^31": Hostile(net("conv(2 ** 31, 1)"), "1,048,576"),
    "a computed width of 2^(10^12)": Hostile(net(f"conv(2 ** {TRILLION}, 1)"), "digits"),
    "a kernel of 2^31": Hostile(net("conv(3, 2147483648)"), "2,147,483,648"),
    "an upsampling of 2^31": Hostile(net("upsample(2147483648)"), "1,048,576"),
    "a padding of 2^31": Hostile(net("conv(3, 1, padding = 2147483648)"), "2,147,483,648"),
    # -- lists
    "a list of 10^9": Hostile(net("conv([i for i in range(1_000_000_000)][0], 1)"), "10,000"),
    "a list of 10^9 flows": Hostile(net("[conv(3, 1) for i in range(1_000_000_000)] -> sum"), "10,000"),
    "a list of 10^8, by two": Hostile(
        net("conv(sum([sum([i * j for i in range(10_000)]) for j in range(10_000)]), 1)"), "steps"
    ),
    "a list of 10^9, by three": Hostile(
        net("conv(sum([sum([sum([1 for k in range(1_000)]) for i in range(1_000)]) for j in range(1_000)]), 1)"),
        "steps",
    ),
    "lists of 10^8 items": Hostile(net("conv(sum([sum(range(10_000)) for j in range(10_000)]), 1)"), "steps"),
    "lists of 10^8 items kept": Hostile(
        net("let l = [range(10_000) for j in range(10_000)]", "conv(max(l[0]), 1)"), "steps"
    ),
}
