"""ResNet-50 in plain PyTorch, written by hand: what the rivals count."""

from torch import Tensor, nn
from torch.nn import functional as F


class Bottleneck(nn.Module):
    """y = relu(F(x) + shortcut(x)), F a 1x1, a 3x3 and a 1x1 convolution."""

    def __init__(self, in_channels: int, inner: int, stride: int = 1) -> None:
        super().__init__()
        width = 4 * inner
        self.conv1 = nn.Conv2d(in_channels, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or in_channels != width:
            projection = nn.Conv2d(in_channels, width, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x))


def stage(in_channels: int, inner: int, depth: int, stride: int = 1) -> nn.Sequential:
    """`depth` units; only the first strides."""
    rest = (Bottleneck(4 * inner, inner) for _ in range(depth - 1))
    return nn.Sequential(Bottleneck(in_channels, inner, stride), *rest)


def resnet50() -> nn.Sequential:
    """Input N x 3 x 224 x 224, output N x 1000."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, padding=3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1),
        stage(64, 64, 3), stage(256, 128, 4, 2), stage(512, 256, 6, 2), stage(1024, 512, 3, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000),
    )  # fmt: skip
