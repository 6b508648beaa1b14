"""Names that nothing gives a meaning, and arguments that no definition takes: what the text alone shows of them.

A name may come from far: a `default` line of a caller, a line of a base or of a variant. Only a name that no text
of the spec could mean is told here; the elaborator judges the rest, where they are used.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

from resdsl import arithmetic, other_tools, syntax
from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, Span, SpecError, nearest, quoted
from resdsl.ops import OPS
from resdsl.scope import Defined, Spec, base_of, did_you_mean, head, index_span, name_span, stands_alone

_MARK = re.compile(r"[ \t]*(->|\+\+|\*\*|//|[-+*/%:,=])?[ \t]*")  # between a parameter and its value
_EXPLAINED = 50  # unknown names of a spec for which a way out is looked for, which takes long
FACTS = ("layers", "params", "macs")  # what `expect` can state


def check(spec: Spec) -> Iterator[Diagnostic]:
    """Each name that is not known, and each argument for a parameter that is not there."""
    texts = _Texts(spec)
    for defined in spec.definitions:
        yield from _Definition(defined, texts).errors()


def once(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """A name that is unknown in several places of a file is told where it is first."""
    same: dict[tuple[str, str, str], list[Diagnostic]] = {}
    for d in found:
        file = d.labels[0].span.source.name if d.labels else ""
        same.setdefault((d.code, d.message, file if d.code == "E0202" else str(len(same))), []).append(d)
    for first, *others in same.values():
        if others:
            more = f"and in {len(others)} more place{'s' * (len(others) > 1)}, here first"
            again = next((label for label in others[0].labels if label.span != first.labels[0].span), first.labels[0])
            label = Label(again.span, more)
            yield Diagnostic(first.code, first.message, (*first.labels, label), first.fixes, first.severity)
        else:
            yield first


class _Texts:
    """What all texts of a spec have to say of names; each definition is walked once for it."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.told = 0  # unknown names so far
        self.names = {d.definition: frozenset(_named(d.definition)) for d in spec.definitions}

    @cached_property
    def given(self) -> frozenset[str]:
        """Names that `default` lines give to whatever they reach, and variants to their bases."""
        names = {m for source in self.spec.scope.prelude.sources for m in re.findall(r"\bdefault\s+(\w+)", source.text)}
        for defined in self.spec.definitions:
            varied = isinstance(defined.definition, syntax.Variant)
            for node in defined.definition.pieces:
                if isinstance(node, syntax.Default) or (varied and isinstance(node, syntax.Let)):
                    names.add(node.name)
        return frozenset(names)

    @cached_property
    def lets(self) -> dict[str, tuple[Defined, syntax.Let]]:
        """Where a `let` gives a name a meaning, the first of each name."""
        lines = ((d, line) for d in self.spec.definitions for line in d.definition.pieces)
        return {line.name: (d, line) for d, line in reversed([*lines]) if isinstance(line, syntax.Let)}

    def misspelt(self, declared: Span, meant: str) -> bool:
        """Whether a name stands alone in its file, and the other does not, there or in the prelude."""
        return stands_alone(declared, meant, (source.text for source in self.spec.scope.prelude.sources))

    @cached_property
    def unread(self) -> dict[str, Span]:
        """Blocks and functions that nothing names."""
        read = frozenset(n for d in self.spec.definitions for n in syntax.names_in(d.definition))
        return {
            d.name: head(d.definition)
            for d in self.spec.definitions
            if isinstance(d.definition, syntax.Block | syntax.Function) and d.name not in read
        }


def _named(definition: syntax.Definition) -> Iterator[str]:
    """The names that a definition gives a meaning of its own."""
    yield from (p.name for p in getattr(definition, "params", ()))
    for node in definition.pieces:
        match node:
            case syntax.Let() | syntax.Section() | syntax.Each():
                yield node.name
            case syntax.Labelled():
                yield node.label
            case syntax.Repeat() if node.index:
                yield node.index
            case _:
                pass


