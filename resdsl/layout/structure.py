"""How words belong together: brackets, statements, operators; where a line may begin, and how readily."""

from __future__ import annotations

from dataclasses import dataclass, field

from resdsl.layout.words import COMPARISONS, Word

# How readily a line begins before a word, the readiest first: among words that are equally deep in brackets.
BODY, COMMA, FOR, ARROW = 0, 1, 2, 3
_RANKS = {
    "->": ARROW, "or": 4, "and": 5, **dict.fromkeys(COMPARISONS, 6), "++": 7, "+": 8, "-": 8,
    **dict.fromkeys(("*", "/", "//", "%"), 9), "**": 10,
}  # fmt: skip
JOINS = (7, 8)
ELSE, OPENED, NEVER = 11, 12, 13

_DEFINITIONS = frozenset(("RESDSL", "IMPORT", "BLOCK", "FUNCTION", "MODEL"))
_VALUES = frozenset(("NAME", "NUMBER", "STRING", "TRUE", "FALSE", "IN"))
_END_OPERAND = _VALUES | {"SHAPE", "RPAR", "RSQB", "RBRACE"}
_BEGIN_LINE = _VALUES | {
    "CALL", "LABEL", "LPAR", "LSQB", "IF", "REPEAT", "NOT", "LET", "DEFAULT", "EXPECT", "ORDER", "KEYS", "INPUT",
}  # fmt: skip


@dataclass(slots=True, eq=False)
class Element:
    """An argument, an item or a line: its operators, a list for those that work as one, `a + b - c`."""

    runs: dict[int, list[int]] = field(default_factory=dict)  # of those that are open, by rank
    joins: list[int] = field(default_factory=list)  # the sum that opens a chain
    arrows: list[int] = field(default_factory=list)
    branches: bool = False  # a term of the sum is a flow in brackets


@dataclass(slots=True, eq=False)
class _Group:
    opener: int  # a bracket, or the `if` or `repeat` whose condition or count this is; -1 for the file
    body: bool
    free: bool  # its flows have the lines that the author gave them
    element: Element = field(default_factory=Element)


