"""The generated PyTorch: it is the network, it reads and type-checks, and nothing of a spec gets into it but numbers.

RESDSL_EXHAUSTIVE=1 runs every model through a step of training and every tool; else a choice of them.
"""

from __future__ import annotations

import ast
import os
import pickle  # noqa: TID251  # a state_dict must survive it
import re
import subprocess
import sys
import warnings
from functools import cache
from pathlib import Path

import pytest

from resdsl import files, program
from resdsl.analyze.renames import Renames
from resdsl.diagnostics import Source, SpecError
from resdsl.elaborate import is_template
from resdsl.emit import safety, symbols
from resdsl.emit.helpers import TEXTS
from resdsl.emit.layers import module as as_module
from resdsl.emit.torch import emit
from resdsl.network import Network, load
from resdsl.ops import OPS
from resdsl.verify import generated, verify

torch = pytest.importorskip("torch")
warnings.filterwarnings("ignore", message="Using padding='same'")

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data"
EXHAUSTIVE = bool(os.environ.get("RESDSL_EXHAUSTIVE"))

# Models that cannot be emitted yet, and why. Each must be refused with E0601.
UNSUPPORTED: dict[str, str] = {}

SAMPLE = [
    "resnet18", "cifar_resnet20", "im_resnet110_exclusive", "resnetv2_50", "fully_connected_resnet", "vgg11_bn",
]  # fmt: skip
TRAINED = ["cifar_resnet20", "fully_connected_resnet", "worked_unit", "resnet18_cifar"]
TRAINED_EXAMPLES = ["densenet_bc100", "resnet1d", "highway_10", "shufflenet_v2"]
# One of each way that code is written in: all of them with RESDSL_EXHAUSTIVE.
TOOLS = [
    ("resnet18", False), ("cifar_resnet20", False), ("resnetv2_50", False), ("res2net50_48w_2s", False),
    ("repvgg_a1", False), ("regnety_002", False), ("vgg11_bn", False), ("fully_connected_resnet", False),
    ("unet_resnet34", True), ("nf_resnet50", True), ("highway_10", True), ("r3d_18", True), ("resnet1d", True),
]  # fmt: skip


@cache
def loaded(path: Path) -> program.Spec:
    return program.load(files.read_file(path))


@cache
def network(name: str, examples: bool = False) -> Network:
    spec = loaded(DATA / "examples.resnet" if examples else files.zoo()[name])
    return Network(spec, spec.models[name])


def concrete(path: Path) -> list[str]:
    return [name for name, model in loaded(path).models.items() if not is_template(model)]


ZOO = [name for path in sorted((ROOT / "specs").rglob("*.resnet")) for name in concrete(path)]
EXAMPLES = concrete(DATA / "examples.resnet")
EVERY = [(name, False) for name in ZOO] + [(name, True) for name in EXAMPLES]
REGNETS = concrete(DATA / "regnet.resnet")


def of_text(text: str, model: str | None = None) -> Network:
    return load("net.resnet", model, text=f"resdsl 1\n{text}\n")


# -- it is the network -------------------------------------------------------------------------------------------


# A thousand layers take ten seconds each to build: one of them stands for the others.
DEEP = {
    "cifar_resnet1202_b", "cifar_resnet1202_c", "im_resnet1001_original", "im_resnet1001_full_preact", "resnet1202",
    "preact_resnet1001", "preact1001", "highway_100", "cv_preresnet200", "fb_preresnet200", "resnetv2_200",
}  # fmt: skip


def quick(names: list[str]) -> list[str]:
    return [name for name in names if EXHAUSTIVE or name not in DEEP]


@pytest.mark.parametrize("name", quick(ZOO))
def test_zoo_model_has_the_parameters_macs_and_shapes_of_the_analysis(name: str) -> None:
    assert verify(network(name), train=False) == []


@pytest.mark.parametrize("name", quick(EXAMPLES))
def test_example_has_the_parameters_macs_and_shapes_of_the_analysis(name: str) -> None:
    if name in UNSUPPORTED:
        with pytest.raises(SpecError, match="E0601"):
            emit(network(name, examples=True))
        return
    assert verify(network(name, examples=True), train=False) == []


