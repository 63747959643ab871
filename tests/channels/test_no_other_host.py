"""The suite of the channels refuses every host but this machine."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import httpx
import pytest

from tests.channels.conftest import HostRefused, local


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
async def test_a_connection_to_another_host_is_refused(host: str, refused_hosts: list[str]) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as one:
        with pytest.raises(HostRefused):
            one.connect((host, 443))
        with pytest.raises(HostRefused):
            one.connect_ex((host, 443))
    with socket.socket(family, socket.SOCK_DGRAM) as one, pytest.raises(HostRefused):
        one.sendto(b"x", (host, 53))
    assert refused_hosts == [host] * 3
    refused_hosts.clear()  # or this test would fail for it


async def test_no_name_is_looked_up(refused_hosts: list[str]) -> None:
    with pytest.raises(HostRefused):
        socket.getaddrinfo("api.telegram.org", 443)
    with pytest.raises(HostRefused):
        await asyncio.get_running_loop().getaddrinfo("api.twilio.com", 443)
    assert refused_hosts == ["api.telegram.org", "api.twilio.com"]
    refused_hosts.clear()


async def test_neither_http_library_gets_out(refused_hosts: list[str]) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("https://192.0.2.1/")
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get("http://192.0.2.1/")
    assert set(refused_hosts) == {"192.0.2.1"}
    refused_hosts.clear()


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), (None, True), ("", True)]
    + [("10.0.0.1", False), ("0.0.0.0", False), ("contoh.go.id", False), ("127.0.0.1.contoh.go.id", False)],
)
def test_what_counts_as_this_machine(host: str | None, here: bool) -> None:
    assert local(host) is here
