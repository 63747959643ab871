"""The language follows the citizen, and is not led astray by one word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.language import language_of

JAVANESE = (
    "nyong pan nggawe ktp anyar kepriben carane",
    "kula badhe damel akta lair, syaratipun punapa mawon nggih",
    "kiye kantore bukane jam pira kang",
    "jal takon, ktp ilang kudu maring endi disit",
    "nuwun sewu, putu kula dereng gadhah KIA, saged kula suwunaken teng mriki mboten",
    "durung dadi bae kk-e nyong, wis rong minggu",
    "matur nuwun sanget nggih",
    "aja nganggo bahasa indonesia, nyong ora ngerti",
)
ENGLISH = (
    "how do I get a new identity card?",
    "I lost my family card, what should I do",
    "can you help me register my baby",
    "what time do you open tomorrow",
    "where is the office please",
    "is it free?",
)
INDONESIAN = (
    "saya mau bikin ktp, syaratnya apa aja kak?",
    "gimana cara urus kk hilang min",
    "gw udah daftar kemarin kok belum ada kabar",
    "berapa lama jadinya kalau saya ajukan sekarang",
    "tolong dibantu pak, anak saya baru lahir",
    "mohon informasi persyaratan untuk SIP bidan",
)
UNCLEAR = ("", "KTP", "p", "ok", "Siti Aminah", "👍", "akta lahir", "3328990101900001", "SIP perawat", "sip 👍", "hi")


@pytest.mark.parametrize("text", JAVANESE)
def test_javanese_is_recognised(text: str) -> None:
    assert language_of(text) == "jv"


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_recognised(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize("text", INDONESIAN)
def test_indonesian_is_recognised(text: str) -> None:
    assert language_of(text) == "id"


@pytest.mark.parametrize("text", UNCLEAR)
def test_names_and_single_words_say_nothing_about_the_language(text: str) -> None:
    assert language_of(text) is None


def test_an_indonesian_sentence_with_a_borrowed_word_stays_indonesian() -> None:
    assert language_of("saya mau apply SIP online gimana caranya kak") == "id"
    assert language_of("kak mau tanya, nyong kan baru pindah, gimana urus kk") != "jv"


def test_a_mixed_sentence_is_not_decided() -> None:
    assert language_of("nyong mau tanya syarat ktp dong kak, kudu nggawa apa bae") in (None, "jv")


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    assert language_of(text) in (None, "id", "jv", "en")
