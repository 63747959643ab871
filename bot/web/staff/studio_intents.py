"""The studio's pages of intents and their examples: what there is. What changes it is in ``studio_intents_edit``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

from aiohttp import web

from bot.dialogue.nlu.normalise import words
from bot.domain.nlu_file import KINDS
from bot.domain.staff import Right
from bot.errors import LoketError, NotFound
from bot.usecases.masking import mask
from bot.usecases.studio import Studio
from bot.usecases.studio_nlu import FEW, Intents, Line
from bot.usecases.studio_nlu_alike import Alike
from bot.usecases.studio_nlu_files import NluState, Refused
from bot.web.staff.desk import desk_of, fragment, language, sentences
from bot.web.staff.rights import needs
from bot.web.staff.studio import STUDIO, studio_of, studio_page

HOME = "/staff/studio/intents"
PAGE = 100
"""Examples a page."""
_FOUND = 200
"""Examples that a search over all intents shows."""
_CHECKED = 8
"""Lines that are looked at while somebody types; the last ones."""
_UNDERSTOOD_S = 1.5
_SORTS = ("name", "count", "f1", "model")
_MODELS = {"new": 0, "changed": 1, "gone": 2, "same": 3}
_DONE = ("added", "changed", "removed", "moved", "means", "renamed", "merged", "deleted", "created", "taken", "nothing")

_SHOPS: WeakKeyDictionary[Studio, Intents] = WeakKeyDictionary()


@dataclass(frozen=True)
class Hint:
    """What is known about one line that is being typed."""

    text: str
    here: bool
    """The intent has it already."""
    elsewhere: str | None
    """The intent that has exactly this."""
    alike: Sequence[Alike]
    understood: tuple[str, int] | None = None
    """What the published model takes it for, in per cent."""


def shop_of(request: web.Request) -> Intents:
    """Where this application edits; it keeps what it has read between requests."""
    studio = studio_of(request)
    return _SHOPS.setdefault(studio, Intents(studio, words))


def kind_of(value: object) -> str:
    """:raises NotFound: no such kind of section."""
    kind = str(value or "intent")
    if kind not in KINDS:
        raise NotFound("kind")
    return kind


def path_of(name: str, kind: str = "intent", **query: object) -> str:
    """The page of a section."""
    asked = {**({"kind": kind} if kind != "intent" else {}), **{key: value for key, value in query.items() if value}}
    return f"{HOME}/{quote(name, safe='')}" + (f"?{urlencode(asked)}" if asked else "")


def why(request: web.Request, refused: Refused) -> str:
    """The sentence of a refusal."""
    return sentences(request)(f"nlu_no_{refused.key}", **refused.params)


def notice(request: web.Request) -> str:
    """What the last edit did, as its redirect says."""
    done = request.query.get("done", "")
    counts = {key: int(value) if (value := request.query.get(key, "0")).isdecimal() else 0 for key in ("n", "skipped")}
    return sentences(request)(f"nlu_done_{done}", **counts) if done in _DONE else ""


# -- overview -------------------------------------------------------------------------------------------------------------


@needs(Right.EDIT)
async def _overview(request: web.Request) -> web.Response:
    shop, kind = shop_of(request), kind_of(request.query.get("kind"))
    sort = request.query.get("sort", "name")
    scores = request.config_dict[STUDIO].scores
    f1 = await scores() if scores is not None else {}
    lines = await shop.overview(kind, f1)
    wanted = request.query.get("q", "").strip()[:200]
    return studio_page(
        request,
        "studio_intents.html",
        kind=kind,
        kinds=KINDS,
        lines=sorted(lines, key=_order(sort if sort in _SORTS else "name")),
        few=[one.name for one in lines if one.few] if kind == "intent" else [],
        sort=sort,
        scored=bool(f1),
        least=FEW,
        wanted=wanted,
        found=_search(await shop.state(), wanted) if wanted else [],
        path_of=path_of,
        total=sum(one.count for one in lines if one.model != "gone"),
        done=notice(request),
    )


def _order(sort: str) -> Any:
    keys = {
        "name": lambda one: one.name,
        "count": lambda one: (one.count, one.name),
        "f1": lambda one: (one.f1 if one.f1 is not None else 2.0, one.name),
        "model": lambda one: (_MODELS[one.model], one.name),
    }
    return keys[sort]


def _search(state: NluState, wanted: str) -> list[tuple[str, str, str]]:
    """(kind, name, example) that hold the words."""
    sought = wanted.casefold()
    hits = (
        (kind, name, text)
        for kind in KINDS
        for name in state.names(kind)
        for text in state.examples(name, kind)
        if sought in text.casefold()
    )
    return [hit for hit, _ in zip(hits, range(_FOUND), strict=False)]


# -- one intent -------------------------------------------------------------------------------------------------------------


@needs(Right.EDIT)
async def _intent(request: web.Request) -> web.Response:
    name, kind = request.match_info["name"], kind_of(request.query.get("kind"))
    return await intent_page(request, name, kind, editing=request.query.get("edit", ""))


async def intent_page(
    request: web.Request,
    name: str,
    kind: str,
    *,
    editing: str = "",
    problem: str = "",
    status: int = 200,
    typed: dict[str, str] | None = None,
) -> web.Response:
    """The examples of one section, a page of them.

    :raises NotFound: no such section.
    """
    shop = shop_of(request)
    state = await shop.state()
    if not state.has(name, kind):
        raise NotFound("intent")
    examples, live = state.examples(name, kind), await shop.published(name, kind)
    wanted = request.query.get("q", "").strip()[:200]
    shown = [text for text in examples if wanted.casefold() in text.casefold()] if wanted else examples
    pages = max(1, -(-len(shown) // PAGE))
    asked = request.query.get("page", "1")
    at = min(max(1, int(asked) if asked.isdecimal() and len(asked) < 6 else 1), pages)
    part = shown[(at - 1) * PAGE : at * PAGE]
    return studio_page(
        request,
        "studio_intent.html",
        status,
        name=name,
        kind=kind,
        count=len(examples),
        matching=len(shown),
        rows=[(text, text not in live) for text in part],
        editable=any(spot.section.indent for spot in state.spots(name, kind)),
        paths=sorted({spot.path for spot in state.spots(name, kind)}),
        few=kind == "intent" and len(examples) < FEW,
        least=FEW,
        wanted=wanted,
        at=at,
        pages=pages,
        editing=editing,
        revision=state.draft.revision,
        others=[one for one in state.names(kind) if one != name],
        things=things_of(request, state) if kind == "intent" else [],
        typed=typed or {},
        problem=problem,
        path_of=path_of,
        done=notice(request),
    )


def things_of(request: web.Request, state: NluState) -> list[tuple[str, str]]:
    """What a word may name: services, and matters of others; with what people call them."""
    services, tongue = desk_of(request).deps.catalogue().services, language(request)
    slugs = {path[9:-4] for path in state.draft.files if path.startswith("services/") and path.endswith(".yml")}
    known = {slug for slug in slugs if not slug.startswith("_") and "/" not in slug} | set(state.names("synonym"))
    named = ((slug, services[slug].name.get(tongue, slug) if slug in services else slug) for slug in known)
    return sorted(named, key=lambda pair: (pair[0].startswith("other:"), pair[1].casefold()))


@needs(Right.EDIT)
async def _manage(request: web.Request) -> web.Response:
    return await manage_page(request, request.match_info["name"])


async def manage_page(
    request: web.Request, name: str, *, problem: str = "", status: int = 200, typed: str = ""
) -> web.Response:
    """Rename, merge, delete; with what refers to the intent.

    :raises NotFound: no such intent.
    """
    shop = shop_of(request)
    state = await shop.state()
    if not state.has(name):
        raise NotFound("intent")
    line = next(one for one in await shop.overview() if one.name == name)
    return studio_page(
        request,
        "studio_intent_manage.html",
        status,
        name=name,
        line=line,
        references=_grouped(await shop.references(name)),
        others=[one for one in state.names() if one != name],
        problem=problem,
        typed=typed or name,
        path_of=path_of,
    )


def _grouped(found: Sequence[Any]) -> list[tuple[str, str, list[Any]]]:
    """(kind, path, places)."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for one in found:
        groups.setdefault((one.kind, one.path), []).append(one)
    return [(kind, path, places) for (kind, path), places in groups.items()]


