"""Files that hold secrets: by their names, or by what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.context import BuildContext, ContextEntry

BY_NAME = frozenset(
    (".netrc", "_netrc", ".pypirc", ".git-credentials", ".pgpass", ".aws", ".ssh", ".gnupg", "id_rsa", "id_dsa",
     "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk", ".vault-token", ".dockercfg", "kubeconfig")
)  # fmt: skip
"""Names of files and folders that are there to hold secrets."""
_SETTINGS = frozenset((".env", ".env.local", ".env.production", ".env.production.local", ".env.development.local"))
_MAX_SIZE = 100_000


def is_settings(name: str) -> bool:
    """Whether a name is that of a file of variables, which may hold secrets."""
    return name in _SETTINGS


def has_private_key(context: BuildContext, entry: ContextEntry) -> bool:
    """Whether a ``.pem`` or ``.key`` file holds a private key."""
    return entry.path.endswith((".pem", ".key")) and "PRIVATE KEY-----" in _content(context, entry)


def has_secret(context: BuildContext, entry: ContextEntry) -> bool:
    """Whether a file of variables gives one that is named like a secret a value."""
    return any(map(_gives_secret, _content(context, entry).splitlines()))


def _content(context: BuildContext, entry: ContextEntry) -> str:
    if entry.kind != "file" or not 0 < entry.size <= _MAX_SIZE or not entry.is_readable:
        return ""
    try:
        return context.read(entry.path)
    except OSError:
        return ""


def _gives_secret(line: str) -> bool:
    name, equals, value = line.strip().removeprefix("export ").partition("=")
    name, value = name.strip(), value.strip().strip("\"'")
    if not equals or not name.isidentifier() or not value or "$" in value or "<" in value:
        return False
    if value.lower().startswith(("your", "change", "xxx", "example", "dummy")):
        return False
    words = name.upper().split("_")
    if words[0] in ("NEXT", "VITE", "REACT", "PUBLIC", "NUXT", "GATSBY"):
        return False
    if words[-1] in ("PASSWORD", "PASSWD", "SECRET", "TOKEN", "CREDENTIALS", "PASSPHRASE", "APIKEY"):
        return True
    return words[-1] == "KEY" and len(words) > 1 and words[-2] in ("API", "SECRET", "ACCESS", "PRIVATE", "ENCRYPTION")
