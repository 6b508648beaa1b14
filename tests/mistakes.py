"""The mistakes that a spec can hold, one a row, and what must be said of each: the table of test_errors.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A spec and what must be said of it."""

    id: str
    text: str
    code: str
    says: tuple[str, ...]  # in the message
    covers: str  # exactly what the primary label covers
    labels: int = 1  # at the least, trail included
    fix: str = ""  # in one of the fixes
    bug: str = ""  # why the row fails today
    fails: str = "finding"  # finding, fix or words

    @property
    def spec(self) -> str:
        return self.text if self.code == "E0102" else f"resdsl 1\n{self.text}"


def model(lines: str, before: str = "") -> str:
    """A model of the lines, below other definitions."""
    return f"{before}\nmodel net {{\n  input 3 x 8 x 8\n  {lines}\n}}\n"


def part(flow: str, before: str = "") -> str:
    """A model of one section."""
    return model(f"part {{ {flow} }}", before)


def block(lines: str) -> str:
    """A block of the lines, and a model that uses it."""
    return model("part: unit", f"block unit {{\n  {lines}\n}}")


def function(lines: str) -> str:
    """A function of the lines, and a model that uses it."""
    return part("conv(rule(2), 1)", f"function rule(n) {{ {lines} }}")


NET = """model base(depths, classes = 10) {
  input 3 x 8 x 8
  stem { conv(16, 3) -> norm -> act }
  layer1: stage(basic, 16, depths[0])
  layer2: stage(basic, 32, depths[1], stride = 2)
  head { globalpool -> flatten -> linear(classes) }
}
"""

CHARACTERS = [
    Mistake("zero width space", part("re\u200blu"), "E0001", ("U+200B", "not be seen"), "\u200b", fix="remove"),
    Mistake("escape in a comment", f"# \x1b[31m\n{part('relu')}", "E0001", ("U+001B",), "\x1b", fix="remove"),
    Mistake("bidi override", f"# \u202e\n{part('relu')}", "E0001", ("U+202E",), "\u202e", fix="remove"),
    Mistake("behind a replacement", f"# \ufffd\u202e\n{part('relu')}", "E0001", ("U+202E",), "\u202e", fix="remove"),
    Mistake("backtick", part("re`lu"), "E0002", ("the character '`' has",), "`", fix="remove"),
    Mistake("semicolon", part("relu; act"), "E0002", ("`;`",), ";", fix="remove"),
    Mistake("typeset arrow", part("relu → act"), "E0002", ("`→`",), "→", fix="`->`"),
    Mistake("typeset times", part("id × act"), "E0002", ("`×`",), "×"),
    Mistake("ampersand", part("if true & true { id } else { act }"), "E0002", ("`&`",), "&", fix="`and`"),
    Mistake("stray sign", part("relu @ act"), "E0002", ("`@`",), "@"),
    Mistake("leading underscore", "block _unit { relu }", "E0002", ("`_`",), "_"),
    Mistake("look-alike letter", part("r\u0435lu"), "E0002", ("no meaning",), "\u0435"),
    Mistake("open quote", 'import "blocks\n' + part("relu"), "E0003", ("closing quote",), '"blocks'),
    Mistake("19 digits", part("leaky(1234567890123456789)"), "E0004", ("19 digits", "18"), "1234567890123456789"),
    Mistake("digits and letters", part("conv(64px, 3)"), "E0004", ("`64px`",), "64px", fix="1_000"),
    Mistake("underscores apart", part("conv(6__4, 3)"), "E0004", ("`6__4`",), "6__4", fix="write `6_4`"),
    Mistake(
        "underscore last", f"{part('relu')[:-2]} expect macs = 244_ }}", "E0004", ("`244_`",), "244_", fix="write `244`"
    ),
    Mistake("two points", part("leaky(0.1.2)"), "E0004", ("`0.1.2`",), "0.1.2", fix="0.5"),
    Mistake("unit outside expect", part("conv(64k, 3)"), "E0004", ("`64k`", "expect"), "64k", fix="64_000"),
    Mistake("infinite literal", part("leaky(1e999)"), "E0004", ("too large",), "1e999"),
]

