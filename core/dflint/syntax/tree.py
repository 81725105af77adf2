"""The lossless tree of a Dockerfile, on parso's node classes.

``Dockerfile`` -> ``Instruction`` subclasses -> ``Flag``, ``Pair``, ``Word`` and plain ``Leaf`` nodes. As in parso a
leaf's ``prefix`` holds what stands before it and means nothing (white space, comments, line continuations), so
``tree.get_code()`` is the text again, for every text. As in libcst each instruction has a class with typed fields.

All ranges are offsets into ``tree.source.text``: ``node.start``, ``node.end``. parso's ``start_pos``/``end_pos``
(line from 1, column from 0) work too. Trees are never changed: edits are made on the text, which is parsed anew.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, TypeVar

from dflint.record import NamedTuple
from dflint.source import MappedText, Span
from dflint.syntax.parso_nodes import BaseNode, Leaf as ParsoLeaf

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterator, Mapping

    from dflint.source import Source
    from dflint.syntax.mounts import Mount
    from dflint.syntax.words import VariableUse

InstructionType = TypeVar("InstructionType", bound="Instruction")


class Comment(NamedTuple):
    """A comment line: offsets of its ``#`` and its end; ``text`` is what follows the ``#``."""

    start: int
    end: int
    text: str
    in_instruction: bool
    """Whether it stands between the lines of a continued instruction."""


class Problem(NamedTuple):
    """Something BuildKit refuses (or would, at this place), with its exact range."""

    code: str
    message: str
    start: int
    end: int


class Leaf(ParsoLeaf):
    """A token. ``value`` is its raw text; ``prefix`` the insignificant text before it.

    ``type`` is one of: keyword, flag_name, operator, word, shell, string, heredoc_body, heredoc_end, newline,
    endmarker, error, directive_name, directive_value.
    """

    __slots__ = ("start", "type")

    def __init__(self, type: str, value: str, start: int, prefix: str) -> None:
        self.type = type
        self.value = value
        self.start = start
        self.prefix = prefix
        self.parent = None

    @property
    def end(self) -> int:
        return self.start + len(self.value)

    @property
    def span(self) -> Span:
        return Span(self.start, self.start + len(self.value))

    @property  # type: ignore[misc]  # parso's has a setter, for its mutable trees
    def start_pos(self) -> tuple[int, int]:
        position = _source_of(self).position(self.start)
        return position.line, position.column - 1

    @property
    def end_pos(self) -> tuple[int, int]:
        position = _source_of(self).position(self.start + len(self.value))
        return position.line, position.column - 1

    def get_start_pos_of_prefix(self) -> tuple[int, int]:
        position = _source_of(self).position(self.start - len(self.prefix))
        return position.line, position.column - 1


class Word(Leaf):
    """One argument as written: quotes, escapes and ``$variables`` included.

    ``value`` is the raw text, which may hold a line continuation; ``text`` is what BuildKit sees of it.
    """

    __slots__ = ("_mapped",)

    def __init__(self, type: str, value: str, start: int, prefix: str, mapped: MappedText | None = None) -> None:
        self.type = type
        self.value = value
        self.start = start
        self.prefix = prefix
        self.parent = None
        self._mapped = mapped

    @property
    def text(self) -> str:
        """The word without line continuations, quotes and escapes still in it."""
        return self.value if self._mapped is None else self._mapped.text

    @property
    def mapped(self) -> MappedText:
        """``text`` with the way back to the source."""
        if self._mapped is None:
            self._mapped = MappedText.contiguous(self.value, self.start)
        return self._mapped

    @property
    def variables(self) -> tuple[VariableUse, ...]:
        """The ``$variables`` in it, nested ones too, in the order of the text."""
        if "$" not in self.text:
            return ()
        from dflint.syntax.words import variables_of

        return variables_of(self)

    @property
    def literal(self) -> str | None:
        """The word's meaning after quote removal, None if it depends on a variable or BuildKit would refuse it."""
        from dflint.syntax.words import literal_of

        return literal_of(self)

    def expand(self, environment: Mapping[str, str]) -> str | None:
        """The word's meaning with the given variables, others unset; None if BuildKit would refuse it."""
        from dflint.syntax.words import expand

        return expand(self, environment)


class ShellText(Word):
    """The whole command of a shell-form instruction, as one leaf; ``mapped`` is what the shell gets of the line."""

    __slots__ = ()


