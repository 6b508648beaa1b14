"""Text -> syntax. The only importer of lark; every way a text can be unreadable becomes a Diagnostic."""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import lark
from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedToken
from lark.grammar import Rule
from lark.lexer import TerminalDef

from resdsl import files, syntax
from resdsl.diagnostics import Edit, Fix, Label, Source, Span, SpecError, error, nearest, printable
from resdsl.limits import DEFAULT

if TYPE_CHECKING:
    from lark.tree import Meta

EDITION = "1"
KEYWORDS = frozenset(
    """
    and as block default else expect false for function if import in input let model not or order repeat resdsl
    true
    """.split()  # noqa: SIM905
)
# Words that the generated module needs; those of Python and of nn.Module are added below.
_GENERATED = frozenset(
    """
    self super torch nn F Tensor OrderedDict print
    """.split()  # noqa: SIM905
)
_PYTHON = frozenset(
    """
    False None True and as assert async await break class continue def del elif else except finally for from
    global if import in is lambda nonlocal not or pass raise return try while with yield
    """.split()  # noqa: SIM905
)
# nn.Module keeps these attributes for itself: a part of that name would break it. A test compares the list with torch.
MODULE_ATTRIBUTES = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu
    load_state_dict modules mtia named_buffers named_children named_modules named_parameters parameters
    register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty train training type xpu zero_grad forward_features
    """.split()  # noqa: SIM905
)
_CLOSES = {"(": ")", "[": "]", "{": "}"}
_IN_WORDS = {
    "NAME": "a name", "CALL": "a call", "NUMBER": "a number", "SHAPE": "a shape such as `3 x 224 x 224`",
    "STRING": "a text in quotes", "LABEL": "a label", "COMPARE": "a comparison", "PLUS": "`+`", "MINUS": "`-`",
    "STAR": "`*`", "SLASH": "`/`", "AT": "`[`", "$END": "the end of the file", "COMMENT": "a comment",
}  # fmt: skip
_OPENS_TERM = {"NAME", "CALL", "NUMBER", "STRING", "LABEL", "LPAR", "LSQB", "IF", "REPEAT", "TRUE", "FALSE", "IN"}


def parse(source: Source) -> syntax.File:
    """The file that a source says. Raises SpecError for text that is not of the language."""
    _check_characters(source)
    builder = _Builder(source, _scan(source))
    try:
        tree = _lark().parse(source.text)
    except UnexpectedCharacters as problem:
        raise _stray(source, problem.pos_in_stream or 0) from None
    except UnexpectedToken as problem:
        raise _unexpected(source, problem) from None
    built: dict[int, Any] = {}
    for node in tree.iter_subtrees():  # children before parents, without recursion
        make = getattr(builder, _METHODS.get(node.data, node.data))
        built[id(node)] = make(node.meta, [built[id(c)] if isinstance(c, Tree) else c for c in node.children])
    file: syntax.File = built[id(tree)]
    return file


# -- characters ------------------------------------------------------------------------------------------------


def _check_characters(source: Source) -> None:
    """Control, bidi and zero-width characters hide what a spec says: they are refused everywhere, comments included."""
    seen = printable(source.text.replace("\r\n", "\n\n"))
    at = seen.find("\ufffd")
    while at >= 0:
        if source.text[at] != "\ufffd":
            name = f"U+{ord(source.text[at]):04X}"
            place = Span(source, at, at + 1)
            raise error(
                "E0001",
                f"the character {name} is not allowed: it would not be seen",
                Label(place, name),
                fixes=[Fix("remove it", (Edit(place, ""),), "safe")],
            )
        at = seen.find("\ufffd", at + 1)


def _stray(source: Source, at: int) -> SpecError:
    """The text at an offset begins no token."""
    found = source.text[at]
    place = Span(source, at, at + 1)
    if found == '"':
        end = source.text.find("\n", at)
        rest = Span(source, at, end if end >= 0 else len(source.text))
        if "\\" in rest.text and rest.text.count('"') > 1:
            return error("E0003", "a text in quotes holds no backslash", Label(rest))
        return error("E0003", "this text has no closing quote on its line", Label(rest))
    if number := re.compile(r"[0-9][0-9A-Za-z_.]{0,40}").match(source.text, at):
        return error(
            "E0004",
            f"`{number[0]}` is not a number",
            Label(Span(source, at, number.end())),
            fixes=[
                Fix("write whole numbers as 64 or 1_000, others as 0.5 or 1e-5; `k`, `M`, `G` stand in `expect` only")
            ],
        )
    if found == "_":
        return error("E0002", "a name begins with a letter, not with `_`", Label(place), fixes=[_remove(place)])
    meant = {
        "“": '"', "”": '"', "→": "->", "−": "-", "–": "-", "=": "=", "&": "and", "|": "or", "!": "not", ";": "",
        "\u00a0": " ", "@": "",
    }.get(found)  # fmt: skip
    shown = f"`{found}`"
    if not found.isascii():
        shown += f" (U+{ord(found):04X} {unicodedata.name(found, 'without a name')})"
    if found == "×":
        fixes = [Fix("write `x` in a shape, `*` between numbers or flows")]
    elif meant is None:
        near = unicodedata.normalize("NFKC", found)
        fixes = [Fix(f"write `{near}`", (Edit(place, near),))] if near.isascii() and near.isalnum() else []
        if not fixes and not found.isascii():
            fixes = [Fix("names and operators are ASCII; other characters stand in comments")]
    else:
        fixes = [Fix(f"write `{meant}`" if meant.strip() else "remove it", (Edit(place, meant),))]
    return error("E0002", f"the character {shown} has no meaning here", Label(place), fixes=fixes)


def _remove(place: Span) -> Fix:
    return Fix("remove it", (Edit(place, ""),))


# -- syntax errors -----------------------------------------------------------------------------------------------


def _unexpected(source: Source, problem: UnexpectedToken) -> SpecError:
    token = problem.token
    stopped = problem.interactive_parser
    accepts: set[str] = stopped.accepts() if stopped else set(problem.expected)  # type: ignore[no-untyped-call]
    if token.type == "$END":
        return _unfinished(source, accepts)
    place = Span(source, token.start_pos or 0, token.end_pos or 0)
    word = str(token)
    before = source.text[: place.start]
    if not before.strip() or "RESDSL" in accepts:
        return error(
            "E0102",
            "a file begins with its edition",
            Label(place, "found this instead"),
            fixes=[Fix(f"make `resdsl {EDITION}` the first line", (Edit(Span(source, 0, 0), f"resdsl {EDITION}\n"),))],
        )
    return (
        _bracket(source, place, word)
        or _misspelt(source, place, token.type, before, accepts)
        or _lost_arrow(place, token.type, before, accepts)
        or _operator(place, word, before)
        or _taken(place, word, accepts)
        or error("E0101", f"`{printable(word[:40])}` is not expected here", _wanted(place, accepts))
    )


def _wanted(place: Span, accepts: set[str]) -> Label:
    return Label(place, f"expected {_expected(accepts)}")


def _bracket(source: Source, place: Span, word: str) -> SpecError | None:
    """A bracket that closes nothing, or the wrong one; or one that should touch the name before it."""
    opened = _open_brackets(source.text[: place.start])
    if word in _CLOSES.values():
        if not opened:
            return error("E0101", f"this `{word}` closes nothing", Label(place), fixes=[_remove(place)])
        at = opened[-1]
        close = _CLOSES[source.text[at]]
        if close != word:
            return error(
                "E0105",
                f"`{source.text[at]}` is not closed before this `{word}`",
                Label(Span(source, at, at + 1), "opened here"),
                Label(place, f"expected `{close}` before this"),
                fixes=[Fix(f"write `{close}` before it", (Edit(Span(source, place.start, place.start), close),))],
            )
    at_line_start = not source.text[source.text.rfind("\n", 0, place.start) + 1 : place.start].strip()
    if (
        opened
        and at_line_start
        and source.text[opened[-1]] != "{"
        and place.source.position(opened[-1])[0] < place.source.position(place.start)[0]
    ):
        at = opened[-1]
        close = _CLOSES[source.text[at]]
        before = len(source.text[: place.start].rstrip())
        return error(
            "E0105",
            f"`{source.text[at]}` is not closed before this line",
            Label(Span(source, at, at + 1), "opened here"),
            Label(place, "unexpected here"),
            fixes=[Fix(f"close it with `{close}`", (Edit(Span(source, before, before), close),))],
        )
    gap = re.compile(r"[A-Za-z0-9_)\]]([ \t]+)$").search(source.text[: place.start])
    if word in ("(", "[") and gap:
        what = "a call" if word == "(" else "an index"
        name = "name" if word == "(" else "list"
        space = Span(source, gap.start(1), gap.end(1))
        fix = Fix("remove the space", (Edit(space, ""),), "safe")
        return error("E0101", f"the `{word}` of {what} touches its {name}", Label(place), fixes=[fix])
    return None


def _misspelt(source: Source, place: Span, kind: str, before: str, accepts: set[str]) -> SpecError | None:
    """A keyword written wrong: where it stands, or one or two words before, where it was read as a name."""
    words = [k for k in KEYWORDS if k.upper() in accepts]
    word = place.text
    if kind in ("NAME", "CALL") and (meant := nearest(word, words)):
        fix = Fix(f"did you mean `{meant}`?", (Edit(place, meant),))
        return error("E0101", f"`{word}` is not expected here", _wanted(place, accepts), fixes=[fix])
    opener = re.compile(r"\b([A-Za-z]+)[ \t]+[A-Za-z0-9_]+[ \t]*$").search(before)
    if word in ("=", "{") and opener and opener[1] not in KEYWORDS:
        meant = nearest(opener[1], ["let", "default", "expect"] if word == "=" else ["repeat", "if", "block", "model"])
        if meant:
            at = Span(source, opener.start(1), opener.end(1))
            fix = Fix(f"did you mean `{meant}`?", (Edit(at, meant),))
            return error("E0101", f"`{opener[1]}` is not a word of the language", Label(at), fixes=[fix])
    return None


def _lost_arrow(place: Span, kind: str, before: str, accepts: set[str]) -> SpecError | None:
    """A term that follows another one on the same line."""
    ends_term = re.compile(r"(?:([A-Za-z]\w*)|[0-9)\]}])[ \t\n\r]*$").search(before)
    if kind not in _OPENS_TERM or not ends_term or ends_term[1] in KEYWORDS - {"in", "true", "false"}:
        return None
    if not accepts & {"RBRACE", "RPAR", "RSQB"} or "COMMA" in accepts:
        return None
    word = place.text
    fix = Fix(f"write `-> {word}` to continue the flow", (Edit(Span(place.source, place.start, place.start), "-> "),))
    return error("E0103", f"`{word}` follows without `->`", Label(place, "unexpected here"), fixes=[fix])


def _operator(place: Span, word: str, before: str) -> SpecError | None:
    """An operator where only an item can stand."""
    if word == "-" and re.search(r"[-+*/%=<>]\s*$", before):
        fix = Fix("put the negative number in brackets, as in `2 ** (-1)`")
        return error("E0101", "a minus after an operator", Label(place), fixes=[fix])
    line = before[before.rfind("\n") + 1 :]
    if word == "=":
        fixes = [Fix("write `name: flow` to label a flow, `let name = value` to name a value")]
        return error("E0101", "`=` is not expected here: a label takes `:`", Label(place), fixes=fixes)
    if word == "//" and not line.strip():
        return error("E0101", "a comment begins with `#`", Label(place), fixes=[Fix("write `#`", (Edit(place, "#"),))])
    if word in ("+", "-", "*", "/", "++") and "->" in line:
        return error(
            "E0101",
            f"after `->` stands one item; here a `{word}` follows it",
            Label(place),
            fixes=[Fix(f"bracket what you mean: `a -> (b {word} c)`, or `(a -> b) {word} c`")],
        )
    return None


def _taken(place: Span, word: str, accepts: set[str]) -> SpecError | None:
    """A word of the language where a name is due."""
    if word not in KEYWORDS or "NAME" not in accepts:
        return None
    message = f"`{word}` is a word of the language and cannot be a name"
    return error("E0201", message, Label(place), fixes=[Fix(f"call it `{word}_`", (Edit(place, f"{word}_"),))])


def _open_brackets(text: str) -> list[int]:
    """Where the brackets are that a text leaves open, the outermost first."""
    opened: list[int] = []
    for match in re.finditer(r'#[^\n]*|"[^"\n]*"|[][(){}]', text):
        if match[0] in _CLOSES:
            opened.append(match.start())
        elif match[0] in _CLOSES.values() and opened:
            opened.pop()
    return opened


def _unfinished(source: Source, accepts: set[str]) -> SpecError:
    """The file ends inside something: name the bracket that is open."""
    end = len(source.text.rstrip())
    place = Label(Span(source, max(0, end - 1), end), "the file ends here")
    open_brackets = _open_brackets(source.text)
    if open_brackets:
        at = open_brackets[-1]
        close = _CLOSES[source.text[at]]
        fix = Fix(f"close it with `{close}`", (Edit(Span(source, end, end), f"\n{close}" if close == "}" else close),))
        return error(
            "E0105",
            f"`{source.text[at]}` is never closed",
            Label(Span(source, at, at + 1), "opened here"),
            place,
            fixes=[fix],
        )
    if "RESDSL" in accepts:
        return error(
            "E0102",
            "the file is empty",
            place,
            fixes=[Fix(f"begin with `resdsl {EDITION}`; `resdsl new FILE` writes a spec to start from")],
        )
    return error("E0101", f"the file ends too early: expected {_expected(accepts)}", place)


def _expected(accepts: set[str]) -> str:
    """What could stand here, in words; at most four."""
    literal = {t.name: f"`{t.pattern.value}`" for t in _lark().terminals if t.pattern.type == "str"}
    names = {_IN_WORDS.get(name) or literal.get(name) or name.lower() for name in accepts}
    if len(names) > 4:
        marks = ["`->`", "`,`", "`)`", "`]`", "`}`", "`{`", "`=`", "a name"]
        names = (
            {"a block or an operation"}
            if {"a name", "a call", "`(`"} <= names and "`->`" not in names
            else {n for n in marks if n in names} or set(sorted(names)[:4])
        )
    words = sorted(names)[:4]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


# -- building ------------------------------------------------------------------------------------------------------


class _Builder:
    """Makes the syntax class of each node of the parser's tree. A method a rule, named as the rule is."""

    def __init__(self, source: Source, comments: dict[int, tuple[int, str]]) -> None:
        self.source = source
        self.comments = comments  # line -> where the comment starts, and its text

    def at(self, token: Token) -> Span:
        return Span(self.source, token.start_pos or 0, token.end_pos or 0)

    def span(self, meta: Meta) -> Span:
        return Span(self.source, meta.start_pos, meta.end_pos)

    # names, numbers, comments
    def named(self, token: Token) -> str:
        name = str(token)
        if len(name) > DEFAULT.name_length or "__" in name:
            why = "has two underscores in a row" if "__" in name else f"is longer than {DEFAULT.name_length} characters"
            raise error("E0201", f"the name `{name[:80]}` {why}", Label(self.at(token)))
        if name in _PYTHON or name in _GENERATED:
            why = "Python" if name in _PYTHON else "the generated module"
            raise error(
                "E0201",
                f"`{name}` cannot be a name: {why} needs the word",
                Label(self.at(token)),
                fixes=[Fix(f"call it `{name}_`", (Edit(self.at(token), f"{name}_"),))],
            )
        return name

    def attribute(self, token: Token) -> str:
        """A label: a path of attribute names; its parts become attributes of modules."""
        label = str(token)
        place = self.at(token)
        if (
            not re.fullmatch(r"[A-Za-z]\w*(\.[A-Za-z0-9_-]+)*([.-]?\{\w+\})?", label)
            or len(label) > 4 * DEFAULT.name_length
        ):
            raise error(
                "E0203",
                f"`{label[:80]}` is not a label",
                Label(place),
                fixes=[Fix("write names joined by dots, and at the end at most one `{0}`, `{1}` or `{name}`")],
            )
        for part in re.sub(r"[.-]?\{\w+\}", "", label).split("."):
            if part in KEYWORDS or part in _PYTHON or part in MODULE_ATTRIBUTES or part == "self" or "__" in part:
                owner = "nn.Module keeps the attribute for itself" if part in MODULE_ATTRIBUTES else "the word is taken"
                raise error(
                    "E0201",
                    f"`{part}` cannot be a label: {owner}",
                    Label(place),
                    fixes=[Fix(f"call it `{part}_`", (Edit(place, label.replace(part, f"{part}_", 1)),))],
                )
        return label

    def whole(self, digits: str, place: Span) -> int:
        plain = digits.replace("_", "")
        if len(plain) > DEFAULT.digits:
            raise error("E0004", f"a number of {len(plain)} digits; {DEFAULT.digits} are the most", Label(place))
        return int(plain)

    def documentation(self, span: Span) -> tuple[str, ...]:
        """The comment directly above a declaration, a line each."""
        row = self.source.position(span.start)[0]
        lines: list[str] = []
        while (comment := self.comments.get(row - 1 - len(lines))) is not None:
            start, text = comment
            if self.source.text[self.source.starts[row - 2 - len(lines)] : start].strip():
                break  # it ends a line of its own
            lines.append(text)
        return tuple(reversed(lines))

    # flows and numbers
    def number(self, meta: Meta, items: list[Any]) -> syntax.Number:
        place, digits = self.span(meta), str(items[0])
        if digits[-1] in "kMG":
            raise error(
                "E0004",
                f"`{digits}`: the units k, M and G stand in `expect` only",
                Label(place),
                fixes=[Fix("write the number out, as in 64_000")],
            )
        if digits.replace("_", "").isdigit():
            return syntax.Number(place, self.whole(digits, place))
        if len(digits) > 40:
            raise error("E0004", f"a number of {len(digits)} characters; 40 are the most", Label(place))
        value = float(digits.replace("_", ""))
        if value in (float("inf"), float("-inf")):
            raise error("E0004", f"`{digits}` is too large", Label(place))
        return syntax.Number(place, value)

    def text(self, meta: Meta, items: list[Any]) -> syntax.Text:
        return syntax.Text(self.span(meta), str(items[0])[1:-1])

    def true(self, meta: Meta, items: list[Any]) -> syntax.Flag:
        return syntax.Flag(self.span(meta), True)

    def false(self, meta: Meta, items: list[Any]) -> syntax.Flag:
        return syntax.Flag(self.span(meta), False)

    def width(self, meta: Meta, items: list[Any]) -> syntax.Width:
        return syntax.Width(self.span(meta))

    def ref(self, meta: Meta, items: list[Any]) -> syntax.Ref:
        return syntax.Ref(self.span(meta), str(items[0]))

    def call(self, meta: Meta, items: list[Any]) -> syntax.Call:
        return syntax.Call(self.span(meta), str(items[0]), items[1] or ())

    def args(self, meta: Meta, items: list[Any]) -> tuple[syntax.Arg, ...]:
        return tuple(items)

    def arg(self, meta: Meta, items: list[Any]) -> syntax.Arg:
        return syntax.Arg(self.span(meta), None if items[0] is None else str(items[0]), items[1])

    def chain(self, meta: Meta, items: list[Any]) -> syntax.Chain:
        return syntax.Chain(self.span(meta), tuple(items))

    def infix(self, meta: Meta, items: list[Any]) -> syntax.Infix:
        return syntax.Infix(self.span(meta), tuple(items[::2]), tuple(str(o) for o in items[1::2]))

    def power(self, meta: Meta, items: list[Any]) -> syntax.Power:
        return syntax.Power(self.span(meta), tuple(items))

    def negative(self, meta: Meta, items: list[Any]) -> syntax.Negative:
        return syntax.Negative(self.span(meta), items[1])

    def compare(self, meta: Meta, items: list[Any]) -> syntax.Compare:
        return syntax.Compare(self.span(meta), items[0], str(items[1]), items[2])

    def any_of(self, meta: Meta, items: list[Any]) -> syntax.AnyOf:
        return syntax.AnyOf(self.span(meta), tuple(items))

    def all_of(self, meta: Meta, items: list[Any]) -> syntax.AllOf:
        return syntax.AllOf(self.span(meta), tuple(items))

    def negation(self, meta: Meta, items: list[Any]) -> syntax.Negation:
        return syntax.Negation(self.span(meta), items[0])

    def concat(self, meta: Meta, items: list[Any]) -> syntax.Concat:
        return syntax.Concat(self.span(meta), tuple(items))

    def labelled(self, meta: Meta, items: list[Any]) -> syntax.Labelled:
        return syntax.Labelled(self.span(meta), self.attribute(items[0]), items[1])

    def index(self, meta: Meta, items: list[Any]) -> syntax.Index:
        return syntax.Index(self.span(meta), items[0], tuple(items[2::2]))

    def list_(self, meta: Meta, items: list[Any]) -> syntax.List:
        return syntax.List(self.span(meta), tuple(i for i in items if i is not None))

    def each(self, meta: Meta, items: list[Any]) -> syntax.Each:
        return syntax.Each(self.span(meta), items[0], self.named(items[1]), items[2])

    def repeat(self, meta: Meta, items: list[Any]) -> syntax.Repeat:
        return syntax.Repeat(self.span(meta), items[0], items[1] and self.named(items[1]), items[2])

    def choice(self, meta: Meta, items: list[Any]) -> syntax.Choice:
        bodies = (*items[1:-1:2], items[-1])
        return syntax.Choice(self.span(meta), tuple(items[:-1:2]), bodies)

    # lines
    def body(self, meta: Meta, items: list[Any]) -> syntax.Body:
        return syntax.Body(self.span(meta), tuple(items))

    def let(self, meta: Meta, items: list[Any]) -> syntax.Let:
        return syntax.Let(self.span(meta), self.named(items[0]), items[1])

    def default(self, meta: Meta, items: list[Any]) -> syntax.Default:
        return syntax.Default(self.span(meta), str(items[0]), items[1])

    def fact(self, meta: Meta, items: list[Any]) -> syntax.Fact:
        digits = str(items[1])
        if "e" in digits.lower() or len(digits) > 40:
            fix = Fix("write plain digits, as in 25_557_032, or rounded ones, as in 25.6M")
            raise error("E0004", f"`{digits[:60]}` is no count", Label(self.at(items[1])), fixes=[fix])
        return syntax.Fact(self.span(meta), str(items[0]), digits)

    def expect(self, meta: Meta, items: list[Any]) -> syntax.Expect:
        return syntax.Expect(self.span(meta), tuple(items))

    def order(self, meta: Meta, items: list[Any]) -> syntax.Order:
        return syntax.Order(self.span(meta), tuple(str(i) for i in items))

    def section(self, meta: Meta, items: list[Any]) -> syntax.Section:
        return syntax.Section(self.span(meta), self.attribute(items[0]), items[1])

    # definitions
    def params(self, meta: Meta, items: list[Any]) -> tuple[syntax.Param, ...]:
        return tuple(i for i in items if i is not None)

    def param(self, meta: Meta, items: list[Any]) -> syntax.Param:
        return syntax.Param(self.span(meta), self.named(items[0]), items[1])

    def block(self, meta: Meta, items: list[Any]) -> syntax.Block:
        span = self.span(meta)
        return syntax.Block(span, self.named(items[0]), items[1] or (), items[2], self.documentation(span))

    def function(self, meta: Meta, items: list[Any]) -> syntax.Function:
        span = self.span(meta)
        return syntax.Function(span, self.named(items[0]), items[1], items[2], self.documentation(span))

    def shape(self, meta: Meta, items: list[Any]) -> syntax.Input:
        place = self.at(items[0])
        if not re.fullmatch(r"[0-9_x \t]+", items[0]):
            raise error(
                "E0004", f"`{items[0]}` is not a shape", Label(place), fixes=[Fix("write it as `3 x 224 x 224`")]
            )
        return syntax.Input(place, tuple(self.whole(n.strip(), place) for n in items[0].split("x")))

    def model(self, meta: Meta, items: list[Any]) -> syntax.Model:
        span = self.span(meta)
        name, params, shape, *lines = items
        return syntax.Model(
            span, self.named(name), params or (), shape, self.lines(span, lines), self.documentation(span)
        )

    def variant(self, meta: Meta, items: list[Any]) -> syntax.Variant:
        span = self.span(meta)
        name, (base, args), shape, *lines = items
        body = self.lines(span, [line for line in lines if line is not None])
        return syntax.Variant(span, self.named(name), base, args, shape, body, self.documentation(span))

    def lines(self, span: Span, lines: list[Any]) -> syntax.Body:
        return syntax.Body(span, tuple(lines))

    def base(self, meta: Meta, items: list[Any]) -> tuple[syntax.Ref, tuple[syntax.Arg, ...]]:
        return syntax.Ref(self.at(items[0]), str(items[0])), (items[1] or ()) if len(items) > 1 else ()

    def start(self, meta: Meta, items: list[Any]) -> syntax.File:
        edition, *rest = items
        if str(edition) != EDITION:
            raise error(
                "E0102",
                f"edition {edition} is not known; this is edition {EDITION}",
                Label(self.at(edition)),
                fixes=[Fix(f"write `resdsl {EDITION}`", (Edit(self.at(edition), EDITION),))],
            )
        imports = tuple(i for i in rest if isinstance(i, syntax.Import))
        definitions = tuple(i for i in rest if not isinstance(i, syntax.Import))
        return syntax.File(self.source, self.head(edition.line, rest), imports, definitions)

    def head(self, row: int, rest: list[Any]) -> tuple[str, ...]:
        """The comment at the head of the file: on the lines after the edition, up to an empty line."""
        lines: list[str] = []
        while (comment := self.comments.get(row + 1 + len(lines))) is not None:
            lines.append(comment[1])
        first = self.source.position(rest[0].span.start)[0] if rest else 0
        return () if first == row + 1 + len(lines) else tuple(lines)

    def import_(self, meta: Meta, items: list[Any]) -> syntax.Import:
        return syntax.Import(self.span(meta), str(items[0])[1:-1])


