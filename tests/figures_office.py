"""Two small invented offices with every kind of event around midnight, counted by hand: 33.28 (WIB) and 91.99 (WIT, two hours on).

Local midnight between 9 and 10 March 2026 is 17.00 UTC in WIB and 15.00 UTC in WIT on the 9th.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from bot.domain.messages import Reply
from bot.storage.store import PgStore
from bot.storage.tx_base import seal_json

WIB, WIT = "33.28", "91.99"
OFFICES = {WIB: "Asia/Jakarta", WIT: "Asia/Jayapura"}
NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
"""Friday, 09.00 in WIB and 11.00 in WIT."""


def utc(written: str) -> datetime:
    """``2026-03-09 17:00`` in UTC."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


@dataclass
class Invented:
    """Puts rows where the bot would have put them."""

    store: PgStore
    numbers: count[int] = field(default_factory=lambda: count(1))

    async def put(self, table: str, **values: Any) -> None:
        names = ", ".join(values)
        async with self.store.begin() as tx:
            await tx.run(
                text(f"insert into {table} ({names}) values ({', '.join(f':{name}' for name in values)})"), values
            )

    async def talk(self, locus: str, account: str = "web", at: str = "2026-03-01 00:00") -> UUID:
        id_ = uuid4()
        known = {"account": account, "external_id": id_.hex, "locus": locus, "language": "id", "created_at": utc(at)}
        await self.put("conversation", id=id_, **known)
        return id_

    async def writes(self, talk: UUID, at: str, outcome: str | None = None) -> None:
        n = next(self.numbers)
        when = {"not_before": utc(at), "received_at": utc(at)}
        ids = {"account": "web", "external_id": f"x{n}", "conversation_id": talk, "seq": n}
        await self.put("inbox", **ids, **when, body_sealed=b"", state="done", outcome=outcome)

    async def ticket(self, talk: UUID, locus: str, at: str, answered: float | None = None, **more: Any) -> None:
        """``answered``: minutes to the first reply."""
        first = utc(at) + timedelta(minutes=answered) if answered is not None else None
        values = {"state": "closed", "trigger": "asked", "reason": "talk_to_human", **more}
        number = f"T-{next(self.numbers)}"
        ids = {"id": uuid4(), "number": number, "conversation_id": talk, "locus": locus}
        await self.put("ticket", **ids, created_at=utc(at), first_reply_at=first, **values)

    async def case(self, talk: UUID, locus: str, begun: str, sent: str | None = None, **more: Any) -> UUID:
        id_ = uuid4()
        values = {
            "service": "ktp",
            "variant": "hilang",
            "agency": "dukcapil",
            "state": "diajukan" if sent else "draft",
            "created_at": utc(begun),
            "updated_at": utc(more.pop("touched", sent or begun)),
            "submitted_at": utc(sent) if sent else None,
            "reference": f"R-{next(self.numbers)}" if sent else None,
            "draft_sealed": self.store.keys.seal(b"{}", f"application:{id_}"),
            **more,
        }
        await self.put("application", id=id_, locus=locus, conversation_id=talk, **values)
        return id_

    async def becomes(self, case: UUID, state: str, at: str) -> None:
        await self.put("application_event", case_id=case, key=f"{state}-{next(self.numbers)}", state=state, at=utc(at))

    async def calls(self, case: UUID, at: str, outcome: str = "ok", ms: int = 100, agency: str = "dukcapil") -> None:
        values = {"case_id": case, "agency": agency, "direction": "out", "verb": "submit"}
        await self.put("agency_call", **values, outcome=outcome, ms=ms, at=utc(at))

    async def sends(self, talk: UUID, account: str, at: str, state: str) -> None:
        n = next(self.numbers)
        body = seal_json(self.store.keys, Reply("Ya.").to_json(), f"message:{talk}:{n}")
        await self.put("message", conversation_id=talk, seq=n, sender="bot", body_sealed=body, created_at=utc(at))
        when = {"next_at": utc(at), "created_at": utc(at)}
        await self.put("outbox", conversation_id=talk, seq=n, account=account, state=state, **when)

    async def face(self, talk: UUID, at: str, outcome: str, decision: str | None = None) -> None:
        citizen = uuid4()
        await self.put("citizen", id=citizen, data_sealed=b"", created_at=utc(at))
        values = {"conversation_id": talk, "citizen_id": citizen, "outcome": outcome, "decision": decision}
        await self.put("identity_check", id=uuid4(), at=utc(at), **values)


