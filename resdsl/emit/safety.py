"""What a generated module may hold: its exact text is parsed and every node of it looked at before it is written."""

from __future__ import annotations


def check(text: str) -> None:
    """Raise Unsafe unless the text is what the emitter means to write."""
