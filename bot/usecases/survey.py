"""The survey of satisfaction in the chat: one tap per question, given up and gone on with at any time, a last word if one likes.

Every button names its survey and its unsur, so that one pressed again, later or in another channel of the same person changes that
mark and no other.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from bot.domain.awaiting import KEY as AWAITS
from bot.domain.conversation import Conversation
from bot.domain.fields.clean import words_of
from bot.domain.messages import Button, Kind, Reply
from bot.domain.payloads import command
from bot.domain.survey import COUNT, MARKS, UNSUR, low, next_unsur
from bot.usecases import apply
from bot.usecases.deps import Deps
from bot.usecases.replies import person_button, plain
from bot.usecases.store import Tx
from bot.usecases.store_survey import Survey, SurveyState
from bot.usecases.survey_due import about_help, about_talk, channel_of
from bot.usecases.turn import Effect, Turn

if TYPE_CHECKING:
    from bot.domain.conversation import Ticket
    from bot.usecases.awaited import Answer

OPEN_FOR = timedelta(days=30)
"""So long after it was offered a survey may be answered, or changed."""
ONE_IN = timedelta(hours=24)
"""Nobody is asked about two matters within this time."""
REMARK = "saran"
"""Verb of the last word (:mod:`bot.usecases.awaited`) and of its button."""
STOP, GO_ON = "ustop", "umulai"
PASSED = "x"
_MARK = re.compile(r"perintah:u([1-9])1-([0-9a-f-]{36})")
"""The button of a question's first mark."""
_FEW = 4
"""Words that may be meant as a mark."""
_TO_FILL_IN = frozenset(
    "lanjut lanjutkan lanjutin lanjutke teruskan isi ngisi mengisi mau mulai ikut beri kasih boleh survei survey surve skm ikm"
    " penilaian penilaiannya menilai nilai surveinya surveynya kepuasan lagi yang tadi saya sy pengen ingin ya dong kak min pak bu"
    " fill in continue the a i want to start resume".split()
)
"""Somebody who says no more than this gives no feedback: they want to."""
_ENDED = frozenset({SurveyState.DONE, SurveyState.STOPPED})
_ALIVE = frozenset({SurveyState.OFFERED, SurveyState.OPEN}) | _ENDED


# -- asking -------------------------------------------------------------------------------------------------------------


def asked(
    deps: Deps, reader: Conversation, survey: Survey, unsur: int, intro: str = "", kind: Kind = Kind.QUESTION
) -> Reply:
    """One question with its four marks; ``intro`` is said before it."""
    name = UNSUR[unsur - 1]
    question = deps.say("survey.question", reader, n=unsur, of=COUNT, question=deps.say(f"survey.ask.{name}", reader))
    # In this order: where there are no buttons, the number typed is the mark.
    marks = [
        Button(deps.say(f"survey.mark.{name}.{mark}", reader), command(f"u{unsur}{mark}-{survey.id}")) for mark in MARKS
    ]
    if survey.state == SurveyState.OFFERED:
        ways = [Button(deps.say("survey.button.no", reader), command(f"{STOP}-{survey.id}"))]
    else:
        passed = Button(deps.say("survey.button.pass", reader), command(f"u{unsur}{PASSED}-{survey.id}"))
        ways = [passed, Button(deps.say("survey.button.stop", reader), command(f"{STOP}-{survey.id}"))]
    meta: dict[str, object] = {"survey": str(survey.id), "step": {"n": unsur, "of": COUNT}}
    if survey.service:
        meta["service"] = survey.service
    return Reply(f"{intro}\n\n{question}" if intro else question, kind, (*marks, *ways), meta=meta)


def offer(deps: Deps, reader: Conversation, survey: Survey, reference: str = "", kind: Kind = Kind.QUESTION) -> Reply:
    """What it is, that nobody has to, and the first question in the same message."""
    about = about_words(deps, reader, survey, reference)
    key = f"survey.offer.{survey.kind}" if about else "survey.offer.plain"
    return asked(deps, reader, survey, 1, deps.say(key, reader, about=about), kind)


def about_words(deps: Deps, reader: Conversation, survey: Survey, reference: str = "") -> str:
    """What it is about, in the reader's language; empty: nothing in particular."""
    service = deps.service_name(survey.service, reader.language) if survey.service else ""
    return f"{service} ({reference})" if service and reference else service