class _Definition:
    """A definition and the names that are its own, or those of what it varies."""

    def __init__(self, defined: Defined, texts: _Texts) -> None:
        self.defined, self.texts = defined, texts
        chain = _chain(defined)
        self.root = chain[-1]  # the base model of a variant, as far as it is known
        self.names = frozenset[str]().union(*(texts.names[d.definition] for d in chain))

    def errors(self) -> Iterator[Diagnostic]:
        seen: set[str] = set()
        definition = self.defined.definition
        outside = self.outside()
        for node in definition.pieces:
            match node:
                case syntax.Ref() | syntax.Call() if node is not getattr(definition, "base", None):
                    known = self.beside if node in outside else self.known
                    if node.name not in seen and not known(node.name):
                        seen.add(node.name)
                        yield self.unknown(node)
                    if isinstance(node, syntax.Call):
                        yield from self.arguments(node)
                case syntax.Fact() if node.name not in FACTS:
                    message = f"`expect` knows {quoted(FACTS)}, not `{node.name}`"
                    fixes = did_you_mean(node.name, FACTS, node.span) or [Fix("what most papers call FLOPs is `macs`")]
                    yield Diagnostic("E0402", message, (Label(node.span),), tuple(fixes))
                case _:
                    pass
        if isinstance(definition, syntax.Variant) and isinstance(self.root.definition, syntax.Model):
            params = self.parameters(definition)
            yield from _colons(definition.args, params)
            for arg in definition.args:
                if arg.name is not None and arg.name not in params:
                    yield no_parameter(self.root.name, params, arg.name, arg.span, self.root)

    def outside(self) -> frozenset[syntax.Syntax]:
        """What the arguments of a variant are made of: they stand outside the model that it varies."""
        args = self.defined.definition.args if isinstance(self.defined.definition, syntax.Variant) else ()
        nodes = [node for arg in args for node in syntax.walk(arg.value)]
        own = {node.name for node in nodes if isinstance(node, syntax.Each)}
        return frozenset(n for n in nodes if isinstance(n, syntax.Ref | syntax.Call) and n.name not in own)

    def known(self, name: str) -> bool:
        """Whether a name means something in a line of the definition."""
        return name in self.names or self.beside(name)

    def beside(self, name: str) -> bool:
        """Whether a name means something outside any definition."""
        here = name in self.texts.given or name in OPS or name in arithmetic.FUNCTIONS or name == "none"
        return here or self.defined.scope.find(name) is not None

    def unknown(self, node: syntax.Ref | syntax.Call) -> Diagnostic:
        place = Span(node.span.source, node.span.start, node.span.start + len(node.name))
        self.texts.told += 1
        if self.texts.told > _EXPLAINED:
            return Diagnostic("E0202", f"`{node.name}` is not known here", (Label(place),))
        seen = {*self.names, *self.texts.given, *OPS, *arithmetic.FUNCTIONS, *self.defined.scope.known(), "none"}
        d = unknown_name(node.name, seen - {node.name}, place)
        d = Diagnostic(d.code, d.message, d.labels, (*self.as_argument(node), *d.fixes, *self.as_label(node)))
        own = self.unread()
        unread = {**own, **self.texts.unread}
        alone = len(own) == 1 and not d.fixes and isinstance(node, syntax.Ref)
        near = nearest(node.name, unread) or (next(iter(own)) if alone else None)
        if near is None:
            return way_out(self.elsewhere(d, node.name))
        declared = unread[near]
        label = Label(declared, f"`{near}` is declared here, and nothing reads it")
        fix = Fix(f"or call it `{node.name}` where it is declared", (Edit(declared, node.name),))
        uses = [n for n in self.defined.definition.pieces if getattr(n, "name", "") == node.name]
        if len(uses) > 1 or self.texts.misspelt(declared, node.name):
            fix = Fix(f"call it `{node.name}`", fix.edits)
            message = f"`{node.name}` is not known, and `{near}` is never read"
            return Diagnostic(d.code, message, (Label(declared, "declared here"), *d.labels), (fix, *d.fixes))
        return Diagnostic(d.code, d.message, (*d.labels, label), (*d.fixes, fix))

    def unread(self) -> dict[str, Span]:
        """What the definition names and does not read: its parameters, its lines, what counts rounds and items."""
        definition = self.defined.definition
        read = syntax.names_in(definition)
        own: dict[str, Span] = {
            p.name: Span(p.span.source, p.span.start, p.span.start + len(p.name))
            for p in getattr(definition, "params", ())
        }
        for n in definition.pieces:
            if isinstance(n, syntax.Let):
                own[n.name] = name_span(n)
            elif isinstance(n, syntax.Each) or (isinstance(n, syntax.Repeat) and n.index):
                own[n.name if isinstance(n, syntax.Each) else n.index or ""] = index_span(n)
        return {name: span for name, span in own.items() if name not in read}

    def as_argument(self, name: syntax.Ref | syntax.Call) -> Iterator[Fix]:
        """`=` where something else stands between a parameter and its value."""
        for call in self.defined.definition.pieces:
            args = call.args if isinstance(call, syntax.Call | syntax.Variant) else ()
            for i, arg in enumerate(args):
                following = args[i + 1] if i + 1 < len(args) else None
                if syntax.opening(arg.value) is name and (fix := meant_argument(arg, following, self.parameters(call))):
                    yield fix

    def as_label(self, name: syntax.Ref | syntax.Call) -> Iterator[Fix]:
        """`:` where something else stands between a name and a call."""
        for node in self.defined.definition.pieces if isinstance(name, syntax.Ref) and name.name != "return" else ():
            items = node.items if isinstance(node, syntax.Chain | syntax.Infix | syntax.Concat | syntax.Power) else ()
            if items and items[0] is name and isinstance(syntax.opening(items[1]), syntax.Call):
                gap = Span(name.span.source, name.span.end, items[1].span.start)
                gap = replace(gap, end=gap.start) if "#" in gap.text else gap
                yield Fix(f"if it is a label, write `{name.name}:`", (Edit(gap, ": "),))
            for line, after in pairwise(node.lines if isinstance(node, syntax.Body) else ()):
                gap = Span(name.span.source, name.span.end, after.span.start)
                if line.span.end == name.span.end and "\n" not in gap.text:
                    yield Fix(f"if it is a label, write `{name.name}:`", (Edit(gap, ": "),))

    def parameters(self, call: syntax.Syntax) -> list[str]:
        """The parameters of what is called, as far as the text shows them."""
        if isinstance(call, syntax.Variant):
            base = self.root.definition
            return [p.name for p in base.params] if isinstance(base, syntax.Model) else []
        assert isinstance(call, syntax.Call)
        found = self.defined.scope.find(call.name)
        if found is not None:
            return [p.name for p in getattr(found.definition, "params", ())]
        return list(OPS[call.name].declared) if call.name in OPS else []

    def elsewhere(self, d: Diagnostic, name: str) -> Diagnostic:
        """The finding, and where another definition gives the name a meaning of its own."""
        if name not in self.texts.lets:
            return d
        other, line = self.texts.lets[name]
        label = Label(name_span(line), f"this `{name}` is known in `{other.name}` alone")
        fix = Fix(f"make it a parameter: `{self.defined.name}({name})`")
        return Diagnostic(d.code, d.message, (*d.labels, label), (*d.fixes, fix))

    def arguments(self, call: syntax.Call) -> Iterator[Diagnostic]:
        if call.name in self.names or call.name in self.texts.given:
            return
        found = self.defined.scope.find(call.name)
        if found is None and call.name in OPS and call.name not in arithmetic.FUNCTIONS:
            params: list[str] = list(OPS[call.name].declared)
        elif found is not None and isinstance(found.definition, syntax.Block | syntax.Function):
            params = [p.name for p in found.definition.params]
        else:
            return
        yield from _colons(call.args, params)
        for arg in call.args:
            if arg.name is not None and arg.name not in params:
                yield no_parameter(call.name, params, arg.name, arg.span, found)


