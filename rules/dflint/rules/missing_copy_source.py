from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.context import BuildContext
    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Add, Copy, Transfer


class MissingCopySource(Rule):
    """COPY or ADD takes something that is not in the build context, where something of nearly that name is.

    ## Why is this bad?

    The build fails with "not found". Names that differ in case only work on macOS and Windows and fail on Linux.

    ## Exceptions

    Only slips are reported: a name that is not there, next to one that differs in case or in a letter or two and has
    the same ending. Whatever else is missing may be made before the build, or the context is another folder than the
    Dockerfile's (see the setting `context`). Of a wildcard only the folders before it count; without one it copies
    nothing, without a word. Silent for Windows images, variables, URLs, here-documents, `COPY --from` and ONBUILD
    triggers.

    ## Fix safety

    Unsafe, being a guess: the name becomes the one that is there.
    """

    name = "missing-copy-source"
    category = "context"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM python:3.13\nCOPY requirement.txt /\n",
            at=("requirement.txt",),
            fixed="FROM python:3.13\nCOPY requirements.txt /\n",
            files={"requirements.txt": ""},
        ),
        Bad(
            "FROM node:22\ncopy --link package.json \\\n  ./Src/main.js /app/\n",
            at=("./Src/main.js",),
            fixed="FROM node:22\ncopy --link package.json \\\n  ./src/main.js /app/\n",
            files={"package.json": "", "src/main.js": ""},
        ),
        Bad(
            'FROM node:22\nADD ["Package.json", "/app/"]\n',
            at=('"Package.json"',),
            fixed='FROM node:22\nADD ["package.json", "/app/"]\n',
            files={"package.json": ""},
        ),
        Bad(
            "FROM node:22\nCOPY Src/*.js /\n",
            at=("Src/*.js",),
            fixed="FROM node:22\nCOPY src/*.js /\n",
            files={"src/main.js": ""},
        ),
        Bad('FROM node:22\nCOPY "Package.json" /\n', at=('"Package.json"',), files={"package.json": ""}),
    )
    good = (
        Good("FROM python:3.13\nCOPY requirements.txt /\n", files={"requirements.txt": "", "requirement.txt": ""}),
        Good("FROM golang:1.23\nCOPY server /\nCOPY dist/app.js /\n", files={"server.go": "", "src/app.js": ""}),
        Good("FROM golang:1.23\nCOPY app-1.2.jar /\n", files={"app-1.3.jar": ""}),
        Good("FROM node:22 AS b\nFROM node:22\nCOPY --from=b Package.json /\n", files={"package.json": ""}),
        Good("FROM node:22\nCOPY Package*.json $A /\nONBUILD COPY Package.json /\n", files={"package.json": ""}),
        Good("FROM node:22\nADD https://example.com/Package.json /\nCOPY . /\n", files={"package.json": ""}),
        Good("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY A.txt C:/\n", files={"a.txt": ""}),
        Good("FROM node:22\nCOPY Src/main.js /\n", files={"src/index.js": ""}),
        Good(
            "FROM node:22\nCOPY <<Package.json Src*/a.js /app/\na\nPackage.json\n",
            files={"src/a.js": "", "package.json": ""},
        ),
        # What is meant is not sent.
        Good("FROM node:22\nCOPY Package.json /\n", files={"package.json": "", ".dockerignore": "*\n!src\n"}),
    )

    def check_copy(self, copy: Copy, model: Model) -> Iterator[Finding]:
        if copy.flag("from") is not None:
            return iter(())
        return self._check(copy, model)

    def check_add(self, add: Add, model: Model) -> Iterator[Finding]:
        return self._check(add, model)

    def _check(self, transfer: Transfer, model: Model) -> Iterator[Finding]:
        context = model.context
        if context is None or transfer.is_onbuild_trigger:
            return
        stage = model.stage_of(transfer)
        if stage is None or stage.looks_like_windows or "dotnet/framework" in (stage.root.base_text or ""):
            return
        for word in transfer.sources:
            source = word.literal if "$" not in word.text else None
            if not source or ":" in source or "\\" in source:
                continue
            plain = _before_wildcards(source)
            if not plain or context.exists(plain) or not context.is_complete or context.unreadable:
                continue
            found = _near(plain, context)
            if found is None:
                continue
            start, name = found
            wrong = source[start : start + len(source[start:].partition("/")[0])]
            fix = None
            at = word.start + start + (1 if word.type == "string" else 0)
            if word.value == source or (word.type == "string" and word.value == f'"{source}"'):
                fix = Fix.of(f"Copy {name}", "unsafe", [Edit(at, at + len(wrong), name)])
            yield self.finding(word, f"{wrong} is not in the build context: did you mean {name}?", fix)


def _before_wildcards(source: str) -> str:
    """The folders of a source that are no patterns; all of it if it has no wildcard."""
    for index, char in enumerate(source):
        if char in "*?[":
            return source[:index].rpartition("/")[0]
    return source


def _near(source: str, context: BuildContext) -> tuple[int, str] | None:
    """Where in a source the first name stands that is not there, and the name that was meant."""
    at = 0
    folder = ""
    parts = source.split("/")
    for index, part in enumerate(parts):
        path = f"{folder}/{part}" if folder else part
        if part in ("", "."):
            pass
        elif part == "..":
            return None
        elif context.exists(path):
            folder = path
        else:
            names = [entry.path.rpartition("/")[2] for entry in context.entries(folder)]
            name = _similar(part, names)
            rest = "/".join((folder, name or "", *parts[index + 1 :]))
            return (at, name) if name is not None and context.is_sent(rest) else None
        at += len(part) + 1
    return None


def _similar(name: str, names: list[str]) -> str | None:
    """The one of some names that ``name`` is a slip of; None if there is none, or several."""
    lower = name.lower()
    names = [other for other in names if abs(len(other) - len(name)) <= 2]
    same = [other for other in names if other.lower() == lower]
    if same:
        return same[0] if len(same) == 1 else None
    if len(name) < 4:
        return None
    stem, dot, ending = lower.rpartition(".")
    from dflint.syntax.suggest import edit_distance

    near = []
    for other in names:
        other_stem, other_dot, other_ending = other.lower().rpartition(".")
        if (dot, ending) != (other_dot, other_ending) and (dot or other_dot):
            continue
        if not dot:
            stem, other_stem = lower, other.lower()
        if _without_digits(stem) == _without_digits(other_stem):
            continue
        most = 1 if len(stem) < 6 else 2
        if edit_distance(stem, other_stem, most) <= most:
            near.append(other)
    return near[0] if len(near) == 1 else None


def _without_digits(text: str) -> str:
    return "".join([char for char in text if not char.isdigit()])
