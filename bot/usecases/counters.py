"""The counters' status of today: said by staff, told by the bot where somebody asks about it, forgotten tomorrow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.domain.catalogue import Locus
from bot.domain.counter_status import COUNTER, Item, Said, items, standing, telling
from bot.domain.messages import Reply
from bot.domain.texts import word
from bot.errors import InvalidMessage, NotFound
from bot.usecases.deps import LICENCE, Deps
from bot.usecases.turn import Effect, Turn


def office_items(deps: Deps, locus: Locus) -> list[Item]:
    """What staff can say of an office."""
    return items(locus.services, {team.id: _served(deps, locus, team.id) for team in locus.teams})


def _served(deps: Deps, locus: Locus, team_id: str) -> frozenset[str]:
    """Slugs that the counter of a team serves; the counter knows all licences as one."""
    team = next(team for team in locus.teams if team.id == team_id)
    services = (deps.service(slug) for slug in locus.services)
    mine = {
        one.slug for one in services if one is not None and (one.slug in team.services or one.agency in team.agencies)
    }
    return frozenset(mine | ({LICENCE} if any(slug.startswith(f"{LICENCE}-") for slug in mine) else set()))


def office_day(locus: Locus, now: datetime) -> date:
    """Today, where the office stands."""
    return now.astimezone(ZoneInfo(locus.time_zone)).date()


async def say_today(deps: Deps, locus_code: str, item_id: str, value: str, by: str) -> None:
    """One word of staff about today.

    :raises NotFound: the office has no such item. :raises InvalidMessage: nothing that can be said of it.
    """
    locus = deps.catalogue().loci.get(locus_code)
    item = next((one for one in office_items(deps, locus) if one.id == item_id), None) if locus is not None else None
    if locus is None or item is None:
        raise NotFound("counter item")
    if value not in item.values:
        raise InvalidMessage("error.bad_request")
    now = deps.now()
    async with deps.store.begin() as tx:
        await tx.put_counter_status(locus.code, office_day(locus, now), Said(item.id, value, by, now))
        await tx.audit(by, "counter.said", locus.code, {"item": item.id, "value": value}, now)


async def told_today(turn: Turn, service: str | None, *, coming: bool = False) -> str:
    """What somebody who asks about a service (None: the office) has to know of today; empty: nothing special."""
    deps, reader = turn.deps, turn.conversation
    locus = deps.locus(reader)
    today = deps.today(reader)
    said = await turn.tx.counter_status(locus.code, today, today)
    if not said:
        return ""
    known = standing(one for _, one in said)
    found = telling(office_items(deps, locus), known, service, coming=coming)
    if not found:
        return ""
    facts = ", ".join(_fact(turn, locus, item, value) for item, value in found)
    at = max(known[item.id].at for item, _ in found).astimezone(deps.zone(reader))
    return deps.say("counters.today", reader, facts=facts, time=f"{at:%H.%M}")


def _fact(turn: Turn, locus: Locus, item: Item, value: str) -> str:
    if item.kind != COUNTER:
        return turn.deps.say(f"counters.{item.id}.{value}", turn.conversation)
    team = next(team for team in locus.teams if item.id == f"{COUNTER}:{team.id}")
    return turn.deps.say(
        f"counters.{COUNTER}.{value}", turn.conversation, team=word(team.name, turn.conversation.language)
    )


async def with_today(turn: Turn, effect: Effect, service: str | None, *, coming: bool = False) -> Effect:
    """The same, its last message ending with what is special today."""
    line = await told_today(turn, service, coming=coming)
    if line and effect.replies:
        last: Reply = effect.replies[-1]
        effect.replies[-1] = replace(last, text=f"{last.text}\n\n{line}")
    return effect
