"""Where lines begin: where the author began one, if a line may begin there, and where one would be too long."""

from __future__ import annotations

from itertools import accumulate

from resdsl.layout.structure import ARROW, BODY, ELSE, FOR, JOINS, NEVER, OPENED, Structure

INDENT = 2
_WEIGHTY = frozenset(("CALL", "LPAR", "LSQB", "IF", "REPEAT"))  # what begins a thought: `conv(64, 3) -> norm -> act`


class Breaks:
    """The words that begin a line. A body that holds one of them has all its lines on lines of their own."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.cut = bytearray(len(structure.words))
        self._keep()

    # what the author decided
    def _keep(self) -> None:
        """The lines of flows and bodies are the author's, those of arguments and conditions are not."""
        structure, words = self.structure, self.structure.words
        ended = list(accumulate(word.newline for word in words))
        braces = [i for i in structure.close if words[i].text == "{"]
        for brace in sorted(braces):
            if ended[structure.close[brace]] > ended[brace]:
                self.expand(brace)
        for i, word in enumerate(words):
            if word.comments or (structure.starts[i] and structure.owner[i] < 0):
                self.cut[i] = 1
            elif word.newline and structure.rank[i] == ELSE:
                self.cut[i] = not self.cut[i - 1]
        cuts = list(accumulate(self.cut))
        for i, word in enumerate(words):
            inside = word.operator or structure.rank[i] == FOR
            if word.newline and inside and (structure.free[i] or self._holds(structure.owner[i], cuts)):
                self.cut[i] = 1
        self._keep_open()

    def _keep_open(self) -> None:
        """A listing that holds the end of a line has a line for each item; a flow in brackets may."""
        structure, words = self.structure, self.structure.words
        cuts = list(accumulate(self.cut))
        for opener, end in structure.close.items():
            if words[opener].text == "{" or not self._holds(opener, cuts):
                continue
            if opener in structure.listings:
                self._itemise(opener)
            elif words[opener + 1].newline or words[end].comments:
                self.hang(opener)

    def _holds(self, opener: int, cuts: list[int]) -> bool:
        """Whether a line ends in brackets or in a condition, by a running count of the words that begin one."""
        end = self.structure.close.get(opener, self.structure.ends.get(opener))
        return end is not None and cuts[end] > cuts[opener]

    def _itemise(self, opener: int) -> None:
        """A line for each item."""
        self.hang(opener)
        for i in self.structure.commas.get(opener, ()):
            self.cut[i] = 1

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
        """Break the line that begins with a word and is too long from the word `over` on. False where it cannot be.

        A definition opens its body; else the place that is least deep in brackets and holds least together is taken.
        """
        body = self.structure.bodies.get(first)
        if body is not None and not self.cut[body + 1] and self.structure.close[body] > body + 1:
            self.expand(body)
            return True
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
        elif owner in structure.listings and owner >= first:
            self._break_listing(owner, indent, limit)
        elif rank == OPENED:
            self.hang(owner)
        elif rank == ELSE:
            for other in structure.elses[i]:
                self.cut[other] |= not self.cut[other - 1]
        elif i in structure.element:
            self._break_flow(i, first, over, indent, limit)
        else:
            self.cut[i] = 1

    def _break_listing(self, opener: int, indent: int, limit: int) -> None:
        """Its items move to a line of their own, or to one each; numbers fill their lines."""
        width = self.structure.width(opener + 1, self.structure.close[opener])
        if self._fills(opener) or indent + INDENT + width <= limit:
            self.hang(opener)
        else:
            self._itemise(opener)

    def _fills(self, opener: int) -> bool:
        """Whether a listing is a plain list of names and numbers."""
        words, end = self.structure.words, self.structure.close[opener]
        return words[opener].text == "[" and not any(words[i].text in ("(", "{") for i in range(opener, end))

    def _break_flow(self, i: int, first: int, over: int, indent: int, limit: int) -> None:
        """Break before an operator; and behind the bracket that it stands in, so that no chain goes on there."""
        structure = self.structure
        if structure.rank[i] == ARROW and not (structure.element[i].branches and i == structure.element[i].arrows[0]):
            i = self._thought(i, first, over, indent, limit)
        self._break_before(i)
        owner = structure.owner[i]
        if owner in structure.close and owner not in structure.listings:
            behind = structure.close[owner] + 1
            if structure.words[behind].operator:
                self._break_before(behind)

    def _break_before(self, i: int) -> None:
        """A sum of branches breaks at each of its terms and before the chain that follows; other flows fill lines."""
        structure = self.structure
        element = structure.element[i]
        branches = bool(element.joins) and element.branches
        self.cut[i] = 1
        if structure.rank[i] in JOINS or (branches and i in element.arrows[:1]):
            for place in (*(element.joins if branches else ()), *element.arrows[:1]):
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
