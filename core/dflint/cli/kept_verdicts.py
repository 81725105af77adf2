"""Reports of earlier comparisons, kept by all that they came from: texts, context, base images, engine, options."""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH103, PTH115, PTH118, PTH123
from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from dflint.files import encoded
from dflint.record import NamedTuple
from dflint.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dflint.build import Recipe, VerifyOptions
    from dflint.build.verification import Driver
    from dflint.context import BuildContext

MAX_BYTES = 2 << 30
"""Bytes of a context that are read for the key; of a larger one nothing is kept."""
KEPT = 200
"""Reports that are kept; the oldest go first."""


class KeptReport(NamedTuple):
    """What was printed, and the level that was reached."""

    level: int
    report: str
    made: str
    """The day: ``2026-11-25``."""


def folder() -> str:
    """Where reports are kept: in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111
    return os.path.join(base, "dflint", "verdicts")


def key_of(
    driver: Driver,
    recipes: tuple[Recipe, Recipe],
    context: BuildContext,
    options: VerifyOptions,
    form: Mapping[str, Any],
) -> str | None:
    """The key of a comparison; None for one that is not kept: with secrets, measures, unreadable files.

    The base images are asked for by a build without steps each, so that another image under the same name counts.
    """
    build = options.build
    if build.secrets or build.ssh or options.repeats or options.keep:
        return None
    digest = hashlib.sha256(f"{VERSION}\n{driver.engine.description}\n{sorted(form.items())}\n".encode())
    digest.update(repr((build, options.smoke, options.control)).encode())
    for recipe in recipes:
        digest.update(encoded(f"\0{recipe.text}\0{recipe.ignore}"))
    if not _add_context(digest, context):
        return None
    for number, recipe in enumerate(recipes):
        base = recipe.of_base(build.target, build.arguments())
        if base is None:
            continue
        result = driver.build(f"key-{number}", base, build)
        if result.tag:
            driver.session.drop_tag(result.tag)
        if result.failure or not result.image:
            return None
        digest.update(result.image.encode())
    return digest.hexdigest()


def _add_context(digest: Any, context: BuildContext) -> bool:
    total = 0
    for entry in sorted(context.walk()):
        digest.update(encoded(f"\0{entry.path}\0{entry.kind}\0"))
        if entry.kind == "dir":
            continue
        total += entry.size
        path = f"{context.root}/{entry.path}"
        try:
            if entry.kind == "symlink":
                digest.update(os.readlink(path).encode("utf-8", "surrogateescape"))
                continue
            if total > MAX_BYTES:
                return False
            with open(path, "rb") as file:
                digest.update(f"{os.fstat(file.fileno()).st_mode} {entry.size}".encode())
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
        except OSError:
            return False
    return not context.unreadable


def get(key: str) -> KeptReport | None:
    """What is kept under a key; what cannot be read counts as not there."""
    try:
        with open(os.path.join(folder(), f"{key}.json"), encoding="utf-8") as file:
            data = json.load(file)
        return KeptReport(int(data["level"]), str(data["report"]), str(data["made"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def put(key: str, level: int, report: str) -> None:
    """Keep a report; that this is not possible is no error."""
    from contextlib import suppress
    from datetime import datetime, timezone
    from secrets import token_hex

    with suppress(OSError):
        os.makedirs(folder(), exist_ok=True)
        temporary = os.path.join(folder(), f".{token_hex(6)}")
        with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump({"level": level, "report": report, "made": f"{datetime.now(timezone.utc):%Y-%m-%d}"}, file)
        os.replace(temporary, os.path.join(folder(), f"{key}.json"))  # noqa: PTH105
        _prune()


def _prune() -> None:
    with os.scandir(folder()) as found:
        reports = sorted((e.stat().st_mtime, e.path) for e in found if e.name.endswith(".json"))
    for _, path in reports[:-KEPT]:
        os.unlink(path)  # noqa: PTH108
