"""Layers on the main path, counted by hand. In the specs `c` is a convolution that keeps the shape: one layer."""

from __future__ import annotations

import pytest

from resdsl.network import load

HEAD = "resdsl 1\nblock c { conv(in, 3) }\n"


def layers(body: str, more: str = "", shape: str = "4 x 8 x 8") -> int:
    return load("case", text=f"{HEAD}{more}\nmodel case {{\n  input {shape}\n{body}\n}}").layers


CHAINS = {
    "relu": 0,
    "c": 1,
    "c -> norm -> relu -> c -> maxpool(2)": 2,
    "globalpool -> flatten -> linear(3) -> linear(2)": 2,
    "conv(4, 3, groups = 4) -> blur(3) -> upsample(2)": 1,  # fixed filters are no layer
    "c -> globalpool -> channelmean -> reshape([1, 1, 1]) -> zeropad(4) -> c": 2,
}
SUMS = {
    "c + id": 1,
    "id + c": 1,
    "(c -> c) + c": 2,
    "c + (c -> c -> c) + (c -> c)": 3,
    "c - (c -> c)": 2,
    "(c + (c -> c)) - c -> c": 3,
    "1 + c": 1,
    "2 - (c -> c)": 2,
    "c ++ (c -> c)": 2,
    "id ++ c ++ id -> conv(4, 1)": 2,
    "none + c": 1,
    "c + none": 1,
    "c ++ none -> c": 2,
}
PRODUCTS = {
    "id * (globalpool -> c -> c -> sigmoid)": 0,  # a gate counts nothing
    "c * (c -> c -> sigmoid)": 1,
    "(c -> c) * (c -> sigmoid)": 2,
    "0.5 * (c -> c)": 2,
    "(c -> c) * 0.5": 2,
    "(c -> c) / 2": 2,
    "1 / (c -> c)": 2,
    "c / (c -> c)": 1,
    "id * c * (c -> c)": 0,  # from the left: (id * c) * ...
    "0.5 * c * (c -> c)": 1,
    "(1 - (c -> c)) * c": 2,  # a difference is no named value
    "c * none": 1,
    "id + c * (c -> c)": 1,
}
NAMED = {
    "let g = c -> sigmoid\n g * (c -> c)": 2,  # the named value is the gate
    "let g = c -> c -> sigmoid\n g * c": 1,
    "let g = c -> c -> sigmoid\n c * g": 1,
    "let g = c -> c\n let h = c\n g * h": 2,  # both named: the left side
    "let g = c -> c\n let h = c\n h * g": 1,
    "let g = c -> c -> sigmoid\n g * (c -> c -> c) + (1 - g) * id": 3,
    "let g = c -> c -> sigmoid\n g * c + (1 - g) * id": 2,
    "let g = c -> c\n 2 * g": 2,
    "let g = c -> c\n g / 2": 2,
    "let x = c -> c\n c + x": 2,
    "let x = c\n x -> c -> c": 3,
    "let x = c -> c -> c\n id -> (x * 0 + c)": 3,
    "let x = c -> c -> c\n c * (x -> globalpool) -> c": 2,
    "let x = id\n c -> c -> (x + c)": 3,
    "let x = c -> c\n let y = x -> c\n y -> c": 4,
    "let x = c -> c -> c\n let y = x -> c\n c + y": 4,
    "let xs = split(2)\n xs[0] ++ (xs[1] -> c -> c)": 2,
    "let xs = [c, c -> c -> sigmoid]\n xs[1] * c + xs[0]": 1,  # an item of a named list is named
    "let xs = [c, c -> c]\n xs[1] * xs[0]": 2,
}
LABELS = {
    "a: c\n b: (c -> c)\n a -> c": 2,  # from a on; b is off the path
    "a: c\n b: (c -> c)\n a + b": 3,
    "a: c\n b: c\n c * a": 3,
    "a: c\n b: c\n a * (c -> c)": 4,
    "stem { c -> c }\n body: c\n stem ++ body": 3,
    "stem { c -> c }\n stem -> c": 3,
    "a: c -> c\n a -> c": 2,  # a label covers one term
    "a: (x: c -> c)\n a -> c": 3,
    "c -> a: c -> (c + b: (c -> c)) -> c": 5,
    "one: c\n two: (if 4 == 4 { c -> c } else { c })\n one + two": 3,
}
LISTS = {
    "[c, c -> c]": 2,  # several outputs: the deepest
    "[c, c -> c] -> sum": 2,
    "[c, c -> c] -> conv(4, 3) -> sum": 3,
    "[c, c -> c] -> id[0]": 1,
    "[c, c -> c] -> id[1] -> c": 3,
    "[c, c -> c -> c] -> [id[1] -> c, id[0]] -> id[1]": 1,
    "[c, c -> c -> c] -> [id[1] -> c, id[0]] -> id[0]": 4,
    "split(2) -> [id[0], id[1] -> c] -> id[0]": 0,
    "c -> split(2) -> [id[0], id[1] -> c] -> sum": 2,
    "[c for i in range(3)] -> sum -> c": 2,
    "[repeat i { c } for i in range(4)] -> sum": 3,
    "[repeat i { c } for i in range(4)] -> id[2]": 2,
    "[c] ++ [c -> c] -> id[0]": 1,
    "[c] ++ [c -> c] -> id[1]": 2,
    "[c, c -> c] -> (id ++ [id[0] -> c -> c]) -> sum": 3,
    "[c, c -> c] -> repeat 3 { conv(4, 3) } -> id[0]": 4,
    "[c, c -> c] -> repeat 2 { [id[1], id[0] -> c] } -> id[0]": 2,
    "[c, c -> c] -> repeat 3 { [id[1], id[0] -> c] } -> id[0]": 3,
}
MANY = 10**12
REPEATS = {
    "repeat 0 { c }": 0,
    "repeat 3 { c -> c }": 6,
    f"repeat {MANY} {{ c }}": MANY,
    f"repeat {MANY} {{ c + (c -> c) }} -> c": 2 * MANY + 1,
    f"repeat {MANY} {{ id * c }}": 0,
    f"repeat {10**6} {{ repeat {10**6} {{ c }} -> c }}": MANY + 10**6,
    f"id + repeat {MANY} {{ relu }} -> c": 1,
    "repeat 5 as i { repeat i { c } }": 10,
    "repeat 4 as i { if i % 2 == 0 { c } else { c -> c } }": 6,
    "repeat 3 as i { repeat i { c } + repeat 2 - i { c } }": 5,
    "repeat 2 { repeat 3 { c } + c }": 6,
    "repeat 2 { conv(8, 3) -> maxpool(2) }": 2,
}
KEPT = {  # values from outside a repeat, and inside one
    "let x = c -> c -> c\n repeat 5 { c + x }": 7,  # 3, then four rounds more
    "let x = c -> c -> c\n repeat 2 { c + x }": 4,
    "let x = c -> c -> c\n repeat 5 { c * x }": 5,
    "let x = c\n repeat 5 { x -> c }": 2,  # each round starts from x again
    f"let x = c -> c\n repeat {MANY} {{ c + x }}": MANY + 1,
    f"let x = c\n repeat {MANY} {{ x -> c }}": 2,
    f"let x = c -> c\n repeat {MANY} {{ x * c }}": MANY,
    "repeat 3 {\n let h = c\n (h -> c) + h\n }": 6,
    "repeat 3 {\n let h = c\n h * (c -> c)\n }": 6,
    f"repeat {MANY} {{\n let h = c -> c\n c + (h -> c)\n }}": 3 * MANY,
    "repeat 4 {\n a: c\n b: (c -> c)\n a + (b -> c)\n }": 16,
    "let x = c -> c\n repeat 2 { repeat 2 { c + x } + (x -> c) }": 5,
}


