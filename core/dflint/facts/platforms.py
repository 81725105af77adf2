"""The platforms that images are surely for, by their names, and what a ``--platform`` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.model.image import ImageReference

    Platform = tuple[str | None, str | None]
    """System and architecture as an image's configuration has them: ``("linux", "arm64")``; None: not known."""

_NAMESPACES = {
    "amd64": ("linux", "amd64"), "arm32v5": ("linux", "arm"), "arm32v6": ("linux", "arm"),
    "arm32v7": ("linux", "arm"), "arm64v8": ("linux", "arm64"), "i386": ("linux", "386"),
    "mips64le": ("linux", "mips64le"), "ppc64le": ("linux", "ppc64le"), "riscv64": ("linux", "riscv64"),
    "s390x": ("linux", "s390x"), "winamd64": ("windows", "amd64"),
}  # fmt: skip
"""Docker Hub's copies of the official images for one platform each (docker-library/official-images, README.md)."""
_TAG_ENDS = {
    "amd64": "amd64", "arm": "arm", "arm32v7": "arm", "arm64": "arm64", "arm64v8": "arm64",
    "ppc64le": "ppc64le", "riscv64": "riscv64", "s390x": "s390x",
}  # fmt: skip
_TAGGED_REGISTRIES = {"mcr.microsoft.com": ("dotnet/", "windows/"), "gcr.io": ("distroless/",)}
"""Who ends tags with the architecture of the one image that they mean: registries and starts of repositories."""
_WINDOWS_REPOSITORIES = ("windows/", "dotnet/framework/")
_WINDOWS_WORDS = frozenset(("nanoserver", "windowsservercore"))

_SYSTEMS = frozenset(
    ("aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl", "netbsd",
     "openbsd", "plan9", "solaris", "windows", "zos")
)  # fmt: skip
_ARCHITECTURES = {
    "x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm", "armel": "arm", "i386": "386",
}  # fmt: skip


def asked_platform(text: str) -> Platform:
    """What ``linux/arm64/v8``, ``arm64`` or ``windows`` asks for (containerd/platforms: Parse).

    An architecture alone leaves the system to the builder, a system alone the architecture: that part is None.
    """
    parts = text.lower().split("/")
    system: str | None = parts[0].partition("(")[0]
    if len(parts) == 1:
        return (system, None) if system in _SYSTEMS else (None, _ARCHITECTURES.get(parts[0], parts[0]))
    return ("darwin" if system == "macos" else system), _ARCHITECTURES.get(parts[1], parts[1])


def image_platform(image: ImageReference) -> Platform:
    """The platform of the image that a reference means on every machine."""
    if image.registry == "docker.io":
        return _on_docker_hub(image)
    repository = image.repository + "/"
    if not repository.startswith(_TAGGED_REGISTRIES.get(image.registry, ())):
        return None, None
    words = (image.tag or "").split("-")
    architecture = _TAG_ENDS.get(words[-1]) if len(words) > 1 else None
    if image.registry == "gcr.io":
        return "linux", architecture
    is_windows = repository.startswith(_WINDOWS_REPOSITORIES) or not _WINDOWS_WORDS.isdisjoint(words)
    return ("windows" if is_windows else "linux" if architecture else None), architecture


def _on_docker_hub(image: ImageReference) -> Platform:
    namespace = image.repository.partition("/")[0]
    if namespace in _NAMESPACES:
        return _NAMESPACES[namespace]
    if image.is_official and not _WINDOWS_WORDS.isdisjoint((image.tag or "").split("-")):
        return "windows", None
    return None, None
