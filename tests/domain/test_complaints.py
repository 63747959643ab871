"""What a complaint's words say, and what answers a question that was asked outside a form."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.awaiting import Heard, awaiting, heard
from bot.domain.catalogue_review import review, unspoken
from bot.domain.complaints import LONGEST, afraid, joined, kind_of, story
from bot.domain.messages import Reply
from bot.domain.reference import new_reference
from bot.yaml_lines import load
from tests.content import catalogue

DATA = Path(__file__).parents[2] / "data"
FORM = catalogue().forms["pengaduan"]


@pytest.mark.parametrize(
    "text",
    [
        "mau lapor",
        "saya ingin mengadu min",
        "kulo badhe wadul",
        "bagaimana cara lapor ya pak?",
        "I want to make a complaint",
        "LAPOR!!!",
        "",
    ],
)
def test_the_wish_alone_is_no_story(text: str) -> None:
    assert story(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "petugas minta uang",
        "PETUGASE GALAK NEMEN!!",
        "saya mau lapor, loketnya kosong dari tadi",
        "they asked me for money",
    ],
)
def test_what_happened_is_a_story_and_kept_as_it_was_written(text: str) -> None:
    assert story(text) == text


@given(st.text(max_size=5000), st.text(max_size=5000))
def test_a_story_never_gets_longer_than_the_form_takes(before: str, more: str) -> None:
    assert len(joined(before, more)) <= LONGEST
    assert len(story(before) or "") <= LONGEST


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("petugas mintain uang 50 ribu", "pungli"),
        ("dijaluki duit maning karo petugase", "pungli"),
        ("uangnya diminta, terus saya dibentak", "pungli"),
        ("saya dibentak petugas", "petugas"),
        ("they shouted at me", "petugas"),
        ("KTP saya belum jadi jadi dari bulan juni", "terlambat"),
        ("dipersulit terus, bolak balik tiga kali", "pelayanan"),
        ("kursi roda tidak bisa masuk", "sarana"),
        ("usul: loket khusus lansia", "aspirasi"),
        ("mohon minta informasi anggaran mpp", "informasi"),
        ("entah apa ini namanya", None),
        ("", None),
    ],
)
def test_the_kind_is_read_from_peoples_own_words(text: str, kind: str | None) -> None:
    found = kind_of(text, FORM)
    assert (found.id if found is not None else None) == kind


def test_fear_is_noticed() -> None:
    assert afraid("saya DIANCAM kalau lapor") and afraid("kulo ajrih") and not afraid("loketnya tutup")


def test_the_form_has_every_language_reaches_every_section_and_names_every_kind_apart() -> None:
    assert list(review(FORM)) == []
    assert list(unspoken(load(DATA / "forms" / "pengaduan.yml", "pengaduan.yml"))) == []


# -- questions outside a form ------------------------------------------------------------------------------------------

BUTTONS = {"buttons": [["Bicara dengan petugas", "niat:talk_to_human"]]}


@pytest.mark.parametrize(
    ("verb", "text", "meant"),
    [
        ("buka", "uang saya belum kembali", Heard.SAID),
        ("buka", "kenapa uang saya belum kembali?", Heard.SAID),
        ("buka", "salah orang", Heard.SAID),
        ("buka", "lewati", Heard.NOTHING),
        ("buka", "ya", Heard.NOTHING),
        ("buka", "batal", Heard.OFF),
        ("buka", "petugas", None),
        ("buka", "bicara dengan petugas", None),
        ("buka", "makasih", None),
        ("buka", new_reference(lambda bits: 12345), None),
        ("buka", "\U0001f621\U0001f621", None),
        ("tambah", "orangnya berkumis", Heard.SAID),
        ("tambah", "ya", None),
        ("susul", "orangnya berkumis", None),
        ("susul", "gak jadi", Heard.OFF),
        ("cerita", "berapa biaya ktp?", None),
        ("cerita", "kenapa saya sudah antri dari pagi jam tujuh belum juga dipanggil?", Heard.SAID),
    ],
)
def test_what_a_text_does_to_the_open_question(verb: str, text: str, meant: Heard | None) -> None:
    assert heard(text, {"awaits": f"{verb}-00000000-0000-0000-0000-000000000000", **BUTTONS}) is meant


def test_only_the_last_question_waits_and_a_reply_that_asks_nothing_ends_it() -> None:
    asks = [Reply("a", meta={"awaits": "buka-1"}), Reply("b", meta={"awaits": "tambah-2"})]
    assert awaiting(asks) == {"awaits": "tambah-2"} and awaiting([Reply("c")]) == {}


@given(st.text(max_size=60))
def test_any_text_is_judged_without_breaking(text: str) -> None:
    for verb in ("buka", "tambah", "susul", "cerita"):
        heard(text, {"awaits": verb})
