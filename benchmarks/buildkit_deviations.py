"""Where dflint and BuildKit's checks differ, why, and how to tell that a difference is of that kind.

The tests do not ask what dflint's rules decide: each says by itself, from the file and BuildKit's message, what it
stands for. ``tests/project/test_buildkit_deviations.py`` holds what is said here of dflint, and that no test explains a
finding away which dflint ought to have; ``buildkit_agreement.py`` holds what is said of BuildKit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from dflint.facts.platforms import asked_platform, image_platform
from dflint.linter.engine import RuleSet, lint
from dflint.linter.registry import registry
from dflint.model.environment import PLATFORM_ARGS
from dflint.model.expansion import expanded_words
from dflint.syntax.tree import Arg, CommandInstruction, Env, From, Onbuild, PairsInstruction, Run, Transfer, Workdir

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dflint.model import Model, Stage
    from dflint.syntax.tree import Instruction, Pair
    from dflint.syntax.words import VariableUse

Kind = Literal["fault", "elsewhere", "unknown", "stand-in"]
KINDS: dict[Kind, str] = {
    "fault": "BuildKit's fault",
    "elsewhere": "dflint says it with another rule or at another line",
    "unknown": "the file does not tell, and dflint does not pull images",
    "stand-in": "the comparison's stand-in images",
}


class Difference(NamedTuple):
    """Something that one of both says of a file and the other does not."""

    code: str
    line: int
    """Where the instruction starts, from 1."""
    by_buildkit: bool
    """Whether it is BuildKit that says it."""
    message: str
    model: Model

    @property
    def instruction(self) -> Instruction | None:
        source = self.model.source
        return next((i for i in self.model.instructions if source.line_of(i.start) == self.line), None)

    @property
    def variable(self) -> str:
        """The variable that BuildKit's message is about: ``'$NAME'`` or ``(ENV "NAME")``."""
        found = re.search(r"variable '\$(.*?)'|\(\w+ \"(.*?)\"\)", self.message)
        return (found[1] or found[2] or "") if found else ""


class Deviation(NamedTuple):
    """A known difference."""

    name: str
    """The heading of its section."""
    codes: tuple[str, ...]
    kind: Kind
    by_buildkit: bool
    """Whether BuildKit reports what dflint does not; else the other way round."""
    buildkit: str
    """What BuildKit does."""
    why: str
    """Why dflint does otherwise."""
    example: str
    line: int
    """The line of the example's instruction that one of both reports."""
    messages: tuple[str, ...]
    """What that one says of it."""
    is_such: Callable[[Difference], bool]
    files: Mapping[str, str] = {}
    """The example's build context."""
    versions: str = ""
    """Which BuildKits do that, if not all."""
    rule: str | None = None
    """The rule of dflint that reports the same instruction in place of the one that answers to the check."""

    def explains(self, difference: Difference) -> bool:
        return (
            difference.code in self.codes
            and difference.by_buildkit == self.by_buildkit
            and self.is_such(difference)
            and (self.rule is None or says(self.rule, difference.model, difference.line))
        )


def says(rule: str, model: Model, line: int) -> bool:
    """Whether a rule of dflint reports something of the instruction that starts at a line."""
    findings = lint(model, RuleSet([registry().classes[rule]()])).findings
    instructions = [i for i in model.instructions if model.source.line_of(i.start) == line]
    return any(i.start <= finding.start < i.full_end for i in instructions for finding in findings)


# --- Variables

_OF_IMAGES = ("_VERSION", "_HOME", "_PATH", "_DIR", "_ROOT", "_PREFIX", "PATH", "_OPTS", "_OPTIONS", "_USER")
_SETS_NOTHING = frozenset(
    ("alpine", "debian", "ubuntu", "busybox", "centos", "rockylinux", "almalinux", "amazonlinux", "oraclelinux",
     "buildpack-deps")
)  # fmt: skip