async def asked_lately(deps: Deps, tx: Tx, conversation: Conversation) -> bool:
    """Whether the person was offered a survey just now."""
    return await tx.last_survey(await _whose(tx, conversation), deps.now() - ONE_IN) is not None


async def _whose(tx: Tx, conversation: Conversation) -> list[UUID]:
    if conversation.person_id is None:
        return [conversation.id]
    return [conversation.id, *(one.id for one in await tx.conversations_of(conversation.person_id))]


async def after_help(turn: Turn, ticket: Ticket) -> list[Reply]:
    """Below the mark for a talk with a person: the other questions, once."""
    deps, conversation, tx, now = turn.deps, turn.conversation, turn.tx, turn.deps.now()
    if conversation.form_active or await asked_lately(deps, tx, conversation):
        return []
    survey = about_help(deps, ticket, now)
    survey.state, survey.offered_at, survey.channel = SurveyState.OFFERED, now, channel_of(conversation)
    return [offer(deps, conversation, survey)] if await tx.put_survey(survey) else []


# -- answering ----------------------------------------------------------------------------------------------------------


async def _mine(turn: Turn, survey_id: UUID | None) -> Survey | None:
    """The survey, locked, if it is this person's and not too old."""
    if survey_id is None:
        return None
    survey = await turn.tx.survey(survey_id, lock=True)
    if survey is None or survey.state not in _ALIVE or survey.offered_at is None:
        return None
    if turn.deps.now() - survey.offered_at > OPEN_FOR:
        return None
    return survey if survey.conversation_id in await _whose(turn.tx, turn.conversation) else None


async def _stale(turn: Turn) -> Effect:
    return Effect([plain(turn.deps, turn.conversation, "survey.over", Kind.ERROR), *await _question(turn)])


async def _question(turn: Turn) -> list[Reply]:
    """The question that an open form is at."""
    case = await turn.draft_case() if turn.conversation.form_active else None
    return await apply.asked(turn, case) if case is not None else []


async def mark(turn: Turn, survey_id: UUID, unsur: int, given: int | None) -> Effect:
    """A mark, or None: passed over. Then the next question that is open."""
    survey = await _mine(turn, survey_id)
    if survey is None:
        return await _stale(turn)
    now, before = turn.deps.now(), await turn.tx.marks(survey.id)
    await turn.tx.put_mark(survey.id, unsur, given, now)
    marks = {**before, unsur: given}
    left = next_unsur(marks)
    was_done = survey.state == SurveyState.DONE
    survey.state = SurveyState.OPEN if left is not None else SurveyState.DONE
    if left is None:
        survey.finished_at = survey.finished_at or now
    await _judged(turn, survey, marks)
    intro = turn.deps.say("survey.changed", turn.conversation) if unsur in before else ""
    if left is not None:
        return Effect([asked(turn.deps, turn.conversation, survey, left, intro)])
    if was_done:
        return Effect([plain(turn.deps, turn.conversation, "survey.changed"), *await _question(turn)])
    return Effect([_thanks(turn, survey), *await _question(turn)])


async def _judged(turn: Turn, survey: Survey, marks: dict[int, int | None]) -> None:
    """Low marks are put before a supervisor, until somebody has seen to them; the survey is saved."""
    given = {unsur: mark for unsur, mark in marks.items() if mark is not None}
    why = low(given, free=survey.free, finished=survey.state in _ENDED)
    if survey.handled_at is None:
        survey.low_at = (survey.low_at or turn.deps.now()) if why is not None else None
        survey.low = why.value if why is not None else None
    await turn.tx.save_survey(survey)


def _thanks(turn: Turn, survey: Survey) -> Reply:
    deps, reader = turn.deps, turn.conversation
    words = Button(deps.say("survey.button.remark", reader), command(f"{REMARK}-{survey.id}"))
    if survey.low is None:
        return Reply(deps.say("survey.thanks", reader), Kind.ANSWER, (words,))
    return Reply(deps.say("survey.thanks_low", reader), Kind.ANSWER, (words, person_button(deps, reader)))


async def stop(turn: Turn, survey_id: UUID) -> Effect:
    """ "Tidak, terima kasih", "Cukup": what was marked counts, and nobody asks again."""
    survey = await _mine(turn, survey_id)
    if survey is None:
        return await _stale(turn)
    marks = await turn.tx.marks(survey.id)
    if survey.state != SurveyState.DONE:
        survey.state, survey.finished_at = SurveyState.STOPPED, survey.finished_at or turn.deps.now()
    await _judged(turn, survey, marks)
    some = any(mark is not None for mark in marks.values())
    said = _thanks(turn, survey) if some else plain(turn.deps, turn.conversation, "survey.declined")
    return Effect([said, *await _question(turn)])


