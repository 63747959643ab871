"""After a whole proof of identity: no selfie, no plain template and no NIK in database, files, logs or Rasa's tracker."""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from PIL import Image
from sqlalchemy import text

from tests.e2e.service import Service
from tests.e2e.test_real_faces import Person
from tests.faces import taken_now

BUDI, BORN, NAME = "3328991708850001", "17-8-1985", "Budi Santoso"
TYPED = "3328991708850001"
SANDBOX = "sandbox"
"""The agencies' stand-ins are the other side: the register knows NIKs, of course."""


@pytest.fixture
async def person(service: Service) -> AsyncIterator[Person]:
    async with aiohttp.ClientSession() as http:
        made = Person(http, service.url)
        await made.open()
        yield made
        await made.close()


async def test_nothing_of_a_proof_can_be_found_in_the_clear(service: Service, person: Person) -> None:
    pictures = [taken_now("obama3"), taken_now("obama2")]
    await person.at_the_selfie(BUDI, BORN)
    assert "Satu foto lagi" in await person.shows(pictures[0])
    await person.proves(pictures[1])
    async with service.store() as store, store.begin() as tx:
        citizen = await tx.citizen_by_nik(BUDI)
        assert citizen is not None
        face = await tx.face(citizen.id)
        assert face is not None and len(face.template) > 500
        assert (await tx.run(text("select count(*) from blob where kind = 'selfie'"))).scalar_one() == 0
        rows = [row async for row in _rows(tx)]
        rows += [row async for row in _trackers(tx, service)]
    wanted = _needles(pictures, face.template)
    for where, content in [*rows, *_files(service), ("what the processes said", service.log.encode())]:
        for name, needle in wanted.items():
            assert needle not in content, f"{name} in {where}"
    assert not any(NAME.encode() in content for _, content in rows)


def _needles(pictures: list[bytes], template: bytes) -> dict[str, bytes]:
    """Bytes that must be nowhere: the NIK as typed and as UTF-16, pieces of the pictures as sent and as made safe, the template."""
    needles = {"NIK": TYPED.encode(), "NIK in UTF-16": TYPED.encode("utf-16-le")}
    for number, picture in enumerate(pictures, 1):
        middle = len(picture) // 2
        needles[f"picture {number}"] = picture[middle : middle + 48]
        needles[f"picture {number} in base64"] = base64.b64encode(picture[middle - middle % 3 :])[:64]
        clean = io.BytesIO()
        with Image.open(io.BytesIO(picture)) as opened:
            opened.convert("RGB").save(clean, "JPEG")
        needles[f"picture {number} encoded anew"] = clean.getvalue()[-4096:-4048]
    values = template[-512:]
    needles["template"] = values[:32]
    needles["template in base64"] = base64.b64encode(template)[40:88]
    needles["template in words"] = repr(struct.unpack("<f", values[:4])[0])[:9].encode()
    return needles


async def _rows(tx) -> AsyncIterator[tuple[str, bytes]]:  # type: ignore[no-untyped-def]
    """Every row of every table, as bytes."""
    tables = await tx.run(text("select tablename from pg_tables where schemaname = 'public'"))
    for (table,) in tables.all():
        for row in await tx.run(text(f'select * from "{table}"')):
            values = [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row]
            yield f"table {table}", b"\n".join(values)


def _files(service: Service) -> Iterator[tuple[str, bytes]]:
    """What lies on disk: everything below ``var`` (with PostgreSQL's own files and its log of changes), and temporary files."""
    for folder in (service.var_dir, service.temporary):
        for file in folder.rglob("*"):
            parts = file.relative_to(folder).parts
            if SANDBOX in parts or "demo" in parts:
                continue
            try:
                if file.is_file() and not file.is_symlink():
                    yield "/".join(parts), file.read_bytes()
            except OSError:  # gone meanwhile
                continue


async def _trackers(tx, service: Service) -> AsyncIterator[tuple[str, bytes]]:  # type: ignore[no-untyped-def]
    """What Rasa remembers: a tracker is named after the conversation and the turn it began with."""
    places = (await tx.run(text("select conversation_id, id, lease_no from inbox"))).all()
    remembered = 0
    async with aiohttp.ClientSession() as http:
        for conversation, number, lease in places:
            name = f"{conversation}.{number}.{lease}"
            async with http.get(f"{service.state['rasa_url']}/conversations/{name}/tracker") as response:
                assert response.status == 200
                content = await response.read()
            remembered += b'"event":"user"' in content.replace(b" ", b"")
            yield "the tracker", content
    assert remembered
