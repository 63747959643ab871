"""What people really type, by field type: the material of the property tests. Names and numbers are invented."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from typing import Any

from bot.domain.fields.base import Choice
from bot.domain.regions import Regions
from tests.domain.spec import DATA, Spec

RELIGION = (
    Choice("1", {"id": "Islam", "en": "Islam"}),
    Choice("2", {"id": "Kristen", "en": "Protestant"}, ("protestan",)),
    Choice("3", {"id": "Katolik", "en": "Catholic"}),
    Choice("4", {"id": "Hindu", "en": "Hindu"}),
    Choice("5", {"id": "Buddha", "en": "Buddhist"}, ("budha",)),
    Choice("6", {"id": "Konghucu", "en": "Confucian"}, ("khonghucu",)),
    Choice("7", {"id": "Kepercayaan", "en": "Traditional belief"}, ("penghayat", "penghayat kepercayaan")),
)


@cache
def regions() -> Regions:
    lines = (DATA / "wilayah/33.28.csv").read_text("utf-8").splitlines()
    rows = list(csv.reader(line for line in lines if not line.startswith("#")))[1:]
    return Regions([(code, name) for code, name in rows], ["524"], "Tegal")


def spec_of(name: str) -> Spec:
    """A field of that type as services use it."""
    options: Mapping[str, Any] = {
        "date": {"min": "-120y", "max": "+2y", "usual": "-100y"},
        "number": {"unit": "kg", "min": 0.3, "max": 8},
        "integer": {"min": 0, "max": 10**9},
        "phone": {"landline": True},
        "village": {"regions": regions()},
        "district": {"regions": regions()},
        "postcode": {"regions": regions(), "local": True},
    }.get(name, {})
    return Spec(RELIGION if name == "choice" else (), options)


SAID: Mapping[str, tuple[str, ...]] = {
    "nik": ("3328990101900001", "nik saya 3328 9901 0190 0001", "3328.9901.0190.0001 ya pak"),
    "no_kk": ("3328991001150001", "no kk 3328-9910-0115-0001"),
    "name": (
        "siti aminah", "nama saya budi santoso", "a/n slamet riyadi", "bpk. ahmad dahlan", "hj. nur hayati",
        "jenenge slamet", "sri", "m. ridho", "siti aminah ya pak", "ma'ruf amin",
    ),
    "place": ("tegal", "lahir di slawi", "ning brebes", "kab. tegal", "puskesmas lebaksiu"),
    "text": ("pindah kerja", "ikut suami"),
    "address": ("jl. melati 3 rt 2 rw 1", "alamat saya di jl mawar 5", "dekat pasar trayeman"),
    "date": (
        "17 agt 90", "tgl 17 bln 8 th 90", "17081990", "17-8-1990", "kemarin", "wingi", "senin lalu", "3 hari lagi",
        "besok pagi", "jum'at 17-8-1990", "tujuh belas agustus 1990",
    ),
    "time": ("jam 7 malem", "setengah 8", "07.30", "jam 19", "8 kurang seperempat pagi", "7 pm"),
    "choice": ("islam", "1", "yang pertama", "nomor dua", "yg terakhir", "opsi b", "isalm", "1️⃣", "saya kristen"),
    "yes_no": ("ya", "iya pak", "nggih", "tidak", "mboten", "belum ada", "👍", "ada"),
    "consent": ("ya", "nggih setuju", "1"),
    "integer": ("dua", "anak ke-2", "dua puluh lima", "selawe", "3 orang", "10 (sepuluh)"),
    "number": ("3,2 kg", "3200 gram", "tiga koma dua kilo", "3 kilo 2 ons", "3 setengah kilo"),
    "money": ("500rb", "1,5 jt", "rp 350.000", "lima ratus ribu", "gratis", "satu setengah juta", "seket ewu"),
    "phone": ("0812-3456-7890", "+62 812 3456 7890", "wa saya 081234567890", "0283 491234"),
    "email": ("budi@gmail.com", "email saya budi.s@mail.co.id."),
    "rt_rw": ("rt 3 rw 2", "03/02", "3-2", "rt3/rw2", "rt.003 rw.002", "rw 2 rt 3", "rt tiga rw dua"),
    "village": ("procot", "procot slawi", "desa kalisapu kec slawi", "kel. dampyak", "ds dukuhbenda", "karanganyar dukuhturi"),
    "district": ("slawi", "kec. slawi", "dukuh turi", "kecamatan bumi jawa"),
    "postcode": ("52415", "kode pos 52415"),
    "code": ("3328-lu-17081990-0001", "no 12/ab"),
    "str_no": ("no str 1234567890123456", "uu.12.34/2020-1"),
    "sip_no": ("503/123/sip/dpmptsp/iv/2023", "nomor sip: 446/012/sip/2021"),
    "slot": (
        "besok pagi", "jumat jam 9", "tgl 20 jam setengah 10", "minggu depan", "jam lain", "senin siang", "besok 9",
        "jam 10", "ngesuk esuk", "lusa jam 1 siang", "senin sampai rabu", "21 november jam 08.30", "kalau kamis bisa?",
    ),
    "schedule": ("senin-jumat 08.00-14.00", "tiap hari sore", "senin s/d jumat jam 8 sampai jam 2", "sen-jum 8-14"),
}  # fmt: skip
"""Every one of them is an answer, however it is written: in capitals, with spaces too many, with invisible signs."""
