"""What the person writes reaches the server once, in order, whatever the connection does."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.widget.conftest import Open
from tests.widget.stub import Fault, Stub

MESSAGES = ("POST", "/chat/v1/messages")


async def write(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="Tulis pesan")
    await field.fill(text)
    await field.press("Enter")


def sent_texts(stub: Stub) -> list[str]:
    """What the server keeps of the citizen, over all sessions."""
    return [m["text"] for session in stub.sessions.values() for m in session.thread if m["from"] == "citizen"]


async def test_no_session_is_made_before_the_first_message(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await expect(page.get_by_text("Selamat datang di Loket")).to_be_visible()
    assert stub.sessions == {}
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert len(stub.sessions) == 1


async def test_a_message_is_sent_and_its_answer_shown(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await write(page, "Apa syarat akta kelahiran?")
    bubble = page.locator(".row.citizen")
    await expect(bubble).to_contain_text("Apa syarat akta kelahiran?")
    await expect(bubble).to_contain_text("Terkirim")
    stub.say("Syaratnya:\n• Surat keterangan lahir\nBiayanya *gratis*.")
    answer = page.locator(".row.bot")
    await expect(answer.locator(".text")).to_have_text("Syaratnya:\n• Surat keterangan lahir\nBiayanya gratis.")
    await expect(answer.locator("strong")).to_have_text("gratis")


async def test_the_bubble_shows_that_it_is_being_sent(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await page.evaluate(
        "() => { const { fetch } = window; const gate = new Promise((open) => (window.open_gate = open));"
        " window.fetch = async (...all) => { await gate; return fetch(...all); }; }"
    )
    await write(page, "halo")
    await expect(page.locator(".row.citizen")).to_contain_text("Mengirim…")
    await page.evaluate("() => { window.open_gate(); }")
    await expect(page.locator(".row.citizen")).to_contain_text("Terkirim")


async def test_an_empty_message_is_not_sent(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await write(page, "   ")
    await expect(page.locator(".row.citizen")).to_have_count(0)
    await expect(page.get_by_role("textbox", name="Tulis pesan")).to_be_focused()
    assert stub.bodies(*MESSAGES) == []


async def test_shift_enter_makes_a_new_line(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    field = page.get_by_role("textbox", name="Tulis pesan")
    await field.focus()
    await page.keyboard.type("satu")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("dua")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert stub.bodies(*MESSAGES)[0]["text"] == "satu\ndua"


async def test_a_text_that_is_too_long_stays_in_the_field_with_a_sentence(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    field = page.get_by_role("textbox", name="Tulis pesan")
    await field.fill("a" * 5000)
    await expect(page.locator(".count")).to_have_text("5.000 dari 4.000 huruf")
    await field.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Pesan terlalu panjang: 5.000 huruf")
    assert stub.bodies(*MESSAGES) == []
    await field.fill("a" * 4000)
    await field.press("Enter")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)


async def test_a_lost_answer_is_asked_for_again_under_the_same_client_id(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await write(page, "nol")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    stub.say("satu")
    await expect(page.locator(".row.bot")).to_have_count(1)
    stub.faults[MESSAGES] = Fault(drop=True, after=True)
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    _, first, second = stub.bodies(*MESSAGES)
    assert first["client_id"] == second["client_id"]
    assert sent_texts(stub) == ["nol", "halo"]


async def test_a_busy_server_is_tried_again_by_itself(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    stub.faults[MESSAGES] = Fault(status=503, times=2)
    await write(page, "halo")
    await expect(page.locator(".row.citizen")).to_contain_text("Belum terkirim. Dicoba lagi otomatis.")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert len({body["client_id"] for body in stub.bodies(*MESSAGES)}) == 1


async def test_retry_after_is_respected_and_the_person_may_press_sooner(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    stub.faults[MESSAGES] = Fault(status=429, retry_after=600)
    await write(page, "halo")
    await page.get_by_role("button", name="Coba lagi").click()
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    assert len(stub.bodies(*MESSAGES)) == 2


async def test_a_refused_message_shows_the_servers_sentence_and_later_ones_pass(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    stub.faults[MESSAGES] = Fault(status=422, message="Pesan ini tidak bisa dibaca.")
    await write(page, "satu")
    failed = page.locator("[data-state=failed]")
    await expect(failed).to_contain_text("Pesan ini tidak bisa dibaca.")
    await write(page, "dua")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    await failed.get_by_role("button", name="Coba lagi").click()
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    bodies = stub.bodies(*MESSAGES)
    assert bodies[0]["client_id"] == bodies[2]["client_id"]
    assert sent_texts(stub) == ["dua", "satu"]


async def test_a_refused_message_can_be_removed(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    stub.faults[MESSAGES] = Fault(status=422)
    await write(page, "satu")
    await page.get_by_role("button", name="Hapus", exact=True).click()
    await expect(page.locator(".row.citizen")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("textbox", name="Tulis pesan")).to_be_visible()
    await expect(page.locator(".row.citizen")).to_have_count(0)


async def test_messages_written_offline_are_sent_in_order_when_the_network_is_back(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await write(page, "nol")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    await page.context.set_offline(True)
    await expect(page.get_by_text("Sambungan terputus. Menyambung lagi…")).to_be_visible()
    for text in ("satu", "dua", "tiga"):
        await write(page, text)
    await expect(page.locator("[data-state=waiting]")).to_have_count(3)
    await page.context.set_offline(False)
    await expect(page.locator("[data-state=sent]")).to_have_count(4)
    await expect(page.get_by_text("Tersambung lagi.")).to_be_visible()
    assert sent_texts(stub) == ["nol", "satu", "dua", "tiga"]


async def test_messages_written_offline_survive_a_reload(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await write(page, "nol")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    stub.faults[MESSAGES] = Fault(status=503, times=1000)
    await write(page, "satu")
    await write(page, "dua")
    await expect(page.locator("[data-state=waiting]")).to_have_count(2)
    await page.reload()
    await expect(page.locator(".row.citizen")).to_have_count(3)
    stub.faults.clear()
    await expect(page.locator("[data-state=sent]")).to_have_count(3)
    assert sent_texts(stub) == ["nol", "satu", "dua"]
    ids = [body["client_id"] for body in stub.bodies(*MESSAGES)]
    assert len(set(ids)) == 3


async def test_a_message_accepted_before_a_reload_is_not_sent_or_shown_twice(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await write(page, "nol")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    stub.faults[MESSAGES] = Fault(drop=True, after=True, times=1000)
    await write(page, "satu")
    await expect(page.locator("[data-state=waiting]")).to_have_count(1)
    await page.reload()
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    stub.faults.clear()
    await expect(page.locator(".row.citizen")).to_have_count(2)
    assert sent_texts(stub) == ["nol", "satu"]


async def test_without_secure_context_ids_are_still_uuids(open_page: Open, stub: Stub) -> None:
    page = await open_page("/", script="crypto.randomUUID = undefined;")
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    client_id = stub.bodies(*MESSAGES)[0]["client_id"]
    assert [len(part) for part in client_id.split("-")] == [8, 4, 4, 4, 12] and client_id[14] == "4"


async def test_without_local_storage_the_chat_still_works(open_page: Open, stub: Stub) -> None:
    script = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no'); } });"
    page = await open_page("/", script=script)
    await write(page, "halo")
    await write(page, "lagi")
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    assert len(stub.sessions) == 1
