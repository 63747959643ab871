"""What people write to connect their conversations, and what a draft keeps on the way."""

from __future__ import annotations

import random
import secrets
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.form import Engine
from bot.domain.form_commands import Command
from bot.domain.form_draft import Draft, Mode
from bot.domain.linking import (
    DECLINE,
    Meant,
    code_alone,
    declined,
    guarded,
    link_to,
    linking_of,
    moved,
    new_code,
    papers,
    shown,
)
from bot.domain.payloads import command
from tests.usecases.conftest import CATALOGUE, NIK, TEXTS
from tests.usecases.script import FIELDS, IDENTITY

CODES = st.integers(0, 2**60).map(lambda seed: new_code(random.Random(seed).getrandbits))


@pytest.mark.parametrize(
    ("said", "channel"),
    [
        ("lanjut di Telegram", "telegram"),
        ("pindah ke wa", "whatsapp"),
        ("bisa lanjut nang wa ora?", "whatsapp"),
        ("saged dilanjut teng telegram mboten?", "telegram"),
        ("mau lanjut di laptop saja kak", "web"),
        ("aku pengen nerusna neng tele bae", "telegram"),
        ("can I continue on the web please?", "web"),
        ("switch to WhatsApp", "whatsapp"),
        ("pindah dari wa ke telegram", "telegram"),
        ("teruskan di hp satunya", None),
        ("terusna nang hp liyane", None),
        ("continue on my other phone", None),
        ("sambung", None),
        ("kode sambung", None),
        ("njaluk kode sambung", None),
        ("minta kode sambung dong", None),
        ("link code", None),
    ],
)
def test_a_wish_to_go_on_elsewhere_is_understood(said: str, channel: str | None) -> None:
    meant = linking_of(said)
    assert meant is not None and (meant.meant, meant.channel) == (Meant.WISH, channel)


@pytest.mark.parametrize(
    "said", ["lepas", "Lepas!", "putuskan sambungan", "unlink", "culna sambungan", "bukan saya, lepas"]
)
def test_a_wish_to_part_is_understood(said: str) -> None:
    meant = linking_of(said)
    assert meant is not None and meant.meant is Meant.UNDO


@pytest.mark.parametrize(
    "said", ["ya sambungkan", "Ya, sambungkan", "iya sambung kak", "yes connect", "nggih sambungaken"]
)
def test_an_agreement_in_words_that_answer_nothing_else(said: str) -> None:
    meant = linking_of(said)
    assert meant is not None and meant.meant is Meant.YES and meant.sure


@pytest.mark.parametrize(
    "said",
    [
        *IDENTITY, *FIELDS, "telegram", "wa", "lanjut", "lanjut nanti", "pindah", "pindah ke Tegal", "mau pindah alamat",
        "sambungkan petugas", "sambungkan ke petugas", "saya mau pindah rumah", "lewat wa", "Jl. Sambung 3", "Sambung Rejo",
        "RT03RW02", "RT 03 RW 02", "rt 3/rw 12", "17081990", "17 08 1990", "12345678", "SEMARANG", "SOLO 1234", "g 1234 abc",
        "LKT-7K3M-9QXP-4", "52415", "081234567890", "status permohonan saya", "kode pos 52415", "nomor kk", "ya", "tidak",
        "saya putus sekolah", "lepas landas", "talinya lepas", "", "   ", "-", "👍",
    ],
)  # fmt: skip
def test_what_people_answer_otherwise_is_no_such_wish(said: str) -> None:
    assert linking_of(said) is None


@given(CODES, st.sampled_from(["", "-", " ", " - ", "–", "."]), st.booleans())
def test_a_code_is_read_however_it_is_typed(code: str, gap: str, low: bool) -> None:
    typed = f"{code[:4]}{gap}{code[4:]}"
    typed = typed.lower() if low else typed
    assert code_alone(typed) == code or "RT" in code
    meant = linking_of(f"sambung {typed}")
    assert meant is not None and (meant.meant, meant.code, meant.sure) == (Meant.CODE, code, True)


