"""The addresses of the console."""

from __future__ import annotations

from aiohttp import web

from bot.web.staff import (
    board,
    console_canned,
    console_files,
    console_form,
    console_stream,
    console_verbs,
    files,
    links,
    tickets,
)


def routes() -> list[web.RouteDef]:
    """All of them; every one is an agent's page unless it says otherwise."""
    return [
        web.get("", board.queue),
        web.get("/", board.queue),
        web.get("/console/events", console_stream.events),
        web.post("/console/alive", console_verbs.alive),
        web.post("/console/next", tickets.claim_next),
        web.get("/tickets/{id}", tickets.show),
        web.get("/tickets/{id}/earlier", tickets.earlier),
        web.get("/tickets/{id}/form", console_form.show),
        web.get("/tickets/{id}/canned", console_canned.pick),
        web.post("/tickets/{id}/claim", tickets.claim),
        web.post("/tickets/{id}/reply", tickets.reply),
        web.post("/tickets/{id}/close", tickets.close),
        web.post("/tickets/{id}/files", console_files.upload),
        web.post("/tickets/{id}/release", console_verbs.release),
        web.post("/tickets/{id}/transfer", console_verbs.transfer),
        web.post("/tickets/{id}/take-over", console_verbs.take_over),
        web.post("/tickets/{id}/snooze", console_verbs.snooze),
        web.post("/tickets/{id}/wake", console_verbs.wake),
        web.post("/tickets/{id}/note", console_verbs.note),
        web.post("/tickets/{id}/label", console_verbs.label),
        web.post("/tickets/{id}/retry", console_verbs.retry),
        web.post("/tickets/{id}/reveal", console_verbs.reveal),
        web.post("/tickets/{id}/fill", console_form.fill),
        web.post("/tickets/{id}/confirm", console_form.confirm),
        web.post("/tickets/{id}/unlink", links.unlink),
        web.get("/files/{id}", files.download),
        web.get("/canned", console_canned.show),
        web.post("/canned", console_canned.save),
        web.post("/canned/{id}", console_canned.change),
        web.post("/canned/{id}/delete", console_canned.drop),
    ]
