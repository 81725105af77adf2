from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._port_words import port_range, port_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Expose


class ExposedSsh(Rule):
    """EXPOSE offers the port of an SSH server.

    ## Why is this bad?

    An SSH server in a container is a second way in, with keys, users and updates of its own, and a second process that
    nobody watches. `docker exec` and `kubectl exec` give a shell without it.

    ## Exceptions

    Silent for udp, for ranges that merely hold port 22, and for a variable. Images whose purpose is an SSH server, such
    as a git host, may ignore the rule.
    """

    name = "exposed-ssh"
    category = "security"
    level = "info"
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12\nEXPOSE 22\n", at=("22",)),
        Bad("FROM debian:12\nexpose 80 \\\n  22/tcp\n", at=("22/tcp",)),
    )
    good = (
        Good("FROM debian:12\nEXPOSE 80 2222 22/udp\n"),
        Good("FROM debian:12\nEXPOSE 20-25\n"),
        Good("FROM debian:12\nARG SSH_PORT=22\nEXPOSE $SSH_PORT\n"),
    )

    def check_expose(self, expose: Expose, model: Model) -> Iterator[Finding]:
        for port in port_words(expose, model):
            if port.is_plain and port_range(port.port) == (22, 22) and port.protocol.lower() in ("", "tcp"):
                yield self.finding(port.word, "port 22: an SSH server in a container is a second way into it")
