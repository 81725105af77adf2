from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Run, Workdir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage


class MkdirBeforeWorkdir(Rule):
    """A RUN makes a folder that the WORKDIR right below it makes anyway.

    ## Why is this bad?

    WORKDIR makes its folder and those above it, so the RUN adds a layer and a step for nothing.

    The rule is off by default, being a matter of taste.

    ## Exceptions

    Silent when the RUN does more than `mkdir` of this one folder, sets its mode, or has flags.

    ## Fix safety

    Unsafe: the classic builder makes the folder as root, whatever USER says, where the RUN made it as that user.
    """

    name = "mkdir-before-workdir"
    category = "style"
    level = "info"
    since = "0.1.0"
    status = "off"
    tag = "unnecessary"

    bad = (
        Bad(
            "FROM alpine:3.20\nRUN mkdir -p /app\nWORKDIR /app\n",
            at=("mkdir -p /app",),
            fixed="FROM alpine:3.20\nWORKDIR /app\n",
        ),
        Bad(
            "FROM alpine:3.20\nENV A=1\nrun mkdir \\\n  /srv/app/\n# there\nworkdir /srv/app\n",
            at=("mkdir \\\n  /srv/app/",),
            fixed="FROM alpine:3.20\nENV A=1\n# there\nworkdir /srv/app\n",
        ),
    )
    good = (
        Good("FROM alpine:3.20\nRUN mkdir -p /app && chown app /app\nWORKDIR /app\n"),
        Good("FROM alpine:3.20\nRUN mkdir -m 700 /app\nWORKDIR /app\n"),
        Good("FROM alpine:3.20\nRUN mkdir -p /app/data\nWORKDIR /app\n"),
        Good("FROM alpine:3.20\nRUN mkdir -p /app\nCOPY a /app\nWORKDIR /app\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        for run, workdir in zip(stage.instructions, stage.instructions[1:], strict=False):
            if not isinstance(run, Run) or not isinstance(workdir, Workdir) or workdir.value is None or run.flags:
                continue
            commands = model.commands_of(run)
            if len(commands) != 1 or commands[0].program != "mkdir" or commands[0].redirects:
                continue
            command = commands[0]
            script = model.script_of(run)
            values = [word.value for word in command.arguments]
            paths = [value for value in values if value not in ("-p", "-pv", "-vp", "-v", "--parents")]
            if script is None or len(paths) != 1 or paths[0] is None or paths[0].startswith("-") or command.assignments:
                continue
            if any(word.has_glob or word.has_braces for word in command.arguments) or command.is_conditional:
                continue
            environment = model.environment_before(run)
            target = environment.expand(workdir.value)
            if target is None or not target.startswith("/") or environment.resolve_path(paths[0]) != target.rstrip("/"):
                continue
            source = model.source
            start = source.line_span(source.line_of(run.start)).start
            fix = None
            if not run.comments and not run.heredocs and (command.start, command.end) == run.arguments_span:
                fix = Fix.of("Remove the RUN", "unsafe", [Edit(start, run.full_end, "")], [run.start])
            yield self.finding(command, f"WORKDIR makes {target} anyway", fix)
