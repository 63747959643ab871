"""Answers: small talk, the catalogue, the office. What is not known is said to be not known."""

from __future__ import annotations

from bot.domain.catalogue import Topic, answer, spoken
from bot.domain.messages import Button, Kind, Reply
from bot.domain.texts import word
from bot.usecases.replies import menu, person_button, plain, wish_button
from bot.usecases.turn import Effect, Turn

_TOPICS = {
    "ask_requirements": Topic.REQUIREMENTS,
    "ask_cost": Topic.COST,
    "ask_duration": Topic.DURATION,
    "ask_procedure": Topic.PROCEDURE,
}
_MISSES_BEFORE_A_PERSON = 2
_LANGUAGES = {
    "jv": ("jawa", "jawi", "javanese", "ngapak", "tegalan", "krama", "jowo"),
    "en": ("inggris", "english", "enggris"),
    "id": ("indonesia", "indonesian", "bahasa indonesia"),
}


async def answer_service(turn: Turn) -> Effect:
    """Requirements, cost, duration or procedure of a service, live from the catalogue."""
    deps, conversation, intent = turn.deps, turn.conversation, turn.call.intent
    slug = turn.call.service or conversation.topic
    if slug is None:
        return Effect([which_service(turn, intent)])
    conversation.topic = slug
    conversation.misses = 0
    service = deps.service(slug)
    name = deps.service_name(slug, conversation.language)
    if service is None:
        text = deps.say("say.service_unknown", conversation, service=name)
        return Effect([Reply(text, buttons=(person_button(deps, conversation),), meta={"service": slug})])
    text = answer(service, _TOPICS[intent].value, conversation.language, deps.texts)
    others = [wish_button(deps, conversation, other, slug) for other in _TOPICS if other != intent]
    buttons: tuple[Button, ...] = tuple(others)
    if service.form is not None and not turn.call.form_active:
        buttons = (wish_button(deps, conversation, "start_application", slug), *others)
    if turn.call.form_active:
        buttons = ()
    return Effect([Reply(text, Kind.ANSWER, buttons, meta={"service": slug})])


def which_service(turn: Turn, intent: str) -> Reply:
    """Ask which service is meant."""
    deps, conversation = turn.deps, turn.conversation
    slugs = list(deps.catalogue().services)[:8]
    buttons = tuple(Button(deps.service_name(slug, conversation.language), f"niat:{intent}:{slug}") for slug in slugs)
    return Reply(deps.say("say.which_service", conversation), Kind.QUESTION, buttons)


async def say(turn: Turn) -> Effect:
    """Everything that is one prepared sentence per intent; some need a fact of the office."""
    special = _SPECIAL.get(turn.call.intent)
    if special is not None:
        return Effect([special(turn)])
    deps, conversation = turn.deps, turn.conversation
    key = f"say.{turn.call.intent}"
    if not deps.texts.has(key):
        return await fallback(turn)
    if turn.call.intent not in ("affirm", "deny"):
        conversation.misses = 0
    return Effect([Reply(deps.say(key, conversation, office=_office(turn)), buttons=_menu(turn))])


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
        text = deps.say(unknown, conversation, office=_office(turn))
        return Reply(text, buttons=() if turn.call.form_active else (person_button(deps, conversation),))
    return Reply(
        deps.say(key, conversation, office=_office(turn), fact=spoken(fact, conversation.language, deps.texts))
    )


def _services(turn: Turn) -> Reply:
    deps, conversation = turn.deps, turn.conversation
    here = [s.slug for s in deps.catalogue().services.values() if s.form is not None]
    lines = "\n".join(f"• {deps.service_name(slug, conversation.language)}" for slug in here)
    later = [s for s in deps.service_names() if s not in here and not s.startswith("sip")]
    others = ", ".join(deps.service_names()[slug] for slug in later)
    text = deps.say("say.ask_service_list", conversation, office=_office(turn), here=lines, others=others)
    return Reply(text, buttons=_menu(turn))


