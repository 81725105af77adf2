"""The configuration of an image, from its JSON document (OCI specification, config.md, with Docker's additions)."""

from __future__ import annotations

from typing import Any

from dflint.record import NamedTuple


class Healthcheck(NamedTuple):
    """A health check. ``test`` is as stored: ``("CMD", ...)``, ``("CMD-SHELL", text)`` or ``("NONE",)``.

    Times are in nanoseconds, 0 where the engine's default holds.
    """

    test: tuple[str, ...]
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    start_interval: int = 0
    retries: int = 0


class History(NamedTuple):
    """What made a layer, or changed the configuration without one (``is_empty``)."""

    created: str
    """RFC 3339, empty if unknown."""
    created_by: str
    comment: str
    is_empty: bool


class ImageConfiguration(NamedTuple):
    """What a container starts with. What is not set is empty, or None where "not set" and "empty" differ."""

    architecture: str = ""
    os: str = ""
    variant: str = ""
    env: tuple[tuple[str, str], ...] = ()
    """In order; of several with one name the last counts, as for a process."""
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    working_dir: str = ""
    user: str = ""
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    stop_signal: str = ""
    healthcheck: Healthcheck | None = None
    shell: tuple[str, ...] | None = None
    on_build: tuple[str, ...] = ()
    created: str = ""
    diff_ids: tuple[str, ...] = ()
    history: tuple[History, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """``env`` as a mapping."""
        return dict(self.env)

    @property
    def arguments(self) -> tuple[str, ...]:
        """What runs: ENTRYPOINT and CMD together."""
        return (*(self.entrypoint or ()), *(self.cmd or ()))

    @property
    def workdir(self) -> str:
        """The working directory, ``/`` if none is set."""
        return self.working_dir or "/"

    @property
    def layer_history(self) -> tuple[History | None, ...]:
        """For each layer its history; None where the history does not fit the layers."""
        made = tuple(entry for entry in self.history if not entry.is_empty)
        return made if len(made) == len(self.diff_ids) else (None,) * len(self.diff_ids)

    @classmethod
    def from_json(cls, document: object) -> ImageConfiguration:
        """The configuration; ValueError, with the field's name, for what has another form than specified."""
        image = _mapping(document, "the configuration")
        config = _mapping(image.get("config"), "config")
        rootfs = _mapping(image.get("rootfs"), "rootfs")
        return cls(
            architecture=_text(image, "architecture"),
            os=_text(image, "os"),
            variant=_text(image, "variant"),
            env=tuple(_pair(entry) for entry in _texts(config, "Env") or ()),
            entrypoint=_texts(config, "Entrypoint"),
            cmd=_texts(config, "Cmd"),
            working_dir=_text(config, "WorkingDir"),
            user=_text(config, "User"),
            exposed_ports=tuple(sorted(_mapping(config.get("ExposedPorts"), "ExposedPorts"))),
            volumes=tuple(sorted(_mapping(config.get("Volumes"), "Volumes"))),
            labels=_labels(config.get("Labels")),
            stop_signal=_text(config, "StopSignal"),
            healthcheck=_healthcheck(config.get("Healthcheck")),
            shell=_texts(config, "Shell"),
            on_build=_texts(config, "OnBuild") or (),
            created=_text(image, "created"),
            diff_ids=_texts(rootfs, "diff_ids") or (),
            history=tuple(_history(entry) for entry in _list(image.get("history"), "history")),
        )


def _mapping(value: object, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{name} is not an object")
    return value


def _list(value: object, name: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{name} is not an array")
    return value


def _text(mapping: dict[str, Any], name: str) -> str:
    value = mapping.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a string")
    return value


def _number(mapping: dict[str, Any], name: str) -> int:
    value = mapping.get(name)
    if value is None:
        return 0
    if not isinstance(value, int):
        raise ValueError(f"{name} is not a whole number")
    return value


def _texts(mapping: dict[str, Any], name: str) -> tuple[str, ...] | None:
    """An array of strings; an empty one counts as none, as it does for engines."""
    values = _list(mapping.get(name), name)
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} is not an array of strings")
    return tuple(values) or None


def _labels(value: object) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(text)) for name, text in _mapping(value, "Labels").items()))


def _pair(entry: str) -> tuple[str, str]:
    name, _, value = entry.partition("=")
    return name, value


def _history(value: object) -> History:
    entry = _mapping(value, "history")
    return History(
        _text(entry, "created"), _text(entry, "created_by"), _text(entry, "comment"), bool(entry.get("empty_layer"))
    )


def _healthcheck(value: object) -> Healthcheck | None:
    if value is None:
        return None
    check = _mapping(value, "Healthcheck")
    return Healthcheck(
        _texts(check, "Test") or (),
        _number(check, "Interval"),
        _number(check, "Timeout"),
        _number(check, "StartPeriod"),
        _number(check, "StartInterval"),
        _number(check, "Retries"),
    )
