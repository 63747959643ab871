"""Answers: small talk, the catalogue, the office. What is not known is said to be not known."""

from __future__ import annotations

from bot.domain import payloads
from bot.domain.catalogue import OFFERING, Topic, answer, spoken, to_choose
from bot.domain.messages import Button, Kind, Reply
from bot.domain.referrals import referral
from bot.domain.texts import word
from bot.usecases import survey
from bot.usecases.counters import with_today
from bot.usecases.deps import LICENCE
from bot.usecases.notify import stop_wish
from bot.usecases.offered import civil_services, professions, some_licence
from bot.usecases.office_news import with_news
from bot.usecases.privacy import about
from bot.usecases.replies import menu, person_button, plain, wish_button
from bot.usecases.turn import Effect, Turn
from bot.usecases.unsure import fallback, number_alone, what_number
from bot.usecases.variants import referred, start_button, variant_of, which

_TOPICS = {
    "ask_requirements": Topic.REQUIREMENTS,
    "ask_cost": Topic.COST,
    "ask_duration": Topic.DURATION,
    "ask_procedure": Topic.PROCEDURE,
}
_LANGUAGES = {
    "jv": ("jawa", "jawi", "javanese", "ngapak", "tegalan", "krama", "jowo"),
    "en": ("inggris", "english", "enggris"),
    "id": ("indonesia", "indonesian", "bahasa indonesia"),
}


async def answer_service(turn: Turn) -> Effect:
    """Requirements, cost, duration or procedure of a service, live from the catalogue."""
    deps, conversation, intent = turn.deps, turn.conversation, turn.call.intent
    slug = turn.meant
    if slug is None:
        return Effect([which_service(turn, intent)])
    conversation.topic = slug
    service = deps.service(slug)
    name = deps.service_name(slug, conversation.language)
    if service is None:
        text = deps.say("say.service_unknown", conversation, service=name)
        return Effect([Reply(text, buttons=(person_button(deps, conversation),), meta={"service": slug})])
    variant = await variant_of(turn, service)
    chosen = variant.id if variant is not None else None
    busy = turn.call.form_active
    text = answer(service, _TOPICS[intent].value, conversation.language, deps.texts, chosen, offering=not busy)
    if open_ones := to_choose(service, _TOPICS[intent].value, chosen):
        return Effect([which(turn, service, intent, open_ones, text)])
    if variant is not None and variant.refer is not None:
        return Effect([referred(turn, service, variant)])
    meta: dict[str, object] = {"service": slug, "variant": chosen}
    if busy:
        return await with_today(turn, Effect([Reply(text, meta=meta)]), slug)
    others = (
        Button(deps.say(f"button.{other}", conversation, service=name), payloads.intent(other, slug, chosen))
        for other in _TOPICS
        if other != intent
    )
    start = start_button(turn, service, variant)
    # "Ya" takes the first button, where the text ends with that offer.
    meta["offer"] = bool(start) and _TOPICS[intent] in OFFERING
    return await with_today(turn, Effect([Reply(text, Kind.ANSWER, (*start, *others), meta=meta)]), slug)


def which_service(turn: Turn, intent: str) -> Reply:
    """Ask which service is meant; the wish is remembered, so that its name alone is an answer."""
    deps, conversation = turn.deps, turn.conversation
    buttons = tuple(
        Button(deps.service_name(slug, conversation.language), payloads.intent(intent, slug))
        for slug in [*civil_services(deps, conversation), *some_licence(deps, conversation)]
    )
    # Who asks what it costs hears the one thing that holds for all of them, before saying which.
    civil = [deps.service(slug) for slug in civil_services(deps, conversation)]
    free = intent == "ask_cost" and bool(civil) and all(one is not None and one.free for one in civil)
    key = "say.which_service_free" if free else "say.which_service"
    return Reply(deps.say(key, conversation), Kind.QUESTION, buttons, meta={"wish": intent})


def which_profession(turn: Turn, intent: str) -> Reply:
    """A licence is meant: for which profession? There are too many for buttons."""
    deps, conversation = turn.deps, turn.conversation
    conversation.topic = LICENCE
    text = deps.say("say.which_profession", conversation, professions=professions(deps, conversation))
    return Reply(text, Kind.QUESTION, meta={"wish": intent})


async def say(turn: Turn) -> Effect:
    """Everything that is one prepared sentence per intent; some need a fact of the office."""
    if number_alone(turn):
        return Effect([what_number(turn)])
    if turn.call.intent in _WISHES:
        return await _WISHES[turn.call.intent](turn)
    special = _SPECIAL.get(turn.call.intent)
    if special is not None:
        effect = Effect([special(turn)])
        return await with_today(turn, effect, None, coming=True) if turn.call.intent in _COMING else effect
    deps, conversation = turn.deps, turn.conversation
    key = f"say.{turn.call.intent}"
    if turn.call.intent == "greet" and conversation.turn_mark:
        key = "say.greet_again"  # "p", "halo?": who is waited for need not read the welcome once more
    if turn.call.intent == "help" and turn.call.form_active:
        key = "form.help"  # how to answer, not what else could be asked
    if not deps.texts.has(key):
        return await fallback(turn)
    text = deps.say(key, conversation, office=_office(turn))
    if turn.call.intent == "greet":
        text = with_news(deps, conversation, text)
    return Effect([Reply(text, buttons=_menu(turn))])


