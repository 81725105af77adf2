"""What programs read from well-known places: certificates, time zones, locales, accounts, names of hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.images.file_tree import clean, parent_of

if TYPE_CHECKING:
    from dflint.verify.closure import Closure

_CERTIFICATES = (
    "/etc/ssl/certs",
    "/etc/ssl/cert.pem",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
)
_CERTIFICATE_VARIABLES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
)
_ZONES = "/usr/share/zoneinfo"
_LOCALE_VARIABLES = ("LANG", "LC_ALL", "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY", "LC_MESSAGES")
_BY_ADDRESS = frozenset(("getaddrinfo", "getnameinfo"))
_NUMBERS_ONLY = frozenset(("node", "java"))
"""Interpreters that ask for hosts alone, and give ports as numbers."""


def reach_surroundings(closure: Closure, other_variables: frozenset[str] = frozenset()) -> None:
    """Take in what the process may read from these places, as far as something hints at it.

    ``other_variables`` are names of variables whose values do not count.
    """
    _scan_own_programs(closure)
    _reach_certificates(closure)
    _reach_time_zones(closure)
    _reach_locales(closure)
    environment = closure.environment
    why = "the working directory"
    closure.reach(closure.image.config.workdir, why)
    for volume in closure.image.config.volumes:
        closure.reach(clean(volume), "a volume")
    home = environment.get("HOME") or closure.identity.home
    closure.reach(home, "the user's home folder")
    for path in ("/tmp", "/var/tmp"):
        closure.reach(path, "where programs put temporary files")
    closure.reach("/etc/nsswitch.conf", "read by the C library")
    _reach_names(closure)
    skipped = {"PATH", *_CERTIFICATE_VARIABLES, *other_variables}
    for name, value in environment.items():
        if name not in skipped and "/" in value:
            _name_value(closure, name, value)


def _reach_names(closure: Closure) -> None:
    """The names of services and protocols, if a program or library that is reached can ask for them."""
    asked: set[str] = set()
    for path in closure.reached:
        entry = closure.tree.get(path)
        elf = closure.linker.elf(entry) if entry is not None and entry.is_elf else None
        if elf is not None and not elf.soname.startswith(("libc.", "libresolv.", "libnss_", "ld-")):
            asked |= elf.lookups
    if closure.running & _NUMBERS_ONLY:
        asked -= _BY_ADDRESS
    wanted = set(closure.name_files)
    if any("serv" in name or name in _BY_ADDRESS for name in asked):
        wanted.add("/etc/services")
    if any("proto" in name for name in asked):
        wanted.add("/etc/protocols")
    for path in sorted(wanted):
        closure.reach(path, "read by the C library for programs that ask for names")


def _name_value(closure: Closure, name: str, value: str) -> None:
    """A file that a variable names; of a folder, the folder itself."""
    for part in value.split(":"):
        if part.startswith("/") and len(part) > 1:
            entry = closure.tree.resolve(clean(part))
            if entry is not None:
                closure.reach(clean(part), f"named by the variable {name}")


def _scan_own_programs(closure: Closure) -> None:
    for path in list(closure.reached):
        entry = closure.tree.get(path)
        if entry is None or not entry.is_elf or entry.size < 65_536:
            continue
        elf = closure.linker.elf(entry)
        if elf is not None and (not elf.needed or elf.interpreter) and "/lib/" not in parent_of(path):
            closure.scan_program(entry)


def _reach_certificates(closure: Closure) -> None:
    if not closure.tls:
        return
    why = f"certificates, for {closure.tls}, which may speak TLS"
    for path in _CERTIFICATES:
        entry = closure.tree.resolve(path)
        if entry is None:
            continue
        closure.reach(path, why)
        for found in closure.tree.walk(entry.path):
            closure.reach(found.path, why)
    for name in _CERTIFICATE_VARIABLES:
        value = closure.environment.get(name)
        if value and closure.tree.resolve(clean(value)) is not None:
            closure.reach(clean(value), f"named by the variable {name}")


def _reach_time_zones(closure: Closure) -> None:
    zone = closure.environment.get("TZ", "").lstrip(":")
    if zone:
        path = zone if zone.startswith("/") else f"{_ZONES}/{zone}"
        if closure.tree.resolve(path) is not None:
            closure.reach(path, f"the time zone of TZ={zone}")
    for path in ("/etc/localtime", "/etc/timezone"):
        closure.reach(path, "the time zone")
    if closure.timezones and closure.tree.resolve(_ZONES) is not None:
        for entry in closure.tree.walk(_ZONES):
            closure.reach(entry.path, f"time zones, for {closure.timezones}, which may ask for them by name")


def _reach_locales(closure: Closure) -> None:
    wanted = {closure.environment.get(name, "") for name in _LOCALE_VARIABLES} - {"", "C", "POSIX"}
    if not wanted and "python" in closure.running:
        wanted = {"C.UTF-8"}  # Python takes it in place of C (PEP 538)
    if not wanted:
        return
    why = f"the locale {', '.join(sorted(wanted))}"
    for path in ("/usr/lib/locale/locale-archive", "/etc/locale.alias"):
        closure.reach(path, why)
    for name in wanted:
        base, dot, codeset = name.partition(".")
        forms = {name, f"{base}.{codeset.lower().replace('-', '')}", base} if dot else {name}
        for form in forms:
            for folder in ("/usr/lib/locale", "/usr/share/i18n/locales/musl"):
                entry = closure.tree.resolve(f"{folder}/{form}")
                if entry is not None:
                    closure.reach_all(entry.path, why)
