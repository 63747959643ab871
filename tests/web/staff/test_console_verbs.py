from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from aiohttp import FormData

from bot.domain.messages import Reply, Sender
from bot.errors import ChannelError
from bot.records import load_records
from bot.storage.retention import run
from bot.usecases import handoff
from bot.usecases.console_notes import LONGEST_NOTE, MOST_LABELS
from bot.web.staff import strings
from integrations.chatwoot.accounts import Account as ChatwootAccount
from integrations.chatwoot.adapter import Chatwoot
from tests.storage.outbox_office import Office as Sending

from .conftest import BREBES, Browser, Office, agent, claimed

ID = strings.say_in("id")


async def ticket_of(office: Office, conversation_id: object):  # type: ignore[no-untyped-def]
    async with office.store.begin() as tx:
        return await tx.last_ticket(conversation_id)  # type: ignore[arg-type]


# -- handing on -----------------------------------------------------------------------------------------------------------


async def test_a_released_conversation_waits_again(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    await browser.post(f"{path}/release")
    assert browser.status == 303 and "done=released" in browser.location
    await browser.get(browser.location)
    ticket = await ticket_of(office, conversation.id)
    assert ticket.state == "queued" and ID("done_released", number=ticket.number) in browser.read()


async def test_a_transferred_conversation_is_the_colleagues(browser: Browser, office: Office) -> None:
    await office.staff("budi", name="Pak Budi")
    conversation, path = await claimed(browser, office)
    assert 'value="agent:budi"' in browser.text and 'value="agent:wati"' not in browser.text
    await browser.post(f"{path}/transfer", to="agent:budi")
    assert browser.status == 303
    ticket = await ticket_of(office, conversation.id)
    assert (ticket.state, ticket.assigned) == ("queued", "budi")
    await browser.get(path)
    assert ID("meant_for", name="Pak Budi") in browser.read()


async def test_a_conversation_is_handed_on_to_the_offices_outside_desk_and_no_other(
    browser: Browser, office: Office
) -> None:
    desk = Chatwoot(ChatwootAccount("33.28", "http://127.0.0.1:9", "3", 7, "t", "s"), office.clock)
    there = Chatwoot(ChatwootAccount("33.29", "http://127.0.0.1:9", "4", 7, "t", "s"), office.clock)
    office.deps.desks.update({desk.id: desk, there.id: there})  # type: ignore[attr-defined]
    await office.staff("siti", "supervisor")
    conversation, path = await claimed(browser, office)
    assert f'value="desk:{desk.id}"' in browser.text and there.id not in browser.text
    await browser.post(f"{path}/transfer", to=f"desk:{there.id}")
    assert browser.status == 404
    await browser.get(path)
    await browser.post(f"{path}/transfer", to=f"desk:{desk.id}")
    assert browser.status == 303
    ticket = await ticket_of(office, conversation.id)
    assert (ticket.state, ticket.desk) == ("queued", desk.id)
    await browser.get(path)
    assert "Chatwoot" in browser.read() and ID("take_over") not in browser.read()
    await browser.sign_in("siti")
    await browser.get(path)
    await browser.post(f"{path}/take-over")
    assert (await ticket_of(office, conversation.id)).desk is None


@pytest.mark.parametrize("to", ["", "agent:", "agent:nobody", "team:", "desk:chatwoot", "agent:eko"])
async def test_nobody_of_this_office_is_no_one_to_transfer_to(browser: Browser, office: Office, to: str) -> None:
    await office.staff("eko", locus=BREBES)
    conversation, path = await claimed(browser, office)
    await browser.post(f"{path}/transfer", to=to)
    assert browser.status == 422 and ID("transfer_whom") in browser.read()
    assert (await ticket_of(office, conversation.id)).agent == "wati"


async def test_what_is_snoozed_wakes_at_its_time_or_by_hand(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    await browser.post(f"{path}/snooze", until="hour")
    assert browser.status == 303 and "done=snoozed" in browser.location
    assert (await ticket_of(office, conversation.id)).snoozed_until == office.clock.now() + timedelta(hours=1)
    await browser.get(path)
    assert ID("stands_asleep", time="10.00") in browser.read()
    await browser.post(f"{path}/wake")
    assert (await ticket_of(office, conversation.id)).snoozed_until is None


@pytest.mark.parametrize(
    ("at", "taken"),
    [
        ("2025-11-25T08:30", True),
        ("2020-01-01T08:00", False),
        ("2031-01-01T08:00", False),
        ("0001-01-01T00:00", False),
        ("nonsense", False),
    ],
)
async def test_a_time_of_ones_own_has_to_be_to_come_and_near(
    browser: Browser, office: Office, at: str, taken: bool
) -> None:
    _, path = await claimed(browser, office)
    await browser.post(f"{path}/snooze", at=at)
    assert browser.status == (303 if taken else 422)
    assert taken or ID("snooze_when") in browser.read()


async def test_days_end_in_the_morning_of_a_working_day(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    office.clock.at = office.clock.at.replace(month=11, day=28)  # a Friday
    await browser.sign_in("wati")
    await handoff.claim(office.deps, (await ticket_of(office, conversation.id)).id, agent("wati"))
    await browser.get(path)
    await browser.post(f"{path}/snooze", until="tomorrow")
    assert (await ticket_of(office, conversation.id)).snoozed_until.isoformat() == "2025-12-01T01:00:00+00:00"


async def test_only_a_supervisor_takes_over_and_others_find_no_such_page(
    browser: Browser, other: Browser, office: Office
) -> None:
    conversation, path = await claimed(browser, office)
    await office.staff("budi")
    await office.staff("siti", "supervisor", name="Bu Siti")
    await other.sign_in("budi")
    assert "take-over" not in await other.get(path)
    await other.post(f"{path}/take-over")
    assert other.status == 404
    await other.post("/staff/sign-out")
    await other.sign_in("siti")
    assert "take-over" in await other.get(path)
    await other.post(f"{path}/take-over")
    assert (await ticket_of(office, conversation.id)).agent == "siti"
    await browser.post(f"{path}/reply", text="Halo")
    assert browser.status == 409 and ID("conflict_held", name="Bu Siti") in browser.read()


@pytest.mark.parametrize(
    "verb",
    ["claim", "reply", "close", "release", "transfer", "snooze", "note", "label", "retry", "reveal", "fill", "confirm"],
)
async def test_no_verb_reaches_another_offices_conversation_or_works_without_its_token(
    browser: Browser, office: Office, verb: str
) -> None:
    theirs = await office.ticket(await office.conversation(BREBES))
    _, path = await claimed(browser, office)
    form = {
        "text": "x",
        "label": "x",
        "seq": "1",
        "field": "nik",
        "reason": "form",
        "until": "hour",
        "value": "x",
        "to": "agent:wati",
    }
    form.pop("text" if verb == "close" else "", None)
    await browser.post(f"/staff/tickets/{theirs.id}/{verb}", **form)
    assert browser.status == 404
    await browser.get(path)
    await browser.post(f"{path}/{verb}", csrf="forged", **form)
    assert browser.status == 400


# -- a lease that is lost ---------------------------------------------------------------------------------------------------


async def test_after_a_sleep_the_answer_is_refused_and_kept_and_goes_once_the_conversation_is_taken_again(
    browser: Browser, office: Office
) -> None:
    conversation, path = await claimed(browser, office)
    office.clock.move(minutes=5)
    for send in (browser.post, browser.htmx):
        await send(f"{path}/reply", text="Sebentar ya Bu")
        assert browser.status == 409 and ID("conflict_lost") in browser.read()
        assert "Sebentar ya Bu</textarea>" in browser.text
        await browser.get(path)
    await browser.post(f"{path}/claim")
    await browser.get(path)
    await browser.post(f"{path}/reply", text="Sebentar ya Bu")
    assert browser.status == 303
    async with office.store.begin() as tx:
        said = [e.body["text"] for e in await tx.thread(conversation.id) if e.sender == "agent"]
    assert said == ["Sebentar ya Bu"]


async def test_signs_of_life_keep_the_lease(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    ticket = await ticket_of(office, conversation.id)
    for _ in range(4):
        office.clock.move(minutes=1)
        await browser.post("/staff/console/alive", ticket=str(ticket.id), typing="0")
        assert browser.status == 204
    await browser.get(path)
    await browser.post(f"{path}/reply", text="Masih di sini")
    assert browser.status == 303
    for wrong in ("nonsense", "00000000-0000-0000-0000-000000000000"):
        await browser.post("/staff/console/alive", ticket=wrong)
        assert browser.status == 404
        await browser.get(path)


async def test_a_colleagues_answer_in_between_stops_ones_own_and_keeps_it(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    async with office.store.begin() as tx:  # e.g. a supervisor took over, answered, and gave it back
        said = Reply("Sudah saya jawab", meta={"agent": "Pak Budi"}, sender=Sender.AGENT)
        await tx.say(conversation.id, [said], office.clock.now())
    await browser.post(f"{path}/reply", text="Punya saya")
    assert browser.status == 409 and ID("conflict_answered", name="Pak Budi") in browser.read()
    assert "Punya saya</textarea>" in browser.text
    await browser.post(f"{path}/reply", text="Punya saya")  # the page has seen it now
    assert browser.status == 303


# -- notes and labels -------------------------------------------------------------------------------------------------------


async def test_a_note_is_for_colleagues_only_and_names_them(browser: Browser, office: Office) -> None:
    await office.staff("budi", name="Pak Budi")
    conversation, path = await claimed(browser, office)
    for _ in range(2):  # a double click
        await browser.post(f"{path}/note", text="@budi, @nobody: <script>alert(1)</script>\r\nlihat\x00 ini")
        assert browser.status == 303
    page = await browser.get(path)
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") == 1 and ID("mentions", names="Pak Budi") in browser.read()
    async with office.store.begin() as tx:
        assert not any("alert" in str(e.body) for e in await tx.thread(conversation.id))
        (note,) = await tx.notes(conversation.id)
    assert note.mentions == ("budi",) and "\x00" not in note.text and "\r" not in note.text


async def test_a_colleague_may_note_in_what_another_holds_but_not_answer(
    browser: Browser, other: Browser, office: Office
) -> None:
    _, path = await claimed(browser, office)
    await office.staff("budi")
    await other.sign_in("budi")
    await other.get(path)
    await other.post(f"{path}/note", text="Tanyakan KK-nya")
    assert other.status == 303 and "Tanyakan KK-nya" in await browser.get(path)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (LONGEST_NOTE + 1)])
async def test_an_empty_and_an_endless_note_are_refused_and_stay_in_the_box(
    browser: Browser, office: Office, text: str
) -> None:
    _, path = await claimed(browser, office)
    await browser.post(f"{path}/note", text=text)
    assert browser.status == 422
    words = ID("refused_long_note", most=LONGEST_NOTE) if text.strip() else ID("refused_empty_note")
    assert words in browser.read() and (not text.strip() or "x" * LONGEST_NOTE in browser.text)


async def test_labels_are_put_and_taken_off_on_record(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    await browser.post(f"{path}/label", label=" KTP  Rusak! ")
    await browser.get(path)
    assert ID("label_drop", label="ktp-rusak") in browser.text
    async with office.store.begin() as tx:
        assert await tx.labels(conversation.id) == ["ktp-rusak"]
    await browser.htmx(f"{path}/label", drop="ktp-rusak")
    assert browser.status == 200 and "ktp-rusak</" not in browser.text
    assert len(await office.audit("label.put")) == len(await office.audit("label.dropped")) == 1
    for label in ("", "<>", "x" * 40):
        await browser.get(path)
        await browser.post(f"{path}/label", label=label)
        assert browser.status == 422
    for n in range(MOST_LABELS + 1):
        await browser.get(path)
        await browser.post(f"{path}/label", label=f"l{n}")
    assert browser.status == 422 and ID("refused_labels", most=MOST_LABELS) in browser.read()


# -- delivery -----------------------------------------------------------------------------------------------------------------


async def test_what_was_given_up_is_sent_again_by_the_holder(browser: Browser, office: Office) -> None:
    sending = Sending(office.store, office.channel, office.clock)
    who = await sending.writes("+628000000001")
    async with office.store.begin() as tx:
        conversation = await tx.conversation(who)
    ticket = await office.ticket(conversation)
    await office.staff("wati")
    await browser.sign_in("wati")
    path = f"/staff/tickets/{ticket.id}"
    await handoff.claim(office.deps, ticket.id, agent("wati"))
    await handoff.reply(office.deps, ticket.id, agent("wati"), "Selamat pagi", "k")
    office.channel.outcomes = [None, ChannelError("no", provider_code="63024")]
    await sending.work()
    page = await browser.get(path)
    assert ID("retry") in page and "gagal" in browser.read()
    async with office.store.begin() as tx:
        seq = next(e.seq for e in await tx.thread(who) if e.sender == "agent")
    await browser.post(f"{path}/retry", seq=str(seq))
    assert browser.status == 303
    await sending.work()
    assert ID("retry") not in await browser.get(path) and office.channel.sent[-1][2].text == "Selamat pagi"
    assert await office.audit("message.retried") == [("wati", ticket.number)]
    sent = len(office.channel.sent)
    await browser.post(f"{path}/retry", seq=str(seq))  # an old page: nothing is given up any more
    await sending.work()
    assert len(office.channel.sent) == sent


# -- files --------------------------------------------------------------------------------------------------------------------


async def test_an_agent_sends_a_file_that_was_made_safe(browser: Browser, office: Office) -> None:
    conversation, path = await claimed(browser, office)
    token = browser.form()["csrf"]

    async def upload(name: str, data: bytes, csrf: str = token) -> tuple[int, dict[str, object]]:
        form = FormData()
        form.add_field("csrf", csrf)
        form.add_field("file", data, filename=name)
        answer = await browser.client.post(f"{path}/files", data=form)
        return answer.status, await answer.json() if "json" in answer.content_type else {}

    status, file = await upload("contoh.png", b"\xff\xd8\xff rest")
    assert status == 200 and file["name"] == "contoh.jpg"
    assert (await upload("x.exe", b"MZ"))[0] == 415
    assert (await upload("x.jpg", b"\xff\xd8", csrf="forged"))[0] == 400
    forgotten = (await upload("lupa.png", b"\xff\xd8\xff lupa"))[1]
    await browser.post(f"{path}/reply", text="", file=str(file["id"]))
    assert browser.status == 303
    async with office.store.begin() as tx:
        last = (await tx.thread(conversation.id))[-1]
    assert [one["id"] for one in last.body["attachments"]] == [file["id"]]
    await browser.get(path)
    citizens = await office.attaches(conversation, "document", "ktp.jpg")
    for wrong in (citizens.id, "nonsense", "00000000-0000-0000-0000-000000000000"):
        await browser.get(path)
        await browser.post(f"{path}/reply", text="x", file=wrong)
        assert browser.status == 404
    # What was never sent is gone after a day; what was sent stays with the thread.
    await run(office.store, load_records(), office.clock.now() + timedelta(hours=23))
    async with office.store.begin() as tx:
        assert await tx.blob(UUID(str(forgotten["id"]))) is not None
    await run(office.store, load_records(), office.clock.now() + timedelta(hours=25))
    async with office.store.begin() as tx:
        assert await tx.blob(UUID(str(forgotten["id"]))) is None
        assert await tx.blob(UUID(str(file["id"]))) is not None
