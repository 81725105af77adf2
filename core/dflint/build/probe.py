"""Asking a container over HTTP without giving it a network.

Three ways, the first that is possible here: as root on the engine's machine a thread of ours enters the container's
network namespace, which has a loopback interface and nothing else; a network marked internal leads from this machine to
the container and nowhere else; a published port on 127.0.0.1, where the container has the engine's default network.
"""

from __future__ import annotations

import ctypes
import hashlib
import http.client
import os
import re
import socket
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from dflint.build.normalisation import normalised
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CLONE_NEWNET = 0x40000000
BODY_LIMIT = 16 << 20
"""Bytes of a body that are read."""
SHOWN = 200
MAX_LINKS = 10
_LOADED = re.compile(
    r"""<(?:link|script|img|source)\b[^>]*?\s(?:href|src)\s*=\s*(?:"([^"]+)"|'([^']+)')""", re.IGNORECASE
)


class Target(NamedTuple):
    """A port of the container and the path that is asked for."""

    port: int
    path: str = "/"


class Response(NamedTuple):
    """What came back."""

    port: int
    path: str
    status: int
    """0: something listens, and does not speak HTTP."""
    content_type: str
    body: str
    """SHA-256 of the body, normalised if it is text."""
    beginning: str = ""
    """The first characters of a text body, for people."""
    links: tuple[str, ...] = ()
    """What a page loads from the same place: paths of scripts, style sheets and pictures, the first few."""


def can_enter_namespaces() -> bool:
    """Whether this process may enter a container's network namespace."""
    return sys.platform == "linux" and os.geteuid() == 0 and Path("/proc/self/ns/net").exists()


def is_same_machine(process: int, container: str) -> bool:
    """Whether a process id that the engine named is that container's process here (it is not if there is a VM)."""
    with suppress(OSError):
        for name in ("cgroup", "mountinfo"):
            if container[:32] in Path(f"/proc/{process}/{name}").read_text(errors="replace"):
                return True
    return False


def within_network(process: int, call: Callable[[], None]) -> None:
    """Call something in the network namespace of a process. Raises OSError, and what ``call`` raises."""
    problems: list[Exception] = []

    def enter_and_call() -> None:
        try:
            descriptor = os.open(f"/proc/{process}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            try:
                libc = ctypes.CDLL(None, use_errno=True)
                if libc.setns(descriptor, CLONE_NEWNET):
                    number = ctypes.get_errno()
                    raise OSError(number, os.strerror(number))
            finally:
                os.close(descriptor)
            call()
        except Exception as error:
            problems.append(error)

    # The namespace is the thread's: it ends with it.
    thread = Thread(target=enter_and_call, daemon=True)
    thread.start()
    thread.join()
    if problems:
        raise problems[0]


def ask(host: str, port: int, target: Target, names: Sequence[str], time_limit: float = 5.0) -> Response | None:
    """The answer of an address to a GET; None if nothing listens there (yet)."""
    try:
        with socket.create_connection((host, port), timeout=time_limit):
            pass
    except OSError:
        return None
    connection = http.client.HTTPConnection(host, port, timeout=time_limit)
    try:
        headers = {"Host": f"localhost:{target.port}", "User-Agent": "dflint", "Connection": "close"}
        connection.request("GET", target.path, headers=headers)
        response = connection.getresponse()
        body = response.read(BODY_LIMIT)
        kind = response.getheader("Content-Type", "")
        links = tuple(_links(body, target.path)) if kind.startswith("text/html") and response.status == 200 else ()
        return Response(target.port, target.path, response.status, kind, *_digest(body, names), links)
    except (ConnectionError, http.client.RemoteDisconnected):
        return None
    except (http.client.HTTPException, OSError):
        return Response(target.port, target.path, 0, "", "")
    finally:
        connection.close()


def _links(body: bytes, path: str) -> list[str]:
    """The paths on the same host that a page loads, in order, each once; at most ``MAX_LINKS``."""
    from urllib.parse import urljoin, urlsplit

    found: dict[str, None] = {}
    for match in _LOADED.finditer(body.decode("utf-8", "replace")):
        link = match[1] or match[2]
        parts = urlsplit(urljoin(f"http://localhost{path}", link))
        if parts.netloc == "localhost" and parts.scheme == "http" and parts.path != path:
            found[parts.path] = None
    return list(found)[:MAX_LINKS]


def _digest(body: bytes, names: Sequence[str]) -> tuple[str, str]:
    try:
        text = normalised(body.decode("utf-8"), names)
    except UnicodeDecodeError:
        return hashlib.sha256(body).hexdigest(), ""
    return hashlib.sha256(text.encode()).hexdigest(), text[:SHOWN]
