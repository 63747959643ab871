"""The counters' status of today: entered by staff in two taps, told by the bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from bot.domain.catalogue import Locus
from bot.domain.counter_status import COUNTER, Item, Said, standing
from bot.domain.staff import Right
from bot.errors import InvalidMessage, NotFound
from bot.usecases.counters import office_day, office_items, say_today
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, page, see, sentences
from bot.web.staff.rights import needs

HISTORY = timedelta(days=6)
"""Besides today."""


@dataclass(frozen=True)
class Shown:
    """One item as a card. ``values``: (value, its name, whether it is so now)."""

    id: str
    name: str
    values: Sequence[tuple[str, str, bool]]
    since: str


@needs(Right.ANSWER)
async def show(request: web.Request) -> web.Response:
    """How it is today, and what was said in the last days."""
    desk, account, say = desk_of(request), request[ACCOUNT], sentences(request)
    locus = desk.deps.catalogue().loci.get(account.locus)
    if locus is None:
        return page(request, "counters.html", cards=[], past=[], done="")
    offered = office_items(desk.deps, locus)
    today = office_day(locus, desk.deps.now())
    async with desk.deps.store.begin() as tx:
        said = await tx.counter_status(locus.code, today - HISTORY, today)
    names = await desk.accounts.names(account.locus)
    known = standing(one for day, one in said if day == today)
    cards = [_card(request, locus, item, known.get(item.id), names) for item in offered]
    by_id = {item.id: item for item in offered}
    past = [
        (
            local_time(request, one.at),
            _name(request, locus, one.item),
            _value(request, one.item, one.value),
            names.get(one.by, one.by),
        )
        for _, one in reversed(said)
        if one.item in by_id
    ]
    done = say("counters_saved") if request.query.get("done") else ""
    return page(request, "counters.html", cards=cards, past=past, done=done)


def _card(request: web.Request, locus: Locus, item: Item, said: Said | None, names: Mapping[str, str]) -> Shown:
    say, now = sentences(request), said.value if said is not None else ""
    values = [(value, _value(request, item.id, value), value == now) for value in item.values]
    since = say("counters_unknown")
    if said is not None:
        since = say("counters_since", time=local_time(request, said.at), name=names.get(said.by, said.by))
    return Shown(item.id, _name(request, locus, item.id), values, since)


def _name(request: web.Request, locus: Locus, item: str) -> str:
    kind, _, team_id = item.partition(":")
    if kind != COUNTER:
        return sentences(request)(f"counters_item_{kind}")
    called = next((team.called(language(request)) for team in locus.teams if team.id == team_id), team_id)
    return sentences(request)("counters_item_counter", team=called)


def _value(request: web.Request, item: str, value: str) -> str:
    return sentences(request)(f"counters_{item.partition(':')[0]}_{value}")


@needs(Right.ANSWER)
async def say_so(request: web.Request) -> web.Response:
    """One tap on what is true now."""
    account, form = request[ACCOUNT], await request.post()
    item, value = str(form.get("item", "")), str(form.get("value", ""))
    try:
        await say_today(desk_of(request).deps, account.locus, item, value, account.username)
    except (InvalidMessage, NotFound) as error:
        raise web.HTTPBadRequest from error
    return see("/staff/counters?done=1")


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [web.get("/counters", show), web.post("/counters", say_so)]
