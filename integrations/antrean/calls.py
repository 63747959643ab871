"""The signed calls of the queue: what differs from the shell's, because a booking needs a place."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

from integrations.antrean import arrivals, paper
from integrations.antrean.book import CALLED, CANCELLED, Free, Refused, Ticket
from integrations.sandbox import states
from integrations.sandbox.callbacks import CallbackSender
from integrations.sandbox.case import Application, Case, IllegalMove
from integrations.sandbox.case_api import CaseApi, refusal
from integrations.sandbox.cases import Cases
from integrations.sandbox.paper import WIB
from integrations.sandbox.standin import Deficiency, StandIn, flatten

if TYPE_CHECKING:
    from integrations.antrean.sandbox import Antrean

_FIELD = {"full": "janji.slot", "closed": "janji.slot", "exists": "pemohon.nik"}


class TicketCases:
    """The shell's cases, where taking one in takes a place and withdrawing it gives the place back.

    No ``await`` is between the two, so that nobody comes in between.
    """

    def __init__(self, desk: Antrean) -> None:
        self._desk = desk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk.cases, name)

    def accept(self, key: str, application: Application) -> tuple[Case, bool]:
        """:raises Refused: no place."""
        desk = self._desk
        if application.service != "antrean" or any(case.key == key for case in desk.cases.find(key, "")):
            return desk.cases.accept(key, application)
        desk.settle()
        values = flatten(application.data)
        service = str(values["tujuan.layanan"])
        slot = desk.book.slot_at(service, _office_time(values["janji.slot"]))
        desk.book.book(key, service, str(values["pemohon.nik"]), str(values["pemohon.nama"]), slot)
        case, new = desk.cases.accept(key, application)
        desk.book.name(key, case.ref)
        desk.settle()
        return case, new

    def cancel(self, ref: str, key: str, reason: str) -> None:
        """:raises IllegalMove: the number is called already, or the case is over."""
        case = self._desk.cases.get(ref)
        if case is not None and case.service == "antrean" and self._desk.book.by_ref(ref).state == CALLED:
            raise IllegalMove(case.state)
        self._desk.cases.cancel(ref, key, reason)
        if case is not None and case.service == "antrean":
            self._desk.book.cancel(ref)
            self._desk.settle()


def _office_time(raw: Any) -> datetime:
    """When the wished slot begins; without a zone it is the office's."""
    try:
        at = datetime.fromisoformat(str(raw))
    except ValueError:
        raise Refused("closed", "Jam itu tidak bisa dibaca") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=WIB)


