"""The rows of test_lint.py: for each rule, nets with the fault and words of its message, and nets without."""

from __future__ import annotations

from dataclasses import dataclass


def model(body: str, blocks: str = "", input: str = "16 x 32 x 32") -> str:
    return f"resdsl 1\n{blocks}\nmodel net {{\n  input {input}\n{body}\n}}\n"


def part(flow: str, blocks: str = "", input: str = "16 x 32 x 32") -> str:
    return model(f"  part {{ {flow} }}", blocks, input)


F = "(norm -> act -> conv(16, 3) -> norm -> act -> conv(16, 3))"


@dataclass(frozen=True)
class Row:
    """Nets with the fault, each with words of the message; and nets without."""

    wrong: tuple[tuple[str, str], ...]
    right: tuple[str, ...]


def staged(widths: tuple[int, int], stride: int, stem: str = "conv(64, 3)", more: str = "") -> str:
    first, second = widths
    return model(
        f"  stem {{ {stem} }}\n  a: stage(basic_full_preact, {first}, 2)\n"
        f"  b: stage(basic_full_preact, {second}, 2, stride = {stride})\n{more}",
        input="64 x 56 x 56",
    )


TABLE = {
    "W1001": Row(
        (
            (part("repeat 3 { (conv(16, 3) -> norm) + id }"), "the branch of 3 sums"),
            (part("id + conv(16, 1)"), "the branch of one sum has one layer and no activation"),
            (part("linear(16) + id", input="16"), "(W + I) x on 16"),
            (model("  let x = id\n  a: conv(16, 3) -> (x + id)"), "one layer"),
        ),
        (
            part("(act -> conv(16, 3)) + id"),
            part("(conv(16, 3) -> conv(16, 3)) + id"),
            part("norm + conv(16, 3) + conv(16, 1)"),
            part("(conv(16, 1) -> norm) + conv(16, 3)"),
            part("id ++ conv(16, 3)"),
        ),
    ),
    "W1002": Row(
        (
            # A layer costs 115,605,504 in every stage of ResNet-34; with 64 channels at 28 x 28, a quarter.
            (
                staged((64, 64), 2),
                "stays 64: a 3x3 convolution costs 28,901,376 multiply-adds in this stage, 115,605,504",
            ),
            (staged((64, 256), 2), "goes from 64 to 256"),
            (staged((64, 128), 1), "the width goes from 64 to 128 while the map stays 56 x 56"),
        ),
        (
            staged((64, 128), 2),
            staged((64, 112), 2),
            staged((128, 256), 2),  # the first stage may widen what the stem gives
            staged((64, 128), 1, more="  c { conv(128, 3, dilation = 2) }"),
        ),
    ),
    "W1003": Row(
        (
            (part(f"repeat 9 {{ {F} + dropout(0.5) }}"), "`dropout` stands on the identity path of 9 units"),
            (part(f"repeat 9 {{ {F} + norm }}"), "`batchnorm` stands on the identity path of 9"),
            (part(f"repeat 9 {{ {F} + id -> norm -> act }}"), "`batchnorm`"),
            (part(f"repeat 9 {{ {F} + gain }}"), "`gain`"),
            (part(f"repeat 9 {{ {F} + (id -> act) }}"), "`relu`"),
            (
                part("repeat 2 { let g = conv(16, 1) -> sigmoid\n g * (conv3(16) -> conv(16, 3)) + (1 - g) * id }"),
                "a product of two flows",
            ),
            (
                part("repeat 9 { unit -> norm }", f"block unit {{ {F} + id }}"),
                "`batchnorm` stands on the identity path of 9",
            ),
            (
                model(
                    "  a: stage(outer, 16, 4)",
                    f"block inner {{ {F} + id }}\nblock outer(w, stride = 1) {{ inner -> norm }}",
                ),
                "`batchnorm` stands on the identity path of 4",
            ),
            (part(f"[{F}, dropout(0.5)] -> sum"), "`dropout` stands on the identity path of one unit"),
        ),
        (
            part(f"repeat 9 {{ {F} + id -> act }}"),
            part("repeat 9 { unit -> conv(16, 1) -> norm }", f"block unit {{ {F} + id }}"),
            model("  a: (unit -> unit)\n  b: (unit -> norm -> conv(16, 1))", f"block unit {{ {F} + id }}"),
            part("repeat 9 { (conv3(16) -> conv(16, 3) -> norm -> squeeze_excite(4)) + id }"),
            model("  a: basic(32, 2)\n  b: basic(64, 2, shortcut = avg_project)"),
            part(f"repeat 9 {{ ({F} -> dropout(0.5)) + id }}"),
            part(f"{F} + id -> norm -> act -> conv(16, 3)"),  # no identity path leads on
        ),
    ),
    "W1004": Row(
        (
            (part(f"repeat 54 {{ {F} + 0.5 * id }}"), f"their product is {0.5**54:.3g}"),
            (
                part(f"repeat 54 {{ {F} + 1.1 * id }}"),
                f"their product is {1.1**54:.3g}, by which x and its gradient explode",
            ),
            (part(f"repeat 1_000_000 {{ {F} + id / 2 }}"), "less than any float"),
            (part(f"repeat 1_000_000 {{ {F} + 2 * id }}"), "more than any float"),
        ),
        (
            part(f"repeat 54 {{ 0.5 * {F} + id }}"),
            part(f"repeat 2 {{ {F} + 0.5 * id }}"),
            part(f"repeat 54 {{ {F} - id }}"),
            part(f"repeat 10 {{ {F} + 2 * id -> (id / 2) }}"),
        ),
    ),
    "W1005": Row(
        (
            (part(f"repeat 9 {{ {F} + id -> act }}"), "ReLU follows the addition in 9 units"),
            (model("  default act = silu\n  a: stage(basic, 16, 4)"), "SiLU follows the addition in 4"),
        ),
        (part(f"repeat 9 {{ {F} + id }}"), model("  a: stage(basic_full_preact, 16, 4)\n  head { norm -> act }")),
    ),
    "W1006": Row(
        (
            (part("repeat 31 { conv(16, 3) -> norm -> act }"), "31 layers and no shortcut"),
            (model("  default shortcut = none\n  a: stage(basic, 16, 20)"), "40 layers and no shortcut"),
        ),
        (
            part("repeat 30 { conv(16, 3) -> norm -> act }"),
            part(f"repeat 31 {{ {F} + id }}"),
            part("repeat 40 { id ++ conv(8, 3) }"),
        ),
    ),
    "W1007": Row(
        (
            (
                model("  default shortcut = project_all\n  a: stage(basic, 16, 4)"),
                f"4 shortcuts project x though its shape stays: {4 * (256 + 32):,}",
            ),
            (part(f"repeat 3 {{ {F} + conv(16, 1) }}"), f"{3 * 256 * 32 * 32:,} multiply-adds more"),
            (
                part("(linear(8) -> act -> linear(16)) + linear(16, bias = false)", input="16"),
                "one shortcut projects x",
            ),
        ),
        (
            model("  a: stage(basic, 32, 3, stride = 2)"),
            model("  default shortcut = gated_shortcut\n  a: stage(basic, 16, 4)"),
            part("conv(16, 1) + conv(16, 3)"),
            part(f"{F} + conv(16, 3)"),
        ),
    ),
    "W1008": Row(
        (
            (model("  a: stage(basic, 128, 20)", input="128 x 8 x 8"), "20 units of two 3x3 convolutions"),
            (
                part("repeat 17 { (conv(256, 3) -> act -> conv(256, 3)) + id }", input="256 x 8 x 8"),
                f"{17 * 1_179_648:,} weights",
            ),
            (
                part("repeat 17 { (conv(256, 3) -> act -> conv(256, 3)) + id }", input="256 x 8 x 8"),
                f"would have {17 * 69_632:,}",
            ),
        ),
        (
            model("  a: stage(basic, 128, 16)", input="128 x 8 x 8"),
            model("  a: stage(basic, 64, 40)", input="64 x 8 x 8"),
            model("  a: stage(bottleneck, 128, 40)", input="128 x 8 x 8"),
        ),
    ),
    "W1009": Row(
        (
            (part("conv(24, 3, bias = true) -> batchnorm"), "24 parameters in vain"),
            (part("conv(24, 3, bias = true) -> norm -> conv(8, 3, bias = true) -> norm"), "the bias of 2 layers"),
            (part("repeat 3 { conv(16, 3, bias = 0.5) -> norm -> act }"), "the bias of 3 layers"),
            (model("  default conv = conv(bias = true)\n  a: basic(16)"), "32 parameters in vain"),
            (part("linear(8) -> norm", input="16"), "8 parameters"),
        ),
        (
            part("conv(16, 3, bias = true) -> act -> norm"),
            part("conv(16, 3, bias = true) -> groupnorm(4)"),
            part("conv(16, 3) -> norm"),
            model("  let c = conv(16, 3, bias = true)\n  a: (c -> norm) + c"),
        ),
    ),
    "W1010": Row(
        (
            (
                model("  a: bottleneck_v1(64, 2)", input="64 x 56 x 56"),
                "75 % of the values are never read, in one place",
            ),
            (part("conv(8, 1, stride = 2)"), f"for {3 * 16 * 8 * 16 * 16:,} multiply-adds more"),
            (part("conv(8, 1, stride = 3)", input="16 x 30"), "67 % of the values"),
            (part("conv(8, [1, 3], stride = [2, 1])"), "50 % of the values"),
        ),
        (
            model("  a: bottleneck(64, 2)", input="64 x 56 x 56"),
            model("  a: basic(64, 2)", input="64 x 56 x 56"),
            part("conv(8, 2, stride = 2)"),
            part("subsample(2) -> conv(8, 3)"),
            part("conv(8, 1, stride = 2) + (avgpool(2) -> conv(8, 1))"),
        ),
    ),
    "W1011": Row(
        (
            (model("  a: stage(basic_relu_before_add, 16, 5)"), "a ReLU ends the residual branch of 5 units"),
            (part("(conv3(16) -> conv3(16)) + id"), "a ReLU ends the residual branch of one unit"),
            (part("(conv3(16) -> conv(16, 3) -> relu6) + conv(16, 1)"), "a ReLU6"),
            (part("(conv3(16) -> conv3(16) -> droppath(0.1)) + id"), "a ReLU ends"),
            (part("0.5 * (conv3(16) -> conv3(16)) + id"), "a ReLU ends"),
            (part("[conv3(16) -> conv3(16), id] -> sum"), "a ReLU ends"),
            (
                model(
                    "  a: unit",
                    "block last(f) { f -> maxpool(3, 1) }\nblock unit { last(conv3(16) -> conv3(16)) + id }",
                ),
                "a ReLU",
            ),
        ),
        (
            part("(conv3(16) -> conv(16, 3) -> norm) + id -> act"),
            part("(conv3(16) -> conv(16, 3) -> tanh) + id"),
            part("(-1) * (conv3(16) -> conv3(16)) + id"),
            part("(conv3(16) -> conv3(16) -> norm -> dropout(0.1)) + id"),
            part("conv3(16) + conv3(16)"),
            part("(conv3(16) -> conv3(16)) + (conv(16, 1) -> relu)"),
        ),
    ),
    "W1012": Row(
        (
            (
                part("conv(16, 3)", input="16 x 1 x 1"),
                f"8 of the 9 weights of a filter only ever meet padding; {8 * 256:,}",
            ),
            (
                part("conv(4, 7)", input="2 x 3"),
                f"2 of the 7 weights of a filter only ever meet padding; {2 * 8} parameters",
            ),
            (part("conv(16, 3, dilation = 8)", input="16 x 8 x 8"), "8 of the 9"),
        ),
        (
            part("conv(16, 3)", input="16 x 2 x 2"),
            part("conv(16, 1)", input="16 x 1 x 1"),
            part("conv(16, 7)", input="16 x 4 x 4"),
            part("squeeze_excite(4)"),
        ),
    ),
    "W1013": Row(
        (
            # 1 + 2 + 2 x 1: two 3x3 of stride 1.
            (
                part("conv(8, 3) -> act -> conv(8, 3) -> globalpool -> flatten -> linear(10)"),
                "sees 5 x 5 of the 32 x 32",
            ),
            # 7 + 2 (a pool of 3 over stride 2: 2 x 2 = 4) + 4 x 2 for the 3x3 behind both.
            (part("conv(8, 7, stride = 2) -> maxpool(3, stride = 2) -> conv(8, 3) -> classifier(10)"), "sees 19 x 19"),
            (part("conv(8, 3) -> classifier(10)", input="1 x 100 x 3"), "sees 3 x 3 of the 100 x 3"),
        ),
        (
            model(
                "  stem { cifar_stem }\n  a: stage(basic, 16, 3)\n"
                "  b: stage(basic, 32, 2, stride = 2)\n  head { classifier(10) }",
                input="3 x 16 x 16",
            ),
            part("conv(8, 3) -> conv(8, 3)"),
            part("conv(8, 3) -> flatten -> linear(10)"),
            part("conv(8, 3) -> squeeze_excite(2) -> conv(8, 3) -> classifier(10)"),
        ),
    ),
    "W1014": Row(
        (
            (part("conv(20, 3) -> conv(24, 3) -> conv(16, 3)"), "20 channels in, 24 out"),
            (part("conv(32, 3) -> conv(32, 3, groups = 8) -> conv(16, 1)"), "4 channels in, 4 out in each group"),
        ),
        (
            part("conv(32, 3) -> conv(32, 3) -> conv(10, 3)"),
            model("  stem { conv(16, 3) -> conv(16, 3, groups = 16) }\n  head { classifier(10) }", input="3 x 32 x 32"),
            part("conv(16, 1) -> squeeze_excite(3)"),
        ),
    ),
    "W1015": Row(
        (
            (part("conv(8, 3, groups = 8)"), "leave 2 channels in and 1 out a group, in one layer"),
            (part("conv(16, 1, groups = 16)"), "a factor for each channel"),
            (
                model(
                    "  a: stage(bottleneck(groups = 64, base_width = 1), 256, 1)\n"
                    "  b: stage(bottleneck(groups = 64, base_width = 1), 512, 2, stride = 2)",
                    input="256 x 8 x 8",
                ),
                "the same line makes groups of 2 channels elsewhere",
            ),
        ),
        (
            part("conv(16, 3, groups = 16)"),
            part("conv(32, 3, groups = 16)"),  # a depthwise convolution of two filters a channel
            part("conv(16, 3, groups = 4)"),
            model("  a: stage(bottleneck(groups = 32, base_width = 4), 256, 1)", input="256 x 8 x 8"),
        ),
    ),
    "W1016": Row(
        (
            (
                model(
                    "  default k = 5\n  a: f(16)\n  b: g(16)",
                    "block f(w, k = 3) { conv(w, k) }\nblock g(w, k = 1) { conv(w, k) }",
                ),
                "`k` is a parameter of 2 blocks that this default reaches, "
                "with other values of their own: `f(k = 3)`, `g(k = 1)`",
            ),
            (
                model(
                    "  default on = false\n  a: f(16)\n  b: g(16)",
                    "block f(w, on = true) { if on { conv(w, 1) } else { id } }\n"
                    "block g(w, on = true) { if on { conv(w, 1) } else { id } }",
                ),
                "2 blocks",
            ),
            *(
                (
                    model(
                        f"  let five = 5\n  default k = {five}\n  a: f(16)\n  b: g(16 + 0 * five)",
                        "block f(w, k = 3) { conv(w, k) }\nblock g(w, k = 1) { conv(w, k) }",
                    ),
                    "2 blocks",
                )
                for five in ("five", "max(5, 3)", "5 ** 1", "[5, 3][0]")
            ),
        ),
        (
            model("  default shortcut = pad\n  a: basic(32, 2)\n  b: bottleneck(64, 2)"),
            model(
                "  default k = 5\n  a: f(16)\n  b: g(16, k = 1)",
                "block f(w, k = 3) { conv(w, k) }\nblock g(w, k = 1) { conv(w, k) }",
            ),
        ),
    ),
    "W1017": Row(
        (
            (
                part("conv(8, 3)"),
                "`net` states no numbers; it has 1 layer, 1,152 parameters and 1,179,648 multiply-adds",
            ),
            (
                "resdsl 1\nmodel a { input 3 x 8 x 8  part { conv(8, 3) }  expect layers = 1 }\nmodel b = a\n",
                "`b` states no numbers",
            ),
        ),
        (
            "resdsl 1\nmodel a { input 3 x 8 x 8  part { conv(8, 3) }  expect layers = 1 }\n",
            "resdsl 1\nmodel t(w) { input 3 x 8 x 8  part { conv(w, 3) } }\n",
        ),
    ),
    "W1018": Row(
        (
            # (7 + 2 x 3 - 7) // 7 + 1: one window, which begins 3 positions before the map.
            (part("avgpool(7) -> flatten -> linear(10)", input="16 x 7 x 7"), "16 x 7 x 7 becomes 16 x 1 x 1"),
            (
                part("maxpool(3)", input="16 x 9 x 9"),
                "windows of 3 x 3 do not overlap, and yet the padding is 1 a side",
            ),
        ),
        (
            part("avgpool(7, padding = 0)", input="16 x 7 x 7"),
            part("maxpool(3, stride = 2) -> avgpool(2) -> avgpool(3, stride = 3, padding = 1)"),
        ),
    ),
    "W1019": Row(
        (
            (part("conv(8, 32, 3)", input="8 x 64 x 64"), "a kernel of 32 from 8 channels to as many"),
            (part("batchnorm(8)", input="8 x 4 x 4"), "an `eps` of 8"),
            (part("groupnorm(4, 8)", input="8 x 4 x 4"), "an `eps` of 8"),
            (part("norm(8)", input="8 x 4 x 4"), "weights that start at 8"),
            (part("linear(8, 10)", input="8"), "biases that start at 10"),
        ),
        (
            part("conv(96, 16, stride = 16)", input="3 x 64 x 64"),
            part("conv(8, 31) -> batchnorm(1e-3) -> groupnorm(4) -> norm(0.0)", input="8 x 64 x 64"),
            part("linear(8, 1.0) -> linear(8, false) -> linear(8, bias = 2)", input="8"),
            part("batchnorm(start = 8) -> conv(8, 16, stride = 16)", input="8 x 64 x 64"),
            part("conv(12, kernel = 12) -> conv(12, 12, groups = 12)", input="12 x 64 x 64"),
        ),
    ),
    "W0203": Row(
        (
            (part("f(16)", "block f(w, k = 3) { conv(w, 3) }"), "no line of `f` reads its parameter `k`"),
            ("resdsl 1\nmodel a(n = 1) { input 3 x 8 x 8  part { conv(8, 3) } }\n", "`n`"),
            (part("conv(f(3), 3)", "function f(a, b = 2) { a + 1 }"), "`b`"),
        ),
        (
            part("f(16)", "block f(w, k = 3) { conv(w, k) }"),
            part("basic(16, shortcut = f)", "block f(width, stride = 1) { id }"),
            "resdsl 1\nblock f(width, stride = 1) { id }\n",
            "resdsl 1\nmodel a(n = 1) { input 3 x 8 x 8  part { conv(8, 3) } }\nmodel b = a { part { conv(n, 3) } }\n",
        ),
    ),
    "W0204": Row(
        (
            (
                'resdsl 1\nimport "specs/regnet/widths.resnet"\nmodel a { input 3 x 8 x 8  part { conv(8, 3) } }\n',
                "nothing of `specs/regnet/widths.resnet`",
            ),
            (
                'resdsl 1\nimport "specs/resnet/resnet.resnet"\nblock f { id }\n',
                "it defines `resnet`, `resnet101` and `resnet152` and 5 more",
            ),
        ),
        (
            'resdsl 1\nimport "specs/regnet/widths.resnet"\n'
            "model a { input 3 x 8 x 8  part { conv(whole_groups(8, 8), 3) } }\n",
            'resdsl 1\nimport "specs/resnet/resnet.resnet"\nmodel a = resnet18\n',
        ),
    ),
}
