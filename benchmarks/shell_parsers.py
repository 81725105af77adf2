"""Compare dflint's shell parser with tree-sitter-bash on the RUN instructions of real Dockerfiles.

    python benchmarks/shell_parsers.py FOLDER [--wheels]

FOLDER is searched for files with "dockerfile" in their names. Needs bash and dash, which judge each body with ``-n``
(parse, do not run), and, for the comparison, tree-sitter and tree-sitter-bash in the running Python. ``--wheels``
also downloads their wheels for the usual platforms with pip, to add up the sizes.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

CORE = Path(__file__).resolve().parent.parent / "core"
sys.path.insert(0, str(CORE))

from dflint.shell import parse_shell  # noqa: E402
from dflint.source import MappedText  # noqa: E402

PLATFORMS = (
    "manylinux2014_x86_64", "manylinux2014_aarch64", "musllinux_1_2_x86_64", "musllinux_1_2_aarch64",
    "macosx_11_0_arm64", "macosx_10_9_x86_64", "win_amd64", "win_arm64",
)  # fmt: skip
ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}


class Verdict(NamedTuple):
    """Whether each parser takes a body."""

    body: str
    bash: bool
    dash: bool
    dflint: bool
    tree_sitter: bool | None


def run_bodies(folder: Path) -> Iterator[str]:
    """Shell-form RUN bodies as the shell gets them: joined, without comment lines, flags and here-documents. Crude."""
    for path in sorted(folder.rglob("*")):
        if "dockerfile" not in path.name.lower() or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        lines = iter(text.replace("\r\n", "\n").split("\n"))
        for line in lines:
            start = re.match(r"\s*(?:ONBUILD\s+)?RUN\s+", line, re.IGNORECASE)
            if start is None:
                continue
            body = re.sub(r"\A(\s*--[a-z]+(=\S+)?\s+)+", "", join_lines(line[start.end() :], lines))
            is_shell = not body.lstrip().startswith("[") and not re.search(r"<<-?\s*[\"']?\w", body)
            if is_shell and "\0" not in body:
                yield body


def join_lines(body: str, lines: Iterator[str]) -> str:
    """A line and those that continue it."""
    while re.search(r"\\[ \t]*\Z", body):
        body = re.sub(r"\\[ \t]*\Z", "", body)
        following = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), None)
        if following is None:
            break
        body += following
    return body


def shell_accepts(shell: str, body: str) -> bool:
    """Whether a shell parses the body; nothing is run."""
    command: list[str | bytes] = [shell, "-n", "-c", body.encode("utf-8", "surrogateescape")]
    return subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False).returncode == 0


def tree_sitter_parser() -> Callable[[bytes], Any] | None:
    """The ``parse`` of a tree-sitter parser for bash, None if it is not installed."""
    try:
        import tree_sitter  # type: ignore[import-not-found, unused-ignore]
        import tree_sitter_bash  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
    parse: Callable[[bytes], Any] = parser.parse
    return parse


def visit(tree: Any) -> int:
    """Look at each node of a tree-sitter tree from Python, as a rule would; gives their number."""
    cursor = tree.walk()
    count = 0
    while True:
        node = cursor.node
        count += (node.type, node.start_byte, node.end_byte) is not None
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return count


def command_starts(tree: Any) -> set[int]:
    """Byte offsets at which the names of simple commands start in a tree-sitter tree."""
    starts = set()
    nodes = [tree.root_node]
    while nodes:
        node = nodes.pop()
        is_bracket = node.type == "test_command" and node.child(0).type == "["
        if is_bracket or node.type in ("command_name", "declaration_command", "unset_command"):
            starts.add(node.start_byte)
        nodes += node.children
    return starts


def our_command_starts(body: str) -> set[int]:
    """The same of dflint, without those in the strings of ``sh -c``."""
    commands = parse_shell(MappedText.contiguous(body, 0)).commands()
    return {command.name.start for command in commands if command.name is not None and not command.in_string}


def report_agreement(verdicts: Sequence[Verdict]) -> None:
    """Print on how many of the bodies that all take both parsers see the same simple commands."""
    parse = tree_sitter_parser()
    if parse is None:
        return
    bodies = [v.body for v in verdicts if v.bash and v.dflint and v.tree_sitter and v.body.isascii()]
    differing = [body for body in bodies if command_starts(parse(body.encode())) != our_command_starts(body)]
    commands = sum(len(our_command_starts(body)) for body in bodies)
    print(f"same {commands} commands: {len(bodies) - len(differing)} of {len(bodies)} bodies")
    for body in differing[:3]:
        print("    " + repr(body[:150]))


def visit_ours(body: str) -> int:
    """Parse and look at each command and word."""
    count = 0
    for command in parse_shell(MappedText.contiguous(body, 0)).commands():
        for word in command.words:
            count += (word.value, word.start, word.end) is not None
    return count


def microseconds(function: Callable[[str], object], bodies: Sequence[str]) -> list[float]:
    """The best of three times for each body."""
    times = [float("inf")] * len(bodies)
    gc.disable()
    for _ in range(3):
        for index, body in enumerate(bodies):
            begin = time.perf_counter()
            function(body)
            times[index] = min(times[index], (time.perf_counter() - begin) * 1e6)
    gc.enable()
    return times


def import_milliseconds(statement: str) -> float:
    """The best time of an import in a new Python with compiled files, ``re`` and ``typing`` being there already."""
    code = (
        "import re, bisect, typing, time\nbegin = time.perf_counter()\n"
        + statement
        + "\nprint(time.perf_counter() - begin)"
    )
    with tempfile.TemporaryDirectory() as cache:
        environment = {**ENVIRONMENT, "PYTHONPATH": str(CORE), "PYTHONPYCACHEPREFIX": cache}
        runs = [
            subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
            for _ in range(20)
        ]
    return min(float(run.stdout) for run in runs) * 1e3


def wheel_sizes(package: str) -> dict[str, int]:
    """Bytes of the package's wheel for each platform that has one."""
    sizes = {}
    for platform in PLATFORMS:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
            command += ["--dest", folder, "--platform", platform, "--python-version", "3.12", package]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                sizes[platform] = sum(path.stat().st_size for path in Path(folder).iterdir())
    return sizes


