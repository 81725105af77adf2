from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Stopsignal

_SIGNALS = {"KILL": "SIGKILL", "9": "SIGKILL", "STOP": "SIGSTOP", "19": "SIGSTOP"}


class UngracefulStopSignal(Rule):
    """STOPSIGNAL is a signal that no process can handle.

    ## Why is this bad?

    SIGKILL ends the process at once: open requests, buffers and locks are lost. SIGSTOP only freezes it until the grace
    period is over and it is killed.

    ## Exceptions

    Silent for variables without a known value.

    ## Fix safety

    Unsafe: with SIGTERM, which is the default, the program decides how to end.
    """

    name = "ungraceful-stop-signal"
    category = "correctness"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.20\nSTOPSIGNAL SIGKILL\n", at=("SIGKILL",), fixed="FROM alpine:3.20\nSTOPSIGNAL SIGTERM\n"),
        Bad("FROM alpine:3.20\nstopsignal 19\n", at=("19",), fixed="FROM alpine:3.20\nstopsignal SIGTERM\n"),
        Bad("FROM alpine:3.20\nENV S=kill\nONBUILD STOPSIGNAL $S\n", at=("$S",)),
    )
    good = (
        Good("FROM alpine:3.20\nSTOPSIGNAL SIGTERM\n"),
        Good("FROM nginx:1.27\nSTOPSIGNAL SIGQUIT\n"),
        Good("FROM alpine:3.20\nSTOPSIGNAL SIGRTMIN+3\n"),
        Good("FROM alpine:3.20\nSTOPSIGNAL $SIGNAL\n"),
    )

    def check_stopsignal(self, stopsignal: Stopsignal, model: Model) -> Iterator[Finding]:
        word = stopsignal.value
        text = model.environment_before(stopsignal).expand(word) if word is not None else None
        if word is None or text is None:
            return
        signal = _SIGNALS.get(text.upper().removeprefix("SIG"))
        if signal is None:
            return
        fix = None
        if word.value == text:
            fix = Fix.of("Stop with SIGTERM", "unsafe", [Edit(word.start, word.end, "SIGTERM")])
        yield self.finding(word, f"{signal} cannot be handled, so the program cannot end in good order", fix)
