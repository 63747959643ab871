"""A visit that was asked for: the office sets day and hour, and only what suits a visit can be done."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import AgencyError
from bot.ports import Submission
from integrations.dukcapil.adapter import DukcapilAgency
from integrations.sandbox import states
from integrations.sandbox.cases import Cases
from tests.integrations.conftest import MovableClock, Sandbox, birth

WHEN = "Senin 1 Desember jam 09.00 di MPP."


def booking(service: str = "ktp", variant: str = "pemula", **changes: Any) -> Submission:
    data = {"pemohon.nama": "Budi", "kunjungan.tanggal": "2025-12-01", "kunjungan.waktu": "pagi"}
    visit = replace(birth(), service=service, variant=variant, ending="booking", data=data, files=())
    return replace(visit, **changes)


async def shown(desk: Sandbox, ref: str) -> set[str]:
    """The actions that the officers' page offers."""
    page = await desk.page(f"/petugas/dukcapil/{ref}")
    return {name for name in states.ACTIONS if f'/{ref}/{name}"' in page}


async def test_a_visit_is_scheduled_and_ends_without_a_document(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    ref = await dukcapil.submit(booking())
    assert "minta jadwal datang" in await desk.page(f"/petugas/dukcapil/{ref}")
    assert "minta jadwal datang" in await desk.page("/petugas/dukcapil")
    assert await shown(desk, ref) == {"verifikasi", "jadwalkan"}
    assert await desk.act(ref, "jadwalkan") == 422
    assert await desk.act(ref, "jadwalkan", note=WHEN) == 303
    assert await shown(desk, ref) == {"selesai", "tolak"}
    assert await desk.act(ref, "selesai") == 303
    changes = await dukcapil.status(ref)
    assert [c.state for c in changes] == ["diajukan", "diproses", "terbit"]
    assert changes[1].note == WHEN and not changes[2].document
    with pytest.raises(AgencyError):
        await dukcapil.document(ref)


async def test_what_suits_no_visit_is_refused_even_when_asked_for_directly(
    dukcapil: DukcapilAgency, desk: Sandbox
) -> None:
    ref = await dukcapil.submit(booking())
    await desk.act(ref, "verifikasi")
    assert await desk.act(ref, "proses") == 409
    await desk.act(ref, "jadwalkan", note=WHEN)
    for action in ("kirim-tte", "terbitkan"):
        assert await desk.act(ref, action) == 409
    assert (await dukcapil.status(ref))[-1].state == "diproses"


async def test_a_visit_that_ends_with_a_deed_issues_it(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    ref = await dukcapil.submit(booking("akta-perkawinan", "pencatatan"))
    await desk.act(ref, "jadwalkan", note=WHEN)
    assert await shown(desk, ref) == {"terbitkan", "tolak"}
    await desk.act(ref, "terbitkan")
    assert (await dukcapil.document(ref))[1].startswith(b"%PDF-")


async def test_what_was_handed_in_is_never_given_a_day_to_come(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    ref = await dukcapil.submit(birth())
    assert await shown(desk, ref) == {"verifikasi"}
    assert await desk.act(ref, "jadwalkan", note=WHEN) == 409
    await desk.act(ref, "verifikasi")
    assert await shown(desk, ref) == {"minta-perbaikan", "proses", "tolak"}


async def test_the_same_key_with_another_ending_is_another_body(dukcapil: DukcapilAgency) -> None:
    await dukcapil.submit(booking())
    with pytest.raises(AgencyError):
        await dukcapil.submit(booking(ending="submission"))


async def test_an_ending_nobody_knows_is_refused(dukcapil: DukcapilAgency) -> None:
    with pytest.raises(AgencyError):
        await dukcapil.submit(booking(ending="miracle"))


def test_a_file_of_an_earlier_version_gets_the_column_and_keeps_its_cases(tmp_path: Path) -> None:
    path = tmp_path / "cases.sqlite"
    Cases(path, MovableClock(), "DUK").close()
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("ALTER TABLE cases DROP COLUMN ending")
        old.execute(
            "INSERT INTO cases VALUES ('DUK-1', 'k', 'f', 'AKL-1', 'ktp', '{}', '', 'diajukan', '2025-11-24T02:00:00',"
            " 't', NULL, NULL, 'rusak')"
        )
    cases = Cases(path, MovableClock(), "DUK")
    (case,) = cases.queue()
    assert (case.variant, case.ending) == ("rusak", "submission")
    cases.close()
