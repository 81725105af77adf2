import pytest

from dflint.context.gopath import BadPatternError, check_pattern, clean, has_wildcards, inside_root, match_pattern


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [("", "."), ("a//b/", "a/b"), ("//a", "/a"), ("/..", "/"), ("a/../..", ".."), ("./x/.", "x"), ("/", "/")],
)
def test_clean(path: str, cleaned: str) -> None:
    assert clean(path) == cleaned


def test_inside_root_stops_at_the_root() -> None:
    assert inside_root("../../a/./b/") == "a/b"
    assert inside_root("/") == inside_root(".") == inside_root("a/..") == ""


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*.txt", "a.txt", True),
        ("*.txt", "d/a.txt", False),
        ("*", ".hidden", True),
        ("**", "a/b", False),
        ("a*b*c", "aXbYbZc", True),
        ("a?c", "a/c", False),
        ("[a-c]x", "bx", True),
        ("[^a-c]x", "bx", False),
        ("[\\]]", "]", True),
        ("\\*", "*", True),
        ("\\*", "a", False),
        ("[b-a]", "a", False),
        ("a\nb*", "a\nbc", True),
        ("]", "]", True),
        ("", "", True),
    ],
)
def test_match(pattern: str, name: str, expected: bool) -> None:
    assert bool(match_pattern(pattern).fullmatch(name)) is expected


def test_match_takes_the_first_place_for_each_stretch() -> None:
    # Go does not come back to an earlier star, which only shows where a class holds the slash.
    assert not match_pattern("*[/a]*c").fullmatch("a/xc")


@pytest.mark.parametrize("pattern", ["[", "[a", "a\\", "[]a]", "[a-]", "*[-x]"])
def test_malformed_patterns(pattern: str) -> None:
    with pytest.raises(BadPatternError):
        match_pattern(pattern)


def test_check_looks_only_as_far_as_go_does() -> None:
    check_pattern("foo*[")
    with pytest.raises(BadPatternError):
        check_pattern("[*foo")
    with pytest.raises(BadPatternError):
        check_pattern("*[")


def test_many_stars_stay_fast() -> None:
    assert match_pattern("*a" * 30 + "b").fullmatch("a" * 3000) is None


def test_has_wildcards() -> None:
    assert has_wildcards("a/*.b") and has_wildcards("[x]") and has_wildcards("a?")
    assert not has_wildcards("a\\*b") and not has_wildcards("a]b")
