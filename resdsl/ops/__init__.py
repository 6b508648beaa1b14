"""Every primitive of the language: arguments, shape rule, cost rule and label of an op stand on its class.

To add an op: one class in the file of its kind, and a row in tests/test_ops.py. The registry fills itself.
"""

from resdsl.ops import pointwise, routing, spatial, weighted
from resdsl.ops.base import (
    COLUMNS,
    ELEMENTWISE,
    NEEDED,
    NOTHING,
    OPS,
    Cost,
    Op,
    Refused,
    Shape,
    Tensor,
    Type,
    Value,
    elements,
    is_list,
    shapes,
    show,
    spoken,
    total,
)

__all__ = [
    "COLUMNS", "ELEMENTWISE", "NEEDED", "NOTHING", "OPS", "Cost", "Op", "Refused", "Shape", "Tensor", "Type", "Value",
    "elements", "is_list", "pointwise", "routing", "shapes", "show", "spatial", "spoken", "total", "weighted",
]  # fmt: skip
