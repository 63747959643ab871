"""The studio's message box: what a model makes of a text, and a chat with the draft beside the live one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from aiohttp import web

from bot.dialogue.nlu.normalise import words
from bot.domain.payloads import parse_payload
from bot.domain.rules_said import RuleSaid, rules_by_intent
from bot.domain.staff import Right
from bot.errors import ContentError, LoketError, NotFound
from bot.ports_studio import Looked
from bot.storage.draft_content import draft_content
from bot.usecases.deps import Deps
from bot.usecases.masking import MAX_TEXT, mask
from bot.usecases.rehearse import MOST_LINES, BenchDialogue, Rehearsal, Rehearsed
from bot.usecases.studio import Draft
from bot.web.staff.desk import ACCOUNT, desk_of, sentences
from bot.web.staff.rights import needs
from bot.web.staff.studio import STUDIO, studio_of, studio_page
from bot.web.staff.studio_names import intent_name, percent, service_name

log = logging.getLogger(__name__)

LANGUAGES = ("id", "jv", "en")
_RANKED = 5
_RUNS = 50
_FAULTS = 5
T = TypeVar("T")


@dataclass(frozen=True)
class Side:
    """One of the two that are compared. ``problem``: why nothing can be shown."""

    name: str
    model: str = ""
    problem: str = ""
    older: bool = False
    """The draft was changed since."""
    look: Looked | None = None
    ranking: tuple[tuple[str, float, str], ...] = ()
    """Intent in words, confidence, the same in percent."""
    entities: tuple[tuple[str, str], ...] = ()
    rule: RuleSaid | None = None
    unsure: str = ""
    """The confidence that it stays below, in percent; empty: it is sure enough."""
    chat: tuple[Rehearsed, ...] = ()
    chat_problem: str = ""


@dataclass(frozen=True)
class _Part:
    """A model and the content that goes with it."""

    side: Side
    draft: Draft
    rules: Mapping[str, RuleSaid]


async def _parts(request: web.Request) -> list[_Part]:
    """The live one, and the draft with the model that was trained last."""
    studio, store = studio_of(request), desk_of(request).deps.store
    live, draft = await studio.live(), await studio.draft()
    async with store.begin() as tx:
        release = await tx.live_release()
        runs = await tx.runs(_RUNS)
    trained = next((run for run in runs if run.state == "done" and run.model), None)
    say = sentences(request)
    if request.config_dict[STUDIO].workbench is None:
        sides = [Side(say(f"try_{name}"), problem=say("try_no_bench")) for name in ("live", "draft")]
    else:
        sides = [
            Side(say("try_live"), release.model) if release else Side(say("try_live"), problem=say("try_no_live")),
            Side(say("try_draft"), trained.model, older=trained.revision != draft.revision)
            if trained
            else Side(say("try_draft"), problem=say("try_no_draft")),
        ]
    rules = [rules_by_intent((await studio.texts(one, "rules")).values()) for one in (live, draft)]
    return [_Part(side, of, rule) for side, of, rule in zip(sides, (live, draft), rules, strict=True)]


@needs(Right.EDIT)
async def show(request: web.Request) -> web.Response:
    """The empty box."""
    return _page(request, [part.side for part in await _parts(request)])


def _page(
    request: web.Request,
    sides: Sequence[Side],
    text: str = "",
    lines: Sequence[str] = (),
    language: str = "id",
) -> web.Response:
    masked = mask(text)
    return studio_page(
        request,
        "studio_try.html",
        sides=sides,
        text=text,
        masked=masked,
        plain=" ".join(words(masked)),
        lines=lines,
        most=MOST_LINES,
        longest=MAX_TEXT,
        tongue=language,
        languages_=LANGUAGES,
    )


@needs(Right.EDIT)
async def look(request: web.Request) -> web.Response:
    """What both models make of a text."""
    text = str((await request.post()).get("text", ""))[:MAX_TEXT].strip()
    parts = await _parts(request)
    if not mask(text):
        return _page(request, [part.side for part in parts])
    return _page(request, [await _looked(request, part, mask(text)) for part in parts], text)


async def _looked(request: web.Request, part: _Part, masked: str) -> Side:
    workbench, side = request.config_dict[STUDIO].workbench, part.side
    if workbench is None or side.problem:
        return side
    try:
        (found,) = await workbench.look(side.model, [masked])
    except LoketError as error:
        return replace(side, problem=_why(request, side, error))
    sure = desk_of(request).deps.policy.wish_confidence
    ranking = found.found.ranking or ((found.found.intent, found.found.confidence),)
    return replace(
        side,
        look=found,
        ranking=tuple((intent_name(request, name), share, percent(share)) for name, share in ranking[:_RANKED] if name),
        entities=tuple(
            (name, service_name(request, value) if name == "service" else value) for name, value in found.entities
        ),
        rule=part.rules.get(found.found.intent) if found.action else None,
        unsure=percent(sure) if found.found.confidence < sure else "",
    )


def _why(request: web.Request, side: Side, error: LoketError) -> str:
    """In words; what the error says is for the log."""
    say = sentences(request)
    log.warning("a model cannot be looked at", extra={"model": side.model, "code": error.code})
    if isinstance(error, NotFound):
        return say("try_no_live") if side.name == say("try_live") else say("try_no_draft")
    return say("try_broken")


@needs(Right.EDIT)
async def chat(request: web.Request) -> web.Response:
    """One more line of the chat, on both sides. The page holds the whole chat: nothing of it is kept here."""
    form = await request.post()
    lines = [str(line)[:MAX_TEXT] for line in form.getall("line", [])][:MOST_LINES]
    pressed, typed = str(form.get("press", "")), str(form.get("text", "")).strip()[:MAX_TEXT]
    new = pressed if pressed and parse_payload(pressed) is not None else typed
    if new and len(lines) < MOST_LINES:
        lines.append(new)
    wanted = str(form.get("language", "id"))
    language = wanted if wanted in LANGUAGES else "id"
    parts = await _parts(request)
    sides = [await _chatted(request, part, lines, language) if lines else part.side for part in parts]
    return _page(request, sides, lines=lines, language=language)


async def _chatted(request: web.Request, part: _Part, lines: Sequence[str], language: str) -> Side:
    workbench, side = request.config_dict[STUDIO].workbench, part.side
    if workbench is None or side.problem:
        return side
    live = side.name == sentences(request)("try_live")
    try:
        deps = await _content(request, part.draft, live)
    except ContentError as error:
        # What follows from another fault comes last: who mends the first mends the rest.
        faults = sorted(str(error).splitlines(), key=lambda fault: "there is no sound service" in fault)
        why = " · ".join(faults[:_FAULTS])
        return replace(side, chat_problem=sentences(request)("try_content_broken", why=why))
    rehearsal = Rehearsal(deps, BenchDialogue(workbench, side.model), part.rules)
    try:
        said = await rehearsal.run(request[ACCOUNT].locus, language, lines)
    except LoketError as error:
        return replace(side, problem=_why(request, side, error))
    return replace(side, chat=tuple(said))


async def _content(request: web.Request, draft: Draft, live: bool) -> Deps:
    """The gateway's own parts with the draft's content in place of the live one."""
    deps = desk_of(request).deps
    if live:
        return deps
    content = await draft_content(studio_of(request), draft, words)
    return replace(deps, texts=content.texts, catalogue=_always(content.catalogue), faqs=_always(content.faqs))


def _always(value: T) -> Callable[[], T]:
    return lambda: value


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [
        web.get("/studio/try", show),
        web.post("/studio/try", look),
        web.get("/studio/try/chat", show),
        web.post("/studio/try/chat", chat),
    ]
