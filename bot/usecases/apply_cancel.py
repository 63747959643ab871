"""Taking an application back: the open form, a draft laid aside, or what was handed in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from bot.domain.application import State, citizen_can_cancel
from bot.domain.form_commands import Command
from bot.domain.messages import Button, Kind, Reply
from bot.domain.payloads import command as command_payload
from bot.usecases.moving import take_from_others
from bot.usecases.replies import error, person_button, plain, wish_button
from bot.usecases.turn import Effect, Turn


async def cancel_application(turn: Turn) -> Effect:
    """Ask "really?" about the open form, or offer to withdraw what was handed in."""
    deps, conversation = turn.deps, turn.conversation
    if turn.call.form_active:
        case = await turn.draft_case()
        if case is not None:
            engine, draft = turn.form(case)
            draft, reply = engine.command(draft, Command.CANCEL)
            await turn.save(case, draft)
            return Effect([Reply(reply)] if reply else [plain(deps, conversation, "apply.cancel_check")])
    for case in await turn.tx.cases_of(conversation):
        if case.state == State.DRAFT:
            case = await turn.tx.case(case.id, lock=True)
            await take_from_others(turn, case)
            case.state = State.DIBATALKAN.value
            case.updated_at = deps.now()
            await turn.tx.put_case(case)
            if conversation.case_id == case.id:
                conversation.case_id = None
            name = deps.service_name(case.service, conversation.language)
            return Effect([plain(deps, conversation, "apply.cancelled", service=name)])
        if citizen_can_cancel(State(case.state)):
            text = deps.say("apply.withdraw_check", conversation, reference=case.reference or "")
            title = deps.say("button.withdraw", conversation)
            button = Button(title, command_payload(f"tarik-{case.id}"))
            return Effect([Reply(text, buttons=(button,), meta={"application": case.reference})])
    buttons = (wish_button(deps, conversation, "track_application"), person_button(deps, conversation))
    return Effect([Reply(deps.say("apply.nothing_to_cancel", conversation), buttons=buttons)])


async def withdraw(turn: Turn, case_id: UUID, now: datetime) -> Effect:
    """Withdraw a case that was handed in (pressed after "really?")."""
    deps, conversation = turn.deps, turn.conversation
    mine = {case.id for case in await turn.tx.cases_of(conversation)}
    case = await turn.tx.case(case_id, lock=True) if case_id in mine else None
    if case is None or not citizen_can_cancel(State(case.state)):
        return Effect([error(deps, conversation, "apply.cannot_withdraw")])
    await turn.tx.put_due(case.id, "cancel", now)
    return Effect([plain(deps, conversation, "apply.withdrawing", Kind.STATUS, reference=case.reference or "")])
