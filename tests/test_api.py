"""The Python API: what `import resdsl` offers."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

import resdsl

SPEC = """resdsl 1
model net(classes = 10) {
  input 3 x 32 x 32
  stem { conv(16, 3) -> norm -> act }
  layer1: stage(basic, 16, 2)
  head { classifier(classes) }
}
"""


def test_a_network_of_the_zoo_has_its_numbers() -> None:
    net = resdsl.load("resnet50")
    assert (net.layers, net.params, net.macs) == (50, 25_557_032, 4_089_184_256)
    assert [section.name for section in net.sections] == ["stem", "layer1", "layer2", "layer3", "layer4", "head"]
    assert net.source == "He et al. 2015, Table 1"


def test_a_network_is_loaded_from_a_file_or_a_text(tmp_path: Path) -> None:
    path = tmp_path / "net.resnet"
    path.write_text(SPEC)
    assert resdsl.load(str(path)).params == resdsl.load(f"{path}:net").params == resdsl.load("net", text=SPEC).params


def test_input_and_parameters_can_be_others() -> None:
    whole = resdsl.load("net", text=SPEC)
    assert resdsl.load("net", text=SPEC, input=(3, 64, 64)).macs > 3 * whole.macs
    assert resdsl.load("net", text=SPEC, classes=100).params == whole.params + 90 * 16 + 90
    with pytest.raises(resdsl.SpecError, match="no parameter `clases`"):
        resdsl.load("net", text=SPEC, clases=100)


def test_a_network_says_what_it_is() -> None:
    net = resdsl.load("net", text=SPEC)
    assert repr(net) == f"<resdsl net: 6 layers, {net.params:,} params, {net.macs:,} MACs at 3 x 32 x 32>"
    shown = net._repr_mimebundle_()
    assert set(shown) == {"image/svg+xml", "text/plain"}
    assert ElementTree.fromstring(shown["image/svg+xml"]).tag == "{http://www.w3.org/2000/svg}svg"
    assert shown["text/plain"].startswith(repr(net)) and "layer1" in shown["text/plain"]


def test_an_error_carries_its_findings_and_shows_the_place() -> None:
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.load("net", text=SPEC.replace("basic", "basik"))
    assert [d.code for d in caught.value.diagnostics] == ["E0202"]
    assert "net:5:17" in str(caught.value) and "did you mean `basic`?" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "spec"),
    [(resdsl.UsageError, "nosuch"), (resdsl.UsageError, "./no/such.resnet"), (resdsl.SpecError, "bad")],
)
def test_errors_are_of_one_root(kind: type[resdsl.ResdslError], spec: str) -> None:
    with pytest.raises(kind):
        resdsl.load(spec, text="model" if spec == "bad" else None)
    assert issubclass(kind, resdsl.ResdslError)


def test_the_ir_survives_its_json() -> None:
    from resdsl import graph

    program = resdsl.load("resnet18").program
    text = graph.dump(program)
    assert graph.read(text) == program
    data = json.loads(text)
    data["instances"][0]["body"]["surplus"] = 1
    with pytest.raises(ValueError, match="surplus"):
        graph.read(json.dumps(data))
    data = json.loads(text)
    data["output"] = [7]
    with pytest.raises(ValueError, match="should be the same"):
        graph.read(json.dumps(data))


def test_names_are_offered_lazily() -> None:
    assert set(resdsl.__all__) <= set(dir(resdsl))
    with pytest.raises(AttributeError, match="nosuch"):
        _ = resdsl.nosuch
