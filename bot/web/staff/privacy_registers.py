"""What the data officer looks up: records of processing, consents, what retention removed, the audit chain."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from aiohttp import web

from bot.domain.staff import Right
from bot.domain.texts import word
from bot.records import load_records
from bot.storage.audit_log import Wanted
from bot.usecases.store import Tx
from bot.usecases.store_privacy import ConsentReceipt
from bot.web.staff.audit import audit_view
from bot.web.staff.desk import ACCOUNT, desk_of, language, local_time, sentences
from bot.web.staff.masks import mask_name
from bot.web.staff.privacy_parts import officers_page
from bot.web.staff.rights import needs
from bot.web.staff.supervise_sheet import to_csv
from bot.web.staff.times import day_typed

_MOST = 50


@dataclass(frozen=True)
class Receipt:
    """One consent, ready to be shown."""

    who: str
    purpose: str
    given: str
    ended: str
    channel: str
    version: str
    hash: str


@needs(Right.PRIVACY)
async def records(request: web.Request) -> web.Response:
    """The records of processing."""
    found, tongue = load_records(), language(request)
    activities = [
        {
            "name": word(one.name, tongue),
            "purpose": word(one.purpose, tongue),
            "data": word(one.data, tongue),
            "specific": word(one.specific, tongue) if one.specific else "",
            "basis": one.basis,
            "keep": word(one.keep, tongue),
            "recipients": word(one.recipients, tongue),
            "tables": ", ".join(f"{table}.{column}" for table, columns in one.sealed.items() for column in columns),
        }
        for one in found.activities
    ]
    controller = word(found.controller, tongue)
    part = "/staff/privacy/records"
    return officers_page(request, "privacy_records.html", part, activities=activities, controller=controller)


@needs(Right.PRIVACY)
async def consents(request: web.Request) -> web.Response:
    """Receipts of consent, newest first."""
    return await _consents(request, None, _moment(request.query.get("before", "")))


@needs(Right.PRIVACY)
async def find_consents(request: web.Request) -> web.Response:
    """Those of one citizen: the NIK is sent as a form, so that it stands in no address."""
    typed = str((await request.post()).get("nik", ""))
    nik = "".join(letter for letter in typed if letter.isascii() and letter.isdigit())
    if not nik:
        return await _consents(request, None, None)
    async with desk_of(request).deps.store.begin() as tx:
        citizen = await tx.citizen_by_nik(nik) if len(nik) == 16 else None
    return await _consents(request, citizen.id if citizen else UUID(int=0), None)


async def _consents(request: web.Request, citizen: UUID | None, before: datetime | None) -> web.Response:
    locus = request[ACCOUNT].locus
    async with desk_of(request).deps.store.begin() as tx:
        found = await tx.find_consents(locus, citizen, before, _MOST)
        names = {one: (await tx.citizen(one)).name for one in {r.citizen_id for r in found} if one is not None}
        receipts = [_receipt(request, one, names) for one in found]
        await audit_view(request, "consents", "search", tx, rows=len(found))
    older = found[-1].given_at.isoformat() if citizen is None and len(found) == _MOST else ""
    return officers_page(request, "privacy_consents.html", "/staff/privacy/consents", receipts=receipts, older=older)


def _receipt(request: web.Request, one: ConsentReceipt, names: dict[UUID, str]) -> Receipt:
    deps, say = desk_of(request).deps, sentences(request)
    return Receipt(
        who=mask_name(names[one.citizen_id]) if one.citizen_id in names else say("privacy_anonymous"),
        purpose=deps.service_name(one.purpose, language(request)),
        given=local_time(request, one.given_at),
        ended=local_time(request, one.withdrawn_at) if one.withdrawn_at else "",
        channel=deps.channel_name(one.account, language(request)),
        version=one.text_version,
        hash=one.text_hash,
    )


def _moment(typed: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


@needs(Right.PRIVACY)
async def retention(request: web.Request) -> web.Response:
    """Periods by class, and what the job removed."""
    tongue = language(request)
    async with desk_of(request).deps.store.begin() as tx:
        removals = [
            {"at": local_time(request, one.at), "class_": one.class_, "table": one.table, "rows": one.rows}
            for one in await tx.removals()
        ]
    periods = [
        (word(one.name, tongue), class_, days)
        for one in load_records().activities
        for class_, days in one.classes.items()
    ]
    part = "/staff/privacy/retention"
    return officers_page(request, "privacy_retention.html", part, removals=removals, periods=periods)


# -- the audit trail ------------------------------------------------------------------------------------------------------


@needs(Right.PRIVACY)
async def audit(request: web.Request) -> web.Response:
    """Whether the chain is whole, on request."""
    chain = await desk_of(request).audit_log.check() if request.query.get("check") == "1" else None
    return officers_page(request, "privacy_audit.html", "/staff/privacy/audit", chain=chain)


@needs(Right.PRIVACY)
async def excerpt(request: web.Request) -> web.Response:
    """Lines of the office with their hashes, for somebody who checks them elsewhere."""
    form, desk, locus = await request.post(), desk_of(request), request[ACCOUNT].locus
    zone = desk.zone(locus)
    since, until = day_typed(str(form.get("since", ""))), day_typed(str(form.get("until", "")))
    wanted = Wanted(
        since=datetime.combine(since, time(), zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
    )
    lines = await desk.audit_log.excerpt(locus, wanted, orphans=locus == desk.locus)
    async with desk.deps.store.begin() as tx:
        await _on_record(request, tx, len(lines))
    head = ("id", "at", "actor", "action", "object", "detail", "previous", "hash")
    rows = [
        (one.id, one.at.isoformat(), one.actor, one.action, one.object, str(one.detail), before, hash_)
        for one, before, hash_ in lines
    ]
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return web.Response(
        body=await asyncio.to_thread(to_csv, head, rows), content_type="text/csv", charset="utf-8", headers=headers
    )


async def _on_record(request: web.Request, tx: Tx, rows: int) -> None:
    await audit_view(request, "audit", "export", tx, rows=rows)


def routes() -> list[web.RouteDef]:
    """Its pages."""
    return [
        web.get("/privacy/records", records),
        web.get("/privacy/consents", consents),
        web.post("/privacy/consents", find_consents),
        web.get("/privacy/retention", retention),
        web.get("/privacy/audit", audit),
        web.post("/privacy/audit", excerpt),
    ]
