from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._shipped_stages import is_surely_shipped
from dflint.syntax.tree import Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Environment, Model, Stage
    from dflint.shell import Command, Word

_ARCHIVES = (
    ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zip", ".zst", ".deb", ".rpm", ".apk", ".whl", ".jar", ".war", ".run",
    ".bin", ".iso", ".7z", ".tbz2", ".txz", ".exe", ".msi", ".dmg", ".sh",
)  # fmt: skip
_LARGE = 100_000


class DeleteInLaterLayer(Rule):
    """Files are deleted in another layer than the one that they are in.

    ## Why is this bad?

    A layer keeps what it has. Deleting a file in a later RUN only hides it: the image is not a byte smaller, and
    whoever has it can still read the file. Delete it in the RUN that makes it, or never bring it in: `RUN
    --mount=type=bind` reads files of the context without copying them, and a build stage keeps what only the build
    needs.

    Reported are archives and installers downloaded by `wget -O` and `curl -o`, copied ones, copied files of at least
    100 kB, and the copied context. The caches of package managers have rules of their own.

    ## Exceptions

    Silent in stages that are not in the shipped image; on small files; if the RUN that deletes has also written (again)
    what it deletes; and on paths with variables or patterns, but for `/*` at the end.
    """

    name = "delete-in-later-layer"
    category = "size"
    level = "info"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nCOPY a.tar.gz /tmp/\nRUN tar xf /tmp/a.tar.gz -C / && rm /tmp/a.tar.gz\n",
            at=("/tmp/a.tar.gz",),
        ),
        Bad(
            "FROM debian:12\nADD a.deb /tmp/b.deb\nRUN dpkg -i /tmp/b.deb \\\n  && rm -f /tmp/b.deb\n",
            at=("/tmp/b.deb",),
        ),
        Bad("FROM debian:12\nRUN wget -O /a.sh https://a.example/a.sh\nRUN sh /a.sh\nRUN rm /a.sh\n", at=("/a.sh",)),
        Bad(
            "FROM debian:12\nWORKDIR /opt\nRUN curl -fsSLo a.zip https://a.example/a.zip\n"
            "RUN unzip a.zip && rm a.zip\n",
            at=("a.zip",),
        ),
        Bad("FROM debian:12\nWORKDIR /src\nCOPY . .\nRUN make install && rm -rf /src\n", at=("/src",)),
        Bad("FROM debian:12 AS base\nCOPY a.zip /\nFROM base\nRUN rm /a.zip\n", at=("/a.zip",)),
    )
    good = (
        Good("FROM debian:12\nRUN wget -O /a.sh https://a.example/a.sh && sh /a.sh && rm /a.sh\n"),
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*\n"),
        # Each RUN tidies up after itself.
        Good(
            "FROM debian:12\nRUN wget -O /a.zip https://a.example/a && unzip /a.zip && rm /a.zip\nRUN rm -rf /a.zip\n"
        ),
        Good("FROM debian:12 AS build\nCOPY a.zip /\nRUN rm /a.zip\nFROM debian:12\nCOPY --from=build /b /b\n"),
        # Small.
        Good(
            "FROM python:3.12\nCOPY requirements.txt /tmp/\n"
            "RUN pip install -r /tmp/requirements.txt && rm /tmp/requirements.txt\n"
        ),
        # Of the base image.
        Good("FROM nginx:1\nRUN rm /etc/nginx/conf.d/default.conf\n"),
        Good("FROM debian:12\nRUN --mount=type=bind,source=a.zip,target=/a.zip unzip /a.zip\n"),
        Good(
            "FROM debian:12\nRUN --mount=type=cache,target=/var/cache/apt apt-get install a\n"
            "RUN rm -rf /var/cache/apt\n"
        ),
        Good("FROM debian:12\nCOPY . /src\nRUN rm -rf /src/build\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if not is_surely_shipped(stage, model):
            return
        written: dict[str, int] = {}
        chain: list[Stage] = [stage]
        while chain[-1].parent is not None:
            chain.append(chain[-1].parent)
        for link in reversed(chain):
            for instruction in link.instructions:
                if isinstance(instruction, Transfer):
                    for path in _copied(instruction, model):
                        written[path] = instruction.start
                elif isinstance(instruction, Run) and not instruction.exec_form:
                    mine = _written(instruction, model)
                    if link is stage and written:
                        yield from self._deleted(instruction, written, mine, model)
                    for path in mine:
                        written[path] = instruction.start

    def _deleted(self, run: Run, written: dict[str, int], mine: set[str], model: Model) -> Iterator[Finding]:
        environment = model.environment_before(run)
        moved = False
        for command in model.commands_of(run):
            if command.program in ("cd", "pushd"):
                moved = True
            if command.program != "rm" or command.in_string or command.in_function:
                continue
            for word in command.arguments:
                path = _path(word, environment, moved)
                if path is None or any(path == other or other.startswith(path + "/") for other in mine):
                    continue
                found = next((p for p in written if p == path or p.startswith(path + "/")), None)
                if found is None or path.count("/") == 0 or path in ("/tmp", "/var/tmp"):
                    continue
                line = model.source.line_of(written[found])
                yield self.finding(word, f"{found} stays in the layer of line {line}, deleting it here frees nothing")


def _path(word: Word, environment: Environment, moved: bool) -> str | None:
    """The absolute path of an operand of rm; None for options, patterns and what is not known."""
    value = word.value
    if not value or value.startswith(("-", "~")):
        return None
    value = value.removesuffix("/*").rstrip("/")
    if not value or any(char in value for char in "*?[{"):
        return None
    if value.startswith("/"):
        return environment.resolve_path(value)
    return None if moved or value.startswith(".") else environment.resolve_path(value)


def _copied(transfer: Transfer, model: Model) -> Iterator[str]:
    """The paths that a COPY or ADD writes, if they are large."""
    if transfer.destination is None or transfer.heredocs:
        return
    from dflint.rules._broad_copies import whole_context

    environment = model.environment_before(transfer)
    text = environment.expand(transfer.destination)
    place = environment.resolve_path(text) if text is not None else None
    if place is None or text is None:
        return
    is_folder = text.endswith(("/", "/.")) or text == "." or len(transfer.sources) > 1
    is_context = not transfer.flag("from")
    if is_context and whole_context(transfer) is not None:
        if place != "/":
            yield place
        return
    for word in transfer.sources:
        source = word.literal if "$" not in word.text else None
        if source is None or any(char in source for char in "*?["):
            continue
        name = source.rstrip("/").rpartition("/")[2]
        if (
            transfer.name == "ADD"
            and "://" not in source
            and name.endswith((".tar", ".gz", ".tgz", ".bz2", ".xz", ".tbz2", ".txz", ".zst"))
        ):
            continue  # unpacked: the archive itself is not there
        if not name.endswith(_ARCHIVES) or name.endswith(".sh"):
            if not is_context or model.context is None:
                continue
            entry = model.context.resolve(source)
            if entry is None or entry.kind != "file" or entry.size < _LARGE:
                continue
        yield f"{place.rstrip('/')}/{name}" if is_folder else place


def _written(run: Run, model: Model) -> set[str]:
    """The archives and programs that a RUN downloads and keeps."""
    from dflint.rules._removed_paths import is_removed

    environment = model.environment_before(run)
    mounts = [mount.target for mount in run.mounts if mount.target]
    found: set[str] = set()
    moved = False
    for command in model.commands_of(run):
        program = command.program
        if program in ("cd", "pushd"):
            moved = True
        elif program in ("curl", "wget"):
            path = _output(command)
            if path is not None and not (moved and not path.startswith("/")):
                resolved = environment.resolve_path(path)
                if resolved is not None and resolved.endswith(_ARCHIVES):
                    found.add(resolved)
    return {
        path
        for path in found
        if not any(path == mount or path.startswith(mount.rstrip("/") + "/") for mount in mounts)
        and not is_removed(run, model, -1, path)
    }


def _output(command: Command) -> str | None:
    """The file that ``curl -o FILE`` or ``wget -O FILE`` writes."""
    words = command.arguments
    letter = "o" if command.program == "curl" else "O"
    for index, word in enumerate(words):
        value = word.value or ""
        if value in ("--output", "--output-document") or (
            value.startswith("-") and not value.startswith("--") and value.endswith(letter)
        ):
            return words[index + 1].value if index + 1 < len(words) else None
        for name in ("--output=", "--output-document="):
            if value.startswith(name):
                return value[len(name) :]
    return None