_METHODS = {"import": "import_", "list": "list_"}  # words that Python keeps


def _scan(source: Source) -> dict[int, tuple[int, str]]:
    """The comments of a text by line. Refuses brackets nested too deep, before anything is built of them."""
    comments: dict[int, tuple[int, str]] = {}
    depth = 0
    for match in re.finditer(r'"[^"\n]*"|#[^\n]*|[][(){}]', source.text):
        mark = match[0][0]
        if mark == "#":
            comments[source.position(match.start())[0]] = match.start(), match[0][1:].strip()
        elif mark in _CLOSES:
            depth += 1
            if depth > DEFAULT.nesting:
                raise error(
                    "E0104",
                    f"more than {DEFAULT.nesting} brackets inside one another",
                    Label(Span(source, match.start(), match.end()), "one too many"),
                    fixes=[Fix("name the inner parts: make blocks of them")],
                )
        elif mark != '"':
            depth -= 1
    return comments


# -- the parse table -------------------------------------------------------------------------------------------

_GRAMMAR = "grammars/resdsl.lark"
_TABLE = "grammars/resdsl.table.json"


@lru_cache(maxsize=1)
def _lark() -> Lark:
    """The parser: from the table that ships, which is quick; from the grammar, where the table is of another one."""
    grammar = files.shipped(_GRAMMAR)
    try:
        table = json.loads(files.shipped(_TABLE), object_pairs_hook=_numbered)
    except (OSError, ValueError):
        return compiled(grammar)
    if table["grammar"] != _digest(grammar) or table["lark"] != lark.__version__:
        return compiled(grammar)
    loaded: Lark = Lark._load_from_dict(table["data"], table["memo"])  # type: ignore[no-untyped-call]
    return loaded


