"""Citizens who hand in a birth certificate's application, filled in before: what is measured begins with "kirim"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from bot.domain.application import State
from bot.domain.conversation import Case, Conversation
from bot.domain.form_draft import Draft, Mode
from bot.domain.messages import FileRef
from bot.usecases.deps import Deps
from bot.usecases.plan import Plan
from bot.usecases.receive import open_web_session
from bot.usecases.steps import StepCall
from bot.usecases.store import Tx
from bot.usecases.submit import submit
from bot.usecases.turn import Turn

SERVICE, VARIANT, AGENCY = "akta-kelahiran", "baru", "dukcapil"
PAPERS = ("surat_lahir", "buku_nikah", "kk", "ktp_ibu", "ktp_ayah")
PAPER = b"%PDF-1.4\n% invented\n%%EOF\n"
_ANSWERS: dict[str, Any] = {
    "persetujuan.setuju": True,
    "pelapor.nama": "Karso Wijaya",
    "pelapor.nik": "3328991708900001",
    "pelapor.no_kk": "3328992501150001",
    "pelapor.hubungan": "ayah",
    "pelapor.telepon": "+628000000001",
    "anak.nama": "Siti Aminah",
    "anak.jenis_kelamin": "P",
    "anak.tempat_dilahirkan": "1",
    "anak.tempat_lahir": "Tegal",
    "anak.pukul": "19:30",
    "anak.jenis_kelahiran": "1",
    "anak.kelahiran_ke": 2,
    "anak.penolong": "2",
    "anak.berat": 3.2,
    "anak.panjang": 49,
    "orang_tua.perkawinan": "tercatat",
    "ibu.nama": "Sri Lestari",
    "ibu.nik": "3328995203920002",
    "ibu.tempat_lahir": "Tegal",
    "ibu.tanggal_lahir": "1992-03-12",
    "saksi.0.nama": "Joko Susilo",
    "saksi.0.nik": "3328990105800003",
    "saksi.1.nama": "Tuti Wulandari",
    "saksi.1.nik": "3328994506810004",
}

_KNOWN = {
    "nik": "3328991708900001",
    "nama": "Karso Wijaya",
    "no_kk": "3328992501150001",
    "kewarganegaraan": "WNI",
    "tempat_lahir": "Tegal",
    "tanggal_lahir": "1990-08-17",
}


async def applied(deps: Deps, who: Conversation | None = None, papers: bytes = PAPER) -> tuple[Conversation, Case]:
    """A citizen (a new one on the web, unless given) presses "kirim"; the conversation and the case with its number."""
    locus = next(iter(deps.catalogue().loci))
    who = who or await open_web_session(deps, uuid4().bytes, locus, "id")
    async with deps.store.begin() as tx:
        conversation = await tx.conversation(who.id, lock=True)
        case = await _filled(deps, tx, conversation, papers)
        call = StepCall(0, 0, 0, "action_answer", str(who.id), "answer", 1.0, SERVICE, True)
        turn = Turn(deps, tx, conversation, Plan(), call)
        engine, draft = turn.form(case)
        replies = await submit(turn, case, engine, draft)
        await tx.say(who.id, replies, deps.now())
        await tx.save_conversation(conversation)
    return conversation, case


async def _filled(deps: Deps, tx: Tx, conversation: Conversation, papers: bytes) -> Case:
    today, now = deps.today(conversation), deps.now()
    files = {f"dokumen.{name}": await _paper(tx, conversation, name, papers, deps) for name in PAPERS}
    born = {"anak.tanggal_lahir": (today - timedelta(days=3)).isoformat()}
    skipped = ("pelapor.email", "saksi.0.no_kk", "saksi.1.no_kk")
    answers = {**_ANSWERS, **born, **files}
    draft = Draft(SERVICE, today, VARIANT, answers, known=_KNOWN, assurance=3, skipped=skipped, mode=Mode.DONE)
    case = Case(
        id=uuid4(),
        locus=conversation.locus,
        service=SERVICE,
        conversation_id=conversation.id,
        state=State.DRAFT.value,
        draft=draft.to_json(),
        variant=VARIANT,
        agency=AGENCY,
        created_at=now,
        updated_at=now,
    )
    await tx.put_case(case)
    return case


async def _paper(tx: Tx, conversation: Conversation, name: str, content: bytes, deps: Deps) -> dict[str, Any]:
    file: FileRef = await tx.put_blob(
        conversation.id, "document", f"{name}.pdf", "application/pdf", content, deps.now()
    )
    return {"id": file.id, "name": file.name, "type": file.type, "size": file.size}
