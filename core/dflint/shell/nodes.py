"""The syntax tree of a shell script.

Ranges: ``start`` and ``end`` of every node are offsets in the *source* (the Dockerfile), code points from 0, ``end``
exclusive. ``raw`` is the text as the shell sees it, so without the Dockerfile's line continuations.

Parents: a ``Command`` or ``Compound`` stands in a ``Pipeline``, that in a ``CommandList``, and that in the node which
holds the list (a ``Compound``; a ``Command`` for substitutions and for ``sh -c`` strings), or in nothing: the script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dflint.source import MappedText

# Kinds of word parts: ``(kind, payload, begin, stop)``. Both literals have their text as payload.
LITERAL, QUOTED, VARIABLE, SUBSTITUTION, ARITHMETIC = range(5)
Part = tuple[int, object, int, int]

# Roles of a CommandList; "branch" is a list that may be skipped or repeated (then, else, do, case arm).
CONDITIONAL_ROLES = frozenset(("branch", "function"))

_LONG_OPTIONS = {
    "a": "allexport", "b": "notify", "e": "errexit", "f": "noglob", "h": "hashall", "m": "monitor", "n": "noexec",
    "u": "nounset", "v": "verbose", "x": "xtrace", "B": "braceexpand", "C": "noclobber", "E": "errtrace",
    "T": "functrace",
}  # fmt: skip
_DECLARATIONS = frozenset(("export", "declare", "local", "readonly", "typeset"))


class Unescaped:
    """A text inside another one that has lost some escaping backslashes: backquotes, ``sh -c "..."``.

    ``text[i]`` stands at ``base + i + (number of removals at or before i)`` of the outer text.
    """

    __slots__ = ("_base", "_outer", "_removed", "text")

    def __init__(self, outer: MappedText | Unescaped, text: str, base: int, removed: list[int]) -> None:
        """``removed[k]``: index in ``text`` before which the ``k``-th removed character stood."""
        self.text = text
        self._outer = outer
        self._base = base
        self._removed = removed

    def offset(self, index: int) -> int:
        """The source offset of ``text[index]``."""
        if not self._removed:
            return self._outer.offset(self._base + index)
        from bisect import bisect_right

        return self._outer.offset(self._base + index + bisect_right(self._removed, index))


class ShellError:
    """Why a script could not be parsed to its end; the range is the offending or the unclosed token."""

    __slots__ = ("end", "message", "start")

    def __init__(self, message: str, start: int, end: int) -> None:
        self.message = message
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"ShellError({self.message!r}, {self.start}, {self.end})"


class Node:
    """Something with a range. ``begin`` and ``stop`` are indexes in the shell's own text, for the parser's use."""

    __slots__ = ("_text", "begin", "stop")

    def __init__(self, text: MappedText | Unescaped, begin: int, stop: int) -> None:
        self._text = text
        self.begin = begin
        self.stop = stop

    @property
    def start(self) -> int:
        """Source offset of the first character."""
        return self._text.offset(self.begin)

    @property
    def end(self) -> int:
        """Source offset just past the last character."""
        if self.stop <= self.begin:
            return self._text.offset(self.begin)
        return self._text.offset(self.stop - 1) + 1

    @property
    def span(self) -> Span:
        """``start`` and ``end`` in one."""
        return Span(self.start, self.end)

    @property
    def raw(self) -> str:
        """The text as the shell sees it."""
        return self._text.text[self.begin : self.stop]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.raw!r})"


class VariableUse(Node):
    """``$name`` or ``${name...}``: the range is the whole expansion. Also ``$1``, ``$@``, ``$?``: name ``1``, ``@``...

    A bare name inside ``$((...))`` is a use too. ``modifier`` is the operator after the name (``:-``, ``%%``, ``/``,
    ``[``...) or ``#`` / ``!`` before it, ``argument`` the raw text after the operator; both None for a simple use.
    """

    __slots__ = ("argument", "modifier", "name", "quoted")

    def __init__(self, text: MappedText | Unescaped, begin: int, stop: int, name: str, quoted: bool) -> None:
        self._text = text
        self.begin = begin
        self.stop = stop
        self.name = name
        self.quoted = quoted
        self.modifier: str | None = None
        self.argument: str | None = None


class Word(Node):
    """One word, before any expansion.

    ``variables``: all uses in it, in source order, those in nested substitutions and modifiers included.
    ``substitutions``: the command lists of ``$(...)``, backquotes, ``<(...)`` and ``>(...)`` in it.
    """

    __slots__ = ("parts", "substitutions", "variables")

    def __init__(
        self,
        text: MappedText | Unescaped,
        begin: int,
        stop: int,
        parts: list[Part] | None = None,
        variables: tuple[VariableUse, ...] = (),
        substitutions: tuple[CommandList, ...] = (),
    ) -> None:
        """``parts`` is None for a word without quotes, escapes and expansions."""
        self._text = text
        self.begin = begin
        self.stop = stop
        self.parts = parts
        self.variables = variables
        self.substitutions = substitutions

    @property
    def value(self) -> str | None:
        """The text after quote removal, None if it has expansions. Globs, ``~`` and ``{a,b}`` stay as written."""
        if self.parts is None:
            return self._text.text[self.begin : self.stop]
        if any(part[0] >= VARIABLE for part in self.parts):
            return None
        return "".join([str(part[1]) for part in self.parts])

    @property
    def literal_prefix(self) -> str:
        """The text after quote removal up to the first expansion."""
        if self.parts is None:
            return self.raw
        texts = []
        for kind, payload, _, _ in self.parts:
            if kind >= VARIABLE:
                break
            texts.append(str(payload))
        return "".join(texts)

    @property
    def is_quoted(self) -> bool:
        """Whether some of the word is quoted or escaped."""
        return self.parts is not None and any(
            kind == QUOTED or (kind == VARIABLE and isinstance(payload, VariableUse) and payload.quoted)
            for kind, payload, _, _ in self.parts
        )

    @property
    def has_glob(self) -> bool:
        """Whether an unquoted ``*``, ``?`` or ``[`` stands in it."""
        return any(char in text for text in self._unquoted() for char in "*?[")

    @property
    def has_braces(self) -> bool:
        """Whether it may have a brace expansion: ``{a,b}`` or ``{1..9}``, unquoted."""
        text = "\0".join(self._unquoted())
        at = text.find("{")
        return at >= 0 and "}" in text[at:] and ("," in text[at:] or ".." in text[at:])

    def text_with(self, env: Mapping[str, str]) -> str | None:
        """The value with simple uses (``$a``, ``${a}``) of the names in ``env`` replaced, None if more is dynamic."""
        if self.parts is None:
            return self.raw
        texts = []
        for kind, payload, _, _ in self.parts:
            if kind <= QUOTED:
                texts.append(str(payload))
                continue
            if not isinstance(payload, VariableUse) or payload.modifier is not None or payload.name not in env:
                return None
            texts.append(env[payload.name])
        return "".join(texts)

    def subword(self, begin: int, stop: int) -> Node:
        """The range of ``raw[begin:stop]``."""
        return Node(self._text, self.begin + begin, self.begin + stop)

    def _unquoted(self) -> list[str]:
        if self.parts is None:
            return [self.raw]
        return [str(payload) for kind, payload, _, _ in self.parts if kind == LITERAL]


class Assignment(Node):
    """``name=value``, ``name+=value``, ``name=(...)``; also the variable of a ``for``, and ``export name``.

    ``value`` is None for an array, for ``for`` and for ``export name``; ``elements`` is None unless it is an array.
    ``is_local``: it stands before a command and holds for it only.
    """

    __slots__ = ("append", "elements", "is_local", "name", "value")

    def __init__(
        self,
        text: MappedText | Unescaped,
        begin: int,
        stop: int,
        name: str,
        value: Word | None = None,
        append: bool = False,
        elements: tuple[Word, ...] | None = None,
    ) -> None:
        self._text = text
        self.begin = begin
        self.stop = stop
        self.name = name
        self.value = value
        self.append = append
        self.elements = elements
        self.is_local = False


class HereDocument:
    """The body of a here-document. ``body.start`` to ``body.end`` are whole lines, without the delimiter's line."""

    __slots__ = ("body", "delimiter", "expands", "is_terminated", "strips_tabs")

    def __init__(self, delimiter: str, expands: bool, strips_tabs: bool) -> None:
        """``expands`` is False when the delimiter was quoted."""
        self.delimiter = delimiter
        self.expands = expands
        self.strips_tabs = strips_tabs
        self.body: Word | None = None
        self.is_terminated = False


class Redirect(Node):
    """A redirection: ``fd`` is the text before the operator (``2``, ``{name}``) or None, ``operator`` e.g. ``>&``.

    ``target`` is the word after the operator (for a here-document its delimiter).
    """

    __slots__ = ("fd", "here_document", "operator", "target")

    def __init__(self, text: MappedText | Unescaped, begin: int, stop: int, fd: str | None, operator: str) -> None:
        self._text = text
        self.begin = begin
        self.stop = stop
        self.fd = fd
        self.operator = operator
        self.target: Word | None = None
        self.here_document: HereDocument | None = None


class Runnable(Node):
    """What Command, Compound and Pipeline share: where in the script they stand."""

    __slots__ = ()

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that holds it (a pipeline: itself)."""
        raise NotImplementedError

    def enclosing_lists(self) -> Iterator[tuple[CommandList, Pipeline]]:
        """The lists around it from the innermost out, each with the pipeline of it that holds this node."""
        pipeline = self.pipeline
        while True:
            holder = pipeline.parent
            yield holder, pipeline
            if holder.parent is None:
                return
            pipeline = holder.parent.pipeline

    @property
    def in_condition(self) -> bool:
        """Whether it is (in) the test of an ``if``, ``elif``, ``while`` or ``until``."""
        return any(holder.role == "condition" for holder, _ in self.enclosing_lists())

    @property
    def in_substitution(self) -> bool:
        """Whether it is in ``$(...)``, backquotes, ``<(...)`` or ``>(...)``."""
        return any(holder.role == "substitution" for holder, _ in self.enclosing_lists())

    @property
    def in_string(self) -> bool:
        """Whether it is in the string of ``sh -c '...'``, ``eval '...'``, so run by another shell or later."""
        return any(holder.role == "string" for holder, _ in self.enclosing_lists())

    @property
    def in_function(self) -> bool:
        """Whether it is in a function's body."""
        return any(holder.role == "function" for holder, _ in self.enclosing_lists())

    @property
    def is_conditional(self) -> bool:
        """Whether it may not run: right of ``&&`` or ``||``, in a branch, a loop, a case arm or a function."""
        return any(
            holder.role in CONDITIONAL_ROLES or holder.operator_before(pipeline) in ("&&", "||")
            for holder, pipeline in self.enclosing_lists()
        )

    @property
    def is_required(self) -> bool:
        """Whether the script cannot succeed without it: ``b`` in ``a && b``, not in ``a || b`` or ``a && b; c``."""
        return not any(
            holder.role in CONDITIONAL_ROLES or not holder.requires(pipeline)
            for holder, pipeline in self.enclosing_lists()
        )


class Command(Runnable):
    """A simple command. ``arguments`` are without the name; ``assignments`` those before it.

    The range runs from the first to the last assignment, word or redirection.
    """

    __slots__ = (
        "_program",
        "_string_script",
        "_unwrapped",
        "arguments",
        "assignments",
        "meaning",
        "name",
        "parent",
        "redirects",
    )

    def __init__(self, text: MappedText | Unescaped, begin: int, parent: Pipeline) -> None:
        self._text = text
        self.begin = begin
        self.stop = begin
        self.parent = parent
        self._string_script: CommandList | None = None
        self._unwrapped: Command | None = None
        self.meaning: object = NotImplemented
        """Kept here by ``dflint.packages`` once it was asked what the command means."""
        self.assignments: tuple[Assignment, ...] = ()
        self.name: Word | None = None
        self.arguments: tuple[Word, ...] = ()
        self.redirects: tuple[Redirect, ...] = ()

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that holds it, alone or with others."""
        return self.parent

    @property
    def program(self) -> str | None:
        """Base name of the command (``/usr/bin/apt-get``: ``apt-get``), None if it is not static or there is none."""
        try:
            return self._program
        except AttributeError:
            pass
        value = self.name.value if self.name is not None else None
        self._program: str | None = value.rpartition("/")[2] if value else None
        return self._program

    @property
    def words(self) -> tuple[Word, ...]:
        """Name and arguments."""
        return () if self.name is None else (self.name, *self.arguments)

    @property
    def terminator(self) -> str | None:
        """The operator right after it: ``|``, ``|&``, ``&&``, ``||``, ``;``, ``&``, newline or None."""
        return self.parent.operator_after(self)

    @property
    def string_script(self) -> CommandList | None:
        """The commands of the string that ``sh -c`` or ``eval`` runs, once ``Script.commands()`` was called."""
        return self._string_script

    def unwrapped(self) -> Command:
        """The command that this one runs, seen through wrappers; itself if it is none or the rest is not static.

        Wrappers: those of ``dflint.shell.wrappers.WRAPPERS``: sudo, doas, env, exec, command, builtin, nice, ionice,
        time, nohup, xargs, eatmydata, timeout, stdbuf, setsid, gosu, su-exec, chpst, runuser -u, retry, busybox,
        fakeroot, xvfb-run, tini, dumb-init, flock, setarch, linux32, linux64, unbuffer. ``env A=b`` and ``sudo A=b``
        count among the ``assignments`` of the view. What ``xargs`` adds at run time is not in ``arguments``. The
        view's range starts at the inner name; parent and redirections are those of this command.
        """
        if self._unwrapped is None:
            from dflint.shell.wrappers import unwrap

            self._unwrapped = unwrap(self)
        return self._unwrapped


class Compound(Runnable):
    """A compound command. ``kind`` is one of:

    ``subshell`` ``( )``, ``group`` ``{ }``, ``if``, ``for``, ``select``, ``while``, ``until``, ``case``, ``test``
    ``[[ ]]``, ``arithmetic`` ``(( ))``, ``function``, ``coproc``.

    ``sections``: its lists in source order, each with its ``role`` (``condition``, ``branch``, ``subshell``, ``group``,
    ``function``, ``coproc``). ``words``: what stands between the keywords: the subject of ``case`` and its patterns,
    the list of ``for``, the operands of ``[[ ]]``, the expression of ``(( ))`` as one word. ``name``: of a function,
    of a ``for`` variable.
    """

    __slots__ = ("kind", "name", "parent", "redirects", "sections", "words")

    def __init__(self, text: MappedText | Unescaped, begin: int, kind: str, parent: Pipeline) -> None:
        self._text = text
        self.begin = begin
        self.stop = begin
        self.kind = kind
        self.parent = parent
        self.name: str | None = None
        self.words: tuple[Word, ...] = ()
        self.sections: tuple[CommandList, ...] = ()
        self.redirects: tuple[Redirect, ...] = ()

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that holds it, alone or with others."""
        return self.parent


class Pipeline(Runnable):
    """One or more commands joined by ``|`` or ``|&``; ``operators[k]`` stands between command ``k`` and ``k + 1``.

    ``negated``: an odd number of ``!`` before it; ``timed``: the keyword ``time`` before it. The range has both.
    ``commands`` is empty for a lone ``time`` or ``!``.
    """

    __slots__ = ("_index", "commands", "negated", "operators", "parent", "timed")

    def __init__(self, text: MappedText | Unescaped, begin: int, parent: CommandList, index: int) -> None:
        self._text = text
        self.begin = begin
        self.stop = begin
        self.parent = parent
        self._index = index
        self.commands: tuple[Command | Compound, ...] = ()
        self.operators: tuple[str, ...] = ()
        self.negated = False
        self.timed = False

    @property
    def pipeline(self) -> Pipeline:
        """Itself."""
        return self

    @property
    def index(self) -> int:
        """Its place in ``parent.items``."""
        return self._index

    def operator_after(self, command: Command | Compound) -> str | None:
        """The operator right after one of its commands."""
        for operator, member in zip(self.operators, self.commands, strict=False):
            if member is command or member.begin == command.begin:
                return operator
        items = self.parent.items
        return items[self._index].operator if self._index < len(items) else None


class ListItem:
    """A pipeline of a list and the operator after it: ``&&``, ``||``, ``;``, ``&``, a newline, or None at the end."""

    __slots__ = ("node", "operator", "operator_begin")

    def __init__(self, node: Pipeline, operator: str | None, operator_begin: int) -> None:
        self.node = node
        self.operator = operator
        self.operator_begin = operator_begin

    @property
    def operator_span(self) -> Span | None:
        """Source range of the operator."""
        if self.operator is None:
            return None
        return Node(self.node._text, self.operator_begin, self.operator_begin + len(self.operator)).span


class CommandList(Node):
    """Pipelines in sequence, ``items`` flat: ``a && b || c; d`` has four.

    ``role``: ``script``, ``condition``, ``branch`` (then, else, do, case arm), ``subshell``, ``group``, ``function``,
    ``coproc``, ``substitution``, ``string`` (``sh -c``, ``eval``). The range is from the first to the last pipeline.
    """

    __slots__ = ("items", "parent", "role")

    def __init__(self, text: MappedText | Unescaped, begin: int, role: str, parent: Command | Compound | None) -> None:
        self._text = text
        self.begin = begin
        self.stop = begin
        self.role = role
        self.parent = parent
        self.items: tuple[ListItem, ...] = ()

    @property
    def pipelines(self) -> tuple[Pipeline, ...]:
        """The nodes of the items."""
        return tuple(item.node for item in self.items)

    def operator_before(self, pipeline: Pipeline) -> str | None:
        """The operator to the left of one of its pipelines."""
        return self.items[pipeline.index - 1].operator if pipeline.index else None

    def requires(self, pipeline: Pipeline) -> bool:
        """Whether the list runs this pipeline whenever it ends in success."""
        before = pipeline.index
        while before and self.items[before - 1].operator == "&&":
            before -= 1
        if before and self.items[before - 1].operator == "||":
            return False
        if before == pipeline.index:
            return True
        # A chain's failure counts only where the chain is the last of the list and nothing catches it.
        after = pipeline.index
        while after < len(self.items) and self.items[after].operator == "&&":
            after += 1
        if after < len(self.items) - 1:
            return False
        return after == len(self.items) or self.items[after].operator not in ("||", "&")


class Script:
    """A parsed script. ``is_opaque``: the dialect is not a POSIX-like shell, so nothing was parsed.

    ``errors`` has at most one error of the script itself and one for each substitution in backquotes; what was parsed
    before it is in ``body``.
    """

    __slots__ = (
        "_assignments", "_commands", "_pipelines", "_strings_done", "_uses",
        "body", "dialect", "errors", "is_opaque", "text",
    )  # fmt: skip

    def __init__(self, text: MappedText, dialect: str, body: CommandList, is_opaque: bool = False) -> None:
        self.text = text
        self.dialect = dialect
        self.body = body
        self.is_opaque = is_opaque
        self.errors: tuple[ShellError, ...] = ()
        self._commands: list[Command] = []
        self._pipelines: list[Pipeline] = []
        self._uses: list[VariableUse] = []
        self._assignments: list[Assignment] = []
        self._strings_done = False

    def commands(self) -> Iterator[Command]:
        """Every simple command in source order, also in compounds, functions and substitutions.

        So too the commands in the static string of ``sh -c`` / ``eval`` and the like (``dflint.shell.strings``), right
        after the command that runs it; they have ``in_string``.
        """
        self._parse_strings()
        return iter(self._commands)

    def pipelines(self) -> Iterator[Pipeline]:
        """Every pipeline, single commands included, as ``commands()``."""
        self._parse_strings()
        return iter(self._pipelines)

    def exit_sensitive_pipelines(self) -> list[Pipeline]:
        """The pipelines of two and more commands: all but the last one's failures are lost without pipefail."""
        return [pipeline for pipeline in self.pipelines() if len(pipeline.commands) > 1]

    def variables(self) -> list[VariableUse | Assignment]:
        """Every use of and assignment to a variable, in source order, also in ``sh -c`` strings.

        Assignments are ``a=b``, the variable of ``for`` and ``select``, and the operands of export, declare, local,
        readonly and typeset (``read``, ``getopts``, ``printf -v`` are not).
        """
        self._parse_strings()
        found: list[VariableUse | Assignment] = [*self._uses, *self._assignments]
        for command in self._commands:
            if command.program in _DECLARATIONS:
                found.extend(_declared(command))
        found.sort(key=_start)
        return found

    def options_set(self) -> dict[str, Span]:
        """Shell options that ``set`` turns on in this script (not in substitutions or strings), each with its place.

        Keys are long names: ``set -euxo pipefail`` gives errexit, nounset, xtrace and pipefail. The span is the word's.
        """
        options: dict[str, Span] = {}
        for command in self._commands:
            if command.program == "set" and not (command.in_substitution or command.in_string):
                _collect_options(command.arguments, options)
        return options

    def and_chain(self) -> list[Pipeline] | None:
        """The elements if the script is nothing but ``a && b && c`` (one element too), else None.

        An element is a pipeline of simple commands, groups and subshells; any other compound, a ``;``, ``||``, ``&``, a
        newline between commands or an error gives None.
        """
        items = self.body.items
        if self.errors or not items or items[-1].operator not in (None, "\n"):
            return None
        if any(item.operator != "&&" for item in items[:-1]):
            return None
        for item in items:
            for command in item.node.commands:
                if isinstance(command, Compound) and command.kind not in ("group", "subshell"):
                    return None
        return [item.node for item in items]

    def _parse_strings(self) -> None:
        if self._strings_done:
            return
        self._strings_done = True
        if not self._commands:
            return
        from dflint.shell.strings import parse_strings

        parse_strings(self._commands, self._pipelines, self._uses, self._assignments)


def _start(node: Node) -> int:
    return node.start


def _declared(command: Command) -> Iterator[Assignment]:
    for word in command.arguments:
        name, equals, _ = word.literal_prefix.partition("=")
        append = name.endswith("+")
        name = name.removesuffix("+")
        if name.isidentifier() and name.isascii() and not (word.variables and not equals):
            yield Assignment(word._text, word.begin, word.stop, name, None, append)


def _collect_options(words: Sequence[Word], options: dict[str, Span]) -> None:
    named: str | None = None
    for word in words:
        value = word.value or ""
        if named is not None:
            if named == "-":
                options[value] = word.span
            named = None
        elif value in ("--", "-") or value[:1] not in ("-", "+"):
            return
        else:
            for letter in value[1:]:
                if letter == "o":
                    named = value[0]
                elif value[0] == "-":
                    options[_LONG_OPTIONS.get(letter, letter)] = word.span
