"""The capture page in a real browser whose camera is a film of stand-in portraits: success, wrong person, no permission, lost network."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from PIL import Image, ImageOps
from playwright.async_api import Page, async_playwright, expect

from bot.settings import ROOT
from tests.browsers import FLAGS
from tests.e2e.conftest import _folder
from tests.e2e.service import Service, running
from tests.e2e.test_browser_journey import SLOW
from tests.e2e.test_real_faces import SELFIE, Person
from tests.faces import taken_now

AGUS = ("3328990304880001", "3-4-1988")
"""Enrolled: ``obama3``."""
JOKO = ("3328992011600001", "20-11-1960")
"""Enrolled: ``biden``."""
WIDTH, HEIGHT, RATE = 640, 480, 10
_AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def desk() -> Iterator[Service]:
    with _folder() as folder, running(folder, pictures=True, LOKET_LIVENESS="capture") as made:
        yield made


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Straight, to the right with the mouth open, to the left: what ``obama`` and ``obama2`` show; a second each, again and again.

    Taken anew for every test: Loket refuses a picture that was sent before.
    """
    straight, turned = (Image.open(io.BytesIO(taken_now(name))) for name in ("obama", "obama2"))
    file = tmp_path / "kamera.y4m"
    with file.open("wb") as out:
        out.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420\n".encode())
        for picture in (straight, turned, ImageOps.mirror(turned)):
            frame = b"FRAME\n" + _yuv(picture)
            for _ in range(RATE):
                out.write(frame)
    return file


