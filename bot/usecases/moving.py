"""Drafts on their way between the conversations of one person: every answer kept, in one conversation at a time.

``case.conversation_id`` says where a case is worked on. The conversation it leaves has no form open any more; its tracker is
rebuilt. Data of the civil register are shown only where the face was verified, or where a code was redeemed for this draft.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from bot.domain import linking
from bot.domain.application import State
from bot.domain.conversation import Case, Conversation
from bot.domain.form_commands import Command
from bot.domain.form_draft import Draft, Mode
from bot.domain.messages import Kind, Reply
from bot.usecases.deps import Deps
from bot.usecases.replies import plain, questions
from bot.usecases.store import Tx
from bot.usecases.turn import Turn

_OPEN_STATES = (State.DRAFT, State.PERLU_PERBAIKAN)
_ENDED = (Mode.DONE, Mode.CANCELLED, Mode.REFERRED)


async def open_case(turn: Turn) -> Case | None:
    """The case whose form is open here, locked."""
    return await turn.draft_case() if turn.conversation.form_active else None


async def pause(turn: Turn, case: Case) -> None:
    """Lay the open form aside."""
    engine, draft = turn.form(case)
    draft, _ = engine.command(draft, Command.PAUSE)
    await turn.save(case, draft)
    turn.conversation.form_active = False


# -- by a code ----------------------------------------------------------------------------------------------------------


async def open_draft(turn: Turn, other: Conversation) -> Case | None:
    """What is being filled in in another conversation, or was laid aside there; None when an officer looks at its selfie."""
    if other.case_id is None:
        return None
    case = await turn.tx.case(other.case_id, lock=True)
    service = turn.deps.service(case.service)
    here = case.conversation_id == other.id and service is not None and service.form is not None
    if not here or case.state not in _OPEN_STATES or Draft.from_json(case.draft).mode in _ENDED:
        return None
    waiting = any(check.case_id == case.id for check in await turn.tx.pending_checks(other.locus))
    return None if waiting else case


async def move_draft(turn: Turn, other: Conversation, case: Case) -> list[Reply]:
    """The other conversation's form goes on here at once; one that is open here is laid aside."""
    deps, here = turn.deps, turn.conversation
    replies: list[Reply] = []
    if (own := await open_case(turn)) is not None:
        await pause(turn, own)
        replies.append(plain(deps, here, "link.paused", service=deps.service_name(own.service, here.language)))
    engine, draft = deps.form_of(here, case)
    draft = _with_a_nik_of(deps, here, other, case, draft)
    await _bring(turn.tx, case, linking.moved(engine, draft, str(other.id)), other, here)
    await _leave(turn.tx, other, case)
    here.case_id, here.topic, here.form_active = case.id, case.service, True
    here.turn_mark = _new_mark()
    name = deps.service_name(case.service, here.language)
    return [*replies, plain(deps, here, "link.moved_here", service=name), *questions(deps, here, case)]


# -- by a wish ----------------------------------------------------------------------------------------------------------


async def bring_here(turn: Turn, case: Case) -> None:
    """A case of another conversation of the same person is gone on with here. Its record needs a proof of its own here.

    The other conversation's lock is held already (:func:`bot.usecases.linking.reach`).
    """
    deps, here, tx = turn.deps, turn.conversation, turn.tx
    if case.conversation_id == here.id:
        return
    other = await tx.conversation(case.conversation_id, lock=True)
    draft = _with_a_nik_of(deps, here, other, case, await _fit(deps, tx, here, case))
    await _bring(tx, case, draft, other, here)
    if await _leave(tx, other, case):
        channel, name = deps.channel_name(here.account, other.language), deps.service_name(case.service, other.language)
        said = plain(deps, other, "link.goes_on", Kind.NOTICE, channel=channel, service=name)
        await tx.say(other.id, [said], deps.now(), notice=True)


async def take_from_others(turn: Turn, case: Case) -> None:
    """The form of a case that ends here is open nowhere else any more."""
    if case.conversation_id != turn.conversation.id:
        await _leave(turn.tx, await turn.tx.conversation(case.conversation_id, lock=True), case)


