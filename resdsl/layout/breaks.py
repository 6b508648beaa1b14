"""Where lines begin: where the author began one, if a line may begin there, and where one would be too long."""

from __future__ import annotations

from resdsl.layout.structure import ARROW, BODY, COMMA, ELSE, FOR, JOINS, NEVER, OPENED, Structure

_WEIGHTY = frozenset(("CALL", "LPAR", "LSQB", "IF", "REPEAT"))  # what begins a thought: `conv(64, 3) -> norm -> act`


class Breaks:
    """The words that begin a line. A body that holds one of them has all its lines on lines of their own."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.cut = bytearray(len(structure.words))
        self._keep()

    # what the author decided
    def _keep(self) -> None:
        structure, words = self.structure, self.structure.words
        ends = 0  # lines that ended so far
        ended = [0] * len(words)
        for i, word in enumerate(words):
            ends += word.newline
            ended[i] = ends
        for i, word in enumerate(words):
            if word.text == "{" and word.kind == "LBRACE" and ended[structure.close[i]] > ended[i]:
                self.expand(i)
        for i, word in enumerate(words):
            if structure.owner[i] < 0 and structure.starts[i]:
                self.cut[i] = 1
            if word.newline and (word.operator or structure.rank[i] in (COMMA, FOR)):
                self.cut[i] = 1
            elif word.newline and structure.rank[i] == ELSE:
                self.cut[i] = not self.cut[i - 1]
            elif word.newline and structure.rank[i] == OPENED:
                self.hang(i - 1)
            if word.comments:
                self.cut[i] = 1
                if word.text in (")", "]"):
                    self.hang(structure.owner[i])

    def expand(self, brace: int) -> None:
        """A line each for the lines of a body, and for those of the `else` bodies after it."""
        structure = self.structure
        while not self.cut[structure.close[brace]]:
            end = structure.close[brace]
            if end == brace + 1 and not structure.words[end].comments:
                return
            i = brace + 1
            while i <= end:
                if structure.owner[i] == brace and (structure.starts[i] or i == end):
                    self.cut[i] = 1
                i = structure.close[i] if i in structure.close else i + 1
            if end + 1 not in structure.else_body:
                return
            self.cut[end + 1] = bool(structure.words[end + 1].comments)
            brace = structure.else_body[end + 1]

    def hang(self, opener: int) -> None:
        """Begin lines behind an opening bracket and before its closing one."""
        end = self.structure.close[opener]
        if end > opener + 1 or self.structure.words[end].comments:
            self.cut[opener + 1] = self.cut[end] = 1

    # what does not fit
    def shorten(self, first: int, over: int, indent: int, limit: int) -> bool:
        """Break the line that begins with a word and is too long from the word `over` on. False where it cannot be."""
        best, place = (NEVER, NEVER), -1
        for i in range(first + 1, over + 1):
            readiness = self._readiness(i)
            if readiness[1] != NEVER and readiness <= best:  # of the equally ready the last
                best, place = readiness, i
        i = over + 1
        while place < 0 and i < len(self.cut) and not self.cut[i]:
            if self._readiness(i)[1] != NEVER:
                place = i
            i += 1
        if place < 0:
            return False
        self._break(place, first, over, indent, limit)
        return True

    def _readiness(self, i: int) -> tuple[int, int]:
        structure = self.structure
        if structure.rank[i] == NEVER or (structure.rank[i] == ELSE and self.cut[i - 1]):
            return NEVER, NEVER
        return structure.depth[i], structure.rank[i]

    def _break(self, i: int, first: int, over: int, indent: int, limit: int) -> None:
        structure = self.structure
        owner, rank = structure.owner[i], structure.rank[i]
        if rank == BODY:
            self.expand(owner)
        elif rank == OPENED:
            self.hang(owner)
        elif rank == COMMA and structure.bracket(owner):
            self._break_arguments(i, first, indent, limit)
        elif rank == ELSE:
            for other in structure.elses[i]:
                self.cut[other] |= not self.cut[other - 1]
        elif i in structure.element:
            self._break_flow(i, first, over, indent, limit)
        else:
            self.cut[i] = 1

    def _break_arguments(self, i: int, first: int, indent: int, limit: int) -> None:
        """Arguments move to a line of their own, or to one each; numbers fill their lines."""
        structure = self.structure
        opener = structure.owner[i]
        end = structure.close[opener]
        if opener >= first:
            self.hang(opener)
            if indent + 2 + structure.width(opener + 1, end) <= limit and not any(self.cut[opener + 2 : end]):
                return
        elif first > opener + 1:
            self.cut[i] = 1
            return
        if structure.words[opener].text == "[":
            self.cut[i] |= opener < first
            return
        for behind in structure.commas[opener]:
            self.cut[behind] = 1

    def _break_flow(self, i: int, first: int, over: int, indent: int, limit: int) -> None:
        """A sum of branches breaks at each of its terms and before the chain that follows; other flows fill lines."""
        structure = self.structure
        element, run = structure.element[i], structure.run[i]
        sums = element.joins and element.branches
        if structure.rank[i] == ARROW and sums and i == element.arrows[0]:
            places = [*element.joins, i]
        elif structure.rank[i] in JOINS:
            places = [*(run if sums else [i]), *element.arrows[:1]]
        elif structure.rank[i] == ARROW:
            places = [self._thought(i, first, over, indent, limit)]
        else:
            places = [i]
        owner = structure.owner[i]
        if structure.bracket(owner) and structure.words[structure.close[owner] + 1].operator:
            places.append(structure.close[owner] + 1)
        for place in places:
            self.cut[place] = 1

    def _thought(self, last: int, first: int, over: int, indent: int, limit: int) -> int:
        """The last arrow on the right half of a line that begins a thought, or else simply the last."""
        structure = self.structure
        for i in reversed(range(first + 1, min(last, over) + 1)):
            if indent + structure.width(first, i) < limit / 2:
                break
            if structure.run.get(i) is structure.run[last]:
                labelled = structure.words[i + 1].kind == "LABEL"
                if structure.words[i + (3 if labelled else 1)].kind in _WEIGHTY:
                    return i
        return last