class JsonString(Word):
    """A string of an exec-form array: ``value`` is raw with its quotes, ``text`` is decoded.

    ``mapped`` leads back character by character; those of an escape all lead to its backslash.
    """

    __slots__ = ()


class Node(BaseNode):
    """A node with children and offsets."""

    __slots__ = ()
    type = "node"

    @property
    def start(self) -> int:
        """Offset of its first token (its prefix not counted)."""
        start: int = self.children[0].start
        return start

    @property
    def end(self) -> int:
        """Offset just past its last token."""
        end: int = self.children[-1].end
        return end

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    def walk(self) -> Iterator[Node | Leaf]:
        """This node and everything below it, parents first, in the order of the text; linear."""
        stack: list[Any] = [self]
        while stack:
            node = stack.pop()
            yield node
            if isinstance(node, BaseNode):
                stack.extend(reversed(node.children))

    def leaves(self) -> Iterator[Leaf]:
        """All tokens below it, in the order of the text; linear, unlike ``get_next_leaf``."""
        for node in self.walk():
            if isinstance(node, Leaf):
                yield node


class Flag(Node):
    """``--name`` or ``--name=value``; children: name leaf (with its dashes), ``=`` leaf, value word."""

    __slots__ = ("name", "value")
    type = "flag"

    def __init__(self, children: list[Any], name: str, value: Word | None) -> None:
        super().__init__(children)
        self.name = name
        self.value = value

    @property
    def text(self) -> str:
        """The value as BuildKit sees it (quotes removed), ``""`` when there is none."""
        if self.value is None:
            return ""
        text = self.value.text
        if "'" not in text and '"' not in text and "\\" not in text and "`" not in text:
            return text
        from dflint.syntax.words import unquote_flag_value

        return unquote_flag_value(text, escape_of(self))


class Pair(Node):
    """A key and its value in ENV, LABEL, ARG: ``key=value``, the legacy ``key value``, or ARG's ``key``."""

    __slots__ = ("key", "operator", "value")
    type = "pair"

    def __init__(self, children: list[Any], key: Word, operator: Leaf | None, value: Word | None) -> None:
        super().__init__(children)
        self.key = key
        self.operator = operator
        self.value = value


class Heredoc:
    """A here-document of an instruction: the opener among its words, the body and the delimiter line below."""

    __slots__ = ("body", "delimiter", "end_leaf", "expands", "fd", "opener", "strips_tabs")

    def __init__(
        self,
        opener: Span,
        delimiter: str,
        fd: int | None,
        strips_tabs: bool,
        expands: bool,
        body: Leaf,
        end_leaf: Leaf | None,
    ) -> None:
        self.opener = opener
        """Where ``<<NAME`` stands."""
        self.delimiter = delimiter
        self.fd = fd
        """The number before ``<<``, None if there is none."""
        self.strips_tabs = strips_tabs
        """``<<-``: leading tabs of the body and of the delimiter line do not count."""
        self.expands = expands
        """False when the delimiter is quoted."""
        self.body = body
        """Leaf of type heredoc_body: the lines with their line endings, possibly empty."""
        self.end_leaf = end_leaf
        """Leaf of type heredoc_end, None when the here-document is not terminated."""

    @property
    def start(self) -> int:
        return self.opener.start

    @property
    def content(self) -> MappedText:
        """The body as it arrives: leading tabs removed for ``<<-``."""
        from dflint.syntax.heredocs import content_of

        return content_of(self)


class Directive(Node):
    """A parser directive line ``# name=value`` at the top; ``name`` in lower case."""

    __slots__ = ("name", "value")
    type = "directive"

    def __init__(self, children: list[Any], name: str, value: str) -> None:
        super().__init__(children)
        self.name = name
        self.value = value


