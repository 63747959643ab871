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
_DIGITS = 6
"""Of a number that stands alone; fewer may be a choice or a year."""
_LIKELY = 0.12
"""A wish less likely than this is not worth a button."""


def number_alone(turn: Turn) -> bool:
    """A NIK or a phone number that nobody asked for, and no word beside it: the masked text says nothing at all."""
    text = turn.plan.text
    return (
        not turn.call.form_active and sum(c.isdigit() for c in text) >= _DIGITS and not any(c.isalpha() for c in text)
    )


def what_number(turn: Turn) -> Reply:
    """What is it for?"""
    deps, conversation = turn.deps, turn.conversation
    wishes = ("continue_application", "track_application", "ask_service_list")
    buttons = tuple(wish_button(deps, conversation, wish) for wish in wishes)
    return Reply(deps.say("say.number_alone", conversation), Kind.QUESTION, buttons)


async def fallback(turn: Turn) -> Effect:
    """Not understood: ask back with what it may have been; the second time offer a person."""
    deps, conversation, call = turn.deps, turn.conversation, turn.call
    if number_alone(turn):
        return Effect([what_number(turn)], became=Became.ASKED)
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
    """The other wishes of the same message are not lost: they are offered, each by its service's name where that is another one.

    Where a form was opened by the first wish, a "yes" would be its answer: it is only said how to come back to them.
    """
    deps, conversation = turn.deps, turn.conversation
    further = [
        (intent, service) for intent, service in _also(turn) if intent in GOALS and not _same(turn, intent, service)
    ]
    if not further:
        return []
    titles = [_title(turn, intent, service) for intent, service in further]
    if conversation.form_active:
        return [Reply(deps.say("say.also_later", conversation, wishes=", ".join(f"*{title}*" for title in titles)))]
    buttons = tuple(
        Button(title, payloads.intent(intent, service or turn.call.service))
        for title, (intent, service) in zip(titles, further, strict=True)
    )
    if len(titles) == 1:
        return [Reply(deps.say("say.also", conversation, wish=titles[0]), buttons=buttons)]
    lines = "\n".join(f"{n}. {title}" for n, title in enumerate(titles, 1))
    return [Reply(deps.say("say.also_several", conversation, wishes=lines), buttons=buttons)]


def _also(turn: Turn) -> list[tuple[str, str | None]]:
    parts = (part.partition(":") for part in (turn.call.also or "").split(","))
    return [(intent, service or None) for intent, _, service in parts]


def _same(turn: Turn, intent: str, service: str | None) -> bool:
    return intent == turn.call.intent and service in (None, turn.call.service)


def _title(turn: Turn, intent: str, service: str | None) -> str:
    """ "Biayanya", or "Biayanya: Kartu Keluarga" when the message named that one besides."""
    deps, conversation = turn.deps, turn.conversation
    wish = deps.say(f"wish.{intent}", conversation)
    if service is None or service == turn.call.service:
        return wish
    if intent == "start_application":
        return deps.say(
            "button.start_application", conversation, service=deps.service_name(service, conversation.language)
        )
    return f"{wish}: {deps.service_name(service, conversation.language)}"


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
