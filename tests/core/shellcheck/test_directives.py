"""`# shellcheck disable=` comments that BuildKit takes out of the script."""

import pytest

from dflint.model import Model
from dflint.shellcheck import ShellCheck
from dflint.shellcheck.directives import disabled_codes
from dflint.syntax import parse


def codes(*lines: str) -> list[tuple[int, str]]:
    """Line and code of each report."""
    model = Model(parse("\n".join(("FROM a", *lines)) + "\n"))
    reports, failures = ShellCheck().findings(model)
    assert failures == []
    return [(model.source.line_of(report.start), report.code) for report in reports]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        (" shellcheck disable=SC2086", ((2086, 2086),)),
        ("shellcheck disable=SC2086", ((2086, 2086),)),
        (" shellcheck  disable=2086,SC1000-SC1999", ((2086, 2086), (1000, 1999))),
        (" shellcheck shell=bash disable=SC1,SC2 # because disable=SC3", ((1, 1), (2, 2))),
        (" shellcheck disable=SC1 disable=SC2", ((1, 1), (2, 2))),
        (" shellcheck disable=quote-safe-variables,SC1", ((1, 1),)),
        (" shellcheck enable=SC1", ()),
        (" noshellcheck disable=SC1", ()),
        (" see shellcheck disable=SC1", ()),
        (" shellcheck", ()),
    ],
)
def test_reading_a_directive(comment: str, expected: tuple[tuple[int, int], ...]) -> None:
    assert disabled_codes(comment) == expected


def test_all() -> None:
    ((first, last),) = disabled_codes(" shellcheck disable=all")
    assert first <= 1000 and last >= 9999


def test_above_the_instruction_it_counts_for_all_of_it() -> None:
    lines = ["RUN ls $A && \\", "  ls $B", "RUN ls $C"]
    assert codes(*lines) == [(2, "SC2086"), (3, "SC2086"), (4, "SC2086")]
    assert codes("# shellcheck disable=SC2086", *lines) == [(5, "SC2086")]
    assert codes("# shellcheck disable=SC2086", "# and why", *lines) == [(6, "SC2086")]
    assert codes("# shellcheck disable=SC2046", *lines) == [(3, "SC2086"), (4, "SC2086"), (5, "SC2086")]


def test_a_blank_line_or_an_instruction_parts_it_from_the_next_one() -> None:
    assert codes("# shellcheck disable=SC2086", "", "RUN ls $A") == [(4, "SC2086")]
    assert codes("# shellcheck disable=SC2086", "USER a", "RUN ls $A") == [(4, "SC2086")]


def test_before_the_first_command_it_counts_for_all() -> None:
    assert codes("RUN \\", "# shellcheck disable=SC2086", "  ls $A && \\", "  ls $B") == []


def test_between_commands_it_counts_for_the_next_one() -> None:
    assert codes(
        "RUN ls $A && \\", "  # shellcheck disable=SC2086", "  ls $B && \\", "  ls $C"
    ) == [(2, "SC2086"), (5, "SC2086")]  # fmt: skip


def test_the_next_command_may_be_a_loop_or_a_pipeline() -> None:
    loop = ["  for a in $B; do \\", "    ls $C; \\", "  done; \\", "  ls $D"]
    assert codes("RUN ls && \\", "# shellcheck disable=SC2086,SC2034", *loop) == [(7, "SC2086")]
    assert codes("RUN ls && \\", "# shellcheck disable=SC2086", "cat $A | wc $B && ls \\", "$C") == [(5, "SC2086")]
    assert codes("RUN for a in 1 2; do \\", "# shellcheck disable=SC2086", "ls $A; ls \\", '$C "$a"; done') == [
        (5, "SC2086")
    ]


def test_inside_a_command_it_counts_for_the_rest_of_it() -> None:
    found = codes("RUN ls $A \\", "# shellcheck disable=SC2086", "  $B \\", "  $C && ls $D")
    assert found == [(2, "SC2086"), (5, "SC2086")]
    place = ["RUN ls $A \\", "# shellcheck disable=SC2086", "  $B && \\", "  ls $D"]
    assert codes(*place) == [(2, "SC2086"), (5, "SC2086")]


def test_here_documents_have_directives_of_their_own() -> None:
    assert codes("RUN <<EOF", "# shellcheck disable=SC2086", "ls $A", "ls $B", "EOF") == []
    found = codes("RUN <<EOF", "ls", "# shellcheck disable=SC2086", "ls $A", "ls $B", "EOF")
    assert found == [(6, "SC2086")]
    assert codes("ARG A", "RUN <<EOF", "#!/bin/bash", "# shellcheck disable=SC2086", "ls $A", "ls $A", "EOF") == []
    assert codes("# shellcheck disable=SC2086", "RUN <<EOF", "ls $A", "EOF") == []


def test_triggers() -> None:
    assert codes("# shellcheck disable=SC2086", "ONBUILD RUN ls $A") == []
    assert codes("ONBUILD RUN ls && \\", "# shellcheck disable=SC2086", "  ls $A") == []
