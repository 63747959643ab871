"""The chat form as the studio shows it: every form of the real catalogue is gone through by the real engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.usecases.studio_services_preview import answers, askable, walk
from tests import content
from tests.content import catalogue

DATA = Path(__file__).parents[2] / "data"
TODAY = date(2026, 11, 22)
TEXTS = content.texts()


def test_every_form_is_shown_to_its_end_for_every_variant() -> None:
    gone = 0
    for service in (*catalogue().services.values(), *catalogue().forms.values()):
        if service.slug.startswith("sip-") and service.slug != "sip-perawat":
            continue  # one of 31 that are made of the same parts
        assert askable(service), service.slug
        for variant in service.variants:
            found = walk(service, TEXTS, "id", TODAY, {"_variant": variant.id})
            assert found.ends == variant.ends.value, (service.slug, variant.id)
            gone += len(found.steps)
        if service.slug in catalogue().services:
            assert [topic for topic, text in answers(service, TEXTS, "en") if text] == [
                "requirements", "cost", "duration", "procedure",
            ]  # fmt: skip
    assert gone > 500


def test_another_choice_leads_another_way() -> None:
    ktp = catalogue().services["ktp"]
    lost, damaged = (
        [step.path for step in walk(ktp, TEXTS, "id", TODAY, {"_variant": one}).steps] for one in ("hilang", "rusak")
    )
    assert "kehilangan.no_surat_polisi" in lost and "kerusakan.keterangan" in damaged
    assert not set(lost) & {path for path in damaged if path.startswith("kerusakan")}
