"""The parts of the generator that walk the prelude, and the ops on each item of a list: what stands there, its shape.

A stride leaves ceil(n / stride) of n positions in all blocks of the prelude.
"""

from __future__ import annotations

import random
import re
from math import prod

Shape = tuple[int, ...]
Made = tuple[str, Shape]

UNITS = (
    "basic", "bottleneck", "bottleneck_v1", "preact", "preact_v1", "preact_opening", "basic_bn_after_add",
    "basic_relu_before_add", "basic_relu_only_preact", "basic_full_preact", "bottleneck_bn_after_add",
    "bottleneck_relu_before_add", "bottleneck_relu_only_preact", "bottleneck_full_preact",
)  # fmt: skip
GATES = (
    "squeeze_excite(squeeze = 2)", "scale(0.5)", "droppath(0.2)", "global_context(3)", "channel_attention(1)",
    "spatial_attention",
)  # fmt: skip
SHORTCUTS = ("project", "project_all", "conv_shortcut", "avg_project")
WIDENING = ("pad", "scaled_shortcut", "dropout_shortcut", "gated_shortcut")  # never fewer channels
KEEPING = (
    "relu", "relu6", "gelu", "silu", "mish", "hardswish", "hardsigmoid", "tanh", "sigmoid", "leaky", "droppath(0.1)",
    "dropout(0.3)", "softmax(1 + 1)", "gelu(tanh = true)",
)  # fmt: skip


def given(r: random.Random, name: str, *args: str) -> str:
    """A call with its arguments in any order, those without a name first."""
    named = [arg for arg in args if re.match(r"\w+ = ", arg)]
    r.shuffle(named)
    return f"{name}({', '.join([*(arg for arg in args if arg not in named), *named])})"


