"""The studio's inbox of misunderstood messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.dialogue.nlu.normalise import words
from bot.domain.staff import Right
from bot.domain.understood import RANKED
from bot.errors import ContentError
from bot.usecases.store_studio import Period
from bot.usecases.studio import Clash
from bot.usecases.studio_inbox import ELSEWHERE, MOST, Cluster, StudioInbox
from bot.web.staff.desk import ACCOUNT, desk_of, local_time, see, sentences
from bot.web.staff.rights import needs
from bot.web.staff.studio import clash_page, editor_of, studio_of, studio_page
from bot.web.staff.studio_names import intent_name, named_intents, named_services, percent, service_name

DAYS = (7, 30, 90)
BELOW = (0.35, 0.5, 0.6, 0.75)
SHOWN = 40
"""Clusters on the page."""
WORDINGS = 12
"""Texts of a cluster that can be worked on at once."""
_DONE = ("assigned", "dismissed", "reopened", "undone", "released", "withdrawn")
_HOME = "/staff/studio/inbox"


def inbox_of(request: web.Request) -> StudioInbox:
    """The inbox of this installation."""
    deps = desk_of(request).deps
    return StudioInbox(deps.store, studio_of(request), deps.now, words)


def _choice(request: web.Request) -> tuple[Period, float, dict[str, str]]:
    """Time and confidence that are asked for; nonsense becomes the usual."""
    days = next((one for one in DAYS if request.query.get("days") == str(one)), 30)
    below = next((one for one in BELOW if request.query.get("below") == str(one)), 0.6)
    until = desk_of(request).deps.now() + timedelta(seconds=1)
    typed = {"days": str(days), "below": str(below)}
    return Period(request[ACCOUNT].locus, until - timedelta(days=days), until), below, typed


def _page(request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
    done = request.query.get("done", "")
    notice = sentences(request)(f"inbox_done_{done}") if done in _DONE and status == 200 else ""
    commit = request.query.get("commit", "")
    return studio_page(request, template, status, notice=notice, commit=commit if done == "assigned" else "", **values)


def _row(request: web.Request, cluster: Cluster) -> dict[str, Any]:
    intent, chance = cluster.suggestion
    return {
        "one": cluster,
        "ids": ",".join(map(str, cluster.ids)),
        "guess": intent_name(request, intent),
        "percent": percent(chance),
        "service": service_name(request, cluster.service),
    }


@needs(Right.EDIT)
async def show(request: web.Request, status: int = 200, problem: str = "") -> web.Response:
    """The clusters of a time, the dearest first."""
    period, below, typed = _choice(request)
    inbox = inbox_of(request)
    found = await inbox.look(period, below)
    return _page(
        request,
        "studio_inbox.html",
        status,
        rows=[_row(request, one) for one in found.clusters[:SHOWN]],
        groups=len(found.clusters),
        messages=found.messages,
        more=max(0, len(found.clusters) - SHOWN),
        full=found.full,
        most=MOST,
        typed=typed,
        query=urlencode(typed),
        days=DAYS,
        belows=[(str(one), percent(one)) for one in BELOW],
        corrections=len(await inbox.corrections()),
        problem=problem,
    )


@needs(Right.EDIT)
async def bulk(request: web.Request) -> web.Response:
    """Several clusters at once."""
    form, account, inbox = await request.post(), request[ACCOUNT], inbox_of(request)
    groups = [_ids(str(one)) for one in form.getall("group", [])]
    chosen = await inbox.chosen(account.locus, groups)
    problem = sentences(request)("inbox_nothing_chosen")
    if not chosen:
        return await show(request, 400, problem)
    ids = [id_ for one in chosen for id_ in one.ids]
    who, do = editor_of(request), str(form.get("do", ""))
    try:
        if do == "dismiss":
            await inbox.dismiss(who, account.locus, ids)
            return _seen(request, "dismissed")
        if do == "elsewhere":
            texts = [wording.text for one in chosen for wording in one.wordings]
            return _seen(request, "assigned", await inbox.assign(who, account.locus, ids, texts, ELSEWHERE))
        if do != "accept":
            raise web.HTTPBadRequest
        return _seen(request, "assigned", await inbox.accept(who, account.locus, chosen))
    except ContentError:
        return await show(request, 400, problem)


@needs(Right.EDIT)
async def group(request: web.Request, status: int = 200, problem: str = "") -> web.Response:
    """One cluster, to be worked on."""
    period, below, typed = _choice(request)
    inbox = inbox_of(request)
    raw = request.match_info["member"]
    found = await inbox.group(period, below, int(raw)) if raw.isascii() and len(raw) < 19 else None
    if found is None:
        return _page(request, "studio_inbox_gone.html", 404, query=urlencode(typed))
    first = found.turns[0].heard.told
    ranking = first.ranking or ((first.intent, first.confidence),)
    return _page(
        request,
        "studio_inbox_group.html",
        status,
        row=_row(request, found),
        wordings=found.wordings[:WORDINGS],
        more=max(0, len(found.wordings) - WORDINGS),
        ranking=[(intent_name(request, name), percent(chance)) for name, chance in ranking[:RANKED] if name],
        became=first.became.value,
        intents=named_intents(request, await inbox.intents(await studio_of(request).draft())),
        services=named_services(request),
        new=urlencode({"text": found.text}),
        query=urlencode(typed),
        problem=problem,
    )


@needs(Right.EDIT)
async def settle(request: web.Request) -> web.Response:
    """What an editor makes of one cluster."""
    form, account, inbox = await request.post(), request[ACCOUNT], inbox_of(request)
    who, do, ids = editor_of(request), str(form.get("do", "")), _ids(str(form.get("ids", "")))
    if do == "dismiss":
        await inbox.dismiss(who, account.locus, ids)
        return _seen(request, "dismissed")
    if do not in ("assign", "elsewhere"):
        raise web.HTTPBadRequest
    texts = [str(form.get(f"text-{n}", "")) for n in map(str, form.getall("take", []))]
    intent = ELSEWHERE if do == "elsewhere" else str(form.get("intent", ""))
    service = "" if do == "elsewhere" else str(form.get("service", ""))
    if service and service not in dict(named_services(request)):
        raise web.HTTPBadRequest
    try:
        return _seen(request, "assigned", await inbox.assign(who, account.locus, ids, texts, intent, service))
    except ContentError:
        return await group(request, 400, sentences(request)("inbox_wrong_intent"))


@needs(Right.EDIT)
async def undo(request: web.Request) -> web.Response:
    """Take the last correction back."""
    commit = str((await request.post()).get("commit", ""))
    try:
        await inbox_of(request).undo(editor_of(request), request[ACCOUNT].locus, commit)
    except Clash as clash:
        return clash_page(request, clash, {})
    return _seen(request, "undone")


@needs(Right.EDIT)
async def settled(request: web.Request) -> web.Response:
    """What was done lately."""
    period, _, typed = _choice(request)
    rows = [
        {
            "id": one.heard.inbox_id,
            "text": text,
            "settled": one.settled,
            "at": local_time(request, one.heard.at),
            "talk": one.heard.conversation_id,
        }
        for one, text in await inbox_of(request).lately(period)
    ]
    return _page(request, "studio_inbox_settled.html", rows=rows, query=urlencode(typed))


@needs(Right.EDIT)
async def reopen(request: web.Request) -> web.Response:
    """Back on the list."""
    ids = _ids(str((await request.post()).get("id", "")))
    await inbox_of(request).reopen(editor_of(request), request[ACCOUNT].locus, ids)
    return see(f"{_HOME}/settled?done=reopened")


@needs(Right.EDIT)
async def corrections(request: web.Request, status: int = 200, problem: str = "") -> web.Response:
    """What measures and is not released yet."""
    rows = [
        (one.text, intent_name(request, one.intent), service_name(request, one.service))
        for one in await inbox_of(request).corrections()
    ]
    return _page(request, "studio_inbox_corrections.html", status, rows=rows, problem=problem)


@needs(Right.EDIT)
async def correct(request: web.Request) -> web.Response:
    """Release corrections, or delete them."""
    form, inbox, who = await request.post(), inbox_of(request), editor_of(request)
    texts = [str(one) for one in form.getall("text", [])]
    verbs: Mapping[str, str] = {"release": "released", "withdraw": "withdrawn"}
    do = str(form.get("do", ""))
    if do not in verbs:
        raise web.HTTPBadRequest
    try:
        await (inbox.release(who, texts) if do == "release" else inbox.withdraw(who, texts))
    except ContentError:
        return await corrections(request, 400, sentences(request)("inbox_corrections_gone"))
    return see(f"{_HOME}/corrections?done={verbs[do]}")


def _seen(request: web.Request, done: str, commit: str = "") -> web.Response:
    _, _, typed = _choice(request)
    return see(f"{_HOME}?{urlencode({**typed, 'done': done, **({'commit': commit} if commit else {})})}")


def _ids(raw: str) -> list[int]:
    return [int(one) for one in raw.split(",") if one.isascii() and one.isdigit() and len(one) < 19][:MOST]


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [
        web.get("/studio/inbox", show),
        web.post("/studio/inbox", bulk),
        web.post("/studio/inbox/undo", undo),
        web.get("/studio/inbox/settled", settled),
        web.post("/studio/inbox/settled", reopen),
        web.get("/studio/inbox/corrections", corrections),
        web.post("/studio/inbox/corrections", correct),
        web.get(r"/studio/inbox/{member:\d+}", group),
        web.post(r"/studio/inbox/{member:\d+}", settle),
    ]
