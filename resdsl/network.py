"""The Python API: a network loaded from a spec, its numbers, its picture.

>>> import resdsl
>>> net = resdsl.load("resnet50")
>>> net.layers, net.params, net.macs
(50, 25557032, 4089184256)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cached_property
from operator import index
from os import PathLike
from typing import TYPE_CHECKING

from resdsl import files, parser, program, published, static
from resdsl.diagnostics import Diagnostic, Fix, Label, Source, Span, SpecError, nearest, printable, usage
from resdsl.elaborate import Aside, all_diagnostics, check_template, elaborate, flatten, is_template
from resdsl.graph import Program
from resdsl.limits import DEFAULT, Steps
from resdsl.scope import Defined, Spec
from resdsl.syntax import Arg, Expect, Variant

if TYPE_CHECKING:
    import torch

    from resdsl.analyze.report import Report, SectionRow

UNITS = {"k": 10**3, "M": 10**6, "G": 10**9}


def load(
    spec: str,
    model: str | None = None,
    *,
    input: tuple[int, ...] | None = None,
    text: str | None = None,
    **settings: object,
) -> Network:
    """The network that a spec describes.

    spec      a model of the zoo (`"resnet50"`) or a file (`"nets/mine.resnet"`), either with `:MODEL`
    model     which model of the file; needed only where it defines several
    input     another input than the spec's: (channels, *positions)
    text      the spec itself instead of a file; `spec` is then its name in messages
    settings  other values for the model's parameters, such as classes=10

    Raises ResdslError, which carries the diagnostics.
    """
    size = None if input is None else _size(input)
    name, of_name = split(spec) if text is None else (spec, None)
    source = files.read_spec(name) if text is None else Source(spec, text)
    loaded = program.load(source)
    chosen = choose(loaded, model or of_name, name)
    return Network(loaded, chosen, input=size, settings=arguments({k: _written(v) for k, v in settings.items()}))


def _size(given: Iterable[int]) -> tuple[int, ...]:
    """An input as a caller gives it."""
    try:
        size = tuple(index(n) for n in given)
    except TypeError:
        raise usage(
            f"`input` is a row of whole numbers, not `{printable(repr(given)[:60])}`", "write `input=(3, 224, 224)`"
        ) from None
    for n in size:
        _written(n)
    return size


def split(spec: str) -> tuple[str, str | None]:
    """SPEC and MODEL of `SPEC:MODEL`."""
    name, colon, model = spec.rpartition(":")
    return (name, model) if colon and model.isidentifier() and name else (spec, None)


def named(spec: str) -> tuple[Spec, list[Defined]]:
    """A spec and the models of it that `SPEC[:MODEL]` names: the one, or all of a file that are no templates."""
    file, model = split(spec)
    loaded = program.load(files.read_spec(file))
    if model is None and file not in loaded.models:
        whole = [m for m in loaded.models.values() if not is_template(m)]
        if whole:
            return loaded, whole
    return loaded, [choose(loaded, model, file)]


def choose(spec: Spec, model: str | None, asked: str = "") -> Defined:
    """The model of a spec that is meant: by name; else the one of the zoo that was asked for; else the only one."""
    if model is None and asked in spec.models and not asked.endswith(".resnet"):
        model = asked
    if model is not None:
        if model not in spec.models:
            near = nearest(model, spec.models)
            fixes = ([f"did you mean `{near}`?"] if near else []) + [_listing(spec)]
            raise usage(f"`{printable(spec.file.source.name)}` has no model `{printable(model)}`", *fixes)
        return spec.models[model]
    whole = [m for m in spec.models.values() if not is_template(m)]
    if len(whole) == 1:
        return whole[0]
    if not whole:
        raise usage(f"`{printable(spec.file.source.name)}` has no model to work on", _listing(spec))
    raise usage(
        f"`{printable(spec.file.source.name)}` has several models: say which one",
        f"write `{printable(spec.file.source.name)}:{whole[0].name}`",
        _listing(spec),
    )


def _listing(spec: Spec) -> str:
    if not spec.models:
        return "it defines blocks only; add a `model`"
    shown = [f"{n} (a template)" if is_template(m) else n for n, m in spec.models.items()]
    return "its models: " + ", ".join(shown[:12]) + (f" and {len(shown) - 12} more" if len(shown) > 12 else "")


def arguments(settings: dict[str, str]) -> tuple[Arg, ...]:
    """Values for a model's parameters, written as in the language: {"classes": "10"}. Raises UsageError."""
    return tuple(_argument(name, value) for name, value in settings.items())


