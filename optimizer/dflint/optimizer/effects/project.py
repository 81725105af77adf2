"""Commands that build the project: compilers, make, interpreters that run its own scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dflint.optimizer.effects import absolute, home_of, value_of
from dflint.optimizer.effects.effect import NOTHING, Effect, Place, unknown
from dflint.optimizer.effects.general import files, operands, option, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dflint.shell import Command


def project_folder(place: Place) -> str | None:
    """The folder of the project that a command works in; None if it works elsewhere, or nobody knows."""
    folder = place.workdir
    if folder is None or folder == "/":
        return None
    inside = [root for root in place.project if folder == root or folder.startswith(root + "/")]
    if inside:
        return max(inside, key=len) if folder in inside else folder
    return folder if not folder.startswith(("/bin", "/etc", "/lib", "/usr/bin", "/usr/lib", "/var/lib/dpkg")) else None


def in_project(command: Command, place: Place, name: str = "") -> Effect:
    """The effect of something that by convention writes below the project's folder alone."""
    folder = project_folder(place)
    if folder is None:
        return unknown(f"{name or command.program} runs where no project is")
    return Effect("files", (folder,), assumes=f"{name or _shown(command)} writes below {folder} only")


def _shown(command: Command) -> str:
    return " ".join(word.raw for word in command.words[:3])


def _compiler(command: Command, place: Place) -> Effect:
    words = {word.raw for word in command.arguments}
    if words & {"-c", "-E", "--version", "-v", "-dumpversion"} and "-o" not in words:
        return in_project(command, place) if "-c" in words else NOTHING
    target = option(command, "-o")
    if target is None:
        return files(None if place.workdir is None else [f"{place.workdir}/a.out"], command)
    path = path_of(target, place)
    return files(None if path is None else [path], command)


def _javac(command: Command, place: Place) -> Effect:
    target = option(command, "-d")
    if target is None:
        return in_project(command, place)
    path = path_of(target, place)
    return files(None if path is None else [path], command)


def _jar(command: Command, place: Place) -> Effect:
    target = option(command, "--file", "-f", "-cf", "cf", "cfe", "cfm", "-cfe", "cvf", "cvfe")
    if target is None:
        return in_project(command, place)
    path = path_of(target, place)
    return files(None if path is None else [path], command)


def _make(command: Command, place: Place) -> Effect:
    goals = [value_of(word, place) for word in operands(command, ("-C", "-f", "-j", "--directory", "--file"))]
    folder = option(command, "-C", "--directory")
    if folder is not None:
        path = path_of(folder, place)
        if path is None:
            return unknown("make works in a folder that is not known")
        place = place._replace(workdir=path)
    if any(goal is None for goal in goals):
        return unknown("the goals of make are not known")
    names = [goal for goal in goals if goal and "=" not in goal]
    if any("install" in name for name in names):
        return _make_install(command, place, [goal for goal in goals if goal])
    from dflint.optimizer.effects.outside import outside_of_recipes

    path = outside_of_recipes(_read(place, "Makefile", "makefile", "GNUmakefile") or "")
    if path:
        return unknown(f"make writes {path}, outside of the project")
    return in_project(command, place, " ".join(("make", *names[:2])))


def _make_install(command: Command, place: Place, goals: list[str]) -> Effect:
    """What the install rule of the Makefile names, if every word of it can be read."""
    from dflint.optimizer.effects.makefile import installed

    text = _read(place, "Makefile", "makefile", "GNUmakefile")
    if text is None:
        return unknown("make install writes where its Makefile says, which is not known")
    values = dict(goal.split("=", 1) for goal in goals if "=" in goal)
    found = installed(text, values)
    if found is None:
        return unknown("make install writes where its Makefile says, which is not read with certainty")
    effect = in_project(command, place, "make")
    paths, again = found
    return effect._replace(writes=(*effect.writes, *paths), again=again) if effect.kind == "files" else effect


def context_path(place: Place, path: str) -> str | None:
    """The path in the build context of a file of the project, taking the first project folder as the context's root."""
    for folder in sorted(place.project, key=len, reverse=True):
        if path == folder or path.startswith(folder + "/"):
            return path[len(folder) :].strip("/")
    return None