@pytest.mark.parametrize("name", REGNETS if EXHAUSTIVE else REGNETS[::6])
def test_regnet_has_the_parameters_macs_and_shapes_of_the_analysis(name: str) -> None:
    spec = loaded(DATA / "regnet.resnet")
    assert verify(Network(spec, spec.models[name]), train=False) == []


@pytest.mark.parametrize("name", ZOO if EXHAUSTIVE else TRAINED)
def test_a_step_of_training_lowers_the_loss(name: str) -> None:
    assert verify(network(name)) == []


@pytest.mark.parametrize("name", EXAMPLES if EXHAUSTIVE else TRAINED_EXAMPLES)
def test_a_step_of_training_lowers_the_loss_of_an_example(name: str) -> None:
    assert verify(network(name, examples=True)) == []


RENAMED = {
    "inside": ('"*.gone.*" = "*.bn1.*"', "a.0.gone.weight", "a.0.bn1.weight"),
    "at the start": ('"body.a.*" = "a.*"', "body.a.0.bn1.weight", "a.0.bn1.weight"),
    "at the end": ('"*.mean" = "*.running_mean"', "a.1.bn1.mean", "a.1.bn1.running_mean"),
    "one": ('"size" = "g"', "size", "g"),
    "all": ('"g" = "g", "body.*" = "*"', "body.fc.weight", "fc.weight"),
    "a level less": ('"0.*" = "a.0.*", "1.*" = "a.1.*"', "1.bn1.weight", "a.1.bn1.weight"),
    "a level more for all": ('"*" = "a.*"', "0.bn1.weight", "a.0.bn1.weight"),
}


@pytest.mark.parametrize("table", RENAMED)
def test_published_names_are_loaded(table: str) -> None:
    lines, published, own = RENAMED[table]
    head = "" if "for all" in table else "  g: gain(bare = true)  globalpool -> flatten -> linear(2)"
    net = of_text(f"model net {{ input 4 x 8 x 8  keys {lines}  a: stage(basic, 4, 2){head} }}")
    assert verify(net, train=False) == []
    model, other, third = generated(net)(), generated(net)(), generated(net)()
    state = {Renames(net.program).there(key): torch.randn(v.shape).to(v.dtype) for key, v in model.state_dict().items()}
    assert published in state
    model.load_published(state)
    assert torch.equal(model.state_dict()[own], state[published])
    for key, value in model.state_dict().items():
        assert torch.equal(value, state[Renames(net.program).there(key)]), key
    with pytest.raises(RuntimeError, match="Missing key"):
        other.load_published({key: value for key, value in state.items() if key != published})
    third.load_state_dict(net.module(state).state_dict())  # as a checkpoint, under these names or its own
    assert torch.equal(third.state_dict()[own], state[published])
    assert torch.equal(net.module(third.state_dict()).state_dict()[own], state[published])


def test_a_module_without_other_names_has_no_method_for_them() -> None:
    assert "load_published" not in emit(network("resnet18"))
    assert "load_published" in emit(network("tv_convnext_tiny"))


def test_verify_finds_names_that_are_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    net = of_text('model net { input 4 x 8 x 8  keys "b.*" = "a.*"  a: conv(4, 3) }')
    monkeypatch.setattr("resdsl.emit.loading._said", lambda rename: ('key == "c"', '"a.weight"'))
    assert any("load_published" in finding for finding in verify(net, train=False))


@pytest.mark.parametrize("name", ["f", "tensor"])
def test_a_model_may_have_a_name_of_the_file(name: str) -> None:
    assert verify(of_text(f"model {name} {{ input 4 x 8 x 8  a: conv(4, 3) }}"), train=False) == []


def test_verify_finds_another_network() -> None:
    net = network("resnet18")
    with torch.device("meta"):
        other = generated(network("resnet34"))()
    from resdsl.verify import _counts, _run

    assert any("parameters" in finding for finding in _counts(net, other))
    assert any("multiply-accumulates" in finding for finding in _run(net, other))


def test_constructor_arguments_change_classes_and_channels() -> None:
    with torch.device("meta"):
        model = generated(network("resnet50"))(classes=7, in_channels=4)
        assert model(torch.empty(2, 4, 64, 64)).shape == (2, 7)