SYNTAX = [
    Mistake("no edition", part("relu"), "E0102", ("edition",), "model", fix="resdsl 1"),
    Mistake("another edition", f"resdsl 2\n{part('relu')}", "E0102", ("edition 2",), "2", fix="resdsl 1"),
    Mistake("empty file", "", "E0102", ("empty",), "", fix="resdsl 1"),
    Mistake("comment only", "# nothing\n", "E0102", ("empty",), "g", fix="resdsl 1"),
    Mistake("keyword typo", "blok unit { relu }\n", "E0101", ("`blok`",), "blok", fix="`block`"),
    Mistake("let in a section", model("stem { let w = 8  conv(w, 3) }"),
            "E0101", ("`let`", "`stem`"), "let", 2, fix="above `stem`"),
    Mistake("nothing after the arrow", part("relu ->"), "E0101", ("`}`",), "}"),
    Mistake("nothing before the arrow", block("-> relu"), "E0101", ("nothing", "`->`"), "->", fix="remove it"),
    Mistake("sum after an arrow", part("relu -> norm + id"), "E0101", ("`+`",), "+"),
    Mistake("concatenation after an arrow", part("relu -> norm ++ id"), "E0101", ("`++`",), "++"),
    Mistake("if without else", block("if in == 3 { relu }"), "E0101", ("`else`", "`}`"), "}", fix="`else { id }`"),
    Mistake("chained comparison", part("if 1 < 3 < 9 { id } else { act }"), "E0101", ("two sides", "`<`"), "<",
            fix="a < b and b < c"),
    Mistake("minus before a flow", block("- relu"), "E0101", ("`-`",), "-", fix="`0 - flow`"),
    Mistake("model without input", "model net { part: relu }", "E0101", ("`part`",), "part"),
    Mistake("blank before a call's bracket", part("conv (3, 3)"), "E0101", ("`(`",), "("),
    Mistake("bracket lost in a name", part("relu -> conv3 * 2 - 1, 3)"),
            "E0101", ("`conv3`",), "conv3", fix="`conv(3`"),
    Mistake("comparison lost", block("if in == 3 and in 3 { id } else { act }"), "E0101", ("`3`",), "3", fix="`==`"),
    Mistake("one brace too many", part("relu") + "}", "E0101", ("`}`",), "}"),
    Mistake("lost arrow between lines", block("conv(3, 3) -> norm\n  relu"),
            "E0103", ("lost",), "conv(3, 3) -> norm", 2, "->"),
    Mistake("lost arrow before brackets", block("conv(3, 3)\n  (norm -> relu)"),
            "E0103", ("lost",), "conv(3, 3)", 2, "->"),
    Mistake("lost arrow before a label", block("conv(3, 3)\n  a: norm"), "E0103", ("lost",), "conv(3, 3)", 2, "->"),
    Mistake("lost value of a function", function("n\n  n + 1"),
            "E0103", ("lost", "function", "last line"), "n", 2, "`let`"),
    Mistake(
        "lost arrow in a section", part("conv(3, 3) relu"), "E0103", ("`relu`", "->"), "relu", fix="`-> relu`"),
    Mistake(
        "lost arrow in brackets", block("(conv(3, 3) relu)"), "E0103", ("`relu`", "->"), "relu", fix="`-> relu`"),
    Mistake("nesting", part("(" * 64 + "relu" + ")" * 64), "E0104", ("64",), "(", fix="block"),
    Mistake("open brace", part("relu").rstrip()[:-1], "E0105", ("`{`", "never closed"), "{", 2, "`}`"),
    Mistake("open bracket at the end", "model net { input 3\n part: linear(3",
            "E0105", ("`(`", "never closed"), "(", 2, "`)`"),
    Mistake("open bracket inside", part("conv(3, 3"), "E0105", ("`(`", "not closed"), "(", 2, "`)`"),
    Mistake("expect in a block", block("expect params = 3\n  relu"), "E0106", ("expect", "model"), "expect params = 3",
            fix="move it to the model"),
    Mistake("keys in a block", block('keys "a.*" = "b.*"\n  relu'), "E0106", ("keys", "model"), 'keys "a.*" = "b.*"',
            fix="move it to the model"),
    Mistake("section in a block", block("stem { relu }"),
            "E0106", ("stem", "model"), "stem { relu }", fix="`stem: (...)`"),
    Mistake("function without a value", function(""), "E0106", ("`rule`", "value"), "{  }", fix="`2 * n`"),
]  # fmt: skip

NAMES = [
    Mistake("unknown op", part("convv(3, 3)"), "E0202", ("`convv`", "not known"), "convv", fix="`conv`"),
    Mistake("unknown op in other case", part("Conv(3, 3)"), "E0202", ("`Conv`",), "Conv", fix="`conv`"),
    Mistake("unknown number", part("conv(widht, 3)"), "E0202", ("`widht`",), "widht"),
    Mistake("parameter misspelt where it is declared", model("p: unit(3)", "block unit(wdith) { conv(width, 1) }"),
            "E0202", ("`width`", "`wdith`"), "wdith", 2, "call it `width`"),
    Mistake("model misspelt where it is defined",
            "# Of base.\nmodel bsae { input 3 x 8 x 8  p { relu } }\nmodel m = base",
            "E0202", ("`base`",), "bsae", 2, "call it `base`"),
    Mistake("index misspelt", part("[conv(3 + j, 1) -> conv(3, 1) for h in range(2)] -> sum"),
            "E0202", ("`j`",), "j", 2, "`j` where it is declared"),
    Mistake("unknown block as argument", model("a: stage(basik, 3, 1)"), "E0202", ("`basik`",), "basik", fix="`basic`"),
    Mistake("unknown name in a label", part("c{j}: relu"), "E0202", ("`j`",), "j"),
    Mistake("caller's name in a block", model("let w = 3\n  part { unit -> conv(w, 1) }", "block unit { conv(w, 1) }"),
            "E0202", ("`w`",), "w", 2),
    Mistake("label in its own line", model("a: a -> relu"), "E0202", ("`a`",), "a", 2, "`id`"),
    Mistake("label of a line below", model("a { b }\n  b: relu"), "E0202", ("`b`",), "b", 2, "above"),
    Mistake("label inside a labelled group", model("a: (x: relu -> norm)\n  b { x }"),
            "E0202", ("`x`",), "x", 2, "out of its group"),
    Mistake("model as a block", part("other", "model other { input 3  a: linear(3) }"),
            "E0202", ("`other`", "model"), "other"),
    Mistake("label without its colon", block("a: conv(3, 3) -> bn norm"), "E0202", ("`bn`",), "bn", fix="`bn:`"),
    Mistake("function without arguments", part("conv(floor, 1)"), "E0202", ("`floor`",), "floor"),
    Mistake("sum of a list of flows", part("sum([relu, relu])"),
            "E0202", ("`sum`",), "sum([relu, relu])", fix="-> sum"),
    Mistake("width in a function", function("in * n"), "E0202", ("`in`",), "in", 2),
    Mistake("python keyword", "block lambda { relu }", "E0201", ("`lambda`", "Python"), "lambda", fix="`lambda_`"),
    Mistake("python keyword let", block("let class = 3\n  scale(class)"),
            "E0201", ("`class`",), "class", fix="`class_`"),
    Mistake("python keyword parameter", "block unit(def) { scale(def) }", "E0201", ("`def`",), "def", fix="`def_`"),
    Mistake("name of the generated module", "block torch { relu }",
            "E0201", ("`torch`", "generated"), "torch", fix="`torch_`"),
    Mistake("module attribute as label", model("forward: relu"),
            "E0201", ("`forward`", "nn.Module"), "forward", fix="`forward_`"),
    Mistake("module attribute in a path", model("a.training: relu"),
            "E0201", ("`training`",), "a.training", fix="`training_`"),
    Mistake("module attribute as section", model("train { relu }"), "E0201", ("`train`",), "train", fix="`train_`"),
    Mistake("keyword as block", "block input { relu }",
            "E0201", ("`input`", "word of the language"), "input", fix="`input_`"),
    Mistake("keyword as let", block("let repeat = 3\n  relu"), "E0201", ("`repeat`",), "repeat", fix="`repeat_`"),
    Mistake("two underscores", "block a__b { relu }", "E0201", ("`a__b`", "underscores"), "a__b", fix="`a_b`"),
    Mistake("long name", f"block {'a' * 65} {{ relu }}", "E0201", ("64",), "a" * 65),
    Mistake("empty part of a path", model("a..b: relu"), "E0203", ("`a..b`",), "a..b", fix="dots"),
    Mistake("place holder inside a path", model("a.{0}.b: relu"), "E0203", ("label",), "a.{0}.b", fix="at the end"),
    Mistake("hyphen without a dot", model("a-b: relu"), "E0203", ("`a-b`",), "a-b"),
    Mistake("label of an op used as a name", model("norm: relu\n  b { norm }"),
            "E0207", ("`norm`", "label"), "norm", 2, "label"),
    Mistake("section of a block used as a name", model("pad { relu }\n  b: basic(3, shortcut = pad)"),
            "E0207", ("`pad`",), "pad", fix="label"),
    Mistake("section of a default used as a name", model("default mine = relu\n  mine { act }\n  b { mine }"),
            "E0207", ("`mine`",), "mine", fix="label"),
]  # fmt: skip

