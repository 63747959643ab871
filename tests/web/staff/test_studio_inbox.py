"""The studio's pages of misunderstood messages, conversations and the message box, without a browser."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

import pytest
from aiohttp.test_utils import TestServer

from bot.domain.conversation import Conversation
from bot.domain.corrections import PATH
from bot.domain.talk_test import Expected, parse
from bot.domain.understood import Became, Heard, Told
from bot.errors import ContentError
from bot.ports import Understanding
from bot.ports_studio import Looked
from bot.usecases.store_content import Release
from bot.web.staff.studio import STUDIO
from tests.web.staff.conftest import BREBES, NIK, TEGAL, Browser, Office

HOME = "/staff/studio/inbox"
TALKS = "/staff/studio/talks"


async def said(
    office: Office,
    text: str,
    intent: str = "ask_cost",
    confidence: float = 0.3,
    became: Became = Became.MISSED,
    who: Conversation | None = None,
    locus: str = TEGAL,
) -> int:
    """A citizen writes, and this is what was understood."""
    who = who or await office.conversation(locus)
    await office.hears(who, text)
    async with office.store.begin() as tx:
        entry = (await tx.thread(who.id))[-1]
        row = await tx.fast("select max(id) as id from inbox", {})
        inbox_id = (await row.fetchone()).id
        told = Told(intent, confidence, ((intent, confidence), ("ask_hours", 0.1)), None, became)
        await tx.put_understood(Heard(inbox_id, who.id, entry.seq, locus, office.clock.now(), text, told))
    return int(inbox_id)


@pytest.fixture
async def editor(browser: Browser, office: Office) -> Browser:
    await office.staff("siti", "editor", name="Siti Editor")
    await browser.sign_in("siti")
    return browser


async def corrections(office: Office) -> str:
    draft = await office.studio.draft()
    return await office.studio.text(draft, PATH) if PATH in draft.files else ""


async def test_an_editor_corrects_a_group_edits_a_text_and_takes_it_back(editor: Browser, office: Office) -> None:
    first = await said(office, "regane pira <b>kiye</b>")
    await said(office, "kiye regane pira")
    await said(office, f"nama saya Budi Hartono, regane kiye pira {NIK}")
    await editor.get(HOME)
    page = editor.read()
    assert "<b>kiye" not in editor.text and "Budi" not in page and NIK not in page and "Beban 6" in page
    member = re.search(rf"{HOME}/(\d+)\?", editor.text)
    assert member is not None
    path = f"{HOME}/{member[1]}"
    await editor.get(path)
    assert 'value="ask_cost" selected' in editor.text and str(first) in editor.form()["ids"]
    changed = {"take": "1", "text-1": "regane pira untuk nama saya Joko Susilo", "intent": "ask_cost", "service": ""}
    await editor.post(path, do="assign", **changed)
    assert editor.status == 303 and "done=assigned" in editor.location
    assert await corrections(office) == "text\tintent\tservice\nregane pira untuk nama saya nama\task_cost\t\n"
    await editor.get(editor.location)
    assert "Tidak ada yang perlu dikerjakan" in editor.read()
    await editor.post(f"{HOME}/undo")
    assert "done=undone" in editor.location and await corrections(office) == ""
    await editor.get(editor.location)
    assert "Beban 6" in editor.read()
    assert ("siti", TEGAL) in await office.audit("inbox.assigned")


async def test_what_was_done_is_listed_reopened_released_and_deleted(editor: Browser, office: Office) -> None:
    await said(office, "regane pira")
    await editor.get(HOME)
    groups = re.findall(r'name="group" value="([\d,]+)"', editor.text)
    await editor.post(HOME, group=groups[0], do="accept")
    assert "done=assigned" in editor.location
    await editor.get(f"{HOME}/settled")
    assert "regane pira" in editor.read() and "jadi koreksi" in editor.read()
    await editor.post(f"{HOME}/settled")
    await editor.get(HOME)
    assert "regane pira" in editor.read() and "Koreksi (1)" in editor.read()
    await editor.get(f"{HOME}/corrections")
    await editor.post(f"{HOME}/corrections", text="regane pira", do="release")
    draft = await office.studio.draft()
    assert "      - regane pira\n" in await office.studio.text(draft, "nlu/ask_cost.yml") and PATH not in draft.files
    await editor.get(f"{HOME}/corrections")
    await editor.post(f"{HOME}/corrections", text="regane pira", do="withdraw")
    assert editor.status == 400 and "sudah tidak ada" in editor.read()


@pytest.mark.parametrize(
    "form",
    [
        {"do": "assign", "take": "1", "text-1": "x", "intent": "../x"},
        {"do": "assign", "take": "1", "text-1": "x", "intent": "nlu:"},
        {"do": "assign", "intent": "ask_cost"},
        {"do": "assign", "take": "1", "text-1": "x", "intent": "ask_cost", "service": "no-such"},
        {"do": "drop table"},
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_settled(
    editor: Browser, office: Office, form: dict[str, str]
) -> None:
    at = await said(office, "xqzt")
    await editor.get(f"{HOME}/{at}")
    await editor.post(f"{HOME}/{at}", **form)
    assert editor.status == 400 and await corrections(office) == ""
    await editor.get(HOME)
    assert "xqzt" in editor.read()


async def test_out_of_scope_and_dismissed_leave_the_list_and_nothing_chosen_is_said(
    editor: Browser, office: Office
) -> None:
    await said(office, "adol wedhus")
    await said(office, "hmm mbuh")
    await editor.get(HOME)
    await editor.post(HOME, do="accept")
    assert editor.status == 400 and "Belum ada yang dicentang" in editor.read()
    one, two = re.findall(r'name="group" value="([\d,]+)"', editor.text)
    await editor.post(HOME, group=one, do="elsewhere")
    await editor.get(HOME)
    await editor.post(HOME, group=two, do="dismiss")
    assert (await corrections(office)).count("out_of_scope") == 1
    await editor.get(HOME)
    assert "Tidak ada yang perlu dikerjakan" in editor.read()
    await editor.get(f"{HOME}/{one}")
    assert editor.status == 404 and "sudah dikerjakan" in editor.read()


async def test_only_editors_see_it_and_only_their_own_office(
    browser: Browser, other: Browser, office: Office, editor: Browser
) -> None:
    far = await said(office, "rahasia brebes", locus=BREBES)
    who = await office.conversation(BREBES)
    for path in (HOME, TALKS):
        await editor.get(path)
        assert "rahasia" not in editor.read()
    for path in (f"{HOME}/{far}", f"{TALKS}/{who.id}", f"{TALKS}/{who.id}/test", f"{TALKS}/nonsense"):
        await editor.get(path)
        assert editor.status == 404, path
    await editor.get(HOME)
    await editor.post(HOME, group=str(far), do="dismiss")
    assert editor.status == 400
    await office.staff("wati", "supervisor")
    await other.sign_in("wati")
    for path in (HOME, TALKS, "/staff/studio/try", f"{HOME}/corrections"):
        await other.get(path)
        assert other.status == 404, path


async def test_a_conversation_is_found_replayed_marked_and_saved_as_a_test(editor: Browser, office: Office) -> None:
    who = await office.conversation(topic="akta-kelahiran")
    turn = await said(office, "berapa lama jadinya", "ask_cost", 0.9, Became.ANSWERED, who)
    await office.hears(who, "Siti Aminah, NIK 3328990101900001")
    await office.attaches(who, "document", "kk-siti-aminah.jpg")
    await editor.get(f"{TALKS}?below=50")
    assert "Tidak ada percakapan yang cocok" in editor.read()
    await editor.get(f"{TALKS}?words=JADINYA&intent=ask_cost&below=95&rating=x&since=nonsense")
    assert str(who.id) in editor.text
    await editor.get(f"{TALKS}/{who.id}")
    page = editor.read()
    assert "berapa lama jadinya" in page and "90 %" in page
    assert not any(word in page for word in ("Aminah", "3328", "kk-siti"))
    assert ("siti", str(who.id)) in await office.audit("talk.viewed")
    await editor.post(f"{TALKS}/{who.id}/mark", turn=str(turn), wrong="1")
    await editor.get(HOME)
    assert "1 ditandai salah" in editor.read()
    await editor.get(f"{TALKS}/{who.id}/test")
    assert 'value="berapa lama jadinya"' in editor.text
    form = {"name": "Lama: akta", "said-1": "berapa lama jadinya, saya Budi Hartono", "intent-1": "ask_duration"}
    await editor.post(
        f"{TALKS}/tests", language="id", **form, **{"said-2": " ", "said-3": "jam buka", "answer-3": "say.ask_hours"}
    )
    assert editor.status == 303, editor.read()
    path = "percakapan/lama-akta.yml"
    test = parse(await office.studio.text(await office.studio.draft(), path), path)
    assert test.turns == (
        Expected("berapa lama jadinya, saya nama", "ask_duration"),
        Expected("jam buka", answer="say.ask_hours"),
    )
    await editor.get(editor.location)
    assert "2 giliran" in editor.read()
    await editor.get(f"{TALKS}/tests/lama-akta")
    await editor.post(f"{TALKS}/tests", language="id", name="Lama", **{"said-1": "halo", "intent-1": ""})
    assert editor.status == 400 and "Belum tersimpan" in editor.read()
    await editor.get(f"{TALKS}/tests")
    await editor.post(f"{TALKS}/tests/lama-akta/delete")
    assert path not in (await office.studio.draft()).files


async def test_a_test_that_somebody_else_changed_meanwhile_shows_both(editor: Browser, office: Office) -> None:
    path, studio = "percakapan/a.yml", office.studio
    text = "name: A\nlanguage: id\nturns:\n  - said: halo\n    intent: greet\n"
    await studio.save(office.editor, await studio.draft(), {path: text}, "a")
    await editor.get(f"{TALKS}/tests/a")
    await studio.save(office.editor, await studio.draft(), {path: text.replace("halo", "pagi")}, "b")
    await editor.post(f"{TALKS}/tests", language="id", name="A", **{"said-1": "sore", "intent-1": "greet"})
    assert editor.status == 409 and "pagi" in editor.read() and "sore" in editor.read()


class Bench:
    """Understands costs and greetings; the model ``broken`` does not load."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def look(self, model: str, texts: Sequence[str]) -> Sequence[Looked]:
        if model == "broken":
            raise ContentError("no model")
        self.asked += texts
        return [self._one(text) for text in texts]

    @staticmethod
    def _one(text: str) -> Looked:
        if "biaya" in text:
            found = Understanding(text, "ask_cost", 0.91, "akta-kelahiran", (("ask_cost", 0.91), ("ask_hours", 0.05)))
            return Looked(found, text.lower(), (("service", "akta-kelahiran"),), "action_answer_service")
        if "petugas" in text:
            return Looked(Understanding(text, "talk_to_human", 0.9, None), text, action="action_handoff")
        return Looked(Understanding(text, "greet", 0.2, None, (("greet", 0.2),)), text, action="action_say")


