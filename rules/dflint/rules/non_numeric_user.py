from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._final_user import final_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model


class NonNumericUser(Rule):
    """The shipped image names its user instead of giving a number.

    ## Why is this bad?

    Kubernetes cannot tell whether a name is root without looking into the image: with `runAsNonRoot: true` it refuses
    to start such a container. A number works there, and in images without `/etc/passwd`.

    The rule is off by default: outside of Kubernetes a name is as good and reads better.

    ## Exceptions

    Only the last USER of the built image counts. Silent when the user depends on a variable, and for Windows.

    ## Differs from hadolint

    DL3066 of hadolint 2.15.1 reports each USER of each stage, `root` too; that one is left to `root-user` here.
    """

    name = "non-numeric-user"
    category = "security"
    level = "info"
    aliases = ("DL3066",)
    since = "0.1.0"
    status = "off"

    bad = (
        Bad("FROM debian:12\nUSER app\n", at=("app",)),
        Bad('FROM debian:12 AS base\nUSER "app:1000"\nFROM base\nCMD ["app"]\n', at=('"app:1000"',)),
    )
    good = (
        Good("FROM debian:12\nUSER 1000:app\n"),
        Good("FROM debian:12\nUSER app\nRUN make\nUSER 1000\n"),
        Good("FROM debian:12\nARG UID=1000\nUSER $UID\n"),
        Good("FROM debian:12\nUSER root\n"),
        Good("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nUSER ContainerUser\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        user = final_user(model)
        if user is None or user.value is None or user.is_onbuild_trigger or "$" in user.value.text:
            return
        name = (user.value.literal or "").partition(":")[0]
        if not name or name.isdigit() or name == "root":
            return
        if model.target is None or model.target.looks_like_windows:
            return
        yield self.finding(user.value, f"user {name!r} is a name: Kubernetes can check a number only for runAsNonRoot")