def _uses(difference: Difference) -> list[VariableUse]:
    """Where the instruction uses the variable that BuildKit names."""
    instruction = difference.instruction
    if instruction is None:
        return []
    words = [word for word in expanded_words(instruction) if "$" in word.text]
    return [use for word in words for use in word.variables if use.name == difference.variable]


def _has_default(difference: Difference) -> bool:
    """Each use says what to take if the variable is not set, or stands in the part for when it is."""
    uses = _uses(difference)
    instruction = difference.instruction
    if not uses or instruction is None:
        return False
    guards = [
        use for word in expanded_words(instruction) for use in word.variables if use.modifier in ("+", ":+")
    ]  # fmt: skip
    return all(use.modifier[-1:] in ("-", "+", "?") or any(g.start < use.start < g.end for g in guards) for use in uses)


def _is_no_name(difference: Difference) -> bool:
    return not difference.variable.isidentifier()


def _in_the_same_env(difference: Difference) -> bool:
    instruction = difference.instruction
    return isinstance(instruction, Env) and any(pair.key.text == difference.variable for pair in instruction.pairs)


def _in_its_own_arg(difference: Difference) -> bool:
    instruction = difference.instruction
    return isinstance(instruction, Arg) and any(pair.key.text == difference.variable for pair in instruction.pairs)


def _may_be_the_images(difference: Difference) -> bool:
    """The stage starts from an image of which nobody knows by its name what it sets.

    A platform's variable is not among what images set, an ARG of the file only if it is called like that.
    """
    instruction, name, model = difference.instruction, difference.variable, difference.model
    stage = model.stage_of(instruction) if instruction is not None else None
    if stage is None or name in PLATFORM_ARGS or not _is_unknown(stage):
        return False
    if instruction is None or any(_is_slip(name, other) for other in model.environment_before(instruction).variables):
        return False
    return name.endswith(_OF_IMAGES) or not _is_arg_only(name, model)


def _is_slip(name: str, other: str) -> bool:
    """Whether the names differ by one letter, which one of them lacks, or by the order of letters."""
    if other == "PATH" or len(name) < 5:
        return False
    if sorted(name.lower()) == sorted(other.lower()):
        return name != other
    shorter, longer = sorted((name, other), key=len)
    missing = (at for at in range(len(longer)) if longer[:at] + longer[at + 1 :] == shorter)
    return any(longer[at].isalpha() for at in missing)


def _is_unknown(stage: Stage) -> bool:
    image = stage.root.image_name
    return not stage.root.is_scratch and (
        image is None or not image.is_official or image.name not in _SETS_NOTHING
    )  # fmt: skip


def _is_arg_only(name: str, model: Model) -> bool:
    setting = [i for i in model.instructions if isinstance(i, PairsInstruction) and i.type != "label"]
    having = [i for i in setting if any(pair.key.text == name for pair in i.pairs)]
    return bool(having) and all(isinstance(i, Arg) for i in having)


def _is_expose(difference: Difference) -> bool:
    return difference.instruction is not None and difference.instruction.type == "expose"


# --- Commands and folders


def _is_exec(difference: Difference) -> bool:
    instruction = difference.instruction
    text = instruction.shell_text if isinstance(instruction, CommandInstruction) else None
    return text is not None and text.text.startswith("exec ")


def _is_broken_json(difference: Difference) -> bool:
    instruction = difference.instruction
    text = instruction.shell_text if isinstance(instruction, CommandInstruction) else None
    return text is not None and text.text.startswith("[")


def _is_windows_path(difference: Difference) -> bool:
    return re.search(r'Relative workdir "([A-Za-z]:|\\\\)', difference.message) is not None


def _is_unknown_path(difference: Difference) -> bool:
    instruction = difference.instruction
    if not isinstance(instruction, Workdir) or instruction.value is None:
        return False
    environment = difference.model.environment_before(instruction)
    variables = [environment.lookup(use.name) for use in instruction.value.variables]
    return any(variable is None or variable.value is None for variable in variables)


