from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.content import read_catalogue
from bot.domain.fields.base import Parsed, Verdict
from bot.domain.region_names import compact, sounded
from bot.domain.regions import Regions
from tests.domain.fields.said import regions
from tests.domain.spec import DATA, birth, parse


def village(text: str) -> Parsed:
    return parse("village", text, regions=regions())


def district(text: str) -> Parsed:
    return parse("district", text, regions=regions())


def shown(parsed: Parsed) -> str:
    found = regions().village(parsed.value or "")
    return found.shown if found is not None else str(parsed.problem)


def test_the_list_is_whole() -> None:
    assert (len(regions().districts), len(regions().villages)) == (18, 287)
    assert "MIT" in (DATA / "wilayah/NOTICE").read_text("utf-8")


@pytest.mark.parametrize(
    "text", ["Tegal", "kab. tegal", "Kota Tegal", "lahir di Balapulang", "desa Procot", "bumi jawa", "Slawi"]
)
def test_a_place_of_the_locus_is_surely_the_answer_where_a_place_is_asked_for(text: str) -> None:
    assert parse("place", text, regions=regions()).verdict is Verdict.STRONG


@pytest.mark.parametrize("text", ["Jakarta", "kantor", "kota", "Tegal aja min", "syarat ktp"])
def test_what_is_no_place_of_the_locus_may_still_be_something_else(text: str) -> None:
    assert parse("place", text, regions=regions()).verdict is not Verdict.STRONG


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("procot", "Procot, Kecamatan Slawi"), ("Procot Slawi", "Procot, Kecamatan Slawi"),
        ("slawi procot", "Procot, Kecamatan Slawi"), ("kel procot", "Procot, Kecamatan Slawi"),
        ("desa kalisapu kec slawi", "Kalisapu, Kecamatan Slawi"), ("ds. kalisapu", "Kalisapu, Kecamatan Slawi"),
        ("kec. slawi desa kalisapu", "Kalisapu, Kecamatan Slawi"), ("ds dukuhbenda", "Dukuhbenda, Kecamatan Bumijawa"),
        ("dukuh turi", "Dukuhturi, Kecamatan Dukuhturi"), ("DUKUHTURI", "Dukuhturi, Kecamatan Dukuhturi"),
        ("dk turi", "Dukuhturi, Kecamatan Dukuhturi"), ("karang anyar dukuh turi", "Karanganyar, Kecamatan Dukuhturi"),
        ("kr anyar kdg banteng", "Karanganyar, Kecamatan Kedungbanteng"),
        ("saya tinggal di procot", "Procot, Kecamatan Slawi"), ("procot, tegal", "Procot, Kecamatan Slawi"),
        ("kudaile slawi kab. tegal jawa tengah", "Kudaile, Kecamatan Slawi"),
        ("jl mawar 5 desa kalisapu rt 3 rw 2 kec slawi kab tegal", "Kalisapu, Kecamatan Slawi"),
        ("33.28.10.1008", "Procot, Kecamatan Slawi"), ("3328101008", "Procot, Kecamatan Slawi"),
        ("slawi wetan", "Slawi Wetan, Kecamatan Slawi"), ("slawi timur", "Slawi Wetan, Kecamatan Slawi"),
        ("mejasem wetan", "Mejasem Timur, Kecamatan Kramat"), ("prupuk kidul", "Prupuk Selatan, Kecamatan Margasari"),
        ("bumi jawa", "Bumijawa, Kecamatan Bumijawa"), ("procot pak", "Procot, Kecamatan Slawi"),
        ("kajen talang", "Kajen, Kecamatan Talang"), ("karanganyar 2", "Karanganyar, Kecamatan Kedungbanteng"),
    ],
)  # fmt: skip
def test_a_village_is_found_as_people_write_it(text: str, place: str) -> None:
    parsed = village(text)
    assert (parsed.verdict, shown(parsed)) == (Verdict.STRONG, place)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("mulyaharjo", "Mulyoharjo, Kecamatan Pagerbarang"), ("dhukuh bendha", "Dukuhbenda, Kecamatan Bumijawa"),
        ("marga hayu", "Marga Ayu, Kecamatan Margasari"), ("gucci", "Guci, Kecamatan Bumijawa"),
        ("sidomulyo warurejo", "Sidamulya, Kecamatan Warureja"), ("tembok loewoeng", "Tembok Luwung, Kecamatan Adiwerna"),
    ],
)  # fmt: skip
def test_javanese_and_old_spellings_are_the_same_name(text: str, place: str) -> None:
    assert (village(text).verdict, shown(village(text))) == (Verdict.STRONG, place)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("trayman", "Trayeman, Kecamatan Slawi"), ("trymn", "Trayeman, Kecamatan Slawi"),
        ("klisapu", "Kalisapu, Kecamatan Slawi"), ("ktanggungan", "Ketanggungan, Kecamatan Dukuhturi"),
        ("selawi kulon", "Slawi Kulon, Kecamatan Slawi"), ("gmbongkulon", "Gembongkulon, Kecamatan Talang"),
        ("ringin jenggot", "Wringinjenggot, Kecamatan Balapulang"),
    ],
)  # fmt: skip
def test_typing_errors_are_forgiven_but_shown_back_and_not_certain(text: str, place: str) -> None:
    parsed = village(text)
    assert (parsed.verdict, shown(parsed), parsed.interpreted) == (Verdict.WEAK, place, True)


