from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Onbuild, Run, Transfer, User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Instruction


class UserUnknownInScratch(Rule):
    """A user is called by name in an image from `scratch` that has no `/etc/passwd`.

    ## Why is this bad?

    Nothing translates the name into a number: a container with that USER does not start, a COPY with that `--chown`
    does not build.

    ## Exceptions

    Silent for numbers and for `root`, once anything was copied that may hold `/etc/passwd`, and after a RUN.
    """

    name = "user-unknown-in-scratch"
    category = "correctness"
    level = "error"
    since = "0.1.0"

    bad = (
        Bad("FROM scratch\nCOPY app /app\nUSER nobody\n", at=("nobody",)),
        Bad("FROM scratch AS base\nCOPY app /bin/app\nFROM base\nuser app:app\n", at=("app:app",)),
        Bad("FROM scratch\nCOPY \\\n  --chown=app:app app /app\n", at=("app:app",)),
    )
    good = (
        Good("FROM scratch\nCOPY app /app\nUSER 65534:65534\n"),
        Good("FROM golang:1.23 AS b\nFROM scratch\nCOPY --from=b /etc/passwd /etc/passwd\nUSER nobody\n"),
        Good("FROM golang:1.23 AS b\nFROM scratch\nCOPY --from=b /etc/passwd /etc/group /etc/\nUSER nobody\n"),
        Good("FROM scratch\nADD rootfs.tar /\nUSER nobody\n"),
        Good("FROM scratch\nARG APP_USER\nCOPY app /app\nUSER $APP_USER\n"),
        Good("FROM scratch\nCOPY rootfs /\nRUN adduser app\nUSER app\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if not stage.root.is_scratch:
            return
        parent = stage.parent
        while parent is not None:
            if any(_may_bring_users(instruction, model) for instruction in parent.instructions):
                return
            parent = parent.parent
        for instruction in stage.instructions:
            if isinstance(instruction, Transfer):
                flag = instruction.flag("chown") if instruction.flags else None
                if flag is not None and flag.value is not None and "$" not in flag.text and _is_name(flag.text):
                    yield self.finding(flag.value, f"no /etc/passwd was copied into the image that knows {flag.text}")
            if _may_bring_users(instruction, model):
                return
            if isinstance(instruction, User) and instruction.value is not None:
                user = instruction.value.literal
                if user and _is_name(user):
                    yield self.finding(instruction.value, f"no /etc/passwd was copied into the image that knows {user}")


def _is_name(user: str) -> bool:
    """Whether a ``user`` or ``user:group`` has a name other than root's."""
    return any(part and not part.isdigit() and part != "root" for part in user.split(":"))


def _may_bring_users(instruction: Instruction, model: Model) -> bool:
    if isinstance(instruction, (Run, Onbuild)):
        return True
    if not isinstance(instruction, Transfer):
        return False
    if instruction.destination is None:
        return True
    environment = model.environment_before(instruction)
    target = environment.expand(instruction.destination)
    path = environment.resolve_path(target) if target is not None else None
    if path is None or path in ("/etc", "/etc/passwd"):
        return True
    if instruction.name == "ADD":
        return True
    if path != "/":
        return False
    # Into the root: a file lands there under its name, a folder brings what is in it.
    if target is not None and not target.endswith("/") and target not in (".", ".."):
        return True
    for word in instruction.sources:
        name = word.text.rstrip("/\"'").rpartition("/")[2]
        if "." not in name[1:]:
            return True
    return False
