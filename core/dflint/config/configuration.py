"""What a configuration file says, checked and ready for use."""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH100, PTH109, PTH118, PTH119, PTH120
from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from dflint.config.settings import BY_KEY, RULE_LEVELS, SETTINGS, Setting
from dflint.linter.registry import Layer, UnknownSelectorError, is_shellcheck_code
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dflint.discovery.gitignore import IgnorePatterns
    from dflint.findings import Level
    from dflint.linter.engine import RuleSet
    from dflint.linter.registry import Registry
    from dflint.linter.rule import Rule

NO_LAYER = Layer()


class ConfigurationProblem(NamedTuple):
    """Something wrong in a configuration file; ``line`` and ``column`` count from 1, 0 if they are not known."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        return f"{place}: {self.message}"


class ConfigurationError(Exception):
    """A configuration that cannot be used: all that is wrong with it."""

    def __init__(self, problems: Iterable[ConfigurationProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> Any:
        return ConfigurationError, (self.problems,)


class Configuration:
    """The settings that hold for the files of a folder. Without a file: the defaults."""

    def __init__(
        self,
        path: str = "",
        values: Mapping[str, Any] | None = None,
        levels: Mapping[str, str] | None = None,
        options: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.path = path
        """The file, absolute; empty for the defaults."""
        self.folder = os.path.dirname(path)
        self._values = values or {}
        self.levels: Mapping[str, str] = levels or {}
        """Name of a rule, or code of ShellCheck, to level, ``off`` included."""
        self.options: Mapping[str, Mapping[str, Any]] = options or {}
        """Rule name to its options."""
        self._rule_sets: dict[tuple[str, ...], RuleSet] = {}
        self._excluded: IgnorePatterns | None = None
        self._ignores: list[tuple[IgnorePatterns, tuple[str, ...]]] | None = None

    def __getitem__(self, key: str) -> Any:
        """The value of a setting, or its default."""
        return self._values.get(key, BY_KEY[key].default)

    @property
    def context(self) -> str | None:
        """The folder of the build context, absolute, if it is set."""
        return self._place("context")

    @property
    def baseline(self) -> str | None:
        """The file of known findings, absolute, if it is set."""
        return self._place("baseline")

    def _place(self, key: str) -> str | None:
        path = self[key]
        return None if path is None else os.path.normpath(os.path.join(self.folder, path))

    def data(self) -> tuple[str, Mapping[str, Any], Mapping[str, str], Mapping[str, Mapping[str, Any]]]:
        """All that distinguishes it from another: the arguments that it can be made from."""
        return self.path, self._values, self.levels, self.options

    def layer(self) -> Layer:
        """What the file says about which rules run."""
        off = tuple(rule for rule, level in self.levels.items() if level == "off")
        return Layer(self["select"], self["extend-select"], (*self["ignore"], *off))

    def excludes(self, path: str, is_folder: bool) -> bool:
        """Whether a search leaves a path out; folders above it are not looked at."""
        patterns = self["exclude"]
        if not patterns:
            return False
        if self._excluded is None:
            from dflint.discovery.gitignore import IgnorePatterns

            self._excluded = IgnorePatterns(patterns)
        relative = self._relative(path)
        return relative is not None and bool(self._excluded.verdict(relative, is_folder))

    def ignored_in(self, path: str) -> tuple[str, ...]:
        """The selectors of ``per-file-ignores`` whose patterns match a file."""
        table = self["per-file-ignores"]
        if not table:
            return ()
        if self._ignores is None:
            from dflint.discovery.gitignore import IgnorePatterns

            self._ignores = [(IgnorePatterns([glob]), tuple(selectors)) for glob, selectors in table.items()]
        relative = self._relative(path)
        if relative is None:
            return ()
        return tuple(s for patterns, selectors in self._ignores if patterns.excludes(relative) for s in selectors)

    def rule_set(self, registry: Registry, path: str, above: Layer = NO_LAYER, preview: bool = False) -> RuleSet:
        """The rules for a file; ``above`` is what the command line says, the same on every call.

        What ``per-file-ignores`` names does not run, however exact another selector is. Raises
        ``UnknownSelectorError`` for a selector of the command line.
        """
        from dflint.linter.engine import RuleSet

        ignored = self.ignored_in(path)
        found = self._rule_sets.get(ignored)
        if found is None:
            selection = registry.selected((self.layer(), above), preview=preview or self["preview"])
            names, codes = selection.without(ignored, registry)
            names -= registry.from_plugins_but(self["plugins"])
            levels: dict[str, Level] = {n: v for n, v in self.levels.items() if v != "off"}  # type: ignore[misc]
            rules = (registry.classes[name](self.options.get(name)) for name in names)
            found = self._rule_sets[ignored] = RuleSet(rules, levels, registry, codes)
        return found

    def _relative(self, path: str) -> str | None:
        """A path relative to the file's folder with ``/``; None if it lies elsewhere."""
        absolute = os.path.abspath(path)
        folder = self.folder or os.getcwd()
        prefix = folder if folder.endswith(os.sep) else folder + os.sep
        if not absolute.startswith(prefix):
            return None
        return absolute[len(prefix) :].replace(os.sep, "/")


