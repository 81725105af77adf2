import pytest
from hypothesis import given, strategies as st

from dflint.facts import is_known_official, known_tag, nearest_official, nearest_tag, official_names, tags_of
from dflint.facts.data import DATE, date_of
from dflint.facts.refresh import cycle_words, fold
from dflint.facts.tags import edit_distance, unfold

# As collected, some of them irregular.
SAMPLES = [
    ["1", "1-a", "1-a-b", "1-b", "2", "2-a", "2-a-b", "2-b", "a-b", "latest"],
    ["ce-8.1.2.4", "ce-8.1.2.4_1", "ee-8.1.2.4", "ee-8.1.2.4_1"],
    ["4.0.19", "4.0.19-ls1", "v1.2-debian-1"],
    ["base", "base-20260816.0.574111", "base-devel", "base-devel-20260816.0.574111", "latest"],
]


@pytest.mark.parametrize("tags", SAMPLES)
def test_folding_keeps_the_tags(tags: list[str]) -> None:
    assert sorted(unfold(fold(tags))) == sorted(tags)


@given(
    st.lists(st.text("ab1.", min_size=1, max_size=3), min_size=1, max_size=4)
    .map("-".join)
    .flatmap(
        lambda tag: st.lists(
            st.lists(st.text("ab1.", min_size=1, max_size=2), min_size=1, max_size=3).map("-".join)
        ).map(lambda more: sorted({tag, *more}))
    )
)
def test_folding_keeps_any_tags(tags: list[str]) -> None:
    assert sorted(unfold(fold(tags))) == tags


def test_folding_is_short() -> None:
    assert fold(["3", "3-slim", "3.1", "3.1-slim", "slim"]) == "3,3.1(|slim) slim"


def test_cycle_words() -> None:
    rows = [
        {"cycle": "12", "codename": "Bookworm x", "eol": "2026-07-11", "extended_eol": "2028-06-30"},
        {"cycle": "1", "codename": "", "eol": "False", "extended_eol": ""},
        {"cycle": "0", "codename": "", "eol": "True", "extended_eol": ""},
    ]
    assert cycle_words(rows) == "12/bookworm=20260711+20280630 1=- 0=!"


def test_the_data() -> None:
    names = official_names()
    assert len(names) > 100 and list(names) == sorted(names)
    assert date_of("tags.txt") == date_of("cycles.txt") == DATE
    assert {"3.12-slim", "3.12-slim-bookworm", "latest", "slim"} <= set(tags_of("python"))
    assert all(tag and not set(tag) & set("(),| \t") for name in names for tag in tags_of(name))
    assert tags_of("nothing") == () and tags_of("") == ()


def test_official_names() -> None:
    assert is_known_official("python") and is_known_official("centos")
    assert not is_known_official("pyhton") and not is_known_official("bitnami/redis")
    assert [nearest_official(name) for name in ("pyhton", "nodee", "ngixn", "golagn")] == [
        "python",
        "node",
        "nginx",
        "golang",
    ]
    assert (
        nearest_official("python") is None and nearest_official("mycompany") is None and nearest_official("app") is None
    )


@pytest.mark.parametrize(
    ("name", "tag", "known", "nearest"),
    [
        ("python", "3.12-slim", True, "3.12-slim"),
        ("python", "3.12-slm", False, "3.12-slim"),
        ("python", "latst", False, "latest"),
        ("debian", "bookwrom", False, "bookworm"),
        ("redis", "7-alpne", False, "7-alpine"),
        ("node", "lts-alpin", False, "lts-alpine"),
        # Old ones, that stay on the registry, and new ones.
        ("python", "3.6-stretch", None, None),
        ("python", "3.99", None, None),
        ("python", "3.8.0b2-windowsservercore-ltsc2016", None, None),
        ("node", "argon-wheezy", None, None),
        ("ubuntu", "focal-20200423", None, None),
        ("maven", "3-openjdk-17", None, None),
        ("tomcat", "9-jdk8-corretto", None, None),
        ("eclipse-temurin", "8u312-b07-jdk", None, None),
        ("nobody", "x", None, None),
    ],
)
def test_known_tags(name: str, tag: str, known: bool | None, nearest: str | None) -> None:
    assert known_tag(name, tag) is known
    assert nearest_tag(name, tag) == nearest


def test_another_version_is_no_slip() -> None:
    assert nearest_tag("python", "3.92-slim") is None


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [("", "", 0), ("ab", "ba", 1), ("abc", "ac", 1), ("a", "b", 1), ("abcd", "badc", 2)],
)
def test_edit_distance(first: str, second: str, distance: int) -> None:
    assert edit_distance(first, second, 5) == edit_distance(second, first, 5) == distance
    assert edit_distance("aaaa", "bbbb", 2) == 3
