"""What the RUNs of a Dockerfile wrote, read from the image that it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.model import Model
from dflint.optimizer.split.view import outermost
from dflint.syntax import parse
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dflint.build import BuildOptions
    from dflint.images import Image
    from dflint.images.entry import Entry
    from dflint.verify.packages import PackageDatabase

_SYSTEM = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/ld.so.cache", "/etc/ssl/certs")
_LEFT = (
    "/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/var/log", "/tmp", "/var/tmp", "/run", "/root/.cache", "/root/.npm",
    "/proc", "/sys", "/dev", "/root/.m2", "/root/.gradle", "/go/pkg", "/usr/local/cargo/registry", "/root/.config/go",
    "/etc/.pwd.lock", "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/subuid", "/etc/subgid",
)  # fmt: skip


def written_by_runs(
    image: Image, packages: PackageDatabase, text: str, options: BuildOptions
) -> dict[int, tuple[str, ...]]:
    """Offset of each RUN of the built stage to what it wrote, for RUNs that changed no accounts and packages.

    The last entries of the image's history are the stage's instructions, in their order (BuildKit writes one for each
    RUN, COPY and so on). Empty if the two do not fit.
    """
    model = Model(parse(text), target=options.target, build_args=options.arguments())
    stage = model.target
    runs = [i for i in stage.instructions if isinstance(i, Run)] if stage is not None else []
    layers = [
        number
        for number, layer in enumerate(image.layers)
        if layer.history is not None and layer.history.created_by.startswith("RUN ")
    ]
    if stage is None or stage.parent is not None or len(layers) < len(runs) or not runs:
        return {}
    entries = list(image.filesystem.entries())
    by_layer: dict[int, list[Entry]] = {}
    for entry in entries:
        by_layer.setdefault(entry.layer, []).append(entry)
    oldest = _oldest_below(entries)
    found = {}
    for run, layer in zip(runs, layers[-len(runs) :], strict=True):
        written = by_layer.get(layer, [])
        if not any(entry.path.startswith(_SYSTEM) for entry in written) and not _installs(written, packages):
            found[run.start] = tuple(outermost([e.path for e in written if _counts(e, layer, oldest)]))
    return found


def _oldest_below(entries: Iterable[Entry]) -> dict[str, int]:
    """Folder to the lowest layer that something below it comes from."""
    oldest: dict[str, int] = {}
    for entry in entries:
        if entry.is_dir:
            continue
        folder = entry.path.rpartition("/")[0]
        while folder and oldest.get(folder, entry.layer + 1) > entry.layer:
            oldest[folder] = entry.layer
            folder = folder.rpartition("/")[0]
    return oldest


def _installs(entries: Iterable[Entry], packages: PackageDatabase) -> bool:
    return any(e.path == "/var/lib/dpkg/status" or packages.owner(e.path) for e in entries if not e.is_dir)


def _counts(entry: Entry, layer: int, oldest: Mapping[str, int]) -> bool:
    """Whether a path is wanted: a file, or a folder that holds nothing older than its layer."""
    if _is_left(entry.path) or "/__pycache__" in entry.path:
        return False
    return not entry.is_dir or oldest.get(entry.path, layer) >= layer


def _is_left(path: str) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in _LEFT)
