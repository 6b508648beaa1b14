"""The documentation: every snippet in it is run, every table in it is compared with what it describes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from resdsl import arithmetic, files, graph, network, parser, program, syntax
from resdsl.analyze.renames import Renames
from resdsl.diagnostics import Diagnostic, ResdslError, Source
from resdsl.elaborate import is_template
from resdsl.limits import DEFAULT
from resdsl.ops import COLUMNS, NEEDED, OPS, Cost, show, spoken
from resdsl.parser.words import KEYWORDS

ROOT = Path(__file__).resolve().parent.parent
WRITTEN = [page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent.name != "codes"]  # test_codes.py
PAGES = [*WRITTEN, ROOT / "README.md"]
REFERENCE = ROOT / "docs" / "language.md"
CLAIM = "run by the tests"  # a page that says so must have a snippet


# -- snippets --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Snippet:
    """A fenced block that is marked `resnet`."""

    page: str
    line: int
    marks: tuple[str, ...]  # the words after `resnet`
    text: str

    @property
    def error(self) -> str | None:
        return next((mark.removeprefix("error=") for mark in self.marks if mark.startswith("error=")), None)

    @property
    def spec(self) -> str:
        """The file to be read: the snippet itself, or its lines in a model."""
        if "fragment-model" not in self.marks:
            return self.text
        return f"resdsl 1\nmodel fragment {{\n  input 64 x 56 x 56\n{self.text}}}\n"


def snippets(page: Path) -> list[Snippet]:
    text = page.read_text(encoding="utf-8")
    fence = re.compile(r"^```resnet([^\n]*)\n(.*?)^```[ \t]*$", re.M | re.S)
    name = str(page.relative_to(ROOT))
    return [Snippet(name, text[: m.start()].count("\n") + 2, tuple(m[1].split()), m[2]) for m in fence.finditer(text)]


ELSEWHERE = ("cookbook.md",)  # test_tutorial.py follows it, file by file
EVERY = [s for page in PAGES if page.name not in ELSEWHERE for s in snippets(page)]
SNIPPETS = [s for s in EVERY if "prelude" not in s.marks]


def checked(text: str, name: str = "snippet.resnet") -> tuple[Diagnostic, ...]:
    """All that is wrong with a spec."""
    try:
        return network.check(program.load(Source(name, text)))
    except ResdslError as problem:
        return problem.diagnostics


def _at(snippet: Snippet) -> str:
    return f"{snippet.page}:{snippet.line}"


@pytest.mark.parametrize("snippet", SNIPPETS, ids=_at)
def test_snippets_are_what_they_claim(snippet: Snippet) -> None:
    for mark in snippet.marks:
        assert re.fullmatch(r"fragment-model|error=[EW]\d{4}", mark), f"{_at(snippet)}: no such mark"
    found = checked(snippet.spec)
    if snippet.error is None:
        assert [d.message for d in found] == [], _at(snippet)
    else:
        assert {d.code for d in found} == {snippet.error}, _at(snippet)


@pytest.mark.parametrize("snippet", [s for s in SNIPPETS if s.error is None], ids=_at)
def test_snippets_have_a_model_to_check(snippet: Snippet) -> None:
    """Blocks alone are never elaborated: a snippet of them would pass whatever it said."""
    models = program.load(Source("snippet.resnet", snippet.spec)).models.values()
    assert any(not is_template(model) for model in models)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_that_promise_snippets_have_some(page: Path) -> None:
    assert CLAIM not in page.read_text(encoding="utf-8") or snippets(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif "://" not in target:
            assert (page.parent / target.partition("#")[0]).exists(), target


# -- Python ----------------------------------------------------------------------------------------------------

# Published checkpoints that the pages name, and the network whose tensors stand in for theirs.
CHECKPOINTS = {
    "resnet18-f37072fd.pth": "resnet18",
    "resnetv2_50.safetensors": "resnetv2_50",
    "seresnext26_32x4d-65ebdb501.pth": "legacy_seresnext26_32x4d",
}


def blocks(page: Path) -> list[tuple[int, str, str]]:
    """The fenced blocks of a page: line, language, text."""
    text = page.read_text(encoding="utf-8")
    fence = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```[ \t]*$", re.M | re.S)
    return [(text[: m.start()].count("\n") + 2, m[1], m[2]) for m in fence.finditer(text)]


TUTORIAL = ROOT / "docs" / "tutorial.md"  # test_tutorial.py follows it step by step
PYTHON = [page for page in PAGES if page != TUTORIAL and any(language == "python" for _, language, _ in blocks(page))]


def write_checkpoint(name: str, folder: Path) -> None:
    torch = pytest.importorskip("torch")
    net = network.load(CHECKPOINTS[name])
    there = Renames(net.program).there
    state = {there(key): value for key, value in net.module().state_dict().items()}
    if name.endswith(".safetensors"):
        pytest.importorskip("safetensors.torch").save_file(state, folder / name)
    else:
        torch.save(state, folder / name)


@pytest.mark.parametrize("page", PYTHON, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_runs_in_the_order_of_the_page(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A block of text right behind a block of Python is what that one prints."""
    found = blocks(page)
    code = "".join(text for _, language, text in found if language == "python")
    for name in CHECKPOINTS:
        if name in code:
            write_checkpoint(name, tmp_path)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    capsys.readouterr()
    printed = ""
    for line, language, text in found:
        if language == "python":
            exec(compile(text, f"{page.relative_to(ROOT)}:{line}", "exec"), names)  # noqa: S102  # of our own pages
            printed = capsys.readouterr().out
        elif language == "text" and printed:
            assert printed.strip() == text.strip()
            printed = ""
        else:
            assert not printed, f"{page.relative_to(ROOT)}:{line} prints what no block of text shows"


