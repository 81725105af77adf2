"""How far dflint says the same as BuildKit's checks (``docker build --check``), check by check.

    python benchmarks/buildkit_agreement.py FOLDER [FILE...] [--limit 1000] [--jobs 2] [--cache FILE]
                                            [--show UndefinedVar] [--check] [--write]

A Docker engine with buildx is needed, a registry is not (``buildkit.py`` says how). Besides the files named, the
examples of the rules are compared, with their build contexts: they have what real files hardly ever have. A finding is
a file, a check and the line where its instruction starts. dflint runs the rules that answer to BuildKit's checks, with
their default options; comments for hadolint or dflint silence nothing here, those for BuildKit do.

Where the two differ, ``buildkit_deviations.py`` says why, with a test that a difference must pass to count as
explained. The table has the bare agreement and the one after that; what is left is listed one by one.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / portion) for portion in ("core", "rules")]

from buildkit import Answer, BuildKit, Question  # noqa: E402
from buildkit_deviations import DEVIATIONS, KINDS, Deviation, Difference  # noqa: E402

from dflint import files as dflint_files  # noqa: E402
from dflint.context import BuildContext, MemoryFileSystem  # noqa: E402
from dflint.linter.engine import RuleSet, lint  # noqa: E402
from dflint.linter.registry import is_buildkit_name, registry  # noqa: E402
from dflint.linter.suppressions import suppressions_of  # noqa: E402
from dflint.model import Model  # noqa: E402
from dflint.syntax import parse  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dflint.findings import Finding
    from dflint.linter.rule import Bad, Good
    from dflint.syntax.tree import Instruction

SAMPLE_SEED = 20261125
ABOUT_IMAGES = frozenset(("invalid-default-base", "undefined-arg-in-from"))
"""Rules that say of a FROM that it names no image, which stops a build without build arguments."""


class Statement(NamedTuple):
    """One thing said of a file by either: the line is that where the instruction starts, from 1."""

    code: str
    line: int


class Row(NamedTuple):
    """The table's line for one check."""

    code: str
    theirs: int
    ours: int
    both: int
    explained_theirs: int
    explained_ours: int

    @property
    def figures(self) -> tuple[str, str, str, str]:
        """Precision and recall, bare and after the listed deviations."""
        return (
            _share(self.both, self.ours),
            _share(self.both, self.theirs),
            _share(self.both, self.ours - self.explained_ours),
            _share(self.both, self.theirs - self.explained_theirs),
        )

    @property
    def holds(self) -> bool:
        """Whether both shares are at least 99 % after the deviations."""
        left = max(self.ours - self.explained_ours, self.theirs - self.explained_theirs)
        return self.both >= 0.99 * left


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


def checks() -> dict[str, str]:
    """BuildKit's checks to the rules that answer to them."""
    return {alias: name for name, c in registry().classes.items() for alias in c.aliases if is_buildkit_name(alias)}


class Dflint:
    """The rules that answer to BuildKit's checks, in this process."""

    def __init__(self) -> None:
        self._codes = {name: code for code, name in checks().items()}
        self._registry = registry()
        classes = self._registry.classes
        self._rule_set = RuleSet(classes[name]() for name in self._codes)
        self._by_default = RuleSet(c() for c in classes.values() if c.status == "stable")

    def statements(self, model: Model) -> dict[Statement, list[str]]:
        """What it says of a file, with the messages. Raises ``SystemExit`` if a rule fails."""
        said: dict[Statement, list[str]] = {}
        for finding, line in self.findings(model):
            said.setdefault(Statement(self._codes[finding.rule], line), []).append(finding.message)
        return said

    def findings(self, model: Model) -> Iterator[tuple[Finding, int]]:
        """Its findings, each with the line where the instruction starts. Raises ``SystemExit`` if a rule fails."""
        result = lint(model, self._rule_set)
        if result.internal_errors:
            raise SystemExit("\n".join(map(str, result.internal_errors)))
        for finding in (*result.findings, *self._silenced_by_others(result.suppressed, model)):
            yield finding, line_at(finding.start, model)

    def refuses(self, model: Model) -> bool:
        """Whether it says that the file does not build: it reports something that is an error, or FROM's image."""
        findings = lint(model, self._by_default).findings
        return any(finding.level == "error" or finding.rule in ABOUT_IMAGES for finding in findings)

    def _silenced_by_others(self, suppressed: Iterable[Finding], model: Model) -> Iterator[Finding]:
        """The findings that only comments for dflint or hadolint silence."""
        comments = suppressions_of(model.tree, self._registry).found
        for finding in suppressed:
            if not any(c.covers(finding) for c in comments if not c.is_ours and not c.is_hadolints):
                yield finding


