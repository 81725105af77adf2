"""A package manager's command, and how it is read from its words by a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.shell.nodes import QUOTED, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dflint.shell import Command
    from dflint.source import Span

# Actions whose operands name packages.
_INSTALLS = frozenset(("install", "download"))


class Option:
    """One option: ``name`` as written (``-y``, ``--prefix``), one for each letter of ``-yq``.

    ``word`` is the word with the name, ``value`` what belongs to it: the next word, or the rest of the same.
    """

    __slots__ = ("name", "value", "word")

    def __init__(self, name: str, value: Word | None, word: Word) -> None:
        self.name = name
        self.value = value
        self.word = word

    @property
    def span(self) -> Span:
        """Source range of name and value."""
        span = self.word.span
        return span if self.value is None else span._replace(end=max(span.end, self.value.end))

    def __repr__(self) -> str:
        return f"Option({self.name!r}, {self.value!r})"


class Package:
    """One package to install.

    ``name``, ``operator`` (``=``, ``==``, ``@``, ``~``...) and ``version`` are static text, or hold ``$...`` as
    written. ``source``: ``index``, ``path``, ``url``, ``vcs``, ``file`` (a package file: ``.deb``, ``.whl``) or
    ``variable`` (the name is not static); but for ``index`` the name is the whole operand. ``word`` is the operand
    or the option's value.
    """

    __slots__ = ("name", "operator", "source", "version", "word")

    def __init__(
        self, word: Word, name: str, operator: str | None = None, version: str | None = None, source: str = "index"
    ) -> None:
        self.word = word
        self.name = name
        self.operator = operator
        self.version = version
        self.source = source

    def __repr__(self) -> str:
        return f"Package({self.name!r}, {self.operator!r}, {self.version!r}, {self.source!r})"


class Grammar:
    """The table of one manager. Lists of names are strings with blanks between.

    ``actions``: action -> subcommands (``_`` joins two words: ``mod_download``). ``default``: the action without a
    subcommand; ``otherwise``: that of an unknown one. ``values``: options that take a value; ``subcommand_values``:
    more of them, by subcommands. ``combines``: whether ``-yq`` is ``-y -q``. ``passes_on``: subcommands whose words
    after the first operand belong to another program. ``names_package``: subcommands that run what their first
    operand names. ``has_subcommands``: whether the first operand is one. ``split``: an operand's text -> name,
    operator, version, source. ``goals``: the operands -> the action, for tools with many goals at once. ``finish``:
    looks over the result.
    """

    __slots__ = (
        "actions", "combines", "default", "finish", "goals", "groups", "has_subcommands", "manager", "names_package",
        "option_prefixes", "otherwise", "passes_on", "requirement_options", "split", "subcommand_values",
        "toolchain_prefix", "values",
    )  # fmt: skip

    def __init__(
        self,
        manager: str,
        actions: Mapping[str, str],
        values: str = "",
        *,
        split: Callable[[str], tuple[str, str | None, str | None, str]],
        subcommand_values: Mapping[str, str] | None = None,
        combines: bool = True,
        default: str = "other",
        otherwise: str = "other",
        has_subcommands: bool = True,
        passes_on: str = "",
        names_package: str = "",
        requirement_options: str = "",
        option_prefixes: tuple[str, ...] = ("-",),
        toolchain_prefix: str = "",
        goals: Callable[[list[str]], str] | None = None,
        finish: Callable[[PackageCommand], None] | None = None,
    ) -> None:
        self.manager = manager
        self.actions = {
            subcommand.replace("_", " "): action
            for action, subcommands in actions.items()
            for subcommand in subcommands.split()
        }
        self.groups = {name.partition(" ")[0] for name in self.actions if " " in name}
        self.values = frozenset(values.split())
        self.subcommand_values = {
            name.replace("_", " "): frozenset(options.split())
            for names, options in (subcommand_values or {}).items()
            for name in names.split()
        }
        self.split = split
        self.combines = combines
        self.default = default
        self.otherwise = otherwise
        self.has_subcommands = has_subcommands and goals is None
        self.passes_on = _names(passes_on)
        self.names_package = _names(names_package)
        self.requirement_options = frozenset(requirement_options.split())
        self.option_prefixes = option_prefixes
        self.toolchain_prefix = toolchain_prefix
        self.goals = goals
        self.finish = finish


def _names(names: str) -> frozenset[str]:
    return frozenset([name.replace("_", " ") for name in names.split()])


class PackageCommand:
    """A package manager's command.

    ``command``: the simple command, unwrapped. ``manager``: ``apt-get``, ``apt``, ``aptitude``, ``apk``, ``yum``,
    ``dnf``, ``microdnf``, ``tdnf``, ``zypper``, ``pip``, ``pipx``, ``pipenv``, ``poetry``, ``uv``, ``npm``,
    ``yarn``, ``pnpm``, ``bun``, ``corepack``, ``gem``, ``bundle``, ``go``, ``cargo``, ``composer``, ``dotnet``,
    ``mvn``, ``gradle``, ``conda``, ``mamba``, ``micromamba``. ``action``: ``install`` (also from a manifest: ``npm
    ci``), ``update`` (the index), ``upgrade``, ``remove``, ``clean`` (its cache), ``build``, ``restore`` (only fetch
    dependencies), ``download``, ``publish``, ``run``, ``other``. ``subcommand``: its (last) word or None;
    ``subcommand_name``: its text, two words joined by a blank. ``operands``: words that are neither options nor the
    subcommand (mvn, gradle: all goals). ``packages``: of ``install`` and ``download`` the packages named, of ``go
    run``, ``npx`` and the like the one that is run.
    """

    __slots__ = (
        "action", "command", "constraint_files", "manager", "operands", "options", "packages",
        "requirement_files", "subcommand", "subcommand_name",
    )  # fmt: skip

    def __init__(self, command: Command, manager: str) -> None:
        self.command = command
        self.manager = manager
        self.action = "other"
        self.subcommand: Word | None = None
        self.subcommand_name = ""
        self.options: tuple[Option, ...] = ()
        self.operands: tuple[Word, ...] = ()
        self.packages: tuple[Package, ...] = ()
        self.requirement_files: tuple[Word, ...] = ()
        self.constraint_files: tuple[Word, ...] = ()

    def count(self, name: str) -> int:
        """How often an option stands in the command: 2 for ``-q`` in ``-qq``; ``-q=2`` counts as its number."""
        total = 0
        for option in self.options:
            if option.name == name:
                value = option.value.value if option.value is not None and len(name) == 2 else None
                total += int(value) if value is not None and value.isdecimal() and value.isascii() else 1
        return total

    def has(self, *names: str) -> bool:
        """Whether one of the options is there, alone or combined; ``-qq`` asks for two ``-q``."""
        return any(self._has(name) for name in names)

    def option(self, *names: str) -> Option | None:
        """The last of the options with one of these names."""
        return next((option for option in reversed(self.options) if option.name in names), None)

    def values(self, *names: str) -> tuple[Word, ...]:
        """The values of all options with one of these names."""
        return tuple(option.value for option in self.options if option.name in names and option.value is not None)

    def _has(self, name: str) -> bool:
        if len(name) > 2 and name[0] == "-" and name[1] != "-" and len(set(name[1:])) == 1:
            return self.count(name[:2]) >= len(name) - 1 or any(option.name == name for option in self.options)
        return any(option.name == name for option in self.options)

    def __repr__(self) -> str:
        return f"PackageCommand({self.manager!r}, {self.action!r}, {self.packages!r})"


def read(command: Command, grammar: Grammar, words: Sequence[Word]) -> PackageCommand:
    """Read a command by a table; ``words`` are the arguments of the manager."""
    result = PackageCommand(command, grammar.manager)
    reader = _Reader(grammar, words)
    reader.read()
    result.options = tuple(reader.options)
    result.operands = tuple(reader.operands)
    result.subcommand = reader.subcommand
    name = result.subcommand_name = reader.name
    result.action = grammar.actions.get(name, grammar.otherwise if name else grammar.default)
    if grammar.goals is not None:
        result.action = grammar.goals([text_of(word) for word in reader.operands])
        result.subcommand = reader.operands[0] if reader.operands else None
        result.subcommand_name = text_of(reader.operands[0]) if reader.operands else ""
    elif result.action in _INSTALLS:
        result.packages = tuple([package_of(word, grammar) for word in reader.packages])
    elif reader.operands and (name in grammar.names_package or not grammar.has_subcommands):
        result.packages = (package_of(reader.operands[0], grammar),)
    result.requirement_files = result.values(*grammar.requirement_options)
    if grammar.finish is not None:
        grammar.finish(result)
    return result


def package_of(word: Word, grammar: Grammar) -> Package:
    """The package that an operand names."""
    name, operator, version, source = grammar.split(text_of(word))
    if source == "index" and ("$" in name or "`" in name or not name):
        source = "variable"
    return Package(word, name, operator, version, source)


def text_of(word: Word) -> str:
    """The word after quote removal, its expansions as written."""
    if word.parts is None:
        return word.raw
    text = word._text.text
    return "".join([str(payload) if kind <= QUOTED else text[begin:stop] for kind, payload, begin, stop in word.parts])


def tail(word: Word, length: int) -> Word:
    """What follows the first ``length`` characters of the word's text."""
    if word.parts is None:
        return Word(word._text, word.begin + length, word.stop)
    rest = list(word.parts)
    begin, stop = word.begin, word.stop
    while rest and length:
        kind, payload, start, end = rest[0]
        size = len(str(payload)) if kind <= QUOTED else end - start
        if size <= length:
            length -= size
            del rest[0]
            begin = rest[0][2] if rest else stop
            continue
        if kind <= QUOTED:
            in_quotes = word._text.text[start] == "'" and end - start == size + 2
            begin = start + length + in_quotes if in_quotes or size == end - start else start
            rest[0] = (kind, str(payload)[length:], begin, end - in_quotes)
            stop = end - in_quotes if kind == QUOTED and len(rest) == 1 else stop
        length = 0
    variables = tuple(use for use in word.variables if use.begin >= begin)
    return Word(word._text, begin, stop, rest or None, variables, word.substitutions)


