"""Running the passes, and withholding what a guard objects to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.draft import Draft, Settings
from dflint.optimizer.passes import load, pass_names
from dflint.optimizer.rewrite import LEVELS, Refusal, Rewrite

if TYPE_CHECKING:
    from collections.abc import Collection

    from dflint.context import BuildContext
    from dflint.optimizer.draft import Outcome
    from dflint.optimizer.evidence import BuildEvidence
    from dflint.optimizer.rewrite import Change


def optimize(
    text: str,
    context: BuildContext | None = None,
    settings: Settings | None = None,
    evidence: BuildEvidence | None = None,
    *,
    only: Collection[str] = (),
    skip: Collection[str] = (),
) -> Rewrite:
    """Rewrite a Dockerfile. ``only`` and ``skip`` name passes; KeyError for a name that no pass has.

    The result parses, and its final stage has the original's configuration as far as the models tell: a pass whose
    result fails that is undone and becomes a refusal.
    """
    settings = Settings() if settings is None else settings
    unknown = (set(only) | set(skip)) - set(pass_names())
    if unknown:
        raise KeyError(min(unknown))
    draft = Draft(text, context, settings, evidence)
    refusal = _unfit(draft)
    if refusal is not None:
        return Rewrite(text, text, refusals=(refusal,))
    changes: list[Change] = []
    refusals: list[Refusal] = []
    dockerignore: str | None = None
    for name in pass_names():
        if (only and name not in only) or name in skip:
            continue
        step = load(name)
        if LEVELS.index(step.level) > LEVELS.index(settings.level):
            continue
        outcome = step.run(draft)
        refusals += outcome.refusals
        after = _after(draft, outcome)
        objection = _objection(draft, after) if after is not draft else None
        if objection is not None:
            refusals.append(Refusal(name, "withheld the result", objection))
            continue
        draft = after
        changes += outcome.changes
        dockerignore = outcome.dockerignore if outcome.dockerignore is not None else dockerignore
    return Rewrite(text, draft.text, tuple(changes), tuple(refusals), dockerignore)


def _unfit(draft: Draft) -> Refusal | None:
    """Why nothing can be done with a file at all."""
    tree = draft.model.tree
    if tree.problems:
        problem = tree.problems[0]
        return Refusal("", "left the file as it is", problem.message, draft.line_of(problem.start))
    if draft.model.target is None:
        return Refusal("", "left the file as it is", "there is no stage to build")
    if any(stage.looks_like_windows for stage in draft.model.stages):
        return Refusal("", "left the file as it is", "Windows images are not optimized")
    return None


def _after(draft: Draft, outcome: Outcome) -> Draft:
    if outcome.text is not None and outcome.text != draft.text:
        return draft.with_text(outcome.text)
    return draft.edited(outcome.edits) if outcome.edits else draft


def _objection(before: Draft, after: Draft) -> str | None:
    """Why a result must not be kept: it does not parse, or the final image would start in another way."""
    from dflint.verify import Level, compare_models

    if after.model.tree.problems:
        problem = after.model.tree.problems[0]
        return f"the result has a syntax error in line {after.line_of(problem.start)}: {problem.message}"
    verdict = compare_models(before.model, after.model)
    for reason in verdict.reasons:
        if reason.level != Level.BUILDS and not _is_restated(reason.subject, before, after):
            return f"{reason.subject}: {reason.message}"
    return None


def _is_restated(subject: str, before: Draft, after: Draft) -> bool:
    """Whether the rewrite spells out what the original has from a base image that is known to say so."""
    from dflint.optimizer.base_images import start_of

    one, other = before.model.target, after.model.target
    if one is None or other is None or one.root.image is None:
        return False
    start = start_of(one.root.image)
    config = after.model.effective_config(other)
    if subject == "config.WorkingDir":
        return before.model.effective_config(one).workdir.known == "base" and config.workdir.value == start.workdir
    if subject != "config.Env.PATH" or any(e.name == "PATH" for e in before.model.effective_config(one).env):
        return False
    variable = after.model.environment_at_end(other).lookup("PATH")
    value = variable.pair.value.text if variable is not None and variable.pair and variable.pair.value else ""
    return value.endswith(":$PATH") and set(value.split(":")[:-1]) <= set(start.path)
