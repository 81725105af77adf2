"""The rewrite that a rule offers as its fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.draft import Settings
from dflint.optimizer.pipeline import optimize

if TYPE_CHECKING:
    from dflint.model import Model

_PASSES = frozenset(("split-stages", "prune-dev-dependencies"))


def in_stages(model: Model) -> str | None:
    """The text of a model's file with a stage for the build; None if that is not offered."""
    settings = Settings("multi-stage", model.path, tuple(model.named_contexts), None, model.build_args)
    rewrite = optimize(model.source.text, model.context, settings, only=_PASSES)
    return rewrite.text if rewrite.text != model.source.text else None
