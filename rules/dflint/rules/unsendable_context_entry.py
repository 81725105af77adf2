from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.context import BuildContext, ContextEntry
    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.model.context_reads import ContextRead

_MAX_LOOKED_AT = 5_000


class UnsendableContextEntry(Rule):
    """Something that is copied cannot be read, or has a name that cannot be sent.

    ## Why is this bad?

    The client sends a file that it may not read as an empty one, without a word: the build succeeds, the image is
    broken. For a folder that it may not list, and for a name that is not UTF-8, the build fails, with an error that
    tells little.

    ## Exceptions

    Needs a known build context. Looks at the files that the instructions of the built stages take, some thousand at
    most. dflint asks what the user may read that runs it, who may not be the one that builds.

    ## Differs from BuildKit

    BuildKit has no such check; what happens is in fsutil (send.go, sendFile; filter.go, Walk).
    """

    name = "unsendable-context-entry"
    category = "context"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.22\nCOPY src /app\n", at=("src",), files={"src/a\udcff.txt": ""}),
        Bad("FROM alpine:3.22\ncopy --link a.txt \\\n  . /app/\n", at=(".",), files={"a.txt": "", "b/\udcfe/c": ""}),
        Bad('FROM alpine:3.22\nADD ["x/*", "/x/"]\n', at=('"x/*"',), files={"x/\udcff": ""}),
    )
    good = (
        Good("FROM alpine:3.22\nCOPY src /app\n", files={"src/a.txt": "", "b\udcff": ""}),
        Good("FROM alpine:3.22\nCOPY . /app\n", files={"b\udcff": "", "c": "", ".dockerignore": "b*\n"}),
        Good("FROM alpine:3.22 AS a\nFROM alpine:3.22\nCOPY --from=a . /app\n", files={"b\udcff": ""}),
        Good("FROM alpine:3.22\nCOPY $X /app\nCOPY a.txt /\n", files={"é\n": "", "b\udcff": "", "a.txt": ""}),
        Good("FROM alpine:3.22\nCOPY . /app\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        context = model.context
        if context is None:
            return
        from dflint.model.context_reads import context_reads

        told: set[str] = set()
        for read in context_reads(model):
            found = _unsendable(read, context)
            if found is not None and found[0] not in told:
                told.add(found[0])
                yield self.finding(read.place, found[1])


def _unsendable(read: ContextRead, context: BuildContext) -> tuple[str, str] | None:
    """The path of the first thing that goes wrong, and what to say."""
    for entry in islice(_taken(read, context), _MAX_LOOKED_AT):
        if not entry.is_readable:
            return entry.path, f"{_shown(entry.path)} cannot be read, so it arrives empty, without a word"
        if not _is_utf8(entry.path):
            return entry.path, f"the name {_shown(entry.path)} is not UTF-8, so the build fails"
    for path, reason in context.unreadable:
        folder = context.entry(path)
        if folder is not None and folder.kind == "dir" and not folder.is_ignored and read.covers(path):
            return path, f"the folder {_shown(path) or '.'} cannot be read ({reason}), so the build fails"
    return None


def _taken(read: ContextRead, context: BuildContext) -> Iterator[ContextEntry]:
    for root in read.roots(context):
        yield root
        if root.kind == "dir":
            yield from context.walk(root.path)


def _is_utf8(path: str) -> bool:
    return path.isascii() or not any("\udc80" <= char <= "\udcff" for char in path)


def _shown(path: str) -> str:
    return "".join(f"\\x{ord(char) - 0xDC00:02x}" if "\udc80" <= char <= "\udcff" else char for char in path)
