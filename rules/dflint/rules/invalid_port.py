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


class InvalidPort(Rule):
    """EXPOSE has something that is no port.

    ## Why is this bad?

    The build fails there: BuildKit takes numbers from 0 to 65535, ranges of them such as `8000-8010`, and the protocols
    tcp, udp and sctp. Ports are separated by blanks, not by commas.

    ## Exceptions

    Silent for a variable without a known value.

    ## Fix safety

    Commas between valid ports become blanks. The fix counts as unsafe as there is no image before it to compare with.

    ## Differs from hadolint

    DL3011 is about numbers above 65535 only, and takes variables for valid. Source: parsePort in BuildKit's
    dockerfile2llb/convert_expose.go.
    """

    name = "invalid-port"
    category = "correctness"
    level = "error"
    aliases = ("DL3011",)
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.20\nEXPOSE 80 70000/tcp\n", at=("70000/tcp",)),
        Bad("FROM alpine:3.20\nexpose 9000-8000 \\\n  80/http http\n", at=("9000-8000", "80/http", "http")),
        Bad("FROM alpine:3.20\nEXPOSE 80, 443\n", at=("80,",), fixed="FROM alpine:3.20\nEXPOSE 80 443\n"),
        Bad("FROM alpine:3.20\nEXPOSE 80,443/tcp\n", at=("80,443/tcp",), fixed="FROM alpine:3.20\nEXPOSE 80 443/tcp\n"),
        Bad("FROM alpine:3.20\nARG PORT=http\nEXPOSE $PORT\n", at=("$PORT",)),
    )
    good = (
        Good("FROM alpine:3.20\nEXPOSE 80 443/tcp 8000-8010/UDP 0\n"),
        Good("FROM alpine:3.20\nEXPOSE 127.0.0.1:80:80\n"),
        Good("FROM alpine:3.20\nARG PORT\nEXPOSE $PORT ${OTHER}/tcp\n"),
        Good('FROM alpine:3.20\nENV PORTS="80 443"\nEXPOSE $PORTS\n'),
        Good("FROM alpine:3.20\nONBUILD EXPOSE 99999\n"),
    )

    def check_expose(self, expose: Expose, model: Model) -> Iterator[Finding]:
        for port in port_words(expose, model):
            problem = _problem(port)
            if problem is not None:
                yield self.finding(port.word, problem, _comma_fix(port))


def _problem(port: PortWord) -> str | None:
    shown = port.text if port.is_plain else f"{port.text} (from {port.word.text})"
    if port.protocol and port.protocol.lower() not in PROTOCOLS:
        return f"{shown}: the protocol is tcp, udp or sctp"
    found = port_range(port.port)
    if found is None:
        if "," in port.port:
            return f"{shown}: ports are separated by blanks, not by commas"
        return f"{shown} is no port number"
    if max(found) > 65535:
        return f"{shown}: a port is at most 65535"
    if found[1] < found[0]:
        return f"{shown}: the range ends before it starts"
    return None


def _comma_fix(port: PortWord) -> Fix | None:
    if not port.is_plain or port.host or "," not in port.port:
        return None
    parts = [part for part in port.text.split(",") if part]
    for part in parts:
        number, _, protocol = part.partition("/")
        found = port_range(number)
        if found is None or not found[0] <= found[1] <= 65535 or (protocol and protocol.lower() not in PROTOCOLS):
            return None
    edit = Edit(port.word.start, port.word.end, " ".join(parts))
    return Fix.of("Separate the ports by blanks", "unsafe", [edit]) if parts else None
