"""The parts of a module with their names: labels, containers, and what an unlabelled part is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from resdsl.analyze import naming
from resdsl.analyze.naming import chosen
from resdsl.emit.layout import Brackets, Doc, call, listed, prefixed
from resdsl.emit.parts import Unsupported
from resdsl.emit.sharing import Node
from resdsl.ops import is_list, shapes

_OF_SEQUENCE = {"append", "extend", "insert", "pop"}  # what `nn.Sequential` has of its own


@dataclass(eq=False)
class Entry:
    """A part of a module with its own name, or a container of several: what shares the head of a dotted label."""

    name: str | None
    node: Node | None = None
    items: list[Entry] = field(default_factory=list)
    pattern: str = ""
    lines: set[int] = field(default_factory=set)

    def first(self) -> Node:
        return self.node if self.node is not None else self.items[0].first()

    def last(self) -> Node:
        return self.node if self.node is not None else self.items[-1].last()


def split_label(label: str | None) -> tuple[tuple[str, ...], str]:
    """A label's path, and how it numbers the parts of a stage: `s1.b{1}` is (`s1`,) and `b{1}`."""
    path, pattern = naming.split_label(label)
    return tuple(path.split(".")) if path else (), "" if pattern == "{0}" else pattern


def nested(raw: Sequence[tuple[tuple[str, ...], str, Node, int]]) -> list[Entry]:
    """Entries; neighbours whose paths share a head are in one container."""
    out: list[tuple[Entry, list[tuple[tuple[str, ...], str, Node, int]]]] = []
    for path, pattern, node, line in raw:
        if len(path) < 2:
            out.append((Entry(path[0] if path else None, node, [], pattern, {line}), []))
            continue
        if not (out and out[-1][1] and out[-1][0].name == path[0]):
            out.append((Entry(path[0]), []))
        out[-1][0].lines.add(line)
        out[-1][1].append((path[1:], pattern, node, line))
    for entry, inside in out:
        if inside:
            entry.items = nested(inside)
    return [entry for entry, _ in out]


def flattened(node: Node) -> list[Node]:
    """The parts of an unlabelled chain, those of the chains in it too. Lines that name values stay together."""
    if node.label is None and node.kind in ("chain", "body") and not has_lets(node):
        return [part for item in node.items for part in flattened(item)]
    return [node]


def has_lets(node: Node) -> bool:
    return node.kind == "body" and any(kind == "let" for kind, _ in node.part.what)  # type: ignore[attr-defined]


def sequence_entries(node: Node) -> list[Entry]:
    """The entries of a chain, whatever its own label."""
    inner = node.items if node.kind in ("chain", "body") else (node,)
    return entries_of([part for item in inner for part in flattened(item)])


def part_entries(node: Node) -> list[Entry]:
    """The entries of a part: itself if it has a label, else what is in it."""
    return entries_of(flattened(node))


def entries_of(parts: Sequence[Node]) -> list[Entry]:
    """The entries of parts that follow one another."""
    return nested([(*split_label(part.label), part, 0) for part in parts])


def are_named(entries: Sequence[Entry]) -> bool:
    """Whether the parts of a sequence have names: one of them has a label."""
    return any(entry.name is not None or (entry.node is not None and _labelled(entry.node)) for entry in entries)


def _labelled(node: Node) -> bool:
    """Whether a part of an `if` has a label."""
    return node.kind == "branch" and any(
        part.label is not None or _labelled(part) for body in node.branches.values() for part in flattened(body)
    )


def has_labels(node: Node) -> bool:
    """Whether it is a repeat whose rounds have parts with labels."""
    return node.kind == "repeat" and any(are_named(part_entries(body)) for body in node.items)


def entry_names(entries: Sequence[Entry], worlds: int) -> list[str]:
    """The name of each entry: its label; else its op's stem or the word that calls it, numbered where needed.

    What stands in an `if` is named as if its branch stood there alone, and must have the same name in all worlds.
    What adds no key is named last, so that it changes none.
    """
    found: list[str | None] = [None] * len(entries)
    for world in range(worlds):
        wanted = [_wanted(entry, world) for entry in entries]
        if any(len(own) > 1 for own in wanted):
            raise Unsupported("a branch of several modules without a label")
        here = [i for i, own in enumerate(wanted) if own]
        for i, name in zip(here, chosen([wanted[i][0] for i in here]), strict=True):
            if found[i] not in (None, name):
                raise Unsupported(f"a part that is `{found[i]}` in one branch and `{name}` in another")
            found[i] = name
    late = [i for i, name in enumerate(found) if name is None]
    fixed = [(name, "") for name in found if name is not None]
    rest = chosen([*fixed, *(("", stem(entries[i].first())) for i in late)])[len(fixed) :]
    for i, name in zip(late, rest, strict=True):
        found[i] = name
    return [name for name in found if name is not None]


