"""Messages answered without Rasa: reserved words inside a form, and input no dialogue can use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from bot.domain.form_commands import Command
from bot.domain.form_draft import Mode
from bot.domain.messages import Button, Kind, Reply
from bot.domain.payloads import command as command_payload
from bot.usecases import apply
from bot.usecases.replies import plain, questions
from bot.usecases.turn import Effect, Turn

Local = Callable[[Turn], Awaitable[Effect]]


async def _again(turn: Turn, *before: Reply) -> Effect:
    """The given replies, and the open question once more."""
    case = await turn.draft_case() if turn.conversation.form_active else None
    return Effect([*before, *(questions(turn.deps, turn.conversation, case) if case is not None else [])])


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
        return Effect([Reply(said or deps.say("apply.paused", conversation), buttons=(button,))])
    return await _again(turn, *replies)


async def stale_button(turn: Turn) -> Effect:
    """A button of long ago, or none of ours."""
    payload = turn.plan.params.get("command", "")
    if payload.startswith("tarik-"):
        return await _withdraw(turn, payload.removeprefix("tarik-"))
    return await _again(turn, plain(turn.deps, turn.conversation, "error.stale_button", Kind.ERROR))


async def _withdraw(turn: Turn, raw: str) -> Effect:
    try:
        case_id = UUID(raw)
    except ValueError:
        return await _again(turn, plain(turn.deps, turn.conversation, "error.stale_button", Kind.ERROR))
    return await apply.withdraw(turn, case_id, turn.deps.now())


async def unexpected_file(turn: Turn) -> Effect:
    """A file nobody asked for; it is deleted, so that nothing personal lies about."""
    return await _again(turn, plain(turn.deps, turn.conversation, "error.unexpected_file", Kind.ERROR))


def _sorry(key: str) -> Local:
    async def handler(turn: Turn) -> Effect:
        return await _again(turn, plain(turn.deps, turn.conversation, key, Kind.ERROR))

    return handler


LOCAL: Mapping[str, Local] = {
    "command": reserved_word,
    "stale_button": stale_button,
    "unexpected_file": unexpected_file,
    "empty": _sorry("error.empty"),
    "too_long": _sorry("error.too_long"),
}
