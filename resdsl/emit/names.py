"""Names of classes and functions: those of the spec, and where one definition needs several, words of what differs."""

from __future__ import annotations

import re

from resdsl import graph
from resdsl.emit.sharing import Store
from resdsl.emit.words import usable
from resdsl.ops import is_list


def pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def class_name(model: str) -> str:
    """The class of a model, by its name; a `Net` where that name means something else in the file, as `F` does."""
    return pascal(model) if usable(pascal(model)) else f"{pascal(model)}Net"


def snake(words: str) -> str:
    return "_".join(re.findall(r"[A-Za-z0-9]+", words))


def group_names(
    store: Store, groups: list[list[int]], definitions: dict[tuple[str, str, int], graph.Definition]
) -> dict[int, str]:
    """A name for each group of blocks; the names of one definition differ by the words of their arguments."""
    by_definition: dict[tuple[str, str, int], list[int]] = {}
    for g, members in enumerate(groups):
        by_definition.setdefault(store.definitions[members[0]], []).append(g)
    names: dict[int, str] = {}
    for definition, several in by_definition.items():
        described = definitions[definition]
        for g in several:
            words = described.name
            if len(several) > 1:
                words = "_".join([described.name, *_differing(store, groups, several, g, described)])
            kind = store.blocks[groups[g][0]].kind
            names[g] = pascal(words) if kind == "class" else snake(words)
    return names


def _differing(
    store: Store, groups: list[list[int]], several: list[int], g: int, described: graph.Definition
) -> list[str]:
    """The words of the arguments that tell a group from the others; what a definition declares goes without saying."""
    every = {
        p.name: [{store.blocks[i].words[p.name] for i in groups[other]} for other in several]
        for p in described.parameters
    }
    telling = {n: v for n, v in every.items() if len(set().union(*v)) > 1}
    sharp = {n: v for n, v in telling.items() if len(set(map(frozenset, v))) == len(v) and all(len(x) == 1 for x in v)}
    defaults = {p.name: p.default for p in described.parameters}
    found = []
    for name, values in (sharp or telling).items():
        mine = values[several.index(g)]
        text = next(iter(mine))
        if len(mine) != 1 or text in (defaults[name], "id", "none") or len(text) > 24:
            continue
        plain = snake(re.sub(r"(\w+) = (true|false)\b", lambda flag: _flag(flag[1], flag[2]), text))
        if text in ("true", "false"):
            found.append(_flag(name, text))
        else:
            found.append(f"{name}{plain}" if plain[:1].isdigit() else plain)
    return found[:2] or _entering(store, groups, several, g)


def _flag(name: str, value: str) -> str:
    return name if value == "true" else f"not_{name}"


def _entering(store: Store, groups: list[list[int]], several: list[int], g: int) -> list[str]:
    """How many flows enter, where that tells a group from the others."""
    counts = []
    for other in several:
        inputs = [store.blocks[i].input for i in groups[other]]
        counts.append({len(t) for t in inputs if is_list(t)})
    mine = counts[several.index(g)]
    return [str(next(iter(mine)))] if len(mine) == 1 and counts.count(mine) == 1 else []
