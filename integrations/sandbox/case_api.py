"""The calls every stand-in has: hand in, look up, repair, cancel, fetch. All are signed (``signing.py``)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from aiohttp import web

from bot.ports import Clock
from integrations.sandbox import signing, states
from integrations.sandbox.callbacks import CallbackSender
from integrations.sandbox.case import Application, Case, IllegalMove, KeyReused, StoredFile
from integrations.sandbox.cases import Cases
from integrations.sandbox.faults import Handler
from integrations.sandbox.pictures import sniff
from integrations.sandbox.standin import Deficiency, StandIn, workflow_of

MOST_FILE_BYTES = 10 * 1024 * 1024
_KEY = re.compile(r"[\x21-\x7e]{8,200}")


def refusal(status: int, code: str, message: str, errors: list[Deficiency] | None = None) -> web.Response:
    """An error in the register's words, with every deficiency."""
    body: dict[str, Any] = {"RESPONSE_CODE": code, "RESPON": message}
    if errors is not None:
        body["errors"] = [{"field": e.field, "message": e.message} for e in errors]
    return web.json_response(body, status=status)


def signed(secrets: Mapping[str, str], clock: Clock) -> Any:
    """Middleware: calls below ``/<agency>/`` must carry a fresh signature with its secret, else 401."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        secret = secrets.get(request.path.split("/")[1])
        if secret is None:
            return await handler(request)
        timestamp = request.headers.get("X-Loket-Timestamp", "")
        given = request.headers.get("X-Loket-Signature", "")
        key = request.headers.get("Idempotency-Key", "")
        expected = signing.request_signature(
            secret, timestamp, request.method, request.path_qs, key, await request.read()
        )
        if not signing.same(given, expected):
            return refusal(401, "401", "Tanda tangan permintaan salah")
        if not signing.fresh(timestamp, clock.now()):
            return refusal(401, "401", "Waktu permintaan terlalu jauh dari waktu server")
        return await handler(request)

    return middleware


class CaseApi:
    """``/<agency>/applications`` of one stand-in."""

    def __init__(self, stand_in: StandIn, cases: Cases, sender: CallbackSender) -> None:
        self._stand_in = stand_in
        self._cases = cases
        self._sender = sender

    def routes(self) -> list[web.RouteDef]:
        """All calls."""
        base = f"/{self._stand_in.id}"
        return [
            web.get(f"{base}/ping", self.ping),
            web.post(f"{base}/applications", self.accept),
            web.get(f"{base}/applications", self.find),
            web.get(f"{base}/applications/{{ref}}", self.show),
            web.put(f"{base}/applications/{{ref}}", self.repair),
            web.get(f"{base}/applications/{{ref}}/history", self.history),
            web.post(f"{base}/applications/{{ref}}/cancel", self.cancel),
            web.get(f"{base}/applications/{{ref}}/document", self.document),
            *self._conversing(f"{base}/applications/{{ref}}"),
        ]

    def _conversing(self, case: str) -> list[web.RouteDef]:
        """Of an agency that asks the applicant whether the matter is settled."""
        if not workflow_of(self._stand_in).answered:
            return []
        return [
            web.post(f"{case}/words", self.words),
            web.post(f"{case}/close", self.close),
            web.post(f"{case}/reopen", self.reopen),
        ]

    async def ping(self, request: web.Request) -> web.Response:
        """Whether address and secret are right."""
        return web.json_response({"agency": self._stand_in.id, "sandbox": True})

    async def accept(self, request: web.Request) -> web.Response:
        """Hand in: 201 a new case; 200 the case of that key; 409 key reused; 422 all deficiencies at once."""
        key = _key(request)
        application = await _application(request)
        faults = [*_file_faults(application.files), *self._stand_in.deficiencies(application)]
        if faults:
            return refusal(422, "422", "Permohonan belum lengkap atau belum benar", faults)
        try:
            case, new = self._cases.accept(key, application)
        except KeyReused:
            return refusal(409, "409", "Kunci ini sudah dipakai untuk permohonan lain")
        if "traceparent" in request.headers:
            self._cases.put_trace(case.ref, request.headers["traceparent"])
        return web.json_response(_shown(case), status=201 if new else 200)

    async def find(self, request: web.Request) -> web.Response:
        """Whether an application arrived: by its idempotency key, else by the applicant's own reference."""
        key, reference = request.query.get("key", ""), request.query.get("reference", "")
        if not key and not reference:
            return refusal(400, "400", "Sebutkan key atau reference")
        return web.json_response({"applications": [_shown(case) for case in self._cases.find(key, reference)]})

    async def show(self, request: web.Request) -> web.Response:
        """The case as it stands."""
        return web.json_response(_shown(self._case(request)))

    async def history(self, request: web.Request) -> web.Response:
        """Every change, oldest first."""
        case = self._case(request)
        return web.json_response(
            {"history": [event.to_json(case.reference) for event in self._cases.history(case.ref)]}
        )

    async def repair(self, request: web.Request) -> web.Response:
        """Replace data and files: 409 unless the case waits for it; a repeat under the same key changes nothing."""
        case, key = self._case(request), _key(request)
        application = await _application(request)
        faults = [*_file_faults(application.files), *self._stand_in.deficiencies(application)]
        if faults:
            return refusal(422, "422", "Perbaikan belum lengkap atau belum benar", faults)
        try:
            changed = self._cases.repair(case.ref, key, application)
        except (KeyReused, IllegalMove):
            return refusal(409, "409", "Permohonan ini tidak sedang menunggu perbaikan")
        if changed:
            self._sender.wake()
        return web.json_response(_shown(self._case(request)))

    async def cancel(self, request: web.Request) -> web.Response:
        """Withdraw: 409 when it is too late; a repeat under the same key changes nothing."""
        case, key = self._case(request), _key(request)
        reason = str((await _json(request)).get("reason") or "")
        try:
            self._cases.cancel(case.ref, key, reason)
        except (KeyReused, IllegalMove):
            return refusal(409, "409", "Permohonan ini tidak bisa dibatalkan lagi")
        self._sender.wake()
        return web.json_response(_shown(self._case(request)))

    async def words(self, request: web.Request) -> web.Response:
        """``{text, files}`` added to a case that is not closed; a repeat under the same key changes nothing."""
        case, key, body = self._case(request), _key(request), await _json(request)
        text, files = body.get("text", ""), await _files(body)
        if not isinstance(text, str) or not (text.strip() or files):
            return refusal(400, "400", "Tulis text, atau kirim files")
        faults = _file_faults(files)
        if faults:
            return refusal(422, "422", "Berkas tidak bisa diterima", faults)
        try:
            self._cases.add_words(case.ref, key, text, files)
        except (KeyReused, IllegalMove):
            return refusal(409, "409", "Laporan ini sudah ditutup")
        self._sender.wake()
        return web.json_response(_shown(self._case(request)))

    async def close(self, request: web.Request) -> web.Response:
        """The applicant confirms that it is settled; 409 unless that was asked."""
        flow = workflow_of(self._stand_in)
        return await self._settle(request, {flow.answered}, flow.closed)

    async def reopen(self, request: web.Request) -> web.Response:
        """``{reason}``: it is not settled; 409 unless there was an answer."""
        flow = workflow_of(self._stand_in)
        return await self._settle(request, {flow.answered, flow.closed}, flow.reopened)

    async def _settle(self, request: web.Request, before: set[str], to: str) -> web.Response:
        case, key = self._case(request), _key(request)
        reason = str((await _json(request)).get("reason") or "")
        try:
            self._cases.change(case.ref, key, reason, before, to)
        except (KeyReused, IllegalMove):
            return refusal(409, "409", "Laporan ini tidak sedang menunggu jawaban pelapor")
        self._sender.wake()
        return web.json_response(_shown(self._case(request)))

    async def document(self, request: web.Request) -> web.Response:
        """The finished PDF."""
        found = self._cases.document(self._case(request).ref)
        if found is None:
            return refusal(404, "404", "Dokumen belum terbit")
        name, content = found
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=content, content_type="application/pdf", headers=headers)

    def _case(self, request: web.Request) -> Case:
        case = self._cases.get(request.match_info["ref"])
        if case is None:
            raise Stop(refusal(404, "404", "Permohonan tidak ditemukan"))
        return case


