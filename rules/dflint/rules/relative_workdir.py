from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Option, Rule
from dflint.rules._workdir_chain import inherits_workdir
from dflint.syntax.tree import Workdir

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import ClassVar

    from dflint.findings import Finding
    from dflint.model import Model, Stage


class RelativeWorkdir(Rule):
    """A relative WORKDIR depends on the working directory of the base image.

    ## Why is this bad?

    A relative path is joined to the working directory that the base image happens to have. When a newer base image
    sets another one, files land elsewhere and the paths in CMD, COPY and volume settings no longer fit.

    ## Exceptions

    Silent once the stage, or a stage that it starts from, has a WORKDIR: later relative ones start from there. Silent
    for a path that depends on a variable with no known value, and for Windows paths with a drive letter.

    With the option `every = true` all relative paths are reported.

    ## Fix safety

    There is a fix only in a stage built from `scratch`, where the working directory is certainly `/`; it is safe.

    ## Differs from hadolint

    DL3000 reports every relative WORKDIR; this rule, like BuildKit (dispatchWorkdir in dockerfile2llb/convert.go), only
    one that nothing in the file anchors. DL3000 passes every path that starts with a variable; here the value counts.
    """

    name = "relative-workdir"
    category = "correctness"
    level = "warning"
    aliases = ("WorkdirRelativePath", "DL3000")
    since = "0.1.0"
    options: ClassVar[Mapping[str, Option]] = {
        "every": Option(False, "Whether relative paths below a WORKDIR of the file are reported too.")
    }

    bad = (
        Bad("FROM debian:12\nWORKDIR app\n", at=("app",)),
        Bad("FROM debian:12\nRUN make\nworkdir \\\n  ./src/app\nWORKDIR lib\n", at=("./src/app",)),
        Bad("FROM scratch\nWORKDIR app\n", at=("app",), fixed="FROM scratch\nWORKDIR /app\n"),
        Bad("FROM scratch\nENV DIR=srv\nWORKDIR $DIR\n", at=("$DIR",)),
        Bad("FROM debian:12\nWORKDIR /app\nWORKDIR lib\n", at=("lib",), options={"every": True}),
    )
    good = (
        Good("FROM debian:12\nWORKDIR /app\nWORKDIR lib\n"),
        Good("FROM debian:12 AS base\nWORKDIR /app\nFROM base\nWORKDIR lib\n"),
        Good("FROM debian:12 AS base\nONBUILD WORKDIR /app\nFROM base\nWORKDIR lib\n"),
        Good("FROM debian:12\nWORKDIR $HOME\n"),
        Good("FROM debian:12\nENV DIR=/srv\nWORKDIR ${DIR}/app\n"),
        Good('FROM debian:12\nWORKDIR "/app dir"\nONBUILD WORKDIR lib\n'),
        Good("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nWORKDIR C:\\\\app\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        workdirs = [instruction for instruction in stage.instructions if isinstance(instruction, Workdir)]
        if not workdirs or (inherits_workdir(stage) and not self.setting("every")):
            return
        for number, instruction in enumerate(workdirs):
            if number and not self.setting("every"):
                return
            word = instruction.value
            if word is None:
                continue
            path = model.environment_before(instruction).expand(word)
            if path is None or path.startswith(("/", "\\")) or path[1:2] == ":":
                continue
            fix = None
            if not number and stage.is_scratch and word.value == path and not path.startswith("."):
                edit = Edit(word.start, word.start, "/")
                fix = Fix.of("Make the path absolute", "safe", [edit])
            yield self.finding(word, f"relative path {path!r} depends on the base image's working directory", fix)
