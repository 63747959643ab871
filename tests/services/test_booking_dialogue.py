"""What somebody reads who asks for a visit, from the first button to the receipt, in each language."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from tests.services.applicant import service_of
from tests.services.chat import MOST_SHOWN, Chat
from tests.services.conftest import Office

BOOKINGS = [("ktp", "pemula"), ("ktp", "luar-domisili"), ("akta-perkawinan", "pencatatan")]
BRING = {"id": "Yang dibawa nanti:", "en": "What to bring then:", "jv": "Sing diasta mangke:"}
PROMISES = (
    "paling lambat",
    "dijanjikan",
    "pasti jadi",
    "dijamin",
    "at the latest by",
    "promised",
    "guarantee",
    "dijanjeni",
)
MOST_LINE = 140
"""Characters of one line of a list: two or three on a phone."""


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("language", ["id", "en", "jv"])
@pytest.mark.parametrize(("slug", "variant"), BOOKINGS, ids=[v for _, v in BOOKINGS])
async def test_a_visit_is_asked_for_in_plain_words_without_a_promise(
    office: Office, slug: str, variant: str, language: str
) -> None:
    chat = Chat(office, service_of(slug), variant, language)
    await chat.run()
    written(chat)
    said = "\n".join(str(m["text"]) for m in chat.read)
    assert not [c for c in said if unicodedata.category(c) == "So" or c in "\ufe0f\u200d"]
    assert not [p for p in PROMISES if p in said.casefold()]
    assert "  " not in said and "{" not in said
    receipt = str(chat.last[-1]["text"])
    assert chat.last[-1]["meta"]["kind"] == "receipt" and len(receipt) < MOST_SHOWN
    head, _, rest = receipt.partition(f"{BRING[language]}\n")
    listed = rest.partition("\n\n")[0].splitlines()
    assert head and [line.split(". ")[0] for line in listed] == [str(n) for n in range(1, len(listed) + 1)]
    assert listed and max(map(len, listed)) <= MOST_LINE


def written(chat: Chat) -> None:
    """The dialogue as a text, for the person who wants to read it, when LOKET_SHOTS names a folder."""
    folder = os.environ.get("LOKET_SHOTS")
    if folder:
        name = f"{chat.service.slug}-{chat.variant}-{chat.language}.txt"
        Path(folder, name).write_text("\n\n".join(str(m["text"]) for m in chat.read), "utf-8")
