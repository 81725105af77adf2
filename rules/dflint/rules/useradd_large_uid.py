from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.shell import Command, Word
    from dflint.syntax.tree import Run

_FROM = 100_000
"""From this UID on (six digits) the file is some 30 MB and more."""


class UseraddLargeUid(Rule):
    """useradd with a large UID writes a huge, nearly empty login log.

    ## Why is this bad?

    `/var/log/lastlog` and `/var/log/faillog` have a record at a place given by the UID. On disk the gap is a hole, but
    layers are stored as tar archives, which do not keep holes: a UID of ten digits makes a layer of hundreds of
    gigabytes, or stops the build. `useradd -l` (`--no-log-init`) leaves the new user out of these logs (useradd(8)).

    ## Exceptions

    UIDs of up to five digits cost at most a few MB and are not reported, nor are UIDs that only the build knows.
    adduser is another program.

    ## Differs from hadolint

    hadolint takes a variable with a long name for a large UID.

    ## Fix safety

    The fix adds `-l`. Only the log files differ.
    """

    name = "useradd-large-uid"
    category = "size"
    level = "warning"
    aliases = ("DL3046",)
    since = "0.1.0"
    programs = frozenset(("useradd", "sudo", "env"))

    bad = (
        Bad(
            "FROM debian:12\nRUN useradd -u 1234567 app\n",
            at=("1234567",),
            fixed="FROM debian:12\nRUN useradd -l -u 1234567 app\n",
        ),
        Bad(
            "FROM debian:12\nrun groupadd -g 200000 app \\\n && /usr/sbin/useradd \\\n  -m --uid=200000 app\n",
            at=("--uid=200000",),
            fixed="FROM debian:12\nrun groupadd -g 200000 app \\\n && /usr/sbin/useradd -l \\\n  -m --uid=200000 app\n",
        ),
        Bad(
            "FROM debian:12\nONBUILD RUN <<EOF\nsudo useradd -mu 300000 app\nEOF\n",
            at=("300000",),
            fixed="FROM debian:12\nONBUILD RUN <<EOF\nsudo useradd -l -mu 300000 app\nEOF\n",
        ),
        Bad("FROM debian:12\nRUN sh -c 'useradd -u 1234567 app'\n", at=("1234567",)),
    )
    good = (
        Good("FROM debian:12\nRUN useradd -l -u 1234567 app && useradd --no-log-init -u 1234567 b\n"),
        Good("FROM debian:12\nRUN useradd -u 12345 app && useradd -rmlu 1234567 b\n"),
        Good("FROM debian:12\nARG ID=1234567\nRUN useradd -u $ID app && useradd -c 1234567 app\n"),
        Good("FROM alpine:3.20\nRUN adduser -D -u 1234567 app && groupadd -g 1234567 app\n"),
    )

    def check_command(self, command: Command, run: Run, model: Model) -> Iterator[Finding]:
        command = command.unwrapped()
        if command.program != "useradd" or command.name is None:
            return
        word, has_option = _uid(command)
        if word is None or has_option:
            return
        yield self.finding(word, "useradd writes a huge lastlog for a UID this large: use -l", _fix(command, run))


def _uid(command: Command) -> tuple[Word | None, bool]:
    """The word with a large UID, and whether ``-l`` is there."""
    found: Word | None = None
    has_option = False
    words = command.arguments
    for index, word in enumerate(words):
        value = word.value or ""
        following = words[index + 1] if index + 1 < len(words) else None
        if value.startswith("--"):
            name, _, number = value.partition("=")
            has_option = has_option or name == "--no-log-init"
            if name == "--uid" and (_is_large(number) or (following is not None and _is_large(following.value or ""))):
                found = word if number else following
        elif value.startswith("-"):
            letters = value[1:].partition("u")[0]
            has_option = has_option or ("l" in letters and not set(letters) & set("bcdefgGkKpRPsZ"))
            if "u" in value and not set(letters) & set("bcdefgGkKpRPsZ"):
                number = value.partition("u")[2]
                if _is_large(number):
                    found = word
                elif not number and following is not None and _is_large(following.value or ""):
                    found = following
    return found, has_option


def _is_large(text: str) -> bool:
    return text.isdigit() and text.isascii() and len(text) < 12 and int(text) >= _FROM


def _fix(command: Command, run: Run) -> Fix | None:
    name = command.name
    if name is None or run.exec_form or command.in_string:
        return None
    from dflint.findings import Edit, Fix

    return Fix("Add -l", "safe", (Edit(name.end, name.end, " -l"),))
