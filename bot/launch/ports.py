"""Ports: refuse a busy one with a sentence, find a free one."""

from __future__ import annotations

import errno
import socket

from bot.errors import SettingsError
from bot.settings import Settings, variable


def refusal(name: str, host: str, port: int) -> str | None:
    """Why nobody can listen on ``host:port``, as a sentence; None when it is free."""
    try:
        _bound(host, port).close()
    except OSError as error:
        return _sentence(name, host, port, error)
    return None


def _sentence(name: str, host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} di {host} sudah dipakai program lain. Hentikan program itu, atau pilih port lain ({name}). / "
            f"Port {port} on {host} is in use by another program. Stop it, or choose another port ({name})."
        )
    if error.errno == errno.EACCES:
        return (
            f"Port {port} hanya boleh dibuka oleh root. Pilih port di atas 1023 ({name}). / "
            f"Only root may open port {port}. Choose one above 1023 ({name})."
        )
    return (
        f"Alamat {host}:{port} tidak bisa dibuka ({error.strerror}). Periksa LOKET_HOST dan {name}. / "
        f"Cannot listen on {host}:{port} ({error.strerror}). Check LOKET_HOST and {name}."
    )


def _bound(host: str, port: int) -> socket.socket:
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
        0
    ]
    listener = socket.socket(family, kind, proto)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1)
    except OSError:
        listener.close()
        raise
    return listener


def settle(settings: Settings) -> Settings:
    """The same settings with every port chosen; whoever was not configured gets a free one on loopback.

    :raises SettingsError: a configured port cannot be opened.
    """
    wanted = [("port", settings.host, settings.port, "--port, LOKET_PORT")]
    for name in ("internal_port", "rasa_port", "sandbox_port"):
        if getattr(settings, name):
            wanted.append((name, "127.0.0.1", getattr(settings, name), variable(name)))
    numbers = [number for _, _, number, _ in wanted]
    for _, host, number, label in wanted:
        reason = refusal(label, host, number)
        if reason:
            raise SettingsError(reason)
        if number and numbers.count(number) > 1:
            raise SettingsError(
                f"Port {number} dipakai dua kali ({label}). / Port {number} is configured twice ({label})."
            )
    return settings.but(**_choose(settings))


def _choose(settings: Settings) -> dict[str, int]:
    """Free ports for what has none. All are held at the same time, so that no two are equal."""
    held: list[socket.socket] = []
    chosen: dict[str, int] = {}
    try:
        for name, first in (("port", 0), ("sandbox_port", settings.port + 1), ("internal_port", 0), ("rasa_port", 0)):
            if getattr(settings, name):
                continue
            listener = _first_free(settings.host if name == "port" else "127.0.0.1", first if settings.port else 0)
            held.append(listener)
            chosen[name] = listener.getsockname()[1]
    finally:
        for listener in held:
            listener.close()
    return chosen


def _first_free(host: str, preferred: int) -> socket.socket:
    if 0 < preferred <= 65535:
        try:
            return _bound(host, preferred)
        except OSError:
            pass
    return _bound(host, 0)
