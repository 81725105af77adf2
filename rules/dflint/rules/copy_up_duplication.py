from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._shipped_stages import is_surely_shipped
from dflint.syntax.tree import Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.shell import Command
    from dflint.syntax.tree import Instruction, Word


class CopyUpDuplication(Rule):
    """Owner or mode of copied files is changed in a later layer, which holds all of them again.

    ## Why is this bad?

    A layer cannot hold a changed owner alone: `chown -R` and `chmod -R` write every file anew, so the image ships the
    whole tree twice. `COPY --chown=` and `COPY --chmod=` set both while copying.

    ## Exceptions

    Silent in stages that are not in the shipped image; on single files without `-R`; on other folders than those that a
    COPY or ADD of the stage filled, but for folders above the copied context; and on values with variables in RUN.

    ## Fix safety

    Unsafe: the folder itself keeps its owner if it was there before, and `--chown` needs the user to exist when the
    files are copied. There is a fix if the RUN does nothing else, directly follows the COPY of just that folder (but
    for instructions that write no files), the user is a number or was made before, and a mode is a number.
    """

    name = "copy-up-duplication"
    category = "size"
    level = "info"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nRUN useradd app\nCOPY . /app\nRUN chown -R app:app /app\nUSER app\n",
            at=("chown -R app:app /app",),
            fixed="FROM debian:12\nRUN useradd app\nCOPY --chown=app:app . /app\nUSER app\n",
        ),
        Bad(
            "FROM debian:12\nWORKDIR /srv\nadd --link site ./site/\n# may be read by all\nRUN chmod -R 755 site\n",
            at=("chmod -R 755 site",),
            fixed="FROM debian:12\nWORKDIR /srv\nadd --chmod=755 --link site ./site/\n# may be read by all\n",
        ),
        # The user does not exist yet; other things are done too; other files are in the folder.
        Bad("FROM debian:12\nCOPY . /app\nRUN chown -R app /app\n", at=("chown -R app /app",)),
        Bad("FROM debian:12\nCOPY . /app\nRUN make -C /app && \\\n  chown -R 1000 /app\n", at=("chown -R 1000 /app",)),
        Bad("FROM debian:12\nCOPY . /app\nRUN make -C /app\nRUN chown -R 1000 /app\n", at=("chown -R 1000 /app",)),
        Bad("FROM debian:12\nCOPY . /srv/app\nRUN chown 1000:1000 -R /srv/\n", at=("chown 1000:1000 -R /srv/",)),
        Bad("FROM debian:12\nCOPY conf /etc/app\nRUN chmod -R 755 /etc/app\n", at=("chmod -R 755 /etc/app",)),
        Bad("FROM debian:12\nCOPY . /app\nRUN chmod -R u+x /app\n", at=("chmod -R u+x /app",)),
        Bad("FROM debian:12\nCOPY --chown=2 . /app\nRUN chown -R 1000 /app\n", at=("chown -R 1000 /app",)),
    )
    good = (
        Good("FROM debian:12\nCOPY --chown=app:app . /app\n"),
        Good("FROM debian:12\nCOPY entry.sh /\nRUN chmod +x /entry.sh\n"),
        Good("FROM debian:12\nRUN mkdir /data\nRUN chown -R app /data\n"),
        Good("FROM debian:12\nCOPY . /app\nRUN chown app /app\n"),
        Good("FROM debian:12\nCOPY conf /home/app/conf\nRUN chown -R app /home/app\n"),
        Good("FROM debian:12\nCOPY . /app\nRUN chown -R app /data\n"),
        Good("FROM debian:12\nCOPY . /app\nRUN mkdir /app/data && chown -R app /app/data\n"),
        Good("FROM debian:12 AS build\nCOPY . /app\nRUN chown -R app /app\nFROM debian:12\nCOPY --from=build /b /b\n"),
        Good('FROM debian:12\nCOPY . /app\nRUN chown -R "$USER" $DIR\n'),
        Good("FROM debian:12\nCOPY . /\nRUN chown -R app /home/app\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if not is_surely_shipped(stage, model):
            return
        copied: list[tuple[Transfer, str, int]] = []
        for place, instruction in enumerate(stage.instructions):
            if isinstance(instruction, Transfer):
                path = _place(instruction, model)
                if path is not None and path != "/":
                    copied.append((instruction, path, place))
            elif isinstance(instruction, Run) and copied and not instruction.exec_form:
                for command in model.commands_of(instruction):
                    if command.program not in ("chown", "chmod") or command.in_string:
                        continue
                    found = _changed(command, instruction, model)
                    if found is None:
                        continue
                    value, paths = found
                    hit = [item for item in copied for path in paths if _is_changed(item[0], item[1], path)]
                    if not hit:
                        continue
                    transfer = hit[-1][0]
                    fix = None
                    if len(hit) == 1 and paths == [hit[0][1]] and not _is_of_the_system(paths[0]):
                        between = stage.instructions[hit[0][2] + 1 : place]
                        fix = _fix(command, value, transfer, instruction, between, stage, model)
                    line = model.source.line_of(transfer.start)
                    flag = f"--{command.program}"
                    message = f"this layer holds the files copied in line {line} again: use {transfer.name} {flag}"
                    yield self.finding(command.unwrapped().span, message, fix)


def _is_changed(transfer: Transfer, place: str, path: str) -> bool:
    """Whether a change below ``path`` rewrites most of what a COPY brought to ``place``.

    A folder above it counts for the whole context only: of small things nobody wants to hear.
    """
    if place == path:
        return True
    from dflint.rules._broad_copies import whole_context

    return place.startswith(path + "/") and whole_context(transfer) is not None and transfer.flag("from") is None


def _place(transfer: Transfer, model: Model) -> str | None:
    """The folder that a COPY fills; None for one that copies single files, as far as that is seen."""
    from dflint.rules._broad_copies import is_from_context, source_folder, whole_context
    from dflint.rules._copied_files import target_folder

    path = target_folder(transfer, model)
    if path is None or transfer.heredocs:
        return None
    if whole_context(transfer) is not None:
        return path
    if is_from_context(transfer) and model.context is not None:
        folders = [source_folder(word, model.context) for word in transfer.sources]
        if any(folder is not None for folder in folders):
            return path
    # Without a known context a source without a dot in its name, or with a slash at its end, is taken for a folder.
    names = [word.text.rstrip("/").rpartition("/")[2] for word in transfer.sources]
    is_file = all(
        "." in name.lstrip(".") and not word.text.endswith("/")
        for name, word in zip(names, transfer.sources, strict=True)
    )
    if is_file or (
        is_from_context(transfer) and any(model.context and _is_file(word, model) for word in transfer.sources)
    ):
        return None
    return path


def _is_file(word: Word, model: Model) -> bool:
    text = word.literal if "$" not in word.text else None
    entry = model.context.resolve(text) if model.context is not None and text else None
    return entry is not None and entry.kind == "file"


def _changed(command: Command, run: Run, model: Model) -> tuple[str, list[str]] | None:
    """The new owner or mode, and the folders below which all files get it; None if that is not static."""
    environment = model.environment_before(run)
    values: list[str] = []
    is_recursive = False
    for word in command.arguments:
        value = word.value
        if value is None or word.has_glob or word.has_braces:
            return None
        if value.startswith("-") and len(value) > 1:
            is_recursive = is_recursive or value == "--recursive" or (value[1] != "-" and "R" in value)
            if value not in ("--recursive", "--verbose", "--quiet", "--silent", "--changes", "--no-dereference") and (
                value.startswith("--") or value.strip("-RvfchHLP")
            ):
                return None
        else:
            values.append(value)
    if not is_recursive or len(values) < 2:
        return None
    if any(c.program in ("cd", "pushd") for c in model.commands_of(run)) and not all(
        v.startswith("/") for v in values[1:]
    ):
        return None
    paths = [environment.resolve_path(value) for value in values[1:]]
    known = [path for path in paths if path is not None and path != "/"]
    return (values[0], known) if len(known) == len(paths) else None


_WRITES_NOTHING = frozenset(
    ("ENV", "ARG", "LABEL", "EXPOSE", "USER", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "WORKDIR")
)  # fmt: skip


def _fix(
    command: Command,
    value: str,
    transfer: Transfer,
    run: Run,
    between: Sequence[Instruction],
    stage: Stage,
    model: Model,
) -> Fix | None:
    program = command.program or ""
    if len(model.commands_of(run)) != 1 or command.redirects or run.flags or run.heredocs or run.comments:
        return None
    if any(instruction.name not in _WRITES_NOTHING for instruction in between):
        return None
    if any(flag.name == program for flag in transfer.flags):
        return None
    if program == "chmod" and not (value.isdigit() and 3 <= len(value) <= 4):
        return None
    if program == "chown" and not _is_known_owner(value, transfer, stage, model):
        return None
    at = transfer.keyword.end
    start = model.source.line_starts[model.source.line_of(run.start) - 1]
    edits = [Edit(at, at, f" --{program}={value}"), Edit(start, run.full_end, "")]
    return Fix.of(f"Set it by {transfer.name} --{program}", "unsafe", edits, removes=[run.start])


def _is_of_the_system(path: str) -> bool:
    """Whether a folder has files of the base image too, which a COPY would leave as they are."""
    if path.startswith(("/usr/src/", "/var/www/", "/usr/app", "/usr/local/src/")):
        return False
    return path.startswith(("/etc", "/usr", "/bin", "/sbin", "/lib", "/var", "/root", "/tmp", "/run")) or path in (
        "/home",
        "/opt",
        "/srv",
    )


def _is_known_owner(value: str, transfer: Transfer, stage: Stage, model: Model) -> bool:
    """Whether user and group are numbers, or made by an earlier RUN; the other half of ``user:`` is not known."""
    names = value.split(":")
    if not all(names) or len(names) > 2:
        return False
    made: set[str] = set()
    for instruction in stage.instructions:
        if instruction.start >= transfer.start:
            break
        if isinstance(instruction, Run):
            for other in model.commands_of(instruction):
                if other.program in ("useradd", "adduser", "groupadd", "addgroup"):
                    made.update(word.value or "" for word in other.arguments)
    if len(names) == 1:
        # COPY --chown=app gives the group of the same number, chown app leaves the group alone.
        return names[0].isdigit() or names[0] in made
    return all(name.isdigit() or name in made for name in names)
