from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._final_user import final_user, leaves_root_by_itself, shipped_chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import ImageReference, Model

_NAMES_WITHOUT_ROOT = ("nonroot", "non-root", "rootless", "unprivileged")


class MissingUser(Rule):
    """The shipped image has no USER.

    ## Why is this bad?

    Without a USER the image runs as its base image does, which is root for nearly all base images. Whoever takes over
    the process is then root in the container.

    The rule is off by default: many images are started with `--user`, by a chart that sets the user, or need root.

    ## Exceptions

    Only the built image counts: the last stage and the stages it starts from. Silent when the base image is not known,
    when it is known for another user (`:nonroot`, rootless and unprivileged variants, Chainguard, Bitnami), when the
    image leaves root by itself (gosu, su-exec, an init system), and for Windows.
    """

    name = "missing-user"
    category = "security"
    level = "warning"
    since = "0.1.0"
    status = "off"

    bad = (
        Bad('FROM debian:12\nCMD ["app"]\n', at=("debian:12",)),
        Bad("FROM golang:1.23 AS build\nUSER app\nFROM scratch\nCOPY --from=build /app /\n", at=("scratch",)),
        Bad('FROM debian:12 AS base\nRUN make\nfrom base\nCMD ["app"]\n', at=("base",)),
    )
    good = (
        Good("FROM debian:12\nUSER app\n"),
        Good('FROM debian:12 AS base\nUSER app\nFROM base\nCMD ["app"]\n'),
        Good("FROM gcr.io/distroless/static-debian12:nonroot\nCOPY app /\n"),
        Good("FROM nginxinc/nginx-unprivileged:1.27\nCOPY site /usr/share/nginx/html\n"),
        Good("ARG BASE\nFROM $BASE\nCOPY app /\n"),
        Good("FROM debian:12\nRUN apt-get install -y gosu\n"),
        Good("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY app /\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        target = model.target
        if target is None or target.from_.image is None or final_user(model) is not None:
            return
        root = list(shipped_chain(model))[-1]
        if not root.is_scratch and (root.image_name is None or _starts_without_root(root.image_name)):
            return
        if target.looks_like_windows or leaves_root_by_itself(model):
            return
        yield self.finding(target.from_.image, "the image has no USER, so it runs as root unless the base sets another")


def _starts_without_root(image: ImageReference) -> bool:
    if image.registry == "cgr.dev" or image.repository.startswith(("bitnami/", "chainguard/")):
        return True
    text = f"{image.repository}:{image.tag}".lower()
    return any(part in text for part in _NAMES_WITHOUT_ROOT)
