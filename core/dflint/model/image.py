"""Image references: ``registry/repository:tag@digest``."""

from __future__ import annotations

DEFAULT_REGISTRY = "docker.io"
_LEGACY_REGISTRY = "index.docker.io"
_PATTERN_TEXT = (
    r"(?P<domain>(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?))*"
    r"|\[[a-fA-F0-9:]+\])(?::[0-9]+)?)"
    r"/(?P<path>[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?"
)
_pattern = None


class ImageReference:
    """A parsed reference in its normal form; equal if registry, repository, tag and digest are."""

    __slots__ = ("digest", "registry", "repository", "tag", "text")

    def __init__(self, text: str, registry: str, repository: str, tag: str | None, digest: str | None) -> None:
        self.text = text
        """As written."""
        self.registry = registry
        """``docker.io`` if none is written."""
        self.repository = repository
        """The path in the registry: ``library/python``, ``bitnami/redis``."""
        self.tag = tag
        """None if none is written; the build then takes ``latest``, unless there is a digest."""
        self.digest = digest

    @classmethod
    def parse(cls, text: str) -> ImageReference | None:
        """The reference, None for what is not one (distribution/reference: ParseNormalizedNamed)."""
        global _pattern
        if _pattern is None:
            import re

            _pattern = re.compile(_PATTERN_TEXT)
        registry, rest = _split_registry(text)
        match = _pattern.fullmatch(f"{registry}/{rest}")
        if match is None or match["domain"] != registry or (len(text) == 64 and _is_hexadecimal(text)):
            return None
        if len(match["domain"]) + 1 + len(match["path"]) > 255:
            return None
        return cls(text, registry, match["path"], match["tag"], match["digest"])

    @property
    def is_official(self) -> bool:
        """Whether it is one of Docker Hub's official images (``library/``)."""
        return self.registry == DEFAULT_REGISTRY and self.repository.startswith("library/")

    @property
    def name(self) -> str:
        """The familiar name without tag and digest: ``python``, ``bitnami/redis``, ``ghcr.io/owner/app``."""
        if self.registry != DEFAULT_REGISTRY:
            return f"{self.registry}/{self.repository}"
        return self.repository.removeprefix("library/") if self.is_official else self.repository

    @property
    def family(self) -> str:
        """The name without its registry: ``python``, ``bitnami/redis``, ``dotnet/sdk``."""
        return self.repository.removeprefix("library/") if self.registry == DEFAULT_REGISTRY else self.repository

    @property
    def effective_tag(self) -> str | None:
        """The tag that is pulled: ``latest`` if neither tag nor digest is written; None with a digest alone."""
        return self.tag or (None if self.digest else "latest")

    def with_tag(self, tag: str) -> str:
        """The reference as text with another tag and no digest, the name spelled as it was."""
        name = self.text.partition("@")[0]
        head, colon, tail = name.rpartition(":")
        if colon and "/" not in tail:
            name = head
        return f"{name}:{tag}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ImageReference):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"ImageReference({self.text!r})"

    def _key(self) -> tuple[str, str, str | None, str | None]:
        return self.registry, self.repository, self.tag, self.digest


class NamedContext:
    """A context that the build is given by ``--build-context NAME=...``, as the configuration says."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"NamedContext({self.name!r})"


def _split_registry(text: str) -> tuple[str, str]:
    first, slash, rest = text.partition("/")
    if not slash:
        return DEFAULT_REGISTRY, f"library/{text}"
    if first in (_LEGACY_REGISTRY, DEFAULT_REGISTRY):
        return DEFAULT_REGISTRY, rest if "/" in rest else f"library/{rest}"
    if first == "localhost" or "." in first or ":" in first or first != first.lower():
        return first, rest
    return DEFAULT_REGISTRY, text


def _is_hexadecimal(text: str) -> bool:
    return all(char in "0123456789abcdef" for char in text)
