from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Add, Copy, Transfer, Word


class CopyTargetNotFolder(Rule):
    """COPY or ADD has several sources and a target that does not end in a slash.

    ## Why is this bad?

    If the target is not a folder yet, BuildKit makes it a file and writes each source over the one before; the classic
    builder refuses the instruction. A slash at the end says that a folder is meant, and makes it.

    ## Exceptions

    Silent when the target is certainly a folder: `.`, the working directory that the file sets, a folder above it, or
    when the first source is a folder in the build context. Silent for a variable without a known value, and for broken
    JSON.

    ## Fix safety

    Unsafe: it changes what is built if the target is no folder. Then the change is what was meant.

    ## Differs from hadolint

    DL3021 is about COPY alone, and reports targets that are known folders too.
    """

    name = "copy-target-not-folder"
    category = "correctness"
    level = "warning"
    aliases = ("DL3021",)
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.20\nCOPY a b /etc/app\n", at=("/etc/app",), fixed="FROM alpine:3.20\nCOPY a b /etc/app/\n"),
        Bad(
            "FROM alpine:3.20\nWORKDIR /srv\ncopy a \\\n  b app\n",
            at=("app",),
            fixed="FROM alpine:3.20\nWORKDIR /srv\ncopy a \\\n  b app/\n",
        ),
        Bad(
            'FROM alpine:3.20\nADD ["a", "b", "/c"]\n',
            at=('"/c"',),
            fixed='FROM alpine:3.20\nADD ["a", "b", "/c/"]\n',
        ),
        Bad("FROM alpine:3.20\nENV DIR=/srv\nCOPY a b $DIR\n", at=("$DIR",)),
    )
    good = (
        Good("FROM alpine:3.20\nCOPY a b /etc/app/\nCOPY a /c\nCOPY a b .\nCOPY a b ../..\n"),
        Good("FROM alpine:3.20\nWORKDIR /srv/app\nCOPY a b /srv/app\nCOPY a b /srv\n"),
        Good('FROM alpine:3.20\nCOPY a b $DIR\nCOPY a b $DIR/\nCOPY ["a", "b", "/c/"];\n'),
        Good("FROM alpine:3.20\nCOPY src conf /app\n", files={"src/main.c": ""}),
        Good("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY a b C:\\\\app\\\\\n"),
    )

    def check_copy(self, copy: Copy, model: Model) -> Iterator[Finding]:
        return self._check(copy, model)

    def check_add(self, add: Add, model: Model) -> Iterator[Finding]:
        return self._check(add, model)

    def _check(self, transfer: Transfer, model: Model) -> Iterator[Finding]:
        word = transfer.destination
        if len(transfer.words) < 3 or word is None or transfer.is_onbuild_trigger:
            return
        if not transfer.exec_form and transfer.words[0].text.startswith("["):
            return  # meant as JSON
        text = word.text.rstrip("\"'")
        if text.endswith(("/", "\\")) or text.rpartition("/")[2] in (".", ".."):
            return
        environment = model.environment_before(transfer)
        target = environment.expand(word)
        if not target or target.endswith(("/", "\\")) or target[1:2] == ":" or target in (".", ".."):
            return
        workdir, path = environment.workdir, environment.resolve_path(target)
        if workdir is not None and path is not None and f"{workdir}/".startswith(f"{path.rstrip('/')}/"):
            return
        if model.context is not None and transfer.flag("from") is None and transfer.sources:
            first = transfer.sources[0].literal
            entry = model.context.resolve(first) if first else None
            if entry is not None and entry.kind == "dir":
                return
        message = f"{target} may become a file that each source overwrites: end it with a slash"
        yield self.finding(word, message, _fix(word))


def _fix(word: Word) -> Fix | None:
    if "$" in word.value or "\\" in word.value:
        return None
    at = word.end
    if word.type == "string":
        at -= 1
    elif "'" in word.value or '"' in word.value:
        return None
    return Fix.of("End the target with a slash", "unsafe", [Edit(at, at, "/")])
