"""Rewrites that builds have guided and shown to be the same.

The original is built first: what its RUNs wrote makes up for what the text does not tell. The rewrite is built, run and
compared; what it lacks, a package or a path, is added and it is tried again; if that does not help, a rewrite of the
level below is tried. What is given back is proven to the level that was asked for, or is not changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.build import Recipe, Verifier
from dflint.optimizer.evidence import BuildEvidence
from dflint.optimizer.pipeline import optimize
from dflint.optimizer.rewrite import LEVELS, Refusal, Rewrite
from dflint.optimizer.study import written_by_runs
from dflint.record import NamedTuple
from dflint.verify import Level
from dflint.verify.packages import read_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from dflint.build import Recipe, Verification, VerifyOptions
    from dflint.build.verification import Driver
    from dflint.context import BuildContext
    from dflint.optimizer.draft import Settings
    from dflint.verify import Verdict
    from dflint.verify.packages import PackageDatabase

MAX_REPAIRS = 3


class Trial(NamedTuple):
    """One rewrite that was built, and what came of it."""

    rewrite: Rewrite
    verdict: Verdict
    added: tuple[str, ...]
    """Packages and paths that it has because an earlier one lacked them."""


class Guided(NamedTuple):
    """The outcome. ``rewrite`` has the original's text if nothing reached what was asked for."""

    rewrite: Rewrite
    verification: Verification | None
    """Of ``rewrite``, or of the last one that failed; None if there was nothing to build."""
    trials: tuple[Trial, ...]


def optimize_with_builds(
    driver: Driver,
    recipe: Recipe,
    context: BuildContext,
    settings: Settings,
    options: VerifyOptions,
    wanted: Level = Level.BEHAVES_SAME,
    *,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    on_event: Callable[[str], None] | None = None,
) -> Guided:
    """Rewrite ``recipe`` so that the result is shown to be the same to the level ``wanted``.

    Raises EngineError when the engine cannot say, KeyError for a name that no pass has.
    """
    guide = _Guide(driver, recipe, context, settings, options, wanted, only, skip, on_event or (lambda text: None))
    return guide.run()


class _Guide:
    def __init__(
        self, driver: Driver, recipe: Recipe, context: BuildContext, settings: Settings, options: VerifyOptions,
        wanted: Level, only: Collection[str], skip: Collection[str], on_event: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.recipe = recipe
        self.context = context
        self.settings = settings
        self.options = options
        self.wanted = wanted
        self.only, self.skip = only, skip
        self.on_event = on_event
        self.trials: list[Trial] = []
        self.last: Verification | None = None
        self.verifier = Verifier(driver, recipe, options, on_event)

    def run(self) -> Guided:
        with self.verifier:
            return self._run()

    def _run(self) -> Guided:
        evidence, packages = self._study()
        levels = LEVELS[LEVELS.index(self.settings.level) :: -1]
        tried: set[str] = set()
        for level in levels:
            settings = self.settings._replace(level=level)
            rewrite = self._proven(settings, evidence, packages, tried)
            if rewrite is not None:
                return Guided(self._with_story(rewrite), self.last, tuple(self.trials))
        text = self.recipe.text
        refusals = tuple(Refusal("", "withheld a rewrite", _shortfall(trial.verdict)) for trial in self.trials)
        return Guided(Rewrite(text, text, (), refusals), self.last, tuple(self.trials))

    def _proven(
        self, settings: Settings, evidence: BuildEvidence, packages: PackageDatabase | None, tried: set[str]
    ) -> Rewrite | None:
        """The rewrite of a level that is shown to do the same, repaired if need be; None if there is none."""
        for _ in range(1 + MAX_REPAIRS):
            rewrite = self._rewrite(settings, evidence)
            if not rewrite.is_changed:
                return rewrite
            if rewrite.text in tried:
                return None
            tried.add(rewrite.text)
            verification = self._verified(rewrite)
            self.trials.append(Trial(rewrite, verification.verdict, (*evidence.packages, *evidence.missing)))
            if verification.verdict.level >= self.wanted and not _can_be_better(verification.verdict):
                return rewrite
            repaired = _repaired(evidence, verification.verdict, packages)
            if repaired == evidence:
                return rewrite if verification.verdict.level >= self.wanted else None
            evidence = repaired
            self.on_event("repairing the rewrite")
        best = max(self.trials, key=lambda trial: trial.verdict.level)
        return best.rewrite if best.verdict.level >= self.wanted else None

    def _rewrite(self, settings: Settings, evidence: BuildEvidence) -> Rewrite:
        return optimize(self.recipe.text, self.context, settings, evidence, only=self.only, skip=self.skip)

    def _verified(self, rewrite: Rewrite) -> Verification:
        ignore = self.recipe.ignore if rewrite.dockerignore is None else rewrite.dockerignore
        self.last = self.verifier.verify(self.recipe._replace(text=rewrite.text, ignore=ignore))
        return self.last

    def _study(self) -> tuple[BuildEvidence, PackageDatabase | None]:
        """What a build of the original shows; nothing if it does not build."""
        if self.verifier.original().failure:
            return BuildEvidence(), None
        image = self.verifier.image()
        packages = read_packages(image)
        return BuildEvidence(written_by_runs(image, packages, self.recipe.text, self.options.build)), packages

    def _with_story(self, rewrite: Rewrite) -> Rewrite:
        trial = next((trial for trial in reversed(self.trials) if trial.rewrite is rewrite), None)
        if trial is None or not trial.added:
            return rewrite
        change = rewrite.changes[0]
        told = f"{change.reason}; added because a build lacked them: {', '.join(trial.added[:8])}"
        return rewrite._replace(changes=(change._replace(reason=told), *rewrite.changes[1:]))


def _can_be_better(verdict: Verdict) -> bool:
    """Whether something that is needed is missing, although the run did not notice."""
    return any(reason.level == Level.CLOSURE_EQUAL and "missing" in reason.message for reason in verdict.reasons)


def _repaired(evidence: BuildEvidence, verdict: Verdict, packages: PackageDatabase | None) -> BuildEvidence:
    """The evidence with the packages and paths that a rewrite lacked."""
    names, paths = list(evidence.packages), list(evidence.missing)
    for reason in verdict.reasons:
        if not reason.subject.startswith("/") or "missing" not in reason.message:
            continue
        owner = packages.owner(reason.subject) if packages is not None else None
        if owner is not None:
            names.append(owner.name)
        else:
            paths.append(reason.subject)
    return evidence._replace(packages=tuple(dict.fromkeys(names)), missing=tuple(dict.fromkeys(paths)))


def _shortfall(verdict: Verdict) -> str:
    reason = f": {verdict.reasons[0].subject}: {verdict.reasons[0].message}" if verdict.reasons else ""
    return f"it only reached level {int(verdict.level)}{reason}"
