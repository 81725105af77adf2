"""Shell names and quoting."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, strategies as st

from dflint.shell import dialect_of, parse_shell, quote
from dflint.source import MappedText


@pytest.mark.parametrize(
    ("shell", "dialect"),
    [
        (["/bin/sh", "-c"], "sh"),
        (["/bin/bash", "-o", "pipefail", "-c"], "bash"),
        (["/bin/ash", "-eo", "pipefail", "-c"], "ash"),
        (["dash"], "dash"),
        (["/usr/bin/zsh"], "zsh"),
        (["mksh"], "ksh"),
        (["powershell", "-Command"], "powershell"),
        (["C:\\Program Files\\PowerShell\\pwsh.exe", "-Command"], "powershell"),
        (["cmd", "/S", "/C"], "cmd"),
        (["#!/usr/bin/env", "python3.11"], "python"),
        (["#!/usr/bin/env", "-S", "node"], "node"),
        (["/usr/bin/perl"], "perl"),
        (["xonsh"], "unknown"),
        ([], "unknown"),
    ],
)
def test_dialect_of(shell: list[str], dialect: str) -> None:
    assert dialect_of(shell) == dialect


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_quote_is_one_word_of_that_value(text: str) -> None:
    assert shlex.split(quote(text)) == [text]
    command = next(parse_shell(MappedText.contiguous("echo " + quote(text), 0)).commands())
    assert [word.value for word in command.arguments] == [text]


def test_quote_leaves_plain_words() -> None:
    assert quote("a/b-1.2=x:y") == "a/b-1.2=x:y"
    assert quote("") == "''"
    assert quote("a b") == "'a b'"
