"""The grounds of deviations from hadolint: tests of a difference, on the file and not on what either tool says."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from dflint.packages import parse_package_command
from dflint.shell.nodes import Compound
from dflint.syntax.tree import (
    Add,
    Env,
    From,
    Instruction,
    Label,
    Onbuild,
    PairsInstruction,
    Run,
    Transfer,
    User,
    Workdir,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hadolint_difference import Difference

    from dflint.model import Stage
    from dflint.packages.command import PackageCommand
    from dflint.shell import Command, Pipeline, Word

MANAGERS = {
    "DL3008": ("apt-get",), "DL3013": ("pip",), "DL3014": ("apt-get",), "DL3015": ("apt-get",), "DL3016": ("npm",),
    "DL3018": ("apk",), "DL3019": ("apk",), "DL3028": ("gem",), "DL3030": ("yum",), "DL3032": ("yum",),
    "DL3033": ("yum",), "DL3034": ("zypper",), "DL3036": ("zypper",), "DL3037": ("zypper",),
    "DL3038": ("dnf", "microdnf"), "DL3040": ("dnf", "microdnf"), "DL3041": ("dnf", "microdnf"), "DL3042": ("pip",),
    "DL3009": ("apt-get", "apt", "aptitude"), "DL3060": ("yarn",), "DL3062": ("go",),
}  # fmt: skip
"""Code to the package managers that it is about."""
TOOLS = ("wget", "curl")


# --- Stages


def is_in_no_image(difference: Difference) -> bool:
    return difference.stage is not None and not difference.is_in_image


def is_stage_for_target(difference: Difference) -> bool:
    """Whether the stage is not the last one, and no other uses it: it is there to be built by ``--target``."""
    stage = difference.stage
    return stage is not None and stage is not difference.model.target and not stage.children and not stage.users


def has_later_user(difference: Difference) -> bool:
    instruction, model = difference.instruction, difference.model
    if not difference.is_in_image or instruction is None:
        return False
    later = [i for i in model.instructions if i.index > instruction.index and isinstance(i, User)]
    return any((stage := model.stage_of(i)) is not None and _is_shipped(stage, difference) for i in later)


def _is_shipped(stage: Stage, difference: Difference) -> bool:
    current = difference.model.target
    while current is not None and current is not stage:
        current = current.parent
    return current is not None


def is_root(difference: Difference) -> bool:
    return any(word.strip("'\"").partition(":")[0] in ("root", "0") for word in difference.text.split()[1:])


def leaves_root(difference: Difference) -> bool:
    text = difference.model.source.text
    return any(program in text for program in ("gosu", "su-exec", "setpriv", "s6-", "/init", "systemd"))


def starts_from_scratch(difference: Difference) -> bool:
    stage = difference.stage
    return stage is not None and stage.root.is_scratch


# --- Names and variables


def has_variable(difference: Difference) -> bool:
    return "$" in difference.text


def is_copied_from_image(difference: Difference) -> bool:
    return not isinstance(difference.instruction, From) and "from=" in difference.text


def is_copied_to_folder(difference: Difference) -> bool:
    """Whether the target is ``.``, a variable, or a WORKDIR of the file."""
    instruction = difference.instruction
    target = instruction.destination if isinstance(instruction, Transfer) else None
    if instruction is None or target is None:
        return False
    environment = difference.model.environment_before(instruction)
    text = environment.expand(target) or target.text.strip("'\"")
    folders = [i.value.text for i in difference.model.instructions if isinstance(i, Workdir) and i.value is not None]
    return "$" in text or text in (".", "..") or text.startswith("./") or text in folders


def is_no_reference(difference: Difference) -> bool:
    """Whether the base is a placeholder that some tool fills in: no image can have this name."""
    instruction = difference.instruction
    if not isinstance(instruction, From) or instruction.image is None or "$" in instruction.image.text:
        return False
    from dflint.model import ImageReference

    return ImageReference.parse(instruction.image.text) is None


def is_stage_by_variable(difference: Difference) -> bool:
    instruction, stage = difference.instruction, difference.stage
    return (
        isinstance(instruction, From)
        and instruction.image is not None
        and "$" in instruction.image.text
        and stage is not None
        and bool(stage.parents)
    )


def is_external_image(difference: Difference) -> bool:
    instruction = difference.instruction
    flag = instruction.flag("from") if instruction is not None else None
    if flag is None or flag.text.isdigit() or "$" in flag.text or _stage_named(flag.text, difference) is not None:
        return False
    names = [stage.name for stage in difference.model.stages if stage.name]
    return bool(set(flag.text) & set("/:.")) or not get_close_matches(flag.text, [*names, "builder"])


def names_stage_in_other_case(difference: Difference) -> bool:
    flag = difference.instruction.flag("from") if difference.instruction is not None else None
    named = _stage_named(flag.text, difference) if flag is not None else None
    return named is not None and difference.stage is not None and named.index < difference.stage.index


def copies_bare_image(difference: Difference) -> bool:
    """Whether the source is an image, or a stage without an instruction that could bring much into it."""
    flag = difference.instruction.flag("from") if difference.instruction is not None else None
    stage = _stage_named(flag.text, difference) if flag is not None else None
    return stage is None or stage.root.is_scratch or not any(isinstance(i, Run) for i in stage.instructions)


def _stage_named(name: str, difference: Difference) -> Stage | None:
    stages = difference.model.stages
    if name.isdigit():
        return stages[int(name)] if int(name) < len(stages) else None
    return next((stage for stage in stages if stage.name == name.lower()), None)


# --- Package managers


def commands_of_code(difference: Difference) -> list[PackageCommand]:
    managers = MANAGERS.get(difference.code, ())
    return [found for found in difference.package_commands if found.manager in managers]


def has_dynamic_operand(difference: Difference) -> bool:
    """Whether a command of the code's managers has an operand that only the build knows."""
    installs = [found for found in commands_of_code(difference) if found.operands]
    dynamic = [found for found in installs if any(_is_dynamic(word) for word in found.operands)]
    return bool(dynamic) and all(_is_dynamic(w) or _has_version(w) for found in dynamic for w in found.operands)


