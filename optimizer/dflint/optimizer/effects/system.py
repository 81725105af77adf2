"""Commands that change the system: accounts, certificates, locales, links of libraries, services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.effects.effect import NOTHING, Effect, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dflint.shell import Command


def _system(command: Command, place: Place) -> Effect:
    return Effect("system")


def _service(command: Command, place: Place) -> Effect:
    return NOTHING


COMMANDS: Mapping[str, Callable[[Command, Place], Effect]] = {
    **dict.fromkeys(
        (
            "useradd", "groupadd", "adduser", "addgroup", "usermod", "groupmod", "chpasswd", "passwd", "chsh",
            "userdel", "deluser", "groupdel", "update-ca-certificates", "update-ca-trust", "locale-gen", "localedef",
            "ldconfig", "setcap", "update-locale", "dpkg-reconfigure", "debconf-set-selections", "a2enmod", "a2ensite",
            "a2dismod", "a2dissite", "a2enconf", "update-alternatives", "dpkg-divert", "visudo",
        ),
        _system,
    ),
    **dict.fromkeys(("service", "systemctl", "kill", "pkill"), _service),
}  # fmt: skip
