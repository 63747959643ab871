"""The internal listener's door for Rasa's models: every Rasa server asks here for the model that fits what is published.

``GET /models/live`` with ``If-None-Match: "<hash>"``: 200 the model (``tar.gz``, ``ETag`` its hash); 304 it is that one; 204 there is
none, or it is not trained yet; 503 with ``Retry-After`` the database is away (Rasa asks again by itself).
"""

from __future__ import annotations

import logging

from aiohttp import web

from bot.storage.pg import DatabaseAway
from bot.storage.store import PgStore

log = logging.getLogger(__name__)

_STORE = web.AppKey("store", PgStore)
_AGAIN_S = 5


def models_app(store: PgStore) -> web.Application:
    """To be mounted at ``/models`` of the internal listener."""
    app = web.Application()
    app[_STORE] = store
    app.add_routes([web.get("/live", _live)])
    return app


async def _live(request: web.Request) -> web.Response:
    try:
        return await _model(request)
    except DatabaseAway:
        log.warning("model asked for without a database")
        return web.Response(status=503, headers={"Retry-After": str(_AGAIN_S)})


async def _model(request: web.Request) -> web.Response:
    async with request.app[_STORE].begin() as tx:
        release = await tx.live_release()
        if release is None:
            return web.Response(status=204)
        tag = f'"{release.model}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        model = await tx.model(release.model)
    if model is None:
        return web.Response(status=204)
    return web.Response(body=model, headers={"ETag": tag, "Content-Type": "application/gzip"})