class Structure:
    """The words of a text that parses, and for each word what is known of the gap before it."""

    def __init__(self, words: list[Word]) -> None:
        count = len(words)
        self.words = words
        self.close: dict[int, int] = {}  # of each opening bracket
        self.ends: dict[int, int] = {}  # of each `if` and `repeat`, the brace that ends its condition or count
        self.owner = [-1] * count  # the opening bracket that a word stands in, or its `if` or `repeat`
        self.depth = [0] * count
        self.rank = [NEVER] * count
        self.starts = bytearray(count)  # whether a definition or a line of a body begins
        self.bodies: dict[int, int] = {}  # of the first word of a definition, the brace that opens its body
        self.free = bytearray(count)  # whether the author may begin a line here: within bodies and flows in brackets
        self.listings: set[int] = set()  # the brackets of arguments, parameters, lists and indices
        self.headed: set[int] = set()  # the braces that end the condition of an `if` or the count of a `repeat`
        self.commas: dict[int, list[int]] = {}  # of an opening bracket, the words behind its commas
        self.element: dict[int, Element] = {}  # of each operator
        self.run: dict[int, list[int]] = {}
        self.elses: dict[int, list[int]] = {}  # of each `else`, all of its chain
        self.else_body: dict[int, int] = {}  # of each `else`, the brace that follows it or its `if`
        self._groups = [_Group(-1, body=True, free=True)]
        self._opener: dict[int, int] = {}  # of each closing bracket
        self._chain: dict[int, list[int]] = {}  # of the brace of a body, the `else` words of its chain
        self._walk()
        self.space = [self._space(i) for i in range(count)]
        self.offset = [0] * (count + 1)  # where each word would end if all stood on one line
        for i, word in enumerate(words):
            self.offset[i + 1] = self.offset[i] + self.space[i] + len(word.text)

    def width(self, first: int, end: int) -> int:
        """Of the words from first up to end, on one line."""
        return self.offset[end] - self.offset[first] - self.space[first]

    def _walk(self) -> None:
        words = self.words
        for i, word in enumerate(words):
            before = words[i - 1] if i else word
            if word.kind in ("RBRACE", "RPAR", "RSQB"):
                group = self._groups.pop()
                self.close[group.opener] = i
                self._opener[i] = group.opener
                self.owner[i], self.depth[i] = group.opener, len(self._groups)
                continue
            if word.kind == "LBRACE" and before.kind != "ELSE" and self._heads(self._groups[-1].opener):
                self._end_head(i)
            group = self._groups[-1]
            self.owner[i], self.depth[i], self.free[i] = group.opener, len(self._groups) - 1, group.free
            self.rank[i] = self._rank(i, word, before, group)
            if word.kind == "ELSE":
                self._else(i)
            elif self._heads(i):
                self._groups.append(_Group(i, body=False, free=False))
            elif word.kind in ("LBRACE", "LPAR", "LSQB", "AT"):
                self._open(i, word, group)

    def _heads(self, i: int) -> bool:
        """Whether a condition or a count follows a word."""
        return i >= 0 and self.words[i].kind in ("IF", "REPEAT")

    def _end_head(self, brace: int) -> None:
        """The brace behind a condition or a count."""
        opener = self._groups.pop().opener
        self.headed.add(brace)
        self.ends[opener] = brace
        if opener - 1 in self.elses:
            self.else_body[opener - 1] = brace
            self._chain[brace] = self.elses[opener - 1]

    def _else(self, i: int) -> None:
        self.elses[i] = self._chain.setdefault(self._opener[i - 1], [])
        self.elses[i].append(i)
        if self.words[i + 1].kind == "LBRACE":
            self.else_body[i] = i + 1

    def _open(self, i: int, word: Word, group: _Group) -> None:
        """A bracket opens: of a body, of a flow, or of a listing."""
        if word.kind == "LBRACE":
            if group.opener < 0:
                self.bodies[self.starts.rindex(1, 0, i)] = i
            self._groups.append(_Group(i, body=True, free=True))
        elif word.kind == "LPAR" and not self._called(i):
            group.element.branches |= not group.element.arrows
            self._groups.append(_Group(i, body=False, free=group.free))
        else:
            self.listings.add(i)
            self._groups.append(_Group(i, body=False, free=False))

    def _called(self, i: int) -> bool:
        """Whether a bracket holds the arguments of a call or the parameters of a definition."""
        defined = i > 1 and self.words[i - 2].kind in ("BLOCK", "FUNCTION", "MODEL")
        return self.words[i - 1].kind == "CALL" or (defined and self.words[i - 1].kind == "NAME")

    def _rank(self, i: int, word: Word, before: Word, group: _Group) -> int:
        if group.opener < 0:
            self.starts[i] = word.kind in _DEFINITIONS
        elif group.body:
            self.starts[i] = i == group.opener + 1 or (before.kind in _END_OPERAND and word.kind in _BEGIN_LINE)
        if self.starts[i] or before.text == ",":
            group.element = Element()
        if self.starts[i]:
            return BODY if group.opener >= 0 else NEVER
        if before.text == ",":
            self.commas.setdefault(group.opener, []).append(i)
            return COMMA
        if word.operator:
            return self._operator(i, word, group.element)
        if word.kind == "FOR":
            return FOR
        if word.kind == "ELSE":
            return ELSE
        return OPENED if i == group.opener + 1 and before.text in ("(", "[") else NEVER

    def _operator(self, i: int, word: Word, element: Element) -> int:
        rank = _RANKS[word.text]
        for tighter in [r for r in element.runs if r > rank]:
            del element.runs[tighter]
        run = element.runs.setdefault(rank, [])
        run.append(i)
        self.element[i], self.run[i] = element, run
        if rank == ARROW:
            element.arrows = run
        elif rank in JOINS and (not element.joins or rank < _RANKS[self.words[element.joins[0]].text]):
            element.joins = run
        return rank

    def _space(self, i: int) -> int:
        """How many spaces stand before a word that begins no line."""
        if not i:
            return 0
        before, word = self.words[i - 1], self.words[i]
        if self.starts[i] and before.text != "{":
            return 3
        if word.kind in ("COMMA", "RPAR", "RSQB", "COLON", "AT", "") or before.text in ("(", "["):
            return 0
        if before.kind == "MINUS" and not before.operator:
            return 0
        if word.text == "}" and before.text == "{":
            return 0
        return 0 if word.text == "(" and self._called(i) else 1
