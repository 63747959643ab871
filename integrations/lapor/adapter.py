"""Complaints (SP4N-LAPOR! and the regency's own desk) over HTTP: hand in, follow, add words, settle or reopen.

Who wants to be anonymous is: neither name nor contact nor anything that leads to them (the number of an application, the name of
a picture's file) leaves this process.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from bot.domain.application import State
from bot.domain.messages import FileRef
from bot.ports import Agency, Clock, Submission
from bot.registry import agency_manifest
from integrations.common.agency import CaseAgency

# Their word -> our state (domain.md 4.3). `dijawab` waits for the citizen's own word.
STATES: Mapping[str, State] = {
    "belum_terverifikasi": State.DIAJUKAN,
    "diverifikasi": State.VERIFIKASI_BERKAS,
    "diteruskan": State.VERIFIKASI_BERKAS,
    "perlu_data": State.PERLU_PERBAIKAN,
    "diproses": State.DIPROSES,
    "dijawab": State.TERBIT,
    "selesai": State.SELESAI,
    "ditolak": State.DITOLAK,
    "arsip": State.DITOLAK,
    "dibatalkan": State.DIBATALKAN,
}
# Kinds of SP4N-LAPOR!; every other variant of the form is a complaint.
_KINDS = {"aspirasi": "aspirasi", "informasi": "permintaan_informasi"}
ANONYMOUS = "anonim"
_FIELDS = {"cerita": "isi", "kejadian": "kejadian", "harapan": "harapan"}
"""The form's field -> theirs."""
_WHO = ("nama", "telepon")
_NUMBER = "nomor_permohonan"


def build(config: Mapping[str, str], clock: Clock) -> Agency:
    """The adapter from its settings; see ``docs/add-an-agency.md``."""
    timeout = agency_manifest(Path(__file__).parent).timeout_s
    return LaporAgency(config["LOKET_LAPOR_URL"], config["LOKET_LAPOR_SECRET"], clock, timeout)


class LaporAgency(CaseAgency):
    """A complaint is a case of the usual shape with words of its own; besides, one may add to it, confirm and contest it."""

    state_words = STATES

    def __init__(self, url: str, secret: str, clock: Clock, timeout: float) -> None:
        super().__init__(agency_manifest(Path(__file__).parent), url, secret, clock, timeout)

    async def submit(self, submission: Submission) -> str:
        """See :meth:`integrations.common.agency.CaseAgency.submit`."""
        return await super().submit(report(submission))

    async def repair(self, agency_ref: str, submission: Submission) -> None:
        """The report as it is after a correction."""
        await super().repair(agency_ref, report(submission))

    async def add(self, agency_ref: str, text: str, files: Sequence[tuple[FileRef, bytes]], key: str) -> None:
        """More words or pictures to a report that is not closed. Files get names of ours."""
        encoded = await asyncio.to_thread(_encoded, files)
        await self._json("POST", f"{_report(agency_ref)}/words", {"text": text, "files": encoded}, key=key)

    async def close_case(self, agency_ref: str, key: str) -> None:
        """The citizen says that it is settled."""
        await self._json("POST", f"{_report(agency_ref)}/close", {}, key=key)

    async def reopen(self, agency_ref: str, reason: str, key: str) -> None:
        """The citizen says that it is not."""
        await self._json("POST", f"{_report(agency_ref)}/reopen", {"reason": reason}, key=key)


def report(submission: Submission) -> Submission:
    """The form's answers as the report that goes out. Only what is named here does."""
    told = _section(submission.data, "laporan")
    who = _section(submission.data, "pelapor")
    # Silence is no consent to be named.
    how = str(who.get("cara") or ANONYMOUS)
    data: dict[str, Any] = {"klasifikasi": _KINDS.get(submission.variant, "pengaduan"), "kategori": submission.variant}
    data |= {theirs: told[ours] for ours, theirs in _FIELDS.items() if told.get(ours)}
    data["kerahasiaan"] = how
    if how != ANONYMOUS:
        data["pelapor"] = {name: who[name] for name in _WHO if who.get(name)}
        # A number leads to the applicant, although it names nobody.
        data |= {_NUMBER: told[_NUMBER]} if told.get(_NUMBER) else {}
    files = tuple(
        (replace(ref, name=_named(ref, n)), content, f"lampiran_{n}")
        for n, (ref, content, _) in enumerate(submission.files, 1)
    )
    return replace(submission, data=data, files=files)


def _section(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _named(ref: FileRef, n: int) -> str:
    """People put their name into the names of their files."""
    suffix = PurePath(ref.name).suffix.lower()
    return f"lampiran-{n}{suffix if suffix in ('.jpg', '.jpeg', '.png', '.pdf') else ''}"


def _encoded(files: Sequence[tuple[FileRef, bytes]]) -> list[dict[str, str]]:
    return [
        {"field": f"tambahan_{n}", "name": _named(ref, n), "content": base64.b64encode(content).decode()}
        for n, (ref, content) in enumerate(files, 1)
    ]


def _report(agency_ref: str) -> str:
    return f"/applications/{quote(agency_ref, safe='')}"
