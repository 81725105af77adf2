from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Stopsignal

_SIGNALS = frozenset(
    ("ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
     "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
     "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX")
)  # fmt: skip


class InvalidStopSignal(Rule):
    """STOPSIGNAL names no signal.

    ## Why is this bad?

    The build fails there: BuildKit takes the names that Linux has, with or without `SIG` and in any case, `RTMIN+1` to
    `RTMIN+15`, `RTMAX-1` to `RTMAX-14`, and numbers but 0. A number above 64 builds, and no container can be stopped
    by it.

    ## Exceptions

    Silent for variables without a known value, and for Windows.

    ## Fix safety

    Unsafe: the signal of the nearest name is only a guess. There is no fix if no name is near.
    """

    name = "invalid-stop-signal"
    category = "correctness"
    level = "error"
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.20\nSTOPSIGNAL SIGTEM\n", at=("SIGTEM",), fixed="FROM alpine:3.20\nSTOPSIGNAL SIGTERM\n"),
        Bad("FROM alpine:3.20\nstopsignal graceful\n", at=("graceful",)),
        Bad("FROM alpine:3.20\nSTOPSIGNAL 0\n", at=("0",)),
        Bad("FROM alpine:3.20\nSTOPSIGNAL 99\n", at=("99",)),
        Bad("FROM alpine:3.20\nSTOPSIGNAL SIGRTMIN+16\n", at=("SIGRTMIN+16",)),
        Bad("FROM alpine:3.20\nENV S=SIGSTOPP\nONBUILD STOPSIGNAL $S\n", at=("$S",)),
    )
    good = (
        Good("FROM alpine:3.20\nSTOPSIGNAL SIGTERM\n"),
        Good("FROM alpine:3.20\nSTOPSIGNAL quit\n"),
        Good('FROM alpine:3.20\nSTOPSIGNAL "15"\n'),
        Good("FROM alpine:3.20\nSTOPSIGNAL SIGRTMIN+3\nSTOPSIGNAL RTMAX-14\n"),
        Good("FROM alpine:3.20\nSTOPSIGNAL $SIGNAL\n"),
        Good("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nSTOPSIGNAL CTRL_C\n"),
    )

    def check_stopsignal(self, stopsignal: Stopsignal, model: Model) -> Iterator[Finding]:
        word = stopsignal.value
        environment = model.environment_before(stopsignal)
        text = environment.expand(word) if word is not None else None
        if word is None or not text or environment.is_windows or _is_signal(text):
            return
        fix = None
        if word.value == text and text[0].isalpha():
            from dflint.syntax.suggest import nearest

            name = nearest(text.upper().removeprefix("SIG"), sorted(_SIGNALS))
            if name is not None:
                fix = Fix.of(f"Stop with SIG{name}", "unsafe", [Edit(word.start, word.end, f"SIG{name}")])
        yield self.finding(word, f'there is no signal "{text}"', fix)


def _is_signal(text: str) -> bool:
    """As moby's signal.ParseSignal, but for numbers above those of Linux."""
    if text.lstrip("+-").isdigit():
        return 0 < int(text) <= 64
    name = text.upper().removeprefix("SIG")
    for base, sign, most in (("RTMIN", "+", 15), ("RTMAX", "-", 14)):
        number = name.removeprefix(base + sign)
        if number != name:
            return number.isdigit() and number[0] != "0" and int(number) <= most
    return name in _SIGNALS
