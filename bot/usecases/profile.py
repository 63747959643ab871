"""What is known of the person, how they are reached, and all they have asked for; contact data are changed by the form ``profil``."""

from __future__ import annotations

from bot.domain.application import State
from bot.domain.catalogue import Ending
from bot.domain.contact import CHANNEL, EMAIL, PHONE, Contact, masked_email, masked_nik, masked_phone
from bot.domain.conversation import Case, Conversation
from bot.domain.messages import Reply
from bot.usecases import apply
from bot.usecases.deps import Deps
from bot.usecases.profile_save import FORM, writes_from
from bot.usecases.replies import plain, wish_button
from bot.usecases.submit import spoken_date
from bot.usecases.turn import Effect, Turn
from bot.usecases.variants import referred, variant_of

_MOST_SHOWN = 10
_PROVEN = 3


async def profile(turn: Turn) -> Effect:
    """The action of both wishes: to see, and to change."""
    return await (change(turn) if turn.call.intent == "update_profile" else view(turn))


async def change(turn: Turn) -> Effect:
    """Open the form; within it, it goes on."""
    service = turn.deps.known_service(FORM)
    if turn.call.form_active:
        case = await turn.draft_case()
        if case is not None and case.service == FORM:
            name = turn.deps.service_name(FORM, turn.conversation.language)
            return Effect([plain(turn.deps, turn.conversation, "apply.already", service=name)])
    variant = await variant_of(turn, service)
    if variant is not None and variant.ends is Ending.REFERRAL:
        # Name, birth date, address are the register's: said at once, without a form and without asking for consent.
        return Effect([referred(turn, service, variant)])
    return await apply.begin_form(turn, service, variant)


async def view(turn: Turn) -> Effect:
    """Masked data of the register and contact data for somebody whose face was verified; the history for everybody."""
    deps, conversation = turn.deps, turn.conversation
    buttons = (wish_button(deps, conversation, "update_profile"), wish_button(deps, conversation, "track_application"))
    history = await _history(turn)
    if conversation.level(deps.now()) < _PROVEN or conversation.citizen_id is None:
        return Effect([plain(deps, conversation, "say.profile_unproven"), Reply(history, buttons=buttons)])
    return Effect([Reply(await _person(turn)), Reply(history, buttons=buttons)])


async def _person(turn: Turn) -> str:
    deps, conversation, tx = turn.deps, turn.conversation, turn.tx
    assert conversation.citizen_id is not None
    citizen = await tx.citizen(conversation.citizen_id)
    contacts = await tx.contacts(citizen.id)
    spoken = deps.say(f"language.{conversation.language}", conversation)
    place = ", ".join(str(citizen.data[key]) for key in ("desa", "kecamatan") if citizen.data.get(key))
    lines = [
        deps.say("profile.register", conversation, name=citizen.name, nik=masked_nik(citizen.nik)),
        *([deps.say("profile.place", conversation, place=place)] if place else []),
        deps.say("profile.changed_by", conversation),
        "",
        deps.say("profile.contact", conversation),
        f"• {await _phone(turn, contacts.get(PHONE))}",
        f"• {_email(deps, conversation, contacts.get(EMAIL))}",
        f"• {_channel(deps, conversation, contacts.get(CHANNEL))}",
        f"• {deps.say('profile.language', conversation, name=spoken)}",
    ]
    return "\n".join(lines)


async def _phone(turn: Turn, contact: Contact | None) -> str:
    deps, conversation = turn.deps, turn.conversation
    if contact is None:
        return deps.say("profile.no_phone", conversation)
    # A conversation connected since then shows it, too.
    confirmed = contact.confirmed_at is not None or await writes_from(deps, turn.tx, conversation, contact.value)
    return _said(deps, conversation, "phone", masked_phone(contact.value), confirmed=confirmed)


def _email(deps: Deps, conversation: Conversation, contact: Contact | None) -> str:
    if contact is None:
        return deps.say("profile.no_email", conversation)
    return _said(deps, conversation, "email", masked_email(contact.value), confirmed=contact.confirmed_at is not None)


def _said(deps: Deps, conversation: Conversation, kind: str, value: str, *, confirmed: bool) -> str:
    mark = deps.say("profile.confirmed" if confirmed else "profile.unconfirmed", conversation)
    return f"{deps.say(f'profile.{kind}', conversation, value=value)} {mark}"


def _channel(deps: Deps, conversation: Conversation, contact: Contact | None) -> str:
    if contact is None:
        return deps.say("profile.channel_last", conversation)
    return deps.say("profile.channel", conversation, channel=deps.channel_name(contact.value, conversation.language))


# -- history ------------------------------------------------------------------------------------------------------------


async def _history(turn: Turn) -> str:
    """All requests of the person, on every connected channel: applications, complaints, visits, requests for a person."""
    deps, conversation, tx = turn.deps, turn.conversation, turn.tx
    cases = [
        c for c in await tx.cases_of(conversation) if c.service != FORM and (c.reference or c.state == State.DRAFT)
    ]
    lines = [_case(deps, conversation, case) for case in cases[:_MOST_SHOWN]]
    mine = [conversation] if conversation.person_id is None else await tx.conversations_of(conversation.person_id)
    for one in mine:
        ticket = await tx.open_ticket(one.id)
        if ticket is not None:
            lines.append(deps.say("profile.ticket", conversation, number=ticket.number))
    if not lines:
        return deps.say("profile.no_history", conversation)
    more = len(cases) - _MOST_SHOWN
    tail = [deps.say("profile.more", conversation, n=more)] if more > 0 else []
    return "\n".join([deps.say("profile.history", conversation), *lines, *tail])


def _case(deps: Deps, conversation: Conversation, case: Case) -> str:
    name = deps.service_name(case.service, conversation.language)
    if case.state == State.DRAFT:
        return deps.say("profile.draft", conversation, service=name)
    at = (case.submitted_at or case.created_at).astimezone(deps.zone(conversation)).date()
    state = deps.say(deps.words_for(case.service, f"state.{case.state}"), conversation)
    date = spoken_date(at, conversation.language)
    return deps.say("profile.case", conversation, service=name, reference=case.reference or "", date=date, state=state)