class Instruction(Node):
    """One instruction, from its keyword to its line end or the end of its last here-document.

    ``children``: keyword leaf, ``Flag`` nodes, arguments, ``newline`` leaf, then here-document leaves.
    """

    __slots__ = (
        "blank_lines",
        "comments",
        "content_end",
        "flags",
        "heredocs",
        "index",
        "keyword",
        "line",
        "name",
        "problems",
    )
    type = "instruction"

    flags: tuple[Flag, ...]
    heredocs: tuple[Heredoc, ...]
    comments: tuple[Comment, ...]
    """Comment lines between its continued lines."""
    blank_lines: tuple[Span, ...]
    """Blank lines between its continued lines (BuildKit: NoEmptyContinuation), each with its line ending."""
    problems: tuple[Problem, ...]
    """What BuildKit refuses in it; of an ONBUILD trigger also what it refuses only in a build on this image."""
    line: MappedText
    """The logical line: keyword, flags and arguments as BuildKit sees them, continuations joined."""
    content_end: int
    """Offset of the end of the logical line's last significant character: here-documents not counted."""
    index: int
    """Its place among ``Dockerfile.instructions``, from 0; of an ONBUILD trigger: that of the ONBUILD."""

    keyword: Word
    """The keyword as written."""
    name: str
    """The keyword in upper case: ``"RUN"``."""

    @property
    def end(self) -> int:
        """Offset of the end of its last significant character, its here-documents' last delimiter included."""
        last = self.children[-1]
        if last.type == "newline":
            last = self.children[-2]
        return int(last.end)

    @property
    def full_end(self) -> int:
        """Offset just past its last line's line ending."""
        return int(self.children[-1].end)

    @property
    def arguments_span(self) -> Span:
        """From the first argument (flags not counted) to the end of the line; empty at the keyword's end if none."""
        skip = 1 + len(self.flags)
        if skip < len(self.children) and self.children[skip].type != "newline":
            return Span(self.children[skip].start, self.content_end)
        return Span(self.content_end, self.content_end)

    def flag(self, name: str) -> Flag | None:
        """The first flag called ``name`` (without dashes)."""
        for flag in self.flags:
            if flag.name == name:
                return flag
        return None

    @property
    def is_onbuild_trigger(self) -> bool:
        """Whether it stands behind ONBUILD."""
        return isinstance(self.parent, Onbuild)


class WordsInstruction(Instruction):
    """An instruction whose arguments are words."""

    __slots__ = ("words",)
    words: tuple[Word, ...]


class From(WordsInstruction):
    """``FROM [--platform=P] image [AS name]``."""

    __slots__ = ()
    type = "from"

    @property
    def image(self) -> Word | None:
        return self.words[0] if self.words else None

    @property
    def as_keyword(self) -> Word | None:
        return self.words[1] if len(self.words) == 3 and self.words[1].text.lower() == "as" else None

    @property
    def stage_name(self) -> Word | None:
        """The name as written; stage names are compared in lower case."""
        return self.words[2] if self.as_keyword else None


class Expose(WordsInstruction):
    """``EXPOSE 80 443/tcp 8000-8010/udp``."""

    __slots__ = ()
    type = "expose"


class Volume(WordsInstruction):
    """``VOLUME /a /b`` or ``VOLUME ["/a"]`` (then ``exec_form``)."""

    __slots__ = ("exec_form",)
    type = "volume"
    exec_form: bool


class Transfer(WordsInstruction):
    """What ADD and COPY share: ``words`` are the sources and, last, the destination."""

    __slots__ = ("exec_form",)
    exec_form: bool
    """Whether the arguments are a JSON array."""

    @property
    def sources(self) -> tuple[Word, ...]:
        """Source words, here-document openers left out."""
        openers = {heredoc.opener.start for heredoc in self.heredocs}
        return tuple(word for word in self.words[:-1] if word.start not in openers)

    @property
    def destination(self) -> Word | None:
        return self.words[-1] if len(self.words) > 1 else None


class Add(Transfer):
    __slots__ = ()
    type = "add"


class Copy(Transfer):
    __slots__ = ()
    type = "copy"

    @property
    def from_(self) -> Word | None:
        """The value of ``--from``: a stage name or number, a named context or an image."""
        flag = self.flag("from")
        return flag.value if flag else None


class CommandInstruction(Instruction):
    """What RUN, CMD, ENTRYPOINT, SHELL and HEALTHCHECK CMD share: a command in shell or exec form."""

    __slots__ = ("exec_form", "shell_text", "words")
    exec_form: bool
    """Whether the command is a valid JSON array."""
    words: tuple[Word, ...]
    """The strings of the exec form; empty for the shell form."""
    shell_text: ShellText | None
    """The shell form's leaf; None for the exec form and when there is no command."""

    @property
    def json_problem(self) -> Problem | None:
        """Why a shell form that starts with ``[`` is not an exec form, with the exact place; None if there is none."""
        if self.shell_text is None or not self.shell_text.text.startswith("["):
            return None
        from dflint.syntax.exec_form import json_problem

        return json_problem(self.shell_text.mapped)


