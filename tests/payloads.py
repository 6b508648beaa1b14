"""Texts that were written to do harm: what an attacker puts where a name, a number, a comment or a file name belongs."""

from __future__ import annotations

import builtins
import keyword

KINDS: dict[str, list[str]] = {
    "quotes": [
        '"', "'", '"""', "'''", '\\"""', '""""""', '"\'"', "`", "``", "´", "“x”", "‘x’", '")', "')", '"]', '"}', '",',
        '"; DROP', '" or "', "' or '1'='1", '"""\nimport os\n"""', "'''\nimport os\n'''", '""" + exec("1") + """',
        'x" y="z', "x' y='z", '"-->', "'\"><",
    ],
    "line ends": [
        "\n", "\r", "\r\n", "\n\n\n", "a\rb", "a\nb", "a\r\nb", "\n# resdsl", "\nimport os", "\rimport os", "\n}\n",
        "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "a\u2028import os", "a\u2029import os",
        "\nmodel evil { input 3 }", "\n@", "\n\x00", "\\\n", "\\\r\n",
    ],
    "coding": [
        "# coding: utf-7", "coding: utf-7", "-*- coding: utf-7 -*-", "vim: set fileencoding=utf-7 :", "coding=cp037",
        "# -*- coding: raw_unicode_escape -*-", "+AAo-import os+AAo-", "+ADw-script+AD4-", "#!/usr/bin/env python",
        "coding: idna", "# type: ignore", "# noqa", "# fmt: off", "# pragma: no cover", "%autoreload", "!ls", "?x",
    ],
    "templates": [
        "{}", "{{}}", "{0}", "{x}", "{x!r}", "{0.__class__}", "{0.__class__.__mro__}", "{self}", "{x:>{y}}", "{", "}",
        "%s", "%n", "%(x)s", "%999999d", "{{ x }}", "{{ 7 * 7 }}", "{% raw %}", "{% include '/etc/passwd' %}", "{# x #}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}", "${x}", "$(id)", "`id`", "$x", "$$", "${{ secrets.TOKEN }}",
        "<%= x %>", "#{x}", "{i}", "{0}{1}", "{%", "%}", "{{", "}}", "f'{x}'", "f\"{exec('1')}\"", "{__import__('os')}",
    ],
    "control": [
        "\x00", "a\x00b", "\x00import os", "\x01", "\x07", "\x08", "\x7f", "\x80", "\x9b31m", "\x1b", "\x1b[31m",
        "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x07x\x1b]8;;\x07", "\x1b[8m", "\x1bc",
        "\x1b]52;c;ZXZpbA==\x07", "\x1bP+q\x1b\\", "\x90x\x9c", "\x9d0;x\x9c", "a\x08\x08b", "\x1b[1A\x1b[2K", "\x0e",
        "\x04", "\x1a", "\x16",
    ],
    "bidi": [
        "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f",
        "\u061c", "\u206a", "\u206f", "a\u202eb", "\u202e#\u2066 x\u2069", "evil\u202etxt.resnet", "\u2067} \u2066",
    ],
    "unseen": [
        "\u200b", "\u200c", "\u200d", "\u2060", "\u2061", "\u2064", "\ufeff", "a\ufeffb", "con\u200bv", "\u00ad",
        "con\u00adv", "\u034f", "\u115f", "\u1160", "\u17b4", "\u180e", "\u3164", "\uffa0", "\ufff9x\ufffb", "\ufffc",
        "\U000e0001", "\U000e0041\U000e0042", "\U000e0100", "\ufe0f", "x\ufe00", "\U0001d173", "\u2800", "\u00a0",
        "\u3000", "\u2003", "\ufffe", "\uffff", "\ud800", "\udfff", "a\udc80b", "\ue000", "\U0010ffff",
    ],
    "look-alikes": [
        "соnv", "ｃｏｎｖ", "сonv", "conν", "rеlu", "𝐜𝐨𝐧𝐯", "ｎｎ", "ｅｖａｌ", "ﬁle", "ŀ", "İ", "ı", "ß", "ſelf", "ªb", "０",
        "１２", "٣", "²", "½", "Ⅳ", "×", "−1", "–", "→", "∗", "＃ x", "＂", "；", "（", "｛", "éè", "e\u0301" * 40, "\u0301",
        "名前", "עברית", "العربية", "😀", "👩\u200d💻", "ﷺ" * 20, "𒐫",
    ],
    "Python": [
        "import os", "__import__('os').system('id')", "exec('1')", "eval('1')", "open('/etc/passwd')", "lambda: 0",
        "os.system('id')", "x; import os", "x)\nimport os\n(", "[x for x in ()]", "(yield)", "await x", "@x", "x := 1",
        "pass", "...", "del self", "global x", "nonlocal x", "print", "breakpoint()", "object.__reduce__", "x.__class__",
        "self.__dict__", "nn.Module.__init__", "torch.load('x')", "F.relu", "().__class__.__bases__[0]", "*", "**", "\\",
        "match x: case _: pass", "async def x(): pass", "type X = int", "raise SystemExit", "assert False", "1 if 1 else",
    ],
    "dunders": [
        "__init__", "__class__", "__dict__", "__getattr__", "__setattr__", "__del__", "__call__", "__reduce__", "__doc__",
        "__name__", "__file__", "__builtins__", "__import__", "__all__", "__slots__", "__annotations__", "__main__",
        "_modules", "_parameters", "_buffers", "_forward_hooks", "_x", "__", "_", "a__b", "a__", "__a", "x__init__",
        "_Net__x",
    ],
    "names of the file": [
        "self", "super", "torch", "nn", "F", "f", "Tensor", "tensor", "OrderedDict", "ordered_dict", "x", "y", "stage",
        "none", "None_", "true_", "exception", "ellipsis", "module", "sequential", "net", "features", "input", "output",
        "shape", "N", "C", "id", "conv", "conv1", "Conv", "relu", "norm", "act", "weight", "bias", "zeros",
    ],
    "HTML": [
        "<script>alert(1)</script>", "</script><script>alert(1)</script>", "</title><script>alert(1)</script>",
        "</text><script>alert(1)</script>", "</svg><script>alert(1)</script>", "</style><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<a href='javascript:alert(1)'>x</a>",
        '<a xlink:href="javascript:alert(1)">x</a>', "<iframe src=javascript:alert(1)>", "javascript:alert(1)",
        "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x",
        "<![CDATA[<script>alert(1)</script>]]>", "]]>", "]]>&", "<!--", "-->", "--!>", "--", "<!DOCTYPE svg>",
        '<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;", "&lt;script&gt;", "&#60;script&#62;", "&#0;", "&#xD800;",
        "&amp;", "&", "&;", "<?xml version='1.0'?>", "<?php system('id') ?>", "<?xml-stylesheet href='//evil.example'?>",
        "<foreignObject><body onload=alert(1)>", "<use href='//evil.example#x'/>", "<image href='//evil.example/x'/>",
        "<style>@import '//evil.example'</style>", "<animate onbegin=alert(1)>", "<set attributeName=href to=x>",
        "<base href=//evil.example>", "<meta http-equiv=refresh content=0>", "<form action=//evil.example>", "<",
        ">", "<b>", "</b>", "<br/>", "<x", "</", "a<b>c", "style=x", "onload=alert(1)", "\" onload=\"alert(1)",
        "' onload='alert(1)", "expression(alert(1))", "url(//evil.example)", "url(javascript:alert(1))", "@import",
        "}*{background:url(//evil.example)}",
    ],
    "backslashes": [
        "\\n", "\\N", "\\G", "\\E", "\\L", "\\l", "\\r", "\\T", "\\\\", "\\\\\\", "x\\", "\\x22", "\\u0022", "\\N{DIGIT ONE}",
        "\\x", "\\u12", "\\777", "\\'", "\\`", "\\$", "\\(x\\)", "\\u202e",
    ],
    "LaTeX": [
        "\\input{/etc/passwd}", "\\write18{id}", "\\immediate\\write18{id}", "\\include{x}", "\\def\\x{}", "\\csname x",
        "\\catcode`\\%=12", "\\openin5=/etc/passwd", "\\end{document}", "\\end{tabular}", "\\begin{verbatim}", "\\newpage",
        "\\href{javascript:x}{y}", "\\url{x}", "\\usepackage{shellesc}", "\\verb|x|", "\\item", "\\par", "\\hline", "\\relax",
        "%", "% x", "#1", "$x$", "$$x$$", "x_1", "x^2", "^^5c", "^^M", "~", "&x&", "{x", "x}", "\\{", "\\%", "\\&", "\\_",
        "\\loop\\iftrue\\repeat", "\\char`\\x", "\\directlua{os.execute('id')}", "---", "<<", "!`", "?`",
    ],
    "Mermaid": [
        "%%{init: {'securityLevel': 'loose'}}%%", "%%{init: {\"theme\": \"dark\"}}%%", "%% comment", "click x href \"//e\"",
        "click a call alert()", "click a \"javascript:alert(1)\"", "end", "subgraph x", "graph TD", "a --> b", "a -.-> b",
        "A[x]", "x]", "x)", "x}", "((x))", "|x|", "style a fill:#f00", "classDef x fill:#f00", "linkStyle 0", "a:::x",
        "#quot;", "#35;", "#9829;", "---\ntitle: x\n---", "config:", "a@{ img: '//evil.example' }", "direction LR",
        "$$x$$", "`**x**`", "__x__", "**x**", "![x](//evil.example/x.png)", "[x](javascript:alert(1))", "<br>", "accTitle: x",
    ],
    "DOT": [
        "x\" URL=\"javascript:alert(1)", "<<b>x</b>>", "<table><tr><td href=\"x\">", "\"]; evil [label=\"x\"]; x [label=\"",
        "} digraph evil {", "};", "//", "/* x */", "*/", "label=\"x\"", "\\G\\N\\E", "x:n", "a -> b", "a -- b", "strict",
        "graph", "digraph", "node", "edge", "node [shape=box]", "image=\"/etc/passwd\"", "shapefile=x", "&lt;b&gt;", "&#9829;",
        "\\", "x\\", "rank=same", "layout=dot", "{a b}", "#include \"x\"", "stylesheet=\"//evil.example\"",
    ],
    "workflows": [
        "::error::x", "::error file=app.js,line=1::x", "::warning::x", "::notice::x", "::debug::x", "::add-mask::x",
        "::set-output name=x::y", "::save-state name=x::y", "::stop-commands::x", "::group::x", "::endgroup::",
        "::set-env name=PATH::/evil", "::add-path::/evil", "  ::error::x", "\n::error::x", "x\n::error::y", "\r::error::x",
        "##[error]x", "##[add-mask]x", "##vso[task.setvariable variable=x]y", "##teamcity[buildStop]", "section_start:0:x",
        "::", ":::", "::echo::on", "::add-matcher::x.json",
    ],
    "numbers": [
        "9" * 5000, "-" + "9" * 5000, "1" + "0" * 5000, "0." + "1" * 5000, "1e999", "-1e999", "1e-999", "1e" + "9" * 5000,
        "NaN", "nan", "Infinity", "inf", "-inf", "Inf", "0x10", "0b1", "0o7", "007", "1_0", "1__0", "_1", "1_", "1.", ".5",
        "1j", "1L", "1e", "1e+", "-0", "0", "-1", "18446744073709551616", "9223372036854775808", "1k", "1M", "1G", "1.5k",
        "2 ** 999", "9 ** 9 ** 9 ** 9", "1 / 0", "1 // 0", "1 % 0", "0 ** -1", "1e308 * 10", "10 ** 18", "1 << 99", "~1",
        "1,000", "1 000", "5" * 64 + "k", "1e18", "99999999999999999",
    ],
    "formulas": [
        "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "=HYPERLINK(\"//evil.example\")", " =1",
        "=IMPORTXML(\"//evil.example\")", "'=1", "\"=1", "%0A=1", "|cmd", ";=1", ",=1", "=1\n=2", "＝1+1", "−1+1", "=DDE(x)",
    ],
    "paths": [
        "../../../etc/passwd", "/etc/passwd", "/dev/zero", "/dev/stdin", "/proc/self/environ", "~/.ssh/id_rsa", "..", ".",
        "./x", "a/../../b", "a//b", "//host/share", "\\\\host\\share", "C:\\x", "C:x", "file:///etc/passwd", "CON", "NUL",
        "http://evil.example/x.resnet", "x.resnet/..", ".git/config", "x.resnet\x00.py", "%2e%2e%2f", "*.resnet", "-", "--",
        "-rf", "--help", "--force", "-o", "@file", "x:y", "x:", ":x", "::x", "-:x", "a" * 300, "x" * 5000, ".resnet", "",
    ],
    "settings": [
        "x]\n[tool.evil]", "\"]\nselect = [\"all", "'''", "[[x]]", "a.b.c = 1", "!!python/object/apply:os.system ['id']",
        "&a [*a]", "*a", "- x", "? x", ": x", "| x", "> x", "x: y", "{a: b}", "---", "...", "!x", "%YAML 1.1", "~", "null",
        "\\u0000", "1979-05-27T07:32:00Z", "# resdsl: ignore[all] x", "# resdsl: ignore-file[W1001] x", "[W1003]", "W1003",
        "E0301", "all", "default", "W1003, W1004", "W1003]", "][", "resdsl:", "resdsl 2", "resdsl 1",
    ],
    "nesting": [
        "(" * 500, "[" * 500, "{" * 500, ")" * 100, "((((x))))" * 20, "-" * 300 + "1", "not " * 100 + "true", "x -> " * 90 + "x",
        "x + " * 90 + "x", "[" * 60 + "]" * 60, "repeat 9 { " * 70, "if true { " * 70, "f(" * 70,
    ],
    "specs": [
        ") { conv(1, 1) }", "= 1)", ", x = 1", "x = 1", "-> evil", "-> conv(8, 3)", "+ id", "{ relu }", "} block evil { relu",
        "x: relu", "x.y.z", "x-{0}", "x.{i}", "x.0", "0.x", "x..y", ".x", "x.", "a.b:", "-x", "x-y", "in", "as", "or", "not",
        'import "x.resnet"', "expect params = 1", "default conv = relu", "let x = 1", "order x", "input 3", "stem { relu }",
        "for i in range(9)", "[relu for i in range(10)]", "repeat 2 { relu }", "if true { relu } else { relu }", "Source: x",
    ],
}  # fmt: skip

WORDS = sorted({*keyword.kwlist, *keyword.softkwlist, *(n for n in dir(builtins) if not n.startswith("__"))})
"""Every word that means something to Python."""


def payloads() -> dict[str, str]:
    """Each text once, with its kind."""
    found = {text: kind for kind, texts in KINDS.items() for text in texts}
    return found | {word: "words of Python" for word in WORDS if word not in found}
