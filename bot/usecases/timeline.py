"""One chain of custody: everything that happened to a case, from the citizen's message to the notice that they got."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.domain.application import State, can
from bot.domain.conversation import Case, CaseEvent, Conversation
from bot.usecases.deps import Deps
from bot.usecases.store import Tx
from bot.usecases.store_agencies import Call, Errand, Notice
from bot.usecases.submit import spoken_date

_MOST_STEPS = 5
_NOT_TOLD = ("terlambat-", "ingat-")
"""Beginnings of keys of events that are no steps of the case: apologies and reminders."""


@dataclass(frozen=True)
class Entry:
    """One line. ``kind``: ``message`` (the citizen's), ``state``, ``errand``, ``call``, ``notice``, ``audit``."""

    at: datetime
    kind: str
    what: str
    """The state, verb, key or action."""
    outcome: str = ""
    """How it ended or stands: an error's code, a delivery's state."""
    note: str = ""
    """An officer's or agency's own words; may name people."""
    detail: Mapping[str, Any] = field(default_factory=dict)


async def timeline(deps: Deps, tx: Tx, case: Case) -> list[Entry]:
    """Everything, in order. Who reads it is the caller's business: notes are as they were written."""
    events = await tx.events(case.id)
    entries = [_begun(case), *map(_state, events)]
    entries += map(_errand, await tx.errands_of(case.id))
    entries += map(_call, await tx.calls(case.id))
    entries += map(_notice, await tx.notices_of(case))
    for row in await tx.audit_of(str(case.id)):
        entries.append(Entry(row.at, "audit", row.action, row.actor, detail={"row": row.id, **row.detail}))
    return sorted(entries, key=lambda entry: entry.at)


def _begun(case: Case) -> Entry:
    detail = {} if case.begun_by is None else {"inbox": case.begun_by}
    return Entry(case.created_at, "message", "draft", detail=detail)


def _state(event: CaseEvent) -> Entry:
    detail: dict[str, Any] = {"key": event.key}
    if event.inbox_id is not None:
        detail["inbox"] = event.inbox_id
    return Entry(event.at, "state", event.state, note=event.note or "", detail=detail)


def _errand(errand: Errand) -> Entry:
    detail: dict[str, Any] = {"attempts": errand.attempts, "next_at": errand.next_at if errand.state == "due" else None}
    if errand.settled_by:
        detail["by"] = errand.settled_by
    if errand.error_code:
        detail["code"] = errand.error_code
    return Entry(errand.created_at, "errand", errand.verb, errand.state, errand.reason, detail)


def _call(call: Call) -> Entry:
    detail = {"direction": call.direction, "agency": call.agency, "attempt": call.attempt, "ms": call.ms}
    return Entry(call.at, "call", call.verb, call.outcome, detail=detail)


def _notice(notice: Notice) -> Entry:
    detail = {"channel": notice.account, "seq": notice.seq}
    return Entry(notice.at, "notice", notice.key.partition(":")[0], notice.delivery or "fetched", detail=detail)


def short(deps: Deps, conversation: Conversation, events: Sequence[CaseEvent]) -> str:
    """The way a case came, as its citizen reads it: ``2 Nov diajukan · 3 Nov diperiksa``; the last few steps."""
    steps: list[tuple[str, str]] = []
    for event in _steps(events):
        word = "diperbaiki" if event.key.startswith("diperbaiki") else event.state
        day = event.at.astimezone(deps.zone(conversation)).date()
        steps.append((_short_day(spoken_date(day, conversation.language)), word))
    said = [f"{day} {deps.say(f'track.step.{word}', conversation)}" for day, word in steps[-_MOST_STEPS:]]
    return " · ".join(said) if len(steps) > 1 else ""


def _steps(events: Sequence[CaseEvent]) -> Iterator[CaseEvent]:
    """Events that moved the case: no apologies, and nothing that was only kept because it came late or fitted nowhere."""
    state = State.DRAFT
    for event in events:
        if not event.key.startswith(_NOT_TOLD) and can(state, State(event.state), reopens=True):
            state = State(event.state)
            yield event


def _short_day(spoken: str) -> str:
    """``17 Agustus 2026`` -> ``17 Agu``."""
    day, month, _ = spoken.split(" ")
    return f"{day} {month[:3]}"