async def models(office: Office, live: str, draft: str) -> None:
    now = office.clock.now()
    head = (await office.studio.draft()).revision
    async with office.store.begin() as tx:
        await tx.put_release(Release("c", live, "seed", "Loket", "awal", now), b"")
        run = await tx.put_run(head, "siti", now)
        await tx.change_run(run.id, state="done", model=draft, ended_at=now)


@pytest.fixture
def bench(server: TestServer, office: Office) -> Bench:
    (staff,) = server.app._subapps
    made = Bench()
    object.__setattr__(staff[STUDIO], "workbench", made)
    return made


async def test_a_text_is_looked_at_by_both_models_and_numbers_never_reach_them(
    editor: Browser, office: Office, bench: Bench
) -> None:
    await models(office, "m1", "broken")
    await editor.get("/staff/studio/try")
    await editor.post("/staff/studio/try", text=f"biayane {NIK} pira")
    page = editor.read()
    assert "91 %" in page and "action_answer_service" in page and "ask_cost" in page
    assert "Model ini tidak bisa dimuat" in page
    assert bench.asked == ["biayane nomor pira"]
    await office.studio.save(office.editor, await office.studio.draft(), {"percakapan/x.yml": "name: x\n"}, "x")
    await editor.get("/staff/studio/try")
    assert "Naskah sudah berubah" in editor.read()


