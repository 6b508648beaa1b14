"""The parser that Lark makes of the grammar, and its table, which ships. The only importer of lark beside `parse`."""

from __future__ import annotations

import json
import zlib
from functools import lru_cache
from operator import itemgetter
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from resdsl import files

_GRAMMAR = "grammars/resdsl.lark"
_TABLE = "grammars/resdsl.table.json"


@lru_cache(maxsize=1)
def shipped() -> Lark:
    """The parser: from the table that ships, which is quick; from the grammar, where the table is of another one."""
    made = _loaded()
    for rule in made.rules:  # ten that pass their one part on, for each number: a short way through them
        passes = rule.options.expand1 and rule.alias is None and len(rule.expansion) == 1
        if passes and not rule.expansion[0].is_term and not rule.expansion[0].name.startswith("_"):
            made._callbacks[rule] = itemgetter(0)
    return made


def _loaded() -> Lark:
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
