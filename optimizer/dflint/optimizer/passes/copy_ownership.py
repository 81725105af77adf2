"""Owner and mode by COPY."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.rule_fixes import apply_rules
from dflint.syntax.tree import Run, Transfer

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.optimizer.draft import Draft, Outcome
    from dflint.optimizer.rewrite import Level


_TAKEN = {"copy-up-duplication": "the base image does not have the folder that is copied to"}
_OF_SYSTEMS = frozenset((
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt", "proc", "root",
    "run", "sbin", "srv", "sys", "tmp", "usr", "var", "go", "data", "cache", "docker-entrypoint-initdb.d",
))  # fmt: skip


class CopyOwnership:
    """Sets owner and mode on the COPY, in place of a RUN that writes the files a second time."""

    name: ClassVar[str] = "copy-ownership"
    level: ClassVar[Level] = "safe"
    description: ClassVar[str] = (
        "Sets owner and mode on the COPY, in place of a RUN that writes the files a second time."
    )

    def run(self, draft: Draft) -> Outcome:
        """Apply what the rules offer, where the folder gets the same owner as by the RUN."""
        return apply_rules(draft, self.name, ("copy-up-duplication",), _TAKEN, _makes_folder)


def _makes_folder(finding: Finding, model: Model) -> bool:
    """Whether a COPY makes the folder that a ``chown -R USER:GROUP`` behind it is for.

    Measured with BuildKit: a folder that COPY makes gets the owner of ``--chown``, and so do those above it that it
    makes; one that was there keeps its own. A user without a group means group 0 for chown, but not for ``--chown``.
    """
    run = model.tree.instruction_at(finding.start)
    stage = model.stage_of(run) if run is not None else None
    if not isinstance(run, Run) or stage is None or stage.parent is not None:
        return False
    (command,) = model.commands_of(run)
    words = [word.value or "" for word in command.unwrapped().arguments if not (word.value or "").startswith("-")]
    if command.unwrapped().program != "chown" or len(words) != 2:
        return False
    user, colon, group = words[0].partition(":")
    folder = model.environment_before(run).resolve_path(words[1])
    if not (user and colon and group) or folder is None or folder.count("/") != 1 or folder[1:] in _OF_SYSTEMS:
        return False
    before = [i for i in stage.instructions if i.start < run.start]
    filling = [i for i in before if isinstance(i, Transfer)]
    if not filling:
        return False
    text = model.source.text
    return not any(folder in text[i.start : i.end] for i in before if i.start < filling[-1].start)
