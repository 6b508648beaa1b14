"""The command line. Handlers import what they need when they run: `resdsl --help` is instant."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from resdsl._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from resdsl.diagnostics import Diagnostic, ResdslError, Source
    from resdsl.findings import Check
    from resdsl.lint.reached import Reach
    from resdsl.network import Network
    from resdsl.scope import Defined, Spec

_Input: TypeAlias = "tuple[int, ...] | None"
_SHOWN = 50  # findings of `check` as text

_EPILOG = """\
SPEC is a file, `-` for the standard input, or a model of the zoo; SPEC:MODEL picks a model of a file.

  resdsl count resnet50                 the table of a published network
  resdsl new my.resnet --from resnet50  a spec to start from
  resdsl table resnet50 --style paper   tables for papers
  resdsl check my.resnet                what is wrong with it, and how to mend it
  resdsl fmt my.resnet                  its text in the one style
  resdsl draw my.resnet -o my.svg       its picture

exit status: 0 ok; 1 the spec was rejected; 2 usage, or no such spec; 3 reading or writing failed; 70 a bug in resdsl
"""


_STYLES = ("stages", "blocks", "layers", "compare", "paper", "memory", "paths", "identity")
_CONVENTIONS = (
    "macs", "ptflops", "torchinfo", "torchprofile", "fvcore", "thop", "ptflops-module", "torch", "deepspeed", "train",
)  # fmt: skip
_TABLES = f"""\
styles:
  stages    a row a stage, with its receptive field (default)
  blocks    a row a block
  layers    a row an op
  compare   a row a network
  paper     the table of a paper: blocks in brackets, a column a network
  memory    what training and inference need
  paths     how many paths, and how long
  identity  is there a clean identity, and what breaks it
conventions:
  {", ".join(_CONVENTIONS[:6])},
  {", ".join(_CONVENTIONS[6:])}
"""

_DIFF = """\
  resdsl diff resnet50 resnet101        two published networks
  resdsl diff old.resnet new.resnet     a spec before and after an edit
  resdsl diff my.resnet:a my.resnet:b   two models of a file

exit status: 0 the same network, with the same keys in its state_dict; 1 they differ; 2 a spec was rejected, or usage;
3 and 70 as always
"""

_FMT = """\
  resdsl fmt my.resnet                  rewrites the file
  resdsl fmt --check specs              names the files in the folder that would change
  resdsl fmt --diff my.resnet           shows the change
  resdsl fmt - < my.resnet              prints the text, for editors

exit status: 0 all is in the style now; 1 a file would change (--check, --diff), or cannot be read as a spec and was
left as it is; 2, 3 and 70 as always
"""

_VIEWS = """\
overview  a row a stage, repeats folded (default)
layers    a box a layer, models aligned by the size of their maps
block     every op of a block; without --block, one block of each kind
graph     every op, for debugging
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            everywhere = None if stream.isatty() else "utf-8"  # the same bytes in files and pipes, whatever the locale
            stream.reconfigure(encoding=everywhere, errors="backslashreplace")
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return 141
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    except OSError as problem:
        _drop_output()
        _say_os_error(problem)
        return 3
    return status


def _run(arguments: Sequence[str] | None) -> int:
    try:
        parsed = _parser().parse_args(arguments)
    except SystemExit as done:  # argparse has said it all: help, the version, or what is wrong
        return int(done.code or 0)
    from resdsl.diagnostics import ResdslError

    try:
        handler: Callable[[argparse.Namespace], int] = parsed.handler
        return handler(parsed)
    except ResdslError as problem:
        _say_found(problem)
        return problem.exit_status
    except (BrokenPipeError, KeyboardInterrupt, OSError):
        raise
    except Exception as bug:  # noqa: BLE001  # anything else is ours
        return _bug(bug)