def _shown(case: Case) -> dict[str, Any]:
    return {"agency_ref": case.ref, "reference": case.reference, "state": case.state, "at": case.created.isoformat()}


def _key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise Stop(refusal(400, "400", "Idempotency-Key wajib, 8 sampai 200 huruf dan angka"))
    return key


async def _json(request: web.Request) -> dict[str, Any]:
    raw = await request.read()
    try:
        body = json.loads(raw)
        if b"\\ud" in raw.lower():  # half a surrogate pair is no text
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Stop(refusal(400, "400", "Isi permintaan harus objek JSON"))
    return cast(dict[str, Any], body)


async def _application(request: web.Request) -> Application:
    body = await _json(request)
    texts = {name: body.get(name, "") for name in ("reference", "service", "callback_url", "variant")}
    texts["ending"] = body.get("ending", states.SUBMISSION)
    url = texts["callback_url"]
    if not all(isinstance(value, str) for value in texts.values()) or (
        url and not str(url).startswith(("http://", "https://"))
    ):
        raise Stop(refusal(400, "400", "reference, service, variant, ending, callback_url harus teks"))
    if texts["ending"] not in states.ENDINGS:
        raise Stop(refusal(400, "400", f"ending harus salah satu dari: {', '.join(sorted(states.ENDINGS))}"))
    if not isinstance(body.get("data"), dict):
        raise Stop(refusal(400, "400", "data harus objek dan files harus daftar"))
    return Application(files=await _files(body), data=body["data"], **texts)


async def _files(body: Mapping[str, Any]) -> tuple[StoredFile, ...]:
    raws = body.get("files", [])
    if not isinstance(raws, list):
        raise Stop(refusal(400, "400", "data harus objek dan files harus daftar"))
    try:
        # Decoding tens of megabytes would hold up every other call.
        return await asyncio.to_thread(lambda: tuple(_file(raw) for raw in raws))
    except (KeyError, TypeError, binascii.Error, ValueError):
        raise Stop(refusal(400, "400", "files berisi field, name, content (base64)")) from None


def _file(raw: Any) -> StoredFile:
    content = base64.b64decode(raw["content"], validate=True)
    return StoredFile(field=str(raw["field"]), name=str(raw["name"]), type=sniff(content), content=content)


def _file_faults(files: Sequence[StoredFile]) -> list[Deficiency]:
    faults = []
    for file in files:
        if file.type == "application/octet-stream":
            faults.append(Deficiency(file.field, "Berkas harus JPG, PNG, atau PDF."))
        elif len(file.content) > MOST_FILE_BYTES:
            faults.append(Deficiency(file.field, "Berkas paling besar 10 MB."))
    return faults


class Stop(Exception):
    """Ends a call with an answer; turned into it by :func:`stopping`."""

    def __init__(self, response: web.Response) -> None:
        super().__init__(response.status)
        self.response = response


@web.middleware
async def stopping(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Middleware: the answer carried by a :class:`Stop`."""
    try:
        return await handler(request)
    except Stop as stop:
        return stop.response
