"""The studio's pages of services and offices: forms from the schema, the whole check before saving, the preview."""

from __future__ import annotations

import pytest

from bot.domain.yaml_edit import parsed
from bot.web.staff.desk import WEB

from .conftest import Browser, Office
from .test_studio_texts import editor, held

__all__ = ["editor"]

KTP = "/staff/studio/services/ktp"
FACT = {"v.source": "SOP", "v.certainty": "sure"}


async def test_a_fact_of_a_service_is_changed_and_holds_without_training(editor: Browser, office: Office) -> None:
    await editor.get("/staff/studio/services?q=ktp")
    assert KTP in editor.text and "belum pasti" in editor.read()
    await editor.get(KTP)
    assert "/staff/studio/services/_dukcapil/entry/fee" in editor.text  # what comes from a shared part is changed there
    page = f"{KTP}/entry/duration"
    await editor.get(page)
    said = {"v.text.id": "Paling lama 3 hari kerja.", "v.text.en": "3 days.", "v.text.jv": "3 dinten."}
    await editor.post(page, do="preview", **said, **FACT, **{"v.working_days": "3"})
    assert editor.status == 200 and editor.read().count("Paling lama 3 hari kerja.") >= 2
    assert not await office.studio.pending()
    before = await held(office, "services/ktp.yml")
    await editor.post(page, do="save", **said, **FACT, **{"v.working_days": "3"})
    assert editor.location == f"{page}?done=live"
    after = await held(office, "services/ktp.yml")
    assert len(set(after.splitlines()) ^ set(before.splitlines())) <= 10
    assert after.count("#") >= before.count("#")
    await editor.get(f"{page}?done=live")
    assert "tanpa latih ulang" in editor.read()


async def test_another_name_for_a_service_asks_for_training(editor: Browser, office: Office) -> None:
    page = f"{KTP}/entry/also_called"
    await editor.get(page)
    names = [*parsed(await held(office, "services/ktp.yml"))["also_called"], "kartu warga"]
    await editor.post(page, do="save", v="\r\n".join(names))
    assert editor.location == f"{page}?done=train"


async def test_an_edit_that_the_catalogue_check_refuses_is_not_saved_and_names_file_line_and_entry(
    editor: Browser, office: Office
) -> None:
    page = f"{KTP}/entry/form/sections/kerusakan/fields/keterangan"
    await editor.get(page)
    assert editor.status == 200
    field = parsed(await held(office, "services/ktp.yml"))["form"]["sections"]
    old = next(f for s in field if s["id"] == "kerusakan" for f in s["fields"] if f.get("id") == "keterangan")
    typed = {f"v.{key}.{tongue}": text for key in ("label", "ask") for tongue, text in old[key].items()}
    await editor.post(page, do="save", **typed, **{"v.id": old["id"], "v.type": "telepon"})
    assert editor.status == 422
    read = editor.read()
    assert (
        "Berkas services/ktp.yml, baris" in read and "keterangan" in read and "jenis isian 'telepon' tidak ada" in read
    )
    assert 'value="telepon"' in editor.text
    assert not await office.studio.pending()


async def test_the_chat_form_is_shown_in_order_and_other_ways_can_be_gone(editor: Browser, office: Office) -> None:
    await editor.get(f"{KTP}?pick=_variant:hilang&channel=WhatsApp")
    read = editor.read()
    assert "surat kehilangan dari polisi" in read and "Setelah ini warga memeriksa" in read
    await editor.get(f"{KTP}?pick=_variant:rusak")
    assert "surat kehilangan dari polisi?" not in editor.read()


async def test_a_variant_is_added_and_what_is_not_there_is_not_found(editor: Browser, office: Office) -> None:
    page = "/staff/studio/services/kia/new/variants"
    await editor.get(page)
    new = {"v.id": "luar-negeri", "v.name.id": "KIA lahir di luar negeri", "v.ends": "referral"}
    refer = {"v.refer.owner.id": "Perwakilan RI", "v.refer.text.id": "Ditangani perwakilan.", "v.refer.source": "SOP"}
    await editor.post(page, do="save", **new)
    assert editor.status == 422 and "belum ditulis ke siapa" in editor.read()
    await editor.post(page, do="save", **new, **refer, **{"v.refer.certainty": "unsure"})
    assert editor.location == "/staff/studio/services/kia/entry/variants/luar-negeri?done=live", editor.read()
    for path in ("kia/entry/slug", "kia/entry/variants/tidak-ada", "tidak-ada", "kia/entry/nothing", "kia/new/fee"):
        await editor.get(f"/staff/studio/services/{path}")
        assert editor.status == 404, path
    await editor.get("/staff/studio/services/kia/entry/codes")
    assert editor.status == 200


async def test_an_office_closes_and_a_notice_is_said(editor: Browser, office: Office) -> None:
    today = office.clock.now().date().isoformat()
    page = "/staff/studio/offices/33.28/entry/closures"
    await editor.get("/staff/studio/offices")
    assert page in editor.text and "jam buka belum diketahui" in editor.read()
    await editor.get(page)
    why = {"v.0.text.id": "Perbaikan listrik gedung."}
    await editor.post(page, do="save", **{"v.0.from": today, "v.0.until": "2020-01-01", **why})
    assert editor.status == 422 and "ada tanggal yang tidak mungkin" in editor.read()
    await editor.post(page, do="save", **{"v.0.from": "besok", **why})
    assert editor.status == 422 and "belum benar" in editor.read()
    await editor.post(page, do="save", **{"v.0.from": today, "v.0.until": "", **why})
    assert editor.location == f"{page}?done=live"
    await editor.get(page)
    assert "Hari ini kantor tutup. Perbaikan listrik gedung." in editor.read()
    page = "/staff/studio/offices/33.28/entry/notices"
    await editor.get(page)
    told = {"v.0.from": today, "v.0.until": today, "v.0.urgent": "true", "v.0.text.id": "Antre lewat pintu timur."}
    await editor.post(page, do="save", **told)
    assert editor.location == f"{page}?done=live", editor.read()
    await editor.get("/staff/studio/offices/33.28")
    assert editor.read().count("PENTING: Antre lewat pintu timur.") == 3  # greeting, hours, place
    await editor.get("/staff/studio/offices")
    assert "pengumuman sampai" in editor.read()


@pytest.mark.parametrize("path", ["services", "services/ktp", "offices", "texts", "texts/faq", "texts/unsure"])
async def test_who_may_not_edit_finds_none_of_it(browser: Browser, office: Office, path: str) -> None:
    await office.staff("wati")
    await browser.sign_in("wati")
    await browser.get(f"/staff/studio/{path}")
    assert browser.status == 404


def test_every_key_of_the_schemas_has_a_name_in_both_languages() -> None:
    import json

    from bot.web.staff import strings

    def keys(node: object) -> set[str]:
        if isinstance(node, list):
            return {key for one in node for key in keys(one)}
        if not isinstance(node, dict):
            return set()
        return {*node.get("properties", {}), *(key for one in node.values() for key in keys(one))}

    for name in ("service", "faq", "locus"):
        schema = json.loads((WEB.parent / f"schemas/{name}.schema.json").read_text("utf-8"))
        unnamed = {key for key in keys(schema) if not strings.known(f"sf_{key}")} - {"en", "jv"}
        assert unnamed == set(), name
