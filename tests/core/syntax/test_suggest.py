"""Did-you-mean takes slips and nothing else."""

from __future__ import annotations

import pytest

from dflint.syntax.suggest import edit_distance, nearest

INSTRUCTIONS = ("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "FROM", "RUN", "WORKDIR")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RUNN", "RUN"),
        ("COYP", "COPY"),
        ("FRM", "FROM"),
        ("ENTRIPONT", "ENTRYPOINT"),
        ("WROKDRI", "WORKDIR"),
        ("COPY", "COPY"),
        ("FOO", None),
        ("X", None),
        ("", None),
        ("INSTALL", None),
    ],
)
def test_nearest(name: str, expected: str | None) -> None:
    assert nearest(name, INSTRUCTIONS) == expected


def test_the_nearer_one_wins() -> None:
    assert nearest("package.jsn", ["packages.json", "package.json"]) == "package.json"


def test_distance_counts_and_stops() -> None:
    assert edit_distance("kitten", "sitting", 5) == 3
    assert edit_distance("ab", "ba", 2) == 1
    assert edit_distance("a" * 50, "b" * 50, 2) == 3
