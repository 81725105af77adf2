"""The content of here-documents, and the script that a shell gets.

BuildKit's frontend/dockerfile/dockerfile2llb/convert.go: dispatchRun.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.source import MappedText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.syntax.tree import Heredoc, Run


def content_of(heredoc: Heredoc) -> MappedText:
    """The body as the shell or the file gets it, mapped to the source."""
    body = heredoc.body
    if not heredoc.strips_tabs:
        return MappedText.contiguous(body.value, body.start)
    pieces: list[tuple[str, int]] = []
    at = 0
    for line in _lines(body.value):
        stripped = line.lstrip("\t")
        pieces.append((stripped, body.start + at + len(line) - len(stripped)))
        at += len(line)
    return join(pieces, body.start)


def _lines(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        yield text[at:end]
        at = end


def join(pieces: list[tuple[str, int]], offset: int) -> MappedText:
    """Pieces of text with their source offsets as one text; ``offset`` is the place of an empty one."""
    kept = [(text, start) for text, start in pieces if text]
    if not kept:
        return MappedText("", (0,), (offset,))
    starts: list[int] = []
    length = 0
    for text, _ in kept:
        starts.append(length)
        length += len(text)
    return MappedText("".join(text for text, _ in kept), tuple(starts), tuple(start for _, start in kept))


def script_of(run: Run) -> MappedText | None:
    """What the shell of a shell-form RUN gets."""
    if run.shell_text is None:
        return None
    if run.is_heredoc_script:
        return content_of(run.heredocs[0])
    line = run.shell_text.mapped
    if not run.heredocs:
        return line
    pieces = line.pieces()
    for heredoc in run.heredocs:
        pieces.append(("\n", heredoc.body.start - 1))
        pieces.append((heredoc.body.value, heredoc.body.start))
        if heredoc.end_leaf is not None:
            pieces.append((heredoc.delimiter, heredoc.end_leaf.start))
    return join(pieces, line.offset(0))