@pytest.mark.parametrize(
    ("text", "count"),
    [("karanganyar", 3), ("kajen", 2), ("pesarean", 2), ("dukuh tengah", 2), ("jatimulyo", 2), ("harjosari", 3)],
)
def test_a_name_of_several_districts_is_asked_about_with_all_of_them_numbered(text: str, count: int) -> None:
    parsed = village(text)
    assert (parsed.verdict, parsed.problem, parsed.ok) == (Verdict.STRONG, "field.village.several", False)
    listed = str(parsed.params["options"]).splitlines()
    assert [line.split(". ")[0] for line in listed] == [str(n) for n in range(1, count + 1)]
    assert [regions().village(code) is not None for code in parsed.offers] == [True] * count
    example = village(str(parsed.params["example"]))
    assert example.value == parsed.offers[0]


@pytest.mark.parametrize("text", ["slawi", "kec. slawi", "kecamatan slawi", "balapulang", "lebaksiu"])
def test_a_district_alone_is_thanked_with_the_question_for_the_village(text: str) -> None:
    parsed = village(text)
    assert parsed.problem == "field.village.district"
    assert all(village(name).ok for name in str(parsed.params["examples"]).split(", "))


@pytest.mark.parametrize(
    ("text", "place"),
    [("kalisopo", "Kalisapu"), ("tembok", "Tembok Kidul"), ("mejasem", "Mejasem Barat"), ("procot lebaksiu", "Procot")],
)
def test_what_is_only_near_is_offered_not_taken(text: str, place: str) -> None:
    parsed = village(text)
    assert (parsed.verdict, parsed.problem) == (Verdict.NO, "field.village.near")
    assert place in str(parsed.params["options"])


@pytest.mark.parametrize(
    "text",
    [
        "ulang", "batal", "kembali", "petugas", "lewati", "lanjut", "kirim", "bantuan", "halo", "ya", "tidak", "tidak tahu",
        "terima kasih", "jakarta", "bumiayu", "brebes", "tegal", "berapa biayanya?", "saya mau tanya", "2", "33.28.10.9999",
        "nanti dulu", "saya bingung", "mau bicara petugas",
    ],
)  # fmt: skip
def test_what_is_no_village_here_is_left_to_the_dialogue(text: str) -> None:
    for parsed in (village(text), district(text)):
        assert parsed.verdict is Verdict.NO, parsed