def _yuv(picture: Image.Image) -> bytes:
    """One frame in 4:2:0."""
    canvas = Image.new("RGB", (WIDTH, HEIGHT), "grey")
    picture = ImageOps.contain(picture, (WIDTH, HEIGHT))
    canvas.paste(picture, ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2))
    y, cb, cr = canvas.convert("YCbCr").split()
    half = (WIDTH // 2, HEIGHT // 2)
    return y.tobytes() + cb.resize(half).tobytes() + cr.resize(half).tobytes()


@asynccontextmanager
async def phone(chromium: Path, film: Path | None, language: str = "id-ID") -> AsyncIterator[Page]:
    """A page of a browser with that camera; without a film it refuses the camera."""
    camera = ["--deny-permission-prompts"]
    if film is not None:
        camera = ["--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=[*FLAGS, "--use-fake-device-for-media-stream", *camera]
        )
        context = await browser.new_context(
            viewport={"width": 360, "height": 740}, locale=language, reduced_motion="reduce"
        )
        page = await context.new_page()
        page.set_default_timeout(SLOW)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
        yield page
        await browser.close()
        assert complaints == []


@asynccontextmanager
async def citizen(desk: Service, who: tuple[str, str]) -> AsyncIterator[tuple[Person, str]]:
    """Somebody who was sent the link."""
    async with aiohttp.ClientSession() as http:
        person = Person(http, desk.url)
        await person.open()
        await person.at_the_selfie(*who)
        asked = await person.wait(lambda m: m["meta"].get("field") == SELFIE, "the link")
        link = str(asked["meta"]["capture"])
        assert link in asked["text"]
        yield person, desk.url + link[link.index("/swafoto/") :]
        await person.close()


async def test_frames_of_the_camera_prove_the_identity_and_the_chat_goes_on(
    desk: Service, chromium: Path, film: Path
) -> None:
    async with citizen(desk, AGUS) as (person, link), phone(chromium, film) as page:
        await page.goto(link)
        await page.get_by_role("button", name="Mulai").press("Enter")
        await expect(page.locator("#progress")).to_contain_text("Langkah 1 dari 4")
        await expect(page.locator("#task")).to_contain_text("sudah cocok", timeout=SLOW)
        told = await person.wait(lambda m: "catatan Dukcapil" in m["text"], "the form goes on")
        assert told["meta"]["field"] == "pelapor.*"
        # The link is used up; whoever finds it later learns nothing.
        answer = await page.goto(link)
        assert answer is not None and answer.status == 410
        await expect(page.locator("main")).to_contain_text("sudah dipakai")
        async with desk.store() as store, store.begin() as tx:
            from sqlalchemy import text

            assert (await tx.run(text("select count(*) from blob"))).scalar_one() == 0


async def test_somebody_else_is_told_kindly_and_does_not_get_in(desk: Service, chromium: Path, film: Path) -> None:
    async with citizen(desk, JOKO) as (person, link), phone(chromium, film) as page:
        await page.goto(link)
        await page.get_by_role("button", name="Mulai").click()
        await expect(page.locator("#task")).to_contain_text("belum cocok", timeout=SLOW)
        await person.wait(lambda m: "belum cocok" in m["text"], "the refusal in the chat")
        assert not any("catatan Dukcapil" in m["text"] for m in await person.thread(own=False))


async def test_without_permission_the_page_says_how_to_give_it_and_what_else_there_is(
    desk: Service, chromium: Path
) -> None:
    async with citizen(desk, AGUS) as (_, link), phone(chromium, None) as page:
        await page.goto(link)
        await page.get_by_role("button", name="Mulai").click()
        await expect(page.locator("#hint")).to_contain_text("izinkan kamera")
        await expect(page.get_by_role("button", name="Coba lagi")).to_be_focused()
        await expect(page.get_by_role("region", name="Tidak bisa memakai kamera?")).to_contain_text("petugas")
        # Nothing was used up: the same link still works where a camera is allowed.
        answer = await page.goto(link)
        assert answer is not None and answer.status == 200


async def test_a_lost_network_is_waited_for_and_the_person_stays_where_they_were(
    desk: Service, chromium: Path, film: Path
) -> None:
    async with citizen(desk, AGUS) as (person, link), phone(chromium, film) as page:
        await page.goto(link)
        await page.get_by_role("button", name="Mulai").click()
        await expect(page.locator("#progress")).to_contain_text("Langkah 2 dari 4", timeout=SLOW)
        await page.context.set_offline(True)
        await expect(page.locator("#hint")).to_contain_text("Jaringan terputus", timeout=SLOW)
        await page.context.set_offline(False)
        await expect(page.locator("#task")).to_contain_text("sudah cocok", timeout=SLOW)
        await person.wait(lambda m: "catatan Dukcapil" in m["text"], "the form goes on")


@pytest.mark.skipif(not _AXE.is_file(), reason="axe-core is not installed")
async def test_the_page_passes_axe_before_and_while_the_camera_runs(desk: Service, chromium: Path, film: Path) -> None:
    async with citizen(desk, JOKO) as (_, link), phone(chromium, film) as page:
        await page.goto(link)
        assert await _axe(page) == []
        await page.get_by_role("button", name="Mulai").click()
        await expect(page.locator("#stage")).to_be_visible()
        assert await _axe(page) == []


async def _axe(page: Page) -> list[str]:
    await page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = await page.evaluate(
        "async () => (await axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})).violations"
    )
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]


async def test_frames_without_the_pages_key_are_refused(desk: Service) -> None:
    async with citizen(desk, JOKO) as (person, link):
        frame = io.BytesIO()
        Image.new("RGB", (64, 64)).save(frame, "JPEG")
        headers = {"X-Seq": "1", "X-Step": "0", "X-Signature": "00" * 32}
        for status, body, sent in (
            (410, frame.getvalue(), headers),  # not started
            (400, frame.getvalue(), {}),
            (403, b"no picture", headers),
        ):
            async with person._http.post(f"{link}/frames", data=body, headers=sent) as response:
                assert response.status == status
        async with person._http.post(f"{link}/start") as response:
            assert response.status == 200
        async with person._http.post(f"{link}/frames", data=frame.getvalue(), headers=headers) as response:
            assert response.status == 403