class _Reader:
    """Sorts words into options, subcommand and operands."""

    __slots__ = ("grammar", "name", "operands", "options", "packages", "subcommand", "words")

    def __init__(self, grammar: Grammar, words: Sequence[Word]) -> None:
        self.grammar = grammar
        self.words = words
        self.options: list[Option] = []
        self.operands: list[Word] = []
        self.packages: list[Word] = []
        self.subcommand: Word | None = None
        self.name = ""

    def read(self) -> None:
        """Read all words."""
        grammar, words = self.grammar, self.words
        at, options_ended, needs_more = 0, False, grammar.has_subcommands
        values = grammar.values
        while at < len(words):
            word = words[at]
            text = text_of(word)
            at += 1
            if text == "--" and not options_ended:
                options_ended = True
            elif not options_ended and len(text) > 1 and text.startswith(grammar.option_prefixes):
                at = self.option(word, text, at, values)
            elif needs_more and self.stands_for_options(word, at):
                self.options.append(Option(text, None, word))
            elif needs_more and not (grammar.toolchain_prefix and text.startswith(grammar.toolchain_prefix)):
                self.name = self.name + " " + text if self.name else text
                self.subcommand = word
                needs_more = self.name in grammar.groups
                values = grammar.values | grammar.subcommand_values.get(self.name, frozenset())
            elif not needs_more:
                self.operands.append(word)
                if not options_ended:
                    self.packages.append(word)
                options_ended = (
                    options_ended or self.name in grammar.passes_on or not (grammar.has_subcommands or grammar.goals)
                )

    def stands_for_options(self, word: Word, at: int) -> bool:
        """Whether a variable stands before the subcommand: ``apt-get $OPTIONS install``."""
        if not word.variables or word.literal_prefix or at == len(self.words):
            return False
        following = text_of(self.words[at])
        return following in self.grammar.actions or following in self.grammar.groups

    def option(self, word: Word, text: str, at: int, values: frozenset[str]) -> int:
        """Take the option in ``word``; gives the index of the next word."""
        name, equals, _ = text.partition("=")
        if equals and (len(name) == 2 or name[1] == "-" or not self.grammar.combines or name in values):
            self.options.append(Option(name, tail(word, len(name) + 1), word))
        elif text in values:
            self.options.append(Option(text, self.words[at] if at < len(self.words) else None, word))
            return at + 1
        elif text[1] == "-" or len(text) == 2 or not self.grammar.combines or "$" in text:
            self.options.append(Option(text, None, word))
        else:
            return self.letters(word, text, at, values)
        return at

    def letters(self, word: Word, text: str, at: int, values: frozenset[str]) -> int:
        """Take ``-yq``, ``-ofoo``, ``-yt foo``."""
        for index in range(1, len(text)):
            name = "-" + text[index]
            if name not in values:
                if not text[index].isalnum():
                    break
                self.options.append(Option(name, None, word))
            elif index + 1 < len(text):
                self.options.append(Option(name, tail(word, index + 1), word))
                break
            else:
                self.options.append(Option(name, self.words[at] if at < len(self.words) else None, word))
                return at + 1
        return at
