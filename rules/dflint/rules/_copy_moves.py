"""Moving a COPY below the RUN that does not need its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.model.commutation import commute
from dflint.rules._broad_copies import is_from_context
from dflint.syntax.tree import Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.findings import Applicability
    from dflint.model import Model
    from dflint.rules._early_copies import Case
    from dflint.shell import Command, Pipeline


_NOT_FOR_APPS = ("/etc", "/lib", "/bin", "/sbin", "/usr", "/var", "/tmp", "/root", "/boot", "/dev", "/run")
_FOR_APPS = ("/usr/src", "/usr/local/src", "/var/www", "/usr/app", "/usr/share/nginx", "/var/app", "/root/")


def is_app_folder(case: Case) -> bool:
    """Whether the destination is a folder that no package of the distribution cares for."""
    target = destination_of(case.copy, case.model)
    if target is None or target == "/":
        return False
    return target.startswith(_FOR_APPS) or not target.startswith(_NOT_FOR_APPS)


def destination_of(copy: Transfer, model: Model) -> str | None:
    """The folder where the files end up, absolute; None if that is not known."""
    if copy.destination is None:
        return None
    environment = model.environment_before(copy)
    text = environment.expand(copy.destination)
    return None if text is None else environment.resolve_path(text)


def _is_harmless_between(case: Case) -> bool:
    """Whether what stands between the COPY and the RUN neither sees the copied files nor changes where they go."""
    for instruction in case.between:
        if isinstance(instruction, Run):
            if instruction.mounts or not all(map(_is_independent, case.model.commands_of(instruction))):
                return False
        # Where a WORKDIR makes the folder, the manifests go or have gone first, or root installs packages.
        elif not commute(case.copy, instruction, case.model, folders_are_there=True):
            return False
    return True


def with_manifests(case: Case, paths: Sequence[str], applicability: Applicability) -> Fix | None:
    lines = manifest_lines(case, paths)
    return None if lines is None else with_lines(case, lines, applicability)


def manifest_lines(case: Case, paths: Sequence[str]) -> list[str] | None:
    """COPYs of the manifests; None for names that would have to be quoted."""
    if any(" " in path or any(char in path for char in "$*?[\\\"'") for path in paths):
        return None
    groups: dict[str, list[str]] = {}
    folders: list[str] = []
    for path in paths:
        if path.endswith("/"):
            folders.append(path.rstrip("/"))
        else:
            groups.setdefault(path.rpartition("/")[0], []).append(path)
    prefix = f"{case.folder}/" if case.folder else ""
    lines = [copy_line(case, names, folder.removeprefix(case.folder).strip("/")) for folder, names in groups.items()]
    return lines + [copy_line(case, [folder], folder.removeprefix(prefix)) for folder in folders]


def are_copied_before(case: Case, paths: Sequence[str]) -> bool:
    """Whether another COPY above the broad one has brought all of them to the same place."""
    model = case.model
    stage = model.stage_of(case.copy)
    context = model.context
    if stage is None or context is None or case.folder:
        return False
    target = destination_of(case.copy, model)
    wanted = set(paths)
    for instruction in stage.instructions:
        if instruction is case.copy:
            break
        if isinstance(instruction, Transfer) and is_from_context(instruction) and instruction.destination is not None:
            same = destination_of(instruction, model) == target and (
                target is not None or instruction.destination.text in (".", "./")
            )
            if not same:
                continue
            for word in instruction.sources:
                text = word.literal if "$" not in word.text else None
                for entry in context.match(text) if text else ():
                    if "/" not in entry.path and entry.kind != "dir":
                        wanted.discard(entry.path)
    return not wanted


def copy_line(case: Case, paths: Sequence[str], below: str) -> str:
    """A COPY of some files to the folder ``below`` the destination, with the flags of the broad one."""
    copy = case.copy
    keyword = "copy" if copy.keyword.text.islower() else "COPY"
    flags = [case.model.source.text[f.start : f.end] for f in copy.flags if f.name in ("chown", "chmod", "link")]
    target = copy.destination.value if copy.destination is not None else "."
    target = "./" if target in (".", "./") else target.rstrip("/") + "/"
    if below:
        target += below + "/"
    return " ".join([keyword, *flags, *paths, target])


def with_lines(case: Case, lines: Sequence[str], applicability: Applicability) -> Fix | None:
    place = _first_that_needs_sources(case)
    if place is None:
        return None
    chain, at = place
    return move_below(case, lines, "unsafe" if at is not None else applicability, chain, at)


def move_below(
    case: Case,
    lines: Sequence[str],
    applicability: Applicability,
    chain: Sequence[Pipeline] = (),
    split: int | None = None,
) -> Fix | None:
    """Put ``lines`` in the place of the COPY and the COPY below the RUN, which is split before ``chain[split]``."""
    copy, run, model = case.copy, case.run, case.model
    destination = copy.destination
    if destination is None or "\n" in destination.value or copy.exec_form or copy.flag("parents"):
        return None
    if not _is_harmless_between(case):
        return None
    text = model.source.text
    start = _start_with_comments(copy, model)
    moved = text[start : copy.end].replace("\r\n", "\n")
    end = copy.full_end
    if not lines and text[:start].endswith(("\n\n", "\n\r\n")):  # no second blank line
        line_end = text.find("\n", end)
        if line_end >= 0 and not text[end:line_end].strip():
            end = line_end + 1
    edits = [Edit(start, end, "".join(line + "\n" for line in lines))]
    if split is None:
        at = run.full_end
        edits.append(Edit(at, at, moved + "\n" if text[at - 1] == "\n" else "\n" + moved))
    else:
        begin, stop = chain[split - 1].end, chain[split].start
        if any(begin <= comment.start < stop for comment in model.tree.comments):
            return None
        flags = "".join(text[flag.start : flag.end] + " " for flag in run.flags)
        edits.append(Edit(begin, stop, f"\n{moved}\n{text[run.keyword.start : run.keyword.end]} {flags}"))
    title = "Copy the manifests first, the rest after the install" if lines else "Copy the sources after the install"
    return Fix.of(title, applicability, edits, removes=[copy.start])


def fetch_first(case: Case, lines: Sequence[str], fetch: str) -> Fix | None:
    """Put ``lines`` in the place of the COPY, and above the RUN another one that fetches, then the COPY."""
    copy, run, model = case.copy, case.run, case.model
    destination = copy.destination
    if destination is None or "\n" in destination.value or copy.exec_form or copy.flag("parents"):
        return None
    if not _is_harmless_between(case):
        return None
    from dflint.rules._insertion import place_before

    text = model.source.text
    start = _start_with_comments(copy, model)
    moved = text[start : copy.end].replace("\r\n", "\n")
    at = place_before(run, model)
    keyword = text[run.keyword.start : run.keyword.end]
    edits = [
        Edit(start, copy.full_end, "".join(line + "\n" for line in lines)),
        Edit(at, at, f"{keyword} {fetch}\n{moved}\n"),
    ]
    if at < copy.full_end:
        return None
    return Fix.of("Copy the manifests and fetch first, the rest after that", "unsafe", edits, removes=[copy.start])


def _start_with_comments(copy: Transfer, model: Model) -> int:
    """Where the lines start that speak of the COPY: its own, or the comments right above it.

    Comments about installing stay where they are.
    """
    source = model.source
    starts = {source.line_of(comment.start): comment for comment in model.tree.comments if not comment.in_instruction}
    line = first = source.line_of(copy.start)
    about = ""
    while (comment := starts.get(first - 1)) is not None:
        first -= 1
        about += comment.text.lower()
    if any(word in about for word in ("install", "dependenc", "package", "requirement", "modules")):
        first = line
    return source.line_starts[first - 1]


def _first_that_needs_sources(case: Case) -> tuple[Sequence[Pipeline], int | None] | None:
    """Where in the RUN the first command stands that may need the sources.

    The elements of its chain and the index among them, None if there is no such command; no answer at all if it
    stands before the install, or the RUN cannot be split there.
    """
    script = case.model.script_of(case.run)
    chain = script.and_chain() if script is not None else None
    seen = False
    leaks = False
    for command in case.model.commands_of(case.run):
        if command is case.step.command:
            seen = True
        elif (
            command.program in ("cd", "export", "set", "exec", "pushd", ".", "source", "umask") or command.name is None
        ):
            leaks = True
        elif not _is_independent(command):
            if not seen or leaks or chain is None:
                return None
            at = next((i for i, element in enumerate(chain) if element.start <= command.start < element.end), 0)
            if not at or chain[at].start <= case.step.command.start:
                return None
            return chain, at
    return chain or (), None


_CONFIGURES = frozenset(
    ("config", "enable", "config set", "config get", "prepare")
)  # fmt: skip
_BESIDE_THE_PROJECT = frozenset(
    ("pip", "pipx", "gem", "conda", "mamba", "micromamba")
)  # fmt: skip
_NOT_OF_THE_PROJECT = ("/var/", "/tmp/", "/root/.", "/usr/share/", "~/.", "/usr/local/share/.cache")


def _is_independent(command: Command) -> bool:
    """Whether a command surely does without the project's files and leaves them alone.

    Other installs of dependencies count as dependent: their manifests are not there yet.
    """
    from dflint.packages import parse_package_command
    from dflint.rules._installs import install_of
    from dflint.rules._workload import SYSTEM_MANAGERS, kind_of, may_be_package_command

    for redirect in command.redirects:
        target = redirect.target.value if redirect.target is not None else None
        if target not in ("/dev/null", "1", "2"):
            return False
    package = parse_package_command(command) if may_be_package_command(command) else None
    if package is not None:
        if package.action == "clean" or (package.action == "other" and package.subcommand_name in _CONFIGURES):
            return package.manager not in ("mvn", "gradle", "cargo", "go", "dotnet")
        if any(p.source in ("path", "file", "variable") for p in package.packages) or install_of(package) is not None:
            return False
        return (
            package.manager in SYSTEM_MANAGERS
            or package.manager in _BESIDE_THE_PROJECT
            or (package.manager == "uv" and package.subcommand_name == "pip install")
            or (package.manager in ("npm", "pnpm", "bun") and package.has("-g", "--global"))
            or package.subcommand_name.startswith("global ")
        )
    kind = kind_of(command)
    values = [word.value or "" for word in command.arguments]
    if kind == "cheap":
        if command.program == "rm":
            return all(value.startswith(("-", *_NOT_OF_THE_PROJECT)) for value in values)
        return command.program in ("echo", "true", ":", "printf", "set", "export")
    return False