def _is_dynamic(word: Word) -> bool:
    return bool(word.variables or word.substitutions or word.has_glob)


def _has_version(word: Word) -> bool:
    text = word.value or ""
    return bool(set(text) & set("=<>~@:/.")) or any(part[:1].isdigit() for part in text.split("-")[1:])


def has_dynamic_option(difference: Difference) -> bool:
    """Whether a command of the code's managers, or wget, has a variable that by its name holds options."""
    commands = [found.command for found in commands_of_code(difference)]
    commands += [c for c in difference.commands if c.program == "wget" and difference.code == "DL3047"]
    return any(
        part in use.name.upper()
        for command in commands
        for word in command.arguments
        for use in word.variables
        for part in ("OPT", "FLAG", "ARG", "@", "*")
    )


def is_wrapped(difference: Difference) -> bool:
    """Whether all commands found are run by another one (sudo, env, bash -c) or called by path."""
    if difference.code == "DL4001":
        return any(_is_behind_another(command) for command in _downloads(difference))
    commands = difference.commands_at_findings()
    return bool(commands) and all(map(_is_behind_another, commands))


def _is_behind_another(command: Command) -> bool:
    is_path = command.name is not None and "/" in command.name.raw
    return command.in_string or command.in_substitution or command.unwrapped() is not command or is_path


def _downloads(difference: Difference) -> list[Command]:
    """The calls of wget and curl in the stage."""
    runs = [i for i in difference.stage.instructions if isinstance(i, Run)] if difference.stage is not None else []
    return [c for run in runs for c in difference.model.commands_of(run) if c.unwrapped().program in TOOLS]


