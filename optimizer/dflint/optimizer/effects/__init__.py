"""What commands of a RUN do to the image's files."""

from __future__ import annotations

from posixpath import join, normpath
from typing import TYPE_CHECKING

from dflint.optimizer.effects.effect import NOTHING, Effect, Kind, Place, unknown
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dflint.model import Model
    from dflint.shell import Command
    from dflint.shell.nodes import Redirect, Word
    from dflint.syntax.tree import Run

__all__ = ["CommandEffect", "Effect", "Place", "RunEffects", "effect_of", "effects_of_run", "settings_of", "unknown"]

_MOVES = frozenset(("cd", "pushd"))


class CommandEffect(NamedTuple):
    """A simple command and its effect."""

    command: Command
    effect: Effect


class RunEffects(NamedTuple):
    """The effects of a RUN: command by command in the order of the text, and together."""

    commands: tuple[CommandEffect, ...]
    whole: Effect
    is_chain: bool
    """Whether the RUN is nothing but simple commands joined by ``&&``, each of which must succeed."""


def effects_of_run(run: Run, model: Model, place: Place) -> RunEffects:
    """The effects of a RUN; ``place`` is where it begins. What is written below a cache mount does not count."""
    script = model.script_of(run)
    if script is None:
        return _of_exec_form(run, place)
    if script.is_opaque or script.errors:
        whole = unknown("it is not written for a shell that can be read")
        return RunEffects((), whole, False)
    found: list[CommandEffect] = []
    folder = place.workdir
    for command in script.commands():
        here = place._replace(workdir=folder)
        found.append(CommandEffect(command, effect_of(command, here)))
        place = place._replace(settings=place.settings + settings_of(command))
        if command.program in _MOVES and not command.in_substitution:
            in_subshell = any(holder.role == "subshell" for holder, _ in command.enclosing_lists())
            if in_subshell or command.in_string:
                return RunEffects((), unknown("cd in a subshell"), False)
            folder = _moved(folder, command, here)
        elif command.program == "popd":
            folder = None
    found = [item._replace(effect=_without_mounts(item.effect, run, model)) for item in found]
    chain = script.and_chain()
    is_chain = chain is not None and all(
        len(pipeline.commands) == 1 and type(pipeline.commands[0]).__name__ == "Command" for pipeline in chain
    ) and len(found) == len(chain)  # fmt: skip
    return RunEffects(tuple(found), _together([item.effect for item in found]), is_chain)


def settings_of(command: Command) -> tuple[tuple[str, str], ...]:
    """What a command tells a package manager to keep for later ones; see ``Place.settings``."""
    words = [word.value or "" for word in command.words if not (word.value or "").startswith("-")]
    return ((f"poetry {words[2]}", words[3]),) if words[:2] == ["poetry", "config"] and len(words) == 4 else ()


def _of_exec_form(run: Run, place: Place) -> RunEffects:
    """An exec form is read as the command line that it is, if that needs no quotes."""
    if not run.exec_form or any(not _is_plain(word.text) for word in run.words):
        return RunEffects((), unknown("it is not a command that can be read"), False)
    from dflint.shell import parse_shell
    from dflint.source import MappedText

    text = " ".join(word.text for word in run.words)
    script = parse_shell(MappedText.contiguous(text, run.words[0].start), "sh")
    found = tuple(CommandEffect(command, effect_of(command, place)) for command in script.commands())
    return RunEffects(found, _together([item.effect for item in found]), False)


def _is_plain(text: str) -> bool:
    return bool(text) and all(char.isalnum() or char in "-_./:=+@,%" for char in text)


def _moved(folder: str | None, command: Command, place: Place) -> str | None:
    target = value_of(command.arguments[0], place) if len(command.arguments) == 1 else None
    if target is None or target.startswith(("~", "-")):
        return None
    if target.startswith("/"):
        return normpath(target)
    return None if folder is None else normpath(join(folder, target))