TWICE = [
    Mistake("label", model("a: relu\n  a: act"), "E0207", ("`a`", "twice"), "a", 2, "rename"),
    Mistake("label in a chain", part("c: relu -> c: act"), "E0207", ("`c`", "twice"), "c", 2, "rename"),
    Mistake("label and section", model("a: relu\n  a { act }"), "E0207", ("`a`", "twice"), "a", 2),
    Mistake("let", block("let a = 1\n  let a = 2\n  scale(a)"), "E0207", ("`a`", "twice"), "a", 2),
    Mistake("let and label", block("let a = 3\n  a: conv(a, 1)"), "E0207", ("`a`", "twice"), "a", 2),
    Mistake("let and parameter", model("p: unit(3)", "block unit(w) { let w = 4\n conv(w, 1) }"),
            "E0207", ("`w`",), "w", 3, "another name"),
    Mistake("index and let", model("let i = 3\n  p { repeat i as i { relu } }"),
            "E0207", ("`i`",), "i", 2, "another name"),
    Mistake("parameter", "block unit(a, b, a) { conv(a, b) }", "E0207", ("`a`", "twice"), "a", 2),
    Mistake("block", part("unit", "block unit { relu }\nblock unit { act }"),
            "E0207", ("`unit`", "twice"), "unit", 2, "rename"),
    Mistake("model", part("relu") + part("act"), "E0207", ("`net`", "twice"), "net", 2, "rename"),
    Mistake("block and function", part("unit", "block unit { relu }\nfunction unit(n) { n }"),
            "E0207", ("`unit`",), "unit", 2),
    Mistake("named argument", part("conv(3, 3, stride = 2, stride = 1)"),
            "E0207", ("`stride`", "twice"), "stride = 1", 2),
    Mistake("applied argument", model("p: stage(conv(kernel = 3, stride = 1), 3, 1)"), "E0207", ("`stride`", "twice"),
            "stride = stride", 2),
    Mistake("argument by place and by name", part("conv(8, 3, width = 4)"),
            "E0207", ("`width`", "twice"), "width = 4", 2),
    Mistake("argument of a function by place and by name",
            part("conv(rule(3, n = 5), 1)", "function rule(n, k = 2) { n + k }"),
            "E0207", ("`n`", "twice"), "n = 5", 2),
    Mistake("default of a parameter", model("p: unit(relu)", "block unit(act) { default act = silu\n basic(3) }"),
            "E0207", ("`act`",), "default act = silu", 3, "rename"),
    Mistake("default", model("default act = silu\n  default act = gelu\n  p: basic(3)"),
            "E0208", ("`act`",), "default act = silu", 2),
    Mistake("label in a list of flows", part("[c: conv(3, 1) for i in range(2)] -> sum"),
            "E0207", ("`c`",), "conv(3, 1)", fix="`c{i}`"),
    Mistake("line of a variant", NET + "model m = base([1, 1]) { head { flatten }  head { globalpool } }",
            "E0207", ("`head`", "twice"), "head", 2, "rename"),
    Mistake("keys", model('a: conv(3, 1)\n  keys "b.*" = "a.*"\n  keys "c.*" = "a.*"'),
            "E0207", ("keys",), 'keys "c.*" = "a.*"', 2),
    Mistake("order", block("order a\n  order b\n  a: conv(3, 1) + b: conv(3, 1)"), "E0207", ("order",), "order b", 2),
]  # fmt: skip

