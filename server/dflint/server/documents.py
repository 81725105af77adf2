"""Open documents, and what the library makes of them."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from dflint.config import Configuration, ConfigurationError, ConfigurationFinder
from dflint.context import BuildContext, DiskFileSystem, OverlayFileSystem, RememberingFileSystem
from dflint.linter.engine import LintResult, lint, lint_dockerignore
from dflint.linter.registry import Layer
from dflint.model import Model
from dflint.record import NamedTuple
from dflint.server.text import Text
from dflint.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lsprotocol import types

    from dflint.linter.engine import RuleSet
    from dflint.linter.registry import Registry
    from dflint.shellcheck import ShellCheck


class Document(NamedTuple):
    """A version of an open document."""

    uri: str
    path: str
    """As a path of the file system; the URI itself for what is no file."""
    version: int
    text: Text

    @property
    def is_ignore_file(self) -> bool:
        return self.path.endswith(".dockerignore")


class Documents:
    """The open documents, with their models and findings, made when asked for and kept for each version."""

    def __init__(self) -> None:
        self.encoding = "utf-16"
        """Of positions, as agreed with the client."""
        self._open: dict[str, Document] = {}
        self._overrides: dict[str, str] = {}
        self._files = OverlayFileSystem(DiskFileSystem(), self._overrides)
        self._registry: Registry | None = None
        self._configurations: ConfigurationFinder | None = None
        self._roots: dict[str, str | None] = {}
        self._models: dict[str, tuple[int, Model]] = {}
        self._results: dict[str, tuple[int, bool, LintResult]] = {}

    # Opening and closing

    def open(self, uri: str, version: int, text: str) -> Document:
        """Note a document that the editor holds."""
        return self._put(Document(uri, path_of(uri), version, Text(text, self.encoding)))

    def change(
        self, uri: str, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]
    ) -> Document | None:
        """Apply changes; None for a document that is not open."""
        document = self._open.get(uri)
        if document is None:
            return None
        return self._put(document._replace(version=version, text=document.text.changed(changes)))

    def close(self, uri: str) -> None:
        """Forget a document; what is on the disk counts again."""
        document = self._open.pop(uri, None)
        if document is not None:
            self._overrides.pop(os.path.normpath(document.path), None)
            self._models.pop(uri, None)
            self._results.pop(uri, None)
            self.forget()

    def get(self, uri: str) -> Document | None:
        """The open document of a URI."""
        return self._open.get(uri)

    def alone(self) -> Documents:
        """The same open texts for use in another thread: nothing that is made there is kept here."""
        made = Documents()
        made.encoding = self.encoding
        made._overrides.update(self._overrides)
        made._registry = self._registry
        return made

    @property
    def uris(self) -> tuple[str, ...]:
        return tuple(self._open)

    def forget(self) -> None:
        """Read configurations and contexts anew: a file that they come from has changed."""
        self._configurations = None
        self._roots.clear()
        self._models.clear()
        self._results.clear()

    def _put(self, document: Document) -> Document:
        self._open[document.uri] = document
        self._overrides[os.path.normpath(document.path)] = document.text.text
        name = PurePath(document.path).name
        if name in _INPUTS or document.is_ignore_file:  # others may come out otherwise now
            self.forget()
        return document

    def warm_up(self) -> None:
        """Load the rules before the first document needs them; with one open it is too late to be of use."""
        if not self._open:
            lint(Model(parse("FROM scratch\nRUN true\n"), None, ""), self.rule_set(Document("", "", 0, Text(""))))

    # What the library makes of them

    def model(self, document: Document) -> Model:
        """The model of a version, with its build context."""
        known = self._models.get(document.uri)
        if known is not None and known[0] == document.version:
            return known[1]
        model = Model(parse(document.text.text), self._context(document), document.path.replace(os.sep, "/"))
        self._models[document.uri] = (document.version, model)
        return model

    def result(self, document: Document, shellcheck: ShellCheck | None = None) -> LintResult:
        """What the rules say of a version; with ShellCheck's findings once they were asked for."""
        known = self._results.get(document.uri)
        if known is not None and known[0] == document.version and (known[1] or shellcheck is None):
            return known[2]
        result = self.linter(document)(document.text.text, shellcheck)
        self._results[document.uri] = (document.version, shellcheck is not None, result)
        return result

    def linter(self, document: Document) -> Callable[[str, ShellCheck | None], LintResult]:
        """What lints a text in the place of a document."""
        rules = self.rule_set(document)
        if document.is_ignore_file:
            from dflint.context.ignore_document import IgnoreDocument

            def lint_ignore_file(text: str, shellcheck: ShellCheck | None = None) -> LintResult:
                return lint_dockerignore(IgnoreDocument(text, document.path, None), rules)

            return lint_ignore_file

        def lint_text(text: str, shellcheck: ShellCheck | None = None) -> LintResult:
            model = self.model(document)
            if text != document.text.text:
                model = Model(parse(text), model.context, model.path)
            if shellcheck is not None:
                shellcheck.prepare([model])
            return lint(model, rules, shellcheck)

        return lint_text

    def rule_set(self, document: Document) -> RuleSet:
        """The rules that hold for a document."""
        configuration = self.configuration(document)
        return configuration.rule_set(self.registry, document.path, Layer(), False)

    def configuration(self, document: Document) -> Configuration:
        """The configuration that holds for a document; the default one if it is wrong."""
        if self._configurations is None:
            self._configurations = ConfigurationFinder(self.registry)
        try:
            return self._configurations.of_file(document.path)
        except ConfigurationError:
            return Configuration()

    @property
    def registry(self) -> Registry:
        if self._registry is None:
            from dflint.config.plugins import configured_registry

            self._registry = configured_registry(None, no_config=False, no_plugins=False)
        return self._registry

    def _context(self, document: Document) -> BuildContext | None:
        if document.path == document.uri:
            return None
        root = self.configuration(document).context or self._root_of(document.path)
        files = RememberingFileSystem(self._files)
        return BuildContext.for_dockerfile(document.path.replace(os.sep, "/"), files, root)

    def _root_of(self, path: str) -> str | None:
        """The folder that compose or bake files build a file with, if they say so and agree."""
        if path not in self._roots:
            from dflint.discovery.projects import context_of

            found = context_of(path)
            self._roots[path] = None if found is None else found.replace(os.sep, "/")
        return self._roots[path]


_INPUTS = frozenset((
    "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml", "docker-bake.json", "docker-bake.hcl",
    "dflint.toml", "pyproject.toml", ".hadolint.yaml", ".hadolint.yml", "package.json", "requirements.txt", "go.mod",
))  # fmt: skip


def path_of(uri: str) -> str:
    """The path of a file URI; the URI itself for others."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return uri
    path = unquote(parts.path)
    if os.name == "nt" and path[:1] == "/" and path[2:3] == ":":
        path = path[1:]
    return os.path.normpath(path)