class Run(CommandInstruction):
    __slots__ = ()
    type = "run"

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """Its ``--mount`` flags, parsed."""
        if not any(flag.name == "mount" for flag in self.flags):
            return ()
        from dflint.syntax.mounts import mounts_of

        return mounts_of(self)

    @property
    def is_heredoc_script(self) -> bool:
        """``RUN <<EOF``: nothing but one here-document, whose body is the script (BuildKit: dispatchRun)."""
        if self.shell_text is None or len(self.heredocs) != 1:
            return False
        return self.heredocs[0].opener == (self.shell_text.mapped.span(0, len(self.shell_text.text)))

    @property
    def script(self) -> MappedText | None:
        """What the shell (or the interpreter of the ``#!`` line) gets; None for the exec form and an empty RUN.

        The line, or the body of ``RUN <<EOF``, or the line with all its here-documents below.
        """
        from dflint.syntax.heredocs import script_of

        return script_of(self)


class Cmd(CommandInstruction):
    __slots__ = ()
    type = "cmd"


class Entrypoint(CommandInstruction):
    __slots__ = ()
    type = "entrypoint"


class Shell(CommandInstruction):
    __slots__ = ()
    type = "shell"


class Healthcheck(CommandInstruction):
    """``HEALTHCHECK [flags] CMD command`` or ``HEALTHCHECK NONE``; ``kind`` is the CMD or NONE word."""

    __slots__ = ("kind",)
    type = "healthcheck"
    kind: Word | None


class PairsInstruction(Instruction):
    __slots__ = ("is_legacy", "pairs")
    pairs: tuple[Pair, ...]
    is_legacy: bool
    """``ENV key value``: one pair with no ``=``."""


class Env(PairsInstruction):
    __slots__ = ()
    type = "env"


class Label(PairsInstruction):
    __slots__ = ()
    type = "label"


class Arg(PairsInstruction):
    __slots__ = ()
    type = "arg"


class ValueInstruction(Instruction):
    """An instruction with one value that runs to the end of the line."""

    __slots__ = ("value",)
    value: Word | None


class User(ValueInstruction):
    __slots__ = ()
    type = "user"


class Workdir(ValueInstruction):
    __slots__ = ()
    type = "workdir"


class Stopsignal(ValueInstruction):
    __slots__ = ()
    type = "stopsignal"


class Maintainer(ValueInstruction):
    __slots__ = ()
    type = "maintainer"


class Onbuild(Instruction):
    """``ONBUILD instruction``; the trigger is a full instruction below it, None when missing."""

    __slots__ = ("trigger",)
    type = "onbuild"
    trigger: Instruction | None


class Unknown(Instruction):
    """A line whose keyword is no instruction; the rest of the line is one ``error`` leaf."""

    __slots__ = ()
    type = "unknown"


class Dockerfile(Node):
    """The root: directives, instructions, and an end marker that holds what follows the last line."""

    __slots__ = ("comments", "directives", "escape", "instructions", "problems", "source")
    type = "dockerfile"

    source: Source
    directives: tuple[Directive, ...]
    instructions: tuple[Instruction, ...]
    """The top-level instructions, unknown ones included."""
    comments: tuple[Comment, ...]
    """All comment lines in the order of the text, directives left out."""
    escape: str
    """The escape character: a backslash or a backtick."""
    problems: tuple[Problem, ...]
    """All syntax problems in the order of the text: the file's own and those of its instructions."""

    def find(self, kind: builtins.type[InstructionType]) -> Iterator[InstructionType]:
        """The top-level instructions of a class, ONBUILD triggers left out."""
        for instruction in self.instructions:
            if isinstance(instruction, kind):
                yield instruction

    def instruction_at(self, offset: int) -> Instruction | None:
        """The top-level instruction whose lines hold ``offset``."""
        at = bisect_right(self.instructions, offset, key=lambda instruction: instruction.start) - 1
        if at < 0 or offset > self.instructions[at].full_end:
            return None
        return self.instructions[at]

    def leaf_at(self, offset: int) -> Leaf | None:
        """The token that holds ``offset``, or ends there if none starts there; None between tokens."""
        instruction = self.instruction_at(offset)
        ending: Leaf | None = None
        for leaf in instruction.leaves() if instruction else ():
            if leaf.start <= offset < leaf.end:
                return leaf
            if leaf.end == offset:
                ending = leaf
            if leaf.start > offset:
                break
        return ending


def escape_of(node: Any) -> str:
    """The escape character of the file that a node stands in."""
    while node.parent is not None:
        node = node.parent
    return getattr(node, "escape", "\\")


def _source_of(node: Any) -> Source:
    while node.parent is not None:
        node = node.parent
    source: Source = node.source
    return source
