"""The pages people use: officers, the register, the fault panel, and what Loket's home page takes from here."""

from __future__ import annotations

import io
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from integrations import sandbox
from integrations.dukcapil.adapter import DukcapilAgency
from tests.integrations.conftest import Sandbox, Start, birth

PAGES = ["/", "/petugas/dukcapil", "/register", "/faults", "/phones", "/periksa/tidak-ada"]


def jpeg(size: tuple[int, int] = (640, 480), orientation: int = 1) -> bytes:
    image = Image.effect_noise(size, 60).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "secret place"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def enrolment(*pictures: bytes, **changes: str) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in {"name": "Ani Karangan", "birth_date": "1990-03-04", "sex": "P", "nik": "", **changes}.items():
        form.add_field(name, value)
    for n, picture in enumerate(pictures):
        form.add_field("pictures", picture, filename=f"{n}.jpg", content_type="image/jpeg")
    return form


async def post(desk: Sandbox, path: str, form: aiohttp.FormData, **headers: str) -> tuple[int, str, str]:
    async with desk.http.post(desk.url + path, data=form, headers=headers, allow_redirects=False) as response:
        return response.status, await response.text(), response.headers.get("Location", "")


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_marked_and_loads_nothing_from_elsewhere(desk: Sandbox, path: str) -> None:
    async with desk.http.get(desk.url + path) as response:
        page = await response.text()
        assert "CONTOH / SANDBOX" in page and '<html lang="id">' in page
        assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_an_officer_sees_all_data_files_and_only_the_buttons_of_the_state(
    dukcapil: DukcapilAgency, desk: Sandbox
) -> None:
    ref = await dukcapil.submit(birth())
    assert "AKL-25-0001-7" in await desk.page("/petugas/dukcapil?state=diajukan")
    assert "AKL-25-0001-7" not in await desk.page("/petugas/dukcapil?state=terbit")
    page = await desk.page(f"/petugas/dukcapil/{ref}")
    for text in ("Aisyah Putri Santoso", "3328991708850001", "surat-lahir.pdf", "Mulai verifikasi berkas"):
        assert text in page
    assert "Terbitkan dokumen" not in page and "Minta perbaikan" not in page
    await desk.act(ref, "verifikasi")
    page = await desk.page(f"/petugas/dukcapil/{ref}")
    assert "Mulai verifikasi" not in page and "Minta perbaikan" in page
    assert 'value="dokumen.surat_lahir"' in page and "surat_lahir.id" not in page
    async with desk.http.get(f"{desk.url}/petugas/dukcapil/{ref}/berkas/0") as response:
        assert response.content_type == "application/pdf" and (await response.read()).startswith(b"%PDF-")


async def test_a_repair_or_refusal_without_reason_is_sent_back_with_what_was_typed(
    dukcapil: DukcapilAgency, desk: Sandbox
) -> None:
    ref = await dukcapil.submit(birth())
    await desk.act(ref, "verifikasi")
    path = f"/petugas/dukcapil/{ref}"
    form = aiohttp.FormData([("note", "Nama <b>tidak</b> cocok")])
    status, page, _ = await post(desk, f"{path}/minta-perbaikan", form)
    assert status == 422 and "Pilih dulu bagian" in page and "Nama &lt;b&gt;tidak&lt;/b&gt; cocok" in page
    form = aiohttp.FormData([("note", "x"), ("fields", "bukan.kolom")])
    assert (await post(desk, f"{path}/minta-perbaikan", form))[0] == 422
    assert (await post(desk, f"{path}/tolak", aiohttp.FormData([("note", "  ")])))[0] == 422
    assert [change.state for change in await dukcapil.status(ref)] == ["diajukan", "verifikasi_berkas"]


