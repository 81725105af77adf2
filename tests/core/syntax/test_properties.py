"""What must hold for every text: round trip, no crash, ranges that fit, linear time."""

from __future__ import annotations

import time

from hypothesis import given, settings, strategies as st

from dflint.syntax import parse

PIECES = st.sampled_from(
    [
        "FROM a\n", "FROM a AS b\n", "RUN x\n", "RUN x && \\\n", "  y\n", "# c\n", "\n", "\\\n", "`", "\\", "<<EOF\n",
        "RUN <<-'E' cat\n", "\tEOF\n", "EOF\n", "E\n", '"', "'", "# escape=`\n", "# syntax=x\n", "--from=b ", "[", "]",
        '["a", "b\\n"]', ",", " ", "\t", "\r\n", "\r", "=", "$", "${", "${A:-", "}", "ONBUILD ", "COPY ", "ENV A=b ",
        "LABEL a b\n", "ARG X=1\n", "HEALTHCHECK --interval=1s CMD ", "\x00", "\ufeff", "é", "\u2028", "\x85", "\udcff",
        "--mount=type=cache,target=/x ", "VOLUME []\n", "SHELL ", "USER u\n", "STOPSIGNAL 9\n", "WORKDIR /w\n", "--",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map("".join))


@settings(max_examples=1500, deadline=None)
@given(TEXTS)
def test_round_trip_and_ranges(text: str) -> None:
    tree = parse(text)
    assert tree.get_code() == text
    at = 0
    for leaf in tree.leaves():
        assert leaf.start == at + len(leaf.prefix)
        assert text[leaf.start : leaf.end] == leaf.value
        at = leaf.end
    for problem in tree.problems:
        assert 0 <= problem.start <= problem.end <= len(text)
    for comment in tree.comments:
        assert text[comment.start] == "#"
        assert text[comment.start + 1 : comment.end] == comment.text


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_mapped_words_lead_back_to_their_characters(text: str) -> None:
    for instruction in parse(text).instructions:
        line = instruction.line
        for index, char in enumerate(line.text):
            assert text[line.offset(index)] == char


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_every_accessor_is_total(text: str) -> None:
    tree = parse(text)
    for node in tree.walk():
        for name in ("script", "mounts", "json_problem", "variables", "literal", "text", "span", "sources", "end"):
            getattr(node, name, None)
    for offset in range(0, len(text) + 1, 7):
        tree.leaf_at(offset)


def test_parsing_and_walking_are_linear() -> None:
    def seconds(count: int) -> float:
        text = "FROM a\n" + 'RUN apt-get install \\\n  foo \\\n  bar\nENV A=b C="d $E"\n' * count
        start = time.perf_counter()
        assert sum(1 for _ in parse(text).walk()) > count
        return time.perf_counter() - start

    seconds(100)
    small, large = min(seconds(500) for _ in range(3)), min(seconds(5000) for _ in range(2))
    assert large < small * 60  # ten times the text: quadratic would be a hundred times the time


def test_no_pattern_blows_up() -> None:
    start = time.perf_counter()
    for hostile in (
        'RUN "' + "a" * 20000 + " <<E",
        "ENV a='" + "\\" * 20000,
        'CMD ["' + "\\n" * 20000,
        "# escape=" + " " * 50000 + "x",
    ):
        parse("FROM a\n" + hostile)
        parse(hostile)
    assert time.perf_counter() - start < 10
