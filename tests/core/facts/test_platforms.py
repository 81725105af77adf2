import pytest

from dflint.facts.platforms import asked_platform, image_platform
from dflint.model import ImageReference


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("linux/arm64/v8", ("linux", "arm64")),
        ("Linux/AArch64", ("linux", "arm64")),
        ("linux/x86_64", ("linux", "amd64")),
        ("linux/armhf", ("linux", "arm")),
        ("linux/i386", ("linux", "386")),
        ("arm64", (None, "arm64")),
        ("x86-64", (None, "amd64")),
        ("linux", ("linux", None)),
        ("macos/arm64", ("darwin", "arm64")),
        ("windows(10.0.20348)/amd64", ("windows", "amd64")),
    ],
)
def test_asked_platform(text: str, platform: tuple[str | None, str | None]) -> None:
    assert asked_platform(text) == platform


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("arm64v8/debian:12", ("linux", "arm64")),
        ("arm32v5/debian", ("linux", "arm")),
        ("docker.io/winamd64/golang", ("windows", "amd64")),
        ("golang:1.25-nanoserver-ltsc2022", ("windows", None)),
        ("golang:1.25", (None, None)),
        ("debian:12", (None, None)),
        ("owner/app:1-arm64", (None, None)),
        ("owner/app:nanoserver", (None, None)),
        ("ghcr.io/arm64v8/debian", (None, None)),
        ("mcr.microsoft.com/dotnet/aspnet:9.0-noble-chiseled-arm64v8", ("linux", "arm64")),
        ("mcr.microsoft.com/dotnet/aspnet:9.0", (None, None)),
        ("mcr.microsoft.com/dotnet/aspnet:9.0-nanoserver-ltsc2022", ("windows", None)),
        ("mcr.microsoft.com/dotnet/framework/aspnet:4.8", ("windows", None)),
        ("mcr.microsoft.com/windows/servercore:ltsc2022-amd64", ("windows", "amd64")),
        ("mcr.microsoft.com/windows:ltsc2019", ("windows", None)),
        ("mcr.microsoft.com/playwright:v1-arm64", (None, None)),
        ("gcr.io/distroless/static-debian12:nonroot-arm", ("linux", "arm")),
        ("gcr.io/distroless/static-debian12", ("linux", None)),
        ("gcr.io/owner/static:nonroot-arm", (None, None)),
    ],
)
def test_image_platform(text: str, platform: tuple[str | None, str | None]) -> None:
    image = ImageReference.parse(text)
    assert image is not None and image_platform(image) == platform