def instruction_at(offset: int, model: Model) -> Instruction | None:
    """The top-level instruction that an offset lies in, or the next one after a comment above it."""
    return next((i for i in model.instructions if offset < i.full_end), None)


def line_at(offset: int, model: Model) -> int:
    """The line where the instruction at an offset starts."""
    instruction = instruction_at(offset, model)
    return model.source.line_of(offset if instruction is None else instruction.start)


def read(path: Path) -> tuple[Question, Model]:
    """A file as a question, with the ignore file of its folder, and dflint's model of it."""
    text = dflint_files.read(str(path))
    context = BuildContext.for_dockerfile(str(path))
    ignore = dflint_files.read(context.ignore_path) if context.ignore_path else ""
    return Question(str(path), text, ignore), Model(parse(text), context, str(path))


def example(name: str, text: str, files: Mapping[str, str] | None) -> tuple[Question, Model]:
    """An example of a rule or a deviation as a question, and dflint's model of it."""
    filesystem = MemoryFileSystem({"Dockerfile": text, **(files or {})})
    context = BuildContext.for_dockerfile("Dockerfile", filesystem)
    ignore = filesystem.read_text(context.ignore_path) if context.ignore_path else ""
    return Question(name, text, ignore), Model(parse(text), context, "Dockerfile")


def examples() -> list[tuple[Question, Model]]:
    """The examples of all rules that answer to a check."""
    found: dict[tuple[str, str], tuple[Question, Model]] = {}
    for name in sorted(checks().values()):
        rule = registry().classes[name]
        given: list[Bad | Good] = [*rule.bad, *rule.good]
        for number, shown in enumerate(given, 1):
            question, model = example(f"{name}, example {number}", shown.code, shown.files)
            found.setdefault((question.text, question.ignore), (question, model))
    return list(found.values())


class Comparison:
    """All differences over some files, sorted into those that a deviation explains and the others."""

    def __init__(self) -> None:
        self.files = 0
        self.with_arguments = 0
        self.refused: list[tuple[str, str, bool]] = []
        """Files that BuildKit refuses: path, its message, and whether dflint says so too."""
        self.theirs: Counter[str] = Counter()
        self.ours: Counter[str] = Counter()
        self.both: Counter[str] = Counter()
        self.explained: Counter[tuple[str, bool]] = Counter()
        self.by_deviation: Counter[str] = Counter()
        self.left: list[tuple[Difference, str]] = []

    def add(self, question: Question, model: Model, answer: Answer, dflint: Dflint) -> None:
        if answer.error is not None:
            self.refused.append((question.path, answer.error, dflint.refuses(model)))
            return
        self.files += 1
        self.with_arguments += bool(answer.build_arguments)
        ours = dflint.statements(model)
        theirs: dict[Statement, list[str]] = {}
        for report in answer.reports:
            theirs.setdefault(Statement(report.code, _line(report.line, model)), []).append(report.message)
        self.ours.update(s.code for s in ours)
        self.theirs.update(s.code for s in theirs)
        self.both.update(s.code for s in ours.keys() & theirs.keys())
        for statement in sorted(theirs.keys() - ours.keys()):
            self._differs(question, [Difference(*statement, True, m, model) for m in theirs[statement]])
        for statement in sorted(ours.keys() - theirs.keys()):
            self._differs(question, [Difference(*statement, False, m, model) for m in ours[statement]])

    def _differs(self, question: Question, differences: Sequence[Difference]) -> None:
        """Count what one says of an instruction and the other does not: explained if each of the messages is."""
        first = differences[0]
        found = [next((d for d in DEVIATIONS if d.explains(difference)), None) for difference in differences]
        for difference, deviation in zip(differences, found, strict=True):
            if deviation is None:
                self.left.append((difference, question.path))
        if None not in found:
            self.explained[first.code, first.by_buildkit] += 1
            self.by_deviation.update({deviation.name for deviation in found if deviation is not None})

    def rows(self) -> list[Row]:
        """One for each check."""
        return [
            Row(
                code,
                self.theirs[code],
                self.ours[code],
                self.both[code],
                self.explained[code, True],
                self.explained[code, False],
            )
            for code in sorted(checks().keys() | self.theirs.keys())
        ]


