"""Which rules there are, and which of them a selection means.

Rules are found by listing the folders of the package ``dflint.rules``: a module ``snake_case.py`` holds the rule
``snake-case``. Nothing else has to be edited to add one.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from dflint.linter.bundle import Bundle
from dflint.linter.rule import Rule
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

CATEGORIES = (
    "syntax",
    "base",
    "cache",
    "size",
    "context",
    "correctness",
    "security",
    "reproducibility",
    "style",
    "labels",
    "shell",
)
"""All categories, in the order in which lists of rules are shown."""

SETS = ("all", "hadolint", "buildkit")
"""Selectors that stand for rules of every category."""

SHELLCHECK = "shellcheck"
"""The rule whose findings ShellCheck makes; its codes are selectors too."""

OFF_ELSEWHERE = frozenset(("DL1001", "DL3057", "InvalidDefinitionDescription"))
"""What hadolint and BuildKit do not check by default either."""


class UnknownSelectorError(ValueError):
    """A selector that names no rule, alias, category, plug-in or set."""

    def __init__(self, selector: str, registry: Registry) -> None:
        super().__init__(selector, registry)
        self.selector = selector
        self._registry = registry

    @property
    def suggestion(self) -> str | None:
        """The known selector that it is probably a slip of; found when asked for, most of these errors are caught."""
        return self._registry.suggestion(self.selector)

    def __str__(self) -> str:
        hint = f' (did you mean "{self.suggestion}"?)' if self.suggestion else ""
        return f'unknown rule "{self.selector}"{hint}'


class Layer(NamedTuple):
    """What one place (the configuration, the command line) says about which rules run; all are selectors."""

    select: Sequence[str] | None = None
    """None: the rules that are on by default."""
    extend_select: Sequence[str] = ()
    ignore: Sequence[str] = ()


class Codes(NamedTuple):
    """Which of ShellCheck's codes are reported."""

    off: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    """None: all but those that are off."""

    def has(self, code: str) -> bool:
        return code not in self.off and (self.only is None or code in self.only)


ALL_CODES = Codes()


class Selection(NamedTuple):
    """What runs: names of rules, and the codes that count of the rule ``shellcheck``."""

    names: frozenset[str]
    codes: Codes = ALL_CODES

    def without(self, selectors: Iterable[str], registry: Registry) -> Selection:
        """What is left when some selectors are ignored, however exact others are. Raises ``UnknownSelectorError``."""
        names, off = self.names, set(self.codes.off)
        for selector in selectors:
            if is_shellcheck_code(selector):
                off.add(selector.upper())
            else:
                names -= registry.resolve(selector)
        return Selection(names, Codes(frozenset(off), self.codes.only))


class Plugin(NamedTuple):
    """An installed package's announcement of rules: an entry point of the group ``dflint.rules``."""

    name: str
    """The entry point's; the names of all its rules start with it."""
    package: str
    version: str
    target: str
    """What it points to: ``module`` or ``module:Class``."""

    def __str__(self) -> str:
        return f"plug-in {self.name} ({self.package} {self.version})"


def is_hadolint_code(alias: str) -> bool:
    """Whether an alias is a code of hadolint's own: ``DL3006``."""
    return len(alias) == 6 and alias.startswith("DL") and alias[2:].isdigit()


def is_shellcheck_code(text: str) -> bool:
    """Whether it is a code of ShellCheck: ``SC2086``; case does not matter."""
    return len(text) == 6 and text[:2].upper() == "SC" and text[2:].isdigit()


def is_buildkit_name(alias: str) -> bool:
    """Whether an alias is the name of a BuildKit check: ``StageNameCasing``."""
    return alias[:1].isupper() and alias.isalpha()


