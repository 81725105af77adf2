"""``dflint cache`` for a terminal: a table with bars, and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.cli.cache_data import line_of
from dflint.report.base import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.buildcache.study import SourceStudy, StepStudy
    from dflint.cli.cache_data import Advice, Report

_EIGHTHS = " ▏▎▍▌▋▊▉"
_BAR = 24
_SHOWN_PARTS = 3


class Table:
    """Writes a report; ``width`` in columns. Without ``unicode`` bars are made of ``#``."""

    def __init__(self, report: Report, width: int, color: bool, unicode: bool) -> None:
        self.report = report
        self.width = width
        self.color = color
        self.unicode = unicode

    def lines(self) -> Iterator[str]:
        """All lines, without line ends."""
        yield from self.head()
        if self.report.study.steps and (self.report.history is None or self.report.study.compared):
            yield ""
            yield from self._rows()
            sentences = list(self.sentences())
            if sentences:
                yield ""
                yield from sentences
        if self.report.advice:
            yield ""
            yield from self.advice_lines()

    def advice_lines(self) -> Iterator[str]:
        """The fixes and what they save."""
        for advice in self.report.advice:
            yield from self._advice(advice)

    def head(self) -> Iterator[str]:
        """What was looked at."""
        report, study = self.report, self.report.study
        history = report.history
        shown = self._styled(printable(report.path), "1")
        if history is None:
            yield f"{shown}: no history: {printable(report.reason)}"
            yield "Told by kind of file: the manifests and lock files that dflint knows, and all others (sources)."
        else:
            commits = _count(study.builds, "commit")
            which = "the Dockerfile of each commit" if report.past_dockerfiles else "this Dockerfile"
            yield f"{shown}: {which} over the last {commits} (to {history.head[:10]})"
            if history.is_shallow:
                yield f"The clone is shallow: what was before {history.base[:10]} is not known."
            elif history.is_whole and study.builds:
                yield "There are no earlier ones."
            if study.compared < study.builds:
                lacks = ", ".join(f"{printable(p.name)} ({p.commits})" for p in study.missing[:3])
                yield f"In {study.builds - study.compared} of them it cannot be built, for lack of {lacks}."
        for remark in study.remarks:
            yield f"Note: {printable(remark)}."

    def _rows(self) -> Iterator[str]:
        report, study = self.report, self.report.study
        has_seconds = report.seconds is not None
        counts = [self._amount(number) for number in range(len(study.steps))]
        count_head = "source manifest" if report.history is None else "ran anew"
        count_width = max(len(count_head), *map(len, counts))
        line_width = max(4, *(len(str(line_of(found.step))) for found in study.steps))
        seconds_width = 18 if has_seconds else 0
        bar_width = 0 if report.history is None else _BAR
        rest = self.width - line_width - count_width - bar_width - seconds_width - 8
        text_width = max(16, min(rest, max(len(self._text(found)) for found in study.steps)))
        head = f"{'line':>{line_width}}  {'step':<{text_width}}  {count_head:>{count_width}}"
        if has_seconds:
            head += f"  {'seconds':>7}  {'in all':>8}"
        yield self._styled(head, "1")
        for found, count in zip(study.steps, counts, strict=True):
            row = f"{line_of(found.step):>{line_width}}  {_cut(self._text(found), text_width):<{text_width}}"
            row += f"  {count:>{count_width}}"
            if has_seconds:
                row += f"  {_seconds(report.seconds_of(found.step)):>7}  {_seconds(report.lost(found)):>8}"
            if bar_width:
                row += f"  {self._bar(found)}"
            yield row.rstrip()
        if has_seconds and report.lost_in_all is not None:
            yield f"All steps that ran anew: {_duration(report.lost_in_all)} in {_count(study.compared, 'build')}."

    def _amount(self, number: int) -> str:
        report = self.report
        found = report.study.steps[number]
        if report.history is None:
            manifest = report.manifest_study
            words = [_word(found), "" if manifest is None else _word(manifest.steps[number])]
            return f"{words[0]:<6} {words[1]:<8}"
        return f"{found.ran}" if not found.maybe else f"{found.ran}-{found.ran + found.maybe}"

    def _text(self, found: StepStudy) -> str:
        label = found.step.place[0]
        return printable(f"[{label}] {found.step.text}" if label else found.step.text)

    def _bar(self, found: StepStudy) -> str:
        compared = self.report.study.compared
        if not compared:
            return ""
        sure = found.ran * _BAR * 8 // compared
        if found.ran and not sure:
            sure = 1
        if not self.unicode:
            bar = "#" * -(-sure // 8)
            return bar + "?" * ((found.ran + found.maybe) * _BAR // compared - len(bar))
        bar = "█" * (sure // 8) + (_EIGHTHS[sure % 8] if sure % 8 else "")
        bar += "░" * ((found.ran + found.maybe) * _BAR // compared - len(bar))
        share = (found.ran + found.maybe) / compared
        return self._styled(bar, "31" if share > 0.5 else "33" if share > 0.1 else "32") if bar else ""

    def sentences(self) -> Iterator[str]:
        """What made steps run, in words."""
        report, study = self.report, self.report.study
        if report.history is None:
            return
        for number, found in enumerate(study.steps):
            sentence = self._sentence(number, found)
            if sentence:
                yield sentence
        if any(found.maybe for found in study.steps):
            yield (
                "A range: the step copies what a RUN wrote that ran anew; if it wrote the same, the step came from"
                " the cache."
            )

    def _sentence(self, number: int, found: StepStudy) -> str | None:
        study = self.report.study
        total = found.ran + found.maybe
        if not total:
            return None
        name = f"{printable(found.step.text)} (line {line_of(found.step)})"
        commits = f"{total} of the last {_count(study.compared, 'commit')}"
        if found.step.instruction.name == "RUN":
            sentence = f"{_cut(name, 70)} ran anew in {'up to ' if found.maybe else ''}{commits}"
            if found.cause is not None and found.own < total:
                cause = study.steps[found.cause].step
                sentence += f", because of {_cut(printable(cause.text), 40)} (line {line_of(cause)})"
            manifests = self.report.manifests.get(number)
            if manifests is not None:
                sentence += f"; {_listed(manifests.paths)} changed in {manifests.commits}"
            return sentence + "."
        changed = [source for source in found.sources if source.commits]
        if found.own and changed:
            told = "; ".join(self._source(source) for source in changed)
            return f"{_cut(name, 70)} had new files in {found.own} of {_count(study.compared, 'commit')}: {told}."
        return None

    def _source(self, source: SourceStudy) -> str:
        parts = ", ".join(f"{printable(p.name)} in {p.commits}" for p in source.parts[:_SHOWN_PARTS])
        return f"{printable(source.text)}" + (f" ({parts})" if parts else f" in {source.commits}")

    def _advice(self, advice: Advice) -> Iterator[str]:
        unsafe = "" if advice.applicability == "safe" else f" ({advice.applicability} fix)"
        yield self._styled(f"{printable(advice.title)}, line {advice.line}{unsafe}:", "1")
        for saving in advice.savings:
            built = f"of {saving.built_after}"
            yield f"  {_cut(printable(saving.text), 60)}: {saving.before} -> {saving.after} {built}"

    def _styled(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color else text


def _word(found: StepStudy) -> str:
    return "again" if found.ran else "maybe" if found.maybe else "-"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 3)] + "..."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _listed(names: tuple[str, ...]) -> str:
    shown = [printable(name) for name in names[:3]]
    return ", ".join(shown) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _seconds(seconds: float | None) -> str:
    return "?" if seconds is None else f"{seconds:.1f}"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"