def _language(turn: Turn) -> Reply:
    deps, conversation = turn.deps, turn.conversation
    said = turn.plan.text.lower()
    wanted = next((code for code, words in _LANGUAGES.items() if any(w in said for w in words)), None)
    if wanted is None and turn.call.service in _LANGUAGES:
        wanted = turn.call.service
    if wanted is not None:
        conversation.language = wanted
        return plain(deps, conversation, "say.language_changed")
    buttons = tuple(
        Button(deps.say(f"language.{code}", conversation), f"niat:change_language:{code}") for code in _LANGUAGES
    )
    return Reply(deps.say("say.change_language", conversation), Kind.QUESTION, buttons)


def _elsewhere(turn: Turn) -> Reply:
    """A neighbour's matter (SIM, passport, Muslim marriage) is referred to its owner, never a bare "I do not know"."""
    deps, conversation = turn.deps, turn.conversation
    said = f" {turn.plan.text.lower()} "
    for referral in deps.locus(conversation).referrals:
        if any(f" {name} " in said or said.startswith(f" {name}") for name in referral.also_called):
            return Reply(spoken(referral.fact, conversation.language, deps.texts))
    return Reply(deps.say("say.out_of_scope", conversation, office=_office(turn)), buttons=_menu(turn))


_SPECIAL = {
    "out_of_scope": _elsewhere,
    "ask_hours": _hours,
    "ask_location": _place,
    "ask_service_list": _services,
    "change_language": _language,
}


async def not_in_chat(turn: Turn) -> Effect:
    """A service Loket does not give in chat yet: said plainly, and a person is offered."""
    deps, conversation = turn.deps, turn.conversation
    key = f"say.{turn.call.intent}"
    text = deps.say(key if deps.texts.has(key) else "say.not_in_chat", conversation, office=_office(turn))
    return Effect([Reply(text, buttons=(person_button(deps, conversation),))])


async def profile(turn: Turn) -> Effect:
    """What is known of the person, masked; only to somebody whose face was verified."""
    deps, conversation = turn.deps, turn.conversation
    if turn.call.intent == "update_profile":
        return await not_in_chat(turn)
    if conversation.level(deps.now()) < 3 or conversation.citizen_id is None:
        return Effect([plain(deps, conversation, "say.profile_unproven")])
    citizen = await turn.tx.citizen(conversation.citizen_id)
    text = deps.say("say.profile", conversation, name=citizen.name, nik=f"{citizen.nik[:4]}********{citizen.nik[-4:]}")
    return Effect([Reply(text)])


async def verify_identity(turn: Turn) -> Effect:
    """How identity is proven; it happens inside an application."""
    deps, conversation = turn.deps, turn.conversation
    proven = conversation.level(deps.now()) >= 3
    return Effect(
        [plain(deps, conversation, "say.identity_proven" if proven else "say.verify_identity", Kind.IDENTITY)]
    )


async def fallback(turn: Turn) -> Effect:
    """Not understood: say so, show what can be said; the second time offer a person."""
    deps, conversation = turn.deps, turn.conversation
    if turn.call.service is not None and not turn.call.form_active:
        # "akta lahir" and nothing else: the service is clear, the wish is not.
        conversation.topic = turn.call.service
        return Effect([_what_about(turn, turn.call.service)])
    conversation.misses += 1
    if conversation.misses >= _MISSES_BEFORE_A_PERSON:
        text = deps.say("say.not_understood_again", conversation)
        return Effect([Reply(text, Kind.ERROR, (person_button(deps, conversation),))])
    return Effect([Reply(deps.say("say.not_understood", conversation), Kind.ERROR, _fallback_menu(turn))])


def _what_about(turn: Turn, slug: str) -> Reply:
    deps, conversation = turn.deps, turn.conversation
    name = deps.service_name(slug, conversation.language)
    service = deps.service(slug)
    if service is None:
        text = deps.say("say.service_unknown", conversation, service=name)
        return Reply(text, buttons=(person_button(deps, conversation),), meta={"service": slug})
    wishes = [*_TOPICS, "start_application"] if service.form is not None else [*_TOPICS]
    buttons = tuple(wish_button(deps, conversation, wish, slug) for wish in wishes)
    return Reply(deps.say("say.what_about", conversation, service=name), Kind.QUESTION, buttons, meta={"service": slug})


def _fallback_menu(turn: Turn) -> tuple[Button, ...]:
    if turn.call.form_active:
        return ()
    deps, conversation = turn.deps, turn.conversation
    return (wish_button(deps, conversation, "ask_service_list"), person_button(deps, conversation))
