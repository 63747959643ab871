"""How the studio's pages name intents, services and confidences."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from bot.usecases.deps import LICENCE
from bot.web.staff.desk import desk_of, language


def intent_name(request: web.Request, intent: str) -> str:
    """ "Biayanya (ask_cost)", or the bare name of one that has no words."""
    texts, key = desk_of(request).deps.texts, f"wish.{intent}"
    return f"{texts.say(key, language(request))} ({intent})" if intent and texts.has(key) else intent


def named_intents(request: web.Request, intents: Iterable[str]) -> list[tuple[str, str]]:
    """(intent, name), by name."""
    return sorted(((one, intent_name(request, one)) for one in intents), key=lambda pair: pair[1].casefold())


def service_name(request: web.Request, slug: str | None) -> str:
    """A service in the reader's language."""
    return desk_of(request).deps.service_name(slug, language(request)) if slug else ""


def named_services(request: web.Request) -> list[tuple[str, str]]:
    """(slug, name) of everything a text can name, by name."""
    slugs = {*desk_of(request).deps.catalogue().services, LICENCE}
    return sorted(((slug, service_name(request, slug)) for slug in slugs), key=lambda pair: pair[1].casefold())


def percent(share: float) -> str:
    """ "63 %"."""
    return f"{round(share * 100)} %"
