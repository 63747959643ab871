"""Is anybody there? Small questions to our own processes, without a client library."""

from __future__ import annotations

import asyncio
import contextlib

TIMEOUT_S = 5.0


async def http_status(port: int, path: str, host: str = "127.0.0.1") -> int | None:
    """The status of ``GET path``, or None when nobody answers."""
    answer = await _exchange(host, port, f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
    parts = answer.split(b" ", 2)
    return int(parts[1]) if answer.startswith(b"HTTP/1.") and len(parts) > 1 and parts[1].isdigit() else None


async def listening(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody listens."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            return True
    return False


async def _exchange(host: str, port: int, request: bytes) -> bytes:
    """The first line of the answer."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    with contextlib.suppress(OSError, TimeoutError, ValueError):
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(request)
                await writer.drain()
                return await reader.readline()
            finally:
                writer.close()
    return b""
