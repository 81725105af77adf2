from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Option, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import ClassVar


class ShellCheckFinding(Rule):
    """ShellCheck finds fault with a shell script of the Dockerfile.

    ## Why is this bad?

    The script of a `RUN` fails late, in a build, or does something else than it seems to: an unquoted variable is split
    at its spaces, `cd` fails and the next command runs in the wrong folder, a bashism is refused by the `sh` of
    another base image. [ShellCheck](https://www.shellcheck.net) knows hundreds of such faults; each has a code with a
    page of its own.

    Checked are the shell form of `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK`, here-documents for their own
    interpreter, and exec forms that call a shell. ShellCheck is told the shell that is in force, the variables that
    `ARG`, `ENV` and the builder set, and reports exact places, through continuation lines too.

    The program comes with dflint on the usual platforms; elsewhere it is taken from `PATH`. When there is none, one
    note on standard error says so, and the other rules run.

    Codes are selectors: `ignore = ["SC2086"]`, `[rules.SC2086] level = "info"`, `# dflint ignore=SC2086`. Comments like
    `# shellcheck disable=SC2086` count too, in the script and above the instruction. ShellCheck's levels are kept, its
    `style` is an `info` here.

    ## Exceptions

    Scripts for shells that ShellCheck does not know (PowerShell, cmd, zsh), and a JSON array that is broken. Of CMD and
    ENTRYPOINT, variables that are assigned nowhere: `docker run -e` may set them. SC1090 and SC1091 (a sourced file is
    not followed: it is in the image), SC2016 (text in single quotes is written to expand later), SC2102 (extras of
    Python packages are no sets), SC2185 (every `find` on Linux has a default path). SC1007 of several empty values in a
    row (`A= B=`), SC1010 of `mix do` and SC2283 of `chmod =644`.

    SC2086 and SC2046 where words are split on purpose, so that quotes would break the build: a variable that holds
    several words or none by its ENV, its ARG or in the script, or is called so (`BUILD_DEPS`, `CFLAGS`, `APT_OPTS`);
    an argument of a package manager that is nothing but an expansion; `$(test ... && echo --option)`. The default of an
    ARG counts as its value.

    What POSIX does not have and the `sh` of the base image has: all of bash in Red Hat's family, BusyBox' extensions in
    Alpine, `local`, `[ a \\< b ]` and the `\\n` of `echo` in Debian and Ubuntu, and `echo -n` everywhere.

    ## Fix safety

    ShellCheck's own fixes, where they can be written into the Dockerfile as they are, and quotes around a substitution
    that prints one word (`"$(nproc)"`). Quoting changes what a script does when somebody relies on the splitting, so
    they are unsafe, except `$(...)` for simple backquotes. Backquotes with backslashes inside have no fix.

    ## Differs from hadolint

    hadolint reports ShellCheck's findings at the first line of the instruction and without fixes. It knows one name of
    an `ARG` with several, forgets the SHELL of the stage that another one is built on, takes here-documents with a
    `#!` line of their own for scripts of the shell in force, and every `/bin/sh` for a POSIX sh. To hadolint's
    ShellCheck the variables of `ARG` and `ENV` are never split; here `$FOO` of an `ARG` without a default gives SC2086.
    The exceptions above are hadolint's false alarms.
    """

    name = "shellcheck"
    category = "shell"
    level = "warning"
    since = "0.1.0"
    options: ClassVar[Mapping[str, Option]] = {
        "program": Option("", "the ShellCheck program; empty: the one beside Python, or on `PATH`"),
    }

    bad = (
        Bad(
            "FROM alpine:3.20\nARG DIR\nRUN mkdir -p /out \\\n && cp *.txt $DIR\n",
            at=("*", "$DIR"),
            fixed='FROM alpine:3.20\nARG DIR\nRUN mkdir -p /out \\\n && cp *.txt "$DIR"\n',
        ),
        Bad(
            "FROM alpine:3.20\nRUN echo `date`\n",
            at=("`date`", "`date`", "`date`"),
            fixed="FROM alpine:3.20\nRUN echo $(date)\n",
        ),
        Bad("FROM debian:12\nRUN if [[ -f /etc/hosts ]]; then true; fi\n", at=("[[ -f /etc/hosts ]]",)),
        Bad(
            'FROM debian:12\nENTRYPOINT ["sh", "-c", "exec app $1"]\n',
            at=("$1",),
            fixed='FROM debian:12\nENTRYPOINT ["sh", "-c", "exec app \\"$1\\""]\n',
        ),
        Bad("FROM debian:12\nRUN <<'EOF' bash\nlocal a=1\necho \"$a\"\nEOF\n", at=("local",)),
    )
    good = (
        Good("FROM alpine:3.20\nARG FROM_DIR TO_DIR\nRUN cp \"$FROM_DIR\" \"$TO_DIR\"\n"),
        Good("FROM debian:12\nSHELL [\"/bin/bash\", \"-c\"]\nRUN if [[ -f /etc/hosts ]]; then true; fi\n"),
        Good("FROM debian:12\nRUN <<EOF\n#!/usr/bin/env bash\nif [[ -f /etc/hosts ]]; then true; fi\nEOF\n"),
        Good("FROM debian:12\n# shellcheck disable=SC2086\nRUN ls $FILES\n"),
        Good("FROM debian:12\nCMD exec app --port \"$PORT\"\n"),
        Good("FROM debian:12\nRUN --device=vendor.com/gpu=all nvidia-smi\n"),
        Good("FROM debian:12\nRUN . /etc/os-release && echo ok\n"),
        Good("FROM debian:12\nENV BUILD_DEPS=\"gcc make\"\nRUN apt-get install $BUILD_DEPS && ./x $CFLAGS\n"),
        Good("FROM alpine:3.20\nRUN deps=\"$(scanelf -R /usr)\" && apk add $deps && echo -e 'a\\nb'\n"),
        Good("FROM fedora:41\nRUN if [[ -f env ]]; then source env; fi\n"),
        Good("FROM alpine:3.20\nRUN echo 'export PATH=$HOME/bin:$PATH' >> /etc/profile\n"),
        Good("FROM debian:12\nARG VERSION=1.2\nRUN tar xf x-$VERSION.tgz && find -name x && pip install a[bbc]\n"),
    )  # fmt: skip