def _chain(defined: Defined) -> list[Defined]:
    """A variant, what it varies, and so on to the base model; as far as they are known."""
    chain = [defined]
    while isinstance(chain[-1].definition, syntax.Variant) and len(chain) < 100:
        try:
            base = base_of(chain[-1])
        except SpecError:
            break
        if base in chain:
            break
        chain.append(base)
    return chain


# -- what is said, here and where names are looked up ----------------------------------------------------------------

WORDS = ("true", "false", "in")  # of the language, that stand where names do


def unknown_name(name: str, known: Collection[str], place: Span) -> Diagnostic:
    """A name that means nothing."""
    fixes = other_tools.meant_by(name, known, place) or did_you_mean(name, [*known, *WORDS], place)
    line = place.source.text[max(0, place.source.text.rfind("\n", 0, place.start), place.start - 200) : place.start]
    behind = re.search(r"(?<![\w.])[0-9][0-9_.]*([ \t]+)\Z", line)
    if name == "x" and behind:
        fixes = [Fix("rounds are written `repeat n { ... }`")]
    elif name in ("k", "M", "G") and behind and "expect" in line:
        gap = Span(place.source, place.start - len(behind[1]), place.start)
        fixes = [Fix(f"a number touches its unit: remove the blank before `{name}`", (Edit(gap, ""),))]
    elif slashes := re.search(r"[)}][ \t]*(//)[^/]*\Z", line):
        start = place.start - len(line) + slashes.start(1)
        rest = place.source.line(place.source.position(start)[0]).partition("//")[2]
        edit = Edit(Span(place.source, start, start + 2), "#")
        fixes = [Fix("a comment begins with `#`", () if "}" in rest else (edit,))]
    elif name == "return":
        blank = re.compile(r"[ \t]*").match(place.source.text, place.end)
        whole = Span(place.source, place.start, blank.end() if blank else place.end)
        fixes = [Fix("remove it: the last line is the value", (Edit(whole, ""),))]
    elif name in ("x", "input") and not fixes:
        fixes = [Fix("the value that enters is written `id`", (Edit(place, "id"),))]
    return Diagnostic("E0202", f"`{name}` is not known here", (Label(place),), tuple(fixes))


