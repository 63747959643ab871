"""Training, comparing, approving, publishing and going back, on the pages; training and publishing are stand-ins."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from bot.errors import ContentError
from bot.ports_studio import DraftFault
from bot.web.hub import Hub
from bot.web.staff.app import staff_app
from bot.web.staff.studio import StudioParts

from .conftest import TEGAL, Browser, Office
from .studio_fakes import FakePublishing, FakeTraining, report

GREETING = {"canned/jv.yml": "salam: Halo!\n"}


@pytest.fixture
async def publishing(office: Office) -> FakePublishing:
    made = FakePublishing(office)
    await made.seed()
    return made


@pytest.fixture
def training(office: Office, publishing: FakePublishing) -> FakeTraining:
    return FakeTraining(office, publishing)


@pytest.fixture
async def server(
    office: Office, database_url: str, publishing: FakePublishing, training: FakeTraining
) -> AsyncIterator[TestServer]:
    """The staff pages with a studio that can train and publish."""
    hub = Hub(database_url)
    parts = StudioParts(office.studio, None, training, publishing)
    app = web.Application()
    keys = office.store.keys
    app.add_subapp("/staff", staff_app(office.deps, office.accounts, keys, hub, TEGAL, False, studio_parts=parts))
    await hub.start()
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()
    await hub.stop()


@pytest.fixture
async def siti(browser: Browser, office: Office) -> Browser:
    """An editor who may publish, signed in, with a change in the draft."""
    await office.staff("siti", "publisher", name="Siti Editor")
    await browser.sign_in("siti")
    await office.studio.save(office.editor, await office.studio.draft(), GREETING, "salam")
    return browser


@pytest.fixture
async def budi(server: TestServer, office: Office) -> AsyncIterator[Browser]:
    """Another publisher."""
    await office.staff("budi", "publisher", name="Budi Penerbit")
    async with TestClient(server, cookie_jar=CookieJar(unsafe=True)) as client:
        browser = Browser(client)
        await browser.sign_in("budi")
        yield browser


async def trained(siti: Browser, training: FakeTraining, **how: bool) -> int:
    """Siti trains, and it ends well."""
    await siti.get("/staff/studio/train")
    await siti.post("/staff/studio/train")
    assert siti.status == 303, siti.read()
    run = int(siti.location.rpartition("/")[2])
    await training.finish(run, report(**how))
    return run


async def test_an_editor_trains_and_reads_what_the_model_takes_for_what(siti: Browser, training: FakeTraining) -> None:
    run = await trained(siti, training)
    await siti.get(f"/staff/studio/train/{run}")
    page = siti.read()
    assert "50,0 % menjadi 75,0 %" in page
    assert "1 pesan bermaksud ask_requirements dibaca ask_cost" in page
    assert "3 dari 120 pesan terakhir kini akan dijawab lain" in page and "min bukane jam pira" in page
    assert "2 percakapan uji berjalan seperti tertulis" in page
    await siti.get(f"/staff/studio/train/{run}/cell?wanted=ask_requirements&found=ask_cost")
    assert (
        "biaya &amp; syarat &lt;kia&gt;" in siti.text and 'href="/staff/studio/intents/ask_requirements"' in siti.text
    )


async def test_a_faulty_draft_cannot_be_trained_and_says_where(siti: Browser, publishing: FakePublishing) -> None:
    await siti.get("/staff/studio/train")
    publishing.faults = [
        DraftFault.at("nlu/greet.yml", 7, "example_twice", intent="greet", other="thanks", example="hai <b>")
    ]
    await siti.post("/staff/studio/train")
    assert siti.status == 422
    assert (
        "nlu/greet.yml, baris 7" in siti.read()
        and "greet' dan 'thanks'" in siti.read()
        and "hai &lt;b&gt;" in siti.text
    )
    await siti.get("/staff/studio/releases")
    assert (
        "1 hal di naskah harus diperbaiki dulu" in siti.read()
        and 'action="/staff/studio/releases/propose"' not in siti.text
    )


async def test_what_the_catalogue_says_in_english_is_read_in_indonesian(
    siti: Browser, publishing: FakePublishing
) -> None:
    publishing.faults = [
        DraftFault.at("services/kia.yml", 3, "other", message="unknown key 'slugg'", remedy="did you mean 'slug'?")
    ]
    await siti.get("/staff/studio/train")
    assert "kunci 'slugg' tidak dikenal; maksudnya 'slug'?" in siti.read()


async def test_a_training_under_way_is_shown_cancelled_and_not_started_twice(
    siti: Browser, training: FakeTraining, office: Office
) -> None:
    await siti.get("/staff/studio/train")
    await siti.post("/staff/studio/train")
    path = siti.location
    run = int(path.rpartition("/")[2])
    async with office.store.begin() as tx:
        await tx.change_run(run, line="component WishClassifier", state="training")
    await siti.get(path)
    assert "Maksud dipelajari dari contoh" in siti.read() and f'data-events="{path}/events"' in siti.text
    await siti.post("/staff/studio/train", revision="other")
    assert siti.status == 409 and f"(nomor {run})" in siti.read()
    await siti.get(path)
    await siti.post(f"{path}/cancel")
    assert training.cancelled == [(run, "siti")]


async def test_the_gate_stops_a_draft_that_got_worse_and_leads_to_the_messages(
    siti: Browser, training: FakeTraining
) -> None:
    run = await trained(siti, training, worse=True, talk_fails=True)
    await siti.get("/staff/studio/releases")
    page = siti.read()
    assert "Maksud ask_cost turun" in page and "paling banyak boleh 2,0" in page
    assert "Tanya syarat” tidak berjalan seperti tertulis" in page
    assert f'href="/staff/studio/train/{run}/cell?wanted=ask_cost"' in siti.text
    for path in ("propose", "publish"):
        await siti.post(f"/staff/studio/releases/{path}", reason="tetap saja", revision=(await siti_draft(siti)))
        assert siti.status == 409 and "Maksud ask_cost turun" in siti.read()


async def siti_draft(siti: Browser) -> str:
    await siti.get("/staff/studio/train")
    return siti.form()["revision"]


async def test_a_second_person_approves_and_the_writer_cannot(
    siti: Browser, budi: Browser, training: FakeTraining, office: Office
) -> None:
    await trained(siti, training)
    await siti.get("/staff/studio/releases")
    await siti.post("/staff/studio/releases/propose", reason="Salam baru")
    assert siti.status == 303
    await siti.get("/staff/studio/releases?done=proposed")
    assert "persetujuannya harus dari penerbit lain" in siti.read()
    await budi.get("/staff/studio/releases")
    asked = budi.form()
    await siti.post("/staff/studio/releases/decide", approval=asked["approval"], verdict="approved")
    assert siti.status == 409 and "harus dari penerbit lain" in siti.read()
    await siti.post("/staff/studio/releases/publish", revision=await siti_draft(siti), reason="Salam baru")
    assert siti.status == 409 and "belum disetujui" in siti.read()
    await budi.post("/staff/studio/releases/decide", approval=asked["approval"], verdict="approved")
    assert (budi.status, budi.location) == (303, "/staff/studio/releases?done=approved")
    await siti.get("/staff/studio/releases")
    await siti.post("/staff/studio/releases/publish", reason="Salam baru")
    assert (siti.status, siti.location) == (303, "/staff/studio/releases?done=published")
    await siti.get("/staff/studio/releases")
    assert "Siti Editor; disetujui budi" in siti.read() and "Tidak ada perubahan untuk diterbitkan" in siti.read()
    (release, _) = await _releases(office)
    await siti.get(f"/staff/studio/releases/{release}")
    assert "Halo!" in siti.read() and "baru" in siti.read()
    assert await office.audit("content.approved") == [("budi", (await _approved(office)))]


async def _releases(office: Office) -> list[int]:
    async with office.store.begin() as tx:
        return [one.id for one in await tx.releases()]


async def _approved(office: Office) -> str:
    async with office.store.begin() as tx:
        return (await tx.approvals())[0].revision


async def test_what_is_approved_and_then_changed_has_to_be_approved_again(
    siti: Browser, budi: Browser, training: FakeTraining, office: Office
) -> None:
    await trained(siti, training)
    await siti.get("/staff/studio/releases")
    await siti.post("/staff/studio/releases/propose", reason="Salam baru")
    await budi.get("/staff/studio/releases")
    await budi.post("/staff/studio/releases/decide", verdict="approved")
    seen = await siti_draft(siti)
    await office.studio.save(office.editor, await office.studio.draft(), {"canned/jv.yml": "salam: Hai\n"}, "lain")
    await siti.post("/staff/studio/releases/publish", revision=seen, reason="Salam baru")
    assert siti.status == 409 and "Naskah berubah sementara halaman ini terbuka" in siti.read()
    await siti.post("/staff/studio/releases/publish", revision=await siti_draft(siti), reason="Salam baru")
    assert siti.status == 409 and "belum disetujui" in siti.read()


@pytest.mark.parametrize(("kind", "says"), [("disk", "Diska penuh"), ("model", "Modelnya tidak bisa dimuat")])
async def test_a_publication_that_fails_says_why_and_changes_nothing(
    siti: Browser,
    budi: Browser,
    training: FakeTraining,
    publishing: FakePublishing,
    office: Office,
    kind: str,
    says: str,
) -> None:
    await trained(siti, training)
    await siti.get("/staff/studio/releases")
    await siti.post("/staff/studio/releases/propose", reason="Salam baru")
    await budi.get("/staff/studio/releases")
    await budi.post("/staff/studio/releases/decide", verdict="approved")
    publishing.fail = ContentError("x", kind=kind)
    await budi.get("/staff/studio/releases")
    await budi.post("/staff/studio/releases/publish", reason="Salam baru")
    assert budi.status == 422 and says in budi.read()
    assert len(await _releases(office)) == 1


async def test_an_earlier_state_comes_back_with_one_click_and_its_reason(
    siti: Browser, budi: Browser, training: FakeTraining, office: Office
) -> None:
    await trained(siti, training)
    await siti.get("/staff/studio/releases")
    await siti.post("/staff/studio/releases/propose", reason="Salam baru")
    await budi.get("/staff/studio/releases")
    await budi.post("/staff/studio/releases/decide", verdict="approved")
    await budi.get("/staff/studio/releases")
    await budi.post("/staff/studio/releases/publish", reason="Salam baru")
    first = (await _releases(office))[-1]
    await budi.post(f"/staff/studio/releases/{first}/back", reason="")
    assert budi.status == 422
    await budi.post(f"/staff/studio/releases/{first}/back", reason="Salamnya keliru")
    assert budi.status == 303
    await budi.get("/staff/studio/releases?done=back")
    assert "Salamnya keliru" in budi.read() and "dikembalikan" in budi.read()
    assert await office.studio.pending()  # the draft still has what was taken back


async def test_rules_go_into_the_draft_and_do_not_count_before_they_are_published(
    siti: Browser, training: FakeTraining, office: Office
) -> None:
    await trained(siti, training, worse=True)
    await siti.get("/staff/studio/releases")
    await siti.post("/staff/studio/releases/rules", max_loss="100", min_support="1", approval="one", train_at="2")
    assert siti.status == 303
    text = await office.studio.text(await office.studio.draft(), "studio.yml")
    assert "max_loss: 100" in text and "train_at: 2" in text
    await siti.get("/staff/studio/releases")
    assert "paling banyak 2 poin" in siti.read() and "Maksud ask_cost turun" in siti.read()
    await siti.post("/staff/studio/releases/rules", max_loss="banyak", min_support="1", approval="one", train_at="")
    assert siti.status == 422


async def test_an_editor_without_the_right_can_propose_but_neither_approve_publish_nor_go_back(
    siti: Browser, server: TestServer, training: FakeTraining, office: Office
) -> None:
    await trained(siti, training)
    await office.staff("wati", "editor")
    async with TestClient(server, cookie_jar=CookieJar(unsafe=True)) as client:
        wati = Browser(client)
        await wati.sign_in("wati")
        await wati.get("/staff/studio/releases")
        for path in ("decide", "publish", "1/back"):
            await wati.post(f"/staff/studio/releases/{path}", reason="a", verdict="approved", approval="1")
            assert wati.status == 404
        await wati.get("/staff/studio/releases")
        await wati.post("/staff/studio/releases/propose", reason="Salam baru")
        assert wati.status == 303
