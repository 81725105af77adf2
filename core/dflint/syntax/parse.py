"""From text to tree: physical lines, logical lines, here-documents.

The line structure of BuildKit's frontend/dockerfile/parser/parser.go, with nothing thrown away. What stands on a
logical line is the business of ``dflint.syntax.instructions``.
"""

from __future__ import annotations

import re
from typing import Any

from dflint.source import MappedText, Source, Span
from dflint.syntax.characters import BYTE_ORDER_MARK, GO_SPACE, SPACE_PATTERN
from dflint.syntax.instructions import InstructionBuilder
from dflint.syntax.tree import Comment, Directive, Dockerfile, Heredoc, Instruction, Leaf, Onbuild, Problem

_DIRECTIVE = re.compile(rf"#{SPACE_PATTERN}*([a-zA-Z][a-zA-Z0-9]*)\s*(=)\s*(\S.*)")
_KNOWN_DIRECTIVES = frozenset({"syntax", "escape", "check"})


def parse(text: str, path: str = "") -> Dockerfile:
    """The tree of a Dockerfile. Never raises for any ``str``; what BuildKit refuses is in ``tree.problems``."""
    return _FileParser(Source(text, path)).parse()


class _FileParser:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.escape = "\\"
        self.pending = 0  # where the next token's prefix starts
        self.comments: list[Comment] = []
        self.problems: list[Problem] = []
        self.directives: list[Directive] = []
        self.directives_done = False
        self.instructions: list[Instruction] = []

    def parse(self) -> Dockerfile:
        text = self.text
        at = len(BYTE_ORDER_MARK) if text.startswith(BYTE_ORDER_MARK) else 0
        end = len(text)
        while at < end:
            next_line, content_end = self._line_end(at)
            start = self._skip_space(at, content_end)
            if start == content_end:
                self.directives_done = True
            elif text[start] == "#":
                self._comment_or_directive(start, content_end, next_line)
            else:
                self.directives_done = True
                next_line = self._instruction(start, content_end, next_line)
            at = next_line
        return self._root()

    def _line_end(self, at: int) -> tuple[int, int]:
        """Start of the next line, and end of this line's content (all its carriage returns cut)."""
        newline = self.text.find("\n", at)
        next_line = len(self.text) if newline < 0 else newline + 1
        content_end = len(self.text) if newline < 0 else newline
        while content_end > at and self.text[content_end - 1] == "\r":
            content_end -= 1
        return next_line, content_end

    def _skip_space(self, at: int, end: int) -> int:
        text = self.text
        while at < end and text[at] in GO_SPACE:
            at += 1
        return at

    def _trimmed_end(self, start: int, end: int) -> int:
        while end > start and self.text[end - 1] in "\t\f\r ":
            end -= 1
        return end

    # comments and directives

    def _comment_or_directive(self, start: int, end: int, next_line: int) -> None:
        match = None if self.directives_done else _DIRECTIVE.match(self.text, start, self._trimmed_end(start, end))
        name = match[1].lower() if match else ""
        if match is None or name not in _KNOWN_DIRECTIVES:
            self.directives_done = True
            self.comments.append(Comment(start, end, self.text[start + 1 : end], False))
            return
        if any(directive.name == name for directive in self.directives):
            self._problem("duplicate-directive", f"only one {name} directive can be used", start, end)
        elif name == "escape":
            self._set_escape(match)
        self._directive(match, name, start, next_line)

    def _set_escape(self, match: re.Match[str]) -> None:
        if match[3] in ("\\", "`"):
            self.escape = match[3]
            return
        message = f"the escape character must be a backslash or a backtick, not {match[3]!r}"
        self._problem("invalid-escape", message, *match.span(3))

    def _directive(self, match: re.Match[str], name: str, start: int, next_line: int) -> None:
        text = self.text
        leaves: list[Any] = []
        at = self.pending
        places = (
            ("operator", start, start + 1),
            ("directive_name", *match.span(1)),
            ("operator", *match.span(2)),
            ("directive_value", *match.span(3)),
        )
        for kind, leaf_start, leaf_end in places:
            leaves.append(Leaf(kind, text[leaf_start:leaf_end], leaf_start, text[at:leaf_start]))
            at = leaf_end
        leaves.append(self._newline_leaf(at, next_line))
        self.pending = next_line
        self.directives.append(Directive(leaves, name, match[3]))

    def _newline_leaf(self, at: int, next_line: int) -> Leaf:
        """The line ending before ``next_line``, with what stands between ``at`` and it as its prefix."""
        text = self.text
        start = next_line
        if start > at and text[start - 1] == "\n":
            start -= 1
            while start > at and text[start - 1] == "\r":
                start -= 1
        return Leaf("newline", text[start:next_line], start, text[at:start])

    # instructions

    def _instruction(self, start: int, content_end: int, next_line: int) -> int:
        """Parse the instruction whose first line starts at ``start``; returns the start of the line after it."""
        line, comments, blank_lines, next_line = self._logical_line(start, content_end, next_line)
        builder = InstructionBuilder(self.text, self.pending, line, self.escape)
        instruction = builder.build()
        instruction.content_end = builder.at
        instruction.comments = comments
        instruction.blank_lines = blank_lines
        instruction.index = len(self.instructions)
        if isinstance(instruction, Onbuild) and instruction.trigger is not None:
            instruction.trigger.index = instruction.index
        trailing: list[Leaf] = [self._newline_leaf(builder.at, next_line)]
        if builder.heredoc_openers:
            next_line = self._heredocs(instruction, builder, trailing, next_line)
        for leaf in trailing:
            if leaf.value or leaf.prefix or leaf.type == "heredoc_body":
                leaf.parent = instruction
                instruction.children.append(leaf)
        instruction.problems = tuple(builder.problems)
        self.problems += builder.problems
        self.comments += comments
        self.instructions.append(instruction)
        self.pending = next_line
        return next_line

    def _logical_line(
        self, start: int, content_end: int, next_line: int
    ) -> tuple[MappedText, tuple[Comment, ...], tuple[Span, ...], int]:
        text = self.text
        cut = self._continuation(start, content_end)
        if cut < 0:
            return MappedText(text[start:content_end], (0,), (start,)), (), (), next_line
        pieces = [(start, cut)]
        comments: list[Comment] = []
        blank_lines: list[Span] = []
        while cut >= 0 and next_line < len(text):
            at = next_line
            next_line, content_end = self._line_end(at)
            first = self._skip_space(at, content_end)
            if first == content_end:
                blank_lines.append(Span(at, next_line))
            elif text[first] == "#":
                comments.append(Comment(first, content_end, text[first + 1 : content_end], True))
            else:
                cut = self._continuation(at, content_end)
                pieces.append((at, content_end if cut < 0 else cut))
        return self._join(pieces), tuple(comments), tuple(blank_lines), next_line

    def _continuation(self, start: int, end: int) -> int:
        """Where the line's continuation character stands, -1 if it has none; a doubled one is none."""
        text = self.text
        while end > start and text[end - 1] in " \t":
            end -= 1
        escape = self.escape
        if end == start or text[end - 1] != escape:
            return -1
        return end - 1 if end - 1 == start or text[end - 2] != escape else -1

    def _join(self, pieces: list[tuple[int, int]]) -> MappedText:
        starts: list[int] = []
        offsets: list[int] = []
        length = 0
        for start, end in pieces:
            if end > start:
                starts.append(length)
                offsets.append(start)
                length += end - start
        if not starts:
            return MappedText("", (0,), (pieces[0][0],))
        return MappedText("".join([self.text[start:end] for start, end in pieces]), tuple(starts), tuple(offsets))

    # here-documents

    def _heredocs(
        self, instruction: Instruction, builder: InstructionBuilder, trailing: list[Leaf], next_line: int
    ) -> int:
        heredocs: list[Heredoc] = []
        for opener in builder.heredoc_openers:
            body_start = next_line
            end_leaf = None
            body_end = len(self.text)
            while next_line < len(self.text):
                at = next_line
                next_line, content_end = self._line_end(at)
                if opener.strips_tabs:
                    while at < content_end and self.text[at] == "\t":
                        at += 1
                if self.text[at:content_end] == opener.delimiter:
                    body_end = at
                    end_leaf = Leaf("heredoc_end", opener.delimiter, at, "")
                    break
            body, end_tabs = self._heredoc_body(body_start, body_end, opener.strips_tabs and end_leaf is not None)
            trailing.append(body)
            if end_leaf is None:
                message = f"here-document {opener.delimiter!r} is not terminated"
                builder.problem("unterminated-heredoc", message, opener.span)
            else:
                end_leaf.prefix = end_tabs
                trailing += [end_leaf, self._newline_leaf(end_leaf.end, next_line)]
            heredocs.append(
                Heredoc(opener.span, opener.delimiter, opener.fd, opener.strips_tabs, opener.expands, body, end_leaf)
            )
        instruction.heredocs = tuple(heredocs)
        if isinstance(instruction, Onbuild) and instruction.trigger is not None:
            instruction.trigger.heredocs = instruction.heredocs
        return next_line

    def _heredoc_body(self, start: int, end: int, cut_tabs: bool) -> tuple[Leaf, str]:
        """The body's leaf, and the tabs that stand before the delimiter on its line."""
        text = self.text
        body_end = end
        while cut_tabs and body_end > start and text[body_end - 1] == "\t":
            body_end -= 1
        return Leaf("heredoc_body", text[start:body_end], start, ""), text[body_end:end]

    # the whole

    def _problem(self, code: str, message: str, start: int, end: int) -> None:
        self.problems.append(Problem(code, message, start, end))

    def _root(self) -> Dockerfile:
        text = self.text
        end_marker = Leaf("endmarker", "", len(text), text[self.pending :])
        tree = Dockerfile([*self.directives, *self.instructions, end_marker])
        tree.source = self.source
        tree.directives = tuple(self.directives)
        tree.instructions = tuple(self.instructions)
        tree.comments = tuple(self.comments)
        tree.escape = self.escape
        self._check_stages()
        tree.problems = tuple(sorted(self.problems, key=lambda problem: (problem.start, problem.end)))
        return tree

    def _check_stages(self) -> None:
        """A file needs a stage, and nothing but ARG may stand before it (instructions/parse.go: Parse)."""
        if not self.instructions:
            end = len(self.text)
            self._problem("no-instructions", "the file has no instructions", end, end)
            return
        for instruction in self.instructions:
            if instruction.type == "from":
                return
            if instruction.type not in ("arg", "unknown"):
                message = f"{instruction.name} stands before the first FROM"
                self._problem("no-stage", message, instruction.keyword.start, instruction.keyword.end)
        if all(instruction.type == "arg" for instruction in self.instructions):
            last = self.instructions[-1]
            self._problem("no-stage", "the file has no FROM", last.start, last.end)
