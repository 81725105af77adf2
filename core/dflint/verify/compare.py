"""The verdict on two images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.verify.closure import Parsed
from dflint.verify.configuration import Bases, compare_configurations
from dflint.verify.edges import compare_edges
from dflint.verify.file_systems import FileSystemComparison
from dflint.verify.level import Level
from dflint.verify.needs import Needs
from dflint.verify.side import Side
from dflint.verify.verdict import Difference, Reason, SmokeComparison, Verdict

if TYPE_CHECKING:
    from dflint.images import Image


def compare(
    original: Image,
    rewrite: Image,
    control: Image | None = None,
    run: SmokeComparison | None = None,
    *,
    bases: Bases | None = None,
) -> Verdict:
    """How far two built images are the same.

    ``control`` is a second build of the original, without cache: what differs between the two is noise. ``run`` is what
    running both showed; without it the level ends at 2, whatever the files say. ``bases`` are the configurations of the
    base images, which explain variables and labels that come from them.

    A level holds only if all lower ones do. The images must be open.
    """
    configuration = compare_configurations(original, rewrite, bases)
    parsed = Parsed()
    one = Side(original, parsed)
    variables = _other_variables(original, rewrite)
    needs = Needs(one, variables)
    other = Side(rewrite, parsed)
    Needs(other, variables)
    files = FileSystemComparison(one, other, control, needs)
    closure_reasons = _unique([*_user(one, other), *compare_edges(one, other), *files.reasons, *files.blocked()])
    unexplained = [difference for difference in files.differences if not difference.is_explained]
    reasons = [*configuration.reasons, *_run_reasons(run), *closure_reasons]
    named = {reason.subject for reason in closure_reasons}
    reasons += [_against_equal(difference) for difference in unexplained if difference.path not in named]
    return Verdict(
        level_of(reasons),
        tuple(sorted(reasons, key=lambda reason: reason.level)),
        tuple(files.differences),
        tuple(_notes(one, control, run, configuration.notes, files, closure_reasons)),
        not closure_reasons,
        not closure_reasons and not unexplained,
    )


def level_of(reasons: list[Reason]) -> Level:
    """The highest level that no reason stands against."""
    lowest = min((reason.level for reason in reasons), default=None)
    return Level.FILE_SYSTEM_EQUAL if lowest is None else Level(lowest - 1)


def _other_variables(original: Image, rewrite: Image) -> frozenset[str]:
    one, other = original.config.environment, rewrite.config.environment
    return frozenset(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _run_reasons(run: SmokeComparison | None) -> list[Reason]:
    if run is None:
        return [Reason(Level.BEHAVES_SAME, "run", "the images were not run")]
    if not run.checks:
        return [Reason(Level.BEHAVES_SAME, "run", "the run compared nothing")]
    return [
        Reason(
            Level.BEHAVES_SAME,
            f"run: {check.name}",
            f"{check.original!r} in the original, {check.rewrite!r} in the rewrite",
        )
        for check in run.checks
        if not check.is_equal
    ]


def _user(one: Side, other: Side) -> list[Reason]:
    if one.user_problem and other.user_problem:
        return [Reason(Level.CLOSURE_EQUAL, "config.User", f"neither image starts: {one.user_problem}")]
    return []


def _against_equal(difference: Difference) -> Reason:
    detail = f": {difference.detail}" if difference.detail else ""
    group = f" ({difference.group})" if difference.group != "unexplained" else ""
    return Reason(Level.FILE_SYSTEM_EQUAL, difference.path, f"{difference.kind}{group}{detail}")


def _unique(reasons: list[Reason]) -> list[Reason]:
    """One reason for a path, the first."""
    found: dict[str, Reason] = {}
    for reason in reasons:
        found.setdefault(reason.subject, reason)
    return list(found.values())


def _notes(
    one: Side, control: Image | None, run: SmokeComparison | None, configuration: tuple[str, ...],
    files: FileSystemComparison, closure_reasons: list[Reason],
) -> list[str]:  # fmt: skip
    notes = list(configuration)
    if not closure_reasons and run is None:
        notes.append("Closure equal, but not run: the level ends at 2 because level 3 was not tried.")
    if control is None:
        notes.append("No second build of the original: what differs between any two builds counts as a difference, and "
                     "modification times were not compared.")  # fmt: skip
    if files.noise:
        notes.append(f"{files.noise} files differ between two builds of the original already.")
    if files.moved:
        notes.append(f"{files.moved} files of Python packages have another place, with the same content.")
    if not one.closure.reached or not one.image.config.arguments:
        notes.append("The original has neither ENTRYPOINT nor CMD: nothing is known of what runs.")
    notes += one.packages.notes
    notes += one.closure.notes
    return notes
