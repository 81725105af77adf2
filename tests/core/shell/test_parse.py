"""What the parser finds in scripts, and where."""

from __future__ import annotations

import pytest

from dflint.shell import Assignment, Command, Compound, Script, VariableUse, Word, parse_shell
from dflint.source import MappedText, Span


def parse(text: str, offset: int = 0) -> Script:
    return parse_shell(MappedText.contiguous(text, offset))


def commands(text: str) -> list[str]:
    script = parse(text)
    assert script.errors == (), script.errors
    return [command.raw for command in script.commands()]


def only(text: str) -> Command:
    script = parse(text)
    assert script.errors == (), script.errors
    return next(script.commands())


def word(text: str) -> Word:
    (argument,) = only("echo " + text).arguments
    return argument


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && b || c; d & e", ["a", "b", "c", "d", "e"]),
        ("a | b |& c", ["a", "b", "c"]),
        ("a # b\nc #d\n#e\n", ["a", "c"]),
        ("a#b", ["a#b"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("while a; do b; done < f", ["a", "b"]),
        ("until a\ndo b\ndone", ["a", "b"]),
        ("for x in $(a) 'b'; do c; done", ["a", "c"]),
        ("for x\ndo c; done", ["c"]),
        ("for ((i=0; i<$(a); i++)); do b; done", ["a", "b"]),
        ("select x in a b; do c; done", ["c"]),
        ("case $(a) in b|c) d;; (e) f ;; *) g; esac", ["a", "d", "f", "g"]),
        ("case x in a) ;& b) c ;;& esac", ["c"]),
        ("f() { a; }; function g { b; }; function h() (c)", ["a", "b", "c"]),
        ("( a; (b) ); { c; }", ["a", "b", "c"]),
        ("[[ $(a) =~ ^(x y|z)$ && ! -f b ]] && c", ["a", "c"]),
        ("(( x = $(a) + 1 )) && b", ["a", "b"]),
        ("((a); b)", ["a", "b"]),
        ("echo $((1 + $(a))) $((b) | (c))", ["echo $((1 + $(a))) $((b) | (c))", "a", "b", "c"]),
        ('x "a $(b "c `d`") e"', ['x "a $(b "c `d`") e"', 'b "c `d`"', "d"]),
        ("a <(b) >(c) d<(e)", ["a <(b) >(c) d<(e)", "b", "c", "e"]),
        ("a=$(b) c > $(d)", ["a=$(b) c > $(d)", "b", "d"]),
        ("a=(b $(c)) d", ["a=(b $(c)) d", "c"]),
        ("echo ${x:-$(a)} ${y:+`b`}", ["echo ${x:-$(a)} ${y:+`b`}", "a", "b"]),
        ("a `b \\`c\\``", ["a `b \\`c\\``", "b `c`", "c"]),
        ("coproc N { a; }; coproc b c", ["a", "b c"]),
        ("! a; time -p b; time", ["a", "b"]),
        ("a \\\n  b", ["a \\\n  b"]),
        ("a &&\n\n# x\nb |\nc", ["a", "b", "c"]),
        ("a &> b; c 2>&1; d >&2 <&-", ["a &> b", "c 2>&1", "d >&2 <&-"]),
        ("find . -exec rm {} \\; -o \\( -a \\)", ["find . -exec rm {} \\; -o \\( -a \\)"]),
        ("shopt -s extglob\nrm !(a|b) c", ["shopt -s extglob", "rm !(a|b) c"]),
        ("echo if then } fi", ["echo if then } fi"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("", []),
        ("# only a comment", []),
    ],
)
def test_commands_in_source_order(text: str, expected: list[str]) -> None:
    assert commands(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "start", "end"),
    [
        ('a "b', 'unclosed `"`', 2, 3),
        ("a 'b", "unclosed `'`", 2, 3),
        ("a $(b", "unclosed `$(`", 2, 4),
        ("a ${b", "unclosed `${`", 2, 4),
        ("a `b", "unclosed backquote", 2, 3),
        ("if a; then b", "unclosed `if`", 0, 2),
        ("x; case a in", "unclosed `case`", 3, 7),
        ("a )", "unexpected `)`", 2, 3),
        ("a && && b", "unexpected `&&`", 5, 7),
        ("a | ", "unexpected end of the script", 4, 4),
        ("fi", "unexpected `fi`", 0, 2),
        ("if a; then\nfi", "unexpected `fi`", 11, 13),
        ("a (b)", "unexpected `b`", 3, 4),
        ("a b (c)", "unexpected `(`", 4, 5),
        ("a >\nb", "unexpected end of the line", 3, 4),
        ("[[ a =~ (b ]]", "unclosed `(`", 8, 13),
        ("f() a", "a function's body must be a compound command", 4, 5),
        ("a `b c (`", "unexpected `(`", 7, 8),
    ],
)
def test_error(text: str, message: str, start: int, end: int) -> None:
    (error,) = parse(text, 7).errors
    assert (error.message, error.start - 7, error.end - 7) == (message, start, end)


def test_what_stands_before_an_error_is_kept() -> None:
    assert [command.raw for command in parse("a && { b; c 'd").commands()] == ["a", "b", "c 'd"]


def test_ranges_are_source_offsets() -> None:
    source = "RUN apt-get install \\\n  curl=1 && \\\n  rm x"
    pieces = [(0, 4, 20), (16, 24, 34), (26, 38, 44)]
    text = "".join(source[start:end] for _, start, end in pieces)
    mapped = MappedText(text, (0, 16, 26), (4, 24, 38))
    script = parse_shell(mapped)
    first, second = script.commands()
    assert source[first.start : first.end] == "apt-get install \\\n  curl=1"
    assert [source[w.start : w.end] for w in first.words] == ["apt-get", "install", "curl=1"]
    assert second.span == Span(38, 42)
    operator = script.body.items[0].operator_span
    assert operator is not None
    assert source[operator.start : operator.end] == "&&"


def test_items_and_operators() -> None:
    script = parse("a && b\nc &")
    assert [(item.node.raw, item.operator, item.operator_span) for item in script.body.items] == [
        ("a", "&&", (2, 4)),
        ("b", "\n", (6, 7)),
        ("c", "&", (9, 10)),
    ]


def test_simple_command() -> None:
    command = only("A=1 B+=2 C= /usr/bin/apt-get -y 2>&1 install >>f {fd}<g")
    assert [(a.name, a.value and a.value.raw, a.append, a.is_local) for a in command.assignments] == [
        ("A", "1", False, True),
        ("B", "2", True, True),
        ("C", "", False, True),
    ]
    assert command.program == "apt-get"
    assert [argument.raw for argument in command.arguments] == ["-y", "install"]
    assert [(r.fd, r.operator, r.target and r.target.raw) for r in command.redirects] == [
        ("2", ">&", "1"),
        (None, ">>", "f"),
        ("{fd}", "<", "g"),
    ]


def test_program_is_none_if_dynamic() -> None:
    assert only("$x/pip a").program is None
    assert only("a=b").program is None
    assert only("'a'p\"t\"").program == "apt"


@pytest.mark.parametrize(
    ("text", "value", "prefix", "quoted", "glob"),
    [
        ("abc", "abc", "abc", False, False),
        ("*.c", "*.c", "*.c", False, True),
        ("'*.c'", "*.c", "*.c", True, False),
        ("\\*.c", "*.c", "*.c", True, False),
        ("a'b c'\"d e\"f", "ab cd ef", "ab cd ef", True, False),
        ('"a\\"b\\n\\$c"', 'a"b\\n$c', 'a"b\\n$c', True, False),
        ("$'a\\n\\x41\\101\\u00e9\\''", "a\nAA\u00e9'", "a\nAA\u00e9'", True, False),
        ('$"a"', "a", "a", True, False),
        ("a$", "a$", "a$", False, False),
        ('"a$"', "a$", "a$", True, False),
        ("''", "", "", True, False),
        ("a=$b/c", None, "a=", False, False),
        ('"a$b"', None, "a", True, False),
        ("a$(b)", None, "a", False, False),
        ("x$((1))", None, "x", False, False),
        ("a\\\nb", "ab", "ab", False, False),
        ('"a\\\nb"', "ab", "ab", True, False),
        ("~/x", "~/x", "~/x", False, False),
    ],
)
def test_word(text: str, value: str | None, prefix: str, quoted: bool, glob: bool) -> None:
    found = word(text)
    assert (found.value, found.literal_prefix, found.is_quoted, found.has_glob) == (value, prefix, quoted, glob)
    assert found.raw == text


def test_braces() -> None:
    assert word("a{b,c}").has_braces
    assert word("{1..3}").has_braces
    assert not word("'{a,b}'").has_braces
    assert not word("{}").has_braces


def test_text_with() -> None:
    assert word("a$b-${c}").text_with({"b": "1", "c": "2"}) == "a1-2"
    assert word('"$b"').text_with({"b": "1"}) == "1"
    assert word("$b").text_with({}) is None
    assert word("${b:-x}").text_with({"b": "1"}) is None
    assert word("a").text_with({}) == "a"


def test_variables_of_a_word() -> None:
    found = word('$a"$b"${c:-"${d}"}${#e}${f[@]}${g//x/y}$((h+$i))$(j $k)$?${l%.*}')
    uses = [(use.name, use.modifier, use.argument, use.quoted) for use in found.variables]
    assert uses == [
        ("a", None, None, False),
        ("b", None, None, True),
        ("c", ":-", '"${d}"', False),
        ("d", None, None, True),
        ("e", "#", None, False),
        ("f", "[", "@]", False),
        ("g", "//", "x/y", False),
        ("h", None, None, True),
        ("i", None, None, True),
        ("k", None, None, False),
        ("?", None, None, False),
        ("l", "%", ".*", False),
    ]
    assert [use.raw for use in found.variables][:5] == ["$a", "$b", '${c:-"${d}"}', "${d}", "${#e}"]
    assert len(found.substitutions) == 1


def test_single_quotes_in_a_quoted_default_are_plain() -> None:
    assert word('"${a:-it\'s}"').variables[0].argument == "it's"
    assert word("\"${a#'}'}\"").variables[0].argument == "'}'"


def test_script_variables() -> None:
    script = parse("A=1; export B=$A C D+=x; for e in f; do :; done; local g=(1); h[1]=2 sh -c 'I=3'")
    found = [(type(v).__name__, v.name) for v in script.variables()]
    names = ["A", "B", "A", "C", "D", "e", "g", "h", "I"]
    assert [name for _, name in found] == names
    assert [name for kind, name in found if kind == "VariableUse"] == ["A"]
    assert {type(v) for v in script.variables()} == {Assignment, VariableUse}


def test_here_documents() -> None:
    text = "cat <<A <<-'B' | tee x && y\n$(a) $b\nA\n\t$(c)\n\tB\nz"
    script = parse(text)
    assert script.errors == ()
    assert [command.raw for command in script.commands()] == ["cat <<A <<-'B'", "tee x", "y", "a", "z"]
    first, second = next(script.commands()).redirects
    assert first.here_document is not None
    assert second.here_document is not None
    assert first.here_document.body is not None
    assert second.here_document.body is not None
    assert first.here_document.body.raw == "$(a) $b\n"
    assert first.here_document.body.variables[0].quoted
    assert (first.here_document.expands, second.here_document.expands) == (True, False)
    assert second.here_document.body.value == "\t$(c)\n"
    assert text[second.here_document.body.start : second.here_document.body.end] == "\t$(c)\n"
    assert second.here_document.delimiter == "B"
    inner = list(script.commands())[3]
    assert inner.in_substitution
    assert text[inner.start : inner.end] == "a"


def test_here_document_without_end() -> None:
    script = parse("cat <<E\na $( \n")
    assert script.errors == ()
    document = next(script.commands()).redirects[0].here_document
    assert document is not None
    assert not document.is_terminated


def test_here_document_in_substitution() -> None:
    assert commands("a $(cat <<E\nx\nE\n) b\nc") == ["a $(cat <<E\nx\nE\n) b", "cat <<E", "c"]
    assert commands("a $(cat <<E\nx\nE) b\nc") == ["a $(cat <<E\nx\nE) b", "cat <<E", "c"]


def test_context() -> None:
    script = parse("if a; then b; fi; c && d; e || f; g() { h; }; i $(j); while k; do l; done; { m; }; sh -c 'n'")
    by_name = {command.program: command for command in script.commands()}
    assert {name for name, c in by_name.items() if c.in_condition} == {"a", "k"}
    assert {name for name, c in by_name.items() if c.is_conditional} == {"b", "d", "f", "h", "l"}
    assert {name for name, c in by_name.items() if c.in_substitution} == {"j"}
    assert {name for name, c in by_name.items() if c.in_function} == {"h"}
    assert {name for name, c in by_name.items() if c.in_string} == {"n"}


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ("a && b && c", {"a", "b", "c"}),
        ("a || b", {"a"}),
        ("a && b || c", {"a"}),
        ("a; b", {"a", "b"}),
        ("a && b; c", {"a", "c"}),
        ("a; b && c", {"a", "b", "c"}),
        ("{ a && b; } && c", {"a", "b", "c"}),
        ("if a; then b; fi", {"a"}),
        ("a | b", {"a", "b"}),
    ],
)
def test_is_required(text: str, required: set[str]) -> None:
    assert {command.program for command in parse(text).commands() if command.is_required} == required


