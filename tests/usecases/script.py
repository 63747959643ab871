"""The whole of F-2.01 as one person types it."""

from __future__ import annotations

from typing import Any

from bot.domain.conversation import Conversation
from tests.usecases.conftest import NIK, World

IDENTITY = ["mau buat akta kelahiran", "ya", NIK, "17 agt 90"]
FIELDS = [
    "ya", "ayah", "0812 3456 7890", "lewati", "Siti Aminah", "perempuan", "rs", "Tegal", "kemarin", "setengah 8 malam",
    "tunggal", "2", "bidan", "3,2 kg", "49", "ada", "Sri Lestari", "3328995203920002", "Tegal", "12 maret 1992",
    "Joko Susilo", "3328990105800003", "lewati", "Tuti Wulandari", "3328994506810004", "lewati",
]  # fmt: skip


async def prove(world: World, who: Conversation) -> list[dict[str, Any]]:
    """Start the application and prove the identity; returns the answers to the selfies."""
    for text in IDENTITY:
        await world.say(who, text)
    return await world.selfies(who)


async def fill(world: World, who: Conversation) -> list[dict[str, Any]]:
    """Prove and fill in everything up to the review; returns the review."""
    await prove(world, who)
    for text in FIELDS:
        answers = await world.say(who, text)
    while answers[-1]["meta"].get("field_type") == "document":
        answers = await world.send(who, "document", b"paper")
    return answers


async def apply(world: World, who: Conversation) -> str:
    """The whole application; returns its number."""
    await fill(world, who)
    answers = await world.say(who, "kirim")
    return str(answers[-1]["meta"]["application"])
