from __future__ import annotations

import json
import re

from bot.usecases import handoff
from bot.web.staff import strings

from .conftest import BREBES, Browser, Office, agent

ID = strings.say_in("id")


async def supervisor(browser: Browser, office: Office) -> None:
    await office.staff("siti", "supervisor", name="Bu Siti")
    await browser.sign_in("siti")


async def test_a_supervisor_writes_changes_and_deletes_on_record(browser: Browser, office: Office) -> None:
    await supervisor(browser, office)
    assert "/salam" in await browser.get("/staff/canned")  # the seeds
    await browser.post("/staff/canned", shortcut="/Antar", language="jv", text="Nggih {{contact.name}}, {nomor}.")
    assert browser.location == "/staff/canned?done=saved"
    page = await browser.get(browser.location)
    assert "Nggih {nama}, {nomor}." in page and ID("canned_saved") in browser.read()
    found = re.search(r'action="/staff/canned/([0-9a-f-]{36})"(?:(?!</form>).)*value="antar"', page, re.S)
    assert found is not None
    await browser.post(f"/staff/canned/{found[1]}", shortcut="antar", language="jv", text="Sekedhap nggih.")
    assert "Sekedhap nggih." in await browser.get("/staff/canned")
    await browser.post(f"/staff/canned/{found[1]}/delete")
    assert "Sekedhap" not in await browser.get("/staff/canned")
    await browser.post(f"/staff/canned/{found[1]}/delete")
    assert browser.status == 404
    for action in ("canned.added", "canned.changed", "canned.deleted"):
        assert await office.audit(action) == [("siti", found[1])]


async def test_what_cannot_be_taken_says_why_and_stays(browser: Browser, office: Office) -> None:
    await supervisor(browser, office)
    good = {"shortcut": "a", "language": "id", "text": "Halo"}
    for wrong, why in (
        ({"shortcut": "dua kata"}, "shortcut"),
        ({"language": "fr"}, "language"),
        ({"text": "  "}, "empty"),
        ({"text": "x" * 1501}, "long"),
        ({"text": "Halo {nik}"}, "place"),
    ):
        await browser.get("/staff/canned")
        await browser.post("/staff/canned", **{**good, **wrong})
        assert browser.status == 422 and ID(f"refused_canned_{why}", most=1500) in browser.read(), why
    await browser.post("/staff/canned", shortcut="salam", language="id", text="<b>Lain</b>")
    assert browser.status == 409 and ID("canned_taken") in browser.read() and "&lt;b&gt;Lain" in browser.text


async def test_agents_pick_but_do_not_write_and_offices_keep_their_own(
    browser: Browser, other: Browser, office: Office
) -> None:
    await supervisor(browser, office)
    page = await browser.get("/staff/canned")
    found = re.search(r'action="/staff/canned/([0-9a-f-]{36})"', page)
    assert found is not None
    await office.staff("eko", "supervisor", locus=BREBES)
    await other.sign_in("eko")
    await other.get("/staff/canned")
    await other.post(f"/staff/canned/{found[1]}", shortcut="x", language="id", text="Milik kami")
    assert other.status == 404
    await other.get("/staff/canned")
    await other.post(f"/staff/canned/{found[1]}/delete")
    assert other.status == 404
    await other.post("/staff/sign-out")
    await office.staff("wati")
    await other.sign_in("wati")
    await other.get("/staff/canned")
    assert other.status == 404


async def test_an_agent_gets_them_filled_in_the_citizens_language(browser: Browser, office: Office) -> None:
    citizen = await office.citizen(name="SITI AMINAH")
    conversation = await office.conversation(language="en", citizen_id=citizen.id, assurance=3)
    ticket = await office.ticket(conversation)
    await handoff.claim(office.deps, ticket.id, agent("wati", "Bu Wati"))
    await office.staff("wati", name="Bu Wati")
    await browser.sign_in("wati")
    rows = json.loads(await browser.get(f"/staff/tickets/{ticket.id}/canned"))
    assert rows == [{"shortcut": "salam", "language": "en", "text": "Hello Siti Aminah, this is Bu Wati."}]
    nobody = await office.ticket(await office.conversation(language="jv"))
    rows = json.loads(await browser.get(f"/staff/tickets/{nobody.id}/canned"))
    assert rows == [{"shortcut": "salam", "language": "id", "text": "Halo, saya Bu Wati."}]
