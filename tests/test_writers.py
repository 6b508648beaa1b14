"""Every writer by itself, given texts that no spec can bring: what comes out is inert, and no browser runs it."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import inert
import pytest
from attacks import Made
from payloads import payloads

from resdsl.analyze.outline import Card, Outline, Row
from resdsl.diagnostics import Diagnostic, Fix, Label, Source, Span, as_json, as_short, as_text, printable
from resdsl.emit.docstrings import docstring
from resdsl.emit.picture.dot import dot
from resdsl.emit.picture.mermaid import mermaid
from resdsl.emit.picture.overview import overview
from resdsl.emit.picture.scene import LIGHT, Arc, Bar, Box, Scene, Text
from resdsl.emit.picture.svg import svg
from resdsl.emit.tables import command, data
from resdsl.emit.tables.grid import Blocks, Column, Grid

TEXTS = [text for text in payloads() if len(text) < 1000]
PARTS = 6


def figure(text: str) -> Outline:
    """A network of which everything is called by a text."""
    card = Card(text, (text, "3x3", text), 3, 64, 128, 2, "padding", 1)
    row = Row(text, (64, 56, 56), 1, 1, (card, Card("", (text,), 1, 0, 0, 1, "none", None)))
    return Outline(text, text, 1, 1, 1, (3, 224, 224), (row, row))


def scene(text: str) -> Scene:
    """A picture of one item of each kind, all of whose texts are one."""
    line = Text(9.0, 9.0, text, 8.0, LIGHT.ink)
    boxes = [
        Box(key, x, 9.0, 60.0, 20.0, LIGHT.page, LIGHT.line, texts=(line,), tip=text)
        for key, x in (("a", 9.0), ("b", 99.0))
    ]
    arc = Arc("a", "b", ((69.0, 19.0), (99.0, 19.0)), LIGHT.line, tip=text)
    return Scene(
        200.0,
        60.0,
        text,
        text,
        LIGHT.page,
        (*boxes, arc, line, Bar(9.0, 40.0, 50.0, 4.0, 0.5, LIGHT.ink, LIGHT.track, text)),
    )


def table(text: str) -> Grid:
    """A table all of whose texts are one."""
    columns = (Column("name", text, number=False), Column("cell", "cell", number=False), Column("n", "n", "count"))
    rows = [
        (text, (Blocks((text, text), 2), Blocks((text,), 1, brackets=False)), 3),
        ("a", (Blocks((text,), 1),), None),
    ]
    return Grid(text, columns, rows, [(text, "", 3)], text, (text, f"of `{text}`"), {"model": text, "x": text}, "table")


def written(text: str) -> Iterator[Made]:
    """What each writer makes of a text."""
    for drawn in (overview([figure(text)], LIGHT), scene(text)):
        yield Made("svg", svg(drawn, auto=True))
        yield Made("dot", dot(drawn))
    yield Made("mermaid", mermaid(figure(text)))
    for form in ("text", "markdown", "latex", "html", "csv"):
        yield Made(form, command.written([table(text)], form))  # type: ignore[arg-type]
    yield Made("json", data.as_json([table(text)]))
    source = Source(text, f"resdsl 1 {text} 2\n{text}")
    places = tuple(Label(Span(source, start, len(source.text)), text) for start in (9, len(source.text) - 1))
    told = [Diagnostic("E0101", text, places, (Fix(text),), trail=places)]
    yield Made("text", as_text(told))
    yield Made("text", "\n".join(as_short(told)))
    yield Made("json", json.dumps(as_json(told)))
    yield Made("text", printable(text))


@pytest.mark.parametrize("number", range(PARTS))
def test_what_a_writer_makes_of_any_text_is_inert(number: int) -> None:
    wrong = [(t[:80], w) for t in TEXTS[number::PARTS] for m in written(t) for w in inert.faults(m.kind, m.text)]
    assert wrong == []


def test_a_message_is_one_line_however_it_is_told() -> None:
    for text in TEXTS:
        assert len(as_short([Diagnostic("E0101", text)])[0].splitlines()) == 1
        assert len(printable(text).split("\n")) == 1


def test_a_docstring_says_just_what_the_comment_said() -> None:
    for text in TEXTS:
        lines = text.strip().split("\n")
        made = "def f():\n" + "\n".join(docstring(lines, 4)) + "\n"
        tree = ast.parse(made)
        said = ast.get_docstring(tree.body[0], clean=False)  # type: ignore[arg-type]
        assert said is not None and made.isascii()
        wanted = [line.strip() for line in lines]
        assert [line.strip(" ") for line in said.split("\n")][: len(wanted)] == wanted
        assert [type(node).__name__ for node in ast.walk(tree)].count("Constant") == 1
        assert not re.search(r"^\s*::", made, re.M)


# -- a browser -----------------------------------------------------------------------------------------------------

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-ours'"
WATCH = """
window.found = [];
window.alert = () => found.push("a script ran");
document.addEventListener("securitypolicyviolation", e => found.push(e.violatedDirective + " " + e.blockedURI));
window.addEventListener("load", () => setTimeout(() => {
  const bad = "script:not([nonce]),a,img,image,iframe,object,embed,use,foreignObject,link,base,form,animate,set,meta";
  for (const e of document.body.querySelectorAll(bad)) found.push("the element " + e.tagName);
  for (const e of document.body.querySelectorAll("*"))
    for (const a of e.attributes) if (/^on|href|^src/i.test(a.name)) found.push("the attribute " + a.name);
  const said = document.createElement("pre");
  said.textContent = "DONE" + JSON.stringify({found, figures: document.querySelectorAll("svg,table").length}) + "DONE";
  document.body.appendChild(said);
}, 200));
"""
HEAD = f'<meta charset="utf-8"/><meta http-equiv="Content-Security-Policy" content="{POLICY}"/>'
HTML = f'<!doctype html><html><head>{HEAD}<script nonce="ours">{WATCH}</script></head><body>%s</body></html>'
XHTML = (
    f'<html xmlns="http://www.w3.org/1999/xhtml"><head>{HEAD}<script nonce="ours"><![CDATA[{WATCH}]]></script></head>'
    "<body>%s</body></html>"
)


def reported(name: str, page: str, folder: Path) -> dict[str, object]:
    """What a browser with a strict policy reports of a page."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs Chromium")
    path = folder / name
    path.write_text(page, encoding="utf-8")
    command = [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'user'}"]
    done = subprocess.run(
        [*command, "--virtual-time-budget=20000", "--dump-dom", path.as_uri()],
        capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    answer = re.search(r"<pre>DONE(.*)DONE</pre>", done.stdout)
    assert answer is not None, done.stdout[-300:]
    found: dict[str, object] = json.loads(
        answer.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    )
    return found


@pytest.mark.parametrize("form", ["html", "xhtml"])
def test_a_browser_runs_nothing_and_loads_nothing(form: str, tmp_path: Path) -> None:
    """Pictures and tables of hostile texts in a page; as XML the pictures alone, as a file of its own is read."""
    texts = [text for text in TEXTS if payloads()[text] in ("HTML", "templates", "quotes", "unseen", "control", "DOT")]
    made = [m.text for text in texts for m in written(text) if m.kind in ("svg", "html")[: 2 if form == "html" else 1]]
    page = (HTML if form == "html" else XHTML) % "\n".join(made)
    assert reported(f"page.{form}", page, tmp_path) == {"found": [], "figures": len(made)}


def test_a_browser_reports_what_it_should_not_find(tmp_path: Path) -> None:
    harm = "<svg onload=alert(1)></svg><script>alert(1)</script><img src='//evil.example/x' onerror='alert(1)'>"
    found = str(reported("page.html", HTML % harm, tmp_path)["found"])
    assert all(word in found for word in ("script-src-elem", "script-src-attr", "img-src", "SCRIPT", "onload"))
