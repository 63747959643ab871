"""Training and releases in a real browser: on a phone, on a desk in the dark; axe finds nothing, and progress shows by itself."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from bot.ports_studio import DraftFault
from bot.web.staff import strings

from .conftest import Office
from .studio_fakes import FakePublishing, FakeTraining, report
from .test_in_a_browser import accessible, chrome, desk, shot
from .test_studio_train import publishing, server, training

pytestmark = pytest.mark.browser

__all__ = ["chrome", "publishing", "server", "training"]

CHANGE = {"canned/jv.yml": "salam: Sugeng rawuh wonten {kantor}\n"}
ID = strings.say_in("id")
PHONE, WIDE = {"width": 360, "height": 780}, {"width": 1280, "height": 800}


@pytest.mark.parametrize(
    ("name", "options"),
    [("phone", {"viewport": PHONE, "has_touch": True}), ("dark", {"viewport": WIDE, "color_scheme": "dark"})],
)
async def test_progress_shows_by_itself_and_every_page_fits(
    chrome: Browser,
    server: TestServer,
    office: Office,
    training: FakeTraining,
    publishing: FakePublishing,
    name: str,
    options: dict[str, object],
) -> None:
    await office.staff("siti", "publisher", name="Siti Editor")
    await office.studio.save(office.editor, await office.studio.draft(), CHANGE, "salam")
    person = await desk(chrome, server, **options)
    page = await person.sign_in("siti", "/staff/studio/train")
    await page.get_by_role("button", name=ID("train_start")).click()
    await expect(page.get_by_role("button", name=ID("train_cancel"))).to_be_visible()
    run = int(page.url.rpartition("/")[2])
    async with office.store.begin() as tx:
        await tx.change_run(run, line="component WishClassifier", state="training")
    await expect(page.get_by_text(ID("train_part_WishClassifier"))).to_be_visible()
    await shot(page, f"s4-progress-{name}")
    await accessible(page)
    await training.finish(run, report(worse=True, talk_fails=True))
    await expect(page.get_by_role("heading", name=ID("report_title"))).to_be_visible()
    await page.get_by_text(ID("report_matrix")).click()
    await shot(page, f"s4-report-{name}")
    await accessible(page)
    await page.get_by_role("link", name=ID("cell_title_all", wanted="ask_cost")).click()
    await shot(page, f"s4-cell-{name}")
    await accessible(page)
    commit = office.repo.publish(
        (await office.studio.draft()).revision, office.editor.author, "salam", office.clock.now()
    )
    made = await publishing._record(
        commit, "publish", "Siti Editor", "Salam yang lebih hangat untuk warga", "live0", "budi"
    )
    await office.studio.save(office.editor, await office.studio.draft(), {"nlu/x.yml": "nlu: []\n"}, "lagi")
    await training.finish(
        (await training.start((await office.studio.draft()).revision, "siti")).run, report(worse=True)
    )
    publishing.faults = [
        DraftFault.at("nlu/greet.yml", 7, "example_twice", intent="greet", other="thanks", example="hai")
    ]
    for shown, path in {"train": "train", "releases": "releases", "release": f"releases/{made}"}.items():
        answer = await page.goto(str(server.make_url(f"/staff/studio/{path}")))
        assert answer is not None and answer.ok, path
        await shot(page, f"s4-{shown}-{name}")
        await accessible(page)
    assert person.faults == []
