from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Finding
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model

_NODE = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"
_KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


class WeakDockerignore(Rule):
    """The ignore file lets through what no image should get.

    ## Why is this bad?

    A COPY of the whole context takes along what the ignore file does not name: version control (`.git`), what the build
    makes anew (`node_modules`, `target`, `vendor`), virtual environments, caches, and secrets (`.env`, private keys).
    They make the build slow to start and drop its cache for no reason; folders made on the host may even replace those
    made in the image; and who gets the image gets the secrets.

    Only what is really in the context is reported, in its root and in the folders right below. Each name in the message
    is a line for the ignore file. A secret in the shipped image is a warning.

    ## Exceptions

    Needs a known build context, as missing-dockerignore does. Silent on `.git` if a RUN asks git about the project; on
    folders of build output if nothing in the file makes them; on secrets that the Dockerfile names, and on key files
    without a private key.
    """

    name = "weak-dockerignore"
    category = "context"
    level = "info"
    since = "0.1.0"

    bad = (
        Bad(_NODE, at=(".",), files={"package.json": "{}", "node_modules/a/b.js": "", ".dockerignore": ".git\n"}),
        Bad(_NODE, at=(".",), files={"package.json": "{}", ".git/HEAD": "", ".dockerignore": "node_modules\n"}),
        Bad(_NODE, at=(".",), files={"package.json": "{}", ".env": "A=1", ".dockerignore": "node_modules\n"}),
        Bad(
            _NODE, at=(".",), files={"package.json": "{}", "certs/server.key": _KEY, ".dockerignore": "node_modules\n"}
        ),
        Bad(
            "FROM python:3.12\nADD . /app\n",
            at=(".",),
            files={"a.py": "", "pkg/__pycache__/b.pyc": "", "venv/pyvenv.cfg": "", ".dockerignore": "*.md\n"},
        ),
        # The folder is ignored, and let through again.
        Bad(_NODE, at=(".",), files={"package.json": "{}", ".git/HEAD": "", ".dockerignore": ".git\n!.git\n"}),
    )
    good = (
        Good(
            _NODE,
            files={
                "package.json": "{}",
                "node_modules/a/b.js": "",
                ".git/HEAD": "",
                ".env": "A",
                ".dockerignore": "node_modules\n.git\n.env\n",
            },
        ),
        Good(_NODE, files={"package.json": "{}", ".git/HEAD": "", ".dockerignore": "*\n!package.json\n"}),
        # No ignore file: another rule.
        Good(_NODE, files={"package.json": "{}", ".git/HEAD": ""}),
        # Asked for by git describe.
        Good(
            'FROM golang:1\nCOPY . .\nRUN go build -ldflags "-X v=$(git describe)"\n',
            files={"go.mod": "", ".git/HEAD": "", ".dockerignore": "*.md\n"},
        ),
        # Nothing here makes them: they are meant.
        Good(
            "FROM node:22\nCOPY . /app\nCMD node /app/a.js\n",
            files={"a.js": "", "node_modules/a/b.js": "", ".dockerignore": "*.md\n"},
        ),
        Good(
            "FROM node:22\nCOPY . /app\nRUN cp /app/.env /etc/app\n",
            files={"a.js": "", ".env": "", ".dockerignore": "a\n"},
        ),
        Good(
            "FROM node:22\nCOPY . /app\n",
            files={"a.js": "", "ca.pem": "-----BEGIN CERTIFICATE-----", ".dockerignore": "a\n"},
        ),
        Good("FROM node:22\nCOPY src /app\n", files={"src/a.js": "", ".git/HEAD": "", ".dockerignore": "a\n"}),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        context = model.context
        if context is None or context.ignore is None or context.unreadable:
            return
        from dflint.rules._context_waste import carried, listed

        found = carried(model)
        if found is None or not found.waste:
            return
        level = "warning" if found.is_shipped and found.waste[0].is_secret else self.level
        name = context.ignore_path.rpartition("/")[2]
        message = f"this copies {listed(found.waste, context)} too: add them to {name}"
        yield Finding(self.name, message, level, found.word.start, found.word.end)
