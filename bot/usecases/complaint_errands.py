"""Errands of complaints: what was added, that it is settled, that it is not. Every one is safe to repeat under its key."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from bot.domain.messages import FileRef
from bot.errors import AgencyError
from bot.ports import Closable, TakesWords
from bot.usecases.errand_base import ErrandRun

_CONFLICT = 409


async def bring_words(run: ErrandRun) -> None:
    """What the citizen added."""
    word = await _word(run)
    if word is not None:
        await cast(TakesWords, run.agency).add(run.agency_ref, word[0], word[1], run.key)


async def reopen(run: ErrandRun) -> None:
    """It is not settled, and why."""
    word = await _word(run)
    if word is not None:
        await cast(Closable, run.agency).reopen(run.agency_ref, word[0], run.key)


async def close(run: ErrandRun) -> None:
    """It is settled. An office that closed it by itself meanwhile has no objection."""
    try:
        await cast(Closable, run.agency).close_case(run.agency_ref, run.key)
    except AgencyError as refused:
        if refused.params.get("status") != _CONFLICT:
            raise


async def _word(run: ErrandRun) -> tuple[str, list[tuple[FileRef, bytes]]] | None:
    """Text and files; None: erased on the citizen's wish."""
    async with run.deps.store.begin() as tx:
        word = await tx.word(run.case.id, run.verb)
        if word is None:
            return None
        found = [await tx.blob(UUID(str(one))) for one in word.files]
    return word.text, [(one[0], one[1]) for one in found if one is not None]
