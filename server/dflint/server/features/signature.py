"""Signature help: the form of the instruction that is being written, and where in it the cursor is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from dflint.record import NamedTuple
from dflint.server.features.hover import INSTRUCTIONS

if TYPE_CHECKING:
    from dflint.model import Model
    from dflint.server.process import Server
    from dflint.syntax.tree import Instruction


class Form(NamedTuple):
    """One form of an instruction. The last parameter repeats if its name ends in three points."""

    flags: str
    """What flags stand for, in the label; empty if it has none."""
    parameters: tuple[tuple[str, str], ...]
    """Label and meaning of each."""


FORMS: dict[str, Form] = {
    "FROM": Form("[--platform=os/arch]", (
        ("image[:tag]", "An image, or an earlier stage."), ("[AS", "What follows is the stage's name."),
        ("name]", "What other stages call this one."),
    )),
    "RUN": Form("[--mount=type=...]", (("command...", "Run by the shell, or a JSON array: run as it is."),)),
    "CMD": Form("", (("command...", "What the container starts, or arguments of ENTRYPOINT."),)),
    "ENTRYPOINT": Form("", (("command...", "The program of the container."),)),
    "COPY": Form("[--from=stage] [--chown=user:group] [--chmod=mode]", (
        ("source...", "Files and folders of the build context, or of the stage."),
        ("target", "Where they go. It ends in / if it is a folder."),
    )),
    "ADD": Form("[--checksum=sha256:...] [--chown=user:group]", (
        ("source...", "Files, archives that are unpacked, addresses."), ("target", "Where they go."),
    )),
    "ENV": Form("", (("name=value...", "Variables for later steps and for the container."),)),
    "ARG": Form("", (("name[=default]...", "What --build-arg may set."),)),
    "LABEL": Form("", (("name=value...", "Metadata of the image."),)),
    "EXPOSE": Form("", (("port[/protocol]...", "What the container listens on: tcp, or udp."),)),
    "VOLUME": Form("", (("path...", "Folders that get a volume."),)),
    "USER": Form("", (("name[:group]", "Who runs later steps and the container."),)),
    "WORKDIR": Form("", (("path", "The folder of later steps and of the container."),)),
    "STOPSIGNAL": Form("", (("signal", "SIGTERM, SIGQUIT, a number."),)),
    "HEALTHCHECK": Form("[--interval=30s] [--timeout=30s] [--start-period=0s] [--retries=3]", (
        ("CMD|NONE", "CMD and a command, or NONE."), ("command...", "It ends with 0 if the container is well."),
    )),
    "SHELL": Form("", (('["program", "option"]', "The shell of later steps in shell form."),)),
    "ONBUILD": Form("", (("instruction", "Run when another image starts from this one."),)),
}  # fmt: skip


def add(server: Server) -> None:
    options = types.SignatureHelpOptions(trigger_characters=[" "], retrigger_characters=["="])

    @server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, options)
    def signature(params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file:
            return None
        return _at(server.documents.model(document), document.text.offset(params.position))


def _at(model: Model, offset: int) -> types.SignatureHelp | None:
    instruction = _written_at(model, offset)
    form = FORMS.get(instruction.name) if instruction is not None else None
    if instruction is None or form is None or offset <= instruction.keyword.end:
        return None
    label, spans = label_of(instruction.name, form)
    parameters = [types.ParameterInformation(span, meaning) for span, meaning in spans]
    written = model.source.text[instruction.keyword.end : offset]
    active = active_parameter(form, written)
    shown = types.SignatureInformation(label, INSTRUCTIONS[instruction.name][1], parameters)
    return types.SignatureHelp([shown], 0, active)


def _written_at(model: Model, offset: int) -> Instruction | None:
    """The instruction that an offset is in; also behind it, on its last line."""
    found = model.tree.instruction_at(offset)
    if found is not None:
        return found
    line_start = model.source.text.rfind("\n", 0, offset) + 1
    before = model.source.text[line_start:offset].rstrip()
    return model.tree.instruction_at(line_start + len(before) - 1) if before else None


def label_of(name: str, form: Form) -> tuple[str, list[tuple[tuple[int, int], str]]]:
    """The label, and where in it each parameter is; the flags are the first one if there are any."""
    label = name
    spans: list[tuple[tuple[int, int], str]] = []
    flags = ((form.flags, "Flags, before anything else."),) if form.flags else ()
    for text, meaning in (*flags, *form.parameters):
        start = len(label) + 1
        label += f" {text}"
        spans.append(((start, len(label)), meaning))
    return label, spans


def active_parameter(form: Form, written: str) -> int:
    """Which parameter is written at the end of a text that follows the keyword."""
    words = re.findall(r"\S+", written)
    is_between = written[-1:].isspace()
    done = words if is_between else words[:-1]
    first = 1 if form.flags else 0
    plain = [word for word in done if not word.startswith("--") and word != "\\"]
    if not plain and first and words and words[-1].startswith("--") and not is_between:
        return 0
    names = [name for name, _ in form.parameters]
    if names[0].endswith("...") and len(names) > 1:  # sources and target: the last one is the target once there are two
        return first + (1 if len(plain) >= 1 else 0)
    return first + min(len(plain), len(names) - 1)
