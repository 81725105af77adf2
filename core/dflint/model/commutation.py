"""Which instructions may change places: what each reads and writes, in one table.

Two neighbours commute if neither writes what the other reads or writes; then the image is the same in either order, but
for the order of its layers and of its history. RUN is opaque: it may read and write any file, and sees every variable,
the working directory, the user and the shell.

What the table says follows dockerfile2llb/convert.go (dispatch). Two things are taken for granted: a base image has no
links between folders beyond the usual ones (``/bin`` to ``/usr/bin`` and the like), and no RUN reads the image's
configuration, which it cannot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.syntax.tree import Arg, Env, Label, PairsInstruction, Transfer, Volume, Workdir

if TYPE_CHECKING:
    from dflint.model.model import Model
    from dflint.syntax.tree import Instruction


class Row(NamedTuple):
    """What an instruction reads and writes; what stands in parentheses are conditions, for ``effects_of``."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]


TABLE: dict[str, Row] = {
    "RUN": Row(("all files", "all variables", "working directory", "user", "shell"), ("all files",)),
    "COPY": Row(
        ("variables in its words", "working directory (if relative)", "accounts (if --chown has a name)"),
        ("destination",),
    ),
    "ADD": Row(
        ("variables in its words", "working directory (if relative)", "accounts (if --chown has a name)"),
        ("destination",),
    ),
    "WORKDIR": Row(
        ("variables in its words", "working directory (if relative)", "user", "accounts"),
        ("working directory", "destination"),
    ),
    "ENV": Row(("variables in its words",), ("its variables",)),
    "ARG": Row(("variables in its words",), ("its variables",)),
    "USER": Row(("variables in its words",), ("user",)),
    "SHELL": Row((), ("shell",)),
    "LABEL": Row(("variables in its words",), ("its labels",)),
    "EXPOSE": Row(("variables in its words",), ()),
    "VOLUME": Row(("variables in its words",), ("destination",)),
    "STOPSIGNAL": Row(("variables in its words",), ("stop signal",)),
    "CMD": Row(("shell",), ("command",)),
    "ENTRYPOINT": Row(("shell",), ("entrypoint", "command")),
    "HEALTHCHECK": Row(("shell",), ("health check",)),
    "MAINTAINER": Row((), ("author",)),
    "ONBUILD": Row((), ("triggers",)),
}
"""``command`` is written by ENTRYPOINT too: it drops a CMD of the base image. ``destination`` is a folder or file with
all below it; the ports of EXPOSE are a set, so their order is nothing. What is not in the table (FROM, and what is no
instruction) commutes with nothing."""

EVERYWHERE = "/"
_ACCOUNTS = ("/etc/passwd", "/etc/group")
_LINKED = (
    ("/bin", "/usr/bin"), ("/sbin", "/usr/sbin"), ("/lib", "/usr/lib"), ("/lib64", "/usr/lib64"), ("/var/run", "/run"),
)  # fmt: skip


class Effects(NamedTuple):
    """What one instruction reads and writes: names of things, and paths of trees in the image."""

    reads: frozenset[str]
    writes: frozenset[str]
    read_paths: tuple[str, ...]
    written_paths: tuple[str, ...]


def conflict(first: Instruction, second: Instruction, model: Model, folders_are_there: bool = False) -> str | None:
    """Why two instructions of a stage that stand one behind the other must not change places; None if they may.

    Asked about two that do not stand together it says nothing about those between them. WORKDIR makes its folder, for
    its user; ``folders_are_there`` says that it, or one just like it, is there in either order.
    """
    one, other = effects_of(first, model), effects_of(second, model)
    if folders_are_there:
        one = _without_folder(one, first)
        other = _without_folder(other, second)
    if one is None or other is None:
        return "one of them is no step of a stage"
    both = ((one, other), (other, one))
    names = {name for writer, reader in both for name in _common(writer.writes, reader.reads | reader.writes)}
    paths = {
        max(path, touched, key=len)
        for writer, reader in both
        for path in writer.written_paths
        for touched in (*reader.read_paths, *reader.written_paths)
        if _overlap(path, touched)
    }
    return min(names) if names else f"files in {max(paths, key=len)}" if paths else None


def commute(first: Instruction, second: Instruction, model: Model, folders_are_there: bool = False) -> bool:
    """Whether two neighbours may change places; see ``conflict``."""
    return conflict(first, second, model, folders_are_there) is None


