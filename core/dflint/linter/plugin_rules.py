"""Importing the rules of plug-ins, and refusing what cannot run beside dflint's own: only where there is a plug-in."""

from __future__ import annotations

import sys
from typing import Any

from dflint.linter.engine import RuleSet, failure
from dflint.linter.registry import CATEGORIES, SETS, Plugin, Registry
from dflint.linter.rule import Option, Rule


class PluginRules:
    """Puts a registry together from dflint's own rules and those of plug-ins; keeps what is wrong."""

    def __init__(self, own: Registry) -> None:
        self.own = own
        self.classes = dict(own.classes)
        self.taken = dict.fromkeys((*own.classes, *own.broken, *own.aliases(), *CATEGORIES, *SETS), "dflint")
        """What is a selector already, in lower case, and whose it is."""
        self.plugins: dict[str, Plugin] = {}
        self.origins: dict[str, Plugin] = {}
        self.incomplete: set[str] = set()
        self.problems: list[str] = []

    def registry(self) -> Registry:
        return Registry(
            self.classes.values(),
            self.own.broken,
            plugins=self.plugins,
            origins=self.origins,
            incomplete=frozenset(self.incomplete),
            problems=self.problems,
        )

    def add(self, plugin: Plugin, is_wanted: bool) -> None:
        name = plugin.name
        if name in self.plugins:
            self.wrong(plugin, f"not loaded: {self.plugins[name]} has the same name")
        elif not _is_kebab(name):
            self.wrong(plugin, "not loaded: its name must be in kebab-case")
        elif name in self.taken:
            self.wrong(plugin, f'not loaded: "{name}" means something else in dflint')
        else:
            self.plugins[name] = plugin
            if is_wanted:
                self.load(plugin)
            else:
                self.incomplete.add(name)

    def load(self, plugin: Plugin) -> None:
        try:
            classes = _rule_classes(plugin.target)
        except (Exception, SystemExit) as error:  # it must not take dflint along
            self.wrong(plugin, f"cannot be loaded: {failure(error)}")
            return
        for rule_class in classes:
            try:
                reason = self.refusal(plugin, rule_class)
            except (Exception, SystemExit) as error:
                reason = failure(error)
            if reason:
                name = getattr(rule_class, "name", None)
                self.wrong(plugin, f'rule "{name if isinstance(name, str) else rule_class.__name__}" refused: {reason}')
                continue
            self.classes[rule_class.name] = rule_class
            self.origins[rule_class.name] = plugin
            for selector in (rule_class.name, *rule_class.aliases):
                self.taken[selector.lower()] = str(plugin)

    def wrong(self, plugin: Plugin, message: str) -> None:
        self.problems.append(f"{plugin}: {message}")
        self.incomplete.add(plugin.name)

    def refusal(self, plugin: Plugin, rule_class: type[Rule]) -> str:
        """Why a rule cannot be taken; empty if it can. Raises anything for one that is not made as a rule should be."""
        missing = [
            a for a in ("name", "category", "level", "since") if not isinstance(getattr(rule_class, a, None), str)
        ]
        if missing:
            return f"it has no {', no '.join(missing)}"
        name = rule_class.name
        if not _is_kebab(name):
            return "its name must be in kebab-case"
        if name != plugin.name and not name.startswith(plugin.name + "-"):
            return f'its name must start with "{plugin.name}-"'
        if name in self.taken:
            return f"{self.taken[name]} has a rule of that name"
        if rule_class.category not in CATEGORIES:
            return f'no such category: "{rule_class.category}" ({", ".join(CATEGORIES)})'
        if rule_class.level not in ("error", "warning", "info"):
            return f'no such level: "{rule_class.level}" (error, warning, info)'
        if rule_class.status not in ("stable", "preview", "off"):
            return f'no such status: "{rule_class.status}" (stable, preview, off)'
        if not isinstance(rule_class.aliases, tuple):
            return "its aliases are no tuple"
        for alias in rule_class.aliases:
            if alias.lower() in self.taken:
                return f'its alias "{alias}" is taken by {self.taken[alias.lower()]}'
        if not all(isinstance(option, Option) for option in dict(rule_class.options).values()):
            return "its options are not of the class Option"
        RuleSet([rule_class()])  # what it raises, it would raise later
        return ""


def _rule_classes(target: str) -> list[type[Rule]]:
    """The rules that an entry point's value means. Raises whatever importing them raises."""
    name, _, attribute = target.partition(":")
    __import__(name)
    value: Any = sys.modules[name]
    for part in filter(None, attribute.split(".")):
        value = getattr(value, part)
    if isinstance(value, type) and issubclass(value, Rule):
        return [value]
    if not isinstance(value, type(sys)):
        raise TypeError(f"{target} is neither a module nor a class of a rule")
    package = value.__name__.partition(".")[0]
    found = [
        member
        for member in vars(value).values()
        if isinstance(member, type)
        and issubclass(member, Rule)
        and "name" in vars(member)
        and member.__module__.partition(".")[0] == package
    ]
    if not found:
        raise ImportError(f"{target} holds no rule")
    return list(dict.fromkeys(found))


def _is_kebab(name: str) -> bool:
    return all(part.isascii() and part.isalnum() and part == part.lower() for part in name.split("-"))
