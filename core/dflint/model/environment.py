"""Variables, working directory, user and shell at every point of a stage.

Behaviour: dockerfile2llb/convert.go. A stage has one set of variables, into which ENV and ARG write alike (dispatchEnv,
dispatchArg); a stage that starts from another one goes on with that stage's set, its ARGs included (init), after the
other stage's ONBUILD triggers. FROM sees the global ARGs alone (buildMetaArgs).

Values are those of a build with the model's ``build_args``, by default none. A value is None where neither they nor
the file say it: an ARG without a default, the platform's ARGs, and what a base image may set.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Literal

from dflint.record import NamedTuple
from dflint.syntax.tree import Arg, Env, Onbuild, Shell, User, Workdir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dflint.model.stage import Stage
    from dflint.syntax.tree import Instruction, Pair, Word

PLATFORM_ARGS = frozenset(
    f"{side}{part}" for side in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}
"""Global ARGs that are always there; a stage sees one after ``ARG TARGETARCH``."""
PROXY_ARGS = frozenset(
    name
    for lower in ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
    for name in (lower, lower.upper())
)
"""ARGs that RUN gets without declaration, if they are passed; no other instruction sees them undeclared."""
BUILDKIT_ARGS = frozenset(
    ("BUILDKIT_INLINE_CACHE", "BUILDKIT_MULTI_PLATFORM", "BUILDKIT_SANDBOX_HOSTNAME", "BUILDKIT_CONTEXT_KEEP_GIT_DIR",
     "BUILDKIT_CACHE_MOUNT_NS", "BUILDKIT_SYNTAX", "BUILDKIT_DOCKERFILE_CHECK", "BUILDKIT_SBOM_SCAN_CONTEXT",
     "BUILDKIT_SBOM_SCAN_STAGE", "SOURCE_DATE_EPOCH")
)  # fmt: skip
"""ARGs with a meaning to BuildKit itself."""
_NOT_IN_ENVIRONMENT = frozenset(("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"))
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DEFAULT_SHELL = ("/bin/sh", "-c")
WINDOWS_SHELL = ("cmd", "/S", "/C")
MAX_VALUE = 65_536
"""Characters of a value from which it counts as unknown, so that ``ENV A=$A$A`` cannot grow without bounds."""

MAX_PATH = 4_096
"""Characters of a path from which it counts as unknown: no system takes a longer one."""

Origin = Literal["env", "arg", "platform", "base"]


class Variable(NamedTuple):
    """A variable at a point of the file. ``origin`` ``base``: PATH, which every image has."""

    name: str
    value: str | None
    """None: not known from the file."""
    origin: Origin
    pair: Pair | None
    """Where it was last set or declared."""
    is_fixed: bool
    """Whether neither ``--build-arg``, the platform nor the base image can change the value."""
    is_set: bool = True
    """False: an ARG without a value, unset unless ``--build-arg`` gives one (``value`` is None then)."""


class Environment:
    """What holds just before an instruction. Cheap: a view of what its stage knows."""

    __slots__ = ("_at", "_timeline")

    def __init__(self, timeline: Timeline, at: int) -> None:
        self._timeline = timeline
        self._at = at

    def lookup(self, name: str) -> Variable | None:
        """A variable that the file sets or declares, or PATH; None for others, which a base image may have set."""
        return self._timeline.lookup(name, self._at)

    def may_be_set(self, name: str) -> bool:
        """Whether ``$name`` may have a value in instructions: set, declared, or possibly set by the base image."""
        return not self.is_complete or self.lookup(name) is not None

    @property
    def is_complete(self) -> bool:
        """Whether all variables are known: the chain of stages starts from scratch (or it is the global scope)."""
        return self._timeline.is_complete

    @property
    def variables(self) -> dict[str, Variable]:
        """All that ``lookup`` finds, made anew: those of earlier stages first."""
        return self._timeline.all_variables(self._at)

    @property
    def image_variables(self) -> dict[str, Variable]:
        """What ENV instructions set, in the order in which each name came first, with PATH: the image's variables."""
        return self._timeline.all_env(self._at)

    @property
    def env(self) -> dict[str, str | None]:
        """The values of ``image_variables``; None: unknown."""
        return {name: v.value for name, v in self.image_variables.items()}

    @property
    def args(self) -> dict[str, str | None]:
        """The ARGs in scope with their defaults; None: no default, or the platform's."""
        return {n: v.value for n, v in self.variables.items() if v.origin in ("arg", "platform")}

    @property
    def workdir(self) -> str | None:
        """The working directory, absolute; None: the base image's, or not known."""
        return self._timeline.setting("workdir", self._at)

    @property
    def user(self) -> str | None:
        """What USER says, ``""`` for none at all (root); None: the base image's, or not known."""
        return self._timeline.setting("user", self._at)

    @property
    def shell(self) -> tuple[str, ...]:
        """The shell of shell-form commands. A base image's own SHELL is not known: the platform's default then."""
        return self._timeline.shell(self._at)

    @property
    def is_shell_set(self) -> bool:
        """Whether a SHELL of the file is in force."""
        return self._timeline.is_shell_set(self._at)

    @property
    def is_windows(self) -> bool:
        """Whether the base image looks like Windows."""
        return self._timeline.is_windows

    def expand(self, word: Word) -> str | None:
        """A word's meaning with no build arguments; None if BuildKit refuses it or it depends on an unknown value.

        ``${name:-word}`` and the like see an ARG without a value as unset.
        """
        text = word.text
        if "$" not in text:
            return word.literal
        return self._timeline.evaluate(text, self._at)[0]

    def expand_text(self, text: str) -> str | None:
        """As ``expand``, for a text: a flag's value without quotes, a field of a mount."""
        return self._timeline.evaluate(text, self._at)[0]

    def is_constant(self, word: Word) -> bool:
        """Whether the word has the same meaning in every build of this file."""
        text = word.text
        return "$" not in text or self._timeline.evaluate(text, self._at)[1]

    def resolve_path(self, path: str) -> str | None:
        """A path of an instruction made absolute and clean by the working directory; None if that is not known."""
        return _join_path(self.workdir, path, self.is_windows)


