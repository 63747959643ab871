"""A virus scanner beside us: clamd of ClamAV (docs.clamav.net, clamd(8)), over TCP or a socket in the file system.

Its protocol: ``zINSTREAM\\0``, then chunks, each after its length in four bytes, a length of 0 at the end; the answer ends with a zero
byte: ``stream: OK``, ``stream: <name> FOUND``, or words with ``ERROR``.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from bot.errors import SettingsError
from bot.setting_types import host_and_port

PORT = 3310
"""Where clamd listens by default."""
_CHUNK = 128 * 1024
_ANSWER = 4096
_FOUND = re.compile(r"stream: (?P<name>[\x21-\x7e]{1,200}) FOUND")
_FORM = "LOKET_CLAMD: tcp://host:3310, unix:/run/clamav/clamd.ctl"


class ScannerAway(Exception):
    """It could not look at a file. The text is for the log: one word, never of the file."""


@dataclass(frozen=True)
class Scanner:
    """One clamd: ``host`` and ``port``, or ``socket``."""

    host: str = ""
    port: int = PORT
    socket: str = ""
    timeout_s: float = 30.0
    """For one file, from connecting to the answer."""

    async def scan(self, data: bytes) -> str:
        """The name of what was found in a file; empty for a clean one.

        :raises ScannerAway: ``unreachable``, ``slow``, ``size`` (larger than its StreamMaxLength), ``answer`` (not understood).
        """
        answer = await self._asked(b"zINSTREAM\0", data)
        found = _FOUND.fullmatch(answer)
        if found:
            return found["name"]
        if answer == "stream: OK":
            return ""
        raise ScannerAway("size" if "size limit" in answer else "answer")

    async def version(self) -> str:
        """``ClamAV 1.4.2/27600/Mon Nov 17 09:12:00 2025``: engine, number and day of its signatures.

        :raises ScannerAway: see :meth:`scan`.
        """
        return await self._asked(b"zVERSION\0")

    async def _asked(self, command: bytes, data: bytes | None = None) -> str:
        try:
            async with asyncio.timeout(self.timeout_s):
                reader, writer = await self._connected()
                try:
                    return await _exchange(reader, writer, command, data)
                finally:
                    writer.close()
        except TimeoutError as error:
            raise ScannerAway("slow") from error
        except (OSError, ValueError) as error:
            raise ScannerAway("unreachable") from error

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.socket:
            return await asyncio.open_unix_connection(self.socket, limit=_ANSWER)
        return await asyncio.open_connection(self.host, self.port, limit=_ANSWER)


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: bytes, data: bytes | None
) -> str:
    answering = asyncio.ensure_future(reader.readuntil(b"\0"))
    try:
        try:
            await _send(writer, command, data, answering)
        except (ConnectionError, BrokenPipeError):
            pass  # it said before the end what is wrong (a stream too large), and closed
        return (await answering).rstrip(b"\0\n").decode("ascii", "replace")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise ScannerAway("answer") from error
    finally:
        answering.cancel()


async def _send(
    writer: asyncio.StreamWriter, command: bytes, data: bytes | None, answering: asyncio.Future[bytes]
) -> None:
    writer.write(command)
    for start in range(0, len(data or b""), _CHUNK):
        if answering.done():
            return
        chunk = (data or b"")[start : start + _CHUNK]
        writer.write(len(chunk).to_bytes(4, "big") + chunk)
        await writer.drain()
    if data is not None:
        writer.write(bytes(4))
    await writer.drain()


def scanner_at(address: str) -> Scanner | None:
    """The scanner that a setting names; None without one.

    :raises bot.errors.SettingsError: another kind of address.
    """
    if not address:
        return None
    if address.startswith("unix:/"):
        return Scanner(socket=address.removeprefix("unix:"))
    found = host_and_port(address, "tcp", PORT)
    if found is None:
        raise SettingsError(_FORM)
    return Scanner(host=found[0], port=found[1])
