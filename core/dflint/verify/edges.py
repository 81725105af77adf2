"""Whether programs, libraries and modules are found in the rewrite as in the original."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.verify.level import Level
from dflint.verify.verdict import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.images import Entry
    from dflint.verify.closure import Edge
    from dflint.verify.side import Side

_FOUND_BY_NAME = frozenset(("program", "module", "library", "package"))


def compare_edges(original: Side, rewrite: Side) -> Iterator[Reason]:
    """Searches that end elsewhere, or nowhere, in the rewrite; and those that now find what the original has not."""
    one, other = original.closure.edges, rewrite.closure.edges
    for edge, before in one.items():
        after = other.get(edge, NotImplemented)
        if before is None:
            if isinstance(after, str) and edge.kind in _FOUND_BY_NAME:
                yield _reason(
                    edge, after, f"the rewrite finds the {_what(edge)} at {after}, the original does not have it"
                )
            continue
        if after is NotImplemented:
            continue  # who searched is missing itself
        if after is None:
            yield _reason(edge, before, _lost(edge, before, original, rewrite))
        elif after != before and not _same_file(original, before, rewrite, str(after)):
            yield _reason(edge, before, f"the rewrite finds the {_what(edge)} at {after} instead, with other content")
    yield from _versions(rewrite)


def _what(edge: Edge) -> str:
    by = f" that {edge.requester} needs" if edge.requester else ""
    return f"{edge.kind} {edge.name}{by}"


def _reason(edge: Edge, path: str, message: str) -> Reason:
    return Reason(Level.CLOSURE_EQUAL, path, message)


def _lost(edge: Edge, path: str, original: Side, rewrite: Side) -> str:
    entry = rewrite.tree.resolve(path)
    if entry is None:
        package = original.packages.owner(path)
        owner = f" (package {package.name})" if package is not None else ""
        return f"the {_what(edge)} is missing in the rewrite{owner}{_other_libc(edge, rewrite)}"
    if edge.kind == "library":
        return f"the {_what(edge)} is there, but the loader does not look there or /etc/ld.so.cache does not name it"
    if edge.kind == "program":
        return f"the {_what(edge)} is there, but not found on PATH or not executable for the user"
    return f"the {_what(edge)} is there, but not found"


def _other_libc(edge: Edge, rewrite: Side) -> str:
    """A word on it when the two images have different C libraries."""
    if edge.kind not in ("loader", "library"):
        return ""
    has_musl = any(name.startswith("ld-musl-") for name in rewrite.tree.names("/lib"))
    if has_musl and ("ld-linux" in edge.name or edge.name.startswith("libc.so.6")):
        return ": the rewrite's C library is musl, this was built for glibc"
    if not has_musl and "musl" in edge.name:
        return ": the rewrite has no musl, which this was built for"
    return ""


def _same_file(original: Side, before: str, rewrite: Side, after: str) -> bool:
    one, other = original.tree.get(before), rewrite.tree.get(after)
    if one is None or other is None or one.type != other.type:
        return False
    if one.is_dir:
        return True
    return one.sha256 == other.sha256 or _is_same_script(original, one, rewrite, other)


def _is_same_script(original: Side, one: Entry, rewrite: Side, other: Entry) -> bool:
    from dflint.verify.content import same_but_for_interpreter

    return same_but_for_interpreter(original.image, one, rewrite.image, other)


def _versions(rewrite: Side) -> Iterator[Reason]:
    """Symbol versions that a library of the rewrite does not have: it is older than what needs it was built with."""
    linker = rewrite.closure.linker
    for edge, path in rewrite.closure.edges.items():
        if edge.kind != "library" or path is None:
            continue
        user, library = rewrite.tree.get(edge.requester), rewrite.tree.get(path)
        needs = linker.elf(user) if user is not None else None
        has = linker.elf(library) if library is not None else None
        if needs is None or has is None or not has.defined_versions:
            continue
        wanted = {version for name, version in needs.required_versions if name == edge.name}
        lacking = sorted(wanted - set(has.defined_versions))
        if lacking:
            message = f"{edge.requester} needs {', '.join(lacking)} of {edge.name}, which {path} does not have"
            yield Reason(Level.CLOSURE_EQUAL, path, message)
