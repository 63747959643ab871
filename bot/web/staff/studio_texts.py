"""The studio's pages of bot texts, frequent questions, and what is not known for certain."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from aiohttp import web

from bot.domain.message_review import Row
from bot.domain.staff import Right
from bot.usecases.studio import Clash
from bot.usecases.studio_texts import (
    LANGUAGES,
    LONGEST,
    Sentence,
    TextDesk,
    Wrong,
    is_button,
    previews,
    sample,
    sections,
)
from bot.usecases.studio_texts_unsure import Doubt, doubts
from bot.usecases.studio_yaml import Faulty, Overlap
from bot.web.staff import strings, studio_texts_faq
from bot.web.staff.desk import language as reader
from bot.web.staff.desk import see, sentences
from bot.web.staff.rights import needs
from bot.web.staff.studio import clash_page, editor_of, studio_page
from bot.web.staff.studio_entry import desk_of, done_key, labelled, path_named
from bot.web.staff.studio_faults import worded
from bot.web.staff.studio_services_shown import texts_of, today, tongue
from bot.web.staff.studio_sound import channels

BASE = "/staff/studio/texts"
_MOST = 200
"""Sentences on a page."""
_ONLY = ("missing", "flawed", "unknown")


@needs(Right.EDIT)
async def _list(request: web.Request) -> web.Response:
    """One section of the sentences, or those that hold what is looked for."""
    desk = TextDesk(desk_of(request))
    found = await desk.rows(await desk_of(request).studio.draft())
    chapters = sections(found)
    wanted, only = request.query.get("q", "").strip()[:80], request.query.get("only", "")
    section = request.query.get("section", "" if wanted or only else "say")
    rows = [one for one in found if _fits(one, section, wanted.casefold(), only)]
    return studio_page(
        request,
        "studio_texts.html",
        rows=rows[:_MOST],
        more=max(0, len(rows) - _MOST),
        chapters=chapters,
        section=section,
        q=wanted,
        only=only if only in _ONLY else "",
        languages_=LANGUAGES,
        flaw=_flaw_words(request),
        done=request.query.get("done", ""),
        base=BASE,
        flawed=sum(flaws for _, _, flaws in chapters),
    )


def _fits(row: Row, section: str, wanted: str, only: str) -> bool:
    if section and row.key.partition(".")[0] != section:
        return False
    if wanted and wanted not in " ".join((row.key, *row.texts.values())).casefold():
        return False
    if only == "missing":
        return any(flaw.startswith("missing") for flaw in row.flaws)
    if only == "unknown":
        return "unknown" in row.flaws
    return bool(row.flaws) if only == "flawed" else True


def _flaw_words(request: web.Request) -> Any:
    say = sentences(request)

    def words(flaw: str) -> str:
        kind, _, what = flaw.partition(":")
        name = say(f"tongue_{what}") if what in LANGUAGES and strings.known(f"tongue_{what}") else what
        return say(f"st_flaw_{kind}", what=name)

    return words


@needs(Right.EDIT)
async def _one(request: web.Request) -> web.Response:
    """A sentence in all languages, and how channels show it."""
    desk = TextDesk(desk_of(request))
    found = await desk.one(await desk_of(request).studio.draft(), request.match_info["key"])
    return await _page(request, found, dict(found.row.texts), 200, done=request.query.get("done", ""))


async def _page(
    request: web.Request,
    found: Sentence,
    typed: dict[str, str],
    status: int,
    *,
    flaws: Iterable[str] = (),
    faults: Iterable[Any] = (),
    done: str = "",
    base: str = "",
) -> web.Response:
    key = found.row.key
    desk = desk_of(request)
    messages = await desk.studio.texts(await desk.studio.draft(), "messages")
    texts, language = texts_of(messages), tongue(request)
    text = typed.get(language) or typed.get("id", "")
    words = _flaw_words(request)
    return studio_page(
        request,
        "studio_text.html",
        status,
        key=key,
        row=found.row,
        typed=typed,
        problems=[words(flaw) for flaw in flaws],
        faults=list(faults),
        flaws=[words(flaw) for flaw in found.row.flaws],
        shown=previews(sample(key, text, texts, language), channels(), texts, language),
        button=is_button(key),
        language_=language,
        languages_=LANGUAGES,
        base=base or found.revision,
        most=LONGEST,
        done=done,
        limits=", ".join(
            sentences(request)("st_button_limit", channel=one.name, count=one.button_limit)
            for one in channels().values()
        ),
        named_path=path_named(request),
        worded=partial(worded, reader(request)),
    )


@needs(Right.EDIT)
async def _save(request: web.Request) -> web.Response:
    posted = {name: str(text) for name, text in (await request.post()).items()}
    desk, key, base = TextDesk(desk_of(request)), request.match_info["key"], posted.get("base", "")
    typed = {language: posted[language].replace("\r\n", "\n") for language in LANGUAGES if language in posted}
    found = await desk.one(await desk_of(request).studio.draft(), key)
    if posted.get("do") == "preview":
        return await _page(request, found, typed, 200, base=base)
    try:
        if posted.get("do") == "drop":
            await desk.drop(editor_of(request), base, key)
            return see(f"{BASE}?section={key.partition('.')[0]}&done=dropped")
        saved = await desk.save(editor_of(request), base, key, typed)
    except Wrong as error:
        return await _page(request, found, typed, 422, flaws=error.flaws, base=base)
    except Faulty as error:
        return await _page(request, found, typed, 422, faults=error.faults, base=base)
    except Clash as clash:
        return clash_page(request, clash, clash.mine if isinstance(clash, Overlap) else {})
    return see(f"{BASE}/message/{key}?done={done_key(saved)}")


@needs(Right.EDIT)
async def _unsure(request: web.Request) -> web.Response:
    """Everything that is not known for certain, by the office that has to confirm it."""
    desk = desk_of(request)
    found = await doubts(desk, await desk.studio.draft(), today(request))
    keepers = sorted({one.keeper for one in found if one.keeper})
    wanted = request.query.get("keeper", "")
    shown = [one for one in found if not wanted or one.keeper == wanted]
    return studio_page(
        request,
        "studio_texts_unsure.html",
        rows=[(one, _address(one)) for one in shown],
        keepers=keepers,
        keeper=wanted,
        late=sum(one.late for one in found),
        named=labelled(request),
        base=BASE,
    )


def _address(one: Doubt) -> str:
    """The page on which it is changed: the innermost that is one."""
    folder, _, name = one.file.partition("/")
    homes = {
        "services": "/staff/studio/services",
        "forms": "/staff/studio/services/forms",
        "loci": "/staff/studio/offices",
        "faq": f"{BASE}/faq",
    }
    return f"{homes[folder]}/{name.removesuffix('.yml')}/entry/{'/'.join(page_of(one.path))}"


def page_of(path: tuple[str, ...]) -> tuple[str, ...]:
    """The part of a path that has a page of its own."""
    pages = {"variants": 2, "faq": 2, "referrals": 2, "parts": 3, "codes": 2}
    if path[:2] == ("form", "sections"):
        return path[: 5 if len(path) > 4 and path[3] == "fields" else 3]
    return path[: pages.get(path[0], 1)]


def routes() -> list[web.RouteDef]:
    """To be added to the application."""
    return [
        web.get("/studio/texts", _list),
        web.get("/studio/texts/unsure", _unsure),
        web.get("/studio/texts/message/{key:[A-Za-z0-9_.-]+}", _one),
        web.post("/studio/texts/message/{key:[A-Za-z0-9_.-]+}", _save),
        *studio_texts_faq.routes(),
    ]
