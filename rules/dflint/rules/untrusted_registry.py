from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dflint.linter.rule import Bad, Good, Option, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dflint.findings import Finding
    from dflint.linter.rule import Ranged
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Copy, Instruction, Run


class UntrustedRegistry(Rule):
    """An image comes from a registry that is not on your list.

    ## Why is this bad?

    Whoever runs the registry decides what is in your image. The rule is silent until `trusted-registries` names those
    that you trust:

    ```toml
    [rules.untrusted-registry]
    trusted-registries = ["docker.io", "*.example.com"]
    ```

    A `*` at the start or end of an entry stands for anything. Images without a registry in their name come from
    `docker.io`. Bases, `COPY --from` and mounts are looked at.

    ## Exceptions

    Stages, `scratch`, named contexts, and images whose registry is not known without build arguments.
    """

    name = "untrusted-registry"
    category = "security"
    level = "error"
    aliases = ("DL3026",)
    since = "0.1.0"
    options: ClassVar[Mapping[str, Option]] = {
        "trusted-registries": Option((), "registries that images may come from, such as docker.io or *.example.com"),
    }

    bad = (
        Bad("FROM ghcr.io/a/b:1\n", at=("ghcr.io/a/b:1",), options={"trusted-registries": ("docker.io",)}),
        Bad("from debian:12 as build\n", at=("debian:12",), options={"trusted-registries": ("*.example.com",)}),
        Bad(
            "FROM a.example.com/b:1\nCOPY --from=example.org/c:1 \\\n  /a /\n"
            "RUN --mount=from=quay.io/d:1,target=/d ls\nONBUILD COPY --from=quay.io/d:1 /a /\n",
            at=("example.org/c:1", "quay.io/d:1", "quay.io/d:1"),
            options={"trusted-registries": ("*.example.com",)},
        ),
        Bad(
            "ARG REGISTRY=quay.io\nFROM $REGISTRY/a:1\n",
            at=("$REGISTRY/a:1",),
            options={"trusted-registries": ("docker.io",)},
        ),
        Bad(
            "ARG TAG\nFROM quay.io/a/b:1-${TAG}\n",
            at=("quay.io/a/b:1-${TAG}",),
            options={"trusted-registries": ("docker.io",)},
        ),
    )
    good = (
        Good("FROM ghcr.io/a/b:1\n"),
        Good("FROM debian:12\n", options={"trusted-registries": ("docker.io",)}),
        Good(
            "FROM a.example.com/b:1 AS c\nFROM c\nCOPY --from=c /a /b\n",
            options={"trusted-registries": ("*.example.com",)},
        ),
        Good("FROM gcr.io/b:1\nFROM scratch\n", options={"trusted-registries": ("gcr*",)}),
        Good("ARG REGISTRY\nFROM $REGISTRY/a:1\n", options={"trusted-registries": ("docker.io",)}),
        Good("ARG TAG\nFROM gcr.io/a/b:1-${TAG}\n", options={"trusted-registries": ("gcr.io",)}),
        Good("ARG A\nFROM a/b:${A}\nFROM debian:${A}\nFROM r$A.io/b\n", options={"trusted-registries": ("gcr.io",)}),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        word = stage.from_.image
        if not self.setting("trusted-registries") or word is None:
            return
        if stage.base_text is None:
            registry = _written_registry(word.text)
            if registry is not None:
                yield from self._check(registry, word.text, word)
        elif (image := stage.image) is not None and image.text not in model.named_contexts:
            yield from self._check(image.registry, image.text, word)

    def check_copy(self, instruction: Copy, model: Model) -> Iterator[Finding]:
        return self._check_values(instruction, model)

    def check_run(self, instruction: Run, model: Model) -> Iterator[Finding]:
        return self._check_values(instruction, model)

    def _check_values(self, instruction: Instruction, model: Model) -> Iterator[Finding]:
        if not self.setting("trusted-registries"):
            return
        from dflint.model import ImageReference
        from dflint.rules._from_values import from_values, is_surely_image

        for value in from_values(instruction):
            image = model.resolve_from(value.text, instruction)
            if isinstance(image, ImageReference) and is_surely_image(value.text):
                yield from self._check(image.registry, value.text, value)

    def _check(self, registry: str, image: str, place: Ranged) -> Iterator[Finding]:
        trusted = self.setting("trusted-registries")
        if not any(_matches(registry, pattern) for pattern in trusted):
            yield self.finding(place, f"{image} comes from {registry}, which is not a trusted registry")


def _written_registry(text: str) -> str | None:
    """The registry of an image whose name has variables behind it only."""
    host, slash, _ = text.partition("/")
    is_host = slash and ("." in host or ":" in host or host == "localhost")
    return host if is_host and not set(host) & set("$\"'\\`") else None


def _matches(registry: str, pattern: str) -> bool:
    if pattern.startswith("*") and pattern.endswith("*"):
        return pattern.strip("*") in registry
    if pattern.startswith("*"):
        return registry.endswith(pattern[1:])
    if pattern.endswith("*"):
        return registry.startswith(pattern[:-1])
    return registry == pattern
