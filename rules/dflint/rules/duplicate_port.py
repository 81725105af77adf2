from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._port_words import port_words
from dflint.syntax.tree import Expose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.rules._port_words import PortWord


class DuplicatePort(Rule):
    """A stage exposes the same port twice.

    ## Why is this bad?

    The second one has no effect. Often it was meant to be another port or, as `53/tcp 53/udp`, another protocol: a
    port without one means tcp.

    ## Exceptions

    Ports of different stages, and those with a variable, are not compared.

    ## Fix safety

    Safe: the ports are a set in the image, so it is the same without the repeated word; an EXPOSE of nothing else goes
    as a whole. There is no fix for the first word of several, nor for one on a line of its own.
    """

    name = "duplicate-port"
    category = "correctness"
    level = "info"
    since = "0.1.0"
    tag = "unnecessary"

    bad = (
        Bad("FROM alpine:3.20\nEXPOSE 80 443 80/tcp\n", at=("80/tcp",), fixed="FROM alpine:3.20\nEXPOSE 80 443\n"),
        Bad(
            "FROM alpine:3.20\nEXPOSE 53/udp\nRUN make\nexpose 53/UDP\n",
            at=("53/UDP",),
            fixed="FROM alpine:3.20\nEXPOSE 53/udp\nRUN make\n",
        ),
        Bad(
            "FROM alpine:3.20\nEXPOSE 8080\nEXPOSE 8080 \\\n  9090\n",
            at=("8080",),
        ),
    )
    good = (
        Good("FROM alpine:3.20\nEXPOSE 53/tcp 53/udp\n"),
        Good("FROM alpine:3.20 AS a\nEXPOSE 80\nFROM alpine:3.20\nEXPOSE 80\n"),
        Good("FROM alpine:3.20\nARG PORT=80\nEXPOSE 80 $PORT\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        seen: set[str] = set()
        for instruction in stage.instructions:
            if not isinstance(instruction, Expose):
                continue
            for port in port_words(instruction, model):
                if not port.is_plain:
                    continue
                key = f"{port.port}/{port.protocol.lower() or 'tcp'}"
                if key in seen:
                    yield self.finding(port.word, f"port {key} is exposed already", _fix(port, instruction, model))
                seen.add(key)


def _fix(port: PortWord, expose: Expose, model: Model) -> Fix | None:
    """Remove the word with the blanks before it, or the EXPOSE that has no other."""
    source = model.source
    if len(expose.words) == 1 and not expose.comments:
        line = source.line_span(source.line_of(expose.start))
        return Fix.of("Remove the EXPOSE", "safe", [Edit(line.start, expose.full_end, "")], [expose.start])
    at = expose.words.index(port.word)
    start = expose.words[at - 1].end if at else port.word.start
    if at == 0 or source.text[start : port.word.start].strip(" \t"):
        return None
    return Fix.of("Remove the repeated port", "safe", [Edit(start, port.word.end, "")])
