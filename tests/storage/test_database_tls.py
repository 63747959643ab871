"""The database over TLS, as an operator asks for it in LOKET_DATABASE_URL: who it is is checked, and nothing goes in the clear."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.storage import pg
from bot.storage.pg import plain_url
from bot.web.hub import Hub
from tests.certificates import Authority
from tests.servers.pg_tls import Door, door


def through(database_url: str, one: Door, host: str = "127.0.0.1", **asked: str) -> str:
    parts = urlsplit(database_url)
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[0]}@{host}:{one.port}{parts.path}?{query}"


def before(database_url: str, context: ssl.SSLContext) -> AbstractAsyncContextManager[Door]:
    """A door before the server that the tests have, over its socket or its port."""
    parts = urlsplit(database_url)
    folder = parse_qs(parts.query).get("host", [""])[0]
    if folder.startswith("/"):
        return door(context, socket=str(next(Path(folder).glob(".s.PGSQL.*[0-9]"))))
    return door(context, host=parts.hostname or "127.0.0.1", port=parts.port or 5432)


async def asked(url: str) -> int:
    engine = pg.engine(url, pool=1)
    try:
        async with engine.connect() as connection:
            return int((await connection.execute(text("select 1"))).scalar_one())
    finally:
        await engine.dispose()


async def test_every_kind_of_connection_of_ours_is_encrypted_and_only_to_whom_it_is_for(
    database_url: str, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.sign("db", "127.0.0.1"))
    async with before(database_url, context) as one:
        known = {"sslmode": "verify-full", "sslrootcert": str(authority.file)}
        url = through(database_url, one, **known)
        assert await asked(url) == 1 and (one.encrypted, one.clear) == (1, 0)
        hub = Hub(url)  # a listening connection of its own
        await hub.start()
        async with asyncio.timeout(20):
            while one.encrypted < 2:  # noqa: ASYNC110 (the door knows no event of ours)
                await asyncio.sleep(0.02)
        await hub.stop()
        async with await psycopg.AsyncConnection.connect(plain_url(url)) as connection:
            await connection.execute("select 1")
        assert one.encrypted >= 3 and one.clear == 0
        for wrong in (
            through(database_url, one, **{**known, "sslrootcert": str(stranger.file)}),
            through(database_url, one, host="localhost", **known),  # not the name that the certificate says
        ):
            with pytest.raises(OperationalError, match="SSL error|certificate"):
                await asked(wrong)
        one.speaks = False
        with pytest.raises(OperationalError, match="does not support SSL"):
            await asked(url)
        assert one.clear == 0  # nothing fell back
