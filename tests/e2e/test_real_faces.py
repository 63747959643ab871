"""Identity with real faces through the whole service, and every bad input of the list: a sentence each, nothing lost."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from PIL import Image

from tests import pictures
from tests.e2e.chat_client import ChatClient
from tests.e2e.service import Service
from tests.faces import borderline_selfie, portrait, selfie, taken_now

SELFIE = "identitas.selfie"


class Person(ChatClient):
    """A citizen who also sends pictures."""

    async def post(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        async with self._http.post(self._url + path, headers=self._headers, **body) as response:
            return response.status, await response.json()

    async def picture(self, data: bytes, kind: str = "selfie") -> tuple[int, dict[str, Any]]:
        form = aiohttp.FormData()
        form.add_field("client_id", str(uuid4()))
        form.add_field("kind", kind)
        form.add_field("file", data, filename="foto.jpg")
        return await self.post("/chat/v1/attachments", data=form)

    async def shows(self, data: bytes) -> str:
        """Send a selfie; the bot's first sentence about it."""
        status, answer = await self.picture(data)
        assert status == 202, answer
        said = await self.wait(lambda m: m["id"] > answer["id"], "a word about the selfie")
        return str(said["text"])

    async def proves(self, data: bytes) -> None:
        """Send the picture that settles it; the register's data are offered then."""
        status, answer = await self.picture(data)
        assert status == 202, answer
        await self.wait(lambda m: m["id"] > answer["id"] and "catatan Dukcapil" in m["text"], "the register's data")

    async def at_the_selfie(self, nik: str, born: str) -> None:
        """Apply as far as the selfie."""
        await self.say("mau buat akta kelahiran", asks="persetujuan.setuju")
        await self.say("setuju", asks="identitas.nik")
        await self.say(nik, asks="identitas.tanggal_lahir")
        await self.say(born, asks=SELFIE)


@pytest.fixture
async def person(service: Service) -> AsyncIterator[Person]:
    async with aiohttp.ClientSession() as http:
        made = Person(http, service.url)
        await made.open()
        yield made
        await made.close()


async def test_faces_decide_as_they_should_and_every_bad_picture_gets_its_reason(
    person: Person, faces: dict[str, Path]
) -> None:
    await person.at_the_selfie("3328991708850001", "17-8-1985")
    assert "belum terlihat" in await person.shows(pictures.jpeg(900, 700))
    two = pictures.two_side_by_side(portrait("obama2"), portrait("obama2"))
    assert "lebih dari satu wajah" in await person.shows(selfie(two))
    assert "belum cocok" in await person.shows(taken_now("biden"))
    assert "salinan" in await person.shows(selfie(portrait("obama"), quality=70))
    for data, refused in (
        (faces["obama2"].read_bytes()[:40_000], 422),
        (pictures.png_bomb(), 422),
        (pictures.exe(), 415),
        (pictures.gif(), 415),
        (b"x" * 30 * 1024 * 1024, 413),
    ):
        status, answer = await person.picture(data)
        assert status == refused and len(answer["error"]["message"]) > 20, answer
    # Twelve megapixels, as phones send them: still the right person.
    with Image.open(io.BytesIO(taken_now("obama3"))) as straight:
        portrait_12mp = selfie(straight.resize((3000, 4000)))
    assert "Satu foto lagi" in await person.shows(portrait_12mp)
    assert "foto yang sama" in await person.shows(portrait_12mp)
    await person.proves(taken_now("obama2"))


async def test_a_doubtful_face_waits_for_the_officer(person: Person, service: Service) -> None:
    await person.at_the_selfie("3328990304880001", "3-4-1988")
    assert "Satu foto lagi" in await person.shows(borderline_selfie("obama"))
    assert "dilihat petugas" in await person.shows(borderline_selfie("obama2"))
    async with service.store() as store, store.begin() as tx:
        checks = await tx.pending_checks("33.28")
    assert len(checks) == 1 and checks[0].score is not None and 0.37 < checks[0].score <= 0.46


async def test_unusable_texts_get_a_sentence_and_the_form_stays_where_it_was(person: Person) -> None:
    await person.say("mau buat akta kelahiran", asks="persetujuan.setuju")
    await person.say("ya", asks="identitas.nik")
    for text, said in (
        ("", "kosong"),
        ("x" * 5000, "terlalu panjang"),
        ("123", "16 angka"),
        # Rasa's own command never reaches Rasa: it is read as a cry for help.
        ("/restart", "KEMBALI (pertanyaan sebelumnya)"),
    ):
        sent = await person.send(text)
        answer = await person.wait(lambda m, sent=sent: m["id"] > sent, f"an answer to {text[:10]!r}")
        assert said in answer["text"]
    assert (await person.thread())[-1]["meta"]["field"] == "identitas.nik"


async def test_the_same_message_ten_times_is_answered_once(person: Person) -> None:
    body = {"client_id": "ten-times", "text": "berapa biaya akta kelahiran"}
    answers = [await person.post("/chat/v1/messages", json=body) for _ in range(10)]
    assert {answer["id"] for _, answer in answers} == {answers[0][1]["id"]}
    await person.say("halo")
    assert sum("Gratis" in message["text"] for message in await person.thread(own=False)) == 1
