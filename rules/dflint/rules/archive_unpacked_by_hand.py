from __future__ import annotations

from posixpath import basename, normpath
from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Copy, Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.shell import Command
    from dflint.syntax.tree import Word

_ARCHIVES = (
    ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tb2", ".tar.xz", ".txz", ".tar.zst", ".tzst",
)  # fmt: skip
_BEYOND_ADD = ("--strip", "--transform", "--xform", "--exclude", "--wildcards", "--files-from", "--include")


class ArchiveUnpackedByHand(Rule):
    """An archive is copied into the image and unpacked there, which ADD does in one step.

    ## Why is this bad?

    The layer of the COPY keeps the archive although a later RUN unpacks or deletes it: it is downloaded with each pull.
    ADD unpacks a local tar archive (plain, or packed by gzip, bzip2, xz, zstd) while copying, and stores the files
    only.

    ## Exceptions

    Silent for zip files and other formats that ADD does not unpack, for COPY --from, when tar takes options that ADD
    has no match for (`--strip-components`, `--exclude`, a list of members), and in stages that are not shipped.

    ## Differs from hadolint

    DL3010 also reports zip files and single packed files, for which ADD is no replacement, and build stages.
    """

    name = "archive-unpacked-by-hand"
    category = "size"
    level = "info"
    aliases = ("DL3010",)
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12\nCOPY app.tar.gz /tmp/\nRUN tar -xzf /tmp/app.tar.gz -C /opt\n", at=("app.tar.gz",)),
        Bad(
            "FROM debian:12\nWORKDIR /srv\ncopy a.txt rel/b.tgz ./\nRUN true \\\n  && tar xf b.tgz && rm b.tgz\n",
            at=("rel/b.tgz",),
        ),
        Bad("FROM debian:12\nARG V\nCOPY a-$V.tgz /tmp/\nRUN cd /tmp && tar xf a-$V.tgz\n", at=("a-$V.tgz",)),
        Bad('FROM debian:12\nCOPY ["a.tar", "/c.tar"]\nRUN <<EOF\nset -e\ntar x -f /c.tar\nEOF\n', at=('"a.tar"',)),
    )
    good = (
        Good("FROM debian:12\nADD app.tar.gz /opt\nCOPY lib.tar.gz /opt/\n"),
        Good("FROM debian:12\nCOPY app.zip /tmp/\nRUN unzip /tmp/app.zip\n"),
        Good("FROM debian:12\nCOPY app.tgz /tmp/\nRUN tar xzf /tmp/app.tgz --strip-components=1\n"),
        Good("FROM debian:12\nCOPY app.tgz /tmp/\nRUN tar xzf /tmp/app.tgz bin/app\n"),
        Good("FROM debian:12\nCOPY app.tgz /tmp/\nRUN tar tzf /tmp/app.tgz\n"),
        Good("FROM debian:12\nCOPY app.tgz /tmp/\nRUN tar xzf /opt/app.tgz\n"),
        Good("FROM a AS b\nRUN make\nFROM debian:12\nCOPY --from=b app.tgz /tmp/\nRUN tar xzf /tmp/app.tgz\n"),
        Good("FROM debian:12 AS b\nCOPY app.tgz /tmp/\nRUN tar xzf /tmp/app.tgz\nFROM scratch\nCOPY --from=b /x /\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if not any(isinstance(instruction, Copy) for instruction in stage.instructions) or not stage.is_shipped:
            return
        copied: dict[str, Word] = {}
        for instruction in stage.instructions:
            if isinstance(instruction, Copy):
                if instruction.from_ is None and instruction.destination is not None:
                    copied.update(_archives(instruction, model))
            elif copied and isinstance(instruction, Run):
                for command in model.commands_of(instruction):
                    for path in _unpacked(command):
                        absolute = model.environment_before(instruction).resolve_path(path)
                        word = copied.pop(absolute or path, None) or _by_name(copied, path)
                        if word is not None:
                            yield self.finding(word, "the layer keeps the archive: ADD unpacks it while copying")


def _archives(copy: Copy, model: Model) -> Iterator[tuple[str, Word]]:
    """The path in the image (absolute if the working directory is known) of each archive that a COPY brings.

    Variables without a known value stay as they are written.
    """
    if copy.destination is None:
        return
    environment = model.environment_before(copy)
    target = environment.expand(copy.destination) or copy.destination.text
    is_folder = len(copy.words) > 2 or target.endswith("/") or basename(target) in (".", "..")
    for word in copy.sources:
        source = word.literal or word.text
        if not source.lower().endswith(_ARCHIVES):
            continue
        # A target without a slash may be a folder that is there already.
        is_file = not is_folder and target.lower().endswith(_ARCHIVES)
        path = target if is_file else f"{target}/{basename(source)}"
        yield environment.resolve_path(path) or normpath(path), word


def _by_name(copied: dict[str, Word], path: str) -> Word | None:
    """The copied archive that a relative path means after a ``cd`` or in an unknown working directory."""
    name = path.removeprefix("./")
    if "/" in name:
        return None
    found = [known for known in copied if basename(known) == name]
    return copied.pop(found[0]) if len(found) == 1 else None


def _unpacked(command: Command) -> Sequence[str]:
    """The archive that a tar command unpacks as a whole."""
    command = command.unwrapped()
    if command.program != "tar":
        return ()
    archive: str | None = None
    mode = ""
    pending: list[str] = []
    for number, word in enumerate(command.arguments):
        value = word.value if word.value is not None else word.raw.strip('"')
        if "$(" in value or "`" in value or value.startswith(_BEYOND_ADD):
            return ()
        if pending:
            if pending.pop(0) == "f":
                archive = value
        elif value.startswith("--"):
            name, equals, operand = value[2:].partition("=")
            if name in ("extract", "get"):
                mode = "x"
            elif name == "file":
                archive = operand if equals else None
                if not equals:
                    pending.append("f")
            elif name == "directory" and not equals:
                pending.append("C")
        elif value.startswith("-") or number == 0:
            letters = value.removeprefix("-")
            if "x" in letters:
                mode = "x"
            for place, letter in enumerate(letters):
                if letter not in "fCXT":
                    continue
                if letter in "XT":
                    return ()
                if value.startswith("-") and place + 1 < len(letters):
                    if letter == "f":
                        archive = letters[place + 1 :]
                    break
                pending.append(letter)
        else:
            return ()  # a member: only a part is unpacked
    return (archive,) if archive and mode == "x" else ()
