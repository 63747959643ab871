"""Not understood, half understood, and understood twice over."""

from __future__ import annotations

from bot.domain import payloads
from bot.domain.catalogue import Topic, spoken
from bot.domain.faq import Match
from bot.domain.handoff import Trigger
from bot.domain.messages import Button, Kind, Reply
from bot.domain.understood import Became
from bot.usecases.handoff_request import offer
from bot.usecases.replies import person_button, wish_button
from bot.usecases.turn import Effect, Turn
from bot.usecases.wishes import GOALS, is_goal

_MISSES_BEFORE_A_PERSON = 2
_GUESSES = 3
_LIKELY = 0.12
"""A wish less likely than this is not worth a button."""


async def fallback(turn: Turn) -> Effect:
    """Not understood: ask back with what it may have been; the second time offer a person."""
    deps, conversation, call = turn.deps, turn.conversation, turn.call
    if call.service is not None and not call.form_active and not _guesses(turn):
        # "akta lahir" and nothing else: the service is clear, the wish is not.
        conversation.topic = call.service
        return Effect([_what_about(turn, call.service)], became=Became.ASKED)
    conversation.misses += 1
    if conversation.misses >= _MISSES_BEFORE_A_PERSON:
        said = await offer(turn, Trigger.NOT_UNDERSTOOD, "say.not_understood_again", "say.not_understood_later")
        return Effect([said], became=Became.OFFERED)
    guesses = _guesses(turn)
    if guesses and not call.form_active:
        return Effect([Reply(deps.say("say.did_you_mean", conversation), Kind.QUESTION, guesses)], became=Became.ASKED)
    said = Reply(deps.say("say.not_understood", conversation), Kind.ERROR, _menu(turn))
    return Effect([said], became=Became.MISSED)


def _guesses(turn: Turn) -> tuple[Button, ...]:
    """The likeliest goals as buttons, when there are at least two to choose from."""
    call = turn.call
    texts = turn.deps.texts
    likely = [name for name, chance in call.ranking if chance >= _LIKELY and is_goal(name, texts)][:_GUESSES]
    if len(likely) < 2:
        return ()
    return tuple(_guess(turn, name) for name in likely) + (person_button(turn.deps, turn.conversation),)


def _guess(turn: Turn, intent: str) -> Button:
    title = turn.deps.say(f"wish.{intent}", turn.conversation)
    return Button(title, payloads.intent(intent, turn.call.service))


def _what_about(turn: Turn, slug: str) -> Reply:
    deps, conversation = turn.deps, turn.conversation
    name = deps.service_name(slug, conversation.language)
    service = deps.service(slug)
    if service is None:
        text = deps.say("say.service_unknown", conversation, service=name)
        return Reply(text, buttons=(person_button(deps, conversation),), meta={"service": slug})
    topics = [f"ask_{topic.value}" for topic in Topic]
    wishes = [*topics, "start_application"] if service.form is not None else topics
    buttons = tuple(wish_button(deps, conversation, wish, slug) for wish in wishes)
    return Reply(deps.say("say.what_about", conversation, service=name), Kind.QUESTION, buttons, meta={"service": slug})


def _menu(turn: Turn) -> tuple[Button, ...]:
    if turn.call.form_active:
        return ()
    deps, conversation = turn.deps, turn.conversation
    return (wish_button(deps, conversation, "ask_service_list"), person_button(deps, conversation))


def second_wish(turn: Turn) -> list[Reply]:
    """The other wish of the same message is not lost: it is offered."""
    intent, _, service = (turn.call.also or "").partition(":")
    if intent not in GOALS or intent == turn.call.intent and (service or None) in (None, turn.call.service):
        return []
    deps, conversation = turn.deps, turn.conversation
    wish = deps.say(f"wish.{intent}", conversation)
    button = Button(wish, payloads.intent(intent, service or turn.call.service))
    return [Reply(deps.say("say.also", conversation, wish=wish), buttons=(button,))]


def from_faq(turn: Turn, match: Match) -> Effect:
    """The answer of the likest question."""
    deps, conversation = turn.deps, turn.conversation
    faq = match.faq
    if faq.service is not None:
        conversation.topic = faq.service
    buttons: tuple[Button, ...] = ()
    if faq.wish is not None and not turn.call.form_active:
        buttons = (wish_button(deps, conversation, faq.wish, faq.service),)
    meta = {"service": faq.service} if faq.service else {}
    said = Reply(spoken(faq.answer, conversation.language, deps.texts), buttons=buttons, meta=meta)
    return Effect([said], became=Became.FAQ)
