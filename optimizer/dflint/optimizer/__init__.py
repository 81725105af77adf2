"""The optimizer: rewrites Dockerfiles, up to multi-stage form, and says what it did and what not.

``optimize(text, context, settings)`` runs the passes of ``dflint.optimizer.passes`` one after the other over a draft.
It executes nothing and goes nowhere; what a build shows can be handed to it as evidence.
"""

from dflint.optimizer.draft import Settings
from dflint.optimizer.pipeline import optimize
from dflint.optimizer.rewrite import LEVELS, Change, Level, Refusal, Rewrite

__all__ = ["LEVELS", "Change", "Level", "Refusal", "Rewrite", "Settings", "optimize"]
