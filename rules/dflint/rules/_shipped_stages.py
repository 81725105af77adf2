"""Which stages are in the image for sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.model import Model, Stage


def shipped_stages(model: Model) -> list[Stage]:
    """The target and what it starts from, the first one first.

    ``Stage.is_shipped`` also holds for stages that a FROM with variables may mean.
    """
    chain: list[Stage] = []
    stage = model.target
    while stage is not None:
        chain.append(stage)
        stage = stage.parent
    return chain[::-1]


def is_surely_shipped(stage: Stage, model: Model) -> bool:
    """Whether the stage's layers are in the image whatever the build arguments are."""
    return stage.is_shipped and any(stage is other for other in shipped_stages(model))
