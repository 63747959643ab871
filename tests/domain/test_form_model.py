"""What other services will need: asked repetition, variants, alternatives, conditions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.catalogue import Service, Variant
from bot.domain.form_model import Condition, Field, Fill, Form, Repeat, Section, Test
from tests.domain.citizen import Citizen
from tests.domain.spec import birth


def words(text: str) -> dict[str, str]:
    return {"id": text}


def simple(id: str, type: str = "name", **kw: Any) -> Field:
    return Field(id, type, words(id), words(f"{id}?"), **kw)


def service(*sections: Section, variants: int = 1) -> Service:
    named = tuple(Variant(f"v{n}", words(name), ()) for n, name in enumerate(("Baru", "Hilang")[:variants]))
    return replace(birth(), slug="uji", form=Form("X", sections), variants=named)


MOVERS = Section("anggota", words("Anggota {n}"), (simple("nama"),), repeat=Repeat(1, 3, words("Tambah lagi?")))


def test_a_group_of_unknown_number_is_asked_for_until_no_more() -> None:
    her = Citizen(service(MOVERS)).send("Budi", "ya", "Siti", "tidak")
    assert her.payload == {"anggota": [{"nama": "Budi"}, {"nama": "Siti"}]}
    assert her.path == "_periksa"


def test_the_highest_number_is_not_asked_beyond() -> None:
    her = Citizen(service(MOVERS)).send("Budi", "ya", "Siti", "ya", "Joko")
    assert her.path == "_periksa"
    assert len(her.payload["anggota"]) == 3


def test_going_back_over_one_more_takes_the_group_away() -> None:
    her = Citizen(service(MOVERS)).send("Budi", "ya", "Siti")
    assert her.send("kembali", "kembali").path == "anggota.0.lagi"
    assert her.send("tidak").payload == {"anggota": [{"nama": "Budi"}]}


def test_a_service_with_variants_asks_which_one_first() -> None:
    section = Section(
        "isi", words("Isi"), (simple("surat", when=Condition((Test("_variant", "equals", "v1"),))), simple("nama"))
    )
    her = Citizen(service(section, variants=2))
    assert her.path == "_variant"
    assert her.send("2").draft.variant == "v1"
    assert her.path == "isi.surat"
    assert Citizen(service(section, variants=2)).send("baru").path == "isi.nama"


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        (Test("a.x", "equals", "1"), "1", True), (Test("a.x", "equals", "1"), None, False),
        (Test("a.x", "in", ("1", "2")), "2", True), (Test("a.x", "in", ("1",)), "2", False),
        (Test("a.x", "not", "1"), "2", True), (Test("a.x", "not", "1"), None, True),
        (Test("a.x", "not", ("1", "2")), "2", False), (Test("a.x", "exists", True), "0", True),
        (Test("a.x", "exists", False), None, True), (Test(".x", "equals", "1"), "1", True),
    ],
)  # fmt: skip
def test_conditions(test: Test, value: str | None, expected: bool) -> None:
    assert test.holds({"a.x": value}.get, (), "a") is expected


def test_alternatives_need_one_to_hold() -> None:
    condition = Condition(
        (Test("a", "exists", True),), (Condition((Test("b", "equals", 1),)), Condition((Test("b", "equals", 2),)))
    )
    assert condition.holds({"a": 1, "b": 2}.get, ())
    assert not condition.holds({"a": 1, "b": 3}.get, ())
    assert not condition.holds({"b": 2}.get, ())


def test_an_answer_behind_a_condition_that_falls_takes_its_followers_along() -> None:
    chain = Section(
        "s",
        words("S"),
        (
            simple("a", "yes_no"),
            simple("b", "yes_no", when=Condition((Test(".a", "equals", True),))),
            simple("c", "name", when=Condition((Test(".b", "equals", True),))),
            simple("d", "name", fill=(Fill(copy=".c"),), optional=True),
        ),
    )
    her = Citizen(service(chain)).send("ya", "ya", "Budi")
    assert her.payload == {"s": {"a": True, "b": True, "c": "Budi", "d": "Budi"}}
    her.send("ubah a", "tidak")
    assert her.path == "s.d"
    assert her.payload == {"s": {"a": False}}
