"""Is the generated module the network? It is run, and compared with what the analysis counts.

It is built and run in PyTorch, and only when asked.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from resdsl.analyze.keys import keys
from resdsl.analyze.renames import Renames
from resdsl.module import generated
from resdsl.network import Network
from resdsl.ops import is_list, shapes, show

if TYPE_CHECKING:
    import torch

RATES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)


def verify(network: Network, *, train: bool = True) -> list[str]:
    """What is not as the analysis says; nothing if all is. `train`: run a step of training on the CPU, too."""
    import torch

    kind = generated(network)
    with torch.device("meta"):
        model = kind()
    found = [*_counts(network, model), *_keys(network, model), *_run(network, model)]
    return found or (_step(network, kind) if train else [])


def compared(network: Network) -> str:
    """What was found equal, in a line."""
    cost, kept = network.report.cost, sum(1 for _ in keys(network.program))
    return (
        f"equal: {cost.params:,} parameters, {cost.buffers:,} elements of buffers, {cost.macs:,} MACs, "
        f"the shape of each section, {kept:,} keys\n  a step of SGD lowers the loss"
    )


def _counts(network: Network, model: torch.nn.Module) -> list[str]:
    """Parameters and buffers."""
    params = sum(p.numel() for p in model.parameters())
    buffers = sum(value.numel() for value in model.state_dict().values()) - params
    cost = network.report.cost
    return _unequal([("parameters", params, cost.params), ("elements of buffers", buffers, cost.buffers)])


def _keys(network: Network, model: torch.nn.Module) -> list[str]:
    """The keys of the state_dict with their shapes, in their order."""
    have = [f"`{name}` of {show(tuple(value.shape)) or '1'}" for name, value in model.state_dict().items()]
    should = [f"`{key.name}` of {show(key.shape) or '1'}" for key in keys(network.program)]
    for number, (is_, wanted) in enumerate(zip_longest(have, should, fillvalue="no more")):
        if is_ != wanted:
            return [f"key {number} of the state_dict: the module has {is_}, the analysis {wanted}"]
    if not network.program.published:
        return []
    renames = Renames(network.program)
    try:
        model.load_published({renames.there(name): value for name, value in model.state_dict().items()})  # type: ignore[operator]
    except RuntimeError as problem:
        return [f"`load_published` does not take the published names: {str(problem)[:200]}"]
    return []


def _unequal(facts: list[tuple[str, object, object]]) -> list[str]:
    return [f"{what}: the module has {is_}, the analysis {should}" for what, is_, should in facts if is_ != should]


def _run(network: Network, model: torch.nn.Module) -> list[str]:
    """Multiply-accumulates, and the shape after each section."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    batch = 2  # of one example torch refuses to normalise a vector
    x = torch.empty(batch, *network.program.input, device="meta")
    model.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        features = model.forward_features(x)  # type: ignore[operator]
    cost = network.report.cost
    facts: list[tuple[str, object, object]] = [
        ("multiply-accumulates", counter.get_total_flops() / 2 / batch, float(cost.macs + cost.macs_fixed))
    ]
    for row, line in zip(network.sections, network.program.body.lines, strict=True):
        if line.kind == "let":
            continue
        names = [f"{row.name}.{i}" for i in range(len(row.output))] if is_list(row.output) else [row.name]
        for name, shape in zip(names, shapes(row.output), strict=True):
            got = tuple(features[name].shape[1:]) if name in features else None
            facts.append((f"the shape after `{name}`", got, shape))
    return _unequal(facts)


def _step(network: Network, kind: type[torch.nn.Module]) -> list[str]:
    """A forward, a backward and a step of SGD; in double precision where a gradient explodes in single."""
    import torch

    if not network.params:
        return []  # nothing to step
    return _stepped(network, kind, torch.float32) and _stepped(network, kind, torch.float64)


def _stepped(network: Network, kind: type[torch.nn.Module], dtype: torch.dtype) -> list[str]:
    """What goes wrong with two small random examples."""
    import torch

    torch.manual_seed(0)
    model = kind().train().to(dtype)
    channels, *axes = network.program.input
    x = torch.randn(2, channels, *(min(n, 64) for n in axes), dtype=dtype)
    try:
        model(x)
    except RuntimeError:
        x = torch.randn(2, *network.program.input, dtype=dtype)

    def loss() -> torch.Tensor:
        torch.manual_seed(1)
        features = model.forward_features(x)  # type: ignore[operator]
        total: torch.Tensor = sum(((out - 1) ** 2).mean() for out in features.values())
        return total

    before = loss()
    if not before.requires_grad:
        return ["no parameter has an effect on any output"]
    before.backward()  # type: ignore[no-untyped-call]
    gradients = {name: p.grad for name, p in model.named_parameters()}
    bad = [name for name, g in gradients.items() if g is None or not bool(g.isfinite().all())]
    if bad or not bool(before.isfinite()):
        return [f"no finite gradient for {', '.join(bad[:4]) or 'the loss'}"]
    if all(g is not None and not g.any() for g in gradients.values()):
        return ["every gradient is 0: no parameter has an effect on any output"]
    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    longest = max(1.0, *(float(grad.norm()) for grad in gradients.values() if grad is not None))
    for rate in RATES:
        with torch.no_grad():
            for name, p in model.named_parameters():
                grad = gradients[name]
                assert grad is not None
                p.copy_(start[name] - rate / longest * grad)
            if loss() < before:
                return []
    return ["a step of SGD does not lower the loss"]
