"""What is said about a queue ticket, and what stands below it. The ticket of a case is kept in its draft, sealed like the rest of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from bot.domain.application import State
from bot.domain.conversation import Case, Conversation
from bot.domain.fields.slots import SlotTime
from bot.domain.messages import Button, Kind, Reply
from bot.domain.payloads import command, intent
from bot.domain.wished_time import WishedTime
from bot.ports import Place
from bot.usecases.deps import LICENCE, Deps
from bot.usecases.replies import person_button

QUEUE, VISIT, CHANGE = "antrean", "jemput-bola", "antrean-ganti"
"""Slugs of the forms: a counter ticket, a visit at home, another time for a ticket."""
FOR = "tujuan.layanan"
"""Path of the answer that says which service the ticket is for."""
SLOT = "janji.slot"
TICKET = "ticket"
"""Key of the ticket in a case's draft."""
ANOTHER = "lain"
"""Said with a booking that is for somebody else."""
ACTIVE = frozenset({State.DIAJUKAN, State.VERIFIKASI_BERKAS, State.DIPROSES})
WAITING = frozenset({State.DIAJUKAN, State.VERIFIKASI_BERKAS})
"""States of a ticket that can still be moved or given back."""
_SLOT_TIME = SlotTime()


@dataclass(frozen=True)
class Booked:
    """A number, and when and where it holds."""

    number: str
    counter: str
    place: str
    starts_at: datetime

    @classmethod
    def of(cls, place: Place) -> Booked:
        """What stays the same of a ticket while it waits."""
        return cls(place.number, place.counter, place.place, place.starts_at)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Booked:
        """The inverse of :meth:`to_json`."""
        return cls(**{**raw, "starts_at": datetime.fromisoformat(raw["starts_at"])})

    def to_json(self) -> dict[str, Any]:
        """As kept."""
        return {**vars(self), "starts_at": self.starts_at.isoformat()}


def booked(case: Case) -> Booked | None:
    """The ticket of a case; None: its number is not known yet."""
    raw = case.draft.get(TICKET)
    return Booked.from_json(raw) if raw else None


def served_for(case: Case) -> str:
    """Slug of the service that a ticket is for; empty: not said yet."""
    answers, known = case.draft.get("answers", {}), case.draft.get("known", {})
    return str(answers.get(FOR) or known.get("layanan") or "")


def counter_service(slug: str | None) -> str:
    """The service as counters know it: all licences are one; empty: none is meant."""
    return LICENCE if (slug or "").startswith(LICENCE) else slug or ""


def service_name(deps: Deps, reader: Conversation, slug: str) -> str:
    """The name of what a ticket is for."""
    own = f"queue.service.{slug}"
    return deps.say(own, reader) if deps.texts.has(own) else deps.service_name(slug, reader.language)


def spoken_time(deps: Deps, reader: Conversation, at: datetime) -> str:
    """ "Kamis, 5 November 2026 pukul 09.00", office time."""
    return time_in_words(at, deps.zone(reader), reader.language)


def time_in_words(at: datetime, zone: tzinfo, language: str) -> str:
    """The same for somebody whose conversation is not known."""
    local = at.astimezone(zone).replace(tzinfo=None)
    return _SLOT_TIME.show(WishedTime(at=local).to_json(), None, language)  # type: ignore[arg-type]


def ticket_text(deps: Deps, reader: Conversation, case: Case, ticket: Booked, key: str = "queue.ticket") -> str:
    """The whole ticket in words: it can be shown at the counter as it is."""
    text = deps.say(
        key,
        reader,
        number=ticket.number,
        service=service_name(deps, reader, served_for(case)),
        time=spoken_time(deps, reader, ticket.starts_at),
        place=ticket.place,
        counter=ticket.counter,
        reference=case.reference or "",
    )
    if not deps.ticket_url or case.reference is None:
        return text
    return f"{text}\n{deps.say('queue.on_phone', reader, url=f'{deps.ticket_url}/{case.reference}')}"


def ticket_reply(deps: Deps, reader: Conversation, case: Case, key: str = "queue.ticket") -> Reply:
    """A ticket with its buttons; where the number is not known yet, that it will come."""
    ticket = booked(case)
    text = (
        ticket_text(deps, reader, case, ticket, key)
        if ticket is not None
        else deps.say("queue.pending", reader, reference=case.reference or "")
    )
    return about(case, Reply(text, Kind.RECEIPT, tuple(buttons(deps, reader, case))))


def ticket_lines(deps: Deps, reader: Conversation, case: Case) -> Sequence[str]:
    """Number and time, below the state of a ticket."""
    ticket = booked(case)
    if ticket is None or case.state not in ACTIVE:
        return ()
    time = spoken_time(deps, reader, ticket.starts_at)
    return (deps.say("queue.line", reader, number=ticket.number, time=time, counter=ticket.counter),)


def buttons(deps: Deps, reader: Conversation, case: Case) -> Sequence[Button]:
    """What can be done with a ticket."""
    if case.state not in WAITING or case.agency_ref is None:
        return ()
    verbs = ("giliran", "jadwal", "lepas")
    return [Button(deps.say(f"queue.button.{verb}", reader), command(f"{verb}-{case.id}")) for verb in verbs]


def visit_buttons(deps: Deps, reader: Conversation, case: Case) -> Sequence[Button]:
    """What can be done with a request for a visit."""
    if case.state not in ACTIVE:
        return ()
    return (Button(deps.say("queue.button.lepas", reader), command(f"lepas-{case.id}")), person_button(deps, reader))


def offer_button(deps: Deps, reader: Conversation, slug: str) -> Button:
    """ "Ambil nomor antrean" for a service."""
    return Button(deps.say("queue.button.book", reader), intent("book_queue", counter_service(slug) or None))


def place_reply(deps: Deps, reader: Conversation, case: Case, place: Place) -> Reply:
    """ "Nomor berapa sekarang?": how many are before it, who is being called, when it will probably be."""
    today = place.starts_at.astimezone(deps.zone(reader)).date() == deps.today(reader)
    key = f"queue.place.{place.state}"
    if place.state in ("waiting", "soon"):
        here = "queue.place.ahead" if place.ahead else "queue.place.first"
        key = here if today or place.serving else "queue.place.later"
    expected = (place.expected_at or place.starts_at).astimezone(deps.zone(reader))
    text = deps.say(
        key,
        reader,
        number=place.number,
        counter=place.counter,
        time=spoken_time(deps, reader, place.starts_at),
        serving=place.serving or deps.say("queue.nobody_yet", reader),
        ahead=place.ahead,
        expected=f"{expected:%H.%M}",
    )
    return about(case, Reply(text, Kind.STATUS, tuple(buttons(deps, reader, case))))


def about(case: Case, reply: Reply) -> Reply:
    """The reply, marked as one about the case."""
    reply.meta.update(service=case.service, application=case.reference, state=case.state)
    return reply