def after(x: Shape, width: int, stride: int = 1) -> Shape:
    return (width, *(-(-n // stride) for n in x[1:]))


def on_maps(r: random.Random, x: Shape) -> Made | None:
    """A block of the prelude on a map."""
    kinds = ["unit", "unit", "unit", "shortcut", "gate", "stage", "stage", "layer", "stem", "head", "gating"]
    width, stride = 4 * r.randint(1, 2), r.randint(1, 2)
    match r.choice(kinds):
        case "unit":
            return unit(r, x, width, stride)
        case "shortcut":
            return shortcut(r, x, width, stride)
        case "head":
            return r.choice(["classifier(5)", "classifier(classes = 3 + 2)"]), (5,)
        case "gating":
            if width < x[0]:
                return None
            args = [str(width), f"stride = {stride}"] + ["bias = -1.5"] * (r.random() < 0.5)
            return given(r, "exclusive_gating", *args), after(x, width, stride)
        case kind:
            return of_kind(r, kind, x, width, stride)


def of_kind(r: random.Random, kind: str, x: Shape, width: int, stride: int) -> Made | None:
    """A stage, a layer, a stem or a gate."""
    match kind:
        case "stage":
            return stage(r, x, width, stride)
        case "layer":
            return layer(r, x, width, stride)
        case "stem":
            return stem(r, x, width)
        case _:
            return gate(r, x), x


def in_turn(r: random.Random, x: Shape, turn: int) -> Made | None:
    """A block of the prelude on a map; in many turns each comes as often."""
    names = (*UNITS, *SHORTCUTS, *WIDENING, "identity", "stage", "layer", "stem", "gate", "cbam", "head")
    name, width, stride = names[turn % len(names)], max(8, -(-x[0] // 4) * 4), r.randint(1, 2)
    if name in UNITS:
        return unit(r, x, width, stride, name)
    match name:
        case "stage" | "layer" | "stem" | "gate":
            return of_kind(r, name, x, width, stride)
        case "cbam":
            return "(conv(16, 1) -> cbam)", (16, *x[1:])
        case "head":
            return "classifier(classes = 3)", (3,)
    return shortcut(r, x, width, stride, name) if name != "avg_project" or fits_means(x) else None


def unit(r: random.Random, x: Shape, width: int, stride: int, name: str = "") -> Made:
    name = name or r.choice(UNITS)
    args = [str(width) if r.random() < 0.6 else f"width = {width}"]
    args += [f"stride = {stride}"] * (stride > 1 or r.random() < 0.2)
    if not name.startswith("preact") and r.random() < 0.5:
        args.append(f"shortcut = {way(r, x, width, stride)}")
    if name in ("basic", "bottleneck", "bottleneck_v1") and r.random() < 0.5:
        args.append(f"gate = {r.choice(GATES)}")
    if name == "bottleneck":
        args += ["base_width = 128"] * (r.random() < 0.3) + ["groups = 2"] * (r.random() < 0.3)
        args += ["dilation = 2"] * (r.random() < 0.3)
        args += ["middle = conv3"] * (r.random() < 0.3)
    return given(r, name, *args), after(x, width, stride)


def way(r: random.Random, x: Shape, width: int, stride: int) -> str:
    """A shortcut as an argument."""
    names = ["none", *SHORTCUTS[: 4 if fits_means(x) else 3]]
    names += [*WIDENING, "scaled_shortcut(factor = 0.25)"] if width >= x[0] else []
    names += ["identity"] if (width, stride) == (x[0], 1) else []
    return r.choice(names)


def fits_means(x: Shape) -> bool:
    """Whether a window of 2 fits: torch has no mean over three axes of a larger one."""
    return len(x) < 4 or min(x[1:]) > 1


def shortcut(r: random.Random, x: Shape, width: int, stride: int, name: str = "") -> Made:
    names = [*SHORTCUTS[: 4 if fits_means(x) else 3]]
    names += WIDENING if width >= x[0] else ()
    name = name or r.choice([*names, "identity"])
    if name == "identity":
        return r.choice([f"identity({x[0]})", f"identity(width = {x[0]}, stride = 1)"]), x
    args = [f"width = {width}", f"stride = {stride}"] if r.random() < 0.5 else [str(width), str(stride)]
    more = {"scaled_shortcut": "factor = 0.3", "dropout_shortcut": "rate = 0.1", "gated_shortcut": "bias = -2.0"}
    args += [more[name]] if name in more and r.random() < 0.6 else []
    return given(r, name, *args), after(x, width, stride)


def gate(r: random.Random, x: Shape) -> str:
    kinds = [*GATES, "squeeze_excite(1)", "channel_attention(squeeze = 2)", "scale(factor = 2)"]
    kinds += ["global_context(squeeze = 2)", "effective_se"]
    if x[0] >= 16:
        kinds += ["cbam", "squeeze_excite", "channel_attention"]
    return r.choice([*kinds, "eca", "eca", "eca"] if len(x) == 3 else kinds)


def stage(r: random.Random, x: Shape, width: int, stride: int) -> Made:
    """A stage; one that dilates does not stride."""
    units = ["basic", "bottleneck(groups = 2)", "preact", "basic(gate = squeeze_excite(squeeze = 1))", "bottleneck"]
    args = [r.choice(units), str(width), str(r.randint(1, 3))]
    if r.random() < 0.3:
        args = [f"{name} = {arg}" for name, arg in zip(("unit", "width", "depth"), args, strict=True)]
    args += [f"stride = {stride}"] * (stride > 1)
    args += [f"first = {r.choice(['bottleneck', 'preact_opening', 'basic_full_preact'])}"] * (r.random() < 0.3)
    if r.random() < 0.4:
        return given(r, "stage", *args), after(x, width, stride)
    unit_, *rest = (arg for arg in args if not arg.startswith("first"))
    named = unit_.startswith("unit")
    rest = [f"{'unit = ' * named}{r.choice(['bottleneck', 'bottleneck(groups = 2)'])}", *rest]
    rest += ["first = bottleneck(base_width = 128)"] * (r.random() < 0.4)
    dilates = stride == 2 and r.random() < 0.7
    if dilates and r.random() < 0.7:
        return given(r, "stage", *rest, "dilate = 2"), (width, *x[1:])
    limit = 4 if dilates else r.choice([0, 8, 16])
    return given(r, "stage", *rest, "at = 4", f"output_stride = {limit}"), after(x, width, 1 if dilates else stride)


def layer(r: random.Random, x: Shape, width: int, stride: int) -> Made:
    if r.random() < 0.3:
        return r.choice(["norm", "norm(start = 0.5)", "norm(0.0)", "last_norm", "act"]), x
    args = [str(width) if r.random() < 0.7 else f"width = {width}"]
    args += [f"stride = {stride}"] * (stride > 1) + [f"dilation = {r.randint(1, 2)}"] * (r.random() < 0.4)
    args += ["groups = 1"] if r.random() < 0.4 else []
    return given(r, "conv3", *args), after(x, width, stride)


def stem(r: random.Random, x: Shape, width: int) -> Made:
    name = r.choice(["imagenet_stem", "deep_stem", "deep_stem", "cifar_stem"])
    args = [str(width) if r.random() < 0.7 else f"width = {width}"]
    halvings = {"imagenet_stem": 2, "deep_stem": 2, "cifar_stem": 0}[name]
    if name == "deep_stem":
        args += [f"first = {r.randint(1, 4)}"] * (r.random() < 0.5)
        if r.random() < 0.5:
            args.append(f"pool = {r.choice(['id', 'relu', 'norm'])}")
            halvings = 1
    y = x
    for _ in range(halvings):
        y = after(y, width, 2)
    return given(r, name, *args), after(y, width)


def on_vectors(r: random.Random, x: Shape) -> Made:
    """A block of the prelude on a vector."""
    width = r.randint(1, 8)
    match r.choice(["unit", "hidden", "project", "layer"]):
        case "unit":
            return r.choice([f"fully_connected({width})", f"fully_connected(width = {width})"]), (width,)
        case "hidden":
            return given(r, "fully_connected", str(width), f"hidden = {r.randint(1, 6)}"), (width,)
        case "project":
            return r.choice([f"linear_project({width})", f"linear_project(width = {width})"]), (width,)
        case _:
            return r.choice(["norm", "last_norm", "act", "norm(start = 0.5)"]), x


def on_lists(
    r: random.Random, xs: list[Shape], values: dict[str, Shape], most: int, turn: int = 0
) -> tuple[str, list[Shape]] | None:
    """An op on each item of a list; those without arguments come in turn."""
    maps, width = min(map(len, xs)) > 1, xs[0][0]
    one_width, one_size = len({x[0] for x in xs}) == 1, len({prod(x) for x in xs}) == 1
    one_rank = len({len(x) for x in xs}) == 1
    kinds = ["keep", "flatten"] + ["prelu"] * one_width + ["reshape"] * one_size
    kinds += ["channel", "shuffle", "globalsoftmax"] * maps
    if one_rank:
        kinds += ["zeropad"] + ["groupnorm", "linear"] * one_width
        kinds += ["pool", "pool", "global", "border", "subsample", "adaptivepool", "resample"] * maps
    kind = r.choice(kinds)
    match kind:
        case "keep":
            name = KEEPING[turn % len(KEEPING)]
            if ("softmax" in name and any(x[0] % 2 for x in xs)) or ("droppath" in name and not one_rank):
                return None
            return name, xs
        case "globalsoftmax":
            return kind, xs
        case "flatten":
            return kind, [(prod(x),) for x in xs]
        case "zeropad":
            wide = max(x[0] for x in xs) + r.randint(0, 2)
            return f"zeropad({wide})", [(wide, *x[1:]) for x in xs]
        case "prelu" | "groupnorm":
            return (kind if kind == "prelu" else "groupnorm(1)"), xs
        case "linear":
            wide = r.randint(1, 6)
            return f"linear({wide}{', positions = true' * (max(map(len, xs)) > 1)})", [(wide, *x[1:]) for x in xs]
        case "reshape":
            size = prod(xs[0])
            return f"reshape({r.choice([str(size), f'[{size}]'])})", [(size,)] * len(xs)
        case "pool":
            name = r.choice(["maxpool", "avgpool"])
            if name == "avgpool" and any(len(x) == 4 and min(x[1:]) < 3 for x in xs):
                return None
            stride = r.randint(1, 2)
            return f"{name}(3, {stride}, padding = 1)", [after(x, x[0], stride) for x in xs]
        case "global":
            return r.choice(["globalpool", "globalmax", "globalnorm"]), [(x[0], *[1] * (len(x) - 1)) for x in xs]
        case "channel":
            return r.choice(["channelmean", "channelmax"]), [(1, *x[1:]) for x in xs]
        case "border":
            return "border(0, after = 1)", [(x[0], *(n + 1 for n in x[1:])) for x in xs]
        case "subsample":
            return "subsample(2)", [after(x, x[0], 2) for x in xs]
        case "shuffle":
            return ("shuffle(2)" if all(x[0] % 2 == 0 for x in xs) else "shuffle(1)"), xs
        case "adaptivepool":
            return "adaptivepool(2)", [(x[0], *[2] * (len(x) - 1)) for x in xs]
    if one_width and r.random() < 0.4 and min(n for x in xs for n in x[1:]) > 1:
        return "blur(3)", xs
    if r.random() < 0.4 and max(map(prod, xs)) * 8 <= most:
        return "upsample(2)", [(x[0], *(2 * n for n in x[1:])) for x in xs]
    like = [(name, shape) for name, shape in values.items() if all(len(shape) == len(x) for x in xs)]
    if not like:
        return None
    name, shape = r.choice(like)
    if shape[0] == 1 and all(x[1:] == shape[1:] for x in xs) and r.random() < 0.7:
        return f"weightedpool({name})", [(x[0], *[1] * (len(x) - 1)) for x in xs]
    if max(x[0] for x in xs) * prod(shape[1:]) > most or width < 1:
        return None
    return f'resize({name}, "nearest")', [(x[0], *shape[1:]) for x in xs]