def is_cleaned_otherwise(difference: Difference) -> bool:
    """Whether something may empty the cache after it was filled first."""
    filled = min((read.command.start for read in commands_of_code(difference) if read.action != "clean"), default=0)
    for command in difference.commands:
        if command.start < filled:
            continue
        program = command.program or command.raw
        words = " ".join(word.raw for word in command.arguments)
        if program in ("rm", "find") and any(p in words for p in ("/var/lib", "/var/cache", ".cache", "$", "/var/*")):
            return True
        if program in ("curl", "wget", "sh", "bash") and "clean" in words:
            return True
        if "clean" in program or words in ("distclean", "dist-clean") or "purge" in words or program.endswith(".sh"):
            return True
    found = [read for read in commands_of_code(difference) if read.action in ("install", "upgrade", "clean")]
    return bool(found) and found[-1].action == "clean"


def writes_configuration(difference: Difference) -> bool:
    text = difference.model.source.text.lower()
    return any(mark in text for mark in ("apt.conf", "apt::", "pip.conf", "yum.conf", "dnf.conf", "assumeyes"))


def has_environment(difference: Difference) -> bool:
    text = difference.model.source.text
    return any(name in text for name in ("PIP_NO_CACHE_DIR", "PIP_CACHE_DIR", "PIP_CONSTRAINT", "YARN_CACHE_FOLDER"))


def fills_otherwise(difference: Difference) -> bool:
    """Whether a command of the code's managers that is no plain install fills the cache."""
    return any(
        found.subcommand_name not in ("install", "add")
        for found in commands_of_code(difference)
        if found.action in ("update", "upgrade", "install", "download") or "cache" in found.subcommand_name
    )


def removes_something_else(difference: Difference) -> bool:
    return any(command.program == "rm" for command in difference.commands)


def uses_other_cache(difference: Difference) -> bool:
    options = ("--no-network", "--cache-dir", "--no-index", "--dry-run", "--help", "--cache-folder", "--immutable")
    return any(found.has(*options) for found in commands_of_code(difference))


def chooses_release(difference: Difference) -> bool:
    installs = [found for found in commands_of_code(difference) if found.action == "install"]
    return bool(installs) and all(
        found.has("-t", "--target-release", "--default-release") or all(map(_has_version, found.operands))
        for found in installs
    )


def names_no_package(difference: Difference) -> bool:
    return any(not found.packages for found in commands_of_code(difference) if found.action == "install")


def is_other_subcommand(difference: Difference) -> bool:
    return any(
        found.action in ("remove", "upgrade") or found.subcommand_name in ("build-dep", "reinstall")
        for found in commands_of_code(difference)
    )


def has_short_subcommand(difference: Difference) -> bool:
    return any(
        found.action == "install" and found.subcommand_name != "install" for found in commands_of_code(difference)
    )


def is_apt(difference: Difference) -> bool:
    return any(found.manager in ("apt", "aptitude") for found in difference.package_commands)


def is_microdnf(difference: Difference) -> bool:
    return any(found.manager == "microdnf" for found in commands_of_code(difference))


def has_digits_in_name(difference: Difference) -> bool:
    return any(
        package.version is None and any(part[:1].isdigit() for part in package.name.split("-")[1:])
        for found in commands_of_code(difference)
        for package in found.packages
    )


def has_repository(difference: Difference) -> bool:
    return any(p.source == "vcs" and p.version is None for f in commands_of_code(difference) for p in f.packages)


def is_versions_program(difference: Difference) -> bool:
    """Whether a program's name ends in its version: ``gem1.9.1``, ``pip3.7``."""
    return any((c.program or "")[-1:].isdigit() for c in difference.commands)


def has_go_module(difference: Difference) -> bool:
    """Whether there may be a ``go.mod``, or the sources themselves: something was copied, cloned or unpacked before."""
    instruction, model = difference.instruction, difference.model
    if instruction is None:
        return False
    packages = [package for found in commands_of_code(difference) for package in found.packages]
    if packages and all(package.version for package in packages):
        return False
    if any(command.program in ("git", "cd", "tar", "curl", "wget") for command in difference.commands):
        return True
    before = [i for i in model.instructions if i.index < instruction.index]
    names = ["/".join(package.name.split("/")[:3]) for package in packages if not package.version]
    has_sources = any(i.type in ("copy", "add") for i in before) or isinstance(instruction.parent, Onbuild)
    return has_sources or all(any(name in i.line.text for i in before) for name in names)


