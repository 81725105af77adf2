from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import unwrapped_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.shell import Command, Word
    from dflint.syntax.tree import Arg, Env, Run

_OFF = frozenset(("0", "false", "no", "off"))
# Variable -> the values that switch the check off; None: any value but an empty one.
_VARIABLES: dict[str, frozenset[str] | None] = {
    "NODE_TLS_REJECT_UNAUTHORIZED": frozenset(("0",)),
    "PYTHONHTTPSVERIFY": frozenset(("0",)),
    "GIT_SSL_NO_VERIFY": None,
    "PIP_TRUSTED_HOST": None,
    "GOINSECURE": None,
    "NPM_CONFIG_STRICT_SSL": _OFF,
    "YARN_STRICT_SSL": _OFF,
    "YARN_ENABLE_STRICT_SSL": _OFF,
    "CONDA_SSL_VERIFY": _OFF,
    "UV_INSECURE_HOST": None,
}
# Program -> options that switch it off, whatever else the command says.
_OPTIONS: dict[str, tuple[str, ...]] = {
    "wget": ("--no-check-certificate", "--no-check-cert"),
    "apt-get": ("--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"),
    "apt": ("--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"),
    "yum": ("--nogpgcheck", "--no-gpgchecks"),
    "dnf": ("--nogpgcheck", "--no-gpgchecks"),
    "tdnf": ("--nogpgcheck",),
    "rpm": ("--nosignature",),
    "zypper": ("--no-gpg-checks",),
    "uv": ("--allow-insecure-host", "--trusted-host"),
    "npm": ("--no-strict-ssl", "--strict-ssl=false"),
    "pnpm": ("--no-strict-ssl", "--strict-ssl=false"),
    "go": ("-insecure",),
    "conda": ("--insecure", "-k"),
}
_SETTINGS = ("strict-ssl", "http.sslverify", "ssl_verify", "enablestrictssl", "global.trusted-host", "disable-tls",
             "install.trusted-host", "secure-http")  # fmt: skip
_CONFIGURED = frozenset(("npm", "yarn", "pnpm", "git", "conda", "mamba", "composer", "pip", "pip3"))
# curl's short options that take a value: what follows is no option.
_CURL_VALUES = frozenset("AbcCdDeEFHhKmoPQrtTuUwxXyYz")
_LOCAL = ("https://localhost", "https://127.", "https://[::1]", "localhost:", "127.0.0.1")