def read_configuration(path: str, text: str, registry: Registry, shown_path: str | None = None) -> Configuration | None:
    """The configuration in a ``dflint.toml``, or in the table ``[tool.dflint]`` of a ``pyproject.toml``.

    None if a ``pyproject.toml`` has no such table. Raises ``ConfigurationError`` with all that is wrong.
    """
    shown = shown_path or path
    document = _parsed(shown, text)
    table: Any = document
    prefix: tuple[str, ...] = ()
    if os.path.basename(path) == "pyproject.toml":
        prefix = ("tool", "dflint")
        tool = document.get("tool")
        if not isinstance(tool, dict) or "dflint" not in tool:
            return None
        table = tool["dflint"]
    reader = _Reader(registry)
    if isinstance(table, dict):
        reader.read(table)
    else:
        reader.wrong((), f"expected a table, got {_type_name(table)}")
    if reader.problems:
        raise ConfigurationError(_located(shown, text, prefix, reader.problems))
    return Configuration(os.path.abspath(path), reader.values, reader.levels, reader.options)


def _parsed(path: str, text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        return tomllib.loads(text.replace("\r\n", "\n").removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        import re

        message = str(error)
        place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
        if place:
            line, column = int(place.group(1)), int(place.group(2))
            message = message[: place.start()]
        elif message.endswith(" (at end of document)"):
            line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
            message = message[: -len(" (at end of document)")]
        else:
            line = column = 0
        raise ConfigurationError([ConfigurationProblem(path, line, column, f"not valid TOML: {message}")]) from None


def _located(
    path: str, text: str, prefix: tuple[str, ...], problems: list[tuple[tuple[str | int, ...], str]]
) -> list[ConfigurationProblem]:
    from dflint.config.locate import locations
    from dflint.source import Source

    places = locations(text)
    source = Source(text)
    located = []
    for key, message in problems:
        full: tuple[str | int, ...] = (*prefix, *key)
        while full and full not in places:
            full = full[:-1]
        line, column = source.position(places.get(full, 0))
        located.append(ConfigurationProblem(path, line, column, message))
    return sorted(located, key=lambda p: (p.line, p.column))


class _Reader:
    """Checks a table against the settings; collects what is wrong with the key where it is."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.values: dict[str, Any] = {}
        self.levels: dict[str, str] = {}
        self.options: dict[str, dict[str, Any]] = {}
        self.problems: list[tuple[tuple[str | int, ...], str]] = []

    def wrong(self, key: tuple[str | int, ...], message: str) -> None:
        self.problems.append((key, message))

    def read(self, table: dict[str, Any]) -> None:
        for key, value in table.items():
            setting = BY_KEY.get(key)
            if setting is not None:
                if self._check(setting, value):
                    self.values[key] = tuple(value) if isinstance(value, list) else value
            elif key == "rules":
                self._rules(value)
            else:
                self._unknown((key,), "key", key, [*(s.key for s in SETTINGS), "rules"])

    def _unknown(self, key: tuple[str | int, ...], what: str, name: str, known: Iterable[str]) -> None:
        from dflint.syntax.suggest import nearest

        suggestion = nearest(name, known)
        hint = f' (did you mean "{suggestion}"?)' if suggestion else ""
        self.wrong(key, f'unknown {what} "{name}"{hint}')

    def _check(self, setting: Setting, value: Any) -> bool:
        """Whether a value fits; says what is wrong if not."""
        before = len(self.problems)
        key = (setting.key,)
        if setting.kind == "boolean":
            if not isinstance(value, bool):
                self.wrong(key, f'"{setting.key}" must be true or false, not {_type_name(value)}')
        elif setting.kind == "choice":
            self._choice(key, f'"{setting.key}"', value, setting.choices)
        elif setting.kind in ("folder", "file"):
            if not isinstance(value, str):
                self.wrong(key, f'"{setting.key}" must be a string, not {_type_name(value)}')
        elif setting.kind == "selectors-by-glob":
            if not isinstance(value, dict):
                self.wrong(key, f'"{setting.key}" must be a table, not {_type_name(value)}')
            else:
                for glob, selectors in value.items():
                    self._selectors((*key, glob), f'"{glob}"', selectors)
        elif setting.kind == "plugins":
            self._plugins(key, value)
        elif setting.kind == "selectors":
            self._selectors(key, f'"{setting.key}"', value)
        else:
            self._strings(key, f'"{setting.key}"', value)
        return len(self.problems) == before

    def _choice(self, key: tuple[str | int, ...], name: str, value: Any, choices: tuple[str, ...]) -> bool:
        listed = ", ".join(f'"{choice}"' for choice in choices)
        if isinstance(value, str) and value in choices:
            return True
        shown = f'"{value}"' if isinstance(value, str) else _type_name(value)
        self.wrong(key, f"{name} must be one of {listed}, not {shown}")
        return False

    def _strings(self, key: tuple[str | int, ...], name: str, value: Any) -> bool:
        if not isinstance(value, list):
            self.wrong(key, f"{name} must be a list of strings, not {_type_name(value)}")
            return False
        sound = True
        for index, element in enumerate(value):
            if not isinstance(element, str):
                self.wrong((*key, index), f"{name} must be a list of strings, not of {_type_name(element)}")
                sound = False
        return sound

    def _selectors(self, key: tuple[str | int, ...], name: str, value: Any) -> None:
        if not self._strings(key, name, value):
            return
        for index, selector in enumerate(value):
            try:
                self.registry.resolve(selector)
            except UnknownSelectorError as error:
                self.wrong((*key, index), str(error))

    def _plugins(self, key: tuple[str | int, ...], value: Any) -> None:
        if isinstance(value, bool):
            return
        if not isinstance(value, list):
            self.wrong(key, f'"plugins" must be true, false or a list of strings, not {_type_name(value)}')
        elif self._strings(key, '"plugins"', value):
            for index, name in enumerate(value):
                if not self.registry.has_plugin(name):
                    self._unknown((*key, index), "plug-in", name, self.registry.plugins)

    def _rules(self, value: Any) -> None:
        if not isinstance(value, dict):
            self.wrong(("rules",), f'"rules" must be a table, not {_type_name(value)}')
            return
        for name, table in value.items():
            rule_class = self.registry.find(name)
            if rule_class is None:
                if not self.registry.is_missing(name):
                    self._unknown(("rules", name), "rule", name, self.registry.classes)
            elif not isinstance(table, dict):
                self.wrong(("rules", name), f'"rules.{name}" must be a table, not {_type_name(table)}')
            else:
                self._rule(name, rule_class, table)

    def _rule(self, written: str, rule_class: type[Rule], table: dict[str, Any]) -> None:
        is_code = is_shellcheck_code(written)
        name = written.upper() if is_code else rule_class.name
        options = {} if is_code else rule_class.options
        for key, value in table.items():
            place = ("rules", written, key)
            if key == "level":
                if self._choice(place, '"level"', value, RULE_LEVELS):
                    self.levels[name] = value
                continue
            option = options.get(key)
            if option is None:
                self._unknown(place, f"option of {name}", key, ["level", *options])
                continue
            checked = self._option(place, key, value, option.default)
            if checked is not None:
                self.options.setdefault(rule_class.name, {})[key] = checked

    def _option(self, place: tuple[str | int, ...], key: str, value: Any, default: Any) -> Any:
        """The value of a rule's option if it has the default's type, else None."""
        if isinstance(default, tuple):
            return tuple(value) if self._strings(place, f'"{key}"', value) else None
        expected = {bool: "true or false", int: "an integer", str: "a string"}[type(default)]
        if type(value) is not type(default):
            self.wrong(place, f'"{key}" must be {expected}, not {_type_name(value)}')
            return None
        return value


def _type_name(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    names = {str: "a string", int: "an integer", float: "a float", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")
