"""Examples as tables: down as CSV or XLSX, up again."""

from __future__ import annotations

import asyncio

from aiohttp import BodyPartReader, web

from bot.domain.staff import Right
from bot.errors import NotFound
from bot.usecases.studio import Clash
from bot.usecases.studio_nlu import Faults
from bot.usecases.studio_nlu_files import Refused
from bot.usecases.studio_nlu_sheet import MOST_BYTES, MOST_ROWS, csv_of, read_rows, xlsx_of
from bot.web.staff.auth import right_token
from bot.web.staff.desk import see, sentences, sorry
from bot.web.staff.rights import needs, own_token
from bot.web.staff.studio import editor_of, studio_page
from bot.web.staff.studio_intents import HOME, shop_of, why

_SHOWN = 100
"""Faults that are told; the rest is counted."""
_FORMATS = {
    "csv": (csv_of, "text/csv; charset=utf-8"),
    "xlsx": (xlsx_of, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@needs(Right.EDIT)
async def _export(request: web.Request) -> web.Response:
    """All intents, or the one that ``name`` says."""
    make, content_type = _FORMATS.get(request.query.get("format", ""), _FORMATS["csv"])
    state = await shop_of(request).state()
    wanted = request.query.get("name", "")
    if wanted and not state.has(wanted):
        raise NotFound("intent")
    rows = [(name, text) for name in ([wanted] if wanted else state.names()) for text in state.examples(name)]
    ending = "xlsx" if make is xlsx_of else "csv"
    headers = {
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="contoh{f"-{wanted}" if wanted.isidentifier() else ""}.{ending}"',
    }
    return web.Response(body=await asyncio.to_thread(make, rows), headers=headers)


@needs(Right.EDIT)
async def _show(request: web.Request) -> web.Response:
    return _page(request)


@needs(Right.EDIT)
@own_token
async def _take(request: web.Request) -> web.StreamResponse:
    """A table; read part by part, as it may be larger than other forms, so the form's token is checked here."""
    fields, name, data = await _parts(request)
    if not right_token(request, fields.get("csrf", "")):
        return sorry(request, 400, "error_400")
    skip = fields.get("skip") == "1"
    try:
        if data is None:
            raise Refused("sheet_large", most=MOST_BYTES // 1024 // 1024)
        rows = await asyncio.to_thread(read_rows, data, name)
        taken = await shop_of(request).take(editor_of(request), rows, skip)
    except Refused as refused:
        return _page(request, why(request, refused), 422)
    except Clash:
        return _page(request, sentences(request)("nlu_no_busy"), 409)
    if isinstance(taken, Faults):
        shown = [(line, why(request, refused)) for line, refused in taken.rows[:_SHOWN]]
        problem = sentences(request)("nlu_sheet_faults", n=len(taken.rows), rows=len(rows))
        return _page(request, problem, 422, shown, len(taken.rows) - len(shown))
    done = "taken" if taken.revision else "nothing"
    return see(f"{HOME}?done={done}&n={taken.count}&skipped={taken.skipped}")


def _page(
    request: web.Request,
    problem: str = "",
    status: int = 200,
    faults: list[tuple[int, str]] | None = None,
    more: int = 0,
) -> web.Response:
    shop_of(request)  # says so where there is no studio
    values = {"problem": problem, "faults": faults or [], "more": more}
    return studio_page(request, "studio_intent_import.html", status, most=MOST_ROWS, **values)


async def _parts(request: web.Request) -> tuple[dict[str, str], str, bytes | None]:
    """Fields, the file's name and its bytes (None: too many).

    :raises aiohttp.web.HTTPBadRequest: no such form.
    """
    if request.content_type != "multipart/form-data":
        raise web.HTTPBadRequest
    fields: dict[str, str] = {}
    name, data = "", b""
    too_large = False
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or len(fields) > 10:
                raise web.HTTPBadRequest
            if part.name != "table":
                fields[part.name or ""] = (await part.read_chunk(4096)).decode("utf-8", "replace")
                continue
            name = part.filename or ""
            while chunk := await part.read_chunk(256 * 1024):
                too_large = too_large or len(data) + len(chunk) > MOST_BYTES
                data = b"" if too_large else data + chunk
    except ValueError as error:
        raise web.HTTPBadRequest from error
    return fields, name, None if too_large else data


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [
        web.get("/studio/intents/-/export", _export),
        web.get("/studio/intents/-/import", _show),
        web.post("/studio/intents/-/import", _take),
    ]