def _read(place: Place, *names: str) -> str | None:
    if place.context is None or place.workdir is None:
        return None
    for name in names:
        path = context_path(place, f"{place.workdir}/{name}")
        if path is None:
            continue
        try:
            return place.context.read(path)
        except OSError:
            continue
    return None


def _cmake(command: Command, place: Place) -> Effect:
    words = [word.raw for word in command.arguments]
    if "--install" in words:
        prefix = option(command, "--prefix")
        path = path_of(prefix, place) if prefix is not None else None
        return files([path], command) if path is not None else unknown("cmake --install writes below /usr/local")
    if "--build" in words:
        if "install" in words:
            return unknown("cmake installs below /usr/local")
        return in_project(command, place, "cmake --build")
    target = option(command, "-B")
    if target is not None:
        path = path_of(target, place)
        return files(None if path is None else [path], command)
    return in_project(command, place)


def _python(command: Command, place: Place) -> Effect:
    words = [word.raw for word in command.arguments]
    module = words[words.index("-m") + 1] if "-m" in words[:-1] else ""
    if module == "venv":
        folders = operands(command, ("-m", "--prompt"))[-1:]
        path = path_of(folders[0], place) if folders else None
        return files(None if path is None else [path], command)
    if module in ("compileall", "build", "unittest", "pytest", "django", "nuitka", "PyInstaller"):
        return in_project(command, place, f"python -m {module}")
    if module in ("nltk.downloader",):
        target = option(command, "-d")
        path = path_of(target, place) if target is not None else f"{home_of(place)}/nltk_data"
        return files(None if path is None else [path], command)
    if module == "ensurepip" or (module == "spacy" and "download" in words):
        return _site_packages(place)
    if module:
        return unknown(f"python -m {module} may write anywhere")
    if "-c" in words:
        code = words[words.index("-c") + 1] if words.index("-c") + 1 < len(words) else ""
        if re.search(r"\b(open|write|download|save|mkdir|from_pretrained|load)\b|\w\(", code.replace("print(", "")):
            return unknown("python -c may write anywhere")
        return NOTHING
    if not words or words[0].startswith("-"):
        return NOTHING if set(words) <= {"-V", "--version"} else unknown("what python runs is not known")
    if words[0] == "setup.py" and "install" in words:
        return _site_packages(place)
    return _script(command, place, words[0])


def _site_packages(place: Place) -> Effect:
    from dflint.optimizer.effects.package_managers import python_trees

    return Effect("files", python_trees(place))


def _script(command: Command, place: Place, path: str) -> Effect:
    """A script of the project, run by its interpreter."""
    real = absolute(path, place) if "$" not in path else None
    if real is None or (place.project and context_path(place, real) is None):
        return unknown(f"{path} may write anywhere")
    for word in command.arguments:
        value = value_of(word, place)
        if value is not None and value.startswith("/") and value != real and context_path(place, value) is None:
            return files([value], command, assumes=f"{_shown(command)} writes below {value} only")
    sign = _outside(place, path)
    return unknown(f"{path} may write outside of the project: {sign}") if sign else in_project(command, place)


_KINDS = {
    ".py": (".py",), ".js": (".js", ".mjs", ".cjs"), ".mjs": (".js", ".mjs", ".cjs"), ".cjs": (".js", ".mjs", ".cjs"),
    ".rb": (".rb",), ".pl": (".pl", ".pm"), ".php": (".php",), ".ts": (".ts", ".js"),
}  # fmt: skip


def _outside(place: Place, path: str) -> str:
    """A sign in the sources that a script of the project writes elsewhere."""
    from dflint.optimizer.effects.outside import outside_of_project

    kinds = _KINDS.get(path[path.rfind(".") :] if "." in path else "", ())
    return outside_of_project(place.context, kinds, place.project) if kinds and place.context is not None else ""


def _interpreter(command: Command, place: Place) -> Effect:
    words = [word for word in command.arguments if not word.raw.startswith("-")]
    flags = {word.raw for word in command.arguments if word.raw.startswith("-")}
    if flags & {"-v", "--version", "-c", "-l"} and command.program in ("ruby", "perl", "php", "node"):
        return NOTHING
    if flags & {"-e", "-r", "-p", "--eval"} or not words:
        return unknown(f"{command.program} runs code that may write anywhere") if flags else NOTHING
    return _script(command, place, words[0].raw)