async def _fit(deps: Deps, tx: Tx, there: Conversation, case: Case) -> Draft:
    """The draft as a conversation may show it."""
    engine, draft = deps.form_of(there, case)
    if draft.assurance < 3 and case.citizen_id is None:
        return draft
    if not await _proven(deps, tx, there, case.citizen_id):
        same = there.citizen_id == case.citizen_id
        return linking.guarded(engine, draft, min(there.level(deps.now()), 2 if same else 1))
    if draft.assurance < 3 and case.citizen_id is not None and draft.mode not in _ENDED:
        return engine.know(draft, (await tx.citizen(case.citizen_id)).data, 3)
    return draft


def _with_a_nik_of(deps: Deps, here: Conversation, other: Conversation, case: Case, draft: Draft) -> Draft:
    """A NIK that was only typed holds where it was typed: here it is asked for once more, before a face is compared with anybody's."""
    if draft.assurance != 2 or case.citizen_id is not None or here.citizen_id == other.citizen_id:
        return draft
    return linking.guarded(deps.form_of(here, case)[0], draft, 1)


async def _proven(deps: Deps, tx: Tx, there: Conversation, citizen_id: UUID | None) -> bool:
    """Whether the citizen's face was ever verified in a conversation."""
    if citizen_id is None:
        return False
    if there.citizen_id == citizen_id and there.level(deps.now()) >= 3:
        return True
    return await tx.trust(there.id, citizen_id) is not None


async def _bring(tx: Tx, case: Case, draft: Draft, other: Conversation, here: Conversation) -> None:
    """The case, its draft and its papers are another conversation's from now on. When it was changed last stays as it was."""
    await tx.move_files(linking.papers(case.draft), other.id, here.id)
    case.draft, case.conversation_id = {**case.draft, **draft.to_json()}, here.id
    await tx.put_case(case)


async def _leave(tx: Tx, other: Conversation, case: Case) -> bool:
    """The conversation a case left has it in focus no more; whether it had."""
    if other.case_id != case.id:
        return False
    other.case_id, other.form_active, other.turn_mark = None, False, _new_mark()
    await tx.save_conversation(other)
    return True


def _new_mark() -> str:
    """Unknown to any tracker: it is rebuilt before the next turn."""
    return f"moved.{uuid4()}"


# -- apart again --------------------------------------------------------------------------------------------------------


async def homecoming(deps: Deps, tx: Tx, here: Conversation, others: Sequence[Conversation]) -> dict[UUID, list[Reply]]:
    """Before ``here`` parts from ``others``: a case stays where it was last worked on; one that was taken along and not
    touched since goes back. What stays with somebody unproven is closed to them: returns the questions asked anew there.
    """
    by_id = {one.id: one for one in (here, *others)}
    asked: dict[UUID, list[Reply]] = {}
    for case in await tx.cases_of(here):
        if case.conversation_id not in by_id or case.state not in _OPEN_STATES:
            continue
        case = await tx.case(case.id, lock=True)
        there = by_id[case.conversation_id]
        draft = Draft.from_json(case.draft)
        origin = by_id.get(UUID(draft.moved)) if draft.moved else None
        if origin is not None and here in (origin, there):
            await _return(tx, case, draft, there, origin)
            continue
        asked |= await _close(deps, tx, case, draft, there)
    return asked


async def _return(tx: Tx, case: Case, draft: Draft, there: Conversation, origin: Conversation) -> None:
    await _bring(tx, case, replace(draft, moved=""), there, origin)
    await _leave(tx, there, case)
    if origin.case_id is None:
        origin.case_id, origin.topic = case.id, case.service
        await tx.save_conversation(origin)


async def _close(deps: Deps, tx: Tx, case: Case, draft: Draft, there: Conversation) -> dict[UUID, list[Reply]]:
    """A draft with the record of somebody who was never verified there shows nothing of it any more."""
    fitted = await _fit(deps, tx, there, case)
    if fitted.assurance >= draft.assurance:
        return {}
    case.draft = {**case.draft, **fitted.to_json()}
    await tx.put_case(case)
    open_there = there.form_active and there.case_id == case.id
    return {there.id: questions(deps, there, case)} if open_there else {}
