"""Messages answered without Rasa: reserved words inside a form, and input no dialogue can use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from bot.domain.conversation import Conversation
from bot.domain.form_commands import Command
from bot.domain.form_draft import Mode
from bot.domain.messages import Button, Kind, Reply, Unread
from bot.domain.payloads import command as command_payload
from bot.usecases import apply, awaited, handoff_citizen, linking, privacy, queue, revoke
from bot.usecases.case_wishes import CASE_WISHES
from bot.usecases.deps import Deps
from bot.usecases.notify import start_wish
from bot.usecases.plan import ALONE, PAUSED
from bot.usecases.replies import greeting, person_button, plain
from bot.usecases.turn import Effect, Turn

_REALLY = {command_payload(name) for name in (privacy.ERASE_YES, privacy.WITHDRAW_YES, revoke.CONFIRMED)}
"""Buttons that say "yes, really"."""

Local = Callable[[Turn], Awaitable[Effect]]


async def _again(turn: Turn, *before: Reply) -> Effect:
    """The given replies, and the open question once more."""
    case = await turn.draft_case() if turn.conversation.form_active else None
    return Effect([*before, *(await apply.asked(turn, case) if case is not None else [])])


async def reserved_word(turn: Turn) -> Effect:
    """Back, repeat, cancel, pause, where was I, help, skip, correct."""
    deps, conversation = turn.deps, turn.conversation
    command = Command(str(turn.plan.params["command"]))
    case = await turn.draft_case()
    if case is None:
        conversation.form_active = False
        return Effect([plain(deps, conversation, "apply.nothing_open")])
    engine, draft = turn.form(case)
    draft, said = engine.command(draft, command, turn.plan.text)
    await turn.save(case, draft)
    replies = [Reply(said)] if said else []
    if draft.mode is Mode.PAUSED:
        conversation.form_active = False
        button = Button(deps.say("button.continue_application", conversation), command_payload("lanjut"))
        paused = {PAUSED: str(case.id)}
        return Effect([Reply(said or deps.say("apply.paused", conversation), buttons=(button,), meta=paused)])
    return await _again(turn, *replies)


async def resume_with(turn: Turn) -> Effect:
    """After a pause the answer itself: the form goes on with it."""
    resumed = await apply.continue_application(turn)
    case = await turn.draft_case() if turn.conversation.form_active else None
    if case is None:
        return resumed
    turn.plan.draft_turn = turn.form(case)[1].turn
    taken = await apply.take_answer(turn)
    return await _again(turn, *resumed.replies, *taken.replies)


async def stale_button(turn: Turn) -> Effect:
    """A button of long ago, or none of ours."""
    payload = turn.plan.params.get("command", "")
    if payload == revoke.CONFIRMED:
        return await _followed(turn, await revoke.confirmed(turn))
    verb, _, case_id = payload.partition("-")
    if verb in CASE_WISHES:
        return await _of_case(turn, verb, case_id)
    return await _again(turn, plain(turn.deps, turn.conversation, "error.stale_button", Kind.ERROR))


async def forget_face(turn: Turn) -> Effect:
    """The wish to have the template of one's face deleted."""
    return await _followed(turn, await revoke.ask(turn))


async def _followed(turn: Turn, effect: Effect) -> Effect:
    """With the open question again, but for "really?": two questions at once would leave unclear what a "yes" means."""
    last = effect.replies[-1] if effect.replies else None
    if last is not None and turn.conversation.form_active and {b.payload for b in last.buttons} & _REALLY:
        return Effect([*effect.replies[:-1], replace(last, meta={**last.meta, ALONE: True})])
    return await _again(turn, *effect.replies)


def _right(give: Local) -> Local:
    """A right over one's own data; a form that is open goes on after it."""

    async def handler(turn: Turn) -> Effect:
        return await _followed(turn, await give(turn))

    return handler


async def _of_case(turn: Turn, verb: str, raw: str) -> Effect:
    try:
        case_id = UUID(raw)
    except ValueError:
        return await _again(turn, plain(turn.deps, turn.conversation, "error.stale_button", Kind.ERROR))
    return await CASE_WISHES[verb](turn, case_id)


async def unexpected_file(turn: Turn) -> Effect:
    """A file nobody asked for: it stays in the thread, where an agent may need it, and counts for no application."""
    return await _again(turn, plain(turn.deps, turn.conversation, "error.unexpected_file", Kind.ERROR))


async def lost_file(turn: Turn) -> Effect:
    """A file that could not be fetched or used; the reason is said, and what to do."""
    return await _again(turn, beside(turn.deps, turn.conversation, turn.plan.params))


def beside(deps: Deps, conversation: Conversation, about: Mapping[str, Any]) -> Reply:
    """What is said about a file: ``key`` of the sentence and its ``params``."""
    return plain(deps, conversation, about["key"], Kind.ERROR, **about["params"])


async def unread(turn: Turn) -> Effect:
    """A message without words: says what to do instead, or offers a person."""
    kind = turn.plan.params["kind"]
    deps, conversation = turn.deps, turn.conversation
    said = deps.say(f"unread.{kind}", conversation)
    if kind == Unread.GROUP:
        return Effect([Reply(said, Kind.NOTICE)])
    buttons = () if conversation.form_active else (person_button(deps, conversation),)
    return await _again(turn, Reply(said, Kind.ERROR, buttons))


async def start(turn: Turn) -> Effect:
    """The greeting; inside a form also where it stands."""
    return await _again(turn, greeting(turn.deps, turn.conversation))


async def edited(turn: Turn) -> Effect:
    """An earlier message was changed while a form is open: answers are changed with a word of their own."""
    return await _again(turn, plain(turn.deps, turn.conversation, "unread.edited", Kind.ERROR))


async def stopped(turn: Turn) -> Effect:
    """STOP, BERHENTI: it is silent already (see :mod:`bot.usecases.receive`); one sentence confirms it."""
    return Effect([plain(turn.deps, turn.conversation, "unread.stopped", Kind.NOTICE)])


def _sorry(key: str) -> Local:
    async def handler(turn: Turn) -> Effect:
        return await _again(turn, plain(turn.deps, turn.conversation, key, Kind.ERROR))

    return handler


LOCAL: Mapping[str, Local] = {
    "command": reserved_word,
    "resume_with": resume_with,
    "stale_button": stale_button,
    "forget_face": forget_face,
    "unexpected_file": unexpected_file,
    "lost_file": lost_file,
    "unread": unread,
    "start": start,
    "edited": edited,
    "stopped": stopped,
    "started": start_wish,
    "link_wish": linking.wish,
    "link_code": linking.redeem,
    "link_yes": linking.connect,
    "link_no": linking.decline,
    "link_undo": linking.undo,
    "to_bot": handoff_citizen.to_bot,
    "awaited": awaited.answered,
    "ticket_wish": queue.about_ticket,
    **{name: _right(give) for name, give in privacy.HANDLERS.items()},
    "empty": _sorry("error.empty"),
    "too_long": _sorry("error.too_long"),
}
