"""The approved templates that an agent may send when a channel's window is closed: those whose places what is known can fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain.application import State
from bot.domain.conversation import Case, Conversation
from bot.domain.handoff import Ticket
from bot.domain.templates import MessageTemplate
from bot.usecases.deps import Deps
from bot.usecases.store import Tx
from bot.web.staff.console_parts import ConsoleParts

ANSWER = "answer"
_STATES = {"document": (State.TERBIT,), "repair": (State.PERLU_PERBAIKAN,)}
"""What these announce has to be so; the reminder of a licence's end is the program's alone."""
_ORDER = (ANSWER, "status", "document", "repair")


@dataclass(frozen=True)
class Picked:
    """One template as the citizen will read it. ``meta``: of the answer that follows it once they write."""

    serves: str
    text: str
    meta: dict[str, Any]


async def pickable(deps: Deps, tx: Tx, parts: ConsoleParts, ticket: Ticket, conversation: Conversation) -> list[Picked]:
    """Those that are approved for the conversation's account and fit; none on channels without a window."""
    manifest = parts.manifest(conversation.account)
    if manifest is None or not manifest.window_hours:
        return []
    known = {(one.name, one.language) for one in await tx.templates(conversation.account) if one.approval == "approved"}
    case = await _case(tx, ticket, conversation)
    found = []
    for serves in _ORDER:
        template = parts.templates.get(serves)
        tongue = _approved(template, conversation.language, known) if template is not None else None
        values = _values(deps, serves, case, tongue) if tongue is not None else None
        if template is not None and tongue is not None and values is not None and set(template.values) <= set(values):
            meta = {"template": {"serves": serves, "values": values, "more": True}}
            found.append(Picked(serves, template.spoken(tongue, template.filled(values)), meta))
    return found


def _approved(template: MessageTemplate, wanted: str, known: set[tuple[str, str]]) -> str | None:
    """The language it can be sent in; as the sender chooses it."""
    return next((one for one in (template.language(wanted), "id") if (template.name, one) in known), None)


async def _case(tx: Tx, ticket: Ticket, conversation: Conversation) -> Case | None:
    """The application that the conversation is about, else the person's newest that was sent."""
    sent = [case for case in await tx.cases_of(conversation) if case.reference is not None]
    return next((case for case in sent if case.id == ticket.case_id), sent[0] if sent else None)


def _values(deps: Deps, serves: str, case: Case | None, tongue: str) -> dict[str, str] | None:
    """What stands in its places; None: it would not be true."""
    if serves == ANSWER:
        return {}
    if case is None or case.state not in _STATES.get(serves, (case.state,)):
        return None
    state = f"state.{case.state}"
    return {
        "service": deps.service_name(case.service, tongue),
        "reference": case.reference or "",
        "state": deps.texts.say(state, tongue) if deps.texts.has(state) else case.state,
    }
