"""What can be wrong with an archive."""

from __future__ import annotations


class ArchiveError(Exception):
    """An image archive that cannot be read: ``path`` is the file, ``member`` what in it is at fault ("" for all)."""

    def __init__(self, path: str, member: str, problem: str) -> None:
        super().__init__(path, member, problem)
        self.path = path
        self.member = member
        self.problem = problem

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.path, _printable(self.member), self.problem)))


class ImagePathError(Exception):
    """Something asked of an image that is not there, or not of the kind asked for."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{_printable(self.path)}: {self.problem}"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
