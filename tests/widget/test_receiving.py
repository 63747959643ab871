"""What the server says arrives once, in order, and survives reloads, cut streams and blocking proxies."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.widget.conftest import Open
from tests.widget.stub import Fault, Stub
from tests.widget.test_sending import sent_texts, write

EVENTS = ("GET", "/chat/v1/events")


async def begin(page: Page) -> None:
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)


def streams(stub: Stub) -> list[str]:
    """Last-Event-ID of every stream that was opened."""
    return [call.headers.get("Last-Event-ID", "") for call in stub.calls if (call.method, call.path) == EVENTS]


async def test_a_reload_shows_the_whole_conversation(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await begin(page)
    stub.say("Selamat datang.", buttons=[{"title": "Syarat akta", "payload": "niat:ask_requirements:akta-kelahiran"}])
    await page.get_by_role("button", name="Syarat akta").click()
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    stub.say("Ini syaratnya.")
    await expect(page.locator(".row.bot")).to_have_count(2)
    await page.reload()
    await expect(page.locator(".row .text")).to_have_text(["halo", "Selamat datang.", "Syarat akta", "Ini syaratnya."])
    assert len(stub.sessions) == 1


async def test_the_token_is_never_in_an_address(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    await begin(page)
    stub.say("ya")
    await expect(page.locator(".row.bot")).to_have_count(1)
    assert any("/events" in address for address in addresses)
    assert not any(stub.session.token in address for address in addresses)


async def test_a_cut_stream_resumes_without_loss_or_duplicates(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await begin(page)
    stub.say("satu")
    last = stub.say("dua")
    await expect(page.locator(".row.bot")).to_have_count(2)
    stub.cut()
    stub.say("tiga")
    await expect(page.locator(".row.bot .text")).to_have_text(["satu", "dua", "tiga"])
    assert last["id"] in streams(stub)


async def test_a_message_that_comes_twice_is_shown_once(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await begin(page)
    message = stub.say("satu")
    stub.emit("message", message)
    stub.emit("message", message)
    stub.say("dua")
    await expect(page.locator(".row.bot .text")).to_have_text(["satu", "dua"])


async def test_the_server_restarting_is_told_and_nothing_is_lost(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await begin(page)
    stub.say("satu")
    await expect(page.locator(".row.bot")).to_have_count(1)
    await stub.vanish()
    await expect(page.get_by_text("Sambungan terputus. Menyambung lagi…")).to_be_visible()
    await write(page, "masih di sana?")
    await expect(page.locator("[data-state=waiting]")).to_have_count(1)
    stub.say("dua")
    await stub.listen()
    await expect(page.get_by_text("Tersambung lagi.")).to_be_visible()
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    await expect(page.locator(".row.bot .text")).to_have_text(["satu", "dua"])
    assert sent_texts(stub) == ["halo", "masih di sana?"]


async def test_a_stream_of_the_wrong_type_falls_back_to_polling(open_page: Open, stub: Stub) -> None:
    stub.stream_type = "text/html"
    page = await open_page("/")
    await begin(page)
    stub.say("satu")
    await expect(page.locator(".row.bot .text")).to_have_text(["satu"])
    stub.say("dua")
    await expect(page.locator(".row.bot .text")).to_have_text(["satu", "dua"])
    await expect(page.get_by_text("Sambungan terputus")).to_have_count(0)


async def test_a_stream_that_is_held_back_falls_back_to_polling_and_is_tried_again(open_page: Open, stub: Stub) -> None:
    stub.silent_streams = True
    page = await open_page("/")
    await begin(page)
    stub.say("satu")
    await expect(page.locator(".row.bot .text")).to_have_text(["satu"])
    before = len(streams(stub))
    stub.silent_streams = False
    await page.wait_for_function("() => !document.querySelector('loket-chat').conversation.reception.streamFaults")
    assert len(streams(stub)) > before
    stub.say("dua")
    await expect(page.locator(".row.bot .text")).to_have_text(["satu", "dua"])


async def test_a_refused_stream_falls_back_to_polling(open_page: Open, stub: Stub) -> None:
    stub.faults[EVENTS] = Fault(status=503, times=1000)
    page = await open_page("/")
    await begin(page)
    stub.say("satu")
    await expect(page.locator(".row.bot .text")).to_have_text(["satu"])


async def test_an_ended_session_is_told_and_the_next_message_begins_a_new_one(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await begin(page)
    buttons = [{"title": "Laki-laki", "payload": "jawab:q:L"}]
    stub.say("Jenis kelamin?", "question", field_type="choice", buttons=buttons)
    await expect(page.get_by_role("button", name="Laki-laki")).to_be_enabled()
    old = stub.session
    stub.sessions.clear()
    stub.cut(old)
    await expect(page.get_by_text("Obrolan sebelumnya sudah berakhir.")).to_be_visible()
    await expect(page.get_by_role("button", name="Laki-laki")).to_be_disabled()
    await write(page, "masih ada?")
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    assert len(stub.sessions) == 1 and sent_texts(stub) == ["masih ada?"]
    stub.say("Ya, ada.")
    await expect(page.get_by_text("Ya, ada.")).to_be_visible()


async def test_a_text_refused_with_401_goes_to_the_new_session_once(open_page: Open, stub: Stub) -> None:
    stub.silent_streams = True  # so that sending notices first
    page = await open_page("/")
    await begin(page)
    stub.sessions.clear()
    await write(page, "dua")
    await expect(page.get_by_text("Obrolan sebelumnya sudah berakhir.")).to_have_count(1)
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    assert sent_texts(stub) == ["dua"]


async def test_a_session_that_ended_while_away_is_told_after_the_reload(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await begin(page)
    stub.sessions.clear()
    await page.reload()
    await expect(page.get_by_text("Obrolan sebelumnya sudah berakhir.")).to_be_visible()
    assert stub.sessions == {}


async def test_two_tabs_show_the_same_conversation(open_page: Open, stub: Stub) -> None:
    first = await open_page("/")
    await begin(first)
    second = await open_page("/", like=first)
    await expect(second.locator(".row.citizen")).to_have_count(1)
    await write(second, "dari tab kedua")
    await expect(second.locator("[data-state=sent]")).to_have_count(2)
    own = stub.session.thread[-1]
    stub.emit("status", {"client_id": own["client_id"], "id": own["id"], "state": "received"})
    stub.say("satu")
    await expect(first.locator(".row .text")).to_have_text(["halo", "dari tab kedua", "satu"])
    await expect(second.locator(".row .text")).to_have_text(["halo", "dari tab kedua", "satu"])
    assert len(stub.sessions) == 1


async def test_a_message_the_server_gave_up_on_says_so(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await begin(page)
    own = stub.session.thread[-1]
    stub.emit("status", {"client_id": own["client_id"], "id": own["id"], "state": "failed", "message": "Maaf, gagal."})
    await expect(page.locator("[data-state=failed]")).to_contain_text("Maaf, gagal.")
    await expect(page.get_by_role("button", name="Coba lagi")).to_have_count(0)


async def test_typing_is_shown_until_the_message_comes(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await begin(page)
    stub.emit("typing", {"on": True})
    await expect(page.get_by_text("Loket sedang mengetik…")).to_be_visible()
    stub.say("ya")
    await expect(page.get_by_text("Loket sedang mengetik…")).to_have_count(0)


async def test_the_server_can_change_the_language(open_page: Open, stub: Stub) -> None:
    stub.session_event = {"language": "en"}
    page = await open_page("/")
    await write(page, "hello")
    await expect(page.get_by_role("textbox", name="Write a message")).to_be_visible()
    await expect(page.locator(".row.citizen")).to_contain_text("Sent")


async def test_the_chat_can_be_removed_from_the_device(open_page: Open, stub: Stub) -> None:
    page = await open_page("/")
    await begin(page)
    await page.get_by_role("button", name="Pilihan lain").click()
    await page.get_by_role("button", name="Hapus obrolan dari perangkat ini").click()
    await page.get_by_role("button", name="Ya, hapus").click()
    await expect(page.locator(".row")).to_have_count(0)
    assert await page.evaluate("localStorage.length") == 0
