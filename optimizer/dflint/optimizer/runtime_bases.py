"""Which image a stage can run on, once something else has built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.base_images import RELEASES, debian_release, start_of, version_of
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from dflint.model import Stage
    from dflint.model.image import ImageReference

_DISTRIBUTIONS = frozenset(("debian", "ubuntu", "alpine", "buildpack-deps", "fedora", "rockylinux", "almalinux"))
_UBUNTU = frozenset(("focal", "jammy", "noble", "resolute"))
_WITH_SLIM = frozenset(("node", "python", "ruby", "perl", "pypy"))


class RuntimeBase(NamedTuple):
    """A base for a final stage."""

    text: str
    """What FROM is to name, variables kept as they are written."""
    reference: ImageReference
    is_same: bool = False
    """Whether it is the very image that builds; what is gained is then what was installed to build."""
    lost_path: tuple[str, ...] = ()
    """Folders of PATH that the building image has and this one has not."""
    workdir: str = ""
    """The building image's working directory where this one has another; empty if they have the same."""
    drops: str = ""
    """What it lacks, for people: ``compilers, headers and git``."""


class NoBase(NamedTuple):
    """Why there is none."""

    reason: str
    is_lean: bool = False
    """Whether there is nothing to gain, rather than something in the way."""


def runtime_base(stage: Stage) -> RuntimeBase | NoBase:
    """The base for what a stage ships: the same distribution and release, and the language's own run time."""
    image, word = stage.image, stage.from_.image
    if image is None or word is None:
        if stage.parent is not None:
            return NoBase(f"it starts from the stage {stage.parent.name or stage.parent.index}")
        return NoBase("nothing is known of its base", stage.is_scratch)
    if image.digest is not None:
        return NoBase("its base is pinned by a digest, and that of a lighter variant is not known")
    if "onbuild" in (image.tag or ""):
        return NoBase("its base runs ONBUILD triggers that are not in this file")
    from dflint.facts import canonical_name

    name = canonical_name(image)
    if name in _WITH_SLIM:
        return _slim(stage, image)
    if name in ("golang", "rust", "gcc", "buildpack-deps"):
        return _distribution(image, name)
    if name in ("maven", "gradle", "eclipse-temurin", "openjdk"):
        return _java(image, name)
    if name.startswith("mcr.microsoft.com/dotnet/") and name.endswith("/sdk"):
        return _dotnet(stage, image)
    return _same(stage, image)


def _same(stage: Stage, image: ImageReference) -> RuntimeBase:
    word = stage.from_.image
    assert word is not None
    return RuntimeBase(word.value, image, True)


def _slim(stage: Stage, image: ImageReference) -> RuntimeBase | NoBase:
    from dflint.facts import lighter_variants

    word = stage.from_.image
    assert word is not None
    words = (image.tag or "").split("-")
    if "slim" in words or "alpine" in (image.tag or ""):
        return _same(stage, image)
    variant = next((v for v in lighter_variants(image) if v.kind == "slim" and v.same_distribution), None)
    slim = variant.reference if variant is not None else _slim_of_old(image)
    if slim is None:
        return NoBase(f"no slim variant of {image.text} is known")
    text = slim
    if word.value != image.text:
        # A variable: python:${VERSION} becomes python:${VERSION}-slim, if that says the same.
        if not text.startswith(image.text + "-") or '"' in word.value or "'" in word.value:
            return NoBase(f"no slim variant of {word.value} can be named")
        text = word.value + text[len(image.text) :]
    reference = _parsed(slim)
    if reference is None:
        return NoBase(f"no slim variant of {image.text} is known")
    return RuntimeBase(text, reference, drops="compilers, headers, git and curl")


_SLIM_LAST = frozenset(("node",))
"""Images that name the release before ``slim``: ``18-bullseye-slim``, but ``3.9-slim-bullseye``."""
_NODE_LINES = frozenset(
    ("lts", "current", "hydrogen", "iron", "jod", "krypton", "gallium", "fermium", "erbium", "dubnium")
)
_OLDEST_WITH_SLIM = {"node": (6,), "python": (2, 7), "ruby": (2, 1), "perl": (5, 20), "pypy": (2,)}


def _slim_of_old(image: ImageReference) -> str | None:
    """The slim variant of a version that is no longer maintained, so in no table of today; its tags stay."""
    from dflint.facts import canonical_name

    name = canonical_name(image)
    version, _, release = (image.effective_tag or "").partition("-")
    numbers = version_of(image)
    numbers = numbers if numbers is not None and version == ".".join(map(str, numbers)) else None
    if (numbers is None or numbers < _OLDEST_WITH_SLIM[name]) and version not in _NODE_LINES:
        return None
    if release and release not in RELEASES and release not in ("stretch", "jessie"):
        return None
    words = [version, release, "slim"] if name in _SLIM_LAST else [version, "slim", release]
    return image.with_tag("-".join(filter(None, words)))


