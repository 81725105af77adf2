"""The command ``dflint.stageGraph``: stages and images, and which of them takes what from which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dflint.syntax.tree import Copy, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model, Stage
    from dflint.server.documents import Document
    from dflint.server.process import Server
    from dflint.syntax.tree import Instruction

COMMAND = "dflint.stageGraph"


def add(server: Server) -> None:
    @server.command(COMMAND)
    def stage_graph(uri: str) -> dict[str, Any] | None:
        """``{"nodes": [{"id", "name", "base", "line", "shipped", "reachable", "instructions"}], "edges": [...]}``.

        An edge is ``{"from", "to", "kind", "line"}``: ``to`` takes from ``from``, by ``from``, ``copy`` or ``mount``.
        Stages have their number as id, images their reference. Lines count from 0.
        """
        document = server.documents.get(uri)
        if document is None or document.is_ignore_file:
            return None
        return graph(server.documents.model(document), document)


def graph(model: Model, document: Document) -> dict[str, Any]:
    """The graph of a file."""
    nodes = [_node(stage, document) for stage in model.stages]
    edges = list(_edges(model, document))
    images = dict.fromkeys(edge["from"] for edge in edges if isinstance(edge["from"], str))
    return {"nodes": [*nodes, *({"id": image, "name": image, "image": True} for image in images)], "edges": edges}


def _node(stage: Stage, document: Document) -> dict[str, Any]:
    return {
        "id": stage.index,
        "name": stage.name or f"stage {stage.index}",
        "base": stage.from_.image.text if stage.from_.image is not None else "",
        "line": document.text.position(stage.start).line,
        "shipped": stage.is_shipped,
        "reachable": stage.is_reachable,
        "instructions": len(stage.instructions),
    }


def _edges(model: Model, document: Document) -> Iterator[dict[str, Any]]:
    for stage in model.stages:
        image = stage.from_.image.text if stage.from_.image is not None else ""
        yield _edge(document, stage.from_, stage.parent.index if stage.parent is not None else image, stage, "from")
        for instruction in stage.instructions:
            if isinstance(instruction, Copy) and instruction.from_ is not None:
                yield _edge(document, instruction, _origin(model, instruction.from_.text, instruction), stage, "copy")
            elif isinstance(instruction, Run):
                for mount in instruction.mounts:
                    if mount.from_:
                        yield _edge(document, instruction, _origin(model, mount.from_, instruction), stage, "mount")


def _edge(document: Document, instruction: Instruction, origin: int | str, stage: Stage, kind: str) -> dict[str, Any]:
    line = document.text.position(instruction.start).line
    return {"from": origin, "to": stage.index, "kind": kind, "line": line}


def _origin(model: Model, name: str, instruction: Instruction) -> int | str:
    """The stage that a name means at an instruction, by name or number; else the name itself, as an image's."""
    before = [stage for stage in model.stages if stage.from_.index < instruction.index]
    named = [stage for stage in before if stage.name == name.lower()]
    if named:
        return named[-1].index
    if name.isdigit() and int(name) < len(before):
        return int(name)
    return name
