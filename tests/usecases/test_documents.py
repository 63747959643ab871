"""Receipts on request, and documents by a link where the chat alone is not enough."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pypdf
import pytest

from bot.domain.document_link import CODES, TRIES
from bot.usecases import documents
from bot.usecases.coded_link import NoMoreCodes
from bot.usecases.documents import LinkClosed, WrongAnswer
from bot.usecases.track import keep_document
from tests.usecases.conftest import BORN, NIK, World
from tests.usecases.script import apply

PDF = b"%PDF-1.7 contoh"


async def test_the_receipt_is_a_small_pdf_on_request_without_the_nik(world: World) -> None:
    who = await world.session()
    reference = await apply(world, who)
    async with world.store.begin() as tx:
        (case,) = await tx.cases_of(await tx.conversation(who.id))
    said = await world.say(who, payload=f"perintah:tanda-{case.id}")
    (file,) = said[-1]["attachments"]
    assert said[-1]["meta"]["kind"] == "receipt" and file["name"] == f"tanda-terima-{reference}.pdf"
    async with world.store.begin() as tx:
        kept = await tx.blob(UUID(file["id"]))
    assert kept is not None and len(kept[1]) < 30_000
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(kept[1])).pages)
    assert reference in text and "Akta Kelahiran" in text and "/" + reference in text and "Buku nikah" in text
    assert NIK not in text and "Karso" not in text and "Siti" not in text


async def test_somebody_elses_receipt_is_not_given(world: World) -> None:
    who, stranger = await world.session(), await world.session()
    await apply(world, who)
    async with world.store.begin() as tx:
        (case,) = await tx.cases_of(await tx.conversation(who.id))
    said = await world.say(stranger, payload=f"perintah:tanda-{case.id}")
    assert said[-1]["meta"]["kind"] == "error" and not said[-1]["attachments"]


# -- links ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def linked(world: World) -> World:
    """An installation that keeps documents out of its channels."""
    policy = replace(world.deps.policy, document_link_channels=frozenset({"web"}))
    object.__setattr__(world.deps, "policy", policy)
    object.__setattr__(world.deps, "document_url", "https://loket.test/dokumen")
    return world


async def issued(world: World) -> tuple[Any, Any, list[dict[str, Any]]]:
    """Conversation, case, and what is said when the document comes."""
    who = await world.session()
    await apply(world, who)
    async with world.store.begin() as tx:
        (case,) = await tx.cases_of(await tx.conversation(who.id))
        case.state = "terbit"
        await tx.put_case(case)
    await keep_document(world.deps, case.id, "akta.pdf", PDF)
    return who, case, await world.news(who)


def token_of(said: list[dict[str, Any]]) -> str:
    (line,) = [one for one in said[-1]["text"].splitlines() if one.startswith("https://loket.test/dokumen/")]
    return line.rpartition("/")[2]


async def code_of(world: World, who: Any, token: str) -> str:
    await documents.send_code(world.deps, token)
    text: str = (await world.news(who))[-1]["text"]
    return text.split("*")[1]


async def test_in_the_chat_where_the_face_was_verified_the_document_comes_itself(world: World) -> None:
    who, _, said = await issued(world)
    assert said[-1]["attachments"][0]["name"] == "akta.pdf" and "dokumen/" not in said[-1]["text"]
    # The proof itself may be over by then.
    world.clock.at += timedelta(days=3)
    assert (await world.say(who, payload="niat:download_document"))[-1]["attachments"]


async def test_a_link_opens_for_the_code_from_the_chat_and_the_birth_date(linked: World) -> None:
    who, case, said = await issued(linked)
    assert not said[-1]["attachments"] and "24 jam" in said[-1]["text"]
    token = token_of(said)
    shown = await documents.look(linked.deps, token)
    assert (shown.coded, shown.sends, shown.left) == (False, True, TRIES)
    code = await code_of(linked, who, token)
    file, content = await documents.open_link(linked.deps, token, code.lower(), BORN)
    assert (file.name, content) == ("akta.pdf", PDF)
    async with linked.store.begin() as tx:
        assert (await tx.case(case.id)).state == "selesai"
    with pytest.raises(WrongAnswer):  # the code is used up
        await documents.open_link(linked.deps, token, code, BORN)


async def test_wrong_answers_kill_the_link_and_do_not_say_what_was_wrong(linked: World) -> None:
    who, _, said = await issued(linked)
    token = token_of(said)
    code = await code_of(linked, who, token)
    lefts = []
    for given, born in ((code, date(1990, 8, 18)), ("K7F3-9QXM", BORN), ("", BORN), (code, None), ("x", None)):
        with pytest.raises(WrongAnswer) as wrong:
            await documents.open_link(linked.deps, token, given, born)
        assert str(wrong.value) == "wrong code or birth date"
        lefts.append(wrong.value.left)
    assert lefts == [4, 3, 2, 1, 0]
    for call in (documents.look(linked.deps, token), documents.open_link(linked.deps, token, code, BORN)):
        with pytest.raises(LinkClosed):
            await call
    again = await linked.say(who, payload=said[-1]["buttons"][0]["payload"])
    assert token_of(again) != token


async def test_a_link_ends_after_its_time_and_sends_few_codes(linked: World) -> None:
    who, _, said = await issued(linked)
    token = token_of(said)
    codes = [await code_of(linked, who, token) for _ in range(CODES)]
    with pytest.raises(NoMoreCodes):
        await documents.send_code(linked.deps, token)
    with pytest.raises(WrongAnswer):  # an earlier code is void
        await documents.open_link(linked.deps, token, codes[0], BORN)
    linked.clock.at += timedelta(minutes=11)
    with pytest.raises(WrongAnswer):
        await documents.open_link(linked.deps, token, codes[-1], BORN)
    linked.clock.at += timedelta(hours=24)
    with pytest.raises(LinkClosed):
        await documents.look(linked.deps, token)


async def test_a_linked_chat_where_nobody_was_verified_gets_a_link_and_a_stranger_nothing(linked: World) -> None:
    world = linked
    object.__setattr__(world.deps, "policy", replace(world.deps.policy, document_link_channels=frozenset()))
    who, case, said = await issued(world)
    assert said[-1]["attachments"]
    other, stranger = await world.session(), await world.session()
    async with world.store.begin() as tx:
        joined = await tx.conversation(other.id, lock=True)
        joined.person_id = (await tx.conversation(who.id)).person_id
        await tx.save_conversation(joined)
    answer = (await world.say(other, payload="niat:download_document"))[-1]
    assert not answer["attachments"] and "https://loket.test/dokumen/" in answer["text"]
    refused = (await world.say(stranger, payload=f"perintah:berkas-{case.id}"))[-1]
    assert refused["meta"]["kind"] == "error" and "dokumen/" not in refused["text"]


async def test_a_case_is_given_few_links_in_a_day(linked: World) -> None:
    who, case, _ = await issued(linked)
    for _ in range(documents.LINKS_PER_DAY - 1):
        said = await linked.say(who, payload=f"perintah:berkas-{case.id}")
        assert token_of(said)
    assert "terlalu sering" in (await linked.say(who, payload=f"perintah:berkas-{case.id}"))[-1]["text"]


async def test_no_token_and_no_code_is_kept_readable(linked: World) -> None:
    from sqlalchemy import text

    who, _, said = await issued(linked)
    token = token_of(said)
    code = await code_of(linked, who, token)
    async with linked.store.engine.connect() as connection:
        row = (await connection.execute(text("select * from document_link"))).one()
    stored = b"".join(bytes(value) for value in row if isinstance(value, bytes | memoryview))
    assert token.encode() not in stored and code.replace("-", "").encode() not in stored
