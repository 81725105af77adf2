from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage


class BasePlatformMismatch(Rule):
    """FROM asks for a platform that its image is not for.

    ## Why is this bad?

    Most such builds stop: the registry has no image for that platform. Where the tag names a single image, or one that
    the processor runs too (`i386/debian` on amd64), that image is taken, and what is built from it claims the wrong
    platform: it does not start on the machine that it is pulled for, or only under emulation.

    ## Exceptions

    dflint does not ask a registry. It knows the platform of an image only if the name says it surely:

    - Docker Hub's copies of the official images for one architecture (`arm64v8/debian`, `i386/alpine`);
    - the images of .NET and distroless with an architecture at the end of the tag (`sdk:9.0-alpine-arm64v8`);
    - Windows images (`mcr.microsoft.com/windows/...`, tags with `nanoserver` or `windowsservercore`).

    It is silent on all others, and on a stage without `--platform` or with one that the platform of the build decides.
    Variants (`linux/arm/v6` and `arm32v7/...`) are not compared. The default of a global ARG counts.

    ## Differs from BuildKit

    BuildKit looks at the image that it has pulled, whatever its name, and also compares with the platform of the build
    or of the machine (validateBaseImagePlatform in frontend/dockerfile/dockerfile2llb/validations.go). An index without
    that platform it reports as an error.
    """

    name = "base-platform-mismatch"
    category = "base"
    level = "warning"
    aliases = ("InvalidBaseImagePlatform",)
    since = "0.1.0"

    bad = (
        Bad("FROM --platform=linux/amd64 arm64v8/debian:12\n", at=("arm64v8/debian:12",)),
        Bad("from --platform=linux/amd64 \\\n  i386/alpine as build\n", at=("i386/alpine",)),
        Bad("FROM --platform=arm64 docker.io/arm32v7/golang:1.25\n", at=("docker.io/arm32v7/golang:1.25",)),
        Bad("ARG PLATFORM=linux/s390x\nFROM --platform=${PLATFORM} ppc64le/debian\n", at=("ppc64le/debian",)),
        Bad("ARG ARCH=arm64v8\nFROM --platform=linux/amd64 $ARCH/node:22\n", at=("$ARCH/node:22",)),
        Bad(
            "FROM --platform=linux/amd64 mcr.microsoft.com/dotnet/sdk:9.0-alpine-arm64v8\n",
            at=("mcr.microsoft.com/dotnet/sdk:9.0-alpine-arm64v8",),
        ),
        Bad(
            "FROM --platform=linux/arm64 gcr.io/distroless/static-debian12:nonroot-amd64\n",
            at=("gcr.io/distroless/static-debian12:nonroot-amd64",),
        ),
        Bad("FROM --platform=linux python:3.12-windowsservercore\n", at=("python:3.12-windowsservercore",)),
        Bad("FROM --platform=windows/amd64 amd64/debian:12\n", at=("amd64/debian:12",)),
    )
    good = (
        Good("FROM --platform=linux/amd64 amd64/debian:12\n"),
        Good("FROM --platform=linux/arm64/v8 arm64v8/debian:12\n"),
        Good("FROM --platform=linux/aarch64 arm64v8/debian:12\n"),
        Good("FROM --platform=linux/arm/v6 arm32v7/debian:12\n"),
        Good("FROM --platform=linux arm64v8/debian:12\n"),
        Good("FROM --platform=windows/amd64 python:3.12-windowsservercore\n"),
        Good("FROM --platform=amd64 python:3.12-windowsservercore\n"),
        Good("FROM arm64v8/debian:12\n"),
        Good("FROM --platform=$BUILDPLATFORM arm64v8/debian:12\n"),
        Good("ARG PLATFORM\nFROM --platform=$PLATFORM arm64v8/debian:12\n"),
        Good("ARG ARCH\nFROM --platform=linux/amd64 $ARCH/debian:12\n"),
        Good("FROM --platform=linux/amd64 ghcr.io/arm64v8/debian:12\n"),
        Good("FROM --platform=linux/amd64 owner/cross:aarch64-arm64\n"),
        Good("FROM --platform=linux/amd64 debian:12 AS arm64v8\nFROM --platform=linux/amd64 arm64v8\n"),
        Good("FROM --platform=linux/amd64 mcr.microsoft.com/dotnet/sdk:9.0-alpine-amd64\n"),
        Good("FROM --platform=linux/amd64 mcr.microsoft.com/dotnet/sdk:9.0\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        flag = stage.from_.flag("platform")
        if flag is None or flag.value is None or stage.parents:
            return
        image = stage.image
        platform = model.environment_before(stage.from_).expand(flag.value)
        word = stage.from_.image
        if image is None or word is None or not platform or image.text in model.named_contexts:
            return
        from dflint.facts.platforms import asked_platform, image_platform

        actual, asked = image_platform(image), asked_platform(platform)
        if any(is_one and wanted and is_one != wanted for is_one, wanted in zip(actual, asked, strict=True)):
            known = "/".join(part for part in actual if part)
            yield self.finding(word, f"{image.name} is an image for {known}, not for {platform}")
