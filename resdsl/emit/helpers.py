"""What the generated code needs and torch does not have: constant text, put in where it is used."""

from __future__ import annotations

# With a learned gain (Brock et al. 2021) and without (Qiao et al. 2019).
_STANDARDIZED = '''
class {name}(nn.Conv{d}d):
    """A convolution with standardised weights: mean 0 and deviation %(deviation)s a filter."""

    def __init__(
        self,
        in_channels: int,
        width: int,
        kernel: {size},
        stride: {size} = 1,
        padding: {size} | str = 0,
        dilation: {size} = 1,
        groups: int = 1,
        bias: bool = True,
        factor: float = 1.0,
        eps: float = 1e-5,
    ) -> None:
        super().__init__(in_channels, width, kernel, stride, padding, dilation, groups, bias)
        %(kept)s
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        variance, mean = torch.var_mean(self.weight, dim={dims}, correction=0, keepdim=True)
        weight = (self.weight - mean) * torch.rsqrt(variance + self.eps)%(scaled)s
        y: Tensor = self._conv_forward(x, weight, self.bias)
        return y
'''

# name -> its text; {d} is the number of axes, {ones} is as many ones, {tail} these behind a first number, {colons} as
# many empty slices of length one, {outer} a row times itself along every axis.
TEXTS = {
    "start_weight": '''
def start_weight(norm: nn.Module, value: float) -> nn.Module:
    """The norm, its weight starting from a value."""
    nn.init.constant_(norm.get_parameter("weight"), value)
    return norm
''',
    "start_bias": '''
def start_bias(layer: nn.Module, value: float) -> nn.Module:
    """The layer, its bias starting from a value."""
    nn.init.constant_(layer.get_parameter("bias"), value)
    return layer
''',
    "numbered": '''
def numbered(name: str, parts: nn.Sequential, first: int = 0) -> nn.Sequential:
    """The same parts, called `name` and their number."""
    return nn.Sequential(OrderedDict((f"{{name}}{{i}}", part) for i, part in enumerate(parts, first)))
''',
    "ScaledStandardizedConv": _STANDARDIZED
    % {
        "deviation": "factor * gain / sqrt(fan-in)",
        "kept": "self.gain = nn.Parameter(torch.ones(width, 1, {ones}))\n"
        "        self.scale = factor * self.weight[0].numel() ** -0.5",
        "scaled": " * (self.gain * self.scale)",
    },
    "StandardizedConv": _STANDARDIZED
    % {
        "deviation": "factor",
        "kept": "self.factor = factor",
        "scaled": " * self.factor",
    },
    "FrozenBatchNorm": '''
class {name}(nn.Module):
    """Batch normalisation by constants, which no training changes."""

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, eps: float = 1e-5, start: float = 1.0) -> None:
        super().__init__()
        self.eps = eps
        self.register_buffer("weight", torch.full((channels,), float(start)))
        self.register_buffer("bias", torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight * torch.rsqrt(self.running_var + self.eps)
        bias = self.bias - self.running_mean * weight
        return x * weight.view(-1{tail}) + bias.view(-1{tail})
''',
    "LayerNorm": '''
class {name}(nn.LayerNorm):
    """Layer normalisation over the channels of each position."""

    def forward(self, x: Tensor) -> Tensor:
        y = F.layer_norm(x.movedim(1, -1), self.normalized_shape, self.weight, self.bias, self.eps)
        return y.movedim(-1, 1)
''',
    "Linear": '''
class {name}(nn.Linear):
    """A fully connected layer on the channels of each position."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv{d}d(x, self.weight[:, :{nones}], self.bias)
''',
    "Gain": '''
class {name}(nn.Module):
    """A learned factor."""

    def __init__(self, *shape: int, start: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full(shape, float(start)))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight
''',
    "FlatGain": '''
class {name}(nn.Module):
    """A learned factor for each channel."""

    def __init__(self, channels: int, start: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), float(start)))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight.view(-1{tail})
''',
    "Affine": '''
class {name}(nn.Module):
    """A learned factor and a learned addend."""

    def __init__(self, *shape: int, start: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full(shape, float(start)))
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight + self.bias
''',
    "FlatAffine": '''
class {name}(nn.Module):
    """A learned factor and a learned addend for each channel."""

    def __init__(self, channels: int, start: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), float(start)))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight.view(-1{tail}) + self.bias.view(-1{tail})
''',
    "GlobalNorm": '''
class {name}(nn.Module):
    """The root of the sum of squares over all positions."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.vector_norm(x, dim={places}, keepdim=True)
''',
    "DropPath": '''
class {name}(nn.Module):
    """Stochastic depth: drops the whole branch of an example while training, and scales the others up."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.drop = nn.Dropout(rate)

    def forward(self, x: Tensor) -> Tensor:
        kept: Tensor = self.drop(torch.ones_like(x[:, :1{colons}]))
        return x * kept
''',
    "Blur": '''
class {name}(nn.Module):
    """A binomial filter, channel by channel, borders reflected."""

    weight: Tensor

    def __init__(self, channels: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        row = torch.tensor([1.0])
        for _ in range(kernel - 1):
            row = (F.pad(row, (0, 1)) + F.pad(row, (1, 0))) / 2
        weight = {outer}
        self.register_buffer("weight", weight.repeat(channels, 1, {ones}), persistent=False)
        self.stride = stride
        self.pad = [(kernel - 1) // 2] * 2 * {d}

    def forward(self, x: Tensor) -> Tensor:
        padded = F.pad(x, self.pad, mode="reflect")
        return F.conv{d}d(padded, self.weight, stride=self.stride, groups=x.shape[1])
''',
    "ZeroPad": '''
class {name}(nn.Module):
    """Appends channels of zeros."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x, ({zeros}0, self.channels))
''',
    "Subsample": '''
class {name}(nn.Module):
    """Every stride-th position along each axis, the first one kept."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, {slices}]
''',
    "SubsampleAxes": '''
class {name}(nn.Module):
    """Every stride-th position along each axis, the first one kept."""

    def __init__(self, {strides}) -> None:
        super().__init__()
        self.stride = [{stride}]

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, {axes}]
''',
    "Reshape": '''
class {name}(nn.Module):
    """The same elements in another shape."""

    def __init__(self, *sizes: int) -> None:
        super().__init__()
        self.sizes = [-1, *sizes]

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(self.sizes)
''',
    "GroupSoftmax": '''
class {name}(nn.Module):
    """The softmax between `groups` groups of channels of equal width, channel by channel."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: Tensor) -> Tensor:
        return x.unflatten(1, (self.groups, -1)).softmax(1).flatten(1, 2)
''',
    "GlobalSoftmax": '''
class {name}(nn.Module):
    """The softmax over all positions, channel by channel."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).softmax(2).reshape(x.shape)
''',
    "ChannelMean": '''
class {name}(nn.Module):
    """The mean over the channels, at each position."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(1, keepdim=True)
''',
    "ChannelMax": '''
class {name}(nn.Module):
    """The largest value over the channels, at each position."""

    def forward(self, x: Tensor) -> Tensor:
        return x.amax(1, keepdim=True)
''',
}
# Helpers that differ with the number of axes, and are called after it where several are needed.
RANKED = {
    "Linear", "FrozenBatchNorm", "ScaledStandardizedConv", "StandardizedConv", "FlatGain", "FlatAffine", "GlobalNorm",
    "DropPath", "Blur", "ZeroPad", "Subsample", "SubsampleAxes",
}  # fmt: skip


def text(helper: str, name: str, rank: int) -> list[str]:
    """The lines of a helper."""
    axes = range(rank)
    filled = TEXTS[helper].format(
        name=name,
        d=rank,
        ones=", ".join(["1"] * rank),
        tail=", 1" * rank,
        colons=", :1" * rank,
        nones=", None" * rank,
        outer=" * ".join("row" + f"[:{', None' * i}]" * (i > 0) for i in reversed(axes)),
        zeros="0, 0, " * rank,
        dims="(" + ", ".join(str(i + 1) for i in range(rank + 1)) + ")",
        places="2" if rank == 1 else "(" + ", ".join(str(i + 2) for i in axes) + ")",
        size="int" if rank == 1 else f"int | tuple[{', '.join(['int'] * rank)}]",
        strides=", ".join(f"stride{i + 1}: int" for i in axes) if rank > 1 else "stride: int",
        stride=", ".join(f"stride{i + 1}" for i in axes) if rank > 1 else "stride",
        slices=", ".join(":: self.stride" for _ in axes),
        axes=", ".join(f":: self.stride[{i}]" for i in axes),
    )
    return filled.strip("\n").split("\n")