ARGUMENTS = [
    Mistake("unknown of an op", part("conv(3, kernal = 3)"),
            "E0203", ("`kernal`", "`kernel`"), "kernal", fix="`kernel`"),
    Mistake("unknown of a block", model("p: basic(3, strides = 1)"),
            "E0203", ("`strides`", "`stride`"), "strides", fix="`stride`"),
    Mistake("unknown of a variant", NET + "model m = base([1, 1], clases = 3)",
            "E0203", ("`clases`",), "clases", fix="`classes`"),
    Mistake("unknown of a variant that stays a template", NET + "model m = base(clases = 3)",
            "E0203", ("`clases`",), "clases",
            fix="`classes`"),
    Mistake("unknown in a default", model("default act = leaky(slop = 0.1)\n  p { act }"), "E0203", ("`slop`",), "slop",
            fix="`slope`"),
    Mistake("too many for an op", part("relu(1)"), "E0204", ("`relu`", "no arguments"), "1"),
    Mistake("too many for a block", model("p: unit(3, 4)", "block unit(w) { conv(w, 1) }"),
            "E0204", ("1 argument", "`w`"), "4"),
    Mistake("gain of no standardised weights", part("conv(4, 3, gain = false)"), "E0204",
            ("`gain = false` changes nothing", "not standardised"), "gain = false", fix="add `standardize = true`"),
    Mistake("too many for a function", part("leaky(floor(1, 2))"), "E0204", ("`floor`", "1 argument"), "floor(1, 2)"),
    Mistake("name for a function of the language", part("leaky(log(8, base = 2))"), "E0204", ("`log`",), "base = 2"),
    Mistake("flow for a function of the language", part("leaky(sqrt(relu))"), "E0204", ("`sqrt`", "`relu`"), "relu"),
    Mistake("unused", model("p: unit(3, stride = 2)", "block unit(w, stride = 1) { conv(w, 1) }"),
            "E0204", ("`stride = 2`", "changes nothing"), "stride = 2", 2, "leave the argument out"),
    Mistake("unused by place", model("p: unit(3, 2)", "block unit(w, stride = 1) { conv(w, 1) }"),
            "E0204", ("`stride = 2`",), "2", 2),
    Mistake("unused by a variant", "model base(w = 3) { input 3 x 8 x 8  p { relu } }\nmodel m = base(w = 4)",
            "E0204", ("`w`", "changes nothing"), "w = 4", 2, "leave the argument out"),
    Mistake("unused by a function", part("conv(rule(3, k = 5), 1)", "function rule(n, k = 2) { n }"),
            "E0204", ("`k = 5`", "changes nothing"), "k = 5", 2, "leave"),
    Mistake("unused since a line is replaced", NET + "model m = base([1, 1], classes = 5) { head { flatten } }",
            "E0204", ("`classes`", "changes nothing"), "classes = 5"),
    Mistake("arguments for an inline flow", model("p: unit(relu -> act)", "block unit(f) { f(3) }"),
            "E0204", ("`f`",), "f", 2, "block"),
    Mistake("value in a default", model("let x = relu\n  default gate = x\n  p { basic(3) + x }"),
            "E0204", ("default", "`x`"), "default gate = x", 2, "`gate = x`"),
    Mistake("by place after by name", part("conv(width = 3, 3)"), "E0205", ("without a name",), "3", 2),
    Mistake("by place over an applied optional one", model("p: use(conv(stride = 1))", "block use(f) { f(8, 3, 1) }"),
            "E0205", ("`groups`", "`stride`"), "1", 2, "`groups = ...`"),
    Mistake("variant of a variant by place", NET + "model a = base([1, 1])\nmodel b = a([2, 2])",
            "E0205", ("names its arguments",), "[2, 2]", fix="`depths`"),
    Mistake("missing for an op", part("conv(3)"), "E0206", ("`conv`", "`kernel`"), "conv(3)", fix="kernel = ..."),
    Mistake("missing for a block", model("p: unit(3)", "block unit(w, n) { repeat n { conv(w, 1) } }"),
            "E0206", ("`unit`", "`n`"), "unit(3)", fix="n = ..."),
    Mistake("missing for a function", part("conv(rule(), 1)", "function rule(n) { n }"),
            "E0206", ("`rule`", "`n`"), "rule()",
            fix="n = ..."),
]  # fmt: skip

UNUSED = [
    Mistake("let", model("let w = 4\n  p { relu }"), "E0208", ("`w`", "never used"), "w", fix="remove"),
    Mistake("let of a flow", block("let h = conv(3, 3)\n  relu"), "E0208", ("`h`", "never used"), "h", fix="remove"),
    Mistake("let used above only", block("let a = b\n  let b = 3\n  scale(a)"), "E0208", ("`b`",), "b"),
    Mistake("default with a typo", model("default nrom = batchnorm\n  p { norm }"),
            "E0208", ("`nrom`",), "default nrom = batchnorm",
            fix="`norm`"),
    Mistake("default below its use", model("p { norm }\n  default norm = layernorm"),
            "E0208", ("`norm`",), "default norm = layernorm",
            fix="remove"),
    Mistake("default of an argument that is given", model("default shortcut = pad\n  p { basic(3, shortcut = id) }"),
            "E0204", ("`id`",), "width", 2),
    Mistake("let of a variant", NET + "model m = base([1, 1]) { let w = 3 }", "E0208", ("`w`",), "w", fix="remove"),
    Mistake("default of a variant", NET + "model m = base([1, 1]) { default shortcutt = pad }",
            "E0208", ("`shortcutt`",),
            "default shortcutt = pad", fix="`shortcut`"),
    Mistake("default for a parameter of an op", model("default stride = 2\n  p { conv(3, 3) }"), "E0208", ("`stride`",),
            "default stride = 2", fix="`default conv = conv(stride = ...)`"),
    Mistake("default in a block", block("default act = silu\n  conv(3, 3)"), "E0208", ("`act`",), "default act = silu"),
    Mistake("block", part("relu", "block unit { relu }"), "W0201", ("`unit`", "never used"), "unit"),
    Mistake("function", part("relu", "function rule(n) { n }"), "W0201", ("`rule`", "never used"), "rule"),
    Mistake("label in order", block("order c\n  a: conv(3, 1) + b: conv(3, 1)"), "E0202", ("`c`",), "c"),
    Mistake("order in a model", model("order a\n  b: relu"),
            "E0106", ("order", "block"), "order a", fix="move the lines"),
]  # fmt: skip

