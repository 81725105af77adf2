"""All settings of ``dflint.toml`` in one table: reading, documentation and editor schema are made from it."""

from __future__ import annotations

from typing import Any, Literal

from dflint.record import NamedTuple

Kind = Literal["selectors", "globs", "boolean", "choice", "folder", "selectors-by-glob", "plugins", "file"]
"""selectors: a list of rule names, aliases, categories and sets; globs: a list of patterns as in ``.gitignore``;
folder: a path relative to the configuration file; selectors-by-glob: a table of pattern to selectors;
plugins: a boolean or a list of names; file: a path relative to the configuration file."""


class Setting(NamedTuple):
    """One key of the configuration."""

    key: str
    kind: Kind
    default: Any
    description: str
    choices: tuple[str, ...] = ()


FAIL_LEVELS = ("error", "warning", "info", "none")
RULE_LEVELS = ("error", "warning", "info", "off")
LEVEL_DESCRIPTION = "The level to report the rule's findings at; off: the rule does not run."
FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "checkstyle", "junit")

SETTINGS = (
    Setting("select", "selectors", None, "The rules that run, instead of those that are on by default."),
    Setting("extend-select", "selectors", (), "Rules that run beside those of `select`."),
    Setting("ignore", "selectors", (), "Rules that do not run. The more exact selector wins over the wider one."),
    Setting("preview", "boolean", False, "Whether rules run that are new and may still change."),
    Setting("plugins", "plugins", True, "Whether the rules of installed plug-ins run, or which plug-ins' rules do."),
    Setting("exclude", "globs", (), "Files and folders that a search leaves out, relative to this file."),
    Setting("per-file-ignores", "selectors-by-glob", {}, "Rules that do not run on the files that a pattern matches."),
    Setting("fail-level", "choice", "info", "The lowest level whose findings make the run fail.", FAIL_LEVELS),
    Setting("context", "folder", None, "The build context of all Dockerfiles, instead of each one's own folder."),
    Setting("history", "boolean", False, "Whether rules weigh findings about the build cache by the git history."),
    Setting("format", "choice", "text", "The format of the output.", FORMATS),
    Setting("baseline", "file", None, "A file of `--write-baseline`: the findings in it are not reported."),
    Setting("cache", "boolean", True, "Whether results are kept to answer at once while nothing has changed."),
)
"""The settings, in the order in which they are documented. Beside them stand the tables ``[rules.NAME]``: ``level`` and
the options that the rule declares."""

BY_KEY = {setting.key: setting for setting in SETTINGS}
