"""Names of PyTorch and Keras, and what they are here."""

from __future__ import annotations

import re
from collections.abc import Collection

from resdsl.diagnostics import Edit, Fix, Span
from resdsl.ops import OPS

# In small letters, without `_` and without the number of axes.
_WRITTEN = {
    **dict.fromkeys(("residual", "skipconnection"), "`(...) + id`"),
    **dict.fromkeys(("sequential", "compose"), "`(a -> b -> c)`"),
    **dict.fromkeys(("concat", "cat", "concatenate"), "`a ++ b`"),
    "add": "`a + b`",
    **dict.fromkeys(("mul", "multiply"), "`a * b`"),
    "int": "`floor(x)`, or `a // b`",
}
_OPS = {
    **dict.fromkeys(("conv", "convolution"), "conv"),
    **dict.fromkeys(("dense", "fc", "fullyconnected"), "linear"),
    **dict.fromkeys(("bn", "batchnorm", "batchnormalization"), "batchnorm"),
    **dict.fromkeys(("maxpool", "maxpooling"), "maxpool"),
    **dict.fromkeys(("avgpool", "averagepooling"), "avgpool"),
    **dict.fromkeys(("gap", "globalavgpool", "globalaveragepooling", "adaptiveavgpool"), "globalpool"),
    "skip": "id",
    "swish": "silu",
    "leakyrelu": "leaky",
}
_ARGUMENTS = {
    **dict.fromkeys(("out_channels", "out_features", "filters", "units", "planes", "channels"), "width"),
    **dict.fromkeys(("p", "prob", "drop_prob"), "rate"),
    **dict.fromkeys(("num_groups", "cardinality"), "groups"),
    "scale_factor": "factor",
    "negative_slope": "slope",
    "epsilon": "eps",
    "blocks": "depth",
}
_ENTERS = ("in_channels", "in_features", "num_features", "in_planes")
_TEXTS = {text for op in OPS.values() for argument in op.declared.values() for text in argument.choices}


def meant_by(name: str, known: Collection[str], place: Span) -> list[Fix]:
    """What an unknown name is here, if it is one of PyTorch or Keras, or a text that lost its quotes."""
    if name in _TEXTS:
        return [Fix(f'a text stands in quotes: `"{name}"`', (Edit(place, f'"{name}"'),))]
    plain = re.sub(r"_|[123]d$", "", name.lower())
    if plain in _WRITTEN:
        return [Fix(f"write {_WRITTEN[plain]}")]
    here = _OPS.get(plain, "")
    return [Fix(f"did you mean `{here}`?", (Edit(place, here),))] if here in known else []


def argument(name: str, params: Collection[str], place: Span) -> tuple[Fix, ...]:
    """What an argument of PyTorch or Keras is called here."""
    meant = _ARGUMENTS.get(name, name.partition("_")[0])
    if meant in params:
        return (Fix(f"did you mean `{meant}`?", (Edit(place, meant),)),)
    return (Fix("leave it out: the width that enters is known"),) if name in _ENTERS else ()
