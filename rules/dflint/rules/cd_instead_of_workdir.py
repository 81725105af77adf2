from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Environment, Model
    from dflint.shell import Command, Script, Word
    from dflint.syntax.tree import Instruction, Run

_TEMPORARY = ("/tmp", "/var/tmp")
_CHANGING = frozenset(("cd", "pushd", "popd", "chdir"))
_ENDINGS = frozenset(("exit", "return", "true", "false", ":"))


class CdInsteadOfWorkdir(Rule):
    """A RUN begins with `cd` where WORKDIR would do.

    ## Why is this bad?

    `cd` holds for its own RUN only. The next one is back in the old folder, which is easy to overlook, and each RUN
    has to say it again. WORKDIR says it once, creates the folder, and holds for COPY and CMD too. A `cd` at the end of
    a RUN has no effect at all.

    ## Exceptions

    Only a `cd` that comes first in the RUN, and is the only one, can be a WORKDIR. So the rule is silent where the
    folder is made in the same RUN (`git clone ... && cd ... && ...`), in subshells and conditions, where the script
    changes back or goes on to another folder, where the folder is temporary or deleted at the end, and where its name
    is only known to the shell.

    ## Fix safety

    The fix puts WORKDIR before the RUN (or in its place, if it does nothing else) and, where later instructions would
    notice, the old WORKDIR behind it. It is unsafe: the folder is created if it is missing, which `cd` would not.
    Without a WORKDIR of the Dockerfile to go back to there is no fix.

    ## Differs from hadolint

    hadolint reports every `cd`, also those that WORKDIR cannot replace.
    """

    name = "cd-instead-of-workdir"
    category = "style"
    level = "info"
    aliases = ("DL3003",)
    since = "0.1.0"

    bad = (
        Bad(
            'FROM debian:12\nWORKDIR /app\nRUN cd client && make\nCMD ["./run"]\n',
            at=("cd client",),
            fixed='FROM debian:12\nWORKDIR /app\nWORKDIR client\nRUN make\nWORKDIR /app\nCMD ["./run"]\n',
        ),
        Bad(
            "FROM debian:12\n# build\nrun cd /src \\\n # all of it\n && make \\\n && make install\nWORKDIR /app\n",
            at=("cd /src",),
            fixed="FROM debian:12\nWORKDIR /src\n# build\nrun make \\\n && make install\nWORKDIR /app\n",
        ),
        Bad('FROM debian:12\nRUN cd /src && make\nCMD ["./run"]\n', at=("cd /src",)),
        Bad(
            "FROM debian:12\nRUN cd /src\nRUN make\n", at=("cd /src",), fixed="FROM debian:12\nWORKDIR /src\nRUN make\n"
        ),
        Bad(
            "FROM debian:12\nENV HOME_OF=/app\nRUN cd $HOME_OF/x && make\nWORKDIR /\n",
            at=("cd $HOME_OF/x",),
            fixed="FROM debian:12\nENV HOME_OF=/app\nWORKDIR $HOME_OF/x\nRUN make\nWORKDIR /\n",
        ),
        Bad("FROM debian:12\nONBUILD RUN cd /src && make\n", at=("cd /src",)),
        Bad("FROM debian:12\nRUN git clone https://example.org/x && cd x || exit 1\n", at=("cd x",)),
    )
    good = (
        Good("FROM debian:12\nRUN git clone https://example.org/x.git && cd x && make\n"),
        Good("FROM debian:12\nRUN (cd /src && make)\n"),
        Good("FROM debian:12\nRUN cd /src && make && cd / && rm -rf /src\n"),
        Good("FROM debian:12\nRUN cd /src && make && cd ../other && make\n"),
        Good("FROM debian:12\nRUN cd /tmp && curl -fsSLO https://example.org/x.tar.gz && tar xf x.tar.gz\n"),
        Good("FROM debian:12\nRUN cd /src && make && rm -rf /src\n"),
        Good('FROM debian:12\nRUN cd "$(mktemp -d)" && make\n'),
        Good("FROM debian:12\nRUN cd $SOME_VARIABLE && make\n"),
        Good("FROM debian:12\nRUN if [ -d /src ]; then cd /src && make; fi\n"),
        Good("FROM debian:12\nRUN <<EOF\nset -e\ncd /src\nmake\nEOF\n"),
        Good("FROM debian:12\nWORKDIR /src\nRUN make\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        text = run.shell_text
        if text is None or run.heredocs or "cd " not in text.text:
            return
        script = model.script_of(run)
        if script is None or script.errors:
            return
        commands = [command for command in script.commands() if command.program in _CHANGING]
        if len(commands) != 1 or commands[0].program != "cd" or commands[0].pipeline.parent is not script.body:
            return
        command = commands[0]
        if _is_last(command, script):
            fix = _fix_lone(command, script, run, model)
            yield self.finding(command, '"cd" at the end of a RUN has no effect: use WORKDIR', fix)
        elif command.pipeline.index == 0 and script.and_chain() is not None:
            target = _target(command)
            if target is not None and _is_known(target, model.environment_before(run)) and _is_kept(target, script):
                message = '"cd" holds for this RUN only: use WORKDIR'
                yield self.finding(command, message, _fix(target, script, run, model))


def _is_last(command: Command, script: Script) -> bool:
    """Whether nothing follows that could notice, ``|| exit`` aside."""
    pipeline, items = command.pipeline, script.body.items
    if len(pipeline.commands) > 1 or pipeline.negated or items[pipeline.index].operator == "&":
        return False
    if pipeline.index == len(items) - 1:
        return True
    after = items[pipeline.index + 1].node.commands
    is_end = pipeline.index == len(items) - 2 and items[pipeline.index].operator == "||"
    return is_end and len(after) == 1 and getattr(after[0], "program", None) in _ENDINGS


def _target(command: Command) -> Word | None:
    if len(command.pipeline.commands) > 1 or command.assignments or command.redirects:
        return None
    words = command.arguments
    if len(words) != 1 or words[0].substitutions or words[0].has_glob or words[0].has_braces:
        return None
    word = words[0]
    return None if word.raw.startswith(("~", "-", "<", "[")) or not word.raw else word


def _is_known(target: Word, environment: Environment) -> bool:
    if target.value is not None:
        return bool(target.value)
    return all(
        use.modifier is None and (variable := environment.lookup(use.name)) is not None and variable.is_set
        for use in target.variables
    ) and bool(target.variables)


def _is_kept(target: Word, script: Script) -> bool:
    path = (target.value or target.raw).rstrip("/")
    if any(path == folder or path.startswith(folder + "/") for folder in _TEMPORARY):
        return False
    from dflint.rules._removed_paths import removed_paths

    last = path.rpartition("/")[2]
    for command in script.commands():
        if command.program == "rm" and any(
            removed is not None and last and last in removed.rstrip("/*").rpartition("/")[2]
            for removed in removed_paths(command)
        ):
            return False
    return True


def _may_move(target: Word, run: Run, model: Model) -> bool:
    raw = target.raw
    if run.is_onbuild_trigger or run.flags or model.environment_before(run).is_windows:
        return False
    source = model.source
    return not set(raw) & set("\\`'") and source.line_span(source.line_of(run.start)).start == run.start


def _fix_lone(command: Command, script: Script, run: Run, model: Model) -> Fix | None:
    """WORKDIR in the place of a RUN that is only ``cd``."""
    target = _target(command)
    if target is None or len(script.body.items) > 1 or not _may_move(target, run, model):
        return None
    if not _is_known(target, model.environment_before(run)):
        return None
    from dflint.findings import Edit, Fix

    edit = Edit(run.start, command.end, f"WORKDIR {target.raw}")
    return Fix("Use WORKDIR", "unsafe", (edit,), (run.start,))


def _fix(target: Word, script: Script, run: Run, model: Model) -> Fix | None:
    items = script.body.items
    raw = target.raw
    if not _may_move(target, run, model):
        return None
    source = model.source
    before = _workdir_to_restore(run, model)
    if before is None:
        return None
    from dflint.findings import Edit, Fix
    from dflint.rules._insertion import place_before

    at = place_before(run, model)
    edits = [
        Edit(at, at, f"WORKDIR {raw}\n"),
        Edit(items[0].node.start, items[1].node.start, ""),
    ]
    if before:
        end = run.full_end
        newline = "" if source.text[end - 1 : end] == "\n" else "\n"
        edits.append(Edit(end, end, f"{newline}WORKDIR {before}" + ("" if newline else "\n")))
    return Fix.of("Use WORKDIR", "unsafe", edits)


def _workdir_to_restore(run: Run, model: Model) -> str | None:
    """What WORKDIR must say after the RUN; empty if nothing after it would notice; None if that is not known."""
    stage = model.stage_of(run)
    if stage is None:
        return None
    for instruction in stage.instructions:
        if instruction.index <= run.index:
            continue
        notices = _notices(instruction)
        if notices is None:
            return ""
        if notices:
            break
    workdir = model.environment_before(run).workdir
    return workdir if workdir is not None and " " not in workdir and "$" not in workdir else None


def _notices(instruction: Instruction) -> bool | None:
    """Whether an instruction depends on the working directory; None if it sets it anew."""
    if instruction.type == "workdir":
        value = getattr(instruction, "value", None)
        return None if value is not None and value.text.startswith(("/", '"/')) else True
    return instruction.type not in ("env", "label", "arg", "expose", "user", "stopsignal", "maintainer", "volume")
