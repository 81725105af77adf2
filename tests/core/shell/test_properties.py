"""What holds for every text: it parses, ranges are true, time is linear."""

from __future__ import annotations

import gc
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from dflint.shell import Command, Compound, Script, Word, parse_shell
from dflint.shell.nodes import Node, Unescaped
from dflint.source import MappedText

if TYPE_CHECKING:
    from collections.abc import Iterator

# Own scripts in the style of RUN bodies.
SNIPPETS = [
    'apt-get update && apt-get install -y --no-install-recommends curl=7.* "git=${V}" && rm -rf /var/lib/apt/lists/*',
    'set -eux; for f in $(find . -name \'*.gz\'); do tar -xzf "$f" -C "${f%.gz}"; done; rm -- *.gz',
    'if [ "$(uname -m)" = x86_64 ]; then A=1; elif [[ $B =~ ^(a|b)$ ]]; then A=2; else exit 1; fi; export A',
    "curl -fsSL \"https://x/$(echo `uname` | tr A-Z a-z)\" | tar xz 2>/dev/null || { echo 'no'; exit 1; }",
    "cat <<EOF >/etc/x && cat <<-'END' | sh\nA=$A $(b \"c\") \\\n`d`\nEOF\n\tx $y\n\tEND\necho $((1 + ${A:-2}))",
    'case "$(dpkg --print-architecture)" in amd64|i386) a=\'x\';; (arm*) a="y" ;; *) exit 1;; esac && echo ${a//x/y}',
    'f() { local x=(1 "$2" $\'3\\n\'); echo "${x[@]}" >&2; }; function g { f <(a) > >(b); }; while :; do g & done',
    "sh -c 'a && b' && bash -lc \"c \\\"d\\\" \\$e\" && sudo -u x env B=c pip install -r r.txt && eval 'f; g'",
    "((i++)) && (a; (b)) && for ((;;)) { break; }; time ! a |& b; coproc c { d; }; select x in y; do z; done # end",
]
ANY_TEXT = st.text(max_size=80)
SHELL_TEXT = st.text(alphabet="ab1 \t\n\r\\'\"`$(){}[]<>|&;#=!*?~@+-:/%\0\ud800", max_size=60)
FRAGMENT = st.sampled_from([
    "'", '"', "`", "$(", "$((", "))", ")", "(", "((", "${", "}", "{ ", "; }", "<<E\n", "\nE\n", "\\", "\\\n", "if ",
    "then ", "fi", "do ", "done", "case x in ", "esac", ";;", "&&", "|", "&", ";", "\n", "#", "a=(", "<(", ">",
    "2>&1 ", "[[ ", " ]]", "$x", "f() ", "sh -c '", "eval ", "! ", "time ", "coproc ", "for x in ", "\x00", "\ud800",
    "\r\n",
])  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A snippet with pieces cut out, put in, doubled."""
    text = draw(st.sampled_from(SNIPPETS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        end = draw(st.integers(at, min(len(text), at + 12)))
        text = text[:at] + draw(FRAGMENT | st.just("") | st.just(text[at:end] * 2)) + text[end:]
    return text


SCRIPTS = ANY_TEXT | SHELL_TEXT | mutated() | st.sampled_from(SNIPPETS)


@st.composite
def continued(draw: st.DrawFn) -> tuple[str, MappedText]:
    """A source with line continuations, and its text without them."""
    text = draw(SCRIPTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=5)))
    source, at = "RUN ", 0
    starts: list[int] = []
    offsets: list[int] = []
    for cut in [*cuts, len(text)]:
        if cut == at and starts:
            continue
        starts.append(at)
        offsets.append(len(source))
        source += text[at:cut] + CONTINUATION
        at = cut
    return source, MappedText(text, tuple(starts), tuple(offsets))


CONTINUATION = "\ue000\ue001\n"  # stands for a backslash, a newline and comment lines


def words_of(script: Script) -> Iterator[Word]:
    for command in script.commands():
        yield from command.words
        for assignment in command.assignments:
            yield from (word for word in (assignment.value, *(assignment.elements or ())) if word is not None)
        for redirect in command.redirects:
            if redirect.target is not None:
                yield redirect.target
            if redirect.here_document is not None and redirect.here_document.body is not None:
                yield redirect.here_document.body
    for pipeline in script.pipelines():
        for member in pipeline.commands:
            if isinstance(member, Compound):
                yield from member.words


def nodes_of(script: Script) -> Iterator[Node]:
    yield from script.commands()
    yield from script.pipelines()
    yield from script.variables()
    for pipeline in script.pipelines():
        yield pipeline.parent
        yield from pipeline.commands
    for word in words_of(script):
        yield word
        yield from word.variables


def is_direct(node: Node) -> bool:
    """Whether the node's text stands in the source as it is, not unescaped from backquotes or a string."""
    text = node._text
    while isinstance(text, Unescaped):
        if text._removed:
            return False
        text = text._outer
    return True


