from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._port_words import PROTOCOLS, port_words
from dflint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Expose


class PortProtocolCase(Rule):
    """EXPOSE writes the protocol in capitals.

    ## Why is this bad?

    Protocols are written in lower case everywhere else, and tools that read Dockerfiles without BuildKit compare them
    as they stand. BuildKit itself puts them into lower case.

    ## Exceptions

    Silent for a variable without a known value, and for something that is no protocol (see `invalid-port`).

    ## Fix safety

    Safe: the image has the protocol in lower case either way. There is no fix for a word with a variable.
    """

    name = "port-protocol-case"
    category = "style"
    level = "info"
    aliases = ("ExposeProtoCasing",)
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.20\nEXPOSE 80/TCP\n", at=("TCP",), fixed="FROM alpine:3.20\nEXPOSE 80/tcp\n"),
        Bad(
            "FROM alpine:3.20\nexpose 53/tcp \\\n  53/Udp 8000-8010/SCTP\n",
            at=("Udp", "SCTP"),
            fixed="FROM alpine:3.20\nexpose 53/tcp \\\n  53/udp 8000-8010/sctp\n",
        ),
        Bad("FROM alpine:3.20\nENV PORT=80\nEXPOSE $PORT/TCP\n", at=("$PORT/TCP",)),
    )
    good = (
        Good("FROM alpine:3.20\nEXPOSE 80/tcp 53/udp 443\n"),
        Good("FROM alpine:3.20\nEXPOSE 80/HTTP\n"),
        Good("FROM alpine:3.20\nEXPOSE 80/$PROTOCOL\n"),
    )

    def check_expose(self, expose: Expose, model: Model) -> Iterator[Finding]:
        for port in port_words(expose, model):
            protocol = port.protocol
            lower = protocol.lower()
            if protocol == lower or lower not in PROTOCOLS:
                continue
            message = f"protocol {protocol} is written in lower case: {lower}"
            if port.is_plain:
                place = Span(port.word.end - len(protocol), port.word.end)
                fix = Fix.of("Write the protocol in lower case", "safe", [Edit(place.start, place.end, lower)])
                yield self.finding(place, message, fix)
            else:
                yield self.finding(port.word, message)
