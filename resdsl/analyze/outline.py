"""The outline of a model: what an overview figure, a table or a one-line summary says about it.

A few frozen records of plain facts. No text layout, no colour and no tensor lives here, so every emitter that needs
"the rows of the model" can share them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = tuple[int, ...]
"""One value's shape without the batch: ``C``, ``C x L``, ``C x H x W`` or ``C x D x H x W``."""

Shortcut = Literal["none", "identity", "projection", "padding", "concatenation"]
"""What runs beside a block's residual branch: nothing, ``x``, a convolution of ``x``, ``x`` padded with zero channels,
or ``x`` put beside the branch's output instead of being added to it."""


@dataclass(frozen=True)
class Card:
    """``count`` equal blocks that follow one another, or a run of plain operations.

    ``name`` is the block's name, "" for a run of plain operations. ``lines`` are short labels: of a block its weighted
    layers ("3x3, 64"), of a plain run all its operations ("7x7 conv, 64, /2", "BN"). ``stage`` picks the colour; None
    (grey) is for stem and head. Zero channels mean that the block's input or output is not one value with channels.
    """

    name: str
    lines: tuple[str, ...]
    count: int
    in_channels: int
    out_channels: int
    stride: int
    shortcut: Shortcut
    stage: int | None


@dataclass(frozen=True)
class Row:
    """One section or stage of the model: its output shape (or a list of them), its cost and its cards in order."""

    name: str
    output: Shape | tuple[Shape, ...]
    params: int
    macs: int
    cards: tuple[Card, ...]

    @property
    def outputs(self) -> tuple[Shape, ...]:
        """The output shapes as a list, of length one for the usual single output."""
        several = tuple(part for part in self.output if isinstance(part, tuple))
        return several if several else (tuple(part for part in self.output if isinstance(part, int)),)


@dataclass(frozen=True)
class Outline:
    """A whole model: title, a line about its source, weighted layers, parameters, MACs at ``input``, rows in order."""

    title: str
    subtitle: str
    layers: int
    params: int
    macs: int
    input: Shape
    rows: tuple[Row, ...]
