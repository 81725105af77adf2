"""Proof of a rewrite: two images, or two Dockerfiles, compared.

``compare`` gives the verdict on two images that were built, on a ladder of levels that is never rounded up;
``compare_models`` what can be said of two Dockerfiles without building.
"""

from dflint.verify.compare import compare
from dflint.verify.configuration import Bases
from dflint.verify.level import Level
from dflint.verify.static import compare_models
from dflint.verify.verdict import Difference, Reason, SmokeCheck, SmokeComparison, Verdict

__all__ = [
    "Bases",
    "Difference",
    "Level",
    "Reason",
    "SmokeCheck",
    "SmokeComparison",
    "Verdict",
    "compare",
    "compare_models",
]
