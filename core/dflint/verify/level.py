"""How far a rewrite is shown to be the same as its original."""

from __future__ import annotations

from enum import IntEnum


class Level(IntEnum):
    """Each level holds only if all lower ones hold."""

    NOT_BUILT = 0
    BUILDS = 1
    CONFIGURATION_EQUAL = 2
    BEHAVES_SAME = 3
    CLOSURE_EQUAL = 4
    FILE_SYSTEM_EQUAL = 5

    @property
    def title(self) -> str:
        """In words."""
        return _TITLES[self]

    @property
    def meaning(self) -> str:
        """What the level says."""
        return _MEANINGS[self]

    @property
    def does_not_prove(self) -> str:
        """What it leaves open."""
        return _OPEN[self]


_TITLES = {
    Level.NOT_BUILT: "not built",
    Level.BUILDS: "builds",
    Level.CONFIGURATION_EQUAL: "same configuration",
    Level.BEHAVES_SAME: "behaves the same in a smoke run",
    Level.CLOSURE_EQUAL: "everything reachable is there and equal",
    Level.FILE_SYSTEM_EQUAL: "same file system but for explained differences",
}
_MEANINGS = {
    Level.NOT_BUILT: "Nothing was built; at most the Dockerfiles were compared.",
    Level.BUILDS: "Both images were built.",
    Level.CONFIGURATION_EQUAL: (
        "Both images start the same process with the same environment, user, working directory, ports, volumes, "
        "labels, health check and stop signal; each exception is listed with its reason."
    ),
    Level.BEHAVES_SAME: "Both containers did the same in the smoke run: exit, output, answers to probes, stopping.",
    Level.CLOSURE_EQUAL: (
        "What the start command reaches by programs, scripts, imports and dynamic libraries, what its packages depend "
        "on, and every file that belongs to no package and is not known to be useless at run time, is in the rewrite: "
        "same path, content, links and special bits, and the user may do with it what it could before."
    ),
    Level.FILE_SYSTEM_EQUAL: (
        "Every difference of the two file systems has an explanation: caches, toolchains, sources, documentation, "
        "version control, tests, package databases, timestamps inside files, or what differs between two builds of the "
        "original."
    ),
}
_OPEN = {
    Level.NOT_BUILT: "Whether the rewrite builds.",
    Level.BUILDS: "Anything about what the images do.",
    Level.CONFIGURATION_EQUAL: "That the files which the process needs are there.",
    Level.BEHAVES_SAME: "Anything that the smoke run did not exercise.",
    Level.CLOSURE_EQUAL: (
        "That nothing is missing which only code at run time names: libraries opened with dlopen, programs started or "
        "modules imported under computed names, if they belong to packages that nothing static leads to. "
        "Also not that both behave the same under other kernels, mounts, environments or networks."
    ),
    Level.FILE_SYSTEM_EQUAL: (
        "That nobody uses what was left out, such as a compiler or a manual page, from a shell in the container; "
        "and nothing about other kernels, mounts, environments or networks."
    ),
}
