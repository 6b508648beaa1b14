"""Names that the generated code may give."""

from __future__ import annotations

import builtins
import keyword

# Names that the file itself uses.
RESERVED = frozenset(
    ["torch", "nn", "F", "Tensor", "OrderedDict", "self", "x", "module", "super", "range", "list", "dict"]
)


def usable(name: str) -> bool:
    """Whether a name means nothing yet in Python or in the file."""
    return (
        name.isascii()
        and name.isidentifier()
        and not keyword.iskeyword(name)
        and name not in RESERVED
        and not hasattr(builtins, name)
    )
