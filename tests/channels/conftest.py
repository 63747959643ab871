"""Fixtures for the tests of all channels: no test of theirs reaches any host but this machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest


class HostRefused(OSError):
    """A test tried to reach another host: for the code under test no more than a connection that fails."""


def local(host: object) -> bool:
    """Whether ``host`` is this machine."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(
            host.decode() if isinstance(host, bytes) else str(host).partition("%")[0]
        ).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def refused_hosts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Neither a connection nor a look-up of a name leaves this machine; a test that tried fails at its end."""
    refused: list[str] = []

    def refuse(host: Any) -> None:
        if not local(host):
            refused.append(str(host))
            raise HostRefused(f"a test may reach this machine only, not {host!r}")

    def guard(method: Callable[..., Any], place: int) -> Callable[..., Any]:
        def guarded(self: socket.socket, *args: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                refuse(args[place][0])
            return method(self, *args)

        return guarded

    for name, place in (("connect", 0), ("connect_ex", 0), ("sendto", -1)):
        monkeypatch.setattr(socket.socket, name, guard(getattr(socket.socket, name), place))
    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        refuse(host)
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield refused
    assert refused == [], "the test tried to reach other hosts"
