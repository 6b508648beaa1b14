"""The networks that ship, held to published numbers: specs/reference.csv has a row for each.

A row says what a source counts at an input: plain digits exactly, `1.8G` when rounded to the digits written, and
nothing where the field is empty. tests/data/ holds the same for nets that do not ship: fifty-four of many families, and
the RegNets with the activations that pycls prints.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pytest

from resdsl import files, parser, program, syntax
from resdsl.elaborate import is_template
from resdsl.emit import zoo
from resdsl.network import Network, cited, holds

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data"

# Rows that must be there: all of these families.
FAMILIES = {
    "plain": "plain18 plain34",
    "resnet-v1": """
        resnet18_optA resnet18_optB resnet18_optC
        resnet34_optA resnet34_optB resnet34_optC
        resnet50_optA_v1 resnet50_optA_v1.5 resnet50_optB_v1 resnet50_optB_v1.5 resnet50_optC_v1 resnet50_optC_v1.5
        resnet101_optA_v1 resnet101_optA_v1.5 resnet101_optB_v1 resnet101_optB_v1.5 resnet101_optC_v1
        resnet101_optC_v1.5
        resnet152_optA_v1 resnet152_optA_v1.5 resnet152_optB_v1 resnet152_optB_v1.5 resnet152_optC_v1
        resnet152_optC_v1.5
        tv_resnet18_nc10_at32 cifar_style_resnet18_nc10
    """,
    "cifar-plain": "cifar_plain20 cifar_plain32 cifar_plain44 cifar_plain56",
    "cifar-resnet": """
        cifar_resnet20_optA cifar_resnet20_optB cifar_resnet20_optC
        cifar_resnet32_optA cifar_resnet32_optB cifar_resnet32_optC
        cifar_resnet44_optA cifar_resnet44_optB cifar_resnet44_optC
        cifar_resnet56_optA cifar_resnet56_optB cifar_resnet56_optC
        cifar_resnet110_optA cifar_resnet110_optB cifar_resnet110_optC
        cifar_resnet1202_optA cifar_resnet1202_optB cifar_resnet1202_optC
    """,
    "identity-mappings": """
        im_resnet110_original im_resnet164_original im_resnet110_bn_after_add im_resnet164_bn_after_add
        im_resnet110_relu_before_add im_resnet164_relu_before_add
        im_resnet110_relu_only_preact im_resnet164_relu_only_preact
        im_resnet110_full_preact im_resnet164_full_preact
        im_resnet1001_original im_resnet1001_full_preact
        im_resnet110_constant im_resnet110_exclusive im_resnet110_shortcut_only
        im_resnet110_conv1x1 im_resnet110_dropout
    """,
    "preact-cifar": "preact_resnet164_lua preact_resnet1001_lua",
    "seed-note": "bottleneck_256_64 pair3x3_256 pair3x3_64 twoconv_3ch_64_bias twoconv_3to64_bias",
}
ALSO = "tv_vgg16 tv_vgg16_bn tv_vgg19 tv_vgg19_bn timm_resnetv2_50 timm_resnetv2_101"

# What pycls prints for the ResNets of its own table, in millions (Radosavovic et al. 2020).
RESNET_ACTIVATIONS = {"resnet50": "11.1", "resnet101": "16.2", "resnet152": "22.6"}


def table(path: Path) -> tuple[dict[str, str], ...]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


REFERENCE = table(ROOT / "specs" / "reference.csv")
EXAMPLES = table(DATA / "examples.csv")
REGNETS = table(DATA / "regnet.csv")


@cache
def loaded(path: Path) -> program.Spec:
    """A spec file, parsed once."""
    return program.load(files.read_file(path))


@cache
def network(name: str, shape: tuple[int, ...] | None = None) -> Network:
    """A model of the zoo, at its own input or another."""
    spec = loaded(files.zoo()[name])
    return Network(spec, spec.models[name], input=shape)


def zoo_files() -> list[Path]:
    return sorted((ROOT / "specs").rglob("*.resnet"))


def concrete(path: Path) -> list[program.Defined]:
    """The models of a file that can be counted."""
    return [model for model in loaded(path).models.values() if not is_template(model)]


def expected(model: program.Defined) -> set[str]:
    """The facts that a model's own `expect` lines state."""
    lines = model.definition.body.lines
    return {fact.name for line in lines if isinstance(line, syntax.Expect) for fact in line.facts}


def unmet(net: Network, row: dict[str, str]) -> dict[str, tuple[str, int]]:
    """The facts of a row that a network does not have: what is published, and what is counted."""
    counted = {"layers": net.layers, "params": net.params, "macs": net.macs}
    return {name: (row[name], n) for name, n in counted.items() if row.get(name) and not holds(row[name], n)}


# -- the reference rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", REFERENCE, ids=lambda row: row["row"])
def test_model_equals_its_published_row(row: dict[str, str]) -> None:
    shape = tuple(int(n) for n in row["input"].split("x"))
    assert any(row[fact] for fact in ("params", "macs", "layers")), "the row claims nothing"
    assert not unmet(network(row["model"], shape), row)


def test_reference_rows_have_names_of_their_own_and_sources() -> None:
    names = [row["row"] for row in REFERENCE]
    assert len(set(names)) == len(names)
    assert all(row["source"] for row in REFERENCE)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_row_of_a_covered_family_is_claimed_in_full(family: str) -> None:
    rows = {row["row"]: row for row in REFERENCE}
    for name in FAMILIES[family].split():
        assert name in rows, f"{name} is claimed by no row"
        assert all(rows[name][fact].isdigit() for fact in ("params", "macs", "layers")), f"{name} is not exact"


