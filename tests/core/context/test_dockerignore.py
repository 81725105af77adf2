import pytest
from hypothesis import given, strategies as st

from dflint.context.dockerignore import MAX_PATTERNS, IgnoreFile, parse_ignore


def cleaned(text: str) -> list[str]:
    return [("!" if pattern.negated else "") + pattern.cleaned for pattern in parse_ignore(text).patterns]


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("a\n\n  b  \n", ["a", "b"]),
        ("# no\n #yes\n", ["#yes"]),
        ("\ufeff#x\na", ["a"]),
        ("a\r\nb/\r\n", ["a", "b"]),
        ("/a/./b/../c/", ["a/c"]),
        ("! /a", ["!a"]),
        ("!!a", ["!!a"]),
        ("!../a", ["!../a"]),
        ("\u00a0a\u2003", ["a"]),
        (".\n/", [".", "/"]),
    ],
)
def test_what_lines_become(text: str, patterns: list[str]) -> None:
    assert cleaned(text) == patterns
    assert not parse_ignore(text).problems


@pytest.mark.parametrize(
    ("text", "ignored", "kept"),
    [
        ("a", ["a", "a/b", "a/b/c"], ["b/a", "ab"]),
        ("*", ["a", "a/b", ".x"], []),
        ("*/b", ["a/b", "a/b/c"], ["b", "a/c/b"]),
        ("**/b", ["b", "a/b", "a/c/b/d"], ["ab", "bb"]),
        ("**b", ["b", "ab", "a/xb"], ["ba"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "ab/c"]),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z/y"], ["z", "a"]),
        ("*.md\n!README.md", ["a.md"], ["README.md", "x/a.md"]),
        ("*.md\n!README.md\nREADME*", ["README.md"], []),
        ("a?c", ["abc"], ["a/c", "ac"]),
        ("[a-c]1", ["b1"], ["d1"]),
        ("node_modules/", ["node_modules", "node_modules/x"], ["sub/node_modules"]),
        ("a.b", ["a.b"], ["axb"]),
        ("(x)+$", ["(x)+$"], ["x"]),
        # What moby's translation makes of a Windows habit and of a star in a class.
        ("**\\Debug", ["bin/Debug", "bin/Xebug"], ["bin/9ebug", "bin\\Debug"]),
        ("[*]", ["/]", "[]"], ["*"]),
        ("A", ["A"], ["a"]),
    ],
)
def test_what_patterns_match(text: str, ignored: list[str], kept: list[str]) -> None:
    ignore = parse_ignore(text)
    assert [path for path in ignored if not ignore.matches(path)] == []
    assert [path for path in kept if ignore.matches(path)] == []


@pytest.mark.parametrize(
    ("text", "line", "place"),
    [
        ("a\n!\n", 2, "!"),
        ("!/", 1, "!/"),
        ("x\n [a\n", 2, "[a"),
        ("a\\", 1, "a\\"),
        ("\\pa", 1, "\\pa"),
        ("*[z-a]", 1, "*[z-a]"),
    ],
)
def test_lines_that_break_the_build(text: str, line: int, place: str) -> None:
    (problem,) = parse_ignore(text).problems
    assert (problem.line, text[problem.start : problem.end]) == (line, place)


def test_a_bad_line_does_not_hide_the_others() -> None:
    ignore = parse_ignore("[\na\n")
    assert ignore.matches("a") and len(ignore.problems) == 1


def test_too_long_a_line_breaks_the_build() -> None:
    assert not parse_ignore("x" * 65_535).problems
    assert "64 KiB" in parse_ignore("a\n" + "é" * 32_768).problems[0].message


def test_too_many_patterns_are_said() -> None:
    ignore = parse_ignore("a\n" * (MAX_PATTERNS + 5))
    assert len(ignore.patterns) == MAX_PATTERNS
    assert ignore.problems[0].line == MAX_PATTERNS + 1


def test_patterns_know_their_place() -> None:
    text = "# c\n  !/a/b  \n"
    (pattern,) = parse_ignore(text).patterns
    assert pattern.line == 2
    assert text[pattern.start : pattern.end] == pattern.text == "!/a/b"
    assert (pattern.negated, pattern.cleaned) == (True, "a/b")


