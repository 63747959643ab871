"""Buttons that stand below a case of the person: ``perintah:<verb>-<case id>``. Each verb is one use case, which has to see to it that
the case is the person's and that the wish still fits its state.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from bot.usecases import (
    apply_cancel,
    complaint_case,
    documents,
    documents_receipt,
    handoff_citizen,
    handoff_form,
    life,
    queue,
)
from bot.usecases.handoff_return import MARKS
from bot.usecases.survey_wishes import SURVEY_WISHES
from bot.usecases.turn import Effect, Turn


async def _withdraw(turn: Turn, case_id: UUID) -> Effect:
    return await apply_cancel.withdraw(turn, case_id, turn.deps.now())


def _rated(mark: int) -> Callable[[Turn, UUID], Awaitable[Effect]]:
    async def rated(turn: Turn, ticket_id: UUID) -> Effect:
        return await handoff_citizen.rate(turn, ticket_id, mark)

    return rated


CASE_WISHES: Mapping[str, Callable[[Turn, UUID], Awaitable[Effect]]] = {
    "tarik": _withdraw,
    "bot": handoff_citizen.leave,
    "benar": handoff_form.confirm,
    "salah": handoff_form.dispute,
    **{f"nilai{mark}": _rated(mark) for mark in range(1, MARKS + 1)},
    "beres": complaint_case.settled,
    "buka": complaint_case.why_not,
    "tambah": complaint_case.ask_more,
    documents_receipt.VERB: documents_receipt.receipt_pdf,
    documents.AGAIN: documents.another_link,
    "terima": life.received,
    "giliran": queue.place,
    "jadwal": queue.reschedule,
    "geser": queue.reschedule,
    "lepas": queue.give_back,
    **SURVEY_WISHES,
}
