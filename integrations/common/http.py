"""One call to an agency over HTTP: what is too big, and which failure means what."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import aiohttp
from yarl import URL

from bot import tracing
from bot.errors import AgencyError, AgencyUnavailable
from bot.ports import AgencyManifest

MOST_ANSWER_BYTES = 20 * 1024 * 1024
"""An answer above this is refused; a finished document has well below one megabyte."""
_BUSY = frozenset({408, 425, 429})
_MESSAGES = {401: "credentials refused", 403: "not allowed", 404: "not found", 409: "conflict", 422: "data refused"}
_LONGEST_WAIT_S = 3600.0


def awake(manifest: AgencyManifest, now: datetime) -> None:
    """Make no call outside the agency's working hours.

    :raises AgencyUnavailable: it is closed; ``after`` says for how many seconds.
    """
    if manifest.hours is not None and not manifest.hours.open(now):
        after = (manifest.hours.opens(now) - now).total_seconds()
        raise AgencyUnavailable("outside the agency's working hours", closed=True, after=after)


async def exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    retry: Collection[int] = (),
) -> tuple[int, bytes, Mapping[str, str]]:
    """Status, whole body and headers of an answer. The address is sent as it stands: it was signed so.

    :raises AgencyUnavailable: no whole answer, or a status that asks for another try (5xx, "later", and ``retry``).
    :raises AgencyError: more than :data:`MOST_ANSWER_BYTES`.
    """
    address = URL(url, encoded=True)
    try:
        # The path is left out of the trace: a NIK may be in it.
        with tracing.span(method, "client", method=method, host=address.host, port=address.port) as span:
            async with session.request(
                method, address, data=body or None, headers=tracing.passed(headers), allow_redirects=False
            ) as response:
                span.put(status=response.status)
                answer = await _read(response)
                if response.status >= 500 or response.status in _BUSY or response.status in retry:
                    raise AgencyUnavailable(
                        f"the agency answered {response.status}", status=response.status, **_later(response)
                    )
                return response.status, answer, response.headers
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise AgencyUnavailable(f"no whole answer: {type(error).__name__}") from error


def refuse(status: int, reasons: tuple[dict[str, str], ...]) -> None:
    """:raises AgencyError: anything but 2xx: it will not heal by itself."""
    if not 200 <= status < 300:
        message = _MESSAGES.get(status, f"the agency answered {status}")
        raise AgencyError(message, status=status, reasons=reasons)


def parsed(answer: bytes) -> Any:
    """JSON.

    :raises AgencyUnavailable: it is none: a proxy's or an error page.
    """
    try:
        return json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise AgencyUnavailable("the agency answered with something that is no JSON") from error


def whole_pdf(content: bytes) -> bytes:
    """:raises AgencyError: no PDF. :raises AgencyUnavailable: nothing, only a part of one, or a page of HTML instead."""
    if not content.strip() or content.lstrip()[:1] == b"<":
        raise AgencyUnavailable("a page came instead of the document")
    if not content.startswith(b"%PDF-"):
        raise AgencyError("the document is no PDF")
    if b"%%EOF" not in content[-1024:]:
        raise AgencyUnavailable("only a part of the document came")
    return content


def _later(response: aiohttp.ClientResponse) -> dict[str, float]:
    """``Retry-After`` in seconds, where it is a number; an hour at most."""
    given = response.headers.get("Retry-After", "")
    return {"after": min(float(given), _LONGEST_WAIT_S)} if given.isascii() and given.isdigit() else {}


async def _read(response: aiohttp.ClientResponse) -> bytes:
    if (response.content_length or 0) > MOST_ANSWER_BYTES:
        raise AgencyError("the answer is too big")
    chunks, size = [], 0
    async for chunk in response.content.iter_chunked(1 << 16):
        size += len(chunk)
        if size > MOST_ANSWER_BYTES:
            raise AgencyError("the answer is too big")
        chunks.append(chunk)
    return b"".join(chunks)
