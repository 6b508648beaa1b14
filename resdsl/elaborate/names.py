"""Names: their meaning at a place, and what makes two meanings the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from resdsl import arithmetic, graph, syntax
from resdsl.diagnostics import Diagnostic, Fix, Label, Source, Span, SpecError, error
from resdsl.elaborate.meanings import NONE, Applied, Closure, Defaulted, Env, Items, Meaning, is_number
from resdsl.limits import DEFAULT, Steps
from resdsl.ops import OPS, Value
from resdsl.scope import Defined, head
from resdsl.unknown import unknown_name, way_out

_PIECES = 10  # of meanings, for a step
_LIFTED = 3  # steps for each flow that is remade


@dataclass(frozen=True)
class Reader:
    """Who reads a default: a block in whose text the name is free, or that left the parameter out. None: the model."""

    block: syntax.Block | None
    param: syntax.Param | None


@dataclass(eq=False)
class Frame:
    """An instance being elaborated: the defaults it reads from outside, as they are, and which blocks read them."""

    block: syntax.Block
    reads: dict[str, object] = field(default_factory=dict)
    readers: dict[str, dict[Reader, None]] = field(default_factory=dict)


class Names:
    """The state of one elaboration, and the meaning of names."""

    def __init__(self, steps: Steps | None = None) -> None:
        self.steps = steps or Steps()
        self.frames: list[Frame] = []
        self.instances: list[graph.Instance] = []
        self.memo: dict[object, list[tuple[dict[str, object], dict[str, dict[Reader, None]], int]]] = {}
        self.sources: dict[str, int] = {}
        self.spans: list[str] = []
        self.definitions: dict[syntax.Definition, int] = {}
        self.printed: list[graph.Definition] = []
        self.working: dict[int, bool] = {}  # whether an instance works anything out: see `works`
        self.default_lines: dict[syntax.Default, dict[Reader, None]] = {}  # and what has read them
        self.default_numbers: set[syntax.Default] = set()
        self.keys: dict[Applied | Closure | Defaulted, int] = {}
        self.numbers_of: dict[object, int] = {}  # of keys, by what the flow is made of
        self.holding: dict[Applied | Closure | Defaulted, bool] = {}  # which flows hold named values
        self.values_of: dict[object, Meaning] = {}  # of functions, for arguments
        self.warnings: list[Diagnostic] = []
        self.blocks = 0  # calls open inside one another
        self.depth = 0  # flows inside one another, in the block that is being elaborated
        self.source_list: list[Source] = []
        self.varied: tuple[Defined, ...] = ()  # the model, and what it varies
        self.place: Span | None = None  # of the last step
        self.touched = 0  # pieces of meanings since

    def at(self, span: Span) -> graph.Place:
        key = span.source.path or span.source.name
        number = self.sources.setdefault(key, len(self.sources))
        if number == len(self.source_list):
            self.source_list.append(span.source)
        return number, span.start, span.end

    def span(self, at: graph.Place) -> Span:
        return Span(self.source_list[at[0]], at[1], at[2])

    def tick(self, span: Span) -> None:
        self.place = span
        self.look()

    def look(self, times: int = 1) -> None:
        """Count steps at the place of the last one."""
        self.steps.left -= times
        if self.steps.left < 0:
            raise self.too_long()

    def touch(self, pieces: int = 1) -> None:
        """Count pieces of meanings that are looked at: ten are a step."""
        self.touched += pieces
        if self.touched >= _PIECES:
            self.look(self.touched // _PIECES)
            self.touched %= _PIECES

    def touch_all(self, meaning: object) -> None:
        """Count the items of a list, and of the lists in it."""
        if isinstance(meaning, tuple):
            self.touch(len(meaning))
            for item in meaning:
                if isinstance(item, tuple):
                    self.touch_all(item)

    def too_long(self) -> SpecError:
        fix = Fix("`repeat` costs one round, however many there are; recursion and lists cost each of theirs")
        labels = [Label(self.place)] if self.place else []
        return error("E0405", f"this takes more than {DEFAULT.steps:,} steps to work out", *labels, fixes=[fix])

    def lookup(self, name: str, env: Env, span: Span) -> Meaning | Items:
        """What a name means: a local; else the nearest default; else a definition; else an op."""
        if name in env.names:
            if name in env.labels and (name in env.defaults or name in OPS or env.scope.find(name) is not None):
                raise error(
                    "E0207",
                    f"`{name}` is the label of a line above and a block or op as well: which is meant here?",
                    Label(span),
                    Label(env.places[name], "this has the label"),
                    fixes=[Fix("give that line another label, or name its value with `let`")],
                )
            return env.names[name]
        defaulted = self.read_default(name, env, Reader(self.frames[-1].block if self.frames else None, None))
        if defaulted is not None:
            return self.opened(defaulted)
        found = env.scope.find(name)
        if found is not None:
            if isinstance(found.definition, syntax.Model | syntax.Variant):
                fixes = [Fix(f"put what both need into a block; a variant of it is `model NAME = {name}`")]
                raise error(
                    "E0202",
                    f"`{name}` is a model; a block is needed here",
                    Label(span),
                    Label(head(found.definition), "the model"),
                    fixes=fixes,
                )
            return Applied(found, ())
        if name == "none":
            return NONE
        if name in OPS:
            return Applied(OPS[name], ())
        raise self.unknown(name, env, span)

    def opened(self, defaulted: Defaulted) -> Meaning:
        return defaulted.meaning if is_number(defaulted.meaning) or defaulted.meaning is NONE else defaulted

    def unknown(self, name: str, env: Env, span: Span) -> SpecError:
        place = Span(span.source, span.start, span.start + len(name))
        known = {*env.names, *env.defaults, *OPS, *arithmetic.FUNCTIONS, *env.scope.known(), "none"}
        if name in arithmetic.FUNCTIONS:
            return error(
                "E0202",
                f"`{name}` is a function of numbers: give it its arguments",
                Label(place),
                fixes=[Fix(f"write `{name}(...)`")],
            )
        d = unknown_name(name, known, place)
        away = self.named_away(name, place)
        if away is None:
            return SpecError(way_out(d))
        label, fix = away
        return SpecError(replace(d, labels=(*d.labels, label), fixes=(fix,)))

    def named_away(self, name: str, place: Span) -> tuple[Label, Fix] | None:
        """Where the definition around a place gives a name that is not known there, and what to do."""
        around = [frame.block for frame in reversed(self.frames)] + [d.definition for d in self.varied]
        for definition in around:
            if (
                definition.span.source is not place.source
                or not definition.span.start <= place.start < definition.span.end
            ):
                continue
            for node in syntax.walk(definition):
                span = node.span
                if isinstance(node, syntax.Labelled) and node.label == name:
                    at = Span(span.source, span.start, span.start + len(name))
                    if span.start <= place.start < span.end:
                        fix = Fix("what enters the line is `id`; a line below can read the label")
                        return Label(at, "its value is known from the next line on"), fix
                    if span.start > place.start:
                        return Label(at, "named further down: lines run in order"), Fix("move that line above this one")
                    fix = Fix("take that part out of its group, as a line of its own")
                    return Label(at, "this is known inside its group alone"), fix
        return None

    def bound(self, env: Env, name: str, meaning: Meaning | Items, span: Span, *, label: bool = False) -> Env:
        if name in env.names:
            raise error(
                "E0207",
                f"`{name}` already has a meaning here",
                Label(span, "given again here"),
                Label(env.places[name], "first given here"),
                fixes=[Fix("choose another name for one of them")],
            )
        return env.let(name, meaning, span, label=label)

    def read_default(self, name: str, env: Env, *readers: Reader) -> Defaulted | None:
        """The default for a name, noted in every instance that it reaches from outside."""
        defaulted = env.defaults.get(name)
        if defaulted is None:
            for frame in self.frames:
                frame.reads.setdefault(name, None)
            return None
        noted = dict.fromkeys(readers)
        self.default_lines[defaulted.line] |= noted
        for frame in self.frames[defaulted.depth + 1 :]:
            frame.readers.setdefault(name, {}).update(noted)
            if name not in frame.reads:
                frame.reads[name] = self.key(defaulted)
        return defaulted

    def key(self, meaning: Meaning | Items | None) -> object:
        """What makes two meanings the same for a block that gets them: of a flow a number, the same for the same flow.

        A flow may hold another one many times over; each is looked at once.
        """
        match meaning:
            case bool() | int() | float() | str():
                return type(meaning), meaning
            case tuple():
                self.touch(len(meaning))
                return tuple(map(self.key, meaning))
            case Items():
                return self.key(meaning.items)
            case Applied() | Closure() | Defaulted():
                if meaning not in self.keys:
                    made = self.made_of(meaning)
                    self.keys[meaning] = self.numbers_of.setdefault(made, len(self.numbers_of))
                return self.keys[meaning]
            case _:
                return meaning

    def made_of(self, meaning: Applied | Closure | Defaulted) -> object:
        """What a flow is made of, by the keys of its parts."""
        self.touch()
        match meaning:
            case Applied(callee, layers):
                what = self.key(callee) if isinstance(callee, Defaulted) else callee
                given = tuple(
                    (layer.gives_way, *((a.name, self.key(a.meaning)) for a in layer.arguments)) for layer in layers
                )
                return what, given
            case Closure(expr, env):
                names = sorted(n for n in expr.reads if n in env.names)
                return expr, env.width, env.scope, tuple((n, self.key(env.names[n])) for n in names)
            case Defaulted():
                return meaning.name, self.key(meaning.meaning), self.key(meaning.before)

    def has_values(self, meaning: Meaning | Items) -> bool:
        """Whether there are named values inside a meaning."""
        match meaning:
            case Value():
                return True
            case Applied() | Closure() | Defaulted():
                if meaning not in self.holding:
                    self.touch()
                    self.holding[meaning] = any(map(self.has_values, self.parts(meaning)))
                return self.holding[meaning]
            case _:
                return False

    def parts(self, meaning: Applied | Closure | Defaulted) -> Iterator[Meaning | Items]:
        """The meanings directly inside a flow in which named values may be."""
        match meaning:
            case Closure(expr, env):
                for name in sorted(expr.reads):
                    if name in env.names:
                        yield env.names[name]
            case Applied(callee, layers):
                if isinstance(callee, Defaulted):
                    yield callee
                for layer in layers:
                    yield from (argument.meaning for argument in layer.arguments)
            case Defaulted():
                yield meaning.meaning

    def values(self, meaning: Meaning | Items) -> Iterator[Value]:
        """The named values inside a meaning."""
        if isinstance(meaning, Value):
            yield meaning
        elif isinstance(meaning, Applied | Closure | Defaulted) and self.has_values(meaning):
            self.look()
            for part in self.parts(meaning):
                yield from self.values(part)

    def lifted(self, meaning: Meaning, prefix: str, captured: dict[str, str]) -> Meaning:
        """A meaning for the inside of a block: the named values in it get the names that the block knows them by."""
        if not self.has_values(meaning):
            return meaning
        self.look(_LIFTED)
        match meaning:
            case Value():
                captured[prefix] = meaning.name
                return Value(prefix, meaning.type)
            case Closure(expr, env):
                names = {
                    n: self.lifted(m, f"{prefix}.{n}", captured) if not isinstance(m := env.names[n], Items) else m
                    for n in sorted(expr.reads)
                    if n in env.names
                }
                return Closure(expr, replace(env, names={**env.names, **names}))
            case Applied(callee, layers):
                return Applied(
                    callee,
                    tuple(
                        replace(
                            layer,
                            arguments=tuple(
                                replace(a, meaning=self.lifted(a.meaning, f"{prefix}.{a.name or f'{k}.{i}'}", captured))
                                for i, a in enumerate(layer.arguments)
                            ),
                        )
                        for k, layer in enumerate(layers)
                    ),
                )
            case _:
                return meaning

    def through(self, problem: SpecError, span: Span, text: str) -> SpecError:
        """The error, with one more call on its trail."""
        added = []
        for d in problem.diagnostics:
            if any(label.span == span for label in d.trail):
                added.append(d)  # a block inside itself: said once
                continue
            trail = (*d.trail, Label(span, text))
            if len(trail) > DEFAULT.trail:
                trail = (*trail[: DEFAULT.trail // 2], *trail[-(DEFAULT.trail // 2) :])
            added.append(replace(d, trail=trail))
        return SpecError(*added)
