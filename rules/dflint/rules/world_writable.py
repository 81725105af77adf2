from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.shell import Command, Word
    from dflint.syntax.tree import Add, Copy, Run

_NOT_FILES = ("/dev/", "/proc/", "/sys/")


class WorldWritable(Rule):
    """Files are made writable for every user.

    ## Why is this bad?

    Any process in the container may then change them: an exploited service that was meant to have few rights can
    replace programs and configuration. `chmod 777` mostly stands for an owner that was not thought of. Give the files
    to the user that needs them: `COPY --chown`, `chown`, or group 0 with `chmod g=u` on OpenShift.

    Looked at are chmod in RUN, `install -m`, `mkdir -m`, and `--chmod` of COPY and ADD.

    ## Exceptions

    With the sticky bit (`1777`, as `/tmp` has it) users cannot replace each other's files. Devices are no files.
    """

    name = "world-writable"
    category = "security"
    level = "warning"
    since = "0.1.0"
    programs = frozenset(("chmod", "mkdir", "install", "sudo", "xargs", "find"))

    bad = (
        Bad("FROM debian:12\nRUN chmod 777 /srv\n", at=("777",)),
        Bad(
            "FROM debian:12\nrun mkdir -p /data \\\n && sudo chmod -R a+rwX /data && chmod 0666 /x\n",
            at=("a+rwX", "0666"),
        ),
        Bad("FROM debian:12\nCOPY --chmod=777 run.sh /\n", at=("777",)),
        Bad("FROM debian:12\nRUN <<EOF\nmkdir -m 777 /a\nfind /b -exec chmod o+w {} +\nEOF\n", at=("777", "o+w")),
        Bad("FROM debian:12\nONBUILD RUN chmod u=rwx,go=rw /x\n", at=("u=rwx,go=rw",)),
        Bad("FROM debian:12\nRUN install -d -m0777 /a && chmod ugo+rw /b\n", at=("-m0777", "ugo+rw")),
    )
    good = (
        Good("FROM debian:12\nRUN chmod 755 /srv && chmod 1777 /tmp && chmod u+w,go-w /x\n"),
        Good("FROM debian:12\nRUN chmod +x /run.sh && chmod +w /x && chmod a+rx,g+w /y && chmod g=u /z\n"),
        Good("FROM debian:12\nCOPY --chmod=755 run.sh /\nCOPY --chmod=$MODE a /\n"),
        Good("FROM debian:12\nRUN chmod $MODE /x && chmod --reference=777 /x && chmod a+rwxt /y\n"),
        Good("FROM debian:12\nRUN chmod a+w /dev/stdout && mkdir 777 && install -m 644 777 /x\n"),
    )

    def check_command(self, command: Command, run: Run, model: Model) -> Iterator[Finding]:
        command = command.unwrapped()
        words = command.arguments
        if command.program == "find":
            words = _after_chmod(words)
        elif command.program != "chmod":
            if command.program in ("mkdir", "install"):
                yield from self._check_option(command)
            return
        mode: Word | None = None
        files: list[Word] = []
        for word in words:
            if mode is None:
                if word.literal_prefix.startswith("--reference"):
                    return
                if not word.raw.startswith("-"):
                    mode = word
            else:
                files.append(word)
        if mode is None or not is_world_writable(mode.value or ""):
            return
        if files and all(word.literal_prefix.startswith(_NOT_FILES) for word in files):
            return
        yield self.finding(mode, f'mode "{mode.value}" lets every user write')

    def _check_option(self, command: Command) -> Iterator[Finding]:
        is_next = False
        for word in command.arguments:
            value = word.value or ""
            name, equals, mode = value.partition("=")
            if is_next:
                mode = value
            elif name != "--mode" or not equals:
                letters = value.startswith("-") and not value.startswith("--") and "m" in value
                mode = value.partition("m")[2] if letters else ""
                is_next = value == "--mode" or (letters and not mode)
                if is_next:
                    continue
            is_next = False
            if mode and is_world_writable(mode):
                yield self.finding(word, f'mode "{mode}" lets every user write')

    def check_copy(self, copy: Copy, model: Model) -> Iterator[Finding]:
        yield from self._check_flag(copy)

    def check_add(self, add: Add, model: Model) -> Iterator[Finding]:
        yield from self._check_flag(add)

    def _check_flag(self, instruction: Add | Copy) -> Iterator[Finding]:
        flag = instruction.flag("chmod")
        if flag is not None and flag.value is not None and is_world_writable(flag.text):
            yield self.finding(flag.value, f'mode "{flag.text}" lets every user write')


def _after_chmod(words: tuple[Word, ...]) -> tuple[Word, ...]:
    for index, word in enumerate(words):
        if word.value == "chmod":
            return words[index + 1 :]
    return ()


def is_world_writable(mode: str) -> bool:
    """Whether a mode (chmod(1)) gives all users the right to write, without the sticky bit."""
    if mode.isdigit():
        if any(digit in "89" for digit in mode) or not 3 <= len(mode) <= 5:
            return False
        number = int(mode, 8)
        return bool(number & 0o002) and not number & 0o1000
    if "t" in mode:
        return False
    is_writable = False
    for clause in mode.split(","):
        at = next((index for index, char in enumerate(clause) if char in "+-="), -1)
        if at < 1 or not set(clause[:at]) <= set("ugoa"):
            continue  # "+w" leaves out what the umask forbids
        if not set(clause[:at]) & set("oa"):
            continue
        rights = clause[at + 1 :]
        if clause[at] == "-":
            is_writable = is_writable and "w" not in rights
        elif "w" in rights:
            is_writable = True
        elif clause[at] == "=":
            is_writable = False
    return is_writable