@pytest.mark.parametrize(("name", "examples"), [("resnet18", False), ("mobilenet_v2", True), ("densenet_bc100", True)])
def test_a_constructor_argument_gives_the_network_of_that_setting(name: str, examples: bool) -> None:
    """What the spec says at other settings, the module builds at other arguments."""
    spec = loaded(DATA / "examples.resnet" if examples else files.zoo()[name])
    from resdsl.network import arguments

    other = Network(spec, spec.models[name], settings=arguments({"classes": "13"}), input=(5, 64, 64))
    with torch.device("meta"):
        ours = generated(network(name, examples))(classes=13, in_channels=5)
    assert sum(p.numel() for p in ours.parameters()) == other.params


def test_starts_are_those_of_the_spec() -> None:
    net = of_text(
        "model net { input 8 x 8 x 8   default last_norm = norm(start = 0.0)   unit { basic(8) }\n"
        "gate: conv(8, 1, bias = -6.0) }"
    )
    model = generated(net)()
    assert float(model.get_parameter("gate.bias").detach().max()) == -6.0
    state = model.state_dict()
    assert float(state["basic.bn2.weight"].abs().max()) == 0.0
    assert float(state["basic.bn1.weight"].min()) == 1.0


# -- it reads ----------------------------------------------------------------------------------------------------


def test_depth_does_not_make_the_text_longer() -> None:
    deep = "model net = cifar_resnet(n = 1667) { }"
    spec = program.load(Source("net", (ROOT / "specs/cifar/resnet.resnet").read_text() + deep))
    net = Network(spec, spec.models["net"])
    assert net.layers == 10_004
    count = emit(network("cifar_resnet20")).count("\n")
    assert emit(network("cifar_resnet1202")).count("\n") == count
    assert emit(net).count("\n") == count


