"""What a rule is.

A rule is one class in one file of ``dflint/rules/``; adding it touches that file alone. Its docstring is its page, its
``good`` and ``bad`` examples are its tests, its ``check_...`` methods say what it looks at. See CONTRIBUTING.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dflint.findings import Finding
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from dflint.findings import Category, Fix, Level

    class Ranged(Protocol):
        """Anything with a place in the text: nodes, leaves, words, commands, spans, problems."""

        @property
        def start(self) -> int: ...
        @property
        def end(self) -> int: ...


Status = Literal["stable", "preview", "off"]
"""stable: on by default; preview: on only with ``preview = true``; off: on only when selected by name, alias or all."""


# A start makes a thousand examples: plain classes are the cheapest to make.
class Bad:
    """An example that the rule must report.

    ``at`` are the exact source texts of the findings, in order; ``fixed`` is the text after the rule's safe and unsafe
    fixes (None: no finding of it has a fix). ``files`` is the build context: path to content, ``.dockerignore`` too.
    """

    __slots__ = ("at", "code", "files", "fixed", "options")

    def __init__(
        self,
        code: str,
        at: tuple[str, ...],
        fixed: str | None = None,
        files: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code
        self.at = at
        self.fixed = fixed
        self.files = files
        self.options = options


class Good:
    """An example on which the rule must be silent."""

    __slots__ = ("code", "files", "options")

    def __init__(
        self, code: str, files: Mapping[str, str] | None = None, options: Mapping[str, Any] | None = None
    ) -> None:
        self.code = code
        self.files = files
        self.options = options


class Option(NamedTuple):
    """A setting of a rule, ``[rules.NAME]`` in the configuration; the default's type is the option's type."""

    default: bool | int | str | tuple[str, ...]
    description: str


class Rule:
    """Base of all rules: class attributes say what it is, ``check_...`` methods (all optional) what it does.

    Each method is a generator of ``Finding``; it does no IO, keeps no state between calls, and never raises on purpose.
    ``model`` is a ``dflint.model.Model``:

    - ``check_file(model)``: once a file;
    - ``check_stage(stage, model)``: once a stage (``dflint.model.Stage``);
    - ``check_KIND(instruction, model)``, KIND one of from, run, cmd, entrypoint, shell, healthcheck, env, label, arg,
      expose, volume, add, copy, user, workdir, stopsignal, maintainer, onbuild: once an instruction of that kind,
      triggers of ONBUILD included (``instruction.is_onbuild_trigger``);
    - ``check_instruction(instruction, model)``: once an instruction of any kind, unknown ones included;
    - ``check_dockerignore(document)``: once an ignore file (``dflint.context.ignore_document.IgnoreDocument``). A rule
      that has this method has no other, and its examples are ignore files;
    - ``check_command(command, run, model)``: once a simple command (``dflint.shell.Command``) of a RUN, wherever it
      stands in it; only commands whose ``program`` is in ``programs`` if that is set.
    """

    name: ClassVar[str]
    """Kebab-case, naming the problem: ``untagged-base``. The file is ``untagged_base.py``."""
    category: ClassVar[Category]
    level: ClassVar[Level]
    aliases: ClassVar[tuple[str, ...]] = ()
    """hadolint codes (``DL3006``) and BuildKit check names (``StageNameCasing``) that mean the same."""
    since: ClassVar[str]
    """The version that brought it: ``"0.1.0"``."""
    status: ClassVar[Status] = "stable"
    programs: ClassVar[frozenset[str]] = frozenset()
    options: ClassVar[Mapping[str, Option]] = {}
    tag: ClassVar[Literal["unnecessary", "deprecated"] | None] = None
    """How an editor may draw its findings."""
    url: ClassVar[str | None] = None
    """Where a plug-in's rule is documented. dflint's own rules have their generated pages."""
    good: ClassVar[tuple[Good, ...]] = ()
    bad: ClassVar[tuple[Bad, ...]] = ()

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        """``settings`` are option values from the configuration, checked by ``dflint.config``."""
        self._settings = settings or {}

    def setting(self, name: str) -> Any:
        """The value of an option of ``options``."""
        return self._settings.get(name, self.options[name].default)

    def finding(self, place: Ranged, message: str, fix: Fix | None = None) -> Finding:
        """A finding of this rule at ``place``. The message starts in lower case and has no full stop."""
        return Finding(self.name, message, self.level, place.start, place.end, fix)
