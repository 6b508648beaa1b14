"""The pages of the codes: what each finding means, with an example of it and of how it is mended. `resdsl explain`."""

from __future__ import annotations

import re
from functools import cache

from resdsl import files
from resdsl.diagnostics import nearest, printable, usage

_FOLDER = "docs/codes"


@cache
def summaries() -> dict[str, str]:
    """Each code and what it says, in a line: the first of its page."""
    pages = sorted(path for path in files.shipped_path(_FOLDER).glob("[EW]*.md"))
    heads = (files.shipped(f"{_FOLDER}/{path.name}").partition("\n")[0] for path in pages)
    return {code: said for code, _, said in (head.removeprefix("# ").partition(": ") for head in heads)}


def page(code: str) -> str:
    """The page of a code, in Markdown. Raises UsageError for a code that there is not."""
    name = code.upper()
    path = f"{_FOLDER}/{name}.md"
    if re.fullmatch("[EW][0-9]{4}", name) and files.shipped_path(path).is_file():
        return files.shipped(path)
    near = nearest(name, summaries())
    fixes = [f"did you mean `{near}`?"] if near else []
    raise usage(f"there is no code `{printable(code[:40])}`", *fixes, "`resdsl explain` lists the codes")


def index() -> str:
    """The list of the codes, in Markdown: docs/codes/README.md."""
    rows = "".join(f"| [{code}]({code}.md) | {said} |\n" for code, said in summaries().items())
    return (
        "# What resdsl says, code by code\n\n"
        "`resdsl explain E0301` prints these pages. A code never changes its meaning.\n\n"
        f"| code | what is wrong |\n|---|---|\n{rows}"
    )