class Registry:
    """A set of rule classes and the names by which they are called."""

    def __init__(
        self,
        classes: Iterable[type[Rule]],
        broken: Mapping[str, str] | None = None,
        *,
        plugins: Mapping[str, Plugin] | None = None,
        origins: Mapping[str, Plugin] | None = None,
        incomplete: frozenset[str] = frozenset(),
        problems: Sequence[str] = (),
    ) -> None:
        self.classes: dict[str, type[Rule]] = {c.name: c for c in sorted(classes, key=lambda c: c.name)}
        """Rule name to class, in the order of the names."""
        self.broken: Mapping[str, str] = broken or {}
        """Name of a rule that could not be imported to the reason."""
        self.plugins: Mapping[str, Plugin] = plugins or {}
        """Name to plug-in, for all that are installed."""
        self.origins: Mapping[str, Plugin] = origins or {}
        """Name of a rule to the plug-in that it comes from; dflint's own rules are not in it."""
        self.incomplete = incomplete
        """The plug-ins of which rules are missing: not wanted, or not sound."""
        self.problems: Sequence[str] = problems
        """What is wrong with plug-ins: a sentence each, which names the plug-in."""
        self._aliases: dict[str, list[str]] | None = None

    def aliases(self) -> Mapping[str, Sequence[str]]:
        """Alias in lower case to the names of the rules that have it."""
        if self._aliases is None:
            self._aliases = {}
            for name, rule_class in self.classes.items():
                for alias in rule_class.aliases:
                    self._aliases.setdefault(alias.lower(), []).append(name)
        return self._aliases

    def resolve(self, selector: str) -> frozenset[str]:
        """The names of the rules that a name, alias, category, plug-in or set stands for; case does not matter.

        Raises ``UnknownSelectorError``. A category without a rule and a rule that ``is_missing`` give an empty set.
        """
        wanted = selector.lower()
        if wanted in self.classes:
            return frozenset((wanted,))
        if is_shellcheck_code(selector):
            return frozenset((SHELLCHECK,)) & self.classes.keys()
        aliases = self.aliases()
        if wanted in aliases:
            return frozenset(aliases[wanted])
        if wanted in CATEGORIES:
            return frozenset(name for name, c in self.classes.items() if c.category == wanted)
        if wanted == "all":
            return frozenset(self.classes)
        if wanted == "hadolint":
            return self._with_alias(is_hadolint_code) | ({SHELLCHECK} & self.classes.keys())
        if wanted == "buildkit":
            return self._with_alias(is_buildkit_name)
        if wanted in self.plugins:
            return frozenset(name for name, plugin in self.origins.items() if plugin.name == wanted)
        if self.is_missing(wanted):
            return frozenset()
        raise UnknownSelectorError(selector, self)

    def is_missing(self, name: str) -> bool:
        """Whether a name is, or may well be, that of a rule which is installed but could not or should not be loaded.

        What a file or a comment says of such a rule is no mistake.
        """
        return name in self.broken or any(name.startswith(plugin + "-") for plugin in self.incomplete)

    def has_plugin(self, name: str) -> bool:
        """Whether a plug-in is installed."""
        return name in self.plugins

    def from_plugins_but(self, wanted: bool | Sequence[str]) -> frozenset[str]:
        """The rules from plug-ins that a setting ``plugins`` (whether at all, or which) leaves out."""
        if wanted is True or not self.origins:
            return frozenset()
        names = wanted or ()
        return frozenset(rule for rule, plugin in self.origins.items() if plugin.name not in names)

    def find(self, name: str) -> type[Rule] | None:
        """The rule with this name, alias or ShellCheck code, None if there is none (or the alias has several)."""
        wanted = name.lower()
        if wanted in self.classes:
            return self.classes[wanted]
        if is_shellcheck_code(name):
            return self.classes.get(SHELLCHECK)
        named = self.aliases().get(wanted, ())
        return self.classes[named[0]] if len(named) == 1 else None

    def suggestion(self, selector: str) -> str | None:
        """The known selector that ``selector`` is probably a slip of."""
        from dflint.syntax.suggest import nearest

        known = {s: s for s in (*CATEGORIES, *SETS, *self.plugins)}
        for name, rule_class in self.classes.items():
            known[name] = name
            known.update((alias.lower(), alias) for alias in rule_class.aliases)
        found = nearest(selector.lower(), known)
        return known[found] if found else None

    def selected(self, layers: Sequence[Layer] = (), *, preview: bool = False) -> Selection:
        """The rules that run.

        The more exact selector wins, whatever the order: a set gives way to a category or plug-in, those to a name or
        alias, ``shellcheck`` to a code of ShellCheck. Among equally exact ones a later layer wins over an earlier one
        and ``ignore`` over ``select``. A later layer's ``select`` takes the place of the earlier layers' ``select`` and
        ``extend_select``.

        Rules in preview run only with ``preview``, or when called by name or alias; rules that are off by default
        when called by name, alias or ``all``. The sets ``hadolint`` and ``buildkit`` mean what is on by default there.
        """
        base = max((at for at, layer in enumerate(layers) if layer.select is not None), default=None)
        steps: list[_Step] = []
        if base is None:
            steps.append(_Step(-1, True, self._by_default(frozenset(self.classes), preview)))
        for at, layer in enumerate(layers):
            on = [*(layer.select or ()), *layer.extend_select] if base is None or at >= base else []
            steps.extend(self._step(selector, True, preview) for selector in on)
            steps.extend(self._step(selector, False, preview) for selector in layer.ignore)
        names: set[str] = set()
        codes: dict[str, bool] = {}
        for _, turns_on, affected, code in sorted(steps, key=lambda step: step.exactness):  # layers keep their order
            if code:
                codes[code] = turns_on
            elif turns_on:
                names |= affected
            else:
                names -= affected
        if SHELLCHECK in names or not any(codes.values()):
            return Selection(frozenset(names), Codes(frozenset(code for code, is_on in codes.items() if not is_on)))
        only = frozenset(code for code, is_on in codes.items() if is_on)
        return Selection(frozenset(names | ({SHELLCHECK} & self.classes.keys())), Codes(only=only))

    def _step(self, selector: str, turns_on: bool, preview: bool) -> _Step:
        named = self.resolve(selector)
        wanted = selector.lower()
        if is_shellcheck_code(selector):
            return _Step(3, turns_on, named, selector.upper())
        if wanted in SETS:
            exactness = 0
        elif wanted in CATEGORIES or (wanted in self.plugins and wanted not in self.classes):
            exactness = 1
        else:
            exactness = 2
        if turns_on and wanted == "all":
            named = frozenset(n for n in named if preview or self.classes[n].status != "preview")
        elif turns_on and wanted == "hadolint":
            named = self._with_alias(_is_on_in_hadolint) | ({SHELLCHECK} & self.classes.keys())
        elif turns_on and wanted == "buildkit":
            named = self._with_alias(_is_on_in_buildkit)
        elif turns_on and exactness < 2:
            named = self._by_default(named, preview)
        return _Step(exactness, turns_on, named)

    def _by_default(self, names: frozenset[str], preview: bool) -> frozenset[str]:
        statuses = ("stable", "preview") if preview else ("stable",)
        return frozenset(n for n in names if self.classes[n].status in statuses)

    def _with_alias(self, matches: Callable[[str], bool]) -> frozenset[str]:
        own = ((n, c) for n, c in self.classes.items() if n not in self.origins)
        return frozenset(name for name, c in own if any(matches(alias) for alias in c.aliases))


