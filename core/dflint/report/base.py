"""What every output format is told, and the texts that several of them need."""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH109, PTH117, PTH118, PTH121
from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dflint.findings import Finding, InternalError
    from dflint.linter.registry import Registry
    from dflint.linter.rule import Rule

LEVELS = ("error", "warning", "info")


class RuleFacts(NamedTuple):
    """What the reports say of a rule with each of its findings."""

    aliases: tuple[str, ...] = ()
    category: str = ""
    """Empty if the rule is not known."""
    url: str | None = None


class FileOutcome(NamedTuple):
    """What came of one file; the offsets of the findings are in ``text``."""

    path: str
    text: str
    findings: tuple[Finding, ...]
    errors: tuple[InternalError, ...] = ()
    """What dflint could not do."""
    notes: tuple[str, ...] = ()
    """What the user should know beside the findings: fixes that were not applied."""
    suppressed: int = 0
    fixed: tuple[str, ...] = ()
    """The rule of each finding whose fix was applied."""
    is_fixable: bool = True
    """False when the file's syntax errors keep fixes from being applied."""
    fails: bool = False
    """Whether a finding reaches the level from which the run fails."""
    old_text: str = ""
    new_text: str | None = None
    """The fixed text of ``old_text``, if it was not written but belongs to the output."""
    fail_level: str = "info"
    """The level from which the run fails."""
    hidden: int = 0
    """Findings that the baseline has."""
    rules: Mapping[str, RuleFacts] | None = None
    """Rule to what is to be said of it, where that is known without importing it."""
    problem: str = ""
    """Why something was not checked, the same for all files: to be said once a run."""


SEVERITY = {"info": 0, "warning": 1, "error": 2, "none": 3}


def reaches(findings: Iterable[Finding], fail_level: str) -> bool:
    """Whether one of the findings has the level from which a run fails, or a higher one."""
    least = SEVERITY[fail_level]
    return any(SEVERITY[finding.level] >= least for finding in findings)


class Options(NamedTuple):
    """How to write a report."""

    color: bool = False
    width: int = 120
    """Columns of the terminal."""
    quiet: bool = False
    """Findings only, no summary."""
    statistics: bool = False
    """A count for each rule instead of the findings."""


class Totals:
    """Counts over all files."""

    def __init__(self) -> None:
        self.files = 0
        self.failed = 0
        """Files of which nothing but errors is known."""
        self.files_with_findings = 0
        self.levels: dict[str, int] = dict.fromkeys(LEVELS, 0)
        self.rules: dict[str, int] = {}
        """Findings of each rule, or code of ShellCheck."""
        self.fixable_rules: dict[str, int] = {}
        self.safe = 0
        """Findings that ``--fix`` would settle."""
        self.unsafe = 0
        """Further findings that ``--unsafe-fixes`` would settle."""
        self.fixed = 0
        self.files_fixed = 0
        self.suppressed = 0
        self.hidden = 0
        """Findings that the baseline has."""
        self.settled = 0
        """Findings of the baseline that are there no more."""

    @property
    def findings(self) -> int:
        return sum(self.levels.values())

    def add(self, outcome: FileOutcome) -> None:
        self.files += 1
        self.failed += bool(outcome.errors) and not outcome.findings
        self.files_with_findings += bool(outcome.findings)
        self.fixed += len(outcome.fixed)
        self.files_fixed += bool(outcome.fixed)
        self.suppressed += outcome.suppressed
        self.hidden += outcome.hidden
        for finding in outcome.findings:
            self.levels[finding.level] += 1
            name = finding.name
            self.rules[name] = self.rules.get(name, 0) + 1
            fix = finding.fix
            if fix is not None and outcome.is_fixable and fix.applicability != "manual":
                self.fixable_rules[name] = self.fixable_rules.get(name, 0) + 1
                if fix.applicability == "safe":
                    self.safe += 1
                else:
                    self.unsafe += 1