def way_out(d: Diagnostic) -> Diagnostic:
    """What can be done about a name that resembles none."""
    fix = Fix("give it a meaning: a parameter, a `let` or label in a line above, a `block`, or an import")
    return d if d.fixes else replace(d, fixes=(fix,))


def meant_argument(arg: syntax.Arg, following: syntax.Arg | None, params: Collection[str]) -> Fix | None:
    """`=` where something else stands between a parameter and its value, as in `conv(3, 3, stride, 2)`."""
    first, after = syntax.opening(arg.value), following.value if following else None
    if isinstance(arg.value, syntax.Chain | syntax.Infix):
        after = arg.value.items[1]
    if isinstance(first, syntax.Labelled):
        name, end, after = first.label, first.span.start + len(first.label), first.item
    elif isinstance(first, syntax.Ref):
        name, end = first.name, first.span.end
    else:
        return None
    if arg.name is not None or name not in params or after is None:
        return None
    mark = _MARK.match(arg.span.source.text, end)
    gap = Span(arg.span.source, end, mark.end() if mark else end)
    return Fix(f"`{name}` is a parameter: write `{name} = ...`", (Edit(gap, " = "),))


def _colons(args: tuple[syntax.Arg, ...], params: list[str]) -> Iterator[Diagnostic]:
    """`stride: 2` for `stride = 2`: a label that is another parameter's name, or that stands on a number."""
    for i, arg in enumerate(args):
        value = arg.value
        if not isinstance(value, syntax.Labelled) or (
            params[i : i + 1] == [value.label] and not _is_number(value.item)
        ):
            continue
        if fix := meant_argument(arg, None, params):
            what = "an argument is named with `=`; with `:` this labels a flow"
            yield Diagnostic("E0205", what, (Label(arg.span),), (fix,))


def _is_number(value: syntax.Syntax) -> bool:
    """Whether a value is a number, a text, a flag or a list of such as it stands, and no flow."""
    if isinstance(value, syntax.List):
        return bool(value.items) and all(map(_is_number, value.items))
    return isinstance(value, syntax.Number | syntax.Text | syntax.Flag)


def no_parameter(callee: str, params: Collection[str], name: str, span: Span, defined: Defined | None) -> Diagnostic:
    """An argument for a parameter that is not there."""
    has = f"it has {quoted(params)}" if params else "it takes no arguments"
    place = Label(Span(span.source, span.start, span.start + len(name)))
    declared = (Label(head(defined.definition), "declared here"),) if defined else ()
    fixes = tuple(did_you_mean(name, params, span))
    fixes = fixes or other_tools.argument(name, params, place.span)
    if not fixes and defined is not None and not head(defined.definition).source.shipped:
        fixes = (Fix(f"leave the argument out, or give `{callee}` the parameter: `{name} = ...`"),)
    fixes = fixes or (Fix("leave the argument out"),)
    return Diagnostic("E0203", f"`{callee}` has no parameter `{name}`; {has}", (place, *declared), fixes)