@pytest.mark.parametrize(
    ("text", "name", "verdict"),
    [
        ("slawi", "Slawi", Verdict.STRONG), ("kec. slawi", "Slawi", Verdict.STRONG), ("33.28.10", "Slawi", Verdict.STRONG),
        ("dukuh turi", "Dukuhturi", Verdict.STRONG), ("dk waru", "Dukuhwaru", Verdict.STRONG),
        ("adiwerno", "Adiwerna", Verdict.STRONG), ("lebak siu pak", "Lebaksiu", Verdict.STRONG),
        ("kec bumi jawa kab tegal", "Bumijawa", Verdict.STRONG), ("keramat", "Kramat", Verdict.WEAK),
        ("adwrn", "Adiwerna", Verdict.WEAK), ("desa procot", "Slawi", Verdict.WEAK), ("procot", "Slawi", Verdict.WEAK),
    ],
)  # fmt: skip
def test_a_district_is_found_also_by_one_of_its_villages(text: str, name: str, verdict: Verdict) -> None:
    parsed = district(text)
    found = regions().district(parsed.value or "")
    assert (found.name if found else None, parsed.verdict) == (name, verdict)


def test_every_village_is_found_with_and_without_marks_and_spaces() -> None:
    for v in regions().villages:
        home = v.district.name
        ways = (
            f"{v.name} {home}", f"{home} {v.name}".upper(), f"desa {v.name} kec. {home}", f"{compact(v.name)},{home}",
            f"ds.{v.name.lower()} kecamatan {home.lower()} kab. tegal", v.code, v.code.replace(".", ""),
        )  # fmt: skip
        for text in ways:
            assert village(text).value == v.code, text


def test_no_two_names_sound_alike_so_that_hearing_them_is_safe() -> None:
    names = {compact(v.name) for v in regions().villages}
    assert len({sounded(n) for n in names}) == len(names)


@pytest.mark.parametrize("rows", [[("33.28.10.1008", "Procot")], [("33.28.10", "Slawi"), ("33.28.10.8", "Procot")]])
def test_a_broken_list_is_refused(rows: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="no village of a district here"):
        Regions(rows)


# -- postcodes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["52415", "kode pos 52415", "kodepos: 52415", "5 2 4 1 5", "52415 pak"])
def test_a_postcode_is_five_digits(text: str) -> None:
    parsed = parse("postcode", text, regions=regions(), local=True)
    assert (parsed.verdict, parsed.value, parsed.warning) == (Verdict.STRONG, "52415", None)


def test_a_postcode_of_elsewhere_is_a_warning_only_where_one_of_here_is_expected() -> None:
    here: dict[str, Any] = {"regions": regions(), "local": True}
    assert (parse("postcode", "10110", **here).value, parse("postcode", "10110", **here).warning) == (
        "10110", "field.postcode.elsewhere",
    )  # fmt: skip
    assert parse("postcode", "10110", regions=regions()).warning is None
    assert parse("postcode", "5241").problem == "field.postcode.length"
    assert parse("postcode", "tidak tahu").verdict is Verdict.NO


# -- from the content --------------------------------------------------------------------------------------------------


def test_a_service_knows_the_districts_and_villages_of_its_locus() -> None:
    known = birth().regions
    assert known is not None
    assert (len(known), known.postcodes) == (287, ("524",))
    assert known.find_village("procot, tegal").sure[0].code == "33.28.10.1008"


def test_asking_for_a_village_without_a_list_is_a_fault_that_names_the_field(tmp_path: Path) -> None:
    for folder in ("services", "loci"):
        shutil.copytree(DATA / folder, tmp_path / folder)
    faults = [str(f) for f in read_catalogue(tmp_path)[1]]
    wanted = "a village is asked for, but no list of them is there; add wilayah/<code of the locus>.csv"
    assert any(wanted in fault for fault in faults)