def _argument(name: str, value: str) -> Arg:
    text = f"resdsl 1\nmodel set = it({name} = {value})"
    try:
        definitions = parser.parse(Source("--set", text)).definitions
    except SpecError:
        definitions = ()
    made = definitions[0] if len(definitions) == 1 else None
    whole = isinstance(made, Variant) and made.span.end == len(text)  # nothing goes on behind the value
    if isinstance(made, Variant) and whole and [arg.name for arg in made.args] == [name]:
        return made.args[0]
    raise usage(f"`{printable(name)} = {printable(value[:60])}` gives no value", "write it as in a spec: `classes=10`")


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= 10**DEFAULT.digits:
        raise usage(f"a number has more than {DEFAULT.digits} digits", "is it the value that you meant?")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return str(value)


class Network:
    """A model, checked and counted. All counts are exact integers for one input."""

    def __init__(
        self,
        spec: Spec,
        model: Defined,
        *,
        input: tuple[int, ...] | None = None,
        settings: tuple[Arg, ...] = (),
        expects: bool = True,
        steps: Steps | None = None,
    ) -> None:
        self.spec = spec
        self.model = model
        self.settings = settings
        self.as_written = input is None and not settings
        self.aside = Aside()
        self.program: Program = elaborate(spec, model, input=input, settings=settings, aside=self.aside, steps=steps)
        if expects:
            self.check()

    def check(self) -> None:
        """Whether it is what its `expect` and `keys` lines say, at its own input and arguments. Raises SpecError."""
        if self.as_written:
            check_expects(self.model, self.report)
            published.check(self.model, self.program)
            published.check_numbers(self.program, self.aside.sources)

    def at(self, settings: Mapping[str, object]) -> Network:
        """The network at other settings; `in_channels` is one where the model has no such parameter of its own."""
        values = dict(settings)
        input = self.program.input
        if "in_channels" in values and "in_channels" not in self.program.arguments:
            channels = values.pop("in_channels")
            if not isinstance(channels, int) or isinstance(channels, bool):
                raise usage(f"`in_channels` is a whole number, not `{printable(str(channels)[:60])}`")
            input = _size((channels, *input[1:]))
        kept = tuple(a for a in self.settings if a.name not in values)
        chosen = (*kept, *arguments({name: _written(value) for name, value in values.items()}))
        return Network(self.spec, self.model, input=input, settings=chosen, expects=False)

    @property
    def name(self) -> str:
        return self.program.model

    @cached_property
    def report(self) -> Report:
        """The numbers in rows."""
        from resdsl.analyze.report import Report

        return Report(self.program)

    @property
    def layers(self) -> int:
        """Convolutions and linear layers on the main path: the 50 of ResNet-50."""
        return self.report.layers

    @property
    def params(self) -> int:
        """Learned parameters."""
        return self.report.cost.params

    @property
    def macs(self) -> int:
        """Multiply-accumulates of convolutions and linear layers with learned weights (He 2015 calls them FLOPs)."""
        return self.report.cost.macs

    @property
    def sections(self) -> tuple[SectionRow, ...]:
        """The rows of the model's table, one a section."""
        return self.report.sections

    @cached_property
    def source(self) -> str:
        """The publication that the spec cites, or nothing."""
        return cited(self.spec, self.model)

    def module(
        self,
        weights: str | PathLike[str] | Mapping[str, object] | None = None,
        *,
        skip: str | Iterable[str] = (),
        **settings: object,
    ) -> torch.nn.Module:
        """The network in PyTorch: the class that `resdsl compile` writes, ready to be trained.

        weights   a checkpoint, a file of torch or of safetensors, or a state_dict; its tensors are taken by name, all
        skip      parts that keep their start whatever the checkpoint has for them: "fc", or several
        settings  other values for the model's parameters, such as classes=10, or for in_channels

        Needs PyTorch. Raises ResdslError where the checkpoint is none or does not fit.
        """
        from resdsl.module import made

        names = (skip,) if isinstance(skip, str) else tuple(skip)
        if not all(isinstance(name, str) for name in names):
            raise usage("`skip` takes names of parts", 'such as `skip="fc"` or `skip=("fc", "layer4")`')
        return made(self, weights, names, settings)

    def draw(self, *, theme: str = "light") -> str:
        """The overview as SVG."""
        from resdsl.emit.draw import svg_overview

        return svg_overview(self, theme)

    def code(self, class_name: str | None = None) -> str:
        """The network as a standalone PyTorch module: the text of a Python file. Raises SpecError E0601."""
        from resdsl.emit.torch import emit

        return emit(self, class_name)

    def table(self) -> str:
        """The table of the sections as text."""
        from resdsl.emit.table import counts

        return counts([self], "section", "text")

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.program.input))
        return f"<resdsl {self.name}: {self.layers} layers, {self.params:,} params, {self.macs:,} MACs at {size}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"image/svg+xml": self.draw(), "text/plain": f"{self!r}\n{self.table()}"}


