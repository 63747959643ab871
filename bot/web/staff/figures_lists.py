"""What stands behind a number: cases and conversations, paged; and one conversation, without what was answered in forms. Looking is
recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.domain.conversation import ThreadEntry
from bot.domain.figures import EVERYWHERE, FORMS
from bot.domain.messages import Kind, Sender
from bot.domain.staff import Right
from bot.errors import NotFound
from bot.storage.figures_lists import Cursor, Hit
from bot.storage.figures_rows import CONVERSATIONS, NOW, PARTS, TALK_FIGURES
from bot.usecases.masking import mask, mask_more
from bot.web.staff import times
from bot.web.staff.audit import audit_view
from bot.web.staff.desk import ACCOUNT, desk_of, language
from bot.web.staff.figures_sections import question
from bot.web.staff.figures_view import View
from bot.web.staff.files import id_of
from bot.web.staff.rights import needs

ViewOf = Callable[[web.Request], View]
Shown = Callable[..., web.Response]
_ASKS = frozenset({Kind.QUESTION.value, Kind.IDENTITY.value, Kind.REVIEW.value})
_LINES = 200


@dataclass(frozen=True)
class Line:
    """One row as shown."""

    at: str
    office: str
    href: str
    what: str
    classes: str
    more: str


@dataclass(frozen=True)
class Said:
    """One line of a conversation as managers see it."""

    at: str
    who: str
    text: str
    hidden: bool
    mine: bool


def routes(view_of: ViewOf, shown: Shown) -> list[web.RouteDef]:
    """The list and the conversation."""

    @needs(Right.FIGURES)
    async def rows(request: web.Request) -> web.Response:
        """The rows behind a number."""
        view, figure = view_of(request), request.query.get("figure", "")
        if figure not in PARTS:
            raise web.HTTPNotFound
        wanted = {name: request.query[name] for name in PARTS[figure] if name in request.query}
        but = FORMS if request.query.get("only") == "applications" and PARTS[figure][0] == "service" else None
        hits, more = await view.desk.figures.lists.page(
            figure, view.offices, view.period, view.now, wanted, cursor_of(request.query), but
        )
        detail: dict[str, Any] = {"period": f"{view.period.since}/{view.period.until}", "rows": len(hits), **wanted}
        await audit_view(request, figure, "figures", offices=sorted(view.offices), **detail)
        older = ""
        if more is not None:
            query = {**request.query, "before": f"{more[0].isoformat()}~{more[1]}"}
            older = f"/staff/figures/list?{urlencode(query)}"
        return shown(
            request,
            "figures_list.html",
            view,
            name=view.called(figure),
            means=view.means(figure),
            classes=described(view, figure, wanted),
            lines=[_line(view, figure, hit) for hit in hits],
            older=older,
            first="before" not in request.query,
            now=figure in NOW,
            talks=figure in CONVERSATIONS,
            several=len(view.offices) > 1,
        )

    @needs(Right.FIGURES)
    async def talk(request: web.Request) -> web.Response:
        """One conversation."""
        desk, account = desk_of(request), request[ACCOUNT]
        async with desk.deps.store.begin() as tx:
            conversation = await tx.conversation(id_of(request))
            if account.locus not in (EVERYWHERE, conversation.locus):
                raise NotFound("conversation")
            last = await tx.last_seq(conversation.id)
            entries = await tx.thread(conversation.id, after=max(0, last - _LINES))
            known: list[str] = []
            if conversation.citizen_id is not None:
                known = [(await tx.citizen(conversation.citizen_id)).name]
            await audit_view(request, str(conversation.id), "thread", tx, office=conversation.locus)
        view = view_of(request)
        zone = desk.zone(conversation.locus)
        channel = desk.deps.channel_name(conversation.account, language(request))
        said = lines_of(entries, known, view, zone)
        return shown(request, "figures_talk.html", view, said=said, channel=channel, cut=last > _LINES)

    return [web.get("/figures/list", rows), web.get("/figures/talk/{id}", talk)]


def cursor_of(query: Mapping[str, str]) -> Cursor | None:
    """Where the page goes on; nonsense begins at the beginning."""
    at, _, ref = query.get("before", "").partition("~")
    try:
        found = datetime.fromisoformat(at)
        return (found, UUID(ref)) if found.tzinfo is not None else None
    except ValueError:
        return None


def described(view: View, figure: str, wanted: Mapping[str, str]) -> str:
    """The classes of a row, or those that were asked for, in words."""
    return " · ".join(filter(None, (_class(view, wanted, name) for name in PARTS[figure] if wanted.get(name))))


_PREFIXES = {
    "trigger": "trigger_",
    "answer": "figures_answer_",
    "worked": "figures_call_",
    "fate": "figures_fate_",
    "age": "figures_age_",
    "promise": "figures_promise_",
    "kept": "figures_promise_",
    "errand": "outcome_",
}


def _class(view: View, all_: Mapping[str, str], name: str) -> str:
    value = all_[name]
    if name == "service":
        return view.service(value)
    if name in ("variant", "step"):
        slug = all_.get("service", "")
        return view.variant(slug, value) if name == "variant" else question(view, slug, value)
    if name == "channel":
        return view.desk.deps.channel_name(value, view.language)
    if name == "state" or (name == "outcome" and "service" in all_):
        return view.state(value)
    if name == "outcome":
        return view.word(f"figures_face_{value}", value)
    return view.word(f"{_PREFIXES[name]}{value}", value) if name in _PREFIXES else value


def _line(view: View, figure: str, hit: Hit) -> Line:
    zone = ZoneInfo(view.offices[hit.locus])
    at = times.clock_time(hit.at.astimezone(zone), view.now.astimezone(zone), view.language)
    classes = described(view, figure, dict(zip(PARTS[figure], hit.part.split("|"), strict=True)))
    office = view.desk.office_name(hit.locus, view.language)
    if hit.about is None:
        return Line(at, office, "", view.say("figures_gone"), classes, "")
    if figure in CONVERSATIONS:
        more = ""
        if figure in TALK_FIGURES:
            more = view.say("figures_talk_line", n=hit.messages, missed=hit.missed)
            more += f" · {view.called('talks_person')}" if hit.person else ""
        what = hit.about.ticket or view.desk.deps.channel_name(hit.about.account, view.language)
        return Line(at, office, f"/staff/figures/talk/{hit.ref}", what, classes, more)
    what = f"{view.service(hit.about.service)} {hit.about.reference or ''}".strip()
    return Line(at, office, f"/staff/cases/{hit.ref}", what, classes, view.state(hit.about.state))


def lines_of(entries: Sequence[ThreadEntry], known: Sequence[str], view: View, zone: ZoneInfo) -> list[Said]:
    """A conversation with names (``known``: the citizen's own) and numbers masked. What was answered to a question of a form, or said to
    or by a person, is not shown: a manager has no need of it.
    """
    found: list[Said] = []
    asked = False
    for entry in entries:
        citizen = entry.sender == Sender.CITIZEN.value
        if not citizen and entry.sender != Sender.SYSTEM.value:
            asked = _asks(entry.body) or entry.sender == Sender.AGENT.value
        hidden = (citizen and asked) or entry.sender == Sender.AGENT.value or _shows_answers(entry.body)
        at = times.clock_time(entry.at.astimezone(zone), view.now.astimezone(zone), view.language)
        text = view.say("figures_hidden") if hidden else _masked(entry.body, known, citizen=citizen)
        who = view.say(f"figures_who_{entry.sender}")
        found.append(Said(at, who, text or view.say("figures_attachment"), hidden, citizen))
    return found


def _masked(body: Mapping[str, Any], known: Sequence[str], *, citizen: bool) -> str:
    """Of the citizen's words also what looks like a name or an address; the bot's own sentences speak of names without naming any."""
    text = str(body.get("text") or body.get("title") or "")
    return (mask_more if citizen else mask)(text, known) if text else ""


def _asks(body: Mapping[str, Any]) -> bool:
    """Whether a line of the bot asks for something of the citizen's own."""
    meta = body.get("meta") or {}
    return body.get("kind") in _ASKS or meta.get("kind") in _ASKS or "field" in meta


def _shows_answers(body: Mapping[str, Any]) -> bool:
    """Whether a line repeats what was answered: the review before sending, receipts, a person's own data."""
    meta = body.get("meta") or {}
    kinds = {body.get("kind"), meta.get("kind")}
    return bool(kinds & {Kind.REVIEW.value, Kind.RECEIPT.value, Kind.IDENTITY.value})
