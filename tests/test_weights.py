"""`Network.module`: a checkpoint is read by name, whole or not at all, and nothing in it is run."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl import ResdslError, load
from resdsl.network import Network

torch = pytest.importorskip("torch")
tensors = pytest.importorskip("safetensors.torch")

TEXT = """resdsl 1
model tiny(width = 8, classes = 10, drop = 0.1) {
  input 3 x 16 x 16
  stem { conv1: conv(width, 3) -> bn1: norm -> act }
  layer1: stage(basic, 2 * width, 2, stride = 2)
  head { globalpool -> flatten -> dropout(drop) -> linear(classes) }
}
"""


@pytest.fixture
def net() -> Network:
    return load("tiny.resnet", text=TEXT)


@pytest.fixture
def state(net: Network) -> dict[str, torch.Tensor]:
    """The weights of a module that was trained: nothing in them is as a module starts."""
    torch.manual_seed(1)
    found: dict[str, torch.Tensor] = net.module().state_dict()
    return {key: torch.rand(v.shape) if v.is_floating_point() else torch.tensor(7) for key, v in found.items()}


def equal(model: torch.nn.Module, state: dict[str, torch.Tensor], but: str = " ") -> bool:
    found = {key: value for key, value in model.state_dict().items() if not key.startswith(but)}
    return all(torch.equal(value, state[key]) for key, value in found.items())


def message(error: pytest.ExceptionInfo[ResdslError]) -> str:
    assert {d.code for d in error.value.diagnostics} <= {"E0501", "E0504", "E0507", "E0602"}
    return str(error.value).strip()


def test_a_frozen_norm_takes_the_weights_of_a_norm_and_keeps_them(state: dict[str, torch.Tensor]) -> None:
    """The counter of batches, which only training reads, may be left out of either."""
    frozen = load("tiny.resnet", text=TEXT.replace("  stem", "  default norm = frozennorm\n  stem"))
    model = frozen.module(state)
    assert equal(model, state)
    with pytest.raises(ResdslError) as other:
        frozen.module({**state, "bogus.num_batches_tracked": torch.tensor(1)})
    assert "`bogus.num_batches_tracked`" in message(other)
    assert state.keys() - model.state_dict().keys() == {key for key in state if key.endswith("num_batches_tracked")}
    buffers = {key: value.clone() for key, value in model.named_buffers()}
    assert {key.split(".")[-1] for key in buffers} == {"weight", "bias", "running_mean", "running_var"}
    model.train()(torch.randn(2, 3, 16, 16)).sum().backward()
    torch.optim.SGD(model.parameters(), lr=1.0).step()
    assert all(torch.equal(value, buffers[key]) for key, value in model.named_buffers())


# -- files that fit ------------------------------------------------------------------------------------------------

State = dict[str, "torch.Tensor"]


def _old(state: State) -> State:
    return {key: value for key, value in state.items() if not key.endswith("num_batches_tracked")}


WRITERS: dict[str, Callable[[State, Path], None]] = {
    "torch": lambda state, path: torch.save(state, path),
    "torch before 1.6": lambda state, path: torch.save(state, path, _use_new_zipfile_serialization=False),
    "safetensors": lambda state, path: tensors.save_file(state, path),
    "state_dict": lambda state, path: torch.save({"epoch": 3, "state_dict": state, "arch": "tiny"}, path),
    "model": lambda state, path: torch.save({"model": state, "optimizer": {"lr": 0.1}}, path),
    "model_state_dict": lambda state, path: torch.save({"model_state_dict": state}, path),
    "DataParallel": lambda state, path: torch.save({f"module.{k}": v for k, v in state.items()}, path),
    "torch.compile": lambda state, path: torch.save({f"_orig_mod.{k}": v for k, v in state.items()}, path),
    "both": lambda state, path: torch.save({f"_orig_mod.module.{k}": v for k, v in state.items()}, path),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_checkpoint_is_loaded_by_name(kind: str, net: Network, state: State, tmp_path: Path) -> None:
    path = tmp_path / "file"  # its name says nothing
    WRITERS[kind](state, path)
    assert not equal(net.module(), state)
    assert equal(net.module(path), state)
    assert equal(net.module(str(path)), state)


def test_counters_of_batches_may_be_absent(net: Network, state: State, tmp_path: Path) -> None:
    torch.save(_old(state), tmp_path / "old.pth")
    model = net.module(tmp_path / "old.pth")
    assert int(model.state_dict()["bn1.num_batches_tracked"]) == 0
    assert equal(model, {**state, **{k: torch.tensor(0) for k in state if k.endswith("tracked")}})


def test_weights_come_to_the_other_module_with_what_it_computes(net: Network, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = net.module()
    x = torch.randn(4, 3, 16, 16)
    model(x)  # the running statistics move
    torch.save(model.state_dict(), tmp_path / "a.pth")
    other = net.module(tmp_path / "a.pth")
    assert model.training and other.training
    assert torch.equal(other.eval()(x), model.eval()(x))


# -- settings --------------------------------------------------------------------------------------------------------


def test_settings_are_those_of_the_spec(net: Network) -> None:
    model = net.module(width=4, classes=3, in_channels=1, drop=0.25)
    assert model(torch.zeros(2, 1, 16, 16)).shape == (2, 3)
    assert [m.p for m in model.modules() if isinstance(m, torch.nn.Dropout)] == [0.25]
    assert sum(p.numel() for p in model.parameters()) == net.at({"width": 4, "classes": 3, "in_channels": 1}).params


def test_settings_stay_with_a_network_that_was_loaded_with_some() -> None:
    net = load("tiny.resnet", text=TEXT, width=4, input=(1, 8, 8))
    assert net.module(classes=3)(torch.zeros(2, 1, 8, 8)).shape == (2, 3)
    assert net.module().get_parameter("conv1.weight").shape[0] == 4


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"clases": 3}, "has no parameter `clases`"),
        ({"classes": -1}, "at least 1"),
        ({"classes": 2.5}, "2.5"),
        ({"in_channels": 0}, "not an input"),
        ({"in_channels": "3"}, "`in_channels` is a whole number"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, object], said: str, net: Network) -> None:
    with pytest.raises(ResdslError, match=said):
        net.module(**settings)  # type: ignore[arg-type]


# -- another head ----------------------------------------------------------------------------------------------------


def test_a_head_for_other_classes_is_never_silent(net: Network, state: State, tmp_path: Path) -> None:
    path = tmp_path / "tiny.pth"
    torch.save(state, path)
    with pytest.raises(ResdslError) as error:
        net.module(path, classes=3)
    assert message(error) == (
        f"error[E0602]: `{path}` has other shapes than `tiny`: `fc.weight` is 10 x 16, here 3 x 16; "
        "`fc.bias` is 10, here 3\n"
        "  fix: `classes=10` makes the module as the checkpoint is\n"
        '  fix: `skip="fc"` leaves `fc` as the module starts, to be trained'
    )
    for skip in ("fc", ("fc",), ["fc.weight", "fc.bias"]):
        model = net.module(path, classes=3, skip=skip)
        assert model.get_parameter("fc.weight").shape == (3, 16)
        assert equal(model, state, but="fc.")
    assert not equal(net.module(path, skip="fc"), state)  # though it would fit


def test_parts_that_only_the_file_has_may_be_skipped(net: Network, state: State, tmp_path: Path) -> None:
    torch.save({**state, "aux.0.weight": torch.zeros(3), "aux.0.bias": torch.zeros(3)}, tmp_path / "a.pth")
    with pytest.raises(ResdslError) as error:
        net.module(tmp_path / "a.pth")
    assert "has 2 tensors that `tiny` does not have: `aux.0.weight`; `aux.0.bias`\n" in message(error)
    assert '`skip="aux"`' in message(error)
    assert equal(net.module(tmp_path / "a.pth", skip="aux"), state)


def test_what_is_skipped_must_be_there(net: Network, state: State, tmp_path: Path) -> None:
    torch.save(state, tmp_path / "a.pth")
    with pytest.raises(ResdslError) as error:
        net.module(tmp_path / "a.pth", skip="fcc")
    assert "`skip` names `fcc`" in message(error)
    assert "did you mean `fc`?" in message(error)
    with pytest.raises(ResdslError, match="there is none"):
        net.module(skip="fc")


# -- files that do not fit -------------------------------------------------------------------------------------------


def test_all_that_differs_is_said_at_once(net: Network, state: State, tmp_path: Path) -> None:
    wrong = {**state, "conv1.weight": torch.zeros(8, 3, 5, 5), "head.weight": torch.zeros(10, 16)}
    del wrong["fc.weight"], wrong["fc.bias"]
    torch.save(wrong, tmp_path / "a.pth")
    with pytest.raises(ResdslError) as error:
        net.module(tmp_path / "a.pth")
    text = message(error)
    assert "`conv1.weight` is 8 x 3 x 5 x 5, here 8 x 3 x 3 x 3" in text
    assert "lacks 2 of the tensors of `tiny`: `fc.weight`; `fc.bias`" in text
    assert "has 1 tensors" not in text
    assert "has 1 tensor that `tiny` does not have: `head.weight`" in text
    assert '`skip=("conv1", "fc", "head")`' in text
    assert text.count("fix: ") == 1


def test_long_lists_are_cut(net: Network, state: State, tmp_path: Path) -> None:
    torch.save({k: v for k, v in state.items() if not k.startswith("layer1")}, tmp_path / "a.pth")
    with pytest.raises(ResdslError) as error:
        net.module(tmp_path / "a.pth")
    count = sum(k.startswith("layer1") and not k.endswith("tracked") for k in state)
    assert re.search(
        rf"lacks {count} of .*: `layer1.0.conv1.weight`; [^;]*; [^;]*; and {count - 3} more\n", message(error)
    )


def test_names_of_another_library_point_to_the_labels(net: Network, state: State, tmp_path: Path) -> None:
    torch.save({f"backbone.body.{key}": value for key, value in state.items()}, tmp_path / "a.pth")
    with pytest.raises(ResdslError) as error:
        net.module(tmp_path / "a.pth")
    assert "the labels of the spec" in message(error)
    assert "skip" not in message(error)


def test_another_network_is_refused(state: State, tmp_path: Path) -> None:
    torch.save(state, tmp_path / "a.pth")
    with pytest.raises(ResdslError, match="is it the checkpoint of this network"):
        load("resnet18").module(tmp_path / "a.pth")


# -- files that are no checkpoints -----------------------------------------------------------------------------------


class Evil:
    """Its pickle calls a function when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("zipped", [True, False])
