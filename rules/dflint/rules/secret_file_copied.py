from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._broad_copies import is_from_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Add, Copy, Transfer

_NAMES = frozenset(
    ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk", ".netrc", "_netrc",
     ".git-credentials", ".pgpass", ".pypirc", ".dockercfg", ".vault-token")
)  # fmt: skip
_PATHS = (".aws/credentials", ".docker/config.json", ".kube/config", "config/master.key",
          ".gem/credentials", ".composer/auth.json")  # fmt: skip
_ENDS = (".p12", ".pfx", ".ppk", ".kdbx")
_BY_CONTENT = (".npmrc", ".env", ".yarnrc.yml", "auth.json", "pip.conf")
_KEY_ENDS = (".pem", ".key")


class SecretFileCopied(Rule):
    """A file that holds secrets is copied into the image.

    ## Why is this bad?

    Everyone who can pull the image can read it, also if a later layer deletes it. Give it to the command that needs it
    (`RUN --mount=type=secret,id=npmrc,target=/root/.npmrc`, `--mount=type=ssh`), and to the running container when it
    starts.

    Known by their names: private SSH keys (`id_rsa`, `id_ed25519`...), `.netrc`, `.git-credentials`,
    `.pgpass`, `.pypirc`, `.aws/credentials`, `.docker/config.json`, `.kube/config`, `config/master.key`, and key stores
    (`.p12`, `.pfx`, `.ppk`, `.kdbx`). Known by name and content, so only if the file is at hand: `.env` and `.npmrc`
    with a secret in them, `.pem` and `.key` files that hold a private key, a folder `.ssh` with a key in it.

    ## Exceptions

    Silent in stages that are not part of the image, on public keys (`id_rsa.pub`), examples (`.env.example`), and
    patterns. A private key of a stage that is not shipped still lies in the build cache.
    """

    name = "secret-file-copied"
    category = "security"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12\nCOPY id_rsa /root/.ssh/id_rsa\n", at=("id_rsa",)),
        Bad("FROM debian:12\nadd --chmod=600 \\\n  deploy/.aws/credentials /root/.aws/\n",
            at=("deploy/.aws/credentials",)),
        Bad('FROM debian:12\nCOPY [".ssh/", "/root/.ssh/"]\nCOPY .netrc a /root/\n', at=('".ssh/"', ".netrc"),
            files={".ssh/id_rsa": "-----BEGIN OPENSSH PRIVATE KEY-----\n"}),
        Bad("FROM node:22\nCOPY .npmrc package.json ./\n", at=(".npmrc",),
            files={".npmrc": "//registry.example/:_authToken=abc\n", "package.json": "{}"}),
        Bad("FROM node:22\nCOPY .env .\n", at=(".env",), files={".env": "A=1\nDB_PASSWORD=hunter2\n"}),
        Bad("FROM nginx:1\nCOPY server.pem /etc/ssl/\n", at=("server.pem",),
            files={"server.pem": "-----BEGIN EC PRIVATE KEY-----\nabc\n"}),
        Bad("FROM debian:12 AS build\nCOPY a b\nFROM debian:12\nCOPY --from=build /root/.ssh/id_ed25519 /k\n",
            at=("/root/.ssh/id_ed25519",)),
    )  # fmt: skip
    good = (
        Good("FROM debian:12\nCOPY id_rsa.pub authorized_keys known_hosts /root/.ssh/\n"),
        Good("FROM debian:12 AS build\nCOPY id_rsa /root/.ssh/\nFROM debian:12\nCOPY --from=build /a /a\n"),
        Good("FROM node:22\nCOPY .npmrc .env ./\n"),
        Good("FROM node:22\nCOPY .npmrc .\n", files={".npmrc": "//registry.example/:_authToken=${NPM_TOKEN}\n"}),
        Good("FROM node:22\nCOPY .env .env.example ./\n", files={".env": "PORT=80\nDB_PASSWORD=\nTOKEN=$T\n"}),
        Good("FROM nginx:1\nCOPY ca.pem /etc/ssl/\n", files={"ca.pem": "-----BEGIN CERTIFICATE-----\nabc\n"}),
        Good("FROM debian:12\nCOPY .ssh /home/app/.ssh\n", files={".ssh/authorized_keys": "ssh-rsa AAAA\n"}),
        Good("FROM debian:12\nCOPY keys/*.p12 $KEY /keys/\nCOPY . .\n"),
        Good("FROM debian:12\nRUN --mount=type=secret,id=netrc,target=/root/.netrc make\n"),
    )

    def check_copy(self, copy: Copy, model: Model) -> Iterator[Finding]:
        return self._check(copy, model)

    def check_add(self, add: Add, model: Model) -> Iterator[Finding]:
        return self._check(add, model)

    def _check(self, transfer: Transfer, model: Model) -> Iterator[Finding]:
        for word in transfer.sources:
            text = word.literal if "$" not in word.text else None
            if not text or "://" in text or any(char in text for char in "*?["):
                continue
            path = text.removeprefix("./").rstrip("/")
            what = _what(path, is_from_context(transfer), model)
            if what is None:
                continue
            stage = model.stage_of(transfer)
            if stage is not None and (stage.is_shipped or transfer.is_onbuild_trigger):
                yield self.finding(word, f"{what}, and everyone who has the image can read it")


def _what(path: str, is_in_context: bool, model: Model) -> str | None:
    path = path.replace("\\", "/")
    name = path.rpartition("/")[2]
    if name in _NAMES or name.endswith(_ENDS):
        return f"{name} holds secrets"
    if any(path == known or path.endswith("/" + known) for known in _PATHS):
        return f"{path} holds secrets"
    if not is_in_context or model.context is None:
        return None
    if name == ".ssh":
        files = [
            entry.path.rpartition("/")[2] for entry in model.context.entries(path) if model.context.is_sent(entry.path)
        ]
        return f"{path} has a private key in it" if not _NAMES.isdisjoint(files) else None
    if name not in _BY_CONTENT and not name.endswith(_KEY_ENDS):
        return None
    entry = model.context.resolve(path)
    if entry is None or entry.kind != "file" or entry.size > 100_000 or not model.context.is_sent(entry.path):
        return None
    try:
        content = model.context.read(entry.path)
    except (OSError, ValueError):
        return None
    if name.endswith(_KEY_ENDS):
        return f"{name} is a private key" if " PRIVATE KEY-----" in content else None
    return f"{name} has secrets in it" if any(map(_has_secret, content.splitlines())) else None


def _has_secret(line: str) -> bool:
    """Whether a line of a settings file gives a secret a value: ``DB_PASSWORD=hunter2``, ``:_authToken=abc``."""
    line = line.strip()
    if line.startswith(("#", ";")):
        return False
    name, equals, value = line.removeprefix("export ").partition("=")
    if not equals:
        name, equals, value = line.partition(": ")
    value = value.strip().strip("\"'")
    if not value or "$" in value or "<" in value or value.lower().startswith(("your", "change", "xxx", "example")):
        return False
    name = name.strip()
    if name.endswith(("_authToken", "_password", "_auth", "npmAuthToken")):
        return True
    from dflint.rules.secret_in_variable import is_secret_name

    return name.isidentifier() and is_secret_name(name) and not name.startswith(("NEXT_PUBLIC", "VITE_", "REACT_APP"))