class TicketApi(CaseApi):
    """``/antrean/applications`` and what belongs to a queue."""

    def __init__(self, desk: Antrean, cases: TicketCases, sender: CallbackSender) -> None:
        super().__init__(cast(StandIn, desk), cast(Cases, cases), sender)
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        """All calls."""
        case = "/antrean/applications/{ref}"
        return [
            web.get("/antrean/slots", self.slots),
            web.get(f"{case}/ticket", self.ticket),
            web.put(f"{case}/slot", self.move),
            web.post("/antrean/check-in", self.check_in),
            *super().routes(),
        ]

    async def accept(self, request: web.Request) -> web.Response:
        """Book: 409 when there is no place, with the field that is in the way."""
        try:
            return await super().accept(request)
        except Refused as refused:
            fault = Deficiency(_FIELD[refused.code], refused.message)
            return refusal(409, f"409-{refused.code}", refused.message, [fault])

    async def slots(self, request: web.Request) -> web.Response:
        """Free times of a service, or visits planned to a village."""
        query = request.query
        try:
            first, last = date.fromisoformat(query.get("dari", "")), date.fromisoformat(query.get("sampai", ""))
        except ValueError:
            return refusal(400, "400", "dari dan sampai harus tanggal")
        self._desk.settle()
        if query.get("layanan") == "jemput-bola":
            rows = [_visit(row) for row in self._desk.book.visits(query.get("tempat", ""), first, last)]
        else:
            rows = [_slot(free) for free in self._desk.book.free(query.get("layanan", ""), first, last)]
        return web.json_response({"slots": rows})

    async def history(self, request: web.Request) -> web.Response:
        """Every change, up to now: whoever was not there has lost the number by then."""
        self._desk.settle()
        return await super().history(request)

    async def ticket(self, request: web.Request) -> web.Response:
        """A ticket as it stands."""
        case = self._case(request)
        self._desk.settle()
        try:
            return web.json_response({"agency_ref": case.ref, **self._shown(self._desk.book.by_ref(case.ref))})
        except KeyError:
            return refusal(404, "404", "Bukan nomor antrean")

    async def check_in(self, request: web.Request) -> web.Response:
        """Somebody with a ticket is there."""
        try:
            code = json.loads(await request.read())["kode"]
        except (ValueError, KeyError, TypeError):
            code = None
        if not isinstance(code, str) or not code.strip() or len(code) > 80:
            return refusal(400, "400", "kode wajib")
        self._desk.settle()
        ticket = arrivals.find(self._desk.book, code)
        if ticket is None:
            return refusal(404, "404", "Nomor ini tidak ada di antrean")
        try:
            ticket = arrivals.arrive(self._desk.book, ticket)
        except Refused as refused:
            return refusal(409, f"409-{refused.code}", refused.message, [Deficiency(refused.code, refused.message)])
        return web.json_response({"agency_ref": ticket.ref, **self._shown(ticket)})

    async def move(self, request: web.Request) -> web.Response:
        """Another slot."""
        case, key = self._case(request), request.headers.get("Idempotency-Key", "")
        try:
            slot = json.loads(await request.read())["slot"]
        except (ValueError, KeyError, TypeError):
            slot = None
        if not isinstance(slot, str) or len(key) < 8:
            return refusal(400, "400", "slot dan Idempotency-Key wajib")
        try:
            ticket, new = self._desk.book.move(case.ref, key, slot)
        except Refused as refused:
            return refusal(409, f"409-{refused.code}", refused.message, [Deficiency("janji.slot", refused.message)])
        except KeyError:
            return refusal(404, "404", "Bukan nomor antrean")
        if new and case.state == states.VERIFIKASI:
            # Told that it is soon, and now it is another day.
            self._desk.cases.change(case.ref, f"pindah-{key}", "", {states.VERIFIKASI}, states.DIAJUKAN)
        self._desk.settle()
        return web.json_response({"slot": _slot(self._of(ticket))})

    async def document(self, request: web.Request) -> web.Response:
        """The ticket as PDF; of a visit there is none."""
        case = self._case(request)
        if case.service != "antrean" or self._desk.book.by_ref(case.ref).state == CANCELLED:
            return refusal(404, "404", "Tidak ada tiket")
        name, content = await asyncio.to_thread(
            paper.make, self._desk.book.by_ref(case.ref), self._desk.book.office, self._desk.book.now
        )
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=content, content_type="application/pdf", headers=headers)

    def _of(self, ticket: Ticket) -> Free:
        office = self._desk.book.office
        starts = office.starts(ticket.day, ticket.slot)
        id_ = f"{ticket.letter}-{starts:%Y%m%d-%H%M}"
        return Free(id_, starts, office.ends(ticket.day, ticket.slot), 0, office.place)

    def _shown(self, ticket: Ticket) -> dict[str, Any]:
        book, office = self._desk.book, self._desk.book.office
        starts, ahead = office.starts(ticket.day, ticket.slot), book.ahead(ticket)
        counter = office.counter(ticket.letter)
        each = timedelta(minutes=office.minutes / office.places)
        # Nobody is called before the slot begins; when the counter is late, whoever waits in front takes their time.
        expected = max(starts, book.now + ahead * each) if ticket.day == book.now.date() else starts
        return {
            "nomor": ticket.written,
            "loket": counter.name if counter else ticket.letter,
            "tempat": office.place,
            "mulai": starts.isoformat(),
            "status": ticket.state,
            "di_depan": ahead,
            "sedang_dipanggil": book.serving(ticket.letter, ticket.day),
            "perkiraan": expected.replace(second=0, microsecond=0).isoformat(),
        }


def _slot(free: Free) -> dict[str, Any]:
    return {
        "id": free.id,
        "mulai": free.starts.isoformat(),
        "selesai": free.ends.isoformat(),
        "sisa": free.free,
        "tempat": free.counter,
    }


def _visit(row: Any) -> dict[str, Any]:
    day = date.fromisoformat(row["day"])
    begins, ends = (
        datetime.combine(day, time.fromisoformat(row[name]), WIB).isoformat() for name in ("begins", "ends")
    )
    return {
        "id": f"{row['village']}-{row['day']}",
        "mulai": begins,
        "selesai": ends,
        "sisa": 1,
        "tempat": row["village"],
    }
