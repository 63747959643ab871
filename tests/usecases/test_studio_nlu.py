"""Intents and examples in the hands of editors: every operation is one commit that touches what it means and nothing else."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
import yaml

from bot.usecases import studio_nlu_whole as whole
from bot.usecases.studio import Studio
from bot.usecases.studio_nlu import Done, Faults, Gone, Intents
from bot.usecases.studio_nlu_files import LONGEST_NAME, Refused
from bot.usecases.studio_nlu_new import NewIntent
from bot.usecases.studio_nlu_sheet import Row

from .studio_nlu_content import BUDI, FILES, SITI, intents_of, studio_of


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return studio_of(tmp_path / "isi")


@pytest.fixture
def intents(studio: Studio) -> Intents:
    return intents_of(studio)


async def text(studio: Studio, path: str) -> str:
    return await studio.text(await studio.draft(), path)


async def diff(studio: Studio) -> list[str]:
    """Lines of the draft that are other than published, of all files."""
    found = []
    for change in await studio.pending():
        before, after = ((one or b"").decode().splitlines() for one in (change.before, change.after))
        found += [line.rstrip() for line in difflib.ndiff(before, after) if line[:2] in ("+ ", "- ")]
    return found


async def test_the_overview_counts_over_all_files_and_compares_with_what_is_published(intents: Intents) -> None:
    await intents.add(SITI, "tanya_wifi", ["wifi nya lemot", "sinyal wifi"])
    await intents.remove(SITI, "tanya_wifi", ["ada wifi gratis"])
    await whole.delete(intents, SITI, "bermetadata")
    lines = {one.name: one for one in await intents.overview(f1={"ask_cost": 0.91})}
    assert list(lines) == ["ask_cost", "bermetadata", "tanya_parkir", "tanya_wifi"]
    assert (lines["tanya_parkir"].count, lines["tanya_parkir"].model) == (4, "same")
    assert (lines["ask_cost"].f1, lines["ask_cost"].protected, lines["ask_cost"].few) == (0.91, True, True)
    wifi = lines["tanya_wifi"]
    assert (wifi.count, wifi.model, wifi.added, wifi.removed, wifi.protected) == (3, "changed", 2, 1, False)
    assert lines["bermetadata"].model == "gone" and not lines["bermetadata"].few
    assert [one.name for one in await intents.overview("synonym")] == ["other:sim", "sip"]


async def test_added_changed_and_deleted_examples_are_single_lines_in_one_commit_each(
    studio: Studio, intents: Intents
) -> None:
    done = await intents.add(SITI, "ask_cost", ["  mahal\tora ", "gratis atau bayar", "mahal ora", ""])
    assert (done.count, done.skipped) == (1, 1)
    seen = (await studio.draft()).revision
    await intents.change(SITI, "ask_cost", "gratis atau bayar", "gratis apa bayar", seen)
    await intents.remove(SITI, "tanya_parkir", ["parkirnya di mana", "tidak ada"])
    assert await diff(studio) == [
        "-       - gratis atau bayar",
        "+       - gratis apa bayar",
        "+       - mahal ora",
        "-       - parkirnya di mana",
    ]
    assert [one.message for one in await studio.log(3)] == [
        "tanya_parkir: 1 contoh dihapus",
        "ask_cost: “gratis atau bayar” menjadi “gratis apa bayar”",
        "ask_cost: 1 contoh ditambah",
    ]
    nothing = await intents.add(SITI, "ask_cost", ["mahal ora"])
    assert nothing == Done(None, 0, 1) and len(await studio.log(10)) == 4


async def test_several_examples_move_together_and_a_section_that_is_empty_then_goes(
    studio: Studio, intents: Intents
) -> None:
    moved = ["parkir sepeda di sebelah mana", "parkir motor bayar berapa", "sudah pergi"]
    done = await intents.move(SITI, "tanya_parkir", "ask_cost", moved)
    assert (done.count, done.skipped) == (2, 1)
    state = await intents.state()
    assert state.examples("tanya_parkir") == ["ada parkir mobil tidak", "parkirnya di mana"]
    assert set(state.examples("ask_cost")[-2:]) == set(moved[:2]) and len(state.examples("ask_cost")) == 5
    assert (await studio.log(1))[0].message == "2 contoh pindah dari tanya_parkir ke ask_cost"
    assert [spot.path for spot in state.spots("tanya_parkir")] == ["nlu/tanya_parkir.yml"]
    with pytest.raises(Refused, match="last"):
        await intents.move(SITI, "tanya_parkir", "ask_cost", state.examples("tanya_parkir"))


async def test_a_new_name_is_followed_by_everything_that_refers_to_it(studio: Studio, intents: Intents) -> None:
    before = {path: await text(studio, path) for path in FILES}
    await whole.rename(intents, SITI, "tanya_parkir", "info_parkir")
    assert len(await studio.log(5)) == 2, "one commit"
    draft = await studio.draft()
    assert "nlu/tanya_parkir.yml" not in draft.files
    assert await text(studio, "nlu/info_parkir.yml") == before["nlu/tanya_parkir.yml"].replace(
        "tanya_parkir", "info_parkir"
    )
    for path in ("nlu/campur.yml", "rules/rules.yml", "domain/domain.yml", "messages/id.yml", "messages/en.yml"):
        assert await text(studio, path) == before[path].replace("tanya_parkir", "info_parkir"), path
    assert "wish: info_parkir\n" in await text(studio, "faq/loket.yml")
    assert await text(studio, "eval/pesan.tsv") == before["eval/pesan.tsv"].replace("\ttanya_parkir", "\tinfo_parkir")
    assert await text(studio, "services/ktp.yml") == (
        "slug: ktp\nbutton: niat:info_parkir:ktp\nnote: tanya_parkir bukan maksud di sini\n"
    )
    await studio.undo(SITI, (await studio.log(1))[0].id)
    assert not await studio.pending()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("../x", "name"),
        ("nlu:", "name"),
        ("Info Parkir", "name"),
        ("x" * (LONGEST_NAME + 1), "name_long"),
        ("null", "name_reserved"),
        ("nlu_fallback", "name_reserved"),
        ("answer", "name_taken"),
        ("greet", "name_taken"),
        ("tanya_wifi", "name_taken"),
        ("hours_unknown", "name_taken"),
    ],
)
async def test_a_name_that_cannot_be_is_refused_with_its_reason(intents: Intents, name: str, key: str) -> None:
    for trial in (
        whole.rename(intents, SITI, "tanya_parkir", name),
        whole.create(intents, SITI, NewIntent(name, ("halo parkir",), {"id": "Ya."})),
    ):
        with pytest.raises(Refused) as caught:
            await trial
        assert caught.value.key == key


async def test_what_the_program_relies_on_keeps_its_name_and_place(studio: Studio, intents: Intents) -> None:
    for trial in (
        whole.rename(intents, SITI, "ask_cost", "biaya"),
        whole.delete(intents, SITI, "ask_cost"),
        whole.merge(intents, SITI, "ask_cost", "tanya_wifi"),
    ):
        with pytest.raises(Refused, match="protected"):
            await trial
    assert not await studio.pending()


async def test_merged_examples_move_and_what_referred_to_the_one_refers_to_the_other(
    studio: Studio, intents: Intents
) -> None:
    done = await whole.merge(intents, SITI, "tanya_parkir", "tanya_wifi")
    state = await intents.state()
    assert done.count == 4 and not state.has("tanya_parkir") and len(state.examples("tanya_wifi")) == 6
    assert [(one.path, one.kind) for one in await intents.references("tanya_parkir")] == []
    rules = await text(studio, "rules/rules.yml")
    assert [one["rule"] for one in yaml.safe_load(rules)["rules"]] == ["ask_cost", "tanya_wifi"]
    assert "# parkir dijawab dengan teks" in rules and "\n\n\n" not in rules
    assert (await text(studio, "eval/pesan.tsv")).count("\ttanya_wifi") == 2
    assert "wish: tanya_wifi" in await text(studio, "faq/loket.yml")
    assert "niat:tanya_wifi:ktp" in await text(studio, "services/ktp.yml")


async def test_before_an_intent_goes_all_that_refers_to_it_is_listed_and_what_cannot_go_stops_it(
    studio: Studio, intents: Intents
) -> None:
    found = [(one.path, one.line, one.kind) for one in await intents.references("tanya_parkir")]
    assert found == [
        ("domain/domain.yml", 4, "domain"),
        ("eval/pesan.tsv", 2, "eval"),
        ("eval/pesan.tsv", 4, "eval"),
        ("faq/loket.yml", 7, "faq"),
        ("messages/en.yml", 2, "sentence"),
        ("messages/id.yml", 5, "sentence"),
        ("messages/id.yml", 12, "sentence"),
        ("rules/rules.yml", 13, "rule"),
        ("services/ktp.yml", 2, "button"),
    ]
    with pytest.raises(Refused) as caught:
        await whole.delete(intents, SITI, "tanya_parkir")
    assert (caught.value.key, caught.value.params["path"], caught.value.params["line"]) == (
        "still_used",
        "services/ktp.yml",
        2,
    )
    await studio.save(SITI, await studio.draft(), {"services/ktp.yml": "slug: ktp\n"}, "tombol dilepas")
    await whole.delete(intents, SITI, "tanya_parkir")
    assert not (await intents.state()).has("tanya_parkir")
    assert await intents.references("tanya_parkir") == []
    assert await text(studio, "messages/id.yml") == FILES["messages/id.yml"].replace(
        "  tanya_parkir: |-\n    Parkir di belakang.\n\n    Gratis.\n", ""
    ).replace("  tanya_parkir: Parkir\n", "")


async def test_a_rule_about_several_wishes_at_once_is_not_torn_apart(studio: Studio, intents: Intents) -> None:
    story = (
        "rules:\n  - rule: dua\n    steps:\n      - or:\n          - intent: tanya_wifi\n          - intent: ask_cost\n"
    )
    await studio.save(SITI, await studio.draft(), {"rules/lain.yml": story}, "aturan lain")
    with pytest.raises(Refused, match="still_used"):
        await whole.delete(intents, SITI, "tanya_wifi")
    await whole.rename(intents, SITI, "tanya_wifi", "info_wifi")
    assert await text(studio, "rules/lain.yml") == story.replace("tanya_wifi", "info_wifi")


async def test_a_new_intent_comes_with_all_that_the_bot_needs_to_answer(studio: Studio, intents: Intents) -> None:
    new = NewIntent(
        "tanya_musala",
        ("musalanya di mana", "ada musala"),
        {"id": 'Di lantai 2 {office}.\nTulis "peta" 🕌', "en": "On the 2nd floor."},
        {"id": "Musala"},
    )
    await whole.create(intents, SITI, new)
    assert (await intents.state()).examples("tanya_musala") == ["musalanya di mana", "ada musala"]
    rules = yaml.safe_load(await text(studio, "rules/rules.yml"))["rules"]
    assert rules[-1] == {
        "rule": "tanya_musala",
        "steps": [{"intent": "tanya_musala"}, {"action": "action_say"}],
    }
    assert yaml.safe_load(await text(studio, "domain/domain.yml"))["intents"][-1] == "tanya_musala"
    said = yaml.safe_load(await text(studio, "messages/id.yml"))
    assert said["say"]["tanya_musala"] == 'Di lantai 2 {office}.\nTulis "peta" 🕌'
    assert said["wish"]["tanya_musala"] == "Musala" and said["penutup"] == {"x": "y"}
    assert yaml.safe_load(await text(studio, "messages/en.yml"))["say"]["tanya_musala"] == "On the 2nd floor."
    assert all(line.startswith("+ ") or line == "+" for line in await diff(studio))
    await whole.delete(intents, SITI, "tanya_musala")
    assert not await studio.pending(), "what was put in is taken out again, to the byte"


@pytest.mark.parametrize(
    ("answers", "buttons", "key"),
    [
        ({"en": "Yes"}, {}, "answer_missing"),
        ({"id": "Halo {nama}"}, {}, "answer_braces"),
        ({"id": "Halo {"}, {}, "answer_braces"),
        ({"id": "x" * 1001}, {}, "answer_long"),
        ({"id": "Ya"}, {"id": "x" * 21}, "button_long"),
        ({"id": "Ya"}, {"en": "Yes"}, "button_missing"),
        ({"id": "Ya", "zz": "?"}, {}, "no_language"),
    ],
)
async def test_an_answer_that_the_bot_could_not_say_is_refused(
    intents: Intents, answers: dict[str, str], buttons: dict[str, str], key: str
) -> None:
    with pytest.raises(Refused) as caught:
        await whole.create(intents, SITI, NewIntent("tanya_musala", ("ada musala",), answers, buttons))
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("example", "key"),
    [
        ("   ", "example_empty"),
        ("x" * 501, "example_long"),
        ("kartu [keluarga](kk)", "example_markup"),
        ('urus [kk]{"entity": ', "example_markup"),
        ("baris\\u000abaru", "example_markup"),
        ("nik saya 3328990101900001", "example_personal"),
        ("hp 0812-3456-7890", "example_personal"),
        ("surel saya siti@contoh.id", "example_personal"),
        ("ADA wifi gratis", "example_elsewhere"),
    ],
)
async def test_an_example_that_cannot_be_is_refused_with_its_reason(intents: Intents, example: str, key: str) -> None:
    with pytest.raises(Refused) as caught:
        await intents.add(SITI, "ask_cost", [example])
    assert caught.value.key == key


async def test_examples_in_another_form_are_shown_but_not_edited(intents: Intents) -> None:
    for trial in (
        intents.add(SITI, "bermetadata", ["halo lagi"]),
        whole.merge(intents, SITI, "bermetadata", "ask_cost"),
    ):
        with pytest.raises(Refused, match="form"):
            await trial
    with pytest.raises(Refused, match="unknown"):
        await intents.add(SITI, "tidak_ada", ["halo lagi"])


async def test_two_editors_of_one_intent_do_not_meet_unless_they_change_the_same_example(
    studio: Studio, intents: Intents
) -> None:
    seen = (await studio.draft()).revision
    await intents.change(SITI, "ask_cost", "gratis atau bayar", "gratis apa bayar", seen)
    await intents.change(BUDI, "ask_cost", "berapa tarif sip dokter", "tarif sip dokter berapa", seen)
    assert (await intents.state()).examples("ask_cost") == [
        "biaya bikin ktp berapa",
        "tarif sip dokter berapa",
        "gratis apa bayar",
    ]
    with pytest.raises(Gone) as caught:
        await intents.change(BUDI, "ask_cost", "gratis atau bayar", "bayar atau tidak", seen)
    assert (caught.value.mine, caught.value.theirs, caught.value.moved) == (
        "bayar atau tidak",
        ("gratis apa bayar",),
        None,
    )
    await intents.move(SITI, "ask_cost", "tanya_wifi", ["biaya bikin ktp berapa"])
    with pytest.raises(Gone) as caught:
        await intents.change(BUDI, "ask_cost", "biaya bikin ktp berapa", "biaya ktp", seen)
    assert (caught.value.theirs, caught.value.moved, caught.value.by) == ((), "tanya_wifi", "Siti Editor")


async def test_somebody_who_saves_at_the_same_moment_costs_another_try(studio: Studio, intents: Intents) -> None:
    save, late = studio.save, [True]

    async def slow(*args: object) -> str:
        if late.pop() if late else False:
            await save(BUDI, await studio.draft(), {"nlu/ask_cost.yml": FILES["nlu/ask_cost.yml"] + "# b\n"}, "b")
        return await save(*args)  # type: ignore[arg-type]

    studio.save = slow  # type: ignore[method-assign]
    await intents.add(SITI, "ask_cost", ["mahal ora"])
    assert (await text(studio, "nlu/ask_cost.yml")).endswith("      - mahal ora\n# b\n")


async def test_words_for_a_service_are_told_by_marking_them(studio: Studio, intents: Intents) -> None:
    await intents.means(SITI, "izin buka praktik", "sip")
    await intents.means(SITI, "kartu tanda penduduk", "ktp")
    assert (await text(studio, "nlu/services.yml")).endswith(
        "      - surat izin mengemudi\n  - synonym: ktp\n    examples: |\n      - kartu tanda penduduk\n# penutup\n"
    )
    with pytest.raises(Refused) as caught:
        await intents.means(SITI, "Surat izin mengemudi", "sip")
    assert (caught.value.key, caught.value.params["name"]) == ("word_taken", "other:sim")


async def test_a_table_is_taken_as_a_whole_or_without_its_faulty_rows(studio: Studio, intents: Intents) -> None:
    rows = [
        Row(2, "ask_cost", "ongkosnya berapa kak"),
        Row(3, "ask_cots", "salah ketik maksud"),
        Row(4, "tanya_wifi", "gratis atau bayar"),
        Row(5, "tanya_wifi", "ongkosnya berapa KAK"),
        Row(6, "tanya_wifi", "ada wifi gratis"),
        Row(7, "", "tanpa maksud"),
    ]
    faults = await intents.take(SITI, rows)
    assert isinstance(faults, Faults)
    assert [(line, one.key) for line, one in faults.rows] == [
        (3, "unknown"),
        (4, "example_elsewhere"),
        (5, "example_elsewhere"),
        (7, "row_intent"),
    ]
    assert not await studio.pending()
    assert await intents.take(SITI, rows, skip=True) == Done((await studio.draft()).revision, 1, 5)


async def test_what_says_the_same_or_nearly_is_found_across_intents(intents: Intents) -> None:
    same = await intents.alike("Brp BIAYA bikin KTP")
    assert [(one.intent, one.text) for one in same] == [("ask_cost", "biaya bikin ktp berapa")]
    assert (await intents.alike("biaya  gawe KTP brp??"))[0].likeness == 1.0
    await intents.add(SITI, "tanya_wifi", ["biaya bikin wifi berapa ya"])
    assert {one.intent for one in await intents.alike("biaya bikin wifi berapa")} == {"tanya_wifi"}
    assert await intents.alike("cuaca besok bagaimana") == [] and await intents.alike(" ?! ") == []
