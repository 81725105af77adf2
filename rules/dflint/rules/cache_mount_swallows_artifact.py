from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Cmd, CommandInstruction, Copy, Entrypoint, Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Word

_TARGET = "--mount=type=cache,target=/app/target"
_CARGO = f"FROM rust:1 AS build\nWORKDIR /app\nCOPY src src\nRUN {_TARGET} cargo build --release\n"


class CacheMountSwallowsArtifact(Rule):
    """Something is used from a folder that was only a cache mount when it was built.

    ## Why is this bad?

    What a RUN writes below the target of a cache mount goes into the cache, not into the image. The next step does not
    see it: `COPY --from` fails because the file is not there, and a CMD fails when the container starts. Copy the
    result out of the mount in the same RUN: `cargo build --release && cp target/release/app /app/`.

    ## Exceptions

    Silent if something else may have put the files there: another RUN without the mount that builds, runs scripts or
    names the path, a COPY to that place, or the content that the mount starts with (`from=`).
    """

    name = "cache-mount-swallows-artifact"
    category = "correctness"
    level = "error"
    since = "0.1.0"

    bad = (
        Bad(
            f"{_CARGO}FROM debian:12-slim\nCOPY --from=build /app/target/release/a /usr/bin/\n",
            at=("/app/target/release/a",),
        ),
        Bad(f"{_CARGO}FROM debian:12-slim\nCOPY --from=0 app/target /t\n", at=("app/target",)),
        Bad(
            f'FROM rust:1\nWORKDIR /app\nCOPY . .\nRUN {_TARGET} cargo build\nCMD ["./target/debug/a"]\n',
            at=('"./target/debug/a"',),
        ),
        Bad(
            "FROM node:22 AS build\nWORKDIR /app\nCOPY src src\nRUN --mount=type=cache,target=./dist npm run build\n"
            "FROM nginx:1\nCOPY --from=build /app/dist /usr/share/nginx/html\n",
            at=("/app/dist",),
        ),
    )
    good = (
        Good(
            "FROM rust:1 AS build\nWORKDIR /app\nCOPY . .\n"
            f"RUN {_TARGET} cargo build --release && cp target/release/a /a\n"
            "FROM debian:12-slim\nCOPY --from=build /a /usr/bin/\n"
        ),
        Good(
            "FROM rust:1 AS build\nWORKDIR /app\nCOPY . .\nRUN cargo build\n"
            "FROM debian:12-slim\nCOPY --from=build /app/target/debug/a /usr/bin/\n"
        ),
        # Something else may have put it there.
        Good(
            f"{_CARGO}RUN cargo build --release\nFROM debian:12-slim\n"
            f"COPY --from=build /app/target/release/a /usr/bin/\n"
        ),
        Good(f"{_CARGO}RUN ./publish.sh\nFROM debian:12-slim\nCOPY --from=build /app/target/release/a /usr/bin/\n"),
        Good(
            f"{_CARGO}COPY prebuilt /app/target/release/\nFROM debian:12-slim\n"
            f"COPY --from=build /app/target/release/a /b\n"
        ),
        Good(
            "FROM a AS build\nWORKDIR /app\nRUN --mount=type=cache,from=b,target=/app/target make\n"
            "FROM debian:12-slim\nCOPY --from=build /app/target/a /b\n"
        ),
        Good(f"{_CARGO}FROM debian:12-slim\nCOPY --from=build /app/src /src\n"),
        Good(
            "FROM debian:12 AS build\nRUN --mount=type=cache,target=/var/cache/apt apt-get install -y curl\n"
            "FROM debian:12-slim\nCOPY --from=build /usr/bin/curl /usr/bin/\n"
        ),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        if not any(isinstance(i, Run) and i.flags for i in model.instructions):
            return
        for stage in model.stages:
            for instruction in stage.instructions:
                if isinstance(instruction, Copy):
                    yield from self._copy(instruction, model)
        target = model.target
        if target is None:
            return
        config = model.effective_config(target)
        for setting in (config.entrypoint, config.cmd):
            instruction_ = setting.instruction
            if setting.known == "file" and isinstance(instruction_, (Cmd, Entrypoint)) and instruction_.exec_form:
                yield from self._started(instruction_, target, model)
                break

    def _copy(self, copy: Copy, model: Model) -> Iterator[Finding]:
        flag = copy.flag("from")
        if flag is None:
            return
        from dflint.model import Stage

        stage = model.resolve_from(flag.text, copy)
        if not isinstance(stage, Stage):
            return
        for word in copy.sources:
            text = word.literal if "$" not in word.text else None
            if text is None or "*" in text:
                continue
            path = "/" + text.removeprefix("./").strip("/")
            if path in ("/", "/."):
                continue
            if _is_swallowed(path, stage, model):
                yield self.finding(
                    word, f"{path} was written to a cache mount, so it is not in the stage: copy it out first"
                )

    def _started(self, instruction: CommandInstruction, target: Stage, model: Model) -> Iterator[Finding]:
        environment = model.environment_at_end(target)
        if not instruction.words:
            return
        word: Word = instruction.words[0]
        if "/" not in word.text or "$" in word.text:
            return
        path = environment.resolve_path(word.text)
        if path is not None and _is_swallowed(path, target, model):
            yield self.finding(
                word, f"{path} was written to a cache mount, so it is not in the image: copy it out first"
            )


def _cache_targets(stage: Stage, model: Model) -> list[str]:
    found = []
    link: Stage | None = stage
    while link is not None:
        for instruction in link.instructions:
            if isinstance(instruction, Run) and instruction.flags:
                environment = model.environment_before(instruction)
                for mount in instruction.mounts:
                    target = environment.expand_text(mount.target) if mount.type == "cache" and mount.target else None
                    target = environment.resolve_path(target) if target else None
                    if target is not None and target != "/":
                        found.append(target)
        link = link.parent
    return found


def _is_swallowed(path: str, stage: Stage, model: Model) -> bool:
    """Whether a path of a stage can only have been written below a cache mount."""
    from dflint.rules._workload import kinds_of

    targets = _cache_targets(stage, model)
    if not any(path == target or path.startswith(target + "/") for target in targets):
        return False
    is_written = False
    link: Stage | None = stage
    while link is not None:
        for instruction in link.instructions:
            environment = model.environment_before(instruction)
            if isinstance(instruction, Transfer):
                if instruction.destination is None:
                    continue
                text = environment.expand(instruction.destination)
                place = environment.resolve_path(text) if text is not None else None
                if place is None or _may_bring(instruction, place, path, targets):
                    return False
            elif isinstance(instruction, Run):
                mounts = [mount for mount in instruction.mounts if mount.type == "cache" and mount.target]
                covering = []
                for mount in mounts:
                    target = environment.expand_text(mount.target or "")
                    target = environment.resolve_path(target) if target else None
                    if target is not None and target != "/" and (path == target or path.startswith(target + "/")):
                        covering.append(mount)
                kinds = kinds_of(model.commands_of(instruction))
                if covering:
                    if any(mount.from_ for mount in covering):
                        return False
                    is_written = is_written or not kinds.isdisjoint(("build", "script"))
                elif (
                    instruction.exec_form
                    or not kinds.isdisjoint(("build", "script"))
                    or _names(instruction, path, model)
                ):
                    return False
        link = link.parent
    return is_written


def _may_bring(transfer: Transfer, place: str, path: str, targets: Sequence[str]) -> bool:
    """Whether a COPY to ``place`` may bring ``path``; a folder of sources hardly brings the build's output."""
    place = place.rstrip("/")
    if path == place or place.startswith(path + "/"):
        return True
    if not path.startswith(place + "/"):
        return False
    if transfer.flag("from") or any(place == target or place.startswith(target + "/") for target in targets):
        return True
    from dflint.rules._broad_copies import whole_context

    # The whole context may hold build output of the host, but whoever mounts a cache there does not build there.
    below = path[len(place) + 1 :].partition("/")[0]
    if whole_context(transfer) is not None:
        return False
    names = [word.text.rstrip("/").rpartition("/")[2] for word in transfer.sources]
    return (
        below in names
        or any("*" in name or "$" in name for name in names)
        or (len(names) == 1 and place.endswith(below))
    )


def _names(run: Run, path: str, model: Model) -> bool:
    """Whether a command of a RUN speaks of the path or of its last folders."""
    parts = [part for part in path.split("/") if part]
    marks = {parts[-1], path}
    return any(
        mark in word.raw
        for command in model.commands_of(run)
        for word in command.words
        for mark in marks
        if len(mark) > 2
    )
