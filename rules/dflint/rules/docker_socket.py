from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Add, Copy, Transfer, Volume

_SOCKETS = ("/docker.sock", "/containerd.sock", "/podman.sock", "/crio.sock")


class DockerSocket(Rule):
    """The image declares the socket of a container engine as a volume or as a file of its own.

    ## Why is this bad?

    Who can write to that socket is root on the host. A socket is no file that could be copied or kept in a volume, so
    the instruction has no use other than to tell users to mount the socket.

    ## Exceptions

    Silent for variables without a known value.
    """

    name = "docker-socket"
    category = "security"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.20\nVOLUME /var/run/docker.sock\n", at=("/var/run/docker.sock",)),
        Bad('FROM alpine:3.20\nvolume ["/data", \\\n  "/run/podman/podman.sock"]\n', at=('"/run/podman/podman.sock"',)),
        Bad("FROM alpine:3.20\nCOPY docker.sock /var/run/docker.sock\n", at=("/var/run/docker.sock",)),
    )
    good = (
        Good("FROM alpine:3.20\nVOLUME /var/run\n"),
        Good("FROM alpine:3.20\nENV DOCKER_HOST=unix:///var/run/docker.sock\n"),
        Good("FROM alpine:3.20\nCOPY docker.sock.md /docs/\nVOLUME $SOCKET\n"),
    )

    def check_volume(self, volume: Volume, model: Model) -> Iterator[Finding]:
        for word in volume.words:
            if ".sock" not in word.text and "$" not in word.text:
                continue
            path = model.environment_before(volume).expand(word)
            if path is not None and path.endswith(_SOCKETS):
                yield self.finding(word, f"{path} as a volume: who can write to it is root on the host")

    def check_copy(self, copy: Copy, model: Model) -> Iterator[Finding]:
        return self._check(copy, model)

    def check_add(self, add: Add, model: Model) -> Iterator[Finding]:
        return self._check(add, model)

    def _check(self, transfer: Transfer, model: Model) -> Iterator[Finding]:
        word = transfer.destination
        if word is not None and ".sock" in word.text:
            path = model.environment_before(transfer).expand(word)
            if path is not None and path.endswith(_SOCKETS):
                yield self.finding(word, f"{path} is an engine's socket, which cannot be copied into an image")