def _together(effects: Iterable[Effect]) -> Effect:
    """The effects as one: unknown if one is, system if one is, with all that is written."""
    every = list(effects)
    for effect in every:
        if effect.kind == "unknown":
            return effect
    kinds = {effect.kind for effect in every}
    kind: Kind = "system" if "system" in kinds else "files" if "files" in kinds else "nothing"
    return Effect(
        kind,
        tuple(dict.fromkeys(path for effect in every if effect.kind == "files" for path in effect.writes)),
        tuple(dict.fromkeys(path for effect in every for path in effect.caches)),
        tuple(dict.fromkeys(path for effect in every for path in effect.owns)),
        tuple(dict.fromkeys(text for effect in every for text in effect.again)),
        assumes="; ".join(dict.fromkeys(effect.assumes for effect in every if effect.assumes)),
    )


def _without_mounts(effect: Effect, run: Run, model: Model) -> Effect:
    """Without what lands in a cache or tmpfs mount, and so not in the image."""
    if not run.flags or effect.kind == "unknown":
        return effect
    environment = model.environment_before(run)
    targets = []
    for mount in run.mounts:
        if mount.type in ("cache", "tmpfs") and mount.target is not None:
            target = environment.expand_text(mount.target)
            if target is None:
                return unknown("the target of a mount is not known")
            targets.append(target.rstrip("/") or "/")
    kept = tuple(p for p in effect.writes if not any(p == t or p.startswith(t + "/") for t in targets))
    if kept == effect.writes:
        return effect
    return effect._replace(writes=kept, kind=effect.kind if kept or effect.kind != "files" else "nothing")


def effect_of(command: Command, place: Place) -> Effect:
    """What one command does; what it redirects to files included."""
    written = _redirected(command, place)
    if isinstance(written, Effect):
        return written
    effect = _of_command(command, place)
    if not written:
        return effect
    if effect.kind == "nothing":
        return Effect("files", written)
    return effect._replace(writes=(*effect.writes, *written)) if effect.kind == "files" else (
        effect if effect.kind == "unknown" else effect._replace(writes=(*effect.writes, *written))
    )  # fmt: skip


def _redirected(command: Command, place: Place) -> tuple[str, ...] | Effect:
    paths = []
    for redirect in command.redirects:
        path = _target(redirect, place)
        if isinstance(path, Effect):
            return path
        if path:
            paths.append(path)
    return tuple(paths)


def _target(redirect: Redirect, place: Place) -> str | Effect:
    if redirect.operator not in (">", ">>", ">|", "&>", "&>>", "<>"):
        return ""
    word = redirect.target
    value = value_of(word, place) if word is not None else None
    if value is None:
        return unknown("it writes to a file whose name is not known")
    if value.startswith("/dev/"):
        return ""
    path = absolute(value, place)
    return unknown("it writes to a file, and its folder is not known") if path is None else path


def _of_command(command: Command, place: Place) -> Effect:
    inner = command.unwrapped()
    if inner.program is None:
        if inner.name is None:  # mere assignments
            return NOTHING
        from dflint.packages import parse_package_command

        if parse_package_command(command) is None:
            return unknown(f"{inner.name.raw} is not known before it runs")
    from dflint.optimizer.effects.families import effect_in_families

    return effect_in_families(command, inner, place)


def value_of(word: Word, place: Place) -> str | None:
    """A word's value with the variables that ENV and ARG set; None if it has others, or patterns."""
    if word.value is not None:
        return None if word.has_glob or word.has_braces else word.value
    values = {name: v.value for name, v in place.environment.variables.items() if v.value is not None}
    values.setdefault("HOME", home_of(place))
    values.setdefault("PWD", place.workdir or "")
    return word.text_with(values)


def absolute(path: str, place: Place) -> str | None:
    """A path of a command made absolute and clean; None if the working directory is not known."""
    if path == "~" or path.startswith("~/"):
        return normpath(home_of(place) + path[1:])
    if path.startswith("/"):
        return normpath(path)
    if path.startswith("~") or place.workdir is None:
        return None
    return normpath(join(place.workdir, path))


def home_of(place: Place) -> str:
    """The home folder of the user at a place: HOME, root's, or the usual one of a name."""
    variable = place.environment.lookup("HOME")
    if variable is not None and variable.value:
        return variable.value
    user = (place.environment.user or "").partition(":")[0]
    return "/root" if user in ("", "0", "root") else f"/home/{user}"