# -- tables ----------------------------------------------------------------------------------------------------


def table(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading of the reference, their cells without surrounding blanks."""
    text = REFERENCE.read_text(encoding="utf-8")
    body = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##? |\Z)", text, re.M | re.S)
    assert body, heading
    lines = re.search(r"^\|.*\n\|[-|]+\n((?:\|.*\n)+)", body[1], re.M)
    assert lines, f"no table under {heading}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1].splitlines()]


def ticked(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


OP_ROWS = table("Ops")


def op_signature(name: str) -> str:
    """`maxpool(kernel, stride = kernel, ...)`. What follows from other arguments is `kernel` or `auto`."""
    words = []
    for argument, declared in OPS[name].declared.items():
        default = declared.default
        implied = "kernel" if argument == "stride" else "auto"
        value = implied if default is None or default is NEEDED else spoken(default)
        words.append(argument if default is NEEDED else f"{argument} = {value}")
    return f"{name}({', '.join(words)})" if words else name


def test_the_op_table_lists_every_op_with_its_arguments() -> None:
    assert sorted(ticked(row[0])[0] for row in OP_ROWS) == sorted(op_signature(name) for name in OPS)


@pytest.mark.parametrize("row", OP_ROWS, ids=lambda row: ticked(row[0])[0].partition("(")[0])
def test_the_op_table_is_right_about_shapes_and_costs(row: list[str]) -> None:
    (signature,), (example,), (taken,), (given,) = (ticked(row[i]) for i in (0, 2, 3, 4))
    name = signature.partition("(")[0]
    assert example.partition("(")[0] == name
    step = only_step(example, taken, name)
    assert show(step.input) == taken
    assert show(step.output) == given
    cost: Cost = step.op.price(step.input, step.output)
    assert " ".join(ticked(row[5])) == " ".join(column for column in COLUMNS if getattr(cost, column))


def only_step(example: str, taken: str, name: str) -> graph.Step:
    """The step that an example makes on an input. `w` is a value of one channel on 9 x 9 positions."""
    first = taken.strip("[]").split(",")[0]
    flow = f"[{', '.join(['id'] * (taken.count(',') + 1))}] -> {example}" if taken.startswith("[") else example
    let = "let w = conv(1, 1, padding = 3)\n" if "like" in op_signature(name) else "let w = channelmean\n"
    text = f"resdsl 1\nmodel m {{ input {first}\n{let if '(w)' in example else ''}part {{ {flow} }} }}\n"
    net = network.load("example", text=text)
    stack: list[graph.AnyNode] = [net.program.body.lines[-1].node]
    while stack:
        node = stack.pop()
        if isinstance(node, graph.Step) and node.op.name == name and show(node.input) == taken:
            return node
        stack.extend(graph.children(node))
    raise AssertionError(f"{example} makes no `{name}`")


PRELUDE = [d for source in files.prelude() for d in parser.parse(source).definitions]


def test_the_prelude_table_lists_every_definition_with_its_parameters() -> None:
    def signature(definition: syntax.Definition) -> str:
        params = getattr(definition, "params", ())
        words = [p.name if p.default is None else f"{p.name} = {p.default.span.text}" for p in params]
        return f"{definition.name}({', '.join(words)})" if words else definition.name

    listed = [word for row in table("The prelude") for word in ticked(row[0])]
    assert sorted(listed) == sorted(signature(d) for d in PRELUDE)


def test_what_the_prelude_says_is_quoted_as_it_is() -> None:
    quoted = [s for s in EVERY if "prelude" in s.marks]
    assert quoted
    theirs = {d.name: d.span.text for d in PRELUDE}
    for snippet in quoted:
        for d in parser.parse(Source("snippet.resnet", f"resdsl 1\n{snippet.text}")).definitions:
            assert d.span.text == theirs[d.name], f"{_at(snippet)}: `{d.name}`"


def code(texts: list[str]) -> str:
    """The code of a net of blocks and lines."""
    blocks_ = "\n".join(text for text in texts if text.startswith("block "))
    lines = "\n".join(text for text in texts if not text.startswith("block "))
    text = f"resdsl 1\n{blocks_}\nmodel net {{\n  input 64 x 8 x 8\n{lines}\n}}\n"
    return network.load("net.resnet", text=text).code()


@pytest.mark.parametrize("row", table("What `compile` cannot write"), ids=lambda row: row[0])
def test_what_cannot_be_written_is_refused_and_can_be_said_in_another_way(row: list[str]) -> None:
    with pytest.raises(ResdslError, match="E0601"):
        code(ticked(row[1]))
    assert "class Net(nn.Module)" in code(ticked(row[2]))


FUNCTION_ROWS = table("Numbers")


def test_the_function_table_lists_every_function() -> None:
    assert [ticked(row[0])[0].partition("(")[0] for row in FUNCTION_ROWS] == list(arithmetic.FUNCTIONS)


@pytest.mark.parametrize("row", FUNCTION_ROWS, ids=lambda row: ticked(row[0])[0].partition("(")[0])
def test_the_function_table_is_right_about_its_examples(row: list[str]) -> None:
    (signature,), (example,), (value,) = (ticked(row[i]) for i in (0, 2, 3))
    assert example.startswith(signature.partition("(")[0])
    flow = f"if v == {value} {{ relu }} else {{ none }}"
    assert checked(f"resdsl 1\nmodel m {{ input 3\n let v = {example}\n part {{ {flow} }} }}\n") == ()


def test_the_limit_table_has_the_limits() -> None:
    for name, value, _ in table("Limits"):
        assert int(value) == getattr(DEFAULT, ticked(name)[0]), name


def test_the_reference_lists_the_words_of_the_language() -> None:
    listed = re.search(r"^- Words of the language: `([^`]*)`", REFERENCE.read_text(encoding="utf-8"), re.M)
    assert listed
    assert listed[1].split() == sorted(KEYWORDS)


def test_code_that_is_shown_is_the_code_that_is_made() -> None:
    page = ROOT / "README.md"
    shown = [text for _, language, text in blocks(page) if language == "py"]
    made = [
        network.load("readme.resnet", "my_cifar_net", text=s.text).code()
        for s in snippets(page)
        if "my_cifar_net" in s.text
    ]
    assert shown and all(text in made[0] for text in shown)
