"""What of the language some specs hold, measured: rules of the grammar, words, functions, the prelude, ops, the IR.

Nothing here is a list of what there is: each part asks the program for it, so what is added there is missed here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, get_args

from lark.grammar import Rule

from resdsl import files, graph, syntax
from resdsl.arithmetic import FUNCTIONS
from resdsl.graph import AnyNode, Program
from resdsl.ops import OPS, Op, Refused, Value, is_list, shapes
from resdsl.parser import parse, table
from resdsl.scope import prelude_of

Things = Counter[str]

# -- the grammar -----------------------------------------------------------------------------------------------

# The forms of the words whose pattern is no list; `pattern` is what it was when they were written down.
FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "NUMBER": (
        r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[kMG]?(?![A-Za-z0-9_.])",
        {
            "whole": r"\d+", "grouped": r"\d[\d_]*_\d+", "fraction": r"\d+\.\d+", "exponent": r"[\d.]+[eE]\d+",
            "signed exponent": r"[\d.]+[eE][+-]\d+", "unit k": r".*k", "unit M": r".*M", "unit G": r".*G",
        },
    ),
    "LABEL": (
        "[A-Za-z][A-Za-z0-9_.{}-]{0,255}(?=[ \t]*:)",
        {
            "name": r"\w+", "path": r"\w+\.[\w.]+", "numbered": r".*\.\{[01]\}", "hyphen": r".*-\{[01]\}",
            "of an index": r".*\{[A-Za-z]\w*\}",
        },
    ),
    "SHAPE": (
        "[0-9]+(?:_[0-9]+)*(?:[ \t]*x[ \t]*[0-9]+(?:_[0-9]+)*)+(?![A-Za-z0-9_.])",
        {"two": r"\d+ x \d+", "three": r"\d+ x \d+ x \d+", "four": r"\d+( x \d+){3}", "close": r"\d+(x\d+)+"},
    ),
    "STRING": ('"[^"\\\\\n]*"', {"any": r".*"}),
    "CALL": ("", {"any": r".*"}),
    "NAME": (r"[A-Za-z][A-Za-z0-9_]*", {"any": r".*"}),
    "AT": (r"(?<=[A-Za-z0-9_)\]])\[", {"any": r".*"}),
}  # fmt: skip


class Traced:
    """A parser of the grammar that counts the rules and words it meets."""

    def __init__(self) -> None:
        self.lark = table.compiled(files.shipped("grammars/resdsl.lark"))
        self.found: Things = Counter()
        callbacks: dict[Rule, Callable[..., Any]] = self.lark.parser.parser.parser.callbacks  # type: ignore[attr-defined]
        self.all = {_spelled(rule) for rule in callbacks} | set(self._words())
        for rule, make in list(callbacks.items()):
            callbacks[rule] = self._counting(_spelled(rule), make)

    def _counting(self, name: str, make: Callable[..., Any]) -> Callable[..., Any]:
        def counted(children: list[Any]) -> Any:
            self.found[name] += 1
            return make(children)

        return counted

    def _words(self) -> Iterator[str]:
        """Each word of the terminals that are lists of words; each form of the others."""
        for terminal in self.lark.terminals:
            pattern = terminal.pattern.value
            if terminal.name in self.lark.ignore_tokens or terminal.pattern.type == "str":
                continue  # a word of its own is in a rule
            if terminal.name in FORMS:
                written, forms = FORMS[terminal.name]
                assert written in ("", pattern), f"{terminal.name} has changed: say its forms here"
                yield from (f"{terminal.name}: {form}" for form in forms)
            else:
                yield from (f"{terminal.name}: {word}" for word in _listed(pattern))

    def take(self, text: str) -> None:
        """Count what a spec holds."""
        for token in self.lark.lex(text):
            _, forms = FORMS.get(token.type, ("", {str(token): re.escape(token)}))
            self.found.update(f"{token.type}: {form}" for form, looks in forms.items() if re.fullmatch(looks, token))
        self.lark.parse(text)


def _spelled(rule: Rule) -> str:
    return f"{rule.origin.name}: {' '.join(symbol.name for symbol in rule.expansion)}"


def _listed(pattern: str) -> list[str]:
    """The words of a pattern that is a list of them."""
    words = [re.sub(r"\\(.)", r"\1", word) for word in pattern.removeprefix("(?:").removesuffix(")").split("|")]
    assert all(re.fullmatch(pattern, word) for word in words), f"{pattern} is no list of words: say its forms here"
    return words


# -- functions and the prelude -----------------------------------------------------------------------------------


@cache
def prelude() -> dict[str, tuple[str, ...]]:
    """The names of the prelude and their parameters."""
    known = prelude_of(files.prelude())
    found = {}
    for name in known.index:
        defined = known.find(name)
        assert defined is not None and isinstance(defined.definition, syntax.Block | syntax.Function)
        found[name] = tuple(param.name for param in defined.definition.params)
    return found


def called(text: str) -> Iterator[str]:
    """The functions and the definitions of the prelude that a text calls, with the parameters that it gives."""
    from resdsl.diagnostics import Source

    file = parse(Source("covered.resnet", text))
    own = {definition.name for definition in file.definitions}
    for definition in file.definitions:
        for node in syntax.walk(definition):
            if isinstance(node, syntax.Default):
                yield from (f"prelude: {n}({node.name})" for n, params in prelude().items() if node.name in params)
            if not isinstance(node, syntax.Call | syntax.Ref) or node.name in own:
                continue
            if node.name in FUNCTIONS and isinstance(node, syntax.Call):
                yield f"function: {node.name} of {len(node.args)}"
            if node.name in prelude():
                yield f"prelude: {node.name}"
                for at, arg in enumerate(node.args if isinstance(node, syntax.Call) else ()):
                    yield f"prelude: {node.name}({arg.name or prelude()[node.name][at]})"


def callable_names() -> Iterator[str]:
    """All that `called` may find."""
    for name, (fewest, most, _) in FUNCTIONS.items():
        yield from (f"function: {name} of {n}" for n in range(fewest, min(most, 3) + 1))
    for name, params in prelude().items():
        yield f"prelude: {name}"
        yield from (f"prelude: {name}({param})" for param in params)


# -- ops and the IR ------------------------------------------------------------------------------------------------


def sorts(op: type[Op], name: str) -> set[str]:
    """What an argument of an op may be given, by its kind."""
    declared = op.declared[name]
    listed = {"number", "list"}
    by_kind = {
        "size": {"number"}, "count": {"number"}, "sizes": listed, "parts": listed, "flag": {"true", "false"},
        "real": {"number"}, "rate": {"number"}, "bias": {"true", "false", "number"}, "value": {"value"},
        "factor": {"true", "false", "number"}, "padding": listed, "choice": set(declared.choices),
    }  # fmt: skip
    found = set(by_kind[declared.kind])
    if name == "padding" and op.name == "conv":
        found.add("same")
    if declared.default is None:
        found.add("none")
    return found


def sort(value: object) -> str:
    """Which of these a value is."""
    match value:
        case bool():
            return str(value).lower()
        case tuple():
            return "list"
        case Value():
            return "value"
        case str():
            return value
        case None:
            return "none"
    return "number"


def nodes(program: Program) -> Iterator[AnyNode]:
    """All nodes of a program, those of its instances too."""
    for body in (program.body, *(instance.body for instance in program.instances)):
        yield from graph.inside(body)


def stands(program: Program) -> Iterator[str]:
    """The ops of a program, with their arguments and ranks, and its kinds of nodes."""
    for node in nodes(program):
        yield f"node: {node.kind}"
        yield from (f"node: {node.kind} with a label" for _ in (1,) if node.label)
        if isinstance(node, graph.Step):
            op = node.op
            yield f"op: {op.name}"
            yield from (f"op: {op.name} of {len(shape) - 1} axes" for shape in shapes(node.input))
            yield from (f"op: {op.name} of a list" for _ in (1,) if is_list(node.input))
            for name, declared in op.declared.items():
                value = getattr(op, name)
                yield f"op: {op.name}({name} = {sort(value)})"
                if type(value) is not type(declared.default) or value != declared.default:
                    yield f"op: {op.name}({name}) other than its default"
        if isinstance(node, graph.Join):
            numbers = ["number" if isinstance(item, graph.Constant) else "flow" for item in node.items]
            yield f"join: {f' {node.operator} '.join(numbers)}"
            yield f"join: {node.operator}{' of lists' * is_list(node.output)}"
        if isinstance(node, graph.Repeat):
            yield f"repeat: {'with' if node.index else 'without'} an index"
            yield f"repeat: of {min(len(node.rounds), 2)} kinds of rounds"
            yield from ("repeat: of equal rounds" for round_ in node.rounds if round_.count > 1)
        if isinstance(node, graph.Body):
            yield from (f"line: {line.kind}{' with a name' * bool(line.name)}" for line in node.lines)
        if isinstance(node, graph.Call) and node.values:
            yield "call: with values"


def standing(seen: dict[str, Op]) -> Iterator[str]:
    """All that `stands` may find; `seen` has ops that say by their shape rule which ranks they take."""
    for kind in get_args(AnyNode):
        yield f"node: {kind.kind}"
        yield f"node: {kind.kind} with a label"
    for name, op in OPS.items():
        yield f"op: {name}"
        for argument in op.declared:
            yield f"op: {name}({argument}) other than its default"
            yield from (f"op: {name}({argument} = {what})" for what in sorts(op, argument))
        like = [one for one in seen.values() if one.name == name]
        for axes in range(4):
            if any(_takes(one, axes) for one in like):
                yield f"op: {name} of {axes} axes"
        if any(_takes(one, axes, twice=True) for one in like for axes in range(4)):
            yield f"op: {name} of a list"
    for operator in "+-*/":
        yield from (
            f"join: {one}" for one in (f"flow {operator} flow", f"flow {operator} number", f"number {operator} flow")
        )
        yield f"join: {operator}"
    yield from ("join: ++", "join: ++ of lists", "call: with values", "repeat: of equal rounds")
    yield from (f"repeat: {what}" for what in ("with an index", "without an index", "of 0 kinds of rounds"))
    yield from (f"repeat: of {n} kinds of rounds" for n in (1, 2))
    yield from ("line: flow", "line: let with a name", "line: section with a name")


def _takes(op: Op, axes: int, twice: bool = False) -> bool:
    """Whether an op takes some map of so many axes, or two of them as a list."""
    for channels in (1, 2, 4, 6, 12):
        for size in (1, 2, 4, 8) if axes else (1,):
            shape = (channels, *(size,) * axes)
            try:
                op.apply((shape, shape) if twice else shape)
            except Refused:
                continue
            return True
    return False
