"""Everything that is stored about a person, to take along: JSON that machines read, a PDF that people read, a ZIP with the files.

Not in it: the features of a face (useless anywhere else, and dangerous), officers' notes (the data officer shows those), and what
other systems keep.
"""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from bot.domain.conversation import Case, Conversation
from bot.domain.data_rights import Whose
from bot.usecases.deps import Deps
from bot.usecases.store import Tx

FORMAT = "loket-data-saya/1"
FORMATS = {"json": "application/json", "pdf": "application/pdf", "zip": "application/zip"}
_PAGE = 500
_MOST_BYTES = 60 * 1024 * 1024
"""Of files in a ZIP; what does not fit is named in it, and the data officer has it."""


@dataclass(frozen=True)
class Export:
    """A file to download."""

    name: str
    type: str
    content: bytes


async def collect(deps: Deps, tx: Tx, all_of: Whose) -> dict[str, Any]:
    """The whole, ready for JSON. Names of fields are Indonesian, times UTC in ISO 8601."""
    rows = await tx.personal_rows(all_of.ids, all_of.citizen_id)
    cases = [await _case(deps, tx, all_of.here, case) for case in all_of.cases]
    return {
        "format": FORMAT,
        "dibuat": deps.now().isoformat(),
        "kantor": all_of.here.locus,
        "orang": await _person(tx, all_of),
        "percakapan": [await _talk(deps, tx, one) for one in all_of.conversations],
        "permohonan": cases,
        "persetujuan": [
            {
                "pada": one.given_at.isoformat(),
                "dicabut": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
                "untuk": one.purpose,
                "kanal": one.account.partition(":")[0],
                "versi_teks": one.text_version,
                "sidik_teks": one.text_hash,
            }
            for one in await tx.consents_of(all_of.ids)
        ],
        **rows,
    }


async def _person(tx: Tx, all_of: Whose) -> dict[str, Any] | None:
    if all_of.citizen_id is None:
        return None
    citizen = await tx.citizen(all_of.citizen_id)
    contacts = await tx.contacts(citizen.id)
    return {
        "nik": citizen.nik,
        "nama": citizen.name,
        "tanggal_lahir": citizen.birth_date.isoformat(),
        "salinan_dukcapil": citizen.data,
        "kontak": {kind: one.value for kind, one in contacts.items()},
        "ciri_wajah_disimpan": await tx.face(citizen.id) is not None,
    }


async def _talk(deps: Deps, tx: Tx, one: Conversation) -> dict[str, Any]:
    lines: list[dict[str, Any]] = []
    after = 0
    while entries := await tx.thread(one.id, after, _PAGE):
        after = entries[-1].seq
        for entry in entries:
            body = entry.body
            files = [file["name"] for file in body.get("attachments") or ()]
            files += [body["file"]["name"]] if body.get("file") else []
            line = {
                "pada": entry.at.isoformat(),
                "dari": entry.sender,
                "teks": body.get("text"),
                "tombol": body.get("payload"),
            }
            lines.append({name: value for name, value in {**line, "berkas": files}.items() if value})
    return {
        "kanal": one.account.partition(":")[0],
        "sejak": one.created_at.isoformat(),
        "bahasa": one.language,
        "pesan": lines,
    }


async def _case(deps: Deps, tx: Tx, here: Conversation, case: Case) -> dict[str, Any]:
    events = await tx.events(case.id)
    return {
        "nomor": case.reference,
        "layanan": deps.service_name(case.service, here.language),
        "keadaan": case.state,
        "dimulai": case.created_at.isoformat(),
        "diajukan": case.submitted_at.isoformat() if case.submitted_at else None,
        "dinas": case.agency,
        "isian": case.draft.get("answers", {}),
        "riwayat": [{"pada": one.at.isoformat(), "keadaan": one.state, "catatan": one.note} for one in events],
        "tambahan": [{"pada": one.at.isoformat(), "teks": one.text} for one in await tx.words_of(case.id)],
    }


async def export(deps: Deps, tx: Tx, all_of: Whose, format_: str) -> Export:
    """``format_``: a key of :data:`FORMATS`."""
    data = await collect(deps, tx, all_of)
    day = deps.today(all_of.here).isoformat()
    name = f"data-saya-{day}.{format_}"
    if format_ == "json":
        return Export(name, FORMATS[format_], _json(data))
    language = all_of.here.language
    pdf = await asyncio.to_thread(
        _drawn, data, {key: deps.texts.say(f"mydata.pdf.{key}", language) for key in PDF_WORDS}
    )
    if format_ == "pdf":
        return Export(name, FORMATS[format_], pdf)
    parts = [("data-saya.json", _json(data)), ("data-saya.pdf", pdf), *await _files(tx, all_of)]
    return Export(name, FORMATS["zip"], await asyncio.to_thread(_zipped, parts))


async def _files(tx: Tx, all_of: Whose) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    left = _MOST_BYTES
    for number, blob_id in enumerate(await tx.files_of(all_of.ids), 1):
        kept = await tx.blob(blob_id)
        if kept is None or len(kept[1]) > left:
            continue
        left -= len(kept[1])
        bare = kept[0].name.replace("/", "_").replace("\\", "_")[-80:]
        found.append((f"berkas/{number:03d}-{bare}", kept[1]))
    return found


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1, default=str).encode()


def _zipped(parts: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


PDF_WORDS = ("title", "made", "person", "cases", "consents", "files", "talks", "messages", "none", "withdrawn", "more")
"""Sentences of the PDF, ``mydata.pdf.…``."""


def _drawn(data: dict[str, Any], words: dict[str, str]) -> bytes:
    # Drawn outside the event loop; the library is loaded by the first who asks.
    from bot.domain.my_data_pdf import draw

    return draw(data, words)
