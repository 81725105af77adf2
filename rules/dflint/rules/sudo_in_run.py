from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.shell import Command
    from dflint.syntax.tree import Run

_ROOT = frozenset(("root", "0", "root:root", "0:0", "root:0", "0:root"))
# Options that change nothing for one who is root already.
_WITHOUT_EFFECT = frozenset(("-E", "-H", "-n", "-S", "-EH", "-HE", "-nE", "-En", "--non-interactive", "--set-home",
                             "--preserve-env", "--"))  # fmt: skip


class SudoInRun(Rule):
    """RUN commands call sudo, which a build does not need.

    ## Why is this bad?

    A RUN is root unless a USER says otherwise, and then another USER changes it back. sudo itself is not part of most
    base images, brings a setuid program and its configuration into the image, and may drop the environment that the
    build set up. Where the base image has another user, `USER root` before the RUN says openly what is meant.

    ## Exceptions

    Installing or configuring sudo is not reported, only calling it.

    ## Fix safety

    The fix removes `sudo` where USER (or `FROM scratch`) says that the RUN is root already. It is unsafe: sudo may
    have changed variables such as HOME and PATH. There is no fix where the user is not known or `-u` names one.
    """

    name = "sudo-in-run"
    category = "security"
    level = "warning"
    aliases = ("DL3004",)
    since = "0.1.0"
    programs = frozenset(("sudo",))

    bad = (
        Bad("FROM ubuntu:24.04\nRUN sudo apt-get update\n", at=("sudo",)),
        Bad(
            "FROM ubuntu:24.04\nUSER root\nrun echo a \\\n && sudo -E apt-get update && /usr/bin/sudo A=1 make\n",
            at=("sudo", "/usr/bin/sudo"),
            fixed="FROM ubuntu:24.04\nUSER root\nrun echo a \\\n && apt-get update && A=1 make\n",
        ),
        Bad(
            "FROM ubuntu:24.04\nUSER root\nRUN sudo -u postgres createdb x && sh -c 'sudo make'\n", at=("sudo", "sudo")
        ),
        Bad(
            "FROM ubuntu:24.04\nUSER 0\nRUN <<EOF\nsudo make\nEOF\nUSER app\nRUN sudo make\nONBUILD RUN sudo make\n",
            at=("sudo", "sudo", "sudo"),
            fixed="FROM ubuntu:24.04\nUSER 0\nRUN <<EOF\nmake\nEOF\nUSER app\nRUN sudo make\nONBUILD RUN sudo make\n",
        ),
    )
    good = (
        Good("FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y sudo\n"),
        Good("FROM ubuntu:24.04\nRUN echo 'app ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/app\n"),
        Good("FROM ubuntu:24.04\nRUN gosu app make && command -v sudo\n"),
    )

    def check_command(self, command: Command, run: Run, model: Model) -> Iterator[Finding]:
        if command.name is not None:
            yield self.finding(
                command.name, "a build needs no sudo: change the user by USER", _fix(command, run, model)
            )


def _fix(command: Command, run: Run, model: Model) -> Fix | None:
    name = command.name
    if name is None or run.exec_form or run.is_onbuild_trigger or command.in_string:
        return None
    user = model.environment_before(run).user
    if user is None or (user and user not in _ROOT):
        return None
    words = command.arguments
    at = 0
    while at < len(words) and words[at].value in _WITHOUT_EFFECT:
        at += 1
    if at == len(words) or words[at].literal_prefix.startswith("-"):
        return None
    from dflint.findings import Edit, Fix

    return Fix("Remove sudo", "unsafe", (Edit(name.start, words[at].start, ""),))
