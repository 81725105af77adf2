"""What is in the way of a mount: other mounts, commands that empty its folder, COPY that takes from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dflint.optimizer.caches import is_cleaning
from dflint.optimizer.split.view import is_within
from dflint.packages import parse_package_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dflint.model import Model
    from dflint.optimizer.caches import Cache
    from dflint.shell import Command, Word
    from dflint.syntax.tree import Copy, Run


def _targets(model: Model, run: Run) -> Iterator[tuple[str, str]]:
    """Types and absolute targets of a RUN's mounts; ``/`` for one that is not known."""
    environment = model.environment_before(run)
    for mount in run.mounts:
        text = environment.expand_text(mount.target) if mount.target else None
        place = environment.resolve_path(text) if text else None
        if place is None and text is not None and not text.startswith(("/", "..")):
            continue  # below the working directory, which is no cache
        if mount.target is not None or mount.type not in ("secret", "ssh"):
            yield mount.type, place or "/"


def is_mounted(model: Model, run: Run, place: str) -> bool:
    """Whether a RUN has a cache mount at a place, or above it."""
    return any(kind == "cache" and is_within(place, target) for kind, target in _targets(model, run))


def other_targets(model: Model, run: Run, place: str) -> list[str]:
    """Where other mounts of a RUN are."""
    return [t for kind, t in _targets(model, run) if kind != "cache" or not is_within(place, t)]


def may_take(model: Model, copy: Copy, place: str, cache: Cache) -> bool:
    """Whether a COPY from a stage takes what is at a place; of what is only a cache the folder above may go without."""
    environment = model.environment_before(copy)
    for word in copy.sources:
        source = environment.expand(word)
        if source is None:
            return True
        path = "/" + source.strip("/")
        head = min((path.find(char) for char in "*?[" if char in path), default=-1)
        if head >= 0:
            if place.startswith(path[:head]) and (cache.is_store or path[:head].startswith(place)):
                return True
        elif is_within(path, place) or (cache.is_store and is_within(place, path.rstrip("/") or "/")):
            return True
    return False


def obstacle(command: Command, places: Mapping[str, Cache], home: str) -> Literal["", "may go", "stays"]:
    """``may go`` for a command that only empties the mounted folders, ``stays`` for one that touches them otherwise."""
    managers = {cache.manager for cache in places.values()}
    package = parse_package_command(command)
    if package is not None and is_cleaning(package):
        if package.manager not in managers:
            return ""
        is_all = package.manager != "go" or sum(cache.manager == "go" for cache in places.values()) == 2
        return "may go" if is_all else "stays"
    words = [_path(word, home) for word in command.arguments]
    variables = {name for cache in places.values() for name, _ in cache.variables}
    if any(use.name in variables for word in command.words for use in word.variables):
        return "stays"
    if command.unwrapped().program != "rm":
        return "stays" if any(place in word for place in places for word in words) else ""
    operands = [word for word in words if not word.startswith("-")]
    touched = [word for word in operands if any(_overlaps(word, place) for place in places)]
    if not touched:
        return ""
    only = all(any(is_within(word, place) for place in places) for word in operands)
    return "may go" if only else "stays"


def _path(word: Word, home: str) -> str:
    """A word with the home in the place of what means it; other variables as written."""
    raw = word.raw.strip("\"'")
    for mark in ("${HOME}", "$HOME"):
        raw = raw.replace(mark, home)
    if raw == "~" or raw.startswith("~/"):
        raw = home + raw[1:]
    return raw.rstrip("/") if len(raw) > 1 else raw


def _overlaps(word: str, place: str) -> bool:
    """Whether a path or pattern means a folder, something above it or below it."""
    head = min((word.find(char) for char in "*?[{" if char in word), default=-1)
    if head >= 0:
        return place.startswith(word[:head]) or word.startswith(place + "/")
    return is_within(word, place) or (word.startswith("/") and is_within(place, word))
