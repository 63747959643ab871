"""The wish to have one's face deleted, and what only sounds like it."""

from __future__ import annotations

import pytest

from bot.domain.revocation import wants_face_deleted


@pytest.mark.parametrize(
    "text",
    [
        "hapus wajah saya",
        "Tolong hapus data wajah saya ya",
        "busak rai kulo",
        "please delete my face",
        "HAPUS FOTO WAJAHKU",
    ],
)
def test_the_words_of_the_consent_text_and_near_ones_are_understood(text: str) -> None:
    assert wants_face_deleted(text)


@pytest.mark.parametrize(
    "text",
    [
        "hapus permohonan saya",
        "wajah saya tidak cocok",
        "jangan hapus wajah saya",
        "apakah foto wajah saya dihapus?",
        "kapan wajah saya dihapus",
        "saya mau ganti foto wajah di KTP karena sudah lama dan minta yang lama dihapus saja",
        "",
    ],
)
def test_other_talk_of_faces_or_of_deleting_deletes_nothing(text: str) -> None:
    assert not wants_face_deleted(text)