def _runs_triggers(difference: Difference) -> bool:
    """BuildKit names the FROM whose stage runs the triggers of another stage of the file."""
    instruction = difference.instruction
    stage = difference.model.stage_of(instruction) if isinstance(instruction, From) else None
    return stage is not None and any(isinstance(i, Onbuild) for p in stage.parents for i in p.instructions)


def _is_trigger(difference: Difference) -> bool:
    return isinstance(difference.instruction, Onbuild)


# --- Secrets

_BUILDKIT_WORDS = "apikey|auth|credential|credentials|key|password|pword|passwd|secret|token"
_BUILDKIT_SECRET = re.compile(rf"(?:_|^)(?:{_BUILDKIT_WORDS})(?:_|$)", re.IGNORECASE)
_SECRET_WORD = re.compile(r"pass|pwd|secret|token|cred|key|auth|_pat$|_dsn$", re.IGNORECASE)
_SWITCHES = frozenset(
    ("0", "1", "true", "false", "yes", "no", "on", "off", "none", "null", "nil", "undefined", "optional",
     "required", "enabled", "disabled", "auto", "default", "basic", "bearer", "ldap", "oauth", "oauth2", "jwt",
     "local", "trust", "md5", "scram-sha-256", "file", "env", "vault", "prompt")
)  # fmt: skip
_FINGERPRINT = re.compile(r"(?:0x)?(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{16}|[0-9A-Fa-f]{40})")
_PUBLIC_KEY = re.compile(r"(?:^|_)(?:GPG|PGP)(?:_[A-Z]+)*_KEY(?:_IDS?)?(?:_|$)")
_ABOUT = frozenset(
    ("alias", "checking", "clientid", "config", "dangerous", "dir", "disable", "enable", "enabled", "endpoint",
     "fields", "help", "hashed", "id", "ids", "key_id", "length", "lock", "method", "mode", "name", "namespace",
     "openshift", "overridable", "path", "plugin", "policy", "provider", "random", "realm", "salt", "server",
     "size", "sock", "source", "streak", "time", "timeout", "ttl", "type", "uri", "url", "user", "username",
     "users", "version", "warn", "whitelist")
)  # fmt: skip
_LOCKS = frozenset(
    ("access", "account", "api", "app", "auth", "client", "cookie", "decryption", "deploy", "encryption", "host",
     "hmac", "jwt", "license", "master", "private", "rsa", "secret", "security", "service", "session", "shared",
     "signing", "sign", "ssh", "storage", "write", "admin", "function", "subscription", "consumer", "stripe",
     "sendgrid")
)  # fmt: skip


def _secret_pair(difference: Difference) -> Pair | None:
    instruction = difference.instruction
    if not isinstance(instruction, PairsInstruction):
        return None
    return next((pair for pair in instruction.pairs if pair.key.text == difference.variable), None)


def _secret_value(difference: Difference) -> str | None:
    """The value that the file gives the variable; None if it gives none, or one with variables."""
    pair = _secret_pair(difference)
    return pair.value.literal if pair is not None and pair.value is not None else None


def _is_no_secret_value(difference: Difference) -> bool:
    value = _secret_value(difference)
    if value is None:
        return False
    if not value:
        return isinstance(difference.instruction, Env)
    if value.lower() in _SWITCHES or re.fullmatch(r"\d{1,3}", value):
        return True
    return bool(re.fullmatch(r"(?:\.{0,2}|~)/\S*", value) or re.fullmatch(r"https?://[^@]*", value))


def _is_script_name(difference: Difference) -> bool:
    return re.fullmatch(r"[\w.-]+\.(?:sh|py)", _secret_value(difference) or "", re.IGNORECASE) is not None


def _is_public_key(difference: Difference) -> bool:
    values = (_secret_value(difference) or "").replace(",", " ").split()
    is_fingerprint = bool(values) and all(map(_FINGERPRINT.fullmatch, values))
    return is_fingerprint or _PUBLIC_KEY.search(difference.variable.upper()) is not None