def _line(line: int, model: Model) -> int:
    """The line where the instruction that BuildKit names a line of starts."""
    if not 0 < line <= model.source.line_count:
        return line
    span = model.source.line_span(line)
    text = model.source.text[span.start : span.end]
    return line_at(span.start + len(text) - len(text.lstrip(" \t")), model)


def compare(cases: Sequence[tuple[Question, Model]], buildkit: BuildKit, dflint: Dflint, jobs: int) -> Comparison:
    """Ask both about all."""
    comparison = Comparison()
    answers = buildkit.answers([question for question, _ in cases], jobs)
    for (question, model), answer in zip(cases, answers, strict=True):
        comparison.add(question, model, answer, dflint)
    return comparison


def untrue(deviations: Sequence[Deviation], buildkit: BuildKit, jobs: int) -> list[str]:
    """The deviations on whose example BuildKit does not say what the page says of each version of it."""
    cases = [example(deviation.name, deviation.example, deviation.files) for deviation in deviations]
    found = []
    for deviation, answer in zip(deviations, buildkit.answers([question for question, _ in cases], jobs), strict=True):
        here = [r for r in answer.reports if r.line == deviation.line and r.code == deviation.codes[0]]
        expected = sorted(deviation.messages) if deviation.by_buildkit else []
        is_true = sorted(r.message for r in here) == expected or bool(deviation.versions)
        if not is_true or answer.error is not None:
            found.append(f"{deviation.name}: {answer.error or answer.reports}")
    return found


# --- The pages


TABLE_HEAD = """\
| check | dflint's rule | BuildKit | dflint | both | precision | recall | listed deviations | precision | recall |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""
PLACEHOLDER = re.compile(r"stage name \".*(?:[{}<>%@#]|__).*\"|stage name \"[A-Z_-]+[:\"]")
"""In BuildKit's message about the image of a template."""
AGREEMENT = ROOT / "docs" / "buildkit-agreement.md"
DEVIATIONS_PAGE = ROOT / "docs" / "buildkit-deviations.md"


def table(rows: Iterable[Row]) -> Iterator[str]:
    yield TABLE_HEAD
    rules = checks()
    for row in rows:
        precision, recall, after_precision, after_recall = row.figures
        name = rules.get(row.code, "")
        rule = f"[{name}](rules/{name}.md)" if name else "-"
        explained = row.explained_theirs + row.explained_ours
        yield (
            f"| {row.code} | {rule} | {row.theirs} | {row.ours} | {row.both} | {precision} | {recall} "
            f"| {explained} | {after_precision} | {after_recall} |"
        )


def refusals(refused: Sequence[tuple[str, str, bool]]) -> str:
    """What is to be said of the files that BuildKit refuses."""
    silent = [message for _, message, is_seen in refused if not is_seen]
    templates = [message for message in silent if PLACEHOLDER.search(message)]
    others = "".join(f"\n- `{message}`" for message in silent if message not in templates)
    return f"""\
BuildKit refuses {len(refused)} more: they are left out above. dflint reports an error in {len(refused) - len(silent)} \
of them.
It is silent on {len(templates)} templates, whose FROM holds a placeholder (`debian:%%SUITE%%`, `REPLACE-ME`): they are
not meant to be built as they are.{f" Besides it says nothing of these:{chr(10)}{others}" if others else ""}"""


def agreement_page(version: str, on_files: Comparison, on_examples: Comparison) -> str:
    """The page with both tables."""
    return f"""\
# Agreement with BuildKit's checks

<!-- Written by benchmarks/buildkit_agreement.py: do not edit. -->

`docker build --check` ({version}) against dflint.

A finding is a file, a check and the line where its instruction starts. The first two shares are bare: of dflint's
findings those that BuildKit has too (precision), of BuildKit's those that dflint has too (recall), in per cent. The
last two are without the differences listed in [deviations](buildkit-deviations.md), which the comparison tells by rules
of their own.

No registry was asked: every base image is a stand-in that sets nothing but PATH. Base images whose names say for which
platform they are got a stand-in for that platform. Experimental checks were on.

    python benchmarks/buildkit_agreement.py FOLDER --write

repeats it with your files.

## {on_files.files:,} real files

{on_files.with_arguments} of them were given build arguments, since without any a FROM of theirs named no image.

{chr(10).join(table(on_files.rows()))}

{refusals(on_files.refused)}

## {on_examples.files:,} examples

Some checks hardly ever find something in real files. These are the examples of the rules that answer to the checks,
with their build contexts.

{chr(10).join(table(on_examples.rows()))}
"""


