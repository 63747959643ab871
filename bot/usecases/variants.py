"""Which variant of a service a turn is about, and asking for it."""

from __future__ import annotations

from bot.domain import payloads
from bot.domain.catalogue import Ending, Service, Variant, referral, spoken
from bot.domain.messages import Button, Kind, Reply
from bot.domain.texts import word
from bot.domain.variants import variant_meant
from bot.usecases.replies import person_button, wish_button
from bot.usecases.turn import Turn


async def variant_of(turn: Turn, service: Service) -> Variant | None:
    """The variant that a button or the person's words name, else that of the form they are in or of the talk before; None when
    it is open.
    """
    named = turn.plan.params.get("variant")
    for variant in service.variants:
        if variant.id == named:
            return variant
    said = variant_meant(turn.plan.text, service)
    if said is not None:
        return said
    if turn.call.form_active:
        case = await turn.draft_case()
        known = case.draft.get("variant") if case is not None and case.service == service.slug else None
    else:
        known = _spoken_of(turn, service)
    return next((v for v in service.variants if v.id == known), None)


def _spoken_of(turn: Turn, service: Service) -> str | None:
    """Id of the variant the talk is about. A question that names the service anew may be about another one; a wish to apply
    for it is about this one, which is said when the form opens.
    """
    slug, variant = turn.conversation.memory.get("variant") or (None, None)
    anew = turn.call.service is not None and turn.call.intent != "start_application"
    return variant if slug == service.slug and not anew else None


def variant_buttons(turn: Turn, service: Service, intent: str, variants: tuple[Variant, ...]) -> tuple[Button, ...]:
    """One button per variant, for a wish about it."""
    language = turn.conversation.language
    return tuple(Button(word(v.name, language), payloads.intent(intent, service.slug, v.id)) for v in variants)


def start_button(turn: Turn, service: Service, variant: Variant | None) -> tuple[Button, ...]:
    """The button that applies for it, if it can be applied for here."""
    if service.form is None or (variant is not None and variant.ends is Ending.REFERRAL):
        return ()
    deps, conversation = turn.deps, turn.conversation
    if variant is None or len(service.variants) < 2:
        return (wish_button(deps, conversation, "start_application", service.slug),)
    key = "button.start_booking" if variant.ends is Ending.BOOKING else "button.start_application"
    title = deps.say(key, conversation, service=word(variant.name, conversation.language))
    return (Button(title, payloads.intent("start_application", service.slug, variant.id)),)


def which(turn: Turn, service: Service, intent: str, variants: tuple[Variant, ...], text: str) -> Reply:
    """Ask which variant is meant; the buttons give the same answer as before, for one of them."""
    language = turn.conversation.language
    names = [f"{n}. {word(v.name, language)}" for n, v in enumerate(variants, 1)]
    buttons = () if turn.call.form_active else variant_buttons(turn, service, intent, variants)
    meta = {"service": service.slug, "variant": None}
    return Reply("\n".join([text, *names]), Kind.QUESTION, buttons, meta=meta)


def referred(turn: Turn, service: Service, variant: Variant) -> Reply:
    """Somebody else's matter: whose, what to bring, and the way back to what can be done here."""
    deps, conversation = turn.deps, turn.conversation
    text = referral(variant, conversation.language, deps.texts)
    buttons = (wish_button(deps, conversation, "ask_service_list"), person_button(deps, conversation))
    return Reply(text, buttons=buttons, meta={"service": service.slug, "variant": variant.id})


def visit(turn: Turn, service: Service, variant: Variant) -> Reply:
    """Said when a booking begins: who has to come and why, and that the visit is asked for here."""
    deps, conversation = turn.deps, turn.conversation
    why = spoken(variant.in_person or service.in_person, conversation.language, deps.texts)
    return Reply(deps.say("apply.visit", conversation, why=why))