LISTS = [
    Mistake("too long", NET + "model m = base([1, 1, 1])", "E0406", ("3 items", "item 2"), "[1, 1, 1]", 2, "shorten"),
    Mistake("too short", NET + "model m = base([1])", "E0406", ("no item 1", "item 0 alone"), "1", 2, fix="2 items"),
    Mistake("let too long", model("let x = [3, 4]\n  p { conv(x[0], 1) }"),
            "E0406", ("2 items", "item 1"), "let x = [3, 4]"),
    Mistake("empty", model("let x = []\n  p { conv(x[0], 1) }"),
            "E0406", ("no item 0", "no items"), "0", 2, fix="1 item,"),
    Mistake("flows", model("let x = split(3)\n  p { x[0] + x[1] + x[3] }"), "E0406", ("no item 3", "0 to 2"), "3", 2),
    Mistake("flows that are lost", model("let x = split(3)\n  p { x[0] + x[1] }"),
            "E0406", ("item 2",), "split(3)"),
    Mistake("too long for a function", part("conv(rule([3, 4]), 1)", "function rule(x) { x[0] }"),
            "E0406", ("2 items", "item 1"),
            "[3, 4]"),
    Mistake("inner list", model("let x = [[3, 9], [4, 9]]\n  p { conv(x[0][0], 1) -> conv(x[1][0], 1) }"),
            "E0406", ("item 1",),
            "let x = [[3, 9], [4, 9]]"),
    Mistake("index of a float", model("let x = [3, 4]\n  p { conv(x[0.5] + x[1], 1) }"),
            "E0401", ("index", "0.5"), "0.5"),
    Mistake("index of a number", model("let x = 3\n  p { conv(x[0], 1) }"), "E0401", ("only a list", "3"), "x[0]"),
    Mistake("index of a flow", model("let x = relu\n  p { x[0] }"), "E0302", ("only a list", "3 x 8 x 8"), "x"),
    Mistake("kernel of another rank", part("conv(3, [3, 3, 3])"), "E0304", ("3 numbers", "2 axes"), "[3, 3, 3]"),
    Mistake("split of other widths", part("split([1, 1]) -> sum"), "E0305", ("[1, 1]", "3 channels"), "[1, 1]"),
    Mistake("plus on lists", part("conv(len([1] + [2]), 1)"), "E0401", ("`+`", "[1]"), "[1] + [2]", fix="`++`"),
    Mistake("long range", part("[relu for i in range(20_000)] -> sum"), "E0405", ("20,000", "10,000"), "range(20_000)"),
]  # fmt: skip

SHAPES = [
    Mistake("sum of widths", part("(conv(8, 3) -> norm) + id"),
            "E0301", ("8 x 8 x 8", "3 x 8 x 8"), "conv(8, 3) -> norm", 3, "width"),
    Mistake("sum of sizes", part("(conv(8, 3, 2) -> norm) + conv(8, 1)"), "E0301", ("8 x 4 x 4", "8 x 8 x 8"),
            "conv(8, 3, 2) -> norm", 3, "stride"),
    Mistake("sum of ranks", part("(globalpool -> flatten) + id"),
            "E0301", ("add 3", "3 x 8 x 8"), "globalpool -> flatten", 2,
            "flatten"),
    Mistake("difference", part("id - conv(8, 1)"), "E0301", ("subtract 8 x 8 x 8 from 3 x 8 x 8",), "id", 2),
    Mistake("sum that a product would allow", part("id + globalpool"), "E0301", ("3 x 8 x 8", "3 x 1 x 1"), "id", 2),
    Mistake("product the wrong way round", part("globalpool * id"),
            "E0301", ("multiply 3 x 1 x 1 by 3 x 8 x 8",), "globalpool", 2,
            "larger side first"),
    Mistake("concatenation of sizes", part("maxpool(2) ++ id"),
            "E0301", ("3 x 4 x 4", "3 x 8 x 8", "channels"), "maxpool(2)", 2),
    Mistake("sum of a list", part("[id, conv(4, 1)] -> sum"), "E0301", ("[3 x 8 x 8, 4 x 8 x 8]",), "sum"),
    Mistake("weights of another map", model("let w = relu\n  p { weightedpool(w) }"),
            "E0301", ("3 x 8 x 8", "1 x 8 x 8"), "w"),
    Mistake("nothing left", part("conv(8, 9, padding = 0)"),
            "E0303", ("kernel of 9", "8 positions"), "9", fix="kernel"),
    Mistake("pool of nothing", part("maxpool(2) -> maxpool(2) -> maxpool(2) -> maxpool(2)"),
            "E0303", ("kernel of 2", "1 position padded"),
            "2"),
    Mistake("linear on a map", part("linear(10)"), "E0304", ("`linear`", "3 x 8 x 8"), "linear(10)", fix="flatten"),
    Mistake("conv on a vector", "model m { input 784  p: conv(8, 3) }",
            "E0304", ("`conv`", "784"), "conv(8, 3)", fix="`linear`"),
    Mistake("maps and vectors in one list", part("[id, globalpool -> flatten] -> globalpool -> id[0]"),
            "E0304", ("`globalpool`", "0 and 2 axes"), "globalpool", fix="one by one"),
    Mistake("reshape", part("reshape([3, 4])"), "E0304", ("192", "12"), "[3, 4]"),
    Mistake("groups of the input", part("conv(8, 3, groups = 2)"),
            "E0305", ("2 groups", "3 channels"), "groups = 2", fix="divide"),
    Mistake("groups of the output", part("conv(8, 3, groups = 3)"), "E0305", ("3 groups", "8 channels"), "groups = 3"),
    Mistake("groups of a norm", part("groupnorm(2)"), "E0305", ("2 groups", "3 channels"), "2"),
    Mistake("groups of a softmax", part("softmax(over = 2)"), "E0305", ("2 groups", "3 channels"), "over = 2"),
    Mistake("parts", part("split(2) -> sum"), "E0305", ("3 channels", "2"), "2"),
    Mistake("fewer channels", part("zeropad(2)"), "E0305", ("3 channels", "2"), "2"),
    Mistake("axis of no size", "model m { input 3 x 0  p: relu }", "E0306", ("3 x 0",), "3 x 0"),
    Mistake("input of four axes", "model m { input 3 x 4 x 4 x 4 x 4  p: relu }",
            "E0306", ("three axes",), "3 x 4 x 4 x 4 x 4"),
    Mistake("axis too long", "model m { input 3 x 2000 x 2000  p: flatten }",
            "E0306", ("an axis of 12,000,000", "1,048,576"), "flatten"),
    Mistake("shared weights on other widths", part("[id, conv(4, 1)] -> conv(8, 1) -> sum"),
            "E0307", ("3, 4",), "conv(8, 1)",
            fix="one by one"),
]  # fmt: skip