async def resumed(turn: Turn) -> Effect | None:
    """ "Lanjut", when nothing else is open: the survey that was begun and left, at the question it stands at. None: there is none."""
    survey = await turn.tx.last_survey(await _whose(turn.tx, turn.conversation), turn.deps.now() - OPEN_FOR)
    if survey is None or survey.state != SurveyState.OPEN:
        return None
    left = next_unsur(await turn.tx.marks(survey.id))
    return Effect([asked(turn.deps, turn.conversation, survey, left)]) if left is not None else None


async def again(turn: Turn) -> Effect | None:
    """The open question once more, for a few words that are none of its marks; None: the last reply asked for no mark."""
    found = _MARK.match(str((turn.conversation.memory.get("buttons") or [["", ""]])[0][1]))
    if found is None or not 0 < len(turn.plan.text.split()) <= _FEW:
        return None
    survey = await _mine(turn, UUID(found[2]))
    if survey is None:
        return None
    return Effect(
        [asked(turn.deps, turn.conversation, survey, int(found[1]), turn.deps.say("survey.pick", turn.conversation))]
    )


async def go_on(turn: Turn, survey_id: UUID) -> Effect:
    """Begin, or go on where it stopped."""
    survey = await _mine(turn, survey_id)
    if survey is None:
        return await _stale(turn)
    left = next_unsur(await turn.tx.marks(survey.id))
    if left is None:
        return Effect([plain(turn.deps, turn.conversation, "survey.full"), *await _question(turn)])
    survey.state = SurveyState.OPEN
    await turn.tx.save_survey(survey)
    return Effect([asked(turn.deps, turn.conversation, survey, left)])


# -- words --------------------------------------------------------------------------------------------------------------


async def ask_words(turn: Turn, survey_id: UUID) -> Effect:
    """ "Tulis saran": the next message is it."""
    survey = await _mine(turn, survey_id)
    return await _stale(turn) if survey is None else Effect([_your_words(turn, survey)])


def _your_words(turn: Turn, survey: Survey) -> Reply:
    text = turn.deps.say("survey.write", turn.conversation)
    return Reply(text, Kind.QUESTION, meta={AWAITS: f"{REMARK}-{survey.id}"})


async def words(turn: Turn, said: Answer) -> Effect:
    """The last word, sealed."""
    survey = await _mine(turn, said.case_id)
    if survey is None:
        return Effect([plain(turn.deps, turn.conversation, "survey.over", Kind.ERROR)])
    if said.text.strip():
        await turn.tx.put_remark(survey.id, said.text, turn.deps.now())
    key = "survey.noted" if said.text.strip() else "survey.declined"
    return Effect([plain(turn.deps, turn.conversation, key)])


async def feedback(turn: Turn) -> Effect:
    """Feedback in free talk: kept with the survey that the person has open, else with one of its own, which may be filled in then."""
    deps, conversation, tx, now = turn.deps, turn.conversation, turn.tx, turn.deps.now()
    survey = await tx.last_survey(await _whose(tx, conversation), now - OPEN_FOR)
    if survey is None or survey.state not in _ALIVE:
        survey = about_talk(deps, conversation, now)
        await tx.put_survey(survey)
        survey = await tx.survey_about(survey.subject) or survey
    said = "" if turn.plan.message.startswith("/") else turn.plan.text.strip()
    if said and set(words_of(said)) <= _TO_FILL_IN and not conversation.form_active:
        return await go_on(turn, survey.id)
    if not said:
        return Effect([_your_words(turn, survey)])
    await tx.put_remark(survey.id, said, now)
    left = next_unsur(await tx.marks(survey.id))
    if conversation.form_active:
        return Effect([plain(deps, conversation, "survey.noted")])
    buttons = [person_button(deps, conversation)]
    if left is not None:
        buttons.insert(0, Button(deps.say("survey.button.marks", conversation), command(f"{GO_ON}-{survey.id}")))
    key = "survey.noted_marks" if left is not None else "survey.noted_person"
    return Effect([Reply(deps.say(key, conversation), Kind.ANSWER, tuple(buttons))])