def test_covered_families_have_seventy_four_rows() -> None:
    names = [name for family in FAMILIES.values() for name in family.split()]
    assert len(names) == len(set(names)) == 74


def test_vgg_and_preactivation_rows_of_the_libraries_are_claimed() -> None:
    assert set(ALSO.split()) <= {row["row"] for row in REFERENCE}


@pytest.mark.parametrize(
    ("digits", "counted", "equal"),
    [
        ("50", 50, True),
        ("50", 51, False),
        ("1.8G", 1_814_073_344, True),
        ("1.8G", 1_849_999_999, True),
        ("1.8G", 1_850_000_000, False),
        ("1.8G", 1_749_999_999, False),
        ("3.8G", 3_857_973_248, False),  # the paper's 3.8 for ResNet-50 is no rounding, so no row claims it
        ("0.27M", 269_722, True),
        ("11.5136G", 11_513_626_624, True),
        ("11.5135G", 11_513_626_624, False),
    ],
)
def test_rounded_rows_are_equal_to_the_digits_written(digits: str, counted: int, equal: bool) -> None:
    assert holds(digits, counted) is equal


# -- the models --------------------------------------------------------------------------------------------------


def test_model_names_are_unique_over_the_zoo() -> None:
    names = [
        definition.name
        for path in zoo_files()
        for definition in parser.parse(files.read_file(path)).definitions
        if isinstance(definition, syntax.Model | syntax.Variant)
    ]
    assert sorted(names) == sorted(set(names))
    assert set(names) == set(files.zoo())


def test_every_model_is_claimed_by_a_row() -> None:
    names = {model.name for path in zoo_files() for model in concrete(path)}
    assert names == {row["model"] for row in REFERENCE}


@pytest.mark.parametrize("path", zoo_files(), ids=lambda path: path.stem)
def test_models_cite_a_source_with_its_year(path: Path) -> None:
    for model in concrete(path):
        assert re.search(r"\b(19|20)\d\d\b", cited(loaded(path), model)), model.name


@pytest.mark.parametrize("path", zoo_files(), ids=lambda path: path.stem)
def test_models_expect_their_layers_params_and_macs(path: Path) -> None:
    for model in concrete(path):
        missing = {"layers", "params", "macs"} - expected(model)
        why = [line for line in model.definition.doc if line.startswith("No `expect`:")]
        assert not missing or why, f"{model.name} expects no {', '.join(sorted(missing))}, and no comment says why"


# -- nets of other families --------------------------------------------------------------------------------------


def test_the_examples_are_fifty_four() -> None:
    assert len(EXAMPLES) == 54
    assert {model.name for model in concrete(DATA / "examples.resnet")} == {row["model"] for row in EXAMPLES}


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row["model"])
def test_example_counts_and_expects_its_numbers(row: dict[str, str]) -> None:
    spec = loaded(DATA / "examples.resnet")
    model = spec.models[row["model"]]
    assert {"params", "macs"} <= expected(model)
    assert not unmet(Network(spec, model), row)  # Network itself refuses a model that is not what it expects


# -- activations, as pycls counts them ---------------------------------------------------------------------------


def test_the_regnets_are_twenty_four() -> None:
    assert len(REGNETS) == 24
    assert [model.name for model in concrete(DATA / "regnet.resnet")] == [row["model"] for row in REGNETS]


@pytest.mark.parametrize("row", REGNETS, ids=lambda row: row["model"])
def test_regnet_rule_gives_depth_parameters_and_activations(row: dict[str, str]) -> None:
    """A stem, `depth` units of three and a classifier.

    pycls adds up the elements of every convolution's output: on the shortcuts, and the two of a squeeze-and-excitation
    too, which it counts at 1 x 1. RegNetY-32GF shows it: 30.3 million with them, 30.2 without.
    """
    spec = loaded(DATA / "regnet.resnet")
    net = Network(spec, spec.models[row["model"]])
    assert net.layers == 1 + 3 * int(row["depth"]) + 1
    assert net.params == int(row["params"])
    assert f"{net.report.cost.activations / 1e6:.1f}" == row["acts_M"]


def test_squeeze_and_excitation_counts_among_the_activations() -> None:
    spec = loaded(DATA / "regnet.resnet")
    net = Network(spec, spec.models["regnety_32gf"])
    places = [
        op.cost.activations
        for section in net.sections
        for block in section.blocks
        for op in block.ops
        if op.output[1:] == (1, 1)
    ]
    assert sum(places) == 29_530
    assert f"{(net.report.cost.activations - sum(places)) / 1e6:.1f}" == "30.2"


@pytest.mark.parametrize("name", RESNET_ACTIVATIONS)
def test_activations_leave_out_pooling_and_classifier(name: str) -> None:
    """pycls printed its table so; in its later code the pool and the classifier count as well."""
    counted = network(name).report.cost.activations
    assert f"{counted / 1e6:.1f}" == RESNET_ACTIVATIONS[name]
    assert f"{(counted + 64 * 56 * 56 + 1000) / 1e6:.1f}" != RESNET_ACTIVATIONS[name]


def test_the_page_of_the_zoo_is_current() -> None:
    assert (ROOT / "docs" / "zoo.md").read_text(encoding="utf-8") == zoo.page(), "run `make zoo`"


def test_what_is_missing_is_not_there() -> None:
    held = {row["row"] for row in REFERENCE}
    missing = table(ROOT / "specs" / "missing.csv")
    assert all(row["reason"] for row in missing) and not held & {row["row"] for row in missing}
