"""The generated module, held to the graph: counts, shapes, keys, and the forward of a second interpreter."""

from __future__ import annotations

from math import prod

import interpreter
import torch
from agree import Case, Found

from resdsl.module import generated
from resdsl.network import Network
from resdsl.verify import _counts, _keys, _run


def state(model: torch.nn.Module, seed: int = 0) -> dict[str, torch.Tensor]:
    """Random weights and running statistics; the variances are positive."""
    source = torch.Generator().manual_seed(seed)
    found = {}
    for name, value in model.state_dict().items():
        if not value.is_floating_point():
            found[name] = value
            continue
        drawn = torch.randn(value.shape, generator=source, dtype=torch.float64)
        fan_in = max(prod(value.shape[1:]), 1)
        found[name] = drawn.abs() + 0.5 if name.endswith("running_var") else drawn / fan_in**0.5
    return found


def differences(net: Network) -> list[str]:
    """Where the generated module is not what the graph says."""
    model = generated(net)().double().eval()
    with torch.device("meta"):
        empty = type(model)()
    found = [*_counts(net, empty), *_keys(net, empty), *_run(net, empty)]
    if found:
        return found
    weights = state(model)
    model.load_state_dict(weights)
    x = torch.randn(2, *net.program.input, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    beside = x * (1 + 1e-14 * torch.randn(x.shape, generator=torch.Generator().manual_seed(2), dtype=x.dtype))
    with torch.no_grad():
        got, again = ([y] if isinstance(y, torch.Tensor) else list(y) for y in (model(x), model(beside)))
        wanted = interpreter.run(net.program, weights, x)
        other = interpreter.run(net.program, weights, beside, -0.0)
    for number, (ours, also, theirs, near) in enumerate(zip(got, again, wanted, other, strict=True)):
        # Over a zero, whose sign torch does not promise, and over what rounding made, anything may come.
        sure = _close(theirs, near) & _close(ours, also)
        ours, theirs = ours.where(sure, 0), theirs.where(sure, 0)
        size = float(theirs[theirs.isfinite()].abs().max()) if theirs.isfinite().any() else 0.0
        if not torch.allclose(ours, theirs, rtol=1e-9, atol=max(1e-9 * size, 1e-12), equal_nan=True):
            return [f"output {number}: off by {float((ours - theirs).abs().max())} where the largest is {size}"]
    return []


def _close(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return torch.isclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True)


def module(case: Case) -> Found:
    """The same as an account of a network; torch works on one core."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield from differences(case.net)
    finally:
        torch.set_num_threads(threads)