class Report:
    """Base of the formats: ``begin``, then ``file`` for each file with an outcome, then ``end``."""

    def __init__(self, write: Callable[[str], None], registry: Registry, options: Options) -> None:
        self.write = write
        self.registry = registry
        self.options = options
        self.totals = Totals()
        self._facts: dict[str, RuleFacts] = {}

    def begin(self) -> None:
        """Write what comes before the first file."""

    def add(self, outcome: FileOutcome) -> None:
        """Take a file into account and write it."""
        self.totals.add(outcome)
        if outcome.rules:
            self._facts.update(outcome.rules)
        self.file(outcome)

    def file(self, outcome: FileOutcome) -> None:
        """Write one file's findings."""
        raise NotImplementedError

    def end(self, errors: Sequence[InternalError] = ()) -> None:
        """Write what comes after the last file. ``errors`` is all that dflint could not do, the files' ones too."""

    def rule(self, name: str) -> type[Rule] | None:
        return self.registry.classes.get(name)

    def facts(self, name: str) -> RuleFacts:
        """What is to be said of a rule with each finding."""
        known = self._facts.get(name)
        if known is None:
            known = self._facts[name] = rule_facts(self.rule(name))
        return known

    def names(self, finding: Finding) -> str:
        """The rule of a finding with the other names that it goes by: ``untagged-base, DL3006``."""
        code = (finding.code,) if finding.code else ()
        return ", ".join((finding.rule, *code, *self.facts(finding.rule).aliases))

    def url(self, finding: Finding) -> str | None:
        """The page that explains a finding."""
        if finding.code:
            from dflint.shellcheck.codes import page

            return page(int(finding.code[2:]))
        return self.facts(finding.rule).url


def rule_facts(rule: type[Rule] | None) -> RuleFacts:
    """What the reports say of a rule with each of its findings."""
    from dflint.linter.explanation import page_url

    return RuleFacts(tuple(rule.aliases), rule.category, page_url(rule)) if rule else RuleFacts()


def printable(text: str) -> str:
    """The text with everything escaped that could steer a terminal, hide itself or not be written.

    Control characters and bytes that are not UTF-8 become ``\\xNN``, the controls of writing direction ``\\uNNNN``.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else escaped(char) for char in text)


def escaped(char: str) -> str:
    """A visible spelling of a character that cannot be printed."""
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if char in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def valid(text: str) -> str:
    """The text as valid Unicode: lone surrogates become ``\\xNN`` (bytes that are not UTF-8) or ``\\uNNNN``."""
    if is_valid(text):
        return text
    return "".join(escaped(char) if 0xD800 <= ord(char) <= 0xDFFF else char for char in text)


def is_valid(text: str) -> bool:
    """Whether the text has no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def posix_path(path: str, as_valid: bool = True) -> str:
    """A path with ``/`` between its parts, without a leading ``./``; as valid Unicode unless told otherwise."""
    import os

    if os.sep == "\\":
        path = path.replace("\\", "/")
    while path.startswith("./") and len(path) > 2:
        path = path[2:].lstrip("/")
    return valid(path) if as_valid else path


def project_path(path: str) -> str:
    """The path relative to the working directory if it lies below it, with no needless parts, else as it is.

    Services know a file by its place in the project, and the same file must be the same however it was named.
    """
    import os

    if os.path.isabs(path) or ".." in path or "//" in path or "/./" in path:
        here = os.path.join(os.getcwd(), "")
        full = os.path.normpath(os.path.join(here, path))
        if full.startswith(here) and _is_same(full, path):
            return full[len(here) :]
    return path


def _is_same(short: str, path: str) -> bool:
    """Whether leaving ``..`` out of a path leads to the same file: it does not behind a link to a folder."""
    import os

    try:
        return ".." not in path or os.path.samefile(short, path)
    except OSError:
        return False


def fingerprints(outcome: FileOutcome, findings: Iterable[Finding] | None = None) -> Iterator[str]:
    """For each finding a name that stays the same when other parts of the file change: 32 hexadecimal digits.

    Made from the path, the rule, the marked text and the count of equal ones above it; not from line numbers.
    """
    from hashlib import sha256

    seen: dict[str, int] = {}
    path = posix_path(project_path(outcome.path))
    for finding in outcome.findings if findings is None else findings:
        marked = " ".join(outcome.text[finding.start : finding.end].split())
        key = "\0".join((path, finding.name, marked))
        count = seen[key] = seen.get(key, 0) + 1
        yield sha256(f"{key}\0{count}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def source_of(outcome: FileOutcome) -> Source:
    """The file's text with its lines."""
    return Source(outcome.text, outcome.path)
