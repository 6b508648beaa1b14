"""Every op as PyTorch: as a module, and as a function of a value where it has no weights.

An op is written with the numbers of its slots; `Form` prints them. Ops that torch does not have are in helpers.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from resdsl.emit.fitting import Slot
from resdsl.emit.layout import Doc, call
from resdsl.emit.sharing import Node
from resdsl.emit.symbols import Expr, infix, number

HEAVY = {
    "conv", "linear", "maxpool", "avgpool", "adaptivepool", "globalpool", "globalmax", "weightedpool", "upsample",
    "resize", "blur", "gain", "split", "sum", "channelmean", "channelmax", "globalnorm", "globalsoftmax",
}  # fmt: skip
# Ops that hold weights, buffers or the mode: always modules.
HELD = {
    "conv", "linear", "batchnorm", "frozennorm", "layernorm", "groupnorm", "gain", "prelu", "dropout", "droppath",
    "blur",
}  # fmt: skip
# Ops written after their input, as in `x.flatten(1)`.
POSTFIX = {
    "flatten", "subsample", "reshape", "softmax", "globalsoftmax", "channelmean", "channelmax", "weightedpool",
}  # fmt: skip


@dataclass
class Form:
    """An op and the channels of its input, ready to be printed."""

    node: Node
    flow: Slot | None
    helper: Callable[[str, int], str]  # asks for a helper; gives its name
    named: Callable[[str], str] = str  # the expression for a value that the op reads beside its input

    @property
    def name(self) -> str:
        assert self.node.part.op is not None
        return self.node.part.op.name

    @property
    def rank(self) -> int:
        from resdsl.ops import shapes

        return len(shapes(self.node.part.input)[0]) - 1

    def given(self, name: str) -> object:
        return getattr(self.node.part.op, name)

    def expr(self, name: str) -> Expr:
        return self.node.slots[name].expr()

    def expr_text(self, name: str) -> str:
        return str(self.expr(name))

    def channels(self) -> str:
        assert self.flow is not None
        return self.flow.text()

    def axes(self, name: str) -> list[Expr]:
        """The number of each axis, or the one for all."""
        value = self.given(name)
        if isinstance(value, tuple):
            return [self.expr(f"{name}.{i}") for i in range(len(value))]
        return [self.expr(name)] if isinstance(value, int) else []

    def text(self, name: str) -> str:
        return _tuple([str(e) for e in self.axes(name)])


def _tuple(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"({', '.join(items)})"


def keyword(name: str, text: str, default: str) -> list[str]:
    """`name=text`, nothing where torch has it so, `name` alone where it is called like that and the place is right."""
    return [] if text == default else [f"{name}={text}"]


def _padding(form: Form) -> list[str]:
    """`padding=...`; left out it is dilation * (kernel - 1) // 2 a side."""
    given = form.given("padding")
    if given == "same":
        return ['padding="same"']
    if given is not None:
        return keyword("padding", form.text("padding"), "0")
    kernel = form.axes("kernel")
    op = form.node.part.op
    dilation = form.axes("dilation") if op is not None and "dilation" in op.declared else [number(1)]
    sides = []
    for i in range(max(len(kernel), len(dilation))):
        k, d = kernel[i if len(kernel) > 1 else 0], dilation[i if len(dilation) > 1 else 0]
        if k.head == "number":
            half = (int(k.number) - 1) / 2
            side = (
                infix("*", number(int(half)), d)
                if half == int(half)
                else infix("//", infix("*", d, number(int(k.number) - 1)), number(2))
            )
            if side.head == "*" and side.items[0] == number(0):
                side = number(0)
        else:
            side = infix("//", infix("*", d, infix("-", k, number(1))), number(2))
        sides.append(str(side))
    return keyword("padding", _tuple(sides if len(set(sides)) > 1 else sides[:1]), "0")


