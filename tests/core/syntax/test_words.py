"""Words: expansion as by BuildKit's shell/lex.go, the fast path against the grammar."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from dflint.syntax import parse, tree as nodes
from dflint.syntax.words import WordError, _evaluate, _grammar_parts, _simple_parts, expand_text

ENVIRONMENT = {"A": "foo/bar.tar.gz", "B": "", "x": "xaby"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("$A", "foo/bar.tar.gz"),
        ("${A}x", "foo/bar.tar.gzx"),
        ("$unset", ""),
        ("'$A'", "$A"),
        ('"$A b"', "foo/bar.tar.gz b"),
        (r"\$A", "$A"),
        (r'"\$A\"\\\x"', r'$A"\\x'.replace("\\\\", "\\\\")),
        ("${unset:-d}", "d"),
        ("${B:-d}", "d"),
        ("${B-d}", ""),
        ("${B:+d}", ""),
        ("${B+d}", "d"),
        ("${unset:?no}", None),
        ("${A:?no}", "foo/bar.tar.gz"),
        ("${A#*/}", "bar.tar.gz"),
        ("${A%.*}", "foo/bar.tar"),
        ("${A%%.*}", "foo/bar"),
        ("${A##*.}", "gz"),
        ("${A/a/X}", "foo/bXr.tar.gz"),
        ("${A//a/X}", "foo/bXr.tXr.gz"),
        ("${unset:-${B:-${A}}}", "foo/bar.tar.gz"),
        ('"${unset:+$unset:}$x"', "xaby"),
        ("${}", None),
        ("${A", None),
        ("'a", None),
        ("a$", "a$"),
        ("$1a", "a"),
    ],
)
def test_expand(word: str, expected: str | None) -> None:
    assert expand_text(word, ENVIRONMENT) == expected


def test_backtick_escapes_when_it_is_the_escape_character() -> None:
    assert expand_text("`$A\\", ENVIRONMENT, "`") == "$A\\"


def test_uses_have_exact_places() -> None:
    text = "FROM a\nENV X=a${B:-\\\n$A}\n"
    env = parse(text).instructions[1]
    assert isinstance(env, nodes.Env)
    value = env.pairs[0].value
    assert value is not None
    assert [(u.name, u.modifier, u.operand, text[u.start : u.end]) for u in value.variables] == [
        ("B", ":-", "$A", "${B:-\\\n$A}"),
        ("A", "", "", "$A"),
    ]
    assert [text[u.name_start] for u in value.variables] == ["B", "A"]


@given(st.text(st.sampled_from("ab$_{}'\"\\ 1é.`"), max_size=12), st.sampled_from("\\`"))
def test_fast_path_means_what_the_grammar_means(word: str, escape: str) -> None:
    simple = _simple_parts(word, escape)
    if simple is None:
        return
    try:
        assert _evaluate(simple, ENVIRONMENT) == _evaluate(_grammar_parts(word, escape), ENVIRONMENT)
    except WordError:
        pytest.fail(f"the grammar refuses {word!r}")


@given(st.text(st.sampled_from("ab$_{}'\"\\ :-+?#%/1"), max_size=16))
def test_expansion_is_total(word: str) -> None:
    expand_text(word, ENVIRONMENT)