def test_nothing_in_a_file_is_run(zipped: bool, net: Network, state: State, tmp_path: Path) -> None:
    trap, path = tmp_path / "trap", tmp_path / "evil.pth"
    torch.save({"state_dict": state, "epoch": Evil(trap)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ResdslError) as error:
        net.module(path)
    assert not trap.exists()
    assert "[E0507]" in message(error) and "would run code; nothing of it was run" in message(error)
    torch.load(path, weights_only=False)
    assert trap.exists()  # the trap is one


def test_a_whole_module_is_no_checkpoint(net: Network, tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), tmp_path / "whole.pth")
    with pytest.raises(ResdslError) as error:
        net.module(tmp_path / "whole.pth")
    assert "holds `torch.nn.modules.linear.Linear`" in message(error)
    assert "torch.save(model.state_dict(), PATH)" in message(error)


BYTES = {
    "empty": b"",
    "text": b"resdsl 1\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(60),
    "an archive": b"PK\x03\x04" + bytes(60),
    "half a header": struct.pack("<Q", 30) + b"{" + bytes(3),
    "a header that is none": struct.pack("<Q", 8) + b"{       " + bytes(8),
}


@pytest.mark.parametrize("kind", BYTES)
def test_a_file_of_another_kind_is_no_checkpoint(kind: str, net: Network, tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_bytes(BYTES[kind])
    with pytest.raises(ResdslError) as error:
        net.module(tmp_path / "a.pth")
    assert "[E0507]" in message(error)
    assert message(error).count("\n") == 0


@pytest.mark.parametrize("kind", ["torch", "torch before 1.6", "safetensors"])
def test_half_a_file_is_no_checkpoint(kind: str, net: Network, state: State, tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    WRITERS[kind](state, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ResdslError) as error:
        net.module(path)
    assert "[E0507]" in message(error) and "damaged" in message(error)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (3, "a value of type `int`"),
        ([1, 2], "a value of type `list`"),
        ({}, "no tensors"),
        ({"epoch": 3, "weights": {}}, "other things than tensors: `epoch` and `weights`"),
        ({"model": {}, "state_dict": {}}, "several entries of weights, `state_dict` and `model`"),
        ({"model": {"fc": 3}}, "other things than tensors: `fc`"),
    ],
)
def test_a_file_without_tensors_is_no_checkpoint(content: object, said: str, net: Network, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(ResdslError) as error:
        net.module(tmp_path / "a.pth")
    assert "[E0507]" in message(error) and said in message(error)
    assert "`state_dict`" in message(error)


def test_a_file_must_be_there(net: Network, tmp_path: Path) -> None:
    with pytest.raises(ResdslError) as error:
        net.module(tmp_path / "none.pth")
    assert message(error) == f"error[E0501]: there is no file `{tmp_path / 'none.pth'}`"
    with pytest.raises(ResdslError) as error:
        net.module(tmp_path)
    assert message(error) == f"error[E0504]: cannot read `{tmp_path}`: it is a directory"


def test_names_in_a_file_are_fit_for_a_terminal(net: Network, state: State, tmp_path: Path) -> None:
    torch.save({**state, "\x1b[2J\u202ehead": torch.zeros(1)}, tmp_path / "a.pth")
    with pytest.raises(ResdslError) as error:
        net.module(tmp_path / "a.pth")
    assert "\x1b" not in message(error) and "\u202e" not in message(error)


# -- what is not installed -------------------------------------------------------------------------------------------

WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {missing!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in {missing!r} else find(name, package)
import resdsl
try:
    resdsl.load("tiny.resnet", text=sys.argv[1]).module(*sys.argv[2:])
except resdsl.ResdslError as problem:
    print(str(problem).strip())
"""


def said_without(missing: str, *arguments: str) -> str:
    code = WITHOUT.format(missing=[missing])
    done = subprocess.run([sys.executable, "-c", code, TEXT, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def test_without_torch_it_says_what_to_install() -> None:
    assert said_without("torch") == (
        "error[E0501]: `module` builds the network in PyTorch, and PyTorch is not installed\n"
        "  fix: pip install 'resdsl[torch]'\n"
    )


def test_without_safetensors_it_says_what_to_install(state: State, tmp_path: Path) -> None:
    tensors.save_file(state, tmp_path / "a")
    said = said_without("safetensors", str(tmp_path / "a"))
    assert said.startswith(f"error[E0501]: `{tmp_path / 'a'}` is a file of safetensors")
    assert said.endswith("  fix: pip install 'resdsl[torch]'\n")


def test_an_old_torch_is_not_trusted_with_a_pickle(
    net: Network, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch.torch_version import TorchVersion

    torch.save(state, tmp_path / "a.pth")
    monkeypatch.setattr(torch, "__version__", TorchVersion("2.5.1"))
    with pytest.raises(ResdslError, match=r"PyTorch 2\.5\.1 does not read"):
        net.module(tmp_path / "a.pth")
    monkeypatch.setattr(torch, "__version__", TorchVersion("2.10.0+cpu"))
    assert equal(net.module(tmp_path / "a.pth"), state)


def test_a_state_dict_at_hand_is_taken_like_a_file() -> None:
    net = load("resnet18_cifar")
    state = net.module().state_dict()
    model = net.module(weights=state, classes=3, skip="fc")
    assert torch.equal(model.state_dict()["conv1.weight"], state["conv1.weight"])
    with pytest.raises(ResdslError, match="the state_dict"):
        net.module(weights={"conv1.weight": state["conv1.weight"]})


@pytest.mark.parametrize("odd", ["name", "long", "parts", "number", "complex", "meta", "sparse", "bool"])
def test_a_checkpoint_with_odd_entries_is_refused(odd: str) -> None:
    net = load("worked_unit")
    state: dict[object, object] = dict(net.module().state_dict())
    key = next(iter(state))
    tensor = state.pop(key)
    assert isinstance(tensor, torch.Tensor)
    state |= {
        "name": {"a`\n\nerror[E0001]: b": tensor},
        "long": {"a" * 100_000: tensor},
        "parts": {"a." * 20_000: tensor},
        "number": {7: tensor},
        "complex": {key: tensor.to(torch.complex64)},
        "meta": {key: tensor.to("meta")},
        "sparse": {key: tensor.to_sparse()},
        "bool": {key: tensor > 0},
    }[odd]
    with pytest.raises(ResdslError) as caught:
        net.module(weights=state)  # type: ignore[arg-type]
    assert {d.code for d in caught.value.diagnostics} <= {"E0507", "E0602"}
    assert len(str(caught.value)) < 2000


def test_a_compressed_checkpoint_is_not_inflated(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1000)}, tmp_path / "plain.pt")
    with zipfile.ZipFile(tmp_path / "plain.pt") as plain, zipfile.ZipFile(tmp_path / "small.pt", "w", 8) as small:
        for part in plain.infolist():
            small.writestr(part.filename, plain.read(part))
    with pytest.raises(ResdslError, match="compressed"):
        load("worked_unit").module(weights=tmp_path / "small.pt")
