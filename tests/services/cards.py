"""People who apply for identity cards, family cards and child cards."""

from __future__ import annotations

from typing import Any

from bot.domain.messages import FileRef, Kind
from tests.domain.citizen import Citizen, photo
from tests.services.applicant import service_of

CHILD = "3328991403200001"  # born 14-3-2020
TEEN = "3328992005150002"  # born 20-5-2015
BABY = "3328990107240003"  # born 1-7-2024


def begun(slug: str, variant: str, *, assurance: int = 3, language: str = "id") -> Citizen:
    """Somebody who has chosen the variant and agreed; with level 3 also confirmed the record, so that what is asked
    next is the service's own.
    """
    one = Citizen(service_of(slug), assurance=assurance, language=language).send(variant, "ya")
    if assurance == 3:
        one.send("ya", "081234567890", "-")
    return one


def answered(one: Citizen, answers: dict[str, Any]) -> list[str]:
    """Answers whatever is asked from ``answers`` (by path) until the review; gives the paths in their order."""
    asked: list[str] = []
    while one.question.kind is not Kind.REVIEW:
        path = one.path
        assert path in answers, f"{path} is asked: {one.question.text}"
        assert path not in asked, f"{path} is asked twice: {one.said}"
        asked.append(path)
        one.send(answers[path])
    assert set(answers) == set(asked), "not asked: " + ", ".join(set(answers) - set(asked))
    return asked


def sent(one: Citizen) -> set[str]:
    """The papers of the application."""
    return {f.path for f in one.engine.needed_files(one.draft)}


PICK_UP: dict[str, str | FileRef] = {"pengambilan.tempat": "mpp"}
POLICE: dict[str, str | FileRef] = {
    "kehilangan.no_surat_polisi": "SKTLK/123/VII/2026/SPKT",
    "kehilangan.tanggal_surat_polisi": "1-7-2025",
    "kehilangan.foto_surat_polisi": photo("polisi"),
}
