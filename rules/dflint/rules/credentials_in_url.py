from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Instruction

_PLACEHOLDERS = frozenset(
    ("password", "passwd", "pass", "pwd", "secret", "token", "changeme", "changeit", "user", "username", "root",
     "admin", "test", "postgres", "guest", "example", "xxx", "xxxx", "xxxxx", "mysql", "mongo", "redis", "db",
     "default", "dummy", "placeholder", "pw", "key", "apikey", "api_key", "yourpassword", "your_password", "mypassword",
     "supersecret", "1234", "12345", "123456", "***", "****", "x-oauth-basic")
)  # fmt: skip
_HOSTS = ("localhost", "127.", "0.0.0.0", "[::1]", "example.", "host.docker.internal")
_END = " \t\r\n\"'`<>|;()\\,"


class CredentialsInUrl(Rule):
    """An address has a password or token in it.

    ## Why is this bad?

    Everyone with the repository or the image (`docker history`) has it too, and programs write addresses to logs. For
    private repositories use `RUN --mount=type=ssh` or a secret mount (a `.netrc`, a git credential helper), for package
    indexes a secret mount of their configuration.

    Looked at are RUN, with its here-documents, ARG, ENV, LABEL, COPY, ADD, CMD and ENTRYPOINT.

    ## Exceptions

    Silent where the password is or has a variable, is a word like `password` or the user's name again, and for hosts
    that only exist in an example or on the same machine (`localhost`, `example.com`, a name without a dot, as that of
    a database in a compose file).
    """

    name = "credentials-in-url"
    category = "security"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nRUN git clone https://bot:Wq8zLp3v@git.acme.io/a/b.git\n",
            at=("https://bot:Wq8zLp3v@git.acme.io",),
        ),
        Bad(
            "FROM debian:12\nENV A=1 \\\n  URL='postgres://app:hunter2@db.acme.io:5432/app'\n",
            at=("postgres://app:hunter2@db.acme.io:5432",),
        ),
        Bad(
            "FROM debian:12\nadd https://u:Wq8zLp3v@files.acme.io/a.tgz /a\nARG PIP_INDEX_URL=https://u:aB3x9@pypi.acme.io/simple\n",
            at=("https://u:Wq8zLp3v@files.acme.io", "https://u:aB3x9@pypi.acme.io"),
        ),
        Bad("FROM debian:12\nRUN <<EOF\ncurl https://u:Wq8zLp3v@files.acme.io/a\nEOF\n",
            at=("https://u:Wq8zLp3v@files.acme.io",)),
    )  # fmt: skip
    good = (
        Good("FROM debian:12\nRUN git clone https://$USER:$TOKEN@git.acme.io/a/b.git\n"),
        Good("FROM debian:12\nRUN git clone https://x:${TOKEN}@git.acme.io/a https://git@git.acme.io/b\n"),
        Good("FROM debian:12\nENV URL=postgres://postgres:postgres@db.acme.io/app B=redis://:password@redis.acme.io\n"),
        Good("FROM debian:12\nENV URL=postgres://app:hunter2@db:5432/app C=amqp://a:b7xq@localhost\n"),
        Good("FROM debian:12\nRUN curl https://acme.io:8080/a@b https://user:s3cr3t@example.com/\n"),
        Good("FROM debian:12\n# https://bot:Wq8zLp3v@git.acme.io\nRUN curl https://acme.io/p?mail=a:b@c.de\n"),
        Good("FROM debian:12\nRUN sed -i 's#https://user:[^@]*@acme.io##' /a\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        text = model.source.text
        if "@" not in text or "://" not in text:
            return
        at = text.find("://")
        while at >= 0:
            span = _credentials(text, at)
            if span is not None:
                instruction = model.tree.instruction_at(at)
                if instruction is not None and _is_code(instruction, at, model):
                    yield self.finding(_Range(*span), "the password in this address is for everyone to read")
            at = text.find("://", at + 3)


class _Range:
    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


def _is_code(instruction: Instruction, at: int, model: Model) -> bool:
    if not instruction.start <= at < instruction.end or instruction.type == "unknown":
        return False
    return not any(comment.start <= at < comment.end for comment in model.tree.comments)


def _credentials(text: str, at: int) -> tuple[int, int] | None:
    """From the scheme to the host of an address with a password in it; ``at`` is where ``://`` stands."""
    start = at
    while start and (text[start - 1].isalnum() or text[start - 1] in "+.-"):
        start -= 1
    end = at + 3
    while end < len(text) and text[end] not in "/?#" and text[end] not in _END:
        end += 1
    user, sign, host = text[at + 3 : end].rpartition("@")
    user, colon, password = user.partition(":")
    if not sign or not colon or start == at or any(char in user + password for char in "$%{}[]*^&!=@"):
        return None
    name = host.partition(":")[0].lower()
    if "." not in name or "$" in host or name.startswith(_HOSTS) or name.endswith(".local"):
        return None
    if ".example." in f".{name}":
        return None
    lower = password.lower()
    if lower == "x-oauth-basic" and len(user) >= 20:
        return start, end
    if not lower or lower in _PLACEHOLDERS or lower == user.lower() or not host or "your" in lower or "passw" in lower:
        return None
    return start, end