async def test_an_action_out_of_its_state_changes_nothing(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    ref = await dukcapil.submit(birth())
    assert await desk.act(ref, "terbitkan") == 409
    assert await desk.act(ref, "meledak") == 404
    assert await desk.act("DUK-0-0", "verifikasi") == 404
    assert await desk.act(ref, "verifikasi", agency="lain") == 404
    assert [change.state for change in await dukcapil.status(ref)] == ["diajukan"]


async def test_what_a_citizen_typed_is_shown_as_text(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    ref = await dukcapil.submit(birth(**{"anak.nama": "<script>alert(1)</script>"}))
    page = await desk.page(f"/petugas/dukcapil/{ref}")
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


async def test_the_qr_leads_to_state_and_date_and_nothing_personal(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    ref = await dukcapil.submit(birth())
    with closing(sqlite3.connect(desk.dir / "dukcapil.sqlite")) as database:
        (token,) = database.execute("SELECT check_token FROM cases").fetchone()
    async with desk.http.get(f"{desk.url}/periksa/{token}") as response:
        assert response.status == 404
    for action in ("verifikasi", "proses", "terbitkan"):
        await desk.act(ref, action)
    page = await desk.page(f"/periksa/{token}")
    assert "24 November 2025" in page
    for personal in ("Aisyah", "3328", "AKL-25", ref):
        assert personal not in page


async def test_a_page_that_is_not_there_says_so_and_is_marked(desk: Sandbox) -> None:
    for path in ("/petugas/dukcapil/DUK-0-0", "/petugas/lain", "/nowhere"):
        async with desk.http.get(desk.url + path, headers={"Accept": "text/html"}) as response:
            page = await response.text()
            assert response.status == 404 and "CONTOH / SANDBOX" in page and "Halaman tidak ada" in page


async def test_another_site_cannot_press_the_buttons(dukcapil: DukcapilAgency, desk: Sandbox) -> None:
    ref = await dukcapil.submit(birth())
    form = aiohttp.FormData([("go", "1")])
    path = f"/petugas/dukcapil/{ref}/verifikasi"
    assert (await post(desk, path, form, Origin="http://evil.invalid"))[0] == 403
    assert (await post(desk, path, aiohttp.FormData([("go", "1")]), Host="evil.invalid"))[0] == 421
    assert (await post(desk, path, aiohttp.FormData([("go", "1")]), Origin="null"))[0] == 403
    assert (await post(desk, path, aiohttp.FormData([("go", "1")]), Origin=desk.url))[0] == 303


# -- the register -----------------------------------------------------------------------------------------------------


async def test_an_own_face_becomes_an_invented_citizen_and_can_be_deleted_for_good(
    desk: Sandbox, dukcapil: DukcapilAgency
) -> None:
    status, _, place = await post(desk, "/register", enrolment(jpeg((3000, 2000), orientation=6), jpeg()))
    nik = place.split("=")[1].split("#")[0]
    assert status == 303 and nik == "3328994403900001"
    ani = await dukcapil.lookup(nik)
    assert ani is not None and ani.name == "Ani Karangan" and ani.data["jenis_kelamin"] == "P"
    faces = await dukcapil.faces(nik)
    first = Image.open(io.BytesIO(faces[0]))
    assert len(faces) == 2 and first.size == (1067, 1600) and not first.getexif()
    assert b"secret place" not in faces[0]
    assert "Ani Karangan" in await desk.page("/register")
    needle = faces[1][2000:2100]
    assert on_disk(desk, needle)
    assert (await post(desk, f"/register/{nik}/hapus", aiohttp.FormData([("go", "1")])))[0] == 303
    assert await dukcapil.lookup(nik) is None
    assert not on_disk(desk, needle)


def on_disk(desk: Sandbox, needle: bytes) -> bool:
    return any(needle in path.read_bytes() for path in desk.dir.glob("register.sqlite*"))


async def test_two_citizens_of_one_birthday_get_different_niks(desk: Sandbox) -> None:
    first = await post(desk, "/register", enrolment(jpeg()))
    second = await post(desk, "/register", enrolment(jpeg()))
    assert first[2] != second[2]


async def test_a_demo_citizen_cannot_be_deleted(desk: Sandbox, dukcapil: DukcapilAgency) -> None:
    assert (await post(desk, "/register/3328991708850001/hapus", aiohttp.FormData([("go", "1")])))[0] == 404
    assert await dukcapil.lookup("3328991708850001") is not None


WRONG = {
    "no name": ({"name": ""}, "Isi nama"),
    "a name with digits": ({"name": "Ani 2"}, "Isi nama"),
    "no birth date": ({"birth_date": ""}, "Isi tanggal lahir"),
    "a birth date to come": ({"birth_date": "2030-01-01"}, "Tanggal lahir harus"),
    "no sex": ({"sex": ""}, "Pilih laki-laki"),
    "a short NIK": ({"nik": "12"}, "16 angka"),
    "a NIK of a real district": ({"nik": "3328104403900001"}, "Jangan pakai NIK asli"),
    "a NIK of another day": ({"nik": "3328990403900001"}, "440390"),
    "a NIK that is taken": ({"nik": "3328991708850001", "birth_date": "1985-08-17", "sex": "L"}, "sudah dipakai"),
}


@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_enrolment_says_why_and_keeps_what_was_typed(
    desk: Sandbox, changes: dict[str, str], said: str
) -> None:
    status, page, _ = await post(desk, "/register", enrolment(jpeg(), **changes))
    assert status == 422 and said in page
    assert 'value="{}"'.format(changes.get("name", "Ani Karangan")) in page


def bomb() -> bytes:
    """A PNG of 64 million pixels in a few kilobytes."""
    out = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(out, "PNG")
    return out.getvalue()


PICTURES = {
    "none": ([], "Pilih foto wajah"),
    "too many": ([jpeg((20, 20))] * 4, "Paling banyak 3"),
    "text": ([b"hello"], "bukan foto"),
    "a truncated JPEG": ([jpeg()[:5000]], "bukan foto"),
    "a GIF": ([b"GIF89a" + bytes(50)], "bukan foto"),
    "a bomb": ([bomb()], "megapiksel"),
}


@pytest.mark.parametrize(("pictures", "said"), PICTURES.values(), ids=PICTURES.keys())
async def test_a_bad_picture_says_why_and_enrols_nobody(desk: Sandbox, pictures: list[bytes], said: str) -> None:
    status, page, _ = await post(desk, "/register", enrolment(*pictures))
    assert status == 422 and said in page
    assert "Hapus Ani Karangan" not in await desk.page("/register")


async def test_the_home_page_gets_the_invented_citizens_and_their_pictures(desk: Sandbox, demo_pictures: Path) -> None:
    (demo_pictures / "obama2.jpg").write_bytes(jpeg())
    await post(desk, "/register", enrolment(jpeg()))
    async with desk.http.get(f"{desk.url}/demo/citizens") as response:
        answer = await response.json()
    people = {person["nik"]: person for person in answer["citizens"]}
    assert len(people) == 7 and "Ani Karangan" not in str(answer)
    budi = people["3328991708850001"]
    assert (budi["name"], budi["birth_date"]) == ("Budi Santoso", "1985-08-17") and budi["story"]
    assert (budi["enrolled"], budi["selfies"]) == ([], ["obama2.jpg"])
    async with desk.http.get(answer["pictures_url"] + "obama2.jpg") as response:
        assert response.status == 200 and response.content_type == "image/jpeg"
    (demo_pictures / "other.jpg").write_bytes(jpeg())
    for name in ("other.jpg", "obama3.jpg", "..%2fregister.sqlite", "%2e%2e%2f%2e%2e%2fetc%2fpasswd"):
        async with desk.http.get(f"{desk.url}/demo/pictures/{name}") as response:
            assert response.status == 404


def test_every_demo_citizens_nik_fits_birth_date_and_sex() -> None:
    from integrations.sandbox import nik
    from integrations.sandbox.citizens import citizens

    assert [nik.problem(person.nik, person.birth_date, person.sex) for person in citizens()] == [None] * 7
    assert {person["nik"] for person in sandbox.demo_citizens()} == {person.nik for person in citizens()}


# -- faults -----------------------------------------------------------------------------------------------------------


async def test_the_fault_panel_switches_faults_on_and_off(desk: Sandbox) -> None:
    form = aiohttp.FormData(
        [("mode", "slow"), ("seconds", "2,5"), ("rate", "30"), ("remaining", ""), ("duplicate_callbacks", "on")]
    )
    assert (await post(desk, "/faults/dukcapil", form))[0] == 303
    async with desk.http.get(f"{desk.url}/api/faults/dukcapil") as response:
        assert await response.json() == {
            "mode": "slow",
            "seconds": 2.5,
            "rate": 0.3,
            "remaining": None,
            "lasts_s": None,
            "duplicate_callbacks": True,
            "reorder_callbacks": False,
            "forged_callbacks": False,
            "odd_callbacks": False,
        }
    async with desk.http.delete(f"{desk.url}/api/faults/dukcapil") as response:
        assert (await response.json())["mode"] == "none"


@pytest.mark.parametrize(
    "body",
    [
        {"mode": "sleepy"},
        {"mode": ["slow"]},
        {"speed": 1},
        {"rate": 2},
        {"seconds": "x"},
        {"remaining": -1},
        {"rate": True},
        {"lasts_s": -1},
        {"lasts_s": "1"},
        {"odd_callbacks": "ya"},
        [],
    ],
)
async def test_a_wrong_fault_is_refused(desk: Sandbox, body: object) -> None:
    async with desk.http.put(f"{desk.url}/api/faults/dukcapil", json=body) as response:
        assert response.status == 422
    async with desk.http.put(f"{desk.url}/api/faults/nobody", json={}) as response:
        assert response.status == 404
    async with desk.http.put(f"{desk.url}/api/faults/dukcapil", data="{}") as response:
        assert response.status == 415


async def test_counted_faults_end_by_themselves(desk: Sandbox, dukcapil: DukcapilAgency) -> None:
    await desk.faults(mode="down", remaining=1)
    assert await dukcapil.check() != []
    assert await dukcapil.check() == []


async def test_officers_pages_work_while_the_agency_is_down(start: Start) -> None:
    async with start() as desk:
        await desk.faults(mode="down")
        assert "Antrean" in await desk.page("/petugas/dukcapil")
        assert "Mati" in await desk.page("/faults")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("anak.tanggal_lahir", "Anak: tanggal lahir"),
        ("saksi.0.nik", "Saksi 1: NIK"),
        ("pelapor.no_kk", "Pelapor: nomor KK"),
        ("reference", "Reference"),
    ],
)
def test_field_paths_read_like_words(path: str, said: str) -> None:
    from integrations.sandbox.pages import label

    assert label(path) == said