@pytest.mark.parametrize(
    ("body", "expected"),
    [case for table in (CHAINS, SUMS, PRODUCTS, NAMED, LABELS, LISTS, REPEATS, KEPT) for case in table.items()],
)
def test_layers_on_the_main_path(body: str, expected: int) -> None:
    assert layers(body) == expected


BLOCKS: list[tuple[str, str, int]] = [
    ("block r(f) { f + id }", "repeat 3 { r(c -> c) }", 6),
    ("block twice(f) { f -> f }", "twice(twice(c))", 4),
    ("block skip(s) { c + s }", "let x = c -> c -> c\n c -> skip(x)", 3),
    ("block skip(s) { c + s }", "let x = c -> c -> c\n c -> c -> c -> skip(x)", 4),
    ("block skip(s) { s * c }", "let x = c -> c -> c\n c -> skip(x)", 2),  # still a named value inside
    ("block skip(s) { s -> c }", "let x = c\n c -> c -> c -> skip(x)", 2),
    ("block skip(f) { c + f }", "let x = c -> c\n skip(x -> c)", 3),  # x goes along inside the flow
    ("block outer(s) { inner(s -> c) }\nblock inner(s) { s + c }", "let x = c -> c\n outer(x)", 3),
    ("block gated(g) { g * (c -> c) }", "gated(c -> c -> c)", 3),  # an inline flow is no named value
    ("block dense { id ++ conv(2, 3) }", "repeat 4 { dense }", 4),
    ("block deep(n) { if n == 0 { id } else { c -> deep(n - 1) } }", "deep(20)", 20),
    ("block wide(n) { if n == 0 { c } else { wide(n - 1) + wide(n - 1) } }", "wide(20)", 1),
    ("block deep(n) { if n == 0 { c } else { deep(n - 1) -> deep(n - 1) } }", "deep(39)", 2**39),
    ("block pair { [c, c -> c] }", "pair -> id[1]", 2),
    ("block swap { [id[1], id[0] -> c] }", "[c, id] -> swap -> swap -> id[0]", 2),
    ("block many(s) { repeat 1_000_000_000_000 { c + s } }", "let x = c -> c\n c -> many(x)", 10**12 + 1),
]


