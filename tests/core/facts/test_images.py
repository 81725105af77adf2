import pytest

from dflint.facts import cycles_of, distribution_cycle, end_of_life, facts_of, lighter_variants, system_shell
from dflint.facts.families import ImageFacts
from dflint.model import ImageReference


def image(text: str) -> ImageReference:
    found = ImageReference.parse(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "cycle", "end"),
    [
        ("python:3.8", "3.8", "2024-10-07"),
        ("python:3.12.4-slim-bookworm", "3.12", "2028-10-31"),
        ("node:18-alpine", "18", "2025-04-30"),
        ("debian:bookworm-slim", "12", "2026-07-11"),
        ("debian:12.5", "12", "2026-07-11"),
        ("ubuntu:focal", "20.04", "2025-05-31"),
        ("alpine:3.16.2", "3.16", "2024-05-23"),
        ("golang:1.27", "1.27", None),
        ("eclipse-temurin:8u312-b07-jdk", "8", "2030-12-31"),
        ("mcr.microsoft.com/dotnet/sdk:6.0-alpine", "6", "2024-11-12"),
        ("public.ecr.aws/docker/library/python:3.8", "3.8", "2024-10-07"),
        ("centos:7.9.2009", "7", "2024-06-30"),
        ("node:1.8.4", "1", "0000-00-00"),
    ],
)
def test_end_of_life(text: str, cycle: str, end: str | None) -> None:
    found = end_of_life(image(text))
    assert found is not None and (found.name, found.end) == (cycle, end)


@pytest.mark.parametrize(
    "text", ["python", "python:3", "python:latest", "mycompany/python:3.8", "debian:stable", "x:1"]
)
def test_no_cycle(text: str) -> None:
    assert end_of_life(image(text)) is None


def test_has_ended() -> None:
    cycles = {cycle.name: cycle for cycle in cycles_of("debian")}
    assert cycles["12"].extended_end == "2028-06-30" and cycles["12"].codename == "bookworm"
    assert cycles["12"].has_ended("2026-08-01") and not cycles["12"].has_ended("2026-07-11")
    assert cycles_of("node")[-1].has_ended("2026-01-01") and not cycles_of("golang")[0].has_ended("2099-01-01")


@pytest.mark.parametrize(
    ("text", "distribution"),
    [
        ("python:3.9-slim-buster", ("debian", "10")),
        ("mariadb:10.6-focal", ("ubuntu", "20.04")),
        ("node:18-alpine3.16", ("alpine", "3.16")),
        ("debian:10", ("debian", "10")),
        ("python:3.9", None),
    ],
)
def test_distribution_cycle(text: str, distribution: tuple[str, str] | None) -> None:
    found = distribution_cycle(image(text))
    assert (found and (found.image, found.name)) == distribution


def variants(text: str) -> list[tuple[str, str, bool, bool]]:
    return [(v.kind, v.reference, v.same_distribution, v.changes_libc) for v in lighter_variants(image(text))]


def test_lighter_variants() -> None:
    assert variants("python:3.12") == [
        ("slim", "python:3.12-slim", True, False),
        ("alpine", "python:3.12-alpine", False, True),
    ]
    assert variants("node:22-bookworm") == [
        ("slim", "node:22-bookworm-slim", True, False),
        ("alpine", "node:22-alpine", False, True),
    ]
    assert variants("node") == [("slim", "node:slim", True, False), ("alpine", "node:alpine", False, True)]
    assert variants("debian:12") == [("slim", "debian:12-slim", True, False)]
    assert variants("rockylinux:9") == [("minimal", "rockylinux:9-minimal", True, False)]
    assert variants("eclipse-temurin:17-jdk-jammy")[0] == ("jre", "eclipse-temurin:17-jre-jammy", True, False)
    assert (
        variants("public.ecr.aws/docker/library/python:3.12")[0][1] == "public.ecr.aws/docker/library/python:3.12-slim"
    )


