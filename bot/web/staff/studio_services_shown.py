"""What the studio's pages show of a state of the content: the chat form, the answers, an office's words, a question's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.domain import payloads
from bot.domain.catalogue import Catalogue, Faq, Service, spoken
from bot.domain.message_review import flat
from bot.domain.messages import Button, Reply
from bot.domain.office_news import news
from bot.domain.texts import word
from bot.errors import ContentError
from bot.usecases.studio_services_preview import Step, answers, askable, walk
from bot.usecases.studio_texts import LANGUAGES, DraftTexts, Shown, previews
from bot.usecases.studio_yaml import State, known
from bot.web.staff.desk import desk_of
from bot.web.staff.studio_sound import channels


@dataclass(frozen=True)
class ShownStep:
    """One question of the form as a channel shows it."""

    step: Step
    shown: Shown
    links: tuple[tuple[str, str, bool], ...]
    """Title, address that goes that way, whether it is the way that is shown."""


def tongue(request: web.Request) -> str:
    """The language that is previewed."""
    wanted = request.query.get("lang", "id")
    return wanted if wanted in LANGUAGES else "id"


def channel(request: web.Request) -> str:
    """The channel that is previewed."""
    wanted = request.query.get("channel", "")
    return wanted if wanted in channels() else next(iter(channels()))


def texts_of(files: Mapping[str, str]) -> DraftTexts:
    """The sentences of a state."""
    found: dict[str, Mapping[str, str]] = {}
    for path, text in files.items():
        if path.startswith("messages/"):
            try:
                found[path.removeprefix("messages/").removesuffix(".yml")] = flat(known(text))
            except ContentError:
                continue
    return DraftTexts(found)


def today(request: web.Request) -> date:
    """Where the first office stands."""
    return desk_of(request).deps.now().astimezone(ZoneInfo("Asia/Jakarta")).date()


def service_for(catalogue: Catalogue, files: Mapping[str, str], stem: str) -> Service | None:
    """The service or form of a file; of a shared part, the first that is built on it."""
    found = catalogue.service(stem)
    if found is not None or not stem.startswith("_"):
        return found
    users = [path.partition("/")[2].removesuffix(".yml") for path in sorted(files) if _extends(files[path], path, stem)]
    return next((one for name in users if (one := catalogue.service(name)) is not None), None)


def _extends(text: str, path: str, stem: str) -> bool:
    if not path.startswith(("services/", "forms/")):
        return False
    try:
        value = known(text)
    except ContentError:
        return False
    return isinstance(value, dict) and stem in (value.get("extends") or ())


def service(request: web.Request, state: State, stem: str, path: Sequence[str]) -> Mapping[str, Any]:
    """The form, question by question, and the answers by topic; of an entry of the form only its own section, if it is reached."""
    found = service_for(state.found.catalogue, state.files, stem)
    language, name = tongue(request), channel(request)
    if found is None:
        return {"service": None}
    texts = texts_of(state.files)
    picks = _picks(request)
    if len(path) > 1 and path[0] == "variants":
        picks = {"_variant": path[1], **picks}
    steps: list[ShownStep] = []
    ends = ""
    if askable(found):
        gone = walk(found, texts, language, today(request), picks)
        ends = gone.ends
        limits = {name: channels()[name]}
        for one in gone.steps:
            links = tuple(_link(request, picks, one, title, code) for title, code in one.picks)
            steps.append(ShownStep(one, previews(one.reply, limits, texts, language)[0], links))
    mine = [one for one in steps if len(path) > 2 and path[:2] == ["form", "sections"] and _within(one, path[2])]
    variant = picks.get("_variant")
    return {
        "service": found,
        "steps": mine or steps,
        "whole": not mine,
        "ends": ends,
        "answers": answers(found, texts, language, variant) if stem in state.found.catalogue.services else [],
        "language": language,
        "channel": name,
        "channels": list(channels()),
        "variant": variant or "",
    }


def _within(shown: ShownStep, section: str) -> bool:
    return shown.step.path.partition(".")[0] == section


def _picks(request: web.Request) -> dict[str, str]:
    """Ways chosen at earlier questions: ``pick=path:code``, as often as needed."""
    pairs = (one.partition(":") for one in request.query.getall("pick", ())[:40])
    return {path: code for path, _, code in pairs if path and code}


def _link(request: web.Request, picks: Mapping[str, str], step: Step, title: str, code: str) -> tuple[str, str, bool]:
    wanted = {**picks, step.path: code}
    query = [("lang", tongue(request)), ("channel", channel(request))]
    query += [("pick", f"{path}:{one}") for path, one in wanted.items()]
    return title, str(request.rel_url.with_query(query)), step.picked == code


def faq(request: web.Request, state: State, stem: str, path: Sequence[str]) -> Mapping[str, Any]:
    """The answer to a question on every channel."""
    entry = next((one for one in state.found.catalogue.faqs if path and one.id == path[-1]), None)
    if entry is None:
        return {"shown": []}
    return {"shown": _answered(entry, state, tongue(request)), "language": tongue(request)}


def _answered(entry: Faq, state: State, language: str) -> list[Shown]:
    texts = texts_of(state.files)
    buttons: tuple[Button, ...] = ()
    if entry.wish is not None:
        about = state.found.catalogue.service(entry.service) if entry.service else None
        name = word(about.name, language) if about is not None else ""
        title = texts.say(f"button.{entry.wish}", language, service=name)
        buttons = (Button(title, payloads.intent(entry.wish, entry.service)),)
    return previews(Reply(spoken(entry.answer, language, texts), buttons=buttons), channels(), texts, language)


def office(request: web.Request, state: State, stem: str, path: Sequence[str]) -> Mapping[str, Any]:
    """What the bot would say now on greeting, and asked for hours and place."""
    found = state.found.catalogue.loci.get(stem)
    if found is None:
        return {"said": []}
    texts, language = texts_of(state.files), tongue(request)
    here = desk_of(request).deps.now().astimezone(ZoneInfo(found.time_zone))
    name = word(found.name, language)
    brief = news(found.closures, found.notices, here, language, texts, closing=False)
    whole = news(found.closures, found.notices, here, language, texts)
    said = [("greet", [texts.say("say.greet", language, office=name), *brief])]
    for key, fact, unknown in (
        ("ask_hours", found.hours, "hours_unknown"),
        ("ask_location", found.address, "place_unknown"),
    ):
        first = (
            texts.say(f"say.{unknown}", language, office=name)
            if fact is None
            else texts.say(f"say.{key}", language, office=name, fact=spoken(fact, language, texts))
        )
        said.append((key, [first, *whole]))
    return {"said": [(key, "\n\n".join(parts)) for key, parts in said], "language": language}