@pytest.mark.parametrize(("blocks", "body", "expected"), BLOCKS)
def test_layers_through_blocks(blocks: str, body: str, expected: int) -> None:
    assert layers(body, blocks) == expected


def test_a_label_inside_a_labelled_group_is_not_the_label_outside() -> None:
    """Both are called `a`; the last line means the first."""
    assert layers("a: c\n g: ((if 4 == 4 { a: c } else { id }) -> c)\n a -> c") == 2


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("basic(4)", 2),
        ("basic(8, stride = 2)", 2),
        ("basic(4, gate = squeeze_excite(squeeze = 1))", 2),
        ("basic(4, gate = channel_attention(squeeze = 1))", 2),
        ("bottleneck(16)", 3),
        ("bottleneck(16, shortcut = none)", 3),
        ("preact(16)", 3),
        ("exclusive_gating(4)", 2),
        ("stage(basic, 4, 3)", 6),
        ("stage(bottleneck, 16, 1_000_000_000_000, stride = 2)", 3 * 10**12),
    ],
)
def test_units_have_the_layers_of_their_residual_branch(unit: str, expected: int) -> None:
    assert layers(unit) == expected


def test_lines_of_a_model_add_up_to_its_layers() -> None:
    net = load(
        "case", text=f"{HEAD}model case {{\n  input 4 x 8 x 8\n  a {{ c -> c }}\n  let x = c\n  b: c\n  c + x\n}}"
    )
    assert [section.layers for section in net.sections if section.name in ("a", "b")] == [2, 1]
    assert net.layers == 4
