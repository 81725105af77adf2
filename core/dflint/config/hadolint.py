"""hadolint's configuration in dflint's terms: read where there is no file of ours, and what ``dflint migrate`` writes.

What the keys mean is taken from hadolint's src/Hadolint/Config/Configuration.hs, src/Hadolint/Lint.hs and from running
it. Keys that hadolint does not know are nothing to complain about, as there; neither are codes of rules that dflint
does not have. What hadolint refuses (it then goes on without the file) is an error here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from dflint.config.configuration import Configuration, ConfigurationError, ConfigurationProblem
from dflint.config.settings import FORMATS
from dflint.linter.registry import UnknownSelectorError, is_hadolint_code, is_shellcheck_code
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from yaml.nodes import MappingNode, Node

    from dflint.linter.registry import Registry

THRESHOLDS = {"error": "error", "warning": "warning", "info": "info", "style": "info", "ignore": "info", "none": "info"}
"""hadolint's ``failure-threshold`` to ours. The last three are all below info: any finding fails the run."""
OUTPUTS = {
    "tty": "text",
    "json": "json",
    "checkstyle": "checkstyle",
    "codeclimate": "gitlab",
    "gitlab_codeclimate": "gitlab",
    "gnu": "concise",
    "codacy": "codacy",
    "sonarqube": "sonarqube",
    "sarif": "sarif",
    "junit": "junit",
}
"""hadolint's output formats to ours, whether we have them or not."""
LABEL_TYPES = ("email", "hash", "rfc3339", "semver", "spdx", "url")
"""Types of a label that mean the same in both; ``text`` and an empty type mean anything."""
LEVELS = ("error", "warning", "info", "style")
RANKS = {"error": 3, "warning": 2, "info": 1, "style": 0, "ignore": -1}
_BY_SEVERITY = {
    "error": (3000, 3004, 3011, 3012, 3020, 3021, 3023, 3024, 3026, 3043, 3044, 3061, 4000, 4004),
    "info": (3001, 3009, 3010, 3015, 3019, 3047, 3049, 3050, 3059, 3060, 3066),
    "style": (3048,),
    "ignore": (1001, 3057),
}
SEVERITIES = {f"DL{number}": severity for severity, numbers in _BY_SEVERITY.items() for number in numbers}
"""The severity of those of hadolint's rules that are no warnings; ``ignore``: off by default."""
AS_STRICT = (("relative-workdir", "every"), ("shell-form-command", "healthcheck"))
"""Rules with the options that make them as strict as hadolint's."""
PRAGMAS = "inline-hadolint-pragma"
"""Our rule about hadolint's comments."""
SYNTAX = "syntax-error"


class Remark(NamedTuple):
    """What is to be known about the translation of one key; ``line`` counts from 1, 0 for the whole file."""

    line: int
    text: str


class Entry(NamedTuple):
    """A string of the file with what its comments say, those above it and the one behind it."""

    text: str
    line: int
    above: tuple[str, ...] = ()
    behind: str = ""


class Translation:
    """What a ``.hadolint.yaml`` says, in terms of ``dflint.toml``."""

    def __init__(self) -> None:
        self.ignored: dict[str, list[Entry]] = {}
        """Rule, or code of ShellCheck, that does not run to the codes that say so."""
        self.selected: dict[str, list[str]] = {}
        """Rule that is off in dflint but runs here, to its codes."""
        self.levels: dict[str, str] = {}
        self.level_entries: dict[str, list[Entry]] = {}
        """Rule, or code of ShellCheck, with a level to the codes of ``override`` that give it one."""
        self.options: dict[str, dict[str, tuple[str, ...] | bool]] = {}
        self.values: dict[str, str] = {}
        """``fail-level`` and ``format``."""
        self.comments: dict[str, list[str]] = {}
        """Key of the file to the comments above and behind it; the empty key: those at the end."""
        self.changed: list[Remark] = []
        """What is not quite the same in dflint."""
        self.lost: list[Remark] = []
        """What has no counterpart."""
        self.lost_text: list[str] = []
        """The lines of the keys that dflint and hadolint do not know, as written."""

    def configuration(self, path: str) -> Configuration:
        """The settings; ``path`` is the file's."""
        values: dict[str, Any] = dict(self.values)
        if self.ignored:
            values["ignore"] = tuple(self.ignored)
        if self.selected:
            values["extend-select"] = tuple(self.selected)
        return Configuration(os.path.abspath(path), values, self.levels, self.options)  # noqa: PTH100


