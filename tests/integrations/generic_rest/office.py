"""A loopback office that demands exactly what the walk-through of docs/add-an-agency.md says, to the letter."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.integrations.conftest import MovableClock

ROOT = Path(__file__).parents[3]
CLIENT_SECRET, KEY, HMAC, CALLBACK = "rahasia klien+&", "kunci-api", "rahasia-tanda-tangan", "rahasia-kabar"
CONFIG = {
    "LOKET_X_DINSOS_CLIENT_SECRET": CLIENT_SECRET,
    "LOKET_X_DINSOS_KEY": KEY,
    "LOKET_X_DINSOS_HMAC": HMAC,
    "LOKET_X_DINSOS_CALLBACK": CALLBACK,
}
PDF = b"%PDF-1.4\n% CONTOH\n%%EOF\n"
_WIB = ZoneInfo("Asia/Jakarta")
_FIELDS = {"rujukan", "layanan", "saluran", "pemohon", "anggota", "lampiran", "kirimKabarKe"}


def example(name: str) -> str:
    """The YAML block of the page below ``<!-- example: name -->``."""
    page = (ROOT / "docs/add-an-agency.md").read_text("utf-8")
    found = re.search(rf"<!-- example: {re.escape(name)} -->\n```yaml\n(.*?)```", page, re.DOTALL)
    assert found, name
    return found[1]


def written(folder: Path, url: str, **changes: str) -> Path:
    """The walk-through's file in a folder, its address that of the loopback office; ``changes``: text -> other text."""
    text = example("dinsos.yml").replace("https://api.dinsos.example/v2", url)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return put(folder, text)


