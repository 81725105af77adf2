"""Reading and replacing files: no byte is lost on the way in, no half-written file on the way out."""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH105, PTH108, PTH116, PTH118, PTH123
from __future__ import annotations

import os


def decoded(content: bytes) -> str:
    """The text of a file: line endings and byte order mark kept, bytes that are not UTF-8 as lone surrogates."""
    return content.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """The reverse of ``decoded``."""
    return text.encode("utf-8", "surrogateescape")


def read(path: str) -> str:
    """The text of a file. Raises OSError."""
    with open(path, "rb") as file:
        return decoded(file.read())


def replace(path: str, text: str, expected: str) -> None:
    """Put a new text in the place of a file whose text is ``expected``, all at once.

    A link stays a link: the file that it leads to is replaced. Mode, owner and group stay. Raises OSError, and then the
    file is as it was: when it cannot be written, is not a regular file, belongs to somebody whose it could not stay,
    or no longer has the expected text.
    """
    from secrets import token_hex
    from stat import S_IMODE, S_ISREG

    real = os.path.realpath(path)
    status = os.stat(real)
    if not S_ISREG(status.st_mode):
        raise OSError(f"not a regular file: {path}")
    if not os.access(real, os.W_OK):
        raise PermissionError(13, "Permission denied", path)
    folder, name = os.path.split(real)
    temporary = os.path.join(folder, f".{name}.{token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(encoded(text))
            file.flush()
            if hasattr(os, "fchown"):
                made = os.fstat(file.fileno())
                if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid):
                    os.fchown(file.fileno(), status.st_uid, status.st_gid)
                os.fchmod(file.fileno(), S_IMODE(status.st_mode))
            os.fsync(file.fileno())
        if read(real) != expected:
            raise OSError(f"changed by somebody else meanwhile: {path}")
        os.replace(temporary, real)
    except BaseException:
        os.unlink(temporary)
        raise


def create(path: str, text: str) -> None:
    """Make a file, all at once. Raises OSError; ``FileExistsError`` when there is one meanwhile."""
    from secrets import token_hex

    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{token_hex(4)}.tmp")
    with open(temporary, "xb") as file:
        try:
            file.write(encoded(text))
            file.flush()
            os.fsync(file.fileno())
            os.link(temporary, path)  # unlike a renaming it takes no other file's place
        finally:
            os.unlink(temporary)