def read_hadolint_configuration(path: str, text: str, registry: Registry) -> Translation:
    """Read a ``.hadolint.yaml``; ``path`` is for messages. Raises ``ConfigurationError`` with all that is wrong."""
    return _Reader(path, text.removeprefix("\ufeff"), registry).read()


class _Reader:
    def __init__(self, path: str, text: str, registry: Registry) -> None:
        self.path = path
        self.text = text
        self.registry = registry
        self.problems: list[ConfigurationProblem] = []
        self.made = Translation()

    def read(self) -> Translation:
        root = self._root()
        from yaml.nodes import MappingNode

        keys: dict[str, tuple[Node, Node]] = {}
        if isinstance(root, MappingNode):
            keys = self._pairs(root)
        elif root is not None:
            self._wrong(root, f"expected keys and values, got {_kind(root)}")
        for name, (key, value) in keys.items():
            self.made.comments[name] = self._comments_of(key, value)
        end = max((self._end(key, value) for key, value in keys.values()), default=0)
        self.made.comments[""] = [c for line in self.text[end:].splitlines() if (c := _comment(line)) is not None]
        self._ignored(keys)
        self._override(self._table("override", keys))
        self._labels(keys)
        self._registries(keys)
        self._output(keys)
        self._pragmas(keys)
        threshold_node = _value("failure-threshold", keys)
        threshold = None
        if threshold_node is not None:
            threshold = self._choice("failure-threshold", threshold_node, THRESHOLDS)
        never_fails = self._boolean("no-fail", keys)
        for name, what in (("no-color", "use `--color never` or NO_COLOR"), ("verbose", "dflint has nothing to add")):
            if self._boolean(name, keys):
                self.made.lost.append(Remark(_line(keys[name][0]), f"{name}: {what}"))
        self._unknown(keys)
        if self.problems:
            raise ConfigurationError(sorted(self.problems, key=lambda p: (p.line, p.column)))
        self._select()
        if threshold is not None and threshold_node is not None:
            self._threshold(threshold, _line(threshold_node))
        if never_fails:
            self.made.values["fail-level"] = "none"
        return self.made

    # --- YAML

    def _root(self) -> Node | None:
        import yaml

        try:
            node: Node | None = yaml.compose(self.text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = ": ".join(filter(None, (error.context, error.problem)))
            self._wrong_at(mark.line + 1 if mark else 0, mark.column + 1 if mark else 0, f"not valid YAML: {said}")
        except yaml.reader.ReaderError as error:
            before = self.text[: error.position]
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            self._wrong_at(line, column, f"not valid YAML: character U+{ord(self.text[error.position]):04X}")
        except RecursionError:
            self._wrong_at(0, 0, "not usable: nested too deeply")
        else:
            return node
        raise ConfigurationError(self.problems)

    def _wrong(self, node: Node, message: str) -> None:
        self._wrong_at(node.start_mark.line + 1, node.start_mark.column + 1, message)

    def _wrong_at(self, line: int, column: int, message: str) -> None:
        self.problems.append(ConfigurationProblem(self.path, line, column, message))

    def _pairs(self, node: MappingNode) -> dict[str, tuple[Node, Node]]:
        found: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value:
            name = _scalar(key)
            if name is None:
                self._wrong(key, f"a key must be a word, not {_kind(key)}")
            elif name in found:
                self._wrong(key, f'key "{name}" stands here twice')
            else:
                found[name] = (key, value)
        return found

    def _table(self, name: str, keys: dict[str, tuple[Node, Node]]) -> dict[str, tuple[Node, Node]]:
        from yaml.nodes import MappingNode

        node = _value(name, keys)
        if isinstance(node, MappingNode):
            return self._pairs(node)
        if node is not None:
            self._wrong(node, f'"{name}" must be keys and values, not {_kind(node)}')
        return {}

    def _strings(self, name: str, keys: dict[str, tuple[Node, Node]]) -> Iterator[Entry]:
        from yaml.nodes import SequenceNode

        node = _value(name, keys)
        if node is None:
            return
        if not isinstance(node, SequenceNode):
            self._wrong(node, f'"{name}" must be a list of strings, not {_kind(node)}')
            return
        for element in node.value:
            text = _scalar(element)
            if text is None or not element.tag.endswith(":str"):
                self._wrong(element, f'"{name}" must be a list of strings, not of {_kind(element)}')
            else:
                yield Entry(text, _line(element), *self._comments_at(element))

    def _choice(self, name: str, node: Node, choices: Iterable[str]) -> str | None:
        text = None if node.tag.endswith(":null") else _scalar(node)
        if text is not None and text in choices:
            return text
        from dflint.syntax.suggest import nearest

        suggestion = nearest(text or "", choices)
        hint = f' (did you mean "{suggestion}"?)' if suggestion else ""
        listed = ", ".join(filter(None, choices))
        shown = f'"{text}"' if text is not None else _kind(node)
        self._wrong(node, f'"{name}" must be one of {listed}, not {shown}{hint}')
        return None

    def _boolean(self, name: str, keys: dict[str, tuple[Node, Node]]) -> bool:
        node = _value(name, keys)
        if node is None:
            return False
        if not node.tag.endswith(":bool"):
            self._wrong(node, f'"{name}" must be true or false, not {_kind(node)}')
            return False
        return (_scalar(node) or "").lower() in ("true", "yes", "on")

    # --- Comments

    def _comments_of(self, key: Node, value: Node) -> list[str]:
        above, _ = self._comments_at(key)
        ends = {key.end_mark.index: None}
        if _is_alias(key, value):
            ends[self._end(key, value)] = None
        elif not value.value or isinstance(value.value, str) or getattr(value, "flow_style", False):
            ends[value.end_mark.index] = None
        lines = [self.text[at:].partition("\n")[0].lstrip(": \t") for at in ends]
        return [*above, *(comment for line in lines if (comment := _comment(line)) is not None)]

    def _comments_at(self, node: Node) -> tuple[tuple[str, ...], str]:
        """The comments in the lines above a node, if it is the first in its line, and the one behind it."""
        start = self.text.rfind("\n", 0, node.start_mark.index) + 1
        above: list[str] = []
        if not self.text[start : node.start_mark.index].strip(" \t-'\""):
            for line in reversed(self.text[:start].split("\n")[:-1]):
                comment = _comment(line)
                if comment is None and line.strip():
                    break
                above[:0] = [comment] if comment is not None else []
        behind = _comment(self.text[node.end_mark.index :].partition("\n")[0].lstrip(", \t"))
        return tuple(above), behind or ""

    def _end(self, key: Node, value: Node) -> int:
        """Where a value ends, which may be an alias."""
        if not _is_alias(key, value):
            return _end(value)
        at = key.end_mark.index
        return at + len(self.text[at:].partition("\n")[0].partition(" #")[0].rstrip())

    # --- What the keys mean

    def _rules(self, code: str) -> frozenset[str]:
        """What a code of hadolint's or ShellCheck's is in dflint: rules, or the same code."""
        if is_shellcheck_code(code):
            return frozenset((code.upper(),))
        if not is_hadolint_code(code.upper()):
            return frozenset()
        try:
            return self.registry.resolve(code)
        except UnknownSelectorError:
            return frozenset()

    def _codes(self, rule: str) -> list[str]:
        rule_class = self.registry.find(rule)
        return [alias for alias in rule_class.aliases if is_hadolint_code(alias)] if rule_class else []

    def _ignored(self, keys: dict[str, tuple[Node, Node]]) -> None:
        unknown: list[Entry] = []
        for entry in self._strings("ignored", keys):
            rules = self._rules(entry.text)
            if not rules:
                unknown.append(entry)
            for rule in sorted(rules):
                if rule == SYNTAX:
                    said = f"{entry.text}: part of {SYNTAX}, which stays on: the builder refuses such a file"
                    self.made.lost.append(Remark(entry.line, said))
                else:
                    self.made.ignored.setdefault(rule, []).append(entry)
        self._lose_codes("ignored", unknown)
        for rule, entries in self.made.ignored.items():
            others = sorted({*self._codes(rule)} - {entry.text.upper() for entry in entries})
            if others:
                said = f"{_listed(e.text for e in entries)}: {rule} is off, which is {_listed(others)} too"
                self.made.changed.append(Remark(entries[0].line, said))

    def _override(self, table: dict[str, tuple[Node, Node]]) -> None:
        """The highest level that a rule is given wins, and ``ignored`` over all of them."""
        for level, (key, value) in table.items():
            self.made.comments["override"] += self._comments_of(key, value)
            if level not in LEVELS:
                self.made.lost.append(Remark(_line(key), f"override {level}: hadolint does not know it either"))
        unknown: list[Entry] = []
        for given, entry in [(level, entry) for level in LEVELS for entry in self._strings(level, table)]:
            rules = self._rules(entry.text)
            if not rules:
                unknown.append(entry)
            for rule in sorted(rules - set(self.made.ignored)):
                ours = "info" if given == "style" else given
                self.made.level_entries.setdefault(rule, []).append(entry)
                level = self.made.levels.setdefault(rule, ours)
                if level != ours:
                    said = f"{entry.text}: {rule} is {level}, as another of its codes is"
                    self.made.changed.append(Remark(entry.line, said))
                elif given == "style":
                    said = f"{entry.text}: style is info in dflint, whose findings fail the run"
                    self.made.changed.append(Remark(entry.line, said))
                rule_class = self.registry.find(rule)
                if rule_class is not None and rule_class.status != "stable":
                    self.made.selected.setdefault(rule, []).append(entry.text.upper())
        self._lose_codes("override", unknown)

    def _lose_codes(self, key: str, entries: Sequence[Entry]) -> None:
        for entry in entries:
            reason = (
                f" ({'; '.join(filter(None, (*entry.above, entry.behind)))})" if entry.above or entry.behind else ""
            )
            self.made.lost.append(Remark(entry.line, f"{entry.text} in {key}{reason}: not a code that dflint knows"))

    def _labels(self, keys: dict[str, tuple[Node, Node]]) -> None:
        kinds: dict[str, list[str]] = {}
        schema = self._table("label-schema", keys)
        for label, (key, value) in schema.items():
            self.made.comments["label-schema"] += [f"{label}: {said}" for said in self._comments_of(key, value)]
            kind = self._choice(label, value, (*LABEL_TYPES, "text", ""))
            if kind in LABEL_TYPES:
                kinds.setdefault(kind, []).append(label)
        labels = tuple(schema)
        self._option("missing-label", "required", labels)
        self._option("empty-label", "labels", labels)
        for kind, with_it in kinds.items():
            self._option("invalid-label-value", kind, tuple(with_it))
        if not self._boolean("strict-labels", keys):
            return
        self._option("unknown-label", "allowed", labels)
        if not labels:
            said = "strict-labels: without label-schema it forbids all labels; unknown-label needs a list"
            self.made.lost.append(Remark(_line(keys["strict-labels"][0]), said))

    def _registries(self, keys: dict[str, tuple[Node, Node]]) -> None:
        entries = list(self._strings("trustedRegistries", keys))
        trusted = [entry.text for entry in entries]
        for entry in entries:
            said = filter(None, (*entry.above, entry.behind))
            self.made.comments["trustedRegistries"] += [f"{entry.text}: {comment}" for comment in said]
        if "hub.docker.com" in trusted and "docker.io" not in trusted:
            trusted.append("docker.io")
            line = next(entry.line for entry in entries if entry.text == "hub.docker.com")
            self.made.changed.append(Remark(line, "hub.docker.com: Docker Hub's images come from docker.io; added"))
        self._option("untrusted-registry", "trusted-registries", tuple(trusted))

    def _option(self, rule: str, option: str, value: tuple[str, ...] | bool) -> None:
        rule_class = self.registry.classes.get(rule)
        if value and rule_class is not None and option in rule_class.options:
            self.made.options.setdefault(rule, {})[option] = value

    def _output(self, keys: dict[str, tuple[Node, Node]]) -> None:
        wanted: list[tuple[str, int]] = []
        node = _value("format", keys)
        if node is not None and (single := self._choice("format", node, OUTPUTS)) is not None:
            wanted.append((single, _line(node)))
        for entry in self._strings("formats", keys):
            if entry.text in OUTPUTS:
                wanted.append((entry.text, entry.line))
            else:
                self._wrong_at(entry.line, 1, f'"formats" must be of {", ".join(OUTPUTS)}, not "{entry.text}"')
        for name, line in wanted:
            ours = OUTPUTS[name]
            if ours not in FORMATS:
                self.made.lost.append(Remark(line, f"format {name}: dflint does not have it"))
            elif "format" in self.made.values:
                self.made.lost.append(Remark(line, f"format {name}: dflint writes one format, the first"))
            else:
                self.made.values["format"] = ours
                if name in ("json", "gnu"):
                    self.made.changed.append(Remark(line, f"format {name}: {ours} in dflint, of another shape"))
                elif "codeclimate" in name:
                    self.made.changed.append(Remark(line, f"format {name}: {ours} in dflint"))

    def _pragmas(self, keys: dict[str, tuple[Node, Node]]) -> None:
        if not self._boolean("disable-ignore-pragma", keys):
            return
        if PRAGMAS not in self.registry.classes:
            said = "disable-ignore-pragma: comments for hadolint still count"
            self.made.lost.append(Remark(_line(keys["disable-ignore-pragma"][0]), said))
            return
        self._option(PRAGMAS, "void", True)
        self.made.ignored.pop(PRAGMAS, None)
        self.made.selected.setdefault(PRAGMAS, self._codes(PRAGMAS))
        said = f"disable-ignore-pragma: {PRAGMAS} does that, and reports such comments"
        self.made.changed.append(Remark(_line(keys["disable-ignore-pragma"][0]), said))

    def _select(self) -> None:
        """Keep on what hadolint has on by default."""
        for rule, option in AS_STRICT:
            if rule not in self.made.ignored:
                self._option(rule, option, True)
        added = []
        for name, rule_class in self.registry.classes.items():
            if rule_class.status == "stable" or name in self.made.ignored or name in self.made.selected:
                continue
            codes = [code for code in self._codes(name) if SEVERITIES.get(code) != "ignore"]
            if codes:
                self.made.selected[name] = codes
                added.append(f"{name} ({', '.join(codes)})")
        if added:
            said = f"selected, as hadolint runs them unless it is told not to: {_listed(added)}"
            self.made.changed.append(Remark(0, said))

    def _threshold(self, threshold: str, line: int) -> None:
        self.made.values["fail-level"] = THRESHOLDS[threshold]
        if threshold in ("style", "ignore", "none"):
            said = f"failure-threshold {threshold}: any finding fails the run, which is info in dflint"
            self.made.changed.append(Remark(line, said))
        elif threshold != "info":
            self._keep_levels(threshold, line)

    def _keep_levels(self, threshold: str, line: int) -> None:
        """Give the rules hadolint's levels where dflint's would change which findings fail the run."""
        kept = []
        for name, rule_class in self.registry.classes.items():
            codes = self._codes(name)
            if not codes or name == SYNTAX or name in self.made.ignored or name in self.made.levels:
                continue
            theirs = max((SEVERITIES.get(code, "warning") for code in codes), key=RANKS.__getitem__)
            if (RANKS[theirs] >= RANKS[threshold]) != (RANKS[rule_class.level] >= RANKS[threshold]):
                level = self.made.levels[name] = theirs if RANKS[theirs] > 0 else "info"
                kept.append(f"{name} ({level})")
        if kept:
            said = f"failure-threshold {threshold}: hadolint's levels are kept where they decide: {_listed(kept)}"
            self.made.changed.append(Remark(line, said))

    def _unknown(self, keys: dict[str, tuple[Node, Node]]) -> None:
        known = {"failure-threshold", "format", "formats", "ignored", "label-schema", "no-color", "no-fail", "override"}
        known |= {"strict-labels", "disable-ignore-pragma", "trustedRegistries", "verbose"}
        for name, (key, value) in keys.items():
            if name not in known:
                self.made.lost.append(Remark(_line(key), f"{name}: hadolint does not know it either"))
                self.made.lost_text += [f"# {comment}" for comment in self.made.comments.pop(name)]
                self.made.lost_text += self.text[key.start_mark.index : self._end(key, value)].splitlines()


def _value(name: str, keys: dict[str, tuple[Node, Node]]) -> Node | None:
    """The value of a key; None if it is not there, or there is nothing behind it."""
    if name not in keys:
        return None
    value = keys[name][1]
    return None if value.tag.endswith(":null") else value


def _scalar(node: Node) -> str | None:
    from yaml.nodes import ScalarNode

    return str(node.value) if isinstance(node, ScalarNode) else None


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _end(node: Node) -> int:
    """Where a node ends; the end mark of one that goes over lines is the next node, behind all comments."""
    if not node.value or isinstance(node.value, str) or getattr(node, "flow_style", False):
        return int(node.end_mark.index)
    nodes = [n for child in node.value for n in (child if isinstance(child, tuple) else (child,))]
    last = nodes.pop()
    if any(_is_alias(before, last) for before in (node, *nodes)):
        return int(node.end_mark.index)
    return _end(last)


def _is_alias(before: Node, node: Node) -> bool:
    """Whether a node, here behind another, in truth stands elsewhere."""
    return bool(node.start_mark.index < before.start_mark.index or node is before)


def _kind(node: Node) -> str:
    names = {
        "str": "a string", "int": "an integer", "float": "a float", "bool": "a boolean", "null": "nothing",
        "seq": "a list", "map": "keys and values", "timestamp": "a date or time",
    }  # fmt: skip
    return names.get(node.tag.rpartition(":")[2], f"a value with the tag {node.tag}")


def _comment(line: str) -> str | None:
    """What a line says that is nothing but a comment."""
    stripped = line.strip()
    return stripped[1:].strip() if stripped.startswith("#") else None


def _listed(words: Iterable[str]) -> str:
    """``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
