"""TLS of our own, shaken hands with for real."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web

from bot.errors import SettingsError
from bot.web import listening
from bot.web.tls import CIPHERS, OwnTls, own_tls
from tests.certificates import Authority


class Served:
    """A listener with its own TLS, and clients that know its authority."""

    def __init__(self, authority: Authority, tls: OwnTls, port: int) -> None:
        self.authority, self.tls, self.port = authority, tls, port

    def client(self, **limits: ssl.TLSVersion) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.authority.file))
        for name, value in limits.items():
            setattr(context, name, value)
        return context

    async def shake(self, context: ssl.SSLContext) -> ssl.SSLObject:
        _, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=context)
        shaken: ssl.SSLObject = writer.get_extra_info("ssl_object")
        writer.close()
        return shaken


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    authority = Authority(tmp_path)
    tls = OwnTls(*authority.sign("loket", "127.0.0.1"))

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text=request.scheme)

    app = web.Application()
    app.router.add_get("/", hello)
    runner = listening.runner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls.context)
    await site.start()
    yield Served(authority, tls, runner.addresses[0][1])
    await runner.cleanup()


async def test_tls_1_3_comes_first_and_1_2_is_spoken_with_the_strongest_cipher_first(served: Served) -> None:
    assert (await served.shake(served.client())).version() == "TLSv1.3"
    old = served.client(maximum_version=ssl.TLSVersion.TLSv1_2)
    # What the client would like best counts less than what is strongest.
    old.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384")
    shaken = await served.shake(old)
    assert shaken.version() == "TLSv1.2"
    assert (shaken.cipher() or ("",))[0] == "ECDHE-ECDSA-AES256-GCM-SHA384"
    assert shaken.compression() is None


def refused(server: ssl.SSLContext, client: ssl.SSLContext) -> str:
    """Why the server breaks a handshake off, both sides in memory; empty when it does not."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(there, back, server_side=True)
    theirs = client.wrap_bio(back, there, server_hostname="127.0.0.1")
    for _ in range(6):
        with contextlib.suppress(ssl.SSLWantReadError):
            theirs.do_handshake()
        try:
            ours.do_handshake()
            return ""
        except ssl.SSLWantReadError:
            continue
        except ssl.SSLError as error:
            return str(error.reason)
    return "endless"


def permissive(served: Served) -> ssl.SSLContext:
    """A server that would speak with such clients: what refuses them is ours alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(*served.authority.sign("lax", "127.0.0.1"))
    return context


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1])
async def test_an_older_tls_is_refused_by_us_and_not_only_by_the_client(
    served: Served, version: ssl.TLSVersion
) -> None:
    client = served.client(minimum_version=version, maximum_version=version)
    client.set_ciphers("ALL:@SECLEVEL=0")  # a client that would
    assert refused(permissive(served), client) == ""
    assert refused(served.tls.context, client) == "UNSUPPORTED_PROTOCOL"
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await served.shake(client)


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA256"])
async def test_no_cipher_without_authenticated_encryption_is_spoken(served: Served, cipher: str) -> None:
    client = served.client(maximum_version=ssl.TLSVersion.TLSv1_2)
    client.set_ciphers(f"{cipher}:@SECLEVEL=0")
    assert refused(permissive(served), client) == ""
    assert refused(served.tls.context, client) == "NO_SHARED_CIPHER"
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await served.shake(client)
    offered = {one["name"] for one in served.tls.context.get_ciphers() if one["protocol"] == "TLSv1.2"}
    assert offered == set(CIPHERS)


async def test_nothing_in_the_clear_is_answered_where_tls_is_spoken(served: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"HTTP" not in await reader.read(200)
    writer.close()


async def test_a_renewed_certificate_is_taken_for_the_next_connection_and_a_broken_one_never(served: Served) -> None:
    async def serial() -> int:
        shown = (await served.shake(served.client())).getpeercert()
        return int(str((shown or {})["serialNumber"]), 16)

    def renewed(key: str = "") -> None:
        served.authority.sign("loket", "127.0.0.1", key=key)

    first = await serial()
    assert not served.tls.look() and await serial() == first
    renewed()
    assert served.tls.look()
    second = await serial()
    assert second != first
    breakings: list[Callable[[], object]] = [
        lambda: (served.authority.folder / "loket.pem").write_text("half of it"),
        lambda: renewed(key="another.key"),  # a certificate whose key is not there yet
        lambda: (served.authority.folder / "loket.pem").unlink(),
    ]
    for breaking in breakings:
        breaking()
        assert not served.tls.look()
        assert await serial() == second
    renewed()
    assert served.tls.look() and await serial() not in (first, second)


def test_files_that_cannot_be_used_are_told_at_the_start(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert, key = authority.sign("loket", "127.0.0.1")
    other = authority.sign("other", "127.0.0.1")[1]
    for files in ((tmp_path / "none.pem", None), (cert, other), (cert, None), (key, key)):
        with pytest.raises(SettingsError, match="LOKET_TLS_CERT"):
            OwnTls(*files)
    with pytest.raises(SettingsError, match="LOKET_TLS_KEY"):
        own_tls(None, key)
    assert own_tls(None, None) is None
