from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Copy, Onbuild, Run, Transfer, Workdir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.findings import Finding
    from dflint.model import ImageReference, Model, Stage
    from dflint.syntax.tree import Instruction

# Folders that are root's with mode 755 in all official images and no symbolic links.
_PLAIN = frozenset(
    ("/etc", "/opt", "/srv", "/usr", "/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/share",
     "/usr/local/etc", "/usr/share", "/usr/src")
)  # fmt: skip
_TAKEN = frozenset(
    ("bin", "boot", "data", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "proc", "root",
     "run", "sbin", "sys", "tmp", "usr", "var", "config", "nonexistent", "conf", "bitnami", "go", "logs")
)  # fmt: skip
_OF_ROOT = frozenset(("nginx", "httpd", "tomcat", "caddy", "python", "node", "golang", "ruby", "php", "openjdk"))
_OWNING = frozenset(
    ("chown", "chmod", "chgrp", "ln", "mkdir", "install", "useradd", "adduser", "mv", "cp", "setfacl", "usermod")
)  # fmt: skip


class MissingCopyLink(Rule):
    """A COPY at the end of the image could be --link, so that a new base image does not repeat it.

    ## Why is this bad?

    Without `--link` a COPY depends on all layers below it: with a new base image every one of them is made, pushed and
    pulled again, although its files are the same. With `--link` it is a layer of its own, which stays in the cache and
    in the registry.

    ## Exceptions

    `--link` takes the place of what is there: folders on the way to the target lose their owner and mode, a symbolic
    link becomes a folder. So only absolute targets count that are surely plain: in a new folder (`/app`) or in `/etc`,
    `/opt`, `/srv`, `/usr/local` and `/usr/share` of an official image, where no earlier instruction has written, set
    owners or made links, and whose last name is clear (a trailing slash, or the name of the source). Only COPYs behind
    the last RUN of the shipped stage are looked at, and none with the name of a user in `--chown`.

    ## Fix safety

    Unsafe: the base image may hold something at the target that the file does not show.
    """

    name = "missing-copy-link"
    category = "cache"
    level = "info"
    since = "0.1.0"
    status = "preview"

    bad = (
        Bad(
            "FROM nginx:1.27\nRUN rm /etc/nginx/conf.d/default.conf\nCOPY --from=build /src/dist/ /srv/www/\n"
            'CMD ["nginx"]\n',
            at=("COPY",),
            fixed="FROM nginx:1.27\nRUN rm /etc/nginx/conf.d/default.conf\n"
            'COPY --link --from=build /src/dist/ /srv/www/\nCMD ["nginx"]\n',
        ),
        Bad(
            "FROM golang:1 AS build\nRUN make\nFROM debian:12-slim\nEXPOSE 80\n"
            "copy --chown=1000:1000 --from=build \\\n  /src/app /usr/local/bin/app\nCOPY conf.yml /etc/app/\n",
            at=("copy", "COPY"),
            fixed="FROM golang:1 AS build\nRUN make\nFROM debian:12-slim\nEXPOSE 80\n"
            "copy --link --chown=1000:1000 --from=build \\\n  /src/app /usr/local/bin/app\n"
            "COPY --link conf.yml /etc/app/\n",
        ),
    )
    good = (
        Good("FROM debian:12\nCOPY --link app /usr/local/bin/app\n"),
        Good("FROM debian:12\nCOPY app /usr/local/bin\n"),
        Good("FROM debian:12\nWORKDIR /app\nCOPY . .\n"),
        Good("FROM debian:12\nCOPY --chown=app:app a /app/\n"),
        Good("FROM debian:12\nCOPY a /home/app/\nCOPY b /bin/b\nCOPY c /var/www/html/\nCOPY d /d\nCOPY e /tmp/\n"),
        Good("FROM debian:12\nRUN mkdir -p /app && chown 1000 /app\nCOPY a /app/\n"),
        Good("FROM debian:12\nRUN ln -s /data /app\nCOPY a /app/\n"),
        Good("FROM debian:12\nCOPY a /app/\nRUN make\n"),
        Good("FROM debian:12\nUSER 1000\nWORKDIR /app\nCOPY a /app/\n"),
        Good("FROM debian:12\nCOPY --chown=1 a /app/\nRUN make\nCOPY b /app/b\n"),
        Good("FROM debian:12\nWORKDIR /app\nRUN make\nCOPY b /app/\n"),
        Good("FROM registry.example/base\nCOPY a /app/\n"),
        Good("FROM scratch\nCOPY app /app\n"),
        Good("FROM debian:12\nRUN apt-get install -y riak\nCOPY riak.conf /etc/riak/\n"),
        Good("FROM debian:12\nCOPY --from=build /usr/local /usr/local\nCOPY etc /etc/\n"),
        Good("FROM rabbitmq:4\nCOPY rabbitmq.conf /etc/rabbitmq/\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        stage = model.target
        if stage is None or not any(isinstance(i, Copy) for i in stage.instructions):
            return
        image = stage.root.image or stage.root.image_name
        if image is None or stage.looks_like_windows or not _is_plain_base(image):
            return
        tail = _tail(stage.instructions)
        before = [*_inherited(stage), *stage.instructions[: len(stage.instructions) - len(tail)]]
        for place, instruction in enumerate(tail):
            if not isinstance(instruction, Copy) or not _may_link(instruction):
                continue
            folder = _folder(instruction)
            if folder is None or not _is_plain(instruction, folder, image, before):
                continue
            if _is_disturbed(folder, before, model) or _has_owner(folder, tail[:place], model):
                continue
            at = instruction.keyword.end
            fix = Fix.of("Add --link", "unsafe", [Edit(at, at, " --link")])
            message = "with --link this layer would outlive a new base image"
            yield self.finding(instruction.keyword, message, fix)


def _is_plain_base(image: ImageReference) -> bool:
    if not image.is_official:
        return False
    from dflint.facts import facts_of

    return facts_of(image).user is None


def _tail(instructions: Sequence[Instruction]) -> Sequence[Instruction]:
    """The instructions behind the last one that runs or unpacks something."""
    start = len(instructions)
    while start and not isinstance(instructions[start - 1], (Run, Onbuild)) and instructions[start - 1].type != "add":
        start -= 1
    return instructions[start:]


def _inherited(stage: Stage) -> list[Instruction]:
    found: list[Instruction] = []
    link = stage.parent
    while link is not None:
        found = [*link.instructions, *found]
        link = link.parent
    return found


def _may_link(copy: Copy) -> bool:
    if copy.flag("link") is not None or copy.flag("parents") is not None:
        return False
    chown = copy.flag("chown")
    return chown is None or chown.text.replace(":", "").isdigit()


def _folder(copy: Copy) -> str | None:
    """The absolute folder where the files end up, None if that is not clear from the text."""
    word = copy.destination
    text = word.literal if word is not None and "$" not in word.text else None
    if not text or not text.startswith("/"):
        return None
    from posixpath import normpath

    if text.endswith("/"):
        return normpath(text)
    name = text.rpartition("/")[2]
    if len(copy.sources) == 1 and not copy.heredocs:
        source = copy.sources[0].text.strip("\"'").rstrip("/").rpartition("/")[2]
        if source == name and "*" not in name:
            return normpath(text).rpartition("/")[0] or None
    return None


def _is_plain(copy: Copy, folder: str, image: ImageReference, before: Sequence[Instruction]) -> bool:
    """Whether the folder is new, or one that surely belongs to root and holds no links where files come."""
    if folder in ("/", "/usr", "/usr/local", "/usr/share", "/usr/local/lib"):
        return False
    if image.name not in _OF_ROOT and image.name in folder:
        return False
    if folder in _PLAIN and folder != "/usr/local/bin":
        # A tree of folders may meet links.
        return all("." in word.text.rpartition("/")[2].strip("\"'") for word in copy.sources)
    if folder == "/usr/local/bin":
        return all(not word.text.strip("\"'").endswith(("/", "/bin", ".")) for word in copy.sources)
    if folder.partition("/")[2].partition("/")[0] not in _TAKEN:
        return True
    if folder.startswith(("/etc/profile.d", "/etc/cron.d", "/etc/nginx", "/etc/sudoers.d", "/usr/share/nginx")):
        return True
    if folder.startswith(("/usr/src/", "/usr/local/etc/", "/usr/local/share/")):
        return True
    # What a package has made there may belong to its user.
    return folder.startswith(("/etc/", "/usr/share/")) and not any(isinstance(other, Run) for other in before)


def _overlaps(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def _is_disturbed(folder: str, before: Sequence[Instruction], model: Model) -> bool:
    """Whether something was written below the folder before, or its owner, or that of a folder above it, was set."""
    for instruction in before:
        environment = model.environment_before(instruction)
        if isinstance(instruction, Workdir):
            path = environment.expand(instruction.value) if instruction.value is not None else None
            path = environment.resolve_path(path) if path else None
            if environment.user not in (None, "", "root", "0") and (path is None or _overlaps(folder, path)):
                return True
        elif isinstance(instruction, Transfer):
            if _target(instruction, folder, model, instruction.flag("chown") is not None):
                return True
        elif isinstance(instruction, Run):
            workdir = environment.workdir or ""
            if instruction.exec_form or (folder not in _PLAIN and _overlaps(workdir, folder)):
                return True
            for command in model.commands_of(instruction):
                command = command.unwrapped()
                owns = command.program in _OWNING
                for word in command.words:
                    value = (word.value or word.literal_prefix).rstrip("/")
                    if not value.startswith("/"):
                        if owns and not value.startswith("-") and _overlaps(folder, workdir):
                            return True
                    elif folder in _PLAIN:
                        if owns and value == folder:
                            return True
                    elif value and value not in _PLAIN and (_overlaps(value, folder) or _overlaps(folder, value)):
                        return True
    return False


def _has_owner(folder: str, before: Sequence[Instruction], model: Model) -> bool:
    for instruction in before:
        if isinstance(instruction, Workdir):
            environment = model.environment_before(instruction)
            if environment.user not in (None, "", "root", "0"):
                return True
        elif (
            isinstance(instruction, Transfer)
            and instruction.flag("chown") is not None
            and _target(instruction, folder, model, True, below=False)
        ):
            return True
    return False


def _target(transfer: Transfer, folder: str, model: Model, is_owned: bool, below: bool = True) -> bool:
    """Whether a COPY writes below the folder, or with an owner to one above it; also if nobody knows where."""
    from dflint.rules._copied_files import target_folder

    path = target_folder(transfer, model)
    if path is None:
        return True
    if below and folder not in _PLAIN and _overlaps(path, folder):
        return True
    return is_owned and path not in _PLAIN and path != "/" and _overlaps(folder, path)
