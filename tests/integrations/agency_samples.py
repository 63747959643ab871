"""What the contract tests know of each agency. A new agency folder brings one entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot import agency_files
from bot.ports import Submission
from tests.integrations.conftest import SECRET, birth, complaint, renewal, visit

ISSUED = ("diajukan", "verifikasi_berkas", "diproses", "menunggu_tte", "terbit")


@dataclass(frozen=True)
class Sample:
    """What a contract test needs to know of an agency."""

    config: Callable[[str], dict[str, str]]
    """Settings, from the address of the sandbox."""
    submission: Callable[..., Submission]
    to_issue: tuple[str, ...]
    """The officer's actions up to the end: the document, or what else the agency gives."""
    nik: str = ""
    name: str = ""
    """Somebody it knows, where it offers ``lookup``."""
    stand_in: str = ""
    """Whose stand-in it talks to; empty: its own."""
    history: tuple[str, ...] = ISSUED
    """Our states after those actions."""
    ask_repair: tuple[tuple[str, dict[str, Any]], ...] = ()
    """The officer's actions that ask for a repair, with their forms; empty: the usual ones."""
    mend: str = ""
    """A field of the application that can be repaired; empty: the first one."""
    notes: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """Forms of the officer's actions that want one."""


# A new agency folder brings one entry.
SAMPLES = {
    "dukcapil": Sample(
        config=lambda url: {"LOKET_DUKCAPIL_URL": f"{url}/dukcapil", "LOKET_DUKCAPIL_SECRET": SECRET},
        nik="3328991708850001",
        name="Budi Santoso",
        submission=birth,
        to_issue=("verifikasi", "proses", "terbitkan"),
    ),
    "sdmk": Sample(
        config=lambda url: {"LOKET_SDMK_URL": f"{url}/sdmk", "LOKET_SDMK_SECRET": SECRET},
        nik="3328991708850001",
        name="Budi Santoso",
        submission=renewal,
        to_issue=("verifikasi", "proses", "terbitkan"),
    ),
    "lapor": Sample(
        config=lambda url: {"LOKET_LAPOR_URL": f"{url}/lapor", "LOKET_LAPOR_SECRET": SECRET},
        submission=complaint,
        to_issue=("teruskan", "proses", "jawab"),
        history=("diajukan", "verifikasi_berkas", "diproses", "terbit"),
        notes={"teruskan": {"note": "Disdukcapil"}, "jawab": {"note": "Petugasnya sudah ditegur."}},
    ),
    "antrean": Sample(
        config=lambda url: {"LOKET_ANTREAN_URL": f"{url}/antrean", "LOKET_ANTREAN_SECRET": SECRET},
        submission=visit,
        to_issue=("verifikasi", "jadwalkan", "selesai"),
        history=("diajukan", "verifikasi_berkas", "diproses", "terbit"),
        notes={"jadwalkan": {"note": "Senin, 1 Desember 2025, antara pukul 09.00 dan 12.00."}},
    ),
    # Described by a file alone, in the shape of docs/add-an-agency.md.
    "lain": Sample(
        config=lambda url: {"LOKET_X_LAIN_URL": f"{url}/dukcapil", "LOKET_X_LAIN_SECRET": SECRET},
        submission=birth,
        to_issue=("verifikasi", "proses", "terbitkan"),
        stand_in="dukcapil",
    ),
}

AGENCIES = agency_files.every(Path(__file__).parent / "agencies")


def offering(*capabilities: str) -> pytest.MarkDecorator:
    """Runs a test for each agency that offers all of them."""
    return pytest.mark.parametrize(
        "id", [id for id, plugin in sorted(AGENCIES.items()) if set(capabilities) <= plugin.manifest.capabilities]
    )
