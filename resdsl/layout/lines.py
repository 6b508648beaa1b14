"""Words -> lines: how far each is indented. What follows a bracket stands below what it opened with."""

from __future__ import annotations

from dataclasses import dataclass, field

from resdsl.layout.breaks import INDENT, Breaks
from resdsl.layout.structure import COMMA, ELSE, FOR, Structure

_DEEPEST = 0.6  # of a line: further to the right nothing is lined up below a bracket


@dataclass(slots=True, eq=False)
class Line:
    """The words from first up to end and a comment behind them; a line that is a comment has no words."""

    indent: int
    first: int = 0
    end: int = 0
    comment: str = ""
    blank: bool = False  # an empty line stands above it
    whole: bool = False  # a line of a body, or a definition, from its first word to its last
    pads: dict[int, int] = field(default_factory=dict)  # more spaces before a word, so that columns line up


@dataclass(slots=True, eq=False)
class _Level:
    """Where the lines inside one pair of brackets begin: at `content`, or in the middle of something."""

    outside: int  # the indent of the line that the bracket stands on
    content: int
    operator: int
    comma: int
    other: int


class Printer:
    """Goes through the words line by line; a line that is too long is broken before its words are taken."""

    def __init__(self, structure: Structure, limit: int) -> None:
        self.structure = structure
        self.breaks = Breaks(structure)
        self.limit = limit
        self.levels = [_Level(0, 0, 0, INDENT, INDENT)]
        self.indent = 0  # of the line, or of that on which the brackets opened that closed on this one
        self.lines: list[Line] = []
        i = 0
        while i < len(structure.words):
            i = self._line(i)

    def _line(self, first: int) -> int:
        """Print the line that begins with a word; the word behind it."""
        indent = self._begins(first)
        self._comments(first, indent)
        if not self.structure.words[first].kind:
            return first + 1
        cut = self.breaks.cut
        while (end := self._end(first, indent)) < 0:
            if not self.breaks.shorten(first, -end, indent, self.limit):
                end = first + 1
                while end < len(cut) and self.structure.words[end].kind and not cut[end]:
                    end += 1
                break
        line = Line(indent, first, end, blank=self._blank(first))
        starts, words = self.structure.starts, self.structure.words
        ends = bool(starts[end]) or words[end].kind in ("RBRACE", "")
        line.whole = bool(starts[first]) and ends and words[end - 1].kind != "LBRACE"
        self.lines.append(line)
        self.indent = indent
        column = indent
        for i in range(first, end):
            column += self.structure.space[i] * (i > first) + len(words[i].text)
            self._take(i, column, first)
        return end

    def _end(self, first: int, indent: int) -> int:
        """The word behind a line; or the first that does not fit on it, less than 0."""
        structure, cut = self.structure, self.breaks.cut
        i = first + 1
        while structure.words[i].kind and not cut[i]:
            if indent + structure.width(first, i + 1) > self.limit:
                return -i
            i += 1
        return i

    def _begins(self, i: int) -> int:
        """The column at which the line of a word begins."""
        structure, level = self.structure, self.levels[-1]
        word = structure.words[i]
        if word.kind in ("RBRACE", "RPAR", "RSQB") or i in structure.headed:
            return level.outside
        if not word.kind or structure.starts[i] or structure.owner[i] == i - 1:
            return level.content
        if word.operator or structure.rank[i] in (ELSE, FOR):
            return level.operator
        return level.comma if structure.rank[i] == COMMA else level.other

    def _take(self, i: int, column: int, first: int) -> None:
        """What a word that ends at a column means for the lines below it."""
        structure, level = self.structure, self.levels[-1]
        word = structure.words[i]
        if structure.starts[i]:
            level.operator, level.comma, level.other = level.content, level.content + INDENT, level.content + INDENT
            if word.kind in ("EXPECT", "ORDER", "KEYS"):
                level.comma = column + 1
        elif word.kind == "EQUAL" and structure.owner[i] == structure.owner[i - 2] and self._opens(i - 2):
            level.operator = level.comma = self._below(column + 1, level.content)
        if word.kind in ("IF", "REPEAT"):
            self._open(self._below(column + 1), 0)
        elif word.text == "{" and i in structure.close:
            if i in structure.headed:
                self.indent = self.levels.pop().outside
            elif structure.words[i - 1].kind != "ELSE":
                self.indent = level.content  # of a definition or section, wherever its head ends
            self._open(self.indent + INDENT, 0)
        elif i in structure.close:
            hangs = self.breaks.cut[i + 1] or i == first
            self._open(self.indent + INDENT if hangs else self._below(column), INDENT * (i in structure.commas))
        elif word.kind in ("RBRACE", "RPAR", "RSQB"):
            self.indent = self.levels.pop().outside

    def _opens(self, i: int) -> bool:
        """Whether a line begins with a word, and its value is all that follows."""
        return bool(self.structure.starts[i]) and self.structure.words[i].kind not in ("EXPECT", "KEYS")

    def _open(self, content: int, more: int) -> None:
        self.levels.append(_Level(self.indent, content, content + more, content, content + INDENT))

    def _below(self, column: int, base: int | None = None) -> int:
        """A column to line up with; or, where it is far to the right, one level in."""
        base = self.indent if base is None else base
        return column if column <= max(self.limit * _DEEPEST, base) else base + INDENT

    def _comments(self, i: int, indent: int) -> None:
        structure = self.structure
        word = structure.words[i]
        if word.kind in ("RBRACE", "RPAR", "RSQB"):
            indent = self.levels[-1].content
        for comment in word.comments:
            if not comment.own:
                self.lines[-1].comment = comment.text
                continue
            blank = comment.blank and self._between(i) and self._after_a_line(i, comment is word.comments[0])
            self.lines.append(Line(indent, comment=comment.text, blank=blank))

    def _blank(self, i: int) -> bool:
        word = self.structure.words[i]
        own = any(comment.own for comment in word.comments)
        return word.blank and word.kind != "RBRACE" and self._between(i) and self._after_a_line(i, not own)

    def _between(self, i: int) -> bool:
        """Whether the gap before a word is one between lines of a body or definitions."""
        return bool(self.structure.starts[i]) or self.structure.words[i].kind in ("RBRACE", "")

    def _after_a_line(self, i: int, first: bool) -> bool:
        """Whether something stands above in the same body."""
        return not first or (i > 0 and self.structure.words[i - 1].text != "{")