def _office(turn: Turn) -> str:
    return word(turn.deps.locus(turn.conversation).name, turn.conversation.language)


def _menu(turn: Turn) -> tuple[Button, ...]:
    if turn.call.form_active or turn.call.intent not in (
        "greet",
        "help",
        "chitchat_bot",
        "out_of_scope",
        "ask_service_list",
    ):
        return ()
    return menu(turn.deps, turn.conversation)


def _hours(turn: Turn) -> Reply:
    locus = turn.deps.locus(turn.conversation)
    return _office_fact(turn, locus.hours is not None, "say.ask_hours", "say.hours_unknown")


def _place(turn: Turn) -> Reply:
    locus = turn.deps.locus(turn.conversation)
    return _office_fact(turn, locus.address is not None, "say.ask_location", "say.place_unknown")


def _office_fact(turn: Turn, known: bool, key: str, unknown: str) -> Reply:
    deps, conversation = turn.deps, turn.conversation
    locus = deps.locus(conversation)
    fact = locus.hours if key == "say.ask_hours" else locus.address
    if not known or fact is None:
        text = with_news(deps, conversation, deps.say(unknown, conversation, office=_office(turn)), closing=True)
        return Reply(text, buttons=() if turn.call.form_active else (person_button(deps, conversation),))
    said = deps.say(key, conversation, office=_office(turn), fact=spoken(fact, conversation.language, deps.texts))
    return Reply(with_news(deps, conversation, said, closing=True))


def _services(turn: Turn) -> Reply:
    deps, conversation = turn.deps, turn.conversation
    slugs = civil_services(deps, conversation)
    lines = "\n".join(f"{n}. {deps.service_name(slug, conversation.language)}" for n, slug in enumerate(slugs, 1))
    licences = professions(deps, conversation)
    key = "say.ask_service_list" if licences else "say.ask_service_list_civil"
    text = deps.say(key, conversation, office=_office(turn), civil=lines, professions=licences)
    buttons = (
        ()
        if turn.call.form_active
        else tuple(
            Button(deps.service_name(slug, conversation.language), payloads.intent("ask_procedure", slug))
            for slug in [*slugs, *some_licence(deps, conversation)]
        )
    )
    return Reply(text, buttons=buttons)


def _language(turn: Turn) -> Reply:
    deps, conversation = turn.deps, turn.conversation
    said = turn.plan.text.lower()
    spoken_here = deps.locus(conversation).languages
    wanted = next((code for code in spoken_here if any(w in said for w in _LANGUAGES[code])), None)
    if wanted is None and turn.call.service in spoken_here:
        wanted = turn.call.service
    if wanted is not None:
        conversation.language, conversation.language_set = wanted, True
        return plain(deps, conversation, "say.language_changed")
    buttons = tuple(
        Button(deps.say(f"language.{code}", conversation), f"niat:change_language:{code}")
        for code in _LANGUAGES
        if code in spoken_here
    )
    return Reply(deps.say("say.change_language", conversation), Kind.QUESTION, buttons)


def _elsewhere(turn: Turn) -> Reply:
    """A neighbour's matter (SIM, passport, Muslim marriage) is referred to its owner, never a bare "I do not know"."""
    deps, conversation = turn.deps, turn.conversation
    found = referral(deps.catalogue(), deps.locus(conversation), turn.plan.text, turn.call.other)
    buttons = (
        ()
        if turn.call.form_active
        else (
            wish_button(deps, conversation, "ask_service_list"),
            person_button(deps, conversation),
        )
    )
    if found is not None:
        return Reply(spoken(found.fact, conversation.language, deps.texts), buttons=buttons)
    return Reply(deps.say("say.out_of_scope", conversation, office=_office(turn)), buttons=buttons)


_WISHES = {"stop_notifications": stop_wish, "give_feedback": survey.feedback}
_COMING = frozenset({"ask_hours", "ask_location"})
"""Who asks this means to come."""
_SPECIAL = {
    "out_of_scope": _elsewhere,
    "ask_hours": _hours,
    "ask_location": _place,
    "ask_service_list": _services,
    "change_language": _language,
    "ask_privacy": about,
}


async def not_in_chat(turn: Turn) -> Effect:
    """A service Loket does not give in chat yet: said plainly, and a person is offered."""
    deps, conversation = turn.deps, turn.conversation
    key = f"say.{turn.call.intent}"
    text = deps.say(key if deps.texts.has(key) else "say.not_in_chat", conversation, office=_office(turn))
    return Effect([Reply(text, buttons=(person_button(deps, conversation),))])


async def verify_identity(turn: Turn) -> Effect:
    """How identity is proven; it happens inside an application."""
    deps, conversation = turn.deps, turn.conversation
    proven = conversation.level(deps.now()) >= 3
    return Effect(
        [plain(deps, conversation, "say.identity_proven" if proven else "say.verify_identity", Kind.IDENTITY)]
    )
