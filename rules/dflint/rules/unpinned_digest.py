from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.model import ImageReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Copy


class UnpinnedDigest(Rule):
    """An image is not pinned by its digest.

    ## Why is this bad?

    A tag can be moved to another image at any time: the same Dockerfile then builds something else, and nobody sees
    it. `python:3.13-slim@sha256:...` is that very image or an error. Bots (Renovate, Dependabot) keep digests up to
    date.

    The rule is off by default: without such a bot a digest also keeps security fixes away.

    ## Exceptions

    Silent for stages of the file, `scratch`, and names with variables of no known value.
    """

    name = "unpinned-digest"
    category = "reproducibility"
    level = "warning"
    since = "0.1.0"
    status = "off"

    bad = (
        Bad("FROM python:3.13-slim\n", at=("python:3.13-slim",)),
        Bad("from --platform=linux/amd64 \\\n  debian AS base\nFROM base\n", at=("debian",)),
        Bad("FROM scratch\nCOPY --from=ghcr.io/owner/tool:1.2 /tool /\n", at=("ghcr.io/owner/tool:1.2",)),
        Bad("ARG V=3.20\nFROM alpine:$V\n", at=("alpine:$V",)),
    )
    good = (
        Good(f"FROM python:3.13-slim@sha256:{'0a' * 32}\n"),
        Good("FROM scratch\nCOPY a /\n"),
        Good(f"FROM alpine@sha256:{'0a' * 32} AS base\nFROM base\nCOPY --from=base /a /b\nCOPY --from=0 /a /c\n"),
        Good("ARG BASE\nFROM $BASE\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        word, image = stage.from_.image, stage.image
        if word is not None and image is not None and image.digest is None:
            yield self.finding(word, f"{image.text} is not pinned by a digest, so it may be another image tomorrow")

    def check_copy(self, copy: Copy, model: Model) -> Iterator[Finding]:
        word = copy.from_
        image = model.resolve_from(word.literal, copy) if word is not None else None
        if word is not None and isinstance(image, ImageReference) and image.digest is None:
            yield self.finding(word, f"{image.text} is not pinned by a digest, so it may be another image tomorrow")