def is_for_older_go(difference: Difference) -> bool:
    """Whether each unpinned package is one of ``go get``, by a Go that is before 1.16 or of unknown age."""
    unpinned = [f for f in commands_of_code(difference) if any(not package.version for package in f.packages)]
    if not unpinned or any(found.subcommand_name != "get" for found in unpinned):
        return False
    image = difference.stage.root.image if difference.stage is not None else None
    if image is None or image.family != "golang":
        return "GO111MODULE=on" not in difference.model.source.text
    if "GO111MODULE=on" in difference.text:
        return False
    version = re.match(r"1\.(\d+)", image.tag or "")
    return version is not None and int(version[1]) < 16


def is_for_other_shell(difference: Difference) -> bool:
    """Whether another than a POSIX shell reads the RUN."""
    instruction = difference.instruction
    if not isinstance(instruction, Run):
        return False
    script = difference.model.script_of(instruction)
    return script is not None and script.is_opaque


# --- Commands


def cannot_be_workdir(difference: Difference) -> bool:
    """Whether the ``cd`` is not the one thing that the RUN starts with, or goes to where no WORKDIR would lead."""
    instruction = difference.instruction
    if not isinstance(instruction, Run) or instruction.heredocs:
        return True
    script = difference.model.script_of(instruction)
    if script is None or script.errors or not script.body.items:
        return True
    moves = [c for c in difference.direct_commands if c.program in ("cd", "pushd", "popd", "chdir")]
    after = [c for c in difference.direct_commands if moves and c.start > moves[-1].end]
    is_direct = len(moves) == 1 and moves[0].pipeline.parent is script.body
    if is_direct and all(command.program == "exit" for command in after):
        return False
    first = script.body.items[0].node
    if len(moves) != 1 or moves[0].pipeline is not first or script.and_chain() is None:
        return True
    if len(moves[0].arguments) != 1:
        return True
    word = moves[0].arguments[0]
    environment = difference.model.environment_before(instruction)
    target = environment.expand_text(word.value or word.raw) or ""
    is_temporary = target.startswith(("/tmp", "/var/tmp"))
    is_for_shell = bool(word.substitutions) or word.raw[:1] in ("~", "-") or not target or "$" in target
    return is_for_shell or is_temporary or "rm " in difference.text


def runs_service(difference: Difference) -> bool:
    """Whether the RUN starts or stops a process of its own and does something else too, or a service writes files."""
    if "&" in difference.text and ("kill" in difference.text or difference.has_program("service")):
        return True
    calls = [command.arguments for command in difference.commands if command.program == "service"]
    return any(len(words) > 1 and (words[1].value or "").startswith("init") for words in calls)


def has_number_in_variable(difference: Difference) -> bool:
    """Whether the UID is not written as a number."""
    return not any(
        (word.value or "").removeprefix("-u").removeprefix("--uid=").isdigit()
        and len((word.value or "").removeprefix("-u").removeprefix("--uid=")) > 5
        for command in difference.commands
        if command.program == "useradd"
        for word in command.arguments
    )


def is_busybox(difference: Difference) -> bool:
    stage = difference.stage
    image = stage.root.image_name if stage is not None else None
    if image is None:
        return False
    if any(found.manager == "apk" and _names(found, "wget") for found in _package_commands(stage, difference)):
        return False
    return any(part in f"{image.family}:{image.tag}" for part in ("alpine", "busybox")) or image.family == "docker"


def _package_commands(stage: Stage | None, difference: Difference) -> Iterator[PackageCommand]:
    """Those of a stage and of the ones that it starts from, up to the instruction."""
    while stage is not None:
        for run in (i for i in stage.instructions if isinstance(i, Run) and _is_before(i, difference)):
            for command in difference.model.commands_of(run):
                found = parse_package_command(command.unwrapped())
                if found is not None:
                    yield found
        stage = stage.parent


