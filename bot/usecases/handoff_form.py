"""The open form while a person helps: an agent fills in or corrects a field by the same rules, the citizen confirms it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from bot.domain import form_desk
from bot.domain.application import State
from bot.domain.conversation import Case
from bot.domain.form import Engine, Judgement
from bot.domain.form_draft import Draft
from bot.domain.handoff import Agent, Did, Holder
from bot.domain.messages import Button, FileRef, Kind, Reply, Sender
from bot.domain.payloads import command
from bot.errors import NotFound
from bot.usecases import apply
from bot.usecases.deps import Deps
from bot.usecases.handoff_core import CITIZEN, Grip, held
from bot.usecases.replies import plain
from bot.usecases.turn import Effect, Turn

_OPEN_STATES = (State.DRAFT, State.PERLU_PERBAIKAN)


@dataclass(frozen=True)
class Filled:
    """``problem``: why it could not be taken, in the agent's language; empty: it was. ``n``, ``of``: where the form stands now."""

    problem: str
    n: int
    of: int


async def fill_field(
    deps: Deps,
    ticket_id: UUID,
    agent: Agent,
    path: str,
    raw: str | FileRef,
    *,
    lease_no: int | None = None,
    language: str = "id",
) -> Filled:
    """Fill in or correct one answer of the open form. It is marked as the staff's until the citizen has confirmed it or the review.

    :raises bot.errors.NotFound: no form is open, or that field is not for staff to fill.
    :raises bot.domain.handoff.TicketConflict: the agent does not hold the ticket (any more).
    """
    async with deps.store.begin() as tx:
        found = await held(deps, tx, ticket_id, agent, lease_no)
        case, engine, draft = await _form(found, language)
        try:
            judgement, draft = form_desk.fill(engine, draft, path, raw)
        except KeyError:
            raise NotFound("field") from None
        if judgement.ok:
            case.draft, case.variant, case.updated_at = {**case.draft, **draft.to_json()}, draft.variant, found.now
            await tx.put_case(case)
            await found.note(Did.FILLED, agent.username, path)
            await tx.notify_staff()
            await found.audit(agent.username, "field_filled", case=str(case.id), path=path)
        return Filled(_problem(judgement), *engine.progress(draft))


def _problem(judgement: Judgement) -> str:
    return "" if judgement.ok else judgement.problem_text or "?"


async def _form(found: Grip, language: str) -> tuple[Case, Engine, Draft]:
    """The form in focus, locked, in a language."""
    conversation = found.conversation
    if conversation.case_id is None:
        raise NotFound("form")
    case = await found.tx.case(conversation.case_id, lock=True)
    if case.conversation_id != conversation.id or case.state not in _OPEN_STATES:
        raise NotFound("form")
    return case, *found.deps.form_of(replace(conversation, language=language), case)


async def request_confirmation(deps: Deps, ticket_id: UUID, agent: Agent, *, lease_no: int | None = None) -> int:
    """Show the citizen what staff filled in, with "that is right" and "something is wrong"; returns how many fields.

    :raises bot.domain.handoff.TicketConflict: the agent does not hold the ticket (any more).
    :raises bot.errors.NotFound: no form is open, or there is nothing to confirm.
    """
    async with deps.store.begin() as tx:
        found = await held(deps, tx, ticket_id, agent, lease_no)
        conversation = found.conversation
        case, engine, draft = await _form(found, conversation.language)
        filled = [row for row in form_desk.rows(engine, draft) if row.by_staff]
        if not filled:
            raise NotFound("field")
        lines = "\n".join(f"• {row.label}: {row.value or '-'}" for row in filled)
        text = deps.say("handoff.confirm", conversation, name=agent.name, fields=lines)
        buttons = (
            Button(deps.say("handoff.confirm_yes", conversation), command(f"benar-{case.id}")),
            Button(deps.say("handoff.confirm_no", conversation), command(f"salah-{case.id}")),
        )
        meta = {"ticket": found.ticket.number, "service": case.service}
        await found.say(Reply(text, Kind.HANDOFF, buttons, meta=meta, sender=Sender.SYSTEM))
        await found.note(Did.CONFIRMING, agent.username, str(len(filled)))
        await found.audit(agent.username, "confirmation_asked", case=str(case.id), fields=len(filled))
        return len(filled)


# -- the citizen's word on it -------------------------------------------------------------------------------------------


async def confirm(turn: Turn, case_id: UUID) -> Effect:
    """ "That is right": what staff filled in is the citizen's own answer now."""
    case = await _own(turn, case_id)
    if case is None:
        return Effect([plain(turn.deps, turn.conversation, "error.stale_button", Kind.ERROR)])
    draft = form_desk.confirmed(Draft.from_json(case.draft))
    await turn.save(case, draft)
    await _note(turn, Did.CONFIRMED)
    return Effect([plain(turn.deps, turn.conversation, "handoff.confirmed", Kind.HANDOFF), *await _asked(turn, case)])


async def dispute(turn: Turn, case_id: UUID) -> Effect:
    """ "Something is wrong": the agent mends it, or the citizen does."""
    case = await _own(turn, case_id)
    if case is None:
        return Effect([plain(turn.deps, turn.conversation, "error.stale_button", Kind.ERROR)])
    await _note(turn, Did.DISPUTED)
    return Effect([plain(turn.deps, turn.conversation, "handoff.disputed", Kind.HANDOFF), *await _asked(turn, case)])


async def _own(turn: Turn, case_id: UUID) -> Case | None:
    """The case in focus, if it is that one and something of it waits for a word."""
    case = await turn.draft_case()
    fits = case is not None and case.id == case_id and case.state in _OPEN_STATES
    return case if fits and case is not None and case.draft.get("by_staff") else None


async def _note(turn: Turn, did: Did) -> None:
    ticket = await turn.tx.open_ticket(turn.conversation.id, lock=True)
    ticket = ticket or await turn.tx.last_ticket(turn.conversation.id)
    if ticket is not None:
        await Grip(turn.deps, turn.tx, turn.conversation, ticket, turn.deps.now()).note(did, CITIZEN)
        await turn.tx.notify_staff()


async def _asked(turn: Turn, case: Case) -> list[Reply]:
    """The open question once more; not while a person speaks."""
    speaks = turn.conversation.state is Holder.AGENT
    return [] if speaks or not turn.conversation.form_active else await apply.asked(turn, case)