# -- while typing -------------------------------------------------------------------------------------------------------------


@needs(Right.EDIT)
async def _check(request: web.Request) -> web.Response:
    """What is known about the lines that are being typed; part of a page."""
    form = await request.post()
    name = str(form.get("name", ""))[:64]
    lines = [line.strip()[:500] for line in str(form.get("texts", form.get("new", "")))[-8000:].splitlines()]
    hints = await hints_of(request, name, [line for line in lines if line][-_CHECKED:])
    return web.Response(
        text=fragment(request, "_studio_intent_hints.html", hints=hints, name=name, path_of=path_of),
        content_type="text/html",
    )


async def hints_of(request: web.Request, name: str, lines: Sequence[str]) -> list[Hint]:
    """One per line that there is something to say about."""
    shop = shop_of(request)
    state = await shop.state()
    mine = set(state.examples(name))
    hints = []
    for at, line in enumerate(lines):
        owner = state.owner(line)
        alike = [one for one in await shop.alike(line) if one.text.casefold() != line.casefold()]
        understood = await _understood(request, line) if at == len(lines) - 1 else None
        elsewhere = owner if owner != name else None
        hint = Hint(line, line in mine, elsewhere, alike[:3], understood)
        if hint.here or hint.elsewhere or hint.alike or hint.understood:
            hints.append(hint)
    return hints


async def _understood(request: web.Request, text: str) -> tuple[str, int] | None:
    """What the live model takes it for; None: Rasa is not asked in vain, a hint is no reason to wait."""
    masked = mask(text)
    if not masked:
        return None
    try:
        found = await asyncio.wait_for(desk_of(request).deps.dialogue.parse(masked), _UNDERSTOOD_S)
    except (LoketError, TimeoutError):
        return None
    return (found.intent, round(found.confidence * 100)) if found.intent else None


def routes() -> list[web.RouteDef]:
    """To be added to the application. ``-`` can be no intent's name."""
    # Imported here: they need what is above.
    from bot.web.staff import studio_intents_edit, studio_intents_sheet

    return [
        web.get("/studio/intents", _overview),
        web.post("/studio/intents/-/check", _check),
        *studio_intents_sheet.routes(),
        *studio_intents_edit.routes(),
        web.get("/studio/intents/{name}", _intent),
        web.get("/studio/intents/{name}/manage", _manage),
    ]


__all__ = ["Line", "hints_of", "intent_page", "manage_page", "path_of", "routes", "shop_of", "things_of", "why"]
