from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Arg, Env, Pair, PairsInstruction

_SECRETS = frozenset(
    ("apikey", "credential", "credentials", "creds", "passphrase", "passwd", "password", "passwords", "pword",
     "secret", "secrets", "token", "tokens", "pat", "pwd", "pass")
)  # fmt: skip
_TAILS = ("password", "passwd", "passphrase")
"""Ends of words written together: ``ROOTPASSWORD``."""
_LAST_ONLY = frozenset(("pat", "pwd", "pass", "auth", "key"))
"""Words that mean a secret only at the end of a name and with something before them."""
_KEYS = frozenset(
    ("access", "account", "api", "app", "auth", "client", "cookie", "decryption", "deploy", "encryption", "host",
     "hmac", "jwt", "license", "master", "private", "rsa", "secret", "security", "service", "session", "shared",
     "signing", "sign", "ssh", "storage", "write", "admin", "function", "subscription", "consumer", "stripe",
     "sendgrid")
)  # fmt: skip
"""Words that make a key of a lock out of the key of a table: ``API_KEY``, ``SSH_KEY``."""
_ABOUT = frozenset(
    ("file", "files", "path", "paths", "dir", "directory", "folder", "url", "uri", "endpoint", "host", "port",
     "server", "name", "names", "alias", "id", "ids", "arn", "ref", "mode", "type", "kind", "version", "length",
     "len", "size", "min", "max", "count", "limit", "expiry", "expire", "expires", "expiration", "ttl", "timeout",
     "age", "lifetime", "lifespan", "duration", "interval", "days", "hours", "minutes", "seconds", "enabled",
     "enable", "disabled", "disable", "required", "require", "policy", "algorithm", "alg", "algo", "format",
     "encoding", "prefix", "suffix", "header", "field", "param", "parameter", "issuer", "audience", "scope",
     "scopes", "user", "username", "method", "provider", "service", "backend", "plugin", "driver", "class",
     "public", "pub", "manager", "store", "storage", "vault", "reset", "rotation", "location", "env", "var",
     "variable", "label", "ring", "fingerprint", "template", "regex", "pattern", "check", "validator",
     "validation", "generator", "strategy", "cache", "bucket", "table", "column", "engine", "command", "cmd",
     "script", "mount", "map", "mapping", "sha", "sha1", "sha256", "sha512", "checksum", "hashing", "rounds",
     "iterations", "config", "settings", "options", "opts", "args", "support", "warning", "message", "prompt",
     "refresh", "renew", "allowed", "force", "skip", "use", "is", "has", "no", "flow", "grant", "realm", "region",
     "namespace", "source", "target")
)  # fmt: skip
"""Words that make a name speak about a secret (where it is, how long it is) instead of holding one."""
_KNOWN = frozenset(("AWS_ACCESS_KEY_ID", "SENTRY_DSN", "DOCKER_AUTH_CONFIG", "CI_JOB_JWT", "PGPASSWORD", "MYSQL_PWD"))
_NO_SECRETS = frozenset(
    ("", "0", "1", "true", "false", "yes", "no", "on", "off", "none", "null", "nil", "undefined", "optional",
     "required", "enabled", "disabled", "auto", "default", "basic", "bearer", "ldap", "oauth", "oauth2", "jwt",
     "local", "trust", "md5", "scram-sha-256", "file", "env", "vault", "prompt")
)  # fmt: skip
"""Values that are switches."""