def _without_folder(effects: Effects | None, instruction: Instruction) -> Effects | None:
    if effects is None or not isinstance(instruction, Workdir):
        return effects
    return effects._replace(written_paths=(), read_paths=())


def effects_of(instruction: Instruction, model: Model) -> Effects | None:
    """What an instruction reads and writes; None for one that the table does not have."""
    row = TABLE.get(instruction.name)
    if row is None or instruction.problems:
        return None
    reads: set[str] = set()
    read_paths: list[str] = []
    for entry in row.reads:
        name = entry.partition(" (")[0]
        if name == "all files":
            read_paths.append(EVERYWHERE)
        elif name == "accounts":
            if isinstance(instruction, Workdir) or _has_named_owner(instruction):
                read_paths += _ACCOUNTS
        elif name == "variables in its words":
            reads |= _variables_in(instruction)
        elif "(if relative)" not in entry or _is_relative(instruction):
            reads.add(name)
    writes: set[str] = set()
    written_paths: tuple[str, ...] = ()
    for entry in row.writes:
        if entry == "all files":
            written_paths = (EVERYWHERE,)
        elif entry == "destination":
            written_paths = _destinations(instruction, model)
        elif entry in ("its variables", "its labels"):
            writes |= _keys_of(instruction)
        else:
            writes.add(entry)
    return Effects(frozenset(reads), frozenset(writes), tuple(read_paths), written_paths)


def _common(writes: frozenset[str], touched: frozenset[str]) -> set[str]:
    """What both have; ``all variables`` has each one."""
    found = set(writes & touched)
    for kind in ("variable", "label"):
        for some, others in ((writes, touched), (touched, writes)):
            if f"all {kind}s" in some:
                found |= {name for name in others if name.startswith(f"{kind} ")}
    return found


def _keys_of(instruction: Instruction) -> set[str]:
    """The variables or labels that are set. A key with a variable in it may be any."""
    assert isinstance(instruction, PairsInstruction)
    kind = "label" if isinstance(instruction, Label) else "variable"
    found = set()
    for pair in instruction.pairs:
        if "$" in pair.key.text:
            return {f"all {kind}s"}
        found.add(f"{kind} {pair.key.literal or pair.key.text}")
    return found


def _variables_in(instruction: Instruction) -> set[str]:
    """The variables that its words name; here-documents are read by their text."""
    from dflint.model.expansion import expanded_words

    found = {f"variable {use.name}" for word in expanded_words(instruction) for use in word.variables}
    if any(heredoc.expands and "$" in heredoc.content.text for heredoc in instruction.heredocs):
        found.add("all variables")
    if isinstance(instruction, Arg):
        # A bare ARG of a stage reads the global one, which nobody moves; it reads its own name's earlier value too.
        found |= {f"variable {pair.key.text}" for pair in instruction.pairs if pair.value is None}
    if isinstance(instruction, (Env, Label)) and any("$" in pair.key.text for pair in instruction.pairs):
        found.add("all variables")
    return found


def _is_relative(instruction: Instruction) -> bool:
    word = None
    if isinstance(instruction, Transfer):
        word = instruction.destination
    elif isinstance(instruction, Workdir):
        word = instruction.value
    literal = word.literal if word is not None else None
    return literal is None or not literal.startswith("/")


def _has_named_owner(instruction: Instruction) -> bool:
    flag = instruction.flag("chown")
    return flag is not None and not flag.text.replace(":", "").isdigit()


def _destinations(instruction: Instruction, model: Model) -> tuple[str, ...]:
    """Where it writes; everywhere if that is not known."""
    words = []
    if isinstance(instruction, Transfer):
        words = [instruction.destination]
    elif isinstance(instruction, Workdir):
        words = [instruction.value]
    elif isinstance(instruction, Volume):
        words = list(instruction.words)
    environment = model.environment_before(instruction)
    found = []
    for word in words:
        text = environment.expand(word) if word is not None else None
        path = environment.resolve_path(text) if text is not None else None
        if path is None:
            return (EVERYWHERE,)
        found.append(_unlinked(path))
    return tuple(found)


def _unlinked(path: str) -> str:
    for link, target in _LINKED:
        if path == link or path.startswith(f"{link}/"):
            return target + path[len(link) :]
    return path


def _overlap(one: str, other: str) -> bool:
    one, other = one.rstrip("/") + "/", other.rstrip("/") + "/"
    return one.startswith(other) or other.startswith(one)
