"""What the shipped application needs of the system, put together for a certain base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.base_images import debian_release, has_newer_libstdcxx
from dflint.optimizer.split.packages import Packages, Wanted, choose_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.optimizer.runtime_bases import RuntimeBase
    from dflint.optimizer.split.view import View


def wants_of(view: View, base: RuntimeBase) -> Packages | str:
    """The packages of the final stage; a text that says why the base will not do."""
    from dflint.optimizer.needs import dependency_needs, entry_programs, lacking_programs, source_programs

    image = view.stage.image
    assert image is not None
    programs = entry_programs(view.model, view.stage)
    if programs.unclear:
        return programs.unclear
    lacking = lacking_programs(image, base.reference)
    context = view.draft.context
    uses = list(programs.uses)
    if context is not None:
        uses += source_programs(context, {*lacking, *_BUILDERS})
    wanted: list[str] = []
    notes: list[str] = []
    for use in uses:
        if use.program in _BUILDERS and not (lacking.get(use.program)):
            return f"{use.how}, which only the building image has"
        if use.program not in lacking:
            continue
        package = lacking[use.program]
        if package is None:
            return f"{use.how}, which {base.reference.text} lacks"
        wanted.append(package)
        notes.append(f"{package} is installed: {use.how}")
    release = debian_release(base.reference) or _release_of(base)
    if not base.is_same and release is not None and has_newer_libstdcxx(image, release) and _has_cxx(view):
        return f"its C++ library is newer than that of {base.reference.text}"
    needs = dependency_needs(context, _family(view), _named(view))
    if needs.refusal and not base.is_same:
        return needs.refusal
    assumes = []
    if not base.is_same:
        for package, library in needs.packages:
            wanted.append(package)
            notes.append(f"{package} is installed for {library}")
        if _family(view) in ("python", "node", "ruby"):
            assumes.append(f"libraries need nothing of the system that {base.reference.text} lacks")
    evidence = view.draft.evidence
    if evidence is not None:
        wanted += evidence.packages
    made = Wanted(tuple(wanted), programs.names | {use.program for use in uses}, tuple(assumes), tuple(notes))
    return choose_packages(view, made, release, base.is_same)


_BUILDERS = frozenset(("gcc", "g++", "cc", "make", "cmake", "cargo", "rustc", "javac", "mvn", "gradle"))


def _release_of(base: RuntimeBase) -> str | None:
    from dflint.facts import distribution_cycle

    cycle = distribution_cycle(base.reference)
    return cycle.codename if cycle is not None else None


def _family(view: View) -> str:
    image = view.stage.image
    name = image.family.rpartition("/")[2] if image is not None else ""
    if name in ("python", "node", "ruby"):
        return name
    return {"pypy": "python", "bun": "node"}.get(name, "")


def _named(view: View) -> Iterator[str]:
    """Libraries that command lines install by name."""
    from dflint.packages import parse_package_command

    for _, run, _ in view.runs():
        for command in view.model.commands_of(run):
            package = parse_package_command(command)
            if package is not None and package.manager in ("pip", "uv", "npm", "yarn", "pnpm", "gem"):
                yield from (item.name for item in package.packages if item.name)


def _has_cxx(view: View) -> bool:
    """Whether C++ may be compiled."""
    context = view.draft.context
    if context is None:
        return True
    return next(context.files("**/*.cc\n**/*.cpp\n**/*.cxx\n**/CMakeLists.txt"), None) is not None