def compiled(grammar: str, strict: bool = False) -> Lark:
    """The parser of a grammar; `strict` refuses any conflict in it."""
    return Lark(grammar, parser="lalr", lexer="basic", propagate_positions=True, maybe_placeholders=True, strict=strict)


def table() -> str:
    """The parse table of the grammar as JSON, the same every time: `make grammar` writes it beside the grammar."""
    grammar = files.shipped(_GRAMMAR)
    data, memo = json.loads(json.dumps(compiled(grammar).memo_serialize([TerminalDef, Rule])))
    data, memo = _renumbered(data, memo)
    whole = {"grammar": _digest(grammar), "lark": lark.__version__, "data": data, "memo": memo}
    return json.dumps(whole, separators=(",", ":"), sort_keys=True) + "\n"


def _renumbered(data: Any, memo: dict[str, Any]) -> tuple[Any, Any]:
    """The table with entries and states in an order that follows from the grammar; Lark numbers them as they come."""

    def spelled(value: Any) -> str:
        if isinstance(value, dict):
            inner = memo[str(value["@"])] if "@" in value else value
            return "{" + ",".join(f"{key}:{spelled(inner[key])}" for key in sorted(inner)) + "}"
        return "[" + ",".join(map(spelled, value)) + "]" if isinstance(value, list) else json.dumps(value)

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {"@": entry[str(value["@"])]} if "@" in value else {k: moved(v) for k, v in value.items()}
        return [moved(v) for v in value] if isinstance(value, list) else value

    entry = {key: i for i, key in enumerate(sorted(memo, key=lambda k: spelled(memo[k])))}
    lalr = data["parser"]["parser"]
    names: dict[str, str] = lalr["tokens"]
    token = {number: i for i, number in enumerate(sorted(names, key=lambda n: names[n]))}
    start = lalr["start_states"]["start"]
    state, queue = {start: 0}, [start]
    for at in queue:
        for number in sorted(lalr["states"][str(at)], key=lambda n: names[n]):
            reduces, to = lalr["states"][str(at)][number]
            if not reduces and to not in state:
                state[to] = len(state)
                queue.append(to)
    states = {
        state[at]: {
            token[number]: [reduces, moved(to) if reduces else state[to]]
            for number, (reduces, to) in lalr["states"][str(at)].items()
        }
        for at in queue
    }
    for part, key in (
        (data["parser"]["lexer_conf"], "terminals"),
        (data["parser"]["parser_conf"], "rules"),
        (data, "rules"),
    ):
        part[key].sort(key=spelled)
    data["parser"].pop("parser")
    ordered = moved(data)
    ordered["parser"]["parser"] = {
        "tokens": {token[number]: name for number, name in names.items()},
        "states": states,
        "start_states": {"start": 0},
        "end_states": {"start": state[lalr["end_states"]["start"]]},
    }
    return ordered, {entry[key]: moved(value) for key, value in memo.items()}


def _digest(grammar: str) -> str:
    return f"{zlib.crc32(grammar.encode()):08x}"


def _numbered(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    """JSON has text for keys; the table's are numbers where they look so."""
    return {int(key) if key.isdigit() else key: value for key, value in pairs}