@settings(max_examples=400, deadline=None)
@given(continued())
def test_ranges_are_true(case: tuple[str, MappedText]) -> None:
    source, mapped = case
    script = parse_shell(mapped)
    for node in nodes_of(script):
        assert 4 <= node.start <= node.end <= len(source)
        if is_direct(node):
            assert source[node.start : node.end].replace(CONTINUATION, "") == node.raw
            if node.raw:
                assert source[node.start] == node.raw[0]
                assert source[node.end - 1] == node.raw[-1]
    for error in script.errors:
        assert 4 <= error.start <= error.end <= len(source)


@settings(max_examples=400, deadline=None)
@given(SCRIPTS)
def test_everything_can_be_asked(text: str) -> None:
    script = parse_shell(MappedText.contiguous(text, 0))
    for word in words_of(script):
        assert word.value is None or not word.variables
        assert word.value is None or word.literal_prefix == word.value
        assert isinstance(word.has_glob, bool)
        assert isinstance(word.has_braces, bool)
        assert isinstance(word.is_quoted, bool)
        assert word.text_with({}) == word.value
        assert [use.begin for use in word.variables if use._text is word._text] == sorted(
            use.begin for use in word.variables if use._text is word._text
        )
    for command in script.commands():
        assert command.in_condition in (True, False)
        assert command.is_conditional or not command.in_function
        assert not (command.is_required and command.in_function)
        assert command.terminator is None or command.terminator in ("|", "|&", "&&", "||", ";", "&", "\n")
        assert isinstance(command.unwrapped(), Command)
    starts = [command.start for command in script.commands() if not command.in_string]
    assert starts == sorted(starts)
    script.and_chain()
    script.options_set()
    script.exit_sensitive_pipelines()


@settings(max_examples=200, deadline=None)
@given(SCRIPTS)
def test_parents(text: str) -> None:
    script = parse_shell(MappedText.contiguous(text, 0))
    for pipeline in script.pipelines():
        assert pipeline.parent.items[pipeline.index].node is pipeline
        for member in pipeline.commands:
            assert member.parent is pipeline
        lists = [holder for holder, _ in pipeline.enclosing_lists()]
        assert lists[-1] is script.body
    known = set(map(id, script.commands()))
    members = {id(c) for p in script.pipelines() for c in p.commands if isinstance(c, Command)}
    assert members == known


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_snippets_have_no_errors(snippet: str) -> None:
    assert parse_shell(MappedText.contiguous(snippet, 0)).errors == ()


HARD = [
    "(", "((", "$(", '"$(', "`", "\\`", "${a:-", "$((", '"', "'", "{ ", "if a; then ", "a;", "a && ", "a | ", "<<E ",
    "a>b ", "cat <<E\nx\nE\n", "cat <<E $(\n", "case x in a) ", "[[ ", "$(( a ) ", "$((a) ) ", '((" ', "((' ",
    "echo `a` ", "x=( ", "f() ", "f(){ ", "a\n", "a \\\n", "#\n", "$a", '"${a:-"', "a=b ", ";", "! ", "time ", "\x00",
    "\ud800", "[[ a =~ ( ", "extglob @(", "for x in ", "coproc ", "eval 'a' ;", "sh -c 'a b' ;", 'sh -c "',
    'a <<E\n$(b)\n`c` "\nE\n', "$'a' ", "<(", "cat <<A <<B\n", "(( ( ", "${a[", "$(( $( ", "\\", "sudo ", "env A=b ",
    'sudo sh -c "a" ;', "declare a=(", "`a \\`b\\`` ",
]  # fmt: skip


@pytest.mark.parametrize("unit", HARD)
def test_time_is_linear(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        best = float("inf")
        gc.disable()  # it walks over all nodes so far again and again
        try:
            for _ in range(2):
                begin = time.process_time()
                script = parse_shell(MappedText.contiguous(text, 0))
                script.variables()
                best = min(best, time.process_time() - begin)
        finally:
            gc.enable()
        return best

    small, large = seconds(10_000), seconds(100_000)
    assert large < max(60 * small, 1)  # ten times the text: quadratic would be a hundred times the time


def test_deep_nesting_is_an_error_only() -> None:
    for unit in ("(", "$(", "{ ", "if ", "${a-", '"$(', "f() { "):
        (error,) = parse_shell(MappedText.contiguous(unit * 20_000, 0)).errors
        assert error.message == "nested too deeply"


def test_deep_nesting_from_near_the_recursion_limit() -> None:
    def descend(depth: int) -> Script:
        return descend(depth - 1) if depth else parse_shell(MappedText.contiguous("{ " * 60, 0))

    assert descend(sys.getrecursionlimit() - 150).errors