class Timeline:
    """What a stage (or the global scope) sets, by the index of the instruction that does it.

    Everything is written once, in one pass; a view at any point is a search by index.
    """

    __slots__ = (
        "_build_args", "_escape", "_global", "_indexes", "_inherited", "_parent", "_settings", "_shells", "_variables",
        "is_complete", "is_windows",
    )  # fmt: skip

    def __init__(
        self,
        escape: str,
        parent: Timeline | None,
        global_scope: Timeline | None,
        is_complete: bool,
        build_args: Mapping[str, str] | None = None,
    ) -> None:
        self._escape = escape
        self._build_args = build_args or {}
        self._parent = parent
        self._global = global_scope
        self.is_complete: bool = is_complete if parent is None else parent.is_complete
        self.is_windows: bool = False if parent is None else parent.is_windows
        self._variables: dict[str, list[Variable]] = {}
        self._indexes: dict[str, list[int]] = {}
        self._inherited: dict[str, Variable | None] = {}
        self._settings: dict[str, tuple[list[int], list[str | None]]] = {}
        self._shells: tuple[list[int], list[tuple[str, ...]]] = ([], [])

    # Building

    def declare(self, index: int, variable: Variable) -> None:
        """Set a variable from instruction ``index`` on."""
        indexes = self._indexes.setdefault(variable.name, [])
        values = self._variables.setdefault(variable.name, [])
        if indexes and indexes[-1] == index:
            values[-1] = variable
        else:
            indexes.append(index)
            values.append(variable)

    def run(self, instruction: Instruction, index: int) -> None:
        """Take in what an instruction does; ``index`` is its place in the file, or that of the FROM for a trigger."""
        if isinstance(instruction, Env):
            new = []
            for pair in instruction.pairs:
                name = self._evaluated(pair.key)[0]
                if name:
                    value, is_fixed = self._evaluated(pair.value) if pair.value is not None else ("", True)
                    new.append(Variable(name, value, "env", pair, is_fixed))
            for variable in new:
                self.declare(index, variable)
        elif isinstance(instruction, Arg):
            for pair in instruction.pairs:
                self._run_arg(pair, index)
        elif isinstance(instruction, Workdir):
            if instruction.value is not None:
                value = self._evaluated(instruction.value)[0]
                before = self.setting("workdir", index + 1)
                self._set("workdir", index, None if value is None else _join_path(before, value, self.is_windows))
        elif isinstance(instruction, User):
            if instruction.value is not None:
                self._set("user", index, self._evaluated(instruction.value)[0])
        elif isinstance(instruction, Shell) and instruction.exec_form and instruction.words:
            self.tell_shell(index, tuple(word.text for word in instruction.words))

    def tell_shell(self, index: int, shell: tuple[str, ...]) -> None:
        """What the shell is after instruction ``index``."""
        self._shells[0].append(index)
        self._shells[1].append(shell)

    def start(self, index: int, workdir: str | None, user: str | None, shell: tuple[str, ...] | None = None) -> None:
        """What holds from the start on; ``shell`` is that of a SHELL instruction of an earlier stage."""
        self._set("workdir", index, workdir)
        self._set("user", index, user)
        if shell is not None:
            self.tell_shell(index, shell)

    def go_on(self, index: int, parent: Timeline) -> None:
        """Start with what holds at the end of the stage that this one starts from."""
        self.start(index, parent.setting("workdir", END), parent.setting("user", END), parent._own_shell(END))

    def agree(self, index: int, parents: list[Timeline]) -> None:
        """Start with what holds at the end of all of some stages."""
        if not parents:
            return
        first, *others = parents
        if all(other.is_windows == first.is_windows for other in others):
            self.is_windows = first.is_windows
        for what in ("workdir", "user"):
            if all(other.setting(what, END) == first.setting(what, END) for other in others):
                self._set(what, index, first.setting(what, END))
        shell = first._own_shell(END)
        if shell is not None and all(other._own_shell(END) == shell for other in others):
            self.tell_shell(index, shell)

    def _run_arg(self, pair: Pair, index: int) -> None:
        name = pair.key.text
        if name in self._build_args:
            variable = Variable(name, self._build_args[name], "arg", pair, False)
        elif pair.value is not None:
            value, _ = self._evaluated(pair.value)
            variable = Variable(name, value, "arg", pair, False)
        else:
            inherited = self._global.lookup(name, END) if self._global is not None else None
            if inherited is not None and inherited.is_set:
                origin: Origin = "platform" if inherited.origin == "platform" else "arg"
                variable = Variable(name, inherited.value, origin, pair, False)
            else:
                # Nothing is written unless a build argument comes: what was there stays.
                before = self.lookup(name, END)
                if before is not None and before.is_set:
                    variable = before._replace(pair=pair, is_fixed=False)
                else:
                    variable = Variable(name, None, "arg", pair, False, False)
        if name not in _NOT_IN_ENVIRONMENT:
            self.declare(index, variable)

    def _set(self, what: str, index: int, value: str | None) -> None:
        indexes, values = self._settings.setdefault(what, ([], []))
        indexes.append(index)
        values.append(value)

    def _evaluated(self, word: Word) -> tuple[str | None, bool]:
        text = word.text
        if "$" not in text:
            return word.literal, True
        return self.evaluate(text, END)

    # Looking

    def lookup(self, name: str, at: int) -> Variable | None:
        """The variable just before instruction ``at``."""
        indexes = self._indexes.get(name)
        if indexes is not None:
            place = bisect_left(indexes, at)
            if place:
                return self._variables[name][place - 1]
        return self._before_start(name)

    def _before_start(self, name: str) -> Variable | None:
        asked: list[Timeline] = []
        timeline: Timeline = self
        found: Variable | None
        while True:
            if name in timeline._inherited:
                found = timeline._inherited[name]
                break
            asked.append(timeline)
            parent = timeline._parent
            if parent is None:
                found = timeline._of_base(name)
                break
            values = parent._variables.get(name)
            if values:
                found = values[-1]
                break
            timeline = parent
        for known in asked:
            known._inherited[name] = found
        return found

    def _of_base(self, name: str) -> Variable | None:
        if name == "PATH" and self._global is not None and not self.is_windows:
            return Variable("PATH", DEFAULT_PATH if self.is_complete else None, "base", None, self.is_complete)
        return None

    def _chain(self) -> list[Timeline]:
        chain: list[Timeline] = []
        timeline: Timeline | None = self
        while timeline is not None:
            chain.append(timeline)
            timeline = timeline._parent
        return chain[::-1]

    def all_variables(self, at: int) -> dict[str, Variable]:
        """All variables just before instruction ``at``."""
        found: dict[str, Variable] = {}
        path = self._before_start("PATH")
        if path is not None:
            found["PATH"] = path
        for timeline in self._chain():
            for name in timeline._indexes:
                variable = timeline.lookup(name, at if timeline is self else END)
                if variable is not None:
                    found[name] = variable
        return found

    def all_env(self, at: int) -> dict[str, Variable]:
        """The variables of ENV instructions just before instruction ``at``, in the order in which each came first.

        An ARG of the same name that comes later changes what instructions see, not what the image gets.
        """
        found: dict[str, Variable] = {}
        path = self._root()._of_base("PATH")
        if path is not None:
            found["PATH"] = path
        for timeline in self._chain():
            limit = at if timeline is self else END
            changes = [
                (index, variable)
                for name, indexes in timeline._indexes.items()
                for index, variable in zip(indexes, timeline._variables[name], strict=True)
                if variable.origin == "env" and index < limit and isinstance(_instruction_of(variable), Env)
            ]
            changes.sort(key=_first)
            for _, variable in changes:
                found[variable.name] = variable
        return found

    def _root(self) -> Timeline:
        timeline = self
        while timeline._parent is not None:
            timeline = timeline._parent
        return timeline

    def setting(self, what: str, at: int) -> str | None:
        """The working directory or the user just before instruction ``at``."""
        indexes, values = self._settings.get(what, ((), ()))
        place = bisect_left(indexes, at)
        return values[place - 1] if place else None

    def shell(self, at: int) -> tuple[str, ...]:
        """The shell just before instruction ``at``."""
        found = self._own_shell(at)
        if found is not None:
            return found
        return WINDOWS_SHELL if self.is_windows else DEFAULT_SHELL

    def is_shell_set(self, at: int) -> bool:
        """Whether a SHELL instruction is in force just before instruction ``at``."""
        return self._own_shell(at) is not None

    def _own_shell(self, at: int) -> tuple[str, ...] | None:
        indexes, shells = self._shells
        place = bisect_left(indexes, at)
        return shells[place - 1] if place else None

    # Expanding

    def evaluate(self, text: str, at: int) -> tuple[str | None, bool]:
        """A text's meaning just before instruction ``at`` and whether it is the same in every build."""
        from dflint.syntax.words import WordError, expand_text, parts_of

        try:
            parts = parts_of(text, self._escape)
        except WordError:
            return None, True
        values: dict[str, str] = {}
        is_fixed = True
        size = len(text)
        is_known = True
        for name, modifier in _names(parts):
            variable = self.lookup(name, at)
            if variable is None:
                if not self.is_complete:
                    is_known = is_fixed = False
                continue
            is_fixed = is_fixed and variable.is_fixed
            if variable.value is not None:
                values[name] = variable.value
                size += len(variable.value)
            elif variable.is_set or modifier[-1:] not in ("-", "+", "?"):
                is_known = False
        if not is_known or size > MAX_VALUE:
            return None, is_fixed
        return expand_text(text, values, self._escape), is_fixed