async def furnish(store: PgStore) -> dict[str, UUID]:
    """Everything that the tests count; some rows by name."""
    office = Invented(store)
    known: dict[str, UUID] = {}
    for locus, before, after in ((WIB, "16:59", "17:00"), (WIT, "14:59", "15:00")):
        # One person, a minute before and at local midnight of the 10th: two conversations, three messages, one not understood.
        night = known[f"night {locus}"] = await office.talk(locus, "telegram:1" if locus == WIT else "web")
        await office.writes(night, f"2026-03-09 {before}")
        await office.writes(night, f"2026-03-09 {after}", "missed")
        await office.writes(night, f"2026-03-09 {after}")
        # Another one asks for a person on the 9th, gets the answer on the 10th after 30 minutes, and is held until then.
        asks = known[f"asks {locus}"] = await office.talk(locus)
        await office.writes(asks, f"2026-03-09 {before}")
        await office.ticket(asks, locus, f"2026-03-09 {before}", 30, rating=4)
        await office.writes(asks, f"2026-03-09 {after}", "person")
        # Sent a minute before midnight; issued on the promised day, the minute before it ends.
        kept = await office.case(
            asks,
            locus,
            "2026-03-08 10:00",
            f"2026-03-09 {before}",
            promised_on=utc(f"2026-03-09 {after}"),
            state="selesai",
        )
        await office.becomes(kept, "diajukan", f"2026-03-09 {before}")
        await office.becomes(kept, "terbit", f"2026-03-10 {before}")
        await office.becomes(kept, "selesai", f"2026-03-10 {after}")
        # The same, a minute later: too late by a day.
        late = await office.case(
            asks,
            locus,
            f"2026-03-09 {after}",
            f"2026-03-09 {after}",
            promised_on=utc(f"2026-03-09 {after}"),
            state="ditolak",
        )
        await office.becomes(late, "ditolak", f"2026-03-10 {after}")
        # A form of the 10th that was left at a question, and one that was cancelled at once; one that was another office's matter.
        await office.case(night, locus, f"2026-03-09 {after}", step="pemohon.nama")
        await office.case(night, locus, f"2026-03-09 {after}", step="_periksa", state="dibatalkan", service="kk")
        await office.case(night, locus, f"2026-03-09 {after}", step="_dirujuk", state="dibatalkan", service="kk")
        await office.calls(kept, f"2026-03-09 {before}", ms=300)
        await office.calls(kept, f"2026-03-09 {after}", "timeout", ms=900)
        await office.sends(night, "telegram:1", f"2026-03-09 {before}", "read")
        await office.sends(night, "telegram:1", f"2026-03-09 {after}", "failed")
        await office.face(night, f"2026-03-09 {before}", "match")
        await office.face(night, f"2026-03-09 {after}", "officer", "rejected")
    # Only at 33.28: what is open now, on the 20th.
    talk = known["open"] = await office.talk(WIB, "whatsapp:628", "2026-03-18 00:00")
    await office.writes(talk, "2026-03-19 16:59")
    await office.writes(talk, "2026-03-19 17:00")
    known["overdue"] = await office.case(
        talk, WIB, "2026-03-10 02:00", "2026-03-10 03:00", promised_on=utc("2026-03-18 17:00"), state="diproses"
    )
    await office.case(talk, WIB, "2026-03-19 02:00", "2026-03-19 03:00", promised_on=utc("2026-03-20 17:00"))
    await office.case(
        talk,
        WIB,
        "2026-03-19 16:59",
        "2026-03-19 17:00",
        service="pengaduan",
        variant="pungli",
        promised_on=utc("2026-03-18 17:00"),
    )
    await office.case(talk, WIB, "2026-03-19 18:00", step="pemohon.nik")
    await office.ticket(talk, WIB, "2026-03-20 01:15", state="queued")
    return known
