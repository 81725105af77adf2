"""Folders that a RUN keeps out of its layer by mounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.model import Model
    from dflint.syntax.tree import Run


def is_mounted(run: Run, model: Model, *folders: str) -> bool:
    """Whether a mount covers one of the (absolute) folders, or may: its target depends on an unknown variable."""
    if not run.flags:
        return False
    environment = model.environment_before(run)
    for mount in run.mounts:
        if mount.type in ("secret", "ssh") or mount.target is None:
            continue
        target = environment.expand_text(mount.target) if "$" in mount.target else mount.target
        if target is None:
            return True
        target = target.rstrip("/") or "/"
        if any(folder == target or folder.startswith(target.rstrip("/") + "/") for folder in folders):
            return True
    return False


def has_mount_named(run: Run, *parts: str) -> bool:
    """Whether a cache or tmpfs mount has one of the texts in its target."""
    if not run.flags:
        return False
    return any(
        mount.type in ("cache", "tmpfs") and any(part in (mount.target or "") for part in parts) for mount in run.mounts
    )