FLOWS = [
    Mistake("none in a chain", part("relu -> none -> act"), "E0302", ("`none`", "chain"), "none", fix="`id`"),
    Mistake("none as a section", part("none"), "E0302", ("`none`",), "none"),
    Mistake("none in a repeat", part("repeat 2 { none }"), "E0302", ("`none`",), "{ none }"),
    Mistake("none in a list", part("[none, id] -> sum"), "E0302", ("`none`",), "none"),
    Mistake("none minus", part("none - id"), "E0302", ("`none`", "`-`"), "none"),
    Mistake("number as a block", model("p: stage(3, 8, 2)"), "E0204", ("3", "called as a block"), "first", 2),
    Mistake("block that is none", part("relu -> unit", "block unit { none }"),
            "E0302", ("`none`",), "unit", fix="`id`"),
    Mistake("number in a chain", part("relu -> 3"), "E0302", ("flow", "3"), "3"),
    Mistake("number in brackets", part("relu -> flatten -> fc: (10)"),
            "E0302", ("flow", "10"), "10", fix="`linear(10)`"),
    Mistake("text as a flow", part('"same" -> relu'), "E0302", ('"same"',), '"same"'),
    Mistake("flag in a sum", part("relu + true"), "E0302", ("flow", "true"), "true"),
    Mistake("number in a list of flows", part("[id, 3] -> sum"), "E0302", ("3",), "3"),
    Mistake("function as a flow", part("rule", "function rule(n) { n }"), "E0302", ("`rule`", "function"), "rule"),
    Mistake("list in a sum", part("[id, act] + [id, act]"),
            "E0302", ("`+`", "list"), "[id, act] + [id, act]", fix="-> sum"),
    Mistake("list and flow concatenated", part("[id, act] ++ id"), "E0302", ("`++`",), "[id, act]", 2),
    Mistake("list in a list", part("[[id, act], id] -> sum"), "E0302", ("list of flows",), "[id, act]"),
    Mistake("empty list", part("[] -> sum"), "E0302", ("at least one",), "[]"),
    Mistake("sum of one flow", part("sum"), "E0302", ("`sum`", "3 x 8 x 8"), "sum"),
    Mistake("whole division of a flow", part("relu // 2"), "E0302", ("`//`", "numbers"), "relu", fix="`+ - * /`"),
    Mistake("comparison of flows", block("relu == act"), "E0302", ("comparison", "flow"), "relu == act", 2),
    Mistake("model of nothing", "model net { input 3 }", "E0302", ("`net`", "no flow"), "net", fix="below the input"),
    Mistake("flow as a width", part("conv(relu, 3)"), "E0401", ("`width`", "`relu`"), "relu"),
    Mistake("flow where a value is needed", part("maxpool(2) -> resize(id)"), "E0401", ("`like`", "named value"), "id"),
    Mistake("branch without a value", part("conv(3, if 1 == 1 { } else { 2 })"), "E0401", ("`kernel`",), "{ }", 2),
    Mistake("flow as a count", part("repeat relu { act }"), "E0401", ("rounds", "`relu`"), "relu"),
    Mistake("flow as a condition", part("if relu { act } else { id }"),
            "E0401", ("`true` or `false`", "`relu`"), "relu"),
    Mistake("flow for a function", part("conv(rule(relu), 1)", "function rule(n) { n }"),
            "E0401", ("`n`", "`relu`"), "relu", 2, "a `block`"),
    Mistake("flow from a function", function("conv(n, 1)"), "E0401", ("`rule`", "number"), "{ conv(n, 1) }", 2),
    Mistake("comprehension over a number", part("[relu for i in 3] -> sum"), "E0401", ("list", "3"), "3"),
]  # fmt: skip

