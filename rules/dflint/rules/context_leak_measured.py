from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Finding
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model

_GO = "FROM golang:1\nWORKDIR /app\nCOPY server ./server\nRUN go build ./server\n"
_KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


class ContextLeakMeasured(Rule):
    """A folder is copied with things in it that no image should get.

    ## Why is this bad?

    What lies in the folder besides the sources goes along: a virtual environment and `node_modules` made for another
    machine, caches, version control, private keys, a `.env` with passwords. It is sent to the builder and makes the
    image larger; the cache of the instruction is dropped whenever it changes; and who gets the image gets the secrets.

    Only what is in the build context now and is not ignored is reported, with its size: in the copied folder and two
    levels below it. Each name in the message is a line for the ignore file. A secret in the shipped image is a warning.

    ## Exceptions

    Needs a known build context. Copies of the whole context are left to missing-dockerignore and weak-dockerignore.
    Silent on `--exclude` and `--parents`, on what the file names elsewhere, on key files without a private key, and on
    folders of dependencies and build output if a stage that copies them does not make them itself.
    """

    name = "context-leak-measured"
    category = "context"
    level = "info"
    since = "0.1.0"

    bad = (
        Bad(_GO, at=("server",), files={"server/main.go": "", "server/certs/dev.key": _KEY}),
        Bad(
            "FROM python:3.13\ncopy a.txt \\\n  ./api/ /app/\n",
            at=("./api/",),
            files={"a.txt": "", "api/a.py": "", "api/env/pyvenv.cfg": "", "api/x/__pycache__/b.pyc": ""},
        ),
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY web .\nRUN npm ci\n",
            at=("web",),
            files={"web/package.json": "{}", "web/node_modules/a/b.js": "", ".dockerignore": "/node_modules\n"},
        ),
        Bad(
            'FROM debian:12\nADD ["conf", "/conf"]\n',
            at=('"conf"',),
            files={"conf/.env": "DB_PASSWORD=x", "conf/a": ""},
        ),
    )
    good = (
        Good(_GO, files={"server/main.go": "", "server/certs/dev.key": _KEY, ".dockerignore": "**/*.key\n"}),
        Good(_GO, files={"server/main.go": "", "server/certs/ca.pem": "-----BEGIN CERTIFICATE-----"}),
        Good(_GO, files={"server/main.go": "", ".git/HEAD": "", ".env": "TOKEN=x"}),
        # The whole context: another rule.
        Good("FROM golang:1\nCOPY . /app\n", files={"a/main.go": "", "a/certs/dev.key": _KEY}),
        # Named: meant.
        Good(
            _GO + "CMD server --key server/certs/dev.key\n", files={"server/main.go": "", "server/certs/dev.key": _KEY}
        ),
        # Dependencies that nothing here installs.
        Good("FROM node:22\nCOPY web /app\n", files={"web/package.json": "{}", "web/node_modules/a/b.js": ""}),
        Good(
            "FROM golang:1\nCOPY --exclude=*.key server /s\n",
            files={"server/main.go": "", "server/certs/dev.key": _KEY},
        ),
        Good("FROM golang:1 AS a\nFROM golang:1\nCOPY --from=a server /s\n", files={"server/dev.key": _KEY}),
        # Something else that it copies is not here: the context is another folder.
        Good(_GO + "COPY other /o\n", files={"server/main.go": "", "server/certs/dev.key": _KEY}),
        Good(_GO),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        context = model.context
        if context is None:
            return
        from dflint.model.context_reads import context_reads
        from dflint.rules._broad_copies import fits

        folders = [
            (read, root.path)
            for read in context_reads(model)
            if read.kind != "bind" and read.source and not read.is_whole and not read.is_partial
            for root in read.roots(context)
            if root.kind == "dir" and root.path
        ]
        if not folders or not fits(context, model):
            return
        from dflint.rules._context_waste import listed, waste_in

        told: set[str] = set()
        for read, folder in folders:
            waste = tuple(item for item in waste_in(context, model, folder) if item.pattern not in told)
            if not waste:
                continue
            told.update(item.pattern for item in waste)
            is_shipped = read.stage is not None and read.stage.is_shipped
            level = "warning" if waste[0].is_secret and is_shipped else self.level
            name = context.ignore_path.rpartition("/")[2] or ".dockerignore"
            message = f"this copies {listed(waste, context)} too: add them to {name}"
            yield Finding(self.name, message, level, read.place.start, read.place.end)
