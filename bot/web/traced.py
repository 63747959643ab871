"""Requests as the beginning of a trace (:mod:`bot.tracing`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot import tracing

_LOOKS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Only looks, or listens for hours, and leads to nothing."""


@web.middleware
async def traced(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A span for each request that brings something. Its route is told, never its path: tokens and numbers are in paths.

    A ``traceparent`` that strangers send is not followed: they would choose what is kept, and mix traces that have nothing to do
    with each other. Agencies' is, once their signature is checked (:mod:`bot.web.public.callbacks`).
    """
    if request.method in _LOOKS:
        return await handler(request)
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "?"
    name = f"{request.method} {route}" if resource else request.method
    with tracing.span(name, "server", method=request.method, route=route, scheme=request.scheme) as span:
        response = await handler(request)
        span.put(status=response.status, error=str(response.status) if response.status >= 500 else None)
        return response
