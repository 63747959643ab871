"""A clamd on loopback, as clamd(8) of ClamAV 1.4 behaves: INSTREAM, VERSION, a limit of one stream, and the usual faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner finds and nobody is harmed by (eicar.org), in two parts so that none finds it here."""


@dataclass
class Clamd:
    """``fault``: ``slow`` (never answers), ``nonsense``, ``hangs up``, ``blind`` (finds nothing); else it scans."""

    most: int = 25 * 1024 * 1024
    fault: str = ""
    scanned: list[int] = field(default_factory=list)
    address: str = ""
    version: str = "ClamAV 1.4.2/27600/Mon Nov 17 09:12:00 2025"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            command = await reader.readuntil(b"\0")
            answer = self.version.encode()
            if command == b"zINSTREAM\0":
                answer = await self._stream(reader)
            elif command != b"zVERSION\0":
                answer = b"UNKNOWN COMMAND"
            if self.fault == "slow":
                await asyncio.sleep(60)
            if self.fault != "hangs up":
                writer.write((b"what?" if self.fault == "nonsense" else answer) + b"\0")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _stream(self, reader: asyncio.StreamReader) -> bytes:
        data = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            if len(data) + size > self.most:
                return b"INSTREAM size limit exceeded. ERROR"  # and hangs up, whatever still comes
            data += await reader.readexactly(size)
        self.scanned.append(len(data))
        return b"stream: Eicar-Test-Signature FOUND" if EICAR in data and self.fault != "blind" else b"stream: OK"


@asynccontextmanager
async def clamd(socket: Path | None = None) -> AsyncIterator[Clamd]:
    """One that listens on a free port, or on ``socket``."""
    one = Clamd()
    if socket is not None:
        server: asyncio.Server = await asyncio.start_unix_server(one.talk, str(socket))
        one.address = f"unix:{socket}"
    else:
        server = await asyncio.start_server(one.talk, "127.0.0.1", 0)
        one.address = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield one
    finally:
        server.close()
