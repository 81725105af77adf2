"""``# hadolint shell=powershell``: what a base image's default shell is, told in a comment.

hadolint (src/Hadolint/Pragma.hs) takes it for the shell of what follows, up to the next FROM or SHELL.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.syntax.tree import Dockerfile

_COMMANDS = {
    "powershell": ("powershell", "-Command"),
    "pwsh": ("pwsh", "-Command"),
    "cmd": ("cmd", "/S", "/C"),
}


def told_shells(tree: Dockerfile) -> dict[int, tuple[str, ...]]:
    """Index of the instruction below such a comment to the shell, as SHELL would give it."""
    found: dict[int, tuple[str, ...]] = {}
    starts: list[int] = []
    for comment in tree.comments:
        if "hadolint" not in comment.text or comment.in_instruction:
            continue
        import re

        told = re.fullmatch(r"\s*hadolint\s+shell\s*=\s*(\S+)\s*", comment.text)
        if told is None:
            continue
        starts = starts or [instruction.start for instruction in tree.instructions]
        program = told[1].rpartition("/")[2].lower().removesuffix(".exe")
        found[bisect_right(starts, comment.start)] = _COMMANDS.get(program, (told[1], "-c"))
    return found