def _is_about_secrets(difference: Difference) -> bool:
    """The words after the last secret one say that the name is about it."""
    words = difference.variable.lower().split("_")
    secret = [at for at, word in enumerate(words) if re.fullmatch(_BUILDKIT_WORDS, word)]
    after = words[secret[-1] + 1 :] if secret else []
    return any(word in _ABOUT for word in after) and words[-3:] != ["access", "key", "id"]


def _is_a_bare_key(difference: Difference) -> bool:
    """``KEY`` or ``AUTH`` is the one secret word, and the one before it does not make a lock's key of it."""
    words = difference.variable.lower().split("_")
    secret = [at for at, word in enumerate(words) if re.fullmatch(_BUILDKIT_WORDS, word)]
    if not secret or any(words[at] not in ("key", "auth") for at in secret):
        return False
    at = secret[-1]
    return words[at] == "auth" or not at or words[at - 1] not in _LOCKS


def _is_unknown_to_buildkit(difference: Difference) -> bool:
    name = difference.message.partition(" ")[0]
    return not _BUILDKIT_SECRET.search(name) and _SECRET_WORD.search(name) is not None


# --- Others


def _has_own_platform(difference: Difference) -> bool:
    pairs = [pair for arg in difference.model.global_args for pair in arg.pairs]
    return any(pair.key.text == "TARGETPLATFORM" and pair.value is not None for pair in pairs)


def _is_linters_comment(difference: Difference) -> bool:
    instruction = difference.instruction
    if instruction is None:
        return False
    above = [c for c in difference.model.tree.comments if c.start < instruction.start]
    linters = ("hadolint ", "dflint ", "tally ", "check=", "trivy:", "checkov:", "kics")
    return bool(above) and above[-1].text.strip().lower().startswith(linters)


def _is_mount(difference: Difference) -> bool:
    instruction = difference.instruction
    return isinstance(instruction, Run) and any(mount.type == "bind" for mount in instruction.mounts)


def _sources(difference: Difference) -> list[str]:
    """What COPY or ADD takes, as far as it is known."""
    instruction = difference.instruction
    if not isinstance(instruction, Transfer):
        return []
    environment = difference.model.environment_before(instruction)
    return [environment.expand(word) or "" for word in instruction.sources]


def _has_exceptions(difference: Difference) -> bool:
    context = difference.model.context
    return context is not None and context.ignore is not None and any(p.negated for p in context.ignore.patterns)


def _has_exceptions_below(difference: Difference) -> bool:
    context = difference.model.context
    found = re.search(r'file "(.*?)"', difference.message)
    if context is None or context.ignore is None or found is None:
        return False
    below = ("**", "" if found[1] == "." else f"{found[1].strip('/')}/")
    return any(pattern.negated and pattern.text.lstrip("!/").startswith(below) for pattern in context.ignore.patterns)


def _is_context_root(difference: Difference) -> bool:
    context = difference.model.context
    patterns = context.ignore.patterns if context is not None and context.ignore is not None else ()
    return 'file "."' in difference.message and all(pattern.text.strip("/*") for pattern in patterns)


def _starts_with_slash(difference: Difference) -> bool:
    return any(source.startswith("/") for source in _sources(difference))


def _is_wildcard(difference: Difference) -> bool:
    found = re.search(r'file "(.*?)"', difference.message)
    return found is not None and any(char in found[1] for char in "*?[")


