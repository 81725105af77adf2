from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Finding
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model


class MissingDockerignore(Rule):
    """The whole build context is copied and no ignore file says what to leave out.

    ## Why is this bad?

    `COPY . .` takes everything in the folder: the history in `.git`, `node_modules` built for the host, `.env` with its
    passwords, and the Dockerfile. The build gets slower to start, its cache is dropped whenever one of these files
    changes, and who gets the image gets the secrets.

    The message names what of this is in the folder now. `.dockerignore` stands in the root of the context; for one
    Dockerfile alone `Dockerfile.dockerignore` beside it.

    ## Exceptions

    Needs a known build context. Silent if the context may be another folder than the Dockerfile's: something that is
    copied is not in it, the folder is called `docker` or the like, or a manifest that is installed from is missing; and
    in stages that are not built.
    """

    name = "missing-dockerignore"
    category = "context"
    level = "info"
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.22\nCOPY . /app\n", at=(".",), files={"a.py": "", "README.md": ""}),
        Bad("FROM alpine:3.22\nADD ./ /app\n", at=("./",), files={"a.py": "", ".git/HEAD": "ref", ".env": "A=1"}),
        Bad("FROM alpine:3.22\ncopy --chown=1000 a.py * \\\n  /app/\n", at=("*",), files={"a.py": ""}),
    )
    good = (
        Good("FROM alpine:3.22\nCOPY . /app\n", files={"a.py": "", ".dockerignore": ".git\n"}),
        Good("FROM alpine:3.22\nCOPY . /app\n", files={"a.py": "", "Dockerfile.dockerignore": ".git\n"}),
        Good("FROM alpine:3.22\nCOPY src /app\n", files={"src/a.py": ""}),
        # The context must be another folder.
        Good("FROM alpine:3.22\nCOPY docker/entry.sh /\nCOPY . /app\n", files={"a.py": ""}),
        Good("FROM node:22\nCOPY . .\nRUN npm ci\n", files={"entrypoint.sh": ""}),
        # Nothing here but the Dockerfile.
        Good("FROM alpine:3.22\nCOPY . /app\n"),
        Good("FROM alpine:3.22 AS a\nRUN true\nFROM alpine:3.22\nCOPY --from=a . /app\n", files={"a.py": ""}),
        Good("FROM alpine:3.22 AS unused\nCOPY . /app\nFROM alpine:3.22\nRUN true\n", files={"a.py": ""}),
        Good("FROM alpine:3.22\nCOPY --exclude=.git . /app\n", files={"a.py": ""}),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        if model.context is None or model.context.ignore is not None or model.context.unreadable:
            return
        from dflint.rules._context_waste import carried, listed

        found = carried(model)
        if found is None:
            return
        word = found.word
        if not found.waste:
            yield self.finding(
                word, "the whole folder is copied, the Dockerfile too: a .dockerignore leaves things out"
            )
            return
        level = "warning" if found.is_shipped and found.waste[0].is_secret else self.level
        message = f"this copies {listed(found.waste, model.context)} too: leave them out by a .dockerignore"
        yield Finding(self.name, message, level, word.start, word.end)
