from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import unwrapped_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.shell import Command, Word
    from dflint.syntax.tree import Run

_DOWNLOADERS = frozenset(("curl", "wget", "fetch", "aria2c", "http", "https", "lwp-request"))
_INTERPRETERS = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh", "python", "python2", "python3", "perl", "ruby",
                           "node", "php"))  # fmt: skip
_RUNNERS = _INTERPRETERS | {"eval", "source", "."}
# Options by which the program does not come from standard input.
_INLINE = {
    "python": ("-c", "-m"), "python2": ("-c", "-m"), "python3": ("-c", "-m"), "php": ("-r", "-f"),
    "perl": ("-e", "-n", "-p", "-E"), "ruby": ("-e", "-n", "-p"), "node": ("-e", "-p", "--eval", "--print"),
}  # fmt: skip


class CurlPipeShell(Rule):
    """A script from the network is run unseen.

    ## Why is this bad?

    Whoever controls the server, or the domain after it was sold, runs anything as root in your build, and nobody can
    say later what was run. The script also changes without notice, so that the same Dockerfile builds different
    images; and if the download breaks off, half of it is run. Download to a file, check its hash or signature
    (`sha256sum -c`, `ADD --checksum`), then run it; or install a package.

    Found are `curl ... | sh` and its like for other downloaders and interpreters, `sh -c "$(curl ...)"`,
    `eval "$(curl ...)"` and `bash <(curl ...)`.

    ## Exceptions

    Interpreters whose program is in an option (`python3 -c`, `perl -ne`) read data from the pipe, not a script.
    """

    name = "curl-pipe-shell"
    category = "security"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12\nRUN curl -fsSL https://example.org/install.sh | sh\n", at=("sh",)),
        Bad(
            "FROM debian:12\nrun wget -qO- https://example.org/x \\\n  | sed s/a/b/ \\\n  | sudo -E bash -s -- --yes\n",
            at=("bash",),
        ),
        Bad('FROM debian:12\nRUN sh -c "$(curl -fsSL https://example.org/x)" "" --yes\n', at=("sh",)),
        Bad("FROM debian:12\nRUN <<EOF\nbash <(curl -s https://example.org/x)\nEOF\n", at=("bash",)),
        Bad("FROM debian:12\nONBUILD RUN curl https://example.org/get-pip.py | python3 - 'pip<24'\n", at=("python3",)),
        Bad(
            'FROM debian:12\nRUN eval "$(wget -qO- https://example.org/x)"; bash -c "curl x | sh"\n', at=("eval", "sh")
        ),
        Bad("FROM debian:12\nRUN . <(curl x) && curl x | VERSION=1 bash -\n", at=(".", "bash")),
    )
    good = (
        Good("FROM debian:12\nRUN curl -fsSLO https://example.org/x && sha256sum -c x.sha && sh x\n"),
        Good("FROM debian:12\nRUN curl -fsSL https://example.org/x.tgz | tar xz\n"),
        Good("FROM debian:12\nRUN curl x | python3 -c 'import json' && curl x | perl -ne 'print'\n"),
        Good("FROM debian:12\nRUN curl x | python3 -m json.tool && curl x | bash -c 'cat > y'\n"),
        Good("FROM debian:12\nRUN echo make | sh && cat x | bash\n"),
        Good("FROM debian:12\nRUN curl x | sh convert.sh && curl x | python3 filter.py\n"),
        Good('FROM debian:12\nRUN sh -c "curl -o x https://example.org/$(uname -m)"\n'),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        for command in unwrapped_commands(run, model):
            if command.program in _RUNNERS and command.name is not None and _runs_download(command):
                yield self.finding(command.name, f'"{command.program}" runs a script straight from the network')


def _runs_download(command: Command) -> bool:
    program = command.program or ""
    if program in ("eval", "source", "."):
        return any(_is_download(word) for word in command.arguments)
    script: Word | None = None
    is_string = reads_input = False
    for word in command.arguments:
        value = word.literal_prefix
        if value == "-" or value.startswith("/dev/stdin"):
            reads_input = True
            break
        if value.startswith("-"):
            if program in _INLINE:
                if value.startswith(_INLINE[program]):
                    return False
            elif not value.startswith("--") and "c" in value:
                is_string = True
            elif not value.startswith("--") and "s" in value:
                reads_input = True
                break
            continue
        script = word
        break
    if script is not None and not reads_input:
        return _is_download(script, is_string)
    return not is_string and _is_fed_by_download(command)


def _is_download(word: Word, is_string: bool = True) -> bool:
    """Whether a word is (the output of) a download: ``$(curl ...)`` as a text, ``<(curl ...)`` as a file."""
    if not is_string and not word.raw.startswith("<("):
        return False
    if not word.raw.lstrip("\"'").startswith(("$(", "`", "<(")):
        return False
    return any(
        getattr(command, "program", None) in _DOWNLOADERS
        for commands in word.substitutions
        for pipeline in commands.pipelines
        for command in pipeline.commands
    )


def _is_fed_by_download(command: Command) -> bool:
    for other in command.pipeline.commands:
        if other.begin >= command.begin:
            return False
        if getattr(other, "program", None) in _DOWNLOADERS:
            return True
        unwrapped = getattr(other, "unwrapped", None)
        if unwrapped is not None and unwrapped().program in _DOWNLOADERS:
            return True
    return False