def deviations_page(on_files: Comparison, on_examples: Comparison) -> str:
    """The page about the deviations, with how often each was met."""
    parts = [
        f"""\
# Deviations from BuildKit's checks

<!-- Written by benchmarks/buildkit_agreement.py: do not edit. -->

Where dflint knowingly says something else than `docker build --check`. Each has a Dockerfile that shows it; the tests
hold what is said of dflint, the [comparison](buildkit-agreement.md) what is said of BuildKit. How often each was met
is counted in its {on_files.files:,} real files and {on_examples.files:,} examples."""
    ]
    for deviation in DEVIATIONS:
        context = "".join(f"\n`{path}`:\n\n```\n{text}```\n" for path, text in deviation.files.items() if text)
        who, other = ("BuildKit", "dflint") if deviation.by_buildkit else ("dflint", "BuildKit")
        instead = f" dflint has [{deviation.rule}](rules/{deviation.rule}.md) for it." if deviation.rule else ""
        parts.append(f"""\
## {deviation.name}

{", ".join(deviation.codes)}. Why: {KINDS[deviation.kind]}. Instructions where it was met: \
{on_files.by_deviation[deviation.name]} in files, {on_examples.by_deviation[deviation.name]} in examples.

BuildKit{f" ({deviation.versions})" if deviation.versions else ""} {deviation.buildkit} {deviation.why}

```dockerfile
{deviation.example}```
{context}
{who} says {deviation.codes[0]} of line {deviation.line}, {other} does not.{instead}

{chr(10).join(f"> {message}" for message in deviation.messages)}""")
    return "\n\n".join(parts) + "\n"


# --- The command


def dockerfiles(paths: Iterable[Path], limit: int | None) -> list[Path]:
    """The files named and the Dockerfiles in the folders named; with a limit a random choice, the same each time."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.is_file() and _is_dockerfile(p.name.lower()))
        else:
            found.append(path)
    if limit is not None and len(found) > limit:
        found = sorted(random.Random(SAMPLE_SEED).sample(found, limit))
    return found


def _is_dockerfile(name: str) -> bool:
    return "dockerfile" in name and not name.endswith((".dockerignore", ".md"))


def report(name: str, comparison: Comparison, shown: Sequence[str]) -> None:
    """Print what was found: the table, the deviations met, and what is left or asked for."""
    print(f"\n{comparison.files} {name}, {comparison.with_arguments} with build arguments\n")
    print("\n".join(table(comparison.rows())))
    for deviation, count in comparison.by_deviation.most_common():
        print(f"{count:>6}  {deviation}")
    silent = [(path, message) for path, message, is_seen in comparison.refused if not is_seen]
    print(f"{len(comparison.refused)} refused by BuildKit, of which dflint is silent on {len(silent)}")
    for path, message in silent:
        print(f"  {path}: {message}")
    for difference, path in comparison.left:
        who = "BuildKit" if difference.by_buildkit else "dflint"
        if difference.code in shown or not shown:
            print(f"{path}:{difference.line}: only {who}: {difference.code}: {difference.message}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare dflint with docker build --check.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="Dockerfiles or folders with some")
    parser.add_argument("--limit", type=int, metavar="N", help="ask about N of them, drawn at random")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="questions at a time (default: 2)")
    parser.add_argument("--cache", type=Path, metavar="FILE", help="keep BuildKit's answers there")
    parser.add_argument("--show", action="append", default=[], metavar="CHECK", help="show what is left of these only")
    parser.add_argument("--check", action="store_true", help="exit code 1 below 99 %% for any check")
    parser.add_argument("--write", action="store_true", help="write the pages of the documentation")
    given = parser.parse_args()
    dflint = Dflint()
    with BuildKit(given.cache) as buildkit:
        wrong = untrue(DEVIATIONS, buildkit, given.jobs)
        on_examples = compare(examples(), buildkit, dflint, given.jobs)
        on_files = compare([read(path) for path in dockerfiles(given.paths, given.limit)], buildkit, dflint, given.jobs)
    report("examples", on_examples, given.show)
    report("files", on_files, given.show)
    for text in wrong:
        print(f"not what the page says of BuildKit: {text}")
    if given.write:
        AGREEMENT.write_text(agreement_page(buildkit.version, on_files, on_examples), encoding="utf-8")
        DEVIATIONS_PAGE.write_text(deviations_page(on_files, on_examples), encoding="utf-8")
    holds = all(row.holds for comparison in (on_files, on_examples) for row in comparison.rows())
    return 1 if given.check and (wrong or not holds) else 0


if __name__ == "__main__":
    sys.exit(main())
