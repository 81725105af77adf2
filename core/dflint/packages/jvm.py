"""mvn and gradle. Source: maven.apache.org (lifecycle, CLI), docs.gradle.org (command-line interface)."""

from __future__ import annotations

from dflint.packages.command import Grammar

_MAVEN_BUILDS = frozenset((
    "compile", "test", "test-compile", "package", "prepare-package", "process-classes", "process-resources", "verify",
    "integration-test", "install",
))  # fmt: skip
_MAVEN_RESTORES = frozenset(("go-offline", "resolve", "resolve-plugins", "copy-dependencies", "resolve-dependencies"))
_GRADLE_BUILDS = frozenset((
    "build", "assemble", "jar", "bootjar", "war", "bootwar", "shadowjar", "installdist", "distzip", "disttar", "check",
    "test", "compilejava", "compilekotlin", "classes", "testclasses", "quarkusbuild", "nativecompile", "buildfatjar",
    "fatjar",
))  # fmt: skip


def _split(text: str) -> tuple[str, str | None, str | None, str]:
    return text, None, None, "index"


def _maven_action(goals: list[str]) -> str:
    """``publish`` before ``build`` before ``restore`` before ``clean``."""
    names = [goal.rpartition(":")[2].partition("@")[0] if ":" in goal else goal for goal in goals]
    if "deploy" in names:
        return "publish"
    if any(goal in _MAVEN_BUILDS for goal in goals) or any(name in ("native", "build-image") for name in names):
        return "build"
    if any(goal.startswith("dependency:") or ":maven-dependency-plugin" in goal for goal in goals) and (
        _MAVEN_RESTORES.intersection(names)
    ):
        return "restore"
    if any(name in ("run", "exec", "java") for name in names):
        return "run"
    return "clean" if "clean" in names else "other"


def _gradle_action(tasks: list[str]) -> str:
    """``publish`` before ``build`` before ``restore`` before ``clean``."""
    names = [task.rpartition(":")[2].lower() for task in tasks]
    if any(name.startswith("publish") for name in names):
        return "publish"
    if any(name in _GRADLE_BUILDS for name in names):
        return "build"
    if any("dependencies" in name or name == "resolve" for name in names):
        return "restore"
    if any(name in ("run", "bootrun") for name in names):
        return "run"
    return "clean" if "clean" in names else "other"


GRAMMARS = {
    "mvn": Grammar(
        "mvn",
        {},
        "-f --file -P --activate-profiles -pl --projects -s --settings -gs --global-settings -T --threads -rf "
        "--resume-from "
        "-l --log-file -t --toolchains -gt --global-toolchains -b --builder -D --define",
        split=_split,
        combines=False,
        goals=_maven_action,
    ),
    "gradle": Grammar(
        "gradle",
        {},
        "-p --project-dir -b --build-file -c --settings-file -g --gradle-user-home -I --init-script -x --exclude-task "
        "--max-workers --console --warning-mode --project-cache-dir --priority --tests --include-build --configuration",
        split=_split,
        combines=False,
        goals=_gradle_action,
    ),
}
