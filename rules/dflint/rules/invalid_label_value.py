from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Option, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import ClassVar

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Label

_TYPES = {
    "url": "a URL",
    "rfc3339": "an RFC 3339 time such as 2026-01-31T12:00:00Z",
    "spdx": "an SPDX licence expression",
    "hash": "a git commit hash (7 or 40 hexadecimal digits)",
    "semver": "a semantic version such as 1.2.3",
    "email": "an e-mail address",
}
_PATTERNS = {
    "rfc3339": r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)",
    "hash": r"[0-9a-f]{7}|[0-9a-f]{40}",
    "semver": r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)"
    r"(\.(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(\+[\da-zA-Z-]+(\.[\da-zA-Z-]+)*)?",
    "email": r"[^\s@<>,;\"]+@[^\s@<>,;\"]+",
    "url": r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+[^\s]*",
}


class InvalidLabelValue(Rule):
    """A label's value is not of the type that the configuration says.

    ## Why is this bad?

    Tools that read the label, as a time, a licence, a version, cannot.

    Which labels have which type is your decision: without options the rule does nothing. A good start is

    ```toml
    [rules.invalid-label-value]
    rfc3339 = ["org.opencontainers.image.created"]
    url = ["org.opencontainers.image.url", "org.opencontainers.image.source"]
    spdx = ["org.opencontainers.image.licenses"]
    ```

    ## Exceptions

    Silent for values with a variable that the build may set, and for empty ones (see `empty-label`).

    ## Differs from hadolint

    One rule for DL3052 to DL3056 and DL3058. Licence expressions (`MIT OR Apache-2.0`) are valid, not identifiers only,
    and a variable is not taken for a value.
    """

    name = "invalid-label-value"
    category = "labels"
    level = "warning"
    aliases = ("DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3058")
    since = "0.1.0"
    options: ClassVar[Mapping[str, Option]] = {
        kind: Option((), f"The keys of the labels whose value is {what}.") for kind, what in _TYPES.items()
    }

    bad = (
        Bad("FROM alpine:3.20\nLABEL a=\"2026-01-31\" b=x\n", at=("\"2026-01-31\"",), options={"rfc3339": ("a",)}),
        Bad("FROM alpine:3.20\nlabel u=example.com \\\n  v=v1.2\n", at=("example.com", "v1.2"),
            options={"url": ("u",), "semver": ("v",)}),
        Bad("FROM alpine:3.20\nLABEL l=\"Apache 2\" h=abc\n", at=("\"Apache 2\"", "abc"),
            options={"spdx": ("l",), "hash": ("h",)}),
        Bad("FROM alpine:3.20\nLABEL maintainer Jo Doe\n", at=("Jo Doe",), options={"email": ("maintainer",)}),
        Bad("FROM alpine:3.20\nLABEL m='\"jo@example.com\"'\n", at=("'\"jo@example.com\"'",),
            options={"email": ("m",)}),
    )  # fmt: skip
    good = (
        Good("FROM alpine:3.20\nLABEL a=\"2026-01-31\"\n"),
        Good("FROM alpine:3.20\nLABEL t=2026-01-31T12:00:00Z u=https://example.com/a v=1.2.3-rc.1 m=jo@example.com\n",
             options={"rfc3339": ("t",), "url": ("u",), "semver": ("v",), "email": ("m",)}),
        Good("FROM alpine:3.20\nLABEL l=\"(MIT OR Apache-2.0) AND GPL-2.0+ WITH Classpath-exception-2.0\" h=0123abc\n",
             options={"spdx": ("l",), "hash": ("h",)}),
        Good("FROM alpine:3.20\nARG CREATED\nLABEL a=$CREATED b=\"\"\n", options={"rfc3339": ("a", "b")}),
        Good('FROM alpine:3.20\nLABEL m "jo@example.com"\n', options={"email": ("m",)}),
        Good("FROM alpine:3.20\nARG VERSION=dev\nLABEL v=$VERSION\n", options={"semver": ("v",)}),
    )  # fmt: skip

    def check_label(self, label: Label, model: Model) -> Iterator[Finding]:
        kinds = {key: kind for kind in _TYPES for key in self.setting(kind)}
        if not kinds:
            return
        environment = model.environment_before(label)
        for pair in label.pairs:
            kind = kinds.get(environment.expand(pair.key) or "")
            value = environment.expand(pair.value) if kind and pair.value is not None else None
            if not kind or pair.value is None or not value or not environment.is_constant(pair.value):
                continue
            if not _is_of_kind(value, kind):
                yield self.finding(pair.value, f"label {pair.key.literal or pair.key.text} is not {_TYPES[kind]}")


def _is_of_kind(value: str, kind: str) -> bool:
    if kind == "spdx":
        from dflint.rules._spdx import is_expression

        return is_expression(value)
    import re

    if re.fullmatch(_PATTERNS[kind], value) is None:
        return False
    if kind != "rfc3339":
        return True
    from datetime import datetime

    try:
        datetime.strptime(value[:19].replace(value[10], "T"), "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return False
    return True
