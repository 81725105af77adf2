from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._final_user import final_user, leaves_root_by_itself

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model


class RootUser(Rule):
    """The last USER of the shipped image is root.

    ## Why is this bad?

    Whoever takes over the process is root in the container, and on the host too if a folder or a socket is mounted or
    the kernel has a hole. A USER root that was meant for one installation step is easily left in force.

    ## Exceptions

    Only the built image counts: the last stage and the stages it starts from. Silent when the user depends on an
    argument, and when the image leaves root by itself: gosu, su-exec, setpriv, s6 and the like are mentioned, or it
    starts an init system.

    ## Differs from hadolint

    DL3002 looks at each stage for itself: also at build stages whose image nobody runs, and not at a USER that the
    last stage inherits.
    """

    name = "root-user"
    category = "security"
    level = "warning"
    aliases = ("DL3002",)
    since = "0.1.0"

    bad = (
        Bad('FROM debian:12\nUSER root\nCMD ["app"]\n', at=("root",)),
        Bad("FROM debian:12\nUSER app\nuser 0:0\n", at=("0:0",)),
        Bad('FROM debian:12 AS base\nUSER root\nFROM base\nCMD ["app"]\n', at=("root",)),
    )
    good = (
        Good("FROM debian:12\nUSER root\nRUN make install\nUSER app\n"),
        Good("FROM golang:1.23 AS build\nUSER root\nFROM scratch\nCOPY --from=build /app /app\n"),
        Good("FROM debian:12\nARG RUN_AS=root\nUSER $RUN_AS\n"),
        Good('FROM debian:12\nRUN apk add su-exec\nUSER root\nENTRYPOINT ["/entrypoint.sh"]\n'),
        Good('FROM debian:12\nUSER root\nCMD ["/sbin/init"]\n'),
        Good("FROM debian:12 AS base\nONBUILD USER app\nUSER root\nFROM base\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        user = final_user(model)
        if user is None or user.value is None or user.is_onbuild_trigger:
            return
        environment = model.environment_before(user)
        name = (environment.expand(user.value) or "").partition(":")[0]
        if name not in ("root", "0") or not environment.is_constant(user.value) or leaves_root_by_itself(model):
            return
        yield self.finding(user.value, "the image runs as root: no other USER follows this one")
