"""The verbs of the survey's buttons, for :mod:`bot.usecases.case_wishes`: ``u13-<survey>`` marks unsur 1 with 3, ``u1x`` passes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from bot.domain.survey import COUNT, MARKS
from bot.usecases import survey
from bot.usecases.turn import Effect, Turn

Wish = Callable[[Turn, UUID], Awaitable[Effect]]


def _marked(unsur: int, mark: int | None) -> Wish:
    async def marked(turn: Turn, survey_id: UUID) -> Effect:
        return await survey.mark(turn, survey_id, unsur, mark)

    return marked


SURVEY_WISHES: Mapping[str, Wish] = {
    **{f"u{unsur}{mark}": _marked(unsur, mark) for unsur in range(1, COUNT + 1) for mark in MARKS},
    **{f"u{unsur}{survey.PASSED}": _marked(unsur, None) for unsur in range(1, COUNT + 1)},
    survey.STOP: survey.stop,
    survey.GO_ON: survey.go_on,
    survey.REMARK: survey.ask_words,
}
