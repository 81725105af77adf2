from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.context import BuildContext
    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.source import Span
    from dflint.syntax.mounts import Mount
    from dflint.syntax.tree import Add, Copy, Run, Transfer

_ALL = frozenset(("*", "**", "**/*", "**/**"))


class IgnoredCopySource(Rule):
    """COPY, ADD or a bind mount takes something that the ignore file leaves out of the build context.

    ## Why is this bad?

    The builder never gets the file, so the build fails with "not found", although it is there on disk; of a wildcard
    nothing is copied, without a word.

    ## Exceptions

    Lines with `!` are followed exactly: a folder counts as left out only if nothing below it is sent. Silent without an
    ignore file, for URLs and git repositories, for `COPY --from`, for variables without a known value, and in ONBUILD
    triggers, which run with another context.

    ## Differs from BuildKit

    CopyIgnoredFile gives up on ignore files with any `!` line, and on sources that start with a slash
    (validateCopySourcePath in dockerfile2llb/validations.go).
    """

    name = "ignored-copy-source"
    category = "context"
    level = "warning"
    aliases = ("CopyIgnoredFile",)
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.20\nCOPY a.log /\n", at=("a.log",), files={".dockerignore": "*.log\n", "a.log": ""}),
        Bad(
            "FROM alpine:3.20\ncopy a \\\n  ./dist/app.js /\n",
            at=("./dist/app.js",),
            files={".dockerignore": "# built\ndist\n", "a": ""},
        ),
        Bad(
            'FROM alpine:3.20\nADD ["/src", "/app/"]\n',
            at=('"/src"',),
            files={".dockerignore": "*\n!package.json\n", "src/a.js": "", "package.json": ""},
        ),
        Bad(
            "FROM alpine:3.20\nCOPY docs/*.md /\n",
            at=("docs/*.md",),
            files={".dockerignore": "**/*.md", "docs/a.md": ""},
        ),
        Bad("FROM alpine:3.20\nCOPY . /app\n", at=(".",), files={".dockerignore": "**\n", "a": ""}),
        Bad(
            "FROM alpine:3.20\nRUN --mount=type=bind,source=ci/a.sh,target=/a.sh sh /a.sh\n",
            at=("source=ci/a.sh",),
            files={".dockerignore": "ci\n", "ci/a.sh": ""},
        ),
    )
    good = (
        Good("FROM alpine:3.20\nCOPY a.txt /\nCOPY . /app\n", files={".dockerignore": "*.log\n", "a.txt": ""}),
        Good(
            "FROM alpine:3.20\nCOPY src /app\nCOPY src/a.js /\nCOPY src/*.js /\n",
            files={".dockerignore": "src\n!src/a.js\n", "src/a.js": "", "src/b.js": ""},
        ),
        Good("FROM alpine:3.20 AS b\nFROM alpine:3.20\nCOPY --from=b a.log /\n", files={".dockerignore": "*.log\n"}),
        Good(
            "FROM alpine:3.20\nADD https://example.com/a.log /\nONBUILD COPY a.log /\n",
            files={".dockerignore": "*.log"},
        ),
        Good("FROM alpine:3.20\nCOPY $FILE /\nCOPY *.log /\n", files={".dockerignore": "?.log\n"}),
        Good("FROM alpine:3.20\nCOPY a.log /\n", files={"a.log": ""}),
        Good(
            "FROM alpine:3.20\nRUN --mount=type=bind,source=$A,target=/a --mount=type=cache,source=ci,target=/c \\\n"
            "  --mount=from=alpine,source=ci,target=/b --mount=source=ci/b,target=/d true\n",
            files={".dockerignore": "ci\n!ci/b\n", "ci/a": "", "ci/b": ""},
        ),
    )

    def check_copy(self, copy: Copy, model: Model) -> Iterator[Finding]:
        if copy.flag("from") is not None:
            return iter(())
        return self._check(copy, model)

    def check_add(self, add: Add, model: Model) -> Iterator[Finding]:
        return self._check(add, model)

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        context = model.context
        if context is None or context.ignore is None or not context.ignore.patterns or run.is_onbuild_trigger:
            return
        for mount in run.mounts:
            source = mount.source
            if mount.type != "bind" or mount.from_ or not source or any(char in source for char in "$*?[\\"):
                continue
            path = _left_out(source, context, False)
            if path is not None:
                yield self.finding(_source_of(mount), _message(source, path, context))

    def _check(self, transfer: Transfer, model: Model) -> Iterator[Finding]:
        context = model.context
        if context is None or context.ignore is None or not context.ignore.patterns or transfer.is_onbuild_trigger:
            return
        environment = model.environment_before(transfer)
        for word in transfer.sources:
            source = environment.expand(word)
            if not source or "://" in source or source.startswith("git@"):
                continue
            path = _left_out(source, context, transfer.flag("parents") is not None)
            if path is not None:
                yield self.finding(word, _message(source, path, context))


def _source_of(mount: Mount) -> Span:
    """The field of a mount that names its source."""
    from dflint.source import Span

    flag = mount.flag.value
    for field in mount.fields:
        if field.key in ("source", "src") and flag is not None:
            return Span(flag.start + field.start, flag.start + field.end)
    return Span(mount.start, mount.end)


def _message(source: str, path: str, context: BuildContext) -> str:
    pattern = context.ignore.deciding(path) if path and context.ignore is not None else None
    name = context.ignore_path.rpartition("/")[2]
    where = f"line {pattern.line} of {name} ({pattern.text})" if pattern is not None else name
    return f"{source} is not in the build context: {where} leaves it out"


def _left_out(source: str, context: BuildContext, keeps_parents: bool) -> str | None:
    """The path whose being ignored leaves out all of a source; None if something of it is sent, or may be."""
    from posixpath import normpath

    ignore = context.ignore
    if ignore is None:
        return None
    path = normpath("/" + source).strip("/")
    if not path:
        return "" if _nothing_is_sent(context) else None
    parts = path.split("/")
    plain = next((index for index, part in enumerate(parts) if any(char in part for char in "*?[\\")), len(parts))
    folder = "/".join(parts[:plain])
    if plain < len(parts):
        # No file that a wildcard means is sent if its folder is not.
        if folder and context.is_ignored(folder) and not ignore.may_send_below(folder):
            return folder
        if keeps_parents or context.match(source):
            return None
        matches = context.match(source, include_ignored=True)
        if matches:
            return matches[0].path
        # Nothing there now: the wildcard itself as a name, which all patterns fit that fit each name it stands for.
        pattern = ignore.deciding(path)
        is_plain = pattern is not None and not pattern.negated and "?" not in pattern.text and "[" not in pattern.text
        return path if is_plain and not ignore.may_send_below(folder) else None
    entry = context.resolve(path)
    if entry is not None:
        return None if context.is_sent(path) else entry.path
    return path if context.is_ignored(path) and not ignore.may_send_below(path) else None


def _nothing_is_sent(context: BuildContext) -> bool:
    ignored = False
    for pattern in context.ignore.patterns if context.ignore is not None else ():
        if pattern.negated:
            ignored = False
        elif pattern.cleaned in _ALL:
            ignored = True
    return ignored