def _stride(form: Form, before: list[str]) -> list[str]:
    text = form.text("stride") if form.given("stride") is not None else "1"
    if text == "1" and form.name == "conv":
        return before
    if form.given("stride") is None:
        return before
    return [*before, text if text == "stride" else f"stride={text}"]


def conv(form: Form) -> Doc:
    head = f"nn.Conv{form.rank}d"
    args = _stride(form, [form.channels(), form.expr_text("width"), form.text("kernel")])
    args += _padding(form)
    args += keyword("dilation", form.text("dilation"), "1") + keyword("groups", form.expr_text("groups"), "1")
    bias = form.given("bias")
    if bias is False:
        args.append("bias=False")
    factor = form.given("standardize")
    if factor is not False:
        head = form.helper("ScaledStandardizedConv" if form.given("gain") else "StandardizedConv", form.rank)
        args += [] if factor is True else keyword("factor", form.expr_text("standardize"), "1.0")
        args += keyword("eps", form.expr_text("eps"), "1e-05")
    doc = call(head, *args)
    if isinstance(bias, int | float) and not isinstance(bias, bool):
        return call(form.helper("start_bias", form.rank), doc, form.expr_text("bias"))
    return doc


def linear(form: Form) -> Doc:
    bias = form.given("bias")
    args = [form.channels(), form.expr_text("width"), *(["bias=False"] if bias is False else [])]
    at_positions = form.given("positions") and form.rank
    doc = call(form.helper("Linear", form.rank) if at_positions else "nn.Linear", *args)
    if isinstance(bias, int | float) and not isinstance(bias, bool):
        return call(form.helper("start_bias", 0), doc, form.expr_text("bias"))
    return doc


def norm(form: Form) -> Doc:
    if form.name == "groupnorm":
        doc = call(
            "nn.GroupNorm", form.expr_text("groups"), form.channels(), *keyword("eps", form.expr_text("eps"), "1e-05")
        )
    elif form.name == "layernorm":
        head = form.helper("LayerNorm", form.rank) if form.rank else "nn.LayerNorm"
        doc = call(head, form.channels(), f"eps={form.expr_text('eps')}")
    else:
        extra = keyword("eps", form.expr_text("eps"), "1e-05") + keyword("momentum", form.expr_text("momentum"), "0.1")
        doc = call(f"nn.BatchNorm{max(form.rank, 1)}d", form.channels(), *extra)
    start = form.expr_text("start")
    return doc if float_text(start) == 1.0 else call(form.helper("start_weight", 0), doc, start)


