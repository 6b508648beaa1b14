"""Hostile texts in every place that takes a text: refused with a finding, or without effect on any output.

Here the texts share the places among them; tests/soak/attacks.py brings each text to each place.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path

import attacks
import inert
import pytest
from payloads import payloads

from resdsl import network
from resdsl.diagnostics import ResdslError, as_short, as_text, printable
from resdsl.emit import safety, torch
from resdsl.emit.tables.data import as_json
from resdsl.emit.tables.grid import Column, Grid

TEXTS = list(payloads())
PARTS = 8
PLACES = [slot for slot in attacks.SLOTS if slot not in attacks.COMMENTS]


def part(number: int) -> list[str]:
    return TEXTS[number::PARTS]


def expected(attempt: Callable[[], Iterator[str]]) -> list[str]:
    """What is wrong with what comes of an attempt."""
    try:
        return list(attempt())
    except ResdslError as refused:
        return [f for made in attacks.told(refused.diagnostics) for f in inert.faults(made.kind, made.text)]


def wrong(texts: Sequence[str], places: Sequence[str], attempt: Callable[[str, str], Iterator[str]]) -> list[object]:
    """The faults over texts, each in the next of the places."""
    return [
        (place, text[:100], found)
        for text, place in zip(texts, cycle(places), strict=False)
        for found in expected(lambda: attempt(place, text))
    ]


# -- the texts -----------------------------------------------------------------------------------------------------


def test_the_texts_are_many_and_of_every_kind() -> None:
    kinds = set(payloads().values())
    assert len(TEXTS) > 800 and len(kinds) == 24
    assert any("\0" in text for text in TEXTS) and any("\ud800" in text for text in TEXTS)


def test_the_judges_let_pass_what_is_made_of_the_spec_as_it_is() -> None:
    made = list(attacks.outputs(*attacks.harmless()))
    assert {output.kind for output in made} == inert.JUDGES.keys() - {"spec"}
    assert [found for output in made for found in inert.faults(output.kind, output.text)] == []


HARM = {
    "python": ("class Net", "import os\n\n\nclass Net"),
    "svg": ("</svg>", '<a href="javascript:alert(1)"><text x="0" y="0">x</text></a></svg>'),
    "dot": ("\n}", '\n  evil [label=<<b>x</b>>, URL="javascript:alert(1)"];\n}'),
    "mermaid": ("flowchart TB", 'flowchart TB\n  click r0c0 href "javascript:alert(1)"'),
    "latex": (r"\small", r"\input{/etc/passwd}"),
    "html": ("<tbody>", "<tbody onclick=alert(1)>"),
    "csv": ("\n", "\n=1+1"),
    "json": ("{", '{"x": NaN, '),
    "markdown": ("\n\n", "\n\n[x](javascript:alert(1))\n\n"),
    "text": ("\n", "\n::error::x\n"),
    "spec": ("", "\u202e"),
}


@pytest.mark.parametrize("kind", HARM)
def test_a_judge_sees_harm(kind: str) -> None:
    made = [m for m in attacks.outputs(*attacks.harmless()) if m.kind == kind] or [attacks.Made(kind, attacks.spec())]
    old, new = HARM[kind]
    for output in made:
        harmed = output.text.replace(old, new, 1)
        assert harmed != output.text and list(inert.faults(kind, harmed))


# -- every place ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(PARTS))
def test_a_text_in_place_of_a_name_or_number_is_inert(number: int) -> None:
    texts = part(number)[number % 4 :: 4]
    thin = iter(range(len(texts)))
    assert wrong(texts, PLACES[number:], lambda slot, text: attacks.in_a_spec({slot: text}, thin=next(thin))) == []


@pytest.mark.parametrize("number", range(PARTS))
def test_a_text_in_a_comment_is_inert(number: int) -> None:
    """Those that may stand in one fill all the comments of a spec, a text each; of the others each has its own."""
    seen = [text for text in part(number) if not inert.unseen(text) and "\n" not in text]
    for start in range(0, len(seen), len(attacks.COMMENTS)):
        texts = dict(zip(attacks.COMMENTS, seen[start:], strict=False))
        assert expected(lambda: attacks.in_a_spec(texts, thin=start)) == [], texts
    others = [text for text in part(number) if text not in seen]
    assert wrong(others, attacks.COMMENTS[number % 7 :], lambda slot, text: attacks.in_a_spec({slot: text})) == []


@pytest.mark.parametrize("number", range(PARTS))
def test_a_text_on_the_command_line_is_inert(number: int, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with attacks.working_in(tmp_path / "here") as here:
        texts, places = part(number)[number % 4 :: 4], list(attacks.COMMANDS)[number:]
        assert wrong(texts, places, lambda at, text: attacks.on_the_command_line(at, text, here)) == []
    assert list(tmp_path.iterdir()) == [here]


@pytest.mark.parametrize("number", range(PARTS))
def test_a_text_given_to_a_call_is_inert(number: int) -> None:
    assert wrong(part(number), list(attacks.CALLS)[number:], attacks.from_python) == []


# -- what was found so ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slot", "text"),
    [
        ("setting", "module"),
        ("value", "module"),
        ("value", "x"),
        ("section", "x"),
        ("part", "x"),
        ("parameter", "id"),
        ("parameter", "y"),
        ("label", "x.y.z"),
        ("part", "x.y.z"),
    ],
)
def test_a_name_that_the_file_gives_to_something_is_inert(slot: str, text: str) -> None:
    assert list(attacks.in_a_spec({slot: text}, thin=0)) == []


@pytest.mark.parametrize("slot", [slot for slot in attacks.COMMANDS if slot.startswith("--")])
def test_two_dashes_are_no_value(slot: str, tmp_path: Path) -> None:
    with attacks.working_in(tmp_path) as here:
        assert list(attacks.on_the_command_line(slot, "--", here)) == []


SMALL = "resdsl 1\n%s\nmodel %s { input 3 x 8 x 8  p { conv(8, 3) -> relu } }\n"


@pytest.mark.parametrize("name", ["f", "none", "tensor", "true_", "exception", "ellipsis", "UserWarning"])
def test_a_class_is_not_called_as_something_of_python_or_the_file(name: str) -> None:
    net = network.load("net.resnet", text=SMALL % ("", name))
    made = net.code()
    assert inert.python(made) is None
    assert re.search(r"^class (\w+)\(nn.Module\):$", made, re.M)[1] == name.title().replace("_", "").replace(
        "Userwarning", "UserWarning"
    ) + "Net"  # fmt: skip


def test_a_number_that_grows_too_large_between_flows_is_an_error() -> None:
    with pytest.raises(ResdslError, match="larger than any float"):
        network.load("net.resnet", text="resdsl 1\nmodel net { input 3 x 8 x 8  p { 1e308 * 10 * relu } }\n")


@pytest.mark.parametrize(
    "settings",
    [{"classes": 10**5000}, {"classes": [10**18]}, {"classes": "10) { default act = gelu } #"}, {"classes": "10) #"},
     {"classes = 10) #": 1}, {"input": (3, 10**5000, 3)}, {"input": (3, "x", 3)}, {"input": 224}, {"input": "224"}],
)  # fmt: skip
def test_a_value_from_python_is_one_value_of_a_size_that_can_be(settings: dict[str, object]) -> None:
    with pytest.raises(ResdslError):
        network.load("resnet18", **settings)  # type: ignore[arg-type]


def test_channels_from_python_are_of_a_size_that_can_be() -> None:
    with pytest.raises(ResdslError, match="18 digits"):
        network.load("resnet18").at({"in_channels": 10**5000})


def test_a_theme_is_one_of_those_that_there_are() -> None:
    with pytest.raises(ResdslError, match="no theme"):
        network.load("resnet18").draw(theme="drak")


@pytest.mark.parametrize("text", ["::error::x", "  ::error::x", "a\n::error::x", "\t::add-mask::x"])
def test_no_line_of_a_log_is_a_command_of_the_runner(text: str) -> None:
    assert inert.shown(f"{printable(text)}\n") is None
    lines = [line.strip() for line in ("A net.", *text.splitlines(), "Source:", *text.splitlines()[-1:])]
    net = network.load("net.resnet", text=SMALL % ("\n".join(f"# {line}" for line in lines), "net"))
    assert [f for made in attacks.outputs(net, net) for f in inert.faults(made.kind, made.text)] == []
    assert not re.search(r"^\s*::", net.code(), re.M)


def test_the_name_of_a_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a\n::error::x.resnet"
    with pytest.raises(ResdslError) as refused:
        network.load(str(path), text="resdsl 1\nmodel net { input 3  p: reluu }")
    assert len(as_short(refused.value.diagnostics)) == as_text(refused.value.diagnostics).count("error[")
    assert all("\n" not in line for line in as_short(refused.value.diagnostics))


@pytest.mark.parametrize("character", ["\u00ad", "\u034f", "\u115f", "\u3164", "\uffa0", "\U000e0041", "\U000e0100"])
def test_what_a_font_leaves_out_may_not_stand_in_a_spec(character: str) -> None:
    net, said = attacks.attempt(SMALL % (f"# a{character}b", "net"))
    assert net is None and any("E0001" in made.text for made in said)


def test_nothing_that_no_module_may_hold_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the emitter thinks, and wherever in the file it stands."""
    made, _ = attacks.harmless()
    good = torch.emit(made)
    for old, new in (("\n\nclass ", "\n\nimport os\n\n\nclass "), ('"head"', '"a b"'), ("F.relu", "F.load")):
        assert old in good
        with monkeypatch.context() as patch:
            patch.setattr(torch, "_file", lambda *_: good.replace(old, new))
            with pytest.raises(safety.Unsafe):
                made.code()