def _bug(bug: Exception) -> int:
    import traceback

    _say("resdsl: this is a bug in resdsl, not in your spec. Please report it with the spec and these lines:")
    frames = traceback.extract_tb(bug.__traceback__)[-4:]
    for frame in frames:
        _say(f"  {os.path.basename(frame.filename)}:{frame.lineno} in {frame.name}")
    _say(f"  {type(bug).__name__}: {str(bug)[:300]!a}; resdsl {__version__}")
    return 70


def _say(text: str) -> None:
    """Tell the user; where even that cannot be written, the exit status has to do."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def _say_found(problem: ResdslError) -> None:
    from resdsl.diagnostics import as_text, for_more

    more = for_more(problem.diagnostics)
    _say(as_text(problem.diagnostics, _colored(sys.stderr)) + (f"\n\n{more}" if more else ""))


def _open_closed_streams() -> None:
    """Give a stream that the caller closed (`>&-`) an end, or the next file opened would take its number."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def _drop_output() -> None:
    """Nothing more can be written: let Python's own flush at exit go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_os_error(problem: OSError) -> None:
    from resdsl.diagnostics import as_text
    from resdsl.files import cannot

    of_a_file = isinstance(problem.filename, str)  # a stream has no name
    failed = cannot("read", problem.filename, problem) if of_a_file else cannot("write", "the standard output", problem)
    _say(as_text(failed.diagnostics))


def _colored(stream: object) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or bool(getattr(stream, "isatty", lambda: False)())


# -- handlers ----------------------------------------------------------------------------------------------------


def _check(a: argparse.Namespace) -> int:
    from resdsl import files, findings, lint, network
    from resdsl.diagnostics import ResdslError
    from resdsl.lint import settings

    select, ignore = settings.from_flags(a.select, a.ignore)
    found: list[Diagnostic] = []
    quiet = 0
    loaded: list[tuple[Spec, Defined | None]] = []
    status = 0
    for name in a.spec:
        try:
            file, model = network.split(name)
            source = files.read_spec(file)
            chosen = settings.settings(source, select, ignore)

            def linted(spec: Spec, only: Defined | None, chosen: lint.Settings = chosen) -> tuple[Diagnostic, ...]:
                return lint.check(spec, only, chosen)

            def shown(found: Iterable[Diagnostic], chosen: lint.Settings = chosen) -> tuple[Diagnostic, ...]:
                return tuple(d for d in found if d.severity != "information" or a.info or d.code in chosen.named)

            if a.fix or a.unsafe_fixes:  # no fix is made of what is not shown
                source = _fixed(file, source, a.unsafe_fixes, lambda spec, only: shown(linted(spec, only)))
            told = findings.of(source, model, linted)
            seen = shown(told)
            quiet += len(told) - len(seen)
            found += told if a.format == "json" else seen
            if a.defaults:
                spec, models = network.named(name)
                loaded.append((spec, models[0] if model else None))
        except ResdslError as problem:
            found += [d for d in problem.diagnostics if d not in found]
            status = max(status, problem.exit_status)
    _print_findings(found, a.format, len(a.spec), quiet, _reached(loaded) if a.defaults else None)
    return max(status, 1 if any(d.severity != "information" for d in found) else 0)


def _reached(loaded: Sequence[tuple[Spec, Defined | None]]) -> list[Reach]:
    """What the defaults of some specs reached."""
    from resdsl.lint.reached import reaches

    return [reach for spec, only in loaded for reach in reaches(spec, only)]


def _print_findings(
    found: Sequence[Diagnostic], form: str, specs: int, quiet: int, defaults: Sequence[Reach] | None
) -> None:
    from resdsl.diagnostics import as_json, as_short

    if form == "json":
        import json

        more = {} if defaults is None else {"defaults": [reach.data() for reach in defaults]}
        print(json.dumps({"diagnostics": as_json(found), **more}, indent=2))
        return
    if form == "short":
        print("\n".join(as_short(found)), end="\n" if found else "")
    else:
        print(_told(found, specs, quiet))
    if defaults is not None:
        from resdsl.lint.reached import as_text

        print(f"\n{as_text(defaults)}", end="")


def _told(found: Sequence[Diagnostic], specs: int, quiet: int) -> str:
    """The findings as text; of those that only inform and are not asked for, how many there are."""
    from resdsl.diagnostics import as_text, for_more

    def several(count: int, thing: str) -> str:
        return f"{count:,} {thing}{'s' * (count != 1)}"

    hint = f"; {several(quiet, 'remark')} with --info" if quiet else ""
    if not found:
        return f"{several(specs, 'spec')} checked: nothing is wrong{hint}"
    lines = [as_text(found[:_SHOWN], _colored(sys.stdout)), ""]
    if len(found) > _SHOWN:
        lines[1:1] = ["", f"... and {len(found) - _SHOWN:,} more; --format json has them all"]
    count = {kind: sum(d.severity == kind for d in found) for kind in ("error", "warning", "information")}
    remarks = f", {several(count['information'], 'remark')}" if count["information"] else ""
    said = f"{several(count['error'], 'error')}, {several(count['warning'], 'warning')}{remarks}{hint}"
    more = for_more(found)
    return "\n".join([*lines, said, *([more] if more else [])])


def _fixed(name: str, source: Source, unsafe: bool, check: Check) -> Source:
    """The spec with its fixes made, in its file as well; what was done goes to the standard error."""
    from pathlib import Path

    from resdsl import files, mending
    from resdsl.diagnostics import usage

    if source.path is None or name in files.zoo():
        what = "the standard input" if source.path is None else f"`{name}`, which ships with resdsl,"
        raise usage(f"`--fix` changes a file, and {what} is none of yours", "name a `.resnet` file")
    mended, made = mending.mended(source, unsafe, check)
    if made:
        path = Path(source.path)
        mark = b"\xef\xbb\xbf" if files.contents(path).startswith(b"\xef\xbb\xbf") else b""
        files.rewrite(path, mark + source.text.encode(), mark + mended.text.encode())
        for fix in made:
            _say(f"{fix.edits[0].span.where()}: fixed: {fix.message}")
    return mended


def _explain(a: argparse.Namespace) -> int:
    from resdsl import codes
    from resdsl.diagnostics import visible

    if a.code:
        pages = [visible(codes.page(code).rstrip()) for code in {code.upper(): code for code in a.code}.values()]
        print("\n\n".join(map(_lit, pages)))
    else:
        print("\n".join(f"{code}  {said}" for code, said in codes.summaries().items()))
    return 0


def _lit(page: str) -> str:
    """A page in Markdown with its headings bold, on a terminal that shows it."""
    if not _colored(sys.stdout):
        return page
    lines, example = [], False
    for line in page.splitlines():
        example ^= line.startswith("```")  # in one, a line that begins with `#` is a comment
        lines.append(f"\033[1m{line}\033[0m" if line.startswith("#") and not example else line)
    return "\n".join(lines)


def _count(a: argparse.Namespace) -> int:
    from resdsl.emit.table import counts

    networks = _networks(a.spec, [a.input], a.set)
    sys.stdout.write(counts(networks, a.by, "json" if a.json else a.format))
    sys.stdout.flush()
    for net in networks:
        net.check()  # after the table: it shows where the difference is
    return 0


def _networks(specs: Sequence[str], inputs: Sequence[_Input], pairs: Sequence[str]) -> list[Network]:
    """The models that SPECs name, each at every input and the settings asked for; `expect` is not checked yet."""
    from resdsl import network

    settings = dict(pair.split("=", 1) for pair in pairs)
    found = []
    for spec in specs:
        loaded, models = network.named(spec)
        for model in models:
            found += [_at(loaded, model, settings, given) for given in inputs or [None]]
    return found


def _at(spec: Spec, model: Defined, settings: dict[str, str], given: _Input) -> Network:
    """A model at an input: `3x224x320`, or `224` for each axis of its own maps; of a vector it is the length."""
    from resdsl.network import Network, arguments

    chosen = arguments(settings)
    if given is None or len(given) == 1:
        own = Network(spec, model, settings=chosen, expects=False)
        if given is None:
            return own
        channels, *axes = own.program.input
        given = (channels, *given * len(axes)) if axes else given
    return Network(spec, model, input=given, settings=chosen, expects=False)


def _table(a: argparse.Namespace) -> int:
    from resdsl.emit.tables import command
    from resdsl.emit.tables.counting import Counting

    given = {name: value for name in command.OPTIONS if (value := getattr(a, name)) is not None}
    command.check(given)
    counting = Counting(**{name: given[name] for name in ("convention", "batch", "dtype") if name in given})
    explain = tuple(a.explain) if a.explain else None
    order = command.Order(a.style or "stages", counting, explain, a.names or "own", a.sort, a.top)
    grids = command.tables(_networks(a.spec, a.input, a.set), order)
    sys.stdout.write(command.written(grids, a.format))
    return 0


def _diff(a: argparse.Namespace) -> int:
    from resdsl.diagnostics import ResdslError
    from resdsl.emit.difference import command

    try:
        found = command.compare((a.a, a.b), lambda spec, model: _at(spec, model, {}, a.input))
    except ResdslError as problem:
        _say_found(problem)
        return max(problem.exit_status, 2)  # 1 says that they differ
    sys.stdout.write(command.as_json(found) if a.format == "json" else command.text(found))
    return 0 if found.same else 1


def _draw(a: argparse.Namespace) -> int:
    from pathlib import Path

    from resdsl import files, network
    from resdsl.diagnostics import usage
    from resdsl.emit.draw import FORMS, picture

    form = "svg" if a.output is None else Path(a.output).suffix.removeprefix(".").lower()
    if form not in FORMS:
        known = "end the name in .svg, .dot, .pdf, .png or .mmd"
        raise usage(f"`{a.output}` is not a picture that resdsl makes", known)
    nets = [network.load(spec) for spec in a.spec]
    if a.input:
        nets = [_at(net.spec, net.model, {}, a.input) for net in nets]
    data = picture(nets, form, view=a.view, block=a.block, theme=a.theme, horizontal=a.horizontal)  # type: ignore[arg-type]
    if a.output is None:
        sys.stdout.buffer.write(data)
    else:
        files.write(Path(a.output), data, force=a.force)
        _wrote(a.output)
    return 0


def _compile(a: argparse.Namespace) -> int:
    from pathlib import Path

    from resdsl import files, network
    from resdsl.diagnostics import printable, usage
    from resdsl.emit.torch import emit

    text = emit(network.load(a.spec), a.class_name)
    if a.check:
        if a.output is None:
            raise usage("`--check` compares a file", "name it with `-o FILE.py`")
        current = files.contents(Path(a.output)) == text.encode()
        print(f"{printable(a.output)} is {'current' if current else 'not what the spec says: compile it again'}")
        return 0 if current else 1
    if a.output is None:
        sys.stdout.write(text)
    else:
        files.write(Path(a.output), text.encode(), force=a.force)
        _wrote(a.output)
    return 0


def _verify(a: argparse.Namespace) -> int:
    from resdsl import network
    from resdsl.module import need_torch

    need_torch("verify")
    from resdsl.verify import compared, verify

    wrong = 0
    for spec in a.spec:
        loaded, models = network.named(spec)
        for net in (network.Network(loaded, model) for model in models):
            findings = verify(net)
            wrong += len(findings)
            print(f"{net.name}: {'the module is the network of the spec' if not findings else 'differs'}")
            for finding in findings or [compared(net)]:
                print(f"  {finding}")
    return 1 if wrong else 0


def _fmt(a: argparse.Namespace) -> int:
    from resdsl.diagnostics import ResdslError, as_text, printable
    from resdsl.layout import LINE_LENGTH, command

    status, changed, left, wrong = 0, 0, 0, 0
    for path in command.specs(a.file):
        try:
            text = command.read(path, a.line_length or LINE_LENGTH)
            if (text.changed or path is None) and not (a.check or a.diff):
                text.write()
        except ResdslError as problem:
            _say(as_text(problem.diagnostics, _colored(sys.stderr)))
            status = max(status, problem.exit_status)
            wrong += 1
            continue
        changed, left = changed + text.changed, left + (not text.changed)
        if a.diff:
            sys.stdout.buffer.write(text.diff())
        elif text.changed and (a.check or path):
            print(printable(f"{'would reformat' if a.check else 'reformatted'} {text.name}"))
    if not a.diff and (a.check or a.file != ["-"]):
        done = "would be reformatted" if a.check else "reformatted"
        unread = f", {wrong} with errors" * bool(wrong)
        print(f"{changed} file{'s' * (changed != 1)} {done}, {left} in the style already{unread}")
    return max(status, 1 if changed and (a.check or a.diff) else 0)


def _ir(a: argparse.Namespace) -> int:
    from resdsl import network

    if a.schema:
        import json

        from resdsl.graph import schema

        print(json.dumps(schema(), indent=2))
        return 0
    if a.spec is None:
        from resdsl.diagnostics import usage

        raise usage("`resdsl ir` needs a SPEC", "`resdsl ir resnet50`, or `resdsl ir --schema`")
    from resdsl.graph import dump

    print(dump(network.load(a.spec).program, indent=2))
    return 0


def _zoo(a: argparse.Namespace) -> int:
    from resdsl.emit import zoo

    sys.stdout.write(zoo.listing("json" if a.json else "text"))
    return 0


def _new(a: argparse.Namespace) -> int:
    from pathlib import Path

    from resdsl import files
    from resdsl.diagnostics import usage
    from resdsl.emit.start import starting_spec
    from resdsl.layout import format

    if not a.file.endswith(".resnet"):
        raise usage(f"`{a.file}` does not end in `.resnet`", f"write `resdsl new {a.file}.resnet`")
    text = format(starting_spec(Path(a.file).stem, a.origin))
    files.write(Path(a.file), text.encode(), force=a.force)
    _wrote(a.file, f"; try `resdsl count {a.file}`")
    return 0


def _wrote(file: str, more: str = "") -> None:
    """What a command says whose result went into a file; where it prints the result, it says no more."""
    from resdsl.diagnostics import printable

    print(printable(f"wrote {file}{more}"))


def _limits(a: argparse.Namespace) -> int:
    from dataclasses import fields

    from resdsl.limits import DEFAULT

    for field in fields(DEFAULT):
        print(f"{field.name:16} {getattr(DEFAULT, field.name):>12,}")
    return 0


# -- arguments -----------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """argparse, with the message first and the way to help last."""

    def _parse_optional(self, arg_string: str) -> Any:
        """`-:MODEL` is a model of the standard input, no option."""
        return None if arg_string.startswith("-:") else super()._parse_optional(arg_string)

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """`--from=--` has a value; argparse of Python 3.11 drops it and goes on with an empty list."""
        if action.option_strings and arg_strings == ["--"]:
            raise argparse.ArgumentError(action, "`--` is no value")
        return super()._get_values(action, arg_strings)

    def error(self, message: str) -> NoReturn:
        from resdsl.diagnostics import printable

        _say(f"{printable(f'error: {message}')}\n  fix: `{self.prog} --help` shows how it is used")
        raise SystemExit(2)


def _shape(text: str) -> tuple[int, ...]:
    parts = text.lower().replace(" ", "").split("x")
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise argparse.ArgumentTypeError(f"`{text[:60]}` is not a shape: write it as 3x224x224")
    return tuple(map(int, parts))


def _shapes(text: str) -> list[tuple[int, ...]]:
    return [_shape(part) for part in text.split(",")]


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"`{text[:60]}` is not a whole number above 0")
    return int(text)


def _setting(text: str) -> str:
    name, sign, value = text.partition("=")
    if not sign or not name.strip().isidentifier() or not value.strip() or "\n" in value:
        raise argparse.ArgumentTypeError(f"`{text[:60]}` is not a setting: write it as classes=10")
    return f"{name.strip()}={value.strip()}"


def _parser() -> argparse.ArgumentParser:
    plain = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        prog="resdsl",
        description="A language and compiler for residual networks.",
        epilog=_EPILOG,
        formatter_class=plain,
    )
    parser.add_argument("--version", action="version", version=f"resdsl {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    def command(
        name: str, handler: Callable[[argparse.Namespace], int], text: str, more: str = ""
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=more, formatter_class=plain
        )
        made.set_defaults(handler=handler)
        return made

    check = command("check", _check, "say what is wrong with specs")
    check.add_argument("spec", nargs="+", metavar="SPEC")
    check.add_argument(
        "--format",
        choices=("text", "short", "json"),
        default="text",
        help="short is a line a finding; json is for editors and scripts",
    )
    check.add_argument("--fix", action="store_true", help="make the safe fixes, in the file")
    check.add_argument("--unsafe-fixes", action="store_true", help="make all fixes: look at what they did")
    check.add_argument(
        "--info", action="store_true", help="show what is worth knowing besides: remarks, which are no faults"
    )
    check.add_argument(
        "--select", metavar="CODES", help="look for these, as in `W1003,W1014`; `default` and `all` are codes too"
    )
    check.add_argument("--ignore", metavar="CODES", help="do not look for these")
    check.add_argument("--defaults", action="store_true", help="list what each `default` line reached")

    explain = command("explain", _explain, "say what a code means, with an example of how it is mended")
    explain.add_argument("code", nargs="*", metavar="CODE", help="such as E0301; without one, all codes are listed")

    count = command("count", _count, "count layers, parameters and multiply-accumulates")
    count.add_argument("spec", nargs="+", metavar="SPEC[:MODEL]", help="a file without :MODEL counts all its models")
    count.add_argument(
        "--by", choices=("section", "block", "op"), default="section", help="what a row is (default: section)"
    )
    count.add_argument("--format", choices=("text", "markdown", "csv", "json"), default="text")
    count.add_argument("--json", action="store_true", help="the same as --format json")
    count.add_argument("--input", type=_shape, metavar="64", help="another input than the spec's: 64, or 3x64x64")
    count.add_argument(
        "--set",
        type=_setting,
        action="append",
        default=[],
        metavar="classes=10",
        help="another value for a parameter of the model",
    )

    table = command("table", _table, "tables for papers, reviews and programs", _TABLES)
    table.add_argument("spec", nargs="+", metavar="SPEC[:MODEL]", help="a file without :MODEL means all its models")
    table.add_argument("--style", choices=_STYLES, metavar="STYLE", help="(default: stages)")
    table.add_argument(
        "--format", choices=("text", "markdown", "latex", "html", "csv", "json"), default="text", metavar="FORMAT",
        help="text, markdown, latex, html, csv or json",
    )  # fmt: skip
    table.add_argument("--convention", choices=_CONVENTIONS, metavar="NAME", help="how FLOPs count (default: macs)")
    table.add_argument(
        "--explain", nargs=2, choices=_CONVENTIONS, metavar=("FROM", "TO"), help="from one to another, in steps"
    )
    table.add_argument("--names", choices=("own", "paper"), help="of the rows of `paper` (default: own)")
    table.add_argument("--sort", metavar="COLUMN", help="the largest first, as in --sort params")
    table.add_argument("--top", type=_positive, metavar="N", help="the first N rows only")
    table.add_argument("--input", type=_shapes, default=[], metavar="224,256", help="other inputs, as 224 or 3x224x320")
    table.add_argument("--batch", type=_positive, metavar="N", help="examples, for memory (default: 1)")
    table.add_argument("--dtype", choices=("float32", "float64", "bfloat16", "float16"),
                       help="of the tensors, for memory (default: float32)")  # fmt: skip
    table.add_argument("--set", type=_setting, action="append", default=[], metavar="classes=10",
                       help="another value for a parameter of the model")  # fmt: skip

    diff = command("diff", _diff, "say what differs between two networks", _DIFF)
    diff.add_argument("a", metavar="A", help="SPEC[:MODEL]")
    diff.add_argument("b", metavar="B", help="SPEC[:MODEL]; of two files, models of the same name are compared")
    diff.add_argument("--format", choices=("text", "json"), default="text")
    diff.add_argument("--input", type=_shape, metavar="64", help="another input than the specs': 64, or 3x64x64")

    draw = command("draw", _draw, "draw the architecture", _VIEWS)
    draw.add_argument("spec", nargs="+", metavar="SPEC[:MODEL]", help="several are drawn side by side")
    draw.add_argument("--view", choices=("overview", "layers", "block", "graph"), default="overview")
    draw.add_argument("--input", type=_shape, metavar="64", help="another input than the spec's: 64, or 3x64x64")
    draw.add_argument("--block", metavar="NAME", help="the block, or the section whose blocks, the block view shows")
    draw.add_argument(
        "-o", "--output", metavar="FILE", help=".svg, .dot, .pdf, .png or .mmd (default: SVG to the standard output)"
    )
    draw.add_argument(
        "--theme", choices=("light", "dark", "auto"), default="light", help="auto: as the reader's page is (SVG)"
    )
    draw.add_argument("--horizontal", action="store_true", help="from left to right, for slides")
    draw.add_argument("--force", action="store_true", help="replace a file that resdsl did not write")

    compile_ = command("compile", _compile, "write the network as a standalone PyTorch module")
    compile_.add_argument("spec", metavar="SPEC[:MODEL]")
    compile_.add_argument("-o", "--output", metavar="FILE.py", help="(default: the standard output)")
    compile_.add_argument(
        "--class", dest="class_name", metavar="NAME", help="of the module (default: the model's name in CamelCase)"
    )
    compile_.add_argument("--check", action="store_true", help="only say whether FILE is current: 0 yes, 1 no")
    compile_.add_argument("--force", action="store_true", help="replace a file that resdsl did not write")

    verify = command("verify", _verify, "build the PyTorch module and compare it with the spec (needs PyTorch)")
    verify.add_argument("spec", nargs="+", metavar="SPEC[:MODEL]")

    fmt = command("fmt", _fmt, "lay specs out in the one style", _FMT)
    fmt.add_argument(
        "file", nargs="+", metavar="FILE", help="a spec; a folder, for all in it; - for the standard input"
    )
    fmt.add_argument("--check", action="store_true", help="write nothing; name the files that would change")
    fmt.add_argument("--diff", action="store_true", help="write nothing; show what would change")
    fmt.add_argument("--line-length", type=_positive, metavar="N", help="(default: 120)")

    ir = command("ir", _ir, "print the intermediate representation as JSON")
    ir.add_argument("spec", nargs="?", metavar="SPEC[:MODEL]")
    ir.add_argument("--schema", action="store_true", help="print its JSON schema instead")

    zoo = command("zoo", _zoo, "list the published networks that ship")
    zoo.add_argument("--json", action="store_true")

    new = command("new", _new, "write a commented spec to start from")
    new.add_argument("file", metavar="FILE")
    new.add_argument(
        "--from",
        dest="origin",
        default="resnet18",
        metavar="MODEL",
        help="the model of the zoo to begin with (default: resnet18)",
    )
    new.add_argument("--force", action="store_true", help="replace the file")

    command("limits", _limits, "show the resource limits")
    return parser


if __name__ == "__main__":
    sys.exit(main())