def _has_no_platform_of_its_own(difference: Difference) -> bool:
    """What is compared with the image is the platform of the build or of the machine, at least in part."""
    instruction = difference.instruction
    if not isinstance(instruction, From):
        return False
    flag = instruction.flag("platform")
    if flag is None or flag.value is None:
        return True
    platform = difference.model.environment_before(instruction).expand(flag.value)
    stage = difference.model.stage_of(instruction)
    if platform is None or stage is None or stage.image is None:
        return True
    asked, actual = asked_platform(platform), image_platform(stage.image)
    pairs = zip(asked, actual, strict=True)
    return None in asked and all(wanted == is_one or not wanted or not is_one for wanted, is_one in pairs)


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        "A default is written",
        ("UndefinedVar",),
        "fault",
        by_buildkit=True,
        buildkit="reports `${NAME:-default}`, `${NAME:+...}` and `${NAME:?...}` like `$NAME`.",
        why="They are how one writes that NAME may be unset, and what is to happen then.",
        example="FROM alpine:3.20\nENV SEARCH=/opt/lib${EXTRA:+:$EXTRA} LEVEL=${LEVEL_SET:-info}\n",
        line=2,
        messages=(
            "Usage of undefined variable '$EXTRA'",
            "Usage of undefined variable '$LEVEL_SET'",
        ),
        is_such=_has_default,
    ),
    Deviation(
        "What no variable is called",
        ("UndefinedVar",),
        "fault",
        by_buildkit=True,
        buildkit="takes `$1` and `$$` for variables of the build.",
        why="They are meant for a shell that runs later; no ARG or ENV could define them.",
        example='FROM alpine:3.20\nENV SHOW="echo $1"\n',
        line=2,
        messages=("Usage of undefined variable '$1'",),
        is_such=_is_no_name,
    ),
    Deviation(
        "An ARG with its own name as default",
        ("UndefinedVar",),
        "fault",
        by_buildkit=True,
        buildkit="reports `ARG NAME=$NAME`.",
        why="It is `ARG NAME` with an empty default: what --build-arg gives is taken, and nothing is missing.",
        example="FROM alpine:3.20\nARG PROXY=$PROXY\n",
        line=2,
        messages=("Usage of undefined variable '$PROXY'",),
        is_such=_in_its_own_arg,
    ),
    Deviation(
        "A variable of the same ENV",
        ("UndefinedVar",),
        "elsewhere",
        by_buildkit=True,
        buildkit="says that the variable is undefined.",
        why="It is defined, by the very instruction, but not yet: env-self-reference says so.",
        example="FROM alpine:3.20\nENV ROOT=/opt BIN=$ROOT/bin\n",
        line=2,
        messages=("Usage of undefined variable '$ROOT'",),
        is_such=_in_the_same_env,
        rule="env-self-reference",
    ),
    Deviation(
        "A variable that the base image may set",
        ("UndefinedVar",),
        "unknown",
        by_buildkit=True,
        buildkit="has pulled the image and knows. In the comparison it has a stand-in that sets PATH alone, so that it "
        "reports variables which the real image does set, such as GOPATH, JAVA_HOME and NB_USER.",
        why="dflint reports those of `scratch` and of official images that set nothing, slips of the pen, and ARGs "
        "that are only declared elsewhere. Of any other image nothing is known.",
        example="FROM golang:1.25\nWORKDIR $GOPATH/src\n",
        line=2,
        messages=("Usage of undefined variable '$GOPATH' (did you mean $PATH?)",),
        is_such=_may_be_the_images,
    ),
    Deviation(
        "Variables in EXPOSE",
        ("UndefinedVar",),
        "fault",
        by_buildkit=False,
        buildkit="does not look at EXPOSE, and says nothing of a port that is empty.",
        why="The variable is as undefined there as in ENV.",
        example="FROM alpine:3.20\nEXPOSE $PORT\n",
        line=2,
        messages=("PORT is empty here, nothing sets it",),
        is_such=_is_expose,
    ),
    Deviation(
        "Shell form with exec",
        ("JSONArgsRecommended",),
        "fault",
        by_buildkit=True,
        buildkit="recommends JSON because of signals.",
        why="After `exec` the program has taken the shell's place: it is process 1 and gets the signals.",
        example="FROM alpine:3.20\nCMD exec nc -l -p $PORT\n",
        line=2,
        messages=("JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",),
        is_such=_is_exec,
    ),
    Deviation(
        "JSON with a slip",
        ("JSONArgsRecommended",),
        "elsewhere",
        by_buildkit=True,
        buildkit="recommends JSON, which is what the author thinks to have written.",
        why="invalid-json-form says what is wrong with it, and repairs it.",
        example="FROM alpine:3.20\nCMD ['nc', '-l']\n",
        line=2,
        messages=("JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",),
        is_such=_is_broken_json,
        rule="invalid-json-form",
    ),
    Deviation(
        "Findings in triggers",
        ("JSONArgsRecommended", "UndefinedVar", "WorkdirRelativePath", "LegacyKeyValueFormat", "SecretsUsedInArgOrEnv"),
        "fault",
        by_buildkit=True,
        buildkit="looks at an ONBUILD trigger when a stage runs it, and names the line of that stage's FROM.",
        why="FROM is no CMD in shell form. dflint reports the trigger, where the mistake is.",
        example="FROM alpine:3.20 AS base\nONBUILD CMD nc -l\nFROM base\n",
        line=3,
        messages=("JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",),
        is_such=_runs_triggers,
    ),
    Deviation(
        "Triggers",
        ("LegacyKeyValueFormat", "JSONArgsRecommended", "SecretsUsedInArgOrEnv", "ExposeProtoCasing"),
        "fault",
        by_buildkit=False,
        buildkit="does not look at ONBUILD triggers in the file that has them.",
        why="They are instructions as good as others, and who builds on the image cannot change them.",
        example="FROM alpine:3.20\nONBUILD ENV MODE release\n",
        line=2,
        messages=("ENV MODE=... says the same without surprises",),
        is_such=_is_trigger,
    ),
    Deviation(
        "A drive letter",
        ("WorkdirRelativePath",),
        "stand-in",
        by_buildkit=True,
        buildkit="goes by the platform, and the stand-ins are for Linux, where `C:\\app` is a relative path.",
        why="A path with a drive letter is meant for Windows and absolute there.",
        example="# escape=`\nFROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nWORKDIR C:\\app\n",
        line=3,
        messages=('Relative workdir "C:\\\\app" can have unexpected results if the base image changes',),
        is_such=_is_windows_path,
    ),
    Deviation(
        "A folder that a variable decides",
        ("WorkdirRelativePath",),
        "unknown",
        by_buildkit=True,
        buildkit="takes an undefined variable for empty, and an empty path for a relative one.",
        why="Whether the path is relative depends on what the base image sets, or a build argument. If the variable is "
        "known to be undefined, undefined-variable says so.",
        example="FROM golang:1.25\nWORKDIR $GOPATH\n",
        line=2,
        messages=('Relative workdir "" can have unexpected results if the base image changes',),
        is_such=_is_unknown_path,
    ),
    Deviation(
        "A value that is no secret",
        ("SecretsUsedInArgOrEnv",),
        "fault",
        by_buildkit=True,
        buildkit="looks at names alone.",
        why="Nothing at all in an ENV, a switch, a number of up to three digits, a path and an address without a "
        "password give nothing away.",
        example="FROM alpine:3.20\nENV NPM_TOKEN= REQUIRE_PASSWORD=true TLS_PRIVATE_KEY=/run/secrets/tls.key\n",
        line=2,
        messages=(
            'Do not use ARG or ENV instructions for sensitive data (ENV "NPM_TOKEN")',
            'Do not use ARG or ENV instructions for sensitive data (ENV "REQUIRE_PASSWORD")',
            'Do not use ARG or ENV instructions for sensitive data (ENV "TLS_PRIVATE_KEY")',
        ),
        is_such=_is_no_secret_value,
    ),
    Deviation(
        "The name of a script",
        ("SecretsUsedInArgOrEnv",),
        "fault",
        by_buildkit=True,
        buildkit="looks at names alone.",
        why="The name of a script is no secret, whatever the script does.",
        example="FROM alpine:3.20\nENV RESET_PASSWORD=resetPassword.sh\n",
        line=2,
        messages=('Do not use ARG or ENV instructions for sensitive data (ENV "RESET_PASSWORD")',),
        is_such=_is_script_name,
    ),
    Deviation(
        "A public key",
        ("SecretsUsedInArgOrEnv",),
        "fault",
        by_buildkit=True,
        buildkit="passes names with PUBLIC in them, but not GPG_KEY.",
        why="What signatures are checked with, or its fingerprint, is public. Docker's own images have it in ENV.",
        example="FROM alpine:3.20\nENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D\n",
        line=2,
        messages=('Do not use ARG or ENV instructions for sensitive data (ENV "GPG_KEY")',),
        is_such=_is_public_key,
    ),
    Deviation(
        "A name that is about a secret",
        ("SecretsUsedInArgOrEnv",),
        "fault",
        by_buildkit=True,
        buildkit="finds its words anywhere in a name.",
        why="Where a secret is, how long it is or how one logs in is not the secret.",
        example="FROM alpine:3.20\nENV AUTH_METHOD=form\nARG TOKEN_ENDPOINT\n",
        line=3,
        messages=('Do not use ARG or ENV instructions for sensitive data (ARG "TOKEN_ENDPOINT")',),
        is_such=_is_about_secrets,
    ),
    Deviation(
        "KEY and AUTH alone",
        ("SecretsUsedInArgOrEnv",),
        "fault",
        by_buildkit=True,
        buildkit="takes every KEY and every AUTH for a secret.",
        why="Most tables, caches and maps have keys. dflint goes by the word before it: API_KEY, PRIVATE_KEY. This "
        "passes some real secrets, which are then called CRON_KEY or BASE_KEY.",
        example="FROM alpine:3.20\nENV SORT_KEY=name\n",
        line=2,
        messages=('Do not use ARG or ENV instructions for sensitive data (ENV "SORT_KEY")',),
        is_such=_is_a_bare_key,
    ),
    Deviation(
        "Words that BuildKit does not know",
        ("SecretsUsedInArgOrEnv",),
        "fault",
        by_buildkit=False,
        buildkit="knows ten words, in the singular, between underscores.",
        why="DB_PASS, GITHUB_PAT, MYSQL_PWD, adminPassword and ApiKey hold secrets too.",
        example="FROM alpine:3.20\nENV DB_PASS=hunter2\n",
        line=2,
        messages=("DB_PASS looks like a secret, and ENV puts it into the image's environment",),
        is_such=_is_unknown_to_buildkit,
    ),
    Deviation(
        "TARGETPLATFORM with a value of its own",
        ("RedundantTargetPlatform",),
        "fault",
        by_buildkit=True,
        buildkit="says that the flag changes nothing.",
        why="It does: the ARG has replaced the target platform by another.",
        example="ARG TARGETPLATFORM=linux/arm64\nFROM --platform=$TARGETPLATFORM alpine:3.20\n",
        line=2,
        messages=(
            "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
        ),
        is_such=_has_own_platform,
    ),
    Deviation(
        "Comments for linters",
        ("InvalidDefinitionDescription",),
        "fault",
        by_buildkit=True,
        buildkit="takes `# hadolint ignore=DL3006` for a description of the stage below it.",
        why="It must stand there to work, and describes nothing.",
        example="# hadolint ignore=DL3006\nFROM alpine AS base\n",
        line=2,
        messages=("Comment for FROM should follow the format: `# base <description>`",),
        is_such=_is_linters_comment,
    ),
    Deviation(
        "A folder with exceptions",
        ("CopyIgnoredFile",),
        "fault",
        by_buildkit=True,
        buildkit="says that the folder is left out (moby/buildkit issues 5884 and 6512).",
        why="What a `!` line brings back is sent and copied.",
        example="FROM alpine:3.20\nCOPY src /app\n",
        line=2,
        messages=('Attempting to Copy file "src" that is excluded by .dockerignore',),
        is_such=_has_exceptions_below,
        files={".dockerignore": "src\n!src/app.js\n", "src/app.js": "", "src/test.js": ""},
        versions="that of Docker Engine 28 and 29.2; fixed in February 2026",
    ),
    Deviation(
        "The whole context",
        ("CopyIgnoredFile",),
        "fault",
        by_buildkit=True,
        buildkit="says that `.` is left out (moby/buildkit issue 6926).",
        why="The pattern means hidden files; all others are sent and copied.",
        example="FROM alpine:3.20\nCOPY . /app\n",
        line=2,
        messages=('Attempting to Copy file "." that is excluded by .dockerignore',),
        is_such=_is_context_root,
        files={".dockerignore": ".*\n", "app.js": ""},
        versions="that of Docker Engine 28; fixed in July 2026",
    ),
    Deviation(
        "Exceptions for something else",
        ("CopyIgnoredFile",),
        "fault",
        by_buildkit=False,
        buildkit="gives up on an ignore file with any `!` line (moby/buildkit issue 7125).",
        why="The build fails all the same. dflint follows the exceptions as the builder does.",
        example="FROM alpine:3.20\nCOPY app.log /\n",
        line=2,
        messages=("app.log is not in the build context: line 1 of .dockerignore (*) leaves it out",),
        is_such=_has_exceptions,
        files={".dockerignore": "*\n!package.json\n", "app.log": ""},
        versions="since February 2026",
    ),
    Deviation(
        "A source that starts with a slash",
        ("CopyIgnoredFile",),
        "fault",
        by_buildkit=False,
        buildkit="does not know `/app.log` for `app.log`.",
        why="The builder does: the file is left out, and the build fails.",
        example="FROM alpine:3.20\nCOPY /app.log /\n",
        line=2,
        messages=("/app.log is not in the build context: line 1 of .dockerignore (app.log) leaves it out",),
        is_such=_starts_with_slash,
        files={".dockerignore": "app.log\n", "app.log": ""},
    ),
    Deviation(
        "A wildcard taken for a name",
        ("CopyIgnoredFile",),
        "fault",
        by_buildkit=True,
        buildkit="compares the text of a wildcard with the patterns.",
        why="`*.log` as a name fits `?.log`, but files that it means do not: they are sent.",
        example="FROM alpine:3.20\nCOPY *.log /\n",
        line=2,
        messages=('Attempting to Copy file "*.log" that is excluded by .dockerignore',),
        is_such=_is_wildcard,
        files={".dockerignore": "?.log\n", "server.log": ""},
    ),
    Deviation(
        "A mount of the context",
        ("CopyIgnoredFile",),
        "fault",
        by_buildkit=False,
        buildkit="looks at COPY and ADD only.",
        why="What the ignore file leaves out is not there for `RUN --mount=type=bind` either, and the build fails.",
        example="FROM alpine:3.20\nRUN --mount=type=bind,source=ci/test.sh,target=/test.sh sh /test.sh\n",
        line=2,
        messages=("ci/test.sh is not in the build context: line 1 of .dockerignore (ci) leaves it out",),
        is_such=_is_mount,
        files={".dockerignore": "ci\n", "ci/test.sh": "ls\n"},
    ),
    Deviation(
        "A base without a platform of its own",
        ("InvalidBaseImagePlatform",),
        "unknown",
        by_buildkit=True,
        buildkit="compares with the platform of the build, or of the machine that it runs on.",
        why="On an arm64 machine, or with `--platform=linux/arm64`, the same file is right.",
        example="FROM arm64v8/alpine:3.20\n",
        line=1,
        messages=(
            (
                'Base image arm64v8/alpine:3.20 was pulled with platform "linux/arm64", expected "linux/amd64" '
                "for current build"
            ),
        ),
        is_such=_has_no_platform_of_its_own,
    ),
)
