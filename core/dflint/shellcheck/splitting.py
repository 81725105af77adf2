"""Expansions without quotes that are split into words on purpose: quoting them would break the script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.packages import PROGRAMS
from dflint.shell.nodes import SUBSTITUTION, VARIABLE, Assignment, Command, CommandList, VariableUse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dflint.shell import Script, Word

TAKE_LISTS = frozenset(
    (
        "a2dismod", "a2enmod", "apt-cache", "apt-mark", "cmake", "configure", "cpan", "cpanm",
        "docker-php-ext-configure", "docker-php-ext-enable", "docker-php-ext-install", "dpkg", "gpg",
        "install_packages", "kill", "luarocks", "make", "meson", "opam", "pecl", "pip3", "rpm",
    )
)  # fmt: skip
"""Programs, besides package managers, of which an argument that is nothing but an expansion is a list."""
LIST_ENDS = (
    "ARGS", "DEPENDENCIES", "DEPENDS", "DEPS", "EXTENSIONS", "EXTS", "FEATURES", "FILES", "FLAGS", "KEYS", "LIBS",
    "LIST", "MODULES", "OPTIONS", "OPTS", "PACKAGES", "PARAMS", "PKGS", "PLUGINS", "REQUIREMENTS", "TARGETS",
)  # fmt: skip
"""What the names of variables end with that hold several words."""
_OPTIONS = ("FLAGS", "OPTIONS", "OPTS", "ARGS")
_ONE_WORD = frozenset(("arch", "basename", "dirname", "expr", "getconf", "id", "nproc", "pwd", "uname", "which"))
_TESTS = frozenset(("[", "test"))


def split_on_purpose(script: Script, values: Mapping[str, str | None]) -> frozenset[int]:
    """The source offsets of the expansions that are whole arguments and may be several words, or none.

    That is a variable whose value (``values``: the file's variables) has spaces or is empty, that the script sets to
    such a value, or whose name says so; any expansion among the arguments of package managers and ``TAKE_LISTS``,
    unless it is surely one word, as ``$(nproc)``; and ``$(test ... && echo --option)``. What ``[`` and ``test`` compare
    is never split on purpose.
    """
    text = script.text.text
    if "$" not in text and "`" not in text:
        return frozenset()
    lists = {name for name, value in values.items() if value is not None and len(value.split()) != 1}
    lists.update(_assigned_lists(script))
    return frozenset(
        word.start
        for command in script.commands()
        for word in command.arguments
        if word.parts is not None and len(word.parts) == 1 and _is_list(word, command, lists)
    )


def _assigned_lists(script: Script) -> Iterator[str]:
    for item in script.variables():
        if isinstance(item, Assignment) and item.value is not None:
            value = item.value.value
            adds_word = item.append and item.value.literal_prefix[:1].isspace()
            if adds_word or (value is not None and len(value.split()) != 1):
                yield item.name


def _is_list(word: Word, command: Command, lists: set[str]) -> bool:
    if word.parts is None or command.program in _TESTS:
        return False
    kind, payload, _, _ = word.parts[0]
    if kind == VARIABLE and isinstance(payload, VariableUse):
        name = payload.name.upper()
        if payload.quoted:
            return False
        if payload.name in lists or name.endswith(LIST_ENDS) or any(part in name for part in _OPTIONS):
            return True
    elif kind != SUBSTITUTION or not isinstance(payload, CommandList) or word.raw.startswith('"'):
        return False
    elif _may_print_nothing(payload):
        return True
    elif _prints_one_word(payload):
        return False
    program = command.unwrapped().program
    return program in PROGRAMS or program in TAKE_LISTS


def _prints_one_word(commands: CommandList) -> bool:
    first = commands.pipelines[0].commands if commands.items else ()
    return len(commands.items) == len(first) == 1 and getattr(first[0], "program", None) in _ONE_WORD


def _may_print_nothing(commands: CommandList) -> bool:
    """Whether it is ``if ...``, ``case ...`` or ``test ... && ...``."""
    first = commands.pipelines[0].commands[:1] if commands.items else ()
    if not first:
        return False
    if isinstance(first[0], Command):
        return first[0].program in _TESTS and len(commands.items) > 1
    return first[0].kind in ("if", "case") or (first[0].kind == "test" and len(commands.items) > 1)
