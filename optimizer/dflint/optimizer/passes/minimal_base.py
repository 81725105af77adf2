"""A base of nothing but certificates and time zones for programs that need no C library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit
from dflint.optimizer.draft import Outcome
from dflint.optimizer.rewrite import Change, Refusal
from dflint.packages import parse_package_command
from dflint.syntax.tree import Cmd, CommandInstruction, Copy, Entrypoint, Healthcheck, Run

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.model import Model, Stage
    from dflint.optimizer.draft import Draft
    from dflint.optimizer.rewrite import Level

BASE = "gcr.io/distroless/static-debian12:latest"
_FROM = frozenset(("debian", "alpine", "ubuntu"))


class MinimalBase:
    """Ships Go programs that are linked statically on a base without shell, package manager and C library."""

    name: ClassVar[str] = "minimal-base"
    level: ClassVar[Level] = "aggressive"
    description: ClassVar[str] = (
        "Ships Go programs that are linked statically on a base without shell, package manager and C library."
    )

    def run(self, draft: Draft) -> Outcome:
        """Change FROM of the last stage, if nothing in it needs more than the program."""
        model = draft.model
        stage = model.target
        assert stage is not None
        word, image = stage.from_.image, stage.image
        if word is None or image is None or image.name not in _FROM or not _builders(model, stage):
            return Outcome()
        reason = _obstacle(model, stage)
        if reason is not None:
            return Outcome(refusals=(Refusal(self.name, f"kept {image.text}", reason, draft.line_of(stage.start)),))
        change = Change(
            self.name,
            f"Start from {BASE}",
            "a static program needs nothing of a distribution but certificates and time zones",
            "no shell, no package manager, no C library in the image",
            ("nobody needs a shell in the container, and the program starts no other",),
        )
        return Outcome((Edit(word.start, word.end, BASE),), (change,))


def _builders(model: Model, stage: Stage) -> list[Stage]:
    """The stages whose files it takes, if there is one that builds with Go."""
    return [s for s in stage.uses if any(_is_go_build(model, i) for i in s.instructions if isinstance(i, Run))]


def _is_go_build(model: Model, run: Run) -> bool:
    packages = map(parse_package_command, model.commands_of(run))
    return any(p is not None and p.manager == "go" and p.action in ("build", "install") for p in packages)


def _obstacle(model: Model, stage: Stage) -> str | None:
    for builder in stage.uses:
        for run in builder.instructions:
            if isinstance(run, Run) and _is_go_build(model, run) and not _is_static(model, run):
                return "the program may be linked to the C library: CGO_ENABLED=0 is not set where it is built"
    for instruction in stage.instructions:
        if isinstance(instruction, Run):
            return "its RUNs need a shell"
        if isinstance(instruction, (Cmd, Entrypoint)) and not instruction.exec_form:
            return f"{instruction.name} needs a shell"
        if isinstance(instruction, Healthcheck) and _calls(instruction):
            return "HEALTHCHECK starts a program"
        if isinstance(instruction, Copy) and instruction.flag("from") is None:
            continue
    config = model.effective_config(stage)
    if config.user.known == "file" and not (config.user.value or "").replace(":", "").isdigit():
        return "the user is named, and the base knows root, nobody and nonroot alone"
    start = config.entrypoint.value or config.cmd.value
    if start is None or not start.arguments or start.arguments[0].rpartition("/")[2] in ("sh", "bash"):
        return "it starts a shell"
    return None


def _calls(instruction: CommandInstruction) -> bool:
    return instruction.shell_text is not None or bool(instruction.words)


def _is_static(model: Model, run: Run) -> bool:
    """Whether CGO is off where a program is built."""
    variable = model.environment_before(run).lookup("CGO_ENABLED")
    if variable is not None and variable.value == "0":
        return True
    for command in model.commands_of(run):
        package = parse_package_command(command)
        if package is not None and package.manager == "go":
            named = [a for a in command.unwrapped().assignments if a.name == "CGO_ENABLED" and a.value is not None]
            if not any(a.value is not None and a.value.value == "0" for a in named):
                return False
    return True
