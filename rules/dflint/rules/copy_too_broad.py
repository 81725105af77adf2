from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._broad_copies import is_from_context, whole_context
from dflint.syntax.tree import Copy, Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage

_FILES = "FROM scratch AS files\nCOPY . /src\nFROM nginx:1\nCOPY --from=files /src/conf /etc/nginx\n"


class CopyTooBroad(Rule):
    """The whole context is copied into a stage, but the other stages take only a few paths of it.

    ## Why is this bad?

    All of the context is sent to the builder, and any change anywhere in it drops the cache of the COPY and of all that
    takes something from the stage. Copying just what is used keeps both small.

    ## Exceptions

    Reported only where it is certain: nothing runs in the stage, nothing starts from it or mounts it, and every
    `COPY --from` of it names plain paths below the folder that the context was copied to. Silent on the stage that is
    built by default, which somebody may want to look into.
    """

    name = "copy-too-broad"
    category = "context"
    level = "info"
    since = "0.1.0"
    status = "preview"

    bad = (
        Bad(_FILES, at=(".",)),
        Bad(
            "FROM alpine:3.22 AS files\nWORKDIR /all\nadd --link \\\n  ./ .\nFROM nginx:1\n"
            "COPY --from=files /all/conf/a.conf /all/site /etc/nginx/\nCOPY --from=0 all/keys /keys\n",
            at=("./",),
        ),
    )
    good = (
        Good(_FILES.replace("/src/conf", "/src")),
        Good(_FILES.replace("/src/conf", "/")),
        Good(_FILES.replace("/src/conf", "/src/*")),
        Good(_FILES.replace("/src/conf", "$WHAT")),
        Good(_FILES.replace("COPY . /src", "COPY . /src\nRUN make")),
        Good(_FILES + "RUN --mount=from=files,target=/f true\n"),
        Good(_FILES + "FROM files\n"),
        Good(_FILES.replace("COPY . /src", "COPY conf /src/conf")),
        Good("FROM scratch\nCOPY . /src\n"),
        Good("FROM scratch AS unused\nCOPY . /src\nFROM nginx:1\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if stage.is_shipped or stage.children or not stage.users or not stage.is_reachable:
            return
        if any(isinstance(instruction, Run) for instruction in stage.instructions):
            return
        copies = [i for i in stage.instructions if isinstance(i, Transfer) and is_from_context(i)]
        broad = [(copy, word) for copy in copies if (word := whole_context(copy)) is not None]
        if len(broad) != 1:
            return
        copy, word = broad[0]
        target = _absolute(copy, model)
        used = _used(stage, model) if target is not None else None
        if not used or target is None:
            return
        inside = [path[len(target) + 1 :] for path in used if path.startswith(target + "/")]
        if len(inside) == len(used) and all(inside):
            names = sorted(set(inside))
            shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            yield self.finding(word, f"of the whole context only {shown} {'is' if len(names) == 1 else 'are'} used")


def _absolute(copy: Transfer, model: Model) -> str | None:
    environment = model.environment_before(copy)
    if copy.destination is None or not environment.is_constant(copy.destination):
        return None
    text = environment.expand(copy.destination)
    path = environment.resolve_path(text) if text is not None else None
    return path.rstrip("/") if path is not None else None


def _used(stage: Stage, model: Model) -> list[str] | None:
    """The paths that other stages copy from a stage; None if they are not known, or are used in another way."""
    from dflint.context.gopath import inside_root

    found = []
    for user in stage.users:
        for instruction in user.instructions:
            if stage not in model.stages_named_by(instruction):
                continue
            if not isinstance(instruction, Copy) or instruction.flag("parents") or _is_dynamic(instruction):
                return None
            for word in instruction.sources:
                text = word.literal if "$" not in word.text else None
                if text is None or any(char in text for char in "*?[\\"):
                    return None
                found.append("/" + inside_root(text))
    return found


def _is_dynamic(copy: Copy) -> bool:
    flag = copy.flag("from")
    return flag is None or "$" in flag.text
