"""The shell parser: POSIX sh with bash's extensions, in one pass, total.

Grammar: POSIX.1-2024 XCU 2.10 and bash 5.2's parse.y. One master pattern finds the next token, most words are that
token as it stands; words with quotes or expansions are read piece by piece. An error moves the position to the end of
the text, so that everything open closes with what it has: the tree is always whole, and nothing is read twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.shell.dialect import POSIX_DIALECTS
from dflint.shell.nodes import (
    ARITHMETIC,
    QUOTED,
    Assignment,
    Command,
    CommandList,
    Compound,
    HereDocument,
    ListItem,
    Pipeline,
    Redirect,
    Script,
    ShellError,
    Word,
)
from dflint.shell.words import NEWLINE, OPERATOR, PLAIN, REDIRECT, Tables, WordReader, token

if TYPE_CHECKING:
    import re

    from dflint.source import MappedText

_DELIMITERS = frozenset(" \t\r\n;&|<>()")
_ENDS_WORD = frozenset(" \t\r\n;&|)")
_ENDS_RESERVED = frozenset(("", *_DELIMITERS))
_OPENERS = frozenset(("if", "for", "select", "while", "until", "case", "[[", "function", "{", "coproc", "!"))
_CLOSERS = frozenset(("then", "elif", "else", "fi", "do", "done", "esac", "}"))
_LIST_OPERATORS = frozenset(("&&", "||", ";", "&", "\n"))
_ARRAY_BUILTINS = frozenset(("export", "declare", "local", "readonly", "typeset"))
_CASE_ENDS = frozenset((";;", ";&", ";;&"))


def parse_shell(text: MappedText, dialect: str = "posix") -> Script:
    """Parse what a shell would read; never raises.

    ``dialect``: as from ``dialect_of``; all POSIX-like ones are read with the same grammar (a superset of bash's), for
    the others the script is opaque.
    """
    if dialect not in POSIX_DIALECTS:
        return Script(text, dialect, CommandList(text, 0, "script", None), is_opaque=True)
    tables = Tables()
    parser = Parser(text, tables, 0)
    try:
        body = parser.script("script", None)
    except RecursionError:  # called from near the limit
        body = CommandList(text, 0, "script", None)
        tables = Tables()
        tables.errors.append(ShellError("nested too deeply", text.offset(0), text.offset(len(text.text))))
    script = Script(text, dialect, body)
    script.errors = tuple(tables.errors)
    tables.sort()
    script._commands = tables.commands
    script._pipelines = tables.pipelines
    script._uses = tables.uses
    script._assignments = tables.assignments
    return script


class Parser(WordReader):
    """Reads the commands of one text."""

    # Lists and pipelines

    def script(self, role: str, parent: Command | Compound | None) -> CommandList:
        """The whole text."""
        body = self.command_list(role, parent)
        match = token(self.text, self.at)
        if match.lastindex is not None or match.end() < self.size:
            self.fail_here()
        self.read_here_documents(self.size)
        return body

    def command_list(self, role: str, parent: Command | Compound | None) -> CommandList:
        """Pipelines up to a token that cannot start one: a closing word, ``)``, ``;;`` or the end."""
        result = CommandList(self.source, self.at, role, parent)
        items: list[ListItem] = []
        if not self.enter():
            self.depth -= 1
            return result
        while self.starts_pipeline():
            pipeline = Pipeline(self.source, self.at, result, len(items))
            self.tables.pipelines.append(pipeline)
            self.pipeline(pipeline)
            if not items:
                result.begin = pipeline.begin
            result.stop = pipeline.stop
            item = self.list_item(pipeline)
            items.append(item)
            if item.operator is None:
                break
            if item.operator in ("&&", "||") and not self.starts_pipeline():
                self.fail_here()
                break
        result.items = tuple(items)
        self.depth -= 1
        return result

    def list_item(self, pipeline: Pipeline) -> ListItem:
        """A pipeline with the operator after it; takes that, but for a newline, which is for ``starts_pipeline``."""
        match = self.after
        kind = match.lastindex
        if kind is None or match[kind] not in _LIST_OPERATORS:
            return ListItem(pipeline, None, 0)
        begin, stop = match.span(kind)
        self.at = begin if kind == NEWLINE else stop
        return ListItem(pipeline, match[kind], begin)

    def starts_pipeline(self) -> bool:
        """Skip blanks, comments, newlines; whether a command may start here. ``at`` is then its first character."""
        text = self.text
        while True:
            match = token(text, self.at)
            self.first = match
            kind = match.lastindex
            if kind is None:
                self.at = match.end()
                return self.at < self.size
            self.at = match.start(kind)
            if kind == NEWLINE:
                self.newline()
            elif kind == PLAIN:
                return match[PLAIN] not in _CLOSERS or text[match.end() : match.end() + 1] not in _ENDS_RESERVED
            else:
                return kind == REDIRECT or match[OPERATOR] == "("

    def newline(self) -> None:
        """Step over a newline, and over the here-documents that begin after it."""
        self.at += 1
        if self.pending:
            self.read_here_documents(self.at)

    def pipeline(self, pipeline: Pipeline) -> None:
        """A pipeline from its first character on."""
        commands: list[Command | Compound] = []
        operators: list[str] = []
        pipeline.begin = self.at
        if self.first.lastindex == PLAIN and self.first[PLAIN] in ("!", "time"):
            self.prefixes(pipeline)
            if pipeline.stop > pipeline.begin and not self.starts_command_here():
                self.lone_prefix()
                return
        while True:
            command = self.command(pipeline, self.first)
            commands.append(command)
            match = self.after
            if match.lastindex != OPERATOR or match[OPERATOR] not in ("|", "|&"):
                break
            self.at = match.end()
            operators.append(match[OPERATOR])
            if not self.starts_pipeline():
                self.fail_here()
                break
        pipeline.commands = tuple(commands)
        pipeline.operators = tuple(operators)
        pipeline.stop = command.stop

    def prefixes(self, pipeline: Pipeline) -> None:
        """``!`` and ``time`` before a pipeline."""
        text = self.text
        while True:
            match = self.first = token(text, self.at)
            if match.lastindex != PLAIN or text[match.end() : match.end() + 1] not in _ENDS_RESERVED:
                return
            word = match[PLAIN]
            if word == "!":
                pipeline.negated = not pipeline.negated
            elif word == "time":
                pipeline.timed = True
            elif word not in ("-p", "--") or not pipeline.timed:
                return
            pipeline.stop = self.at = match.end()

    def lone_prefix(self) -> None:
        """``time`` or ``!`` without a command: only before a newline, ``;`` or the end."""
        self.after = token(self.text, self.at)
        kind = self.after.lastindex
        if kind is not None and self.after[kind] not in ("\n", ";"):
            self.fail_here()

    def starts_command_here(self) -> bool:
        """Whether a command starts before the end of the line; ``at`` is then its first character."""
        match = token(self.text, self.at)
        kind = match.lastindex
        if kind in (NEWLINE, OPERATOR) and match[kind] != "(":
            return False
        begin = match.end() if kind is None else match.start(kind)
        if begin >= self.size or (kind == PLAIN and self.closer_at(begin, match.end())):
            return False
        self.at = begin
        return True

    def closer_at(self, begin: int, stop: int) -> bool:
        """Whether ``text[begin:stop]``, a plain token, is a closing reserved word."""
        return self.text[begin:stop] in _CLOSERS and self.text[stop : stop + 1] in _ENDS_RESERVED

    # Commands

    def command(self, pipeline: Pipeline, first: re.Match[str]) -> Command | Compound:
        """A command of any kind from its first character on; ``first`` is its first token."""
        owner = self.owner
        kind = first.lastindex
        result: Command | Compound
        if kind == OPERATOR:
            result = self.arithmetic_or_subshell(pipeline)
        elif kind == PLAIN and first[PLAIN] in _OPENERS and self.text[first.end() : first.end() + 1] in _ENDS_RESERVED:
            result = self.compound(first[PLAIN], pipeline)
        else:
            result = self.simple(pipeline, first)
        self.owner = owner
        return result

    def simple(self, pipeline: Pipeline, match: re.Match[str]) -> Command | Compound:
        """A simple command whose first token is ``match``, or a function definition ``name() ...``."""
        source, text, size = self.source, self.text, self.size
        at = self.at
        command = Command(source, at, pipeline)
        self.owner = command
        self.tables.commands.append(command)
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            kind = match.lastindex
            if kind == PLAIN:
                begin, stop = match.span(PLAIN)
                if (stop == size or text[stop] in _ENDS_WORD) and (words or "=" not in match[PLAIN]):
                    words.append(Word(source, begin, stop))
                    at = stop
                else:
                    self.uncommon(match, words, assignments, redirects)
                    at = self.at
            elif kind is None and match.end() < size:
                words.append(self.word(match.end()))
                at = self.at
            elif kind == REDIRECT:
                redirects.append(self.redirect(match.start(REDIRECT), match.start(REDIRECT)))
                at = self.at
            elif kind == OPERATOR and match[OPERATOR] == "(":
                if len(words) == 1 and words[0].parts is None and not assignments and not redirects:
                    self.tables.commands.pop()
                    return self.function(words[0], pipeline, match.end())
                self.at = at
                self.fail_here()
                break
            else:
                self.at = at
                self.after = match
                break
            match = token(text, at)
        if words:
            command.name = words[0]
            command.arguments = tuple(words[1:])
        if assignments:
            command.assignments = tuple(assignments)
            for assignment in assignments:
                assignment.is_local = bool(words)
        command.redirects = tuple(redirects)
        command.stop = at
        return command

    def uncommon(
        self, match: re.Match[str], words: list[Word], assignments: list[Assignment], redirects: list[Redirect]
    ) -> None:
        """What starts with a plain token but is more: an assignment, a redirection with descriptor, a longer word."""
        begin, stop = match.span(PLAIN)
        after = self.text[stop : stop + 1]
        name, equals, value = match[PLAIN].partition("=")
        is_assignment = equals and _is_assignable(name)
        if is_assignment and not words:
            assignments.append(self.assignment(begin, name))
        elif is_assignment and not value and after == "(" and words[0].raw in _ARRAY_BUILTINS:
            self.assignment(begin, name)
            words.append(Word(self.source, begin, self.at, [(ARITHMETIC, None, begin, self.at)]))
        elif after in ("<", ">") and _is_descriptor(match[PLAIN]):
            redirects.append(self.redirect(begin, stop))
        else:
            words.append(self.word(begin))

    def assignment(self, begin: int, left: str) -> Assignment:
        """``name=...``; ``left`` is what stands before the equals sign: ``name``, ``name+``, ``name[index]``."""
        value_begin = self.at = begin + len(left) + 1
        name = left.removesuffix("+").partition("[")[0]
        result = Assignment(self.source, begin, value_begin, name, None, left.endswith("+"))
        self.tables.assignments.append(result)
        if self.text.startswith("(", value_begin):
            result.elements = self.array()
        else:
            result.value = self.word(value_begin)
        result.stop = self.at
        return result

    def array(self) -> tuple[Word, ...]:
        """``( words )`` from its parenthesis on."""
        opened = self.at
        self.at += 1
        words: list[Word] = []
        while True:
            begin = self.next_word(skip_newlines=True)
            if begin < 0:
                break
            words.append(self.word(begin))
        if self.text.startswith(")", self.at):
            self.at += 1
        elif self.at >= self.size:
            self.fail("unclosed `(`", opened, opened + 1)
        else:
            self.fail_here()
        return tuple(words)

    def next_word(self, skip_newlines: bool = False) -> int:
        """Where the next word begins, -1 if something else (``at`` is then there) or the end comes first."""
        while True:
            match = token(self.text, self.at)
            kind = match.lastindex
            if kind == PLAIN:
                return match.start(PLAIN)
            if kind is None:
                self.at = match.end()
                return self.at if self.at < self.size else -1
            self.at = match.start(kind)
            if kind != NEWLINE or not skip_newlines:
                return -1
            self.newline()

    def redirect(self, begin: int, operator_begin: int) -> Redirect:
        """A redirection; ``text[begin:operator_begin]`` is its descriptor."""
        match = token(self.text, operator_begin)
        fd = self.text[begin:operator_begin] or None
        if match.lastindex != REDIRECT:
            self.at = operator_begin
            self.fail_here()
            return Redirect(self.source, begin, operator_begin, fd, "")
        result = Redirect(self.source, begin, match.end(), fd, match[REDIRECT])
        self.at = match.end()
        target = self.next_word()
        if target < 0:
            self.fail_here()
            return result
        result.target = self.word(target)
        result.stop = self.at
        if match[REDIRECT] in ("<<", "<<-") and not self.failed:
            word = result.target
            delimiter = word.raw if word.value is None else word.value
            result.here_document = HereDocument(delimiter, not word.is_quoted, match[REDIRECT] == "<<-")
            self.pending.append((result.here_document, self.owner))
            self.tables.has_here_documents = True
        return result

    def is_descriptor(self, begin: int, stop: int) -> bool:
        """Whether ``text[begin:stop]``, a plain token, is the descriptor of a redirection: ``2`` or ``{name}``."""
        return self.text[stop : stop + 1] in ("<", ">") and _is_descriptor(self.text[begin:stop])

    def redirects(self, compound: Compound) -> None:
        """The redirections after a compound command."""
        found: list[Redirect] = []
        compound.stop = self.at
        while not self.failed:
            match = token(self.text, self.at)
            if match.lastindex == REDIRECT:
                found.append(self.redirect(match.start(REDIRECT), match.start(REDIRECT)))
            elif match.lastindex == PLAIN and self.is_descriptor(*match.span(PLAIN)):
                found.append(self.redirect(match.start(PLAIN), match.end()))
            else:
                self.after = match
                break
            compound.stop = self.at
        compound.redirects = tuple(found)

    def read_here_documents(self, begin: int) -> None:
        """Read the bodies that are due; they begin at ``begin``, the start of a line."""
        pending, self.pending = self.pending, []
        for document, owner in pending:
            begin = self.here_document(document, owner, begin)
        self.at = max(self.at, begin)

    def here_document(self, document: HereDocument, owner: Command | Compound | None, begin: int) -> int:
        """Read one body; gives the position behind its delimiter's line."""
        text, size, delimiter = self.text, self.size, document.delimiter
        line, stop, after = begin, size, size
        joined = False
        while line < size:
            end = text.find("\n", line)
            end = size if end < 0 else end
            content = line
            if document.strips_tabs:
                while content < end and text[content] == "\t":
                    content += 1
            found = 0 if joined else self.ends_here(content, end, delimiter)
            if found:
                stop, after = line, found
                document.is_terminated = True
                break
            joined = document.expands and _ends_in_backslash(text, line, end)
            line = end + 1
        document.body = self.here_document_body(document, owner, begin, max(begin, stop))
        return after

    def ends_here(self, content: int, end: int, delimiter: str) -> int:
        """Where to go on if the line ``text[content:end]`` is the delimiter, else 0."""
        if not self.text.startswith(delimiter, content):
            return 0
        rest = content + len(delimiter)
        if rest == end or self.text[rest:end] == "\r":
            return min(end + 1, self.size)
        # bash ends it at "EOF)" too, in $(...)
        return rest if self.open_parens and self.text.find(")", rest, end) >= 0 else 0

    def here_document_body(
        self, document: HereDocument, owner: Command | Compound | None, begin: int, stop: int
    ) -> Word:
        """The body as a word; read by its own parser, as its expansions cannot go beyond it."""
        if not document.expands:
            return Word(self.source, begin, stop, [(QUOTED, self.text[begin:stop], begin, stop)])
        if not any(self.text.find(char, begin, stop) >= 0 for char in "$`\\"):
            return Word(self.source, begin, stop)
        inner = self.inner(begin, stop, owner)
        inner.failed = True  # no shell looks for errors here before it runs the command
        return inner.whole(inner.quoted)

    # Compound commands

    def arithmetic_or_subshell(self, pipeline: Pipeline) -> Compound:
        """``(( ))`` or ``( )`` from its parenthesis on."""
        begin = self.at
        end = self.arithmetic_end(begin) if self.text.startswith("((", begin) else -1
        result = Compound(self.source, begin, "subshell" if end < 0 else "arithmetic", pipeline)
        self.owner = result
        if end >= 0:
            result.words = (self.arithmetic(begin + 2, end),)
            self.at = end + 2
        else:
            self.at += 1
            result.sections = (self.section("subshell", result),)
            self.close(")", "(", begin)
        self.redirects(result)
        return result

    def compound(self, word: str, pipeline: Pipeline) -> Compound:
        """A compound command that starts with the reserved word at the position."""
        result = Compound(self.source, self.at, word, pipeline)
        self.owner = result
        self.at += len(word)
        if word in ("while", "until"):
            self.loop(result)
        elif word in ("for", "select"):
            self.for_loop(result)
        elif word == "!":  # not at the start of a pipeline
            self.fail("unexpected `!`", result.begin, self.at)
        elif word == "{":
            result.kind = "group"
            result.sections = (self.section("group", result),)
            self.close("}", "{", result.begin)
        elif word == "[[":
            result.kind = "test"
            self.test(result)
        elif word == "if":
            self.branches(result)
        elif word == "case":
            self.case(result)
        elif word == "function":
            self.function_word(result)
        else:
            self.coprocess(result)
        self.redirects(result)
        return result

    def section(self, role: str, parent: Compound) -> CommandList:
        """A list that must not be empty."""
        result = self.command_list(role, parent)
        if not result.items and not self.failed:
            self.fail_here()
        return result

    def close(self, closer: str, opener: str, opened: int) -> None:
        """Take the closing word or parenthesis."""
        match = token(self.text, self.at)
        kind = match.lastindex
        if kind is not None and match[kind] == closer and (kind == OPERATOR or self.closer_at(*match.span(kind))):
            self.at = match.end()
        elif kind is None and match.end() >= self.size:
            self.fail(f"unclosed `{opener}`", opened, opened + len(opener))
        else:
            self.fail_here()

    def at_word(self, word: str) -> bool:
        """Whether a reserved word comes next; takes it."""
        match = token(self.text, self.at)
        if match.lastindex != PLAIN or match[PLAIN] != word:
            return False
        if self.text[match.end() : match.end() + 1] not in _ENDS_RESERVED:
            return False
        self.at = match.end()
        return True

    def skip_newlines(self) -> None:
        """Step over blanks, comments and newlines."""
        self.starts_pipeline()

    def branches(self, result: Compound) -> None:
        """``if`` behind its first word."""
        sections = []
        while True:
            sections.append(self.section("condition", result))
            self.close("then", "if", result.begin)
            sections.append(self.section("branch", result))
            if not self.at_word("elif"):
                break
        if self.at_word("else"):
            sections.append(self.section("branch", result))
        self.close("fi", "if", result.begin)
        result.sections = tuple(sections)

    def loop(self, result: Compound) -> None:
        """``while`` and ``until`` behind the first word."""
        condition = self.section("condition", result)
        result.sections = (condition, self.do_group(result))

    def do_group(self, result: Compound) -> CommandList:
        """``do`` list ``done``; after ``for`` and ``select`` also ``{`` list ``}``."""
        if result.kind in ("for", "select") and self.at_word("{"):
            body = self.section("branch", result)
            self.close("}", "{", result.begin)
            return body
        self.close("do", result.kind, result.begin)
        body = self.section("branch", result)
        self.close("done", result.kind, result.begin)
        return body

    def for_loop(self, result: Compound) -> None:
        """``for`` and ``select`` behind the first word."""
        begin = self.next_word()
        if begin < 0 and self.text.startswith("((", self.at) and result.kind == "for":
            end = self.arithmetic_end(self.at)
            if end < 0:
                self.fail_here()
                return
            result.words = (self.arithmetic(self.at + 2, end),)
            self.at = end + 2
        elif begin < 0:
            self.fail_here()
            return
        else:
            self.for_words(result, begin)
        if self.text.startswith(";", self.skip_blanks()):
            self.at += 1
        self.skip_newlines()
        result.sections = (self.do_group(result),)

    def skip_blanks(self) -> int:
        """Step over blanks, continuations and a comment; gives the position."""
        match = token(self.text, self.at)
        self.at = match.start(match.lastindex) if match.lastindex else match.end()
        return self.at

    def for_words(self, result: Compound, begin: int) -> None:
        """The variable of a ``for`` at ``begin``, and its list."""
        name = self.word(begin)
        result.name = name.value
        if name.parts is None:
            self.tables.assignments.append(Assignment(self.source, begin, self.at, name.raw))
        after_name = self.at
        self.skip_newlines()
        if not self.at_word("in"):
            self.at = max(self.at, after_name)
            return
        result.words = self.words()
        if self.text[self.at : self.at + 1] not in (";", "\n"):
            self.fail_here()

    def words(self) -> tuple[Word, ...]:
        """Words up to something else."""
        found = []
        while (begin := self.next_word()) >= 0:
            found.append(self.word(begin))
        return tuple(found)

    def case(self, result: Compound) -> None:
        """``case`` behind its first word."""
        begin = self.next_word()
        if begin < 0:
            self.fail_here()
            return
        words = [self.word(begin)]
        sections: list[CommandList] = []
        self.skip_newlines()
        if not self.at_word("in"):
            self.fail_here()
        while not self.failed:
            self.skip_newlines()
            if self.at_word("esac"):
                break
            if self.at >= self.size:
                self.fail("unclosed `case`", result.begin, result.begin + 4)
                break
            self.patterns(words)
            sections.append(self.command_list("branch", result))
            match = token(self.text, self.at)
            if match.lastindex == OPERATOR and match[OPERATOR] in _CASE_ENDS:
                self.at = match.end()
            elif not self.at_word("esac"):
                self.close("esac", "case", result.begin)
            else:
                break
        result.words = tuple(words)
        result.sections = tuple(sections)

    def patterns(self, words: list[Word]) -> None:
        """``(a|b)`` of a case arm; the first parenthesis may be missing."""
        if self.text.startswith("(", self.at):
            self.at += 1
        while not self.failed:
            begin = self.next_word()
            if begin < 0:
                self.fail_here()
                return
            words.append(self.word(begin))
            match = token(self.text, self.at)
            if match.lastindex != OPERATOR or match[OPERATOR] not in ("|", ")"):
                self.fail_here()
                return
            self.at = match.end()
            if match[OPERATOR] == ")":
                return

    def test(self, result: Compound) -> None:
        """``[[ ]]`` behind its first word. Its words and operators are read, its expression is not checked."""
        outer, self.in_test = self.in_test, True
        words: list[Word] = []
        while True:
            begin = self.next_word(skip_newlines=True)
            is_regex = bool(words) and words[-1].raw == "=~"
            if begin < 0 and self.at >= self.size:
                self.fail("unclosed `[[`", result.begin, result.begin + 2)
                break
            if begin >= 0 and self.text.startswith("]]", begin) and self.text[begin + 2 : begin + 3] in _ENDS_RESERVED:
                self.at = begin + 2
                break
            if begin >= 0 or is_regex:
                begin = self.at = max(begin, self.at)
                words.append(self.word(begin, is_regex))
                if self.at > begin:
                    continue
            match = token(self.text, self.at)
            if match.lastindex == REDIRECT or match[OPERATOR] in ("&&", "||", "(", ")"):
                self.at = match.end()
            else:
                self.fail_here()
        if not words:
            self.fail("empty `[[ ]]`", result.begin, self.at)
        result.words = tuple(words)
        self.in_test = outer

    def function(self, name: Word, pipeline: Pipeline, at: int) -> Compound:
        """``name() command``; ``at`` is behind its first parenthesis."""
        result = Compound(self.source, name.begin, "function", pipeline)
        self.owner = result
        result.name = name.raw
        self.at = at
        self.close(")", "(", at - 1)
        self.skip_newlines()
        result.sections = (self.single("function", result),)
        result.stop = self.at
        return result

    def function_word(self, result: Compound) -> None:
        """``function name [()] command`` behind its first word."""
        begin = self.next_word()
        if begin < 0:
            self.fail_here()
            return
        result.name = self.word(begin).value
        if self.text.startswith("(", self.skip_blanks()):
            self.at += 1
            self.close(")", "(", self.at - 1)
        self.skip_newlines()
        result.sections = (self.single("function", result),)

    def coprocess(self, result: Compound) -> None:
        """``coproc [name] command`` behind its first word."""
        begin = self.next_word()
        match = token(self.text, begin) if begin >= 0 else None
        if match is not None and match.lastindex == PLAIN and match[PLAIN] not in _OPENERS:
            following = token(self.text, match.end())
            kind = following.lastindex
            if kind is not None and (following[kind] == "(" or (kind == PLAIN and following[kind] in _OPENERS)):
                result.name = match[PLAIN]
                self.at = match.end()
        self.skip_newlines()
        result.sections = (self.single("coproc", result),)

    def single(self, role: str, parent: Compound) -> CommandList:
        """One command as a list: a function's body (a compound command), a coprocess."""
        result = CommandList(self.source, self.at, role, parent)
        if self.enter():
            pipeline = Pipeline(self.source, self.at, result, 0)
            self.tables.pipelines.append(pipeline)
            if self.starts_pipeline():
                command = self.command(pipeline, self.first)
                pipeline.commands = (command,)
                pipeline.begin, pipeline.stop = command.begin, command.stop
                if role == "function" and not isinstance(command, Compound):
                    self.fail("a function's body must be a compound command", command.begin, command.stop)
            else:
                self.fail_here()
            result.begin, result.stop = pipeline.begin, pipeline.stop
            result.items = (ListItem(pipeline, None, 0),)
        self.depth -= 1
        return result


def _ends_in_backslash(text: str, begin: int, end: int) -> bool:
    """Whether an odd number of backslashes ends ``text[begin:end]``."""
    at = end - 1 if end > begin and text[end - 1] == "\r" else end
    stop = at
    while at > begin and text[at - 1] == "\\":
        at -= 1
    return (stop - at) % 2 == 1


def _is_assignable(left: str) -> bool:
    """Whether a plain text before ``=`` makes it an assignment: ``name``, ``name+``, ``name[index]``."""
    name, bracket, index = left.removesuffix("+").partition("[")
    return name.isidentifier() and name.isascii() and (not bracket or index.endswith("]"))


def _is_descriptor(word: str) -> bool:
    """Whether a plain word right before a redirection is its descriptor: ``2`` or ``{name}``."""
    return (word.isdigit() and word.isascii()) or (word[0] == "{" and word[-1] == "}" and word[1:-1].isidentifier())
