"""The verdict itself: levels, text and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.images.making import file, symlink
from core.verify.samples import SAMPLES, SLIM, TZDATA, Package, debian, elf, program

from dflint.images import read_archives
from dflint.verify import Bases, Level, SmokeCheck, SmokeComparison, Verdict, compare

if TYPE_CHECKING:
    from pathlib import Path

    from core.verify.samples import Sample

GOOD = SmokeComparison((SmokeCheck("exit code", True),))


def verdict(tmp_path: Path, sample: Sample, run: SmokeComparison | None = GOOD, use_bases: bool = False) -> Verdict:
    original, rewrite = read_archives([sample.original.write(tmp_path / "o"), sample.rewrite.write(tmp_path / "r")])
    with original, rewrite:
        bases = Bases(original.config, rewrite.config) if use_bases else None
        return compare(original, rewrite, run=run, bases=bases)


def test_not_run_is_not_rounded_up(tmp_path: Path) -> None:
    found = verdict(tmp_path, SAMPLES["go"](), None)
    assert found.level == Level.CONFIGURATION_EQUAL and found.is_closure_equal and found.is_file_system_equal
    assert [reason.subject for reason in found.reasons] == ["run"]
    assert any("Closure equal, but not run" in note for note in found.notes)
    assert verdict(tmp_path, SAMPLES["go"](), SmokeComparison(())).level == Level.CONFIGURATION_EQUAL


def test_a_run_that_differs(tmp_path: Path) -> None:
    run = SmokeComparison((SmokeCheck("exit code", True), SmokeCheck("GET /", False, "200", "500")))
    found = verdict(tmp_path, SAMPLES["go"](), run)
    assert found.level == Level.CONFIGURATION_EQUAL
    assert found.reasons[0].subject == "run: GET /" and "'200' in the original" in found.reasons[0].message


def test_another_configuration_stands_against_all_above(tmp_path: Path) -> None:
    sample = SAMPLES["go"]()
    sample.rewrite.config["Env"] += ["X=1"]
    assert verdict(tmp_path, sample).level == Level.BUILDS


def test_what_the_bases_explain(tmp_path: Path) -> None:
    sample = SAMPLES["python"]()
    sample.rewrite.config["Env"] = [entry.replace("3.11.9", "3.11.10") for entry in sample.rewrite.config["Env"]]
    assert verdict(tmp_path, sample).level == Level.BUILDS
    found = verdict(tmp_path, sample, use_bases=True)
    assert found.level == 4 and any("PYTHON_VERSION" in note for note in found.notes)
    sample.rewrite.config["Env"] += ["LANG=C"]  # of the base too, but programs ask for it
    assert verdict(tmp_path, sample, use_bases=True).level == Level.BUILDS


def test_not_built() -> None:
    found = Verdict.not_built("exit code 1")
    assert found.level == 0 and found.reasons[0].message == "exit code 1"


def test_json_and_text(tmp_path: Path) -> None:
    sample = SAMPLES["python"]()
    sample.rewrite.drop("/app/data/items.csv")
    sample.rewrite.files["/app/\udcff\x1b[31m"] = file("x")
    found = verdict(tmp_path, sample)
    document = json.loads(json.dumps(found.to_json()))
    assert document["level"] == 3 and document["name"] == "behaves_same" and document["closure_equal"] is False
    assert {difference["class"] for difference in document["differences"]} >= {"toolchain", "unexplained", "tests"}
    assert document["differences"][0].keys() == {"path", "kind", "class", "explained", "detail", "bytes"}
    text = found.to_text()
    assert text.startswith("Level 3 of 5: behaves the same in a smoke run.\n") and "/app/data/items.csv" in text
    assert "\x1b" not in text and "\\x1b[31m" in text
    text.encode()


def test_every_level_says_what_it_means() -> None:
    for level in Level:
        assert level.title and level.meaning.endswith(".") and level.does_not_prove.endswith(".")


def with_settings(needed_by: str) -> Sample:
    """A file in /etc that the script of a package which only the original has wrote, and perhaps another one's."""
    sample = SAMPLES["python"]()
    sample.original.base["/etc/settings"] = file("set")
    for name in ("make", *needed_by.split()):
        text = "#!/bin/sh\ncp /usr/share/make/settings /etc/settings\n"
        sample.original.base[f"/var/lib/dpkg/info/{name}.postinst"] = file(text, 0o755)
    return sample


