"""The studio's pages of conversations: search, replay, mark, save as test."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web

from bot.domain.staff import Right
from bot.domain.talk_test import LANGUAGES, MOST_TURNS, Expected, TalkTest, check, check_slug, parse, slug_of, write
from bot.errors import ContentError, NotFound
from bot.usecases.masking import mask_more
from bot.usecases.store_studio import Period, TalkFilter
from bot.usecases.studio import Clash
from bot.usecases.studio_talks import TalkLine, replay, search
from bot.web.staff.desk import ACCOUNT, desk_of, local_time, see, sentences
from bot.web.staff.files import id_of
from bot.web.staff.rights import needs
from bot.web.staff.studio import clash_page, editor_of, studio_of, studio_page
from bot.web.staff.studio_inbox import inbox_of
from bot.web.staff.studio_names import intent_name, named_intents, named_services, percent

CHANNELS = ("web", "whatsapp", "telegram")
MARKS = (1, 2, 3, 4, 5)
_HOME = "/staff/studio/talks"
_DONE = ("talk_test_saved", "talk_test_deleted")
_LONGEST = 80
_MONTH = timedelta(days=30)


def _wanted(request: web.Request) -> tuple[Period, TalkFilter, dict[str, str]]:
    """What the form asks for; nonsense in it is left out."""
    query = {name: value.strip()[:_LONGEST] for name, value in request.query.items()}
    locus = request[ACCOUNT].locus
    zone, now = desk_of(request).zone(locus), desk_of(request).deps.now()
    today = now.astimezone(zone).date()
    until = _day(query.get("until", "")) or today
    since = _day(query.get("since", "")) or until - _MONTH
    below, rating = _number(query.get("below", ""), 100), _number(query.get("rating", ""), MARKS[-1])
    channel = query.get("channel", "")
    wanted = TalkFilter(
        intent=query.get("intent", ""),
        below=below / 100 if below else None,
        service=query.get("service", ""),
        fallback=query.get("fallback") == "1",
        channel=channel if channel in CHANNELS else "",
        handoff=query.get("handoff") == "1",
        rating=rating,
    )
    period = Period(
        locus, datetime.combine(since, time(), zone), datetime.combine(until + timedelta(days=1), time(), zone)
    )
    typed = {name: query.get(name, "") for name in ("words", "intent", "service", "fallback", "handoff")}
    typed |= {"since": since.isoformat(), "until": until.isoformat(), "channel": wanted.channel}
    typed |= {"below": str(below or ""), "rating": str(rating or "")}
    return period, wanted, typed


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _number(typed: str, most: int) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 and 0 < int(typed) <= most else None


def _after(raw: str) -> tuple[datetime, UUID] | None:
    """The last conversation of the page before."""
    at, _, id_ = raw.partition("~")
    try:
        found = datetime.fromisoformat(at), UUID(id_)
    except ValueError:
        return None
    return found if found[0].tzinfo is not None else None


@needs(Right.EDIT)
async def show(request: web.Request) -> web.Response:
    """Conversations that fit, the last first."""
    period, wanted, typed = _wanted(request)
    store = desk_of(request).deps.store
    rows, more = await search(store, period, wanted, typed["words"], _after(request.query.get("after", "")))
    older = ""
    if more:
        older = urlencode({**_given(typed), "after": f"{rows[-1].last_at.isoformat()}~{rows[-1].id}"})
    return studio_page(
        request,
        "studio_talks.html",
        rows=[{"one": row, "at": local_time(request, row.last_at), "lowest": percent(row.lowest)} for row in rows],
        typed=typed,
        older=older,
        channels=CHANNELS,
        marks=MARKS,
        intents=named_intents(request, await inbox_of(request).intents(await studio_of(request).draft())),
        services=named_services(request),
    )


def _given(typed: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in typed.items() if value}


@needs(Right.EDIT)
async def talk(request: web.Request) -> web.Response:
    """One conversation, masked; that it was opened is on record."""
    deps, account = desk_of(request).deps, request[ACCOUNT]
    found = await replay(deps.store, id_of(request), account.locus, account.username, deps.now())
    lines = [_line(request, one) for one in found.lines]
    return studio_page(request, "studio_talk.html", talk=found, lines=lines, free=any(one["turned"] for one in lines))


def _line(request: web.Request, line: TalkLine) -> dict[str, Any]:
    told = line.turned.heard.told if line.turned is not None else None
    return {
        "one": line,
        "at": local_time(request, line.at),
        "turned": line.turned,
        "intent": intent_name(request, told.intent) if told is not None else "",
        "percent": percent(told.confidence) if told is not None else "",
    }


@needs(Right.EDIT)
async def mark(request: web.Request) -> web.Response:
    """A turn was understood wrongly, or was not after all."""
    form, account, deps = await request.post(), request[ACCOUNT], desk_of(request).deps
    raw, talk_id = str(form.get("turn", "")), id_of(request)
    if not (raw.isascii() and raw.isdigit() and len(raw) < 19):
        raise web.HTTPBadRequest
    wrong = form.get("wrong") == "1"
    async with deps.store.begin() as tx:
        if not await tx.mark_understood(int(raw), account.locus, account.username if wrong else None):
            raise NotFound("message")
        await tx.audit(account.username, "talk.marked", str(talk_id), {"turn": int(raw), "wrong": wrong}, deps.now())
    return see(f"{_HOME}/{talk_id}#m{raw}")


# -- test conversations -------------------------------------------------------------------------------------------------


@needs(Right.EDIT)
async def tests(request: web.Request) -> web.Response:
    """All of the draft."""
    studio, say = studio_of(request), sentences(request)
    rows: list[tuple[str, str, str]] = []
    for path, text in (await studio.texts(await studio.draft(), "percakapan")).items():
        slug = path.removeprefix("percakapan/").removesuffix(".yml")
        try:
            test = parse(text, path)
            rows.append((slug, test.name, say("talk_test_turns", count=len(test.turns))))
        except ContentError as error:
            rows.append((slug, path, say("talk_test_broken", why=str(error))))
    done = request.query.get("done", "")
    return studio_page(request, "studio_talk_tests.html", rows=rows, done=say(done) if done in _DONE else "")


@needs(Right.EDIT)
async def new_test(request: web.Request) -> web.Response:
    """A conversation as it could become a test; nothing is saved yet."""
    deps, account = desk_of(request).deps, request[ACCOUNT]
    found = await replay(deps.store, id_of(request), account.locus, account.username, deps.now())
    turns = tuple(
        Expected(line.text, line.turned.heard.told.intent, line.turned.heard.told.service or "")
        for line in found.lines
        if line.turned is not None
    )[:MOST_TURNS]
    return await _form(request, TalkTest("", turns, found.language), "")


@needs(Right.EDIT)
async def edit_test(request: web.Request) -> web.Response:
    """One test, to be changed."""
    studio, slug = studio_of(request), request.match_info["slug"]
    path = f"percakapan/{slug}.yml"
    text = await studio.text(await studio.draft(), path)
    try:
        found = parse(text, path)
    except ContentError as error:
        return await _form(
            request, TalkTest(slug, ()), slug, problem=sentences(request)("talk_test_broken", why=str(error))
        )
    return await _form(request, found, slug)


async def _form(request: web.Request, test: TalkTest, slug: str, status: int = 200, problem: str = "") -> web.Response:
    draft = await studio_of(request).draft()
    return studio_page(
        request,
        "studio_talk_test.html",
        status,
        test=test,
        turns=[*test.turns, *([Expected("")] if len(test.turns) < MOST_TURNS else [])],
        slug=slug,
        seen=draft.files.get(f"percakapan/{slug}.yml", ""),
        languages_=LANGUAGES,
        intents=named_intents(request, await inbox_of(request).intents(draft)),
        services=named_services(request),
        problem=problem,
    )


@needs(Right.EDIT)
async def save_test(request: web.Request) -> web.Response:
    """Into the draft."""
    form, studio = await request.post(), studio_of(request)
    values = {name: str(value) for name, value in form.items()}
    turns = tuple(
        Expected(
            mask_more(said),
            values.get(f"intent-{n}", ""),
            values.get(f"service-{n}", ""),
            values.get(f"answer-{n}", "").strip(),
        )
        for n in range(1, MOST_TURNS + 1)
        if (said := values.get(f"said-{n}", "")).strip()
    )
    name, slug = mask_more(values.get("name", "")), values.get("slug", "")
    wanted = TalkTest(name, turns, values.get("language", "id"))
    draft = await studio.draft()
    try:
        check_slug(slug) if slug else None
        path = f"percakapan/{slug or _free(slug_of(check(wanted).name), draft.files)}.yml"
        text = write(wanted)
    except ContentError:
        return await _form(request, wanted, slug, 400, sentences(request)("talk_test_bad"))
    seen = values.get("seen", "")
    if slug and draft.files.get(path, "") != seen:
        theirs = (await studio.text(draft, path)).encode() if path in draft.files else None
        return clash_page(request, Clash(draft.revision, {path: theirs}), {path: text})
    try:
        await studio.save(editor_of(request), draft, {path: text}, f"Percakapan uji: {check(wanted).name}")
    except Clash as clash:
        return clash_page(request, clash, {path: text})
    return see(f"{_HOME}/tests?done=talk_test_saved")


def _free(slug: str, files: Any) -> str:
    """A name that no file has."""
    n, name = 1, slug
    while f"percakapan/{name}.yml" in files:
        n += 1
        name = f"{slug}-{n}"
    return name


@needs(Right.EDIT)
async def delete_test(request: web.Request) -> web.Response:
    """Out of the draft."""
    studio = studio_of(request)
    path = f"percakapan/{request.match_info['slug']}.yml"
    draft = await studio.draft()
    if path not in draft.files:
        raise NotFound(path)
    await studio.save(editor_of(request), draft, {path: None}, f"Percakapan uji dihapus: {request.match_info['slug']}")
    return see(f"{_HOME}/tests?done=talk_test_deleted")


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    slug = r"{slug:[a-z0-9][a-z0-9-]*}"
    return [
        web.get("/studio/talks", show),
        web.get("/studio/talks/tests", tests),
        web.post("/studio/talks/tests", save_test),
        web.get(f"/studio/talks/tests/{slug}", edit_test),
        web.post(f"/studio/talks/tests/{slug}/delete", delete_test),
        web.get("/studio/talks/{id}", talk),
        web.post("/studio/talks/{id}/mark", mark),
        web.get("/studio/talks/{id}/test", new_test),
    ]