def test_terminator_and_pipeline() -> None:
    script = parse("a | b |& c && d; e\nf & g")
    assert [command.terminator for command in script.commands()] == ["|", "|&", "&&", ";", "\n", "&", None]
    first = next(script.commands())
    assert [c.raw for c in first.pipeline.commands] == ["a", "b", "c"]
    assert first.pipeline.raw == "a | b |& c"


def test_negated_and_timed() -> None:
    (item,) = parse("time -p ! a | b").body.items
    assert (item.node.negated, item.node.timed, item.node.raw) == (True, True, "time -p ! a | b")


def test_compounds() -> None:
    script = parse("if a; then b; else c; fi > x; for v in 1 2; do d; done; f() { e; }; case s in p) g;; esac")
    found = [item.node.commands[0] for item in script.body.items]
    assert all(isinstance(node, Compound) for node in found)
    compounds = [node for node in found if isinstance(node, Compound)]
    assert [(c.kind, c.name, [w.raw for w in c.words], [s.role for s in c.sections]) for c in compounds] == [
        ("if", None, [], ["condition", "branch", "branch"]),
        ("for", "v", ["1", "2"], ["branch"]),
        ("function", "f", [], ["function"]),
        ("case", None, ["s", "p"], ["branch"]),
    ]
    assert compounds[0].raw == "if a; then b; else c; fi > x"
    assert compounds[2].raw == "f() { e; }"
    assert compounds[0].redirects[0].raw == "> x"


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("a && b && c d", ["a", "b", "c d"]),
        ("a", ["a"]),
        ("a && \\\n b\n", ["a", "b"]),
        ("a | b && { c; } && (d)", ["a | b", "{ c; }", "(d)"]),
        ("a && b;", None),
        ("a; b", None),
        ("a || b", None),
        ("a & b", None),
        ("a\nb", None),
        ("a && if b; then c; fi", None),
        ("a && 'b", None),
        ("", None),
    ],
)
def test_and_chain(text: str, chain: list[str] | None) -> None:
    found = parse(text).and_chain()
    assert (None if found is None else [node.raw for node in found]) == chain


