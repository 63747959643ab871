"""Inputs follow the question; files travel with progress, can be cancelled and are refused with the server's reason."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page, expect

from tests.widget.conftest import Open, picture
from tests.widget.stub import Fault, Stub
from tests.widget.test_sending import write

ATTACHMENTS = ("POST", "/chat/v1/attachments")


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: Open, stub: Stub) -> Page:
    """A conversation that has begun."""
    page = await open_page("/")
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    return page


def file(name: str, content: bytes, kind: str = "image/jpeg") -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}


async def choose(page: Page, button: str, chosen: Any) -> None:
    async with page.expect_file_chooser() as waiting:
        await page.get_by_role("button", name=button).click()
    await (await waiting.value).set_files(chosen)


async def ask(page: Page, stub: Stub, field_type: str) -> None:
    stub.say(f"Isi {field_type}?", "question", field="x", field_type=field_type)
    await expect(page.get_by_text(f"Isi {field_type}?")).to_be_visible()


@pytest.mark.parametrize(
    ("field_type", "keyboard"),
    [
        ("nik", "numeric"),
        ("integer", "numeric"),
        ("number", "decimal"),
        ("phone", "tel"),
        ("email", "email"),
        ("text", "text"),
        ("lainnya", "text"),
    ],
)
async def test_the_keyboard_fits_the_field(page: Page, stub: Stub, field_type: str, keyboard: str) -> None:
    await ask(page, stub, field_type)
    await expect(page.get_by_role("textbox", name="Tulis pesan")).to_have_attribute("inputmode", keyboard)


async def test_a_chosen_date_fills_the_text_and_is_sent_as_people_write_it(page: Page, stub: Stub) -> None:
    await ask(page, stub, "date")
    await page.get_by_label("Pilih tanggal").fill("1990-08-17")
    field = page.get_by_role("textbox", name="Tulis pesan")
    await expect(field).to_have_value("17-08-1990")
    await page.get_by_role("button", name="Kirim").click()
    await expect(page.locator(".row.citizen").last).to_contain_text("17-08-1990")


async def test_the_helper_goes_when_the_form_ends(page: Page, stub: Stub) -> None:
    await ask(page, stub, "document")
    await expect(page.get_by_role("button", name="Foto dengan kamera")).to_be_visible()
    stub.say("Diterima.", "receipt", application="TGL-1")
    await expect(page.get_by_role("button", name="Foto dengan kamera")).to_have_count(0)
    await expect(page.get_by_role("button", name="Lampirkan foto atau PDF")).to_be_visible()


async def test_buttons_that_ask_something_else_take_the_hint_of_the_open_field_away(page: Page, stub: Stub) -> None:
    await ask(page, stub, "nik")
    field = page.get_by_role("textbox", name="Tulis pesan")
    await expect(field).to_have_attribute("placeholder", "16 angka NIK")
    stub.say("Yakin dihapus?", "answer", buttons=[{"label": "Ya, hapus", "payload": "p"}])
    await expect(field).to_have_attribute("placeholder", "Tulis pesan…")


async def test_a_document_is_uploaded_with_its_kind(page: Page, stub: Stub) -> None:
    await ask(page, stub, "document")
    content = picture()
    await choose(page, "Pilih berkas", file("kk.jpg", content))
    await expect(page.locator(".row.citizen").last).to_contain_text("Terkirim")
    await expect(page.locator(".row.citizen").last).to_contain_text("kk.jpg")
    await expect(page.locator(".row.citizen canvas")).to_be_visible()
    assert stub.uploaded == [("document", "kk.jpg", content)]


async def test_several_documents_go_one_after_the_other(page: Page, stub: Stub) -> None:
    await ask(page, stub, "document")
    pdf = b"%PDF-1.4 " + b"x" * 2000
    await choose(page, "Pilih berkas", [file("a.jpg", picture()), file("b.pdf", pdf, "application/pdf")])
    await expect(page.locator("[data-state=sent]")).to_have_count(3)
    assert [name for _, name, _ in stub.uploaded] == ["a.jpg", "b.pdf"]


async def test_an_upload_shows_progress_and_can_be_cancelled(page: Page, stub: Stub) -> None:
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 150_000}
    await session.send("Network.emulateNetworkConditions", slow)
    await choose(page, "Lampirkan", file("besar.pdf", b"%PDF-1.4 " + b"x" * 900_000, "application/pdf"))
    bar = page.get_by_role("progressbar", name="Mengunggah besar.pdf")
    await expect(bar).to_be_visible()
    await page.wait_for_function(
        "() => { const n = Number(document.querySelector('loket-chat').root.querySelector('.trouble .bar')"
        "?.getAttribute('aria-valuenow')); return n > 5 && n < 95; }"
    )
    await page.get_by_role("button", name="Batal").click()
    await expect(page.locator("[data-state=cancelled]")).to_contain_text("Dibatalkan")
    assert stub.uploaded == []
    await session.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    await choose(page, "Lampirkan", file("kecil.pdf", b"%PDF-1.4", "application/pdf"))
    await expect(page.locator("[data-state=sent]")).to_have_count(2)


@pytest.mark.parametrize(
    ("name", "kind", "content", "sentence"),
    [
        ("besar.pdf", "application/pdf", b"%PDF-1.4 " + b"x" * 11_000_000, "Berkas terlalu besar. Paling besar 10 MB."),
        ("foto.jpg", "image/jpeg", b"MZ\x90\x00" + b"\0" * 500, "Berkas ini bukan foto atau PDF."),
        ("putus.jpg", "image/jpeg", picture(3000, 2000)[:-4000], "Foto tidak utuh. Mohon foto ulang."),
    ],
    ids=["413", "415", "422"],
)
async def test_a_refused_file_shows_the_servers_sentence(
    page: Page, stub: Stub, name: str, kind: str, content: bytes, sentence: str
) -> None:
    await choose(page, "Lampirkan", file(name, content, kind))
    failed = page.locator("[data-state=failed]")
    await expect(failed).to_contain_text(sentence)
    await failed.get_by_role("button", name="Hapus").click()
    await expect(failed).to_have_count(0)
    assert stub.uploaded == []


async def test_a_file_above_the_servers_limit_is_not_even_sent(open_page: Open, stub: Stub) -> None:
    stub.limits = {"text": 4000, "file_bytes": 1_000_000}
    page = await open_page("/")
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    await choose(page, "Lampirkan", file("besar.pdf", b"%PDF-1.4 " + b"x" * 2_500_000, "application/pdf"))
    sentence = "Berkas terlalu besar: 2,5 MB. Paling besar 1 MB."
    failed = page.locator("[data-state=failed]")
    await expect(failed).to_contain_text(sentence)
    # The same file again would be too big again.
    await expect(failed.get_by_role("button", name="Coba lagi")).to_have_count(0)
    await expect(failed.get_by_role("button", name="Hapus")).to_be_visible()
    assert [call for call in stub.calls if call.path == ATTACHMENTS[1]] == []


async def test_an_interrupted_upload_is_tried_again_and_makes_one_file(page: Page, stub: Stub) -> None:
    stub.faults[ATTACHMENTS] = Fault(drop=True, after=True)
    await choose(page, "Lampirkan", file("kk.jpg", picture()))
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    assert len(stub.uploaded) == 1
    assert len([call for call in stub.calls if call.path == ATTACHMENTS[1]]) == 2


async def test_after_three_tries_the_person_decides(page: Page, stub: Stub) -> None:
    stub.faults[ATTACHMENTS] = Fault(drop=True, times=1000)
    await choose(page, "Lampirkan", file("kk.jpg", picture()))
    failed = page.locator("[data-state=failed]")
    await expect(failed).to_contain_text("Unggahan terputus.")
    stub.faults.clear()
    await failed.get_by_role("button", name="Coba lagi").click()
    await expect(page.locator("[data-state=sent]")).to_have_count(2)


async def test_a_large_photo_is_scaled_down_before_it_travels(page: Page, stub: Stub) -> None:
    big = picture(4000, 3000, quality=98)
    await choose(page, "Lampirkan", file("IMG_1.jpg", big))
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    _, name, content = stub.uploaded[0]
    with Image.open(BytesIO(content)) as image:
        assert (image.format, image.size) == ("JPEG", (2400, 1800))
    assert name == "IMG_1.jpg" and len(content) < len(big)


async def test_a_photo_turned_by_exif_arrives_upright(page: Page, stub: Stub) -> None:
    with Image.open(BytesIO(picture(4000, 3000))) as image:
        exif = image.getexif()
        exif[0x0112] = 6
        out = BytesIO()
        image.save(out, "JPEG", exif=exif)
    await choose(page, "Lampirkan", file("IMG_2.jpg", out.getvalue()))
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    with Image.open(BytesIO(stub.uploaded[0][2])) as image:
        assert image.size == (1800, 2400)


async def test_a_selfie_is_taken_in_the_widget(page: Page, stub: Stub, tmp_path: Path) -> None:
    await ask(page, stub, "selfie")
    await page.get_by_role("button", name="Ambil swafoto").click()
    dialog = page.get_by_role("dialog", name="Ambil swafoto")
    await dialog.get_by_role("button", name="Ambil foto").click()
    await expect(dialog.get_by_role("img", name="Foto yang baru diambil")).to_be_visible()
    await dialog.get_by_role("button", name="Ulangi").click()
    await expect(dialog.locator("video")).to_be_visible()
    await dialog.get_by_role("button", name="Ambil foto").click()
    await dialog.get_by_role("button", name="Pakai foto ini").click()
    await expect(dialog).to_have_count(0)
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    kind, name, content = stub.uploaded[0]
    assert (kind, name) == ("selfie", "swafoto.jpg")
    with Image.open(BytesIO(content)) as image:
        assert image.format == "JPEG" and min(image.size) >= 480


async def test_escape_leaves_the_camera_and_switches_it_off(page: Page, stub: Stub) -> None:
    await ask(page, stub, "selfie")
    await page.evaluate(
        "() => { const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        " navigator.mediaDevices.getUserMedia = async (c) => (window.camera = await get(c)); }"
    )
    button = page.get_by_role("button", name="Ambil swafoto")
    await button.click()
    await expect(page.get_by_role("button", name="Ambil foto")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Ambil swafoto")).to_have_count(0)
    await expect(button).to_be_focused()
    assert await page.evaluate("window.camera.getTracks().every(track => track.readyState === 'ended')")


async def test_a_forbidden_camera_leads_to_choosing_a_photo(page: Page, stub: Stub) -> None:
    await ask(page, stub, "selfie")
    await page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError')); }"
    )
    await page.get_by_role("button", name="Ambil swafoto").click()
    await expect(page.get_by_text("Kamera tidak diizinkan.")).to_be_visible()
    content = picture()
    await choose(page, "Pilih foto dari perangkat", file("saya.jpg", content))
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
    assert stub.uploaded == [("selfie", "saya.jpg", content)]


async def test_where_no_camera_works_the_file_input_asks_for_the_front_one(page: Page, stub: Stub) -> None:
    await ask(page, stub, "selfie")
    await page.evaluate("() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    async with page.expect_file_chooser() as waiting:
        await page.get_by_role("button", name="Ambil swafoto").click()
    chooser = await waiting.value
    assert await chooser.element.get_attribute("capture") == "user"
    assert await chooser.element.get_attribute("accept") == "image/*"


async def test_on_a_phone_a_document_is_taken_with_the_phones_own_camera(open_page: Open, stub: Stub) -> None:
    page = await open_page("/", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    await write(page, "halo")
    await expect(page.locator("[data-state=sent]")).to_have_count(1)
    await ask(page, stub, "document")
    async with page.expect_file_chooser() as waiting:
        await page.get_by_role("button", name="Foto dengan kamera").click()
    assert await (await waiting.value).element.get_attribute("capture") == "environment"


async def test_files_written_offline_wait_for_the_network(page: Page, stub: Stub) -> None:
    await page.context.set_offline(True)
    await choose(page, "Lampirkan", file("kk.jpg", picture()))
    await expect(page.locator("[data-state=waiting], [data-state=failed]")).to_have_count(1)
    await page.context.set_offline(False)
    await expect(page.locator("[data-state=sent]")).to_have_count(2)
