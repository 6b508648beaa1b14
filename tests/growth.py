"""Texts of every kind and of any size, to see how the work grows: name -> n -> text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hostile import net

from resdsl.parser import table

Make = Callable[[int], str]

# How each terminal that is no fixed word is written.
_WRITTEN = {
    "NAME": "relu", "CALL": "conv(3, 1)", "LABEL": "a:", "SHAPE": "3 x 8", "NUMBER": "7", "STRING": '"x"',
    "COMPARE": "<=", "SLASH": "//", "AT": "a[", "COMMENT": "# x\n", "WS": " \n",
}  # fmt: skip


def terminals() -> dict[str, str]:
    """Every terminal of the grammar, and how it is written."""
    found = {}
    for terminal in table.shipped().terminals:
        found[terminal.name] = _WRITTEN.get(terminal.name) or str(terminal.pattern.value)
    return found


def _again(piece: str) -> Make:
    return lambda n: net(f"{piece} " * n)


def _between(piece: str) -> Make:
    return lambda n: net(f"relu {piece} " * n)


def _wrong_lines(piece: str) -> Make:
    return lambda n: net(*[f"l{{i}}: relu {piece} relu"] * n)


def _models(line: str) -> Make:
    return lambda n: (
        "resdsl 1\n"
        + "".join(f"model m{i} {{\n  input 3 x 8 x 8\n  {line.replace('@', str(i))}\n}}\n" for i in range(n))
    )


def _definitions(text: str) -> Make:
    return lambda n: "resdsl 1\n" + "".join(text.replace("@", str(i)) for i in range(n))


def _joined(separator: str, piece: str, before: str = "", around: str = "%s") -> Make:
    return lambda n: net(
        around % separator.join(piece.replace("@", str(i)) for i in range(n)),
        before=before,
    )


def _lines(line: str, last: str = "relu", before: str = "") -> Make:
    return lambda n: net(
        *(line.replace("@", str(i)).replace("&", str(max(i - 1, 0))) for i in range(n)), last, before=before
    )


def _long(around: str, character: str = "x") -> Make:
    return lambda n: net(around % (character * n))


def _names(n: int) -> str:
    return ", ".join(f"p{i}" for i in range(n))


def _valued(n: int) -> str:
    return ", ".join(f"p{i} = {i + 1}" for i in range(n))


def _used(n: int) -> str:
    return " -> ".join(f"conv(p{i}, 1)" for i in range(n))


def _nested(opening: str, inner: str, closing: str) -> Make:
    """Nesting is 64 deep at most, so it is many of the deepest."""
    one = opening * 50 + inner + closing * 50
    return lambda n: net(" -> ".join([one] * max(1, n // 50)))


def _table() -> Iterator[tuple[str, Make]]:
    for name, written in terminals().items():
        yield f"terminal {name}, in a row", _again(written)
        yield f"terminal {name}, between words", _between(written)
        yield f"terminal {name}, at the top", lambda n, w=written: "resdsl 1\n" + f"{w} " * n
    # -- what may stand so
    yield "relu", _joined(" -> ", "relu")
    yield "conv", _joined(" -> ", "conv(3, 1)")
    yield "labels", _joined(" -> ", "c@: conv(3, 1)")
    yield "paths", _joined(" -> ", "a@.b.c: conv(3, 1)")
    yield "basic", _joined(" -> ", "basic(16)")
    yield "different blocks", _joined(" -> ", "basic(8 + @)")
    yield "sum of flows", _joined(" + ", "relu")
    yield "difference of flows", _joined(" - ", "relu")
    yield "product of flows", _joined(" * ", "sigmoid")
    yield "concatenation of flows", _joined(" ++ ", "conv(1, 1)")
    yield "sum of convolutions", _joined(" + ", "conv(3, 1)")
    yield "sum of numbers", _joined(" + ", "1", around="conv(%s, 1)")
    yield "difference of numbers", _joined(" - ", "1", around="conv(abs(%s), 1)")
    yield "quotient of numbers", _joined(" // ", "1", around="conv(%s, 1)")
    yield "powers", _joined(" ** ", "1", around="conv(%s, 1)")
    yield "or", _joined(" or ", "false", around="if %s { relu } else { gelu }")
    yield "and", _joined(" and ", "true", around="if %s { relu } else { gelu }")
    yield (
        "not",
        lambda n: net(
            "if " + "not (not " * min(n, 30) + "true" + ")" * min(n, 30) + " { relu } else { gelu }" + " -> relu" * n
        ),
    )
    yield "comparisons", _joined(" and ", "1 <= 2", around="if %s { relu } else { gelu }")
    yield "else if", lambda n: net("if false { id }" + " else if false { id }" * n + " else { relu }")
    yield "choices", _joined(" -> ", "(if true { relu } else { id })")
    yield "repeats", _joined(" -> ", "repeat 3 { relu }")
    yield "repeats with an index", _joined(" -> ", "repeat 3 as i { conv(3 + i, 1) }")
    yield "list of numbers", _joined(", ", "1", around="conv(len([%s]), 1)")
    yield "list of flows", _joined(", ", "conv(3, 1)", around="[%s] -> sum")
    yield "list of named numbers", lambda n: net("let l = [" + ", ".join(["1"] * n) + "]", "conv(sum(l), 1)")
    yield "list for", lambda n: net(f"conv(sum([i for i in range({n})]), 1)")
    yield "list of flows for", lambda n: net(f"[conv(3, 1) for i in range({n})] -> sum")
    yield (
        "items of a list",
        lambda n: net(
            f"let l = [{', '.join(['1'] * n)}]", *(f"conv(l[{i}], 1)" + " ->" * (i < n - 1) for i in range(n))
        ),
    )
    yield (
        "split",
        lambda n: net(
            f"conv({n}, 1) -> split({n}) -> sum",
        ),
    )
    yield "split and take", lambda n: net(f"let p = conv({n}, 1) -> split({n})", f"[p[i] for i in range({n})] -> sum")
    yield "indices", _joined(" -> ", "conv([3, 4][0], 1)")
    yield "lets", _lines("let a@ = conv(3, 1)", "a0")
    yield (
        "lets that are read",
        lambda n: net("let a0 = relu", *(f"let a{i} = a{i - 1} -> relu" for i in range(1, n)), f"a{n - 1}"),
    )
    yield (
        "lets of numbers",
        lambda n: net("let a0 = 1", *(f"let a{i} = a{i - 1} + 1" for i in range(1, n)), f"conv(a{n - 1}, 1)"),
    )
    yield "labelled lines", _lines("c@: conv(3, 1)")
    yield "labelled lines that are read", _lines("c@: conv(3, 1) + c&", "relu")
    yield "sections", _lines("s@ { conv(3, 1) }")
    yield "defaults", _lines("default norm = batchnorm", "conv(3, 1) -> norm")
    yield (
        "defaults of many names",
        lambda n: net(
            *(f"default p{i} = {i + 1}" for i in range(n)),
            "all",
            before="block all { " + " -> ".join(f"conv(p{i}, 1)" for i in range(n)) + " }\n",
        ),
    )
    yield "expectations", _lines("expect layers = 1", "conv(3, 1)")
    yield (
        "parameters of a block",
        lambda n: net(
            f"b({', '.join(str(i + 1) for i in range(n))})",
            before=f"block b({_names(n)}) {{ {_used(n)} }}\n",
        ),
    )
    yield (
        "named arguments",
        lambda n: net(
            f"b({', '.join(f'p{i} = {i + 1}' for i in range(n))})",
            before=f"block b({_names(n)}) {{ {_used(n)} }}\n",
        ),
    )
    yield (
        "parameters of a model",
        lambda n: f"resdsl 1\nmodel m({_valued(n)}) {{\n  input 3 x 8 x 8\n  {_used(n)}\n}}\n",
    )
    yield (
        "order",
        lambda n: net(
            "b",
            before=f"block b {{\n  order {', '.join(f'c{i}' for i in range(n))}\n"
            + "".join(f"  c{i}: conv(3, 1)\n" for i in range(n))
            + "  relu\n}\n",
        ),
    )
    yield "blocks", _definitions("block b@ { relu }\n")
    yield (
        "blocks in a chain",
        lambda n: net(
            "b0",
            before="".join(f"block b{i} {{ b{i + 1} }}\n" if i % 50 else f"block b{i} {{ relu }}\n" for i in range(n)),
        ),
    )
    yield (
        "blocks that are used",
        lambda n: net(
            " -> ".join(f"b{i}" for i in range(n)), before="".join(f"block b{i} {{ relu }}\n" for i in range(n))
        ),
    )
    yield "functions", _definitions("function f@(n) { n + 1 }\n")
    yield "models", _models("conv(3, 1) -> relu")
    yield "models with a block", _models("basic(16)")
    yield (
        "variants",
        lambda n: (
            "resdsl 1\nmodel m(n = 1) {\n  input 3 x 8 x 8\n  conv(n, 1)\n}\n"
            + "".join(f"model m{i} = m(n = {i + 1})\n" for i in range(n))
        ),
    )
    yield (
        "lines of a variant",
        lambda n: (
            "resdsl 1\nmodel m {\n  input 3 x 8 x 8\n"
            + "".join(f"  c{i}: conv(3, 1)\n" for i in range(n))
            + "}\nmodel v = m {\n  default norm = id\n}\n"
        ),
    )
    yield "comments", _lines("# a comment", "relu")
    yield "comments behind lines", _lines("c@: relu  # a comment")
    yield "comments that ignore", _lines("# resdsl: ignore[W1003] why", "relu")
    yield "blank lines", _lines("", "relu")
    # -- nesting
    yield "nested brackets", _nested("(", "relu", ")")
    yield (
        "nested lists",
        lambda n: net(
            *["conv(max(" + "[" * 40 + "1" + "]" * 40 + "[0]" * 39 + "), 1)" + " ->"] * max(1, n // 40), "relu"
        ),
    )
    yield "nested repeats", _nested("repeat 2 { ", "relu", " }")
    yield "nested choices", _nested("if true { ", "relu", " } else { id }")
    yield "nested arguments", _nested("residual(", "conv3(3)", ")")
    # -- one long word
    yield "long name", _long("%s")
    yield "long label", _long("%s: relu")
    yield "long path", lambda n: net(".".join(["a"] * n) + ": relu")
    yield "long number", _long("conv(%s, 1)", "1")
    yield "long number with a letter", _long("conv(%sa, 1)", "1")
    yield "long fraction", _long("conv(0.%s, 1)", "1")
    yield "long shape", lambda n: f"resdsl 1\nmodel m {{\n  input {' x '.join(['3'] * n)}\n  relu\n}}\n"
    yield (
        "long shape that ends as a word",
        lambda n: f"resdsl 1\nmodel m {{\n  input {' x '.join(['3'] * n)}a\n  relu\n}}\n",
    )
    yield "long shape without blanks", lambda n: f"resdsl 1\nmodel m {{\n  input {'x'.join(['3'] * n)}a\n  relu\n}}\n"
    yield "long string", _long('conv("%s", 1)')
    yield "long string that never ends", _long('conv("%s, 1)', "x ")
    yield "long comment", _long("relu # %s", "x ")
    yield "long blanks", _long("relu %s -> relu", " ")
    yield "long blanks before a colon", _long("a %s: relu", " ")
    yield "long line of quotes", _long("%s", '"')
    yield "underscores", _long("conv(1%s, 1)", "_")
    # -- errors
    yield "unknown names", _joined(" -> ", "unknown@")
    yield "unknown names of one kind", _joined(" -> ", "unknown")
    yield "unknown names in lines", _lines("c@: unknown@")
    yield "unknown names in models", _models("unknown@")
    yield "unknown calls", _joined(" -> ", "unknown@(3)")
    yield "unknown arguments", _joined(" -> ", "conv(3, 1, unknown@ = 1)")
    yield "unknown arguments of one call", _joined(", ", "unknown@ = 1", around="conv(3, 1, %s)")
    yield (
        "unread parameters",
        lambda n: net("b(1)", before=f"block b({', '.join(f'p{i}' for i in range(n))}) {{ relu }}\n"),
    )
    yield "unread lets", _lines("let a@ = 1")
    yield "unknown names and unread lets", _lines("let a@ = unknown@")
    yield "names given twice", _lines("let a = relu")
    yield "labels given twice", _lines("a: relu")
    yield "arguments given twice", _joined(", ", "width = 3", around="conv(%s)")
    yield "definitions given twice", _definitions("block b { relu }\n")
    yield "lost lines", _lines("relu", "relu")
    yield "wrong values in models", _models("conv(0, 1)")
    yield "wrong shapes in models", _models("conv(3, 1) + conv(4, 1)")
    yield "wrong values in one model", _joined(" -> ", "conv(0, 1)")
    yield "wrong expectations", _models("conv(3, 1) -> relu\n  expect layers = 99")
    yield "words that are none", _joined(" -> ", "\u20ac")
    yield "lines that cannot be read", _lines("c@: conv(3 1)", "relu")
    yield "models that cannot be read", _models("conv(3 1)")
    yield "brackets never closed", _lines("c@: conv(3, 1", "relu")
    yield "braces never closed", lambda n: "resdsl 1\n" + "".join(f"block b{i} {{ relu\n" for i in range(n))
    yield "models circling", lambda n: "resdsl 1\n" + "".join(f"model m{i} = m{(i + 1) % n}\n" for i in range(n))
    yield "warnings", _models("dropout(0.5)")
    yield "lines that pass the one before by", lambda n: net("let a = id", *(f"l{i}: a -> relu" for i in range(n)))
    yield "lists of flows", _lines("let l@ = [relu, id]\n  m@: l@[0] + l@[1]")


TABLE: dict[str, Make] = dict(_table())