def test_the_deciding_pattern() -> None:
    ignore = parse_ignore("*\n!src\nsrc/gen\n")
    found = ignore.deciding("src/gen/x")
    assert found is not None and found.line == 3
    found = ignore.deciding("src/a")
    assert found is not None and found.line == 2
    assert parse_ignore("a").deciding("b") is None


def walked(ignore: IgnoreFile, path: str) -> bool:
    state: tuple[bool, ...] = ()
    ignored = False
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        ignored, state = ignore.descend("/".join(parts[:end]), state)
    return ignored


def test_sending_and_checking_differ_for_an_exception_above() -> None:
    ignore = parse_ignore("x/y\n!x\n")
    assert not ignore.matches("x/y")
    assert walked(ignore, "x/y")


def test_exceptions_below_an_ignored_folder() -> None:
    ignore = parse_ignore("*\n!a/b.txt")
    assert ignore.may_send_below("a") and not ignore.may_send_below("c")
    assert not walked(ignore, "a/b.txt") and walked(ignore, "a/c.txt")
    assert parse_ignore("a\n!**/*.md").may_send_below("a/b/c")
    assert parse_ignore("a\n!a/b/**").may_send_below("a/b")


def test_hostile_patterns_stay_fast() -> None:
    ignore = parse_ignore("**/a" * 12 + "**/b\n" + "*a" * 30 + "\n")
    assert not ignore.matches("/".join("a" * 120) + "c")
    assert len(ignore.patterns) == 2


NAMES = st.sampled_from(["a", "b", "ab", ".git", "x.txt"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PARTS = st.sampled_from(["a", "b", "ab", ".git", "*", "**", "?", "*.txt", "[ab]", "a*", "**b"])
PATTERNS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
LINES = st.lists(st.tuples(st.sampled_from(["", "", "!"]), PATTERNS).map("".join), max_size=6)


@given(LINES, PATHS)
def test_matching_is_pattern_by_pattern(lines: list[str], path: str) -> None:
    """Patterns are tested together for speed; the answer is that of testing one after the other."""
    ignore = parse_ignore("\n".join(lines))
    expected = False
    for pattern in ignore.patterns:
        if pattern.negated == expected and pattern.matches_or_parent(path):
            expected = not pattern.negated
    assert ignore.matches(path) is expected
    found = ignore.deciding(path)
    if found is None:
        assert not expected
    else:
        assert found.negated is not expected


@given(LINES, PATHS)
def test_the_last_line_wins(lines: list[str], path: str) -> None:
    assert parse_ignore("\n".join([*lines, path])).matches(path)
    assert not parse_ignore("\n".join([*lines, f"!{path}"])).matches(path)


@given(LINES, PATHS)
def test_without_exceptions_walking_agrees_with_matching(lines: list[str], path: str) -> None:
    ignore = parse_ignore("\n".join(line for line in lines if not line.startswith("!")))
    assert walked(ignore, path) is ignore.matches(path)


@given(st.text(max_size=60), PATHS)
def test_any_text_can_be_read(text: str, path: str) -> None:
    ignore = parse_ignore(text)
    assert ignore.matches(path) is parse_ignore(text).matches(path)
    for problem in ignore.problems:
        assert 0 <= problem.start <= problem.end <= max(len(text), problem.end)
    for pattern in ignore.patterns:
        assert text[pattern.start : pattern.end] == pattern.text


def test_control_characters_break_the_build_unless_something_is_not_ascii() -> None:
    assert [problem.line for problem in parse_ignore("a\nb\tc\n\x7f/x\n\td\t\n").problems] == [2, 3]
    assert parse_ignore("a\nb\tc\nü\n").problems == ()
    # What cleaning removes has been handed on before.
    assert [problem.line for problem in parse_ignore("!b\t/x/..\n").problems] == [1]


def test_patterns_beyond_a_mebibyte_break_the_build() -> None:
    assert parse_ignore("x" * 200 + "\n").problems == ()
    many = "".join(f"{'x' * 1000}{number}\n" for number in range(1000))
    (problem,) = parse_ignore(many).problems
    assert "1 MiB" in problem.message and 990 < problem.line < 1000


def test_a_file_that_arrives_empty() -> None:
    ignore = parse_ignore("a\n!a/b\na\n")
    _, state = ignore.descend("a")
    assert ignore.descend("a/b", state)[0] is False and ignore.empties("a/b")
    assert not parse_ignore("a\n!a/b\n").empties("a/b")