def test_what_a_package_wrote_goes_with_it(tmp_path: Path) -> None:
    assert verdict(tmp_path, with_settings("")).level == 4


def test_what_a_needed_package_wrote_does_not(tmp_path: Path) -> None:
    found = verdict(tmp_path, with_settings("libpq5"))
    assert found.level == 3
    assert ("/etc/settings", True) in [(reason.subject, "libpq5" in reason.message) for reason in found.reasons]


def test_what_no_package_speaks_of_stays_unexplained(tmp_path: Path) -> None:
    sample = with_settings("")
    sample.original.base["/var/lib/dpkg/info/make.postinst"] = file("#!/bin/sh\ncat /etc/settings.d /x/etc/settings\n")
    assert verdict(tmp_path, sample).level == 3


def asking(*imports: str, content: bytes = b"") -> Sample:
    """A program that calls these functions of the C library; the rewrite has no names of services."""
    sample = SAMPLES["go"]()
    made = program(imports=imports, content=content.ljust(70_000)) if imports else elf(content=content.ljust(70_000))
    for draft in (sample.original, sample.rewrite):
        draft.edit("/go/bin/service", lambda _: made)
    names = Package("netbase", {"/etc/services": file("http 80/tcp\n")})
    sample.original.base = debian(*SLIM, TZDATA, names)
    return sample


def test_names_of_services_are_for_those_who_ask(tmp_path: Path) -> None:
    for sample in (asking("getpid"), asking("getprotobyname"), asking()):
        assert verdict(tmp_path, sample).level >= 4
    for sample in (asking("getservbyname"), asking("getaddrinfo"), asking(content=b" /etc/services ")):
        found = verdict(tmp_path, sample)
        assert found.level == 3 and [reason.subject for reason in found.reasons] == ["/etc/services"]


def started_by(*command: str) -> Sample:
    """The Node application, started by npm."""
    sample = SAMPLES["node"]()
    cli = "/usr/local/lib/node_modules/npm/bin/npm-cli.js"
    for draft in (sample.original, sample.rewrite):
        draft.config["Cmd"] = list(command)
        draft.set(cli, file("#!/usr/bin/env node\n", 0o755))
        draft.set("/usr/local/bin/npm", symlink("../lib/node_modules/npm/bin/npm-cli.js"))
        draft.edit("/app/package.json", lambda old: old[:-1] + b', "scripts": {"start": "node dist/index.js"}}')
    return sample


def test_npm_that_starts_a_script_needs_no_cache(tmp_path: Path) -> None:
    assert verdict(tmp_path, started_by("npm", "start")).level >= 4
    assert verdict(tmp_path, started_by("npm", "run", "start")).level >= 4
    found = verdict(tmp_path, started_by("sh", "-c", "npm install && npm start"))
    assert found.level == 3
    assert "/root/.npm/_cacache/x" in {reason.subject for reason in found.reasons}


def run_by(runner: str) -> Sample:
    """The Node application with sources that are run as they are."""
    sample = started_by("npm", "start")
    for draft in (sample.original, sample.rewrite):
        draft.edit(
            "/app/package.json", lambda old: old.replace(b"node dist/index.js", f"{runner} src/index.ts".encode())
        )
        draft.set("/app/src/index.ts", file("import 'fs'"))
        draft.set("/app/tsconfig.json", file("{}"))
        draft.set("/app/package-lock.json", file("{}"))
        draft.set(f"/usr/local/bin/{runner}", file("#!/usr/bin/env node\n", 0o755))
    return sample


def test_what_runs_typescript_needs_no_cache_of_packages(tmp_path: Path) -> None:
    cache = "/root/.npm/_cacache/x"
    assert cache not in {reason.subject for reason in verdict(tmp_path, run_by("tsx")).reasons}
    assert cache in {reason.subject for reason in verdict(tmp_path, run_by("bun")).reasons}
