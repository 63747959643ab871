"""A PostgreSQL that speaks TLS: a door before the tests' own server, which was built without.

It answers SSLRequest as the server does (PostgreSQL 18, "55.2.11. SSL Session Encryption"), shakes hands, and passes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


@dataclass
class Door:
    """``encrypted`` counts sessions; ``speaks`` False: a server without TLS."""

    context: ssl.SSLContext
    socket: str = ""
    host: str = ""
    to: int = 0
    encrypted: int = 0
    clear: int = 0
    speaks: bool = True
    port: int = 0

    async def come_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            first = await reader.readexactly(8)
            if first == _SSL_REQUEST:
                writer.write(b"S" if self.speaks else b"N")
                await writer.drain()
                if not self.speaks:
                    first = await reader.readexactly(8)
                    self.clear += 1
                else:
                    await writer.start_tls(self.context)
                    self.encrypted += 1
                    first = b""
            else:
                self.clear += 1
            await self._pass_on(first, reader, writer)
        writer.close()

    async def _pass_on(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.socket:
            back, to = await asyncio.open_unix_connection(self.socket)
        else:
            back, to = await asyncio.open_connection(self.host, self.to)
        to.write(first)
        both = [asyncio.create_task(_copy(reader, to)), asyncio.create_task(_copy(back, writer))]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()
        to.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def door(context: ssl.SSLContext, *, socket: str = "", host: str = "", port: int = 0) -> AsyncIterator[Door]:
    """One before the server at ``socket``, or at ``host`` and ``port``."""
    one = Door(context, socket, host, port)
    server = await asyncio.start_server(one.come_in, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
