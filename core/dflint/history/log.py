"""Reading a history: which commits, what each changed, and what was there before them.

Two plumbing commands: ``rev-list --first-parent`` names the commits and ``diff-tree --stdin`` compares each with its
first parent, so that a merge counts as what it brought to the branch. A shallow clone's oldest commit has no parents
here, so it can only be the base.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dflint.history.changes import Change, Commit, File, History, HistoryError
from dflint.history.git import chunks, find_repository, read_object, run
from dflint.history.store import Store
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from dflint.history.git import Repository

COMMITS = 200
"""How many commits are looked at if nobody says."""
MAX_COMMITS = 100_000
MAX_CHANGES = 2_000_000
"""Changes of all commits together; older commits beyond it are left out."""
MAX_FILES = 1_000_000


class _Link(NamedTuple):
    """A commit of the branch and its first parent."""

    name: str
    parent: str
    time: int


def read_history(folder: str, commits: int = COMMITS, watched: Sequence[str] = (), store: str | None = None) -> History:
    """The last ``commits`` commits of the repository that ``folder`` (a build context) stands in.

    ``watched`` are files elsewhere (a Dockerfile and its ignore file), paths of the system; those outside the
    repository are left out. ``store`` is the folder where what commits changed is kept for the next time, None to keep
    nothing. Raises HistoryError.
    """
    repository = find_repository(folder)
    others = _inside(repository, watched)
    links, is_whole = _links(repository, min(commits, MAX_COMMITS))
    kept = Store(store, repository.storage, repository.prefix, others) if store is not None else None
    found = _changes(repository, others, links, kept)
    is_whole = is_whole and len(found) == len(links)
    links = links[: len(found)]
    base = links[-1].parent if links else repository.head
    prefix = f"{repository.prefix}/" if repository.prefix else ""
    wanted = frozenset(others)
    made = []
    for link in reversed(links):
        inside, outside = _split(found[link.name], prefix, wanted)
        made.append(Commit(link.name, link.time, inside, outside))
    files, other_files = _split_files(_tree(repository, others, base), prefix, wanted)
    known: dict[str, bytes | None] = {}

    def read(name: str) -> bytes | None:
        if name not in known:
            known[name] = read_object(repository.top, name)
        return known[name]

    return History(
        tuple(made), files, other_files, base, repository.head, repository.prefix,
        repository.is_shallow and is_whole, is_whole, read,
    )  # fmt: skip


def path_in_repository(history: History, context: str, path: str) -> str:
    """How a watched file is called in ``other_files``: its path from the top of the repository."""
    relative = os.path.relpath(_real(path), os.path.realpath(context)).replace(os.sep, "/")
    from posixpath import normpath

    return normpath(f"{history.folder}/{relative}" if history.folder else relative)


def _real(path: str) -> str:
    """A path whose folder has no links; the file itself may be one, which git tracks as such."""
    folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100
    return os.path.join(os.path.realpath(folder), name)  # noqa: PTH118


def _inside(repository: Repository, watched: Sequence[str]) -> tuple[str, ...]:
    """Files as paths from the top of the repository, those in the context included."""
    top = os.path.realpath(repository.top)
    found = []
    for path in watched:
        relative = os.path.relpath(_real(path), top).replace(os.sep, "/")
        if relative != ".." and not relative.startswith("../"):
            found.append(relative)
    return tuple(dict.fromkeys(found))


def _links(repository: Repository, commits: int) -> tuple[list[_Link], bool]:
    """The commits, newest first, and whether they go back to the first one there is."""
    arguments = ["rev-list", "--first-parent", "--parents", "--timestamp", f"--max-count={commits + 1}"]
    lines = run(repository.top, [*arguments, repository.head, "--"]).decode("ascii").splitlines()
    links = []
    for line in lines[:commits]:
        time, name, *parents = line.split()
        if parents:
            links.append(_Link(name, parents[0], int(time)))
    return links, len(lines) <= commits or len(lines[-1].split()) < 3


def _changes(
    repository: Repository, others: Sequence[str], links: Sequence[_Link], kept: Store | None
) -> dict[str, tuple[Change, ...]]:
    """The changes of the commits by name; of the newest only, if all together are too many."""
    known = kept.load() if kept is not None else {}
    missing = [link for link in links if known.get(link.name, ("",))[0] != link.parent]
    read: dict[str, tuple[Change, ...]] = {}
    if missing:
        read = _compared(repository, others, missing)
    found: dict[str, tuple[Change, ...]] = {}
    total = 0
    for link in links:
        changes = read.get(link.name)
        if changes is None:
            if link.name not in known or known[link.name][0] != link.parent:
                break
            changes = known[link.name][1]
        total += len(changes)
        if total > MAX_CHANGES:
            break
        found[link.name] = changes
    if kept is not None and missing:
        parents = {link.name: link.parent for link in links}
        kept.save({name: (parents[name], changes) for name, changes in found.items()})
    return found


def _compared(repository: Repository, others: Sequence[str], links: Sequence[_Link]) -> dict[str, tuple[Change, ...]]:
    arguments = [
        "diff-tree", "--stdin", "--always", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", "--no-textconv",
        "--ignore-submodules=none", "--no-abbrev", "--", *_paths(repository, others),
    ]  # fmt: skip
    given = "".join(f"{link.name} {link.parent}\n" for link in links).encode("ascii")
    wanted = {link.name for link in links}
    found: dict[str, list[Change]] = {}
    texts = _Interned()
    count = 0
    fields = _fields(chunks(repository.top, arguments, given))
    current: list[Change] | None = None
    name = ""
    for field in fields:
        if not field.startswith(b":"):
            name = field.decode("ascii", "replace").strip()
            if name not in wanted:
                raise HistoryError("git's answer is not understood")
            if count > MAX_CHANGES:
                fields.close()
                break
            current = found.setdefault(name, [])
            continue
        if current is None:
            raise HistoryError("git's answer is not understood")
        _, mode, _, content, _ = field.split(b" ")
        path = texts.of(next(fields, b""))
        current.append(Change(path, File(int(mode, 8), texts.of(content)) if mode != b"000000" else None))
        count += 1
    if count > MAX_CHANGES:
        found.pop(name, None)
    return {name: tuple(changes) for name, changes in found.items()}


def _fields(pieces: Iterable[bytes]) -> Generator[bytes, None, None]:
    for piece in pieces:
        yield from piece.split(b"\0")


class _Interned:
    """Text of paths and names, each kept once: the same ones come again with every commit."""

    def __init__(self) -> None:
        self._texts: dict[bytes, str] = {}

    def of(self, raw: bytes) -> str:
        text = self._texts.get(raw)
        if text is None:
            text = self._texts[raw] = raw.decode("utf-8", "surrogateescape")
        return text


def _tree(repository: Repository, others: Sequence[str], commit: str) -> dict[str, File]:
    """The tracked files at a commit, by their paths from the top of the repository."""
    arguments = ["ls-tree", "-r", "-z", "--full-tree", commit, "--", *_paths(repository, others)]
    files: dict[str, File] = {}
    for piece in chunks(repository.top, arguments, b""):
        for entry in piece.split(b"\0"):
            facts, _, path = entry.partition(b"\t")
            mode, _, content = facts.split(b" ")[:3]
            files[path.decode("utf-8", "surrogateescape")] = File(int(mode, 8), content.decode("ascii"))
        if len(files) > MAX_FILES:
            raise HistoryError(f"the context has more than {MAX_FILES} tracked files")
    return files


def _paths(repository: Repository, others: Sequence[str]) -> list[str]:
    if not repository.prefix:
        return []
    return [os.fsdecode(path.encode("utf-8", "surrogateescape")) for path in (repository.prefix, *others)]


def _split(
    changes: Iterable[Change], prefix: str, others: frozenset[str]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    inside = [
        Change(change.path[len(prefix) :], change.file) if prefix else change
        for change in changes
        if change.path.startswith(prefix)
    ]
    return tuple(inside), tuple(change for change in changes if change.path in others)


def _split_files(
    files: dict[str, File], prefix: str, others: frozenset[str]
) -> tuple[dict[str, File], dict[str, File]]:
    inside = {path[len(prefix) :]: file for path, file in files.items() if path.startswith(prefix)}
    return inside, {path: files[path] for path in others if path in files}
