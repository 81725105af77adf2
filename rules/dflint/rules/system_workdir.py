from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Workdir

_FOLDERS = frozenset(
    ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr", "/usr/bin",
     "/usr/lib", "/usr/sbin", "/usr/share", "/var", "/var/lib", "/var/run")
)  # fmt: skip


class SystemWorkdir(Rule):
    """The working directory of the image is one of the system's.

    ## Why is this bad?

    Programs write beside them: logs, dumps, temporary files land among those of the system, and a relative path in a
    command that a user passes changes programs or configuration. `rm -rf *` there is worse.

    The rule is off by default: a build step may well work there.

    ## Exceptions

    Only what the image ends with counts, and only these folders themselves, not those below: `/usr/src/app` and
    `/var/www` are for programs. `/` is where an image works anyway.
    """

    name = "system-workdir"
    category = "correctness"
    level = "info"
    since = "0.1.0"
    status = "off"

    bad = (
        Bad("FROM debian:12\nWORKDIR /usr/bin\n", at=("/usr/bin",)),
        Bad("FROM debian:12 AS base\nworkdir /etc/\nFROM base\nCOPY a b\n", at=("/etc/",)),
        Bad('FROM debian:12\nENV D=/usr\nWORKDIR "$D/lib"\n', at=('"$D/lib"',)),
    )
    good = (
        Good("FROM debian:12\nWORKDIR /usr/src/app\n"),
        Good("FROM debian:12\nWORKDIR /etc\nRUN make\nWORKDIR /srv\n"),
        Good("FROM debian:12 AS build\nWORKDIR /usr/lib\nFROM debian:12\nCOPY --from=build /a /a\n"),
        Good("FROM debian:12\nWORKDIR /\n"),
        Good("FROM debian:12\nWORKDIR $DIR\n"),
    )

    def check_workdir(self, workdir: Workdir, model: Model) -> Iterator[Finding]:
        word = workdir.value
        stage = model.stage_of(workdir)
        if word is None or stage is None or workdir.is_onbuild_trigger or not stage.is_shipped:
            return
        environment = model.environment_before(workdir)
        text = environment.expand(word)
        path = environment.resolve_path(text) if text else None
        if path not in _FOLDERS or model.target is None or environment.is_windows:
            return
        if any(other.type == "workdir" and other.index > workdir.index for other in stage.instructions):
            return
        if model.environment_at_end(model.target).workdir == path:
            yield self.finding(word, f"{path} is the system's: work in a folder of the application's own")