def tool(name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", name, *arguments], capture_output=True, text=True, cwd=cwd)


def test_ruff_and_mypy_accept_the_text(tmp_path: Path) -> None:
    chosen = [(name, False) for name in (ZOO if EXHAUSTIVE else SAMPLE)]
    chosen += [(name, True) for name in EXAMPLES]
    for name, examples in chosen:
        (tmp_path / f"{'example_' * examples}{name}.py").write_text(emit(network(name, examples)))
    for arguments in (["check", "--select", "E,F,W,I,UP,B,C4,SIM,PIE"], ["format", "--check"]):
        result = tool("ruff", *arguments, "--isolated", "--line-length", "120", ".", cwd=tmp_path)
        assert result.returncode == 0, result.stdout[-3000:]
    result = tool("mypy", "--strict", ".", cwd=tmp_path)
    assert result.returncode == 0, result.stdout[-3000:]


# Each line of a block becomes a module, so that each op is one: what torch does not have is a helper.
HELPERS = """resdsl 1
block twice(width) { repeat 2 { basic(width) } }
model helpers {
  input 4 x 16 x 16
  norms { n1: norm(start = 0.5) -> n2: frozennorm -> n3: layernorm }
  labelled { c{0}: twice(4) }
  convs { c1: conv(8, 3, standardize = true) -> c2: conv(8, 3, standardize = true, gain = false, bias = 0.5) }
  gains { g1: gain -> g2: gain(bias = true) -> g3: gain(flat = true) -> g4: gain(flat = true, bias = true) }
  places { p1: blur(3) -> p2: zeropad(12) -> p3: subsample(2) -> p4: subsample([2, 1]) }
  mixed: linear(6, positions = true)
  rest { r1: softmax(3) -> r2: reshape([6, 8, 4]) -> r3: globalsoftmax -> r4: droppath(0.1) }
  size: globalnorm
  weigh { id * (m: channelmean) * (x: channelmax) }
}
"""


def test_torch_tools_take_what_torch_does_not_have() -> None:
    net = load("helpers.resnet", text=HELPERS)
    code = net.code()
    assert [name for name in TEXTS if not re.search(rf"^(class|def) {name}([123]d)?\b", code, re.MULTILINE)] == []
    taken_by_tools(net)


@pytest.mark.parametrize(("name", "examples"), EVERY if EXHAUSTIVE else TOOLS)
def test_torch_tools_take_the_module(name: str, examples: bool) -> None:
    taken_by_tools(network(name, examples))


def taken_by_tools(net: Network) -> None:
    """Script, trace, export and compile the module: what comes of it computes the same."""
    model = generated(net)().eval()
    channels, *axes = net.program.input
    x = torch.randn(1, channels, *(min(n, 64) for n in axes))
    with torch.no_grad():
        wanted = model(x)
        for taken in (
            torch.jit.script(model),
            torch.fx.symbolic_trace(model),
            torch.export.export(model, (x,)).module(),
            torch.compile(model, fullgraph=True, backend="eager"),
        ):
            torch.testing.assert_close(taken(x), wanted, rtol=1e-4, atol=1e-4, equal_nan=True)
    torch._dynamo.reset()


@pytest.mark.parametrize(("name", "examples"), EVERY if EXHAUSTIVE else TOOLS)
def test_what_a_hook_keeps_is_not_overwritten(name: str, examples: bool) -> None:
    net = network(name, examples)
    model = generated(net)().eval()
    kept = []
    for module in model.modules():
        module.register_forward_hook(
            lambda _, __, y: kept.extend((t, t.clone()) for t in (y if isinstance(y, (list, tuple)) else [y]))
        )
    channels, *axes = net.program.input
    x = torch.randn(1, channels, *(min(n, 32) for n in axes))
    before = x.clone()
    model(x)
    assert torch.equal(x, before)
    for seen, as_it_was in kept:
        torch.testing.assert_close(seen, as_it_was, rtol=0, atol=0, equal_nan=True)


def test_a_relu_of_a_formula_is_in_place() -> None:
    text = emit(network("resnet18"))
    assert "return F.relu(y + self.downsample(x), inplace=True)" in text
    assert "F.relu(self.bn1(self.conv1(x)))" in text


def test_a_state_dict_survives_pickling() -> None:
    model = generated(network("resnetv2_50"))()
    state = pickle.loads(pickle.dumps(model.state_dict()))  # noqa: S301  # its own
    other = generated(network("resnetv2_50"))()
    other.load_state_dict(state)
    for key, value in other.state_dict().items():
        assert torch.equal(value, model.state_dict()[key]), key


def test_text_is_the_same_whatever_the_hash_seed() -> None:
    code = "import sys, resdsl; from resdsl.emit.torch import emit; sys.stdout.write(emit(resdsl.load(sys.argv[1])))"
    for name in ("resnet50", "resnetv2_50", "im_resnet110_exclusive"):
        texts = {
            subprocess.run(
                [sys.executable, "-c", code, name], capture_output=True, text=True, check=True,
                env={**os.environ, "PYTHONHASHSEED": seed},
            ).stdout
            for seed in ("0", "1", "2")
        }  # fmt: skip
        assert texts == {emit(network(name))}


def test_emitting_does_not_load_torch() -> None:
    code = "import sys, resdsl\nfrom resdsl.emit.torch import emit\n"
    code += "emit(resdsl.load('resnet18'))\nprint('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"


def test_names_of_python_and_of_the_file_are_not_taken_twice() -> None:
    net = of_text(
        "block relu_(width) { conv(width, 3) + id }\nblock stage_(width) { relu_(width) -> relu_(width) }\n"
        "block print_(width) { conv(width, 1) + id }\nblock sequential(width) { conv(width, 1) + id }\n"
        "model linear { input 8 x 8 x 8   x: stage_(8)   sum: print_(8)   list: sequential(8) }"
    )
    text = emit(net)
    names = [n.name for n in ast.parse(text).body if isinstance(n, ast.ClassDef | ast.FunctionDef)]
    assert len(names) == len(set(names))
    assert verify(net) == []


def test_a_parameter_with_a_name_of_python_gets_another() -> None:
    net = of_text(
        "block u(type, min = 1) { (conv(type, 3, min) -> relu -> conv(type, 1)) + id }\n"
        "model net { input 4 x 8 x 8   a: u(4)   b: (conv(6, 1) -> u(6)) }"
    )
    assert verify(net, train=False) == []


@pytest.mark.parametrize(
    "text",
    [
        "block v(w) { conv(w, 3) + id }\nblock u(V) { (v(V) -> relu) + id }\n"
        "model net { input 4 x 8 x 8   a: u(4)   b: (conv(6, 1) -> u(6)) }",
        "model net(Basic = 6) { input 4 x 8 x 8   a: basic(Basic)   b: basic(4, stride = 2) }",
        "block inner(width) { conv(width, 3) -> relu }\n"
        "block u(width) { (inner(width / 2) -> inner(width / 2) -> inner(width / 2) -> inner(width)) + id }\n"
        "model net { input 4 x 8 x 8   a: u(4)   b: (conv(6, 1) -> u(6)) }",
        "block s_channels(w) { conv(w, 3) -> relu }\n"
        "block u(w, s) { conv(w, 1) ++ s -> v: s_channels(w) }\n"
        "model net { input 4 x 8 x 8   let s = conv(5, 1)   let t = conv(7, 1)   a: u(4, s) -> u(6, t) }",
    ],
)
def test_a_parameter_does_not_hide_a_class(text: str) -> None:
    assert verify(of_text(text), train=False) == []


def test_blocks_that_differ_have_names_that_say_how() -> None:
    net = of_text(
        "model net { input 16 x 8 x 8\n a: basic(16)\n b: basic(16, gate = squeeze_excite(4))\n"
        " c: basic(16, shortcut = project_all) }"
    )
    text = emit(net)
    names = {n.name for n in ast.parse(text).body if isinstance(n, ast.ClassDef)}
    assert {"Basic", "BasicSqueezeExcite4", "BasicProjectAll"} <= names


def test_a_flag_of_an_argument_is_said_in_the_name() -> None:
    net = of_text(
        "block inner(width, deep = false) { (conv(width, 3) -> relu) + if deep { conv(width, 1) } else { id } }\n"
        "block u(width, f = inner) { (f(width) -> relu) + id }\n"
        "model net { input 8 x 8 x 8   a: u(8) -> u(8, f = inner(deep = true)) }"
    )
    names = {n.name for n in ast.parse(emit(net)).body if isinstance(n, ast.ClassDef)}
    assert {"U", "UInnerDeep"} <= names


@pytest.mark.parametrize("second", ["[3]", "[3, 5, 3]"], ids=["fewer rounds", "other numbers"])
def test_blocks_whose_numbers_follow_from_no_parameter_share_no_code(second: str) -> None:
    blocks = "block unit(k) { conv(in, k) -> norm }\nblock row(ks) { repeat len(ks) as i { unit(ks[i]) } }\n"
    net = of_text(f"{blocks}model net {{ input 16 x 8 x 8  a: row([3, 5, 5])  b: row({second}) }}")
    assert verify(net, train=False) == []
    assert "def row_ks3_5_5(" in net.code()


def test_a_part_that_cannot_be_written_is_shown_in_its_block() -> None:
    net = of_text("block unit { x: (bare: gain(bare = true) -> relu) }\nmodel net { input 3 x 8 x 8  a: unit }")
    with pytest.raises(SpecError, match="E0601") as refused:
        net.code()
    (d,) = refused.value.diagnostics
    assert [label.span.text for label in d.labels] == ["net", "unit"]


def test_channels_of_a_second_flow_are_named_after_it() -> None:
    text = emit(network("unet_resnet34", examples=True))
    assert "def __init__(self, in_channels: int, width: int, skip_channels: int) -> None:" in text
    assert "self.up1 = UpSkip(512, 256, skip_channels=256)" in text


def test_the_first_paragraph_of_a_comment_is_the_docstring() -> None:
    net = of_text(
        "# First,\n# and on.\n#\n# Of parameters.\nblock unit(width) { conv(width, 3) + id }\n"
        "model net { input 3 x 8 x 8   a: unit(3) }"
    )
    (unit, _) = (n for n in ast.parse(emit(net)).body if isinstance(n, ast.ClassDef))
    assert ast.get_docstring(unit) == "First,\nand on."


def test_sums_and_quotients_are_written_without_what_they_can_do_without() -> None:
    infix, number = symbols.infix, symbols.number
    a, b = symbols.name("a"), symbols.name("b")
    eighth = infix("//", infix("//", a, number(2)), number(4))
    assert str(eighth) == "a // 8"
    assert str(infix("+", eighth, infix("+", eighth, eighth))) == "3 * (a // 8)"
    assert str(infix("+", infix("+", infix("*", number(2), a), b), a)) == "3 * a + b"
    assert str(infix("+", a, infix("+", b, number(1)))) == "a + b + 1"
    assert str(infix("//", infix("//", a, number(-2)), number(4))) == "a // (-2) // 4"


def test_many_parameters_are_tried_at_once_and_one_that_cannot_be_said_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Text for each parameter by itself would take minutes for a hundred of them."""
    from resdsl.emit import torch as emitter

    tries: list[int] = []
    written = emitter._written
    monkeypatch.setattr(emitter, "_written", lambda *a: (tries.append(len(a[3])), written(*a))[1])
    names = [f"p{i}" for i in range(40)]
    given = ", ".join(f"{n} = {8 + i % 3}" for i, n in enumerate(names))
    convs = " -> ".join(f"conv({n}, 1)" for n in names)
    for pieces, most in (("", 2), ("split(n) -> sum -> ", 16)):
        tries.clear()
        text = emit(of_text(f"model net({given}, n = 2) {{ input 4 x 8 x 8\n a: {pieces}{convs} }}"))
        (init,) = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef) and n.name == "__init__")
        assert [a.arg for a in init.args.args] == ["self", *names, "in_channels"]
        assert len(tries) <= most


def test_more_than_64_equal_rounds_are_a_block_or_refused() -> None:
    """Their parts would be conv1 to conv70: a loop would need other keys."""
    rounds = "block u(w) {{ repeat 70 {{ {} }} -> relu }}\nmodel net {{ input 8 x 8 x 8   a: u(8) }}"
    formula = "(conv(w, 3) -> relu) + id"
    with pytest.raises(SpecError, match="make a block of it"):
        emit(of_text(rounds.format(formula)))
    assert "for _ in range(70)" in emit(of_text(f"block v(w) {{ {formula} }}\n" + rounds.format("v(w)")))


# -- nothing but numbers gets in ---------------------------------------------------------------------------------

HOSTILE = [
    '"""', "'''", '"', "\\", "\\\\\"", '"""\nimport os', "{0} {x} {", "%s %(x)s", "# coding: utf-7", "\\x22\\x22\\x22",
    "\u00e9 \u4e2d \U0001f600", "\\N{QUOTATION MARK}", '""" + __import__("os").system("x") + """', "ends in \\",
    "f\\'(x)",
]  # fmt: skip


@pytest.mark.parametrize("comment", HOSTILE)
def test_a_comment_stays_a_docstring(comment: str) -> None:
    lines = comment.split("\n")
    text = "\n".join(f"# {line}" for line in lines)
    net = of_text(
        f"{text}\nblock unit(width) {{ conv(width, 3) + id }}\n{text}\n# Source: {lines[0]} 2015.\n"
        "model net { input 3 x 8 x 8   a: unit(3) }"
    )
    made = emit(net)
    assert made.isascii()
    assert made.split("\n")[0].startswith("# generated by resdsl ")
    tree = ast.parse(made)
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    said = ast.get_docstring(classes["Unit"], clean=True)
    assert said is not None and said.split("\n")[0].strip() == lines[0].strip()
    assert [type(n).__name__ for n in tree.body[1:]] == ["ImportFrom", "ClassDef", "ClassDef"]
    assert verify(net, train=False) == []


@pytest.mark.parametrize(
    "bad",
    [
        "import os\n",
        'print("x")\n',
        "def f() -> None:\n    open('x')\n",
        "x = ().__class__\n",
        "class A(nn.Module):\n    def forward(self, x: Tensor) -> Tensor:\n        return torch.load('x')\n",
        "class A(nn.Module):\n    def forward(self, x: Tensor) -> Tensor:\n        return eval(x)\n",
        "class A(nn.Module):\n    def forward(self, x: Tensor) -> Tensor:\n        return self.__dict__\n",
        "class A(nn.Module):\n    def forward(self, x: Tensor) -> Tensor:\n        return nn.os\n",
        "@torch\nclass A(nn.Module):\n    pass\n",
        "class A(nn.Module):\n    x = lambda: 0\n",
        "def (\n",
    ],
)
def test_a_text_with_anything_else_is_refused(bad: str) -> None:
    good = emit(network("resnet18"))
    safety.check(good)
    with pytest.raises(safety.Unsafe):
        safety.check(good + bad)


def test_a_coding_line_is_refused() -> None:
    good = emit(network("resnet18"))
    with pytest.raises(safety.Unsafe):
        safety.check("# coding: utf-7\n" + good)


def test_every_op_can_be_written() -> None:
    """An op is a module, or reads a list or a named value and stands in `forward` alone."""
    import inspect

    source = inspect.getsource(inspect.getmodule(as_module))  # type: ignore[arg-type]
    missing = [name for name in OPS if f'"{name}"' not in source]
    assert set(missing) <= {"split", "sum"}
