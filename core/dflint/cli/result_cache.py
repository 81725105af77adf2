"""Results of earlier runs, given again while everything that they came from is the same.

A result depends on the text of the file, on dflint itself (``dflint.cli.installation``), on the command line, on the
configuration that holds for the file, and on what the rules looked at in the build context. The first four are part of
what a result is found by; the last is a list of questions with their answers (``dflint.cli.recorded_files``), which are
asked again. Contents are compared, not times: a wrong answer is worse than none.

What is not kept: results with errors or notes, those of fixes and of standard input, those for which something could
not be read, and all of a run in which a rule could not be loaded.

On disk there is one folder for each installation and in it one file for each linted path and command line. Files are
put in place at once, so processes may share the folder; each starts with a digest of the rest, so a damaged one is
no result.
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH103, PTH105, PTH106, PTH108, PTH109, PTH111, PTH112, PTH116, PTH117, PTH118, PTH120, PTH123
from __future__ import annotations

import marshal
import os
import sys
from typing import TYPE_CHECKING, Any

from dflint.cli.digest import SIZE, digest
from dflint.cli.installation import are_settled, installation, plugin_sources, signature_of
from dflint.cli.recorded_files import Answers
from dflint.config.configuration import Configuration
from dflint.findings import Edit, Finding, Fix
from dflint.report.base import FileOutcome, RuleFacts, rule_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dflint.cli.installation import Signature
    from dflint.cli.lint_options import LintOptions
    from dflint.cli.recorded_files import RecordingFiles
    from dflint.context import BuildContext
    from dflint.linter.registry import Registry

NAME = "results-2"
"""The folder in the cache folder; the number is that of the format."""
MAX_FILES = 100_000
MAX_BYTES = 200_000_000
"""What all results together may take; beyond it the oldest go."""
MAX_AGE = 30 * 86_400
"""Seconds for which a result is kept."""
PRUNED_EVERY = 86_400
"""Seconds after which it is looked again whether results have to go."""
MAX_ANSWERS = 20_000
"""Questions about a context beyond which asking them again would not pay."""
_DAMAGED = (OSError, ValueError, EOFError, TypeError, KeyError, IndexError)


def default_folder() -> str | None:
    """Where programs of this user keep what they can make again; None if that is not known."""
    home = os.path.expanduser("~")
    if os.name == "nt":
        place = os.path.join(
            os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), "dflint", "Cache"
        )
    elif sys.platform == "darwin":
        place = os.path.join(home, "Library", "Caches", "dflint")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        place = os.path.join(base if os.path.isabs(base) else os.path.join(home, ".cache"), "dflint")
    return place if os.path.isabs(place) else None


def folder_for(base: str, options: LintOptions) -> str | None:
    """The folder for the results of this installation; None if none can be kept now."""
    made_of = installation()
    if made_of is None:
        return None
    from dflint.config.plugins import chosen_plugins

    plugins = chosen_plugins(options.config, no_config=options.no_config, no_plugins=options.no_plugins)
    return os.path.join(base, NAME, digest(made_of, repr(plugins).encode("utf-8", "surrogatepass")).hex())


def clear(base: str) -> None:
    """Remove all results. Raises OSError."""
    for path, _, _ in list(_kept(base)):
        os.unlink(path)
    _remove_empty(base)


class ResultCache:
    """The results in the folder ``options.cache``, for one command line."""

    def __init__(self, options: LintOptions) -> None:
        assert options.cache is not None
        self.folder = options.cache
        self._options = marshal.dumps(
            (
                None if options.layer.select is None else tuple(options.layer.select),
                tuple(options.layer.extend_select),
                tuple(options.layer.ignore),
                options.preview,
                options.fail_level,
                options.context,
                options.config,
                options.no_config,
                _working_directory(),
            ),
            2,
        )
        self._answers = Answers()
        self._known: dict[bytes, bool] = {}
        """Digest of a list of answers, or of sources, to whether they are still the same."""
        self._configurations: dict[int, tuple[Configuration, bytes | None]] = {}
        self._sources: tuple[Signature, ...] | None = None
        self._group: tuple[RecordingFiles, int, bytes] | None = None
        self._is_broken = False
        self._is_made = False

    # Results

    def find(self, path: str, configuration: Configuration) -> FileOutcome | None:
        """The outcome of a file, if it is known and everything that it came from is as it was."""
        try:
            status = os.stat(path)
            if status.st_mode & 0o170000 != 0o100000:  # reading a pipe would empty it
                return None
            kept = self._read(self._name(path))
            if kept is None:
                return None
            state, sources, shared, own, findings, suppressed, is_fixable, fails, fail_level, rules = kept
            with open(path, "rb") as file:
                content = file.read()
            if state != self._state(content, configuration) or not self._are_same(sources):
                return None
            if not self._answers.are(own) or not self._are_answered(shared):
                return None
            return FileOutcome(
                path,
                content.decode("utf-8", "surrogateescape") if findings else "",
                tuple(map(_finding, findings)),
                suppressed=suppressed,
                is_fixable=is_fixable,
                fails=fails,
                fail_level=fail_level,
                rules={name: RuleFacts(*facts) for name, facts in rules},
            )
        except _DAMAGED:
            return None

    def keep(
        self,
        outcome: FileOutcome,
        text: str,
        configuration: Configuration,
        context: BuildContext | None,
        registry: Registry,
    ) -> None:
        """Keep the outcome of a file with this text if it can be told later whether it still holds."""
        if (
            outcome.errors
            or outcome.notes
            or outcome.problem
            or outcome.fixed
            or outcome.new_text is not None
            or self._is_broken
        ):
            return
        if outcome.text not in ("", text) or context is None:
            return
        files: Any = context.filesystem
        if not files.is_sound or context.unreadable or not context.is_complete or len(files.shared) > MAX_ANSWERS:
            return
        sources = self._sources_of(registry)
        state = self._state(text.encode("utf-8", "surrogateescape"), configuration)
        if sources is None or state is None:
            return
        try:
            self._write(
                self._name(outcome.path),
                (
                    state,
                    sources,
                    self._group_of(files),
                    tuple((*question, answer) for question, answer in files.own.items()),
                    tuple(map(_plain, outcome.findings)),
                    outcome.suppressed,
                    outcome.is_fixable,
                    outcome.fails,
                    outcome.fail_level,
                    tuple(
                        (name, tuple(rule_facts(registry.classes.get(name))))
                        for name in {finding.rule: None for finding in outcome.findings}
                    ),
                ),
            )
        except (ValueError, TypeError):  # a plug-in's finding holds what is no plain text or number
            return

    # What else spares importing the rules

    def knows_selectors(self) -> bool:
        """Whether the selectors of the command line are known to be right."""
        kept = self._read(digest(b"selectors", self._options).hex())
        return kept is not None and self._are_same(kept)

    def keep_selectors(self, registry: Registry) -> None:
        """Note that they are."""
        sources = self._sources_of(registry)
        if sources is not None:
            self._write(digest(b"selectors", self._options).hex(), sources)

    def configuration(self, path: str, text: str) -> Configuration | None:
        """What a configuration file says, if that is known."""
        kept = self._read(_name_of_configuration(path, text))
        try:
            if kept is None or not self._are_same(kept[0]):
                return None
            return Configuration(*kept[1])
        except _DAMAGED:
            return None

    def keep_configuration(self, text: str, read: Configuration, registry: Registry) -> None:
        """Note what a configuration file says."""
        sources = self._sources_of(registry)
        if sources is not None:
            data = read.data()
            try:
                self._write(_name_of_configuration(read.path, text), (sources, _plain_data(data)))
            except ValueError:
                return

    # Within

    def _name(self, path: str) -> str:
        return digest(self._options, path.encode("utf-8", "surrogatepass")).hex()

    def _state(self, content: bytes, configuration: Configuration) -> bytes | None:
        """A digest of what is compared when a result is found."""
        known = self._configurations.get(id(configuration))
        if known is None:
            try:
                data: bytes | None = marshal.dumps((_plain_data(configuration.data()), _program(configuration)), 2)
            except (ValueError, OSError):
                data = None
            known = self._configurations[id(configuration)] = (configuration, data)
        return None if known[1] is None else digest(known[1], content)

    def _are_answered(self, name: bytes) -> bool:
        """Whether the answers in the file ``name`` are still given."""
        if name not in self._known:
            answers = self._read(name.hex())
            self._known[name] = answers is not None and self._answers.are(answers)
        return self._known[name]

    def _are_same(self, sources: tuple[Signature, ...]) -> bool:
        if not sources:
            return True
        key = digest(b"sources", repr(sources).encode("utf-8", "surrogatepass"))
        if key not in self._known:
            try:
                found = [signature_of(signature[0]) for signature in sources]
                self._known[key] = found == list(sources) and are_settled(found)
            except OSError:
                self._known[key] = False
        return self._known[key]

    def _sources_of(self, registry: Registry) -> tuple[Signature, ...] | None:
        """What the rules of plug-ins are made of; None if nothing can be kept."""
        if self._is_broken:
            return None
        if self._sources is None:
            sources = None if registry.broken or registry.problems else plugin_sources(registry)
            if sources is None:
                self._is_broken = True
                return None
            self._sources = tuple(sources)
        return self._sources

    def _group_of(self, files: RecordingFiles) -> bytes:
        """The name of a file with the answers that a context has given so far."""
        if self._group is None or self._group[0] is not files or self._group[1] != len(files.shared):
            answers = tuple((*question, answer) for question, answer in files.shared.items())
            name = digest(b"answers", marshal.dumps(answers, 2))
            if self._read(name.hex()) != answers:
                self._write(name.hex(), answers)
            self._group = (files, len(files.shared), name)
        return self._group[2]

    def _read(self, name: str) -> Any:
        """The content of a file; None if there is none, or it is damaged."""
        try:
            with open(os.path.join(self.folder, name), "rb") as file:
                content = file.read()
            if len(content) <= SIZE or digest(content[SIZE:]) != content[:SIZE]:
                return None
            return marshal.loads(content[SIZE:])
        except _DAMAGED:
            return None

    def _write(self, name: str, value: object) -> None:
        """Put a file in place; after a failure no other is tried. Raises ValueError for what marshal cannot hold."""
        content = marshal.dumps(value)  # type: ignore[arg-type]
        path = os.path.join(self.folder, name)
        temporary = f"{path}.{os.getpid()}-{os.urandom(4).hex()}"
        try:
            if not self._is_made:
                _make(self.folder)
                self._is_made = True
            with open(temporary, "xb") as file:
                file.write(digest(content) + content)
            os.replace(temporary, path)
        except OSError as error:
            self._is_broken = os.name != "nt" or not isinstance(error, PermissionError)  # there: somebody reads it
            try:
                os.unlink(temporary)
            except OSError:
                return


def _name_of_configuration(path: str, text: str) -> str:
    return digest(b"configuration", *(part.encode("utf-8", "surrogatepass") for part in (path, text))).hex()


def _program(configuration: Configuration) -> Signature | None:
    """What is seen of the ShellCheck program that a configuration names. Raises OSError if nothing can be kept."""
    named = configuration.options.get("shellcheck", {}).get("program")
    if not named:
        return None
    from shutil import which

    path = which(named)
    if path is None:
        raise FileNotFoundError(named)
    signature = signature_of(path)
    if not are_settled([signature]):
        raise OSError(path)
    return signature


def _plain_data(value: Any) -> Any:
    """Mappings as pairs, so that marshal writes equal values alike."""
    if isinstance(value, dict):
        return {key: _plain_data(element) for key, element in value.items()}
    return tuple(map(_plain_data, value)) if type(value) in (tuple, list) else value


def _plain(finding: Finding) -> tuple[Any, ...]:
    fix = finding.fix
    made = None
    if fix is not None:
        made = (fix.title, fix.applicability, tuple(tuple(edit) for edit in fix.edits), tuple(fix.removes))
    return (*finding[:5], made, finding.code)


def _finding(plain: tuple[Any, ...]) -> Finding:
    rule, message, level, start, end, fix, code = plain
    made = None
    if fix is not None:
        title, applicability, edits, removes = fix
        made = Fix(title, applicability, tuple(Edit(*edit) for edit in edits), removes)
    return Finding(rule, message, level, start, end, made, code)


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""


# Tidying up


def prune(base: str, is_due: bool = False) -> None:
    """Remove what is old, and the oldest of what is too much: once a day, or when it ``is_due``. Raises nothing."""
    from time import time

    marker = os.path.join(base, NAME, "pruned")
    try:
        try:
            due = is_due or time() - os.stat(marker).st_mtime > PRUNED_EVERY
        except OSError:
            due = True
        if not due or not os.path.isdir(os.path.join(base, NAME)):
            return
        with open(marker, "wb"):
            pass
        kept = sorted(_kept(base), key=lambda entry: -entry[1])
        size = 0
        oldest = time() - MAX_AGE
        for count, (path, changed, length) in enumerate(kept, 1):
            size += length
            if count > MAX_FILES or size > MAX_BYTES or changed < oldest:
                os.unlink(path)
        _remove_empty(base)
    except OSError:
        return


def _kept(base: str) -> Iterator[tuple[str, float, int]]:
    """Path, time of change (seconds) and size of each file that is ours."""
    for folder in _folders(base):
        with os.scandir(folder) as entries:
            for entry in entries:
                if _is_digest(entry.name.partition(".")[0]) and entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    yield entry.path, status.st_mtime, status.st_size


def _folders(base: str) -> Iterable[str]:
    try:
        with os.scandir(os.path.join(base, NAME)) as entries:
            return [e.path for e in entries if _is_digest(e.name) and e.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []


def _remove_empty(base: str) -> None:
    for folder in _folders(base):
        try:
            os.rmdir(folder)
        except OSError:
            continue


def _is_digest(name: str) -> bool:
    return len(name) == 2 * SIZE and not name.strip("0123456789abcdef")


def _make(folder: str) -> None:
    """Make the folder, for this user alone, and tell backups and git to leave it out."""
    results = os.path.dirname(folder)
    is_new = not os.path.isdir(results)
    os.makedirs(folder, 0o700, exist_ok=True)
    if is_new:
        for name, content in (
            ("CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55\n# Results of dflint, to be made again.\n"),
            (".gitignore", b"*\n"),
        ):
            with open(os.path.join(results, name), "wb") as file:
                file.write(content)
