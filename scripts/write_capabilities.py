"""Writes ``server/dflint/server/capabilities.json``: what the language server announces, as its features tell.

    python scripts/write_capabilities.py [--check]

``--check`` ends with 1 if the file is another one.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from dflint.server.handshake import CAPABILITIES
from dflint.server.process import make

EVERYTHING = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(rename=types.RenameClientCapabilities(prepare_support=True))
)


def announced(client: types.ClientCapabilities = EVERYTHING) -> dict[str, Any]:
    """What the server would announce to a client."""
    server = make()
    features = server.protocol.fm
    built = ServerCapabilitiesBuilder(
        client,
        {*features.features, *features.builtin_features},
        features.feature_options,
        list(features.commands),
        types.TextDocumentSyncKind.Incremental,
        None,
        ServerCapabilitiesBuilder.choose_position_encoding(client),
    ).build()  # type: ignore[no-untyped-call]
    told: dict[str, Any] = server.protocol._converter.unstructure(built)
    return told


def main() -> int:
    text = json.dumps(announced(), indent=1, sort_keys=True) + "\n"
    if "--check" in sys.argv[1:]:
        return 0 if CAPABILITIES.read_text(encoding="utf-8") == text else 1
    CAPABILITIES.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
