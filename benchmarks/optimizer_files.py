"""What the optimizer offers for real Dockerfiles of which the context is known by the names of its files alone.

    python benchmarks/optimizer_files.py FOLDER [--level LEVEL] [--all] [--check] [--show REASON]

FOLDER holds ``ID.Dockerfile`` files and ``index.jsonl``, a line for each: ``{"id", "ecosystem", "stages", "context":
[paths], "dockerignore": text or null}``. Contents are not known, so whatever has to be read in a file is refused, which
makes the share of offers a lower bound. Printed are the share offered by ecosystem and the reasons of refusal, ranked.
``--check`` ends with 1 if a rewrite does not parse, changes the configuration, is not idempotent or raises.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

from dflint.context import BuildContext, MemoryFileSystem
from dflint.model import Model
from dflint.optimizer import Settings, optimize
from dflint.syntax import parse
from dflint.verify import Level, compare_models


class ListedFiles(MemoryFileSystem):
    """Files of which only the names are known, but for a few."""

    def __init__(self, names: list[str], contents: dict[str, str]) -> None:
        super().__init__({name: contents.get(name, "") for name in names if not name.endswith("/")})
        self._contents = contents

    def read_text(self, path: str) -> str:
        name = path.removeprefix("./")
        if name not in self._contents:
            raise OSError(5, "content not known", path)
        return self._contents[name]


def main() -> int:
    arguments = _parser().parse_args()
    folder = Path(arguments.folder)
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    rows = [row for row in rows if arguments.all or row["stages"] == 1]
    offered: Counter[str] = Counter()
    split: Counter[str] = Counter()
    total: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    faults: list[str] = []
    times: list[float] = []
    for row in rows[: arguments.limit]:
        text = (folder / f"{row['id']}.Dockerfile").read_bytes().decode("utf-8", "surrogateescape")
        kind = row["ecosystem"]
        total[kind] += 1
        context = _context(row)
        begun = perf_counter()
        try:
            rewrite = optimize(text, context, Settings(arguments.level))
        except Exception as error:  # the point of the benchmark is to see them
            faults.append(f"{row['id']}: {type(error).__name__}: {error}")
            continue
        times.append(perf_counter() - begun)
        offered[kind] += rewrite.text != text
        split[kind] += any(change.pass_name == "split-stages" for change in rewrite.changes)
        for refusal in rewrite.refusals:
            if refusal.pass_name == "split-stages" or not refusal.pass_name:
                reason = re.sub(r"line \d+", "line N", refusal.reason)
                reasons[_general(reason)] += 1
                examples.setdefault(_general(reason), []).append(f"{row['id']}: {reason}")
        if rewrite.text != text:
            faults += [f"{row['id']}: {fault}" for fault in _faults(text, rewrite.text, context, arguments.level)]
    _print(total, offered, split, reasons, times)
    for reason in arguments.show:
        for name, found in examples.items():
            if reason in name:
                print(f"\n{name}", *found[:40], sep="\n  ")
    print(f"\n{len(faults)} faults", *faults[:60], sep="\n  ")
    return 1 if faults and arguments.check else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--level", default="multi-stage")
    parser.add_argument("--all", action="store_true", help="files of several stages as well")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--show", action="append", default=[], metavar="REASON", help="list files with such a reason")
    return parser


def _context(row: dict[str, Any]) -> BuildContext:
    contents = {"Dockerfile": ""}
    if row.get("dockerignore"):
        contents[".dockerignore"] = row["dockerignore"]
    return BuildContext.for_dockerfile("Dockerfile", ListedFiles([*row["context"], *contents], contents))


def _faults(text: str, new: str, context: BuildContext, level: Any) -> list[str]:
    found = []
    tree = parse(new)
    if tree.problems:
        found.append(f"does not parse: {tree.problems[0].message}")
    verdict = compare_models(Model(parse(text), context), Model(tree, context))
    # What the first base image says of these is spelled out on the other one.
    restated = ("config.WorkingDir", "config.Env.PATH")
    reasons = [r for r in verdict.reasons if r.level == Level.CONFIGURATION_EQUAL and r.subject not in restated]
    found += [f"{r.subject}: {r.message}" for r in reasons]
    again = optimize(new, context, Settings(level)).text
    if again != new:
        found.append("not idempotent")
    return found


def _general(reason: str) -> str:
    """A reason without the names in it."""
    reason = re.sub(r"line N: ", "", reason)
    return re.sub(r"\S*[/$]\S*|\S+:\S+", "...", reason)


def _print(
    total: Counter[str], offered: Counter[str], split: Counter[str], reasons: Counter[str], times: list[float]
) -> None:
    print(f"{'ecosystem':<12}{'files':>6}{'changed':>9}{'split':>7}")
    for kind, count in total.most_common():
        print(f"{kind:<12}{count:>6}{offered[kind]:>9}{split[kind]:>7}")
    print(f"{'all':<12}{total.total():>6}{offered.total():>9}{split.total():>7}")
    if times:
        times.sort()
        print(
            f"\nms a file: median {times[len(times) // 2] * 1000:.1f}, p99 {times[len(times) * 99 // 100] * 1000:.1f}"
        )
    print("\nwhy one stage was kept:")
    for reason, count in reasons.most_common(40):
        print(f"{count:>6}  {reason}")


if __name__ == "__main__":
    sys.exit(main())
