"""What one says of oneself: ready, busy, away and why; what one knows; how many conversations at a time."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from bot.domain.presence import DEFAULT_CAPACITY, MOST_CAPACITY, REASONS, Here, Presence
from bot.web.staff.auth import own_path
from bot.web.staff.desk import ACCOUNT, desk_of, language, page, see

LANGUAGES = ("id", "jv", "en")


async def show(request: web.Request) -> web.Response:
    """The form."""
    desk, account = desk_of(request), request[ACCOUNT]
    deps, tongue = desk.deps, language(request)
    async with deps.store.begin() as tx:
        known = await tx.presence_of(account.username, account.locus)
    mine = known or _fresh(request)
    office = deps.catalogue().loci.get(account.locus)
    slugs = [*(office.services if office else ()), *getattr(deps.catalogue(), "forms", {})]
    skills = sorted(((slug, _name(request, slug, tongue)) for slug in slugs), key=lambda pair: pair[1])
    skills = [(one.id, one.called(tongue)) for one in (office.teams if office else ())] + skills
    return page(
        request,
        "presence.html",
        mine=mine,
        state=mine.now(deps.now()),
        states=list(Here),
        reasons=REASONS,
        skills=skills,
        tongues=LANGUAGES,
        spoken=mine.languages or ("id",),
        most=MOST_CAPACITY,
    )


def _name(request: web.Request, slug: str, tongue: str) -> str:
    found = desk_of(request).deps.catalogue().service(slug)
    return slug if found is None else found.name.get(tongue, found.name["id"])


def _fresh(request: web.Request) -> Presence:
    account, now = request[ACCOUNT], desk_of(request).deps.now()
    return Presence(account.username, account.locus, Here.OFFLINE, now, now, capacity=DEFAULT_CAPACITY)


async def save(request: web.Request) -> web.Response:
    """State and reason, from any page's header; the rest too where the whole form was sent."""
    desk, account = desk_of(request), request[ACCOUNT]
    form, now = await request.post(), desk.deps.now()
    state, reason = str(form.get("state", "")), str(form.get("reason", ""))
    if state not in list(Here) or reason not in ("", *REASONS):
        raise web.HTTPBadRequest
    async with desk.deps.store.begin() as tx:
        before = await tx.presence_of(account.username, account.locus) or _fresh(request)
        told = Here(state)
        reason = reason if told in (Here.BUSY, Here.AWAY) else ""
        same = (told, reason) == (before.state, before.reason)
        mine = replace(before, state=told, reason=reason, at=before.at if same else now, seen_at=now)
        if form.get("whole") == "1":
            mine = replace(
                mine,
                skills=_known_skills(request, [str(one) for one in form.getall("skill", [])]),
                languages=tuple(one for one in LANGUAGES if one in form.getall("speaks", [])),
                capacity=_capacity(str(form.get("capacity", ""))),
            )
        await tx.put_presence(mine)
        await tx.audit(account.username, "presence.set", account.username, {"state": state, "reason": reason}, now)
    back = str(form.get("back", ""))
    return see(back if own_path(back) else "/staff/presence")


def _known_skills(request: web.Request, wanted: list[str]) -> tuple[str, ...]:
    catalogue = desk_of(request).deps.catalogue()
    office = catalogue.loci.get(request[ACCOUNT].locus)
    teams = {one.id for one in (office.teams if office else ())}
    return tuple(sorted({slug for slug in wanted if slug in teams or catalogue.service(slug) is not None}))


def _capacity(typed: str) -> int:
    """:raises aiohttp.web.HTTPBadRequest: no such number."""
    if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed[:3]) <= MOST_CAPACITY:
        raise web.HTTPBadRequest
    return int(typed)


def routes() -> list[web.RouteDef]:
    """Its pages."""
    return [web.get("/presence", show), web.post("/presence", save)]