@pytest.mark.parametrize(
    "bad",
    ["\n\ndef F() -> None:\n    return None\n", "\n\ndef eval() -> None:\n    return None\n",
     "\n\ndef __getattr__() -> None:\n    return None\n", '\n\ndef f() -> str:\n    return "rm -rf /"\n',
     "\n\n@nn\ndef f() -> None:\n    return None\n", "\n\ndef f() -> None:\n    return torch.load\n",
     "\n\ndef f() -> None:\n    return x.__class__\n", "\n\nx = 1\n", '\n\ndef f() -> bytes:\n    return b"x"\n'],
)  # fmt: skip
def test_the_whitelist_bites(bad: str) -> None:
    good = torch.emit(attacks.harmless()[0])
    safety.check(good)
    with pytest.raises(safety.Unsafe):
        safety.check(good + bad)


def test_the_data_has_finite_numbers_alone() -> None:
    grid = Grid("", (Column("x", "x"),), [(1,)], facts={"most": float("inf"), "none": float("nan")})
    assert inert.as_json(as_json([grid])) is None


# -- PyTorch -------------------------------------------------------------------------------------------------------

UNIT = "\nmodel net { input 8 x 8 x 8  p: unit(8) }"
NET = "model net {{ input 8 x 8 x 8  {} }}".format
CALLED: dict[str, Callable[[str], str]] = {
    "of a class": lambda n: f"block unit(w) {{ ({n}: conv(w, 3) -> norm) + id }}{UNIT}",
    "of a function": lambda n: f"block unit(w) {{ {n}: conv(w, 3) -> norm }}{UNIT}",
    "of a sequence": lambda n: NET(f"p: ({n}: conv(8, 3) -> norm)"),
    "of a path": lambda n: NET(f"a.{n}: conv(8, 3)  b: relu  a.q: conv(8, 1)"),
    "of paths": lambda n: NET(f"{n}.a: conv(8, 3)  {n}.b: conv(8, 1)"),
    "of the model": lambda n: NET(f"{n}: conv(8, 3)"),
    "of a sum": lambda n: NET(f"p: ({n}: conv(8, 3) + id)"),
    "a section": lambda n: NET(f"{n} {{ conv(8, 3) }}"),
    "a value": lambda n: NET(f"let {n} = conv(8, 3)  p: {n} + id"),
    "a parameter": lambda n: f"block unit({n}, k = 3) {{ conv({n}, k) + id }}{UNIT}",
    "a setting": lambda n: NET(f"p: conv({n}, 3)").replace("net", f"net({n} = 8)"),
    "a block": lambda n: f"block {n}(w) {{ conv(w, 3) + id }}{UNIT.replace('unit', n)}",
    "a model": lambda n: NET("p: conv(8, 3)").replace("net", n),
}