VALUES = [
    Mistake("float width", part("conv(3 / 2, 3)"),
            "E0401", ("`width`", "whole number", "1.5"), "3 / 2", fix="`floor`"),
    Mistake("float kernel", part("conv(3, 1.5)"), "E0401", ("`kernel`", "1.5"), "1.5"),
    Mistake("width of nothing", part("conv(0, 3)"), "E0401", ("`width`", "at least 1", "0"), "0"),
    Mistake("huge width", part("conv(2_000_000, 1)"), "E0401", ("1,048,576",), "2_000_000"),
    Mistake("rate of one", part("dropout(1.0)"), "E0401", ("`rate`", "below 1"), "1.0"),
    Mistake("number as a flag", part("gain(channels = 1)"), "E0401", ("`channels`", "`true`"), "channels = 1"),
    Mistake("word that is no choice", part('upsample(2, "bicubic")'), "E0401", ("`mode`", '"nearest"'), '"bicubic"'),
    Mistake("text as a padding", part('conv(3, 3, padding = "valid")'),
            "E0401", ("`padding`", '"same"'), 'padding = "valid"'),
    Mistake("number as a condition", part("if 3 { id } else { act }"), "E0401", ("`true` or `false`", "3"), "3"),
    Mistake("comparison of kinds", part('if 3 == "a" { id } else { act }'),
            "E0401", ("different kinds",), '3 == "a"'),
    Mistake("comparison of number and flag", part("if 3 == true { id } else { act }"),
            "E0401", ("different kinds",), "3 == true"),
    Mistake("order of flags", part("if true < false { id } else { act }"), "E0401", ("`<`",), "true < false"),
    Mistake("sum of a flag", part("conv(3 + true, 1)"), "E0401", ("`+`", "true"), "3 + true"),
    Mistake("float rounds", part("repeat 1.5 { act }"), "E0401", ("rounds", "1.5"), "1.5", fix="`floor`"),
    Mistake("list of rounds", model("p: unit([2])", "block unit(depth) { repeat depth { relu } }"),
            "E0401", ("rounds", "[2]"), "[2]", 2, "item"),
    Mistake("negative rounds", part("repeat 2 - 3 { act }"), "E0404", ("-1",), "2 - 3"),
    Mistake("division by zero", part("leaky(1 / 0)"), "E0404", ("division by zero",), "1 / 0"),
    Mistake("whole division by zero", part("conv(8 // (3 - 3), 1)"), "E0404", ("division by zero",), "8 // (3 - 3)"),
    Mistake("rest of a division by zero", part("conv(8 % 0, 1)"), "E0404", ("division by zero",), "8 % 0"),
    Mistake("zero to a negative power", part("leaky(0 ** (0 - 1))"), "E0404", ("division by zero",), "0 ** (0 - 1)"),
    Mistake("whole number too large", part("conv(10 ** 30, 1)"), "E0404", ("18 digits",), "10 ** 30"),
    Mistake("product too large", part("conv(10 ** 17 * 10 ** 17, 1)"), "E0404", ("18 digits",), "10 ** 17 * 10 ** 17"),
    Mistake("float too large", part("leaky(1e200 * 1e200)"), "E0404", ("larger than any float",), "1e200 * 1e200"),
    Mistake("exponential too large", part("leaky(exp(1000))"), "E0404", ("larger than any float",), "exp(1000)"),
    Mistake("root of a negative number", part("leaky(sqrt(0 - 8))"), "E0404", ("square root", "-8"), "sqrt(0 - 8)"),
    Mistake("logarithm of zero", part("leaky(log2(0))"), "E0404", ("logarithm", "0"), "log2(0)"),
    Mistake("complex number", part("leaky((0 - 8) ** 0.5)"), "E0404", ("number",), "(0 - 8) ** 0.5"),
    Mistake("range of floats", part("[relu for i in range(1.5)] -> sum"),
            "E0401", ("`range`", "1.5"), "range(1.5)", fix="`floor`"),
    Mistake("range without a step", part("[relu for i in range(1, 5, 0)] -> sum"),
            "E0404", ("step",), "range(1, 5, 0)"),
    Mistake("smallest of nothing", part("leaky(min([]))"), "E0401", ("`min`",), "min([])"),
    Mistake("stride in the same size", part('conv(3, 3, 2, padding = "same")'), "E0404", ("stride",), "2"),
    Mistake("padding of more than half", part("maxpool(3, padding = 2)"), "E0404", ("padding of 2",), "padding = 2"),
    Mistake("fraction in a label", model("let j = 1.5\n  p { c{j}: relu }"), "E0401", ("1.5", "label"), "j"),
]  # fmt: skip

