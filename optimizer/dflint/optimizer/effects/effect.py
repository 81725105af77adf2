"""What a command of a RUN does to the image's files, as far as it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from dflint.context import BuildContext
    from dflint.model.environment import Environment
    from dflint.model.image import ImageReference

Kind = Literal["nothing", "files", "system", "unknown"]
"""nothing: it changes no file that counts (``cd``, ``echo``, cleaning caches, ``apt-get update``);
files: it writes ``writes`` and no system state, so copying these paths brings its results;
system: it changes accounts, installed packages or other system state: to have it in another stage is to run it there;
unknown: nobody knows what it writes."""


class Effect(NamedTuple):
    """One command's effect. All paths are absolute and stand for everything below them."""

    kind: Kind
    writes: tuple[str, ...] = ()
    """Where it leaves what counts: for ``system`` what it writes besides."""
    caches: tuple[str, ...] = ()
    """Where it leaves what nobody needs afterwards: ``/root/.npm``."""
    owns: tuple[str, ...] = ()
    """The paths whose owner or mode it sets for themselves, not only for what is below."""
    again: tuple[str, ...] = ()
    """Shell commands that make the rest of it where the paths are copied to: links, the cache of the loader."""
    reason: str = ""
    """Of ``unknown``: why, starting in lower case: ``./setup.sh may write anywhere``."""
    assumes: str = ""
    """What the effect takes for granted: ``npm run build writes below /app only``."""


class Place(NamedTuple):
    """Where a command runs."""

    workdir: str | None
    """The working directory at the command, ``cd`` taken into account; None if not known."""
    environment: Environment
    """Variables, USER and SHELL that hold at the RUN."""
    image: ImageReference | None
    """The image that the stage's chain starts from, if known."""
    context: BuildContext | None
    project: tuple[str, ...] = ()
    """The folders in the image that hold files of the build context, as far as COPY and ADD say so."""
    settings: tuple[tuple[str, str], ...] = ()
    """What commands before this one told a package manager to keep: ``("poetry virtualenvs.create", "false")``."""


NOTHING = Effect("nothing")


def unknown(reason: str) -> Effect:
    """An effect that nobody knows."""
    return Effect("unknown", reason=reason)
