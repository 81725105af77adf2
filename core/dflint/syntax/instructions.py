"""From a logical line to an instruction node: keyword, flags, arguments, and what is wrong with them.

The words are split as by BuildKit's frontend/dockerfile/parser/split_command.go and line_parsers.go; what is refused
follows frontend/dockerfile/instructions/parse.go. Everything is scanned on the joined line and placed in the file
through its map, so a token may span a line continuation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dflint.source import MappedText, Span
from dflint.syntax import tree as nodes
from dflint.syntax.characters import ASCII_SPACE, GO_SPACE, SPACE_PATTERN
from dflint.syntax.exec_form import NOT_STRINGS, scan_array
from dflint.syntax.flags import check_flags
from dflint.syntax.tree import Flag, Instruction, Leaf, Pair, Problem, ShellText, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from dflint.syntax.heredoc_openers import Opener

_WORD = re.compile(r"[^\t\v\f\r ]+")
_SPACE = re.compile(rf"{SPACE_PATTERN}*")


def _quoted_word(escape: str) -> re.Pattern[str]:
    """A word that may hold quoted spaces (line_parsers.go: parseWords); an open quote runs to the end of the line."""
    e = re.escape(escape)
    return re.compile(
        rf"""(?:[^\s"'{e}]+|[\x1c-\x1f]|{e}.|{e}$|"(?:[^"{e}]|{e}.)*(?:"|{e}?$)|'[^']*(?:'|$))+""", re.DOTALL
    )


_QUOTED_WORDS: dict[str, re.Pattern[str]] = {}

_PARSER_LEVEL = frozenset({"json-not-strings", "missing-equals", "missing-value"})
"""What BuildKit refuses in an ONBUILD trigger at once; the rest it refuses when an image is built on this one."""

_STAGE_NAME = r"[a-z][a-z0-9-_.]*"


class InstructionBuilder:
    """Builds one instruction. ``at`` is the offset up to which the file's text is in the tree."""

    def __init__(self, text: str, at: int, line: MappedText, escape: str) -> None:
        self.file_text = text
        self.at = at
        self.line = line
        self.text = line.text
        self.end = len(self.text.rstrip(GO_SPACE))
        self.escape = escape
        self.base = line.offset(0) if line.is_contiguous else -1
        self.problems: list[Problem] = []
        self.heredoc_openers: list[Opener] = []

    def build(self, start: int = 0, *, trigger: bool = False) -> Instruction:
        """The instruction that starts at index ``start`` of the line."""
        start = self._skip_space(start)
        match = _WORD.match(self.text, start, self.end)
        keyword_end = match.end() if match else start
        keyword = self._word("keyword", start, keyword_end)
        name = keyword.text.upper()
        flags, at = self._flags(self._skip_space(keyword_end))
        at = self._skip_space(at)
        node_type, scan = _SCANNERS.get(name, (nodes.Unknown, InstructionBuilder._scan_unknown))
        children: list[Any] = [keyword, *flags]
        instruction: Instruction = node_type.__new__(node_type)
        instruction.keyword = keyword
        instruction.name = name
        instruction.flags = tuple(flag for flag in flags if isinstance(flag, Flag))
        instruction.heredocs = ()
        instruction.comments = ()
        instruction.blank_lines = ()
        instruction.problems = ()
        instruction.line = self.line if start == 0 and not trigger else self.line.slice(start, len(self.text))
        instruction.index = 0
        scan(self, instruction, children, at)
        nodes.Node.__init__(instruction, children)
        instruction.content_end = self.at
        if instruction.flags:
            check_flags(self, instruction)
        return instruction

    # tokens

    def problem(self, code: str, message: str, place: Any) -> None:
        self.problems.append(Problem(code, message, place.start, place.end))

    def span(self, start: int, end: int) -> Span:
        """The place in the file of the line's ``[start:end]``."""
        if self.base >= 0:
            return Span(self.base + start, self.base + end)
        return self.line.span(start, end)

    def _skip_space(self, at: int) -> int:
        return min(_SPACE.match(self.text, at).end(), self.end) if at < self.end else self.end  # type: ignore[union-attr]

    def _place(self, start: int, end: int) -> tuple[str, int, str]:
        """Raw text, file offset and prefix of the line's ``[start:end]``; moves ``at`` past it."""
        if self.base >= 0:
            first, last = self.base + start, self.base + end
        else:
            first, last = self.line.span(start, end)
            first = max(first, self.at)
            last = max(last, first)
        prefix = self.file_text[self.at : first]
        self.at = last
        return self.file_text[first:last], first, prefix

    def _leaf(self, type: str, start: int, end: int) -> Leaf:
        value, offset, prefix = self._place(start, end)
        return Leaf(type, value, offset, prefix)

    def _word(self, type: str, start: int, end: int, cls: type[Word] = Word) -> Word:
        value, offset, prefix = self._place(start, end)
        if self.base >= 0 or len(value) == end - start:
            return cls(type, value, offset, prefix)
        return cls(type, value, offset, prefix, self.line.slice(start, end))

    # flags

    def _flags(self, at: int) -> tuple[list[Any], int]:
        """The ``--flag`` words before the arguments, and the index after them."""
        flags: list[Any] = []
        text = self.text
        while text.startswith("--", at, self.end):
            end = self._flag_end(at)
            if text[at:end] == "--":
                flags.append(self._leaf("operator", at, end))
                return flags, end
            flags.append(self._flag(at, end))
            at = self._skip_space(end)
        return flags, at

    def _flag_end(self, at: int) -> int:
        text, end = self.text, self.end
        quote = ""
        while at < end:
            char = text[at]
            if char == self.escape:
                at += 2
                continue
            if quote:
                if char == quote:
                    quote = ""
            elif char in "\"'":
                quote = char
            elif char in ASCII_SPACE:  # BuildKit looks at bytes here, so only ASCII is space
                break
            at += 1
        return min(at, end)

    def _flag(self, start: int, end: int) -> Flag:
        equals = self.text.find("=", start, end)
        if equals < 0:
            name = self._word("flag_name", start, end)
            return Flag([name], name.text[2:], None)
        name = self._word("flag_name", start, equals)
        operator = self._leaf("operator", equals, equals + 1)
        value = self._word("word", equals + 1, end)
        return Flag([name, operator, value], name.text[2:], value)

    # argument scanners, one for each shape of arguments

    def _words(self, at: int) -> list[Word]:
        return [self._word("word", match.start(), match.end()) for match in _WORD.finditer(self.text, at, self.end)]

    def _exec_form(self, children: list[Any], at: int) -> tuple[Word, ...] | None:
        """The strings of a JSON array from ``at`` to the end, its tokens put to ``children``; None if it is none."""
        if not self.text.startswith("[", at):
            return None
        tokens = scan_array(self.text, at, self.end)
        if tokens is None:
            return None
        if tokens is NOT_STRINGS:
            self.problem("json-not-strings", "an array in JSON form may hold strings only", self.span(at, self.end))
            return None
        words: list[Word] = []
        for kind, start, end, decoded in tokens:
            if kind == "operator":
                children.append(self._leaf(kind, start, end))
                continue
            value, offset, prefix = self._place(start, end)
            mapped = self._decoded_map(start, end, decoded)
            words.append(nodes.JsonString("string", value, offset, prefix, mapped))
            children.append(words[-1])
        return tuple(words)

    def _decoded_map(self, start: int, end: int, decoded: str) -> MappedText:
        if len(decoded) == end - start - 2:
            return self.line.slice(start + 1, end - 1)
        from dflint.syntax.exec_form import escaped_map

        return escaped_map(self.line, start, end, decoded)

    def _scan_unknown(self, instruction: Instruction, children: list[Any], at: int) -> None:
        keyword = children[0]
        self.problem("unknown-instruction", _unknown_message(keyword.text), keyword)
        if at < self.end:
            children.append(self._leaf("error", at, self.end))

    def _scan_from(self, instruction: nodes.From, children: list[Any], at: int) -> None:
        words = self._words(at)
        children += words
        instruction.words = tuple(words)
        if len(words) == 3 and words[1].text.lower() == "as":
            if not re.fullmatch(_STAGE_NAME, words[2].text.lower()):
                message = (
                    f"invalid stage name {words[2].text!r}: it must be a letter, then letters, digits, '-', '_', '.'"
                )
                self.problem("invalid-stage-name", message, words[2])
        elif len(words) != 1:
            place = words[1] if len(words) > 1 else children[0]
            self.problem("argument-count", "FROM takes an image, or an image, AS and a stage name", place)
        self._check_expansion(words)

    def _scan_words(self, instruction: Any, children: list[Any], at: int) -> None:
        words = self._words(at)
        children += words
        instruction.words = tuple(words)
        self._require(instruction, children, bool(words))
        self._check_expansion(words)

    def _scan_volume(self, instruction: nodes.Volume, children: list[Any], at: int) -> None:
        words = self._exec_form(children, at)
        instruction.exec_form = words is not None
        if words is None:
            words = tuple(self._words(at))
            children += words
        instruction.words = words
        self._require(instruction, children, bool(words))
        for word in words:
            if not word.text.strip(GO_SPACE):
                self.problem("empty-volume", "a VOLUME path is empty", word)
        self._check_expansion(words)

    def _scan_transfer(self, instruction: nodes.Transfer, children: list[Any], at: int) -> None:
        words = self._exec_form(children, at)
        instruction.exec_form = words is not None
        if words is None:
            words = tuple(self._words(at))
            children += words
            self._find_heredocs()
        instruction.words = words
        if len(words) < 2:
            message = f"{instruction.name} needs at least a source and a destination"
            self.problem("argument-count", message, words[0] if words else children[0])
            return
        openers = {opener.span.start for opener in self.heredoc_openers}
        if words[-1].start in openers:
            message = f"the destination of {instruction.name} is a here-document"
            self.problem("heredoc-destination", message, words[-1])
        self._check_expansion([word for word in words if word.start not in openers])

    def _scan_command(self, instruction: nodes.CommandInstruction, children: list[Any], at: int) -> None:
        words = self._exec_form(children, at)
        instruction.exec_form = words is not None
        instruction.words = words or ()
        instruction.shell_text = None
        if words is None and at < self.end:
            instruction.shell_text = self._shell_text(at)
            children.append(instruction.shell_text)

    def _shell_text(self, at: int) -> ShellText:
        word = self._word("shell", at, self.end, ShellText)
        assert isinstance(word, ShellText)
        return word

    def _scan_run(self, instruction: nodes.Run, children: list[Any], at: int) -> None:
        self._scan_command(instruction, children, at)
        if not instruction.exec_form:
            self._find_heredocs()

    def _scan_shell(self, instruction: nodes.Shell, children: list[Any], at: int) -> None:
        self._scan_command(instruction, children, at)
        if not instruction.exec_form and instruction.shell_text:
            self.problem("shell-not-json", "SHELL takes a JSON array", instruction.shell_text)
        elif not instruction.words:
            self._require(instruction, children, False)

    def _scan_healthcheck(self, instruction: nodes.Healthcheck, children: list[Any], at: int) -> None:
        instruction.kind = None
        kind_end = at
        while kind_end < self.end and self.text[kind_end] not in GO_SPACE:
            kind_end += 1
        if kind_end == at:
            self._scan_command(instruction, children, at)
            self._require(instruction, children, False)
            return
        kind = instruction.kind = self._word("keyword", at, kind_end)
        children.append(kind)
        self._scan_command(instruction, children, self._skip_space(kind_end))
        has_command = bool(instruction.shell_text or instruction.words)
        name = kind.text.upper()
        if name == "NONE" and has_command:
            place = instruction.shell_text or self.span(kind_end + 1, self.end)
            self.problem("healthcheck-none", "HEALTHCHECK NONE takes no arguments", place)
        elif name == "CMD" and not has_command:
            self.problem("argument-count", "HEALTHCHECK CMD needs a command", kind)
        elif name not in ("CMD", "NONE"):
            self.problem("healthcheck-kind", f"HEALTHCHECK takes CMD or NONE, not {kind.text!r}", kind)

    def _scan_value(self, instruction: nodes.ValueInstruction, children: list[Any], at: int) -> None:
        instruction.value = None
        if at < self.end:
            instruction.value = self._word("word", at, self.end)
            children.append(instruction.value)
            if instruction.type != "maintainer":
                self._check_expansion((instruction.value,))
        else:
            self._require(instruction, children, False)

    def _scan_onbuild(self, instruction: nodes.Onbuild, children: list[Any], at: int) -> None:
        instruction.trigger = None
        if at >= self.end:
            self._require(instruction, children, False)
            return
        before = len(self.problems)
        trigger = self.build(at, trigger=True)
        trigger.problems = tuple(self.problems[before:])
        self.problems[before:] = [problem for problem in trigger.problems if problem.code in _PARSER_LEVEL]
        instruction.trigger = trigger
        children.append(trigger)
        if trigger.name in ("ONBUILD", "FROM", "MAINTAINER"):
            self.problem("onbuild-trigger", f"{trigger.name} cannot be an ONBUILD trigger", trigger.keyword)

    def _scan_pairs(self, instruction: nodes.PairsInstruction, children: list[Any], at: int) -> None:
        instruction.is_legacy = False
        matches = list(self._quoted_words().finditer(self.text, at, self.end))
        if matches and "=" not in matches[0][0]:
            instruction.is_legacy = True
            pairs = self._legacy_pair(instruction, at)
        else:
            pairs = [self._pair(instruction, match.start(), match.end()) for match in matches]
        children += pairs
        instruction.pairs = tuple(pairs)
        self._require(instruction, children, bool(pairs))

    def _scan_arg(self, instruction: nodes.Arg, children: list[Any], at: int) -> None:
        instruction.is_legacy = False
        pairs: list[Pair] = []
        for match in self._quoted_words().finditer(self.text, at, self.end):
            pairs.append(self._pair(instruction, match.start(), match.end()))
        children += pairs
        instruction.pairs = tuple(pairs)
        self._require(instruction, children, bool(pairs))

    def _quoted_words(self) -> re.Pattern[str]:
        pattern = _QUOTED_WORDS.get(self.escape)
        if pattern is None:
            pattern = _QUOTED_WORDS[self.escape] = _quoted_word(self.escape)
        return pattern

    def _pair(self, instruction: Instruction, start: int, end: int) -> Pair:
        equals = self.text.find("=", start, end)
        if equals < 0:
            key = self._word("word", start, end)
            if instruction.type != "arg":
                self.problem("missing-equals", f"{key.text!r} in {instruction.name} has no '='", key)
            return Pair([key], key, None, None)
        key = self._word("word", start, equals)
        operator = self._leaf("operator", equals, equals + 1)
        value = self._word("word", equals + 1, end)
        if equals == start:
            self.problem("blank-name", f"a name in {instruction.name} is blank", operator)
        self._check_expansion((key, value))
        return Pair([key, operator, value], key, operator, value)

    def _legacy_pair(self, instruction: Instruction, at: int) -> list[Pair]:
        match = _WORD.match(self.text, at, self.end)
        key_end = match.end() if match else at
        value_start = key_end
        while value_start < self.end and self.text[value_start] in "\t\v\f\r ":
            value_start += 1
        key = self._word("word", at, key_end)
        if value_start == key_end:
            self.problem("missing-value", f"{instruction.name} needs a name and a value", key)
            return [Pair([key], key, None, None)]
        value = self._word("word", value_start, self.end)
        self._check_expansion((key, value))
        return [Pair([key, value], key, None, value)]

    # checks

    def _require(self, instruction: Instruction, children: list[Any], present: bool) -> None:
        if not present:
            self.problem("argument-count", f"{instruction.name} needs an argument", children[0])

    def _check_expansion(self, words: Any) -> None:
        """Quotes and substitutions must be closed where BuildKit expands variables (shell/lex.go)."""
        for word in words:
            text = word.text
            if "$" in text or '"' in text or "'" in text:
                self._check_word(word, text)

    def _check_word(self, word: Word, text: str) -> None:
        from dflint.syntax.words import word_problem

        problem = word_problem(text, self.escape)
        if problem is not None:
            message, start, end = problem
            self.problem("bad-word", message, word.mapped.span(start, end))

    def _find_heredocs(self) -> None:
        if "<<" in self.text:
            from dflint.syntax.heredoc_openers import openers_in

            self.heredoc_openers = openers_in(self)


def _unknown_message(keyword: str) -> str:
    from dflint.syntax.suggest import nearest

    near = nearest(keyword.upper(), _SCANNERS)
    hint = f" (did you mean {near}?)" if near else ""
    return f"unknown instruction {keyword!r}{hint}"


_SCANNERS: dict[str, tuple[type[Instruction], Callable[[InstructionBuilder, Any, list[Any], int], None]]] = {
    "ADD": (nodes.Add, InstructionBuilder._scan_transfer),
    "ARG": (nodes.Arg, InstructionBuilder._scan_arg),
    "CMD": (nodes.Cmd, InstructionBuilder._scan_command),
    "COPY": (nodes.Copy, InstructionBuilder._scan_transfer),
    "ENTRYPOINT": (nodes.Entrypoint, InstructionBuilder._scan_command),
    "ENV": (nodes.Env, InstructionBuilder._scan_pairs),
    "EXPOSE": (nodes.Expose, InstructionBuilder._scan_words),
    "FROM": (nodes.From, InstructionBuilder._scan_from),
    "HEALTHCHECK": (nodes.Healthcheck, InstructionBuilder._scan_healthcheck),
    "LABEL": (nodes.Label, InstructionBuilder._scan_pairs),
    "MAINTAINER": (nodes.Maintainer, InstructionBuilder._scan_value),
    "ONBUILD": (nodes.Onbuild, InstructionBuilder._scan_onbuild),
    "RUN": (nodes.Run, InstructionBuilder._scan_run),
    "SHELL": (nodes.Shell, InstructionBuilder._scan_shell),
    "STOPSIGNAL": (nodes.Stopsignal, InstructionBuilder._scan_value),
    "USER": (nodes.User, InstructionBuilder._scan_value),
    "VOLUME": (nodes.Volume, InstructionBuilder._scan_volume),
    "WORKDIR": (nodes.Workdir, InstructionBuilder._scan_value),
}
"""Every instruction of the language, its node class and the scanner of its arguments."""
