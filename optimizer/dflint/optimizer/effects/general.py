"""Commands of every Unix: copying, moving, unpacking, downloading, printing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.effects import absolute, value_of
from dflint.optimizer.effects.effect import NOTHING, Effect, Place, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dflint.shell import Command
    from dflint.shell.nodes import Word

_CACHES = (
    "/var/lib/apt/lists", "/var/cache", "/tmp", "/var/tmp", "/root/.cache", "/root/.npm", "/var/log", "/usr/share/doc",
    "/usr/share/man", "/root/.m2", "/root/.gradle", "/root/.cargo/registry", "/usr/local/cargo/registry", "/root/.gem",
    "/usr/share/info", "/usr/share/locale", "/go/pkg",
)  # fmt: skip
_HARMLESS = [
    "cd",
    "pushd",
    "popd",
    "echo",
    "printf",
    "true",
    "false",
    ":",
    "test",
    "[",
    "[[",
    "set",
    "export",
    "unset",
    "local",
    "readonly",
    "shift",
    "return",
    "exit",
    "trap",
    "type",
    "which",
    "command",
    "hash",
    "ulimit",
    "umask",
    "sleep",
    "wait",
    "read",
    "cat",
    "head",
    "tail",
    "grep",
    "egrep",
    "fgrep",
    "zgrep",
    "sort",
    "uniq",
    "cut",
    "tr",
    "wc",
    "awk",
    "gawk",
    "ls",
    "dir",
    "file",
    "stat",
    "du",
    "df",
    "pwd",
    "id",
    "whoami",
    "uname",
    "hostname",
    "date",
    "env",
    "printenv",
    "ldd",
    "nproc",
    "basename",
    "dirname",
    "readlink",
    "realpath",
    "find",
    "seq",
    "expr",
    "md5sum",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "cksum",
    "diff",
    "cmp",
    "sync",
    "nslookup",
    "getent",
    "locale",
    "arch",
    "getconf",
    "lsb_release",
    "strings",
    "nm",
    "objdump",
    "readelf",
    "ps",
    "free",
    "xargs",
    "tee",
    "yes",
    "let",
    "eval_",
    "declare",
    "typeset",
    "mkfifo_",
    "timeout",
    "jq",
    "shopt",
    "alias",
    "times",
]


def _nothing(command: Command, place: Place) -> Effect:
    return NOTHING


def operands(command: Command, with_value: Sequence[str] = ()) -> list[Word]:
    """The arguments that are no options, nor values of those in ``with_value``."""
    found = []
    takes_next = False
    ended = False
    for word in command.arguments:
        text = word.raw
        if takes_next:
            takes_next = False
        elif text == "--" and not ended:
            ended = True
        elif text.startswith("-") and len(text) > 1 and not ended:
            takes_next = text in with_value
        else:
            found.append(word)
    return found


def option(command: Command, *names: str) -> Word | None:
    """The value of an option, given as the next word."""
    words = command.arguments
    for at, word in enumerate(words[:-1]):
        if word.raw in names:
            return words[at + 1]
    return None


def has(command: Command, *names: str) -> bool:
    """Whether an option is there, letters may be combined."""
    for word in command.arguments:
        text = word.raw
        if text in names:
            return True
        if text.startswith("-") and not text.startswith("--") and any(len(n) == 2 and n[1] in text[1:] for n in names):
            return True
    return False


def paths(words: Sequence[Word], place: Place) -> list[str] | None:
    """The words as absolute paths; None if one is not known."""
    found = []
    for word in words:
        path = path_of(word, place)
        if path is None:
            return None
        found.append(path)
    return found


def path_of(word: Word, place: Place) -> str | None:
    """A word as an absolute path; of one with a pattern the folder that holds all it may stand for."""
    value = value_of(word, place)
    if value is None and (word.has_glob or word.has_braces) and "$" not in word.raw:
        value = word.raw.strip("\"'")
        first = min(value.find(char) for char in "*?[{" if char in value)
        value = value[:first].rpartition("/")[0] or ("/" if value.startswith("/") else ".")
    return None if value is None else absolute(value, place)


def is_cache(path: str) -> bool:
    """Whether nobody needs what is below a path."""
    return any(path == folder or path.startswith(folder + "/") for folder in _CACHES)


def files(found: list[str] | None, command: Command, owns: Sequence[str] = (), assumes: str = "") -> Effect:
    """The effect of writing some paths."""
    if found is None:
        return unknown(f"{command.program} writes to a path that is not known")
    kept = tuple(path for path in found if not is_cache(path))
    if "/" in kept:
        return unknown(f"{command.program} may write anywhere")
    return Effect("files", kept, owns=tuple(owns), assumes=assumes) if kept else NOTHING


def _last(command: Command, place: Place) -> Effect:
    """``cp a b``, ``mv a b``: the last operand, below it what the sources are called if it is a folder."""
    target = option(command, "-t", "--target-directory")
    words = operands(command, ("-t", "--target-directory", "-m", "-o", "-g", "--mode", "--owner", "--group", "-S"))
    if target is None:
        if len(words) < 2:
            return unknown(f"{command.program} without a target")
        target, words = words[-1], words[:-1]
    found = path_of(target, place)
    if found is None:
        return unknown(f"{command.program} writes to a path that is not known")
    return files(_below(found, target, words, place), command)


def _below(target: str, word: Word, sources: Sequence[Word], place: Place) -> list[str]:
    """The paths that are written in a target: exact where its form tells that it is a folder of others too."""
    is_folder = word.raw.endswith("/") or len(sources) > 1 or target in _SHARED
    if not is_folder:
        return [target]
    names = []
    for source in sources:
        value = value_of(source, place)
        if value is None or not value.rstrip("/") or value.rstrip("/").endswith("."):
            return [target]
        names.append(value.rstrip("/").rpartition("/")[2])
    return [f"{target.rstrip('/')}/{name}" for name in names]


_SHARED = frozenset((
    "/usr/local/bin", "/usr/bin", "/bin", "/usr/local/lib", "/usr/lib", "/opt", "/etc", "/usr/local/sbin", "/usr/sbin",
    "/usr/local/share", "/usr/share", "/usr/local", "/usr", "/lib", "/srv", "/var", "/home", "/",
))  # fmt: skip


def _mv(command: Command, place: Place) -> Effect:
    moved = _last(command, place)
    words = operands(command)
    sources = paths(words[:-1], place)
    if moved.kind == "unknown" or sources is None:
        return moved if moved.kind == "unknown" else unknown("mv moves a path that is not known")
    if any(_is_of_base(path, place) for path in sources):
        return unknown("mv moves files of the base image")
    return moved


def _is_of_base(path: str, place: Place) -> bool:
    """Whether a path may be part of the base image."""
    if any(path == folder or path.startswith(folder + "/") for folder in place.project):
        return False
    return path.startswith(
        ("/bin", "/etc", "/lib", "/sbin", "/usr/bin", "/usr/lib", "/usr/sbin", "/usr/share", "/var/lib")
    )


def _rm(command: Command, place: Place) -> Effect:
    found = paths(operands(command), place)
    if found is None:
        return unknown("rm removes a path that is not known")
    if any(_is_of_base(path, place) and not is_cache(path) for path in found):
        return Effect("system", ())
    return NOTHING


def _mkdir(command: Command, place: Place) -> Effect:
    words = operands(command, ("-m", "--mode"))
    found: list[str] = []
    for word in words:
        if word.has_braces:
            return unknown("mkdir makes folders by a pattern")
        path = path_of(word, place)
        if path is None:
            return unknown("mkdir makes a folder that is not known")
        found.append(path)
    outside = [path for path in found if not _in_project(path, place) and not is_cache(path)]
    # A folder alone is made again where it is wanted.
    return Effect("system", tuple(outside)) if outside else files([p for p in found if _in_project(p, place)], command)


def _in_project(path: str, place: Place) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in place.project)


def _touch(command: Command, place: Place) -> Effect:
    return files(paths(operands(command, ("-t", "-d", "-r")), place), command)


def _owner(command: Command, place: Place) -> Effect:
    """chown, chmod and chgrp: of the paths themselves, and of what is below with ``-R``."""
    words = operands(command)
    if not any(word.raw.startswith("--reference") for word in command.arguments):
        words = words[1:]
    found = paths(words, place)
    if found is None:
        return unknown(f"{command.program} changes a path that is not known")
    if "/" in found:
        return unknown(f"{command.program} may change everything")
    if any(_is_of_base(path, place) for path in found):
        return Effect("system", tuple(found), owns=tuple(found))
    return Effect("files", tuple(found), owns=tuple(found))


def _ln(command: Command, place: Place) -> Effect:
    words = operands(command, ("-t", "-S"))
    if not words:
        return unknown("ln without operands")
    target = path_of(words[-1], place)
    if target is None:
        return unknown("ln makes a link that is not known")
    # COPY follows a link that it is told to copy: it has to be made again, unless its folder is copied.
    return files([target], command) if _in_project(target, place) else Effect("system", (target,))


def _sed(command: Command, place: Place) -> Effect:
    if not has(command, "-i") and not any(word.raw.startswith(("-i", "--in-place")) for word in command.arguments):
        return NOTHING
    words = operands(command, ("-e", "-f", "--expression"))
    has_script = any(word.raw in ("-e", "-f", "--expression") for word in command.arguments)
    found = paths(words if has_script else words[1:], place)
    if found is not None and any(path.startswith(("/etc/apt", "/etc/passwd", "/etc/group")) for path in found):
        return Effect("system", ())
    return files(found, command)


def _curl(command: Command, place: Place) -> Effect:
    target = option(command, "-o", "--output")
    for word in command.arguments:
        if word.raw.startswith("--output="):
            return unknown("curl writes to a path that is not known")
        if target is None and word.raw.startswith("-") and not word.raw.startswith("--") and word.raw.endswith("o"):
            at = command.arguments.index(word)
            target = command.arguments[at + 1] if at + 1 < len(command.arguments) else None
    if target is not None:
        path = path_of(target, place)
        return files(None if path is None else [path], command)
    if has(command, "-O", "--remote-name", "-J"):
        return _named_by_address(command, place)
    return NOTHING


def _wget(command: Command, place: Place) -> Effect:
    target = option(command, "-O", "--output-document")
    for word in command.arguments:
        text = word.raw
        if target is None and text.startswith("-") and not text.startswith("--") and text.endswith("O"):
            at = command.arguments.index(word)
            target = command.arguments[at + 1] if at + 1 < len(command.arguments) else None
        if text.startswith("-O") and len(text) > 2 and text[2:] != "-":
            path = absolute(text[2:], place) if "$" not in text else None
            return files(None if path is None else [path], command)
        if text == "-qO-" or text == "-O-":
            return NOTHING
    if target is not None:
        if target.raw == "-":
            return NOTHING
        path = path_of(target, place)
        return files(None if path is None else [path], command)
    if option(command, "-P", "--directory-prefix") is not None or has(command, "-r", "-m"):
        return unknown("wget writes to a folder that is not known")
    return _named_by_address(command, place)


def _named_by_address(command: Command, place: Place) -> Effect:
    """A download under the last part of its address."""
    found = []
    for word in operands(command, ("-H", "-d", "-u", "-A", "-e", "-x", "--header", "--retry", "-m", "-T", "-t")):
        value = value_of(word, place)
        if value is None:
            return unknown(f"{command.program} loads a file whose name is not known")
        if "://" not in value:
            continue
        path = absolute(value.rpartition("/")[2].partition("?")[0], place)
        if path is None:
            return unknown(f"{command.program} writes to a folder that is not known")
        found.append(path)
    return files(found, command)


def _tar(command: Command, place: Place) -> Effect:
    words = command.arguments
    first = words[0].raw.lstrip("-") if words else ""
    is_extract = "x" in first.split("=")[0] or any(word.raw in ("-x", "--extract", "--get") for word in words)
    if not is_extract:
        if first.startswith("t"):
            return NOTHING
        archive = option(command, "-f", "--file", "-cf", "-czf", "czf", "cf", "-cJf", "cjf", "-cjf")
        path = path_of(archive, place) if archive is not None else None
        return files(None if path is None else [path], command)
    folder = option(command, "-C", "--directory")
    if folder is None:
        path = next((w.raw.partition("=")[2] for w in words if w.raw.startswith("--directory=")), place.workdir)
        target = None if path is None or "$" in path else absolute(path, place)
    else:
        target = path_of(folder, place)
    if target is None:
        return unknown("tar unpacks to a folder that is not known")
    if target in _SHARED:
        return unknown(f"tar unpacks to {target}, nobody knows what")
    return files([target], command)


def _unzip(command: Command, place: Place) -> Effect:
    folder = option(command, "-d")
    target = path_of(folder, place) if folder is not None else place.workdir
    if target is None or target in _SHARED:
        return unknown("unzip unpacks to a folder that is not known")
    return files([target], command)


def _git(command: Command, place: Place) -> Effect:
    words = operands(command, ("-b", "--branch", "--depth", "-C", "-c", "-j", "--jobs", "--reference", "-o"))
    if not words:
        return NOTHING
    action = words[0].raw
    if action in ("config", "describe", "rev-parse", "log", "status", "show", "diff", "--version", "ls-remote"):
        return NOTHING
    if action == "clone":
        if len(words) > 2:
            path = path_of(words[2], place)
        else:
            value = value_of(words[1], place) if len(words) > 1 else None
            name = (value or "").rstrip("/").rpartition("/")[2].removesuffix(".git")
            path = absolute(name, place) if name else None
        return files(None if path is None or path == "/" else [path], command)
    if action in ("checkout", "submodule", "reset", "pull", "fetch", "init", "apply", "lfs", "switch", "add", "commit"):
        return files(None if place.workdir in (None, "/") else [place.workdir], command)
    return unknown(f"git {action} may write anywhere")


def _find(command: Command, place: Place) -> Effect:
    words = [word.raw for word in command.arguments]
    if not {"-delete", "-exec", "-execdir", "-ok"} & set(words):
        return NOTHING
    roots = []
    for word in command.arguments:
        if word.raw.startswith(("-", "(", "!", "\\")):
            break
        roots.append(word)
    found = paths(roots, place) if roots else [place.workdir] if place.workdir else None
    if found is None:
        return unknown("find starts where nobody knows")
    if "-delete" in words or "rm" in words:
        inside = all(_in_project(path, place) or is_cache(path) or path.startswith("/usr/local") for path in found)
        return NOTHING if inside else Effect("system", ())
    runs = words[words.index("-exec") + 1] if "-exec" in words[:-1] else ""
    if runs in ("php", "grep", "echo", "ls", "cat", "head", "stat", "file", "sh_"):
        return NOTHING
    if runs in ("chmod", "chown", "chgrp", "sed", "dos2unix", "strip", "touch"):
        return files(found, command)
    return unknown(f"find runs {runs or 'something'}")


def _tee(command: Command, place: Place) -> Effect:
    words = operands(command)
    if any(word.raw.startswith("/etc/apt") for word in words):
        return Effect("system", ())
    return files(paths(words, place), command) if words else NOTHING


def _xargs(command: Command, place: Place) -> Effect:
    return unknown("xargs runs a command that is not known")


COMMANDS: Mapping[str, Callable[[Command, Place], Effect]] = {
    **dict.fromkeys(_HARMLESS, _nothing),
    "cp": _last, "install": _last, "mv": _mv, "rm": _rm, "rmdir": _rm, "mkdir": _mkdir, "touch": _touch,
    "chown": _owner, "chmod": _owner, "chgrp": _owner, "ln": _ln, "sed": _sed, "curl": _curl, "wget": _wget,
    "tar": _tar, "unzip": _unzip, "git": _git, "find": _find, "tee": _tee, "truncate": _touch, "strip": _touch,
    "dos2unix": _touch, "gunzip": _touch, "xargs": _xargs, "rsync": _last,
}  # fmt: skip
