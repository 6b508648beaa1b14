"""Texts that were written to do harm: tests/data/attacks.json by kind, long ones, and every word of Python."""

from __future__ import annotations

import builtins
import json
import keyword
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "attacks.json"
_LONG = {
    "look-alikes": ["e\u0301" * 40],
    "numbers": ["9" * 5000, "-" + "9" * 5000, "1" + "0" * 5000, "0." + "1" * 5000, "1e" + "9" * 5000, "5" * 64 + "k"],
    "paths": ["a" * 300, "x" * 5000],
    "nesting": [
        *("(" * 500, "[" * 500, "{" * 500, ")" * 100, "((((x))))" * 20, "-" * 300 + "1", "not " * 100 + "true"),
        *("x -> " * 90 + "x", "x + " * 90 + "x", "[" * 60 + "]" * 60, "repeat 9 { " * 70, "if true { " * 70, "f(" * 70),
    ],
}


@cache
def payloads() -> dict[str, str]:
    """Each text once, with its kind."""
    kinds: dict[str, list[str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    words = {*keyword.kwlist, *keyword.softkwlist, *(name for name in dir(builtins) if not name.startswith("__"))}
    kinds = {kind: texts + _LONG.get(kind, []) for kind, texts in kinds.items()} | {"words of Python": sorted(words)}
    return {text: kind for kind, texts in reversed(kinds.items()) for text in texts}
