"""The build cache: which steps of a Dockerfile BuildKit would have run again, commit by commit."""

from dflint.buildcache.replay import Build, Cache, Outcome, StepResult, replay
from dflint.buildcache.snapshot import Snapshot, Source
from dflint.buildcache.steps import Plan, PlanError, Step, plan_of

__all__ = [
    "Build",
    "Cache",
    "Outcome",
    "Plan",
    "PlanError",
    "Snapshot",
    "Source",
    "Step",
    "StepResult",
    "plan_of",
    "replay",
]