class SecretInVariable(Rule):
    """An ARG or ENV has the name of a secret.

    ## Why is this bad?

    What ENV sets is in the image for everyone who can pull it, and the value of an ARG is in the image's history and in
    the provenance that the build writes. Mount it only for the command that needs it: `RUN --mount=type=secret,id=...`,
    and give the running container its secrets when it starts.

    ## Exceptions

    Names that speak about a secret (`TOKEN_FILE`, `PASSWORD_MIN_LENGTH`, `SECRET_NAME`, `KMS_KEY_ALIAS`), public keys,
    versions. Values that hold none: nothing at all in an ENV, switches such as `true`, numbers of up to three digits,
    paths, addresses without a password. A single `KEY`, `AUTH` or `PASS` in a name is not enough: `GPG_KEY` and
    `SORT_KEY` are no secrets, `API_KEY` and `DB_PASS` are.

    ## Differs from hadolint

    hadolint also reports user names and any name with `private` in it.

    ## Differs from BuildKit

    BuildKit looks for its words anywhere in the name and never at the value, so it reports `AUTH_MODE=basic` and
    `ENV NPM_TOKEN=` and misses `DB_PASS` (frontend/dockerfile/dockerfile2llb/validations.go).
    """

    name = "secret-in-variable"
    category = "security"
    level = "warning"
    aliases = ("DL3064", "SecretsUsedInArgOrEnv")
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12\nENV DB_PASSWORD=hunter2\n", at=("DB_PASSWORD",)),
        Bad("FROM debian:12\narg NPM_TOKEN\nENV A=1 \\\n  NPM_TOKEN=$NPM_TOKEN\n", at=("NPM_TOKEN", "NPM_TOKEN")),
        Bad("FROM debian:12\nARG TOKEN=\n", at=("TOKEN",)),
        Bad("FROM debian:12\nENV AWS_SECRET_ACCESS_KEY abc AWS_ACCESS_KEY_ID\n", at=("AWS_SECRET_ACCESS_KEY",)),
        Bad("FROM debian:12\nARG AWS_ACCESS_KEY_ID GITHUB_PAT\n", at=("AWS_ACCESS_KEY_ID", "GITHUB_PAT")),
        Bad("FROM debian:12\nENV apiKey=abc api_key=abc X_API_KEY_2=abc\n", at=("apiKey", "api_key", "X_API_KEY_2")),
        Bad("FROM debian:12\nENV DATABASE_SECRETS=postgres://a:b@host\n", at=("DATABASE_SECRETS",)),
        Bad("FROM debian:12\nONBUILD ARG DB_PASS\n", at=("DB_PASS",)),
        Bad("FROM debian:12\nENV ROOTPASSWORD=abc DBPassword=abc\n", at=("ROOTPASSWORD", "DBPassword")),
    )
    good = (
        Good('FROM debian:12\nENV RESET_PASSWORD="resetPassword.sh"\n'),
        Good("FROM debian:12\nENV KMS_KEY_ALIAS=alias/app AUTH_MODE=basic TOKEN_FILE=/run/secrets/token\n"),
        Good("FROM debian:12\nENV NPM_TOKEN= DB_PASSWORD=''\n"),
        Good("FROM debian:12\nENV PASSWORD_MIN_LENGTH=12 TOKEN_TTL=3600 SECRET_NAME=app KEY_VERSION=3 PUBLIC_KEY=a\n"),
        Good("FROM debian:12\nENV GPG_KEY A035C8C19219BA821ECEA86B64E628F8D684696D\n"),
        Good("FROM debian:12\nENV REQUIRE_AUTH=true USE_TOKEN=false DB_SECRET=/run/secrets/db\n"),
        Good("FROM debian:12\nENV MONKEY=1 COMPASS=x BYPASS=1 PRIMARY_KEY=id SORT_KEY=name\n"),
        Good("FROM debian:12\nRUN --mount=type=secret,id=npm,env=NPM_TOKEN npm ci\n"),
        Good("ARG TOKENIZER=bert\nFROM debian:12\nENV TOKENIZERS_PARALLELISM=false\n"),
    )

    def check_env(self, instruction: Env, model: Model) -> Iterator[Finding]:
        return self._check(instruction)

    def check_arg(self, instruction: Arg, model: Model) -> Iterator[Finding]:
        return self._check(instruction)

    def _check(self, instruction: PairsInstruction) -> Iterator[Finding]:
        for pair in instruction.pairs:
            name = pair.key.text
            if not is_secret_name(name) or _is_harmless(pair, instruction.type == "env"):
                continue
            place = "image's environment" if instruction.type == "env" else "image's history"
            yield self.finding(pair.key, f"{name} looks like a secret, and {instruction.name} puts it into the {place}")


def is_secret_name(name: str) -> bool:
    """Whether a variable's name says that it holds a secret."""
    if name in _KNOWN:
        return True
    lower = name.lower()
    if not any(part in lower for part in ("key", "pass", "pw", "secret", "token", "cred", "pat", "auth")):
        return False
    words = _words(name)
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    last = len(words) - 1
    if any(word in ("public", "pub", "file", "version") for word in words):
        return False
    for at, word in enumerate(words):
        if word in _LAST_ONLY:
            if at == last and at and _is_secret_tail(word, words[at - 1]):
                return True
        elif (word in _SECRETS or word.endswith(_TAILS)) and not any(after in _ABOUT for after in words[at + 1 :]):
            return not (words[0] in ("require", "use", "enable", "disable", "skip", "no", "is", "has", "allow") and at)
    return False


def _is_secret_tail(word: str, before: str) -> bool:
    if word == "key":
        return before in _KEYS
    if word == "auth":
        return before in ("basic", "npm", "registry", "docker", "http", "redis", "composer", "config")
    return before not in ("by", "com", "old", "current", "work", "one", "two", "multi", "single", "render")


def _words(name: str) -> list[str]:
    """``apiKey``, ``API_KEY`` and ``api-key`` alike as lower-case words."""
    words: list[str] = []
    for part in name.replace("-", "_").replace(".", "_").split("_"):
        if part and (part.isupper() or part.islower() or part.isdigit()):
            words.append(part.lower())
            continue
        start = 0
        for at in range(1, len(part)):
            if part[at].isupper() and not part[at - 1].isupper():
                words.append(part[start:at].lower())
                start = at
        if part:
            words.append(part[start:].lower())
    return words


def _is_harmless(pair: Pair, is_env: bool) -> bool:
    """Whether the value is surely no secret. An ARG's empty default is none either, but its build argument will be."""
    if pair.value is None:
        return False
    value = pair.value.literal
    if value is None:
        return False
    if not value:
        return is_env
    lower = value.lower()
    if lower in _NO_SECRETS or (len(value) < 4 and value.isdigit()):
        return True
    if lower.startswith(("http://", "https://")):
        return "@" not in value
    return (value.startswith(("/", "./", "../", "~/")) or lower.endswith((".sh", ".py"))) and " " not in value
