"""The method that loads published weights where they have other names than here."""

from __future__ import annotations

from resdsl.analyze.renames import Rename, Renames
from resdsl.emit.entries import ascii_literal

_HEAD = """
    def load_published(self, state: dict[str, Tensor]) -> None:
        \"""Load weights that have the names of their publication.\"""
        renamed: dict[str, Tensor] = {}
        for key, value in state.items():"""


def lines(renames: Renames) -> list[str]:
    """The method, with a condition for each pattern; nothing where names are the same."""
    if not renames.all:
        return []
    chosen = [_said(rename) for rename in renames.all if rename.published]
    others = next((_said(rename)[1] for rename in renames.all if not rename.published), "key")
    text = _HEAD.split("\n")
    for number, (condition, key) in enumerate(chosen):
        text += [f"            {'el' * (number > 0)}if {condition}:", f"                renamed[{key}] = value"]
    text += ["            else:", f"                renamed[{others}] = value"]
    if not chosen:
        text[-2:] = [f"            renamed[{others}] = value"]
    return [*text, "        self.load_state_dict(renamed)"]


def _said(rename: Rename) -> tuple[str, str]:
    """Whether a published name fits, and its name here."""
    old, new = ascii_literal(rename.published), ascii_literal(rename.own)
    match rename.where:
        case "whole":
            return f"key == {old}", new
        case "start":
            return f"key.startswith({old})", _joined(old, new, [new, f"key.removeprefix({old})"])
        case "end":
            return f"key.endswith({old})", _joined(old, new, [f"key.removesuffix({old})", new])
        case "inside":
            return f"{old} in key", _joined(old, new, [f"key.replace({old}, {new})"])


def _joined(old: str, new: str, parts: list[str]) -> str:
    """The parts that say something."""
    if old == new:
        return "key"
    return " + ".join("key" if old == '""' and part != new else part for part in parts if part != '""')