def _wanted(entry: Entry, world: int) -> list[tuple[str, str]]:
    """Label and word of an entry, or of what stands there in one world."""
    if entry.name is not None:
        return [(entry.name, "")]
    parts = _resolved(entry.first(), world)
    heads = [(split_label(part.label)[0][:1] or ("",))[0] for part in parts]
    return [(head, stem(part)) for head, part in zip(heads, parts, strict=True) if head or has_keys(part)]


def has_keys(node: Node) -> bool:
    """Whether a part may add keys: an op that keeps tensors does, and all that is no op."""
    return node.part.op is None or bool(node.part.op.tensors(shapes(node.part.input)[0]))


def _resolved(node: Node, world: int) -> list[Node]:
    """The parts of a node where each `if` is the branch that is taken in a world."""
    if node.kind != "branch":
        return [] if node.kind in ("absent", "use") or _has_no_rounds(node, world) else [node]
    inner = next(body for body in node.branches.values() if world in body.scope.up)
    return [part for p in flattened(inner) for part in _resolved(p, inner.scope.up.index(world))]


def _has_no_rounds(node: Node, world: int) -> bool:
    return node.kind == "repeat" and node.label is None and (node.count is None or node.count.values[world] == 0)


def stem(node: Node) -> str:
    """The name of a part without a label."""
    match node.kind:
        case "op":
            assert node.part.op is not None
            return node.part.op.stem
        case "call":
            return node.part.word
        case "repeat" if node.items:
            inner = flattened(node.items[0])
            return stem(inner[0]) if len(inner) == 1 and inner[0].kind == "call" else "blocks"
        case _:
            return "branch"


def assembled(docs: Sequence[tuple[str, Doc]]) -> Doc:
    """`nn.Sequential` of named or unnamed modules."""
    if all(own in ("", str(i)) for i, (own, _) in enumerate(docs)):
        return call("nn.Sequential", *(doc for _, doc in docs))
    if len({own for own, _ in docs}) < len(docs):
        raise Unsupported("two parts of one sequence have the same name")
    if taken := sorted({own for own, _ in docs} & _OF_SEQUENCE):
        raise Unsupported(f"a part called `{taken[0]}` in a sequence, which has a method of that name")
    if all(own.isidentifier() for own, _ in docs):
        return call("nn.Sequential", call("OrderedDict", *(prefixed(f"{own}=", doc) for own, doc in docs)))
    pairs = [Brackets("(", (ascii_literal(own), doc)) for own, doc in docs]
    return call("nn.Sequential", call("OrderedDict", listed(pairs)))


def ascii_literal(text: str) -> str:
    """A text of the spec as a Python literal in double quotes."""
    if not all(c.isascii() and (c.isalnum() or c in "_-.") for c in text):
        raise Unsupported("a label with other characters than letters, digits, `_`, `-` and `.`")
    return f'"{text}"'


def is_module_chain(node: Node) -> bool:
    """Whether a part is a sequence of modules: nothing joined, named or listed in it."""
    if any(is_list(t) for t in (node.part.input, node.part.output)):
        return False
    match node.kind:
        case "op":
            assert node.part.op is not None
            return not node.part.op.apart
        case "call":
            return not node.part.values
        case "chain" | "body" | "repeat":
            return not has_lets(node) and all(is_module_chain(item) for item in node.items)
        case "branch":
            return all(is_module_chain(b) for b in node.branches.values())
        case _:
            return False


def is_bare(node: Node | None) -> bool:
    """Whether an op is a parameter of its block."""
    return node is not None and node.kind == "op" and node.part.op is not None and node.part.op.of_block


def shape_text(node: Node) -> str:
    """The shape after a node, of the network as written."""
    return " x ".join(map(str, shapes(node.part.output)[0]))
