from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Label

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_FIRST_OR_LAST = _LETTERS | frozenset("0123456789")
_INSIDE = _FIRST_OR_LAST | frozenset("._-")
_RESERVED = ("com.docker.", "io.docker.", "org.dockerproject.")
_FOR_EXTENSIONS = ("com.docker.extension.", "com.docker.desktop.extension.")


class InvalidLabelKey(Rule):
    """The key of a LABEL breaks the rules for label keys.

    ## Why is this bad?

    Docker asks for keys that start with a lower-case letter, end with one or with a digit, and hold lower-case letters,
    digits, single dots and single hyphens; `com.docker.`, `io.docker.` and `org.dockerproject.` belong to Docker. Tools
    that filter by label expect that, and case matters: `Version` and `version` are two labels.

    ## Exceptions

    Underscores are let pass. So are keys with variables, and the namespaces `com.docker.extension.` and
    `com.docker.desktop.extension.`, which Docker Desktop extensions must use.

    ## Differs from hadolint

    DL3048 reports the keys of Docker Desktop extensions and keys with variables.
    """

    name = "invalid-label-key"
    category = "labels"
    level = "info"
    aliases = ("DL3048",)
    since = "0.1.0"

    bad = (
        Bad('FROM alpine:3.20\nLABEL Version=1 a..b=2 "a b"=3\n', at=("Version", "a..b", '"a b"')),
        Bad("FROM alpine:3.20\nlabel ok=1 \\\n  com.docker.x=1 \\\n  x-=2\n", at=("com.docker.x", "x-")),
        Bad("FROM alpine:3.20\nLABEL Vendor Acme\nONBUILD LABEL 1a=b\n", at=("Vendor", "1a")),
    )
    good = (
        Good(
            "FROM alpine:3.20\nLABEL maintainer=me org.opencontainers.image.title=app io.k8s.display-name=app a_1=x\n"
        ),
        Good('FROM alpine:3.20\nLABEL $KEY=1 "org.example.a"=2 legacy value\n'),
        Good('FROM alpine:3.20\nLABEL com.docker.desktop.extension.api.version="0.3"\n'),
    )

    def check_label(self, label: Label, model: Model) -> Iterator[Finding]:
        for pair in label.pairs:
            text = pair.key.text
            if _is_valid(text):
                continue
            key = pair.key.literal
            if key is None or _is_valid(key):
                continue
            yield self.finding(pair.key, f"label key {key!r} {_reason(key)}")


def _is_valid(key: str) -> bool:
    return (
        _INSIDE.issuperset(key)
        and key[:1] in _LETTERS
        and key[-1:] in _FIRST_OR_LAST
        and ".." not in key
        and "--" not in key
        and (not key.startswith(_RESERVED) or key.startswith(_FOR_EXTENSIONS))
    )


def _reason(key: str) -> str:
    if key.startswith(_RESERVED):
        return "is in a namespace that is reserved for Docker"
    wrong = next((char for char in key if char not in _INSIDE), None)
    if wrong is not None:
        return "has capitals" if wrong.isupper() else f"has {wrong!r}: only a-z, 0-9, '.', '-' and '_' are valid"
    if key[:1] not in _LETTERS:
        return "does not start with a letter"
    if key[-1:] not in _FIRST_OR_LAST:
        return "does not end with a letter or digit"
    return "has two dots or hyphens in a row"