def test_options_set() -> None:
    script = parse("set -euxo pipefail; set +x -- -v; $(set -f); sh -c 'set -a'; set -o noclobber -C a -b")
    assert script.options_set() == {
        "errexit": (4, 9),
        "nounset": (4, 9),
        "xtrace": (4, 9),
        "pipefail": (10, 18),
        "noclobber": script.options_set()["noclobber"],
    }


def test_exit_sensitive_pipelines() -> None:
    script = parse("a; b | c; $(d | e); bash -c 'f | g'")
    assert [pipeline.raw for pipeline in script.exit_sensitive_pipelines()] == ["b | c", "d | e", "f | g"]


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("sh -c 'a b && c'", ["a b", "c"]),
        ('bash -euo pipefail -c "a \\"b c\\""', ['a "b c"']),
        ("bash -lc 'a'", ["a"]),
        ("sudo -u x sh -c 'a'", ["a"]),
        ("su - user -c 'a'", ["a"]),
        ("eval 'a; b'", ["a", "b"]),
        ("sh -c a", ["a"]),
        ("sh -c \"sh -c 'a b'\"", ["sh -c 'a b'", "a b"]),
        ('sh -c "a $b"', []),
        ("sh script -c 'a'", []),
        ("eval $x", []),
        ("echo -c 'a'", []),
    ],
)
def test_strings_that_are_scripts(text: str, inner: list[str]) -> None:
    source = "RUN " + text
    found = list(parse(text, 4).commands())[1:]
    assert [command.raw for command in found] == inner
    for command in found:
        assert command.in_string
        assert source[command.start : command.end].replace("\\", "") == command.raw


