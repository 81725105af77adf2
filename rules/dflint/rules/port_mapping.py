from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._port_words import PROTOCOLS, port_range, port_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.rules._port_words import PortWord
    from dflint.syntax.tree import Expose


class PortMapping(Rule):
    """EXPOSE has an IP address or a host port.

    ## Why is this bad?

    An image cannot say where the host puts a port; that is what `docker run -p` is for. BuildKit drops everything but
    the container's port today, and will refuse the rest in a later release.

    ## Exceptions

    Silent for a variable without a known value.

    ## Fix safety

    The fix leaves the container's port, which is all that BuildKit writes into the image: safe. There is none for a
    word with a variable, nor if the port is not valid.
    """

    name = "port-mapping"
    category = "correctness"
    level = "warning"
    aliases = ("ExposeInvalidFormat",)
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.20\nEXPOSE 8080:80\n", at=("8080:80",), fixed="FROM alpine:3.20\nEXPOSE 80\n"),
        Bad(
            "FROM alpine:3.20\nexpose 443 \\\n  127.0.0.1:53:53/udp\n",
            at=("127.0.0.1:53:53/udp",),
            fixed="FROM alpine:3.20\nexpose 443 \\\n  53/udp\n",
        ),
        Bad("FROM alpine:3.20\nENV PORT=80\nEXPOSE $PORT:80\n", at=("$PORT:80",)),
    )
    good = (
        Good("FROM alpine:3.20\nEXPOSE 80 443/tcp\n"),
        Good("FROM alpine:3.20\nEXPOSE :80\n"),
        Good("FROM alpine:3.20\nEXPOSE $HOST_PORT:80\n"),
        Good("FROM alpine:3.20\nONBUILD EXPOSE 80:80\n"),
    )

    def check_expose(self, expose: Expose, model: Model) -> Iterator[Finding]:
        for port in port_words(expose, model):
            if port.host:
                message = f"{port.text} maps a host port, which an image cannot do: only {port.port} has an effect"
                yield self.finding(port.word, message, _fix(port))


def _fix(port: PortWord) -> Fix | None:
    found = port_range(port.port)
    if not port.is_plain or found is None or not found[0] <= found[1] <= 65535:
        return None
    if port.protocol and port.protocol.lower() not in PROTOCOLS:
        return None
    edit = Edit(port.word.start, port.word.start + len(port.host) + 1, "")
    return Fix.of("Keep the container's port only", "safe", [edit])
