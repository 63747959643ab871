"""The studio's pages of publishing: what stops the draft, approval, publication, history with its changes, going back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from bot.domain.line_diff import FileDiff, diff
from bot.domain.release_gate import FILE, Approval, GateRules, read_rules, written
from bot.domain.staff import Right
from bot.errors import Conflict, ContentError, NotFound
from bot.ports_content import FileChange
from bot.usecases.store_content import Release
from bot.usecases.studio import Clash
from bot.usecases.studio_release import Standing, Stopped
from bot.web.staff import strings
from bot.web.staff.desk import ACCOUNT, desk_of, local_time, see, sentences
from bot.web.staff.rights import needs
from bot.web.staff.studio import clash_page, editor_of, studio_of, studio_page
from bot.web.staff.studio_train import faults_in_words, releasing_of, stop_sentence

HOME = "/staff/studio/releases"
_RELEASES = 40
_MOST_REASON = 300
_MOST_FILES = 60


@needs(Right.EDIT)
async def _overview(request: web.Request) -> web.Response:
    return await _shown(request)


async def _shown(request: web.Request, status: int = 200, sorry: str = "") -> web.Response:
    standing = await releasing_of(request).standing()
    account = request[ACCOUNT]
    async with desk_of(request).deps.store.begin() as tx:
        releases = await tx.releases(_RELEASES)
    done = request.query.get("done", "")
    return studio_page(
        request,
        "studio_releases.html",
        status,
        standing=standing,
        stops=[(stop.kind, stop.values, stop_sentence(request, stop.kind, stop.values)) for stop in standing.stops],
        faults=faults_in_words(request, standing.faults),
        publisher=account.can(Right.PUBLISH),
        may_approve=account.can(Right.PUBLISH) and standing.may_approve(account.username),
        step=_step(standing),
        releases=[(one, local_time(request, one.at)) for one in releases],
        approvals=list(Approval),
        sorry=sorry,
        done=done if strings.known(f"release_done_{done}") else "",
    )


def _step(standing: Standing) -> str:
    """What comes next for this draft."""
    if not standing.changed:
        return "nothing"
    if standing.stops:
        return "stopped"
    if standing.approved:
        return "publish"
    case = standing.approval
    return "decide" if case is not None and not case.verdict else "propose"


# -- acts -----------------------------------------------------------------------------------------------------------------


async def _acted(request: web.Request, done: str, act: Callable[[], Awaitable[object]]) -> web.Response:
    """Do it, and say how it went; what did not go says why and changes nothing."""
    say = sentences(request)
    try:
        await act()
    except Stopped as error:
        first = error.stops[0]
        return await _shown(request, 409, stop_sentence(request, first.kind, first.values))
    except Conflict as error:
        return await _shown(request, 409, say(f"release_{error.params.get('kind', 'moved')}"))
    except NotFound:
        return await _shown(request, 409, say("release_moved"))
    except ContentError as error:
        return await _shown(request, 422, say(f"release_not_{error.params.get('kind', 'model')}"))
    return see(f"{HOME}?done={done}")


async def _form(request: web.Request) -> dict[str, str]:
    form = await request.post()
    return {name: str(value).strip() for name, value in form.items() if isinstance(value, str)}


async def _with_reason(
    request: web.Request, done: str, act: Callable[[dict[str, str], str], Awaitable[object]]
) -> web.Response:
    """``act(form, reason)``, with why in a line; without a reason, the page that asks for it."""
    form = await _form(request)
    reason = " ".join(form.get("reason", "").split())[:_MOST_REASON]
    if not reason:
        return await _shown(request, 422, sentences(request)("release_reason_missing"))
    return await _acted(request, done, lambda: act(form, reason))


@needs(Right.EDIT)
async def _propose(request: web.Request) -> web.Response:
    releasing, who = releasing_of(request), editor_of(request)
    return await _with_reason(
        request, "proposed", lambda form, why: releasing.propose(who, form.get("revision", ""), why)
    )


@needs(Right.PUBLISH)
async def _decide(request: web.Request) -> web.Response:
    form = await _form(request)
    verdict = "approved" if form.get("verdict") == "approved" else "declined"
    number = int(form["approval"]) if form.get("approval", "").isdecimal() else 0
    note = " ".join(form.get("note", "").split())[:_MOST_REASON]
    who = editor_of(request)
    return await _acted(request, verdict, lambda: releasing_of(request).decide(who, number, verdict, note))


@needs(Right.PUBLISH)
async def _publish(request: web.Request) -> web.Response:
    releasing, who = releasing_of(request), editor_of(request)
    return await _with_reason(
        request, "published", lambda form, why: releasing.publish(who, form.get("revision", ""), why)
    )


@needs(Right.PUBLISH)
async def _take_back(request: web.Request) -> web.Response:
    releasing, who, release = releasing_of(request), editor_of(request), int(request.match_info["release"])
    return await _with_reason(request, "back", lambda _, why: releasing.take_back(who, release, why))


@needs(Right.EDIT)
async def _rules(request: web.Request) -> web.Response:
    """The rules of the gate, into the draft like everything else."""
    form = await _form(request)
    studio, say = studio_of(request), sentences(request)
    try:
        rules = _rules_of(form)
    except (ContentError, ValueError):
        return await _shown(request, 422, say("rules_wrong"))
    draft = await studio.draft()
    text = written(rules)
    try:
        await studio.save(editor_of(request), draft, {FILE: text}, "Aturan terbit")
    except Clash as clash:
        return clash_page(request, clash, {FILE: text})
    return see(f"{HOME}?done=rules")


def _rules_of(form: dict[str, str]) -> GateRules:
    """:raises ContentError: a value that does not fit."""
    hour = form.get("train_at", "")
    rules = GateRules(
        float(form.get("max_loss", "").replace(",", ".")),
        int(form.get("min_support", "1")),
        Approval(form.get("approval", "")),
        int(hour) if hour else None,
    )
    return read_rules(written(rules))


# -- differences ----------------------------------------------------------------------------------------------------------


@needs(Right.EDIT)
async def _release(request: web.Request) -> web.Response:
    """One release: who, why, and what it changed against the one before it."""
    number = int(request.match_info["release"])
    async with desk_of(request).deps.store.begin() as tx:
        releases = await tx.releases(500)
    place = next((at for at, one in enumerate(releases) if one.id == number), None)
    if place is None:
        raise web.HTTPNotFound
    release: Release = releases[place]
    before = releases[place + 1] if place + 1 < len(releases) else None
    changes = await releasing_of(request).changes_of(release, before)
    return _differences(request, changes, release=release, at=local_time(request, release.at), first=before is None)


@needs(Right.EDIT)
async def _draft(request: web.Request) -> web.Response:
    """What the draft has beyond what is live."""
    return _differences(request, await studio_of(request).pending(), release=None, at="", first=False)


def _differences(request: web.Request, changes: Sequence[FileChange], **values: Any) -> web.Response:
    files: list[FileDiff] = [diff(one.path, one.before, one.after) for one in changes[:_MOST_FILES]]
    return studio_page(request, "studio_release.html", files=files, more=len(changes) - len(files), **values)


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [
        web.get("/studio/releases", _overview),
        web.get("/studio/releases/draft", _draft),
        web.post("/studio/releases/propose", _propose),
        web.post("/studio/releases/decide", _decide),
        web.post("/studio/releases/publish", _publish),
        web.post("/studio/releases/rules", _rules),
        web.get(r"/studio/releases/{release:\d{1,9}}", _release),
        web.post(r"/studio/releases/{release:\d{1,9}}/back", _take_back),
    ]