def _shell(command: Command, place: Place) -> Effect:
    if command.string_script is not None or "-c" in [word.raw for word in command.arguments]:
        return NOTHING if command.string_script is not None else unknown("sh -c runs what is not known")
    words = operands(command)
    if not words:
        return unknown(f"{command.program} reads commands that are not known")
    return of_script_file(command, place, words[0].raw, [word.raw for word in words[1:]])


def of_script_file(command: Command, place: Place, path: str, arguments: list[str]) -> Effect:
    """A shell script of the context, read one level deep."""
    real = absolute(path, place) if "$" not in path else None
    inside = context_path(place, real) if real is not None else None
    if real is None or inside is None or place.context is None:
        return unknown(f"{path} may write anywhere")
    try:
        text = place.context.read(inside)
    except OSError:
        return unknown(f"{path} cannot be read, and may write anywhere")
    from dflint.optimizer.effects import effect_of
    from dflint.shell import parse_shell
    from dflint.source import MappedText

    script = parse_shell(MappedText.contiguous(text, 0), "bash")
    if script.errors or script.is_opaque:
        return unknown(f"{path} cannot be read, and may write anywhere")
    writes: list[str] = []
    assumes: list[str] = []
    for inner in script.commands():
        if inner.program in ("cd", "pushd", ".", "source", "eval", "exec", "sh", "bash"):
            return unknown(f"{path} calls {inner.program}")
        effect = effect_of(inner, place)
        if effect.kind in ("unknown", "system"):
            return unknown(f"{path}: {effect.reason or 'it changes the system'}")
        writes += effect.writes
        assumes.append(effect.assumes)
    return files(writes, command, assumes="; ".join(filter(None, assumes)))


def _source(command: Command, place: Place) -> Effect:
    words = command.arguments
    value = value_of(words[0], place) if words else None
    if value is not None and value.endswith(("/activate", "/env", ".profile", ".bashrc", "nvm.sh")):
        return NOTHING
    return unknown("what is sourced is not known")


def _tool(command: Command, place: Place) -> Effect:
    words = [word.raw for word in command.arguments]
    for flag in ("--outDir", "--out-dir", "--outdir", "-o", "--output", "--dist-dir", "--destination", "-d"):
        target = option(command, flag)
        if target is not None:
            path = path_of(target, place)
            return files(None if path is None else [path], command)
    del words
    return in_project(command, place)


def of_unknown(command: Command, place: Place) -> Effect:
    """A program that no table knows: a script of the project, or nobody knows what."""
    name = command.name.value if command.name is not None else None
    if name is not None and "/" in name and not name.startswith(("/usr/bin/", "/bin/", "/usr/local/bin/")):
        return of_script_file(command, place, name, [word.raw for word in command.arguments])
    return unknown(f"{name or 'a command'} may write anywhere")


COMMANDS: Mapping[str, Callable[[Command, Place], Effect]] = {
    **dict.fromkeys(("gcc", "g++", "cc", "c++", "clang", "clang++", "rustc", "ld", "gfortran", "musl-gcc"), _compiler),
    "javac": _javac, "jar": _jar, "make": _make, "ninja": in_project, "meson": in_project, "cmake": _cmake,
    "configure": in_project, "autoreconf": in_project, "autoconf": in_project, "python": _python, "pypy": _python,
    "node": _interpreter, "ruby": _interpreter, "perl": _interpreter, "php": _interpreter,
    "sh": _shell, "bash": _shell, "dash": _shell, ".": _source, "source": _source,
    **dict.fromkeys(
        (
            "tsc", "webpack", "vite", "next", "ng", "nuxt", "rollup", "esbuild", "parcel", "gatsby", "nest", "gulp",
            "grunt", "babel", "swc", "vue-cli-service", "react-scripts", "hugo", "jekyll", "mkdocs", "rake", "rails",
            "artisan", "django-admin", "flask", "alembic", "pytest", "jest", "mocha", "eslint", "prettier", "sass",
            "prisma", "tailwindcss", "protoc", "mix", "rebar3", "ant", "sbt", "lein", "stack", "cabal", "dub", "nimble",
            "swift", "zig", "crystal", "shards", "elm", "purs", "spago", "hexo", "eleventy", "astro", "svelte-kit",
        ),
        _tool,
    ),
}  # fmt: skip