END = 1 << 60
"""An index behind all instructions."""
NO_SHELLS: Mapping[int, tuple[str, ...]] = {}


def global_timeline(arguments: Iterable[Arg], escape: str, build_args: Mapping[str, str] | None = None) -> Timeline:
    """The scope of FROM: the platform's ARGs and those before the first FROM."""
    timeline = Timeline(escape, None, None, True, build_args)
    for name in PLATFORM_ARGS:
        timeline.declare(-1, Variable(name, None, "platform", None, False))
    for instruction in arguments:
        timeline.run(instruction, instruction.index)
    return timeline


def stage_timeline(
    stage: Stage,
    parent: Timeline | None,
    possible: list[Timeline],
    global_scope: Timeline,
    escape: str,
    build_args: Mapping[str, str] | None = None,
    shells: Mapping[int, tuple[str, ...]] = NO_SHELLS,
) -> Timeline:
    """What the instructions of a stage do, after those of the triggers of the stage that it starts from.

    ``possible`` are the stages that a FROM with variables may mean: their variables stay unknown, but what they agree
    on for working directory, user and shell holds. ``shells`` are those that comments tell, by the index of the
    instruction below.
    """
    is_scratch = stage.is_scratch
    timeline = Timeline(escape, parent, global_scope, is_scratch, build_args)
    start = stage.from_.index
    if parent is None:
        timeline.is_windows = stage.looks_like_windows
        timeline.start(start, "/" if is_scratch else None, "" if is_scratch else None)
        timeline.agree(start, possible)
    elif stage.parent is not None:
        timeline.go_on(start, parent)
        for instruction in stage.parent.instructions:
            if isinstance(instruction, Onbuild) and instruction.trigger is not None:
                timeline.run(instruction.trigger, start)
    for instruction in stage.instructions:
        if instruction.index in shells:
            timeline.tell_shell(instruction.index - 1, shells[instruction.index])
        timeline.run(instruction, instruction.index)
    return timeline


def _names(parts: Iterable[object]) -> Iterator[tuple[str, str]]:
    from dflint.syntax.words import Variable as WordVariable

    for part in parts:
        if isinstance(part, WordVariable):
            yield part.name, part.modifier
            yield from _names(part.pattern)
            yield from _names(part.operand)


def _join_path(current: str | None, path: str, is_windows: bool) -> str | None:
    from posixpath import normpath

    if is_windows:
        path = path.replace("\\", "/")
        if path[1:2] == ":":
            path = path[2:] or "/"
    if not path.startswith("/"):
        if current is None:
            return None
        path = f"{current}/{path}"
    if len(path) > MAX_PATH:
        return None
    cleaned = normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _instruction_of(variable: Variable) -> object:
    return variable.pair.parent if variable.pair is not None else None


def _first(change: tuple[int, Variable]) -> int:
    return change[0]
