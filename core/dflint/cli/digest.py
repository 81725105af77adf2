"""Digests, without OpenSSL, which ``hashlib`` would load."""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # another Python than CPython
    from hashlib import blake2b

SIZE = 20
"""Bytes of a digest."""


def digest(*parts: bytes) -> bytes:
    """A digest of byte strings, each told apart from the next."""
    made = blake2b(digest_size=SIZE)
    for part in parts:
        made.update(b"%d:" % len(part))
        made.update(part)
    return made.digest()
