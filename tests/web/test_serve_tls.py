"""The gateway as it is started: TLS at its own port and inside, plain http for this machine only, staff on a name of their own."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path

import aiohttp
from aiohttp.test_utils import unused_port

from bot import bootstrap
from bot.settings import Settings
from bot.storage.crypto import new_key
from tests.certificates import Authority


async def test_the_gateway_serves_tls_where_it_is_told_and_staff_on_their_own_name(
    database_url: str, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    cert, key = authority.sign("loket", "127.0.0.1", "petugas.example.go.id")
    port, tls_port, internal = unused_port(), unused_port(), unused_port()
    public = f"https://127.0.0.1:{tls_port}"
    settings = Settings(
        var_dir=tmp_path / "var",
        database_url=database_url,
        keys=new_key("test"),
        port=port,
        internal_port=internal,
        rasa_url="http://127.0.0.1:9",
        sandbox_url="http://127.0.0.1:9",
        **{f"{name}_secret": "x" * 32 for name in ("dukcapil", "sdmk", "lapor", "antrean")},
        public_url=public,
        staff_url="https://petugas.example.go.id",
        tls_host="127.0.0.1",
        tls_port=tls_port,
        tls_cert=cert,
        tls_key=key,
        internal_cert=cert,
        internal_key=key,
    )
    serving = asyncio.create_task(bootstrap.serve(settings))
    trusting = ssl.create_default_context(cafile=str(authority.file))
    connector = aiohttp.TCPConnector(ssl=trusting)
    try:
        async with aiohttp.ClientSession(connector=connector) as http, asyncio.timeout(60):
            while not serving.done():
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    async with http.get(f"{public}/healthz/live") as answer:
                        assert answer.status == 200
                        break
                await asyncio.sleep(0.1)

            async def status(url: str, host: str = "") -> int:
                headers = {"Host": host} if host else {}
                async with http.get(url, headers=headers, allow_redirects=False) as answer:
                    assert answer.headers["Strict-Transport-Security"] if url.startswith(public) else True
                    return answer.status

            assert await status(f"{public}/cek") == 200
            assert await status(f"{public}/staff/sign-in") == 404
            assert await status(f"{public}/staff/sign-in", "petugas.example.go.id") == 200
            assert await status(f"{public}/cek", "petugas.example.go.id") == 404
            assert await status(f"http://127.0.0.1:{port}/healthz/live") == 200  # of this machine
            assert await status(f"https://127.0.0.1:{internal}/actions") == 200
            with contextlib.suppress(aiohttp.ClientConnectionError):
                assert await status(f"http://127.0.0.1:{internal}/actions") >= 400, "answered in the clear"
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
