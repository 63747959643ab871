"""Every service file, every variant: filled in from the first question to its end, and nothing lost on the way."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from bot.domain.catalogue import Ending, Service
from bot.domain.fields import TYPES
from bot.domain.fields.base import Choice, Context
from bot.domain.fields.choices import MAX_LISTED
from bot.domain.fields.clean import clean
from bot.domain.form import Mode
from bot.domain.form_model import Field
from bot.domain.variants import variant_meant
from tests.services.answers import Plan, explained, leaves, place
from tests.services.applicant import KNOWN, SLUGS, TODAY, Walk, catalogue, service_of, submitted, walk

VARIANTS = [(s.slug, v.id) for s in catalogue().services.values() for v in s.variants]
LEAST = [one for n, one in enumerate(VARIANTS) if not one[0].startswith("sip-") or n % 7 == 0]
"""Those that are also filled in with as little as possible; the licences are too much alike to take all."""
IDS = [f"{slug}-{variant}" for slug, variant in VARIANTS]
MOST_QUESTIONS = 60
"""A marriage takes the most: two people, their parents and two witnesses."""


@cache
def way_of(slug: str, variant: str, least: bool = False) -> Walk:
    """The form filled in: with everything, or proven before, without what is optional and with single groups."""
    if not least:
        return walk(service_of(slug), variant)
    return walk(service_of(slug), variant, Plan(skip_optional=True, groups=1), level=3)


@pytest.mark.parametrize("slug", SLUGS)
def test_each_file_makes_a_service(slug: str) -> None:
    assert service_of(slug).slug == slug


@pytest.mark.parametrize(
    ("slug", "variant", "least"),
    [(*one, False) for one in VARIANTS] + [(*one, True) for one in LEAST],
    ids=[f"{id}-everything" for id in IDS] + [f"{slug}-{variant}-least" for slug, variant in LEAST],
)
def test_each_variant_comes_to_its_end_and_hands_over_what_was_answered(slug: str, variant: str, least: bool) -> None:
    service = service_of(slug)
    ends = service.variant(variant).ends
    if service.form is None:
        assert ends is Ending.REFERRAL
        return
    way = way_of(slug, variant, least)
    if ends is Ending.REFERRAL:
        assert way.draft.mode is Mode.REFERRED and not way.answers
        return
    assert way.draft.mode is Mode.DONE
    assert len(way.questions) <= MOST_QUESTIONS or not least
    got = leaves(submitted(way))
    papers = {f.path: f.file.id for f in way.engine.needed_files(way.draft) if f.file is not None}
    for path, answer in way.answers.items():
        section, spec, _ = place(service, path)
        if section.internal or spec is None:
            assert path not in got
        elif answer.skipped:
            assert path not in got and path not in papers
        elif answer.typed is None:
            assert papers.pop(path) == answer.value["id"]
        else:
            assert got.pop(path) == answer.value, path
    for path, value in way.confirmed.items():
        assert got.pop(path) == value and explained(service, path, value, {}, KNOWN), path
    everything = {**leaves(submitted(way)), **way.facts}
    strangers = {p: v for p, v in got.items() if not explained(service, p, v, everything, KNOWN)}
    assert not strangers and not papers


@pytest.mark.parametrize(("slug", "variant"), VARIANTS, ids=IDS)
def test_a_booking_asks_for_the_visit_and_for_no_picture_of_the_face(slug: str, variant: str) -> None:
    service = service_of(slug)
    if service.variant(variant).ends is not Ending.BOOKING:
        return
    way = way_of(slug, variant)
    assert {"kunjungan.tanggal", "kunjungan.waktu", "kunjungan.tempat"} <= set(leaves(submitted(way)))
    assert "identitas.selfie" not in way.answers


@pytest.mark.parametrize("slug", SLUGS)
def test_each_row_of_a_code_list_is_found_by_number_name_and_synonym(slug: str) -> None:
    service = service_of(slug)
    for section in service.form.sections if service.form is not None else ():
        for field in section.fields:
            for number, choice in enumerate(field.choices, 1):
                names = [*choice.label.values(), *choice.synonyms]
                names += [str(number)] if len(field.choices) <= MAX_LISTED else []
                for name in names:
                    parsed = TYPES["choice"].parse(clean(name), field, Context(TODAY))
                    assert parsed.ok and parsed.value == choice.code, f"{section.id}.{field.id}: '{name}' -> {parsed}"


@pytest.mark.parametrize("slug", SLUGS)
def test_each_variant_is_meant_by_its_synonyms_and_its_name(slug: str) -> None:
    service = service_of(slug)
    for variant in service.variants if len(service.variants) > 1 else ():
        for name in (variant.name["id"], *variant.synonyms):
            found = variant_meant(f"halo kak, {service.name['id']} saya {name} gimana ya", service)
            assert found is not None and found.id == variant.id, f"'{name}' means {found.id if found else 'none'}"


def spoilt(**changes: object) -> Service:
    """The birth certificate with one more field, which cannot be answered well."""
    service = service_of("akta-kelahiran")
    assert service.form is not None
    label = {"id": "Uji"}
    field = replace(Field("uji", "integer", label, label), **changes)  # type: ignore[arg-type]
    first, *others = service.form.sections
    sections = (replace(first, fields=(*first.fields, field)), *others)
    return replace(service, form=replace(service.form, sections=sections))


TWINS = (Choice("a", {"id": "Sama"}), Choice("b", {"id": "Sama"}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"options": {"min": 5, "max": 3}}, "is not taken"),
        ({"type": "choice", "choices": TWINS}, "is not taken"),
        ({"type": "text", "ask": {"id": "Panjang " * 300}}, "characters"),
    ],
)
def test_a_field_that_cannot_be_answered_is_noticed(changes: dict[str, object], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        walk(spoilt(**changes), "baru")


def test_a_form_without_end_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.services.applicant.MOST_STEPS", 12)
    with pytest.raises(AssertionError, match="akta-kelahiran/baru asks for ever"):
        walk(service_of("akta-kelahiran"), "baru")