def judge(bodies: Sequence[str]) -> list[Verdict]:
    """What every parser says to every body."""
    parse = tree_sitter_parser()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        bash = list(pool.map(lambda body: shell_accepts("bash", body), bodies))
        dash = list(pool.map(lambda body: shell_accepts("dash", body), bodies))
    verdicts = []
    for body, in_bash, in_dash in zip(bodies, bash, dash, strict=True):
        ours = not parse_shell(MappedText.contiguous(body, 0)).errors
        theirs = None
        if parse is not None:
            theirs = not parse(body.encode("utf-8", "surrogateescape")).root_node.has_error
        verdicts.append(Verdict(body, in_bash, in_dash, ours, theirs))
    return verdicts


def report_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Print how the parsers agree with bash."""
    valid = [verdict for verdict in verdicts if verdict.bash]
    invalid = [verdict for verdict in verdicts if not verdict.bash]
    size = sum(len(verdict.body) for verdict in verdicts) / len(verdicts)
    print(f"{len(verdicts)} different bodies, {size:.0f} characters on average")
    print(f"accepted by bash -n: {len(valid)}, by dash -n: {sum(v.dash for v in verdicts)}")
    for name in ("dflint", "tree_sitter"):
        if any(getattr(verdict, name) is None for verdict in verdicts):
            continue
        refused = [verdict for verdict in valid if not getattr(verdict, name)]
        missed = [verdict for verdict in invalid if getattr(verdict, name)]
        share = len(refused) / len(valid)
        print(f"{name}: error on {len(refused)} of {len(valid)} bodies that bash accepts ({share:.2%})")
        print(f"{name}: no error on {len(missed)} of {len(invalid)} bodies that bash refuses")
        for verdict in (*refused[:3], *missed[:3]):
            print("    " + repr(verdict.body[:150]))


def report_times(bodies: Sequence[str]) -> None:
    """Print the times per body."""
    characters = sum(map(len, bodies))
    rows = {"dflint parse": parse_ours, "dflint parse + every word": visit_ours}
    parse = tree_sitter_parser()
    if parse is not None:
        rows["tree-sitter parse"] = lambda body: parse(body.encode("utf-8", "surrogateescape"))
        rows["tree-sitter parse + every node"] = lambda body: visit(parse(body.encode("utf-8", "surrogateescape")))
    for name, function in rows.items():
        times = microseconds(function, bodies)
        mean, rate = sum(times) / len(times), 300 * sum(times) / characters
        print(f"{name}: median {median(times):.0f} us, mean {mean:.0f} us, {rate:.0f} us per 300 characters")


def parse_ours(body: str) -> object:
    """Parse."""
    return parse_shell(MappedText.contiguous(body, 0))


def main() -> None:
    """Run everything and print it."""
    arguments = argparse.ArgumentParser(description="Compare dflint's shell parser with tree-sitter-bash.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--wheels", action="store_true", help="download tree-sitter's wheels to add up their sizes")
    options = arguments.parse_args()
    bodies = sorted(set(run_bodies(options.folder)))
    verdicts = judge(bodies)
    report_verdicts(verdicts)
    report_agreement(verdicts)
    report_times(bodies)
    print(f"import dflint.shell: {import_milliseconds('import dflint.shell'):.1f} ms")
    if tree_sitter_parser() is not None:
        code = "import tree_sitter as t, tree_sitter_bash as b; t.Parser(t.Language(b.language()))"
        print(f"import tree_sitter + bash: {import_milliseconds(code):.1f} ms")
    if options.wheels:
        for package in ("tree-sitter", "tree-sitter-bash"):
            sizes = wheel_sizes(package)
            print(f"{package}: {len(sizes)} wheels, {sum(sizes.values()) / 1e6:.1f} MB: {sizes}")
        ours = sum(path.stat().st_size for path in (CORE / "dflint" / "shell").glob("*.py"))
        print(f"dflint.shell: {ours / 1e3:.0f} kB of Python")


if __name__ == "__main__":
    main()
