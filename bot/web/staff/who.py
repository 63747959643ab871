"""Who a conversation is with."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.application import State
from bot.domain.conversation import Conversation
from bot.usecases.deps import Deps
from bot.usecases.store import Tx
from bot.web.staff.masks import mask_number
from bot.web.staff.strings import Say


@dataclass(frozen=True)
class Person:
    """What is known of the citizen. ``claimed``: the NIK is their word only."""

    level: int
    name: str = ""
    nik: str = ""
    claimed: bool = False
    expired: bool = False


async def person(deps: Deps, tx: Tx, conversation: Conversation) -> Person:
    """A proven citizen, or what the open draft says."""
    level = conversation.level(deps.now())
    if conversation.citizen_id is not None:
        citizen = await tx.citizen(conversation.citizen_id)
        expired = level < conversation.assurance
        return Person(level, citizen.name, mask_number(citizen.nik), expired=expired)
    if conversation.case_id is not None:
        case = await tx.case(conversation.case_id)
        service = deps.service(case.service)
        if case.state == State.DRAFT and service is not None and service.form is not None:
            engine, draft = deps.form_of(conversation, case)
            nik = str(engine.identity(draft).get("nik", ""))
            return Person(level, nik=mask_number(nik) if nik else "", claimed=bool(nik))
    return Person(level)


def level_word(say: Say, level: int) -> str:
    """The assurance in words."""
    return say(f"level_{min(max(level, 0), 3)}")


async def connected(deps: Deps, tx: Tx, conversation: Conversation, language: str) -> list[str]:
    """Names of the channels of the person's other conversations, by proof."""
    if conversation.person_id is None:
        return []
    others = await tx.conversations_of(conversation.person_id)
    return [deps.channel_name(one.account, language) for one in others if one.id != conversation.id]
