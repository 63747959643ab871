"""Offering surveys that are due, where the person talks with us, when nothing else is going on there."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from bot.domain.application import State
from bot.domain.conversation import Conversation, Holder
from bot.domain.messages import Kind, Reply, Standing
from bot.domain.offers import remember
from bot.usecases import survey as talk
from bot.usecases.deps import Deps
from bot.usecases.notify import Announcement, notify, preferred
from bot.usecases.store import Tx
from bot.usecases.store_survey import Survey, SurveyState
from bot.usecases.survey_due import channel_of, pause

log = logging.getLogger(__name__)

MOST = 200
"""Surveys offered in one round."""
LATER = timedelta(hours=1)
"""The person is in the middle of something."""
GIVEN_UP = timedelta(days=7)
"""So long after the matter ended nobody is asked any more."""


async def offer_surveys(deps: Deps) -> int:
    """Offer what is due; how many were."""
    async with deps.store.begin() as tx:
        due = await tx.due_surveys(deps.now(), MOST)
    offered = 0
    for survey_id in due:
        try:
            offered += await _offer(deps, survey_id)
        except Exception:
            log.exception("a survey was not offered", extra={"survey": str(survey_id)})
    return offered


async def _offer(deps: Deps, survey_id: UUID) -> bool:
    now = deps.now()
    async with deps.store.begin() as tx:
        survey = await tx.survey(survey_id)
        if survey is None or survey.conversation_id is None:
            return False
        home = await tx.conversation(survey.conversation_id)
        target = await preferred(tx, home)
        # Conversations before surveys, as a turn locks them.
        await tx.lock_people([home.id, target.id])
        survey = await tx.survey(survey_id, lock=True)
        if survey is None or survey.state != SurveyState.DUE:
            return False
        target = await tx.conversation(target.id, lock=True)
        ended, reference = await _ended(tx, survey, now)
        if not ended or target.standing is not Standing.OPEN or await talk.asked_lately(deps, tx, target):
            survey.state = SurveyState.DROPPED
        elif target.form_active or target.state is not Holder.BOT:
            survey.due_at = now + LATER
        else:
            await _say(deps, tx, home, target, survey, reference)
        await tx.save_survey(survey)
    return survey.state == SurveyState.OFFERED


async def _ended(tx: Tx, survey: Survey, now: datetime) -> tuple[bool, str]:
    """Whether the matter is (still) over, and not long ago; and its number."""
    if survey.case_id is None:
        return True, ""
    case = await tx.case(survey.case_id)
    over = pause(case.service, State(case.state)) is not None and now - case.updated_at <= GIVEN_UP
    return over, case.reference or ""


async def _say(deps: Deps, tx: Tx, home: Conversation, target: Conversation, survey: Survey, reference: str) -> None:
    now = deps.now()
    survey.state, survey.offered_at, survey.due_at = SurveyState.OFFERED, now, now
    survey.conversation_id, survey.channel = target.id, channel_of(target)
    said: list[Reply] = []

    async def words(reader: Conversation) -> Sequence[Reply]:
        said[:] = [talk.offer(deps, reader, survey, reference, Kind.NOTICE)]
        return said

    def announced(reader: Conversation) -> Announcement:
        about = talk.about_words(deps, reader, survey, reference) or deps.say("survey.about_loket", reader)
        return Announcement("survey", {"about": about})

    await notify(tx, home, words, now, f"survey:{survey.id}", announced)
    # A number typed is the answer, where there are no buttons to press.
    target.memory = remember(said, target.memory, target.topic)
    await tx.save_conversation(target)
