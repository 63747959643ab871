"""Buttons that stand below a case of the person: ``perintah:<verb>-<case id>``. Each verb is one use case, which has to see to it that
the case is the person's and that the wish still fits its state.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from bot.usecases import apply
from bot.usecases.turn import Effect, Turn


async def _withdraw(turn: Turn, case_id: UUID) -> Effect:
    return await apply.withdraw(turn, case_id, turn.deps.now())


CASE_WISHES: Mapping[str, Callable[[Turn, UUID], Awaitable[Effect]]] = {
    "tarik": _withdraw,
}
