"""People who report deaths, moves, marriages and births: proven before, with their papers at hand."""

from __future__ import annotations

from tests.domain.citizen import Citizen, photo
from tests.services.applicant import service_of

HUSBAND, WIFE, OTHER, FOURTH = "3328990101900001", "3328994502920002", "3328990303700003", "3328990404710004"
FAMILY_CARD, OTHER_CARD = "3328991001150001", "3328992002160002"
WITNESSES = ("Slamet", OTHER, "-", "Budi", FOURTH, "-")


def citizen(slug: str, variant: str | None = None, *, assurance: int = 3) -> Citizen:
    """Somebody proven before, who has agreed and confirmed what the register knows."""
    him = Citizen(service_of(slug), assurance=assurance, variant=variant)
    if variant is not None:
        him.send("ya")
        if assurance >= 3:
            him.send("ya")
    return him


def hand_in(him: Citizen) -> list[str]:
    """Send every paper that is asked for; what was asked, by the last part of its path."""
    asked = []
    while him.question.field_type == "document":
        asked.append(him.path.rpartition(".")[2])
        him.send(photo(asked[-1]))
    assert him.question.field_type == "review", him.question.text
    return asked


def asked_for(him: Citizen) -> set[str]:
    """Paths of all fields that count as things stand."""
    return {item.path for item in him.engine.sheet(him.draft).items}


def witnessed(him: Citizen) -> Citizen:
    assert him.path == "saksi.0.nama"
    return him.send("Slamet", FOURTH, "-", "Tuti", "3328994506810005", "-")
