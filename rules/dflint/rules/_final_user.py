"""The user that the shipped image runs as, and whether the image is made to leave root by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.syntax.tree import Cmd, Entrypoint, Onbuild, User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model, Stage
    from dflint.syntax.tree import Instruction

_DROPPERS = ("gosu", "su-exec", "setpriv", "s6-setuidgid", "s6-overlay", "runuser", "setuidgid", "chroot --userspec")
_INIT_PROGRAMS = frozenset(
    ("/init", "/sbin/init", "/usr/sbin/init", "/lib/systemd/systemd", "/usr/lib/systemd/systemd")
)


def shipped_chain(model: Model) -> Iterator[Stage]:
    """The stage that is built, then the stages of its FROM chain."""
    stage = model.target
    while stage is not None:
        yield stage
        stage = stage.parent


def final_user(model: Model) -> User | None:
    """The USER that the built image ends with, possibly one of a stage that the built one starts from."""
    for place, stage in enumerate(shipped_chain(model)):
        # The triggers of a parent run at the start of its child, after all of its own instructions.
        triggers = [i.trigger for i in stage.instructions if isinstance(i, Onbuild)] if place else []
        for instruction in (*reversed(triggers), *reversed(stage.instructions)):
            if isinstance(instruction, User):
                return instruction
    return None


def leaves_root_by_itself(model: Model) -> bool:
    """Whether the image starts as root on purpose: a tool that drops privileges, or an init system.

    A mention of such a tool (installed, downloaded, copied, called) counts, as the start script is not known.
    """
    for stage in shipped_chain(model):
        for instruction in stage.instructions:
            if any(tool in instruction.line.text for tool in _DROPPERS) or _starts_init(instruction):
                return True
            if any(tool in heredoc.body.value for heredoc in instruction.heredocs for tool in _DROPPERS):
                return True
    return False


def _starts_init(instruction: Instruction) -> bool:
    if not isinstance(instruction, (Cmd, Entrypoint)):
        return False
    if instruction.exec_form:
        return bool(instruction.words) and instruction.words[0].text in _INIT_PROGRAMS
    text = instruction.shell_text.text if instruction.shell_text is not None else ""
    return text.removeprefix("exec ").partition(" ")[0] in _INIT_PROGRAMS