def _is_before(run: Run, difference: Difference) -> bool:
    return difference.instruction is not None and run.index <= difference.instruction.index


def _names(found: PackageCommand, package: str) -> bool:
    return any(p.name == package for p in found.packages)


def is_quiet_otherwise(difference: Difference) -> bool:
    quiet = ("--spider", "--version", "--help", "-V", "-h", "-b", "--background", "-nc")
    return any(
        command.program == "wget"
        and (any((w.value or "") in quiet or (w.value or "").startswith("-q") for w in command.arguments)
             or any(r.fd == "2" or "&" in r.operator for r in command.redirects) or not command.arguments)
        for command in difference.commands
    )  # fmt: skip


def is_reported_for_stage(difference: Difference) -> bool:
    """Whether dflint names both tools at another RUN of the same stage."""
    model, stage = difference.model, difference.stage
    source = model.source
    return stage is not None and any(
        source.line_of(i.start) in difference.others for i in model.instructions if model.stage_of(i) is stage
    )


def is_alternative(difference: Difference) -> bool:
    """Whether a RUN of the stage calls one of both right of ``||``, or asks whether it is there."""
    stage, text = difference.stage, difference.model.source.text
    script = " ".join(text[stage.start : stage.end].replace("\\", " ").split()) if stage is not None else ""
    return any(f"{before} {tool}" in script for before in ("||", "command -v", "else", "which") for tool in TOOLS)


def pipelines(difference: Difference) -> list[Pipeline]:
    instruction = difference.instruction
    script = difference.model.script_of(instruction) if isinstance(instruction, Run) else None
    return [p for p in script.pipelines() if len(p.commands) > 1] if script is not None else []


def only_prints_into_pipe(difference: Difference) -> bool:
    """Whether what stands before each pipe only prints, or the pipe is a test or its failure is caught."""
    found = pipelines(difference)
    return bool(found) and all(_prints(p) or _is_test(p) for p in found)


def ends_in_checksum(difference: Difference) -> bool:
    """Whether pipefail would save no status in the RUN, and one pipe is into ``sha256sum -c`` or the like."""
    return _is_lost_anyway(difference) and any(map(_checks_sums, pipelines(difference)))


def is_dropped_by_shell(difference: Difference) -> bool:
    """Whether pipefail would save no status in the RUN, and one pipe is in a ``$(...)`` whose status nobody sees."""
    return _is_lost_anyway(difference) and any(map(_is_in_dropped_substitution, pipelines(difference)))


def goes_on_after_failure(difference: Difference) -> bool:
    """Whether pipefail would save no status in the RUN, and one pipe is before a ``;`` without ``set -e``."""
    return _is_lost_anyway(difference) and any(_is_passed_over(p, difference) for p in pipelines(difference))


def _is_lost_anyway(difference: Difference) -> bool:
    found = pipelines(difference)
    return bool(found) and all(
        _prints(p) or _is_test(p) or _checks_sums(p) or _is_in_dropped_substitution(p) or _is_passed_over(p, difference)
        for p in found
    )


def _prints(pipeline: Pipeline) -> bool:
    for command in pipeline.commands[:-1]:
        program = getattr(command, "program", None)
        is_cat = program == "cat" and not getattr(command, "arguments", ())
        if program is not None and program not in ("echo", "printf", "yes", "true", ":") and not is_cat:
            return False
    return True


def _is_test(pipeline: Pipeline) -> bool:
    """Whether the pipeline is a test, ``|| true`` follows, or it is run by a shell of its own."""
    if pipeline.in_condition or pipeline.negated or pipeline.in_string:
        return True
    here, *after = pipeline.parent.items[pipeline.index :]
    return here.operator == "||" and bool(after) and after[0].node.raw in ("true", ":")


def _checks_sums(pipeline: Pipeline) -> bool:
    words = pipeline.commands[-1].raw.split()
    return words[0].endswith("sum") and any(w == "--check" or re.fullmatch("-[a-z]*c[a-z]*", w) for w in words[1:])


