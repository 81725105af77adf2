from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Add


class AddWithoutChecksum(Rule):
    """ADD downloads a file without a checksum.

    ## Why is this bad?

    What the server sends goes into the image, whatever it is that day. With `--checksum=sha256:...` the build stops
    when the file has changed, and needs no download to know that its cache still holds.

    ## Exceptions

    Silent for git repositories, for variables without a known value, and in an ONBUILD trigger.
    """

    name = "add-without-checksum"
    category = "reproducibility"
    level = "info"
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.20\nADD https://example.com/app.tar.gz /tmp/\n", at=("https://example.com/app.tar.gz",)),
        Bad(
            "FROM alpine:3.20\nARG VERSION=1.2\nadd --chmod=755 \\\n  http://example.com/$VERSION/app /bin/\n",
            at=("http://example.com/$VERSION/app",),
        ),
    )
    good = (
        Good("FROM alpine:3.20\nADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d "
             "https://example.com/app.tar.gz /tmp/\n"),
        Good("FROM alpine:3.20\nADD https://github.com/owner/app.git#v1.2 /src\n"),
        Good("FROM alpine:3.20\nADD $URL /tmp/\nADD app.tar.gz /opt/\n"),
    )  # fmt: skip

    def check_add(self, add: Add, model: Model) -> Iterator[Finding]:
        if add.is_onbuild_trigger or add.flag("checksum") is not None:
            return
        for word in add.sources:
            text = word.text.lstrip("\"'")
            if not text.startswith(("http://", "https://")):
                continue
            path = text.rstrip("\"'").partition("#")[0].partition("?")[0]
            if not path.endswith(".git"):
                yield self.finding(word, "the download is not checked: add --checksum=sha256:...")