def float_text(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def gain(form: Form) -> Doc:
    viewed = "Flat" if form.given("flat") and form.given("channels") and form.rank else ""
    name = viewed + ("Affine" if form.given("bias") else "Gain")
    return call(form.helper(name, form.rank), *_kept(form), *keyword("start", form.expr_text("start"), "1.0"))


def _kept(form: Form) -> list[str]:
    """The shape of what a gain learns."""
    channels = form.channels() if form.given("channels") else "1"
    if form.given("flat"):
        return [channels] if form.given("channels") else []
    return [channels, *["1"] * form.rank]


def parameter(form: Form) -> Doc:
    """A bare gain, as its block keeps it."""
    kept = _kept(form)
    size = f"({kept[0]},)" if len(kept) == 1 else _tuple(kept) if kept else "()"
    start = form.expr_text("start")
    value = f"float({start})" if float_text(start) is None else repr(float(start))  # a whole number makes no parameter
    return call("nn.Parameter", call("torch.full", size, value))


def factor(form: Form, access: str) -> str:
    """A bare gain as the factor of a value."""
    viewed = form.given("flat") and form.given("channels") and form.rank
    return f"{access}.view(-1{', 1' * form.rank})" if viewed else access


def pool(form: Form, x: str = "") -> Doc:
    kind = {"maxpool": ("nn.MaxPool{}d", "F.max_pool{}d"), "avgpool": ("nn.AvgPool{}d", "F.avg_pool{}d")}[form.name]
    args = _stride(form, [*([x] if x else []), form.text("kernel")])
    padding = _padding(form)
    args += padding + (["ceil_mode=True"] if form.given("ceil") else [])
    if form.name == "avgpool" and padding and not form.given("count_padding"):
        args.append("count_include_pad=False")
    return call(kind[bool(x)].format(form.rank), *args)


def _adaptive(form: Form, x: str = "") -> Doc:
    """To a number of positions; torch knows the mean and the maximum."""
    size = form.text("size") if form.name == "adaptivepool" else "1"
    word = "Max" if form.name == "globalmax" else "Avg"
    if x:
        return call(f"F.adaptive_{word.lower()}_pool{form.rank}d", x, size)
    return call(f"nn.Adaptive{word}Pool{form.rank}d", size)


_PLAIN = {
    "relu": ("nn.ReLU()", "F.relu({})"),
    "relu6": ("nn.ReLU6()", "F.relu6({})"),
    "silu": ("nn.SiLU()", "F.silu({})"),
    "mish": ("nn.Mish()", "F.mish({})"),
    "hardswish": ("nn.Hardswish()", "F.hardswish({})"),
    "hardsigmoid": ("nn.Hardsigmoid()", "F.hardsigmoid({})"),
    "sigmoid": ("nn.Sigmoid()", "torch.sigmoid({})"),
    "tanh": ("nn.Tanh()", "torch.tanh({})"),
    "flatten": ("nn.Flatten()", "{}.flatten(1)"),
    "id": ("nn.Identity()", "{}"),
}


def module(form: Form) -> Doc:
    """The op as a module."""
    n = form.name
    if n in _PLAIN:
        return _PLAIN[n][0]
    match n:
        case "conv":
            return conv(form)
        case "linear":
            return linear(form)
        case "batchnorm" | "layernorm" | "groupnorm":
            return norm(form)
        case "frozennorm":
            args = keyword("eps", form.expr_text("eps"), "1e-05") + keyword("start", form.expr_text("start"), "1.0")
            return call(form.helper("FrozenBatchNorm", form.rank), form.channels(), *args)
        case "gain":
            return gain(form)
        case "maxpool" | "avgpool":
            return pool(form)
        case "adaptivepool" | "globalpool" | "globalmax":
            return _adaptive(form)
        case "gelu":
            return call("nn.GELU", *(['approximate="tanh"'] if form.given("tanh") else []))
        case "prelu":
            channels = form.channels() if form.given("channels") else "1"
            return call("nn.PReLU", channels, *keyword("init", form.expr_text("start"), "0.25"))
        case "globalnorm":
            return call(form.helper("GlobalNorm", form.rank))
        case "leaky":
            return call("nn.LeakyReLU", *keyword("negative_slope", form.expr_text("slope"), "0.01"))
        case "dropout":
            return call("nn.Dropout", *([] if form.expr_text("rate") == "0.5" else [form.expr_text("rate")]))
        case "droppath":
            return call(form.helper("DropPath", form.rank), form.expr_text("rate"))
        case "blur":
            stride = form.expr_text("stride")
            return call(
                form.helper("Blur", form.rank),
                form.channels(),
                form.expr_text("kernel"),
                *keyword("stride", stride, "1"),
            )
        case "shuffle":
            return call("nn.ChannelShuffle", form.expr_text("groups"))
        case "upsample":
            return call("nn.Upsample", f"scale_factor={form.expr_text('factor')}", f'mode="{form.given("mode")}"')
        case "zeropad":
            return call(form.helper("ZeroPad", form.rank), str(_added(form)))
        case "subsample":
            axes = form.axes("stride")
            return call(form.helper("SubsampleAxes" if len(axes) > 1 else "Subsample", form.rank), *map(str, axes))
        case "border":
            return call(f"nn.ZeroPad{form.rank}d", _sides(form))
        case "reshape":
            return call(form.helper("Reshape", 0), *[str(e) for e in form.axes("sizes")])
        case "softmax":
            return call(form.helper("GroupSoftmax", 0), form.expr_text("over"))
        case "globalsoftmax":
            return call(form.helper("GlobalSoftmax", 0))
        case "channelmean":
            return call(form.helper("ChannelMean", 0))
        case "channelmax":
            return call(form.helper("ChannelMax", 0))
    raise KeyError(n)


def _added(form: Form) -> Expr:
    """How many channels of zeros are appended."""
    assert form.flow is not None
    wide, narrow = form.node.slots["width"], form.flow
    return Slot(
        tuple(a - b for a, b in zip(wide.values, narrow.values, strict=True)),
        form.node.scope,
        "added",
        made=infix("-", wide.expr(), narrow.expr()),
        near=(narrow, wide),
    ).expr()


def _sides(form: Form) -> str:
    """The zeros before and after each axis, from the last axis on."""
    before = form.axes("before")
    after = before if form.given("after") is None else form.axes("after")
    before, after = (axes * form.rank if len(axes) == 1 else axes for axes in (before, after))
    return _tuple([str(n) for pair in zip(reversed(before), reversed(after), strict=True) for n in pair])


def _strides(form: Form) -> list[Expr]:
    axes = form.axes("stride")
    return axes * form.rank if len(axes) == 1 else axes


def function(form: Form, x: str) -> Doc:
    """The op on the value `x`. It has no weights."""
    n = form.name
    if n in _PLAIN:
        return _PLAIN[n][1].format(x)
    every = ", ".join(str(axis + 2) for axis in range(form.rank))
    match n:
        case "maxpool" | "avgpool":
            return pool(form, x)
        case "adaptivepool" | "globalpool" | "globalmax":
            return _adaptive(form, x)
        case "gelu":
            return call("F.gelu", x, *(['approximate="tanh"'] if form.given("tanh") else []))
        case "globalnorm":
            return f"torch.linalg.vector_norm({x}, dim=({every}), keepdim=True)"
        case "leaky":
            return call("F.leaky_relu", x, *keyword("negative_slope", form.expr_text("slope"), "0.01"))
        case "shuffle":
            return f"F.channel_shuffle({x}, {form.expr_text('groups')})"
        case "upsample":
            align = ", align_corners=False" if form.given("mode") == "bilinear" else ""
            return f'F.interpolate({x}, scale_factor={form.expr_text("factor")}.0, mode="{form.given("mode")}"{align})'
        case "resize":
            align = ", align_corners=False" if form.given("mode") == "bilinear" else ""
            return f'F.interpolate({x}, size={_value(form, "like")}.shape[2:], mode="{form.given("mode")}"{align})'
        case "weightedpool":
            return f"({x} * {_value(form, 'weights')}).sum(({every}), keepdim=True)"
        case "zeropad":
            return f"F.pad({x}, ({'0, 0, ' * form.rank}0, {_added(form)}))"
        case "subsample":
            return f"{x}[:, :, {', '.join(f'::{e}' for e in _strides(form))}]"
        case "border":
            return call("F.pad", x, _sides(form))
        case "reshape":
            return f"{x}.reshape({', '.join(['-1', *(str(e) for e in form.axes('sizes'))])})"
        case "softmax":
            return f"{x}.unflatten(1, ({form.expr_text('over')}, -1)).softmax(1).flatten(1, 2)"
        case "globalsoftmax":
            return f"{x}.flatten(2).softmax(2).reshape({x}.shape)"
        case "channelmean":
            return f"{x}.mean(1, keepdim=True)"
        case "channelmax":
            return f"{x}.amax(1, keepdim=True)"
    raise KeyError(n)


def _value(form: Form, name: str) -> str:
    """The named value that an op reads beside its input."""
    what = form.node.part.what
    assert isinstance(what, tuple)
    return form.named(next(value for key, value in what[1:] if key == name))
