"""What forbids taking a stage apart at all, whatever its steps do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.syntax.tree import Add, Onbuild, Shell

if TYPE_CHECKING:
    from dflint.model import Stage
    from dflint.optimizer.draft import Draft

_DEVELOPMENT = frozenset(("dev", "develop", "development", "devel", "ci", "test", "tests", "debug", "devcontainer"))
_SHELLS = frozenset(("sh", "bash", "ash", "dash"))


def refusal_of(draft: Draft, stage: Stage) -> str | None:
    """The reason, in lower case and without a full stop; None if nothing stands against it."""
    model = draft.model
    if stage.used_as_base or stage.users:
        return "other stages use it"
    config = model.effective_config(stage)
    if config.cmd.known != "file" and config.entrypoint.known != "file":
        return "it has no CMD or ENTRYPOINT of its own, so it is a base for others or a place to work in"
    name = draft.settings.path.replace("\\", "/").rpartition("/")[2].lower().replace("-", ".").replace("_", ".")
    if not _DEVELOPMENT.isdisjoint({*name.split("."), stage.name or ""}):
        return "by its name it is an image to develop in"
    for instruction in stage.instructions:
        if isinstance(instruction, Onbuild):
            return "ONBUILD leaves steps to other builds"
        if isinstance(instruction, Shell) and not _is_posix(instruction):
            return "its shell is no POSIX one"
        if isinstance(instruction, Add) and any(_is_remote(word.text) for word in instruction.sources):
            return "ADD fetches from the network"
    return None


def _is_posix(shell: Shell) -> bool:
    return bool(shell.words) and shell.words[0].text.rpartition("/")[2] in _SHELLS


def _is_remote(text: str) -> bool:
    return "://" in text or text.startswith("git@")
