"""The passes, one module each, in the order in which they run.

A module holds one class (``dflint.optimizer.draft.Pass``). A new pass is a new module and its name in ``ORDER``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from dflint.optimizer.draft import Pass

ORDER = (
    "dead_stages", "plain_copy", "copy_ownership", "split_stages", "prune_dev_dependencies", "manifest_first",
    "drop_dead_copies", "order", "merge_runs", "cache_mounts", "package_hygiene", "minimal_base", "ignore_file",
)  # fmt: skip
"""What gives the split clearer steps comes before it, the rest sees where each step ends up.

A cache that has a mount needs no cleaning, so the mounts come before hygiene; the ignore file sees the final text.
"""


def pass_names() -> tuple[str, ...]:
    """The names of all passes, in order."""
    return tuple(stem.replace("_", "-") for stem in ORDER)


def load(name: str) -> Pass:
    """The pass of a name; KeyError if there is none."""
    stem = name.replace("-", "_")
    if stem not in ORDER:
        raise KeyError(name)
    module = import_module(f"dflint.optimizer.passes.{stem}")
    wanted = "".join(part.capitalize() for part in stem.split("_"))
    return cast("Pass", getattr(module, wanted)())
