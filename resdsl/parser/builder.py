"""The parser's tree -> syntax: one method a rule of the grammar."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lark import Token

from resdsl import syntax
from resdsl.diagnostics import Diagnostic, Edit, Fix, Label, Source, Span, error
from resdsl.limits import DEFAULT
from resdsl.parser.characters import LONGEST
from resdsl.parser.words import EDITION, GENERATED, KEYWORDS, MODULE_ATTRIBUTES, MOST, PYTHON

if TYPE_CHECKING:
    from lark.tree import Meta


class Builder:
    """Makes the syntax class of each node of the parser's tree. A method a rule, named as the rule is."""

    def __init__(self, source: Source, comments: dict[int, tuple[int, str]]) -> None:
        self.source = source
        self.comments = comments  # line -> where the comment starts, and its text
        self.wrong: list[Diagnostic] = []

    def refuse(self, code: str, message: str, place: Span, fix: Fix) -> None:
        """Note what is wrong; something stands in for it, so that the rest is read too."""
        if len(self.wrong) < MOST:
            self.wrong.append(Diagnostic(code, message, (Label(place),), (fix,)))

    def at(self, token: Token) -> Span:
        return Span(self.source, token.start_pos or 0, token.end_pos or 0)

    def span(self, meta: Meta) -> Span:
        return Span(self.source, meta.start_pos, meta.end_pos)

    # names, numbers, comments
    def named(self, token: Token) -> str:
        name = str(token)
        if len(name) > DEFAULT.name_length or "__" in name:
            why = "has two underscores in a row" if "__" in name else f"is longer than {DEFAULT.name_length} characters"
            other = re.sub("__+", "_", name)[: DEFAULT.name_length]
            fix = Fix(f"call it `{other}`", (Edit(self.at(token), other),)) if "__" in name else Fix("shorten it")
            self.refuse("E0201", f"the name `{name[:80]}` {why}", self.at(token), fix)
        elif name in PYTHON or name in GENERATED:
            why = "Python" if name in PYTHON else "the generated module"
            fix = Fix(f"call it `{name}_`", (Edit(self.at(token), f"{name}_"),))
            self.refuse("E0201", f"`{name}` cannot be a name: {why} needs the word", self.at(token), fix)
        return name

    def attribute(self, token: Token) -> str:
        """A label: a path of attribute names; its parts become attributes of modules."""
        label = str(token)
        place = self.at(token)
        if not re.fullmatch(r"[A-Za-z]\w*(\.[A-Za-z0-9_-]+)*([.-]?\{\w+\})?", label) or len(label) > LONGEST:
            fix = Fix("write names joined by dots, and at the end at most one `{0}`, `{1}` or `{name}`")
            self.refuse("E0203", f"`{label[:80]}` is not a label", place, fix)
            return label
        for part in re.sub(r"[.-]?\{\w+\}", "", label).split("."):
            if part in KEYWORDS or part in PYTHON or part in MODULE_ATTRIBUTES or part == "self" or "__" in part:
                owner = "Python or the language needs the word"
                if part in MODULE_ATTRIBUTES:
                    owner = "nn.Module keeps the attribute for itself"
                elif "__" in part:
                    owner = "it has two underscores in a row"
                other = re.sub("__+", "_", part) if "__" in part else f"{part}_"
                whole = label.replace(part, other, 1)
                if label.startswith("self."):
                    other = whole = label.removeprefix("self.")
                fix = Fix(f"call it `{other}`", (Edit(place, whole),))
                self.refuse("E0201", f"`{part}` cannot be a label: {owner}", place, fix)
                break
        return label

    def whole(self, digits: str, place: Span) -> int:
        plain = digits.replace("_", "")
        if len(plain) > DEFAULT.digits:
            what = f"a number of {len(plain)} digits; {DEFAULT.digits} are the most"
            shown = f"{float(plain):.3g}".replace("e+", "e")
            fixes = "take a smaller number", f"write it as a float if it need not be exact: `{shown}`"
            self.refuse("E0004", what, place, Fix(fixes[len(plain) <= 300]))
            return 1
        return int(plain)

    def documentation(self, span: Span) -> tuple[str, ...]:
        """The comment directly above a declaration, a line each."""
        row = self.source.position(span.start)[0]
        if not self.begins(row, span.start):
            return ()  # what stands above belongs to the line's first declaration
        lines: list[str] = []
        while (text := self.remark(row - 1 - len(lines))) is not None:
            lines.append(text)
        return _said(reversed(lines))

    def remark(self, row: int) -> str | None:
        """The comment that has a line for itself."""
        comment = self.comments.get(row)
        return comment[1] if comment and self.begins(row, comment[0]) else None

    def begins(self, row: int, offset: int) -> bool:
        """Whether nothing but blanks stands before an offset on its line."""
        return not self.source.text[self.source.starts[row - 1] : offset].strip()

    # flows and numbers
    def number(self, meta: Meta, items: list[Any]) -> syntax.Number:
        place, digits = self.span(meta), str(items[0])
        if digits[-1] in "kMG":
            what = f"`{digits}`: the units k, M and G stand in `expect` only"
            self.refuse("E0004", what, place, _written_out(place, digits))
            return syntax.Number(place, 1)
        if digits.replace("_", "").isdigit():
            return syntax.Number(place, self.whole(digits, place))
        if len(digits) > 40:
            what = f"a number of {len(digits)} characters; 40 are the most"
            self.refuse("E0004", what, place, Fix("leave out digits: a float has 17 that count"))
            return syntax.Number(place, 1)
        value = float(digits.replace("_", ""))
        if value in (float("inf"), float("-inf")):
            what = f"`{digits}` is too large"
            self.refuse("E0004", what, place, Fix("take a smaller number: 1.8e308 is the largest float"))
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
            self.refuse("E0004", f"`{digits[:60]}` is no count", self.at(items[1]), fix)
        return syntax.Fact(self.span(meta), str(items[0]), digits)

    def expect(self, meta: Meta, items: list[Any]) -> syntax.Expect:
        return syntax.Expect(self.span(meta), tuple(items))

    def order(self, meta: Meta, items: list[Any]) -> syntax.Order:
        return syntax.Order(self.span(meta), tuple(str(i) for i in items))

    def rename(self, meta: Meta, items: list[Any]) -> syntax.Rename:
        published, own = (syntax.Text(self.at(item), str(item)[1:-1]) for item in items)
        return syntax.Rename(self.span(meta), published, own)

    def keys(self, meta: Meta, items: list[Any]) -> syntax.Keys:
        return syntax.Keys(self.span(meta), tuple(items))

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
            self.refuse("E0004", f"`{items[0]}` is not a shape", place, Fix("write it as `3 x 224 x 224`"))
            return syntax.Input(place, (1,))
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
                f"edition {edition} is not known: this resdsl reads edition {EDITION}",
                Label(self.at(edition)),
                fixes=[Fix(f"write `resdsl {EDITION}`", (Edit(self.at(edition), EDITION),))],
            )
        imports = tuple(i for i in rest if isinstance(i, syntax.Import))
        definitions = tuple(i for i in rest if not isinstance(i, syntax.Import))
        return syntax.File(self.source, self.head(edition.line, rest), imports, definitions)

    def head(self, row: int, rest: list[Any]) -> tuple[str, ...]:
        """The comment at the head of the file: on the lines after the edition, up to an empty line."""
        lines: list[str] = []
        first = self.source.position(rest[0].span.start)[0] if rest else 0
        while first != row and (text := self.remark(row + 1 + len(lines))) is not None:
            lines.append(text)
        return () if first == row + 1 + len(lines) else _said(lines)

    def import_(self, meta: Meta, items: list[Any]) -> syntax.Import:
        return syntax.Import(self.span(meta), str(items[0])[1:-1])


def _written_out(place: Span, digits: str) -> Fix:
    """A number with a unit as a plain one."""
    worth = float(digits[:-1].replace("_", "")) * 1000 ** ("kMG".index(digits[-1]) + 1)
    if worth >= 1e15 or not worth.is_integer():
        return Fix("write the number out, as in `64_000`")
    return Fix(f"write `{int(worth):_}`", (Edit(place, f"{int(worth):_}"),))


def _said(comment: Iterable[str]) -> tuple[str, ...]:
    """A comment without its lines for resdsl itself."""
    return tuple(line for line in comment if not line.startswith("resdsl:"))


METHODS = {"import": "import_", "list": "list_"}  # words that Python keeps
