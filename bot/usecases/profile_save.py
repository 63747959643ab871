"""The end of the form ``profil``: contact data are kept here and go to no agency."""

from __future__ import annotations

from bot.domain.application import State
from bot.domain.contact import CHANNEL, EMAIL, PHONE, Contact, masked_email, masked_phone
from bot.domain.conversation import Case, Conversation
from bot.domain.form import Engine
from bot.domain.form_draft import Draft
from bot.domain.messages import Kind, Reply
from bot.usecases.deps import Deps
from bot.usecases.replies import wish_button
from bot.usecases.store import Tx
from bot.usecases.turn import Turn

FORM = "profil"
ANY_CHANNEL = "otomatis"


async def save(turn: Turn, case: Case, engine: Engine, draft: Draft) -> list[Reply]:
    """Keep what was said; the draft itself is over and handed in nowhere."""
    deps, conversation, tx, now = turn.deps, turn.conversation, turn.tx, turn.deps.now()
    said = engine.payload(draft).get("kontak", {})
    case.state, case.updated_at, case.draft = State.DIBATALKAN.value, now, {**case.draft, "answers": {}}
    await tx.put_case(case)
    conversation.case_id = None
    if conversation.citizen_id is None:
        return [Reply(deps.say("say.profile_unproven", conversation))]
    key, params = "profile.saved", {}
    if "telepon" in said:
        confirmed = await writes_from(deps, tx, conversation, said["telepon"])
        contact = Contact(PHONE, said["telepon"], now, now if confirmed else None)
        key, params = (
            ("profile.phone_confirmed" if confirmed else "profile.phone_saved"),
            {"value": masked_phone(contact.value)},
        )
        await tx.save_contact(conversation.citizen_id, contact)
    elif "email" in said:
        await tx.save_contact(conversation.citizen_id, Contact(EMAIL, said["email"], now))
        key, params = "profile.email_saved", {"value": masked_email(said["email"])}
    elif "saluran" in said:
        key, params = await _channel(turn, said["saluran"])
    elif "bahasa" in said:
        await _speak(turn, said["bahasa"])
        key = "say.language_changed"
    await tx.audit("loket", "profile.changed", str(conversation.citizen_id), {"what": sorted(said)}, now)
    return [
        Reply(deps.say(key, conversation, **params), Kind.ANSWER, (wish_button(deps, conversation, "view_profile"),))
    ]


async def writes_from(deps: Deps, tx: Tx, conversation: Conversation, number: str) -> bool:
    """Whether the person writes to us from that number: in this conversation, or one connected by a *kode sambung*. Nothing else
    shows so well that it is theirs."""
    if conversation.person_id is None:
        return False
    return await tx.writes_from(conversation.person_id, (number, number.lstrip("+"), f"whatsapp:{number}"))


async def _channel(turn: Turn, wanted: str) -> tuple[str, dict[str, str]]:
    """Where news goes; a channel that the person does not use yet is told how to be connected."""
    deps, here, tx, now = turn.deps, turn.conversation, turn.tx, turn.deps.now()
    assert here.citizen_id is not None
    if wanted == ANY_CHANNEL:
        await tx.forget_contacts(here.citizen_id, [CHANNEL])
        return "profile.channel_any", {}
    await tx.save_contact(here.citizen_id, Contact(CHANNEL, wanted, now, now))
    mine = [here] if here.person_id is None else await tx.conversations_of(here.person_id)
    there = any(one.account.partition(":")[0] == wanted for one in mine)
    key = "profile.channel_saved" if there else "profile.channel_unconnected"
    return key, {"channel": deps.channel_name(wanted, here.language)}


async def _speak(turn: Turn, language: str) -> None:
    """In every conversation of the person."""
    here, tx = turn.conversation, turn.tx
    here.language, here.language_set = language, True
    if here.person_id is not None:
        await tx.set_language(here.person_id, here.id, language)
