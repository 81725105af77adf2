"""Two file systems path by path: what differs, of which class it is, and what of it stands against which level."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from dflint.images.file_tree import parent_of
from dflint.verify.classes import system_group
from dflint.verify.closure import SYSTEM_FOLDERS
from dflint.verify.content import (
    differs_in_timestamps_only,
    is_stale_bytecode,
    same_but_for_interpreter,
    source_of,
)
from dflint.verify.level import Level
from dflint.verify.users import can_reach, read_accounts, read_groups, rights_of
from dflint.verify.verdict import Difference, DifferenceKind, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.images import Entry, FileTree, Image
    from dflint.verify.needs import Needs, Use
    from dflint.verify.side import Side

UNEXPLAINED = "unexplained"
_EXPLAINED_WHEN_CHANGED = frozenset((
    "written by the engine", "temporary files", "logs", "package cache", "package database", "account backups",
    "documentation", "version control", "package manager configuration",
))  # fmt: skip
_ACCOUNT_FILES = frozenset(("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid"))
_SHARED_FOLDERS = frozenset(("/tmp", "/var/tmp", "/run", "/var/run", "/dev/shm", "/run/lock"))
_PYTHON_RECORDS = ("/RECORD", "/INSTALLER", "/REQUESTED", "/direct_url.json")
_BUILDERS = frozenset(("gradle", "sbtuser"))
"""Accounts of images that are for building."""
DAY = 86_400


class FileSystemComparison:
    """Compares two sides; ``differences`` and ``reasons`` are the result."""

    def __init__(self, original: Side, rewrite: Side, control: Image | None, needs: Needs) -> None:
        self._one = original
        self._other = rewrite
        self._control = control.filesystem if control is not None else None
        self._control_image = control
        self._needs = needs
        self._moves = _moves(original, rewrite)
        self._arrived: set[str] = set()
        self._explained_folders: dict[str, str | None] = {}
        self._stable_before = _stable_before(original.image)
        self.differences: list[Difference] = []
        self.reasons: list[Reason] = []
        self.noise = 0
        self.moved = 0
        self._compare()

    def _compare(self) -> None:
        one, other = self._one.tree, self._other.tree
        missing = []
        for entry in one.walk("/"):
            found = other.get(entry.path)
            if found is None:
                missing.append(entry)
            else:
                self._compare_entries(entry, found)
        folders = []
        for entry in missing:
            if entry.is_dir:
                folders.append(entry)
            else:
                self._only_in_original(entry)
        for entry in reversed(folders):  # a folder after what is in it
            self._folder_only_in_original(entry)
        for entry in other.walk("/"):
            if entry.path not in one:
                self._only_in_rewrite(entry)
        self._compare_hard_links()
        self.differences.sort(key=lambda difference: difference.path)

    # Only in one of them

    def _only_in_original(self, entry: Entry) -> None:
        counterpart = self._counterpart(entry)
        if counterpart is not None:
            self._arrived.add(counterpart.path)
            self.moved += 1
            self._differ(entry.path, "only in original", "moved", True, f"to {counterpart.path}")
            return
        use = self._needs.use(entry)
        if not use.is_needed:
            self._differ(entry.path, "only in original", use.group, use.is_explained, "", entry.size)
            self._explained_folders[entry.path] = use.group if use.is_explained else None
            return
        self._differ(entry.path, "only in original", UNEXPLAINED, False, use.why, entry.size)
        self._stand_against(Level.CLOSURE_EQUAL, entry.path, f"missing in the rewrite; {use.why}")

    def _folder_only_in_original(self, entry: Entry) -> None:
        names = self._one.tree.names(entry.path)
        groups = [self._explained_folders.get(f"{entry.path}/{name}") for name in names]
        moved = bool(names) and all(
            self._counterpart(child) is not None
            for name in names
            if (child := self._one.tree.get(f"{entry.path}/{name}")) is not None and not child.is_dir
        )
        if names and all(group is not None for group in groups):
            group = groups[0]
        elif moved and self._moved_path(entry.path) is not None:
            group = "moved"
        else:
            use = self._needs.use(entry)
            if use.is_needed:
                self._differ(entry.path, "only in original", UNEXPLAINED, False, use.why)
                if not names or entry.path in self._one.closure.reached:
                    self._stand_against(Level.CLOSURE_EQUAL, entry.path, f"a folder missing in the rewrite; {use.why}")
                return
            group = use.group if use.is_explained else None
            if group is None or (names and not all(groups)):
                self._differ(entry.path, "only in original", use.group, use.is_explained and group is not None)
                return
        self._explained_folders[entry.path] = group
        self._differ(entry.path, "only in original", group or UNEXPLAINED, True)

    def _moved_path(self, path: str) -> str | None:
        for before, after in self._moves:
            if path.startswith(f"{before}/"):
                return after + path[len(before) :]
        return None

    def _counterpart(self, entry: Entry) -> Entry | None:
        """The same file in another of Python's folders for packages, or a script in the environment's ``bin``."""
        place = self._moved_path(entry.path)
        found = self._other.tree.resolve(place) if place is not None else None
        if found is None or found.type != entry.type or not entry.is_file:
            return None
        if found.sha256 == entry.sha256 and found.mode == entry.mode:
            return found
        if same_but_for_interpreter(self._one.image, entry, self._other.image, found):
            return found
        if entry.path.endswith(_PYTHON_RECORDS) and ".dist-info/" in entry.path:
            return found
        if entry.path.endswith(".pyc") and source_of(entry.path) is not None:
            return found
        return None

    def _only_in_rewrite(self, entry: Entry) -> None:
        path = entry.path
        group, explained = self._class_of_new(entry)
        self._differ(path, "only in rewrite", group, explained, "", -entry.size)
        if explained or entry.is_dir:
            return
        why = self._other.closure.reached.get(path)
        if why is not None:
            self._stand_against(Level.CLOSURE_EQUAL, path, f"only in the rewrite, and used there: {why}")
            return
        folder = self._one.tree.get(parent_of(path))
        if folder is not None and not self._one.packages.owner(folder.path) and folder.path not in SYSTEM_FOLDERS:
            message = "only in the rewrite, in a folder of the application, which may read all that is in it"
            self._stand_against(Level.CLOSURE_EQUAL, path, message)
        elif path.startswith("/etc/"):
            self._stand_against(Level.CLOSURE_EQUAL, path, "configuration that only the rewrite has")

    def _class_of_new(self, entry: Entry) -> tuple[str, bool]:
        path = entry.path
        if path in self._arrived or (entry.is_dir and any(p.startswith(f"{path}/") for p in self._arrived)):
            return "moved", True
        if entry.is_dir:
            return "new folder", True
        group = system_group(path)
        if group is not None:
            return group, True
        if self._other.owner(entry) is not None:
            return "runtime package", True
        source = source_of(path)
        if source is not None and source in self._other.tree:
            return "bytecode", True
        if self._is_of_new_environment(path):
            return "virtual environment", True
        if entry.is_symlink and not self._other.is_copied(entry):
            target = self._other.tree.resolve(path)
            if target is not None and self._other.owner(target) is not None:
                return "runtime package", True
        folder = parent_of(path)
        is_new = folder not in self._one.tree and not self._other.is_copied(entry)
        if is_new and self._other.packages.owner(folder) is not None:
            return "runtime package", True
        return UNEXPLAINED, False

    def _is_of_new_environment(self, path: str) -> bool:
        """Whether a path is part of what ``python -m venv`` itself makes."""
        for _, after in self._moves:
            prefix = after.partition("/lib/python")[0]
            if path.startswith(f"{prefix}/") and prefix not in self._one.tree:
                name = path[len(prefix) + 1 :]
                if name == "pyvenv.cfg" or name.startswith(
                    ("bin/activate", "bin/Activate", "bin/python", "bin/pip", "lib64")
                ):
                    return True
                return "/site-packages/pip" in path or "/site-packages/setuptools" in path or "/_distutils_hack" in path
        return False

    # In both

    def _compare_entries(self, one: Entry, other: Entry) -> None:
        if one.type != other.type:
            self._both(one, "type", f"a {one.type} in the original, a {other.type} in the rewrite")
            return
        if one.is_file and one.sha256 != other.sha256:
            self._compare_content(one, other)
        elif one.is_symlink:
            if one.target != other.target:
                self._compare_targets(one, other)
            return
        elif one.type in ("char", "block") and one.device != other.device:
            self._both(one, "device", f"{one.device} in the original, {other.device} in the rewrite")
        if one.mode & 0o6000 != other.mode & 0o6000 or one.capability != other.capability:
            self._both(one, "special bits", f"{_special(one)} in the original, {_special(other)} in the rewrite")
        if (one.mode & 0o1777, one.uid, one.gid) != (other.mode & 0o1777, other.uid, other.gid):
            self._compare_access(one, other)
        if _other_attributes(one) != _other_attributes(other):
            self._both(one, "attributes", f"{_names(one)} in the original, {_names(other)} in the rewrite")
        if one.is_file and one.mtime != other.mtime and one.sha256 == other.sha256:
            self._compare_times(one, other)

    def _compare_content(self, one: Entry, other: Entry) -> None:
        path = one.path
        size = one.size - other.size
        if self._is_noise(one):
            self.noise += 1
            self._differ(
                path, "content", "differs between builds", True, "two builds of the original differ in it", size
            )
            return
        if path in _ACCOUNT_FILES:
            self._compare_accounts(one, size)
            return
        group = system_group(path)
        if group in _EXPLAINED_WHEN_CHANGED:
            self._differ(path, "content", group, True, "", size)
            return
        if path.endswith(_PYTHON_RECORDS) and ".dist-info/" in path:
            self._differ(path, "content", "package database", True, "", size)
            return
        if source_of(path) is not None and is_stale_bytecode(self._other.image, other):
            self._differ(
                path, "content", "bytecode", True, "Python passes over it: it is not of the source beside it", size
            )
            return
        if differs_in_timestamps_only(self._one.image, one, self._other.image, other):
            self._differ(path, "content", "timestamps inside", True, "", size)
            return
        if source_of(path) is not None:
            self._differ(path, "content", UNEXPLAINED, False, "other code for the same source", size)
            self._stand_against(
                Level.CLOSURE_EQUAL, path, "content: Python runs it in place of its source, as it fits it"
            )
            return
        self._both(one, "content", self._versions(one, other), size)

    def _versions(self, one: Entry, other: Entry) -> str:
        before, after = self._one.packages.owner(one.path), self._other.packages.owner(other.path)
        if before is not None and after is not None and before.version != after.version:
            return f"{before.name} {before.version} in the original, {after.name} {after.version} in the rewrite"
        return f"{one.size} bytes in the original, {other.size} in the rewrite"

    def _is_noise(self, entry: Entry) -> bool:
        """Whether two builds of the original differ in a file's content."""
        if self._control is None:
            return False
        again = self._control.get(entry.path)
        return again is not None and again.type == "file" and again.sha256 != entry.sha256

    def _compare_accounts(self, entry: Entry, size: int) -> None:
        path = entry.path
        if path in ("/etc/passwd", "/etc/group"):
            before, after = _accounts(self._one.image, path), _accounts(self._other.image, path)
            lost = [name for name, account in before.items() if after.get(name) != account]
            own = [name for name in lost if self._is_own_account(name, before[name])]
            if own:
                message = f"without, or with another: {', '.join(sorted(own))}"
                self._differ(path, "content", UNEXPLAINED, False, message, size)
                self._stand_against(Level.CLOSURE_EQUAL, path, f"{message}; processes may change to that user or group")
                return
            if lost:
                detail = f"accounts of packages: {', '.join(sorted(lost))}"
                self._differ(path, "content", "accounts of packages", True, detail, size)
                return
        self._differ(path, "content", "accounts", True, "", size)

    def _is_own_account(self, name: str, account: tuple[object, ...]) -> bool:
        """Whether an account is not one that packages of the distribution make, or is asked for by name."""
        number = account[0]
        is_system = isinstance(number, int) and (number < 1000 or number == 65534 or name in _BUILDERS)
        if not is_system or number == 0 or not self._one.packages.packages:
            return True
        words = self._one.image.config.user, *self._one.image.config.arguments
        if any(name in word for word in words):
            return True
        return any(account_user == number for account_user in self._owners_in_use())

    def _owners_in_use(self) -> set[int]:
        if not hasattr(self, "_owners"):
            self._owners = {
                entry.uid for entry in self._one.tree.entries() if self._one.packages.owners.get(entry.path) is None
            }
        return self._owners

    def _compare_targets(self, one: Entry, other: Entry) -> None:
        before, after = self._one.tree.resolve(one.path), self._other.tree.resolve(one.path)
        detail = f"{one.target} in the original, {other.target} in the rewrite"
        if before is not None and after is not None and before.path == after.path and before.type == after.type:
            self._differ(one.path, "link target", "same target by another way", True, detail)
        elif system_group(one.path) in _EXPLAINED_WHEN_CHANGED:
            self._differ(one.path, "link target", system_group(one.path) or "", True, detail)
        else:
            self._both(one, "link target", detail)

    def _compare_access(self, one: Entry, other: Entry) -> None:
        kind: DifferenceKind = "mode" if one.mode != other.mode else "owner"
        words = [f"{entry.mode:04o} {entry.uid}:{entry.gid}" for entry in (one, other)]
        detail = f"{words[0]} in the original, {words[1]} in the rewrite"
        path = one.path
        if system_group(path) in _EXPLAINED_WHEN_CHANGED and not one.is_dir:
            self._differ(path, kind, system_group(path) or "", True, detail)
            return
        before, after = rights_of(one, self._one.identity), rights_of(other, self._other.identity)
        lost = [name for name in before._fields if getattr(before, name) and not getattr(after, name)]
        self._differ(path, kind, UNEXPLAINED, False, detail)
        is_root = self._one.identity.uid == 0
        if path in _SHARED_FOLDERS or (lost and (one.is_dir or self._use(one).is_needed)):
            lost_words = f"the user may no longer {', '.join(lost)} it" if lost else "all users use it"
            self._stand_against(Level.CLOSURE_EQUAL, path, f"{detail}; {lost_words}")
        elif is_root and self._use(one).is_needed and path not in SYSTEM_FOLDERS and self._is_restricted(one, other):
            message = f"{detail}; root may still use it, a process that gives up root may not"
            self._stand_against(Level.CLOSURE_EQUAL, path, message)

    def _is_restricted(self, one: Entry, other: Entry) -> bool:
        """Whether some user may do less than before, or another user owns it."""
        return (one.uid, one.gid) != (other.uid, other.gid) or bool(one.mode & ~other.mode & 0o777)

    def _compare_times(self, one: Entry, other: Entry) -> None:
        """A change of the modification time, if the control build shows that it is no matter of when it was built."""
        again = self._control.get(one.path) if self._control is not None else None
        if again is None or again.mtime != one.mtime or self._control_image is None:
            return
        layers = self._one.image.layers[one.layer].diff_id, self._control_image.layers[again.layer].diff_id
        if layers[0] != layers[1] or one.mtime < self._stable_before:
            self._both(
                one, "modification time", f"{one.mtime} in both builds of the original, {other.mtime} in the rewrite"
            )

    def _compare_hard_links(self) -> None:
        before, after = _link_groups(self._one.tree), _link_groups(self._other.tree)
        for path, names in before.items():
            in_both = frozenset(name for name in names if name in self._other.tree)
            if len(in_both) > 1 and path == min(in_both) and not in_both <= after.get(path, frozenset()):
                detail = f"one file with {', '.join(sorted(in_both - {path}))} in the original, apart in the rewrite"
                self._differ(path, "hard links", UNEXPLAINED, False, detail)
        for path, names in after.items():
            in_both = frozenset(name for name in names if name in self._one.tree)
            if len(in_both) > 1 and path == min(in_both) and not in_both <= before.get(path, frozenset()):
                detail = f"one file with {', '.join(sorted(in_both - {path}))} in the rewrite, apart in the original"
                self._differ(path, "hard links", UNEXPLAINED, False, detail)

    # Saying it

    def _use(self, entry: Entry) -> Use:
        return self._needs.use(entry)

    def _both(self, entry: Entry, kind: DifferenceKind, detail: str, size: int = 0) -> None:
        """A difference of a path that both have: it stands against level 4 if the path is needed."""
        use = self._use(entry)
        if kind == "modification time":
            self._differ(entry.path, kind, UNEXPLAINED, False, detail)
            return
        if not use.is_needed and use.is_explained and not entry.is_dir and kind == "content":
            self._differ(entry.path, kind, use.group, True, detail, size)
            return
        self._differ(entry.path, kind, UNEXPLAINED, False, detail, size)
        if use.is_needed:
            self._stand_against(Level.CLOSURE_EQUAL, entry.path, f"{kind}: {detail}; {use.why}")

    def _differ(
        self, path: str, kind: DifferenceKind, group: str, is_explained: bool, detail: str = "", size: int = 0
    ) -> None:
        self.differences.append(Difference(path, kind, group, is_explained, detail, size))

    def _stand_against(self, level: Level, path: str, message: str) -> None:
        self.reasons.append(Reason(level, path, message))

    def blocked(self) -> Iterator[Reason]:
        """Needed files that the user can no longer get to, because of a folder on the way."""
        if self._one.identity.uid == 0:
            return
        folders: dict[str, None] = {}
        for path in self._one.closure.reached:
            if path not in self._other.tree:
                continue
            before = can_reach(self._one.tree, path, self._one.identity)
            after = can_reach(self._other.tree, path, self._other.identity)
            if before is None and after is not None and after.path not in folders:
                folders[after.path] = None
                yield Reason(Level.CLOSURE_EQUAL, after.path, f"the user cannot pass through it to {path}")


