"""People who write to Loket in several channels, and what they read there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from bot.domain.conversation import Citizen, Conversation
from bot.ports import ChannelAccount
from tests.usecases.conftest import NIK, World
from tests.usecases.script import FIELDS, prove

TELEGRAM, WHATSAPP = "telegram:4711", "whatsapp:628000000001"
CODE = re.compile(r"\*(?:sambung|connect) ([0-9A-Z]{4}-[0-9A-Z]{4})\*")


def several_channels(world: World) -> World:
    """The office has a bot, a number and a page."""
    accounts = (
        ChannelAccount("web", "", "", "https://loket.example"),
        ChannelAccount(TELEGRAM, "33.28", "4711", "@LoketContohBot"),
        ChannelAccount(WHATSAPP, "33.28", "628000000001", "+628000000001"),
        ChannelAccount("telegram:99", "33.29", "99", "@KantorLainBot"),
    )
    world.deps = replace(world.deps, channels={account.id: account for account in accounts})
    return world


async def on(world: World, account: str, language: str = "id") -> Conversation:
    """Somebody's conversation on a push channel."""
    async with world.store.begin() as tx:
        return await tx.open_conversation(account, uuid4().hex, "33.28", language, world.clock.now())


async def code_in(world: World, who: Conversation, wish: str = "kode sambung") -> str:
    """Ask for a code and read it."""
    said = texts(await world.say(who, wish))
    found = CODE.search(said)
    assert found is not None, said
    return found[1]


async def connect(world: World, old: Conversation, new: Conversation) -> list[dict[str, Any]]:
    """Ask for a code in one, type it in the other, agree; returns the answers to that."""
    asked = await world.say(new, f"sambung {await code_in(world, old)}")
    assert "offer" in asked[-1]["meta"], asked
    return await world.say(new, "ya")


async def half_filled(world: World, who: Conversation, answers: int = 5) -> list[dict[str, Any]]:
    """A proven identity and some answers; returns what was asked last."""
    said = await prove(world, who)
    for answer in FIELDS[:answers]:
        said = await world.say(who, answer)
    return said


async def draft_of(world: World, who: Conversation) -> dict[str, Any]:
    """The draft in focus."""
    conversation = await world.conversation(who)
    assert conversation.case_id is not None
    async with world.store.begin() as tx:
        return (await tx.case(conversation.case_id)).draft


async def verified(world: World, who: Conversation, nik: str = NIK) -> None:
    """The face was verified there, as far as the database says."""
    person = world.agency.people[nik]
    async with world.store.begin() as tx:
        known = await tx.citizen_by_nik(nik)
        if known is None:
            known = Citizen(uuid4(), nik, person.name, person.birth_date, dict(person.data))
            await tx.save_citizen(known, world.clock.now())
        await tx.succeeded(who.id, known.id, world.clock.now())
        conversation = await tx.conversation(who.id, lock=True)
        conversation.citizen_id, conversation.assurance = known.id, 3
        await tx.save_conversation(conversation)


async def audited(world: World, action: str) -> list[dict[str, Any]]:
    """Details of an action in the audit log."""
    async with world.store.begin() as tx:
        rows = await tx.run(text("select detail from audit where action = :action order by id"), {"action": action})
        return [row.detail for row in rows]


def texts(said: list[dict[str, Any]]) -> str:
    """All that was said, in one piece."""
    return "\n".join(str(one["text"]) for one in said)


def asked(said: list[dict[str, Any]]) -> str | None:
    """The field that the last message asks for."""
    return said[-1]["meta"].get("field") if said else None