MODELS = [
    Mistake("recursion", block("conv(3, 3) -> unit"), "E0407", ("`unit`", "itself"), "unit", 2),
    Mistake("recursion of two", model("p: a", "block a { relu -> b }\nblock b { act -> a }"), "E0407", ("64",), "a", 2),
    Mistake("recursion of a function", function("rule(n + 1)"), "E0407", ("`rule`",), "rule(n + 1)", 2),
    Mistake("block named as the op in it", part("relu", "block relu { relu }"), "E0407", ("`relu`",), "relu", 2),
    Mistake("variant with an unknown section", NET + "model m = base([1, 1]) { haed { flatten } }",
            "E0203", ("`haed`", "`stem`", "`layer1`", "`layer2`", "`head`"), "haed { flatten }", 2, "`head`"),
    Mistake("variant with a fifth stage", NET + "model m = base([1, 1]) { layer3: stage(basic, 64, 2) }",
            "E0203", ("`layer3`", "`layer2`", "adds none"), "layer3: stage(basic, 64, 2)", 2, "layer"),
    Mistake("variant with a bare line", NET + "model m = base([1, 1]) { flatten }",
            "E0203", ("`base`", "without a label", "`head`"), "flatten", 2),
    Mistake("variant of an unknown model", NET + "model m = bas([1, 1])", "E0202", ("`bas`",), "bas", fix="`base`"),
    Mistake("variant of a block", "model m = basic(3)", "E0202", ("`basic`", "block"), "basic"),
    Mistake("variant of itself", "model m = m", "E0209", ("`m`", "itself"), "m"),
    Mistake("variants of each other", "model a = b\nmodel b = a", "E0209", ("`a`", "`b`"), "b", 2, "`input`"),
    Mistake("exact expectation", model("p { conv(1, 3) }\n  expect layers = 1, params = 28"),
            "E0403", ("27", "28"), "28"),
    Mistake("rounded expectation", model("p { conv(1, 3) }\n  expect macs = 1.74k"),
            "E0403", ("1,728", "1.74k"), "1.74k"),
    Mistake("expectation of a variant", NET + "model m = base([1, 1]) { expect layers = 7 }",
            "E0403", ("`layers` is 6",), "7"),
    Mistake("expectation of what is not counted", model("p { relu }\n  expect flops = 3"),
            "E0402", ("`flops`", "macs"), "flops = 3", fix="`macs`"),
    Mistake("expectation with a typo", model("p { relu }\n  expect parms = 3"),
            "E0402", ("`parms`",), "parms = 3", fix="`params`"),
]  # fmt: skip

TWO = "a: conv(3, 1, bias = true)\n  b: conv(3, 1)\n"
KEYS = [
    Mistake("no such part", model(TWO + '  keys "c.*" = "aa.*"'), "E0408", ("`aa.*`", "3 names"), '"aa.*"', 2, "`a`"),
    Mistake("part of a pattern above", model(TWO + '  keys "c.*" = "a.*", "d.bias" = "a.bias"'),
            "E0408", ("`a.bias`", "none first"), '"a.bias"', 2, "`b.weight`"),
    Mistake("no weights", model('a: relu\n  keys "b.*" = "*"'), "E0408", ("0 names",), '"*"', 2),
    Mistake("name of another", model(TWO + '  keys "b.*" = "a.*"'),
            "E0408", ("`a.weight`", "`b.weight`", "another weight"), '"b.*" = "a.*"', fix="only one"),
    Mistake("read as another", model(TWO + '  keys "*" = "a.*", "c.*" = "b.*"'),
            "E0408", ("`b.weight`", "`c.weight`", "read as `a.c.weight`"), '"*" = "a.*"', 2, "only one"),
    Mistake("two stars", model(TWO + '  keys "c.*.d" = "a.*"'), "E0408", ("no pattern",), '"c.*.d"', fix="dots"),
    Mistake("empty pattern", model(TWO + '  keys "" = "a.*"'), "E0408", ("no pattern",), '""', fix="dots"),
    Mistake("star on one side", model(TWO + '  keys "c" = "a.*"'), "E0408", ("`c`", "`a.*`"), '"a.*"', 2, "both"),
    Mistake("star before and after", model(TWO + '  keys "*.c" = "a.*"'), "E0408", ("`*.c`",), '"a.*"', 2, "both"),
    Mistake("stars alone", model(TWO + '  keys "*" = "*"'), "E0408", ("`*`",), '"*"', 2, "both"),
    Mistake("too many to rename", model('a: stage(basic, 3, 20_000)\n  keys "b.*" = "a.*"'),
            "E0405", ("30,000",), 'keys "b.*" = "a.*"', fix="fewer"),
    Mistake("of a template", model('layer: unit(3)\n  keys "b.*" = "layers.*"').replace("net", "net(unit)")
            + "model m = net(basic)\n", "E0408", ("`layers.*`",), '"layers.*"', 2, "`layer`"),
]  # fmt: skip

INSIDE = [
    Mistake("width of a bottleneck", model("layer1: stage(bottleneck, 10, 2)"),
            "E0401", ("`width`", "2.5"), "inner", 3, "your own numbers"),
    Mistake("bare shortcut", model("default shortcut = identity\n  a: basic(8)"), "E0301", ("8 x 8 x 8", "3 x 8 x 8"),
            "conv(width, 3, stride) -> norm -> act\n    -> conv(width, 3) -> last_norm -> se: gate", 4, "width"),
    Mistake("argument that the shortcut ignores", model("default shortcut = identity\n  a: basic(8, stride = 2)"),
            "E0204", ("`stride = 2`", "`identity`"), "stride", 3),
    Mistake("unit without a stride", model("a: stage(unit, 8, 2, stride = 2)", "block unit(width) { conv(width, 3) }"),
            "E0203", ("`unit`", "`stride`"), "stride", 2),
    Mistake("norm that does not divide", model("default norm = groupnorm(32)\n  a: basic(8)"),
            "E0305", ("32 groups", "8 channels"),
            "32", 2),
    Mistake("value of a parameter that was left out", model("default output_stride = 8\n  a: stage(bottleneck, 8, 2)"),
            "E0404", ("division by zero",), "at * stride // min(at * stride, limit)", 2),
]  # fmt: skip

KINDS = {
    "characters": CHARACTERS, "syntax": SYNTAX, "names": NAMES, "twice": TWICE, "arguments": ARGUMENTS,
    "unused": UNUSED, "lists": LISTS, "shapes": SHAPES, "flows": FLOWS, "values": VALUES, "models": MODELS,
    "keys": KEYS,
    "inside": INSIDE,
}  # fmt: skip
TABLE = [mistake for mistakes in KINDS.values() for mistake in mistakes]