@pytest.mark.parametrize(
    "text",
    ["python:3.12-alpine", "python:3.1-nothing", "x/y:1", "alpine:3.22", "python@sha256:" + "0" * 64, "ubuntu:24.04"],
)
def test_no_lighter_variants(text: str) -> None:
    assert variants(text) == []


def test_slim_has_only_another_library_left() -> None:
    assert [kind for kind, *_ in variants("python:3.12-slim-bookworm")] == ["alpine"]


def test_a_slim_of_another_distribution_says_so() -> None:
    assert [(kind, same) for kind, _, same, _ in variants("openjdk:27-rc")] == [("slim", False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("python:3.12", ("debian", "glibc", "apt", None, False, True, True, True)),
        ("python:3.12-slim", ("debian", "glibc", "apt", None, False, False, True, True)),
        ("python:3.12-alpine3.22", ("alpine", "musl", "apk", None, False, False, True, False)),
        ("eclipse-temurin:17", ("ubuntu", "glibc", "apt", None, True, False, True, True)),
        ("eclipse-temurin:17-jre-alpine", ("alpine", "musl", "apk", None, False, False, True, False)),
        ("golang:1.26-alpine", ("alpine", "musl", "apk", None, True, False, True, False)),
        ("gcr.io/distroless/static:nonroot", ("distroless", "glibc", None, "65532", False, False, False, False)),
        ("gcr.io/distroless/base:debug", ("distroless", "glibc", None, None, False, False, True, False)),
        ("mcr.microsoft.com/dotnet/sdk:8.0", ("debian", "glibc", "apt", None, True, False, True, True)),
        ("mcr.microsoft.com/dotnet/aspnet:10.0", ("ubuntu", "glibc", "apt", None, False, False, True, True)),
        ("nvidia/cuda:12.4.1-devel-ubuntu22.04", ("ubuntu", "glibc", "apt", None, True, True, True, True)),
        ("nvidia/cuda:12.4.1-runtime-rockylinux9", ("rhel", "glibc", "dnf", None, False, False, True, True)),
        ("centos:7", ("rhel", "glibc", "yum", None, False, False, True, True)),
        ("amazonlinux:2", ("rhel", "glibc", "yum", None, False, False, True, True)),
        ("amazonlinux:2023", ("rhel", "glibc", "dnf", None, False, False, True, True)),
        ("rockylinux:9-minimal", ("rhel", "glibc", "microdnf", None, False, False, True, True)),
        ("busybox:1-musl", ("busybox", "musl", None, None, False, False, True, False)),
        ("golang:1-nanoserver", ("windows", None, None, None, True, False, False, False)),
        ("bitnami/redis:7", ("debian", "glibc", "apt", "1001", False, False, True, True)),
        ("mycompany/app", (None, None, None, None, False, False, None, None)),
    ],
)
def test_facts(text: str, expected: tuple[object, ...]) -> None:
    found = facts_of(image(text))
    assert isinstance(found, ImageFacts)
    assert found[1:] == expected


@pytest.mark.parametrize(
    ("text", "shell"),
    [
        ("debian:12", "dash"),
        ("python:3.12-slim", "dash"),
        ("nginx:alpine", "ash"),
        ("busybox", "ash"),
        ("fedora:41", "bash"),
        ("oraclelinux:7-slim", "bash"),
        ("archlinux", "bash"),
        ("openjdk:8-jdk", None),
        ("openjdk:8-jdk-alpine", "ash"),
        ("jenkins/jenkins:lts", None),
        ("s390x/ubuntu", "dash"),
        ("mhart/alpine-node:10", "ash"),
        ("registry.example.org/base_centos7", "bash"),
        ("me/alpine-or-debian", None),
        ("me/slim", None),
        ("me/tools:bookworm", "dash"),
        ("me/tools", None),
        ("mcr.microsoft.com/windows/nanoserver:ltsc2022", None),
    ],
)
def test_system_shell(text: str, shell: str | None) -> None:
    assert system_shell(image(text)) == shell
