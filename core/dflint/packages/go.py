"""The go command. Source: pkg.go.dev/cmd/go."""

from __future__ import annotations

from dflint.packages.command import Grammar

_NAMES = (
    "C o p asmflags buildmode compiler covermode coverpkg gccgoflags gcflags installsuffix ldflags mod modfile "
    "overlay pgo "
    "pkgdir tags toolexec exec coverprofile run timeout count"
)
_VALUES = " ".join([dashes + name for name in _NAMES.split() for dashes in ("-", "--")])


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``module/path@version``, ``./path``."""
    if text.startswith((".", "/")) or text.endswith(".go"):
        return text, None, None, "path"
    name, operator, version = text.partition("@")
    return name, operator or None, version or None, "index"


GRAMMARS = {
    "go": Grammar(
        "go",
        {
            "install": "install get",
            "restore": "mod_download mod_vendor",
            "build": "build",
            "run": "run test generate vet tool",
            "clean": "clean",
            "other": "mod_tidy mod_verify mod_init mod_edit work_sync",
        },
        _VALUES,
        split=split,
        combines=False,
        passes_on="run tool",
        names_package="run",
    )
}
