"""``dflint migrate``: hadolint's configuration becomes dflint's."""

# ruff: noqa: PTH118, PTH119, PTH120, PTH123
from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from dflint.cli import CLEAN, TROUBLE, complain
from dflint.cli.arguments import help_formatter
from dflint.cli.output import standard
from dflint.config import ConfigurationError
from dflint.config.hadolint import Translation, read_hadolint_configuration
from dflint.config.nearest import HADOLINT_FILE_NAMES
from dflint.linter.registry import is_hadolint_code, registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dflint.config.hadolint import Entry, Remark

STANDARD_OUTPUT = "-"
_WIDTH = 100
"""Arrays and comments up to here stand in one line."""


def run(arguments: list[str]) -> int:
    """Translate a file and write the result."""
    parser = ArgumentParser(
        prog="dflint migrate",
        description="Turn hadolint's configuration into a dflint.toml, and say what is not the same.",
        formatter_class=help_formatter,
    )
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="hadolint's file (default: .hadolint.yaml or .hadolint.yml here)"
    )
    output_help = "write it there, - for standard output (default: dflint.toml beside FILE)"
    parser.add_argument("--output", "-o", metavar="FILE", help=output_help)
    parser.add_argument("--force", action="store_true", help="write over a configuration that is there")
    given = parser.parse_args(arguments)
    path: str | None = given.file or next(filter(os.path.isfile, HADOLINT_FILE_NAMES), None)
    if path is None:
        complain(f"no {' or '.join(HADOLINT_FILE_NAMES)} in this folder")
        return TROUBLE
    output = given.output or os.path.join(os.path.dirname(path), "dflint.toml")
    try:
        with open(path, encoding="utf-8", newline="") as file:
            translation = read_hadolint_configuration(path, file.read(), registry())
        toml = as_toml(translation, os.path.basename(path))
        if output != STANDARD_OUTPUT:
            _write(output, toml, given.force)
    except ConfigurationError as error:
        for problem in error.problems:
            complain(str(problem))
        return TROUBLE
    except UnicodeDecodeError as error:
        complain(f"{path}: not UTF-8: {error.reason}")
        return TROUBLE
    except FileExistsError as error:
        complain(f"{error.filename}: {error.strerror} (--force writes all the same)")
        return TROUBLE
    except OSError as error:
        complain(f"{error.filename or path}: {error.strerror or error}")
        return TROUBLE
    if output == STANDARD_OUTPUT:
        standard(sys.stdout, for_people=False).write(toml)
        sys.stdout.buffer.flush()
    told = standard(sys.stderr if output == STANDARD_OUTPUT else sys.stdout, for_people=True)
    told.write("".join(_told(translation, path, output)))
    told.flush()
    return CLEAN


def _write(path: str, text: str, force: bool) -> None:
    """Raises ``OSError``; ``FileExistsError`` when a configuration is there that would be lost or would lose."""
    if not force:
        project = os.path.join(os.path.dirname(path), "pyproject.toml")
        if os.path.basename(path) == "dflint.toml" and _has_table(project):
            raise FileExistsError(17, "has [tool.dflint], which would no longer count beside a dflint.toml", project)
        if os.path.lexists(path):
            raise FileExistsError(17, "is there already", path)
    with open(path, "w" if force else "x", encoding="utf-8", newline="\n") as file:
        file.write(text)