def put(folder: Path, text: str, name: str = "dinsos.yml") -> Path:
    """A description in a folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder


@dataclass
class Office:
    """What it holds, and how it behaves today."""

    clock: MovableClock
    demands: frozenset[str] = frozenset({"oauth2"})
    life_s: float = 600
    tokens: set[str] = field(default_factory=set)
    issued: int = 0
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    changes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    """Given first, in place of the real ones."""
    seen: list[str] = field(default_factory=list)
    link: str = ""
    url: str = ""

    # -- who is it ----------------------------------------------------------------------------------------------------

    async def token(self, request: web.Request) -> web.Response:
        """RFC 6749, 4.4 with the client's credentials in the header."""
        expected = base64.b64encode(b"loket:rahasia+klien%2B%26").decode()
        form = await request.post()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return web.json_response({"error": "invalid_client"}, status=401)
        if dict(form) != {"grant_type": "client_credentials", "scope": "permohonan"}:
            return web.json_response({"error": "invalid_request"}, status=400)
        self.issued += 1
        self.tokens = {f"token-{self.issued}"}
        return web.json_response(
            {"access_token": f"token-{self.issued}", "token_type": "bearer", "expires_in": self.life_s}
        )

    def refuses(self, request: web.Request, body: bytes) -> str:
        """What is wrong with the proof of who calls; empty when nothing is."""
        headers = request.headers
        if "oauth2" in self.demands and headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return "token"
        if "api_key" in self.demands and headers.get("X-Api-Key") != KEY:
            return "kunci"
        if "certificate" in self.demands and not request.get_extra_info("peercert"):
            return "sertifikat"
        if "hmac" in self.demands:
            stamp = headers.get("X-Timestamp", "")
            key = headers.get("X-Request-Id", "")
            text = f"{request.method}\n{request.path_qs}\n{stamp}\n{key}\n{hashlib.sha256(body).hexdigest()}"
            made = base64.b64encode(hmac.new(HMAC.encode(), text.encode(), hashlib.sha512).digest()).decode()
            if headers.get("X-Signature") != f"v1={made}":
                return "tanda tangan"
            if abs(self.clock.now() - datetime.fromisoformat(stamp)) > timedelta(minutes=5):
                return "waktu"
        return "" if headers.get("Accept-Language") == "id" else "bahasa"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.seen.append(f"{request.method} {request.path}")
        if request.path == "/v2/oauth/token":
            return await self.token(request)
        if wrong := self.refuses(request, body):
            return web.json_response({"kode": "401", "pesan": f"Salah: {wrong}"}, status=401)
        if self.answers:
            return self.answers.pop(0)
        return self.serve(request, json.loads(body) if body else {})

    # -- what it does -------------------------------------------------------------------------------------------------

    def serve(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        path = request.raw_path.partition("?")[0].removeprefix("/v2").strip("/")
        match request.method, [unquote(step) for step in path.split("/")]:
            case "GET", ["sehat"]:
                return said({})
            case "GET", ["warga", nik]:
                return said(PERSON) if nik == PERSON["nik"] else web.Response(status=404)
            case "POST", ["permohonan"]:
                return self.accept(request.headers.get("X-Request-Id", ""), body)
            case "GET", ["permohonan"]:
                found = [c for c in self.cases.values() if c["rujukan"] == request.query["rujukan"]]
                return said([{"nomor": c["nomor"], "rujukan": c["rujukan"]} for c in found])
            case "GET", ["permohonan", ref, "riwayat"] if ref in self.cases:
                return said(self.cases[ref]["riwayat"])
            case "GET", ["permohonan", ref, "surat"] if ref in self.cases:
                isi = base64.b64encode(PDF).decode()
                return said({"nama": "surat.pdf", "isi": isi, "tautan": self.link})
            case "GET", ["berkas", _]:
                return web.Response(body=PDF, content_type="application/pdf")
            case "PUT", ["permohonan", ref] if ref in self.cases and set(body) == {"pemohon"}:
                self.cases[ref]["isi"]["pemohon"] |= body["pemohon"]
                self.tell(ref, "PERIKSA")
                return web.Response(status=204)
            case "DELETE", ["permohonan", ref] if ref in self.cases and set(body) == {"alasan"}:
                self.tell(ref, "BATAL", catatan=body["alasan"])
                return said({})
        return web.json_response({"kode": "404", "pesan": "Tidak ada"}, status=404)

    def accept(self, key: str, body: dict[str, Any]) -> web.Response:
        if key in self.by_key:
            return said(self.cases[self.by_key[key]])
        strange = sorted(set(body) ^ _FIELDS)
        if not key or strange:
            return web.json_response(
                {"kesalahan": [{"kolom": f, "pesan": "Tidak dikenal"} for f in strange]}, status=422
            )
        if not body["pemohon"].get("nik"):
            wrong = {"kesalahan": [{"kolom": "nikPemohon", "pesan": "NIK wajib diisi"}]}
            return web.json_response(wrong, status=422)
        ref = f"DS/{len(self.cases) + 1}"
        self.by_key[key] = ref
        self.cases[ref] = {"nomor": ref, "rujukan": body["rujukan"], "isi": body, "riwayat": []}
        self.tell(ref, "MASUK")
        return said({"nomor": ref, "rujukan": body["rujukan"]})

    def tell(self, ref: str, status: str, **more: Any) -> dict[str, Any]:
        case = self.cases[ref]
        change = {
            "nomor": ref,
            "rujukan": case["rujukan"],
            "status": status,
            "waktu": f"{self.clock.now().astimezone(_WIB):%d/%m/%Y %H:%M:%S}",
            "idKejadian": len(case["riwayat"]) + 1,
            **more,
        }
        case["riwayat"].append(change)
        return change

    def push(self, change: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a push."""
        body = json.dumps({"data": change}).encode()
        stamp = str(int(self.clock.now().timestamp()))
        made = hmac.new(CALLBACK.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return body, {"x-dinsos-time": stamp, "x-dinsos-signature": f"sha256={made}"}


PERSON = {"nik": "3328990101900001", "namaLengkap": "Siti Contoh", "tglLahir": "01/01/1990", "jk": "2"}


def said(data: Any) -> web.Response:
    """An answer in the office's words."""
    return web.json_response({"kode": "00", "data": data})


@asynccontextmanager
async def serving(office: Office, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The office on loopback; its address."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", office.handle)
    server = TestServer(app, scheme="https" if tls else "http", host="127.0.0.1")
    await server.start_server(ssl=tls)
    office.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.port}/v2"
    yield office.url
    await server.close()
