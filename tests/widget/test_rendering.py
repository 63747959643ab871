"""Every kind of message is shown so that it can be read, and nothing in a text can do harm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.widget.conftest import Open
from tests.widget.stub import Fault, Stub
from tests.widget.test_sending import MESSAGES, write

SEX = [{"title": "Laki-laki", "payload": "jawab:q1:L"}, {"title": "Perempuan", "payload": "jawab:q1:P"}]


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: Open, stub: Stub) -> Page:
    """A conversation that has begun."""
    page = await open_page("/")
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    return page


def replies(page: Page) -> Any:
    return page.locator(".row.bot")


async def test_markup_in_a_text_stays_text(page: Page, stub: Stub) -> None:
    text = '<img src=x onerror="window.hit=1"><b>tebal</b> &amp;'
    stub.say(text, buttons=[{"title": "<i>x</i>", "payload": "niat:help"}])
    await expect(replies(page).locator(".text")).to_have_text(text)
    await expect(page.get_by_role("button", name="<i>x</i>")).to_be_visible()
    assert await page.evaluate("window.hit") is None


async def test_only_known_hosts_become_links(page: Page, stub: Stub) -> None:
    good = f"{stub.url}/bantuan?a=1"
    bad = [
        "https://jahat.example/masuk",
        f"https://{stub.url.removeprefix('http://')}@jahat.example/",
        "javascript:alert(1)",
        "ftp://127.0.0.1/x",
    ]
    stub.say(f"Lihat {good}. Jangan " + " ".join(bad))
    links = replies(page).locator("a")
    await expect(links).to_have_count(1)
    await expect(links).to_have_attribute("href", good)
    await expect(links).to_have_attribute("rel", "noopener noreferrer")
    await expect(replies(page)).to_contain_text(" ".join(bad))


async def test_the_page_can_allow_more_hosts(open_page: Open, stub: Stub) -> None:
    page = await open_page("/embed?links=tegalkab.go.id&mode=inline")
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    stub.say("https://tegalkab.go.id/berita dan https://tegalkab.go.id.jahat.example/")
    await expect(replies(page).locator("a")).to_have_text(["https://tegalkab.go.id/berita"])


@pytest.mark.parametrize(
    ("text", "bold"),
    [
        ("*tebal* di awal", ["tebal"]),
        ("ini *dua kata* tebal, *lagi*.", ["dua kata", "lagi"]),
        ("3*4*5 dan 2 * 3 * 4", []),
        ("baris *satu\ndua* tidak", []),
    ],
)
async def test_bold_follows_whatsapp(page: Page, stub: Stub, text: str, bold: list[str]) -> None:
    stub.say(text)
    await expect(replies(page)).to_have_count(1)
    assert await replies(page).locator("strong").all_inner_texts() == bold


async def test_a_button_sends_its_payload_and_shows_its_title(page: Page, stub: Stub) -> None:
    stub.say("Jenis kelamin anak?", "question", field_type="choice", buttons=SEX)
    await page.get_by_role("button", name="Perempuan").click()
    await expect(page.locator(".row.citizen .text")).to_have_text(["halo", "Perempuan"])
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    body = stub.bodies(*MESSAGES)[1]
    assert body == {"client_id": body["client_id"], "payload": "jawab:q1:P", "title": "Perempuan"}
    await expect(page.get_by_role("button", name="Perempuan (dipilih)")).to_be_disabled()


async def test_buttons_of_an_older_question_are_inactive_but_readable(page: Page, stub: Stub) -> None:
    stub.say("Mau apa?", buttons=[{"title": "Bantuan", "payload": "niat:help"}])
    stub.say("Jenis kelamin anak?", "question", field_type="choice", buttons=SEX)
    await expect(page.get_by_role("button", name="Laki-laki")).to_be_enabled()
    back = [{"title": "Kembali", "payload": "perintah:kembali"}]
    stub.say("Siapa nama anak?", "question", field_type="text", buttons=back)
    await expect(page.get_by_role("button", name="Kembali")).to_be_enabled()
    for name in ("Laki-laki", "Perempuan"):
        await expect(page.get_by_role("button", name=name)).to_be_visible()
        await expect(page.get_by_role("button", name=name)).to_be_disabled()
    await expect(page.get_by_role("button", name="Bantuan")).to_be_enabled()
    await page.reload()
    await expect(page.get_by_role("button", name="Laki-laki")).to_be_disabled()
    await expect(page.get_by_role("button", name="Kembali")).to_be_enabled()


async def test_a_refused_press_can_be_made_again(page: Page, stub: Stub) -> None:
    stub.say("Jenis kelamin anak?", "question", field_type="choice", buttons=SEX)
    stub.faults[MESSAGES] = Fault(status=422, message="Pilihan tidak dikenal.")
    await page.get_by_role("button", name="Perempuan").click()
    await expect(page.locator("[data-state=failed]")).to_contain_text("Pilihan tidak dikenal.")
    await expect(page.get_by_role("button", name="Perempuan")).to_be_enabled()


async def test_a_question_shows_how_far_the_form_is(page: Page, stub: Stub) -> None:
    stub.say("Siapa nama anak?", "question", field="anak.nama", field_type="text", step={"n": 3, "of": 41})
    bar = page.get_by_role("progressbar", name="Langkah 3 dari 41")
    await expect(bar).to_have_attribute("aria-valuenow", "3")
    await expect(bar).to_have_attribute("aria-valuemax", "41")
    await expect(replies(page)).to_contain_text("3 dari 41")


async def test_a_review_is_a_list_of_terms(page: Page, stub: Stub) -> None:
    stub.say("Mohon diperiksa:\n*Anak*\nNama: Budi Peragaan\n*Pukul*: 08:30\nSudah benar?", "review", buttons=SEX)
    await expect(replies(page).get_by_role("term")).to_have_text(["Nama", "Pukul"], use_inner_text=True)
    values = replies(page).locator("dd")
    await expect(values).to_have_text(["Budi Peragaan", "08:30"])
    await expect(replies(page).locator(".review-heading")).to_have_text("Anak")
    await expect(replies(page)).to_contain_text("Sudah benar?")


async def test_the_numbers_of_a_review_stay_since_people_name_them(page: Page, stub: Stub) -> None:
    text = (
        "Mohon diperiksa dulu sebelum dikirim:\n\nPELAPOR (ANDA)\n1. Nama: Budi\n2. No. KK: –\n\nANAK\n"
        "3. Kewarganegaraan: WNI *\n\nTanda * artinya kami isi otomatis.\n\nBenar? Tulis KIRIM, misalnya: UBAH 2."
    )
    stub.say(text, "review")
    await expect(replies(page).locator("dt")).to_have_text(["1. Nama", "2. No. KK", "3. Kewarganegaraan"])
    await expect(replies(page).locator("dd")).to_have_text(["Budi", "–", "WNI *"])
    await expect(replies(page).locator(".review-heading")).to_have_text(["PELAPOR (ANDA)", "ANAK"])
    await expect(replies(page).locator(".text > p").last).to_have_text("Benar? Tulis KIRIM, misalnya: UBAH 2.")


async def test_a_ticket_has_a_number_to_copy(page: Page, stub: Stub) -> None:
    stub.say("Petugas akan menjawab di sini.", "handoff", ticket="T-0042")
    await expect(replies(page).locator(".number")).to_contain_text("Nomor tiket")
    await expect(replies(page).locator(".number-value")).to_have_text("T-0042")


async def test_the_number_of_a_receipt_can_be_copied(page: Page, stub: Stub) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stub.say("Permohonan diterima.", "receipt", application="TGL-7K2M-94QX-3")
    await expect(replies(page)).to_contain_text("Tanda terima")
    await replies(page).get_by_role("button", name="Salin").click()
    await expect(replies(page).get_by_role("button")).to_have_text("Tersalin")
    assert await page.evaluate("navigator.clipboard.readText()") == "TGL-7K2M-94QX-3"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("status", "Kabar permohonan"),
        ("identity", "Pemeriksaan identitas"),
        ("handoff", "Bicara dengan petugas"),
        ("notice", "Pemberitahuan"),
        ("error", "Mohon diperhatikan"),
    ],
)
async def test_a_kind_is_told_by_icon_and_words(page: Page, stub: Stub, kind: str, words: str) -> None:
    stub.say("Isi pesan.", kind, state="terbit")
    await expect(replies(page).locator(".kind")).to_have_text(words)
    await expect(replies(page).locator(".kind svg")).to_have_count(1)


async def test_an_agent_is_named(page: Page, stub: Stub) -> None:
    stub.say("Selamat siang.", sender="agent", agent="Siti")
    await expect(page.locator(".row.agent .who")).to_have_text("Petugas Siti")
    stub.say("Halo.", sender="agent")
    await expect(page.locator(".row.agent .who").last).to_have_text("Petugas")


async def test_days_are_separated_and_times_are_local(page: Page, stub: Stub) -> None:
    stub.session.thread.clear()
    old = stub.say("lama", age=timedelta(days=9))
    old["at"] = "2025-02-03T20:15:00Z"
    stub.say("kemarin", age=timedelta(days=1))
    stub.say("kini")
    await page.reload()
    await expect(page.locator(".day")).to_have_text(["Selasa, 4 Februari 2025", "Kemarin", "Hari ini"])
    await expect(replies(page).first.locator("time")).to_have_text("03.15")


async def test_an_attachment_is_fetched_with_the_bearer_and_saved(page: Page, stub: Stub) -> None:
    content = b"%PDF-1.4 isi"
    stub.say("Sudah terbit.", "status", attachments=[stub.offer("akta-kelahiran.pdf", "application/pdf", content)])
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Unduh akta-kelahiran.pdf").click()
    download = await waiting.value
    assert download.suggested_filename == "akta-kelahiran.pdf"
    assert (await download.path()).read_bytes() == content
    await expect(replies(page)).to_contain_text("Sudah diunduh")


async def test_the_token_is_not_sent_to_a_foreign_attachment_address(open_page: Open, stub: Stub) -> None:
    page = await open_page("/embed?mode=inline")  # a page whose policy would not stop it
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    other = Stub()
    await other.start()
    try:
        url = f"{other.url}/chat/v1/messages"
        file = {"id": "x", "name": "x.pdf", "type": "application/pdf", "size": 1, "url": url}
        stub.say("Ini.", attachments=[file])
        await page.get_by_role("button", name="Unduh x.pdf").click()
        await expect(replies(page)).to_contain_text("Gagal mengunduh")
        assert other.calls == []
    finally:
        await other.stop()


async def test_a_reader_of_old_messages_is_not_moved_but_told(page: Page, stub: Stub) -> None:
    for n in range(30):
        stub.say(f"pesan {n}")
    await expect(replies(page)).to_have_count(30)
    log = page.get_by_role("log")
    at_end = "log => log.scrollHeight - log.scrollTop - log.clientHeight < 5"
    assert await log.evaluate(at_end)
    await log.evaluate("log => { log.scrollTop = 0; }")
    await expect(page.get_by_role("button", name="Ke pesan terbaru")).to_be_visible()
    stub.say("baru")
    button = page.get_by_role("button", name="1 pesan baru")
    await expect(button).to_be_visible()
    assert await log.evaluate("log => log.scrollTop") == 0
    await button.click()
    assert await log.evaluate(at_end)
    await expect(button).to_have_count(0)


async def test_the_newest_stays_in_view_when_a_helper_takes_room(page: Page, stub: Stub) -> None:
    for n in range(30):
        stub.say(f"pesan {n}")
    stub.say("Kapan lahir?", "question", field_type="date")
    await expect(page.get_by_label("Pilih tanggal")).to_be_visible()
    await expect(page.get_by_text("Kapan lahir?")).to_be_in_viewport(ratio=1)
    await expect(page.get_by_role("button", name="Ke pesan terbaru")).to_have_count(0)
