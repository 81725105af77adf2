"""Who a container's process is, and what it may do with a path (passwd(5), group(5), path_resolution(7))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.images import ImagePathError
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.images import Entry, FileTree, Image

MAX_ACCOUNTS = 4 << 20


class Identity(NamedTuple):
    """A process's user: numbers, and the home folder that engines give to it as HOME."""

    uid: int
    gid: int
    groups: frozenset[int]
    """All groups, ``gid`` included."""
    home: str
    name: str
    """As in /etc/passwd, empty for a number without an entry."""


class Rights(NamedTuple):
    """What a user may do with what is at a path."""

    read: bool
    write: bool
    execute: bool
    """Of a folder: pass through it."""


class Account(NamedTuple):
    """A line of /etc/passwd."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str


class UnknownUserError(Exception):
    """USER names a user or group that the image does not have; no container starts with it."""


def identity_of(image: Image) -> Identity:
    """The user that the image's USER means; UnknownUserError if it has no such user or group."""
    user, colon, group = image.config.user.partition(":")
    accounts = read_accounts(image)
    groups = list(read_groups(image))
    account = next((account for account in accounts if account.name == user), None)
    if user.isdigit() and account is None:
        account = next((account for account in accounts if account.uid == int(user)), None)
        account = account or Account("", int(user), 0, "/", "")
    elif not user:
        account = next((account for account in accounts if account.uid == 0), Account("", 0, 0, "/root", ""))
    if account is None:
        raise UnknownUserError(f"USER {user}: /etc/passwd of the image has no such user")
    gid = account.gid
    if colon and group:
        named = next((number for name, number, _ in groups if name == group), None)
        if named is None and not group.isdigit():
            raise UnknownUserError(f"USER {image.config.user}: /etc/group of the image has no such group")
        gid = named if named is not None else int(group)
    further = () if colon else (number for _, number, names in groups if account.name and account.name in names)
    return Identity(account.uid, gid, frozenset((gid, *further)), account.home, account.name)


def read_accounts(image: Image) -> list[Account]:
    """The lines of /etc/passwd; none if there is no such file."""
    accounts = []
    for fields in _lines(image, "/etc/passwd"):
        if len(fields) >= 7 and fields[2].isdigit() and fields[3].isdigit():
            accounts.append(Account(fields[0], int(fields[2]), int(fields[3]), fields[5], fields[6]))
    return accounts


def read_groups(image: Image) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Name, number and members of the groups in /etc/group."""
    for fields in _lines(image, "/etc/group"):
        if len(fields) >= 3 and fields[2].isdigit():
            members = tuple(fields[3].split(",")) if len(fields) > 3 and fields[3] else ()
            yield fields[0], int(fields[2]), members


def _lines(image: Image, path: str) -> Iterator[list[str]]:
    try:
        text = image.read(path, MAX_ACCOUNTS).decode("utf-8", "surrogateescape")
    except ImagePathError:
        return
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split(":")


def rights_of(entry: Entry, identity: Identity) -> Rights:
    """What a user may do with an entry, the way to it left out. Root may do all, but execute only what someone may."""
    mode = entry.mode
    if identity.uid == 0:
        return Rights(True, True, entry.is_dir or bool(mode & 0o111))
    if entry.uid == identity.uid:
        mode >>= 6
    elif entry.gid in identity.groups:
        mode >>= 3
    return Rights(bool(mode & 4), bool(mode & 2), bool(mode & 1))


def can_reach(tree: FileTree, path: str, identity: Identity) -> Entry | None:
    """The first folder on the way to a real path that the user cannot pass; None if there is none."""
    parts = path.split("/")[1:-1]
    current = ""
    for part in ("", *parts):
        current = f"{current}/{part}" if part else ""
        entry = tree.get(current or "/")
        if entry is not None and entry.is_dir and not rights_of(entry, identity).execute:
            return entry
    return None