# -- expect ----------------------------------------------------------------------------------------------------


def check_expects(model: Defined, report: Report) -> None:
    """Whether a model is what its `expect` lines say. Raises SpecError with every fact that is not."""
    facts = report.facts()
    problems = [d for line in flatten(model).expects for d in _unmet(line, facts)]
    if problems:
        raise SpecError(*problems)


def _unmet(line: Expect, facts: dict[str, int]) -> list[Diagnostic]:
    found = []
    for fact in line.facts:
        digits = fact.digits
        value = Span(fact.span.source, fact.span.end - len(digits), fact.span.end)
        if not holds(digits, facts[fact.name]):
            counted = facts[fact.name]
            found.append(
                Diagnostic(
                    "E0403",
                    f"`{fact.name}` is {counted:,}, and {_plain(digits)} is expected",
                    (Label(value, f"counted {counted:,}"),),
                    (Fix("find out which is right before you change either: the spec, or the expectation"),),
                )
            )
    return found


def _plain(digits: str) -> str:
    """A number as messages write it."""
    return f"{int(digits):,}" if digits.replace("_", "").isdigit() else digits


def holds(digits: str, counted: int) -> bool:
    """Whether a count is what was written: plain digits exactly; with k, M or G rounded to the digits written."""
    unit = UNITS.get(digits[-1])
    with localcontext(prec=2000):  # counts are whole numbers of any size
        written = Decimal(digits.rstrip("kMG").replace("_", ""))
        if unit is None:
            return written == counted
        exponent = written.as_tuple().exponent
        assert isinstance(exponent, int)
        return (Decimal(counted) / unit).quantize(Decimal(1).scaleb(exponent), ROUND_HALF_UP) == written


# -- sources and checks ----------------------------------------------------------------------------------------


def cited(spec: Spec, model: Defined) -> str:
    """The `Source:` line of a model's comment, of its base's, or of the file's head."""
    flat = flatten(model)
    for doc in (*(d.definition.doc for d in flat.chain), spec.file.doc):
        for i, line in enumerate(doc):
            if line.startswith("Source:"):
                rest = [line.removeprefix("Source:").strip(), *doc[i + 1 :]]
                return " ".join(rest).rstrip(".")
    return ""


def check(spec: Spec, only: Defined | None = None) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with the models of a spec, or with one of them, and its warnings."""
    return checked(spec, only)[0]


def checked(spec: Spec, only: Defined | None = None) -> tuple[tuple[Diagnostic, ...], tuple[Network, ...]]:
    """The same, and the networks of the models that are right."""
    found, sound = built(spec, [only] if only else spec.models.values())
    return (*found, *static.unused_blocks(spec.file)), sound


def built(
    spec: Spec, models: Iterable[Defined], steps: Steps | None = None
) -> tuple[tuple[Diagnostic, ...], tuple[Network, ...]]:
    """What is to be said of some models alone, and the networks of those that are right."""
    problems: list[SpecError] = []
    sound: list[Network] = []
    for model in models:
        try:
            if is_template(model):
                check_template(model)
            else:
                sound.append(Network(spec, model, steps=steps))
                problems.append(SpecError(*sound[-1].aside.warnings))
        except SpecError as problem:
            problems.append(problem)
    return all_diagnostics(problems), tuple(sound)