class _Step(NamedTuple):
    """What one selector does to the rules that run."""

    exactness: int
    turns_on: bool
    affected: frozenset[str]
    code: str = ""
    """The code of ShellCheck that it is, if it is one."""


def _is_on_in_hadolint(alias: str) -> bool:
    return is_hadolint_code(alias) and alias not in OFF_ELSEWHERE


def _is_on_in_buildkit(alias: str) -> bool:
    return is_buildkit_name(alias) and alias not in OFF_ELSEWHERE


_default: Registry | None = None


def registry() -> Registry:
    """dflint's own rules, imported at the first call; a rule that cannot be imported is in ``broken``."""
    global _default
    if _default is None:
        classes: list[type[Rule]] = []
        broken: dict[str, str] = {}
        for bundle in _bundles():
            with bundle:
                for stem in filter(_is_rule, bundle.stems):
                    try:
                        classes.append(_rule_class(stem))
                    except Exception as error:  # one bad file must not take the other rules along
                        broken[rule_name(stem)] = f"{type(error).__name__}: {error}"
        _default = Registry(classes, broken)
    return _default


def rule_name(stem: str) -> str:
    """The name of the rule in the file ``stem``.py."""
    return stem.replace("_", "-")


def rule_classes() -> Mapping[str, type[Rule]]:
    """Rule name to class, for dflint's own rules."""
    return registry().classes


def resolve(selector: str) -> frozenset[str]:
    """``Registry.resolve`` for dflint's own rules."""
    return registry().resolve(selector)


def module_stems() -> list[str]:
    """The file names of the rules without ``.py``, those that start with ``_`` hold what several rules share."""
    return sorted(stem for bundle in _bundles() for stem in bundle.stems if _is_rule(stem))


def _is_rule(stem: str) -> bool:
    return not stem.startswith("_")


def _bundles() -> list[Bundle]:
    import dflint.rules

    return [Bundle(dflint.rules, folder) for folder in dflint.rules.__path__]


def _rule_class(stem: str) -> type[Rule]:
    name = f"dflint.rules.{stem}"
    __import__(name)
    module = sys.modules[name]
    name = rule_name(stem)
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Rule) and value.__dict__.get("name") == name:
            return value
    raise ImportError(f'{module.__name__} holds no Rule with name = "{name}"')
