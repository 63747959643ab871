"""How a listener of ours deals with connections: how long it waits for one, and what it writes down of a broken one."""

from __future__ import annotations

import logging
import resource
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

KEEP_ALIVE_S = 75.0
"""Seconds without a (complete) request until a connection is closed: also how long a client may dawdle over its first headers.
Longer than proxies keep their connections to us (nginx 60 s), so that it is never us who close one they are about to use.
"""
LINGER_S = 5.0
"""Seconds that the rest of a refused body is read and dropped, so that the client gets to read the refusal."""
HEADER = 16 * 1024
"""Bytes of one header, and of the request line: a cookie, a token and a trace fit many times."""
_FILES = 65_536


class _Quiet(logging.LoggerAdapter[logging.Logger]):
    """The server writes the address of whoever sent nonsense, and a trace of its own parser: neither is wanted in our logs."""

    def exception(self, msg: object, *args: object, exc_info: Any = True, **kwargs: Any) -> None:
        if isinstance(exc_info, HttpProcessingError | web.RequestPayloadError):
            self.logger.info("a request could not be read", extra={"code": type(exc_info).__name__})
        else:
            self.logger.error("a request broke the server", exc_info=exc_info)

    def debug(self, msg: object, *args: object, **kwargs: Any) -> None:
        return


def runner(app: web.Application) -> web.AppRunner:
    """What serves an application."""
    return web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=3,
        keepalive_timeout=KEEP_ALIVE_S,
        lingering_time=LINGER_S,
        max_line_size=HEADER,
        max_field_size=HEADER,
        logger=_Quiet(logging.getLogger("aiohttp.server"), {}),
    )


def more_files() -> None:
    """Each open stream is a file: take as many as the system gives without asking."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