def _distribution(image: ImageReference, name: str) -> RuntimeBase | NoBase:
    release = debian_release(image)
    if "alpine" in (image.tag or ""):
        return _alpine(image)
    ubuntu = next((word for word in (image.tag or "").split("-") if word in _UBUNTU), None)
    if (release is None and ubuntu is None) or name not in image.text:
        return NoBase(f"it is not known which Debian {image.text} is made from")
    reference = _parsed(_prefix(image, name) + (f"debian:{release}-slim" if release else f"ubuntu:{ubuntu}"))
    assert reference is not None
    start = start_of(image)
    return RuntimeBase(reference.text, reference, False, start.path, start.workdir, f"the tools of {name}")


def _alpine(image: ImageReference) -> RuntimeBase | NoBase:
    from dflint.facts import canonical_name

    words = [word for word in (image.tag or "").split("-") if word.startswith("alpine")]
    # Without a version it is the newest; musl's programs run with a newer musl.
    version = (words[0].removeprefix("alpine") if words else "") or "3"
    name = canonical_name(image)
    reference = _parsed(f"{_prefix(image, name)}alpine:{version}")
    assert reference is not None
    start = start_of(image)
    return RuntimeBase(reference.text, reference, False, start.path, start.workdir, f"the tools of {name}")


def _prefix(image: ImageReference, name: str) -> str:
    """The mirror that an official image is taken from: ``public.ecr.aws/docker/library/``."""
    head = image.text.partition("@")[0]
    before, found, _ = head.partition(name)
    return before if found and (not before or before.endswith("/")) else ""


def _java(image: ImageReference, name: str) -> RuntimeBase | NoBase:
    tag = image.tag or ""
    words = tag.split("-")
    if any(word.startswith("jre") for word in words):
        return RuntimeBase(image.text, image, True)
    found = _temurin_tag(name, words)
    if found is None:
        return NoBase(f"no run time without compiler is known that is of the same make as {image.text}")
    other = "openjdk" if name == "openjdk" else "eclipse-temurin"
    reference = _parsed(f"{_prefix(image, name)}{other}:{found}")
    if reference is None:
        return NoBase(f"no run time for {image.text} is known")
    start, new = start_of(image), start_of(reference)
    lost = tuple(folder for folder in start.path if folder not in new.path)
    return RuntimeBase(reference.text, reference, False, lost, start.workdir, "the JDK and its build tools")


def _temurin_tag(name: str, words: list[str]) -> str | None:
    """The tag of the run time: ``17-jre`` for ``17-jdk``, ``3.9-eclipse-temurin-17``, ``8-jdk17``."""
    if name == "eclipse-temurin":
        head = words[0]
        rest = [word for word in words[1:] if word != "jdk"]
        return "-".join([head, "jre", *rest]) if head[:1].isdigit() else None
    if name == "openjdk":
        version = next((word for word in words if word[:1].isdigit()), "")
        if version not in ("8", "11") or "alpine" in "-".join(words):
            return None
        release = [word for word in words if word in ("buster", "bullseye", "stretch")]
        return "-".join([version, "jre", "slim", *release])
    if name == "maven" and "temurin" in words:
        at = words.index("temurin")
        rest = words[at + 1 :]
        return "-".join([rest[0], "jre", *rest[1:]]) if rest and rest[0].isdigit() else None
    if name == "gradle":
        jdk = next((word for word in words if word.startswith("jdk") and word[3:].isdigit()), None)
        if jdk is None:
            return None
        rest = [word for word in words if word in ("alpine", "jammy", "noble", "focal")]
        return "-".join([jdk[3:], "jre", *rest])
    return None


def _dotnet(stage: Stage, image: ImageReference) -> RuntimeBase | NoBase:
    word = stage.from_.image
    assert word is not None
    if image.tag is None or word.value != image.text:
        return NoBase("the version of the .NET SDK is not known")
    # aspnet holds the run time of console applications as well.
    reference = _parsed(image.text.replace("/sdk:", "/aspnet:"))
    if reference is None or version_of(image) is None:
        return NoBase("the version of the .NET SDK is not known")
    return RuntimeBase(reference.text, reference, drops="the .NET SDK")


def _parsed(text: str) -> ImageReference | None:
    from dflint.model.image import ImageReference

    return ImageReference.parse(text)