def _is_in_dropped_substitution(pipeline: Pipeline) -> bool:
    """Whether it is in a ``$(...)`` that is not the value of a bare ``x=$(...)``."""
    around = (holder.parent for holder, _ in pipeline.enclosing_lists() if holder.role == "substitution")
    return any(isinstance(user, Compound) or (user is not None and user.name is not None) for user in around)


def _is_passed_over(pipeline: Pipeline, difference: Difference) -> bool:
    """Whether the shell goes on after its failure: something follows, there is no ``||``, and no ``set -e``."""
    instruction = difference.instruction
    script = difference.model.script_of(instruction) if isinstance(instruction, Run) else None
    if instruction is None or script is None or "errexit" in script.options_set():
        return False
    first = script.text.text.partition("\n")[0]
    shell = first.split() if first.startswith("#!") else difference.model.environment_before(instruction).shell
    if any(re.fullmatch("-[a-z]*e[a-z]*|errexit", word) for word in shell[1:]):
        return False
    for holder, inner in pipeline.enclosing_lists():
        after = [item.operator for item in holder.items[inner.index :]]
        chain = next((at for at, operator in enumerate(after) if operator != "&&"), len(after))
        if after[chain : chain + 1] == ["||"]:
            return False
        if chain < len(after) - 1 or after[-1] == "&":
            return True
    return False


def sets_pipefail(difference: Difference) -> bool:
    instruction = difference.instruction
    if "pipefail" in difference.text or instruction is None:
        return True
    environment = difference.model.environment_before(instruction)
    return any("pipefail" in word for word in environment.shell) or environment.lookup("SHELLOPTS") is not None


def is_in_onbuild(difference: Difference) -> bool:
    return difference.instruction is not None and difference.instruction.is_onbuild_trigger


# --- RUN after RUN


def _runs_before(difference: Difference) -> list[Run]:
    """The RUNs right above the one in question, the nearest first."""
    instruction, stage = difference.instruction, difference.stage
    found: list[Run] = []
    if instruction is None or stage is None:
        return found
    for other in reversed([i for i in stage.instructions if i.index < instruction.index]):
        if not isinstance(other, Run):
            break
        found.append(other)
    return found


def _is_not_plain(run: Instruction, difference: Difference) -> bool:
    if not isinstance(run, Run):
        return True
    script = difference.model.script_of(run)
    return bool(run.exec_form or run.heredocs) or script is None or script.is_opaque or bool(script.errors)


def cannot_be_joined(difference: Difference) -> bool:
    above = _runs_before(difference)
    return difference.instruction is not None and any(
        _is_not_plain(run, difference) for run in (difference.instruction, *above[:1])
    )


def does_other_work(difference: Difference) -> bool:
    """Whether the RUN, or one above it in the row, does work of another kind, builds, or runs an unknown program."""
    from dflint.rules._workload import kinds_of

    if not isinstance(difference.instruction, Run):
        return False
    kinds = set(kinds_of(difference.model.commands_of(difference.instruction))) - {"cheap"}
    above = {k for run in _runs_before(difference) for k in kinds_of(difference.model.commands_of(run))} - {"cheap"}
    heavy = kinds | above
    return bool(kinds and above) and (len(heavy) > 1 or bool(heavy & {"script", "build"}))


def has_more_commands(difference: Difference) -> bool:
    """Whether one of the two RUNs has more than one command, or something above keeps hadolint from counting."""
    above = _runs_before(difference)
    if not isinstance(difference.instruction, Run) or not above:
        return False
    return any(len(difference.model.commands_of(run)) != 1 for run in (difference.instruction, *above[:1]))


def has_many_commands(difference: Difference) -> bool:
    """Whether one of the two RUNs has more than two commands."""
    runs = [run for run in (difference.instruction, *_runs_before(difference)[:1]) if isinstance(run, Run)]
    return any(len(difference.model.commands_of(run)) > 2 for run in runs)


# --- ENV, ARG, LABEL


