"""An ignore file that leaves out what no image needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.draft import Outcome
from dflint.optimizer.rewrite import Change, Refusal

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.context import BuildContext
    from dflint.model import Model
    from dflint.optimizer.draft import Draft
    from dflint.optimizer.rewrite import Level

MAX_ENTRIES = 20_000
"""Entries of a context beyond which ``dflint ignore`` is the place to ask."""


class IgnoreFile:
    """Proposes what ``dflint ignore`` does, for the rewritten file and all others that are built with the context.

    Level multi-stage: what ``COPY . .`` no longer brings is not in the image.
    """

    name: ClassVar[str] = "ignore-file"
    level: ClassVar[Level] = "multi-stage"
    description: ClassVar[str] = "Leaves out of the build context what no image needs, by the ignore file beside it."

    def run(self, draft: Draft) -> Outcome:
        """Propose the text of the ignore file."""
        from dflint.rules._context_waste import carried

        context = draft.context
        if context is None or carried(draft.model) is None:  # nothing takes the whole context, or it is another folder
            return Outcome()
        try:
            return self._proposed(draft, context)
        except OSError as error:
            return self._refused(error.strerror or str(error))

    def _proposed(self, draft: Draft, context: BuildContext) -> Outcome:
        refusal = _unfit(context)
        if refusal:
            return self._refused(refusal)
        from dflint.waste.proposal import propose

        proposal = propose(context, _models(draft, context))
        if all(line.kind == "docker" for line in proposal.lines):
            return Outcome()
        patterns = ", ".join(line.pattern for line in proposal.lines[:4]) + (" ..." if len(proposal.lines) > 4 else "")
        change = Change(
            self.name,
            f"Ignore {patterns}",
            "no image needs it, and a change of it would spoil the cache",
            "less is sent to the builder, and none of it is in the image",
            ("nothing reads what is left out when it runs",),
        )
        return Outcome(changes=(change,), dockerignore=proposal.new)

    def _refused(self, reason: str) -> Outcome:
        return Outcome(refusals=(Refusal(self.name, "left the ignore file as it is", reason),))


def _unfit(context: BuildContext) -> str:
    """Why nothing can be proposed; empty if something can."""
    for unreadable in context.unreadable:
        if unreadable.path.endswith(".dockerignore"):
            return unreadable.message
    if context.ignore is not None and context.ignore.problems:
        return context.ignore.problems[0].message
    for count, _ in enumerate(context.walk()):
        if count >= MAX_ENTRIES:
            return f"the context has more than {MAX_ENTRIES} files: see dflint ignore"
    return "" if context.is_complete else "the context could not be read to its end"


def _models(draft: Draft, context: BuildContext) -> list[Model]:
    """The rewritten file and the other Dockerfiles that share its ignore file."""
    from dflint.discovery.search import is_dockerfile_name
    from dflint.model import Model
    from dflint.syntax import parse

    models = [draft.model]
    if context.ignore_path and not context.ignore_path.endswith("/.dockerignore"):
        return models  # it has one of its own
    entries = {entry.path: entry for entry in (*context.entries(), *context.walk())}
    for entry in entries.values():
        if entry.kind == "file" and is_dockerfile_name(entry.path.rpartition("/")[2]):
            path = f"{context.root}/{entry.path}"
            if _is_same(path, draft.settings.path):
                continue
            models.append(Model(parse(context.read(entry.path)), context, path))
    return models


def _is_same(one: str, other: str) -> bool:
    import os

    return os.path.normpath(one) == os.path.normpath(other)