async def test_the_chat_answers_from_both_contents_and_leaves_no_trace(
    editor: Browser, office: Office, bench: Bench
) -> None:
    await models(office, "m1", "m2")
    await editor.get("/staff/studio/try")
    await editor.post("/staff/studio/try/chat", text="biaya akta", language="id")
    page = html.unescape(editor.text)
    assert editor.status == 200 and "Gratis, tidak dipungut biaya" in page
    assert re.search(r"\bGratis\b(?!,)", page), "the live side answers from the gateway's own content"
    await editor.post("/staff/studio/try/chat", text="mau petugas")
    assert editor.read().count("bot menjalankan action_handoff") == 2 and "biaya akta" in editor.read()
    async with office.store.begin() as tx:
        for table in ("conversation", "message", "ticket"):
            row = await (await tx.fast(f"select count(*) as n from {table}", {})).fetchone()  # type: ignore[arg-type]
            assert row.n == 0, table


async def test_a_draft_that_cannot_be_read_says_where_and_the_live_side_still_answers(
    editor: Browser, office: Office, bench: Bench
) -> None:
    await models(office, "m1", "m2")
    studio = office.studio
    await studio.save(office.editor, await studio.draft(), {"services/ktp.yml": "slug: [\n"}, "rusak")
    await editor.get("/staff/studio/try")
    await editor.post("/staff/studio/try/chat", text="biaya akta", language="id")
    assert "Isi naskah belum bisa dibaca" in editor.read() and "services/ktp.yml" in editor.read()
    assert "Gratis" in editor.read()


async def test_without_models_the_page_says_what_is_missing(editor: Browser, office: Office) -> None:
    await editor.get("/staff/studio/try")
    assert "Mesin ini tidak bisa menjalankan model" in editor.read()
    await editor.post("/staff/studio/try", text="syarate apa")
    assert editor.status == 200 and "syarat apa" in editor.read()
