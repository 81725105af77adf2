from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.shell import Command
    from dflint.syntax.tree import Run

_SH = frozenset(("/bin/sh", "/usr/bin/sh"))
_SHELLS = frozenset(("bash", "zsh", "ash", "dash", "ksh"))


class ShellLinkReplaced(Rule):
    """A RUN makes `/bin/sh` a link to another shell.

    ## Why is this bad?

    Every script of the distribution that asks for `/bin/sh` then runs in a shell it was not written for, also at run
    time, and the next update of the package turns the link back. SHELL chooses the shell of RUN, CMD and ENTRYPOINT
    and touches no file.

    ## Exceptions

    Links to other names, or made in another root (`/mnt/bin/sh`), are fine.

    ## Fix safety

    The fix puts SHELL in the place of a RUN that does nothing else. It is unsafe: programs that call `/bin/sh`
    themselves get the distribution's shell again.
    """

    name = "shell-link-replaced"
    category = "shell"
    level = "warning"
    aliases = ("DL4005",)
    since = "0.1.0"
    programs = frozenset(("ln", "sudo"))

    bad = (
        Bad(
            "FROM ubuntu:24.04\nRUN ln -sf /bin/bash /bin/sh\nRUN [[ 1 == 1 ]]\n",
            at=("/bin/sh",),
            fixed='FROM ubuntu:24.04\nSHELL ["/bin/bash", "-c"]\nRUN [[ 1 == 1 ]]\n',
        ),
        Bad(
            "FROM ubuntu:24.04\n# bash\nrun rm /bin/sh \\\n && ln -s bash /bin/sh\n",
            at=("/bin/sh",),
            fixed='FROM ubuntu:24.04\n# bash\nSHELL ["/bin/bash", "-c"]\n',
        ),
        Bad("FROM ubuntu:24.04\nRUN apt-get update && ln -sf /bin/bash /bin/sh\n", at=("/bin/sh",)),
        Bad("FROM ubuntu:24.04\nONBUILD RUN ln -snf $X /usr/bin/sh\n", at=("/usr/bin/sh",)),
    )
    good = (
        Good('FROM ubuntu:24.04\nSHELL ["/bin/bash", "-c"]\nRUN ln -s /opt/tool/bin/sh /usr/local/bin/tool-sh\n'),
        Good("FROM ubuntu:24.04\nRUN ln -s /bin/sh /bin/mysh\n"),
        Good("FROM ubuntu:24.04\nRUN ln -s busybox /mnt/bin/sh\n"),
    )

    def check_command(self, command: Command, run: Run, model: Model) -> Iterator[Finding]:
        command = command.unwrapped()
        words = command.arguments
        if command.program == "ln" and len(words) > 1 and words[-1].value in _SH:
            yield self.finding(
                words[-1], "other programs rely on /bin/sh as it is: use SHELL", _fix(command, run, model)
            )


def _fix(command: Command, run: Run, model: Model) -> Fix | None:
    script = model.script_of(run)
    if run.exec_form or run.flags or run.heredocs or run.is_onbuild_trigger or script is None:
        return None
    chain = script.and_chain()
    commands = list(script.commands())
    if chain is None or commands[-1].start > command.end or commands[-1].program != "ln" or run.comments:
        return None
    for other in commands[:-1]:
        if other.program not in ("rm", "mv", "unlink") or not any(word.value in _SH for word in other.arguments):
            return None
    operands = [word.value for word in command.arguments if not word.literal_prefix.startswith("-")]
    if len(operands) != 2 or operands[0] is None:
        return None
    target = operands[0] if operands[0].startswith("/") else "/bin/" + operands[0]
    if target.rpartition("/")[2] not in _SHELLS or target.count("/") > 3:
        return None
    from dflint.findings import Edit, Fix

    text = f'SHELL ["{target}", "-c"]'
    return Fix("Use SHELL", "unsafe", (Edit(run.start, script.body.items[-1].node.end, text),), (run.start,))