def pairs(difference: Difference) -> list[tuple[str, str]]:
    instruction = difference.instruction
    if not isinstance(instruction, PairsInstruction):
        return []
    return [(p.key.text, p.value.text.strip("'\"") if p.value is not None else "?") for p in instruction.pairs]


def holds_no_secret(difference: Difference) -> bool:
    """Whether each name that hadolint takes for a secret is a user's or speaks about one, or has no value."""
    about = ("username", "goprivate", "file", "tokeniz", "version", "allow", "os_name", "private_zone", "private_rev")
    words = ("api_key", "client_key", "password", "private", "secret", "token", "username", "passwd", "_key", "osname")
    said = [
        (n.lower(), v) for n, v in pairs(difference) if any(w in n.lower().replace("os_name", "osname") for w in words)
    ]
    is_env = isinstance(difference.instruction, Env)
    return bool(said) and all(
        any(word in name for word in about)
        or (is_env and not value)
        or re.fullmatch(r"\d{1,3}|true|false|none|null|yes|no|on|off", value.lower())
        for name, value in said
    )


def holds_script_name(difference: Difference) -> bool:
    """Whether the values of names that hadolint takes for secrets are the names of scripts, or such as above."""
    words = ("password", "private", "secret", "token", "username")
    values = [value for name, value in pairs(difference) if any(word in name.lower() for word in words)]
    return bool(values) and all(value.lower().endswith((".sh", ".py")) for value in values)


def has_more_secret_names(difference: Difference) -> bool:
    known = ("api_key", "client_key", "password", "private", "secret", "token", "username")
    names = [name.lower() for name, _ in pairs(difference)]
    return any(
        any(part in name for part in ("pass", "pwd", "key", "auth", "cred")) and not any(k in name for k in known)
        for name in names
    )


def changes_path(difference: Difference) -> bool:
    """Whether PATH is the only name of the ENV that its values speak of."""
    instruction = difference.instruction
    if not isinstance(instruction, Env):
        return False
    names = {pair.key.text for pair in instruction.pairs}
    return {use.name for p in instruction.pairs if p.value is not None for use in p.value.variables} & names == {"PATH"}


def is_quoted_legacy_label(difference: Difference) -> bool:
    """Whether the label is of the form ``LABEL key "value"``."""
    instruction = difference.instruction
    if not isinstance(instruction, Label) or instruction.pairs[0].operator is not None:
        return False
    value = instruction.pairs[0].value
    return value is not None and value.text[:1] in ("'", '"') and value.text[-1:] == value.text[:1]


def is_variable_of_label(difference: Difference) -> bool:
    """Whether the value of the label that the message names has a variable."""
    label = difference.message.partition("`")[2].partition("`")[0]
    return any("$" in value for name, value in pairs(difference) if name == label)


def is_source_in_variable(difference: Difference) -> bool:
    instruction = difference.instruction
    if not isinstance(instruction, Add):
        return False
    environment = difference.model.environment_before(instruction)
    values = (environment.expand(w) for w in instruction.sources if w.text.lstrip("\"'").startswith("$"))
    return any(not value or "://" in value or value.endswith((".gz", ".tgz", ".tar", ".xz")) for value in values)


def is_set_in_other_stage(difference: Difference) -> bool:
    names = {name for name, _ in pairs(difference)}
    return any(
        isinstance(i, Env)
        and difference.model.stage_of(i) is not difference.stage
        and names & {p.key.text for p in i.pairs}
        for i in difference.model.instructions
    )


def is_no_strict_version(difference: Difference) -> bool:
    """Whether a number of the version starts with a zero, which Semantic Versioning 2.0.0 forbids (items 2 and 9)."""
    return any(
        len(part) > 1 and part[0] == "0" and part.isdigit()
        for _, value in pairs(difference)
        for part in value.partition("+")[0].replace("-", ".").split(".")
    )


def needs_shell(difference: Difference) -> bool:
    instruction = difference.instruction
    if instruction is None:
        return False
    return difference.model.environment_before(instruction).is_shell_set or " exec " in difference.text


def is_add(difference: Difference) -> bool:
    return isinstance(difference.instruction, Add)