@given(CODES)
def test_look_alikes_are_forgiven(code: str) -> None:
    meant = linking_of(f"sambung {code.replace('1', 'l').replace('0', 'O')}")
    # So many letters may be left that it is a word.
    assert meant is None or meant.meant is not Meant.CODE or meant.code == code


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(said: str) -> None:
    meant = linking_of(said)
    assert meant is None or meant.meant is not Meant.CODE or len(meant.code) == 8


def test_codes_differ_and_look_like_codes() -> None:
    codes = {new_code(secrets.randbits) for _ in range(500)}
    assert len(codes) == 500 and all(code_alone(shown(code)) == code or "RT" in code for code in codes)


def test_links_of_the_channels() -> None:
    assert link_to("telegram", "@LoketBot", "K7F39QXM") == "https://t.me/LoketBot?start=K7F39QXM"
    assert link_to("whatsapp", "+62 800-0", "K7F39QXM") == "https://wa.me/628000?text=sambung%20K7F3-9QXM"
    assert link_to("whatsapp", "MG0123456789", "K7F39QXM") is None  # a service of many numbers
    assert link_to("web", "https://loket.example/", "K7F39QXM") == "https://loket.example/?sambung=K7F39QXM"
    assert link_to("sms", "123", "K7F39QXM") is None and link_to("web", "", "K7F39QXM") is None


def test_a_no_counts_only_where_the_connection_was_offered() -> None:
    offered = {"buttons": [["Ya", command("sambung-ya")], ["Tidak", command(DECLINE)]]}
    assert declined("nggak usah", offered) and declined("Ora", offered)
    assert not declined("tidak", {}) and not declined("ya", offered)


# -- drafts -------------------------------------------------------------------------------------------------------------

KNOWN = {
    "nama": "Karso Wijaya",
    "nik": NIK,
    "no_kk": "3328992501150001",
    "tempat_lahir": "Tegal",
    "tanggal_lahir": "1990-08-17",
}


@pytest.fixture
def engine() -> Engine:
    return Engine(CATALOGUE.services["akta-kelahiran"], TEXTS, "id", date(2026, 11, 2))


def filled(engine: Engine, known: dict[str, str], assurance: int, answers: list[str]) -> Draft:
    draft = engine.start(known, assurance, engine.service.variants[0].id)
    for answer in answers:
        judgement = engine.judge(draft, answer)
        assert judgement.ok, (answer, judgement)
        draft = engine.accept(draft, judgement)
    return draft


def test_a_moved_draft_is_open_with_every_answer_and_knows_where_it_came_from(engine: Engine) -> None:
    draft = filled(engine, KNOWN, 3, ["ya", *FIELDS[:5]])
    paused, _ = engine.command(draft, Command.PAUSE)
    came = moved(engine, paused, "old")
    assert (came.answers, came.mode, came.moved) == (draft.answers, Mode.FILLING, "old")
    assert Draft.from_json(came.to_json()) == came
    touched = engine.accept(came, engine.judge(came, "perempuan"))
    assert touched.moved == ""


def test_a_guarded_draft_shows_nothing_of_the_record_and_keeps_what_was_typed(engine: Engine) -> None:
    draft = filled(engine, KNOWN, 3, ["ya", *FIELDS[:5]])
    assert any(value == "Karso Wijaya" for value in draft.answers.values())
    closed = guarded(engine, draft, 1)
    assert "Karso" not in str(closed.to_json()) and closed.answers["anak.nama"] == "Siti Aminah"
    question = engine.question(closed)
    assert question is not None and question.path == "identitas.nik"
    opened = engine.know(closed, KNOWN, 3)
    offered = engine.question(opened)
    assert offered is not None and "Karso Wijaya" in offered.text  # one "ya", and all is as before
    assert guarded(engine, draft, 3) is draft


def test_papers_are_the_files_among_the_answers() -> None:
    file = "5f0c6b1e-6f5e-4f57-9d4f-1e9b8f0f0a11"
    assert [str(one) for one in papers({"answers": {"a": {"id": file}, "b": "x", "c": {"id": ""}, "d": [1]}})] == [file]
