"""Reading words: quotes, escapes and expansions. The base of the parser of commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dflint.shell.nodes import (
    ARITHMETIC,
    LITERAL,
    QUOTED,
    SUBSTITUTION,
    VARIABLE,
    Assignment,
    Command,
    CommandList,
    Compound,
    HereDocument,
    Node,
    Part,
    Pipeline,
    ShellError,
    Unescaped,
    VariableUse,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dflint.source import MappedText

# Each level of nesting costs up to 10 Python frames of the default 1000.
MAX_DEPTH = 50
# How far to look for the end of "((": beyond this it is read as two subshells.
_ARITHMETIC_LIMIT = 4000

# Blanks, continuations and a comment, then one of: newline, operator, redirection, characters of a plain word. It
# always matches, as every part is optional.
# "\r" is a blank: in a file with CRLF line ends it stands before each newline of a here-document.
token: Callable[[str, int], re.Match[str]] = re.compile(  # type: ignore[assignment]
    r"(?:[ \t\r]|\\\r?\n)*(?:#[^\n]*)?"
    r"(?:(\n)|(&&|\|\||;;&|;[;&]|\|&|&(?!>)|[;|()])|(<<<|<<-|<<|<&|<>|<(?!\()|>>|>&|>\||>(?!\()|&>>|&>)"
    r"|([^ \t\r\n;&|<>()'\"\\$`]+))?"
).match
NEWLINE, OPERATOR, REDIRECT, PLAIN = 1, 2, 3, 4
_literal = re.compile(r"[^ \t\r\n;&|<>()'\"\\$`]+").match
# After "$": a simple use, a braced one (complete if the last group is "}"), or the start of something longer.
_expansion = re.compile(
    r"([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])|\{([!#]?)([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(\}?)|\(\(?|\{|'|\""
).match
_in_quotes = re.compile(r'[^"\\$`]+').match
_in_braces = re.compile(r"[^}\\$`'\"]+").match
_MODIFIERS = frozenset((*":-=?+#%/^,@[", ":-", ":=", ":?", ":+", "##", "%%", "//", "^^", ",,"))

_ANSI_ESCAPES = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip


class Tables:
    """What the parsers of one script and of the texts inside it have found, in order of creation."""

    __slots__ = ("assignments", "commands", "errors", "has_here_documents", "pipelines", "substitutions", "uses")

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.pipelines: list[Pipeline] = []
        self.uses: list[VariableUse] = []
        self.assignments: list[Assignment] = []
        self.substitutions: list[CommandList] = []
        self.errors: list[ShellError] = []
        self.has_here_documents = False

    def sort(self) -> None:
        """Bring what stands in bodies of here-documents into its place: it was read after the rest of the line."""
        if self.has_here_documents:
            self.commands.sort(key=_start)
            self.pipelines.sort(key=_start)


class WordReader:
    """Reads the words of one text. Methods leave ``at`` behind what they have read."""

    def __init__(self, text: MappedText | Unescaped, tables: Tables, depth: int) -> None:
        self.source = text
        self.text = text.text
        self.size = len(text.text)
        self.at = 0
        self.tables = tables
        self.depth = depth
        self.failed = False
        self.first = self.after = token("", 0)  # the first token of a command, the token after one
        self.owner: Command | Compound | None = None
        self.pending: list[tuple[HereDocument, Command | Compound | None]] = []
        self.open_parens = 0
        self.in_test = False
        self.extended_globs = "extglob" in self.text

    # Errors

    def fail(self, message: str, begin: int, stop: int) -> None:
        """Note the first error and go to the end of the text."""
        if not self.failed:
            node = Node(self.source, min(begin, self.size), min(stop, self.size))
            self.tables.errors.append(ShellError(message, node.start, node.end))
            self.failed = True
        self.at = self.size
        self.after = token(self.text, self.size)

    def fail_here(self) -> None:
        """The token at the position is unexpected."""
        match = token(self.text, self.at)
        begin, stop = match.span(match.lastindex) if match.lastindex else (self.size, self.size)
        found = self.text[begin:stop]
        if not found and match.end() < self.size:
            begin, stop = match.end(), match.end() + 1
            found = self.text[begin]
        named = "end of the script" if not found else "end of the line" if found == "\n" else f"`{found[:40]}`"
        self.fail(f"unexpected {named}", begin, stop)

    def enter(self) -> bool:
        """Go one level deeper; False, and an error, if that is too deep."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail("nested too deeply", self.at, self.at + 1)
            return False
        return True

    # What the parser of commands adds

    def script(self, role: str, parent: Command | Compound | None) -> CommandList:
        """The whole text."""
        raise NotImplementedError

    def command_list(self, role: str, parent: Command | Compound | None) -> CommandList:
        """The commands up to what cannot start one."""
        raise NotImplementedError

    def close(self, closer: str, opener: str, opened: int) -> None:
        """Take the closing word or parenthesis."""
        raise NotImplementedError

    # Words

    def word(self, begin: int, is_regex: bool = False) -> Word:
        """The word at ``begin``, which may be empty."""
        text, size = self.text, self.size
        parts: list[Part] = []
        uses = len(self.tables.uses)
        substitutions = len(self.tables.substitutions)
        groups = 0
        self.at = begin
        while self.at < size:
            at = self.at
            match = _literal(text, at)
            if match is not None:
                self.at = match.end()
                parts.append((LITERAL, match[0], at, self.at))
                continue
            char = text[at]
            if char == "$":
                self.dollar(parts, False)
            elif char == '"':
                self.at += 1
                self.quoted(parts, at)
            elif char == "'":
                self.single_quoted(parts)
            elif char == "\\":
                self.escape(parts)
            elif char == "`":
                self.backquoted(parts, False)
            elif char in "<>" and text.startswith("(", at + 1) and not groups:
                self.substitution(parts, at + 2)
            elif char == "(" and (groups or is_regex or self.opens_group(begin)):
                groups += 1
                self.take(parts)
            elif groups:
                groups -= char == ")"
                self.take(parts)
            elif is_regex and char in "|<>":
                self.take(parts)
            else:
                break
        if groups:
            self.fail("unclosed `(`", begin, size)
        return self.finish(begin, self.at, parts, uses, substitutions)

    def finish(self, begin: int, stop: int, parts: list[Part], uses: int, substitutions: int) -> Word:
        """A word of ``parts``; ``uses`` and ``substitutions`` say how many there were before it."""
        if all(part[0] == LITERAL for part in parts):
            simple = not parts or (len(parts) == 1 and parts[0][2] == begin and parts[0][3] == stop)
            return Word(self.source, begin, stop, None if simple else parts)
        tables = self.tables
        found = tuple(tables.substitutions[substitutions:])
        del tables.substitutions[substitutions:]
        return Word(self.source, begin, stop, parts, tuple(tables.uses[uses:]), found)

    def take(self, parts: list[Part]) -> None:
        """One character as a literal."""
        parts.append((LITERAL, self.text[self.at], self.at, self.at + 1))
        self.at += 1

    def opens_group(self, begin: int) -> bool:
        """Whether the parenthesis at the position opens an extended glob: ``@(a|b)``."""
        return (self.extended_globs or self.in_test) and self.at > begin and self.text[self.at - 1] in "?*+@!"

    def escape(self, parts: list[Part]) -> None:
        """A backslash outside quotes; before a newline it vanishes with it."""
        at = self.at
        following = self.text[at + 1 : at + 2]
        if following == "\r" and self.text.startswith("\n", at + 2):
            self.at = at + 3
        elif following == "\n":
            self.at = at + 2
        else:
            parts.append((QUOTED, following or "\\", at, at + 1 + len(following)))
            self.at = at + 1 + len(following)

    def single_quoted(self, parts: list[Part]) -> None:
        """From a single quote on."""
        at = self.at
        end = self.text.find("'", at + 1)
        if end < 0:
            self.fail("unclosed `'`", at, at + 1)
            return
        parts.append((QUOTED, self.text[at + 1 : end], at, end + 1))
        self.at = end + 1

    def quoted(self, parts: list[Part], opened: int = -1) -> None:
        """Up to the double quote that closes the one at ``opened``; without one, up to the end (a here-document)."""
        text, size = self.text, self.size
        parts.append((QUOTED, "", max(opened, 0), self.at))  # the quote: so that "" has a part, too
        while self.at < size:
            at = self.at
            match = _in_quotes(text, at)
            if match is not None:
                self.at = match.end()
                parts.append((QUOTED, match[0], at, self.at))
                continue
            char = text[at]
            if char == "$":
                self.dollar(parts, True)
            elif char == "`":
                self.backquoted(parts, opened >= 0)
            elif char == '"' and opened >= 0:
                self.at += 1
                return
            elif char == '"':
                self.at += 1
                parts.append((QUOTED, char, at, self.at))
            else:
                self.escape_in_quotes(parts, opened < 0)
        if opened >= 0:
            self.fail('unclosed `"`', opened, opened + 1)

    def escape_in_quotes(self, parts: list[Part], in_document: bool) -> None:
        """A backslash in double quotes or in a here-document."""
        at = self.at
        following = self.text[at + 1 : at + 2]
        if following == "\r" and self.text.startswith("\n", at + 2):
            self.at = at + 3
            return
        self.at = at + 1 + len(following)
        if following == "\n":
            return
        special = following and following in ("$`\\" if in_document else '$`"\\')
        parts.append((QUOTED, following if special else "\\" + following, at, self.at))

    # Expansions

    def inner(self, begin: int, stop: int, owner: Command | Compound | None) -> WordReader:
        """A parser for ``text[begin:stop]`` alone."""
        result = type(self)(Unescaped(self.source, self.text[begin:stop], begin, []), self.tables, self.depth + 1)
        result.owner = owner
        return result

    def whole(self, read: Callable[[list[Part]], None]) -> Word:
        """The whole text as one word that ``read`` takes apart."""
        parts: list[Part] = []
        uses, substitutions = len(self.tables.uses), len(self.tables.substitutions)
        if self.depth > MAX_DEPTH:
            self.fail("nested too deeply", 0, 1)
        else:
            read(parts)
        return self.finish(0, self.size, parts or [(QUOTED, "", 0, 0)], uses, substitutions)

    def dollar(self, parts: list[Part], quoted: bool) -> None:
        """From a dollar sign on."""
        at = self.at
        match = _expansion(self.text, at + 1)
        opener = match[0] if match is not None else ""
        if match is not None and match[1] is not None:
            self.use(parts, match.end(), match[1], quoted)
        elif match is not None and match[3] is not None:
            use = self.use(parts, match.end(), match[3], quoted)
            use.modifier = match[2] or None
            if not match[4]:
                self.modified(use, parts, quoted)
        elif opener == "{":
            self.at += 2
            self.argument(parts, at, quoted, False)
            parts.append((ARITHMETIC, None, at, self.at))
        elif opener == "((" and (end := self.arithmetic_end(at + 1)) >= 0:
            self.arithmetic(at + 3, end)
            self.at = end + 2
            parts.append((ARITHMETIC, None, at, self.at))
        elif opener[:1] == "(":
            self.substitution(parts, at + 2)
        elif opener == "'" and not quoted:
            self.ansi_quoted(parts)
        elif opener == '"' and not quoted:
            self.at += 2
            self.quoted(parts, at + 1)
        else:
            parts.append((QUOTED if quoted else LITERAL, "$", at, at + 1))
            self.at += 1

    def use(self, parts: list[Part], stop: int, name: str, quoted: bool) -> VariableUse:
        """Note the use of a variable from the position to ``stop``."""
        result = VariableUse(self.source, self.at, stop, name, quoted)
        self.tables.uses.append(result)
        parts.append((VARIABLE, result, self.at, stop))
        self.at = stop
        return result

    def modified(self, use: VariableUse, parts: list[Part], quoted: bool) -> None:
        """The rest of a braced use behind its name."""
        operator = next((op for op in (self.text[self.at : self.at + n] for n in (2, 1)) if op in _MODIFIERS), "")
        begin = self.at = self.at + len(operator)
        use.modifier = use.modifier or operator
        keeps_quotes = quoted and operator[-1:] in ("-", "=", "?", "+")
        self.argument([], use.begin, quoted, keeps_quotes)
        use.stop = self.at
        use.argument = self.text[begin : max(begin, self.at - 1)]
        parts[-1] = (VARIABLE, use, use.begin, use.stop)

    def argument(self, parts: list[Part], opened: int, quoted: bool, keeps_quotes: bool) -> None:
        """Up to the brace that closes the ``${`` at ``opened``; ``keeps_quotes``: a single quote is a character."""
        text, size = self.text, self.size
        if not self.enter():
            self.depth -= 1
            return
        sink: list[Part] = []
        while self.at < size:
            char = text[self.at]
            if char == "}":
                break
            if char == "$":
                self.dollar(sink, quoted)
            elif char == '"':
                self.at += 1
                self.quoted(sink, self.at - 1)
            elif char == "'" and not keeps_quotes:
                self.single_quoted(sink)
            elif char == "`":
                self.backquoted(sink, quoted)
            elif char == "\\":
                self.at = min(self.at + 2, size)
            else:
                match = _in_braces(text, self.at)
                self.at = match.end() if match is not None else self.at + 1
        self.depth -= 1
        if self.at < size:
            self.at += 1
        else:
            self.fail("unclosed `${`", opened, opened + 2)

    def substitution(self, parts: list[Part], begin: int) -> None:
        """A command or process substitution, whose commands start at ``begin``."""
        opened = self.at
        pending, self.pending = self.pending, []
        in_test, self.in_test = self.in_test, False
        known = len(self.tables.substitutions)
        self.open_parens += 1
        self.at = begin
        owner = self.owner
        result = self.command_list("substitution", owner)
        self.owner = owner
        self.close(")", self.text[opened:begin], opened)
        self.open_parens -= 1
        self.in_test = in_test
        self.pending = pending + self.pending
        del self.tables.substitutions[known:]
        self.tables.substitutions.append(result)
        parts.append((SUBSTITUTION, result, opened, self.at))

    def backquoted(self, parts: list[Part], quoted: bool) -> None:
        """From a backquote on. Its text loses a level of backslashes and is a script of its own."""
        opened = self.at
        text, end = self.text, opened + 1
        pieces: list[str] = []
        removed: list[int] = []
        length = 0
        special = '$`\\"' if quoted else "$`\\"
        while True:
            begin = end
            while end < self.size and text[end] not in "`\\":
                match = _in_braces(text, end)
                end = match.end() if match is not None else end + 1
            pieces.append(text[begin:end])
            length += end - begin
            if end >= self.size or text[end] == "`":
                break
            following = text[end + 1 : end + 2]
            if following and following in special:
                removed.append(length)
                pieces.append(following)
                length += 1
            else:
                pieces.append("\\" + following)
                length += 1 + len(following)
            end += 1 + len(following)
        if end >= self.size:
            self.fail("unclosed backquote", opened, opened + 1)
            return
        self.at = end + 1
        known = len(self.tables.substitutions)
        inner = type(self)(Unescaped(self.source, "".join(pieces), opened + 1, removed), self.tables, self.depth)
        result = inner.script("substitution", self.owner)
        del self.tables.substitutions[known:]
        self.tables.substitutions.append(result)
        parts.append((SUBSTITUTION, result, opened, self.at))

    def arithmetic_end(self, begin: int) -> int:
        """Where the ``))`` of the ``((`` at ``begin`` stands, -1 if these are two subshells instead."""
        text = self.text
        at, depth = begin + 2, 2
        limit = min(self.size, at + _ARITHMETIC_LIMIT)
        while at < limit:
            char = text[at]
            if char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
                if depth == 1:
                    return at if text.startswith(")", at + 1) else -1
            elif char == "\\":
                at += 1
            elif char in "'\"":
                end = text.find(char, at + 1, limit)
                at = end if end >= 0 else at
            at += 1
        return -1

    def arithmetic(self, begin: int, stop: int) -> Word:
        """The expression ``text[begin:stop]``, whose bare names are uses of variables."""
        inner = self.inner(begin, stop, self.owner)
        return inner.whole(inner.expression)

    def expression(self, parts: list[Part]) -> None:
        """The whole text as an arithmetic expression."""
        text = self.text
        while self.at < self.size:
            at = self.at
            char = text[at]
            if char == "$":
                self.dollar(parts, True)
            elif char == "`":
                self.backquoted(parts, False)
            elif char.isalpha() or char == "_":
                match = _literal(text, at)
                stop = match.end() if match is not None else at + 1
                name = re.match(r"\w+", text[at:stop])
                stop = at + (name.end() if name is not None else 1)
                self.use(parts, stop, text[at:stop], True)
            else:
                stop = at + 1
                while stop < self.size and char.isalnum() and text[stop].isalnum():
                    stop += 1
                self.at = stop
                parts.append((ARITHMETIC, None, at, stop))

    def ansi_quoted(self, parts: list[Part]) -> None:
        """``$'...'`` from its dollar sign on."""
        at = self.at
        match = re.compile(r"(?:[^'\\]|\\.)*", re.DOTALL).match(self.text, at + 2)
        end = match.end() if match is not None else self.size
        if end >= self.size or self.text[end] != "'":
            self.fail("unclosed `$'`", at, at + 2)
            return
        self.at = end + 1
        parts.append((QUOTED, _unescape(self.text[at + 2 : end]), at, self.at))


def _unescape(text: str) -> str:
    """The text of ``$'...'``."""
    if "\\" not in text:
        return text
    pattern = r"\\(x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|c.|[0-7]{1,3}|.)"
    return re.sub(pattern, _unescaped, text, flags=re.DOTALL)


def _unescaped(match: re.Match[str]) -> str:
    sequence = match[1]
    first, rest = sequence[0], sequence[1:]
    if first in _ANSI_ESCAPES:
        return _ANSI_ESCAPES[first]
    if first in "xuU" and rest:
        code = int(rest, 16)
        return chr(code) if code < 0x110000 else "\ufffd"
    if first in "01234567":
        return chr(int(sequence, 8))
    if first == "c" and rest:
        return chr(ord(rest) & 0x1F)
    return first if first in "\\'\"?" else match[0]


def _start(node: Node) -> int:
    return node.start
