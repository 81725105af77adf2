from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import From


class ConstantPlatform(Rule):
    """FROM has a `--platform` that is always the same.

    ## Why is this bad?

    The stage is then built for that platform whatever `docker build --platform` asks for, and on other machines it runs
    under emulation. If it is the last stage, the image claims a platform that it is not made for. Take
    `--platform=$BUILDPLATFORM` for a stage that cross-compiles, and no flag for all others.

    ## Exceptions

    A value with a variable, and a stage whose name holds the system or the architecture (`AS build-amd64`): it says
    that it is made for that one.

    ## Differs from hadolint

    hadolint reports every value without BUILDPLATFORM or TARGETPLATFORM, be it another ARG, and does not look at the
    stage's name. This is BuildKit's check (frontend/dockerfile/dockerfile2llb/validations.go).
    """

    name = "constant-platform"
    category = "base"
    level = "warning"
    aliases = ("DL3029", "FromPlatformFlagConstDisallowed")
    since = "0.1.0"

    bad = (
        Bad("FROM --platform=linux/amd64 debian:12\n", at=("linux/amd64",)),
        Bad("from --platform=linux/arm64 debian:12 as build\n", at=("linux/arm64",)),
        Bad("FROM --platform=amd64 \\\n  debian:12\n", at=("amd64",)),
        Bad('FROM --platform="linux/amd64" debian:12\n', at=('"linux/amd64"',)),
    )
    good = (
        Good("FROM debian:12\n"),
        Good("FROM --platform=$BUILDPLATFORM debian:12 AS build\n"),
        Good("ARG PLATFORM=linux/amd64\nFROM --platform=${PLATFORM} debian:12\n"),
        Good("FROM --platform=linux/amd64 debian:12 AS build-amd64\n"),
        Good("FROM --platform=linux/x86_64 debian:12 AS build_amd64\n"),
        Good("FROM --platform=linux/arm64 debian:12 AS linux\n"),
    )

    def check_from(self, instruction: From, model: Model) -> Iterator[Finding]:
        flag = instruction.flag("platform")
        if flag is None or flag.value is None or "$" in flag.value.text or not flag.text:
            return
        platform = flag.text.lower()
        stage_name = instruction.stage_name
        if stage_name is not None and any(part in stage_name.text.lower() for part in _parts(platform)):
            return
        yield self.finding(flag.value, f"the stage is built for {flag.text}, whatever platform is asked for")


def _parts(platform: str) -> list[str]:
    """The system and the architecture that a platform names; a builder for Linux reads an architecture alone."""
    from dflint.facts.platforms import asked_platform

    system, architecture = asked_platform(platform)
    return [part for part in (system or "linux", architecture) if part]
