"""The template of a face is deleted: the citizen says so in a proven channel, or an officer does."""

from __future__ import annotations

from uuid import UUID

from bot.domain.messages import Button, Kind, Reply
from bot.domain.payloads import command as command_payload
from bot.usecases.deps import Deps
from bot.usecases.enrol import end_trust
from bot.usecases.replies import person_button, plain
from bot.usecases.store import Tx
from bot.usecases.turn import Effect, Turn

CONFIRMED = "hapus-wajah"
"""Command of the button that says "really"."""


async def ask(turn: Turn) -> Effect:
    """ "Really delete?", in a channel where the identity is proven; elsewhere an officer helps."""
    deps, conversation = turn.deps, turn.conversation
    if not _proven(turn):
        text = deps.say("revoke.not_proven", conversation)
        return Effect([Reply(text, Kind.IDENTITY, (person_button(deps, conversation),))])
    button = Button(deps.say("revoke.button", conversation), command_payload(CONFIRMED))
    return Effect([Reply(deps.say("revoke.sure", conversation), Kind.IDENTITY, (button,))])


async def confirmed(turn: Turn) -> Effect:
    """The button was pressed."""
    conversation = turn.conversation
    if not _proven(turn) or conversation.citizen_id is None:
        return await ask(turn)
    await forget_face(turn.deps, turn.tx, conversation.citizen_id, "citizen", besides=conversation.id)
    conversation.assurance, conversation.assured_until = 1, None
    return Effect([plain(turn.deps, conversation, "revoke.done", Kind.IDENTITY)])


def _proven(turn: Turn) -> bool:
    return turn.conversation.citizen_id is not None and turn.conversation.level(turn.deps.now()) >= 3


async def forget_face(deps: Deps, tx: Tx, citizen_id: UUID, actor: str, besides: UUID | None = None) -> None:
    """Delete the template and every trust that rests on it. ``besides``: a conversation the caller holds and lowers itself."""
    now = deps.now()
    await tx.save_face(citizen_id, None, now)
    await tx.drop_enrolments(citizen_id)
    channels = await end_trust(tx, citizen_id, besides)
    await tx.audit(actor, "face.deleted", str(citizen_id), {"channels": channels}, now)