@pytest.mark.parametrize("place", CALLED)
def test_what_is_called_as_an_attribute_of_torch_is_refused_or_runs(place: str) -> None:
    from torch import nn, zeros

    from resdsl.module import generated

    kinds = (nn.Module(), nn.Sequential(), nn.ModuleList(), nn.ModuleDict())
    names = sorted({n for kind in kinds for n in dir(kind) if n[0] != "_"} | {"self", "x", "y", "features"})
    refused = []
    for name in names:
        try:
            net = network.load("net.resnet", text=f"resdsl 1\n{CALLED[place](name)}\n")
            model = generated(net)()
        except ResdslError:
            refused.append(name)
            continue
        model(zeros(2, 8, 8, 8))
        assert sum(p.numel() for p in model.parameters()) == net.params
    if place.startswith("of "):
        assert set(refused) >= {n for n in names if hasattr(nn.Module(), n)}


# -- Graphviz ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
def test_graphviz_reads_the_nodes_and_edges_that_were_written() -> None:
    """Texts that may stand in a comment, as the sources of networks: in no graph is there one thing more."""
    graphs, names = [], set()
    seen = [text for text in TEXTS if not inert.unseen(text) and "\n" not in text and len(text) < 200]
    for text in seen[::12]:
        net = network.load("net.resnet", text=attacks.spec(source=text, model_comment=text))
        graphs += [m.text for m in attacks.outputs(net, net, thin=len(graphs)) if m.kind == "dot"]
    read = subprocess.run(
        ["dot", "-Tdot_json"], input="".join(graphs).encode(), capture_output=True, timeout=120, check=True
    )
    assert read.stderr == b""
    decoder, rest = json.JSONDecoder(), read.stdout.decode()
    for graph in graphs:
        data, end = decoder.raw_decode(rest)
        rest = rest[end:].lstrip()
        lines = [line for line in graph.splitlines() if re.match(r'  ["\w]+ (-> "\w+" )?\[pos=', line)]
        assert len(data["objects"]) == sum(" -> " not in line.partition(" [")[0] for line in lines)
        assert len(data["edges"]) == sum(" -> " in line.partition(" [")[0] for line in lines)
        names |= {key for item in (*data["objects"], *data["edges"]) for key in item}
    assert names <= inert.DOT_NAMES | {"_gvid", "name", "head", "tail"}