def _moves(original: Side, rewrite: Side) -> list[tuple[str, str]]:
    """Folders of Python packages, and those of their scripts, that have another place in the rewrite."""
    found = []
    for before in original.closure.site_folders:
        for after in rewrite.closure.site_folders:
            if before != after and "/.local/" not in after and after not in original.tree:
                found.append((before, after))
                head, tail = before.partition("/lib/python")[0], after.partition("/lib/python")[0]
                if basename(before) == "site-packages" and head and tail:
                    found.append((f"{head}/bin", f"{tail}/bin"))
    return found


def _stable_before(image: Image) -> int:
    """A time before which no step of the build can have written: a day before the image was made."""
    from datetime import datetime

    try:
        made = datetime.fromisoformat(image.config.created[:19] + "+00:00")
    except ValueError:
        return 0
    return int(made.timestamp()) - DAY


def _special(entry: Entry) -> str:
    bits = [name for bit, name in ((0o4000, "setuid"), (0o2000, "setgid")) if entry.mode & bit]
    if entry.capability:
        bits.append(f"capabilities {entry.capability.hex()}")
    return ", ".join(bits) or "none"


def _other_attributes(entry: Entry) -> tuple[tuple[str, bytes], ...]:
    return tuple(pair for pair in entry.xattrs if pair[0] != "security.capability")


def _names(entry: Entry) -> str:
    return ", ".join(name for name, _ in _other_attributes(entry)) or "none"


def _accounts(image: Image, path: str) -> dict[str, tuple[object, ...]]:
    if path == "/etc/passwd":
        return {account.name: account[1:] for account in read_accounts(image)}
    return {name: (number, members) for name, number, members in read_groups(image)}


def _link_groups(tree: FileTree) -> dict[str, frozenset[str]]:
    """Each name of a file with several names to all of them."""
    groups: dict[int, list[str]] = {}
    for entry in tree.entries():
        if entry.links:
            groups.setdefault(entry.links, []).append(entry.path)
    return {path: frozenset(paths) for paths in groups.values() for path in paths}