class TlsVerificationDisabled(Rule):
    """A download does not check whom it talks to, or whether the packages are signed.

    ## Why is this bad?

    Whoever sits between the build and the server can put anything into the image. Where a certificate of your own
    authority is the reason, add it (`update-ca-certificates`, `--cacert`, `PIP_CERT`, `NODE_EXTRA_CA_CERTS`). Set in
    ENV, the switch also holds for the running container.

    Found are the switches of curl, wget, pip, uv, npm, yarn, pnpm, git, conda, composer, apt, yum, dnf, zypper and
    rpm, and the variables NODE_TLS_REJECT_UNAUTHORIZED, PYTHONHTTPSVERIFY, GIT_SSL_NO_VERIFY, PIP_TRUSTED_HOST,
    GOINSECURE and the like, in ENV, ARG and RUN.

    ## Exceptions

    Silent on requests to the build's own machine (`https://localhost`).
    """

    name = "tls-verification-disabled"
    category = "security"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nRUN curl -fsSLk https://example.org/x && curl --insecure y\n", at=("-fsSLk", "--insecure")
        ),
        Bad(
            "FROM debian:12\nrun apt-get install -y \\\n    --allow-unauthenticated curl \\\n"
            " && wget -q --no-check-certificate x\n",
            at=("--allow-unauthenticated", "--no-check-certificate"),
        ),
        Bad(
            "FROM python:3.12\nRUN pip install --trusted-host x six && python3 -m pip --trusted-host=x install y\n",
            at=("--trusted-host", "--trusted-host=x"),
        ),
        Bad(
            "FROM node:20\nENV NODE_TLS_REJECT_UNAUTHORIZED=0 A=1\n"
            "RUN npm config set strict-ssl false && npm set strict-ssl=false\n",
            at=("NODE_TLS_REJECT_UNAUTHORIZED=0", "strict-ssl", "strict-ssl=false"),
        ),
        Bad(
            "FROM debian:12\nARG GIT_SSL_NO_VERIFY=1\nONBUILD RUN <<EOF\ngit config --global http.sslVerify false\n"
            "git -c http.sslVerify=false clone x\nEOF\n",
            at=("GIT_SSL_NO_VERIFY=1", "http.sslVerify", "http.sslVerify=false"),
        ),
        Bad(
            "FROM debian:12\nRUN export PYTHONHTTPSVERIFY=0 && GIT_SSL_NO_VERIFY=true git clone x\n"
            "RUN sudo npm_config_strict_ssl=false npm ci && sh -c 'curl -k x'\n",
            at=("PYTHONHTTPSVERIFY=0", "GIT_SSL_NO_VERIFY=true", "npm_config_strict_ssl=false", "-k"),
        ),
        Bad(
            "FROM fedora:40\nRUN dnf install -y --nogpgcheck curl && sudo curl -ko x https://example.org\n",
            at=("--nogpgcheck", "-ko"),
        ),
    )
    good = (
        Good("FROM debian:12\nRUN curl -fsSL -H 'X: -k' -o k https://example.org/x && curl --cacert k y\n"),
        Good("FROM debian:12\nRUN curl -k https://localhost:8443/health && curl -okay x\n"),
        Good("FROM debian:12\nRUN wget -q x && apt-get install -y curl && echo --no-check-certificate\n"),
        Good("FROM python:3.12\nRUN pip install flask==3.0.0 && pip config set global.index-url https://x\n"),
        Good("FROM node:20\nENV NODE_TLS_REJECT_UNAUTHORIZED=1 GIT_SSL_NO_VERIFY= PYTHONHTTPSVERIFY=$X\n"),
        Good("FROM node:20\nRUN npm config set strict-ssl true && git config http.sslVerify true\n"),
        Good("FROM node:20\nARG GOINSECURE\nRUN npm config get strict-ssl\n"),
    )

    def check_env(self, env: Env, model: Model) -> Iterator[Finding]:
        yield from self._check_pairs(env)

    def check_arg(self, arg: Arg, model: Model) -> Iterator[Finding]:
        yield from self._check_pairs(arg)

    def _check_pairs(self, instruction: Env | Arg) -> Iterator[Finding]:
        for pair in instruction.pairs:
            if pair.value is not None and _switches_off(pair.key.text, pair.value.literal):
                yield self.finding(pair, f"{pair.key.text.upper()} switches the check of certificates off")

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        for command in unwrapped_commands(run, model):
            if command.assignments or command.program == "export":
                yield from self._check_assignments(command)
            program = command.program
            word = _switch(command, program) if program is not None else None
            if word is not None:
                name = word.literal_prefix or word.raw
                yield self.finding(word, f'"{name}" switches a security check of {program} off')

    def _check_assignments(self, command: Command) -> Iterator[Finding]:
        for assignment in command.assignments:
            value = assignment.value.value if assignment.value is not None else None
            if _switches_off(assignment.name, value):
                yield self.finding(assignment, f"{assignment.name.upper()} switches the check of certificates off")
        if command.program == "export":
            for word in command.arguments:
                name, equals, value = (word.value or "").partition("=")
                if equals and _switches_off(name, value):
                    yield self.finding(word, f"{name.upper()} switches the check of certificates off")


def _switches_off(name: str, value: str | None) -> bool:
    upper = name.upper()
    if upper not in _VARIABLES or not value or (name != upper and not name.startswith("npm_config_")):
        return False
    values = _VARIABLES[upper]
    return value.lower() not in _OFF if values is None else value.lower() in values


def _switch(command: Command, program: str) -> Word | None:
    """The word that switches the check off."""
    words = command.arguments
    if program == "curl":
        return _switch_of_curl(words)
    if program.startswith(("pip", "python")):
        return _switch_of_pip(words, program)
    options = _OPTIONS.get(program)
    if options:
        for word in words:
            if word.literal_prefix in options:
                return word
    if program in _CONFIGURED:
        return _setting(words)
    return None


def _switch_of_curl(words: tuple[Word, ...]) -> Word | None:
    found: Word | None = None
    skip = False
    for word in words:
        text = word.literal_prefix
        if skip:
            skip = False
        elif text.startswith("--"):
            if text in ("--insecure", "--proxy-insecure"):
                found = found or word
        elif text.startswith("-"):
            for at, letter in enumerate(text[1:], 1):
                if letter == "k":
                    found = found or word
                elif letter in _CURL_VALUES:
                    skip = at == len(text) - 1 and word.value is not None
                    break
        elif text.startswith(_LOCAL):
            return None
    return found


def _switch_of_pip(words: tuple[Word, ...], program: str) -> Word | None:
    if program.startswith("python") and not any(word.value == "pip" for word in words[:4]):
        return None
    for word in words:
        if word.literal_prefix.startswith("--trusted-host"):
            return word
    return _setting(words)


def _setting(words: tuple[Word, ...]) -> Word | None:
    """``strict-ssl false``, ``http.sslVerify=false``: the word with the name, in a command that sets it."""
    for index, word in enumerate(words):
        name, equals, value = word.literal_prefix.lower().partition("=")
        if name not in _SETTINGS:
            continue
        if not equals:
            value = (words[index + 1].value or "").lower() if index + 1 < len(words) else ""
        if name == "disable-tls":
            is_off = value in ("true", "1")
        elif name.endswith("trusted-host"):
            is_off = bool(value)
        else:
            is_off = value in _OFF
        if is_off:
            return word
    return None
