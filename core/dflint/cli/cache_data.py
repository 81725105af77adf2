"""What ``dflint cache`` found out, and its JSON form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dflint.record import NamedTuple
from dflint.report.base import valid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dflint.buildcache.steps import Step
    from dflint.buildcache.study import StepStudy, Study
    from dflint.findings import Applicability
    from dflint.history import History

SCHEMA = 1


class Saving(NamedTuple):
    """A step that another order of the file would run less often: builds in which it runs, of how many."""

    text: str
    line: int
    before: int
    after: int
    built_after: int


class Advice(NamedTuple):
    """A fix of a rule and what it would save; ``new_text`` is the fixed file."""

    rule: str
    title: str
    line: int
    applicability: Applicability
    savings: tuple[Saving, ...]
    new_text: str


class Manifests(NamedTuple):
    """The manifests and lock files that a RUN installs from, and in how many commits one of them changed."""

    paths: tuple[str, ...]
    commits: int


class Report(NamedTuple):
    """Everything there is to tell. Without ``history`` ``classes`` are two studies: of a changed source, and of a
    changed manifest; ``study`` is the first of them and ``reason`` says why there is no history.
    """

    path: str
    study: Study
    history: History | None = None
    reason: str = ""
    manifest_study: Study | None = None
    past_dockerfiles: bool = False
    seconds: Mapping[tuple[str, int], float] | None = None
    manifests: Mapping[int, Manifests] = {}
    """By the step's number."""
    advice: tuple[Advice, ...] = ()

    def seconds_of(self, step: Step) -> float | None:
        """How long a step takes, if that is known. A file's only stage has several names."""
        if self.seconds is None:
            return None
        label, number = step.place
        labels = (label,) if label else ("", "stage-0")
        return next((s for name in labels if (s := self.seconds.get((name, number))) is not None), None)

    def lost(self, study: StepStudy) -> float | None:
        """Seconds that a step took in all builds in which it ran."""
        seconds = self.seconds_of(study.step)
        return None if seconds is None else seconds * (study.ran + study.maybe)

    @property
    def lost_in_all(self) -> float | None:
        if self.seconds is None:
            return None
        return sum(lost for study in self.study.steps if (lost := self.lost(study)) is not None)


def line_of(step: Step) -> int:
    """The line (from 1) in which a step's instruction starts."""
    line: int = step.instruction.start_pos[0]
    return line


def as_json(report: Report) -> dict[str, Any]:
    """The document that ``docs/cache.md`` describes."""
    study = report.study
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "dockerfile": valid(report.path),
        "history": _history(report),
        "remarks": [valid(remark) for remark in study.remarks],
        "steps": [_step(report, number) for number in range(len(study.steps))],
        "advice": [_advice(advice) for advice in report.advice],
    }
    if report.seconds is not None:
        found["lost_seconds"] = _rounded(report.lost_in_all)
    return found


def _history(report: Report) -> dict[str, Any]:
    history, study = report.history, report.study
    if history is None:
        return {"available": False, "reason": valid(report.reason)}
    return {
        "available": True,
        "head": history.head,
        "base": history.base,
        "commits": study.builds,
        "built": study.compared,
        "shallow": history.is_shallow,
        "complete": history.is_whole and not history.is_shallow,
        "past_dockerfiles": report.past_dockerfiles,
        "missing": [{"source": valid(part.name), "commits": part.commits} for part in study.missing],
    }


def _step(report: Report, number: int) -> dict[str, Any]:
    found = report.study.steps[number]
    step = found.step
    made: dict[str, Any] = {
        "line": line_of(step),
        "stage": valid(step.place[0]),
        "number": step.place[1],
        "instruction": step.instruction.name,
        "text": valid(step.text),
    }
    if report.history is None:
        manifest = report.manifest_study
        made["runs_when_source_changes"] = _word(found)
        made["runs_when_manifest_changes"] = None if manifest is None else _word(manifest.steps[number])
    else:
        cause = None if found.cause is None else line_of(report.study.steps[found.cause].step)
        made |= {
            "ran": found.ran,
            "maybe": found.maybe,
            "own": found.own,
            "cause": cause,
            "sources": [
                {
                    "path": valid(source.text),
                    "changed": source.commits,
                    "parts": [{"name": valid(part.name), "changed": part.commits} for part in source.parts],
                }
                for source in found.sources
            ],
            "outcomes": found.outcomes,
        }
        manifests = report.manifests.get(number)
        if manifests is not None:
            made["manifests"] = {"paths": [valid(p) for p in manifests.paths], "changed": manifests.commits}
    if report.seconds is not None:
        made["seconds"] = _rounded(report.seconds_of(step))
        made["lost_seconds"] = _rounded(report.lost(found))
    return made


def _word(found: StepStudy) -> str:
    return "yes" if found.ran else "maybe" if found.maybe else "no"


def _advice(advice: Advice) -> dict[str, Any]:
    return {
        "rule": advice.rule,
        "title": valid(advice.title),
        "line": advice.line,
        "applicability": advice.applicability,
        "savings": [
            {
                "text": valid(saving.text),
                "line": saving.line,
                "before": saving.before,
                "after": saving.after,
                "built_after": saving.built_after,
            }
            for saving in advice.savings
        ],
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
