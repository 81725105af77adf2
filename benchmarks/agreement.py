"""How far dflint's parser agrees with another one, the official one say, whose answers are in a file.

    python benchmarks/agreement.py ORACLE.jsonl [--show 20]

Each line of the file is the other parser's answer for one Dockerfile::

    {"path": "/files/Dockerfile",
     "error": null | {"message": "...", "line": 3},
     "instructions": [{"cmd": "from", "start_line": 1, "end_line": 1}, ...]}

Where it accepts a file, dflint must too, with the same instructions on the same lines; where it reports an error, so
must dflint.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "core"))

from dflint import files  # noqa: E402
from dflint.syntax import parse  # noqa: E402

if TYPE_CHECKING:
    from dflint.syntax import Dockerfile, Instruction


def lines(tree: Dockerfile, instruction: Instruction) -> tuple[str, int, int]:
    """Keyword in lower case, first and last line."""
    start = tree.source.line_of(instruction.start)
    return instruction.name.lower(), start, tree.source.line_of(max(instruction.start, instruction.end - 1))


def disagreement(tree: Dockerfile, answer: dict[str, Any]) -> tuple[str, str] | None:
    """What kind it is, and what exactly; None if both say the same."""
    if answer["error"]:
        if tree.problems:
            return None
        return "error not found", f"line {answer['error'].get('line')}: {answer['error']['message']}"
    if tree.problems:
        problem = tree.problems[0]
        return "accepted file refused", f"line {tree.source.line_of(problem.start)}: {problem.message}"
    ours = [lines(tree, instruction) for instruction in tree.instructions]
    theirs = [(i["cmd"].lower(), i["start_line"], i["end_line"]) for i in answer["instructions"]]
    if [name for name, *_ in ours] != [name for name, *_ in theirs]:
        return "other instructions", f"{len(ours)} against {len(theirs)}"
    for our, their in zip(ours, theirs, strict=True):
        if our[1] != their[1]:
            return "other first line", f"{our} against {their}"
        if our[2] != their[2]:
            return "other last line", f"{our} against {their}"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare dflint's parser with recorded answers of another.")
    parser.add_argument("oracle", type=Path)
    parser.add_argument("--show", type=int, default=10, metavar="N", help="show N disagreements of each kind")
    given = parser.parse_args()
    kinds: Counter[str] = Counter()
    compared = accepted = instructions = 0
    spent = 0.0
    with given.oracle.open(encoding="utf-8") as oracle:
        for line in oracle:
            answer = json.loads(line)
            text = files.read(answer["path"])
            started = time.perf_counter()
            tree = parse(text)
            found = disagreement(tree, answer)
            spent += time.perf_counter() - started
            compared += 1
            accepted += not answer["error"]
            instructions += len(answer["instructions"])
            if found is not None:
                kind, what = found
                kinds[kind] += 1
                if kinds[kind] <= given.show:
                    print(f"{answer['path']}: {kind}: {what}")
    agreed = compared - kinds.total()
    print(f"\n{compared} files ({accepted} accepted by the other), {instructions} instructions, {spent:.1f} s")
    print(f"agreement {agreed / compared:.2%}" if compared else "nothing compared")
    for kind, count in kinds.most_common():
        print(f"{count:>6}  {kind}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