@pytest.mark.parametrize(
    ("text", "inner", "assigned"),
    [
        ("sudo apt-get update", "apt-get update", []),
        ("sudo -E -u root -- a b", "a b", []),
        ("sudo -nu root a", "a", []),
        ("env A=b C=$d a x", "a x", ["A", "C"]),
        ("/usr/bin/env -i -u X a", "a", []),
        ("exec a b", "a b", []),
        ("command a", "a", []),
        ("command -v a", "command -v a", []),
        ("nice -n 5 nohup a", "a", []),
        ("timeout -s KILL 5 a b", "a b", []),
        ("xargs -n1 -P 4 a b", "a b", []),
        ("gosu user a", "a", []),
        ("stdbuf -oL a", "a", []),
        ("A=1 sudo B=2 a", "a", ["A", "B"]),
        ("sudo", "sudo", []),
        ("sudo $x", "$x", []),
        ("runuser -u x -- a", "a", []),
        ("runuser x -c a", "runuser x -c a", []),
        ("a b", "a b", []),
    ],
)
def test_unwrapped(text: str, inner: str, assigned: list[str]) -> None:
    view = next(parse(text).commands()).unwrapped()
    assert " ".join(w.raw for w in view.words) == inner
    assert [a.name for a in view.assignments] == assigned


@pytest.mark.parametrize("dialect", ["powershell", "cmd", "python", "unknown"])
def test_other_dialects_are_opaque(dialect: str) -> None:
    script = parse_shell(MappedText.contiguous("if ($x) { 'a }", 0), dialect)
    assert script.is_opaque
    assert list(script.commands()) == []
    assert script.errors == ()
    assert script.and_chain() is None
    assert script.variables() == []
