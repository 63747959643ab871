"""Building the replies that several use cases share."""

from __future__ import annotations

from dataclasses import replace

from bot.domain import payloads
from bot.domain.catalogue import Locus
from bot.domain.conversation import Case, Conversation
from bot.domain.form import Engine
from bot.domain.form_draft import Draft
from bot.domain.messages import Button, Kind, Reply
from bot.domain.texts import fill, word
from bot.usecases.challenge import CHALLENGE, challenge_of
from bot.usecases.deps import Deps
from bot.usecases.office_news import with_news


def plain(deps: Deps, conversation: Conversation, key: str, kind: Kind = Kind.ANSWER, **params: object) -> Reply:
    """One sentence."""
    return Reply(deps.say(key, conversation, **params), kind)


def wish_button(deps: Deps, conversation: Conversation, intent: str, service: str | None = None) -> Button:
    """A button that stands for a wish; its title is ``button.<intent>``."""
    name = deps.service_name(service, conversation.language) if service else ""
    return Button(deps.say(f"button.{intent}", conversation, service=name), payloads.intent(intent, service))


def person_button(deps: Deps, conversation: Conversation) -> Button:
    """The way to a person."""
    return wish_button(deps, conversation, "talk_to_human")


def said_here(locus: Locus, replies: list[Reply]) -> list[Reply]:
    """Replies of shared content with the names of an office."""
    if not locus.renames:
        return replies
    return [
        replace(
            reply,
            text=locus.said_here(reply.text),
            buttons=tuple(replace(button, title=locus.said_here(button.title)) for button in reply.buttons),
        )
        for reply in replies
    ]


def error(deps: Deps, conversation: Conversation, key: str, **params: object) -> Reply:
    """Something went wrong: says so, and offers a person."""
    return Reply(deps.say(key, conversation, **params), Kind.ERROR, (person_button(deps, conversation),))


def question(deps: Deps, conversation: Conversation, case: Case) -> Reply | None:
    """The question a case's form is at, as one message; None when nothing is left to ask."""
    return next(reversed(questions(deps, conversation, case)), None)


def questions(
    deps: Deps, conversation: Conversation, case: Case, form: tuple[Engine, Draft] | None = None
) -> list[Reply]:
    """The question a case's form is at; the parts of a long review are messages of their own. Empty when nothing is
    left to ask. ``form``: the case's form, where it is at hand.
    """
    engine, draft = form or deps.form_of(conversation, case)
    asked = engine.question(draft)
    if asked is None:
        return []
    meta: dict[str, object] = {
        "service": case.service,
        "field": asked.path,
        "field_type": asked.field_type,
        "step": {"n": asked.step[0], "of": asked.step[1]},
    }
    parts = [Reply(text, asked.kind, meta={"service": case.service}) for text in asked.before]
    challenge = challenge_of(engine, draft)
    text = asked.text
    if challenge is not None and asked.path.endswith(f".{CHALLENGE}"):
        meta["challenge"] = [kind.value for kind in challenge.kinds]
        text = fill(text, challenge=deps.say(f"liveness.do.{challenge.code}", conversation))
    return [*parts, Reply(text, asked.kind, asked.buttons, meta=meta)]


def greeting(deps: Deps, conversation: Conversation) -> Reply:
    """Who speaks, what can be done here, what is never asked for, how to reach a person."""
    office = word(deps.locus(conversation).name, conversation.language)
    text = with_news(deps, conversation, deps.say("say.greet", conversation, office=office))
    return Reply(text, buttons=menu(deps, conversation))


def menu(deps: Deps, conversation: Conversation) -> tuple[Button, ...]:
    """What most people come for: three buttons, as many as every channel shows."""
    wishes = ("ask_service_list", "track_application")
    return (*(wish_button(deps, conversation, wish) for wish in wishes), person_button(deps, conversation))