def _has_table(path: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return "[tool.dflint" in file.read()
    except OSError:
        return False


def _told(translation: Translation, path: str, output: str) -> Iterator[str]:
    if output != STANDARD_OUTPUT:
        yield f"{path} -> {output}\n"
    for heading, remarks in (("Changed", translation.changed), ("Without counterpart", translation.lost)):
        if remarks:
            yield f"\n{heading}:\n"
            yield from (f"  {_place(path, remark)}: {remark.text}\n" for remark in sorted(remarks))
    if not translation.changed and not translation.lost:
        yield "All of it means the same in dflint.\n"


def _place(path: str, remark: Remark) -> str:
    return f"{path}:{remark.line}" if remark.line else path


def as_toml(translation: Translation, name: str) -> str:
    """The text of the ``dflint.toml``; ``name`` is the file that it comes from."""
    return _Writer(translation).text(name)


class _Writer:
    def __init__(self, translation: Translation) -> None:
        self.made = translation
        self.lines: list[str] = []
        self._left = {key: list(comments) for key, comments in translation.comments.items()}

    def text(self, name: str) -> str:
        made = self.made
        self.lines.append(f"# Made by `dflint migrate` from {name}.")
        if made.selected:
            self.block("# Off in dflint unless they are selected.")
            self.lines.append("extend-select = [")
            self.lines += [f"    {_string(rule)},{_behind(', '.join(codes))}" for rule, codes in made.selected.items()]
            self.lines.append("]")
        if made.ignored:
            self.block()
            self.comments("ignored")
            self.lines.append("ignore = [")
            for rule, entries in made.ignored.items():
                self.lines += [f"    # {_clean(comment)}" for entry in entries for comment in entry.above]
                self.lines.append(f"    {_string(rule)},{_behind(_origin(rule, entries))}")
            self.lines.append("]")
        if "fail-level" in made.values:
            self.block()
            self.comments("failure-threshold", "no-fail")
            self.lines.append(f"fail-level = {_string(made.values['fail-level'])}")
        if "format" in made.values:
            self.block()
            self.comments("format", "formats")
            self.lines.append(f"format = {_string(made.values['format'])}")
        for rule in sorted({*made.levels, *made.options}):
            self.rule(rule)
        self.rest()
        return "\n".join(self.lines) + "\n"

    def rule(self, rule: str) -> None:
        made = self.made
        self.block()
        if rule in made.level_entries:
            self.comments("override")
        self.comments(
            *{
                "missing-label": ("label-schema",),
                "unknown-label": ("strict-labels",),
                "untrusted-registry": ("trustedRegistries",),
                "inline-hadolint-pragma": ("disable-ignore-pragma",),
            }.get(rule, ())
        )
        entries = made.level_entries.get(rule, [])
        self.lines += [f"# {_clean(comment)}" for entry in entries for comment in entry.above]
        self.lines.append(f"[rules.{rule}]")
        if rule in made.levels:
            said = _origin(rule, entries)
            if not entries:
                said = ", ".join(filter(is_hadolint_code, registry().classes[rule].aliases)) + ", as hadolint has it"
            self.lines.append(f"level = {_string(made.levels[rule])}{_behind(said)}")
        for option, value in made.options.get(rule, {}).items():
            self.lines += _pair(option, value)

    def rest(self) -> None:
        """What is in no setting: as comments."""
        left = [comment for comments in self._left.values() for comment in comments]
        if left:
            self.block(*(f"# {_clean(comment)}" for comment in left))
        if self.made.lost:
            self.block("# Without counterpart in dflint:")
            self.lines += [f"# - {_clean(remark.text)}" for remark in sorted(self.made.lost)]
        if self.made.lost_text:
            self.block(*(f"# {_clean(line)}".rstrip() for line in self.made.lost_text))

    def block(self, *lines: str) -> None:
        self.lines += ["", *lines]

    def comments(self, *keys: str) -> None:
        """The comments that stand at the keys of hadolint's file; each once."""
        self.lines += [f"# {_clean(comment)}".rstrip() for key in keys for comment in self._left.pop(key, ())]


def _origin(rule: str, entries: Iterable[Entry]) -> str:
    """The codes that a line comes from, with their comments."""
    codes = [("" if entry.text.upper() == rule else entry.text, entry.behind) for entry in entries]
    return ", ".join(": ".join(filter(None, pair)) for pair in codes if any(pair))


def _pair(key: str, value: Sequence[str] | bool) -> Iterable[str]:
    if isinstance(value, bool):
        return [f"{key} = {str(value).lower()}"]
    line = f"{key} = [{', '.join(map(_string, value))}]"
    if len(line) <= _WIDTH:
        return [line]
    return [f"{key} = [", *(f"    {_string(element)}," for element in value), "]"]


def _behind(comment: str) -> str:
    return f"  # {_clean(comment)}" if comment else ""


def _string(text: str) -> str:
    """A basic string of TOML."""
    from json import dumps

    return dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _clean(comment: str) -> str:
    """A comment without what TOML does not allow in one."""
    return "".join(c if c == "\t" or (c >= " " and c != "\x7f") else " " for c in comment)
